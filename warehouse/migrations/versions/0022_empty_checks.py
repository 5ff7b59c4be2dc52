"""What pickers said of bins that their picks have emptied."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Bring the tables one step on."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "empty_check",
        sa.Column("step_id", key, autoincrement=False, nullable=False),
        sa.Column("site_id", key, autoincrement=False, nullable=False),
        sa.Column("place_id", key, autoincrement=False, nullable=False),
        sa.Column("product_id", key, autoincrement=False, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("is_empty", sa.Boolean(), nullable=False),
        sa.Column("picker", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("ck_empty_check_units_not_negative")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_empty_check_place_id_place")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_empty_check_product_id_product")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_empty_check_site_id_site")),
        sa.ForeignKeyConstraint(["step_id"], ["pick_step.id"], name=op.f("fk_empty_check_step_id_pick_step")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_empty_check")),
    )
    op.create_index(op.f("ix_empty_check_place_id_product_id"), "empty_check", ["place_id", "product_id"], unique=False)
    op.create_index(op.f("ix_empty_check_site_id_at_ms"), "empty_check", ["site_id", "at_ms"], unique=False)

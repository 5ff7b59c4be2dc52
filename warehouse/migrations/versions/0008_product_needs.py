"""What products need where they lie."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "product_needs",
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("coldest_dc", sa.Integer(), nullable=False),
        sa.Column("warmest_dc", sa.Integer(), nullable=False),
        sa.Column("hazard", sa.String(length=64), nullable=False),
        sa.Column("picture_hash", sa.String(length=16), nullable=False),
        sa.CheckConstraint("coldest_dc <= warmest_dc", name=op.f("ck_product_needs_range_forwards")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_needs_product_id_product")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_needs")),
    )

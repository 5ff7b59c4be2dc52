"""Moves into forward areas that people have taken."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Bring the tables one step on."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "replenishment",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("site_id", key, autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("from_place_id", key, autoincrement=False, nullable=False),
        sa.Column("to_place_id", key, autoincrement=False, nullable=False),
        sa.Column("product_id", key, autoincrement=False, nullable=False),
        sa.Column("lot_id", key, autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_done", sa.Integer(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taker", sa.String(length=64), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("why_left", sa.String(length=200), nullable=False),
        sa.CheckConstraint("state IN ('taken', 'done', 'left', 'lapsed')", name=op.f("ck_replenishment_state_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_replenishment_quantity_positive")),
        sa.CheckConstraint(
            "quantity_done BETWEEN 0 AND quantity", name=op.f("ck_replenishment_no_more_done_than_asked")
        ),
        sa.ForeignKeyConstraint(["from_place_id"], ["place.id"], name=op.f("fk_replenishment_from_place_id_place")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_replenishment_lot_id_lot")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_replenishment_product_id_product")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_replenishment_site_id_site")),
        sa.ForeignKeyConstraint(["to_place_id"], ["place.id"], name=op.f("fk_replenishment_to_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment")),
    )
    op.create_index(op.f("ix_replenishment_site_id_until_ms"), "replenishment", ["site_id", "until_ms"], unique=False)
    op.create_index(op.f("ix_replenishment_taker_state"), "replenishment", ["taker", "state"], unique=False)

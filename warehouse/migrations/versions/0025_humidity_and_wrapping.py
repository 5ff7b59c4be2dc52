"""How dry and how damp it was while a zone was out of its climate, and what is said of wrapping after the scan."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.add_column("excursion", sa.Column("driest_percent", sa.Integer(), nullable=True))
    op.add_column("excursion", sa.Column("dampest_percent", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_excursion_lot_excursion_id"), "excursion_lot", ["excursion_id"], unique=False)
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "wrapping_said",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("delivery_id", key, autoincrement=False, nullable=False),
        sa.Column("product_id", key, autoincrement=False, nullable=False),
        sa.Column("last_received_id", key, autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.Boolean(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_wrapping_said_delivery_id_delivery")),
        sa.ForeignKeyConstraint(
            ["last_received_id"], ["received.id"], name=op.f("fk_wrapping_said_last_received_id_received")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_wrapping_said_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrapping_said")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_wrapping_said_delivery_id_product_id"), "wrapping_said", ["delivery_id", "product_id"], unique=False
    )

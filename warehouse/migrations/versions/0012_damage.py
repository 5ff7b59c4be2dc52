"""Customers' reports of damage."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "damage_belief",
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("broken", sa.Float(), nullable=False),
        sa.Column("whole", sa.Float(), nullable=False),
        sa.Column("learned_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("broken > 0 AND whole > 0", name=op.f("ck_damage_belief_belief_proper")),
        sa.PrimaryKeyConstraint("category", name=op.f("pk_damage_belief")),
    )
    op.create_table(
        "damage_seen",
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        sa.Column("wrapped_units", sa.Integer(), nullable=False),
        sa.Column("wrapped_broken", sa.Integer(), nullable=False),
        sa.Column("learned_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("broken >= 0 AND broken <= units", name=op.f("ck_damage_seen_broken_of_units")),
        sa.CheckConstraint(
            "wrapped_broken >= 0 AND wrapped_broken <= wrapped_units",
            name=op.f("ck_damage_seen_wrapped_broken_of_units"),
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_damage_seen_product_id_product")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_damage_seen")),
    )
    op.create_table(
        "damage_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("order_number", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_damage_report_quantity_positive")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_damage_report_lot_id_lot")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_damage_report_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_damage_report")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_damage_report_product_id"), "damage_report", ["product_id"], unique=False)

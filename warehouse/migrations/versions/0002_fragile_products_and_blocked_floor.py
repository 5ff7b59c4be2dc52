"""Fragile products and blocked floor."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "floor_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("edge", sa.Integer(), nullable=False),
        sa.Column("from_mm", sa.Integer(), nullable=False),
        sa.Column("to_mm", sa.Integer(), nullable=False),
        sa.Column("reported_by", sa.String(length=64), nullable=False),
        sa.Column("reported_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(lifted_by IS NULL) = (lifted_ms IS NULL)", name=op.f("ck_floor_block_lifted_by_somebody")),
        sa.CheckConstraint("from_mm >= 0 AND from_mm <= to_mm", name=op.f("ck_floor_block_stretch_forwards")),
        sa.CheckConstraint("until_ms > reported_ms", name=op.f("ck_floor_block_lasts")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_floor_block_place_id_place")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_floor_block_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_block")),
    )
    op.create_index(op.f("ix_floor_block_site_id_until_ms"), "floor_block", ["site_id", "until_ms"], unique=False)
    op.add_column("pick_step", sa.Column("reached", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("product", sa.Column("fragile", sa.Boolean(), server_default=sa.false(), nullable=False))

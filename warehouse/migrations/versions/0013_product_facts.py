"""Measurements and photos."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "measurement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("length_mm", sa.Integer(), nullable=False),
        sa.Column("width_mm", sa.Integer(), nullable=False),
        sa.Column("height_mm", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("measured_by", sa.Text(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.Column("doubts", sa.String(), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("measured_by IN ('hand', 'machine')", name=op.f("ck_measurement_measured_by_known")),
        sa.CheckConstraint(
            "length_mm > 0 AND width_mm > 0 AND height_mm > 0", name=op.f("ck_measurement_size_positive")
        ),
        sa.CheckConstraint("weight_g > 0", name=op.f("ck_measurement_weight_positive")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_measurement_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_measurement_product_id_applied"), "measurement", ["product_id", "applied"], unique=False)
    op.create_table(
        "product_photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_photo_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_photo")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_product_photo_product_id"), "product_photo", ["product_id"], unique=False)

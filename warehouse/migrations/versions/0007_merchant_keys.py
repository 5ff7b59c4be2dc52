"""Keys for merchants' programs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "merchant_key",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("owner <> 'house'", name=op.f("ck_merchant_key_of_a_merchant")),
        sa.CheckConstraint(
            "(revoked_by IS NULL) = (revoked_ms IS NULL)", name=op.f("ck_merchant_key_revoked_by_somebody")
        ),
        sa.ForeignKeyConstraint(["owner"], ["owner.code"], name=op.f("fk_merchant_key_owner_owner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_key")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_merchant_key_key_sha256")),
    )
    op.create_index(op.f("ix_merchant_key_owner"), "merchant_key", ["owner"], unique=False)

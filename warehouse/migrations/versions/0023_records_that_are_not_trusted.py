"""Records that are not trusted."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "distrust",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("declared_by", sa.String(length=64), nullable=False),
        sa.Column("declared_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_distrust_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distrust")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_distrust_site_id"), "distrust", ["site_id"], unique=False)

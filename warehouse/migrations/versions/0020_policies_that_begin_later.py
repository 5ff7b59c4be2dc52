"""Policies that begin later; those that were set before held from the moment they were set."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Bring the tables one step on; 0 is before any of the versions there are."""
    op.add_column("stock_policy", sa.Column("holds_from_ms", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("stock_policy") as policy:
        policy.alter_column("holds_from_ms", server_default=None)

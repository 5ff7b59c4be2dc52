"""Pick runs that begin later."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.add_column("pick_run", sa.Column("not_before_ms", sa.BigInteger(), nullable=True))

"""The channel that an order came by."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.add_column("order", sa.Column("channel", sa.String(length=64), server_default="", nullable=False))

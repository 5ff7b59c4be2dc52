"""${message}."""

# ruff: noqa: E501 - written by Alembic, long constraints and all

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the tables one step on."""
    ${upgrades if upgrades else "pass"}

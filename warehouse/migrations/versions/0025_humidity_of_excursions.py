"""How dry and how damp it was while a zone was out of its climate."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.add_column("excursion", sa.Column("driest_percent", sa.Integer(), nullable=True))
    op.add_column("excursion", sa.Column("dampest_percent", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_excursion_lot_excursion_id"), "excursion_lot", ["excursion_id"], unique=False)

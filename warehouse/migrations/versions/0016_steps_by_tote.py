"""What was picked into a tote is found by it, however much was picked before."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_index(op.f("ix_pick_step_tote_place_id_run_id"), "pick_step", ["tote_place_id", "run_id"], unique=False)

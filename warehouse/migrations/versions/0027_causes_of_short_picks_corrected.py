"""Causes of short picks, corrected."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "short_pick_cause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "movement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.Column("named_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('mispick', 'misstow', 'receiving', 'theft', 'damage', 'unit', 'label', 'system', 'unknown')",
            name=op.f("ck_short_pick_cause_cause_known"),
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movement.id"], name=op.f("fk_short_pick_cause_movement_id_movement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_short_pick_cause")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_short_pick_cause_movement_id"), "short_pick_cause", ["movement_id"], unique=False)

"""Who may open the cage and who did, and recalls that were lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Bring the tables one step on."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "cage_right",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("granted_by", sa.String(length=64), nullable=False),
        sa.Column("granted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_cage_right")),
    )
    op.create_table(
        "cage_entry",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("site_id", key, autoincrement=False, nullable=False),
        sa.Column("place_id", key, autoincrement=False, nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("act IN ('pick', 'stow', 'move', 'count')", name=op.f("ck_cage_entry_act_known")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_cage_entry_place_id_place")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_cage_entry_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cage_entry")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_cage_entry_site_id_at_ms"), "cage_entry", ["site_id", "at_ms"], unique=False)
    op.create_table(
        "recall_lift",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("lot_id", key, autoincrement=False, nullable=False),
        sa.Column("recall_cause", sa.String(length=64), nullable=False),
        sa.Column("called_by", sa.String(length=64), nullable=False),
        sa.Column("called_ms", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=False),
        sa.Column("lifted_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lift_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recall_lift")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_recall_lift_lot_id"), "recall_lift", ["lot_id"], unique=False)

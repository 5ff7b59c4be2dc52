"""Bins that lie nearly empty: alerts, moves that people take, and messages to other programs."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

MOVE_CHECKS = {
    "state_known": "state IN ('taken', 'done', 'left', 'lapsed')",
    "quantity_positive": "quantity > 0",
    "no_more_done_than_asked": "quantity_done BETWEEN 0 AND quantity",
}
PURPOSE_KNOWN = "purpose IN ('replenishment', 'consolidation')"
KIND_KNOWN = "kind IN ('shelf_life', 'recall', 'excursion', 'consolidation')"


def upgrade() -> None:
    """Bring the tables one step on; moves that were taken before filled forward areas."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "consolidation_alert",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("site_id", key, autoincrement=False, nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("num_nearly_empty", sa.Integer(), nullable=False),
        sa.Column("num_used", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)",
            name=op.f("ck_consolidation_alert_acknowledged_by_somebody"),
        ),
        sa.CheckConstraint(
            "num_nearly_empty BETWEEN 1 AND num_used", name=op.f("ck_consolidation_alert_some_of_those_in_use")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_consolidation_alert_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consolidation_alert")),
    )
    lasting = sa.text("ended_ms IS NULL")
    op.create_index(
        "ix_consolidation_alert_lasting",
        "consolidation_alert",
        ["site_id"],
        unique=True,
        sqlite_where=lasting,
        postgresql_where=lasting,
    )
    op.add_column("replenishment", sa.Column("purpose", sa.Text(), nullable=False, server_default="replenishment"))
    sqlite = op.get_bind().dialect.name == "sqlite"  # its copy of a table has only the CHECKs that are given to it
    with op.batch_alter_table("replenishment", recreate="always" if sqlite else "never") as moves:
        moves.alter_column("purpose", server_default=None)
        moves.create_check_constraint(op.f("ck_replenishment_purpose_known"), PURPOSE_KNOWN)
        for name, condition in MOVE_CHECKS.items() if sqlite else ():
            moves.create_check_constraint(op.f(f"ck_replenishment_{name}"), condition)
    with op.batch_alter_table("webhook_event", recreate="always" if sqlite else "never") as events:
        if not sqlite:
            events.drop_constraint(op.f("ck_webhook_event_kind_known"), type_="check")
        events.create_check_constraint(op.f("ck_webhook_event_kind_known"), KIND_KNOWN)

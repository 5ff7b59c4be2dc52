"""Goods that may not be sold leave the house: destroyed, given away, or back to their owner."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

NEW_KINDS = ("destroyed", "given_away", "owner")
KINDS = ("bin", "tote", "station", "person", "lost", "damaged", "supplier", "customer", "adjustment", "withheld")
REASONS = ("receipt", "stow", "pick", "pick_short", "unpick", "move", "count", "damage", "ship", "return", "correction")


def upgrade() -> None:
    """Bring the tables one step on."""
    _replace_checks("place", {"kind_known": f"kind IN ({', '.join(map(repr, KINDS + NEW_KINDS))})"}, "kind_known")
    movement = {
        "quantity_positive": "quantity > 0",
        "goes_somewhere": "from_place_id <> to_place_id",
        "reason_known": f"reason IN ({', '.join(map(repr, (*REASONS, 'dispose')))})",
    }
    _replace_checks("movement", movement, "reason_known")
    for kind in NEW_KINDS:
        new = sa.text("INSERT INTO place (site_id, kind, code, open) SELECT id, :kind, :code, true FROM site")
        op.get_bind().execute(new, {"kind": kind, "code": kind.upper()})


def _replace_checks(table: str, checks: dict[str, str], changed: str) -> None:
    """Let the CHECK `changed` be another one. SQLite's copy of the table has only those that are given to it."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table(table, recreate="always") as copy:
            for name, condition in checks.items():
                copy.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)
    else:
        op.drop_constraint(op.f(f"ck_{table}_{changed}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{changed}"), table, checks[changed])

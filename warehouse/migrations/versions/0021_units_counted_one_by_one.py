"""Units known by their serials are counted one by one, and may be lost."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

STATES = ("here", "picked", "shipped", "gone", "lost")
SERIAL_CHECKS = {
    "state_known": f"state IN ({', '.join(map(repr, STATES))})",
    "out_for_an_order": "(state IN ('picked', 'shipped')) = (order_line_id IS NOT NULL)",
}


def upgrade() -> None:
    """Bring the tables one step on."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    if op.get_bind().dialect.name == "sqlite":  # its copy of the table has only the CHECKs that are given to it
        with op.batch_alter_table("serial", recreate="always") as copy:
            for name, condition in SERIAL_CHECKS.items():
                copy.create_check_constraint(op.f(f"ck_serial_{name}"), condition)
    else:
        op.drop_constraint(op.f("ck_serial_state_known"), "serial", type_="check")
        op.create_check_constraint(op.f("ck_serial_state_known"), "serial", SERIAL_CHECKS["state_known"])
    op.add_column("count_difference", sa.Column("serial", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "count_unit",
        sa.Column("line_id", key, autoincrement=False, nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("difference", sa.Integer(), nullable=False),
        sa.CheckConstraint("difference BETWEEN -1 AND 1", name=op.f("ck_count_unit_one_unit")),
        sa.ForeignKeyConstraint(["line_id"], ["count_line.id"], name=op.f("fk_count_unit_line_id_count_line")),
        sa.PrimaryKeyConstraint("line_id", "serial", name=op.f("pk_count_unit")),
    )

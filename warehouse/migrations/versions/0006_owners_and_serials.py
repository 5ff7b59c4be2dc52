"""Owners of goods and orders, units known by their serials, and orders that are shipped."""

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

revision = "0006"
down_revision = "0005"

ORDER_STATES = "state IN ('open', 'released', 'picked', 'shipped', 'cancelled')"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "owner",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_owner")),
    )
    op.execute("INSERT INTO owner (code, name, created_ms) VALUES ('house', 'House', 0)")
    _lots_have_owners()
    _orders_have_owners()
    op.add_column("product", sa.Column("serialised", sa.Boolean(), server_default=sa.false(), nullable=False))
    _know_serials()


def _lots_have_owners() -> None:
    with op.batch_alter_table("lot") as lot:
        _add_owner(lot, "lot")
        lot.drop_constraint(op.f("uq_lot_product_id_code"), type_="unique")
        lot.create_unique_constraint(op.f("uq_lot_product_id_owner_code"), ["product_id", "owner", "code"])
    op.create_index(op.f("ix_lot_owner"), "lot", ["owner"], unique=False)


def _orders_have_owners() -> None:
    """Orders may be shipped, too. SQLite's copy of the table has only the CHECK that is given to it."""
    with op.batch_alter_table("order") as order:
        _add_owner(order, "order")
        if op.get_bind().dialect.name != "sqlite":
            order.drop_constraint(op.f("ck_order_state_known"), type_="check")
        order.create_check_constraint(op.f("ck_order_state_known"), ORDER_STATES)
    op.create_index(op.f("ix_order_owner"), "order", ["owner"], unique=False)


def _add_owner(table: BatchOperations, name: str) -> None:
    table.add_column(sa.Column("owner", sa.String(length=64), server_default="house", nullable=False))
    table.create_foreign_key(op.f(f"fk_{name}_owner_owner"), "owner", ["owner"], ["code"])


def _know_serials() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "serial",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("product_id", key, autoincrement=False, nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("lot_id", key, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place_id", key, autoincrement=False, nullable=False),
        sa.Column("order_line_id", key, autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(state IN ('picked', 'shipped')) = (order_line_id IS NOT NULL)",
            name=op.f("ck_serial_out_for_an_order"),
        ),
        sa.CheckConstraint("state IN ('here', 'picked', 'shipped', 'gone')", name=op.f("ck_serial_state_known")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_serial_lot_id_lot")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_serial_order_line_id_order_line")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_serial_place_id_place")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_serial_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial")),
        sa.UniqueConstraint("product_id", "serial", name=op.f("uq_serial_product_id_serial")),
    )
    op.create_index(op.f("ix_serial_lot_id_state"), "serial", ["lot_id", "state"], unique=False)
    op.create_index(op.f("ix_serial_order_line_id"), "serial", ["order_line_id"], unique=False)
    op.create_index(op.f("ix_serial_serial"), "serial", ["serial"], unique=False)
    op.create_table(
        "serial_event",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("serial_id", key, autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("from_place_id", key, autoincrement=False, nullable=False),
        sa.Column("to_place_id", key, autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("order_line_id", key, autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["from_place_id"], ["place.id"], name=op.f("fk_serial_event_from_place_id_place")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_serial_event_order_line_id_order_line")
        ),
        sa.ForeignKeyConstraint(["serial_id"], ["serial.id"], name=op.f("fk_serial_event_serial_id_serial")),
        sa.ForeignKeyConstraint(["to_place_id"], ["place.id"], name=op.f("fk_serial_event_to_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serial_event")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_serial_event_serial_id"), "serial_event", ["serial_id"], unique=False)

"""Orders come in, and may be cancelled while nothing of them is promised."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState
from inventory.tables.products import HOUSE
from inventory.work.cataloguing import products_by_code
from inventory.work.owning import require_owner
from inventory.work.sites import chunks, live_site
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState


@dataclass(frozen=True)
class NewLine:
    """`quantity` units of a product, named by its code."""

    product: str
    quantity: int


@dataclass(frozen=True)
class NewOrder:
    """An order as the customer's system numbers it; `placed_ms` is now if not given.

    It is served from the goods of its `owner` alone; `channel` is how it came, as the house calls it.
    """

    number: str
    lines: tuple[NewLine, ...]
    customer: str = ""
    channel: str = ""
    placed_ms: int | None = None
    due_ms: int | None = None
    priority: int = 0
    owner: str = HOUSE


@dataclass(frozen=True)
class PlaceOrders:
    """Place orders at a site."""

    site: str
    orders: tuple[NewOrder, ...]
    client_id: str = ""


@dataclass(frozen=True)
class OrdersPlaced:
    """How many orders are new, and how many were there with the same lines."""

    num_new: int
    num_unchanged: int


@dataclass(frozen=True)
class CancelOrder:
    """Cancel an order of a site."""

    site: str
    number: str
    client_id: str = ""


@dataclass(frozen=True)
class OrderCancelled:
    """The order that was cancelled."""

    number: str


def place_orders(session: Session, command: PlaceOrders, clock: Clock) -> OrdersPlaced:
    """Place orders; an order placed before with the same lines is left as it is.

    Raises
    ------
    NotFound
        If the site, a product or an owner is not known.
    WrongState
        If an order of this number has other lines, or is another owner's.
    ValueError
        If an order has no lines, or a quantity is not positive.
    """
    site_id = live_site(session, command.site).id
    for order in command.orders:
        if not order.lines or any(line.quantity <= 0 for line in order.lines):
            raise ValueError(f"order {order.number} needs lines, each with a positive quantity")
    for owner in sorted({order.owner for order in command.orders}):
        require_owner(session, owner)
    codes = sorted({line.product for order in command.orders for line in order.lines})
    product_ids = {code: row.id for code, row in products_by_code(session, codes).items()}
    there = _orders_there(session, site_id, [order.number for order in command.orders])
    new: dict[str, NewOrder] = {}
    for order in command.orders:
        content = _Content(order.owner, [(product_ids[line.product], line.quantity) for line in order.lines])
        known = there.setdefault(order.number, content)
        if known is content:
            new[order.number] = order
        elif known != content:
            raise WrongState("order", order.number, "there already, with other lines or of another owner")
    rows = [
        OrderRow(
            site_id=site_id,
            number=order.number,
            customer=order.customer,
            channel=order.channel,
            placed_ms=clock.now_ms() if order.placed_ms is None else order.placed_ms,
            due_ms=order.due_ms,
            priority=order.priority,
            owner=order.owner,
        )
        for order in new.values()
    ]
    session.add_all(rows)
    session.flush()
    if rows:
        session.execute(
            insert(OrderLineRow),
            [
                {"order_id": row.id, "line_number": number, "product_id": product_id, "quantity": quantity}
                for row in rows
                for number, (product_id, quantity) in enumerate(there[row.number].lines, 1)
            ],
        )
    return OrdersPlaced(len(rows), len(command.orders) - len(rows))


@dataclass
class _Content:
    """What makes an order the same when it is placed again; its lines are (product, quantity)."""

    owner: str
    lines: list[tuple[int | None, int]]


def _orders_there(session: Session, site_id: int, numbers: Sequence[str]) -> dict[str, _Content]:
    """The orders that are there already, by number."""
    found: dict[str, _Content] = {}
    for some in chunks(numbers):
        query = (
            select(col(OrderRow.number), col(OrderRow.owner), col(OrderLineRow.product_id), col(OrderLineRow.quantity))
            .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
            .where(col(OrderRow.site_id) == site_id, col(OrderRow.number).in_(some))
            .order_by(col(OrderLineRow.order_id), col(OrderLineRow.line_number))
        )
        for number, owner, product_id, quantity in session.execute(query):
            found.setdefault(number, _Content(owner, [])).lines.append((product_id, quantity))
    return found


def cancel_order(session: Session, command: CancelOrder, clock: Clock) -> OrderCancelled:  # noqa: ARG001
    """Cancel an order of which nothing is promised or picked.

    Raises
    ------
    NotFound
        If the site has no such order.
    WrongState
        If it is released, picked or cancelled already.
    """
    site_id = live_site(session, command.site).id
    query = select(OrderRow).where(col(OrderRow.site_id) == site_id, col(OrderRow.number) == command.number)
    order = session.execute(query.with_for_update()).scalar_one_or_none()
    if order is None:
        raise NotFound("order", command.number)
    lines = session.execute(select(OrderLineRow).where(col(OrderLineRow.order_id) == order.id)).scalars()
    if order.state != OrderState.OPEN or any(line.quantity_picked for line in lines):
        raise WrongState("order", command.number, order.state)
    order.state = OrderState.CANCELLED
    session.add(order)
    return OrderCancelled(command.number)

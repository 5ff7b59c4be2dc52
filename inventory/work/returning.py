"""A customer sends goods of an order back: they come in at a station, and somebody has decided what they are now.

Only what was sent with the order can come back, unit by unit where units have serials. Goods that are called back
or past their expiry are withheld as such, whatever was decided, and what hangs may have to be cared for first.
"""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, NewMovement, post
from inventory.rules.care import CareStep, steps_of
from inventory.rules.shelf_life import usable_on
from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.serials import SerialRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.into_care import Units, put_into_care
from inventory.work.receiving import inbound_station, site_day
from inventory.work.serials import capture
from inventory.work.sites import LiveSite, live_site, place_id, place_of_kind
from inventory.work.stock_policies import require_cause, stock_policy
from inventory.work.withheld import place_with_status
from warehouse.clock import Clock
from warehouse.errors import NotFound, SerialsNeeded, StockShort, WrongState
from warehouse.tables import PlaceKind, PlaceRow

RETURN_STATUSES = (StockStatus.AVAILABLE, StockStatus.HOLD, StockStatus.QUARANTINED, StockStatus.DAMAGED)
"""What returned goods may be found to be; what is called back or past its expiry is no matter of opinion."""


@dataclass(frozen=True)
class ReturnGoods:
    """`quantity` units of an order's goods came back, and are `status` now, for a cause of the site's list.

    `lot` may be left out where the order got one lot of the product. Units of serialised goods are named by
    `serials`. They come in at the site's first inbound dock, or at the `station` named.
    """

    site: str
    number: str
    product: str
    quantity: int
    status: StockStatus
    cause: str
    user: str
    lot: str | None = None
    serials: tuple[str, ...] = ()
    station: str | None = None
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class GoodsReturned:
    """What came back to where, and what it is now."""

    number: str
    product: str
    lot: str
    quantity: int
    station: str
    status: StockStatus


def return_goods(session: Session, command: ReturnGoods, clock: Clock) -> GoodsReturned:
    """Take goods back that a customer was sent; hanging goods go through the steps of care that the site asks for.

    Raises
    ------
    NotFound, ScanUnreadable
        If the site, the order, the product, the lot, the station, the cause or a serial is not known.
    WrongState
        If the status cannot be decided on, the cause is not for it, several lots went out and none was named, or a
        unit that is named did not go out with this order.
    StockShort
        If fewer units are out with this order.
    SerialsNeeded
        If units of serialised goods are not all named.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError(f"{command.quantity} units cannot come back")
    if command.status not in RETURN_STATUSES:
        raise WrongState("status", command.status, "not one that returned goods are given")
    live = live_site(session, command.site)
    require_cause(session, live.id, command.cause, command.status, clock)
    product = product_of_scan(session, command.product)
    out = _out_with(session, live, command.number, product)
    lot = _lot_meant(session, command, product, out)
    station = command.station or inbound_station(live)
    customer = place_of_kind(session, live.id, PlaceKind.CUSTOMER)
    status = _status_of(session, lot, command.status, site_day(live, clock).toordinal())
    care: tuple[CareStep, ...] = ()
    if status is StockStatus.AVAILABLE:
        care = steps_of(product.storage_class, stock_policy(session, live.id, clock).care.at_return)
        status = StockStatus.HOLD if care else status
    station_id = place_id(session, live.id, station)
    goal = place_with_status(session, live.id, station_id, status)
    assert product.id is not None
    assert lot.id is not None
    movements = []
    for line_id, serials, quantity in _by_line(
        session, command, product, [each for each in out if each.lot_id == lot.id]
    ):
        movement = NewMovement(
            site_id=live.id,
            from_place_id=customer,
            to_place_id=goal,
            product_id=product.id,
            lot_id=lot.id,
            quantity=quantity,
            reason=Reason.RETURN,
            user=command.user,
            device=command.device,
            client_id=command.client_id,
            order_line_id=line_id,
            cause=command.cause,
        )
        capture(session, product, serials, movement, clock)
        movements.append(movement)
    post(session, movements, clock=clock)
    if care:
        units = Units(live.id, station_id, product.id, lot.id, command.quantity)
        put_into_care(session, units, care, "returned", command.user, clock)
    return GoodsReturned(command.number, product.code, lot.code, command.quantity, station, status)


@dataclass(frozen=True)
class _Out:
    """Units of a lot that are out with the customer for an order line."""

    line_id: int
    lot_id: int
    quantity: int


def _out_with(session: Session, live: LiveSite, number: str, product: ProductRow) -> list[_Out]:
    """What is out of a product with an order, by line and lot; raises NotFound without such an order."""
    order = select(col(OrderRow.id)).where(col(OrderRow.site_id) == live.id, col(OrderRow.number) == number)
    order_id = session.execute(order.with_for_update()).scalar_one_or_none()
    if order_id is None:
        raise NotFound("order", number)
    came = aliased(PlaceRow)
    at_customer = col(came.kind) == PlaceKind.CUSTOMER.value
    out = func.sum(case((at_customer, MOVEMENT.c.quantity), else_=-MOVEMENT.c.quantity))
    query = (
        select(MOVEMENT.c.order_line_id, MOVEMENT.c.lot_id, out)
        .join_from(MOVEMENT, OrderLineRow, col(OrderLineRow.id) == MOVEMENT.c.order_line_id)
        .join(came, col(came.id) == MOVEMENT.c.to_place_id)
        .where(col(OrderLineRow.order_id) == order_id, MOVEMENT.c.product_id == product.id)
        .where(MOVEMENT.c.reason.in_((Reason.SHIP.value, Reason.RETURN.value)))
        .group_by(MOVEMENT.c.order_line_id, MOVEMENT.c.lot_id)
        .order_by(MOVEMENT.c.order_line_id, MOVEMENT.c.lot_id)
    )
    return [_Out(line_id, lot_id, int(units)) for line_id, lot_id, units in session.execute(query) if units]


def _lot_meant(session: Session, command: ReturnGoods, product: ProductRow, out: list[_Out]) -> LotRow:
    """The lot that was named, or the only one that is out."""
    if not out:
        raise StockShort(product.code, f"order {command.number}", command.quantity, 0)
    lots = select(LotRow).where(col(LotRow.id).in_({each.lot_id for each in out}))
    found: list[LotRow] = [lot for lot in session.execute(lots).scalars() if command.lot in (None, lot.code)]
    if not found:
        raise NotFound("lot", command.lot)
    if len(found) > 1:
        raise WrongState("product", product.code, f"out in {len(found)} lots; say which lot")
    return found[0]


def _by_line(
    session: Session, command: ReturnGoods, product: ProductRow, out: list[_Out]
) -> list[tuple[int, tuple[str, ...], int]]:
    """For which lines units of a lot come back: (line, their serials, how many)."""
    there = sum(each.quantity for each in out)
    if there < command.quantity:
        raise StockShort(product.code, f"order {command.number}", command.quantity, there)
    if product.serialised:
        return _by_serial(session, command, product)
    left = command.quantity
    found: list[tuple[int, tuple[str, ...], int]] = []
    for each in out:
        take = min(left, each.quantity)
        left -= take
        if take:
            found.append((each.line_id, (), take))
    return found


def _by_serial(session: Session, command: ReturnGoods, product: ProductRow) -> list[tuple[int, tuple[str, ...], int]]:
    """The lines that the units named went out for."""
    serials = sorted(set(command.serials))
    if len(serials) != command.quantity:
        raise SerialsNeeded(product.code, command.quantity, len(serials))
    query = (
        select(col(SerialRow.serial), col(SerialRow.order_line_id), col(OrderRow.number))
        .outerjoin(OrderLineRow, col(OrderLineRow.id) == col(SerialRow.order_line_id))
        .outerjoin(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(col(SerialRow.product_id) == product.id, col(SerialRow.serial).in_(serials))
    )
    known = {serial: (line_id, number) for serial, line_id, number in session.execute(query)}
    by_line: dict[int, list[str]] = {}
    for serial in serials:
        if serial not in known:
            raise NotFound("serial", serial)
        line_id, number = known[serial]
        if line_id is None or number != command.number:
            raise WrongState("serial", serial, "not out with this order")
        by_line.setdefault(line_id, []).append(serial)
    return [(line_id, tuple(named), len(named)) for line_id, named in sorted(by_line.items())]


def _status_of(session: Session, lot: LotRow, decided: StockStatus, today: int) -> StockStatus:
    """What returned goods are: as decided, unless their lot is called back or past its expiry."""
    if session.get(RecallRow, lot.id) is not None:
        return StockStatus.RECALLED
    if lot.expires_on is not None and not usable_on(lot.expires_on.toordinal(), today):
        return StockStatus.EXPIRED
    return decided

"""Units known one by one: named when they come in and when they go out, each once for ever.

`capture` is called with the movement that moves such units, whatever it is: a receipt, a pick, a shipment, a
return. It writes nothing of goods that are not serialised, so callers need not ask. Between coming in and
going out goods are stowed, moved and counted by quantity, so of a unit in the house the place is the one where its
serial was scanned last, and its lot tells the bins that it may be in.

A unit that was sold can come in again only as a return of the order it was sold to: what turns up at a receipt
under the serial of a unit that is here or was sold is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.ledger import NewMovement
from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.serials import SerialEventRow, SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow, WithheldPlaceRow
from inventory.work.cataloguing import product_id_of_scan, product_of_scan
from inventory.work.sites import chunks
from warehouse.clock import Clock
from warehouse.errors import NotFound, SerialsNeeded, WrongState
from warehouse.scans import read_scan
from warehouse.tables import PlaceKind, PlaceRow, SiteRow

EVENT = SerialEventRow.metadata.tables["serial_event"]

OUT = {
    PlaceKind.TOTE: SerialState.PICKED,
    PlaceKind.CUSTOMER: SerialState.SHIPPED,
    PlaceKind.SUPPLIER: SerialState.GONE,
    PlaceKind.ADJUSTMENT: SerialState.GONE,
}
"""What becomes of a unit that goes to such a place; anywhere else it is in the house."""

FOR_AN_ORDER = (SerialState.PICKED, SerialState.SHIPPED)


@dataclass(frozen=True)
class SerialEvent:
    """A unit was seen on its way from one place to another, at a site."""

    at_ms: int
    site: str
    from_place: str
    to_place: str
    reason: Reason
    user: str
    order: str


@dataclass(frozen=True)
class SerialView:
    """A unit by its serial: where it was seen last, for which order it went out and when, and its history.

    Its status is that of its lot where the lot is called back, else of the place where it was seen.
    `received_ms` is when it first came in. `sold_ms`, `order` and `customer` are those of the shipment it is out
    with, empty while it is in the house.
    """

    product: str
    name: str
    serial: str
    lot: str
    expires_on: date | None
    owner: str
    state: SerialState
    status: StockStatus
    site: str
    place: str
    kind: PlaceKind
    received_ms: int | None
    sold_ms: int | None
    order: str
    customer: str
    history: tuple[SerialEvent, ...]


def capture(session: Session, product: ProductRow, serials: Sequence[str], movement: NewMovement, clock: Clock) -> None:
    """Note which units of a serialised product a movement moves; of other products nothing.

    To be called in the transaction of the movement, before or after it is posted.

    Parameters
    ----------
    serials
        The serials of the units, one each; ignored where the product is not serialised.

    Raises
    ------
    SerialsNeeded
        If not every unit is named, each once.
    NotFound
        If a unit that should be in the house is not known.
    WrongState
        If a unit is not where the movement takes it from, is of another lot, or came in before.
    """
    if not product.serialised:
        return
    named = {each.strip() for each in serials} - {""}
    if len(named) != movement.quantity or len(serials) != movement.quantity:
        raise SerialsNeeded(product.code, movement.quantity, len(named))
    kinds = _kinds(session, movement)
    known = _known(session, movement.product_id, sorted(named))
    if kinds[movement.from_place_id] is PlaceKind.SUPPLIER:
        known = _added(session, movement, sorted(named), known)
    else:
        for serial in sorted(named):
            if serial not in known:
                raise NotFound("serial", serial)
            _require_there(session, known[serial], movement, kinds[movement.from_place_id])
        state = OUT.get(kinds[movement.to_place_id], SerialState.HERE)
        for row in known.values():
            row.state, row.place_id = state, movement.to_place_id
            row.order_line_id = movement.order_line_id if state in FOR_AN_ORDER else None
            session.add(row)
        session.flush()
    _note(session, known.values(), movement, clock)


def _kinds(session: Session, movement: NewMovement) -> dict[int, PlaceKind]:
    places = (movement.from_place_id, movement.to_place_id)
    query = select(col(PlaceRow.id), col(PlaceRow.kind)).where(col(PlaceRow.id).in_(places))
    return {place_id: PlaceKind(kind) for place_id, kind in session.execute(query) if place_id is not None}


def _known(session: Session, product_id: int, serials: Sequence[str]) -> dict[str, SerialRow]:
    """The units that are known by these serials, locked until the transaction ends."""
    found: dict[str, SerialRow] = {}
    for some in chunks(serials):
        query = select(SerialRow).where(col(SerialRow.product_id) == product_id, col(SerialRow.serial).in_(some))
        rows = session.execute(query.order_by(col(SerialRow.serial)).with_for_update()).scalars()
        found.update((row.serial, row) for row in rows)
    return found


def _added(
    session: Session, movement: NewMovement, serials: Sequence[str], known: dict[str, SerialRow]
) -> dict[str, SerialRow]:
    """The units that come in, added where they have not been here; raise WrongState if one is here or was sold."""
    rows: dict[str, SerialRow] = {}
    for serial in serials:
        row = known.get(serial)
        if row is not None and row.state != SerialState.GONE:
            raise WrongState("serial", serial, _whereabouts(session, row))
        if row is None:
            row = SerialRow(
                product_id=movement.product_id,
                serial=serial,
                lot_id=movement.lot_id,
                state=SerialState.HERE,
                place_id=movement.to_place_id,
            )
        row.lot_id, row.state, row.place_id = movement.lot_id, SerialState.HERE, movement.to_place_id
        rows[serial] = row
    session.add_all(rows.values())
    session.flush()
    return rows


def _require_there(session: Session, row: SerialRow, movement: NewMovement, from_kind: PlaceKind) -> None:
    """Raise WrongState unless a unit is of the movement's lot, and where the movement takes it from."""
    state = OUT.get(from_kind, SerialState.HERE)
    same_tote = state is not SerialState.PICKED or row.place_id == movement.from_place_id
    same_order = state is not SerialState.SHIPPED or row.order_line_id == movement.order_line_id
    if row.state != state or not same_tote or not same_order:
        raise WrongState("serial", row.serial, _whereabouts(session, row))
    if row.lot_id != movement.lot_id:
        raise WrongState("serial", row.serial, "of another lot")


def _whereabouts(session: Session, row: SerialRow) -> str:
    """Where a unit is, in a few words for the screen."""
    if row.state == SerialState.HERE:
        return "in the house already"
    if row.state == SerialState.GONE:
        return "out of the house"
    number = session.execute(
        select(col(OrderRow.number))
        .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
        .where(col(OrderLineRow.id) == row.order_line_id)
    ).scalar_one()
    return f"picked for order {number}" if row.state == SerialState.PICKED else f"sold with order {number}"


def _note(session: Session, rows: Iterable[SerialRow], movement: NewMovement, clock: Clock) -> None:
    """Add what happened to the units' histories."""
    at_ms = clock.now_ms()
    session.execute(
        insert(EVENT),
        [
            {
                "serial_id": row.id,
                "at_ms": at_ms,
                "from_place_id": movement.from_place_id,
                "to_place_id": movement.to_place_id,
                "reason": movement.reason.value,
                "user": movement.user,
                "device": movement.device,
                "client_id": movement.client_id,
                "order_line_id": movement.order_line_id,
            }
            for row in rows
        ],
    )


def serials_in_tote(session: Session, tote_id: int, order_line_id: int, lot_id: int) -> tuple[str, ...]:
    """The units of a lot that were picked for an order line into a tote and are still in it."""
    query = select(col(SerialRow.serial)).where(
        col(SerialRow.order_line_id) == order_line_id,
        col(SerialRow.state) == SerialState.PICKED,
        col(SerialRow.place_id) == tote_id,
        col(SerialRow.lot_id) == lot_id,
    )
    return tuple(session.execute(query.order_by(col(SerialRow.serial))).scalars())


def find_serials(
    session: Session, code: str, *, product: str | None = None, owner: str | None = None
) -> tuple[SerialView, ...]:
    """The units that a serial, or a GS1 symbol with one, names: of one product, or of every one that has it.

    Parameters
    ----------
    product
        Code or barcode of the product, where it is known.
    owner
        Only units of this owner's.

    Raises
    ------
    NotFound
        If there is no such unit, or no such product.
    ScanUnreadable
        If the code announces GS1 fields and holds something else.
    """
    scan = read_scan(code)
    serial = scan.serial or scan.text
    query = (
        select(SerialRow, ProductRow, LotRow, PlaceRow, col(SiteRow.code))
        .join(ProductRow, col(ProductRow.id) == col(SerialRow.product_id))
        .join(LotRow, col(LotRow.id) == col(SerialRow.lot_id))
        .join(PlaceRow, col(PlaceRow.id) == col(SerialRow.place_id))
        .join(SiteRow, col(SiteRow.id) == col(PlaceRow.site_id))
        .where(col(SerialRow.serial) == serial)
        .order_by(col(ProductRow.code))
    )
    if product is not None:
        query = query.where(col(ProductRow.id) == product_of_scan(session, product).id)
    elif scan.serial is not None and scan.gtin is not None:
        query = query.where(col(ProductRow.id) == product_id_of_scan(session, scan))
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    found = tuple(_view(session, *row) for row in session.execute(query).all())
    if not found:
        raise NotFound("serial", serial)
    return found


def _view(session: Session, row: SerialRow, product: ProductRow, lot: LotRow, place: PlaceRow, site: str) -> SerialView:
    """A unit with its history."""
    within, status = _place_and_status(session, lot, place)
    history = _history(session, col(SerialEventRow.serial_id) == row.id)
    number, customer = "", ""
    if row.order_line_id is not None:
        number, customer = session.execute(
            select(col(OrderRow.number), col(OrderRow.customer))
            .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
            .where(col(OrderLineRow.id) == row.order_line_id)
        ).one()
    sold = [each.at_ms for each in history if each.reason is Reason.SHIP]
    return SerialView(
        product=product.code,
        name=product.name,
        serial=row.serial,
        lot=lot.code,
        expires_on=lot.expires_on,
        owner=lot.owner,
        state=SerialState(row.state),
        status=status,
        site=site,
        place=within.code,
        kind=PlaceKind(within.kind),
        received_ms=history[0].at_ms if history else None,
        sold_ms=sold[-1] if sold and row.state == SerialState.SHIPPED else None,
        order=number,
        customer=customer,
        history=history,
    )


def _place_and_status(session: Session, lot: LotRow, place: PlaceRow) -> tuple[PlaceRow, StockStatus]:
    """The bin, tote or station of a place, and the status of a unit of a lot there."""
    withheld = session.get(WithheldPlaceRow, place.id)
    within = place if withheld is None else session.get(PlaceRow, withheld.within_id)
    assert within is not None
    if session.get(RecallRow, lot.id) is not None:
        return within, StockStatus.RECALLED
    return within, StockStatus.AVAILABLE if withheld is None else StockStatus(withheld.status)


def _history(session: Session, chosen: ColumnElement[bool]) -> tuple[SerialEvent, ...]:
    """What happened to a unit, from its first day on."""
    came, went = aliased(PlaceRow), aliased(PlaceRow)
    query = (
        select(
            col(SerialEventRow.at_ms),
            col(SiteRow.code),
            col(came.code),
            col(went.code),
            col(SerialEventRow.reason),
            col(SerialEventRow.user),
            func.coalesce(col(OrderRow.number), ""),
        )
        .join(came, col(came.id) == col(SerialEventRow.from_place_id))
        .join(went, col(went.id) == col(SerialEventRow.to_place_id))
        .join(SiteRow, col(SiteRow.id) == col(went.site_id))
        .outerjoin(OrderLineRow, col(OrderLineRow.id) == col(SerialEventRow.order_line_id))
        .outerjoin(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(chosen)
        .order_by(col(SerialEventRow.id))
    )
    return tuple(
        SerialEvent(at_ms, site, from_place, to_place, Reason(reason), user, order)
        for at_ms, site, from_place, to_place, reason, user, order in session.execute(query)
    )

"""Units known one by one: named when they come in and when they go out, each once for ever.

`capture` is called with the movement that moves such units, whatever it is: a receipt, a pick, a shipment, a
return. It writes nothing of goods that are not serialised, so callers need not ask. Between coming in and
going out goods are stowed and moved by quantity, so of a unit in the house the place is the one where its serial was
scanned last, by a count for example (`unit_counting`), and its lot tells the bins that it may be in. `lost_units`
tells which units were written off.

A unit that was sold can come in again only as a return of the order it was sold to: what turns up at a receipt
under the serial of a unit that is here or was sold is refused.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.ledger import NewMovement
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import ProductRow
from inventory.tables.serials import SerialEventRow, SerialRow, SerialState
from inventory.tables.withholding import WithheldPlaceRow
from inventory.work.lost_units import settle_lost
from inventory.work.sites import chunks
from warehouse.clock import Clock
from warehouse.errors import NotFound, SerialsNeeded, WrongState
from warehouse.tables import PlaceKind, PlaceRow

EVENT = SerialEventRow.metadata.tables["serial_event"]

OUT = {
    PlaceKind.TOTE: SerialState.PICKED,
    PlaceKind.CUSTOMER: SerialState.SHIPPED,
    PlaceKind.SUPPLIER: SerialState.GONE,
    PlaceKind.ADJUSTMENT: SerialState.GONE,
    PlaceKind.LOST: SerialState.LOST,
    PlaceKind.DESTROYED: SerialState.GONE,
    PlaceKind.GIVEN_AWAY: SerialState.GONE,
    PlaceKind.OWNER: SerialState.GONE,
}
"""What becomes of a unit that goes to such a place; anywhere else it is in the house."""

FOR_GOOD = {PlaceKind.DESTROYED: "destroyed", PlaceKind.GIVEN_AWAY: "given away"}
"""Where a unit goes and never comes back from, and what is said of it."""

FOR_AN_ORDER = (SerialState.PICKED, SerialState.SHIPPED)

ON_THE_SHELF = (SerialState.HERE, SerialState.LOST)
"""A unit that somebody has in his hand was not lost, whatever was believed."""


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
    known = known_units(session, movement.product_id, sorted(named))
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
    note_units(session, known.values(), movement, clock)
    if kinds[movement.from_place_id] is not PlaceKind.SUPPLIER:
        settle_lost(session, movement.lot_id)


def _kinds(session: Session, movement: NewMovement) -> dict[int, PlaceKind]:
    places = (movement.from_place_id, movement.to_place_id)
    query = select(col(PlaceRow.id), col(PlaceRow.kind)).where(col(PlaceRow.id).in_(places))
    return {place_id: PlaceKind(kind) for place_id, kind in session.execute(query) if place_id is not None}


def known_units(session: Session, product_id: int, serials: Sequence[str]) -> dict[str, SerialRow]:
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
        if row is not None and (row.state != SerialState.GONE or _gone_for_good(session, row)):
            raise WrongState("serial", serial, whereabouts(session, row))
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
    if from_kind is PlaceKind.WITHHELD:
        tote_id = _tote_around(session, movement.from_place_id)
        if tote_id is not None:  # it was withheld after it had been picked
            state, same_tote = SerialState.PICKED, row.place_id == tote_id
    as_expected = row.state == state or (row.state in ON_THE_SHELF and state in ON_THE_SHELF)
    if not as_expected or not same_tote or not same_order:
        raise WrongState("serial", row.serial, whereabouts(session, row))
    if row.lot_id != movement.lot_id:
        raise WrongState("serial", row.serial, "of another lot")


def _tote_around(session: Session, withheld_id: int) -> int | None:
    """The tote that withheld goods are in, if it is one."""
    query = (
        select(col(PlaceRow.id))
        .join(WithheldPlaceRow, col(WithheldPlaceRow.within_id) == col(PlaceRow.id))
        .where(col(WithheldPlaceRow.place_id) == withheld_id, col(PlaceRow.kind) == PlaceKind.TOTE)
    )
    tote_id: int | None = session.execute(query).scalar_one_or_none()
    return tote_id


def whereabouts(session: Session, row: SerialRow) -> str:
    """Where a unit is, in a few words for the screen."""
    if row.state == SerialState.HERE:
        return "in the house already"
    if row.state == SerialState.LOST:
        return "written off as lost"
    if row.state == SerialState.GONE:
        return _gone_for_good(session, row) or "out of the house"
    number = session.execute(
        select(col(OrderRow.number))
        .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
        .where(col(OrderLineRow.id) == row.order_line_id)
    ).scalar_one()
    return f"picked for order {number}" if row.state == SerialState.PICKED else f"sold with order {number}"


def require_may_come_back(session: Session, row: SerialRow) -> None:
    """Raise WrongState if a unit cannot just be found again: it was picked or sold for an order, or is no more."""
    if row.state in FOR_AN_ORDER or (row.state == SerialState.GONE and _gone_for_good(session, row)):
        raise WrongState("serial", row.serial, whereabouts(session, row))


def _gone_for_good(session: Session, row: SerialRow) -> str:
    """What became of a unit that never comes back; empty if it may."""
    kind = session.execute(select(col(PlaceRow.kind)).where(col(PlaceRow.id) == row.place_id)).scalar_one()
    return FOR_GOOD.get(PlaceKind(kind), "")


def note_units(session: Session, rows: Iterable[SerialRow], movement: NewMovement, clock: Clock) -> None:
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


def serials_withheld(
    session: Session, lot_id: int, within_id: int, within_kind: PlaceKind, quantity: int
) -> tuple[str, ...]:
    """So many units of a lot that are withheld in a place, if it follows which they are; else none.

    It follows where they are all units of the lot in the house, or in a tote all that were picked into it.
    """
    query = select(col(SerialRow.serial)).where(col(SerialRow.lot_id) == lot_id)
    if within_kind is PlaceKind.TOTE:
        query = query.where(col(SerialRow.state) == SerialState.PICKED, col(SerialRow.place_id) == within_id)
    else:
        query = query.where(col(SerialRow.state) == SerialState.HERE)
    found = tuple(session.execute(query.order_by(col(SerialRow.serial)).limit(quantity + 1)).scalars())
    return found if len(found) == quantity else ()

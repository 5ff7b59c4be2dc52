"""Units known by their serials that are not where the books say: which of them are lost, and since when.

Goods are written off by quantity, by a count or a pick that came short. Which units that were is told here, at once or
as soon as it follows from what is scanned later. A unit that is seen again is not lost, whatever was believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, insert, or_, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE, MOVEMENT, PLACE
from inventory.rules.missing_units import UnitInHouse, lost_for_sure
from inventory.tables.counts import CountVisitRow, StockCountRow
from inventory.tables.serials import SerialEventRow, SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.tables.withholding import WithheldPlaceRow
from warehouse.tables import PlaceKind

WriteOff = Row[tuple[int, int, int, int, str, str, str]]
"""A movement to the place of lost goods: when, from where, to where, how many, why, by whom, on what device."""

EVENT = SerialEventRow.metadata.tables["serial_event"]
SERIAL = SerialRow.metadata.tables["serial"]

IN_HOUSE = (SerialState.HERE, SerialState.PICKED, SerialState.LOST)
"""Of these there are as many as the balances of their lot say, or fewer where some have no name yet."""

NAMED_REASONS = tuple(reason.value for reason in (Reason.PICK, Reason.PICK_SHORT, Reason.COUNT))
"""Movements out of a bin that leave no doubt about the other units in it: these were named, or were not there."""


@dataclass(frozen=True, slots=True)
class NewSight:
    """Who sees units in a bin, and when. What nobody knew before comes from `outside_id`."""

    user: str
    device: str
    at_ms: int
    outside_id: int


def units_in_house(session: Session, lot_id: int) -> list[UnitInHouse]:
    """The units of a lot that are here, picked and lost ones left out, and where each was seen last."""
    seen = func.max(EVENT.c.at_ms)
    query = (
        select(SERIAL.c.serial, SERIAL.c.place_id, PLACE.c.kind, func.coalesce(seen, 0))
        .join_from(SERIAL, PLACE, PLACE.c.id == SERIAL.c.place_id)
        .outerjoin(EVENT, EVENT.c.serial_id == SERIAL.c.id)
        .where(SERIAL.c.lot_id == lot_id, SERIAL.c.state == SerialState.HERE.value)
        .group_by(SERIAL.c.serial, SERIAL.c.place_id, PLACE.c.kind)
        .order_by(SERIAL.c.serial)
    )
    rows = session.execute(query).all()
    bins = {row.place_id for row in rows if row.kind == PlaceKind.BIN.value}
    doubts = _doubts(session, lot_id, bins)
    return [
        UnitInHouse(serial, place_id, int(seen_ms), place_id in bins and seen_ms > doubts.get(place_id, -1))
        for serial, place_id, _, seen_ms in rows
    ]


def _doubts(session: Session, lot_id: int, bins: set[int]) -> dict[int, int]:
    """Until when units of a lot may have left bins unnoticed: moved by quantity, or not found by a count."""
    moved = (
        select(MOVEMENT.c.from_place_id, func.max(MOVEMENT.c.at_ms))
        .where(
            MOVEMENT.c.from_place_id.in_(bins),
            MOVEMENT.c.lot_id == lot_id,
            MOVEMENT.c.reason.not_in(NAMED_REASONS),
        )
        .group_by(MOVEMENT.c.from_place_id)
    )
    counted = (
        select(col(StockCountRow.place_id), func.max(col(CountVisitRow.opened_ms)) - 1)
        .join(CountVisitRow, col(CountVisitRow.count_id) == col(StockCountRow.id))
        .where(col(StockCountRow.place_id).in_(bins), col(StockCountRow.done_ms).is_not(None))
        .group_by(col(StockCountRow.place_id))
    )
    doubts: dict[int, int] = {}
    for query in (moved, counted):
        for place_id, at_ms in session.execute(query):
            doubts[place_id] = max(doubts.get(place_id, -1), at_ms)
    return doubts


def num_unnamed(session: Session, lot_id: int) -> int:
    """Units of a lot that are in the house and whose serials nobody knows."""
    units = select(func.coalesce(func.sum(BALANCE.c.quantity), 0)).where(BALANCE.c.lot_id == lot_id)
    known = select(func.count()).where(col(SerialRow.lot_id) == lot_id, col(SerialRow.state).in_(IN_HOUSE))
    return int(session.execute(units).scalar_one()) - int(session.execute(known).scalar_one())


def settle_lost(session: Session, lot_id: int) -> None:
    """Tell which units of a lot were written off, if it follows by now; their histories say when and where from."""
    lost = func.coalesce(func.sum(BALANCE.c.quantity), 0)
    at_lost = select(lost).join(PLACE, PLACE.c.id == BALANCE.c.place_id)
    at_lost = at_lost.where(BALANCE.c.lot_id == lot_id, PLACE.c.kind == PlaceKind.LOST.value)
    written_off = int(session.execute(at_lost).scalar_one())
    if not written_off:
        return
    named = select(func.count()).where(col(SerialRow.lot_id) == lot_id, col(SerialRow.state) == SerialState.LOST)
    num_lost = written_off - session.execute(named).scalar_one()
    if num_lost <= 0:
        return
    losses = _write_offs(session, lot_id, num_lost)
    units = units_in_house(session, lot_id)
    places = {loss.from_place_id for loss in losses}
    before_ms = max(_looked_ms(session, loss) for loss in losses)
    serials = lost_for_sure(units, places, before_ms, num_lost, num_unnamed(session, lot_id))
    known = {unit.serial: unit for unit in units}
    for serial in serials:
        own = [loss for loss in losses if loss.from_place_id == known[serial].place_id]
        _lose(session, lot_id, serial, (own or losses)[0])


def _write_offs(session: Session, lot_id: int, num_lost: int) -> Sequence[WriteOff]:
    """The last movements that wrote off so many units of a lot, the latest first."""
    query = (
        select(*MOVEMENT.c["at_ms", "from_place_id", "to_place_id", "quantity", "reason", "user", "device"])
        .join(PLACE, PLACE.c.id == MOVEMENT.c.to_place_id)
        .where(MOVEMENT.c.lot_id == lot_id, PLACE.c.kind == PlaceKind.LOST.value)
        .order_by(MOVEMENT.c.id.desc())
        .limit(num_lost)
    )
    losses = []
    for loss in session.execute(query):
        losses.append(loss)
        num_lost -= loss.quantity
        if num_lost <= 0:
            break
    return losses


def _looked_ms(session: Session, loss: WriteOff) -> int:
    """When somebody looked and did not find the units: of a count that is when he began, not when it was approved."""
    at_ms: int = loss.at_ms
    if loss.reason != Reason.COUNT.value:
        return at_ms
    begun = (
        select(func.max(col(CountVisitRow.opened_ms)))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .outerjoin(WithheldPlaceRow, col(WithheldPlaceRow.within_id) == col(StockCountRow.place_id))
        .where(
            or_(
                col(StockCountRow.place_id) == loss.from_place_id,
                col(WithheldPlaceRow.place_id) == loss.from_place_id,
            ),
            col(CountVisitRow.closed_ms) <= loss.at_ms,
        )
    )
    opened_ms: int | None = session.execute(begun).scalar_one()
    return at_ms if opened_ms is None else opened_ms


def _lose(session: Session, lot_id: int, serial: str, loss: WriteOff) -> None:
    row = session.execute(
        select(SerialRow).where(col(SerialRow.lot_id) == lot_id, col(SerialRow.serial) == serial).with_for_update()
    ).scalar_one()
    row.state, row.place_id = SerialState.LOST, loss.to_place_id
    session.add(row)
    session.flush()
    event = {name: getattr(loss, name) for name in ("at_ms", "from_place_id", "to_place_id", "reason", "user")}
    session.execute(insert(EVENT), [{"serial_id": row.id, "device": loss.device, "client_id": "", **event}])


def note_seen(session: Session, rows: Iterable[SerialRow], places: Sequence[int], sight: NewSight) -> None:
    """Note that units were seen in a bin: `places` are the bin, first, and those of what is withheld in it."""
    events = []
    for row in rows:
        place_id = row.place_id if row.place_id in places else places[0]
        events.append(
            {
                "serial_id": row.id,
                "at_ms": sight.at_ms,
                "from_place_id": row.place_id,
                "to_place_id": place_id,
                "reason": Reason.COUNT.value,
                "user": sight.user,
                "device": sight.device,
                "client_id": "",
            }
        )
        row.place_id = place_id
        session.add(row)
    session.flush()
    if events:
        session.execute(insert(EVENT), events)

"""Units known by their serials, as a count sees them: one by one.

A count of such goods names every unit that lies in the bin. A unit that the books have nowhere in the house is a
difference of its own, and so is one that is missing, where it follows which one that is; what is left over or missing
besides is a difference without a name. A unit that lies in another bin than the one where it was seen last is none:
goods are stowed and moved by quantity.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from inventory.ledger import NewMovement
from inventory.rules.missing_units import missing_in_bin
from inventory.tables.counts import CountDifferenceRow, CountLineRow, CountUnitRow
from inventory.tables.products import LotRow
from inventory.tables.serials import SerialRow, SerialState
from inventory.work.lost_units import NewSight, note_seen, num_unnamed, settle_lost, units_in_house
from inventory.work.serials import known_units, note_units, require_may_come_back
from warehouse.clock import Clock

UNIT = CountUnitRow.metadata.tables["count_unit"]


@dataclass(frozen=True, slots=True)
class UnitSeen:
    """A unit that lies in the bin; `surplus` if the books have it nowhere in the house."""

    serial: str
    surplus: bool


def units_by_lot(
    session: Session, product_id: int, serials: Collection[str], lot_here: Callable[[], LotRow]
) -> dict[int, list[UnitSeen]]:
    """The units that a counter has named, by their lots; a unit that nobody knows is of the lot `lot_here` tells."""
    known = known_units(session, product_id, sorted(serials))
    seen: dict[int, list[UnitSeen]] = {}
    for serial, row in known.items():
        seen.setdefault(row.lot_id, []).append(UnitSeen(serial, row.state != SerialState.HERE))
    strangers = sorted(set(serials) - known.keys())
    if strangers:
        lot = lot_here()
        assert lot.id is not None
        unnamed = num_unnamed(session, lot.id)
        seen.setdefault(lot.id, []).extend(
            UnitSeen(serial, number >= unnamed) for number, serial in enumerate(strangers)
        )
    return seen


def note_units_of(session: Session, line: CountLineRow, places: Collection[int], seen: Sequence[UnitSeen]) -> None:
    """Write down the units of a counted record, and those that are missing for sure."""
    assert line.lot_id is not None
    session.execute(delete(CountUnitRow).where(col(CountUnitRow.line_id) == line.id))
    rows = [{"line_id": line.id, "serial": unit.serial, "difference": int(unit.surplus)} for unit in seen]
    missing = line.expected - sum(not unit.surplus for unit in seen)
    if missing > 0:
        units = units_in_house(session, line.lot_id)
        found = {unit.serial for unit in seen}
        unnamed = num_unnamed(session, line.lot_id)
        lost = missing_in_bin(units, places, found, missing, unnamed)
        rows += [{"line_id": line.id, "serial": serial, "difference": -1} for serial in lost]
    if rows:
        session.execute(insert(UNIT), rows)


def unit_differences(session: Session, lines: Iterable[CountLineRow]) -> Mapping[int, Mapping[str, int]]:
    """By line the units that were found and not on the books (1), or on the books and not found (-1)."""
    query = select(CountUnitRow).where(
        col(CountUnitRow.line_id).in_([line.id for line in lines]), col(CountUnitRow.difference) != 0
    )
    found: dict[int, dict[str, int]] = {}
    for unit in session.execute(query).scalars():
        found.setdefault(unit.line_id, {})[unit.serial] = unit.difference
    return found


def see_units(
    session: Session, lines: Mapping[tuple[int, int], CountLineRow], places: Sequence[int], sight: NewSight
) -> None:
    """Believe a count that is over: the units that it found lie in the bin, and those without a name have one now."""
    for (product_id, lot_id), line in lines.items():
        query = select(col(CountUnitRow.serial)).where(
            col(CountUnitRow.line_id) == line.id, col(CountUnitRow.difference) == 0
        )
        found = session.execute(query).scalars().all()
        known = known_units(session, product_id, found)
        new = [
            SerialRow(
                product_id=product_id, serial=serial, lot_id=lot_id, state=SerialState.HERE, place_id=sight.outside_id
            )
            for serial in sorted(set(found) - known.keys())
        ]
        session.add_all(new)
        session.flush()
        here = [row for row in known.values() if row.state == SerialState.HERE]
        note_seen(session, [*here, *new], places, sight)
        if found:
            settle_lost(session, lot_id)


def unit_to_adjust(session: Session, row: CountDifferenceRow) -> bool:
    """Whether the unit of a difference is still as the count found it; locked until the transaction ends.

    Raises
    ------
    WrongState
        If a unit that was found is one that cannot just come back: it was picked or sold for an order, or destroyed.
    """
    unit = known_units(session, row.product_id, [row.serial]).get(row.serial)
    if row.difference < 0:
        return unit is not None and unit.state == SerialState.HERE
    if unit is None:
        return True
    require_may_come_back(session, unit)
    return unit.state != SerialState.HERE


def adjust_unit(
    session: Session, row: CountDifferenceRow, counted_ms: int, movement: NewMovement, clock: Clock
) -> None:
    """The unit of a difference goes where the movement that adjusts the ledger says, unless it was seen since."""
    unit = known_units(session, row.product_id, [row.serial]).get(row.serial)
    if row.difference < 0:
        assert unit is not None
        here = {each.serial: each for each in units_in_house(session, row.lot_id)}
        if here[row.serial].seen_ms > counted_ms:
            return
        unit.state = SerialState.LOST
    elif unit is None:
        unit = SerialRow(
            product_id=row.product_id,
            serial=row.serial,
            lot_id=row.lot_id,
            state=SerialState.HERE,
            place_id=movement.to_place_id,
        )
    else:
        unit.state, unit.lot_id = SerialState.HERE, row.lot_id
    unit.place_id, unit.order_line_id = movement.to_place_id, None
    session.add(unit)
    session.flush()
    note_units(session, [unit], movement, clock)

"""Somebody counts a bin, blind, while others go on working in it.

A count is an assertion against the ledger at the moment of each scan: so many units of a lot lie here now. Whatever
is moved before or after is none of its business. Two things could still look like a difference. Goods may be moved
between two calls of a visit, while the counter's eyes are on the shelf: then that call is not recorded, and he is
asked to count those goods again. And a picker may have taken units that he has not confirmed yet: as long as a
picker's step at hand is in this bin, only a count that agrees with the ledger is taken.

Nothing here tells the counter what the ledger says.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE
from inventory.rules.counting import finding
from inventory.tables.cage import CageAct
from inventory.tables.counts import CountLineRow, CountState, CountVisitRow, StockCountRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.adjusting import places_of_bin
from inventory.work.approving import Found, record_differences
from inventory.work.auditing import settle_items
from inventory.work.caging import enter_cage, is_caged
from inventory.work.cataloguing import lots_named, product_id_of_scan
from inventory.work.count_exceptions import count_unknown_again
from inventory.work.count_rules import policy_in_force
from inventory.work.count_visits import (
    Key,
    Seen,
    closed_visits,
    has_moved,
    is_being_picked,
    last_movement,
    lines_of,
    lock_bin,
    note,
    open_visit,
    own_count,
    visit_at_hand,
)
from inventory.work.lost_units import NewSight
from inventory.work.sites import place_codes, place_of_kind, site_with_id
from inventory.work.unit_counting import see_units, unit_differences, units_by_lot
from warehouse.clock import Clock
from warehouse.errors import LotUnclear, ScanMismatch, SerialsNeeded
from warehouse.scans import GoodsScan, read_scan
from warehouse.tables import PlaceKind, PlaceRow


@dataclass(frozen=True)
class OpenCount:
    """The counter stands at the bin and has scanned it."""

    count_id: int
    counter: str
    scanned: str
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class CountOpened:
    """The visit has begun."""

    count_id: int
    bin_code: str


@dataclass(frozen=True)
class CountGoods:
    """`quantity` units of the product scanned lie in the bin now. `lot` is needed where the scan does not tell it.

    `owner` is needed where several have a lot of this code and it does not follow whose goods these are.
    Of serialised goods every unit is named, by its serial or its whole symbol, and these are all of the product there;
    the serial tells the lot.
    """

    count_id: int
    counter: str
    scanned: str
    quantity: int
    lot: str = ""
    serials: tuple[str, ...] = ()
    client_id: str = ""
    owner: str | None = None


@dataclass(frozen=True)
class GoodsCounted:
    """What was noted, `lot` with commas where there are several; nothing if goods `moved` meanwhile: count again."""

    count_id: int
    product: str
    lot: str
    quantity: int
    moved: bool


@dataclass(frozen=True)
class NoteUnknownGoods:
    """Units lie in the bin that no product is known for."""

    count_id: int
    counter: str
    scanned: str
    quantity: int
    client_id: str = ""


@dataclass(frozen=True)
class CloseCount:
    """Nothing else lies in the bin."""

    count_id: int
    counter: str
    client_id: str = ""


@dataclass(frozen=True)
class CountClosed:
    """How the count stands now; nothing is closed if goods `moved` meanwhile: look again."""

    count_id: int
    state: CountState
    moved: bool


def open_count(session: Session, command: OpenCount, clock: Clock) -> CountOpened:
    """Begin a visit at the bin; a visit that is open already goes on.

    Raises
    ------
    ScanMismatch
        If another bin was scanned.
    BinCodeInvalid
        If it is no bin of the site.
    CageClosed
        If it is of the cage, which this counter may not open.
    NotFound, WrongState
        If there is no such count, or it is not this counter's.
    """
    count = own_count(session, command.count_id, command.counter)
    place = session.get(PlaceRow, count.place_id)
    assert place is not None
    live = site_with_id(session, count.site_id)
    code = live.bin_of_scan(command.scanned).code
    if code != place.code:
        raise ScanMismatch(place.code, code, "bin")
    if open_visit(session, count) is None:
        enter_cage(session, live, code, command.counter, CageAct.COUNT, clock, device=command.device)
        number = session.execute(
            select(func.count()).select_from(CountVisitRow).where(col(CountVisitRow.count_id) == count.id)
        ).scalar_one()
        lock_bin(session, count.place_id)
        session.add(
            CountVisitRow(
                count_id=command.count_id,
                number=number + 1,
                counter=command.counter,
                device=command.device,
                opened_ms=clock.now_ms(),
                movement_mark=last_movement(session, count.place_id),
            )
        )
    return CountOpened(command.count_id, code)


def count_goods(session: Session, command: CountGoods, clock: Clock) -> GoodsCounted:
    """Note how many units of a lot lie in the bin at this moment; counted again, the new figure holds.

    Raises
    ------
    SerialsNeeded
        If not every unit of serialised goods is named, each once.
    LotUnclear
        If the scan tells no lot, or several have one of that code, and it does not follow from what lies where.
    NotFound, ScanUnreadable
        If the product or the lot is not known.
    WrongState
        If the count is not this counter's, or the bin was not scanned.
    ValueError
        If the quantity is negative.
    """
    if command.quantity < 0:
        raise ValueError(f"{command.quantity} units cannot lie anywhere")
    count, visit = visit_at_hand(session, command.count_id, command.counter)
    scan = read_scan(command.scanned)
    product_id = product_id_of_scan(session, scan)
    product = session.get(ProductRow, product_id)
    assert product is not None
    there = lock_bin(session, count.place_id)
    code = scan.lot or command.lot
    lot = functools.partial(_lot_here, session, product_id, code, command.owner, count.place_id)
    if product.serialised:
        units = units_by_lot(session, product_id, _serials(product, scan, command), lot)
        others = [key for key in (*there, *lines_of(session, visit)) if key[0] == product_id]
        seen: dict[Key, Seen] = dict.fromkeys(others, (0, ()))
        seen |= {(product_id, lot_id): (len(some), some) for lot_id, some in units.items()}
    else:
        seen = {(product_id, lot().id or 0): (command.quantity, ())}
    moved = has_moved(session, count, visit) or any(
        quantity != there.get(key, 0) and is_being_picked(session, count.place_id, key)
        for key, (quantity, _) in seen.items()
    )
    if not moved:
        for key, each in seen.items():
            note(session, visit, key, each, there.get(key, 0), clock)
    lots = select(col(LotRow.code)).where(col(LotRow.id).in_([key[1] for key, (some, _) in seen.items() if some]))
    codes = session.execute(lots.order_by(col(LotRow.code))).scalars()
    return GoodsCounted(command.count_id, product.code, ", ".join(codes), command.quantity, moved)


def note_unknown_goods(session: Session, command: NoteUnknownGoods, clock: Clock) -> CountOpened:
    """Note goods in the bin that no product is known for; a manager sees them in a list.

    Raises
    ------
    NotFound, WrongState
        As `count_goods`.
    ValueError
        If there are none.
    """
    if command.quantity <= 0:
        raise ValueError(f"{command.quantity} units were not found")
    count, visit = visit_at_hand(session, command.count_id, command.counter)
    place = session.get(PlaceRow, count.place_id)
    assert place is not None
    assert visit.id is not None
    session.add(
        CountLineRow(visit_id=visit.id, scanned=command.scanned, quantity=command.quantity, at_ms=clock.now_ms())
    )
    return CountOpened(command.count_id, place.code)


def close_count(session: Session, command: CloseCount, clock: Clock) -> CountClosed:
    """End a visit: what was not counted is not there. Then the count is done, or another person has to count.

    Raises
    ------
    NotFound, WrongState
        As `count_goods`.
    """
    count, visit = visit_at_hand(session, command.count_id, command.counter)
    there = lock_bin(session, count.place_id)
    noted = lines_of(session, visit)
    missing = {key: quantity for key, quantity in there.items() if key not in noted and quantity}
    if has_moved(session, count, visit) or any(is_being_picked(session, count.place_id, key) for key in missing):
        return CountClosed(command.count_id, CountState.COUNTING, moved=True)
    for key, quantity in missing.items():
        note(session, visit, key, (0, ()), quantity, clock)
    visit.closed_ms = clock.now_ms()
    session.add(visit)
    session.flush()
    _conclude(session, count, clock)
    return CountClosed(command.count_id, CountState(count.state), moved=False)


def _serials(product: ProductRow, scan: GoodsScan, command: CountGoods) -> set[str]:
    """The serials of the units counted; raise SerialsNeeded unless there is one for each."""
    symbols = [read_scan(each) for each in command.serials]
    named = {each.serial or each.text.strip() for each in symbols} - {""}
    if not symbols and scan.serial and command.quantity == 1:
        named = {scan.serial}
    if len(named) != command.quantity or len(symbols) > len(named):
        raise SerialsNeeded(product.code, command.quantity, len(named))
    return named


def _lot_here(session: Session, product_id: int, code: str, owner: str | None, place_id: int) -> LotRow:
    """The lot that was counted: the one named, else the only one that can be meant."""
    named = lots_named(session, product_id, code, owner=owner) if code else []
    if len(named) == 1:
        return named[0]
    places = places_of_bin(session, place_id)
    of_product = select(LotRow).join(BALANCE, BALANCE.c.lot_id == col(LotRow.id))
    of_product = of_product.where(BALANCE.c.product_id == product_id).distinct()
    if named:  # of several owners: that of whose goods lie here
        of_product = of_product.where(col(LotRow.id).in_([lot.id for lot in named]))
    for query in (of_product.where(BALANCE.c.place_id.in_(places)), of_product):
        lots: Sequence[LotRow] = session.execute(query).scalars().all()
        if len(lots) == 1:
            return lots[0]
        if lots:
            break
    product = session.get(ProductRow, product_id)
    assert product is not None
    raise LotUnclear(product.code, tuple(lot.owner for lot in named))


def _conclude(session: Session, count: StockCountRow, clock: Clock) -> None:
    """See what the visits have found, and go on from there."""
    assert count.id is not None
    visits = closed_visits(session, count.id)
    lines = [lines_of(session, visit) for visit in visits]
    policy = policy_in_force(session, count.site_id).policy
    found = finding([_differences(session, each) for each in lines], policy.visits_max)
    recount = found.recount or len(visits) < _num_visits(session, count)
    count.counter = None
    count.state = CountState.RECOUNT if recount else CountState.DONE
    session.add(count)
    if recount:
        count.run_id = count.way_mm = None
        return
    settle_items(session, count, {key[:2] for key in found.differences}, visits[0].opened_ms, clock)
    outside = place_of_kind(session, count.site_id, PlaceKind.ADJUSTMENT)
    sight = NewSight(visits[-1].counter, visits[-1].device, clock.now_ms(), outside)
    see_units(session, lines[-1], places_of_bin(session, count.place_id), sight)
    records = [Found(lines[-1][key[:2]], difference, key[2]) for key, difference in found.differences.items()]
    record_differences(session, count, records, policy, visits[-1].counter, clock, agreed=found.agreed)
    count_unknown_again(session, count.place_id, visits[-1], clock)


def _differences(session: Session, lines: Mapping[Key, CountLineRow]) -> dict[tuple[int, int, str], int]:
    """What a visit found too many or too few of, by product, lot and serial; without one, all that has no name."""
    named = unit_differences(session, lines.values())
    found: dict[tuple[int, int, str], int] = {}
    for key, line in lines.items():
        units = named.get(line.id or 0, {})
        found |= {(*key, serial): difference for serial, difference in units.items()}
        left = line.quantity - line.expected - sum(units.values())
        if left:
            found[*key, ""] = left
    return found


def _num_visits(session: Session, count: StockCountRow) -> int:
    """How many people have to count a bin at least: one of the cage two, whatever the first one finds."""
    code = place_codes(session, {count.place_id})[count.place_id]
    return 2 if is_caged(site_with_id(session, count.site_id), code) else 1

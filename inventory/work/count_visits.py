"""A visit to a bin that is counted: whose it is, what was noted on it, and whether goods moved meanwhile."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.ledger import BALANCE, MOVEMENT
from inventory.tables.counts import CountLineRow, CountState, CountVisitRow, StockCountRow
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState, StepState
from inventory.tables.products import ProductRow
from inventory.work.adjusting import places_of_bin
from inventory.work.unit_counting import UnitSeen, note_units_of
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

Key = tuple[int, int]
"""Product and lot."""

Seen = tuple[int, Sequence[UnitSeen]]
"""How many units of a lot lie in a bin, and of serialised goods which."""


def closed_visits(session: Session, count_id: int) -> Sequence[CountVisitRow]:
    """The visits of a count that are over and hold, in their order."""
    query = (
        select(CountVisitRow)
        .where(
            col(CountVisitRow.count_id) == count_id,
            col(CountVisitRow.closed_ms).is_not(None),
            col(CountVisitRow.void).is_(False),
        )
        .order_by(col(CountVisitRow.number))
    )
    visits: Sequence[CountVisitRow] = session.execute(query).scalars().all()
    return visits


def last_movement(session: Session, place_id: int) -> int:
    """The latest movement into or out of a place; 0 without any."""
    places = places_of_bin(session, place_id)
    touching = or_(MOVEMENT.c.from_place_id.in_(places), MOVEMENT.c.to_place_id.in_(places))
    return session.execute(select(func.max(MOVEMENT.c.id)).where(touching)).scalar_one() or 0


def own_count(session: Session, count_id: int, counter: str) -> StockCountRow:
    """The count, if this person is counting it; locked until the transaction ends.

    Raises
    ------
    NotFound, WrongState
        If there is no such count, or it is not this person's.
    """
    count = session.get(StockCountRow, count_id, with_for_update=True, populate_existing=True)
    if count is None:
        raise NotFound("count", count_id)
    if count.state != CountState.COUNTING:
        raise WrongState("count", count_id, CountState(count.state))
    if count.counter != counter:
        raise WrongState("count", count_id, "counted by somebody else")
    return count


def open_visit(session: Session, count: StockCountRow) -> CountVisitRow | None:
    """The visit of a count that has begun and not ended, if there is one."""
    query = select(CountVisitRow).where(col(CountVisitRow.count_id) == count.id, col(CountVisitRow.closed_ms).is_(None))
    visit: CountVisitRow | None = session.execute(query).scalar_one_or_none()
    return visit


def visit_at_hand(session: Session, count_id: int, counter: str) -> tuple[StockCountRow, CountVisitRow]:
    """The count, if this person is counting it, and the visit on which its bin is being counted.

    Raises
    ------
    NotFound, WrongState
        As `own_count`, or if the bin was not scanned yet.
    """
    count = own_count(session, count_id, counter)
    visit = open_visit(session, count)
    if visit is None:
        raise WrongState("count", count_id, "not begun: scan the bin first")
    return count, visit


def lock_bin(session: Session, place_id: int) -> dict[Key, int]:
    """What the ledger says lies in a bin, whatever its status; locked, in the ledger's own order."""
    session.flush()
    query = (
        select(BALANCE.c.product_id, BALANCE.c.lot_id, BALANCE.c.quantity)
        .where(BALANCE.c.place_id.in_(places_of_bin(session, place_id)))
        .order_by(BALANCE.c.place_id, BALANCE.c.product_id, BALANCE.c.lot_id)
        .with_for_update()
    )
    there: dict[Key, int] = {}
    for product_id, lot_id, quantity in session.execute(query):
        there[product_id, lot_id] = there.get((product_id, lot_id), 0) + quantity
    return there


def has_moved(session: Session, count: StockCountRow, visit: CountVisitRow) -> bool:
    """Whether goods were moved since the visit's last call; from now on it knows."""
    mark = last_movement(session, count.place_id)
    moved = mark != visit.movement_mark
    visit.movement_mark = mark
    session.add(visit)
    return moved


def is_being_picked(session: Session, place_id: int, key: Key) -> bool:
    """Whether somebody's step at hand takes these goods out of this place."""
    earlier = aliased(PickStepRow)
    before = select(col(earlier.id)).where(
        col(earlier.run_id) == PickStepRow.run_id,
        col(earlier.state) == StepState.OPEN,
        col(earlier.sequence) < PickStepRow.sequence,
    )
    query = (
        select(col(PickStepRow.id))
        .join(PickRunRow, col(PickRunRow.id) == col(PickStepRow.run_id))
        .where(
            col(PickStepRow.place_id) == place_id,
            col(PickStepRow.product_id) == key[0],
            col(PickStepRow.lot_id) == key[1],
            col(PickStepRow.state) == StepState.OPEN,
            col(PickRunRow.state) == RunState.WALKING,
            ~before.exists(),
        )
        .limit(1)
    )
    return session.execute(query).first() is not None


def lines_of(session: Session, visit: CountVisitRow) -> dict[Key, CountLineRow]:
    """What was noted on a visit of goods that are known."""
    query = select(CountLineRow).where(
        col(CountLineRow.visit_id) == visit.id, col(CountLineRow.product_id).is_not(None)
    )
    lines: Sequence[CountLineRow] = session.execute(query).scalars().all()
    return {(line.product_id or 0, line.lot_id or 0): line for line in lines}


def note(session: Session, visit: CountVisitRow, key: Key, seen: Seen, expected: int, clock: Clock) -> None:
    """Write down what was counted, in the place of what was counted of it before."""
    assert visit.id is not None
    quantity, units = seen
    line = lines_of(session, visit).get(key)
    if line is None:
        line = CountLineRow(visit_id=visit.id, product_id=key[0], lot_id=key[1], quantity=0, at_ms=0)
    line.quantity, line.expected = quantity, expected
    line.at_ms, line.movement_mark = clock.now_ms(), visit.movement_mark
    session.add(line)
    session.flush()
    product = session.get(ProductRow, key[0])
    assert product is not None
    if product.serialised:
        note_units_of(session, line, places_of_bin(session, _place_of(session, visit)), units)


def _place_of(session: Session, visit: CountVisitRow) -> int:
    """The bin of a visit."""
    count = session.get(StockCountRow, visit.count_id)
    assert count is not None
    return count.place_id

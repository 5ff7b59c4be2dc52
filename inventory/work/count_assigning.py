"""Which count somebody does next, and that he leaves one to somebody else.

Recounts and bins that pickers may be sent to in vain come first, then the next on the counter's walk. Nobody counts a
bin that he has counted before.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlmodel import Session, col

from inventory.rules.count_planning import next_to_walk, walking_ranks
from inventory.rules.counting import CountTrigger
from inventory.tables.counts import CountLineRow, CountState, CountUnitRow, CountVisitRow, StockCountRow
from inventory.tables.outbound import PickRunRow, RunState
from inventory.work.caging import is_caged, may_open_cage
from inventory.work.count_visits import closed_visits, open_visit, own_count
from inventory.work.counting import CountClosed
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import WrongState
from warehouse.tables import PlaceRow

URGENT = (CountTrigger.EXCEPTION, CountTrigger.ZERO)
"""Somebody may be sent to such a bin in vain within the hour."""


@dataclass(frozen=True)
class TakeCount:
    """Take the next count of a site, or go on with the one under way."""

    site: str
    counter: str
    client_id: str = ""


@dataclass(frozen=True)
class CountTaken:
    """The count; None if nothing is due that this person may count. `is_new` is false if it was under way."""

    count_id: int | None
    is_new: bool


@dataclass(frozen=True)
class GiveBackCount:
    """The counter does not finish this count; what was noted on this visit is forgotten."""

    count_id: int
    counter: str
    client_id: str = ""


def take_count(session: Session, command: TakeCount, clock: Clock) -> CountTaken:  # noqa: ARG001
    """Give a counter the count under way, else the next one on his walk; never one he has counted before.

    Bins of the cage are for those who may open it.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, command.site)
    mine = count_under_way(session, command.counter, live.id)
    if mine is not None:
        return CountTaken(mine, is_new=False)
    due = session.execute(
        select(col(StockCountRow.id), col(StockCountRow.trigger), col(StockCountRow.state), col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .where(*may_take(live.id, command.counter))
        .order_by(col(StockCountRow.id))
    ).all()
    if not may_open_cage(session, command.counter):
        due = [each for each in due if not is_caged(live, each.code)]
    if not due:
        return CountTaken(None, is_new=False)
    urgent = [each for each in due if each.state == CountState.RECOUNT or each.trigger in URGENT] or due
    ranks = walking_ranks(live.site.bins)
    standing = ranks.get(_last_bin(session, command.counter, live.id), 0)
    chosen = urgent[next_to_walk([ranks[each.code] for each in urgent], standing)]
    count = session.get(StockCountRow, chosen.id, with_for_update=True, populate_existing=True)
    assert count is not None
    begin_count(count, command.counter)
    return CountTaken(count.id, is_new=True)


def begin_count(count: StockCountRow, counter: str) -> None:
    """From now on `counter` counts this bin.

    Raises
    ------
    WrongState
        If it is not due.
    """
    if count.state not in (CountState.DUE, CountState.RECOUNT):
        raise WrongState("count", count.id, CountState(count.state))
    count.state, count.counter = CountState.COUNTING, counter


def give_back_count(session: Session, command: GiveBackCount, clock: Clock) -> CountClosed:  # noqa: ARG001
    """Leave a count to somebody else.

    Raises
    ------
    NotFound, WrongState
        If there is no such count, or it is not this counter's.
    """
    count = own_count(session, command.count_id, command.counter)
    visit = open_visit(session, count)
    if visit is not None:
        lines = select(col(CountLineRow.id)).where(col(CountLineRow.visit_id) == visit.id)
        session.execute(delete(CountUnitRow).where(col(CountUnitRow.line_id).in_(lines)))
        session.execute(delete(CountLineRow).where(col(CountLineRow.visit_id) == visit.id))
        session.delete(visit)
        session.flush()
    _put_back(session, count)
    return CountClosed(command.count_id, count.state, moved=False)


def put_back_way_counts(session: Session, run_id: int, *, kept: Collection[int] = ()) -> None:
    """Let others have the counts of a run that it does not pass any more: all but those `kept` and those begun."""
    query = select(StockCountRow).where(
        col(StockCountRow.run_id) == run_id, col(StockCountRow.state) == CountState.COUNTING
    )
    for count in session.execute(query.order_by(col(StockCountRow.id)).with_for_update()).scalars():
        if count.id not in kept and open_visit(session, count) is None:
            _put_back(session, count)


def _put_back(session: Session, count: StockCountRow) -> None:
    assert count.id is not None
    count.state = CountState.RECOUNT if closed_visits(session, count.id) else CountState.DUE
    count.counter = None
    count.run_id = count.way_mm = None
    session.add(count)


def count_under_way(session: Session, counter: str, site_id: int | None = None) -> int | None:
    """The count that somebody is at, if any; one on the way of a run that is walked is the run's affair."""
    walked = select(col(PickRunRow.id)).where(col(PickRunRow.state) == RunState.WALKING)
    query = select(func.min(col(StockCountRow.id))).where(
        col(StockCountRow.counter) == counter,
        col(StockCountRow.state) == CountState.COUNTING,
        func.coalesce(col(StockCountRow.run_id), 0).not_in(walked),
    )
    if site_id is not None:
        query = query.where(col(StockCountRow.site_id) == site_id)
    found: int | None = session.execute(query).scalar_one()
    return found


def num_waiting(session: Session, site_id: int, counter: str) -> int:
    """How many counts of a site somebody could take."""
    query = select(func.count()).select_from(StockCountRow).where(*may_take(site_id, counter))
    waiting: int = session.execute(query).scalar_one()
    return waiting


def may_take(site_id: int, counter: str) -> tuple[ColumnElement[bool], ...]:
    """Counts of a site that are due, on nobody's way, and not counted by this person before."""
    own = select(col(CountVisitRow.count_id)).where(
        col(CountVisitRow.counter) == counter, col(CountVisitRow.void).is_(False)
    )
    return (
        col(StockCountRow.site_id) == site_id,
        col(StockCountRow.state).in_([CountState.DUE, CountState.RECOUNT]),
        col(StockCountRow.run_id).is_(None),
        col(StockCountRow.id).not_in(own),
    )


def _last_bin(session: Session, counter: str, site_id: int) -> str:
    """The code of the bin that somebody counted last."""
    query = (
        select(col(PlaceRow.code))
        .join(StockCountRow, col(StockCountRow.place_id) == col(PlaceRow.id))
        .join(CountVisitRow, col(CountVisitRow.count_id) == col(StockCountRow.id))
        .where(col(CountVisitRow.counter) == counter, col(StockCountRow.site_id) == site_id)
        .order_by(col(CountVisitRow.id).desc())
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none() or ""

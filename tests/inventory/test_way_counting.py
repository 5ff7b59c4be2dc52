"""Counts on the way of a run: without a metre more, and never where an order might be late."""

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from inventory.rules.counting import CountPolicy
from inventory.rules.way_counts import bins_passed
from inventory.tables.counts import CountState
from inventory.tables.outbound import OrderRow, PickRunRow
from inventory.work.blocking import ReportBlocked
from inventory.work.count_assigning import TakeCount, take_count
from inventory.work.count_planning import RequestCounts, request_counts
from inventory.work.count_rules import SetCountPolicy, set_count_policy
from inventory.work.count_views import list_counts
from inventory.work.counting import CloseCount, OpenCount, close_count, open_count
from inventory.work.replanning import report_blocked
from inventory.work.sites import live_site
from inventory.work.walking import FinishRun, finish_run
from inventory.work.way_counting import AddWayCounts, WayCountsAdded, add_way_counts, way_count_at_hand, way_counts_done
from tests.inventory.picked_run import confirm, sound_plan, taken, view
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database

GOODS = Goods((("P0", 40, None), ("P1", 40, None)), num_bins=3)


def make_due(session: Session, command: int, clock: Clock) -> int:
    """Every order is due at this time."""
    session.execute(update(OrderRow).values(due_ms=command))
    return command


@pytest.fixture
def walked(sqlite_database: Database, clock: FixedClock) -> int:
    """The run that ann walks, on a site whose bins are all due."""
    stocked(sqlite_database, clock, GOODS)
    released(sqlite_database, clock, order("O", ("P0", 2), ("P1", 2)))
    sqlite_database.run(request_counts, RequestCounts(SITE), clock=clock)
    return taken(sqlite_database, clock).run_id


def added(database: Database, clock: FixedClock, run_id: int, picker: str = "ann") -> WayCountsAdded:
    return database.run(add_way_counts, AddWayCounts(run_id, picker), clock=clock)


def at_hand(database: Database, run_id: int) -> int | None:
    with database.read() as session:
        run = session.execute(select(PickRunRow).where(col(PickRunRow.id) == run_id)).scalar_one()
        return way_count_at_hand(session, run)


def count_empty(database: Database, clock: FixedClock, count_id: int) -> None:
    with database.read() as session:
        code = next(each.bin_code for each in list_counts(session, SITE, limit=500) if each.count_id == count_id)
    database.run(open_count, OpenCount(count_id, "ann", code), clock=clock)
    clock.advance(7_000)
    database.run(close_count, CloseCount(count_id, "ann"), clock=clock)


def test_a_run_carries_counts_that_it_passes_up_to_the_limit_and_walks_no_further(
    sqlite_database: Database, clock: FixedClock, walked: int
) -> None:
    before = view(sqlite_database, walked)
    given = added(sqlite_database, clock, walked)
    assert (len(given.count_ids), given.seconds) == (3, 60)
    assert added(sqlite_database, clock, walked) == WayCountsAdded((), 0)
    assert view(sqlite_database, walked) == before
    _, route = sound_plan(sqlite_database, walked)
    with sqlite_database.read() as session:
        counts = {each.count_id: each for each in list_counts(session, SITE, limit=500)}
    assert {counts[each].state for each in given.count_ids} == {CountState.COUNTING}
    assert route.certificate.distance_mm == before.distance_mm
    num_counted = 0
    while True:
        while (count_id := at_hand(sqlite_database, walked)) is not None:
            assert count_id == given.count_ids[num_counted]
            count_empty(sqlite_database, clock, count_id)
            num_counted += 1
        run = view(sqlite_database, walked)
        if run.current is None:
            break
        confirm(sqlite_database, clock, run)
    assert num_counted == 3
    with sqlite_database.read() as session:
        assert way_counts_done(session, walked) == (3, 21_000)


def test_a_count_that_a_new_plan_or_the_end_leaves_aside_is_for_others_again(
    sqlite_database: Database, clock: FixedClock, walked: int
) -> None:
    everything = SetCountPolicy(SITE, CountPolicy(way_counts_max=500, count_s=0), "mara")
    sqlite_database.run(set_count_policy, everything, clock=clock)
    given = set(added(sqlite_database, clock, walked).count_ids)
    run = view(sqlite_database, walked)
    assert run.current is not None
    begun = min(given)
    with sqlite_database.read() as session:
        bin_of = {each.count_id: each.bin_code for each in list_counts(session, SITE, limit=500)}
    sqlite_database.run(open_count, OpenCount(begun, "ann", bin_of[begun]), clock=clock)
    report_blocked(sqlite_database, ReportBlocked(walked, run.current.step_id, "ann", 3_600_000), clock)
    _, route = sound_plan(sqlite_database, walked)
    with sqlite_database.read() as session:
        bins = live_site(session, SITE).bins
    passed = {each.number for each in bins_passed(route.legs, [(each, bins[bin_of[each]].spot) for each in given])}
    assert carried(sqlite_database) == passed | {begun}
    assert passed < given - {begun}
    while (run := view(sqlite_database, walked)).current is not None:
        confirm(sqlite_database, clock, run)
    sqlite_database.run(finish_run, FinishRun(walked, "ann"), clock=clock)
    assert carried(sqlite_database) == {begun}


def carried(database: Database) -> set[int]:
    with database.read() as session:
        counts = list_counts(session, SITE, state=CountState.COUNTING, limit=500)
    return {each.count_id for each in counts}


def test_no_run_with_an_order_at_risk_carries_counts(sqlite_database: Database, clock: FixedClock, walked: int) -> None:
    sqlite_database.run(make_due, clock.now_ms() + 90_000, clock=clock)
    assert added(sqlite_database, clock, walked) == WayCountsAdded((), 0)
    sqlite_database.run(make_due, clock.now_ms() + 3_600_000, clock=clock)
    assert len(added(sqlite_database, clock, walked).count_ids) == 3


def test_the_limit_is_the_sites_own_and_nobody_else_gets_such_a_count(
    sqlite_database: Database, clock: FixedClock, walked: int
) -> None:
    policy = CountPolicy(way_counts_max=1)
    sqlite_database.run(set_count_policy, SetCountPolicy(SITE, policy, "mara"), clock=clock)
    assert added(sqlite_database, clock, walked, "bob") == WayCountsAdded((), 0)
    (count_id,) = added(sqlite_database, clock, walked).count_ids
    for _ in range(2):
        other = sqlite_database.run(take_count, TakeCount(SITE, "bob"), clock=clock).count_id
        assert other not in (None, count_id)

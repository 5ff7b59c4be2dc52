"""Floor that a picker finds blocked: the rest of his run goes round it, and so does every later plan."""

from dataclasses import replace

import pytest

from inventory.tables.outbound import OrderState
from inventory.work.blocking import LiftBlock, ReportBlocked, blocks_now, lift_block, record_blocked
from inventory.work.looking import RunView, order_view
from inventory.work.releasing import Release, Released, release
from inventory.work.replanning import report_blocked, seek
from inventory.work.walking import FinishRun, finish_run
from routing.route import Leg
from tests.inventory.picked_run import books_agree, confirm, sound_plan, taken, view
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState
from warehouse.floor import Stretch

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)
SIX = order("A", *((f"P{number}", 2) for number in range(6)))
MINUTE_MS = 60_000


def to_the_end(database: Database, clock: FixedClock, run: RunView) -> None:
    while run.current is not None:
        run = confirm(database, clock, run)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)


def blocked(run: RunView, client_id: str = "") -> ReportBlocked:
    assert run.current is not None
    return ReportBlocked(run.run_id, run.current.step_id, "ann", 30 * MINUTE_MS, client_id)


def closed(database: Database, run_id: int) -> set[Stretch]:
    return set(sound_plan(database, run_id)[0].floor.blocked)


def enters(leg: Leg, stretch: Stretch) -> bool:
    low_mm, high_mm = min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)
    return leg.edge == stretch.edge and low_mm < stretch.to_mm and stretch.from_mm < high_mm


def again(database: Database, clock: FixedClock) -> Released:
    return release(database, Release(SITE, budget_ms=20), clock)


def test_what_is_out_of_reach_comes_from_elsewhere_and_the_walk_goes_round(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, MANY)
    released(database, clock, SIX)
    run = confirm(database, clock, taken(database, clock))
    before = closed(database, run.run_id)
    walked_mm, command = run.walked_mm, blocked(run, "blocked-1")
    answer = report_blocked(database, command, clock)
    assert report_blocked(database, command, clock) == answer
    with database.read() as session:
        (block,) = blocks_now(session, SITE, clock)
    assert run.current is not None
    assert (block.bin_code, block.reported_by) == (run.current.bin_code, "ann")
    assert block.until_ms == clock.now_ms() + 30 * MINUTE_MS
    (stretch,) = closed(database, run.run_id) - before
    assert stretch.to_mm - stretch.from_mm == block.length_mm
    _, route = sound_plan(database, run.run_id)
    assert not any(enters(leg, stretch) for leg in route.legs)
    after = view(database, run.run_id)
    assert after.walked_mm >= walked_mm
    to_the_end(database, clock, after)
    with database.read() as session:
        seen = order_view(session, SITE, "A")
    assert seen.state is OrderState.PICKED
    assert {line.quantity_picked for line in seen.lines} == {2}
    books_agree(database)


def test_what_nobody_finds_elsewhere_waits_until_the_floor_is_free_again(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 5, None), ("P2", 5, None)), num_bins=1))
    released(database, clock, order("O", ("P1", 5), ("P2", 5)))
    run = taken(database, clock)
    assert run.current is not None
    product = run.current.product
    answer = report_blocked(database, blocked(run), clock)
    books_agree(database)
    to_the_end(database, clock, view(database, run.run_id))
    with database.read() as session:
        seen = order_view(session, SITE, "O")
    line = next(line for line in seen.lines if line.product == product)
    assert seen.state is OrderState.OPEN
    assert (line.quantity_picked, line.quantity_short, line.quantity_allocated) == (0, 0, 0)
    assert "blocked" in line.short_reason
    assert not again(database, clock).runs
    database.run(lift_block, LiftBlock(SITE, answer.block_id, "mara"), clock=clock)
    with pytest.raises(WrongState):
        database.run(lift_block, LiftBlock(SITE, answer.block_id, "mara", "again"), clock=clock)
    assert again(database, clock).quantity == 5 * answer.num_steps
    to_the_end(database, clock, taken(database, clock))
    books_agree(database)


def test_a_block_is_over_after_its_time(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 5, None),), num_bins=1))
    released(sqlite_database, clock, order("O", ("P1", 5)))
    run = taken(sqlite_database, clock)
    answer = report_blocked(sqlite_database, blocked(run), clock)
    to_the_end(sqlite_database, clock, view(sqlite_database, run.run_id))
    assert not again(sqlite_database, clock).runs
    clock.advance(30 * MINUTE_MS)
    with sqlite_database.read() as session:
        assert blocks_now(session, SITE, clock) == ()
    with pytest.raises(WrongState):
        sqlite_database.run(lift_block, LiftBlock(SITE, answer.block_id, "mara"), clock=clock)
    with pytest.raises(NotFound):
        sqlite_database.run(lift_block, LiftBlock(SITE, answer.block_id + 1, "mara"), clock=clock)
    assert again(sqlite_database, clock).quantity == 5


def test_a_report_that_nobody_planned_for_yet_is_planned_for_later(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, SIX)
    run = taken(sqlite_database, clock)
    sqlite_database.run(record_blocked, blocked(run), clock=clock)
    seek(sqlite_database, run.run_id, clock)
    after = view(sqlite_database, run.run_id)
    assert after.current is not None
    assert run.current is not None
    assert after.current.bin_code != run.current.bin_code
    books_agree(sqlite_database)


def test_only_the_step_at_hand_of_the_own_run_is_reported_blocked(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, SIX)
    command = blocked(taken(sqlite_database, clock))
    for wrong in (replace(command, picker="bob"), replace(command, step_id=command.step_id + 1)):
        with pytest.raises(WrongState):
            report_blocked(sqlite_database, wrong, clock)
    with pytest.raises(ValueError, match="0 ms"):
        report_blocked(sqlite_database, replace(command, blocked_ms=0), clock)
    with sqlite_database.read() as session:
        assert blocks_now(session, SITE, clock) == ()


def test_every_step_of_a_run_may_be_blocked_and_the_run_still_ends(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, SIX)
    run = taken(sqlite_database, clock)
    num_reports = 0
    while run.current is not None:
        report_blocked(sqlite_database, blocked(run), clock)
        num_reports += 1
        books_agree(sqlite_database)
        sound_plan(sqlite_database, run.run_id)
        run = view(sqlite_database, run.run_id)
    assert num_reports > 1
    sqlite_database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    with sqlite_database.read() as session:
        assert order_view(session, SITE, "A").state is OrderState.OPEN

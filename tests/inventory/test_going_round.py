"""Runs whose way ahead leads over floor that another picker found blocked are planned anew, and nothing is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.floor import FloorBlockRow
from inventory.tables.outbound import OrderState, PickRunRow, PickStepRow, RunState, StepState
from inventory.work.blocking import BLOCKED_MS, LiftBlock, ReportBlocked, lift_block, walkable
from inventory.work.going_round import go_round, take
from inventory.work.looking import RunView, list_runs, order_view, run_steps
from inventory.work.ordering import NewOrder, PlaceOrders, place_orders
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.releasing import Release, release
from inventory.work.replanning import report_blocked
from inventory.work.sites import live_site, place_codes
from inventory.work.walking import FinishRun, TakeRun, finish_run
from routing.batching import Batching
from tests.inventory.picked_run import books_agree, confirm, sound_plan, taken, view
from tests.inventory.small_site import SITE, Goods, order, stocked
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)
SIX = tuple((f"P{number}", 2) for number in range(6))


def made_runs(database: Database, clock: FixedClock, *orders: NewOrder) -> list[int]:
    """A run for every order."""
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    command = Release(SITE, batching=Batching.ONE_ORDER, budget_ms=20, delay_max_s=0)
    return [run.run_id for run in release(database, command, clock).runs]


def block(database: Database, clock: FixedClock, run: RunView, picker: str = "ann") -> int:
    """Let a picker report that he cannot get to his next bin."""
    assert run.current is not None
    return report_blocked(database, ReportBlocked(run.run_id, run.current.step_id, picker), clock).block_id


@dataclass(frozen=True)
class ShutLastBin:
    """Something stands in front of the bin of a run's last step, and nowhere else."""

    run_id: int


@dataclass(frozen=True)
class BinShut:
    """Done."""


def shut_last_bin(session: Session, command: ShutLastBin, clock: Clock) -> BinShut:
    """As if somebody had reported it: every plan of the run leads there, however far the search came."""
    of_run = select(PickStepRow).where(col(PickStepRow.run_id) == command.run_id)
    last = session.execute(of_run.order_by(col(PickStepRow.sequence).desc()).limit(1)).scalar_one()
    live = live_site(session, SITE)
    spot = live.bins[place_codes(session, {last.place_id})[last.place_id]].spot
    session.add(
        FloorBlockRow(
            site_id=live.id,
            place_id=last.place_id,
            edge=spot.edge,
            from_mm=spot.offset_mm,
            to_mm=spot.offset_mm,
            reported_by="ann",
            reported_ms=clock.now_ms(),
            until_ms=clock.now_ms() + BLOCKED_MS,
        )
    )
    return BinShut()


def crosses(database: Database, clock: FixedClock, run_id: int) -> bool:
    """Whether what is ahead of a run needs floor that is blocked now."""
    with database.read() as session:
        now = walkable(session, live_site(session, SITE), clock)
        ahead = [step.bin_code for step in run_steps(session, run_id) if step.state is StepState.OPEN]
    _, route = sound_plan(database, run_id)
    legs = any(each.is_crossed_by(leg) for each in now.closed for leg in route.legs)
    return legs or not all(now.is_in_reach(code) for code in ahead)


def to_the_end(database: Database, clock: FixedClock, run: RunView, picker: str) -> None:
    while run.current is not None:
        run = confirm(database, clock, run, picker)
        go_round(database, run.run_id, clock)
        run = view(database, run.run_id)
    database.run(finish_run, FinishRun(run.run_id, picker), clock=clock)


def num_plans(database: Database, run_id: int) -> int:
    with database.read() as session:
        run = session.get(PickRunRow, run_id)
        assert run is not None
        return run.plan


def picked_in_full(database: Database, number: str) -> bool:
    with database.read() as session:
        seen = order_view(session, SITE, number)
    return seen.state is OrderState.PICKED and all(line.quantity_picked == line.quantity for line in seen.lines)


def test_a_waiting_run_is_planned_round_blocked_floor_before_it_is_taken(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    first, second = made_runs(database, clock, order("A", *SIX), order("B", *SIX))
    taken(database, clock)
    database.run(shut_last_bin, ShutLastBin(second), clock=clock)
    assert crosses(database, clock, second)
    answer = take(database, TakeRun(SITE, "bob", "take-1"), clock)
    assert take(database, TakeRun(SITE, "bob", "take-1"), clock) == answer
    assert (answer.run_id, answer.is_new) == (second, True)
    assert not crosses(database, clock, second)
    assert num_plans(database, second) == 2
    books_agree(database)
    for run_id, picker in ((first, "ann"), (second, "bob")):
        to_the_end(database, clock, view(database, run_id), picker)
    assert picked_in_full(database, "A")
    assert picked_in_full(database, "B")
    books_agree(database)


def test_a_run_under_way_is_planned_anew_once_from_the_step_just_done(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    made_runs(database, clock, order("A", *SIX), order("B", *SIX))
    ann, bob = taken(database, clock), taken(database, clock, "bob")
    assert bob.current is not None
    database.run(shut_last_bin, ShutLastBin(bob.run_id), clock=clock)
    bob = confirm(database, clock, bob, "bob")
    assert crosses(database, clock, bob.run_id)
    for _ in range(2):
        assert not go_round(database, bob.run_id, clock).has_ended
        assert num_plans(database, bob.run_id) == 2
        assert not crosses(database, clock, bob.run_id)
    after = view(database, bob.run_id)
    assert (after.walked_mm, after.quantity_picked) == (bob.walked_mm, bob.quantity_picked)
    books_agree(database)
    to_the_end(database, clock, after, "bob")
    to_the_end(database, clock, view(database, ann.run_id), "ann")
    assert picked_in_full(database, "B")
    books_agree(database)


def test_a_step_half_picked_is_finished_before_the_rest_is_planned_anew(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    stocked(database, clock, MANY)
    made_runs(database, clock, order("A", *SIX), order("B", *SIX))
    taken(database, clock)
    bob = taken(database, clock, "bob")
    step = bob.current
    assert step is not None
    scans = (step.bin_code, f"EAN-{step.product}", 1)
    database.run(confirm_pick, ConfirmPick(bob.run_id, step.step_id, "bob", *scans), clock=clock)
    database.run(shut_last_bin, ShutLastBin(bob.run_id), clock=clock)
    go_round(database, bob.run_id, clock)
    assert num_plans(database, bob.run_id) == 1
    to_the_end(database, clock, view(database, bob.run_id), "bob")
    assert num_plans(database, bob.run_id) == 2
    assert picked_in_full(database, "B")
    books_agree(database)


def test_a_waiting_run_all_out_of_reach_ends_and_its_orders_wait_again(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 9, None), ("P2", 9, None)), num_bins=1), seed=2)
    _, second, third = made_runs(database, clock, order("A", ("P1", 1)), order("B", ("P1", 2)), order("C", ("P2", 3)))
    block_id = block(database, clock, taken(database, clock))
    assert take(database, TakeRun(SITE, "bob"), clock).run_id == third
    with database.read() as session:
        (ended,) = [run for run in list_runs(session, SITE, state=RunState.DONE) if run.run_id == second]
        seen = order_view(session, SITE, "B")
    assert (ended.distance_mm, ended.picker) == (0, None)
    assert seen.state is OrderState.OPEN
    assert (seen.lines[0].quantity_allocated, seen.lines[0].quantity_short) == (0, 0)
    assert "blocked" in seen.lines[0].short_reason
    assert take(database, TakeRun(SITE, "cho"), clock).run_id is None
    books_agree(database)
    database.run(lift_block, LiftBlock(SITE, block_id, "mara"), clock=clock)
    assert release(database, Release(SITE, ("B",), budget_ms=20), clock).quantity == 2


def test_floor_that_is_free_again_changes_no_plan(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    stocked(database, clock, MANY)
    _, second = made_runs(database, clock, order("A", *SIX), order("B", *SIX))
    block_id = block(database, clock, taken(database, clock))
    database.run(lift_block, LiftBlock(SITE, block_id, "mara"), clock=clock)
    assert take(database, TakeRun(SITE, "bob"), clock).run_id == second
    assert num_plans(database, second) == 1


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in (1, 2))])
def test_a_pick_at_the_same_moment_is_never_lost(database: Database, clock: FixedClock, number: int) -> None:
    stocked(database, clock, MANY, seed=number)
    made_runs(database, clock, order("A", *SIX), order("B", *SIX))
    ann, bob = taken(database, clock), taken(database, clock, "bob")
    confirm(database, clock, ann)
    database.run(shut_last_bin, ShutLastBin(bob.run_id), clock=clock)
    assert crosses(database, clock, bob.run_id)
    step = bob.current
    assert step is not None
    gate = threading.Barrier(2)

    def pick() -> bool:
        gate.wait()
        scans = (step.bin_code, f"EAN-{step.product}", step.quantity)
        try:
            database.run(confirm_pick, ConfirmPick(bob.run_id, step.step_id, "bob", *scans), clock=clock)
        except (WrongState, NotFound):  # the rest was planned first, and begins with another step
            return False
        return True

    def plan() -> bool:
        gate.wait()
        return go_round(database, bob.run_id, clock).has_ended

    with ThreadPoolExecutor(2) as pool:
        picked, ended = (each.result(timeout=60) for each in (pool.submit(pick), pool.submit(plan)))
    assert not ended
    books_agree(database)
    assert view(database, bob.run_id).quantity_picked == (step.quantity if picked else 0)
    go_round(database, bob.run_id, clock)
    assert not crosses(database, clock, bob.run_id)
    to_the_end(database, clock, view(database, bob.run_id), "bob")
    assert picked_in_full(database, "B")
    with database.read() as session:
        rows = session.execute(select(PickStepRow).where(col(PickStepRow.run_id) == bob.run_id)).scalars().all()
    assert sum(row.quantity_picked for row in rows) == sum(quantity for _, quantity in SIX)
    books_agree(database)

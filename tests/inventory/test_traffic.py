"""Runs released give way to each other and to pickers under way."""

import math
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.rules.traffic import Crew, Traffic, TrafficCost
from inventory.tables.outbound import PickRunRow, RunState
from inventory.work.crew import traffic_at
from inventory.work.looking import list_runs, run_view
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.releasing import Release, release
from inventory.work.sites import live_site
from inventory.work.walking import FinishRun, TakeRun, begins_in_ms, finish_run, take_run
from routing.batching import Batching
from routing.bin_choice import Budget
from routing.meeting import Bookings, Pace, visits
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Route
from routing.solve import solve
from routing.turned_walk import turned
from routing.verify import verify
from tests.inventory.picked_run import HoldRuns, hold_runs
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([0, 3000, 6000], [0, 12000])
BUDGET = Budget(time_ms=None, iterations=20)
MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)


def taken(database: Database, clock: FixedClock, picker: str) -> int:
    run_id = database.run(take_run, TakeRun(SITE, picker), clock=clock).run_id
    assert run_id is not None
    return run_id


def confirm(database: Database, clock: FixedClock, run_id: int, picker: str, quantity: int) -> None:
    with database.read() as session:
        step = run_view(session, run_id).current
    assert step is not None
    scans = (step.bin_code, f"EAN-{step.product}", quantity)
    database.run(confirm_pick, ConfirmPick(run_id, step.step_id, picker, *scans), clock=clock)


def loop_problem() -> PickProblem:
    spots = (Spot(0, 5000), Spot(2, 6000))
    lines = tuple(PickLine(f"{spot}", 1, (Source(f"B{spot}", spot, 1),)) for spot in spots)
    return PickProblem(FLOOR, lines, Spot(0, 0))


def test_a_crew_gives_way_run_by_run_and_tells_what_it_cost() -> None:
    problem = loop_problem()
    route = solve(problem)
    against = next(turned(problem, route))
    plain = Traffic()
    under_way = visits(FLOOR, against, plain.pace, plain.setup_s - 15)
    crew = Crew(Traffic(under_way, (0.0, 0.0)), BUDGET, seed=0)
    walked = crew.steer()(problem, route)
    assert walked.legs == against.legs
    assert TrafficCost.of(crew.given) == TrafficCost(meetings_avoided=1)
    assert crew.steer()(problem, route).legs == against.legs
    busy_s = plain.setup_s + plain.pace.duration_s(route) + plain.hand_in_s
    assert crew.standing.free_s == (busy_s, busy_s)
    assert len(crew.standing.booked) == 6


def test_a_run_begins_when_the_first_picker_is_free() -> None:
    route = solve(loop_problem())
    crew = Crew(Traffic(free_s=(900.0, 100.0)), BUDGET, seed=0)
    assert crew.next_start_s == 100 + crew.traffic.setup_s
    crew.hand_out(FLOOR, route)
    lasts_s = crew.traffic.setup_s + Pace().duration_s(route) + crew.traffic.hand_in_s
    assert crew.next_start_s == min(900, 100 + lasts_s) + crew.traffic.setup_s


def test_a_start_is_put_off_only_for_a_run_taken_soon_that_is_in_before_it_is_due() -> None:
    lines = (PickLine("a", 1, (Source("A", Spot(0, 5000), 1),)),)
    problem = PickProblem(FLOOR, lines, Spot(0, 0))
    route = solve(problem, policy=Policy(PolicyName.SHORTEST))
    plain = Traffic()
    under_way = tuple(each for ahead_s in (4, 4) for each in visits(FLOOR, route, plain.pace, plain.setup_s - ahead_s))
    traffic = Traffic(under_way, (0.0,), delay_max_s=60.0)
    crew = Crew(traffic, BUDGET, seed=0)
    assert crew.steer()(problem, route).legs == route.legs
    (given,) = crew.given
    assert given.delay_s == pytest.approx(plain.pace.duration_s(route) - 4 + plain.pace.slack_s)
    assert (crew.taken_s, given.meetings_before, given.meetings_after) == ([given.delay_s], 2, 0)
    in_s = plain.setup_s + plain.pace.duration_s(route) + plain.hand_in_s
    for hindered, due_s in (
        (traffic, in_s + given.delay_s - 1),
        (traffic, 0.0),
        (replace(traffic, delay_max_s=given.delay_s - 1), math.inf),
        (replace(traffic, delay_within_s=-1.0), math.inf),
    ):
        crew = Crew(hindered, BUDGET, seed=0)
        crew.steer(due_s)(problem, route)
        assert crew.given[0].delay_s == 0


def test_a_release_tells_what_giving_way_costs_and_leaves_fewer_meetings(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    lines = [[(f"P{(5 * number + each) % 12}", 4) for each in range(3 + number % 3)] for number in range(10)]
    orders = tuple(order(f"O{number}", *each) for number, each in enumerate(lines))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    command = Release(SITE, batching=Batching.ONE_ORDER, budget_ms=20, num_pickers=10)
    answer = release(sqlite_database, command, clock)
    assert answer.traffic.meetings_avoided > 0
    with sqlite_database.read() as session:
        floor = live_site(session, SITE).area.floor
        booked, left, later_s = Bookings(), 0, 0.0
        begins = []
        for run in session.execute(select(PickRunRow).order_by(col(PickRunRow.id))).scalars():
            begins.append(run.not_before_ms)
            problem, route = PickProblem.from_json(run.problem), Route.from_json(run.route)
            assert verify(problem, route, route.certificate.policy).ok
            waits_s = 0.0 if run.not_before_ms is None else (run.not_before_ms - clock.now_ms()) / 1000
            later_s += waits_s
            walk = visits(floor, route, Pace(), Traffic().setup_s + waits_s)
            left += len(booked.meetings(walk, Pace().slack_s))
            booked.book(walk)
    assert left == answer.traffic.meetings_left
    assert later_s == pytest.approx(answer.traffic.delay_s, abs=0.01)
    assert [run.not_before_ms for run in answer.runs] == begins


def test_a_release_puts_starts_off_where_that_saves_waiting(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 8, None),), num_bins=1), seed=3)
    orders = tuple(order(f"O{number}", ("P1", 2)) for number in range(4))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    command = Release(SITE, None, PolicyName.SHORTEST, batching=Batching.ONE_ORDER, budget_ms=20, num_pickers=4)
    answer = release(sqlite_database, command, clock)
    held = [run.not_before_ms for run in answer.runs if run.not_before_ms is not None]
    assert len(held) > 0
    later_ms = sum(not_before_ms - clock.now_ms() for not_before_ms in held)
    assert later_ms == pytest.approx(1000 * answer.traffic.delay_s, abs=len(held))
    assert answer.traffic.meetings_avoided > len(held)


def test_a_run_whose_time_has_not_come_is_not_handed_out(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    released(database, clock, order("A", ("P1", 1), priority=5))
    database.run(hold_runs, HoldRuns(clock.now_ms() + 20_000), clock=clock)
    with database.read() as session:
        live = live_site(session, SITE)
        assert begins_in_ms(session, SITE, clock) == 20_000
        (held,) = list_runs(session, SITE, state=RunState.READY)
        assert held.not_before_ms == run_view(session, held.run_id).not_before_ms == clock.now_ms() + 20_000
        booked = traffic_at(session, live, clock).booked
        assert booked[0].enters_s >= 20 + Traffic().setup_s
    assert database.run(take_run, TakeRun(SITE, "ann"), clock=clock).run_id is None
    released(database, clock, order("B", ("P2", 1)))
    assert taken(database, clock, "ann") != held.run_id
    clock.advance(19_999)
    assert database.run(take_run, TakeRun(SITE, "bob"), clock=clock).run_id is None
    clock.advance(1)
    with database.read() as session:
        assert begins_in_ms(session, SITE, clock) is None
    assert taken(database, clock, "bob") == held.run_id


def test_runs_under_way_are_booked_from_where_their_pickers_stand(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, order("A", *((f"P{each}", 2) for each in range(12))), order("B", ("P1", 1)))
    run_id = taken(sqlite_database, clock, "ann")
    with sqlite_database.read() as session:
        live = live_site(session, SITE)
        before = traffic_at(session, live, clock)
        assert len(before.free_s) == 1
        assert len(traffic_at(session, live, clock, num_pickers=3).free_s) == 3
        row = session.get(PickRunRow, run_id)
        assert row is not None
        route = Route.from_json(row.route)
    clock.advance(120_000)
    confirm(sqlite_database, clock, run_id, "ann", 2)
    with sqlite_database.read() as session:
        after = traffic_at(session, live, clock)
        rest = visits(live.area.floor, route, Pace(), from_leg=route.stops[0].after_leg)
        assert sorted(after.booked, key=lambda visit: visit.enters_s) == list(rest)
    clock.advance(1_800_000)
    with sqlite_database.read() as session:
        late = traffic_at(session, live, clock)
        halt_s = Pace().stop_s + 2 * Pace().unit_s
        assert late.booked[0].enters_s >= -route.certificate.distance_mm / Pace().speed_mm_s - halt_s
        assert late.booked[-1].leaves_s > 0


def test_who_brought_a_run_in_during_the_shift_counts_as_crew(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    orders = tuple(order(f"O{number}", ("P1", 1)) for number in range(3))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    release(sqlite_database, Release(SITE, batching=Batching.ONE_ORDER, budget_ms=20), clock)
    for picker in ("ann", "bob", "cho"):
        run_id = taken(sqlite_database, clock, picker)
        confirm(sqlite_database, clock, run_id, picker, 1)
        sqlite_database.run(finish_run, FinishRun(run_id, picker), clock=clock)
    with sqlite_database.read() as session:
        live = live_site(session, SITE)
        assert traffic_at(session, live, clock).free_s == (0.0, 0.0, 0.0)
        clock.advance(9 * 3_600_000)
        assert traffic_at(session, live, clock).free_s == (0.0,)

"""Runs released give way to each other and to pickers under way."""

from sqlalchemy import select
from sqlmodel import col

from inventory.rules.traffic import Crew, Traffic, TrafficCost
from inventory.tables.outbound import PickRunRow
from inventory.work.crew import traffic_at
from inventory.work.looking import run_view
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.releasing import Release, release
from inventory.work.sites import live_site
from inventory.work.walking import FinishRun, TakeRun, finish_run, take_run
from routing.batching import Batching
from routing.bin_choice import Budget
from routing.meeting import Bookings, Pace, visits
from routing.problem import PickLine, PickProblem, Source
from routing.route import Route
from routing.solve import solve
from routing.turned_walk import turned
from routing.verify import verify
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
    walked = crew.steer(problem, route)
    assert walked.legs == against.legs
    assert TrafficCost.of(crew.given) == TrafficCost(meetings_avoided=1)
    assert crew.steer(problem, route).legs == against.legs
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
        booked, left = Bookings(), 0
        for run in session.execute(select(PickRunRow).order_by(col(PickRunRow.id))).scalars():
            problem, route = PickProblem.from_json(run.problem), Route.from_json(run.route)
            assert verify(problem, route, route.certificate.policy).ok
            walk = visits(floor, route, Pace(), Traffic().setup_s)
            left += len(booked.meetings(walk, Pace().slack_s))
            booked.book(walk)
    assert left == answer.traffic.meetings_left


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

"""Head-on meetings are found where, and only where, walking it out second by second finds them."""

import random

import numpy as np
import pytest

from routing.bin_choice import Budget
from routing.giving_way import give_way, solve_with_surcharge
from routing.meeting import Bookings, Pace, Visit, meet, visits
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Route
from routing.solve import solve
from routing.turned_walk import turned
from routing.verify import verify
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Floor, Spot
from warehouse.layouts import rectangular_floor

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

FLOOR = rectangular_floor([0, 3000, 6000], [0, 12000])
DOOR = Spot(FLOOR.spot_at(0).edge, 0)
EXACT = Pace(speed_mm_s=1000.0, stop_s=6.0, unit_s=2.0, slack_s=0.0)
SHORT = Budget(time_ms=None, iterations=50)


def meet_on_foot(a: Visit, b: Visit) -> bool:
    """Whether two pickers stand at one point inside the edge, or swap sides, looking every tenth of a second."""
    if a.way == b.way != 0:
        return False
    begin, end = max(a.enters_s, b.enters_s), min(a.leaves_s, b.leaves_s)
    if begin > end:
        return False
    times = np.arange(round(10 * begin), round(10 * end) + 1) / 10
    mine, other = (
        np.interp(times, [at_s for at_s, _ in visit.points], [float(mm) for _, mm in visit.points]) for visit in (a, b)
    )
    ahead = np.round(mine - other, 3)
    inside = (mine > 0) & (mine < a.length_mm)
    return bool((inside & (ahead == 0)).any() or (np.sign(ahead[1:]) * np.sign(ahead[:-1]) < 0).any())


def random_visit(rng: random.Random) -> Visit:
    """A visit to an aisle of 10 m: through or in and back, with halts, on whole seconds and metres."""
    now, at = float(rng.randrange(20)), rng.choice((0, 10_000))
    points = [(now, at)]
    for goal in [*(1000 * rng.randrange(1, 10) for _ in range(rng.randrange(3))), rng.choice((0, 10_000))]:
        if goal != at:
            now += abs(goal - at) / 1000
            at = goal
            points.append((now, at))
            if 0 < at < 10_000 and rng.random() < 0.6:
                now += rng.randrange(1, 8)
                points.append((now, at))
    return Visit(0, 10_000, tuple(points))


def test_meetings_are_those_of_pickers_walked_second_by_second() -> None:
    rng = random.Random(5)
    pairs = [(random_visit(rng), random_visit(rng)) for _ in range(3000)]
    pairs = [(a, b) for a, b in pairs if len(a.points) > 1 and len(b.points) > 1]
    found = [meet(a, b, 0.0) for a, b in pairs]
    assert found == [meet_on_foot(a, b) for a, b in pairs]
    assert 300 < sum(found) < len(found) - 300
    assert found == [meet(b, a, 0.0) for a, b in pairs]


def test_slack_finds_every_meeting_that_being_early_or_late_would_bring() -> None:
    rng = random.Random(6)
    for _ in range(300):
        a, b = random_visit(rng), random_visit(rng)
        late = [Visit(0, 10_000, tuple((at + shift, mm) for at, mm in b.points)) for shift in range(-3, 4)]
        if any(meet(a, each, 0.0) for each in late):
            assert meet(a, b, 3.0)
        if not meet(a, b, 3.0):
            assert not any(meet_on_foot(a, each) for each in late)


def lines(*spots: Spot) -> tuple[PickLine, ...]:
    return tuple(PickLine(f"{spot}", 1, (Source(f"B{spot}", spot, 1),)) for spot in spots)


def around_the_block(end: End | None = None) -> PickProblem:
    """Bins in the first and the last aisle: up one, down the other."""
    return PickProblem(FLOOR, lines(Spot(0, 5000), Spot(2, 6000)), DOOR, end or End())


def test_a_visit_lasts_from_mouth_to_mouth_with_its_halts() -> None:
    route = solve(around_the_block())
    walk = visits(FLOOR, route, EXACT, 100.0)
    assert [visit.edge for visit in walk] in ([0, 2], [2, 0])
    assert [visit.leaves_s - visit.enters_s for visit in walk] == [20.0, 20.0]
    assert walk[0].way == -walk[1].way != 0
    assert walk[1].leaves_s == 100.0 + EXACT.duration_s(route) - (6 if walk[1].edge == 2 else 0)


def test_the_rest_of_a_walk_is_visited_from_where_the_picker_sets_out() -> None:
    route = solve(around_the_block())
    whole = visits(FLOOR, route, EXACT)
    halted = route.stops[0].after_leg
    then_s = sum(leg.length_mm for leg in route.legs[:halted]) / 1000 + 8
    rest = visits(FLOOR, route, EXACT, then_s, from_leg=halted)
    assert rest[0].points == whole[0].points[-2:]
    assert rest[1:] == whole[1:]


def test_only_narrow_aisles_count() -> None:
    wide = Floor(FLOOR.nodes, FLOOR.edges, grid=FLOOR.grid, wide=(2,))
    assert wide.narrow == {0, 1}
    assert [visit.edge for visit in visits(wide, solve(around_the_block()), EXACT)] == [0]
    assert Floor.from_dict(wide.to_dict()) == wide
    with pytest.raises(ValueError, match="edge 99 is wide"):
        Floor(FLOOR.nodes, FLOOR.edges, wide=(99,))


def test_a_head_on_meeting_is_avoided_by_walking_the_other_way_round_for_nothing() -> None:
    problem = around_the_block()
    route = solve(problem)
    against = next(iter(turned(problem, route)))
    booked = Bookings(visits(FLOOR, against, EXACT))
    given = give_way(problem, route, booked, pace=EXACT, begin_s=20, delay_max_s=60, budget=SHORT, seed=0)
    assert (given.meetings_before, given.meetings_after) == (1, 0)
    assert (given.extra_mm, given.delay_s, given.wait_s) == (0, 0, 0)
    assert given.route.legs == against.legs
    assert given.route.certificate.proven


def test_a_route_that_meets_nobody_stays_as_it_is() -> None:
    problem = around_the_block()
    route = solve(problem)
    booked = Bookings(visits(FLOOR, route, EXACT))
    given = give_way(problem, route, booked, pace=EXACT, begin_s=3, delay_max_s=60, budget=SHORT, seed=0)
    assert given.route is route
    assert given.meetings_before == given.meetings_after == 0


def test_a_surcharge_on_a_busy_aisle_sends_the_picker_to_a_bin_elsewhere() -> None:
    near, far = Source("near", Spot(0, 6000), 1), Source("far", Spot(1, 6000), 1)
    problem = PickProblem(FLOOR, (PickLine("a", 1, (near, far)),), DOOR, End(EndKind.NEAREST, (Spot(5, 3000),)))
    route = solve(problem, budget=SHORT)
    priced = solve_with_surcharge(problem, route, {0: 15_000, 2: 15_000}, budget=SHORT, seed=0)
    assert [{leg.edge for leg in walk.legs} & {0, 1, 2} for walk in (route, priced)] == [{0}, {1}]
    assert verify(problem, priced, Policy()).ok


def test_waiting_is_preferred_to_a_long_way_round_and_told() -> None:
    floor = rectangular_floor([0, 90_000], [0, 12_000])
    problem = PickProblem(floor, lines(Spot(0, 6000)), Spot(0, 0), End(EndKind.NEAREST, (Spot(0, 12_000),)))
    back = PickProblem(floor, lines(Spot(0, 6000)), Spot(0, 12_000), End(EndKind.NEAREST, (Spot(0, 0),)))
    booked = Bookings(visits(floor, solve(back), EXACT))
    ask = {"pace": EXACT, "begin_s": 4.0, "budget": SHORT, "seed": 0}
    route = solve(problem)
    stays = give_way(problem, route, booked, delay_max_s=0, **ask)  # type: ignore[arg-type]
    assert (stays.route.legs, stays.meetings_after, stays.wait_s) == (route.legs, 1, 16.0)
    later = give_way(problem, route, booked, delay_max_s=60, **ask)  # type: ignore[arg-type]
    assert (later.route.legs, later.meetings_after, later.delay_s, later.wait_s) == (route.legs, 0, 16.0, 0)


def figures(route: Route) -> tuple[int, int, int]:
    own = route.certificate
    return own.backtrack_mm, own.distance_mm, own.stops


def test_turned_walks_are_sound_and_equal_in_their_figures() -> None:
    rng, seen = random.Random(3), 0
    for _ in range(60):
        sample = random_problem(rng, avoid={*ONE_WAY, Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5})
        try:
            route = solve(sample.problem, policy=sample.policy(), budget=SHORT)
        except NoRoute:
            continue
        for walk in turned(sample.problem, route):
            verdict = verify(sample.problem, walk, sample.policy())
            assert verdict.faults == ()
            assert figures(walk) == figures(route)
            assert walk.legs != route.legs
            seen += 1
    assert seen > 30


def test_giving_way_never_costs_more_than_waiting_by_the_policy_and_stays_sound() -> None:
    rng, avoided = random.Random(4), 0
    pace = Pace(slack_s=2.0)
    for number in range(40):
        policy = Policy((PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)[number % 2])
        spots = [Spot(edge, 1000 * rng.randrange(1, 12)) for edge in range(3) for _ in range(2)]
        sources = tuple(Source(f"{index}", spot, 1) for index, spot in enumerate(spots))
        problem = PickProblem(FLOOR, (PickLine("a", rng.randrange(1, 5), sources),), DOOR)
        route = solve(problem, policy=policy, budget=SHORT)
        others = [solve(around_the_block()), *turned(around_the_block(), solve(around_the_block()))]
        booked = Bookings(each for other in others for each in visits(FLOOR, other, pace, rng.randrange(20)))
        met = booked.meetings(visits(FLOOR, route, pace), pace.slack_s)
        given = give_way(problem, route, booked, pace=pace, begin_s=0, delay_max_s=30, budget=SHORT, seed=0)
        assert verify(problem, given.route, policy).ok
        before, after = route.certificate, given.route.certificate
        waited_before = before.distance_mm + pace.walk_mm(sum(each.wait_s for each in met))
        waited_after = after.distance_mm + pace.walk_mm(given.wait_s + given.delay_s)
        if policy.name is PolicyName.NO_BACKTRACK:
            assert after.backtrack_mm <= before.backtrack_mm
        assert waited_after <= waited_before + 1
        assert given.meetings_before == len(met)
        assert given.extra_mm == after.distance_mm - before.distance_mm
        avoided += given.meetings_before - given.meetings_after
    assert avoided > 5


def test_a_pace_nobody_can_keep_is_refused() -> None:
    with pytest.raises(ValueError, match="no pace"):
        Pace(speed_mm_s=0)

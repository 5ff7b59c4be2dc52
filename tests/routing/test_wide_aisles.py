"""In wide aisles, where going from one side to the other takes walking, routes are the best there are."""

import dataclasses
import itertools
import random

import pytest

from routing import grid_choice
from routing.backtrack_proof import prove_backtrack
from routing.bin_choice import Budget
from routing.problem import End, EndKind, Measure, PickLine, PickProblem, Policy, PolicyName, Source, WalkTimes
from routing.replanning import Interruption, replan
from routing.route import Leg, Route
from routing.solve import solve
from routing.state_graph import ROWS_MAX
from routing.verify import verify
from tests.routing.brute_force import brute_force
from tests.routing.random_floors import ONE_WAY, random_problem, widened
from tests.routing.test_against_brute_force import bounds, figures
from tests.routing.test_properties import assert_equally_good, assert_no_worse, rank, solved, turned_over
from warehouse.errors import CrossingsUnplanned, NoRoute
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, EdgeKind, Floor, Spot, Stretch
from warehouse.layouts import rectangular_floor
from warehouse.site_rectangular import CROSS_AISLES_MAX

SEARCH = Budget(time_ms=None, iterations=20)
DOOR, HOME = Spot(0, 0), End()
NAMES = (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)
EFFORT = pytest.mark.parametrize(
    "seeds", [pytest.param(range(30), id="quick"), pytest.param(range(30, 1500), id="long", marks=pytest.mark.slow)]
)


def aisles(crossing_mm: int, *, num: int = 2, length_mm: int = 10000) -> Floor:
    """Aisles side by side between two cross aisles, all equally wide."""
    return rectangular_floor(
        [3000 * aisle for aisle in range(num)],
        [0, length_mm],
        crossing_mm={(aisle, 0): crossing_mm for aisle in range(num)},
    )


def run(floor: Floor, *spots: Spot, start: Spot = DOOR, end: End = HOME) -> PickProblem:
    """One line from each spot."""
    lines = tuple(PickLine(f"L{n}", 1, (Source(f"B{n}", spot, 1),)) for n, spot in enumerate(spots))
    return PickProblem(floor, lines, start, end)


def ladder(rng: random.Random) -> tuple[PickProblem, Policy]:
    """Many bins on both sides of one or two wide aisles, with any start, end and history."""
    num, rows_mm = rng.choice((1, 1, 2)), [0]
    for _ in range(rng.choice((1, 1, 2))):
        rows_mm.append(rows_mm[-1] + 1000 * rng.randint(3, 9))
    blocks = range(len(rows_mm) - 1)
    low_mm = 500 * rng.randrange(rows_mm[1] // 500)
    floor = rectangular_floor(
        [3000 * aisle for aisle in range(num)],
        rows_mm,
        crossing_mm={(aisle, block): 500 * rng.randint(1, 5) for aisle in range(num) for block in blocks},
        blocked=[(0, 0, low_mm, low_mm + 500)] if rng.random() < 0.2 else (),
    )
    edges = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]

    def spot() -> Spot:
        edge = rng.choice(edges)
        side = rng.choice((EITHER_SIDE, *[LEFT_SIDE, RIGHT_SIDE] * 3))
        return Spot(edge, 500 * rng.randint(0, floor.edges[edge].length_mm // 500), side)

    ends = (
        End(),
        End(),
        End(EndKind.ANYWHERE),
        End(EndKind.NEAREST, (spot(),)),
        End(EndKind.NEAREST, (spot(), spot())),
    )
    start = Spot(edges[0], 0) if rng.random() < 0.5 else spot()
    problem = run(floor, *(spot() for _ in range(rng.randint(3, 6))), start=start, end=rng.choice(ends))
    if rng.random() < 0.25:
        edge = rng.choice(edges)
        from_mm, to_mm = sorted(rng.sample(range(0, floor.edges[edge].length_mm + 1, 500), 2))
        problem = dataclasses.replace(problem, walked=(Stretch(edge, from_mm, to_mm),))
    return problem, Policy(rng.choice(NAMES), rng.choice((0, 0, 1000, 2500, 5000)))


def most_passes(problem: PickProblem, route: Route) -> int:
    """How often the aisle floor walked most is walked with the cart."""
    passes = [(leg.edge, *sorted((leg.from_mm, leg.to_mm))) for leg in route.legs if not leg.step_in]
    halves = [(edge, mm + 250) for edge, each in enumerate(problem.floor.edges) for mm in range(0, each.length_mm, 500)]
    return max(sum(edge == at and low < mm < high for at, low, high in passes) for edge, mm in halves)


def compared(problem: PickProblem, policy: Policy) -> Route | None:
    """The proven route, held against the exhaustive search; None if neither finds one."""
    best, route = brute_force(problem, policy), solved(problem, policy)
    assert (route is None) == (best is None)
    if route is not None:
        assert verify(problem, route, policy).faults == ()
        assert route.certificate.proven
        assert figures(route) == best
    return route


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
@EFFORT
def test_routes_on_both_sides_of_wide_aisles_are_the_best_there_are(seeds: range) -> None:
    crossed = walked_thrice = 0
    for seed in seeds:
        problem, policy = ladder(random.Random(f"ladder {seed}"))
        route = compared(problem, policy)
        crossed += route is not None and route.certificate.crossing_mm > 0
        walked_thrice += route is not None and most_passes(problem, route) > 2
    assert crossed > len(seeds) // 5
    assert walked_thrice > 0


@pytest.mark.untraced
@EFFORT
def test_routes_are_the_best_on_all_kinds_of_floors_with_wide_aisles(seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(f"wide {seed}")
        sample = random_problem(rng, avoid=ONE_WAY)
        problem = widened(rng, sample.problem)
        compared(problem, sample.policy(rng.choice(NAMES)))


def test_walking_through_an_aisle_crosses_it_at_every_change_of_side() -> None:
    spots = [Spot(0, 1000 * (number + 1), LEFT_SIDE if number % 2 else RIGHT_SIDE) for number in range(5)]
    own = solve(run(aisles(1500), *spots)).certificate
    assert (own.backtrack_mm, own.crossing_mm, own.distance_mm) == (0, 4 * 1500, 26000 + 4 * 1500)


def test_a_dead_end_is_picked_on_one_side_on_the_way_in_and_on_the_other_on_the_way_out() -> None:
    floor = dataclasses.replace(aisles(1500), blocked=(Stretch(0, 9000, 10000),))
    spots = [Spot(0, 1000 * (number + 1), LEFT_SIDE if number % 2 else RIGHT_SIDE) for number in range(5)]
    route = solve(run(floor, *spots))
    assert (route.certificate.distance_mm, route.certificate.crossing_mm) == (10000 + 1500, 1500)
    sides = [stop.spot.side for stop in route.stops]
    assert sum(one != other for one, other in itertools.pairwise(sides)) == 1


def test_going_in_along_either_side_from_the_mouth_is_shorter_than_a_long_way_across() -> None:
    spots = Spot(0, 1000, LEFT_SIDE), Spot(0, 1500, RIGHT_SIDE)
    shortest = Policy(PolicyName.SHORTEST)
    assert solve(run(aisles(2500), *spots), policy=shortest).certificate.distance_mm == 2000 + 3000
    assert solve(run(aisles(1500), *spots), policy=shortest).certificate.distance_mm == 3000 + 1500


def test_step_ins_go_in_along_one_side_and_back_along_the_other() -> None:
    spots = Spot(0, 2000, LEFT_SIDE), Spot(0, 3000, RIGHT_SIDE)
    route = solve(run(aisles(1500), *spots), policy=Policy(step_in_mm=3000))
    own = route.certificate
    assert (own.backtrack_mm, own.distance_mm, own.crossing_mm) == (0, 7500, 1500)
    assert all(leg.step_in for leg in route.legs)


def test_whoever_starts_in_a_wide_aisle_starts_at_his_side() -> None:
    spot = Spot(0, 6000, RIGHT_SIDE)
    anywhere = End(EndKind.ANYWHERE)
    for side, crossing_mm in ((LEFT_SIDE, 1500), (RIGHT_SIDE, 0), (EITHER_SIDE, 0)):
        own = solve(run(aisles(1500), spot, start=Spot(0, 4000, side), end=anywhere)).certificate
        assert (own.distance_mm, own.crossing_mm) == (2000 + crossing_mm, crossing_mm)


def test_sides_make_no_difference_where_there_is_no_crossing() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        sample = random_problem(rng, avoid=ONE_WAY)
        wide = widened(rng, sample.problem)
        narrow = dataclasses.replace(wide, floor=sample.problem.floor)
        for name in NAMES:
            with_sides, without = (solved(each, sample.policy(name)) for each in (narrow, sample.problem))
            assert (with_sides is None) == (without is None)
            if with_sides is not None and without is not None:
                assert with_sides.legs == without.legs
                assert rank(with_sides) == rank(without)


def test_a_floor_in_the_mirror_and_sides_that_change_places_give_routes_as_good() -> None:
    for seed in range(15):
        rng = random.Random(f"mirror {seed}")
        sample = random_problem(rng, avoid=ONE_WAY)
        problem = widened(rng, sample.problem)
        for name in NAMES:
            policy = sample.policy(name)
            here = solved(problem, policy)
            for left_right in (True, False):
                assert_equally_good(here, solved(turned_over(problem, left_right=left_right), policy))


def test_a_longer_way_across_never_makes_a_proven_route_shorter() -> None:
    for seed in range(20):
        rng = random.Random(f"longer {seed}")
        sample = random_problem(rng, avoid=ONE_WAY)
        problem = widened(rng, sample.problem)
        edges = tuple(
            dataclasses.replace(edge, crossing_mm=edge.crossing_mm and edge.crossing_mm + 500 * rng.randint(0, 3))
            for edge in problem.floor.edges
        )
        wider = dataclasses.replace(problem, floor=dataclasses.replace(problem.floor, edges=edges))
        for name in NAMES:
            assert_no_worse(*(solved(each, sample.policy(name)) for each in (wider, problem)))


def scattered(seed: int, *, num_lines: int = 5, num_bins: int = 3, num_aisles: int = 3) -> PickProblem:
    """Lines to be had in several bins each, on both sides of wide aisles."""
    rng = random.Random(f"scattered {seed}")
    floor = aisles(500 * rng.randint(1, 6), num=num_aisles, length_mm=8000)
    lines = []
    for number in range(num_lines):
        spots = [
            Spot(rng.randrange(num_aisles), 500 * rng.randint(1, 15), rng.choice((LEFT_SIDE, RIGHT_SIDE)))
            for _ in range(num_bins)
        ]
        sources = tuple(Source(f"B{number}.{at}", spot, 1) for at, spot in enumerate(spots))
        lines.append(PickLine(f"L{number}", 1, sources))
    return PickProblem(floor, tuple(lines), Spot(0, 0))


@pytest.mark.parametrize("budget", [Budget(time_ms=None, iterations=200), Budget(time_ms=100)], ids=["search", "proof"])
def test_bins_are_chosen_with_their_side_in_mind_and_bounds_hold(
    budget: Budget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_choice, "ENUMERATE_MAX", 0)
    found = 0
    for seed in range(8):
        problem, policy = scattered(seed, num_lines=3), Policy(NAMES[seed % 2])
        best = brute_force(problem, policy)
        assert best is not None
        route = solve(problem, policy=policy, budget=budget)
        assert bounds(route) <= best[: len(bounds(route))] <= figures(route)[:2]
        found += figures(route)[:2] == best[:2]
    assert found >= 7 or budget.iterations is None


def test_the_rest_of_a_run_is_planned_from_the_side_where_the_picker_stands() -> None:
    problem = scattered(1)
    route = solve(problem, budget=SEARCH)
    num_legs = route.stops[1].after_leg
    picked = tuple(pick for stop in route.stops[:2] for pick in stop.picks)
    missing = route.stops[2].picks
    rest = replan(problem, route, Interruption(num_legs, picked=picked, missing=missing), policy=Policy())
    assert rest.problem.start == route.stops[1].spot
    assert rest.problem.start.side
    assert verify(rest.problem, rest.route).faults == ()


def test_the_least_backtrack_of_a_rest_is_proven_on_wide_aisles() -> None:
    turned_back = 0
    for seed in range(12):
        problem = scattered(seed, num_lines=2, num_bins=2, num_aisles=2)
        start = Spot(0, 4000, LEFT_SIDE)
        problem = dataclasses.replace(problem, start=start, walked=(Stretch(0, 0, 4000), Stretch(1, 0, 6000)))
        best = brute_force(problem, Policy())
        assert best is not None
        assert prove_backtrack(problem, Policy(), best[0]).proven
        turned_back += best[0] > 0
        assert not prove_backtrack(problem, Policy(), best[0] + 1).proven
    assert turned_back


def test_crossings_take_time() -> None:
    spots = [Spot(0, 1000 * (number + 1), LEFT_SIDE if number % 2 else RIGHT_SIDE) for number in range(4)]
    times = WalkTimes(1000, arm_ms=3000, aisle_end_ms=500, stop_ms=1000)
    problem = dataclasses.replace(run(aisles(1500), *spots), times=times)
    for name in NAMES:
        own = solve(problem, policy=Policy(name, measure=Measure.DURATION)).certificate
        # Along the left side and back along the right one is quicker; without backtrack it is through both aisles.
        through = name is PolicyName.NO_BACKTRACK
        expected_ms = 26000 + 4500 + 2000 if through else 8000 + 1500 + 3000 + 1000
        assert (own.walk_ms, own.proven) == (expected_ms + 4000, True)


def test_floors_where_no_solver_reckons_with_crossings_are_refused() -> None:
    spot = Spot(0, 4000, LEFT_SIDE)
    two_way = aisles(1500)
    one_way = (*two_way.edges[:2], *(dataclasses.replace(edge, direction=1) for edge in two_way.edges[2:]))
    for floor in (dataclasses.replace(two_way, edges=one_way), dataclasses.replace(two_way, grid=None)):
        with pytest.raises(CrossingsUnplanned) as refused:
            solve(run(floor, spot))
        assert refused.value.aisles == ("1", "2")
    with pytest.raises(ValueError, match="without one-way floor or crossings"):
        solve(run(two_way, spot), policy=Policy(u_turns_max=1))
    assert CROSS_AISLES_MAX == ROWS_MAX
    detour = solve(run(two_way, spot), policy=Policy(detour_percent_max=10))
    assert detour.certificate.distance_mm == detour.certificate.shortest_mm == 8000


def test_the_rules_of_the_trade_say_what_they_cross() -> None:
    spots = Spot(0, 4000, LEFT_SIDE), Spot(0, 4000, RIGHT_SIDE), Spot(0, 6000, LEFT_SIDE)
    for name in (PolicyName.S_SHAPE, PolicyName.LARGEST_GAP, PolicyName.LIST_ORDER):
        route = solve(run(aisles(1500), *spots), policy=Policy(name))
        assert route.certificate.crossing_mm == 2 * 1500


def test_a_walk_halts_on_the_way_at_bins_of_narrow_aisles_and_at_crossings() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], crossing_mm={(0, 0): 2000})
    spots = Spot(0, 0), Spot(1, 3000), Spot(1, 7000, LEFT_SIDE), Spot(0, 5000, LEFT_SIDE), Spot(0, 10000, RIGHT_SIDE)
    route = solve(run(floor, *spots))
    assert {stop.spot for stop in route.stops} == set(spots)
    assert route.certificate.distance_mm == 26000
    assert Leg(0, 0, 5000) in route.legs or Leg(0, 5000, 0) in route.legs


def test_a_bin_out_of_reach_behind_blocked_floor_has_no_route() -> None:
    floor = dataclasses.replace(aisles(1500), blocked=(Stretch(0, 1000, 2000), Stretch(0, 8000, 9000)))
    with pytest.raises(NoRoute):
        solve(run(floor, Spot(0, 5000, LEFT_SIDE)))


def test_a_problem_and_its_route_keep_their_sides_in_a_file() -> None:
    problem = run(aisles(1500), Spot(0, 4000, LEFT_SIDE), Spot(0, 5000, RIGHT_SIDE), start=Spot(0, 1000, RIGHT_SIDE))
    route = solve(problem)
    assert PickProblem.from_json(problem.to_json()) == problem
    assert Route.from_json(route.to_json()) == route
    older = dict(problem.to_dict(), version=2)
    assert PickProblem.from_dict(older) == problem

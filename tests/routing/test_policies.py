"""The trade's rules walk as the textbook says, and never less than the shortest route."""

import random
from collections.abc import Callable

import pytest

from routing.policies import Walk, largest_gap, list_order, picks_as_listed, s_shape
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Leg, Pick, Route
from routing.shortest_walk import ShortestWalks
from routing.verify import verify
from routing.walk import certify
from tests.routing.brute_force import brute_force
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Floor, Spot, Stretch
from warehouse.layouts import rectangular_floor

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

RULES: dict[PolicyName, Callable[[PickProblem], Walk]] = {
    PolicyName.S_SHAPE: s_shape,
    PolicyName.LARGEST_GAP: largest_gap,
    PolicyName.LIST_ORDER: list_order,
}

# Four aisles of 10 m, 3 m apart: aisles are edges 0 to 3, gaps 4 to 6 in front and 7 to 9 behind.
ONE_BLOCK = rectangular_floor([0, 3000, 6000, 9000], [0, 10000])
# Three aisles in two blocks, as `tests.routing.sound_routes` draws them.
TWO_BLOCKS = rectangular_floor([0, 3000, 6000], [0, 10000, 20000])


def problem_at(floor: Floor, *spots: tuple[int, int], start: Spot, end: End | None = None) -> PickProblem:
    lines = tuple(PickLine(f"L{index}", 1, (Source(f"B{index}", Spot(*spot), 1),)) for index, spot in enumerate(spots))
    return PickProblem(floor, lines, start, end or End())


def route_by(name: PolicyName, problem: PickProblem) -> Route:
    legs, stops = RULES[name](problem)
    return certify(
        problem,
        legs,
        stops,
        policy=Policy(name),
        distance_bound_mm=0,
        backtrack_bound_mm=0,
        solver=name.value,
        seed=0,
        duration_ms=0.0,
    )


def checked(name: PolicyName, problem: PickProblem) -> Route:
    route = route_by(name, problem)
    assert verify(problem, route).faults == ()
    return route


def bins_in_order(route: Route) -> list[str]:
    return [pick.bin for stop in route.stops for pick in stop.picks]


def test_s_shape_walks_an_even_number_of_aisles_from_end_to_end() -> None:
    problem = problem_at(ONE_BLOCK, (0, 2000), (1, 8000), start=Spot(4, 0))
    route = checked(PolicyName.S_SHAPE, problem)
    assert route.certificate.distance_mm == 10000 + 3000 + 10000 + 3000
    assert route.certificate.backtrack_mm == 0


def test_s_shape_returns_in_the_last_of_an_odd_number_of_aisles() -> None:
    problem = problem_at(ONE_BLOCK, (0, 2000), (1, 8000), (3, 7000), (3, 1000), start=Spot(4, 0))
    route = checked(PolicyName.S_SHAPE, problem)
    assert route.certificate.distance_mm == 2 * 10000 + 2 * 7000 + 2 * 9000
    assert route.certificate.backtrack_mm == 7000
    assert bins_in_order(route) == ["B0", "B1", "B3", "B2"]


def test_s_shape_skips_empty_aisles() -> None:
    problem = problem_at(ONE_BLOCK, (0, 5000), (3, 5000), start=Spot(4, 0))
    assert checked(PolicyName.S_SHAPE, problem).certificate.distance_mm == 2 * 10000 + 2 * 9000


def test_largest_gap_enters_an_aisle_from_both_ends_around_its_largest_gap() -> None:
    # Aisles 1 and 4 are walked through; in aisle 2 the gap from 2 m to 9 m is left out.
    spots = [(0, 5000), (1, 9000), (1, 2000), (1, 1000), (3, 5000)]
    route = checked(PolicyName.LARGEST_GAP, problem_at(ONE_BLOCK, *spots, start=Spot(4, 0)))
    assert route.certificate.distance_mm == 2 * 10000 + 2 * 9000 + 2 * 1000 + 2 * 2000
    assert bins_in_order(route) == ["B0", "B1", "B4", "B3", "B2"]


def test_largest_gap_takes_an_aisle_from_one_end_where_its_largest_gap_is_at_the_other() -> None:
    spots = [(0, 5000), (1, 8000), (2, 3000), (3, 5000)]
    route = checked(PolicyName.LARGEST_GAP, problem_at(ONE_BLOCK, *spots, start=Spot(4, 0)))
    assert route.certificate.distance_mm == 2 * 10000 + 2 * 9000 + 2 * 2000 + 2 * 3000
    assert bins_in_order(route) == ["B0", "B1", "B3", "B2"]


def test_s_shape_goes_up_the_left_aisle_to_the_farthest_block_and_comes_back_block_by_block() -> None:
    # Aisle 1 is walked to the top, aisle 2 down to the middle; then the nearer end of the lower block is aisle 2.
    spots = [(0, 5000), (1, 5000), (3, 5000), (2, 4000), (4, 6000)]
    route = checked(PolicyName.S_SHAPE, problem_at(TWO_BLOCKS, *spots, start=Spot(6, 0)))
    up, over, down = 20000, 3000, 10000
    lower = 10000 + 3000 + 2 * 6000
    home = 6000
    assert route.certificate.distance_mm == up + over + down + lower + home
    assert bins_in_order(route) == ["B0", "B1", "B2", "B3", "B4"]


def test_the_front_is_the_outer_cross_aisle_nearer_to_the_start() -> None:
    low = problem_at(ONE_BLOCK, (0, 2000), (1, 8000), (2, 3000), start=Spot(4, 0))
    high = problem_at(ONE_BLOCK, (0, 8000), (1, 2000), (2, 7000), start=Spot(7, 0))
    for name in RULES:
        assert checked(name, low).certificate.distance_mm == checked(name, high).certificate.distance_mm


def test_list_order_walks_to_and_fro_as_the_list_says() -> None:
    problem = problem_at(ONE_BLOCK, (0, 2000), (3, 2000), (0, 3000), start=Spot(4, 0))
    route = checked(PolicyName.LIST_ORDER, problem)
    assert bins_in_order(route) == ["B0", "B1", "B2"]
    assert route.certificate.distance_mm == 2000 + (4000 + 9000) + (5000 + 9000) + 3000


def test_list_order_halts_once_for_two_lines_in_one_bin() -> None:
    source = Source("B", Spot(0, 2000), 4)
    lines = (PickLine("a", 1, (source,)), PickLine("b", 2, (source,)))
    route = checked(PolicyName.LIST_ORDER, PickProblem(ONE_BLOCK, lines, Spot(4, 0)))
    assert [stop.picks for stop in route.stops] == [(Pick("a", "B", 1), Pick("b", "B", 2))]


def test_sources_are_taken_as_listed_until_the_line_is_filled() -> None:
    sources = tuple(Source(name, Spot(0, 1000), 2) for name in "ABC")
    problem = PickProblem(ONE_BLOCK, (PickLine("a", 3, sources),), Spot(4, 0))
    assert picks_as_listed(problem) == (Pick("a", "A", 2), Pick("a", "B", 1))


def test_a_line_that_its_bins_cannot_fill_is_refused() -> None:
    problem = PickProblem(ONE_BLOCK, (PickLine("a", 3, (Source("A", Spot(0, 0), 2),)),), Spot(4, 0))
    for rule in RULES.values():
        with pytest.raises(NoRoute) as refused:
            rule(problem)
        assert refused.value.lines == ("a",)


def test_a_bin_behind_blocked_floor_is_refused() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 1000, 2000), (0, 0, 8000, 9000)])
    for rule in RULES.values():
        with pytest.raises(NoRoute) as refused:
            rule(problem_at(floor, (1, 5000), (0, 5000), start=Spot(1, 0)))
        assert refused.value.lines == ("L1",)


def test_an_end_behind_blocked_floor_is_refused() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 1000, 2000), (0, 0, 8000, 9000)])
    problem = problem_at(floor, (1, 5000), start=Spot(1, 0), end=End(EndKind.NEAREST, (Spot(0, 5000),)))
    with pytest.raises(NoRoute, match="end"):
        list_order(problem)


def test_s_shape_needs_a_grid_and_list_order_does_not() -> None:
    floor = Floor(ONE_BLOCK.nodes, ONE_BLOCK.edges)
    problem = problem_at(floor, (0, 5000), start=Spot(4, 0))
    for rule in (s_shape, largest_gap):
        with pytest.raises(ValueError, match="grid"):
            rule(problem)
    assert checked(PolicyName.LIST_ORDER, problem).certificate.distance_mm == 10000


def test_a_shortest_walk_goes_round_blocked_and_one_way_floor() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(1, 0): 1}, blocked=[(0, 0, 4000, 5000)])
    walks = ShortestWalks(floor)
    assert walks.legs(Spot(0, 4000), Spot(0, 5000)) == (
        Leg(0, 4000, 0),
        Leg(2, 0, 3000),
        Leg(1, 0, 10000),
        Leg(3, 3000, 0),
        Leg(0, 10000, 5000),
    )
    assert walks.legs(Spot(0, 5000), Spot(0, 4000)) is None
    assert walks.legs(Spot(0, 0), Spot(2, 0)) == ()


def test_the_walks_of_a_floor_are_made_once() -> None:
    assert ShortestWalks.on(ONE_BLOCK) is ShortestWalks.on(ONE_BLOCK)
    copy = Floor(ONE_BLOCK.nodes, ONE_BLOCK.edges, (Stretch(0, 0, 1),), ONE_BLOCK.grid)
    assert ShortestWalks.on(copy) is not ShortestWalks.on(ONE_BLOCK)


@pytest.mark.parametrize("num", [pytest.param(100, id="some"), pytest.param(400, id="many", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", RULES)
def test_on_any_two_way_grid_a_rule_gives_a_sound_route_no_shorter_than_the_shortest(
    name: PolicyName, num: int
) -> None:
    routed = 0
    for seed in range(num):
        sample = random_problem(random.Random(seed), avoid=ONE_WAY | {Feature.SEVERAL_SOURCES, Feature.STEP_IN})
        best = brute_force(sample.problem, Policy(PolicyName.SHORTEST))
        if best is None:
            with pytest.raises(NoRoute):
                RULES[name](sample.problem)
            continue
        assert checked(name, sample.problem).certificate.distance_mm >= best[0], seed
        routed += 1
    assert routed >= 0.85 * num


def test_list_order_gives_a_sound_route_on_one_way_floors() -> None:
    routed = 0
    for seed in range(200):
        sample = random_problem(random.Random(seed), want={Feature.RETURN_AISLE})
        try:
            route = checked(PolicyName.LIST_ORDER, sample.problem)
        except NoRoute:
            continue
        best = brute_force(sample.problem, Policy(PolicyName.SHORTEST))
        assert best is not None
        assert route.certificate.distance_mm >= best[0]
        routed += 1
    assert routed >= 100

"""Routes on floors with one-way edges: against an exhaustive search, against the undirected sweep, by hand."""

import random

import pytest

from routing.bin_choice import Budget
from routing.directed import solve_directed
from routing.directed_floor import fits_grid
from routing.exact import solve_grid
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Route
from routing.verify import verify
from tests.routing.brute_force import TooLarge, brute_force
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor

SEARCH = Budget(time_ms=None, iterations=3)
POLICIES = (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)


def solved(problem: PickProblem, policy: Policy) -> Route:
    route = solve_directed(problem, policy=policy, budget=SEARCH, seed=0)
    assert verify(problem, route, policy).faults == ()
    return route


def figures(route: Route) -> tuple[int, ...]:
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return (own.distance_mm,)
    return (own.backtrack_mm, own.distance_mm)


def is_best(sample: Sample, name: PolicyName) -> bool | None:
    """Whether the route found is the best there is; None where there is none, or too many to search."""
    policy = sample.policy(name)
    try:
        best = brute_force(sample.problem, policy)
    except TooLarge:
        return None
    if best is None:
        with pytest.raises(NoRoute):
            solve_directed(sample.problem, policy=policy, budget=SEARCH, seed=0)
        return None
    own = solved(sample.problem, policy).certificate
    found = (own.backtrack_mm, own.distance_mm) if name is PolicyName.NO_BACKTRACK else (own.distance_mm,)
    least = best[: len(found)]
    assert found >= least
    assert (own.backtrack_bound_mm if name is PolicyName.NO_BACKTRACK else own.distance_bound_mm) <= least[0]
    if own.backtrack_mm == least[0]:
        assert own.distance_bound_mm <= least[-1]
    if own.proven:
        assert found == least
    return found == least and own.proven


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
@pytest.mark.parametrize("num", [pytest.param(20, id="some"), pytest.param(170, id="many", marks=pytest.mark.slow)])
@pytest.mark.parametrize("feature", sorted(ONE_WAY))
def test_one_way_floors_are_solved_and_proven_as_an_exhaustive_search_says(feature: Feature, num: int) -> None:
    answers = []
    for seed in range(num):
        sample = random_problem(random.Random(seed), want={feature})
        answers.append(is_best(sample, POLICIES[seed % 2]))
    judged = [each for each in answers if each is not None]
    assert len(judged) >= 0.6 * num
    assert judged.count(False) <= 2


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
@pytest.mark.parametrize("num", [pytest.param(25, id="some"), pytest.param(310, id="many", marks=pytest.mark.slow)])
def test_floors_without_one_way_edges_are_solved_as_the_undirected_sweep_does(num: int) -> None:
    compared = 0
    for seed in range(num):
        many_blocks = {Feature.BLOCKS_4, Feature.BLOCKS_5} if seed % 4 else set()  # slow by balances
        avoid = ONE_WAY | {Feature.SEVERAL_SOURCES} | many_blocks
        sample = random_problem(random.Random(seed), avoid=avoid)
        policy = sample.policy(POLICIES[seed % 2])
        try:
            expected = solve_grid(sample.problem, policy=policy, budget=SEARCH, seed=0)
        except NoRoute:
            with pytest.raises(NoRoute):
                solve_directed(sample.problem, policy=policy, budget=SEARCH, seed=0)
            continue
        route = solved(sample.problem, policy)
        assert figures(route) == figures(expected), seed
        assert route.certificate.proven, seed
        compared += 1
    assert compared >= 0.95 * num


def test_the_only_up_aisle_is_walked_once_for_every_down_aisle() -> None:
    # Aisle 1 goes up, aisles 2 to 4 go down; a bin in each down aisle.
    floor = rectangular_floor(
        [0, 3000, 6000, 9000], [0, 10000], aisle_direction={(0, 0): 1, (1, 0): -1, (2, 0): -1, (3, 0): -1}
    )
    lines = tuple(PickLine(f"L{aisle}", 1, (Source(f"B{aisle}", Spot(aisle, 4000), 1),)) for aisle in (1, 2, 3))
    route = solved(PickProblem(floor, lines, Spot(0, 0)), Policy())
    assert sum(leg.length_mm for leg in route.legs if leg.edge == 0) == 3 * 10000
    assert route.certificate.backtrack_mm == 2 * 10000
    assert route.certificate.proven
    assert route.certificate.distance_mm == 6 * 10000 + 2 * (3000 + 6000 + 9000)


def test_a_one_way_aisle_has_no_arm_and_is_passed_whole() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    problem = PickProblem(floor, (PickLine("L", 1, (Source("B", Spot(0, 500), 1),)),), Spot(0, 0))
    assert figures(solved(problem, Policy(step_in_mm=1000))) == (0, 26000)


def test_a_walk_that_may_end_anywhere_ends_where_the_cart_stood_for_a_step_in() -> None:
    floor = rectangular_floor([0, 3000, 6000], [0, 10000], aisle_direction={(2, 0): 1})
    line = PickLine("L", 1, (Source("B", Spot(1, 1000), 1),))
    problem = PickProblem(floor, (line,), Spot(0, 0), End(EndKind.ANYWHERE), (Stretch(1, 0, 10000),))
    assert figures(solved(problem, Policy(step_in_mm=1000))) == (0, 5000)


def test_a_bin_that_one_way_floor_does_not_lead_back_from_names_its_line() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1, (1, 0): 1})
    lines = tuple(PickLine(name, 1, (Source(f"{name}1", Spot(edge, 10), 1),)) for edge, name in ((0, "a"), (2, "b")))
    with pytest.raises(NoRoute) as caught:
        solved(PickProblem(floor, lines, Spot(2, 0)), Policy())
    assert caught.value.lines == ("a",)


def test_bins_that_no_walk_joins_are_refused_together() -> None:
    # From between two aisles that only lead away, either bin can be reached, but not both.
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1, (1, 0): 1}, cross_direction={1: 1})
    lines = tuple(PickLine(name, 1, (Source(f"{name}1", Spot(edge, 10), 1),)) for edge, name in ((0, "a"), (1, "b")))
    problem = PickProblem(floor, lines, Spot(2, 0), End(EndKind.ANYWHERE))
    with pytest.raises(NoRoute) as caught:
        solved(problem, Policy())
    assert caught.value.lines == ("a", "b")


def test_nothing_to_pick_where_one_stands_is_no_walk() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    route = solved(PickProblem(floor, (), Spot(0, 3000)), Policy())
    assert route.legs == ()
    assert route.certificate.proven


def alternating(num_aisles: int, num_rows: int, num_bins: int, seed: int) -> PickProblem:
    rng = random.Random(seed)
    directions = {(aisle, block): 1 - 2 * (aisle % 2) for aisle in range(num_aisles) for block in range(num_rows - 1)}
    floor = rectangular_floor(
        [3000 * aisle for aisle in range(num_aisles)],
        [20000 * row for row in range(num_rows)],
        aisle_direction=directions,
    )
    num_segments = num_aisles * (num_rows - 1)
    spots = [Spot(rng.randrange(num_segments), rng.randrange(1, 20000)) for _ in range(num_bins)]
    lines = tuple(PickLine(f"L{i}", 1, (Source(f"B{i}", spot, 1),)) for i, spot in enumerate(spots))
    return PickProblem(floor, lines, Spot(num_segments, 0))


@pytest.mark.parametrize("num_rows", [2, 3])
@pytest.mark.parametrize("name", POLICIES)
def test_twenty_one_way_aisles_are_solved_and_proven(num_rows: int, name: PolicyName) -> None:
    for seed in range(3):
        assert solved(alternating(20, num_rows, 30, seed), Policy(name)).certificate.proven


def test_scattered_lines_on_a_large_one_way_floor_get_a_route_with_a_bound() -> None:
    rng = random.Random(5)
    floor = alternating(20, 3, 0, 0).floor
    lines = tuple(
        PickLine(
            f"L{line}",
            1,
            tuple(Source(f"B{line}.{i}", Spot(rng.randrange(40), rng.randrange(20001)), 1) for i in range(5)),
        )
        for line in range(15)
    )
    route = solved(PickProblem(floor, lines, Spot(40, 0)), Policy())
    assert route.certificate.backtrack_mm == 0
    assert 0 < route.certificate.distance_bound_mm <= route.certificate.distance_mm


def test_a_floor_with_other_edges_beside_its_grid_is_no_grid_but_has_a_route() -> None:
    grid = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    floor = Floor(
        (*grid.nodes, Node(9000, 0), Node(9000, 10000)),
        (
            *grid.edges,
            Edge(2, 4, 6000, EdgeKind.CROSS),
            Edge(4, 5, 10000, EdgeKind.AISLE),
            Edge(3, 5, 6000, EdgeKind.CROSS),
        ),
        grid=grid.grid,
    )
    assert not fits_grid(floor)
    problem = PickProblem(floor, (PickLine("L", 1, (Source("B", Spot(5, 4000), 1),)),), Spot(0, 0))
    assert figures(solved(problem, Policy())) == (0, 38000)

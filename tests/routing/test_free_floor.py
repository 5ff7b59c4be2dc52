"""Routes on floors without a grid are sound, good, and never claimed to be better than they are."""

import dataclasses
import random

import pytest

from routing.bin_choice import Budget
from routing.free_floor import solve_free
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Route
from routing.verify import verify
from tests.routing.brute_force import TooLarge, brute_force
from tests.routing.random_floors import random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot, Stretch

SEARCH = Budget(time_ms=None, iterations=8)


def solved(problem: PickProblem, policy: Policy) -> Route:
    route = solve_free(problem, policy=policy, budget=SEARCH, seed=1)
    assert verify(problem, route, policy).faults == ()
    return route


def picking(floor: Floor, spots: list[Spot], start: Spot, end: End | None = None) -> PickProblem:
    lines = tuple(PickLine(f"L{i}", 1, (Source(f"B{i}", spot, 1),)) for i, spot in enumerate(spots))
    return PickProblem(floor, lines, start, end or End())


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
@pytest.mark.parametrize("num", [pytest.param(30, id="some"), pytest.param(240, id="many", marks=pytest.mark.slow)])
def test_routes_on_random_floors_are_sound_and_their_bounds_true(num: int) -> None:
    num_best = num_judged = 0
    for seed in range(num):
        sample = random_problem(random.Random(seed))
        problem = dataclasses.replace(sample.problem, floor=dataclasses.replace(sample.problem.floor, grid=None))
        policy = sample.policy((PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)[seed % 2])
        try:
            best = brute_force(problem, policy)
        except TooLarge:
            continue
        if best is None:
            with pytest.raises(NoRoute):
                solved(problem, policy)
            continue
        own = solved(problem, policy).certificate
        found = (own.distance_mm,) if policy.name is PolicyName.SHORTEST else (own.backtrack_mm, own.distance_mm)
        least = best[: len(found)]
        assert found >= least, seed
        bound = own.distance_bound_mm if policy.name is PolicyName.SHORTEST else own.backtrack_bound_mm
        assert bound <= least[0], seed
        if found[0] == least[0]:
            assert own.distance_bound_mm <= least[-1], seed
        if own.proven:
            assert found == least, seed
        num_judged += 1
        num_best += found == least
    assert num_judged >= 0.7 * num
    assert num_best >= 0.95 * num_judged


# A ring of aisle floor around an obstacle with a dead end: nodes 0 to 3 the ring, 4 the dead end's tip.
RING = Floor(
    (Node(0, 0), Node(9000, 1000), Node(7000, 9000), Node(1000, 8000), Node(15000, 1000)),
    (
        Edge(0, 1, 9200, EdgeKind.AISLE),
        Edge(1, 2, 8300, EdgeKind.AISLE),
        Edge(2, 3, 6100, EdgeKind.AISLE),
        Edge(3, 0, 8100, EdgeKind.AISLE),
        Edge(1, 4, 6000, EdgeKind.AISLE),
    ),
)
DOOR = Spot(0, 0)


def test_a_ring_is_walked_round_rather_than_turned_on() -> None:
    problem = picking(RING, [Spot(0, 5000), Spot(1, 2000)], DOOR)
    around = solved(problem, Policy())
    assert (around.certificate.backtrack_mm, around.certificate.distance_mm) == (0, 31700)
    turned = solved(problem, Policy(PolicyName.SHORTEST))
    assert turned.certificate.distance_mm == 2 * 11200
    assert turned.certificate.proven


def test_a_dead_end_is_unavoidable_and_said_to_be() -> None:
    route = solved(picking(RING, [Spot(4, 4000)], DOOR), Policy())
    assert route.certificate.backtrack_mm == 4000
    assert route.certificate.backtrack_bound_mm == 4000


def test_a_one_way_loop_is_walked_its_own_way_round() -> None:
    edges = tuple(
        dataclasses.replace(edge, direction=1) if index < 4 else edge for index, edge in enumerate(RING.edges)
    )
    floor = dataclasses.replace(RING, edges=edges)
    route = solved(picking(floor, [Spot(3, 100), Spot(0, 9000)], DOOR), Policy(PolicyName.SHORTEST))
    assert route.certificate.distance_mm == 31700
    behind = picking(dataclasses.replace(floor, blocked=(Stretch(2, 0, 10),)), [Spot(3, 9)], DOOR)
    with pytest.raises(NoRoute) as caught:
        solved(behind, Policy())
    assert caught.value.lines == ("L0",)


def test_a_walk_may_end_anywhere_or_at_the_nearest_station() -> None:
    spots = [Spot(0, 9000), Spot(1, 8000)]
    policy = Policy(PolicyName.SHORTEST)
    assert solved(picking(RING, spots, DOOR, End(EndKind.ANYWHERE)), policy).certificate.distance_mm == 17200
    stations = End(EndKind.NEAREST, (Spot(2, 3000), Spot(4, 6000)))
    assert solved(picking(RING, spots, DOOR, stations), policy).certificate.distance_mm == 9200 + 8300 + 3000


def test_a_shallow_arm_is_stepped_into_without_the_cart() -> None:
    crossing = Floor(RING.nodes, (Edge(0, 1, 9200, EdgeKind.CROSS), *RING.edges[1:]))
    problem = picking(crossing, [Spot(4, 2000)], DOOR)
    route = solved(problem, Policy(step_in_mm=2000))
    assert route.certificate.backtrack_mm == 0
    assert any(leg.step_in for leg in route.legs)
    assert solved(problem, Policy(step_in_mm=1999)).certificate.backtrack_mm == 2000


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
def test_many_stops_on_a_mesh_with_one_way_streets_are_joined_to_a_sound_route() -> None:
    rng = random.Random(3)
    size = 8
    nodes = tuple(
        Node(5000 * x + rng.randrange(900), 5000 * y + rng.randrange(900)) for x in range(size) for y in range(size)
    )
    edges = []
    for x in range(size):
        for y in range(size):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < size and y + dy < size:
                    kind = EdgeKind.AISLE if dy else EdgeKind.CROSS
                    direction = rng.choice([0, 1, -1]) if dy and x else 0
                    edges.append(
                        Edge(size * x + y, size * (x + dx) + y + dy, 5000 + rng.randrange(900), kind, direction)
                    )
    floor = Floor(nodes, tuple(edges))
    spots = [Spot(edge, rng.randrange(1, 5000)) for edge in rng.sample(range(len(edges)), 40)]
    route = solved(picking(floor, spots, floor.spot_at(0), End(EndKind.ANYWHERE)), Policy(PolicyName.SHORTEST))
    own = route.certificate
    assert own.stops == 40
    assert own.distance_bound_mm <= own.distance_mm <= 1.3 * own.distance_bound_mm


def test_the_same_seed_and_iterations_give_the_same_route() -> None:
    sample = random_problem(random.Random(11))
    problem = dataclasses.replace(sample.problem, floor=dataclasses.replace(sample.problem.floor, grid=None))
    first, second = solved(problem, sample.policy()), solved(problem, sample.policy())
    assert (first.legs, first.stops) == (second.legs, second.stops)

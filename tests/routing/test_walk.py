"""Walks are made of exactly the passes asked for, and measured as the contract says."""

import itertools
import random
from collections import Counter

import pytest

from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Leg, Pick, Route, Stop
from routing.walk import Pass, certify, place_stops, point_of, walk_directed, walk_undirected
from warehouse.floor import Floor, Spot, Stretch
from warehouse.layouts import rectangular_floor

# Two aisles, three cross aisles: segments are edges 0 to 3 (column by column), gaps 4 to 6.
FLOOR = rectangular_floor([0, 3000], [0, 10000, 20000])
DOOR = Spot(4, 0)


def covered(legs: tuple[Leg, ...]) -> Counter[tuple[int, int, bool]]:
    """How often every metre of every edge is walked, with and without the cart."""
    count: Counter[tuple[int, int, bool]] = Counter()
    for leg in legs:
        low, high = sorted((leg.from_mm, leg.to_mm))
        count.update((leg.edge, metre, leg.step_in) for metre in range(low, high, 1000))
    return count


def is_connected(floor: Floor, start: Spot, legs: tuple[Leg, ...]) -> bool:
    points = [point_of(floor, start)]
    for leg in legs:
        if point_of(floor, Spot(leg.edge, leg.from_mm)) != points[-1]:
            return False
        points.append(point_of(floor, Spot(leg.edge, leg.to_mm)))
    return True


def certified(problem: PickProblem, legs: tuple[Leg, ...], policy: Policy | None = None, bound_mm: int = 0) -> Route:
    return certify(
        problem,
        legs,
        (),
        policy=policy or Policy(),
        distance_bound_mm=bound_mm,
        backtrack_bound_mm=0,
        solver="test",
        seed=0,
        duration_ms=0.0,
    )


def test_a_loop_is_walked_without_turning_back() -> None:
    loop = [Pass(0, 0, 10000), Pass(5, 0, 3000), Pass(2, 0, 10000), Pass(4, 0, 3000)]
    legs = walk_undirected(FLOOR, loop, DOOR, DOOR)
    assert len(legs) == 4
    assert is_connected(FLOOR, DOOR, legs)
    assert certified(PickProblem(FLOOR, (), DOOR), legs).certificate.u_turns == 0


def test_an_arm_is_walked_in_and_back_as_two_legs() -> None:
    assert walk_undirected(FLOOR, [Pass(0, 0, 4000, 2)], DOOR, DOOR) == (Leg(0, 0, 4000), Leg(0, 4000, 0))


def test_passes_are_cut_where_the_walk_starts_inside_them() -> None:
    start = Spot(0, 3000)
    passes = [Pass(0, 0, 10000, 2)]
    legs = walk_undirected(FLOOR, passes, start, start)
    assert is_connected(FLOOR, start, legs)
    assert sum(leg.length_mm for leg in legs) == 20000


def test_a_walk_without_a_given_end_ends_where_the_passes_leave_it() -> None:
    legs = walk_undirected(FLOOR, [Pass(0, 0, 10000), Pass(1, 0, 6000)], DOOR, None)
    assert legs == (Leg(0, 0, 10000), Leg(1, 0, 6000))


def test_a_step_in_is_taken_at_the_first_visit_of_its_mouth() -> None:
    passes = [Pass(4, 0, 3000, 2), Pass(0, 0, 2000, step_in=True), Pass(2, 0, 1000, step_in=True)]
    legs = walk_undirected(FLOOR, passes, DOOR, DOOR)
    assert legs == (
        Leg(0, 0, 2000, True),
        Leg(0, 2000, 0, True),
        Leg(4, 0, 3000),
        Leg(2, 0, 1000, True),
        Leg(2, 1000, 0, True),
        Leg(4, 3000, 0),
    )
    assert certified(PickProblem(FLOOR, (), DOOR), legs).certificate.backtrack_mm == 0


@pytest.mark.parametrize(
    "passes",
    [
        [Pass(0, 0, 4000)],
        [Pass(3, 0, 4000, 2)],
        [Pass(3, 10000, 4000, step_in=True)],
        [Pass(0, 0, 10000), Pass(5, 0, 3000), Pass(6, 0, 3000)],
    ],
)
def test_passes_that_are_no_walk_are_refused(passes: list[Pass]) -> None:
    with pytest.raises(ValueError, match=r"walk|passes"):
        walk_undirected(FLOOR, passes, DOOR, DOOR)


def test_a_directed_walk_keeps_every_direction_and_multiplicity() -> None:
    # Up aisle 1 twice, down aisle 2 and down the second block's detour once each.
    passes = [
        Pass(0, 0, 10000, 2),
        Pass(5, 0, 3000, 2),
        Pass(2, 10000, 0, 2),
        Pass(4, 3000, 0, 2),
    ]
    legs = walk_directed(FLOOR, passes, DOOR, DOOR)
    assert Counter((leg.edge, leg.from_mm, leg.to_mm) for leg in legs) == {
        (0, 0, 10000): 2,
        (5, 0, 3000): 2,
        (2, 10000, 0): 2,
        (4, 3000, 0): 2,
    }
    assert is_connected(FLOOR, DOOR, legs)
    with pytest.raises(ValueError, match="passes"):
        walk_directed(FLOOR, [Pass(4, 3000, 0), Pass(4, 3000, 0)], DOOR, DOOR)


def random_walk(floor: Floor, start: Spot, num_steps: int, rng: random.Random) -> list[Leg]:
    legs: list[Leg] = []
    node = floor.node_at(start)
    for _ in range(num_steps):
        assert node is not None
        index = rng.choice(floor.incident[node])
        edge = floor.edges[index]
        forward = edge.tail == node
        node = edge.head if forward else edge.tail
        legs.append(Leg(index, 0, edge.length_mm) if forward else Leg(index, edge.length_mm, 0))
    return legs


@pytest.mark.parametrize("seed", range(60))
def test_any_walk_shuffled_into_passes_is_found_again(seed: int) -> None:
    rng = random.Random(seed)
    walk = random_walk(FLOOR, DOOR, rng.randint(1, 25), rng)
    end = Spot(walk[-1].edge, walk[-1].to_mm)
    passes = [Pass(leg.edge, leg.from_mm, leg.to_mm) for leg in walk]
    rng.shuffle(passes)
    for legs in (walk_undirected(FLOOR, passes, DOOR, end), walk_directed(FLOOR, passes, DOOR, end)):
        assert is_connected(FLOOR, DOOR, legs)
        assert covered(legs) == covered(tuple(walk))
        assert point_of(FLOOR, Spot(legs[-1].edge, legs[-1].to_mm)) == point_of(FLOOR, end)


def problem_with(bins: dict[str, Spot], start: Spot = DOOR, walked: tuple[Stretch, ...] = ()) -> PickProblem:
    lines = tuple(PickLine(f"line {name}", 1, (Source(name, spot, 1),)) for name, spot in bins.items())
    return PickProblem(FLOOR, lines, start, walked=walked)


def picks_of(problem: PickProblem) -> tuple[Pick, ...]:
    return tuple(Pick(line.line, source.bin, 1) for line in problem.lines for source in line.sources)


def test_stops_cut_the_legs_and_each_bin_is_visited_once_on_the_way_in() -> None:
    problem = problem_with({"deep": Spot(0, 4000), "near": Spot(0, 2000), "twin": Spot(0, 2000), "door": DOOR})
    legs, stops = place_stops(problem, (Leg(0, 0, 4000), Leg(0, 4000, 0)), picks_of(problem))
    assert legs == (Leg(0, 0, 2000), Leg(0, 2000, 4000), Leg(0, 4000, 0))
    assert [(stop.after_leg, stop.picks[0].bin) for stop in stops] == [
        (0, "door"),
        (1, "near"),
        (1, "twin"),
        (2, "deep"),
    ]


def test_a_bin_at_a_crossing_is_reached_through_any_of_its_edges() -> None:
    problem = problem_with({"corner": Spot(1, 0)})
    _, stops = place_stops(problem, (Leg(0, 0, 10000), Leg(5, 0, 3000)), picks_of(problem))
    assert stops == (Stop(1, Spot(1, 0), (Pick("line corner", "corner", 1),)),)


def test_a_bin_where_the_picker_stands_inside_an_aisle_is_picked_before_walking() -> None:
    start = Spot(0, 5000)
    problem = problem_with({"here": start}, start)
    assert place_stops(problem, (Leg(0, 5000, 10000),), picks_of(problem))[1][0].after_leg == 0


def test_a_bin_that_serves_two_lines_is_one_stop() -> None:
    lines = tuple(PickLine(name, 1, (Source("shared", Spot(0, 2000), 2),)) for name in ("a", "b"))
    problem = PickProblem(FLOOR, lines, DOOR)
    _, stops = place_stops(problem, (Leg(0, 0, 10000),), (Pick("a", "shared", 1), Pick("b", "shared", 1)))
    assert [pick.line for stop in stops for pick in stop.picks] == ["a", "b"]
    assert len(stops) == 1


def test_a_bin_that_the_walk_misses_or_that_is_no_source_is_refused() -> None:
    problem = problem_with({"far": Spot(3, 2000)})
    with pytest.raises(ValueError, match="come by bin far"):
        place_stops(problem, (Leg(0, 0, 10000),), picks_of(problem))
    with pytest.raises(ValueError, match="no source"):
        place_stops(problem, (), (Pick("line far", "other", 1),))


def test_history_counts_as_one_pass_and_cross_aisles_as_none() -> None:
    problem = PickProblem(FLOOR, (), DOOR, walked=(Stretch(0, 0, 4000), Stretch(0, 2000, 6000), Stretch(4, 0, 3000)))
    legs = (Leg(0, 0, 10000), Leg(0, 10000, 0), *(Leg(4, 0, 3000), Leg(4, 3000, 0)) * 2)
    route = certified(problem, legs)
    assert route.certificate.backtrack_mm == 6000 + 10000
    assert route.certificate.cross_thrice_mm == 2 * 3000
    assert route.certificate.distance_mm == 32000
    assert route.certificate.u_turns == 4
    assert not route.certificate.proven


def test_proven_means_that_the_bounds_of_the_policy_are_met() -> None:
    problem = PickProblem(FLOOR, (), DOOR)
    arm = (Leg(0, 0, 4000), Leg(0, 4000, 0))
    shortest = Policy(PolicyName.SHORTEST)
    assert certified(problem, arm, shortest, 8000).certificate.proven
    assert not certified(problem, arm, shortest, 7999).certificate.proven
    assert not certified(problem, arm, Policy(), 8000).certificate.proven
    assert not certified(problem, arm, Policy(PolicyName.S_SHAPE), 8000).certificate.proven


def test_a_cross_aisle_walked_both_ways_is_not_turned_on_halfway() -> None:
    around = [
        Pass(0, 0, 10000),
        Pass(1, 0, 10000),
        Pass(6, 0, 3000),
        Pass(3, 0, 10000),
        Pass(2, 0, 10000),
        Pass(4, 0, 3000),
    ]
    legs = walk_undirected(FLOOR, [*around, Pass(5, 0, 3000, 2)], DOOR, DOOR)
    assert sum(leg.length_mm for leg in legs) == 52000
    assert not any(a.edge == b.edge for a, b in itertools.pairwise(legs))

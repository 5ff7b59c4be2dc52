import dataclasses
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.exact import best_walk, route_cost
from routing.grid_arrays import ITEM, refresh
from routing.grid_problem import build
from routing.prepared_floor import prepare, sweepable
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.segment_moves import plain_options
from routing.stretch_sweep import any_options
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.floor import Edge, EdgeKind, Floor, Grid, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

SHORTEST = Policy(PolicyName.SHORTEST)
NO_BACKTRACK = Policy()
UNDIRECTED = ONE_WAY | {Feature.SEVERAL_SOURCES}
seeds = st.integers(0, 2**32 - 1)


def figures(floor: Floor, spots: list[Spot], start: Spot, policy: Policy, end: End | None = None) -> tuple[int, int]:
    walk = best_walk(PickProblem(floor, (), start, end or End()), policy, spots)
    assert walk is not None
    return walk.backtrack_mm, walk.distance_mm


def figures_of(problem: PickProblem, policy: Policy) -> tuple[int, int] | None:
    return route_cost(prepare(problem.floor), problem, policy, [line.sources[0].spot for line in problem.lines])


def some_problem(seed: int) -> PickProblem:
    problem = random_problem(random.Random(seed), avoid=UNDIRECTED).problem
    assert sweepable(problem.floor)
    return problem


def test_one_aisle_picked_near_its_mouth_is_walked_in_and_back() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    assert figures(floor, [Spot(0, 2000)], Spot(0, 0), SHORTEST) == (2000, 4000)


def test_without_turning_back_a_second_aisle_leads_home() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    assert figures(floor, [Spot(0, 2000)], Spot(0, 0), NO_BACKTRACK) == (0, 26000)


def test_a_lone_aisle_cannot_be_left_without_turning_back() -> None:
    floor = rectangular_floor([0], [0, 10000])
    assert figures(floor, [Spot(0, 2000)], Spot(0, 0), NO_BACKTRACK) == (2000, 4000)


def test_a_step_in_of_the_right_depth_costs_no_backtrack() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    at = [Spot(0, 2000)]
    assert figures(floor, at, Spot(0, 0), Policy(step_in_mm=2000)) == (0, 4000)
    assert figures(floor, at, Spot(0, 0), Policy(step_in_mm=1999)) == (0, 26000)


def test_a_step_in_turns_before_the_end_of_a_dead_end_aisle() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    spur = len(floor.edges)
    floor = Floor(
        (*floor.nodes, Node(-3000, 0)),
        (*floor.edges, Edge(len(floor.nodes), 0, 3000, EdgeKind.AISLE)),
        floor.blocked,
        floor.grid,
    )
    policy = Policy(step_in_mm=5000)
    assert figures(floor, [Spot(spur, 1)], Spot(0, 0), policy) == (0, 2 * 2999)
    assert figures(floor, [Spot(spur, 0)], Spot(0, 0), policy) == (3000, 2 * 3000)
    assert figures(floor, [Spot(0, 5000)], Spot(spur, 1000), policy) == (2000, 2 * 2000 + 2 * 5000)


def test_a_dead_end_is_entered_as_little_as_possible() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 4000, 5000)])
    picks = [Spot(0, 1000), Spot(0, 6000)]
    # In and back 1 m from below and 4 m from above, and up and down the other aisle to get there.
    assert figures(floor, picks, Spot(0, 0), NO_BACKTRACK) == (15000, 2 * (1000 + 4000 + 10000 + 3000 + 3000))
    walk = best_walk(PickProblem(floor, (), Spot(0, 0)), NO_BACKTRACK, [Spot(0, 4500)])
    assert walk is None, "what lies inside blocked floor cannot be picked"


def test_floor_walked_before_is_avoided() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    problem = PickProblem(floor, (), Spot(0, 5000), End(EndKind.ANYWHERE), walked=(Stretch(0, 0, 5000),))
    walk = best_walk(problem, NO_BACKTRACK, [Spot(1, 1000)])
    assert walk is not None
    assert (walk.backtrack_mm, walk.distance_mm) == (0, 5000 + 3000 + 9000)


def test_the_walk_may_end_at_the_nearest_station_or_anywhere() -> None:
    floor = rectangular_floor([0, 3000, 6000], [0, 10000])
    at, start = [Spot(1, 9000)], Spot(0, 0)
    gaps = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.CROSS]
    nearest = End(EndKind.NEAREST, (Spot(gaps[0], 1000), Spot(gaps[-1], 2000)))
    assert figures(floor, at, start, NO_BACKTRACK, nearest) == (0, 3000 + 10000 + 2000)
    assert figures(floor, at, start, NO_BACKTRACK, End(EndKind.ANYWHERE)) == (0, 3000 + 9000)


def test_nothing_to_pick_is_no_walk_at_all() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    walk = best_walk(PickProblem(floor, (), Spot(0, 5000)), NO_BACKTRACK, [])
    assert walk is not None
    assert walk.legs == ()


def test_a_floor_with_one_way_edges_is_refused() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    assert not sweepable(floor)
    with pytest.raises(ValueError, match="cannot be swept"):
        best_walk(PickProblem(floor, (), Spot(0, 0)), NO_BACKTRACK, [])


def test_a_prepared_floor_is_made_once() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    assert prepare(floor) is prepare(floor)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds)
def test_closed_forms_agree_with_the_sweep_along_a_stretch(seed: int) -> None:
    rng = random.Random(seed)
    sample = random_problem(rng, avoid=UNDIRECTED)
    spots = [line.sources[0].spot for line in sample.problem.lines]
    grid = build(prepare(sample.problem.floor), sample.problem, sample.policy(), spots)
    arrays, options = grid.arrays, grid.arrays.program.options
    needed = np.array([rng.randrange(2) for _ in range(grid.num_spots)], np.int32)
    refresh(arrays, needed)
    row = len(options) - 1
    for kind, item, marked, *_ in arrays.steps:
        if kind != ITEM or marked:
            continue
        stretch = arrays.stretches[item]
        plain_options(stretch, arrays.spots, needed, arrays.weights, options, row)
        plain = options[row, 1 : 1 + options[row, 0, 0]].tolist()
        any_options(stretch, arrays.spots, arrays.pairs, needed, arrays.weights, options, row)
        every = {(move, shift): cost for move, shift, cost in options[row, 1 : 1 + options[row, 0, 0]].tolist()}
        assert all(every[move, shift] == cost for move, shift, cost in plain)


def mirrored(problem: PickProblem) -> PickProblem:
    """The same problem seen from behind: left is right."""
    floor = problem.floor
    assert floor.grid is not None
    flipped = {edge for row in floor.grid.gaps for edge in row if edge >= 0}

    def turn(spot: Spot) -> Spot:
        return Spot(spot.edge, floor.edges[spot.edge].length_mm - spot.offset_mm) if spot.edge in flipped else spot

    behind = Floor(
        nodes=tuple(dataclasses.replace(node, x_mm=-node.x_mm) for node in floor.nodes),
        edges=tuple(
            dataclasses.replace(edge, tail=edge.head, head=edge.tail) if index in flipped else edge
            for index, edge in enumerate(floor.edges)
        ),
        blocked=floor.blocked,
        grid=Grid(
            nodes=floor.grid.nodes[::-1],
            segments=floor.grid.segments[::-1],
            gaps=tuple(row[::-1] for row in floor.grid.gaps),
        ),
    )
    lines = tuple(
        dataclasses.replace(
            line, sources=tuple(dataclasses.replace(source, spot=turn(source.spot)) for source in line.sources)
        )
        for line in problem.lines
    )
    end = End(problem.end.kind, tuple(turn(spot) for spot in problem.end.spots))
    return PickProblem(behind, lines, turn(problem.start), end, problem.walked)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds, step_in_mm=st.integers(0, 6000))
def test_a_mirrored_floor_gives_the_same_figures(seed: int, step_in_mm: int) -> None:
    problem = some_problem(seed)
    for policy in (Policy(step_in_mm=step_in_mm), SHORTEST):
        assert figures_of(problem, policy) == figures_of(mirrored(problem), policy)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds)
def test_a_walk_the_other_way_round_is_as_good(seed: int) -> None:
    problem = some_problem(seed)
    end = problem.end.spots[0] if problem.end.spots else problem.start
    there = dataclasses.replace(problem, end=End(EndKind.NEAREST, (end,)))
    back = dataclasses.replace(problem, start=end, end=End(EndKind.NEAREST, (problem.start,)))
    assert figures_of(there, NO_BACKTRACK) == figures_of(back, NO_BACKTRACK)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds, depths=st.tuples(st.integers(0, 9000), st.integers(0, 9000)))
def test_a_deeper_step_in_never_makes_a_walk_worse(seed: int, depths: tuple[int, int]) -> None:
    problem = some_problem(seed)
    shallow, deep = (figures_of(problem, Policy(step_in_mm=depth)) for depth in sorted(depths))
    assert (shallow is None) == (deep is None)
    assert shallow is None or deep is None or deep <= shallow


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds)
def test_no_backtrack_is_never_shorter_than_shortest(seed: int) -> None:
    problem = some_problem(seed)
    strict, short = figures_of(problem, NO_BACKTRACK), figures_of(problem, SHORTEST)
    assert (strict is None) == (short is None)
    if strict is not None and short is not None:
        assert strict[1] >= short[1]
        assert strict[0] <= short[0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=seeds)
def test_the_price_of_a_walk_is_what_the_walk_measures(seed: int) -> None:
    problem = some_problem(seed)
    spots = [line.sources[0].spot for line in problem.lines]
    for policy in (Policy(step_in_mm=2500), SHORTEST):
        price, walk = route_cost(prepare(problem.floor), problem, policy, spots), best_walk(problem, policy, spots)
        assert (price is None) == (walk is None)
        if walk is not None:
            assert price == (walk.backtrack_mm, walk.distance_mm)
            assert sum(leg.length_mm for leg in walk.legs) == walk.distance_mm


def test_pricing_does_not_look_at_the_lines_of_the_problem() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    lines = (PickLine("A", 1, (Source("1", Spot(1, 5000), 1),)),)
    problem = PickProblem(floor, lines, Spot(0, 0))
    assert figures_of(problem, SHORTEST) == (5000, 2 * 8000)
    assert route_cost(prepare(floor), problem, SHORTEST, []) == (0, 0)

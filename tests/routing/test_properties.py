"""What must hold between the routes of related problems, on random floors with all they can do to a picker."""

import dataclasses
import random
from collections.abc import Callable, Set

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.bin_choice import Budget
from routing.directed import solve_directed
from routing.problem import End, EndKind, PickProblem, Policy, PolicyName, Source
from routing.route import Route
from routing.solve import solve
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import EdgeKind, Spot, Stretch

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

SEARCH = Budget(time_ms=None, iterations=20)
EFFORT = pytest.mark.parametrize(
    "examples", [pytest.param(15, id="quick"), pytest.param(1000, id="long", marks=pytest.mark.slow)]
)
NAMES = (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)


def for_samples(
    examples: int,
    holds: Callable[[Sample, random.Random], None],
    *,
    want: Set[Feature] = frozenset(),
    avoid: Set[Feature] = frozenset(),
) -> None:
    """Let Hypothesis look for a random floor on which a property does not hold."""

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(st.integers(0, 2**32 - 1))
    def check(seed: int) -> None:
        rng = random.Random(seed)
        holds(random_problem(rng, want=want, avoid=avoid), rng)

    check()


def solved(problem: PickProblem, policy: Policy) -> Route | None:
    try:
        return solve(problem, policy=policy, budget=SEARCH)
    except NoRoute:
        return None


def rank(route: Route) -> tuple[int, ...]:
    """What a proven route cannot be beaten in."""
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return (own.distance_mm,)
    return own.backtrack_mm, own.distance_mm


def assert_equally_good(one: Route | None, other: Route | None) -> None:
    """Routes of problems that are the same but for how they are told."""
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        if one.certificate.proven:
            assert rank(other) >= rank(one)
        if other.certificate.proven:
            assert rank(one) >= rank(other)


def assert_no_worse(before: Route | None, after: Route | None) -> None:
    """Routes of a problem and of one that allows more."""
    if before is not None:
        assert after is not None
        if after.certificate.proven:
            assert rank(after) <= rank(before)


def turned_over(problem: PickProblem, *, left_right: bool) -> PickProblem:
    """The problem in a mirror: columns from right to left, or rows from top to bottom."""
    floor = problem.floor
    assert floor.grid is not None
    grid = floor.grid
    if left_right:
        flipped = {edge for row in grid.gaps for edge in row}
        grid = dataclasses.replace(
            grid, nodes=grid.nodes[::-1], segments=grid.segments[::-1], gaps=tuple(row[::-1] for row in grid.gaps)
        )
    else:
        flipped = {edge for column in grid.segments for edge in column}
        grid = dataclasses.replace(
            grid,
            nodes=tuple(column[::-1] for column in grid.nodes),
            segments=tuple(column[::-1] for column in grid.segments),
            gaps=grid.gaps[::-1],
        )

    def spot(each: Spot) -> Spot:
        length_mm = floor.edges[each.edge].length_mm
        return dataclasses.replace(each, offset_mm=length_mm - each.offset_mm) if each.edge in flipped else each

    def stretch(each: Stretch) -> Stretch:
        ends = sorted(spot(Spot(each.edge, mm)).offset_mm for mm in (each.from_mm, each.to_mm))
        return Stretch(each.edge, *ends)

    nodes = tuple(
        dataclasses.replace(node, x_mm=-node.x_mm) if left_right else dataclasses.replace(node, y_mm=-node.y_mm)
        for node in floor.nodes
    )
    edges = tuple(
        dataclasses.replace(edge, tail=edge.head, head=edge.tail, direction=-edge.direction)
        if number in flipped
        else edge
        for number, edge in enumerate(floor.edges)
    )
    return dataclasses.replace(
        problem,
        floor=dataclasses.replace(
            floor, nodes=nodes, edges=edges, grid=grid, blocked=tuple(map(stretch, floor.blocked))
        ),
        start=spot(problem.start),
        end=dataclasses.replace(problem.end, spots=tuple(map(spot, problem.end.spots))),
        walked=tuple(map(stretch, problem.walked)),
        lines=tuple(
            dataclasses.replace(
                line, sources=tuple(dataclasses.replace(source, spot=spot(source.spot)) for source in line.sources)
            )
            for line in problem.lines
        ),
    )


@EFFORT
def test_moving_a_floor_changes_no_route(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        by_mm = rng.randrange(-50000, 50000)
        floor = sample.problem.floor
        nodes = tuple(dataclasses.replace(node, x_mm=node.x_mm + by_mm, y_mm=node.y_mm - by_mm) for node in floor.nodes)
        moved = dataclasses.replace(sample.problem, floor=dataclasses.replace(floor, nodes=nodes))
        for name in NAMES:
            here, there = (solved(each, sample.policy(name)) for each in (sample.problem, moved))
            assert (here is None) == (there is None)
            if here is not None and there is not None:
                assert (here.legs, here.stops) == (there.legs, there.stops)

    for_samples(examples, holds)


@EFFORT
@pytest.mark.parametrize("left_right", [True, False], ids=["left_right", "up_down"])
def test_a_floor_in_the_mirror_has_routes_as_good(examples: int, *, left_right: bool) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        mirrored = turned_over(sample.problem, left_right=left_right)
        for name in NAMES:
            assert_equally_good(*(solved(each, sample.policy(name)) for each in (sample.problem, mirrored)))

    for_samples(examples, holds)


@EFFORT
def test_a_run_from_its_end_to_its_start_is_as_good_with_all_one_way_floor_turned(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        problem, floor = sample.problem, sample.problem.floor
        if problem.end.kind is EndKind.NEAREST:
            problem = dataclasses.replace(problem, end=End(EndKind.NEAREST, (rng.choice(problem.end.spots),)))
        edges = tuple(dataclasses.replace(edge, direction=-edge.direction) for edge in floor.edges)
        backwards = dataclasses.replace(problem, floor=dataclasses.replace(floor, edges=edges))
        if problem.end.spots:
            end = End(EndKind.NEAREST, (problem.start,))
            backwards = dataclasses.replace(backwards, start=problem.end.spots[0], end=end)
        for name in NAMES:
            there, back = (solved(each, sample.policy(name)) for each in (problem, backwards))
            assert_equally_good(there, back)

    for_samples(examples, holds, avoid={Feature.END_ANYWHERE})


@EFFORT
def test_one_more_bin_never_makes_a_proven_route_worse(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        if not sample.problem.lines:
            return
        floor = sample.problem.floor
        aisles = [number for number, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]
        edge = rng.choice(aisles)
        spot = Spot(edge, rng.randrange(0, floor.edges[edge].length_mm + 1, 500))
        chosen = rng.randrange(len(sample.problem.lines))
        lines = tuple(
            dataclasses.replace(line, sources=(*line.sources, Source("new", spot, rng.randint(1, 3))))
            if number == chosen
            else line
            for number, line in enumerate(sample.problem.lines)
        )
        more = dataclasses.replace(sample.problem, lines=lines)
        for name in NAMES:
            assert_no_worse(*(solved(each, sample.policy(name)) for each in (sample.problem, more)))

    for_samples(examples, holds)


@EFFORT
def test_a_deeper_step_in_never_makes_a_proven_route_worse(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        shallow = sample.policy()
        deep = dataclasses.replace(shallow, step_in_mm=shallow.step_in_mm + rng.randrange(500, 5000, 500))
        assert_no_worse(*(solved(sample.problem, policy) for policy in (shallow, deep)))

    for_samples(examples, holds)


@EFFORT
def test_floor_that_is_no_longer_blocked_never_makes_a_proven_route_worse(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        floor = sample.problem.floor
        if not floor.blocked:
            return
        gone = rng.randrange(len(floor.blocked))
        blocked = tuple(each for number, each in enumerate(floor.blocked) if number != gone)
        opened = dataclasses.replace(sample.problem, floor=dataclasses.replace(floor, blocked=blocked))
        for name in NAMES:
            assert_no_worse(*(solved(each, sample.policy(name)) for each in (sample.problem, opened)))

    for_samples(examples, holds, want={Feature.DEAD_END})


@EFFORT
def test_never_turning_back_is_never_shorter_than_the_shortest(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        strict, shortest = (solved(sample.problem, sample.policy(name)) for name in NAMES)
        assert (strict is None) == (shortest is None)
        if strict is not None and shortest is not None:
            assert strict.certificate.distance_mm >= shortest.certificate.distance_bound_mm
            if shortest.certificate.proven:
                assert strict.certificate.distance_mm >= shortest.certificate.distance_mm
            if strict.certificate.proven:
                assert strict.certificate.backtrack_mm <= shortest.certificate.backtrack_mm

    for_samples(examples, holds)


@EFFORT
def test_both_sweeps_agree_on_floors_walked_both_ways(examples: int) -> None:
    def holds(sample: Sample, rng: random.Random) -> None:
        for name in NAMES:
            policy = sample.policy(name)
            undirected = solved(sample.problem, policy)
            if undirected is None:
                with pytest.raises(NoRoute):
                    solve_directed(sample.problem, policy=policy, budget=SEARCH, seed=0)
            else:
                assert_equally_good(undirected, solve_directed(sample.problem, policy=policy, budget=SEARCH, seed=0))

    for_samples(examples, holds, avoid=ONE_WAY | {Feature.BLOCKS_4, Feature.BLOCKS_5})  # slow by balances

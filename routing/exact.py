"""Routes on undirected grid floors: the best walk for given bins, proven, and bins chosen by its price.

Problem
    Given which bins are picked, find the walk that is best by the policy: least (backtrack, distance)
    under `no_backtrack`, least (distance, backtrack) under `shortest`. Where a line can be filled from
    several bins, choose them too.
Method
    `grid_problem` writes the problem as a program, `sweep` finds the cheapest moves, and the moves are
    turned back into passes over floor, which `walk` joins to one walk. `bin_choice` searches among bins
    and asks the sweep what each choice costs.
Complexity
    O(columns * rows * states); see `state_graph` for the number of states.
Limits
    Undirected grid floors (`prepared_floor.sweepable`).
"""

import itertools
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import Budget, Choice, given_filling
from routing.grid_arrays import GAP, ITEM, KIND, MARK, OF, WIDE, refresh
from routing.grid_choice import GridPricer as GridPricer
from routing.grid_choice import choose_bins_on_grid
from routing.grid_problem import GridProblem, build, normal_spot
from routing.ladder_states import NO_ARM, step_ins_ending
from routing.ladder_sweep import HOW_HIGH, HOW_LOW, walked_ladder
from routing.ladder_walk import Part, Rung, SidedLeg, StepIn, place_stops_by_side, walk_by_side, walked_mm
from routing.prepared_floor import PreparedFloor, prepare
from routing.problem import Measure, PickProblem, Policy, PolicyName
from routing.rates import least_handling_ms
from routing.route import Leg, Pick, Route, Stop
from routing.segment_moves import LENGTH, MOVE, NEVER, SHIFT, SHIFT_ARM
from routing.stretch_sweep import any_options
from routing.sweep import sweep, trace
from routing.tie_breaking import ties_broken
from routing.walk import Pass, certify, place_stops, walk_undirected
from warehouse.errors import NoRoute
from warehouse.floor import LEFT_SIDE, RIGHT_SIDE, Spot

ANSWERING = 4
"""To walk, certify and verify a route takes up to twice as long as to write its problem, on 5 and on 100 aisles; the
search may be late by as much."""


@dataclass(frozen=True, slots=True)
class SweptWalk:
    """A best walk, its figures in mm, and what it costs in the measure of its policy (mm or ms).

    On floors with wide aisles `legs` tell the side they are walked on, and may have no length.
    """

    legs: tuple[Leg, ...]
    backtrack_mm: int
    distance_mm: int
    measured: int

    def with_stops(self, problem: PickProblem, picks: Sequence[Pick]) -> tuple[tuple[Leg, ...], tuple[Stop, ...]]:
        """The legs cut at the stops, and a stop for every bin of `picks`."""
        if not problem.floor.has_crossings:
            return place_stops(problem, self.legs, picks)
        return place_stops_by_side(problem, [leg for leg in self.legs if isinstance(leg, SidedLeg)], picks)


def best_walk(problem: PickProblem, policy: Policy, spots: Collection[Spot]) -> SweptWalk | None:
    """The best walk from the problem's start to its end by way of all `spots`; None if there is none.

    Raises
    ------
    ValueError
        If the floor is not `sweepable`.
    """
    grid = build(prepare(problem.floor), problem, policy, spots)
    if any(normal_spot(problem.floor, spot) not in grid.spot_number for spot in spots):
        return None
    return walk_of(grid, problem, np.ones(grid.num_spots, np.int32))


def walk_of(grid: GridProblem, problem: PickProblem, needed: NDArray[np.int32]) -> SweptWalk | None:
    """The best walk that picks at all spots whose `needed` is not 0; None if there is none.

    Of equally good ones it turns back in the fewest aisles, as `tie_breaking` says.
    """
    grid, by = ties_broken(grid, needed)
    refresh(grid.arrays, needed)
    forward = grid.new_costs()
    cost = sweep(grid.arrays.program, forward)
    if cost >= NEVER:
        return None
    taken = trace(grid.arrays.program, forward)
    chosen = grid.arrays.program.options[np.arange(len(taken)), taken]
    backtrack_mm, measured = grid.figures(cost // by)
    walked = np.flatnonzero(chosen[:, MOVE])
    moves = [
        (step, *move) for step, move in zip(walked.tolist(), chosen[walked][:, [MOVE, SHIFT]].tolist(), strict=True)
    ]
    if problem.floor.has_crossings:
        sided = _walk_by_side(grid, problem, needed, moves)
        return SweptWalk(sided, backtrack_mm, walked_mm(problem.floor, sided), measured)
    passes = [each for step, move, shift in moves for each in passes_at(grid, needed, step, move, shift)]
    legs = walk_undirected(problem.floor, passes, problem.start, None)
    return SweptWalk(legs, backtrack_mm, sum(leg.length_mm for leg in legs), measured)


def route_cost(
    prepared: PreparedFloor, problem: PickProblem, policy: Policy, spots: Collection[Spot]
) -> tuple[int, int] | None:
    """(backtrack_mm, distance_mm) of the best walk by way of `spots`, without making the walk.

    Where the policy measures time, ms instead of the distance. For pricing many sets of picks on one floor:
    `prepared` is `prepare(floor)`, taken once. The lines of `problem` are not looked at. None if some spot
    cannot be reached or there is no walk.
    """
    grid = build(prepared, problem, policy, spots)
    if any(normal_spot(problem.floor, spot) not in grid.spot_number for spot in spots):
        return None
    needed = np.ones(grid.num_spots, np.int32)
    refresh(grid.arrays, needed)
    cost = sweep(grid.arrays.program, grid.new_costs())
    return None if cost >= NEVER else grid.figures(cost)


def passes_at(grid: GridProblem, needed: NDArray[np.int32], step: int, move: int, shift: int) -> Iterator[Pass]:
    """What is walked when a step takes a move; its options are worked out once more."""
    kind, item = grid.arrays.steps[step, [KIND, OF]].tolist()
    if kind == GAP and move:
        edge, from_mm, to_mm = grid.gap_floor[step]
        if from_mm < to_mm:
            yield Pass(edge, from_mm, to_mm, move)
    elif kind == ITEM and move:
        arrays = grid.arrays
        offsets, how = any_options(
            arrays.stretches[item], arrays.spots, arrays.pairs, needed, arrays.weights, arrays.program.options, step
        )
        chosen = how[move, shift % SHIFT_ARM, shift // SHIFT_ARM]
        yield from passes_along(grid, item, offsets.tolist(), chosen.tolist())


def passes_along(grid: GridProblem, item: int, offsets: Sequence[int], how: Sequence[int]) -> Iterator[Pass]:
    """What is walked on one segment or spur, told as `stretch_sweep.any_options` tells it."""
    edge = grid.prepared.item_edges[item]
    *passes, low_arm, high_arm = how
    ends = [*offsets, int(grid.arrays.stretches[item, LENGTH])]
    at = [grid.prepared.item_offset(item, offset) for offset in ends]
    for count, (low, high) in zip(passes, itertools.pairwise(at), strict=True):
        if count:
            yield Pass(edge, min(low, high), max(low, high), count)
    if low_arm:
        yield Pass(edge, at[0], grid.prepared.item_offset(item, low_arm), 1, step_in=True)
    if high_arm:
        yield Pass(edge, at[-1], grid.prepared.item_offset(item, ends[-1] - high_arm), 1, step_in=True)


def _walk_by_side(
    grid: GridProblem, problem: PickProblem, needed: NDArray[np.int32], moves: Sequence[tuple[int, int, int]]
) -> tuple[SidedLeg, ...]:
    """The walk of these moves, each of a step, told by side in wide aisles."""
    parts: list[Part] = []
    for step, move, shift in moves:
        if grid.arrays.steps[step, [KIND, MARK]].tolist() == [ITEM, WIDE]:
            parts += _parts_along(grid, needed, int(grid.arrays.steps[step, OF]), move, shift)
            continue
        for each in passes_at(grid, needed, step, move, shift):
            parts.append(StepIn(each.edge, each.from_mm, each.to_mm) if each.step_in else each)
    return walk_by_side(problem.floor, parts, problem.start)


def _parts_along(grid: GridProblem, needed: NDArray[np.int32], item: int, move: int, shift: int) -> Iterator[Part]:
    """What is walked on a wide stretch."""
    arrays, edge = grid.arrays, grid.prepared.item_edges[item]
    stretch = arrays.stretches[item]
    offsets, how = walked_ladder(stretch, arrays.spots, arrays.pairs, needed, arrays.weights, move, shift)
    at = [grid.prepared.item_offset(item, offset) for offset in [*offsets.tolist(), int(stretch[LENGTH])]]
    arms = [[NO_ARM, *how[:, HOW_LOW].tolist(), NO_ARM], [NO_ARM, *how[:, HOW_HIGH].tolist(), NO_ARM]]
    for row, (left, right, rung, _, _) in enumerate(how.tolist()):
        low, high = min(at[row], at[row + 1]), max(at[row], at[row + 1])
        yield Pass(edge, low, high, left, side=LEFT_SIDE)
        yield Pass(edge, low, high, right, side=RIGHT_SIDE)
        yield Rung(edge, at[row], rung)
        for mouth, before, after in (
            (at[0], arms[0][row + 1], arms[0][row + 2]),
            (at[-1], arms[1][row + 1], arms[1][row]),
        ):
            depth = at[row + 1] if mouth == at[0] else at[row]
            yield from (StepIn(edge, mouth, depth, *sides) for sides in step_ins_ending(before, after))


def solve_grid(
    problem: PickProblem,
    *,
    policy: Policy,
    budget: Budget,
    seed: int,
    incumbent: Sequence[Pick] = (),
    surcharge_mm: Mapping[int, int] | None = None,
) -> Route:
    """The best route found on an undirected grid floor; proven where every line has one filling only.

    With a surcharge on aisle edges, as `grid_problem.build` takes it, nothing is known about bounds.

    Raises
    ------
    NoRoute
        If lines cannot be filled from what can be reached, or there is no walk to an allowed end.
    ValueError
        If the floor is not `sweepable`.
    """
    if policy.u_turns_max is None:
        return _solve_grid(problem, policy, budget, seed, incumbent, surcharge_mm)
    # A bound multiplies the states by as many arms as it allows: first it is seen whether it binds at all.
    unbound, share = replace(policy, u_turns_max=None), budget.shared(2)
    route = _solve_grid(problem, unbound, share, seed, incumbent, surcharge_mm)
    if route.certificate.arms > policy.u_turns_max:
        return _solve_grid(problem, policy, share, seed, incumbent, surcharge_mm)
    return replace(route, certificate=replace(route.certificate, policy=policy))


def _solve_grid(
    problem: PickProblem,
    policy: Policy,
    budget: Budget,
    seed: int,
    incumbent: Sequence[Pick],
    surcharge_mm: Mapping[int, int] | None,
) -> Route:
    """The best route found, the states of all arms that the policy allows laid out at once."""
    begun = time.perf_counter()
    prepared = prepare(problem.floor)
    writing_begun = time.perf_counter()
    spots = {source.spot for line in problem.lines for source in line.sources}
    ordered = sorted(spots, key=lambda spot: (spot.edge, spot.offset_mm))  # spots take long to compare themselves
    grid = build(prepared, problem, policy, ordered, surcharge_mm)
    pricer = GridPricer(grid, problem)
    choice = only_choice(problem, pricer)
    if choice is None:
        rest = budget.leaving(ANSWERING * (time.perf_counter() - writing_begun))
        choice = choose_bins_on_grid(problem.lines, pricer, rest, seed, incumbent)
    swept = walk_of(grid, problem, choice.needed)
    if swept is None:
        within = "" if policy.u_turns_max is None else f" with at most {policy.u_turns_max} U-turns in aisles"
        raise NoRoute([], f"no walk leads from the start to an allowed end{within}")
    legs, stops = swept.with_stops(problem, choice.picks)
    backtrack_bound_mm, bound = (0, 0) if surcharge_mm else _bounds(grid, swept, choice)
    by_distance = policy.measure is Measure.DISTANCE
    return certify(
        problem,
        legs,
        stops,
        policy=policy,
        distance_bound_mm=bound if by_distance else 0,
        backtrack_bound_mm=backtrack_bound_mm,
        walk_bound_ms=0 if by_distance else bound + least_handling_ms(problem),
        solver="sweep",
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
    )


def only_choice(problem: PickProblem, pricer: GridPricer) -> Choice | None:
    """The only choice there is, None if some line has several fillings."""
    picks: list[Pick] = []
    needed = np.zeros(pricer.grid.num_spots, np.int32)
    unfilled: list[str] = []
    given = True
    for line in problem.lines:
        reached = [source for source in line.sources if source.spot in pricer.spot_of]
        if sum(source.quantity for source in reached) < line.quantity:
            unfilled.append(line.line)
        filling = given_filling(line.line, line.quantity, reached)
        given = given and filling is not None
        picks += filling or ()
        for source in reached:
            needed[pricer.spot_of[source.spot]] += 1
    if unfilled:
        raise NoRoute(unfilled, "lines cannot be filled from the bins within reach")
    return Choice(tuple(picks), needed, 0, True, 0) if given else None


def _bounds(grid: GridProblem, swept: SweptWalk, choice: Choice) -> tuple[int, int]:
    """The backtrack and the measured cost (mm or ms) that no route can beat, the latter at the backtrack found."""
    backtrack_mm, measured = grid.figures(choice.cost_bound)
    if grid.policy.name is PolicyName.SHORTEST:
        # A longer walk may turn less, so this sweep says nothing about the backtrack.
        return 0, swept.measured if choice.best else measured
    if choice.best:
        return swept.backtrack_mm, swept.measured
    return backtrack_mm, measured if backtrack_mm == swept.backtrack_mm else 0

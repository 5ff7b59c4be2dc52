"""The best walk for given bins on a grid floor, proven.

Problem
    Given which bins are picked, find the walk that is best by the policy: least (backtrack, distance)
    under `no_backtrack`, least (distance, backtrack) under `shortest`.
Method
    `grid_problem` writes the problem as a program, `sweep` finds the cheapest moves, and the moves are
    turned back into passes over floor, which `walk` joins to one walk.
Complexity
    O(columns * rows * states); see `state_graph` for the number of states.
Limits
    Undirected grid floors (`prepared_floor.sweepable`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.grid_problem import CROSSING, GAP, GridProblem, build, normal_spot, refresh
from routing.prepared_floor import PreparedFloor, prepare
from routing.problem import PickProblem, Policy
from routing.route import Leg
from routing.segment_moves import NEVER, any_options
from routing.sweep import sweep, trace
from routing.walk import Pass, walk_undirected
from warehouse.floor import Spot


@dataclass(frozen=True, slots=True)
class SweptWalk:
    """A best walk and its figures in mm."""

    legs: tuple[Leg, ...]
    backtrack_mm: int
    distance_mm: int


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
    """The best walk that picks at all spots whose `needed` is not 0; None if there is none."""
    refresh(grid.steps, grid.stretches, grid.weights, needed, grid.options)
    forward = grid.new_costs()
    cost = sweep(grid.program, grid.options, forward)
    if cost >= NEVER:
        return None
    taken = trace(grid.program, grid.options, forward)
    passes = list(_passes(grid, needed, taken))
    backtrack_mm, distance_mm = grid.figures(cost)
    return SweptWalk(walk_undirected(problem.floor, passes, problem.start, None), backtrack_mm, distance_mm)


def route_cost(
    prepared: PreparedFloor, problem: PickProblem, policy: Policy, spots: Collection[Spot]
) -> tuple[int, int] | None:
    """(backtrack_mm, distance_mm) of the best walk by way of `spots`, without making the walk.

    For pricing many sets of picks on one floor: `prepared` is `prepare(floor)`, taken once. The lines
    of `problem` are not looked at. None if some spot cannot be reached or there is no walk.
    """
    grid = build(prepared, problem, policy, spots)
    if any(normal_spot(problem.floor, spot) not in grid.spot_number for spot in spots):
        return None
    needed = np.ones(grid.num_spots, np.int32)
    refresh(grid.steps, grid.stretches, grid.weights, needed, grid.options)
    cost = sweep(grid.program, grid.options, grid.new_costs())
    return None if cost >= NEVER else grid.figures(cost)


def _passes(grid: GridProblem, needed: NDArray[np.int32], taken: NDArray[np.int32]) -> Iterator[Pass]:
    """What is walked when every step takes its chosen option."""
    for step, choice in enumerate(taken):
        kind, item = int(grid.steps.kind[step]), int(grid.steps.of[step])
        move, shift = int(grid.options.move[step, choice]), int(grid.options.shift[step, choice])
        if kind == CROSSING or move == 0:
            continue
        if kind == GAP:
            edge, from_mm, to_mm = grid.gap_floor[step]
            if from_mm < to_mm:
                yield Pass(edge, from_mm, to_mm, move)
        else:
            yield from _item_passes(grid, needed, item, step, move, shift)


def _item_passes(
    grid: GridProblem, needed: NDArray[np.int32], item: int, step: int, effect: int, shift: int
) -> Iterator[Pass]:
    """What is walked on one segment or spur for an effect; its options are worked out once more."""
    edge = grid.prepared.item_edges[item]
    offsets, passes, low_arm, high_arm = any_options(
        grid.stretches, grid.weights, needed, item, grid.options, step, effect, shift
    )
    length = int(grid.stretches.length[item])

    def at(offset: int) -> int:
        return grid.prepared.item_offset(item, offset)

    for piece, count in enumerate(passes):
        if count:
            low, high = sorted((at(int(offsets[piece])), at(int(offsets[piece + 1]))))
            yield Pass(edge, low, high, int(count))
    if low_arm:
        yield Pass(edge, at(0), at(int(low_arm)), 1, step_in=True)
    if high_arm:
        yield Pass(edge, at(length), at(length - int(high_arm)), 1, step_in=True)

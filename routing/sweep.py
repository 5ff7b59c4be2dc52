"""The sweep over a floor: least cost of a walk, step by step through the state graph.

Problem
    A program of steps (one a segment, marked crossing or gap, column by column) changes the state of a
    half-finished walk. Each step offers moves at a cost. Wanted is the cheapest sequence of moves from
    the empty to the closed state.
Method
    Dynamic programming over (plane, state). A plane holds what a state alone does not tell, such as
    whether the end is placed; a move may shift it. Forward costs at every step and backward costs at
    every step together price any change of one step's moves without another sweep.
Complexity
    O(steps * planes * states * moves), a few nanoseconds each.
Limits
    Costs stay below 2**62.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.segment_moves import NEVER, Options

Ints = NDArray[np.int64]
Table = NDArray[np.int32]


class Program(NamedTuple):
    """What a sweep runs through: the table of each step, and how moves and shifts change the state.

    `next[table, move, state]` is as in `StateGraph`; `shift[shift, plane]` is the plane after a shift,
    -1 where it may not happen. `empty` and `done` are the first and the last state; the walk begins in
    plane 0 and must end in plane `last_plane`.
    """

    table: Table
    next: Table
    shift: Table
    empty: int
    done: int
    last_plane: int


@njit(cache=True)
def run_step(program: Program, options: Options, step: int, costs: Ints, then: Ints) -> None:
    """One step forward: `then` becomes the least costs after `step`, `costs` being those before it.

    Both have shape (planes, states).
    """
    then[:] = NEVER
    table = program.next[program.table[step]]
    for plane in range(costs.shape[0]):
        for choice in range(options.number[step]):
            to_plane = program.shift[options.shift[step, choice], plane]
            if to_plane < 0:
                continue
            move, cost = table[options.move[step, choice]], options.cost[step, choice]
            for state in range(costs.shape[1]):
                to = move[state]
                if to >= 0 and costs[plane, state] < NEVER and costs[plane, state] + cost < then[to_plane, to]:
                    then[to_plane, to] = costs[plane, state] + cost


@njit(cache=True)
def run_step_back(program: Program, options: Options, step: int, costs: Ints, earlier: Ints) -> None:
    """One step backward: `earlier` becomes the least costs to go before `step`, `costs` those after it."""
    earlier[:] = NEVER
    table = program.next[program.table[step]]
    for plane in range(costs.shape[0]):
        for choice in range(options.number[step]):
            to_plane = program.shift[options.shift[step, choice], plane]
            if to_plane < 0:
                continue
            move, cost = table[options.move[step, choice]], options.cost[step, choice]
            for state in range(costs.shape[1]):
                to = move[state]
                if to >= 0 and costs[to_plane, to] < NEVER and costs[to_plane, to] + cost < earlier[plane, state]:
                    earlier[plane, state] = costs[to_plane, to] + cost


@njit(cache=True)
def sweep(program: Program, options: Options, forward: Ints) -> int:
    """The least cost of a whole walk, NEVER if there is none.

    `forward`, of shape (steps + 1, planes, states), is filled with the least costs before every step.
    """
    forward[0] = NEVER
    forward[0, 0, program.empty] = 0
    for step in range(len(program.table)):
        run_step(program, options, step, forward[step], forward[step + 1])
    return int(forward[len(program.table), program.last_plane, program.done])


@njit(cache=True)
def trace(program: Program, options: Options, forward: Ints) -> NDArray[np.int32]:
    """Which of its options each step takes on a cheapest walk, from the `forward` costs of `sweep`."""
    steps = len(program.table)
    taken = np.zeros(steps, np.int32)
    plane, state = program.last_plane, program.done
    for step in range(steps - 1, -1, -1):
        taken[step], plane, state = _step_taken(program, options, step, forward, plane, state)
    return taken


@njit(cache=True)
def _step_taken(
    program: Program, options: Options, step: int, forward: Ints, to_plane: int, to: int
) -> tuple[int, int, int]:
    """The option by which a cheapest walk came to a state at `step`, and the plane and state before."""
    table = program.next[program.table[step]]
    goal = forward[step + 1, to_plane, to]
    for choice in range(options.number[step]):
        move, cost = options.move[step, choice], options.cost[step, choice]
        for plane in range(forward.shape[1]):
            if program.shift[options.shift[step, choice], plane] != to_plane:
                continue
            for state in range(forward.shape[2]):
                before = forward[step, plane, state]
                if before < NEVER and table[move, state] == to and before + cost == goal:
                    return choice, plane, state
    raise AssertionError("the costs of this sweep lead nowhere")

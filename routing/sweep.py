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
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.segment_moves import COST, MOVE, NEVER, SHIFT

Ints = NDArray[np.int64]
Table = NDArray[np.int32]


class Program(NamedTuple):
    """What a sweep runs through: the table of each step, and how moves and shifts change the state.

    `next[table, move, state]` is as in `StateGraph`; `shift[shift, plane]` is the plane after a shift,
    -1 where it may not happen. `options` are as in `segment_moves`; they have one row more than there
    are steps, for moves that are only tried. The walk begins in plane 0 of state `empty` and must end in
    the last plane of state `done`.
    """

    table: Table
    next: Table
    shift: Table
    options: Ints
    empty: int
    done: int


@compiled_part
def run_step(program: Program, step: int, costs: Ints, then: Ints) -> None:
    """One step forward: `then` becomes the least costs after `step`, `costs` being those before it.

    Both have shape (planes, states).
    """
    then[:] = NEVER
    table, options = program.next[program.table[step]], program.options[step]
    for plane in range(costs.shape[0]):
        for choice in range(1, options[0, 0] + 1):
            to_plane = program.shift[options[choice, SHIFT], plane]
            if to_plane < 0:
                continue
            move, cost = options[choice, MOVE], options[choice, COST]
            for state in range(costs.shape[1]):
                to = table[move, state]
                if to >= 0 and costs[plane, state] < NEVER and costs[plane, state] + cost < then[to_plane, to]:
                    then[to_plane, to] = costs[plane, state] + cost


@compiled
def run_step_back(program: Program, step: int, costs: Ints, earlier: Ints) -> None:
    """One step backward: `earlier` becomes the least costs to go before `step`, `costs` those after it."""
    earlier[:] = NEVER
    table, options = program.next[program.table[step]], program.options[step]
    for plane in range(costs.shape[0]):
        for choice in range(1, options[0, 0] + 1):
            to_plane = program.shift[options[choice, SHIFT], plane]
            if to_plane < 0:
                continue
            move, cost = options[choice, MOVE], options[choice, COST]
            for state in range(costs.shape[1]):
                to = table[move, state]
                if to >= 0 and costs[to_plane, to] < NEVER and costs[to_plane, to] + cost < earlier[plane, state]:
                    earlier[plane, state] = costs[to_plane, to] + cost


@compiled_part
def joined(program: Program, step: int, row: int, before: Ints, after: Ints) -> int:
    """The least cost of a walk that takes a move of options row `row` at `step`.

    `before` and `after` are the forward costs before and the backward costs after the step.
    """
    table, options = program.next[program.table[step]], program.options[row]
    least = NEVER
    for plane in range(before.shape[0]):
        for choice in range(1, options[0, 0] + 1):
            to_plane = program.shift[options[choice, SHIFT], plane]
            if to_plane < 0:
                continue
            move, cost = options[choice, MOVE], options[choice, COST]
            for state in range(before.shape[1]):
                to = table[move, state]
                if to >= 0 and before[plane, state] < NEVER and after[to_plane, to] < NEVER:
                    least = min(least, before[plane, state] + cost + after[to_plane, to])
    return least


@compiled
def sweep(program: Program, forward: Ints) -> int:
    """The least cost of a whole walk, NEVER if there is none.

    `forward`, of shape (steps + 1, planes, states), is filled with the least costs before every step.
    """
    forward[0] = NEVER
    forward[0, 0, program.empty] = 0
    for step in range(len(program.table)):
        run_step(program, step, forward[step], forward[step + 1])
    return int(forward[len(program.table), -1, program.done])


@compiled(makes_arrays=True)
def trace(program: Program, forward: Ints) -> NDArray[np.int64]:
    """Which of its options each step takes on a cheapest walk, from the `forward` costs of `sweep`."""
    steps = len(program.table)
    taken = np.zeros(steps, np.int64)
    plane, state = forward.shape[1] - 1, program.done
    for step in range(steps - 1, -1, -1):
        taken[step], plane, state = _step_taken(program, step, forward, plane, state)
    return taken


@compiled_part
def _step_taken(program: Program, step: int, forward: Ints, to_plane: int, to: int) -> tuple[int, int, int]:
    """The option by which a cheapest walk came to a state at `step`, and the plane and state before."""
    table, options = program.next[program.table[step]], program.options[step]
    goal = forward[step + 1, to_plane, to]
    for choice in range(1, options[0, 0] + 1):
        move, cost = options[choice, MOVE], options[choice, COST]
        for plane in range(forward.shape[1]):
            if program.shift[options[choice, SHIFT], plane] != to_plane:
                continue
            for state in range(forward.shape[2]):
                before = forward[step, plane, state]
                if before < NEVER and table[move, state] == to and before + cost == goal:
                    return choice, plane, state
    raise AssertionError("the costs of this sweep lead nowhere")

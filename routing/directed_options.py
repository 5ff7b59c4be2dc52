"""The moves of the compiled directed sweep: what may be done at one step, and what it costs.

Problem
    As in `segment_moves`, on floors with one-way edges. There passes have directions, so a move says how
    large the flow through a segment is and not only whether it is odd.
Method
    A one-way segment is passed once, twice ... or not at all. For one walked both ways the moves of
    `segment_moves` are taken: once through is a flow either way, twice through is a flow of two or once
    each way, and every further pass costs its whole length again. In and back is no flow.
Complexity
    That of `segment_moves`, and one move for every flow.
Limits
    Starts and ends inside a segment only where the walk ends where it starts and the segment is walked
    both ways.
"""

from typing import Final

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.segment_moves import (
    ALL_WALKED,
    BACKTRACK,
    CHARGED,
    COST,
    COUNTS,
    DISTANCE,
    FIRST_SPOT,
    HIGH_END,
    LAST_SPOT,
    LENGTH,
    LOW_END,
    LOW_OPEN,
    MOVE,
    SHIFT_NONE,
    Counts,
    Ints,
    add_option,
    charge_plain_options,
    plain_options,
    stops_cost,
)
from routing.state_graph import Effect
from routing.stretch_sweep import any_options

LANE: Final = 3
JUNCTION: Final = 4
"""Kinds of steps beside those of `grid_layout`: an item and a crossing of a floor with one-way edges."""

NONE, LOW, HIGH, BOTH, JOINED, INSIDE = range(6)
"""Moves of a segment without flow: which ends it touches, whether it joins them; `INSIDE` is the whole walk."""
START, END = 2, 4
"""Moves of a crossing that place the start or the end there, `BOTH` both; `LOW` only touches it."""
GAP_NONE, GAP_BOTH = 0, 1
"""Moves of a gap that is not passed, and of one that is passed once each way."""

_ONCE, _TWICE = int(Effect.JOINED_11), int(Effect.JOINED_22)
_MOVE_OF = np.full(len(Effect), -1, np.int64)  # what an effect without flow is here
_MOVE_OF[[Effect.NONE, Effect.LOW_2, Effect.HIGH_2, Effect.APART_22, Effect.INSIDE]] = (NONE, LOW, HIGH, BOTH, INSIDE)


@compiled
def flow_move(last: int, flow: int, cap: int) -> int:
    """The move for a flow that is not 0, where `last` is the last move without flow."""
    return last + flow if flow > 0 else last + cap - flow


@compiled_part
def junction_options(mark: int, may_end: int, must: bool, stop: int, options: Ints, row: int) -> None:
    """The moves at a crossing; `mark` is 1 for the start of an open walk and 2 for that of a closed one."""
    options[row, 0, 0] = 0
    add_option(options, row, START if mark == 1 else LOW if must or mark == 2 else NONE, SHIFT_NONE, stop)
    if may_end:
        add_option(options, row, BOTH if mark == 1 else END, SHIFT_NONE, stop)


@compiled_part(makes_arrays=True)
def lane_options(
    stretch: Ints,
    spots: Ints,
    pairs: Ints,
    needed: Counts,
    weights: Ints,
    marked: int,
    cap: int,
    direction: int,
    options: Ints,
    row: int,
) -> None:
    """Write the moves of a segment or spur, with flows up to `cap`.

    `marked` says that the walk starts inside it, `direction` is 1 or -1 where it is one-way, upwards or
    downwards. The rest is as for `segment_moves.plain_options`.
    """
    again = stretch[LENGTH] * (weights[DISTANCE] + stretch[COUNTS] * weights[BACKTRACK])
    again += stretch[LOW_END] + stretch[HIGH_END]
    if direction:
        _one_way_options(stretch, needed, weights, cap, direction, again, options, row)
        return
    if marked:
        any_options(stretch, spots, pairs, needed, weights, options, row)
    else:
        plain_options(stretch, spots, needed, weights, options, row)
        if weights[CHARGED]:
            charge_plain_options(stretch, needed, weights, options, row)
    known = options[row, 1 : options[row, 0, 0] + 1].copy()
    options[row, 0, 0] = 0
    for choice in range(len(known)):
        effect, cost = known[choice, MOVE], known[choice, COST]
        if effect == _ONCE:
            add_option(options, row, flow_move(INSIDE, 1, cap), SHIFT_NONE, cost)
            add_option(options, row, flow_move(INSIDE, -1, cap), SHIFT_NONE, cost)
        elif effect == _TWICE:
            add_option(options, row, JOINED, SHIFT_NONE, cost)
            for flow in range(2, cap + 1):
                add_option(options, row, flow_move(INSIDE, flow, cap), SHIFT_NONE, cost + (flow - 2) * again)
                add_option(options, row, flow_move(INSIDE, -flow, cap), SHIFT_NONE, cost + (flow - 2) * again)
        elif _MOVE_OF[effect] >= 0:
            add_option(options, row, _MOVE_OF[effect], SHIFT_NONE, cost)


@compiled_part
def _one_way_options(
    stretch: Ints, needed: Counts, weights: Ints, cap: int, direction: int, again: int, options: Ints, row: int
) -> None:
    """Write the moves of a one-way segment; each pass after the first costs `again`."""
    options[row, 0, 0] = 0
    if not needed[stretch[FIRST_SPOT] : stretch[LAST_SPOT]].any():
        add_option(options, row, NONE, SHIFT_NONE, 0)
    if stretch[LOW_OPEN] < stretch[LENGTH]:
        return
    once = stretch[LENGTH] * weights[DISTANCE] + stretch[COUNTS] * stretch[ALL_WALKED] * weights[BACKTRACK]
    once += stretch[LOW_END] + stretch[HIGH_END] + stops_cost(stretch, needed, weights)
    for flow in range(1, cap + 1):
        add_option(options, row, flow_move(INSIDE, direction * flow, cap), SHIFT_NONE, once + (flow - 1) * again)

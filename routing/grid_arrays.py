"""A pick problem on a grid floor as arrays, and the moves of its steps worked out for the spots that are needed."""

from typing import NamedTuple

from routing.compiled import compiled, compiled_part
from routing.directed_options import JUNCTION, LANE, junction_options, lane_options
from routing.grid_layout import CROSSING as CROSSING
from routing.grid_layout import GAP as GAP
from routing.grid_layout import ITEM as ITEM
from routing.grid_stretches import marked_stretches
from routing.ladder_sweep import ladder_options
from routing.segment_moves import (
    ACROSS,
    CHARGED,
    SHIFT_END,
    SHIFT_NONE,
    STOP,
    Counts,
    Ints,
    add_option,
    charge_plain_options,
    plain_options,
)
from routing.state_graph import Effect
from routing.stretch_sweep import any_options
from routing.sweep import Program

_NONE, _LOW_1, _LOW_2 = int(Effect.NONE), int(Effect.LOW_1), int(Effect.LOW_2)
KIND, OF, MARK, MAY_END, SPOT = range(5)
STEP_COLUMNS = 5
PLAIN, MARKED, WIDE = range(3)


class GridArrays(NamedTuple):
    """All that compiled code needs of a `GridProblem`.

    `steps` has one row a step: its `KIND`, and which item or crossing it is `OF`. Of items, `MARK` is `MARKED`
    where `any_options` has to work out the moves, `WIDE` where `ladder_options` has to, else `PLAIN`. Of
    crossings, `MARK` is the degree the start adds, `MAY_END` 1 if the walk may end there, `SPOT` the spot
    there or -1. On floors with one-way edges (`directed_program`) items have the largest flow for `MAY_END`
    and their direction for `SPOT`. `spot_step` is the step at which a spot is picked. The rest is
    explained in `segment_moves`.
    """

    program: Program
    steps: Ints
    spot_step: Ints
    stretches: Ints
    spots: Ints
    pairs: Ints
    weights: Ints


@compiled_part
def _crossing_options(mark: int, may_end: int, must: bool, stop: int, options: Ints, row: int) -> None:
    """The moves at a crossing: what the start adds, whether it must be visited, whether the walk ends there."""
    options[row, 0, 0] = 0
    add_option(options, row, _LOW_1 if mark == 1 else (_LOW_2 if must or mark == 2 else _NONE), SHIFT_NONE, stop)
    if may_end:
        add_option(options, row, _LOW_2 if mark == 1 else _LOW_1, SHIFT_END, stop)


@compiled_part
def refresh_crossing(crossing: Ints, needed: Counts, weights: Ints, options: Ints, row: int) -> None:
    """Work out the moves at a crossing, a row of `steps`, for the spots that are `needed` now."""
    must = crossing[SPOT] >= 0 and needed[crossing[SPOT]] > 0
    stop = weights[STOP] if must else 0
    if crossing[KIND] == JUNCTION:
        junction_options(crossing[MARK], crossing[MAY_END], must, stop, options, row)
    else:
        _crossing_options(crossing[MARK], crossing[MAY_END], must, stop, options, row)


@compiled_part(makes_arrays=True)
def refresh_step(grid: GridArrays, needed: Counts, step: int, row: int) -> None:
    """Work out the moves of one step for the spots that are `needed` now, into a row of the options."""
    kind, of, mark = grid.steps[step, KIND], grid.steps[step, OF], grid.steps[step, MARK]
    options = grid.program.options
    if kind in (CROSSING, JUNCTION):
        refresh_crossing(grid.steps[step], needed, grid.weights, options, row)
    elif kind == LANE:
        cap, direction = grid.steps[step, MAY_END], grid.steps[step, SPOT]
        stretch = grid.stretches[of]
        lane_options(stretch, grid.spots, grid.pairs, needed, grid.weights, mark, cap, direction, options, row)
    elif kind == ITEM and mark == WIDE:
        ladder_options(grid.stretches[of], grid.spots, grid.pairs, needed, grid.weights, options, row)
    elif kind == ITEM and mark:
        any_options(grid.stretches[of], grid.spots, grid.pairs, needed, grid.weights, options, row)
    elif kind == ITEM:
        plain_options(grid.stretches[of], grid.spots, needed, grid.weights, options, row)
        if grid.weights[CHARGED]:
            charge_plain_options(grid.stretches[of], needed, grid.weights, options, row)


def across_for_free(grid: GridArrays) -> GridArrays:
    """The same problem with both sides of every aisle reached from one line: no walk costs more in it."""
    stretches, steps = grid.stretches.copy(), grid.steps.copy()
    wide = (steps[:, KIND] == ITEM) & (steps[:, MARK] == WIDE)
    steps[wide, MARK] = marked_stretches(stretches)[steps[wide, OF]]
    stretches[:, ACROSS] = 0
    return grid._replace(stretches=stretches, steps=steps)


@compiled
def refresh(grid: GridArrays, needed: Counts) -> None:
    """Work out the moves of all steps anew."""
    for step in range(len(grid.steps)):
        refresh_step(grid, needed, step, step)

"""Among walks of equal cost the one that turns back in fewer aisles, then the one that re-walks less cross aisle.

Problem
    Many walks by way of the same bins are equally good by the policy. Pickers prefer some of them.
Method
    The costs of the sweep are multiplied so far that in-and-back arms, and whole metres of cross aisle walked
    a second time, can be added without ever outweighing one unit of cost.
Complexity
    None beyond that of the sweep.
Limits
    On floors so large that no room is left in a 64-bit number metres, then arms, are left out. Where turns
    are charged as time ties are left as they are.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from routing.grid_arrays import GAP, KIND
from routing.grid_problem import GridProblem
from routing.segment_moves import (
    ACROSS,
    ARM,
    BACKTRACK,
    CHARGED,
    COST,
    DISTANCE,
    HIGH_DEAD,
    HIGH_END,
    LOW_DEAD,
    LOW_END,
    Counts,
)

COST_BITS = 61  # costs stay below NEVER, which is 2**62
MARKED_ARMS_MAX = 12  # in the stretches that hold the start and an end


class Tied(NamedTuple):
    """A problem in which ties are broken, and by what its costs have to be divided to be those of the original."""

    grid: GridProblem
    by: int


def ties_broken(grid: GridProblem, needed: Counts) -> Tied:
    """The same problem with costs that tell equally good walks apart; to be refreshed for `needed`."""
    arrays = grid.arrays
    if (
        grid.rates.arm
        or grid.rates.end
        or grid.rates.stop
        or grid.rates.one > 1
        or arrays.stretches[:, [LOW_END, HIGH_END]].any()
    ):
        return Tied(grid, 1)
    room = 1 << max(0, COST_BITS - 2 * grid.unit.bit_length())
    dead_ends = int(arrays.stretches[:, [LOW_DEAD, HIGH_DEAD]].sum())
    # Where there are lanes every point may be turned back at twice, in passing or at either side.
    lanes = 2 if arrays.stretches[:, ACROSS].any() else 1
    arms_max = lanes * (2 * int((needed > 0).sum()) + dead_ends + MARKED_ARMS_MAX)
    metres = {step: -(-(high - low) // 1000) for step, (_, low, high) in grid.gap_floor.items()}
    arm = sum(metres.values()) + 1
    if arm * (arms_max + 1) > room:
        arm, metres = 1, {}
    by = arm * (arms_max + 1)
    if by > room:
        return Tied(grid, 1)
    weights = arrays.weights.copy()
    weights[[DISTANCE, BACKTRACK]] *= by
    weights[ARM], weights[CHARGED] = arm, 1
    options = arrays.program.options.copy()
    options[np.flatnonzero(arrays.steps[:, KIND] == GAP), 1:, COST] *= by
    for step, length_m in metres.items():
        options[step, 3, COST] += length_m
    program = arrays.program._replace(options=options)
    return Tied(dataclasses.replace(grid, arrays=arrays._replace(program=program, weights=weights)), by)

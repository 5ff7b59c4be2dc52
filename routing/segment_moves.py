"""Every sensible way to walk one stretch of floor, and the least cost of each effect it can have.

Problem
    A stretch joins a low and a high crossing (the high one may not exist: a dead end). Given what must
    be picked on it, each `Effect` on the two crossings is wanted at least cost.
Method
    `plain_options` knows the closed forms for a stretch where the walk does not start: not at all, once
    or twice through, in and back from either end, both ends with any one gap between picks left out, and
    in one way where the walk may end anywhere. `stretch_sweep.any_options` serves stretches that hold the
    start or an end, `ladder_sweep.ladder_options` those with a crossing from side to side. Where more than one
    applies they agree.
Complexity
    O(picks) for `plain_options`.
Limits
    More than two passes over one piece never pay; step-ins come on top of them.

Arrays are few and wide, with named columns, because compiled code takes each as a bundle of seven values.

`stretches` has one row a stretch: `LENGTH`; `COUNTS`, 1 on aisles, where walking again is backtrack, and 0
elsewhere; `LOW_OPEN` and `HIGH_OPEN`, how far one gets from the low and down from the high crossing;
`LOW_STEP_IN` and `HIGH_STEP_IN`, how deep one may step in from them; `ALL_WALKED`, how much of it was
walked before; from and to which row of `spots` its spots lie and of `pairs` its blocked stretches, walked
stretches and allowed ends; `START_AT`, -1 if the walk does not start there, and `START_DEGREE`, what the
start adds (2 if the walk also ends there); `LOW_END` and `HIGH_END`, what it costs to enter or leave it at
the low and the high crossing; `LOW_DEAD` and `HIGH_DEAD`, 1 where turning back at that crossing is an
in-and-back arm because nothing else meets there; `ACROSS`, how far it is from one side to the other, 0 where that
is no way at all, and, for `ladder_sweep` alone, the side of the start (`START_SIDE`) and where beside the crossings
both sides meet (`FREE_AT`, -1 nowhere). `spots` has `AT`, `WALKED` (floor walked before, from the low end to it)
and `SIDE`, ascending within a stretch, `pairs` two offsets, of ends an offset and a side. `weights` has what a mm of
`DISTANCE` and a mm of `BACKTRACK` costs; `ANYWHERE`, 1 if the walk may end at any pick; `CHARGED`, 1 if anything
but floor is charged or counted; `BY_ARMS`, 1 if moves are told apart by their in-and-back arms; what an `ARM`, a
`STOP` at a spot and an aisle `END` entered or left cost. All lengths are in mm, all offsets measured from the low
crossing.

`options` has one row a step of the sweep: in `options[row, 0, 0]` the number of moves, then from entry 1 on
each `MOVE`, what it does to the plane (`SHIFT`: 1 if the end is placed, and 2 for each arm if arms count), and
its `COST`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.cost import NEVER as NEVER
from routing.state_graph import SHAPES, Effect

Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

ARMS_MAX: Final = 6  # in one stretch: one from either end, a step-in over each, a turn at either dead end
MOVES_MAX: Final = 28  # 14 effects, each with and without the end of the walk in it
MOVES_MAX_BY_ARMS: Final = MOVES_MAX * (ARMS_MAX + 1)

(
    LENGTH,
    COUNTS,
    LOW_OPEN,
    HIGH_OPEN,
    LOW_STEP_IN,
    HIGH_STEP_IN,
    ALL_WALKED,
    FIRST_SPOT,
    LAST_SPOT,
    FIRST_BLOCKED,
    LAST_BLOCKED,
    FIRST_WALKED,
    LAST_WALKED,
    FIRST_END,
    LAST_END,
    START_AT,
    START_DEGREE,
    LOW_END,
    HIGH_END,
    LOW_DEAD,
    HIGH_DEAD,
    ACROSS,
    START_SIDE,
    FREE_AT,
) = range(24)
STRETCH_COLUMNS: Final = 24
AT, WALKED, SIDE = range(3)
SPOT_COLUMNS: Final = 3
DISTANCE, BACKTRACK, ANYWHERE, CHARGED, BY_ARMS, ARM, STOP, END = range(8)
MOVE, SHIFT, COST = range(3)
SHIFT_NONE: Final = 0
SHIFT_END: Final = 1  # the end of the walk is placed by this move
SHIFT_ARM: Final = 2  # one in-and-back arm more

_NO_SPOT = -1
_NONE = int(Effect.NONE)
_LOW_2, _HIGH_2, _APART_22 = int(Effect.LOW_2), int(Effect.HIGH_2), int(Effect.APART_22)
_JOINED_11, _JOINED_22 = int(Effect.JOINED_11), int(Effect.JOINED_22)
_LOW_1, _HIGH_1 = int(Effect.LOW_1), int(Effect.HIGH_1)
_APART_12, _APART_21 = int(Effect.APART_12), int(Effect.APART_21)

# Of every effect: passes at the low and the high crossing, and the arms of the closed form that has it.
_PASSES_OF = np.array(
    [(SHAPES[each].low, SHAPES[each].high) if each in SHAPES else (0, 0) for each in Effect], np.int64
)
_ARMS_OF = np.zeros(len(Effect), np.int64)
_ARMS_OF[[_LOW_2, _HIGH_2, _APART_12, _APART_21]] = 1
_ARMS_OF[_APART_22] = 2


@compiled_part
def add_option(options: Ints, row: int, move: int, shift: int, cost: int) -> None:
    """Offer one more move."""
    at = options[row, 0, 0] + 1
    options[row, at, MOVE], options[row, at, SHIFT], options[row, at, COST] = move, shift, cost
    options[row, 0, 0] = at


@compiled_part
def _over(weights: Ints, counts: int, length: int, walked: int) -> int:
    """The cost of going over `length` once; `walked` of it was walked before."""
    return int(length * weights[DISTANCE] + counts * walked * weights[BACKTRACK])


@compiled_part
def _arm(weights: Ints, counts: int, depth: int, walked: int, step_in: int) -> int:
    """The cost of going `depth` in and back; `walked` of it was walked before."""
    if depth <= step_in:
        return int(2 * depth * weights[DISTANCE])
    return int(2 * depth * weights[DISTANCE] + counts * (depth + walked) * weights[BACKTRACK])


@compiled_part
def _one_ended_options(
    stretch: Ints, spots: Ints, weights: Ints, first: int, last: int, options: Ints, row: int
) -> None:
    """Offer to pick everything from spot `first` to `last` from one end alone."""
    counts, length = stretch[COUNTS], stretch[LENGTH]
    depth, walked = spots[last, AT], spots[last, WALKED]
    if depth <= stretch[LOW_OPEN]:
        add_option(options, row, _LOW_2, SHIFT_NONE, _arm(weights, counts, depth, walked, stretch[LOW_STEP_IN]))
        if weights[ANYWHERE]:
            add_option(options, row, _LOW_1, SHIFT_END, _over(weights, counts, depth, walked))
    depth, walked = length - spots[first, AT], stretch[ALL_WALKED] - spots[first, WALKED]
    if length - depth >= stretch[HIGH_OPEN]:
        add_option(options, row, _HIGH_2, SHIFT_NONE, _arm(weights, counts, depth, walked, stretch[HIGH_STEP_IN]))
        if weights[ANYWHERE]:
            add_option(options, row, _HIGH_1, SHIFT_END, _over(weights, counts, depth, walked))


@compiled_part
def _two_ended_options(stretch: Ints, spots: Ints, needed: Counts, weights: Ints, options: Ints, row: int) -> None:
    """Offer to pick from both ends, whichever gap between two picks is best left out."""
    counts, length = stretch[COUNTS], stretch[LENGTH]
    both = low_end = high_end = NEVER
    below = _NO_SPOT
    for above in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
        if not needed[above]:
            continue
        if below != _NO_SPOT and spots[below, AT] <= stretch[LOW_OPEN] and spots[above, AT] >= stretch[HIGH_OPEN]:
            low, low_walked = spots[below, AT], spots[below, WALKED]
            high, high_walked = length - spots[above, AT], stretch[ALL_WALKED] - spots[above, WALKED]
            low_arm = _arm(weights, counts, low, low_walked, stretch[LOW_STEP_IN])
            high_arm = _arm(weights, counts, high, high_walked, stretch[HIGH_STEP_IN])
            both = min(both, low_arm + high_arm)
            low_end = min(low_end, _over(weights, counts, low, low_walked) + high_arm)
            high_end = min(high_end, _over(weights, counts, high, high_walked) + low_arm)
        below = above
    if both < NEVER:
        add_option(options, row, _APART_22, SHIFT_NONE, both)
        if weights[ANYWHERE]:
            add_option(options, row, _APART_12, SHIFT_END, low_end)
            add_option(options, row, _APART_21, SHIFT_END, high_end)


@compiled
def plain_options(stretch: Ints, spots: Ints, needed: Counts, weights: Ints, options: Ints, row: int) -> None:
    """Write the moves of a stretch on which the walk neither starts nor has a fixed end.

    Parameters
    ----------
    stretch
        A row of `stretches`.
    spots, weights, options
        As the module explains them; the moves are written to row `row` of the options.
    needed
        How many bins must be picked at each spot.
    """
    options[row, 0, 0] = 0
    length, counts = stretch[LENGTH], stretch[COUNTS]
    if stretch[LOW_OPEN] == length:
        once = _over(weights, counts, length, stretch[ALL_WALKED])
        add_option(options, row, _JOINED_11, SHIFT_NONE, once)
        add_option(options, row, _JOINED_22, SHIFT_NONE, once + _over(weights, counts, length, length))
    first = last = _NO_SPOT
    for spot in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
        if needed[spot]:
            first = spot if first == _NO_SPOT else first
            last = spot
    if first == _NO_SPOT:
        add_option(options, row, _NONE, SHIFT_NONE, 0)
        return
    _one_ended_options(stretch, spots, weights, first, last, options, row)
    if first != last:
        _two_ended_options(stretch, spots, needed, weights, options, row)


@compiled_part
def stops_cost(stretch: Ints, needed: Counts, weights: Ints) -> int:
    """What the stops on a stretch cost."""
    stops = 0
    for spot in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
        stops += needed[spot] > 0
    return int(stops * weights[STOP])


@compiled_part
def charge_plain_options(stretch: Ints, needed: Counts, weights: Ints, options: Ints, row: int) -> None:
    """Charge the moves of `plain_options` for their arms, the aisle ends they use, and stops."""
    stops = stops_cost(stretch, needed, weights)
    for choice in range(1, options[row, 0, 0] + 1):
        effect = options[row, choice, MOVE]
        low, high = _PASSES_OF[effect, 0], _PASSES_OF[effect, 1]
        arms = stretch[COUNTS] * _ARMS_OF[effect]
        arms += (stretch[LOW_DEAD] if low == 2 else 0) + (stretch[HIGH_DEAD] if high == 2 else 0)
        options[row, choice, COST] += arms * weights[ARM] + low * stretch[LOW_END] + high * stretch[HIGH_END] + stops
        options[row, choice, SHIFT] += SHIFT_ARM * arms * weights[BY_ARMS]

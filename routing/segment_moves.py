"""Every sensible way to walk one stretch of floor, and the least cost of each effect it can have.

Problem
    A stretch joins a low and a high crossing (the high one may not exist: a dead end). Given what must
    be picked on it, each `Effect` on the two crossings is wanted at least cost.
Method
    `plain_options` knows the closed forms for a stretch where the walk does not start: not at all, once
    or twice through, in and back from either end, both ends with any one gap between picks left out, and
    in one way where the walk may end anywhere. `any_options` finds every effect by a sweep along the
    stretch, one pass count (0, 1 or 2) a piece between points, and serves stretches that hold the
    start or an end and turns a chosen effect back into passes. Where both apply they agree.
    Step-ins are arms laid over the rest: their depth is tried out, the rest is swept without what they
    pick.
Complexity
    O(picks) for `plain_options`; O(picks * step-in depths at either end) for `any_options`.
Limits
    More than two passes over one piece never pay; step-ins come on top of them.

Arrays are few and wide, with named columns, because compiled code takes each as a bundle of seven values.

`stretches` has one row a stretch: `LENGTH`; `COUNTS`, 1 on aisles, where walking again is backtrack, and 0
elsewhere; `LOW_OPEN` and `HIGH_OPEN`, how far one gets from the low and down from the high crossing;
`LOW_STEP_IN` and `HIGH_STEP_IN`, how deep one may step in from them; `ALL_WALKED`, how much of it was
walked before; from and to which row of `spots` its spots lie and of `pairs` its blocked stretches, walked
stretches and allowed ends; `START_AT`, -1 if the walk does not start there, and `START_DEGREE`, what the
start adds (2 if the walk also ends there). `spots` has `AT` and `WALKED` (floor walked before, from the low
end to it), ascending within a stretch, `pairs` two offsets. `weights` has what a mm of `DISTANCE` and a mm
of `BACKTRACK` costs, and `ANYWHERE`, 1 if the walk may end at any pick. All lengths are in mm, all offsets
measured from the low crossing.

`options` has one row a step of the sweep: in `options[row, 0, 0]` the number of moves, then from entry 1 on
each `MOVE`, what it does to the plane (`SHIFT`), and its `COST`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled
from routing.cost import NEVER as NEVER
from routing.state_graph import Effect

Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

MOVES_MAX: Final = 28  # 14 effects, each with and without the end of the walk in it

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
) = range(17)
STRETCH_COLUMNS: Final = 17
AT, WALKED = range(2)
DISTANCE, BACKTRACK, ANYWHERE = range(3)
MOVE, SHIFT, COST = range(3)
SHIFT_NONE: Final = 0
SHIFT_END: Final = 1  # the end of the walk is placed by this move

_NO_SPOT = -1
_NONE = int(Effect.NONE)
_LOW_2, _HIGH_2, _APART_22 = int(Effect.LOW_2), int(Effect.HIGH_2), int(Effect.APART_22)
_JOINED_11, _JOINED_22, _INSIDE = int(Effect.JOINED_11), int(Effect.JOINED_22), int(Effect.INSIDE)
_LOW_1, _HIGH_1 = int(Effect.LOW_1), int(Effect.HIGH_1)
_APART_12, _APART_21 = int(Effect.APART_12), int(Effect.APART_21)
_NO_EFFECT = -1
_NUM_EFFECTS = len(Effect)

# _EFFECT_OF[low, high, joined]: which effect has these degrees
_EFFECT_OF = np.full((3, 3, 2), _NO_EFFECT, np.int64)
_EFFECT_OF[0, 0, 0] = Effect.NONE
_EFFECT_OF[0, 2, 0] = Effect.HIGH_2
_EFFECT_OF[2, 0, 0] = Effect.LOW_2
_EFFECT_OF[2, 2, 0] = Effect.APART_22
_EFFECT_OF[1, 0, 0] = Effect.LOW_1
_EFFECT_OF[0, 1, 0] = Effect.HIGH_1
_EFFECT_OF[1, 1, 0] = Effect.APART_11
_EFFECT_OF[1, 2, 0] = Effect.APART_12
_EFFECT_OF[2, 1, 0] = Effect.APART_21
_EFFECT_OF[1, 1, 1] = Effect.JOINED_11
_EFFECT_OF[2, 2, 1] = Effect.JOINED_22
_EFFECT_OF[1, 2, 1] = Effect.JOINED_12
_EFFECT_OF[2, 1, 1] = Effect.JOINED_21


@compiled
def add_option(options: Ints, row: int, move: int, shift: int, cost: int) -> None:
    """Offer one more move."""
    at = options[row, 0, 0] + 1
    options[row, at, MOVE], options[row, at, SHIFT], options[row, at, COST] = move, shift, cost
    options[row, 0, 0] = at


@compiled
def _over(weights: Ints, counts: int, length: int, walked: int) -> int:
    """The cost of going over `length` once; `walked` of it was walked before."""
    return int(length * weights[DISTANCE] + counts * walked * weights[BACKTRACK])


@compiled
def _arm(weights: Ints, counts: int, depth: int, walked: int, step_in: int) -> int:
    """The cost of going `depth` in and back; `walked` of it was walked before."""
    if depth <= step_in:
        return int(2 * depth * weights[DISTANCE])
    return int(2 * depth * weights[DISTANCE] + counts * (depth + walked) * weights[BACKTRACK])


@compiled
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


@compiled
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


# Of the points that cut a stretch: where it is, whether something is picked there, the degree the start
# adds, whether the walk may end there; then the piece above it: length, floor walked before, blocked.
_POINT, _NEEDED, _START, _MAY_END, _PIECE, _PIECE_WALKED, _PIECE_BLOCKED = range(7)
_POINT_COLUMNS = 7


@compiled
def _put_point(points: Ints, size: int, offset: int, length: int) -> int:
    """Put a point among the first `size` in order, unless it is there or no point between the ends."""
    if offset <= 0 or offset >= length:
        return size
    at = size
    while at > 1 and points[at - 1, _POINT] > offset:
        at -= 1
    if points[at - 1, _POINT] == offset:
        return size
    for column in range(_POINT_COLUMNS):
        for later in range(size, at, -1):
            points[later, column] = points[later - 1, column]
        points[at, column] = 0
    points[at, _POINT] = offset
    return size + 1


@compiled
def _point_at(points: Ints, size: int, offset: int) -> int:
    """The row of the point at an offset."""
    row = 0
    while row < size - 1 and points[row, _POINT] != offset:
        row += 1
    return row


@compiled
def _points(stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints) -> Ints:
    """Cut a stretch wherever passes can begin or end. Row 0 stands for its low end."""
    length, start_at = stretch[LENGTH], stretch[START_AT]
    rows = stretch[LAST_SPOT] - stretch[FIRST_SPOT] + 2 * (stretch[LAST_BLOCKED] - stretch[FIRST_BLOCKED])
    points = np.zeros((rows + stretch[LAST_END] - stretch[FIRST_END] + 2, _POINT_COLUMNS), np.int64)
    size = _put_point(points, 1, start_at, length)
    for spot in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
        if needed[spot]:
            size = _put_point(points, size, spots[spot, AT], length)
            point = _point_at(points, size, spots[spot, AT])
            points[point, _NEEDED], points[point, _MAY_END] = 1, weights[ANYWHERE]
    for end in range(stretch[FIRST_END], stretch[LAST_END]):
        size = _put_point(points, size, pairs[end, 0], length)
        points[_point_at(points, size, pairs[end, 0]), _MAY_END] = 1
    if start_at >= 0:
        point = _point_at(points, size, start_at)
        points[point, _START] = stretch[START_DEGREE]
        points[point, _MAY_END] = max(points[point, _MAY_END], weights[ANYWHERE])
    for block in range(stretch[FIRST_BLOCKED], stretch[LAST_BLOCKED]):
        size = _put_point(points, size, pairs[block, 0], length)
        size = _put_point(points, size, pairs[block, 1], length)
    _measure_pieces(points, size, stretch, pairs)
    return points[:size]


@compiled
def _measure_pieces(points: Ints, size: int, stretch: Ints, pairs: Ints) -> None:
    """Fill in the columns of the pieces above the points."""
    for row in range(size):
        low = points[row, _POINT]
        high = points[row + 1, _POINT] if row + 1 < size else stretch[LENGTH]
        points[row, _PIECE] = high - low
        for block in range(stretch[FIRST_BLOCKED], stretch[LAST_BLOCKED]):
            if pairs[block, 0] < high and low < pairs[block, 1]:
                points[row, _PIECE_BLOCKED] = 1
        for each in range(stretch[FIRST_WALKED], stretch[LAST_WALKED]):
            points[row, _PIECE_WALKED] += max(0, min(high, pairs[each, 1]) - max(low, pairs[each, 0]))


# A state of the sweep along one stretch: passes on its first piece and on the last one so far, whether
# these hang together, whether the end is placed, whether the whole tour has closed inside.
_NUM_STATES = 3 * 3 * 2 * 2 * 2


@compiled
def _code(first: int, passes: int, linked: int, ended: int, closed: int) -> int:
    return (((first * 3 + passes) * 2 + linked) * 2 + ended) * 2 + closed


@compiled
def _piece_cost(points: Ints, weights: Ints, counts: int, row: int, passes: int) -> int:
    if passes == 0:
        return 0
    length = points[row, _PIECE]
    again = (passes - 1) * length + points[row, _PIECE_WALKED]
    return int(passes * length * weights[DISTANCE] + counts * again * weights[BACKTRACK])


@compiled
def _beyond(state: int, above: int, degree: int, placed: int) -> int:
    """The state when `above` passes follow on `state` at a point of this degree; -1 where that is not allowed."""
    closed, ended, linked = state % 2, state // 2 % 2, state // 4 % 2
    below, first = state // 8 % 3, state // 24
    if degree % 2 or (closed and degree):
        return -1
    if above and below:
        return _code(first, above, linked, ended + placed, closed)
    if above or not degree or linked:
        return _code(first, above, 0, ended + placed, closed)
    # What hangs together here ends here without having met either crossing: it must be the whole tour.
    return -1 if first else _code(0, 0, 0, ended + placed, 1)


@compiled
def _sweep_stretch(
    points: Ints, weights: Ints, counts: int, picked_low: int, picked_high: int, best: Ints, before: Ints
) -> None:
    """Find the least cost of every state at the high end, and where each came from.

    Points up to row `picked_low` and from `picked_high` on are picked by step-ins. `best` has shape
    (pieces, states), `before` holds the state on the piece below.
    """
    best[:] = NEVER
    for passes in range(1 if points[0, _PIECE_BLOCKED] else 3):
        best[0, _code(passes, passes, min(1, passes), 0, 0)] = _piece_cost(points, weights, counts, 0, passes)
    for row in range(1, len(points)):
        least_degree = 1 if points[row, _NEEDED] and picked_low < row < picked_high else 0
        passes_max = 0 if points[row, _PIECE_BLOCKED] else 2
        for state in range(_NUM_STATES):
            cost = best[row - 1, state]
            if cost >= NEVER:
                continue
            for placed in range(2 if points[row, _MAY_END] and not state // 2 % 2 else 1):
                for above in range(passes_max + 1):
                    degree = state // 8 % 3 + above + points[row, _START] + placed
                    target = _beyond(state, above, degree, placed)
                    if target < 0 or degree < least_degree:
                        continue
                    then = cost + _piece_cost(points, weights, counts, row, above)
                    if then < best[row, target]:
                        best[row, target] = then
                        before[row, target] = state


@compiled
def _effect_of(state: int, low_arm: int, high_arm: int) -> int:
    """The effect of a state at the high end with step-ins from the low and the high crossing on top."""
    closed, linked, high, low = state % 2, state // 4 % 2, state // 8 % 3, state // 24
    if closed:
        return _NO_EFFECT if low_arm or high_arm or low or high else _INSIDE
    joined = 1 if linked and low and high else 0
    if low_arm and low == 0:
        low = 2
    if high_arm and high == 0:
        high = 2
    return int(_EFFECT_OF[low, high, joined])


@compiled
def _keep_best(best: Ints, before: Ints, low_arm: int, high_arm: int, arms_cost: int, least: Ints, how: Ints) -> None:
    """Enter the end states of one sweep along the stretch into the least cost of each effect, and how."""
    pieces = len(best)
    for state in range(_NUM_STATES):
        effect, ended = _effect_of(state, low_arm, high_arm), state // 2 % 2
        cost = best[pieces - 1, state]
        if effect == _NO_EFFECT or cost >= NEVER or cost + arms_cost >= least[effect, ended]:
            continue
        least[effect, ended] = cost + arms_cost
        how[effect, ended, pieces], how[effect, ended, pieces + 1] = low_arm, high_arm
        at = state
        for piece in range(pieces - 1, -1, -1):
            how[effect, ended, piece] = at // 8 % 3
            at = before[piece, at]


@compiled
def any_options(
    stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints, options: Ints, row: int
) -> tuple[Ints, Ints]:
    """Write every move of a stretch to a row of the options, and tell how each is walked.

    Parameters
    ----------
    stretch, spots, needed, weights, options, row
        As for `plain_options`.
    pairs
        As the module explains them.

    Returns
    -------
    offsets, how
        The lower ends of the pieces the stretch is cut into; and for every effect and whether the end is
        placed in it the passes over each piece, followed by the depths of the step-ins from the low and
        from the high crossing: shape (effects, 2, pieces + 2).
    """
    points = _points(stretch, spots, pairs, needed, weights)
    counts, length, pieces = stretch[COUNTS], stretch[LENGTH], len(points)
    least = np.full((_NUM_EFFECTS, 2), NEVER, np.int64)
    how = np.zeros((_NUM_EFFECTS, 2, pieces + 2), np.int64)
    best, before = np.empty((pieces, _NUM_STATES), np.int64), np.zeros((pieces, _NUM_STATES), np.int64)
    low_depth_max = min(stretch[LOW_STEP_IN], stretch[LOW_OPEN])
    high_depth_max = min(stretch[HIGH_STEP_IN], length - stretch[HIGH_OPEN])
    for low in range(pieces):
        low_arm = points[low, _POINT]
        for high in range(pieces, low, -1):
            high_arm = length - points[high, _POINT] if high < pieces else 0
            if low_arm > low_depth_max or high_arm > high_depth_max:
                break
            if (low > 0 and not points[low, _NEEDED]) or (high < pieces and not points[high, _NEEDED]):
                continue
            _sweep_stretch(points, weights, counts, low, high, best, before)
            arms_cost = 2 * (low_arm + high_arm) * weights[DISTANCE]
            _keep_best(best, before, low_arm, high_arm, arms_cost, least, how)
    options[row, 0, 0] = 0
    for effect in range(_NUM_EFFECTS):
        for ended in range(2):
            if least[effect, ended] < NEVER:
                add_option(options, row, effect, ended, least[effect, ended])
    return points[:, _POINT].copy(), how

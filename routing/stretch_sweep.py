"""Every way to walk one stretch of floor, found by a sweep along it.

Problem
    As in `segment_moves`, for stretches that hold the start or an end of the walk as well, and with the
    passes over floor that make each move.
Method
    A sweep from the low to the high end, one pass count (0, 1 or 2) a piece between points. Step-ins are
    arms laid over the rest: their depth is tried out, the rest is swept without what they pick. Where
    turns are charged or bounded, how many arms turn inside the stretch is part of the state.
Complexity
    O(picks * step-in depths at either end).
Limits
    More than two passes over one piece never pay; step-ins come on top of them.
"""

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.cost import NEVER
from routing.segment_moves import (
    ANYWHERE,
    ARM,
    ARMS_MAX,
    AT,
    BACKTRACK,
    BY_ARMS,
    CHARGED,
    COUNTS,
    DISTANCE,
    FIRST_BLOCKED,
    FIRST_END,
    FIRST_SPOT,
    FIRST_WALKED,
    HIGH_DEAD,
    HIGH_END,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LAST_BLOCKED,
    LAST_END,
    LAST_SPOT,
    LAST_WALKED,
    LENGTH,
    LOW_DEAD,
    LOW_END,
    LOW_OPEN,
    LOW_STEP_IN,
    SHIFT_ARM,
    SHIFT_END,
    START_AT,
    START_DEGREE,
    Counts,
    Ints,
    add_option,
    stops_cost,
)
from routing.state_graph import Effect

NO_EFFECT = -1
_NUM_EFFECTS = len(Effect)
_INSIDE = int(Effect.INSIDE)

EFFECT_OF = np.full((3, 3, 2), NO_EFFECT, np.int64)
EFFECT_OF[0, 0, 0] = Effect.NONE
EFFECT_OF[0, 2, 0] = Effect.HIGH_2
EFFECT_OF[2, 0, 0] = Effect.LOW_2
EFFECT_OF[2, 2, 0] = Effect.APART_22
EFFECT_OF[1, 0, 0] = Effect.LOW_1
EFFECT_OF[0, 1, 0] = Effect.HIGH_1
EFFECT_OF[1, 1, 0] = Effect.APART_11
EFFECT_OF[1, 2, 0] = Effect.APART_12
EFFECT_OF[2, 1, 0] = Effect.APART_21
EFFECT_OF[1, 1, 1] = Effect.JOINED_11
EFFECT_OF[2, 2, 1] = Effect.JOINED_22
EFFECT_OF[1, 2, 1] = Effect.JOINED_12
EFFECT_OF[2, 1, 1] = Effect.JOINED_21
"""Which effect has these degrees at the low and the high crossing, and these joined or not."""


# Of the points that cut a stretch: where it is, whether something is picked there, the degree the start
# adds, whether the walk may end there; then the piece above it: length, floor walked before, blocked.
POINT, NEEDED, START, MAY_END, PIECE, PIECE_WALKED, PIECE_BLOCKED = range(7)
POINT_COLUMNS = 7


@compiled_part
def _put_point(points: Ints, size: int, offset: int, length: int) -> int:
    """Put a point among the first `size` in order, unless it is there or no point between the ends."""
    if offset <= 0 or offset >= length:
        return size
    at = size
    while at > 1 and points[at - 1, POINT] > offset:
        at -= 1
    if points[at - 1, POINT] == offset:
        return size
    for column in range(POINT_COLUMNS):
        for later in range(size, at, -1):
            points[later, column] = points[later - 1, column]
        points[at, column] = 0
    points[at, POINT] = offset
    return size + 1


@compiled_part
def _point_at(points: Ints, size: int, offset: int) -> int:
    """The row of the point at an offset."""
    row = 0
    while row < size - 1 and points[row, POINT] != offset:
        row += 1
    return row


@compiled(makes_arrays=True)
def cut_points(stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints) -> Ints:
    """Cut a stretch wherever passes can begin or end. Row 0 stands for its low end."""
    length, start_at = stretch[LENGTH], stretch[START_AT]
    rows = stretch[LAST_SPOT] - stretch[FIRST_SPOT] + 2 * (stretch[LAST_BLOCKED] - stretch[FIRST_BLOCKED])
    points = np.zeros((rows + stretch[LAST_END] - stretch[FIRST_END] + 2, POINT_COLUMNS), np.int64)
    size = _put_point(points, 1, start_at, length)
    for spot in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
        if needed[spot]:
            size = _put_point(points, size, spots[spot, AT], length)
            point = _point_at(points, size, spots[spot, AT])
            points[point, NEEDED], points[point, MAY_END] = 1, weights[ANYWHERE]
    for end in range(stretch[FIRST_END], stretch[LAST_END]):
        size = _put_point(points, size, pairs[end, 0], length)
        points[_point_at(points, size, pairs[end, 0]), MAY_END] = 1
    if start_at >= 0:
        point = _point_at(points, size, start_at)
        points[point, START] = stretch[START_DEGREE]
        points[point, MAY_END] = max(points[point, MAY_END], weights[ANYWHERE])
    for block in range(stretch[FIRST_BLOCKED], stretch[LAST_BLOCKED]):
        size = _put_point(points, size, pairs[block, 0], length)
        size = _put_point(points, size, pairs[block, 1], length)
    _measure_pieces(points, size, stretch, pairs)
    return points[:size]


@compiled_part
def _measure_pieces(points: Ints, size: int, stretch: Ints, pairs: Ints) -> None:
    """Fill in the columns of the pieces above the points."""
    for row in range(size):
        low = points[row, POINT]
        high = points[row + 1, POINT] if row + 1 < size else stretch[LENGTH]
        points[row, PIECE] = high - low
        for block in range(stretch[FIRST_BLOCKED], stretch[LAST_BLOCKED]):
            if pairs[block, 0] < high and low < pairs[block, 1]:
                points[row, PIECE_BLOCKED] = 1
        for each in range(stretch[FIRST_WALKED], stretch[LAST_WALKED]):
            points[row, PIECE_WALKED] += max(0, min(high, pairs[each, 1]) - max(low, pairs[each, 0]))


# A state of the sweep along one stretch: passes on its first piece and on the last one so far, whether
# these hang together, whether the end is placed, whether the whole tour has closed inside.
# Where turns are charged the arms that turn inside the stretch come on top: never more than two.
NUM_STATES = 3 * 3 * 2 * 2 * 2
_TIPS_MAX = 2


@compiled
def state_code(first: int, passes: int, linked: int, ended: int, closed: int) -> int:
    """The number of a state."""
    return (((first * 3 + passes) * 2 + linked) * 2 + ended) * 2 + closed


@compiled_part
def _piece_cost(points: Ints, weights: Ints, counts: int, row: int, passes: int) -> int:
    if passes == 0:
        return 0
    length = points[row, PIECE]
    again = (passes - 1) * length + points[row, PIECE_WALKED]
    return int(passes * length * weights[DISTANCE] + counts * again * weights[BACKTRACK])


@compiled
def beyond(state: int, above: int, degree: int, placed: int) -> int:
    """The state when `above` passes follow on `state` at a point of this degree; -1 where that is not allowed."""
    closed, ended, linked = state % 2, state // 2 % 2, state // 4 % 2
    below, first = state // 8 % 3, state // 24
    if degree % 2 or (closed and degree):
        return -1
    if above and below:
        return state_code(first, above, linked, ended + placed, closed)
    if above or not degree or linked:
        return state_code(first, above, 0, ended + placed, closed)
    # What hangs together here ends here without having met either crossing: it must be the whole tour.
    return -1 if first else state_code(0, 0, 0, ended + placed, 1)


@compiled
def is_tip(state: int, above: int, degree: int) -> bool:
    """Whether an arm turns at a point of this degree, between the passes of `state` and `above` passes."""
    return degree == 2 and (above == 2 or (above == 0 and state // 8 % 3 == 2))


@compiled_part
def _sweep_stretch(
    points: Ints, weights: Ints, counts: int, picked_low: int, picked_high: int, best: Ints, before: Ints
) -> None:
    """Find the least cost of every state at the high end, and where each came from.

    Points up to row `picked_low` and from `picked_high` on are picked by step-ins. `best` has shape
    (pieces, states), `before` holds the state on the piece below.
    """
    best[:] = NEVER
    num_tips = len(best[0]) // NUM_STATES
    for passes in range(1 if points[0, PIECE_BLOCKED] else 3):
        best[0, state_code(passes, passes, min(1, passes), 0, 0)] = _piece_cost(points, weights, counts, 0, passes)
    for row in range(1, len(points)):
        least_degree = 1 if points[row, NEEDED] and picked_low < row < picked_high else 0
        passes_max = 0 if points[row, PIECE_BLOCKED] else 2
        for tipped_state in range(NUM_STATES * num_tips):
            cost = best[row - 1, tipped_state]
            if cost >= NEVER:
                continue
            state, tips = tipped_state % NUM_STATES, tipped_state // NUM_STATES
            for placed in range(2 if points[row, MAY_END] and not state // 2 % 2 else 1):
                for above in range(passes_max + 1):
                    degree = state // 8 % 3 + above + points[row, START] + placed
                    target = beyond(state, above, degree, placed)
                    if target < 0 or degree < least_degree:
                        continue
                    then = cost + _piece_cost(points, weights, counts, row, above)
                    if num_tips > 1 and is_tip(state, above, degree):
                        target += NUM_STATES * counts
                        then += counts * weights[ARM]
                    target += NUM_STATES * tips
                    if target < NUM_STATES * num_tips and then < best[row, target]:
                        best[row, target] = then
                        before[row, target] = tipped_state


@compiled
def effect_of(state: int, low_arm: int, high_arm: int) -> int:
    """The effect of a state at the high end with step-ins from the low and the high crossing on top."""
    closed, linked, high, low = state % 2, state // 4 % 2, state // 8 % 3, state // 24
    if closed:
        return NO_EFFECT if low_arm or high_arm or low or high else _INSIDE
    joined = 1 if linked and low and high else 0
    if low_arm and low == 0:
        low = 2
    if high_arm and high == 0:
        high = 2
    return int(EFFECT_OF[low, high, joined])


@compiled
def arms_and_ends(stretch: Ints, state: int, low_arm: int, high_arm: int) -> tuple[int, int]:
    """The arms beside those inside a stretch, and what the aisle ends in use cost, for a state at the high end."""
    high, low = state // 8 % 3, state // 24
    arms = (low_arm > 0) + (high_arm > 0)
    arms += (stretch[LOW_DEAD] if low == 2 else 0) + (stretch[HIGH_DEAD] if high == 2 else 0)
    ends = (low + 2 * (low_arm > 0)) * stretch[LOW_END] + (high + 2 * (high_arm > 0)) * stretch[HIGH_END]
    return arms, int(ends)


@compiled_part
def _keep_best(
    stretch: Ints, weights: Ints, best: Ints, before: Ints, low_arm: int, high_arm: int, least: Ints, how: Ints
) -> None:
    """Enter the end states of one sweep along the stretch into the least cost of each effect, and how."""
    pieces = len(best)
    for tipped_state in range(len(best[0])):
        cost = best[pieces - 1, tipped_state]
        if cost >= NEVER:
            continue
        state = tipped_state % NUM_STATES
        effect, ended = effect_of(state, low_arm, high_arm), state // 2 % 2
        arms, ends_cost = arms_and_ends(stretch, state, low_arm, high_arm)
        cost += 2 * (low_arm + high_arm) * weights[DISTANCE] + arms * weights[ARM] + ends_cost
        arms = (arms + tipped_state // NUM_STATES) * weights[BY_ARMS]
        if effect == NO_EFFECT or cost >= least[effect, ended, arms]:
            continue
        least[effect, ended, arms] = cost
        how[effect, ended, arms, pieces], how[effect, ended, arms, pieces + 1] = low_arm, high_arm
        at = tipped_state
        for piece in range(pieces - 1, -1, -1):
            how[effect, ended, arms, piece] = at // 8 % 3
            at = before[piece, at]


@compiled(makes_arrays=True)
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
        The lower ends of the pieces the stretch is cut into; and for every effect, whether the end is
        placed in it, and number of arms if moves are told apart by them, the passes over each piece,
        followed by the depths of the step-ins from the low and from the high crossing: shape
        (effects, 2, arms, pieces + 2).
    """
    points = cut_points(stretch, spots, pairs, needed, weights)
    counts, length, pieces = stretch[COUNTS], stretch[LENGTH], len(points)
    num_arms = ARMS_MAX + 1 if weights[BY_ARMS] else 1
    num_states = NUM_STATES * (_TIPS_MAX + 1 if weights[CHARGED] else 1)
    least = np.full((_NUM_EFFECTS, 2, num_arms), NEVER, np.int64)
    how = np.zeros((_NUM_EFFECTS, 2, num_arms, pieces + 2), np.int64)
    best, before = np.empty((pieces, num_states), np.int64), np.zeros((pieces, num_states), np.int64)
    low_depth_max = min(stretch[LOW_STEP_IN], stretch[LOW_OPEN])
    high_depth_max = min(stretch[HIGH_STEP_IN], length - stretch[HIGH_OPEN])
    for low in range(pieces):
        low_arm = points[low, POINT]
        for high in range(pieces, low, -1):
            high_arm = length - points[high, POINT] if high < pieces else 0
            if low_arm > low_depth_max or high_arm > high_depth_max:
                break
            if (low > 0 and not points[low, NEEDED]) or (high < pieces and not points[high, NEEDED]):
                continue
            _sweep_stretch(points, weights, counts, low, high, best, before)
            _keep_best(stretch, weights, best, before, low_arm, high_arm, least, how)
    stops = stops_cost(stretch, needed, weights)
    options[row, 0, 0] = 0
    for effect in range(_NUM_EFFECTS):
        for ended in range(2):
            fewer_arms = NEVER
            for arms in range(num_arms):
                cost = least[effect, ended, arms]
                if cost < fewer_arms:
                    add_option(options, row, effect, SHIFT_END * ended + SHIFT_ARM * arms, cost + stops)
                    fewer_arms = cost
    return points[:, POINT].copy(), how

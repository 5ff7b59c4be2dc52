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
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.state_graph import Effect

Ints = NDArray[np.int64]

NEVER = 1 << 62  # above the cost of any walk, and two of them still fit into 64 bits when never added
MOVES_MAX = 32  # 14 effects with and without an end, rounded up
NO_SPOT = -1

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


class Stretches(NamedTuple):
    """All stretches of a problem as arrays, one entry a stretch unless said otherwise; lengths in mm.

    Offsets are measured from the low crossing. `spot_*` hold the points where something may be picked,
    ascending within a stretch, those of stretch i at `first_spot[i]` up to `first_spot[i + 1]`; in the
    same way `blocked` and `walked` hold (from, to) pairs and `end_at` the offsets where the walk may end.
    `spot_walked` and `all_walked` are how much floor before the point, and on all of the stretch, was
    walked before. `low_open` and `high_open` are how far one gets from the low and down from the high
    crossing, `low_step_in` and `high_step_in` how deep one may step in from them (0 where one may not).
    `backtrack_counts` is 1 on aisles and 0 on cross-aisle floor. `start_at` is -1 where the walk does
    not start, else the start's offset, and `start_degree` what it adds (2 if the walk also ends there).
    """

    length: Ints
    backtrack_counts: Ints
    low_open: Ints
    high_open: Ints
    low_step_in: Ints
    high_step_in: Ints
    all_walked: Ints
    first_spot: Ints
    spot_at: Ints
    spot_walked: Ints
    first_blocked: Ints
    blocked: Ints
    first_walked: Ints
    walked: Ints
    start_at: Ints
    start_degree: Ints
    first_end: Ints
    end_at: Ints


class Weights(NamedTuple):
    """How a walk is priced: one number that orders walks as the policy does.

    `end_anywhere` says that the walk may end at any pick.
    """

    distance: int
    backtrack: int
    end_anywhere: bool


class Options(NamedTuple):
    """The moves open at every step of a sweep, and their costs: arrays of shape (steps, moves).

    `shift` names what a move does to the plane (see `routing.sweep`).
    """

    count: NDArray[np.int32]
    move: NDArray[np.int32]
    shift: NDArray[np.int32]
    cost: Ints


SHIFT_NONE = 0
SHIFT_END = 1  # the end of the walk is placed by this move


@njit(cache=True)
def _add(options: Options, step: int, move: int, shift: int, cost: int) -> None:
    """Offer one more move at `step`."""
    at = options.count[step]
    options.move[step, at] = move
    options.shift[step, at] = shift
    options.cost[step, at] = cost
    options.count[step] = at + 1


@njit(cache=True)
def _arm(weights: Weights, counts: int, depth: int, walked: int, step_in: int) -> int:
    """The cost of going `depth` in and back; `walked` of it was walked before."""
    if depth <= step_in:
        return 2 * depth * weights.distance
    return 2 * depth * weights.distance + counts * (depth + walked) * weights.backtrack


@njit(cache=True)
def plain_options(
    stretches: Stretches, weights: Weights, needed: NDArray[np.int32], item: int, options: Options, step: int
) -> None:
    """Write the moves of a stretch on which the walk neither starts nor has a fixed end to `options[step]`.

    `needed[spot]` is how many bins must be picked at a spot.
    """
    options.count[step] = 0
    length, counts = stretches.length[item], stretches.backtrack_counts[item]
    all_walked = stretches.all_walked[item]
    low_open, high_open = stretches.low_open[item], stretches.high_open[item]
    low_step_in, high_step_in = stretches.low_step_in[item], stretches.high_step_in[item]
    distance, backtrack = weights.distance, weights.backtrack
    if low_open == length:
        _add(options, step, _JOINED_11, SHIFT_NONE, length * distance + counts * all_walked * backtrack)
        cost = 2 * length * distance + counts * (length + all_walked) * backtrack
        _add(options, step, _JOINED_22, SHIFT_NONE, cost)
    last = NO_SPOT
    both = low_end = high_end = NEVER
    for spot in range(stretches.first_spot[item], stretches.first_spot[item + 1]):
        if not needed[spot]:
            continue
        at, walked = stretches.spot_at[spot], stretches.spot_walked[spot]
        above, above_walked = length - at, all_walked - walked
        if last == NO_SPOT:
            if at >= high_open:
                _add(options, step, _HIGH_2, SHIFT_NONE, _arm(weights, counts, above, above_walked, high_step_in))
                if weights.end_anywhere:
                    cost = above * distance + counts * above_walked * backtrack
                    _add(options, step, _HIGH_1, SHIFT_END, cost)
        else:
            below, below_walked = stretches.spot_at[last], stretches.spot_walked[last]
            if below <= low_open and at >= high_open:
                low_arm = _arm(weights, counts, below, below_walked, low_step_in)
                high_arm = _arm(weights, counts, above, above_walked, high_step_in)
                both = min(both, low_arm + high_arm)
                if weights.end_anywhere:
                    low_end = min(low_end, below * distance + counts * below_walked * backtrack + high_arm)
                    high_end = min(high_end, above * distance + counts * above_walked * backtrack + low_arm)
        last = spot
    if last == NO_SPOT:
        _add(options, step, _NONE, SHIFT_NONE, 0)
        return
    at, walked = stretches.spot_at[last], stretches.spot_walked[last]
    if at <= low_open:
        _add(options, step, _LOW_2, SHIFT_NONE, _arm(weights, counts, at, walked, low_step_in))
        if weights.end_anywhere:
            _add(options, step, _LOW_1, SHIFT_END, at * distance + counts * walked * backtrack)
    if both < NEVER:
        _add(options, step, _APART_22, SHIFT_NONE, both)
    if low_end < NEVER:
        _add(options, step, _APART_12, SHIFT_END, low_end)
        _add(options, step, _APART_21, SHIFT_END, high_end)


class _Points(NamedTuple):
    """The points of one stretch between its ends, and the pieces between them (one piece more)."""

    at: Ints
    needed: NDArray[np.bool_]
    start: Ints
    may_end: NDArray[np.bool_]
    length: Ints
    walked: Ints
    blocked: NDArray[np.bool_]


@njit(cache=True)
def _points(stretches: Stretches, weights: Weights, needed: NDArray[np.int32], item: int) -> _Points:
    """Cut a stretch wherever passes can begin or end."""
    length = stretches.length[item]
    spots = range(stretches.first_spot[item], stretches.first_spot[item + 1])
    blocks = range(stretches.first_blocked[item], stretches.first_blocked[item + 1])
    ends = range(stretches.first_end[item], stretches.first_end[item + 1])
    start_at = stretches.start_at[item]
    found = np.empty(len(spots) + 2 * len(blocks) + len(ends) + 2, np.int64)
    count = 0
    for spot in spots:
        if needed[spot]:
            found[count] = stretches.spot_at[spot]
            count += 1
    for block in blocks:
        for side in range(2):
            if 0 < stretches.blocked[block, side] < length:
                found[count] = stretches.blocked[block, side]
                count += 1
    for end in ends:
        found[count] = stretches.end_at[end]
        count += 1
    if start_at >= 0:
        found[count] = start_at
        count += 1
    at = np.unique(found[:count])
    points = len(at)
    is_needed, may_end = np.zeros(points, np.bool_), np.zeros(points, np.bool_)
    start = np.zeros(points, np.int64)
    for spot in spots:
        if needed[spot]:
            point = np.searchsorted(at, stretches.spot_at[spot])
            is_needed[point] = True
            may_end[point] = weights.end_anywhere
    for end in ends:
        may_end[np.searchsorted(at, stretches.end_at[end])] = True
    if start_at >= 0:
        point = np.searchsorted(at, start_at)
        start[point] = stretches.start_degree[item]
        if weights.end_anywhere:
            may_end[point] = True
    piece_length, walked = np.zeros(points + 1, np.int64), np.zeros(points + 1, np.int64)
    blocked = np.zeros(points + 1, np.bool_)
    for piece in range(points + 1):
        low = at[piece - 1] if piece else 0
        high = at[piece] if piece < points else length
        piece_length[piece] = high - low
        for block in blocks:
            blocked[piece] |= stretches.blocked[block, 0] < high and low < stretches.blocked[block, 1]
        for each in range(stretches.first_walked[item], stretches.first_walked[item + 1]):
            overlap = min(high, stretches.walked[each, 1]) - max(low, stretches.walked[each, 0])
            walked[piece] += max(0, overlap)
    return _Points(at, is_needed, start, may_end, piece_length, walked, blocked)


# A state of the sweep along one stretch: passes on its first piece and on the last one so far, whether
# these hang together, whether the end is placed, whether the whole tour has closed inside.
_NUM_STATES = 3 * 3 * 2 * 2 * 2


@njit(cache=True)
def _code(first: int, passes: int, linked: int, ended: int, closed: int) -> int:
    return (((first * 3 + passes) * 2 + linked) * 2 + ended) * 2 + closed


@njit(cache=True)
def _piece_cost(points: _Points, weights: Weights, counts: int, piece: int, passes: int) -> int:
    if passes == 0:
        return 0
    length = points.length[piece]
    again = (passes - 1) * length + points.walked[piece]
    return passes * length * weights.distance + counts * again * weights.backtrack


@njit(cache=True)
def _sweep_stretch(
    points: _Points, weights: Weights, counts: int, picked_low: int, picked_high: int, best: Ints, before: Ints
) -> None:
    """Find the least cost of every state at the high end, and where each came from.

    Points below index `picked_low` and from `picked_high` on are picked by step-ins. `best` has shape
    (pieces, states), `before` holds the state on the piece below.
    """
    best[:] = NEVER
    for passes in range(3):
        if passes == 0 or not points.blocked[0]:
            best[0, _code(passes, passes, 1 if passes else 0, 0, 0)] = _piece_cost(points, weights, counts, 0, passes)
    for point in range(len(points.at)):
        is_needed = points.needed[point] and picked_low <= point < picked_high
        for state in range(_NUM_STATES):
            cost = best[point, state]
            if cost >= NEVER:
                continue
            closed, ended, linked = state % 2, state // 2 % 2, state // 4 % 2
            below, first = state // 8 % 3, state // 24
            for placed in range(2 if points.may_end[point] and not ended else 1):
                ends_here = points.start[point] + placed
                for above in range(3):
                    degree = below + above + ends_here
                    if degree % 2 or (is_needed and not degree) or (closed and degree):
                        continue
                    if above and points.blocked[point + 1]:
                        continue
                    now_closed, now_linked = closed, linked
                    if above == 0:
                        now_linked = 0
                        if degree and not (below and linked):
                            if first:
                                continue
                            now_closed = 1
                    elif below == 0:
                        now_linked = 0
                    target = _code(first, above, now_linked, ended + placed, now_closed)
                    then = cost + _piece_cost(points, weights, counts, point + 1, above)
                    if then < best[point + 1, target]:
                        best[point + 1, target] = then
                        before[point + 1, target] = state


@njit(cache=True)
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
    return _EFFECT_OF[low, high, joined]


@njit(cache=True)
def any_options(
    stretches: Stretches,
    weights: Weights,
    needed: NDArray[np.int32],
    item: int,
    options: Options,
    step: int,
    wanted: int,
    wanted_shift: int,
) -> tuple[Ints, Ints, int, int]:
    """Write every move of a stretch to `options[step]`; tell how the wanted one is walked.

    Parameters
    ----------
    stretches, weights, needed, item, options, step
        As for `plain_options`.
    wanted, wanted_shift
        The effect whose passes are asked for, and whether the end is placed in it.

    Returns
    -------
    offsets, passes, low_arm, high_arm
        For the wanted effect: the offsets between which pieces run (ends included), the passes over each
        piece, and the depths of the step-ins from the low and from the high crossing.
    """
    points = _points(stretches, weights, needed, item)
    counts, length, num = stretches.backtrack_counts[item], stretches.length[item], len(points.at)
    least = np.full((_NUM_EFFECTS, 2), NEVER, np.int64)
    best = np.empty((num + 1, _NUM_STATES), np.int64)
    before = np.zeros((num + 1, _NUM_STATES), np.int64)
    passes = np.zeros(num + 1, np.int64)
    wanted_arms = (0, 0)
    for low in range(-1, num):
        if low >= 0 and not points.needed[low]:
            continue
        low_arm = points.at[low] if low >= 0 else 0
        if low_arm > stretches.low_step_in[item] or low_arm > stretches.low_open[item]:
            break
        for high in range(num, -1, -1):
            if high < num and not points.needed[high]:
                continue
            high_arm = length - points.at[high] if high < num else 0
            if high_arm > stretches.high_step_in[item] or length - high_arm < stretches.high_open[item]:
                break
            _sweep_stretch(points, weights, counts, low + 1, high, best, before)
            arms = 2 * (low_arm + high_arm) * weights.distance
            for state in range(_NUM_STATES):
                effect = _effect_of(state, low_arm, high_arm)
                if best[num, state] >= NEVER or effect == _NO_EFFECT:
                    continue
                ended = state // 2 % 2
                if best[num, state] + arms < least[effect, ended]:
                    least[effect, ended] = best[num, state] + arms
                    if effect == wanted and ended == wanted_shift:
                        wanted_arms = (low_arm, high_arm)
                        at = state
                        for piece in range(num, -1, -1):
                            passes[piece] = at // 8 % 3
                            at = before[piece, at]
    options.count[step] = 0
    for effect in range(len(least)):
        for ended in range(2):
            if least[effect, ended] < NEVER:
                _add(options, step, effect, ended, least[effect, ended])
    offsets = np.empty(num + 2, np.int64)
    offsets[0], offsets[num + 1] = 0, length
    offsets[1 : num + 1] = points.at
    return offsets, passes, wanted_arms[0], wanted_arms[1]

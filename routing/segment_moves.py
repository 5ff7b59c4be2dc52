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

    `number` is how many moves each step has; `shift` names what a move does to the plane (see `routing.sweep`).
    """

    number: NDArray[np.int32]
    move: NDArray[np.int32]
    shift: NDArray[np.int32]
    cost: Ints


SHIFT_NONE = 0
SHIFT_END = 1  # the end of the walk is placed by this move


@njit(cache=True)
def _add(options: Options, step: int, move: int, shift: int, cost: int) -> None:
    """Offer one more move at `step`."""
    at = options.number[step]
    options.move[step, at] = move
    options.shift[step, at] = shift
    options.cost[step, at] = cost
    options.number[step] = at + 1


@njit(cache=True)
def _arm(weights: Weights, counts: int, depth: int, walked: int, step_in: int) -> int:
    """The cost of going `depth` in and back; `walked` of it was walked before."""
    if depth <= step_in:
        return 2 * depth * weights.distance
    return 2 * depth * weights.distance + counts * (depth + walked) * weights.backtrack


@njit(cache=True)
def _over(weights: Weights, counts: int, length: int, walked: int) -> int:
    """The cost of going over `length` once; `walked` of it was walked before."""
    return length * weights.distance + counts * walked * weights.backtrack


@njit(cache=True)
def _gap_left_out(stretches: Stretches, weights: Weights, item: int, below: int, above: int) -> tuple[int, int, int]:
    """What it costs to pick spot `below` and all under it from the low end, `above` and the rest from the high end.

    In and back from both ends; ending at `below`; ending at `above`.
    """
    counts, length = stretches.backtrack_counts[item], stretches.length[item]
    low, low_walked = stretches.spot_at[below], stretches.spot_walked[below]
    high = length - stretches.spot_at[above]
    high_walked = stretches.all_walked[item] - stretches.spot_walked[above]
    if low > stretches.low_open[item] or length - high < stretches.high_open[item]:
        return NEVER, NEVER, NEVER
    low_arm = _arm(weights, counts, low, low_walked, stretches.low_step_in[item])
    high_arm = _arm(weights, counts, high, high_walked, stretches.high_step_in[item])
    return (
        low_arm + high_arm,
        _over(weights, counts, low, low_walked) + high_arm,
        _over(weights, counts, high, high_walked) + low_arm,
    )


@njit(cache=True)
def _one_ended_options(
    stretches: Stretches, weights: Weights, item: int, first: int, last: int, options: Options, step: int
) -> None:
    """Offer to pick everything from `first` to `last` from one end alone."""
    counts, length, all_walked = stretches.backtrack_counts[item], stretches.length[item], stretches.all_walked[item]
    depth, walked = stretches.spot_at[last], stretches.spot_walked[last]
    if depth <= stretches.low_open[item]:
        _add(options, step, _LOW_2, SHIFT_NONE, _arm(weights, counts, depth, walked, stretches.low_step_in[item]))
        if weights.end_anywhere:
            _add(options, step, _LOW_1, SHIFT_END, _over(weights, counts, depth, walked))
    depth, walked = length - stretches.spot_at[first], all_walked - stretches.spot_walked[first]
    if length - depth >= stretches.high_open[item]:
        _add(options, step, _HIGH_2, SHIFT_NONE, _arm(weights, counts, depth, walked, stretches.high_step_in[item]))
        if weights.end_anywhere:
            _add(options, step, _HIGH_1, SHIFT_END, _over(weights, counts, depth, walked))


@njit(cache=True)
def plain_options(
    stretches: Stretches, weights: Weights, needed: NDArray[np.int32], item: int, options: Options, step: int
) -> None:
    """Write the moves of a stretch on which the walk neither starts nor has a fixed end to `options[step]`.

    `needed[spot]` is how many bins must be picked at a spot.
    """
    options.number[step] = 0
    length, counts = stretches.length[item], stretches.backtrack_counts[item]
    if stretches.low_open[item] == length:
        once = _over(weights, counts, length, stretches.all_walked[item])
        _add(options, step, _JOINED_11, SHIFT_NONE, once)
        again = length * weights.distance + counts * length * weights.backtrack
        _add(options, step, _JOINED_22, SHIFT_NONE, once + again)
    first = last = NO_SPOT
    both = low_end = high_end = NEVER
    for spot in range(stretches.first_spot[item], stretches.first_spot[item + 1]):
        if not needed[spot]:
            continue
        if last == NO_SPOT:
            first = spot
        else:
            in_and_back, end_low, end_high = _gap_left_out(stretches, weights, item, last, spot)
            both, low_end, high_end = min(both, in_and_back), min(low_end, end_low), min(high_end, end_high)
        last = spot
    if last == NO_SPOT:
        _add(options, step, _NONE, SHIFT_NONE, 0)
        return
    _one_ended_options(stretches, weights, item, first, last, options, step)
    if both < NEVER:
        _add(options, step, _APART_22, SHIFT_NONE, both)
        if weights.end_anywhere:
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
def _offsets(stretches: Stretches, needed: NDArray[np.int32], item: int) -> Ints:
    """Wherever passes over a stretch can begin or end, in ascending order."""
    spots = np.arange(stretches.first_spot[item], stretches.first_spot[item + 1])
    blocks = slice(stretches.first_blocked[item], stretches.first_blocked[item + 1])
    ends = slice(stretches.first_end[item], stretches.first_end[item + 1])
    found = np.concatenate(
        (
            stretches.start_at[item : item + 1],
            stretches.spot_at[spots[needed[spots] > 0]],
            stretches.blocked[blocks, 0],
            stretches.blocked[blocks, 1],
            stretches.end_at[ends],
        )
    )
    offsets: Ints = np.unique(found[(found > 0) & (found < stretches.length[item])])
    return offsets


@njit(cache=True)
def _points(stretches: Stretches, weights: Weights, needed: NDArray[np.int32], item: int) -> _Points:
    """Cut a stretch wherever passes can begin or end."""
    at = _offsets(stretches, needed, item)
    is_needed, may_end = np.zeros(len(at), np.bool_), np.zeros(len(at), np.bool_)
    start = np.zeros(len(at), np.int64)
    for spot in range(stretches.first_spot[item], stretches.first_spot[item + 1]):
        if needed[spot]:
            point = np.searchsorted(at, stretches.spot_at[spot])
            is_needed[point] = True
            may_end[point] = weights.end_anywhere
    for end in range(stretches.first_end[item], stretches.first_end[item + 1]):
        may_end[np.searchsorted(at, stretches.end_at[end])] = True
    if stretches.start_at[item] >= 0:
        point = np.searchsorted(at, stretches.start_at[item])
        start[point] = stretches.start_degree[item]
        may_end[point] |= weights.end_anywhere
    length, walked, blocked = _pieces(stretches, at, item)
    return _Points(at, is_needed, start, may_end, length, walked, blocked)


@njit(cache=True)
def _pieces(stretches: Stretches, at: Ints, item: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Length, floor walked before, and whether blocked, of the pieces between points."""
    size = len(at) + 1
    length, walked, blocked = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.bool_)
    for piece in range(size):
        low = at[piece - 1] if piece else 0
        high = at[piece] if piece < len(at) else stretches.length[item]
        length[piece] = high - low
        for block in range(stretches.first_blocked[item], stretches.first_blocked[item + 1]):
            blocked[piece] |= stretches.blocked[block, 0] < high and low < stretches.blocked[block, 1]
        for each in range(stretches.first_walked[item], stretches.first_walked[item + 1]):
            overlap = min(high, stretches.walked[each, 1]) - max(low, stretches.walked[each, 0])
            walked[piece] += max(0, overlap)
    return length, walked, blocked


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
    cost: int = passes * length * weights.distance + counts * again * weights.backtrack
    return cost


@njit(cache=True)
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


@njit(cache=True)
def _sweep_stretch(
    points: _Points, weights: Weights, counts: int, picked_low: int, picked_high: int, best: Ints, before: Ints
) -> None:
    """Find the least cost of every state at the high end, and where each came from.

    Points below index `picked_low` and from `picked_high` on are picked by step-ins. `best` has shape
    (pieces, states), `before` holds the state on the piece below.
    """
    best[:] = NEVER
    for passes in range(1 if points.blocked[0] else 3):
        best[0, _code(passes, passes, min(1, passes), 0, 0)] = _piece_cost(points, weights, counts, 0, passes)
    for point in range(len(points.at)):
        least_degree = 1 if points.needed[point] and picked_low <= point < picked_high else 0
        passes_max = 0 if points.blocked[point + 1] else 2
        for state in range(_NUM_STATES):
            cost = best[point, state]
            if cost >= NEVER:
                continue
            for placed in range(2 if points.may_end[point] and not state // 2 % 2 else 1):
                for above in range(passes_max + 1):
                    degree = state // 8 % 3 + above + points.start[point] + placed
                    target = _beyond(state, above, degree, placed)
                    if target < 0 or degree < least_degree:
                        continue
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
    effect: int = _EFFECT_OF[low, high, joined]
    return effect


@njit(cache=True)
def _keep_best(
    best: Ints, before: Ints, low_arm: int, high_arm: int, arms_cost: int, least: Ints, walked: Ints
) -> None:
    """Enter the end states of one sweep along the stretch into the least cost of each effect.

    `walked[effect, ended]` becomes how that is done: passes over the pieces, then the two step-in depths.
    """
    pieces = len(best)
    for state in range(_NUM_STATES):
        effect, ended = _effect_of(state, low_arm, high_arm), state // 2 % 2
        cost = best[pieces - 1, state]
        if effect == _NO_EFFECT or cost >= NEVER or cost + arms_cost >= least[effect, ended]:
            continue
        least[effect, ended] = cost + arms_cost
        walked[effect, ended, pieces], walked[effect, ended, pieces + 1] = low_arm, high_arm
        at = state
        for piece in range(pieces - 1, -1, -1):
            walked[effect, ended, piece] = at // 8 % 3
            at = before[piece, at]


@njit(cache=True)
def any_options(
    stretches: Stretches, weights: Weights, needed: NDArray[np.int32], item: int, options: Options, step: int
) -> tuple[Ints, Ints]:
    """Write every move of a stretch to `options[step]`, and tell how each is walked.

    Parameters
    ----------
    stretches, weights, needed, item, options, step
        As for `plain_options`.

    Returns
    -------
    offsets, walked
        The offsets between which pieces run, both ends of the stretch included, and for every effect and
        whether the end is placed in it the passes over each piece, followed by the depths of the
        step-ins from the low and from the high crossing: shape (effects, 2, pieces + 2).
    """
    points = _points(stretches, weights, needed, item)
    counts, length, num = stretches.backtrack_counts[item], stretches.length[item], len(points.at)
    least = np.full((_NUM_EFFECTS, 2), NEVER, np.int64)
    walked = np.zeros((_NUM_EFFECTS, 2, num + 3), np.int64)
    best, before = np.empty((num + 1, _NUM_STATES), np.int64), np.zeros((num + 1, _NUM_STATES), np.int64)
    low_depth_max = min(stretches.low_step_in[item], stretches.low_open[item])
    high_depth_max = min(stretches.high_step_in[item], length - stretches.high_open[item])
    for low in range(-1, num):
        low_arm = points.at[low] if low >= 0 else 0
        for high in range(num, -1, -1):
            high_arm = length - points.at[high] if high < num else 0
            if low_arm > low_depth_max or high_arm > high_depth_max:
                break
            if (low >= 0 and not points.needed[low]) or (high < num and not points.needed[high]):
                continue
            _sweep_stretch(points, weights, counts, low + 1, high, best, before)
            arms_cost = 2 * (low_arm + high_arm) * weights.distance
            _keep_best(best, before, low_arm, high_arm, arms_cost, least, walked)
    options.number[step] = 0
    for effect in range(_NUM_EFFECTS):
        for ended in range(2):
            if least[effect, ended] < NEVER:
                _add(options, step, effect, ended, least[effect, ended])
    offsets = np.zeros(num + 2, np.int64)
    offsets[1 : num + 1], offsets[num + 1] = points.at, length
    return offsets, walked

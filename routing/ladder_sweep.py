"""Every way to walk one stretch of a wide aisle, whose two sides are lanes of their own.

Problem
    As in `stretch_sweep`, for stretches that are wide (`ACROSS`): what is picked at one side is reached from the lane
    along that side alone, and going over to the other lane costs as much as that many mm. At both crossings, as
    at every node, the lanes meet for free.
Method
    The stretch is a ladder: a lane along either side, and a rung wherever something may be picked or the walk may
    begin or end, since a rung can be moved along to the next such point. Sweep along it: 0, 1 or 2 passes over
    each lane a piece, 0, 1 or 2 over each rung, and what hangs together with what. Step-ins are laid over the
    rest, as in `stretch_sweep`: from either mouth none, one in along one side and back along the other, or one
    along either side.
Complexity
    O(picks * states), at most 142 states; 25 times as many where the policy allows step-ins.
Limits
    Arms are charged, not counted. The charge is for the fewest arms that passes can have.
Source
    The wide aisle of Goetschalckx and Ratliff, Order Picking in an Aisle, IIE Transactions 20(1), 1988, where
    crossing from side to side costs walking; theirs is walked through or returned on, here as any walk can.
"""

from typing import Final

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.cost import NEVER
from routing.ladder_states import (
    ARM_LEFT,
    ARM_PASSES,
    ARM_SERVES,
    ARM_TURNS,
    BOTH_SIDES,
    CLOSED,
    ENDED,
    LEFT,
    LEFT_LOW,
    LEFT_RIGHT,
    LINKS,
    LOW,
    NUM_ARMS,
    NUM_STATES,
    NUMBER_OF,
    RIGHT,
    RIGHT_LOW,
    ROUND,
    STATES,
    state_after,
)
from routing.segment_moves import (
    ACROSS,
    ANYWHERE,
    ARM,
    AT,
    BACKTRACK,
    COUNTS,
    DISTANCE,
    FIRST_END,
    FIRST_SPOT,
    FREE_AT,
    HIGH_DEAD,
    HIGH_END,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LAST_END,
    LAST_SPOT,
    LENGTH,
    LOW_DEAD,
    LOW_END,
    LOW_OPEN,
    LOW_STEP_IN,
    SHIFT_END,
    SIDE,
    START_AT,
    START_SIDE,
    Counts,
    Ints,
    add_option,
    stops_cost,
)
from routing.state_graph import Effect
from routing.stretch_sweep import EFFECT_OF, PIECE, PIECE_BLOCKED, PIECE_WALKED, POINT, START, cut_points
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE

_NUM_EFFECTS = len(Effect)
_INSIDE = int(Effect.INSIDE)

# Of the points of a ladder beside those of `cut_points`: the sides that must be reached, whether either will do,
# sides the start may be at, sides the walk may end at, and what a rung costs.
REACH, EITHER, START_SIDES, END_SIDES, RUNG = range(5)

# Of the ways to begin and end at a point: how often at its left and at its right side, whether the sides hang
# together by it, and whether the walk ends.
HALF_LEFT, HALF_RIGHT, MET, ENDS = range(4)

# How a stretch is walked, a row a piece: passes over either lane, over the rung at its lower end, and the step-ins
# from the low and from the high crossing that cover it.
HOW_LEFT, HOW_RIGHT, HOW_RUNG, HOW_LOW, HOW_HIGH = range(5)
HOW_COLUMNS: Final = 5


@compiled_part
def _sides(side: int) -> int:
    """The sides where somebody may be who is at `side`."""
    return BOTH_SIDES if side == EITHER_SIDE else side


@compiled_part(makes_arrays=True)
def _cut_lanes(points: Ints, stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints) -> Ints:
    """What each point of a ladder is for, by side."""
    lanes = np.zeros((len(points), 5), np.int64)
    for row in range(1, len(points)):
        at = points[row, POINT]
        lanes[row, RUNG] = 0 if at == stretch[FREE_AT] else stretch[ACROSS] * weights[DISTANCE]
        for spot in range(stretch[FIRST_SPOT], stretch[LAST_SPOT]):
            if needed[spot] and spots[spot, AT] == at:
                if spots[spot, SIDE] == EITHER_SIDE:
                    lanes[row, EITHER] = 1
                else:
                    lanes[row, REACH] |= spots[spot, SIDE]
                if weights[ANYWHERE]:
                    lanes[row, END_SIDES] |= _sides(spots[spot, SIDE])
        for end in range(stretch[FIRST_END], stretch[LAST_END]):
            if pairs[end, 0] == at:
                lanes[row, END_SIDES] |= _sides(pairs[end, 1])
        if at == stretch[START_AT]:
            lanes[row, START_SIDES] = _sides(stretch[START_SIDE])
            if weights[ANYWHERE]:
                lanes[row, END_SIDES] |= lanes[row, START_SIDES]
    return lanes


@compiled_part
def _turns(below: int, above: int, half: int) -> int:
    """How often a walk turns back at least, passing so often below and above and beginning or ending `half` times."""
    return max(0, (abs(below - above) - half + 1) // 2)


@compiled_part
def _pass_cost(points: Ints, weights: Ints, counts: int, row: int, passes: int) -> int:
    """What it costs to pass a piece so often, with the cart."""
    if passes == 0:
        return 0
    length = points[row, PIECE]
    again = (passes - 1) * length + points[row, PIECE_WALKED]
    return int(passes * length * weights[DISTANCE] + counts * again * weights[BACKTRACK])


@compiled_part
def _begin(points: Ints, stretch: Ints, weights: Ints, most: int, num_low: int, num_high: int, best: Ints) -> None:
    """The costs of all states on the first piece."""
    per_arm, blocked = weights[ARM], points[0, PIECE_BLOCKED]
    for left in range(1 if blocked else 3):
        for right in range(1 if blocked else 3):
            passes = left + right
            if passes > most:
                continue
            walk = _pass_cost(points, weights, stretch[COUNTS], 0, passes)
            walk += passes * stretch[LOW_END] + passes // 2 * stretch[LOW_DEAD] * per_arm
            for low_arm in range(1 if blocked else num_low):
                degree = (1 if passes % 2 else 2) if passes or low_arm else 0
                links = (LEFT_LOW if left else 0) | (RIGHT_LOW if right else 0) | (LEFT_RIGHT if left and right else 0)
                state = NUMBER_OF[left, right, degree, links, 0, 0]
                cost = walk + ARM_PASSES[low_arm] * (points[0, PIECE] * weights[DISTANCE] + stretch[LOW_END])
                cost += ARM_TURNS[low_arm] * per_arm
                cost += stretch[ACROSS] * weights[DISTANCE] if low_arm == ROUND else 0
                best[0, low_arm * num_high * NUM_STATES + state] = cost


@compiled_part(makes_arrays=True)
def _halves(starts: int, start_sides: int, end_sides: int) -> Ints:
    """Every way to begin and end at a point: begins and ends at its left and its right side, and what it means.

    A walk that begins and ends at a point of no side may do so at both: then they hang together.
    """
    halves, size = np.zeros((9, 4), np.int64), 0
    for end in range(3 if end_sides else 1):
        if end and not end_sides & end:
            continue
        for start in range(3 if starts == 2 else 2 if starts else 1):
            at_both = start == 2
            if starts and not (start_sides == BOTH_SIDES if at_both else start_sides & (LEFT_SIDE + start)):
                continue
            halves[size, HALF_LEFT] = (1 if at_both else 0 if start else starts) + (end == LEFT_SIDE)
            halves[size, HALF_RIGHT] = (1 if at_both else starts if start else 0) + (end == RIGHT_SIDE)
            halves[size, MET], halves[size, ENDS] = at_both, end > 0
            size += 1
    return halves[:size]


@compiled_part
def _go_on(
    points: Ints,
    lanes: Ints,
    halves: Ints,
    weights: Ints,
    counts: int,
    passes_max: int,
    row: int,
    from_code: int,
    to_arms: int,
    arms_cost: int,
    served: int,
    best: Ints,
    before: Ints,
) -> None:
    """Everything that can follow at a point on one state, given the step-ins on the piece above and what they serve.

    `to_arms` is where the states with these step-ins begin, `arms_cost` what they cost on the piece above.
    """
    was = STATES[from_code % NUM_STATES]
    cost = best[row - 1, from_code] + arms_cost
    reach, either = lanes[row, REACH] & ~served, lanes[row, EITHER] > 0 and served == 0
    for way in range(len(halves)):
        half_left, half_right = halves[way, HALF_LEFT], halves[way, HALF_RIGHT]
        if halves[way, ENDS] and was[ENDED]:
            continue
        for rung in range(3):
            least_left, least_right = was[LEFT] + half_left + rung, was[RIGHT] + half_right + rung
            for left in range(least_left % 2, min(2, passes_max) + 1, 2):
                for right in range(least_right % 2, min(2, passes_max - left) + 1, 2):
                    at_left, at_right = least_left + left, least_right + right
                    if (reach & LEFT_SIDE and not at_left) or (reach & RIGHT_SIDE and not at_right):
                        continue
                    met = rung > 0 or halves[way, MET] > 0
                    ended = was[ENDED] + halves[way, ENDS]
                    to = state_after(from_code % NUM_STATES, left, right, at_left, at_right, met, ended)
                    if to < 0 or (either and not at_left and not at_right):
                        continue
                    then = cost + _pass_cost(points, weights, counts, row, left + right) + rung * lanes[row, RUNG]
                    if weights[ARM]:
                        then += weights[ARM] * _turns_at(was, left, right, half_left, half_right, rung)
                    if then < best[row, to_arms + to]:
                        best[row, to_arms + to] = then
                        before[row, to_arms + to] = 3 * from_code + rung


@compiled_part
def _turns_at(was: Ints, left: int, right: int, half_left: int, half_right: int, rung: int) -> int:
    """How often a walk turns back at least at a point, at both of its sides."""
    if rung:
        return _turns(was[LEFT] + was[RIGHT], left + right, half_left + half_right)
    return _turns(was[LEFT], left, half_left) + _turns(was[RIGHT], right, half_right)


@compiled_part(makes_arrays=True)
def _sweep_ladder(
    points: Ints,
    lanes: Ints,
    stretch: Ints,
    weights: Ints,
    most: int,
    num_low: int,
    num_high: int,
    best: Ints,
    before: Ints,
) -> None:
    """Find the least cost of every state on every piece, and the state on the piece below and rung it came by."""
    length, counts = stretch[LENGTH], stretch[COUNTS]
    low_depth = min(stretch[LOW_STEP_IN], stretch[LOW_OPEN])
    high_depth = min(stretch[HIGH_STEP_IN], length - stretch[HIGH_OPEN])
    best[:] = NEVER
    _begin(points, stretch, weights, most, num_low, num_high, best)
    for row in range(1, len(points)):
        at, blocked = points[row, POINT], points[row, PIECE_BLOCKED]
        halves = _halves(points[row, START], lanes[row, START_SIDES], lanes[row, END_SIDES])
        for code in range(best.shape[1]):
            if best[row - 1, code] >= NEVER:
                continue
            low_arm, high_arm = code // NUM_STATES // num_high, code // NUM_STATES % num_high
            if low_arm and at > low_depth:
                continue
            for low_above in range(1 if blocked else low_arm + 1):
                if not ARM_LEFT[low_arm, low_above]:
                    continue
                for high_above in range(num_high):
                    if not ARM_LEFT[high_above, high_arm]:
                        continue
                    if high_above and (blocked or length - at > high_depth):
                        continue
                    arms_cost = (ARM_PASSES[low_above] + ARM_PASSES[high_above]) * points[row, PIECE]
                    _go_on(
                        points,
                        lanes,
                        halves,
                        weights,
                        counts,
                        0 if blocked else most,
                        row,
                        code,
                        (low_above * num_high + high_above) * NUM_STATES,
                        arms_cost * weights[DISTANCE],
                        ARM_SERVES[low_arm] | ARM_SERVES[high_above],
                        best,
                        before,
                    )


@compiled_part(makes_arrays=True)
def _swept(stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The points of a ladder, the last states before its high end and what they cost, and how each came about.

    A state at the high end is one of those on the last piece. Its cost has everything in it but stops. `how`
    holds, for each piece, 3 times the state on the piece below and the passes over the rung between.
    """
    points = cut_points(stretch, spots, pairs, needed, weights)
    lanes = _cut_lanes(points, stretch, spots, pairs, needed, weights)
    # A third pass over one piece, or a fourth, saves crossings at the price of backtrack.
    most = 2 if weights[BACKTRACK] > weights[DISTANCE] else 4
    num_low = NUM_ARMS if min(stretch[LOW_STEP_IN], stretch[LOW_OPEN]) > 0 else 1
    num_high = NUM_ARMS if min(stretch[HIGH_STEP_IN], stretch[LENGTH] - stretch[HIGH_OPEN]) > 0 else 1
    best = np.empty((len(points), num_low * num_high * NUM_STATES), np.int64)
    before = np.zeros_like(best)
    _sweep_ladder(points, lanes, stretch, weights, most, num_low, num_high, best, before)
    last = best[len(points) - 1]
    for code in range(len(last)):
        if last[code] >= NEVER:
            continue
        low_arm, high_arm = code // NUM_STATES // num_high, code // NUM_STATES % num_high
        passes = STATES[code % NUM_STATES, LEFT] + STATES[code % NUM_STATES, RIGHT]
        if low_arm:  # it would come through to the other crossing
            last[code] = NEVER
            continue
        last[code] += passes * stretch[HIGH_END] + passes // 2 * stretch[HIGH_DEAD] * weights[ARM]
        last[code] += ARM_PASSES[high_arm] * stretch[HIGH_END] + ARM_TURNS[high_arm] * weights[ARM]
        last[code] += stretch[ACROSS] * weights[DISTANCE] if high_arm == ROUND else 0
    return points, best, before, np.array([num_low, num_high])


@compiled_part
def _effect_of(code: int, num_high: int) -> int:
    """The effect of a state at the high end; -1 where there is none."""
    state, high_arm = STATES[code % NUM_STATES], code // NUM_STATES % num_high
    passes = state[LEFT] + state[RIGHT]
    if state[CLOSED]:
        return -1 if high_arm else _INSIDE
    high = (1 if passes % 2 else 2) if passes or high_arm else 0
    joined = 1 if state[LINKS] & (LEFT_LOW | RIGHT_LOW) else 0
    return int(EFFECT_OF[state[LOW], high, joined])


@compiled_part(makes_arrays=True)
def ladder_options(
    stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints, options: Ints, row: int
) -> None:
    """Write every move of a stretch with two lanes to a row of the options; parameters as for `any_options`."""
    points, best, _, num_arms = _swept(stretch, spots, pairs, needed, weights)
    last = best[len(points) - 1]
    least = np.full((_NUM_EFFECTS, 2), NEVER, np.int64)
    for code in range(len(last)):
        if last[code] < NEVER:
            effect, ended = _effect_of(code, num_arms[1]), STATES[code % NUM_STATES, ENDED]
            if effect >= 0:
                least[effect, ended] = min(least[effect, ended], last[code])
    stops = stops_cost(stretch, needed, weights)
    options[row, 0, 0] = 0
    for effect in range(_NUM_EFFECTS):
        for ended in range(2):
            if least[effect, ended] < NEVER:
                add_option(options, row, effect, SHIFT_END * ended, least[effect, ended] + stops)


@compiled(makes_arrays=True)
def walked_ladder(
    stretch: Ints, spots: Ints, pairs: Ints, needed: Counts, weights: Ints, effect: int, ended: int
) -> tuple[Ints, Ints]:
    """How a stretch with two lanes is walked at least cost with a given effect, the end placed on it or not.

    Returns
    -------
    offsets, how
        The lower ends of the pieces the stretch is cut into, and one row of `how` for each of them.
    """
    points, best, before, num_arms = _swept(stretch, spots, pairs, needed, weights)
    last, num_high = best[len(points) - 1], num_arms[1]
    at, least = -1, NEVER
    for code in range(len(last)):
        if last[code] < least and _effect_of(code, num_high) == effect and STATES[code % NUM_STATES, ENDED] == ended:
            at, least = code, last[code]
    how = np.zeros((len(points), HOW_COLUMNS), np.int64)
    for row in range(len(points) - 1, -1, -1):
        state = STATES[at % NUM_STATES]
        how[row, HOW_LEFT], how[row, HOW_RIGHT] = state[LEFT], state[RIGHT]
        how[row, HOW_LOW], how[row, HOW_HIGH] = at // NUM_STATES // num_high, at // NUM_STATES % num_high
        if row:
            how[row, HOW_RUNG] = before[row, at] % 3
            at = before[row, at] // 3
    return points[:, POINT].copy(), how

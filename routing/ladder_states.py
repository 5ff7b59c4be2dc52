"""What a half-finished walk over a wide stretch can look like: its two lanes and the step-ins over them."""

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np

from routing.compiled import compiled_part
from warehouse.floor import LEFT_SIDE, RIGHT_SIDE

# Links of what the passes over a piece hang together with, as bits: the left lane with the low crossing, the right
# lane with it, one lane with the other.
LEFT_LOW, RIGHT_LOW, LEFT_RIGHT = 1, 2, 4
NUM_LINKS: Final = 8


def _all_states() -> Iterator[tuple[int, int, int, int, int, int]]:
    """Passes over the left and the right lane, degree of the low crossing, links, whether ended, whether closed."""
    for left, right, low, links, ended in itertools.product(range(3), range(3), range(3), range(NUM_LINKS), range(2)):
        there = (LEFT_LOW if left and low else 0) | (RIGHT_LOW if right and low else 0)
        there |= LEFT_RIGHT if left and right else 0
        if links | there == there and links.bit_count() != 2:
            yield left, right, low, links, ended, 0
            if not (left or right or low):
                yield left, right, low, links, ended, 1


LEFT, RIGHT, LOW, LINKS, ENDED, CLOSED = range(6)
STATES = np.array(list(_all_states()), np.int64)
NUM_STATES: Final = len(STATES)
NUMBER_OF = np.full((3, 3, 3, NUM_LINKS, 2, 2), -1, np.int64)
NUMBER_OF[tuple(STATES.T)] = np.arange(NUM_STATES)

# Step-ins from one mouth that cover a piece: none, in along one side and back along the other, along the left side
# and back, along the right one, along either. Of each: passes, sides served, arms, and what may be left of it
# farther in (`ARM_LEFT[here, farther in]`).
NO_ARM, ROUND, LEFT_ARM, RIGHT_ARM, BOTH_ARMS = range(5)
NUM_ARMS: Final = 5
BOTH_SIDES: Final = LEFT_SIDE | RIGHT_SIDE
ARM_PASSES = np.array([0, 2, 2, 2, 4])
ARM_SERVES = np.array([0, BOTH_SIDES, LEFT_SIDE, RIGHT_SIDE, BOTH_SIDES])
ARM_TURNS = np.array([0, 1, 1, 1, 2])
ARM_LEFT = np.array(
    [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [1, 0, 1, 1, 1]],
)

# The sides along which each goes in and back.
_ARM_SIDES = {
    NO_ARM: (),
    ROUND: ((LEFT_SIDE, RIGHT_SIDE),),
    LEFT_ARM: ((LEFT_SIDE, LEFT_SIDE),),
    RIGHT_ARM: ((RIGHT_SIDE, RIGHT_SIDE),),
    BOTH_ARMS: ((LEFT_SIDE, LEFT_SIDE), (RIGHT_SIDE, RIGHT_SIDE)),
}


def step_ins_ending(here: int, farther_in: int) -> list[tuple[int, int]]:
    """The sides, in and back, of the step-ins over one piece that do not go on over the piece farther in."""
    return [sides for sides in _ARM_SIDES[here] if sides not in _ARM_SIDES[farther_in]]


@compiled_part
def state_after(state: int, left: int, right: int, at_left: int, at_right: int, met: bool, ended: int) -> int:
    """The state when `left` and `right` passes follow on `state` at a point; -1 where that is not allowed.

    `at_left` and `at_right` are the degrees of the point's two sides, `met` says that they hang together there.
    """
    row = STATES[state]
    if row[CLOSED]:
        return -1 if at_left or at_right else state
    links = row[LINKS]
    # What hangs together has one label: 0 with the low crossing.
    of_left = (0 if links & LEFT_LOW else 1) if row[LEFT] else 3
    of_right = 4
    if row[RIGHT]:
        of_right = 0 if links & RIGHT_LOW else (1 if links & LEFT_RIGHT else 2)
    if met:
        of_left = of_right = min(of_left, of_right)
    goes_on_left = left > 0 or (right > 0 and of_left == of_right)
    goes_on_right = right > 0 or (left > 0 and of_left == of_right)
    ends_left, ends_right = at_left > 0 and of_left > 0, at_right > 0 and of_right > 0
    if (ends_left and not goes_on_left) or (ends_right and not goes_on_right):
        # Something ends here without having met either crossing: it must be the whole tour.
        whole = row[LOW] == 0 and left == 0 and right == 0
        if not whole or (at_left > 0 and at_right > 0 and of_left != of_right):
            return -1
        return int(NUMBER_OF[0, 0, 0, 0, ended, 1])
    links = LEFT_LOW if left > 0 and of_left == 0 else 0
    links |= RIGHT_LOW if right > 0 and of_right == 0 else 0
    links |= LEFT_RIGHT if left > 0 and right > 0 and of_left == of_right else 0
    return int(NUMBER_OF[left, right, row[LOW], links, ended, 0])

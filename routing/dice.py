"""Random numbers inside compiled searches: the same seed throws the same on every machine."""

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled_part

Dice = NDArray[np.uint64]
"""The state, one number that is never 0; every throw changes it."""


def new_dice(seed: int) -> Dice:
    """Dice for one search."""
    return np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64)


@compiled_part
def throw(dice: Dice, sides: int) -> int:
    """A random number from 0 to `sides` - 1 (xorshift64*)."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % sides

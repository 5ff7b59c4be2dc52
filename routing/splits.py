"""How all walks can be told apart in two: at some step they take one kind of way or another.

Problem
    The cheapest walks at prices that are about best do not agree. About what do they differ most?
Method
    Ways of a step are of one kind if they move alike, or if they all come by a certain spot. Of the kinds at each
    step that one is taken which is nearest to being used half of the time.
Complexity
    O(ways * spots of a step).
Limits
    None.
Source
    Wolsey, Integer Programming, 1998, section 7.4 (the most fractional variable).
"""

from typing import Final

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.line_prices import Floats
from routing.segment_moves import MOVE, Ints
from routing.state_graph import NUM_EFFECTS
from routing.ways import FROM, TO, Kept, Ways, leaves_out

OF_STEP, MOVED, PASSED = range(3)
SPLIT_COLUMNS: Final = 3
NO_MOVE: Final = -1


def most_divided(ways: Ways, used: Floats, num: int) -> Ints:
    """The `num` splits that the cheapest walks are most divided about, one a step, the most divided first.

    A split is a step `OF_STEP`, and what ways have in common that take one side: the move they have `MOVED`, or the
    spot they have `PASSED` if that is `NO_MOVE`. There are none if at
    every step all ways are of one kind.

    Parameters
    ----------
    ways
        All that walks may take.
    used
        How much each way is used, as a share of walks.
    num
        How many at most.
    """
    splits, shares = _splits(ways, used)
    return np.asarray(splits[np.argsort(-shares, kind="stable")[:num]])


@compiled(makes_arrays=True)
def on_side(ways: Ways, split: Ints, side: bool) -> Kept:
    """The ways of walks on one side of a split or the other: those of other steps are on both."""
    keep = np.ones(len(ways.way), np.bool_)
    step = split[OF_STEP]
    for way in range(ways.first[step], ways.first[step + 1]):
        keep[way] = _is_of_kind(ways, way, split[MOVED], split[PASSED]) == side
    return keep


@compiled_part
def _is_of_kind(ways: Ways, way: int, move: int, spot: int) -> bool:
    """Whether a way moves like this, or, if that is `NO_MOVE`, comes by this spot."""
    return bool(ways.way[way, MOVE] == move if move != NO_MOVE else not leaves_out(ways.way[way], spot))


@compiled(makes_arrays=True)
def _splits(ways: Ways, used: Floats) -> tuple[Ints, Floats]:
    """For each step the split that walks are most divided about, and the share of the smaller side."""
    splits, shares = np.empty((len(ways.table), SPLIT_COLUMNS), np.int64), np.empty(len(ways.table))
    size = 0
    for step in range(len(ways.table)):
        first, last = ways.first[step], ways.first[step + 1]
        low = high = ways.way[first, FROM]
        for way in range(first, last):
            low = min(low, ways.way[way, FROM], ways.way[way, TO])
            high = max(high, ways.way[way, FROM], ways.way[way, TO])
        found = -1.0
        for kind in range(NUM_EFFECTS + high - low):
            move, spot = (kind, low) if kind < NUM_EFFECTS else (NO_MOVE, low + kind - NUM_EFFECTS)
            share, others, of_kind = 0.0, 0.0, 0
            for way in range(first, last):
                if _is_of_kind(ways, way, move, spot):
                    share += used[way]
                    of_kind += 1
                else:
                    others += used[way]
            if 0 < of_kind < last - first and min(share, others) > found:
                found = min(share, others)
                splits[size, OF_STEP], splits[size, MOVED], splits[size, PASSED] = step, move, spot
        if found >= 0.0:
            shares[size] = found
            size += 1
    return splits[:size].copy(), shares[:size].copy()

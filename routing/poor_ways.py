"""Ways that no good enough walk takes, so that there are fewer to look at.

Problem
    Prices and a limit are given. Which ways are on no walk that stays below the limit and fills every line?
Method
    The cheapest walk at the prices by way of each, from sweeps both ways, is a bound for all its walks: a way with
    which it reaches the limit is dropped, and so is one after which a line cannot be filled.
Complexity
    O(units brought by all ways + sweep), as often as lines run short of ways.
Limits
    What is kept may still be on no such walk.
"""

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.line_prices import Floats, Prices, Sweeps, price_ways, settle, sweep_back, sweep_on
from routing.segment_moves import MOVE, NEVER, SHIFT, Ints
from routing.ways import FIRST_WAY, LAST_WAY, Kept, Ways


def worth_keeping(ways: Ways, prices: Prices, wish: Floats, scale: int, limit: int, sweeps: Sweeps) -> Kept | None:
    """Which ways a walk of less than `limit` (times `scale`) may take by the prices `wish`; None if there is none."""
    keep = _promising(ways, prices._replace(wish=wish), scale, limit, sweeps)
    dropped = 1
    while dropped > 0:
        dropped = _drop_poor(ways, keep)
    return None if dropped < 0 or not keep.any() else keep


@compiled(makes_arrays=True)
def _promising(ways: Ways, prices: Prices, scale: int, limit: int, sweeps: Sweeps) -> Kept:
    """Which ways a walk of less than `limit` (times `scale`) may take."""
    total = settle(ways, prices)
    price_ways(ways, prices, scale, 0, sweeps)
    sweep_on(ways, sweeps)
    sweep_back(ways, 0, sweeps)
    keep = np.zeros(len(ways.way), np.bool_)
    for step in range(len(ways.table)):
        for group in range(ways.group_first[step], ways.group_first[step + 1]):
            around = NEVER
            hops = ways.hop_first[ways.table[step], ways.group[group, MOVE]]
            for plane in range(sweeps.after.shape[1]):
                then = ways.shift[ways.group[group, SHIFT], plane]
                if then < 0:
                    continue
                for hop in range(hops[0], hops[1]):
                    so_far = sweeps.before[step, plane, ways.hops[hop, 0]]
                    ahead = sweeps.after[step + 1, then, ways.hops[hop, 1]]
                    if so_far < NEVER and ahead < NEVER:
                        around = min(around, so_far + ahead)
            if around < NEVER:
                for way in range(ways.group[group, FIRST_WAY], ways.group[group, LAST_WAY]):
                    keep[way] = around + sweeps.cost[way] + total < limit
    return keep


@compiled(makes_arrays=True)
def most_brought(ways: Ways, keep: Kept) -> Ints:
    """The most units of every line that a kept way of each step brings, shape (steps, lines)."""
    most = np.zeros((len(ways.table), len(ways.units)), np.int64)
    for step in range(len(ways.table)):
        for way in range(ways.first[step], ways.first[step + 1]):
            if keep[way]:
                for at in range(ways.brings_first[way], ways.brings_first[way + 1]):
                    line = ways.line_of[ways.brings[at]]
                    most[step, line] = max(most[step, line], ways.brings[at] - ways.units_first[line])
    return most


@compiled(makes_arrays=True)
def _drop_poor(ways: Ways, keep: Kept) -> int:
    """Drop ways that bring so little that some line cannot be filled: how many, or -1 if one cannot anyhow."""
    most = most_brought(ways, keep)
    spare, brought = np.zeros(len(ways.units), np.int64), np.zeros(len(ways.units), np.int64)
    for line in range(len(spare)):
        for step in range(len(most)):
            spare[line] += most[step, line]
        spare[line] -= ways.units[line]
        if spare[line] < 0:
            return -1
    dropped = 0
    for step in range(len(ways.table)):
        brought[:] = 0
        if not _falls_short(most[step], brought, spare):
            continue
        for way in range(ways.first[step], ways.first[step + 1]):
            if not keep[way]:
                continue
            brought[:] = 0
            for at in range(ways.brings_first[way], ways.brings_first[way + 1]):
                line = ways.line_of[ways.brings[at]]
                brought[line] = ways.brings[at] - ways.units_first[line]
            if _falls_short(most[step], brought, spare):
                keep[way] = False
                dropped += 1
    return dropped


@compiled_part
def _falls_short(most: Ints, brought: Ints, spare: Ints) -> bool:
    """Whether less is brought of some line than `spare` allows, where `most` could be."""
    short = 0
    for line in range(len(spare)):
        short += most[line] - brought[line] > spare[line]
    return short > 0

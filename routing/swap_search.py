"""The search among bins on a grid floor, compiled.

Problem
    As in `bin_choice`: choose sources for every line so that the best walk by way of their points is
    best by the policy, and among equals touches the fewest bins.
Method
    `standing` prices any source in a few additions. A source is swapped for the one that costs least instead,
    until no swap makes the walk better. Then, over and over: close a part of the floor, open a segment, or tear
    out some lines; descend again; go on from what is no worse, or hardly.
Complexity
    O(arcs between the two stages) to try a swap, O(arcs) to make one, O(ways to pick there) to price a source.
Limits
    A local search.
Source
    The keeping of costs before and after is folklore for dynamic programs; the kicks have theirs in `kicks`.
"""

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import throw
from routing.grid_arrays import GridArrays
from routing.kicks import kick
from routing.lattice import Lattice
from routing.line_filling import NOWHERE, best_source, prune_line
from routing.segment_moves import Ints
from routing.standing import (
    BIN,
    BINS,
    FIRST,
    HIGH,
    LAST,
    LINE,
    LOW,
    NEED,
    NEXT,
    QUANTITY,
    TRIALS,
    UNCHANGED,
    Demand,
    Standing,
    cost_of_changes,
    price,
    restore,
    settle,
    turn,
)

STALE_MAX = 60  # kicks without a better route after which the search goes on from a worse one
NEAR = 64  # the search goes on from choices that cost at most this part more than the best, good or not
KICK_TRIALS = 10  # a kick takes about as long as so many trials
DOUBT = 4  # a swap is tried if it seems to cost at most a quarter more than it saves

BEST_COST, BEST_BINS, STALE, KEPT_COST, KEPT_BINS, KICKS = range(6)


@compiled_part
def _swap(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, leaving: int, coming: Ints) -> int:
    """Take in what costs least instead of a taken source of a priced line; how many sources came.

    Nothing is done, and -1 handed back, if that looks like no good: what the comers cost is reckoned as if
    the leaving one stayed, so they may cost a little more than it saves.
    """
    line, cost = demand.sources[leaving, LINE], now.ahead[len(lattice.stages), lattice.finish]
    saved = cost - now.price[leaving]
    missing = demand.lines[line, NEED] - now.filled[line] + demand.sources[leaving, QUANTITY]
    spent, num = 0, 0
    while missing > 0:
        best = best_source(demand, lattice, now, line, missing, NOWHERE)
        if best >= 0:
            spent += now.price[best] - cost
        if best < 0 or spent > saved + saved // DOUBT:
            for each in coming[:num]:
                now.taken[each] = 0
            return -1
        coming[num] = best
        num += 1
        now.taken[best] = 1  # so that it is not found again
        missing -= demand.sources[best, QUANTITY]
    for each in coming[:num]:
        now.taken[each] = 0
    turn(grid, demand, lattice, now, leaving)
    for each in coming[:num]:
        turn(grid, demand, lattice, now, each)
        now.price[each] = cost
    prune_line(grid, demand, lattice, now, line)
    return num


@compiled_part(makes_arrays=True)
def descend(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, trials: int) -> bool:
    """Swap sources until that makes no line better, or all trials are used up.

    Returns whether it has come to its end; if not, calling it again goes on.
    """
    sources, marks = len(demand.sources), now.marks
    coming, before, version = np.empty(sources, np.int64), now.taken.copy(), now.version.copy()
    cost, bins = settle(lattice, now), marks[BINS]
    priced = np.zeros(len(demand.lines), np.bool_)
    while marks[UNCHANGED] < sources:
        if trials <= 0:
            return False
        leaving = marks[NEXT]
        marks[NEXT] = leaving + 1 if leaving + 1 < sources else 0
        marks[UNCHANGED] += 1
        line = demand.sources[leaving, LINE]
        first, last = demand.lines[line, FIRST], demand.lines[line, LAST]
        if not now.taken[leaving] or last - first < 2:
            continue
        price(grid, demand, lattice, now, leaving, leaving + 1)
        if now.price[leaving] == cost and not _bin_may_be_saved(demand, now, leaving):
            continue
        if not priced[line]:
            price(grid, demand, lattice, now, first, last)
            priced[line] = True
        version[:] = now.version
        if _swap(grid, demand, lattice, now, leaving, coming) < 0:
            continue
        trials -= 1
        marks[TRIALS] += 1
        new_cost, new_bins = cost_of_changes(lattice, now), marks[BINS]
        if new_cost < cost or (new_cost == cost and new_bins < bins):
            marks[UNCHANGED] = 0
            before[first:last] = now.taken[first:last]
            cost, bins, priced[:] = settle(lattice, now), new_bins, False
        else:
            for source in range(first, last):
                if now.taken[source] != before[source]:
                    turn(grid, demand, lattice, now, source)
            now.version[:] = version
            marks[LOW], marks[HIGH] = len(lattice.stages), -1
            priced[line] = False
    return True


@compiled_part
def _bin_may_be_saved(demand: Demand, now: Standing, source: int) -> bool:
    """Whether one bin less might do if a source were swapped for others."""
    if len(now.uses) < len(demand.sources):
        return bool(now.uses[demand.sources[source, BIN]] == 1)
    return bool(demand.sources[source, QUANTITY] < demand.lines[demand.sources[source, LINE], NEED])


@compiled
def begin_descent(demand: Demand, now: Standing) -> None:
    """Let the next `descend` look at every line, beginning anywhere."""
    now.marks[UNCHANGED] = 0
    now.marks[NEXT] = throw(now.dice, len(demand.sources)) if len(demand.sources) else 0


@compiled_part(makes_arrays=True)
def _note(lattice: Lattice, now: Standing, best: NDArray[np.int8], rank: Ints) -> tuple[int, int]:
    """Keep what is chosen if it is the best so far; its cost and bins."""
    cost, bins = settle(lattice, now), now.marks[BINS]
    if cost < rank[BEST_COST] or (cost == rank[BEST_COST] and bins < rank[BEST_BINS]):
        best[:] = now.taken
        rank[BEST_COST], rank[BEST_BINS], rank[STALE] = cost, bins, 0
    return cost, bins


@compiled(makes_arrays=True)
def improve(
    grid: GridArrays,
    demand: Demand,
    lattice: Lattice,
    now: Standing,
    best: NDArray[np.int8],
    kept: NDArray[np.int8],
    rank: Ints,
    trials: int,
    kicks: int,
) -> bool:
    """Descend and kick until `trials` swaps were tried or `kicks` are done; whether the kicks are done.

    `best` holds the sources of the best choice so far, `kept` those of the one the search goes on from;
    `rank` what each costs and its bins, how many kicks the best has stood, and how many there were. What is
    chosen at the end may be in the middle of a descent, which the next call goes on with.
    """
    until = now.marks[TRIALS] + trials
    while True:
        ended = descend(grid, demand, lattice, now, until - now.marks[TRIALS])
        cost, bins = _note(lattice, now, best, rank)
        if not ended:
            return False
        good = cost < rank[KEPT_COST] or (cost == rank[KEPT_COST] and bins <= rank[KEPT_BINS])
        if good or cost < rank[BEST_COST] + rank[BEST_COST] // NEAR or rank[STALE] % STALE_MAX == STALE_MAX - 1:
            kept[:] = now.taken
            rank[KEPT_COST], rank[KEPT_BINS] = cost, bins
        else:
            restore(grid, demand, lattice, now, kept)
        if rank[KICKS] >= kicks:
            return True
        now.marks[TRIALS] += KICK_TRIALS
        rank[KICKS] += 1
        rank[STALE] += 1
        kick(grid, demand, lattice, now)
        begin_descent(demand, now)

"""Lines filled where that adds least to the walk, at the prices of `standing`."""

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import throw
from routing.grid_arrays import GridArrays
from routing.lattice import Lattice
from routing.segment_moves import Ints
from routing.standing import BIN, FIRST, LAST, NEED, QUANTITY, SPOT, Demand, Standing, price, restore, settle, turn

Stages = tuple[int, int]
"""The first and the last of some stages next to each other."""

NOWHERE: Stages = (1, 0)


@compiled_part
def best_source(demand: Demand, lattice: Lattice, now: Standing, line: int, missing: int, closed: Stages) -> int:
    """The source of a priced line that costs least a unit; -1 if all that are left are picked at closed stages.

    Of equal ones, bins that are picked from anyway come first, then those that give more.
    """
    lines, sources, taken, price, uses = demand.lines, demand.sources, now.taken, now.price, now.uses
    spot_stage, cost = lattice.spot_stage, now.ahead[len(lattice.stages), lattice.finish]
    first, last = lines[line, FIRST], lines[line, LAST]
    best, best_price, best_bins, best_useful = -1, 0.0, 0, 0
    source = first + throw(now.dice, last - first)
    for _ in range(first, last):
        source = source + 1 if source + 1 < last else first
        if taken[source] or closed[0] <= spot_stage[sources[source, SPOT]] <= closed[1]:
            continue
        useful = min(missing, sources[source, QUANTITY])
        each = (price[source] - cost) / useful
        if best >= 0 and each > best_price:
            continue
        bins = 0 if uses[sources[source, BIN]] else 1
        if best < 0 or (each, bins, -useful) < (best_price, best_bins, -best_useful):
            best, best_price, best_bins, best_useful = source, each, bins, useful
    return best


@compiled_part
def prune_line(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, line: int) -> None:
    """Leave out superfluous sources of a priced line, each time the one that saves most, smallest first."""
    sources, first, last = demand.sources, demand.lines[line, FIRST], demand.lines[line, LAST]
    while now.filled[line] > demand.lines[line, NEED]:
        spare = now.filled[line] - demand.lines[line, NEED]
        best = -1
        for source in range(first, last):
            if now.taken[source] and sources[source, QUANTITY] <= spare:
                rank = now.price[source], sources[source, QUANTITY]
                if best < 0 or rank < (now.price[best], sources[best, QUANTITY]):
                    best = source
        if best < 0:
            return
        turn(grid, demand, lattice, now, best)


@compiled_part(makes_arrays=True)
def put_line(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, line: int, closed: Stages) -> None:
    """Fill a line where it costs least, with no more sources than it takes.

    It is picked elsewhere than at closed stages where that is possible.
    """
    first, last, need = demand.lines[line, FIRST], demand.lines[line, LAST], demand.lines[line, NEED]
    while now.filled[line] < need:
        settle(lattice, now)
        price(grid, demand, lattice, now, first, last)
        best = best_source(demand, lattice, now, line, need - now.filled[line], closed)
        if best < 0:
            closed = (1, 0)
        else:
            turn(grid, demand, lattice, now, best)
    spare, superfluous = now.filled[line] - need, False
    for source in range(first, last):
        superfluous |= now.taken[source] > 0 and demand.sources[source, QUANTITY] <= spare
    if superfluous:
        settle(lattice, now)
        price(grid, demand, lattice, now, first, last)
        prune_line(grid, demand, lattice, now, line)


@compiled(makes_arrays=True)
def construct(
    grid: GridArrays,
    demand: Demand,
    lattice: Lattice,
    now: Standing,
    taken: NDArray[np.int8],
    order: Ints,
    num: int,
) -> None:
    """Choose exactly the sources `taken`, then fill the lines they leave short, in the given order.

    `num` lines at a time are filled at the prices before any of these was.
    """
    restore(grid, demand, lattice, now, taken)
    short = False
    for line in range(len(demand.lines)):
        short |= now.filled[line] < demand.lines[line, NEED]
    if not short:
        return
    best = np.empty(len(order), np.int64)
    for first in range(0, len(order), num):
        group = order[first : first + num]
        settle(lattice, now)
        for place, line in enumerate(group):
            missing = demand.lines[line, NEED] - now.filled[line]
            best[place] = -1
            if missing > 0:
                price(grid, demand, lattice, now, demand.lines[line, FIRST], demand.lines[line, LAST])
                best[place] = best_source(demand, lattice, now, line, missing, NOWHERE)
        for place in range(len(group)):
            if best[place] >= 0:
                turn(grid, demand, lattice, now, best[place])
        for line in group:
            put_line(grid, demand, lattice, now, line, NOWHERE)


@compiled_part
def refill(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, closed: Stages) -> None:
    """Fill all lines again, beginning anywhere."""
    lines = len(demand.lines)
    begin = throw(now.dice, lines)
    for each in range(lines):
        line = (begin + each) % lines
        if now.filled[line] < demand.lines[line, NEED]:
            put_line(grid, demand, lattice, now, line, closed)

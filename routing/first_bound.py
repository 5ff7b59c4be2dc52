"""How a search among bins begins: with a bound that costs one sweep, and with what is known to be good.

The bound is what the walk costs by way of every point without which some line cannot be filled and, of the line for
which that costs most, of its cheapest point beside them.
"""

from routing.compiled import compiled, compiled_part
from routing.grid_arrays import GridArrays
from routing.lattice import OUT_OF_REACH, Lattice
from routing.segment_moves import Counts, Ints
from routing.standing import FIRST, LAST, NEED, QUANTITY, SPOT, Demand, Standing, price, settle, start, turn


@compiled(makes_arrays=True)
def begin(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, known: Ints) -> int:
    """Choose the `known` sources; a cost that no choice can beat."""
    forced_spots(demand, now.needed)
    start(grid, lattice, now)
    bound = _lower_bound(grid, demand, lattice, now)
    now.needed[:] = 0
    start(grid, lattice, now)
    for source in known:
        turn(grid, demand, lattice, now, source)
    return bound


@compiled
def forced_spots(demand: Demand, needed: Counts) -> None:
    """Mark in `needed` every spot without which some line cannot be filled."""
    for line in range(len(demand.lines)):
        first, last = demand.lines[line, FIRST], demand.lines[line, LAST]
        offered = demand.sources[first:last, QUANTITY].sum()
        for source in range(first, last):
            elsewhere = offered
            for other in range(first, last):
                if demand.sources[other, SPOT] == demand.sources[source, SPOT]:
                    elsewhere -= demand.sources[other, QUANTITY]
            if elsewhere < demand.lines[line, NEED]:
                needed[demand.sources[source, SPOT]] = 1


@compiled_part
def _lower_bound(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing) -> int:
    """A cost no choice can beat: that of the forced spots with, of each line, its cheapest spot beside them.

    `now` must be set up with the forced spots alone.
    """
    bound = without = settle(lattice, now)
    price(grid, demand, lattice, now, 0, len(demand.sources))
    for line in range(len(demand.lines)):
        least = OUT_OF_REACH
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            least = min(least, without if now.needed[demand.sources[source, SPOT]] else now.price[source])
        bound = max(bound, least)
    return bound

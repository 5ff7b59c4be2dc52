"""What disturbs a choice of bins, so that a search comes away from it: parts of the floor closed or opened.

Source
    Closing and opening stretches are the ruin moves of Schrimpf et al., Journal of Computational Physics 159(2), 2000.
"""

from typing import Final

from routing.compiled import compiled_part
from routing.dice import Dice, throw
from routing.grid_arrays import GridArrays
from routing.lattice import FIRST_ARC, LAST_ARC, Lattice
from routing.line_filling import Stages, refill
from routing.standing import FIRST, LAST, LINE, NEED, QUANTITY, SPOT, Demand, Standing, price, settle, turn

LINES_MIN: Final = 6
ARCS_MAX: Final = 1 << 23  # led along while the lines of one kick are filled again: a search may end only in between


@compiled_part
def kick(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing) -> None:
    """Disturb what is chosen: open or close a part of the floor, or both, or tear out some lines."""
    num_arcs = lattice.stages[:, LAST_ARC].sum() - lattice.stages[:, FIRST_ARC].sum()
    most = max(LINES_MIN, ARCS_MAX // num_arcs)
    stage = lattice.spot_stage[demand.sources[throw(now.dice, len(demand.sources)), SPOT]]
    kind = throw(now.dice, 4)
    if kind == 0:
        _tear(grid, demand, lattice, now, min(most, _some(now.dice, len(demand.lines))), (stage, stage))
        return
    if kind > 1:
        _open_stage(grid, demand, lattice, now, stage)
    if kind < 3:
        low = high = _stage_in_use(demand, lattice, now, stage)
        if throw(now.dice, 2):
            low -= _some(now.dice, len(lattice.stages)) - 1
        else:
            high += _some(now.dice, len(lattice.stages)) - 1
        _close(grid, demand, lattice, now, (low, high), most)


@compiled_part
def _close(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, closed: Stages, most: int) -> None:
    """Pick elsewhere what is picked at the closed stages, where that can be done: no more than `most` bins."""
    source = throw(now.dice, len(demand.sources))
    for _ in range(len(demand.sources)):
        source = source + 1 if source + 1 < len(demand.sources) else 0
        if now.taken[source] and closed[0] <= lattice.spot_stage[demand.sources[source, SPOT]] <= closed[1]:
            turn(grid, demand, lattice, now, source)
            most -= 1
            if most == 0:
                break
    refill(grid, demand, lattice, now, closed)


@compiled_part
def _tear(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, num: int, closed: Stages) -> None:
    """Take out `num` random lines, fewer if some are met twice, and fill them again elsewhere."""
    for _ in range(num):
        line = throw(now.dice, len(demand.lines))
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if now.taken[source]:
                turn(grid, demand, lattice, now, source)
    refill(grid, demand, lattice, now, closed)


@compiled_part
def _open_stage(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stage: int) -> None:
    """Fill all lines that can be picked at a stage there, but for those that cost nothing where they are."""
    cost = settle(lattice, now)
    price(grid, demand, lattice, now, 0, len(demand.sources))
    for source in range(len(demand.sources)):
        if now.taken[source] or lattice.spot_stage[demand.sources[source, SPOT]] != stage:
            continue
        line = demand.sources[source, LINE]
        left = now.filled[line] + demand.sources[source, QUANTITY] - demand.lines[line, NEED]
        come = False
        for other in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            elsewhere = lattice.spot_stage[demand.sources[other, SPOT]] != stage
            if now.taken[other] and elsewhere and now.price[other] < cost and demand.sources[other, QUANTITY] <= left:
                turn(grid, demand, lattice, now, other)
                left -= demand.sources[other, QUANTITY]
                come = True
        if come:
            turn(grid, demand, lattice, now, source)


@compiled_part
def _stage_in_use(demand: Demand, lattice: Lattice, now: Standing, other: int) -> int:
    """A stage where something is picked, if possible another than one."""
    sources = len(demand.sources)
    source = throw(now.dice, sources)
    stage = other
    for _ in range(sources):
        source = source + 1 if source + 1 < sources else 0
        stage = lattice.spot_stage[demand.sources[source, SPOT]]
        if now.taken[source] and stage != other:
            return int(stage)
    return int(stage)


@compiled_part
def _some(dice: Dice, most: int) -> int:
    """A random number from 1 to `most`, small ones far more often than large ones."""
    return 1 + throw(dice, 1 + throw(dice, 1 + throw(dice, most)))

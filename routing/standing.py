"""What is chosen while bins are searched, and what every change of it would cost.

Problem
    A search among bins changes few sources at a time, and asks over and over what the best walk costs then.
Method
    `lattice` keeps what the best walk costs around every effect of every stage. Any source is then priced in a few
    additions: by the ways in which its stage could be walked if it were picked there, or not picked there any more.
Complexity
    O(ways to pick there) to price a source, O(arcs of the stages that changed) for the cost of a change, O(arcs) to
    work everything out anew.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import Dice, new_dice
from routing.grid_arrays import GridArrays, refresh_step
from routing.lattice import (
    AT,
    EFFECT,
    FIRST_ARC,
    FROM,
    LAST_ARC,
    OUT_OF_REACH,
    STEP,
    TO,
    Lattice,
    look_around,
    run_ahead,
    run_behind,
    write_costs,
)
from routing.segment_moves import COST, MOVE, SHIFT, Counts, Ints
from routing.state_graph import NUM_EFFECTS

NEED, FIRST, LAST = range(3)
LINE, SPOT, BIN, QUANTITY = range(4)
LOW, HIGH, CLOCK, BINS, NEXT, UNCHANGED, TRIALS = range(7)
NUM_MARKS = 7
NUM_WAYS, WRITTEN = 0, 1


class Demand(NamedTuple):
    """Lines and their sources.

    `lines` has one row a line: how many units it `NEED`s, and its `FIRST` source and the one after its
    `LAST`. `sources` has one row a source: its `LINE`, its `SPOT`, its `BIN` and the `QUANTITY` it offers.
    """

    lines: Ints
    sources: Ints


class Standing(NamedTuple):
    """What is chosen at the moment, and the costs that go with it.

    `taken[source]` is 1 for chosen sources, `needed[spot]` and `uses[bin]` count them, `filled[line]` is how
    many units of a line are chosen. `ahead` and `behind`, of shape (stages + 1, nodes), and `around`, of
    shape (stages, effects), are the lattice's costs at the last `settle`; the costs of stages `marks[LOW]`
    to `marks[HIGH]` may have changed since.
    `ways[spot]` lists effects and their costs if a spot were needed that is not, or the other way round;
    row 0 holds their number and the `version` of the stage's needs they were written for.
    `price[source]` is the cost if a source were turned, as of the last look.
    `marks` are single numbers: the range above, a `CLOCK` that makes versions, how many `BINS` are in use,
    and how far a descent has come. `dice` is the state of the random numbers.
    """

    taken: NDArray[np.int8]
    needed: Counts
    uses: Counts
    filled: Ints
    ahead: Ints
    behind: Ints
    around: Ints
    ways: Ints
    version: Ints
    price: Ints
    marks: Ints
    dice: Dice


def new_standing(grid: GridArrays, lattice: Lattice, demand: Demand, seed: int) -> Standing:
    """Nothing chosen yet; `start` sets up the costs."""
    stages, spots = len(lattice.stages), len(lattice.spot_stage)
    return Standing(
        taken=np.zeros(len(demand.sources), np.int8),
        needed=np.zeros(spots, np.int32),
        uses=np.zeros(int(demand.sources[:, BIN].max(initial=-1)) + 1, np.int32),
        filled=np.zeros(len(demand.lines), np.int64),
        ahead=np.empty((stages + 1, lattice.num_nodes), np.int64),
        behind=np.empty((stages + 1, lattice.num_nodes), np.int64),
        around=np.empty((stages, lattice.num_effects), np.int64),
        ways=np.zeros((spots, grid.program.options.shape[1], 2), np.int64),
        version=np.zeros(stages, np.int64),
        price=np.zeros(len(demand.sources), np.int64),
        marks=np.zeros(NUM_MARKS, np.int64),
        dice=new_dice(seed),
    )


@compiled_part
def start(grid: GridArrays, lattice: Lattice, now: Standing) -> None:
    """Set up the costs for what is needed."""
    stages = len(lattice.stages)
    for stage in range(stages):
        if lattice.stages[stage, STEP] >= 0:
            _write_stage(grid, lattice, now.needed, now.version, now.marks, stage)
    now.ahead[0] = OUT_OF_REACH
    now.ahead[0, lattice.begin] = 0
    now.behind[stages] = OUT_OF_REACH
    now.behind[stages, lattice.finish] = 0
    now.marks[LOW], now.marks[HIGH] = 0, stages - 1
    now.marks[NEXT], now.marks[UNCHANGED] = 0, 0


@compiled_part
def _write_stage(grid: GridArrays, lattice: Lattice, needed: Counts, version: Ints, marks: Ints, stage: int) -> None:
    """Write the costs of a stage's effects for what is needed."""
    step = lattice.stages[stage, STEP]
    refresh_step(grid, needed, step, step)
    write_costs(grid.program.options, step, lattice.costs, lattice.stages[stage, AT], lattice.num_effects)
    marks[CLOCK] += 1
    version[stage] = marks[CLOCK]


@compiled_part
def _write_ways(grid: GridArrays, needed: Counts, ways: Ints, spot: int) -> None:
    """Write which effects its stage could have, at what costs, if a spot were needed, or not if it is."""
    options, row = grid.program.options, len(grid.program.table)
    was = needed[spot]
    needed[spot] = 0 if was else 1
    refresh_step(grid, needed, grid.spot_step[spot], row)
    needed[spot] = was
    ways[spot, 0, NUM_WAYS] = options[row, 0, 0]
    for choice in range(1, options[row, 0, 0] + 1):
        ways[spot, choice, 0] = options[row, choice, SHIFT] * NUM_EFFECTS + options[row, choice, MOVE]
        ways[spot, choice, 1] = options[row, choice, COST]


@compiled
def settle(lattice: Lattice, now: Standing) -> int:
    """Work out all costs for what is chosen now, and that of the best walk."""
    stages = len(lattice.stages)
    if now.marks[LOW] <= now.marks[HIGH]:
        run_ahead(lattice, now.ahead, now.marks[LOW])
        run_behind(lattice, now.behind, now.marks[HIGH])
        look_around(lattice, now.ahead, now.behind, now.around)
        now.marks[LOW], now.marks[HIGH] = stages, -1
    return int(now.ahead[stages, lattice.finish])


@compiled_part(makes_arrays=True)
def cost_of_changes(lattice: Lattice, now: Standing) -> int:
    """The cost of the best walk for what is chosen now, working out no more than the stages that changed."""
    arcs, costs, stages, low, high = lattice.arcs, lattice.costs, lattice.stages, now.marks[LOW], now.marks[HIGH]
    if low > high:
        return int(now.ahead[len(stages), lattice.finish])
    before, after = now.ahead[low].copy(), np.empty(lattice.num_nodes, np.int64)
    for stage in range(low, high + 1):
        at = np.uint32(stages[stage, AT])
        for node in range(len(after)):
            after[node] = OUT_OF_REACH
        for arc in range(np.uint32(stages[stage, FIRST_ARC]), np.uint32(stages[stage, LAST_ARC])):
            to, cost = arcs[TO, arc], before[arcs[FROM, arc]] + costs[at + arcs[EFFECT, arc]]
            after[to] = min(after[to], cost)
        before, after = after, before
    least = OUT_OF_REACH
    for node in range(len(before)):
        least = min(least, before[node] + now.behind[high + 1, node])
    return least


@compiled_part
def price(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, first: int, last: int) -> None:
    """Note what sources `first` up to `last` cost: a taken one if left out, another if taken in, as of `settle`.

    Their stages must be as they were then.
    """
    sources, needed, price, ways = demand.sources, now.needed, now.price, now.ways
    around, version, spot_stage, taken = now.around, now.version, lattice.spot_stage, now.taken
    cost = now.ahead[len(lattice.stages), lattice.finish]
    for source in range(first, last):
        spot = sources[source, SPOT]
        if needed[spot] > taken[source]:
            price[source] = cost
            continue
        stage = spot_stage[spot]
        if ways[spot, 0, WRITTEN] != version[stage]:
            _write_ways(grid, needed, ways, spot)
            ways[spot, 0, WRITTEN] = version[stage]
        least = OUT_OF_REACH
        for choice in range(1, ways[spot, 0, NUM_WAYS] + 1):
            least = min(least, around[stage, ways[spot, choice, 0]] + ways[spot, choice, 1])
        price[source] = least


@compiled_part
def turn(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, source: int) -> None:
    """Take a source in, or leave it out if it is taken."""
    spot = demand.sources[source, SPOT]
    was = now.needed[spot] > 0
    _count_turned(demand, now, source)
    if (now.needed[spot] > 0) != was:
        _look_at_stage(grid, lattice, now, lattice.spot_stage[spot])


@compiled_part
def turn_together(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, sources: Ints, stage: int) -> None:
    """Turn sources that are all picked at one stage."""
    for source in sources:
        _count_turned(demand, now, source)
    _look_at_stage(grid, lattice, now, stage)


@compiled_part
def _count_turned(demand: Demand, now: Standing, source: int) -> None:
    """Count a source that is turned."""
    used, by = demand.sources[source, BIN], 1 - 2 * now.taken[source]
    now.taken[source] += by
    now.filled[demand.sources[source, LINE]] += by * demand.sources[source, QUANTITY]
    now.marks[BINS] -= now.uses[used] > 0
    now.uses[used] += by
    now.marks[BINS] += now.uses[used] > 0
    now.needed[demand.sources[source, SPOT]] += by


@compiled_part
def _look_at_stage(grid: GridArrays, lattice: Lattice, now: Standing, stage: int) -> None:
    """Work out a stage anew at which other spots are needed now."""
    _write_stage(grid, lattice, now.needed, now.version, now.marks, stage)
    now.marks[LOW] = min(now.marks[LOW], stage)
    now.marks[HIGH] = max(now.marks[HIGH], stage)


@compiled_part
def restore(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, taken: NDArray[np.int8]) -> None:
    """Make the same sources taken as before."""
    for source in range(len(taken)):
        if now.taken[source] != taken[source]:
            turn(grid, demand, lattice, now, source)

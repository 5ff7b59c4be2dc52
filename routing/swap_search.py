"""The search among bins on a grid floor, compiled.

Problem
    As in `bin_choice`: choose sources for every line so that the best walk by way of their points is
    best by the policy, and among equals touches the fewest bins.
Method
    `lattice` keeps what the best walk costs around every effect of every stage, so any source is priced
    in a few additions. A source is swapped for the one that costs least instead, until no swap makes the
    walk better. Then, over and over: close a part of the floor, open a segment, or tear out some lines;
    descend again; go on from what is no worse, or hardly.
Complexity
    O(arcs between the two stages) to try a swap, O(arcs) to make one, O(ways to pick there) to price a source.
Limits
    A local search.
Source
    The keeping of costs before and after is folklore for dynamic programs; closing and opening stretches
    are the ruin moves of Schrimpf et al., Journal of Computational Physics 159(2), 2000.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import Dice, new_dice, throw
from routing.grid_problem import GridArrays, refresh_step
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

STALE_MAX = 60  # kicks without a better route after which the search goes on from a worse one
NEAR = 64  # the search goes on from choices that cost at most this part more than the best, good or not
KICK_TRIALS = 10  # a kick takes about as long as so many trials
DOUBT = 4  # a swap is tried if it seems to cost at most a quarter more than it saves

Stages = tuple[int, int]
"""The first and the last of some stages next to each other."""

NOWHERE: Stages = (1, 0)

NEED, FIRST, LAST = range(3)
LINE, SPOT, BIN, QUANTITY = range(4)
LOW, HIGH, CLOCK, BINS, NEXT, UNCHANGED, TRIALS = range(7)
NUM_MARKS = 7
BEST_COST, BEST_BINS, STALE, KEPT_COST, KEPT_BINS, KICKS = range(6)
NUM_RANKS = 6
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


@compiled
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
def _cost_of_changes(lattice: Lattice, now: Standing) -> int:
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
    return int((before + now.behind[high + 1]).min())


@compiled
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


@compiled
def turn(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, source: int) -> None:
    """Take a source in, or leave it out if it is taken."""
    spot, used = demand.sources[source, SPOT], demand.sources[source, BIN]
    by = 1 - 2 * now.taken[source]
    now.taken[source] += by
    now.filled[demand.sources[source, LINE]] += by * demand.sources[source, QUANTITY]
    now.marks[BINS] -= now.uses[used] > 0
    now.uses[used] += by
    now.marks[BINS] += now.uses[used] > 0
    was = now.needed[spot] > 0
    now.needed[spot] += by
    if (now.needed[spot] > 0) != was:
        stage = lattice.spot_stage[spot]
        _write_stage(grid, lattice, now.needed, now.version, now.marks, stage)
        now.marks[LOW] = min(now.marks[LOW], stage)
        now.marks[HIGH] = max(now.marks[HIGH], stage)


@compiled_part
def _best_source(demand: Demand, lattice: Lattice, now: Standing, line: int, missing: int, closed: Stages) -> int:
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
def _prune_line(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, line: int) -> None:
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
        best = _best_source(demand, lattice, now, line, need - now.filled[line], closed)
        if best < 0:
            closed = (1, 0)
        else:
            turn(grid, demand, lattice, now, best)
    if (now.taken[first:last] * (demand.sources[first:last, QUANTITY] <= now.filled[line] - need)).any():
        settle(lattice, now)
        price(grid, demand, lattice, now, first, last)
        _prune_line(grid, demand, lattice, now, line)


@compiled_part
def restore(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, taken: NDArray[np.int8]) -> None:
    """Make the same sources taken as before."""
    for source in range(len(taken)):
        if now.taken[source] != taken[source]:
            turn(grid, demand, lattice, now, source)


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
        best = _best_source(demand, lattice, now, line, missing, NOWHERE)
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
    _prune_line(grid, demand, lattice, now, line)
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
        new_cost, new_bins = _cost_of_changes(lattice, now), marks[BINS]
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


@compiled_part
def _refill(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, closed: Stages) -> None:
    """Fill all lines again, beginning anywhere."""
    lines = len(demand.lines)
    begin = throw(now.dice, lines)
    for each in range(lines):
        line = (begin + each) % lines
        if now.filled[line] < demand.lines[line, NEED]:
            put_line(grid, demand, lattice, now, line, closed)


@compiled_part
def _close(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, closed: Stages) -> None:
    """Pick elsewhere what is picked at the closed stages, where that can be done."""
    for source in range(len(demand.sources)):
        if now.taken[source] and closed[0] <= lattice.spot_stage[demand.sources[source, SPOT]] <= closed[1]:
            turn(grid, demand, lattice, now, source)
    _refill(grid, demand, lattice, now, closed)


@compiled_part
def _tear(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, num: int, closed: Stages) -> None:
    """Take out `num` random lines, fewer if some are met twice, and fill them again elsewhere."""
    for _ in range(num):
        line = throw(now.dice, len(demand.lines))
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if now.taken[source]:
                turn(grid, demand, lattice, now, source)
    _refill(grid, demand, lattice, now, closed)


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


@compiled_part
def _kick(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing) -> None:
    """Disturb what is chosen: open or close a part of the floor, or both, or tear out some lines."""
    stage = lattice.spot_stage[demand.sources[throw(now.dice, len(demand.sources)), SPOT]]
    kind = throw(now.dice, 4)
    if kind == 0:
        _tear(grid, demand, lattice, now, _some(now.dice, len(demand.lines)), (stage, stage))
        return
    if kind > 1:
        _open_stage(grid, demand, lattice, now, stage)
    if kind < 3:
        low = high = _stage_in_use(demand, lattice, now, stage)
        if throw(now.dice, 2):
            low -= _some(now.dice, len(lattice.stages)) - 1
        else:
            high += _some(now.dice, len(lattice.stages)) - 1
        _close(grid, demand, lattice, now, (low, high))


@compiled(makes_arrays=True)
def construct(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, order: Ints, num: int) -> None:
    """Fill lines in the given order, `num` of them at the prices before any of these was."""
    best = np.empty(len(order), np.int64)
    for first in range(0, len(order), num):
        group = order[first : first + num]
        settle(lattice, now)
        for place, line in enumerate(group):
            missing = demand.lines[line, NEED] - now.filled[line]
            best[place] = -1
            if missing > 0:
                price(grid, demand, lattice, now, demand.lines[line, FIRST], demand.lines[line, LAST])
                best[place] = _best_source(demand, lattice, now, line, missing, NOWHERE)
        for place in range(len(group)):
            if best[place] >= 0:
                turn(grid, demand, lattice, now, best[place])
        for line in group:
            put_line(grid, demand, lattice, now, line, NOWHERE)


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
        _kick(grid, demand, lattice, now)
        begin_descent(demand, now)


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


@compiled
def lower_bound(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing) -> int:
    """A cost no choice can beat: that of the forced spots with, of each line, its cheapest spot beside them.

    `now` must be set up with the forced spots alone, on a lattice that was not narrowed.
    """
    bound = without = settle(lattice, now)
    price(grid, demand, lattice, now, 0, len(demand.sources))
    for line in range(len(demand.lines)):
        least = OUT_OF_REACH
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            least = min(least, without if now.needed[demand.sources[source, SPOT]] else now.price[source])
        bound = max(bound, least)
    return bound

"""The search among bins on a grid floor, compiled.

Problem
    As in `bin_choice`: choose sources for every line so that the best walk by way of their points is
    best by the policy, and among equals touches the fewest bins.
Method
    The sweep's least costs before and after every step are kept, so a bin taken in or left out is priced
    by one step's moves between them; a change makes them stale on its far sides only, and they are
    worked out anew as far as they are asked for. Lines are taken out one by one and put back where they
    cost least until nothing improves. Then, over and over: close a segment in use, open one that is not,
    or tear out some lines; descend again; keep what is no worse.
Complexity
    O(states * moves) a price, O(steps * states * moves) at most a change.
Limits
    A local search.
Source
    The keeping of prefixes and suffixes is folklore for dynamic programs; closing and opening stretches
    are the ruin moves of Schrimpf et al., Journal of Computational Physics 159(2), 2000.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled
from routing.grid_problem import GridArrays, refresh, refresh_step
from routing.segment_moves import NEVER, Ints
from routing.sweep import joined, run_step, run_step_back

TORN_MAX = 4  # lines torn out at once; more forget too much of a good choice
STALE_MAX = 60  # kicks without a better route after which the search goes on from a worse one
HOPELESS = 20  # a kick that costs more than a twentieth is taken back without descending from it
ANYWHERE_STEP: Any = np.int64(-1)  # no step is closed; as a plain number it would be compiled in anew


NEED, FIRST, LAST = range(3)
LINE, SPOT, BIN, QUANTITY = range(4)


class Demand(NamedTuple):
    """Lines and their sources.

    `lines` has one row a line: how many units it `NEED`s, and its `FIRST` source and the one after its
    `LAST`. `sources` has one row a source: its `LINE`, its `SPOT`, its `BIN` and the `QUANTITY` it offers.
    """

    lines: Ints
    sources: Ints


class Standing(NamedTuple):
    """What is chosen at the moment, and the costs that go with it.

    `taken[source]` is 1 for chosen sources, `needed[spot]` and `uses[bin]` count them. `forward` and
    `backward`, of shape (steps + 1, planes, states), are right up to index `right[0]` and from index
    `right[1]` on. `filled[line]` is how many units of a line are chosen. `dice` is the state of the
    random numbers.
    """

    taken: NDArray[np.int8]
    needed: NDArray[np.int32]
    uses: NDArray[np.int32]
    filled: Ints
    forward: Ints
    backward: Ints
    right: Ints
    dice: NDArray[np.uint64]


@compiled
def start_standing(grid: GridArrays, now: Standing) -> None:
    """Set up the costs for what is chosen."""
    refresh(grid, now.needed)
    steps = len(grid.program.table)
    now.forward[0] = NEVER
    now.forward[0, 0, grid.program.empty] = 0
    now.backward[steps] = NEVER
    now.backward[steps, -1, grid.program.done] = 0
    now.right[0], now.right[1] = 0, steps


@compiled
def _throw(dice: NDArray[np.uint64], sides: int) -> int:
    """A random number from 0 to `sides` - 1 (xorshift64*)."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % sides


@compiled
def _costs_around(grid: GridArrays, now: Standing, step: int) -> None:
    """Make the costs before and after `step` right."""
    while now.right[0] < step:
        at = now.right[0]
        run_step(grid.program, at, now.forward[at], now.forward[at + 1])
        now.right[0] = at + 1
    while now.right[1] > step + 1:
        at = now.right[1] - 1
        run_step_back(grid.program, at, now.backward[at + 1], now.backward[at])
        now.right[1] = at


@compiled
def cost_now(grid: GridArrays, now: Standing) -> int:
    """The cost of the best walk for what is chosen."""
    step = min(now.right[0], len(grid.program.table) - 1)
    _costs_around(grid, now, step)
    return joined(grid.program, step, step, now.forward[step], now.backward[step + 1])


@compiled
def _cost_if_changed(grid: GridArrays, now: Standing, spot: int) -> int:
    """The cost for what is needed now, if only the step of `spot` has not been worked out anew."""
    step, row = grid.spot_step[spot], len(grid.program.table)
    _costs_around(grid, now, step)
    refresh_step(grid, now.needed, step, row)
    return joined(grid.program, step, row, now.forward[step], now.backward[step + 1])


@compiled
def cost_with(grid: GridArrays, now: Standing, spot: int) -> int:
    """The cost if `spot` were needed once more."""
    now.needed[spot] += 1
    cost = _cost_if_changed(grid, now, spot)
    now.needed[spot] -= 1
    return cost


@compiled
def cost_without(grid: GridArrays, now: Standing, spot: int) -> int:
    """The cost if `spot` were needed once less."""
    now.needed[spot] -= 1
    cost = _cost_if_changed(grid, now, spot)
    now.needed[spot] += 1
    return cost


@compiled
def turn(grid: GridArrays, demand: Demand, now: Standing, source: int) -> None:
    """Take a source in, or leave it out if it is taken."""
    spot = demand.sources[source, SPOT]
    by = 1 - 2 * now.taken[source]
    now.taken[source] += by
    now.uses[demand.sources[source, BIN]] += by
    now.filled[demand.sources[source, LINE]] += by * demand.sources[source, QUANTITY]
    was = now.needed[spot] > 0
    now.needed[spot] += by
    if (now.needed[spot] > 0) != was:
        step = grid.spot_step[spot]
        refresh_step(grid, now.needed, step, step)
        now.right[0] = min(now.right[0], step)
        now.right[1] = max(now.right[1], step + 1)


@compiled
def num_bins(now: Standing) -> int:
    """How many bins are picked from."""
    return int((now.uses > 0).sum())


@compiled
def _empty_line(grid: GridArrays, demand: Demand, now: Standing, line: int) -> None:
    for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
        if now.taken[source]:
            turn(grid, demand, now, source)


@compiled
def _best_source(grid: GridArrays, demand: Demand, now: Standing, line: int, closed_step: int) -> int:
    """The source of a line that costs least a unit, -1 if all that are left are picked at the closed step.

    Sources on the way of the walk cost nothing; the search for them begins anywhere and ends at the first
    one, unless bins that are picked from anyway, or fuller ones, may still come.
    """
    first, last = demand.lines[line, FIRST], demand.lines[line, LAST]
    missing = demand.lines[line, NEED] - now.filled[line]
    cost = cost_now(grid, now)
    best, best_price, best_bins, best_useful = -1, 0.0, 0, 0
    begin = _throw(now.dice, last - first)
    for each in range(last - first):
        source = first + (begin + each) % (last - first)
        spot = demand.sources[source, SPOT]
        if now.taken[source] or grid.spot_step[spot] == closed_step:
            continue
        useful = min(missing, demand.sources[source, QUANTITY])
        bins = 0 if now.uses[demand.sources[source, BIN]] else 1
        if best >= 0 and best_price == 0.0 and (bins, -useful) >= (best_bins, -best_useful):
            continue
        price = 0.0
        if now.needed[spot] == 0:
            price = (cost_with(grid, now, spot) - cost) / useful
        if best < 0 or (price, bins, -useful) < (best_price, best_bins, -best_useful):
            best, best_price, best_bins, best_useful = source, price, bins, useful
    return best


@compiled
def _fill_line(grid: GridArrays, demand: Demand, now: Standing, line: int, closed_step: int) -> None:
    """Fill a line where it costs least a unit, avoiding the spots of one step if that is possible."""
    while now.filled[line] < demand.lines[line, NEED]:
        best = _best_source(grid, demand, now, line, closed_step)
        if best < 0:
            closed_step = ANYWHERE_STEP
        else:
            turn(grid, demand, now, best)


@compiled
def _prune_line(grid: GridArrays, demand: Demand, now: Standing, line: int) -> None:
    """Leave out superfluous sources of a line, each time the one that saves most, smallest first."""
    while True:
        best, best_cost, best_quantity = -1, NEVER, 0
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if not now.taken[source] or now.filled[line] - demand.sources[source, QUANTITY] < demand.lines[line, NEED]:
                continue
            cost = cost_without(grid, now, demand.sources[source, SPOT])
            quantity = demand.sources[source, QUANTITY]
            if best < 0 or cost < best_cost or (cost == best_cost and quantity < best_quantity):
                best, best_cost, best_quantity = source, cost, quantity
        if best < 0:
            return
        turn(grid, demand, now, best)


@compiled
def put_line(grid: GridArrays, demand: Demand, now: Standing, line: int, closed_step: int) -> None:
    """Fill a line with no more sources than it takes."""
    _fill_line(grid, demand, now, line, closed_step)
    _prune_line(grid, demand, now, line)


@compiled
def _restore(grid: GridArrays, demand: Demand, now: Standing, taken: NDArray[np.int8], first: int, last: int) -> None:
    """Make sources `first` up to `last` taken as they were."""
    for source in range(first, last):
        if now.taken[source] != taken[source]:
            turn(grid, demand, now, source)


@compiled
def descend(grid: GridArrays, demand: Demand, now: Standing) -> tuple[int, int]:
    """Take lines out and put them back until none gets better; the cost and the number of bins then."""
    lines = len(demand.lines)
    cost, bins = cost_now(grid, now), num_bins(now)
    line = _throw(now.dice, lines) if lines else 0
    unchanged = 0
    while unchanged < lines:
        line = (line + 1) % lines
        unchanged += 1
        first, last = demand.lines[line, FIRST], demand.lines[line, LAST]
        if last - first < 2:
            continue
        before = now.taken.copy()
        _empty_line(grid, demand, now, line)
        put_line(grid, demand, now, line, ANYWHERE_STEP)
        new_cost, new_bins = cost_now(grid, now), num_bins(now)
        if new_cost < cost or (new_cost == cost and new_bins < bins):
            cost, bins, unchanged = new_cost, new_bins, 0
        elif new_cost > cost or new_bins > bins:
            _restore(grid, demand, now, before, first, last)
    return cost, bins


@compiled
def _close_step(grid: GridArrays, demand: Demand, now: Standing, step: int) -> None:
    """Fill all lines that pick at a step elsewhere, where that can be done."""
    for line in range(len(demand.lines)):
        torn = False
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if now.taken[source] and grid.spot_step[demand.sources[source, SPOT]] == step:
                turn(grid, demand, now, source)
                torn = True
        if torn:
            put_line(grid, demand, now, line, step)


@compiled
def _open_step(grid: GridArrays, demand: Demand, now: Standing, step: int) -> None:
    """Fill all lines that can be picked at a step there."""
    for line in range(len(demand.lines)):
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if not now.taken[source] and grid.spot_step[demand.sources[source, SPOT]] == step:
                turn(grid, demand, now, source)
        _prune_line(grid, demand, now, line)


@compiled
def _kick(grid: GridArrays, demand: Demand, now: Standing) -> bool:
    """Disturb what is chosen; whether that is worth a descent whatever it costs."""
    source = _throw(now.dice, len(demand.sources))
    step = grid.spot_step[demand.sources[source, SPOT]]
    kind = _throw(now.dice, 4)
    if kind == 3:
        torn = [_throw(now.dice, len(demand.lines)) for _ in range(1 + _throw(now.dice, TORN_MAX))]
        for line in torn:
            _empty_line(grid, demand, now, line)
        for line in torn:
            put_line(grid, demand, now, line, step)
        return False
    if kind > 0:
        _open_step(grid, demand, now, step)
    if kind < 2:
        source = _throw(now.dice, len(demand.sources))
        while not now.taken[source] or (kind == 1 and grid.spot_step[demand.sources[source, SPOT]] == step):
            source = (source + 1) % len(demand.sources)
            if kind == 1 and _throw(now.dice, 64) == 0:
                break
        _close_step(grid, demand, now, grid.spot_step[demand.sources[source, SPOT]])
    return kind > 0


@compiled
def construct(grid: GridArrays, demand: Demand, now: Standing, order: Ints) -> None:
    """Fill lines one after the other in the given order."""
    for line in order:
        put_line(grid, demand, now, line, ANYWHERE_STEP)


@compiled
def improve(
    grid: GridArrays, demand: Demand, now: Standing, best: NDArray[np.int8], best_rank: Ints, iterations: int
) -> None:
    """Kick and descend `iterations` times.

    `best` holds the sources of the best choice so far, `best_rank` its cost and bins, and how long it has
    stood; what is chosen at the end need not be the best.
    """
    cost, bins = cost_now(grid, now), num_bins(now)
    for _ in range(iterations):
        before = now.taken.copy()
        bold = _kick(grid, demand, now)
        best_rank[2] += 1
        if not bold and cost_now(grid, now) > cost + cost // HOPELESS:
            _restore(grid, demand, now, before, 0, len(before))
            continue
        new_cost, new_bins = descend(grid, demand, now)
        if new_cost < best_rank[0] or (new_cost == best_rank[0] and new_bins < best_rank[1]):
            best[:] = now.taken
            best_rank[0], best_rank[1], best_rank[2] = new_cost, new_bins, 0
        if new_cost < cost or (new_cost == cost and new_bins <= bins) or best_rank[2] % STALE_MAX == STALE_MAX - 1:
            cost, bins = new_cost, new_bins
        else:
            _restore(grid, demand, now, before, 0, len(before))


@compiled
def forced_spots(demand: Demand, needed: NDArray[np.int32]) -> None:
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
def lower_bound(grid: GridArrays, demand: Demand, now: Standing) -> int:
    """A cost no choice can beat: that of the forced spots with, of each line, its cheapest spot beside them.

    `now` must be set up with the forced spots alone.
    """
    bound = cost_now(grid, now)
    for line in range(len(demand.lines)):
        least = NEVER
        for source in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
            if now.needed[demand.sources[source, SPOT]]:
                least = 0
                break
            least = min(least, cost_with(grid, now, demand.sources[source, SPOT]))
        bound = max(bound, least)
    return bound

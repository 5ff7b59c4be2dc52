"""First choices of bins by the stretches walked from end to end.

Problem
    A good walk goes through few stretches that together hold most of what is wanted, and fetches the rest from near
    their ends. A search that moves one line at a time does not get there: while a stretch still serves other lines,
    moving one of them away saves nothing.
Method
    What a set of open stretches is worth is estimated: the walk by way of all their points, and for what they do
    not hold the nearest bins elsewhere, each for itself. From every stretch, the most promising first, a second is
    opened and then opened, closed and exchanged until nothing makes the estimate less.
Complexity
    O(arcs + sources) for an estimate, O(sources) to find the best stretch to open, O(stretches) estimates a set.
Limits
    Estimates: bins beside each other are paid for twice. A start for `swap_search`, which looks at single bins.
Source
    Facility location by opening, closing and exchanging: Kuehn and Hamburger, Management Science 9(4), 1963.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.grid_arrays import GridArrays, refresh_step
from routing.lattice import OUT_OF_REACH, STEP, Lattice
from routing.segment_moves import COST, MOVE, SHIFT, Counts, Ints
from routing.standing import (
    FIRST,
    LAST,
    LINE,
    NEED,
    QUANTITY,
    SPOT,
    Demand,
    Standing,
    price,
    restore,
    settle,
    turn_together,
)
from routing.state_graph import NUM_EFFECTS

NONE = -1
FEWEST = 2  # stretches that stay open
SECONDS = 4  # stretches that are tried beside the first: how far things are is hard to tell from one alone


class Stretches(NamedTuple):
    """What lies on the stages, each of which is one stretch or crossing.

    The sources of a stage are `source` from `first[stage]` up to `first[stage + 1]`, those of a line together;
    `offers[stage, line]` is how many units they hold. `through[stage]` lists the effects of a walk by way of all its
    points and their costs, as `Standing.ways` does. `alone[source]` is the least that a walk to one source alone
    costs on its stretch. `opened` says which are open. As of the last look, `extra[source]` is what a source
    seems to add to the walk, `order` has the sources of every line by that, a unit, and `rest[line]` is what fetching
    what the open stretches lack seems to add.
    """

    source: Ints
    first: Ints
    offers: Ints
    through: Ints
    alone: Ints
    opened: NDArray[np.bool_]
    extra: Ints
    order: Ints
    rest: Ints


@compiled(makes_arrays=True)
def stretches_of(grid: GridArrays, demand: Demand, lattice: Lattice) -> Stretches:
    """The stretches of a problem."""
    sources, num, stages = demand.sources, len(demand.sources), len(lattice.stages)
    options, row = grid.program.options, len(grid.program.table)
    needed = np.zeros(len(lattice.spot_stage), np.int32)
    first, source = np.zeros(stages + 1, np.int64), np.empty(num, np.int64)
    offers = np.zeros((stages, len(demand.lines)), np.int64)
    through, alone = np.zeros((stages, options.shape[1], 2), np.int64), np.empty(num, np.int64)
    for each in range(num):
        stage = lattice.spot_stage[sources[each, SPOT]]
        first[stage + 1] += 1
        offers[stage, sources[each, LINE]] += sources[each, QUANTITY]
    first[:] = np.cumsum(first)
    at = first.copy()
    for each in range(num):
        stage = lattice.spot_stage[sources[each, SPOT]]
        source[at[stage]] = each
        at[stage] += 1
        alone[each] = _least_on_step(grid, needed, sources[each, SPOT])
    for stage in range(stages):
        if first[stage] == first[stage + 1]:
            continue
        for each in source[first[stage] : first[stage + 1]]:
            needed[sources[each, SPOT]] = 1
        refresh_step(grid, needed, lattice.stages[stage, STEP], row)
        through[stage, 0, 0] = options[row, 0, 0]
        for choice in range(1, options[row, 0, 0] + 1):
            through[stage, choice, 0] = options[row, choice, SHIFT] * NUM_EFFECTS + options[row, choice, MOVE]
            through[stage, choice, 1] = options[row, choice, COST]
    opened, rest = np.zeros(stages, np.bool_), np.zeros(len(demand.lines), np.int64)
    return Stretches(source, first, offers, through, alone, opened, alone.copy(), np.arange(num), rest)


@compiled_part
def _least_on_step(grid: GridArrays, needed: Counts, spot: int) -> int:
    """The least that a walk by way of one spot costs on its step."""
    options, row = grid.program.options, len(grid.program.table)
    needed[spot] = 1
    refresh_step(grid, needed, grid.spot_step[spot], row)
    needed[spot] = 0
    least = OUT_OF_REACH
    for choice in range(1, options[row, 0, 0] + 1):
        least = min(least, options[row, choice, COST])
    return int(least)


@compiled(makes_arrays=True)
def stretches_by_promise(
    grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches
) -> Ints:
    """The stages where anything lies, first those that seem best to open alone; none is open in the end."""
    stretches.opened[:] = False
    restore(grid, demand, lattice, now, np.zeros(len(demand.sources), np.int8))
    _look(grid, demand, lattice, now, stretches)
    costs = _costs_with(demand, now, stretches)
    return np.argsort(costs)[: (costs < OUT_OF_REACH).sum()]


@compiled(makes_arrays=True)
def open_stretches(
    grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches, first: int, looks: int
) -> int:
    """Open a stretch and what seems good beside it; what that seems to cost. What was open before is closed.

    About so many estimates are made at most.
    """
    for stage in range(len(stretches.opened)):
        if stretches.opened[stage] != (stage == first):
            _flip(grid, demand, lattice, now, stretches, stage)
    _look(grid, demand, lattice, now, stretches)
    costs = _costs_with(demand, now, stretches)
    second, least = NONE, OUT_OF_REACH
    for each in np.argsort(costs)[:SECONDS]:
        stage = int(each)
        if costs[stage] < OUT_OF_REACH:
            _flip(grid, demand, lattice, now, stretches, stage)
            cost = _look(grid, demand, lattice, now, stretches)
            if cost < least:
                second, least = stage, cost
            _flip(grid, demand, lattice, now, stretches, stage)
    if second != NONE:
        _flip(grid, demand, lattice, now, stretches, second)
    return _improve(grid, demand, lattice, now, stretches, looks)


@compiled_part(makes_arrays=True)
def _improve(
    grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches, looks: int
) -> int:
    """Open, close and exchange stretches until nothing is better, or so many were tried; the cost in the end.

    Two stay open: where only one is, the walk there and back may as well go through any other, and all seem near.
    """
    cost = _look(grid, demand, lattice, now, stretches)
    closing, tried = 0, 0
    while tried < len(stretches.opened) and looks > 0:
        looks -= 1
        if tried == 0:
            better = _try_to_open(grid, demand, lattice, now, stretches, NONE, cost)
            if better < cost:
                cost = better
                continue
        tried += 1
        closing = closing + 1 if closing + 1 < len(stretches.opened) else 0
        if not stretches.opened[closing]:
            looks += 1
            continue
        _flip(grid, demand, lattice, now, stretches, closing)
        better = _look(grid, demand, lattice, now, stretches)
        if better >= cost or stretches.opened.sum() < FEWEST:
            better = _try_to_open(grid, demand, lattice, now, stretches, closing, cost)
        if better < cost:
            cost, tried = better, 0
        else:
            _flip(grid, demand, lattice, now, stretches, closing)
    return cost


@compiled_part(makes_arrays=True)
def _try_to_open(
    grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches, closed: int, cost: int
) -> int:
    """Open the best stretch other than `closed`, as of the last look, if it costs less then; the least cost."""
    costs = _costs_with(demand, now, stretches)
    if closed != NONE:
        costs[closed] = OUT_OF_REACH
    opening = int(np.argmin(costs))
    if costs[opening] >= cost:
        return cost
    _flip(grid, demand, lattice, now, stretches, opening)
    better = _look(grid, demand, lattice, now, stretches)
    if better >= cost:
        _flip(grid, demand, lattice, now, stretches, opening)
    return min(cost, better)


@compiled_part
def _flip(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches, stage: int) -> None:
    """Open a stretch, or close it if it is open."""
    stretches.opened[stage] = not stretches.opened[stage]
    here = stretches.source[stretches.first[stage] : stretches.first[stage + 1]]
    turn_together(grid, demand, lattice, now, here, stage)


@compiled_part
def _look(grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, stretches: Stretches) -> int:
    """Estimate what is open; note what fetching the rest adds to the walk."""
    cost = settle(lattice, now)
    price(grid, demand, lattice, now, 0, len(demand.sources))
    total = cost
    for line in range(len(demand.lines)):
        missing = demand.lines[line, NEED] - now.filled[line]
        if missing > 0:
            _sort_by_extra(demand, now, stretches, cost, line, missing)
        stretches.rest[line] = _cost_elsewhere(demand, now, stretches, line, missing)
        total = min(OUT_OF_REACH, total + stretches.rest[line])
    return int(total)


@compiled_part
def _sort_by_extra(demand: Demand, now: Standing, stretches: Stretches, cost: int, line: int, missing: int) -> None:
    """Note what the sources of a line add to a walk of this cost, and put those first that add least a unit."""
    order, extra, first = stretches.order, stretches.extra, demand.lines[line, FIRST]
    for source in range(first, demand.lines[line, LAST]):
        extra[source] = max(now.price[source] - cost, stretches.alone[source])
    for place in range(first + 1, demand.lines[line, LAST]):
        source, at = order[place], place
        a_unit = extra[source] / min(missing, demand.sources[source, QUANTITY])
        while at > first and extra[order[at - 1]] / min(missing, demand.sources[order[at - 1], QUANTITY]) > a_unit:
            order[at] = order[at - 1]
            at -= 1
        order[at] = source


@compiled_part
def _cost_elsewhere(demand: Demand, now: Standing, stretches: Stretches, line: int, missing: int) -> int:
    """What it adds to the walk to fetch what a line is missing from bins that are not taken."""
    total, dear = 0, OUT_OF_REACH // (1 + len(demand.lines))
    for each in stretches.order[demand.lines[line, FIRST] : demand.lines[line, LAST]]:
        if missing <= 0:
            return total
        if not now.taken[each]:
            total = min(dear, total + stretches.extra[each])
            missing -= demand.sources[each, QUANTITY]
    return total if missing <= 0 else dear


@compiled_part
def _cost_with(demand: Demand, now: Standing, stretches: Stretches, stage: int) -> int:
    """The estimate if one stretch more were open, as of the last look."""
    begin, end = stretches.first[stage], stretches.first[stage + 1]
    total = OUT_OF_REACH
    for choice in range(1, stretches.through[stage, 0, 0] + 1):
        effect, own = stretches.through[stage, choice, 0], stretches.through[stage, choice, 1]
        total = min(total, now.around[stage, effect] + own)
    if total >= OUT_OF_REACH:
        return OUT_OF_REACH
    for each in stretches.rest:
        total += each
    before = NONE
    for each in stretches.source[begin:end]:
        line = demand.sources[each, LINE]
        if line != before and stretches.rest[line] > 0:
            missing = demand.lines[line, NEED] - now.filled[line] - stretches.offers[stage, line]
            total += _cost_elsewhere(demand, now, stretches, line, missing) - stretches.rest[line]
        before = line
    return int(total)


@compiled_part(makes_arrays=True)
def _costs_with(demand: Demand, now: Standing, stretches: Stretches) -> Ints:
    """The estimates if one more stretch were open, as of the last look; `OUT_OF_REACH` where it is."""
    costs = np.full(len(stretches.opened), OUT_OF_REACH)
    for stage in range(len(stretches.opened)):
        if not stretches.opened[stage]:
            costs[stage] = _cost_with(demand, now, stretches, stage)
    return costs


@compiled(makes_arrays=True)
def sources_on(demand: Demand, lattice: Lattice, opened: NDArray[np.bool_]) -> NDArray[np.int8]:
    """The fullest sources on open stretches, no more than it takes to fill every line, as far as they do."""
    taken = np.zeros(len(demand.sources), np.int8)
    for line in range(len(demand.lines)):
        missing = demand.lines[line, NEED]
        while missing > 0:
            best = NONE
            for each in range(demand.lines[line, FIRST], demand.lines[line, LAST]):
                fuller = best == NONE or demand.sources[each, QUANTITY] > demand.sources[best, QUANTITY]
                if not taken[each] and fuller and opened[lattice.spot_stage[demand.sources[each, SPOT]]]:
                    best = each
            if best == NONE:
                break
            taken[best] = 1
            missing -= demand.sources[best, QUANTITY]
    return taken

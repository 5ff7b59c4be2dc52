"""Every way to walk every step of a sweep, what it costs, and what goods lie on it.

Problem
    The sweep is asked which points must be picked, and answers what that costs. To prove a choice of bins
    best the question is turned round: how can each step be walked, at what cost, and what does that bring?
    A choice of bins is then a path through the state graph whose ways together bring enough for every line.
Method
    Whatever is walked of a segment, the points left out are one run of neighbours, between what hangs on
    its low end and what hangs on its high end; only a walk that never leaves the segment leaves out
    points on both sides. So the sweep's own moves are worked out for every run that can be left out, and
    those are kept to which nothing as cheap brings more. Ways that no good enough walk can take are
    dropped later, as bounds come in.
Complexity
    O(points^2) ways a step, O(points) to make each.
Limits
    Units of lines of more than `UNITS_MAX` are bundled, and what a way brings is rounded up to bundles.
    That is a relaxation: bounds hold, but what is found may fall short.
Source
    The flow model with covering rows of Hessler and Irnich, INFORMS Journal on Computing 36(6), 2024.
"""

import math
import time
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.grid_arrays import KIND, MARK, OF, SPOT, GridArrays, refresh_step
from routing.grid_layout import CROSSING, GAP, ITEM
from routing.segment_moves import COST, FIRST_SPOT, LAST_SPOT, MOVE, NEVER, SHIFT, Counts, Ints
from routing.state_graph import Effect, Table
from routing.sweep import Program

FROM, TO = 3, 4
WAY_COLUMNS: Final = 5
FIRST_WAY, LAST_WAY = 2, 3
GROUP_COLUMNS: Final = 4
UNITS_MAX: Final = 255  # units of a line that are told apart; prices and labels have an entry for each
RUNS: Final = 64  # runs of spots between two looks at the clock: at most some ten milliseconds
_INSIDE = int(Effect.INSIDE)

Kept = NDArray[np.bool_]


class Ways(NamedTuple):
    """All ways to walk all steps of a program.

    `way` has one row a way: its `MOVE`, `SHIFT` and `COST`, and which spots of its step it leaves out: those
    from `FROM` up to `TO`, or, if `TO` is the lower, all but those from `TO` up to `FROM`. The ways of a step
    are those from `first[step]` up to `first[step + 1]`. `group` has a row for each move and shift of a step:
    `MOVE`, `SHIFT`, its `FIRST_WAY` and the one after its `LAST_WAY`; `group_first` is to groups what
    `first` is to ways. What a way brings is listed in `brings` from `brings_first[way]` on: for each line
    `units_first[line]` plus the units, which are no more than the `units` the line needs. `line_of` says
    whose such an entry is. `hops` from `hop_first[table, move, 0]` up to `hop_first[table, move, 1]` are the
    states before and after a move; `table`, `shift`, `empty` and `done` are the program's.
    """

    table: Table
    shift: Table
    hop_first: Ints
    hops: Table
    empty: int
    done: int
    way: Ints
    first: Ints
    group: Ints
    group_first: Ints
    brings: Ints
    brings_first: Ints
    units: Ints
    units_first: Ints
    line_of: Ints


class Goods(NamedTuple):
    """What is wanted and where it lies.

    `units` is how many bundles each line needs, `bundle` how many of its units make one. The sources at a
    spot are entries `spot_first[spot]` up to `spot_first[spot + 1]` of `line` and `quantity`.
    """

    units: Ints
    bundle: Ints
    spot_first: Ints
    line: Ints
    quantity: Ints


def goods_at(need: Ints, line: Ints, spot: Ints, quantity: Ints, num_spots: int) -> Goods:
    """Goods from the units that each line needs, and the line, spot and quantity of each source."""
    bundle = -(-need // UNITS_MAX)
    order = np.argsort(spot, kind="stable")
    spot_first = np.searchsorted(spot[order], np.arange(num_spots + 1)).astype(np.int64)
    return Goods(-(-need // bundle), bundle, spot_first, line[order], quantity[order])


@compiled
def spots_of(grid: GridArrays, step: int) -> tuple[int, int]:
    """The first spot picked at a step and the one after the last."""
    if grid.steps[step, KIND] == ITEM:
        item = grid.steps[step, OF]
        return grid.stretches[item, FIRST_SPOT], grid.stretches[item, LAST_SPOT]
    spot = grid.steps[step, SPOT]
    if grid.steps[step, KIND] == CROSSING and spot >= 0:
        return spot, spot + 1
    return spot - spot, spot - spot


@compiled_part(makes_arrays=True)
def _moves(grid: GridArrays, needed: Counts, step: int, start: int, stop: int, picked: bool, cost: Ints) -> None:
    """The least cost of each move and shift of a step, if the spots from `start` up to `stop` are `picked` or not.

    The other spots of the step are treated the other way.
    """
    low, high = spots_of(grid, step)
    row, options = len(grid.program.table), grid.program.options
    for spot in range(low, high):
        needed[spot] = (start <= spot < stop) == picked
    refresh_step(grid, needed, step, row)
    for choice in range(1, options[row, 0, 0] + 1):
        move, shift = options[row, choice, MOVE], options[row, choice, SHIFT]
        cost[move, shift] = min(cost[move, shift], options[row, choice, COST])
    needed[low:high] = 0


@compiled_part(makes_arrays=True)
def _put_way(way: Ints, size: int, move: int, shift: int, cost: int, start: int, stop: int) -> Ints:
    """The array with one way more after its first `size`."""
    if size == len(way):
        larger = np.empty((2 * size, WAY_COLUMNS), np.int64)
        larger[:size] = way
        way = larger
    way[size, MOVE], way[size, SHIFT], way[size, COST] = move, shift, cost
    way[size, FROM], way[size, TO] = start, stop
    return way


@compiled_part(makes_arrays=True)
def _price_runs(grid: GridArrays, needed: Counts, step: int, start: int, costs: Ints) -> None:
    """Work out the moves of a crossing, spur or segment for all runs of spots that begin at its spot `start`."""
    low, high = spots_of(grid, step)
    without, alone = costs[0], costs[1]
    if start == 0:
        costs[:, : high - low + 1, : high - low + 1] = NEVER
        _moves(grid, needed, step, low, low, False, without[0, 0])
    without[start, start] = without[0, 0]
    for stop in range(start + 1, high - low + 1):
        _moves(grid, needed, step, low + start, low + stop, False, without[start, stop])
        if grid.steps[step, KIND] == ITEM and grid.steps[step, MARK]:
            _moves(grid, needed, step, low + start, low + stop, True, alone[start, stop])


@compiled_part(makes_arrays=True)
def _step_ways(grid: GridArrays, step: int, costs: Ints, way: Ints, size: int) -> tuple[Ints, int]:
    """Put the ways of a crossing, spur or segment, all runs of which are priced, after the first `size` ways."""
    low, high = spots_of(grid, step)
    count = high - low
    without, alone = costs[0], costs[1]
    for move in range(without.shape[2]):
        for shift in range(without.shape[3]):
            cost = without[0, 0, move, shift]
            if cost < NEVER:
                way = _put_way(way, size, move, shift, cost, low, low)
                size += 1
            for start in range(count):
                for stop in range(start + 1, count + 1):
                    cost = without[start, stop, move, shift]
                    if cost < min(without[start + 1, stop, move, shift], without[start, stop - 1, move, shift]):
                        way = _put_way(way, size, move, shift, cost, low + start, low + stop)
                        size += 1
                    cost = alone[start, stop, move, shift]
                    if move != _INSIDE or start == 0 or stop == count:
                        continue
                    if cost < min(alone[start - 1, stop, move, shift], alone[start, stop + 1, move, shift]):
                        way = _put_way(way, size, move, shift, cost, low + stop, low + start)
                        size += 1
    return way, size


@compiled(makes_arrays=True)
def _more_ways(grid: GridArrays, needed: Counts, at: Ints, costs: Ints, way: Ints, first: Ints) -> Ints:
    """Go on with the ways of all steps for `RUNS` runs of spots or a little more; the array they are in now.

    `at` says how far they have come: the step, the spot of it at which the next runs begin, and how many ways
    there are. `costs` are those of the step's runs so far: with a run left out, and with it alone.
    """
    options = grid.program.options
    step, start, size = at[0], at[1], at[2]
    runs = 0
    while step < len(grid.steps) and runs < RUNS:
        low, high = spots_of(grid, step)
        if grid.steps[step, KIND] == GAP:
            for choice in range(1, options[step, 0, 0] + 1):
                move, shift = options[step, choice, MOVE], options[step, choice, SHIFT]
                way = _put_way(way, size, move, shift, options[step, choice, COST], 0, 0)
                size += 1
        else:
            _price_runs(grid, needed, step, start, costs)
            runs += high - low - start + 1
            start += 1
            if start <= high - low:
                continue
            way, size = _step_ways(grid, step, costs, way, size)
        step, start = step + 1, 0
        first[step] = size
    at[0], at[1], at[2] = step, start, size
    return way


def _all_ways(grid: GridArrays, until: float) -> tuple[Ints, Ints]:
    """The ways of all steps, and the first way of each step."""
    steps = len(grid.steps)
    most = int(np.bincount(grid.spot_step).max(initial=0)) + 1
    costs = np.empty((2, most, most, grid.program.next.shape[1], grid.program.shift.shape[0]), np.int64)
    needed = np.zeros(len(grid.spot_step), np.int32)
    at, first = np.zeros(3, np.int64), np.zeros(steps + 1, np.int64)
    way = np.empty((1024, WAY_COLUMNS), np.int64)
    while at[0] < steps:
        if time.perf_counter() > until:
            raise TimeoutError("ways are not worked out in the time allowed for it")
        way = _more_ways(grid, needed, at, costs, way, first)
    return way[: at[2]].copy(), first


@compiled
def leaves_out(way: Ints, spot: int) -> bool:
    """Whether a way (a row of `Ways.way`) leaves out a spot of its step."""
    if way[FROM] <= way[TO]:
        return bool(way[FROM] <= spot < way[TO])
    return not way[TO] <= spot < way[FROM]


@compiled(makes_arrays=True)
def _brought(grid: GridArrays, way: Ints, first: Ints, goods: Goods, units_first: Ints) -> tuple[Ints, Ints]:
    """`brings` and `brings_first` of these ways."""
    brings, size = np.empty(4096, np.int64), 0
    brings_first = np.zeros(len(way) + 1, np.int64)
    found = np.zeros(len(goods.units), np.int64)
    for step in range(len(first) - 1):
        low, high = spots_of(grid, step)
        for each in range(first[step], first[step + 1]):
            begin = size
            for spot in range(low, high):
                if leaves_out(way[each], spot):
                    continue
                for source in range(goods.spot_first[spot], goods.spot_first[spot + 1]):
                    line = goods.line[source]
                    if found[line] == 0:
                        if size == len(brings):
                            larger = np.empty(2 * size, np.int64)
                            larger[:size] = brings
                            brings = larger
                        brings[size] = line
                        size += 1
                    found[line] += goods.quantity[source]
            for at in range(begin, size):
                line = brings[at]
                bundles = -(-found[line] // goods.bundle[line])
                brings[at] = units_first[line] + min(goods.units[line], bundles)
                found[line] = 0
            brings_first[each + 1] = size
    return brings[:size].copy(), brings_first


@compiled(makes_arrays=True)
def _grouped(way: Ints, first: Ints) -> tuple[Ints, Ints]:
    """`group` and `group_first` of ways that stand together by move and shift."""
    group, size = np.empty((len(way), GROUP_COLUMNS), np.int64), 0
    group_first = np.zeros(len(first), np.int64)
    for step in range(len(first) - 1):
        for each in range(first[step], first[step + 1]):
            alike = each > first[step] and way[each, MOVE] == way[each - 1, MOVE]
            if not alike or way[each, SHIFT] != way[each - 1, SHIFT]:
                group[size, MOVE], group[size, SHIFT], group[size, FIRST_WAY] = way[each, MOVE], way[each, SHIFT], each
                size += 1
            group[size - 1, LAST_WAY] = each + 1
        group_first[step + 1] = size
    return group[:size].copy(), group_first


@compiled(makes_arrays=True)
def _only(ways: Ways, keep: Kept) -> tuple[Ints, Ints, Ints, Ints]:
    """`way`, `first`, `brings` and `brings_first` of those ways alone that are to be kept."""
    num = size = 0
    for each in range(len(keep)):
        if keep[each]:
            num += 1
            size += ways.brings_first[each + 1] - ways.brings_first[each]
    way, first = np.empty((num, WAY_COLUMNS), np.int64), np.zeros(len(ways.first), np.int64)
    brings, brings_first = np.empty(size, np.int64), np.zeros(num + 1, np.int64)
    num = size = 0
    for step in range(len(first) - 1):
        for each in range(ways.first[step], ways.first[step + 1]):
            if not keep[each]:
                continue
            way[num] = ways.way[each]
            for at in range(ways.brings_first[each], ways.brings_first[each + 1]):
                brings[size] = ways.brings[at]
                size += 1
            num += 1
            brings_first[num] = size
        first[step + 1] = num
    return way, first, brings, brings_first


def without_others(ways: Ways, keep: Kept) -> Ways:
    """The ways that `keep` names alone."""
    way, first, brings, brings_first = _only(ways, keep)
    group, group_first = _grouped(way, first)
    return ways._replace(
        way=way, first=first, brings=brings, brings_first=brings_first, group=group, group_first=group_first
    )


def all_ways(grid: GridArrays, goods: Goods, divisor: int, until: float = math.inf) -> Ways:
    """Every way to walk every step.

    Parameters
    ----------
    grid
        From `grid_problem.build`. A way stops everywhere on it, so stops must cost nothing.
    goods
        What lies where.
    divisor
        Costs are divided by it and rounded down, to leave out what comes second in them.
    until
        When to give up, by `time.perf_counter`.

    Raises
    ------
    TimeoutError
        If it was given up.
    """
    way, first = _all_ways(grid, until)
    way[:, COST] //= divisor
    units_first = np.cumsum(goods.units + 1) - (goods.units + 1)
    brings, brings_first = _brought(grid, way, first, goods, units_first)
    group, group_first = _grouped(way, first)
    hop_first, hops = _hops(grid.program)
    return Ways(
        table=grid.program.table,
        shift=grid.program.shift,
        hop_first=hop_first,
        hops=hops,
        empty=grid.program.empty,
        done=grid.program.done,
        way=way,
        first=first,
        group=group,
        group_first=group_first,
        brings=brings,
        brings_first=brings_first,
        units=goods.units,
        units_first=units_first,
        line_of=np.repeat(np.arange(len(goods.units)), goods.units + 1),
    )


def _hops(program: Program) -> tuple[Ints, Table]:
    """`hop_first` and `hops` of a program."""
    tables, moves, _ = program.next.shape
    found = np.argwhere(program.next >= 0)
    hops = np.stack([found[:, 2], program.next[tuple(found.T)]], axis=1).astype(np.int32)
    edges = np.searchsorted(found[:, 0] * moves + found[:, 1], np.arange(tables * moves + 1))
    first = np.stack([edges[:-1], edges[1:]], axis=1).astype(np.int64)
    return first.reshape(tables, moves, 2), np.ascontiguousarray(hops)

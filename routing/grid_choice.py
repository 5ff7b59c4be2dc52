"""Bins chosen on an undirected grid floor: few ways are all tried, many are searched by `swap_search`."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import ENUMERATE_MAX, Budget, Choice, deadline, draw, try_all_fillings
from routing.grid_problem import GridProblem, normal_spot, refresh
from routing.problem import PickLine, PickProblem
from routing.route import Pick
from routing.swap_search import (
    BIN,
    FIRST,
    LAST,
    LINE,
    QUANTITY,
    SPOT,
    Demand,
    Standing,
    construct,
    descend,
    forced_spots,
    improve,
    lower_bound,
    start_standing,
    turn,
)
from routing.sweep import sweep

CLOCK_MS = 2.0  # how long the compiled search runs between two looks at the clock
HURRIED_WAYS_MAX = 48  # ways that are all tried where an incumbent is known: somebody waits for the answer
ITERATIONS_MAX = 1 << 20  # between two looks at the clock, where nothing is learnt from more


class GridPricer:
    """Prices sets of points of one problem by the sweep; see `bin_choice.Pricer`."""

    def __init__(self, grid: GridProblem, problem: PickProblem) -> None:
        self.grid = grid
        sources = {source.spot for line in problem.lines for source in line.sources}
        numbers = {spot: grid.spot_number.get(normal_spot(problem.floor, spot)) for spot in sources}
        self.spot_of = {spot: number for spot, number in numbers.items() if number is not None}
        self._costs = grid.new_costs()

    def price(self, needed: NDArray[np.int32]) -> int:
        """The cost of the best walk by way of every point whose `needed` is not 0."""
        refresh(self.grid.arrays, needed)
        return int(sweep(self.grid.arrays.program, self._costs))


def choose_bins_on_grid(
    lines: Sequence[PickLine], pricer: GridPricer, budget: Budget, seed: int, incumbent: Sequence[Pick] = ()
) -> Choice:
    """Choose bins for all lines; parameters and errors are those of `bin_choice.choose_bins`.

    With an `incumbent` the search begins at its bins instead of at none.
    """
    few = try_all_fillings(lines, pricer, HURRIED_WAYS_MAX if incumbent else ENUMERATE_MAX)
    if few is not None:
        return few
    end = deadline(budget)
    grid = pricer.grid.arrays
    demand, names = demand_of(lines, pricer)
    now = nothing_chosen(pricer.grid, demand, seed)
    forced_spots(demand, now.needed)
    start_standing(grid, now)
    bound = int(lower_bound(grid, demand, now))
    now.needed[:] = 0
    start_standing(grid, now)
    for source in _sources_of(incumbent, lines, demand, names):
        turn(grid, demand, now, source)
    order = np.argsort(demand.lines[:, LAST] - demand.lines[:, FIRST], kind="stable")
    construct(grid, demand, now, order)
    cost, bins = descend(grid, demand, now)
    best, rank = now.taken.copy(), np.array([cost, bins, 0], np.int64)
    least_bins = _least_bins(demand)
    done, size = 0, 1
    while budget.iterations is None or done < budget.iterations:
        if rank[0] <= bound and rank[1] <= least_bins:
            break
        if time.perf_counter() >= end:
            break
        size = size if budget.iterations is None else min(size, budget.iterations - done)
        begun = time.perf_counter()
        improve(grid, demand, now, best, rank, size)
        done += size
        took_ms = 1000 * (time.perf_counter() - begun)
        size = min(ITERATIONS_MAX, max(1, int(size * CLOCK_MS / max(took_ms, 0.01))))
    picks: list[Pick] = []
    for index, line in enumerate(lines):
        sources = range(int(demand.lines[index, FIRST]), int(demand.lines[index, LAST]))
        picks += draw(line, [(names[each], int(demand.sources[each, QUANTITY])) for each in sources if best[each]])
    needed = np.zeros(pricer.grid.num_spots, np.int32)
    needed[demand.sources[best > 0, SPOT]] = 1
    return Choice(tuple(picks), needed, int(rank[0]), rank[0] == bound, bound)


def demand_of(lines: Sequence[PickLine], pricer: GridPricer) -> tuple[Demand, list[str]]:
    """The lines as arrays, and the name of every source's bin."""
    rows: list[tuple[int, int, int]] = []
    sources: list[tuple[int, int, int, int]] = []
    names: list[str] = []
    number: dict[str, int] = {}
    for index, line in enumerate(lines):
        first = len(sources)
        for source in line.sources:
            spot = pricer.spot_of.get(source.spot)
            if spot is not None:
                sources.append((index, spot, number.setdefault(source.bin, len(number)), source.quantity))
                names.append(source.bin)
        rows.append((line.quantity, first, len(sources)))
    return Demand(np.array(rows, np.int64).reshape(-1, 3), np.array(sources, np.int64).reshape(-1, 4)), names


def _sources_of(picks: Sequence[Pick], lines: Sequence[PickLine], demand: Demand, names: list[str]) -> list[int]:
    """The sources that picks are taken from, as far as they are there."""
    taken = {(pick.line, pick.bin) for pick in picks}
    return [
        source for source, name in enumerate(names) if (lines[int(demand.sources[source, LINE])].line, name) in taken
    ]


def nothing_chosen(grid: GridProblem, demand: Demand, seed: int) -> Standing:
    """Nothing chosen yet."""
    return Standing(
        taken=np.zeros(len(demand.sources), np.int8),
        needed=np.zeros(grid.num_spots, np.int32),
        uses=np.zeros(int(demand.sources[:, BIN].max(initial=-1)) + 1, np.int32),
        filled=np.zeros(len(demand.lines), np.int64),
        forward=grid.new_costs(),
        backward=grid.new_costs(),
        right=np.zeros(2, np.int64),
        dice=np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64),
    )


def _least_bins(demand: Demand) -> int:
    """How many bins any choice needs at least, as far as that is easily known: 1 where lines share bins."""
    if len(np.unique(demand.sources[:, BIN])) < len(demand.sources):
        return 1
    least = 0
    for need, first, last in demand.lines:
        offers = np.sort(demand.sources[first:last, QUANTITY])[::-1]
        least += int(np.searchsorted(np.cumsum(offers), need)) + 1
    return least

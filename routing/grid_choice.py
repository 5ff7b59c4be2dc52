"""Bins chosen on a grid floor: few ways are all tried, many are searched by `swap_search` and proven by `proving`.

Where there is time for it, a short search is followed by turns of a proof that no choice beats what was found, each
longer than the one before. After each turn the search begins anew from a better choice that the proof came upon,
or from what a walk picks that is cheapest at the prices of the proof, and goes on from the best choice known.
"""

import dataclasses
import functools
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.better_walks import Allowance
from routing.bin_choice import ENUMERATE_MAX, Budget, Choice, deadline, draw, try_all_fillings
from routing.bins_by_tour import ALONE_SHARE, TOUR_SHARE, Effort, effort_of, picks_by_tour
from routing.first_bound import begin, forced_spots
from routing.grid_arrays import CROSSING, GAP, ITEM, KIND, MARK, WIDE, across_for_free, refresh
from routing.grid_problem import GridProblem, normal_spot
from routing.lattice import Lattice, lay_out
from routing.line_filling import construct
from routing.problem import PickLine, PickProblem, PolicyName
from routing.proving import Prover
from routing.route import Pick
from routing.segment_moves import NEVER
from routing.standing import (
    BIN,
    BINS,
    FIRST,
    LAST,
    LINE,
    NEED,
    QUANTITY,
    SPOT,
    Demand,
    Standing,
    new_standing,
    settle,
)
from routing.stretch_start import open_stretches, sources_on, stretches_by_promise, stretches_of
from routing.swap_search import BEST_BINS, BEST_COST, KICKS, begin_descent, improve
from routing.sweep import sweep

CLOCK_MS = 2.0  # how long the compiled search runs between two looks at the clock
CONSTRUCTION_SHARE = 0.25  # of the time, for a first choice; the search makes up for a hasty one
DESCENT = Budget(None, iterations=0)
DESCENTS = 4  # from choices by way of few stretches, of which the search begins at the best
HURRIED_WAYS_MAX = 48  # ways that are all tried where an incumbent is known: somebody waits for the answer
ITERATIONS_MAX = 1 << 40
FIRST_S = 0.004  # for the first search: easy choices end in moments
LOOKS_MIN, LOOKS_MAX = 8, 1000  # for a set of stretches: with fewer it is hardly better than its first
PROOF_S = 0.015  # a search shorter than that leaves no time for a proof
BEGIN_SHARE = 0.1  # of the time, in which a proof has to be set up to be worth it
PROOF_SHARE = 0.7  # of the time that is left, at most, for each turn of the proof
PROVABLE = (ITEM, CROSSING, GAP)  # kinds of steps; those of one-way floors are not known to the proof
SEARCH_SHARE = 0.35  # of all time before the first proof, at most; then of each turn, from either beginning
SETS_MIN, SETS_MAX = 8, 48  # of few stretches: where iterations are limited, and by when the best has been found
STRETCHES_SHARE = 0.25  # of the time, at most, for sets of stretches
TRIALS_MAX = 1 << 20  # between two looks at the clock, where nothing is learnt from more


class GridPricer:
    """Prices sets of points of one problem by the sweep; see `bin_choice.Pricer`."""

    def __init__(self, grid: GridProblem, problem: PickProblem) -> None:
        self.grid, self.problem = grid, problem
        self.spot_of = dict(grid.spot_number)
        for spot in {source.spot for line in problem.lines for source in line.sources} - self.spot_of.keys():
            number = grid.spot_number.get(normal_spot(problem.floor, spot))
            if number is not None:
                self.spot_of[spot] = number
        self._costs = grid.new_costs()

    def price(self, needed: NDArray[np.int32]) -> int:
        """The cost of the best walk by way of every point whose `needed` is not 0."""
        refresh(self.grid.arrays, needed)
        return int(sweep(self.grid.arrays.program, self._costs))


def choose_bins_on_grid(
    lines: Sequence[PickLine], pricer: GridPricer, budget: Budget, seed: int, incumbent: Sequence[Pick] = ()
) -> Choice:
    """Choose bins for all lines; parameters and errors are those of `bin_choice.choose_bins`.

    With an `incumbent` the search begins at its bins, else at the best of some beginnings. Machine code is loaded
    before the time begins.
    """
    few = try_all_fillings(lines, pricer, HURRIED_WAYS_MAX if incumbent else ENUMERATE_MAX)
    if few is not None:
        return few
    if budget.time_ms is not None:
        _load()
    end = deadline(budget)
    left_s, effort = end - time.perf_counter(), effort_of(pricer.grid, pricer.problem)
    demand, names = demand_of(lines, pricer)
    within_reach = dataclasses.replace(pricer.problem, lines=tuple(_within_reach(line, pricer) for line in lines))
    if effort.is_too_hard(left_s, known=bool(incumbent)):
        toured, bound_mm = picks_by_tour(within_reach, pricer.grid.policy, budget, ALONE_SHARE * left_s, seed)
        return _given(within_reach, pricer, demand, [toured, incumbent], bound_mm)

    def along_tour(seconds: float) -> NDArray[np.int8]:
        picks, _ = picks_by_tour(within_reach, pricer.grid.policy, budget, seconds, seed)
        taken = np.zeros(len(demand.sources), np.int8)
        taken[_sources_of(picks, lines, demand, names)] = 1
        return taken

    known = _sources_of(incumbent, lines, demand, names)
    on_tour = not known and effort.is_hard(left_s)
    beginning = np.flatnonzero(along_tour(TOUR_SHARE * left_s)) if on_tour else np.array(known, np.int64)
    grid = pricer.grid.arrays
    lattice = lay_out(grid)
    now = new_standing(grid, lattice, demand, seed)
    bound = int(begin(grid, demand, lattice, now, beginning))
    begun = time.perf_counter()
    settle(lattice, now)
    settle_s = time.perf_counter() - begun
    task = _Task(pricer.grid, demand, lattice, now, _least_bins(demand), settle_s, effort, along_tour)
    task.begin_at(now.taken, end)
    if not known:
        _begin_elsewhere(task, bound, budget, end)
    best, bound = _search_and_prove(task, bound, budget, end, glance=not (known or on_tour))
    picks: list[Pick] = []
    for index, line in enumerate(lines):
        sources = range(int(demand.lines[index, FIRST]), int(demand.lines[index, LAST]))
        taken = [(names[each], int(demand.sources[each, QUANTITY])) for each in sources if best.taken[each]]
        picks += draw(line, taken)
    needed = np.zeros(pricer.grid.num_spots, np.int32)
    needed[demand.sources[best.taken > 0, SPOT]] = 1
    return Choice(tuple(picks), needed, best.cost, task.is_proven(best.cost, bound), min(best.cost, bound))


@functools.cache
def _load() -> None:
    """Load what the search, its proofs and tours take, once."""
    from routing.warm_up import warm_up_free, warm_up_proofs, warm_up_search  # which solve problems by this search

    warm_up_search()
    warm_up_proofs()
    warm_up_free()


def _within_reach(line: PickLine, pricer: GridPricer) -> PickLine:
    """The line with those of its sources that the pricer knows."""
    return dataclasses.replace(line, sources=tuple(each for each in line.sources if each.spot in pricer.spot_of))


def _given(
    problem: PickProblem, pricer: GridPricer, demand: Demand, choices: Sequence[Sequence[Pick]], bound_mm: int
) -> Choice:
    """The best of those choices that fill all lines, where no walk is shorter than `bound_mm`."""
    grid, best = pricer.grid, None
    spot = {(line.line, source.bin): source.spot for line in problem.lines for source in line.sources}
    asked = Counter({line.line: line.quantity for line in problem.lines})
    for picks in choices:
        filled: Counter[str] = Counter()
        for pick in picks:
            filled[pick.line] += pick.quantity if (pick.line, pick.bin) in spot else 0
        if filled != asked:
            continue
        needed = np.zeros(grid.num_spots, np.int32)
        needed[[pricer.spot_of[spot[pick.line, pick.bin]] for pick in picks]] = 1
        cost = pricer.price(needed)
        if best is None or cost < best.cost:
            best = Choice(tuple(picks), needed, cost, False, 0)
    assert best is not None, "the first choice fills all lines"
    forced = np.zeros(grid.num_spots, np.int32)
    forced_spots(demand, forced)
    return dataclasses.replace(best, cost_bound=grid.at_least(pricer.price(forced), bound_mm))


class _Task(NamedTuple):
    """What is searched: `now` is set up; no choice picks from fewer than `least_bins`; `settle` takes `settle_s`.

    `along_tour` chooses bins in so many seconds that make a good tour.
    """

    grid: GridProblem
    demand: Demand
    lattice: Lattice
    now: Standing
    least_bins: int
    settle_s: float
    effort: Effort
    along_tour: Callable[[float], NDArray[np.int8]]

    def provable(self) -> GridProblem:
        """The problem as the proof takes it: without crossings, so that its bounds hold and are seldom met."""
        arrays = self.grid.arrays
        if not (arrays.steps[arrays.steps[:, KIND] == ITEM, MARK] == WIDE).any():
            return self.grid
        return dataclasses.replace(self.grid, arrays=across_for_free(arrays))

    def is_proven(self, cost: int, bound: int) -> bool:
        """Whether no choice has a better walk, by what the policy asks for."""
        unit = self.grid.unit if self.grid.policy.name is PolicyName.SHORTEST else 1
        return cost // unit <= bound // unit

    def begin_at(self, taken: NDArray[np.int8], until: float) -> None:
        """Choose exactly these sources, and more where they fall short.

        Lines are filled one by one, those with the fewest sources first; many at a time if there is little time.
        """
        lines = self.demand.lines
        order = np.argsort(lines[:, LAST] - lines[:, FIRST], kind="stable")
        needed = len(order) * self.settle_s
        left = CONSTRUCTION_SHARE * max(0.0, until - time.perf_counter())
        at_once = 1 if needed <= left else math.ceil(needed / max(left, self.settle_s))
        construct(self.grid.arrays, self.demand, self.lattice, self.now, taken, order, at_once)


def _begin_elsewhere(task: _Task, bound: int, budget: Budget, end: float) -> None:
    """Descend from what is chosen and from few stretches, as far as there is time, and begin at the best of these."""
    found = _search(task, bound, DESCENT, end)
    num_sets = SETS_MAX if budget.iterations is None else min(SETS_MAX, SETS_MIN + budget.iterations)
    for taken in _on_few_stretches(task, num_sets, end) if found.cost > bound else ():
        found = _better_from(task, taken, found, bound, DESCENT, end)
    task.begin_at(found.taken, end)


def _on_few_stretches(task: _Task, num_sets: int, end: float) -> list[NDArray[np.int8]]:
    """The best of so many choices by way of few stretches, of fewer if there is no time to look for them."""
    begun = time.perf_counter()
    until = begun + STRETCHES_SHARE * (end - begun)
    told = task.grid.arrays, task.demand, task.lattice, task.now
    stretches = stretches_of(*told[:3])
    promising = stretches_by_promise(*told, stretches)
    look_s = time.perf_counter() - begun
    found: dict[bytes, int] = {}
    for first in promising[:num_sets]:
        left_s = until - time.perf_counter()
        if left_s < LOOKS_MIN * look_s:
            break
        cost = open_stretches(*told, stretches, first, int(min(left_s / look_s, LOOKS_MAX)))
        found[stretches.opened.tobytes()] = cost
    best = sorted(found, key=lambda each: (found[each], each))[:DESCENTS]
    return [sources_on(task.demand, task.lattice, np.frombuffer(each, np.bool_)) for each in best]


class _Found(NamedTuple):
    """The sources of the best choice found, the cost of its walk, and how many bins it picks from."""

    taken: NDArray[np.int8]
    cost: int
    bins: int


def _search_and_prove(task: _Task, bound: int, budget: Budget, end: float, *, glance: bool) -> tuple[_Found, int]:
    """The best choice found, and a cost that no choice beats; a `glance` is one more beginning, along a tour."""
    begun = time.perf_counter()
    left = end - begun
    known = np.isin(task.grid.arrays.steps[:, KIND], PROVABLE).all()
    if not (known and PROOF_S <= left < math.inf):
        return _search(task, bound, budget, end), bound
    best = _search(task, bound, budget, begun + min(FIRST_S, SEARCH_SHARE * left))
    if best.cost >= NEVER:
        return _search(task, bound, budget, end), bound
    glance_s = task.effort.glance_s(left) if glance else 0.0
    turn_begun = time.perf_counter()
    if task.is_proven(best.cost, bound):
        return best, bound
    try:
        provable = task.provable()
        prover = Prover(provable, task.demand, best.cost, until=turn_begun + BEGIN_SHARE * left)
    except TimeoutError:
        if glance_s:
            best = _better_from(task, task.along_tour(glance_s), best, bound, DESCENT, end)
        task.begin_at(best.taken, end)
        return _search(task, bound, budget, end), bound
    while turn_begun < end and not task.is_proven(best.cost, bound):
        allowance = Allowance(turn_begun + PROOF_SHARE * (end - turn_begun))
        proof = prover.prove(best.cost, allowance, rounds=1)
        bound = max(bound, proof.bound)
        search_s = SEARCH_SHARE * (time.perf_counter() - turn_begun)
        glanced = task.along_tour(glance_s) if glance_s and not task.is_proven(best.cost, bound) else None
        glance_s = 0.0
        for beginning in (proof.taken, proof.guess, glanced, best.taken):
            if beginning is None or task.is_proven(best.cost, bound) or time.perf_counter() >= end:
                continue
            until = min(end, time.perf_counter() + search_s)
            best = _better_from(task, beginning, best, bound, budget, until)
        turn_begun = time.perf_counter()
        if prover.proven and provable is not task.grid:
            task.begin_at(best.taken, end)
            return _search(task, bound, budget, end), bound
    return best, bound


def _better_from(
    task: _Task, beginning: NDArray[np.int8], best: _Found, bound: int, budget: Budget, until: float
) -> _Found:
    """The better of what is known and of what a search finds that begins at these sources."""
    task.begin_at(beginning, until)
    found = _search(task, bound, budget, until)
    return found if (found.cost, found.bins) < (best.cost, best.bins) else best


def _search(task: _Task, bound: int, budget: Budget, end: float) -> _Found:
    """The best choice found; the search ends when cost and bins cannot be less."""
    grid, demand, lattice, now = task.grid.arrays, task.demand, task.lattice, task.now
    begin_descent(demand, now)
    cost, bins = int(settle(lattice, now)), int(now.marks[BINS])
    best, kept = now.taken.copy(), now.taken.copy()
    rank = np.array([cost, bins, 0, cost, bins, 0], np.int64)
    kicks = ITERATIONS_MAX if budget.iterations is None else budget.iterations
    trials, trial_ms = 1, 0.0
    while rank[KICKS] <= kicks:
        left_ms = 1000 * (end - time.perf_counter())
        if left_ms <= 0 or (rank[BEST_COST] <= bound and rank[BEST_BINS] <= task.least_bins):
            break
        trials = max(1, min(2 * trials, TRIALS_MAX, int(min(CLOCK_MS, left_ms) / max(trial_ms, 1e-4))))
        begun = time.perf_counter()
        if improve(grid, demand, lattice, now, best, kept, rank, trials, kicks):
            break
        trial_ms = 1000 * (time.perf_counter() - begun) / trials
    return _Found(best, int(rank[BEST_COST]), int(rank[BEST_BINS]))


def demand_of(lines: Sequence[PickLine], pricer: GridPricer) -> tuple[Demand, list[str]]:
    """The lines as arrays, and the name of every source's bin."""
    rows: list[tuple[int, int, int]] = []
    spots: list[int] = []
    quantities: list[int] = []
    names: list[str] = []
    for line in lines:
        first = len(spots)
        for source in line.sources:
            spot = pricer.spot_of.get(source.spot)
            if spot is not None:
                spots.append(spot)
                quantities.append(source.quantity)
                names.append(source.bin)
        rows.append((line.quantity, first, len(spots)))
    number = {name: index for index, name in enumerate(dict.fromkeys(names))}
    table = np.array(rows, np.int64).reshape(-1, 3)
    sources = np.empty((len(spots), 4), np.int64)
    sources[:, LINE] = np.repeat(np.arange(len(rows)), table[:, LAST] - table[:, FIRST])
    sources[:, SPOT], sources[:, BIN], sources[:, QUANTITY] = spots, [number[name] for name in names], quantities
    return Demand(table, sources), names


def _sources_of(picks: Sequence[Pick], lines: Sequence[PickLine], demand: Demand, names: list[str]) -> list[int]:
    """The sources that picks are taken from, as far as they are there."""
    taken = {(pick.line, pick.bin) for pick in picks}
    return [
        source for source, name in enumerate(names) if (lines[int(demand.sources[source, LINE])].line, name) in taken
    ]


def _least_bins(demand: Demand) -> int:
    """How many bins any choice needs at least, as far as that is easily known: 1 where lines share bins."""
    line, quantity = demand.sources[:, LINE], demand.sources[:, QUANTITY]
    if demand.sources[:, BIN].max() + 1 < len(line):
        return 1
    largest_first = np.lexsort((-quantity, line))
    before = np.cumsum(quantity[largest_first]) - quantity[largest_first]
    return int((before - before[demand.lines[line, FIRST]] < demand.lines[line, NEED]).sum())

"""Routes on grid floors with one-way edges.

Problem: bins and path together on a floor whose aisles or cross aisles may be one-way.
Method: `bin_choice` looks for the bins, priced by `directed_pricing`, which also finds the walk. Where
there are many sources, bins come from a short tour over distances and are changed for as long as the walk
gets better by the fast sweep of `directed_program`; where that does not apply, they are those of the tour or
those one would choose if there were no one-way edges.
Complexity: that of the sweep, times the bin choices priced.
Limits: proven only where the sweep was exact for every choice that had to be excluded. Otherwise the
certificate carries a bound: that of the sweep for bins there is no way round, or that of the same problem
without one-way edges, whichever is higher.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.bin_choice import Budget, choose_bins, given_filling
from routing.cost import NEVER
from routing.cut_floor import CutFloor
from routing.directed_bounds import INFEASIBLE
from routing.directed_floor import fits_grid
from routing.directed_pricing import WIDTHS, Pricing
from routing.directed_program import directed_program
from routing.exact import route_cost
from routing.free_floor import picks_by_distance, solve_free
from routing.grid_choice import GridPricer, choose_bins_on_grid
from routing.grid_problem import build
from routing.prepared_floor import prepare, sweepable
from routing.problem import PickLine, PickProblem, Policy, PolicyName
from routing.route import Pick, Route
from routing.walk import certify, place_stops, walk_directed
from warehouse.errors import NoRoute

PRICED_MAX = 40
"""Sources among which bins are chosen by the directed sweep; beyond, by the sweep without directions."""

BOUND_ONLY = Budget(time_ms=None, iterations=0)
"""For a bound that no choice beats; what is chosen is not looked at."""

PRICES_EACH = 3
"""Times a source is priced until each line has a bin and none is better by itself."""


def solve_directed(problem: PickProblem, *, policy: Policy, budget: Budget, seed: int) -> Route:
    """The best route found on a grid floor with one-way edges.

    Parameters
    ----------
    problem, policy
        What to walk, and in what order routes are better. Floors that are no grid go to `solve_free`.
    budget, seed
        How long bins may be chosen, and the seed of that search.

    Raises
    ------
    NoRoute
        If lines cannot be filled from what can be reached, or no walk comes by everything.
    """
    begun = time.perf_counter()
    if not fits_grid(problem.floor):
        return solve_free(problem, policy=policy, budget=budget, seed=seed)
    lines = CutFloor(problem).lines_within_reach()
    pricing = Pricing(problem, policy, lines)
    chosen = _choose(pricing, lines, budget, seed)
    found = pricing.walk(pricing.needed(chosen.picks), WIDTHS)
    if found.cost is None or found.end is None:
        if found.bound >= INFEASIBLE and chosen.is_best:
            raise NoRoute([line.line for line in lines], "no walk comes by all of the lines' bins")
        return solve_free(problem, policy=policy, budget=budget, seed=seed)
    legs = walk_directed(problem.floor, found.passes, problem.start, found.end)
    legs, stops = place_stops(problem, legs, chosen.picks)
    backtrack_bound_mm, distance_bound_mm = _bounds(pricing, lines, chosen, found.cost, found.bound)
    return certify(
        problem,
        legs,
        stops,
        policy=policy,
        distance_bound_mm=distance_bound_mm,
        backtrack_bound_mm=backtrack_bound_mm,
        solver="directed_sweep",
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Chosen picks; `is_best` says that no others make a better walk.

    `two_way_bound` is (backtrack_mm, distance_mm) that no choice beats even without one-way edges.
    """

    picks: tuple[Pick, ...]
    is_best: bool
    two_way_bound: tuple[int, int] | None = None


def _choose(pricing: Pricing, lines: Sequence[PickLine], budget: Budget, seed: int) -> _Chosen:
    """The picks: given, chosen by price, or by a search that is quicker."""
    given = _given(lines)
    if given is not None:
        return _Chosen(given, True)
    relaxed = None if _is_priced_in_time(pricing, budget) else two_way_problem(pricing.problem)
    if relaxed is None:
        choice = choose_bins(lines, pricing, budget, seed)
        return _Chosen(choice.picks, choice.best and pricing.is_exact)
    return _searched(pricing, lines, relaxed, budget, seed)


def _searched(pricing: Pricing, lines: Sequence[PickLine], relaxed: PickProblem, budget: Budget, seed: int) -> _Chosen:
    """The picks of a short tour, changed while that makes the walk better by the fast sweep.

    Where that sweep does not apply, or finds no walk, the better of the tour's picks and those of the floor
    without one-way edges.
    """
    half = replace(budget, time_ms=None if budget.time_ms is None else budget.time_ms // 2)
    seconds = math.inf if half.time_ms is None else half.time_ms / 1000
    toured = picks_by_distance(CutFloor(pricing.problem), lines, seconds, seed)
    two_way = build(prepare(relaxed.floor), relaxed, pricing.policy, sorted(pricing.spot_of))
    program = directed_program(pricing.problem, two_way)
    if program is not None:
        choice = choose_bins_on_grid(lines, GridPricer(program, relaxed), half, seed, toured)
        if choice.cost < NEVER:
            bound = choose_bins_on_grid(lines, GridPricer(two_way, relaxed), BOUND_ONLY, seed).cost_bound
            return _Chosen(choice.picks, False, two_way.figures(bound))
    choice = choose_bins_on_grid(lines, GridPricer(two_way, relaxed), half, seed)
    picks = min((toured, choice.picks), key=lambda each: pricing.price(pricing.needed(each)))
    return _Chosen(picks, False, two_way.figures(choice.cost_bound))


def _is_priced_in_time(pricing: Pricing, budget: Budget) -> bool:
    """Whether the directed sweep is fast enough to choose bins by."""
    num_sources = len(pricing.spot_of)
    if num_sources > PRICED_MAX:
        return False
    if budget.time_ms is None:
        return True
    begun = time.perf_counter()
    pricing.price(np.ones(len(pricing.places), np.int32))
    took_ms = 1000 * (time.perf_counter() - begun)
    return took_ms * PRICES_EACH * num_sources <= budget.time_ms


def _given(lines: Sequence[PickLine]) -> tuple[Pick, ...] | None:
    """The only picks there are, None if some line has several fillings."""
    fillings = [given_filling(line.line, line.quantity, line.sources) for line in lines]
    if any(filling is None for filling in fillings):
        return None
    return tuple(pick for filling in fillings for pick in filling or ())


def _forced(lines: Sequence[PickLine]) -> tuple[Pick, ...]:
    """A pick from every bin without which its line cannot be filled."""
    return tuple(
        Pick(line.line, source.bin, 1)
        for line in lines
        for source in line.sources
        if sum(each.quantity for each in line.sources) - source.quantity < line.quantity
    )


def two_way_problem(problem: PickProblem) -> PickProblem | None:
    """The same problem with every edge walked both ways, None if it is too wide for that sweep."""
    edges = tuple(replace(edge, direction=0) for edge in problem.floor.edges)
    relaxed = replace(problem, floor=replace(problem.floor, edges=edges))
    return relaxed if sweepable(relaxed.floor) else None


def _bounds(pricing: Pricing, lines: Sequence[PickLine], chosen: _Chosen, cost: int, bound: int) -> tuple[int, int]:
    """(backtrack_mm, distance_mm) that no route can beat, the distance at the backtrack that was found."""
    strict = pricing.policy.name is PolicyName.NO_BACKTRACK
    backtrack_mm, _ = pricing.figures(cost)
    if chosen.is_best and bound >= cost:
        return pricing.figures(cost) if strict else (0, pricing.figures(cost)[1])
    needed = chosen.picks if chosen.is_best else _forced(lines)
    if not chosen.is_best:
        bound = pricing.walk(pricing.needed(needed), WIDTHS).bound
    pairs = [pricing.figures(min(bound, cost)), *_two_way_bounds(pricing, needed)]
    if chosen.two_way_bound is not None:
        pairs.append(chosen.two_way_bound)
    if not strict:
        return 0, max(distance for _, distance in pairs)
    at_backtrack = [distance for backtrack, distance in pairs if backtrack == backtrack_mm]
    shortest = _two_way_bounds(pricing, needed, PolicyName.SHORTEST)
    return (
        max(backtrack for backtrack, _ in pairs),
        max([0, *at_backtrack, *(distance for _, distance in shortest)]),
    )


def _two_way_bounds(pricing: Pricing, picks: Sequence[Pick], name: PolicyName | None = None) -> list[tuple[int, int]]:
    """(backtrack_mm, distance_mm) of the best walk to these bins without one-way edges, if it can be swept."""
    relaxed = two_way_problem(pricing.problem)
    if relaxed is None:
        return []
    policy = pricing.policy if name is None else replace(pricing.policy, name=name)
    spots = {pricing.spot_of_pick[pick.line, pick.bin] for pick in picks}
    least = route_cost(prepare(relaxed.floor), relaxed, policy, spots)
    return [] if least is None else [least]

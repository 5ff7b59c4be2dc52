"""Routes on grid floors with one-way edges.

Problem: bins and path together on a floor whose aisles or cross aisles may be one-way.
Method: `bin_choice` looks for the bins, priced by the sweep of `directed_states`. For the bins found the
sweep is run with more and more room until its own lower bound meets the cost, or the room is used up.
Complexity: that of the sweep, times the bin choices priced.
Limits: proven only where the sweep was exact for every choice that had to be excluded; otherwise the
certificate carries the bound of what was left out, which may be 0.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import Budget, Choice, choose_bins, given_filling
from routing.cut_floor import CutFloor
from routing.directed_floor import LanePlace, Place, fits_grid, group_by_lane, read_floor
from routing.directed_moves import Lane, LaneMoves, Weights
from routing.directed_states import INFEASIBLE, Sweep, Swept
from routing.exact import route_cost
from routing.free_floor import solve_free
from routing.grid_choice import GridPricer, choose_bins_on_grid
from routing.grid_problem import build
from routing.prepared_floor import prepare, sweepable
from routing.problem import EndKind, PickLine, PickProblem, Policy, PolicyName
from routing.route import Pick, Route
from routing.segment_moves import NEVER
from routing.walk import certify, place_stops, walk_directed
from warehouse.errors import NoRoute
from warehouse.floor import Spot

WIDTHS = (40, 400, 4000)
"""States kept a step, round after round; the bound rarely needs more than the second."""
PRICING_WIDTHS = (40, 400)
"""The same for pricing a choice of bins, of which there are many."""
CAPS = (4, 16)
"""Flows over a gap tried before the proven cap; more is hardly ever of use."""
SWEEP_S_MAX = 2.0
"""How long one set of bins may be swept before only the most promising states go on."""
PRICED_MAX = 40
"""Sources among which bins are chosen by the directed sweep; beyond, by the sweep without directions."""


class Pricing:
    """What walks by way of given points cost on one problem's floor.

    `spot_of` numbers the points of the sources in `lines`, as `bin_choice.Pricer` asks.
    """

    def __init__(self, problem: PickProblem, policy: Policy, lines: Sequence[PickLine]) -> None:
        self.problem = problem
        self.policy = policy
        spots = sorted({source.spot for line in lines for source in line.sources})
        self.is_exact = True
        end_spots = problem.end.spots
        if problem.end.kind is EndKind.ANYWHERE:
            end_spots = (problem.start, *spots)
        self.read = read_floor(problem, spots, end_spots)
        numbers: dict[Place, int] = {}
        self.spot_of = {spot: numbers.setdefault(self.read.places[spot], len(numbers)) for spot in spots}
        self.places = list(numbers)
        self.spot_of_pick = {(line.line, each.bin): each.spot for line in lines for each in line.sources}
        self._lane_moves: dict[tuple[int, int, tuple[int, ...]], LaneMoves] = {}
        self._swept: dict[frozenset[int], Swept] = {}

    @cached_property
    def total_mm(self) -> int:
        """All floor there is."""
        return sum(edge.length_mm for edge in self.problem.floor.edges)

    @cached_property
    def weights(self) -> Weights:
        """What a mm costs: so that the first figure of the policy's order outweighs any of the second.

        A best walk is at most as long as one simple path for each mark (see `directed_states`) and one
        more, and the marks themselves.
        """
        outweigh = self.total_mm * (2 * self.marks(self.places) + 2) + 1
        if self.policy.name is PolicyName.NO_BACKTRACK:
            return Weights(backtrack=outweigh, distance=1)
        return Weights(backtrack=1, distance=outweigh)

    def figures(self, cost: int) -> tuple[int, int]:
        """(backtrack_mm, distance_mm) of a cost."""
        if self.policy.name is PolicyName.NO_BACKTRACK:
            return divmod(cost, self.weights.backtrack)
        distance_mm, backtrack_mm = divmod(cost, self.weights.distance)
        return backtrack_mm, distance_mm

    def marks(self, places: Collection[Place]) -> int:
        """How many marks a walk by way of these places needs; see `directed_states`."""
        by_lane, nodes = group_by_lane(places)
        marks = len(nodes) + 8  # four each for the segments of the start and the end
        for (column, number), offsets in by_lane.items():
            lane = self.read.lane(LanePlace(column, number, 0))
            marks += min(len(offsets), 1 if lane.direction else 2)
        return marks

    @cached_property
    def lanes(self) -> dict[tuple[int, int], Lane]:
        """Every lane by its column and number."""
        return {
            (index, number): lane
            for index, column in enumerate(self.read.columns)
            for number, lane in enumerate([*column.lanes, *(lane for _, lane in column.spurs)])
            if lane is not None
        }

    def sweep(self, places: Sequence[Place], widths: Sequence[int]) -> Swept:
        """The best walk by way of `places`, looked for with at most these numbers of states."""
        by_lane, nodes = group_by_lane(places)
        moves = {key: self._moves(key, lane, by_lane.get(key, ())) for key, lane in self.lanes.items()}
        cap_proven = self.marks(places) + 1
        best: Swept | None = None
        limit, bound = INFEASIBLE, 0
        deadline = time.perf_counter() + SWEEP_S_MAX
        for cap in sorted({min(each, cap_proven) for each in (*CAPS, cap_proven)}):
            sweep = Sweep(self.read, moves, nodes, cap, cap_proven, self.weights.distance)
            for width in widths:
                found = sweep.run(limit, width, deadline)
                if found.cost is not None:
                    best, limit = found, found.cost
                bound = max(bound, min(found.bound, limit))
                if bound >= limit or found.is_complete:
                    break
            if bound >= limit or time.perf_counter() > deadline:
                break
        if best is None:
            return Swept(None, bound, bound >= INFEASIBLE)
        return Swept(best.cost, bound, bound >= limit, best.passes, best.end)

    def _moves(self, key: tuple[int, int], lane: Lane, offsets: tuple[int, ...]) -> LaneMoves:
        known = self._lane_moves.get((*key, offsets))
        if known is None:
            if self.problem.end.kind is EndKind.ANYWHERE:
                lane = lane.with_ends(offsets)
            known = LaneMoves(lane, offsets, self.weights, self.policy.step_in_mm)
            self._lane_moves[*key, offsets] = known
        return known

    def needed(self, picks: Sequence[Pick]) -> NDArray[np.int32]:
        """Which points these picks need."""
        needed = np.zeros(len(self.places), np.int32)
        for pick in picks:
            needed[self.spot_of[self.spot_of_pick[pick.line, pick.bin]]] += 1
        return needed

    def price(self, needed: NDArray[np.int32]) -> int:
        """The cost of the best walk by way of every point whose `needed` is not 0."""
        found = self.walk(needed, PRICING_WIDTHS)
        self.is_exact = self.is_exact and found.cost is not None and found.bound >= found.cost
        return NEVER if found.cost is None else found.cost

    def walk(self, needed: NDArray[np.int32], widths: Sequence[int]) -> Swept:
        """The best walk by way of every point whose `needed` is not 0, kept for later."""
        key = frozenset(np.flatnonzero(needed).tolist())
        known = self._swept.get(key)
        if known is None or ((known.cost is None or known.bound < known.cost) and widths is not PRICING_WIDTHS):
            known = self._swept[key] = self.sweep([self.places[each] for each in sorted(key)], widths)
        return known


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
    picks = _given(lines)
    is_best = picks is not None
    if picks is None:
        relaxed = _relaxed_choice(pricing, lines, budget, seed) if len(pricing.spot_of) > PRICED_MAX else None
        choice = relaxed or choose_bins(lines, pricing, budget, seed)
        picks = choice.picks
        is_best = relaxed is None and choice.best and pricing.is_exact
    found = pricing.walk(pricing.needed(picks), WIDTHS)
    if found.cost is None or found.end is None:
        if found.bound >= INFEASIBLE and is_best:
            raise NoRoute([line.line for line in lines], "no walk comes by all of the lines' bins")
        return solve_free(problem, policy=policy, budget=budget, seed=seed)
    legs = walk_directed(problem.floor, found.passes, problem.start, found.end)
    legs, stops = place_stops(problem, legs, picks)
    forced = picks if is_best else _forced(lines)
    bound = found.bound if is_best else pricing.walk(pricing.needed(forced), WIDTHS).bound
    forced_spots = {pricing.spot_of_pick[pick.line, pick.bin] for pick in forced}
    backtrack_bound_mm, distance_bound_mm = _bounds(pricing, found.cost, bound, forced_spots)
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


def _relaxed(problem: PickProblem) -> PickProblem | None:
    """The same problem with every edge walked both ways, None if it is too wide for that sweep."""
    edges = tuple(replace(edge, direction=0) for edge in problem.floor.edges)
    relaxed = replace(problem, floor=replace(problem.floor, edges=edges))
    return relaxed if sweepable(relaxed.floor) else None


def _relaxed_choice(pricing: Pricing, lines: Sequence[PickLine], budget: Budget, seed: int) -> Choice | None:
    """Bins chosen as if there were no one-way edges, which is priced thousands of times faster."""
    relaxed = _relaxed(pricing.problem)
    if relaxed is None:
        return None
    pricer = GridPricer(build(prepare(relaxed.floor), relaxed, pricing.policy, sorted(pricing.spot_of)), relaxed)
    return choose_bins_on_grid(lines, pricer, budget, seed)


def _bounds(pricing: Pricing, cost: int, bound: int, forced: Collection[Spot]) -> tuple[int, int]:
    """(backtrack_mm, distance_mm) that no route can beat, the distance at the backtrack that was found.

    Where `bound` leaves room below `cost`, what the walk costs without one-way edges raises it.
    """
    strict = pricing.policy.name is PolicyName.NO_BACKTRACK
    backtrack_mm, _ = pricing.figures(cost)
    backtrack_bound_mm, distance_bound_mm = pricing.figures(min(bound, cost))
    if bound >= cost:
        return (backtrack_bound_mm if strict else 0), distance_bound_mm
    if strict and backtrack_bound_mm < backtrack_mm:
        distance_bound_mm = 0
    relaxed = _relaxed(pricing.problem)
    if relaxed is not None:
        prepared = prepare(relaxed.floor)
        shortest = replace(pricing.policy, name=PolicyName.SHORTEST)
        least = route_cost(prepared, relaxed, shortest, forced)
        distance_bound_mm = max(distance_bound_mm, least[1] if least else 0)
        least = route_cost(prepared, relaxed, pricing.policy, forced) if strict else None
        backtrack_bound_mm = max(backtrack_bound_mm, least[0] if least else 0)
    return (backtrack_bound_mm if strict else 0), distance_bound_mm

"""Routes on any floor: obstacles, odd angles, storeys, one-way loops.

Problem: bins and path together on a floor graph that is no grid.
Method: the floor is cut at all spots that matter. Distances between them come from Dijkstra (SciPy), bins
and the order of visiting from `visiting_order`, and the walk is laid on the floor by `laid_tour`. Under
`no_backtrack` that is a search of its own: orders are also taken from distances in which floor walked again
grows dearer, then bins and order are changed a little and legs laid anew, over and over. In-and-back arms
within the step-in depth are walked without the cart; half of the changes are made as if all floor within it
could be walked again for nothing, and count by what the walk then is.
Complexity: Dijkstra for each point; one more for every leg laid anew.
Limits: a heuristic. `shortest` is proven for given bins at up to `visiting_order.EXACT_MAX` points.
Bounds: of distances, the tour's (`tour_bounds`); of backtrack, bridges of the floor that must be walked in
and out.
"""

import time
from collections.abc import Collection, Sequence

import numpy as np

from routing.bin_choice import Budget, deadline, given_filling
from routing.cost import NEVER
from routing.cut_floor import CutFloor
from routing.free_walk import FreeWalks, joined_legs, shallow_stretches, unavoidable_backtrack_mm, with_step_ins
from routing.laid_tour import NOWHERE, Laid, Ways, improve_laid, laid_arcs, lay_tour, new_laid, new_ways
from routing.picked_tour import Tour, copy_tour, new_tour
from routing.problem import PickLine, PickProblem, Policy, PolicyName
from routing.route import Leg, Pick, Route
from routing.visiting_order import Searched, best_choice, best_order, paced, picks_of, search, seconds_left
from routing.walk import certify, measure_backtrack_mm, place_stops
from warehouse.errors import NoRoute
from warehouse.floor import Spot

ITERATION_KICKS = 50
"""Changes of a laid tour tried in one iteration of a budget without a clock."""
TOUR_SHARE = 4
"""Under `no_backtrack` a fourth of the time is for short tours, the rest for laying them well."""
CHOICE_SHARE = 0.8
"""Share of the time for short tours in which bins are chosen as well."""
DEARER = 1.5
"""How much dearer floor gets in the next round for each time it was walked again."""
DEARER_ROUNDS = 6
"""Rounds in which floor grows dearer: after some, everything is dear."""

Figures = tuple[int, int]
"""Of backtrack and of distance."""


def solve_free(
    problem: PickProblem, *, policy: Policy, budget: Budget, seed: int, mixture: Figures | None = None
) -> Route:
    """A good route on any floor, with a bound on what could be better.

    Parameters
    ----------
    problem, policy
        What to walk, and in what order routes are better.
    budget, seed
        How long to look, and the seed of that.
    mixture
        Under `no_backtrack`, what a mm of backtrack and a mm of distance cost, if the sum is to be kept small.

    Raises
    ------
    NoRoute
        If lines cannot be filled from what can be reached, or no walk comes by everything.
    """
    begun, end = time.perf_counter(), deadline(budget)
    cut = CutFloor(problem)
    lines = cut.lines_within_reach()
    found = _Search(cut, lines, policy, budget, end, seed, mixture)
    legs, picks = found.run()
    legs, stops = place_stops(problem, legs, picks)
    backtrack_bound_mm = 0
    if policy.name is PolicyName.NO_BACKTRACK and policy.step_in_mm == 0:
        backtrack_bound_mm = unavoidable_backtrack_mm(cut, lines)
    return certify(
        problem,
        legs,
        stops,
        policy=policy,
        distance_bound_mm=found.bound_mm,
        backtrack_bound_mm=backtrack_bound_mm,
        solver="free_floor",
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
    )


def picks_by_distance(cut: CutFloor, lines: Sequence[PickLine], seconds: float, seed: int) -> tuple[Pick, ...]:
    """Picks for all lines that make a short tour, whatever floor it walks again.

    Parameters
    ----------
    cut, lines
        The floor, and its problem's lines within reach.
    seconds, seed
        How long to look, and the seed of that; infinity means `visiting_order.KICKS`.
    """
    point_of, points = _numbered(cut, lines)
    searched, _ = best_choice(lines, point_of, *FreeWalks(cut).matrix(points), seconds, seed)
    return picks_of(searched.best, lines)


def _numbered(cut: CutFloor, lines: Sequence[PickLine]) -> tuple[dict[Spot, int], list[int]]:
    """The number of every source's point on a tour, and the points of the cut floor; the start is number 0."""
    numbers = {cut.number(cut.problem.start): 0}
    spots = sorted({source.spot for line in lines for source in line.sources})
    return {spot: numbers.setdefault(cut.number(spot), len(numbers)) for spot in spots}, list(numbers)


class _Search:
    """Tours by way of all lines, and the best walk laid along them."""

    def __init__(
        self,
        cut: CutFloor,
        lines: Sequence[PickLine],
        policy: Policy,
        budget: Budget,
        deadline: float,
        seed: int,
        mixture: Figures | None,
    ) -> None:
        self.cut, self.lines, self.policy, self.seed = cut, lines, policy, seed
        self.strict = policy.name is PolicyName.NO_BACKTRACK
        self.kicks = None if budget.iterations is None else ITERATION_KICKS * budget.iterations
        self.deadline = deadline
        self.walks = FreeWalks(cut)
        self.point_of, self.points = _numbered(cut, lines)
        outweigh = 1 + sum(arc.leg.length_mm for arc in cut.arcs)
        ranked = (outweigh, 1) if self.strict else (1, outweigh)
        self.backtrack_rate, self.distance_rate = mixture or ranked
        self.ways = new_ways(cut, self.points, (self.distance_rate, self.backtrack_rate))
        shallow = shallow_stretches(cut, policy.step_in_mm)
        self.ways_by_hand = _walked_freely(self.ways, shallow) if shallow else None
        self.best: tuple[Figures, tuple[Leg, ...], tuple[Pick, ...]] | None = None
        self.cost = NEVER
        self.least = NEVER
        self.bound_mm = 0

    def run(self) -> tuple[tuple[Leg, ...], tuple[Pick, ...]]:
        """The best walk found and what is picked on it."""
        costs, end_costs = self.walks.matrix(self.points)
        seconds = seconds_left(self.deadline, time.perf_counter()) / (TOUR_SHARE if self.strict else 1)
        given = all(given_filling(each.line, each.quantity, each.sources) is not None for each in self.lines)
        choosing = 0.0 if given else CHOICE_SHARE * seconds
        searched, self.bound_mm = best_choice(self.lines, self.point_of, costs, end_costs, choosing, self.seed)
        points = [0, *searched.order]
        order, bound_mm = best_order(costs[np.ix_(points, points)], end_costs[points], seconds - choosing, self.seed)
        searched.arrange([points[each] for each in order])
        self.bound_mm = bound_mm if given else self.bound_mm
        self.tour = new_tour(searched.problem, searched.now.dice)
        self.lay(searched.best)
        if self.least >= NOWHERE or self.best is None:
            raise NoRoute([line.line for line in self.lines], "no walk comes by all of the bins")
        if self.strict and order:
            self.make_dearer(searched)
            if self.ways_by_hand is not None:
                now = time.perf_counter()
                self.change_laid(searched, self.ways_by_hand, now + seconds_left(self.deadline, now) / 2)
            self.change_laid(searched, self.ways, self.deadline)
        return self.best[1], self.best[2]

    def is_over(self, deadline: float) -> bool:
        """Whether nothing is left to gain, or no time to gain it."""
        assert self.best is not None
        backtrack_mm, distance_mm = self.best[0]
        return time.perf_counter() >= deadline or (backtrack_mm == 0 and distance_mm <= self.bound_mm)

    def lay(self, tour: Tour) -> None:
        """Lay a tour and offer it."""
        laid = new_laid(self.ways)
        lay_tour(self.ways, tour, laid, True)
        self.offer(tour, laid)
        if laid.cost[0] < self.least:
            self.least, self.passes = int(laid.cost[0]), laid.passes
            copy_tour(tour, self.tour)

    def offer(self, tour: Tour, laid: Laid) -> None:
        """Keep the walk of a tour that is laid if it is the best there is so far."""
        if laid.cost[0] >= NOWHERE:
            return
        arcs = laid_arcs(tour, laid)
        problem = self.cut.problem
        legs = with_step_ins(problem.floor, joined_legs(self.cut.arcs[arc].leg for arc in arcs), self.policy.step_in_mm)
        distance_mm = sum(leg.length_mm for leg in legs)
        backtrack_mm = measure_backtrack_mm(problem.floor, legs, problem.walked)
        cost = self.backtrack_rate * backtrack_mm + self.distance_rate * distance_mm
        if self.best is None or cost < self.cost:
            self.cost, self.best = cost, ((backtrack_mm, distance_mm), legs, picks_of(tour, self.lines))

    def make_dearer(self, searched: Searched) -> None:
        """Tours by distances in which floor that was walked again has grown dearer."""
        prices = np.ones(self.cut.num_stretches)
        for _ in range(DEARER_ROUNDS):
            again = np.maximum(self.passes + np.maximum(self.ways.before, 0) - 1, 0)
            again[self.ways.before < 0] = 0
            if self.is_over(self.deadline) or not again.any():
                return
            prices *= DEARER**again
            dearer = searched.with_costs(*self.walks.matrix(self.points, prices))
            seconds = seconds_left(self.deadline, time.perf_counter()) / (2 * DEARER_ROUNDS)
            search(dearer, seconds)
            self.lay(dearer.best)

    def change_laid(self, searched: Searched, ways: Ways, deadline: float) -> None:
        """Change the tour a little and lay its legs anew, again and again."""
        copy_tour(self.tour, searched.now)
        copy_tour(self.tour, searched.best)
        laid = new_laid(ways)
        least, kicks, done = NEVER, 1 if self.kicks is None else ITERATION_KICKS, 0
        while not self.is_over(deadline) and (self.kicks is None or done < self.kicks):
            begun = time.perf_counter()
            found = improve_laid(searched.problem, ways, searched.now, searched.room, searched.best, laid, least, kicks)
            # What is laid is the best unless the search has just gone on from elsewhere.
            if found < least and laid.cost[0] == found:
                self.offer(searched.now, laid)
                least = found
            done += kicks
            if self.kicks is None:
                kicks = paced(kicks, time.perf_counter() - begun)


def _walked_freely(ways: Ways, stretches: Collection[int]) -> Ways:
    """The same ways with stretches on which passes do not matter."""
    before = ways.before.copy()
    before[list(stretches)] = -1
    return ways._replace(before=before)

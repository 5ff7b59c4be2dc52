"""Routes on any floor: obstacles, odd angles, storeys, one-way loops.

Problem: bins and path together on a floor graph that is no grid.
Method: the floor is cut at all spots that matter. Distances between them come from Dijkstra (SciPy), the
order of visiting from `visiting_order`, bins from `bin_choice` with tours by insertion as prices. Under
`no_backtrack` the walk is then laid leg by leg, each the shortest by (floor walked again, distance) after
the legs before it; orders are taken from distances in which floor walked again grows dearer, and improved
by moving points. In-and-back arms within the step-in depth are walked without the cart.
Complexity: Dijkstra for each point; one more for each leg of every order tried.
Limits: a heuristic. `shortest` is proven for given bins at up to `visiting_order.EXACT_MAX` points.
Bounds: of distances, the tour's; of backtrack, bridges of the floor that must be walked in and out.
"""

import math
import random
import time
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import Budget, choose_bins, given_filling
from routing.cut_floor import CutFloor
from routing.free_walk import FreeWalks, unavoidable_backtrack_mm, with_step_ins
from routing.problem import PickLine, PickProblem, Policy, PolicyName
from routing.route import Leg, Route
from routing.segment_moves import NEVER
from routing.visiting_order import FAR_MM, Matrix, best_order, improved_order, order_cost, seconds_left
from routing.walk import certify, measure_backtrack_mm, place_stops
from warehouse.errors import NoRoute
from warehouse.floor import Spot

ROUNDS_MAX = 200
"""Orders tried under a budget without iterations of its own; a floor of 30 stops takes some ms each."""
DEARER = 1.5
"""How much dearer floor gets in the next round for each time it was walked again."""

Figures = tuple[int, int]


class TourPricing:
    """Prices sets of points by the length of a tour; see `bin_choice.Pricer`."""

    def __init__(self, walks: FreeWalks, lines: Sequence[PickLine]) -> None:
        cut = walks.cut
        spots = sorted({source.spot for line in lines for source in line.sources})
        numbers: dict[int, int] = {}
        self._spot_of = {spot: numbers.setdefault(cut.number(spot), len(numbers)) for spot in spots}
        self.points = list(numbers)
        self.costs, self.end_costs = walks.matrix([cut.number(cut.problem.start), *self.points])

    @property
    def spot_of(self) -> Mapping[Spot, int]:
        """The number of each point that can be reached."""
        return self._spot_of

    def price(self, needed: NDArray[np.int32]) -> int:
        """The length of a tour by way of the needed points, each put in where it adds least."""
        order: list[int] = []
        cost = int(self.end_costs[0])
        for point in (np.flatnonzero(needed) + 1).tolist():
            before = np.array([0, *order])
            added = self.costs[before, point].copy()
            added[:-1] += self.costs[point, before[1:]] - self.costs[before[:-1], before[1:]]
            added[-1] += self.end_costs[point] - self.end_costs[before[-1]]
            place = int(added.argmin())
            order.insert(place, point)
            cost += int(added[place])
        return NEVER if cost >= FAR_MM else cost


def solve_free(problem: PickProblem, *, policy: Policy, budget: Budget, seed: int) -> Route:
    """A good route on any floor, with a bound on what could be better.

    Parameters
    ----------
    problem, policy
        What to walk, and in what order routes are better.
    budget, seed
        How long to look, first for bins and then for a better walk, and the seed of that.

    Raises
    ------
    NoRoute
        If lines cannot be filled from what can be reached, or no walk comes by everything.
    """
    begun = time.perf_counter()
    deadline = begun + (math.inf if budget.time_ms is None else budget.time_ms / 1000)
    cut = CutFloor(problem)
    lines = cut.lines_within_reach()
    walks = FreeWalks(cut)
    fillings = [given_filling(line.line, line.quantity, line.sources) for line in lines]
    is_given = all(filling is not None for filling in fillings)
    picks = tuple(pick for filling in fillings for pick in filling or ())
    if not is_given:
        half = None if budget.time_ms is None else budget.time_ms // 2
        picks = choose_bins(lines, TourPricing(walks, lines), Budget(half, budget.iterations), seed).picks
    spots = {(line.line, source.bin): source.spot for line in lines for source in line.sources}
    start = cut.number(problem.start)
    points = sorted({cut.number(spots[pick.line, pick.bin]) for pick in picks} - {start})
    search = _Search(walks, policy, points, budget, deadline, seed)
    legs, tour_mm = search.run()
    legs, stops = place_stops(problem, legs, picks)
    backtrack_bound_mm = 0
    if policy.name is PolicyName.NO_BACKTRACK and policy.step_in_mm == 0:
        backtrack_bound_mm = unavoidable_backtrack_mm(cut, lines)
    return certify(
        problem,
        legs,
        stops,
        policy=policy,
        distance_bound_mm=tour_mm if is_given else _furthest_mm(walks, lines),
        backtrack_bound_mm=backtrack_bound_mm,
        solver="free_floor",
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
    )


def _furthest_mm(walks: FreeWalks, lines: Sequence[PickLine]) -> int:
    """The way to the end by the nearest source of a line, for the line where that is longest."""
    cut = walks.cut
    spots = sorted({source.spot for line in lines for source in line.sources})
    costs, end_costs = walks.matrix([cut.number(cut.problem.start), *(cut.number(spot) for spot in spots)])
    by_way = dict(zip(spots, (costs[0, 1:] + end_costs[1:]).tolist(), strict=True))
    nearest = [min(by_way[source.spot] for source in line.sources) for line in lines]
    return int(max([int(end_costs[0]), *nearest]))


class _Search:
    """Orders of the chosen points, and the best walk laid along them."""

    def __init__(
        self, walks: FreeWalks, policy: Policy, points: list[int], budget: Budget, deadline: float, seed: int
    ) -> None:
        self.walks = walks
        self.policy = policy
        self.points = [walks.cut.number(walks.cut.problem.start), *points]
        self.rounds = ROUNDS_MAX if budget.iterations is None else budget.iterations
        self.deadline = deadline
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.best: tuple[Figures, tuple[Leg, ...], list[int]] | None = None

    def run(self) -> tuple[tuple[Leg, ...], int]:
        """The best walk found, and a lower bound on the length of any walk by way of the points."""
        costs, end_costs = self.walks.matrix(self.points)
        seconds = seconds_left(self.deadline, time.perf_counter()) / 4
        order, bound_mm = best_order(costs, end_costs, seconds)
        if order_cost(order, costs, end_costs) >= FAR_MM:
            raise NoRoute([line.line for line in self.walks.cut.problem.lines], "no walk comes by all of the bins")
        self.offer(order)
        assert self.best is not None
        if self.policy.name is PolicyName.NO_BACKTRACK:
            self.make_dearer(costs, end_costs, order)
            self.move_points()
        return self.best[1], bound_mm

    def is_over(self) -> bool:
        """Whether there is no time left."""
        return time.perf_counter() >= self.deadline

    def offer(self, order: list[int]) -> None:
        """Lay walks along an order; keep the best there is so far."""
        points = [self.points[each] for each in order]
        strict = self.policy.name is PolicyName.NO_BACKTRACK
        problem = self.walks.cut.problem
        for avoid in (False, True) if strict else (False,):
            legs = self.walks.lay(points, avoid=avoid)
            if legs is None:
                continue
            legs = with_step_ins(problem.floor, legs, self.policy.step_in_mm)
            distance_mm = sum(leg.length_mm for leg in legs)
            backtrack_mm = measure_backtrack_mm(problem.floor, legs, problem.walked)
            figures = (backtrack_mm, distance_mm) if strict else (distance_mm, backtrack_mm)
            if self.best is None or figures < self.best[0]:
                self.best = (figures, legs, order)

    def make_dearer(self, costs: Matrix, end_costs: Matrix, order: list[int]) -> None:
        """Orders from distances in which floor that was walked again has grown dearer."""
        prices = self.walks.new_prices()
        for _ in range(min(self.rounds, 12)):
            assert self.best is not None
            if self.best[0][0] == 0 or self.is_over():
                return
            self.walks.raise_prices(prices, self.best[1], DEARER)
            costs, end_costs = self.walks.matrix(self.points, prices)
            order = improved_order(order, costs, end_costs)
            self.offer(order)

    def move_points(self) -> None:
        """Move single points or turn runs of them round, at random, and keep what is better."""
        assert self.best is not None
        for _ in range(self.rounds):
            if len(self.points) < 3 or self.is_over():
                return
            order = list(self.best[2])
            first, last = sorted(self.random.sample(range(len(order) + 1), 2))
            if self.random.random() < 0.5:
                order[first:last] = order[first:last][::-1]
            else:
                point = order.pop(self.random.randrange(len(order)))
                order.insert(self.random.randrange(len(order) + 1), point)
            self.offer(order)

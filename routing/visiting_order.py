"""In which order to visit points, and which of them, when only the distances between them matter.

Problem: from the first point, visit points that together fill all lines, and pay an end cost at the last
one; costs may differ by direction.
Method: up to `EXACT_MAX` given points by Held and Karp's recursion over subsets. Beyond, fast-tsp gives a
first tour: it wants symmetric distances, so each point becomes an entry and an exit that lie side by side
[2]_. That tour, or one filled line by line where there is a choice, goes through `tour_search`.
Complexity: O(n^2 2^n) exact; else the time or the number of kicks given.
Limits: beyond `EXACT_MAX` a heuristic; how good it is at least is told by `tour_bounds`.

References
----------
.. [1] M. Held, R. M. Karp, A dynamic programming approach to sequencing problems, Journal of the SIAM
   10(1), 196-210, 1962.
.. [2] R. Jonker, T. Volgenant, Transforming asymmetric into symmetric traveling salesman problems,
   Operations Research Letters 2(4), 161-163, 1983.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import fast_tsp
import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import draw
from routing.compiled import compiled
from routing.dice import new_dice
from routing.picked_tour import Tour, TourProblem, copy_tour, fill_line, follow, new_problem, new_tour, wake_all
from routing.problem import PickLine
from routing.route import Pick
from routing.tour_bounds import choice_bound, tour_bound
from routing.tour_search import improve_tour
from warehouse.floor import Spot

EXACT_MAX = 13
"""Points besides the first that are ordered exactly; one more doubles the some 5 ms this takes."""
FAR_MM = 10**9
"""Further than any walk on a floor; three of these and a tour of them fit into 64 bits."""
CLOCK_MS = 5.0
"""How long the compiled search runs between two looks at the clock."""
KICKS = 2_000
"""Kicks where there is no clock: at 50 stops half the tours are best by then."""
FAST_SHARE = 0.5
"""Share of the time that fast-tsp gets before the search goes on from its tour."""
FAST_S_MIN = 0.001
"""What fast-tsp gets even where no time is left: it refuses to find a tour in none."""

LONGEST = 65_535
"""The longest distance fast-tsp takes; distances are scaled down to it."""
LINKED, LINK_BROKEN = 15_000, 25_000
"""Longest distance between entries and exits, and what is added to it so that an entry stays by its exit."""

Matrix = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Searched:
    """A problem, the best tour found for it and room for two more, to be searched on."""

    problem: TourProblem
    best: Tour
    now: Tour
    room: Tour

    def arrange(self, order: Sequence[int]) -> None:
        """Let the best tour visit its points after the first in this order."""
        tour = self.best
        tour.order[1 : tour.size[0]] = order
        tour.place[tour.order[: tour.size[0]]] = np.arange(tour.size[0])

    def with_costs(self, costs: Matrix, end_costs: Matrix) -> "Searched":
        """The same lines and the best tour for other costs, ready to be searched on."""
        problem = new_problem(costs, end_costs, self.problem.lines, self.problem.sources)
        other = _searched(problem, 0)
        other.now.dice[:] = self.now.dice
        copy_tour(self.best, other.best)
        copy_tour(self.best, other.now)
        wake_all(other.now)
        return other

    @property
    def order(self) -> list[int]:
        """The points visited after the first, in order."""
        order: list[int] = self.best.order[1 : self.best.size[0]].tolist()
        return order


def picks_of(tour: Tour, lines: Sequence[PickLine]) -> tuple[Pick, ...]:
    """What is taken from the sources of a tour."""
    picks: list[Pick] = []
    source = 0
    for line in lines:
        taken = tour.taken[source : source + len(line.sources)]
        chosen = [each for each, is_taken in zip(line.sources, taken, strict=True) if is_taken]
        picks += draw(line, [(each.bin, each.quantity) for each in chosen])
        source += len(line.sources)
    return tuple(picks)


def order_cost(order: list[int], costs: Matrix, end_costs: Matrix) -> int:
    """What visiting 0 and then `order` costs."""
    path = [0, *order]
    return int(costs[path[:-1], path[1:]].sum() + end_costs[path[-1]])


def best_order(costs: Matrix, end_costs: Matrix, seconds: float, seed: int = 0) -> tuple[list[int], int]:
    """The order to visit the points other than 0, and a lower bound on the cost of any order.

    Parameters
    ----------
    costs
        Shape (n, n): from each point to each; `FAR_MM` or more where there is no way.
    end_costs
        Shape (n,): added after the last point.
    seconds, seed
        How long to look where it is not exact, and the seed of that; infinity means some `KICKS`.

    Returns
    -------
    order, bound
        The order is best where its cost is the bound.
    """
    num_points = len(costs)
    if num_points == 1:
        return [], int(end_costs[0])
    if num_points - 1 <= EXACT_MAX:
        order = _held_karp(np.minimum(costs, FAR_MM), np.minimum(end_costs, FAR_MM)).tolist()
        return order, order_cost(order, costs, end_costs)
    begun = time.perf_counter()
    tour = np.minimum(costs, FAR_MM)
    tour[:, 0] = np.minimum(end_costs, FAR_MM)  # coming back to the first point stands for the end
    np.fill_diagonal(tour, 0)
    sources = [[line, line + 1, 1] for line in range(num_points - 1)]
    needs = [[1, line, line + 1] for line in range(num_points - 1)]
    problem = new_problem(costs, end_costs, np.array(needs, np.int64), np.array(sources, np.int64))
    searched = _searched(problem, seed)
    follow(problem, searched.now, np.array(fast_tour(tour, FAST_SHARE * seconds), np.int64))
    copy_tour(searched.now, searched.best)
    search(searched, seconds - (time.perf_counter() - begun))
    order = searched.order
    return order, min(tour_bound(costs, end_costs), order_cost(order, costs, end_costs))


def best_choice(
    lines: Sequence[PickLine], point_of: dict[Spot, int], costs: Matrix, end_costs: Matrix, seconds: float, seed: int
) -> tuple[Searched, int]:
    """A short tour that fills all lines, and a lower bound on the length of any that does.

    Parameters
    ----------
    lines
        Each can be filled from its sources.
    point_of
        The number of the point of every source; point 0 is the start.
    costs, end_costs, seconds, seed
        As for `best_order`; costs must be shortest.
    """
    bound = choice_bound(costs, end_costs, list(_choices(lines, point_of)))
    rows: list[tuple[int, int, int]] = []
    needs = []
    for number, line in enumerate(lines):
        needs.append((line.quantity, len(rows), len(rows) + len(line.sources)))
        rows += [(number, point_of[each.spot], each.quantity) for each in line.sources]
    problem = new_problem(
        costs, end_costs, np.array(needs, np.int64).reshape(-1, 3), np.array(rows, np.int64).reshape(-1, 3)
    )
    searched = _searched(problem, seed)
    for number in sorted(range(len(lines)), key=lambda number: len(lines[number].sources)):
        fill_line(problem, searched.now, number)
    copy_tour(searched.now, searched.best)
    search(searched, seconds)
    return searched, bound


def _choices(lines: Sequence[PickLine], point_of: dict[Spot, int]) -> list[list[int]]:
    """Sets of points of which every tour visits one each: forced points alone, else a line's points."""
    choices: set[tuple[int, ...]] = set()
    for line in lines:
        offers: dict[int, int] = {}
        for source in line.sources:
            offers[point_of[source.spot]] = offers.get(point_of[source.spot], 0) + source.quantity
        forced = [point for point in offers if sum(offers.values()) - offers[point] < line.quantity]
        choices |= {(point,) for point in forced} if forced else {tuple(sorted(offers))}
    return [list(each) for each in sorted(choices) if 0 not in each]


def _searched(problem: TourProblem, seed: int) -> Searched:
    """Tours that visit nothing yet."""
    dice = new_dice(seed)
    return Searched(problem, *(new_tour(problem, dice) for _ in range(3)))


def search(searched: Searched, seconds: float) -> None:
    """Look for a better tour for some time; infinity means some `KICKS`."""
    if math.isinf(seconds):
        improve_tour(searched.problem, searched.now, searched.room, searched.best, KICKS)
        return
    end = time.perf_counter() + seconds
    kicks = 1
    while time.perf_counter() < end:
        begun = time.perf_counter()
        improve_tour(searched.problem, searched.now, searched.room, searched.best, kicks)
        kicks = paced(kicks, time.perf_counter() - begun)


def paced(kicks: int, took_s: float) -> int:
    """How many kicks to make before the next look at the clock, if so many took so long."""
    return max(1, round(kicks * min(4.0, CLOCK_MS / max(1e-3, 1000 * took_s))))


def seconds_left(deadline: float, now: float) -> float:
    """Time left, for a deadline that may be infinite."""
    return math.inf if math.isinf(deadline) else max(0.0, deadline - now)


@compiled(makes_arrays=True)
def _held_karp(costs: Matrix, end_costs: Matrix) -> Matrix:
    """The best order, by the cheapest way to each point over each set of points visited before."""
    count = len(costs) - 1
    least = np.full((1 << count, count), 1 << 62, np.int64)
    came_from = np.zeros((1 << count, count), np.int8)
    for last in range(count):
        least[1 << last, last] = costs[0, last + 1]
    for visited in range(1, 1 << count):
        for last in range(count):
            before = visited ^ (1 << last)
            if before == 0 or before > visited:
                continue
            for point in range(count):
                if before >> point & 1:
                    cost = least[before, point] + costs[point + 1, last + 1]
                    if cost < least[visited, last]:
                        least[visited, last], came_from[visited, last] = cost, point
    visited = (1 << count) - 1
    last = int(np.argmin(least[visited] + end_costs[1:]))
    order = np.zeros(count, np.int64)
    for place in range(count - 1, -1, -1):
        order[place] = last + 1
        visited, last = visited ^ (1 << last), int(came_from[visited, last])
    return order


def fast_tour(tour: Matrix, seconds: float) -> list[int]:
    """A good closed tour by fast-tsp alone: the points after the first one, numbered from 0.

    `tour` has shape (n, n): from each point to each, 0 on its diagonal; it may differ by direction.
    """
    count = len(tour)
    seconds = max(seconds, FAST_S_MIN)
    if (tour == tour.T).all():
        found = fast_tsp.find_tour(_scaled(tour, LONGEST).tolist(), seconds, stop_when_converged=True)
    else:
        both = np.full((2 * count, 2 * count), LONGEST, dtype=np.int64)
        both[count:, :count] = _scaled(tour, LINKED) + LINK_BROKEN  # entries come first, exits after them
        both[:count, count:] = both[count:, :count].T
        ends = np.arange(count)
        both[ends, ends + count] = both[ends + count, ends] = 0
        np.fill_diagonal(both, 0)
        doubled = fast_tsp.find_tour(both.tolist(), seconds, stop_when_converged=True)
        if doubled[(doubled.index(0) + 1) % len(doubled)] != count:
            doubled.reverse()
        found = [each for each in doubled if each < count]
    place = found.index(0)
    return [point - 1 for point in found[place + 1 :] + found[:place]]


def _scaled(tour: Matrix, longest: int) -> Matrix:
    """Distances in whole parts of `longest`; where there is no way it counts as the longest."""
    reachable = tour[tour < FAR_MM]
    unit = max(1, -(-int(reachable.max(initial=1)) // longest))
    return np.minimum(tour // unit, longest)

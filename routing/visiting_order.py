"""In which order to visit points when only the distances between them matter.

Problem: from the first point, visit all others and pay an end cost at the last one; costs may differ by
direction.
Method: up to `EXACT_MAX` points by Held and Karp's recursion over subsets, beyond by fast-tsp. It wants
symmetric distances, so each point becomes an entry and an exit that lie side by side [2]_; the tour is
then improved by moving short runs of points, which keeps their direction.
Complexity: O(n^2 2^n) exact; else the time given, plus O(n^2) a round of moves.
Limits: beyond `EXACT_MAX` a heuristic; the bound is that of an assignment, weak where distances are
symmetric.

References
----------
.. [1] M. Held, R. M. Karp, A dynamic programming approach to sequencing problems, Journal of the SIAM
   10(1), 196-210, 1962.
.. [2] R. Jonker, T. Volgenant, Transforming asymmetric into symmetric traveling salesman problems,
   Operations Research Letters 2(4), 161-163, 1983.
"""

import math

import fast_tsp
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

EXACT_MAX = 11
"""Points besides the first that are ordered exactly; one more doubles the some 10 ms this takes."""
FAR_MM = 10**9
"""Further than any walk on a floor; three of these and a tour of them fit into 64 bits."""
RUN_MAX = 3
"""Longest run of points moved at once, as Or found sufficient."""

LONGEST = 65_535
"""The longest distance fast-tsp takes; distances are scaled down to it."""
LINKED, LINK_BROKEN = 15_000, 25_000
"""Longest distance between entries and exits, and what is added to it so that an entry stays by its exit."""

Matrix = NDArray[np.int64]


def order_cost(order: list[int], costs: Matrix, end_costs: Matrix) -> int:
    """What visiting 0 and then `order` costs."""
    path = [0, *order]
    return int(costs[path[:-1], path[1:]].sum() + end_costs[path[-1]])


def best_order(costs: Matrix, end_costs: Matrix, seconds: float) -> tuple[list[int], int]:
    """The order to visit the points other than 0, and a lower bound on the cost of any order.

    Parameters
    ----------
    costs
        Shape (n, n): from each point to each; `FAR_MM` or more where there is no way.
    end_costs
        Shape (n,): added after the last point.
    seconds
        How long to look where it is not exact; infinity means until nothing better turns up.

    Returns
    -------
    order, bound
        The order is best where its cost is the bound.
    """
    num_points = len(costs)
    if num_points == 1:
        return [], int(end_costs[0])
    if num_points - 1 <= EXACT_MAX:
        order = _held_karp(costs, end_costs)
        return order, order_cost(order, costs, end_costs)
    tour = np.minimum(costs, FAR_MM)
    tour[:, 0] = np.minimum(end_costs, FAR_MM)  # coming back to the first point stands for the end
    np.fill_diagonal(tour, 4 * FAR_MM)
    rows, columns = linear_sum_assignment(tour)
    bound = int(tour[rows, columns].sum())
    np.fill_diagonal(tour, 0)
    return improved_order(_fast_tour(tour, seconds), costs, end_costs), bound


def _held_karp(costs: Matrix, end_costs: Matrix) -> list[int]:
    """The best order, by the cheapest way to each point over each set of points visited before."""
    count = len(costs) - 1
    between = costs[1:, 1:]
    least = np.full((1 << count, count), 4 * FAR_MM, dtype=np.int64)
    came_from = np.zeros((1 << count, count), dtype=np.int8)
    for last in range(count):
        least[1 << last, last] = costs[0, last + 1]
    for visited in range(1, 1 << count):
        inside = [each for each in range(count) if visited >> each & 1]
        if len(inside) < 2:
            continue
        for last in inside:
            before = least[visited ^ (1 << last)] + between[:, last]
            came_from[visited, last] = best = int(before.argmin())
            least[visited, last] = before[best]
    visited = (1 << count) - 1
    last = int((least[visited] + end_costs[1:]).argmin())
    order = []
    while visited:
        order.append(last + 1)
        visited, last = visited ^ (1 << last), int(came_from[visited, last])
    return order[::-1]


def _fast_tour(tour: Matrix, seconds: float) -> list[int]:
    """A good closed tour, from its first point."""
    count = len(tour)
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
    return found[place + 1 :] + found[:place]


def _scaled(tour: Matrix, longest: int) -> Matrix:
    """Distances in whole parts of `longest`; where there is no way it counts as the longest."""
    reachable = tour[tour < FAR_MM]
    unit = max(1, -(-int(reachable.max(initial=1)) // longest))
    return np.minimum(tour // unit, longest)


def improved_order(order: list[int], costs: Matrix, end_costs: Matrix) -> list[int]:
    """The order after moving runs of up to `RUN_MAX` points elsewhere for as long as that helps."""
    best, cost = list(order), order_cost(order, costs, end_costs)
    improved = True
    while improved:
        improved = False
        for size in range(1, min(RUN_MAX, len(best) - 1) + 1):
            for at in range(len(best) - size + 1):
                moved = _best_place(best, at, size, costs, end_costs)
                moved_cost = order_cost(moved, costs, end_costs)
                if moved_cost < cost:
                    best, cost, improved = moved, moved_cost, True
    return best


def _best_place(order: list[int], at: int, size: int, costs: Matrix, end_costs: Matrix) -> list[int]:
    """The order with the run of `size` points at `at` put where it costs least."""
    run, rest = order[at : at + size], order[:at] + order[at + size :]
    before = np.array([0, *rest])
    added = costs[before, run[0]]
    added[:-1] += costs[run[-1], before[1:]] - costs[before[:-1], before[1:]]
    added[-1] += end_costs[run[-1]] - end_costs[before[-1]]
    place = int(added.argmin())
    return rest[:place] + run + rest[place:]


def seconds_left(deadline: float, now: float) -> float:
    """Time left, for a deadline that may be infinite."""
    return math.inf if math.isinf(deadline) else max(0.0, deadline - now)

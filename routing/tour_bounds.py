"""What any tour costs at least.

Problem
    From point 0 every other point has to be visited, then an end cost is paid; costs may differ by
    direction. What can no order beat?
Method
    The larger of two relaxations. An assignment gives every point one successor and forgets that they
    must be one round. A 1-tree is a cheapest tree over all points but 0 with two more connections at 0,
    each at the cheaper of its two directions; prices on leaving and on entering a point, raised where
    the tree does so too often and lowered where it does not (subgradients), bring it closer to a tour.
    Every price leaves the bound valid; all of it is reckoned in whole numbers.
Complexity
    O(n^3) for the assignment, O(n^2) a round of prices.
Limits
    Some per mille below the best tour where costs are symmetric, some per cent where they are not.
Source
    M. Held, R. M. Karp, The traveling-salesman problem and minimum spanning trees: part II, Mathematical
    Programming 1, 6-25, 1971.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from routing.compiled import compiled, compiled_part

Ints = NDArray[np.int64]

FAR = 4 * 10**9
"""More than a tour pays for any one connection on a floor; a tour of them fits into 64 bits."""
ROUNDS = 150
"""Rounds of prices: beyond, the bound of a hundred points hardly rises."""
HALVED_AFTER = 10
"""Rounds without a better bound after which the steps become half as large."""


def tour_bound(costs: Ints, end_costs: Ints) -> int:
    """A cost that no order of visiting all points can beat.

    Parameters
    ----------
    costs
        Shape (n, n): from each point to each; they need not be shortest.
    end_costs
        Shape (n,): added after the last point.
    """
    if len(costs) == 1:
        return int(end_costs[0])
    tour = np.minimum(costs, FAR)
    tour[:, 0] = np.minimum(end_costs, FAR)  # coming back to the first point stands for the end
    np.fill_diagonal(tour, FAR)
    rows, columns = linear_sum_assignment(tour)
    bound = int(tour[rows, columns].sum())
    return max(bound, int(_best_tree(tour))) if len(costs) > 2 else bound


def choice_bound(costs: Ints, end_costs: Ints, choices: Sequence[Sequence[int]]) -> int:
    """A cost that no tour can beat which visits, of each choice, at least one of its points.

    `costs` must be shortest. Of a tour only one point a choice is kept, which makes it no longer; between
    two choices it pays at least what their closest points are apart.
    """
    groups = [[0], *(list(each) for each in choices)]
    nearest = np.stack([costs[points].min(axis=0) for points in groups])
    first = np.cumsum([0, *(len(points) for points in groups[:-1])])
    between = np.minimum.reduceat(nearest[:, np.concatenate(groups)], first, axis=1)
    return tour_bound(between, np.array([end_costs[points].min() for points in groups], np.int64))


@compiled(makes_arrays=True)
def _best_tree(tour: Ints) -> int:
    """The dearest cheapest 1-tree over several rounds of prices."""
    count = len(tour)
    leave, enter = np.zeros(count, np.int64), np.zeros(count, np.int64)
    left, entered = np.zeros(count, np.int64), np.zeros(count, np.int64)
    best, since = -(1 << 62), 0
    step = 0.0
    for row in range(count):
        step += tour[row].min()
    step /= 2 * count
    for _ in range(ROUNDS):
        bound = _tree(tour, leave, enter, left, entered)
        if bound > best:
            best, since = bound, 0
        else:
            since += 1
            if since >= HALVED_AFTER:
                step, since = step / 2, 0
        if step < 1:
            break
        # A connection that may be used either way round counts half for each, so two are one whole.
        leave -= np.rint(step * (left - 2) / 2).astype(np.int64)
        enter -= np.rint(step * (entered - 2) / 2).astype(np.int64)
    return best


@compiled_part(makes_arrays=True)
def _tree(tour: Ints, leave: Ints, enter: Ints, left: Ints, entered: Ints) -> int:
    """The cost of the cheapest 1-tree under prices, which a tour pays once a point, less those prices.

    `left` and `entered` are set to how often, in halves, the tree leaves and enters each point.
    """
    count = len(tour)
    left[:] = 0
    entered[:] = 0
    near = np.full(count, 1 << 62, np.int64)
    parent = np.full(count, 1, np.int64)
    inside = np.zeros(count, np.bool_)
    total = leave.sum() + enter.sum()
    point = 1
    for _ in range(count - 2):
        inside[point] = True
        best, nearest = 1 << 62, -1
        for other in range(1, count):
            if inside[other]:
                continue
            cost = min(
                tour[point, other] - leave[point] - enter[other], tour[other, point] - leave[other] - enter[point]
            )
            if cost < near[other]:
                near[other], parent[other] = cost, point
            if near[other] < best:
                best, nearest = near[other], other
        total += best
        _count(tour, leave, enter, left, entered, parent[nearest], nearest)
        point = nearest
    first, second, one, two = 1 << 62, 1 << 62, -1, -1
    for other in range(1, count):
        cost = min(tour[0, other] - leave[0] - enter[other], tour[other, 0] - leave[other] - enter[0])
        if cost < first:
            first, second, one, two = cost, first, other, one
        elif cost < second:
            second, two = cost, other
    _count(tour, leave, enter, left, entered, 0, one)
    _count(tour, leave, enter, left, entered, 0, two)
    return int(total + first + second)


@compiled_part
def _count(tour: Ints, leave: Ints, enter: Ints, left: Ints, entered: Ints, one: int, other: int) -> None:
    """Count a connection as leaving and entering its points, in halves where both ways cost the same."""
    there = tour[one, other] - leave[one] - enter[other]
    back = tour[other, one] - leave[other] - enter[one]
    if there <= back:
        left[one] += 1
        entered[other] += 1
    if back <= there:
        left[other] += 1
        entered[one] += 1
    if there < back:
        left[one] += 1
        entered[other] += 1
    if back < there:
        left[other] += 1
        entered[one] += 1

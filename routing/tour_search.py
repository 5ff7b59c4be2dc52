"""A tour by way of bins, improved together with the choice of the bins, compiled.

Problem
    Visit, from point 0 and back to it, points that together fill all lines, as cheaply as possible; costs
    may differ by direction. An end elsewhere is a column 0 that holds the costs to the end.
Method
    Iterated local search. A kick either exchanges two neighbouring pieces of the tour, or tears lines out
    of a stretch of it and fills them again, each from the sources and at the places where it adds least.
    Then pieces are exchanged (the three-arc move that keeps every direction) and turned round, looking
    from points whose neighbours changed to points near them, until nothing is better. What is worse by
    more than a little is taken back.
Complexity
    Some 10 microseconds a kick with 50 points on the tour; O(points * near points * tour) for a descent.
Limits
    A heuristic: nothing is proven here (see `tour_bounds`).
Source
    Or-3opt and don't-look bits: Johnson and McGeoch, The traveling salesman problem: a case study in local
    optimization, in Local Search in Combinatorial Optimization, 1997. Tearing out strings: Christiaens and
    Vanden Berghe, Slack induction by string removals for vehicle routing problems, Transportation Science
    54(2), 2020.
"""

import numpy as np

from routing.compiled import compiled, compiled_part
from routing.dice import throw
from routing.picked_tour import LINE, POINT, Ints, Tour, TourProblem, copy_tour, empty_line, fill_line, tour_cost, wake

PIECE_MAX = 30  # points in a piece exchanged by a kick: far-reaching kicks are seldom of use
STRING_MAX = 8  # points torn out at once
STALE_MAX = 150  # kicks without a better tour after which the search goes on from elsewhere
WORSE = 400


@compiled_part
def _sum_up(problem: TourProblem, tour: Tour) -> None:
    """Sum up the costs along the tour."""
    size = tour.size[0]
    tour.order[size] = 0
    tour.ahead[0] = tour.behind[0] = 0
    for place in range(size):
        here, then = tour.order[place], tour.order[place + 1]
        tour.ahead[place + 1] = tour.ahead[place] + problem.costs[here, then]
        tour.behind[place + 1] = tour.behind[place] + (problem.costs[then, here] if place + 1 < size else 0)


@compiled_part(makes_arrays=True)
def _exchange(tour: Tour, i: int, j: int, k: int) -> None:
    """Exchange the pieces after places i to j and j to k."""
    piece = tour.order[i + 1 : j + 1].copy()
    at = i + 1
    for place in range(j + 1, k + 1):
        tour.order[at] = tour.order[place]
        at += 1
    tour.order[at : k + 1] = piece
    for place in range(i + 1, k + 1):
        tour.place[tour.order[place]] = place
    for place in (i, i + 1, at - 1, at, k, (k + 1) % tour.size[0]):
        wake(tour, tour.order[place])


@compiled_part(makes_arrays=True)
def _turn(tour: Tour, i: int, j: int) -> None:
    """Turn the piece after place i up to j round."""
    tour.order[i + 1 : j + 1] = tour.order[i + 1 : j + 1][::-1].copy()
    for place in range(i + 1, j + 1):
        tour.place[tour.order[place]] = place
    for place in (i, i + 1, j, (j + 1) % tour.size[0]):
        wake(tour, tour.order[place])


@compiled_part
def _exchange_gain(costs: Ints, order: Ints, i: int, j: int, k: int) -> int:
    old = costs[order[i], order[i + 1]] + costs[order[j], order[j + 1]] + costs[order[k], order[k + 1]]
    new = costs[order[i], order[j + 1]] + costs[order[k], order[i + 1]] + costs[order[j], order[k + 1]]
    return int(old - new)


@compiled_part
def _turn_gain(problem: TourProblem, tour: Tour, i: int, j: int) -> int:
    costs, order = problem.costs, tour.order
    old = costs[order[i], order[i + 1]] + costs[order[j], order[j + 1]] + tour.ahead[j] - tour.ahead[i + 1]
    new = costs[order[i], order[j]] + costs[order[i + 1], order[j + 1]] + tour.behind[j] - tour.behind[i + 1]
    return int(old - new)


@compiled_part
def _best_exchange(costs: Ints, order: Ints, size: int, p: int, q: int) -> tuple[int, int, int, int]:
    """(gain, i, j, k) of the best exchange that lets the point at place q follow the one at p; place `size` is 0."""
    best, bi, bj, bk = 0, 0, 0, 0
    if q > p:
        for k in range(q, size):
            gain = _exchange_gain(costs, order, p, q - 1, k)
            if gain > best:
                best, bi, bj, bk = gain, p, q - 1, k
        for i in range(p):
            gain = _exchange_gain(costs, order, i, p, q - 1)
            if gain > best:
                best, bi, bj, bk = gain, i, p, q - 1
    else:
        for j in range(q, p):
            gain = _exchange_gain(costs, order, q - 1, j, p)
            if gain > best:
                best, bi, bj, bk = gain, q - 1, j, p
    return best, bi, bj, bk


@compiled_part
def _look_from(problem: TourProblem, tour: Tour, point: int) -> bool:
    """Make the best exchange or turn that lets a nearer point follow `point`; whether there is a good one."""
    size, order, costs = tour.size[0], tour.order, problem.costs
    p = tour.place[point]
    best, bi, bj, bk = 0, 0, 0, 0
    for near in problem.near[point]:
        if costs[point, near] >= costs[point, order[p + 1]]:
            break
        q = tour.place[near] if near else size
        if q < 0:
            continue
        gain, i, j, k = _best_exchange(costs, order, size, p, q)
        if gain > best:
            best, bi, bj, bk = gain, i, j, k
        if p < q < size and _turn_gain(problem, tour, p, q) > best:
            best, bi, bj, bk = _turn_gain(problem, tour, p, q), p, q, -1
        if 0 < p < q and _turn_gain(problem, tour, p - 1, q - 1) > best:
            best, bi, bj, bk = _turn_gain(problem, tour, p - 1, q - 1), p - 1, q - 1, -1
    if best > 0 and bk >= 0:
        _exchange(tour, bi, bj, bk)
    elif best > 0:
        _turn(tour, bi, bj)
    return best > 0


@compiled_part
def descend_tour(problem: TourProblem, tour: Tour) -> int:
    """Exchange and turn pieces until none of the waiting points sees anything better; the cost then."""
    _sum_up(problem, tour)
    while tour.size[1] > 0:
        tour.size[1] -= 1
        point = tour.waiting[tour.size[1]]
        tour.waits[point] = False
        while tour.place[point] >= 0 and _look_from(problem, tour, point):
            _sum_up(problem, tour)
    return int(tour.ahead[tour.size[0]])


@compiled_part
def _kick_order(tour: Tour) -> None:
    """Exchange two neighbouring pieces anywhere."""
    size = tour.size[0]
    i = throw(tour.dice, size - 2)
    j = i + 1 + throw(tour.dice, min(PIECE_MAX, size - i - 2))
    k = j + 1 + throw(tour.dice, min(PIECE_MAX, size - j - 1))
    _exchange(tour, i, j, k)


@compiled_part
def turn_piece(tour: Tour) -> None:
    """Turn a piece anywhere round."""
    i = throw(tour.dice, tour.size[0] - 2)
    _turn(tour, i, i + 2 + throw(tour.dice, min(PIECE_MAX, tour.size[0] - i - 2)))


@compiled_part(makes_arrays=True)
def _kick_lines(problem: TourProblem, tour: Tour) -> None:
    """Tear out the lines picked on a stretch of the tour and fill them again in any order."""
    count = min(tour.size[0] - 1, 1 + throw(tour.dice, STRING_MAX))
    begin = 1 + throw(tour.dice, tour.size[0] - count)
    torn = np.zeros(len(problem.lines), np.bool_)
    first, last = begin, begin + count
    for source in range(len(problem.sources)):
        if tour.taken[source]:
            place = tour.place[problem.sources[source, POINT]]
            if first <= place < last:
                torn[problem.sources[source, LINE]] = True
    lines = np.flatnonzero(torn)
    for line in lines:
        empty_line(problem, tour, int(line))
    for each in range(len(lines) - 1, 0, -1):
        other = throw(tour.dice, each + 1)
        lines[each], lines[other] = lines[other], lines[each]
    for line in lines:
        fill_line(problem, tour, int(line))


@compiled_part
def kick(problem: TourProblem, tour: Tour) -> None:
    """Disturb the tour, or what is picked on it where there is a choice."""
    has_choice = tour.size[0] > 1 and len(problem.sources) > len(problem.lines)
    if has_choice and (tour.size[0] < 4 or throw(tour.dice, 4) > 0):
        _kick_lines(problem, tour)
    elif tour.size[0] >= 4:
        _kick_order(tour)


@compiled
def improve_tour(problem: TourProblem, tour: Tour, kept: Tour, best: Tour, kicks: int) -> int:
    """Kick and descend `kicks` times; the cost of the best tour, which is left in `best`.

    `tour` is gone on from, `kept` is room for taking back, and `best` holds the best tour so far.
    """
    cost = descend_tour(problem, tour)
    best_cost = tour_cost(problem, best)
    if cost < best_cost:
        copy_tour(tour, best)
        best_cost = cost
    stale, lowest = 0, cost
    for _ in range(kicks):
        stale += 1
        if stale > STALE_MAX:
            for _ in range(1 + tour.size[0] // 8):
                kick(problem, tour)
            stale, lowest = 0, 1 << 62
            cost = lowest
        copy_tour(tour, kept)
        kick(problem, tour)
        new_cost = descend_tour(problem, tour)
        if new_cost < best_cost:
            copy_tour(tour, best)
            best_cost = new_cost
        if new_cost < lowest:
            lowest, stale = new_cost, 0
        if new_cost <= cost or new_cost < lowest + lowest // WORSE:
            cost = new_cost
        else:
            copy_tour(kept, tour)
    return int(best_cost)

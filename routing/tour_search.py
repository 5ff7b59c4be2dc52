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

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import Dice, throw

Ints = NDArray[np.int64]

NEED, FIRST, LAST = range(3)
LINE, POINT, QUANTITY = range(3)

NEAR_MAX = 12  # points looked at from each; more hardly ever lead to a better exchange
PIECE_MAX = 30  # points in a piece exchanged by a kick: far-reaching kicks are seldom of use
STRING_MAX = 8  # points torn out at once
STALE_MAX = 150  # kicks without a better tour after which the search goes on from elsewhere
WORSE = 400


class TourProblem(NamedTuple):
    """What can be visited.

    `costs[i, j]` leads from point i to j, column 0 back to the end. `near[i]` are the points that follow
    i most cheaply. `lines` has one row a line: how many units it `NEED`s, its `FIRST` source and the one
    after its `LAST`; `sources` one row a source: its `LINE`, its `POINT` and the `QUANTITY` it offers.
    """

    costs: Ints
    near: Ints
    lines: Ints
    sources: Ints


class Tour(NamedTuple):
    """A tour and what is picked on it.

    `order[: size[0]]` are the points visited, 0 first; `place[point]` is where a point stands in it, -1 for
    no place. `uses[point]` counts the sources taken there, `taken[source]` is 1 for them and `filled[line]`
    counts their units. `ahead[k]` and `behind[k]` sum the costs up to place k, walked onwards and backwards.
    `waiting[: size[1]]` are points to look from, `waits[point]` says which they are.
    """

    order: Ints
    place: Ints
    size: Ints
    uses: Ints
    taken: NDArray[np.int8]
    filled: Ints
    ahead: Ints
    behind: Ints
    waiting: Ints
    waits: NDArray[np.bool_]
    dice: Dice


def new_problem(costs: Ints, end_costs: Ints, lines: Ints, sources: Ints) -> TourProblem:
    """The problem of these costs; `end_costs[i]` is what it costs to end after point i."""
    closed = costs.copy()
    closed[:, 0] = end_costs
    closed[0, 0] = 0
    ranked = closed.copy()
    np.fill_diagonal(ranked, np.iinfo(np.int64).max)
    near = np.argsort(ranked, axis=1, kind="stable")[:, : min(NEAR_MAX, len(costs) - 1)]
    return TourProblem(np.ascontiguousarray(closed), np.ascontiguousarray(near), lines, sources)


def new_tour(problem: TourProblem, dice: Dice) -> Tour:
    """A tour that visits nothing yet."""
    points = len(problem.costs)
    tour = Tour(
        order=np.zeros(points + 1, np.int64),
        place=np.full(points, -1, np.int64),
        size=np.array([1, 0], np.int64),
        uses=np.zeros(points, np.int64),
        taken=np.zeros(len(problem.sources), np.int8),
        filled=np.zeros(len(problem.lines), np.int64),
        ahead=np.zeros(points + 1, np.int64),
        behind=np.zeros(points + 1, np.int64),
        waiting=np.zeros(points, np.int64),
        waits=np.zeros(points, np.bool_),
        dice=dice,
    )
    tour.place[0] = 0
    return tour


@compiled_part
def tour_cost(problem: TourProblem, tour: Tour) -> int:
    """What the tour costs, the way to the end included."""
    cost = 0
    size = tour.size[0]
    for place in range(size - 1):
        cost += problem.costs[tour.order[place], tour.order[place + 1]]
    return int(cost + problem.costs[tour.order[size - 1], 0])


@compiled_part
def _wake(tour: Tour, point: int) -> None:
    """Let a point be looked from."""
    if not tour.waits[point]:
        tour.waits[point] = True
        tour.waiting[tour.size[1]] = point
        tour.size[1] += 1


@compiled
def wake_all(tour: Tour) -> None:
    """Let every point of the tour be looked from."""
    for place in range(tour.size[0]):
        _wake(tour, tour.order[place])


@compiled_part
def _insert(tour: Tour, point: int, place: int) -> None:
    """Put a point in after the one at `place`."""
    size = tour.size[0]
    for at in range(size, place + 1, -1):
        tour.order[at] = tour.order[at - 1]
        tour.place[tour.order[at]] = at
    tour.order[place + 1] = point
    tour.place[point] = place + 1
    tour.size[0] = size + 1
    tour.order[size + 1] = 0
    _wake(tour, point)
    _wake(tour, tour.order[place])


@compiled_part
def _remove(tour: Tour, point: int) -> None:
    """Take a point off the tour."""
    size, place = tour.size[0], tour.place[point]
    for at in range(place, size - 1):
        tour.order[at] = tour.order[at + 1]
        tour.place[tour.order[at]] = at
    tour.place[point] = -1
    tour.size[0] = size - 1
    tour.order[size - 1] = 0
    _wake(tour, tour.order[place - 1])


@compiled_part
def _best_place(problem: TourProblem, tour: Tour, point: int) -> tuple[int, int]:
    """(what it adds, the place after which it adds least) for a point that is not visited."""
    size, costs = tour.size[0], problem.costs
    best, best_place = 1 << 62, 0
    before = tour.order[0]
    for place in range(size):
        after = tour.order[place + 1] if place + 1 < size else 0
        added = costs[before, point] + costs[point, after] - costs[before, after]
        if added < best:
            best, best_place = added, place
        before = after
    return best, best_place


@compiled_part
def _leave(problem: TourProblem, tour: Tour, source: int) -> None:
    """Take no more from a source."""
    point = problem.sources[source, POINT]
    tour.taken[source] = 0
    tour.filled[problem.sources[source, LINE]] -= problem.sources[source, QUANTITY]
    tour.uses[point] -= 1
    if tour.uses[point] == 0 and point != 0:
        _remove(tour, point)


@compiled_part
def _take(problem: TourProblem, tour: Tour, source: int) -> None:
    """Take from a source, visiting its point where that adds least."""
    point = problem.sources[source, POINT]
    tour.taken[source] = 1
    tour.filled[problem.sources[source, LINE]] += problem.sources[source, QUANTITY]
    tour.uses[point] += 1
    if tour.place[point] < 0:
        _, place = _best_place(problem, tour, point)
        _insert(tour, point, place)


@compiled
def fill_line(problem: TourProblem, tour: Tour, line: int) -> None:
    """Fill a line where it adds least a unit, then leave out sources it can do without."""
    need, first, last = problem.lines[line, NEED], problem.lines[line, FIRST], problem.lines[line, LAST]
    while tour.filled[line] < need:
        best, best_price, best_useful = -1, np.inf, 0
        begin = throw(tour.dice, last - first)
        for each in range(last - first):
            source = first + (begin + each) % (last - first)
            if tour.taken[source]:
                continue
            point = problem.sources[source, POINT]
            useful = min(need - tour.filled[line], problem.sources[source, QUANTITY])
            price = 0.0
            if tour.place[point] < 0:
                price = _best_place(problem, tour, point)[0] / useful
            if price < best_price or (price == best_price and useful > best_useful):
                best, best_price, best_useful = source, price, useful
        _take(problem, tour, best)
    for source in range(first, last):
        if tour.taken[source] and tour.filled[line] - problem.sources[source, QUANTITY] >= need:
            _leave(problem, tour, source)


@compiled
def follow(problem: TourProblem, tour: Tour, sources: Ints) -> None:
    """Take from these sources, each point visited after those before."""
    for source in sources:
        tour.taken[source] = 1
        tour.filled[problem.sources[source, LINE]] += problem.sources[source, QUANTITY]
        tour.uses[problem.sources[source, POINT]] += 1
        _insert(tour, problem.sources[source, POINT], tour.size[0] - 1)


@compiled_part
def _empty_line(problem: TourProblem, tour: Tour, line: int) -> None:
    for source in range(problem.lines[line, FIRST], problem.lines[line, LAST]):
        if tour.taken[source]:
            _leave(problem, tour, source)


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
        _wake(tour, tour.order[place])


@compiled_part(makes_arrays=True)
def _turn(tour: Tour, i: int, j: int) -> None:
    """Turn the piece after place i up to j round."""
    tour.order[i + 1 : j + 1] = tour.order[i + 1 : j + 1][::-1].copy()
    for place in range(i + 1, j + 1):
        tour.place[tour.order[place]] = place
    for place in (i, i + 1, j, (j + 1) % tour.size[0]):
        _wake(tour, tour.order[place])


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
        _empty_line(problem, tour, int(line))
    for each in range(len(lines) - 1, 0, -1):
        other = throw(tour.dice, each + 1)
        lines[each], lines[other] = lines[other], lines[each]
    for line in lines:
        fill_line(problem, tour, int(line))


@compiled(makes_arrays=True)
def copy_tour(tour: Tour, into: Tour) -> None:
    """Make another tour of the same problem visit and take the same."""
    into.order[:] = tour.order
    into.place[:] = tour.place
    into.size[0] = tour.size[0]
    into.uses[:] = tour.uses
    into.taken[:] = tour.taken
    into.filled[:] = tour.filled


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

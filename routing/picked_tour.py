"""A tour by way of bins, what is picked on it, and how it changes: points put in and taken off, lines filled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.dice import Dice, throw

Ints = NDArray[np.int64]

NEED, FIRST, LAST = range(3)
LINE, POINT, QUANTITY = range(3)

NEAR_MAX = 12  # points looked at from each; more hardly ever lead to a better exchange


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
def wake(tour: Tour, point: int) -> None:
    """Let a point be looked from."""
    if not tour.waits[point]:
        tour.waits[point] = True
        tour.waiting[tour.size[1]] = point
        tour.size[1] += 1


@compiled
def wake_all(tour: Tour) -> None:
    """Let every point of the tour be looked from."""
    for place in range(tour.size[0]):
        wake(tour, tour.order[place])


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
    wake(tour, point)
    wake(tour, tour.order[place])


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
    wake(tour, tour.order[place - 1])


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
def empty_line(problem: TourProblem, tour: Tour, line: int) -> None:
    """Leave all sources of a line."""
    for source in range(problem.lines[line, FIRST], problem.lines[line, LAST]):
        if tour.taken[source]:
            _leave(problem, tour, source)


@compiled(makes_arrays=True)
def copy_tour(tour: Tour, into: Tour) -> None:
    """Make another tour of the same problem visit and take the same."""
    into.order[:] = tour.order
    into.place[:] = tour.place
    into.size[0] = tour.size[0]
    into.uses[:] = tour.uses
    into.taken[:] = tour.taken
    into.filled[:] = tour.filled

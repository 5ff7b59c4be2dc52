"""A tour laid on the floor so that least of it is walked again, compiled.

Problem
    Which points are visited in which order says not yet which floor is walked: between two points there
    are many ways, and floor walked again costs more than any other.
Method
    Every leg of the tour is a cheapest way, where a stretch costs more if another leg passes it already.
    The search kicks the tour as `tour_search` does, lays only those legs anew whose ends changed, then
    lays all legs anew one after the other for as long as that is better, and takes back what is worse.
Complexity
    One Dijkstra search a leg laid, some 20 microseconds on a floor of 200 points.
Limits
    A heuristic: legs are laid one at a time.
Source
    Laying again around what the others use: McMurchie and Ebeling, PathFinder, FPGA 1995.
"""

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.cut_floor import CutFloor
from routing.dice import throw
from routing.picked_tour import Tour, TourProblem, copy_tour
from routing.tour_search import STALE_MAX, kick, turn_piece

Ints = NDArray[np.int64]

NOWHERE = 1 << 60
"""What a leg costs that cannot be walked; a tour of them fits into 64 bits with what else it costs."""
LAID_MAX = 3
"""How often all legs are laid anew in a row: the third time hardly ever changes anything."""
SPREAD = 8
"""All legs are laid anew after one kick in eight, after a gain, and where there are few."""
SHUNNED, ROW_MAX = 4, 4
"""One stretch in four is shunned, for at most four legs in a row: more forget too much of a good walk."""


class Ways(NamedTuple):
    """The floor as arcs by their tails, and where the points of a tour are on it.

    Arcs `first[point] : first[point + 1]` leave a point; `arcs[arc]` is (head, stretch, length_mm).
    `before[stretch]` is 1 where a first pass is one too many already, 0 where it is not and -1 where
    passes do not matter. `at[i]` is the point of tour point i, `is_end` says where the walk may end.
    A mm walked costs `mm[0]`, a mm walked again `mm[1]` on top.
    """

    first: Ints
    arcs: Ints
    before: Ints
    at: Ints
    is_end: NDArray[np.bool_]
    mm: Ints


class Laid(NamedTuple):
    """The legs of a tour as they are laid.

    The leg that leaves tour point i leads to `goal[i]` (-1 for no leg) over the arcs `path[i, : steps[i]]`.
    `passes[stretch]` counts them and `cost[0]` sums them up. What is changed is noted in `old_*` until it
    is kept or taken back. `shunned[stretch]` is 1 where a first pass costs as much as one too many.
    `reach` and `came` are room for a search.
    """

    goal: Ints
    steps: Ints
    path: NDArray[np.int32]
    passes: Ints
    cost: Ints
    changed: NDArray[np.bool_]
    old_goal: Ints
    old_steps: Ints
    old_path: NDArray[np.int32]
    shunned: Ints
    reach: Ints
    came: Ints


def new_ways(cut: CutFloor, at: list[int], mm: tuple[int, int]) -> Ways:
    """The ways of a floor for a tour by way of its points `at`, with these costs of (a mm, a mm again)."""
    tails = np.array([arc.tail for arc in cut.arcs], np.int64)
    before = np.full(cut.num_stretches, -1, np.int64)
    for arc in cut.arcs:
        if arc.is_aisle:
            before[arc.stretch] = int(arc.walked)
    ends = cut.end_points()
    is_end = np.full(cut.num_points, ends is None)
    is_end[list(ends or ())] = True
    rows = [(arc.head, arc.stretch, arc.leg.length_mm) for arc in cut.arcs]
    return Ways(
        first=np.searchsorted(tails, np.arange(cut.num_points + 1)).astype(np.int64),
        arcs=np.array(rows, np.int64).reshape(-1, 3),
        before=before,
        at=np.array(at, np.int64),
        is_end=is_end,
        mm=np.array(mm, np.int64),
    )


def new_laid(ways: Ways) -> Laid:
    """No leg laid yet."""
    legs, points = len(ways.at), len(ways.is_end)
    return Laid(
        goal=np.full(legs, -1, np.int64),
        steps=np.zeros(legs, np.int64),
        path=np.zeros((legs, points), np.int32),
        passes=np.zeros(len(ways.before), np.int64),
        cost=np.zeros(1, np.int64),
        changed=np.zeros(legs, np.bool_),
        old_goal=np.zeros(legs, np.int64),
        old_steps=np.zeros(legs, np.int64),
        old_path=np.zeros((legs, points), np.int32),
        shunned=np.zeros(len(ways.before), np.int64),
        reach=np.zeros(points, np.int64),
        came=np.zeros(points, np.int64),
    )


@compiled_part
def _price(ways: Ways, passes: Ints, arc: int) -> int:
    """What one more pass over an arc costs."""
    stretch, length = ways.arcs[arc, 1], ways.arcs[arc, 2]
    again = ways.before[stretch] >= 0 and ways.before[stretch] + passes[stretch] > 0
    return int(length * (ways.mm[0] + (ways.mm[1] if again else 0)))


@compiled_part(makes_arrays=True)
def _note(laid: Laid, leg: int) -> None:
    """Note how a leg was before it is changed."""
    if not laid.changed[leg]:
        laid.changed[leg] = True
        laid.old_goal[leg], laid.old_steps[leg] = laid.goal[leg], laid.steps[leg]
        laid.old_path[leg, : laid.steps[leg]] = laid.path[leg, : laid.steps[leg]]


@compiled_part
def _take_up(ways: Ways, laid: Laid, leg: int) -> None:
    """Take a leg off the floor."""
    if laid.goal[leg] < 0:
        return
    if laid.steps[leg] < 0:
        laid.cost[0] -= NOWHERE
    for step in range(laid.steps[leg]):
        arc = laid.path[leg, step]
        laid.passes[ways.arcs[arc, 1]] -= 1
        laid.cost[0] -= _price(ways, laid.passes, arc)
    laid.goal[leg] = -1


@compiled_part
def _put_down(ways: Ways, laid: Laid, leg: int, goal: int) -> None:
    """Put a leg on the floor along its path."""
    laid.goal[leg] = goal
    if laid.steps[leg] < 0:
        laid.cost[0] += NOWHERE
    for step in range(laid.steps[leg]):
        arc = laid.path[leg, step]
        laid.cost[0] += _price(ways, laid.passes, arc)
        laid.passes[ways.arcs[arc, 1]] += 1


@compiled_part(makes_arrays=True)
def _lay(ways: Ways, laid: Laid, leg: int, goal: int) -> None:
    """Lay a leg to tour point `goal`, 0 for an end, along a cheapest way."""
    _note(laid, leg)
    start = ways.at[leg]
    laid.reach[:] = NOWHERE
    laid.reach[start] = 0
    heap = [(np.int64(0), start)]
    found = np.int64(-1)
    while heap:
        cost, point = heapq.heappop(heap)
        if (goal > 0 and point == ways.at[goal]) or (goal == 0 and ways.is_end[point]):
            found = point
            break
        if cost > laid.reach[point]:
            continue
        for arc in range(ways.first[point], ways.first[point + 1]):
            head = ways.arcs[arc, 0]
            shunned = laid.shunned[ways.arcs[arc, 1]] * ways.arcs[arc, 2] * max(ways.mm[0], ways.mm[1])
            then = cost + _price(ways, laid.passes, arc) + shunned
            if then < laid.reach[head]:
                laid.reach[head] = then
                laid.came[head] = point * np.int64(len(ways.arcs)) + arc
                heapq.heappush(heap, (then, head))
    steps = 0
    point = found
    while point >= 0 and point != start:
        laid.path[leg, steps] = laid.came[point] % len(ways.arcs)
        point = laid.came[point] // len(ways.arcs)
        steps += 1
    laid.path[leg, :steps] = laid.path[leg, :steps][::-1].copy()
    laid.steps[leg] = steps if found >= 0 else -1
    _put_down(ways, laid, leg, goal)


@compiled
def lay_tour(ways: Ways, tour: Tour, laid: Laid, afresh: bool) -> None:
    """Lay those legs of the tour whose ends changed, and if `afresh` then all, for as long as that is better."""
    size = tour.size[0]
    for leg in range(len(laid.goal)):
        place = tour.place[leg]
        if laid.goal[leg] >= 0 and (place < 0 or laid.goal[leg] != tour.order[place + 1]):
            _note(laid, leg)
            _take_up(ways, laid, leg)
    for place in range(size):
        if laid.goal[tour.order[place]] < 0:
            _lay(ways, laid, tour.order[place], tour.order[place + 1])
    for _ in range(LAID_MAX if afresh else 0):
        cost = laid.cost[0]
        for place in range(size):
            leg = tour.order[place]
            _note(laid, leg)
            _take_up(ways, laid, leg)
            _lay(ways, laid, leg, tour.order[place + 1])
        if laid.cost[0] >= cost:
            break


def laid_arcs(tour: Tour, laid: Laid) -> list[int]:
    """The arcs of all legs in order."""
    arcs: list[int] = []
    for leg in tour.order[: tour.size[0]].tolist():
        arcs += laid.path[leg, : laid.steps[leg]].tolist()
    return arcs


@compiled_part(makes_arrays=True)
def _keep(laid: Laid) -> None:
    laid.changed[:] = False


@compiled_part(makes_arrays=True)
def _take_back(ways: Ways, laid: Laid) -> None:
    """Make all legs what they were when they were last kept."""
    for leg in range(len(laid.goal)):
        if laid.changed[leg]:
            _take_up(ways, laid, leg)
    for leg in range(len(laid.goal)):
        if laid.changed[leg]:
            laid.steps[leg] = laid.old_steps[leg]
            if laid.old_steps[leg] > 0:
                laid.path[leg, : laid.old_steps[leg]] = laid.old_path[leg, : laid.old_steps[leg]]
            if laid.old_goal[leg] >= 0:
                _put_down(ways, laid, leg, laid.old_goal[leg])
    _keep(laid)


@compiled_part(makes_arrays=True)
def _lay_around(ways: Ways, tour: Tour, laid: Laid) -> None:
    """Lay some legs in a row again, the first of them as if some of the floor were to be shunned."""
    size = tour.size[0]
    for stretch in range(len(laid.shunned)):
        laid.shunned[stretch] = throw(tour.dice, SHUNNED) == 0
    first = throw(tour.dice, size)
    last = min(size, first + 1 + throw(tour.dice, ROW_MAX))
    for place in range(first, last):
        _note(laid, tour.order[place])
        _take_up(ways, laid, tour.order[place])
    for place in range(first, last):
        _lay(ways, laid, tour.order[place], tour.order[place + 1])
        laid.shunned[:] = 0


@compiled_part(makes_arrays=True)
def _change(problem: TourProblem, ways: Ways, tour: Tour, laid: Laid) -> None:
    """Disturb the tour or how it is laid."""
    kind = throw(tour.dice, 4)
    if kind == 0 or tour.size[0] < 3:
        _lay_around(ways, tour, laid)
    elif kind == 1:
        turn_piece(tour)
    else:
        kick(problem, tour)
    tour.waits[:] = False
    tour.size[1] = 0


@compiled
def improve_laid(
    problem: TourProblem, ways: Ways, tour: Tour, kept: Tour, best: Tour, laid: Laid, best_cost: int, kicks: int
) -> int:
    """Kick the tour and lay it anew `kicks` times; what the best costs, which is left in `best`.

    `tour` is gone on from, `kept` is room for taking back. Nothing need be laid; to have the best one
    laid, lay it from scratch.
    """
    lay_tour(ways, tour, laid, True)
    _keep(laid)
    cost = laid.cost[0]
    if cost < best_cost:
        copy_tour(tour, best)
        best_cost = cost
    stale = 0
    for _ in range(kicks):
        stale += 1
        if stale % STALE_MAX == 0:
            copy_tour(best, tour)
            _change(problem, ways, tour, laid)
            lay_tour(ways, tour, laid, True)
            _keep(laid)
            cost = laid.cost[0]
        copy_tour(tour, kept)
        _change(problem, ways, tour, laid)
        lay_tour(ways, tour, laid, stale % SPREAD == 0 or tour.size[0] < SPREAD)
        if laid.cost[0] < cost:
            lay_tour(ways, tour, laid, True)
        if laid.cost[0] < best_cost:
            copy_tour(tour, best)
            best_cost, stale = laid.cost[0], 0
        if laid.cost[0] <= cost:
            cost = laid.cost[0]
            _keep(laid)
        else:
            copy_tour(kept, tour)
            _take_back(ways, laid)
    return int(best_cost)

"""An oracle for small problems: Dijkstra over everything a walk can have done so far.

Problem
    The best route by its policy's own order, found without any idea that the solvers use.
Method
    The floor is cut into stretches at every crossing, bin, start, end, and edge of blocked or already
    walked floor. A state is (point, points visited that hold bins, aisle stretches walked at least
    once); the second and every later pass over a stretch costs the same, so more need not be known.
    A move walks one stretch, or steps into an aisle as deep as one point and back to its mouth. States
    are settled in order of (backtrack_mm, distance_mm), all those at the best cost included, and among
    them the fewest bins that fill every line decide. Under `shortest` walked stretches are not kept.
    Inside a wide aisle there is a point at either side, and a move from one to the other costs the crossing;
    a stretch is walked whichever side it is walked on.
    That turning back is only of use at these points holds because a walk that turns elsewhere can be
    cut short by the floor between the turn and the last such point, saving distance and backtrack.
Complexity
    O(points * 2^bins * 2^stretches) states, of which the search meets few; compiled by numba.
Limits
    63 bits a state and `num_states_max` states, else `TooLarge`.
"""

import heapq
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from routing.problem import EndKind, PickProblem, Policy, PolicyName
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, EdgeKind, Spot

MM_OF_BACKTRACK = 2**31
"""One mm of backtrack outweighs any distance: no small floor's walk is 2,147 km long."""

TOO_LARGE = -2
UNREACHABLE = -1

Point = int | tuple[int, int] | tuple[int, int, int]
SIDES = (LEFT_SIDE, RIGHT_SIDE)


class TooLarge(Exception):
    """The problem is beyond an exhaustive search."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A way to leave a point: `bit` is the aisle stretch walked (-1 if it is none that counts)."""

    to: int
    distance_mm: int
    bit: int
    visits: int


def brute_force(problem: PickProblem, policy: Policy, num_states_max: int = 3_000_000) -> tuple[int, ...] | None:
    """The best figures of any route: (backtrack_mm, distance_mm, stops), or (distance_mm,) for `shortest`.

    Returns None if no walk fills every line. Raises TooLarge, or ValueError for a policy without an order.
    """
    if policy.name not in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
        raise ValueError(f"{policy.name} has no order to be best in")
    keep_walked = policy.name is PolicyName.NO_BACKTRACK
    maze = _Maze(problem, policy.step_in_mm, keep_walked)
    cost, stops, _ = _search(*maze.arrays(), num_states_max)
    if cost == TOO_LARGE:
        raise TooLarge(f"more than {num_states_max} states")
    if cost == UNREACHABLE:
        return None
    backtrack_mm, distance_mm = divmod(int(cost), MM_OF_BACKTRACK)
    return (backtrack_mm, distance_mm, int(stops)) if keep_walked else (distance_mm,)


class _Maze:
    """The floor as points and moves, numbered for the search."""

    def __init__(self, problem: PickProblem, step_in_mm: int, keep_walked: bool) -> None:
        self.problem = problem
        self.keep_walked = keep_walked
        self.number: dict[Point, int] = {}
        floor = problem.floor
        for node in range(len(floor.nodes)):
            self.number[node] = node
        self.offsets = self._cut_edges()
        for edge, offsets in enumerate(self.offsets):
            for offset_mm in offsets:
                self.points(Spot(edge, offset_mm))
        sources = [source.spot for line in problem.lines for source in line.sources]
        self.bin_bit: dict[tuple[int, ...], int] = {}
        for spot in sources:
            self.bin_bit.setdefault(self.points(spot), len(self.bin_bit))
        self.moves: dict[int, list[_Move]] = defaultdict(list)
        self.walked_at_start = 0
        self.bit_of: dict[tuple[int, int], int] = {}
        for edge in range(len(floor.edges)):
            for side in SIDES if floor.edges[edge].crossing_mm else (EITHER_SIDE,):
                self._add_steps(edge, side)
            self._add_crossings(edge)
            if step_in_mm and floor.edges[edge].kind is EdgeKind.AISLE and floor.edges[edge].direction == 0:
                for sides in (SIDES[:1], SIDES[1:], SIDES) if floor.edges[edge].crossing_mm else ((EITHER_SIDE,),):
                    self._add_arms(edge, step_in_mm, sides)

    def points(self, spot: Spot) -> tuple[int, ...]:
        """The numbers of the points where somebody may stand who is at `spot`: two where either side will do."""
        floor = self.problem.floor
        node = floor.node_at(spot)
        points: list[Point] = [(spot.edge, spot.offset_mm)] if node is None else [node]
        if node is None and floor.edges[spot.edge].crossing_mm:
            points = [(spot.edge, spot.offset_mm, side) for side in SIDES if spot.side in (EITHER_SIDE, side)]
        return tuple(self.number.setdefault(point, len(self.number)) for point in points)

    def at(self, spot: Spot) -> int:
        """The number of the one point where `spot` is."""
        (point,) = self.points(spot)
        return point

    def visits(self, point: int) -> int:
        """The bits of the bins reached from `point`."""
        return sum(1 << bit for points, bit in self.bin_bit.items() if point in points)

    def _cut_edges(self) -> list[list[int]]:
        """For every edge the offsets at which something may happen, its ends included."""
        problem, floor = self.problem, self.problem.floor
        offsets = [{0, edge.length_mm} for edge in floor.edges]
        spots = [source.spot for line in problem.lines for source in line.sources]
        for spot in (problem.start, *problem.end.spots, *spots):
            offsets[spot.edge].add(spot.offset_mm)
        for stretch in (*floor.blocked, *problem.walked):
            offsets[stretch.edge].update((stretch.from_mm, stretch.to_mm))
        return [sorted(each) for each in offsets]

    def _blocked(self, edge: int, low_mm: int, high_mm: int) -> bool:
        return any(s.edge == edge and s.from_mm < high_mm and low_mm < s.to_mm for s in self.problem.floor.blocked)

    def _add_crossings(self, index: int) -> None:
        """Add the ways from side to side."""
        edge = self.problem.floor.edges[index]
        for offset_mm in self.offsets[index][1:-1] if edge.crossing_mm else ():
            points = [self.at(Spot(index, offset_mm, side)) for side in SIDES]
            for here, there in (points, points[::-1]):
                self.moves[here].append(_Move(there, edge.crossing_mm, -1, self.visits(there)))

    def _add_steps(self, index: int, side: int) -> None:
        """Add the walks over each stretch of an edge, along one side if its sides are apart."""
        edge = self.problem.floor.edges[index]
        for low_mm, high_mm in itertools.pairwise(self.offsets[index]):
            if self._blocked(index, low_mm, high_mm):
                continue
            bit = -1
            if edge.kind is EdgeKind.AISLE and self.keep_walked:
                bit = self.bit_of.setdefault((index, low_mm), len(self.bit_of))
                if any(s.edge == index and s.from_mm <= low_mm and high_mm <= s.to_mm for s in self.problem.walked):
                    self.walked_at_start |= 1 << bit
            low, high = self.at(Spot(index, low_mm, side)), self.at(Spot(index, high_mm, side))
            if edge.direction >= 0:
                self.moves[low].append(_Move(high, high_mm - low_mm, bit, self.visits(high)))
            if edge.direction <= 0:
                self.moves[high].append(_Move(low, high_mm - low_mm, bit, self.visits(low)))

    def _add_arms(self, index: int, step_in_mm: int, sides: tuple[int, ...]) -> None:
        """Add the ways to step into an aisle from its mouths and back: in along one side, back along the other."""
        floor = self.problem.floor
        edge = floor.edges[index]
        for mouth, offsets in ((edge.tail, self.offsets[index]), (edge.head, self.offsets[index][::-1])):
            if all(floor.edges[each].kind is not EdgeKind.CROSS for each in floor.incident[mouth]):
                continue
            visits = 0
            for near_mm, far_mm in itertools.pairwise(offsets[:-1]):
                depth_mm = abs(far_mm - offsets[0])
                if depth_mm > step_in_mm or self._blocked(index, min(near_mm, far_mm), max(near_mm, far_mm)):
                    break
                for side in sides:
                    visits |= self.visits(self.at(Spot(index, far_mm, side)))
                if visits:
                    across_mm = edge.crossing_mm * (len(sides) - 1)
                    self.moves[mouth].append(_Move(mouth, 2 * depth_mm + across_mm, -1, visits))

    def _is_end(self) -> np.ndarray[Any, Any]:
        spots = (self.problem.start,) if self.problem.end.kind is EndKind.START else self.problem.end.spots
        ends = {point for spot in spots for point in self.points(spot)}
        everywhere = self.problem.end.kind is EndKind.ANYWHERE
        return np.array([everywhere or point in ends for point in range(len(self.number))])

    def _stops_of(self) -> np.ndarray[Any, Any]:
        """For every set of visited points the fewest bins there that fill all lines, -1 if none do."""
        spot_of: dict[str, tuple[int, ...]] = {}
        for line in self.problem.lines:
            for source in line.sources:
                if spot_of.setdefault(source.bin, self.points(source.spot)) != self.points(source.spot):
                    raise ValueError(f"bin {source.bin} stands at two points")
        bins = sorted(spot_of)
        best = np.full(1 << len(self.bin_bit), -1, dtype=np.int64)
        for size in range(len(bins) + 1):
            for chosen in itertools.combinations(bins, size):
                if all(
                    sum(source.quantity for source in line.sources if source.bin in chosen) >= line.quantity
                    for line in self.problem.lines
                ):
                    needed = sum({1 << self.bin_bit[spot_of[each]] for each in chosen})
                    sets = np.arange(len(best))
                    best[(sets & needed == needed) & (best < 0)] = size
        return best

    def _start(self) -> int:
        """The point where the walk starts, before it chooses a side if it may."""
        points = self.points(self.problem.start)
        if len(points) == 1:
            return points[0]
        start = self.number.setdefault((-1, -1), len(self.number))
        self.moves[start] = [_Move(point, 0, -1, self.visits(point)) for point in points]
        return start

    def arrays(self) -> tuple[Any, ...]:
        """What `_search` takes, but for the limit."""
        start = self._start()
        num_points = len(self.number)
        bits_needed = num_points.bit_length() + len(self.bin_bit) + len(self.bit_of)
        if bits_needed > 62:
            raise TooLarge(f"{bits_needed} bits a state")
        first = np.zeros(num_points + 1, dtype=np.int64)
        rows: list[tuple[int, int, int, int]] = []
        for point in range(num_points):
            rows += [(move.to, move.distance_mm, move.bit, move.visits) for move in self.moves[point]]
            first[point + 1] = len(rows)
        return (
            first,
            np.array(rows, dtype=np.int64).reshape(-1, 4),
            self._is_end(),
            self._stops_of(),
            start,
            self.visits(start),
            self.walked_at_start,
            num_points.bit_length(),
            len(self.bin_bit),
        )


def _search_in_python(
    first: Any,
    moves: Any,
    is_end: Any,
    stops_of: Any,
    start: int,
    visited_at_start: int,
    walked_at_start: int,
    point_bits: int,
    bin_bits: int,
    num_states_max: int,
) -> tuple[int, int, int]:
    """(cost, stops, states met): Dijkstra; cost is UNREACHABLE or TOO_LARGE if there is no answer."""
    state = start | (visited_at_start << point_bits) | (walked_at_start << (point_bits + bin_bits))
    cost_of = {state: 0}
    heap = [(0, state)]
    best_cost, best_stops = -1, -1
    while heap:
        cost, state = heapq.heappop(heap)
        if 0 <= best_cost < cost:
            break
        if cost > cost_of[state]:
            continue
        point = state & ((1 << point_bits) - 1)
        visited = (state >> point_bits) & ((1 << bin_bits) - 1)
        walked = state >> (point_bits + bin_bits)
        stops = stops_of[visited]
        if is_end[point] and stops >= 0:
            if best_cost < 0 or stops < best_stops:
                best_stops = stops
            best_cost = cost
            continue
        for index in range(first[point], first[point + 1]):
            to, distance_mm, bit, visits = moves[index]
            then_walked = walked
            then_cost = cost + distance_mm
            if bit >= 0:
                if (walked >> bit) & 1:
                    then_cost += distance_mm * MM_OF_BACKTRACK
                then_walked = walked | (1 << bit)
            then = to | ((visited | visits) << point_bits) | (then_walked << (point_bits + bin_bits))
            if then not in cost_of or then_cost < cost_of[then]:
                if len(cost_of) >= num_states_max:
                    return TOO_LARGE, -1, len(cost_of)
                cost_of[then] = then_cost
                heapq.heappush(heap, (then_cost, then))
    return (best_cost, best_stops, len(cost_of)) if best_cost >= 0 else (UNREACHABLE, -1, len(cost_of))


_search: Any = numba.njit(cache=True)(_search_in_python)

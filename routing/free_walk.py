"""Walks on a cut floor: distance matrices, arms walked without the cart, and backtrack nothing can avoid."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from routing.cut_floor import CutFloor
from routing.problem import PickLine
from routing.route import Leg
from routing.visiting_order import FAR_MM, Matrix
from warehouse.floor import EdgeKind, Floor, Spot


class FreeWalks:
    """Shortest walks between the points of a cut floor."""

    def __init__(self, cut: CutFloor) -> None:
        self.cut = cut
        self._lengths = np.array([arc.leg.length_mm for arc in cut.arcs], dtype=np.float64)
        self._stretch_of = {(arc.leg.edge, arc.leg.from_mm, arc.leg.to_mm): arc.stretch for arc in cut.arcs}

    def new_prices(self) -> NDArray[np.float64]:
        """For every stretch how many times its length it costs: once, to begin with."""
        return np.ones(self.cut.num_stretches)

    def raise_prices(self, prices: NDArray[np.float64], legs: Sequence[Leg], factor: float) -> None:
        """Make every aisle stretch that the cart walks again dearer by `factor` for each time."""
        passes: Counter[int] = Counter()
        ranges: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for leg in legs:
            if not leg.step_in:
                ranges[leg.edge].append((min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)))
        seen: set[int] = set()
        for arc in self.cut.arcs:
            if not arc.is_aisle or arc.stretch in seen:
                continue
            seen.add(arc.stretch)
            low, high = sorted((arc.leg.from_mm, arc.leg.to_mm))
            passes[arc.stretch] = sum(a <= low and high <= b for a, b in ranges[arc.leg.edge]) + arc.walked
        for stretch, count in passes.items():
            if count > 1:
                prices[stretch] *= factor ** (count - 1)

    def matrix(self, points: Sequence[int], prices: NDArray[np.float64] | None = None) -> tuple[Matrix, Matrix]:
        """Distances in mm between points, shape (n, n), and from each to the nearest allowed end, (n,)."""
        num_points = self.cut.num_points
        weights = self._lengths
        if prices is not None:
            weights = weights * prices[[arc.stretch for arc in self.cut.arcs]]
        least: dict[tuple[int, int], float] = {}
        for arc, weight in zip(self.cut.arcs, weights.tolist(), strict=True):
            key = (arc.tail, arc.head)
            least[key] = min(weight, least.get(key, weight))
        tails, heads = zip(*least, strict=True) if least else ((), ())
        graph = csr_matrix((list(least.values()), (tails, heads)), shape=(num_points, num_points))
        distances = dijkstra(graph, indices=list(points))
        rounded: Matrix = np.minimum(distances, FAR_MM).round().astype(np.int64)
        ends = self.cut.end_points()
        between = rounded[:, list(points)]
        if ends is None:
            return between, np.zeros(len(points), dtype=np.int64)
        return between, rounded[:, sorted(ends)].min(axis=1)


def joined_legs(legs: Iterable[Leg]) -> list[Leg]:
    """The same walk with steps on in one direction on one edge taken as one leg."""
    joined: list[Leg] = []
    for leg in legs:
        last = joined[-1] if joined else None
        goes_on = last is not None and last.edge == leg.edge and last.to_mm == leg.from_mm
        if last is not None and goes_on and (last.to_mm > last.from_mm) == (leg.to_mm > leg.from_mm):
            joined[-1] = Leg(leg.edge, last.from_mm, leg.to_mm)
        else:
            joined.append(leg)
    return joined


def with_step_ins(floor: Floor, legs: Sequence[Leg], step_in_mm: int) -> tuple[Leg, ...]:
    """The same walk with in-and-back arms that are shallow enough walked without the cart."""
    marked = list(legs)
    for index in range(len(marked) - 1):
        into, back = marked[index], marked[index + 1]
        if (into.edge, into.from_mm, into.to_mm) != (back.edge, back.to_mm, back.from_mm) or into.step_in:
            continue
        edge = floor.edges[into.edge]
        if (
            into.length_mm <= step_in_mm
            and into.length_mm < edge.length_mm
            and edge.kind is EdgeKind.AISLE
            and _is_mouth(floor, Spot(into.edge, into.from_mm))
        ):
            marked[index : index + 2] = [
                Leg(into.edge, into.from_mm, into.to_mm, step_in=True),
                Leg(back.edge, back.from_mm, back.to_mm, step_in=True),
            ]
    return tuple(marked)


def shallow_stretches(cut: CutFloor, step_in_mm: int) -> set[int]:
    """The aisle stretches that lie within `step_in_mm` of a mouth from which one can step into them and back."""
    floor = cut.problem.floor
    shallow = set()
    for arc in cut.arcs:
        edge = floor.edges[arc.leg.edge]
        low_mm, high_mm = sorted((arc.leg.from_mm, arc.leg.to_mm))
        for mouth_mm, depth_mm in ((0, high_mm), (edge.length_mm, edge.length_mm - low_mm)):
            is_shallow = arc.is_aisle and edge.direction == 0 and depth_mm <= min(step_in_mm, edge.length_mm - 1)
            if is_shallow and _is_mouth(floor, Spot(arc.leg.edge, mouth_mm)):
                shallow.add(arc.stretch)
    return shallow


def _is_mouth(floor: Floor, spot: Spot) -> bool:
    """Whether a spot is a node that touches cross-aisle floor."""
    node = floor.node_at(spot)
    return node is not None and any(floor.edges[each].kind is EdgeKind.CROSS for each in floor.incident[node])


def unavoidable_backtrack_mm(cut: CutFloor, lines: Sequence[PickLine]) -> int:
    """A lower bound on the backtrack of any walk of the cart.

    A stretch without which some line has no source on the start's side must be walked to get there, and
    walked back where every allowed end lies on the start's side.
    """
    sides: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for arc in cut.arcs:
        sides[arc.tail].append((arc.head, arc.stretch))
        sides[arc.head].append((arc.tail, arc.stretch))
    ends = cut.end_points()
    sources = [{cut.number(source.spot) for source in line.sources} for line in lines]
    bound_mm = 0
    aisles = {arc.stretch: arc for arc in cut.arcs if arc.is_aisle}
    for stretch in sorted(set(aisles) & _bridges(cut, sides)):
        near = _hanging_together(sides, cut.number(cut.problem.start), stretch)
        is_entered = any(each.isdisjoint(near) for each in sources)
        arc = aisles[stretch]
        passes = 0
        if ends is not None and ends.isdisjoint(near):
            passes = 1
        elif is_entered:
            passes = 2 if ends is not None and ends <= near else 1
        bound_mm += arc.leg.length_mm * max(0, passes - 1 + arc.walked) * (passes > 0)
    return bound_mm


def _hanging_together(sides: dict[int, list[tuple[int, int]]], start: int, without: int) -> set[int]:
    """The points one could come to from `start`, whatever the directions, without one stretch."""
    reached = {start}
    stack = [start]
    while stack:
        for head, stretch in sides[stack.pop()]:
            if stretch != without and head not in reached:
                reached.add(head)
                stack.append(head)
    return reached


def _bridges(cut: CutFloor, sides: dict[int, list[tuple[int, int]]]) -> set[int]:
    """Stretches on the start's part of the floor that no walk can go round (Tarjan's low numbers)."""
    root = cut.number(cut.problem.start)
    number = {root: 0}
    low = {root: 0}
    bridges: set[int] = set()
    stack = [(root, -1, iter(sides[root]))]
    while stack:
        point, by, ways = stack[-1]
        for head, stretch in ways:
            if stretch == by:
                continue
            if head in number:
                low[point] = min(low[point], number[head])
                continue
            number[head] = low[head] = len(number)
            stack.append((head, stretch, iter(sides[head])))
            break
        else:
            stack.pop()
            if stack:
                parent = stack[-1][0]
                low[parent] = min(low[parent], low[point])
                if low[point] > number[parent]:
                    bridges.add(by)
    return bridges

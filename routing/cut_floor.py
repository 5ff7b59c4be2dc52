"""A floor cut at every spot that matters to a problem: a plain directed graph for search and matrices.

Points are the nodes of the floor and the spots inside edges; a stretch is the floor between two
neighbouring points of one edge. Each stretch that may be walked gives one arc a direction.
"""

import itertools
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from routing.problem import EndKind, PickLine, PickProblem, Source
from routing.route import Leg
from routing.walk import Point, point_of
from warehouse.errors import NoRoute
from warehouse.floor import EdgeKind, Spot


@dataclass(frozen=True, slots=True)
class Arc:
    """A way over stretch `stretch` from one point to the next.

    `is_aisle` and `walked` say whether a pass over it counts, and whether it was passed before the route.
    """

    tail: int
    head: int
    stretch: int
    leg: Leg
    is_aisle: bool
    walked: bool


class CutFloor:
    """The floor of `problem`, cut at its start, ends and sources, and where floor is blocked or walked.

    `arcs` are in the order of their tails.
    """

    def __init__(self, problem: PickProblem) -> None:
        self.problem = problem
        floor = problem.floor
        offsets = [{0, edge.length_mm} for edge in floor.edges]
        for spot in (problem.start, *problem.end.spots, *_source_spots(problem)):
            offsets[spot.edge].add(spot.offset_mm)
        for stretch in (*floor.blocked, *problem.walked):
            offsets[stretch.edge].update((stretch.from_mm, stretch.to_mm))
        self._number: dict[Point, int] = {node: node for node in range(len(floor.nodes))}
        self.arcs: list[Arc] = []
        num_stretches = 0
        blocked: dict[int, list[tuple[int, int]]] = defaultdict(list)
        walked: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for table, stretches in ((blocked, floor.blocked), (walked, problem.walked)):
            for each in stretches:
                table[each.edge].append((each.from_mm, each.to_mm))
        for index, edge in enumerate(floor.edges):
            for low, high in itertools.pairwise(sorted(offsets[index])):
                tail, head = self.number(Spot(index, low)), self.number(Spot(index, high))
                if any(a < high and low < b for a, b in blocked[index]):
                    continue
                again = any(a <= low and high <= b for a, b in walked[index])
                is_aisle = edge.kind is EdgeKind.AISLE
                if edge.direction >= 0:
                    self.arcs.append(Arc(tail, head, num_stretches, Leg(index, low, high), is_aisle, again))
                if edge.direction <= 0:
                    self.arcs.append(Arc(head, tail, num_stretches, Leg(index, high, low), is_aisle, again))
                num_stretches += 1
        self.num_stretches = num_stretches
        self.arcs.sort(key=lambda arc: arc.tail)

    @property
    def num_points(self) -> int:
        """How many points there are."""
        return len(self._number)

    def number(self, spot: Spot) -> int:
        """The number of the point where `spot` is."""
        return self._number.setdefault(point_of(self.problem.floor, spot), len(self._number))

    def end_points(self) -> frozenset[int] | None:
        """Where the walk may end; None for anywhere."""
        end = self.problem.end
        if end.kind is EndKind.ANYWHERE:
            return None
        return frozenset(self.number(spot) for spot in (end.spots or (self.problem.start,)))

    def _reached(self, points: Iterable[int], *, backwards: bool) -> set[int]:
        ways: dict[int, list[int]] = defaultdict(list)
        for arc in self.arcs:
            tail, head = (arc.head, arc.tail) if backwards else (arc.tail, arc.head)
            ways[tail].append(head)
        reached = set(points)
        queue = deque(reached)
        while queue:
            for head in ways[queue.popleft()]:
                if head not in reached:
                    reached.add(head)
                    queue.append(head)
        return reached

    def points_on_the_way(self) -> set[int]:
        """Points that some walk from the start to an allowed end comes by."""
        on_the_way = self._reached([self.number(self.problem.start)], backwards=False)
        ends = self.end_points()
        return on_the_way if ends is None else on_the_way & self._reached(ends, backwards=True)

    def lines_within_reach(self) -> tuple[PickLine, ...]:
        """The problem's lines with only those sources that some walk to an allowed end comes by.

        Raises
        ------
        NoRoute
            If lines cannot be filled from these sources, or no allowed end can be reached at all.
        """
        on_the_way = self.points_on_the_way()
        lines = []
        for line in self.problem.lines:
            sources: tuple[Source, ...] = tuple(each for each in line.sources if self.number(each.spot) in on_the_way)
            lines.append(PickLine(line.line, line.quantity, sources))
        short = [each.line for each in lines if sum(source.quantity for source in each.sources) < each.quantity]
        if short:
            raise NoRoute(short, "lines cannot be filled from the bins within reach")
        if not on_the_way:
            raise NoRoute([], "no walk leads from the start to an allowed end")
        return tuple(lines)


def _source_spots(problem: PickProblem) -> Iterable[Spot]:
    return (source.spot for line in problem.lines for source in line.sources)

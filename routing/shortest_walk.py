"""Shortest walks between spots of a floor, as legs one can walk.

Problem
    `warehouse.distances` says how far it is; a route also has to say which way.
Method
    A walk stays on one edge, or leaves it at one of its ends, goes from node to node and enters the
    other edge at one of its ends. Node to node is Dijkstra from the node left, kept for later.
Complexity
    O(E log V) for each new node, then O(legs) a walk.
Limits
    Keeps O(V) for every node asked for: meant for floors of some thousand crossings.

References
----------
.. [1] E. W. Dijkstra, A note on two problems in connexion with graphs, Numerische Mathematik 1,
   269-271, 1959.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock

from routing.route import Leg
from warehouse.floor import Floor, Spot

KEPT_MAX = 8
"""Floors whose walks are kept: the sites one planner looks at in turn."""

_kept: OrderedDict[int, "ShortestWalks"] = OrderedDict()
_kept_lock = Lock()


class ShortestWalks:
    """Shortest walks on one floor, with its one-way rules and blocked stretches.

    Examples
    --------
    >>> from warehouse.layouts import rectangular_floor
    >>> walks = ShortestWalks(rectangular_floor([0, 3000], [0, 10000]))
    >>> [(leg.edge, leg.from_mm, leg.to_mm) for leg in walks.legs(Spot(0, 4000), Spot(1, 1000)) or ()]
    [(0, 4000, 0), (2, 0, 3000), (1, 0, 1000)]
    """

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self._blocked: dict[int, list[tuple[int, int]]] = {}
        for stretch in floor.blocked:
            self._blocked.setdefault(stretch.edge, []).append((stretch.from_mm, stretch.to_mm))
        self._trees: dict[int, tuple[dict[int, int], dict[int, Leg]]] = {}

    @classmethod
    def on(cls, floor: Floor) -> "ShortestWalks":
        """The walks of a floor object, made once and kept for the last few floors."""
        with _kept_lock:
            found = _kept.get(id(floor))  # what is kept holds its floor, so the id cannot be another's
            if found is None:
                found = _kept[id(floor)] = cls(floor)
            _kept.move_to_end(id(floor))
            if len(_kept) > KEPT_MAX:
                _kept.popitem(last=False)
            return found

    def legs(self, start: Spot, goal: Spot) -> tuple[Leg, ...] | None:
        """A shortest walk from `start` to `goal`, or None if there is none."""
        if self.floor.same_point(start, goal):
            return ()
        best: tuple[Leg, ...] | None = None
        best_mm = 0
        for walk in self._walks(start, goal):
            length_mm = sum(leg.length_mm for leg in walk)
            if best is None or length_mm < best_mm:
                best, best_mm = walk, length_mm
        return best

    def legs_to_nearest(self, start: Spot, goals: Iterable[Spot]) -> tuple[Leg, ...] | None:
        """A shortest walk from `start` to the nearest goal, the first of several equally near."""
        walks = [walk for goal in goals if (walk := self.legs(start, goal)) is not None]
        return min(walks, key=lambda walk: sum(leg.length_mm for leg in walk), default=None)

    def _walks(self, start: Spot, goal: Spot) -> Iterator[tuple[Leg, ...]]:
        """The walk along one edge and the best over each pair of its and the other edge's ends."""
        if start.edge == goal.edge and self._open(Leg(start.edge, start.offset_mm, goal.offset_mm)):
            yield (Leg(start.edge, start.offset_mm, goal.offset_mm),)
        for left_node, out in self._ends(start, outwards=True):
            distance_mm, came_by = self._tree(left_node)
            for entered_node, back_in in self._ends(goal, outwards=False):
                if entered_node not in distance_mm:
                    continue
                between: list[Leg] = []
                node = entered_node
                while node != left_node:
                    leg = came_by[node]
                    between.append(leg)
                    edge = self.floor.edges[leg.edge]
                    node = edge.tail if leg.from_mm == 0 else edge.head
                walk = (out, *reversed(between), back_in)
                yield tuple(leg for leg in walk if leg.length_mm)

    def _ends(self, spot: Spot, *, outwards: bool) -> Iterator[tuple[int, Leg]]:
        """The nodes at the ends of a spot's edge that one can walk to (or from), with that walk."""
        edge = self.floor.edges[spot.edge]
        for node, offset_mm in ((edge.tail, 0), (edge.head, edge.length_mm)):
            ways = (spot.offset_mm, offset_mm) if outwards else (offset_mm, spot.offset_mm)
            leg = Leg(spot.edge, *ways)
            if self._open(leg):
                yield node, leg

    def _open(self, leg: Leg) -> bool:
        """Whether a leg goes with the direction of its edge and past no blocked stretch."""
        if self.floor.edges[leg.edge].direction * (leg.to_mm - leg.from_mm) < 0:
            return False
        low_mm, high_mm = sorted((leg.from_mm, leg.to_mm))
        return not any(low_mm < to and from_ < high_mm for from_, to in self._blocked.get(leg.edge, ()))

    def _tree(self, root: int) -> tuple[dict[int, int], dict[int, Leg]]:
        """How far every node is from `root`, and by which leg a shortest walk comes to it."""
        if root in self._trees:
            return self._trees[root]
        distance_mm = {root: 0}
        came_by: dict[int, Leg] = {}
        heap = [(0, root)]
        while heap:
            so_far_mm, node = heapq.heappop(heap)
            if so_far_mm > distance_mm[node]:
                continue
            for index in self.floor.incident[node]:
                edge = self.floor.edges[index]
                for tail, head, leg in (
                    (edge.tail, edge.head, Leg(index, 0, edge.length_mm)),
                    (edge.head, edge.tail, Leg(index, edge.length_mm, 0)),
                ):
                    then_mm = so_far_mm + edge.length_mm
                    if tail == node and self._open(leg) and then_mm < distance_mm.get(head, then_mm + 1):
                        distance_mm[head] = then_mm
                        came_by[head] = leg
                        heapq.heappush(heap, (then_mm, head))
        self._trees[root] = distance_mm, came_by
        return distance_mm, came_by

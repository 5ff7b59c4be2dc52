"""The floor graph: where a person can walk, and how far it is.

Nodes are crossings, edges are stretches of floor between them. An edge is either an *aisle*
segment, with bins along it, or a *cross* edge, which is transit. A `Spot` is a point on an edge.
Bins are not nodes: a floor of a million bins still has only as many nodes as it has crossings.

An aisle so wide that its two sides are not reached from one line has a `crossing_mm`: what it takes to go
from one side to the other. Its spots then say at which side they are.

A floor laid out in straight parallel aisles between cross aisles also carries a `Grid`, which tells
the sweeps of `routing` which edge is which; any other floor has none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any


class EdgeKind(StrEnum):
    """What a stretch of floor is for."""

    AISLE = "aisle"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class Node:
    """A crossing, at `x_mm` to the right and `y_mm` up the plan, on one `storey`."""

    x_mm: int
    y_mm: int
    storey: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """A stretch of floor from node `tail` to node `head`.

    `direction` is 0 where people walk both ways, 1 where only tail to head is allowed and -1 where
    only head to tail is. `name` is what people call it: the aisle's name, or empty. `crossing_mm` is how far
    it is from one side of an aisle to the other, 0 where both sides are reached from one line.
    """

    tail: int
    head: int
    length_mm: int
    kind: EdgeKind
    direction: int = 0
    name: str = ""
    crossing_mm: int = 0

    def faults(self, num_nodes: int) -> Iterator[str]:
        """What keeps this from being an edge between so many nodes."""
        if not (0 <= self.tail < num_nodes and 0 <= self.head < num_nodes):
            yield f"joins nodes {self.tail} and {self.head}, which are not both there"
        if self.length_mm <= 0:
            yield f"is {self.length_mm} mm long, which is not a length"
        if self.direction not in (-1, 0, 1):
            yield f"has direction {self.direction}; -1, 0 and 1 are known"
        if self.crossing_mm < 0 or (self.crossing_mm and self.kind is not EdgeKind.AISLE):
            yield f"cannot have a crossing of {self.crossing_mm} mm; aisles can, from 0 mm"


EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE = range(3)
"""Sides of an edge, walking from its tail to its head."""


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A point on the floor: `offset_mm` along edge `edge`, measured from its tail.

    `side` matters inside edges with a crossing alone, where each side has a line of its own.
    """

    edge: int
    offset_mm: int
    side: int = EITHER_SIDE

    def faults(self, edges: Sequence[Edge]) -> Iterator[str]:
        """What keeps this from being a point on one of these edges."""
        if not 0 <= self.edge < len(edges):
            yield f"is on edge {self.edge}, which does not exist"
        elif not 0 <= self.offset_mm <= edges[self.edge].length_mm:
            length_mm = edges[self.edge].length_mm
            yield f"is {self.offset_mm} mm along edge {self.edge}, and does not lie on its edge of {length_mm} mm"
        if self.side not in (EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE):
            yield f"is at side {self.side}; 1 is left, 2 right"


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A part of an edge, from `from_mm` to `to_mm` along it, with from_mm < to_mm."""

    edge: int
    from_mm: int
    to_mm: int

    def faults(self, edges: Sequence[Edge]) -> Iterator[str]:
        """What keeps this from being a part of one of these edges."""
        if not 0 <= self.edge < len(edges):
            yield f"is on edge {self.edge}, which does not exist"
        elif not 0 <= self.from_mm < self.to_mm <= edges[self.edge].length_mm:
            length_mm = edges[self.edge].length_mm
            yield f"from {self.from_mm} mm to {self.to_mm} mm does not lie on its edge of {length_mm} mm"


@dataclass(frozen=True, slots=True)
class Grid:
    """The aisle-and-cross-aisle reading of a floor.

    Columns run left to right and rows (cross aisles) bottom to top. `nodes[column][row]` is a node;
    `segments[column][block]` is the edge between rows `block` and `block + 1` of a column, and
    `gaps[row][column]` the edge between columns `column` and `column + 1` of a row; -1 where there is
    no such floor. Segments have their tail at the lower row, gaps at the left column. A column
    without any segment carries a station that stands between two aisles.
    """

    nodes: tuple[tuple[int, ...], ...]
    segments: tuple[tuple[int, ...], ...]
    gaps: tuple[tuple[int, ...], ...]

    def faults(self, num_nodes: int, edges: Sequence[Edge]) -> Iterator[tuple[str, str]]:
        """What keeps this from being a reading of a floor, and where in it: "segments[2][0]"."""
        columns, rows = len(self.nodes), len(self.gaps)
        for name, lists, num, size in (
            ("nodes", self.nodes, columns, rows),
            ("segments", self.segments, columns, rows - 1),
            ("gaps", self.gaps, rows, columns - 1),
        ):
            if min(columns, rows) < 1 or len(lists) != num or any(len(each) != size for each in lists):
                yield name, f"does not fit {columns} columns and {rows} rows"
                return
        named: set[int] = set()
        for column, nodes in enumerate(self.nodes):
            for row, node in enumerate(nodes):
                if not 0 <= node < num_nodes or node in named:
                    why = "is named twice" if node in named else "does not exist"
                    yield f"nodes[{column}][{row}]", f"node {node} {why}"
                named.add(node)
        yield from self._edge_faults(edges)

    def _edge_faults(self, edges: Sequence[Edge]) -> Iterator[tuple[str, str]]:
        """Edges that do not exist, are named twice or do not lead from one crossing to the next."""
        named: set[int] = set()
        steps = [("segments", self.segments, (0, 1)), ("gaps", self.gaps, (1, 0))]
        for name, lists, (right, up) in steps:
            for first, line in enumerate(lists):
                for second, index in enumerate(line):
                    column, row = (first, second) if up else (second, first)
                    ends = self.nodes[column][row], self.nodes[column + right][row + up]
                    where = f"{name}[{first}][{second}]"
                    if index == -1:
                        continue
                    if not 0 <= index < len(edges):
                        yield where, f"edge {index} does not exist"
                    elif index in named:
                        yield where, f"edge {index} is named twice"
                    elif (edges[index].tail, edges[index].head) != ends:
                        yield where, f"edge {index} does not lead from node {ends[0]} to node {ends[1]}"
                    named.add(index)


@dataclass(frozen=True)
class Floor:
    """A floor graph; `blocked` stretches cannot be walked, in either direction.

    On an aisle edge two carts cannot pass each other, unless it is one of the `wide` ones.

    Raises
    ------
    ValueError
        If an edge names a node that does not exist, has no length or a crossing it cannot have, a stretch lies
        outside its edge, or the grid is no reading of these nodes and edges.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    blocked: tuple[Stretch, ...] = ()
    grid: Grid | None = field(default=None)
    wide: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for index, edge in enumerate(self.edges):
            for fault in edge.faults(len(self.nodes)):
                raise ValueError(f"edge {index} {fault}")
        for stretch in self.blocked:
            self.check_stretch(stretch)
        for index in self.wide:
            if not 0 <= index < len(self.edges):
                raise ValueError(f"edge {index} is wide, but does not exist")
        if self.grid is not None:
            for where, fault in self.grid.faults(len(self.nodes), self.edges):
                raise ValueError(f"grid.{where}: {fault}")

    def check_stretch(self, stretch: Stretch) -> None:
        """Raise ValueError unless `stretch` lies on one of this floor's edges."""
        for fault in stretch.faults(self.edges):
            raise ValueError(f"stretch {fault}")

    def check_spot(self, spot: Spot) -> None:
        """Raise ValueError unless `spot` lies on one of this floor's edges."""
        for fault in spot.faults(self.edges):
            raise ValueError(f"spot {fault}")

    def node_at(self, spot: Spot) -> int | None:
        """The node that `spot` coincides with, or None if it lies strictly inside its edge."""
        edge = self.edges[spot.edge]
        if spot.offset_mm == 0:
            return edge.tail
        if spot.offset_mm == edge.length_mm:
            return edge.head
        return None

    def spot_at(self, node: int) -> Spot:
        """One spot that coincides with `node`: the end of the lowest-numbered edge that touches it."""
        index = self.incident[node][0]
        edge = self.edges[index]
        return Spot(index, 0 if edge.tail == node else edge.length_mm)

    def same_point(self, a: Spot, b: Spot) -> bool:
        """Whether two spots are the same point of the floor, whatever side of an aisle they are at."""
        if a.edge == b.edge and a.offset_mm == b.offset_mm:
            return True
        node = self.node_at(a)
        return node is not None and node == self.node_at(b)

    def side_of(self, spot: Spot) -> int:
        """The side of an aisle that binds whoever stands at `spot`: none at nodes and where both are one line."""
        is_apart = spot.side and self.edges[spot.edge].crossing_mm and self.node_at(spot) is None
        return spot.side if is_apart else EITHER_SIDE

    def point_mm(self, spot: Spot) -> tuple[float, float]:
        """Plan coordinates (x, y) of a spot in mm, on the straight line between its edge's nodes."""
        edge = self.edges[spot.edge]
        tail, head = self.nodes[edge.tail], self.nodes[edge.head]
        share = spot.offset_mm / edge.length_mm
        return (tail.x_mm + share * (head.x_mm - tail.x_mm), tail.y_mm + share * (head.y_mm - tail.y_mm))

    @cached_property
    def incident(self) -> tuple[tuple[int, ...], ...]:
        """For every node the edges that touch it, in ascending order."""
        lists: list[list[int]] = [[] for _ in self.nodes]
        for index, edge in enumerate(self.edges):
            lists[edge.tail].append(index)
            if edge.head != edge.tail:
                lists[edge.head].append(index)
        return tuple(tuple(each) for each in lists)

    @cached_property
    def narrow(self) -> frozenset[int]:
        """The aisle edges in which two carts cannot pass each other."""
        aisles = (index for index, edge in enumerate(self.edges) if edge.kind is EdgeKind.AISLE)
        return frozenset(aisles) - frozenset(self.wide)

    @cached_property
    def has_crossings(self) -> bool:
        """Whether in any aisle it takes walking to get from one side to the other."""
        return any(edge.crossing_mm for edge in self.edges)

    @cached_property
    def has_one_way(self) -> bool:
        """Whether any edge may be walked in one direction only."""
        return any(edge.direction for edge in self.edges)

    def to_dict(self) -> dict[str, Any]:
        """The floor as plain lists and numbers, for JSON."""
        return {
            "nodes": [[node.x_mm, node.y_mm, node.storey] for node in self.nodes],
            "edges": [
                {
                    "tail": edge.tail,
                    "head": edge.head,
                    "length_mm": edge.length_mm,
                    "kind": edge.kind.value,
                    "direction": edge.direction,
                    "name": edge.name,
                    **({"crossing_mm": edge.crossing_mm} if edge.crossing_mm else {}),
                }
                for edge in self.edges
            ],
            "blocked": [[each.edge, each.from_mm, each.to_mm] for each in self.blocked],
            "wide": list(self.wide),
            "grid": None
            if self.grid is None
            else {
                "nodes": [list(column) for column in self.grid.nodes],
                "segments": [list(column) for column in self.grid.segments],
                "gaps": [list(row) for row in self.grid.gaps],
            },
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Floor":
        """The floor that `to_dict` wrote.

        Raises
        ------
        ValueError
            If a field is missing or has the wrong form.
        """
        # The reader builds floors, so it is imported when one is to be read.
        from warehouse.floor_reading import read_floor
        from warehouse.json_fields import Found, JsonFields

        found = Found()
        floor = read_floor(JsonFields(data, "floor", found)).floor
        if floor is None:
            raise ValueError(f"not a floor: {'; '.join(map(str, found.problems))}")
        return floor

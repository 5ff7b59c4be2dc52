"""A grid floor made ready for the sweep, once for all problems on it.

`prepare` reads which edge is which aisle segment, cross-aisle gap or spur (a dead end that hangs on one
crossing, such as the way to a door), where people can step in, and what hangs together. Floors the sweep
cannot take are told by `sweepable`.
"""

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from routing.state_graph import ROWS_MAX
from warehouse.floor import EdgeKind, Floor, Grid, Spot

KEPT_MAX = 16  # floors of one site and its drafts; a prepared floor of 10,000 edges takes a few MB


class Role(Enum):
    """What an edge is on a grid floor."""

    SEGMENT = "segment"
    GAP = "gap"
    SPUR = "spur"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an edge is on the grid: a segment above, a gap to the right of, or a spur at a crossing.

    `item` numbers segments and spurs. `turned` says that the edge is measured from its far end.
    """

    role: Role
    column: int
    row: int
    item: int = -1
    turned: bool = False


@dataclass(frozen=True)
class PreparedFloor:
    """A floor as the sweep sees it.

    `item_edges[item]` is the edge of a segment or spur; `spurs[column, row]` lists the items that hang on
    a crossing. `length`, `backtrack_counts`, `*_open`, `*_step_in_max` (how deep a step-in may go
    at most: 1 mm short of the other end), `across` and `free_at` are arrays over items, as `segment_moves`
    explains them. A spur is one mm longer than its edge, and that mm is blocked; both sides meet before it.
    """

    floor: Floor
    grid: Grid
    places: tuple[Place, ...]
    crossing: dict[int, tuple[int, int]]
    leaf: dict[int, int]
    item_edges: tuple[int, ...]
    spurs: dict[tuple[int, int], tuple[int, ...]]
    blocked: dict[int, tuple[tuple[int, int], ...]]
    component: tuple[int, ...]
    length: NDArray[np.int64]
    backtrack_counts: NDArray[np.int64]
    low_open: NDArray[np.int64]
    high_open: NDArray[np.int64]
    low_step_in_max: NDArray[np.int64]
    high_step_in_max: NDArray[np.int64]
    across: NDArray[np.int64]
    free_at: NDArray[np.int64]
    first_blocked: NDArray[np.int64]
    blocked_at: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """How many cross aisles there are."""
        return len(self.grid.gaps)

    @property
    def columns(self) -> int:
        """How many columns of crossings there are."""
        return len(self.grid.nodes)

    def item_offset(self, item: int, offset_mm: int) -> int:
        """An offset along an item's edge, measured from the item's low end (and back)."""
        edge = self.item_edges[item]
        return self.floor.edges[edge].length_mm - offset_mm if self.places[edge].turned else offset_mm

    def is_blocked(self, edge: int, from_mm: int, to_mm: int) -> bool:
        """Whether some of the floor between two offsets of an edge is blocked."""
        return any(low < to_mm and from_mm < high for low, high in self.blocked.get(edge, ()))

    def part_of(self, spot: Spot) -> tuple[int, int]:
        """Which part of the floor a spot lies in; spots in one part can be reached from one another."""
        node = self.floor.node_at(spot)
        if node is not None:
            return self.component[node], 0
        blocked = self.blocked.get(spot.edge, ())
        edge = self.floor.edges[spot.edge]
        if not blocked or spot.offset_mm <= blocked[0][0]:
            return self.component[edge.tail], 0
        if spot.offset_mm >= blocked[-1][1]:
            return self.component[edge.head], 0
        if any(low < spot.offset_mm < high for low, high in blocked):
            return -2 - spot.edge, -1 - spot.offset_mm
        return -2 - spot.edge, 1 + bisect_left([high for _, high in blocked], spot.offset_mm + 1)


_kept: OrderedDict[int, PreparedFloor] = OrderedDict()
_kept_lock = Lock()


def sweepable(floor: Floor) -> bool:
    """Whether the sweep can take this floor: at most 7 cross aisles, nothing one-way, only spurs beside the grid."""
    grid = floor.grid
    if grid is None or floor.has_one_way or not 2 <= len(grid.gaps) <= ROWS_MAX:
        return False
    if any(floor.edges[edge].kind is EdgeKind.AISLE for row in grid.gaps for edge in row if edge >= 0):
        return False
    crossings = {node for column in grid.nodes for node in column}
    return all(_leaf_of(floor, crossings, edge) is not None for edge in _beside(floor, grid))


def prepare(floor: Floor) -> PreparedFloor:
    """The prepared floor, made once for a floor object and kept for the last few.

    Raises
    ------
    ValueError
        If the floor is not `sweepable`.
    """
    with _kept_lock:
        found = _kept.get(id(floor))
        if found is not None:
            _kept.move_to_end(id(floor))
            return found
    if not sweepable(floor):
        raise ValueError("this floor has no grid without one-way edges, so it cannot be swept")
    made = _prepare(floor)
    with _kept_lock:
        _kept[id(floor)] = made
        if len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return made


def _beside(floor: Floor, grid: Grid) -> list[int]:
    """The edges that are neither segments nor gaps."""
    inside = {edge for line in (*grid.segments, *grid.gaps) for edge in line}
    return [edge for edge in range(len(floor.edges)) if edge not in inside]


def _leaf_of(floor: Floor, crossings: set[int], edge: int) -> int | None:
    """The far node of a spur, None if the edge is no spur."""
    tail, head = floor.edges[edge].tail, floor.edges[edge].head
    for near, far in ((tail, head), (head, tail)):
        if near in crossings and far not in crossings and len(floor.incident[far]) == 1:
            return far
    return None


def _merged(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Intervals in order, those that overlap or touch made one."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def merged_by_edge(stretches: tuple[tuple[int, int, int], ...]) -> dict[int, tuple[tuple[int, int], ...]]:
    """(edge, from, to) stretches as merged intervals of every edge."""
    by_edge: dict[int, list[tuple[int, int]]] = {}
    for edge, low, high in stretches:
        by_edge.setdefault(edge, []).append((low, high))
    return {edge: _merged(pairs) for edge, pairs in by_edge.items()}


def _prepare(floor: Floor) -> PreparedFloor:
    grid = floor.grid
    assert grid is not None
    crossing = {node: (x, y) for x, column in enumerate(grid.nodes) for y, node in enumerate(column)}
    places: dict[int, Place] = {}
    item_edges: list[int] = []
    leaf: dict[int, int] = {}
    spurs: dict[tuple[int, int], tuple[int, ...]] = {}
    for x, column in enumerate(grid.segments):
        for block, edge in enumerate(column):
            if edge >= 0:
                places[edge] = Place(Role.SEGMENT, x, block, len(item_edges))
                item_edges.append(edge)
    for y, row in enumerate(grid.gaps):
        for x, edge in enumerate(row):
            if edge >= 0:
                places[edge] = Place(Role.GAP, x, y)
    crossings = set(crossing)
    for edge in _beside(floor, grid):
        far = _leaf_of(floor, crossings, edge)
        assert far is not None
        turned = far == floor.edges[edge].tail
        at = crossing[floor.edges[edge].head if turned else floor.edges[edge].tail]
        places[edge] = Place(Role.SPUR, *at, len(item_edges), turned)
        spurs[at] = (*spurs.get(at, ()), len(item_edges))
        leaf[far] = len(item_edges)
        item_edges.append(edge)
    blocked = merged_by_edge(tuple((each.edge, each.from_mm, each.to_mm) for each in floor.blocked))
    return PreparedFloor(
        floor=floor,
        grid=grid,
        places=tuple(places[edge] for edge in range(len(floor.edges))),
        crossing=crossing,
        leaf=leaf,
        item_edges=tuple(item_edges),
        spurs=spurs,
        blocked=blocked,
        component=_components(floor, blocked),
        **_item_arrays(floor, [places[edge] for edge in item_edges], item_edges, blocked),
    )


def _components(floor: Floor, blocked: dict[int, tuple[tuple[int, int], ...]]) -> tuple[int, ...]:
    """For every node which part of the floor it is in."""
    parent = list(range(len(floor.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for index, edge in enumerate(floor.edges):
        if index not in blocked:
            parent[root(edge.tail)] = root(edge.head)
    return tuple(root(node) for node in range(len(floor.nodes)))


def _item_arrays(
    floor: Floor, places: list[Place], item_edges: list[int], blocked: dict[int, tuple[tuple[int, int], ...]]
) -> dict[str, NDArray[np.int64]]:
    """The arrays over items of a prepared floor."""
    mouths = [any(floor.edges[each].kind is EdgeKind.CROSS for each in edges) for edges in floor.incident]
    length, counts, low_open, high_open, low_step_in_max, high_step_in_max = [], [], [], [], [], []
    across, free_at = [], []
    first_blocked: list[int] = [0]
    blocked_at: list[tuple[int, int]] = []
    for place, index in zip(places, item_edges, strict=True):
        edge = floor.edges[index]
        is_spur = place.role is Role.SPUR
        whole = edge.length_mm
        pairs = [(whole - b, whole - a) if place.turned else (a, b) for a, b in blocked.get(index, ())]
        pairs = sorted([*pairs, (whole, whole + 1)]) if is_spur else pairs
        is_aisle = edge.kind is EdgeKind.AISLE
        low, high = (edge.head, edge.tail) if place.turned else (edge.tail, edge.head)
        length.append(whole + is_spur)
        counts.append(is_aisle)
        low_open.append(pairs[0][0] if pairs else whole)
        high_open.append(pairs[-1][1] if pairs else 0)
        low_step_in_max.append(whole - 1 if is_aisle and mouths[low] else 0)
        high_step_in_max.append(whole - 1 if is_aisle and mouths[high] and not is_spur else 0)
        across.append(edge.crossing_mm)
        free_at.append(whole if is_spur else -1)
        blocked_at += pairs
        first_blocked.append(len(blocked_at))
    return {
        "length": np.array(length, np.int64),
        "backtrack_counts": np.array(counts, np.int64),
        "low_open": np.array(low_open, np.int64),
        "high_open": np.array(high_open, np.int64),
        "low_step_in_max": np.array(low_step_in_max, np.int64),
        "high_step_in_max": np.array(high_step_in_max, np.int64),
        "across": np.array(across, np.int64),
        "free_at": np.array(free_at, np.int64),
        "first_blocked": np.array(first_blocked, np.int64),
        "blocked_at": np.array(blocked_at, np.int64).reshape(-1, 2),
    }

"""How far it is to walk between any two spots of a floor.

Problem
    Shortest walks between bins and stations of a floor with one-way edges and blocked stretches, for
    millions of pairs.
Method
    Bins are points on edges, so only the crossings are nodes. A walk from spot to spot either stays on
    one edge, or leaves its edge at one of two ends, goes from node to node, and enters the other edge at
    one of two ends: the shortest of at most five. Node to node is Dijkstra over the directed graph of
    edges that can be walked from end to end, one row for each node that is asked for, kept for later.
Complexity
    O(E + V log V) for each new node, O(1) for each pair after that. A row costs 4 bytes a node; rows
    that nobody asks for are never written, so they take no memory.
Limits
    Ways longer than 1,000 km do not fit the table.
Source
    scipy.sparse.csgraph.dijkstra.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from warehouse.floor import Floor, Spot

NO_WAY_MM = 2**40
"""Stands in arrays where there is no way: longer than any way, and the sum of many fits 64 bits."""

_FAR = 2**30
"""The same in the 32-bit table of nodes."""

_KEY = 2**32
"""Edge number times this plus an offset sorts points edge by edge; more than any edge is long."""

_ROWS_AT_ONCE = 256
"""Dijkstra's rows come as 8-byte floats; this many at a time keep that small."""

Ints = NDArray[np.int64]


class Distances:
    """Shortest walking distances on one floor, in mm.

    Spots are given as `Spot` objects, or as arrays of shape (n, 2) with edge and offset_mm, which is
    much faster for many (`spot_array` makes one).

    Examples
    --------
    >>> from warehouse.layouts import rectangular_floor
    >>> distances = Distances(rectangular_floor([0, 3000], [0, 10000]))
    >>> distances.between(Spot(0, 4000), Spot(1, 1000))
    8000
    """

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        edges = floor.edges
        self._tail = np.array([edge.tail for edge in edges], dtype=np.int64)
        self._head = np.array([edge.head for edge in edges], dtype=np.int64)
        self._length = np.array([edge.length_mm for edge in edges], dtype=np.int64)
        self._direction = np.array([edge.direction for edge in edges], dtype=np.int64)
        blocked = _merged(floor)
        self._blocked_from = blocked[:, 0] * _KEY + blocked[:, 1]
        self._blocked_to = blocked[:, 0] * _KEY + blocked[:, 2]
        # how far one can walk in from the tail, and from where on one can walk out at the head
        self._free_from_tail, self._free_to_head = self._length.copy(), np.zeros_like(self._length)
        np.minimum.at(self._free_from_tail, blocked[:, 0], blocked[:, 1])
        np.maximum.at(self._free_to_head, blocked[:, 0], blocked[:, 2])
        self._graph = self._node_graph(blocked[:, 0])
        self._table = np.empty((len(floor.nodes), len(floor.nodes)), dtype=np.int32)
        self._known = np.zeros(len(floor.nodes), dtype=bool)

    def between(self, start: Spot, end: Spot) -> int | None:
        """The shortest walk from `start` to `end` in mm, or None if there is none.

        Raises
        ------
        ValueError
            If a spot is off the floor.
        """
        distance = int(self.pairs([start], [end])[0])
        return None if distance >= NO_WAY_MM else distance

    def pairs(self, starts: "Iterable[Spot] | Ints", ends: "Iterable[Spot] | Ints") -> Ints:
        """Shortest walks from each start to the end of the same index.

        Returns
        -------
        NDArray[np.int64]
            Shape (n,), in mm, `NO_WAY_MM` where there is no way.

        Raises
        ------
        ValueError
            If a spot is off the floor, or the two differ in length.
        """
        from_spots, to_spots = self._checked(starts), self._checked(ends)
        if len(from_spots) != len(to_spots):
            raise ValueError(f"{len(from_spots)} starts and {len(to_spots)} ends do not make pairs")
        return self._walks(from_spots, to_spots)

    def matrix(self, starts: "Iterable[Spot] | Ints", ends: "Iterable[Spot] | Ints | None" = None) -> Ints:
        """Shortest walks from every start to every end (the starts again by default).

        Returns
        -------
        NDArray[np.int64]
            Shape (starts, ends), in mm, `NO_WAY_MM` where there is no way.

        Raises
        ------
        ValueError
            If a spot is off the floor.
        """
        from_spots = self._checked(starts)
        to_spots = from_spots if ends is None else self._checked(ends)
        return self._walks(from_spots[:, np.newaxis], to_spots[np.newaxis])

    def _checked(self, spots: "Iterable[Spot] | Ints") -> Ints:
        """Spots as an array of shape (n, 2), all on the floor."""
        array = spots if isinstance(spots, np.ndarray) else spot_array(spots)
        on_edge = (array[:, 0] >= 0) & (array[:, 0] < len(self._length))
        lengths = self._length[np.where(on_edge, array[:, 0], 0)]
        wrong = ~on_edge | (array[:, 1] < 0) | (array[:, 1] > lengths)
        if wrong.any():
            edge, offset_mm = array[int(np.argmax(wrong))]
            raise ValueError(f"spot {offset_mm} mm along edge {edge} is not on the floor")
        return array

    def _walks(self, starts: Ints, ends: Ints) -> Ints:
        """The shortest of the walk along one edge and the four over nodes; shapes broadcast."""
        best = self._along_one_edge(starts, ends)
        for leave_node, leave_mm in self._exits(starts, 1):
            self._fill(np.unique(leave_node[leave_mm < NO_WAY_MM]))
            for enter_node, enter_mm in self._exits(ends, -1):
                nodes_mm = self._table[leave_node, enter_node].astype(np.int64)
                nodes_mm[nodes_mm >= _FAR] = NO_WAY_MM
                nodes_mm += leave_mm
                nodes_mm += enter_mm
                np.minimum(best, nodes_mm, out=best)
        return best

    def _along_one_edge(self, starts: Ints, ends: Ints) -> Ints:
        """Walks that never leave their edge."""
        start_key, end_key = starts[..., 0] * _KEY + starts[..., 1], ends[..., 0] * _KEY + ends[..., 1]
        ahead = ends[..., 1] - starts[..., 1]
        direction = self._direction[starts[..., 0]]
        low, high = np.minimum(start_key, end_key), np.maximum(start_key, end_key)
        # clear if every blocked stretch that begins before the higher point ends before the lower one
        clear = np.searchsorted(self._blocked_from, high, "left") <= np.searchsorted(self._blocked_to, low, "right")
        allowed = (starts[..., 0] == ends[..., 0]) & clear & (ahead * direction >= 0)
        return np.where(allowed | (start_key == end_key), np.abs(ahead), NO_WAY_MM)

    def _exits(self, spots: Ints, sense: int) -> list[tuple[Ints, Ints]]:
        """The ends of each spot's edge, tail then head, and how far it is there.

        `sense` is 1 for walking from the spot to the end, and -1 for walking from the end to the spot.
        """
        edge, offset = spots[..., 0], spots[..., 1]
        rest = self._length[edge] - offset
        direction = self._direction[edge] * sense
        by_tail = (offset == 0) | ((direction <= 0) & (offset <= self._free_from_tail[edge]))
        by_head = (rest == 0) | ((direction >= 0) & (offset >= self._free_to_head[edge]))
        return [
            (self._tail[edge], np.where(by_tail, offset, NO_WAY_MM)),
            (self._head[edge], np.where(by_head, rest, NO_WAY_MM)),
        ]

    def _fill(self, nodes: Ints) -> None:
        """Have the table's rows of these nodes."""
        missing = nodes[~self._known[nodes]]
        for first in range(0, len(missing), _ROWS_AT_ONCE):
            rows = missing[first : first + _ROWS_AT_ONCE]
            found = dijkstra(self._graph, directed=True, indices=rows)
            self._table[rows] = np.where(np.isfinite(found), found, _FAR).astype(np.int32)
        self._known[missing] = True

    def _node_graph(self, blocked_edges: Ints) -> "csr_array[Any, tuple[int, int]]":
        """Lengths between nodes over edges that can be walked from end to end."""
        whole = np.ones(len(self._length), dtype=bool)
        whole[blocked_edges] = False
        forth, back = whole & (self._direction >= 0), whole & (self._direction <= 0)
        rows = np.concatenate([self._tail[forth], self._head[back]])
        columns = np.concatenate([self._head[forth], self._tail[back]])
        lengths = np.concatenate([self._length[forth], self._length[back]])
        order = np.lexsort((lengths, columns, rows))
        rows, columns, lengths = rows[order], columns[order], lengths[order]
        # of several edges between the same nodes the shortest; a sparse matrix would add them up
        first = np.ones(len(rows), dtype=bool)
        first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
        size = len(self.floor.nodes)
        return csr_array((lengths[first].astype(np.float64), (rows[first], columns[first])), shape=(size, size))


def spot_array(spots: Iterable[Spot]) -> Ints:
    """Spots as an array of shape (n, 2): edge and offset_mm."""
    pairs = [(spot.edge, spot.offset_mm) for spot in spots]
    return np.array(pairs, dtype=np.int64).reshape(len(pairs), 2)


def _merged(floor: Floor) -> Ints:
    """The blocked stretches as rows (edge, from_mm, to_mm), sorted, overlapping ones made one."""
    merged: list[Sequence[int]] = []
    for stretch in sorted(floor.blocked):
        if merged and merged[-1][0] == stretch.edge and stretch.from_mm <= merged[-1][2]:
            edge, from_mm, to_mm = merged.pop()
            merged.append((edge, from_mm, max(to_mm, stretch.to_mm)))
        else:
            merged.append((stretch.edge, stretch.from_mm, stretch.to_mm))
    return np.array(merged, dtype=np.int64).reshape(len(merged), 3)

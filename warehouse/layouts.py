"""Floors laid out by rule: straight parallel aisles between cross aisles."""

import itertools
from collections.abc import Mapping, Sequence

from warehouse.floor import Edge, EdgeKind, Floor, Grid, Node, Stretch


def rectangular_floor(
    aisle_x_mm: Sequence[int],
    cross_y_mm: Sequence[int],
    *,
    aisle_names: Sequence[str] | None = None,
    bare_x_mm: Sequence[int] = (),
    aisle_direction: Mapping[tuple[int, int], int] | None = None,
    cross_direction: Mapping[int, int] | None = None,
    missing_segments: frozenset[tuple[int, int]] = frozenset(),
    blocked: Sequence[tuple[int, int, int, int]] = (),
    crossing_mm: Mapping[tuple[int, int], int] | None = None,
) -> Floor:
    """A floor of parallel aisles joined by cross aisles.

    Parameters
    ----------
    aisle_x_mm, cross_y_mm
        Positions of the aisles, left to right, and of the cross aisles, bottom to top; strictly
        ascending, at least one aisle and two cross aisles.
    aisle_names
        One name an aisle; numbers from 1 by default.
    bare_x_mm
        Positions of columns without an aisle, where a station meets the cross aisles.
    aisle_direction
        (aisle, block) -> 1 for upwards only, -1 for downwards only.
    cross_direction
        Cross aisle -> 1 for rightwards only, -1 for leftwards only.
    missing_segments
        (aisle, block) pairs where there is no aisle at all.
    blocked
        (aisle, block, from_mm, to_mm): stretches nobody can pass, measured from the block's lower end.
    crossing_mm
        (aisle, block) -> how far it is from one side of the aisle to the other, where that takes walking.

    Returns
    -------
    Floor
        With its grid. Nodes are numbered column by column, bottom to top.

    Raises
    ------
    ValueError
        If positions do not ascend, or there are too few of them.

    Examples
    --------
    >>> floor = rectangular_floor([0, 3000], [0, 10000])
    >>> len(floor.nodes), len(floor.edges)
    (4, 4)
    """
    if len(aisle_x_mm) < 1 or len(cross_y_mm) < 2:
        raise ValueError("a rectangular floor needs at least one aisle and two cross aisles")
    names = [str(index + 1) for index in range(len(aisle_x_mm))] if aisle_names is None else list(aisle_names)
    if len(names) != len(aisle_x_mm):
        raise ValueError("aisle_names must name every aisle once")
    columns = sorted([(x, index) for index, x in enumerate(aisle_x_mm)] + [(x, -1) for x in bare_x_mm])
    xs = [x for x, _ in columns]
    if any(a >= b for a, b in itertools.pairwise(xs)) or list(aisle_x_mm) != sorted(aisle_x_mm):
        raise ValueError("aisle positions must ascend strictly, and bare columns must stand apart from them")
    if any(a >= b for a, b in itertools.pairwise(cross_y_mm)):
        raise ValueError("cross aisle positions must ascend strictly")
    rows = len(cross_y_mm)
    nodes = tuple(Node(x, y) for x in xs for y in cross_y_mm)
    edges: list[Edge] = []
    segments: list[tuple[int, ...]] = []
    edge_of: dict[tuple[int, int], int] = {}
    for column, (_, aisle) in enumerate(columns):
        ids = []
        for block in range(rows - 1):
            if aisle < 0 or (aisle, block) in missing_segments:
                ids.append(-1)
                continue
            edge_of[aisle, block] = len(edges)
            ids.append(len(edges))
            length = cross_y_mm[block + 1] - cross_y_mm[block]
            direction = (aisle_direction or {}).get((aisle, block), 0)
            tail = column * rows + block
            across = (crossing_mm or {}).get((aisle, block), 0)
            edges.append(Edge(tail, tail + 1, length, EdgeKind.AISLE, direction, names[aisle], across))
        segments.append(tuple(ids))
    gaps: list[tuple[int, ...]] = []
    for row in range(rows):
        ids = []
        for column in range(len(columns) - 1):
            ids.append(len(edges))
            length = xs[column + 1] - xs[column]
            direction = (cross_direction or {}).get(row, 0)
            edges.append(Edge(column * rows + row, (column + 1) * rows + row, length, EdgeKind.CROSS, direction))
        gaps.append(tuple(ids))
    grid = Grid(
        nodes=tuple(tuple(range(column * rows, (column + 1) * rows)) for column in range(len(columns))),
        segments=tuple(segments),
        gaps=tuple(gaps),
    )
    stretches = tuple(Stretch(edge_of[aisle, block], low, high) for aisle, block, low, high in blocked)
    return Floor(nodes, tuple(edges), stretches, grid)

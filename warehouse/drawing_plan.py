"""From the floor to paper: where everything stands in a drawing, and how large it is."""

import math
from collections.abc import Sequence
from itertools import pairwise

from warehouse.bins import Side, Station
from warehouse.drawing_path import Point
from warehouse.drawing_style import FONT
from warehouse.floor import EdgeKind, Floor, Spot

WIDTH = 720.0
"""Units across; two to a pixel on the narrowest phone."""

HEIGHT_MIN, HEIGHT_MAX = 420.0, 900.0
"""What a rectangular floor is stretched into, so that a wide, flat one can be read on a phone."""

FREE_PITCH_MM = 3_000
"""How far apart aisles are taken to be where there is no grid to tell."""

Label = tuple[Station, Point, Point, bool]
Mark = tuple[Spot, Side | None]


class Plan:
    """The drawing's geometry; `top` is the room kept for a title.

    Attributes
    ----------
    width, height
        Size of the floor's part of the drawing.
    aisle, cross, rack_depth, lane, mark
        Widths of an aisle, a cross aisle, a rack, a lane of the walk, and radius of a stop's mark.
    lines
        Edge -> number of the straight row or column of the grid it is part of.
    labels
        Stations with their point, the place of their name, and whether that is above.
    """

    def __init__(self, floor: Floor, stations: Sequence[Station], *, top: float) -> None:
        self.floor = floor
        self.width = WIDTH
        self.lines = _lines(floor)
        self._xs = self._spread_storeys()
        pitch_mm = self._pitch_mm()
        self._left_mm = min(self._xs) - pitch_mm * 0.5
        across_mm = max(self._xs) + pitch_mm * 0.5 - self._left_mm
        ys = [node.y_mm for node in floor.nodes]
        deep_mm = max(max(ys) - min(ys), 1)
        self._scale_x = self._scale_y = (WIDTH - 40) / across_mm
        if floor.grid is None:
            self._scale_x = self._scale_y = min(self._scale_x, HEIGHT_MAX / deep_mm)
        else:
            deep = min(max(deep_mm * self._scale_y, HEIGHT_MIN), HEIGHT_MAX)
            self._scale_y = deep / deep_mm
        self._indent = (WIDTH - across_mm * self._scale_x) / 2
        pitch = pitch_mm * self._scale_x
        self.aisle = max(pitch * 0.46, 5.0)
        self.rack_depth = max((pitch - self.aisle) / 2 - 1, 2.0)
        self.cross = min(max(2_200 * self._scale_y, 14.0), 34.0)
        self.lane = min(max(self.aisle * 0.4, 4.0), 10.0)
        self.mark = min(max(pitch * 0.34, 9.0), 17.0)
        self._top_mm = max(ys)
        self._top = top + FONT * 1.3 + self.cross / 2
        bottom_y, top_y = self._names_y()
        labels = _spread_labels([(station, self.at(station.spot)) for station in stations], bottom_y, top_y, WIDTH)
        lifted = max([0.0, *(FONT + top - y for _, _, (_, y), above in labels if above)])
        self._top += lifted
        self.labels = [
            (station, (x, y + lifted), (label_x, label_y + lifted), above)
            for station, (x, y), (label_x, label_y), above in labels
        ]
        lowest = max(self.node(index)[1] for index in range(len(floor.nodes))) + self.cross / 2
        self.height = max([lowest, *(y for _, _, (_, y), _ in self.labels)]) + FONT * 0.8

    def node(self, index: int) -> Point:
        """A node on paper."""
        x = self._indent + (self._xs[index] - self._left_mm) * self._scale_x
        return (x, self._top + (self._top_mm - self.floor.nodes[index].y_mm) * self._scale_y)

    def at(self, spot: Spot) -> Point:
        """A spot on paper."""
        edge = self.floor.edges[spot.edge]
        (ax, ay), (bx, by) = self.node(edge.tail), self.node(edge.head)
        share = spot.offset_mm / edge.length_mm
        return (ax + share * (bx - ax), ay + share * (by - ay))

    def direction(self, edge: int) -> Point:
        """The unit vector from an edge's tail to its head, on paper."""
        (ax, ay), (bx, by) = self.node(self.floor.edges[edge].tail), self.node(self.floor.edges[edge].head)
        length = math.hypot(bx - ax, by - ay) or 1.0
        return ((bx - ax) / length, (by - ay) / length)

    def beside(self, edge: int, side: Side | None, distance: float) -> Point:
        """How far to go on paper to stand `distance` to one side of an edge."""
        dx, dy = self.direction(edge)
        sign = {Side.LEFT: 1.0, Side.RIGHT: -1.0, None: 0.0}[side]
        return (dy * distance * sign, -dx * distance * sign)

    def rack(
        self, edge: int, side: Side, from_mm: float, to_mm: float, bay_mm: float, share: float
    ) -> tuple[list[Point], float]:
        """A line along an edge at `share` of its rack's depth, and the length of one bay on paper."""
        length_mm = self.floor.edges[edge].length_mm
        low, high = max(from_mm, 0), min(to_mm, length_mm)
        dx, dy = self.beside(edge, side, self.aisle / 2 + self.rack_depth * share)
        (ax, ay), (bx, by) = self.at(Spot(edge, 0)), self.at(Spot(edge, length_mm))
        points = [
            (ax + (bx - ax) * part / length_mm + dx, ay + (by - ay) * part / length_mm + dy) for part in (low, high)
        ]
        return points, math.hypot(bx - ax, by - ay) * bay_mm / length_mm

    def names(self) -> list[tuple[str, Point]]:
        """Aisle names and where they stand: above a grid's columns, in the middle of other aisles."""
        floor = self.floor
        found: list[tuple[str, Point]] = []
        if floor.grid is None:
            seen: set[str] = set()
            for index, edge in enumerate(floor.edges):
                if edge.kind is EdgeKind.AISLE and edge.name and edge.name not in seen:
                    seen.add(edge.name)
                    x, y = self.at(Spot(index, edge.length_mm // 2))
                    found.append((edge.name, (x, y + FONT * 0.35)))
            return found
        _, top_y = self._names_y()
        for column, segments in zip(floor.grid.nodes, floor.grid.segments, strict=True):
            names = [floor.edges[segment].name for segment in segments if segment >= 0]
            if names:
                found.append((names[0], (self.node(column[0])[0], top_y + FONT * 0.9)))
        widest = max((len(name) for name, _ in found), default=1) * FONT * 0.6 + 6
        kept: list[tuple[str, Point]] = []
        for name, point in found:
            if not kept or point[0] - kept[-1][1][0] >= widest:
                kept.append((name, point))
        return kept

    def marks(self, stops: Sequence[Mark]) -> dict[Mark, Point]:
        """Where the marks of stops stand: at their racks, moved along the aisle until none hides another."""
        placed: dict[Mark, Point] = {}
        groups: dict[tuple[int, Side | None], list[Mark]] = {}
        for spot, side in stops:
            groups.setdefault((spot.edge, side), []).append((spot, side))
        for (edge, side), group in groups.items():
            ux, uy = self.direction(edge)
            ox, oy = self.beside(edge, side, (self.aisle + self.rack_depth) / 2)
            base = self.at(Spot(edge, 0))
            group.sort()
            wanted = [math.dist(base, self.at(spot)) for spot, _ in group]
            for mark, along in zip(group, _apart(wanted, self.mark * 2.05), strict=True):
                placed[mark] = (base[0] + ux * along + ox, base[1] + uy * along + oy)
        return placed

    def _names_y(self) -> tuple[float, float]:
        """The lower and the upper border of the grid's cross aisles (of all nodes, without a grid)."""
        grid = self.floor.grid
        nodes = range(len(self.floor.nodes)) if grid is None else [node for column in grid.nodes for node in column]
        ys = [self.node(node)[1] for node in nodes]
        return max(ys) + self.cross / 2, min(ys) - self.cross / 2 - FONT * 1.1

    def _spread_storeys(self) -> list[float]:
        """The x of every node in mm, storeys side by side."""
        nodes = self.floor.nodes
        storeys = sorted({node.storey for node in nodes})
        low, high = min(node.x_mm for node in nodes), max(node.x_mm for node in nodes)
        step = (high - low) + 2 * FREE_PITCH_MM
        return [float(node.x_mm + storeys.index(node.storey) * step) for node in nodes]

    def _pitch_mm(self) -> float:
        """The least distance of two neighbouring aisles."""
        grid = self.floor.grid
        if grid is None:
            return FREE_PITCH_MM
        columns = zip(grid.nodes, grid.segments, strict=True)
        xs = [self._xs[nodes[0]] for nodes, segments in columns if any(segment >= 0 for segment in segments)]
        return min((b - a for a, b in pairwise(xs)), default=FREE_PITCH_MM)


def _lines(floor: Floor) -> dict[int, int]:
    """Edges of the grid by the straight line they are part of: columns first, then rows."""
    if floor.grid is None:
        return {}
    straight = [*floor.grid.segments, *floor.grid.gaps]
    return {edge: line for line, edges in enumerate(straight) for edge in edges if edge >= 0}


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Ascending places at least `gap` apart, each cluster centred on what its members wanted."""
    clusters: list[list[float]] = []
    for place in wanted:
        clusters.append([place])
        while len(clusters) > 1 and _left(clusters[-1], gap) < _left(clusters[-2], gap) + gap * len(clusters[-2]):
            last = clusters.pop()
            clusters[-1].extend(last)
    return [_left(cluster, gap) + gap * index for cluster in clusters for index in range(len(cluster))]


def _left(cluster: Sequence[float], gap: float) -> float:
    """Where the first of a cluster's members stands."""
    return sum(cluster) / len(cluster) - gap * (len(cluster) - 1) / 2


def _spread_labels(
    stations: Sequence[tuple[Station, Point]], bottom_y: float, top_y: float, width: float
) -> list[Label]:
    """Place the names of stations in rows below or above the floor so that none hides another."""
    labels: list[Label] = []
    middle = (bottom_y + top_y) / 2
    for above in (False, True):
        rows: list[float] = []
        group = [(station, point) for station, point in stations if (point[1] < middle) == above]
        edge = (
            min([top_y, *(y - 12 for _, (_, y) in group)])
            if above
            else max([bottom_y, *(y + 8 for _, (_, y) in group)])
        )
        for station, (x, y) in sorted(group, key=lambda pair: pair[1]):
            half = len(station.name) * FONT * 0.29 + 4
            label_x = min(max(x, half + 4), width - half - 4)
            row = next((index for index, end in enumerate(rows) if end <= label_x - half), len(rows))
            rows[row : row + 1] = [label_x + half]
            down = FONT * (1.0 + row * 1.15)
            labels.append((station, (x, y), (label_x, edge - down + FONT * 0.8 if above else edge + down), above))
    return labels

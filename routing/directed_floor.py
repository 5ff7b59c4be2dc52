"""A grid floor with one-way edges, read column by column for the directed sweep.

A spot inside a cross aisle becomes a node of a column of its own, which cuts the gap it lies in; the
other gaps beside it lead into that column over no length at all. A spur (a dead end that hangs on one
crossing, such as the way to a door) becomes a lane whose far end is blocked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from routing.directed_moves import Lane
from routing.problem import EndKind, PickProblem
from warehouse.floor import EdgeKind, Floor, Grid, Spot


@dataclass(frozen=True, slots=True)
class Gap:
    """A piece of a cross aisle between two columns: offsets in mm, `direction` 1 for rightwards only."""

    edge: int
    from_mm: int
    to_mm: int
    direction: int

    @property
    def length_mm(self) -> int:
        """How long the piece is."""
        return self.to_mm - self.from_mm


@dataclass
class Column:
    """One column: its segments bottom to top, spurs as (row, lane), and the gaps to the next column."""

    lanes: list[Lane | None]
    gaps: list[Gap | None]
    spurs: list[tuple[int, Lane]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NodePlace:
    """A spot at the node of a column and row."""

    column: int
    row: int


@dataclass(frozen=True, slots=True)
class LanePlace:
    """A spot inside a lane: number `lane` of the column, where spurs count on after the segments."""

    column: int
    lane: int
    offset_mm: int


Place = NodePlace | LanePlace


@dataclass
class DirectedFloor:
    """The columns of a problem's floor, and where its start and its ends are.

    `start` is None where the walk must end where it starts; then the start is only a place to visit.
    """

    columns: list[Column]
    num_rows: int
    places: dict[Spot, Place]
    start: Place
    is_closed: bool
    ends: dict[Place, Spot]

    def lane(self, place: LanePlace) -> Lane:
        """The lane that a place lies on."""
        column = self.columns[place.column]
        lanes = [*column.lanes, *(lane for _, lane in column.spurs)]
        lane = lanes[place.lane]
        assert lane is not None
        return lane


def fits_grid(floor: Floor) -> bool:
    """Whether a floor is a grid of aisles between cross aisles with nothing beside it but spurs."""
    grid = floor.grid
    if grid is None:
        return False
    gaps = [edge for row in grid.gaps for edge in row if edge >= 0]
    if any(floor.edges[edge].kind is not EdgeKind.CROSS for edge in gaps):
        return False
    return _spurs(floor, grid) is not None


def _spurs(floor: Floor, grid: Grid) -> dict[int, int] | None:
    """The crossing that each edge beside the grid hangs on; None if one of them is no spur."""
    inside = {edge for line in (*grid.segments, *grid.gaps) for edge in line}
    crossings = {node for column in grid.nodes for node in column}
    spurs: dict[int, int] = {}
    for index, edge in enumerate(floor.edges):
        if index in inside:
            continue
        for near, far in ((edge.tail, edge.head), (edge.head, edge.tail)):
            if near in crossings and far not in crossings and len(floor.incident[far]) == 1:
                spurs[index] = near
        if index not in spurs:
            return None
    return spurs


def read_floor(problem: PickProblem, spots: Iterable[Spot], end_spots: Iterable[Spot]) -> DirectedFloor:
    """The columns of a problem's floor, with every one of `spots` and `end_spots` placed.

    Parameters
    ----------
    problem
        On a floor that `fits_grid`.
    spots
        Where bins may be picked.
    end_spots
        Where the walk may end; not looked at where it ends at its start.
    """
    floor, grid = problem.floor, problem.floor.grid
    assert grid is not None
    is_closed = problem.end.kind is EndKind.START
    ends = [] if is_closed else list(end_spots)
    named = [problem.start, *ends, *spots]
    columns, place_of_node, place_in_gap = _columns(problem, grid, named)
    segments = {
        edge: (place_of_node[nodes[0]].column, block)
        for nodes, blocks in zip(grid.nodes, grid.segments, strict=True)
        for block, edge in enumerate(blocks)
        if edge >= 0
    }
    spurs = {
        lane.edge: (index, len(column.lanes) + order)
        for index, column in enumerate(columns)
        for order, (_, lane) in enumerate(column.spurs)
    }
    places: dict[Spot, Place] = {}
    for spot in named:
        node = floor.node_at(spot)
        if node is not None and node in place_of_node:
            places[spot] = place_of_node[node]
        elif spot in place_in_gap:
            places[spot] = place_in_gap[spot]
        elif spot.edge in segments:
            places[spot] = LanePlace(*segments[spot.edge], spot.offset_mm)
        else:
            column, order = spurs[spot.edge]
            lane = columns[column].spurs[order - len(columns[column].lanes)][1]
            places[spot] = LanePlace(column, order, lane.on_edge_mm(spot.offset_mm))
    read = DirectedFloor(
        columns, len(grid.gaps), places, places[problem.start], is_closed, {places[spot]: spot for spot in ends}
    )
    _mark_ends(read)
    return read


def _mark_ends(read: DirectedFloor) -> None:
    """Write the start and the ends that lie inside lanes into those lanes."""
    ends: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place in read.ends:
        if isinstance(place, LanePlace):
            ends[place.column, place.lane].append(place.offset_mm)
    marks: dict[tuple[int, int], Lane] = {}
    for (column, number), offsets in ends.items():
        marks[column, number] = replace(read.lane(LanePlace(column, number, 0)), ends_mm=tuple(sorted(offsets)))
    if isinstance(read.start, LanePlace):
        key = (read.start.column, read.start.lane)
        lane = marks.get(key) or read.lane(read.start)
        at_mm = read.start.offset_mm
        marks[key] = replace(lane, return_mm=at_mm) if read.is_closed else replace(lane, start_mm=at_mm)
    for (index, number), marked in marks.items():
        at = read.columns[index]
        if number < len(at.lanes):
            at.lanes[number] = marked
        else:
            row, _ = at.spurs[number - len(at.lanes)]
            at.spurs[number - len(at.lanes)] = (row, marked)


def _columns(
    problem: PickProblem, grid: Grid, named: list[Spot]
) -> tuple[list[Column], dict[int, NodePlace], dict[Spot, NodePlace]]:
    """The columns, where each crossing is, and where each spot inside a cross aisle is."""
    floor = problem.floor
    num_rows = len(grid.gaps)
    inner: dict[int, list[Spot]] = defaultdict(list)
    gap_at = {edge: (row, column) for row, line in enumerate(grid.gaps) for column, edge in enumerate(line)}
    for spot in sorted(set(named)):
        if spot.edge in gap_at and floor.node_at(spot) is None:
            inner[gap_at[spot.edge][1]].append(spot)
    columns: list[Column] = []
    nodes: dict[int, NodePlace] = {}
    in_gap: dict[Spot, NodePlace] = {}
    for index, column_nodes in enumerate(grid.nodes):
        nodes.update({node: NodePlace(len(columns), row) for row, node in enumerate(column_nodes)})
        columns.append(Column([_lane(problem, edge) for edge in grid.segments[index]], [None] * num_rows))
        if index == len(grid.nodes) - 1:
            break
        cuts = inner[index]
        for spot in cuts:
            in_gap[spot] = NodePlace(len(columns), gap_at[spot.edge][0])
            columns.append(Column([None] * (num_rows - 1), [None] * num_rows))
        for row in range(num_rows):
            _cut_gap(floor, grid.gaps[row][index], cuts, columns[-1 - len(cuts) :], row)
    for edge, near in (_spurs(floor, grid) or {}).items():
        place = nodes[near]
        columns[place.column].spurs.append((place.row, _spur(problem, edge, near)))
    return columns, nodes, in_gap


def _cut_gap(floor: Floor, edge: int, cuts: list[Spot], columns: list[Column], row: int) -> None:
    """Put the pieces of one gap into the columns it leads from."""
    if edge < 0:
        return
    at_mm = 0
    for column, cut in zip(columns, [*cuts, None], strict=True):
        to_mm = floor.edges[edge].length_mm if cut is None else cut.offset_mm if cut.edge == edge else at_mm
        is_blocked = any(s.edge == edge and s.from_mm < to_mm and at_mm < s.to_mm for s in floor.blocked)
        column.gaps[row] = None if is_blocked else Gap(edge, at_mm, to_mm, floor.edges[edge].direction)
        at_mm = to_mm


def _mouth(floor: Floor, node: int) -> bool:
    return any(floor.edges[edge].kind is EdgeKind.CROSS for edge in floor.incident[node])


def _lane(problem: PickProblem, index: int) -> Lane | None:
    """The lane of a segment."""
    if index < 0:
        return None
    floor = problem.floor
    edge = floor.edges[index]
    is_aisle = edge.kind is EdgeKind.AISLE
    return Lane(
        edge=index,
        length_mm=edge.length_mm,
        direction=edge.direction,
        is_aisle=is_aisle,
        blocked=tuple((s.from_mm, s.to_mm) for s in floor.blocked if s.edge == index),
        walked=tuple((s.from_mm, s.to_mm) for s in problem.walked if s.edge == index),
        mouths=(is_aisle and _mouth(floor, edge.tail), is_aisle and _mouth(floor, edge.head)),
    )


def _spur(problem: PickProblem, index: int, near: int) -> Lane:
    """The lane of a spur that hangs on node `near`."""
    lane = _lane(problem, index)
    assert lane is not None
    turned = problem.floor.edges[index].head == near

    def along(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple((lane.length_mm - b, lane.length_mm - a) for a, b in ranges) if turned else ranges

    return replace(
        lane,
        length_mm=lane.length_mm + 1,
        direction=-lane.direction if turned else lane.direction,
        is_spur=True,
        turned=turned,
        blocked=(*along(lane.blocked), (lane.length_mm, lane.length_mm + 1)),
        walked=along(lane.walked),
        mouths=(lane.is_aisle and _mouth(problem.floor, near), False),
    )


def group_by_lane(places: Iterable[Place]) -> tuple[Mapping[tuple[int, int], tuple[int, ...]], frozenset[NodePlace]]:
    """The places to visit: distinct offsets by (column, lane), and nodes."""
    offsets: dict[tuple[int, int], set[int]] = defaultdict(set)
    nodes: set[NodePlace] = set()
    for place in places:
        if isinstance(place, LanePlace):
            offsets[place.column, place.lane].add(place.offset_mm)
        else:
            nodes.add(place)
    return {key: tuple(sorted(each)) for key, each in offsets.items()}, frozenset(nodes)

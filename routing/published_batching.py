"""Reader of the published order batching instances, and their floors as programs for the sweep.

Problem
    Orders are to be batched so that one tour a batch, from and to the depot, is as short as can be in sum.
Format
    Henn and Waescher: the notation of `published`, every article in one cell, a capacity in articles, orders
    in the ORDER section without numbers: they are counted from 0 here. Foodmart: a trolley with boxes, the
    boxes every order takes, and an explicit graph with coordinates; its crossings carry their aisle and
    cross aisle as names, so it is read as the rectangular floor it is. Its depot stands before the floor,
    with a line of its own to every crossing of the front cross aisle.
Method
    Lengths become whole numbers by `scale`. On the Foodmart floor a tour is a walk from one front crossing to
    another, or back to the same, with the lines to the depot added: two planes of the sweep more count how many
    of these lines have been walked.
Limits
    A tour that passes through the depot on its way is not looked at; the lines to the depot make it no shorter.
Source
    Henn, S. and Waescher, G., European Journal of Operational Research 222(3), 2012. Valle, C. A., Beasley, J. E.
    and da Cunha, A. S., European Journal of Operational Research 262(3), 2017.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from routing.batch_pricing import Orders
from routing.grid_arrays import CROSSING, KIND, refresh
from routing.grid_problem import GridProblem, build
from routing.prepared_floor import prepare
from routing.problem import End, EndKind, PickProblem, Policy
from routing.published_text import SIZE_MAX, Row, Text
from routing.segment_moves import DISTANCE, SHIFT_NONE
from routing.state_graph import Effect
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

ORDER_HEADING = "NUM_ARTICLES_IN_ORDER"
"""The line before the articles of each order."""
DEPOT_LINES = ((0, 1, 2), (1, 2, -1), (2, -1, -1))
"""How many lines to the depot are walked after 0, 1 or 2 more; never more than two."""


@dataclass(frozen=True)
class BatchingInstance:
    """A published instance; one of the file's units of length is `scale` mm here.

    Order `numbers[o]` takes `sizes[o]` of a cart's `capacity` and is picked at `spots[o]`. `problem` has the floor and
    where tours start and end. `depot_lines` are the lengths from the depot to the front crossings, from left to
    right; empty where the depot is a crossing.
    """

    name: str
    scale: int
    numbers: tuple[int, ...]
    sizes: tuple[int, ...]
    capacity: int
    spots: tuple[tuple[Spot, ...], ...]
    problem: PickProblem
    depot_lines: tuple[int, ...] = ()

    def grid(self, policy: Policy) -> GridProblem:
        """The floor with the points of all orders, ready to be swept, its crossings refreshed."""
        grid = build(
            prepare(self.problem.floor), self.problem, policy, sorted({s for each in self.spots for s in each})
        )
        refresh(grid.arrays, np.zeros(grid.num_spots, np.int32))
        if not self.depot_lines:
            return grid
        program, mm = grid.arrays.program, int(grid.arrays.weights[DISTANCE])
        options = program.options.copy()
        crossings = np.flatnonzero(grid.arrays.steps[:, KIND] == CROSSING)
        for step, length in zip(crossings, self.depot_lines, strict=True):
            options[step, 0, 0] = 3
            options[step, 1] = (Effect.NONE, SHIFT_NONE, 0)
            options[step, 2] = (Effect.LOW_1, 1, length * mm)
            options[step, 3] = (Effect.LOW_2, 2, 2 * length * mm)
        program = program._replace(shift=np.array(DEPOT_LINES, np.int32), options=options)
        return replace(grid, arrays=grid.arrays._replace(program=program))

    def orders(self, grid: GridProblem) -> Orders:
        """The orders as arrays, points numbered as in `grid`."""
        points = [sorted({grid.spot_number[spot] for spot in spots}) for spots in self.spots]
        return Orders(
            first_line=np.cumsum([0, *(len(each) for each in points)]),
            first_spot=np.arange(sum(len(each) for each in points) + 1),
            spots=np.array([point for each in points for point in each], np.int64),
            sizes=np.array(self.sizes, np.int64).reshape(-1, 1),
            capacity=np.array([self.capacity], np.int64),
        )


def read_batching(path: Path) -> BatchingInstance:
    """The instance in a file of either format.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If a field or a section is missing, not a number where one is needed, the graph is no rectangular floor, or
        an order is larger than a cart; it names the file and, where there is one, the line.
    """
    text = path.read_text(encoding="latin-1")
    return _read_foodmart(path.name, text) if text.startswith("//") else _read_henn(path.name, text)


def _read_henn(name: str, content: str) -> BatchingInstance:
    text = Text(name, content, headings=(ORDER_HEADING,))
    scale = 2  # lengths are given in halves
    num_aisles, num_cells = text.number("NUM_AISLES", 1, SIZE_MAX), text.number("NUM_CELLS", 1, SIZE_MAX)
    aisle_to_aisle, cell, top, bottom, depot = (
        text.length(f"DISTANCE_{key}", scale)
        for key in ("AISLE_TO_AISLE", "CELL_TO_CELL", "TOP_TO_CELL", "BOTTOM_TO_CELL", "TOP_OR_BOTTOM_TO_DEPOT")
    )
    if depot or min(aisle_to_aisle, cell, top, bottom) < 0 or 0 in (aisle_to_aisle, bottom + top + cell):
        raise ValueError(
            f"{name} is no published batching instance: its distances make no floor with a depot at a crossing"
        )
    length = bottom + (num_cells - 1) * cell + top
    floor = rectangular_floor([each * aisle_to_aisle for each in range(num_aisles)], [0, length])
    assert floor.grid is not None
    segments = floor.grid.segments
    cells = {
        row.word("ID"): (row.number("AISLE", 0, num_aisles - 1), row.number("CELL", 0, num_cells - 1))
        for row in text.rows("SKU_SECTION")
    }

    def spot(row: Row) -> Spot:
        if row.word("ID") not in cells:
            raise ValueError(f"{row.where}: article {row.word('ID')} lies in no cell")
        aisle, at = cells[row.word("ID")]
        return Spot(segments[aisle][0], bottom + cell * (num_cells - 1 - at))

    capacity = text.number("PICKER_CAPACITY", 1)
    orders = _henn_orders(text)
    sizes = [sum(row.number("QUANTITY", 1) for row in order) for order in orders]
    for size, order in zip(sizes, orders, strict=True):
        _check_size(size, capacity, order[0].where)
    door = floor.grid.nodes[text.number("DEPOT_AISLE", 0, num_aisles - 1)]
    return BatchingInstance(
        name=name,
        scale=scale,
        numbers=tuple(range(len(orders))),
        sizes=tuple(sizes),
        capacity=capacity,
        spots=tuple(tuple(spot(row) for row in order) for order in orders),
        problem=PickProblem(floor, (), floor.spot_at(door[text.choice("DEPOT_LOCATION", "bottom", "top") == "top"])),
    )


def _henn_orders(text: Text) -> list[list[Row]]:
    """The rows of every order, each with at least one."""
    orders: list[list[Row]] = []
    empty = ""
    for row in text.rows("ORDER_SECTION"):
        if ORDER_HEADING in row.words:
            if empty:
                break
            orders.append([])
            empty = row.where
        elif not orders:
            raise ValueError(f"{row.where}: an article comes before the first {ORDER_HEADING}")
        else:
            orders[-1].append(row)
            empty = ""
    if empty or not orders:
        raise ValueError(f"{empty or text.name}: {'this order has no articles' if empty else 'there are no orders'}")
    return orders


def _check_size(size: int, capacity: int, where: str) -> None:
    if size > capacity:
        raise ValueError(f"{where}: an order of {size} is larger than a cart of {capacity}")


def _read_foodmart(name: str, text: str) -> BatchingInstance:
    scale = 100  # lengths have two decimals
    parts = _FoodmartParts(name, text)
    capacity, depot, arrival = (parts.only(part) for part in ("K", "DepartingDepot", "ArrivalDepot"))
    if parts.only("NbDimensionsCapacity") != 1:
        raise ValueError(f"{name} is no published batching instance: boxes have several capacities")
    place = {row.whole(0): row.whole(1) for row in parts.rows("Products")}
    vertices = {row.whole(0): _Vertex.of(row, scale) for row in parts.rows("Vertices")}
    crossing = {number: (each.x, each.y) for number, each in vertices.items() if "intersection" in each.label}
    columns, rows = sorted({x for x, _ in crossing.values()}), sorted({y for _, y in crossing.values()})
    lines = _check_graph(parts.rows("Arcs"), vertices, crossing, {depot, arrival})
    if len(rows) < 2 or any((x, rows[0]) not in lines for x in columns):
        raise ValueError(f"{name} is no published batching instance: its depot has no line to every front crossing")
    floor = rectangular_floor(columns, rows)
    assert floor.grid is not None
    front = [floor.spot_at(column[0]) for column in floor.grid.nodes]
    segments = floor.grid.segments

    def spot(row: _FoodmartRow, product: int) -> Spot:
        vertex = vertices.get(place.get(product, -1))
        if vertex is None or vertex.x not in columns or not rows[0] < vertex.y <= rows[-1]:
            raise ValueError(f"{row.where}: product {product} lies in no aisle")
        block = sum(each < vertex.y for each in rows) - 1
        return Spot(segments[columns.index(vertex.x)][block], vertex.y - rows[block])

    orders = parts.rows("Orders")[1:]
    for row in orders:
        _check_size(row.whole(1), capacity, row.where)
        if row.whole(2) < 1 or len(row.words) < 3 + 2 * row.whole(2):
            raise ValueError(f"{row.where}: the order does not list {row.whole(2)} products with their quantities")
    if not orders:
        raise ValueError(f"{name} is no published batching instance: there are no orders")
    return BatchingInstance(
        name=name,
        scale=scale,
        numbers=tuple(row.whole(0) for row in orders),
        sizes=tuple(row.whole(1) for row in orders),
        capacity=capacity,
        spots=tuple(tuple(spot(row, row.whole(3 + 2 * each)) for each in range(row.whole(2))) for row in orders),
        problem=PickProblem(floor, (), front[0], End(EndKind.NEAREST, tuple(front))),
        depot_lines=tuple(lines[x, rows[0]] for x in columns),
    )


@dataclass(frozen=True, slots=True)
class _FoodmartRow:
    """The words of a row, and where it stands."""

    where: str
    words: list[str]

    def whole(self, index: int) -> int:
        """A word that is a whole number from 0."""
        return self._named(index).number(self._name(index), 0)

    def length(self, index: int, scale: int) -> int:
        """A word that is a length, in parts of 1 / `scale`."""
        return self._named(index).length(self._name(index), scale)

    def _named(self, index: int) -> Row:
        return Row(
            self.where, {self._name(each): word for each, word in enumerate(self.words[index : index + 1], index)}
        )

    def _name(self, index: int) -> str:
        return f"number {index + 1}"


@dataclass(frozen=True, slots=True)
class _Vertex:
    """A point of the graph and what it is called."""

    x: int
    y: int
    label: str

    @classmethod
    def of(cls, row: _FoodmartRow, scale: int) -> "_Vertex":
        """The vertex of a row."""
        return cls(row.length(1, scale), row.length(2, scale), " ".join(row.words[3:]))


class _FoodmartParts:
    """The rows below every heading, by the heading's first word."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._rows: dict[str, list[_FoodmartRow]] = {}
        heading = ""
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("//"):
                word = (line.lstrip("/ ").split() or [""])[0].rstrip(":")
                # Headings of columns, and of a number before a table, go with the table's own.
                heading = heading if word in ("Idx", "Nb", "Start") else word
                self._rows.setdefault(heading, [])
            elif line.strip():
                row = _FoodmartRow(f"{name}, line {number}", line.replace('"', " ").split())
                self._rows[heading].append(row)

    def rows(self, part: str) -> list[_FoodmartRow]:
        """The rows below a heading."""
        if part not in self._rows:
            raise ValueError(f"{self.name} is no published batching instance: //{part} is missing")
        return self._rows[part]

    def only(self, part: str) -> int:
        """The number below a heading."""
        rows = self.rows(part)
        if not rows:
            raise ValueError(f"{self.name} is no published batching instance: nothing stands below //{part}")
        return rows[0].whole(0)


def _check_graph(
    arcs: list[_FoodmartRow],
    vertices: dict[int, _Vertex],
    crossing: dict[int, tuple[int, int]],
    depots: set[int],
) -> dict[tuple[int, int], int]:
    """The lengths of the lines to the depot, by the crossing they lead to, once all other arcs are as on the plan."""
    lines: dict[tuple[int, int], int] = {}
    for row in arcs:
        tail, head, length = row.whole(0), row.whole(1), row.length(2, 100)
        if length < 0:
            raise ValueError(f"{row.where}: arc {tail} {head} is shorter than nothing")
        if tail in depots or head in depots:
            if tail in depots and head in crossing:
                lines[crossing[head]] = length
            continue
        if tail not in vertices or head not in vertices:
            raise ValueError(f"{row.where}: arc {tail} {head} leads to no vertex")
        a, b = vertices[tail], vertices[head]
        if (a.x != b.x and a.y != b.y) or abs(a.x - b.x) + abs(a.y - b.y) != length:
            raise ValueError(f"{row.where}: arc {tail} {head} does not lie on a rectangular floor")
    return lines

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
from routing.segment_moves import DISTANCE, SHIFT_NONE
from routing.state_graph import Effect
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

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
    ValueError
        If a field or a section is missing, not a number where one is needed, the graph is no rectangular floor, or
        an order is larger than a cart.
    """
    text = path.read_text(encoding="latin-1")
    try:
        instance = _read_foodmart(path.name, text) if text.startswith("//") else _read_henn(path.name, text)
        if max(instance.sizes) > instance.capacity:
            raise ValueError("an order is larger than a cart")
    except (KeyError, ValueError, IndexError) as error:
        raise ValueError(f"{path.name} is no published batching instance: {error!r}") from error
    return instance


def _read_henn(name: str, text: str) -> BatchingInstance:
    facts: dict[str, str] = {}
    cells: dict[str, tuple[int, int]] = {}
    orders: list[list[tuple[str, int]]] = []
    section = ""
    for line in text.splitlines():
        words = line.split()
        if words and words[0].endswith("_SECTION"):
            section = words[0]
        elif words and words[0] == "ID":
            row = dict(zip(words[::2], words[1::2], strict=True))
            if section == "SKU_SECTION":
                cells[row["ID"]] = int(row["AISLE"]), int(row["CELL"])
            elif section == "ORDER_SECTION":
                orders[-1].append((row["ID"], int(row["QUANTITY"])))
        elif words and words[0] == "NUM_ARTICLES_IN_ORDER":
            orders.append([])
        elif ":" in line:
            key, value = line.split(":", 1)
            facts[key.strip()] = value.strip()
    scale = 2  # lengths are given in halves
    aisle_to_aisle, cell, top, bottom, depot = (
        _whole(facts[f"DISTANCE_{key}"], scale)
        for key in ("AISLE_TO_AISLE", "CELL_TO_CELL", "TOP_TO_CELL", "BOTTOM_TO_CELL", "TOP_OR_BOTTOM_TO_DEPOT")
    )
    if depot:
        raise ValueError("the depot stands off the cross aisle")
    num_cells = int(facts["NUM_CELLS"])
    length = bottom + (num_cells - 1) * cell + top
    floor = rectangular_floor([each * aisle_to_aisle for each in range(int(facts["NUM_AISLES"]))], [0, length])
    assert floor.grid is not None

    def spot(article: str) -> Spot:
        assert floor.grid is not None
        aisle, at = cells[article]
        return Spot(floor.grid.segments[aisle][0], bottom + cell * (num_cells - 1 - at))

    door = floor.grid.nodes[int(facts["DEPOT_AISLE"])][1 if facts["DEPOT_LOCATION"] == "top" else 0]
    return BatchingInstance(
        name=name,
        scale=scale,
        numbers=tuple(range(len(orders))),
        sizes=tuple(sum(quantity for _, quantity in order) for order in orders),
        capacity=int(facts["PICKER_CAPACITY"]),
        spots=tuple(tuple(spot(article) for article, _ in order) for order in orders),
        problem=PickProblem(floor, (), floor.spot_at(door)),
    )


def _whole(number: str, scale: int) -> int:
    """A length of the file as a whole number."""
    whole = round(float(number) * scale)
    if abs(whole - float(number) * scale) > 1e-6:
        raise ValueError(f"{number} is no whole number of parts of {scale}")
    return whole


def _read_foodmart(name: str, text: str) -> BatchingInstance:
    scale = 100  # lengths have two decimals
    parts = _foodmart_parts(text)
    place = {int(row[0]): int(row[1]) for row in parts["Products"]}
    orders = [list(map(int, row)) for row in parts["Orders"][1:]]
    if int(parts["NbDimensionsCapacity"][0][0]) != 1:
        raise ValueError("boxes with several capacities")
    at = {int(row[0]): (_whole(row[1], scale), _whole(row[2], scale), " ".join(row[3:])) for row in parts["Vertices"]}
    crossing = {vertex: (x, y) for vertex, (x, y, label) in at.items() if "intersection" in label}
    columns, rows = sorted({x for x, _ in crossing.values()}), sorted({y for _, y in crossing.values()})
    depot = int(parts["DepartingDepot"][0][0])
    lines = _check_graph(parts["Arcs"], at, crossing, {depot, int(parts["ArrivalDepot"][0][0])})
    floor = rectangular_floor(columns, rows)
    assert floor.grid is not None
    front = [floor.spot_at(column[0]) for column in floor.grid.nodes]
    segments = floor.grid.segments

    def spot(product: int) -> Spot:
        x, y, _ = at[place[product]]
        block = sum(row < y for row in rows) - 1
        return Spot(segments[columns.index(x)][block], y - rows[block])

    return BatchingInstance(
        name=name,
        scale=scale,
        numbers=tuple(order[0] for order in orders),
        sizes=tuple(order[1] for order in orders),
        capacity=int(parts["K"][0][0]),
        spots=tuple(tuple(spot(product) for product in order[3 : 3 + 2 * order[2] : 2]) for order in orders),
        problem=PickProblem(floor, (), front[0], End(EndKind.NEAREST, tuple(front))),
        depot_lines=tuple(lines[x, rows[0]] for x in columns),
    )


def _foodmart_parts(text: str) -> dict[str, list[list[str]]]:
    """The rows below every heading, by the heading's first word."""
    parts: dict[str, list[list[str]]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("//"):
            word = line.lstrip("/ ").split()[0].rstrip(":")
            # Headings of columns, and of a number before a table, go with the table's own.
            heading = heading if word in ("Idx", "Nb", "Start") else word
            parts.setdefault(heading, [])
        elif line.strip():
            parts[heading].append(line.replace('"', " ").split())
    return parts


def _check_graph(
    arcs: list[list[str]],
    at: dict[int, tuple[int, int, str]],
    crossing: dict[int, tuple[int, int]],
    depots: set[int],
) -> dict[tuple[int, int], int]:
    """The lengths of the lines to the depot, by the crossing they lead to, once all other arcs are as on the plan."""
    lines: dict[tuple[int, int], int] = {}
    for row in arcs:
        tail, head, length = int(row[0]), int(row[1]), _whole(row[2], 100)
        if tail in depots or head in depots:
            if tail in depots and head not in depots:
                lines[crossing[head]] = length
            continue
        (x1, y1, _), (x2, y2, _) = at[tail], at[head]
        if (x1 != x2 and y1 != y2) or abs(x1 - x2) + abs(y1 - y2) != length:
            raise ValueError(f"arc {tail} {head} does not lie on a rectangular floor")
    return lines

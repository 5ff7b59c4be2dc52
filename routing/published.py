"""Reader of the published single-picker instances: fixed and scattered, unit and varying.

Format
    `KEY : value` lines, then the sections ARTICLE, SKU (what lies where) and ORDER (what is wanted), in
    latin-1 text. Cell 0 is next to the top cross aisle; the two sides of an aisle are one point.
Source
    Weidinger, 2018; Goeke and Schneider, 2021; Hessler and Irnich, INFORMS Journal on Computing 36(6),
    2024, doi 10.1287/ijoc.2023.0075.
"""

from dataclasses import dataclass
from pathlib import Path

from routing.problem import PickLine, PickProblem, Source
from routing.published_text import SIZE_MAX, Row, Text
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot
from warehouse.layouts import rectangular_floor

MIDDLE_CROSS_AISLE_WIDTH = 1  # the width the published two-block values were computed with


@dataclass(frozen=True, slots=True)
class Supply:
    """`quantity` units of an article in one cell, on the left or right side of an aisle."""

    article: str
    aisle: int
    cell: int
    quantity: int
    side: str


@dataclass(frozen=True)
class Instance:
    """A published instance, in its own unit of length."""

    name: str
    num_aisles: int
    num_cells: int
    depot_aisle: int
    depot_at_top: bool
    aisle_to_aisle: int
    cell_to_cell: int
    top_to_cell: int
    bottom_to_cell: int
    to_depot: int
    supplies: tuple[Supply, ...]
    demand: dict[str, int]

    def height(self, cell: int) -> int:
        """How far a cell is from the bottom cross aisle on the one-block floor."""
        return self.bottom_to_cell + self.cell_to_cell * (self.num_cells - 1 - cell)


def read_instance(path: Path) -> Instance:
    """The instance in a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is no such instance; it names the file and the line.
    """
    text = Text(path.name, path.read_text(encoding="latin-1"))
    num_aisles, num_cells = text.number("NUM_AISLES", 1, SIZE_MAX), text.number("NUM_CELLS", 1, SIZE_MAX)
    return Instance(
        name=path.name,
        num_aisles=num_aisles,
        num_cells=num_cells,
        depot_aisle=text.number("DEPOT_AISLE", 0, num_aisles - 1),
        depot_at_top=text.choice("DEPOT_LOCATION", "bottom", "top") == "top",
        aisle_to_aisle=text.number("DISTANCE_AISLE_TO_AISLE", 1),
        cell_to_cell=text.number("DISTANCE_CELL_TO_CELL", 1),
        top_to_cell=text.number("DISTANCE_TOP_TO_CELL", 0),
        bottom_to_cell=text.number("DISTANCE_BOTTOM_TO_CELL", 0),
        to_depot=text.number("DISTANCE_TOP_OR_BOTTOM_TO_DEPOT", 0),
        supplies=tuple(
            Supply(
                row.word("ID"),
                row.number("AISLE", 0, num_aisles - 1),
                row.number("CELL", 0, num_cells - 1),
                row.number("QUANTITY", 1),
                row.words.get("LEFT_RIGHT_HAND_SIDE", ""),
            )
            for row in text.rows("SKU_SECTION")
        ),
        demand=_demand(text.rows("ORDER_SECTION")),
    )


def _demand(rows: list[Row]) -> dict[str, int]:
    """Units wanted of every article."""
    demand: dict[str, int] = {}
    for row in rows:
        if row.word("ID") in demand:
            raise ValueError(f"{row.where}: article {row.word('ID')} is ordered a second time")
        demand[row.word("ID")] = row.number("QUANTITY", 1)
    return demand


def to_problem(instance: Instance, *, blocks: int = 1) -> PickProblem:
    """The instance as a pick problem, one of its units of length being one mm.

    Parameters
    ----------
    instance
        From `read_instance`.
    blocks
        1, or 2 for the floor with a middle cross aisle after half of the cells.

    Raises
    ------
    ValueError
        If `blocks` is neither 1 nor 2.
    """
    if blocks not in (1, 2):
        raise ValueError(f"{blocks} blocks; the published floors have 1 or 2")
    bottom_cells = instance.num_cells - instance.num_cells // 2
    top = instance.height(0) + instance.top_to_cell
    middle = instance.height(instance.num_cells // 2) + MIDDLE_CROSS_AISLE_WIDTH
    # Both cells beside the middle cross aisle are as far from it as it is wide.
    rise = 2 * MIDDLE_CROSS_AISLE_WIDTH - instance.cell_to_cell if blocks == 2 else 0
    cross_y = [0, top] if blocks == 1 else [0, middle, top + rise]
    floor = rectangular_floor([aisle * instance.aisle_to_aisle for aisle in range(instance.num_aisles)], cross_y)
    assert floor.grid is not None
    segments = floor.grid.segments

    def spot(aisle: int, cell: int) -> Spot:
        low = instance.num_cells - cell <= bottom_cells
        if blocks == 1 or low:
            return Spot(segments[aisle][0], instance.height(cell))
        return Spot(segments[aisle][1], instance.height(cell) + rise - middle)

    sources: dict[str, list[Source]] = {article: [] for article in instance.demand}
    for number, each in enumerate(instance.supplies):
        if each.article in sources:
            sources[each.article].append(Source(f"{number}", spot(each.aisle, each.cell), each.quantity))
    lines = tuple(PickLine(article, quantity, tuple(sources[article])) for article, quantity in instance.demand.items())
    door = floor.grid.nodes[instance.depot_aisle][len(cross_y) - 1 if instance.depot_at_top else 0]
    if instance.to_depot == 0:
        return PickProblem(floor, lines, floor.spot_at(door))
    return _with_depot(floor, door, lines, instance.to_depot)


def _with_depot(floor: Floor, door: int, lines: tuple[PickLine, ...], to_depot: int) -> PickProblem:
    """The problem with a depot that stands off the door."""
    depot = len(floor.nodes)
    floor = Floor(
        (*floor.nodes, Node(floor.nodes[door].x_mm, floor.nodes[door].y_mm)),
        (*floor.edges, Edge(door, depot, to_depot, EdgeKind.CROSS)),
        floor.blocked,
        floor.grid,
    )
    return PickProblem(floor, lines, Spot(len(floor.edges) - 1, to_depot))

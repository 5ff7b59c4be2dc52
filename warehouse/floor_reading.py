"""Reading a floor from a problem file, with every problem in it (`docs/route-format.md`).

What depends on a part that could not be read is not judged, so that one slip does not show as ten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warehouse.floor import Edge, EdgeKind, Floor, Grid, Node, Spot, Stretch
from warehouse.json_fields import NUMBER_MAX, Found, JsonFields, shown, whole, wholes
from warehouse.units import LENGTH_MAX_MM

ANYWHERE = (-NUMBER_MAX, NUMBER_MAX)
"""Numbers of which the floor itself judges whether they can be meant."""


@dataclass(frozen=True, slots=True)
class ReadFloor:
    """A floor, None if anything is wrong with it, and its edges, as far as they can be told.

    An edge that could not be read is as long as any may be; `edges` is None if nobody knows how many there are.
    """

    floor: Floor | None
    edges: tuple[Edge, ...] | None


def read_floor(fields: JsonFields) -> ReadFloor:
    """The floor that `Floor.to_dict` wrote, or what can be told of it."""
    found, before = fields.found, len(fields.found.problems)
    fields.only("nodes", "edges", "blocked", "grid", "wide")
    nodes = _read_nodes(fields)
    edges = _read_edges(fields, None if nodes is None else len(nodes))
    blocked = read_stretches(fields, "blocked", edges)
    wide = [
        number
        for where, value in fields.items("wide", default=True) or ()
        if (number := whole(value, where, found, 0, NUMBER_MAX)) is not None
    ]
    grid_fields, read_before = fields.optional_section("grid"), len(found.problems) == before
    grid = None if grid_fields is None else _read_grid(grid_fields)
    if nodes is None or edges is None:
        return ReadFloor(None, edges)
    for index, number in enumerate(wide):
        if number >= len(edges):
            found.problem(f"{fields.at('wide')}[{index}]", f"edge {number} does not exist")
    if grid is not None and read_before:
        for where, what in grid.faults(len(nodes), edges):
            found.problem(f"{fields.at('grid')}.{where}", what)
    if len(found.problems) > before:
        return ReadFloor(None, edges)
    return ReadFloor(Floor(nodes, edges, blocked, grid, tuple(wide)), edges)


def read_spot(fields: JsonFields, key: str, edges: Sequence[Edge] | None) -> Spot | None:
    """The spot in a field, on these edges if they are known; None (noted) if there is none."""
    value = fields.value(key)
    return spot_of(value, fields.at(key), fields.found, edges) if key in fields else None


def spot_of(value: object, where: str, found: Found, edges: Sequence[Edge] | None) -> Spot | None:
    """A spot written as [edge, offset_mm] or [edge, offset_mm, side]; None (noted) if it is none."""
    numbers = wholes(value, where, found, 2, 3)
    if numbers is None:
        return None
    spot = Spot(*numbers)
    return spot if _is_sound(spot, where, found, edges) else None


def read_stretches(fields: JsonFields, key: str, edges: Sequence[Edge] | None) -> tuple[Stretch, ...]:
    """The sound ones of the stretches in a field, written as [edge, from_mm, to_mm]; it may be missing."""
    stretches = []
    for where, value in fields.items(key, default=True) or ():
        numbers = wholes(value, where, fields.found, 3, 3)
        if numbers is not None and _is_sound(stretch := Stretch(*numbers), where, fields.found, edges):
            stretches.append(stretch)
    return tuple(stretches)


def _is_sound(place: Spot | Stretch, where: str, found: Found, edges: Sequence[Edge] | None) -> bool:
    """Whether a place lies on the edges; what keeps it from that is noted."""
    faults = [] if edges is None else list(place.faults(edges))
    for fault in faults:
        found.problem(where, fault)
    return not faults


def _read_nodes(fields: JsonFields) -> tuple[Node, ...] | None:
    """The nodes, those that cannot be read at the origin; None if there is no list of them."""
    items = fields.items("nodes")
    if items is None:
        return None
    read = (wholes(value, where, fields.found, 2, 3) for where, value in items)
    return tuple(Node(*(numbers or (0, 0))) for numbers in read)


def _read_edges(fields: JsonFields, num_nodes: int | None) -> tuple[Edge, ...] | None:
    """The edges, a stand-in for each that is wrong; None if there is no list of them."""
    items = fields.items("edges")
    if items is None:
        return None
    return tuple(_read_edge(where, value, fields.found, num_nodes) for where, value in items)


def _read_edge(where: str, value: object, found: Found, num_nodes: int | None) -> Edge:
    before = len(found.problems)
    fields = JsonFields.of(value, where, found)
    if fields is not None:
        fields.only("tail", "head", "length_mm", "kind", "direction", "name", "crossing_mm")
        edge = Edge(
            tail=fields.whole("tail", *ANYWHERE),
            head=fields.whole("head", *ANYWHERE),
            length_mm=fields.whole("length_mm", 1, LENGTH_MAX_MM),
            kind=fields.choice("kind", EdgeKind),
            direction=fields.whole("direction", -1, 1, default=0),
            name=fields.text("name", ""),
            crossing_mm=fields.whole("crossing_mm", 0, LENGTH_MAX_MM, default=0),
        )
        if len(found.problems) == before and num_nodes is not None:
            for fault in edge.faults(num_nodes):
                found.problem(where, fault)
        if len(found.problems) == before:
            return edge
    return Edge(0, 0, LENGTH_MAX_MM, EdgeKind.AISLE)


def _read_grid(fields: JsonFields) -> Grid | None:
    """The grid, or None if it cannot be read."""
    fields.only("nodes", "segments", "gaps")
    before = len(fields.found.problems)
    grid = Grid(*(_read_lists(fields, key) for key in ("nodes", "segments", "gaps")))
    return grid if len(fields.found.problems) == before else None


def _read_lists(fields: JsonFields, key: str) -> tuple[tuple[int, ...], ...]:
    """Lists of whole numbers."""
    return tuple(_read_line(where, value, fields.found) for where, value in fields.items(key) or ())


def _read_line(where: str, value: object, found: Found) -> tuple[int, ...]:
    if not isinstance(value, list):
        found.problem(where, f"{shown(value)} is no list")
        return ()
    read: Iterable[int | None] = (
        whole(each, f"{where}[{index}]", found, *ANYWHERE) for index, each in enumerate(value)
    )
    return tuple(each for each in read if each is not None)

"""The explicit floor of a site file: nodes by name, edges between them, bins along edges.

For floors that no rule lays out: odd angles, obstacles, mezzanines, one-way loops. Such a floor carries no
grid. Bays on an edge are numbered like the houses of a street: from `first_bay`, that one on the left,
the next one opposite on the right, and so on from the edge's start.
"""

import math

from warehouse.bins import Side, Station, StationKind
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot, Stretch
from warehouse.site_fields import Fields
from warehouse.site_layout import NUM_BINS_MAX, BinPlace, Layout, bay_places
from warehouse.units import LENGTH_MAX_MM

SIDES = {"both": (Side.LEFT, Side.RIGHT), "left": (Side.LEFT,), "right": (Side.RIGHT,)}
DIRECTIONS = {"both": 0, "forward": 1, "backward": -1}
STOREY_MAX = 100


def read_graph(fields: Fields, stations: dict[str, Fields]) -> Layout | None:
    """The layout of an explicit floor, or None where problems were noted.

    Parameters
    ----------
    fields
        The `floor.graph` section.
    stations
        The `stations` section.
    """
    before = fields.num_problems
    fields.only("nodes", "edges")
    nodes = {name: _read_node(entry) for name, entry in fields.named("nodes").items()}
    entries = fields.named("edges")
    edges = {name: _read_edge(entry, nodes) for name, entry in entries.items()}
    if not edges:
        fields.problem("edges", "there is no edge")
    blocked: list[Stretch] = []
    places: list[BinPlace] = []
    wide: list[int] = []
    for index, (name, entry) in enumerate(entries.items()):
        length_mm = edges[name].length_mm
        blocked += _read_blocked(entry, index, length_mm)
        if entry.whole("carts", 1, 2, default=1) == 2:
            wide.append(index)
        if "bins" in entry:
            places += _read_bins(entry, index, edges[name], NUM_BINS_MAX - len(places))
    ends = {node for edge in edges.values() for node in (edge.tail, edge.head)}
    loose = [name for index, name in enumerate(nodes) if index not in ends]
    if loose and fields.num_problems == before:
        fields.problem("nodes", f"no edge goes to {', '.join(loose)}")
    placed = [_read_station(name, entry, list(nodes), edges) for name, entry in stations.items()]
    if fields.num_problems > before:
        return None
    floor = Floor(tuple(nodes.values()), tuple(edges.values()), tuple(blocked), wide=tuple(wide))
    aisles = tuple(dict.fromkeys(place.position.aisle for place in places))
    found = tuple(
        Station(name, kind, floor.spot_at(spot) if isinstance(spot, int) else spot) for name, kind, spot in placed
    )
    return Layout(floor, aisles, places, found)


def _read_node(entry: Fields) -> Node:
    entry.only("x", "y", "storey")
    x_mm, y_mm = (entry.length(axis, low=-LENGTH_MAX_MM) for axis in ("x", "y"))
    return Node(x_mm, y_mm, entry.whole("storey", -STOREY_MAX, STOREY_MAX, default=0))


def _read_edge(entry: Fields, nodes: dict[str, Node]) -> Edge:
    """An edge; its length is that of the straight line where none is given."""
    entry.only("from", "to", "length", "walk", "aisle", "bins", "blocked", "carts")
    names = list(nodes)
    ends = []
    for key in ("from", "to"):
        name = entry.text(key)
        if name and name not in nodes:
            entry.problem(key, f"there is no node {name}")
        ends.append(names.index(name) if name in nodes else -1)
    straight = 1
    if min(ends) >= 0:
        tail, head = nodes[names[ends[0]]], nodes[names[ends[1]]]
        straight = round(math.hypot(head.x_mm - tail.x_mm, head.y_mm - tail.y_mm))
        if ends[0] == ends[1]:
            entry.problem("to", "is where the edge begins")
        elif not straight and "length" not in entry:
            entry.problem("length", "is needed, as both ends stand at one point of the plan")
    walk = entry.text("walk", default="both")
    if walk not in DIRECTIONS:
        entry.problem("walk", f"is {walk}; known are {', '.join(DIRECTIONS)}")
    aisle = entry.text("aisle") if "aisle" in entry else ""
    kind = EdgeKind.AISLE if aisle else EdgeKind.CROSS
    length_mm = entry.length("length", default=max(straight, 1))
    return Edge(ends[0], ends[1], length_mm, kind, DIRECTIONS.get(walk, 0), aisle)


def _read_blocked(entry: Fields, edge: int, length_mm: int) -> list[Stretch]:
    stretches = []
    for each in entry.entries("blocked"):
        each.only("from", "to")
        from_mm, to_mm = each.length("from", low=0), each.length("to")
        if from_mm < to_mm <= length_mm:
            stretches.append(Stretch(edge, from_mm, to_mm))
        else:
            each.problem("to", f"must lie beyond from, and within the {length_mm} mm of the edge")
    return stretches


def _read_bins(entry: Fields, index: int, edge: Edge, room: int) -> list[BinPlace]:
    """The bin places along an edge: bays of one width, reached from their middle."""
    if not edge.name:
        entry.problem("aisle", "is needed where there are bins")
    section = entry.section("bins")
    if section is None:
        return []
    section.only("from", "bays", "bay_width", "first_bay", "sides", "levels", "slots")
    from_mm, width_mm = section.length("from", low=0, default=0), section.length("bay_width")
    bays, first = section.whole("bays", 1, 10_000), section.whole("first_bay", 1, 100_000, default=1)
    levels, slots = section.whole("levels", 1, 100, default=1), section.whole("slots", 1, 1_000, default=1)
    sides = section.text("sides", default="both")
    if sides not in SIDES:
        section.problem("sides", f"is {sides}; known are {', '.join(SIDES)}")
    if from_mm + bays * width_mm > edge.length_mm:
        section.problem("bays", f"reach {from_mm + bays * width_mm} mm along an edge of {edge.length_mm} mm")
    if 2 * bays * levels * slots > room:
        section.problem("bays", f"make too many bins; {NUM_BINS_MAX} are the most")
        return []
    places = []
    for bay in range(bays):
        spot = Spot(index, from_mm + width_mm * (2 * bay + 1) // 2)
        for side in SIDES.get(sides, ()):
            number = first + 2 * bay + (side is Side.RIGHT)
            places += bay_places(edge.name, number, spot, side, levels, slots)
    return places


def _read_station(
    name: str, entry: Fields, nodes: list[str], edges: dict[str, Edge]
) -> tuple[str, StationKind, int | Spot]:
    """A station with the node or the spot where it stands."""
    entry.only("kind", "at")
    kind = entry.choice("kind", StationKind)
    at = entry.section("at")
    if at is None:
        return name, kind, 0
    at.only("node", "edge", "offset")
    if ("node" in at) == ("edge" in at):
        at.problem(None, "needs either a node or an edge")
        return name, kind, 0
    key, known = ("node", nodes) if "node" in at else ("edge", list(edges))
    place = at.text(key)
    if place and place not in known:
        at.problem(key, f"there is no {key} {place}")
    if key == "node":
        return name, kind, known.index(place) if place in known else 0
    offset_mm = at.length("offset", low=0)
    if place in edges and offset_mm > edges[place].length_mm:
        at.problem("offset", f"lies beyond the {edges[place].length_mm} mm of the edge")
    return name, kind, Spot(known.index(place) if place in known else 0, offset_mm)

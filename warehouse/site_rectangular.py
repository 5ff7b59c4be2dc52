"""The rectangular floor of a site file: parallel aisles between cross aisles, by a few numbers.

Aisles are counted from the left, blocks and cross aisles from the front, all from 1. A block's bays lie
between the edges of its cross aisles, so an aisle segment is half a cross aisle, the bays, and half the
next cross aisle long. Bays are numbered like the houses of a street: odd on the left, even on the right,
on through the blocks; a bay's bins are reached from the middle of the bay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from warehouse.bins import Side, Station, StationKind
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, Edge, EdgeKind, Floor, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor
from warehouse.site_fields import Fields
from warehouse.site_layout import NUM_BINS_MAX, BinPlace, Layout, bay_places
from warehouse.units import LENGTH_MAX_MM, LENGTHS

KNOWN = (
    "aisles",
    "aisle_pitch",
    "blocks",
    "bays",
    "bay_width",
    "cross_aisle_width",
    "levels",
    "slots",
    "one_way",
    "blocked",
    "dead_ends",
    "missing",
    "wide",
)

CROSS_AISLES_MAX = 7
"""With crossings in aisles; walks on floors with more are planned by solvers that do not know them."""
SIDE_OF = {Side.LEFT: LEFT_SIDE, Side.RIGHT: RIGHT_SIDE}


@dataclass(frozen=True)
class _Plan:
    """The numbers of a rectangular floor; `bays` counts one side of one aisle, block by block."""

    aisles: tuple[str, ...]
    aisle_x_mm: tuple[int, ...]
    bays: tuple[int, ...]
    bay_width_mm: int
    cross_width_mm: tuple[int, ...]
    levels: int
    slots: int

    @property
    def block_names(self) -> list[str]:
        return [str(block + 1) for block in range(len(self.bays))]

    @property
    def cross_names(self) -> list[str]:
        return [str(row + 1) for row in range(len(self.cross_width_mm))]

    def mouth_mm(self, block: int, *, back: bool) -> int:
        """How far the bays of a block stand from the middle of the cross aisle at one end."""
        return self.cross_width_mm[block + back] // 2

    def block_mm(self, block: int) -> int:
        """Length of an aisle segment."""
        bays_mm = self.bays[block] * self.bay_width_mm
        return self.mouth_mm(block, back=False) + bays_mm + self.mouth_mm(block, back=True)

    @property
    def cross_y_mm(self) -> list[int]:
        """The middle lines of the cross aisles, front to back."""
        ys = [0]
        for block in range(len(self.bays)):
            ys.append(ys[-1] + self.block_mm(block))
        return ys


@dataclass(frozen=True)
class _StationPlace:
    """A station read, not yet on the floor."""

    name: str
    kind: StationKind
    x_mm: int
    row: int
    spur_mm: int


def read_rectangular(fields: Fields, stations: dict[str, Fields]) -> Layout | None:
    """The layout of a rectangular floor, or None where problems were noted.

    Parameters
    ----------
    fields
        The `floor.rectangular` section.
    stations
        The `stations` section; a station between two aisles makes a column of its own.
    """
    before = fields.num_problems
    fields.only(*KNOWN)
    plan = _read_plan(fields)
    if fields.num_problems > before:
        for name, station in stations.items():
            _read_station(name, station, None)
        return None
    directions, cross_directions = _read_one_way(fields, plan)
    missing = _read_missing(fields, plan)
    blocked = _read_blocked(fields, plan) + _read_dead_ends(fields, plan)
    wide, crossing_mm = _read_wide(fields, plan)
    _check_crossings(fields, plan, crossing_mm, one_way=bool(directions or cross_directions))
    for aisle, block in {(aisle, block) for aisle, block, _, _ in blocked} & missing:
        fields.problem("missing", f"aisle {plan.aisles[aisle]} has no block {block + 1}, and a part of it is closed")
    places = [_read_station(name, station, plan) for name, station in stations.items()]
    if fields.num_problems > before:
        return None
    floor = rectangular_floor(
        plan.aisle_x_mm,
        plan.cross_y_mm,
        aisle_names=plan.aisles,
        bare_x_mm=sorted({place.x_mm for place in places if place} - set(plan.aisle_x_mm)),
        aisle_direction=directions,
        cross_direction=cross_directions,
        missing_segments=missing,
        blocked=blocked,
        crossing_mm=crossing_mm,
    )
    floor = _block_cross_aisles(fields, plan, floor)
    floor, placed = _place_stations(_widen(floor, plan, wide), [place for place in places if place])
    return Layout(floor, plan.aisles, _bin_places(plan, floor), placed)


def _read_plan(fields: Fields) -> _Plan:
    """The numbers, each within its bounds."""
    aisles = _read_aisles(fields)
    pitches = fields.numbers("aisle_pitch", max(len(aisles) - 1, 1), LENGTHS, 1, LENGTH_MAX_MM)
    xs = [0]
    for pitch in pitches[: len(aisles) - 1]:
        xs.append(xs[-1] + pitch)
    blocks = fields.whole("blocks", 1, 50, default=1)
    plan = _Plan(
        aisles=aisles,
        aisle_x_mm=tuple(xs),
        bays=tuple(fields.numbers("bays", blocks, None, 1, 10_000)),
        bay_width_mm=fields.length("bay_width"),
        cross_width_mm=tuple(fields.numbers("cross_aisle_width", blocks + 1, LENGTHS, 0, LENGTH_MAX_MM)),
        levels=fields.whole("levels", 1, 100),
        slots=fields.whole("slots", 1, 1_000, default=1),
    )
    num_bins = len(aisles) * 2 * sum(plan.bays) * plan.levels * plan.slots
    if num_bins > NUM_BINS_MAX:
        fields.problem(None, f"makes {num_bins} bins; {NUM_BINS_MAX} are the most")
    return plan


def _read_aisles(fields: Fields) -> tuple[str, ...]:
    """The aisles' names: given as a list, or numbers from 1 up to the one given."""
    names = fields.texts("aisles")
    if len(names) == 1 and names[0].isdecimal():
        return tuple(str(number + 1) for number in range(fields.whole("aisles", 1, 10_000)))
    return tuple(names) or ("1",)


def _index(names: list[str] | tuple[str, ...], chosen: list[str]) -> list[int]:
    return [names.index(name) for name in chosen]


def _aisles_and_blocks(entry: Fields, plan: _Plan) -> list[tuple[int, int]]:
    """The (aisle, block) pairs that an entry's `aisles` and `blocks` pick."""
    if "aisles" not in entry:
        entry.problem("aisles", "is missing")
    aisles = _index(plan.aisles, entry.chosen("aisles", plan.aisles, "aisle"))
    blocks = _index(plan.block_names, entry.chosen("blocks", plan.block_names, "block"))
    return [(aisle, block) for aisle in aisles for block in blocks]


def _read_one_way(fields: Fields, plan: _Plan) -> tuple[dict[tuple[int, int], int], dict[int, int]]:
    """Directions of aisle segments (up is away from the front) and of cross aisles."""
    aisles: dict[tuple[int, int], int] = {}
    crosses: dict[int, int] = {}
    for entry in fields.entries("one_way"):
        entry.only("aisles", "blocks", "cross_aisles", "direction")
        direction = entry.text("direction")
        across = "cross_aisles" in entry
        words = {"right": 1, "left": -1} if across else {"up": 1, "down": -1}
        if direction and direction not in words:
            entry.problem("direction", f"is {direction}; here it is {' or '.join(words)}")
        sign = words.get(direction, 1)
        if across:
            chosen = entry.chosen("cross_aisles", plan.cross_names, "cross aisle")
            crosses.update(dict.fromkeys(_index(plan.cross_names, chosen), sign))
        else:
            aisles.update(dict.fromkeys(_aisles_and_blocks(entry, plan), sign))
    return aisles, crosses


def _read_missing(fields: Fields, plan: _Plan) -> frozenset[tuple[int, int]]:
    """Aisle segments that are not there."""
    missing: set[tuple[int, int]] = set()
    for entry in fields.entries("missing"):
        entry.only("aisles", "blocks")
        missing.update(_aisles_and_blocks(entry, plan))
    if len(missing) == len(plan.aisles) * len(plan.bays):
        fields.problem("missing", "leaves no aisle at all")
    return frozenset(missing)


def _read_wide(fields: Fields, plan: _Plan) -> tuple[set[tuple[int, int]], dict[tuple[int, int], int]]:
    """Aisle segments in which two carts can pass each other, and how far it is across those that take walking."""
    wide: set[tuple[int, int]] = set()
    crossing_mm: dict[tuple[int, int], int] = {}
    for entry in fields.entries("wide"):
        entry.only("aisles", "blocks", "crossing")
        segments = _aisles_and_blocks(entry, plan)
        wide.update(segments)
        crossing_mm.update(dict.fromkeys(segments, entry.length("crossing", low=0, default=0)))
    return wide, {segment: mm for segment, mm in crossing_mm.items() if mm}


def _check_crossings(fields: Fields, plan: _Plan, crossing_mm: Mapping[tuple[int, int], int], *, one_way: bool) -> None:
    """Note where crossings cannot be planned: beside one-way floor, and beyond so many cross aisles."""
    if crossing_mm and one_way:
        fields.problem("wide", "has a crossing, which no walk reckons with where floor is one-way")
    if crossing_mm and len(plan.cross_width_mm) > CROSS_AISLES_MAX:
        fields.problem("wide", f"has a crossing, which is possible with {CROSS_AISLES_MAX} cross aisles at most")


def _widen(floor: Floor, plan: _Plan, wide: set[tuple[int, int]]) -> Floor:
    """The floor with its wide aisle segments marked."""
    assert floor.grid is not None
    column = {floor.nodes[nodes[0]].x_mm: index for index, nodes in enumerate(floor.grid.nodes)}
    edges = (floor.grid.segments[column[plan.aisle_x_mm[aisle]]][block] for aisle, block in wide)
    return replace(floor, wide=tuple(sorted(edge for edge in edges if edge >= 0)))


def _read_blocked(fields: Fields, plan: _Plan) -> list[tuple[int, int, int, int]]:
    """Stretches of aisles that nobody can pass, as (aisle, block, from_mm, to_mm)."""
    stretches = []
    for entry in fields.entries("blocked"):
        if "cross_aisle" in entry:
            continue  # read when the floor stands, by `_block_cross_aisles`
        entry.only("aisle", "block", "from", "to")
        aisles = entry.chosen("aisle", plan.aisles, "aisle") if entry.text("aisle") else []
        block = entry.whole("block", 1, len(plan.bays), default=1) - 1
        from_mm, to_mm = entry.length("from", low=0), entry.length("to", low=1)
        if not from_mm < to_mm <= plan.block_mm(block):
            entry.problem("to", f"must lie beyond from, and within the {plan.block_mm(block)} mm of the block")
        stretches += [(aisle, block, from_mm, to_mm) for aisle in _index(plan.aisles, aisles)]
    return stretches


def _read_dead_ends(fields: Fields, plan: _Plan) -> list[tuple[int, int, int, int]]:
    """Aisles closed at one end: the stretch between the cross aisle and the first bay is blocked."""
    stretches = []
    for entry in fields.entries("dead_ends"):
        entry.only("aisles", "blocks", "closed")
        closed = entry.text("closed")
        if closed not in ("front", "back"):
            entry.problem("closed", "must be front or back")
        for aisle, block in _aisles_and_blocks(entry, plan):
            mouth = max(plan.mouth_mm(block, back=closed == "back"), 1)
            end = plan.block_mm(block)
            stretches.append((aisle, block, end - mouth, end) if closed == "back" else (aisle, block, 0, mouth))
    return stretches


def _block_cross_aisles(fields: Fields, plan: _Plan, floor: Floor) -> Floor:
    """The floor with the blocked stretches of its cross aisles, given from x to x."""
    stretches = list(floor.blocked)
    assert floor.grid is not None
    for entry in fields.entries("blocked"):
        if "cross_aisle" not in entry:
            continue
        entry.only("cross_aisle", "from", "to")
        row = entry.whole("cross_aisle", 1, len(plan.cross_width_mm)) - 1
        low, high = entry.length("from", low=-LENGTH_MAX_MM), entry.length("to", low=-LENGTH_MAX_MM)
        parts = []
        for gap in floor.grid.gaps[row]:
            edge = floor.edges[gap]
            x = floor.nodes[edge.tail].x_mm
            part = (max(low - x, 0), min(high - x, edge.length_mm))
            if part[0] < part[1]:
                parts.append(Stretch(gap, *part))
        if not parts:
            entry.problem("to", "no floor of this cross aisle lies between from and to")
        stretches += parts
    return replace(floor, blocked=tuple(stretches))


def _read_station(name: str, fields: Fields, plan: _Plan | None) -> _StationPlace | None:
    """A station at an aisle's head or at an x of a cross aisle; without a plan only its form is read."""
    fields.only("kind", "at", "spur")
    kind = fields.choice("kind", StationKind)
    spur_mm = fields.length("spur", low=0, default=0)
    at = fields.section("at")
    if at is None or plan is None:
        return None
    at.only("aisle", "x", "cross_aisle")
    row = at.whole("cross_aisle", 1, len(plan.cross_width_mm), default=1) - 1
    if ("aisle" in at) == ("x" in at):
        at.problem(None, "needs either an aisle or an x")
        return None
    if "x" in at:
        x_mm = at.length("x", low=-LENGTH_MAX_MM)
    else:
        aisle = at.text("aisle")
        if aisle not in plan.aisles:
            at.problem("aisle", f"there is no aisle {aisle}")
            return None
        x_mm = plan.aisle_x_mm[plan.aisles.index(aisle)]
    if spur_mm and 0 < row < len(plan.cross_width_mm) - 1:
        fields.problem("spur", "is possible only at the first and the last cross aisle, away from the racks")
    return _StationPlace(name, kind, x_mm, row, spur_mm)


def _place_stations(floor: Floor, places: list[_StationPlace]) -> tuple[Floor, tuple[Station, ...]]:
    """The floor with a spur for each station that has one, and the stations on it."""
    assert floor.grid is not None
    columns = {floor.nodes[column[0]].x_mm: column for column in floor.grid.nodes}
    nodes, edges, stations = list(floor.nodes), list(floor.edges), []
    for place in places:
        node = columns[place.x_mm][place.row]
        if not place.spur_mm:
            stations.append(Station(place.name, place.kind, floor.spot_at(node)))
            continue
        outwards = -place.spur_mm if place.row == 0 else place.spur_mm
        stations.append(Station(place.name, place.kind, Spot(len(edges), place.spur_mm)))
        edges.append(Edge(node, len(nodes), place.spur_mm, EdgeKind.CROSS))
        nodes.append(Node(place.x_mm, nodes[node].y_mm + outwards))
    return replace(floor, nodes=tuple(nodes), edges=tuple(edges)), tuple(stations)


def _bin_places(plan: _Plan, floor: Floor) -> list[BinPlace]:
    """Every bin place: aisle by aisle, bay by bay, level by level."""
    assert floor.grid is not None
    places: list[BinPlace] = []
    columns = {floor.nodes[nodes[0]].x_mm: index for index, nodes in enumerate(floor.grid.nodes)}
    for aisle, x_mm in zip(plan.aisles, plan.aisle_x_mm, strict=True):
        segments = floor.grid.segments[columns[x_mm]]
        bay = 1
        for block, segment in enumerate(segments):
            for index in range(plan.bays[block]):
                if segment >= 0:
                    offset = plan.mouth_mm(block, back=False) + plan.bay_width_mm * (2 * index + 1) // 2
                    for side, number in ((Side.LEFT, bay), (Side.RIGHT, bay + 1)):
                        spot = Spot(segment, offset, SIDE_OF[side] if floor.edges[segment].crossing_mm else EITHER_SIDE)
                        places += bay_places(aisle, number, spot, side, plan.levels, plan.slots)
                bay += 2
    return places

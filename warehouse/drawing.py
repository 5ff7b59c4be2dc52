"""A floor drawn as SVG, with a walk on it: for the handheld page, reports and documents alike.

The drawing carries its own style, light and dark, and no script. A rectangular floor may be drawn higher
or flatter than it is, so that it fits a screen; any other floor is drawn to scale, storeys side by side.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from warehouse.bins import Bin, Side, Station
from warehouse.drawing_path import Piece, Point, Run, Walked, corners, runs_of
from warehouse.drawing_plan import Plan
from warehouse.drawing_style import FONT, NUM_ZONE_TINTS, STYLE, zone_tints
from warehouse.floor import EdgeKind, Floor, Spot

ROW = FONT * 1.35
"""Height of a line of text."""

ARROW_EVERY = 170.0
"""A walk shows its direction at least so often; closer would read as a pattern."""


NUMBERED_PLACES_MAX = 60
"""On a walk that halts at more places numbers would cover one another; it shows dots, and the next stop."""

ONE_WAY_EVERY = 45.0
"""One-way arrows on one straight line are never closer than so."""


@dataclass(frozen=True, slots=True)
class DrawnStop:
    """A numbered halt; `label` shows when it is pointed at, `side` is where the bin is."""

    spot: Spot
    label: str = ""
    side: Side | None = None


def floor_svg(
    floor: Floor,
    *,
    bins: Iterable[Bin] = (),
    stations: Sequence[Station] = (),
    legs: Sequence[Walked] = (),
    stops: Sequence[DrawnStop] = (),
    start: Spot | None = None,
    end: Spot | None = None,
    num_legs_walked: int = 0,
    num_stops_done: int = 0,
    title: str = "",
) -> str:
    """A floor as an SVG document.

    Parameters
    ----------
    floor
        What to draw.
    bins
        Its bins, for the racks and their zones.
    stations
        Stations to name.
    legs
        The walk; a route's own legs serve.
    stops
        Where it halts, in order; they are numbered from 1.
    start, end
        Marked if given.
    num_legs_walked, num_stops_done
        How much of the walk lies behind: drawn apart from what is ahead, the next stop marked.
    title
        A line above the drawing, and its name for those who cannot see it.

    Returns
    -------
    str
        The document. It can be saved, or put into a page as it is.

    Raises
    ------
    ValueError
        If a spot is off the floor.
    """
    for spot in [*(stop.spot for stop in stops), *(spot for spot in (start, end) if spot)]:
        floor.check_spot(spot)
    plan = Plan(floor, stations, top=ROW * (1.4 if title else 0.5))
    zones, racks = _racks(plan, bins)
    runs = runs_of(_pieces(plan, legs, num_legs_walked), plan.lane)
    legend = _legend(plan, zones, walk=bool(legs), gone=num_legs_walked > 0, start=start, end=end)
    height = plan.height + (len({y for _, y, _ in legend}) + 0.4) * ROW * bool(legend)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ow" viewBox="0 0 {plan.width:g} {_n(height)}" '
        f'role="img" aria-label={quoteattr(title or "Floor plan")}>',
        f"<style>{STYLE}{zone_tints()}</style>",
        f'<rect class="paper" width="{plan.width:g}" height="{_n(height)}" rx="12"/>',
        f'<text class="t" x="20" y="{_n(ROW)}">{escape(title)}</text>' if title else "",
        *_ground(plan),
        *racks,
        *_one_ways(plan),
        *_blocked(plan),
        *_walk(plan, runs, stops),
        *_aisle_names(plan),
        *_stations(plan),
        *_stops(plan, stops, num_stops_done),
        *_ends(plan, start, end),
        *(f'<g transform="translate({_n(x)} {_n(plan.height + y)})">{sign}</g>' for x, y, sign in legend),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _n(number: float) -> str:
    """A coordinate with one decimal, without a trailing zero."""
    return f"{number:.1f}".removesuffix(".0")


def _line(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _ground(plan: Plan) -> list[str]:
    """The floor people walk on; ways between storeys as dotted lines."""
    parts: dict[tuple[str, float], list[str]] = {}
    for index, edge in enumerate(plan.floor.edges):
        tail, head = plan.node(edge.tail), plan.node(edge.head)
        lift = plan.floor.nodes[edge.tail].storey != plan.floor.nodes[edge.head].storey
        if lift:
            key = ("lift", 0.0)
        elif edge.kind is EdgeKind.AISLE:
            key = ("floor", plan.aisle)
        else:
            key = ("floor", plan.cross if index in plan.lines else plan.aisle)
        parts.setdefault(key, []).append(_line((tail, head)))
    return [
        f'<path class="{name}"' + (f' stroke-width="{_n(width)}"' if width else "") + f' d="{"".join(lines)}"/>'
        for (name, width), lines in parts.items()
    ]


def _racks(plan: Plan, bins: Iterable[Bin]) -> tuple[list[str], list[str]]:
    """Zones, the largest first, and the racks in strips; a bay of several zones is split in depth."""
    bays: dict[tuple[int, Side], dict[int, dict[str, None]]] = {}
    sizes: Counter[str] = Counter()
    for each in bins:
        sizes[each.zone] += 1
        bay = bays.setdefault((each.spot.edge, each.side), {}).setdefault(each.spot.offset_mm, {})
        bay.setdefault(each.zone)
    zones = {zone: index for index, (zone, _) in enumerate(sizes.most_common())}
    parts: dict[tuple[int, str, str], list[str]] = {}
    for (edge, side), offsets in bays.items():
        marks = sorted(offsets)
        bay_mm = min((b - a for a, b in pairwise(marks)), default=1_000)
        for first, last, names in _rows(marks, bay_mm, [tuple(offsets[mark]) for mark in marks]):
            for layer, name in enumerate(names):
                share = (layer + 0.5) / len(names)
                points, bay_length = plan.rack(edge, side, first - bay_mm / 2, last + bay_mm / 2, bay_mm, share)
                dashes = f"{_n(bay_length * 0.9)} {_n(bay_length * 0.1)}" if bay_length > 4 else "none"
                key = (zones[name] % NUM_ZONE_TINTS, dashes, _n(plan.rack_depth / len(names)))
                parts.setdefault(key, []).append(_line(points))
    return list(zones), [
        f'<path class="z{tint}" stroke-width="{width}" stroke-dasharray="{dashes}" d="{"".join(lines)}"/>'
        for (tint, dashes, width), lines in parts.items()
    ]


def _rows(
    marks: Sequence[int], bay_mm: int, zones: Sequence[tuple[str, ...]]
) -> Iterable[tuple[int, int, tuple[str, ...]]]:
    """Rows of neighbouring bays of the same zones, as the first and the last bay's middle."""
    first = 0
    for index in range(1, len(marks) + 1):
        if index < len(marks) and marks[index] == marks[index - 1] + bay_mm and zones[index] == zones[first]:
            continue
        yield marks[first], marks[index - 1], zones[first]
        first = index


def _aisle_names(plan: Plan) -> list[str]:
    """The names of aisles, as many as there is room for."""
    return [f'<text class="m s" x="{_n(x)}" y="{_n(y)}">{escape(name)}</text>' for name, (x, y) in plan.names()]


def _one_ways(plan: Plan) -> list[str]:
    """Open arrows on every edge that is walked in one direction, on rows of short ones not on each."""
    lines = []
    last: dict[int, Point] = {}
    for index, edge in enumerate(plan.floor.edges):
        if not edge.direction:
            continue
        dx, dy = plan.direction(index)
        dx, dy, size = dx * edge.direction, dy * edge.direction, max(plan.aisle * 0.28, 5.0)
        line = plan.lines.get(index, -1 - index)
        for share in (0.25, 0.75):
            x, y = plan.at(Spot(index, round(edge.length_mm * share)))
            if line in last and math.dist(last[line], (x, y)) < ONE_WAY_EVERY:
                continue
            last[line] = (x, y)
            back, wing = (x - dx * size, y - dy * size), (-dy * size, dx * size)
            lines.append(
                _line(((back[0] + wing[0], back[1] + wing[1]), (x, y), (back[0] - wing[0], back[1] - wing[1])))
            )
    return [f'<path class="oneway" d="{"".join(lines)}"/>'] if lines else []


def _blocked(plan: Plan) -> list[str]:
    """Every blocked stretch, hatched."""
    lines = []
    for stretch in plan.floor.blocked:
        dx, dy = plan.direction(stretch.edge)
        (ax, ay), (bx, by) = plan.at(Spot(stretch.edge, stretch.from_mm)), plan.at(Spot(stretch.edge, stretch.to_mm))
        half = plan.aisle / 2
        length = max(abs(bx - ax) + abs(by - ay), 4.0)
        side = (-dy * half, dx * half)
        lines.append(
            _line([(ax + side[0], ay + side[1]), (bx + side[0], by + side[1]), (bx - side[0], by - side[1]),
                   (ax - side[0], ay - side[1])]) + "Z"
        )  # fmt: skip
        steps = max(int(length / 6), 1)
        for step in range(steps):
            low, high = length * step / steps, length * (step + 1) / steps
            lines.append(
                _line([(ax + dx * low + side[0], ay + dy * low + side[1]),
                       (ax + dx * high - side[0], ay + dy * high - side[1])])
            )  # fmt: skip
    return [f'<path class="block" d="{"".join(lines)}"/>'] if lines else []


def _pieces(plan: Plan, legs: Sequence[Walked], num_walked: int) -> list[Piece]:
    """The legs on paper, with the style of each."""
    pieces = []
    for index, leg in enumerate(legs):
        style = ("gone" if index < num_walked else "way") + (" in" if leg.step_in else "")
        start, end = plan.at(Spot(leg.edge, leg.from_mm)), plan.at(Spot(leg.edge, leg.to_mm))
        pieces.append(Piece(plan.lines.get(leg.edge, -1 - leg.edge), start, end, style))
    return pieces


def _walk(plan: Plan, runs: Sequence[Run], stops: Sequence[DrawnStop]) -> list[str]:
    """The walk, what is behind below what is ahead, with arrows along it."""
    halts = [plan.at(stop.spot) for stop in stops]
    lines: dict[str, list[str]] = {}
    heads: dict[str, list[str]] = {}
    drawn = corners(runs)
    for run, points in zip(runs, drawn, strict=True):
        lines.setdefault(run.style, []).append(_line(points))
        heads.setdefault(run.style, []).extend(_arrows(plan, run, halts))
    order = sorted(lines, key=lambda style: style.startswith("way"))
    width = _n(plan.lane * 0.62)
    return [
        *(f'<path class="{style}" stroke-width="{width}" d="{"".join(lines[style])}"/>' for style in order),
        *(f'<path class="head {style.split()[0]}" d="{"".join(heads[style])}"/>' for style in order if heads[style]),
    ]


def _arrows(plan: Plan, run: Run, halts: Sequence[Point]) -> list[str]:
    """Arrowheads on a run, away from the halts where there is room."""
    (dx, dy), (ox, oy), size = run.direction, run.offset, max(plan.lane * 0.95, 6.5)
    length = abs(run.end[0] - run.start[0]) + abs(run.end[1] - run.start[1])
    if length < size * 4:
        return []
    arrows = []
    num = max(1, round(length / ARROW_EVERY))
    for index in range(num):
        shares = [(index + share) / num for share in (0.5, 0.4, 0.6, 0.3, 0.7)]
        places = [(run.start[0] + dx * length * share, run.start[1] + dy * length * share) for share in shares]
        free = [p for p in places if all(abs(p[0] - x) + abs(p[1] - y) > size * 1.5 for x, y in halts)]
        x, y = (free or places)[0]
        x, y = x + ox, y + oy
        tip, back = (x + dx * size, y + dy * size), (x - dx * size * 0.7, y - dy * size * 0.7)
        wing = (-dy * size * 0.85, dx * size * 0.85)
        arrows.append(
            _line((tip, (back[0] + wing[0], back[1] + wing[1]), (back[0] - wing[0], back[1] - wing[1]))) + "Z"
        )
    return arrows


def _stations(plan: Plan) -> list[str]:
    """Stations as small squares with their names."""
    parts = []
    leads = []
    half, size = plan.mark * 0.42, plan.mark * 0.84
    for station, (x, y), (label_x, label_y), above in plan.labels:
        edge_y = label_y + (4 if above else -FONT * 0.85)
        leads.append(_line(((x, y), (label_x, edge_y))))
        parts.append(
            f'<rect class="place" x="{_n(x - half)}" y="{_n(y - half)}" width="{_n(size)}" height="{_n(size)}" rx="2"/>'
        )
        parts.append(f'<text class="m s" x="{_n(label_x)}" y="{_n(label_y)}">{escape(station.name)}</text>')
    return [f'<path class="lead" d="{"".join(leads)}"/>', *parts] if parts else []


def _stops(plan: Plan, stops: Sequence[DrawnStop], num_done: int) -> list[str]:
    """Numbered marks beside the walk, each tied to the spot it stands for."""
    groups: dict[tuple[Spot, Side | None], list[int]] = {}
    for index, stop in enumerate(stops):
        groups.setdefault((stop.spot, stop.side), []).append(index)
    parts = []
    for (spot, side), (x, y) in plan.marks(list(groups)).items():
        indices = groups[spot, side]
        state = "done" if indices[-1] < num_done else "next" if num_done in indices else ""
        number = str(indices[0] + 1)
        if len(indices) > 1:
            joint = "-" if indices[-1] - indices[0] == len(indices) - 1 else ","
            number = f"{number}{joint}{indices[-1] + 1}" if joint == "-" else ",".join(str(i + 1) for i in indices)
        at = plan.at(spot)
        r = plan.mark
        half = max(r, len(number) * r * 0.42)
        name = escape(", ".join(stops[index].label for index in indices if stops[index].label))
        dot = f'<circle class="dot" cx="{_n(at[0])}" cy="{_n(at[1])}" r="{_n(r * 0.28)}"/>'
        if len(groups) > NUMBERED_PLACES_MAX and state != "next":
            parts.append(f"<g>{f'<title>{number}: {name}</title>' if name else ''}{dot}</g>")
            continue
        parts.append(
            f'<path class="tie" d="{_line((at, (x, y)))}"/>{dot}'
            f'<g class="stop {state}">{f"<title>{name}</title>" if name else ""}'
            f'<rect x="{_n(x - half)}" y="{_n(y - r)}" width="{_n(half * 2)}" height="{_n(r * 2)}" rx="{_n(r)}"/>'
            f'<text x="{_n(x)}" y="{_n(y)}" style="font-size:{_n(r * 1.2)}px">{number}</text></g>'
        )
    return parts


def _ends(plan: Plan, start: Spot | None, end: Spot | None) -> list[str]:
    """Where the walk starts (a triangle in a circle) and ends (a square in a square)."""
    parts = []
    same = start is not None and end is not None and plan.floor.same_point(start, end)
    apart = plan.mark * 1.05 if same else 0.0
    if start is not None:
        x, y = plan.at(start)
        parts.append(f'<g transform="translate({_n(x - apart)} {_n(y)})">{_start_sign(plan.mark)}</g>')
    if end is not None:
        x, y = plan.at(end)
        parts.append(f'<g transform="translate({_n(x + apart)} {_n(y)})">{_end_sign(plan.mark)}</g>')
    return parts


def _start_sign(r: float) -> str:
    triangle = _line(((-r * 0.35, -r * 0.55), (r * 0.6, 0), (-r * 0.35, r * 0.55))) + "Z"
    return f'<circle class="start" r="{_n(r)}"/><path class="sign" d="{triangle}"/>'


def _end_sign(r: float) -> str:
    outer, inner = _n(r * 0.92), _n(r * 0.4)
    return (
        f'<rect class="end" x="-{outer}" y="-{outer}" width="{_n(r * 1.84)}" height="{_n(r * 1.84)}" rx="3"/>'
        f'<rect class="sign" x="-{inner}" y="-{inner}" width="{_n(r * 0.8)}" height="{_n(r * 0.8)}"/>'
    )


def _legend(
    plan: Plan, zones: Sequence[str], *, walk: bool, gone: bool, start: Spot | None, end: Spot | None
) -> list[tuple[float, float, str]]:
    """What the signs mean, as (x, y, drawing), wrapped into rows."""
    entries: list[tuple[str, str]] = []
    if start is not None:
        entries.append((_start_sign(11), "start"))
    if end is not None:
        entries.append((_end_sign(11), "end"))
    if walk:
        entries.append(('<path class="way" stroke-width="6" d="M-14 0L14 0"/>', "ahead" if gone else "path"))
    if gone:
        entries.append(('<path class="gone" stroke-width="6" d="M-14 0L14 0"/>', "walked"))
    if plan.floor.blocked:
        entries.append(('<path class="block" d="M-12 -9L12 -9L12 9L-12 9ZM-12 -9L0 9M0 -9L12 9"/>', "blocked"))
    if plan.floor.has_one_way:
        entries.append(('<path class="oneway" d="M-12 6L-6 -4L0 6M2 6L8 -4L14 6"/>', "one way"))
    if len(zones) > 1:
        for index, zone in enumerate(zones):
            sign = f'<rect class="k{index % NUM_ZONE_TINTS}" x="-13" y="-10" width="26" height="20" rx="3"/>'
            entries.append((sign, zone))
    placed = []
    x, y = 34.0, ROW * 0.6
    for sign, word in entries:
        width = 30 + len(word) * FONT * 0.56 + 26
        if x + width > plan.width and x > 34:
            x, y = 34.0, y + ROW
        placed.append((x, y, f'{sign}<text x="24" y="{_n(FONT * 0.34)}">{escape(word)}</text>'))
        x += width
    return placed

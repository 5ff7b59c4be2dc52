"""A site as one readable YAML file: read whole, or with every problem and its line.

What a site file says is told in `docs/site-file.md`. Reading goes from the floor (which gives the bin
places) over zones and bin types (which claim them) to the bin codes; what depends on a part that could
not be read is not judged, so that one slip does not show as ten.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

from warehouse.bins import Bin, BinType, Cart, Site, StorageClass, Zone
from warehouse.codes import DEFAULT_TEMPLATE, BinCodes
from warehouse.errors import Problem, SiteFileInvalid
from warehouse.site_areas import claim, read_areas
from warehouse.site_fields import Fields, Found, fields_of
from warehouse.site_graph import read_graph
from warehouse.site_layout import Layout, cut_off
from warehouse.site_rectangular import read_rectangular
from warehouse.site_writing import write_site
from warehouse.units import LENGTHS, TIMES, VOLUMES, WEIGHTS
from warehouse.walk_times import WalkTimes

__all__ = ["load_site", "read_site", "write_site"]

KNOWN = ("code", "name", "time_zone", "bin_code", "floor", "zones", "bin_types", "stations", "cart", "times")
_TIMES = {"arm": "arm_ms", "aisle_end": "aisle_end_ms", "stop": "stop_ms", "unit": "unit_ms", "level": "level_ms"}
"""What each time of a site file is called in `WalkTimes`."""
LOAD_MAX_G = 1_000_000_000
"""1,000 t: more than any floor carries in one place."""
VOLUME_MAX_MM3 = 10**15
"""A million m3: more than any warehouse."""
LINES_MAX = 100_000
"""More than anybody picks on one walk."""
SPEED_MAX_MM_S = 20_000
"""Faster than anything that drives between shelves."""
TIME_MAX_MS = 3_600_000
"""An hour at one bin: a slip of a unit is found."""
CODE_LENGTH_MAX = 32
"""What the database keeps of a site's code."""


def load_site(path: Path | str) -> Site:
    """The site in a file.

    Raises
    ------
    SiteFileInvalid
        With every problem in it; also if the file cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SiteFileInvalid([Problem(str(path), f"cannot be read: {error}")]) from error
    site = read_site(text, Path(path).name)
    if isinstance(site, list):
        raise SiteFileInvalid(site)
    return site


def read_site(text: str, source: str = "site file") -> Site | list[Problem]:
    """The site that a site file describes, or everything that is wrong with it, line by line.

    Parameters
    ----------
    text
        The file's text.
    source
        What to call the file in problems.
    """
    found: Found = []
    fields = fields_of(text, source, found)
    site = None if fields is None else _read(fields, text)
    return site or [problem for _, problem in sorted(found, key=lambda each: each[0])]


def _read(fields: Fields, text: str) -> Site | None:
    """The site, or None where problems were noted."""
    fields.only(*KNOWN)
    code = fields.text("code")
    if len(code) > CODE_LENGTH_MAX:
        fields.problem("code", f"is longer than {CODE_LENGTH_MAX} characters")
    name, time_zone = fields.text("name"), _read_time_zone(fields)
    codes = _read_codes(fields)
    layout = _read_layout(fields)
    zones, zone_of = _read_zones(fields, layout)
    types, type_of = _read_bin_types(fields, layout, list(zones), zone_of)
    cart, times = _read_cart(fields), _read_times(fields)
    if fields.num_problems or layout is None or codes is None:
        return None
    bins = _bins(fields, layout, codes, zone_of, type_of)
    if fields.num_problems:
        return None
    return Site(
        code=code,
        name=name,
        time_zone=time_zone,
        bin_code_template=codes.template,
        floor=layout.floor,
        zones=zones,
        bin_types=types,
        bins=tuple(bins),
        stations=layout.stations,
        cart=cart,
        definition=text,
        times=times,
    )


def _read_time_zone(fields: Fields) -> str:
    time_zone = fields.text("time_zone", default="UTC")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):  # not known, or not even a name
        fields.problem("time_zone", f"{time_zone} is not a time zone; write one such as Europe/Rome")
    return time_zone


def _read_codes(fields: Fields) -> BinCodes | None:
    try:
        return BinCodes(fields.text("bin_code", default=DEFAULT_TEMPLATE))
    except ValueError as error:
        fields.problem("bin_code", str(error))
        return None


def _read_layout(fields: Fields) -> Layout | None:
    """The floor with its bin places and stations, checked to hang together."""
    floor, stations = fields.section("floor"), fields.named("stations")
    if floor is None:
        return None
    floor.only("rectangular", "graph")
    if ("rectangular" in floor) == ("graph" in floor):
        floor.problem(None, "needs either a rectangular section or a graph")
        return None
    kind, read = ("graph", read_graph) if "graph" in floor else ("rectangular", read_rectangular)
    section = floor.section(kind)
    layout = None if section is None else read(section, stations)
    if layout is None:
        return None
    if not layout.places:
        floor.problem(None, "has no bins")
        return None
    edges = list(dict.fromkeys(place.spot.edge for place in layout.places))
    edges += [station.spot.edge for station in layout.stations]
    lost = cut_off(layout.floor, edges)
    if lost:
        names = [layout.floor.edges[edge].name for edge in lost]
        stations_lost = [station.name for station in layout.stations if station.spot.edge in lost]
        what = ", ".join(dict.fromkeys([f"aisle {each}" for each in names if each] + stations_lost))
        floor.problem(None, f"there is no way there and back from the first bins: {what}")
    return layout


def _read_zones(fields: Fields, layout: Layout | None) -> tuple[dict[str, Zone], list[str]]:
    """The zones, and the zone of every bin place."""
    section = fields.section("zones")
    if section is None:
        return {}, []
    before = fields.num_problems
    zones, areas = {}, {}
    known = {kind.value for kind in StorageClass}
    for name, entry in section.children().items():
        entry.only("storage_classes", "where")
        classes = entry.texts("storage_classes")
        for unknown in [each for each in classes if each not in known]:
            entry.problem("storage_classes", f"{unknown} is not a storage class; {', '.join(StorageClass)} are")
        zones[name] = Zone(name, frozenset(StorageClass(each) for each in classes if each in known))
        areas[name] = read_areas(entry, layout)
    if not zones:
        section.problem(None, "names no zone")
    if layout is None or fields.num_problems > before:
        return zones, []
    return zones, claim(section, areas, layout.places, [""] * len(layout.places))


def _read_bin_types(
    fields: Fields, layout: Layout | None, zones: list[str], zone_of: list[str]
) -> tuple[dict[str, BinType], list[str]]:
    """The bin types, and the type of every bin place."""
    section = fields.section("bin_types")
    if section is None:
        return {}, []
    before = fields.num_problems
    types, areas = {}, {}
    for name, entry in section.children().items():
        entry.only("length", "width", "height", "volume", "load", "where")
        length_mm, width_mm, height_mm = entry.length("length"), entry.length("width"), entry.length("height")
        room_mm3 = length_mm * width_mm * height_mm
        volume_mm3 = entry.quantity("volume", VOLUMES, 1, VOLUME_MAX_MM3, default=room_mm3)
        if volume_mm3 > room_mm3:
            entry.problem("volume", f"is more than length x width x height, {room_mm3 / 1e6:g} l")
        load_g = entry.quantity("load", WEIGHTS, 1, LOAD_MAX_G)
        types[name] = BinType(name, length_mm, width_mm, height_mm, volume_mm3, load_g)
        areas[name] = read_areas(entry, layout, zones)
    if not types:
        section.problem(None, "names no bin type")
    if layout is None or not zone_of or fields.num_problems > before:
        return types, []
    return types, claim(section, areas, layout.places, zone_of)


def _read_cart(fields: Fields) -> Cart:
    section = fields.section("cart")
    if section is None:
        return Cart(1, 1, 1)
    section.only("totes", "tote_volume", "load", "lines")
    return Cart(
        num_totes=section.whole("totes", 1, 1_000),
        tote_volume_mm3=section.quantity("tote_volume", VOLUMES, 1, VOLUME_MAX_MM3),
        load_g=section.quantity("load", WEIGHTS, 1, LOAD_MAX_G),
        lines_max=section.whole("lines", 1, LINES_MAX) if "lines" in section else None,
    )


def _read_times(fields: Fields) -> WalkTimes | None:
    """How long things take, where the file says so."""
    if "times" not in fields:
        return None
    section = fields.section("times")
    if section is None:
        return None
    section.only("speed", *_TIMES)
    speed_mm_s = section.quantity("speed", LENGTHS, 1, SPEED_MAX_MM_S)
    own = {field: section.quantity(key, TIMES, 0, TIME_MAX_MS, default=0) for key, field in _TIMES.items()}
    return WalkTimes(speed_mm_s, **own)


def _bins(fields: Fields, layout: Layout, codes: BinCodes, zone_of: list[str], type_of: list[str]) -> list[Bin]:
    """Every bin with its code; a position the template cannot show, or shows twice, is a problem."""
    bins: list[Bin] = []
    seen: set[str] = set()
    said: set[str] = set()
    for (position, spot, side), zone, bin_type in zip(layout.places, zone_of, type_of, strict=True):
        try:
            code = codes.format(position)
        except ValueError as error:
            field = str(error).partition(" ")[0]
            if field not in said:
                said.add(field)
                fields.problem("bin_code", str(error))
            continue
        if code in seen and "twice" not in said:
            said.add("twice")
            fields.problem("floor", f"{position} is there twice")
        seen.add(code)
        bins.append(Bin(code, spot, side, position.aisle, position.bay, position.level, position.slot, zone, bin_type))
    return bins

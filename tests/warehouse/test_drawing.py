"""Drawn floors: well-formed, complete, safe, and legible."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.warehouse.demo import demo_site
from warehouse.bins import Side, Station, StationKind
from warehouse.drawing import DrawnStop, floor_svg
from warehouse.drawing_path import Piece, Point, corners, runs_of
from warehouse.drawing_style import STYLE
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot
from warehouse.layouts import rectangular_floor

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Leg:
    edge: int
    from_mm: int
    to_mm: int
    step_in: bool = False


UP_AND_ACROSS = (Leg(0, 0, 10_000), Leg(4, 0, 3_000), Leg(1, 10_000, 0), Leg(3, 3_000, 0))


def small_floor() -> Floor:
    return rectangular_floor([0, 3000, 6000], [0, 10_000], blocked=[(2, 0, 4000, 5000)], cross_direction={0: -1})


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in drawn(svg).iter(f"{SVG}text")]


def paths(svg: str, kind: str) -> list[str]:
    return [each.get("d", "") for each in drawn(svg).iter(f"{SVG}path") if each.get("class") == kind]


def test_a_site_is_drawn_with_its_aisles_stations_zones_and_closed_parts() -> None:
    site = demo_site()
    svg = floor_svg(site.floor, bins=site.bins, stations=site.stations, title="Demo")
    assert [text for text in texts(svg) if text.isdigit()] == [str(number) for number in range(1, 13)]
    assert {station.name for station in site.stations} <= set(texts(svg))
    assert set(site.zones) <= set(texts(svg))
    assert {"blocked", "one way"} <= set(texts(svg))
    assert not {"start", "end", "path", "walked"} & set(texts(svg))
    assert len(paths(svg, "oneway")[0].split("M")) > 4


def test_names_are_escaped_and_there_is_no_script() -> None:
    floor = rectangular_floor([0], [0, 10_000], aisle_names=["<b>&"])
    station = Station('</text><script>alert("x")</script>', StationKind.PACKING, Spot(0, 0))
    stop = DrawnStop(Spot(0, 5000), "<i>")
    svg = floor_svg(floor, stations=[station], stops=[stop], title='"><script>')
    assert not list(drawn(svg).iter(f"{SVG}script"))
    assert "<b>&" in texts(svg)
    assert station.name in texts(svg)
    assert drawn(svg).get("aria-label") == '"><script>'
    assert "<i>" in [each.text for each in drawn(svg).iter(f"{SVG}title")]


def test_what_is_walked_and_what_is_ahead_are_drawn_apart() -> None:
    stops = [DrawnStop(Spot(0, 5000), "first", Side.LEFT), DrawnStop(Spot(1, 5000), "second", Side.RIGHT)]
    start = Spot(0, 0)
    svg = floor_svg(
        small_floor(),
        legs=UP_AND_ACROSS,
        stops=stops,
        start=start,
        end=start,
        num_legs_walked=1,
        num_stops_done=1,
    )
    assert {"start", "end", "ahead", "walked", "1", "2"} <= set(texts(svg))
    assert len(paths(svg, "gone")) == 2  # the walk and the sign in the legend
    assert len(paths(svg, "way")) == 2
    states = [each.get("class") for each in drawn(svg).iter(f"{SVG}g") if each.get("class")]
    assert states == ["stop done", "stop next"]


def test_steps_without_the_cart_are_drawn_apart() -> None:
    legs = (Leg(0, 0, 2000, step_in=True), Leg(0, 2000, 0, step_in=True))
    assert paths(floor_svg(small_floor(), legs=legs), "way in")


def test_stops_at_one_bay_share_a_mark_and_keep_their_numbers() -> None:
    spot = Spot(0, 5000)
    stops = [
        DrawnStop(spot),
        DrawnStop(spot),
        DrawnStop(spot, side=Side.LEFT),
        DrawnStop(spot),
        DrawnStop(Spot(0, 5001)),
    ]
    assert {"1,2,4", "3", "5"} <= set(texts(floor_svg(small_floor(), stops=stops)))
    assert "1-2" in texts(floor_svg(small_floor(), stops=stops[:2]))


def test_marks_of_neighbouring_bays_do_not_hide_each_other() -> None:
    stops = [DrawnStop(Spot(0, 4000 + 300 * index), side=Side.LEFT) for index in range(8)]
    marks = [
        (float(each.get("y", "0")), float(each.get("height", "0")))
        for group in drawn(floor_svg(small_floor(), stops=stops)).iter(f"{SVG}g")
        if group.get("class", "").startswith("stop")
        for each in group.iter(f"{SVG}rect")
    ]
    assert len(marks) == 8
    for (y, height), (other, _) in itertools.combinations(marks, 2):
        assert abs(y - other) >= height


def test_station_names_do_not_hide_each_other() -> None:
    floor = rectangular_floor([0, 3000], [0, 10_000], bare_x_mm=[400, 800, 1200])
    assert floor.grid is not None
    names = ["inbound dock", "cart park", "packing table", "conveyor one"]
    stations = [
        Station(name, StationKind.PACKING, floor.spot_at(column[0]))
        for name, column in zip(names, floor.grid.nodes, strict=False)
    ]
    root = drawn(floor_svg(floor, stations=stations))
    rows = [each.get("y") for each in root.iter(f"{SVG}text") if each.text in names]
    assert len(set(rows)) == 4


def pieces_along(points: Sequence[Point], line: int = 1) -> list[Piece]:
    return [Piece(line, a, b, "way") for a, b in itertools.pairwise(points)]


def test_two_passes_of_one_aisle_run_side_by_side_and_a_single_one_in_the_middle() -> None:
    once = runs_of(pieces_along([(0, 0), (0, 50), (0, 100)]), 8)
    assert [(run.start, run.end, run.shift) for run in once] == [((0, 0), (0, 100), 0)]
    there_and_back = runs_of(pieces_along([(0, 100), (0, 0), (0, 100)]), 8)
    assert corners(there_and_back) == [[(4, 100), (4, 0), (-4, 0)], [(-4, 0), (-4, 100)]]


def test_a_third_pass_keeps_clear_of_the_first_two() -> None:
    runs = runs_of(pieces_along([(0, 0), (0, 90), (0, 0), (0, 90)]), 8)
    assert len({run.offset[0] for run in runs}) == 3


def test_moved_runs_meet_at_their_corners() -> None:
    there = [Piece(1, (0, 100), (0, 0), "way"), Piece(2, (0, 0), (50, 0), "way")]
    back = [Piece(2, (50, 0), (0, 0), "way"), Piece(1, (0, 0), (0, 100), "way")]
    lines = corners(runs_of(there + back, 8))
    for line, following in itertools.pairwise(lines):
        assert line[-1] == following[0]
    assert lines[0][1] == (4, 4)


def test_a_free_floor_of_several_storeys_is_drawn_side_by_side() -> None:
    nodes = (Node(0, 0), Node(0, 9000), Node(5000, 9000), Node(5000, 9000, 1), Node(0, 9000, 1))
    edges = (
        Edge(0, 1, 9000, EdgeKind.AISLE, 1, "A"),
        Edge(1, 2, 5000, EdgeKind.CROSS),
        Edge(2, 3, 20_000, EdgeKind.CROSS),
        Edge(3, 4, 5000, EdgeKind.AISLE, 0, "B"),
    )
    svg = floor_svg(Floor(nodes, edges), legs=[Leg(0, 0, 9000), Leg(1, 0, 5000), Leg(2, 0, 20_000)])
    assert {"A", "B"} <= set(texts(svg))
    assert paths(svg, "lift")


def test_a_lone_aisle_and_a_very_wide_floor_fit_the_paper() -> None:
    for floor in (rectangular_floor([0], [0, 90_000]), rectangular_floor(range(0, 300_000, 2500), [0, 12_000])):
        svg = floor_svg(floor, start=Spot(0, 0), end=Spot(0, 100))
        width, height = (float(part) for part in drawn(svg).get("viewBox", "").split()[2:])
        assert width == 720
        assert 400 < height < 1200
        numbers = [float(number) for d in paths(svg, "floor") for number in re.findall(r"-?[0-9.]+", d)]
        assert min(numbers) >= 0
        assert max(numbers) <= max(width, height)


def test_a_spot_off_the_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="does not lie on its edge"):
        floor_svg(small_floor(), start=Spot(0, 10_001))


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_have_a_contrast_of_7_and_lines_of_3(theme: int) -> None:
    blocks = re.findall(r"\.ow\{(--paper[^}]*)\}", STYLE)
    colours = dict(re.findall(r"--([a-z0-9]+):(#[0-9a-f]{6})", blocks[theme]))
    for text, ground in (("ink", "paper"), ("ink", "floor"), ("onstop", "stop"), ("paper", "start"), ("paper", "end")):
        assert contrast(colours[text], colours[ground]) >= 7, (text, ground)
    for line, ground in itertools.product(("way", "gone", "block", "line", "next"), ("paper", "floor")):
        assert contrast(colours[line], colours[ground]) >= 3, (line, ground)

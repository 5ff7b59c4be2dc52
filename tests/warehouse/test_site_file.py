"""Reading and writing site files."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.warehouse.demo import DEMO_SITE, demo_site
from warehouse.bins import BinType, Cart, Side, Site, StationKind, StorageClass
from warehouse.errors import SiteFileInvalid
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, EdgeKind, Spot, Stretch
from warehouse.site_file import load_site, read_site, write_site
from warehouse.site_writing import OneWay, PlannedBinType, PlannedSite, PlannedStation, PlannedZone, Where
from warehouse.walk_times import WalkTimes

DOCS = Path(__file__).resolve().parents[2] / "docs"

SMALL = """\
code: S
name: Small
floor:
  rectangular: { aisles: 2, aisle_pitch: 3 m, bays: 3, bay_width: 1 m, cross_aisle_width: 2 m, levels: 2 }
zones:
  all: { storage_classes: [ambient] }
bin_types:
  box: { length: 600 mm, width: 400 mm, height: 300 mm, load: 30 kg }
stations:
  carts: { kind: cart_park, at: { aisle: 1 } }
cart: { totes: 4, tote_volume: 60 l, load: 100 kg }
"""

HALL = """\
code: HALL
name: Odd hall
bin_code: "{aisle:A01}-{bay:02}-{level:01}-{check}"
floor:
  graph:
    nodes:
      door: { x: 0, y: 0 }
      west: { x: 0 m, y: 12 m }
      east: { x: 16 m, y: 12 m }
      loft: { x: 16 m, y: 12 m, storey: 1 }
    edges:
      a: { from: door, to: west, aisle: A1, bins: { from: 1 m, bays: 8, bay_width: 1.25 m, levels: 3 } }
      b: { from: west, to: east, aisle: B1, walk: forward, bins: { bays: 2, bay_width: 2 m, sides: left } }
      c: { from: east, to: door, blocked: { from: 3 m, to: 4 m } }
      up: { from: east, to: loft, length: 25 m, aisle: A1, carts: 2, bins: { bays: 1, bay_width: 1 m, first_bay: 17 } }
zones:
  all: { storage_classes: [ambient] }
bin_types:
  box: { length: 600 mm, width: 400 mm, height: 300 mm, load: 30 kg }
stations:
  door: { kind: cart_park, at: { node: door } }
  pack: { kind: packing, at: { edge: c, offset: 4 m } }
cart: { totes: 4, tote_volume: 60 l, load: 100 kg }
"""


def site_of(text: str) -> Site:
    site = read_site(text)
    assert isinstance(site, Site), [str(problem) for problem in site]
    return site


def problems_of(text: str) -> list[str]:
    problems = read_site(text, "x.yaml")
    assert isinstance(problems, list)
    return [str(problem) for problem in problems]


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_demo_site_is_read_whole() -> None:
    site = demo_site()
    assert (site.code, site.name, site.time_zone) == ("DEMO", "Onward demo warehouse", "Europe/Rome")
    assert len(site.bins) == 12 * 2 * 20 * 4 * 2
    assert len({each.code for each in site.bins}) == len(site.bins)
    assert Counter(each.zone for each in site.bins) == {
        "ambient": 2840,
        "chilled": 320,
        "frozen": 320,
        "hanging": 160,
        "cage": 160,
        "hazardous": 40,
    }
    assert {station.kind for station in site.stations} == set(StationKind)
    assert {each for zone in site.zones.values() for each in zone.storage_classes} == set(StorageClass)
    assert site.cart == Cart(12, 60_000_000, 250_000)
    assert site.definition == DEMO_SITE.read_text(encoding="utf-8")
    assert site.floor.has_one_way
    assert site.floor.grid is not None


def test_bays_are_numbered_like_houses_and_reached_from_their_middle() -> None:
    bins = {each.code[:-2]: each for each in demo_site().bins}
    first, opposite, second_block = bins["03-001-A1"], bins["03-002-A1"], bins["03-021-C2"]
    assert (first.side, opposite.side) == (Side.LEFT, Side.RIGHT)
    assert first.spot == opposite.spot == Spot(4, 1500 + 600)
    assert second_block.spot == Spot(5, 1200 + 600)
    assert (second_block.level, second_block.slot) == (3, 2)


def test_the_floor_has_the_lengths_and_the_closed_parts_of_the_file() -> None:
    floor = demo_site().floor
    assert floor.edges[0].length_mm == 1500 + 10 * 1200 + 1200
    assert floor.nodes[1].y_mm == 14_700
    assert Stretch(9, 7500, 8500) in floor.blocked
    assert Stretch(23, 14_700 - 1500, 14_700) in floor.blocked
    assert [edge.direction for edge in floor.edges if edge.name == "8"] == [1, 1]
    assert [edge.direction for edge in floor.edges if edge.name == "9"] == [-1, -1]


def test_a_station_on_a_spur_stands_off_the_cross_aisle_on_an_edge_of_its_own() -> None:
    site = demo_site()
    packing = next(station for station in site.stations if station.kind is StationKind.PACKING)
    edge = site.floor.edges[packing.spot.edge]
    assert (edge.kind, edge.length_mm) == (EdgeKind.CROSS, 3000)
    assert packing.spot.offset_mm == 3000
    assert site.floor.point_mm(packing.spot) == (19_800, -3000)
    conveyor = next(station for station in site.stations if station.kind is StationKind.CONVEYOR)
    assert site.floor.point_mm(conveyor.spot) == (43_000, 29_400 + 2000)


def test_a_small_file_gets_the_documented_defaults() -> None:
    site = site_of(SMALL)
    assert site.time_zone == "UTC"
    assert len(site.bins) == 2 * 2 * 3 * 2
    assert site.bins[0].code.startswith("01-001-A1-")
    assert site.bin_types["box"].volume_mm3 == 600 * 400 * 300
    assert site.floor.node_at(site.stations[0].spot) == 0


def test_a_cart_may_have_a_number_of_lines() -> None:
    assert site_of(SMALL).cart == Cart(4, 60_000_000, 100_000)
    assert site_of(changed(SMALL, "totes: 4,", "totes: 4, lines: 25,")).cart == Cart(4, 60_000_000, 100_000, 25)


def test_times_are_read_where_the_file_gives_them() -> None:
    assert site_of(SMALL).times is None
    text = SMALL + "\ntimes: { speed: 1.2 m, arm: 2.5 s, aisle_end: 800 ms, stop: 4 s, unit: 1.5 s, level: 1 s }\n"
    assert site_of(text).times == WalkTimes(1200, 2500, 800, 4000, 1500, 1000)
    assert site_of(SMALL + "\ntimes: { speed: 90 cm }\n").times == WalkTimes(900)


def test_bins_of_an_aisle_with_a_crossing_are_reached_from_their_own_side() -> None:
    site = site_of(changed(SMALL, "levels: 2 }", "levels: 2, wide: [{aisles: 1}, {aisles: 2, crossing: 2.5 m}] }"))
    assert site.floor.grid is not None
    narrow, wide = (column[0] for column in site.floor.grid.segments)
    assert [site.floor.edges[edge].crossing_mm for edge in (narrow, wide)] == [0, 2500]
    assert site.floor.wide == (narrow, wide)
    sides = {(each.spot.edge, each.side, each.spot.side) for each in site.bins}
    assert sides == {
        (narrow, Side.LEFT, EITHER_SIDE),
        (narrow, Side.RIGHT, EITHER_SIDE),
        (wide, Side.LEFT, LEFT_SIDE),
        (wide, Side.RIGHT, RIGHT_SIDE),
    }


def test_every_option_of_a_rectangular_floor_is_read() -> None:
    text = changed(
        SMALL, "aisles: 2, aisle_pitch: 3 m, bays: 3,", "aisles: [1, 4, 7], aisle_pitch: [3 m, 4 m], bays: [3, 4],"
    )
    text = changed(
        text,
        "levels: 2 }",
        """levels: 2, blocks: 2, slots: 2,
    one_way: [{ cross_aisles: 2, direction: left }, { aisles: "4, 7", blocks: 1, direction: up }],
    missing: { aisles: 7, blocks: 2 }, dead_ends: { aisles: 1-4, blocks: 2, closed: front },
    blocked: [{ cross_aisle: 3, from: 2 m, to: 5 m }], wide: { aisles: 4-7, blocks: 2 } }""",
    )
    floor = site_of(text).floor
    assert floor.grid is not None
    assert [floor.nodes[column[0]].x_mm for column in floor.grid.nodes] == [0, 3000, 7000]
    assert [floor.nodes[node].y_mm for node in floor.grid.nodes[0]] == [0, 5000, 11000]
    assert floor.grid.segments[2][1] == -1
    assert [floor.edges[column[0]].direction for column in floor.grid.segments] == [0, 1, 1]
    assert [floor.edges[gap].direction for gap in floor.grid.gaps[1]] == [-1, -1]
    assert floor.wide == (floor.grid.segments[1][1],)
    back = floor.grid.gaps[2]
    assert set(floor.blocked) == {
        Stretch(floor.grid.segments[0][1], 0, 1000),
        Stretch(floor.grid.segments[1][1], 0, 1000),
        Stretch(back[0], 2000, 3000),
        Stretch(back[1], 0, 2000),
    }
    bays = {(each.aisle, each.bay) for each in site_of(text).bins}
    assert max(bay for aisle, bay in bays if aisle == "7") == 6
    assert max(bay for aisle, bay in bays if aisle == "4") == 14


def test_an_explicit_floor_is_read() -> None:
    site = site_of(HALL)
    floor = site.floor
    assert floor.grid is None
    assert [edge.length_mm for edge in floor.edges] == [12_000, 16_000, 20_000, 25_000]
    assert [edge.kind for edge in floor.edges] == [EdgeKind.AISLE, EdgeKind.AISLE, EdgeKind.CROSS, EdgeKind.AISLE]
    assert floor.edges[1].direction == 1
    assert floor.nodes[3].storey == 1
    assert floor.narrow == {0, 1}
    assert floor.blocked == (Stretch(2, 3000, 4000),)
    assert len(site.bins) == 8 * 2 * 3 + 2 + 2
    assert site.bins[0].spot == Spot(0, 1000 + 625)
    by_edge = {edge: {each.bay for each in site.bins if each.spot.edge == edge} for edge in range(4)}
    assert by_edge[1] == {1, 3}
    assert by_edge[3] == {17, 18}
    assert floor.node_at(site.stations[0].spot) == 0
    assert site.stations[1].spot == Spot(2, 4000)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("code: S\n", "", "x.yaml line 1, code: is missing"),
        ("code: S", "code: " + "S" * 33, "line 1, code: is longer than 32 characters"),
        ("name: Small", "name: Small\nname: Big", "line 3, name: is given twice"),
        ("name: Small", "name: [a]", "line 2, name: must be a text"),
        ("name: Small", "name: Small\ntime_zone: Europe/Rom", "time_zone: Europe/Rom is not a time zone"),
        ("name: Small", "name: Small\nbin_code: '{aisle:02}'", "line 3, bin_code: the bin code template must end"),
        (
            "name: Small",
            "name: Small\nbin_code: 'A{aisle:01}{bay:01}{level:01}{check}'\nflor: x",
            "did you mean floor?",
        ),
        ("name: Small", "name: Small\nxyz: 1", "line 3, xyz: is not known here; known are code"),
        ("aisles: 2", "aisles: 0", "line 4, floor.rectangular.aisles: is 0; from 1 to 10000 is possible"),
        ("aisles: 2", "aisles: [a, a]", "names one of them twice"),
        ("aisles: 2", "aisles: []", "must name at least one"),
        ("aisles: 2", "aisles: {a: b}", "must be a list of values"),
        ("aisles: 2", "aisles: [1, b]", "bin_code: aisle b does not fit {aisle:02}"),
        ("aisle_pitch: 3 m", "aisle_pitch: 3 yd", "the unit yd is not known here; mm, cm, m are"),
        ("aisle_pitch: 3 m", "aisle_pitch: wide", "'wide' is not a number with a unit"),
        ("aisle_pitch: 3 m", "aisle_pitch: 0.0003 m", "not a whole number of mm"),
        ("aisle_pitch: 3 m", "aisle_pitch: 30 m, aisle_pich: 3 m", "did you mean aisle_pitch?"),
        ("load: 100 kg }", "load: 100 kg }\ntimes: { stop: 4 s }", "line 12, times.speed: is missing"),
        ("load: 100 kg }", "load: 100 kg }\ntimes: { speed: 0 m }", "times.speed: is 0 m; from 1 mm"),
        (
            "load: 100 kg }",
            "load: 100 kg }\ntimes: { speed: 1 m, stop: 2 h }",
            "the unit h is not known here; ms, s are",
        ),
        ("load: 100 kg }", "load: 100 kg }\ntimes: { speed: 1 m, stops: 2 s }", "did you mean stop?"),
        ("totes: 4,", "totes: 4, lines: 0,", "cart.lines: is 0; from 1 to 100000 is possible"),
        ("load: 100 kg }", "load: 100 kg }\ntimes: 3", "times: must be a mapping"),
        ("bays: 3,", "bays: 2.5,", "'2.5' is not a whole number"),
        ("bays: 3,", "bays: [3, 3],", "lists 2 values; give 1, or one for all"),
        ("bays: 3,", "bays: 10000, slots: 1000,", "bins; 2000000 are the most"),
        ("bays: 3,", "bays: 500,", "bay 1000 does not fit {bay:03}"),
        ("levels: 2 }", "levels: 2, one_way: {aisles: 3, direction: up} }", "one_way.aisles: there is no aisle 3"),
        (
            "levels: 2 }",
            "levels: 2, one_way: [{aisles: 2-1, direction: up}] }",
            "one_way[1].aisles: 2-1 runs backwards",
        ),
        ("levels: 2 }", "levels: 2, one_way: {aisles: 1, direction: left} }", "is left; here it is up or down"),
        ("levels: 2 }", "levels: 2, one_way: {direction: up} }", "one_way.aisles: is missing"),
        ("levels: 2 }", "levels: 2, one_way: all }", "one_way: must be a list"),
        ("levels: 2 }", "levels: 2, one_way: [all] }", "one_way[1]: must be a mapping"),
        ("levels: 2 }", "levels: 2, one_way: {aisles: 1-2, direction: up} }", "there is no way there and back"),
        (
            "levels: 2 }",
            "levels: 2, wide: {aisles: 1, crossing: 2 m}, one_way: {cross_aisles: 1, direction: left} }",
            "wide: has a crossing, which no walk reckons with where floor is one-way",
        ),
        (
            "bays: 3,",
            "blocks: 7, bays: 3, wide: {aisles: 1, crossing: 2 m},",
            "wide: has a crossing, which is possible with 7 cross aisles at most",
        ),
        ("levels: 2 }", "levels: 2, missing: {aisles: 1-2} }", "missing: leaves no aisle at all"),
        ("levels: 2 }", "levels: 2, dead_ends: {aisles: 1, closed: top} }", "closed: must be front or back"),
        (
            "levels: 2 }",
            "levels: 2, missing: {aisles: 1}, dead_ends: {aisles: 1, closed: back} }",
            "aisle 1 has no block 1, and a part of it is closed",
        ),
        ("levels: 2 }", "levels: 2, blocked: {aisle: 1, from: 2 m, to: 1 m} }", "must lie beyond from"),
        ("levels: 2 }", "levels: 2, blocked: {aisle: 1, from: 2 m, to: 6 m} }", "within the 5000 mm of the block"),
        ("levels: 2 }", "levels: 2, blocked: {cross_aisle: 1, from: 4 m, to: 6 m} }", "no floor of this cross aisle"),
        ("[ambient] }", "[cold] }", "storage_classes: cold is not a storage class; ambient, chilled"),
        ("{ storage_classes: [ambient] }", "{}", "line 6, zones.all.storage_classes: is missing"),
        ("[ambient] }", "[ambient], where: {aisles: 1} }", "none of them takes aisle 2, bay 1, level 1, slot 1"),
        ("[ambient] }", "[ambient], where: {} }", "zones.all.where: names no part of the site"),
        ("[ambient] }", "[ambient], where: {levels: 3} }", "there is no level 3"),
        ("[ambient] }", "[ambient] }\n  b: { storage_classes: [cage] }", "zones.b: and all both have no where"),
        (
            "[ambient] }",
            "[ambient], where: {aisles: 1-2} }\n  b: { storage_classes: [cage], where: {bays: 2-3} }",
            "line 7, zones.b: and all both take aisle 1, bay 2, level 1, slot 1",
        ),
        ("  all: { storage_classes: [ambient] }", "  {}", "zones: names no zone"),
        ("length: 600 mm, ", "", "line 8, bin_types.box.length: is missing"),
        ("load: 30 kg", "load: 30 kg, volume: 73 l", "is more than length x width x height, 72 l"),
        ("load: 30 kg", "load: 30 kg, where: {zones: cold}", "there is no zone cold"),
        ("  box: { length: 600 mm, width: 400 mm, height: 300 mm, load: 30 kg }", "  {}", "names no bin type"),
        ("kind: cart_park", "kind: car_park", "line 10, stations.carts.kind: is car_park; known are inbound"),
        ("{ aisle: 1 }", "{ aisle: 3 }", "stations.carts.at.aisle: there is no aisle 3"),
        ("{ aisle: 1 }", "{ aisle: 1, x: 2 m }", "needs either an aisle or an x"),
        ("{ aisle: 1 }", "{ aisle: 1, cross_aisle: 3 }", "is 3; from 1 to 2 is possible"),
        ("{ aisle: 1 }", "left", "stations.carts.at: must be a mapping"),
        ("totes: 4", "totes: many", "line 11, cart.totes: 'many' is not a whole number"),
        ("levels: 2 }", "levels: 2 }\n  graph: {}", "needs either a rectangular section or a graph"),
    ],
)
def test_each_slip_in_a_rectangular_site_is_found_where_it_stands(old: str, new: str, problem: str) -> None:
    found = problems_of(changed(SMALL, old, new))
    assert any(problem in each for each in found), found
    assert all(each.startswith("x.yaml line ") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("from: door, to: west", "from: dor, to: west", "line 12, floor.graph.edges.a.from: there is no node dor"),
        ("from: west, to: east", "from: west, to: west", "to: is where the edge begins"),
        ("length: 25 m, aisle", "aisle", "length: is needed, as both ends stand at one point"),
        ("walk: forward", "walk: on", "walk: is on; known are both, forward, backward"),
        ("walk: forward, bins: { bays: 2", "walk: forward, bins: { bays: 9", "reach 18000 mm along an edge of 16000"),
        ("sides: left", "sides: up", "sides: is up; known are both, left, right"),
        ("aisle: B1, ", "", "aisle: is needed where there are bins"),
        (
            "bays: 8, bay_width: 1.25 m, levels: 3",
            "bays: 80, bay_width: 10 mm, levels: 100, slots: 1000",
            "too many bins",
        ),
        ("from: 3 m, to: 4 m", "from: 3 m, to: 40 m", "within the 20000 mm of the edge"),
        ("first_bay: 17", "first_bay: 1", "aisle A1, bay 1, level 1, slot 1 is there twice"),
        ("loft: {", "shed: { x: 1, y: 1 }\n      loft: {", "nodes: no edge goes to shed"),
        ("{ node: door }", "{ node: window }", "there is no node window"),
        ("{ node: door }", "{}", "needs either a node or an edge"),
        ("offset: 4 m", "offset: 40 m", "lies beyond the 20000 mm of the edge"),
        ("c: { from: east, to: door,", "c: { from: east, to: door, walk: backward,", "there is no way there and back"),
    ],
)
def test_each_slip_in_an_explicit_floor_is_found_where_it_stands(old: str, new: str, problem: str) -> None:
    found = problems_of(changed(HALL, old, new))
    assert any(problem in each for each in found), found


def test_every_problem_is_found_in_one_reading_and_none_is_made_up() -> None:
    text = SMALL
    for old, new in (
        ("3 m", "3 yd"),
        ("[ambient]", "[icy]"),
        ("600 mm", "x"),
        ("cart_park", "car"),
        ("totes: 4", "totes: -1"),
    ):
        text = changed(text, old, new)
    found = problems_of(text)
    assert [re.sub("x.yaml line ([0-9]+), .*", r"\1", each) for each in found] == ["4", "6", "8", "10", "11"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "x.yaml: is empty"),
        ("a: [", "x.yaml line 1: not YAML"),
        ("code: 1\n---\ncode: 2", "not YAML"),
        ("\x00", "not YAML"),
        ("- 1", "x.yaml line 1: must be a mapping"),
        ("? [a]\n: b", "is not a name"),
        ("a: &a [*a]", "a: is not known here"),
        pytest.param("[" * 1500, "not YAML", marks=pytest.mark.untraced),  # so deep that tracing takes long
    ],
)
def test_what_is_not_a_site_file_at_all_is_told_so(text: str, problem: str) -> None:
    found = problems_of(text)
    assert any(problem in each for each in found), found


def test_a_file_with_problems_or_without_text_raises_with_all_of_them(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("code: X", encoding="utf-8")
    with pytest.raises(SiteFileInvalid) as caught:
        load_site(broken)
    assert len(caught.value.problems) == 6
    assert caught.value.problems[0].where.startswith("broken.yaml line 1")
    with pytest.raises(SiteFileInvalid, match="cannot be read"):
        load_site(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    with pytest.raises(SiteFileInvalid, match="cannot be read"):
        load_site(tmp_path / "latin.yaml")


def test_a_planned_site_is_written_and_read_back_as_planned() -> None:
    shelf = BinType("shelf", 900, 600, 405, 216_000_000, 100_000)
    pallet = BinType("no", 1200, 800, 1450, 1_200_000_001, 999_999)
    plan = PlannedSite(
        code="P1",
        name="Ünïque: site # 1",
        num_aisles=6,
        aisle_pitch_mm=3501,
        blocks=3,
        bays=4,
        bay_width_mm=900,
        cross_aisle_width_mm=2500,
        levels=4,
        slots=2,
        zones=[
            PlannedZone("ambient", [StorageClass.AMBIENT]),
            PlannedZone(
                "cold: yes",
                [StorageClass.CHILLED, StorageClass.FROZEN],
                [Where(aisles="1-2, 5"), Where(aisles="6", bays="1-3", levels="1")],
            ),
        ],
        bin_types=[
            PlannedBinType(shelf),
            PlannedBinType(pallet, [Where(levels="1", zones="ambient")]),
        ],
        stations=[
            PlannedStation("carts", StationKind.CART_PARK, aisle="2", spur_mm=2000),
            PlannedStation("dock", StationKind.INBOUND, x_mm=-2500, cross_aisle=4, spur_mm=1),
            PlannedStation("pack", StationKind.PACKING, x_mm=0),
        ],
        cart=Cart(12, 60_000_000, 250_000, 40),
        one_way=[OneWay("up", aisles="3", blocks="1-2"), OneWay("left", cross_aisles="2")],
        time_zone="Europe/Rome",
        times=WalkTimes(1250, stop_ms=4500, level_ms=900),
        remark="Sized to its demand\nby its planner",
    )
    text = write_site(plan)
    assert text.startswith("# Sized to its demand\n# by its planner\ncode: P1\n")
    site = site_of(text)
    assert (site.code, site.name, site.time_zone) == ("P1", "Ünïque: site # 1", "Europe/Rome")
    assert site.bin_types == {"shelf": shelf, "no": pallet}
    assert (site.cart, site.times) == (plan.cart, plan.times)
    assert len(site.bins) == 6 * 3 * 2 * 4 * 4 * 2
    assert Counter(each.zone for each in site.bins)["cold: yes"] == 3 * 24 * 8 + 3 * 2
    assert {each.bin_type for each in site.bins if each.level == 1 and each.zone == "ambient"} == {"no"}
    floor = site.floor
    assert [floor.point_mm(station.spot) for station in site.stations] == [
        (3501, -2000),
        (-2500, 3 * (4 * 900 + 2500) + 1),
        (0, 0),
    ]
    assert sum(edge.direction == 1 for edge in floor.edges) == 2
    assert sum(edge.direction == -1 for edge in floor.edges) == 6
    assert site_of(text) == site


def test_the_example_in_the_documents_is_a_whole_site_file() -> None:
    text = (DOCS / "site-file.md").read_text(encoding="utf-8")
    examples = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("code:")]
    assert len(examples) == 2
    for example in examples:
        site = site_of(example)
        assert site.bins
        assert site.stations

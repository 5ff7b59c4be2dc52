"""A problem file is read whole, or refused with the path of everything that is wrong in it."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from routing.problem import PickLine, PickProblem, Source
from routing.problem_reading import problem_from_data, read_problem
from tests.routing.sound_routes import DOOR, PLAN
from warehouse.errors import ProblemFileInvalid
from warehouse.floor import Spot

LINES = (
    PickLine("a", 1, (Source("A", Spot(0, 4000), 1), Source("B", Spot(2, 3000), 2))),
    PickLine("b", 2, (Source("B", Spot(2, 3000), 2),)),
)
SOUND: dict[str, Any] = {
    **PickProblem(PLAN, LINES, DOOR).to_dict(),
    "times": {"speed_mm_s": 1200, "arm_ms": 10},
}
GRID = "floor.grid"


def problems(data: object) -> list[str]:
    with pytest.raises(ProblemFileInvalid) as refused:
        problem_from_data(data)
    return [str(problem) for problem in refused.value.problems]


def damaged(change: Callable[[Any], object]) -> dict[str, Any]:
    data = copy.deepcopy(SOUND)
    change(data)
    return data


def put(*path: Any, value: object) -> Callable[[Any], object]:
    def change(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return change


SOURCE = ("lines", 0, "sources", 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put("version", value=True), "the file: onward.problem version true is not known here"),
        (put("version", value="3"), 'the file: onward.problem version "3" is not known here'),
        (lambda data: data.pop("floor"), "floor: is missing"),
        (lambda data: data.pop("start"), "start: is missing"),
        (lambda data: data.pop("lines"), "lines: is missing"),
        (put("lines", 1, value=None), "lines[1]: null is no object with fields"),
        (put("lines", 0, "line", value=5), "lines[0].line: 5 is no text"),
        (put("lines", 1, "line", value="a"), 'lines[1].line: "a" is the line of lines[0] already'),
        (put("lines", 0, "line", value="\ud800"), 'lines[0].line: "\\ud800" holds half a character'),
        (put("lines", 0, "quantity", value=True), "lines[0].quantity: true is no whole number"),
        (put("lines", 0, "quantity", value="3"), 'lines[0].quantity: "3" is no whole number'),
        (put("lines", 0, "quantity", value=1.0), "lines[0].quantity: 1.0 is no whole number"),
        (put("lines", 0, "quantity", value=10**15), "lines[0].quantity: is 1000000000000000; from 1 to 1000000000"),
        (put("lines", 0, "unit_weight_g", value=-1), "lines[0].unit_weight_g: is -1; from 0 to"),
        (put("lines", 0, "fragile", value=1), "lines[0].fragile: 1 is neither true nor false"),
        (put("lines", 0, "sources", value={}), "lines[0].sources: an object is no list"),
        (put(*SOURCE, "bin", value="A"), 'lines[0].sources[1].bin: "A" is the bin of lines[0].sources[0] already'),
        (put(*SOURCE, "spot", value=None), "lines[0].sources[1].spot: null is no list of 2 or 3 whole numbers"),
        (put(*SOURCE, "spot", value=[0, 1, 2, 3]), "lines[0].sources[1].spot: a list is no list of 2 or 3"),
        (put(*SOURCE, "spot", value=[0, float("nan")]), "lines[0].sources[1].spot[1]: NaN is no whole number"),
        (put(*SOURCE, "spot", value=[99, 0]), "lines[0].sources[1].spot: is on edge 99, which does not exist"),
        (put(*SOURCE, "spot", value=[0, -5]), "lines[0].sources[1].spot: is -5 mm along edge 0, and does not lie"),
        (put(*SOURCE, "spot", value=[0, 5, 3]), "lines[0].sources[1].spot: is at side 3; 1 is left, 2 right"),
        (put("walked", value=[[0, 5, 5]]), "walked[0]: from 5 mm to 5 mm does not lie on its edge of 10000 mm"),
        (put("walked", value=[[0, 5]]), "walked[0]: a list is no list of 3 whole numbers"),
        (put("end", value={"kind": "home"}), 'end.kind: "home" is not known; known are start, nearest, anywhere'),
        (put("end", value={"kind": "nearest"}), "end.spots: end nearest with 0 spots"),
        (put("end", value={"kind": "nearest", "spots": [7]}), "end.spots[0]: 7 is no list of 2 or 3 whole numbers"),
        (put("times", "speed_mm_s", value=0), "times.speed_mm_s: is 0; from 1 to 1000000 is possible"),
        (put("times", "arm_ms", value="1"), 'times.arm_ms: "1" is no whole number'),
        (put("times", value=[]), "times: a list is no object with fields"),
        (put("floor", "nodes", value=3), "floor.nodes: 3 is no list"),
        (put("floor", "nodes", 1, value=[0]), "floor.nodes[1]: a list is no list of 2 or 3 whole numbers"),
        (put("floor", "edges", 2, value=7), "floor.edges[2]: 7 is no object with fields"),
        (put("floor", "edges", 2, "tail", value=99), "floor.edges[2]: joins nodes 99 and 4, which are not both there"),
        (put("floor", "edges", 2, "length_mm", value=10**9), "floor.edges[2].length_mm: is 1000000000; from 1 to"),
        (put("floor", "edges", 2, "kind", value="lift"), 'floor.edges[2].kind: "lift" is not known'),
        (put("floor", "edges", 7, "crossing_mm", value=5), "floor.edges[7]: cannot have a crossing of 5 mm"),
        (put("floor", "blocked", value=[[0, 0, 10**6]]), "floor.blocked[0]: from 0 mm to 1000000 mm does not lie on"),
        (put("floor", "wide", value=[99]), "floor.wide[0]: edge 99 does not exist"),
        (put("floor", "grid", value=[]), f"{GRID}: a list is no object with fields"),
        (put("floor", "grid", "gaps", 0, value=1), f"{GRID}.gaps[0]: 1 is no list"),
        (put("floor", "grid", "nodes", 2, 0, value=99), f"{GRID}.nodes[2][0]: node 99 does not exist"),
        (put("floor", "grid", "nodes", 2, 0, value=0), f"{GRID}.nodes[2][0]: node 0 is named twice"),
        (put("floor", "grid", "nodes", value=[[0]]), f"{GRID}.nodes: does not fit 1 columns and 3 rows"),
        (put("floor", "grid", "segments", 0, 0, value=77), f"{GRID}.segments[0][0]: edge 77 does not exist"),
        (put("floor", "grid", "segments", 0, 0, value=1), f"{GRID}.segments[0][0]: edge 1 does not lead from node 0"),
        (put("floor", "grid", "segments", value=[]), f"{GRID}.segments: does not fit 3 columns and 3 rows"),
        (put("floor", "grid", "gaps", 1, 1, value=-2), f"{GRID}.gaps[1][1]: edge -2 does not exist"),
    ],
)
def test_a_field_that_is_wrong_is_named_with_its_path(change: Callable[[Any], object], told: str) -> None:
    assert problems(damaged(change))[0].startswith(told)


def test_every_problem_is_found_in_one_reading() -> None:
    def change(data: Any) -> None:
        data["lines"] = [
            {"line": "a", "quantity": 0, "sources": [{"bin": "A", "spot": [99, 10], "quantity": 1}]},
            {"line": "a", "quantity": 1, "sources": [{"bin": "A", "spot": [0, -5], "quantity": "x"}]},
            7,
        ]
        data["start"] = [0, 10**9]
        data["end"] = {"kind": "nearest", "spots": []}
        data["floor"]["edges"][1]["length_mm"] = None

    assert [each.partition(":")[0] for each in problems(damaged(change))] == [
        "floor.edges[1].length_mm",
        "lines[0].quantity",
        "lines[0].sources[0].spot",
        "lines[1].line",
        "lines[1].sources[0].spot",
        "lines[1].sources[0].quantity",
        "lines[2]",
        "start",
        "end.spots",
    ]


def test_a_part_that_cannot_be_read_is_no_reason_to_doubt_the_others() -> None:
    assert problems(damaged(put("floor", value=None))) == ["floor: null is no object with fields"]
    assert problems(damaged(put("floor", "edges", value=None))) == ["floor.edges: null is no list"]
    assert problems(damaged(put("floor", "edges", 0, "length_mm", value="x"))) == [
        'floor.edges[0].length_mm: "x" is no whole number'
    ]


def test_fields_that_are_not_known_are_left_out_and_told_of() -> None:
    def change(data: Any) -> None:
        data["walkd"] = [[0, 0, 10]]
        data["lines"][0]["fragil"] = True
        data["floor"]["edges"][0]["paint"] = {"of": 1.5}

    read = problem_from_data(damaged(change))
    assert read.problem == problem_from_data(SOUND).problem
    assert [str(each) for each in read.doubts] == [
        "walkd: is not known and left out; did you mean walked?",
        "floor.edges[0].paint: is not known and left out; known are tail, head, length_mm, kind, direction, name, "
        "crossing_mm",
        "lines[0].fragil: is not known and left out; did you mean fragile?",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1, column 1: not JSON"),
        ('{"a": 1,\n }', "line 2, column 2: not JSON"),
        ("[" * 100_000, "the file: is nested too deeply to be read"),
        ('{"format": ' + "1" * 5000 + "}", "the file: not JSON"),
        ('{"format": 1, "format": 2}', 'the file: not JSON: field "format" is given twice in one object'),
        ("[]", "the file: not a document of format onward.problem"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, told: str) -> None:
    with pytest.raises(ProblemFileInvalid) as refused:
        read_problem(text)
    assert str(refused.value.problems[0]).startswith(told)
    assert len(refused.value.problems) == 1


def test_what_may_be_left_out_may_be_left_out() -> None:
    data = copy.deepcopy(SOUND)
    for key in ("end", "walked", "times"):
        del data[key]
    for key in ("blocked", "grid", "wide"):
        del data["floor"][key]
    for line in data["lines"]:
        for key in ("unit_weight_g", "fragile"):
            del line[key]
        for source in line["sources"]:
            del source["group"], source["level"]
    problem = read_problem(json.dumps(data)).problem
    assert problem.lines == LINES
    assert problem.floor.grid is None


def test_a_bin_at_two_places_is_told_of_and_one_named_by_two_edges_is_not() -> None:
    same = PickLine("c", 1, (Source("end", Spot(0, 10000), 1),))
    other_edge = PickLine("d", 1, (Source("end", Spot(1, 0), 1),))
    assert read_problem(PickProblem(PLAN, (*LINES, same, other_edge), DOOR).to_json()).doubts == ()
    apart = PickLine("e", 1, (Source("end", Spot(0, 5000), 1),))
    read = read_problem(PickProblem(PLAN, (*LINES, same, apart), DOOR).to_json())
    assert [str(each) for each in read.doubts] == [
        "lines[3].sources[0].spot: bin end stands at [0, 10000] for another line"
    ]
    assert read.problem.lines[3] == apart

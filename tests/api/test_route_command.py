"""`onward route` plans a saved problem, and says in one line what is wrong with a bad one."""

import dataclasses
import json
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.search_budget import budget_of
from routing.bin_choice import Budget
from routing.problem import Measure, PickLine, PickProblem, PolicyName, Source, WalkTimes
from routing.route import Route
from routing.verify import verify
from tests.routing.random_floors import Feature, random_problem
from tests.routing.sound_routes import DOOR, PLAN, SOUND
from warehouse.floor import LEFT_SIDE, RIGHT_SIDE, EdgeKind, Floor, Spot
from warehouse.layouts import rectangular_floor
from warehouse.units import LENGTH_MAX_MM

TOUR = SOUND["tour"]


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["route", *(str(word) for word in words)])


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "problem.json"
    path.write_text(TOUR.problem.to_json())
    return path


def test_a_saved_problem_is_planned_and_shown_with_its_certificate(problem_file: Path) -> None:
    result = run(problem_file)
    assert result.exit_code == 0, result.output
    for words in ("52.0 m", "aisle 1, 4.0 m in", "Proven best under no_backtrack", "U-turns"):
        assert words in result.stdout


def test_a_route_is_explained_in_words_when_that_is_asked_for(problem_file: Path) -> None:
    result = run(problem_file, "--explain")
    assert result.exit_code == 0, result.output
    assert "Proven best: no route walks less aisle floor again" in result.stdout
    assert "The shortest route" in result.stdout
    assert "The shortest route" not in run(problem_file).stdout


@pytest.mark.parametrize("policy", list(PolicyName))
def test_every_policy_gives_a_route_file_that_verifies(problem_file: Path, policy: PolicyName) -> None:
    result = run(problem_file, "--policy", policy.value, "--json", "--seed", 3)
    assert result.exit_code == 0, result.output
    route = Route.from_json(result.stdout)
    assert verify(TOUR.problem, route).ok
    assert route.certificate.policy.name is policy
    assert route.certificate.seed == 3


def test_a_step_in_is_taken_where_it_is_allowed(tmp_path: Path) -> None:
    case = SOUND["step_in"]
    path = tmp_path / "problem.json"
    path.write_text(case.problem.to_json())
    route = Route.from_json(run(path, "--step-in", 4000, "--json").stdout)
    assert route.certificate.distance_mm == 15000
    assert any(leg.step_in for leg in route.legs)


def test_turns_detours_and_time_can_be_limited_and_shown(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    asked = dataclasses.replace(SOUND["step_in"].problem, times=WalkTimes(speed_mm_s=1000, arm_ms=500))
    path.write_text(asked.to_json())
    arms = [
        Route.from_json(run(path, "--policy", "shortest", "--u-turns", most, "--json").stdout).certificate.arms
        for most in (0, 1)
    ]
    assert arms == [0, 1]
    shown = run(path, "--detour", 10, "--u-turns", 2)
    assert shown.exit_code == 0, shown.output
    for words in ("of them in-and-back arms", "Duration", "Detour"):
        assert words in shown.stdout
    own = Route.from_json(run(path, "--measure", "duration", "--json").stdout).certificate
    assert (own.policy.measure, own.walk_ms, own.proven) == (Measure.DURATION, own.walk_bound_ms, True)
    refused = run(path, "--policy", "s_shape", "--u-turns", 2)
    assert refused.exit_code == 2
    assert "cannot be limited" in refused.stderr


def test_the_route_can_be_saved_and_drawn(problem_file: Path, tmp_path: Path) -> None:
    result = run(problem_file, "--out", tmp_path / "route.json", "--svg", tmp_path / "route.svg", "--time-limit", 0.1)
    assert result.exit_code == 0, result.output
    assert verify(TOUR.problem, Route.from_json((tmp_path / "route.json").read_text())).ok
    assert ElementTree.parse(tmp_path / "route.svg").getroot().tag.endswith("svg")


def damaged(**changes: object) -> str:
    return json.dumps({**TOUR.problem.to_dict(), **changes})


WIDE_EDGES = [
    {**edge, "crossing_mm": 2000} if edge["kind"] == "aisle" else edge
    for edge in TOUR.problem.to_dict()["floor"]["edges"]
]


def test_wide_aisles_that_cannot_be_planned_are_refused_in_one_line_with_status_2(problem_file: Path) -> None:
    problem_file.write_text(damaged(floor={**TOUR.problem.to_dict()["floor"], "edges": WIDE_EDGES, "grid": None}))
    result = run(problem_file)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "it takes walking to cross aisles" in result.stderr


def test_where_only_a_rule_can_walk_the_words_say_so(problem_file: Path) -> None:
    problem_file.write_text(damaged(floor={**TOUR.problem.to_dict()["floor"], "edges": WIDE_EDGES, "grid": None}))
    result = run(problem_file, "--policy", "list_order", "--explain")
    assert result.exit_code == 0, result.output
    assert "What list_order costs is not known" in result.stdout


@pytest.mark.parametrize(
    ("option", "number"),
    [
        ("--time-limit", "inf"),
        ("--time-limit", "nan"),
        ("--time-limit", "1e300"),
        ("--time-limit", "-1"),
        ("--iterations", "-1"),
        ("--iterations", "9" * 20),
        ("--step-in", "9" * 20),
        ("--detour", "9" * 20),
        ("--u-turns", "9" * 20),
        ("--seed", "-5"),
        ("--seed", "9" * 20),
    ],
)
def test_an_option_with_a_number_that_cannot_be_meant_is_named(problem_file: Path, option: str, number: str) -> None:
    result = run(problem_file, option, number)
    assert (result.exit_code, result.stdout) == (2, "")
    assert option in result.stderr
    assert "policy" not in result.stderr


def test_a_route_planned_by_iterations_is_the_same_every_time(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(random_problem(random.Random(2), want={Feature.SEVERAL_SOURCES}).problem.to_json())
    routes = [Route.from_json(run(path, "--iterations", 20, "--seed", 7, "--json").stdout) for _ in range(2)]
    plain = [
        dataclasses.replace(each, certificate=dataclasses.replace(each.certificate, duration_ms=0)) for each in routes
    ]
    assert plain[0] == plain[1]


def test_no_clock_is_looked_at_where_iterations_are_given_alone() -> None:
    assert budget_of(None, None, seconds=2.0) == Budget(2000)
    assert budget_of(None, 30, seconds=2.0) == Budget(None, 30)
    assert budget_of(0.5, 30, seconds=2.0) == Budget(500, 30)


def test_what_is_walked_to_a_stop_has_the_crossings_of_wide_aisles_in_it(tmp_path: Path) -> None:
    edges = [dataclasses.replace(edge, crossing_mm=2000 * (edge.kind is EdgeKind.AISLE)) for edge in PLAN.edges]
    floor = dataclasses.replace(PLAN, edges=tuple(edges))
    bins = {"A": Spot(0, 3000, LEFT_SIDE), "B": Spot(0, 6000, RIGHT_SIDE), "C": Spot(2, 6000)}
    lines = tuple(PickLine(name, 1, (Source(name, spot, 1),)) for name, spot in bins.items())
    path = tmp_path / "problem.json"
    path.write_text(PickProblem(floor, lines, DOOR).to_json())
    rows = [row for row in run(path).stdout.splitlines() if "aisle " in row and " in " in row]
    own = Route.from_json(run(path, "--json").stdout).certificate
    assert own.crossing_mm == 2000
    assert [row.split()[-3] for row in rows] == ["3.0", "8.0", "19.0"]


def test_characters_that_steer_a_terminal_are_not_sent_to_it(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    lines = (PickLine("a\x1b[31m", 1, (Source("b\u202ec\n", Spot(0, 3000), 1),)),)
    path.write_text(PickProblem(PLAN, lines, DOOR).to_json())
    shown = run(path).stdout
    assert "\x1b" not in shown
    assert "a\\x1b[31m" in shown
    assert "\u202e" not in shown
    assert "\x1b" not in run(path, "--policy", "list_order", "--explain").stdout
    path.write_text(PickProblem(PLAN, (dataclasses.replace(lines[0], quantity=2),), DOOR).to_json())
    assert "line a\\x1b[31m asks for 2" in run(path).stderr


def test_a_byte_order_mark_is_no_part_of_a_problem(problem_file: Path) -> None:
    problem_file.write_text("\ufeff" + problem_file.read_text())
    assert run(problem_file).exit_code == 0


def test_more_floor_and_finer_times_than_can_be_reckoned_with_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    floor = rectangular_floor([each * LENGTH_MAX_MM for each in range(12)], [0, LENGTH_MAX_MM, 2 * LENGTH_MAX_MM])
    problem = PickProblem(floor, (PickLine("a", 1, (Source("A", Spot(0, 3000), 1),)),), Spot(0, 0))
    path.write_text(problem.to_json())
    assert "570 km of floor are more than can be reckoned with" in run(path).stderr
    path.write_text(dataclasses.replace(problem, times=WalkTimes(999_983)).to_json())
    assert "round the walking speed" in run(path, "--measure", "duration").stderr


def test_names_are_shown_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    lines = (PickLine("[/x]", 1, (Source("[b]:cat:", Spot(0, 3000), 1),)),)
    path.write_text(PickProblem(PLAN, lines, DOOR).to_json())
    result = run(path)
    assert result.exit_code == 0, result.output
    assert "[b]:cat:" in result.stdout
    assert "[/x]" in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "problem.json"),
        ("{", "problem.json"),
        ("[]", "not a document of format onward.problem"),
        (damaged(format="something"), "not a document of format onward.problem"),
        (damaged(version=99), "version 99 is not known"),
        (damaged(version=True), "version true is not known"),
        (damaged(floor=[]), "floor: a list is no object with fields"),
        (damaged(start=[99, 0]), "edge 99"),
        (damaged(start=[0, 0.5]), "0.5 is no whole number"),
        (damaged(start="x"), "problem.json"),
        (damaged(end={"kind": "nowhere"}), "nowhere"),
        (damaged(end={"kind": "nearest"}), "nearest"),
        (damaged(lines=7), "lines: 7 is no list"),
        (damaged(lines=[{"line": "a", "quantity": 0, "sources": []}]), "lines[0].quantity: is 0; from 1 to"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_bad_file_is_refused_in_one_line_with_status_2(problem_file: Path, text: str, words: str) -> None:
    problem_file.write_text(text)
    result = run(problem_file)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "docs/route-format.md" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_everything_that_is_wrong_is_told_a_line_each(problem_file: Path) -> None:
    problem_file.write_text(damaged(start=[0, "1"], lines=[{"line": "a", "quantity": True, "sources": []}], walked=3))
    result = run(problem_file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.removeprefix(f"{problem_file}: ") for line in result.stderr.splitlines()] == [
        "lines[0].quantity: true is no whole number",
        'start[1]: "1" is no whole number',
        "walked: 3 is no list. docs/route-format.md describes problem files.",
    ]


def test_a_field_that_is_not_known_is_left_out_with_a_warning(problem_file: Path) -> None:
    problem_file.write_text(damaged(walkd=[[0, 0, 10]], colour={"of": [1.5]}))
    result = run(problem_file)
    assert result.exit_code == 0
    assert "walkd: is not known and left out; did you mean walked?" in result.stderr
    assert "colour: is not known and left out" in result.stderr


def test_a_file_in_another_encoding_is_refused_in_one_line(problem_file: Path) -> None:
    problem_file.write_bytes(damaged(note="ä").replace("\\u00e4", "ä").encode("latin-1"))
    result = run(problem_file)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "UTF-8" in result.stderr


def test_a_missing_file_is_refused_in_one_line_with_status_2(tmp_path: Path) -> None:
    result = run(tmp_path / "nothing.json")
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder_that_is_not_there_is_refused_with_status_2(problem_file: Path, tmp_path: Path) -> None:
    result = run(problem_file, "--out", tmp_path / "no" / "route.json")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_problem_without_a_route_names_its_lines_and_leaves_with_status_1(problem_file: Path) -> None:
    data = TOUR.problem.to_dict()
    data["floor"]["blocked"] = [[0, 1000, 2000], [0, 8000, 9000]]
    problem_file.write_text(json.dumps(data))
    result = run(problem_file)
    assert result.exit_code == 1
    assert "no route" in result.stderr
    assert "within reach: a; bin" in result.stderr
    assert "is cut off by blocked floor: aisle 1 from 1.0 m to 2.0 m" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_rule_that_needs_a_grid_says_so_with_status_2(problem_file: Path) -> None:
    floor = Floor(TOUR.problem.floor.nodes, TOUR.problem.floor.edges)
    problem_file.write_text(PickProblem(floor, TOUR.problem.lines, TOUR.problem.start).to_json())
    result = run(problem_file, "--policy", "s_shape")
    assert result.exit_code == 2
    assert "grid" in result.stderr

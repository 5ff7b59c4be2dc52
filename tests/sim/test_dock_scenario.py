"""A scenario about docks, from the file to the report."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from sim.dock_day import SENDERS
from sim.dock_experiment import DockExperiment, run_docks
from sim.dock_report import docks_answer, docks_data, docks_html
from sim.dock_scenario import asks_for_docks, load_docks
from sim.scenario_fields import ScenarioInvalid

SCENARIOS = Path(__file__).parents[2] / "docs" / "scenarios"

TEXT = """
name: Two suppliers <with marks>
num_trucks: 12
open_h: 8
replications: 3
suppliers:
  - {name: Full, share: 3, pallets: 10, units_a_pallet: 100, products_a_pallet: 2, late_s: 300, booked_percent: 100}
  - {name: Small, share: 1, pallets: 2, units_a_pallet: 10, products_a_pallet: 4, late_s: 3600, booked_percent: 0}
times: {dock_s: 60, pace_cv: 0}
vary: {docks: [1, 3], receivers: [3], stowers: [2]}
"""


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "docks.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def experiment(scenario_file: Path) -> DockExperiment:
    return run_docks(load_docks(scenario_file), num_jobs=1)


def test_every_combination_is_a_variant_and_what_the_file_says_holds(scenario_file: Path) -> None:
    asked = load_docks(scenario_file, replications=2)
    assert [each.name for each in asked.variants] == [
        "1 dock, 3 receivers, 2 stowers",
        "3 docks, 3 receivers, 2 stowers",
    ]
    day = asked.variants[0]
    assert (asked.replications, day.num_trucks, day.open_s, day.dock_s, day.pallet_off_s) == (2, 12, 8 * 3600, 60, 105)
    assert [(each.name, each.share, each.booked) for each in day.senders] == [("Full", 3, 1.0), ("Small", 1, 0.0)]


def test_the_example_asks_for_the_suppliers_that_are_usual() -> None:
    example = load_docks(SCENARIOS / "docks.yaml").variants[0]
    shares = sum(each.share for each in example.senders)
    assert [(each.name, round(each.share / shares, 2)) for each in example.senders] == [
        (each.name, each.share) for each in SENDERS
    ]
    assert not asks_for_docks(SCENARIOS / "random-or-fixed.yaml")


def test_all_variants_get_the_same_trucks_and_more_docks_make_them_wait_less(experiment: DockExperiment) -> None:
    one, three = (
        [sorted((each.source, each.quantity) for each in log.spells) for log in days] for days in experiment.days
    )
    assert one == three
    few, many = experiment.measured(0), experiment.measured(1)
    assert few["gate_minutes"].mean > many["gate_minutes"].mean == 0
    assert few["stock_minutes_p95"].mean > many["stock_minutes_p95"].mean
    assert all(0 < each["receivers_percent"].mean <= 100 for each in (few, many))


def test_the_same_scenario_gives_the_same_days_on_any_number_of_processes(
    scenario_file: Path, experiment: DockExperiment
) -> None:
    assert run_docks(load_docks(scenario_file), num_jobs=2).days == experiment.days


def test_figures_answer_and_page_tell_every_supplier(experiment: DockExperiment) -> None:
    data = docks_data(experiment)
    full, small = data["variants"][0]["suppliers"]
    assert (full["supplier"], small["supplier"]) == ("Full", "Small")
    assert full["num_trucks"] + small["num_trucks"] == 3 * 12
    assert full["median_minutes"] <= full["p95_minutes"]
    assert json.loads(json.dumps(data)) == data
    page = docks_html(experiment)
    assert "Two suppliers &lt;with marks&gt;" in page
    assert docks_answer(experiment) in page
    assert page.count(">Small</td>") == 2
    assert re.search(r'(src|href)="', page) is None


def test_the_command_prints_and_writes_the_days_at_the_docks(scenario_file: Path, tmp_path: Path) -> None:
    words = ["simulate", str(scenario_file), "--replications", "1", "--jobs", "1"]
    result = CliRunner().invoke(app, [*words, "--json", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["replications"] == 1
    assert data["variants"][0]["measures"]["gate_minutes"]["low"] is None
    assert json.loads((tmp_path / "simulation.json").read_text())["variants"] == data["variants"]
    assert "Supplier by supplier" in (tmp_path / "simulation.html").read_text()
    shown = CliRunner().invoke(app, words).stdout
    assert "Small" in shown
    assert "95 of 100 units lie in a bin" in shown


def test_every_problem_is_listed_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("""
num_trucks: 0
orders: some.csv
open_h: .inf
suppliers: [{name: A}, {}, {name: B, share: -1, pallets: 0, units_a_pallet: 1.5, products_a_pallet: 1, late_s: 0,
  booked_percent: 101}]
times: {dock_s: long, pallet_off_s: 0}
vary: {docks: [0], pickers: [2]}
""")
    with pytest.raises(ScenarioInvalid) as caught:
        load_docks(path)
    places = [problem.where.partition(", ")[2] for problem in caught.value.problems]
    assert places == [
        "orders",
        "num_trucks",
        "open_h",
        "times.dock_s",
        "times.pallet_off_s",
        "suppliers, 1",
        "suppliers, 2",
        "suppliers, 3, units_a_pallet",
        "suppliers, 3, share",
        "suppliers, 3, pallets",
        "suppliers, 3, booked_percent",
        "vary",
    ]
    result = CliRunner().invoke(app, ["simulate", str(path)])
    assert result.exit_code == 2
    assert "a number from 0 to 100 is needed" in result.stderr

"""A small scenario from the file to the report."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from sim.experiment import Experiment, run_experiment
from sim.report import answer, experiment_data, experiment_html
from sim.scenario import load_scenario

TEXT = """
name: A small day <with marks>
num_orders: 12
replications: 3
iterations: 5
release_every_s: 86400
vary: {storage: [random, dedicated], policy: [no_backtrack, s_shape], pickers: [1, 6]}
"""


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "small.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="module")
def experiment(scenario_file: Path) -> Experiment:
    return run_experiment(load_scenario(scenario_file), num_jobs=1)


def test_every_variant_is_repeated_and_all_lines_are_picked(experiment: Experiment) -> None:
    assert len(experiment.outcomes) == 8 * 3
    num_orders = len(experiment.demand.orders)
    assert all(len(outcome.order_minutes) == num_orders and outcome.num_short == 0 for outcome in experiment.outcomes)


def test_walking_added_up_from_arrivals_equals_the_routes(experiment: Experiment) -> None:
    checks = [outcome.walk_check for outcome in experiment.outcomes]
    assert all(check.arrivals_mm == check.routes_mm for check in checks)
    assert sum(check.arrivals_mm for check in checks) > 0


def test_crews_share_the_plan_and_only_the_way_of_storing_and_walking_moves_it(experiment: Experiment) -> None:
    walking = {
        (each.variant.storage, each.variant.policy, each.replication): set[float]() for each in experiment.outcomes
    }
    for each in experiment.outcomes:
        walking[each.variant.storage, each.variant.policy, each.replication].add(each.measures.walking_m)
    assert all(len(metres) == 1 for metres in walking.values())
    assert len({next(iter(metres)) for metres in walking.values()}) > 4


def test_a_larger_crew_has_orders_picked_sooner(experiment: Experiment) -> None:
    by_crew: dict[int, list[float]] = {1: [], 6: []}
    for each in experiment.outcomes:
        by_crew[each.variant.pickers].append(each.measures.order_minutes_mean)
    assert sum(by_crew[6]) < sum(by_crew[1])


@pytest.mark.slow  # starting the processes is
def test_the_figures_do_not_depend_on_how_many_processes_share_the_work(
    experiment: Experiment, scenario_file: Path
) -> None:
    again = run_experiment(load_scenario(scenario_file), num_jobs=2)
    assert experiment_data(again) == experiment_data(experiment)


def test_the_report_stands_alone_and_shows_every_variant(experiment: Experiment) -> None:
    page = experiment_html(experiment)
    assert "A small day &lt;with marks&gt;" in page
    assert "<with marks>" not in page
    assert not re.search(r"""(src|href)\s*=|@import|url\((?!#)""", page)
    assert all(page.count(variant.name) > 3 for variant in experiment.scenario.variants)
    assert page.count("<figure>") == 4
    assert answer(experiment) in page


def test_the_command_prints_json_and_writes_the_report(scenario_file: Path, tmp_path: Path) -> None:
    arguments = ["simulate", str(scenario_file), "--replications", "1", "--jobs", "1", "--json", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["replications"] == 1
    assert data["variants"][0]["measures"]["walking_m"]["low"] is None
    assert {path.name for path in tmp_path.iterdir()} == {"simulation.html", "simulation.json"}


def test_the_command_lists_what_is_wrong_with_a_scenario(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("replications: none\nvary: {storage: [heap]}")
    result = CliRunner().invoke(app, ["simulate", str(path)])
    assert result.exit_code == 2
    assert "wrong.yaml, replications" in result.stderr
    assert "wrong.yaml, vary.storage" in result.stderr


def test_settings_of_a_policy_are_walked_and_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    policies = "[shortest, {name: shortest, u_turns_max: 0}, {name: shortest, measure: duration}]"
    path.write_text(TEXT.replace("[no_backtrack, s_shape]", policies).replace("replications: 3", "replications: 1"))
    experiment = run_experiment(load_scenario(path), num_jobs=1)
    told = experiment_data(experiment)["variants"]
    assert {(each["policy"], str(each["policy_settings"])) for each in told} == {
        ("shortest", "{}"),
        ("shortest", "{'u_turns_max': 0}"),
        ("shortest", "{'measure': <Measure.DURATION: 'duration'>}"),
    }
    assert json.loads(json.dumps(told))[-1]["policy_settings"] == {"measure": "duration"}
    arms = {sample.policy: sample.run.route.certificate.arms for sample in experiment.samples}
    assert {policy.u_turns_max for policy in arms} == {None, 0}
    assert all(policy.u_turns_max is None or number == 0 for policy, number in arms.items())
    assert all(sample.run.route.certificate.walk_ms for sample in experiment.samples)


def test_a_policy_that_a_floor_cannot_keep_to_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    path = tmp_path / "refused.yaml"
    path.write_text("num_orders: 5\nvary: {policy: [{name: s_shape, u_turns_max: 1}]}\n")
    result = CliRunner().invoke(app, ["simulate", str(path)])
    assert result.exit_code == 2
    assert "s shape (u turns max 1): s_shape walks by a rule of its own" in result.stderr

"""Days whose plans change: bins are found empty, orders join runs."""

import dataclasses
from pathlib import Path

import pytest

from sim.experiment import Experiment, Measures, run_experiment
from sim.report import experiment_data, experiment_html
from sim.scenario import Scenario, load_scenario
from sim.scenario_fields import ScenarioInvalid

TEXT = """
num_orders: 16
replications: 2
iterations: 5
release_every_s: 1800
vary: {storage: [random], policy: [no_backtrack], pickers: [2]}
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    path = tmp_path_factory.mktemp("live") / "day.yaml"
    path.write_text(TEXT)
    return load_scenario(path)


@pytest.fixture(scope="module")
def upset(plain: Scenario) -> Experiment:
    return run_experiment(dataclasses.replace(plain, empty_percent=15.0, join=True), num_jobs=1)


def measures(experiment: Experiment) -> list[Measures]:
    return [outcome.measures for outcome in experiment.outcomes]


def test_with_full_bins_and_nobody_joining_the_day_is_the_planned_one(plain: Scenario) -> None:
    once = dataclasses.replace(plain, replications=1)
    hardly = dataclasses.replace(once, empty_percent=1e-9)
    assert hardly.changes_plans
    live, planned = run_experiment(hardly, num_jobs=1), run_experiment(once, num_jobs=1)
    for one, other in zip(measures(live), measures(planned), strict=True):
        assert dataclasses.asdict(one) == pytest.approx(dataclasses.asdict(other))


def test_walking_adds_up_and_nothing_is_lost_when_plans_change(upset: Experiment) -> None:
    for outcome in upset.outcomes:
        assert outcome.walk_check.arrivals_mm == outcome.walk_check.routes_mm > 0
        assert outcome.measures.bins_found_empty > 0
        assert outcome.measures.replanning_m != 0
        assert len(outcome.order_minutes) == len(upset.demand.orders)
    assert sum(each.lines_joined for each in measures(upset)) > 0


@pytest.mark.slow  # starting the processes is
def test_the_figures_of_a_changing_day_do_not_depend_on_how_many_processes_share_the_work(upset: Experiment) -> None:
    assert experiment_data(run_experiment(upset.scenario, num_jobs=2)) == experiment_data(upset)


def test_the_report_tells_what_changed_only_where_it_was_asked(plain: Scenario, upset: Experiment) -> None:
    page = experiment_html(upset)
    for title in ("Bins found empty", "Further by planning again", "Lines that joined runs"):
        assert f"<th>{title}" in page
        assert f"<th>{title}" not in experiment_html(dataclasses.replace(upset, scenario=plain))


def test_what_upsets_plans_is_read_from_the_scenario(tmp_path: Path) -> None:
    path = tmp_path / "day.yaml"
    path.write_text("{empty_percent: 2.5, join: true}")
    scenario = load_scenario(path)
    assert (scenario.empty_percent, scenario.join, scenario.changes_plans) == (2.5, True, True)
    path.write_text("{empty_percent: 101, join: often}")
    with pytest.raises(ScenarioInvalid) as refused:
        load_scenario(path)
    assert [problem.where for problem in refused.value.problems] == ["day.yaml, empty_percent", "day.yaml, join"]

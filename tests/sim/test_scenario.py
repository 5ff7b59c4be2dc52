from pathlib import Path

import pytest

from routing.problem import Measure, Policy, PolicyName
from sim.scenario import Storage, load_scenario
from sim.scenario_fields import ScenarioInvalid


def written(folder: Path, text: str) -> Path:
    path = folder / "scenario.yaml"
    path.write_text(text)
    return path


def test_every_combination_is_a_variant_and_spread_concerns_random_storage_alone(tmp_path: Path) -> None:
    text = "vary: {storage: [random, dedicated], policy: [shortest], pickers: [3, 5], bins_per_product: [2, 5]}"
    variants = load_scenario(written(tmp_path, text)).variants
    assert [(each.storage, each.pickers, each.bins_per_product) for each in variants] == [
        (Storage.RANDOM, 3, 2),
        (Storage.RANDOM, 3, 5),
        (Storage.RANDOM, 5, 2),
        (Storage.RANDOM, 5, 5),
        (Storage.DEDICATED, 3, 1),
        (Storage.DEDICATED, 5, 1),
    ]
    assert {each.policy for each in variants} == {Policy(PolicyName.SHORTEST)}


def test_a_policy_is_a_name_or_a_name_with_its_settings(tmp_path: Path) -> None:
    text = "vary: {policy: [shortest, {name: no_backtrack, step_in_mm: 3000}, {name: shortest, measure: duration}]}"
    variants = load_scenario(written(tmp_path, text)).variants
    assert [each.policy for each in variants] == [
        Policy(PolicyName.SHORTEST),
        Policy(step_in_mm=3000),
        Policy(PolicyName.SHORTEST, measure=Measure.DURATION),
    ]
    assert variants[1].name == "random x5, no backtrack (step in mm 3000), 10 pickers"


@pytest.mark.parametrize(
    ("policy", "what"),
    [
        ("{step_in_mm: 3}", "a list of these is needed"),
        ("{name: shortest, arms: 3}", "arms is no setting of a policy"),
        ("{name: shortest, u_turns_max: two}", "a whole number is needed"),
        ("{name: shortest, u_turns_max: -1}", "cannot be negative"),
        ("{name: shortest, measure: steps}", "'steps' is not a valid Measure"),
        ("{name: no_backtrack, measure: duration, detour_percent_max: 5}", "limits distance"),
    ],
)
def test_a_policy_with_settings_that_cannot_be_is_refused(tmp_path: Path, policy: str, what: str) -> None:
    with pytest.raises(ScenarioInvalid, match=what):
        load_scenario(written(tmp_path, f"vary: {{policy: [{policy}]}}"))


def test_files_are_found_beside_the_scenario_and_settings_have_defaults(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("")
    scenario = load_scenario(written(tmp_path, "{name: Friday, orders: orders.csv, times: {stop_s: 9}}"))
    assert scenario.orders == tmp_path / "orders.csv"
    assert (scenario.name, scenario.times.stop_s, scenario.replications) == ("Friday", 9, 20)


def test_the_number_of_replications_can_be_given_outside(tmp_path: Path) -> None:
    assert load_scenario(written(tmp_path, "replications: 7"), replications=3).replications == 3


def test_every_problem_is_listed_with_its_place(tmp_path: Path) -> None:
    text = """
    orders: nowhere.csv
    replications: 0
    speed: 3
    split: {by: 3}
    times: {stop_s: -1}
    vary: {storage: [heap], pickers: [0]}
    """
    with pytest.raises(ScenarioInvalid) as caught:
        load_scenario(written(tmp_path, text))
    places = [problem.where.partition(", ")[2] for problem in caught.value.problems]
    assert places == ["speed", "orders", "vary.storage", "vary.pickers", "replications", "times", "split"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- 1", "must be a list of fields"),
        ("a: [", "is not YAML"),
        ("times: {pace: 3}", "takes the fields"),
        ("vary: [random]", "takes lists under"),
        ("vary: {policy: []}", "a list of these is needed"),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_reason(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ScenarioInvalid, match=what):
        load_scenario(written(tmp_path, text))


def test_a_scenario_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid, match="cannot be read"):
        load_scenario(tmp_path / "none.yaml")

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

COMMAND = CliRunner()


def answer(*words: str) -> dict[str, Any]:
    result = COMMAND.invoke(app, ["count", *words, "--json"])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


def test_the_bound_and_the_checks_needed_are_told_as_json() -> None:
    assert answer("bound", "--checked", "12632", "--errors", "0", "--population", "20000") == {
        "accuracy_at_least": pytest.approx(0.9999)
    }
    assert answer("needed", "--target", "0.9999") == {"checks": 29_956}
    assert answer("needed", "--target", "99.99%", "--population", "100000") == {"checks": 23_840}
    assert answer("needed", "--target", "0.9999", "--errors", "3", "--population", "20000") == {"checks": None}


def test_a_bound_that_is_looked_at_daily_promises_less() -> None:
    sample = ("bound", "--checked", "30000", "--errors", "1")
    once, always = answer(*sample)["accuracy_at_least"], answer(*sample, "--always", "0.9999")["accuracy_at_least"]
    assert once is not None
    assert always is not None
    assert 0.999 < always < once


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("bound", "--checked", "2", "--errors", "3"), "3 errors in 2 checks"),
        (("needed", "--target", "1.5"), "1.5"),
        (("needed", "--target", "four nines"), "is no number"),
    ],
)
def test_figures_that_do_not_go_together_end_with_a_sentence(words: tuple[str, ...], why: str) -> None:
    result = COMMAND.invoke(app, ["count", *words])
    assert result.exit_code == 2
    assert why in result.output


def test_counts_are_planned_a_sample_drawn_and_its_proof_told(
    stocked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(stocked_home))
    monkeypatch.setenv("ONWARD_DATABASE_URL", "")
    assert answer("status")["sample"] is None
    nothing = COMMAND.invoke(app, ["count", "sample"])
    assert (nothing.exit_code, "no sample" in nothing.output) == (2, True)
    drawn = answer("sample", "--target", "0.5", "--days", "1")
    assert (drawn["site"], drawn["day"], drawn["is_new"]) == ("SMALL", 1, True)
    assert answer("sample")["is_new"] is False
    assert answer("plan")["site"] == "SMALL"
    told = answer("status")["sample"]
    assert told["waiting"] == drawn["num_records"]
    assert told["sentence"].startswith("At least 0 % with 95 % confidence; ")
    words = COMMAND.invoke(app, ["count", "status"])
    assert told["sentence"] in words.output

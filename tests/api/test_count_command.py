import json

import pytest
from typer.testing import CliRunner

from api.cli import app

COMMAND = CliRunner()


def answer(*words: str) -> dict[str, float | int | None]:
    result = COMMAND.invoke(app, ["count", *words, "--json"])
    assert result.exit_code == 0, result.output
    told: dict[str, float | int | None] = json.loads(result.output)
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

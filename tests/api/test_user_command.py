import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_hashes: None) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(tmp_path))
    monkeypatch.setenv("ONWARD_DATABASE_URL", "")


def run(*arguments: str, status: int = 0) -> str:
    result = RUNNER.invoke(app, ["user", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def test_a_picker_gets_a_new_badge_and_a_manager_a_password() -> None:
    told = run("add", "anna", "--role", "picker", "--pin", "2580")
    run("add", "mara", "--role", "manager", "--password", "long enough")
    listed = json.loads(run("list", "--json"))
    assert [(each["name"], each["role"]) for each in listed] == [("anna", "picker"), ("mara", "manager")]
    assert listed[0]["badge"] in told
    assert listed[0]["badge"].startswith("U-")
    assert "anna" in run("list")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "picker", "--pin", "12"],
        ["--role", "picker", "--pin", "2580", "--badge", "123456"],
        ["--role", "admin", "--password", "short"],
    ],
)
def test_weak_secrets_and_badges_like_pins_are_refused(arguments: list[str]) -> None:
    run("add", "anna", *arguments, status=2)
    assert json.loads(run("list", "--json")) == []


def test_two_people_cannot_have_one_badge() -> None:
    run("add", "anna", "--role", "picker", "--pin", "2580", "--badge", "CARD-1")
    assert "another user's" in run("add", "bea", "--role", "picker", "--pin", "2580", "--badge", "CARD-1", status=1)


def test_a_token_for_a_program_can_be_revoked_and_a_user_closed() -> None:
    run("add", "mara", "--role", "manager", "--password", "long enough")
    assert len(run("token", "mara").strip()) >= 43
    assert run("revoke", "mara").startswith("1 session")
    run("close", "mara")
    assert json.loads(run("list", "--json"))[0]["open"] is False
    assert "There is no user nobody" in run("revoke", "nobody", status=1)

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`ONWARD_{name.upper()}`" in DOCUMENT.read_text()


def test_no_setting_is_documented_that_does_not_exist() -> None:
    named = set(re.findall(r"`ONWARD_([A-Z_]+)`", DOCUMENT.read_text()))
    assert named == {name.upper() for name in Settings.model_fields}


def test_without_a_database_address_the_database_lies_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(tmp_path))
    monkeypatch.delenv("ONWARD_DATABASE_URL", raising=False)
    assert Settings().database == f"sqlite:///{tmp_path / 'onward.db'}"


@pytest.mark.parametrize("separator", ["A", "-", "|~"])
def test_what_a_gs1_field_may_hold_cannot_end_one(separator: str) -> None:
    with pytest.raises(ValidationError):
        Settings(scan_separator=separator)


def test_a_database_address_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONWARD_DATABASE_URL", "postgresql+psycopg://u@h/onward")
    assert Settings().database == "postgresql+psycopg://u@h/onward"

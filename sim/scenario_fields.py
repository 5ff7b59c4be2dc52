"""Fields of a scenario file: read one by one, every problem kept with its place."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from warehouse.errors import OnwardError, Problem

Choice = TypeVar("Choice", bound=StrEnum)


class ScenarioInvalid(OnwardError):
    """A scenario file cannot be used; `problems` lists everything wrong in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def read_fields(path: Path) -> Mapping[str, Any]:
    """The fields of a scenario file.

    Raises
    ------
    ScenarioInvalid
        If it cannot be read, or is no list of fields.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioInvalid([Problem(str(path), f"cannot be read: {error.strerror}")]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioInvalid([Problem(str(path), f"is not YAML: {error}")]) from error
    if not isinstance(data, Mapping):
        raise ScenarioInvalid([Problem(str(path), "must be a list of fields, such as 'name: ...'")])
    return data


class FieldReader:
    """Takes values out of the fields of one scenario file, and collects what is wrong with them."""

    def __init__(self, path: Path, data: Mapping[str, Any], known: Collection[str]) -> None:
        self.path = path
        self.data = data
        self.problems = [
            Problem(f"{path.name}, {key}", f"is not a field; known are {', '.join(sorted(known))}")
            for key in data
            if key not in known
        ]

    def require_valid(self) -> None:
        """Raise ScenarioInvalid if anything is wrong."""
        if self.problems:
            raise ScenarioInvalid(self.problems)

    def fault(self, field: str, what: str) -> None:
        """Note a problem in a field."""
        self.problems.append(Problem(f"{self.path.name}, {field}", what))

    def number(self, field: str, default: int, least: int) -> int:
        """A whole number of at least `least`."""
        value = self.data.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fault(field, f"is {value!r}; a whole number from {least} up is needed")
            return default
        return value

    def percent(self, field: str) -> float:
        """A share in percent, 0 by default."""
        value = self.data.get(field, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100:
            self.fault(field, f"is {value!r}; a number from 0 to 100 is needed")
            return 0.0
        return float(value)

    def yes_or_no(self, field: str) -> bool:
        """Yes or no, no by default."""
        value = self.data.get(field, False)
        if not isinstance(value, bool):
            self.fault(field, f"is {value!r}; true or false is needed")
            return False
        return value

    def file(self, field: str) -> Path | None:
        """A file named relative to the scenario file."""
        value = self.data.get(field)
        if value is None:
            return None
        path = self.path.parent / str(value)
        if not path.is_file():
            self.fault(field, f"there is no file {value}, seen from the scenario file")
        return path

    def choices(self, field: str, given: Any, kind: type[Choice]) -> list[Choice]:
        """A list of the values of `kind`."""
        known = {each.value for each in kind}
        if not isinstance(given, list) or not given or not all(each in known for each in given):
            self.fault(f"vary.{field}", f"is {given!r}; a list of these is needed: {', '.join(sorted(known))}")
            return []
        return [kind(each) for each in given]

    def choice(self, field: str, default: Choice) -> Choice:
        """One of the values of the default's kind."""
        value = self.data.get(field, default.value)
        known = sorted(each.value for each in type(default))
        if value not in known:
            self.fault(field, f"is {value!r}; one of these is needed: {', '.join(known)}")
            return default
        return type(default)(value)

    def counts(self, field: str, given: Any) -> list[int]:
        """A list of whole numbers from 1 up."""
        if not isinstance(given, list) or not given or not all(type(each) is int and each > 0 for each in given):
            self.fault(f"vary.{field}", f"is {given!r}; a list of whole numbers from 1 up is needed")
            return []
        return given

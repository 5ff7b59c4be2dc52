"""Reading a JSON document field by field, so that every problem is found in one reading.

A `JsonFields` is one object of the document. Each field is asked for by name and kind; what is wrong goes into the
shared `Found` with its path, as in `lines[2].sources[0].quantity`, and None or a stand-in is given back so that the
reading can go on. Fields that nobody knows may be there, for a newer writer knows more. They are noted apart: they
may also be slips of the pen.
"""

import difflib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from warehouse.errors import Problem

NUMBER_MAX = 1_000_000_000
"""Of numbers that are no length: more than any house counts, and the product of two fits 64 bits."""
SHOWN_MAX = 40
"""Characters of a wrong value that are shown."""

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass
class Found:
    """What a reading found besides values: what is wrong, and fields that are not known."""

    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)

    def problem(self, where: str, what: str) -> None:
        """Note that something is wrong; an empty path is the document as a whole."""
        self.problems.append(Problem(where or "the file", what))


def parsed(text: str, found: Found) -> object:
    """The value that a JSON text holds, or None (noted) if it is none."""
    try:
        return json.loads(text, object_pairs_hook=_fields_once)
    except json.JSONDecodeError as error:
        found.problem(f"line {error.lineno}, column {error.colno}", f"not JSON: {error.msg}")
    except RecursionError:
        found.problem("", "is nested too deeply to be read")
    except ValueError as error:  # a number of thousands of digits, or a field given twice
        found.problem("", f"not JSON: {error}")
    return None


def _fields_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The fields of an object; raises ValueError if one is given twice, for one of the two would be lost."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"field {shown(twice)} is given twice in one object")
    return fields


def shown(value: object) -> str:
    """A value as a person would point at it."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."


def whole(value: object, where: str, found: Found, low: int, high: int) -> int | None:
    """A whole number from `low` to `high`, or None (noted)."""
    if type(value) is not int:
        found.problem(where, f"{shown(value)} is no whole number")
    elif not low <= value <= high:
        found.problem(where, f"is {shown(value)}; from {low} to {high} is possible")
    else:
        return value
    return None


def wholes(value: object, where: str, found: Found, least: int, most: int) -> list[int] | None:
    """A list of `least` to `most` whole numbers, or None (noted)."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        count = f"{least}" if least == most else f"{least} or {most}"
        found.problem(where, f"{shown(value)} is no list of {count} whole numbers")
        return None
    sound = [each for each in value if type(each) is int and -NUMBER_MAX <= each <= NUMBER_MAX]
    if len(sound) == len(value):
        return sound
    for index, each in enumerate(value):
        whole(each, f"{where}[{index}]", found, -NUMBER_MAX, NUMBER_MAX)
    return None


class JsonFields:
    """One object of the document; `path` is where it stands."""

    def __init__(self, own: dict[str, object], path: str, found: Found) -> None:
        self.path = path
        self.found = found
        self._own = own

    @classmethod
    def of(cls, value: object, path: str, found: Found) -> "JsonFields | None":
        """The fields of a value, or None (noted) if it is no object."""
        if isinstance(value, dict):
            return cls(value, path, found)
        found.problem(path, f"{shown(value)} is no object with fields")
        return None

    def __contains__(self, key: str) -> bool:
        return key in self._own

    def at(self, key: str) -> str:
        """The path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def only(self, *known: str) -> None:
        """Note every field that is not one of `known`."""
        for key in self._own:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                self.found.doubts.append(Problem(self.at(key), f"is not known and left out; {hint}"))

    def value(self, key: str) -> object:
        """A field's value; None (noted) if it is not there."""
        if key not in self._own:
            self.found.problem(self.at(key), "is missing")
        return self._own.get(key)

    def whole(self, key: str, low: int, high: int = NUMBER_MAX, default: int | None = None) -> int:
        """A field that holds a whole number; `low` stands in where it does not."""
        number = self._own.get(key, default)
        if type(number) is int and low <= number <= high:
            return number
        if key in self._own:
            whole(number, self.at(key), self.found, low, high)
        else:
            self.value(key)
        return low

    def text(self, key: str, default: str | None = None) -> str:
        """A field that holds a text; an empty one stands in where it does not."""
        if key not in self._own and default is not None:
            return default
        text = self.value(key)
        if isinstance(text, str) and text.isascii():
            return text
        if not isinstance(text, str):
            if key in self._own:
                self.found.problem(self.at(key), f"{shown(text)} is no text")
            return ""
        try:
            text.encode()
        except UnicodeEncodeError:
            self.found.problem(self.at(key), f"{shown(text)} holds half a character")
        return text

    def flag(self, key: str, *, default: bool) -> bool:
        """A field that holds true or false."""
        flag = self._own.get(key, default)
        if isinstance(flag, bool):
            return flag
        self.found.problem(self.at(key), f"{shown(flag)} is neither true nor false")
        return default

    def choice(self, key: str, kinds: type[Kind]) -> Kind:
        """A field that holds one of `kinds`; the first stands in where it does not."""
        text = self.value(key)
        for kind in kinds:
            if kind == text:
                return kind
        if key in self._own:
            self.found.problem(self.at(key), f"{shown(text)} is not known; known are {', '.join(kinds)}")
        return next(iter(kinds))

    def items(self, key: str, *, default: bool = False) -> list[tuple[str, object]] | None:
        """The values listed in a field with their paths; None (noted) if it is no list.

        With `default` it may be missing, which is an empty list.
        """
        if key not in self._own and default:
            return []
        listed = self.value(key)
        if isinstance(listed, list):
            where = self.at(key)
            return [(f"{where}[{index}]", each) for index, each in enumerate(listed)]
        if key in self._own:
            self.found.problem(self.at(key), f"{shown(listed)} is no list")
        return None

    def section(self, key: str) -> "JsonFields | None":
        """The object in a field; None (noted) if there is none."""
        value = self.value(key)
        return JsonFields.of(value, self.at(key), self.found) if key in self._own else None

    def optional_section(self, key: str) -> "JsonFields | None":
        """The object in a field that may be missing or null; None if it is."""
        return None if self._own.get(key) is None else self.section(key)

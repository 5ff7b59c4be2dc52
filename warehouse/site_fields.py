"""Reading a YAML file field by field, so that every problem is found in one reading.

A `Fields` is one mapping of the file. Each field is asked for by name and kind; what is wrong goes into
a shared list with its line, and a stand-in value is given back so that the reading can go on.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import yaml

from warehouse.errors import Problem
from warehouse.units import LENGTH_MAX_MM, LENGTHS, whole_units

_WHOLE = re.compile(r"[+-]?\d{1,12}", re.ASCII)

Found = list[tuple[int, Problem]]
"""Problems with the line each is in, in the order they were found."""

Kind = TypeVar("Kind", bound=StrEnum)


class Fields:
    """One mapping of the file; `path` is how a person would point at it."""

    def __init__(self, node: yaml.Node, path: str, source: str, problems: Found) -> None:
        self.path = path
        self._node = node
        self._source = source
        self._problems = problems
        self._nodes: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            self.problem(None, "must be a mapping of names to values")
            return
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in self._nodes or not name:
                self._report(key, name, "is given twice" if name else "is not a name")
            else:
                self._nodes[name] = value

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    @property
    def keys(self) -> list[str]:
        """The names in this mapping, in the file's order."""
        return list(self._nodes)

    @property
    def num_problems(self) -> int:
        """How many problems the whole file has so far."""
        return len(self._problems)

    def problem(self, key: str | None, what: str) -> None:
        """Note that field `key`, or the mapping as a whole, is wrong."""
        self._report(self._nodes.get(key or "", self._node), key or "", what)

    def _report(self, node: yaml.Node, key: str, what: str) -> None:
        where = ".".join(part for part in (self.path, key) if part)
        number = node.start_mark.line + 1
        line = f"{self._source} line {number}"
        self._problems.append((number, Problem(f"{line}, {where}" if where else line, what)))

    def only(self, *known: str) -> None:
        """Note every field that is not one of `known`."""
        for key, node in self._nodes.items():
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                self._report(node, key, f"is not known here; {hint}")

    def text(self, key: str, default: str | None = None) -> str:
        """A field's text; without a default it must be there and not be empty."""
        node = self._nodes.get(key)
        if node is None:
            if default is None:
                self.problem(key, "is missing")
            return default or ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.problem(key, "must be a text")
            return default or ""
        return str(node.value).strip()

    def choice(self, key: str, kinds: type[Kind], default: Kind | None = None) -> Kind:
        """A field that holds one of `kinds`."""
        stand_in = default or next(iter(kinds))
        if key not in self and default is not None:
            return default
        text = self.text(key)
        if text in {kind.value for kind in kinds}:
            return kinds(text)
        if text:
            self.problem(key, f"is {text}; known are {', '.join(kinds)}")
        return stand_in

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A field that holds a whole number from `low` to `high`."""
        return self._number(key, None, low, high, default)

    def quantity(self, key: str, units: Mapping[str, int], low: int, high: int, default: int | None = None) -> int:
        """A field that holds a quantity with a unit, from `low` to `high` in the smallest unit."""
        return self._number(key, units, low, high, default)

    def length(self, key: str, low: int = 1, default: int | None = None) -> int:
        """A field that holds a length, in mm."""
        return self.quantity(key, LENGTHS, low, LENGTH_MAX_MM, default)

    def _number(self, key: str, units: Mapping[str, int] | None, low: int, high: int, default: int | None) -> int:
        if key not in self and default is not None:
            return default
        text = self.text(key)
        return self._read(key, text, units, low, high) if text else max(low, 1)

    def _read(self, key: str, text: str, units: Mapping[str, int] | None, low: int, high: int) -> int:
        """The number in `text`, or a stand-in after noting what is wrong with it."""
        smallest = "" if units is None else f" {next(iter(units))}"
        try:
            if units is None and _WHOLE.fullmatch(text) is None:
                raise ValueError(f"{text!r} is not a whole number")
            number = int(text) if units is None else whole_units(text, units)
        except ValueError as error:
            self.problem(key, str(error))
            return max(low, 1)
        if not low <= number <= high:
            self.problem(key, f"is {text}; from {low}{smallest} to {high}{smallest} is possible")
            return max(low, 1)
        return number

    def numbers(
        self, key: str, num: int, units: Mapping[str, int] | None, low: int, high: int, default: int | None = None
    ) -> list[int]:
        """A field that holds one number for all, or a list of exactly `num`."""
        node = self._nodes.get(key)
        if not isinstance(node, yaml.SequenceNode):
            return [self._number(key, units, low, high, default)] * num
        texts = self._items(key)
        if len(texts) != num:
            self.problem(key, f"lists {len(texts)} values; give {num}, or one for all")
            return [max(low, 1)] * num
        return [self._read(key, text, units, low, high) for text in texts]

    def _items(self, key: str) -> list[str]:
        """The texts of a field that holds a list, or a text with commas."""
        node = self._nodes[key]
        if isinstance(node, yaml.ScalarNode):
            return [part.strip() for part in node.value.split(",") if part.strip()]
        if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
            return [str(item.value).strip() for item in node.value]
        self.problem(key, "must be a list of values")
        return []

    def texts(self, key: str) -> list[str]:
        """A field that holds a list of texts, none of them twice; it must be there."""
        if key not in self:
            self.problem(key, "is missing")
            return []
        texts = self._items(key)
        if not texts or not all(texts):
            self.problem(key, "must name at least one, and no empty ones")
        if len(set(texts)) != len(texts):
            self.problem(key, "names one of them twice")
        return texts

    def chosen(self, key: str, names: Sequence[str], what: str) -> list[str]:
        """The `names` that a field picks by name or range ("1-3, 7"); all of them where it is not given.

        `what` is what the names are of, for the problem.
        """
        if key not in self:
            return list(names)
        place = {name: index for index, name in enumerate(names)}
        chosen: dict[str, None] = {}
        for item in self._items(key):
            first, dash, last = (part.strip() for part in item.partition("-"))
            if item in place:
                first = last = item
            elif not dash:
                last = first
            unknown = [name for name in (first, last) if name not in place]
            if unknown:
                self.problem(key, f"there is no {what} {unknown[0]}")
            elif place[first] > place[last]:
                self.problem(key, f"{item} runs backwards")
            else:
                chosen.update(dict.fromkeys(names[place[first] : place[last] + 1]))
        return list(chosen)

    def section(self, key: str) -> "Fields | None":
        """The mapping in a field, or None (noted) where there is none."""
        if key not in self:
            self.problem(key, "is missing")
            return None
        return self._below(self._nodes[key], key)

    def _below(self, node: yaml.Node, key: str) -> "Fields":
        path = ".".join(part for part in (self.path, key) if part)
        return Fields(node, path, self._source, self._problems)

    def entries(self, key: str) -> "list[Fields]":
        """The mappings listed in a field, which may be missing or a single mapping."""
        node = self._nodes.get(key)
        if node is None:
            return []
        if isinstance(node, yaml.MappingNode):
            return [self._below(node, key)]
        if not isinstance(node, yaml.SequenceNode):
            self.problem(key, "must be a list")
            return []
        return [self._below(item, f"{key}[{index}]") for index, item in enumerate(node.value, 1)]

    def named(self, key: str) -> "dict[str, Fields]":
        """The mappings in a field by their own names; the field must be there."""
        section = self.section(key)
        return {} if section is None else section.children()

    def children(self) -> "dict[str, Fields]":
        """Every value of this mapping, which must be mappings, by its name."""
        return {name: self._below(node, name) for name, node in self._nodes.items()}


def fields_of(text: str, source: str, problems: Found) -> Fields | None:
    """The whole of a YAML text as fields, or None (noted) if it cannot be parsed."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        problems.append((0, Problem(f"{source}{line}", f"not YAML: {error.problem or error.context}")))
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.append((0, Problem(source, f"not YAML: {error}")))
        return None
    if node is None:
        problems.append((0, Problem(source, "is empty")))
        return None
    return Fields(node, "", source, problems)

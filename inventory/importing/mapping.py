"""Which column of a file means what: mapping files, and the presets that ship with Onward.

A preset is a mapping file like anybody's own, so a good way to write one is to copy the nearest
preset from `inventory/importing/presets`. `docs/import.md` explains every key.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from warehouse.errors import ImportInvalid, Problem

REQUIRED = {
    "orders": ("number", "product", "quantity"),
    "products": ("product", "length", "width", "height", "weight"),
    "purchase_orders": ("number", "supplier", "product", "quantity"),
    "measurements": ("product", "length", "width", "height", "weight"),
    "advance_notices": ("number", "supplier", "product", "quantity"),
}
"""The fields without which nothing can be made of a row."""

MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4}
G_PER_UNIT = {"g": 1.0, "kg": 1000.0, "oz": 28.349523125, "lb": 453.59237}


UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Lookup:
    """Columns joined from `file`, which lies beside the imported file, over the column `key` of both."""

    file: str
    key: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows whose fields all match `when` whole are no order lines; they are counted as `count`."""

    count: str
    because: str
    when: tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True)
class ColumnMapping:
    """How the columns of a file become fields.

    `columns` gives for every field the columns whose texts make it, joined by "-"; `optional` the same
    for columns that may be absent. `constants` are fields with one text for all rows. `values` turns the
    texts of a field into others, "*" standing for all that are not named. `repeats` says what a product
    code that stands in several rows means: "refuse" that rows must agree, "most_common" that the name
    seen most often is taken.
    """

    name: str
    kind: str
    about: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    upper: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    time_zone: ZoneInfo = UTC
    mm_per_unit: float = 1.0
    g_per_unit: float = 1.0
    repeats: str = "refuse"

    def with_columns(self, columns: Mapping[str, tuple[str, ...]]) -> "ColumnMapping":
        """The same mapping with some fields taken from other columns."""
        kept = {name: names for name, names in self.optional.items() if name not in columns}
        return replace(self, columns={**self.columns, **columns}, optional=kept)

    def with_constants(self, constants: Mapping[str, str]) -> "ColumnMapping":
        """The same mapping with some fields fixed for all rows."""
        columns = {name: names for name, names in self.columns.items() if name not in constants}
        optional = {name: names for name, names in self.optional.items() if name not in constants}
        return replace(self, columns=columns, optional=optional, constants={**self.constants, **constants})


def mapping_from_dict(data: object, where: str) -> ColumnMapping:
    """The mapping that a mapping file describes.

    Raises
    ------
    ImportInvalid
        With every problem of the file.
    """
    problems: list[Problem] = []
    if not isinstance(data, dict) or data.get("kind") not in REQUIRED:
        raise ImportInvalid([Problem(where, f"a mapping file says kind, one of {', '.join(REQUIRED)}")])
    known = {"name", "kind", "about", "columns", "optional", "constants", "lookups", "values", "upper", "rules"}
    known |= {"time_zone", "units", "repeats"}
    problems += [Problem(where, f"{key} is not a key of a mapping file") for key in data if key not in known]
    units = data.get("units") or {}
    for key, allowed in (("size", MM_PER_UNIT), ("weight", G_PER_UNIT)):
        if units.get(key, next(iter(allowed))) not in allowed:
            problems.append(Problem(where, f"units.{key} is {units[key]}; known are {', '.join(allowed)}"))
    if data.get("repeats", "refuse") not in ("refuse", "most_common"):
        problems.append(Problem(where, "repeats is refuse or most_common"))
    zone = _zone(data.get("time_zone", "UTC"), where, problems)
    rules = tuple(_rules(data.get("rules") or (), where, problems))
    if problems:
        raise ImportInvalid(problems)
    return ColumnMapping(
        name=str(data.get("name", where)),
        kind=data["kind"],
        about=str(data.get("about", "")),
        columns=_columns(data.get("columns")),
        optional=_columns(data.get("optional")),
        constants={key: str(text) for key, text in (data.get("constants") or {}).items()},
        lookups=tuple(Lookup(each["file"], each["key"]) for each in data.get("lookups") or ()),
        values={name: {str(a): str(b) for a, b in table.items()} for name, table in (data.get("values") or {}).items()},
        upper=frozenset(data.get("upper") or ()),
        rules=rules,
        time_zone=zone,
        mm_per_unit=MM_PER_UNIT[units.get("size", "mm")],
        g_per_unit=G_PER_UNIT[units.get("weight", "g")],
        repeats=data.get("repeats", "refuse"),
    )


def read_mapping(path: Path) -> ColumnMapping:
    """The mapping in a YAML file; raises ImportInvalid with every problem of it."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ImportInvalid([Problem(str(path), f"cannot be read: {error}")]) from error
    return mapping_from_dict(data, str(path))


def presets(kind: str) -> dict[str, ColumnMapping]:
    """The mappings that ship with Onward for files of `kind` (a key of `REQUIRED`), by name."""
    found = {}
    for each in sorted(resources.files("inventory.importing").joinpath("presets").iterdir(), key=lambda one: one.name):
        mapping = mapping_from_dict(yaml.safe_load(each.read_text(encoding="utf-8")), each.name)
        if mapping.kind == kind:
            found[mapping.name] = mapping
    return found


def preset_for(header: Iterable[str], kind: str) -> ColumnMapping | None:
    """The preset that fits a file's header best: all its own columns are there, and most of them.

    Columns that a preset joins from other files are not asked for.
    """
    there = set(header)
    best: tuple[int, ColumnMapping] | None = None
    for mapping in presets(kind).values():
        needed = {column for names in mapping.columns.values() for column in names}
        own = needed & there
        missing = needed - there
        fits = not missing or (mapping.lookups and all(lookup.key in there for lookup in mapping.lookups))
        if fits and own and (best is None or len(own) > best[0]):
            best = (len(own), mapping)
    return best[1] if best else None


def _columns(data: Mapping[str, Any] | None) -> dict[str, tuple[str, ...]]:
    """Field -> columns; one column may be written without a list."""
    return {
        str(name): (str(names),) if not isinstance(names, list) else tuple(str(each) for each in names)
        for name, names in (data or {}).items()
    }


def _zone(name: str, where: str, problems: list[Problem]) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(Problem(where, f"time_zone {name} is not known"))
        return UTC


def _rules(data: Iterable[Any], where: str, problems: list[Problem]) -> Iterable[Rule]:
    for number, rule in enumerate(data, 1):
        try:
            when = tuple((name, re.compile(pattern)) for name, pattern in rule["when"].items())
            yield Rule(str(rule["count"]), str(rule.get("because", "")), when)
        except (KeyError, TypeError, AttributeError, re.error) as error:
            problems.append(Problem(where, f"rule {number} needs count and when with patterns: {error!r}"))

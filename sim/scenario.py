"""What a planner asks: a scenario file says whose demand, which choices, how often to repeat.

`docs/simulate.md` explains every field. A scenario is read whole: every problem is reported with its
place.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from routing.problem import PolicyName
from sim.pickers import PickerTimes
from warehouse.errors import OnwardError, Problem

Choice = TypeVar("Choice", bound=StrEnum)


class ScenarioInvalid(OnwardError):
    """A scenario file cannot be used; `problems` lists everything wrong in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class Storage(StrEnum):
    """How goods lie."""

    RANDOM = "random"
    DEDICATED = "dedicated"
    CLASS_BASED = "class_based"


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of choices to simulate."""

    storage: Storage
    policy: PolicyName
    pickers: int
    bins_per_product: int

    @property
    def name(self) -> str:
        """The variant in a few words."""
        bins = f" x{self.bins_per_product}" if self.storage is Storage.RANDOM else ""
        return f"{self.storage}{bins}, {self.policy}, {self.pickers} pickers".replace("_", " ")


@dataclass(frozen=True)
class Scenario:
    """A set of variants on one demand.

    `orders` and `products` are files (with `day` one day of them), or None for generated demand of
    `num_orders` orders. `site` is a site file, or None for a site sized to the demand. `empty_percent` of all
    stock records hold nothing when somebody gets there; with `join` orders may join runs as they come in.
    """

    name: str
    orders: Path | None
    products: Path | None
    day: str | None
    num_orders: int
    site: Path | None
    variants: tuple[Variant, ...]
    replications: int
    seed: int
    release_every_s: int
    iterations: int
    times: PickerTimes
    empty_percent: float = 0.0
    join: bool = False

    @property
    def changes_plans(self) -> bool:
        """Whether plans change while they are walked."""
        return self.empty_percent > 0 or self.join


_FIELDS = {
    "name", "orders", "products", "day", "num_orders", "site", "replications", "seed",
    "release_every_s", "iterations", "times", "vary", "empty_percent", "join",
}  # fmt: skip
_VARY = {"storage", "policy", "pickers", "bins_per_product"}


def load_scenario(path: Path, *, replications: int | None = None) -> Scenario:
    """Read a scenario file; `replications` takes the place of the file's own number.

    Raises
    ------
    ScenarioInvalid
        With every problem in the file.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioInvalid([Problem(str(path), f"cannot be read: {error.strerror}")]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioInvalid([Problem(str(path), f"is not YAML: {error}")]) from error
    if not isinstance(data, Mapping):
        raise ScenarioInvalid([Problem(str(path), "must be a list of fields, such as 'name: ...'")])
    return _Reader(path, data if replications is None else {**data, "replications": replications}).scenario()


class _Reader:
    """Collects the fields of one scenario file and what is wrong with them."""

    def __init__(self, path: Path, data: Mapping[str, Any]) -> None:
        self.path = path
        self.data = data
        self.problems = [
            Problem(f"{path.name}, {key}", f"is not a field; known are {', '.join(sorted(_FIELDS))}")
            for key in data
            if key not in _FIELDS
        ]

    def scenario(self) -> Scenario:
        """The scenario, or ScenarioInvalid."""
        scenario = Scenario(
            name=str(self.data.get("name", self.path.stem)),
            orders=self.file("orders"),
            products=self.file("products"),
            day=None if self.data.get("day") is None else str(self.data["day"]),
            num_orders=self.number("num_orders", 150, 1),
            site=self.file("site"),
            variants=self.variants(),
            replications=self.number("replications", 20, 1),
            seed=self.number("seed", 1, 0),
            release_every_s=self.number("release_every_s", 900, 1),
            iterations=self.number("iterations", 20, 1),
            times=self.times(),
            empty_percent=self.percent("empty_percent"),
            join=self.yes_or_no("join"),
        )
        if self.problems:
            raise ScenarioInvalid(self.problems)
        return scenario

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

    def times(self) -> PickerTimes:
        """How fast pickers are."""
        given = self.data.get("times", {})
        known = {each.name for each in fields(PickerTimes)}
        if not isinstance(given, Mapping) or not set(given) <= known:
            self.fault("times", f"takes the fields {', '.join(sorted(known))}")
            return PickerTimes()
        try:
            return PickerTimes(**given)
        except (TypeError, ValueError) as error:
            self.fault("times", str(error))
            return PickerTimes()

    def variants(self) -> tuple[Variant, ...]:
        """Every combination of what varies."""
        vary = self.data.get("vary", {})
        if not isinstance(vary, Mapping) or not set(vary) <= _VARY:
            self.fault("vary", f"takes lists under {', '.join(sorted(_VARY))}")
            return ()
        storages = self.choices("storage", vary.get("storage", ["random"]), Storage)
        policies = self.choices("policy", vary.get("policy", ["no_backtrack"]), PolicyName)
        pickers = self.counts("pickers", vary.get("pickers", [10]))
        bins = self.counts("bins_per_product", vary.get("bins_per_product", [5]))
        # Only random storage spreads a product; the others would repeat the same variant.
        combinations = itertools.product(storages, policies, pickers, bins)
        return tuple(
            dict.fromkeys(
                Variant(storage, policy, crew, spread if storage is Storage.RANDOM else 1)
                for storage, policy, crew, spread in combinations
            )
        )

    def choices(self, field: str, given: Any, kind: type[Choice]) -> list[Choice]:
        """A list of the values of `kind`."""
        known = {each.value for each in kind}
        if not isinstance(given, list) or not given or not all(each in known for each in given):
            self.fault(f"vary.{field}", f"is {given!r}; a list of these is needed: {', '.join(sorted(known))}")
            return []
        return [kind(each) for each in given]

    def counts(self, field: str, given: Any) -> list[int]:
        """A list of whole numbers from 1 up."""
        if not isinstance(given, list) or not given or not all(type(each) is int and each > 0 for each in given):
            self.fault(f"vary.{field}", f"is {given!r}; a list of whole numbers from 1 up is needed")
            return []
        return given

"""What a planner asks: a scenario file says whose demand, which choices, how often to repeat.

`docs/simulate.md` explains every field. A scenario is read whole: every problem is reported with its
place.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from routing.batching import Splitting
from routing.problem import Measure, Policy, PolicyName
from sim.pickers import PickerTimes
from sim.scenario_fields import FieldReader, read_fields


class Storage(StrEnum):
    """How goods lie."""

    RANDOM = "random"
    DEDICATED = "dedicated"
    CLASS_BASED = "class_based"


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of choices to simulate."""

    storage: Storage
    policy: Policy
    pickers: int
    bins_per_product: int

    @property
    def name(self) -> str:
        """The variant in a few words."""
        bins = f" x{self.bins_per_product}" if self.storage is Storage.RANDOM else ""
        return f"{self.storage}{bins}, {in_words(self.policy)}, {self.pickers} pickers".replace("_", " ")


def settings_of(policy: Policy) -> dict[str, int | str]:
    """The settings of a policy that are not as they are by default."""
    return {
        each.name: getattr(policy, each.name)
        for each in fields(Policy)
        if each.name != "name" and getattr(policy, each.name) != each.default
    }


def in_words(policy: Policy) -> str:
    """A policy in a few words, with what is set of it."""
    settings = [f"{name} {value}" for name, value in settings_of(policy).items()]
    return f"{policy.name} ({', '.join(settings)})".replace("_", " ") if settings else policy.name.replace("_", " ")


@dataclass(frozen=True)
class Scenario:
    """A set of variants on one demand.

    `orders` and `products` are files (with `day` one day of them), or None for generated demand of
    `num_orders` orders. `site` is a site file, or None for a site sized to the demand. `empty_percent` of all
    stock records hold nothing when somebody gets there; with `join` orders may join runs as they come in. `split`
    says whether an order may go on several carts.
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
    split: Splitting = Splitting.IF_NEEDED

    @property
    def changes_plans(self) -> bool:
        """Whether plans change while they are walked."""
        return self.empty_percent > 0 or self.join


_FIELDS = {
    "name", "orders", "products", "day", "num_orders", "site", "replications", "seed",
    "release_every_s", "iterations", "times", "vary", "empty_percent", "join", "split",
}  # fmt: skip
_VARY = {"storage", "policy", "pickers", "bins_per_product"}


def load_scenario(path: Path, *, replications: int | None = None) -> Scenario:
    """Read a scenario file; `replications` takes the place of the file's own number.

    Raises
    ------
    ScenarioInvalid
        With every problem in the file.
    """
    data = read_fields(path)
    return _Reader(path, data if replications is None else {**data, "replications": replications}).scenario()


class _Reader(FieldReader):
    """Collects the fields of one scenario file and what is wrong with them."""

    def __init__(self, path: Path, data: Mapping[str, Any]) -> None:
        super().__init__(path, data, _FIELDS)

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
            split=self.choice("split", Splitting.IF_NEEDED),
        )
        self.require_valid()
        return scenario

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

    def policies(self, given: Any) -> list[Policy]:
        """A list of policies: each a name, or a mapping of its name and settings."""
        entries = [each if isinstance(each, Mapping) else {"name": each} for each in given or ()]
        names = self.choices("policy", [str(each.get("name", "")) for each in entries], PolicyName)
        policies = []
        for name, entry in zip(names, entries, strict=False):
            try:
                policies.append(_policy(name, {key: value for key, value in entry.items() if key != "name"}))
            except ValueError as error:
                self.fault("vary.policy", str(error))
        return policies

    def variants(self) -> tuple[Variant, ...]:
        """Every combination of what varies."""
        vary = self.data.get("vary", {})
        if not isinstance(vary, Mapping) or not set(vary) <= _VARY:
            self.fault("vary", f"takes lists under {', '.join(sorted(_VARY))}")
            return ()
        storages = self.choices("storage", vary.get("storage", ["random"]), Storage)
        policies = self.policies(vary.get("policy", ["no_backtrack"]))
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


def _policy(name: PolicyName, settings: Mapping[str, Any]) -> Policy:
    """A policy with the settings a scenario gives; raises ValueError if they are none."""
    known = [each.name for each in fields(Policy) if each.name != "name"]
    for key, value in settings.items():
        if key not in known:
            raise ValueError(f"{key} is no setting of a policy; known are {', '.join(known)}")
        if key != "measure" and type(value) is not int:
            raise ValueError(f"{key} is {value!r}; a whole number is needed")
    read: dict[str, Any] = {**settings, "measure": Measure(settings.get("measure", Measure.DISTANCE))}
    return Policy(name, **read)

"""What a planner asks of the docks: a scenario file with `num_trucks` in it (docs/simulate.md)."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from sim.dock_day import HOUR_S, SENDERS, DockScenario, Sender
from sim.scenario_fields import FieldReader, read_fields

SIGN = "num_trucks"
"""The field by which a file asks of docks."""

_TIMES = ("dock_s", "pallet_off_s", "product_scan_s", "pallet_away_s", "product_away_s", "pace_cv", "handling_cv")
_VARY = ("docks", "receivers", "stowers")
_SENDER = ("name", "share", "pallets", "units_a_pallet", "products_a_pallet", "late_s", "booked_percent")
_FIELDS = ("name", SIGN, "open_h", "suppliers", "times", "vary", "replications", "seed")


@dataclass(frozen=True)
class DocksAsked:
    """Days at the docks to compare: variants differ in docks and crews, and are repeated `replications` times."""

    name: str
    variants: tuple[DockScenario, ...]
    replications: int
    seed: int


def asks_for_docks(path: Path) -> bool:
    """Whether a scenario file is about docks.

    Raises
    ------
    ScenarioInvalid
        If it cannot be read.
    """
    return SIGN in read_fields(path)


def load_docks(path: Path, *, replications: int | None = None) -> DocksAsked:
    """Read a scenario file about docks; `replications` takes the place of the file's own number.

    Raises
    ------
    ScenarioInvalid
        With every problem in the file.
    """
    data = read_fields(path)
    return _Reader(path, data if replications is None else {**data, "replications": replications}, _FIELDS).docks()


class _Reader(FieldReader):
    """Collects the fields of one file about docks, and what is wrong with them."""

    def docks(self) -> DocksAsked:
        """What is asked, or ScenarioInvalid."""
        num_trucks = self.number(SIGN, 40, 1)
        open_s = self.amount("open_h", self.data.get("open_h", 14), 1) * HOUR_S
        day = replace(self.timed(), num_trucks=num_trucks, open_s=open_s, senders=self.senders())
        asked = DocksAsked(
            name=str(self.data.get("name", self.path.stem)),
            variants=tuple(
                replace(day, num_docks=docks, num_receivers=receivers, num_stowers=stowers)
                for docks, receivers, stowers in self.crews()
            ),
            replications=self.number("replications", 30, 1),
            seed=self.number("seed", 1, 0),
        )
        self.require_valid()
        return asked

    def amount(self, field: str, value: Any, least: float, most: float = inf) -> float:
        """A number of at least `least`."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most or value == inf:
            within = f"from {least:g} up" if most == inf else f"from {least:g} to {most:g}"
            self.fault(field, f"is {value!r}; a number {within} is needed")
            return least
        return float(value)

    def crews(self) -> list[tuple[int, int, int]]:
        """Every combination of docks, receivers and stowers."""
        vary = self.data.get("vary", {})
        if not isinstance(vary, Mapping) or not set(vary) <= set(_VARY):
            self.fault("vary", f"takes lists under {', '.join(_VARY)}")
            return []
        usual = DockScenario()
        of_usual = (usual.num_docks, usual.num_receivers, usual.num_stowers)
        docks, receivers, stowers = (
            self.counts(name, vary.get(name, [num])) for name, num in zip(_VARY, of_usual, strict=True)
        )
        return list(dict.fromkeys(itertools.product(docks, receivers, stowers)))

    def timed(self) -> DockScenario:
        """A day on which things take as long, in seconds, and vary as much as the file says."""
        given = self.data.get("times", {})
        if not isinstance(given, Mapping) or not set(given) <= set(_TIMES):
            self.fault("times", f"takes the fields {', '.join(_TIMES)}")
            return DockScenario()
        least = {"pallet_off_s": 1}  # a day without any work has no figures
        times: dict[str, Any] = {
            name: self.amount(f"times.{name}", value, least.get(name, 0)) for name, value in given.items()
        }
        return DockScenario(**times)

    def senders(self) -> tuple[Sender, ...]:
        """The suppliers; the usual eight if none are named."""
        given = self.data.get("suppliers")
        if given is None:
            return SENDERS
        if not isinstance(given, list) or not given:
            self.fault("suppliers", f"is {given!r}; a list of suppliers is needed")
            return SENDERS
        senders = tuple(self.sender(f"suppliers, {number}", each) for number, each in enumerate(given, 1))
        if len({each.name for each in senders}) < len(senders):
            self.fault("suppliers", "names one twice")
        if not sum(each.share for each in senders):
            self.fault("suppliers", "have no share of the trucks; one at least needs a share above 0")
        return senders

    def sender(self, field: str, given: Any) -> Sender:
        """One supplier."""
        if not isinstance(given, Mapping) or set(given) != set(_SENDER):
            self.fault(field, f"takes all of {', '.join(_SENDER)}")
            return replace(SENDERS[0], name=field)
        units = self.amount(f"{field}, units_a_pallet", given["units_a_pallet"], 1)
        if not units.is_integer():
            self.fault(f"{field}, units_a_pallet", f"is {units:g}; a whole number is needed")
        return Sender(
            name=str(given["name"]),
            share=self.amount(f"{field}, share", given["share"], 0),
            pallets_mean=self.amount(f"{field}, pallets", given["pallets"], 1),
            units_a_pallet=int(units),
            products_a_pallet=self.amount(f"{field}, products_a_pallet", given["products_a_pallet"], 1),
            late_s=self.amount(f"{field}, late_s", given["late_s"], 0),
            booked=self.amount(f"{field}, booked_percent", given["booked_percent"], 0, 100) / 100,
        )

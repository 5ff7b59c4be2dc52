"""A day at the docks: trucks come, wait their turn, are scanned off, and their goods are put away.

Problem
    With so many docks, receivers and stowers, how long do goods take from the gate to a bin, for every supplier?
Method
    Discrete events (SimPy). Who is unloaded next is decided by the live rule (`inventory.rules.dock_queue`); a truck
    goes to a dock once a dock and a receiver are free. Of several free receivers one is drawn, so that nobody's truck
    can be given to anybody in particular. Each pallet is put away by the next free stower, first come first served.
    Times from gate to bin are counted by unit as the live house counts them (`inventory.rules.dock_times`).
Complexity
    One event a pallet.
Limits
    People take no breaks and come for the whole day; lifts and aisles are never in the way.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from inventory.rules.dock_queue import Waiting, in_turn
from inventory.rules.dock_times import Spell

MS = 1_000
HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Sender:
    """A supplier: his share of the trucks, how full they are, and how well they keep their appointments."""

    name: str
    share: float
    pallets_mean: float
    units_a_pallet: int
    products_a_pallet: float
    late_s: float
    booked: float


SENDERS = (
    Sender("Albrecht", 0.20, 22, 160, 2.0, 300, 1.0),
    Sender("Baumann", 0.15, 26, 48, 1.0, 900, 1.0),
    Sender("Conti", 0.15, 12, 240, 6.0, 1_800, 0.9),
    Sender("Dufour", 0.15, 8, 300, 12.0, 1_200, 0.8),
    Sender("Eriksen", 0.10, 18, 120, 1.5, 600, 1.0),
    Sender("Fischer", 0.10, 4, 200, 9.0, 2_400, 0.3),
    Sender("Greco", 0.10, 14, 96, 3.0, 3_600, 0.7),
    Sender("Horvat", 0.05, 2, 60, 4.0, 5_400, 0.0),
)
"""Eight kinds of trucks: full ones of one product a pallet, mixed ones, parcels without an appointment."""


@dataclass(frozen=True, slots=True)
class DockScenario:
    """A day's docks. Times are in seconds, for a person of usual pace; people's paces vary by `pace_cv`."""

    num_trucks: int = 40
    num_docks: int = 4
    num_receivers: int = 4
    num_stowers: int = 6
    open_s: float = 14 * HOUR_S
    dock_s: float = 300
    pallet_off_s: float = 105
    product_scan_s: float = 45
    pallet_away_s: float = 210
    product_away_s: float = 45
    pace_cv: float = 0.2
    handling_cv: float = 0.3
    senders: tuple[Sender, ...] = SENDERS

    @property
    def name(self) -> str:
        """The docks and crews in a few words."""
        counts = (("dock", self.num_docks), ("receiver", self.num_receivers), ("stower", self.num_stowers))
        return ", ".join(f"{num} {what}{'' if num == 1 else 's'}" for what, num in counts)


@dataclass(frozen=True, slots=True)
class Handled:
    """Who unloaded whose truck: one of `free`, the receivers who were free then. `paces` are all receivers'."""

    sender: str
    receiver: int
    free: tuple[int, ...]
    waited_s: float
    unloading_s: float


@dataclass(frozen=True)
class DockLog:
    """What happened: who handled each truck, the time of every unit from gate to bin, and when the last one was in."""

    handled: tuple[Handled, ...]
    spells: tuple[Spell, ...]
    paces: tuple[float, ...]
    finished_s: float


@dataclass
class _Truck:
    number: int
    sender: Sender
    arrived_s: float
    slot_s: float | None
    pallets: int
    products: Sequence[int] = field(default_factory=tuple)

    @property
    def waiting(self) -> Waiting:
        slot_ms = None if self.slot_s is None else round(MS * self.slot_s)
        return Waiting(self.number, round(MS * self.arrived_s), slot_ms)


def simulate_docks(scenario: DockScenario, seed: int) -> DockLog:
    """Play a day through; the same seed gives the same day."""
    return _Day(scenario, seed).play()


class _Day:
    """The docks, the people, and what is waiting for them.

    Trucks, paces and the rest are drawn apart: the same seed sends the same trucks to other docks and crews.
    """

    def __init__(self, scenario: DockScenario, seed: int) -> None:
        self.scenario = scenario
        self.coming, paces, self.rng = np.random.default_rng(seed).spawn(3)
        self.env = simpy.Environment()
        self.waiting: dict[int, _Truck] = {}
        self.free_docks = scenario.num_docks
        self.paces = tuple(float(pace) for pace in _around(paces, scenario.pace_cv, scenario.num_receivers))
        self.free_receivers = list(range(scenario.num_receivers))
        self.stowers = simpy.Resource(self.env, scenario.num_stowers)
        self.handled: list[Handled] = []
        self.spells: list[Spell] = []

    def play(self) -> DockLog:
        """The whole day, until the last pallet is put away."""
        for truck in _trucks(self.scenario, self.coming):
            self.env.process(self._comes(truck))
        self.env.run()
        return DockLog(tuple(self.handled), tuple(self.spells), self.paces, self.env.now)

    def _comes(self, truck: _Truck) -> Generator[Any, Any, None]:
        yield self.env.timeout(truck.arrived_s)
        self.waiting[truck.number] = truck
        self._call_next()

    def _call_next(self) -> None:
        """As long as a dock and a receiver are free, call the truck whose turn it is."""
        while self.waiting and self.free_docks and self.free_receivers:
            first = in_turn([each.waiting for each in self.waiting.values()])[0]
            free = tuple(sorted(self.free_receivers))
            receiver = int(self.rng.choice(free))
            self.free_receivers.remove(receiver)
            self.free_docks -= 1
            self.env.process(self._unload(self.waiting.pop(first.number), receiver, free))

    def _unload(self, truck: _Truck, receiver: int, free: tuple[int, ...]) -> Generator[Any, Any, None]:
        scenario, begun_s = self.scenario, self.env.now
        yield self.env.timeout(scenario.dock_s)
        for num_products in truck.products:
            usual_s = scenario.pallet_off_s + num_products * scenario.product_scan_s
            yield self.env.timeout(usual_s * self.paces[receiver] * self._varies())
            self.env.process(self._put_away(truck, num_products))
        waited_s = begun_s - truck.arrived_s
        self.handled.append(Handled(truck.sender.name, receiver, free, waited_s, self.env.now - begun_s))
        self.free_docks += 1
        self.free_receivers.append(receiver)
        self._call_next()

    def _put_away(self, truck: _Truck, num_products: int) -> Generator[Any, Any, None]:
        with self.stowers.request() as stower:
            yield stower
            usual_s = self.scenario.pallet_away_s + num_products * self.scenario.product_away_s
            yield self.env.timeout(usual_s * self._varies())
        took_ms = round(MS * (self.env.now - truck.arrived_s))
        self.spells.append(Spell(truck.sender.name, took_ms, truck.sender.units_a_pallet, done=True))

    def _varies(self) -> float:
        return float(_around(self.rng, self.scenario.handling_cv, 1)[0])


def _trucks(scenario: DockScenario, rng: np.random.Generator) -> list[_Truck]:
    """The trucks of a day: appointments spread over the day, kept more or less well."""
    shares = np.array([each.share for each in scenario.senders])
    slots_s = np.sort(rng.uniform(0, scenario.open_s, scenario.num_trucks))
    trucks = []
    for number, slot_s in enumerate(slots_s):
        sender = scenario.senders[int(rng.choice(len(shares), p=shares / shares.sum()))]
        arrived_s = max(0.0, float(slot_s + rng.normal(0, sender.late_s)))
        pallets = max(1, int(rng.poisson(sender.pallets_mean)))
        products = tuple(1 + int(each) for each in rng.poisson(sender.products_a_pallet - 1, pallets))
        slot = float(slot_s) if rng.random() < sender.booked else None
        trucks.append(_Truck(number, sender, arrived_s, slot, pallets, products))
    return trucks


def _around(rng: np.random.Generator, cv: float, count: int) -> Any:
    """Factors around 1 with this coefficient of variation, never below 0 (log-normal)."""
    sigma = np.sqrt(np.log1p(cv**2))
    return rng.lognormal(-(sigma**2) / 2, sigma, count)

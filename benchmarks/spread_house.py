"""A house whose goods are stowed in one way or another, and a real day to be picked from it.

The floor is the one that `onward demo` plans for the day. What is in stock is the same for all ways of stowing: what
the day asks for, and more in the same proportions. Whoever chooses bins knows the 28 days before, never the day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from inventory.importing.orders import OrderFile
from inventory.rules.allocation import Order, OrderLine
from inventory.rules.pick_runs import PickArea
from inventory.rules.random_stowing import Shares, place_at_random
from inventory.rules.releasing import ReleasePlan, plan_release
from inventory.rules.stock import Goods, IntArray, Lots, Stock
from inventory.rules.storage_policy import Preferences
from inventory.rules.stow_choice import Chooser, Costs, transit_mm, ways_mm
from routing.bin_choice import Budget
from sim.day_demand import demand_of, orders_in
from sim.demo import carts_needed
from sim.demo_site import planned_site
from tests.shared_data import SHARED
from warehouse.site_file import read_site
from warehouse.site_writing import write_site

DAYS = ("2011-12-05", "2011-12-08")
"""The two busiest days of Online Retail, by lines."""

NUM_UNITS = 50_000
NUM_BINS = 5
PAST_DAYS = 28
"""How far back the house looks at demand, unless a site says otherwise."""

BUDGET = Budget(time_ms=None, iterations=30)
"""Few, since spreads are compared with each other: all are planned with as many."""


@dataclass(frozen=True)
class House:
    """The day's goods and orders, the floor, and the days before."""

    day: str
    area: PickArea
    goods: Goods
    lots: Lots
    orders: Sequence[Order]
    quantity: IntArray
    way_mm: IntArray
    transit_mm: IntArray
    num_carts: int
    past: dict[str, tuple[Order, ...]] = field(repr=False)

    @cached_property
    def popularity(self) -> Costs:
        """As the live house reckons (`Popularities`): the rank by order lines of the days before, 0 for none."""
        lines = Counter(line.product for orders in self.past.values() for order in orders for line in order.lines)
        rank = np.zeros(len(self.goods))
        for at, (product, _) in enumerate(sorted(lines.items(), key=lambda each: (each[1], each[0]))):
            rank[product] = (at + 1) / len(lines)
        return rank

    def stowed(self, preferences: Preferences | None, seed: int) -> Stock:
        """All units in bins, at random or where the preferences want them."""
        shares = Shares(np.arange(len(self.goods)), self.quantity, np.full(len(self.goods), NUM_BINS))
        shelves = self.area.shelves
        chooser = None if preferences is None else Chooser(shelves, self.transit_mm, preferences)
        placement = place_at_random(
            shares, self.lots, self.goods, shelves, seed=seed, chooser=chooser, popularity=self.popularity
        )
        assert not placement.unplaced
        return placement.stock

    def walked(self, stock: Stock, orders: Sequence[Order] | None = None, budget: Budget = BUDGET) -> ReleasePlan:
        """The runs of the day, or of other orders, planned as the live house plans them."""
        return plan_release(self.orders if orders is None else orders, stock, self.goods, self.area, budget=budget)

    @property
    def bound_mm(self) -> int:
        """What the day's runs walk at least, wherever the goods lie within the bins' volume.

        Bins whose way from where runs begin and on to where they end is at most w hold so much volume; of what the
        day asks for the rest lies beyond, and takes so many carts, each of which walks more than w. No run walks
        less than the way of the nearest bin, and there are at least as many runs as full carts.
        """
        order = np.argsort(self.way_mm, kind="stable")
        ways = self.way_mm[order]
        held = np.cumsum(self.area.shelves.volume_mm3[order])
        asked = np.zeros(len(self.goods), dtype=np.int64)
        for each in self.orders:
            for line in each.lines:
                asked[line.product] += line.quantity
        volume_mm3 = int((asked * self.goods.volume_mm3).sum())
        cart_mm3 = self.area.cart.num_totes * self.area.cart.tote_volume_mm3
        beyond = np.ceil(np.maximum(0, volume_mm3 - held) / cart_mm3)
        return self.num_carts * int(ways[0]) + int((beyond[:-1] * np.diff(ways)).sum())


def walked_mm(plan: ReleasePlan) -> int:
    """What all runs of a plan walk."""
    return sum(run.route.certificate.distance_mm for run in plan.runs)


def walked_twice_mm(plan: ReleasePlan) -> int:
    """Aisle floor that they walk again."""
    return sum(run.route.certificate.backtrack_mm for run in plan.runs)


def read_orders() -> OrderFile:
    """All orders of Online Retail."""
    assert SHARED is not None, "Online Retail is not beside the project"
    return orders_in(SHARED / "data" / "uci_online_retail" / "online_retail_2010-12_2011-12.csv.gz")


def house(read: OrderFile, day: str, cover: int | None = None) -> House:
    """The house of a day, with `NUM_UNITS` in stock, or with `cover` times what the day asks for."""
    demand = demand_of(read, day, seed=0)
    goods, lots = demand.as_arrays()
    asked = np.array([demand.units[code] for code in goods.codes], dtype=np.int64)
    rest = max(0, NUM_UNITS - int(asked.sum()))
    quantity = asked + -(-rest * asked // int(asked.sum())) if cover is None else asked * cover
    site = read_site(write_site(planned_site(demand.volume_mm3, NUM_BINS, demand.name)))
    assert not isinstance(site, list)
    area = PickArea.of_site(site)
    orders, _ = demand.as_orders()
    return House(
        day=day,
        area=area,
        goods=goods,
        lots=lots,
        orders=orders,
        quantity=np.asarray(quantity, dtype=np.int64),
        way_mm=ways_mm(area.floor, area.start, area.end, area.shelves.spots),
        transit_mm=transit_mm(area.floor, area.start, area.end, area.shelves.spots),
        num_carts=carts_needed(demand, site.cart),
        past=_past(read, date.fromisoformat(day), goods),
    )


def _past(read: OrderFile, day: date, goods: Goods) -> dict[str, tuple[Order, ...]]:
    """The orders of the days before, as far as their products are in the house."""
    found: dict[str, list[Order]] = {}
    for order in read.orders:
        if order.placed is None or not day - timedelta(days=PAST_DAYS) <= order.placed.date() < day:
            continue
        lines = tuple(
            OrderLine(f"{order.number}/{at}", goods.index[line.product], line.quantity)
            for at, line in enumerate(order.lines)
            if line.product in goods.index
        )
        if lines:
            found.setdefault(order.placed.date().isoformat(), []).append(Order(order.number, lines, 0, None, 0))
    return {name: tuple(orders) for name, orders in sorted(found.items())}

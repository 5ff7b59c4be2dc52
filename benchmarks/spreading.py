"""What each preference in stowing saves the pickers: 50,000 units stowed, then the busiest real day walked.

The goods of Online Retail's busiest day (2011-12-05) are stowed by one way after the other on the same floor, each
product in as many bins. Then the day's orders are released as on the live floor and every run is planned with the same
number of search steps. How often a product is asked for is taken from the month before, never from the day itself.

The lower bound holds wherever the goods lie: the units fill at least so many carts by load and by totes, and each
walks from the cart park by way of the nearest bin there is to a station.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from inventory.rules.allocation import Order
from inventory.rules.pick_runs import PickArea
from inventory.rules.random_stowing import Shares, place_at_random
from inventory.rules.releasing import ReleasePlan, plan_release
from inventory.rules.stock import Goods, IntArray, Lots, Stock
from inventory.rules.storage_policy import Preferences
from inventory.rules.stow_choice import Chooser, Costs, ways_mm
from routing.bin_choice import Budget
from sim.day_demand import DayDemand, demand_from_files
from sim.demo import carts_needed
from sim.demo_site import planned_site
from warehouse.site_file import read_site
from warehouse.site_writing import write_site

DATA = Path("..") / "shared" / "data" / "uci_online_retail"
DAY, MONTH_BEFORE = "2011-12-05", "2011-11"
NUM_UNITS = 50_000
NUM_BINS = 5
SEEDS = (1, 2)
BUDGET = Budget(time_ms=None, iterations=200)
WAYS: dict[str, Preferences | None] = {
    "at random": None,
    "spread over aisles": Preferences(spread_aisles=True, near_flow=False, level_fill=False),
    "near the flow": Preferences(spread_aisles=False, near_flow=True, level_fill=False),
    "level fill": Preferences(spread_aisles=False, near_flow=False, level_fill=True),
    "spread and near": Preferences(spread_aisles=True, near_flow=True, level_fill=False),
    "spread and level": Preferences(spread_aisles=True, near_flow=False, level_fill=True),
    "all three": Preferences(),
}


@dataclass(frozen=True)
class House:
    """The day's goods and orders, and the floor."""

    area: PickArea
    goods: Goods
    lots: Lots
    orders: Sequence[Order]
    quantity: IntArray
    popularity: Costs
    way_mm: IntArray
    num_carts: int

    def stowed(self, preferences: Preferences | None, seed: int) -> Stock:
        """All units in bins."""
        shares = Shares(np.arange(len(self.goods)), self.quantity, np.full(len(self.goods), NUM_BINS))
        shelves = self.area.shelves
        chooser = None if preferences is None else Chooser(shelves, self.way_mm, preferences)
        placement = place_at_random(
            shares, self.lots, self.goods, shelves, seed=seed, chooser=chooser, popularity=self.popularity
        )
        assert not placement.unplaced
        return placement.stock

    def walked(self, stock: Stock) -> ReleasePlan:
        """The day's runs."""
        return plan_release(self.orders, stock, self.goods, self.area, budget=BUDGET)

    @property
    def bound_mm(self) -> int:
        """What the day's runs walk at least, wherever the goods lie."""
        return self.num_carts * int(self.way_mm.min())


def house() -> House:
    """The busiest real day, with stock for it."""
    demand = _demand(DAY)
    goods, lots = demand.as_arrays()
    asked = np.array([demand.units[code] for code in goods.codes], dtype=np.int64)
    site = read_site(write_site(planned_site(demand.volume_mm3, NUM_BINS, demand.name)))
    assert not isinstance(site, list)
    area = PickArea.of_site(site)
    orders, _ = demand.as_orders()
    return House(
        area=area,
        goods=goods,
        lots=lots,
        orders=orders,
        quantity=_stock_of(asked),
        popularity=_popularity(goods, _demand(MONTH_BEFORE)),
        way_mm=ways_mm(area.floor, area.start, area.end, area.shelves.spots),
        num_carts=carts_needed(demand, site.cart),
    )


def _demand(day: str) -> DayDemand:
    orders = next(file for file in sorted(DATA.iterdir()) if file.suffix in (".csv", ".xlsx", ".gz"))
    return demand_from_files(orders, None, day, seed=0)


def _stock_of(asked: IntArray) -> IntArray:
    """`NUM_UNITS` in the proportions of what is asked for, and nowhere less than that."""
    rest = max(0, NUM_UNITS - int(asked.sum()))
    return np.asarray(asked + rest * asked // int(asked.sum()), dtype=np.int64)


def _popularity(goods: Goods, before: DayDemand) -> Costs:
    """The rank of each product by its order lines of the month before, from 0 to 1."""
    lines = np.array([before.lines[code] for code in goods.codes])
    rank = np.empty(len(goods))
    rank[np.argsort(lines, kind="stable")] = np.arange(len(goods)) / max(1, len(goods) - 1)
    return rank


def main() -> None:
    """Print the table."""
    built = house()
    table = Table(
        title=f"{DAY}, {int(built.quantity.sum()):,} units, {len(built.area.shelves):,} bins, {NUM_BINS} each"
    )
    for heading in ("stowed", "runs", "walked m", "to random %", "walked twice m"):
        table.add_column(heading, justify="left" if heading == "stowed" else "right")
    random_mm = 0.0
    for name, preferences in WAYS.items():
        plans = [built.walked(built.stowed(preferences, seed)) for seed in SEEDS]
        walked_mm = float(np.mean([_sum(plan, "distance_mm") for plan in plans]))
        random_mm = random_mm or walked_mm
        runs = np.mean([len(plan.runs) for plan in plans])
        twice_m = np.mean([_sum(plan, "backtrack_mm") for plan in plans]) / 1000
        change = 100 * (walked_mm / random_mm - 1)
        table.add_row(name, f"{runs:.0f}", f"{walked_mm / 1000:,.0f}", f"{change:+.1f}", f"{twice_m:,.0f}")
    table.add_row("lower bound", f"{built.num_carts}", f"{built.bound_mm / 1000:,.0f}", "", "0")
    Console().print(table)


def _sum(plan: ReleasePlan, figure: str) -> int:
    return sum(getattr(run.route.certificate, figure) for run in plan.runs)

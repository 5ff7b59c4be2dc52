"""A search for a better spread of goods over bins than the house's own; an hour of it unless told otherwise.

Problem
    Where should the shares of all products lie so that pickers walk least? The search knows what the house knows
    when it stows: the orders of the days before, never those of the day that is walked in the end.
Method
    The days before are put on carts by the live planner, so many together that they ask for as many lines as the
    busiest of days may, and their walking is estimated by `spread_estimate`, which takes a millisecond a cart or less.
    The search begins with the best of the spreads that the preferences come to, each judged by the planner's own
    runs of those days. A step moves a share to another segment that is in use, swaps two, or takes a cart and one of
    the segments it walks, and gives what it fetches there and nowhere else a place in another segment that it walks.
    It is kept if less is walked than some steps ago, or no more than now, and must obey the stowing rules: volume,
    load, products in a bin, a product once in a bin. After each period the planner walks the days: what takes it
    farther than the best so far is given up, and the days are put on carts again, as the spread now suggests. In the
    end the day itself is planned by the real solver, as for every other spread; the least of what the search began
    with and what it found is what others are compared with. With `--foreknown` the search knows the day itself, and
    no other: how far that goes no house can know.
Complexity
    The budget, in time.
Limits
    One bin type and one storage class, as the floor of the day has. The time is that of the clock; with `--cpu` it is
    the processor's.
Source
    Burke, E. K. and Bykov, Y. (2017). The late acceptance hill-climbing heuristic. European Journal of Operational
    Research 258(1).
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.spread_estimate import Ask, Carts, Segments, walk_estimate
from benchmarks.spread_house import DAYS, House, house, read_orders, walked_mm
from benchmarks.spreading import WAYS, titled
from inventory.rules.allocation import Order
from inventory.rules.stock import IntArray, Stock
from inventory.rules.storage_policy import Preferences, StowRules
from routing.bin_choice import Budget
from tests.shared_data import SHARED

MINUTES = 60
NUM_PAST_DAYS = 12
"""Of the days before, those with most lines; a day's orders are far too few to tell where 1,700 products belong."""

DAYS_TOGETHER = 4
"""Days released together, since a busy day takes as much as several others, and empties bins as they do."""

HISTORY = 200
"""Steps ago with which the days' walking is compared."""

NUM_PERIODS = 12
QUICK = Budget(time_ms=None, iterations=5)
"""Enough to tell spreads apart: the same as thirty within one in a hundred."""

TRIES = 20
"""Bins looked at for one with room in a segment."""


class Spread:
    """Where all shares lie, and the room left in the bins."""

    def __init__(self, built: House, stock: Stock) -> None:
        order = np.lexsort((stock.bin, stock.lot))
        self.lot, self.quantity, self.bin = stock.lot[order], stock.quantity[order], stock.bin[order].copy()
        self.lots, goods, shelves, rules = stock.lots, built.goods, built.area.shelves, StowRules()
        self.first = np.searchsorted(self.lot, np.arange(len(goods) + 1))
        self.volume, self.weight = self.quantity * goods.volume_mm3[self.lot], self.quantity * goods.weight_g[self.lot]
        self.num_max = rules.products_per_bin_max
        self.volume_left = shelves.volume_mm3 - np.bincount(self.bin, self.volume, len(shelves)).astype(np.int64)
        self.load_left = shelves.load_g - np.bincount(self.bin, self.weight, len(shelves)).astype(np.int64)
        self.num = np.bincount(self.bin, minlength=len(shelves))

    def stock(self) -> Stock:
        """As stock that can be planned with."""
        order = np.lexsort((self.lot, self.bin))
        return Stock(self.lots, self.bin[order], self.lot[order], self.quantity[order])

    def own_bins(self, share: int) -> IntArray:
        """The bins of the share's product."""
        lot = self.lot[share]
        return np.asarray(self.bin[self.first[lot] : self.first[lot + 1]])

    def put(self, share: int, goal: int) -> None:
        """Move a share, whatever the rules say."""
        start = self.bin[share]
        self.volume_left[start] += self.volume[share]
        self.load_left[start] += self.weight[share]
        self.num[start] -= 1
        self.volume_left[goal] -= self.volume[share]
        self.load_left[goal] -= self.weight[share]
        self.num[goal] += 1
        self.bin[share] = goal

    def move(self, share: int, goal: int) -> bool:
        """Move a share if the rules allow it."""
        allowed = (
            self.volume_left[goal] >= self.volume[share]
            and self.load_left[goal] >= self.weight[share]
            and self.num[goal] < self.num_max
            and goal not in self.own_bins(share)
        )
        if allowed:
            self.put(share, goal)
        return bool(allowed)

    def swap(self, one: int, other: int) -> bool:
        """Let two shares change bins if the rules allow it."""
        here, there = int(self.bin[one]), int(self.bin[other])
        if self.lot[one] == self.lot[other] or there in self.own_bins(one) or here in self.own_bins(other):
            return False
        volume, weight = self.volume[one] - self.volume[other], self.weight[one] - self.weight[other]
        allowed = (
            self.volume_left[there] >= volume
            and self.volume_left[here] >= -volume
            and self.load_left[there] >= weight
            and self.load_left[here] >= -weight
        )
        if allowed:
            self.put(one, there)
            self.put(other, here)
        return bool(allowed)


@dataclass
class Search:
    """The search on one house; `days` are the orders it knows, and `spread` is where it stands."""

    built: House
    days: Sequence[Sequence[Order]]
    segments: Segments
    spread: Spread
    random: np.random.Generator
    num_steps: int = 0

    def batch(self) -> None:
        """Put the orders of the days on carts, as the spread now suggests, and see how far the planner walks."""
        stock = self.spread.stock()
        plans = [self.built.walked(stock, orders, QUICK) for orders in self.days]
        self.planned_mm = sum(walked_mm(plan) for plan in plans)
        self.carts = Carts.of(plans)
        self.walked = np.zeros((len(self.carts.first_line) - 1, len(self.segments.side_mm)), dtype=bool)
        self.bins_of = [np.flatnonzero(self.segments.of_bin == each) for each in range(len(self.segments.side_mm))]

    def begin(self) -> str:
        """Begin with the best that any preferences come to, and tell which they are."""
        found: dict[str, tuple[int, Spread]] = {}
        for name, preferences in WAYS.items():
            self.spread = Spread(self.built, self.built.stowed(preferences, 1))
            self.batch()
            found[name] = self.planned_mm, self.spread
        name = min(found, key=lambda each: found[each][0])
        self.spread = found[name][1]
        self.batch()
        return name

    def search(self, seconds: float) -> None:
        """Climb for so long; what the planner then walks farther with than before is given up."""
        before_mm, before = self.planned_mm, self.spread.bin.copy()
        self.climb(seconds)
        self.batch()
        self.found_mm = self.planned_mm
        if self.planned_mm > before_mm:
            self.lay(before)
            self.batch()

    def lay(self, bins: IntArray) -> None:
        """Put all shares where they were."""
        for share in np.flatnonzero(bins != self.spread.bin).tolist():
            self.spread.put(share, int(bins[share]))

    def estimate(self) -> float:
        """How far the days are walked."""
        carts, segments, spread = self.carts, self.segments, self.spread
        ask = Ask(
            spread.quantity, spread.first, carts.first_cart, carts.first_line, carts.product, carts.quantity,
            segments.side_mm, segments.block, segments.length_mm,
        )  # fmt: skip
        return float(walk_estimate(ask, segments.of_bin[spread.bin], self.walked))

    def climb(self, seconds: float) -> float:
        """Search for so long; returns what the days are then estimated at."""
        now = best = self.estimate()
        best_bins = self.spread.bin.copy()
        history = [now] * HISTORY
        walked = self.walked.copy()
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            before = self.spread.bin.copy()
            self.step(walked)
            self.num_steps += 1
            found = self.estimate()
            if found <= max(now, history[self.num_steps % HISTORY]):
                now = found
                walked[:] = self.walked
            else:
                self.lay(before)
            history[self.num_steps % HISTORY] = now
            if now < best:
                best, best_bins = now, self.spread.bin.copy()
        self.lay(best_bins)
        return best

    def step(self, walked: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]") -> None:
        """Change a little, or what one cart fetches from one segment."""
        if self.random.random() < 0.5:
            self.bring_together(walked)
        else:
            num = len(self.spread.bin)
            share = int(self.random.integers(num))
            if self.random.random() < 0.5:
                self.into(share, int(self.segments.of_bin[self.spread.bin[self.random.integers(num)]]))
            else:
                self.spread.swap(share, int(self.random.integers(num)))

    def into(self, share: int, segment: int) -> bool:
        """Put a share somewhere into a segment, for another's place if there is no room."""
        bins = self.random.choice(self.bins_of[segment], TRIES)
        if any(self.spread.move(share, goal) for goal in bins.tolist()):
            return True
        there = np.flatnonzero(np.isin(self.spread.bin, bins))
        others = self.random.permutation(there)[:TRIES] if len(there) else there
        return any(self.spread.swap(share, other) for other in others.tolist())

    def bring_together(self, walked: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]") -> None:
        """Let a cart do without one of its segments: what it needs from there goes into the others it walks."""
        cart = int(self.random.integers(len(walked)))
        own = np.flatnonzero(walked[cart])
        if len(own) < 2:
            return
        closed = int(self.random.choice(own))
        others = own[own != closed]
        segment = self.segments.of_bin[self.spread.bin]
        first, last = self.carts.first_line[cart], self.carts.first_line[cart + 1]
        for product in self.carts.product[first:last].tolist():
            shares = np.arange(self.spread.first[product], self.spread.first[product + 1])
            where = segment[shares]
            if (where == closed).any() and not np.isin(where, others).any():
                self.into(int(self.random.choice(shares)), int(self.random.choice(others)))


def main(options: Sequence[str] = ()) -> None:
    """Search, and compare what is found with what the house's own preferences come to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks spread_search", description="Search a better spread.")
    parser.add_argument("--day", default=DAYS[0], help=f"the day that is walked (default {DAYS[0]})")
    parser.add_argument("--cover", type=int, help="stock as a multiple of what the day asks for")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"how long to search (default {MINUTES})")
    parser.add_argument("--foreknown", action="store_true", help="let the search know the day that is walked")
    chosen = parser.parse_args(options)
    if SHARED is None:
        sys.exit("Online Retail's orders are not beside the project")
    built = house(read_orders(), chosen.day, chosen.cover)
    days = (built.orders,) if chosen.foreknown else _together(built)
    own = built.stowed(Preferences(), 1)
    search = Search(built, days, Segments.of(built.area), Spread(built, own), np.random.default_rng(1))
    begun = f"{search.begin()}, where the search begins"
    stocks = {"by the default preferences": own, begun: search.spread.stock()}
    console = Console(width=120)
    for period in range(NUM_PERIODS):
        begun_mm = search.planned_mm
        search.search(60 * chosen.minutes / NUM_PERIODS)
        console.print(
            f"{period + 1} of {NUM_PERIODS}: {search.num_steps:,} steps; the days it knows, planned: "
            f"{begun_mm / 1000:,.0f} m, now {search.found_mm / 1000:,.0f} m"
        )
    stocks[f"by a search of {chosen.minutes:g} minutes"] = search.spread.stock()
    console.print(_compared(built, stocks, begun))


def _together(built: House) -> list[Sequence[Order]]:
    """The days before with most lines, some together."""
    past = sorted(built.past.values(), key=lambda orders: -sum(len(order.lines) for order in orders))[:NUM_PAST_DAYS]
    num = -(-len(past) // DAYS_TOGETHER)
    return [[order for orders in past[first::num] for order in orders] for first in range(num)]


def _compared(built: House, stocks: dict[str, Stock], begun: str) -> Table:
    """How far the day is walked for each stock; the first is above the best that the search had."""
    table = Table(title=titled(built))
    for heading in ("stowed", "walked m", "above the search %"):
        table.add_column(heading, justify="left" if heading == "stowed" else "right")
    walked = {name: walked_mm(built.walked(stock)) for name, stock in stocks.items()}
    least_mm = min(figure for name, figure in walked.items() if name == begun or name == list(stocks)[-1])
    for name, figure in walked.items():
        table.add_row(name, f"{figure / 1000:,.0f}", f"{100 * (figure / least_mm - 1):+.1f}")
    return table

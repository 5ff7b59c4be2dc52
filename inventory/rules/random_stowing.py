"""Stowing many goods at once, at random, under the stowing rules.

Problem
    Goods are to be spread over so many bins each, anywhere the rules allow.
Method
    Shares are dealt in rounds. Each round deals the open shares over the bins that still have room, in random
    order, and accepts what fits, all in array operations. What the rounds leave, and goods that may not lie near
    others (`hazards apart`, `look-alikes apart`), are placed one by one among all bins that can take them, split
    where no bin takes them whole.
Complexity
    O(rounds * (S + B)) for S shares and B bins, and O(B) for each share placed by itself.
Limits
    Volume is compared as a sum; how units lie beside each other in a bin is not worked out. A product gets no bin
    that holds some of it already, since spreading it is what this is for.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory.rules.bin_room import Needs, RoomLeft, Wares, days_left, in_or_next_to
from inventory.rules.look_alikes import all_alike
from inventory.rules.stock import BoolArray, Goods, IntArray, Lots, Shelves, Stock
from inventory.rules.storage_policy import StowRules
from inventory.rules.stow_choice import Chooser, Costs, in_rounds
from inventory.rules.stow_rules import RULES, Case, GoodsFacts, refused

NUM_ROUNDS_MAX = 24
"""Rounds of dealing before shares are placed one by one; later rounds place next to nothing."""


OF_ROOM = frozenset({"one lot", "products", "rail", "volume", "load"})
"""Rules that an emptier house would not refuse by."""


@dataclass(frozen=True)
class Shares:
    """Goods to stow: `quantity[i]` units of lot row `lot[i]`, to be spread over `num_bins[i]` bins."""

    lot: IntArray
    quantity: IntArray
    num_bins: IntArray


@dataclass(frozen=True, slots=True)
class Unplaced:
    """`quantity` units of lot row `lot` that found no room, and why."""

    lot: int
    quantity: int
    why: str


@dataclass(frozen=True)
class Placement:
    """Where goods were put: the stock records that were added, and what found no room."""

    stock: Stock
    unplaced: tuple[Unplaced, ...]


def place_at_random(
    shares: Shares,
    lots: Lots,
    goods: Goods,
    shelves: Shelves,
    *,
    needs: Needs | None = None,
    stock: Stock | None = None,
    rules: StowRules | None = None,
    seed: int = 0,
    today: int = 0,
    reachable: BoolArray | None = None,
    chooser: Chooser | None = None,
    popularity: Costs | None = None,
) -> Placement:
    """Spread goods over random bins under the stowing rules.

    Parameters
    ----------
    shares
        What to stow, and over how many bins each lot is to be spread (fewer where it has fewer units).
    lots, goods, shelves
        What the indices mean.
    needs
        What the products need beyond size and class; nothing by default.
    stock
        What already lies in the bins, *all* of it, promised or not; nothing by default.
    rules
        The site's rules.
    seed
        The same seed places the same goods in the same bins.
    today
        The day from which the life of goods is reckoned, as an ordinal.
    reachable
        Which bins can be reached, by their row; all of them by default.
    chooser
        Prefers some bins to others; then goods are placed one by one where it wants them, in rounds: of all goods the
        first share before the second of any, so that the nearest bins hold something of everything.
    popularity
        How often each product is asked for, from 0 to 1: within a round what is asked for most goes first.

    Returns
    -------
    Placement
        `stock` holds only what was added, one record a bin and lot, sorted by bin and lot.
    """
    dealer = _Dealer(lots, goods, needs or Needs.none(len(goods)), shelves, rules or StowRules(), seed, today)
    if stock is not None:
        dealer.lay(stock)
    if reachable is not None:
        dealer.close(~reachable)
    lot, quantity = split_evenly(shares)
    alone = dealer.is_touchy[lots.product[lot]]
    if chooser is not None:
        dealer.prefer(chooser, np.zeros(len(goods)) if popularity is None else popularity)
        order = dealer.random.permutation(len(lot))
        order = order[in_rounds(_numbers(lot)[order], dealer.popularity[lots.product[lot[order]]])]
        lot, quantity, alone = lot[order], quantity[order], np.ones(len(lot), dtype=bool)
    left = dealer.deal(lot[~alone], quantity[~alone])
    rest = np.r_[np.flatnonzero(~alone)[left], np.flatnonzero(alone)]
    unplaced = tuple(dealer.place_singly(lot[rest], quantity[rest]))
    return Placement(dealer.placed(), unplaced)


def split_evenly(shares: Shares) -> tuple[IntArray, IntArray]:
    """Every lot's quantity in as many nearly equal parts as it is to have bins: (lots, quantities)."""
    num_bins = np.maximum(1, np.minimum(shares.num_bins, shares.quantity)) * (shares.quantity > 0)
    owner = np.repeat(np.arange(len(shares.lot)), num_bins)
    first = np.cumsum(num_bins) - num_bins
    rank = np.arange(len(owner)) - first[owner]
    part = shares.quantity[owner] // num_bins[owner] + (rank < shares.quantity[owner] % num_bins[owner])
    return shares.lot[owner], part


def _numbers(lot: IntArray) -> IntArray:
    """Which share of its lot each is; the shares of a lot stand together, as `split_evenly` leaves them."""
    first = np.flatnonzero(np.r_[True, lot[1:] != lot[:-1]]) if len(lot) else lot
    return np.arange(len(lot)) - np.repeat(first, np.diff(np.r_[first, len(lot)]))


class _Dealer:
    """The room left in every bin while goods are dealt out."""

    def __init__(
        self, lots: Lots, goods: Goods, needs: Needs, shelves: Shelves, rules: StowRules, seed: int, today: int
    ) -> None:
        self.lots, self.goods, self.shelves, self.rules, self.today = lots, goods, shelves, rules, today
        self.random = np.random.default_rng(seed)
        self.wares, self.room = Wares(goods, needs, rules), RoomLeft(shelves, rules)
        self.alike = all_alike(needs.looks, rules.look_alike)
        self.is_touchy = (self.wares.hazard_bit | self.wares.apart_bits) != 0
        self.is_touchy[list(self.alike)] = True
        self.all_reached = True
        self.chooser: Chooser | None = None
        self.popularity = np.zeros(len(goods))
        self.records: list[tuple[IntArray, IntArray, IntArray]] = []
        self.taken = np.zeros(0, dtype=np.int64)

    def lay(self, stock: Stock) -> None:
        """Let goods lie there before."""
        self.room.fill(stock.bin, self._facts(stock.lot, stock.quantity))
        self.taken = np.unique(stock.bin * len(self.goods) + stock.product)
        bins = self.taken // len(self.goods)
        np.add.at(self.room.num_products, bins, 1)
        np.bitwise_or.at(self.room.hazard_bits, bins, self.wares.hazard_bit[self.taken % len(self.goods)])

    def close(self, closed: BoolArray) -> None:
        """Leave bins out: a bin out of reach has no room."""
        self.all_reached = not closed.any()
        self.room.volume_left_mm3[closed] = 0

    def prefer(self, chooser: Chooser, popularity: Costs) -> None:
        """From now on goods placed singly go into the bins that are best, not into random ones."""
        self.chooser, self.popularity = chooser, popularity

    def _facts(self, lot: IntArray, quantity: IntArray) -> GoodsFacts:
        return self.wares.facts(self.lots.product[lot], quantity, days_left(self.lots, lot, self.today))

    def _add(self, bins: IntArray, lot: IntArray, quantity: IntArray) -> None:
        """Put goods into bins that do not hold their product yet."""
        self.room.fill(bins, self._facts(lot, quantity))
        np.add.at(self.room.num_products, bins, 1)
        np.bitwise_or.at(self.room.hazard_bits, bins, self.wares.hazard_bit[self.lots.product[lot]])
        self.records.append((bins, lot, quantity))

    def deal(self, lot: IntArray, quantity: IntArray) -> IntArray:
        """Deal shares over the bins in rounds; returns the rows that found no bin."""
        left = np.arange(len(lot))
        for _ in range(NUM_ROUNDS_MAX):
            if not len(left):
                break
            bins = self._draw(self.lots.product[lot[left]], quantity[left])
            taken = self._accept(bins, lot[left], quantity[left])
            if taken.any():
                new_bins, new_lots = bins[taken], lot[left][taken]
                self._add(new_bins, new_lots, quantity[left][taken])
                self.taken = np.union1d(self.taken, new_bins * len(self.goods) + self.lots.product[new_lots])
            else:
                break
            left = left[~taken]
        return left

    def _draw(self, product: IntArray, quantity: IntArray) -> IntArray:
        """A bin for every share: bins with room, dealt in random order within each storage class."""
        bins = np.full(len(product), -1, dtype=np.int64)
        least_mm3 = (quantity * self.goods.volume_mm3[product]).min()
        has_room = self.room.num_products < self.rules.products_per_bin_max
        has_room &= self.room.volume_left_mm3 >= least_mm3
        needs = self.goods.storage_bit[product]
        for bit in np.unique(needs):
            rows = np.flatnonzero(needs == bit)
            open_bins = np.flatnonzero(has_room & ((self.shelves.storage_bits & bit) != 0))
            if len(open_bins):
                bins[rows] = np.resize(self.random.permutation(open_bins), len(rows))
        return bins

    def _accept(self, bins: IntArray, lot: IntArray, quantity: IntArray) -> BoolArray:
        """Which shares may go into the bin drawn for them, the first drawn going first."""
        there = np.maximum(bins, 0)
        key = there * len(self.goods) + self.lots.product[lot]
        good = (bins >= 0) & ~np.isin(key, self.taken)
        rows = np.flatnonzero(good)
        no = np.zeros(len(rows), dtype=bool)
        case = Case(self._facts(lot[rows], quantity[rows]), self.room.facts(bins[rows]), no, no, no)
        rows = rows[~refused(case, self.rules)]
        _, first = np.unique(key[rows], return_index=True)
        rows = rows[np.sort(first)]
        rows = rows[np.argsort(bins[rows], kind="stable")]
        accepted = np.zeros(len(bins), dtype=bool)
        accepted[rows[self._fit_together(bins[rows], self._facts(lot[rows], quantity[rows]))]] = True
        return accepted

    def _fit_together(self, bins: IntArray, goods: GoodsFacts) -> BoolArray:
        """Which goods still fit after those before them that were dealt the same bin; `bins` are sorted."""
        starts = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]]) if len(bins) else bins
        sizes = np.diff(np.r_[starts, len(bins)])

        def running(values: IntArray) -> IntArray:
            total = np.cumsum(values)
            before = np.r_[0, total[:-1]][starts] if len(bins) else total
            return np.asarray(total - np.repeat(before, sizes), dtype=np.int64)

        fits = running(goods.quantity * goods.volume_mm3) <= self.room.volume_left_mm3[bins]
        fits &= running(goods.quantity * goods.weight_g) <= self.room.load_left_g[bins]
        fits &= running(goods.quantity * goods.rail_mm) <= self.room.rail_left_mm[bins]
        fits &= running(np.ones(len(bins), dtype=np.int64)) + self.room.num_products[bins] <= (
            self.rules.products_per_bin_max
        )
        return np.asarray(fits, dtype=bool)

    def place_singly(self, lot: IntArray, quantity: IntArray) -> Iterator[Unplaced]:
        """Place shares one by one wherever they may go, split if need be; yields what finds no room."""
        held: dict[int, list[int]] = {}
        for key in self.taken.tolist():
            held.setdefault(key % len(self.goods), []).append(key // len(self.goods))
        for each, units in zip(lot.tolist(), quantity.tolist(), strict=True):
            left = units
            bins_held = held.setdefault(int(self.lots.product[each]), [])
            while left:
                bin_row, part = self._next_bin(each, left, held)
                if not part:
                    yield Unplaced(each, left, self._why_not(each, held))
                    break
                self._add(np.array([bin_row]), np.array([each]), np.array([part], dtype=np.int64))
                bins_held.append(bin_row)
                left -= part

    def _case(self, lot: int, quantity: int, held: dict[int, list[int]]) -> Case:
        """Units of a lot before all bins."""
        product = int(self.lots.product[lot])
        alike = [each for other in self.alike.get(product, ()) for each in held.get(other, ())]
        no = np.zeros(1, dtype=bool)
        return Case(
            goods=self._facts(np.array([lot]), np.array([quantity], dtype=np.int64)),
            room=self.room.facts(),
            product_here=no,
            other_lot_here=no,
            alike_near=in_or_next_to(np.array(alike, dtype=np.int64), self.shelves) if alike else no,
        )

    def _next_bin(self, lot: int, quantity: int, held: dict[int, list[int]]) -> tuple[int, int]:
        """A random bin that takes all units of a lot, else the one that takes most; and how many it takes."""
        case = self._case(lot, 1, held)
        allowed = ~refused(case, self.rules)
        allowed[held[int(self.lots.product[lot])]] = False
        bins = np.flatnonzero(allowed)
        if not len(bins):
            return -1, 0
        units = self.room.takes(case.goods, bins)
        whole = bins[units >= quantity]
        if len(whole) and self.chooser is not None:
            product = int(self.lots.product[lot])
            costs = self.chooser.costs(whole, held[product], self.room.volume_left_mm3)
            return int(whole[np.argmin(costs)]), quantity
        if len(whole):
            return int(self.random.choice(whole)), quantity
        most = int(np.argmax(units))
        return int(bins[most]), int(units[most])

    def _why_not(self, lot: int, held: dict[int, list[int]]) -> str:
        """Why no bin takes one more unit of a lot: by the rule that leaves none of those the others leave."""
        case = self._case(lot, 1, held)
        left = np.ones(len(self.shelves), dtype=bool)
        for rule in RULES:
            left &= ~rule.refuses(case, self.rules)
            if not left.any():
                break
        product = int(self.lots.product[lot])
        if rule.name == "storage class":
            return f"no zone keeps {self.goods.storage_classes[product]} goods"
        if rule.name == "size":
            sides = " x ".join(str(side) for side in self.goods.sides_mm[product])
            return f"no bin is large enough for {sides} mm"
        if rule.name not in OF_ROOM:
            return f"no bin left by the rule: {rule.name}"
        return "no room left" if self.all_reached else "no room left in bins that can be reached"

    def placed(self) -> Stock:
        """Everything that was put away, sorted by bin and lot."""
        empty = np.zeros(0, dtype=np.int64)
        bins, lot, quantity = (
            np.concatenate([empty, *(record[field] for record in self.records)]) for field in range(3)
        )
        order = np.lexsort((lot, bins))
        return Stock(self.lots, bins[order], lot[order], quantity[order])

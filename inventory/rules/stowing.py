"""What may lie where, and stowing at random under those rules.

A unit fits a bin when its three sides, turned as one likes, pass the bin's three sides, when the bin's
zone keeps goods of its storage class, and when volume and load are left. Two lots of one product never
lie in one bin, so a picker cannot take the wrong one. Every refusal is one short line for a screen.

Stowing many at random (`place_at_random`)
    Method: shares are dealt in rounds. Each round deals the open shares over the bins that still have
    room, in random order, and accepts what fits, all in array operations. What the rounds leave is
    placed one by one among all bins that can take it, split where no bin takes it whole.
    Complexity: O(rounds * (S + B)) for S shares and B bins, and O(B) for each share left over.
    Limits: volume is compared as a sum; how units lie beside each other in a bin is not worked out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from inventory.rules.stock import BoolArray, Goods, IntArray, Lots, Shelves, Stock
from warehouse.bins import StorageClass

NUM_ROUNDS_MAX = 24
"""Rounds of dealing before shares are placed one by one; later rounds place next to nothing."""


@dataclass(frozen=True, slots=True)
class StowRules:
    """The rules that a site can set.

    `products_per_bin_max` is how many different products may share a bin, `fill_percent_max` how much
    of a bin's volume may be used.

    Raises
    ------
    ValueError
        If a figure is out of range.
    """

    products_per_bin_max: int = 8
    fill_percent_max: int = 100

    def __post_init__(self) -> None:
        if self.products_per_bin_max < 1:
            raise ValueError("at least one product must be allowed in a bin")
        if not 0 < self.fill_percent_max <= 100:
            raise ValueError("fill_percent_max lies between 1 and 100")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a product's lot, as stowing sees it."""

    product: int
    lot: int
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    storage_class: StorageClass

    @property
    def volume_mm3(self) -> int:
        """The volume of the unit."""
        return self.length_mm * self.width_mm * self.height_mm


@dataclass(frozen=True, slots=True)
class BinRoom:
    """A bin with what lies in it: `contents` are its (product, lot) pairs."""

    length_mm: int
    width_mm: int
    height_mm: int
    volume_mm3: int
    load_g: int
    storage_classes: frozenset[StorageClass]
    zone: str
    volume_used_mm3: int = 0
    load_used_g: int = 0
    contents: frozenset[tuple[int, int]] = frozenset()


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


def refusal(room: BinRoom, unit: Unit, quantity: int, rules: StowRules) -> str | None:
    """Why `quantity` units may not go into this bin, in one line; None if they may.

    >>> bin = BinRoom(400, 300, 200, 24_000_000, 30_000, frozenset({StorageClass.AMBIENT}), "A")
    >>> refusal(bin, Unit(0, 0, 100, 450, 100, 500, StorageClass.AMBIENT), 1, StowRules())
    'too long: 450 mm in a bin of 400 mm'
    >>> refusal(bin, Unit(0, 0, 100, 350, 100, 500, StorageClass.AMBIENT), 2, StowRules()) is None
    True
    """
    if quantity <= 0:
        raise ValueError(f"{quantity} units cannot be stowed")
    if unit.storage_class not in room.storage_classes:
        return f"{unit.storage_class} goods do not belong in zone {room.zone}"
    too_big = _too_big(room, unit)
    if too_big:
        return too_big
    if any(product == unit.product and lot != unit.lot for product, lot in room.contents):
        return "another lot of this product lies here"
    products = {product for product, _ in room.contents}
    if unit.product not in products and len(products) >= rules.products_per_bin_max:
        return f"already {len(products)} products here, {rules.products_per_bin_max} are allowed"
    volume_left = room.volume_mm3 * rules.fill_percent_max // 100 - room.volume_used_mm3
    if quantity * unit.volume_mm3 > volume_left:
        return f"no room: space for {max(0, volume_left) // unit.volume_mm3} more"
    load_left = room.load_g - room.load_used_g
    if quantity * unit.weight_g > load_left:
        return f"too heavy: the bin carries {max(0, load_left) // unit.weight_g} more"
    return None


def _too_big(room: BinRoom, unit: Unit) -> str | None:
    """Which side of the unit does not pass, however it is turned; None if it fits."""
    sides = sorted((unit.length_mm, unit.width_mm, unit.height_mm), reverse=True)
    opening = sorted((room.length_mm, room.width_mm, room.height_mm), reverse=True)
    for name, side, limit in zip(("long", "wide", "high"), sides, opening, strict=True):
        if side > limit:
            return f"too {name}: {side} mm in a bin of {limit} mm"
    return None


def place_at_random(
    shares: Shares,
    lots: Lots,
    goods: Goods,
    shelves: Shelves,
    *,
    stock: Stock | None = None,
    rules: StowRules | None = None,
    seed: int = 0,
    reachable: BoolArray | None = None,
) -> Placement:
    """Spread goods over random bins under the stowing rules.

    Parameters
    ----------
    shares
        What to stow, and over how many bins each lot is to be spread (fewer where it has fewer units).
    lots, goods, shelves
        What the indices mean.
    stock
        What already lies in the bins, *all* of it, promised or not; nothing by default.
    rules
        The site's rules.
    seed
        The same seed places the same goods in the same bins.
    reachable
        Which bins can be reached, by their row; all of them by default.

    Returns
    -------
    Placement
        `stock` holds only what was added, one record a bin and lot, sorted by bin and lot.
    """
    if reachable is None:
        reachable = np.ones(len(shelves), dtype=bool)
    dealer = _Dealer(lots, goods, shelves, stock, rules or StowRules(), np.random.default_rng(seed), reachable)
    lot, quantity = split_evenly(shares)
    left = dealer.deal(lot, quantity)
    unplaced = tuple(dealer.place_singly(lot[left], quantity[left]))
    return Placement(dealer.placed(), unplaced)


def split_evenly(shares: Shares) -> tuple[IntArray, IntArray]:
    """Every lot's quantity in as many nearly equal parts as it is to have bins: (lots, quantities)."""
    num_bins = np.maximum(1, np.minimum(shares.num_bins, shares.quantity)) * (shares.quantity > 0)
    owner = np.repeat(np.arange(len(shares.lot)), num_bins)
    first = np.cumsum(num_bins) - num_bins
    rank = np.arange(len(owner)) - first[owner]
    part = shares.quantity[owner] // num_bins[owner] + (rank < shares.quantity[owner] % num_bins[owner])
    return shares.lot[owner], part


class _Dealer:
    """The room left in every bin while goods are dealt out."""

    def __init__(
        self,
        lots: Lots,
        goods: Goods,
        shelves: Shelves,
        stock: Stock | None,
        rules: StowRules,
        random: np.random.Generator,
        reachable: BoolArray,
    ) -> None:
        self.lots, self.goods, self.shelves, self.rules, self.random = lots, goods, shelves, rules, random
        self.reachable = reachable
        # A bin out of reach has no room.
        self.volume_left = np.where(reachable, shelves.volume_mm3 * rules.fill_percent_max // 100, 0)
        self.load_left = shelves.load_g.copy()
        self.num_products = np.zeros(len(shelves), dtype=np.int64)
        self.records: list[tuple[IntArray, IntArray, IntArray]] = []
        self.kinds, self.kind = np.unique(
            np.column_stack([shelves.sides_mm, shelves.storage_bits]), axis=0, return_inverse=True
        )
        if stock is not None and len(stock):
            keys = np.unique(stock.bin * len(goods) + stock.product)
            self._fill(stock.bin, stock.product, stock.quantity)
            np.add.at(self.num_products, keys // len(goods), 1)
            self.taken = keys
        else:
            self.taken = np.zeros(0, dtype=np.int64)

    def _fill(self, bins: IntArray, product: IntArray, quantity: IntArray) -> None:
        np.subtract.at(self.volume_left, bins, quantity * self.goods.volume_mm3[product])
        np.subtract.at(self.load_left, bins, quantity * self.goods.weight_g[product])

    def _add(self, bins: IntArray, lot: IntArray, quantity: IntArray) -> None:
        """Put goods into bins that do not hold their product yet."""
        self._fill(bins, self.lots.product[lot], quantity)
        np.add.at(self.num_products, bins, 1)
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
        has_room = (self.num_products < self.rules.products_per_bin_max) & (self.volume_left >= least_mm3)
        needs = self.goods.storage_bit[product]
        for bit in np.unique(needs):
            rows = np.flatnonzero(needs == bit)
            open_bins = np.flatnonzero(has_room & ((self.shelves.storage_bits & bit) != 0))
            if len(open_bins):
                bins[rows] = np.resize(self.random.permutation(open_bins), len(rows))
        return bins

    def _accept(self, bins: IntArray, lot: IntArray, quantity: IntArray) -> BoolArray:
        """Which shares may go into the bin drawn for them, the first drawn going first."""
        product = self.lots.product[lot]
        there = np.maximum(bins, 0)
        good = (bins >= 0) & (self.goods.sides_mm[product] <= self.shelves.sides_mm[there]).all(axis=1)
        key = there * len(self.goods) + product
        good &= ~np.isin(key, self.taken)
        rows = np.flatnonzero(good)
        _, first = np.unique(key[rows], return_index=True)
        rows = rows[np.sort(first)]
        rows = rows[np.argsort(bins[rows], kind="stable")]
        bin_sorted = bins[rows]
        starts = np.flatnonzero(np.r_[True, bin_sorted[1:] != bin_sorted[:-1]]) if len(rows) else rows
        sizes = np.diff(np.r_[starts, len(rows)])

        def running(values: IntArray) -> IntArray:
            total = np.cumsum(values)
            before = np.r_[0, total[:-1]][starts] if len(rows) else total
            return np.asarray(total - np.repeat(before, sizes), dtype=np.int64)

        fits = running(quantity[rows] * self.goods.volume_mm3[product[rows]]) <= self.volume_left[bin_sorted]
        fits &= running(quantity[rows] * self.goods.weight_g[product[rows]]) <= self.load_left[bin_sorted]
        fits &= running(np.ones(len(rows), dtype=np.int64)) + self.num_products[bin_sorted] <= (
            self.rules.products_per_bin_max
        )
        accepted = np.zeros(len(bins), dtype=bool)
        accepted[rows[fits]] = True
        return accepted

    def place_singly(self, lot: IntArray, quantity: IntArray) -> Iterator[Unplaced]:
        """Place shares one by one wherever they may go, split if need be; yields what finds no room."""
        held: dict[int, list[int]] = {}
        for key in self.taken.tolist():
            held.setdefault(key % len(self.goods), []).append(key // len(self.goods))
        for each, units in zip(lot.tolist(), quantity.tolist(), strict=True):
            product = int(self.lots.product[each])
            bins_held = held.setdefault(product, [])
            allowed = self._suits(product) & (self.num_products < self.rules.products_per_bin_max)
            allowed[bins_held] = False
            bins, parts = self._spread(product, units, allowed)
            if len(bins):
                self._add(bins, np.full(len(bins), each, dtype=np.int64), parts)
                bins_held.extend(bins.tolist())
            left = units - int(parts.sum())
            if left:
                yield Unplaced(each, left, self._why_not(product))

    def _spread(self, product: int, quantity: int, allowed: BoolArray) -> tuple[IntArray, IntArray]:
        """Bins for units of a product: a random one that takes them all, else as few as will do."""
        volume_mm3, weight_g = int(self.goods.volume_mm3[product]), int(self.goods.weight_g[product])
        takes_all = allowed & (self.volume_left >= quantity * volume_mm3) & (self.load_left >= quantity * weight_g)
        whole = np.flatnonzero(takes_all)
        if len(whole):
            return whole[self.random.integers(len(whole), size=1)], np.array([quantity], dtype=np.int64)
        bins = np.flatnonzero(allowed & (self.volume_left >= volume_mm3) & (self.load_left >= weight_g))
        units = np.minimum(self.volume_left[bins] // volume_mm3, self.load_left[bins] // weight_g)
        largest_first = np.argsort(-units, kind="stable")
        before = np.cumsum(units[largest_first]) - units[largest_first]
        parts = np.clip(quantity - before, 0, units[largest_first])
        used = parts > 0
        return bins[largest_first][used], parts[used]

    def _suits(self, product: int) -> BoolArray:
        """The bins whose zone keeps a product and whose opening takes it."""
        right_zone = (self.kinds[:, 3] & self.goods.storage_bit[product]) != 0
        fits = np.all(self.goods.sides_mm[product] <= self.kinds[:, :3], axis=1)
        suits: BoolArray = (right_zone & fits)[self.kind]
        return suits

    def _why_not(self, product: int) -> str:
        """Why no bin takes one more unit of a product."""
        goods = self.goods
        if not ((self.kinds[:, 3] & goods.storage_bit[product]) != 0).any():
            return f"no zone keeps {goods.storage_classes[product]} goods"
        if not self._suits(product).any():
            sides = " x ".join(str(side) for side in goods.sides_mm[product])
            return f"no bin is large enough for {sides} mm"
        return "no room left" if self.reachable.all() else "no room left in bins that can be reached"

    def placed(self) -> Stock:
        """Everything that was put away, sorted by bin and lot."""
        empty = np.zeros(0, dtype=np.int64)
        bins, lot, quantity = (
            np.concatenate([empty, *(record[field] for record in self.records)]) for field in range(3)
        )
        order = np.lexsort((lot, bins))
        return Stock(self.lots, bins[order], lot[order], quantity[order])

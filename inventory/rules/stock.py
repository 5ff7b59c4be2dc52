"""Goods, bins, lots and stock as arrays: what the rules decide over.

Everything is an index: a product is a row of `Goods`, a bin a row of `Shelves`, a lot a row of `Lots`.
The live floor fills them from the database, the demonstration and the simulator from files, and all
three then run the very same rules. Days are `date.toordinal()` numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from warehouse.bins import Bin, Side, Site, StorageClass
from warehouse.floor import Spot

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NEVER_DAY = np.iinfo(np.int64).max
"""The expiry day of goods that do not expire: after every other day."""

_BITS = {storage_class: 1 << index for index, storage_class in enumerate(StorageClass)}


def storage_bits(classes: Sequence[StorageClass] | frozenset[StorageClass]) -> int:
    """The storage classes as a bit set, so that arrays can compare them."""
    return sum(_BITS[each] for each in set(classes))


@dataclass(frozen=True)
class Goods:
    """Products, one entry each: the size and weight of one unit and how it must be kept.

    `fragile` are the rows of those on which nothing heavy may be laid.
    """

    codes: tuple[str, ...]
    length_mm: IntArray
    width_mm: IntArray
    height_mm: IntArray
    weight_g: IntArray
    storage_classes: tuple[StorageClass, ...]
    fragile: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def volume_mm3(self) -> IntArray:
        """The volume of one unit."""
        return self.length_mm * self.width_mm * self.height_mm

    @cached_property
    def sides_mm(self) -> IntArray:
        """The three sides of one unit, longest first; shape (products, 3)."""
        return longest_first(self.length_mm, self.width_mm, self.height_mm)

    @cached_property
    def storage_bit(self) -> IntArray:
        """The one storage class that each product needs, as a bit."""
        return np.array([_BITS[each] for each in self.storage_classes], dtype=np.int64)

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each product code."""
        return {code: row for row, code in enumerate(self.codes)}


@dataclass(frozen=True)
class Shelves:
    """The bins of a site, one entry each, in the order of `Site.bins`.

    `zone` is a row of `zone_names`. `neighbours`, shape (bins, 4), are the rows of the bins beside, above and below
    on the same side of the aisle, -1 where there is none.
    """

    codes: tuple[str, ...]
    spots: tuple[Spot, ...]
    length_mm: IntArray
    width_mm: IntArray
    height_mm: IntArray
    volume_mm3: IntArray
    load_g: IntArray
    storage_bits: IntArray
    level: IntArray
    zone: IntArray
    zone_names: tuple[str, ...]
    neighbours: IntArray

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def rail_mm(self) -> IntArray:
        """The length of the rail in each bin of a zone that keeps hanging goods, 0 elsewhere."""
        return np.where((self.storage_bits & _BITS[StorageClass.HANGING]) != 0, self.length_mm, 0)

    @cached_property
    def sides_mm(self) -> IntArray:
        """The three sides of each bin, longest first; shape (bins, 3)."""
        return longest_first(self.length_mm, self.width_mm, self.height_mm)

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of each bin code."""
        return {code: row for row, code in enumerate(self.codes)}

    @cached_property
    def edge(self) -> IntArray:
        """The floor edge that each bin is reached from."""
        return np.array([spot.edge for spot in self.spots], dtype=np.int64)

    @classmethod
    def of_site(cls, site: Site) -> "Shelves":
        """The bins of a site."""
        types = [site.bin_types[each.bin_type] for each in site.bins]
        keeps = {name: storage_bits(zone.storage_classes) for name, zone in site.zones.items()}
        zone_row = {name: row for row, name in enumerate(site.zones)}
        return cls(
            codes=tuple(each.code for each in site.bins),
            spots=tuple(each.spot for each in site.bins),
            length_mm=np.array([each.length_mm for each in types], dtype=np.int64),
            width_mm=np.array([each.width_mm for each in types], dtype=np.int64),
            height_mm=np.array([each.height_mm for each in types], dtype=np.int64),
            volume_mm3=np.array([each.volume_mm3 for each in types], dtype=np.int64),
            load_g=np.array([each.load_g for each in types], dtype=np.int64),
            storage_bits=np.array([keeps[each.zone] for each in site.bins], dtype=np.int64),
            level=np.array([each.level for each in site.bins], dtype=np.int64),
            zone=np.array([zone_row[each.zone] for each in site.bins], dtype=np.int64),
            zone_names=tuple(site.zones),
            neighbours=_neighbours(site.bins),
        )


@dataclass(frozen=True)
class Lots:
    """Lots, one entry each: the product, the day it expires (or `NEVER_DAY`) and the day it came.

    Days of receipt within `fifo_window_days` count as one. `owners` says whose each lot is; without it all are one
    owner's, that of orders which name none.
    """

    codes: tuple[str, ...]
    product: IntArray
    expires_day: IntArray
    received_day: IntArray
    fifo_window_days: int = 1
    owners: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True)
class Stock:
    """What lies in bins and is free to promise: record i is `quantity[i]` units of a lot in a bin.

    No two records have the same bin and lot. A plan works on its own copy of `quantity`.
    """

    lots: Lots
    bin: IntArray
    lot: IntArray
    quantity: IntArray

    def __len__(self) -> int:
        return len(self.quantity)

    @cached_property
    def product(self) -> IntArray:
        """The product of each record."""
        return self.lots.product[self.lot]

    @cached_property
    def free_of_lot(self) -> IntArray:
        """Units of each lot, over all bins."""
        totals = np.zeros(len(self.lots), dtype=np.int64)
        np.add.at(totals, self.lot, self.quantity)
        return totals


def _neighbours(bins: Sequence[Bin]) -> IntArray:
    """The bins beside, above and below each bin, by their rows; beyond a cross aisle nobody is a neighbour."""
    columns: dict[tuple[int, Side], list[tuple[int, int]]] = {}
    for edge, side, bay, slot in sorted({(each.spot.edge, each.side, each.bay, each.slot) for each in bins}):
        columns.setdefault((edge, side), []).append((bay, slot))
    number = {(*face, *place): at for face, places in columns.items() for at, place in enumerate(places)}
    places = [
        (each.spot.edge, each.side, number[each.spot.edge, each.side, each.bay, each.slot], each.level) for each in bins
    ]
    row = {place: at for at, place in enumerate(places)}
    around = [
        [row.get((edge, side, at + aside, level + up), -1) for aside, up in ((-1, 0), (1, 0), (0, -1), (0, 1))]
        for edge, side, at, level in places
    ]
    return np.array(around, dtype=np.int64).reshape(len(bins), 4)


def longest_first(length_mm: IntArray, width_mm: IntArray, height_mm: IntArray) -> IntArray:
    """Three sides sorted within each row, longest first: what fits when turned compares side by side."""
    return np.sort(np.stack([length_mm, width_mm, height_mm], axis=1), axis=1)[:, ::-1]

"""Bins with the room that is left in them, and goods with what they need, as the stowing rules take them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inventory.rules.look_alikes import Look
from inventory.rules.stock import BoolArray, Goods, IntArray, Lots, Shelves, storage_bits
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, StowRules
from inventory.rules.stow_rules import GoodsFacts, RoomFacts
from warehouse.bins import StorageClass

HANGING_BIT = storage_bits([StorageClass.HANGING])


@dataclass(frozen=True)
class Needs:
    """What products need beyond their size and class, one entry each, in the order of `Goods`.

    `hazards` are hazard classes, "" for none. `looks` tell what may be taken for what; without them nothing is.
    """

    value_cents: IntArray
    coldest_dc: IntArray
    warmest_dc: IntArray
    hazards: tuple[str, ...]
    looks: tuple[Look, ...] = ()

    @classmethod
    def none(cls, num_products: int) -> "Needs":
        """Products that need nothing."""
        zeros = np.zeros(num_products, dtype=np.int64)
        return cls(zeros, zeros + NO_COLDEST_DC, zeros + NO_WARMEST_DC, ("",) * num_products)


class Wares:
    """Products of one site as the rules take them: `facts` gives what a `Case` needs of any of them."""

    def __init__(self, goods: Goods, needs: Needs, rules: StowRules) -> None:
        self.goods, self.needs = goods, needs
        hanging = (goods.storage_bit & HANGING_BIT) != 0
        self.rail_mm = np.where(hanging, goods.sides_mm[:, 2], 0)
        bits = rules.hazard_bits
        self.hazard_bit = _array(bits.get(hazard, 0) for hazard in needs.hazards)
        self.apart_bits = _array(
            sum(bits[other] for other in rules.apart_from(hazard)) if hazard else 0 for hazard in needs.hazards
        )

    def facts(self, product: IntArray, quantity: IntArray, days_left: IntArray) -> GoodsFacts:
        """The facts of products, by their rows."""
        goods, needs = self.goods, self.needs
        return GoodsFacts(
            quantity=quantity,
            sides_mm=goods.sides_mm[product],
            volume_mm3=goods.volume_mm3[product],
            weight_g=goods.weight_g[product],
            storage_bit=goods.storage_bit[product],
            value_cents=needs.value_cents[product],
            rail_mm=self.rail_mm[product],
            days_left=days_left,
            coldest_dc=needs.coldest_dc[product],
            warmest_dc=needs.warmest_dc[product],
            apart_bits=self.apart_bits[product],
        )


class RoomLeft:
    """What is left in every bin of a site; it changes as goods are put in.

    `hazard_bits` are those of the goods in each bin itself.
    """

    def __init__(self, shelves: Shelves, rules: StowRules) -> None:
        self.shelves, self.rules = shelves, rules
        self.volume_left_mm3 = shelves.volume_mm3 * rules.fill_percent_max // 100
        self.load_left_g = shelves.load_g.copy()
        self.rail_left_mm = shelves.rail_mm.copy()
        self.num_products = np.zeros(len(shelves), dtype=np.int64)
        self.hazard_bits = np.zeros(len(shelves), dtype=np.int64)

    @cached_property
    def zone_climates(self) -> tuple[IntArray, IntArray]:
        """The coldest and the warmest temperature in each bin."""
        climates = [self.rules.climate_of(zone) for zone in self.shelves.zone_names]
        coldest = _array(each.coldest_dc for each in climates)[self.shelves.zone]
        return coldest, _array(each.warmest_dc for each in climates)[self.shelves.zone]

    def fill(self, bins: IntArray, goods: GoodsFacts) -> None:
        """Put goods in; a bin may stand several times. Products and hazards are the caller's to count."""
        np.subtract.at(self.volume_left_mm3, bins, goods.quantity * goods.volume_mm3)
        np.subtract.at(self.load_left_g, bins, goods.quantity * goods.weight_g)
        np.subtract.at(self.rail_left_mm, bins, goods.quantity * goods.rail_mm)

    def facts(self, bins: IntArray | None = None) -> RoomFacts:
        """The facts of bins, by their rows; of all of them by default."""
        shelves, (coldest, warmest) = self.shelves, self.zone_climates

        def some(figures: IntArray) -> IntArray:
            return figures if bins is None else figures[bins]

        return RoomFacts(
            sides_mm=some(shelves.sides_mm),
            volume_left_mm3=some(self.volume_left_mm3),
            load_left_g=some(self.load_left_g),
            rail_left_mm=some(self.rail_left_mm),
            storage_bits=some(shelves.storage_bits),
            level=some(shelves.level),
            coldest_dc=some(coldest),
            warmest_dc=some(warmest),
            num_products=some(self.num_products),
            hazard_bits_near=self._hazards_near(bins),
        )

    def _hazards_near(self, bins: IntArray | None) -> IntArray:
        if not self.rules.hazards_apart:
            return np.zeros(1, dtype=np.int64)
        own = self.hazard_bits if bins is None else self.hazard_bits[bins]
        padded = np.r_[self.hazard_bits, 0]  # no neighbour, row -1, holds nothing
        around = self.shelves.neighbours if bins is None else self.shelves.neighbours[bins]
        return np.asarray(own | np.bitwise_or.reduce(padded[around], axis=-1), dtype=np.int64)

    def takes(self, goods: GoodsFacts, bins: IntArray) -> IntArray:
        """How many units of one product the bins have room for, whatever else may forbid them."""
        units = np.minimum(self.volume_left_mm3[bins] // goods.volume_mm3, self.load_left_g[bins] // goods.weight_g)
        if goods.rail_mm.any():
            units = np.minimum(units, self.rail_left_mm[bins] // goods.rail_mm)
        return np.asarray(np.maximum(units, 0), dtype=np.int64)


def in_or_next_to(bins: IntArray, shelves: Shelves) -> BoolArray:
    """Which bins are one of `bins`, or a neighbour of one."""
    near = np.zeros(len(shelves) + 1, dtype=bool)  # the last stands for no neighbour, row -1
    near[bins] = True
    near[shelves.neighbours[bins].ravel()] = True
    return near[:-1]


def days_left(lots: Lots, lot: IntArray, today: int) -> IntArray:
    """Days of life of lots; those that never expire have more than any rule asks for."""
    return np.asarray(lots.expires_day[lot] - today, dtype=np.int64)


def _array(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)

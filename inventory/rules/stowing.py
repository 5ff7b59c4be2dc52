"""What may lie where: one unit before one bin, and the one line that a refusal reads on a screen.

The rules themselves stand in `inventory.rules.stow_rules`; here a product and a bin are laid out for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from inventory.rules.look_alikes import Look, alike
from inventory.rules.stock import NEVER_DAY, BoolArray, IntArray, storage_bits
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, StowRules
from inventory.rules.stow_rules import Case, GoodsFacts, RoomFacts, Words, first_refusal
from warehouse.bins import StorageClass


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
    value_cents: int = 0
    hazard: str = ""
    coldest_dc: int = NO_COLDEST_DC
    warmest_dc: int = NO_WARMEST_DC
    days_left: int = NEVER_DAY
    look: Look | None = None

    @property
    def volume_mm3(self) -> int:
        """The volume of the unit."""
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def rail_mm(self) -> int:
        """What the unit takes of a rail: its shortest side, if it hangs."""
        hangs = self.storage_class is StorageClass.HANGING
        return min(self.length_mm, self.width_mm, self.height_mm) if hangs else 0


@dataclass(frozen=True, slots=True)
class BinRoom:
    """A bin with what lies in it: `contents` are its (product, lot) pairs.

    `hazards_near` and `looks_near` are of the products in it and in its neighbours; the looks by product.
    """

    length_mm: int
    width_mm: int
    height_mm: int
    volume_mm3: int
    load_g: int
    storage_classes: frozenset[StorageClass]
    zone: str
    level: int = 1
    volume_used_mm3: int = 0
    load_used_g: int = 0
    rail_used_mm: int = 0
    contents: frozenset[tuple[int, int]] = frozenset()
    hazards_near: frozenset[str] = frozenset()
    looks_near: Mapping[int, Look] = field(default_factory=dict)


def refusal(room: BinRoom, unit: Unit, quantity: int, rules: StowRules) -> str | None:
    """Why `quantity` units may not go into this bin, in one line; None if they may.

    Raises
    ------
    ValueError
        If the quantity is not positive.

    Examples
    --------
    >>> bin = BinRoom(400, 300, 200, 24_000_000, 30_000, frozenset({StorageClass.AMBIENT}), "A")
    >>> refusal(bin, Unit(0, 0, 100, 450, 100, 500, StorageClass.AMBIENT), 1, StowRules())
    'too long: 450 mm in a bin of 400 mm'
    >>> refusal(bin, Unit(0, 0, 100, 350, 100, 500, StorageClass.AMBIENT), 2, StowRules()) is None
    True
    """
    if quantity <= 0:
        raise ValueError(f"{quantity} units cannot be stowed")
    mistaken = _mistaken_for(room, unit, rules)
    bits = rules.hazard_bits
    near = sum(bits.get(hazard, 0) for hazard in room.hazards_near)
    case = Case(
        goods=goods_facts(unit, quantity, rules),
        room=_room(room, near, rules),
        product_here=_flag(any(product == unit.product for product, _ in room.contents)),
        other_lot_here=_flag(any(product == unit.product and lot != unit.lot for product, lot in room.contents)),
        alike_near=_flag(bool(mistaken)),
    )
    hazards_near = ", ".join(sorted(rules.apart_from(unit.hazard) & room.hazards_near))
    words = Words(room.zone, unit.storage_class, unit.hazard, hazards_near, mistaken)
    return first_refusal(case, rules, words)


def units_that_fit(room: BinRoom, unit: Unit, quantity: int, rules: StowRules) -> int:
    """How many of `quantity` units may go into this bin, 0 if none may."""
    fits, too_many = 0, quantity + 1
    while fits + 1 < too_many:  # whatever may lie there in number, fewer may too
        half = (fits + too_many) // 2
        fits, too_many = (half, too_many) if refusal(room, unit, half, rules) is None else (fits, half)
    return fits


def _mistaken_for(room: BinRoom, unit: Unit, rules: StowRules) -> str:
    """The code of the first product near the bin that is too much like this one."""
    if unit.look is None or not rules.look_alike.looks:
        return ""
    others = sorted((look.code, look) for product, look in room.looks_near.items() if product != unit.product)
    return next((code for code, look in others if alike(unit.look, look, rules.look_alike)), "")


def goods_facts(unit: Unit, quantity: int, rules: StowRules) -> GoodsFacts:
    """Units of one lot as the rules take them, each field an array of one figure."""
    bits = rules.hazard_bits
    sides = sorted((unit.length_mm, unit.width_mm, unit.height_mm), reverse=True)
    return GoodsFacts(
        quantity=_figure(quantity),
        sides_mm=np.array([sides], dtype=np.int64),
        volume_mm3=_figure(unit.volume_mm3),
        weight_g=_figure(unit.weight_g),
        storage_bit=_figure(storage_bits([unit.storage_class])),
        value_cents=_figure(unit.value_cents),
        rail_mm=_figure(unit.rail_mm),
        days_left=_figure(unit.days_left),
        coldest_dc=_figure(unit.coldest_dc),
        warmest_dc=_figure(unit.warmest_dc),
        apart_bits=_figure(sum(bits[hazard] for hazard in rules.apart_from(unit.hazard))),
    )


def _room(room: BinRoom, hazard_bits_near: int, rules: StowRules) -> RoomFacts:
    sides = sorted((room.length_mm, room.width_mm, room.height_mm), reverse=True)
    climate = rules.climate_of(room.zone)
    rail_mm = room.length_mm if StorageClass.HANGING in room.storage_classes else 0
    return RoomFacts(
        sides_mm=np.array([sides], dtype=np.int64),
        volume_left_mm3=_figure(room.volume_mm3 * rules.fill_percent_max // 100 - room.volume_used_mm3),
        load_left_g=_figure(room.load_g - room.load_used_g),
        rail_left_mm=_figure(rail_mm - room.rail_used_mm),
        storage_bits=_figure(storage_bits(room.storage_classes)),
        level=_figure(room.level),
        coldest_dc=_figure(climate.coldest_dc),
        warmest_dc=_figure(climate.warmest_dc),
        num_products=_figure(len({product for product, _ in room.contents})),
        hazard_bits_near=_figure(hazard_bits_near),
    )


def _figure(value: int) -> IntArray:
    return np.array([value], dtype=np.int64)


def _flag(value: bool) -> BoolArray:
    return np.array([value])

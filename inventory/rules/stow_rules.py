"""The rules of stowing: one small function each, over arrays, and the one line that a refusal reads.

A `Case` sets goods before bins. Its fields are arrays that broadcast: one unit before all bins of a site, pairs of
goods and bins, or one unit before one bin. So whoever asks, for one scan or for a whole house at once, asks the very
same functions. The rules stand in `RULES` in the order in which a stower is told of them: first what never changes
(these goods do not belong here), then what may (there is no room left).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inventory.rules.stock import BoolArray, IntArray, storage_bits
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, StowRules
from warehouse.bins import StorageClass

AMBIENT_BIT = storage_bits([StorageClass.AMBIENT])
CAGE_BIT = storage_bits([StorageClass.CAGE])


@dataclass(frozen=True)
class GoodsFacts:
    """Goods to be stowed. `sides_mm` has a last axis of three, the longest first.

    `rail_mm` is what one unit takes of a rail, `apart_bits` the hazard classes that may not lie near it.
    """

    quantity: IntArray
    sides_mm: IntArray
    volume_mm3: IntArray
    weight_g: IntArray
    storage_bit: IntArray
    value_cents: IntArray
    rail_mm: IntArray
    days_left: IntArray
    coldest_dc: IntArray
    warmest_dc: IntArray
    apart_bits: IntArray


@dataclass(frozen=True)
class RoomFacts:
    """Bins as they are: what they take and what is left of it. `hazard_bits_near` counts their neighbours in."""

    sides_mm: IntArray
    volume_left_mm3: IntArray
    load_left_g: IntArray
    rail_left_mm: IntArray
    storage_bits: IntArray
    level: IntArray
    coldest_dc: IntArray
    warmest_dc: IntArray
    num_products: IntArray
    hazard_bits_near: IntArray


@dataclass(frozen=True)
class Case:
    """Goods before bins, with what only the two together tell.

    `product_here` says that the product lies in the bin, `other_lot_here` that another lot of it does, and
    `alike_near` that something much like it lies there or next to it.
    """

    goods: GoodsFacts
    room: RoomFacts
    product_here: BoolArray
    other_lot_here: BoolArray
    alike_near: BoolArray


@dataclass(frozen=True)
class Words:
    """What a refusal names, for one unit and one bin."""

    zone: str
    storage_class: StorageClass
    hazards: str = ""
    hazards_near: str = ""
    alike: str = ""


Refuses = Callable[[Case, StowRules], BoolArray]
Says = Callable[[Case, StowRules, Words], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: where it refuses, and what it says then."""

    name: str
    refuses: Refuses
    says: Says


def valuable(value_cents: IntArray, rules: StowRules) -> BoolArray:
    """Which goods are worth so much that they lie in the cage."""
    least = np.iinfo(np.int64).max if rules.cage_value_cents is None else rules.cage_value_cents
    return np.asarray(value_cents >= least)


def behind_bars(storage_bit: IntArray, value_cents: IntArray, rules: StowRules) -> BoolArray:
    """Which goods lie in the cage and nowhere else: those of its class, and those worth so much."""
    return np.asarray(valuable(value_cents, rules) | ((storage_bit & CAGE_BIT) != 0))


def _not_in_cage(case: Case, rules: StowRules) -> BoolArray:
    return np.asarray(valuable(case.goods.value_cents, rules) & ((case.room.storage_bits & CAGE_BIT) == 0))


def _says_cage(case: Case, _: StowRules, words: Words) -> str:
    return f"worth {_one(case.goods.value_cents) / 100:.2f}: belongs in the cage, not in zone {words.zone}"


def _wrong_class(case: Case, rules: StowRules) -> BoolArray:
    # The cage keeps what would lie at any other shelf; what is cold stays cold in a cage, too.
    caged = valuable(case.goods.value_cents, rules) & (case.goods.storage_bit == AMBIENT_BIT)
    needs = np.where(caged, CAGE_BIT, case.goods.storage_bit)
    return np.asarray((case.room.storage_bits & needs) == 0)


def _says_class(_: Case, __: StowRules, words: Words) -> str:
    if words.storage_class is StorageClass.HANGING:
        return f"hanging goods need a rail, zone {words.zone} has none"
    return f"{words.storage_class} goods do not belong in zone {words.zone}"


def _wrong_climate(case: Case, _: StowRules) -> BoolArray:
    goods, room = case.goods, case.room
    return np.asarray((room.coldest_dc < goods.coldest_dc) | (room.warmest_dc > goods.warmest_dc))


def _says_climate(case: Case, rules: StowRules, words: Words) -> str:
    needs = _degrees(_one(case.goods.coldest_dc), _one(case.goods.warmest_dc))
    if words.zone not in rules.climates:
        return f"needs {needs}, zone {words.zone} states no temperature"
    climate = rules.climates[words.zone]
    return f"needs {needs}, zone {words.zone} has {_degrees(climate.coldest_dc, climate.warmest_dc)}"


def _too_big(case: Case, _: StowRules) -> BoolArray:
    goods, room = case.goods.sides_mm, case.room.sides_mm
    too_big = goods[..., 0] > room[..., 0]
    for side in (1, 2):
        too_big = too_big | (goods[..., side] > room[..., side])
    return np.asarray(too_big)


def _says_big(case: Case, _: StowRules, __: Words) -> str:
    sides, openings = case.goods.sides_mm.ravel().tolist(), case.room.sides_mm.ravel().tolist()
    for name, side, limit in zip(("long", "wide", "high"), sides, openings, strict=True):
        if side > limit:
            return f"too {name}: {side} mm in a bin of {limit} mm"
    raise AssertionError("one side does not pass")


def _too_high_up(case: Case, rules: StowRules) -> BoolArray:
    refused = np.zeros(np.broadcast_shapes(case.goods.weight_g.shape, case.room.level.shape), dtype=bool)
    for each in rules.heavy_low:
        refused |= (case.room.level >= each.level) & (case.goods.weight_g > each.weight_g_max)
    return refused


def _says_high_up(case: Case, rules: StowRules, __: Words) -> str:
    level = _one(case.room.level)
    limit_g = min(each.weight_g_max for each in rules.heavy_low if level >= each.level)
    return f"too heavy for level {level}: {_one(case.goods.weight_g)} g, {limit_g} g are allowed"


def _out_of_reach(case: Case, rules: StowRules) -> BoolArray:
    return np.asarray((case.goods.days_left < rules.soon_days) & (case.room.level > rules.soon_level_max))


def _says_out_of_reach(case: Case, rules: StowRules, _: Words) -> str:
    return f"expires in {_one(case.goods.days_left)} days: belongs at level {rules.soon_level_max} or below"


def _hazard_near(case: Case, _: StowRules) -> BoolArray:
    return np.asarray((case.goods.apart_bits & case.room.hazard_bits_near) != 0)


def _says_hazard(_: Case, __: StowRules, words: Words) -> str:
    return f"{words.hazards} must not lie next to {words.hazards_near}"


def _another_lot(case: Case, _: StowRules) -> BoolArray:
    return case.other_lot_here


def _says_lot(_: Case, __: StowRules, ___: Words) -> str:
    return "another lot of this product lies here"


def _alike_near(case: Case, _: StowRules) -> BoolArray:
    return case.alike_near


def _says_alike(_: Case, __: StowRules, words: Words) -> str:
    return f"easily taken for {words.alike}, which lies here or next to it"


def _too_many_products(case: Case, rules: StowRules) -> BoolArray:
    return np.asarray((case.room.num_products >= rules.products_per_bin_max) & ~case.product_here)


def _says_products(case: Case, rules: StowRules, _: Words) -> str:
    return f"already {_one(case.room.num_products)} products here, {rules.products_per_bin_max} are allowed"


def _no_rail(case: Case, _: StowRules) -> BoolArray:
    return np.asarray(case.goods.quantity * case.goods.rail_mm > case.room.rail_left_mm)


def _says_rail(case: Case, _: StowRules, __: Words) -> str:
    return f"no rail left: {max(0, _one(case.room.rail_left_mm)) // _one(case.goods.rail_mm)} more hang here"


def _no_room(case: Case, _: StowRules) -> BoolArray:
    return np.asarray(case.goods.quantity * case.goods.volume_mm3 > case.room.volume_left_mm3)


def _says_room(case: Case, _: StowRules, __: Words) -> str:
    return f"no room: space for {max(0, _one(case.room.volume_left_mm3)) // _one(case.goods.volume_mm3)} more"


def _too_heavy(case: Case, _: StowRules) -> BoolArray:
    return np.asarray(case.goods.quantity * case.goods.weight_g > case.room.load_left_g)


def _says_heavy(case: Case, _: StowRules, __: Words) -> str:
    return f"too heavy: the bin carries {max(0, _one(case.room.load_left_g)) // _one(case.goods.weight_g)} more"


RULES = (
    Rule("cage", _not_in_cage, _says_cage),
    Rule("storage class", _wrong_class, _says_class),
    Rule("temperature", _wrong_climate, _says_climate),
    Rule("size", _too_big, _says_big),
    Rule("heavy low", _too_high_up, _says_high_up),
    Rule("first expired in reach", _out_of_reach, _says_out_of_reach),
    Rule("hazards apart", _hazard_near, _says_hazard),
    Rule("one lot", _another_lot, _says_lot),
    Rule("look-alikes apart", _alike_near, _says_alike),
    Rule("products", _too_many_products, _says_products),
    Rule("rail", _no_rail, _says_rail),
    Rule("volume", _no_room, _says_room),
    Rule("load", _too_heavy, _says_heavy),
)
"""All rules, in the order in which a stower is told of them."""


def refused(case: Case, rules: StowRules) -> BoolArray:
    """Where any rule refuses; shape as the fields of the case broadcast."""
    found = RULES[0].refuses(case, rules)
    for rule in RULES[1:]:
        found = found | rule.refuses(case, rules)
    return found


def first_refusal(case: Case, rules: StowRules, words: Words) -> str | None:
    """What the first rule that refuses says, for one unit before one bin; None if none does."""
    for rule in RULES:
        if rule.refuses(case, rules).any():
            return rule.says(case, rules, words)
    return None


def _one(figures: IntArray) -> int:
    """The one figure of an array."""
    return int(figures.item())


def _degrees(coldest_dc: int, warmest_dc: int) -> str:
    if warmest_dc == NO_WARMEST_DC:
        return f"{coldest_dc / 10:.1f} °C or more"
    if coldest_dc == NO_COLDEST_DC:
        return f"{warmest_dc / 10:.1f} °C or less"
    return f"{coldest_dc / 10:.1f} to {warmest_dc / 10:.1f} °C"

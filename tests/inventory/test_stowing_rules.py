"""Each rule refuses with its own sentence."""

from typing import Any

import pytest

from inventory.rules.look_alikes import Look
from inventory.rules.storage_policy import Climate, HeavyLow, LookAlike, StowRules
from inventory.rules.stow_rules import RULES
from inventory.rules.stowing import BinRoom, Unit, refusal, units_that_fit
from warehouse.bins import StorageClass

RULED = StowRules(
    products_per_bin_max=2,
    cage_value_cents=50_000,
    heavy_low=(HeavyLow(3, 8_000), HeavyLow(4, 2_000)),
    hazards_apart=(("flammable", "oxidising"),),
    look_alike=LookAlike(name_percent=80, code_distance=1, picture_bits=4),
    soon_days=14,
    soon_level_max=2,
    climates={"C": Climate(20, 80)},
)
COLD = {"storage_class": StorageClass.CHILLED, "coldest_dc": 20, "warmest_dc": 60}
COLD_ZONE = {"storage_classes": frozenset({StorageClass.CHILLED}), "zone": "C"}
RAIL = {"storage_classes": frozenset({StorageClass.HANGING}), "zone": "R"}
HOLDS_TWO = {"contents": frozenset({(1, 1), (2, 2)})}


def room(**changes: Any) -> BinRoom:
    facts: dict[str, Any] = {
        "length_mm": 400,
        "width_mm": 300,
        "height_mm": 200,
        "volume_mm3": 24_000_000,
        "load_g": 10_000,
        "storage_classes": frozenset({StorageClass.AMBIENT}),
        "zone": "A",
    }
    return BinRoom(**(facts | changes))


def unit(**changes: Any) -> Unit:
    facts: dict[str, Any] = {
        "product": 7,
        "lot": 70,
        "length_mm": 100,
        "width_mm": 100,
        "height_mm": 100,
        "weight_g": 500,
        "storage_class": StorageClass.AMBIENT,
        "look": Look("85123A", "White heart T-light holder", 0xFF00),
    }
    return Unit(**(facts | changes))


REFUSALS = [
    ("cage", room(), unit(value_cents=50_000), 1, "worth 500.00: belongs in the cage, not in zone A"),
    ("storage class", room(), unit(storage_class=StorageClass.FROZEN), 1, "frozen goods do not belong in zone A"),
    (
        "storage class",
        room(),
        unit(storage_class=StorageClass.HANGING),
        1,
        "hanging goods need a rail, zone A has none",
    ),
    ("temperature", room(**COLD_ZONE), unit(**COLD), 1, "needs 2.0 to 6.0 °C, zone C has 2.0 to 8.0 °C"),
    ("temperature", room(), unit(coldest_dc=0), 1, "needs 0.0 °C or more, zone A states no temperature"),
    ("temperature", room(), unit(warmest_dc=300), 1, "needs 30.0 °C or less, zone A states no temperature"),
    ("size", room(), unit(length_mm=401), 1, "too long: 401 mm in a bin of 400 mm"),
    ("size", room(height_mm=90), unit(), 1, "too high: 100 mm in a bin of 90 mm"),
    ("heavy low", room(level=4), unit(weight_g=2_001), 1, "too heavy for level 4: 2001 g, 2000 g are allowed"),
    (
        "first expired in reach",
        room(level=3),
        unit(days_left=13),
        1,
        "expires in 13 days: belongs at level 2 or below",
    ),
    (
        "hazards apart",
        room(hazards_near=frozenset({"oxidising", "toxic"})),
        unit(hazard="flammable"),
        1,
        "flammable must not lie next to oxidising",
    ),
    ("one lot", room(contents=frozenset({(7, 71)})), unit(), 1, "another lot of this product lies here"),
    (
        "look-alikes apart",
        room(looks_near={8: Look("85132A", "Alarm clock")}),
        unit(),
        1,
        "easily taken for 85132A, which lies here or next to it",
    ),
    (
        "look-alikes apart",
        room(looks_near={9: Look("22", "White heart T-light holders")}),
        unit(),
        1,
        "easily taken for 22, which lies here or next to it",
    ),
    (
        "look-alikes apart",
        room(looks_near={9: Look("22", "Clock", 0xFF0F)}),
        unit(),
        1,
        "easily taken for 22, which lies here or next to it",
    ),
    ("products", room(**HOLDS_TWO), unit(), 1, "already 2 products here, 2 are allowed"),
    (
        "rail",
        room(**RAIL, rail_used_mm=350),
        unit(storage_class=StorageClass.HANGING, width_mm=30),
        2,
        "no rail left: 1 more hang here",
    ),
    ("volume", room(volume_used_mm3=22_500_000), unit(), 2, "no room: space for 1 more"),
    ("load", room(load_used_g=9_000), unit(), 3, "too heavy: the bin carries 2 more"),
]


@pytest.mark.parametrize(("rule", "bin_room", "goods", "quantity", "why"), REFUSALS)
def test_a_refusal_names_its_reason(rule: str, bin_room: BinRoom, goods: Unit, quantity: int, why: str) -> None:
    assert refusal(bin_room, goods, quantity, RULED) == why
    assert rule in {each.name for each in RULES}


def test_every_rule_refuses_something() -> None:
    assert {rule for rule, *_ in REFUSALS} == {each.name for each in RULES}


@pytest.mark.parametrize(
    ("bin_room", "goods", "quantity"),
    [
        (room(), unit(), 20),
        (room(contents=frozenset({(7, 70), (2, 2)})), unit(), 1),
        (room(length_mm=100, width_mm=100, height_mm=400), unit(length_mm=400), 1),
        (room(storage_classes=frozenset({StorageClass.CAGE})), unit(value_cents=50_000), 1),
        (room(**COLD_ZONE), unit(**COLD | {"warmest_dc": 80}), 1),
        (room(level=3), unit(weight_g=8_000), 1),
        (room(level=2), unit(days_left=1), 1),
        (room(hazards_near=frozenset({"flammable"})), unit(hazard="flammable"), 1),
        (room(looks_near={7: Look("85123A", "White heart T-light holder")}), unit(), 1),
        (room(looks_near={8: Look("22", "Alarm clock", 0x00FF)}), unit(), 1),
        (room(**RAIL, rail_used_mm=340), unit(storage_class=StorageClass.HANGING, width_mm=30), 2),
    ],
)
def test_what_no_rule_forbids_is_allowed(bin_room: BinRoom, goods: Unit, quantity: int) -> None:
    assert refusal(bin_room, goods, quantity, RULED) is None


def test_rules_that_a_site_has_not_set_forbid_nothing() -> None:
    near = room(level=9, hazards_near=frozenset({"oxidising"}), looks_near={8: Look("85123B", "White heart holder")})
    assert (
        refusal(near, unit(value_cents=10**9, weight_g=9_000, hazard="flammable", days_left=0), 1, StowRules()) is None
    )


def test_as_many_units_fit_as_the_tightest_rule_allows() -> None:
    assert units_that_fit(room(), unit(), 100, RULED) == 20
    assert units_that_fit(room(), unit(), 7, RULED) == 7
    assert units_that_fit(room(**HOLDS_TWO), unit(), 7, RULED) == 0


def test_rules_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one product"):
        StowRules(products_per_bin_max=0)
    with pytest.raises(ValueError, match="fill_percent_max"):
        StowRules(fill_percent_max=101)
    with pytest.raises(ValueError, match="likeness"):
        LookAlike(name_percent=101)
    with pytest.raises(ValueError, match="climate"):
        Climate(10, 5)

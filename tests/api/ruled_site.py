"""A site where goods of each kind wait at the dock that some stowing rule keeps out of some bin."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from api.serving import Serving
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import Climate, HeavyLow, LookAlike, StowRules
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.product_needs import SetNeeds, set_needs
from inventory.work.receiving import Receipt, Receive, receive, site_day
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from tests.api.conftest import SMALL_SITE
from warehouse.bins import StorageClass

RULED = "RULED"
RULES = StowRules(
    products_per_bin_max=2,
    cage_value_cents=50_000,
    heavy_low=(HeavyLow(4, 2_000),),
    hazards_apart=(("flammable", "oxidising"),),
    look_alike=LookAlike(name_percent=80, code_distance=1),
    soon_days=14,
    soon_level_max=2,
    climates={"C": Climate(20, 80)},
)
CHANGES = {
    "code: SMALL": f"code: {RULED}",
    "levels: 2": "levels: 4",
    "  ambient:\n    storage_classes: [ambient]": "  A: { storage_classes: [ambient] }\n"
    "  C: { storage_classes: [chilled], where: { aisles: 3 } }\n"
    "  R: { storage_classes: [hanging], where: { aisles: 4 } }",
    "length: 600 mm, width: 580 mm, height: 400 mm, volume: 120 l, load: 80 kg": "length: 400 mm, width: 300 mm, "
    "height: 200 mm, load: 10 kg",
}
PRODUCTS: dict[str, dict[str, Any]] = {
    "GOLD": {"value_cents": 50_000},
    "ICE-CREAM": {"storage_class": StorageClass.FROZEN},
    "COAT": {"storage_class": StorageClass.HANGING, "width_mm": 30},
    "MILK": {"storage_class": StorageClass.CHILLED},
    "TUBE": {"length_mm": 401},
    "ANVIL": {"weight_g": 2_001},
    "YOGHURT": {},
    "PAINT": {},
    "BLEACH": {},
    "HEARTS-1": {},
    "HEARTS-2": {},
    "SUGAR": {},
    "BRICK": {},
    "CLOCK": {},
    "LEAD": {"weight_g": 500, "height_mm": 10},
}
NEEDS = (
    SetNeeds("MILK", coldest_dc=20, warmest_dc=60),
    SetNeeds("PAINT", hazard="flammable"),
    SetNeeds("BLEACH", hazard="oxidising"),
)


@dataclass(frozen=True)
class Refused:
    """A rule that keeps so many units of a product out of a bin (aisle, bay, level), and its sentence."""

    rule: str
    product: str
    units: int
    goal: tuple[str, int, int]
    why: str


NEAR = "which lies here or next to it"
REFUSED = (
    Refused("cage", "GOLD", 1, ("1", 1, 1), "worth 500.00: belongs in the cage, not in zone A"),
    Refused("storage class", "ICE-CREAM", 1, ("1", 1, 1), "frozen goods do not belong in zone A"),
    Refused("storage class", "COAT", 1, ("1", 1, 1), "hanging goods need a rail, zone A has none"),
    Refused("temperature", "MILK", 1, ("3", 1, 1), "needs 2.0 to 6.0 °C, zone C has 2.0 to 8.0 °C"),
    Refused("size", "TUBE", 1, ("1", 1, 1), "too long: 401 mm in a bin of 400 mm"),
    Refused("heavy low", "ANVIL", 1, ("1", 1, 4), "too heavy for level 4: 2001 g, 2000 g are allowed"),
    Refused("first expired in reach", "YOGHURT", 1, ("1", 1, 3), "expires in 13 days: belongs at level 2 or below"),
    Refused("hazards apart", "PAINT", 1, ("1", 7, 1), "flammable must not lie next to oxidising"),
    Refused("one lot", "SUGAR", 1, ("1", 2, 1), "another lot of this product lies here"),
    Refused("look-alikes apart", "HEARTS-2", 1, ("1", 6, 1), f"easily taken for HEARTS-1, {NEAR}"),
    Refused("products", "CLOCK", 1, ("1", 10, 1), "already 2 products here, 2 are allowed"),
    Refused("rail", "COAT", 2, ("4", 1, 1), "no rail left: 1 more hang here"),
    Refused("volume", "BRICK", 2, ("2", 1, 1), "no room: space for 1 more"),
    Refused("load", "LEAD", 3, ("2", 6, 1), "too heavy: the bin carries 2 more"),
)
STOWED = (
    ("BLEACH", 1, ("1", 5, 1)),
    ("SUGAR", 10, ("1", 2, 1)),
    ("SUGAR", 20, ("1", 4, 1)),
    ("HEARTS-1", 1, ("1", 6, 1)),
    ("BLEACH", 1, ("1", 10, 1)),
    ("LEAD", 1, ("1", 10, 1)),
    ("COAT", 12, ("4", 1, 1)),
    ("BRICK", 23, ("2", 1, 1)),
    ("LEAD", 18, ("2", 6, 1)),
)
"""What lies in bins before."""


def ruled_site(serving: Serving) -> dict[tuple[str, int, int], str]:
    """Open the site, let goods lie and wait as the refusals need it; its bins by aisle, bay and level."""
    definition = SMALL_SITE.read_text(encoding="utf-8")
    for before, after in CHANGES.items():
        assert before in definition
        definition = definition.replace(before, after)
    serving.run(open_site, OpenSite(definition))
    size = {"length_mm": 100, "width_mm": 100, "height_mm": 100, "weight_g": 100}
    products = (NewProduct(code, code.title(), **(size | facts)) for code, facts in PRODUCTS.items())
    serving.run(save_products, SaveProducts(tuple(products)))
    for needs in NEEDS:
        serving.run(set_needs, needs)
    serving.run(set_stock_policy, SetStockPolicy(RULED, StockPolicy(stowing=RULES), 0, "test"))
    with serving.database.read() as session:
        live = live_site(session, RULED)
        soon = site_day(live, serving.clock) + timedelta(days=13)
    bins = {(each.aisle, each.bay, each.level): each.code for each in live.site.bins}
    _come(serving, {product: 30 for product in PRODUCTS if product != "YOGHURT"}, lot="L1")
    _come(serving, {"YOGHURT": 1}, expires_on=soon)
    for product, units, goal in STOWED:
        serving.run(stow, Stow(RULED, "dock", bins[goal], product, units, "test"))
    _come(serving, {"SUGAR": 1}, lot="L2")
    return bins


def _come(serving: Serving, units: dict[str, int], lot: str | None = None, expires_on: date | None = None) -> None:
    receipts = tuple(Receipt(product, some, lot=lot, expires_on=expires_on) for product, some in units.items())
    serving.run(receive, Receive(RULED, receipts, "test"))

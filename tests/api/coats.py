"""A second site with rails, and coats at its dock that are to be inspected."""

from api.serving import Serving
from inventory.rules.care import CareRules, CareStep
from inventory.rules.stock_policy import StockPolicy
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import OpenSite, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.api.conftest import SMALL_SITE
from tests.inventory.small_site import product
from warehouse.bins import StorageClass

RAILS, COAT = "RAILS", "COAT"
RAIL_ZONE = "    storage_classes: [ambient]\n  rail: { storage_classes: [hanging], where: { aisles: 4 } }"


def coats_site(serving: Serving, quantity: int) -> None:
    """Open the site, and receive so many coats."""
    definition = SMALL_SITE.read_text(encoding="utf-8").replace("code: SMALL", f"code: {RAILS}")
    serving.run(open_site, OpenSite(definition.replace("    storage_classes: [ambient]", RAIL_ZONE)))
    serving.run(save_products, SaveProducts((product(COAT, storage_class=StorageClass.HANGING),)))
    policy = StockPolicy(care=CareRules(at_receipt=(CareStep.INSPECTION,)))
    serving.run(set_stock_policy, SetStockPolicy(RAILS, policy, 0, "test"))
    serving.run(receive, Receive(RAILS, (Receipt(COAT, quantity, lot="L1"),), "test"))

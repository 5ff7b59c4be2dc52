"""A second site with a forward area that is to be filled: its fourth aisle."""

from typing import Any

import httpx

from api.serving import Serving
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import ForwardArea, ForwardLevel, StowRules
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from tests.api.conftest import SMALL_SITE

FRONT = "FRONT"
PICK_ZONE = "    storage_classes: [ambient]\n  pick: { storage_classes: [ambient], where: { aisles: 4 } }"


def front_site(serving: Serving, client: httpx.Client) -> list[dict[str, Any]]:
    """Open the site with thirty units each of two products in bins; both are to be there twelve in front."""
    definition = SMALL_SITE.read_text(encoding="utf-8").replace("code: SMALL", f"code: {FRONT}")
    serving.run(open_site, OpenSite(definition.replace("    storage_classes: [ambient]", PICK_ZONE)))
    products: list[dict[str, Any]] = client.get("/api/v1/products").json()[:2]
    receipts = tuple(Receipt(each["code"], 30, lot="L1") for each in products)
    serving.run(receive, Receive(FRONT, receipts, "test"))
    with serving.database.read() as session:
        bins = [each.code for each in live_site(session, FRONT).site.bins if each.zone == "ambient"]
    for goal, each in zip(bins[::10], products, strict=False):
        serving.run(stow, Stow(FRONT, "dock", goal, each["code"], 30, "test"))
    area = ForwardArea("pick", tuple(ForwardLevel(each["code"], 4, 12) for each in products))
    policy = StockPolicy(stowing=StowRules(forward=(area,)))
    serving.run(set_stock_policy, SetStockPolicy(FRONT, policy, 0, "test"))
    return products

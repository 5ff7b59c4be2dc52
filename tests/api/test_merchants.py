"""A merchant's key sees that merchant's goods and nothing else, in any call there is."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from api.access import ACCESS, GuardedRoute
from api.serving import Serving
from api.tables import Role
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.rules.storage_policy import Climate, StowRules
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.climate import TakeReading, take_reading
from inventory.work.disposing import Dispose, WayOut, dispose
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.shelf_life_alerts import RaiseAlerts, raise_alerts
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import StowAtRandom, stow_at_random
from tests.api.picking import new_id
from tests.inventory.small_site import product
from warehouse.clock import FixedClock
from warehouse.database import Database

SITE, SHARED, SOON = "SMALL", "SHARED", date(2025, 12, 20)
MINE, THEIRS = ("ALFA", "alfa"), ("BETA", "beta")
"""The tag on all that belongs to a merchant, and his code."""


def probes(tag: str) -> dict[str, list[str]]:
    """For every call that merchants may make, requests that name the goods of the merchant with this tag."""
    return {
        "GET /api/v1/products": ["/api/v1/products", f"/api/v1/products?contains={tag}"],
        "GET /api/v1/products/{code}": [f"/api/v1/products/{tag}-P"],
        "GET /api/v1/sites/{site}/stock": [
            f"/api/v1/sites/{SITE}/stock?limit=1000",
            f"/api/v1/sites/{SITE}/stock?product={tag}-P",
            f"/api/v1/sites/{SITE}/stock?lot={tag}-L",
        ],
        "GET /api/v1/sites/{site}/stock/owners": [f"/api/v1/sites/{SITE}/stock/owners"],
        "GET /api/v1/sites/{site}/movements": [
            f"/api/v1/sites/{SITE}/movements?limit=1000",
            f"/api/v1/sites/{SITE}/movements?product={tag}-P",
        ],
        "GET /api/v1/sites/{site}/stock/disposed": [f"/api/v1/sites/{SITE}/stock/disposed"],
        "GET /api/v1/recalls/{product}/{lot}": [
            f"/api/v1/recalls/{tag}-P/{tag}-L",
            f"/api/v1/recalls/{SHARED}/{tag}-L",
            f"/api/v1/recalls/{SHARED}/SAME",
        ],
        "GET /api/v1/stock/where": [
            f"/api/v1/stock/where?code={each}" for each in (f"{tag}-P", f"{tag}-L", f"{tag}-SN", SHARED, "SAME")
        ],
        "GET /api/v1/serials/{serial}": [f"/api/v1/serials/{tag}-SN"],
        "GET /api/v1/sites/{site}/alerts": [f"/api/v1/sites/{SITE}/alerts"],
        "GET /api/v1/sites/{site}/stock/ageing": [f"/api/v1/sites/{SITE}/stock/ageing"],
        "GET /api/v1/sites/{site}/stock/unsold": [f"/api/v1/sites/{SITE}/stock/unsold"],
        "GET /api/v1/sites/{site}/excursions": [
            f"/api/v1/sites/{SITE}/excursions",
            f"/api/v1/sites/{SITE}/excursions?product={SHARED}&lot={tag}-L",
        ],
        "GET /api/v1/sites/{site}/orders": [f"/api/v1/sites/{SITE}/orders"],
        "GET /api/v1/sites/{site}/orders/{number}": [f"/api/v1/sites/{SITE}/orders/{tag}-ORDER"],
    }


def warmed(database: Database, clock: FixedClock) -> None:
    """Let the zone of all goods leave its climate, and free what went on hold for it."""
    policy = StockPolicy(stowing=StowRules(climates={"ambient": Climate(150, 250)}))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    for each in take_reading(database, TakeReading(SITE, "ambient", 300, "probe"), clock).held:
        freed = ChangeStatus(
            SITE, each.place, each.product, StockStatus.AVAILABLE, "released", "mara", StockStatus.HOLD, lot=each.lot
        )
        change_status(database, freed, clock)


@pytest.fixture
def two_merchants(serving: Serving, clock: FixedClock) -> None:
    """Goods of two merchants and of the house at one site: in bins, promised, serialised, near their expiry."""
    database = serving.database
    goods = [product(SHARED), *(replace(product(f"{tag}-P"), serialised=True) for tag, _ in (MINE, THEIRS))]
    database.run(save_products, SaveProducts(tuple(goods)), clock=clock)
    for (tag, owner), quantity in ((MINE, 3), (THEIRS, 50)):
        serving.run(save_owner, SaveOwner(owner, f"{tag} Trading"))
        receipts = (
            Receipt(SHARED, quantity, "SAME", SOON, owner=owner),
            Receipt(SHARED, quantity + 1, f"{tag}-L", SOON, owner=owner),
            Receipt(f"{tag}-P", 1, f"{tag}-L", SOON, owner=owner, serials=(f"{tag}-SN",)),
        )
        database.run(receive, Receive(SITE, receipts, "receiver"), clock=clock)
        order = NewOrder(f"{tag}-ORDER", (NewLine(SHARED, 1),), customer=f"{tag} customer", owner=owner)
        database.run(place_orders, PlaceOrders(SITE, (order,)), clock=clock)
        spoilt = ChangeStatus(
            SITE, "dock", SHARED, StockStatus.DAMAGED, "damaged-on-arrival", "mara", quantity=1, lot=f"{tag}-L"
        )
        change_status(database, spoilt, clock)
    out = Dispose(SITE, StockStatus.DAMAGED, WayOut.DESTROYED, "damaged-on-arrival", "mara")
    assert database.run(dispose, out, clock=clock).quantity == 2
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)
    warmed(database, clock)
    release(database, Release(SITE, orders=("ALFA-ORDER", "BETA-ORDER"), budget_ms=20), clock)
    raise_alerts(database, RaiseAlerts(SITE, "mara"), clock)


@pytest.fixture
def merchant(two_merchants: None, url: str, signed_in: Callable[[Role], httpx.Client]) -> Iterator[httpx.Client]:
    """A program of merchant A's, with a key that was made for it."""
    made = signed_in(Role.ADMIN).post(f"/api/v1/owners/{MINE[1]}/keys", json={"name": "shop"})
    assert made.status_code == 200, made.text
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {made.json()['key']}"}) as client:
        yield client


def test_no_call_tells_a_merchant_of_anothers_goods(
    merchant: httpx.Client, signed_in: Callable[[Role], httpx.Client]
) -> None:
    manager = signed_in(Role.MANAGER)
    for route, roles in ACCESS.items():
        method, path = route.split(" ", 1)
        if roles and Role.MERCHANT not in roles:
            answer = merchant.request(method, re.sub(r"\{\w+\}", "1", path), json={})
            assert answer.status_code == 403, route
            continue
        if not roles:
            continue
        for theirs, mine in zip(probes(THEIRS[0])[route], probes(MINE[0])[route], strict=True):
            everything = manager.get(theirs)
            assert everything.status_code == 200, theirs
            assert is_theirs(everything), f"{theirs} would not show a leak"
            asked = merchant.get(theirs)
            assert asked.status_code in (200, 404), theirs
            assert asked.status_code == 404 or not is_theirs(asked), theirs
            own = merchant.get(mine)
            assert own.status_code == 200, mine
            assert MINE[0] in own.text or MINE[1] in own.text, mine
            assert not is_theirs(own), mine
            joined = "&" if "?" in mine else "?"
            assert merchant.get(f"{mine}{joined}owner={THEIRS[1]}").status_code == 404, mine


def is_theirs(answer: httpx.Response) -> bool:
    """Whether an answer tells of the other merchant, or of the house."""
    told = answer.text
    return any(each in told for each in (*THEIRS, '"house"', "DEMO-"))


def test_what_merchants_share_is_told_each_in_his_own_figures(merchant: httpx.Client) -> None:
    stock = merchant.get(f"/api/v1/sites/{SITE}/stock", params={"limit": 1000}).json()
    assert sum(row["quantity"] for row in stock if row["product"] == SHARED) == 6
    (mine,) = merchant.get(f"/api/v1/sites/{SITE}/stock/owners").json()
    assert (mine["owner"], mine["quantity"], mine["num_lots"]) == ("alfa", 7, 3)
    ageing = merchant.get(f"/api/v1/sites/{SITE}/stock/ageing").json()
    assert sum(bucket["quantity"] for bucket in ageing["by_age"]) == 7
    assert [each["owner"] for each in ageing["owners"]] == ["alfa"]
    codes = [each["code"] for each in merchant.get("/api/v1/products").json()]
    assert codes == ["ALFA-P", SHARED]


def test_a_merchant_reads_the_climate_on_the_records_of_his_own_lots(merchant: httpx.Client) -> None:
    (seen,) = merchant.get(f"/api/v1/sites/{SITE}/excursions").json()
    assert {each["owner"] for each in seen["lots"]} == {"alfa"}
    assert sum(each["quantity"] for each in seen["lots"]) == 7
    where = merchant.get("/api/v1/stock/where", params={"code": SHARED}).json()
    recall = merchant.get(f"/api/v1/recalls/{SHARED}/SAME").json()
    records = [record for each in (*where, recall) for record in each["excursions"]]
    assert {(record["owner"], record["what"]) for record in records} == {("alfa", "30.0 °C, 25.0 °C at most")}
    assert all(each["excursions"] for each in (*where, recall))
    assert recall["excursions"][0]["quantity"] == 3


def test_a_key_is_shown_once_and_opens_nothing_once_revoked(
    merchant: httpx.Client, serving: Serving, signed_in: Callable[[Role], httpx.Client]
) -> None:
    admin = signed_in(Role.ADMIN)
    keys = f"/api/v1/owners/{MINE[1]}/keys"
    (seen,) = admin.get(keys).json()
    assert (seen["name"], seen["revoked_ms"]) == ("shop", None)
    key = merchant.headers["Authorization"].removeprefix("Bearer ")
    with serving.database.read() as session:
        kept = str(session.connection().exec_driver_sql("SELECT * FROM merchant_key").all())
        answered = str(session.connection().exec_driver_sql("SELECT * FROM command").all())
    assert key not in kept + answered + admin.get(keys).text
    assert admin.post(keys, json={"name": "shop"}).status_code == 409
    assert admin.post("/api/v1/owners/house/keys", json={"name": "shop"}).status_code == 409
    assert admin.post("/api/v1/owners/nobody/keys", json={"name": "shop"}).status_code == 404
    assert admin.post(f"/api/v1/keys/{seen['key_id']}/revoke").json()["revoked_by"] == "demo-admin"
    assert merchant.get("/api/v1/products").status_code == 401
    assert admin.post(keys, json={"name": "shop"}).status_code == 200


def test_merchants_are_added_and_renamed_and_are_no_users(signed_in: Callable[[Role], httpx.Client]) -> None:
    manager, admin = signed_in(Role.MANAGER), signed_in(Role.ADMIN)
    for name in ("Acme", "Acme Trading"):
        saved = manager.put("/api/v1/owners/acme", json={"client_id": new_id(), "name": name})
        assert saved.json() == {"code": "acme", "name": name}
    assert {each["code"] for each in manager.get("/api/v1/owners").json()} == {"acme", "house"}
    user: dict[str, Any] = {"display_name": "Acme", "role": "merchant", "password": "a-long-password"}
    assert admin.put("/api/v1/users/acme", json=user).status_code == 409


def test_a_call_for_merchants_that_forgets_whose_goods_it_tells_cannot_be_made() -> None:
    def forgets() -> None:
        """Tell of everybody's goods."""

    with pytest.raises(AssertionError, match="tells merchants of others' goods"):
        GuardedRoute("/api/v1/products", forgets, methods=["GET"])

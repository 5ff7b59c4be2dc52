"""Deliveries by HTTP: the queue, what suppliers see of it, and a truck from its notice to its closing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.tables import Role
from tests.api.counting import do
from tests.api.picking import new_id
from warehouse.clock import FixedClock

HOUR_MS = 3_600_000
SITE = "/api/v1/sites/SMALL"


@pytest.fixture
def manager(signed_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def put(client: httpx.Client, path: str, **body: Any) -> None:
    answer = client.put(f"/api/v1{path}", json={"client_id": new_id(), **body})
    assert answer.status_code == 200, answer.text


def refusal(client: httpx.Client, path: str, **body: Any) -> str:
    """The one line with which an action is refused."""
    answer = client.post(f"/api/v1{path}", json={"client_id": new_id(), **body})
    assert answer.status_code in (404, 409), answer.text
    return str(answer.json()["detail"])


def announced(manager: httpx.Client, *suppliers: str) -> None:
    """A truck T-SUPPLIER of each supplier is announced, with one product of the site."""
    product = manager.get("/api/v1/products").json()[0]["code"]
    for supplier in suppliers:
        put(manager, f"/suppliers/{supplier}", name=f"{supplier} Ltd")
        lines = [{"product": product, "quantity": 5}]
        do(manager, "/sites/SMALL/deliveries", number=f"T-{supplier}", supplier=supplier, lines=lines)


def waiting(manager: httpx.Client) -> list[tuple[str, int]]:
    listed = manager.get(f"{SITE}/deliveries", params={"state": "arrived"}).json()
    return [(each["number"], each["ahead"]) for each in listed]


def test_trucks_wait_in_turn_and_one_goes_past_others_only_for_a_reason_that_is_kept(
    manager: httpx.Client, picker: httpx.Client, clock: FixedClock
) -> None:
    announced(manager, "A", "B", "C")
    now_ms = clock.now_ms()
    slot = {"slot_from_ms": now_ms + HOUR_MS, "slot_to_ms": now_ms + 2 * HOUR_MS}
    do(manager, "/sites/SMALL/deliveries/T-C/book", **slot)
    assert refusal(manager, "/sites/SMALL/deliveries/T-A/book", **slot) == "Dock SMALL is taken at that time"
    for number in ("T-C", "T-A", "T-B"):
        do(picker, f"/sites/SMALL/deliveries/{number}/arrive")
        clock.advance(60_000)
    assert waiting(manager) == [("T-A", 0), ("T-B", 1), ("T-C", 2)]
    path = "/sites/SMALL/deliveries/T-C"
    assert refusal(picker, f"{path}/dock") == "Delivery T-C is not next: 2 ahead of it"
    unexplained = manager.post(f"/api/v1{path}/pull", json={"client_id": new_id(), "reason": " "})
    assert unexplained.status_code == 422
    do(manager, f"{path}/pull", reason="vaccines, must be cooled")
    assert waiting(manager) == [("T-C", 0), ("T-A", 1), ("T-B", 2)]
    (jump,) = manager.get(f"{SITE}/queue-jumps").json()
    assert (jump["delivery"], jump["num_passed"], jump["reason"]) == ("T-C", 2, "vaccines, must be cooled")
    assert jump["user"]
    assert do(picker, f"{path}/dock")["station"] == "dock"
    assert refusal(picker, "/sites/SMALL/deliveries/T-A/dock") == "Dock dock is taken"


def test_a_supplier_sees_by_his_link_his_own_trucks_and_how_many_are_ahead_and_nothing_else(
    manager: httpx.Client, url: str, clock: FixedClock
) -> None:
    announced(manager, "A", "B")
    link = do(manager, "/suppliers/B/link")["path"]
    for number in ("T-A", "T-B"):
        do(manager, f"/sites/SMALL/deliveries/{number}/arrive")
        clock.advance(1_000)
    with httpx.Client(base_url=url) as nobody:
        (truck,) = nobody.get(link).json()
        assert (truck["number"], truck["ahead"]) == ("T-B", 1)
        assert truck["wait_ms"] > 0
        assert "A" not in str(truck).replace("SMALL", "").replace("'arrived'", "")
        assert nobody.get(f"{link}x").status_code == 404
        newer = do(manager, "/suppliers/B/link")["path"]
        assert nobody.get(link).status_code == 404
        assert nobody.get(newer).status_code == 200
    listed = manager.get("/api/v1/suppliers").json()
    assert [(each["code"], each["has_link"]) for each in listed] == [("A", False), ("B", True)]


def test_a_truck_is_unloaded_by_scans_in_one_call_and_closed_short_for_a_reason(
    manager: httpx.Client, picker: httpx.Client
) -> None:
    product = "MUG"
    put(manager, "/products/MUG", name="Mug", length_mm=100, width_mm=80, height_mm=90, weight_g=350)
    put(manager, "/suppliers/A", name="A Ltd")
    lines = [{"product": product, "quantity": 9}]
    do(manager, "/sites/SMALL/purchase-orders", number="PO-1", supplier="A", lines=lines)
    do(manager, "/sites/SMALL/deliveries", number="T-1", supplier="A", purchase_orders=["PO-1"])
    path = "/sites/SMALL/deliveries/T-1"
    assert refusal(picker, f"{path}/scans", scans=[{"code": product}]) == "Delivery T-1 is announced"
    do(picker, f"{path}/arrive")
    do(picker, f"{path}/dock")
    scans = [{"code": product, "quantity": 4}, {"code": "nobody's"}, {"code": product, "quantity": 6}]
    answers = do(picker, f"{path}/scans", scans=scans)["answers"]
    assert [(each["verdict"], each["left"]) for each in answers] == [("taken", 5), ("unknown", 0), ("over", 5)]
    arrival = do(picker, f"{path}/unknown", code="nobody's", quantity=2)["arrival"]
    assert refusal(picker, f"{path}/close") == "5 units have not come: say why"
    assert refusal(picker, f"{path}/close", reasons={"P00002": "refused"}) == "5 units have not come: say why"
    assert do(picker, f"{path}/close", reasons={product: "not-loaded"}, cancel_rest=True)["num_unknown"] == 1
    known = do(manager, f"/sites/SMALL/unknown-arrivals/{arrival}/resolve", product=product)
    assert (known["resolution"], known["product"]) == ("taken", product)
    order = manager.get(f"{SITE}/purchase-orders/PO-1").json()
    assert (order["open"], order["lines"][0]["closed_short"]) == (False, "not-loaded")
    assert manager.get(f"{SITE}/purchase-orders").json() == []
    (times,) = manager.get(f"{SITE}/dock-to-stock").json()
    assert (times["source"], times["units"], times["units_waiting"]) == ("A", 6, 6)

"""Goods change status, bin and lot through the API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.serving import Serving
from api.tables import Role
from inventory.rules.stock_policy import StockStatus
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import live_site
from inventory.work.statuses import ChangeStatus, record_status
from tests.api.picking import new_id
from warehouse.clock import SystemClock
from warehouse.database import Database

STOCK = "/api/v1/sites/SMALL/stock"


@pytest.fixture
def manager(signed_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def free_goods(client: httpx.Client) -> dict[str, Any]:
    """Goods in a bin of which nothing is promised."""
    rows = client.get(STOCK, params={"limit": 1000}).json()
    found: dict[str, Any] = next(row for row in rows if row["kind"] == "bin" and not row["reserved"])
    return found


def body(goods: dict[str, Any], **facts: object) -> dict[str, object]:
    named = {"place": goods["place"], "product": goods["product"], "lot": goods["lot"]}
    return {"client_id": new_id(), **named, **facts}


def test_a_picker_may_withhold_goods_and_only_a_manager_frees_them(picker: httpx.Client, manager: httpx.Client) -> None:
    goods = free_goods(picker)
    held = picker.post(f"{STOCK}/withhold", json=body(goods, status="hold", cause="quality-check")).json()
    assert (held["quantity"], held["status"], held["orders"]) == (goods["quantity"], "hold", [])
    (seen,) = picker.get(STOCK, params={"lot": goods["lot"], "product": goods["product"], "limit": 1000}).json()[-1:]
    assert seen["kind"] in ("bin", "withheld")
    free = body(goods, status="hold", cause="released")
    assert picker.post(f"{STOCK}/free", json=free).status_code == 403
    assert manager.post(f"{STOCK}/free", json=free).json()["status"] == "available"
    assert free_goods(picker)["place"] == goods["place"]


def test_what_may_not_be_done_is_told_as_a_problem(picker: httpx.Client, manager: httpx.Client) -> None:
    goods = free_goods(picker)
    wrong = [
        (body(goods, status="hold", cause="space"), 409, "Cause space is not for hold"),
        (body(goods, status="hold", cause="no-such"), 404, "There is no cause no-such"),
        (body(goods, status="available", cause="released"), 409, "not one that withholds"),
        (body(goods, status="hold", cause="quality-check", quantity=99999), 409, "not 99999"),
        (body(goods, status="hold", cause="quality-check", place="nowhere"), 422, "nowhere is no bin code"),
    ]
    for sent, status, detail in wrong:
        answer = picker.post(f"{STOCK}/withhold", json=sent)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert detail in answer.json()["detail"]
    moved = {"from_place": goods["place"], "to_bin": goods["place"], "product": goods["product"], "lot": goods["lot"]}
    answer = picker.post(f"{STOCK}/move", json={"client_id": new_id(), **moved, "quantity": 1, "cause": "space"})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:onward:wrong-state")


def test_a_move_and_a_lot_correction_answer_what_they_did(
    picker: httpx.Client, manager: httpx.Client, serving: Serving
) -> None:
    goods = free_goods(picker)
    with serving.database.read() as session:
        bins = live_site(session, "SMALL").bins
    there = {row["place"] for row in picker.get(STOCK, params={"limit": 1000}).json()}
    empty = next(code for code in bins if code not in there)
    move = {
        "client_id": new_id(),
        "from_place": goods["place"],
        "to_bin": empty,
        "product": goods["product"],
        "lot": goods["lot"],
        "quantity": 1,
        "cause": "space",
    }
    moved = picker.post(f"{STOCK}/move", json=move).json()
    assert moved["to_bin"] == empty
    correct = body(goods | {"place": moved["to_bin"]}, to_lot="L-NEW", expires_on="2027-01-31", cause="label-misread")
    corrected = manager.post(f"{STOCK}/correct-lot", json=correct).json()
    assert (corrected["lot"], corrected["quantity"]) == ("L-NEW", 1)
    expiry = {"client_id": new_id(), "product": goods["product"], "lot": "L-NEW", "expires_on": None}
    changed = manager.post(f"{STOCK}/correct-expiry", json={**expiry, "cause": "entered-wrongly"}).json()
    assert (changed["expires_before"], changed["expires_on"]) == ("2027-01-31", None)
    assert manager.get("/api/v1/check").json()["ok"]


def test_a_policy_replaces_the_one_it_was_made_from(picker: httpx.Client, manager: httpx.Client) -> None:
    before = picker.get(f"{STOCK}/policy").json()
    assert before["version"] == 0
    policy = {**before["policy"], "fifo_window_days": 7}
    sent = {"client_id": new_id(), "replaces": 0, "policy": policy}
    assert manager.put(f"{STOCK}/policy", json=sent).json()["version"] == 1
    assert picker.get(f"{STOCK}/policy").json()["policy"]["fifo_window_days"] == 7
    assert manager.put(f"{STOCK}/policy", json={**sent, "client_id": new_id()}).status_code == 409
    wrong = {"client_id": new_id(), "replaces": 1, "policy": {**policy, "fifo_window_days": 0}}
    assert manager.put(f"{STOCK}/policy", json=wrong).status_code == 422


def test_a_manager_lets_damaged_goods_go_and_the_list_tells_it(picker: httpx.Client, manager: httpx.Client) -> None:
    goods = free_goods(picker)
    picker.post(f"{STOCK}/withhold", json=body(goods, status="damaged", cause="damaged-in-handling"))
    out = {"status": "damaged", "way_out": "destroyed", "cause": "damaged-in-handling"}
    assert picker.post(f"{STOCK}/dispose", json={"client_id": new_id(), **out}).status_code == 403
    sent = body(goods, **out, quantity=1)
    answer = manager.post(f"{STOCK}/dispose", json=sent).json()
    assert manager.post(f"{STOCK}/dispose", json=sent).json() == answer
    assert (answer["quantity"], answer["gone"][0]["owner"]) == (1, "house")
    wrong: list[tuple[dict[str, object], int, str]] = [
        ({**out, "quantity": 1}, 422, "need the place and the product"),
        (body(goods, **out, quantity=99999), 409, "not 99999"),
        ({**out, "cause": "space"}, 409, "Cause space is not for dispose"),
        ({**out, "status": "available"}, 409, "not one that withholds"),
    ]
    for unfit, status, detail in wrong:
        refused = manager.post(f"{STOCK}/dispose", json={**unfit, "client_id": new_id()})
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
        assert detail in refused.json()["detail"]
    rest = manager.post(f"{STOCK}/dispose", json={"client_id": new_id(), **out}).json()
    assert rest["quantity"] == goods["quantity"] - 1
    listed = manager.get(f"{STOCK}/disposed").json()
    assert [each["quantity"] for each in listed] == [1, rest["quantity"]]
    assert manager.get("/api/v1/check").json()["ok"]


def test_the_command_lets_goods_go_that_a_manager_has_decided_about(
    stocked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(stocked_home))
    with Database.open(f"sqlite:///{stocked_home / 'onward.db'}") as database:
        with database.read() as session:
            product = str(session.connection().exec_driver_sql("SELECT min(code) FROM product").scalar_one())
        database.run(receive, Receive("SMALL", (Receipt(product, 5, lot="BAD"),), "test"), clock=SystemClock())
        bad = ChangeStatus("SMALL", "dock", product, StockStatus.DAMAGED, "damaged-on-arrival", "test", lot="BAD")
        database.run(record_status, bad, clock=SystemClock())
    named = ["--site", "SMALL", "--status", "damaged", "--way-out", "supplier", "--cause", "damaged-on-arrival"]
    command = ["stock", "dispose", *named, "--place", "dock", "--product", product, "--json"]

    def run(*more: str) -> Result:
        return CliRunner().invoke(app, [*command, *more])

    assert run("--user", "anna").exit_code == 2
    assert run("--user", "demo-manager", "--quantity", "9").exit_code == 2
    told = json.loads(run("--user", "demo-manager", "--quantity", "2").output)
    assert (told["quantity"], told["gone"][0]["lot"], told["way_out"]) == (2, "BAD", "supplier")
    assert json.loads(run("--user", "demo-manager").output)["quantity"] == 3
    assert "0 units are out" in CliRunner().invoke(app, [*command[:-1], "--user", "demo-manager"]).output

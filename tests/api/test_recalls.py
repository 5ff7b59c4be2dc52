"""Lots called back and goods located, through the API and on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.tables import Role
from tests.api.picking import new_id
from warehouse.database import Database


def test_a_manager_calls_a_lot_back_and_everybody_finds_it(signed_in: Callable[[Role], httpx.Client]) -> None:
    manager, picker = signed_in(Role.MANAGER), signed_in(Role.PICKER)
    goods = manager.get("/api/v1/sites/SMALL/stock").json()[0]
    body = {"client_id": new_id(), "product": goods["product"], "lot": goods["lot"], "cause": "recall-supplier"}
    assert picker.post("/api/v1/sites/SMALL/recalls", json=body).status_code == 403
    called = manager.post("/api/v1/sites/SMALL/recalls", json=body).json()
    assert called["quantity_recalled"] == sum(each["quantity"] for each in called["recall"]["here"]) > 0
    assert manager.get(f"/api/v1/recalls/{goods['product']}/{goods['lot']}").json() == called["recall"]
    found = picker.get("/api/v1/stock/where", params={"code": goods["lot"]}).json()
    assert {each["status"] for each in found if each["product"] == goods["product"]} == {"recalled"}
    unknown = picker.get("/api/v1/stock/where", params={"code": "nothing"})
    assert (unknown.status_code, unknown.json()["detail"]) == (404, "There is no product, lot or serial nothing")
    assert manager.get("/api/v1/check").json()["ok"]


def test_the_command_tells_where_goods_are(stocked_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(stocked_home))
    everything = CliRunner().invoke(app, ["stock", "where", "nothing", "--json"])
    assert everything.exit_code == 2
    with Database.open(f"sqlite:///{stocked_home / 'onward.db'}") as database, database.read() as session:
        product = str(session.connection().exec_driver_sql("SELECT min(code) FROM product").scalar_one())
    told = CliRunner().invoke(app, ["stock", "where", product, "--json"])
    answer = json.loads(told.output)
    assert answer["quantity"] == sum(each["quantity"] for each in answer["units"]) > 0
    words = CliRunner().invoke(app, ["stock", "where", product]).output
    assert words.splitlines()[-1] == f"{answer['quantity']} units in {len(answer['units'])} places"

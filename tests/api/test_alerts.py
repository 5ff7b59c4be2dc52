"""Alerts raised, listed and acknowledged through the API and on the command line."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.background import do_what_is_due, look_at_all_bins
from api.cli import app
from api.serving import Serving
from api.tables import Role
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import Climate, Consolidation, StowRules
from inventory.work.climate import TakeReading, take_reading
from inventory.work.consolidation_alerts import LookAtBins, look_at_bins
from inventory.work.excursion_views import excursions
from inventory.work.receiving import Receipt, Receive, receive, site_day
from inventory.work.sites import live_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy, stock_policy_view
from tests.api.picking import new_id
from warehouse.clock import Clock, SystemClock
from warehouse.database import Database

SITE = "/api/v1/sites/SMALL"
PILE = Consolidation(nearly_empty_percent=100, share_percent=1, num_bins_min=1)


def receive_short_lived(database: Database, clock: Clock) -> str:
    """Five units of the first product with six days to go; its code."""
    with database.read() as session:
        code = str(session.connection().exec_driver_sql("SELECT min(code) FROM product").scalar_one())
        day = site_day(live_site(session, "SMALL"), clock)
    receipt = Receipt(code, 5, expires_on=day + timedelta(days=6))
    database.run(receive, Receive("SMALL", (receipt,), "receiver"), clock=clock)
    return code


def warm_up(database: Database, clock: Clock) -> None:
    """Let the zone of all goods be warmer than is right there."""
    policy = StockPolicy(stowing=StowRules(climates={"ambient": Climate(150, 250)}))
    database.run(set_stock_policy, SetStockPolicy("SMALL", policy, 0, "mara"), clock=clock)
    take_reading(database, TakeReading("SMALL", "ambient", 300, "probe"), clock)


def test_a_lots_climate_is_on_its_record_on_the_command_line(
    stocked_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(stocked_home))
    with Database.open(f"sqlite:///{stocked_home / 'onward.db'}") as database:
        warm_up(database, SystemClock())
        take_reading(database, TakeReading("SMALL", "ambient", 320, "probe", 40), SystemClock())
        with database.read() as session:
            (harmed, *_) = excursions(session, "SMALL")[0].lots
    told = json.loads(CliRunner().invoke(app, ["stock", "where", harmed.product, "--json"]).output)
    (seen,) = next(each for each in told["units"] if each["place"] == harmed.place)["excursions"]
    measured = [
        seen[each] for each in ("site", "zone", "coldest_dc", "warmest_dc", "driest_percent", "dampest_percent")
    ]
    assert measured == ["SMALL", "ambient", 300, 320, 40, 40]
    words = CliRunner().invoke(app, ["stock", "where", harmed.product]).output
    assert words.count("on record: ") == 1
    assert "30.0 °C, 25.0 °C at most; measured 30.0 to 32.0 °C, 40 % humidity" in words
    assert "measured 30.0 to 32.0 °C, 40 % humidity" in CliRunner().invoke(app, ["alerts"]).output


def test_an_alert_is_raised_listed_and_acknowledged(
    signed_in: Callable[[Role], httpx.Client], serving: Serving
) -> None:
    manager, picker = signed_in(Role.MANAGER), signed_in(Role.PICKER)
    code = receive_short_lived(serving.database, serving.clock)
    assert picker.post(f"{SITE}/alerts/raise", json={"client_id": new_id()}).status_code == 403
    assert manager.post(f"{SITE}/alerts/raise", json={"client_id": new_id()}).json()["num_raised"] >= 1
    assert manager.post(f"{SITE}/alerts/raise", json={"client_id": new_id()}).json()["num_raised"] == 0
    alert = next(each for each in picker.get(f"{SITE}/alerts").json() if each["product"] == code)
    assert (alert["level_days"], alert["days_left"], alert["quantity"]) == (7, 6, 5)
    path = f"{SITE}/alerts/{alert['alert_id']}/acknowledge"
    assert manager.post(path, json={"client_id": new_id()}).json()["acknowledged_by"]
    again = manager.post(path, json={"client_id": new_id()})
    assert (again.status_code, again.json()["type"]) == (409, "urn:onward:wrong-state")
    assert alert["alert_id"] not in {
        each["alert_id"] for each in picker.get(f"{SITE}/alerts", params={"acknowledged": False}).json()
    }
    buckets = manager.get(f"{SITE}/stock/ageing").json()["by_days_left"]
    assert next(each for each in buckets if each["to_days"] == 7)["quantity"] >= 5
    assert code in {each["product"] for each in manager.get(f"{SITE}/stock/unsold").json()}


def let_pile_up(database: Database, clock: Clock, pile: Consolidation = PILE) -> None:
    """Let so many bins count as nearly empty that they pile up."""
    with database.read() as session:
        version = stock_policy_view(session, "SMALL", clock).latest
    policy = StockPolicy(stowing=StowRules(consolidation=pile))
    database.run(set_stock_policy, SetStockPolicy("SMALL", policy, version, "mara"), clock=clock)


def pile_up(database: Database, clock: Clock, pile: Consolidation = PILE) -> None:
    """Let nearly empty bins pile up, and look."""
    let_pile_up(database, clock, pile)
    look_at_bins(database, LookAtBins("SMALL"), clock)


def test_a_pile_of_nearly_empty_bins_is_seen_by_the_server_told_and_acknowledged(
    signed_in: Callable[[Role], httpx.Client], serving: Serving
) -> None:
    manager, picker = signed_in(Role.MANAGER), signed_in(Role.PICKER)
    path = f"{SITE}/consolidation-alerts"
    look_at_all_bins(serving)
    assert picker.get(path).json() == []
    let_pile_up(serving.database, serving.clock)
    assert picker.get(path).json() == []
    look_at_all_bins(serving)
    (alert,) = picker.get(path, params={"acknowledged": False}).json()
    assert 0 < alert["num_nearly_empty"] <= alert["num_used"]
    acknowledge = f"{path}/{alert['alert_id']}/acknowledge"
    assert picker.post(acknowledge, json={"client_id": new_id()}).status_code == 403
    assert manager.post(acknowledge, json={"client_id": new_id()}).json()["acknowledged_by"]
    assert manager.post(acknowledge, json={"client_id": new_id()}).status_code == 409
    assert picker.get(path, params={"acknowledged": False}).json() == []


def test_a_database_out_of_reach_does_not_end_what_the_server_does_by_itself(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def out_of_reach(*_: object) -> None:
        raise OSError("the server closed the connection")

    monkeypatch.setattr(serving.database, "read", out_of_reach)
    look_at_all_bins(serving)
    do_what_is_due(serving)
    assert "the sites could not be read" in caplog.text
    assert "the server closed the connection" in caplog.text
    assert "the work of the night could not be done" in caplog.text


def test_the_command_raises_and_lists_alerts(stocked_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONWARD_HOME", str(stocked_home))
    with Database.open(f"sqlite:///{stocked_home / 'onward.db'}") as database:
        code = receive_short_lived(database, SystemClock())
        warm_up(database, SystemClock())
        pile_up(database, SystemClock())
    first, second = (json.loads(CliRunner().invoke(app, ["alerts", "--json"]).output) for _ in range(2))
    assert first["raised"] >= 1
    assert second["raised"] == 0
    assert first["alerts"] == second["alerts"]
    assert (code, 7) in {(each["product"], each["level_days"]) for each in first["alerts"]}
    assert [(each["site"], each["what"]) for each in first["excursions"]] == [("SMALL", "30.0 °C, 25.0 °C at most")]
    assert [each["site"] for each in first["consolidation"]] == ["SMALL"]
    words = CliRunner().invoke(app, ["alerts", "--site", "SMALL"]).output
    assert f"5 of {code}" in words
    assert "30.0 °C, 25.0 °C at most" in words
    assert "bins in use are nearly empty" in words
    assert CliRunner().invoke(app, ["alerts", "--site", "NONE"]).exit_code == 2

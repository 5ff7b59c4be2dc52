"""Hanging goods are cared for through the API."""

from collections.abc import Callable

import httpx

from api.serving import Serving
from api.tables import Role
from tests.api.coats import COAT, RAILS, coats_site
from tests.api.counting import do
from tests.api.picking import new_id


def test_everybody_sees_the_record_and_a_step_is_one_persons(
    picker: httpx.Client, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    coats_site(serving, 3)
    record = f"/api/v1/sites/{RAILS}/care"
    (waits,) = manager.get(record, params={"waiting": True, "product": COAT}).json()
    assert (waits["step"], waits["quantity"], waits["because"]) == ("inspection", 3, "received")
    assert picker.get("/api/v1/caring").json()["next"] == {"screen": "idle", "task": None}
    task = do(picker, f"/sites/{RAILS}/care/take")["next"]["task"]
    assert (task["step"], task["ahead"], task["quantity"]) == ("inspection", [], 3)
    assert do(manager, f"/sites/{RAILS}/care/take")["next"]["screen"] == "idle"
    found = {"client_id": new_id(), "code": COAT, "quantity": 1, "finding": "good", "also": ["drying"]}
    refused = manager.post(f"/api/v1/care/{task['task']}/done", json=found)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onward:wrong-state")
    assert do(picker, f"/care/{task['task']}/done", **found)["next"]["screen"] == "care"
    rest = picker.get("/api/v1/caring").json()["next"]["task"]
    assert rest["quantity"] == 2
    assert do(picker, f"/care/{rest['task']}/leave", why="not there")["next"]["screen"] == "idle"
    drying = do(picker, f"/sites/{RAILS}/care/take")["next"]["task"]
    assert do(picker, f"/care/{drying['task']}/hung", code=COAT)["next"]["screen"] == "idle"
    dropped = do(manager, f"/care/{rest['task']}/drop", why="went back to the supplier")
    assert (dropped["state"], dropped["quantity"]) == ("dropped", 2)
    asked = do(manager, f"/sites/{RAILS}/care", place="dock", product=COAT, quantity=1, status="hold", steps=["repair"])
    assert (asked["quantity"], asked["steps"]) == (1, ["repair"])
    states = {each["step"]: each["state"] for each in manager.get(record).json() if each["state"] != "dropped"}
    assert states == {"inspection": "done", "drying": "hanging", "repair": "open"}

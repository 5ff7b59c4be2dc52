"""Forward areas are filled through the API."""

from collections.abc import Callable

import httpx

from api.serving import Serving
from api.tables import Role
from tests.api.counting import books, do
from tests.api.forward_area import FRONT, front_site
from tests.api.picking import new_id


def test_everybody_sees_who_brings_what_and_only_he_ends_it(
    picker: httpx.Client, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    front_site(serving, picker)
    due = f"/api/v1/sites/{FRONT}/replenishment"
    assert [each["taker"] for each in manager.get(due).json()] == [None, None]
    mine = do(picker, f"/sites/{FRONT}/replenishment/take")["next"]["move"]
    other = do(manager, f"/sites/{FRONT}/replenishment/take")["next"]["move"]
    assert mine["product"] != other["product"]
    assert {each["taker"] for each in manager.get(due).json()} == {"anna", "demo-manager"}
    assert picker.get("/api/v1/replenishing").json()["next"]["move"] == mine
    path = f"/replenishments/{mine['replenishment']}"
    scanned = {
        "from_bin": mine["origin"]["bin_code"],
        "code": mine["product"],
        "quantity": mine["quantity"],
        "to_bin": mine["goal"]["bin_code"],
    }
    refused = manager.post(f"/api/v1{path}/confirm", json={"client_id": new_id(), **scanned})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onward:wrong-state")
    assert do(picker, f"{path}/confirm", **scanned)["next"] == {"screen": "idle", "move": None}
    assert books(manager, mine["goal"]["bin_code"], FRONT)[mine["product"]] == 12
    assert do(manager, f"/replenishments/{other['replenishment']}/leave", why="no room")["next"]["screen"] == "idle"
    assert manager.get(due).json() == []

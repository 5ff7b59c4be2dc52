"""An order that comes in while runs are walked joins one, as a manager's program asks for it."""

from collections.abc import Callable

import httpx

from api.tables import Role
from tests.api.picking import follow, new_id, take, walk_to_the_end

SITE = "/api/v1/sites/SMALL"


def place(manager: httpx.Client, order: dict[str, object]) -> None:
    assert manager.post(f"{SITE}/orders", json={"client_id": new_id(), "orders": [order]}).status_code == 200


def test_an_order_joins_the_run_under_way_and_is_picked_on_it(signed_in: Callable[..., httpx.Client]) -> None:
    picker, manager = signed_in(Role.PICKER), signed_in(Role.MANAGER)
    lines = [{"product": f"P{number:05}", "quantity": 1} for number in range(1, 6)]
    place(manager, {"number": "FIRST", "lines": lines, "priority": 9})
    manager.post(f"{SITE}/release", json={"client_id": new_id(), "budget_ms": 20})
    screen = take(picker)
    last = manager.get(f"/api/v1/runs/{screen['run']}").json()["steps"][-1]
    place(manager, {"number": "LATE-1", "lines": [{"product": last["product"], "quantity": 1}]})
    body = {"client_id": new_id(), "extra_mm_per_line": 50_000}
    joined = manager.post(f"{SITE}/orders/LATE-1/join", json=body)
    assert joined.status_code == 200
    assert joined.json()["run_id"] == screen["run"], joined.text
    assert manager.post(f"{SITE}/orders/LATE-1/join", json=body).json() == joined.json()
    again = follow(picker.get("/api/v1/picking"))
    assert again["step"]["step"] == screen["step"]["step"]
    assert again["progress"]["steps"] == screen["progress"]["steps"] + 1
    walk_to_the_end(picker, again)
    assert manager.get(f"{SITE}/orders/LATE-1").json()["state"] == "picked"
    assert manager.get("/api/v1/check").json()["ok"] is True


def test_a_release_may_let_orders_join_first(signed_in: Callable[..., httpx.Client]) -> None:
    manager = signed_in(Role.MANAGER)
    place(manager, {"number": "LATE-2", "lines": [{"product": "P00001", "quantity": 1}]})
    body = {"client_id": new_id(), "join": True, "pickers": 3, "budget_ms": 20}
    answer = manager.post(f"{SITE}/release", json=body)
    assert answer.status_code == 200
    assert {each["order"] for each in answer.json()["joined"]} <= {"LATE-2"}
    assert set(answer.json()["traffic"]) == {"meetings_avoided", "meetings_left", "extra_mm", "delay_s", "wait_s"}
    assert manager.get(f"{SITE}/orders/LATE-2").json()["state"] == "released"


def test_a_picker_may_not_let_orders_join(picker: httpx.Client) -> None:
    assert picker.post(f"{SITE}/orders/X/join", json={"client_id": new_id()}).status_code == 403

from collections.abc import Callable

import httpx

from api.serving import Serving
from api.tables import Role
from tests.api.picking import follow, new_id, pick_body, step_path, take, walk_to_the_end
from tests.inventory.picked_run import HoldRuns, hold_runs
from warehouse.clock import FixedClock


def check(client: httpx.Client) -> dict[str, object]:
    answer: dict[str, object] = client.get("/api/v1/check").json()
    return answer


def test_a_run_is_picked_to_its_end_and_the_books_agree(signed_in: Callable[..., httpx.Client]) -> None:
    picker, manager = signed_in(Role.PICKER), signed_in(Role.MANAGER)
    before = check(manager)
    screen = take(picker)
    steps = screen["progress"]["steps"]
    done = walk_to_the_end(picker, screen)
    assert done["screen"] == "done"
    assert done["summary"]["backtrack_mm"] == 0
    assert done["summary"]["distance_mm"] == screen["progress"]["distance_mm"]
    assert done["end"] == "packing"
    after = check(manager)
    assert after["ok"] is True
    assert int(str(after["movements"])) == int(str(before["movements"])) + steps


def test_a_picker_who_signs_in_again_goes_on_where_he_was(signed_in: Callable[..., httpx.Client]) -> None:
    screen = take(signed_in(Role.PICKER))
    again = follow(signed_in(Role.PICKER).get("/api/v1/picking"))
    assert again == screen
    assert take(signed_in(Role.PICKER)) == screen


def test_two_pickers_never_get_the_same_run(signed_in: Callable[..., httpx.Client]) -> None:
    assert take(signed_in(Role.PICKER))["run"] != take(signed_in(Role.PICKER, 1))["run"]


def test_a_run_that_begins_later_is_announced_and_taken_when_its_time_has_come(
    serving: Serving, clock: FixedClock, signed_in: Callable[..., httpx.Client]
) -> None:
    picker = signed_in(Role.PICKER)
    serving.run(hold_runs, HoldRuns(clock.now_ms() + 45_000))
    told = take(picker)
    assert (told["screen"], told["begins_in_ms"]) == ("idle", 45_000)
    assert told["runs_ready"] > 0
    clock.advance(44_000)
    assert follow(picker.get("/api/v1/picking", params={"site": "SMALL"}))["begins_in_ms"] == 1000
    clock.advance(1000)
    assert follow(picker.get("/api/v1/picking", params={"site": "SMALL"}))["begins_in_ms"] is None
    runs = signed_in(Role.MANAGER).get("/api/v1/sites/SMALL/runs").json()
    assert {run["not_before_ms"] for run in runs} == {clock.now_ms()}
    assert take(picker)["screen"] == "step"


def test_a_confirmation_sent_twice_counts_once(picker: httpx.Client) -> None:
    screen = take(picker)
    body = pick_body(screen)
    first = picker.post(f"{step_path(screen)}/pick", json=body)
    second = picker.post(f"{step_path(screen)}/pick", json=body)
    assert first.json() == second.json()
    assert follow(second)["progress"]["steps_done"] == 1
    other = picker.post(f"{step_path(screen)}/pick", json=body | {"quantity": body["quantity"] + 1})
    assert other.json()["type"] == "urn:onward:already-answered"


def test_wrong_scans_change_nothing_and_name_what_to_scan(
    picker: httpx.Client, signed_in: Callable[..., httpx.Client]
) -> None:
    """But the bin where other goods were scanned is counted soon."""
    screen = take(picker)
    step = screen["step"]
    wrong = picker.post(f"{step_path(screen)}/bin", json={"code": step["then"]})
    assert wrong.status_code == 409
    assert wrong.json()["detail"] == f"Wrong bin: scan {step['bin_code']}"
    misread = picker.post(f"{step_path(screen)}/bin", json={"code": step["bin_code"][:-1] + "?"})
    assert misread.json()["type"] == "urn:onward:bin-code-invalid"
    code = "P00001" if step["product"]["code"] != "P00001" else "P00002"
    product = picker.post(f"{step_path(screen)}/pick", json=pick_body(screen) | {"code": code})
    assert product.json()["type"] == "urn:onward:scan-mismatch"
    assert product.json()["kind"] == "product"
    assert follow(picker.get("/api/v1/picking")) == screen
    (due,) = signed_in(Role.MANAGER).get("/api/v1/sites/SMALL/counts").json()
    assert (due["bin_code"], due["trigger"], due["state"]) == (step["bin_code"], "exception", "due")


def test_a_step_of_somebody_elses_run_is_refused(signed_in: Callable[..., httpx.Client]) -> None:
    screen = take(signed_in(Role.PICKER))
    other = signed_in(Role.PICKER, 1)
    assert other.post(f"{step_path(screen)}/pick", json=pick_body(screen)).status_code == 409


def test_what_an_empty_bin_lacks_is_looked_for_elsewhere_and_the_run_still_ends(
    signed_in: Callable[..., httpx.Client],
) -> None:
    picker, manager = signed_in(Role.PICKER), signed_in(Role.MANAGER)
    screen = take(picker)
    body = {"client_id": new_id(), "bin_code": screen["step"]["bin_code"], "quantity": 0}
    first = picker.post(f"{step_path(screen)}/short", json=body)
    again = picker.post(f"{step_path(screen)}/short", json=body)
    assert follow(first) == follow(again)
    assert follow(first)["progress"]["steps_done"] == 1
    assert walk_to_the_end(picker, follow(again))["screen"] == "done"
    assert check(manager)["ok"] is True
    picks = "/api/v1/sites/SMALL/short-picks"
    (missed,) = manager.get(picks).json()
    assert (missed["bin_code"], missed["named_by"]) == (screen["step"]["bin_code"], None)
    named = {"client_id": new_id(), "cause": "label", "note": "two labels on the carton"}
    path = f"{picks}/{missed['short_pick']}/cause"
    assert picker.post(path, json=named).status_code == 403
    assert manager.post(path, json=named).json()["cause"] == "label"
    assert manager.post(path, json=named | {"client_id": new_id(), "cause": "gremlins"}).status_code == 422
    assert manager.post(f"{picks}/0/cause", json=named | {"client_id": new_id()}).status_code == 404
    (cause,) = manager.get("/api/v1/sites/SMALL/count-causes").json()
    assert (cause["cause"], cause["short_picks"]) == ("label", 1)


def test_a_damaged_rest_is_noted_beside_what_was_taken(signed_in: Callable[..., httpx.Client]) -> None:
    picker, manager = signed_in(Role.PICKER), signed_in(Role.MANAGER)
    screen = take(picker)
    while screen["step"]["quantity"] < 2:
        screen = follow(picker.post(f"{step_path(screen)}/pick", json=pick_body(screen)))
    body = pick_body(screen, quantity=1) | {"reason": "damaged"}
    follow(picker.post(f"{step_path(screen)}/short", json=body))
    step = screen["step"]
    found = manager.get("/api/v1/stock/where", params={"code": step["product"]["code"]}).json()
    damaged = [(each["place"], each["quantity"]) for each in found if each["status"] == "damaged"]
    assert damaged == [(step["bin_code"], step["quantity"] - 1)]
    assert check(manager)["ok"] is True


def test_a_run_shows_its_route_and_its_map(picker: httpx.Client) -> None:
    screen = take(picker)
    follow(picker.post(f"{step_path(screen)}/pick", json=pick_body(screen)))
    facts = picker.get(f"/api/v1/runs/{screen['run']}").json()
    assert facts["route"]["format"] == "onward.route"
    assert facts["run"]["num_steps_done"] == 1
    assert len(facts["steps"]) == facts["run"]["num_steps"]
    drawing = picker.get(f"/api/v1/runs/{screen['run']}/map.svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in drawing.headers["content-security-policy"]
    assert drawing.text.startswith("<svg")


def test_orders_are_placed_released_picked_and_seen(signed_in: Callable[..., httpx.Client]) -> None:
    manager, picker = signed_in(Role.MANAGER), signed_in(Role.PICKER)
    order = {"number": "N-1", "lines": [{"product": "P00001", "quantity": 2}], "priority": 9}
    placed = manager.post("/api/v1/sites/SMALL/orders", json={"client_id": new_id(), "orders": [order]})
    assert placed.json() == {"num_new": 1, "num_unchanged": 0}
    released = manager.post("/api/v1/sites/SMALL/release", json={"client_id": new_id(), "orders": ["N-1"]})
    assert released.status_code == 200, released.text
    run = released.json()["runs"][0]["run_id"]
    screen = take(picker)
    assert screen["run"] == run
    walk_to_the_end(picker, screen)
    seen = manager.get("/api/v1/sites/SMALL/orders/N-1").json()
    assert (seen["state"], seen["lines"][0]["quantity_picked"]) == ("picked", 2)
    refused = manager.post("/api/v1/sites/SMALL/orders/N-1/cancel", json={"client_id": new_id()})
    assert refused.status_code == 409
    listed = manager.get("/api/v1/sites/SMALL/orders", params={"state": "picked"}).json()
    assert "N-1" in [each["number"] for each in listed]


def test_a_release_says_how_its_runs_are_walked_and_is_refused_where_that_cannot_be(
    signed_in: Callable[..., httpx.Client],
) -> None:
    manager = signed_in(Role.MANAGER)
    order = {"number": "N-2", "lines": [{"product": "P00001", "quantity": 1}]}
    manager.post("/api/v1/sites/SMALL/orders", json={"client_id": new_id(), "orders": [order]})

    def released(**settings: object) -> httpx.Response:
        body = {"client_id": new_id(), "orders": ["N-2"], **settings}
        return manager.post("/api/v1/sites/SMALL/release", json=body)

    untimed = released(measure="duration")
    assert (untimed.status_code, untimed.json()["type"]) == (409, "urn:onward:policy-unplanned")
    assert untimed.json()["why"] == "the site file gives no times"
    assert released(u_turns_max=-1).status_code == 422
    assert released(split="perhaps").status_code == 422
    settings = {"policy": "shortest", "u_turns_max": 4, "step_in_mm": 500, "iterations": 30, "split": "never"}
    run = released(**settings).json()["runs"][0]["run_id"]
    told = manager.get(f"/api/v1/runs/{run}").json()["route"]["certificate"]
    assert {name: told[name] for name in ("policy", "u_turns_max", "step_in_mm", "measure")} == {
        "policy": "shortest",
        "u_turns_max": 4,
        "step_in_mm": 500,
        "measure": "distance",
    }


def test_products_are_saved_found_and_their_stock_is_seen(signed_in: Callable[..., httpx.Client]) -> None:
    manager = signed_in(Role.MANAGER)
    body = {"name": "Blue cup", "length_mm": 90, "width_mm": 80, "height_mm": 100, "weight_g": 300, "fragile": True}
    saved = manager.put("/api/v1/products/CUP-1", json=body | {"client_id": new_id(), "barcodes": ["4006381333931"]})
    assert saved.status_code == 200, saved.text
    assert saved.json()["fragile"] is True
    assert manager.get("/api/v1/products/4006381333931").json() == saved.json()
    found = manager.get("/api/v1/products", params={"contains": "blue CUP"}).json()
    assert [each["code"] for each in found] == ["CUP-1"]
    stock = manager.get("/api/v1/sites/SMALL/stock", params={"product": "P00001"}).json()
    assert sum(each["quantity"] for each in stock) == 60
    wrong = manager.put("/api/v1/products/CUP-2", json=body | {"client_id": new_id(), "weight_g": 0})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "weight_g"


def test_a_blocked_way_is_gone_round_and_lifted_by_a_manager(signed_in: Callable[..., httpx.Client]) -> None:
    picker, manager = signed_in(Role.PICKER), signed_in(Role.MANAGER)
    screen = take(picker)
    body = {"client_id": new_id()}
    first = picker.post(f"{step_path(screen)}/blocked", json=body)
    again = picker.post(f"{step_path(screen)}/blocked", json=body)
    assert follow(first) == follow(again)
    (block,) = manager.get("/api/v1/sites/SMALL/blocks").json()
    assert block["bin_code"] == screen["step"]["bin_code"]
    lift = f"/api/v1/sites/SMALL/blocks/{block['block_id']}/lift"
    body = {"client_id": new_id()}
    assert manager.post(lift, json=body).json() == manager.post(lift, json=body).json()
    assert manager.get("/api/v1/sites/SMALL/blocks").json() == []
    refused = manager.post(lift, json={"client_id": new_id()})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:onward:wrong-state")
    assert walk_to_the_end(picker, follow(again))["screen"] == "done"
    assert check(manager)["ok"] is True


def test_a_run_is_explained_to_planners_in_the_same_words_each_time(signed_in: Callable[..., httpx.Client]) -> None:
    run = take(signed_in(Role.PICKER))["run"]
    planner = signed_in(Role.PLANNER)
    answer = planner.get(f"/api/v1/runs/{run}/explanation")
    assert answer.json() == planner.get(f"/api/v1/runs/{run}/explanation").json()
    assert answer.json()["run"] == run
    assert answer.json()["sentences"][0].startswith("By no_backtrack, ")
    missing = planner.get("/api/v1/runs/999999/explanation")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:onward:not-found")
    assert signed_in(Role.PICKER).get(f"/api/v1/runs/{run}/explanation").status_code == 403

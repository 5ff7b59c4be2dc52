from collections.abc import Callable

import httpx
import pytest

from api.serving import Serving
from api.tables import Role
from inventory.work.checking import check
from tests.api.counting import books, count_bin, do, full_bin
from tests.api.picking import new_id

SignedIn = Callable[..., httpx.Client]


@pytest.fixture
def manager(signed_in: SignedIn) -> httpx.Client:
    return signed_in(Role.MANAGER)


def test_a_difference_is_counted_twice_approved_with_its_cause_and_charted(
    signed_in: SignedIn, manager: httpx.Client, serving: Serving
) -> None:
    anna, bruno = signed_in(Role.PICKER), signed_in(Role.PICKER, 1)
    code = full_bin(manager)
    there = books(manager, code)
    product = min(there)
    seen = there.copy()
    seen[product] -= 4
    facts = manager.get(f"/api/v1/products/{product}").json()
    facts = {name: facts[name] for name in ("name", "length_mm", "width_mm", "height_mm", "weight_g")}
    body = {"client_id": new_id(), **facts, "value_cents": 250}
    assert manager.put(f"/api/v1/products/{product}", json=body).status_code == 200
    assert do(manager, "/sites/SMALL/counts", bins=[code])["added"] == {"request": 1}
    assert anna.get("/api/v1/counting", params={"site": "SMALL"}).json()["next"]["counts_due"] == 1
    assert count_bin(anna, seen)["screen"] == "idle"
    assert do(anna, "/sites/SMALL/counts/take")["next"]["count"] is None
    assert count_bin(bruno, seen)["screen"] == "idle"
    (found,) = manager.get("/api/v1/sites/SMALL/differences", params={"state": "open"}).json()
    assert (found["bin_code"], found["difference"], found["value_cents"]) == (code, -4, 1000)
    searched = anna.get(f"/api/v1/differences/{found['difference_id']}/search").json()
    assert searched
    assert all(each["why"] for each in searched)
    approved = do(manager, f"/differences/{found['difference_id']}/approve", cause="theft", note="camera")
    assert (approved["quantity_adjusted"], approved["cause"]) == (-4, "theft")
    assert books(manager, code) == +seen
    (cause,) = manager.get("/api/v1/sites/SMALL/count-causes").json()
    assert cause == {
        "cause": "theft",
        "differences": 1,
        "short_picks": 0,
        "units_missing": 4,
        "units_surplus": 0,
        "value_cents": 1000,
    }
    with serving.database.read() as session:
        assert check(session).ok


def test_no_answer_to_a_counter_tells_what_the_books_say(signed_in: SignedIn, manager: httpx.Client) -> None:
    anna = signed_in(Role.PICKER)
    code = full_bin(manager)
    do(manager, "/sites/SMALL/counts", bins=[code])
    count = do(anna, "/sites/SMALL/counts/take")["next"]["count"]
    opened = do(anna, f"/counts/{count['count']}/bin", code=code)["next"]["count"]
    assert (opened["begun"], opened["lines"]) == (True, [])
    product = min(books(manager, code))
    noted = do(anna, f"/counts/{count['count']}/goods", code=product, quantity=77)["next"]["count"]["lines"]
    assert [(each["product"], each["quantity"]) for each in noted] == [(product, 77)]
    assert set(noted[0]) == {"product", "name", "lot", "quantity", "serials"}
    left = do(anna, f"/counts/{count['count']}/leave")["next"]
    assert (left["screen"], left["counts_due"]) == ("idle", 1)


def test_goods_nobody_knows_and_a_wrong_bin(signed_in: SignedIn, manager: httpx.Client) -> None:
    anna = signed_in(Role.PICKER)
    code = full_bin(manager)
    do(manager, "/sites/SMALL/counts", bins=[code])
    count = do(anna, "/sites/SMALL/counts/take")["next"]["count"]["count"]
    stock = manager.get("/api/v1/sites/SMALL/stock").json()
    other = next(each["place"] for each in stock if each["kind"] == "bin" and each["place"] != code)
    wrong = anna.post(f"/api/v1/counts/{count}/bin", json={"client_id": new_id(), "code": other})
    assert (wrong.status_code, wrong.json()["expected"]) == (409, code)
    do(anna, f"/counts/{count}/bin", code=code)
    goods = {"client_id": new_id(), "code": "4099999999990", "quantity": 2}
    assert anna.post(f"/api/v1/counts/{count}/goods", json=goods).status_code == 404
    do(anna, f"/counts/{count}/unknown", code="4099999999990", quantity=2)
    do(anna, f"/counts/{count}/close")
    (found,) = manager.get("/api/v1/sites/SMALL/unknown-goods").json()
    assert (found["scanned"], found["quantity"], found["counter"]) == ("4099999999990", 2, "anna")


def test_rules_are_kept_with_their_author_and_must_make_sense(manager: httpx.Client) -> None:
    first = manager.get("/api/v1/sites/SMALL/count-policy").json()
    assert first["author"] is None
    do(manager, "/sites/SMALL/count-policy", policy=first["policy"] | {"low_units": 5})
    now = manager.get("/api/v1/sites/SMALL/count-policy").json()
    assert (now["policy"]["low_units"], now["author"]) == (5, "demo-manager")
    bad = {"client_id": new_id(), "policy": first["policy"] | {"visits_max": 1}}
    refused = manager.post("/api/v1/sites/SMALL/count-policy", json=bad)
    assert refused.status_code == 422
    planned = do(manager, "/sites/SMALL/counts/plan")
    assert planned["num_due"] == sum(planned["added"].values())


def test_a_rejected_difference_is_counted_anew(signed_in: SignedIn, manager: httpx.Client) -> None:
    code = full_bin(manager)
    seen = books(manager, code)
    seen[min(seen)] += 30
    do(manager, "/sites/SMALL/counts", bins=[code])
    for number in range(2):
        count_bin(signed_in(Role.PICKER, number), seen)
    (found,) = manager.get("/api/v1/sites/SMALL/differences").json()
    refused = manager.post(
        f"/api/v1/differences/{found['difference_id']}/approve", json={"client_id": new_id(), "cause": "receiving"}
    )
    assert (refused.status_code, refused.json()["state"]) == (409, "for the admin to approve")
    do(manager, f"/differences/{found['difference_id']}/reject", note="look again")
    (due,) = manager.get("/api/v1/sites/SMALL/counts", params={"state": "due"}).json()
    assert due["bin_code"] == code


def test_a_sample_is_drawn_counted_and_told_with_its_sentence(signed_in: SignedIn, manager: httpx.Client) -> None:
    fixed = do(manager, "/sites/SMALL/samples", target="0.5", days=1)
    drawn = do(manager, "/sites/SMALL/samples/draw")
    assert (drawn["num_records"], drawn["days"]) == (fixed["checks"], 1)
    told = manager.get("/api/v1/sites/SMALL/accuracy").json()["sample"]
    assert (told["waiting"], told["proof"]["checked"]) == (fixed["checks"], 0)
    for target in ("0", "1", "ninety"):
        bad = {"client_id": new_id(), "target": target, "days": 1}
        assert manager.post("/api/v1/sites/SMALL/samples", json=bad).status_code == 422
    anna = signed_in(Role.PICKER)
    while (count := do(anna, "/sites/SMALL/counts/take")["next"]["count"]) is not None:
        do(anna, f"/counts/{count['count']}/bin", code=count["bin_code"])
        for product, quantity in books(manager, count["bin_code"]).items():
            do(anna, f"/counts/{count['count']}/goods", code=product, quantity=quantity)
        do(anna, f"/counts/{count['count']}/close")
    told = manager.get("/api/v1/sites/SMALL/accuracy").json()["sample"]
    assert (told["waiting"], told["proof"]["errors"]) == (0, 0)
    assert told["sentence"].endswith("50 % is proven.")

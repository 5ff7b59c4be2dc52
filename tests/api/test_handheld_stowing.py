"""Putting goods away on the handheld page, in a real Chromium."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.rules.stow_rules import RULES
from inventory.work.checking import check
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.receiving import Receipt, Receive, receive
from tests.api import test_handheld
from tests.api.counting import books
from tests.api.picking import new_id
from tests.api.ruled_site import REFUSED, RULED, ruled_site
from tests.api.test_handheld import come_in, fit_every_button, heard, scan

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


@pytest.fixture
def manager(signed_in: Callable[..., httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def products(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/products").json()
    return found


def came(serving: Serving, **units: int) -> None:
    receipts = tuple(Receipt(code, quantity, lot="NEW") for code, quantity in units.items())
    serving.run(receive, Receive("SMALL", receipts, "test"))


def go_to_stowing(page: Page) -> None:
    come_in(page)
    page.locator("#menu [data-screen=stow]").click()
    expect(page.locator("#stow")).to_be_visible()


def at_hand(page: Page) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate("fetch('/api/v1/stowing').then((reply) => reply.json())")["next"]
    return answer


def assert_everything_can_be_tapped(page: Page) -> None:
    for width, height in ((360, 640), (320, 533)):
        fit_every_button(page, width, height)
        assert page.locator("button:visible").count() >= 3
    page.set_viewport_size({"width": 360, "height": 640})


def test_a_cart_is_put_away_bin_by_bin_as_directed(page: Page, manager: httpx.Client, serving: Serving) -> None:
    first, second = (each for each in products(manager)[:2])
    came(serving, **{first["code"]: 7, second["code"]: 5})
    barcode = {each["code"]: each["barcodes"][0] for each in (first, second)}
    go_to_stowing(page)
    assert_everything_can_be_tapped(page)
    page.locator("#stow-take").click()
    expect(page.locator("#band-text")).to_contain_text("stops: go")
    step = at_hand(page)["step"]
    expect(page.locator("#stow-code")).to_have_text(step["bin_code"].replace("-", ""))
    assert_everything_can_be_tapped(page)
    scan(page, barcode[step["product"]])
    expect(page.locator("#band-text")).to_contain_text(f"Wrong bin: scan {step['bin_code']}")
    assert heard(page)["kind"] == "wrong"
    scan(page, step["bin_code"])
    expect(page.locator("#stow-box.done")).to_be_visible()
    other = second if step["product"] == first["code"] else first
    scan(page, barcode[other["code"]])
    expect(page.locator("#band-text")).to_contain_text("Wrong product")
    page.reload()
    expect(page.locator("#stow-code")).to_have_text(step["bin_code"].replace("-", ""))
    page.locator("#stow-leave").click()
    expect(page.locator("#band-text")).to_have_text("Left: bring it back")
    brought = left = step["quantity"]
    while (screen := at_hand(page))["screen"] == "stow":
        step = screen["step"]
        before = books(manager, step["bin_code"])[step["product"]]
        if "done" not in (page.locator("#stow-box").get_attribute("class") or ""):
            scan(page, step["bin_code"])
            expect(page.locator("#stow-box.done")).to_be_visible()
        scan(page, barcode[step["product"]])
        last = screen["steps_done"] + 1 == screen["steps"]
        words = "Cart is empty" if last else f"Put away {step['quantity']}"
        expect(page.locator("#band-text")).to_have_text(words)
        assert books(manager, step["bin_code"])[step["product"]] == before + step["quantity"]
        brought += step["quantity"]
    assert brought == 12
    page.locator("#stow-take").click()
    expect(page.locator("#stow-code")).not_to_be_empty()
    assert sum(books(manager, "dock").values()) >= left
    with serving.database.read() as session:
        assert check(session).ok


def test_a_bin_of_ones_own_choice_is_allowed_or_refused_in_one_line(
    page: Page, manager: httpx.Client, serving: Serving
) -> None:
    goods = products(manager)[0]
    came(serving, **{goods["code"]: 4})
    taken = next(
        row
        for row in manager.get("/api/v1/sites/SMALL/stock", params={"limit": 1000}).json()
        if row["kind"] == "bin" and row["product"] == goods["code"]
    )
    (free,) = manager.get(
        "/api/v1/sites/SMALL/bins/proposed", params={"product": goods["code"], "lot": "NEW", "quantity": 3, "limit": 1}
    ).json()
    go_to_stowing(page)
    scan(page, goods["barcodes"][0])
    expect(page.locator("#stow-quantity")).to_have_text("1")
    scan(page, goods["barcodes"][0])
    expect(page.locator("#stow-quantity")).to_have_text("2")
    page.locator("#stow-units").click()
    page.locator("#ask-answer").fill("3")
    page.locator("#ask button.primary").click()
    expect(page.locator("#stow-quantity")).to_have_text("3")
    assert_everything_can_be_tapped(page)
    scan(page, taken["place"])
    expect(page.locator("#band-text")).to_have_text("another lot of this product lies here")
    assert heard(page)["kind"] == "wrong"
    assert free["quantity"] == 3
    scan(page, free["bin_code"])
    expect(page.locator("#band-text")).to_have_text("Put away 3")
    assert books(manager, free["bin_code"])[goods["code"]] == 3
    expect(page.locator("#stow-direction")).to_contain_text(free["bin_code"])
    page.locator("#stow-home").click()
    expect(page.locator("#take")).to_be_visible()
    fill = manager.get("/api/v1/sites/SMALL/bins/fill").json()
    assert fill["total"]["num_used"] >= 1
    assert fill["total"]["volume_used_mm3"] == sum(zone["volume_used_mm3"] for zone in fill["zones"])


def test_whose_goods_they_are_is_asked_where_two_owners_have_a_lot_of_one_code(
    page: Page, manager: httpx.Client, serving: Serving
) -> None:
    goods = products(manager)[0]
    came(serving, **{goods["code"]: 4})
    serving.run(save_owner, SaveOwner("acme", "Acme"))
    serving.run(receive, Receive("SMALL", (Receipt(goods["code"], 3, lot="NEW", owner="acme"),), "test"))
    asked: dict[str, str | int] = {"product": goods["code"], "lot": "NEW", "limit": 1}
    (free,) = manager.get("/api/v1/sites/SMALL/bins/proposed", params=asked).json()
    go_to_stowing(page)
    scan(page, goods["code"])
    expect(page.locator("#stow-quantity")).to_have_text("1")
    scan(page, free["bin_code"])
    page.get_by_role("button", name="acme").click()
    expect(page.locator("#band-text")).to_have_text("Put away 1")
    lying = manager.get("/api/v1/sites/SMALL/stock", params={"place": free["bin_code"]}).json()
    assert [each["quantity"] for each in lying if each["owner"] == "acme"] == [1]


@pytest.mark.slow
def test_every_stowing_rule_refuses_with_its_sentence_which_the_smallest_screen_shows_whole(
    page: Page, serving: Serving
) -> None:
    bins = ruled_site(serving)
    page.set_viewport_size({"width": 320, "height": 533})
    page.evaluate(f"localStorage.setItem('onward.site', '{RULED}')")
    go_to_stowing(page)
    band = page.locator("#band-text")
    for each in REFUSED:
        scan(page, each.product)
        expect(page.locator("#stow-what")).to_have_text(each.product)
        if each.units > 1:
            page.locator("#stow-units").click()
            page.locator("#ask-answer").fill(str(each.units))
            page.locator("#ask button.primary").click()
            expect(page.locator("#stow-quantity")).to_have_text(str(each.units))
        before = page.evaluate("window.heard.length")
        scan(page, bins[each.goal])
        expect(band).to_have_text(each.why)
        assert page.evaluate("window.heard.length") == before + 1
        assert heard(page)["kind"] == "wrong"
        assert page.evaluate(
            "() => { const inner = document.querySelector('#band-text').getBoundingClientRect();"
            " const outer = document.querySelector('#band').getBoundingClientRect();"
            " return inner.top >= outer.top && inner.bottom <= outer.bottom && inner.right <= innerWidth }"
        ), each.why
    assert [each.name for each in RULES if each.name not in {refused.rule for refused in REFUSED}] == []
    with serving.database.read() as session:
        assert check(session).ok


def test_a_retried_call_puts_goods_away_once(manager: httpx.Client, serving: Serving) -> None:
    goods = products(manager)[0]
    came(serving, **{goods["code"]: 4})
    ask = {"product": goods["code"], "lot": "NEW"}
    bins = manager.get("/api/v1/sites/SMALL/bins/proposed", params=ask).json()
    body = {"client_id": new_id(), "bin_code": bins[0]["bin_code"], "code": goods["code"], "quantity": 4}
    first, again = (manager.post("/api/v1/sites/SMALL/stow", json=body) for _ in range(2))
    assert first.status_code == 200, first.text
    assert first.json() == again.json()
    assert books(manager, body["bin_code"])[goods["code"]] == 4

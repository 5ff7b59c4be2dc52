"""Counting on the handheld page, in a real Chromium."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.tables import Role
from tests.api import test_handheld
from tests.api.counting import books, do, full_bin
from tests.api.test_handheld import asked, come_in, heard, scan

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


@pytest.fixture
def manager(signed_in: Callable[..., httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def barcode(client: httpx.Client, product: str) -> str:
    return str(client.get(f"/api/v1/products/{product}").json()["barcodes"][0])


def go_to_count(page: Page, code: str) -> None:
    come_in(page)
    page.locator("#count-take").click()
    expect(page.locator("#count-code")).to_have_text(code.replace("-", ""))
    expect(page.locator("#band-text")).to_have_text("Go and count")


def test_goods_moved_meanwhile_are_counted_again_and_a_wrong_bin_and_unknown_goods_are_told(
    page: Page, manager: httpx.Client
) -> None:
    code = full_bin(manager)
    there = books(manager, code)
    product = min(there)
    do(manager, "/sites/SMALL/counts", bins=[code])
    go_to_count(page, code)
    stock = manager.get("/api/v1/sites/SMALL/stock").json()
    scan(page, next(each["place"] for each in stock if each["kind"] == "bin" and each["place"] != code))
    expect(page.locator("#band-text")).to_have_text(f"Wrong bin: scan {code}")
    assert heard(page)["kind"] == "wrong"
    scan(page, code)
    expect(page.locator("#count-box.done")).to_be_visible()
    scan(page, "4099999999990")
    page.locator("#unknown-ok").click()
    expect(page.locator("#band-text")).to_contain_text("take it to the manager")
    scan(page, barcode(manager, product))
    expect(page.locator("#count-units")).to_have_text("1")
    do(
        manager,
        "/sites/SMALL/stock/withhold",
        place=code,
        product=product,
        status="hold",
        cause="quality-check",
        quantity=1,
    )
    page.locator("#count-close").click()
    expect(page.locator("#band-text")).to_contain_text("Goods moved: count")
    expect(page.locator("#count-units")).to_have_text("0")
    page.reload()
    expect(page.locator("#count-box.done")).to_be_visible()
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('button')].filter((button) => button.offsetParent)"
        ".map((button) => button.getBoundingClientRect()).map(({width, height, bottom}) =>"
        " width >= 48 && height >= 48 && bottom <= innerHeight)"
    )
    assert len(sizes) >= 4
    assert all(sizes)
    page.locator("#count-leave").click()
    expect(page.locator("#count-take")).to_have_text("Count a bin")
    (unknown,) = manager.get("/api/v1/sites/SMALL/unknown-goods").json() or [None]
    assert unknown is None  # what was noted on a visit that was left is forgotten


def test_bins_on_the_way_of_a_run_are_counted_before_the_step_behind_them(page: Page, manager: httpx.Client) -> None:
    do(manager, "/sites/SMALL/counts")
    come_in(page)
    page.locator("#take").click()
    page.wait_for_function(
        "() => fetch('/api/v1/picking').then((reply) => reply.json()).then(({next}) => next.screen === 'step')"
    )
    counted = 0
    while (count := asked(page)["count"]) is not None:
        expect(page.locator("#count")).to_be_visible()
        seen = page.evaluate("fetch('/api/v1/counting').then((reply) => reply.json())")["next"]["count"]
        assert seen["count"] == count
        scan(page, seen["bin_code"])
        expect(page.locator("#count-box.done")).to_be_visible()
        # What is in a picker's hand may be missing: where the next step picks, only what the books say is taken.
        for product, quantity in books(manager, seen["bin_code"]).items():
            scan(page, barcode(manager, product))
            expect(page.locator("#count-units")).to_have_text("1")
            page.locator("#units-open").click()
            page.locator("#units-number").fill(str(quantity))
            page.locator("#units button.primary").click()
            expect(page.locator("#band-text")).to_have_text(f"{quantity} noted")
        page.locator("#count-close").click()
        expect(page.locator("#band-text")).to_have_text("Counted")
        counted += 1
    expect(page.locator("#step")).to_be_visible()
    assert counted <= 3
    waiting = manager.get("/api/v1/sites/SMALL/counts", params={"limit": 1000}).json()
    assert len([each for each in waiting if each["counters"] or each["state"] == "counting"]) == 3

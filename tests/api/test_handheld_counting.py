"""Counting on the handheld page, in a real Chromium."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.work.checking import check
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.receiving import Receipt, Receive, receive
from tests.api import test_handheld
from tests.api.counting import books, do, full_bin
from tests.api.picking import new_id
from tests.api.test_handheld import asked, come_in, heard, scan

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


@pytest.fixture
def manager(signed_in: Callable[..., httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def barcodes(client: httpx.Client, product: str) -> list[str]:
    found: list[str] = client.get(f"/api/v1/products/{product}").json()["barcodes"]
    return found


def barcode(client: httpx.Client, product: str) -> str:
    return barcodes(client, product)[0]


def go_to_count(page: Page, code: str) -> None:
    come_in(page)
    page.locator("#count-take").click()
    expect(page.locator("#count-code")).to_have_text(code.replace("-", ""))
    expect(page.locator("#band-text")).to_have_text("Go and count")


def test_goods_moved_meanwhile_are_counted_again_and_a_wrong_bin_and_unknown_goods_are_told(
    page: Page, manager: httpx.Client, serving: Serving
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
    twin = min(each["code"] for each in manager.get("/api/v1/products").json() if each["code"] not in there)
    serving.run(save_owner, SaveOwner("acme", "Acme"))
    twins = (Receipt(twin, 1, lot="TWIN"), Receipt(twin, 1, lot="TWIN", owner="acme"))
    serving.run(receive, Receive("SMALL", twins, "test"))
    scan(page, f"(01){barcode(manager, twin).zfill(14)}(10)TWIN")
    expect(page.locator("#count-units")).to_have_text("1")
    scan(page, barcode(manager, product))
    page.get_by_role("button", name="acme").click()  # two have a lot of this code, and none of it should be here
    expect(page.locator("#count-lines")).to_contain_text("Noted: 1")
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


def test_units_with_serials_are_scanned_each_and_an_unknown_and_a_missing_one_differ(
    page: Page, manager: httpx.Client, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    code = full_bin(manager)
    there = books(manager, code)
    product = min(there, key=lambda each: (there[each], each))
    serials: list[str] = []
    number = next(each for each in barcodes(manager, product) if each.isdigit()).zfill(14)
    with serving.database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE product SET serialised = true WHERE code = ?", (product,))
    for place in manager.get("/api/v1/sites/SMALL/stock", params={"product": product, "limit": 1000}).json():
        named = [f"{place['place'][:-2]}_{unit}" for unit in range(place["quantity"])]
        facts = {"place": place["place"], "lot": place["lot"], "product": product}
        do(manager, "/sites/SMALL/stock/serials", **facts, serials=named)
        serials = named if place["place"] == code else serials
    do(manager, "/sites/SMALL/counts", bins=[code])
    go_to_count(page, code)
    scan(page, code)
    expect(page.locator("#count-box.done")).to_be_visible()
    scan(page, barcode(manager, product))
    expect(page.locator("#band-text")).to_have_text("Now the serial of each unit")
    expect(page.locator("#units-open")).to_be_disabled()
    seen = [*serials[1:], "SN-99"]
    for unit, serial in enumerate(seen, start=1):
        scan(page, f"]d201{number}21{serial}" if unit % 2 else serial)
        expect(page.locator("#count-units")).to_have_text(str(unit))
    scan(page, seen[0])
    expect(page.locator("#band-text")).to_have_text(f"{seen[0]} is counted already")
    others = {each: units for each, units in there.items() if each != product}
    for each, units in others.items():
        scan(page, barcode(manager, each))
        expect(page.locator("#count-units")).to_have_text("1")
        page.locator("#units-open").click()
        page.locator("#units-number").fill(str(units))
        page.locator("#units button.primary").click()
        expect(page.locator("#count-lines")).to_contain_text(str(units))
    page.locator("#count-close").click()
    expect(page.locator("#band-text")).to_have_text("Nothing more to count")
    second = signed_in(Role.PICKER, 1)
    path = f"/counts/{do(second, '/sites/SMALL/counts/take')['next']['count']['count']}"
    do(second, f"{path}/bin", code=code)
    refused = second.post(f"/api/v1{path}/goods", json={"client_id": new_id(), "code": product, "quantity": 1})
    assert refused.json()["type"] == "urn:onward:serials-needed"
    screen = do(second, f"{path}/goods", code=product, quantity=len(seen), serials=seen)["next"]
    assert screen["count"]["lines"][0]["serials"] == sorted(seen)
    for each, units in others.items():
        do(second, f"{path}/goods", code=each, quantity=units)
    do(second, f"{path}/close")
    found = {each["serial"]: each for each in manager.get("/api/v1/sites/SMALL/differences").json()}
    assert {serial: each["difference"] for serial, each in found.items()} == {serials[0]: -1, "SN-99": 1}
    for each in found.values():
        do(manager, f"/differences/{each['difference_id']}/approve", cause="theft")
    (stolen,) = manager.get(f"/api/v1/serials/{serials[0]}").json()
    assert (stolen["state"], stolen["lost_from"]) == ("lost", code)
    with serving.database.read() as session:
        assert check(session).ok

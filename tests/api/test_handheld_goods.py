"""What lies where, and what becomes of it, on the handheld page, in a real Chromium."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.work.checking import check
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.recalling import CallBack, call_back
from inventory.work.receiving import Receipt, Receive, receive
from tests.api import test_handheld
from tests.api.server import demo_user
from tests.api.test_handheld import come_in, heard, scan
from tests.api.test_handheld_receiving import key_in, look_at

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


def came(serving: Serving, code: str) -> None:
    """Five units of a product at the dock, and three of a merchant's, of a lot of the same code."""
    serving.run(save_owner, SaveOwner("acme", "Acme"))
    receipts = (Receipt(code, 5, lot="NEW"), Receipt(code, 3, lot="NEW", owner="acme"))
    serving.run(receive, Receive("SMALL", receipts, "test"))


def lying(client: httpx.Client, product: str) -> set[tuple[str, str, str, int]]:
    found = client.get("/api/v1/stock/where", params={"code": product}).json()
    return {(each["place"], each["status"], each["owner"], each["quantity"]) for each in found if each["lot"] == "NEW"}


def free_bin(client: httpx.Client, product: str) -> str:
    asked: dict[str, str | int] = {"product": product, "lot": "NEW", "limit": 1}
    (best,) = client.get("/api/v1/sites/SMALL/bins/proposed", params=asked).json()
    return str(best["bin_code"])


def tap(page: Page, *names: str) -> None:
    """Answer questions, one after the other."""
    for name in names:
        page.locator("#choose").get_by_role("button", name=name).click()


def go_to_goods(page: Page, role: Role) -> None:
    come_in(page, demo_user(role))
    page.locator("#menu [data-screen=goods]").click()
    expect(page.locator("#band-text")).to_have_text("Scan a bin, tote or goods")


def choose_line(page: Page, text: str) -> None:
    page.locator("#goods-list button", has_text=text).click()
    expect(page.locator("#goods-line")).to_be_visible()


def test_goods_are_found_moved_set_aside_freed_and_let_go(
    page: Page, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    goods: dict[str, Any] = manager.get("/api/v1/products").json()[0]
    came(serving, goods["code"])
    free = free_bin(manager, goods["code"])
    band = page.locator("#band-text")
    go_to_goods(page, Role.MANAGER)
    scan(page, "dock")
    expect(page.locator("#goods-place")).to_have_text("dock")
    with page.expect_response("**/stock/where*"):  # a tap on the list that was there before would not count
        scan(page, goods["barcodes"][0])
    expect(page.locator("#goods-list button")).to_have_count(2)  # two owners have a lot of this code
    look_at(page, "goods-lines")
    choose_line(page, "acme")
    look_at(page, "goods-line")
    page.locator("#goods-units").click()
    key_in(page, "2")
    page.locator("#goods-status").click()
    look_at(page, "goods-status")
    tap(page, "Hold", "Quality check")
    expect(band).to_have_text("2 on hold")
    page.reload()
    choose_line(page, "on hold")
    page.locator("#goods-move").click()
    tap(page, "Space needed")
    expect(band).to_have_text("Put 2 in, scan the bin")
    look_at(page, "goods-move")
    taken = next(
        row["place"]
        for row in manager.get("/api/v1/sites/SMALL/stock", params={"product": goods["code"]}).json()
        if row["kind"] == "bin"
    )
    scan(page, taken)
    expect(band).to_have_text("another lot of this product lies here")
    assert heard(page)["kind"] == "wrong"
    scan(page, free)
    expect(band).to_have_text("Moved 2")
    assert lying(manager, goods["code"]) == {
        ("dock", "available", "house", 5),
        ("dock", "available", "acme", 1),
        (free, "hold", "acme", 2),
    }
    scan(page, free)
    expect(page.locator("#goods-place")).to_have_text(free)
    choose_line(page, "acme")
    page.locator("#goods-status").click()
    tap(page, "Free: for sale again", "Checked and found good")
    expect(band).to_have_text("Free: 2")
    scan(page, goods["barcodes"][0])  # the one line of it here
    expect(page.locator("#goods-quantity")).to_have_text("2")
    page.locator("#goods-status").click()
    tap(page, "Damaged", "Damaged in handling")
    expect(band).to_have_text("2 damaged")
    choose_line(page, "damaged")
    look_at(page, "goods-damaged")
    page.locator("#goods-units").click()
    key_in(page, "1")
    page.locator("#goods-dispose").click()
    look_at(page, "goods-way-out")
    tap(page, "Destroyed")
    look_at(page, "goods-cause")
    tap(page, "Damaged in handling")
    expect(band).to_have_text("Gone: 1")
    assert (free, "damaged", "acme", 1) in lying(manager, goods["code"])
    scan(page, "no such thing")
    expect(band).to_have_text("Nobody knows no such thing")
    page.locator("#goods-home").click()
    expect(page.locator("#take")).to_be_visible()
    with serving.database.read() as session:
        assert check(session).ok


def test_a_picker_finds_a_unit_by_its_serial_and_only_a_manager_lets_it_go(
    page: Page, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    code = manager.get("/api/v1/products").json()[0]["code"]
    with serving.database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE product SET serialised = true WHERE code = ?", (code,))
    receipt = Receipt(code, 3, lot="NEW", serials=("SN-1", "SN-2", "SN-3"))
    serving.run(receive, Receive("SMALL", (receipt,), "test"))
    band = page.locator("#band-text")
    go_to_goods(page, Role.PICKER)
    scan(page, "SN-2")
    expect(page.locator("#goods-facts")).to_contain_text("serial SN-2")
    expect(page.locator("#goods-where")).to_have_text("dock")
    page.locator("#goods-home").click()
    page.locator("#menu [data-screen=goods]").click()
    scan(page, "dock")
    choose_line(page, "lot NEW")
    page.locator("#goods-status").click()
    tap(page, "Damaged", "Damaged on arrival")
    expect(band).to_have_text("3 damaged")
    choose_line(page, "damaged")
    expect(page.locator("#goods-move")).to_be_visible()
    expect(page.locator("#goods-dispose")).to_be_hidden()
    page.locator("#leave").click()
    go_to_goods(page, Role.MANAGER)
    scan(page, "dock")
    choose_line(page, "damaged")
    page.locator("#goods-units").click()
    key_in(page, "2")
    page.locator("#goods-dispose").click()
    tap(page, "Back to the supplier", "Damaged on arrival")
    expect(band).to_contain_text("Scan the serial of each unit")
    expect(page.locator("#goods-units")).to_be_disabled()
    for serial, words in (("SN-1", "1 of 2"), ("SN-1", "Scanned before: scan another"), ("SN-3", "Gone: 2")):
        scan(page, serial)
        expect(band).to_have_text(words)
    assert lying(manager, code) == {("dock", "damaged", "house", 1)}
    with serving.database.read() as session:
        assert check(session).ok


def called_back(client: httpx.Client, serving: Serving) -> str:
    """The lot that came is called back; its product."""
    code = str(client.get("/api/v1/products").json()[0]["code"])
    came(serving, code)
    called = CallBack("SMALL", code, "NEW", "recall-supplier", "mara", "letter of 4 December")
    call_back(serving.database, called, serving.clock)
    return code


def test_a_picker_sees_that_a_lot_is_called_back(
    page: Page, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    called_back(signed_in(Role.MANAGER), serving)
    go_to_goods(page, Role.PICKER)
    scan(page, "dock")
    choose_line(page, "acme")
    expect(page.locator("#goods-note")).to_have_text("Called back: nobody gets it")
    expect(page.locator("#goods-status")).to_be_hidden()
    expect(page.locator("#goods-move")).to_be_visible()


def test_a_manager_reads_why_a_lot_is_called_back_and_lifts_the_recall(
    page: Page, signed_in: Callable[..., httpx.Client], serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    code = called_back(manager, serving)
    go_to_goods(page, Role.MANAGER)
    scan(page, "dock")
    choose_line(page, "acme")
    look_at(page, "goods-recalled")
    page.locator("#goods-status").click()
    expect(page.locator("#choose-question")).to_have_text("Lot NEW is called back")
    expect(page.locator("#choose-hint")).to_have_text(
        "Recall by the supplier · letter of 4 December · by mara · 8 units withheld at all sites"
    )
    look_at(page, "goods-lift")
    tap(page, "Lift it: hold", "Quality check")
    expect(page.locator("#band-text")).to_have_text("Recall lifted: 8")
    assert lying(manager, code) == {("dock", "hold", "house", 5), ("dock", "hold", "acme", 3)}
    with serving.database.read() as session:
        assert check(session).ok

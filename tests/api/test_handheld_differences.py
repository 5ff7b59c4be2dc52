"""A blind count, its recount by another person and the approval, all on the handheld page, in a real Chromium."""

import re
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.work.checking import check
from tests.api import test_handheld
from tests.api.counting import books, count_bin, do, full_bin
from tests.api.server import demo_user
from tests.api.test_handheld import come_in, heard, opened, scan
from tests.api.test_handheld_receiving import look_at

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


Signed = Callable[..., httpx.Client]


def key_in_units(page: Page, quantity: int) -> None:
    page.locator("#units-open").click()
    page.locator("#units-number").fill(str(quantity))
    page.locator("#units button.primary").click()
    expect(page.locator("#band-text")).to_have_text(f"{quantity} noted")


def count_on_the_page(page: Page, code: str, seen: Counter[str], manager: httpx.Client) -> str:
    """Take the count that waits, and key in what is seen of each product; all that the page showed before its end."""
    page.locator("#count-take").click()
    expect(page.locator("#count-code")).to_have_text(code.replace("-", ""))
    expect(page.locator("#band-text")).to_have_text("Go and count")
    expect(page.locator("#count-close")).to_be_hidden()
    scan(page, code)
    expect(page.locator("#count-box.done")).to_be_visible()
    for product, quantity in sorted(seen.items()):
        barcode = manager.get(f"/api/v1/products/{product}").json()["barcodes"][0]
        for units in ("1", "2"):
            scan(page, barcode)
            expect(page.locator("#count-units")).to_have_text(units)
        key_in_units(page, quantity)
    shown = page.locator("#count").inner_text()
    page.locator("#count-close").click()
    expect(page.locator("#band-text")).to_have_text("Nothing more to count")
    return shown.replace(code, "")


def three_missing(manager: httpx.Client) -> tuple[str, str, Counter[str]]:
    """Have a bin counted: its code, the product of which three are missing there, and what a counter sees."""
    code = full_bin(manager)
    seen = books(manager, code)
    product = min(seen)
    seen[product] -= 3
    do(manager, "/sites/SMALL/counts", bins=[code])
    return code, product, seen


def assert_bins_to_look_in_are_shown(office: Page, manager: httpx.Client) -> None:
    (found,) = manager.get("/api/v1/sites/SMALL/differences", params={"state": "open"}).json()
    bins = manager.get(f"/api/v1/differences/{found['difference_id']}/search").json()
    office.locator("#differ-other").click()
    look_at(office, "difference-other")
    office.get_by_role("button", name="Where could it be?").click()
    expect(office.locator("#band-text")).to_have_text("Look here, in this order")
    shown = office.locator("#differ-bins b").all_inner_texts()
    assert shown == [f"{number} · {each['bin_code']}" for number, each in enumerate(bins, 1)]
    look_at(office, "difference-search")
    office.locator("#differ-home").click()


def test_one_person_counts_blind_another_counts_again_and_a_manager_approves(
    page: Page, browser: Browser, url: str, signed_in: Signed, serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    code, product, seen = three_missing(manager)
    there = books(manager, code)[product]
    come_in(page)
    shown = count_on_the_page(page, code, seen, manager)
    assert str(there) not in re.findall(r"\d+", shown)
    (count,) = manager.get("/api/v1/sites/SMALL/counts").json()
    assert count["state"] == "recount"
    expect(page.locator("#count-take")).to_be_hidden()  # who counted first is not asked again
    with opened(browser, url) as other:
        come_in(other, demo_user(Role.PICKER, 1))
        count_on_the_page(other, code, seen, manager)
    with opened(browser, url) as office:
        come_in(office, demo_user(Role.MANAGER))
        office.locator("#menu [data-screen=differ]").click()
        expect(office.locator("#differ-bin")).to_have_text(code)
        expect(office.locator("#differ-counted")).to_have_text(str(there - 3))
        expect(office.locator("#differ-books")).to_have_text(str(there))
        expect(office.locator("#differ-worth")).to_contain_text("-3 · ")
        look_at(office, "difference")
        assert_bins_to_look_in_are_shown(office, manager)
        office.reload()
        office.locator("#differ-approve").click()
        look_at(office, "difference-cause")
        office.get_by_role("button", name="Theft").click()
        expect(office.locator("#band-text")).to_have_text("Books corrected: -3")
        expect(office.locator("#differ-shown")).to_be_hidden()
    (decided,) = manager.get("/api/v1/sites/SMALL/differences").json()
    assert (decided["state"], decided["cause"], decided["counted"]) == ("approved", "theft", there - 3)
    assert books(manager, code) == seen
    with serving.database.read() as session:
        assert check(session).ok


def test_a_difference_that_is_not_believed_is_counted_anew(page: Page, signed_in: Signed) -> None:
    manager = signed_in(Role.MANAGER)
    code, product, seen = three_missing(manager)
    there = books(manager, code)[product]
    for number in (0, 1):
        count_bin(signed_in(Role.PICKER, number), seen)
    come_in(page, demo_user(Role.MANAGER))
    page.locator("#menu [data-screen=differ]").click()
    scan(page, code)
    expect(page.locator("#band-text")).to_have_text("Nothing to scan here")
    assert heard(page)["kind"] == "wrong"
    page.locator("#differ-other").click()
    page.get_by_role("button", name="Not so: count it anew").click()
    expect(page.locator("#band-text")).to_have_text("To be counted anew")
    (count,) = manager.get("/api/v1/sites/SMALL/counts").json()
    assert count["state"] == "due"
    assert books(manager, code)[product] == there
    page.locator("#differ-home").click()
    expect(page.locator("#take")).to_be_visible()

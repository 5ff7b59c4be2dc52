"""Filling a forward area on the handheld page, in a real Chromium."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from inventory.work.checking import check
from tests.api import test_handheld
from tests.api.counting import books
from tests.api.forward_area import FRONT, front_site
from tests.api.test_handheld import come_in, fit_every_button, heard, scan

pytestmark = [pytest.mark.browser, pytest.mark.slow]

browser, page = test_handheld.browser, test_handheld.page


def fit(page: Page) -> None:
    for width, height in ((360, 640), (320, 533)):
        fit_every_button(page, width, height)


def test_goods_are_brought_forward_bin_by_bin(page: Page, picker: httpx.Client, serving: Serving) -> None:
    barcodes = {each["code"]: each["barcodes"][0] for each in front_site(serving, picker)}
    page.evaluate(f"localStorage.setItem('onward.site', '{FRONT}')")
    come_in(page)
    page.locator("#menu [data-screen=replenish]").click()
    fit(page)
    band = page.locator("#band-text")
    page.locator("#replenish-take").click()
    expect(band).to_have_text("Go")
    move = picker.get("/api/v1/replenishing").json()["next"]["move"]
    origin, goal = move["origin"]["bin_code"], move["goal"]["bin_code"]
    other = next(code for product, code in barcodes.items() if product != move["product"])
    fit(page)
    expect(page.locator("#replenish-code")).to_have_text(origin.replace("-", ""))
    scan(page, goal)
    expect(band).to_have_text(f"Wrong bin: scan {origin}")
    assert heard(page)["kind"] == "wrong"
    scan(page, origin)
    expect(page.locator("#replenish-box.done")).to_be_visible()
    scan(page, other)
    expect(band).to_contain_text("Wrong product")
    scan(page, barcodes[move["product"]])
    expect(page.locator("#replenish-code")).to_have_text(goal.replace("-", ""))
    page.locator("#replenish-units").click()
    page.locator("#ask-answer").fill("7")
    page.locator("#ask button.primary").click()
    expect(page.locator("#replenish-quantity")).to_have_text("7")
    fit(page)
    scan(page, origin)
    expect(band).to_have_text(f"Wrong bin: scan {goal}")
    scan(page, goal)
    expect(band).to_have_text("Brought 7")
    assert books(picker, goal, FRONT)[move["product"]] == 7
    page.locator("#replenish-take").click()
    expect(page.locator("#replenish-leave")).to_have_text("Not there")
    page.reload()
    page.locator("#replenish-leave").click()
    expect(band).to_have_text("Left: not there")
    page.locator("#replenish-home").click()
    expect(page.locator("#take")).to_be_visible()
    with serving.database.read() as session:
        assert check(session).ok

"""Care of hanging goods on the handheld page, in a real Chromium."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from inventory.work.checking import check
from tests.api import test_handheld
from tests.api.coats import COAT, RAILS, coats_site
from tests.api.test_handheld import come_in, fit_every_button, heard, scan

pytestmark = [pytest.mark.browser, pytest.mark.slow]

browser, page = test_handheld.browser, test_handheld.page


def fit(page: Page) -> None:
    for width, height in ((360, 640), (320, 533)):
        fit_every_button(page, width, height)


def test_coats_are_inspected_repaired_and_dried(page: Page, picker: httpx.Client, serving: Serving) -> None:
    coats_site(serving, 3)
    page.evaluate(f"localStorage.setItem('onward.site', '{RAILS}')")
    come_in(page)
    page.locator("#menu [data-screen=care]").click()
    fit(page)
    band = page.locator("#band-text")
    page.locator("#care-take").click()
    expect(page.locator("#care-step")).to_have_text("Inspect")
    fit(page)
    page.locator("#care-good").click()
    expect(band).to_have_text("Scan the goods first")
    other = next(each for each in picker.get("/api/v1/products").json() if each["code"] != COAT)
    scan(page, other["barcodes"][0])
    expect(band).to_contain_text("Wrong product")
    assert heard(page)["kind"] == "wrong"
    scan(page, f"EAN-{COAT}")
    page.locator("#care-units").click()
    page.locator("#ask-answer").fill("1")
    page.locator("#ask button.primary").click()
    page.locator("#care-other").click()
    page.locator("#choose-choices button[value=drying]").click()
    expect(band).to_have_text("Dry: 1")
    page.reload()
    expect(page.locator("#care-quantity")).to_have_text("2")
    scan(page, f"EAN-{COAT}")
    page.locator("#care-good").click()
    expect(band).to_have_text("Good: 2")
    page.locator("#care-take").click()
    expect(page.locator("#care-good")).to_have_text("Hung up")
    scan(page, COAT)
    page.locator("#care-good").click()
    expect(band).to_have_text("Hung up: look again later")
    page.locator("#care-take").click()
    expect(band).to_have_text("Nothing is to be cared for")
    record = picker.get(f"/api/v1/sites/{RAILS}/care").json()
    assert [(each["step"], each["state"], each["quantity"]) for each in record] == [
        ("inspection", "done", 1),
        ("inspection", "done", 2),
        ("drying", "hanging", 1),
    ]
    with serving.database.read() as session:
        assert check(session).ok

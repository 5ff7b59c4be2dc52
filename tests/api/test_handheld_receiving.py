"""Receiving on the handheld page, in a real Chromium."""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlmodel import col

from api.serving import Serving
from api.tables import Role
from inventory.rules.damage import WrapCosts
from inventory.rules.stock_policy import StockPolicy
from inventory.tables.inbound import ReceivedRow, WrappingSaidRow
from inventory.work.checking import check
from inventory.work.damage import LearnDamage, learn_damage
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.api import test_handheld
from tests.api.counting import do
from tests.api.picking import new_id
from tests.api.test_handheld import ANNA, come_in, fit_every_button, heard, scan, send_keys
from warehouse.scans import GS

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page

GTIN = "04006381333931"
SYMBOL = f"]d201{GTIN}172712311045A{GS}21S1"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg=="
)
SIZE = {"length_mm": 100, "width_mm": 80, "height_mm": 60, "weight_g": 400}


@pytest.fixture
def manager(signed_in: Callable[..., httpx.Client]) -> httpx.Client:
    return signed_in(Role.MANAGER)


def put(client: httpx.Client, path: str, **body: object) -> None:
    answer = client.put(f"/api/v1{path}", json={"client_id": new_id(), **body})
    assert answer.status_code == 200, answer.text


def announce_truck(manager: httpx.Client) -> None:
    """A truck of vaccine, whose lots, expiries and serials are in its symbols, and of mugs."""
    put(manager, "/suppliers/ACME", name="Acme Pharma")
    put(manager, "/products/VACCINE", name="Vaccine, 10 doses", barcodes=[GTIN.lstrip("0")], **SIZE)
    put(manager, "/products/MUG", name="Mug, blue", barcodes=["5012345678900"], **SIZE)
    lines = [
        {"product": "VACCINE", "quantity": 3, "lot": "45A", "expires_on": "2027-12-31"},
        {"product": "MUG", "quantity": 24},
    ]
    do(manager, "/sites/SMALL/deliveries", number="ASN-1", supplier="ACME", lines=lines)


def key_in(page: Page, text: str) -> None:
    page.locator("#ask-answer").fill(text)
    page.locator("#ask button.primary").click()


def look_at(page: Page, name: str) -> None:
    """Keep a picture of the screen, at the two sizes that matter, for whoever asks for it."""
    folder = os.environ.get("ONWARD_SCREENSHOTS")
    for width, height in ((320, 533), (360, 640)):
        fit_every_button(page, width, height)
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def take_photo(page: Page) -> None:
    """Choose to take a photo, and take it."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Take its photo").click()
    chooser.value.set_files({"name": "v.png", "mimeType": "image/png", "buffer": PNG})


def measure_and_photograph(page: Page) -> None:
    """Measure what was scanned last, with a slip that is doubted and confirmed, and take its photo."""
    page.locator("#receive-other").click()
    page.get_by_role("button", name="Measure it").click()
    for figure in ("100", "80", "60", "900"):
        key_in(page, figure)
    expect(page.locator("#choose-hint")).to_have_text("weight 900 g, before 400 g")
    look_at(page, "doubt")
    page.get_by_role("button", name="Yes, it is right").click()
    expect(page.locator("#band-text")).to_have_text("Measured")
    expect(page.locator("#receive-note")).to_have_text("Take its photo")
    page.locator("#receive-other").click()
    take_photo(page)
    expect(page.locator("#band-text")).to_have_text("Photo kept")
    expect(page.locator("#receive-note")).to_have_text("")


def test_a_datamatrix_with_lot_expiry_and_serial_is_received_and_the_truck_is_closed(
    page: Page, manager: httpx.Client, serving: Serving
) -> None:
    announce_truck(manager)
    come_in(page)
    look_at(page, "menu")
    page.get_by_role("button", name="Receive").click()
    expect(page.locator("#band-text")).to_have_text("No truck: scan its notice")
    scan(page, "ASN-1")
    expect(page.locator("#band-text")).to_have_text("ASN-1 is at the gate")
    look_at(page, "trucks")
    page.get_by_role("button", name="Acme Pharma").click()
    expect(page.locator("#band-text")).to_have_text("Unload ASN-1")
    scan(page, SYMBOL)
    expect(page.locator("#receive-name")).to_have_text("Vaccine, 10 doses")
    expect(page.locator("#receive-lot")).to_have_text("lot 45A · expires 2027-12-31 · serial S1")
    expect(page.locator("#receive-left")).to_have_text("2")
    expect(page.locator("#receive-note")).to_have_text("New here: measure it")
    look_at(page, "serial")
    measure_and_photograph(page)
    for keys in (SYMBOL.replace(GS, "|"), ["F8" if each == GS else each for each in SYMBOL]):
        scan(page, GTIN.lstrip("0")[:-1])
        expect(page.locator("#ask")).to_be_visible()
        expect(page.locator("#ask-question")).to_have_text("Nobody knows it. How many?")
        page.keyboard.press("Escape")
        expect(page.locator("#ask")).to_be_hidden()
        told = page.evaluate("window.heard.length")
        send_keys(page, [*keys, "Enter"])
        page.wait_for_function("(told) => window.heard.length > told", arg=told)
        expect(page.locator("#band-text")).to_have_text("Serial S1 came in before")
        assert heard(page)["kind"] == "wrong"
    scan(page, "5012345678900")
    expect(page.locator("#receive-name")).to_have_text("Mug, blue")
    page.locator("#receive-units-open").click()
    key_in(page, "24")
    expect(page.locator("#receive-units")).to_have_text("24")
    scan(page, "5012345678900")
    expect(page.locator("#choose-question")).to_have_text("More than announced: 0 left")
    look_at(page, "over")
    page.get_by_role("button", name="Take it and hold it").click()
    expect(page.locator("#receive-note")).to_have_text("Set aside: on hold")
    scan(page, f"(01){GTIN}(10)46B")
    expect(page.locator("#ask-question")).to_have_text("Expires on")
    key_in(page, "271130")
    expect(page.locator("#receive-lot")).to_have_text("lot 46B · expires 2027-11-30")
    scan(page, "4099999999990")
    key_in(page, "2")
    key_in(page, "blue box")
    take_photo(page)
    expect(page.locator("#band-text")).to_have_text("Noted: set it aside for the manager")
    page.reload()
    expect(page.locator("#receive-truck")).to_have_text("Acme Pharma · 27 of 27 units")
    page.locator("#receive-close").click()
    expect(page.locator("#choose-question")).to_have_text("Still missing: 1. Why?")
    page.get_by_role("button", name="Not on the truck").click()
    expect(page.locator("#band-text")).to_have_text("Truck closed")
    page.locator("#receive-leave").click()
    expect(page.locator("#take")).to_be_visible()
    product = manager.get("/api/v1/products/VACCINE").json()
    assert product["weight_g"] == 900
    photo = manager.get(product["picture"])
    assert photo.headers["content-type"] == "image/jpeg"
    told = manager.get("/api/v1/sites/SMALL/deliveries/ASN-1").json()
    assert told["delivery"]["state"] == "closed"
    assert [(each["received"], each["closed_short"]) for each in told["lines"]] == [(2, "not-loaded"), (25, None)]
    (unknown,) = manager.get("/api/v1/sites/SMALL/unknown-arrivals").json()
    assert (unknown["code"], unknown["quantity"], unknown["description"]) == ("4099999999990", 2, "blue box")
    assert manager.get(f"/api/v1/photos/{unknown['photo']}").headers["content-type"] == "image/jpeg"
    with serving.database.read() as session:
        assert check(session).ok


def test_goods_that_were_never_measured_are_measured_before_they_come_in_where_the_site_wants_it(
    page: Page, manager: httpx.Client, serving: Serving
) -> None:
    serving.run(set_stock_policy, SetStockPolicy("SMALL", StockPolicy(measure_first=True), 0, "mara"))
    announce_truck(manager)
    for step in ("arrive", "dock"):
        do(manager, f"/sites/SMALL/deliveries/ASN-1/{step}")
    come_in(page)
    page.get_by_role("button", name="Receive").click()
    page.get_by_role("button", name="Acme Pharma").click()
    scan(page, "5012345678900")
    expect(page.locator("#choose-question")).to_have_text("Measure it first")
    expect(page.locator("#choose-hint")).to_have_text("Mug, blue")
    look_at(page, "measure-first")
    page.keyboard.press("Escape")
    expect(page.locator("#band-text")).to_have_text("Not taken")
    expect(page.locator("#receive-truck")).to_have_text("Acme Pharma · 0 of 27 units")
    scan(page, "5012345678900")
    page.get_by_role("button", name="Measure it").click()
    for figure in ("100", "80", "60", "400"):
        key_in(page, figure)
    expect(page.locator("#receive-name")).to_have_text("Mug, blue")
    expect(page.locator("#receive-note")).to_have_text("Take its photo")
    expect(page.locator("#receive-truck")).to_have_text("Acme Pharma · 1 of 27 units")
    scan(page, "5012345678900")
    expect(page.locator("#receive-units")).to_have_text("2")


def test_what_to_wrap_is_told_beside_what_to_measure_and_may_be_left_unwrapped(
    page: Page, manager: httpx.Client, serving: Serving
) -> None:
    policy = StockPolicy(wrapping=WrapCosts(wrap_cents={"": 0}))
    serving.run(set_stock_policy, SetStockPolicy("SMALL", policy, 0, "mara"))
    put(manager, "/suppliers/ACME", name="Acme Pharma")
    put(manager, "/products/MUG", name="Mug, blue", barcodes=["5012345678900"], **SIZE)
    lines = [{"product": "MUG", "quantity": 24}]
    do(manager, "/sites/SMALL/deliveries", number="ASN-1", supplier="ACME", lines=lines)
    for step in ("arrive", "dock"):
        do(manager, f"/sites/SMALL/deliveries/ASN-1/{step}")
    come_in(page)
    page.get_by_role("button", name="Receive").click()
    page.get_by_role("button", name="Acme Pharma").click()
    scan(page, "5012345678900")
    expect(page.locator("#receive-note")).to_have_text("New here: measure it")
    expect(page.locator("#receive-wrap")).to_contain_text("Wrap: ")
    look_at(page, "wrap")
    page.locator("#receive-other").click()
    look_at(page, "other")
    page.get_by_role("button", name="Not wrapped").click()
    expect(page.locator("#band-text")).to_have_text("1 noted: not wrapped")
    expect(page.locator("#receive-wrap")).to_have_text("Not wrapped")
    page.locator("#receive-units-open").click()
    key_in(page, "24")
    expect(page.locator("#receive-units")).to_have_text("24")
    with serving.database.read() as session:
        received = session.execute(select(col(ReceivedRow.quantity), col(ReceivedRow.wrapped)))
        assert [tuple(each) for each in received] == [(1, True), (23, False)]
        said = session.execute(select(col(WrappingSaidRow.wrapped), col(WrappingSaidRow.user)))
        assert [tuple(each) for each in said] == [(False, ANNA.name)]
    page.locator("#receive-other").click()
    page.get_by_role("button", name="Wrapped after all").click()
    expect(page.locator("#band-text")).to_have_text("24 noted: wrapped")
    expect(page.locator("#receive-wrap")).to_contain_text("Wrap: ")
    look_at(page, "wrapped-after-all")
    assert serving.run(learn_damage, LearnDamage()).wrapped_units == 24

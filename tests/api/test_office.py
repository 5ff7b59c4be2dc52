"""The page of those who answer for the goods, and the page of a supplier, in a real Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.rules.storage_policy import Consolidation
from tests.api import test_handheld
from tests.api.counting import books, count_bin, do, full_bin
from tests.api.picking import follow, new_id, step_path, take
from tests.api.server import demo_user
from tests.api.test_alerts import pile_up, receive_short_lived, warm_up
from tests.api.test_deliveries import announced
from tests.api.test_handheld import WAIT_MS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

browser = test_handheld.browser

Signed = Callable[..., httpx.Client]
SIZES = ((320, 533), (360, 640), (1280, 800))


@pytest.fixture
def office(browser: Browser, url: str) -> Iterator[Page]:
    """A browser on a desk."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=url)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


def look_at(page: Page, name: str) -> None:
    """See that nothing is wider than the page, at every size; keep pictures for whoever asks for them."""
    folder = os.environ.get("ONWARD_SCREENSHOTS")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def three_missing(signed_in: Signed) -> str:
    """A bin in which two people count three units of a product too few."""
    manager = signed_in(Role.MANAGER)
    code = full_bin(manager)
    seen = books(manager, code)
    seen[min(seen)] -= 3
    do(manager, "/sites/SMALL/counts", bins=[code])
    for number in (0, 1):
        count_bin(signed_in(Role.PICKER, number), seen)
    return code


def test_a_manager_sees_what_is_proven_and_decides_what_waits(
    office: Page, signed_in: Signed, serving: Serving
) -> None:
    manager = signed_in(Role.MANAGER)
    code = three_missing(signed_in)
    product = receive_short_lived(serving.database, serving.clock)
    warm_up(serving.database, serving.clock)
    do(manager, "/sites/SMALL/alerts/raise")
    who = demo_user(Role.MANAGER)
    office.goto("/office/")
    office.locator("#name").fill(who.name)
    office.locator("#password").fill("wrong")
    office.locator("#sign-in button").click()
    expect(office.locator("#told.wrong")).not_to_be_empty()
    office.locator("#password").fill(who.secret)
    office.locator("#sign-in button").click()
    expect(office.locator("#sentence")).to_contain_text("nothing is proven")
    expect(office.locator("#num-alerts")).to_have_text("2")
    expect(office.locator("#alerts")).to_contain_text(product)
    (zone,) = manager.get("/api/v1/sites/SMALL/excursions").json()
    lots = {(each["product"], each["lot"]) for each in zone["lots"]}
    assert len(lots) < len(zone["lots"]), "some lots lie in several bins"
    expect(office.locator("#alerts")).to_contain_text(f"{len(lots)} lots")
    expect(office.locator("#fill .bar").first).to_contain_text("%")
    expect(office.locator("#causes")).to_have_text("Nothing was wrong yet.")
    expect(office.locator("#differences")).to_contain_text(code)
    expect(office.locator("#runs")).to_have_text("None.")
    look_at(office, "office")
    office.locator("#alerts button").first.click()
    expect(office.locator("#told")).to_have_text("Yours now")
    expect(office.locator("#num-alerts")).to_have_text("1")
    pile_up(serving.database, serving.clock)
    asked: list[str] = []
    office.on("request", lambda request: asked.append(request.url))
    office.reload()
    expect(office.locator("#alerts")).to_contain_text("Nearly empty bins pile up")
    look_at(office, "office-bins")
    assert [each for each in asked if "/bins/emptying" in each]
    asked.clear()
    pile_up(serving.database, serving.clock, Consolidation())
    office.reload()
    expect(office.locator("#alerts")).to_contain_text("over")
    assert not [each for each in asked if "/bins/emptying" in each], "nothing is to be emptied any more"
    office.locator("#alerts button").first.click()
    expect(office.locator("#num-alerts")).to_have_text("1")
    office.locator("#differences select").focus()
    office.locator("#differences select").select_option("theft")
    expect(office.locator("#num-differences")).to_have_text("0")
    expect(office.locator("#causes .bar")).to_have_text("Theft1")
    do(manager, "/sites/SMALL/samples", target="0.9", days=2)
    do(manager, "/sites/SMALL/samples/draw")
    office.reload()
    sentence = manager.get("/api/v1/sites/SMALL/accuracy").json()["sample"]["sentence"]
    expect(office.locator("#sentence")).to_contain_text(sentence)
    look_at(office, "office-sample")
    office.locator("#sign-out").click()
    expect(office.locator("#sign-in")).to_be_visible()
    assert manager.get("/api/v1/sites/SMALL/differences", params={"state": "open"}).json() == []


def test_a_manager_corrects_why_units_were_missing_at_a_pick(office: Page, signed_in: Signed) -> None:
    picker, who = signed_in(Role.PICKER), demo_user(Role.MANAGER)
    screen = take(picker)
    body = {"client_id": new_id(), "bin_code": screen["step"]["bin_code"], "quantity": 0}
    follow(picker.post(f"{step_path(screen)}/short", json=body))
    office.goto("/office/")
    office.locator("#name").fill(who.name)
    office.locator("#password").fill(who.secret)
    office.locator("#sign-in button").click()
    expect(office.locator("#short")).to_contain_text(screen["step"]["bin_code"])
    expect(office.locator("#sentence")).to_contain_text("1 bin is to be counted.")
    look_at(office, "office-short")
    office.locator("#short select").focus()
    office.locator("#short select").select_option("label")
    expect(office.locator("#told")).to_have_text("Cause corrected")
    expect(office.locator("#causes .bar")).to_have_text("Wrong label1")
    expect(office.locator("#short select")).to_have_value("label")


def test_a_supplier_sees_where_his_trucks_stand_until_his_link_ends(office: Page, signed_in: Signed) -> None:
    manager = signed_in(Role.MANAGER)
    announced(manager, "A", "B")
    page = do(manager, "/suppliers/B/link")["page"]
    for number in ("T-A", "T-B"):
        do(manager, f"/sites/SMALL/deliveries/{number}/arrive")
    office.goto(page)
    expect(office.locator("#trucks tbody tr")).to_have_count(1)
    expect(office.locator("#trucks")).to_contain_text("T-B")
    expect(office.locator("#trucks")).to_contain_text("1 ahead, in about")
    look_at(office, "supplier")
    do(manager, "/suppliers/B/link")
    office.reload()
    expect(office.locator("#told")).to_have_text("This link does not hold any more: ask for another one.")

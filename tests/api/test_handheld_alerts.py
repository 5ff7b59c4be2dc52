"""Alerts on the handheld page, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Page, expect

from api.serving import Serving
from api.tables import Role
from inventory.work.climate import TakeReading, take_reading
from tests.api import test_handheld
from tests.api.server import demo_user
from tests.api.test_alerts import pile_up, receive_short_lived, warm_up
from tests.api.test_handheld import come_in, heard, scan
from tests.api.test_handheld_receiving import look_at

pytestmark = pytest.mark.browser

browser, page = test_handheld.browser, test_handheld.page


def test_an_alert_is_raised_once_shown_and_acknowledged(page: Page, serving: Serving) -> None:
    code = receive_short_lived(serving.database, serving.clock)
    warm_up(serving.database, serving.clock)
    come_in(page, demo_user(Role.MANAGER))
    look_at(page, "manager")
    page.locator("#menu [data-screen=alerts]").click()
    band, what = page.locator("#band-text"), page.locator("#alerts-what")
    expect(what).to_have_text(re.compile("30.0\\s°C, 25.0\\s°C at most"))
    look_at(page, "excursion")
    page.locator("#alerts-raise").click()
    expect(band).to_have_text("1 new")
    page.locator("#alerts-next").click()
    expect(what).to_have_text("Expires in 6 d")
    expect(page.locator("#alerts-facts")).to_contain_text(code)
    expect(page.locator("#alerts-units")).to_have_text("5")
    look_at(page, "alert")
    page.locator("#alerts-raise").click()
    expect(band).to_have_text("Nothing new")
    page.locator("#alerts-seen").click()
    expect(band).to_have_text("Yours now")
    expect(page.locator("#alerts-name")).to_have_text("Zone ambient")
    page.locator("#alerts-raise").click()
    expect(band).to_have_text("Nothing new")
    take_reading(serving.database, TakeReading("SMALL", "ambient", 290, "probe", 82), serving.clock)
    page.reload()
    expect(band).to_have_text("Alert 1 of 1")
    expect(page.locator("#alerts-facts")).to_contain_text(re.compile("measured 29.0 to 30.0\\s°C, 82\\s% humidity"))
    look_at(page, "excursion-measured")
    page.locator("#alerts-seen").click()
    expect(page.locator("#alerts-box")).to_be_hidden()
    page.reload()
    expect(band).to_have_text("No alert waits")
    scan(page, code)
    expect(band).to_have_text("Nothing to scan here")
    assert heard(page)["kind"] == "wrong"
    pile_up(serving.database, serving.clock)
    page.reload()
    expect(what).to_contain_text("bins")
    expect(page.locator("#alerts-units")).to_be_hidden()
    look_at(page, "bins")
    page.locator("#alerts-seen").click()
    expect(page.locator("#alerts-box")).to_be_hidden()
    page.locator("#alerts-home").click()
    expect(page.locator("#take")).to_be_visible()


def test_a_picker_has_no_alerts_on_his_menu(page: Page) -> None:
    come_in(page)
    expect(page.locator("#menu [data-screen=stow]")).to_be_visible()
    expect(page.locator("#menu [data-screen=alerts]")).to_have_count(0)

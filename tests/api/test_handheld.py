"""The handheld page in a real Chromium, with keys as a wedge scanner sends them."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from playwright.sync_api import TimeoutError as TooLate
from sqlmodel import col, select

from api.demo_users import DemoUser
from api.serving import Serving
from api.tables import Role
from inventory.rules.counting import CountPolicy, CountTrigger
from inventory.tables.outbound import PickRunRow, RunState
from inventory.tables.serials import SerialState
from inventory.work.checking import check
from inventory.work.count_rules import SetCountPolicy, set_count_policy
from inventory.work.count_views import list_counts
from inventory.work.empty_checking import empty_checks
from inventory.work.locating import lies_in
from inventory.work.serial_registering import RegisterSerials, register_serials
from inventory.work.serial_views import find_serials
from tests.api.server import demo_user
from tests.inventory.picked_run import HoldRuns, hold_runs
from warehouse.clock import FixedClock

pytestmark = pytest.mark.browser

ANNA = demo_user(Role.PICKER)
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required"]
HEARD = "window.heard = []; document.addEventListener('onward:signal', (event) => window.heard.push(event.detail))"
WAIT_MS = 20_000
WEDGE_GAP_MS = 45
TRIES_MAX = 20
expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests are skipped, or fail in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "needs Chromium: install the package 'chromium'"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """The handheld page on a device of its own, at the size of a common handheld, telling what it sounded."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, base_url=url)
    context.add_init_script(HEARD)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/handheld/")
    expect(page.locator("#badge")).to_be_visible()
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """The handheld page."""
    with opened(browser, url) as page:
        yield page


def scan(page: Page, code: str, end: str = "Enter") -> None:
    """Send keys as a wedge does: at once, then its terminator, `\\n` for a spelled-out one, or nothing.

    GS goes out as Ctrl+]. All keys are sent by one call: sent one by one, they come in pieces on a busy machine.
    """
    send_keys(page, [*code, end] if end in ("Enter", "Tab") else [*code, *end])


def send_keys(page: Page, keys: list[str]) -> None:
    """Press keys in one burst, by the names that browsers give them."""
    page.evaluate(
        "(keys) => keys.forEach((each) => { const ctrlKey = each === '\\x1d', key = ctrlKey ? ']' : each;"
        " (document.activeElement ?? document.body).dispatchEvent("
        "new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true })); })",
        keys,
    )


def fit_every_button(page: Page, width: int, height: int) -> None:
    """Give the page another size, and wait until every button is on the screen, can be tapped and holds its words."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(
        "([width, height]) => innerWidth === width && innerHeight === height &&"
        " [...document.querySelectorAll('button')].filter((button) => button.offsetParent)"
        ".map((button) => [button, button.getBoundingClientRect()])"
        ".every(([button, {width, height, bottom, right}]) =>"
        " width >= 48 && height >= 48 && bottom <= innerHeight && right <= innerWidth &&"
        " button.scrollWidth <= button.clientWidth && button.scrollHeight <= button.clientHeight)",
        arg=[width, height],
    )


def sign_in(page: Page) -> None:
    """Sign in; on a machine so busy that keys arrive in pieces the badge is scanned again, as anybody would."""
    for _ in range(3):
        page.keyboard.type(str(ANNA.badge))
        page.keyboard.press("Enter")
        try:
            page.locator("#pin").wait_for(timeout=WAIT_MS / 2)
            page.keyboard.type(ANNA.secret, delay=70)
            page.keyboard.press("Enter")
            page.locator("#take").wait_for(timeout=WAIT_MS / 2)
        except TooLate:
            page.reload()
        else:
            return
    pytest.fail("three tries to sign in have failed")


def come_in(page: Page, who: DemoUser = ANNA) -> None:
    """Be signed in without keying anything in, as after a reload."""
    body = {"badge": who.badge, "pin": who.secret} if who.badge else {"name": who.name, "password": who.secret}
    answer = page.request.post("/api/v1/sign-in", data=body)
    assert answer.ok, answer.text()
    page.reload()
    page.locator("#take").wait_for()


def take_run(page: Page) -> None:
    come_in(page)
    page.locator("#take").click()
    expect(page.locator("#step")).to_be_visible()


def asked(page: Page) -> dict[str, Any]:
    """What the server wants done next."""
    answer: dict[str, Any] = page.evaluate("fetch('/api/v1/picking').then((reply) => reply.json())")["next"]
    return answer


def heard(page: Page) -> dict[str, Any]:
    """The last signal."""
    last: dict[str, Any] = page.evaluate("window.heard.at(-1)")
    return last


def pick_step(page: Page, end: str = "Enter") -> None:
    """Scan the bin and every unit of the step at hand, and wait for the next one."""
    step = asked(page)["step"]
    if "done" not in (page.locator("#bin-box").get_attribute("class") or ""):
        scan(page, step["bin_code"], end)
        expect(page.locator("#bin-box.done")).to_be_visible()
    for number in range(1, step["quantity"] + 1):
        scan(page, step["product"]["barcodes"][0], end)
        if number < step["quantity"]:
            expect(page.locator("#counted")).to_have_text(f"{number} scanned")
    page.wait_for_function(
        "(step) => fetch('/api/v1/picking').then((reply) => reply.json()).then(({next}) => next.step?.step !== step)",
        arg=step["step"],
    )
    expect(page.locator("#band-text")).to_contain_text(f"Took {step['quantity']}")


def test_a_run_is_picked_to_its_end_by_scans_with_every_terminator(page: Page, serving: Serving) -> None:
    take_run(page)
    ends = ["Enter", "Tab", "", "\\n"]
    number = 0
    while asked(page)["screen"] == "step":
        pick_step(page, ends[number % len(ends)])
        number += 1
    assert number >= len(ends)
    assert heard(page)["kind"] == "right"
    page.locator("#cart-there").click()
    expect(page.locator("#done-metres")).not_to_be_empty()
    with serving.database.read() as session:
        assert check(session).ok
        done = session.exec(select(PickRunRow).where(col(PickRunRow.state) == RunState.DONE)).one()
    assert done.distance_mm > 0
    expect(page.locator("#done-metres")).to_have_text(f"{round(done.distance_mm / 1000)} m")


def test_a_page_counts_down_to_a_run_that_begins_later(page: Page, serving: Serving, clock: FixedClock) -> None:
    serving.run(hold_runs, HoldRuns(clock.now_ms() + 65_000))
    sign_in(page)
    expect(page.locator("#waiting")).to_have_text(re.compile(r"The next run begins in (1:05|1:0\d|0:5\d)"))
    expect(page.locator("#take")).to_be_disabled()
    expect(page.locator("#band-text")).to_have_text("Wait for the next run")
    clock.advance(63_000)
    expect(page.locator("#waiting")).to_have_text(re.compile("The next run begins in 0:0[012]"))
    clock.advance(2_000)
    page.locator("#take").click()
    expect(page.locator("#step")).to_be_visible(timeout=WAIT_MS)


def test_a_wrong_bin_is_refused_with_red_a_word_and_a_tone_of_its_own(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    right = heard(page)
    scan(page, step["then"])
    expect(page.locator("#band")).to_have_attribute("data-kind", "wrong")
    expect(page.locator("#band-text")).to_have_text(f"Wrong bin: scan {step['bin_code']}")
    expect(page.locator("#band-shape")).to_have_text("✕")
    red = page.locator("#band").evaluate("(band) => getComputedStyle(band).backgroundColor")
    assert red == "rgb(155, 0, 16)"
    wrong = heard(page)
    assert (right["kind"], wrong["kind"]) == ("right", "wrong")
    assert wrong["sounded"] is True
    assert max(wrong["frequencies"]) < min(right["frequencies"])
    assert asked(page)["step"] == step


def test_a_wrong_product_is_refused(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    scan(page, step["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    scan(page, "4006381333931")
    expect(page.locator("#band-text")).to_have_text(f"Wrong product: scan {step['product']['name']}")
    assert heard(page)["kind"] == "wrong"


def test_a_scan_that_came_twice_or_with_its_symbology_is_read_as_what_it_is(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    scan(page, step["bin_code"] * 2)
    expect(page.locator("#bin-box.done")).to_be_visible()
    so_far = page.evaluate("window.heard.length")
    scan(page, "]E0" + step["product"]["barcodes"][0])
    page.wait_for_function(
        "(so_far) => window.heard.at(-1).kind === 'right' && window.heard.length > so_far", arg=so_far
    )


def test_a_gs1_symbol_with_the_products_number_confirms_the_pick(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    scan(page, step["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    number = step["product"]["barcodes"][0].zfill(14)
    scan(page, "]d2010400638133393110LOT")
    expect(page.locator("#band-text")).to_have_text(f"Wrong product: scan {step['product']['name']}")
    for _ in range(step["quantity"]):
        scan(page, f"]d201{number}10{step['lot']}")
    expect(page.locator("#band-text")).to_have_text(f"Took {step['quantity']}")


def test_a_unit_with_a_serial_is_taken_by_it_and_no_other_is(page: Page, serving: Serving, clock: FixedClock) -> None:
    take_run(page)
    step = asked(page)["step"]
    code = step["product"]["code"]
    serials = tuple(f"SN-{number}" for number in range(step["quantity"]))
    with serving.database._writing.begin() as connection:
        connection.exec_driver_sql("UPDATE product SET serialised = true WHERE code = ?", (code,))
    named = RegisterSerials("SMALL", step["bin_code"], code, serials, "mara", lot=step["lot"])
    serving.database.run(register_serials, named, clock=clock)
    page.reload()
    expect(page.locator("#step")).to_be_visible()
    scan(page, step["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    for number, serial in enumerate(serials):
        scan(page, step["product"]["barcodes"][0])
        expect(page.locator("#band-text")).to_have_text("Now the serial of the unit")
        for wrong, why in (("SN-99", "There is no serial SN-99"), *([(serials[0], "picked for")] if number else [])):
            scan(page, wrong)
            expect(page.locator("#band-text")).to_contain_text(why)
            assert heard(page)["kind"] == "wrong"
        scan(page, serial)
        expect(page.locator("#band-text")).to_have_text("Took 1")
    page.wait_for_function(
        "(step) => fetch('/api/v1/picking').then((reply) => reply.json()).then(({next}) => next.step?.step !== step)",
        arg=step["step"],
    )
    with serving.database.read() as session:
        assert {find_serials(session, serial)[0].state for serial in serials} == {SerialState.PICKED}
        assert check(session).ok


def test_stray_keys_are_no_scan_but_the_key_in_field_takes_typing(page: Page) -> None:
    take_run(page)
    signals = page.evaluate("window.heard.length")
    page.keyboard.type("07", delay=60)
    page.wait_for_timeout(600)
    assert page.evaluate("window.heard.length") == signals
    page.locator("#key-in-open").click()
    page.keyboard.type(asked(page)["step"]["bin_code"].lower(), delay=80)
    page.keyboard.press("Enter")
    expect(page.locator("#bin-box.done")).to_be_visible()


def test_a_scanners_terminator_presses_no_button(page: Page) -> None:
    take_run(page)
    code = asked(page)["step"]["bin_code"]
    page.evaluate("addEventListener('keydown', (key) => (window.keys ??= []).push(key.timeStamp), { capture: true })")
    page.evaluate("document.querySelector('#map-open').addEventListener('click', () => (window.pressed = true))")
    for _ in range(TRIES_MAX):
        page.evaluate("window.keys = []")
        page.locator("#map-open").focus()
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        gap = page.evaluate("Math.max(...window.keys.slice(1).map((at, before) => at - window.keys[before]))")
        if gap < WEDGE_GAP_MS:
            break
        page.evaluate("window.pressed = false")  # what pressed it was no scanner
    else:
        pytest.fail("this machine is too slow to type as fast as a scanner")
    expect(page.locator("#bin-box.done")).to_be_visible()
    assert not page.evaluate("window.pressed")


def test_a_terminator_that_comes_late_belongs_to_the_code_before_it(page: Page) -> None:
    take_run(page)
    page.evaluate("document.querySelector('#map-open').focus()")
    scan(page, asked(page)["step"]["bin_code"], "")
    held_back = page.evaluate(
        "new Promise((tell) => setTimeout(() => {"
        " const key = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });"
        " document.activeElement.dispatchEvent(key); tell(key.defaultPrevented); }, 100))"
    )
    assert held_back
    expect(page.locator("#bin-box.done")).to_be_visible()


def test_a_lost_answer_is_asked_for_again_and_counts_once(page: Page, serving: Serving) -> None:
    take_run(page)
    lost: list[Any] = []

    def lose(route: Route) -> None:
        lost.append(route.request.post_data_json)
        if len(lost) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/pick", lose)
    before = asked(page)
    pick_step(page)
    assert len(lost) == 3
    assert len({each["client_id"] for each in lost}) == 1
    assert asked(page)["progress"]["steps_done"] == before["progress"]["steps_done"] + 1
    with serving.database.read() as session:
        assert check(session).ok


def test_a_reload_shows_the_same_step(page: Page) -> None:
    take_run(page)
    pick_step(page)
    shown = page.locator("#bin-code").inner_text()
    page.reload()
    expect(page.locator("#bin-code")).to_have_text(shown.replace("\n", ""))


def test_a_pick_sent_just_before_a_reload_is_not_lost(page: Page) -> None:
    take_run(page)
    first = asked(page)["step"]
    page.route("**/pick", lambda route: route.abort())
    scan(page, first["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    for _ in range(first["quantity"]):
        scan(page, first["product"]["barcodes"][0])
        page.wait_for_timeout(200)
    expect(page.locator("#band-text")).to_contain_text("Nothing is lost")
    page.unroute("**/pick")
    page.reload()
    expect(page.locator("#where")).to_have_text(re.compile("^2 of "))


def test_an_empty_bin_is_confirmed_and_the_run_goes_on(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    expect(page.locator("#short-open")).to_be_hidden()
    scan(page, step["bin_code"])
    page.locator("#short-open").click()
    expect(page.locator("#short .question")).to_have_text(f"Is {step['bin_code']} empty?")
    page.locator("#short-ok").click()
    expect(page.locator("#band-text")).to_contain_text("Noted: missing")
    assert asked(page)["step"]["step"] != step["step"]


def units_in(serving: Serving, bin_code: str) -> int:
    """How many units the books know of in a bin."""
    with serving.database.read() as session:
        return sum(each.quantity for each in lies_in(session, "SMALL", bin_code).units)


def test_a_bin_that_a_pick_emptied_is_asked_about_once_and_one_tap_answers(page: Page, serving: Serving) -> None:
    serving.run(set_count_policy, SetCountPolicy("SMALL", CountPolicy(low_units=1000), "mara"))
    take_run(page)
    first = asked(page)["step"]
    while asked(page)["empty"] is None:  # not before the last of its steps at the bin
        assert asked(page)["step"]["bin_code"] == first["bin_code"]
        pick_step(page)
    expect(page.locator("#empty .question")).to_have_text(f"Is {first['bin_code']} empty?")
    fit_every_button(page, 320, 533)
    fit_every_button(page, 360, 640)
    if folder := os.environ.get("ONWARD_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/empty.png")
    left = units_in(serving, first["bin_code"])
    page.locator("#empty-yes" if left else "#empty-no").click()  # not what the books say, so that the bin is counted
    expect(page.locator("#band-text")).to_have_text("Noted")
    assert asked(page)["empty"] is None
    while asked(page)["empty"] is None:
        second = asked(page)["step"]
        pick_step(page)
    expect(page.locator("#empty-bin")).to_have_text(second["bin_code"])
    scan(page, asked(page)["step"]["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    expect(page.locator("#empty")).to_be_hidden()
    with serving.database.read() as session:
        (check_of_first,) = empty_checks(session, "SMALL")
        (count,) = list_counts(session, "SMALL")
    said = check_of_first.bin_code, check_of_first.is_empty, check_of_first.agrees
    assert said == (first["bin_code"], left > 0, False)
    assert (count.bin_code, count.trigger) == (first["bin_code"], CountTrigger.EXCEPTION)


def test_a_blocked_way_is_reported_and_the_run_goes_round_it(page: Page) -> None:
    take_run(page)
    step = asked(page)["step"]
    page.locator("#blocked-open").click()
    expect(page.locator("#blocked .question")).to_have_text(f"Is the way to {step['bin_code']} blocked?")
    page.locator("#blocked-ok").click()
    expect(page.locator("#band-text")).to_contain_text("Noted: way blocked")
    after = asked(page)["step"]
    assert after is None or after["bin_code"] != step["bin_code"]


def test_the_map_shows_the_run(page: Page) -> None:
    take_run(page)
    page.locator("#map-open").click()
    page.wait_for_function("() => document.querySelector('#map-picture').naturalWidth > 0")


@pytest.mark.parametrize(("width", "height"), [(320, 533), (360, 640), (1280, 800)])
def test_every_screen_fits_and_every_button_is_large_enough(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    take_run(page)
    scan(page, asked(page)["step"]["bin_code"])
    expect(page.locator("#bin-box.done")).to_be_visible()
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('button')].filter((button) => button.offsetParent)"
        ".map((button) => button.getBoundingClientRect()).map(({width, height, bottom, right}) =>"
        " [width, height, bottom <= innerHeight, right <= innerWidth])"
    )
    assert len(sizes) >= 4
    assert all(wide >= 48 and high >= 48 and below and beside for wide, high, below, beside in sizes)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('main').scrollHeight <= document.querySelector('main').clientHeight")
    code = page.locator("#bin-code").evaluate("(place) => parseFloat(getComputedStyle(place).fontSize)")
    assert code >= 36

"""Other programs are told of alerts, recalls and excursions, by a real receiver that fails at first."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session

from api.background import do_what_is_due
from api.serving import Serving
from api.tables import Role
from api.webhook_sending import send_messages
from inventory.rules.webhooks import NUM_TRIES_MAX, RETRY_FIRST_MS, key_of, require_address, retry_ms
from inventory.work.climate import TakeReading, take_reading
from inventory.work.recalling import CallBack, call_back
from inventory.work.shelf_life_alerts import AlertsRaised, RaiseAlerts, raise_alerts, record_alerts
from inventory.work.telling import CLAIM_MS
from tests.api.picking import new_id
from tests.api.test_alerts import pile_up
from warehouse.clock import Clock, FixedClock

SITE, HOOKS, ZONE = "SMALL", "/api/v1/webhooks", "ambient"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Receiver(http.server.ThreadingHTTPServer):
    """Notes what it gets, and answers with the next of `answers`, then with 204."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/in?from=onward"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        assert self.path == "/in?from=onward"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", self.server.url)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def admin(signed_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return signed_in(Role.ADMIN)


def added(admin: httpx.Client, url: str, *kinds: str, **more: object) -> httpx.Response:
    body = {"client_id": new_id(), "url": url, "kinds": kinds, "secret": SECRET, **more}
    return admin.post(HOOKS, json=body)


def a_recall(serving: Serving) -> CallBack:
    """The recall of a lot that expires and lies in a bin."""
    query = (
        "SELECT product.code, lot.code FROM lot JOIN product ON product.id = lot.product_id"
        " JOIN balance ON balance.lot_id = lot.id JOIN place ON place.id = balance.place_id"
        " WHERE lot.expires_on IS NOT NULL AND place.kind = 'bin' ORDER BY lot.id LIMIT 1"
    )
    with serving.database.read() as session:
        product, lot = session.execute(text(query)).one()
    return CallBack(SITE, product, lot, "recall-supplier", "mara", "glass")


def test_a_message_is_signed_and_sent_until_it_is_taken(
    serving: Serving, clock: FixedClock, admin: httpx.Client, receiver: Receiver
) -> None:
    hook = added(admin, receiver.url, "recall", site=SITE).json()
    assert (hook["kinds"], hook["site"], hook["waiting"]) == (["recall"], SITE, 0)
    assert SECRET not in admin.get(HOOKS).text
    recall = a_recall(serving)
    for _ in range(2):  # what is called back again is not told again
        call_back(serving.database, recall, clock)
    receiver.answers = [500, 302]
    for number, wait_ms in enumerate((0, RETRY_FIRST_MS, 2 * RETRY_FIRST_MS), 1):
        if wait_ms:
            clock.advance(wait_ms - 1)
            assert send_messages(serving.database, clock) == 0
            assert len(receiver.got) == number - 1
            clock.advance(1)
        assert send_messages(serving.database, clock) == (number == 3)
        (told,) = admin.get(f"{HOOKS}/{hook['webhook_id']}/deliveries").json()
        assert (told["tries"], told["status"]) == (number, (500, 302, 204)[number - 1])
        assert told["state"] == ("sent" if number == 3 else "waiting")
    assert len(receiver.got) == 3, "no redirect was followed"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    headers, body = receiver.got[-1]
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    mac = hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    message = json.loads(body)
    assert (message["id"], message["type"], message["site"]) == (headers["webhook-id"], "recall", SITE)
    assert (message["data"]["product"], message["data"]["lot"]) == (recall.product, recall.lot)
    assert send_messages(serving.database, clock) == 0
    assert 'onward_webhook_messages{state="sent"} 1.0' in admin.get("/metrics").text


def test_alerts_and_excursions_are_told_if_and_only_if_they_happened(
    serving: Serving, clock: FixedClock, admin: httpx.Client, receiver: Receiver
) -> None:
    added(admin, receiver.url, "shelf_life", "excursion", "consolidation")
    policy = admin.get(f"/api/v1/sites/{SITE}/stock/policy").json()
    climates = {ZONE: {"coldest_dc": 0, "warmest_dc": 250}}
    changed = policy["policy"] | {"stowing": policy["policy"]["stowing"] | {"climates": climates}}
    sent = {"client_id": new_id(), "replaces": policy["version"], "policy": changed}
    assert admin.put(f"/api/v1/sites/{SITE}/stock/policy", json=sent).status_code == 200
    with serving.database.read() as session:
        soonest = "SELECT min(expires_on) FROM lot JOIN balance ON balance.lot_id = lot.id"
        expires_on = session.execute(text(soonest)).scalar_one()
    days = date.fromisoformat(expires_on) - date(1970, 1, 1) - timedelta(days=20)
    clock.set(round(days.total_seconds() * 1000))

    def fails(session: Session, command: RaiseAlerts, clock: Clock) -> AlertsRaised:
        record_alerts(session, command, clock)
        raise RuntimeError("after all was written")

    with pytest.raises(RuntimeError):
        serving.database.run(fails, RaiseAlerts(SITE, "mara"), clock=clock)
    assert send_messages(serving.database, clock) == 0
    raised = raise_alerts(serving.database, RaiseAlerts(SITE, "mara"), clock)
    assert raised.num_raised > 0
    for temperature_dc in (300, 310, 200):
        take_reading(serving.database, TakeReading(SITE, ZONE, temperature_dc, "ann"), clock)
    pile_up(serving.database, clock)
    do_what_is_due(serving)
    told = [json.loads(body) for _, body in receiver.got]
    assert [each["type"] for each in told] == ["shelf_life"] * raised.num_raised + ["excursion", "consolidation"]
    assert len({each["id"] for each in told}) == len(told)
    assert {each["data"]["level_days"] for each in told[:-2]} == {30}


def test_what_nobody_takes_is_given_up_told_and_sent_again_if_somebody_asks(
    serving: Serving, clock: FixedClock, admin: httpx.Client, receiver: Receiver
) -> None:
    hook = added(admin, receiver.url, "recall").json()
    path = f"{HOOKS}/{hook['webhook_id']}"
    call_back(serving.database, a_recall(serving), clock)
    receiver.answers = [503] * NUM_TRIES_MAX
    began_ms = clock.now_ms()
    for tries in range(1, NUM_TRIES_MAX + 1):
        send_messages(serving.database, clock)
        clock.advance(retry_ms(tries) or CLAIM_MS)
    clock.set(began_ms)  # or nobody would be signed in any more
    (told,) = admin.get(f"{path}/deliveries", params={"state": "given_up"}).json()
    assert (told["tries"], told["error"]) == (NUM_TRIES_MAX, "answered 503")
    assert admin.post(f"{path}/retry", json={"client_id": new_id()}).json()["waiting"] == 1
    receiver.answers = [500]
    assert send_messages(serving.database, clock) == 0
    assert admin.post(f"{path}/close", json={"client_id": new_id()}).json()["closed_by"] == "demo-admin"
    assert admin.post(f"{path}/close", json={"client_id": new_id()}).status_code == 409
    assert admin.post(f"{path}/retry", json={"client_id": new_id()}).status_code == 409
    clock.advance(retry_ms(1) or 0)
    assert send_messages(serving.database, clock) == 0
    assert len(receiver.got) == NUM_TRIES_MAX + 1


def test_nobody_there_is_told_and_keeps_no_other_from_being_told(
    serving: Serving, clock: FixedClock, admin: httpx.Client, receiver: Receiver
) -> None:
    silent = added(admin, "http://127.0.0.1:1/in", "recall").json()
    added(admin, receiver.url, "recall")
    call_back(serving.database, a_recall(serving), clock)
    assert send_messages(serving.database, clock) == 1
    (told,) = admin.get(f"{HOOKS}/{silent['webhook_id']}/deliveries").json()
    assert (told["status"], told["error"].partition(":")[0]) == (None, "ConnectionRefusedError")


def test_addresses_and_secrets_that_cannot_be_used_are_refused(admin: httpx.Client) -> None:
    assert added(admin, "ftp://erp.example/in", "recall").status_code == 422
    assert added(admin, "https://erp.example/in", "recall", secret="whsec_c2hvcnQ=").status_code == 422
    assert added(admin, "https://erp.example/in", "weather").status_code == 422
    assert added(admin, "https://erp.example/in", "recall", site="NOWHERE").status_code == 404
    for address in ("https://", "http://ann:pin@erp.example/", "https://erp.example/#here", "http://erp.example:0/"):
        with pytest.raises(ValueError, match="the address"):
            require_address(address)
    for secret in ("whsec_!", "plain", SECRET.removeprefix("whsec_")):
        with pytest.raises(ValueError, match="a secret is"):
            key_of(secret)

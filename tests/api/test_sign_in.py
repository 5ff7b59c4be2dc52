from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from api.access import COOKIE
from api.auth import RevokeSessions, revoke_sessions
from api.serving import Serving
from api.tables import Role
from api.users import SaveUser, save_user
from tests.api.server import demo_user, serving_thread, sign_in
from warehouse.clock import FixedClock
from warehouse.errors import NotFound

ANNA = demo_user(Role.PICKER)
MINUTE_MS = 60_000


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=60) as made:
        yield made


def guess(client: httpx.Client, pin: str = "0000") -> httpx.Response:
    return client.post("/api/v1/sign-in", json={"badge": ANNA.badge, "pin": pin})


def test_badge_and_pin_open_a_session_in_a_cookie_that_no_script_and_no_other_site_gets(client: httpx.Client) -> None:
    answer = sign_in(client, ANNA, device="hh-1")
    assert answer.status_code == 200
    attributes = answer.headers["set-cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=strict" in attributes
    me = client.get("/api/v1/me").json()
    assert (me["user"], me["role"], me["device"]) == ("anna", "picker", "hh-1")


def test_name_and_password_open_a_session_for_programs(signed_in: Callable[..., httpx.Client]) -> None:
    manager = signed_in(Role.MANAGER)
    assert not manager.cookies
    assert manager.get("/api/v1/me").json()["role"] == "manager"


def test_the_token_is_not_stored(client: httpx.Client, serving: Serving) -> None:
    token = sign_in(client, ANNA).json()["token"]
    with serving.database.read() as session:
        stored = session.connection().exec_driver_sql("SELECT token_sha256 FROM session").scalars().all()
    assert stored
    assert token not in stored


@pytest.mark.parametrize(
    "body",
    [
        {"badge": "PICKER-1", "pin": "0000"},
        {"badge": "PICKER-99", "pin": "1379"},
        {"name": "anna", "password": "1379"},
        {"name": "demo-admin", "password": "wrong"},
    ],
)
def test_wrong_secrets_are_refused_alike(client: httpx.Client, body: dict[str, str]) -> None:
    answer = client.post("/api/v1/sign-in", json=body)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Wrong badge or PIN, or wrong password"


@pytest.mark.parametrize("body", [{}, {"badge": "X"}, {"badge": "X", "pin": "1", "name": "n", "password": "p"}])
def test_half_a_sign_in_is_told_what_to_send(client: httpx.Client, body: dict[str, str]) -> None:
    answer = client.post("/api/v1/sign-in", json=body)
    assert answer.status_code == 422
    assert "send badge and pin, or name and password" in answer.json()["detail"]


def test_after_five_wrong_pins_even_the_right_one_has_to_wait(client: httpx.Client, clock: FixedClock) -> None:
    assert [guess(client).status_code for _ in range(5)] == [401] * 5
    blocked = guess(client, ANNA.secret)
    assert blocked.status_code == 429
    assert blocked.headers["retry-after"] == "900"
    clock.advance(15 * MINUTE_MS)
    assert guess(client, ANNA.secret).status_code == 200


def test_a_right_pin_clears_the_count_of_its_badge(client: httpx.Client) -> None:
    for _ in range(3):
        assert [guess(client).status_code for _ in range(4)] == [401] * 4
        assert guess(client, ANNA.secret).status_code == 200


def test_many_guesses_at_once_get_no_further_than_as_many_in_a_row(url: str) -> None:
    def one(_: int) -> int:
        with httpx.Client(base_url=url, timeout=60) as client:
            return guess(client).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(32)))
    assert sorted(answers) == [401] * 5 + [429] * 27


def test_one_address_cannot_try_many_badges(serving: Serving) -> None:
    settings = serving.settings.model_copy(update={"sign_in_tries_address": 8})
    with serving_thread(replace(serving, settings=settings)) as url, httpx.Client(base_url=url, timeout=60) as client:
        bodies = [{"badge": f"GUESS-{number}", "pin": "1"} for number in range(11)]
        answers = [client.post("/api/v1/sign-in", json=body).status_code for body in bodies]
    assert answers == [401] * 8 + [429] * 3


def test_a_session_ends_after_a_shift(client: httpx.Client, clock: FixedClock) -> None:
    sign_in(client, ANNA)
    clock.advance(12 * 60 * MINUTE_MS - 1)
    assert client.get("/api/v1/me").status_code == 200
    clock.advance(1)
    assert client.get("/api/v1/me").status_code == 401


def test_a_signed_out_token_is_worthless_and_the_cookie_is_gone(client: httpx.Client) -> None:
    token = sign_in(client, ANNA).json()["token"]
    assert client.post("/api/v1/sign-out").status_code == 204
    assert COOKIE not in client.cookies
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_an_administrator_ends_the_sessions_of_a_lost_device(signed_in: Callable[..., httpx.Client]) -> None:
    admin, anna, bruno = signed_in(Role.ADMIN), signed_in(Role.PICKER), signed_in(Role.PICKER, 1)
    assert {each["user"] for each in admin.get("/api/v1/sessions").json()} == {"anna", "bruno", "demo-admin"}
    assert admin.post("/api/v1/users/anna/revoke").json() == {"num_revoked": 1}
    assert anna.get("/api/v1/me").status_code == 401
    assert bruno.get("/api/v1/me").status_code == 200
    theirs = [each["session"] for each in admin.get("/api/v1/sessions").json() if each["user"] == "bruno"]
    assert admin.post(f"/api/v1/sessions/{theirs[0]}/revoke").json() == {"num_revoked": 1}
    assert bruno.get("/api/v1/me").status_code == 401
    assert admin.post("/api/v1/users/nobody/revoke").status_code == 404


def test_a_closed_user_is_out_at_once(serving: Serving, picker: httpx.Client, client: httpx.Client) -> None:
    serving.run(save_user, SaveUser("anna", "Anna", Role.PICKER, open=False))
    assert picker.get("/api/v1/me").status_code == 401
    assert sign_in(client, ANNA).status_code == 401


def test_changing_calls_from_foreign_pages_are_refused(url: str, client: httpx.Client) -> None:
    sign_in(client, ANNA)
    own, foreign = {"Origin": url}, {"Origin": "https://elsewhere.example"}
    body = {"client_id": "foreign-page-1"}
    assert client.post("/api/v1/sites/SMALL/runs/take", json=body, headers=foreign).status_code == 403
    assert client.post("/api/v1/sites/SMALL/runs/take", json=body, headers={"Origin": "null"}).status_code == 403
    assert client.post("/api/v1/sites/SMALL/runs/take", json=body, headers=own).status_code == 200
    assert client.get("/api/v1/me", headers=foreign).status_code == 200


def test_a_new_user_signs_in_with_a_badge_that_an_administrator_gave(
    signed_in: Callable[..., httpx.Client], client: httpx.Client
) -> None:
    admin = signed_in(Role.ADMIN)
    body = {"display_name": "Dora", "role": "picker", "badge": "U-DORA-7", "pin": "8642"}
    assert admin.put("/api/v1/users/dora", json=body).status_code == 200
    answer = client.post("/api/v1/sign-in", json={"badge": "U-DORA-7", "pin": "8642"})
    assert answer.json()["display_name"] == "Dora"
    assert admin.put("/api/v1/users/emil", json=body).status_code == 409
    for wrong in ({"badge": "123456"}, {"pin": "12"}, {"pin": "12a4"}, {"role": "boss"}, {"colour": "red"}):
        assert admin.put("/api/v1/users/emil", json=body | wrong).status_code == 422, wrong
    listed = admin.get("/api/v1/users")
    assert "hash" not in listed.text


def test_revoking_an_unknown_session_says_so(serving: Serving) -> None:
    with pytest.raises(NotFound):
        serving.run(revoke_sessions, RevokeSessions(session_id=999_999))

import re
from collections.abc import Callable

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount

from api.access import ACCESS
from api.app import create_app
from api.serving import Serving
from api.tables import PEOPLE, Role

PUBLIC = {"GET /healthz", "GET /", "POST /api/v1/sign-in", "GET /api/v1/supplier-queue/{secret}"}
GUARDED = sorted(set(ACCESS) - PUBLIC)


def concrete(route: str) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    return method, re.sub(r"\{\w+\}", "999999", path)


def test_every_route_of_the_application_is_in_the_table_and_nothing_else_is(serving: Serving) -> None:
    app = create_app(serving)
    found = set()
    for route in app.routes:
        if isinstance(route, Mount):
            assert route.path in ("/handheld", "/office")  # the shells of pages, which anybody may load
            continue
        assert isinstance(route, APIRoute)
        found |= {f"{method} {route.path}" for method in route.methods or ()}
    assert found == set(ACCESS)


def test_only_health_the_front_door_the_sign_in_and_the_links_of_suppliers_are_open() -> None:
    assert {route for route, roles in ACCESS.items() if not roles} == PUBLIC


def test_every_other_call_answers_401_without_a_sign_in(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        for route in GUARDED:
            method, path = concrete(route)
            for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "onward_session=nonsense"}):
                answer = client.request(method, path, headers=headers, content="{")
                assert answer.status_code == 401, route
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("role", PEOPLE)
def test_every_call_answers_403_to_every_role_it_is_not_for(
    role: Role, signed_in: Callable[[Role], httpx.Client]
) -> None:
    client = signed_in(role)
    for route in GUARDED:
        if role in ACCESS[route] or route == "POST /api/v1/sign-out":
            continue
        method, path = concrete(route)
        answer = client.request(method, path, json={})
        assert answer.status_code == 403, route
        assert answer.json()["roles"] == sorted(each.value for each in ACCESS[route])


@pytest.mark.parametrize("role", PEOPLE)
def test_every_call_gets_past_the_door_with_its_role(role: Role, signed_in: Callable[[Role], httpx.Client]) -> None:
    client = signed_in(role)
    for route in GUARDED:
        if role not in ACCESS[route] or route == "POST /api/v1/sign-out":
            continue
        method, path = concrete(route)
        answer = client.request(method, path, json={})
        assert answer.status_code not in (401, 403, 405, 500), f"{route}: {answer.text}"

from typing import Any

import pytest

from api.access import ACCESS
from api.app import create_app
from api.serving import Serving


@pytest.fixture
def schema(serving: Serving) -> dict[str, Any]:
    described: dict[str, Any] = create_app(serving).openapi()
    return described


def calls(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", call)
        for path, methods in schema["paths"].items()
        for method, call in methods.items()
    ]


def test_every_call_but_the_redirect_is_described(schema: dict[str, Any]) -> None:
    assert {name for name, _ in calls(schema)} == set(ACCESS) - {"GET /"}


def test_every_call_says_what_it_does_and_who_may(schema: dict[str, Any]) -> None:
    for name, call in calls(schema):
        assert call["summary"], name
        if ACCESS[name]:
            assert call["security"] == [{"bearer": []}, {"cookie": []}]
            assert "Roles: " in call["description"]
            assert {"401", "403"} <= set(call["responses"])
        else:
            assert "security" not in call


def test_every_error_is_a_problem_document_with_an_example(schema: dict[str, Any]) -> None:
    for name, call in calls(schema):
        for status, response in call["responses"].items():
            if status >= "400" and name != "GET /healthz":
                content = response["content"]["application/problem+json"]
                assert content.get("example") or content.get("examples"), (name, status)


def test_every_call_that_changes_stock_orders_or_runs_takes_a_client_id(schema: dict[str, Any]) -> None:
    repeatable = ("/sign-in", "/sign-out", "/revoke", "/users/{name}", "/keys", "/bin")
    for name, call in calls(schema):
        if name.startswith("GET") or name.endswith(repeatable):
            continue
        reference = call["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert "client_id" in schema["components"]["schemas"][reference]["required"], name


def test_request_bodies_have_examples(schema: dict[str, Any]) -> None:
    parts = schema["components"]["schemas"]
    for name, part in parts.items():
        if name.endswith("Body") and "client_id" in part.get("properties", {}):
            assert part["properties"]["client_id"]["examples"]

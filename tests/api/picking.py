"""What a picker with a scanner does, as HTTP calls."""

import itertools
from typing import Any

import httpx

_NUMBERS = itertools.count()


def new_id() -> str:
    """A client id that was not used before."""
    return f"test-action-{next(_NUMBERS)}"


def take(client: httpx.Client, site: str = "SMALL") -> dict[str, Any]:
    """Take a run; the screen that follows."""
    return follow(client.post(f"/api/v1/sites/{site}/runs/take", json={"client_id": new_id()}))


def follow(answer: httpx.Response) -> dict[str, Any]:
    """The next screen of an answer."""
    assert answer.status_code == 200, answer.text
    screen: dict[str, Any] = answer.json()["next"]
    return screen


def step_path(screen: dict[str, Any]) -> str:
    """Where the calls about the step at hand go."""
    return f"/api/v1/runs/{screen['run']}/steps/{screen['step']['step']}"


def pick_body(screen: dict[str, Any], quantity: int | None = None) -> dict[str, Any]:
    """The confirmation of the step at hand, in full or in part."""
    step = screen["step"]
    return {
        "client_id": new_id(),
        "bin_code": step["bin_code"],
        "code": step["product"]["barcodes"][0],
        "quantity": step["quantity"] if quantity is None else quantity,
    }


def walk_to_the_end(client: httpx.Client, screen: dict[str, Any]) -> dict[str, Any]:
    """Scan and confirm every step that is left, and bring the cart to its end."""
    while screen["screen"] == "step":
        follow(client.post(f"{step_path(screen)}/bin", json={"code": screen["step"]["bin_code"]}))
        screen = follow(client.post(f"{step_path(screen)}/pick", json=pick_body(screen)))
    assert screen["screen"] == "finish"
    return follow(client.post(f"/api/v1/runs/{screen['run']}/finish", json={"client_id": new_id()}))

"""What a counter with a scanner does, as HTTP calls."""

from collections import Counter
from typing import Any

import httpx

from tests.api.picking import new_id


def books(client: httpx.Client, bin_code: str, site: str = "SMALL") -> Counter[str]:
    """What the books say lies in a bin, by product."""
    stock = client.get(f"/api/v1/sites/{site}/stock", params={"place": bin_code}).json()
    return Counter({each["product"]: each["quantity"] for each in stock})


def full_bin(client: httpx.Client, site: str = "SMALL") -> str:
    """A bin with goods that no run will pick."""
    stock = client.get(f"/api/v1/sites/{site}/stock", params={"limit": 1000}).json()
    places = {each["place"] for each in stock if each["kind"] == "bin"}
    return str(min(places - {each["place"] for each in stock if each["reserved"]}))


def do(client: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    """An action that goes well; its answer."""
    answer = client.post(f"/api/v1{path}", json={"client_id": new_id(), **body})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def count_bin(client: httpx.Client, seen: Counter[str], site: str = "SMALL") -> dict[str, Any]:
    """Take the next count, scan its bin, tell what is seen, and close it; the screen that follows."""
    count = do(client, f"/sites/{site}/counts/take")["next"]["count"]
    path = f"/counts/{count['count']}"
    do(client, f"{path}/bin", code=count["bin_code"])
    for product, quantity in seen.items():
        assert not do(client, f"{path}/goods", code=product, quantity=quantity)["moved"]
    closed = do(client, f"{path}/close")
    assert not closed["moved"]
    screen: dict[str, Any] = closed["next"]
    return screen

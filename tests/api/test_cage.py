"""Who may open the cage, through the API."""

from collections.abc import Callable

import httpx

from api.tables import Role
from tests.api.picking import new_id


def test_the_right_to_open_the_cage_is_given_and_taken(signed_in: Callable[[Role], httpx.Client]) -> None:
    manager, admin = signed_in(Role.MANAGER), signed_in(Role.ADMIN)
    right = "/api/v1/users/carla/cage"
    assert manager.get(right).json()["may_open"] is False
    body = {"client_id": new_id(), "may_open": True}
    assert manager.put(right, json=body).status_code == 403
    assert admin.put(right, json=body).json()["granted_by"] == "demo-admin"
    assert manager.get(right).json()["may_open"] is True
    assert admin.put(right, json={"client_id": new_id(), "may_open": False}).json()["may_open"] is False
    assert admin.put("/api/v1/users/nobody/cage", json={"client_id": new_id(), "may_open": True}).status_code == 404
    assert manager.get("/api/v1/sites/SMALL/cage/entries").json() == []

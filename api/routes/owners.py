"""Whose goods there are, and the keys of merchants' programs."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.merchant_keys import AddKey, MerchantKey, RevokeKey, add_key, list_keys, new_key, revoke_key, sha256
from api.serving import ServingNow
from api.wire import Body, ClientId
from inventory.work.owning import Owner, SaveOwner, list_owners, save_owner
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1", tags=["owners"], route_class=GuardedRoute)

OwnerCode = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$", examples=["acme"])]


class OwnerBody(Body):
    """What a merchant is called."""

    client_id: ClientId
    name: str = Field(min_length=1, max_length=200, examples=["Acme Trading"])


class KeyBody(Body):
    """A key to make."""

    name: str = Field(min_length=1, max_length=64, description="what it is for", examples=["shop system"])


class NewKey(Body):
    """A key that was made. The `key` itself is shown here and never again."""

    key: str = Field(description="for the header `Authorization: Bearer KEY`")
    key_id: int
    owner: str
    name: str


@router.get("/owners")
def get_owners(serving: ServingNow) -> tuple[Owner, ...]:
    """Whose goods there may be: the house and the merchants."""
    with serving.database.read() as session:
        return list_owners(session)


@router.put("/owners/{owner}", responses=responses(WrongState, AlreadyAnswered))
def put_owner(owner: OwnerCode, body: OwnerBody, serving: ServingNow) -> Owner:
    """Add a merchant, or change the name of one."""
    return serving.run(save_owner, SaveOwner(owner, body.name, body.client_id))


@router.get("/owners/{owner}/keys", responses=responses(NotFound))
def get_keys(owner: OwnerCode, serving: ServingNow) -> list[MerchantKey]:
    """The keys of a merchant, those revoked too."""
    with serving.database.read() as session:
        return list_keys(session, owner)


@router.post("/owners/{owner}/keys", responses=responses(NotFound, WrongState))
def post_key(owner: OwnerCode, body: KeyBody, who: Who, serving: ServingNow) -> NewKey:
    """Make a key that sees this merchant's goods and nothing else. If the reply is lost, revoke it and make another."""
    key = new_key()
    made = serving.run(add_key, AddKey(owner, body.name, sha256(key), who.user))
    return NewKey(key=key, key_id=made.key_id, owner=made.owner, name=made.name)


@router.post("/keys/{key}/revoke", responses=responses(NotFound))
def post_revoke_key(key: int, who: Who, serving: ServingNow) -> MerchantKey:
    """Let a key open nothing any more, at once."""
    return serving.run(revoke_key, RevokeKey(key, who.user))

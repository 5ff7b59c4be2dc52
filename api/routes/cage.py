"""The cage: who may open it, and who did."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.users import find_user
from api.wire import Body, ClientId, SiteCode
from inventory.work.caging import CageEntry, CageRight, SetCageRight, cage_entries, cage_right, set_cage_right
from warehouse.errors import AlreadyAnswered, NotFound

router = APIRouter(prefix="/api/v1", tags=["cage"], route_class=GuardedRoute)

Name = Annotated[str, Path(max_length=64, examples=["anna"])]


class CageBody(Body):
    """Whether somebody may open the cage."""

    client_id: ClientId
    may_open: bool = Field(examples=[True])


@router.get("/users/{name}/cage", responses=responses(NotFound))
def get_cage_right(name: Name, serving: ServingNow) -> CageRight:
    """Whether somebody may open the cage."""
    with serving.database.read() as session:
        return cage_right(session, find_user(session, name).name)


@router.put("/users/{name}/cage", responses=responses(NotFound, AlreadyAnswered))
def put_cage_right(name: Name, body: CageBody, who: Who, serving: ServingNow) -> CageRight:
    """Let somebody open the cage, or no more."""
    with serving.database.read() as session:
        user = find_user(session, name).name
    return serving.run(set_cage_right, SetCageRight(user, body.may_open, who.user, body.client_id))


@router.get("/sites/{site}/cage/entries", responses=responses(NotFound))
def get_cage_entries(
    site: SiteCode,
    serving: ServingNow,
    since_ms: Annotated[int, Query(ge=0, description="only from this time on, in ms since 1970")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> tuple[CageEntry, ...]:
    """Who opened the cage of a site, when, where and what for; the latest first."""
    with serving.database.read() as session:
        return cage_entries(session, site, since_ms=since_ms, limit=limit)

"""What was done by itself at night."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import GuardedRoute
from api.errors import responses
from api.serving import ServingNow
from api.wire import SiteCode
from inventory.work.nights import NightView, nights
from warehouse.errors import NotFound

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["nights"], route_class=GuardedRoute)


@router.get("/nights", responses=responses(NotFound))
def get_nights(
    site: SiteCode,
    serving: ServingNow,
    days: Annotated[int, Query(ge=1, le=366, description="how many nights")] = 7,
) -> tuple[NightView, ...]:
    """What the house did by itself in the last nights, what came of it, and what is tried again."""
    with serving.database.read() as session:
        return nights(session, site, num_days=days)

"""Temperature and humidity of zones, and what became of goods when they were wrong."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from api.access import GuardedRoute, OwnerScope, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, SiteCode
from inventory.rules.storage_policy import NO_COLDEST_DC
from inventory.work.climate import (
    AcknowledgeExcursion,
    ReadingTaken,
    TakeReading,
    acknowledge_excursion,
    take_reading,
)
from inventory.work.excursion_views import ExcursionView, excursions
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["climate"], route_class=GuardedRoute)

Zone = Annotated[str, Path(max_length=64, description="zone of the site", examples=["chilled"])]


class ReadingBody(ActionBody):
    """What a thermometer says."""

    temperature_dc: int = Field(gt=NO_COLDEST_DC, le=10_000, description="tenths of a degree Celsius", examples=[45])
    humidity_percent: int | None = Field(default=None, ge=0, le=100, examples=[60])
    at_ms: int | None = Field(default=None, gt=0, description="when, in ms since 1970 UTC; now if left out")
    source: str = Field(default="", max_length=64, description="which thermometer", examples=["T-17"])


@router.post("/zones/{zone}/readings", responses=responses(NotFound, AlreadyAnswered))
def post_reading(site: SiteCode, zone: Zone, body: ReadingBody, who: Who, serving: ServingNow) -> ReadingTaken:
    """Record a reading. Goods that it is bad for go on hold at once, and an excursion is raised, once."""
    command = TakeReading(site=site, zone=zone, user=who.user, **body.model_dump())
    return take_reading(serving.database, command, serving.clock)


@router.get("/excursions", responses=responses(NotFound))
def get_excursions(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    acknowledged: Annotated[bool | None, Query(description="only those that somebody has acknowledged, or not")] = None,
    product: Annotated[str | None, Query(max_length=64, description="only those bad for this product")] = None,
    lot: Annotated[str | None, Query(max_length=64, description="only those bad for this lot")] = None,
) -> tuple[ExcursionView, ...]:
    """Where zones left their climate, the latest first, with the lots that it was bad for."""
    with serving.database.read() as session:
        return excursions(session, site, acknowledged=acknowledged, product=product, lot=lot, owner=owner)


@router.post("/excursions/{excursion}/acknowledge", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_acknowledge_excursion(
    site: SiteCode, excursion: int, body: ActionBody, who: Who, serving: ServingNow
) -> ExcursionView:
    """Take care of an excursion."""
    return serving.run(acknowledge_excursion, AcknowledgeExcursion(site, excursion, who.user, body.client_id))

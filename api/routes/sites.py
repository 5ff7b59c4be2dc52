"""The sites, and their floors drawn."""

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import col

from api.access import GuardedRoute
from api.errors import responses
from api.serving import ServingNow
from api.wire import SVG, SiteCode, SvgResponse
from inventory.work.sites import live_site
from warehouse.bins import StationKind
from warehouse.drawing import floor_svg
from warehouse.errors import NotFound
from warehouse.tables import SiteRow

router = APIRouter(prefix="/api/v1", tags=["sites"], route_class=GuardedRoute)


class SiteName(BaseModel):
    """A site."""

    code: str = Field(examples=["DEMO"])
    name: str = Field(examples=["Onward demo warehouse"])
    time_zone: str = Field(examples=["Europe/Rome"])


class StationFacts(BaseModel):
    """A place where runs begin or end."""

    name: str = Field(examples=["packing"])
    kind: StationKind


class SiteFacts(SiteName):
    """A site with what stands in it."""

    num_bins: int = Field(examples=[1920])
    zones: list[str] = Field(examples=[["ambient", "chilled"]])
    stations: list[StationFacts]
    definition: str = Field(description="the site file, as docs/site-file.md describes it")


@router.get("/sites")
def get_sites(serving: ServingNow) -> list[SiteName]:
    """The sites, by code."""
    query = select(col(SiteRow.code), col(SiteRow.name), col(SiteRow.time_zone)).order_by(col(SiteRow.code))
    with serving.database.read() as session:
        return [SiteName(code=code, name=name, time_zone=time_zone) for code, name, time_zone in session.execute(query)]


@router.get("/sites/{site}", responses=responses(NotFound))
def get_site(site: SiteCode, serving: ServingNow) -> SiteFacts:
    """One site."""
    with serving.database.read() as session:
        live = live_site(session, site).site
    return SiteFacts(
        code=live.code,
        name=live.name,
        time_zone=live.time_zone,
        num_bins=len(live.bins),
        zones=list(live.zones),
        stations=[StationFacts(name=each.name, kind=each.kind) for each in live.stations],
        definition=live.definition,
    )


@router.get("/sites/{site}/map.svg", response_class=SvgResponse, responses=SVG | responses(NotFound))
def get_site_map(site: SiteCode, serving: ServingNow) -> SvgResponse:
    """The floor of a site, drawn."""
    with serving.database.read() as session:
        live = live_site(session, site).site
    return SvgResponse(floor_svg(live.floor, bins=live.bins, stations=live.stations, title=live.name))

"""Goods are scanned off a truck; those that nobody knows wait for a manager."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, Body, Code, SiteCode
from inventory.rules.receiving import Decision
from inventory.work.dock_scans import DockScan, Unload, Unloaded
from inventory.work.unknown_arrivals import (
    NoteUnknownArrival,
    ResolveUnknown,
    UnknownArrival,
    UnknownNoted,
    note_unknown_arrival,
    resolve_unknown,
    unknown_arrivals,
)
from inventory.work.unloading import unload
from inventory.work.wrapping import SayWrapping, WrappingSaid, say_wrapping
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable, SerialsNeeded, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["receiving"], route_class=GuardedRoute)

Number = Annotated[str, Path(max_length=64, description="number of the delivery", examples=["ASN-7001"])]
SCANS_MAX = 500
"""A pallet of single boxes in one call; it is taken well within a second."""


class DockScanBody(Body):
    """A scan; the fields beside `code` are for what the symbol does not say."""

    code: str = Field(
        min_length=1,
        max_length=200,
        description="GS1 symbol, barcode or product code, scanned or typed",
        examples=["]d20104006381333931172701311045A~21S1"],
    )
    quantity: int | None = Field(default=None, gt=0, le=1_000_000, description="what the symbol says, or one")
    lot: str = Field(default="", max_length=64)
    expires_on: date | None = None
    serial: str = Field(default="", max_length=64)
    decision: Decision = Field(default=Decision.NONE, description="on more than was announced, or on other goods")
    hold: bool = Field(default=False, description="keep for a check")
    damaged: bool = Field(default=False, description="came broken")
    wrapped: bool | None = Field(default=None, description="is wrapped at the dock; as advised, if left out")


class ScansBody(ActionBody):
    """One scan, or many; each is taken or not by itself."""

    scans: list[DockScanBody] = Field(min_length=1, max_length=SCANS_MAX)


class WrappingBody(ActionBody):
    """Whether goods were wrapped, if that was noted wrongly when they were scanned."""

    product: Code = Field(description="code or barcode", examples=["85123A"])
    wrapped: bool = Field(description="of all units of it that have come off the truck")


class UnknownBody(ActionBody):
    """Goods that no product is known for."""

    code: str = Field(min_length=1, max_length=100, description="what was scanned or read", examples=["4099999999990"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[6])
    description: str = Field(default="", max_length=500, examples=["blue box, no label"])
    photo: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$", description="name of a photo sent before")


class ResolveBody(ActionBody):
    """What unknown goods are; without a product they are refused."""

    product: Code | None = Field(default=None, examples=["85123A"])
    lot: Code | None = None
    expires_on: date | None = None
    serials: list[Code] = Field(default=[], max_length=1_000, description="of goods known by serials, one a unit")


@router.post("/deliveries/{number}/scans", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_scans(site: SiteCode, number: Number, body: ScansBody, who: Who, serving: ServingNow) -> Unloaded:
    """Take in what was scanned off a truck. Each scan has its verdict: `taken`, or what keeps it from being taken."""
    scans = tuple(DockScan(**each.model_dump() | {"code": serving.goods(each.code)}) for each in body.scans)
    command = Unload(site, number, scans, who.user, device=who.device, client_id=body.client_id)
    return serving.run(unload, command)


@router.post(
    "/deliveries/{number}/wrapping", responses=responses(NotFound, ScanUnreadable, WrongState, AlreadyAnswered)
)
def post_wrapping(site: SiteCode, number: Number, body: WrappingBody, who: Who, serving: ServingNow) -> WrappingSaid:
    """Say of all units of a product that have come off a truck whether they are wrapped, whatever was noted before."""
    product = serving.goods(body.product)
    command = SayWrapping(site, number, product, body.wrapped, who.user, who.device, body.client_id)
    return serving.run(say_wrapping, command)


@router.post("/deliveries/{number}/unknown", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_unknown_arrival(
    site: SiteCode, number: Number, body: UnknownBody, who: Who, serving: ServingNow
) -> UnknownNoted:
    """Note goods that no product is known for; they stay at the dock until a manager knows them."""
    command = NoteUnknownArrival(
        site,
        number,
        serving.goods(body.code),
        body.quantity,
        who.user,
        body.description,
        body.photo,
        body.client_id,
    )
    return serving.run(note_unknown_arrival, command)


@router.get("/unknown-arrivals", responses=responses(NotFound))
def get_unknown_arrivals(site: SiteCode, serving: ServingNow, resolved: bool = False) -> list[UnknownArrival]:
    """Goods that came and that nobody knows; with `resolved`, also those that somebody knew later."""
    with serving.database.read() as session:
        return list(unknown_arrivals(session, site, open_only=not resolved))


@router.post(
    "/unknown-arrivals/{arrival}/resolve", responses=responses(NotFound, WrongState, SerialsNeeded, AlreadyAnswered)
)
def post_resolve_unknown(
    site: SiteCode, arrival: int, body: ResolveBody, who: Who, serving: ServingNow
) -> UnknownArrival:
    """Say which product unknown goods are, and take them in; or refuse them."""
    command = ResolveUnknown(
        site, arrival, who.user, body.product, body.lot, body.expires_on, tuple(body.serials), body.client_id
    )
    return serving.run(resolve_unknown, command)

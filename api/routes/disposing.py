"""Goods that may not be sold leave the house, the list of what has left, and units that are named where they lie."""

from dataclasses import replace
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import Field, model_validator

from api.access import GuardedRoute, OwnerScope, Who
from api.errors import responses
from api.routes.withholding import REFUSALS, CauseCode, LotCode, PlaceScan, ProductScan, Units
from api.serving import ServingNow
from api.tables import Role
from api.wire import Body, ClientId, Code, SiteCode
from inventory.rules.stock_policy import StockStatus
from inventory.work.disposing import Disposal, Dispose, Disposed, WayOut, disposals, dispose
from inventory.work.serial_registering import RegisterSerials, SerialsRegistered, register_serials
from warehouse.errors import AlreadyAnswered, CageClosed, NotFound, SerialsNeeded, StockShort, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}/stock", tags=["stock"], route_class=GuardedRoute)


class DisposeBody(Body):
    """Goods to let go; what is left out is not asked for, so a status alone means all goods of it."""

    client_id: ClientId
    status: StockStatus = Field(description="what they are now; not available", examples=["expired"])
    way_out: WayOut = Field(description="what becomes of them", examples=["destroyed"])
    cause: CauseCode
    place: PlaceScan | None = None
    product: ProductScan | None = None
    lot: LotCode | None = None
    owner: Code | None = Field(default=None, description="only this owner's goods", examples=["acme"])
    quantity: Units | None = Field(default=None, description="of one product in one place; all, if left out")
    serials: tuple[Code, ...] = Field(default=(), description="of serialised goods, one a unit", examples=[["SN-417"]])

    @model_validator(mode="after")
    def _quantity_is_of_something(self) -> Self:
        if (self.quantity is not None or self.serials) and (self.place is None or self.product is None):
            raise ValueError("a quantity or serials need the place and the product that they are of")
        return self


@router.post(
    "/dispose",
    responses=REFUSALS | responses(SerialsNeeded, StockShort, WrongState, AlreadyAnswered, CageClosed),
)
def post_dispose(site: SiteCode, body: DisposeBody, who: Who, serving: ServingNow) -> Disposed:
    """Let goods that may not be sold leave the house: destroyed, given away, back to the supplier or to their owner."""
    facts = body.model_dump(exclude={"client_id"})
    return serving.run(dispose, Dispose(site=site, user=who.user, client_id=body.client_id, **facts))


@router.get("/disposed", responses=responses(NotFound))
def get_disposed(
    site: SiteCode,
    who: Who,
    serving: ServingNow,
    owner: OwnerScope,
    since_ms: Annotated[int, Query(ge=0, description="only from this time on")] = 0,
    after: Annotated[int, Query(ge=0, description="number of the last movement of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> tuple[Disposal, ...]:
    """What has left because it might not be sold, with its owner and value, the earliest first, a page at a time."""
    with serving.database.read() as session:
        found = disposals(session, site, owner=owner, since_ms=since_ms, after=after, limit=limit)
    if who.role is Role.MERCHANT:  # whose goods they are is told what became of them, not who works here
        return tuple(replace(each, user="") for each in found)
    return found


class SerialsBody(Body):
    """Units that lie somewhere and are to be known by their serials from now on."""

    client_id: ClientId
    place: PlaceScan
    product: ProductScan
    lot: LotCode | None = None
    owner: Code | None = Field(default=None, examples=["acme"])
    status: StockStatus = Field(default=StockStatus.AVAILABLE, description="which of the goods there")
    serials: tuple[Code, ...] = Field(min_length=1, max_length=1000, description="one a unit", examples=[["SN-417"]])


@router.post("/serials", responses=REFUSALS | responses(SerialsNeeded, StockShort, WrongState, AlreadyAnswered))
def post_serials(site: SiteCode, body: SerialsBody, who: Who, serving: ServingNow) -> SerialsRegistered:
    """Name units that lay here before their product was known by serials."""
    facts = body.model_dump(exclude={"client_id"})
    command = RegisterSerials(site=site, user=who.user, client_id=body.client_id, **facts)
    return serving.run(register_serials, command)

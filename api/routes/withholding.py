"""Goods change status, bin or lot, each for a cause of the site's list; and the policy that holds the list."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import Body, ClientId, Code, SiteCode
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.work.lot_correcting import (
    CorrectExpiry,
    CorrectLot,
    ExpiryCorrected,
    LotCorrected,
    correct_expiry,
    correct_lot,
)
from inventory.work.moving import GoodsMoved, MoveGoods, move_goods
from inventory.work.statuses import ChangeStatus, StatusChanged, change_status
from inventory.work.stock_policies import (
    SetStockPolicy,
    StockPolicyView,
    set_stock_policy,
    stock_policy_versions,
    stock_policy_view,
)
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    CageClosed,
    NotFound,
    ScanUnreadable,
    SerialsNeeded,
    StockShort,
    StowRefused,
    WrongState,
)

router = APIRouter(prefix="/api/v1/sites/{site}/stock", tags=["stock"], route_class=GuardedRoute)

UNITS_MAX = 1_000_000

PlaceScan = Annotated[Code, Field(description="bin, tote or station, scanned or typed", examples=["07-042-B1-K"])]
ProductScan = Annotated[Code, Field(description="code or barcode", examples=["85123A"])]
LotCode = Annotated[Code, Field(examples=["L2025-117"])]
OwnerCode = Annotated[Code, Field(description="where several have a lot of this code there", examples=["acme"])]
CauseCode = Annotated[Code, Field(description="of the site's list", examples=["quality-check"])]
Units = Annotated[int, Field(gt=0, le=UNITS_MAX, examples=[6])]

REFUSALS = responses(NotFound, BinCodeInvalid, ScanUnreadable, StockShort, CageClosed, WrongState, AlreadyAnswered)


class GoodsBody(Body):
    """Goods in a place; the lot may be left out where one lot of the product lies there."""

    client_id: ClientId
    place: PlaceScan
    product: ProductScan
    lot: LotCode | None = None
    owner: OwnerCode | None = None
    cause: CauseCode
    quantity: Units | None = Field(default=None, description="all that lie there, if left out")


class WithholdBody(GoodsBody):
    """Goods that may not be sold from now on."""

    status: StockStatus = Field(description="what they become; not available", examples=["hold"])
    from_status: StockStatus = Field(default=StockStatus.AVAILABLE, description="what they are now")


class FreeBody(GoodsBody):
    """Goods that may be sold again."""

    status: StockStatus = Field(description="what they are now", examples=["hold"])


class MoveBody(Body):
    """Goods to put into another bin."""

    client_id: ClientId
    from_place: PlaceScan
    to_bin: PlaceScan
    product: ProductScan
    lot: LotCode | None = None
    owner: OwnerCode | None = None
    quantity: Units
    cause: CauseCode
    status: StockStatus = Field(default=StockStatus.AVAILABLE, description="which of the goods there; they keep it")
    serials: tuple[Code, ...] = Field(default=(), description="of serialised goods out of a tote", examples=[["SN-7"]])


class LotBody(Body):
    """Units that were recorded as another lot than they are."""

    client_id: ClientId
    place: PlaceScan
    product: ProductScan
    lot: LotCode
    to_lot: LotCode
    expires_on: date | None = Field(default=None, description="of the right lot")
    status: StockStatus = StockStatus.AVAILABLE
    cause: CauseCode


class ExpiryBody(Body):
    """A lot that was recorded with another expiry than it has."""

    client_id: ClientId
    product: ProductScan
    lot: LotCode
    expires_on: date | None = Field(description="null for never")
    cause: CauseCode


class PolicyBody(Body):
    """The policy that is to hold from now on, or from a later moment."""

    client_id: ClientId
    replaces: int = Field(ge=0, description="the version it was made from; 0 where none was set", examples=[0])
    policy: StockPolicy
    holds_from_ms: int | None = Field(default=None, description="from when it holds, milliseconds since 1970; now")


@router.post("/withhold", responses=REFUSALS)
def post_withhold(site: SiteCode, body: WithholdBody, who: Who, serving: ServingNow) -> StatusChanged:
    """Take goods off sale. Orders that were promised them wait again; runs under way look elsewhere at once."""
    if body.status is StockStatus.AVAILABLE:
        raise WrongState("status", body.status, "not one that withholds; free the goods instead")
    return _change(site, body, body.from_status, body.status, who, serving)


@router.post("/free", responses=REFUSALS)
def post_free(site: SiteCode, body: FreeBody, who: Who, serving: ServingNow) -> StatusChanged:
    """Put goods back on sale."""
    return _change(site, body, body.status, StockStatus.AVAILABLE, who, serving)


def _change(
    site: str, body: GoodsBody, from_status: StockStatus, to_status: StockStatus, who: Who, serving: ServingNow
) -> StatusChanged:
    command = ChangeStatus(
        site=site,
        place=body.place,
        product=body.product,
        to_status=to_status,
        cause=body.cause,
        user=who.user,
        from_status=from_status,
        quantity=body.quantity,
        lot=body.lot,
        owner=body.owner,
        client_id=body.client_id,
    )
    return change_status(serving.database, command, serving.clock)


@router.post(
    "/move",
    responses=REFUSALS | responses(StowRefused, CageClosed, StockShort, WrongState, AlreadyAnswered, SerialsNeeded),
)
def post_move(site: SiteCode, body: MoveBody, who: Who, serving: ServingNow) -> GoodsMoved:
    """Move free goods into another bin, under the stowing rules."""
    facts = body.model_dump(exclude={"client_id"})
    return serving.run(move_goods, MoveGoods(site=site, user=who.user, client_id=body.client_id, **facts))


@router.post("/correct-lot", responses=REFUSALS | responses(SerialsNeeded))
def post_correct_lot(site: SiteCode, body: LotBody, who: Who, serving: ServingNow) -> LotCorrected:
    """Record all units of a lot in a place as the lot that they are."""
    facts = body.model_dump(exclude={"client_id"})
    command = CorrectLot(site=site, user=who.user, client_id=body.client_id, **facts)
    return correct_lot(serving.database, command, serving.clock)


@router.post("/correct-expiry", responses=responses(NotFound, ScanUnreadable, WrongState, AlreadyAnswered))
def post_correct_expiry(site: SiteCode, body: ExpiryBody, who: Who, serving: ServingNow) -> ExpiryCorrected:
    """Record the right expiry of a lot, for all its units at every site."""
    facts = body.model_dump(exclude={"client_id"})
    return serving.run(correct_expiry, CorrectExpiry(site=site, user=who.user, client_id=body.client_id, **facts))


@router.get("/policy", responses=responses(NotFound))
def get_policy(site: SiteCode, serving: ServingNow) -> StockPolicyView:
    """What the site has decided about its stock: causes, life that must be left, alerts; by whom and when."""
    with serving.database.read() as session:
        return stock_policy_view(session, site, serving.clock)


@router.get("/policy/versions", responses=responses(NotFound))
def get_policy_versions(site: SiteCode, serving: ServingNow) -> tuple[StockPolicyView, ...]:
    """Every version of the site's policy with its author and the moment from which it holds, the last set first."""
    with serving.database.read() as session:
        return stock_policy_versions(session, site)


@router.put("/policy", responses=responses(NotFound, WrongState, AlreadyAnswered))
def put_policy(site: SiteCode, body: PolicyBody, who: Who, serving: ServingNow) -> StockPolicyView:
    """Let another policy hold, now or from a later moment; the ones before it stay on record."""
    command = SetStockPolicy(site, body.policy, body.replaces, who.user, body.client_id, body.holds_from_ms)
    return serving.run(set_stock_policy, command)

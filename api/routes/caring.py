"""Hanging goods are cared for: somebody asks for it, people do the steps, and the record tells of them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.caring_screen import CareNext, care_screen
from api.errors import responses
from api.routes.withholding import LotCode, PlaceScan, ProductScan, Units
from api.serving import Serving, ServingNow
from api.wire import ActionBody, Code, SiteCode
from inventory.rules.care import CareStep, Finding
from inventory.rules.stock_policy import StockStatus
from inventory.work.care_asking import AskForCare, CareAsked, ask_for_care
from inventory.work.care_views import CareRecord, care_record
from inventory.work.caring import (
    CareOver,
    FinishCare,
    HangToDry,
    LeaveCare,
    TakeCare,
    finish_care,
    hang_to_dry,
    leave_care,
    take_care,
)
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    CageClosed,
    NotFound,
    ScanMismatch,
    ScanUnreadable,
    StockShort,
    WrongState,
)

router = APIRouter(prefix="/api/v1", tags=["care"], route_class=GuardedRoute)

SCAN_PROBLEMS = (ScanMismatch, BinCodeInvalid, ScanUnreadable, StockShort, CageClosed)


class AskForCareBody(ActionBody):
    """Goods that are to go through steps before they are for sale again; all that lie there, without a quantity."""

    place: PlaceScan
    product: ProductScan
    lot: LotCode | None = None
    owner: Code | None = Field(default=None, description="only this owner's goods", examples=["acme"])
    quantity: Units | None = None
    status: StockStatus = Field(default=StockStatus.AVAILABLE, description="what they are now: available or hold")
    steps: tuple[CareStep, ...] = Field(min_length=1, max_length=3, examples=[["inspection", "drying"]])
    because: str = Field(default="", max_length=64, examples=["wet from the truck"])


class CareHungBody(ActionBody):
    """The product that was scanned."""

    code: Code = Field(description="product code or barcode", examples=["4006381333931"])


class CareDoneBody(CareHungBody):
    """What was found of how many units; `also` are steps that were found necessary."""

    quantity: int = Field(gt=0, le=1_000_000, examples=[2])
    finding: Finding = Field(examples=["good"])
    also: tuple[CareStep, ...] = Field(default=(), max_length=3, examples=[["repair"]])
    note: str = Field(default="", max_length=200, examples=["button missing"])
    place: PlaceScan | None = None


class CareLeftBody(ActionBody):
    """Why a step is not done."""

    why: str = Field(min_length=1, max_length=200, examples=["not there"])


def _next(serving: Serving, user: str) -> CareNext:
    with serving.database.read() as session:
        return CareNext(next=care_screen(session, user))


@router.get("/sites/{site}/care", responses=responses(NotFound, ScanUnreadable))
def get_care(
    site: SiteCode,
    serving: ServingNow,
    product: Annotated[str | None, Query(max_length=200, description="code or barcode")] = None,
    lot: Annotated[str | None, Query(max_length=64)] = None,
    waiting: Annotated[bool, Query(description="only what is still to be done")] = False,
    after: Annotated[int, Query(ge=0, description="number of the last step of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> tuple[CareRecord, ...]:
    """The record of care: steps that wait and steps that are over, with who did them and what was found."""
    with serving.database.read() as session:
        return care_record(session, site, product=product, lot=lot, waiting=waiting, after=after, limit=limit)


@router.post(
    "/sites/{site}/care",
    responses=responses(NotFound, BinCodeInvalid, ScanUnreadable, StockShort, WrongState, AlreadyAnswered),
)
def post_care(site: SiteCode, body: AskForCareBody, who: Who, serving: ServingNow) -> CareAsked:
    """Put goods into care: they are on hold until the last step is done, and runs look for others at once."""
    command = AskForCare(site=site, user=who.user, device=who.device, **body.model_dump())
    return ask_for_care(serving.database, command, serving.clock)


@router.get("/caring")
def get_caring(who: Who, serving: ServingNow) -> CareNext:
    """The step that the person who is signed in has taken."""
    return _next(serving, who.user)


@router.post("/sites/{site}/care/take", responses=responses(NotFound, AlreadyAnswered))
def post_care_take(site: SiteCode, body: ActionBody, who: Who, serving: ServingNow) -> CareNext:
    """Take the step that has waited longest, or go on with the one at hand; for an hour it is nobody else's."""
    serving.run(take_care, TakeCare(site, who.user, body.client_id))
    return _next(serving, who.user)


@router.post(
    "/care/{task}/hung", responses=responses(NotFound, ScanMismatch, ScanUnreadable, WrongState, AlreadyAnswered)
)
def post_care_hung(task: int, body: CareHungBody, who: Who, serving: ServingNow) -> CareNext:
    """Say that goods hang to dry; somebody is sent to look at them when the hours of the site's policy are over."""
    serving.run(hang_to_dry, HangToDry(task, who.user, serving.goods(body.code), client_id=body.client_id))
    return _next(serving, who.user)


@router.post("/care/{task}/done", responses=responses(NotFound, *SCAN_PROBLEMS, WrongState, AlreadyAnswered))
def post_care_done(task: int, body: CareDoneBody, who: Who, serving: ServingNow) -> CareNext:
    """Say what was found of some units or all; those that are not done stay at hand."""
    facts = body.model_dump(exclude={"code"})
    scanned = serving.goods(body.code)
    serving.run(finish_care, FinishCare(task=task, user=who.user, product=scanned, device=who.device, **facts))
    return _next(serving, who.user)


@router.post("/care/{task}/leave", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_care_leave(task: int, body: CareLeftBody, who: Who, serving: ServingNow) -> CareNext:
    """Leave a step; after an hour it is given to somebody again."""
    serving.run(leave_care, LeaveCare(task, who.user, body.why, client_id=body.client_id))
    return _next(serving, who.user)


@router.post("/care/{task}/drop", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_care_drop(task: int, body: CareLeftBody, who: Who, serving: ServingNow) -> CareOver:
    """End a step that nobody is to do any more; what it was for stays on hold until it is freed or disposed of."""
    return serving.run(leave_care, LeaveCare(task, who.user, body.why, forever=True, client_id=body.client_id))

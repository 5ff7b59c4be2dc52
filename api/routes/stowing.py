"""Goods are put away: directed, bin by bin on one walk, or freely, where the rules allow it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import Serving, ServingNow
from api.stowing_screen import StowNext, stow_screen
from api.wire import ActionBody, Code, SiteCode
from inventory.work.bin_advice import BinAsked, ProposedBin, bins_proposed
from inventory.work.bin_fill import SiteFill, bin_fill
from inventory.work.bin_outlook import FullOn, full_on
from inventory.work.consolidating import EmptyingMove, emptying_moves
from inventory.work.consolidation_alerts import (
    AcknowledgeConsolidation,
    ConsolidationAlertView,
    acknowledge_consolidation,
    consolidation_alerts,
)
from inventory.work.receiving import inbound_station
from inventory.work.sites import live_site
from inventory.work.stow_planning import PlanStow, plan_stow
from inventory.work.stow_walking import ConfirmStow, LeaveStow, confirm_stow, leave_stow
from inventory.work.stowing import Stow, Stowed, stow
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    NotFound,
    ScanMismatch,
    ScanUnreadable,
    StockShort,
    StowRefused,
    WrongState,
)

router = APIRouter(prefix="/api/v1", tags=["stowing"], route_class=GuardedRoute)

Place = Annotated[Code, Field(description="where the goods are", examples=["dock"])]
SCAN_PROBLEMS = (NotFound, BinCodeInvalid, ScanUnreadable, StowRefused, StockShort, WrongState, AlreadyAnswered)


class StowRunBody(ActionBody):
    """Give me a cart of what waits; at the first inbound dock if no place is named."""

    from_place: Place | None = None


class StowStepBody(ActionBody):
    """The bin and the product that were scanned."""

    bin_code: Code = Field(examples=["07-042-B1-K"])
    code: Code = Field(examples=["4006381333931"])


class StowLeaveBody(ActionBody):
    """Why the goods cannot go into the bin."""

    why: str = Field(min_length=1, max_length=200, examples=["no room"])


class StowBody(ActionBody):
    """Goods to put into a bin of the stower's own choice."""

    from_place: Place | None = None
    bin_code: Code = Field(examples=["07-042-B1-K"])
    code: Code = Field(description="product code or barcode", examples=["4006381333931"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[12])
    lot: Code | None = Field(default=None, description="where several lots wait")
    owner: Code | None = Field(default=None, description="where several have a lot of this code there")


def _next(serving: Serving, stower: str, waits: list[str] | None = None) -> StowNext:
    with serving.database.read() as session:
        return StowNext(next=stow_screen(session, stower), waits=waits or [])


def _from_place(serving: Serving, site: str, named: str | None) -> str:
    with serving.database.read() as session:
        return named or inbound_station(live_site(session, site))


@router.get("/stowing")
def get_stowing(who: Who, serving: ServingNow) -> StowNext:
    """What the person who is signed in has to put away now."""
    return _next(serving, who.user)


@router.post("/sites/{site}/stow-runs", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_stow_run(site: SiteCode, body: StowRunBody, who: Who, serving: ServingNow) -> StowNext:
    """Take a cart of what waits, with a bin for everything on it, or go on with the cart at hand."""
    command = PlanStow(site, _from_place(serving, site, body.from_place), who.user, client_id=body.client_id)
    planned = plan_stow(serving.database, command, serving.clock)
    return _next(serving, who.user, [f"{each.quantity} of {each.product}" for each in planned.not_planned])


@router.post("/stow-steps/{step}/confirm", responses=responses(ScanMismatch, *SCAN_PROBLEMS))
def post_stow_confirm(step: int, body: StowStepBody, who: Who, serving: ServingNow) -> StowNext:
    """Say that the goods of the step at hand are in their bin. All of them are booked at once."""
    command = ConfirmStow(step, who.user, body.bin_code, serving.goods(body.code), who.device, body.client_id)
    serving.run(confirm_stow, command)
    return _next(serving, who.user)


@router.post("/stow-steps/{step}/leave", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_stow_leave(step: int, body: StowLeaveBody, who: Who, serving: ServingNow) -> StowNext:
    """Say that the goods cannot go into their bin; they wait again where the cart came from."""
    serving.run(leave_stow, LeaveStow(step, who.user, body.why, body.client_id))
    return _next(serving, who.user)


@router.post("/sites/{site}/stow", responses=responses(*SCAN_PROBLEMS))
def post_stow(site: SiteCode, body: StowBody, who: Who, serving: ServingNow) -> Stowed:
    """Put goods into any bin that the rules allow; a refusal says why in one line."""
    command = Stow(
        site=site,
        from_place=_from_place(serving, site, body.from_place),
        bin_code=body.bin_code,
        product=serving.goods(body.code),
        quantity=body.quantity,
        user=who.user,
        lot=body.lot,
        owner=body.owner,
        device=who.device,
        client_id=body.client_id,
    )
    return serving.run(stow, command)


@router.get("/sites/{site}/bins/proposed", responses=responses(NotFound, ScanUnreadable))
def get_proposed(
    site: SiteCode,
    who: Who,
    serving: ServingNow,
    product: Annotated[str, Query(max_length=100, description="code or barcode", examples=["85123A"])],
    quantity: Annotated[int, Query(gt=0, le=1_000_000)] = 1,
    lot: Annotated[str | None, Query(max_length=64, description="where a product has several")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
) -> tuple[ProposedBin, ...]:
    """The best bins for goods, by the rules and the preferences of the site."""
    with serving.database.read() as session:
        asked = BinAsked(site, serving.goods(product), quantity, limit, who.user, lot)
        return bins_proposed(session, asked, serving.clock)


@router.get("/sites/{site}/bins/fill", responses=responses(NotFound))
def get_fill(site: SiteCode, serving: ServingNow) -> SiteFill:
    """How full the bins of the site are now, in all and zone by zone, and how many are nearly empty."""
    with serving.database.read() as session:
        return bin_fill(session, site, serving.clock)


@router.get("/sites/{site}/bins/full-on", responses=responses(NotFound))
def get_full_on(site: SiteCode, serving: ServingNow) -> FullOn:
    """The day on which all bins will be full, and those of each zone, as they fill now and with what is announced."""
    with serving.database.read() as session:
        return full_on(session, site, serving.clock)


@router.get("/sites/{site}/bins/emptying", responses=responses(NotFound))
def get_emptying(
    site: SiteCode, serving: ServingNow, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> tuple[EmptyingMove, ...]:
    """Moves that empty nearly empty bins into fuller ones, the emptiest first."""
    with serving.database.read() as session:
        return emptying_moves(session, site, limit, serving.clock)


@router.get("/sites/{site}/consolidation-alerts", responses=responses(NotFound))
def get_consolidation_alerts(
    site: SiteCode,
    serving: ServingNow,
    acknowledged: Annotated[bool | None, Query(description="only those that somebody has acknowledged, or not")] = None,
) -> tuple[ConsolidationAlertView, ...]:
    """When nearly empty bins piled up, the latest first."""
    with serving.database.read() as session:
        return consolidation_alerts(session, site, acknowledged=acknowledged)


@router.post(
    "/sites/{site}/consolidation-alerts/{alert}/acknowledge",
    responses=responses(NotFound, WrongState, AlreadyAnswered),
)
def post_acknowledge_consolidation(
    site: SiteCode, alert: int, body: ActionBody, who: Who, serving: ServingNow
) -> ConsolidationAlertView:
    """Take care of an alert that nearly empty bins pile up."""
    command = AcknowledgeConsolidation(site, alert, who.user, body.client_id)
    return serving.run(acknowledge_consolidation, command)

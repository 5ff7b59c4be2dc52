"""Forward areas are filled and bins emptied: what is due, who takes a move, brings the goods or leaves it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.replenishing_screen import ReplenishNext, replenish_screen
from api.serving import Serving, ServingNow
from api.wire import ActionBody, Code, SiteCode
from inventory.work.replenishing import ReplenishingMove, replenishing_moves
from inventory.work.replenishment_work import (
    ConfirmReplenishment,
    LeaveReplenishment,
    TakeReplenishment,
    confirm_replenishment,
    leave_replenishment,
    take_replenishment,
)
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    CageClosed,
    NotFound,
    ScanMismatch,
    ScanUnreadable,
    StockShort,
    StowRefused,
    WrongState,
)

router = APIRouter(prefix="/api/v1", tags=["stowing"], route_class=GuardedRoute)

SCAN_PROBLEMS = (ScanMismatch, BinCodeInvalid, ScanUnreadable, StowRefused, StockShort, CageClosed)


class ReplenishBody(ActionBody):
    """The bins and the product that were scanned, and how many units were brought."""

    from_bin: Code = Field(examples=["07-042-B1-K"])
    code: Code = Field(description="product code or barcode", examples=["4006381333931"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[12])
    to_bin: Code = Field(examples=["01-002-A1-4"])


class ReplenishLeaveBody(ActionBody):
    """Why the goods are not brought."""

    why: str = Field(min_length=1, max_length=200, examples=["no room"])


def _next(serving: Serving, user: str) -> ReplenishNext:
    with serving.database.read() as session:
        return ReplenishNext(next=replenish_screen(session, user))


@router.get("/sites/{site}/replenishment", responses=responses(NotFound))
def get_replenishment(
    site: SiteCode, serving: ServingNow, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> tuple[ReplenishingMove, ...]:
    """Moves that fill forward areas: all that are under way, with their takers and purposes, then the most urgent."""
    with serving.database.read() as session:
        return replenishing_moves(session, site, limit, serving.clock)


@router.get("/replenishing")
def get_replenishing(who: Who, serving: ServingNow) -> ReplenishNext:
    """The move that the person who is signed in has taken."""
    return _next(serving, who.user)


@router.post("/sites/{site}/replenishment/take", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_replenishment_take(site: SiteCode, body: ActionBody, who: Who, serving: ServingNow) -> ReplenishNext:
    """Take the next move, or go on with the one at hand; for a quarter of an hour it is nobody else's.

    Nearly empty bins are emptied after all forward areas are filled, as long as the alert that they pile up lasts.
    """
    take_replenishment(serving.database, TakeReplenishment(site, who.user, body.client_id), serving.clock)
    return _next(serving, who.user)


@router.post(
    "/replenishments/{replenishment}/confirm",
    responses=responses(NotFound, *SCAN_PROBLEMS, WrongState, AlreadyAnswered),
)
def post_replenishment_confirm(replenishment: int, body: ReplenishBody, who: Who, serving: ServingNow) -> ReplenishNext:
    """Say that the goods are in their new bin, all of them or fewer."""
    command = ConfirmReplenishment(
        replenishment_id=replenishment,
        user=who.user,
        from_bin=body.from_bin,
        product=serving.goods(body.code),
        quantity=body.quantity,
        to_bin=body.to_bin,
        device=who.device,
        client_id=body.client_id,
    )
    serving.run(confirm_replenishment, command)
    return _next(serving, who.user)


@router.post("/replenishments/{replenishment}/leave", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_replenishment_leave(
    replenishment: int, body: ReplenishLeaveBody, who: Who, serving: ServingNow
) -> ReplenishNext:
    """Say that the goods are not brought. For an hour these goods and this bin are not tried again."""
    serving.run(leave_replenishment, LeaveReplenishment(replenishment, who.user, body.why, body.client_id))
    return _next(serving, who.user)

"""Somebody takes a count, scans the bin, and tells what lies in it.

Every call answers with `next`, the whole state of the screen. No call tells what the books say.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.counting_screen import CountNext, count_screen
from api.errors import responses
from api.serving import Serving, ServingNow
from api.wire import ActionBody, Code, SiteCode
from inventory.tables.counts import StockCountRow
from inventory.work.count_assigning import GiveBackCount, TakeCount, give_back_count, take_count
from inventory.work.counting import (
    CloseCount,
    CountGoods,
    NoteUnknownGoods,
    OpenCount,
    close_count,
    count_goods,
    note_unknown_goods,
    open_count,
)
from inventory.work.sites import site_with_id
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    LotUnclear,
    NotFound,
    ScanMismatch,
    ScanUnreadable,
    SerialsNeeded,
    WrongState,
)

router = APIRouter(prefix="/api/v1", tags=["counting"], route_class=GuardedRoute)

Scan = Annotated[str, Field(min_length=1, max_length=100, description="what was scanned or typed")]
SiteQuery = Annotated[str | None, Query(max_length=32, description="whose counts to offer")]
COUNT_PROBLEMS = responses(NotFound, WrongState, AlreadyAnswered)


class CountBinBody(ActionBody):
    """The bin that was scanned."""

    code: Scan = Field(examples=["07-042-B1-K"])


class CountGoodsBody(ActionBody):
    """So many units of a product lie in the bin now; `lot` where the scan does not tell it.

    Of goods known by their serials, each unit is named.
    """

    code: Scan = Field(description="product code or barcode as scanned", examples=["4006381333931"])
    quantity: int = Field(ge=0, le=1_000_000, examples=[12])
    lot: str = Field(default="", max_length=64)
    owner: Code | None = Field(default=None, description="where several have a lot of this code", examples=["acme"])
    serials: list[Scan] = Field(
        default=[], max_length=1_000, description="of serialised goods, one a unit: its serial or its whole symbol"
    )


class UnknownGoodsBody(ActionBody):
    """Units that no product is known for, and what was scanned or read on them."""

    code: Scan = Field(examples=["4099999999990"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[1])


def _next(serving: Serving, counter: str, site: str | None = None, *, moved: bool = False) -> CountNext:
    with serving.database.read() as session:
        return CountNext(next=count_screen(session, counter, site), moved=moved)


@router.get("/counting", responses=responses(NotFound))
def get_counting(who: Who, serving: ServingNow, site: SiteQuery = None) -> CountNext:
    """What the person who is signed in has to count now."""
    return _next(serving, who.user, site)


@router.post("/sites/{site}/counts/take", responses=responses(NotFound, AlreadyAnswered))
def post_take_count(site: SiteCode, body: ActionBody, who: Who, serving: ServingNow) -> CountNext:
    """Take the next count, or go on with the one under way. Without one to take the screen stays idle."""
    serving.run(take_count, TakeCount(site, who.user, body.client_id))
    return _next(serving, who.user, site)


@router.post(
    "/counts/{count}/bin", responses=responses(ScanMismatch, BinCodeInvalid, NotFound, WrongState, AlreadyAnswered)
)
def post_count_bin(count: int, body: CountBinBody, who: Who, serving: ServingNow) -> CountNext:
    """Say that the counter stands at the bin: counting begins."""
    serving.run(open_count, OpenCount(count, who.user, body.code, device=who.device, client_id=body.client_id))
    return _next(serving, who.user)


@router.post(
    "/counts/{count}/goods",
    responses=responses(LotUnclear, ScanUnreadable, SerialsNeeded, NotFound, WrongState, AlreadyAnswered),
)
def post_count_goods(count: int, body: CountGoodsBody, who: Who, serving: ServingNow) -> CountNext:
    """Note how many units of a product lie in the bin at this moment; a later figure replaces an earlier one."""
    serials = tuple(serving.goods(each) for each in body.serials)
    goods = (serving.goods(body.code), body.quantity, body.lot, serials)
    command = CountGoods(count, who.user, *goods, client_id=body.client_id, owner=body.owner)
    return _next(serving, who.user, moved=serving.run(count_goods, command).moved)


@router.post("/counts/{count}/unknown", responses=COUNT_PROBLEMS)
def post_count_unknown(count: int, body: UnknownGoodsBody, who: Who, serving: ServingNow) -> CountNext:
    """Note goods that no product is known for."""
    command = NoteUnknownGoods(count, who.user, serving.goods(body.code), body.quantity, client_id=body.client_id)
    serving.run(note_unknown_goods, command)
    return _next(serving, who.user)


@router.post("/counts/{count}/close", responses=COUNT_PROBLEMS)
def post_close_count(count: int, body: ActionBody, who: Who, serving: ServingNow) -> CountNext:
    """Say that nothing else lies in the bin. If something differs, another person counts it again."""
    closed = serving.run(close_count, CloseCount(count, who.user, body.client_id))
    return _next(serving, who.user, _site_of(serving, count), moved=closed.moved)


@router.post("/counts/{count}/leave", responses=COUNT_PROBLEMS)
def post_leave_count(count: int, body: ActionBody, who: Who, serving: ServingNow) -> CountNext:
    """Leave a count to somebody else; what was noted on this visit is forgotten."""
    serving.run(give_back_count, GiveBackCount(count, who.user, body.client_id))
    return _next(serving, who.user, _site_of(serving, count))


def _site_of(serving: Serving, count: int) -> str:
    with serving.database.read() as session:
        row = session.get(StockCountRow, count)
        assert row is not None
        return site_with_id(session, row.site_id).site.code

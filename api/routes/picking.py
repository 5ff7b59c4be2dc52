"""A picker takes a run, walks it step by step and brings the cart to its end.

Every call answers with `next`, the whole state of the screen.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.picking_screen import Next, idle_screen, run_screen, walking_run_of
from api.serving import Serving, ServingNow
from api.wire import ActionBody, Body, Code, SiteCode
from inventory.tables.outbound import StepState
from inventory.work.blocking import ReportBlocked
from inventory.work.count_exceptions import DoubtStep, doubt_step
from inventory.work.empty_checking import AnswerEmpty, EmptyAnswered, answer_empty
from inventory.work.going_round import go_round, take
from inventory.work.picking import (
    ConfirmPick,
    ReportShort,
    ScanBin,
    ShortReason,
    confirm_pick,
    scan_bin,
)
from inventory.work.replanning import report_blocked, report_short, seek
from inventory.work.walking import FinishRun, TakeRun, finish_run
from inventory.work.way_counting import AddWayCounts, add_way_counts
from warehouse.errors import (
    AlreadyAnswered,
    BinCodeInvalid,
    CageClosed,
    NotFound,
    ScanMismatch,
    ScanUnreadable,
    SerialsNeeded,
    WrongState,
)

router = APIRouter(prefix="/api/v1", tags=["picking"], route_class=GuardedRoute)

Scan = Annotated[str, Field(min_length=1, max_length=100, description="what was scanned or typed")]
Units = Annotated[int, Field(le=1_000_000, examples=[3])]


Serials = Annotated[
    list[Code],
    Field(
        max_length=1000,
        description="of serialised goods, one a unit; may be left out where `code` is the symbol of the one unit",
        examples=[["SN-000417"]],
    ),
]


class BinBody(Body):
    """A bin that was scanned."""

    code: Scan = Field(examples=["07-042-B1-K"])


class PickBody(ActionBody):
    """Units that are in the tote now."""

    bin_code: Scan = Field(examples=["07-042-B1-K"])
    code: Scan = Field(description="product code or barcode as scanned", examples=["4006381333931"])
    quantity: Units = Field(gt=0)
    serials: Serials = Field(default=[])


class ShortBody(ActionBody):
    """Only `quantity` more units could be had; the rest is missing or damaged."""

    bin_code: Scan = Field(examples=["07-042-B1-K"])
    quantity: Units = Field(default=0, ge=0, description="units taken all the same")
    code: str = Field(default="", max_length=100, description="product scanned; needed if any were taken")
    serials: Serials = Field(default=[])
    reason: ShortReason = ShortReason.MISSING


class EmptyBody(ActionBody):
    """What the picker sees in the bin he has just picked from."""

    is_empty: bool = Field(description="nothing is left there of what he took", examples=[True])


OTHER_GOODS = ("product", "lot")
"""Scans that say: something else lies in the right bin."""

STEP_PROBLEMS = responses(
    ScanMismatch, ScanUnreadable, SerialsNeeded, CageClosed, BinCodeInvalid, NotFound, WrongState, AlreadyAnswered
)


def _next(serving: Serving, run_id: int) -> Next:
    with serving.database.read() as session:
        return Next(next=run_screen(session, run_id))


@router.get("/picking", responses=responses(NotFound))
def get_picking(
    who: Who,
    serving: ServingNow,
    site: Annotated[str | None, Query(max_length=32, description="whose waiting runs to count")] = None,
) -> Next:
    """What the picker who is signed in has to do now; the place to begin after a restart."""
    with serving.database.read() as session:
        run_id = walking_run_of(session, who.user)
        if run_id is None:
            return Next(next=idle_screen(session, site, serving.clock))
    seek(serving.database, run_id, serving.clock)  # a server that stopped in the middle of a short left this
    return _next(serving, run_id)


@router.post("/sites/{site}/runs/take", responses=responses(NotFound, AlreadyAnswered))
def post_take(site: SiteCode, body: ActionBody, who: Who, serving: ServingNow) -> Next:
    """Take the next run, or go on with the one under way. Without one to take the screen stays idle."""
    taken = take(serving.database, TakeRun(site, who.user, body.client_id), serving.clock)
    if taken.run_id is None:
        with serving.database.read() as session:
            return Next(next=idle_screen(session, site, serving.clock))
    if taken.is_new:
        serving.run(add_way_counts, AddWayCounts(taken.run_id, who.user))
    return _next(serving, taken.run_id)


@router.post(
    "/runs/{run}/steps/{step}/bin", responses=responses(ScanMismatch, BinCodeInvalid, CageClosed, NotFound, WrongState)
)
def post_bin(run: int, step: int, body: BinBody, who: Who, serving: ServingNow) -> Next:
    """Check a scanned bin against the step at hand. Nothing changes, so there is no client id."""
    serving.run(scan_bin, ScanBin(run, step, who.user, body.code))
    return _next(serving, run)


@router.post("/runs/{run}/steps/{step}/pick", responses=STEP_PROBLEMS)
def post_pick(run: int, step: int, body: PickBody, who: Who, serving: ServingNow) -> Next:
    """Confirm units that were put into the tote, all of the step or some."""
    command = ConfirmPick(
        run,
        step,
        who.user,
        body.bin_code,
        serving.goods(body.code),
        body.quantity,
        serials=tuple(body.serials),
        device=who.device,
        client_id=body.client_id,
    )
    try:
        picked = serving.run(confirm_pick, command)
    except ScanMismatch as refused:
        if refused.kind in OTHER_GOODS:
            serving.run(doubt_step, DoubtStep(step))
        raise
    if picked.state is StepState.PICKED:
        go_round(serving.database, run, serving.clock)
    return _next(serving, run)


@router.post("/runs/{run}/steps/{step}/short", responses=STEP_PROBLEMS)
def post_short(run: int, step: int, body: ShortBody, who: Who, serving: ServingNow) -> Next:
    """Report that units are missing or damaged. They are looked for elsewhere, and the rest planned again."""
    command = ReportShort(
        run,
        step,
        who.user,
        body.bin_code,
        body.reason,
        quantity=body.quantity,
        product_scan=serving.goods(body.code),
        serials=tuple(body.serials),
        device=who.device,
        client_id=body.client_id,
    )
    report_short(serving.database, command, serving.clock)
    go_round(serving.database, run, serving.clock)
    return _next(serving, run)


@router.post("/runs/{run}/steps/{step}/blocked", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_blocked(run: int, step: int, body: ActionBody, who: Who, serving: ServingNow) -> Next:
    """Report that the way to the bin is blocked. The rest is planned again, round that floor."""
    blocked_ms = 60_000 * serving.settings.blocked_minutes
    command = ReportBlocked(run, step, who.user, blocked_ms, client_id=body.client_id)
    report_blocked(serving.database, command, serving.clock)
    go_round(serving.database, run, serving.clock)
    return _next(serving, run)


@router.post("/runs/{run}/steps/{step}/empty", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_empty(run: int, step: int, body: EmptyBody, who: Who, serving: ServingNow) -> EmptyAnswered:
    """Say whether a pick has left anything in its bin; where the books say otherwise, the bin is counted next."""
    command = AnswerEmpty(run, step, who.user, body.is_empty, device=who.device, client_id=body.client_id)
    return serving.run(answer_empty, command)


@router.post("/runs/{run}/finish", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_finish(run: int, body: ActionBody, who: Who, serving: ServingNow) -> Next:
    """Say that the cart has been brought to its end; the answer sums the run up."""
    serving.run(finish_run, FinishRun(run, who.user, body.client_id))
    return _next(serving, run)

"""Counts are planned and watched, differences approved, and the rules of counting kept."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import CONTROL, GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.tables import Role
from api.wire import ActionBody, Code, SiteCode
from inventory.rules.counting import Approver, CountPolicy, RootCause
from inventory.rules.seeking import BinToSearch
from inventory.tables.counts import CountState, DifferenceState
from inventory.work.approving import (
    Approved,
    ApproveDifference,
    RejectDifference,
    Rejected,
    approve_difference,
    reject_difference,
)
from inventory.work.count_planning import CountsPlanned, PlanCounts, RequestCounts, plan_counts, request_counts
from inventory.work.count_rules import (
    PolicyInForce,
    SetCountPolicy,
    policy_in_force,
    set_count_policy,
)
from inventory.work.count_views import (
    CountView,
    DifferenceView,
    UnknownGoodsView,
    list_counts,
    list_differences,
    unknown_goods,
    where_to_look,
)
from inventory.work.empty_checking import EmptyCheck, empty_checks
from inventory.work.root_causes import CauseView, root_causes
from inventory.work.short_picks import NameShortPickCause, ShortPickView, name_short_pick_cause, short_picks
from inventory.work.sites import live_site
from inventory.work.trusting import Distrust, DistrustView, distrust, distrusted
from warehouse.errors import AlreadyAnswered, BinCodeInvalid, NotFound, WrongState

router = APIRouter(prefix="/api/v1", tags=["counts"], route_class=GuardedRoute)

RANK_OF = {Role.MANAGER: Approver.MANAGER, Role.ADMIN: Approver.ADMIN}
"""What each role that may approve at all may approve."""

assert RANK_OF.keys() == CONTROL

Limit = Annotated[int, Query(ge=1, le=1000)]


class RequestCountsBody(ActionBody):
    """Bins to be counted: those named, or all of an aisle."""

    bins: list[Code] = Field(default=[], max_length=10_000, examples=[["07-042-B1-K"]])
    aisle: str = Field(default="", max_length=32, description="all bins of this aisle, where none are named")


class DistrustBody(ActionBody):
    """Why records are not trusted."""

    reason: str = Field(min_length=1, max_length=200, examples=["flooded over night"])
    zone: str = Field(default="", max_length=64, description="only this zone's; all, if left out", examples=["chilled"])


class ApproveBody(ActionBody):
    """Why the record was wrong; without a cause the likely one stands."""

    cause: RootCause | None = None
    note: str = Field(default="", max_length=200)


class RejectBody(ActionBody):
    """Why the difference is not believed."""

    note: str = Field(default="", max_length=200, examples=["the second pallet was not looked at"])


class CauseBody(ActionBody):
    """Why units were missing, by somebody who knows."""

    cause: RootCause
    note: str = Field(default="", max_length=200, examples=["left in the tote of the run before"])


class CountPolicyBody(ActionBody):
    """New counting rules of a site."""

    policy: CountPolicy


@router.get("/sites/{site}/counts", responses=responses(NotFound))
def get_counts(
    site: SiteCode, serving: ServingNow, state: CountState | None = None, limit: Limit = 200
) -> tuple[CountView, ...]:
    """The latest counts of a site, all or those in one state."""
    with serving.database.read() as session:
        return list_counts(session, site, state=state, limit=limit)


@router.post("/sites/{site}/counts", responses=responses(NotFound, BinCodeInvalid, AlreadyAnswered))
def post_counts(site: SiteCode, body: RequestCountsBody, serving: ServingNow) -> CountsPlanned:
    """Have bins counted, an aisle, or, with neither named, all of the site."""
    aisle = "" if body.bins else body.aisle
    return serving.run(request_counts, RequestCounts(site, tuple(body.bins), aisle, body.client_id))


@router.get("/sites/{site}/distrust", responses=responses(NotFound))
def get_distrust(
    site: SiteCode, serving: ServingNow, open_only: Annotated[bool, Query(description="only what still is")] = False
) -> tuple[DistrustView, ...]:
    """What is or was not trusted at a site, why, how many bins are still to be counted, and when that ended."""
    with serving.database.read() as session:
        return distrusted(session, site, open_only=open_only)


@router.post("/sites/{site}/distrust", responses=responses(NotFound, AlreadyAnswered))
def post_distrust(site: SiteCode, body: DistrustBody, who: Who, serving: ServingNow) -> DistrustView:
    """Do not trust the records of a site or a zone until every bin of theirs is counted; work goes on."""
    return serving.run(distrust, Distrust(site, body.reason, who.user, body.zone, body.client_id))


@router.post("/sites/{site}/counts/plan", responses=responses(NotFound, AlreadyAnswered))
def post_plan(site: SiteCode, body: ActionBody, serving: ServingNow) -> CountsPlanned:
    """Make all counts due that the site's rules ask for now; daily at least."""
    return serving.run(plan_counts, PlanCounts(site, body.client_id))


@router.get("/sites/{site}/differences", responses=responses(NotFound))
def get_differences(
    site: SiteCode, serving: ServingNow, state: DifferenceState | None = None, limit: Limit = 200
) -> tuple[DifferenceView, ...]:
    """The latest differences found at a site, all or those in one state."""
    with serving.database.read() as session:
        return list_differences(session, site, state=state, limit=limit)


@router.get("/differences/{difference}/search", responses=responses(NotFound))
def get_search(difference: int, serving: ServingNow) -> tuple[BinToSearch, ...]:
    """The bins to look in for units that are missing, or came from elsewhere, the likeliest first."""
    with serving.database.read() as session:
        return where_to_look(session, difference)


@router.post("/differences/{difference}/approve", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_approve(difference: int, body: ApproveBody, who: Who, serving: ServingNow) -> Approved:
    """Put a difference into the ledger, with its root cause."""
    command = ApproveDifference(
        difference,
        who.user,
        RANK_OF[who.role],
        cause=body.cause,
        note=body.note,
        device=who.device,
        client_id=body.client_id,
    )
    return serving.run(approve_difference, command)


@router.post("/differences/{difference}/reject", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_reject(difference: int, body: RejectBody, who: Who, serving: ServingNow) -> Rejected:
    """Have the bin counted anew; nothing moves."""
    return serving.run(reject_difference, RejectDifference(difference, who.user, body.note, body.client_id))


@router.get("/sites/{site}/count-causes", responses=responses(NotFound))
def get_causes(
    site: SiteCode,
    serving: ServingNow,
    since_ms: Annotated[int, Query(ge=0, description="decided since then, milliseconds since 1970")] = 0,
) -> tuple[CauseView, ...]:
    """Why records were wrong: approved differences and what short picks wrote off, the commonest root cause first."""
    with serving.database.read() as session:
        return root_causes(session, site, since_ms=since_ms)


@router.get("/sites/{site}/short-picks", responses=responses(NotFound))
def get_short_picks(
    site: SiteCode,
    serving: ServingNow,
    since_ms: Annotated[int, Query(ge=0, description="found since then, milliseconds since 1970")] = 0,
    limit: Limit = 200,
) -> tuple[ShortPickView, ...]:
    """What pickers did not find, the latest first, with the root cause that holds."""
    with serving.database.read() as session:
        return short_picks(session, site, since_ms=since_ms, limit=limit)


@router.post("/sites/{site}/short-picks/{short_pick}/cause", responses=responses(NotFound, AlreadyAnswered))
def post_short_pick_cause(
    site: SiteCode, short_pick: int, body: CauseBody, who: Who, serving: ServingNow
) -> ShortPickView:
    """Correct the root cause of a short pick; what was named before stays on record."""
    command = NameShortPickCause(site, short_pick, body.cause, who.user, body.note, body.client_id)
    return serving.run(name_short_pick_cause, command)


@router.get("/sites/{site}/empty-checks", responses=responses(NotFound))
def get_empty_checks(
    site: SiteCode,
    serving: ServingNow,
    since_ms: Annotated[int, Query(ge=0, description="answered since then, milliseconds since 1970")] = 0,
    limit: Limit = 200,
) -> tuple[EmptyCheck, ...]:
    """What pickers said of bins that the books say they have emptied, or nearly, the latest first."""
    with serving.database.read() as session:
        return empty_checks(session, site, since_ms=since_ms, limit=limit)


@router.get("/sites/{site}/unknown-goods", responses=responses(NotFound))
def get_unknown_goods(site: SiteCode, serving: ServingNow, limit: Limit = 200) -> tuple[UnknownGoodsView, ...]:
    """Goods found in bins that no product is known for, the latest first."""
    with serving.database.read() as session:
        return unknown_goods(session, site, limit=limit)


@router.get("/sites/{site}/count-policy", responses=responses(NotFound))
def get_policy(site: SiteCode, serving: ServingNow) -> PolicyInForce:
    """The counting rules of a site, with who set them and when."""
    with serving.database.read() as session:
        return policy_in_force(session, live_site(session, site).id)


@router.post("/sites/{site}/count-policy", responses=responses(NotFound, AlreadyAnswered))
def post_policy(site: SiteCode, body: CountPolicyBody, who: Who, serving: ServingNow) -> PolicyInForce:
    """Put new counting rules in force; the old ones stay on record."""
    return serving.run(set_count_policy, SetCountPolicy(site, body.policy, who.user, body.client_id))

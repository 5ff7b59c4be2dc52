"""Damage: customers report it, the house learns from it, and says what to wrap when it comes in."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, Code, SiteCode
from inventory.work.damage import (
    DamageLearned,
    DamageReported,
    LearnDamage,
    ProductAdvice,
    ReportDamage,
    advice_of_site,
    learn_damage,
    report_damage,
)
from warehouse.errors import AlreadyAnswered, NotFound, ScanUnreadable

router = APIRouter(prefix="/api/v1", tags=["damage"], route_class=GuardedRoute)


class DamageBody(ActionBody):
    """What a customer got broken; lot and order as far as they are known."""

    product: Code = Field(description="code or barcode", examples=["85123A"])
    quantity: int = Field(gt=0, le=1_000_000, examples=[1])
    lot: Code | None = Field(default=None, examples=["L2025-117"])
    order: str = Field(default="", max_length=64, examples=["536365"])
    note: str = Field(default="", max_length=500, examples=["handle broken off"])


@router.post("/damage-reports", responses=responses(NotFound, ScanUnreadable, AlreadyAnswered))
def post_damage_report(body: DamageBody, who: Who, serving: ServingNow) -> DamageReported:
    """Record units that a customer got broken. What breaks in the house is recorded where it is found."""
    command = ReportDamage(
        body.product, body.quantity, who.user, body.lot, body.order, body.note, client_id=body.client_id
    )
    return serving.run(report_damage, command)


@router.post("/damage/learn", responses=responses(AlreadyAnswered))
def post_learn_damage(body: ActionBody, serving: ServingNow) -> DamageLearned:
    """Learn from all damage there is; to be called once a night. The docks go by what was learned last."""
    return serving.run(learn_damage, LearnDamage(body.client_id))


@router.get("/sites/{site}/wrapping", responses=responses(NotFound))
def get_wrapping(
    site: SiteCode,
    serving: ServingNow,
    wrap: Annotated[bool | None, Query(description="only what is or is not")] = None,
) -> list[ProductAdvice]:
    """What to wrap when it comes in, and why: rate with credible interval, and the rate above which wrapping pays."""
    with serving.database.read() as session:
        return list(advice_of_site(session, site, serving.clock, wrap=wrap))

"""How right the records are: samples are fixed and drawn, and what they prove is told."""

from fractions import Fraction

from fastapi import APIRouter
from pydantic import Field, field_validator

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, SiteCode
from inventory.rules.accuracy import CONFIDENCE
from inventory.work.audit_views import AccuracyView, accuracy_view
from inventory.work.auditing import DrawSample, FixSample, SampleDrawn, SampleFixed, draw_sample, fix_sample
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["accuracy"], route_class=GuardedRoute)


class SampleBody(ActionBody):
    """An accuracy to be proven within some days, with up to so many errors found."""

    target: str = Field(max_length=16, pattern=r"^0?\.\d+$", description="share of right records", examples=["0.9999"])
    days: int = Field(ge=1, le=366, examples=[30])
    errors: int = Field(default=0, ge=0, le=10_000, examples=[2])
    confidence: float = Field(default=CONFIDENCE, ge=0.5, le=0.9999)

    @field_validator("target")
    @classmethod
    def lies_between(cls, target: str) -> str:
        """Nobody need prove 0."""
        if Fraction(target) <= 0:
            raise ValueError("the target lies between 0 and 1")
        return target


@router.get("/accuracy", responses=responses(NotFound))
def get_accuracy(site: SiteCode, serving: ServingNow) -> AccuracyView:
    """What the random sample proves, in one sentence and in figures, and apart from it what other counts found."""
    with serving.database.read() as session:
        return accuracy_view(session, site, serving.clock)


@router.post("/samples", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_sample(site: SiteCode, body: SampleBody, who: Who, serving: ServingNow) -> SampleFixed:
    """Fix a random sample beforehand: how many records are drawn on each of how many days."""
    command = FixSample(
        site,
        body.target,
        body.days,
        who.user,
        errors=body.errors,
        confidence=body.confidence,
        client_id=body.client_id,
    )
    return serving.run(fix_sample, command)


@router.post("/samples/draw", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_draw(site: SiteCode, body: ActionBody, serving: ServingNow) -> SampleDrawn:
    """Draw today's records, once, and make their bins due."""
    return serving.run(draw_sample, DrawSample(site, body.client_id))

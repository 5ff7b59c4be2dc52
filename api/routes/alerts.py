"""Alerts before goods expire, how old goods are, and what will expire unsold."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import GuardedRoute, OwnerScope, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, SiteCode
from inventory.work.ageing import Ageing, Unsold, ageing, expiry_forecast
from inventory.work.shelf_life_alerts import (
    AcknowledgeAlert,
    AlertAcknowledged,
    AlertsRaised,
    AlertView,
    RaiseAlerts,
    acknowledge_alert,
    alerts,
    raise_alerts,
)
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1/sites/{site}", tags=["shelf life"], route_class=GuardedRoute)


@router.get("/alerts", responses=responses(NotFound))
def get_alerts(
    site: SiteCode,
    serving: ServingNow,
    owner: OwnerScope,
    acknowledged: Annotated[bool | None, Query(description="only those that somebody has acknowledged, or not")] = None,
) -> tuple[AlertView, ...]:
    """The alerts of a site, first expired first, with what is still here of each lot."""
    with serving.database.read() as session:
        return alerts(session, site, serving.clock, acknowledged=acknowledged, owner=owner)


@router.post("/alerts/raise", responses=responses(NotFound, AlreadyAnswered))
def post_raise(site: SiteCode, body: ActionBody, who: Who, serving: ServingNow) -> AlertsRaised:
    """Raise the alerts that are due, each once, and withhold what is expired or too short-lived."""
    return raise_alerts(serving.database, RaiseAlerts(site, who.user, body.client_id), serving.clock)


@router.post("/alerts/{alert}/acknowledge", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_acknowledge(site: SiteCode, alert: int, body: ActionBody, who: Who, serving: ServingNow) -> AlertAcknowledged:
    """Take care of an alert."""
    return serving.run(acknowledge_alert, AcknowledgeAlert(site, alert, who.user, body.client_id))


@router.get("/stock/ageing", responses=responses(NotFound))
def get_ageing(site: SiteCode, serving: ServingNow, owner: OwnerScope) -> Ageing:
    """All goods by the days they have left and by the days since they came, in all and by owner."""
    with serving.database.read() as session:
        return ageing(session, site, serving.clock, owner=owner)


@router.get("/stock/unsold", responses=responses(NotFound))
def get_unsold(site: SiteCode, serving: ServingNow, owner: OwnerScope) -> tuple[Unsold, ...]:
    """What will expire unsold if demand goes on as in the last weeks, the most valuable first."""
    with serving.database.read() as session:
        return expiry_forecast(session, site, serving.clock, owner=owner)

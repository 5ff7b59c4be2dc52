"""Goods come near their expiry: alerts are raised, each once, and what is too old is withheld.

A sweep may be asked for at any time, by several servers at once: what raises an alert twice is a unique key in
the database, so one of them does. Only the tightest level that a lot has come to is raised; levels that were
passed before the goods were here are not made up for.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from inventory.rules.shelf_life import days_left, level_reached
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.rules.webhooks import EventKind
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.withholding import ShelfLifeAlertRow
from inventory.work.receiving import site_day
from inventory.work.sites import live_site
from inventory.work.statuses import Lying, Signed, lying_where, shift_status
from inventory.work.stock_policies import stock_policy
from inventory.work.telling import tell
from inventory.work.withdrawing import Withdrawn, seek_elsewhere
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceKind, PlaceRow

ALERT = ShelfLifeAlertRow.metadata.tables["shelf_life_alert"]

KEPT_KINDS = (PlaceKind.BIN, PlaceKind.STATION, PlaceKind.TOTE)
"""Where goods are that people can find: what is lost or damaged goes by no date."""

AGEING = (StockStatus.AVAILABLE, StockStatus.HOLD, StockStatus.QUARANTINED)
"""What may be sold, now or later: alerts are about it, and it expires."""

PAST_EXPIRY, SHORT_LIFE = "past-expiry", "short-life"
"""The causes that a sweep names; no list of a site has to have them."""


@dataclass(frozen=True)
class RaiseAlerts:
    """Look at the shelf life of all goods of a site."""

    site: str
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class Withheld:
    """Units of a lot in a place that are too old now."""

    place: str
    product: str
    lot: str
    quantity: int
    status: StockStatus


@dataclass(frozen=True)
class AlertsRaised:
    """How many alerts are new, and what was withheld. Orders `waiting` wait again; runs `run_ids` look elsewhere."""

    num_raised: int
    withheld: tuple[Withheld, ...]
    waiting: tuple[str, ...]
    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class AlertView:
    """An alert. `quantity` and `value_cents` are what is here now, `quantity_raised` what was when it was raised."""

    alert_id: int
    site: str
    product: str
    name: str
    category: str
    lot: str
    owner: str
    expires_on: date | None
    days_left: int | None
    level_days: int
    quantity: int
    value_cents: int
    quantity_raised: int
    raised_ms: int
    acknowledged_by: str | None
    acknowledged_ms: int | None


@dataclass(frozen=True)
class AcknowledgeAlert:
    """Somebody has seen an alert, and takes care of it."""

    site: str
    alert_id: int
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class AlertAcknowledged:
    """Who has acknowledged it."""

    alert_id: int
    acknowledged_by: str
    acknowledged_ms: int


def raise_alerts(database: Database, command: RaiseAlerts, clock: Clock) -> AlertsRaised:
    """Raise alerts and withhold what is too old; runs that were to pick it look elsewhere at once.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    raised = database.run(record_alerts, command, clock=clock)
    seek_elsewhere(database, raised.run_ids, clock)
    return raised


def record_alerts(session: Session, command: RaiseAlerts, clock: Clock) -> AlertsRaised:
    """Raise the alerts that are due, and withhold what is expired or has less life left than the site wants.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, command.site)
    policy = stock_policy(session, live.id, clock)
    today = site_day(live, clock).toordinal()
    withdrawn, withheld = Withdrawn(), []
    ageing: dict[int, list[Lying]] = {}
    for lying in _with_expiry(session, live.id):
        assert lying.lot.expires_on is not None
        left_days = days_left(lying.lot.expires_on.toordinal(), today)
        status = _status_at(left_days, lying, policy)
        if status is not lying.status:
            cause = PAST_EXPIRY if status is StockStatus.EXPIRED else SHORT_LIFE
            signed = Signed(command.user, cause, client_id=command.client_id)
            withdrawn.add(shift_status(session, lying, status, lying.quantity, signed, clock))
            withheld.append(Withheld(lying.within_code, lying.product.code, lying.lot.code, lying.quantity, status))
        if left_days >= 0:
            ageing.setdefault(lying.key.lot_id, []).append(lying)
    raised = [_raise(session, live.id, units, today, policy, clock) for units in ageing.values()]
    new = [alert for alert in raised if alert is not None]
    tell(session, EventKind.SHELF_LIFE, live, new, clock)
    waiting, run_ids = tuple(sorted(withdrawn.orders)), tuple(sorted(withdrawn.run_ids))
    return AlertsRaised(len(new), tuple(withheld), waiting, run_ids)


def _status_at(left_days: int, lying: Lying, policy: StockPolicy) -> StockStatus:
    """The status of goods with so much life left."""
    if left_days < 0:
        return StockStatus.EXPIRED
    too_short = left_days < policy.quarantine_days_of(lying.product.category)
    return StockStatus.QUARANTINED if too_short and lying.status is StockStatus.AVAILABLE else lying.status


def _with_expiry(session: Session, site_id: int) -> list[Lying]:
    """All goods of a site that may be sold and expire one day."""
    return lying_where(
        session,
        col(PlaceRow.site_id) == site_id,
        col(PlaceRow.kind).in_(KEPT_KINDS),
        LYING.c.status.in_([each.value for each in AGEING]),
        col(LotRow.expires_on).is_not(None),
    )


def _raise(
    session: Session, site_id: int, units: list[Lying], today: int, policy: StockPolicy, clock: Clock
) -> dict[str, object] | None:
    """Raise the alert that the units of one lot have come to, unless it or a tighter one was raised; what it says."""
    product, lot = units[0].product, units[0].lot
    assert lot.expires_on is not None
    left_days = days_left(lot.expires_on.toordinal(), today)
    level = level_reached(left_days, policy.alert_days_of(product.category))
    if level is None:
        return None
    tightest = select(func.min(ALERT.c.level_days)).where(ALERT.c.site_id == site_id, ALERT.c.lot_id == lot.id)
    before = session.execute(tightest).scalar_one()
    if before is not None and before <= level:
        return None
    quantity = sum(each.quantity for each in units)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "site_id": site_id,
        "lot_id": lot.id,
        "level_days": level,
        "quantity": quantity,
        "value_cents": quantity * product.value_cents,
        "raised_ms": clock.now_ms(),
    }
    raised = session.execute(insert(ALERT).on_conflict_do_nothing().returning(ALERT.c.id), row).first()
    if raised is None:
        return None
    return {
        "alert_id": raised.id,
        "product": product.code,
        "name": product.name,
        "lot": lot.code,
        "owner": lot.owner,
        "expires_on": lot.expires_on,
        "days_left": left_days,
        "level_days": level,
        "quantity": quantity,
        "value_cents": row["value_cents"],
    }


def alerts(
    session: Session, site: str, clock: Clock, *, acknowledged: bool | None = None, owner: str | None = None
) -> tuple[AlertView, ...]:
    """The alerts of a site, those that nobody has acknowledged or those that somebody has; first expired first.

    With `owner` only those about this owner's goods.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    today = site_day(live, clock).toordinal()
    here = (
        select(LYING.c.lot_id, func.sum(LYING.c.quantity).label("quantity"))
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .where(col(PlaceRow.site_id) == live.id, col(PlaceRow.kind).in_(KEPT_KINDS))
        .where(LYING.c.status.in_([each.value for each in AGEING]))
        .group_by(LYING.c.lot_id)
        .subquery()
    )
    query = (
        select(ShelfLifeAlertRow, LotRow, ProductRow, func.coalesce(here.c.quantity, 0))
        .join(LotRow, col(LotRow.id) == col(ShelfLifeAlertRow.lot_id))
        .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
        .outerjoin(here, here.c.lot_id == col(LotRow.id))
        .where(col(ShelfLifeAlertRow.site_id) == live.id)
        .order_by(col(LotRow.expires_on), col(ProductRow.code), col(LotRow.code), col(ShelfLifeAlertRow.id))
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    if acknowledged is not None:
        seen = col(ShelfLifeAlertRow.acknowledged_ms)
        query = query.where(seen.is_not(None) if acknowledged else seen.is_(None))
    return tuple(
        AlertView(
            alert_id=alert.id,
            site=site,
            product=product.code,
            name=product.name,
            category=product.category,
            lot=lot.code,
            owner=lot.owner,
            expires_on=lot.expires_on,
            days_left=None if lot.expires_on is None else days_left(lot.expires_on.toordinal(), today),
            level_days=alert.level_days,
            quantity=int(quantity),
            value_cents=int(quantity) * product.value_cents,
            quantity_raised=alert.quantity,
            raised_ms=alert.raised_ms,
            acknowledged_by=alert.acknowledged_by,
            acknowledged_ms=alert.acknowledged_ms,
        )
        for alert, lot, product, quantity in session.execute(query)
    )


def acknowledge_alert(session: Session, command: AcknowledgeAlert, clock: Clock) -> AlertAcknowledged:
    """Note that somebody takes care of an alert.

    Raises
    ------
    NotFound
        If the site has no such alert.
    WrongState
        If somebody does already.
    """
    site_id = live_site(session, command.site).id
    query = select(ShelfLifeAlertRow).where(
        col(ShelfLifeAlertRow.id) == command.alert_id, col(ShelfLifeAlertRow.site_id) == site_id
    )
    alert: ShelfLifeAlertRow | None = session.execute(query.with_for_update()).scalar_one_or_none()
    if alert is None:
        raise NotFound("alert", command.alert_id)
    if alert.acknowledged_by is not None:
        raise WrongState("alert", command.alert_id, f"acknowledged by {alert.acknowledged_by}")
    now_ms = clock.now_ms()
    alert.acknowledged_by, alert.acknowledged_ms = command.user, now_ms
    session.add(alert)
    return AlertAcknowledged(command.alert_id, command.user, now_ms)

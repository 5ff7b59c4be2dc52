"""The random sample of a site: fixed beforehand, drawn day by day, and checked by counts.

A record drawn is judged by the first count of its bin that begins after the draw, whatever the count's reason. It is
wrong if that count finds a difference, or if anybody has corrected it since the draw: errors that are found count,
also when they are put right at once. `audit_views` tells what it proves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Select, func, insert, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, PLACE
from inventory.rules.accuracy import CONFIDENCE
from inventory.rules.auditing import draw_records, plan_sample
from inventory.rules.count_planning import DAY_MS
from inventory.tables.counts import AuditDrawRow, AuditItemRow, AuditRow, ItemState, StockCountRow
from inventory.work.adjusting import corrected_since
from inventory.work.count_planning import add_counts, audited_bins
from inventory.work.receiving import site_day
from inventory.work.sites import live_site
from inventory.work.withheld import LYING
from warehouse.clock import Clock, FixedClock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceKind

CHECK_MS = 2 * DAY_MS
"""Bins are counted on the day of the draw; another day is for the recounts."""


@dataclass(frozen=True)
class FixSample:
    """Prove the accuracy `target` within `days`: the size of the sample is fixed now, for up to `errors` wrong ones.

    `target` is a decimal number such as 0.9999, in words so that nothing of it is rounded.
    """

    site: str
    target: str
    days: int
    user: str
    errors: int = 0
    confidence: float = CONFIDENCE
    client_id: str = ""


@dataclass(frozen=True)
class SampleFixed:
    """So many records are drawn on each of the days."""

    audit_id: int
    days: int
    checks_daily: int
    checks: int


@dataclass(frozen=True)
class DrawSample:
    """Draw the records of today."""

    site: str
    client_id: str = ""


@dataclass(frozen=True)
class SampleDrawn:
    """The records of day `day`, drawn out of `population`; `is_new` is false if they were drawn before."""

    audit_id: int
    day: int
    days: int
    num_records: int
    population: int
    is_new: bool


def fix_sample(session: Session, command: FixSample, clock: Clock) -> SampleFixed:
    """Fix the size and the days of a random sample, before any of it is drawn.

    Raises
    ------
    NotFound
        If there is no such site.
    WrongState
        If another sample of the site is not over, or none can prove the target.
    ValueError
        If the figures make no sense.
    """
    site_id = live_site(session, command.site).id
    last = latest_audit(session, site_id)
    if last is not None and len(draws_of(session, last)) < last.days:
        raise WrongState("sample", last.id, f"not over: it takes {last.days} days")
    records = session.execute(select(func.count()).select_from(_records(site_id).subquery())).scalar_one()
    plan = plan_sample(
        Fraction(command.target),
        command.days,
        population=records,
        errors=command.errors,
        confidence=command.confidence,
    )
    if plan is None:
        raise WrongState("site", command.site, f"too small: {records} records in {command.days} days cannot prove it")
    audit = AuditRow(
        site_id=site_id,
        target=command.target,
        confidence=command.confidence,
        days=plan.days,
        checks_daily=plan.checks_daily,
        seed=clock.now_ms(),
        created_by=command.user,
        created_ms=clock.now_ms(),
    )
    session.add(audit)
    session.flush()
    assert audit.id is not None
    return SampleFixed(audit.id, plan.days, plan.checks_daily, plan.checks)


def draw_sample(session: Session, command: DrawSample, clock: Clock) -> SampleDrawn:
    """Draw the records of today, once, and make their bins due.

    Raises
    ------
    NotFound
        If there is no such site, or no sample was fixed for it.
    WrongState
        If the sample is over.
    """
    live = live_site(session, command.site)
    audit = latest_audit(session, live.id)
    if audit is None:
        raise NotFound("sample of site", command.site)
    assert audit.id is not None
    draws = draws_of(session, audit)
    last = draws[-1] if draws else None
    if last is not None and site_day(live, FixedClock(last.drawn_ms)) == site_day(live, clock):
        items = select(func.count()).where(col(AuditItemRow.draw_id) == last.id)
        drawn = session.execute(items).scalar_one()
        return SampleDrawn(audit.id, last.number, audit.days, drawn, last.population, is_new=False)
    if len(draws) == audit.days:
        raise WrongState("sample", audit.id, f"over: its {audit.days} days are drawn")
    records = session.execute(_records(live.id)).all()
    draw = AuditDrawRow(
        audit_id=audit.id,
        number=len(draws) + 1,
        drawn_ms=clock.now_ms(),
        until_ms=clock.now_ms() + CHECK_MS,
        population=len(records),
    )
    session.add(draw)
    session.flush()
    mark = session.execute(select(func.max(MOVEMENT.c.id))).scalar_one() or 0
    chosen = draw_records(len(records), audit.checks_daily, seed=audit.seed, day=draw.number)
    rows = [
        {
            "draw_id": draw.id,
            "place_id": records[each].within_id,
            "product_id": records[each].product_id,
            "lot_id": records[each].lot_id,
            "movement_mark": mark,
            "state": ItemState.WAITING.value,
        }
        for each in chosen
    ]
    if rows:
        session.execute(insert(AuditItemRow), rows)
    add_counts(session, live.id, audited_bins(session, live.id, clock), clock)
    return SampleDrawn(audit.id, draw.number, audit.days, len(rows), len(records), is_new=True)


def settle_items(
    session: Session, count: StockCountRow, wrong: Collection[tuple[int, int]], begun_ms: int, clock: Clock
) -> None:
    """Judge the records drawn from a bin by a count that is over.

    Parameters
    ----------
    wrong
        Product and lot of the records that differ.
    begun_ms
        When the count's first visit began; draws made later are not judged by it.
    """
    query = (
        select(AuditItemRow)
        .join(AuditDrawRow, col(AuditDrawRow.id) == col(AuditItemRow.draw_id))
        .where(
            col(AuditItemRow.place_id) == count.place_id,
            col(AuditItemRow.state) == ItemState.WAITING,
            col(AuditDrawRow.drawn_ms) <= begun_ms,
            col(AuditDrawRow.until_ms) > clock.now_ms(),
        )
    )
    items: Sequence[AuditItemRow] = session.execute(query).scalars().all()
    for item in items:
        key = item.product_id, item.lot_id
        _, corrections = corrected_since(session, item.place_id, *key, item.movement_mark)
        item.state = ItemState.WRONG if corrections or key in wrong else ItemState.RIGHT
        item.count_id, item.checked_ms = count.id, clock.now_ms()
        session.add(item)


def latest_audit(session: Session, site_id: int) -> AuditRow | None:
    """The sample that was fixed last for a site."""
    query = select(AuditRow).where(col(AuditRow.site_id) == site_id).order_by(col(AuditRow.id).desc()).limit(1)
    audit: AuditRow | None = session.execute(query).scalar_one_or_none()
    return audit


def draws_of(session: Session, audit: AuditRow) -> Sequence[AuditDrawRow]:
    """The days of a sample that were drawn, in order."""
    query = select(AuditDrawRow).where(col(AuditDrawRow.audit_id) == audit.id).order_by(col(AuditDrawRow.number))
    draws: Sequence[AuditDrawRow] = session.execute(query).scalars().all()
    return draws


def _records(site_id: int) -> Select[tuple[int, int, int]]:
    """The query for all records of a site's bins, whatever their status, in a fixed order."""
    key = LYING.c["within_id", "product_id", "lot_id"]
    return (
        select(*key)
        .join(PLACE, PLACE.c.id == LYING.c.within_id)
        .where(PLACE.c.site_id == site_id, PLACE.c.kind == PlaceKind.BIN.value)
        .group_by(*key)
        .order_by(*key)
    )

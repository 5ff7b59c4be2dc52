"""Nearly empty bins pile up: somebody is told, once, until there are fewer of them and more again.

Whether they do is looked at again and again, by several servers perhaps: of a site at most one alert lasts, by a unique
key in the database, so that one of them raises it.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from inventory.rules.webhooks import EventKind
from inventory.tables.storage import ConsolidationAlertRow
from inventory.work.consolidating import nearly_empty
from inventory.work.room_index import room_index
from inventory.work.sites import LiveSite, live_site
from inventory.work.stock_policies import stock_policy
from inventory.work.telling import tell
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

ALERT = ConsolidationAlertRow.metadata.tables["consolidation_alert"]


@dataclass(frozen=True)
class LookAtBins:
    """Look whether nearly empty bins pile up at a site."""

    site: str


@dataclass(frozen=True)
class BinsLookedAt:
    """How many bins are nearly empty, of how many in use; `raised` and `ended` tell of an alert that did so now.

    Of a site that does not want to be told nothing is looked at: both are 0.
    """

    num_nearly_empty: int
    num_used: int
    piles_up: bool
    raised: bool = False
    ended: bool = False


@dataclass(frozen=True)
class ConsolidationAlertView:
    """An alert that nearly empty bins pile up; it lasts while `ended_ms` is None. Figures are of when it was raised."""

    alert_id: int
    raised_ms: int
    ended_ms: int | None
    num_nearly_empty: int
    num_used: int
    acknowledged_by: str | None
    acknowledged_ms: int | None


@dataclass(frozen=True)
class AcknowledgeConsolidation:
    """Somebody has seen that bins pile up, and has them emptied."""

    site: str
    alert_id: int
    user: str
    client_id: str = ""


def look_at_bins(database: Database, command: LookAtBins, clock: Clock) -> BinsLookedAt:
    """Raise the alert of a site, or end it, if it is time; otherwise nothing is written.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    with database.read() as session:  # outside any write: reading a large site for the first time takes seconds
        live = live_site(session, command.site)
        seen = _look(session, live, clock)
        if seen.piles_up == (lasting_alert(session, live.id) is not None):
            return seen
    return database.run(note_bins, command, clock=clock)


def note_bins(session: Session, command: LookAtBins, clock: Clock) -> BinsLookedAt:
    """Raise the alert of a site if nearly empty bins pile up, end it if they do so no more.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, command.site)
    seen = _look(session, live, clock)
    lasting = lasting_alert(session, live.id)
    raised = seen.piles_up and lasting is None and _raise(session, live, seen, clock)
    ended = lasting is not None and not seen.piles_up
    if lasting is not None and ended:
        lasting.ended_ms = clock.now_ms()
        session.add(lasting)
    return BinsLookedAt(seen.num_nearly_empty, seen.num_used, seen.piles_up, raised, ended)


def lasting_alert(session: Session, site_id: int) -> ConsolidationAlertRow | None:
    """The alert of a site that has not ended, whether or not somebody has acknowledged it."""
    query = select(ConsolidationAlertRow).where(
        col(ConsolidationAlertRow.site_id) == site_id, col(ConsolidationAlertRow.ended_ms).is_(None)
    )
    row: ConsolidationAlertRow | None = session.execute(query).scalar_one_or_none()
    return row


def consolidation_alerts(
    session: Session, site: str, *, acknowledged: bool | None = None
) -> tuple[ConsolidationAlertView, ...]:
    """The alerts of a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    row = ConsolidationAlertRow
    query = select(row).where(col(row.site_id) == site_id).order_by(col(row.id).desc())
    if acknowledged is not None:
        seen = col(row.acknowledged_ms)
        query = query.where(seen.is_not(None) if acknowledged else seen.is_(None))
    return tuple(_view(each) for each in session.execute(query).scalars())


def acknowledge_consolidation(
    session: Session, command: AcknowledgeConsolidation, clock: Clock
) -> ConsolidationAlertView:
    """Note that somebody takes care of an alert.

    Raises
    ------
    NotFound
        If the site has no such alert.
    WrongState
        If somebody does already.
    """
    row = session.get(ConsolidationAlertRow, command.alert_id, with_for_update=True)
    if row is None or row.site_id != live_site(session, command.site).id:
        raise NotFound("alert", command.alert_id)
    if row.acknowledged_by is not None:
        raise WrongState("alert", command.alert_id, f"acknowledged by {row.acknowledged_by}")
    row.acknowledged_by, row.acknowledged_ms = command.user, clock.now_ms()
    session.add(row)
    return _view(row)


def _look(session: Session, live: LiveSite, clock: Clock) -> BinsLookedAt:
    rules = stock_policy(session, live.id, clock).stowing
    if rules.consolidation.share_percent is None:
        return BinsLookedAt(0, 0, piles_up=False)
    with room_index(session, live) as index:
        nearly, used = nearly_empty(index, live, rules)
        num_nearly_empty, num_used = int(nearly.sum()), int(used.sum())
    return BinsLookedAt(num_nearly_empty, num_used, rules.consolidation.piles_up(num_nearly_empty, num_used))


def _raise(session: Session, live: LiveSite, seen: BinsLookedAt, clock: Clock) -> bool:
    """Raise the alert, unless somebody else just did."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    facts = {"raised_ms": clock.now_ms(), "num_nearly_empty": seen.num_nearly_empty, "num_used": seen.num_used}
    new = insert(ALERT).on_conflict_do_nothing().returning(ALERT.c.id)
    row = session.execute(new, {"site_id": live.id, **facts}).first()
    if row is None:
        return False
    tell(session, EventKind.CONSOLIDATION, live, [{"alert_id": row.id, **facts}], clock)
    return True


def _view(row: ConsolidationAlertRow) -> ConsolidationAlertView:
    assert row.id is not None
    return ConsolidationAlertView(
        alert_id=row.id,
        raised_ms=row.raised_ms,
        ended_ms=row.ended_ms,
        num_nearly_empty=row.num_nearly_empty,
        num_used=row.num_used,
        acknowledged_by=row.acknowledged_by,
        acknowledged_ms=row.acknowledged_ms,
    )

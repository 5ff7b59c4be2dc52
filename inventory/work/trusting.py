"""Records that are not trusted: somebody says why, all their bins are counted, and then they are trusted again.

Work goes on meanwhile, and nothing is locked: what is not trusted is told wherever the site's accuracy is told. Nobody
can declare records right; a bin is trusted once a count of it has ended after the declaration, with every difference
decided, and the site or zone with the last of its bins.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.counting import CountTrigger
from inventory.tables.counts import CountState, DistrustRow, StockCountRow
from inventory.work.count_planning import add_counts
from inventory.work.sites import LiveSite, live_site, place_ids
from warehouse.clock import Clock
from warehouse.errors import NotFound


@dataclass(frozen=True)
class Distrust:
    """Do not trust the records of a zone, or of the whole site, until all their bins are counted."""

    site: str
    reason: str
    user: str
    zone: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class DistrustView:
    """What is or was not trusted, why, and how many of its bins are still to be counted; `trusted_ms` ended it."""

    distrust: int
    zone: str
    reason: str
    declared_by: str
    declared_ms: int
    num_bins: int
    num_left: int
    trusted_ms: int | None


def distrust(session: Session, command: Distrust, clock: Clock) -> DistrustView:
    """Declare records untrusted, and make every bin of theirs due that has no count under way.

    Raises
    ------
    NotFound
        If there is no such site, or no such zone at it.
    """
    live = live_site(session, command.site)
    if command.zone and command.zone not in live.site.zones:
        raise NotFound("zone", command.zone)
    row = DistrustRow(
        site_id=live.id,
        zone=command.zone,
        reason=command.reason,
        declared_by=command.user,
        declared_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    add_counts(session, live.id, dict.fromkeys(_bins(session, live, command.zone), CountTrigger.REQUEST), clock)
    return _view(session, live, row)


def distrusted(session: Session, site: str, *, open_only: bool = False) -> tuple[DistrustView, ...]:
    """What is not trusted at a site, the latest first, with what once was unless `open_only`.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    rows = select(DistrustRow).where(col(DistrustRow.site_id) == live.id).order_by(col(DistrustRow.id).desc())
    found = [_view(session, live, row) for row in session.execute(rows).scalars()]
    return tuple(each for each in found if not open_only or each.trusted_ms is None)


def _bins(session: Session, live: LiveSite, zone: str) -> list[int]:
    codes = [each.code for each in live.site.bins if zone in ("", each.zone)]
    ids = place_ids(session, live.id, codes)
    return [ids[code] for code in codes]


def _view(session: Session, live: LiveSite, row: DistrustRow) -> DistrustView:
    bins = _bins(session, live, row.zone)
    done_ms = func.min(col(StockCountRow.done_ms))
    counted = (
        select(col(StockCountRow.place_id), done_ms)
        .where(
            col(StockCountRow.site_id) == live.id,
            col(StockCountRow.state) == CountState.DONE,
            col(StockCountRow.done_ms) >= row.declared_ms,
        )
        .group_by(col(StockCountRow.place_id))
    )
    done = {place_id: int(at_ms) for place_id, at_ms in session.execute(counted)}
    ends = [done[place_id] for place_id in bins if place_id in done]
    assert row.id is not None
    return DistrustView(
        distrust=row.id,
        zone=row.zone,
        reason=row.reason,
        declared_by=row.declared_by,
        declared_ms=row.declared_ms,
        num_bins=len(bins),
        num_left=len(bins) - len(ends),
        trusted_ms=max(ends, default=row.declared_ms) if len(ends) == len(bins) else None,
    )

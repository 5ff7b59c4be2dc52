"""The cage: bins of high value that only people with the right open, each time on record.

A bin is of the cage if its zone keeps goods of the class `cage`. The right is a person's, at every site. Runs and
counts that lead into the cage are given to people with the right alone; whoever else scans a bin of it is refused.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.stock import BoolArray
from inventory.tables.cage import CageAct, CageEntryRow, CageRightRow
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState, StepState
from inventory.work.sites import LiveSite, live_site, place_id
from warehouse.bins import StorageClass
from warehouse.clock import Clock
from warehouse.errors import CageClosed
from warehouse.tables import PlaceRow


@dataclass(frozen=True)
class SetCageRight:
    """Let somebody open the cage, or no more."""

    name: str
    may_open: bool
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class CageRight:
    """Whether somebody may open the cage, and who said so."""

    name: str
    may_open: bool
    granted_by: str
    granted_ms: int | None


@dataclass(frozen=True)
class CageEntry:
    """Somebody opened a bin of the cage."""

    at_ms: int
    bin_code: str
    user: str
    device: str
    act: CageAct


def set_cage_right(session: Session, command: SetCageRight, clock: Clock) -> CageRight:
    """Let somebody open the cage from now on, or no more."""
    row = session.get(CageRightRow, command.name)
    if command.may_open and row is None:
        row = CageRightRow(user=command.name, granted_by=command.user, granted_ms=clock.now_ms())
        session.add(row)
    if not command.may_open and row is not None:
        session.delete(row)
    session.flush()
    return cage_right(session, command.name)


def cage_right(session: Session, name: str) -> CageRight:
    """Whether somebody may open the cage, and who said so."""
    row = session.get(CageRightRow, name)
    if row is None:
        return CageRight(name, may_open=False, granted_by="", granted_ms=None)
    return CageRight(name, may_open=True, granted_by=row.granted_by, granted_ms=row.granted_ms)


def may_open_cage(session: Session, user: str) -> bool:
    """Whether somebody has the right."""
    return session.get(CageRightRow, user) is not None


def is_caged(live: LiveSite, code: str) -> bool:
    """Whether a place of a site is a bin of the cage."""
    shelf = live.bins.get(code)
    return shelf is not None and StorageClass.CAGE in live.site.zones[shelf.zone].storage_classes


def closed_cage(session: Session, live: LiveSite, user: str) -> BoolArray:
    """Which bins of a site are of the cage and closed to somebody, in the order of its shelves."""
    closed = np.zeros(len(live.area.shelves), dtype=bool)
    if has_cage(live) and not may_open_cage(session, user):
        closed[:] = [is_caged(live, code) for code in live.area.shelves.codes]
    return closed


def has_cage(live: LiveSite) -> bool:
    """Whether a site has a cage at all."""
    return any(StorageClass.CAGE in zone.storage_classes for zone in live.site.zones.values())


def require_cage_right(session: Session, live: LiveSite, bin_code: str, user: str) -> None:
    """Raise CageClosed if a bin is of the cage and somebody may not open it."""
    if is_caged(live, bin_code) and not may_open_cage(session, user):
        raise CageClosed(bin_code, user)


def enter_cage(
    session: Session, live: LiveSite, bin_code: str, user: str, act: CageAct, clock: Clock, *, device: str = ""
) -> None:
    """Note that somebody opens a bin, if it is of the cage.

    To be called in the transaction of whatever he does there.

    Raises
    ------
    CageClosed
        If he may not.
    """
    if not is_caged(live, bin_code):
        return
    require_cage_right(session, live, bin_code, user)
    session.add(
        CageEntryRow(
            site_id=live.id,
            place_id=place_id(session, live.id, bin_code),
            user=user,
            device=device,
            act=act,
            at_ms=clock.now_ms(),
        )
    )


def runs_into_cage(session: Session, live: LiveSite) -> set[int]:
    """The runs that wait for a picker and lead into the cage."""
    if not has_cage(live):
        return set()
    query = (
        select(col(PickStepRow.run_id), col(PlaceRow.code))
        .join(PickRunRow, col(PickRunRow.id) == col(PickStepRow.run_id))
        .join(PlaceRow, col(PlaceRow.id) == col(PickStepRow.place_id))
        .where(
            col(PickRunRow.site_id) == live.id,
            col(PickRunRow.state) == RunState.READY,
            col(PickStepRow.state) == StepState.OPEN,
        )
    )
    return {run_id for run_id, code in session.execute(query) if is_caged(live, code)}


def cage_entries(session: Session, site: str, *, since_ms: int = 0, limit: int = 200) -> tuple[CageEntry, ...]:
    """Who opened the cage of a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(CageEntryRow, col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(CageEntryRow.place_id))
        .where(col(CageEntryRow.site_id) == live_site(session, site).id, col(CageEntryRow.at_ms) >= since_ms)
        .order_by(col(CageEntryRow.id).desc())
        .limit(limit)
    )
    return tuple(
        CageEntry(row.at_ms, code, row.user, row.device, CageAct(row.act)) for row, code in session.execute(query)
    )

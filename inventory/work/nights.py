"""The nightly work of all sites, done by itself: shelf lives are looked at, counts planned, the damage rule learns.

Whoever serves the database asks often, and does what is due and nobody else has taken. A row for each task of each
night, claimed in a transaction, keeps two servers from doing the same; should one die at it, its claim runs out and
another takes over. Then the same client id is used again, so that what had been done is not done twice. A site's first
night is the one after it was opened.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from inventory.rules.nights import Night, latest_night, retry_ms
from inventory.tables.nights import NightTask, NightTaskRow, TaskState
from inventory.work.auditing import DrawSample, draw_sample
from inventory.work.count_planning import PlanCounts, plan_counts
from inventory.work.damage import LearnDamage, learn_damage
from inventory.work.shelf_life_alerts import RaiseAlerts, raise_alerts
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState
from warehouse.tables import SiteRow

LOG = logging.getLogger(__name__)

WATCHMAN = "night"
"""Who withholds what is expired, on the movements."""

CLAIM_MS = 15 * 60_000
"""No task takes nearly as long; after it, whoever had claimed one is taken for dead."""

SAID_MAX = 300
"""Of an error the beginning is enough; the log has the rest."""

TASK = NightTaskRow.metadata.tables["night_task"]


@dataclass(frozen=True)
class ClaimTask:
    """Take a task, unless it is done, rests, or somebody else is at it."""

    site_id: int
    day: date
    task: NightTask


@dataclass(frozen=True)
class Claimed:
    """Whether it was taken, and for the how manieth time."""

    mine: bool
    tries: int


@dataclass(frozen=True)
class SettleTask:
    """Note what came of a task."""

    site_id: int
    day: date
    task: NightTask
    failed: bool
    said: str


@dataclass(frozen=True)
class Settled:
    """How the task stands now."""

    state: TaskState


@dataclass(frozen=True)
class NightView:
    """A task of a night at a site: how it stands, after how many tries, and what came of it or what went wrong."""

    day: date
    task: NightTask
    state: TaskState
    tries: int
    done_ms: int | None
    said: str


def do_nights(database: Database, clock: Clock, at: time) -> int:
    """Do what is due at all sites and nobody else has done or is doing; how many tasks were done.

    A task that fails is logged, keeps no other from being done, and is tried again later.

    Parameters
    ----------
    at
        Time of day, in the time zone of each site, from which on a night's work is done.
    """
    num_done = 0
    for site_id, site, night in _due_sites(database, clock, at):
        for task in _waiting(database, site_id, night):
            claim = ClaimTask(site_id, night.day, task)
            claimed = database.run(claim_task, claim, clock=clock)
            if not claimed.mine:
                continue
            failed = False
            try:
                said = DO[task](database, site, night.day, clock)
            except Exception as error:
                LOG.exception("%s of %s at %s failed, try %d", task, night.day, site, claimed.tries)
                failed, said = True, f"{type(error).__name__}: {error}"[:SAID_MAX]
            settle = SettleTask(site_id, night.day, task, failed, said)
            database.run(settle_task, settle, clock=clock)
            num_done += not failed
    return num_done


def _due_sites(database: Database, clock: Clock, at: time) -> list[tuple[int, str, Night]]:
    """The sites that were open when their last night began, with that night."""
    now_ms = clock.now_ms()
    with database.read() as session:
        query = select(col(SiteRow.id), col(SiteRow.code), col(SiteRow.time_zone), col(SiteRow.created_ms))
        sites = session.execute(query.order_by(col(SiteRow.id))).all()
    due = [(site_id, code, latest_night(now_ms, at, zone), created_ms) for site_id, code, zone, created_ms in sites]
    return [(site_id or 0, code, night) for site_id, code, night, created_ms in due if created_ms <= night.due_ms]


def _waiting(database: Database, site_id: int, night: Night) -> list[NightTask]:
    """The tasks of a night that are not done."""
    query = select(TASK.c.task).where(
        TASK.c.site_id == site_id, TASK.c.day == night.day, TASK.c.state == TaskState.DONE.value
    )
    with database.read() as session:
        done = set(session.execute(query).scalars())
    return [task for task in NightTask if task.value not in done]


def claim_task(session: Session, command: ClaimTask, clock: Clock) -> Claimed:
    """Take a task of a night."""
    now_ms = clock.now_ms()
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = {"site_id": command.site_id, "day": command.day, "task": command.task.value}
    new = key | {"state": TaskState.CLAIMED.value, "tries": 0, "until_ms": 0, "said": ""}
    session.execute(insert(TASK).on_conflict_do_nothing(), new)
    row = session.get(NightTaskRow, tuple(key.values()), with_for_update=True)
    assert row is not None
    if row.state == TaskState.DONE or row.until_ms > now_ms:
        return Claimed(mine=False, tries=row.tries)
    row.state, row.tries, row.until_ms = TaskState.CLAIMED, row.tries + 1, now_ms + CLAIM_MS
    session.add(row)
    return Claimed(mine=True, tries=row.tries)


def settle_task(session: Session, command: SettleTask, clock: Clock) -> Settled:
    """Note what came of a task; one that failed rests before it is tried again."""
    row = session.get(NightTaskRow, (command.site_id, command.day, command.task.value), with_for_update=True)
    assert row is not None
    row.said = command.said
    if command.failed:
        row.state, row.until_ms = TaskState.FAILED, clock.now_ms() + retry_ms(row.tries)
    else:
        row.state, row.done_ms = TaskState.DONE, clock.now_ms()
    session.add(row)
    return Settled(TaskState(row.state))


def _look_at_shelf_life(database: Database, site: str, day: date, clock: Clock) -> str:
    swept = raise_alerts(database, RaiseAlerts(site, WATCHMAN, _once(day, "shelf-life", site)), clock)
    return f"{swept.num_raised} alerts raised, {len(swept.withheld)} lots withheld"


def _draw_sample(database: Database, site: str, day: date, clock: Clock) -> str:
    try:
        drawn = database.run(draw_sample, DrawSample(site, _once(day, "sample", site)), clock=clock)
    except (NotFound, WrongState) as nothing:  # no sample was fixed, or all of it is drawn
        return f"nothing to draw: {nothing}"
    return f"{drawn.num_records} records drawn"


def _plan_counts(database: Database, site: str, day: date, clock: Clock) -> str:
    planned = database.run(plan_counts, PlanCounts(site, _once(day, "counts", site)), clock=clock)
    return f"{sum(planned.added.values())} counts added, {planned.num_due} due"


def _learn_damage(database: Database, site: str, day: date, clock: Clock) -> str:  # noqa: ARG001 - for all sites at once
    learned = database.run(learn_damage, LearnDamage(_once(day, "damage")), clock=clock)
    return f"experience of {learned.num_products} products"


DO: dict[NightTask, Callable[[Database, str, date, Clock], str]] = {
    NightTask.SHELF_LIFE: _look_at_shelf_life,
    NightTask.SAMPLE: _draw_sample,
    NightTask.COUNTS: _plan_counts,
    NightTask.DAMAGE: _learn_damage,
}


def _once(day: date, what: str, site: str = "") -> str:
    """The client id of a task of a night."""
    return f"night:{day}:{what}:{site}"


def nights(session: Session, site: str, *, num_days: int = 7) -> tuple[NightView, ...]:
    """The tasks of a site's last nights, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(NightTaskRow)
        .where(col(NightTaskRow.site_id) == live_site(session, site).id)
        .order_by(col(NightTaskRow.day).desc(), col(NightTaskRow.task))
        .limit(num_days * len(NightTask))
    )
    return tuple(
        NightView(row.day, NightTask(row.task), TaskState(row.state), row.tries, row.done_ms, row.said)
        for row in session.execute(query).scalars()
    )

"""A picker takes a run, and brings its cart to the end."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from inventory.tables.outbound import PickRunRow, PickStepRow, RunState, StepState
from inventory.work.caging import has_cage, may_open_cage, runs_into_cage
from inventory.work.count_assigning import put_back_way_counts
from inventory.work.sites import live_site
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

WITHOUT_PLAN = (defer(PickRunRow.problem), defer(PickRunRow.route))  # type: ignore[arg-type] # columns, to mypy strings
"""A run's problem and route are long texts: read where they are asked for, not at every scan."""


@dataclass(frozen=True)
class TakeRun:
    """Take the next run of a site, or go on with the one that the picker is walking."""

    site: str
    picker: str
    client_id: str = ""


@dataclass(frozen=True)
class RunTaken:
    """The picker's run; None if there is nothing to pick yet. `is_new` is false if he was walking it."""

    run_id: int | None
    is_new: bool


@dataclass(frozen=True)
class FinishRun:
    """The picker has brought the cart to its end."""

    run_id: int
    picker: str
    client_id: str = ""


@dataclass(frozen=True)
class RunFinished:
    """What was walked and picked."""

    run_id: int
    distance_mm: int
    backtrack_mm: int
    num_steps: int
    quantity_picked: int
    duration_ms: int


def take_run(session: Session, command: TakeRun, clock: Clock) -> RunTaken:
    """Give a picker the run he is walking, else the most urgent one that waits; never one of somebody else.

    A run whose time has not come is not given, nor one that leads into the cage to somebody who may not open it.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    runs, mine = _runs_and_own(session, command)
    if mine is not None:
        return RunTaken(mine.id, is_new=False)
    urgent = _most_urgent(runs, clock)
    run: PickRunRow | None = session.execute(urgent.with_for_update(skip_locked=True)).scalars().first()
    if run is None:
        return RunTaken(None, is_new=False)
    run.state, run.picker, run.started_ms = RunState.WALKING, command.picker, clock.now_ms()
    session.add(run)
    return RunTaken(run.id, is_new=True)


def run_to_take(session: Session, command: TakeRun, clock: Clock) -> int | None:
    """The waiting run that a picker would be given now; None if he is walking one, or none waits.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    runs, mine = _runs_and_own(session, command)
    if mine is not None:
        return None
    run: PickRunRow | None = session.execute(_most_urgent(runs, clock)).scalars().first()
    return None if run is None else run.id


def _runs_and_own(session: Session, command: TakeRun) -> tuple[Select[PickRunRow], PickRunRow | None]:
    """The runs of the site, without their plans, and the one that the picker is walking."""
    live = live_site(session, command.site)
    runs = select(PickRunRow).where(col(PickRunRow.site_id) == live.id).options(*WITHOUT_PLAN)
    walking = runs.where(col(PickRunRow.state) == RunState.WALKING, col(PickRunRow.picker) == command.picker)
    own: PickRunRow | None = session.execute(walking).scalars().first()
    if has_cage(live) and not may_open_cage(session, command.picker):
        runs = runs.where(col(PickRunRow.id).not_in(runs_into_cage(session, live)))
    return runs, own


def _most_urgent(runs: Select[PickRunRow], clock: Clock) -> Select[PickRunRow]:
    """The most urgent of the runs that wait and may begin."""
    ready = runs.where(col(PickRunRow.state) == RunState.READY, may_begin(clock))
    return ready.order_by(col(PickRunRow.priority).desc(), col(PickRunRow.id)).limit(1)


def may_begin(clock: Clock) -> ColumnElement[bool]:
    """That a run's time has come."""
    not_before_ms = col(PickRunRow.not_before_ms)
    return or_(not_before_ms.is_(None), not_before_ms <= clock.now_ms())


def begins_in_ms(session: Session, site: str, clock: Clock) -> int | None:
    """How long it is until a waiting run of a site may begin; None if one may at once, or none waits.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    run = PickRunRow
    waiting = select(func.count().filter(may_begin(clock)), func.min(col(run.not_before_ms))).where(
        col(run.site_id) == live_site(session, site).id, col(run.state) == RunState.READY
    )
    num_now, first_ms = session.execute(waiting).one()
    return None if num_now or first_ms is None else first_ms - clock.now_ms()


def finish_run(session: Session, command: FinishRun, clock: Clock) -> RunFinished:
    """End a run whose steps are all done; counts on its way that were not begun are for others again.

    Raises
    ------
    NotFound
        If there is no such run.
    WrongState
        If it is not walked by this picker, or steps are open.
    """
    run = walking_run(session, command.run_id, command.picker)
    unfinished = (col(PickStepRow.state) == StepState.OPEN) | (col(PickStepRow.quantity_sought) > 0)
    num_steps, num_open, quantity_picked = session.execute(
        select(func.count(), func.count().filter(unfinished), func.sum(col(PickStepRow.quantity_picked))).where(
            col(PickStepRow.run_id) == run.id
        )
    ).one()
    if num_open:
        raise WrongState("run", run.id, f"not at its end: {num_open} steps are open")
    run.state, run.done_ms = RunState.DONE, clock.now_ms()
    session.add(run)
    put_back_way_counts(session, command.run_id)
    assert run.started_ms is not None
    return RunFinished(
        run_id=command.run_id,
        distance_mm=run.distance_mm,
        backtrack_mm=run.backtrack_mm,
        num_steps=num_steps,
        quantity_picked=quantity_picked or 0,
        duration_ms=run.done_ms - run.started_ms,
    )


def walking_run(session: Session, run_id: int, picker: str) -> PickRunRow:
    """The run, if this picker is walking it; locked until the transaction ends.

    Raises
    ------
    NotFound
        If there is no such run.
    WrongState
        If it is ready, done, or somebody else's.
    """
    run: PickRunRow | None = session.execute(
        select(PickRunRow).where(col(PickRunRow.id) == run_id).options(*WITHOUT_PLAN).with_for_update()
    ).scalar_one_or_none()
    if run is None:
        raise NotFound("run", run_id)
    require_walked_by(run_id, run.state, run.picker, picker)
    return run


def require_walked_by(run_id: int, state: str, picker: str | None, asked_by: str) -> None:
    """Raise WrongState unless a run in this state, walked by `picker`, is the asker's to go on with."""
    if state != RunState.WALKING:
        raise WrongState("run", run_id, RunState(state))
    if picker != asked_by:
        raise WrongState("run", run_id, "walked by somebody else")

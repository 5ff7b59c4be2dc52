"""Who is walking at a site right now, and where: what a release has to give way to."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from inventory.rules.traffic import Crew, Traffic
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState, StepState
from inventory.work.sites import LiveSite, chunks
from routing.bin_choice import Budget
from routing.meeting import Pace, Visit, visits
from routing.route import Route
from warehouse.clock import Clock

SOON_S = 600.0
"""Nobody knows when a run is taken that waits for longer, so its start is not put off."""

SHIFT_MS = 8 * 3_600_000
"""Who brought a run in within this time still counts as one of the crew: a shift."""


@dataclass(frozen=True)
class _Walk:
    """A run under way: its route, the legs walked, and when (in seconds from now) the picker set out from there."""

    route: Route
    num_legs: int
    left_s: float


def traffic_at(
    session: Session, live: LiveSite, clock: Clock, num_pickers: int | None = None, *, delay_max_s: float = 0.0
) -> Traffic:
    """The walks under way and waiting at a site, and when each picker gets free.

    Parameters
    ----------
    num_pickers
        How many walk; if not given, all who are walking now or have brought a run in during the last
        shift, and at least one.
    delay_max_s
        How long the start of a run that is taken soon may be put off.
    """
    plain = Traffic()
    pace = plain.pace
    booked: list[Visit] = []
    free_s: list[float] = []
    for walk in _walks(session, live.id, clock, plain.setup_s):
        rest_s = _rest_s(walk, pace)
        # Who has not scanned for longer than planned is still before his next stop.
        left_s = max(walk.left_s, -_next_halt_s(walk, pace))
        booked += visits(live.area.floor, walk.route, pace, left_s, from_leg=walk.num_legs)
        free_s.append(max(0.0, left_s + rest_s) + plain.hand_in_s)
    crew_size = _crew_size(session, live.id, clock) if num_pickers is None else num_pickers
    free_s += [0.0] * (max(1, crew_size) - len(free_s))
    now_ms = clock.now_ms()
    traffic = replace(
        plain,
        booked=tuple(booked),
        free_s=tuple(free_s),
        delay_max_s=delay_max_s,
        delay_within_s=SOON_S,
        since_ms=now_ms,
    )
    crew = Crew(traffic, Budget(), seed=0)
    run = PickRunRow
    ready = select(col(run.route), col(run.not_before_ms)).where(
        col(run.site_id) == live.id, col(run.state) == RunState.READY
    )
    for text, not_before_ms in session.execute(ready.order_by(col(run.priority).desc(), col(run.id))):
        waits_s = _seconds_until(not_before_ms, now_ms)
        crew.hand_out(live.area.floor, Route.from_dict(json.loads(text)), max(0.0, waits_s - crew.next_free_s))
    return crew.standing


def _seconds_until(at_ms: int | None, now_ms: int) -> float:
    """How long it is until then; 0 if it is over, or nothing to wait for."""
    return 0.0 if at_ms is None else max(0.0, (at_ms - now_ms) / 1000)


def _walks(session: Session, site_id: int, clock: Clock, setup_s: float) -> Iterator[_Walk]:
    """The runs that are walked at a site."""
    run = PickRunRow
    query = select(col(run.id), col(run.plan), col(run.route), col(run.started_ms))
    query = query.where(col(run.site_id) == site_id, col(run.state) == RunState.WALKING).order_by(col(run.id))
    rows = session.execute(query).all()
    done = _last_done(session, [row[0] for row in rows])
    for run_id, plan, text, started_ms in rows:
        route = Route.from_dict(json.loads(text))
        stop, step_plan, done_ms = done.get(run_id, (0, 0, started_ms + round(1000 * setup_s)))
        num_legs = route.stops[stop].after_leg if step_plan == plan else 0
        yield _Walk(route, num_legs, (done_ms - clock.now_ms()) / 1000)


def _last_done(session: Session, run_ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """(stop, plan, time) of the last step done on each run that has one."""
    last: dict[int, tuple[int, int, int]] = {}
    step = PickStepRow
    for some in chunks(run_ids):
        query = select(col(step.run_id), col(step.stop), col(step.plan), col(step.done_ms))
        query = query.where(col(step.run_id).in_(some), col(step.state) != StepState.OPEN, col(step.reached))
        for run_id, stop, plan, done_ms in session.execute(query.order_by(col(step.sequence))):
            last[run_id] = (stop, plan, done_ms)
    return last


def _crew_size(session: Session, site_id: int, clock: Clock) -> int:
    """How many different pickers have walked at a site during the last shift."""
    run = PickRunRow
    lately = or_(col(run.state) == RunState.WALKING, col(run.done_ms) >= clock.now_ms() - SHIFT_MS)
    query = select(func.count(func.distinct(col(run.picker)))).where(col(run.site_id) == site_id, lately)
    size: int = session.execute(query).scalar_one()
    return size


def _rest_s(walk: _Walk, pace: Pace) -> float:
    """How long the rest of a walk takes from where the picker set out last."""
    halts = pace.halts_s(walk.route)
    walking_mm = sum(leg.length_mm for leg in walk.route.legs[walk.num_legs :])
    return walking_mm / pace.speed_mm_s + sum(
        halt_s for after_leg, halt_s in halts.items() if after_leg > walk.num_legs
    )


def _next_halt_s(walk: _Walk, pace: Pace) -> float:
    """How long it takes until the next halt is over."""
    halts = pace.halts_s(walk.route)
    ahead = [after_leg for after_leg in halts if after_leg > walk.num_legs]
    upto = min(ahead, default=len(walk.route.legs))
    walking_mm = sum(leg.length_mm for leg in walk.route.legs[walk.num_legs : upto])
    return walking_mm / pace.speed_mm_s + halts.get(upto, 0.0)

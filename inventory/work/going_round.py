"""Runs whose way ahead leads over floor that others found blocked are planned anew.

Whoever reports floor blocked has the rest of his own run planned at once (`inventory.work.replanning`). Every other
run is looked at when its picker gets to know what comes next: before a waiting run is taken, and after each
step that is done. Steps out of reach are taken off in the same transaction that writes the new rest, so there is
nothing half done to find again; a pick or a join that came first has it planned once more. A step half picked is
finished first. Floor that is free again changes no plan: routes that go round it are as good as when they were made.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.replanning import RestPlan
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState, StepState
from inventory.work.blocking import is_any_blocked, out_of_reach, take_off, walkable
from inventory.work.pick_steps import legs_done
from inventory.work.replanning import RunRest, note_plan, plan_of_rest, replace_steps, settle
from inventory.work.sites import LiveSite, site_with_id
from inventory.work.walking import RunTaken, TakeRun, run_to_take, take_run
from routing.problem import PickProblem
from routing.replanning import legs_walked, stands_at
from routing.route import Route
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import StockShort, WrongState

NUM_TRIES_MAX = 3
"""A picker stands and waits; after three lost races his next call tries again."""


@dataclass(frozen=True)
class RoundPlanned:
    """`has_ended` says that a run that waited came to nothing: all of it is out of reach."""

    has_ended: bool = False


@dataclass(frozen=True)
class _Hindered:
    """A run with floor ahead that is blocked, the steps out of reach, and the site as it can be walked now."""

    rest: RunRest
    out: list[PickStepRow]
    live: LiveSite

    @property
    def without(self) -> RunRest:
        """The rest when what is out of reach is sought elsewhere."""
        ahead = [step for step in self.rest.ahead if step not in self.out]
        return replace(self.rest, ahead=ahead, short=self.out)


@dataclass(frozen=True)
class _WriteRound:
    """Write a way round down: the steps `out` are taken off, `plan` brings the rest."""

    run_id: int
    marks: Annotated[Any, Field(exclude=True)]
    out: Annotated[Any, Field(exclude=True)]
    snapshot: Annotated[Any, Field(exclude=True)]
    plan: Annotated[Any, Field(exclude=True)]


def take(database: Database, command: TakeRun, clock: Clock) -> RunTaken:
    """Let a picker take a run, or go on with his; its way leads over no floor that is blocked by now.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    while True:
        with database.read() as session:
            run_id = run_to_take(session, command, clock)
        if run_id is None or not go_round(database, run_id, clock).has_ended:
            break
    taken = database.run(take_run, command, clock=clock)
    if taken.run_id is not None and taken.is_new:
        go_round(database, taken.run_id, clock)  # floor may have been blocked, or another run been first, meanwhile
    return taken


def go_round(database: Database, run_id: int, clock: Clock) -> RoundPlanned:
    """Plan what is ahead of a run anew if it leads over floor that is blocked now.

    Without a sound way round the run stays as it is: its picker reports what he finds.
    """
    for _ in range(NUM_TRIES_MAX):
        with database.read() as session:
            hindered = _hindered(session, run_id, clock)
            if hindered is None:
                return RoundPlanned()
            rest, out = hindered.without, [step.id for step in hindered.out]
            snapshot, plan = plan_of_rest(session, rest, hindered.live, clock, anew=True)
            if plan.run is None and rest.ahead:
                return RoundPlanned()
        write = _WriteRound(run_id, hindered.rest.marks, out, snapshot, plan)
        try:
            return database.run(_write_round, write, clock=clock)
        except (WrongState, StockShort):
            continue
    return RoundPlanned()


def _rest(session: Session, run_id: int) -> RunRest | None:
    """What is ahead of a run that waits or is walked; None if it cannot be planned anew right now."""
    run = session.get(PickRunRow, run_id)
    if run is None or run.state not in (RunState.READY, RunState.WALKING):
        return None
    query = select(PickStepRow).where(col(PickStepRow.run_id) == run_id).order_by(col(PickStepRow.sequence))
    steps: list[PickStepRow] = list(session.execute(query).scalars())
    ahead = [step for step in steps if step.state == StepState.OPEN]
    if not ahead or any(step.quantity_picked for step in ahead) or any(step.quantity_sought for step in steps):
        return None
    route = Route.from_json(run.route)
    return RunRest(
        live=site_with_id(session, run.site_id),
        run=run,
        problem=PickProblem.from_json(run.problem),
        route=route,
        num_legs=legs_done(route, steps, run.plan),
        ahead=ahead,
        short=[],
        totes=list(dict.fromkeys(step.tote_place_id for step in steps)),
    )


def _hindered(session: Session, run_id: int, clock: Clock) -> _Hindered | None:
    """What hinders a run; None if nothing does."""
    rest = _rest(session, run_id) if is_any_blocked(session, run_id, clock) else None
    if rest is None:
        return None
    stands = stands_at(rest.route, legs_walked(rest.route, rest.num_legs))
    live = walkable(session, rest.live, clock, stands=stands)
    stops = {step.stop for step in rest.ahead}
    bins = [pick.bin for number in stops for pick in rest.route.stops[number].picks]
    crossed = any(each.is_crossed_by(leg) for each in live.closed for leg in rest.route.legs[rest.num_legs :])
    if not crossed and all(live.is_in_reach(code) for code in bins):
        return None
    return _Hindered(rest, out_of_reach(session, live, stands, rest.ahead), live)


def _write_round(session: Session, command: _WriteRound, clock: Clock) -> RoundPlanned:
    """Take the steps out of reach off, and put the new plan of the rest in the place of the old one.

    Raises
    ------
    WrongState
        If the run does not stand where it was planned from any more.
    StockShort
        If a bin does not have its units free any more.
    """
    session.execute(select(col(PickRunRow.id)).where(col(PickRunRow.id) == command.run_id).with_for_update())
    rest = _rest(session, command.run_id)
    if rest is None or rest.marks != command.marks:
        raise WrongState("run", command.run_id, "further than it was planned from")
    plan: RestPlan = command.plan
    out = [step for step in rest.ahead if step.id in command.out]
    rest = replace(rest, ahead=[step for step in rest.ahead if step.id not in command.out], short=out)
    blocked = walkable(session, rest.live, clock).closed
    take_off(session, out, ", ".join(sorted({each.bin_code for each in blocked})), clock)
    if plan.run is not None:
        replace_steps(session, rest, plan.run, command.snapshot)
        note_plan(session, rest, plan.run)
    settle(session, rest, plan.found)
    has_ended = rest.run.state == RunState.READY and plan.run is None
    if has_ended:
        _end(rest.run, clock)
        session.add(rest.run)
    return RoundPlanned(has_ended)


def _end(run: PickRunRow, clock: Clock) -> None:
    """End a run that nobody has taken; nothing of it was walked."""
    run.state, run.started_ms, run.done_ms = RunState.DONE, clock.now_ms(), clock.now_ms()
    run.distance_mm, run.backtrack_mm, run.backtrack_bound_mm = 0, 0, 0

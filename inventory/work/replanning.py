"""What a picker finds missing or cannot get to is looked for elsewhere, and the rest of the run planned again.

Planning reads a snapshot and writes nothing; writing checks that the run still stands where it was
planned from. Where nothing is found, or others were faster again and again, the missing units are short
and the run goes on as it was. What is sought is on the steps, so nothing is forgotten if the server
ends between the two.
"""

import json
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import delete, func, insert, select
from sqlmodel import Session, col

from inventory.ledger import Reservation, reserve, unreserve
from inventory.rules.blocking import legs_to_block
from inventory.rules.pick_runs import Demand, PlannedRun
from inventory.rules.replanning import RestPlan, Sought, plan_rest
from inventory.tables.outbound import OrderLineRow, PickRunRow, PickStepRow, RunState, StepState
from inventory.work.blocking import BlockReported, ReportBlocked, record_blocked, walkable
from inventory.work.pick_steps import legs_done, next_step_id, settle_orders
from inventory.work.picking import ReportShort, record_short
from inventory.work.promising import compact, step_rows, wanted_of
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, place_codes, place_ids, site_with_id
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.way_counting import leave_aside
from routing.problem import PickProblem
from routing.replanning import (
    SHORT_SEARCH,
    end_of_rest,
    legs_walked,
    picks_ahead,
    policy_of_rest,
    stands_at,
    walked_after,
)
from routing.route import Leg, Route
from routing.walk import measure_backtrack_mm
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import RouteRejected, StockShort, WrongState

NUM_TRIES_MAX = 3
"""A picker stands and waits; after three lost races the units are short."""


@dataclass(frozen=True)
class ShortReported:
    """What became of a short step: of `quantity_missing` units, later steps bring some from elsewhere."""

    run_id: int
    step_id: int
    quantity_picked: int
    quantity_missing: int
    quantity_elsewhere: int
    quantity_short: int
    reason: str
    next_step_id: int | None


@dataclass(frozen=True)
class RunRest:
    """A walking run as it stands: what is open, what is sought, and where the picker is."""

    live: LiveSite
    run: PickRunRow
    problem: PickProblem
    route: Route
    num_legs: int
    ahead: list[PickStepRow]
    short: list[PickStepRow]
    totes: list[int]

    @property
    def walked(self) -> tuple[Leg, ...]:
        """What the picker has walked of the route when the rest begins."""
        return legs_walked(self.route, self.num_legs)

    @property
    def is_blocked(self) -> bool:
        """Whether the picker could not walk on as planned."""
        return any(not step.reached for step in self.short)

    @property
    def marks(self) -> tuple[object, ...]:
        """What must not have changed when a plan for the rest is written."""
        return (
            self.run.plan,
            RunState(self.run.state),
            tuple((step.id, step.quantity_picked) for step in self.ahead),
            tuple((step.id, step.quantity_sought) for step in self.short),
        )


@dataclass(frozen=True)
class _WriteRest:
    """Write the plan of a rest down, or, without one, that what was sought is short."""

    run_id: int
    marks: Annotated[Any, Field(exclude=True)]
    snapshot: Annotated[Any, Field(exclude=True)]
    plan: Annotated[Any, Field(exclude=True)]


def report_short(database: Database, command: ReportShort, clock: Clock) -> ShortReported:
    """Record that units are not to be had at a step, and look for them elsewhere.

    Raises
    ------
    ScanMismatch, BinCodeInvalid, NotFound, WrongState, ValueError
        As `picking.record_short`.
    """
    picked = database.run(record_short, command, clock=clock)
    seek(database, picked.run_id, clock)
    with database.read() as session:
        step = session.get(PickStepRow, picked.step_id)
        assert step is not None
        missing = step.quantity - step.quantity_picked
        return ShortReported(
            run_id=picked.run_id,
            step_id=picked.step_id,
            quantity_picked=step.quantity_picked,
            quantity_missing=missing,
            quantity_elsewhere=step.quantity_elsewhere,
            quantity_short=missing - step.quantity_elsewhere,
            reason=step.short_reason,
            next_step_id=next_step_id(session, picked.run_id),
        )


def report_blocked(database: Database, command: ReportBlocked, clock: Clock) -> BlockReported:
    """Record that a picker cannot get to a bin, and plan the rest of the run round the blocked floor.

    Raises
    ------
    NotFound, WrongState, ValueError
        As `blocking.record_blocked`.
    """
    reported = database.run(record_blocked, command, clock=clock)
    seek(database, reported.run_id, clock)
    return reported


def seek(database: Database, run_id: int, clock: Clock) -> None:
    """Look for what is missing on a run, if anything is, and plan its rest again."""
    for _ in range(NUM_TRIES_MAX):
        with database.read() as session:
            rest = _rest(session, run_id)
            if rest is None:
                return
            codes = place_codes(session, {step.place_id for step in rest.ahead})
            stands = stands_at(rest.route, rest.walked)
            live = walkable(session, rest.live, clock, stands=stands, bins=set(codes.values()))
            snapshot, plan = plan_of_rest(session, rest, live, clock, anew=rest.is_blocked)
        try:
            database.run(_write_rest, _WriteRest(run_id, rest.marks, snapshot, plan), clock=clock)
        except (WrongState, StockShort):
            continue
        return
    database.run(_write_rest, _WriteRest(run_id, None, None, RestPlan(None, {})), clock=clock)


def _rest(session: Session, run_id: int) -> RunRest | None:
    """How a walking run stands, or None if nothing is sought on it."""
    run = session.get(PickRunRow, run_id)
    if run is None or run.state != RunState.WALKING:
        return None
    query = select(PickStepRow).where(col(PickStepRow.run_id) == run_id).order_by(col(PickStepRow.sequence))
    steps: list[PickStepRow] = list(session.execute(query).scalars())
    short = [step for step in steps if step.quantity_sought]
    if not short:
        return None
    problem, route = PickProblem.from_dict(json.loads(run.problem)), Route.from_dict(json.loads(run.route))
    num_legs = legs_done(route, steps, run.plan)
    off = next((step for step in short if step.plan == run.plan and not step.reached), None)
    return RunRest(
        live=site_with_id(session, run.site_id),
        run=run,
        problem=problem,
        route=route,
        num_legs=num_legs if off is None else legs_to_block(route, num_legs, off.stop),
        ahead=[step for step in steps if step.state == StepState.OPEN],
        short=short,
        totes=list(dict.fromkeys(step.tote_place_id for step in steps)),
    )


def plan_of_rest(
    session: Session, rest: RunRest, live: LiveSite, clock: Clock, *, anew: bool
) -> tuple[Snapshot, RestPlan]:
    """Plan the rest of a run on what the snapshot shows, on the floor as it can be walked now.

    With `anew` the old plan cannot be walked any more. Steps that are short only by this plan, being open still, are
    sought elsewhere with all their units.
    """
    codes = place_codes(session, {step.place_id for step in rest.ahead})
    own: dict[tuple[str, int], int] = {}
    for step in rest.ahead:
        key = codes[step.place_id], step.lot_id
        own[key] = own.get(key, 0) + step.quantity
    products = {step.product_id for step in [*rest.ahead, *rest.short]}
    snapshot = take_snapshot(session, live, clock, product_ids=products, own=own)
    tote = {place: number for number, place in enumerate(rest.totes)}
    ahead = [
        Demand(
            order=str(step.order_line_id),
            line=str(step.order_line_id),
            product=snapshot.product_row[step.product_id],
            lot=snapshot.lot_row[step.lot_id],
            quantity=step.quantity,
            tote=tote[step.tote_place_id],
        )
        for step in rest.ahead
    ]
    sought: dict[int, Sought] = {}
    wanted = wanted_of(session, rest.live.id, (step.order_line_id for step in rest.short), clock)
    for step in rest.short:
        before = sought[step.order_line_id].quantity if step.order_line_id in sought else 0
        sought[step.order_line_id] = Sought(
            order=str(step.order_line_id),
            line=str(step.order_line_id),
            product=snapshot.product_row[step.product_id],
            quantity=before + (step.quantity_sought if step.state == StepState.SHORT else step.quantity),
            tote=tote[step.tote_place_id],
            life_days=wanted[step.order_line_id].life_days,
            owner=wanted[step.order_line_id].owner,
        )
    try:
        plan = plan_rest(
            ahead,
            list(sought.values()),
            snapshot.stock,
            snapshot.goods,
            replace(live.area, start=stands_at(rest.route, rest.walked), end=end_of_rest(rest.problem)),
            walked=walked_after(rest.problem, rest.walked),
            incumbent=picks_ahead(rest.route, rest.num_legs),
            policy=policy_of_rest(rest.problem, rest.route, rest.walked),
            budget=SHORT_SEARCH,
            day=site_day(rest.live, clock).toordinal(),
            anew=anew,
        )
    except RouteRejected:
        plan = RestPlan(None, {})
    return snapshot, plan


def _write_rest(session: Session, command: _WriteRest, clock: Clock) -> None:  # noqa: ARG001
    """Put the new plan of a rest in the place of the old one, and settle what was sought.

    Raises
    ------
    WrongState
        If the run does not stand where it was planned from any more.
    StockShort
        If a bin does not have its units free any more.
    """
    session.execute(select(col(PickRunRow.id)).where(col(PickRunRow.id) == command.run_id).with_for_update())
    rest = _rest(session, command.run_id)
    if rest is None:
        return
    if command.marks is not None and command.marks != rest.marks:
        raise WrongState("run", command.run_id, "further than it was planned from")
    plan: RestPlan = command.plan
    if plan.run is not None:
        replace_steps(session, rest, plan.run, command.snapshot)
        note_plan(session, rest, plan.run)
    settle(session, rest, plan.found)


def replace_steps(session: Session, rest: RunRest, run: PlannedRun, snapshot: Snapshot) -> None:
    """Take back what open steps were promised, and promise what the new ones pick."""
    unreserve(session, [Reservation(step.place_id, step.product_id, step.lot_id, step.quantity) for step in rest.ahead])
    bin_codes = rest.live.area.shelves.codes
    bin_ids = place_ids(session, rest.live.id, [bin_codes[step.bin] for step in run.steps])
    assert rest.run.id is not None
    last = session.execute(
        select(func.max(col(PickStepRow.sequence))).where(col(PickStepRow.run_id) == rest.run.id)
    ).scalar_one()
    rows = step_rows(
        rest.run.id, run, snapshot, bin_ids, rest.totes, bin_codes, plan=rest.run.plan + 1, sequence=last + 1
    )
    reserve(
        session,
        [Reservation(row["place_id"], row["product_id"], row["lot_id"], row["quantity"]) for row in rows],
    )
    session.execute(delete(PickStepRow).where(col(PickStepRow.id).in_([step.id for step in rest.ahead])))
    session.execute(insert(PickStepRow), rows)


def note_plan(session: Session, rest: RunRest, planned: PlannedRun) -> None:
    """The run's row tells of the new plan, and of what was walked before it; counts off its way are put back."""
    run, certificate = rest.run, planned.route.certificate
    walked_twice_mm = (
        run.backtrack_mm
        - rest.route.certificate.backtrack_mm
        + measure_backtrack_mm(rest.problem.floor, rest.walked, rest.problem.walked)
    )
    run.plan += 1
    run.walked_mm += sum(leg.length_mm for leg in rest.walked)
    run.distance_mm = run.walked_mm + certificate.distance_mm
    run.backtrack_mm = walked_twice_mm + certificate.backtrack_mm
    run.backtrack_bound_mm = walked_twice_mm + certificate.backtrack_bound_mm
    run.problem = compact(planned.problem.to_dict())
    run.route = compact(planned.route.to_dict())
    session.add(run)
    leave_aside(session, run, planned.route.legs)


def settle(session: Session, rest: RunRest, found: dict[str, int]) -> None:
    """What was sought comes from elsewhere, or its order line is short of it.

    What could not be reached is not gone: it waits to be released again.
    """
    left = dict(found)
    for step in rest.short:
        elsewhere = min(step.quantity_sought, left.get(str(step.order_line_id), 0))
        left[str(step.order_line_id)] = left.get(str(step.order_line_id), 0) - elsewhere
        short = step.quantity_sought - elsewhere
        step.quantity_elsewhere += elsewhere
        step.quantity_sought = 0
        line = session.get(OrderLineRow, step.order_line_id, with_for_update=True)
        assert line is not None
        if short:
            line.quantity_allocated -= short
            line.quantity_short += short if step.reached else 0
            line.short_reason = step.short_reason
        session.add_all([step, line])
    session.flush()
    settle_orders(session, {step.order_line_id for step in rest.short})

"""A new order joins a run that waits for its picker, or one under way whose path passes its goods.

As a release, joining plans on a snapshot outside any write transaction and then writes in a brief one, which
looks again whether the order still waits, the run still stands where it was planned from and the bins
still have their units free. If somebody was faster it is planned again. Of a run under way the step at
hand stays as it is: the picker sees the new steps when their turn comes.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from inventory.ledger import Reservation, reserve, unreserve
from inventory.rules.allocation import Order, OrderLine
from inventory.rules.joining import EXTRA_MM_PER_LINE, JoinPlan, plan_join
from inventory.rules.pick_runs import PlannedRun
from inventory.tables.outbound import OrderRow, OrderState, PickRunRow, PickStepRow
from inventory.work.blocking import walkable
from inventory.work.join_candidates import Candidate, candidates, marks_of, rest_of, run_ahead
from inventory.work.promising import WaitingLine, promise_lines, step_rows, waiting_lines, wanted_of
from inventory.work.receiving import site_day
from inventory.work.replanning import RunRest, note_plan
from inventory.work.sites import LiveSite, free_totes, live_site, place_codes, place_ids
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.walking import WITHOUT_PLAN
from routing.bin_choice import Budget
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, StockShort, WrongState

NUM_TRIES_MAX = 5
"""Each lost try means that a scan or a release came first; more than a few at once is no daily business."""


@dataclass(frozen=True)
class JoinOrder:
    """Let an order join a run, if one passes its goods; `extra_mm_per_line` is how much further it may walk."""

    site: str
    order: str
    extra_mm_per_line: int = EXTRA_MM_PER_LINE
    budget_ms: int = 60
    client_id: str = ""


@dataclass(frozen=True)
class OrderJoined:
    """The run that an order joined and how much further that run walks; without a run it waits, and why."""

    order: str
    run_id: int | None
    num_lines: int = 0
    extra_mm: int = 0
    reason: str = ""


@dataclass(frozen=True)
class _Planned:
    """An order on a run, with the state it was planned on; `marks` must not have changed when it is written.

    `keeps_first` says that the run's first open step is the first planned one, and its row stays.
    """

    rest: RunRest
    marks: tuple[object, ...]
    keeps_first: bool
    waiting: tuple[WaitingLine, ...]
    snapshot: Snapshot
    plan: JoinPlan


@dataclass(frozen=True)
class _WriteJoin:
    """Write down that an order joins a run. The plan is no part of what was asked, so it is not compared."""

    request: JoinOrder
    planned: Annotated[Any, Field(exclude=True)]
    client_id: str


def join_order(database: Database, command: JoinOrder, clock: Clock) -> OrderJoined:
    """Let an order join the run that walks least further for it, if one passes its goods.

    Raises
    ------
    NotFound
        If there is no such site or order.
    WrongState
        If nothing of the order waits, or others came first again and again.
    StockShort
        If others came first again and again.
    """
    for attempt in range(1, NUM_TRIES_MAX + 1):
        with database.read() as session:
            planned = _plan(session, command, clock)
        try:
            return database.run(_write_join, _WriteJoin(command, planned, command.client_id), clock=clock)
        except (WrongState, StockShort):
            if attempt == NUM_TRIES_MAX or planned is None:
                raise
    raise AssertionError("the last try returns or raises")


def _plan(session: Session, command: JoinOrder, clock: Clock) -> _Planned | str | None:
    """The order on its best run, or why it joins none; None if nothing of it waits."""
    live = live_site(session, command.site)
    waiting = tuple(waiting_lines(session, live.id, [command.order]))
    if not waiting:
        return None
    why = "no run passes its goods"
    best: _Planned | None = None
    for candidate in candidates(session, live, [line.product_id for line in waiting]):
        planned = _plan_on(session, live, candidate, waiting, command, clock)
        if isinstance(planned, str):
            why = planned
        elif best is None or planned.plan.extra_mm < best.plan.extra_mm:
            best = planned
    return best or why


def _plan_on(
    session: Session,
    live: LiveSite,
    candidate: Candidate,
    waiting: tuple[WaitingLine, ...],
    command: JoinOrder,
    clock: Clock,
) -> _Planned | str:
    """Plan the rest of one run with the order on it."""
    rest = rest_of(session, live, candidate)
    if rest is None:
        return "no run passes its goods"
    own: dict[tuple[str, int], int] = {}
    live = walkable(session, live, clock)
    if any(each.is_crossed_by(leg) for each in live.closed for leg in rest.route.legs[rest.num_legs :]):
        return "the way is blocked"
    codes = place_codes(session, {step.place_id for step in rest.ahead})
    for step in rest.ahead:
        key = codes[step.place_id], step.lot_id
        own[key] = own.get(key, 0) + step.quantity
    products = {step.product_id for step in candidate.steps} | {line.product_id for line in waiting}
    snapshot = take_snapshot(session, live, clock, product_ids=products, own=own)
    first = waiting[0]
    wanted = wanted_of(session, live.id, (line.line_id for line in waiting), clock)
    lines = (
        OrderLine(
            str(line.line_id),
            snapshot.product_row[line.product_id],
            line.quantity,
            wanted[line.line_id].life_days,
            line.owner,
        )
        for line in waiting
    )
    plan = plan_join(
        Order(
            first.number,
            tuple(lines),
            first.priority,
            first.due_ms,
            first.placed_ms,
        ),
        run_ahead(session, rest, candidate, snapshot, codes, clock),
        snapshot.stock,
        snapshot.goods,
        live.area,
        extra_mm_per_line=command.extra_mm_per_line,
        now_ms=clock.now_ms(),
        budget=Budget(time_ms=command.budget_ms),
        day=site_day(live, clock).toordinal(),
    )
    if isinstance(plan, str):
        return plan
    if candidate.is_walking:
        number = _at_hand(plan.run, rest, snapshot, codes)
        if number is None:
            return "would change the step at hand"
        steps = plan.run.steps
        plan = replace(plan, run=replace(plan.run, steps=(steps[number], *steps[:number], *steps[number + 1 :])))
    marks = marks_of(rest.run, candidate.steps)
    return _Planned(rest, marks, candidate.is_walking, waiting, snapshot, plan)


def _at_hand(run: PlannedRun, rest: RunRest, snapshot: Snapshot, codes: dict[int, str]) -> int | None:
    """Which planned step is the one the picker is at now; None if it is not where he stands any more."""
    now = rest.ahead[0]
    for number, step in enumerate(run.steps):
        if run.route.stops[step.stop].after_leg:
            return None
        same = (
            rest.live.area.shelves.codes[step.bin] == codes[now.place_id]
            and snapshot.lot_ids[step.lot] == now.lot_id
            and (step.line, step.quantity) == (str(now.order_line_id), now.quantity)
            and rest.totes[step.tote : step.tote + 1] == [now.tote_place_id]
        )
        if same:
            return number
    return None


def _write_join(session: Session, command: _WriteJoin, clock: Clock) -> OrderJoined:  # noqa: ARG001
    """Check that the plan still holds, promise the order's units and put the new rest in the place of the old one.

    Raises
    ------
    NotFound
        If there is no such order.
    WrongState
        If the order waits no more, or the run does not stand where it was planned from any more.
    StockShort
        If a bin does not have its units free any more.
    """
    planned: _Planned | str | None = command.planned
    number = command.request.order
    if planned is None:
        raise _not_waiting(session, command.request)
    if isinstance(planned, str):
        return OrderJoined(number, None, reason=planned)
    run_id = planned.rest.run.id
    assert run_id is not None
    run: PickRunRow = session.execute(
        select(PickRunRow).where(col(PickRunRow.id) == run_id).options(*WITHOUT_PLAN).with_for_update()
    ).scalar_one()
    steps = session.execute(
        select(PickStepRow).where(col(PickStepRow.run_id) == run_id).order_by(col(PickStepRow.sequence))
    ).scalars()
    if marks_of(run, list(steps)) != planned.marks:
        raise WrongState("run", run_id, "further than it was planned from")
    waiting = {str(line.line_id): line for line in planned.waiting}
    promise_lines(session, waiting, {line.line_id: line.quantity for line in planned.waiting}, {})
    _replace_steps(session, planned, run)
    note_plan(session, replace(planned.rest, run=run), planned.plan.run)
    run.num_totes += planned.plan.num_totes
    run.priority = max(run.priority, planned.waiting[0].priority)
    session.add(run)
    return OrderJoined(number, run_id, len(planned.waiting), planned.plan.extra_mm)


def _not_waiting(session: Session, request: JoinOrder) -> NotFound | WrongState:
    """Why an order of which nothing waits cannot join a run."""
    query = select(col(OrderRow.state)).where(
        col(OrderRow.site_id) == live_site(session, request.site).id, col(OrderRow.number) == request.order
    )
    state = session.execute(query).scalar_one_or_none()
    return NotFound("order", request.order) if state is None else WrongState("order", request.order, OrderState(state))


def _replace_steps(session: Session, planned: _Planned, run: PickRunRow) -> None:
    """Promise what the new rest picks instead of the old one; the row of the step at hand stays."""
    rest, plan, shelves = planned.rest, planned.plan, planned.rest.live.area.shelves
    assert run.id is not None
    unreserve(session, [Reservation(step.place_id, step.product_id, step.lot_id, step.quantity) for step in rest.ahead])
    totes = [*rest.totes, *free_totes(session, rest.live.id, plan.num_totes)]
    bin_ids = place_ids(session, rest.live.id, [shelves.codes[step.bin] for step in plan.run.steps])
    last = session.execute(
        select(func.max(col(PickStepRow.sequence))).where(col(PickStepRow.run_id) == run.id)
    ).scalar_one()
    rows = step_rows(
        run.id, plan.run, planned.snapshot, bin_ids, totes, shelves.codes, plan=run.plan + 1, sequence=last + 1
    )
    reserve(session, [Reservation(row["place_id"], row["product_id"], row["lot_id"], row["quantity"]) for row in rows])
    kept: list[int | None] = []
    if planned.keeps_first:
        first, *rows = rows
        kept = [rest.ahead[0].id]
        values = {name: first[name] for name in ("sequence", "plan", "stop")}
        session.execute(update(PickStepRow).where(col(PickStepRow.id).in_(kept)).values(**values))
    gone = [step.id for step in rest.ahead if step.id not in kept]
    session.execute(delete(PickStepRow).where(col(PickStepRow.id).in_(gone)))
    session.execute(insert(PickStepRow), rows)

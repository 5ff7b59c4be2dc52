"""Release orders: plan on a snapshot, then check, promise and write it down in one brief transaction.

Planning takes seconds, so nobody waits for it: it reads a snapshot and writes nothing. Writing looks
again whether every line still waits for its units and every bin still has them free; if another release
was faster, nothing is written and the plan is made again on what is left.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import insert
from sqlmodel import Session

from inventory.ledger import Reservation, reserve
from inventory.rules.allocation import Order, OrderLine, serving_order
from inventory.rules.pick_runs import PlannedRun, check_policy
from inventory.rules.releasing import ReleasePlan, plan_release
from inventory.rules.traffic import TrafficCost
from inventory.tables.outbound import PickStepRow
from inventory.work.blocking import walkable
from inventory.work.crew import traffic_at
from inventory.work.joining import JoinOrder, OrderJoined, join_order
from inventory.work.promising import WaitingLine, promise_lines, run_row, step_rows, waiting_lines
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, free_totes, live_site, place_ids
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.stock_policies import stock_policy
from routing.batching import Batching, Splitting
from routing.bin_choice import Budget
from routing.problem import Measure, Policy, PolicyName
from warehouse.clock import Clock
from warehouse.database import Database, was_answered
from warehouse.errors import PolicyUnplanned, StockShort, WrongState

DELAY_MAX_S = 60
"""A picker kept waiting at the cart park for longer had better meet somebody."""

NUM_TRIES_MAX = 5
"""Each lost try means that another release went through; more than a few at once is no daily business."""


@dataclass(frozen=True)
class Release:
    """Release orders of a site: those numbered in `orders`, or all that wait.

    Runs give way to each other and to those under way, as if `num_pickers` walked them; by default all who
    have walked during the last shift. A run that is taken soon may begin up to `delay_max_s` later for it. With
    `join` orders first join runs that wait or are under way, where these pass their goods; the rest is released.
    `policy` and its settings are those of `routing.problem.Policy`, and planning a run again keeps to them. With
    `iterations` the search for a run's bins is limited by these instead of `budget_ms`, and has the same outcome on
    the same floor every time.
    """

    site: str
    orders: tuple[str, ...] | None = None
    policy: PolicyName = PolicyName.NO_BACKTRACK
    step_in_mm: int = 0
    detour_percent_max: int | None = None
    u_turns_max: int | None = None
    measure: Measure = Measure.DISTANCE
    batching: Batching = Batching.SAVINGS
    split: Splitting = Splitting.IF_NEEDED
    budget_ms: int = 250
    iterations: int | None = None
    seed: int = 0
    num_pickers: int | None = None
    delay_max_s: int = DELAY_MAX_S
    join: bool = False
    client_id: str = ""


@dataclass(frozen=True)
class ReleasedRun:
    """A run that waits for a picker; `not_before_ms` is when it may begin, None if at once."""

    run_id: int
    num_orders: int
    num_steps: int
    num_totes: int
    distance_mm: int
    backtrack_mm: int
    backtrack_bound_mm: int
    proven: bool
    not_before_ms: int | None = None


@dataclass(frozen=True)
class ShortLine:
    """Units of an order line that could not be promised, and why."""

    order: str
    line_number: int
    product: str
    quantity: int
    reason: str


@dataclass(frozen=True)
class Released:
    """What came of a release; `seconds` are those of planning, by phase, `traffic` what giving way cost.

    The other figures are of the runs released, not of those that orders `joined`.
    """

    runs: tuple[ReleasedRun, ...]
    shorts: tuple[ShortLine, ...]
    num_orders: int
    num_lines: int
    quantity: int
    seconds: dict[str, float]
    traffic: TrafficCost
    joined: tuple[OrderJoined, ...]


@dataclass(frozen=True)
class _Planned:
    """A plan with the snapshot it was made on; its times count from `since_ms` on."""

    since_ms: int
    live: LiveSite
    waiting: dict[str, WaitingLine]
    snapshot: Snapshot
    plan: ReleasePlan


@dataclass(frozen=True)
class _WriteRelease:
    """Write a planned release down. The plan is no part of what was asked, so it is not compared."""

    request: Release
    planned: Annotated[Any, Field(exclude=True)]
    joined: Annotated[Any, Field(exclude=True)]
    client_id: str


def release(database: Database, command: Release, clock: Clock) -> Released:
    """Release orders: allot lots, make runs, promise the units in their bins.

    A line that cannot be had in full is promised in part; the rest waits, with its reason.

    Raises
    ------
    NotFound
        If there is no such site.
    WrongState
        If other releases came first again and again.
    StockShort
        Likewise.
    PolicyUnplanned
        If routes cannot be chosen in this way at this site.
    RouteRejected
        If the solver's route does not stand up to verification.
    """
    with database.read() as session:
        check_policy(_policy(command), live_site(session, command.site).area)
    joined = _join_runs(database, command, clock) if command.join else ()
    for attempt in range(1, NUM_TRIES_MAX + 1):
        with database.read() as session:
            planned = _plan(session, command, clock)
        write = _WriteRelease(command, planned, joined, command.client_id)
        try:
            return database.run(_write_release, write, clock=clock)
        except (WrongState, StockShort):
            if attempt == NUM_TRIES_MAX:
                raise
    raise AssertionError("the last try returns or raises")


def _policy(command: Release) -> Policy:
    """How runs are to be walked."""
    try:
        return Policy(
            command.policy, command.step_in_mm, command.detour_percent_max, command.u_turns_max, command.measure
        )
    except ValueError as error:
        raise PolicyUnplanned(str(error)) from error


def _join_runs(database: Database, command: Release, clock: Clock) -> tuple[OrderJoined, ...]:
    """Let orders join runs, the most urgent first; those that did.

    Each joins in a transaction of its own. A release that was answered before changes nothing here either.
    """
    with database.read() as session:
        if was_answered(session, command.client_id):
            return ()
        waiting = waiting_lines(session, live_site(session, command.site).id, command.orders)
    orders = {line.number: Order(line.number, (), line.priority, line.due_ms, line.placed_ms) for line in waiting}
    joined = []
    for order in serving_order(list(orders.values())):
        try:
            answer = join_order(database, JoinOrder(command.site, order.order), clock)
        except (WrongState, StockShort):  # others were faster; what still waits is released
            continue
        if answer.run_id is not None:
            joined.append(answer)
    return tuple(joined)


def _plan(session: Session, command: Release, clock: Clock) -> _Planned:
    """Plan on what the snapshot shows."""
    live = walkable(session, live_site(session, command.site), clock)
    waiting = waiting_lines(session, live.id, command.orders)
    snapshot = take_snapshot(session, live, clock, product_ids=[line.product_id for line in waiting])
    policy = stock_policy(session, live.id, clock)
    orders: dict[str, Order] = {}
    lines: dict[str, list[OrderLine]] = {}
    for line in waiting:
        life_days = policy.shipment_days(line.product, line.category, line.customer, line.channel)
        lines.setdefault(line.number, []).append(
            OrderLine(str(line.line_id), snapshot.product_row[line.product_id], line.quantity, life_days, line.owner)
        )
        orders[line.number] = Order(line.number, (), line.priority, line.due_ms, line.placed_ms)
    traffic = traffic_at(session, live, clock, command.num_pickers, delay_max_s=command.delay_max_s)
    plan = plan_release(
        [
            Order(order.order, tuple(lines[number]), order.priority, order.due_ms, order.placed_ms)
            for number, order in orders.items()
        ],
        snapshot.stock,
        snapshot.goods,
        live.area,
        policy=_policy(command),
        batching=command.batching,
        splitting=command.split,
        budget=Budget(time_ms=command.budget_ms if command.iterations is None else None, iterations=command.iterations),
        seed=command.seed,
        day=site_day(live, clock).toordinal(),
        traffic=traffic,
    )
    return _Planned(traffic.since_ms, live, {str(line.line_id): line for line in waiting}, snapshot, plan)


def _write_release(session: Session, command: _WriteRelease, clock: Clock) -> Released:
    """Check that the plan still holds, promise its units and write its runs.

    Raises
    ------
    WrongState
        If a line does not wait for its units any more.
    StockShort
        If a bin does not have its units free any more.
    """
    planned: _Planned = command.planned
    plan = planned.plan
    steps = [step for run in plan.runs for step in run.steps]
    given: dict[int, int] = {}
    for step in steps:
        given[int(step.line)] = given.get(int(step.line), 0) + step.quantity
    reasons = {int(short.line): short.reason for short in planned.plan.shorts}
    promise_lines(session, planned.waiting, given, reasons)
    shelves = planned.live.area.shelves
    bin_ids = place_ids(session, planned.live.id, [shelves.codes[step.bin] for step in steps])
    reserve(
        session,
        [
            Reservation(
                place_id=bin_ids[shelves.codes[step.bin]],
                product_id=planned.snapshot.product_ids[step.product],
                lot_id=planned.snapshot.lot_ids[step.lot],
                quantity=step.quantity,
            )
            for step in steps
        ],
    )
    totes = free_totes(session, planned.live.id, sum(run.num_totes for run in plan.runs))
    runs = []
    for run, not_before_ms in zip(plan.runs, _begins(plan, planned.since_ms), strict=True):
        run_totes, totes = totes[: run.num_totes], totes[run.num_totes :]
        priority = max(planned.waiting[step.line].priority for step in run.steps)
        row = run_row(planned.live.id, run, priority, clock, not_before_ms=not_before_ms)
        session.add(row)
        session.flush()
        assert row.id is not None
        session.execute(
            insert(PickStepRow), step_rows(row.id, run, planned.snapshot, bin_ids, run_totes, shelves.codes)
        )
        runs.append(_as_released(row.id, run, not_before_ms))
    return Released(
        runs=tuple(runs),
        shorts=_shorts(planned),
        num_orders=len({planned.waiting[step.line].order_id for step in steps}),
        num_lines=len(given),
        quantity=sum(given.values()),
        seconds=plan.seconds,
        traffic=TrafficCost.of(plan.given_way),
        joined=command.joined,
    )


def _begins(plan: ReleasePlan, since_ms: int) -> list[int | None]:
    """For every run when it may begin, if its start is put off; its times count from `since_ms` on."""
    return [
        since_ms + round(1000 * taken_s) if given.delay_s else None
        for given, taken_s in zip(plan.given_way, plan.taken_s, strict=True)
    ]


def _as_released(run_id: int, run: PlannedRun, not_before_ms: int | None) -> ReleasedRun:
    certificate = run.route.certificate
    return ReleasedRun(
        run_id=run_id,
        num_orders=len(run.orders),
        num_steps=len(run.steps),
        num_totes=run.num_totes,
        distance_mm=certificate.distance_mm,
        backtrack_mm=certificate.backtrack_mm,
        backtrack_bound_mm=certificate.backtrack_bound_mm,
        proven=certificate.proven,
        not_before_ms=not_before_ms,
    )


def _shorts(planned: _Planned) -> tuple[ShortLine, ...]:
    """What could not be promised, in the words of orders."""
    return tuple(
        ShortLine(line.number, line.line_number, line.product, short.quantity, short.reason)
        for short, line in ((short, planned.waiting[short.line]) for short in planned.plan.shorts)
    )

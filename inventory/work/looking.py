"""Looking at runs and orders. Nothing here changes anything; it all runs in `Database.read`."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from inventory.rules.directions import side_walking
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow, RunState, StepState
from inventory.tables.products import LotRow, ProductRow
from inventory.work.pick_steps import legs_done
from inventory.work.sites import LiveSite, chunks, live_site, place_codes, site_with_id
from routing.route import Route
from warehouse.bins import Side
from warehouse.errors import NotFound

NUM_ROUTES_KEPT = 128
"""Routes kept as they were read, some 100 KB each: more than the pickers of a site at work."""


@dataclass(frozen=True)
class StepView:
    """A step as a picker needs it.

    `side` is the picker's own hand as he walks; None where his walk does not tell. `tote_number` counts
    the totes of the cart from 1. `order` is the customer's order number.
    """

    step_id: int
    sequence: int
    state: StepState
    bin_code: str
    aisle: str
    bay: int
    level: int
    slot: int
    side: Side | None
    product: str
    name: str
    picture: str | None
    serialised: bool
    lot: str
    expires_on: date | None
    quantity: int
    quantity_picked: int
    short_reason: str
    order: str
    tote: str
    tote_number: int


@dataclass(frozen=True)
class RunView:
    """A run and how far it has come.

    `current` is the step to do now, None when the run is to be finished or is done. `next_bin_code` is
    the next bin ahead that is not the current one. `walked_mm` reaches to the last step that is done. Before
    `not_before_ms` nobody takes the run, None if it may begin at once.
    """

    run_id: int
    site: str
    state: RunState
    picker: str | None
    totes: tuple[str, ...]
    current: StepView | None
    next_bin_code: str | None
    num_steps: int
    num_steps_done: int
    quantity_picked: int
    walked_mm: int
    distance_mm: int
    backtrack_mm: int
    backtrack_bound_mm: int
    not_before_ms: int | None


@dataclass(frozen=True)
class RunSummary:
    """A run in a list."""

    run_id: int
    state: RunState
    picker: str | None
    num_totes: int
    num_steps: int
    num_steps_done: int
    distance_mm: int
    backtrack_mm: int
    not_before_ms: int | None


@dataclass(frozen=True)
class OrderLineView:
    """A line of an order; what is neither allocated, picked nor short still waits."""

    line_number: int
    product: str
    name: str
    quantity: int
    quantity_allocated: int
    quantity_picked: int
    quantity_short: int
    short_reason: str


@dataclass(frozen=True)
class OrderView:
    """An order with its lines."""

    number: str
    owner: str
    customer: str
    channel: str
    state: OrderState
    placed_ms: int
    due_ms: int | None
    priority: int
    lines: tuple[OrderLineView, ...]


def run_view(session: Session, run_id: int) -> RunView:
    """How a run stands, with the step to do now.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    run = _run(session, run_id)
    live = site_with_id(session, run.site_id)
    route = planned_route(run.route)
    steps = list(session.execute(_steps_of(run_id)).scalars())
    waiting = [step for step in steps if step.state == StepState.OPEN]
    totes = sorted({step.tote_place_id for step in steps})
    ahead = [step for step in waiting if step.place_id != waiting[0].place_id]
    codes = place_codes(session, {step.place_id for step in ahead[:1]} | set(totes))
    return RunView(
        run_id=run_id,
        site=live.site.code,
        state=RunState(run.state),
        picker=run.picker,
        totes=tuple(codes[tote] for tote in totes),
        current=_views(session, live, run, route, waiting[:1], totes)[0] if waiting else None,
        next_bin_code=codes[ahead[0].place_id] if ahead else None,
        num_steps=len(steps),
        num_steps_done=len(steps) - len(waiting),
        quantity_picked=sum(step.quantity_picked for step in steps),
        walked_mm=_walked_mm(run, route, steps),
        distance_mm=run.distance_mm,
        backtrack_mm=run.backtrack_mm,
        backtrack_bound_mm=run.backtrack_bound_mm,
        not_before_ms=run.not_before_ms,
    )


def run_steps(session: Session, run_id: int) -> tuple[StepView, ...]:
    """All steps of a run, in walking order.

    Raises
    ------
    NotFound
        If there is no such run.
    """
    run = _run(session, run_id)
    route = planned_route(run.route)
    steps = list(session.execute(_steps_of(run_id)).scalars())
    totes = sorted({step.tote_place_id for step in steps})
    return tuple(_views(session, site_with_id(session, run.site_id), run, route, steps, totes))


def list_runs(
    session: Session, site: str, *, state: RunState | None = None, limit: int = 200
) -> tuple[RunSummary, ...]:
    """The latest runs of a site, all or those in one state.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    done = func.sum(case((col(PickStepRow.state) == StepState.OPEN, 0), else_=1))
    query = (
        select(PickRunRow, func.count(col(PickStepRow.id)), done)
        .outerjoin(PickStepRow, col(PickStepRow.run_id) == col(PickRunRow.id))
        .where(col(PickRunRow.site_id) == live_site(session, site).id)
        .group_by(col(PickRunRow.id))
        .order_by(col(PickRunRow.id).desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(col(PickRunRow.state) == state)
    return tuple(
        RunSummary(
            run_id=run.id or 0,
            state=RunState(run.state),
            picker=run.picker,
            num_totes=run.num_totes,
            num_steps=num_steps,
            num_steps_done=int(num_done) if num_steps else 0,
            distance_mm=run.distance_mm,
            backtrack_mm=run.backtrack_mm,
            not_before_ms=run.not_before_ms,
        )
        for run, num_steps, num_done in session.execute(query)
    )


def order_view(session: Session, site: str, number: str, *, owner: str | None = None) -> OrderView:
    """An order of a site with its lines; with `owner` only if it is this owner's.

    Raises
    ------
    NotFound
        If there is no such site or order.
    """
    site_id = live_site(session, site).id
    order: OrderRow | None = session.execute(
        select(OrderRow).where(col(OrderRow.site_id) == site_id, col(OrderRow.number) == number)
    ).scalar_one_or_none()
    if order is None or owner not in (None, order.owner):
        raise NotFound("order", number)
    lines = session.execute(
        select(OrderLineRow, ProductRow)
        .join(ProductRow, col(ProductRow.id) == col(OrderLineRow.product_id))
        .where(col(OrderLineRow.order_id) == order.id)
        .order_by(col(OrderLineRow.line_number))
    )
    return OrderView(
        number=order.number,
        owner=order.owner,
        customer=order.customer,
        channel=order.channel,
        state=OrderState(order.state),
        placed_ms=order.placed_ms,
        due_ms=order.due_ms,
        priority=order.priority,
        lines=tuple(
            OrderLineView(
                line_number=line.line_number,
                product=product.code,
                name=product.name,
                quantity=line.quantity,
                quantity_allocated=line.quantity_allocated,
                quantity_picked=line.quantity_picked,
                quantity_short=line.quantity_short,
                short_reason=line.short_reason,
            )
            for line, product in lines
        ),
    )


@functools.lru_cache(maxsize=NUM_ROUTES_KEPT)
def planned_route(text: str) -> Route:
    """The route of a run's row: every screen of the run asks for it again."""
    return Route.from_json(text)


def _run(session: Session, run_id: int) -> PickRunRow:
    run = session.get(PickRunRow, run_id, options=[defer(PickRunRow.problem)])  # type: ignore[arg-type] # a column
    if run is None:
        raise NotFound("run", run_id)
    return run


def _steps_of(run_id: int) -> Select[PickStepRow]:
    return select(PickStepRow).where(col(PickStepRow.run_id) == run_id).order_by(col(PickStepRow.sequence))


def _views(
    session: Session, live: LiveSite, run: PickRunRow, route: Route, steps: Sequence[PickStepRow], totes: list[int]
) -> list[StepView]:
    """Steps of one run with all that a picker needs to know; `totes` are the cart's, in their order."""
    codes = place_codes(session, {place for step in steps for place in (step.place_id, step.tote_place_id)})
    query = (
        select(col(PickStepRow.id), ProductRow, LotRow, col(OrderRow.number))
        .join(ProductRow, col(ProductRow.id) == col(PickStepRow.product_id))
        .join(LotRow, col(LotRow.id) == col(PickStepRow.lot_id))
        .join(OrderLineRow, col(OrderLineRow.id) == col(PickStepRow.order_line_id))
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
    )
    about = {
        row[0]: row
        for some in chunks([step.id for step in steps])
        for row in session.execute(query.where(col(PickStepRow.id).in_(some)))
    }
    views = []
    for step in steps:
        assert step.id is not None
        shelf = live.bins[codes[step.place_id]]
        _, product, lot, number = about[step.id]
        views.append(
            StepView(
                step_id=step.id,
                sequence=step.sequence,
                state=StepState(step.state),
                bin_code=shelf.code,
                aisle=shelf.aisle,
                bay=shelf.bay,
                level=shelf.level,
                slot=shelf.slot,
                side=side_walking(shelf, route, step.stop) if step.plan == run.plan else None,
                product=product.code,
                name=product.name,
                picture=product.picture,
                serialised=product.serialised,
                lot=lot.code,
                expires_on=lot.expires_on,
                quantity=step.quantity,
                quantity_picked=step.quantity_picked,
                short_reason=step.short_reason,
                order=number,
                tote=codes[step.tote_place_id],
                tote_number=totes.index(step.tote_place_id) + 1,
            )
        )
    return views


def _walked_mm(run: PickRunRow, route: Route, steps: Sequence[PickStepRow]) -> int:
    """How far the picker has walked: to the last step done, or to the end of a run that is done."""
    if run.state == RunState.DONE:
        return run.distance_mm
    num_legs = legs_done(route, steps, run.plan)
    return run.walked_mm + sum(leg.length_mm for leg in route.legs[:num_legs])

"""The runs of a site that a new order might join, and what is left of each."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.joining import NUM_RUNS_TRIED, RunAhead
from inventory.rules.pick_runs import Demand
from inventory.rules.traffic import Traffic
from inventory.tables.outbound import OrderLineRow, OrderRow, PickRunRow, PickStepRow, RunState, StepState
from inventory.tables.stock import BalanceRow
from inventory.work.replanning import RunRest
from inventory.work.sites import LiveSite, chunks
from inventory.work.snapshot import Snapshot
from routing.meeting import Pace
from routing.problem import PickProblem
from routing.replanning import end_of_rest, policy_of_rest, stands_at, walked_after
from routing.route import Pick, Route
from warehouse.clock import Clock
from warehouse.tables import PlaceKind, PlaceRow


@dataclass(frozen=True)
class Candidate:
    """A run that may take the order, with all its steps in their order."""

    run_id: int
    is_walking: bool
    steps: tuple[PickStepRow, ...]

    @property
    def ahead(self) -> list[PickStepRow]:
        """What is still to be picked."""
        return [step for step in self.steps if step.state == StepState.OPEN]

    @property
    def may_grow(self) -> bool:
        """Whether its rest can be planned again right now: no step is half done, nothing is looked for."""
        half_done = any(step.quantity_picked for step in self.ahead)
        return bool(self.ahead) and not half_done and not any(step.quantity_sought for step in self.steps)


def candidates(session: Session, live: LiveSite, product_ids: Sequence[int]) -> list[Candidate]:
    """The runs that go through most aisles in which an order's products can be had, best first."""
    run = PickRunRow
    query = select(col(run.id), col(run.state)).where(
        col(run.site_id) == live.id,
        col(run.state).in_((RunState.READY, RunState.WALKING)),
        col(run.num_totes) < live.area.cart.num_totes,
    )
    states = {run_id: RunState(state) for run_id, state in session.execute(query.order_by(col(run.id)))}
    steps: dict[int, list[PickStepRow]] = {run_id: [] for run_id in states}
    codes: dict[int, str] = {}
    for some in chunks(list(states)):
        rows = (
            select(PickStepRow, col(PlaceRow.code))
            .join(PlaceRow, col(PlaceRow.id) == col(PickStepRow.place_id))
            .where(col(PickStepRow.run_id).in_(some))
            .order_by(col(PickStepRow.sequence))
        )
        for step, code in session.execute(rows):
            steps[step.run_id].append(step)
            codes[step.place_id] = code
    edges_of = _edges_of(session, live, set(product_ids))
    ranked = []
    for run_id, state in states.items():
        candidate = Candidate(run_id, state == RunState.WALKING, tuple(steps[run_id]))
        if candidate.may_grow:
            passed = {live.bins[codes[step.place_id]].spot.edge for step in candidate.ahead}
            num_lines = sum(not passed.isdisjoint(edges_of.get(product_id, ())) for product_id in product_ids)
            ranked.append((-num_lines, run_id, candidate))
    return [candidate for score, _, candidate in sorted(ranked, key=lambda each: each[:2])[:NUM_RUNS_TRIED] if score]


def _edges_of(session: Session, live: LiveSite, product_ids: Iterable[int]) -> dict[int, set[int]]:
    """For products the floor edges from which free units can be had."""
    edges: dict[int, set[int]] = {}
    query = (
        select(col(BalanceRow.product_id), col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(BalanceRow.place_id))
        .where(col(PlaceRow.site_id) == live.id, col(PlaceRow.kind) == PlaceKind.BIN, col(PlaceRow.open))
        .where(col(BalanceRow.quantity) > col(BalanceRow.reserved))
    )
    for some in chunks(sorted(product_ids)):
        for product_id, code in session.execute(query.where(col(BalanceRow.product_id).in_(some))):
            edges.setdefault(product_id, set()).add(live.bins[code].spot.edge)
    return edges


def rest_of(session: Session, live: LiveSite, candidate: Candidate) -> RunRest | None:
    """What is left of a run from its next stop on; None if its picker has left the cart just now."""
    run = session.get(PickRunRow, candidate.run_id)
    assert run is not None
    problem, route = PickProblem.from_dict(json.loads(run.problem)), Route.from_dict(json.loads(run.route))
    num_legs = route.stops[candidate.ahead[0].stop].after_leg if candidate.is_walking else 0
    if num_legs and route.legs[num_legs - 1].step_in:
        return None
    return RunRest(
        live=live,
        run=run,
        problem=problem,
        route=route,
        num_legs=num_legs,
        ahead=candidate.ahead,
        short=[],
        totes=list(dict.fromkeys(step.tote_place_id for step in candidate.steps)),
    )


def marks_of(run: PickRunRow, steps: Sequence[PickStepRow]) -> tuple[object, ...]:
    """What must not have changed on a run when a plan for its rest is written."""
    return (
        run.plan,
        RunState(run.state),
        tuple((step.id, StepState(step.state), step.quantity_picked, step.quantity_sought) for step in steps),
    )


def run_ahead(
    session: Session, rest: RunRest, candidate: Candidate, snapshot: Snapshot, codes: dict[int, str], clock: Clock
) -> RunAhead:
    """What is left of a run, as the rule takes it."""
    waits_ms = max(0, (rest.run.not_before_ms or 0) - clock.now_ms())
    pace = Pace()
    legs = rest.route.legs[rest.num_legs :]
    tote = {place: number for number, place in enumerate(rest.totes)}
    ahead = tuple(
        Demand(
            order=str(step.order_line_id),
            line=str(step.order_line_id),
            product=snapshot.product_row[step.product_id],
            lot=snapshot.lot_row[step.lot_id],
            quantity=step.quantity,
            tote=tote[step.tote_place_id],
        )
        for step in rest.ahead
    )
    goods, lots = snapshot.goods, snapshot.stock.lots
    picks = tuple(
        Pick(f"{goods.codes[demand.product]} {lots.codes[demand.lot]}", codes[step.place_id], demand.quantity)
        for demand, step in zip(ahead, rest.ahead, strict=True)
    )
    carried_g = sum(
        int(goods.weight_g[snapshot.product_row[step.product_id]])
        * (step.quantity if step.state == StepState.OPEN else step.quantity_picked)
        for step in candidate.steps
    )
    halts_s = sum(halt_s for after_leg, halt_s in pace.halts_s(rest.route).items() if after_leg >= rest.num_legs)
    return RunAhead(
        ahead=ahead,
        legs=legs,
        picks=picks,
        walked=walked_after(rest.problem, rest.walked),
        start=stands_at(rest.route, rest.walked),
        end=end_of_rest(rest.problem) if rest.num_legs else rest.problem.end,
        policy=policy_of_rest(rest.problem, rest.route, rest.walked),
        num_totes=len(rest.totes),
        weight_g=carried_g,
        begins_s=0.0 if candidate.is_walking else waits_ms / 1000 + Traffic().setup_s,
        rest_s=sum(leg.length_mm for leg in legs) / pace.speed_mm_s + halts_s,
        due_ms=_first_due(session, {step.order_line_id for step in candidate.steps}),
        num_lines=len({(step.order_line_id, step.lot_id) for step in candidate.steps if _is_brought(step)}),
    )


def _is_brought(step: PickStepRow) -> bool:
    """Whether something of a step is on the cart, or will be."""
    return step.state == StepState.OPEN or step.quantity_picked > 0


def _first_due(session: Session, line_ids: set[int]) -> int | None:
    """When the first of the orders of these lines must leave."""
    found: list[int] = []
    for some in chunks(sorted(line_ids)):
        query = select(func.min(col(OrderRow.due_ms))).join(
            OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id)
        )
        due_ms = session.execute(query.where(col(OrderLineRow.id).in_(some))).scalar_one()
        found += [] if due_ms is None else [due_ms]
    return min(found, default=None)

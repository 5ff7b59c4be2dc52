"""What a release and a join have in common: lines that wait, promises to them, and the rows of a run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from inventory.rules.pick_runs import PlannedRun, PlannedStep
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, StepState
from inventory.tables.products import ProductRow
from inventory.work.sites import chunks
from inventory.work.snapshot import Snapshot
from inventory.work.stock_policies import stock_policy
from warehouse.clock import Clock
from warehouse.errors import WrongState

RELEASABLE = (OrderState.OPEN, OrderState.RELEASED)


@dataclass(frozen=True)
class WaitingLine:
    """An order line with units still to be released; `category` is that of its product, `owner` that of its order."""

    line_id: int
    line_number: int
    order_id: int
    number: str
    product_id: int
    product: str
    quantity: int
    priority: int
    due_ms: int | None
    placed_ms: int
    category: str
    customer: str
    channel: str
    owner: str


def waiting_lines(session: Session, site_id: int, numbers: Sequence[str] | None) -> list[WaitingLine]:
    """The lines of the orders that have units still to be released."""
    rest = (
        col(OrderLineRow.quantity)
        - col(OrderLineRow.quantity_allocated)
        - col(OrderLineRow.quantity_picked)
        - col(OrderLineRow.quantity_short)
    )
    query = (
        select(
            col(OrderLineRow.id),
            col(OrderLineRow.line_number),
            col(OrderRow.id),
            col(OrderRow.number),
            col(OrderLineRow.product_id),
            col(ProductRow.code),
            rest,
            col(OrderRow.priority),
            col(OrderRow.due_ms),
            col(OrderRow.placed_ms),
            col(ProductRow.category),
            col(OrderRow.customer),
            col(OrderRow.channel),
            col(OrderRow.owner),
        )
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .join(ProductRow, col(ProductRow.id) == col(OrderLineRow.product_id))
        .where(col(OrderRow.site_id) == site_id, col(OrderRow.state).in_(RELEASABLE), rest > 0)
        .order_by(col(OrderLineRow.order_id), col(OrderLineRow.line_number))
    )
    asked = [query]
    if numbers is not None:
        asked = [query.where(col(OrderRow.number).in_(some)) for some in chunks(sorted(set(numbers)))]
    return [WaitingLine(*row) for each in asked for row in session.execute(each)]


@dataclass(frozen=True)
class Wanted:
    """What the goods for an order line must be: so many days from their expiry, and this owner's."""

    life_days: int
    owner: str


def wanted_of(session: Session, site_id: int, line_ids: Iterable[int], clock: Clock) -> dict[int, Wanted]:
    """What the goods for order lines must be, by line id."""
    policy = stock_policy(session, site_id, clock)
    found: dict[int, Wanted] = {}
    for some in chunks(sorted(set(line_ids))):
        query = (
            select(
                col(OrderLineRow.id),
                col(ProductRow.code),
                col(ProductRow.category),
                col(OrderRow.customer),
                col(OrderRow.channel),
                col(OrderRow.owner),
            )
            .join(ProductRow, col(ProductRow.id) == col(OrderLineRow.product_id))
            .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
            .where(col(OrderLineRow.id).in_(some))
        )
        for line_id, product, category, customer, channel, owner in session.execute(query):
            if line_id is not None:
                found[line_id] = Wanted(policy.shipment_days(product, category, customer, channel), owner)
    return found


def promise_lines(
    session: Session, waiting: Mapping[str, WaitingLine], given: Mapping[int, int], reasons: Mapping[int, str]
) -> None:
    """Note on the order lines what they are promised, and on the orders that they are released.

    Parameters
    ----------
    waiting
        The lines as they waited when it was planned, by their id as text.
    given, reasons
        By line id, the units promised, and why others are not.

    Raises
    ------
    WrongState
        If an order or a line does not wait like that any more.
    """
    touched = sorted(given.keys() | reasons.keys())
    order_ids = {waiting[str(line_id)].order_id for line_id in given}
    for some in chunks(sorted(order_ids)):
        query = select(col(OrderRow.number), col(OrderRow.state)).where(col(OrderRow.id).in_(some)).with_for_update()
        for number, state in session.execute(query):
            if state not in RELEASABLE:
                raise WrongState("order", number, state)
        session.execute(update(OrderRow).where(col(OrderRow.id).in_(some)).values(state=OrderState.RELEASED))
    for some in chunks(touched):
        query_lines = select(OrderLineRow).where(col(OrderLineRow.id).in_(some)).order_by(col(OrderLineRow.id))
        for line in session.execute(query_lines.with_for_update()).scalars():
            before = waiting[str(line.id)]
            rest = line.quantity - line.quantity_allocated - line.quantity_picked - line.quantity_short
            if rest != before.quantity:
                raise WrongState("order line", f"{before.number}/{before.line_number}", "released by somebody else")
            line.quantity_allocated += given.get(before.line_id, 0)
            line.short_reason = reasons.get(before.line_id, "")
            session.add(line)
    session.flush()


def run_row(
    site_id: int, run: PlannedRun, priority: int, clock: Clock, *, not_before_ms: int | None = None
) -> PickRunRow:
    """A new run, ready for a picker."""
    certificate = run.route.certificate
    return PickRunRow(
        site_id=site_id,
        priority=priority,
        num_totes=run.num_totes,
        distance_mm=certificate.distance_mm,
        backtrack_mm=certificate.backtrack_mm,
        backtrack_bound_mm=certificate.backtrack_bound_mm,
        problem=compact(run.problem.to_dict()),
        route=compact(run.route.to_dict()),
        created_ms=clock.now_ms(),
        not_before_ms=not_before_ms,
    )


def compact(document: dict[str, Any]) -> str:
    """A document as JSON without blanks."""
    return json.dumps(document, separators=(",", ":"))


def step_rows(
    run_id: int,
    run: PlannedRun,
    snapshot: Snapshot,
    bin_ids: dict[str, int],
    totes: Sequence[int],
    bin_codes: Sequence[str],
    *,
    plan: int = 1,
    sequence: int = 1,
) -> list[dict[str, Any]]:
    """The steps of a run as rows, numbered from `sequence`."""

    def row(number: int, step: PlannedStep) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "sequence": number,
            "plan": plan,
            "stop": step.stop,
            "place_id": bin_ids[bin_codes[step.bin]],
            "product_id": snapshot.product_ids[step.product],
            "lot_id": snapshot.lot_ids[step.lot],
            "order_line_id": int(step.line),
            "tote_place_id": totes[step.tote],
            "quantity": step.quantity,
            "state": StepState.OPEN,
        }

    return [row(number, step) for number, step in enumerate(run.steps, sequence)]

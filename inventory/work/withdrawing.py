"""Promises are taken back: goods that were to be picked, or that lie in a tote already, are not for sale any more.

The units of the order line are then sought anew. On a run that is walked, they are looked for at once, as if
the picker had found them missing, but nobody is sent to the bin (`replanning.seek`, once this is committed);
what is not found, and everything of runs that nobody walks yet, waits to be released again. So a line is
never short because of a hold that may be lifted in an hour.

A step that is withdrawn belongs to no plan any more: its `plan` is 0, and it was not reached.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from inventory.ledger import BalanceKey, Reservation, unreserve
from inventory.tables.outbound import (
    OrderLineRow,
    OrderRow,
    OrderState,
    PickRunRow,
    PickStepRow,
    RunState,
    StepState,
)
from inventory.work.pick_steps import settle_orders
from inventory.work.replanning import seek
from inventory.work.walking import WITHOUT_PLAN
from warehouse.clock import Clock
from warehouse.database import Database

NO_PLAN = 0
"""Plans of a run count from 1."""


@dataclass
class Withdrawn:
    """Whose promises were taken back: orders by their numbers, and walked runs that must look elsewhere."""

    orders: set[str] = field(default_factory=set)
    run_ids: set[int] = field(default_factory=set)

    def add(self, other: "Withdrawn") -> None:
        """Join what was withdrawn elsewhere."""
        self.orders |= other.orders
        self.run_ids |= other.run_ids


def seek_elsewhere(database: Database, run_ids: Iterable[int], clock: Clock) -> None:
    """Let walked runs look elsewhere for what was withdrawn from them."""
    for run_id in sorted(run_ids):
        seek(database, run_id, clock)


def withdraw(session: Session, key: BalanceKey, quantity: int, reason: str, clock: Clock) -> Withdrawn:
    """Take back promises of so many units of a balance: of runs that nobody walks first, the latest first.

    Parameters
    ----------
    key
        The balance whose units are promised; at least `quantity` of them are.
    reason
        What is told at the steps and order lines, in one short line.
    """
    query = (
        select(PickStepRow, PickRunRow)
        .join(PickRunRow, col(PickRunRow.id) == col(PickStepRow.run_id))
        .where(
            col(PickStepRow.place_id) == key.place_id,
            col(PickStepRow.product_id) == key.product_id,
            col(PickStepRow.lot_id) == key.lot_id,
            col(PickStepRow.state) == StepState.OPEN,
        )
        .options(*WITHOUT_PLAN)
        .order_by(col(PickRunRow.started_ms).is_not(None), col(PickStepRow.id).desc())
        .with_for_update()
    )
    withdrawn = Withdrawn()
    left = quantity
    line_ids = []
    for step, run in session.execute(query).all():
        take = min(left, step.quantity - step.quantity_picked)
        if take == 0:
            continue
        left -= take
        unreserve(session, [Reservation(*key, take)])
        line_ids.append(step.order_line_id)
        if run.state == RunState.WALKING:
            _seek_from(session, step, take, reason, clock)
            withdrawn.run_ids.add(run.id)
        else:
            _drop(session, step, take, reason)
    assert left == 0, "what is reserved is in open steps"
    session.flush()
    withdrawn.orders |= _numbers(session, line_ids)
    settle_orders(session, line_ids)
    return withdrawn


def _drop(session: Session, step: PickStepRow, quantity: int, reason: str) -> None:
    """Take units off a run that nobody walks yet; a run with nothing left to pick is no run."""
    line = session.get(OrderLineRow, step.order_line_id, with_for_update=True)
    assert line is not None
    line.quantity_allocated -= quantity
    line.short_reason = reason
    step.quantity -= quantity
    session.add(line)
    if step.quantity:
        session.add(step)
        return
    session.expunge(step)
    session.execute(delete(PickStepRow).where(col(PickStepRow.id) == step.id))
    num_steps = select(func.count()).select_from(PickStepRow).where(col(PickStepRow.run_id) == step.run_id)
    if not session.execute(num_steps).scalar_one():
        session.execute(delete(PickRunRow).where(col(PickRunRow.id) == step.run_id))


def _seek_from(session: Session, step: PickStepRow, quantity: int, reason: str, clock: Clock) -> None:
    """Let a walked run look elsewhere for units of a step; what was picked of it stays picked."""
    if quantity == step.quantity:
        withdrawn = step
    else:
        last = select(func.max(col(PickStepRow.sequence))).where(col(PickStepRow.run_id) == step.run_id)
        withdrawn = PickStepRow(
            **step.model_dump(exclude={"id", "sequence", "quantity_picked", "state"}),
            sequence=session.execute(last).scalar_one() + 1,
        )
        withdrawn.quantity = quantity
        step.quantity -= quantity
        if step.quantity == step.quantity_picked:
            step.state, step.done_ms = StepState.PICKED, clock.now_ms()
        session.add(step)
    withdrawn.plan, withdrawn.reached, withdrawn.state = NO_PLAN, False, StepState.SHORT
    withdrawn.quantity_sought, withdrawn.short_reason = quantity, reason
    withdrawn.done_ms = clock.now_ms()
    session.add(withdrawn)
    session.flush()


def withdraw_picked(session: Session, tote_id: int, lot_id: int, quantity: int, reason: str) -> Withdrawn:
    """Units in a tote are not for sale any more: their order lines wait for others, the latest picked first."""
    query = (
        select(PickStepRow)
        .where(
            col(PickStepRow.tote_place_id) == tote_id,
            col(PickStepRow.lot_id) == lot_id,
            col(PickStepRow.quantity_picked) > 0,
        )
        .order_by(col(PickStepRow.id).desc())
    )
    left = quantity
    line_ids = []
    for step in session.execute(query).scalars().all():
        line = session.get(OrderLineRow, step.order_line_id, with_for_update=True)
        assert line is not None
        take = min(left, step.quantity_picked, line.quantity_picked)
        if not take:
            continue
        left -= take
        line.quantity_picked -= take
        line.short_reason = reason
        line_ids.append(step.order_line_id)
        session.add(line)
    session.flush()
    order_ids = select(col(OrderLineRow.order_id)).where(col(OrderLineRow.id).in_(line_ids))
    for order in session.execute(select(OrderRow).where(col(OrderRow.id).in_(order_ids))).scalars():
        if order.state == OrderState.PICKED:
            order.state = OrderState.OPEN
            session.add(order)
    session.flush()
    return Withdrawn(orders=_numbers(session, line_ids))


def _numbers(session: Session, line_ids: list[int]) -> set[str]:
    query = (
        select(col(OrderRow.number))
        .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
        .where(col(OrderLineRow.id).in_(line_ids))
    )
    return set(session.execute(query).scalars())

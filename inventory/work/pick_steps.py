"""The step a picker stands at, the steps that follow it, and the orders that are settled by them.

A scan is answered while a person waits, and a day has tens of thousands of them: everything a step
needs is read by one query, and what it changes is written without reading it first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, func, select, update
from sqlmodel import Session

from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow, StepState
from inventory.tables.products import LotRow, ProductRow
from inventory.work.walking import require_walked_by
from routing.route import Route
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceRow

_TABLES = PickStepRow.metadata.tables
RUN, STEP, LINE, ORDER = (_TABLES[row.__tablename__] for row in (PickRunRow, PickStepRow, OrderLineRow, OrderRow))
PLACE, PRODUCT, LOT = (_TABLES[row.__tablename__] for row in (PlaceRow, ProductRow, LotRow))


@dataclass(frozen=True, slots=True)
class StepAtHand:
    """The first open step of a run, with the codes a picker scans at it.

    `next_step_id` is the step that follows it, `num_steps_left` counts this one.
    """

    id: int
    run_id: int
    site_id: int
    place_id: int
    bin_code: str
    product_id: int
    product_code: str
    serialised: bool
    lot_id: int
    lot_code: str
    order_line_id: int
    tote_place_id: int
    quantity: int
    quantity_picked: int
    next_step_id: int | None
    num_steps_left: int

    @property
    def quantity_left(self) -> int:
        """Units still to be picked."""
        return self.quantity - self.quantity_picked


_RUN_STATE = select(RUN.c.state, RUN.c.picker).where(RUN.c.id == bindparam("run_id")).with_for_update()

_STEP = (
    select(
        STEP.c.id,
        STEP.c.run_id,
        RUN.c.site_id,
        STEP.c.place_id,
        PLACE.c.code.label("bin_code"),
        STEP.c.product_id,
        PRODUCT.c.code.label("product_code"),
        PRODUCT.c.serialised,
        STEP.c.lot_id,
        LOT.c.code.label("lot_code"),
        STEP.c.order_line_id,
        STEP.c.tote_place_id,
        STEP.c.quantity,
        STEP.c.quantity_picked,
        STEP.c.state,
    )
    .join_from(STEP, RUN, RUN.c.id == STEP.c.run_id)
    .join(PLACE, PLACE.c.id == STEP.c.place_id)
    .join(PRODUCT, PRODUCT.c.id == STEP.c.product_id)
    .join(LOT, LOT.c.id == STEP.c.lot_id)
    .where(STEP.c.id == bindparam("step_id"), STEP.c.run_id == bindparam("run_id"))
)

_OPEN = (
    select(STEP.c.id, func.count().over().label("num_open"))
    .where(STEP.c.run_id == bindparam("run_id"), STEP.c.state == StepState.OPEN)
    .order_by(STEP.c.sequence)
    .limit(2)
)

_UNITS_LEFT = func.sum(LINE.c.quantity - LINE.c.quantity_picked - LINE.c.quantity_short)
_PROMISED = select(LINE.c.id).where(LINE.c.order_id == ORDER.c.id, LINE.c.quantity_allocated > 0)
_SETTLE = (
    update(ORDER)
    .where(
        ORDER.c.id.in_(select(LINE.c.order_id).where(LINE.c.id.in_(bindparam("line_ids", expanding=True)))),
        ORDER.c.state == OrderState.RELEASED,
        ~_PROMISED.correlate(ORDER).exists(),
    )
    .values(
        state=case(
            (
                select(_UNITS_LEFT).where(LINE.c.order_id == ORDER.c.id).correlate(ORDER).scalar_subquery() > 0,
                OrderState.OPEN.value,
            ),
            else_=OrderState.PICKED.value,
        )
    )
)


def step_at_hand(session: Session, run_id: int, step_id: int, picker: str) -> StepAtHand:
    """The step, if it is the picker's next one; its run is locked until the transaction ends.

    Raises
    ------
    NotFound
        If there is no such run, or no such step on it.
    WrongState
        If the run is not walked by this picker, the step is done, or another one comes first.
    """
    run = session.execute(_RUN_STATE, {"run_id": run_id}).one_or_none()
    if run is None:
        raise NotFound("run", run_id)
    require_walked_by(run_id, run.state, run.picker, picker)
    step = session.execute(_STEP, {"run_id": run_id, "step_id": step_id}).one_or_none()
    if step is None:
        raise NotFound("step", step_id)
    if step.state != StepState.OPEN:
        raise WrongState("step", step_id, StepState(step.state))
    ahead = session.execute(_OPEN, {"run_id": run_id}).all()
    if ahead[0].id != step_id:
        raise WrongState("step", step_id, f"not the next one; step {ahead[0].id} comes first")
    facts = {name: value for name, value in step._asdict().items() if name != "state"}
    following = ahead[1].id if len(ahead) > 1 else None
    return StepAtHand(**facts, next_step_id=following, num_steps_left=ahead[0].num_open)


def next_step_id(session: Session, run_id: int) -> int | None:
    """The open step of a run that comes first, or None if all are done."""
    session.flush()
    first = session.execute(_OPEN, {"run_id": run_id}).first()
    return None if first is None else first.id


def legs_done(route: Route, steps: Sequence[PickStepRow], plan: int) -> int:
    """How many legs of a run's route, planned under number `plan`, lead to the last step its picker has reached."""
    reached = [step.stop for step in steps if step.plan == plan and step.state != StepState.OPEN and step.reached]
    return route.stops[reached[-1]].after_leg if reached else 0


def settle_orders(session: Session, line_ids: Iterable[int]) -> None:
    """Settle the orders that these lines belong to once no unit of them is promised any more.

    They are open again where something is still to be released, and picked otherwise.
    """
    session.flush()
    session.execute(_SETTLE, {"line_ids": list(line_ids)})

"""A picker takes a run and walks it: every step is confirmed by its bin and its product.

Steps are confirmed in their order. A step may be confirmed in parts; what cannot be had is reported
short, and `inventory.work.replanning` then looks for it elsewhere. Nothing here thinks long: it all runs
inside `Database.run`, whose client id makes a repeated scan answer the same again.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from inventory.ledger import NewMovement, Reservation, post, unreserve
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow, RunState, StepState
from inventory.tables.products import ProductRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import live_site, place_of_kind, site_with_id
from warehouse.clock import Clock
from warehouse.errors import NotFound, ScanMismatch, WrongState
from warehouse.tables import PlaceKind, PlaceRow


class ShortReason(StrEnum):
    """Why units cannot be picked. Missing ones go to the lost place, damaged ones to the damaged place."""

    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class TakeRun:
    """Take the next run of a site, or go on with the one that the picker is walking."""

    site: str
    picker: str
    client_id: str = ""


@dataclass(frozen=True)
class RunTaken:
    """The picker's run; None if there is nothing to pick. `is_new` is false if he was walking it."""

    run_id: int | None
    is_new: bool


@dataclass(frozen=True)
class ScanBin:
    """Is this the bin of the step at hand?"""

    run_id: int
    step_id: int
    picker: str
    scanned: str


@dataclass(frozen=True)
class BinScanned:
    """It is; `bin_code` is its full code."""

    step_id: int
    bin_code: str


@dataclass(frozen=True)
class ConfirmPick:
    """`quantity` units are in the tote. `bin_scan` and `product_scan` are what was scanned."""

    run_id: int
    step_id: int
    picker: str
    bin_scan: str
    product_scan: str
    quantity: int
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Picked:
    """How the step stands, and what comes next; without a next step the run is to be finished."""

    run_id: int
    step_id: int
    state: StepState
    quantity_picked: int
    quantity_left: int
    next_step_id: int | None
    num_steps_left: int


@dataclass(frozen=True)
class ReportShort:
    """Only `quantity` more units could be had for the step (often 0); the rest is missing or damaged.

    `product_scan` is needed only where something was picked.
    """

    run_id: int
    step_id: int
    picker: str
    bin_scan: str
    reason: ShortReason
    quantity: int = 0
    product_scan: str = ""
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class FinishRun:
    """The picker has brought the cart to its end."""

    run_id: int
    picker: str
    client_id: str = ""


@dataclass(frozen=True)
class RunFinished:
    """What was walked and picked."""

    run_id: int
    distance_mm: int
    backtrack_mm: int
    num_steps: int
    quantity_picked: int
    duration_ms: int


def take_run(session: Session, command: TakeRun, clock: Clock) -> RunTaken:
    """Give a picker the run he is walking, else the most urgent one that waits; never one of somebody else.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, command.site).id
    runs = select(PickRunRow).where(col(PickRunRow.site_id) == site_id)
    walking = runs.where(col(PickRunRow.state) == RunState.WALKING, col(PickRunRow.picker) == command.picker)
    mine: PickRunRow | None = session.execute(walking).scalars().first()
    if mine is not None:
        return RunTaken(mine.id, is_new=False)
    ready = runs.where(col(PickRunRow.state) == RunState.READY)
    urgent = ready.order_by(col(PickRunRow.priority).desc(), col(PickRunRow.id)).limit(1)
    run: PickRunRow | None = session.execute(urgent.with_for_update(skip_locked=True)).scalars().first()
    if run is None:
        return RunTaken(None, is_new=False)
    run.state, run.picker, run.started_ms = RunState.WALKING, command.picker, clock.now_ms()
    session.add(run)
    return RunTaken(run.id, is_new=True)


def scan_bin(session: Session, command: ScanBin, clock: Clock) -> BinScanned:  # noqa: ARG001
    """Check a scanned bin against the step at hand; nothing changes.

    Raises
    ------
    ScanMismatch
        If it is another bin of the site.
    BinCodeInvalid
        If it is no bin of the site.
    NotFound, WrongState
        As `confirm_pick`.
    """
    run, step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    return BinScanned(command.step_id, _right_bin(session, run, step, command.scanned))


def confirm_pick(session: Session, command: ConfirmPick, clock: Clock) -> Picked:
    """Move picked units from the bin to the tote; the step is done when all of them are there.

    Raises
    ------
    ScanMismatch
        If the bin or the product is not the step's.
    BinCodeInvalid
        If the bin scanned is no bin of the site.
    NotFound
        If the run, the step or the product scanned is not known.
    WrongState
        If the run is not walked by this picker, another step comes first, the step is done, or it needs
        fewer units.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError(f"{command.quantity} units cannot be picked")
    run, step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    _right_bin(session, run, step, command.bin_scan)
    _right_product(session, step, command.product_scan)
    _pick(session, run, step, command, clock)
    if step.quantity_picked == step.quantity:
        step.state, step.done_ms = StepState.PICKED, clock.now_ms()
        session.add(step)
        settle_orders(session, {step.order_line_id})
    return _picked(session, step)


def record_short(session: Session, command: ReportShort, clock: Clock) -> Picked:
    """Note that a step's units are not all to be had; `replanning.report_short` looks for them elsewhere.

    What is missing leaves the bin for the lost or the damaged place. Of missing goods everything in the
    bin that nobody is promised goes with them: the picker says that no more is there.

    Raises
    ------
    ScanMismatch, BinCodeInvalid, NotFound, WrongState
        As `confirm_pick`.
    ValueError
        If the quantity is negative.
    """
    if command.quantity < 0:
        raise ValueError(f"{command.quantity} units cannot be picked")
    run, step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    bin_code = _right_bin(session, run, step, command.bin_scan)
    if command.quantity:
        _right_product(session, step, command.product_scan)
        _pick(session, run, step, command, clock)
    missing = step.quantity - step.quantity_picked
    if not missing:
        raise WrongState("step", step.id, "picked in full, so nothing of it is short")
    unreserve(session, [Reservation(step.place_id, step.product_id, step.lot_id, missing)])
    _write_off(session, run, step, command, missing, clock)
    step.state, step.done_ms = StepState.SHORT, clock.now_ms()
    step.quantity_sought = missing
    step.short_reason = f"{missing} {command.reason} in {bin_code}"
    session.add(step)
    session.flush()
    return _picked(session, step)


def finish_run(session: Session, command: FinishRun, clock: Clock) -> RunFinished:
    """End a run whose steps are all done.

    Raises
    ------
    NotFound
        If there is no such run.
    WrongState
        If it is not walked by this picker, or steps are open.
    """
    run = walking_run(session, command.run_id, command.picker)
    steps = list(session.execute(select(PickStepRow).where(col(PickStepRow.run_id) == run.id)).scalars())
    num_open = sum(step.state == StepState.OPEN or step.quantity_sought > 0 for step in steps)
    if num_open:
        raise WrongState("run", run.id, f"not at its end: {num_open} steps are open")
    run.state, run.done_ms = RunState.DONE, clock.now_ms()
    session.add(run)
    assert run.started_ms is not None
    return RunFinished(
        run_id=command.run_id,
        distance_mm=run.distance_mm,
        backtrack_mm=run.backtrack_mm,
        num_steps=len(steps),
        quantity_picked=sum(step.quantity_picked for step in steps),
        duration_ms=run.done_ms - run.started_ms,
    )


def walking_run(session: Session, run_id: int, picker: str) -> PickRunRow:
    """The run, if this picker is walking it; locked until the transaction ends.

    Raises
    ------
    NotFound
        If there is no such run.
    WrongState
        If it is ready, done, or somebody else's.
    """
    run: PickRunRow | None = session.execute(
        select(PickRunRow).where(col(PickRunRow.id) == run_id).with_for_update()
    ).scalar_one_or_none()
    if run is None:
        raise NotFound("run", run_id)
    if run.state != RunState.WALKING:
        raise WrongState("run", run_id, run.state)
    if run.picker != picker:
        raise WrongState("run", run_id, "walked by somebody else")
    return run


def step_at_hand(session: Session, run_id: int, step_id: int, picker: str) -> tuple[PickRunRow, PickStepRow]:
    """The run and its step, if it is the picker's next one.

    Raises
    ------
    NotFound
        If there is no such run, or no such step on it.
    WrongState
        If the run is not walked by this picker, the step is done, or another one comes first.
    """
    run = walking_run(session, run_id, picker)
    step = session.get(PickStepRow, step_id)
    if step is None or step.run_id != run_id:
        raise NotFound("step", step_id)
    if step.state != StepState.OPEN:
        raise WrongState("step", step_id, step.state)
    first = next_step_id(session, run_id)
    if first != step_id:
        raise WrongState("step", step_id, f"not the next one; step {first} comes first")
    return run, step


def next_step_id(session: Session, run_id: int) -> int | None:
    """The open step of a run that comes first, or None if all are done."""
    query = select(col(PickStepRow.id)).where(
        col(PickStepRow.run_id) == run_id, col(PickStepRow.state) == StepState.OPEN
    )
    return session.execute(query.order_by(col(PickStepRow.sequence)).limit(1)).scalar_one_or_none()


def settle_orders(session: Session, line_ids: set[int]) -> None:
    """Settle the orders that these lines belong to once no unit of them is promised any more.

    They are open again where something is still to be released, and picked otherwise.
    """
    session.flush()
    line = OrderLineRow
    orders = select(col(line.order_id)).where(col(line.id).in_(line_ids))
    left = col(line.quantity) - col(line.quantity_picked) - col(line.quantity_short)
    # Summed by the database: an order of hundreds of lines would else be read whole at every step.
    settled = (
        select(col(line.order_id), func.sum(left))
        .where(col(line.order_id).in_(orders))
        .group_by(col(line.order_id))
        .having(func.sum(col(line.quantity_allocated)) == 0)
    )
    for order_id, quantity_left in session.execute(settled).all():
        state = OrderState.OPEN if quantity_left else OrderState.PICKED
        released = (col(OrderRow.id) == order_id) & (col(OrderRow.state) == OrderState.RELEASED)
        session.execute(update(OrderRow).where(released).values(state=state))


def _right_bin(session: Session, run: PickRunRow, step: PickStepRow, scanned: str) -> str:
    """The code of the step's bin, if that is what was scanned."""
    code = site_with_id(session, run.site_id).bin_of_scan(scanned).code
    place = session.get(PlaceRow, step.place_id)
    assert place is not None
    if place.code != code:
        raise ScanMismatch(place.code, code, "bin")
    return code


def _right_product(session: Session, step: PickStepRow, scanned: str) -> None:
    """Raise ScanMismatch unless the step's product was scanned."""
    product = product_of_scan(session, scanned)
    if product.id != step.product_id:
        right = session.get(ProductRow, step.product_id)
        assert right is not None
        raise ScanMismatch(right.code, product.code, "product")


def _pick(
    session: Session, run: PickRunRow, step: PickStepRow, command: ConfirmPick | ReportShort, clock: Clock
) -> None:
    """Move units from the bin to the tote, and note them on step and order line."""
    left = step.quantity - step.quantity_picked
    if command.quantity > left:
        raise WrongState("step", step.id, f"{left} units from done, not {command.quantity}")
    movement = NewMovement(
        site_id=run.site_id,
        from_place_id=step.place_id,
        to_place_id=step.tote_place_id,
        product_id=step.product_id,
        lot_id=step.lot_id,
        quantity=command.quantity,
        reason=Reason.PICK,
        user=command.picker,
        device=command.device,
        client_id=command.client_id,
        order_line_id=step.order_line_id,
    )
    post(session, [movement], clock=clock)
    step.quantity_picked += command.quantity
    line = session.get(OrderLineRow, step.order_line_id, with_for_update=True)
    assert line is not None
    line.quantity_allocated -= command.quantity
    line.quantity_picked += command.quantity
    session.add_all([step, line])
    session.flush()


def _write_off(
    session: Session, run: PickRunRow, step: PickStepRow, command: ReportShort, missing: int, clock: Clock
) -> None:
    """Take what is not there, or not fit to be sold, out of the bin."""
    goal, reason, quantity = PlaceKind.DAMAGED, Reason.DAMAGE, missing
    if command.reason == ShortReason.MISSING:
        balance = session.get(
            BalanceRow, (step.place_id, step.product_id, step.lot_id), with_for_update=True, populate_existing=True
        )
        assert balance is not None
        goal, reason, quantity = PlaceKind.LOST, Reason.PICK_SHORT, balance.quantity - balance.reserved
    movement = NewMovement(
        site_id=run.site_id,
        from_place_id=step.place_id,
        to_place_id=place_of_kind(session, run.site_id, goal),
        product_id=step.product_id,
        lot_id=step.lot_id,
        quantity=quantity,
        reason=reason,
        user=command.picker,
        device=command.device,
        client_id=command.client_id,
        order_line_id=step.order_line_id,
    )
    post(session, [movement], clock=clock)


def _picked(session: Session, step: PickStepRow) -> Picked:
    """How the step and its run stand."""
    assert step.id is not None
    num_open = session.execute(
        select(func.count())
        .select_from(PickStepRow)
        .where(col(PickStepRow.run_id) == step.run_id, col(PickStepRow.state) == StepState.OPEN)
    ).scalar_one()
    return Picked(
        run_id=step.run_id,
        step_id=step.id,
        state=StepState(step.state),
        quantity_picked=step.quantity_picked,
        quantity_left=step.quantity - step.quantity_picked,
        next_step_id=next_step_id(session, step.run_id),
        num_steps_left=num_open,
    )

"""A stower walks a stow run: step by step goods go into the bin that was planned, or are left."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.ledger import NewMovement, post
from inventory.tables.cage import CageAct
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.tables.storage import StowRunRow, StowState, StowStepRow
from inventory.work.caging import enter_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.count_exceptions import count_soon
from inventory.work.sites import place_codes, site_with_id
from inventory.work.stow_planning import stow_run_of
from inventory.work.stowing import StowAsked, require_allowed
from warehouse.clock import Clock
from warehouse.errors import NotFound, ScanMismatch, WrongState
from warehouse.tables import PlaceRow


@dataclass(frozen=True)
class ConfirmStow:
    """The goods of a step are in their bin; `bin_code` and `product` are what was scanned."""

    step_id: int
    user: str
    bin_code: str
    product: str
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class LeaveStow:
    """The goods of a step cannot go into their bin; they go back to where the cart came from."""

    step_id: int
    user: str
    why: str
    client_id: str = ""


@dataclass(frozen=True)
class StowStepDone:
    """A step is over, and the run with it if no step is open any more."""

    step_id: int
    run_id: int
    run_done: bool


def confirm_stow(session: Session, command: ConfirmStow, clock: Clock) -> StowStepDone:
    """Put the goods of the step at hand into their bin.

    Raises
    ------
    ScanMismatch
        If another bin or product was scanned.
    StowRefused
        If a rule forbids it by now.
    CageClosed
        If the bin is of the cage, which the stower may not open.
    NotFound, BinCodeInvalid, ScanUnreadable
        If the step or what was scanned is not known.
    WrongState
        If the step is over, or of somebody else's run.
    StockShort
        If the goods are not where the cart came from any more.
    """
    step, run = _open_step(session, command.step_id, command.user)
    live = site_with_id(session, run.site_id)
    code = place_codes(session, {step.place_id})[step.place_id]
    if live.bin_of_scan(command.bin_code).code != code:
        raise ScanMismatch(code, command.bin_code, "bin")
    product, lot = session.get(ProductRow, step.product_id), session.get(LotRow, step.lot_id)
    assert product is not None
    assert lot is not None
    if product_of_scan(session, command.product).id != product.id:
        raise ScanMismatch(product.name, command.product, "product")
    from_code = place_codes(session, {run.from_place_id})[run.from_place_id]
    require_allowed(session, live, StowAsked(from_code, live.bins[code], product, lot, step.quantity), clock)
    enter_cage(session, live, code, command.user, CageAct.STOW, clock, device=command.device)
    movement = NewMovement(
        site_id=run.site_id,
        from_place_id=run.from_place_id,
        to_place_id=step.place_id,
        product_id=step.product_id,
        lot_id=step.lot_id,
        quantity=step.quantity,
        reason=Reason.STOW,
        user=command.user,
        device=command.device,
        client_id=command.client_id,
    )
    post(session, [movement], clock=clock)
    step.state = StowState.DONE
    return _over(session, step, run, clock)


def leave_stow(session: Session, command: LeaveStow, clock: Clock) -> StowStepDone:
    """Leave the goods of the step at hand out; the next run finds another bin for them.

    Raises
    ------
    NotFound
        If there is no such step.
    WrongState
        If the step is over, or of somebody else's run.
    """
    step, run = _open_step(session, command.step_id, command.user)
    step.state, step.why_left = StowState.LEFT, command.why
    count_soon(session, step.place_id, clock)
    return _over(session, step, run, clock)


def _open_step(session: Session, step_id: int, user: str) -> tuple[StowStepRow, StowRunRow]:
    step = session.get(StowStepRow, step_id, with_for_update=True)
    if step is None:
        raise NotFound("stow step", step_id)
    run = session.get(StowRunRow, step.run_id)
    assert run is not None
    if run.stower != user:
        raise WrongState("stow run", run.id, f"walked by {run.stower}")
    if step.state != StowState.OPEN:
        raise WrongState("stow step", step_id, step.state)
    return step, run


def _over(session: Session, step: StowStepRow, run: StowRunRow, clock: Clock) -> StowStepDone:
    step.done_ms = clock.now_ms()
    session.add(step)
    session.flush()
    open_steps = select(col(StowStepRow.id)).where(
        col(StowStepRow.run_id) == run.id, col(StowStepRow.state) == StowState.OPEN
    )
    run_done = session.execute(open_steps.limit(1)).first() is None
    if run_done:
        run.state, run.done_ms = StowState.DONE, clock.now_ms()
        session.add(run)
    assert step.id is not None
    return StowStepDone(step.id, step.run_id, run_done)


@dataclass(frozen=True)
class StowStepView:
    """A step as a stower sees it; `then` is the next bin."""

    step_id: int
    bin_code: str
    product: str
    name: str
    picture: str | None
    lot: str
    quantity: int
    then: str | None


@dataclass(frozen=True)
class StowRunView:
    """A run under way: what comes now, and how far it has come."""

    run_id: int
    site: str
    from_place: str
    distance_mm: int
    backtrack_mm: int
    num_steps: int
    num_done: int
    num_left: int
    current: StowStepView | None


def stow_run_view(session: Session, user: str) -> StowRunView | None:
    """The run that a stower is walking; None if he walks none."""
    run = stow_run_of(session, user)
    if run is None or run.id is None:
        return None
    query = (
        select(StowStepRow, ProductRow, col(LotRow.code), col(PlaceRow.code))
        .join(ProductRow, col(ProductRow.id) == col(StowStepRow.product_id))
        .join(LotRow, col(LotRow.id) == col(StowStepRow.lot_id))
        .join(PlaceRow, col(PlaceRow.id) == col(StowStepRow.place_id))
        .where(col(StowStepRow.run_id) == run.id)
        .order_by(col(StowStepRow.sequence))
    )
    steps = session.execute(query).all()
    ahead = [row for row in steps if row[0].state == StowState.OPEN]
    current = None
    if ahead:
        step, product, lot, bin_code = ahead[0]
        then = next((code for _, _, _, code in ahead[1:] if code != bin_code), None)
        current = StowStepView(step.id, bin_code, product.code, product.name, product.picture, lot, step.quantity, then)
    return StowRunView(
        run_id=run.id,
        site=site_with_id(session, run.site_id).site.code,
        from_place=place_codes(session, {run.from_place_id})[run.from_place_id],
        distance_mm=run.distance_mm,
        backtrack_mm=run.backtrack_mm,
        num_steps=len(steps),
        num_done=sum(step.state == StowState.DONE for step, *_ in steps),
        num_left=sum(step.state == StowState.LEFT for step, *_ in steps),
        current=current,
    )

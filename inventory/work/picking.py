"""A picker walks a run: every step is confirmed by its bin and its product.

Steps are confirmed in their order. A step may be confirmed in parts; what cannot be had is reported
short, and `inventory.work.replanning` then looks for it elsewhere. Nothing here thinks long: it all runs
inside `Database.run`, whose client id makes a repeated scan answer the same again.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import bindparam, update
from sqlmodel import Session

from inventory.ledger import NewMovement, Reservation, post, unreserve
from inventory.rules.counting import RootCause
from inventory.rules.stock_policy import StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.outbound import StepState
from inventory.tables.products import ProductRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.caging import enter_cage, require_cage_right
from inventory.work.cataloguing import product_code, product_id_of_scan
from inventory.work.count_exceptions import count_soon
from inventory.work.lost_units import settle_lost
from inventory.work.pick_steps import LINE, STEP, StepAtHand, settle_orders, step_at_hand
from inventory.work.root_causes import WrongRecord, cause_of
from inventory.work.serials import capture
from inventory.work.sites import LiveSite, place_of_kind, site_with_id
from inventory.work.withheld import place_with_status
from warehouse.clock import Clock
from warehouse.errors import ScanMismatch, WrongState
from warehouse.scans import read_scan
from warehouse.tables import PlaceKind


class ShortReason(StrEnum):
    """Why units cannot be picked. Missing ones go to the lost place; damaged ones stay in the bin, as damaged."""

    MISSING = "missing"
    DAMAGED = "damaged"


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
    """`quantity` units are in the tote. `bin_scan` and `product_scan` are what was scanned.

    Of serialised goods every unit is named by its serial, in `serials` or, where it is one, by the product's scan.
    """

    run_id: int
    step_id: int
    picker: str
    bin_scan: str
    product_scan: str
    quantity: int
    device: str = ""
    client_id: str = ""
    serials: tuple[str, ...] = ()


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
    serials: tuple[str, ...] = ()


_CONFIRM = (
    update(STEP)
    .where(STEP.c.id == bindparam("step_id"))
    .values(
        quantity_picked=STEP.c.quantity_picked + bindparam("picked"),
        state=bindparam("state_now"),
        done_ms=bindparam("at_ms"),
    )
)
_NOTE_SHORT = (
    update(STEP)
    .where(STEP.c.id == bindparam("step_id"))
    .values(
        quantity_sought=bindparam("missing"),
        short_reason=bindparam("reason"),
        state=StepState.SHORT.value,
        done_ms=bindparam("at_ms"),
    )
)
_FILL_LINE = (
    update(LINE)
    .where(LINE.c.id == bindparam("line_id"))
    .values(
        quantity_allocated=LINE.c.quantity_allocated - bindparam("picked"),
        quantity_picked=LINE.c.quantity_picked + bindparam("picked"),
    )
)


def scan_bin(session: Session, command: ScanBin, clock: Clock) -> BinScanned:  # noqa: ARG001
    """Check a scanned bin against the step at hand; nothing changes.

    Raises
    ------
    ScanMismatch
        If it is another bin of the site.
    CageClosed
        If it is of the cage, which this picker may not open.
    BinCodeInvalid
        If it is no bin of the site.
    NotFound, WrongState
        As `confirm_pick`.
    """
    step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    live = _require_bin(session, step, command.scanned)
    require_cage_right(session, live, step.bin_code, command.picker)
    return BinScanned(step.id, step.bin_code)


def confirm_pick(session: Session, command: ConfirmPick, clock: Clock) -> Picked:
    """Move picked units from the bin to the tote; the step is done when all of them are there.

    Raises
    ------
    ScanMismatch
        If the bin, the product, or the lot that a GS1 symbol tells is not the step's.
    ScanUnreadable
        If a GS1 symbol cannot be taken apart.
    SerialsNeeded
        If units of serialised goods are not all named.
    CageClosed
        If the bin is of the cage, which this picker may not open.
    BinCodeInvalid
        If the bin scanned is no bin of the site.
    NotFound
        If the run, the step or the product scanned is not known.
    WrongState
        If the run is not walked by this picker, another step comes first, the step is done, it needs
        fewer units, or a unit that is named is not in the house or of another lot.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError(f"{command.quantity} units cannot be picked")
    step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    _open_bin(session, step, command, clock)
    _require_product(session, step, command.product_scan)
    _pick(session, step, command, clock)
    done = command.quantity == step.quantity_left
    if done:
        settle_orders(session, [step.order_line_id])
    return Picked(
        run_id=step.run_id,
        step_id=step.id,
        state=StepState.PICKED if done else StepState.OPEN,
        quantity_picked=step.quantity_picked + command.quantity,
        quantity_left=step.quantity_left - command.quantity,
        next_step_id=step.next_step_id if done else step.id,
        num_steps_left=step.num_steps_left - done,
    )


def record_short(session: Session, command: ReportShort, clock: Clock) -> Picked:
    """Note that a step's units are not all to be had; `replanning.report_short` looks for them elsewhere.

    What is missing leaves the bin for the lost place, and everything of it in the bin that nobody is promised
    goes with it, with its likely root cause: the picker says that no more is there. What is damaged is withheld in its
    bin.

    Raises
    ------
    ScanMismatch, BinCodeInvalid, NotFound, WrongState, CageClosed
        As `confirm_pick`.
    ValueError
        If the quantity is negative.
    """
    if command.quantity < 0:
        raise ValueError(f"{command.quantity} units cannot be picked")
    step = step_at_hand(session, command.run_id, command.step_id, command.picker)
    _open_bin(session, step, command, clock)
    missing = step.quantity_left - command.quantity
    if missing == 0:
        raise WrongState("step", step.id, "picked in full, so nothing of it is short")
    cause = RootCause.DAMAGE
    if command.reason == ShortReason.MISSING:  # asked before his own pick, which is no sign of a mispick
        record = WrongRecord(step.site_id, step.place_id, step.product_id, step.lot_id, -missing, step.quantity_left)
        cause = cause_of(session, record)
    if command.quantity:
        _require_product(session, step, command.product_scan)
        _pick(session, step, command, clock)
    unreserve(session, [Reservation(step.place_id, step.product_id, step.lot_id, missing)])
    _write_off(session, step, command, missing, cause, clock)
    reason = f"{missing} {command.reason} in {step.bin_code}"
    noted = {"step_id": step.id, "missing": missing, "reason": reason, "at_ms": clock.now_ms()}
    session.execute(_NOTE_SHORT, noted)
    return Picked(
        run_id=step.run_id,
        step_id=step.id,
        state=StepState.SHORT,
        quantity_picked=step.quantity_picked + command.quantity,
        quantity_left=missing,
        next_step_id=step.next_step_id,
        num_steps_left=step.num_steps_left - 1,
    )


def _require_bin(session: Session, step: StepAtHand, scanned: str) -> LiveSite:
    """The site of the step; raise ScanMismatch unless the step's bin was scanned."""
    live = site_with_id(session, step.site_id)
    code = live.bin_of_scan(scanned).code
    if step.bin_code != code:
        raise ScanMismatch(step.bin_code, code, "bin")
    return live


def _open_bin(session: Session, step: StepAtHand, command: ConfirmPick | ReportShort, clock: Clock) -> None:
    """Raise unless the step's bin was scanned by somebody who may open it; into the cage he goes on record."""
    live = _require_bin(session, step, command.bin_scan)
    enter_cage(session, live, step.bin_code, command.picker, CageAct.PICK, clock, device=command.device)


def _require_product(session: Session, step: StepAtHand, scanned: str) -> None:
    """Raise ScanMismatch unless the step's product was scanned, and its lot where the scan tells one."""
    scan = read_scan(scanned)
    product_id = product_id_of_scan(session, scan)
    if product_id != step.product_id:
        raise ScanMismatch(step.product_code, product_code(session, product_id), "product")
    if scan.lot is not None and scan.lot != step.lot_code:
        raise ScanMismatch(step.lot_code, scan.lot, "lot")


def _pick(session: Session, step: StepAtHand, command: ConfirmPick | ReportShort, clock: Clock) -> None:
    """Move units from the bin to the tote, and note them on step and order line."""
    if command.quantity > step.quantity_left:
        raise WrongState("step", step.id, f"{step.quantity_left} units from done, not {command.quantity}")
    movement = _movement(step, command, step.tote_place_id, Reason.PICK, command.quantity)
    post(session, [movement], clock=clock)
    if step.serialised:
        product = session.get(ProductRow, step.product_id)
        assert product is not None
        serial = read_scan(command.product_scan).serial
        capture(session, product, command.serials or ((serial,) if serial else ()), movement, clock)
    done = command.quantity == step.quantity_left
    picked = {
        "step_id": step.id,
        "picked": command.quantity,
        "state_now": StepState.PICKED if done else StepState.OPEN,
        "at_ms": clock.now_ms() if done else None,
    }
    session.execute(_CONFIRM, picked)
    session.execute(_FILL_LINE, {"line_id": step.order_line_id, "picked": command.quantity})


def _write_off(
    session: Session, step: StepAtHand, command: ReportShort, missing: int, cause: RootCause, clock: Clock
) -> None:
    """Take what is not there, or not fit to be sold, out of the bin."""
    if command.reason == ShortReason.DAMAGED:
        goal = place_with_status(session, step.site_id, step.place_id, StockStatus.DAMAGED)
        reason, quantity = Reason.DAMAGE, missing
    else:
        balance = session.get(
            BalanceRow, (step.place_id, step.product_id, step.lot_id), with_for_update=True, populate_existing=True
        )
        assert balance is not None
        goal = place_of_kind(session, step.site_id, PlaceKind.LOST)
        reason, quantity = Reason.PICK_SHORT, balance.quantity - balance.reserved
    post(session, [_movement(step, command, goal, reason, quantity, cause.value)], clock=clock)
    if step.serialised:
        settle_lost(session, step.lot_id)
    count_soon(session, step.place_id, clock)


def _movement(
    step: StepAtHand,
    command: ConfirmPick | ReportShort,
    to_place_id: int,
    reason: Reason,
    quantity: int,
    cause: str = "",
) -> NewMovement:
    """Units of the step on their way out of its bin."""
    return NewMovement(
        site_id=step.site_id,
        from_place_id=step.place_id,
        to_place_id=to_place_id,
        product_id=step.product_id,
        lot_id=step.lot_id,
        quantity=quantity,
        reason=reason,
        user=command.picker,
        device=command.device,
        client_id=command.client_id,
        order_line_id=step.order_line_id,
        cause=cause,
    )

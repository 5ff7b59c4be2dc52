"""People care for hanging goods: each takes the next step, does it to some units or all, and tells what he has found.

What is not done to all units stays asked for. What was found necessary follows; after the last step the goods are for
sale again, or are damaged.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.care import CareStep, Finding, steps_after
from inventory.rules.stock_policy import StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.care import WAITING, CareState, CareTaskRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.caging import enter_cage, is_caged, may_open_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.into_care import CAUSE, Units, put_into_care
from inventory.work.sites import LiveSite, live_site, place_codes, site_with_id
from inventory.work.statuses import Lying, Signed, lying_goods, shift_status
from inventory.work.stock_policies import require_cause, stock_policy
from warehouse.clock import Clock
from warehouse.errors import NotFound, ScanMismatch, StockShort, WrongState

HOUR_MS = 60 * 60_000

LEASE_MS = HOUR_MS
"""How long a step is its taker's: a repair takes its time."""

REST_MS = HOUR_MS
"""How long a step that was left is not given again: somebody has to look why."""


@dataclass(frozen=True)
class TakeCare:
    """Take the next step, or go on with the one under way."""

    site: str
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class CareTaken:
    """The step; None if nothing waits that this person may do."""

    task: int | None


@dataclass(frozen=True)
class HangToDry:
    """The goods of a drying step hang now; they are looked at when the hours of the policy are over."""

    task: int
    user: str
    product: str
    client_id: str = ""


@dataclass(frozen=True)
class FinishCare:
    """A step is done to `quantity` units; `also` are steps that were found necessary.

    `place` is where the goods lie now, if that was scanned; else they are where they were.
    """

    task: int
    user: str
    product: str
    quantity: int
    finding: Finding
    also: tuple[CareStep, ...] = ()
    note: str = ""
    place: str | None = None
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class LeaveCare:
    """A step is not done now (it rests), or never (`forever`): the goods are gone or were dealt with otherwise."""

    task: int
    user: str
    why: str
    forever: bool = False
    client_id: str = ""


@dataclass(frozen=True)
class CareOver:
    """What a step has come to, what is still to be done to the units, and what they are now."""

    task: int
    state: CareState
    quantity: int
    ahead: tuple[CareStep, ...]
    status: StockStatus


def take_care(session: Session, command: TakeCare, clock: Clock) -> CareTaken:
    """Give somebody the step under way, else the one that has waited longest.

    What lies in the cage is for those who may open it.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, command.site)
    row = care_of(session, command.user, live.id) or _next(session, live, command.user, clock)
    if row is None:
        return CareTaken(None)
    if row.state != CareState.TAKEN:
        row.begun_by, row.begun_ms = row.begun_by or command.user, row.begun_ms or clock.now_ms()
    row.state, row.taker, row.until_ms = CareState.TAKEN, command.user, clock.now_ms() + LEASE_MS
    session.add(row)
    return CareTaken(row.id)


def care_of(session: Session, user: str, site_id: int | None = None) -> CareTaskRow | None:
    """The step that somebody is at."""
    query = select(CareTaskRow).where(col(CareTaskRow.taker) == user, col(CareTaskRow.state) == CareState.TAKEN)
    if site_id is not None:
        query = query.where(col(CareTaskRow.site_id) == site_id)
    row: CareTaskRow | None = session.execute(query.order_by(col(CareTaskRow.id))).scalars().first()
    return row


def hang_to_dry(session: Session, command: HangToDry, clock: Clock) -> CareOver:
    """Note that the goods of a drying step hang; somebody is sent to look at them when their hours are over.

    Raises
    ------
    NotFound, ScanUnreadable
        If the step or the product is not known.
    ScanMismatch
        If another product was scanned.
    WrongState
        If the step is somebody else's or over, is not drying, or the goods hang already.
    """
    row = _taken(session, command.task, command.user)
    _require_product(session, row, command.product)
    if row.step != CareStep.DRYING or row.hung_ms is not None:
        raise WrongState("care", command.task, "hung already" if row.hung_ms else f"a step of {row.step}")
    hours = stock_policy(session, row.site_id, clock).care.drying_hours
    row.state, row.taker = CareState.HANGING, ""
    row.hung_ms, row.until_ms = clock.now_ms(), clock.now_ms() + hours * HOUR_MS
    session.add(row)
    return CareOver(command.task, row.state, row.quantity, row.steps_ahead, StockStatus.HOLD)


def finish_care(session: Session, command: FinishCare, clock: Clock) -> CareOver:
    """Note what was found, and go on: to the next step, to being for sale again, or to being damaged.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the step, the product or the place is not known, or the site has no cause `care`.
    ScanMismatch
        If another product was scanned.
    WrongState
        If the step is somebody else's or over, is for fewer units, or if the goods are to hang first.
    StockShort
        If fewer units lie there on hold.
    CageClosed
        If they lie in the cage, which this person may not open.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError(f"{command.quantity} units cannot be done")
    row = _taken(session, command.task, command.user)
    product = _require_product(session, row, command.product)
    if command.quantity > row.quantity:
        raise WrongState("care", command.task, f"of {row.quantity} units")
    if row.step == CareStep.DRYING and row.hung_ms is None and command.finding is Finding.GOOD:
        raise WrongState("care", command.task, "to be hung up first")
    live = site_with_id(session, row.site_id)
    lying = _on_hold(session, live, row, product, command)
    enter_cage(session, live, lying.within_code, command.user, CageAct.MOVE, clock, device=command.device)
    ahead = steps_after(row.steps_ahead, command.finding, command.also)
    _close(session, row, command, clock)
    if ahead:
        units = Units(live.id, lying.within_id, row.product_id, row.lot_id, command.quantity)
        put_into_care(session, units, ahead, f"after {row.step}", command.user, clock)
        return CareOver(command.task, row.state, command.quantity, ahead, StockStatus.HOLD)
    status = StockStatus.AVAILABLE if command.finding is Finding.GOOD else StockStatus.DAMAGED
    require_cause(session, live.id, CAUSE, status, clock)
    signed = Signed(command.user, CAUSE, command.device, command.client_id)
    shift_status(session, lying, status, command.quantity, signed, clock)
    return CareOver(command.task, row.state, command.quantity, (), status)


def leave_care(session: Session, command: LeaveCare, clock: Clock) -> CareOver:
    """Leave a step: it rests and is given to somebody again, or is dropped for good. The goods stay on hold.

    Whoever drops a step for good need not have taken it.

    Raises
    ------
    NotFound
        If there is no such step.
    WrongState
        If it is over, or somebody else's.
    """
    row = _waiting(session, command.task) if command.forever else _taken(session, command.task, command.user)
    row.note, row.taker = command.why, ""
    if command.forever:
        row.state, row.done_by, row.done_ms = CareState.DROPPED, command.user, clock.now_ms()
    else:
        row.state = CareState.OPEN if row.hung_ms is None else CareState.HANGING
        row.until_ms = clock.now_ms() + REST_MS
    session.add(row)
    return CareOver(command.task, row.state, row.quantity, row.steps_ahead, StockStatus.HOLD)


def _next(session: Session, live: LiveSite, user: str, clock: Clock) -> CareTaskRow | None:
    """What has waited longest of what this person may do."""
    waiting = (
        select(CareTaskRow)
        .where(
            col(CareTaskRow.site_id) == live.id,
            col(CareTaskRow.state).in_(WAITING),
            col(CareTaskRow.until_ms) <= clock.now_ms(),
        )
        .order_by(col(CareTaskRow.asked_ms), col(CareTaskRow.id))
    )
    rows = list(session.execute(waiting).scalars())
    if may_open_cage(session, user):
        return rows[0] if rows else None
    codes = place_codes(session, {each.place_id for each in rows})
    return next((each for each in rows if not is_caged(live, codes[each.place_id])), None)


def _on_hold(session: Session, live: LiveSite, row: CareTaskRow, product: ProductRow, command: FinishCare) -> Lying:
    """The goods of a step where they lie now; raises StockShort if fewer than were done lie there on hold."""
    lot = session.get_one(LotRow, row.lot_id)
    place = command.place or place_codes(session, {row.place_id})[row.place_id]
    lying = lying_goods(session, live.site.code, place, product.code, lot.code, StockStatus.HOLD, owner=lot.owner)
    if command.quantity > lying.quantity:
        raise StockShort(product.code, lying.within_code, command.quantity, lying.quantity)
    return lying


def _close(session: Session, row: CareTaskRow, command: FinishCare, clock: Clock) -> None:
    """End a step for the units done; the others stay asked for, as they were."""
    if command.quantity < row.quantity:
        copied = row.model_dump(exclude={"id", "quantity", "step", "state", "finding"})
        left = row.quantity - command.quantity
        session.add(CareTaskRow(quantity=left, step=CareStep(row.step), state=CareState(row.state), **copied))
    row.state, row.quantity, row.finding, row.note = CareState.DONE, command.quantity, command.finding, command.note
    row.done_by, row.done_ms = command.user, clock.now_ms()
    session.add(row)


def _waiting(session: Session, task_id: int) -> CareTaskRow:
    row = session.get(CareTaskRow, task_id, with_for_update=True)
    if row is None:
        raise NotFound("care", task_id)
    if row.state not in WAITING:
        raise WrongState("care", task_id, row.state)
    return row


def _taken(session: Session, task_id: int, user: str) -> CareTaskRow:
    row = _waiting(session, task_id)
    if row.state != CareState.TAKEN or row.taker != user:
        raise WrongState("care", task_id, f"taken by {row.taker}" if row.taker else row.state)
    return row


def _require_product(session: Session, row: CareTaskRow, scanned: str) -> ProductRow:
    product = session.get_one(ProductRow, row.product_id)
    if product_of_scan(session, scanned).id != product.id:
        raise ScanMismatch(product.name, scanned, "product")
    return product

"""Somebody asks for the care of hanging goods: they are on hold from then on, and not to be picked."""

from dataclasses import dataclass

from sqlmodel import Session

from inventory.rules.care import CareStep, in_order
from inventory.rules.stock_policy import StockStatus
from inventory.work.into_care import CAUSE, Units, put_into_care
from inventory.work.statuses import ChangeStatus, lying_goods, record_status
from inventory.work.withdrawing import seek_elsewhere
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import StockShort, WrongState


@dataclass(frozen=True)
class AskForCare:
    """Let `quantity` units in a place go through steps before they are for sale again, all of them by default.

    `place` and `product` are what was scanned. Goods that are on hold already stay so (`status`).
    """

    site: str
    place: str
    product: str
    steps: tuple[CareStep, ...]
    user: str
    quantity: int | None = None
    lot: str | None = None
    owner: str | None = None
    status: StockStatus = StockStatus.AVAILABLE
    because: str = ""
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class CareAsked:
    """Units that are in care now. The lines of `orders` wait again; runs `run_ids` look for units elsewhere."""

    task: int
    quantity: int
    steps: tuple[CareStep, ...]
    orders: tuple[str, ...] = ()
    run_ids: tuple[int, ...] = ()


def ask_for_care(database: Database, command: AskForCare, clock: Clock) -> CareAsked:
    """Put goods into care; runs that were to pick them look elsewhere at once.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, the place, the product or the lot is not known, or the site has no cause `care`.
    WrongState
        If the goods are neither for sale nor on hold, are recalled, or lie in several lots and none was named.
    StockShort
        If fewer lie there.
    ValueError
        If no step is asked for, or the quantity is not positive.
    """
    asked = database.run(record_care, command, clock=clock)
    seek_elsewhere(database, asked.run_ids, clock)
    return asked


def record_care(session: Session, command: AskForCare, clock: Clock) -> CareAsked:
    """Put goods on hold and ask for their first step; raises what `ask_for_care` does."""
    if not command.steps:
        raise ValueError("care has at least one step")
    if command.quantity is not None and command.quantity <= 0:
        raise ValueError(f"{command.quantity} units cannot be cared for")
    if command.status not in (StockStatus.AVAILABLE, StockStatus.HOLD):
        raise WrongState("product", command.product, command.status)
    lot, quantity, changed = command.lot, command.quantity, None
    if command.status is StockStatus.AVAILABLE:
        changed = record_status(session, _hold(command), clock)
        lot, quantity = changed.lot, changed.quantity
    lying = lying_goods(
        session, command.site, command.place, command.product, lot, StockStatus.HOLD, owner=command.owner
    )
    quantity = lying.quantity if quantity is None else quantity
    if quantity > lying.quantity:
        raise StockShort(lying.product.code, lying.within_code, quantity, lying.quantity)
    units = Units(lying.site_id, lying.within_id, lying.key.product_id, lying.key.lot_id, quantity)
    steps = in_order(command.steps)
    task = put_into_care(session, units, steps, command.because or "asked for", command.user, clock)
    if changed is None:
        return CareAsked(task, quantity, steps)
    return CareAsked(task, quantity, steps, changed.orders, changed.run_ids)


def _hold(command: AskForCare) -> ChangeStatus:
    return ChangeStatus(
        site=command.site,
        place=command.place,
        product=command.product,
        to_status=StockStatus.HOLD,
        cause=CAUSE,
        user=command.user,
        quantity=command.quantity,
        lot=command.lot,
        device=command.device,
        client_id=command.client_id,
        owner=command.owner,
    )

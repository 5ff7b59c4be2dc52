"""A picked order leaves the house: its goods go out of its totes to the customer, and the order is shipped.

What leaves is what was picked for the order and is still good: units that were withheld in a tote have left the
order before. The ledger's movements name the order line, so a recall finds every order that got some.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE, NewMovement, post
from inventory.rules.shelf_life import days_left, has_life, usable_on
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow, RunState
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.receiving import site_day
from inventory.work.serials import capture, serials_in_tote
from inventory.work.sites import live_site, place_codes, place_of_kind
from inventory.work.stock_policies import stock_policy
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceKind


@dataclass(frozen=True)
class ShipOrder:
    """Send a picked order off.

    `serials` name the units that leave where others picked for the order stay behind; elsewhere they are known.
    """

    site: str
    number: str
    user: str
    device: str = ""
    client_id: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShippedLot:
    """Units of a lot that left, and out of which tote."""

    product: str
    lot: str
    quantity: int
    tote: str


@dataclass(frozen=True)
class OrderShipped:
    """What left with an order."""

    number: str
    quantity: int
    lots: tuple[ShippedLot, ...]


@dataclass(frozen=True)
class _InTote:
    """Units of a lot that were picked for an order line into a tote, and are there."""

    line_id: int
    tote_id: int
    product: ProductRow
    lot: LotRow
    quantity: int


def ship_order(session: Session, command: ShipOrder, clock: Clock) -> OrderShipped:
    """Send a picked order off: its units leave for the customer.

    Raises
    ------
    NotFound
        If there is no such site or order.
    SerialsNeeded
        If it does not follow which units of serialised goods leave.
    WrongState
        If the order is not picked, its cart is still walked, or units of it are missing, past their expiry or with
        less life left than its customer or its channel is to get.
    """
    live = live_site(session, command.site)
    query = select(OrderRow).where(col(OrderRow.site_id) == live.id, col(OrderRow.number) == command.number)
    order: OrderRow | None = session.execute(query.with_for_update()).scalar_one_or_none()
    if order is None:
        raise NotFound("order", command.number)
    if order.state != OrderState.PICKED:
        raise WrongState("order", command.number, OrderState(order.state))
    packed = _in_totes(session, order)
    today = site_day(live, clock).toordinal()
    policy = stock_policy(session, live.id, clock)
    customer = place_of_kind(session, live.id, PlaceKind.CUSTOMER)
    movements = []
    for each in packed:
        asked_for = policy.shipment_days(each.product.code, each.product.category, order.customer, order.channel)
        _require_life(each, asked_for, today)
        assert each.product.id is not None
        assert each.lot.id is not None
        movement = NewMovement(
            site_id=live.id,
            from_place_id=each.tote_id,
            to_place_id=customer,
            product_id=each.product.id,
            lot_id=each.lot.id,
            quantity=each.quantity,
            reason=Reason.SHIP,
            user=command.user,
            device=command.device,
            client_id=command.client_id,
            order_line_id=each.line_id,
        )
        if each.product.serialised:
            there = serials_in_tote(session, each.tote_id, each.line_id, each.lot.id)
            leaving = there if len(there) == each.quantity else sorted(set(there) & set(command.serials))
            capture(session, each.product, leaving, movement, clock)
        movements.append(movement)
    post(session, movements, clock=clock)
    order.state = OrderState.SHIPPED
    session.add(order)
    codes = place_codes(session, {each.tote_id for each in packed})
    lots = tuple(ShippedLot(each.product.code, each.lot.code, each.quantity, codes[each.tote_id]) for each in packed)
    return OrderShipped(command.number, sum(each.quantity for each in packed), lots)


def _require_life(goods: _InTote, life_days: int, today: int) -> None:
    """Raise WrongState if goods are past their expiry, or will be before `life_days` are over."""
    if goods.lot.expires_on is None:
        return
    expires_day = goods.lot.expires_on.toordinal()
    if not usable_on(expires_day, today):
        raise WrongState("lot", goods.lot.code, "past its expiry")
    if not has_life(expires_day, today, life_days):
        left = days_left(expires_day, today)
        raise WrongState("lot", goods.lot.code, f"{left} days from its expiry, and {life_days} are asked for")


def _in_totes(session: Session, order: OrderRow) -> list[_InTote]:
    """What was picked for an order and lies in its totes; raises WrongState if that is not all of it, or nothing."""
    lines = session.execute(select(OrderLineRow).where(col(OrderLineRow.order_id) == order.id)).scalars().all()
    left = {line.id: line.quantity_picked for line in lines if line.id is not None}
    if not any(left.values()):
        raise WrongState("order", order.number, "without any goods")
    query = (
        select(PickStepRow, col(PickRunRow.state), ProductRow, LotRow)
        .join(PickRunRow, col(PickRunRow.id) == col(PickStepRow.run_id))
        .join(ProductRow, col(ProductRow.id) == col(PickStepRow.product_id))
        .join(LotRow, col(LotRow.id) == col(PickStepRow.lot_id))
        .where(col(PickStepRow.order_line_id).in_(left), col(PickStepRow.quantity_picked) > 0)
        .order_by(col(PickStepRow.id).desc())
    )
    steps = session.execute(query).all()
    last_run = _last_runs(session, {step.tote_place_id for step, *_ in steps})
    lying = _lying(session, last_run)
    found: dict[tuple[int, int, int], _InTote] = {}
    for step, run_state, product, lot in steps:
        if last_run[step.tote_place_id] != step.run_id:
            continue  # what withheld goods were taken out of, and other orders are in now
        if run_state != RunState.DONE:
            raise WrongState("order", order.number, "still on its way")
        there = (step.tote_place_id, step.lot_id)
        take = min(step.quantity_picked, lying.get(there, 0), left[step.order_line_id])
        if take:
            lying[there] -= take
            left[step.order_line_id] -= take
            key = (step.order_line_id, *there)
            before = found[key].quantity if key in found else 0
            found[key] = _InTote(step.order_line_id, step.tote_place_id, product, lot, before + take)
    if any(left.values()):
        raise WrongState("order", order.number, f"not complete: {sum(left.values())} picked units are not in its totes")
    return [found[key] for key in sorted(found)]


def _last_runs(session: Session, totes: set[int]) -> dict[int, int]:
    """The run that had each tote last."""
    query = select(col(PickStepRow.tote_place_id), func.max(col(PickStepRow.run_id)))
    query = query.where(col(PickStepRow.tote_place_id).in_(totes)).group_by(col(PickStepRow.tote_place_id))
    return {tote_id: run_id for tote_id, run_id in session.execute(query)}  # noqa: C416 - dict() takes it for a mapping


def _lying(session: Session, totes: dict[int, int]) -> dict[tuple[int, int], int]:
    """Units that are for sale, by tote and lot; locked in the ledger's order."""
    query = select(BALANCE.c.place_id, BALANCE.c.lot_id, BALANCE.c.quantity).where(BALANCE.c.place_id.in_(totes))
    ordered = query.order_by(BALANCE.c.place_id, BALANCE.c.product_id, BALANCE.c.lot_id).with_for_update()
    return {(tote_id, lot_id): quantity for tote_id, lot_id, quantity in session.execute(ordered)}

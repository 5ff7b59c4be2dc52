"""Goods are scanned off a truck: one scan or many in a call, each taken, refused, held, or asked back about.

A scan that cannot be taken says why and leaves nothing; the others of the call are taken all the same, so that a
pallet is never scanned again because of one box. `inventory.rules.receiving` decides what a scan comes to.

Two receivers may scan the same product at once: products are locked in the order of their ids, so that what is
still expected is known when it is decided, on whichever truck.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from inventory.ledger import NewMovement, post
from inventory.rules import receiving as rules
from inventory.rules.care import CareStep
from inventory.rules.damage import Advice
from inventory.rules.receiving import Decision, Expected, LotSaid, Question
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.tables.inbound import (
    DeliveryLineRow,
    DeliveryRow,
    DeliveryState,
    PurchaseLineRow,
    ReceivedRow,
    SupplierRow,
)
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.serials import SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow
from inventory.work.cataloguing import lot_of, product_id_of_scan
from inventory.work.damage import ON_ARRIVAL, wrapping_advice
from inventory.work.dock_scans import ASKS, DockScan, ScanAnswer, Unload, Unloaded, Verdict
from inventory.work.docking import delivery_with_number
from inventory.work.into_care import Units, care_at_receipt, put_into_care
from inventory.work.measuring import measured_products
from inventory.work.receiving import site_day, status_on_receipt
from inventory.work.serials import capture
from inventory.work.sites import LiveSite, live_site, place_of_kind
from inventory.work.stock_policies import stock_policy
from inventory.work.withheld import place_with_status
from warehouse.clock import Clock
from warehouse.errors import NotFound, ScanUnreadable, WrongState
from warehouse.scans import GoodsScan, read_scan
from warehouse.tables import PlaceKind

RECEIVED = ReceivedRow.metadata.tables["received"]
LINE = DeliveryLineRow.metadata.tables["delivery_line"]
PURCHASE_LINE = PurchaseLineRow.metadata.tables["purchase_line"]

CAUSE_HELD = "quality-check"
"""The cause on the movement of goods that are held on receipt."""


@dataclass
class _Truck:
    """What one call needs to know of the truck, and what it will write."""

    live: LiveSite
    row: DeliveryRow
    command: Unload
    clock: Clock
    policy: StockPolicy
    supplier_place: int
    inspect: bool
    today: date
    lines: dict[int, list[Expected]]
    purchase_line: dict[int, int | None]
    expires: set[int]
    serials: set[tuple[int, str]]
    products: dict[int, ProductRow]
    advice: dict[int, Advice]
    measured: set[int]
    received: list[dict[str, Any]] = field(default_factory=list)
    movements: list[NewMovement] = field(default_factory=list)
    care: dict[tuple[int, int, tuple[CareStep, ...]], int] = field(default_factory=lambda: defaultdict(int))


def unload(session: Session, command: Unload, clock: Clock) -> Unloaded:
    """Take in what was scanned off a truck.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it is not being unloaded.
    """
    read = [_read(session, scan) for scan in command.scans]
    product_ids = sorted({each for _, each, _ in read if each is not None})
    truck = _truck(session, command, product_ids, [scan for scan, _, _ in read if scan is not None], clock)
    answers = []
    for scan, (goods, product_id, refusal) in zip(command.scans, read, strict=True):
        if refusal is not None:
            answers.append(refusal)
            continue
        assert goods is not None
        assert product_id is not None
        answers.append(_take(session, truck, product_id, scan, goods))
    _write(session, truck)
    return Unloaded(tuple(answers))


def _read(session: Session, scan: DockScan) -> tuple[GoodsScan | None, int | None, ScanAnswer | None]:
    """A scan taken apart and the product it names, or what keeps it from being read."""
    try:
        goods = read_scan(scan.code)
    except ScanUnreadable as error:
        return None, None, ScanAnswer(Verdict.UNREADABLE, why=error.why)
    try:
        return goods, product_id_of_scan(session, goods), None
    except NotFound:
        return goods, None, ScanAnswer(Verdict.UNKNOWN, product=goods.gtin or goods.text)


def _truck(
    session: Session, command: Unload, product_ids: Sequence[int], scans: Sequence[GoodsScan], clock: Clock
) -> _Truck:
    """Look up everything that the scans of a call are judged by, with the products locked."""
    live = live_site(session, command.site)
    delivery = delivery_with_number(session, live.id, command.delivery, share=True)
    if delivery.state != DeliveryState.UNLOADING:
        raise WrongState("delivery", delivery.number, delivery.state)
    locked = select(ProductRow).where(col(ProductRow.id).in_(product_ids)).order_by(col(ProductRow.id))
    products = session.execute(locked.with_for_update(key_share=True)).scalars()
    by_id = {each.id: each for each in products if each.id is not None}
    lines: dict[int, list[Expected]] = defaultdict(list)
    purchase_line: dict[int, int | None] = {}
    query = select(LINE).where(LINE.c.delivery_id == delivery.id, LINE.c.product_id.in_(product_ids))
    for line in session.execute(query.order_by(LINE.c.id)):
        lines[line.product_id].append(Expected(line.id, line.quantity, line.received, line.lot, line.expires_on))
        purchase_line[line.id] = line.purchase_line_id
    expiring = select(col(LotRow.product_id)).where(
        col(LotRow.product_id).in_(product_ids), col(LotRow.expires_on).is_not(None)
    )
    supplier = session.get(SupplierRow, delivery.supplier_id)
    assert supplier is not None
    return _Truck(
        live=live,
        row=delivery,
        command=command,
        clock=clock,
        policy=stock_policy(session, live.id, clock),
        supplier_place=place_of_kind(session, live.id, PlaceKind.SUPPLIER),
        inspect=supplier.inspect,
        today=site_day(live, clock),
        lines=lines,
        purchase_line=purchase_line,
        expires=set(session.execute(expiring.distinct()).scalars())
        | {product for product, some in lines.items() if any(each.expires_on for each in some)},
        serials=_serials_seen(session, delivery, product_ids, [*scans, *command.scans]),
        products=by_id,
        advice=wrapping_advice(session, live.id, list(by_id.values()), clock),
        measured=measured_products(session, list(by_id)),
    )


def _serials_seen(
    session: Session, delivery: DeliveryRow, product_ids: Sequence[int], scans: Sequence[GoodsScan | DockScan]
) -> set[tuple[int, str]]:
    """Which of the serials scanned cannot come in: units that are here or were sold, or were scanned off this truck."""
    named = sorted({each.serial for each in scans if each.serial})
    here = select(RECEIVED.c.product_id, RECEIVED.c.serial).where(
        RECEIVED.c.delivery_id == delivery.id, RECEIVED.c.serial.in_(named), RECEIVED.c.lot_id.is_not(None)
    )
    known = select(col(SerialRow.product_id), col(SerialRow.serial)).where(
        col(SerialRow.product_id).in_(product_ids),
        col(SerialRow.serial).in_(named),
        col(SerialRow.state) != SerialState.GONE,
    )
    return {(row[0], row[1]) for query in (here, known) for row in session.execute(query)} if named else set()


def _take(session: Session, truck: _Truck, product_id: int, scan: DockScan, goods: GoodsScan) -> ScanAnswer:
    """Take the units of a scan, or say what has to be decided or named first."""
    product, lines = truck.products[product_id], truck.lines[product_id]
    quantity = scan.quantity or goods.quantity or 1
    serial = scan.serial or goods.serial or ""
    said = LotSaid(scan.lot or goods.lot or "", scan.expires_on or goods.expires_on)
    known = _known_lot(session, truck, product_id, said.code)
    lot = rules.lot_said(said, lines, known)
    about = ScanAnswer(
        Verdict.TAKEN,
        product.code,
        product.name,
        quantity,
        lot.code,
        lot.expires_on,
        serial,
        left=sum(each.open for each in lines),
    )
    if product.serialised and not serial:
        return replace(about, verdict=Verdict.SERIAL_NEEDED)
    if serial and quantity > 1:
        return replace(about, verdict=Verdict.SERIAL_OF_ONE)
    if (product_id, serial) in truck.serials:
        return replace(about, verdict=Verdict.SERIAL_SEEN)
    if known is not None and known.expires_on != lot.expires_on:
        why = f"known with expiry {known.expires_on}" if known.expires_on else "known without expiry"
        return replace(about, verdict=Verdict.LOT_DIFFERS, why=why)
    needed = rules.missing(lot, lines, expires=product_id in truck.expires, known=known is not None)
    if needed is not None:
        return replace(about, verdict=ASKS[needed])
    taken = rules.take(quantity, lot.code, lines, scan.decision)
    if isinstance(taken, Question):
        return replace(about, verdict=ASKS[taken])
    unmeasured = truck.policy.measure_first and product_id not in truck.measured
    if unmeasured and taken.shares and not scan.damaged:  # what is crushed tells no size
        return replace(about, verdict=Verdict.MEASURE_FIRST, why=f"Measure it first: {product.code} was never measured")
    return _record(session, truck, product, scan, about, taken)


def _known_lot(session: Session, truck: _Truck, product_id: int, code: str) -> LotSaid | None:
    """What is known of the lot of this code."""
    if not code:
        return None
    query = select(col(LotRow.expires_on)).where(
        col(LotRow.product_id) == product_id, col(LotRow.owner) == truck.row.owner, col(LotRow.code) == code
    )
    found = session.execute(query).first()
    return None if found is None else LotSaid(code, found[0])


def _record(
    session: Session,
    truck: _Truck,
    product: ProductRow,
    scan: DockScan,
    about: ScanAnswer,
    taken: rules.Taken,
) -> ScanAnswer:
    """Note the units of a scan that are taken, and those that are refused."""
    assert product.id is not None
    num_taken = sum(quantity for _, quantity in taken.shares)
    expected = sum(each.open for each in truck.lines[product.id])
    advice = truck.advice[product.id]
    common = {
        "delivery_id": truck.row.id,
        "product_id": product.id,
        "serial": about.serial,
        "wrapped": advice.wrap if scan.wrapped is None else scan.wrapped,
        "user": truck.command.user,
        "device": truck.command.device,
        "client_id": truck.command.client_id,
    }
    if about.quantity > num_taken:
        refused = {"line_id": None, "lot_id": None, "quantity": about.quantity - num_taken, "status": None}
        truck.received.append(common | refused | {"decision": Decision.REFUSE.value})
    if not num_taken:
        return replace(about, verdict=Verdict.REFUSED, left=expected)
    lot = lot_of(session, product.id, about.lot or None, about.expires_on, truck.today, owner=truck.row.owner)
    assert lot.id is not None
    beyond = max(0, num_taken - expected)
    status = _status(session, truck, product, lot, scan, held=beyond > 0 and scan.decision is Decision.HOLD)
    steps = care_at_receipt(truck.policy, product, status)
    if steps:
        status = StockStatus.HOLD
        truck.care[product.id, lot.id, steps] += num_taken
    if about.serial:
        truck.serials.add((product.id, about.serial))
    for line_id, quantity in taken.shares:
        decided = scan.decision if beyond else Decision.NONE
        truck.received.append(
            common
            | {"line_id": line_id, "lot_id": lot.id, "quantity": quantity}
            | {"status": status.value, "decision": decided.value}
        )
        truck.lines[product.id] = [
            replace(each, received=each.received + quantity) if each.line == line_id else each
            for each in truck.lines[product.id]
        ]
    movement = _movement(session, truck, product.id, lot.id, num_taken, status)
    capture(session, product, [about.serial], movement, truck.clock)
    truck.movements.append(movement)
    return replace(
        about,
        quantity=num_taken,
        lot=lot.code,
        status=status,
        left=sum(each.open for each in truck.lines[product.id]),
        wrap=advice.why if advice.wrap else "",
        measured=product.id in truck.measured,
        pictured=product.picture is not None,
    )


def _status(
    session: Session, truck: _Truck, product: ProductRow, lot: LotRow, scan: DockScan, *, held: bool
) -> StockStatus:
    """Whether units that come in may be sold: what is wrong with the goods goes before what is only to be checked."""
    if scan.damaged:
        return StockStatus.DAMAGED
    if session.get(RecallRow, lot.id) is not None:
        return StockStatus.RECALLED
    life_days = truck.policy.receipt_days(product.code, product.category)
    status = status_on_receipt(lot, truck.today, life_days)
    if status is StockStatus.AVAILABLE and (held or scan.hold or truck.inspect):
        return StockStatus.HOLD
    return status


CAUSES = {StockStatus.DAMAGED: ON_ARRIVAL, StockStatus.HOLD: CAUSE_HELD}


def _movement(
    session: Session, truck: _Truck, product_id: int, lot_id: int, quantity: int, status: StockStatus
) -> NewMovement:
    assert truck.row.station_id is not None
    return NewMovement(
        site_id=truck.live.id,
        from_place_id=truck.supplier_place,
        to_place_id=place_with_status(session, truck.live.id, truck.row.station_id, status),
        product_id=product_id,
        lot_id=lot_id,
        quantity=quantity,
        reason=Reason.RECEIPT,
        user=truck.command.user,
        device=truck.command.device,
        client_id=truck.command.client_id,
        cause=CAUSES.get(status, ""),
    )


def _write(session: Session, truck: _Truck) -> None:
    """Write what was taken: the record, the lines, the orders, and the ledger."""
    if not truck.received:
        return
    at_ms = truck.clock.now_ms()
    session.execute(insert(RECEIVED), [row | {"at_ms": at_ms} for row in truck.received])
    on_lines: dict[int, int] = defaultdict(int)
    for row in truck.received:
        if row["line_id"] is not None:
            on_lines[row["line_id"]] += row["quantity"]
    on_orders: dict[int, int] = defaultdict(int)
    for line_id, quantity in on_lines.items():
        purchase_line_id = truck.purchase_line[line_id]
        if purchase_line_id is not None:
            on_orders[purchase_line_id] += quantity
    for table, more in ((LINE, on_lines), (PURCHASE_LINE, on_orders)):
        if more:
            statement = (
                update(table)
                .where(table.c.id == bindparam("key"))
                .values(received=table.c.received + bindparam("more"))
            )
            session.execute(statement, [{"key": key, "more": quantity} for key, quantity in sorted(more.items())])
    post(session, truck.movements, clock=truck.clock)
    assert truck.row.station_id is not None
    for (product_id, lot_id, steps), quantity in truck.care.items():
        units = Units(truck.live.id, truck.row.station_id, product_id, lot_id, quantity)
        put_into_care(session, units, steps, "received", truck.command.user, truck.clock)

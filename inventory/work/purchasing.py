"""Purchase orders: what a site has ordered of its suppliers, and what of it is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.inbound import PurchaseLineRow, PurchaseOrderRow, ShortReason, SupplierRow
from inventory.tables.products import ProductRow
from inventory.work.cataloguing import products_by_code
from inventory.work.sites import live_site
from inventory.work.suppliers import supplier_with_code
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState


@dataclass(frozen=True)
class OrderedLine:
    """So many units of a product are ordered."""

    product: str
    quantity: int


@dataclass(frozen=True)
class PlacePurchase:
    """Order goods of a supplier for a site; each product stands in one line."""

    site: str
    number: str
    supplier: str
    lines: tuple[OrderedLine, ...]
    expected_on: date | None = None
    client_id: str = ""


@dataclass(frozen=True)
class ClosePurchase:
    """Wait no longer for what has not come."""

    site: str
    number: str
    reason: ShortReason
    client_id: str = ""


@dataclass(frozen=True)
class PurchaseLineView:
    """A line of a purchase order, and what has come of it."""

    product: str
    name: str
    quantity: int
    received: int
    closed_short: ShortReason | None


@dataclass(frozen=True)
class PurchaseView:
    """A purchase order; it is open as long as something of it is still to come."""

    number: str
    supplier: str
    expected_on: date | None
    open: bool
    lines: tuple[PurchaseLineView, ...]


def place_purchase(session: Session, command: PlacePurchase, clock: Clock) -> PurchaseView:
    """Record a purchase order.

    Raises
    ------
    NotFound
        If the site, the supplier or a product is not known.
    WrongState
        If there is one of this number.
    ValueError
        If it has no lines, a product stands in two, or a quantity is not positive.
    """
    codes = [line.product for line in command.lines]
    if not codes or len(set(codes)) < len(codes):
        raise ValueError("a purchase order has lines, each of another product")
    if any(line.quantity <= 0 for line in command.lines):
        raise ValueError("a purchase order asks for something in each line")
    site_id = live_site(session, command.site).id
    supplier = supplier_with_code(session, command.supplier)
    products = products_by_code(session, codes)
    if purchase_there(session, site_id, command.number) is not None:
        raise WrongState("purchase order", command.number, "there already")
    assert supplier.id is not None
    row = PurchaseOrderRow(
        site_id=site_id,
        supplier_id=supplier.id,
        number=command.number,
        expected_on=command.expected_on,
        created_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    for line in command.lines:
        product_id = products[line.product].id
        assert product_id is not None
        session.add(PurchaseLineRow(purchase_order_id=row.id, product_id=product_id, quantity=line.quantity))
    session.flush()
    return purchase_view(session, row)


def close_purchase(session: Session, command: ClosePurchase, clock: Clock) -> PurchaseView:  # noqa: ARG001
    """Wait no longer for what has not come of a purchase order.

    Raises
    ------
    NotFound
        If there is none of this number.
    WrongState
        If it is closed.
    """
    row = purchase_with_number(session, live_site(session, command.site).id, command.number)
    if not row.open:
        raise WrongState("purchase order", row.number, "closed")
    for line in purchase_lines(session, row):
        if line.received < line.quantity:
            line.closed_short = line.closed_short or command.reason
    row.open = False
    session.flush()
    return purchase_view(session, row)


def settle_purchases(session: Session, line_ids: Sequence[int]) -> None:
    """Close the purchase orders of these lines of which nothing is still to come."""
    query = select(col(PurchaseLineRow.purchase_order_id)).where(col(PurchaseLineRow.id).in_(line_ids)).distinct()
    for order_id in sorted(session.execute(query).scalars()):
        row = session.get(PurchaseOrderRow, order_id, with_for_update=True)
        assert row is not None
        lines = purchase_lines(session, row)
        row.open = any(line.received < line.quantity and line.closed_short is None for line in lines)
        session.add(row)


def purchase_there(session: Session, site_id: int, number: str) -> PurchaseOrderRow | None:
    """The purchase order of this number at a site, if there is one."""
    row: PurchaseOrderRow | None = session.execute(
        select(PurchaseOrderRow).where(col(PurchaseOrderRow.site_id) == site_id, col(PurchaseOrderRow.number) == number)
    ).scalar_one_or_none()
    return row


def purchase_with_number(session: Session, site_id: int, number: str) -> PurchaseOrderRow:
    """The purchase order of this number at a site.

    Raises
    ------
    NotFound
        If there is none.
    """
    row = purchase_there(session, site_id, number)
    if row is None:
        raise NotFound("purchase order", number)
    return row


def purchase_lines(session: Session, order: PurchaseOrderRow) -> list[PurchaseLineRow]:
    """The lines of a purchase order, as they were ordered."""
    query = select(PurchaseLineRow).where(col(PurchaseLineRow.purchase_order_id) == order.id)
    return list(session.execute(query.order_by(col(PurchaseLineRow.id))).scalars())


def purchase_view(session: Session, order: PurchaseOrderRow) -> PurchaseView:
    """A purchase order as people see it."""
    supplier = session.get(SupplierRow, order.supplier_id)
    assert supplier is not None
    query = (
        select(PurchaseLineRow, col(ProductRow.code), col(ProductRow.name))
        .join(ProductRow, col(ProductRow.id) == col(PurchaseLineRow.product_id))
        .where(col(PurchaseLineRow.purchase_order_id) == order.id)
        .order_by(col(PurchaseLineRow.id))
    )
    lines = tuple(
        PurchaseLineView(code, name, line.quantity, line.received, short_reason(line.closed_short))
        for line, code, name in session.execute(query)
    )
    return PurchaseView(order.number, supplier.code, order.expected_on, order.open, lines)


def short_reason(text: str | None) -> ShortReason | None:
    """A reason as it is read from the database."""
    return None if text is None else ShortReason(text)


def purchases(session: Session, site: str, *, open_only: bool) -> tuple[PurchaseView, ...]:
    """The purchase orders of a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = select(PurchaseOrderRow).where(col(PurchaseOrderRow.site_id) == live_site(session, site).id)
    if open_only:
        query = query.where(col(PurchaseOrderRow.open).is_(True))
    rows = session.execute(query.order_by(col(PurchaseOrderRow.id).desc()).limit(200)).scalars().all()
    return tuple(purchase_view(session, row) for row in rows)

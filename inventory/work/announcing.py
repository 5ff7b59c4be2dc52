"""Advance notices: what a truck will bring, told before it comes or, without a notice, at the gate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.tables.inbound import DeliveryLineRow, DeliveryRow, PurchaseLineRow, SupplierRow
from inventory.tables.products import HOUSE
from inventory.work.cataloguing import products_by_code
from inventory.work.owning import require_owner
from inventory.work.purchasing import purchase_lines, purchase_with_number
from inventory.work.sites import LiveSite, live_site
from inventory.work.suppliers import supplier_with_code
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState

DELIVERY_LINE = DeliveryLineRow.metadata.tables["delivery_line"]


@dataclass(frozen=True)
class NoticeLine:
    """Goods that come: of a purchase order, if it is named; lot and expiry as far as the supplier tells them."""

    product: str
    quantity: int
    purchase_order: str = ""
    lot: str = ""
    expires_on: date | None = None


@dataclass(frozen=True)
class Announce:
    """A delivery will come. Without `lines` it brings what is still to come of `purchase_orders`.

    The goods belong to `owner`: the house, or a merchant who stores here.
    """

    site: str
    number: str
    supplier: str
    lines: tuple[NoticeLine, ...] = ()
    purchase_orders: tuple[str, ...] = ()
    owner: str = HOUSE
    client_id: str = ""


@dataclass(frozen=True)
class Announced:
    """A delivery, and how many lines and units it is to bring."""

    number: str
    num_lines: int
    quantity: int


def announce(session: Session, command: Announce, clock: Clock) -> Announced:
    """Record what a delivery will bring; nothing at all is allowed, for a truck of which nobody knows.

    Raises
    ------
    NotFound
        If the site, the supplier, the owner, a product or a purchase order is not known, or the order has no such
        product.
    WrongState
        If there is a delivery of this number, or a purchase order is another supplier's.
    ValueError
        If a quantity is not positive.
    """
    live = live_site(session, command.site)
    supplier = supplier_with_code(session, command.supplier)
    require_owner(session, command.owner)
    there = select(col(DeliveryRow.id)).where(
        col(DeliveryRow.site_id) == live.id, col(DeliveryRow.number) == command.number
    )
    if session.execute(there).first() is not None:
        raise WrongState("delivery", command.number, "announced already")
    if any(line.quantity <= 0 for line in command.lines):
        raise ValueError("a notice announces something in each line")
    ordered = {
        number: _lines_of(session, live, supplier, number)
        for number in {*command.purchase_orders, *(line.purchase_order for line in command.lines)} - {""}
    }
    if command.lines:
        lines = _noticed(session, command.lines, ordered)
    else:
        lines = [_line(each.product_id, each.quantity - each.received, each.id) for each in _still_to_come(ordered)]
    assert supplier.id is not None
    row = DeliveryRow(
        site_id=live.id,
        supplier_id=supplier.id,
        number=command.number,
        owner=command.owner,
        created_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    if lines:
        session.execute(insert(DELIVERY_LINE), [line | {"delivery_id": row.id} for line in lines])
    return Announced(command.number, len(lines), sum(int(str(line["quantity"])) for line in lines))


def _lines_of(session: Session, live: LiveSite, supplier: SupplierRow, number: str) -> dict[int, PurchaseLineRow]:
    """The lines of a purchase order, by product."""
    order = purchase_with_number(session, live.id, number)
    if order.supplier_id != supplier.id:
        raise WrongState("purchase order", number, "another supplier's")
    return {line.product_id: line for line in purchase_lines(session, order)}


def _still_to_come(ordered: dict[str, dict[int, PurchaseLineRow]]) -> list[PurchaseLineRow]:
    lines = [line for number in sorted(ordered) for line in ordered[number].values()]
    return [line for line in lines if line.closed_short is None and line.received < line.quantity]


def _noticed(
    session: Session, lines: Sequence[NoticeLine], ordered: dict[str, dict[int, PurchaseLineRow]]
) -> list[dict[str, object]]:
    """The lines of a notice as rows."""
    products = products_by_code(session, [line.product for line in lines])
    rows = []
    for line in lines:
        product_id = products[line.product].id
        assert product_id is not None
        purchase_line = None
        if line.purchase_order:
            purchase_line = ordered[line.purchase_order].get(product_id)
            if purchase_line is None:
                raise NotFound(f"product {line.product} in purchase order", line.purchase_order)
        rows.append(
            _line(
                product_id,
                line.quantity,
                None if purchase_line is None else purchase_line.id,
                line.lot,
                line.expires_on,
            ),
        )
    return rows


def _line(
    product_id: int, quantity: int, purchase_line_id: int | None, lot: str = "", expires_on: date | None = None
) -> dict[str, object]:
    return {
        "product_id": product_id,
        "quantity": quantity,
        "purchase_line_id": purchase_line_id,
        "lot": lot,
        "expires_on": expires_on,
        "received": 0,
    }

"""Put purchase orders and advance notices that were read from a file into the database, all or nothing.

What is there already is compared and never overwritten: the same file again changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.importing.inbound import InboundRead
from inventory.importing.rows import RowProblem
from inventory.tables.inbound import DeliveryLineRow, DeliveryRow, PurchaseLineRow, PurchaseOrderRow, SupplierRow
from inventory.tables.products import ProductRow
from inventory.work.announcing import Announce, NoticeLine, announce
from inventory.work.importing import Imported
from inventory.work.purchasing import OrderedLine, PlacePurchase, place_purchase
from inventory.work.sites import chunks, live_site
from warehouse.clock import Clock
from warehouse.errors import ImportInvalid

Content = list[tuple[str, int]]
"""Products and quantities of a document, in order."""


@dataclass(frozen=True)
class ImportPurchases:
    """Import purchase orders of a site; with `skip_bad` those that name something unknown are left out."""

    site: str
    documents: tuple[InboundRead, ...]
    skip_bad: bool = False


@dataclass(frozen=True)
class ImportNotices:
    """Import advance notices of a site; with `skip_bad` those that name something unknown are left out."""

    site: str
    documents: tuple[InboundRead, ...]
    skip_bad: bool = False


def import_purchases(session: Session, command: ImportPurchases, clock: Clock) -> Imported:
    """Add the purchase orders that are not there yet.

    Raises
    ------
    NotFound
        If there is no such site.
    ImportInvalid
        If a row names an unknown supplier or product, unless bad ones are skipped.
    """
    site_id = live_site(session, command.site).id
    query = (
        select(col(PurchaseOrderRow.number), col(ProductRow.code), col(PurchaseLineRow.quantity))
        .join(PurchaseLineRow, col(PurchaseLineRow.purchase_order_id) == col(PurchaseOrderRow.id))
        .join(ProductRow, col(ProductRow.id) == col(PurchaseLineRow.product_id))
        .where(col(PurchaseOrderRow.site_id) == site_id)
        .order_by(col(PurchaseLineRow.id))
    )
    there: dict[str, Content] = {}
    for number, code, quantity in session.execute(query):
        there.setdefault(number, []).append((code, quantity))

    def add(each: InboundRead) -> None:
        lines = tuple(OrderedLine(line.product, line.quantity) for line in each.lines)
        place_purchase(session, PlacePurchase(command.site, each.number, each.supplier, lines, each.expected_on), clock)

    return _import(session, command.documents, there, add, known_orders={}, skip_bad=command.skip_bad)


def import_notices(session: Session, command: ImportNotices, clock: Clock) -> Imported:
    """Add the advance notices that are not there yet.

    Raises
    ------
    NotFound
        If there is no such site.
    ImportInvalid
        If a row names an unknown supplier or product, or a purchase order that is not his or has no such product,
        unless bad ones are skipped.
    """
    site_id = live_site(session, command.site).id
    query = (
        select(col(DeliveryRow.number), col(ProductRow.code), col(DeliveryLineRow.quantity))
        .join(DeliveryLineRow, col(DeliveryLineRow.delivery_id) == col(DeliveryRow.id))
        .join(ProductRow, col(ProductRow.id) == col(DeliveryLineRow.product_id))
        .where(col(DeliveryRow.site_id) == site_id)
        .order_by(col(DeliveryLineRow.id))
    )
    there: dict[str, Content] = {}
    for number, code, quantity in session.execute(query):
        there.setdefault(number, []).append((code, quantity))
    ordered = (
        select(col(PurchaseOrderRow.number), col(SupplierRow.code), col(ProductRow.code))
        .join(SupplierRow, col(SupplierRow.id) == col(PurchaseOrderRow.supplier_id))
        .join(PurchaseLineRow, col(PurchaseLineRow.purchase_order_id) == col(PurchaseOrderRow.id))
        .join(ProductRow, col(ProductRow.id) == col(PurchaseLineRow.product_id))
        .where(col(PurchaseOrderRow.site_id) == site_id)
    )
    known_orders: dict[tuple[str, str], set[str]] = {}
    for number, supplier, code in session.execute(ordered):
        known_orders.setdefault((number, supplier), set()).add(code)

    def add(each: InboundRead) -> None:
        lines = tuple(
            NoticeLine(line.product, line.quantity, line.purchase_order, line.lot, line.expires_on)
            for line in each.lines
        )
        announce(session, Announce(command.site, each.number, each.supplier, lines), clock)

    return _import(session, command.documents, there, add, known_orders=known_orders, skip_bad=command.skip_bad)


def _import(
    session: Session,
    documents: Sequence[InboundRead],
    there: dict[str, Content],
    add: Callable[[InboundRead], None],
    *,
    known_orders: dict[tuple[str, str], set[str]],
    skip_bad: bool,
) -> Imported:
    """Judge every document, then add those that are new."""
    suppliers = set(session.execute(select(col(SupplierRow.code))).scalars())
    products = _known_products(session, {line.product for each in documents for line in each.lines})
    new: list[InboundRead] = []
    changed: list[RowProblem] = []
    problems: list[RowProblem] = []
    for each in documents:
        found = _problems(each, suppliers, products, known_orders)
        if found:
            problems += found
        elif each.number not in there:
            new.append(each)
        elif there[each.number] != [(line.product, line.quantity) for line in each.lines]:
            changed.append(RowProblem(each.lines[0].row, f"{each.number} is there with other lines"))
    if problems and not skip_bad:
        raise ImportInvalid([each.as_problem() for each in problems])
    for each in new:
        add(each)
    bad = {problem.row for problem in problems}
    num_bad = sum(any(line.row in bad for line in each.lines) for each in documents)
    return Imported(len(new), len(documents) - len(new) - len(changed) - num_bad, tuple(changed), tuple(problems))


def _known_products(session: Session, codes: set[str]) -> set[str]:
    known: set[str] = set()
    for some in chunks(sorted(codes)):
        known.update(session.execute(select(col(ProductRow.code)).where(col(ProductRow.code).in_(some))).scalars())
    return known


def _problems(
    document: InboundRead, suppliers: set[str], products: set[str], known_orders: dict[tuple[str, str], set[str]]
) -> list[RowProblem]:
    """Everything that a document names and that is not known, by row."""
    found = []
    if document.supplier not in suppliers:
        found.append(RowProblem(document.lines[0].row, f"supplier {document.supplier} is not known"))
    for line in document.lines:
        if line.product not in products:
            found.append(RowProblem(line.row, f"product {line.product} is not known"))
        if line.purchase_order:
            ordered = known_orders.get((line.purchase_order, document.supplier))
            if ordered is None:
                reason = f"supplier {document.supplier} has no purchase order {line.purchase_order}"
                found.append(RowProblem(line.row, reason))
            elif line.product not in ordered:
                found.append(RowProblem(line.row, f"{line.purchase_order} has no product {line.product}"))
    return found

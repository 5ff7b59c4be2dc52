"""Put orders and products that were read from a file into the database, all or nothing.

What is there already is compared, never overwritten: an equal order or product is counted as
unchanged, one that differs is reported with its row. So the same file imported again changes nothing.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.importing.orders import OrderRead
from inventory.importing.products import ProductRead
from inventory.importing.rows import RowProblem
from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState
from inventory.tables.products import BarcodeRow, ProductRow
from warehouse.clock import Clock
from warehouse.errors import ImportInvalid, NotFound
from warehouse.tables import SiteRow

T = TypeVar("T")

CHUNK = 500  # keys asked for at once; well below SQLite's limit of bound values


@dataclass(frozen=True)
class ImportOrders:
    """Import orders for a site; with `skip_bad` orders that name unknown products are left out."""

    site: str
    orders: tuple[OrderRead, ...]
    skip_bad: bool = False


@dataclass(frozen=True)
class ImportProducts:
    """Import products; with `skip_bad` those whose barcode belongs to another product are left out."""

    products: tuple[ProductRead, ...]
    skip_bad: bool = False


@dataclass(frozen=True)
class Imported:
    """What an import did: how many are new or were there already, what differs, what was left out."""

    num_new: int
    num_unchanged: int
    changed: tuple[RowProblem, ...]
    problems: tuple[RowProblem, ...]


def import_products(session: Session, command: ImportProducts, clock: Clock) -> Imported:  # noqa: ARG001
    """Add the products that are not there yet.

    Raises
    ------
    ImportInvalid
        If a barcode belongs to another product already, unless bad rows are skipped.
    """
    codes = [product.code for product in command.products]
    rows = {
        row.code: row
        for chunk in _chunks(codes)
        for row in session.execute(select(ProductRow).where(col(ProductRow.code).in_(chunk))).scalars()
    }
    owners = _barcode_owners(session, command.products)
    new: list[ProductRead] = []
    changed: list[RowProblem] = []
    problems: list[RowProblem] = []
    for product in command.products:
        foreign = [each for each in product.barcodes if owners.get(each, product.code) != product.code]
        there = rows.get(product.code)
        if foreign:
            reason = f"barcode {foreign[0]} belongs to product {owners[foreign[0]]} already"
            problems.append(RowProblem(product.row, reason))
        elif there is None:
            new.append(product)
        else:
            differing = _product_differences(there, product, owners)
            if differing:
                reason = f"product {product.code} is there with another {', '.join(differing)}"
                changed.append(RowProblem(product.row, reason))
    if problems and not command.skip_bad:
        raise ImportInvalid([each.as_problem() for each in problems])
    _add_products(session, new)
    num_unchanged = len(codes) - len(new) - len(changed) - len(problems)
    return Imported(len(new), num_unchanged, tuple(changed), tuple(problems))


def import_orders(session: Session, command: ImportOrders, clock: Clock) -> Imported:
    """Add the orders that are not there yet, as open orders of the site.

    Raises
    ------
    ImportInvalid
        If a line names a product that is not known, unless bad rows are skipped.
    NotFound
        If there is no such site.
    """
    site_id = session.execute(select(col(SiteRow.id)).where(col(SiteRow.code) == command.site)).scalar()
    if site_id is None:
        raise NotFound("site", command.site)
    product_ids = _product_ids(session, {line.product for order in command.orders for line in order.lines})
    good: list[OrderRead] = []
    problems: list[RowProblem] = []
    for order in command.orders:
        unknown = [line for line in order.lines if line.product not in product_ids]
        problems += [RowProblem(line.row, f"product {line.product} is not known") for line in unknown]
        if not unknown:
            good.append(order)
    if problems and not command.skip_bad:
        raise ImportInvalid([each.as_problem() for each in problems])
    there = _orders_there(session, site_id, [order.number for order in good])
    new = [order for order in good if order.number not in there]
    changed = []
    for order in good:
        if order.number in there:
            differing = _order_differences(there[order.number], order, product_ids)
            if differing:
                reason = f"order {order.number} is there with other {', '.join(differing)}"
                changed.append(RowProblem(order.lines[0].row, reason))
    _add_orders(session, site_id, new, product_ids, clock.now_ms())
    num_unchanged = len(good) - len(new) - len(changed)
    return Imported(len(new), num_unchanged, tuple(changed), tuple(problems))


def _chunks(keys: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """The keys in portions that one statement can carry."""
    rest = iter(keys)
    while chunk := tuple(itertools.islice(rest, CHUNK)):
        yield chunk


def _barcode_owners(session: Session, products: Sequence[ProductRead]) -> dict[str, str]:
    """The product code of every barcode that is known already, of those in the file."""
    query = select(col(BarcodeRow.barcode), col(ProductRow.code)).join(
        ProductRow, col(ProductRow.id) == col(BarcodeRow.product_id)
    )
    wanted = [barcode for product in products for barcode in product.barcodes]
    return {
        barcode: code
        for chunk in _chunks(wanted)
        for barcode, code in session.execute(query.where(col(BarcodeRow.barcode).in_(chunk)))
    }


def _product_differences(row: ProductRow, product: ProductRead, owners: dict[str, str]) -> list[str]:
    """What the file says otherwise than the database; barcodes there may be more than in the file."""
    size = product.size
    pairs = {
        "name": (row.name, product.name),
        "size": ((row.length_mm, row.width_mm, row.height_mm), (size.length_mm, size.width_mm, size.height_mm)),
        "weight": (row.weight_g, size.weight_g),
        "storage class": (row.storage_class, product.storage_class),
        "fragile": (row.fragile, product.fragile),
        "barcode": (True, all(barcode in owners for barcode in product.barcodes)),
    }
    return [what for what, (theirs, ours) in pairs.items() if theirs != ours]


def _add_products(session: Session, products: Sequence[ProductRead]) -> None:
    if not products:
        return
    rows: list[dict[str, Any]] = [
        {
            "code": product.code,
            "name": product.name,
            "length_mm": product.size.length_mm,
            "width_mm": product.size.width_mm,
            "height_mm": product.size.height_mm,
            "weight_g": product.size.weight_g,
            "storage_class": product.storage_class,
            "fragile": product.fragile,
        }
        for product in products
    ]
    statement = insert(ProductRow).returning(col(ProductRow.code), col(ProductRow.id))
    ids = {code: key for code, key in session.execute(statement, rows)}  # noqa: C416 - dict() takes it for a mapping
    barcodes = [{"barcode": each, "product_id": ids[one.code]} for one in products for each in one.barcodes]
    if barcodes:
        session.execute(insert(BarcodeRow), barcodes)


def _product_ids(session: Session, codes: Iterable[str]) -> dict[str, int]:
    query = select(col(ProductRow.code), col(ProductRow.id))
    return {
        code: key
        for chunk in _chunks(sorted(codes))
        for code, key in session.execute(query.where(col(ProductRow.code).in_(chunk)))
        if key is not None
    }


@dataclass
class _OrderThere:
    """An order in the database with its lines as (product id, quantity), by line number."""

    row: OrderRow
    lines: list[tuple[int, int]]


def _orders_there(session: Session, site_id: int, numbers: Sequence[str]) -> dict[str, _OrderThere]:
    """Those of the orders that are in the database already."""
    found: dict[str, _OrderThere] = {}
    by_id: dict[int | None, _OrderThere] = {}
    orders = select(OrderRow).where(col(OrderRow.site_id) == site_id)
    for chunk in _chunks(numbers):
        for row in session.execute(orders.where(col(OrderRow.number).in_(chunk))).scalars():
            found[row.number] = by_id[row.id] = _OrderThere(row, [])
    lines = select(col(OrderLineRow.order_id), col(OrderLineRow.product_id), col(OrderLineRow.quantity)).order_by(
        col(OrderLineRow.order_id), col(OrderLineRow.line_number)
    )
    for keys in _chunks(by_id):
        for order_id, product_id, quantity in session.execute(lines.where(col(OrderLineRow.order_id).in_(keys))):
            by_id[order_id].lines.append((product_id, quantity))
    return found


def _order_differences(there: _OrderThere, order: OrderRead, product_ids: dict[str, int]) -> list[str]:
    """What the file says otherwise than the database."""
    row = there.row
    lines = [(product_ids[line.product], line.quantity) for line in order.lines]
    pairs = {
        "lines": (there.lines, lines),
        "time placed": (row.placed_ms, row.placed_ms if order.placed is None else order.placed_ms),
        "time due": (row.due_ms, order.due_ms),
        "customer": (row.customer, order.customer),
        "channel": (row.channel, order.channel),
        "priority": (row.priority, order.priority),
    }
    return [what for what, (theirs, ours) in pairs.items() if theirs != ours]


def _add_orders(
    session: Session, site_id: int, orders: Sequence[OrderRead], product_ids: dict[str, int], now_ms: int
) -> None:
    """Add orders with their lines, numbered from 1; an order without a time counts as placed now."""
    if not orders:
        return
    rows: list[dict[str, Any]] = [
        {
            "site_id": site_id,
            "number": order.number,
            "customer": order.customer,
            "channel": order.channel,
            "placed_ms": now_ms if order.placed is None else order.placed_ms,
            "due_ms": order.due_ms,
            "priority": order.priority,
            "state": OrderState.OPEN,
        }
        for order in orders
    ]
    statement = insert(OrderRow).returning(col(OrderRow.number), col(OrderRow.id))
    ids = {number: key for number, key in session.execute(statement, rows)}  # noqa: C416 - as above
    session.execute(
        insert(OrderLineRow),
        [
            {
                "order_id": ids[order.number],
                "line_number": number,
                "product_id": product_ids[line.product],
                "quantity": line.quantity,
            }
            for order in orders
            for number, line in enumerate(order.lines, 1)
        ],
    )

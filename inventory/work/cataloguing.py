"""Products, the codes they are scanned by, and their lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, literal, select, union_all
from sqlmodel import Session, col

from inventory.tables.products import HOUSE, BarcodeRow, LotRow, ProductRow
from inventory.tables.withholding import RecallRow
from inventory.work.owning import require_owner
from inventory.work.sites import chunks
from warehouse.bins import StorageClass
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.scans import GoodsScan, read_scan

PRODUCT = ProductRow.metadata.tables["product"]
BARCODE = BarcodeRow.metadata.tables["barcode"]


@dataclass(frozen=True)
class NewProduct:
    """A product with the size, weight and value of one unit.

    Alerts and reports go by `category`; it, `value_cents` and `serialised` stay as they are if not given. Every unit
    of `serialised` goods is named by its serial when it comes in and when it goes out.
    """

    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    storage_class: StorageClass = StorageClass.AMBIENT
    barcodes: tuple[str, ...] = ()
    picture: str | None = None
    fragile: bool = False
    category: str | None = None
    value_cents: int | None = None
    serialised: bool | None = None


@dataclass(frozen=True)
class SaveProducts:
    """Save products: new ones are added, known ones brought up to date, barcodes only added."""

    products: tuple[NewProduct, ...]
    client_id: str = ""


@dataclass(frozen=True)
class ProductsSaved:
    """How many products were new, and how many were there."""

    num_new: int
    num_known: int


def save_products(session: Session, command: SaveProducts, clock: Clock) -> ProductsSaved:  # noqa: ARG001
    """Add products or bring them up to date.

    Raises
    ------
    WrongState
        If a barcode belongs to another product.
    """
    rows = {row.code: row for row in _products(session, [each.code for each in command.products])}
    num_known = len(rows)
    for each in command.products:
        row = rows.setdefault(
            each.code,
            ProductRow(code=each.code, name="", length_mm=1, width_mm=1, height_mm=1, weight_g=1),
        )
        row.name, row.weight_g = each.name, each.weight_g
        row.length_mm, row.width_mm, row.height_mm = each.length_mm, each.width_mm, each.height_mm
        row.storage_class, row.picture, row.fragile = each.storage_class, each.picture, each.fragile
        row.category = row.category if each.category is None else each.category
        row.value_cents = row.value_cents if each.value_cents is None else each.value_cents
        row.serialised = row.serialised if each.serialised is None else each.serialised
    session.add_all(rows.values())
    session.flush()
    codes = [barcode for each in command.products for barcode in each.barcodes]
    owners: dict[str, int] = {}
    for some in chunks(codes):
        found = session.execute(select(BarcodeRow).where(col(BarcodeRow.barcode).in_(some))).scalars()
        owners.update((row.barcode, row.product_id) for row in found)
    for each in command.products:
        product_id = rows[each.code].id
        assert product_id is not None
        for barcode in each.barcodes:
            if owners.setdefault(barcode, product_id) != product_id:
                raise WrongState("barcode", barcode, "on another product")
            session.merge(BarcodeRow(barcode=barcode, product_id=product_id))
    return ProductsSaved(len(rows) - num_known, num_known)


def _products(session: Session, codes: Sequence[str]) -> list[ProductRow]:
    rows: list[ProductRow] = []
    for some in chunks(sorted(set(codes))):
        rows.extend(session.execute(select(ProductRow).where(col(ProductRow.code).in_(some))).scalars())
    return rows


def products_by_code(session: Session, codes: Sequence[str]) -> dict[str, ProductRow]:
    """The products of these codes.

    Raises
    ------
    NotFound
        If there is no product of one of them.
    """
    found = {row.code: row for row in _products(session, codes)}
    for code in codes:
        if code not in found:
            raise NotFound("product", code)
    return found


_OF_SCAN = union_all(
    select(literal(0).label("rank"), BARCODE.c.product_id.label("id")).where(
        BARCODE.c.barcode.in_(bindparam("codes", expanding=True))
    ),
    select(literal(1), PRODUCT.c.id).where(PRODUCT.c.code == bindparam("text")),
).order_by("rank")


def product_id_of_scan(session: Session, scan: GoodsScan) -> int:
    """The id of the product that was scanned, by a barcode or else by its code.

    Raises
    ------
    NotFound
        If no product carries it.
    """
    found = session.execute(_OF_SCAN, {"codes": scan.codes, "text": scan.text}).first()
    if found is None:
        raise NotFound("product", scan.gtin or scan.text)
    product_id: int = found.id
    return product_id


def product_of_scan(session: Session, scanned: str) -> ProductRow:
    """The product whose barcode, GS1 symbol or code was scanned or typed.

    Raises
    ------
    NotFound
        If no product carries it.
    ScanUnreadable
        If it cannot be taken apart.
    """
    product = session.get(ProductRow, product_id_of_scan(session, read_scan(scanned)))
    assert product is not None
    return product


def product_code(session: Session, product_id: int) -> str:
    """The code of a product that is known."""
    return str(session.execute(select(PRODUCT.c.code).where(PRODUCT.c.id == product_id)).scalar_one())


def lot_of(
    session: Session,
    product_id: int,
    code: str | None,
    expires_on: date | None,
    received_on: date,
    *,
    owner: str = HOUSE,
) -> LotRow:
    """The lot that goods belong to when they come in; it is added if it is new.

    Without a code, goods that expire are one lot by expiry day, and goods that do not by day of receipt. The same
    code of two owners is two lots.

    Raises
    ------
    NotFound
        If there is no such owner.
    WrongState
        If the lot is known with another expiry.
    """
    if not code:
        code = f"EXP-{expires_on.isoformat()}" if expires_on else received_on.isoformat()
    row = session.execute(
        select(LotRow).where(col(LotRow.product_id) == product_id, col(LotRow.owner) == owner, col(LotRow.code) == code)
    ).scalar_one_or_none()
    if row is None:
        require_owner(session, owner)
        row = LotRow(product_id=product_id, code=code, expires_on=expires_on, received_on=received_on, owner=owner)
        session.add(row)
        session.flush()
        _recall_as_others(session, row)
    elif row.expires_on != expires_on:
        raise WrongState("lot", code, f"known with expiry {row.expires_on}, not {expires_on}")
    return row


def _recall_as_others(session: Session, lot: LotRow) -> None:
    """A lot that is called back is called back for an owner who has it later, too."""
    assert lot.id is not None
    query = (
        select(RecallRow)
        .join(LotRow, col(LotRow.id) == col(RecallRow.lot_id))
        .where(col(LotRow.product_id) == lot.product_id, col(LotRow.code) == lot.code)
    )
    recall = session.execute(query.limit(1)).scalars().first()
    if recall is not None:
        session.add(RecallRow(**recall.model_dump() | {"lot_id": lot.id}))
        session.flush()


def lots_named(session: Session, product_id: int, code: str, *, owner: str | None = None) -> list[LotRow]:
    """The lots of a product that a code names: one of each owner who has it, or only that of one owner.

    Raises
    ------
    NotFound
        If there is none.
    """
    query = select(LotRow).where(col(LotRow.product_id) == product_id, col(LotRow.code) == code)
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    found: list[LotRow] = list(session.execute(query.order_by(col(LotRow.owner))).scalars())
    if not found:
        raise NotFound("lot", code)
    return found

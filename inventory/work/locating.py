"""Where a product or a lot is, over all sites. Nothing here changes anything."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.tables.products import LotRow, ProductRow
from inventory.tables.withholding import StockStatus
from inventory.work.cataloguing import product_id_of_scan
from inventory.work.withheld import LYING
from warehouse.errors import NotFound
from warehouse.scans import read_scan
from warehouse.tables import PlaceKind, PlaceRow, SiteRow


@dataclass(frozen=True)
class Whereabouts:
    """Units of one lot in one place under one status; `reserved` of them are promised to orders."""

    site: str
    place: str
    kind: PlaceKind
    status: StockStatus
    product: str
    name: str
    lot: str
    expires_on: date | None
    quantity: int
    reserved: int


def where_is(session: Session, code: str) -> tuple[Whereabouts, ...]:
    """All units of the product or the lots that a code names, by site and place.

    Parameters
    ----------
    code
        A product's code or barcode, a GS1 symbol (with a lot in it, only that lot), or the code of lots.

    Raises
    ------
    NotFound
        If no product and no lot is called so.
    ScanUnreadable
        If it announces GS1 fields and holds something else.
    """
    product_id, lot_ids = _named(session, code)
    query = (
        select(
            col(SiteRow.code),
            col(PlaceRow.code),
            col(PlaceRow.kind),
            LYING.c.status,
            col(ProductRow.code),
            col(ProductRow.name),
            col(LotRow.code),
            col(LotRow.expires_on),
            LYING.c.quantity,
            LYING.c.reserved,
        )
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(SiteRow, col(SiteRow.id) == col(PlaceRow.site_id))
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
    )
    found: set[Whereabouts] = set()
    wanted = [] if product_id is None else [LYING.c.product_id == product_id]
    wanted += [(LYING.c.product_id == owner) & (LYING.c.lot_id == lot) for lot, owner in lot_ids]
    for one in wanted:
        for site, place, kind, status, *rest in session.execute(query.where(one)):
            found.add(Whereabouts(site, place, PlaceKind(kind), StockStatus(status), *rest))
    return tuple(sorted(found, key=lambda each: (each.site, each.place, each.product, each.lot, each.status)))


def _named(session: Session, code: str) -> tuple[int | None, list[tuple[int, int]]]:
    """The product of a code, if all its lots are meant, and the lots (with their products) of it."""
    scan = read_scan(code)
    try:
        product_id: int | None = product_id_of_scan(session, scan)
    except NotFound:
        product_id = None
    lots = select(col(LotRow.id), col(LotRow.product_id))
    if scan.lot is not None and product_id is not None:
        query = lots.where(col(LotRow.product_id) == product_id, col(LotRow.code) == scan.lot)
        product_id = None
    else:
        query = lots.where(col(LotRow.code) == scan.text)
    found = [(lot_id, owner) for lot_id, owner in session.execute(query) if lot_id is not None]
    if product_id is None and not found:
        raise NotFound("product or lot", code)
    return product_id, found

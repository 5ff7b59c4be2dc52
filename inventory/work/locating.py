"""Where a product, a lot or one unit is, over all sites. Nothing here changes anything."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import Session, col

from inventory.rules.stock_policy import StockStatus
from inventory.tables.products import LotRow, ProductRow
from inventory.work.cataloguing import product_id_of_scan
from inventory.work.excursion_views import LotExcursion, lot_excursions
from inventory.work.serial_views import SerialView, find_serials
from inventory.work.sites import chunks, live_site
from inventory.work.withheld import LYING, place_of_scan
from warehouse.errors import NotFound
from warehouse.scans import read_scan
from warehouse.tables import PlaceKind, PlaceRow, SiteRow


@dataclass(frozen=True)
class Whereabouts:
    """Units of one lot in one place under one status; `reserved` of them are promised to orders.

    One that was asked for by its serial is told where it was seen last, with the order that it went out for.
    `excursions` are what units of the lot went through in zones that had left their climate.
    """

    site: str
    place: str
    kind: PlaceKind
    status: StockStatus
    product: str
    name: str
    lot: str
    expires_on: date | None
    owner: str
    quantity: int
    reserved: int
    serial: str = ""
    order: str = ""
    excursions: tuple[LotExcursion, ...] = ()


def where_is(session: Session, code: str, *, owner: str | None = None) -> tuple[Whereabouts, ...]:
    """All units of the product, the lots or the serials that a code names, by site and place.

    Parameters
    ----------
    code
        A product's code or barcode, a GS1 symbol (with a serial in it only that unit, with a lot only that lot), the
        code of lots, or a serial.
    owner
        Only this owner's goods.

    Raises
    ------
    NotFound
        If nothing is called so.
    ScanUnreadable
        If it announces GS1 fields and holds something else.
    """
    product_id, lot_ids, serials = _named(session, code, owner)
    query = _lying(owner)
    found = {_of_serial(each) for each in serials}
    wanted = [] if product_id is None else [LYING.c.product_id == product_id]
    wanted += [(LYING.c.product_id == product) & (LYING.c.lot_id == lot) for lot, product in lot_ids]
    for one in wanted:
        found.update(_units(session, query.where(one)))
    return _recorded(session, found)


@dataclass(frozen=True)
class LyingHere:
    """What lies in a place, with every status."""

    place: str
    kind: PlaceKind
    units: tuple[Whereabouts, ...]


def lies_in(session: Session, site: str, place: str, *, owner: str | None = None) -> LyingHere:
    """All units that lie in a bin, a tote or a station, for sale or not, by product and lot.

    Parameters
    ----------
    place
        As scanned or typed.
    owner
        Only this owner's goods.

    Raises
    ------
    NotFound
        If there is no such site or place.
    BinCodeInvalid
        If it is no place, and no code of a bin of the site.
    """
    within_id, code = place_of_scan(session, live_site(session, site), place)
    kind = session.execute(select(col(PlaceRow.kind)).where(col(PlaceRow.id) == within_id)).scalar_one()
    units = _units(session, _lying(owner).where(LYING.c.within_id == within_id))
    return LyingHere(code, PlaceKind(kind), _recorded(session, units))


def _lying(owner: str | None) -> Select[Any]:
    """The query for all units of an owner, or of everybody, in the order of the fields of `Whereabouts`."""
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
            col(LotRow.owner),
            LYING.c.quantity,
            LYING.c.reserved,
        )
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(SiteRow, col(SiteRow.id) == col(PlaceRow.site_id))
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
    )
    return query if owner is None else query.where(col(LotRow.owner) == owner)


def _units(session: Session, query: Select[Any]) -> Iterable[Whereabouts]:
    for site, place, kind, status, *rest in session.execute(query):
        yield Whereabouts(site, place, PlaceKind(kind), StockStatus(status), *rest)


def _recorded(session: Session, units: Iterable[Whereabouts]) -> tuple[Whereabouts, ...]:
    """The units in the order of their places, with what is on the records of their lots."""
    ordered = sorted(units, key=lambda each: (each.site, each.place, each.product, each.lot, each.owner, each.status))
    lot_ids: dict[tuple[str, str, str], int] = {}
    for some in chunks(sorted({(each.product, each.lot) for each in ordered})):
        products, lots = {product for product, _ in some}, {lot for _, lot in some}
        query = (
            select(col(LotRow.id), col(ProductRow.code), col(LotRow.code), col(LotRow.owner))
            .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
            .where(col(ProductRow.code).in_(products), col(LotRow.code).in_(lots))
        )
        lot_ids |= {(product, lot, owner): lot_id for lot_id, product, lot, owner in session.execute(query) if lot_id}
    records = lot_excursions(session, lot_ids.values())
    of_units = [records.get(lot_ids[each.product, each.lot, each.owner], ()) for each in ordered]
    return tuple(
        replace(each, excursions=record) if record else each for each, record in zip(ordered, of_units, strict=True)
    )


def _of_serial(unit: SerialView) -> Whereabouts:
    return Whereabouts(
        site=unit.site,
        place=unit.place,
        kind=unit.kind,
        status=unit.status,
        product=unit.product,
        name=unit.name,
        lot=unit.lot,
        expires_on=unit.expires_on,
        owner=unit.owner,
        quantity=1,
        reserved=0,
        serial=unit.serial,
        order=unit.order,
    )


def _named(
    session: Session, code: str, owner: str | None
) -> tuple[int | None, list[tuple[int, int]], tuple[SerialView, ...]]:
    """The product of a code, if all its lots are meant, the lots (with their products) and the serials of it."""
    scan = read_scan(code)
    try:
        product_id: int | None = product_id_of_scan(session, scan)
    except NotFound:
        product_id = None
    lots = select(col(LotRow.id), col(LotRow.product_id))
    try:
        serials = find_serials(session, code, owner=owner)
    except NotFound:
        serials = ()
    if scan.serial is not None and serials:
        return None, [], serials
    if scan.lot is not None and product_id is not None:
        query = lots.where(col(LotRow.product_id) == product_id, col(LotRow.code) == scan.lot)
        product_id = None
    else:
        query = lots.where(col(LotRow.code) == scan.text)
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    found = [(lot_id, product) for lot_id, product in session.execute(query) if lot_id is not None]
    if product_id is None and not found and not serials:
        raise NotFound("product, lot or serial", code)
    return product_id, found, serials

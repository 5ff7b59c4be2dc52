"""Units known one by one, as people ask for them: where each is, when it was sold and to whom, and its history."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.serials import SerialEventRow, SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow, WithheldPlaceRow
from inventory.work.cataloguing import product_id_of_scan, product_of_scan
from warehouse.errors import NotFound
from warehouse.scans import read_scan
from warehouse.tables import PlaceKind, PlaceRow, SiteRow


@dataclass(frozen=True)
class SerialEvent:
    """A unit was seen on its way from one place to another, at a site."""

    at_ms: int
    site: str
    from_place: str
    to_place: str
    reason: Reason
    user: str
    order: str


@dataclass(frozen=True)
class SerialView:
    """A unit by its serial: where it was seen last, for which order it went out and when, and its history.

    Its status is that of its lot where the lot is called back, else of the place where it was seen.
    `received_ms` is when it first came in. `sold_ms`, `order` and `customer` are those of the shipment it is out
    with, empty while it is in the house. `lost_ms` and `lost_from` tell when and where
    a unit that is lost was written off.
    """

    product: str
    name: str
    serial: str
    lot: str
    expires_on: date | None
    owner: str
    state: SerialState
    status: StockStatus
    site: str
    place: str
    kind: PlaceKind
    received_ms: int | None
    sold_ms: int | None
    order: str
    customer: str
    lost_ms: int | None
    lost_from: str
    history: tuple[SerialEvent, ...]


def find_serials(
    session: Session, code: str, *, product: str | None = None, owner: str | None = None
) -> tuple[SerialView, ...]:
    """The units that a serial, or a GS1 symbol with one, names: of one product, or of every one that has it.

    Parameters
    ----------
    product
        Code or barcode of the product, where it is known.
    owner
        Only units of this owner's.

    Raises
    ------
    NotFound
        If there is no such unit, or no such product.
    ScanUnreadable
        If the code announces GS1 fields and holds something else.
    """
    scan = read_scan(code)
    serial = scan.serial or scan.text
    query = (
        select(SerialRow, ProductRow, LotRow, PlaceRow, col(SiteRow.code))
        .join(ProductRow, col(ProductRow.id) == col(SerialRow.product_id))
        .join(LotRow, col(LotRow.id) == col(SerialRow.lot_id))
        .join(PlaceRow, col(PlaceRow.id) == col(SerialRow.place_id))
        .join(SiteRow, col(SiteRow.id) == col(PlaceRow.site_id))
        .where(col(SerialRow.serial) == serial)
        .order_by(col(ProductRow.code))
    )
    if product is not None:
        query = query.where(col(ProductRow.id) == product_of_scan(session, product).id)
    elif scan.serial is not None and scan.gtin is not None:
        query = query.where(col(ProductRow.id) == product_id_of_scan(session, scan))
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    found = tuple(_view(session, *row) for row in session.execute(query).all())
    if not found:
        raise NotFound("serial", serial)
    return found


def _view(session: Session, row: SerialRow, product: ProductRow, lot: LotRow, place: PlaceRow, site: str) -> SerialView:
    """A unit with its history."""
    within, status = _place_and_status(session, lot, place)
    history = _history(session, col(SerialEventRow.serial_id) == row.id)
    number, customer = "", ""
    if row.order_line_id is not None:
        number, customer = session.execute(
            select(col(OrderRow.number), col(OrderRow.customer))
            .join(OrderLineRow, col(OrderLineRow.order_id) == col(OrderRow.id))
            .where(col(OrderLineRow.id) == row.order_line_id)
        ).one()
    lost = history[-1] if history and row.state == SerialState.LOST else None
    sold = [each.at_ms for each in history if each.reason is Reason.SHIP]
    return SerialView(
        product=product.code,
        name=product.name,
        serial=row.serial,
        lot=lot.code,
        expires_on=lot.expires_on,
        owner=lot.owner,
        state=SerialState(row.state),
        status=status,
        site=site,
        place=within.code,
        kind=PlaceKind(within.kind),
        received_ms=history[0].at_ms if history else None,
        sold_ms=sold[-1] if sold and row.state == SerialState.SHIPPED else None,
        order=number,
        customer=customer,
        lost_ms=None if lost is None else lost.at_ms,
        lost_from="" if lost is None else lost.from_place,
        history=history,
    )


def _place_and_status(session: Session, lot: LotRow, place: PlaceRow) -> tuple[PlaceRow, StockStatus]:
    """The bin, tote or station of a place, and the status of a unit of a lot there."""
    withheld = session.get(WithheldPlaceRow, place.id)
    within = place if withheld is None else session.get(PlaceRow, withheld.within_id)
    assert within is not None
    if session.get(RecallRow, lot.id) is not None:
        return within, StockStatus.RECALLED
    return within, StockStatus.AVAILABLE if withheld is None else StockStatus(withheld.status)


def _history(session: Session, chosen: ColumnElement[bool]) -> tuple[SerialEvent, ...]:
    """What happened to a unit, from its first day on."""
    came, went = aliased(PlaceRow), aliased(PlaceRow)
    query = (
        select(
            col(SerialEventRow.at_ms),
            col(SiteRow.code),
            col(came.code),
            col(went.code),
            col(SerialEventRow.reason),
            col(SerialEventRow.user),
            func.coalesce(col(OrderRow.number), ""),
        )
        .join(came, col(came.id) == col(SerialEventRow.from_place_id))
        .join(went, col(went.id) == col(SerialEventRow.to_place_id))
        .join(SiteRow, col(SiteRow.id) == col(went.site_id))
        .outerjoin(OrderLineRow, col(OrderLineRow.id) == col(SerialEventRow.order_line_id))
        .outerjoin(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(chosen)
        .order_by(col(SerialEventRow.id))
    )
    return tuple(
        SerialEvent(at_ms, site, from_place, to_place, Reason(reason), user, order)
        for at_ms, site, from_place, to_place, reason, user, order in session.execute(query)
    )

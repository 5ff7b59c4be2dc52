"""Goods that came and that no product is known for: noted at the dock, and resolved by a manager later.

They are no stock until somebody knows what they are. Then they come in as any goods do, from the supplier of the
truck that brought them, at the station where they wait; the code on them belongs to the product from then on.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlmodel import Session, col

from inventory.rules.receiving import Decision
from inventory.tables.inbound import DeliveryRow, DeliveryState, ReceivedRow, Resolution, UnknownArrivalRow
from inventory.tables.products import BarcodeRow, ProductRow
from inventory.work.cataloguing import products_by_code
from inventory.work.docking import delivery_with_number
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import LiveSite, live_site, place_codes
from warehouse.clock import Clock
from warehouse.errors import NotFound, ScanUnreadable, WrongState
from warehouse.scans import read_scan

RECEIVED = ReceivedRow.metadata.tables["received"]


@dataclass(frozen=True)
class NoteUnknownArrival:
    """Units came that no product is known for: what was scanned or read on them, how they look, a photo's name."""

    site: str
    delivery: str
    code: str
    quantity: int
    user: str
    description: str = ""
    photo: str | None = None
    client_id: str = ""


@dataclass(frozen=True)
class UnknownNoted:
    """The number under which they wait."""

    arrival: int
    station: str


@dataclass(frozen=True)
class ResolveUnknown:
    """What the goods are: a product, of a lot if it is known; without a product they are refused."""

    site: str
    arrival: int
    user: str
    product: str | None = None
    lot: str | None = None
    expires_on: date | None = None
    serials: tuple[str, ...] = ()
    client_id: str = ""


@dataclass(frozen=True)
class UnknownArrival:
    """Goods that nobody knew, and what became of them."""

    arrival: int
    delivery: str
    station: str
    code: str
    description: str
    photo: str | None
    quantity: int
    resolution: Resolution
    product: str | None
    noted_by: str
    noted_ms: int


def note_unknown_arrival(session: Session, command: NoteUnknownArrival, clock: Clock) -> UnknownNoted:
    """Note goods that no product is known for, at the dock of the truck that brought them.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it is not being unloaded.
    ValueError
        If the quantity is not positive.
    """
    if command.quantity <= 0:
        raise ValueError("unknown goods are at least one unit")
    live = live_site(session, command.site)
    delivery = delivery_with_number(session, live.id, command.delivery, share=True)
    if delivery.state != DeliveryState.UNLOADING:
        raise WrongState("delivery", delivery.number, delivery.state)
    assert delivery.id is not None
    assert delivery.station_id is not None
    row = UnknownArrivalRow(
        delivery_id=delivery.id,
        station_id=delivery.station_id,
        code=command.code,
        description=command.description,
        photo=command.photo,
        quantity=command.quantity,
        noted_by=command.user,
        noted_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return UnknownNoted(row.id, place_codes(session, {row.station_id})[row.station_id])


def resolve_unknown(session: Session, command: ResolveUnknown, clock: Clock) -> UnknownArrival:
    """Say what unknown goods are, and take them in; or refuse them.

    Raises
    ------
    NotFound
        If there is no such site, arrival or product.
    WrongState
        If they were resolved already, the code on them is another product's, the lot has another expiry, or the
        product has to be measured first.
    SerialsNeeded
        If the product is known by serials, and not every unit is named.
    """
    live = live_site(session, command.site)
    row = session.get(UnknownArrivalRow, command.arrival, with_for_update=True)
    delivery = None if row is None else session.get(DeliveryRow, row.delivery_id)
    if row is None or delivery is None or delivery.site_id != live.id:
        raise NotFound("unknown arrival", command.arrival)
    if row.resolution != Resolution.OPEN:
        raise WrongState("unknown arrival", command.arrival, row.resolution)
    if command.product is not None:
        product = products_by_code(session, [command.product])[command.product]
        _take_in(session, row, delivery, product, command, clock)
        row.product_id = product.id
    row.resolved_by, row.resolved_ms = command.user, clock.now_ms()
    row.resolution = Resolution.REFUSED if command.product is None else Resolution.TAKEN
    session.add(row)
    session.flush()
    return _views(session, live, [row])[0]


def _take_in(
    session: Session,
    row: UnknownArrivalRow,
    delivery: DeliveryRow,
    product: ProductRow,
    command: ResolveUnknown,
    clock: Clock,
) -> None:
    """Let the goods come in as units of a product, and the code on them be known from now on."""
    assert product.id is not None
    try:
        barcode = read_scan(row.code).codes[0]
    except ScanUnreadable:
        barcode = row.code
    there = session.get(BarcodeRow, barcode)
    if there is not None and there.product_id != product.id:
        raise WrongState("barcode", barcode, "on another product")
    if there is None and barcode != product.code:
        session.add(BarcodeRow(barcode=barcode, product_id=product.id))
    receipt = Receipt(
        product.code,
        row.quantity,
        lot=command.lot,
        expires_on=command.expires_on,
        owner=delivery.owner,
        serials=command.serials,
    )
    station = place_codes(session, {row.station_id})[row.station_id]
    taken = receive(
        session, Receive(command.site, (receipt,), command.user, station=station, client_id=command.client_id), clock
    ).lots[0]
    session.execute(
        insert(RECEIVED),
        {
            "delivery_id": delivery.id,
            "product_id": product.id,
            "lot_id": taken.lot_id,
            "quantity": row.quantity,
            "decision": Decision.ACCEPT.value,
            "status": taken.status.value,
            "user": command.user,
            "client_id": command.client_id,
            "at_ms": clock.now_ms(),
        },
    )


def unknown_arrivals(session: Session, site: str, *, open_only: bool = True) -> tuple[UnknownArrival, ...]:
    """Goods of a site that nobody knew, the oldest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    query = (
        select(UnknownArrivalRow)
        .join(DeliveryRow, col(DeliveryRow.id) == col(UnknownArrivalRow.delivery_id))
        .where(col(DeliveryRow.site_id) == live.id)
        .order_by(col(UnknownArrivalRow.id))
    )
    if open_only:
        query = query.where(col(UnknownArrivalRow.resolution) == Resolution.OPEN)
    return _views(session, live, list(session.execute(query).scalars()))


def _views(session: Session, live: LiveSite, rows: list[UnknownArrivalRow]) -> tuple[UnknownArrival, ...]:
    stations = place_codes(session, {row.station_id for row in rows})
    deliveries = select(col(DeliveryRow.id), col(DeliveryRow.number)).where(col(DeliveryRow.site_id) == live.id)
    deliveries = deliveries.where(col(DeliveryRow.id).in_({row.delivery_id for row in rows}))
    numbers = {row.id: row.number for row in session.execute(deliveries)}
    known = {row.product_id for row in rows if row.product_id is not None}
    named = select(col(ProductRow.id), col(ProductRow.code)).where(col(ProductRow.id).in_(known))
    codes = {row.id: row.code for row in session.execute(named)}
    return tuple(
        UnknownArrival(
            row.id or 0,
            numbers[row.delivery_id],
            stations[row.station_id],
            row.code,
            row.description,
            row.photo,
            row.quantity,
            Resolution(row.resolution),
            codes.get(row.product_id),
            row.noted_by,
            row.noted_ms,
        )
        for row in rows
    )

"""Goods come in at the dock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.rules.shelf_life import has_life, usable_on
from inventory.rules.stock import NEVER_DAY
from inventory.rules.stock_policy import StockStatus
from inventory.tables.products import HOUSE, LotRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow
from inventory.work.cataloguing import lot_of, products_by_code
from inventory.work.into_care import Units, care_at_receipt, put_into_care
from inventory.work.measuring import measured_products
from inventory.work.serials import capture
from inventory.work.sites import LiveSite, live_site, place_id, place_of_kind
from inventory.work.stock_policies import stock_policy
from inventory.work.withheld import place_with_status
from warehouse.bins import StationKind
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceKind


@dataclass(frozen=True)
class Receipt:
    """`quantity` units of a product; a lot is named by its code, by its expiry, or by the day it came.

    `received_on` is today in the site's time zone if not given. `serials` are those of serialised goods, one a unit.
    """

    product: str
    quantity: int
    lot: str | None = None
    expires_on: date | None = None
    received_on: date | None = None
    owner: str = HOUSE
    serials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receive:
    """Take goods in at a station of a site: its first inbound dock, or the one named."""

    site: str
    receipts: tuple[Receipt, ...]
    user: str
    station: str | None = None
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class ReceivedLot:
    """What was taken in, and whether it may be sold."""

    product: str
    lot: str
    quantity: int
    status: StockStatus = StockStatus.AVAILABLE
    lot_id: int = 0


@dataclass(frozen=True)
class Received:
    """Where goods were taken in, and as which lots."""

    station: str
    lots: tuple[ReceivedLot, ...]


def receive(session: Session, command: Receive, clock: Clock) -> Received:
    """Take goods in: from the supplier to a station.

    They are withheld if their lot is called back, if they are expired, if they have too little life left, or if they
    hang and are to be cared for first.

    Raises
    ------
    NotFound
        If the site, the station, a product or an owner is not known, or the site has no inbound dock.
    SerialsNeeded
        If units of serialised goods are not all named.
    WrongState
        If a lot is known with another expiry, a unit that is named is here or was sold, or the site has products
        measured first and one was not.
    ValueError
        If a quantity is not positive.
    """
    live = live_site(session, command.site)
    station = command.station or inbound_station(live)
    dock = place_id(session, live.id, station)
    supplier = place_of_kind(session, live.id, PlaceKind.SUPPLIER)
    products = products_by_code(session, [each.product for each in command.receipts])
    today = site_day(live, clock)
    movements, lots, care = [], [], []
    policy = stock_policy(session, live.id, clock)
    measured = measured_products(session, [each.id for each in products.values() if each.id is not None])
    for each in command.receipts:
        product = products[each.product]
        assert product.id is not None
        if policy.measure_first and product.id not in measured:
            raise WrongState("product", product.code, "not measured yet: measure it first")
        lot = lot_of(session, product.id, each.lot, each.expires_on, each.received_on or today, owner=each.owner)
        assert lot.id is not None
        life_days = policy.receipt_days(product.code, product.category)
        status = StockStatus.RECALLED if session.get(RecallRow, lot.id) else status_on_receipt(lot, today, life_days)
        steps = care_at_receipt(policy, product, status)
        if steps:
            status = StockStatus.HOLD
            care.append((Units(live.id, dock, product.id, lot.id, each.quantity), steps))
        lots.append(ReceivedLot(each.product, lot.code, each.quantity, status, lot.id))
        movement = NewMovement(
            site_id=live.id,
            from_place_id=supplier,
            to_place_id=place_with_status(session, live.id, dock, status),
            product_id=product.id,
            lot_id=lot.id,
            quantity=each.quantity,
            reason=Reason.RECEIPT,
            user=command.user,
            device=command.device,
            client_id=command.client_id,
        )
        capture(session, product, each.serials, movement, clock)
        movements.append(movement)
    post(session, movements, clock=clock)
    for units, steps in care:
        put_into_care(session, units, steps, "received", command.user, clock)
    return Received(station, tuple(lots))


def status_on_receipt(lot: LotRow, today: date, life_days: int) -> StockStatus:
    """Whether goods that come in may be sold, by their life."""
    expires_day = NEVER_DAY if lot.expires_on is None else lot.expires_on.toordinal()
    if not usable_on(expires_day, today.toordinal()):
        return StockStatus.EXPIRED
    enough = has_life(expires_day, today.toordinal(), life_days)
    return StockStatus.AVAILABLE if enough else StockStatus.QUARANTINED


def inbound_station(live: LiveSite) -> str:
    """The site's first inbound dock.

    Raises
    ------
    NotFound
        If it has none.
    """
    for station in live.site.stations:
        if station.kind is StationKind.INBOUND:
            return station.name
    raise NotFound("station", StationKind.INBOUND)


def site_day(live: LiveSite, clock: Clock) -> date:
    """The calendar day at the site."""
    now = datetime.fromtimestamp(clock.now_ms() / 1000, tz=UTC)
    return now.astimezone(ZoneInfo(live.site.time_zone)).date()

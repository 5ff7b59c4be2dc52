"""Goods come in at the dock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.tables.stock import Reason
from inventory.work.cataloguing import lot_of, products_by_code
from inventory.work.sites import LiveSite, live_site, place_id, place_of_kind
from warehouse.bins import StationKind
from warehouse.clock import Clock
from warehouse.errors import NotFound
from warehouse.tables import PlaceKind


@dataclass(frozen=True)
class Receipt:
    """`quantity` units of a product; a lot is named by its code, by its expiry, or by the day it came.

    `received_on` is today in the site's time zone if not given.
    """

    product: str
    quantity: int
    lot: str | None = None
    expires_on: date | None = None
    received_on: date | None = None


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
    """What was taken in."""

    product: str
    lot: str
    quantity: int


@dataclass(frozen=True)
class Received:
    """Where goods were taken in, and as which lots."""

    station: str
    lots: tuple[ReceivedLot, ...]


def receive(session: Session, command: Receive, clock: Clock) -> Received:
    """Take goods in: from the supplier to a station.

    Raises
    ------
    NotFound
        If the site, the station or a product is not known, or the site has no inbound dock.
    WrongState
        If a lot is known with another expiry.
    ValueError
        If a quantity is not positive.
    """
    live = live_site(session, command.site)
    station = command.station or inbound_station(live)
    dock = place_id(session, live.id, station)
    supplier = place_of_kind(session, live.id, PlaceKind.SUPPLIER)
    products = products_by_code(session, [each.product for each in command.receipts])
    today = site_day(live, clock)
    movements, lots = [], []
    for each in command.receipts:
        product = products[each.product]
        assert product.id is not None
        lot = lot_of(session, product.id, each.lot, each.expires_on, each.received_on or today)
        assert lot.id is not None
        lots.append(ReceivedLot(each.product, lot.code, each.quantity))
        movements.append(
            NewMovement(
                site_id=live.id,
                from_place_id=supplier,
                to_place_id=dock,
                product_id=product.id,
                lot_id=lot.id,
                quantity=each.quantity,
                reason=Reason.RECEIPT,
                user=command.user,
                device=command.device,
                client_id=command.client_id,
            )
        )
    post(session, movements, clock=clock)
    return Received(station, tuple(lots))


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

"""Readings of temperature and humidity come in; where a zone leaves its climate, goods are held and somebody is told.

An excursion is raised once and lasts until the zone's climate is right again. What it was bad for goes on hold and
stays on the record of its lot, also when it is freed later.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.climate import Reading, excursion, harms
from inventory.rules.stock_policy import StockStatus
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, Climate
from inventory.rules.webhooks import EventKind
from inventory.tables.climate import ClimateReadingRow, ExcursionLotRow, ExcursionRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.storage import ProductNeedsRow
from inventory.work.excursion_views import ExcursionView, excursion_view
from inventory.work.sites import LiveSite, live_site
from inventory.work.statuses import Lying, Signed, shift_status
from inventory.work.stock_policies import stock_policy
from inventory.work.telling import tell
from inventory.work.withdrawing import Withdrawn, seek_elsewhere
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState
from warehouse.tables import PlaceKind, PlaceRow

CAUSE = "temperature"
"""The cause that a hold names; no list of a site has to have it."""

FIT_FOR_SALE = (StockStatus.AVAILABLE, StockStatus.HOLD, StockStatus.QUARANTINED, StockStatus.RECALLED)
"""What may be sold, now or later, a recall being lifted: the rest is lost already."""


@dataclass(frozen=True)
class TakeReading:
    """What was measured in a zone: tenths of a degree Celsius, and percent where humidity is measured.

    `at_ms` is when, now by default; `source` names the thermometer.
    """

    site: str
    zone: str
    temperature_dc: int
    user: str
    humidity_percent: int | None = None
    at_ms: int | None = None
    source: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Held:
    """Units of a lot that were put on hold."""

    place: str
    product: str
    lot: str
    quantity: int


@dataclass(frozen=True)
class ReadingTaken:
    """What a reading has come to. The lines of `orders` wait again; runs `run_ids` look for units elsewhere."""

    reading_id: int
    excursion_id: int | None
    what: str
    held: tuple[Held, ...]
    orders: tuple[str, ...]
    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class AcknowledgeExcursion:
    """Somebody takes care of an excursion."""

    site: str
    excursion_id: int
    user: str
    client_id: str = ""


def take_reading(database: Database, command: TakeReading, clock: Clock) -> ReadingTaken:
    """Take a reading; runs that were to pick what it puts on hold look elsewhere at once.

    Raises
    ------
    NotFound
        If there is no such site or zone.
    """
    taken = database.run(record_reading, command, clock=clock)
    seek_elsewhere(database, taken.run_ids, clock)
    return taken


def record_reading(session: Session, command: TakeReading, clock: Clock) -> ReadingTaken:
    """Record a reading, and hold what it is bad for.

    Raises
    ------
    NotFound
        If there is no such site or zone.
    """
    live = live_site(session, command.site)
    if command.zone not in live.site.zones:
        raise NotFound("zone", command.zone)
    row = ClimateReadingRow(
        site_id=live.id,
        zone=command.zone,
        at_ms=clock.now_ms() if command.at_ms is None else command.at_ms,
        temperature_dc=command.temperature_dc,
        humidity_percent=command.humidity_percent,
        source=command.source,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    climate = stock_policy(session, live.id, clock).stowing.climate_of(command.zone)
    under_way = _under_way(session, live.id, command.zone)
    reading = Reading(command.temperature_dc, _humidity(session, row, under_way))
    harmed = list(_harmed(session, live, command.zone, reading, climate))
    what = excursion(reading, climate) or (f"{reading.temperature_dc / 10:.1f} °C, wrong for goods" if harmed else "")
    if not what:
        if under_way is not None:
            under_way.ended_ms = row.at_ms
            session.add(under_way)
        return ReadingTaken(row.id, None, "", (), (), ())
    raised = _raised(session, under_way, row, what)
    _record(session, raised, harmed, row.at_ms)
    held, withdrawn = [], Withdrawn()
    for lying in harmed:
        if lying.status is StockStatus.AVAILABLE:
            signed = Signed(command.user, CAUSE, client_id=command.client_id)
            withdrawn.add(shift_status(session, lying, StockStatus.HOLD, lying.quantity, signed, clock))
            held.append(Held(lying.within_code, lying.product.code, lying.lot.code, lying.quantity))
    if under_way is None:
        tell(session, EventKind.EXCURSION, live, [_told(raised, held)], clock)
    orders, run_ids = tuple(sorted(withdrawn.orders)), tuple(sorted(withdrawn.run_ids))
    return ReadingTaken(row.id, raised.id, what, tuple(held), orders, run_ids)


def _told(raised: ExcursionRow, held: list[Held]) -> dict[str, object]:
    """What others are told of an excursion when it begins."""
    return {
        "excursion_id": raised.id,
        "zone": raised.zone,
        "what": raised.what,
        "began_ms": raised.began_ms,
        "coldest_dc": raised.coldest_dc,
        "warmest_dc": raised.warmest_dc,
        "driest_percent": raised.driest_percent,
        "dampest_percent": raised.dampest_percent,
        "held": [asdict(each) for each in held],
    }


def _under_way(session: Session, site_id: int, zone: str) -> ExcursionRow | None:
    query = select(ExcursionRow).where(
        col(ExcursionRow.site_id) == site_id, col(ExcursionRow.zone) == zone, col(ExcursionRow.ended_ms).is_(None)
    )
    row: ExcursionRow | None = session.execute(query.with_for_update()).scalars().first()
    return row


def _humidity(session: Session, reading: ClimateReadingRow, under_way: ExcursionRow | None) -> int | None:
    """The humidity in the zone; a reading without leaves it, in an excursion, as it was measured last."""
    if under_way is None or reading.humidity_percent is not None:
        return reading.humidity_percent
    query = (
        select(col(ClimateReadingRow.humidity_percent))
        .where(col(ClimateReadingRow.site_id) == reading.site_id, col(ClimateReadingRow.zone) == reading.zone)
        .where(col(ClimateReadingRow.at_ms) >= under_way.began_ms)
        .where(col(ClimateReadingRow.humidity_percent).is_not(None))
        .order_by(col(ClimateReadingRow.at_ms).desc(), col(ClimateReadingRow.id).desc())
    )
    return session.execute(query.limit(1)).scalar_one_or_none()


def _raised(session: Session, under_way: ExcursionRow | None, reading: ClimateReadingRow, what: str) -> ExcursionRow:
    """The excursion that a reading belongs to, the one under way or a new one, with the extremes up to now."""
    temperature_dc, percent = reading.temperature_dc, reading.humidity_percent
    row = under_way or ExcursionRow(
        site_id=reading.site_id,
        zone=reading.zone,
        began_ms=reading.at_ms,
        what=what,
        coldest_dc=temperature_dc,
        warmest_dc=temperature_dc,
    )
    row.coldest_dc, row.warmest_dc = min(row.coldest_dc, temperature_dc), max(row.warmest_dc, temperature_dc)
    if percent is not None:
        row.driest_percent = percent if row.driest_percent is None else min(row.driest_percent, percent)
        row.dampest_percent = percent if row.dampest_percent is None else max(row.dampest_percent, percent)
    session.add(row)
    session.flush()
    return row


def _record(session: Session, raised: ExcursionRow, harmed: list[Lying], at_ms: int) -> None:
    """Note on the lots' records that they lay there: once for each bin, the most units that there were at a reading."""
    assert raised.id is not None
    lot = ExcursionLotRow
    units: Counter[tuple[int, int]] = Counter()
    for lying in harmed:
        units[lying.key.lot_id, lying.within_id] += lying.quantity
    rows = session.execute(select(lot).where(col(lot.excursion_id) == raised.id)).scalars()
    known = {(row.lot_id, row.place_id): row for row in rows}
    for (lot_id, place_id), quantity in units.items():
        row = known.get((lot_id, place_id))
        if row is None:
            row = lot(excursion_id=raised.id, lot_id=lot_id, place_id=place_id, quantity=quantity, at_ms=at_ms)
        row.quantity = max(row.quantity, quantity)
        session.add(row)


def record_as(session: Session, lying: Lying, lot_id: int) -> None:
    """What units went through in their bin goes on the record of the lot that they turn out to be of."""
    lot = ExcursionLotRow
    rows = session.execute(select(lot).where(col(lot.lot_id) == lying.key.lot_id, col(lot.place_id) == lying.within_id))
    for row in rows.scalars().all():
        known = select(lot).where(
            col(lot.excursion_id) == row.excursion_id, col(lot.lot_id) == lot_id, col(lot.place_id) == row.place_id
        )
        right = session.execute(known).scalar_one_or_none() or lot(
            excursion_id=row.excursion_id, lot_id=lot_id, place_id=row.place_id, quantity=0, at_ms=row.at_ms
        )
        units = min(row.quantity, lying.quantity)
        row.quantity, right.quantity = row.quantity - units, right.quantity + units
        right.at_ms = min(right.at_ms, row.at_ms)
        session.add(right)
        if not row.quantity:
            session.delete(row)


def _harmed(session: Session, live: LiveSite, zone: str, reading: Reading, climate: Climate) -> Iterator[Lying]:
    """The goods in a zone that a reading is bad for."""
    query = (
        select(
            PlaceRow, ProductRow, LotRow, ProductNeedsRow,
            LYING.c.status, LYING.c.place_id, LYING.c.quantity, LYING.c.reserved,
        )
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
        .outerjoin(ProductNeedsRow, col(ProductNeedsRow.product_id) == col(ProductRow.id))
        .where(col(PlaceRow.site_id) == live.id, col(PlaceRow.kind) == PlaceKind.BIN)
        .where(LYING.c.status.in_([each.value for each in FIT_FOR_SALE]))
        .order_by(LYING.c.place_id, LYING.c.lot_id)
    )  # fmt: skip
    for place, product, lot, needs, status, place_id, quantity, reserved in session.execute(query).all():
        coldest_dc, warmest_dc = (needs.coldest_dc, needs.warmest_dc) if needs else (NO_COLDEST_DC, NO_WARMEST_DC)
        if live.bins[place.code].zone == zone and harms(reading, coldest_dc, warmest_dc, climate):
            yield Lying(
                site_id=live.id,
                within_id=place.id,
                within_code=place.code,
                within_kind=PlaceKind.BIN,
                product=product,
                lot=lot,
                status=StockStatus(status),
                place_id=place_id,
                quantity=quantity,
                reserved=reserved,
            )


def acknowledge_excursion(session: Session, command: AcknowledgeExcursion, clock: Clock) -> ExcursionView:
    """Note that somebody takes care of an excursion.

    Raises
    ------
    NotFound
        If the site has no such excursion.
    WrongState
        If somebody does already.
    """
    site_id = live_site(session, command.site).id
    row = session.get(ExcursionRow, command.excursion_id, with_for_update=True)
    if row is None or row.site_id != site_id:
        raise NotFound("excursion", command.excursion_id)
    if row.acknowledged_by is not None:
        raise WrongState("excursion", command.excursion_id, f"acknowledged by {row.acknowledged_by}")
    row.acknowledged_by, row.acknowledged_ms = command.user, clock.now_ms()
    session.add(row)
    session.flush()
    return excursion_view(session, row)

"""When the bins of a site will be full."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, PRODUCT
from inventory.rules.overflow import Overflow, overflow
from inventory.tables.inbound import DeliveryLineRow, DeliveryRow, DeliveryState
from inventory.tables.stock import Reason
from inventory.work.bin_fill import Fill, bin_fill
from inventory.work.proposing import DAY_MS
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, live_site
from inventory.work.stock_policies import stock_policy
from inventory.work.withheld import PLACE
from warehouse.bins import StorageClass
from warehouse.clock import Clock
from warehouse.tables import PlaceKind

VOLUME_MM3 = PRODUCT.c.length_mm * PRODUCT.c.width_mm * PRODUCT.c.height_mm

DAYS = 7
"""A week holds one of each day: what comes on Mondays only is in it once."""


@dataclass(frozen=True)
class ZoneFullOn:
    """When the bins of a zone are full if it goes on like this, `zone` being empty for all bins; None if never."""

    zone: str
    full_on: date | None
    weekday: str
    announced_mm3: int
    outlook: Overflow


@dataclass(frozen=True)
class FullOn(ZoneFullOn):
    """When a site is full, and each of its zones. Figures are of the last `days`, announcements for the next."""

    days: int
    zones: tuple[ZoneFullOn, ...]


@dataclass
class _Flow:
    """What went into bins in the last days, out of them, and in by stowing alone."""

    came_mm3: int = 0
    went_mm3: int = 0
    stowed_mm3: int = 0


def full_on(session: Session, site: str, clock: Clock) -> FullOn:
    """When a site and each of its zones will be full.

    As much goes in and out as in the last days; where more is announced for the next than was stowed, that comes in
    instead. What is announced is shared over the zones that keep its storage class by what is free there.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    fill = bin_fill(session, site, clock)
    percent = stock_policy(session, live.id, clock).stowing.fill_percent_max
    flows = _flows(session, live, clock.now_ms() - DAYS * DAY_MS)
    announced = _announced_mm3(session, live.id, clock.now_ms() + DAYS * DAY_MS)
    free = {each.zone: max(0, each.volume_mm3 * percent // 100 - each.volume_used_mm3) for each in fill.zones}
    expected = dict.fromkeys(free, 0)
    for storage_class, volume_mm3 in announced.items():
        keeping = [name for name, zone in live.site.zones.items() if storage_class in zone.storage_classes]
        room_mm3 = sum(free[name] for name in keeping)
        for name in keeping:
            share = free[name] / room_mm3 if room_mm3 else 1 / len(keeping)
            expected[name] += int(volume_mm3 * share)
    today = site_day(live, clock)
    zones = tuple(_zone(each, percent, flows[each.zone], expected[each.zone], today) for each in fill.zones)
    every = _Flow(*(sum(vars(each)[name] for each in flows.values()) for name in vars(_Flow())))
    total = _zone(fill.total, percent, every, sum(announced.values()), today)
    return FullOn(**vars(total), days=DAYS, zones=zones)


def _zone(fill: Fill, percent: int, flow: _Flow, announced_mm3: int, today: date) -> ZoneFullOn:
    more_mm3 = max(0, announced_mm3 - flow.stowed_mm3)
    net_mm3 = flow.came_mm3 - flow.went_mm3 + more_mm3
    outlook = overflow(fill.volume_mm3 * percent // 100, fill.volume_used_mm3, net_mm3, DAYS)
    day = None if outlook.days_left is None else today + timedelta(days=outlook.days_left)
    return ZoneFullOn(fill.zone, day, f"{day:%A}" if day else "", announced_mm3, outlook)


def _flows(session: Session, live: LiveSite, since_ms: int) -> dict[str, _Flow]:
    """The volume of all goods that went into the bins of each zone and out of them."""
    flows = {zone: _Flow() for zone in live.site.zones}
    volume = func.sum(MOVEMENT.c.quantity * VOLUME_MM3)
    stowed = func.sum(case((MOVEMENT.c.reason == Reason.STOW.value, MOVEMENT.c.quantity * VOLUME_MM3), else_=0))
    for place in ("to_place_id", "from_place_id"):
        query = (
            select(PLACE.c.code, volume, stowed)
            .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c[place])
            .join(PRODUCT, PRODUCT.c.id == MOVEMENT.c.product_id)
            .where(MOVEMENT.c.site_id == live.id, MOVEMENT.c.at_ms >= since_ms, PLACE.c.kind == PlaceKind.BIN.value)
            .group_by(PLACE.c.code)
        )
        for code, volume_mm3, stowed_mm3 in session.execute(query):
            if code not in live.bins:  # no bin of the site any more, so none that fills
                continue
            flow = flows[live.bins[code].zone]
            if place == "to_place_id":
                flow.came_mm3 += int(volume_mm3)
                flow.stowed_mm3 += int(stowed_mm3)
            else:
                flow.went_mm3 += int(volume_mm3)
    return flows


def _announced_mm3(session: Session, site_id: int, until_ms: int) -> dict[StorageClass, int]:
    """The volume of what deliveries are still to bring, by storage class; those with a later appointment left out."""
    left = col(DeliveryLineRow.quantity) - col(DeliveryLineRow.received)
    query = (
        select(PRODUCT.c.storage_class, func.sum(left * VOLUME_MM3))
        .join_from(DeliveryLineRow, DeliveryRow, col(DeliveryRow.id) == col(DeliveryLineRow.delivery_id))
        .join(PRODUCT, PRODUCT.c.id == col(DeliveryLineRow.product_id))
        .where(
            col(DeliveryRow.site_id) == site_id,
            col(DeliveryRow.state).in_([DeliveryState.ANNOUNCED, DeliveryState.ARRIVED, DeliveryState.UNLOADING]),
            func.coalesce(col(DeliveryRow.slot_from_ms), 0) <= until_ms,
            left > 0,
        )
        .group_by(PRODUCT.c.storage_class)
    )
    return {StorageClass(storage_class): int(volume_mm3) for storage_class, volume_mm3 in session.execute(query)}

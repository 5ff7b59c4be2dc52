"""Deliveries as people see them: receivers at the dock, managers, and each supplier by his link."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, func, select
from sqlmodel import Session, col

from inventory.rules.dock_queue import wait_ms
from inventory.rules.dock_times import CameIn, DockToStock, LeftDock, Spell, by_source, spells
from inventory.rules.stock_policy import StockStatus
from inventory.tables.inbound import (
    DeliveryLineRow,
    DeliveryRow,
    DeliveryState,
    QueueJumpRow,
    ReceivedRow,
    ShortReason,
    SupplierRow,
)
from inventory.tables.products import ProductRow
from inventory.tables.stock import MovementRow, Reason
from inventory.tables.withholding import WithheldPlaceRow
from inventory.work.docking import delivery_with_number, docks, queue
from inventory.work.purchasing import short_reason
from inventory.work.sites import LiveSite, live_site, place_codes, site_with_id
from inventory.work.suppliers import supplier_of_link
from warehouse.clock import Clock

UNLOADING_MS = 45 * 60 * 1000
"""How long unloading takes as long as no truck was unloaded: a common figure for a truck of mixed pallets."""

NUM_RECENT = 50
"""Trucks whose unloading is averaged for the next one's expected turn: about a day's."""

EARLIER = ""
"""No supplier: units of trucks that came before the time asked about, which left the dock before the others."""

NUM_LISTED = 200
"""Deliveries in a list: a busy site's week."""


@dataclass(frozen=True)
class DeliveryView:
    """A delivery in the list. `ahead` and `wait_ms` are those of one that waits at the gate."""

    number: str
    supplier: str
    supplier_name: str
    state: DeliveryState
    slot_from_ms: int | None
    slot_to_ms: int | None
    arrived_ms: int | None
    started_ms: int | None
    closed_ms: int | None
    station: str | None
    quantity: int
    received: int
    ahead: int | None
    wait_ms: int | None


@dataclass(frozen=True)
class DeliveryLine:
    """Goods that a delivery is to bring, and how many came; with a reason where nobody waits for the rest."""

    product: str
    name: str
    lot: str
    expires_on: date | None
    quantity: int
    received: int
    closed_short: ShortReason | None


@dataclass(frozen=True)
class QueueJump:
    """A delivery was pulled to the front of the queue."""

    delivery: str
    supplier: str
    num_passed: int
    reason: str
    user: str
    at_ms: int


@dataclass(frozen=True)
class SupplierTruck:
    """What a supplier sees of one of his deliveries; of others he learns only how many are ahead."""

    site: str
    number: str
    state: DeliveryState
    slot_from_ms: int | None
    slot_to_ms: int | None
    arrived_ms: int | None
    ahead: int | None
    wait_ms: int | None


def deliveries(
    session: Session, site: str, *, states: Sequence[DeliveryState] = (), supplier_id: int | None = None
) -> tuple[DeliveryView, ...]:
    """The deliveries of a site: those that wait in their turn first, then the latest.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    query = (
        select(DeliveryRow, SupplierRow)
        .join(SupplierRow, col(SupplierRow.id) == col(DeliveryRow.supplier_id))
        .where(col(DeliveryRow.site_id) == live.id)
        .order_by(col(DeliveryRow.id).desc())
        .limit(NUM_LISTED)
    )
    if states:
        query = query.where(col(DeliveryRow.state).in_(states))
    if supplier_id is not None:
        query = query.where(col(DeliveryRow.supplier_id) == supplier_id)
    return _views(session, live, session.execute(query).all())


def delivery_view(session: Session, site: str, number: str) -> DeliveryView:
    """One delivery.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    """
    live = live_site(session, site)
    row = delivery_with_number(session, live.id, number)
    found = session.execute(
        select(DeliveryRow, SupplierRow)
        .join(SupplierRow, col(SupplierRow.id) == col(DeliveryRow.supplier_id))
        .where(col(DeliveryRow.id) == row.id)
    ).all()
    return _views(session, live, found)[0]


def _views(session: Session, live: LiveSite, rows: Sequence[Row[DeliveryRow, SupplierRow]]) -> tuple[DeliveryView, ...]:
    places = {key: number for number, key in enumerate(queue(session, live))}
    usual_ms = _unloading_ms(session, live)
    codes = place_codes(session, {row.station_id for row, _ in rows if row.station_id is not None})
    sums = select(
        col(DeliveryLineRow.delivery_id), func.sum(DeliveryLineRow.quantity), func.sum(DeliveryLineRow.received)
    ).group_by(col(DeliveryLineRow.delivery_id))
    own = session.execute(sums.where(col(DeliveryLineRow.delivery_id).in_([row.id for row, _ in rows])))
    units = {key: (int(quantity), int(received)) for key, quantity, received in own}
    views = []
    for row, supplier in rows:
        ahead = places.get(row.id or 0)
        quantity, received = units.get(row.id or 0, (0, 0))
        views.append(
            DeliveryView(
                row.number,
                supplier.code,
                supplier.name,
                DeliveryState(row.state),
                row.slot_from_ms,
                row.slot_to_ms,
                row.arrived_ms,
                row.started_ms,
                row.closed_ms,
                codes.get(row.station_id or 0),
                quantity,
                received,
                ahead,
                None if ahead is None else wait_ms(ahead, len(docks(live)), usual_ms),
            )
        )
    return tuple(sorted(views, key=lambda view: len(places) if view.ahead is None else view.ahead))


def _unloading_ms(session: Session, live: LiveSite) -> int:
    """How long it took on average to unload the latest trucks."""
    latest = (
        select((col(DeliveryRow.closed_ms) - col(DeliveryRow.started_ms)).label("duration_ms"))
        .where(col(DeliveryRow.site_id) == live.id, col(DeliveryRow.state) == DeliveryState.CLOSED)
        .order_by(col(DeliveryRow.closed_ms).desc())
        .limit(NUM_RECENT)
        .subquery()
    )
    mean = session.execute(select(func.avg(latest.c.duration_ms))).scalar()
    return UNLOADING_MS if mean is None else int(mean)


def delivery_lines(session: Session, site: str, number: str) -> tuple[DeliveryLine, ...]:
    """What a delivery is to bring and has brought.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    """
    row = delivery_with_number(session, live_site(session, site).id, number)
    query = (
        select(DeliveryLineRow, col(ProductRow.code), col(ProductRow.name))
        .join(ProductRow, col(ProductRow.id) == col(DeliveryLineRow.product_id))
        .where(col(DeliveryLineRow.delivery_id) == row.id)
        .order_by(col(DeliveryLineRow.id))
    )
    return tuple(
        DeliveryLine(
            code, name, line.lot, line.expires_on, line.quantity, line.received, short_reason(line.closed_short)
        )
        for line, code, name in session.execute(query)
    )


def queue_jumps(session: Session, site: str) -> tuple[QueueJump, ...]:
    """Who was pulled to the front of the queue at a site, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(QueueJumpRow, col(DeliveryRow.number), col(SupplierRow.code))
        .join(DeliveryRow, col(DeliveryRow.id) == col(QueueJumpRow.delivery_id))
        .join(SupplierRow, col(SupplierRow.id) == col(DeliveryRow.supplier_id))
        .where(col(DeliveryRow.site_id) == live_site(session, site).id)
        .order_by(col(QueueJumpRow.id).desc())
        .limit(NUM_LISTED)
    )
    return tuple(
        QueueJump(number, supplier, jump.num_passed, jump.reason, jump.user, jump.at_ms)
        for jump, number, supplier in session.execute(query)
    )


def trucks_of_link(session: Session, secret: str) -> tuple[SupplierTruck, ...]:
    """What the supplier whose link holds this secret may see: his deliveries that are still to be unloaded.

    Raises
    ------
    NotFound
        If the link is nobody's.
    """
    supplier = supplier_of_link(session, secret)
    coming = (DeliveryState.ANNOUNCED, DeliveryState.ARRIVED, DeliveryState.UNLOADING)
    sites = select(col(DeliveryRow.site_id)).where(
        col(DeliveryRow.supplier_id) == supplier.id, col(DeliveryRow.state).in_(coming)
    )
    found = []
    for site_id in sorted(session.execute(sites.distinct()).scalars()):
        code = site_with_id(session, site_id).site.code
        for each in deliveries(session, code, states=coming, supplier_id=supplier.id):
            times = (each.slot_from_ms, each.slot_to_ms, each.arrived_ms)
            found.append(SupplierTruck(code, each.number, each.state, *times, each.ahead, each.wait_ms))
    return tuple(found)


def dock_to_stock(session: Session, site: str, since_ms: int, clock: Clock) -> tuple[DockToStock, ...]:
    """How long the goods of every supplier took from the gate to a bin, of trucks that came at `since_ms` or later.

    Goods that are withheld at the dock are in nobody's way to a bin and are left out.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    query = (
        select(ReceivedRow, DeliveryRow, col(SupplierRow.code))
        .join(DeliveryRow, col(DeliveryRow.id) == col(ReceivedRow.delivery_id))
        .join(SupplierRow, col(SupplierRow.id) == col(DeliveryRow.supplier_id))
        .where(col(DeliveryRow.site_id) == live.id, col(ReceivedRow.status) == StockStatus.AVAILABLE)
        .order_by(col(ReceivedRow.id))
    )
    lately = (
        select(col(ReceivedRow.lot_id))
        .join(DeliveryRow, col(DeliveryRow.id) == col(ReceivedRow.delivery_id))
        .where(col(DeliveryRow.site_id) == live.id, col(DeliveryRow.arrived_ms) >= since_ms)
    )
    came: dict[tuple[int, int], list[CameIn]] = defaultdict(list)
    for received, delivery, supplier in session.execute(query.where(col(ReceivedRow.lot_id).in_(lately))):
        assert delivery.arrived_ms is not None
        source = supplier if delivery.arrived_ms >= since_ms else EARLIER
        key = (delivery.station_id or 0, received.lot_id or 0)
        came[key].append(CameIn(source, delivery.arrived_ms, received.at_ms, received.quantity))
    left = _left(session, live, {station for station, _ in came}, {lot for _, lot in came})
    times: list[Spell] = []
    for key, arrivals in came.items():
        times += spells(arrivals, left.get(key, []), clock.now_ms())
    return tuple(by_source([each for each in times if each.source != EARLIER]))


def _left(
    session: Session, live: LiveSite, stations: set[int], lots: set[int]
) -> dict[tuple[int, int], list[LeftDock]]:
    """What left the docks for bins, by dock and lot, in the order of time."""
    movement = MovementRow.metadata.tables["movement"]
    query = (
        select(movement.c.from_place_id, movement.c.lot_id, movement.c.at_ms, movement.c.quantity)
        .where(
            movement.c.site_id == live.id,
            movement.c.from_place_id.in_(stations),
            movement.c.reason.in_([Reason.STOW.value, Reason.MOVE.value]),
            movement.c.to_place_id.not_in(select(col(WithheldPlaceRow.place_id))),
        )
        .order_by(movement.c.id)
    )
    left: dict[tuple[int, int], list[LeftDock]] = defaultdict(list)
    for place, lot, at_ms, quantity in session.execute(query):
        if lot in lots:
            left[place, lot].append(LeftDock(at_ms, quantity))
    return left

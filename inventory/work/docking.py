"""Trucks get appointments, arrive, wait their turn, go to a dock, and leave.

The queue is in the order of `inventory.rules.dock_queue`. A delivery can be pulled to its front only with a
reason, which stays on record with who did it and past how many.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.dock_queue import Waiting, in_turn
from inventory.tables.inbound import DeliveryRow, DeliveryState, QueueJumpRow
from inventory.work.sites import LiveSite, live_site, place_id
from warehouse.bins import StationKind
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState
from warehouse.tables import SiteRow


@dataclass(frozen=True)
class Book:
    """Give a delivery an appointment, or another one."""

    site: str
    number: str
    slot_from_ms: int
    slot_to_ms: int
    client_id: str = ""


@dataclass(frozen=True)
class Arrive:
    """A delivery's truck is at the gate."""

    site: str
    number: str
    client_id: str = ""


@dataclass(frozen=True)
class Pull:
    """Pull a delivery to the front of the queue, for a reason."""

    site: str
    number: str
    reason: str
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class Dock:
    """Begin to unload a delivery at a dock: the one named, or one that is free."""

    site: str
    number: str
    station: str | None = None
    client_id: str = ""


@dataclass(frozen=True)
class CancelDelivery:
    """A delivery will not come."""

    site: str
    number: str
    client_id: str = ""


@dataclass(frozen=True)
class DeliveryNow:
    """How far a delivery has come; `station` is its dock, `ahead` how many are unloaded before it."""

    number: str
    state: DeliveryState
    station: str | None = None
    ahead: int | None = None


def book(session: Session, command: Book, clock: Clock) -> DeliveryNow:  # noqa: ARG001
    """Give a delivery that has not come yet an appointment.

    As many appointments may overlap as the site has inbound docks.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it has come already, or every dock is taken at that time.
    ValueError
        If the appointment ends before it begins.
    """
    if command.slot_to_ms <= command.slot_from_ms:
        raise ValueError("an appointment ends after it begins")
    live = live_site(session, command.site)
    lock_docks(session, live)
    row = delivery_with_number(session, live.id, command.number)
    _require(row, DeliveryState.ANNOUNCED)
    at_once = select(func.count()).where(
        col(DeliveryRow.site_id) == live.id,
        col(DeliveryRow.state) != DeliveryState.CANCELLED,
        col(DeliveryRow.id) != row.id,
        col(DeliveryRow.slot_from_ms) < command.slot_to_ms,
        col(DeliveryRow.slot_to_ms) > command.slot_from_ms,
    )
    if session.execute(at_once).scalar_one() >= len(docks(live)):
        raise WrongState("dock", command.site, "taken at that time")
    row.slot_from_ms, row.slot_to_ms = command.slot_from_ms, command.slot_to_ms
    session.add(row)
    return DeliveryNow(row.number, DeliveryState(row.state))


def arrive(session: Session, command: Arrive, clock: Clock) -> DeliveryNow:
    """A truck is at the gate: it joins the queue.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it has come already, or was cancelled.
    """
    live = live_site(session, command.site)
    row = delivery_with_number(session, live.id, command.number, lock=True)
    _require(row, DeliveryState.ANNOUNCED)
    row.state, row.arrived_ms = DeliveryState.ARRIVED, clock.now_ms()
    session.add(row)
    session.flush()
    return DeliveryNow(row.number, DeliveryState(row.state), ahead=place_in_queue(session, live, row))


def pull(session: Session, command: Pull, clock: Clock) -> DeliveryNow:
    """Pull a delivery that waits to the front of the queue.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it does not wait.
    ValueError
        If no reason is given.
    """
    if not command.reason.strip():
        raise ValueError("who pulls a truck past others says why")
    live = live_site(session, command.site)
    lock_docks(session, live)
    row = delivery_with_number(session, live.id, command.number, lock=True)
    _require(row, DeliveryState.ARRIVED)
    ahead = place_in_queue(session, live, row)
    now_ms = clock.now_ms()
    assert row.id is not None
    session.add(
        QueueJumpRow(
            delivery_id=row.id, num_passed=ahead, reason=command.reason.strip(), user=command.user, at_ms=now_ms
        )
    )
    row.pulled_ms = now_ms
    session.add(row)
    return DeliveryNow(row.number, DeliveryState(row.state), ahead=0)


def dock(session: Session, command: Dock, clock: Clock) -> DeliveryNow:
    """Begin to unload a truck that waits.

    It has to be the first in the queue: who wants another one pulls it to the front, with a reason.

    Raises
    ------
    NotFound
        If there is no such site, delivery or dock.
    WrongState
        If it does not wait, others are ahead of it, or the dock is taken.
    """
    live = live_site(session, command.site)
    lock_docks(session, live)
    row = delivery_with_number(session, live.id, command.number, lock=True)
    _require(row, DeliveryState.ARRIVED)
    ahead = place_in_queue(session, live, row)
    if ahead:
        raise WrongState("delivery", row.number, f"not next: {ahead} ahead of it")
    taken = set(
        session.execute(
            select(col(DeliveryRow.station_id)).where(
                col(DeliveryRow.site_id) == live.id, col(DeliveryRow.state) == DeliveryState.UNLOADING
            )
        ).scalars()
    )
    there = {name: place_id(session, live.id, name) for name in docks(live)}
    if command.station is not None and command.station not in there:
        raise NotFound("dock", command.station)
    wanted = list(there) if command.station is None else [command.station]
    free = [name for name in wanted if there[name] not in taken]
    if not free:
        raise WrongState("dock", ", ".join(wanted), "taken")
    row.state, row.started_ms, row.station_id = DeliveryState.UNLOADING, clock.now_ms(), there[free[0]]
    session.add(row)
    return DeliveryNow(row.number, DeliveryState(row.state), station=free[0])


def cancel_delivery(session: Session, command: CancelDelivery, clock: Clock) -> DeliveryNow:
    """A delivery will not come, or was sent away unopened.

    Raises
    ------
    NotFound
        If there is no such site or delivery.
    WrongState
        If it is being unloaded, or over.
    """
    live = live_site(session, command.site)
    row = delivery_with_number(session, live.id, command.number, lock=True)
    _require(row, DeliveryState.ANNOUNCED, DeliveryState.ARRIVED)
    row.state, row.closed_ms = DeliveryState.CANCELLED, clock.now_ms()
    session.add(row)
    return DeliveryNow(row.number, DeliveryState(row.state))


def _require(row: DeliveryRow, *states: DeliveryState) -> None:
    if row.state not in states:
        raise WrongState("delivery", row.number, DeliveryState(row.state))


def docks(live: LiveSite) -> list[str]:
    """The inbound docks of a site."""
    return [each.name for each in live.site.stations if each.kind is StationKind.INBOUND]


def delivery_with_number(
    session: Session, site_id: int, number: str, *, lock: bool = False, share: bool = False
) -> DeliveryRow:
    """The delivery of this number at a site; `lock` it to change its state, `share` the lock to keep it as it is.

    Raises
    ------
    NotFound
        If there is none.
    """
    query = select(DeliveryRow).where(col(DeliveryRow.site_id) == site_id, col(DeliveryRow.number) == number)
    if lock or share:
        query = query.with_for_update(read=share)
    row: DeliveryRow | None = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("delivery", number)
    return row


def lock_docks(session: Session, live: LiveSite) -> None:
    """Let one at a time decide on the docks of a site: two trucks never get the same one."""
    site = select(col(SiteRow.id)).where(col(SiteRow.id) == live.id)
    session.execute(site.with_for_update(key_share=True)).all()  # whoever only refers to the site need not wait


def queue(session: Session, live: LiveSite) -> list[int]:
    """The ids of the deliveries that wait, in their turn."""
    rows = session.execute(
        select(DeliveryRow).where(col(DeliveryRow.site_id) == live.id, col(DeliveryRow.state) == DeliveryState.ARRIVED)
    ).scalars()
    waiting = [Waiting(each.id or 0, each.arrived_ms or 0, each.slot_from_ms, each.pulled_ms) for each in rows]
    return [each.number for each in in_turn(waiting)]


def place_in_queue(session: Session, live: LiveSite, row: DeliveryRow) -> int:
    """How many are ahead of a delivery that waits."""
    assert row.id is not None
    return queue(session, live).index(row.id)

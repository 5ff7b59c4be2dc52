"""People fill forward areas and empty bins: each takes the next move, brings the goods, or leaves it.

Bins are emptied where nearly empty ones pile up, as long as the alert of it lasts, and after all forward areas.

A move that is taken is nobody else's until its time is over. Looking for moves takes a while, so it reads a snapshot
and writes nothing; writing looks again whether anybody has taken one meanwhile, and if so it is looked for anew.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select, update
from sqlmodel import Session, col

from inventory.tables.products import LotRow, ProductRow
from inventory.tables.replenishing import ReplenishmentRow, ReplenishmentState
from inventory.work.caging import closed_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.consolidating import due_emptying
from inventory.work.consolidation_alerts import lasting_alert
from inventory.work.count_exceptions import count_soon
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.replenishing import DueMove, due_moves, open_claims
from inventory.work.sites import LiveSite, live_site, place_codes, place_ids, site_with_id
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, ScanMismatch, WrongState

LEASE_MS = 15 * 60_000
"""How long a move is its taker's: there and back with goods takes a few minutes on the largest of floors."""

REST_MS = 60 * 60_000
"""How long goods and bin of a move that was left are not tried again: somebody has to look why."""

NUM_TRIES_MAX = 5
"""Each lost try means that somebody else was faster."""


@dataclass(frozen=True)
class TakeReplenishment:
    """Take the next move, or go on with the one under way."""

    site: str
    user: str
    client_id: str = ""


@dataclass(frozen=True)
class ReplenishmentTaken:
    """The move; None if nothing is due that this person may bring. `is_new` is false if it was under way."""

    replenishment_id: int | None
    is_new: bool


@dataclass(frozen=True)
class ConfirmReplenishment:
    """The goods are in their new bin; bins and product are what was scanned."""

    replenishment_id: int
    user: str
    from_bin: str
    product: str
    quantity: int
    to_bin: str
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class LeaveReplenishment:
    """The goods are not brought; they are where they were."""

    replenishment_id: int
    user: str
    why: str
    client_id: str = ""


@dataclass(frozen=True)
class ReplenishmentOver:
    """A move is done or left."""

    replenishment_id: int
    state: ReplenishmentState
    quantity: int


@dataclass(frozen=True)
class _WriteTaken:
    """Write down who takes a move. What was found is no part of what was asked, so it is not compared."""

    request: TakeReplenishment
    due: Annotated[Any, Field(exclude=True)]
    claimed: Annotated[Any, Field(exclude=True)]
    client_id: str


def take_replenishment(database: Database, command: TakeReplenishment, clock: Clock) -> ReplenishmentTaken:
    """Give somebody the move under way, its time beginning anew, else the most urgent that he may make.

    Moves into or out of the cage are for those who may open it.

    Raises
    ------
    NotFound
        If there is no such site.
    WrongState
        If others came first again and again.
    """
    for attempt in range(1, NUM_TRIES_MAX + 1):
        with database.read() as session:
            live = live_site(session, command.site)
            claimed = {each.id for each in open_claims(session, live.id, clock)}
            under_way = replenishment_of(session, command.user, live.id)
            due = None if under_way else _first_due(session, live, command.user, clock)
        try:
            taken = _WriteTaken(command, due, claimed, command.client_id)
            return database.run(_write, taken, clock=clock)
        except WrongState:
            if attempt == NUM_TRIES_MAX:
                raise
    raise AssertionError("the last try returns or raises")


def replenishment_of(session: Session, user: str, site_id: int | None = None) -> ReplenishmentRow | None:
    """The move that somebody is making; he may end it after its time, as long as nobody else has taken work."""
    query = select(ReplenishmentRow).where(
        col(ReplenishmentRow.taker) == user, col(ReplenishmentRow.state) == ReplenishmentState.TAKEN
    )
    if site_id is not None:
        query = query.where(col(ReplenishmentRow.site_id) == site_id)
    row: ReplenishmentRow | None = session.execute(query.order_by(col(ReplenishmentRow.id))).scalars().first()
    return row


def confirm_replenishment(session: Session, command: ConfirmReplenishment, clock: Clock) -> ReplenishmentOver:
    """Book the move, or less of it; what is missing then is found due again.

    Raises
    ------
    ScanMismatch
        If another bin or product was scanned.
    StowRefused
        If a stowing rule forbids it by now.
    StockShort
        If fewer units are free there.
    CageClosed
        If one of the bins is of the cage, which this person may not open.
    NotFound, BinCodeInvalid, ScanUnreadable
        If the move or what was scanned is not known, or the site has no cause of the move's purpose.
    WrongState
        If the move is over, is somebody else's, has lapsed, or was for fewer units.
    ValueError
        If the quantity is not positive.
    """
    row = _taken(session, command.replenishment_id, command.user)
    live = site_with_id(session, row.site_id)
    codes = place_codes(session, {row.from_place_id, row.to_place_id})
    from_bin, to_bin = codes[row.from_place_id], codes[row.to_place_id]
    for wanted, scanned in ((from_bin, command.from_bin), (to_bin, command.to_bin)):
        if live.bin_of_scan(scanned).code != wanted:
            raise ScanMismatch(wanted, scanned, "bin")
    product, lot = session.get_one(ProductRow, row.product_id), session.get_one(LotRow, row.lot_id)
    if product_of_scan(session, command.product).id != product.id:
        raise ScanMismatch(product.name, command.product, "product")
    if command.quantity > row.quantity:
        raise WrongState("replenishment", command.replenishment_id, f"of {row.quantity} units")
    move = MoveGoods(
        site=live.site.code,
        from_place=from_bin,
        to_bin=to_bin,
        product=command.product,
        quantity=command.quantity,
        cause=row.purpose,
        user=command.user,
        lot=lot.code,
        device=command.device,
        client_id=command.client_id,
        owner=lot.owner,
    )
    move_goods(session, move, clock)
    row.state, row.quantity_done, row.done_ms = ReplenishmentState.DONE, command.quantity, clock.now_ms()
    session.add(row)
    return ReplenishmentOver(command.replenishment_id, row.state, command.quantity)


def leave_replenishment(session: Session, command: LeaveReplenishment, clock: Clock) -> ReplenishmentOver:
    """Leave a move: goods and bin rest for a while, and others are looked for.

    Raises
    ------
    NotFound
        If there is no such move.
    WrongState
        If it is over, somebody else's, or has lapsed.
    """
    row = _taken(session, command.replenishment_id, command.user)
    row.state, row.why_left, row.done_ms = ReplenishmentState.LEFT, command.why, clock.now_ms()
    row.until_ms = clock.now_ms() + REST_MS
    session.add(row)
    for place_id in (row.from_place_id, row.to_place_id):  # they are not there, or there is no room
        count_soon(session, place_id, clock)
    return ReplenishmentOver(command.replenishment_id, row.state, 0)


def _first_due(session: Session, live: LiveSite, user: str, clock: Clock) -> list[DueMove]:
    """The most urgent move that somebody may make, if there is any."""
    closed, index = closed_cage(session, live, user), live.area.shelves.index
    for each in due_moves(session, live, clock):
        if not (closed[index[each.move.from_bin]] or closed[index[each.move.to_bin]]):
            return [each]
    if lasting_alert(session, live.id) is None:
        return []
    return due_emptying(session, live, 1, clock, closed)[:1]


def _write(session: Session, command: _WriteTaken, clock: Clock) -> ReplenishmentTaken:
    """Write down who takes a move, if nobody has taken one since it was looked for."""
    live, user = live_site(session, command.request.site), command.request.user
    until_ms = clock.now_ms() + LEASE_MS
    row = replenishment_of(session, user, live.id)
    if row is not None:
        row.until_ms = until_ms
        session.add(row)
        return ReplenishmentTaken(row.id, is_new=False)
    due: list[DueMove] | None = command.due
    if due is None or {each.id for each in open_claims(session, live.id, clock)} != command.claimed:
        raise WrongState("replenishment", live.site.code, "taken by somebody else")
    if not due:
        return ReplenishmentTaken(None, is_new=False)
    _end_lapsed(session, live.id, clock)
    move = due[0].move
    places = place_ids(session, live.id, [move.from_bin, move.to_bin])
    row = ReplenishmentRow(
        site_id=live.id,
        purpose=move.purpose,
        zone=move.zone,
        from_place_id=places[move.from_bin],
        to_place_id=places[move.to_bin],
        product_id=due[0].product_id,
        lot_id=due[0].lot_id,
        quantity=move.quantity,
        urgent=move.urgent,
        taker=user,
        taken_ms=clock.now_ms(),
        until_ms=until_ms,
    )
    session.add(row)
    session.flush()
    return ReplenishmentTaken(row.id, is_new=True)


def _end_lapsed(session: Session, site_id: int, clock: Clock) -> None:
    """Take moves away whose time is over; their goods may be somebody else's from now on."""
    session.execute(
        update(ReplenishmentRow)
        .where(
            col(ReplenishmentRow.site_id) == site_id,
            col(ReplenishmentRow.state) == ReplenishmentState.TAKEN,
            col(ReplenishmentRow.until_ms) <= clock.now_ms(),
        )
        .values(state=ReplenishmentState.LAPSED, done_ms=clock.now_ms())
    )


def _taken(session: Session, replenishment_id: int, user: str) -> ReplenishmentRow:
    row = session.get(ReplenishmentRow, replenishment_id, with_for_update=True)
    if row is None:
        raise NotFound("replenishment", replenishment_id)
    if row.taker != user:
        raise WrongState("replenishment", replenishment_id, f"brought by {row.taker}")
    if row.state != ReplenishmentState.TAKEN:
        raise WrongState("replenishment", replenishment_id, row.state)
    return row

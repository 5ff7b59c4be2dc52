"""Goods that may not be sold leave the house, for a cause of the site's list: the ledger keeps who decided it and when.

Only what is withheld can go, from the place that its status has within a bin, tote or station. So nothing that is
promised is touched, and never more goes than lies there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, NewMovement, post
from inventory.rules.stock_policy import Handling, StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.products import HOUSE, LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import WithheldPlaceRow
from inventory.work.caging import enter_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.serials import capture, serials_withheld
from inventory.work.sites import LiveSite, live_site, place_of_kind
from inventory.work.statuses import Lying, lying_goods, lying_where
from inventory.work.stock_policies import require_cause
from inventory.work.withheld import LYING, place_of_scan
from warehouse.clock import Clock
from warehouse.errors import StockShort, WrongState
from warehouse.tables import PlaceKind, PlaceRow


class WayOut(StrEnum):
    """Where goods go that may not be sold; back to the owner only what is not the house's."""

    DESTROYED = PlaceKind.DESTROYED.value
    GIVEN_AWAY = PlaceKind.GIVEN_AWAY.value
    SUPPLIER = PlaceKind.SUPPLIER.value
    OWNER = PlaceKind.OWNER.value


@dataclass(frozen=True)
class Dispose:
    """Let goods of a status leave the house: all of them at the site, or those in a place, of a product, lot or owner.

    `place` and `product` are what was scanned. `quantity` and `serials` are for one product in one place; the lot may
    be left out there where one lies. Without a quantity all goes that is meant.
    """

    site: str
    status: StockStatus
    way_out: WayOut
    cause: str
    user: str
    place: str | None = None
    product: str | None = None
    lot: str | None = None
    owner: str | None = None
    quantity: int | None = None
    serials: tuple[str, ...] = ()
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class UnitsOut:
    """Units of a lot in a place, and whose they are."""

    place: str
    product: str
    lot: str
    owner: str
    quantity: int


@dataclass(frozen=True)
class Disposed:
    """What has left, and what stays until somebody scans the serials of its units."""

    status: StockStatus
    way_out: WayOut
    quantity: int
    gone: tuple[UnitsOut, ...]
    serials_needed: tuple[UnitsOut, ...]


@dataclass(frozen=True)
class Disposal:
    """Goods that left because they might not be sold; the value is what the product is worth now."""

    movement: int
    at_ms: int
    owner: str
    product: str
    lot: str
    expires_on: date | None
    quantity: int
    value_cents: int
    place: str
    status: StockStatus
    way_out: WayOut
    cause: str
    user: str


def dispose(session: Session, command: Dispose, clock: Clock) -> Disposed:
    """Let goods that may not be sold leave the house.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, the place, the product, the lot or the cause is not known.
    WrongState
        If the goods are for sale, are the house's and are to go back to their owner, or lie in several lots of which
        none was named; if the cause is not for this; if a unit is not there.
    StockShort
        If fewer lie there under that status.
    SerialsNeeded
        If a quantity of serialised goods is to go and not every unit is named.
    CageClosed
        If a bin is of the cage, which this person may not open.
    ValueError
        If a quantity or serials are given without the place and the product that they are of.
    """
    if command.status is StockStatus.AVAILABLE:
        raise WrongState("status", command.status, "not one that withholds")
    live = live_site(session, command.site)
    require_cause(session, live.id, command.cause, Handling.DISPOSE, clock)
    if command.quantity is not None or command.serials:
        going = [_one(session, command)]
    else:
        going = _all(session, live, command)
    goal = place_of_kind(session, live.id, PlaceKind(command.way_out))
    movements, gone, serials_needed = [], [], []
    for lying in going:
        if command.way_out is WayOut.OWNER and lying.lot.owner == HOUSE:
            raise WrongState("lot", lying.lot.code, "the house's own")
        units = UnitsOut(lying.within_code, lying.product.code, lying.lot.code, lying.lot.owner, lying.quantity)
        serials = command.serials or _serials(session, lying)
        if lying.product.serialised and not serials and command.quantity is None:
            serials_needed.append(units)
            continue
        movement = _movement(command, lying, goal)
        capture(session, lying.product, serials, movement, clock)
        movements.append(movement)
        gone.append(units)
    _enter(session, live, command, gone, clock)
    post(session, movements, clock=clock)
    quantity = sum(each.quantity for each in gone)
    return Disposed(command.status, command.way_out, quantity, tuple(gone), tuple(serials_needed))


def _one(session: Session, command: Dispose) -> Lying:
    """The units of one lot in one place that are to go, as many as are asked for."""
    if command.place is None or command.product is None:
        raise ValueError("a quantity or serials are those of a product in a place")
    named = (command.site, command.place, command.product, command.lot, command.status)
    lying = lying_goods(session, *named, owner=command.owner)
    quantity = len(command.serials) if command.quantity is None else command.quantity
    if quantity > lying.quantity:
        raise StockShort(lying.product.code, lying.within_code, quantity, lying.quantity)
    return replace(lying, quantity=quantity)


def _all(session: Session, live: LiveSite, command: Dispose) -> list[Lying]:
    """All units that are meant, wherever they lie."""
    wanted: list[ColumnElement[bool]] = [
        col(PlaceRow.site_id) == live.id,
        LYING.c.status == command.status.value,
    ]
    if command.place is not None:
        wanted.append(LYING.c.within_id == place_of_scan(session, live, command.place)[0])
    if command.product is not None:
        wanted.append(LYING.c.product_id == product_of_scan(session, command.product).id)
    if command.lot is not None:
        wanted.append(col(LotRow.code) == command.lot)
    if command.owner is not None:
        wanted.append(col(LotRow.owner) == command.owner)
    return lying_where(session, *wanted)


def _serials(session: Session, lying: Lying) -> tuple[str, ...]:
    """The units that go, if they need no scan to be known."""
    if not lying.product.serialised:
        return ()
    return serials_withheld(session, lying.key.lot_id, lying.within_id, lying.within_kind, lying.quantity)


def _movement(command: Dispose, lying: Lying, goal: int) -> NewMovement:
    return NewMovement(
        site_id=lying.site_id,
        from_place_id=lying.place_id,
        to_place_id=goal,
        product_id=lying.key.product_id,
        lot_id=lying.key.lot_id,
        quantity=lying.quantity,
        reason=Reason.DISPOSE,
        user=command.user,
        device=command.device,
        client_id=command.client_id,
        cause=command.cause,
    )


def _enter(session: Session, live: LiveSite, command: Dispose, gone: Iterable[UnitsOut], clock: Clock) -> None:
    """Note which bins of the cage are opened for it."""
    for code in sorted({each.place for each in gone}):
        enter_cage(session, live, code, command.user, CageAct.MOVE, clock, device=command.device)


def disposals(
    session: Session,
    site: str,
    *,
    owner: str | None = None,
    since_ms: int = 0,
    after: int = 0,
    limit: int = 200,
) -> tuple[Disposal, ...]:
    """What has left a site because it might not be sold, the earliest first: everybody's goods, or those of one owner.

    Parameters
    ----------
    after
        The number of a movement; those that follow it are told.
    limit
        How many at most.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    within, went = aliased(PlaceRow), aliased(PlaceRow)
    site_id = live_site(session, site).id
    goals = [place_of_kind(session, site_id, PlaceKind(each)) for each in WayOut]
    query = (
        select(
            MOVEMENT.c.id.label("movement"),
            *MOVEMENT.c["at_ms", "quantity", "cause", "user"],
            col(LotRow.owner),
            col(ProductRow.code).label("product"),
            col(LotRow.code).label("lot"),
            col(LotRow.expires_on),
            (MOVEMENT.c.quantity * col(ProductRow.value_cents)).label("value_cents"),
            col(within.code).label("place"),
            col(WithheldPlaceRow.status),
            col(went.kind).label("way_out"),
        )
        .join_from(MOVEMENT, LotRow, col(LotRow.id) == MOVEMENT.c.lot_id)
        .join(ProductRow, col(ProductRow.id) == MOVEMENT.c.product_id)
        .join(WithheldPlaceRow, col(WithheldPlaceRow.place_id) == MOVEMENT.c.from_place_id)
        .join(within, col(within.id) == col(WithheldPlaceRow.within_id))
        .join(went, col(went.id) == MOVEMENT.c.to_place_id)
        .where(MOVEMENT.c.to_place_id.in_(goals), MOVEMENT.c.reason == Reason.DISPOSE.value)
        .where(MOVEMENT.c.at_ms >= since_ms, MOVEMENT.c.id > after)
        .order_by(MOVEMENT.c.id)
        .limit(limit)
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    return tuple(
        Disposal(**row._asdict() | {"status": StockStatus(row.status), "way_out": WayOut(row.way_out)})
        for row in session.execute(query)
    )

"""Goods change status: they move to or from the place that the status has within their bin, tote or station.

Goods that become unavailable leave every promise (`withdrawing`). Free units go first.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from inventory.ledger import BalanceKey, NewMovement, post
from inventory.rules.stock_policy import StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.tables.withholding import RecallRow
from inventory.work.caging import enter_cage
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import live_site, site_with_id
from inventory.work.stock_policies import require_cause
from inventory.work.withdrawing import Withdrawn, seek_elsewhere, withdraw, withdraw_picked
from inventory.work.withheld import LYING, place_of_scan, place_with_status
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import NotFound, StockShort, WrongState
from warehouse.tables import OUTSIDE, PlaceKind, PlaceRow


@dataclass(frozen=True)
class ChangeStatus:
    """Give `quantity` units in a place another status, all of them by default; `cause` is of the site's list.

    `place` and `product` are what was scanned. `lot` may be left out where one lot of the product lies, `owner` where
    no other has a lot of this code there.
    """

    site: str
    place: str
    product: str
    to_status: StockStatus
    cause: str
    user: str
    from_status: StockStatus = StockStatus.AVAILABLE
    quantity: int | None = None
    lot: str | None = None
    device: str = ""
    client_id: str = ""
    owner: str | None = None


@dataclass(frozen=True)
class StatusChanged:
    """What has which status now. The lines of `orders` wait again; runs `run_ids` look for units elsewhere."""

    place: str
    product: str
    lot: str
    quantity: int
    status: StockStatus
    orders: tuple[str, ...]
    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class Lying:
    """Units of a lot in a place, as somebody has named them."""

    site_id: int
    within_id: int
    within_code: str
    within_kind: PlaceKind
    product: ProductRow
    lot: LotRow
    status: StockStatus
    place_id: int
    quantity: int
    reserved: int

    @property
    def key(self) -> BalanceKey:
        """Their balance."""
        assert self.product.id is not None
        assert self.lot.id is not None
        return BalanceKey(self.place_id, self.product.id, self.lot.id)


def change_status(database: Database, command: ChangeStatus, clock: Clock) -> StatusChanged:
    """Change the status of goods; runs that were to pick them look elsewhere at once.

    Raises
    ------
    NotFound, WrongState, StockShort, BinCodeInvalid, ScanUnreadable, CageClosed
        As `record_status`.
    """
    changed = database.run(record_status, command, clock=clock)
    seek_elsewhere(database, changed.run_ids, clock)
    return changed


def record_status(session: Session, command: ChangeStatus, clock: Clock) -> StatusChanged:
    """Change the status of goods, and take back the promises of those that become unavailable.

    Raises
    ------
    NotFound
        If the site, the place, the product, the lot or the cause is not known.
    BinCodeInvalid, ScanUnreadable
        If what was scanned is no code of a place or a product.
    WrongState
        If several lots lie there and none was named, the cause is not for this status, the lot is recalled, or
        nothing would change.
    StockShort
        If less lies there under that status.
    CageClosed
        If they lie in the cage, which this person may not open.
    """
    if command.from_status is command.to_status:
        raise WrongState("product", command.product, f"{command.to_status} already")
    lying = lying_goods(
        session,
        command.site,
        command.place,
        command.product,
        command.lot,
        command.from_status,
        owner=command.owner,
    )
    require_cause(session, lying.site_id, command.cause, command.to_status, clock)
    if command.to_status is not StockStatus.RECALLED and session.get(RecallRow, lying.lot.id) is not None:
        raise WrongState("lot", lying.lot.code, "recalled")
    enter_where(session, lying, command.user, clock, device=command.device)
    quantity = lying.quantity if command.quantity is None else command.quantity
    signed = Signed(command.user, command.cause, command.device, command.client_id)
    withdrawn = shift_status(session, lying, command.to_status, quantity, signed, clock)
    return StatusChanged(
        place=lying.within_code,
        product=lying.product.code,
        lot=lying.lot.code,
        quantity=quantity,
        status=command.to_status,
        orders=tuple(sorted(withdrawn.orders)),
        run_ids=tuple(sorted(withdrawn.run_ids)),
    )


def enter_where(session: Session, lying: Lying, user: str, clock: Clock, *, device: str = "") -> None:
    """Note that somebody lays hands on goods, if they lie in the cage.

    Raises
    ------
    CageClosed
        If he may not open it.
    """
    if lying.within_kind is PlaceKind.BIN:
        live = site_with_id(session, lying.site_id)
        enter_cage(session, live, lying.within_code, user, CageAct.MOVE, clock, device=device)


@dataclass(frozen=True)
class Signed:
    """Who did it, for which cause, and as which command."""

    user: str
    cause: str
    device: str = ""
    client_id: str = ""


def shift_status(
    session: Session, lying: Lying, to_status: StockStatus, quantity: int, signed: Signed, clock: Clock
) -> Withdrawn:
    """Move units to the place of another status within where they lie, out of all promises.

    Raises
    ------
    StockShort
        If less lies there.
    """
    goal = place_with_status(session, lying.site_id, lying.within_id, to_status)
    withdrawn = free_units(session, lying, quantity, f"{quantity} {to_status} in {lying.within_code}", clock)
    movement = NewMovement(
        site_id=lying.site_id,
        from_place_id=lying.place_id,
        to_place_id=goal,
        product_id=lying.key.product_id,
        lot_id=lying.key.lot_id,
        quantity=quantity,
        reason=Reason.DAMAGE if to_status is StockStatus.DAMAGED else Reason.MOVE,
        user=signed.user,
        device=signed.device,
        client_id=signed.client_id,
        cause=signed.cause,
    )
    post(session, [movement], clock=clock)
    return withdrawn


def free_units(session: Session, lying: Lying, quantity: int, reason: str, clock: Clock) -> Withdrawn:
    """Take units of a lot out of all promises, as far as too few of them are free.

    Raises
    ------
    StockShort
        If fewer than `quantity` units lie there.
    """
    if quantity > lying.quantity:
        raise StockShort(lying.product.code, lying.within_code, quantity, lying.quantity)
    if lying.status is not StockStatus.AVAILABLE:
        return Withdrawn()
    if lying.within_kind is PlaceKind.TOTE:
        return withdraw_picked(session, lying.within_id, lying.key.lot_id, quantity, reason)
    promised = quantity - (lying.quantity - lying.reserved)
    return withdraw(session, lying.key, promised, reason, clock) if promised > 0 else Withdrawn()


def lying_where(session: Session, *conditions: ColumnElement[bool]) -> list[Lying]:
    """All units for which conditions on `LYING`, their place, product and lot hold, by place and lot."""
    query = (
        select(PlaceRow, ProductRow, LotRow, *LYING.c["status", "place_id", "quantity", "reserved"])
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
        .where(*conditions)
        .order_by(LYING.c.place_id, LYING.c.lot_id)
    )
    return [
        Lying(
            site_id=place.site_id,
            within_id=place.id,
            within_code=place.code,
            within_kind=PlaceKind(place.kind),
            product=product,
            lot=lot,
            status=StockStatus(status),
            place_id=place_id,
            quantity=quantity,
            reserved=reserved,
        )
        for place, product, lot, status, place_id, quantity, reserved in session.execute(query)
    ]


def lying_goods(
    session: Session,
    site: str,
    place: str,
    product: str,
    lot: str | None,
    status: StockStatus,
    *,
    owner: str | None = None,
) -> Lying:
    """The units of a product that lie in a place under a status.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, the place, the product or the lot is not known there.
    WrongState
        If several lots lie there and none was named, or the place is outside the house.
    StockShort
        If nothing lies there.
    """
    live = live_site(session, site)
    within_id, code = place_of_scan(session, live, place)
    kind = PlaceKind(session.execute(select(col(PlaceRow.kind)).where(col(PlaceRow.id) == within_id)).scalar_one())
    if kind in OUTSIDE:
        raise WrongState("place", code, "outside the house")
    found = product_of_scan(session, product)
    place_id = place_with_status(session, live.id, within_id, status)
    query = (
        select(BalanceRow, LotRow)
        .join(LotRow, col(LotRow.id) == col(BalanceRow.lot_id))
        .where(col(BalanceRow.place_id) == place_id, col(BalanceRow.product_id) == found.id)
        .order_by(col(LotRow.id))
    )
    rows = session.execute(query).all()
    if lot is not None and rows:
        rows = [row for row in rows if row[1].code == lot]
        if not rows:
            raise NotFound("lot", lot)
    if owner is not None:
        rows = [row for row in rows if row[1].owner == owner]
    if not rows:
        raise StockShort(found.code, code, 1, 0)
    if len(rows) > 1:
        which = "lot" if len({row[1].code for row in rows}) > 1 else "owner"
        raise WrongState("product", found.code, f"here in {len(rows)} lots; say which {which}")
    balance, lot_row = rows[0]
    return Lying(live.id, within_id, code, kind, found, lot_row, status, place_id, balance.quantity, balance.reserved)

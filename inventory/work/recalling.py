"""A lot is called back: every unit is found, what is still here is withheld, every order that got some is named.

A recall holds at all sites and for good: units of the lot that come in later are recalled on arrival
(`receiving`), units that turn out to be of it too (`lot_correcting`). It is the maker's lot that is called back,
so the units of every owner who has it are. Calling a lot back again finds again.
"""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.stock_policy import StockStatus
from inventory.rules.webhooks import EventKind
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow
from inventory.work.cataloguing import lots_named, product_of_scan
from inventory.work.excursion_views import LotExcursion, lot_excursions
from inventory.work.sites import live_site
from inventory.work.statuses import Signed, lying_where, shift_status
from inventory.work.stock_policies import require_cause
from inventory.work.telling import tell
from inventory.work.withdrawing import Withdrawn, seek_elsewhere
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.tables import PlaceKind, PlaceRow, SiteRow


@dataclass(frozen=True)
class CallBack:
    """Call a lot of a product back, from a site whose list has the cause; it holds at all sites."""

    site: str
    product: str
    lot: str
    cause: str
    user: str
    note: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class UnitsHere:
    """Units of the lot in a bin, a tote or a station, with the status they have now."""

    site: str
    place: str
    kind: PlaceKind
    status: StockStatus
    quantity: int
    owner: str


@dataclass(frozen=True)
class OrderGot:
    """An order for which units of the lot were picked, and how many of them have left the house."""

    site: str
    order: str
    customer: str
    quantity_picked: int
    quantity_shipped: int


@dataclass(frozen=True)
class RecallView:
    """Where the units of a called lot are. `called_by` is empty if the lot is not called back.

    `quantity_disposed` units may not be sold and have left the house as such. `excursions` are what units of the lot
    went through in zones that had left their climate.
    """

    product: str
    name: str
    lot: str
    called_by: str
    called_ms: int | None
    cause: str
    note: str
    here: tuple[UnitsHere, ...]
    orders: tuple[OrderGot, ...]
    quantity_disposed: int = 0
    excursions: tuple[LotExcursion, ...] = ()


@dataclass(frozen=True)
class CalledBack:
    """What a recall found. Orders `waiting` wait for other units now; runs `run_ids` look elsewhere."""

    recall: RecallView
    quantity_recalled: int
    waiting: tuple[str, ...]
    run_ids: tuple[int, ...]


def call_back(database: Database, command: CallBack, clock: Clock) -> CalledBack:
    """Call a lot back; runs that were to pick it look elsewhere at once.

    Raises
    ------
    NotFound, WrongState, ScanUnreadable
        As `record_recall`.
    """
    called = database.run(record_recall, command, clock=clock)
    seek_elsewhere(database, called.run_ids, clock)
    return called


def record_recall(session: Session, command: CallBack, clock: Clock) -> CalledBack:
    """Withhold every unit of a lot, wherever it lies, and tell who got the others.

    Raises
    ------
    NotFound
        If the site, the product, the lot or the cause is not known.
    WrongState
        If the cause is not for recalls.
    ScanUnreadable
        If the product cannot be read.
    """
    live = live_site(session, command.site)
    require_cause(session, live.id, command.cause, StockStatus.RECALLED, clock)
    product, lots = _lots_named(session, command.product, command.lot)
    signed = Signed(command.user, command.cause, client_id=command.client_id)
    withdrawn = Withdrawn()
    quantity = 0
    is_new = [_note_recall(session, lot, command, clock) for lot in lots]
    for lot in lots:
        for lying in lying_where(session, LYING.c.lot_id == lot.id, LYING.c.status != StockStatus.RECALLED.value):
            withdrawn.add(shift_status(session, lying, StockStatus.RECALLED, lying.quantity, signed, clock))
            quantity += lying.quantity
    recall = recall_view(session, product.code, command.lot)
    if any(is_new):
        tell(session, EventKind.RECALL, live, [_told(recall, quantity)], clock)
    return CalledBack(
        recall=recall,
        quantity_recalled=quantity,
        waiting=tuple(sorted(withdrawn.orders)),
        run_ids=tuple(sorted(withdrawn.run_ids)),
    )


def _note_recall(session: Session, lot: LotRow, command: CallBack, clock: Clock) -> bool:
    """Note that a lot is called back; whether it was not before."""
    assert lot.id is not None
    if session.get(RecallRow, lot.id) is not None:
        return False
    session.add(
        RecallRow(
            lot_id=lot.id,
            cause=command.cause,
            note=command.note,
            called_by=command.user,
            called_ms=clock.now_ms(),
        )
    )
    session.flush()
    return True


def _told(recall: RecallView, quantity: int) -> dict[str, object]:
    """What others are told of a recall: the lot, why, and how far it has spread."""
    return {
        "product": recall.product,
        "name": recall.name,
        "lot": recall.lot,
        "cause": recall.cause,
        "note": recall.note,
        "called_by": recall.called_by,
        "quantity_recalled": quantity,
        "orders": [each.order for each in recall.orders],
    }


def _lots_named(session: Session, product: str, lot: str, owner: str | None = None) -> tuple[ProductRow, list[LotRow]]:
    """The lots of a code, of every owner or of one, by the scan or code of their product.

    Raises
    ------
    NotFound, ScanUnreadable
        If there is none.
    """
    found = product_of_scan(session, product)
    assert found.id is not None
    return found, lots_named(session, found.id, lot, owner=owner)


def recall_view(session: Session, product: str, lot: str, *, owner: str | None = None) -> RecallView:
    """Where the units of a lot are, all or those of one owner, and which orders got some; it changes nothing.

    Raises
    ------
    NotFound, ScanUnreadable
        If there is no such product or lot.
    """
    found, lots = _lots_named(session, product, lot, owner)
    assert found.id is not None
    lot_ids = [row.id for row in lots if row.id is not None]
    recalls = select(RecallRow).where(col(RecallRow.lot_id).in_(lot_ids)).order_by(col(RecallRow.called_ms))
    recall = session.execute(recalls).scalars().first()
    return RecallView(
        product=found.code,
        name=found.name,
        lot=lot,
        called_by="" if recall is None else recall.called_by,
        called_ms=None if recall is None else recall.called_ms,
        cause="" if recall is None else recall.cause,
        note="" if recall is None else recall.note,
        here=_here(session, found.id, lot_ids),
        orders=_orders(session, found.id, lot_ids),
        quantity_disposed=_disposed(session, found.id, lot_ids),
        excursions=tuple(each for record in lot_excursions(session, lot_ids).values() for each in record),
    )


def _here(session: Session, product_id: int, lot_ids: list[int]) -> tuple[UnitsHere, ...]:
    query = (
        select(
            col(SiteRow.code),
            col(PlaceRow.code),
            col(PlaceRow.kind),
            LYING.c.status,
            LYING.c.quantity,
            col(LotRow.owner),
        )
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(SiteRow, col(SiteRow.id) == col(PlaceRow.site_id))
        .join(LotRow, col(LotRow.id) == LYING.c.lot_id)
        .where(LYING.c.product_id == product_id, LYING.c.lot_id.in_(lot_ids))
        .order_by(col(SiteRow.code), col(PlaceRow.code), LYING.c.status, col(LotRow.owner))
    )
    return tuple(
        UnitsHere(site, place, PlaceKind(kind), StockStatus(status), quantity, owner)
        for site, place, kind, status, quantity, owner in session.execute(query)
    )


def _disposed(session: Session, product_id: int, lot_ids: list[int]) -> int:
    """Units of the lot that have left the house because they may not be sold."""
    query = select(func.coalesce(func.sum(MOVEMENT.c.quantity), 0)).where(
        MOVEMENT.c.product_id == product_id,
        MOVEMENT.c.lot_id.in_(lot_ids),
        MOVEMENT.c.reason == Reason.DISPOSE.value,
    )
    return int(session.execute(query).scalar_one())


def _orders(session: Session, product_id: int, lot_ids: list[int]) -> tuple[OrderGot, ...]:
    """The orders that the ledger has moved units of the lot for, by site and number.

    What went into a tote counts as picked, and not any more when it came back; what went to the customer has left.
    """
    to_kind, from_kind = PlaceRow.metadata.tables["place"].alias(), PlaceRow.metadata.tables["place"].alias()
    quantity = MOVEMENT.c.quantity
    tote, customer = PlaceKind.TOTE.value, PlaceKind.CUSTOMER.value
    shipped = func.sum(case((to_kind.c.kind == customer, quantity), (from_kind.c.kind == customer, -quantity), else_=0))
    came_back = (from_kind.c.kind == tote) & to_kind.c.kind.not_in((tote, customer, PlaceKind.STATION.value))
    picked = func.sum(case((to_kind.c.kind == tote, quantity), (came_back, -quantity), else_=0))
    query = (
        select(col(SiteRow.code), col(OrderRow.number), col(OrderRow.customer), picked, shipped)
        .join_from(MOVEMENT, OrderLineRow, col(OrderLineRow.id) == MOVEMENT.c.order_line_id)
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .join(SiteRow, col(SiteRow.id) == col(OrderRow.site_id))
        .join(to_kind, to_kind.c.id == MOVEMENT.c.to_place_id)
        .join(from_kind, from_kind.c.id == MOVEMENT.c.from_place_id)
        .where(MOVEMENT.c.product_id == product_id, MOVEMENT.c.lot_id.in_(lot_ids))
        .group_by(col(SiteRow.code), col(OrderRow.number), col(OrderRow.customer))
        .order_by(col(SiteRow.code), col(OrderRow.number))
    )
    found = (
        OrderGot(site, number, whose, int(quantity_picked), int(quantity_shipped))
        for site, number, whose, quantity_picked, quantity_shipped in session.execute(query)
    )
    return tuple(each for each in found if each.quantity_picked or each.quantity_shipped)

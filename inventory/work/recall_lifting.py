"""A recall is taken back: the lot may come in and go out again, and its units are what somebody has found them to be.

That it was called back, by whom and why, stays on record. Units in a tote go on hold, since the order that they were
picked for has long got others.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.shelf_life import usable_on
from inventory.rules.stock_policy import StockStatus
from inventory.tables.withholding import RecallLiftRow, RecallRow
from inventory.work.cataloguing import lots_named, product_of_scan
from inventory.work.receiving import site_day
from inventory.work.sites import live_site, site_with_id
from inventory.work.statuses import Lying, Signed, lying_where, shift_status
from inventory.work.stock_policies import require_cause
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.errors import WrongState
from warehouse.tables import PlaceKind

LIFTED_TO = (StockStatus.AVAILABLE, StockStatus.HOLD, StockStatus.QUARANTINED)
"""What units of a lot may be once it is not called back any more."""


@dataclass(frozen=True)
class LiftRecall:
    """Take the recall of a lot back, from a site whose list has the cause; it held at all sites, and ends at all.

    Its units become `status`.
    """

    site: str
    product: str
    lot: str
    cause: str
    user: str
    status: StockStatus = StockStatus.HOLD
    note: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class RecallLifted:
    """How many units are not called back any more."""

    product: str
    lot: str
    quantity: int


def lift_recall(session: Session, command: LiftRecall, clock: Clock) -> RecallLifted:
    """Take a recall back.

    Raises
    ------
    NotFound, ScanUnreadable
        If the site, the product, the lot or the cause is not known.
    WrongState
        If the lot is not called back, the cause is not for that status, or units of it cannot be given the status.
    """
    if command.status not in LIFTED_TO:
        raise WrongState("status", command.status, "not one that goods get when a recall is lifted")
    require_cause(session, live_site(session, command.site).id, command.cause, command.status, clock)
    product = product_of_scan(session, command.product)
    assert product.id is not None
    lots = lots_named(session, product.id, command.lot)
    recalls = select(RecallRow).where(col(RecallRow.lot_id).in_([lot.id for lot in lots]))
    rows = session.execute(recalls.order_by(col(RecallRow.lot_id)).with_for_update()).scalars().all()
    if not rows:
        raise WrongState("lot", command.lot, "not called back")
    for row in rows:
        session.add(_lifted(row, command, clock))
        session.delete(row)
    session.flush()
    signed = Signed(command.user, command.cause, client_id=command.client_id)
    quantity = 0
    for lot in lots:
        for lying in lying_where(session, LYING.c.lot_id == lot.id, LYING.c.status == StockStatus.RECALLED.value):
            status = _status_of(session, lying, command.status, clock)
            shift_status(session, lying, status, lying.quantity, signed, clock)
            quantity += lying.quantity
    return RecallLifted(product.code, command.lot, quantity)


def _lifted(recall: RecallRow, command: LiftRecall, clock: Clock) -> RecallLiftRow:
    return RecallLiftRow(
        lot_id=recall.lot_id,
        recall_cause=recall.cause,
        called_by=recall.called_by,
        called_ms=recall.called_ms,
        cause=command.cause,
        note=command.note,
        lifted_by=command.user,
        lifted_ms=clock.now_ms(),
    )


def _status_of(session: Session, lying: Lying, wanted: StockStatus, clock: Clock) -> StockStatus:
    """What units become: expired where they are, on hold in a tote, else what is wanted."""
    today = site_day(site_with_id(session, lying.site_id), clock).toordinal()
    if lying.lot.expires_on is not None and not usable_on(lying.lot.expires_on.toordinal(), today):
        return StockStatus.EXPIRED
    in_tote = lying.within_kind is PlaceKind.TOTE and wanted is StockStatus.AVAILABLE
    return StockStatus.HOLD if in_tote else wanted

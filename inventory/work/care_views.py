"""The record of care: every step of hanging goods, those that wait and those that are over."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.care import CareStep, Finding
from inventory.tables.care import WAITING, CareState, CareTaskRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.cataloguing import product_of_scan
from inventory.work.sites import live_site, place_codes


@dataclass(frozen=True)
class CareRecord:
    """A step of care: who asked for it and why, who did it, and what was found; `ahead` are the steps after it."""

    task: int
    place: str
    product: str
    lot: str
    owner: str
    quantity: int
    step: CareStep
    ahead: tuple[CareStep, ...]
    because: str
    asked_by: str
    asked_ms: int
    state: CareState
    taker: str
    begun_by: str
    begun_ms: int | None
    hung_ms: int | None
    done_by: str
    done_ms: int | None
    finding: Finding | None
    note: str


def care_record(
    session: Session,
    site: str,
    *,
    product: str | None = None,
    lot: str | None = None,
    waiting: bool = False,
    after: int = 0,
    limit: int = 200,
) -> tuple[CareRecord, ...]:
    """Steps of care at a site, the earliest asked for first: all of them, or those that wait.

    Raises
    ------
    NotFound, ScanUnreadable
        If the site or the product is not known.
    """
    query = (
        select(CareTaskRow, ProductRow, LotRow)
        .join(ProductRow, col(ProductRow.id) == col(CareTaskRow.product_id))
        .join(LotRow, col(LotRow.id) == col(CareTaskRow.lot_id))
        .where(col(CareTaskRow.site_id) == live_site(session, site).id, col(CareTaskRow.id) > after)
        .order_by(col(CareTaskRow.id))
        .limit(limit)
    )
    if product is not None:
        query = query.where(col(CareTaskRow.product_id) == product_of_scan(session, product).id)
    if lot is not None:
        query = query.where(col(LotRow.code) == lot)
    if waiting:
        query = query.where(col(CareTaskRow.state).in_(WAITING))
    rows = session.execute(query).all()
    codes = place_codes(session, {task.place_id for task, _, _ in rows})
    return tuple(_record(task, codes[task.place_id], goods, of) for task, goods, of in rows)


RECORDED = (
    "quantity",
    "because",
    "asked_by",
    "asked_ms",
    "taker",
    "begun_by",
    "begun_ms",
    "done_by",
    "done_ms",
    "note",
)


def _record(row: CareTaskRow, place: str, product: ProductRow, lot: LotRow) -> CareRecord:
    assert row.id is not None
    return CareRecord(
        task=row.id,
        place=place,
        product=product.code,
        lot=lot.code,
        owner=lot.owner,
        quantity=row.quantity,
        step=CareStep(row.step),
        ahead=row.steps_ahead,
        because=row.because,
        asked_by=row.asked_by,
        asked_ms=row.asked_ms,
        state=CareState(row.state),
        taker=row.taker,
        begun_by=row.begun_by,
        begun_ms=row.begun_ms,
        hung_ms=row.hung_ms,
        done_by=row.done_by,
        done_ms=row.done_ms,
        finding=None if row.finding is None else Finding(row.finding),
        note=row.note,
    )

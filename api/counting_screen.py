"""What a counter's screen shows now: computed from the database, so that any device shows the same.

It tells what this visit has noted, and never what the books say.
"""

from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlmodel import Session, col

from api.picking_screen import walking_run_of
from inventory.tables.counts import CountLineRow, CountState, CountUnitRow, CountVisitRow, StockCountRow
from inventory.tables.outbound import PickRunRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.count_assigning import count_under_way, num_waiting
from inventory.work.sites import live_site, site_with_id
from inventory.work.way_counting import way_count_at_hand
from warehouse.tables import PlaceRow


class LineNow(BaseModel):
    """Goods noted on this visit."""

    product: str = Field(examples=["85123A"])
    name: str = Field(examples=["White hanging heart T-light holder"])
    lot: str
    quantity: int = Field(examples=[12])
    serials: list[str] = Field(description="of goods known by their serials, those that were scanned")


class CountNow(BaseModel):
    """The count at hand; `begun` once its bin was scanned."""

    count: int = Field(examples=[41])
    bin_code: str = Field(examples=["07-042-B1-K"])
    aisle: str = Field(examples=["7"])
    bay: int = Field(examples=[42])
    level: int = Field(examples=[2])
    slot: int = Field(examples=[1])
    begun: bool
    lines: list[LineNow]


class CountScreen(BaseModel):
    """What to show: nothing taken, or a bin to count."""

    screen: Literal["idle", "count"]
    site: str | None = None
    counts_due: int = Field(description="counts that this person could take")
    count: CountNow | None = None


class CountNext(BaseModel):
    """The answer of every counting call: what comes next. `moved` asks to count the goods at hand again."""

    next: CountScreen
    moved: bool = Field(default=False, description="goods were moved meanwhile and nothing was noted: count again")


def count_screen(session: Session, counter: str, site: str | None) -> CountScreen:
    """The screen of somebody who counts.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    run_id = walking_run_of(session, counter)
    run = None if run_id is None else session.get(PickRunRow, run_id)
    count_id = count_under_way(session, counter) if run is None else way_count_at_hand(session, run)
    if count_id is None:
        due = 0 if site is None else num_waiting(session, live_site(session, site).id, counter)
        return CountScreen(screen="idle", site=site, counts_due=due)
    count = session.get(StockCountRow, count_id)
    assert count is not None
    live = site_with_id(session, count.site_id)
    due = num_waiting(session, count.site_id, counter)
    return CountScreen(screen="count", site=live.site.code, counts_due=due, count=count_now(session, count))


def count_now(session: Session, count: StockCountRow) -> CountNow:
    """A count under way, with what its open visit has noted."""
    assert count.id is not None
    assert count.state in (CountState.COUNTING, CountState.DUE)
    place = session.get(PlaceRow, count.place_id)
    assert place is not None
    shelf = site_with_id(session, count.site_id).bins[place.code]
    open_visit = select(col(CountVisitRow.id)).where(
        col(CountVisitRow.count_id) == count.id, col(CountVisitRow.closed_ms).is_(None)
    )
    visit_id = session.execute(open_visit).scalar_one_or_none()
    noted = (
        select(CountLineRow, ProductRow, col(LotRow.code))
        .join(ProductRow, col(ProductRow.id) == col(CountLineRow.product_id))
        .join(LotRow, col(LotRow.id) == col(CountLineRow.lot_id))
        .where(col(CountLineRow.visit_id) == visit_id)
        .order_by(col(CountLineRow.id))
    )
    lines = session.execute(noted).all()
    serials: dict[int, list[str]] = {}
    units = select(col(CountUnitRow.line_id), col(CountUnitRow.serial)).where(
        col(CountUnitRow.line_id).in_([line.id for line, _, _ in lines]), col(CountUnitRow.difference) >= 0
    )
    for line_id, serial in session.execute(units.order_by(col(CountUnitRow.serial))):
        serials.setdefault(line_id, []).append(serial)
    return CountNow(
        count=count.id,
        bin_code=shelf.code,
        aisle=shelf.aisle,
        bay=shelf.bay,
        level=shelf.level,
        slot=shelf.slot,
        begun=visit_id is not None,
        lines=[
            LineNow(
                product=product.code,
                name=product.name,
                lot=lot,
                quantity=line.quantity,
                serials=serials.get(line.id or 0, []),
            )
            for line, product, lot in lines
            if line.quantity or not product.serialised  # a lot that he has seen no unit of is from the books
        ],
    )

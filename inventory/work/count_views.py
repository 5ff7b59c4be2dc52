"""Looking at counts and what they found. Nothing here changes anything; it all runs in `Database.read`."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE, MOVEMENT, PLACE
from inventory.rules.counting import Approver, CountTrigger, RootCause
from inventory.rules.seeking import BinToSearch, bins_to_search
from inventory.tables.counts import (
    CountDifferenceRow,
    CountLineRow,
    CountState,
    CountVisitRow,
    DifferenceState,
    StockCountRow,
)
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.sites import live_site, site_with_id
from warehouse.errors import NotFound
from warehouse.tables import PlaceRow

SAME_WALK_MS = 10 * 60_000
"""Bins that somebody works in within ten minutes of each other belong to one walk."""


@dataclass(frozen=True)
class CountView:
    """A count in a list; `counters` are all who have counted or count now."""

    count_id: int
    bin_code: str
    trigger: CountTrigger
    state: CountState
    created_ms: int
    done_ms: int | None
    counters: tuple[str, ...]


@dataclass(frozen=True)
class DifferenceView:
    """A difference in a list; `value_cents` is none where the product has no value.

    `counted` units lay there when `on_books` were expected. With a `serial` it is about that one of them.
    """

    difference_id: int
    count_id: int
    bin_code: str
    product: str
    name: str
    lot: str
    counted: int
    on_books: int
    serial: str
    difference: int
    value_cents: int | None
    approver: Approver
    state: DifferenceState
    cause: RootCause
    note: str
    found_ms: int
    decided_by: str | None
    quantity_adjusted: int


@dataclass(frozen=True)
class UnknownGoodsView:
    """Units in a bin that no product is known for."""

    bin_code: str
    scanned: str
    quantity: int
    counter: str
    at_ms: int


def list_counts(
    session: Session, site: str, *, state: CountState | None = None, limit: int = 200
) -> tuple[CountView, ...]:
    """The latest counts of a site, all or those in one state.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(StockCountRow, col(PlaceRow.code))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .where(col(StockCountRow.site_id) == live_site(session, site).id)
        .order_by(col(StockCountRow.id).desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(col(StockCountRow.state) == state)
    found = session.execute(query).all()
    counters: dict[int, list[str]] = {}
    visits = select(col(CountVisitRow.count_id), col(CountVisitRow.counter)).where(
        col(CountVisitRow.count_id).in_([count.id for count, _ in found])
    )
    for count_id, counter in session.execute(visits.order_by(col(CountVisitRow.id))):
        counters.setdefault(count_id, []).append(counter)
    return tuple(
        CountView(
            count_id=count.id or 0,
            bin_code=code,
            trigger=CountTrigger(count.trigger),
            state=CountState(count.state),
            created_ms=count.created_ms,
            done_ms=count.done_ms,
            counters=tuple(counters.get(count.id or 0, ())),
        )
        for count, code in found
    )


def list_differences(
    session: Session, site: str, *, state: DifferenceState | None = None, limit: int = 200
) -> tuple[DifferenceView, ...]:
    """The latest differences found at a site, all or those in one state.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(
            CountDifferenceRow,
            col(CountLineRow.quantity),
            col(CountLineRow.expected),
            col(PlaceRow.code),
            ProductRow,
            col(LotRow.code),
        )
        .join(CountLineRow, col(CountLineRow.id) == col(CountDifferenceRow.line_id))
        .join(StockCountRow, col(StockCountRow.id) == col(CountDifferenceRow.count_id))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .join(ProductRow, col(ProductRow.id) == col(CountDifferenceRow.product_id))
        .join(LotRow, col(LotRow.id) == col(CountDifferenceRow.lot_id))
        .where(col(CountDifferenceRow.site_id) == live_site(session, site).id)
        .order_by(col(CountDifferenceRow.id).desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(col(CountDifferenceRow.state) == state)
    return tuple(
        DifferenceView(
            difference_id=row.id or 0,
            count_id=row.count_id,
            bin_code=code,
            product=product.code,
            name=product.name,
            lot=lot,
            counted=counted,
            on_books=expected,
            serial=row.serial,
            difference=row.difference,
            value_cents=row.value_cents,
            approver=Approver(row.approver),
            state=DifferenceState(row.state),
            cause=RootCause(row.cause),
            note=row.note,
            found_ms=row.found_ms,
            decided_by=row.decided_by,
            quantity_adjusted=row.quantity_adjusted,
        )
        for row, counted, expected, code, product, lot in session.execute(query)
    )


def unknown_goods(session: Session, site: str, *, limit: int = 200) -> tuple[UnknownGoodsView, ...]:
    """Goods found in bins that no product is known for, the latest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    query = (
        select(CountLineRow, col(CountVisitRow.counter), col(PlaceRow.code))
        .join(CountVisitRow, col(CountVisitRow.id) == col(CountLineRow.visit_id))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .join(PlaceRow, col(PlaceRow.id) == col(StockCountRow.place_id))
        .where(
            col(StockCountRow.site_id) == live_site(session, site).id,
            col(CountLineRow.product_id).is_(None),
            col(CountVisitRow.closed_ms).is_not(None),
        )
        .order_by(col(CountLineRow.id).desc())
        .limit(limit)
    )
    return tuple(
        UnknownGoodsView(code, line.scanned, line.quantity, counter, line.at_ms)
        for line, counter, code in session.execute(query)
    )


def where_to_look(session: Session, difference_id: int) -> tuple[BinToSearch, ...]:
    """The bins to look in for the units of a difference, the likeliest first.

    Raises
    ------
    NotFound
        If there is no such difference.
    """
    row = session.get(CountDifferenceRow, difference_id)
    if row is None:
        raise NotFound("difference", difference_id)
    count = session.get(StockCountRow, row.count_id)
    assert count is not None
    found = col(CountDifferenceRow.difference)
    other = found > 0 if row.difference < 0 else found < 0
    opposite = (
        select(col(StockCountRow.place_id))
        .join(CountDifferenceRow, col(CountDifferenceRow.count_id) == col(StockCountRow.id))
        .where(
            col(CountDifferenceRow.site_id) == row.site_id,
            col(CountDifferenceRow.product_id) == row.product_id,
            col(CountDifferenceRow.lot_id) == row.lot_id,
            col(CountDifferenceRow.state) != DifferenceState.REJECTED,
            other,
        )
    )
    holding = select(BALANCE.c.place_id).where(BALANCE.c.product_id == row.product_id)
    bins = site_with_id(session, row.site_id)
    codes = {
        key: code
        for key, code in session.execute(select(PLACE.c.id, PLACE.c.code).where(PLACE.c.site_id == row.site_id))
        if code in bins.bins
    }

    def coded(places: object) -> set[str]:
        return {codes[place] for place in places if place in codes}  # type: ignore[attr-defined] # any iterable

    return bins_to_search(
        codes[count.place_id],
        bins.site.bins,
        surplus=coded(session.execute(opposite).scalars()),
        same_walk=coded(_same_walk(session, count.place_id, row)),
        same_product=coded(session.execute(holding).scalars()),
    )


def _same_walk(session: Session, place_id: int, row: CountDifferenceRow) -> set[int]:
    """The places that those who moved these goods worked in at about the same time."""
    handled = (
        select(MOVEMENT.c.user, MOVEMENT.c.at_ms)
        .where(
            or_(MOVEMENT.c.from_place_id == place_id, MOVEMENT.c.to_place_id == place_id),
            MOVEMENT.c.product_id == row.product_id,
            MOVEMENT.c.reason.in_([each.value for each in (Reason.PICK, Reason.STOW, Reason.MOVE)]),
            MOVEMENT.c.at_ms <= row.found_ms,
        )
        .order_by(MOVEMENT.c.id.desc())
        .limit(5)
    )
    places: set[int] = set()
    for user, at_ms in session.execute(handled).all():
        near = select(MOVEMENT.c.from_place_id, MOVEMENT.c.to_place_id).where(
            MOVEMENT.c.site_id == row.site_id,
            MOVEMENT.c.user == user,
            MOVEMENT.c.at_ms.between(at_ms - SAME_WALK_MS, at_ms + SAME_WALK_MS),
        )
        places.update(place for pair in session.execute(near.limit(200)) for place in pair)
    return places

"""The ledger is put right by a difference that was approved.

Missing units go to the place LOST, surplus ones come from there, or from outside where LOST has none of them, and
join what lies in the bin under the status that its lot has there. A difference holds against the ledger at the moment
of the count, so goods picked or stowed since do no harm; what a short pick or another count has corrected since is
taken off. Units that are promised to runs stay on the books until the pick finds them short. A unit that is known by
its serial is lost, or here again, with its movement.
"""

from datetime import date

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from inventory.ledger import BALANCE, MOVEMENT, NewMovement, post
from inventory.rules.counting import RootCause, left_to_adjust
from inventory.rules.shelf_life import usable_on
from inventory.rules.stock_policy import StockStatus
from inventory.tables.counts import CountDifferenceRow, CountLineRow, DifferenceState, StockCountRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.serials import SerialState
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallRow
from inventory.work.lost_units import settle_lost
from inventory.work.receiving import site_day
from inventory.work.serials import known_units
from inventory.work.sites import place_of_kind, site_with_id
from inventory.work.unit_counting import adjust_unit, unit_to_adjust
from inventory.work.withheld import LYING, place_with_status, withheld_within
from warehouse.clock import Clock
from warehouse.tables import PlaceKind

CORRECTIONS = (Reason.PICK_SHORT, Reason.COUNT, Reason.CORRECTION)
"""Movements that put a record right; any other moves goods that are there."""


def adjust(
    session: Session,
    row: CountDifferenceRow,
    count: StockCountRow,
    user: str,
    client_id: str,
    clock: Clock,
    *,
    device: str = "",
) -> int:
    """Adjust the ledger by what is left of a difference; how many missing units are promised and stay.

    Raises
    ------
    WrongState
        If a unit that was found cannot just come back, since it was picked or sold for an order, or destroyed.
    """
    line = session.get(CountLineRow, row.line_id)
    assert line is not None
    left = _left(session, row, count, line)
    lost = place_of_kind(session, count.site_id, PlaceKind.LOST)
    taken = []
    missing = max(-left, 0)
    for place_id in places_of_bin(session, count.place_id):
        taken.append((place_id, lost, min(missing, _free(session, place_id, row))))
        missing -= taken[-1][2]
    from_lost = min(left, _free(session, lost, row)) if left > 0 and not _is_new(session, row) else 0
    outside = place_of_kind(session, count.site_id, PlaceKind.ADJUSTMENT)
    goal = _place_of_surplus(session, count, row, site_day(site_with_id(session, count.site_id), clock))
    ways = [*taken, (lost, goal, from_lost), (outside, goal, max(left, 0) - from_lost)]
    movements = [
        NewMovement(
            site_id=count.site_id,
            from_place_id=from_place,
            to_place_id=to_place,
            product_id=row.product_id,
            lot_id=row.lot_id,
            quantity=quantity,
            reason=Reason.COUNT,
            user=user,
            device=device,
            client_id=client_id,
            cause=RootCause(row.cause).value,
        )
        for from_place, to_place, quantity in ways
        if quantity
    ]
    post(session, movements, clock=clock)
    if row.serial and movements:
        adjust_unit(session, row, line.at_ms, movements[0], clock)
    if movements and _is_serialised(session, row):
        settle_lost(session, row.lot_id)
    row.state, row.decided_by, row.decided_ms = DifferenceState.APPROVED, user, clock.now_ms()
    row.quantity_adjusted = left + missing
    session.add(row)
    return missing


def _left(session: Session, row: CountDifferenceRow, count: StockCountRow, line: CountLineRow) -> int:
    """What of a difference is still to be adjusted, of a named unit only while it is as the count found it."""
    corrected, _ = corrected_since(session, count.place_id, row.product_id, row.lot_id, line.movement_mark)
    others = select(func.sum(col(CountDifferenceRow.difference))).where(
        col(CountDifferenceRow.line_id) == row.line_id,
        col(CountDifferenceRow.state) == DifferenceState.APPROVED,
        col(CountDifferenceRow.id) != row.id,
    )
    decided = session.execute(others).scalar_one()
    if decided is not None:  # what corrects the other differences of the record does not correct this one
        corrected -= decided
        corrected = max(corrected, 0) if row.difference > 0 else min(corrected, 0)
    left = left_to_adjust(row.difference, corrected)
    return left if not row.serial or unit_to_adjust(session, row) else 0


def _is_new(session: Session, row: CountDifferenceRow) -> bool:
    """Whether a difference is a unit that was not among those that are written off."""
    unit = known_units(session, row.product_id, [row.serial]).get(row.serial)
    return bool(row.serial) and (unit is None or unit.state != SerialState.LOST)


def _is_serialised(session: Session, row: CountDifferenceRow) -> bool:
    product = session.get(ProductRow, row.product_id)
    assert product is not None
    return product.serialised


def _place_of_surplus(session: Session, count: StockCountRow, row: CountDifferenceRow, today: date) -> int:
    """Where units belong that were found in a bin: under the status that the lot has, all of it, or has there."""
    lot = session.get(LotRow, row.lot_id)
    assert lot is not None
    here = select(LYING.c.status).where(
        LYING.c.within_id == count.place_id, LYING.c.product_id == row.product_id, LYING.c.lot_id == row.lot_id
    )
    statuses = {StockStatus(status) for status in session.execute(here).scalars()}
    status = statuses.pop() if len(statuses) == 1 else StockStatus.AVAILABLE
    if session.get(RecallRow, row.lot_id) is not None:
        status = StockStatus.RECALLED
    elif lot.expires_on is not None and not usable_on(lot.expires_on.toordinal(), today.toordinal()):
        status = StockStatus.EXPIRED
    return place_with_status(session, count.site_id, count.place_id, status)


def places_of_bin(session: Session, place_id: int) -> list[int]:
    """A bin, and the places of what lies in it and is withheld: a counter sees all of it."""
    return [place_id, *session.execute(withheld_within(place_id)).scalars()]


def corrected_since(session: Session, place_id: int, product_id: int, lot_id: int, mark: int) -> tuple[int, int]:
    """By how many units a record was corrected after movement `mark`, and by how many movements."""
    places = places_of_bin(session, place_id)
    came, went = (MOVEMENT.c[column].in_(places) for column in ("to_place_id", "from_place_id"))
    change = case((came & went, 0), (came, MOVEMENT.c.quantity), else_=-MOVEMENT.c.quantity)
    query = select(func.coalesce(func.sum(change), 0), func.count()).where(
        or_(came, went),
        MOVEMENT.c.product_id == product_id,
        MOVEMENT.c.lot_id == lot_id,
        MOVEMENT.c.id > mark,
        MOVEMENT.c.reason.in_([reason.value for reason in CORRECTIONS]),
    )
    units, movements = session.execute(query).one()
    return int(units), int(movements)


def _free(session: Session, place_id: int, row: CountDifferenceRow) -> int:
    """Units of a record that are promised to nobody, locked until the transaction ends."""
    query = select(BALANCE.c.quantity - BALANCE.c.reserved).where(
        BALANCE.c.place_id == place_id, BALANCE.c.product_id == row.product_id, BALANCE.c.lot_id == row.lot_id
    )
    free: int = session.execute(query.with_for_update()).scalar_one_or_none() or 0
    return free

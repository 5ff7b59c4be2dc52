"""Differences that two people found: approved and put into the ledger, or sent to be counted anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session, col

from inventory.rules.counting import RANK, Approver, CountPolicy, RootCause, approver_of
from inventory.tables.counts import (
    AuditItemRow,
    CountDifferenceRow,
    CountLineRow,
    CountState,
    CountVisitRow,
    DifferenceState,
    ItemState,
    StockCountRow,
)
from inventory.tables.products import ProductRow
from inventory.work.adjusting import adjust
from inventory.work.root_causes import WrongRecord, cause_of
from warehouse.clock import Clock
from warehouse.errors import NotFound, WrongState


@dataclass(frozen=True)
class Found:
    """A record that is wrong by `difference`, as the last visit's `line` says; with a `serial` by that one unit."""

    line: CountLineRow
    difference: int
    serial: str = ""


@dataclass(frozen=True)
class ApproveDifference:
    """Put a difference into the ledger. `rank` is what its approver may; without a cause the likely one stands."""

    difference_id: int
    user: str
    rank: Approver
    cause: RootCause | None = None
    note: str = ""
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Approved:
    """What was put into the ledger; `quantity_promised` units that are missing wait for the pick to find them short."""

    difference_id: int
    quantity_adjusted: int
    quantity_promised: int
    cause: RootCause


@dataclass(frozen=True)
class RejectDifference:
    """Have the bin counted anew, all of it, by people who may have counted before."""

    difference_id: int
    user: str
    note: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class Rejected:
    """The count that is due again."""

    difference_id: int
    count_id: int


def record_differences(
    session: Session,
    count: StockCountRow,
    records: Sequence[Found],
    policy: CountPolicy,
    counter: str,
    clock: Clock,
    *,
    agreed: bool,
) -> None:
    """End a count with the differences it has found; those within the counter's own limits are approved at once."""
    for each in records:
        units = sum(abs(other.difference) for other in records if other.line is each.line)
        row = _difference(session, count, each, units, policy, clock, agreed=agreed)
        session.add(row)
        session.flush()
        if row.approver == Approver.COUNTER:
            adjust(session, row, count, counter, "", clock)
    _settle(session, count, clock)


def approve_difference(session: Session, command: ApproveDifference, clock: Clock) -> Approved:
    """Approve a difference and adjust the ledger.

    Raises
    ------
    NotFound
        If there is no such difference.
    WrongState
        If it is decided, needs somebody who may more, or the approver has counted it himself.
    """
    row, count = _open(session, command.difference_id)
    if RANK[command.rank] < RANK[Approver(row.approver)]:
        raise WrongState("difference", row.id, f"for the {Approver(row.approver)} to approve")
    own = select(col(CountVisitRow.id)).where(
        col(CountVisitRow.count_id) == count.id,
        col(CountVisitRow.counter) == command.user,
        col(CountVisitRow.void).is_(False),
    )
    if session.execute(own).first() is not None:
        raise WrongState("difference", row.id, "for somebody else to approve: you counted it")
    if command.cause is not None:
        row.cause = command.cause
    row.note = command.note
    promised = adjust(session, row, count, command.user, command.client_id, clock, device=command.device)
    _settle(session, count, clock)
    return Approved(command.difference_id, row.quantity_adjusted, promised, RootCause(row.cause))


def reject_difference(session: Session, command: RejectDifference, clock: Clock) -> Rejected:
    """Do not believe a difference: the bin is counted anew. Nothing moves.

    Raises
    ------
    NotFound
        If there is no such difference.
    WrongState
        If it is decided.
    """
    row, count = _open(session, command.difference_id)
    assert count.id is not None
    open_ones = (col(CountDifferenceRow.count_id) == count.id, col(CountDifferenceRow.state) == DifferenceState.OPEN)
    decided = {"state": DifferenceState.REJECTED, "decided_by": command.user, "decided_ms": clock.now_ms()}
    session.execute(update(CountDifferenceRow).where(*open_ones).values(**decided, note=command.note))
    session.execute(update(CountVisitRow).where(col(CountVisitRow.count_id) == count.id).values(void=True))
    doubted = update(AuditItemRow).where(col(AuditItemRow.count_id) == count.id)
    session.execute(doubted.values(state=ItemState.WAITING, count_id=None, checked_ms=None))
    session.expire(row)
    count.state, count.done_ms = CountState.DUE, None
    count.run_id = count.way_mm = None
    session.add(count)
    return Rejected(command.difference_id, count.id)


def _open(session: Session, difference_id: int) -> tuple[CountDifferenceRow, StockCountRow]:
    """A difference that waits, and its count; both locked until the transaction ends."""
    row = session.get(CountDifferenceRow, difference_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("difference", difference_id)
    if row.state != DifferenceState.OPEN:
        raise WrongState("difference", difference_id, DifferenceState(row.state))
    count = session.get(StockCountRow, row.count_id, with_for_update=True, populate_existing=True)
    assert count is not None
    return row, count


def _difference(
    session: Session, count: StockCountRow, found: Found, units: int, policy: CountPolicy, clock: Clock, *, agreed: bool
) -> CountDifferenceRow:
    """The row of a difference, with who may approve it and what most likely caused it.

    `units` are all that are wrong in the record: twenty units by name are judged as twenty. A unit that is not on the
    books is never for the counter himself to approve.
    """
    line, difference = found.line, found.difference
    assert count.id is not None
    assert line.id is not None
    assert line.product_id is not None
    assert line.lot_id is not None
    product = session.get(ProductRow, line.product_id)
    assert product is not None
    worth = product.value_cents or None
    wrong = WrongRecord(
        count.site_id, count.place_id, line.product_id, line.lot_id, difference, line.expected, count_id=count.id
    )
    approver = approver_of(units, worth, policy, agreed=agreed)
    if found.serial and difference > 0:
        approver = max(approver, Approver.MANAGER, key=RANK.__getitem__)
    return CountDifferenceRow(
        site_id=count.site_id,
        count_id=count.id,
        line_id=line.id,
        product_id=line.product_id,
        lot_id=line.lot_id,
        serial=found.serial,
        difference=difference,
        value_cents=None if worth is None else worth * abs(difference),
        approver=approver,
        cause=cause_of(session, wrong),
        found_ms=clock.now_ms(),
    )


def _settle(session: Session, count: StockCountRow, clock: Clock) -> None:
    """A count is done once none of its differences waits."""
    session.flush()
    waiting = select(col(CountDifferenceRow.id)).where(
        col(CountDifferenceRow.count_id) == count.id, col(CountDifferenceRow.state) == DifferenceState.OPEN
    )
    if session.execute(waiting.limit(1)).first() is not None:
        count.state = CountState.APPROVAL
    else:
        count.state, count.done_ms = CountState.DONE, clock.now_ms()
    session.add(count)

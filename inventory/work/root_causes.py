"""Why records are wrong: what most likely made one so, and how often each root cause was found."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.counting import RootCause, likely_cause
from inventory.tables.counts import CountDifferenceRow, DifferenceState, StockCountRow
from inventory.tables.stock import Reason
from inventory.work.short_picks import root_cause, short_picks_by_cause
from inventory.work.sites import live_site


@dataclass(frozen=True)
class WrongRecord:
    """A lot in a bin of which there are `difference` units too many or too few; the books say `expected`.

    `count_id` is the count that found it, None where a picker did.
    """

    site_id: int
    place_id: int
    product_id: int
    lot_id: int
    difference: int
    expected: int
    count_id: int | None = None


@dataclass(frozen=True)
class CauseView:
    """How many approved differences and short picks had one root cause, and of how many units and what value."""

    cause: RootCause
    differences: int
    short_picks: int
    units_missing: int
    units_surplus: int
    value_cents: int


def cause_of(session: Session, record: WrongRecord) -> RootCause:
    """The likely root cause, by how its goods were moved since they were counted, and what other bins lack.

    Whoever approves the difference may know better.
    """
    moved = _moved_since_counted(session, record)
    return likely_cause(
        record.difference,
        expected=record.expected,
        opposite_found=_opposite_found(session, record),
        picked=Reason.PICK in moved,
        stowed=bool({Reason.STOW, Reason.MOVE} & moved),
    )


def root_causes(session: Session, site: str, *, since_ms: int = 0) -> tuple[CauseView, ...]:
    """Why records were wrong: approved differences and what short picks wrote off, the commonest root cause first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    site_id = live_site(session, site).id
    query = select(CountDifferenceRow).where(
        col(CountDifferenceRow.site_id) == site_id,
        col(CountDifferenceRow.state) == DifferenceState.APPROVED,
        col(CountDifferenceRow.decided_ms) >= since_ms,
    )
    rows: dict[RootCause, list[CountDifferenceRow]] = {}
    for row in session.execute(query).scalars():
        rows.setdefault(RootCause(row.cause), []).append(row)
    short = _short_picks(session, site_id, since_ms)
    causes = []
    for cause in rows.keys() | short.keys():
        some = rows.get(cause, [])
        short_picks, units, value_cents = short.get(cause, (0, 0, 0))
        view = CauseView(
            cause=cause,
            differences=len(some),
            short_picks=short_picks,
            units_missing=units - sum(min(row.difference, 0) for row in some),
            units_surplus=sum(max(row.difference, 0) for row in some),
            value_cents=value_cents + sum(row.value_cents or 0 for row in some),
        )
        causes.append(view)
    return tuple(sorted(causes, key=lambda each: (-each.differences - each.short_picks, each.cause)))


def _short_picks(session: Session, site_id: int, since_ms: int) -> dict[RootCause, tuple[int, int, int]]:
    """How many short picks wrote something off, how many units and of what value, by the root cause that holds."""
    found: dict[RootCause, tuple[int, int, int]] = {}
    for cause, *figures in session.execute(short_picks_by_cause(session, site_id, since_ms)):
        root = root_cause(cause)
        before = found.get(root, (0, 0, 0))
        found[root] = (before[0] + int(figures[0]), before[1] + int(figures[1]), before[2] + int(figures[2]))
    return found


def _moved_since_counted(session: Session, record: WrongRecord) -> set[Reason]:
    """How goods of a record have moved since its bin was last counted to the end."""
    last = select(func.max(col(StockCountRow.done_ms))).where(col(StockCountRow.place_id) == record.place_id)
    if record.count_id is not None:
        last = last.where(col(StockCountRow.id) != record.count_id)
    since_ms = session.execute(last).scalar_one() or 0
    query = (
        select(MOVEMENT.c.reason)
        .where(
            or_(MOVEMENT.c.from_place_id == record.place_id, MOVEMENT.c.to_place_id == record.place_id),
            MOVEMENT.c.product_id == record.product_id,
            MOVEMENT.c.lot_id == record.lot_id,
            MOVEMENT.c.at_ms > since_ms,
        )
        .distinct()
    )
    return {Reason(reason) for reason in session.execute(query).scalars()}


def _opposite_found(session: Session, record: WrongRecord) -> bool:
    """Whether a count found the same goods missing where this record has too many, or the other way round."""
    found = col(CountDifferenceRow.difference)
    sign = found < 0 if record.difference > 0 else found > 0
    query = select(col(CountDifferenceRow.id)).where(
        col(CountDifferenceRow.site_id) == record.site_id,
        col(CountDifferenceRow.product_id) == record.product_id,
        col(CountDifferenceRow.lot_id) == record.lot_id,
        col(CountDifferenceRow.state) == DifferenceState.OPEN,
        sign,
    )
    return session.execute(query.limit(1)).first() is not None

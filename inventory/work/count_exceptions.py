"""Something went wrong at a bin: it is counted soon, from the moment it happened.

A pick came short or found damage, goods found no room where the books say there is some, a move was left, what a picker
took out of a bin was refused at the scan, or a count found goods that no product is known for.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.counting import CountTrigger
from inventory.tables.counts import CountLineRow, CountVisitRow, StockCountRow
from inventory.tables.outbound import PickStepRow
from inventory.work.count_planning import add_counts
from warehouse.clock import Clock
from warehouse.tables import PlaceKind, PlaceRow


@dataclass(frozen=True)
class DoubtStep:
    """The goods that a picker scanned at the bin of a step were others than the step's."""

    step_id: int


def doubt_step(session: Session, command: DoubtStep, clock: Clock) -> None:
    """Have the bin of a step counted, if there is such a step."""
    step = session.get(PickStepRow, command.step_id)
    if step is not None:
        count_soon(session, step.place_id, clock)


def count_soon(session: Session, place_id: int, clock: Clock) -> None:
    """Make a bin due after an exception, unless it has a count under way; any other place is not counted."""
    place = session.get(PlaceRow, place_id)
    if place is not None and place.kind == PlaceKind.BIN:
        add_counts(session, place.site_id, {place_id: CountTrigger.EXCEPTION}, clock)


def count_unknown_again(session: Session, place_id: int, visit: CountVisitRow, clock: Clock) -> None:
    """Make a bin due where a visit found goods that no product is known for and no visit had found before.

    By the next count somebody may know them; what it finds unknown again is on the list of such goods already.
    """
    line = CountLineRow
    found = select(col(line.scanned)).where(col(line.visit_id) == visit.id, col(line.product_id).is_(None))
    before = (
        select(col(line.scanned))
        .join(CountVisitRow, col(CountVisitRow.id) == col(line.visit_id))
        .join(StockCountRow, col(StockCountRow.id) == col(CountVisitRow.count_id))
        .where(
            col(StockCountRow.place_id) == place_id, col(CountVisitRow.id) != visit.id, col(line.product_id).is_(None)
        )
    )
    if set(session.execute(found).scalars()) - set(session.execute(before).scalars()):
        count_soon(session, place_id, clock)

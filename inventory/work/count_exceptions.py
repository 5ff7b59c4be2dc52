"""Something went wrong at a bin: it is counted soon, from the moment it happened.

A pick came short or found damage, goods found no room where the books say there is some, a move was left, or what a
picker took out of a bin was refused at the scan.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.counting import CountTrigger
from inventory.tables.counts import CountState, StockCountRow
from inventory.tables.outbound import PickStepRow
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
    under_way = select(col(StockCountRow.id)).where(
        col(StockCountRow.place_id) == place_id, col(StockCountRow.state) != CountState.DONE
    )
    if place is None or place.kind != PlaceKind.BIN or session.execute(under_way.limit(1)).first() is not None:
        return
    session.add(
        StockCountRow(
            site_id=place.site_id, place_id=place_id, trigger=CountTrigger.EXCEPTION, created_ms=clock.now_ms()
        )
    )

"""Hanging goods come into care: when they come in or come back, as the site's policy says, or because somebody asks.

What is in care is on hold, and for sale again after its last step (`caring`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from inventory.rules.care import CareStep, steps_of
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.tables.care import CareTaskRow
from inventory.tables.products import ProductRow
from warehouse.clock import Clock

CAUSE = "care"
"""The cause of the movements by which goods go into care and leave it."""


@dataclass(frozen=True)
class Units:
    """Units of a lot on hold in a place."""

    site_id: int
    place_id: int
    product_id: int
    lot_id: int
    quantity: int


def care_at_receipt(policy: StockPolicy, product: ProductRow, status: StockStatus) -> tuple[CareStep, ...]:
    """The steps that units go through which come in and would be for sale."""
    return steps_of(product.storage_class, policy.care.at_receipt) if status is StockStatus.AVAILABLE else ()


def put_into_care(
    session: Session, units: Units, steps: Sequence[CareStep], because: str, user: str, clock: Clock
) -> int:
    """Ask for the first of some steps for units that are on hold, and return its number."""
    row = CareTaskRow(
        site_id=units.site_id,
        place_id=units.place_id,
        product_id=units.product_id,
        lot_id=units.lot_id,
        quantity=units.quantity,
        step=steps[0],
        ahead=",".join(steps[1:]),
        because=because,
        asked_by=user,
        asked_ms=clock.now_ms(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id

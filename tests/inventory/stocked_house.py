"""A small house for tests of the ledger: three bins, a tote, a lost-goods place and a supplier."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from inventory.ledger import NewMovement
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from warehouse.clock import Clock
from warehouse.tables import PlaceKind, PlaceRow, SiteRow

SITE = 1
SUPPLIER, CUSTOMER, BIN_A, BIN_B, BIN_C, TOTE, LOST = range(1, 8)
PLACES = {
    SUPPLIER: PlaceKind.SUPPLIER,
    CUSTOMER: PlaceKind.CUSTOMER,
    BIN_A: PlaceKind.BIN,
    BIN_B: PlaceKind.BIN,
    BIN_C: PlaceKind.BIN,
    TOTE: PlaceKind.TOTE,
    LOST: PlaceKind.LOST,
}
LOTS = {1: 1, 2: 1, 3: 2}
"""The product of each lot."""


@dataclass(frozen=True)
class Furnish:
    """Put up the house."""


def furnish(session: Session, command: Furnish, clock: Clock) -> None:
    """Add the site, its places, two products and three lots."""
    session.add(SiteRow(id=SITE, code="S", name="Small", time_zone="UTC", definition="", created_ms=clock.now_ms()))
    session.flush()
    session.add_all(
        PlaceRow(id=place, site_id=SITE, kind=kind, code=f"{kind.value}-{place}") for place, kind in PLACES.items()
    )
    session.add_all(
        ProductRow(id=product, code=f"P{product}", name="", length_mm=1, width_mm=1, height_mm=1, weight_g=1)
        for product in sorted(set(LOTS.values()))
    )
    session.flush()
    session.add_all(
        LotRow(id=lot, product_id=product, code=f"L{lot}", received_on=date(2025, 12, 1))
        for lot, product in LOTS.items()
    )


def moved(from_place: int, to_place: int, quantity: int, *, lot: int = 1, reason: Reason = Reason.MOVE) -> NewMovement:
    """A movement of a lot by the tester."""
    return NewMovement(SITE, from_place, to_place, LOTS[lot], lot, quantity, reason, "tester")

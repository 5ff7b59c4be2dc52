"""Units that lay here before their product was known by serials are named, where they lie, one by one or many at once.

No goods move by it. Never more units of a lot are known than there are.
"""

from dataclasses import dataclass

from sqlmodel import Session

from inventory.ledger import NewMovement
from inventory.rules.stock_policy import StockStatus
from inventory.tables.serials import SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.work.lost_units import num_unnamed
from inventory.work.serials import known_units, note_units, whereabouts
from inventory.work.sites import place_of_kind
from inventory.work.statuses import Lying, lying_goods
from warehouse.clock import Clock
from warehouse.errors import SerialsNeeded, StockShort, WrongState
from warehouse.tables import PlaceKind


@dataclass(frozen=True)
class RegisterSerials:
    """Name units of a product in a place; places and product are what was scanned.

    `lot` may be left out where one lot of the product lies, `owner` where no other has a lot of this code there.
    """

    site: str
    place: str
    product: str
    serials: tuple[str, ...]
    user: str
    lot: str | None = None
    status: StockStatus = StockStatus.AVAILABLE
    owner: str | None = None
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class SerialsRegistered:
    """How many units were named, and how many of the lot in the house have no name yet."""

    place: str
    product: str
    lot: str
    quantity: int
    quantity_left: int


def register_serials(session: Session, command: RegisterSerials, clock: Clock) -> SerialsRegistered:
    """Name units that are here.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, the place, the product or the lot is not known.
    WrongState
        If the product is not known by serials, a unit is known already, the goods lie in a tote, or in several lots
        of which none was named.
    SerialsNeeded
        If a serial is empty or named twice, or none is named.
    StockShort
        If fewer units lie there, or fewer of the lot in the house have no name.
    """
    named = (command.site, command.place, command.product, command.lot, command.status)
    lying = lying_goods(session, *named, owner=command.owner)
    if not lying.product.serialised:
        raise WrongState("product", lying.product.code, "not known by serials")
    if lying.within_kind is PlaceKind.TOTE:
        raise WrongState("place", lying.within_code, "a tote: units are named when they are picked")
    serials = sorted({each.strip() for each in command.serials} - {""})
    if not serials or len(serials) != len(command.serials):
        raise SerialsNeeded(lying.product.code, len(command.serials), len(serials))
    for row in known_units(session, lying.key.product_id, serials).values():
        raise WrongState("serial", row.serial, whereabouts(session, row))
    left = num_unnamed(session, lying.key.lot_id)
    there = min(left, lying.quantity)
    if len(serials) > there:
        raise StockShort(lying.product.code, lying.within_code, len(serials), there)
    rows = [
        SerialRow(
            product_id=lying.key.product_id,
            serial=serial,
            lot_id=lying.key.lot_id,
            state=SerialState.HERE,
            place_id=lying.place_id,
        )
        for serial in serials
    ]
    session.add_all(rows)
    session.flush()
    note_units(session, rows, _found(session, lying, command, len(serials)), clock)
    return SerialsRegistered(lying.within_code, lying.product.code, lying.lot.code, len(serials), left - len(serials))


def _found(session: Session, lying: Lying, command: RegisterSerials, quantity: int) -> NewMovement:
    """What the units' histories begin with: they were found where they lie. It is no movement of the ledger."""
    return NewMovement(
        site_id=lying.site_id,
        from_place_id=place_of_kind(session, lying.site_id, PlaceKind.ADJUSTMENT),
        to_place_id=lying.place_id,
        product_id=lying.key.product_id,
        lot_id=lying.key.lot_id,
        quantity=quantity,
        reason=Reason.CORRECTION,
        user=command.user,
        device=command.device,
        client_id=command.client_id,
    )

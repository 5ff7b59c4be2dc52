"""A lot, or the expiry of a lot, was recorded wrong and is put right.

Wrong lot: the units in a place go out of the one lot and into the other, two movements through the place of
adjustments, and what they went through there goes with them. Wrong expiry: it is a fact about the lot, so it
changes for all its units everywhere at once, and a row that stays says what it was before, who changed it and why.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.rules.stock_policy import Handling, StockStatus
from inventory.tables.products import LotRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import LotChangeRow, RecallRow
from inventory.work.cataloguing import lot_of, lots_named, product_of_scan
from inventory.work.climate import record_as
from inventory.work.lost_units import units_in_house
from inventory.work.receiving import site_day
from inventory.work.serials import known_units, note_units
from inventory.work.sites import live_site, place_of_kind
from inventory.work.statuses import Lying, Signed, enter_where, free_units, lying_goods, shift_status
from inventory.work.stock_policies import require_cause
from inventory.work.withdrawing import seek_elsewhere
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.errors import SerialsNeeded, WrongState
from warehouse.tables import PlaceKind


@dataclass(frozen=True)
class CorrectLot:
    """All units of lot `lot` in a place, under one status, are really of lot `to_lot`.

    A lot that is not known yet is added with `expires_on`; of one that is known, that is its expiry.
    """

    site: str
    place: str
    product: str
    lot: str
    to_lot: str
    cause: str
    user: str
    expires_on: date | None = None
    status: StockStatus = StockStatus.AVAILABLE
    device: str = ""
    client_id: str = ""


@dataclass(frozen=True)
class LotCorrected:
    """How many units are now of which lot. The lines of `orders` wait again; runs `run_ids` look elsewhere."""

    place: str
    product: str
    lot: str
    quantity: int
    orders: tuple[str, ...]
    run_ids: tuple[int, ...]


@dataclass(frozen=True)
class CorrectExpiry:
    """The units of a lot expire on another day than was recorded; never, if none is given.

    A code that several owners use names the lots of all of them, or that of one `owner`.
    """

    site: str
    product: str
    lot: str
    expires_on: date | None
    cause: str
    user: str
    client_id: str = ""
    owner: str | None = None


@dataclass(frozen=True)
class ExpiryCorrected:
    """What the lot's expiry was, and is."""

    product: str
    lot: str
    expires_before: date | None
    expires_on: date | None


def correct_lot(database: Database, command: CorrectLot, clock: Clock) -> LotCorrected:
    """Put the lot of units right; runs that were to pick them look elsewhere at once.

    Raises
    ------
    NotFound, WrongState, StockShort, BinCodeInvalid, ScanUnreadable, CageClosed
        As `record_lot`.
    """
    corrected = database.run(record_lot, command, clock=clock)
    seek_elsewhere(database, corrected.run_ids, clock)
    return corrected


def record_lot(session: Session, command: CorrectLot, clock: Clock) -> LotCorrected:
    """Move units from the lot they were recorded as to the one they are of.

    Raises
    ------
    NotFound, BinCodeInvalid, ScanUnreadable
        If the site, the place, the product, the lot or the cause is not known.
    WrongState
        If the cause is not for lots, the goods lie in a tote, the new lot is known with another expiry, or a
        third lot of the product lies in the bin, or the lots are the same.
    StockShort
        If nothing of the lot lies there.
    CageClosed
        If it lies in the cage, which this person may not open.
    SerialsNeeded
        If it is not known which units of serialised goods these are: a count of the bin names them.
    """
    if command.lot == command.to_lot:
        raise WrongState("lot", command.lot, "what they are recorded as already")
    lying = lying_goods(session, command.site, command.place, command.product, command.lot, command.status)
    require_cause(session, lying.site_id, command.cause, Handling.LOT, clock)
    if lying.within_kind is PlaceKind.TOTE:
        raise WrongState("place", lying.within_code, "a tote; correct the bin they come from")
    enter_where(session, lying, command.user, clock, device=command.device)
    today = site_day(live_site(session, command.site), clock)
    owner = lying.lot.owner
    lot = lot_of(session, lying.key.product_id, command.to_lot, command.expires_on, today, owner=owner)
    assert lot.id is not None
    _require_one_lot(session, lying, lot.id)
    withdrawn = free_units(session, lying, lying.quantity, f"lot corrected in {lying.within_code}", clock)
    adjustment = place_of_kind(session, lying.site_id, PlaceKind.ADJUSTMENT)
    ways = ((lying.place_id, adjustment, lying.key.lot_id), (adjustment, lying.place_id, lot.id))
    movements = [
        NewMovement(
            site_id=lying.site_id,
            from_place_id=from_place_id,
            to_place_id=to_place_id,
            product_id=lying.key.product_id,
            lot_id=lot_id,
            quantity=lying.quantity,
            reason=Reason.CORRECTION,
            user=command.user,
            device=command.device,
            client_id=command.client_id,
            cause=command.cause,
        )
        for from_place_id, to_place_id, lot_id in ways
    ]
    if lying.product.serialised:
        _correct_units(session, lying, lot.id, movements[1], clock)
    post(session, movements, clock=clock)
    record_as(session, lying, lot.id)
    _recall_too(session, command, lying, lot, clock)
    return LotCorrected(
        place=lying.within_code,
        product=lying.product.code,
        lot=lot.code,
        quantity=lying.quantity,
        orders=tuple(sorted(withdrawn.orders)),
        run_ids=tuple(sorted(withdrawn.run_ids)),
    )


def _correct_units(session: Session, lying: Lying, lot_id: int, movement: NewMovement, clock: Clock) -> None:
    """Units known by their serials are of the other lot, too; raise SerialsNeeded unless it follows which lie there."""
    here = units_in_house(session, lying.key.lot_id)
    if not here:
        return
    there = [unit for unit in here if unit.sure and unit.place_id in (lying.place_id, lying.within_id)]
    chosen = next((some for some in (here, there) if len(some) == lying.quantity), None)
    if chosen is None:
        raise SerialsNeeded(lying.product.code, lying.quantity, len(there))
    rows = known_units(session, lying.key.product_id, sorted(unit.serial for unit in chosen)).values()
    for row in rows:
        row.lot_id, row.place_id = lot_id, lying.place_id
    session.add_all(rows)
    session.flush()
    note_units(session, rows, movement, clock)


def _require_one_lot(session: Session, lying: Lying, lot_id: int) -> None:
    """Raise WrongState if two lots of the product would lie in one bin."""
    if lying.within_kind is not PlaceKind.BIN:
        return
    here = select(LYING.c.place_id, LYING.c.lot_id).where(
        LYING.c.within_id == lying.within_id, LYING.c.product_id == lying.key.product_id
    )
    for place_id, other in session.execute(here):
        if other != lot_id and (place_id, other) != (lying.place_id, lying.key.lot_id):
            raise WrongState("bin", lying.within_code, "holding another lot of the product; move it first")


def _recall_too(session: Session, command: CorrectLot, lying: Lying, lot: LotRow, clock: Clock) -> None:
    """Units that turn out to be of a recalled lot are recalled."""
    recall = session.get(RecallRow, lot.id)
    if recall is None or command.status is StockStatus.RECALLED:
        return
    found = lying_goods(session, command.site, lying.within_code, command.product, lot.code, command.status)
    signed = Signed(command.user, recall.cause, command.device, command.client_id)
    shift_status(session, found, StockStatus.RECALLED, lying.quantity, signed, clock)


def correct_expiry(session: Session, command: CorrectExpiry, clock: Clock) -> ExpiryCorrected:
    """Put the expiry of a lot right, for all its units everywhere.

    What is past its new expiry is never promised again; `shelf_life_alerts.raise_alerts` takes back what is.

    Raises
    ------
    NotFound, ScanUnreadable
        If the site, the product, the lot or the cause is not known.
    WrongState
        If the cause is not for lots, or the expiry is as recorded.
    """
    site_id = live_site(session, command.site).id
    require_cause(session, site_id, command.cause, Handling.LOT, clock)
    product = product_of_scan(session, command.product)
    assert product.id is not None
    lots = lots_named(session, product.id, command.lot, owner=command.owner)
    before = lots[0].expires_on
    wrong = [lot for lot in lots if lot.expires_on != command.expires_on]
    if not wrong:
        raise WrongState("lot", command.lot, "recorded with that expiry already")
    for lot in wrong:
        assert lot.id is not None
        change = LotChangeRow(
            lot_id=lot.id,
            expires_before=lot.expires_on,
            expires_after=command.expires_on,
            cause=command.cause,
            changed_by=command.user,
            changed_ms=clock.now_ms(),
        )
        lot.expires_on = command.expires_on
        session.add_all([lot, change])
    return ExpiryCorrected(product.code, lot.code, before, command.expires_on)

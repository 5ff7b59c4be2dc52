"""Units known by their serials: in at the receipt, out with the pick, one life each."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from inventory.tables.products import LotRow
from inventory.tables.serials import SerialRow, SerialState
from inventory.tables.stock import Reason
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.locating import where_is
from inventory.work.picking import ConfirmPick, Picked, confirm_pick
from inventory.work.receiving import Receipt, Receive, Received, receive
from inventory.work.serial_registering import RegisterSerials, register_serials
from inventory.work.serial_views import SerialView, find_serials
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import StowAtRandom, stow_at_random
from tests.inventory.picked_run import books_agree, taken
from tests.inventory.small_site import DEFINITION, SITE, order, product, released
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, SerialsNeeded, StockShort, WrongState


def opened(database: Database, clock: FixedClock) -> None:
    """The small site, where P1 is serialised and P2 is not."""
    database.run(open_site, OpenSite(DEFINITION, num_totes=6), clock=clock)
    products = (replace(product("P1"), serialised=True), product("P2"))
    database.run(save_products, SaveProducts(products), clock=clock)


def received(database: Database, clock: FixedClock, *serials: str, code: str = "P1", quantity: int = 0) -> Received:
    receipt = Receipt(code, quantity or len(serials), serials=serials)
    return database.run(receive, Receive(SITE, (receipt,), "receiver"), clock=clock)


def unit(database: Database, serial: str) -> SerialView:
    with database.read() as session:
        (found,) = find_serials(session, serial)
    return found


def test_a_unit_is_named_on_its_way_in_and_out_and_tells_its_life(database: Database, clock: FixedClock) -> None:
    opened(database, clock)
    received(database, clock, "S1", "S2", "S3")
    came_ms = clock.now_ms()
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)
    clock.advance(60_000)
    released(database, clock, order("O", ("P1", 2)))
    run = taken(database, clock)
    assert run.current is not None

    def picked(*serials: str, scan: str = "EAN-P1", quantity: int = 1) -> Picked:
        assert run.current is not None
        scans = (run.current.bin_code, scan, quantity)
        command = ConfirmPick(run.run_id, run.current.step_id, "ann", *scans, serials=serials)
        return database.run(confirm_pick, command, clock=clock)

    for serials, error in (((), SerialsNeeded), (("S1", "S1"), SerialsNeeded), (("S9",), NotFound)):
        with pytest.raises(error):
            picked(*serials, quantity=max(1, len(serials)))
    assert picked("S2").quantity_left == 1
    with pytest.raises(WrongState, match="picked for order O"):
        picked("S2")
    assert picked("S3").quantity_left == 0
    sold = unit(database, "S2")
    assert (sold.state, sold.order, sold.place, sold.received_ms) == (SerialState.PICKED, "O", run.totes[0], came_ms)
    assert [(each.reason, each.to_place) for each in sold.history] == [
        (Reason.RECEIPT, "dock"),
        (Reason.PICK, run.totes[0]),
    ]
    assert unit(database, "S1").state is SerialState.HERE
    with database.read() as session:
        (there,) = where_is(session, "S3")
        assert (there.place, there.quantity, there.serial, there.order) == (run.totes[0], 1, "S3", "O")
        with pytest.raises(NotFound):
            where_is(session, "S9")
    books_agree(database)


def test_no_serial_comes_in_twice_or_unnamed(sqlite_database: Database, clock: FixedClock) -> None:
    opened(sqlite_database, clock)
    received(sqlite_database, clock, "S1", "S2")
    for serials, quantity, error in (
        (("S1",), 1, WrongState),
        (("S3", "S3"), 2, SerialsNeeded),
        (("S3",), 2, SerialsNeeded),
        (("S3", "S4"), 1, SerialsNeeded),
        (("", "S3"), 2, SerialsNeeded),
    ):
        with pytest.raises(error):
            received(sqlite_database, clock, *serials, quantity=quantity)
    received(sqlite_database, clock, "S1", code="P2", quantity=5)  # not serialised, whatever its symbol says
    with sqlite_database.read() as session:
        assert session.execute(select(func.count()).select_from(SerialRow)).scalar_one() == 2
        assert check(session).ok


def test_the_database_itself_refuses_a_serial_in_a_second_place(database: Database, clock: FixedClock) -> None:
    opened(database, clock)
    received(database, clock, "S1")

    def twice(session: Session, command: str, clock: Clock) -> None:
        row = session.execute(select(SerialRow)).scalar_one()
        lot_id = session.execute(select(col(LotRow.id))).scalar_one()
        twin = SerialRow(
            product_id=row.product_id, serial="S1", lot_id=lot_id, state=SerialState.HERE, place_id=row.place_id
        )
        session.add(twin)

    with pytest.raises(IntegrityError):
        database.run(twice, "S1", clock=clock)


def test_units_that_lay_here_before_are_named_and_then_picked_by_their_names(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    opened(database, clock)
    received(database, clock, code="P2", quantity=3)
    database.run(save_products, SaveProducts((replace(product("P2"), serialised=True),)), clock=clock)
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)
    released(database, clock, order("O", ("P2", 1)))
    run = taken(database, clock)
    assert run.current is not None
    place = run.current.bin_code
    pick = ConfirmPick(run.run_id, run.current.step_id, "ann", place, "EAN-P2", 1, serials=("N1",))
    with pytest.raises(NotFound):
        database.run(confirm_pick, pick, clock=clock)
    two = RegisterSerials(SITE, place, "P2", ("N1", "N2"), "mara", client_id="names-1")
    assert database.run(register_serials, two, clock=clock).quantity_left == 1
    assert database.run(register_serials, two, clock=clock).quantity == 2
    for serials, error in (
        (("N2",), WrongState),
        (("N3", "N3"), SerialsNeeded),
        ((), SerialsNeeded),
        (("N3", "N4"), StockShort),
    ):
        with pytest.raises(error):
            database.run(register_serials, RegisterSerials(SITE, place, "P2", serials, "mara"), clock=clock)
    database.run(confirm_pick, pick, clock=clock)
    assert [each.reason for each in unit(database, "N1").history] == [Reason.CORRECTION, Reason.PICK]
    in_tote = RegisterSerials(SITE, run.totes[0], "P2", ("N3",), "mara")
    with pytest.raises(WrongState, match="a tote"):
        database.run(register_serials, in_tote, clock=clock)
    books_agree(database)

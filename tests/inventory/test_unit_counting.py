"""Units known by their serials, counted one by one: missing and unknown ones, lost ones and those found again."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.counting import Approver
from inventory.rules.missing_units import UnitInHouse, lost_for_sure, missing_in_bin
from inventory.tables.counts import CountState, DifferenceState
from inventory.tables.serials import SerialRow, SerialState
from inventory.work.approving import ApproveDifference, approve_difference
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import UnitsAdrift, check
from inventory.work.counting import CloseCount, CountGoods, close_count, count_goods
from inventory.work.looking import RunView
from inventory.work.picking import ConfirmPick, ReportShort, ShortReason, confirm_pick
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.replanning import report_short
from inventory.work.serial_views import SerialView, find_serials
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import Stow, stow
from tests.inventory.counted_bin import begun, contents, differences, request
from tests.inventory.picked_run import taken
from tests.inventory.small_site import DEFINITION, SITE, order, product, released
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, SerialsNeeded, WrongState

BIN, OTHER = "01-001-A1-Z", "01-001-B1-V"


@pytest.fixture
def house(sqlite_database: Database, clock: FixedClock) -> Database:
    """Four units of one lot, worth nothing anybody said: three in a bin and one in another."""
    database = sqlite_database
    database.run(open_site, OpenSite(DEFINITION, num_totes=6), clock=clock)
    database.run(save_products, SaveProducts((replace(product("P1"), serialised=True),)), clock=clock)
    receipt = Receipt("P1", 4, serials=("S1", "S2", "S3", "S4"))
    database.run(receive, Receive(SITE, (receipt,), "receiver"), clock=clock)
    for code, quantity in ((BIN, 3), (OTHER, 1)):
        database.run(stow, Stow(SITE, "dock", code, "EAN-P1", quantity, "sam"), clock=clock)
    clock.advance(60_000)
    return database


def counted(database: Database, clock: FixedClock, code: str, counter: str, serials: Sequence[str]) -> CountState:
    """How a bin's count stands after somebody took it and scanned these units."""
    count_id = begun(database, clock, code, counter)
    if serials:
        goods = CountGoods(count_id, counter, "EAN-P1", len(serials), serials=tuple(serials))
        assert not database.run(count_goods, goods, clock=clock).moved
    return database.run(close_count, CloseCount(count_id, counter), clock=clock).state


def counted_twice(database: Database, clock: FixedClock, code: str, *serials: str) -> CountState:
    request(database, clock, code)
    clock.advance(60_000)
    assert counted(database, clock, code, "ann", serials) is CountState.RECOUNT
    return counted(database, clock, code, "bob", serials)


def approve_all(database: Database, clock: FixedClock) -> None:
    clock.advance(60_000)
    for each in differences(database):
        if each.state is DifferenceState.OPEN:
            command = ApproveDifference(each.difference_id, "mara", Approver.ADMIN)
            database.run(approve_difference, command, clock=clock)


def unit(database: Database, serial: str) -> SerialView:
    with database.read() as session:
        (found,) = find_serials(session, serial)
        assert check(session).ok
    return found


def pick(database: Database, clock: FixedClock, run: RunView, serial: str) -> None:
    assert run.current is not None
    scans = (run.current.bin_code, "EAN-P1", 1)
    command = ConfirmPick(run.run_id, run.current.step_id, "ann", *scans, serials=(serial,))
    database.run(confirm_pick, command, clock=clock)


def found(database: Database) -> list[tuple[str, int]]:
    return sorted((each.serial, each.difference) for each in differences(database))


def test_a_count_names_every_unit_and_knows_from_then_on_where_it_lies(house: Database, clock: FixedClock) -> None:
    request(house, clock, BIN)
    count_id = begun(house, clock, BIN, "ann")
    for serials, quantity in (((), 3), (("S1", "S2"), 3), (("S1", "S1", "S2"), 3), (("S1", "S1", "S2"), 2)):
        with pytest.raises(SerialsNeeded):
            house.run(count_goods, CountGoods(count_id, "ann", "EAN-P1", quantity, serials=serials), clock=clock)
    seen = CountGoods(count_id, "ann", "EAN-P1", 3, serials=("S1", "S2", "S3"))
    assert not house.run(count_goods, seen, clock=clock).moved
    assert house.run(close_count, CloseCount(count_id, "ann"), clock=clock).state is CountState.DONE
    assert unit(house, "S1").place == BIN
    assert unit(house, "S4").place == "dock"
    assert found(house) == []


def test_a_missing_unit_is_named_as_soon_as_it_follows_and_its_life_tells_when_and_where_it_was_lost(
    house: Database, clock: FixedClock
) -> None:
    assert counted_twice(house, clock, BIN, "S1", "S2") is CountState.APPROVAL
    assert found(house) == [("", -1)]  # S3 and S4 have not been seen since they came: it may be either
    approve_all(house, clock)
    lost_ms = clock.now_ms()
    assert {unit(house, each).state for each in ("S1", "S2", "S3", "S4")} == {SerialState.HERE}
    clock.advance(60_000)
    request(house, clock, OTHER)
    assert counted(house, clock, OTHER, "ann", ["S4"]) is CountState.DONE
    stolen = unit(house, "S3")
    assert (stolen.state, stolen.lost_ms, stolen.lost_from, stolen.place) == (SerialState.LOST, lost_ms, BIN, "LOST")
    assert unit(house, "S4").lost_ms is None
    with pytest.raises(WrongState, match="written off as lost"):
        house.run(receive, Receive(SITE, (Receipt("P1", 1, serials=("S3",)),), "rita"), clock=clock)


def test_one_missing_and_one_unknown_are_two_differences_although_the_number_is_right(
    house: Database, clock: FixedClock
) -> None:
    request(house, clock, OTHER)
    assert counted(house, clock, OTHER, "ann", ["S4"]) is CountState.DONE
    assert counted_twice(house, clock, BIN, "S1", "S2", "NEW") is CountState.APPROVAL
    assert found(house) == [("NEW", 1), ("S3", -1)]
    assert {each.approver for each in differences(house)} == {Approver.MANAGER}
    with house.read() as session, pytest.raises(NotFound):
        find_serials(session, "NEW")
    approve_all(house, clock)
    assert contents(house, BIN) == {"P1": 3}
    assert contents(house, "LOST") == {"P1": 1}
    assert (unit(house, "S3").state, unit(house, "S3").lost_from) == (SerialState.LOST, BIN)
    assert (unit(house, "NEW").state, unit(house, "NEW").place) == (SerialState.HERE, BIN)
    assert counted_twice(house, clock, OTHER, "S3", "S4") is CountState.APPROVAL  # it was only misplaced
    approve_all(house, clock)
    assert (unit(house, "S3").state, unit(house, "S3").place) == (SerialState.HERE, OTHER)
    assert contents(house, "LOST") == {}
    assert contents(house, OTHER) == {"P1": 2}


def test_a_unit_that_came_short_at_the_pick_is_lost_once_the_others_were_seen(
    house: Database, clock: FixedClock
) -> None:
    request(house, clock, OTHER)
    assert counted(house, clock, OTHER, "ann", ["S4"]) is CountState.DONE
    clock.advance(60_000)
    released(house, clock, order("O", ("P1", 4)))
    run = taken(house, clock)
    if run.current is not None and run.current.bin_code == OTHER:
        pick(house, clock, run, "S4")
        run = taken(house, clock)
    assert run.current is not None
    step = run.current
    scans = (step.bin_code, ShortReason.MISSING, 2, "EAN-P1")
    short = ReportShort(run.run_id, step.step_id, "ann", *scans, serials=("S1", "S2"))
    report_short(house, short, clock)
    assert unit(house, "S3").state is SerialState.LOST
    assert {unit(house, each).state for each in ("S1", "S2")} == {SerialState.PICKED}


def test_a_unit_picked_for_an_order_cannot_be_counted_back(house: Database, clock: FixedClock) -> None:
    released(house, clock, order("O", ("P1", 1)))
    run = taken(house, clock)
    assert run.current is not None
    here, picked = run.current.bin_code, {BIN: "S1", OTHER: "S4"}[run.current.bin_code]
    pick(house, clock, run, picked)
    left = [each for each in ("S1", "S2", "S3") if here == BIN]
    assert counted_twice(house, clock, here, *{picked, *left}) is CountState.APPROVAL
    (named,) = [each for each in differences(house) if each.serial == picked]
    with pytest.raises(WrongState, match="picked for order O"):
        house.run(approve_difference, ApproveDifference(named.difference_id, "mara", Approver.ADMIN), clock=clock)


def test_more_serials_than_goods_are_noticed(house: Database, clock: FixedClock) -> None:
    def forge(session: Session, serial: str, clock: Clock) -> None:
        row = session.execute(select(SerialRow).where(col(SerialRow.serial) == "S1")).scalar_one()
        facts = {"product_id": row.product_id, "lot_id": row.lot_id, "place_id": row.place_id}
        session.add(SerialRow(serial=serial, state=SerialState.HERE, **facts))

    house.run(forge, "FORGED", clock=clock)
    with house.read() as session:
        report = check(session)
        (unit,) = find_serials(session, "S1")
    assert not report.ok
    assert report.differences == (UnitsAdrift("", "P1", unit.lot, 5, 4),)


def test_which_units_are_missing_is_told_only_where_it_follows() -> None:
    there, elsewhere = UnitInHouse("S1", 1, 50, sure=True), UnitInHouse("S2", 2, 50, sure=True)
    somewhere, unsure = UnitInHouse("S3", 9, 0, sure=False), UnitInHouse("S4", 9, 0, sure=False)
    units = (there, elsewhere, somewhere, unsure)
    assert missing_in_bin(units, {1}, {"S3"}, 1) == ("S1",)  # whatever became of S4
    assert missing_in_bin(units, {1}, {"S1"}, 1) == ()
    assert missing_in_bin(units, {1}, {"S1"}, 2) == ("S3", "S4")
    assert missing_in_bin(units, {1}, {"S1"}, 2, num_unnamed=1) == ()
    assert lost_for_sure(units, {1}, 40, 1) == ()
    assert lost_for_sure(units, {1}, 40, 2) == ("S3", "S4")
    assert lost_for_sure(units, {1}, 40, 2, num_unnamed=1) == ()
    assert lost_for_sure(units, {1}, 60, 2) == ()
    assert lost_for_sure(units, {1}, 60, 3) == ("S1", "S3", "S4")

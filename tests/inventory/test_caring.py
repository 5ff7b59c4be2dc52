"""Hanging goods are cared for step by step before they are for sale, and each step stays on record."""

from collections import Counter
from dataclasses import replace

import pytest

from inventory.rules.care import CareRules, CareStep, Finding, steps_of
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.work.announcing import NoticeLine
from inventory.work.care_asking import AskForCare, ask_for_care
from inventory.work.care_views import care_record
from inventory.work.caring import (
    LEASE_MS,
    REST_MS,
    CareOver,
    FinishCare,
    HangToDry,
    LeaveCare,
    TakeCare,
    finish_care,
    hang_to_dry,
    leave_care,
    take_care,
)
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.dock_scans import DockScan
from inventory.work.locating import where_is
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.returning import ReturnGoods, return_goods
from inventory.work.shipping import ShipOrder, ship_order
from inventory.work.sites import live_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from inventory.work.walking import FinishRun, finish_run
from tests.inventory.dock import open_house, scanned, truck
from tests.inventory.picked_run import books_agree, confirm, taken
from tests.inventory.small_site import DEFINITION, SITE, order, product, released
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ScanMismatch, StockShort, WrongState

COAT = "COAT"
HOUR_MS = 60 * 60_000
RAILS = "zones:\n  rails: { storage_classes: [hanging], where: { aisles: 4 } }"


def coats(database: Database, clock: FixedClock, care: CareRules, quantity: int) -> None:
    """A site with rails and with coats at its dock, which come in under some rules of care."""
    open_house(database, clock, definition=DEFINITION.replace("zones:", RAILS))
    coat = product(COAT, storage_class=StorageClass.HANGING)
    database.run(save_products, SaveProducts((coat, product("P"))), clock=clock)
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(care=care), 0, "max"), clock=clock)
    receipts = (Receipt(COAT, quantity, lot="L"), Receipt("P", 1))
    database.run(receive, Receive(SITE, receipts, "rita"), clock=clock)


def lying(database: Database, code: str = COAT) -> dict[StockStatus, int]:
    """Units of a product in the house, by status."""
    units: Counter[StockStatus] = Counter()
    with database.read() as session:
        for each in where_is(session, code):
            units[each.status] += each.quantity
    return dict(units)


def taken_task(database: Database, clock: FixedClock, user: str = "ann") -> int | None:
    return database.run(take_care, TakeCare(SITE, user), clock=clock).task


def found(database: Database, clock: FixedClock, finding: Finding, quantity: int, *also: CareStep) -> CareOver:
    """Ann does the next step to some units."""
    task = taken_task(database, clock)
    assert task is not None
    command = FinishCare(task, "ann", f"EAN-{COAT}", quantity, finding, also, client_id=f"care-{task}-{quantity}")
    over = database.run(finish_care, command, clock=clock)
    assert database.run(finish_care, command, clock=clock) == over
    return over


def test_only_what_hangs_needs_care_and_each_step_is_done_once_in_its_order() -> None:
    steps = (CareStep.DRYING, CareStep.INSPECTION, CareStep.DRYING)
    assert steps_of(StorageClass.HANGING, steps) == (CareStep.INSPECTION, CareStep.DRYING)
    assert steps_of(StorageClass.AMBIENT, steps) == ()
    with pytest.raises(ValueError, match="an hour"):
        CareRules(drying_hours=0)


def test_units_go_on_one_by_one_to_what_was_found_necessary(database: Database, clock: FixedClock) -> None:
    coats(database, clock, CareRules(at_receipt=(CareStep.INSPECTION,)), 5)
    assert lying(database) == {StockStatus.HOLD: 5}
    assert lying(database, "P") == {StockStatus.AVAILABLE: 1}
    first = taken_task(database, clock)
    assert first is not None
    assert taken_task(database, clock) == first
    assert taken_task(database, clock, "bob") is None
    with pytest.raises(ScanMismatch):
        database.run(finish_care, FinishCare(first, "ann", "P", 1, Finding.GOOD), clock=clock)
    with pytest.raises(WrongState, match="of 5 units"):
        database.run(finish_care, FinishCare(first, "ann", COAT, 6, Finding.GOOD), clock=clock)
    with pytest.raises(WrongState, match="taken by ann"):
        database.run(finish_care, FinishCare(first, "bob", COAT, 1, Finding.GOOD), clock=clock)
    assert found(database, clock, Finding.GOOD, 2).status is StockStatus.AVAILABLE
    assert found(database, clock, Finding.GOOD, 2, CareStep.REPAIR).ahead == (CareStep.REPAIR,)
    assert found(database, clock, Finding.UNFIT, 1).status is StockStatus.DAMAGED
    assert lying(database) == {StockStatus.AVAILABLE: 2, StockStatus.HOLD: 2, StockStatus.DAMAGED: 1}
    assert found(database, clock, Finding.GOOD, 2).status is StockStatus.AVAILABLE
    with database.read() as session:
        record = care_record(session, SITE, product=COAT, lot="L")
        assert not care_record(session, SITE, waiting=True)
    assert [(each.step, each.quantity, each.finding, each.done_by) for each in record] == [
        (CareStep.INSPECTION, 2, Finding.GOOD, "ann"),
        (CareStep.INSPECTION, 2, Finding.GOOD, "ann"),
        (CareStep.INSPECTION, 1, Finding.UNFIT, "ann"),
        (CareStep.REPAIR, 2, Finding.GOOD, "ann"),
    ]
    assert [each.because for each in record] == ["received", "received", "received", "after inspection"]
    assert taken_task(database, clock) is None
    with database.read() as session:
        assert check(session).ok


def test_goods_hang_for_their_hours_and_are_looked_at_then(sqlite_database: Database, clock: FixedClock) -> None:
    coats(sqlite_database, clock, CareRules(drying_hours=6), 4)
    ask = AskForCare(SITE, "dock", COAT, (CareStep.DRYING, CareStep.REPAIR), "max", quantity=3, because="rain")
    asked = ask_for_care(sqlite_database, ask, clock)
    assert (asked.quantity, asked.steps) == (3, (CareStep.REPAIR, CareStep.DRYING))
    with pytest.raises(StockShort):
        ask_for_care(sqlite_database, replace(ask, quantity=2), clock)
    assert found(sqlite_database, clock, Finding.GOOD, 3).ahead == (CareStep.DRYING,)
    task = taken_task(sqlite_database, clock)
    assert task is not None
    with pytest.raises(WrongState, match="hung up first"):
        sqlite_database.run(finish_care, FinishCare(task, "ann", COAT, 3, Finding.GOOD), clock=clock)
    hang = HangToDry(task, "ann", COAT)
    sqlite_database.run(hang_to_dry, hang, clock=clock)
    with pytest.raises(WrongState):
        sqlite_database.run(hang_to_dry, hang, clock=clock)
    clock.advance(6 * HOUR_MS - 1)
    assert taken_task(sqlite_database, clock, "bob") is None
    clock.advance(1)
    assert taken_task(sqlite_database, clock, "bob") == task
    with pytest.raises(WrongState, match="hung already"):
        sqlite_database.run(hang_to_dry, replace(hang, user="bob"), clock=clock)
    dry = FinishCare(task, "bob", COAT, 3, Finding.GOOD, note="dry")
    assert sqlite_database.run(finish_care, dry, clock=clock).status is StockStatus.AVAILABLE
    with sqlite_database.read() as session:
        (_, last) = care_record(session, SITE)
    assert (last.begun_by, last.done_by, last.note) == ("ann", "bob", "dry")
    assert last.hung_ms == clock.now_ms() - 6 * HOUR_MS
    with sqlite_database.read() as session:
        assert check(session).ok


def test_a_step_that_is_left_rests_and_one_that_is_forgotten_is_given_to_others(
    sqlite_database: Database, clock: FixedClock
) -> None:
    coats(sqlite_database, clock, CareRules(at_receipt=(CareStep.INSPECTION,)), 2)
    task = taken_task(sqlite_database, clock)
    assert task is not None
    clock.advance(LEASE_MS)
    assert taken_task(sqlite_database, clock, "bob") == task
    sqlite_database.run(leave_care, LeaveCare(task, "bob", "not there"), clock=clock)
    assert taken_task(sqlite_database, clock) is None
    clock.advance(REST_MS)
    assert taken_task(sqlite_database, clock) == task
    sqlite_database.run(leave_care, LeaveCare(task, "max", "sold as it is", forever=True), clock=clock)
    with pytest.raises(WrongState, match="dropped"):
        sqlite_database.run(leave_care, LeaveCare(task, "max", "twice", forever=True), clock=clock)
    assert taken_task(sqlite_database, clock) is None
    held = AskForCare(SITE, "dock", COAT, (CareStep.INSPECTION,), "max", status=StockStatus.HOLD)
    assert ask_for_care(sqlite_database, held, clock).quantity == 2
    with pytest.raises(WrongState, match="damaged"):
        ask_for_care(sqlite_database, replace(held, status=StockStatus.DAMAGED), clock)
    with pytest.raises(ValueError, match="at least one step"):
        ask_for_care(sqlite_database, replace(held, steps=()), clock)


def test_what_comes_off_a_truck_is_one_piece_of_work_a_lot(sqlite_database: Database, clock: FixedClock) -> None:
    coats(sqlite_database, clock, CareRules(at_receipt=(CareStep.INSPECTION, CareStep.DRYING)), 1)
    truck(sqlite_database, clock, "T1", NoticeLine(COAT, 3, lot="M"))
    answers = scanned(sqlite_database, clock, "T1", *[DockScan(f"EAN-{COAT}", lot="M")] * 3)
    assert {each.status for each in answers} == {StockStatus.HOLD}
    with sqlite_database.read() as session:
        (task,) = care_record(session, SITE, lot="M")
    assert (task.quantity, task.step, task.ahead) == (3, CareStep.INSPECTION, (CareStep.DRYING,))


def test_hanging_goods_that_come_back_are_looked_at_before_they_are_sold_again(
    sqlite_database: Database, clock: FixedClock
) -> None:
    coats(sqlite_database, clock, CareRules(), 2)
    with sqlite_database.read() as session:
        rail = next(each.code for each in live_site(session, SITE).site.bins if each.zone == "rails")
    sqlite_database.run(stow, Stow(SITE, "dock", rail, COAT, 2, "rita"), clock=clock)
    released(sqlite_database, clock, order("A", (COAT, 2)))
    run = confirm(sqlite_database, clock, taken(sqlite_database, clock))
    sqlite_database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    sqlite_database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    back = ReturnGoods(SITE, "A", COAT, 2, StockStatus.AVAILABLE, "returned", "rita")
    assert sqlite_database.run(return_goods, back, clock=clock).status is StockStatus.HOLD
    sqlite_database.run(place_orders, PlaceOrders(SITE, (order("B", (COAT, 1)),)), clock=clock)
    assert not released(sqlite_database, clock).runs
    assert found(sqlite_database, clock, Finding.GOOD, 2).status is StockStatus.AVAILABLE
    books_agree(sqlite_database)

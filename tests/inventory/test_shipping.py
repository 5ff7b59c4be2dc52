"""Picked orders leave the house, recalls find them, and what comes back is what somebody decided."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from inventory.rules.stock_policy import MinimumLife, StockPolicy, StockStatus
from inventory.tables.outbound import OrderState
from inventory.tables.serials import SerialState
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.locating import where_is
from inventory.work.looking import order_view
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.recalling import CallBack, call_back, recall_view
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.returning import ReturnGoods, return_goods
from inventory.work.serial_views import find_serials
from inventory.work.shipping import ShipOrder, ship_order
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import StowAtRandom, stow_at_random
from inventory.work.walking import FinishRun, finish_run
from tests.inventory.picked_run import books_agree, confirm, taken, view
from tests.inventory.small_site import SITE, Goods, order, product, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, SerialsNeeded, StockShort, WrongState

SOON = date(2026, 3, 1)


def picked(database: Database, clock: FixedClock, number: str, *lines: tuple[str, int]) -> str:
    """An order is released, picked and brought to packing; its tote."""
    released(database, clock, order(number, *lines))
    run = taken(database, clock)
    while run.current is not None:
        run = confirm(database, clock, run)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    return run.totes[0]


def back(quantity: int, status: StockStatus, **facts: Any) -> ReturnGoods:
    return replace(ReturnGoods(SITE, "A", "P1", quantity, status, "returned", "rita"), **facts)


def test_an_order_leaves_once_and_a_recall_finds_it(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 9, SOON), ("P2", 9, None)), num_bins=2))
    with pytest.raises(NotFound):
        database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    picked(database, clock, "A", ("P1", 4), ("P2", 2))
    command = ShipOrder(SITE, "A", "pia", client_id="ship-a")
    shipped = database.run(ship_order, command, clock=clock)
    assert shipped.quantity == 6
    assert database.run(ship_order, command, clock=clock) == shipped
    with pytest.raises(WrongState, match="shipped"):
        database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    with database.read() as session:
        assert order_view(session, SITE, "A").state is OrderState.SHIPPED
        (got,) = recall_view(session, "P1", "EXP-2026-03-01").orders
        assert (got.order, got.quantity_picked, got.quantity_shipped) == ("A", 4, 4)
        assert sum(each.quantity for each in where_is(session, "P1")) == 5
    books_agree(database)


def test_nothing_leaves_that_is_not_picked_brought_and_good(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 9, SOON),), num_bins=1))
    released(sqlite_database, clock, order("A", ("P1", 4)))
    ship = ShipOrder(SITE, "A", "pia")
    with pytest.raises(WrongState, match="released"):
        sqlite_database.run(ship_order, ship, clock=clock)
    run = confirm(sqlite_database, clock, taken(sqlite_database, clock))
    with pytest.raises(WrongState, match="still on its way"):
        sqlite_database.run(ship_order, ship, clock=clock)
    sqlite_database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    broken = ChangeStatus(SITE, run.totes[0], "P1", StockStatus.DAMAGED, "damaged-in-handling", "pia", quantity=1)
    change_status(sqlite_database, broken, clock)
    with pytest.raises(WrongState, match="open"):
        sqlite_database.run(ship_order, ship, clock=clock)
    released(sqlite_database, clock)
    run = confirm(sqlite_database, clock, taken(sqlite_database, clock))
    sqlite_database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    clock.advance(100 * 86_400_000)
    with pytest.raises(WrongState, match="past its expiry"):
        sqlite_database.run(ship_order, ship, clock=clock)
    clock.set(clock.now_ms() - 100 * 86_400_000)
    fussy = StockPolicy(minimum_life=(MinimumLife(product="P1", shipment_days=99),))
    sqlite_database.run(set_stock_policy, SetStockPolicy(SITE, fussy, 0, "mara"), clock=clock)
    with pytest.raises(WrongState, match="days from its expiry, and 99 are asked for"):
        sqlite_database.run(ship_order, ship, clock=clock)
    sqlite_database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(), 1, "mara"), clock=clock)
    assert {(each.quantity, each.tote) for each in sqlite_database.run(ship_order, ship, clock=clock).lots} == {
        (3, view(sqlite_database, 1).totes[0]),
        (1, run.totes[0]),
    }
    books_agree(sqlite_database)


def test_an_order_does_not_leave_with_less_life_than_its_channel_is_to_get(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 9, SOON),), num_bins=1))
    wholesale = replace(order("A", ("P1", 4)), channel="wholesale")
    sqlite_database.run(place_orders, PlaceOrders(SITE, (wholesale,)), clock=clock)
    picked(sqlite_database, clock, "B", ("P1", 2))
    policy = StockPolicy(minimum_life=(MinimumLife(channel="wholesale", shipment_days=99),))
    sqlite_database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    with pytest.raises(WrongState, match="days from its expiry, and 99 are asked for"):
        sqlite_database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    assert sqlite_database.run(ship_order, ShipOrder(SITE, "B", "pia"), clock=clock).quantity == 2
    with sqlite_database.read() as session:
        assert [order_view(session, SITE, number).channel for number in "AB"] == ["wholesale", ""]


def test_what_comes_back_is_what_was_decided_and_never_more_than_went_out(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, Goods((("P1", 9, SOON), ("P2", 1, None)), num_bins=1))
    picked(database, clock, "A", ("P1", 4))
    with pytest.raises(StockShort):
        database.run(return_goods, back(1, StockStatus.AVAILABLE), clock=clock)
    database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    for wrong, error in (
        (back(5, StockStatus.AVAILABLE), StockShort),
        (back(1, StockStatus.RECALLED), WrongState),
        (back(1, StockStatus.AVAILABLE, cause="space"), WrongState),
        (back(1, StockStatus.AVAILABLE, lot="other"), NotFound),
        (back(1, StockStatus.AVAILABLE, product="P2"), StockShort),
        (back(1, StockStatus.AVAILABLE, number="B"), NotFound),
        (back(0, StockStatus.AVAILABLE), ValueError),
    ):
        with pytest.raises(error):
            database.run(return_goods, wrong, clock=clock)
    command = back(1, StockStatus.QUARANTINED, client_id="return-1")
    came = database.run(return_goods, command, clock=clock)
    assert (came.station, came.status) == ("dock", StockStatus.QUARANTINED)
    assert database.run(return_goods, command, clock=clock) == came
    call_back(database, CallBack(SITE, "P1", "EXP-2026-03-01", "recall-supplier", "mara"), clock)
    assert database.run(return_goods, back(1, StockStatus.AVAILABLE), clock=clock).status is StockStatus.RECALLED
    with database.read() as session:
        (got,) = recall_view(session, "P1", "EXP-2026-03-01").orders
        assert got.quantity_shipped == 2
        assert {each.status for each in where_is(session, "P1")} == {StockStatus.RECALLED}
    books_agree(database)


def test_a_unit_that_was_sold_comes_back_only_to_its_order(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P2", 1, None),), num_bins=1))
    database.run(save_products, SaveProducts((replace(product("P1"), serialised=True),)), clock=clock)
    receipt = Receipt("P1", 3, serials=("S1", "S2", "S3"))
    database.run(receive, Receive(SITE, (receipt,), "receiver"), clock=clock)
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)
    released(database, clock, order("A", ("P1", 2)))
    run = taken(database, clock)
    assert run.current is not None
    pick = ConfirmPick(run.run_id, run.current.step_id, "ann", run.current.bin_code, "P1", 2, serials=("S1", "S2"))
    database.run(confirm_pick, pick, clock=clock)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    clock.advance(1)
    database.run(ship_order, ShipOrder(SITE, "A", "pia"), clock=clock)
    with database.read() as session:
        (sold,) = find_serials(session, "S1")
    assert (sold.state, sold.order, sold.sold_ms) == (SerialState.SHIPPED, "A", clock.now_ms())
    again = Receive(SITE, (Receipt("P1", 1, serials=("S1",)),), "receiver")
    with pytest.raises(WrongState, match="sold with order A"):
        database.run(receive, again, clock=clock)
    for serials, error in (((), SerialsNeeded), (("S3",), WrongState), (("S9",), NotFound)):
        with pytest.raises(error):
            database.run(return_goods, back(1, StockStatus.DAMAGED, serials=serials), clock=clock)
    database.run(return_goods, back(1, StockStatus.DAMAGED, serials=("S2",)), clock=clock)
    with database.read() as session:
        (returned,) = find_serials(session, "S2")
    assert (returned.state, returned.order, returned.status) == (SerialState.HERE, "", StockStatus.DAMAGED)
    assert [each.reason for each in returned.history] == ["receipt", "pick", "ship", "return"]
    books_agree(database)

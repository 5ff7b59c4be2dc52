"""Goods of several owners under one roof: never mixed, and each owner's orders served from his own."""

from datetime import date

import pytest

from inventory.rules.stock_policy import StockStatus
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.locating import where_is
from inventory.work.looking import run_steps
from inventory.work.lot_correcting import CorrectExpiry, correct_expiry
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.owning import Owner, SaveOwner, list_owners, save_owner
from inventory.work.picking import ReportShort, ShortReason
from inventory.work.recalling import CallBack, call_back, recall_view
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.replanning import report_short
from inventory.work.sites import live_site
from inventory.work.stowing import Stow, StowAtRandom, stow, stow_at_random
from tests.inventory.picked_run import books_agree, taken
from tests.inventory.small_site import SITE, Goods, product, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, StowRefused, WrongState

SOON, LATER = date(2026, 3, 1), date(2026, 4, 1)


def shared_house(database: Database, clock: FixedClock) -> None:
    """Acme's P1 expires later than the house's; both have three units of it at the dock, under the lot code L."""
    stocked(database, clock, Goods((("P2", 1, None),), num_bins=1))
    database.run(save_products, SaveProducts((product("P1"),)), clock=clock)
    assert database.run(save_owner, SaveOwner("acme", "Acme Trading"), clock=clock) == Owner("acme", "Acme Trading")
    receipts = (Receipt("P1", 3, "L", SOON), Receipt("P1", 3, "L", LATER, owner="acme"))
    database.run(receive, Receive(SITE, receipts, "receiver"), clock=clock)


def stowed(database: Database, clock: FixedClock) -> None:
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)


def placed(database: Database, clock: FixedClock, number: str, quantity: int, owner: str) -> None:
    order = NewOrder(number, (NewLine("P1", quantity),), owner=owner)
    database.run(place_orders, PlaceOrders(SITE, (order,)), clock=clock)


def test_an_order_is_served_from_the_goods_of_its_owner_alone(database: Database, clock: FixedClock) -> None:
    shared_house(database, clock)
    stowed(database, clock)
    placed(database, clock, "A", 2, "acme")
    placed(database, clock, "B", 4, "acme")
    done = release(database, Release(SITE, budget_ms=20), clock)
    assert sum(short.quantity for short in done.shorts) == 3
    run = taken(database, clock)
    with database.read() as session:
        assert {step.expires_on for step in run_steps(session, run.run_id)} == {LATER}
    assert run.current is not None
    short = ReportShort(run.run_id, run.current.step_id, "ann", run.current.bin_code, ShortReason.MISSING)
    assert report_short(database, short, clock).quantity_elsewhere == 0
    books_agree(database)


def test_two_owners_units_of_a_product_share_no_bin(sqlite_database: Database, clock: FixedClock) -> None:
    shared_house(sqlite_database, clock)
    with sqlite_database.read() as session:
        goal = live_site(session, SITE).site.bins[0].code
    with pytest.raises(WrongState, match="say which owner"):
        sqlite_database.run(stow, Stow(SITE, "dock", goal, "P1", 1, "stower", lot="L"), clock=clock)
    mine = Stow(SITE, "dock", goal, "P1", 1, "stower", owner="house")
    assert sqlite_database.run(stow, mine, clock=clock).lot == "L"
    with pytest.raises(StowRefused):
        sqlite_database.run(stow, Stow(SITE, "dock", goal, "P1", 1, "stower", owner="acme"), clock=clock)
    with sqlite_database.read() as session:
        assert {(each.place, each.owner, each.quantity) for each in where_is(session, "L", owner="acme")} == {
            ("dock", "acme", 3)
        }
        assert sum(each.quantity for each in where_is(session, "P1")) == 6


def test_a_recall_finds_the_makers_lot_whoever_owns_it(sqlite_database: Database, clock: FixedClock) -> None:
    shared_house(sqlite_database, clock)
    called = call_back(sqlite_database, CallBack(SITE, "P1", "L", "recall-supplier", "mara"), clock)
    assert called.quantity_recalled == 6
    assert {(each.owner, each.status) for each in called.recall.here} == {
        ("acme", StockStatus.RECALLED),
        ("house", StockStatus.RECALLED),
    }
    with sqlite_database.read() as session:
        assert [each.owner for each in recall_view(session, "P1", "L", owner="acme").here] == ["acme"]


def test_an_expiry_is_put_right_for_one_owner_or_for_all(sqlite_database: Database, clock: FixedClock) -> None:
    shared_house(sqlite_database, clock)
    ours = CorrectExpiry(SITE, "P1", "L", LATER, "label-misread", "mara", owner="house")
    assert sqlite_database.run(correct_expiry, ours, clock=clock).expires_before == SOON
    for_all = CorrectExpiry(SITE, "P1", "L", SOON, "label-misread", "mara")
    assert sqlite_database.run(correct_expiry, for_all, clock=clock).expires_on == SOON
    with sqlite_database.read() as session:
        assert {each.expires_on for each in where_is(session, "L")} == {SOON}


def test_nobody_owns_goods_or_orders_without_being_known(sqlite_database: Database, clock: FixedClock) -> None:
    shared_house(sqlite_database, clock)
    with sqlite_database.read() as session:
        assert [owner.code for owner in list_owners(session)] == ["acme", "house"]
    with pytest.raises(WrongState):
        sqlite_database.run(save_owner, SaveOwner("house", "Ours"), clock=clock)
    with pytest.raises(NotFound):
        placed(sqlite_database, clock, "X", 1, "nobody")
    command = Receive(SITE, (Receipt("P1", 1, owner="nobody"),), "receiver")
    with pytest.raises(NotFound):
        sqlite_database.run(receive, command, clock=clock)
    placed(sqlite_database, clock, "X", 1, "acme")
    with pytest.raises(WrongState, match="of another owner"):
        placed(sqlite_database, clock, "X", 1, "house")

"""Goods that may not be sold leave the house, and the books say whose they were and who let them go."""

from dataclasses import replace
from datetime import date

import pytest

from inventory.rules.stock_policy import StockStatus
from inventory.tables.serials import SerialState
from inventory.work.caging import cage_entries
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.disposing import Dispose, Disposed, WayOut, disposals, dispose
from inventory.work.owners_goods import owners_goods
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.recalling import CallBack, call_back, recall_view
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.serial_views import find_serials
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stowing import Stow, stow
from tests.inventory.picked_run import books_agree
from tests.inventory.small_site import SITE, Goods, order, product, released, stocked
from tests.inventory.test_caging import allow, caged
from tests.inventory.test_statuses import lying
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import AlreadyAnswered, CageClosed, NotFound, SerialsNeeded, StockShort, WrongState

SOON = date(2026, 3, 1)
DAMAGED = Dispose(SITE, StockStatus.DAMAGED, WayOut.DESTROYED, "damaged-in-handling", "mara")


def damaged(database: Database, clock: FixedClock, place: str, code: str, quantity: int, owner: str = "house") -> None:
    cause = (StockStatus.DAMAGED, "damaged-in-handling", "mara")
    change_status(database, ChangeStatus(SITE, place, code, *cause, quantity=quantity, owner=owner), clock)


def gone(database: Database, clock: FixedClock, command: Dispose) -> Disposed:
    return database.run(dispose, command, clock=clock)


def sound(database: Database) -> None:
    with database.read() as session:
        assert check(session).ok


def test_what_is_damaged_leaves_its_bin_and_no_more_than_lies_there(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 10, SOON),), num_bins=1))
    released(database, clock, order("A", ("P1", 4)))
    ((place, *_),) = lying(database)
    damaged(database, clock, place, "P1", 5)
    two = replace(DAMAGED, place=place, product="EAN-P1", quantity=2, client_id="out-1")
    first = gone(database, clock, two)
    assert gone(database, clock, two) == first
    with pytest.raises(AlreadyAnswered):
        gone(database, clock, replace(two, quantity=1))
    assert first.quantity == 2
    assert lying(database) == [(place, "available", 5, 4), (place, "damaged", 3, 0)]
    for wrong, error in (
        (replace(two, client_id="", quantity=4), StockShort),
        (replace(two, client_id="", status=StockStatus.AVAILABLE), WrongState),
        (replace(two, client_id="", status=StockStatus.HOLD), StockShort),
        (replace(two, client_id="", cause="space"), WrongState),
        (replace(two, client_id="", cause="because"), NotFound),
        (replace(two, client_id="", way_out=WayOut.OWNER), WrongState),
        (replace(two, client_id="", product=None), ValueError),
    ):
        with pytest.raises(error):
            gone(database, clock, wrong)
    rest = gone(database, clock, replace(DAMAGED, way_out=WayOut.SUPPLIER))
    assert [(each.place, each.quantity) for each in rest.gone] == [(place, 3)]
    assert gone(database, clock, DAMAGED).gone == ()
    assert lying(database) == [(place, "available", 5, 4)]
    with database.read() as session:
        told = disposals(session, SITE)
        assert [(each.quantity, each.way_out, each.user, each.cause, each.place, each.status) for each in told] == [
            (2, WayOut.DESTROYED, "mara", "damaged-in-handling", place, StockStatus.DAMAGED),
            (3, WayOut.SUPPLIER, "mara", "damaged-in-handling", place, StockStatus.DAMAGED),
        ]
        assert [each.quantity for each in disposals(session, SITE, after=told[0].movement)] == [3]
    books_agree(database)


def test_owners_keep_their_goods_in_the_list_and_may_have_them_back(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P2", 1, None),), num_bins=1))
    products = (replace(product("P1"), value_cents=250),)
    database.run(save_products, SaveProducts(products), clock=clock)
    database.run(save_owner, SaveOwner("acme", "Acme Trading"), clock=clock)
    receipts = (Receipt("P1", 3, "L", SOON), Receipt("P1", 4, "L", SOON, owner="acme"))
    database.run(receive, Receive(SITE, receipts, "rita"), clock=clock)
    call_back(database, CallBack(SITE, "P1", "L", "recall-supplier", "mara"), clock)
    recalled = Dispose(SITE, StockStatus.RECALLED, WayOut.OWNER, "recall-supplier", "mara", product="P1", lot="L")
    with pytest.raises(WrongState, match="house's own"):
        gone(database, clock, recalled)
    assert gone(database, clock, replace(recalled, owner="acme")).quantity == 4
    assert gone(database, clock, replace(recalled, way_out=WayOut.GIVEN_AWAY)).quantity == 3
    with database.read() as session:
        (theirs,) = disposals(session, SITE, owner="acme")
        assert (theirs.owner, theirs.quantity, theirs.value_cents) == ("acme", 4, 1000)
        assert [each.owner for each in disposals(session, SITE)] == ["acme", "house"]
        assert not owners_goods(session, SITE, owner="acme")
        assert recall_view(session, "P1", "L").quantity_disposed == 7
        assert recall_view(session, "P1", "L", owner="acme").quantity_disposed == 4
    sound(database)


def test_units_with_serials_end_their_lives(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    stocked(database, clock, Goods((("P2", 1, None),), num_bins=1))
    database.run(save_products, SaveProducts((replace(product("P1"), serialised=True),)), clock=clock)
    receipt = Receipt("P1", 4, "L", serials=("S1", "S2", "S3", "S4"))
    database.run(receive, Receive(SITE, (receipt,), "rita"), clock=clock)
    damaged(database, clock, "dock", "P1", 3)
    assert [each.quantity for each in gone(database, clock, DAMAGED).serials_needed] == [3]
    named = replace(DAMAGED, place="dock", product="P1")
    with pytest.raises(SerialsNeeded):
        gone(database, clock, replace(named, quantity=1))
    assert gone(database, clock, replace(named, serials=("S1", "S2"))).quantity == 2
    damaged(database, clock, "dock", "P1", 1)
    assert gone(database, clock, DAMAGED).quantity == 2, "no unit but these two is left"
    with database.read() as session:
        assert {find_serials(session, serial)[0].state for serial in ("S1", "S4")} == {SerialState.GONE}
    with pytest.raises(WrongState, match="destroyed"):
        database.run(receive, Receive(SITE, (Receipt("P1", 1, "L", serials=("S1",)),), "rita"), clock=clock)
    sound(database)


def test_goods_in_the_cage_are_let_go_by_those_who_may_open_it(sqlite_database: Database, clock: FixedClock) -> None:
    place, _ = caged(sqlite_database, clock)
    allow(sqlite_database, clock, "sam", "mara")
    sqlite_database.run(stow, Stow(SITE, "dock", place, "P1", 4, "sam"), clock=clock)
    damaged(sqlite_database, clock, place, "P1", 4)
    allow(sqlite_database, clock, "mara", may_open=False)
    with pytest.raises(CageClosed):
        gone(sqlite_database, clock, DAMAGED)
    assert gone(sqlite_database, clock, replace(DAMAGED, user="sam")).quantity == 4
    with sqlite_database.read() as session:
        entries = [(each.user, each.bin_code) for each in cage_entries(session, SITE)]
    assert entries == [(user, place) for user in ("sam", "mara", "sam")]
    sound(sqlite_database)

"""The cage: opened by people with the right alone, counted by two of them, every entry on record."""

from dataclasses import replace

import pytest

from inventory.rules.stock_policy import StockStatus
from inventory.tables.cage import CageAct
from inventory.tables.counts import CountState
from inventory.work.bin_advice import BinAsked, bins_proposed
from inventory.work.caging import SetCageRight, cage_entries, set_cage_right
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.count_assigning import TakeCount, take_count
from inventory.work.lot_correcting import CorrectLot, correct_lot
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.picking import ConfirmPick, ScanBin, confirm_pick, scan_bin
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stow_planning import PlanStow, plan_stow
from inventory.work.stowing import Stow, StowAtRandom, stow, stow_at_random
from inventory.work.walking import TakeRun, run_to_take, take_run
from tests.inventory.counted_bin import counted, lot_code, request
from tests.inventory.picked_run import books_agree, taken
from tests.inventory.small_site import DEFINITION, SITE, order, product, released
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import CageClosed


def caged(database: Database, clock: FixedClock) -> tuple[str, str]:
    """The small site with a cage in its last aisle and goods for it at the dock; two bins of the cage."""
    definition = DEFINITION.replace("storage_classes: [chilled]", "storage_classes: [cage]")
    database.run(open_site, OpenSite(definition, num_totes=6), clock=clock)
    products = (product("P1", storage_class=StorageClass.CAGE), product("P2"))
    database.run(save_products, SaveProducts(products), clock=clock)
    database.run(receive, Receive(SITE, (Receipt("P1", 6), Receipt("P2", 6)), "rita"), clock=clock)
    with database.read() as session:
        first, second = [each.code for each in live_site(session, SITE).site.bins if each.zone == "chilled"][:2]
    return first, second


def allow(database: Database, clock: FixedClock, *names: str, may_open: bool = True) -> None:
    for name in names:
        database.run(set_cage_right, SetCageRight(name, may_open, "mara"), clock=clock)


def test_only_people_with_the_right_open_the_cage_and_each_time_is_on_record(
    database: Database, clock: FixedClock
) -> None:
    first, second = caged(database, clock)
    into = Stow(SITE, "dock", first, "P1", 4, "sam")
    with pytest.raises(CageClosed):
        database.run(stow, into, clock=clock)
    allow(database, clock, "sam", "ann")
    database.run(stow, into, clock=clock)
    across = MoveGoods(SITE, first, second, "P1", 2, "space", "tom")
    with pytest.raises(CageClosed):
        database.run(move_goods, across, clock=clock)
    database.run(move_goods, replace(across, user="sam"), clock=clock)
    released(database, clock, order("A", ("P1", 1)))
    with database.read() as session:
        assert run_to_take(session, TakeRun(SITE, "tom"), clock) is None
    assert database.run(take_run, TakeRun(SITE, "tom"), clock=clock).run_id is None
    run = taken(database, clock, "ann")
    step = run.current
    assert step is not None
    allow(database, clock, "ann", may_open=False)
    with pytest.raises(CageClosed):
        database.run(scan_bin, ScanBin(run.run_id, step.step_id, "ann", step.bin_code), clock=clock)
    pick = ConfirmPick(run.run_id, step.step_id, "ann", step.bin_code, "P1", 1)
    with pytest.raises(CageClosed):
        database.run(confirm_pick, pick, clock=clock)
    allow(database, clock, "ann")
    database.run(confirm_pick, pick, clock=clock)
    with database.read() as session:
        entries = [(each.user, each.act, each.bin_code) for each in reversed(cage_entries(session, SITE))]
    assert entries == [
        ("sam", CageAct.STOW, first),
        ("sam", CageAct.MOVE, first),
        ("sam", CageAct.MOVE, second),
        ("ann", CageAct.PICK, step.bin_code),
    ]
    books_agree(database)


def test_nobody_else_withholds_goods_of_the_cage_or_names_another_lot_for_them(
    sqlite_database: Database, clock: FixedClock
) -> None:
    first, _ = caged(sqlite_database, clock)
    allow(sqlite_database, clock, "sam")
    sqlite_database.run(stow, Stow(SITE, "dock", first, "P1", 4, "sam"), clock=clock)
    hold = ChangeStatus(SITE, first, "P1", StockStatus.HOLD, "quality-check", "tom")
    lot = lot_code(sqlite_database, "P1")
    correct = CorrectLot(SITE, first, "P1", lot, "L9", "label-misread", "tom", status=StockStatus.HOLD)
    with pytest.raises(CageClosed):
        change_status(sqlite_database, hold, clock)
    change_status(sqlite_database, replace(hold, user="sam"), clock)
    with pytest.raises(CageClosed):
        correct_lot(sqlite_database, correct, clock)
    correct_lot(sqlite_database, replace(correct, user="sam", device="d1"), clock)
    with sqlite_database.read() as session:
        entries = [(each.user, each.act, each.bin_code, each.device) for each in cage_entries(session, SITE)]
    assert entries[:2] == [("sam", CageAct.MOVE, first, "d1"), ("sam", CageAct.MOVE, first, "")]
    assert len(entries) == 3


def test_goods_for_the_cage_wait_for_somebody_who_may_open_it(sqlite_database: Database, clock: FixedClock) -> None:
    caged(sqlite_database, clock)
    at_random = StowAtRandom(SITE, "dock", "tom", num_bins=2)
    with sqlite_database.read() as session:
        assert bins_proposed(session, BinAsked(SITE, "P1", 1, 3, "tom"), clock) == ()
    left = sqlite_database.run(stow_at_random, at_random, clock=clock).left_over
    assert sum(each.quantity for each in left) == 6
    assert {(each.product, each.why) for each in left} == {("P1", "belongs in the cage, which tom may not open")}
    allow(sqlite_database, clock, "sam")
    assert plan_stow(sqlite_database, PlanStow(SITE, "dock", "tom"), clock).run_id is None
    done = sqlite_database.run(stow_at_random, replace(at_random, user="sam"), clock=clock)
    assert not done.left_over
    with sqlite_database.read() as session:
        assert len({each.bin_code for each in cage_entries(session, SITE)}) == done.num_bins == 2
        assert bins_proposed(session, BinAsked(SITE, "P1", 1, 3, "sam"), clock)


def test_two_people_with_the_right_count_a_bin_of_the_cage(sqlite_database: Database, clock: FixedClock) -> None:
    first, _ = caged(sqlite_database, clock)
    allow(sqlite_database, clock, "sam", "ann")
    sqlite_database.run(stow, Stow(SITE, "dock", first, "P1", 4, "sam"), clock=clock)
    request(sqlite_database, clock, first)
    assert sqlite_database.run(take_count, TakeCount(SITE, "tom"), clock=clock).count_id is None
    assert counted(sqlite_database, clock, first, "sam", {"P1": 4}) is CountState.RECOUNT
    assert sqlite_database.run(take_count, TakeCount(SITE, "sam"), clock=clock).count_id is None
    assert counted(sqlite_database, clock, first, "ann", {"P1": 4}) is CountState.DONE
    with sqlite_database.read() as session:
        acts = [(each.user, each.act) for each in cage_entries(session, SITE)]
    assert acts == [("ann", CageAct.COUNT), ("sam", CageAct.COUNT), ("sam", CageAct.STOW)]

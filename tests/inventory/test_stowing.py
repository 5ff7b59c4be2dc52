from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import Climate, ForwardArea, HeavyLow, LookAlike, StowRules
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.blocking import LiftBlock, ReportBlocked, lift_block, walkable
from inventory.work.cataloguing import NewProduct, ProductsSaved, SaveProducts, product_of_scan, save_products
from inventory.work.checking import check
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.product_needs import SetNeeds, set_needs
from inventory.work.receiving import Receipt, Receive, Received, receive
from inventory.work.replanning import report_blocked
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, StowAtRandom, Stowed, stow, stow_at_random
from tests.inventory.picked_run import taken
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, product, released, stocked
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import BinCodeInvalid, NotFound, SiteFileInvalid, StockShort, StowRefused, WrongState
from warehouse.tables import PlaceRow

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines


def bins_of_aisle(database: Database, aisle: str) -> list[str]:
    with database.read() as session:
        return [each.code for each in live_site(session, SITE).site.bins if each.aisle == aisle]


def came(database: Database, clock: FixedClock, *receipts: Receipt) -> Received:
    return database.run(receive, Receive(SITE, receipts, "ann"), clock=clock)


def test_goods_come_to_the_dock_and_go_into_a_bin(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods(()))
    database.run(save_products, SaveProducts((product("P1"),)), clock=clock)
    assert came(database, clock, Receipt("P1", 7)).lots[0].lot == "2025-12-05"
    goal = bins_of_aisle(database, "1")[0]
    command = Stow(SITE, "dock", goal, "EAN-P1", 5, "ann", client_id="s1")
    assert database.run(stow, command, clock=clock) == Stowed(goal, "P1", "2025-12-05", 5)
    assert database.run(stow, command, clock=clock) == Stowed(goal, "P1", "2025-12-05", 5)
    with pytest.raises(StockShort) as short:
        database.run(stow, Stow(SITE, "dock", goal, "P1", 3, "ann"), clock=clock)
    assert short.value.quantity_there == 2


def test_a_forbidden_bin_refuses_with_one_line(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    stocked(database, clock, Goods(()))
    cold = product("ICE", storage_class=StorageClass.CHILLED)
    long = NewProduct("LONG", "Pole", 601, 50, 50, 900)
    database.run(save_products, SaveProducts((product("P1"), cold, long)), clock=clock)
    came(database, clock, *(Receipt(code, 300) for code in ("P1", "ICE", "LONG")))
    came(database, clock, Receipt("P1", 5, expires_on=date(2026, 3, 1)))
    warm = bins_of_aisle(database, "1")[0]

    def why(code: str, quantity: int = 1, lot: str | None = None) -> str:
        with pytest.raises(StowRefused) as refused:
            database.run(stow, Stow(SITE, "dock", warm, code, quantity, "ann", lot=lot), clock=clock)
        return refused.value.why

    assert why("ICE") == "chilled goods do not belong in zone ambient"
    assert why("LONG") == "too long: 601 mm in a bin of 600 mm"
    assert why("P1", 91, "2025-12-05") == "no room: space for 90 more"
    database.run(stow, Stow(SITE, "dock", warm, "P1", 1, "ann", lot="EXP-2026-03-01"), clock=clock)
    assert why("P1", 1, "2025-12-05") == "another lot of this product lies here"
    with pytest.raises(WrongState):
        database.run(stow, Stow(SITE, "dock", warm, "P1", 1, "ann"), clock=clock)
    with pytest.raises(NotFound):
        database.run(stow, Stow(SITE, "dock", warm, "P1", 1, "ann", lot="L9"), clock=clock)
    with pytest.raises(BinCodeInvalid):
        database.run(stow, Stow(SITE, "dock", "01-001-A1-*", "P1", 1, "ann"), clock=clock)


def test_a_site_sets_rules_of_its_own_and_the_neighbours_of_a_bin_count(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    stocked(database, clock, Goods(()))
    names = {
        "ACID": "Cleaner",
        "BASE": "Drain opener",
        "MUG1": "Red mug, small",
        "MUG2": "Red mug small",
        "GOLD": "Ring",
    }
    goods = [replace(product(code), name=name, value_cents=len(name)) for code, name in names.items()]
    database.run(save_products, SaveProducts(tuple(goods)), clock=clock)
    for code, hazard in (("ACID", "acid"), ("BASE", "base")):
        database.run(set_needs, SetNeeds(code, hazard=hazard), clock=clock)
    database.run(set_needs, SetNeeds("GOLD", warmest_dc=250), clock=clock)
    rules = StowRules(hazards_apart=(("acid", "base"),), look_alike=LookAlike(name_percent=90))
    rules = replace(rules, heavy_low=(HeavyLow(2, 400),), climates={"ambient": Climate(150, 300)})
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(stowing=rules), 0, "mara"), clock=clock)
    for wrong in (StowRules(climates={"no such": Climate(20, 80)}), StowRules(forward=(ForwardArea("no such"),))):
        command = SetStockPolicy(SITE, StockPolicy(stowing=wrong), 1, "mara")
        with pytest.raises(NotFound, match="zone"):
            database.run(set_stock_policy, command, clock=clock)
    came(database, clock, *(Receipt(code, 9) for code in names))
    with database.read() as session:
        low = [each for each in live_site(session, SITE).site.bins if each.aisle == "1" and each.level == 1]
        high = next(each.code for each in live_site(session, SITE).site.bins if each.level == 2)
    first, second, *_, last = (each.code for each in low if each.side is low[0].side)

    def why(code: str, goal: str) -> str:
        with pytest.raises(StowRefused) as refused:
            database.run(stow, Stow(SITE, "dock", goal, code, 1, "ann"), clock=clock)
        return refused.value.why

    for code, goal in (("ACID", first), ("MUG1", last)):
        database.run(stow, Stow(SITE, "dock", goal, code, 1, "ann"), clock=clock)
    assert why("BASE", first) == why("BASE", second) == "base must not lie next to acid"
    assert why("MUG2", last) == "easily taken for MUG1, which lies here or next to it"
    assert why("MUG2", high) == "too heavy for level 2: 500 g, 400 g are allowed"
    assert why("GOLD", first) == "needs 25.0 °C or less, zone ambient has 15.0 to 30.0 °C"
    answer = database.run(stow_at_random, StowAtRandom(SITE, "dock", "ann", num_bins=3), clock=clock)
    assert {each.why for each in answer.left_over} == {"no bin left by the rule: temperature"}
    with database.read() as session:
        assert check(session).ok


def test_what_finds_no_room_stays_at_the_dock_with_its_reason(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    stocked(database, clock, Goods(()))
    database.run(save_products, SaveProducts((NewProduct("LONG", "Pole", 601, 50, 50, 900),)), clock=clock)
    came(database, clock, Receipt("LONG", 4))
    answer = database.run(stow_at_random, StowAtRandom(SITE, "dock", "ann"), clock=clock)
    assert (answer.quantity, answer.left_over[0].why) == (0, "no bin is large enough for 601 x 50 x 50 mm")


def test_goods_of_one_expiry_are_one_lot_and_a_lot_keeps_its_expiry(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    stocked(database, clock, Goods((("P1", 3, date(2026, 3, 1)),)))
    came(database, clock, Receipt("P1", 2, expires_on=date(2026, 3, 1)), Receipt("P1", 2, lot="A7"))
    with pytest.raises(WrongState):
        came(database, clock, Receipt("P1", 2, lot="A7", expires_on=date(2026, 3, 1)))
    with database.read() as session:
        assert {lot.code for lot in session.execute(select(LotRow)).scalars()} == {"EXP-2026-03-01", "A7"}


def test_no_goods_go_to_bins_behind_blocked_floor(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 40, None),), num_bins=1))
    released(database, clock, order("O", ("P1", 1)))
    run = taken(database, clock)
    assert run.current is not None
    goal = run.current.bin_code
    report = report_blocked(database, ReportBlocked(run.run_id, run.current.step_id, "ann"), clock)
    database.run(save_products, SaveProducts((product("P2"),)), clock=clock)
    came(database, clock, Receipt("P2", 300))
    with pytest.raises(StowRefused) as refused:
        database.run(stow, Stow(SITE, "dock", goal, "P2", 1, "bob"), clock=clock)
    assert refused.value.why == "the way there is blocked"
    database.run(stow, Stow(SITE, "dock", bins_of_aisle(database, "1")[-1], "P2", 1, "bob"), clock=clock)
    move = MoveGoods(SITE, bins_of_aisle(database, "1")[-1], goal, "P2", 1, "space", "bob")
    with pytest.raises(StowRefused, match="the way there is blocked"):
        database.run(move_goods, move, clock=clock)
    with database.read() as session:
        live = live_site(session, SITE)
        now = walkable(session, live, clock)
    closed = {each.code for each in live.site.bins if not now.is_in_reach(each.code)}
    answer = database.run(stow_at_random, StowAtRandom(SITE, "dock", "bob", num_bins=300), clock=clock)
    assert answer.left_over == ()
    with database.read() as session:
        query = select(col(PlaceRow.code)).join(BalanceRow, col(BalanceRow.place_id) == col(PlaceRow.id))
        products = select(col(ProductRow.id)).where(col(ProductRow.code) == "P2")
        used = set(session.execute(query.where(col(BalanceRow.product_id).in_(products))).scalars())
    assert goal in closed
    assert len(used) > 200
    assert closed.isdisjoint(used)
    database.run(lift_block, LiftBlock(SITE, report.block_id, "mara"), clock=clock)
    came(database, clock, Receipt("P2", 1))
    assert database.run(stow, Stow(SITE, "dock", goal, "P2", 1, "bob"), clock=clock).bin_code == goal


def test_a_site_opens_once_and_its_problems_are_all_told(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    first = database.run(open_site, OpenSite(DEFINITION), clock=clock)
    again = database.run(open_site, OpenSite(DEFINITION), clock=clock)
    assert (first.num_bins, first.is_new, again.is_new) == (again.num_bins, True, False)
    with pytest.raises(WrongState):
        database.run(open_site, OpenSite(DEFINITION.replace("Small site", "Other")), clock=clock)
    with pytest.raises(SiteFileInvalid):
        database.run(open_site, OpenSite("code: X"), clock=clock)
    with database.read() as session, pytest.raises(NotFound):
        live_site(session, "NOWHERE")


def test_products_are_kept_up_to_date_and_barcodes_stay_unique(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    saved = database.run(save_products, SaveProducts((product("P1"), product("P2"))), clock=clock)
    assert saved == ProductsSaved(2, 0)
    bigger = NewProduct("P1", "Bigger", 200, 100, 100, 700, barcodes=("4006381333931",))
    assert database.run(save_products, SaveProducts((bigger,)), clock=clock) == ProductsSaved(0, 1)
    with database.read() as session:
        for scanned in ("P1", "EAN-P1", " 4006381333931\n"):
            assert product_of_scan(session, scanned).length_mm == 200
    stolen = NewProduct("P3", "Third", 10, 10, 10, 10, barcodes=("EAN-P1",))
    with pytest.raises(WrongState):
        database.run(save_products, SaveProducts((stolen,)), clock=clock)

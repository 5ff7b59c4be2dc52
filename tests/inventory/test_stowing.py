from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.blocking import LiftBlock, ReportBlocked, lift_block, walkable
from inventory.work.cataloguing import NewProduct, ProductsSaved, SaveProducts, product_of_scan, save_products
from inventory.work.receiving import Receipt, Receive, Received, receive
from inventory.work.replanning import report_blocked
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stowing import Stow, StowAtRandom, Stowed, stow, stow_at_random
from tests.inventory.picked_run import taken
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, product, released, stocked
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import BinCodeInvalid, NotFound, SiteFileInvalid, StockShort, StowRefused, WrongState
from warehouse.tables import PlaceRow


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

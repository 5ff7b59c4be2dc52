"""How full a site is, and when it will be full."""

from inventory.work.announcing import Announce, NoticeLine, announce
from inventory.work.bin_fill import bin_fill
from inventory.work.bin_outlook import full_on
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import live_site
from inventory.work.stowing import Stow, stow
from tests.inventory.dock import SUPPLIER, open_house
from tests.inventory.small_site import SITE, Goods, product, stocked
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database

LITRE_MM3, BIN_MM3 = 1_000_000, 90_000_000


def test_the_day_the_site_is_full_is_told_in_all_and_by_zone(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    stocked(database, clock, Goods(()))
    database.run(save_products, SaveProducts((product("P1"),)), clock=clock)
    database.run(receive, Receive(SITE, (Receipt("P1", 77),), "ann"), clock=clock)
    with database.read() as session:
        bins = [each.code for each in live_site(session, SITE).site.bins if each.zone == "ambient"]
        assert full_on(session, SITE, clock).full_on is None
    for goal, units in ((bins[0], 70), (bins[20], 3), (bins[40], 4)):
        database.run(stow, Stow(SITE, "dock", goal, "P1", units, "ann"), clock=clock)
    with database.read() as session:
        total = bin_fill(session, SITE, clock).total
        assert (total.num_used, total.num_nearly_empty, total.volume_used_mm3) == (3, 2, 77 * LITRE_MM3)
        outlook = full_on(session, SITE, clock)
    free_mm3 = total.num_bins * BIN_MM3 - 77 * LITRE_MM3
    assert outlook.full_on is not None
    assert outlook.outlook.days_left == free_mm3 * 7 // (77 * LITRE_MM3)
    assert outlook.weekday == f"{outlook.full_on:%A}"
    ambient, chilled = outlook.zones
    assert (ambient.zone, chilled.zone, chilled.full_on) == ("ambient", "chilled", None)
    assert ambient.full_on is not None
    assert ambient.full_on < outlook.full_on


def test_a_small_zone_that_announced_goods_will_fill_is_told_though_the_site_has_room(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P2")
    cold = product("P1", storage_class=StorageClass.CHILLED)
    database.run(save_products, SaveProducts((cold,)), clock=clock)
    with database.read() as session:
        litres = (
            next(each for each in bin_fill(session, SITE, clock).zones if each.zone == "chilled").volume_mm3
            // LITRE_MM3
        )
    lines = (NoticeLine("P1", 7 * litres), NoticeLine("P2", 7))
    database.run(announce, Announce(SITE, "T1", SUPPLIER, lines), clock=clock)
    with database.read() as session:
        outlook = full_on(session, SITE, clock)
    ambient, chilled = outlook.zones
    assert (ambient.announced_mm3, chilled.announced_mm3) == (7 * LITRE_MM3, 7 * litres * LITRE_MM3)
    assert (chilled.outlook.days_left, ambient.outlook.growth_mm3_daily) == (1, LITRE_MM3)
    assert outlook.announced_mm3 == 7 * (litres + 1) * LITRE_MM3

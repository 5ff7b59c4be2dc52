"""Damage from the ledger and from customers becomes advice at the dock."""

from inventory.rules.damage import WrapCosts
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.work.announcing import NoticeLine
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.damage import LearnDamage, ReportDamage, advice_of_site, learn_damage, report_damage
from inventory.work.delivery_closing import CloseDelivery, close_delivery
from inventory.work.dock_scans import DockScan
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.inventory.dock import open_house, scanned, truck
from tests.inventory.small_site import SITE
from warehouse.clock import FixedClock
from warehouse.database import Database


def test_what_breaks_in_the_house_and_at_customers_is_wrapped_next_time_and_no_longer_counts_then(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock)
    products = tuple(
        NewProduct(code, code, 100, 100, 100, 500, category=category, value_cents=1_000)
        for code, category in (("CUP", "glass"), ("JAR", "glass"), ("SOCK", "textile"))
    )
    database.run(save_products, SaveProducts(products), clock=clock)
    policy = StockPolicy(wrapping=WrapCosts(wrap_cents={"": 30}))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    truck(database, clock, "N1", NoticeLine("CUP", 300, lot="C1"), NoticeLine("SOCK", 300, lot="S1"))
    first = scanned(database, clock, "N1", DockScan("CUP", 280), DockScan("SOCK", 300))
    broken_on_arrival = scanned(database, clock, "N1", DockScan("CUP", 20, damaged=True))[0]
    assert broken_on_arrival.status is StockStatus.DAMAGED
    assert [each.wrap for each in first] == ["", ""]
    database.run(close_delivery, CloseDelivery(SITE, "N1", "rita"), clock=clock)
    damaged = ChangeStatus(SITE, "dock", "CUP", StockStatus.DAMAGED, "damaged-in-handling", "pia", quantity=8, lot="C1")
    change_status(database, damaged, clock)
    database.run(report_damage, ReportDamage("CUP", 6, "mara", lot="C1", order="17"), clock=clock)
    learned = database.run(learn_damage, LearnDamage(), clock=clock)
    assert (learned.num_products, learned.units, learned.broken) == (2, 580, 14)
    truck(
        database,
        clock,
        "N2",
        NoticeLine("CUP", 50, lot="C2"),
        NoticeLine("JAR", 50, lot="J1"),
        NoticeLine("SOCK", 50, lot="S1"),
    )
    cup, jar, sock = scanned(database, clock, "N2", *(DockScan(code, 50) for code in ("CUP", "JAR", "SOCK")))
    assert cup.wrap.startswith("Wrap: 14 of 280 broke (about ")
    assert jar.wrap.startswith("Wrap: like others of its kind (about ")
    assert sock.wrap == ""
    database.run(report_damage, ReportDamage("CUP", 1, "mara", lot="C2"), clock=clock)
    learned = database.run(learn_damage, LearnDamage(), clock=clock)
    assert (learned.units, learned.broken, learned.wrapped_units, learned.wrapped_broken) == (630, 14, 100, 1)
    with database.read() as session:
        assert [each.product for each in advice_of_site(session, SITE, clock, wrap=True)] == ["CUP", "JAR"]
        assert [each.product for each in advice_of_site(session, SITE, clock, wrap=False)] == ["SOCK"]

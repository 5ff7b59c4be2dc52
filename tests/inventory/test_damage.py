"""Damage from the ledger and from customers becomes advice at the dock."""

import pytest

from inventory.rules.damage import WrapCosts
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.work.announcing import NoticeLine
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.damage import LearnDamage, ReportDamage, advice_of_site, learn_damage, report_damage
from inventory.work.delivery_closing import CloseDelivery, close_delivery
from inventory.work.dock_scans import DockScan
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.wrapping import SayWrapping, WrappingSaid, say_wrapping
from tests.inventory.dock import open_house, scanned, truck
from tests.inventory.small_site import SITE
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import WrongState


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


def learned(database: Database, clock: FixedClock) -> tuple[int, int]:
    """Units that count as not wrapped, and as wrapped."""
    done = database.run(learn_damage, LearnDamage(), clock=clock)
    return done.units, done.wrapped_units


def said(database: Database, clock: FixedClock, number: str, product: str, *, wrapped: bool) -> WrappingSaid:
    return database.run(say_wrapping, SayWrapping(SITE, number, product, wrapped, "rita"), clock=clock)


def test_what_was_said_of_the_wrapping_last_counts_for_what_was_scanned_before(
    database: Database, clock: FixedClock
) -> None:
    open_house(database, clock, "P1", "P2")
    truck(database, clock, "N2", NoticeLine("P1", 5, lot="A2"))
    scanned(database, clock, "N2", DockScan("P1", 5, wrapped=False))
    database.run(close_delivery, CloseDelivery(SITE, "N2", "rita"), clock=clock)
    truck(database, clock, "N1", NoticeLine("P1", 30, lot="A1"), NoticeLine("P2", 30, lot="B1"))
    with pytest.raises(WrongState, match="product P1 is not among what came with N1"):
        said(database, clock, "N1", "P1", wrapped=False)
    scanned(database, clock, "N1", DockScan("P1", 9, wrapped=True), DockScan("P2", 8, wrapped=True))
    scanned(database, clock, "N1", DockScan("P1", 1, wrapped=True))
    assert learned(database, clock) == (5, 18)
    assert said(database, clock, "N1", "EAN-P1", wrapped=False) == WrappingSaid("P1", 10, wrapped=False)
    assert learned(database, clock) == (15, 8), "one product off one truck"
    assert said(database, clock, "N1", "P1", wrapped=True).quantity == 10
    assert learned(database, clock) == (5, 18), "the last word counts"
    scanned(database, clock, "N1", DockScan("P1", 2, wrapped=False))
    assert learned(database, clock) == (17, 8), "a lot is wrapped if every unit is, those that follow too"
    assert said(database, clock, "N1", "P1", wrapped=True).quantity == 12
    assert said(database, clock, "N2", "P1", wrapped=True).quantity == 5, "also when the truck is gone"
    assert learned(database, clock) == (0, 25)

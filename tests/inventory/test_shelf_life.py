"""Goods age: they are warned of once, withheld in time, and go to nobody who wants them fresher."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from inventory.rules.stock_policy import MinimumLife, StockPolicy, StockStatus
from inventory.work.ageing import Bucket, ageing, expiry_forecast
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.shelf_life_alerts import (
    AcknowledgeAlert,
    AlertsRaised,
    AlertView,
    RaiseAlerts,
    acknowledge_alert,
    alerts,
    raise_alerts,
)
from inventory.work.sites import OpenSite, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.inventory.picked_run import books_agree, confirm, taken
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, product, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

TODAY = date(2025, 12, 5)
DAY_MS = 86_400_000


def opened(database: Database, clock: FixedClock, *receipts: Receipt, policy: StockPolicy | None = None) -> None:
    """The site with goods at its dock, two euros a unit, of the category dairy."""
    database.run(open_site, OpenSite(DEFINITION, num_totes=4), clock=clock)
    if policy is not None:
        database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    products = tuple(replace(product(each.product), category="dairy", value_cents=200) for each in receipts)
    database.run(save_products, SaveProducts(products), clock=clock)
    database.run(receive, Receive(SITE, receipts, "receiver"), clock=clock)


def in_days(number: int, code: str = "P1", quantity: int = 5) -> Receipt:
    return Receipt(code, quantity, expires_on=TODAY + timedelta(days=number))


def swept(database: Database, clock: FixedClock) -> AlertsRaised:
    return raise_alerts(database, RaiseAlerts(SITE, "clock"), clock)


def listed(database: Database, clock: FixedClock, *, acknowledged: bool | None = None) -> list[AlertView]:
    with database.read() as session:
        return list(alerts(session, SITE, clock, acknowledged=acknowledged))


def test_each_level_is_raised_once_and_the_tightest_only(database: Database, clock: FixedClock) -> None:
    opened(database, clock, in_days(60), in_days(5, "P2", 3), in_days(91, "P3"), Receipt("P4", 5))
    assert swept(database, clock).num_raised == 2
    assert swept(database, clock).num_raised == 0
    assert [(each.product, each.level_days, each.days_left, each.quantity) for each in listed(database, clock)] == [
        ("P2", 7, 5, 3),
        ("P1", 60, 60, 5),
    ]
    assert listed(database, clock)[0].value_cents == 600
    clock.advance(30 * DAY_MS)
    assert swept(database, clock).num_raised == 2
    assert [(each.product, each.level_days, each.quantity) for each in listed(database, clock)] == [
        ("P2", 7, 0),
        ("P1", 60, 5),
        ("P1", 30, 5),
        ("P3", 90, 5),
    ]


def test_levels_go_by_category(database: Database, clock: FixedClock) -> None:
    policy = StockPolicy(alert_days={"dairy": (10, 3), "": (90,)})
    opened(database, clock, in_days(11), in_days(10, "P2"), policy=policy)
    assert swept(database, clock).num_raised == 1
    assert [(each.product, each.level_days) for each in listed(database, clock)] == [("P2", 10)]


def test_an_alert_is_acknowledged_by_one_person(database: Database, clock: FixedClock) -> None:
    opened(database, clock, in_days(5))
    swept(database, clock)
    (alert,) = listed(database, clock)
    command = AcknowledgeAlert(SITE, alert.alert_id, "mara", "acknowledge-1")
    answer = database.run(acknowledge_alert, command, clock=clock)
    assert database.run(acknowledge_alert, command, clock=clock) == answer
    with pytest.raises(WrongState, match="acknowledged by mara"):
        database.run(acknowledge_alert, AcknowledgeAlert(SITE, alert.alert_id, "ann"), clock=clock)
    with pytest.raises(NotFound):
        database.run(acknowledge_alert, AcknowledgeAlert(SITE, 999, "ann"), clock=clock)
    assert listed(database, clock, acknowledged=False) == []
    assert [each.acknowledged_by for each in listed(database, clock, acknowledged=True)] == ["mara"]
    assert swept(database, clock).num_raised == 0


def test_several_servers_that_look_at_once_raise_every_alert_once(database_url: str, clock: FixedClock) -> None:
    with Database.open(database_url) as database:
        opened(database, clock, *(in_days(number, f"P{number}") for number in range(1, 9)))
    num_servers = 4 if database_url.startswith("postgresql") else 1
    servers = [Database.open(database_url) for _ in range(num_servers)]
    try:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda number: swept(servers[number % num_servers], clock), range(8)))
        assert sum(each.num_raised for each in answers) == 8 == len(listed(servers[0], clock))
    finally:
        for server in servers:
            server.close()


def test_goods_expire_the_day_after_their_last_in_the_time_zone_of_the_site(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, Goods((("P1", 10, TODAY), ("P1", 10, TODAY + timedelta(days=9))), num_bins=1))
    released(database, clock, order("A", ("P1", 4)))
    clock.advance(11 * 3_600_000 - 1)
    assert swept(database, clock).withheld == ()
    clock.advance(1)
    withheld = swept(database, clock)
    assert [(each.quantity, each.status) for each in withheld.withheld] == [(10, StockStatus.EXPIRED)]
    assert withheld.waiting == ("A",)
    books_agree(database)
    assert release(database, Release(SITE, budget_ms=20), clock).quantity == 4
    books_agree(database)


def test_goods_with_too_little_life_left_are_quarantined(database: Database, clock: FixedClock) -> None:
    opened(database, clock, in_days(3), in_days(2, "P2"), policy=StockPolicy(quarantine_days={"dairy": 3}))
    withheld = swept(database, clock).withheld
    assert [(each.product, each.status) for each in withheld] == [("P2", StockStatus.QUARANTINED)]
    assert swept(database, clock).withheld == ()
    with database.read() as session:
        assert check(session).ok


def test_what_comes_in_too_old_is_withheld_at_the_dock(database: Database, clock: FixedClock) -> None:
    policy = StockPolicy(minimum_life=(MinimumLife(category="dairy", receipt_days=10),))
    opened(database, clock, Receipt("P1", 1), policy=policy)
    receipts = (in_days(10), in_days(9), in_days(-1), Receipt("P1", 2))
    received = database.run(receive, Receive(SITE, receipts, "receiver"), clock=clock)
    assert [each.status.value for each in received.lots] == ["available", "quarantined", "expired", "available"]


def test_a_customer_gets_goods_with_the_life_he_is_to_be_given(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods(tuple(("P1", 4, TODAY + timedelta(days=days)) for days in (5, 20)), num_bins=1))
    policy = StockPolicy(
        minimum_life=(MinimumLife(customer="hotel", shipment_days=10), MinimumLife(product="P9", shipment_days=99))
    )
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    orders = (replace(order("A", ("P1", 6)), customer="hotel"), order("B", ("P1", 1)))
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    (short,) = release(database, Release(SITE, budget_ms=20), clock).shorts
    assert (short.order, short.quantity, short.reason) == ("A", 2, "only 4 of 6 left, 4 with too little life left")
    run = taken(database, clock)
    lots = {}
    while run.current is not None:
        lots[run.current.order] = run.current.lot
        run = confirm(database, clock, run)
    assert lots == {"A": "EXP-2025-12-25", "B": "EXP-2025-12-10"}


def test_a_channel_gets_goods_with_the_life_it_is_to_be_given(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods(tuple(("P1", 4, TODAY + timedelta(days=days)) for days in (5, 20)), num_bins=1))
    for wrong in (MinimumLife(channel="wholesale", receipt_days=9), MinimumLife(customer="hotel", receipt_days=9)):
        refused = StockPolicy(minimum_life=(wrong,))
        with pytest.raises(WrongState, match="life at receipt for a customer or a channel nobody knows then"):
            database.run(set_stock_policy, SetStockPolicy(SITE, refused, 0, "mara"), clock=clock)
    policy = StockPolicy(minimum_life=(MinimumLife(channel="wholesale", shipment_days=10),))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    orders = (replace(order("A", ("P1", 6)), channel="wholesale"), replace(order("B", ("P1", 1)), channel="web"))
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    (short,) = release(database, Release(SITE, budget_ms=20), clock).shorts
    assert (short.order, short.quantity, short.reason) == ("A", 2, "only 4 of 6 left, 4 with too little life left")
    run = taken(database, clock)
    lots = {}
    while run.current is not None:
        lots[run.current.order] = run.current.lot
        run = confirm(database, clock, run)
    assert lots == {"A": "EXP-2025-12-25", "B": "EXP-2025-12-10"}


def test_goods_are_counted_by_the_days_they_have_left_and_by_their_age(database: Database, clock: FixedClock) -> None:
    opened(database, clock, in_days(-1), in_days(0, "P2", 2), in_days(8, "P3"), in_days(400, "P4"), Receipt("P5", 7))
    clock.advance(40 * DAY_MS)
    with database.read() as session:
        seen = ageing(session, SITE, clock)
    assert seen.by_days_left == (
        Bucket(None, -1, 12, 2400),
        Bucket(0, 7, 0, 0),
        Bucket(8, 30, 0, 0),
        Bucket(31, 60, 0, 0),
        Bucket(61, 90, 0, 0),
        Bucket(91, None, 5, 1000),
    )
    assert [bucket.quantity for bucket in seen.by_age] == [0, 24, 0, 0, 0]


def test_what_will_expire_unsold_follows_from_recent_demand(database: Database, clock: FixedClock) -> None:
    days = (9, 39, 400)
    stocked(database, clock, Goods(tuple(("P1", 30, TODAY + timedelta(days=each)) for each in days), num_bins=1))
    released(database, clock, order("A", ("P1", 14)))
    run = taken(database, clock)
    while run.current is not None:
        run = confirm(database, clock, run)
    with database.read() as session:
        found = expiry_forecast(session, SITE, clock)
    assert [(each.quantity, each.quantity_unsold, each.demand_a_day) for each in found] == [
        (16, 11.0, 0.5),
        (30, 15.0, 0.5),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_a_year_of_days_raises_the_alerts_that_a_recomputation_finds(
    sqlite_database: Database, clock: FixedClock, seed: int
) -> None:
    """Each lot crosses its levels on days that NumPy can tell without any state."""
    random = np.random.default_rng(seed)
    lives = random.integers(1, 120, size=12)
    opened(sqlite_database, clock, *(in_days(int(life), f"P{number}") for number, life in enumerate(lives)))
    days = np.arange(0, 121, 5)
    raised = []
    for _ in days:
        raised.append(swept(sqlite_database, clock).num_raised)
        clock.advance(5 * DAY_MS)
    levels = np.array([90, 60, 30, 7])
    left = lives[:, None] - days[None, :]
    tightest = np.where(left[..., None] <= levels, levels, 1_000).min(axis=-1)
    crossed = np.diff(tightest, axis=1, prepend=1_000) < 0
    assert raised == (crossed & (left >= 0)).sum(axis=0).tolist()

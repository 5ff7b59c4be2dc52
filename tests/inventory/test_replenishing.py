"""A forward area is filled from the other bins before it runs out."""

from dataclasses import replace

import pytest

from inventory.rules.replenishing import Fetch, Reserve, Want, fetches, less
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import ForwardArea, ForwardLevel, StowRules
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.replenishing import ReplenishingMove, replenishing_moves
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from tests.inventory.small_site import DEFINITION, SITE, order, product
from warehouse.clock import FixedClock
from warehouse.database import Database

LEVEL = ForwardLevel("P", 4, 10)


def lying(row: int, quantity: int, *, product: int = 0, expires_day: int = 99, received_day: int = 1) -> Reserve:
    return Reserve(row, row, product, quantity, expires_day, received_day)


def test_first_expired_goods_come_first_then_those_that_came_first_then_the_bins_that_hold_least() -> None:
    reserve = [lying(1, 9), lying(2, 3), lying(3, 2, expires_day=50), lying(4, 2, received_day=0)]
    brought = fetches([Want(0, LEVEL, 1)], reserve)
    assert [(each.bin, each.quantity) for each in brought] == [(3, 2), (4, 2), (2, 3), (1, 2)]
    assert [each.quantity for each in less(reserve, brought)] == [7, 0, 0, 0]
    assert fetches([Want(0, LEVEL, 1)], less(reserve, brought))[0] == Fetch(1, 1, 0, 7, is_urgent=False)


def test_what_orders_wait_for_comes_before_what_is_only_low_and_nothing_comes_while_the_minimum_is_there() -> None:
    reserve = [lying(row, 50, product=row) for row in range(5)]
    wants = [Want(0, LEVEL, 4), Want(1, LEVEL, 1), Want(2, LEVEL, 9, 12), Want(3, LEVEL, 0), Want(4, LEVEL, 5, 30)]
    brought = fetches(wants, reserve)
    assert [(each.product, each.quantity, each.is_urgent) for each in brought] == [
        (4, 25, True), (2, 3, True), (3, 10, False), (1, 9, False),
    ]  # fmt: skip


def test_levels_that_make_no_sense_are_refused() -> None:
    for wrong in (
        lambda: ForwardLevel("P", 5, 4),
        lambda: ForwardArea("A", days_min=2, days_max=1),
        lambda: ForwardArea("A", (LEVEL, replace(LEVEL, units_max=5))),
    ):
        with pytest.raises(ValueError, match=r"."):
            wrong()


def moves(database: Database, clock: FixedClock) -> list[tuple[str, str, int, bool]]:
    with database.read() as session:
        found = replenishing_moves(session, SITE, 50, clock)
        zones = {each.code: each.zone for each in live_site(session, SITE).site.bins}
    assert all(zones[each.from_bin] == "ambient" and zones[each.to_bin] == "pick" for each in found)
    assert len({each.to_bin for each in found}) == len(found)
    return [(each.from_bin, each.product, each.quantity, each.urgent) for each in found]


def made(database: Database, clock: FixedClock, move: ReplenishingMove) -> None:
    command = MoveGoods(SITE, move.from_bin, move.to_bin, move.product, move.quantity, "replenishment", "ann")
    database.run(move_goods, command, clock=clock)


def test_a_site_fills_its_forward_area_and_stops_when_it_is_full(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    definition = DEFINITION.replace("  chilled: { storage_classes: [chilled]", "  pick: { storage_classes: [ambient]")
    database.run(open_site, OpenSite(definition), clock=clock)
    database.run(save_products, SaveProducts(tuple(map(product, ("P1", "P2", "P3")))), clock=clock)
    receipts = (Receipt("P1", 30), Receipt("P2", 30), Receipt("P3", 30))
    database.run(receive, Receive(SITE, receipts, "ann"), clock=clock)
    with database.read() as session:
        bins = [each.code for each in live_site(session, SITE).site.bins if each.zone == "ambient"]
    for goal, code in zip(bins, ("P1", "P2", "P3"), strict=False):
        database.run(stow, Stow(SITE, "dock", goal, code, 30, "ann"), clock=clock)
    assert moves(database, clock) == []
    area = ForwardArea("pick", (ForwardLevel("P1", 4, 12),), days_min=7, days_max=28)
    policy = StockPolicy(stowing=StowRules(forward=(area, ForwardArea("gone", days_max=5))))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    database.run(place_orders, PlaceOrders(SITE, (order("A", ("P2", 8)),)), clock=clock)
    assert moves(database, clock) == [(bins[1], "P2", 8, True), (bins[0], "P1", 12, False)]
    with database.read() as session:
        todo = replenishing_moves(session, SITE, 1, clock)
    made(database, clock, todo[0])
    assert moves(database, clock) == [(bins[0], "P1", 12, False)]
    with database.read() as session:
        made(database, clock, replenishing_moves(session, SITE, 1, clock)[0])
    assert moves(database, clock) == []

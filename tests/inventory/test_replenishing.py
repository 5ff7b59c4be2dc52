"""A forward area is filled from the other bins before it runs out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from inventory.rules.replenishing import Claim, Fetch, Reserve, Want, fetches, less, unclaimed
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import ForwardArea, ForwardLevel, StowRules
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.replenishing import ReplenishingMove, replenishing_moves
from inventory.work.replenishment_work import (
    LEASE_MS,
    REST_MS,
    ConfirmReplenishment,
    LeaveReplenishment,
    TakeReplenishment,
    confirm_replenishment,
    leave_replenishment,
    take_replenishment,
)
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from tests.inventory.counted_bin import doubted
from tests.inventory.small_site import DEFINITION, SITE, order, product
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ScanMismatch, WrongState

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


def test_what_is_claimed_is_not_offered_and_what_was_left_rests() -> None:
    reserve = [lying(1, 9), lying(2, 3), lying(3, 2)]
    claims = [Claim(1, 7, 1, 0, 4), Claim(1, 8, 1, 0, 4), Claim(2, 9, 2, 0, 1, is_resting=True), Claim(3, 6, 3, 0, 5)]
    assert [(each.bin, each.quantity) for each in unclaimed(reserve, claims)] == [(1, 1), (3, 0)]


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


def taken(database: Database, clock: FixedClock, user: str) -> ReplenishingMove | None:
    """The move that somebody has after he took one, as everybody sees it in the list."""
    take_replenishment(database, TakeReplenishment(SITE, user), clock)
    with database.read() as session:
        found = [each for each in replenishing_moves(session, SITE, 50, clock) if each.taker == user]
    return found[0] if found else None


def done(move: ReplenishingMove, user: str, **scanned: Any) -> ConfirmReplenishment:
    """What is scanned when a move is made as it was asked for, but for what is said otherwise."""
    asked = ConfirmReplenishment(move.replenishment or 0, user, move.from_bin, move.product, move.quantity, move.to_bin)
    return replace(asked, **scanned)


@pytest.fixture
def bins(sqlite_database: Database, clock: FixedClock) -> list[str]:
    """The bins outside the forward area `pick`."""
    return opened(sqlite_database, clock)


def opened(database: Database, clock: FixedClock) -> list[str]:
    """A house where thirty of P1, P2 and P3 lie in the first three bins outside `pick`, and P2 is waited for."""
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
    policy = StockPolicy(stowing=StowRules(forward=(area,)))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    database.run(place_orders, PlaceOrders(SITE, (order("A", ("P2", 8)),)), clock=clock)
    return bins


def test_a_forward_area_is_filled_by_people_who_never_bring_the_same(
    sqlite_database: Database, clock: FixedClock, bins: list[str]
) -> None:
    database = sqlite_database
    assert moves(database, clock) == [(bins[1], "P2", 8, True), (bins[0], "P1", 12, False)]
    ann, bob = taken(database, clock, "ann"), taken(database, clock, "bob")
    assert ann is not None
    assert bob is not None
    assert (ann.product, bob.product) == ("P2", "P1")
    assert taken(database, clock, "cyd") is None
    assert taken(database, clock, "ann") == ann
    assert moves(database, clock) == [(bins[1], "P2", 8, True), (bins[0], "P1", 12, False)]
    for wrong in (done(ann, "ann", from_bin=bins[5]), done(ann, "ann", to_bin=bins[5]), done(ann, "ann", product="P1")):
        with pytest.raises(ScanMismatch):
            database.run(confirm_replenishment, wrong, clock=clock)
    for wrong in (done(ann, "bob"), done(ann, "ann", quantity=9)):
        with pytest.raises(WrongState):
            database.run(confirm_replenishment, wrong, clock=clock)
    assert database.run(confirm_replenishment, done(ann, "ann"), clock=clock).quantity == 8
    with pytest.raises(WrongState):
        database.run(confirm_replenishment, done(ann, "ann"), clock=clock)
    database.run(confirm_replenishment, done(bob, "bob", quantity=3), clock=clock)
    assert moves(database, clock) == [(bins[0], "P1", 9, False)]
    rest = taken(database, clock, "cyd")
    assert rest is not None
    database.run(confirm_replenishment, done(rest, "cyd"), clock=clock)
    assert moves(database, clock) == []


def test_a_move_is_somebody_elses_once_its_time_is_over_and_rests_when_it_was_left(
    sqlite_database: Database, clock: FixedClock, bins: list[str]
) -> None:
    database = sqlite_database
    late = taken(database, clock, "ann")
    assert late is not None
    clock.advance(LEASE_MS)
    assert moves(database, clock)[0] == (bins[1], "P2", 8, True)
    assert taken(database, clock, "ann") == replace(late, until_ms=clock.now_ms() + LEASE_MS)
    clock.advance(LEASE_MS)
    other = taken(database, clock, "bob")
    assert other is not None
    assert (other.product, other.from_bin) == ("P2", bins[1])
    with pytest.raises(WrongState):
        database.run(confirm_replenishment, done(late, "ann"), clock=clock)
    database.run(leave_replenishment, LeaveReplenishment(other.replenishment or 0, "bob", "not there"), clock=clock)
    assert doubted(database) == {other.from_bin, other.to_bin}
    assert [product for _, product, _, _ in moves(database, clock)] == ["P1"]
    clock.advance(REST_MS)
    assert [product for _, product, _, _ in moves(database, clock)] == ["P2", "P1"]


def test_of_people_who_ask_at_once_no_two_are_given_the_same_move(database: Database, clock: FixedClock) -> None:
    opened(database, clock)
    gate = threading.Barrier(5)

    def take(user: str) -> ReplenishingMove | None:
        gate.wait()
        return taken(database, clock, user)

    with ThreadPoolExecutor(5) as pool:
        given = [each for each in pool.map(take, "abcde") if each is not None]
    assert sorted(each.product for each in given) == ["P1", "P2"]
    assert len({each.taker for each in given}) == 2

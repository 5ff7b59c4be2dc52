"""Stowing many goods at once obeys the very rules that one scan obeys."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings

from inventory.rules.random_stowing import Shares, place_at_random, split_evenly
from inventory.rules.stock import NEVER_DAY, Goods, Lots, Shelves, Stock
from inventory.rules.storage_policy import StowRules
from inventory.rules.stowing import refusal
from tests.inventory.random_house import House, array, houses, in_a_row
from warehouse.bins import StorageClass
from warehouse.floor import Spot


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(deadline=None, max_examples=40)
@given(houses())
def test_what_is_placed_breaks_no_rule_and_what_is_not_is_refused_by_every_bin_by_itself(house: House) -> None:
    placement = house.placed()
    there = house.assert_allowed(placement.stock)
    units = Counter[int]()
    for lot, quantity in zip(placement.stock.lot.tolist(), placement.stock.quantity.tolist(), strict=True):
        units[lot] += quantity
    for each in placement.unplaced:
        units[each.lot] += each.quantity
        product = house.lots.product[each.lot]
        for row in range(len(house.shelves)):
            holds = any(house.lots.product[lot] == product for lot in there.get(row, {}))
            assert holds or refusal(house.room(row, there), house.unit(each.lot), 1, house.rules) is not None
    assert +units == +Counter(dict(zip(house.shares.lot.tolist(), house.shares.quantity.tolist(), strict=True)))


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(deadline=None, max_examples=30)
@given(houses())
def test_goods_go_on_top_of_stock_into_bins_in_reach_or_are_told_why_not(house: House) -> None:
    first = house.placed()
    reachable = np.arange(len(house.shelves)) % 2 == 0
    second = house.placed(first.stock, reachable)
    assert reachable[second.stock.bin].all()
    together = Stock(
        house.lots,
        np.concatenate([first.stock.bin, second.stock.bin]),
        np.concatenate([first.stock.lot, second.stock.lot]),
        np.concatenate([first.stock.quantity, second.stock.quantity]),
    )
    house.assert_allowed(together)
    for each in first.unplaced:
        if not house.placed(shares=Shares(array([each.lot]), array([1]), array([1]))).unplaced:
            assert each.why == "no room left" or each.why.startswith("no bin left by the rule: ")
        elif each.why.startswith("no zone keeps"):
            assert each.why == f"no zone keeps {house.unit(each.lot).storage_class} goods"
    if len(house.shelves) > 1:
        assert "no room left" not in {each.why for each in second.unplaced}


def big_house(num_products: int, num_bins: int) -> tuple[Lots, Goods, Shelves]:
    def of(value: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.full(count, value, dtype=np.int64)

    goods = Goods(
        tuple(f"P{index}" for index in range(num_products)),
        of(100, num_products),
        of(100, num_products),
        of(100, num_products),
        of(300, num_products),
        (StorageClass.AMBIENT,) * num_products,
    )
    sizes = (of(600, num_bins), of(400, num_bins), of(400, num_bins), of(96_000_000, num_bins), of(80_000, num_bins))
    codes = tuple(f"B{index}" for index in range(num_bins))
    places = (of(1, num_bins), of(1, num_bins), of(0, num_bins), ("A",), in_a_row(num_bins))
    shelves = Shelves(codes, (Spot(0, 0),) * num_bins, *sizes, *places)
    lots = Lots(goods.codes, array(range(num_products)), of(NEVER_DAY, num_products), of(1, num_products))
    return lots, goods, shelves


def test_every_product_lies_in_as_many_bins_as_asked_and_a_seed_places_alike() -> None:
    lots, goods, shelves = big_house(400, 4_000)
    shares = Shares(array(range(400)), np.full(400, 37, dtype=np.int64), np.full(400, 10, dtype=np.int64))
    one = StowRules(products_per_bin_max=1)
    first, again, other = (
        place_at_random(shares, lots, goods, shelves, rules=one, seed=seed).stock for seed in (5, 5, 6)
    )
    assert set(Counter(first.product.tolist()).values()) == {10}
    assert max(Counter(first.bin.tolist()).values()) == 1
    assert np.array_equal(first.lot, again.lot)
    assert not np.array_equal(first.lot, other.lot)


def test_shares_are_split_as_evenly_as_can_be() -> None:
    lot, quantity = split_evenly(Shares(array([4, 5, 6]), array([7, 2, 0]), array([3, 5, 2])))
    assert lot.tolist() == [4, 4, 4, 5, 5]
    assert quantity.tolist() == [3, 2, 2, 1, 1]

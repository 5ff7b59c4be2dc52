from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.rules.stock import NEVER_DAY, Goods, Lots, Shelves, Stock, storage_bits
from inventory.rules.stowing import BinRoom, Placement, Shares, StowRules, Unit, place_at_random, refusal, split_evenly
from warehouse.bins import StorageClass
from warehouse.floor import Spot

CLASSES = (StorageClass.AMBIENT, StorageClass.FROZEN)


def array(values: object) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


def room(**changes: object) -> BinRoom:
    facts: dict[str, object] = {
        "length_mm": 400,
        "width_mm": 300,
        "height_mm": 200,
        "volume_mm3": 24_000_000,
        "load_g": 10_000,
        "storage_classes": frozenset({StorageClass.AMBIENT}),
        "zone": "A",
    }
    return BinRoom(**(facts | changes))  # type: ignore[arg-type]


def unit(length_mm: int = 100, weight_g: int = 500, storage_class: StorageClass = StorageClass.AMBIENT) -> Unit:
    return Unit(7, 70, length_mm, 100, 100, weight_g, storage_class)


@pytest.mark.parametrize(
    ("bin_room", "goods", "quantity", "why"),
    [
        (room(), unit(storage_class=StorageClass.FROZEN), 1, "frozen goods do not belong in zone A"),
        (room(), unit(length_mm=401), 1, "too long: 401 mm in a bin of 400 mm"),
        (room(height_mm=90), unit(), 1, "too high: 100 mm in a bin of 90 mm"),
        (room(contents=frozenset({(7, 71)})), unit(), 1, "another lot of this product lies here"),
        (room(contents=frozenset({(1, 1), (2, 2)})), unit(), 1, "already 2 products here, 2 are allowed"),
        (room(volume_used_mm3=22_500_000), unit(), 2, "no room: space for 1 more"),
        (room(load_used_g=9_000), unit(), 3, "too heavy: the bin carries 2 more"),
        (room(), unit(), 20, None),
        (room(contents=frozenset({(7, 70), (2, 2)})), unit(), 1, None),
        (room(length_mm=100, width_mm=100, height_mm=400), unit(length_mm=400), 1, None),
    ],
)
def test_a_refusal_names_its_reason(bin_room: BinRoom, goods: Unit, quantity: int, why: str | None) -> None:
    assert refusal(bin_room, goods, quantity, StowRules(products_per_bin_max=2)) == why


@st.composite
def houses(draw: st.DrawFn) -> tuple[Shares, Lots, Goods, Shelves, StowRules, int]:
    """A few bins of two zones and sizes, and more or fewer goods than they hold."""
    num_bins, num_products = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    sizes = draw(st.lists(st.sampled_from([200, 400]), min_size=num_bins, max_size=num_bins))
    zones = draw(st.lists(st.sampled_from(CLASSES), min_size=num_bins, max_size=num_bins))
    shelves = Shelves(
        codes=tuple(f"B{index}" for index in range(num_bins)),
        spots=(Spot(0, 0),) * num_bins,
        length_mm=array(sizes),
        width_mm=array([300] * num_bins),
        height_mm=array([200] * num_bins),
        volume_mm3=array(sizes) * 60_000,
        load_g=array([8_000] * num_bins),
        storage_bits=array([storage_bits([zone]) for zone in zones]),
    )
    sides = st.lists(st.integers(50, 350), min_size=num_products, max_size=num_products)
    goods = Goods(
        codes=tuple(f"P{index}" for index in range(num_products)),
        length_mm=array(draw(sides)),
        width_mm=array(draw(sides)),
        height_mm=array([100] * num_products),
        weight_g=array(draw(st.lists(st.integers(1, 3_000), min_size=num_products, max_size=num_products))),
        storage_classes=tuple(draw(st.lists(st.sampled_from(CLASSES), min_size=num_products, max_size=num_products))),
    )
    owners = draw(st.lists(st.integers(0, num_products - 1), min_size=1, max_size=10))
    lots = Lots(
        codes=tuple(f"L{index}" for index in range(len(owners))),
        product=array(owners),
        expires_day=array([NEVER_DAY] * len(owners)),
        received_day=array(range(len(owners))),
    )
    shares = Shares(
        lot=array(range(len(owners))),
        quantity=array(draw(st.lists(st.integers(0, 20), min_size=len(owners), max_size=len(owners)))),
        num_bins=array(draw(st.lists(st.integers(1, 5), min_size=len(owners), max_size=len(owners)))),
    )
    rules = StowRules(draw(st.integers(1, 3)), draw(st.sampled_from([60, 100])))
    return shares, lots, goods, shelves, rules, draw(st.integers(0, 99))


def assert_allowed(stock: Stock, goods: Goods, shelves: Shelves, rules: StowRules) -> None:
    """Put the records into empty bins one by one: no rule refuses any of them."""
    rooms: dict[int, list[tuple[int, int, int]]] = {}
    records = zip(stock.bin.tolist(), stock.product.tolist(), stock.lot.tolist(), stock.quantity.tolist(), strict=True)
    for bin_row, product, lot, quantity in records:
        there = rooms.setdefault(bin_row, [])
        classes = frozenset(each for each in CLASSES if storage_bits([each]) & int(shelves.storage_bits[bin_row]))
        now = BinRoom(
            length_mm=int(shelves.length_mm[bin_row]),
            width_mm=int(shelves.width_mm[bin_row]),
            height_mm=int(shelves.height_mm[bin_row]),
            volume_mm3=int(shelves.volume_mm3[bin_row]),
            load_g=int(shelves.load_g[bin_row]),
            storage_classes=classes,
            zone="Z",
            volume_used_mm3=sum(int(goods.volume_mm3[each]) * units for each, _, units in there),
            load_used_g=sum(int(goods.weight_g[each]) * units for each, _, units in there),
            contents=frozenset((each, its_lot) for each, its_lot, _ in there),
        )
        of_it = Unit(
            product,
            lot,
            int(goods.length_mm[product]),
            int(goods.width_mm[product]),
            int(goods.height_mm[product]),
            int(goods.weight_g[product]),
            goods.storage_classes[product],
        )
        assert refusal(now, of_it, quantity, rules) is None
        there.append((product, lot, quantity))


def placed(case: tuple[Shares, Lots, Goods, Shelves, StowRules, int], stock: Stock | None = None) -> Placement:
    shares, lots, goods, shelves, rules, seed = case
    return place_at_random(shares, lots, goods, shelves, stock=stock, rules=rules, seed=seed)


@settings(deadline=None)
@given(houses())
def test_what_is_placed_at_random_breaks_no_rule_and_nothing_is_lost(
    case: tuple[Shares, Lots, Goods, Shelves, StowRules, int],
) -> None:
    shares, _, goods, shelves, rules, _ = case
    placement = placed(case)
    assert_allowed(placement.stock, goods, shelves, rules)
    there = Counter[int]()
    for lot, quantity in zip(placement.stock.lot.tolist(), placement.stock.quantity.tolist(), strict=True):
        there[lot] += quantity
    for each in placement.unplaced:
        there[each.lot] += each.quantity
    assert +there == +Counter(dict(zip(shares.lot.tolist(), shares.quantity.tolist(), strict=True)))


@settings(deadline=None)
@given(houses())
def test_nothing_is_placed_in_bins_out_of_reach(case: tuple[Shares, Lots, Goods, Shelves, StowRules, int]) -> None:
    shares, lots, goods, shelves, rules, seed = case
    reachable = np.arange(len(shelves)) % 2 == 0
    placement = place_at_random(shares, lots, goods, shelves, rules=rules, seed=seed, reachable=reachable)
    assert reachable[placement.stock.bin].all()
    assert_allowed(placement.stock, goods, shelves, rules)
    left = sum(each.quantity for each in placement.unplaced)
    assert left + int(placement.stock.quantity.sum()) == int(shares.quantity.sum())
    assert {each.why for each in placement.unplaced}.isdisjoint({"no room left"} if len(shelves) > 1 else ())


@settings(deadline=None)
@given(houses())
def test_goods_stowed_on_top_of_stock_break_no_rule_together(
    case: tuple[Shares, Lots, Goods, Shelves, StowRules, int],
) -> None:
    _, lots, goods, shelves, rules, _ = case
    first = placed(case).stock
    second = placed(case, first).stock
    together = Stock(
        lots,
        np.concatenate([first.bin, second.bin]),
        np.concatenate([first.lot, second.lot]),
        np.concatenate([first.quantity, second.quantity]),
    )
    assert_allowed(together, goods, shelves, rules)


@settings(deadline=None)
@given(houses())
def test_goods_without_room_are_told_why(case: tuple[Shares, Lots, Goods, Shelves, StowRules, int]) -> None:
    _, lots, goods, shelves, rules, seed = case
    for each in placed(case).unplaced:
        product = int(lots.product[each.lot])
        alone = Shares(array([each.lot]), array([1]), array([1]))
        fits_empty = not place_at_random(alone, lots, goods, shelves, rules=rules, seed=seed).unplaced
        keeps = shelves.storage_bits & goods.storage_bit[product]
        if not keeps.any():
            assert each.why == f"no zone keeps {goods.storage_classes[product]} goods"
        elif fits_empty:
            assert each.why == "no room left"


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
    shelves = Shelves(codes, (Spot(0, 0),) * num_bins, *sizes, of(1, num_bins))
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


def test_rules_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one product"):
        StowRules(products_per_bin_max=0)
    with pytest.raises(ValueError, match="fill_percent_max"):
        StowRules(fill_percent_max=101)

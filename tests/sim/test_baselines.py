from dataclasses import replace

import numpy as np
import pytest

from inventory.rules.allocation import Order, OrderLine
from inventory.rules.pick_runs import PickArea
from inventory.rules.stock import NEVER_DAY, Goods, Lots
from routing.batching import Batching
from routing.bin_choice import Budget
from routing.problem import PolicyName
from routing.verify import verify
from sim.baselines import aisle_by_aisle, baselines, fixed_places, nearest_first, plan_baseline
from sim.demo_site import planned_site
from warehouse.bins import StorageClass
from warehouse.distances import Distances
from warehouse.site_file import read_site
from warehouse.site_writing import write_site

NUM = 40


@pytest.fixture(scope="module")
def area() -> PickArea:
    site = read_site(write_site(planned_site(400_000_000, 2, "test")))
    assert not isinstance(site, list)
    return PickArea.of_site(site)


@pytest.fixture(scope="module")
def goods() -> Goods:
    side = np.full(NUM, 100)
    codes = tuple(f"P{number:02}" for number in reversed(range(NUM)))
    return Goods(codes, side, side, side, np.full(NUM, 300), (StorageClass.AMBIENT,) * NUM)


@pytest.fixture(scope="module")
def lots() -> Lots:
    return Lots(("1",) * NUM, np.arange(NUM), np.full(NUM, NEVER_DAY), np.zeros(NUM, dtype=np.int64))


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    """P39, in row 0, is in every order; the others are in one or two."""
    random = np.random.default_rng(1)
    found = []
    for number in range(12):
        rows = [0, *random.choice(np.arange(1, NUM), size=4, replace=False).tolist()]
        lines = tuple(OrderLine(f"{number}/{row}", row, 2) for row in rows)
        found.append(Order(str(number), lines))
    return found


def test_bins_are_walked_up_one_aisle_and_down_the_next(area: PickArea) -> None:
    points = [area.floor.point_mm(area.shelves.spots[row]) for row in aisle_by_aisle(area).tolist()]
    xs = sorted({x for x, _ in points})
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    for number, aisle in enumerate(xs):
        ys = [y for x, y in points if x == aisle]
        assert ys == sorted(ys, reverse=number % 2 == 1)


def test_the_nearest_bins_come_first(area: PickArea) -> None:
    distances = Distances(area.floor)
    order = nearest_first(area).tolist()
    ways = distances.pairs([area.start] * len(order), [area.shelves.spots[row] for row in order])
    assert (np.diff(ways) >= 0).all()
    assert sorted(order) == list(range(len(area.shelves)))


def test_fixed_places_leave_every_product_room_for_its_stock(area: PickArea) -> None:
    bins = aisle_by_aisle(area)
    volume = np.array([5, 1, 20, 1, 1, 60, 12]) * 1_000_000
    places = fixed_places(volume, bins, area)
    where = {row: number for number, row in enumerate(bins.tolist())}
    begins = [where[row] for row in places.tolist()]
    assert begins == sorted(begins)
    bin_volume = area.shelves.volume_mm3
    before = np.cumsum(bin_volume[bins]) - bin_volume[bins]
    for number, begin in enumerate(begins):
        end_mm3 = before[begins[number + 1]] if number + 1 < len(begins) else bin_volume.sum()
        assert end_mm3 - before[begin] + bin_volume[bins[begin]] >= volume[number]


def test_products_lie_by_code_or_with_the_fast_ones_near(
    area: PickArea, goods: Goods, lots: Lots, orders: list[Order]
) -> None:
    quantity = np.full(NUM, 50)
    traditional, conventional, class_based = baselines(goods, lots, quantity, orders, area)
    assert (traditional.batching, traditional.policy.name) == (Batching.ONE_ORDER, PolicyName.S_SHAPE)
    assert (conventional.batching, conventional.policy.name) == (Batching.SAVINGS, PolicyName.S_SHAPE)
    assert (class_based.batching, class_based.policy.name) == (Batching.SAVINGS, PolicyName.SHORTEST)
    assert traditional.stock is conventional.stock
    place = {bin_row: number for number, bin_row in enumerate(aisle_by_aisle(area).tolist())}
    by_code = sorted(range(NUM), key=lambda row: goods.codes[row])
    positions = [place[int(traditional.stock.bin[row])] for row in by_code]
    assert positions == sorted(positions)
    assert len(traditional.stock) == NUM
    near = {bin_row: number for number, bin_row in enumerate(nearest_first(area).tolist())}
    asked = {line.product for order in orders for line in order.lines}
    never = set(range(NUM)) - asked
    rank = {row: near[int(class_based.stock.bin[row])] for row in range(NUM)}
    assert never
    assert rank[0] < min(rank[row] for row in never)


def test_baselines_bring_every_unit_on_the_same_carts(
    area: PickArea, goods: Goods, lots: Lots, orders: list[Order]
) -> None:
    metres = {}
    for baseline in baselines(goods, lots, np.full(NUM, 50), orders, area):
        plan = plan_baseline(baseline, orders, goods, area, budget=Budget(time_ms=None, iterations=50), seed=0)
        assert plan.shorts == ()
        assert sum(step.quantity for run in plan.runs for step in run.steps) == 12 * 5 * 2
        for run in plan.runs:
            assert run.num_totes <= area.cart.num_totes
            assert verify(run.problem, run.route).ok
            assert len({(step.product, step.bin) for step in run.steps}) == len({step.product for step in run.steps})
        metres[baseline.name] = sum(run.route.certificate.distance_mm for run in plan.runs)
    assert len(metres) == 3
    assert metres["class_based"] <= metres["conventional"] <= metres["traditional"]


def test_goods_that_no_zone_keeps_have_no_place(area: PickArea, lots: Lots, orders: list[Order]) -> None:
    side = np.full(NUM, 100)
    classes = (StorageClass.FROZEN, *(StorageClass.AMBIENT,) * (NUM - 1))
    goods = Goods(tuple(f"P{row:02}" for row in range(NUM)), side, side, side, side, classes)
    shelves = area.shelves
    ambient = goods.storage_bit[1]
    warm = replace(shelves, storage_bits=np.full(len(shelves), ambient))
    warm_area = PickArea(area.floor, warm, area.cart, area.start, area.end)
    for baseline in baselines(goods, lots, np.full(NUM, 50), orders, warm_area):
        assert 0 not in baseline.stock.product.tolist()
        assert len(baseline.stock) == NUM - 1

"""Which of the bins that may take goods is best."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.rules.pick_runs import PickArea
from inventory.rules.random_stowing import Shares, place_at_random
from inventory.rules.stock import NEVER_DAY, Goods, IntArray, Lots
from inventory.rules.storage_policy import Preferences, StowRules
from inventory.rules.stow_choice import Chooser, in_rounds, transit_mm
from routing.problem import End
from tests.inventory.small_site import DEFINITION
from warehouse.bins import StorageClass
from warehouse.site_file import read_site

NEAR = Preferences(spread_aisles=False, near_flow=True, level_fill=False)
SPREAD = Preferences(spread_aisles=True, near_flow=False, level_fill=False)
LEVEL = Preferences(spread_aisles=False, near_flow=False, level_fill=True)


@pytest.fixture(name="area", scope="module")
def small_area() -> PickArea:
    site = read_site(DEFINITION)
    assert not isinstance(site, list)
    return replace(PickArea.of_site(site), end=End())


def chooser(area: PickArea, preferences: Preferences) -> Chooser:
    way_mm = transit_mm(area.floor, area.start, area.end, area.shelves.spots)
    return Chooser(area.shelves, way_mm, preferences)


def every_bin(area: PickArea) -> IntArray:
    return np.arange(len(area.shelves))


def aisle_and_block(area: PickArea, row: int) -> tuple[int, int]:
    x_mm, y_mm = area.floor.point_mm(area.shelves.spots[row])
    return round(x_mm), int(y_mm > 8_000)


def test_goods_fill_a_whole_aisle_before_the_next_one(area: PickArea) -> None:
    best = chooser(area, NEAR)
    room = area.shelves.volume_mm3
    asked = best.costs(every_bin(area), [5], room)
    places = [aisle_and_block(area, row) for row in np.argsort(asked, kind="stable").tolist()]
    segments = list(dict.fromkeys(places))
    assert len(segments) == 10
    assert [block for _, block in segments] == [0, 1] * 5
    assert all(segments[at][0] == segments[at + 1][0] for at in range(0, 10, 2))
    assert len(set(asked.tolist())) == 10


def test_every_product_gets_its_first_bin_before_any_gets_its_second_and_the_most_asked_for_goes_first(
    area: PickArea,
) -> None:
    assert in_rounds(np.array([0, 1, 0, 1, 2]), np.array([0.2, 0.2, 1.0, 1.0, 1.0])).tolist() == [2, 0, 3, 1, 4]
    num, shelves = 3, area.shelves
    side_mm, weight_g = np.full(num, 100), np.full(num, 300)
    goods = Goods(("A", "B", "C"), side_mm, side_mm, side_mm, weight_g, (StorageClass.AMBIENT,) * num)
    lots = Lots(goods.codes, np.arange(num), np.full(num, NEVER_DAY), np.full(num, 1))
    shares = Shares(np.arange(num), np.full(num, 4), np.full(num, 2))
    one = StowRules(products_per_bin_max=1)
    best = chooser(area, NEAR)
    asked = np.array([0.0, 1.0, 0.5])
    stock = place_at_random(shares, lots, goods, shelves, rules=one, chooser=best, popularity=asked).stock
    nearest = np.lexsort((stock.bin, best.near[stock.bin]))
    assert stock.product[nearest].tolist() == [1, 2, 0, 1, 2, 0]


def test_a_product_is_kept_out_of_segments_that_hold_it_and_the_emptier_ones_are_filled(area: PickArea) -> None:
    room = area.shelves.volume_mm3.copy()
    segment = area.shelves.edge
    spread = chooser(area, SPREAD).costs(every_bin(area), [0, 1, 479], room)
    assert segment[0] == segment[1] != segment[479]
    assert spread[0] == 2 * spread[479] > 0
    assert set(spread[(segment != segment[0]) & (segment != segment[479])].tolist()) == {0.0}
    room[segment == segment[0]] //= 2
    level = chooser(area, LEVEL).costs(every_bin(area), [], room)
    assert level[0] == pytest.approx(0.5)
    assert level[479] == pytest.approx(0.0)

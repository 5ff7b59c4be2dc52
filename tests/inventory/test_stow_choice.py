"""Which of the bins that may take goods is best."""

from dataclasses import replace

import numpy as np
import pytest

from inventory.rules.pick_runs import PickArea
from inventory.rules.stock import IntArray
from inventory.rules.storage_policy import Preferences
from inventory.rules.stow_choice import Chooser, transit_mm
from routing.problem import End
from tests.inventory.small_site import DEFINITION
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


def test_goods_fill_a_whole_aisle_before_the_next_one_and_what_nobody_asks_for_goes_to_the_far_end(
    area: PickArea,
) -> None:
    best = chooser(area, NEAR)
    room = area.shelves.volume_mm3
    asked = best.costs(every_bin(area), 0.1, [5], room)
    places = [aisle_and_block(area, row) for row in np.argsort(asked, kind="stable").tolist()]
    segments = list(dict.fromkeys(places))
    assert len(segments) == 10
    assert [block for _, block in segments] == [0, 1] * 5
    assert all(segments[at][0] == segments[at + 1][0] for at in range(0, 10, 2))
    assert len(set(asked.tolist())) == 10
    unasked = best.costs(every_bin(area), 0.0, [5], room)
    assert np.argmax(asked) == np.argmin(unasked)
    assert np.array_equal(best.costs(every_bin(area), 0.0, [], room), asked), "what is new here may be asked for"


def test_a_product_is_kept_out_of_segments_that_hold_it_and_the_emptier_ones_are_filled(area: PickArea) -> None:
    room = area.shelves.volume_mm3.copy()
    segment = area.shelves.edge
    spread = chooser(area, SPREAD).costs(every_bin(area), 1.0, [0, 1, 479], room)
    assert segment[0] == segment[1] != segment[479]
    assert spread[0] == 2 * spread[479] > 0
    assert set(spread[(segment != segment[0]) & (segment != segment[479])].tolist()) == {0.0}
    room[segment == segment[0]] //= 2
    level = chooser(area, LEVEL).costs(every_bin(area), 1.0, [], room)
    assert level[0] == pytest.approx(0.5)
    assert level[479] == pytest.approx(0.0)

import math

import pytest

from routing.batching import Item, make_batches
from routing.deadlines import Deadlines, PricedBatch, batch_in_time, late_orders
from routing.meeting import Pace
from warehouse.bins import Cart
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([0, 3000, 6000, 9000], [0, 10_000])
CART = Cart(num_totes=4, tote_volume_mm3=1000, load_g=500)
PACE = Pace(speed_mm_s=1000, stop_s=0, unit_s=0)
NEVER = math.inf


def order_in(aisle: int) -> list[Item]:
    assert FLOOR.grid is not None
    return [Item(1, 100, 1, (FLOOR.grid.segments[aisle][0],))]


def test_carts_come_in_the_order_of_their_cut_offs_and_priorities() -> None:
    orders = [order_in(number % 4) for number in range(12)]
    due_s = tuple(NEVER if number < 4 else 20.0 - number for number in range(12))
    deadlines = Deadlines(due_s, (0, 1) * 6)
    batches = make_batches(orders, FLOOR, CART, deadlines=deadlines).batches
    assert sorted(load.order for batch in batches for load in batch) == list(range(12))
    urgency = [min(deadlines.urgency(load.order) for load in batch) for batch in batches]
    assert urgency == sorted(urgency)


def test_urgent_orders_leave_a_cart_that_would_bring_them_too_late() -> None:
    orders = [order_in(aisle) for aisle in (0, 3, 0, 3)]
    together = make_batches(orders, FLOOR, CART).batches
    assert len(together) == 1
    # A walk through aisles 0 and 3 is 38 m; into aisle 0 and back it is 20 m or 26 m with another aisle.
    deadlines = Deadlines((30, NEVER, 30, NEVER), (0, 0, 0, 0), (0.0,), PACE)
    first, *_ = make_batches(orders, FLOOR, CART, deadlines=deadlines).batches
    assert {load.order for load in first} == {0, 2}


def test_orders_that_can_wait_share_carts_as_without_cut_offs() -> None:
    orders = [order_in(aisle) for aisle in (0, 3, 0, 3)]
    deadlines = Deadlines((900,) * 4, (0,) * 4, (0.0,), PACE)
    assert make_batches(orders, FLOOR, CART, deadlines=deadlines) == make_batches(orders, FLOOR, CART)


def test_carts_go_to_the_picker_who_is_free_first() -> None:
    batches = [PricedBatch((number,), (number,), 10_000, 0, 0) for number in range(4)]
    due_s = (10, 10, 20, 19.999)
    assert late_orders(batches, Deadlines(due_s, (0,) * 4, (0.0,), PACE)) == [1, 3, 2]
    assert late_orders(batches, Deadlines(due_s, (0,) * 4, (0.0, 0.0), PACE)) == [3]
    assert late_orders(batches, Deadlines(due_s, (0,) * 4, (0.0, 15.0), PACE)) == [1, 3, 2]
    assert late_orders(batches, Deadlines(due_s, (0,) * 4)) == []


def test_of_all_partings_the_one_with_the_fewest_late_orders_is_kept() -> None:
    def batch(loads: list[int]) -> list[PricedBatch]:
        return [PricedBatch(tuple(loads), tuple(loads), 5_000 + 1_000 * len(loads), 0, 0)]

    found = batch_in_time([0, 1, 2, 3], Deadlines((6, 12, 40, 40), (0,) * 4, (0.0,), PACE), batch)
    assert [each.orders for each in found] == [(0,), (1,), (2, 3)]


def test_a_stop_and_its_units_take_their_time() -> None:
    batch = PricedBatch((0,), (0,), 12_000, num_lines=3, num_units=5)
    assert batch.takes_s(Pace(speed_mm_s=1000, stop_s=4, unit_s=2)) == 12 + 12 + 10
    late = Deadlines((39,), (0,), (0.0,), Pace(speed_mm_s=1000, stop_s=4, unit_s=2), run_s=6)
    assert late_orders([batch], late) == [0]


def test_orders_that_are_late_whatever_goes_first_are_not_parted_from_others() -> None:
    asked = []

    def batch(loads: list[int]) -> list[PricedBatch]:
        asked.append(loads)
        return [PricedBatch(tuple(loads), tuple(loads), 5_000, 0, 0)]

    batch_in_time([0, 1], Deadlines((0, 40), (0, 0), (0.0,), PACE), batch)
    assert asked == [[0, 1]]


def test_every_order_has_a_cut_off_and_a_priority() -> None:
    with pytest.raises(ValueError, match="cut-offs"):
        Deadlines((NEVER, NEVER), (1,))

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.rules.allocation import Allocation, Order, OrderLine, allocate, serving_order
from inventory.rules.stock import NEVER_DAY, Lots

TODAY = date(2026, 1, 10).toordinal()


def array(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Order], Lots, list[int]]:
    """Orders for up to four products that lie in lots, some expiring, some expired, some not expiring."""
    num_products = draw(st.integers(1, 4))
    lots = draw(
        st.lists(
            st.tuples(
                st.integers(0, num_products - 1),
                st.one_of(st.just(NEVER_DAY), st.integers(TODAY - 3, TODAY + 5)),
                st.integers(TODAY - 9, TODAY),
                st.integers(0, 12),
            ),
            max_size=10,
        )
    )
    lines = draw(
        st.lists(
            st.tuples(st.integers(0, 5), st.integers(0, num_products - 1), st.integers(1, 9), st.integers(0, 3)),
            max_size=14,
        )
    )
    orders = [
        Order(
            f"O{number}",
            tuple(
                OrderLine(f"O{number}/{index}", product, quantity, life_days)
                for index, (order, product, quantity, life_days) in enumerate(lines)
                if order == number
            ),
            priority=draw(st.integers(0, 1)),
            due_ms=draw(st.one_of(st.none(), st.integers(0, 3))),
            placed_ms=draw(st.integers(0, 3)),
        )
        for number in range(6)
    ]
    table = Lots(
        codes=tuple(f"L{index}" for index in range(len(lots))),
        product=array([lot[0] for lot in lots]),
        expires_day=array([lot[1] for lot in lots]),
        received_day=array([lot[2] for lot in lots]),
        fifo_window_days=draw(st.integers(1, 3)),
    )
    return orders, table, [lot[3] for lot in lots]


def life_of(orders: list[Order], name: str) -> int:
    return next(line.life_days for order in orders for line in order.lines if line.line == name)


def used_by_lot(allocation: Allocation, num_lots: int) -> list[int]:
    used = [0] * num_lots
    for each in allocation.allotments:
        used[each.lot] += each.quantity
    return used


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(deadline=None)
@given(days())
def test_every_line_is_allotted_or_reported_short_and_no_lot_gives_more_than_it_has(
    case: tuple[list[Order], Lots, list[int]],
) -> None:
    orders, lots, free = case
    allocation = allocate(orders, lots, array(free), day=TODAY)
    for order in orders:
        for line in order.lines:
            given_units = sum(each.quantity for each in allocation.allotments if each.line == line.line)
            short = sum(each.quantity for each in allocation.shorts if each.line == line.line)
            assert given_units + short == line.quantity
    assert all(used <= there for used, there in zip(used_by_lot(allocation, len(lots)), free, strict=True))
    for each in allocation.allotments:
        assert lots.product[each.lot] == each.product
        assert lots.expires_day[each.lot] >= TODAY + life_of(orders, each.line)


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(deadline=None)
@given(days())
def test_a_later_lot_is_never_used_while_an_earlier_one_has_free_units(
    case: tuple[list[Order], Lots, list[int]],
) -> None:
    orders, lots, free = case
    """First expired, first out among what has life enough for the line; else first in, within the window."""
    left = list(free)
    for each in allocate(orders, lots, array(free), day=TODAY).allotments:
        usable_from = TODAY + life_of(orders, each.line)
        for other in range(len(lots)):
            if left[other] and lots.product[other] == each.product and lots.expires_day[other] >= usable_from:
                assert lots.expires_day[other] >= lots.expires_day[each.lot]
                if lots.expires_day[other] == lots.expires_day[each.lot]:
                    older_days = lots.received_day[each.lot] - lots.received_day[other]
                    window_days = lots.fifo_window_days if lots.expires_day[other] == NEVER_DAY else 1
                    assert older_days < window_days
        left[each.lot] -= each.quantity


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(deadline=None)
@given(days())
def test_a_line_is_short_only_when_nothing_usable_is_left(case: tuple[list[Order], Lots, list[int]]) -> None:
    orders, lots, free = case
    allocation = allocate(orders, lots, array(free), day=TODAY)
    used = used_by_lot(allocation, len(lots))
    for short in allocation.shorts:
        for lot in range(len(lots)):
            if lots.product[lot] == short.product and lots.expires_day[lot] >= TODAY + life_of(orders, short.line):
                assert used[lot] == free[lot]


def one_lot(expires_day: int = NEVER_DAY) -> Lots:
    return Lots(("L",), array([0]), array([expires_day]), array([TODAY]))


def test_urgent_orders_are_served_first() -> None:
    orders = [
        Order("late", (OrderLine("1", 0, 5),), due_ms=20),
        Order("none", (OrderLine("2", 0, 5),)),
        Order("soon", (OrderLine("3", 0, 5),), due_ms=10),
        Order("urgent", (OrderLine("4", 0, 5),), priority=1),
    ]
    assert [order.order for order in serving_order(orders)] == ["urgent", "soon", "late", "none"]
    allocation = allocate(orders, one_lot(), array([12]))
    assert [(short.order, short.quantity, short.reason) for short in allocation.shorts] == [
        ("late", 3, "only 2 of 5 left"),
        ("none", 5, "no stock"),
    ]


def test_goods_may_be_used_on_their_expiry_day_and_not_the_day_after() -> None:
    order = Order("O", (OrderLine("1", 0, 2),))
    assert not allocate([order], one_lot(TODAY), array([2]), day=TODAY).shorts
    shorts = allocate([order], one_lot(TODAY), array([2]), day=TODAY + 1).shorts
    assert [short.reason for short in shorts] == ["no stock, 2 expired"]


def test_a_line_that_must_be_given_more_life_leaves_short_lived_lots_to_others() -> None:
    lots = Lots(("soon", "later"), array([0, 0]), array([TODAY + 9, TODAY + 10]), array([TODAY, TODAY]))
    orders = [Order("A", (OrderLine("1", 0, 3, life_days=10),)), Order("B", (OrderLine("2", 0, 3),))]
    allocation = allocate(orders, lots, array([4, 2]), day=TODAY)
    assert [(each.line, each.lot, each.quantity) for each in allocation.allotments] == [("1", 1, 2), ("2", 0, 3)]
    assert [short.reason for short in allocation.shorts] == ["only 2 of 3 left, 4 with too little life left"]


def test_within_a_window_of_days_the_lot_with_least_left_goes_first() -> None:
    day = TODAY - TODAY % 7
    lots = Lots(("A", "B"), array([0, 0]), array([NEVER_DAY] * 2), array([day, day + 6]), fifo_window_days=7)
    order = Order("O", (OrderLine("1", 0, 2),))
    assert [each.lot for each in allocate([order], lots, array([5, 2])).allotments] == [1]
    assert [each.lot for each in allocate([order], replace(lots, fifo_window_days=1), array([5, 2])).allotments] == [0]


def test_a_line_without_units_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="asks for 0 units"):
        allocate([Order("O", (OrderLine("1", 0, 0),))], one_lot(), array([2]))

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.batching import Batches, Batching, Item, Load, Splitting, make_batches, misfit
from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Source
from routing.solve import solve
from warehouse.bins import Cart
from warehouse.floor import EdgeKind, Floor, Spot, Stretch
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([0, 3000, 6000, 9000], [0, 10_000, 20_000])
AISLES = [index for index, edge in enumerate(FLOOR.edges) if edge.kind is EdgeKind.AISLE]
CART = Cart(num_totes=4, tote_volume_mm3=1000, load_g=500)

BLOCKED = rectangular_floor([0, 3000, 6000, 9000], [0, 10_000, 20_000], blocked=[(0, 0, 0, 9), (2, 1, 4_000, 6_000)])
ONE_WAY = replace(
    FLOOR,
    edges=tuple(replace(edge, direction=int(index == AISLES[2])) for index, edge in enumerate(FLOOR.edges)),
)
NO_GRID = replace(FLOOR, grid=None)


def small(edge: int, quantity: int = 1) -> Item:
    return Item(quantity, 100, 10, (edge,))


ITEMS = st.builds(
    Item,
    quantity=st.integers(1, 30),
    unit_volume_mm3=st.integers(1, 1100),
    unit_weight_g=st.integers(0, 120),
    edges=st.lists(st.sampled_from(AISLES), min_size=1, max_size=3, unique=True).map(tuple),
)
ORDERS = st.lists(st.lists(ITEMS, max_size=5), max_size=8)


def units_of(orders: list[list[Item]], batches: Batches) -> Counter[tuple[int, int]]:
    """The units of each order's item, over all loads and misfits."""
    units = Counter[tuple[int, int]]()
    for batch in batches.batches:
        for load in batch:
            for tote in load.totes:
                for share in tote:
                    units[load.order, share.item] += share.quantity
    for each in batches.misfits:
        units[each.order, each.item] += each.quantity
    return units


@settings(deadline=None, max_examples=30)
@given(
    ORDERS,
    st.sampled_from(list(Batching)),
    st.sampled_from(list(Splitting)),
    st.sampled_from((None, 1, 3)),
    st.sampled_from((FLOOR, BLOCKED, ONE_WAY, NO_GRID)),
    st.integers(0, 5),
)
def test_every_unit_travels_once_and_no_cart_or_tote_is_overfull(
    orders: list[list[Item]],
    batching: Batching,
    splitting: Splitting,
    lines_max: int | None,
    floor: Floor,
    seed: int,
) -> None:
    cart = replace(CART, lines_max=lines_max)
    batches = make_batches(orders, floor, cart, batching=batching, splitting=splitting, seed=seed)
    wanted = {(number, index): item.quantity for number, items in enumerate(orders) for index, item in enumerate(items)}
    assert units_of(orders, batches) == Counter(wanted)
    for batch in batches.batches:
        assert sum(len(load.totes) for load in batch) <= CART.num_totes
        assert sum(load.weight_g for load in batch) <= CART.load_g
        assert lines_max is None or sum(load.num_lines for load in batch) <= lines_max
        for load in batch:
            items = orders[load.order]
            assert all(load.totes)
            weights = [share.quantity * items[share.item].unit_weight_g for tote in load.totes for share in tote]
            assert load.weight_g == sum(weights)
            for tote in load.totes:
                volume = sum(share.quantity * items[share.item].unit_volume_mm3 for share in tote)
                assert volume <= CART.tote_volume_mm3
    travelling = Counter(load.order for batch in batches.batches for load in batch)
    for each in batches.misfits:
        held = each.why.startswith("order is not to be split: ") and each.order not in travelling
        assert each.why == misfit(orders[each.order][each.item], CART) or (held and splitting is Splitting.NEVER)
    assert splitting is not Splitting.NEVER or max(travelling.values(), default=1) == 1


@settings(deadline=None, max_examples=30)
@given(ORDERS, st.integers(0, 5))
def test_a_seed_gives_the_same_batches(orders: list[list[Item]], seed: int) -> None:
    assert make_batches(orders, FLOOR, CART, seed=seed) == make_batches(orders, FLOOR, CART, seed=seed)


def test_orders_of_the_same_aisles_share_a_cart() -> None:
    left, right = AISLES[0], AISLES[-1]
    orders = [[small(left if number % 2 else right, 10)] for number in range(8)]
    batches = make_batches(orders, FLOOR, CART).batches
    assert len(batches) == 2
    for batch in batches:
        assert len({orders[load.order][0].edges for load in batch}) == 1


def test_one_order_a_run_shares_nothing() -> None:
    orders = [[small(AISLES[0])] for _ in range(5)]
    batches = make_batches(orders, FLOOR, CART, batching=Batching.ONE_ORDER).batches
    assert [len(batch) for batch in batches] == [1] * 5


def test_an_order_too_large_for_a_cart_is_split_over_several() -> None:
    batches = make_batches([[small(AISLES[0], 25), small(AISLES[3], 30)]], FLOOR, CART).batches
    loads = [load for batch in batches for load in batch]
    assert sum(share.quantity for load in loads for tote in load.totes for share in tote) == 55
    assert len(loads) == 2
    assert loads[0].totes[0][0].quantity == 10


def test_lines_bind_like_totes_and_weight() -> None:
    cart = replace(CART, lines_max=2)
    orders = [[small(AISLES[0]), small(AISLES[1])] if number == 3 else [small(AISLES[0])] for number in range(4)]
    batches = make_batches(orders, FLOOR, cart).batches
    assert sorted(sum(load.num_lines for load in batch) for batch in batches) == [1, 2, 2]
    (order,) = make_batches([[small(AISLES[0], 1 + number) for number in range(5)]], FLOOR, cart).batches[:1]
    assert [load.num_lines for load in order] == [2]
    long = make_batches([[small(AISLES[0]) for _ in range(5)]], FLOOR, cart).batches
    assert sorted(load.num_lines for batch in long for load in batch) == [1, 2, 2]


@pytest.mark.parametrize(
    ("items", "lines_max", "why"),
    [
        ([small(AISLES[0], 25), small(AISLES[3], 30)], None, "0.55 kg, a cart takes 0.5"),
        ([Item(3, 900, 1, (0,)), Item(2, 900, 1, (0,))], None, "more than the 4 totes of a cart"),
        ([Item(9, 1, 100, (0,))], None, "0.9 kg, a cart takes 0.5"),
        ([small(AISLES[0]), small(AISLES[1]), small(AISLES[2])], 2, "3 lines, a cart takes 2"),
    ],
)
def test_an_order_that_is_not_to_be_split_is_held_whole_and_told_why(
    items: list[Item], lines_max: int | None, why: str
) -> None:
    cart = replace(CART, lines_max=lines_max)
    batches = make_batches([items, [small(AISLES[0])]], FLOOR, cart, splitting=Splitting.NEVER)
    assert [[load.order for load in batch] for batch in batches.batches] == [[1]]
    assert {each.item for each in batches.misfits} == set(range(len(items)))
    assert {each.why for each in batches.misfits} == {f"order is not to be split: {why}"}


def test_orders_are_split_by_the_tote_where_less_is_walked() -> None:
    # Every order lies in the first and in the last aisle: carts that bring the totes of one aisle walk half as far.
    orders = [[small(AISLES[0], 10), small(AISLES[-1], 10)] for _ in range(4)]
    whole = make_batches(orders, FLOOR, CART).batches
    parted = make_batches(orders, FLOOR, CART, splitting=Splitting.ALWAYS).batches
    assert {len({load.order for load in batch}) for batch in whole} == {2}
    assert [sum(len(load.totes) for load in batch) for batch in parted] == [4, 4]
    lies_in = [
        {orders[load.order][share.item].edges for load in batch for tote in load.totes for share in tote}
        for batch in parted
    ]
    assert sorted(lies_in, key=str) == [{(AISLES[0],)}, {(AISLES[-1],)}]
    # Nothing is gained by parting what lies together.
    together = [[small(aisle, 10), small(aisle, 10)] for aisle in (AISLES[0], AISLES[-1]) * 2]
    assert {len(batch) for batch in make_batches(together, FLOOR, CART, splitting=Splitting.ALWAYS).batches} == {2}


def test_weight_binds_like_volume() -> None:
    loads = [load for batch in make_batches([[Item(9, 1, 100, (0,))]], FLOOR, CART).batches for load in batch]
    assert [load.weight_g for load in loads] == [500, 400]


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (Item(1, 1001, 1, (0,)), "larger than a tote"),
        (Item(1, 1, 501, (0,)), "heavier than a cart carries"),
        (Item(1, 1000, 500, (0,)), None),
    ],
)
def test_what_no_cart_can_take_is_refused_with_its_reason(item: Item, why: str | None) -> None:
    assert misfit(item, CART) == why
    assert [each.why for each in make_batches([[item]], FLOOR, CART).misfits] == ([why] if why else [])


def test_a_whole_day_fills_its_carts() -> None:
    random = np.random.default_rng(1)
    floor = rectangular_floor(list(range(0, 60_000, 3000)), [0, 20_000, 40_000])
    aisles = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]
    cart = Cart(num_totes=12, tote_volume_mm3=60_000_000, load_g=250_000)
    orders = [
        [
            Item(
                int(random.integers(1, 8)),
                int(random.integers(50_000, 1_000_000)),
                int(random.integers(10, 500)),
                tuple(random.choice(aisles, 5, replace=False).tolist()),
            )
            for _ in range(int(random.integers(5, 60)))
        ]
        for _ in range(150)
    ]
    batches = make_batches(orders, floor, cart)
    loads: list[Load] = [load for batch in batches.batches for load in batch]
    assert not batches.misfits
    least = -(-sum(len(load.totes) for load in loads) // cart.num_totes)
    assert len(batches.batches) <= least + 1


def walk_m(orders: list[list[tuple[Spot, ...]]], floor: Floor, seed: int) -> float:
    """How far the carts of some orders walk, each line to be had at any of some places."""
    items = [[Item(1, 200, 10, tuple(sorted({each.edge for each in line})), line) for line in own] for own in orders]
    total_mm = 0
    for batch in make_batches(items, floor, Cart(6, 1000, 10_000), seed=seed).batches:
        lines = tuple(
            PickLine(f"{load.order} {at}", 1, tuple(Source(str(each), each, 1) for each in line))
            for load in batch
            for at, line in enumerate(orders[load.order])
        )
        problem = PickProblem(floor, lines, floor.spot_at(0))
        total_mm += solve(problem, budget=Budget(None, iterations=30)).certificate.distance_mm
    return total_mm / 1000


@pytest.mark.parametrize("aisle", [5, 11])
def test_a_small_block_in_one_aisle_hardly_makes_the_walk_of_all_carts_longer(aisle: int) -> None:
    free = rectangular_floor(list(range(0, 36_000, 3000)), [0, 15_000, 30_000])
    assert free.grid is not None
    segments = [edge for column in free.grid.segments for edge in column]
    cut = replace(free, blocked=(Stretch(free.grid.segments[aisle][0], 7_000, 7_009),))
    without = with_block = 0.0
    for seed in range(2):
        dice = np.random.default_rng(seed)
        orders = [
            [
                tuple(Spot(int(dice.choice(segments)), int(dice.integers(2, 28)) * 500) for _ in range(2))
                for _ in range(3)
            ]
            for _ in range(60)
        ]
        without += walk_m(orders, free, seed)
        with_block += walk_m(orders, cut, seed)
    # Estimates of the aisles walked made it a quarter longer.
    assert with_block < 1.1 * without


def test_orders_share_carts_where_floor_is_blocked_or_out_of_reach() -> None:
    # The middle of the first aisle cannot be passed, and nothing of the last one can be reached.
    ends = [(3, 0, 0, 10), (3, 0, 9_990, 10_000), (3, 1, 0, 10), (3, 1, 9_990, 10_000)]
    floor = rectangular_floor([0, 3000, 6000, 9000], [0, 10_000, 20_000], blocked=[(0, 0, 4_000, 6_000), *ends])
    orders = [[small(aisle), small(AISLES[-1 - number % 2])] for number, aisle in enumerate(AISLES)]
    batches = make_batches(orders, floor, CART)
    assert units_of(orders, batches) == Counter({(order, item): 1 for order in range(len(orders)) for item in (0, 1)})
    assert len(batches.batches) == 2

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.batch_pricing import NOBODY, SET_COST, new_pricing
from routing.batch_tours import solve_batching, tour_mm
from routing.bin_choice import Budget
from routing.order_batching import batch_orders
from routing.problem import Policy, PolicyName
from routing.published_batching import BatchingInstance, read_batching
from tests.routing.henn_instance import henn_text

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

SHORTEST = Policy(PolicyName.SHORTEST)
SEARCH = Budget(None, iterations=40)


def some_instance(seed: int, num_orders: int, folder: Path) -> BatchingInstance:
    dice = random.Random(seed)
    cells = [(aisle, cell) for aisle in range(4) for cell in range(8)]
    orders = [dice.sample(cells, dice.randint(1, 5)) for _ in range(num_orders)]
    path = folder / "tiny.txt"
    path.write_text(henn_text(orders, num_aisles=4, num_cells=8, capacity=dice.randint(5, 12)), encoding="latin-1")
    return read_batching(path)


def partitions(orders: list[int]) -> Iterator[list[list[int]]]:
    """Every way to put orders in batches."""
    if not orders:
        yield []
        return
    first, *rest = orders
    for others in partitions(rest):
        yield [[first], *others]
        for index, batch in enumerate(others):
            yield [*others[:index], [first, *batch], *others[index + 1 :]]


@pytest.mark.parametrize("policy", [SHORTEST, Policy()])
@pytest.mark.parametrize("seed", range(4))
def test_few_orders_are_batched_as_well_as_can_be(seed: int, policy: Policy, tmp_path: Path) -> None:
    instance = some_instance(seed, 6, tmp_path)
    price: dict[tuple[int, ...], tuple[int, int]] = {}
    best = None
    for batches in partitions(list(range(6))):
        if any(sum(instance.sizes[order] for order in batch) > instance.capacity for batch in batches):
            continue
        tours = []
        for batch in batches:
            key = tuple(sorted(batch))
            if key not in price:
                price[key] = tour_mm(instance, list(key), policy)
            tours.append(price[key])
        figures = sum(mm for mm, _ in tours), sum(mm for _, mm in tours)
        rank = figures if policy == SHORTEST else figures[::-1]
        best = rank if best is None else min(best, rank)
    solved = solve_batching(instance, policy=policy, budget=SEARCH)
    found = solved.distance_mm, solved.backtrack_mm
    assert best is not None
    assert (found[0] if policy == SHORTEST else found[::-1]) == (best[0] if policy == SHORTEST else best)
    assert solved.distance_bound_mm <= found[0]


@pytest.mark.parametrize("seed", range(3))
def test_every_order_is_in_one_batch_that_fits_and_costs_what_its_route_says(seed: int, tmp_path: Path) -> None:
    instance = some_instance(seed, 30, tmp_path)
    grid = instance.grid(SHORTEST)
    pricing = new_pricing(grid, instance.orders(grid), sets_max=2000)
    batches = batch_orders(pricing, budget=SEARCH, seed=seed)
    assert sorted(order for batch in batches for order in batch) == list(range(30))
    assert all(sum(instance.sizes[order] for order in batch) <= instance.capacity for batch in batches)
    used = range(pricing.num_sets)
    priced = {tuple(sorted(pricing.members[row][pricing.members[row] != NOBODY].tolist())): row for row in used}
    for batch in batches:
        cost = int(pricing.sets[priced[tuple(batch)], SET_COST])
        assert grid.figures(cost)[1] == tour_mm(instance, batch, SHORTEST)[0]


def test_the_same_seed_gives_the_same_batches(tmp_path: Path) -> None:
    instance = some_instance(5, 25, tmp_path)
    found = [solve_batching(instance, policy=SHORTEST, budget=SEARCH, seed=3) for _ in range(2)]
    assert found[0] == found[1]


def test_a_search_goes_on_when_its_memory_is_full(tmp_path: Path) -> None:
    instance = some_instance(6, 25, tmp_path)
    grid = instance.grid(SHORTEST)
    pricing = new_pricing(grid, instance.orders(grid), sets_max=400)
    batches = batch_orders(pricing, budget=Budget(None, iterations=300))
    assert sorted(order for batch in batches for order in batch) == list(range(25))


def test_no_orders_make_no_batches(tmp_path: Path) -> None:
    instance = some_instance(7, 1, tmp_path)
    grid = instance.grid(SHORTEST)
    assert batch_orders(new_pricing(grid, instance.orders(grid), sets_max=10), budget=SEARCH) == [[0]]

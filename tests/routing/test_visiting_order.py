"""Orders of visiting: best by trying all, and sound bounds where they are not exact."""

import itertools

import numpy as np
import pytest

from routing.visiting_order import EXACT_MAX, best_order, improved_order, order_cost


@pytest.mark.parametrize("seed", range(20))
def test_few_points_are_ordered_as_trying_all_orders_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 1 + seed % 7
    costs = rng.integers(1, 100, (count, count))
    end_costs = rng.integers(0, 100, count)
    order, bound = best_order(costs, end_costs, 1.0)
    least = min(order_cost(list(each), costs, end_costs) for each in itertools.permutations(range(1, count)))
    assert order_cost(order, costs, end_costs) == least == bound


@pytest.mark.parametrize("directed", [False, True])
def test_many_points_are_all_visited_once_at_no_less_than_the_bound(directed: bool) -> None:
    rng = np.random.default_rng(7)
    places = rng.integers(0, 1000, (EXACT_MAX + 14, 2))
    costs = np.abs(places[:, None, :] - places[None, :, :]).sum(axis=2)
    if directed:
        costs += rng.integers(0, 200, costs.shape)
        np.fill_diagonal(costs, 0)
    end_costs = costs[:, 0].copy()
    order, bound = best_order(costs, end_costs, 0.2)
    assert sorted(order) == list(range(1, len(places)))
    assert bound <= order_cost(order, costs, end_costs)
    plain = list(range(1, len(places)))
    assert order_cost(order, costs, end_costs) < 0.6 * order_cost(plain, costs, end_costs)


def test_moving_runs_of_points_never_makes_an_order_dearer() -> None:
    rng = np.random.default_rng(2)
    costs = rng.integers(1, 100, (15, 15))
    end_costs = np.zeros(15, dtype=np.int64)
    order = list(range(1, 15))
    better = improved_order(order, costs, end_costs)
    assert sorted(better) == order
    assert order_cost(better, costs, end_costs) < order_cost(order, costs, end_costs)

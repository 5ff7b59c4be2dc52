"""Orders of visiting: best by trying all, and sound bounds where they are not exact."""

import itertools
import math

import numpy as np
import pytest

from routing.problem import PickLine, Source
from routing.tour_bounds import tour_bound
from routing.visiting_order import EXACT_MAX, best_choice, best_order, order_cost, picks_of
from warehouse.floor import Spot


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
@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_many_points_are_all_visited_once_at_no_less_than_the_bound(directed: bool, seconds: float) -> None:
    rng = np.random.default_rng(7)
    places = rng.integers(0, 1000, (EXACT_MAX + 14, 2))
    costs = np.abs(places[:, None, :] - places[None, :, :]).sum(axis=2)
    if directed:
        costs += rng.integers(0, 200, costs.shape)
        np.fill_diagonal(costs, 0)
    end_costs = costs[:, 0].copy()
    order, bound = best_order(costs, end_costs, seconds)
    assert sorted(order) == list(range(1, len(places)))
    assert bound <= order_cost(order, costs, end_costs)
    plain = list(range(1, len(places)))
    assert order_cost(order, costs, end_costs) < 0.6 * order_cost(plain, costs, end_costs)


def test_bins_and_order_chosen_together_are_best_on_small_problems_and_never_below_the_bound() -> None:
    num_best = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        places = rng.integers(0, 1000, (7, 2))
        costs = np.abs(places[:, None, :] - places[None, :, :]).sum(axis=2)
        end_costs = costs[:, int(rng.integers(7))].copy()
        spots = [Spot(0, point) for point in range(7)]
        point_of = {spot: point for point, spot in enumerate(spots)}
        lines = []
        for line in range(3):
            chosen = rng.choice(np.arange(1, 7), int(rng.integers(1, 5)), replace=False).tolist()
            sources = tuple(Source(f"B{point}", spots[point], int(rng.integers(1, 4))) for point in chosen)
            lines.append(
                PickLine(f"L{line}", int(rng.integers(1, sum(each.quantity for each in sources) + 1)), sources)
            )
        least = min(
            order_cost(list(order), costs, end_costs)
            for size in range(1, 7)
            for points in itertools.combinations(range(1, 7), size)
            if _fills(lines, point_of, points)
            for order in itertools.permutations(points)
        )
        searched, bound = best_choice(lines, point_of, costs, end_costs, math.inf, seed)
        found = order_cost(searched.order, costs, end_costs)
        picks = picks_of(searched.best, lines)
        assert {
            point_of[source.spot]
            for line in lines
            for source in line.sources
            for pick in picks
            if (pick.line, pick.bin) == (line.line, source.bin)
        } == set(searched.order)
        assert bound <= least <= found
        num_best += found == least
    assert num_best >= 39


def _fills(lines: list[PickLine], point_of: dict[Spot, int], points: tuple[int, ...]) -> bool:
    return all(
        sum(each.quantity for each in line.sources if point_of[each.spot] in points) >= line.quantity for line in lines
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_visiting_is_cheaper_than_the_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.integers(1, 1000, (3 + seed % 5, 3 + seed % 5))
    costs = costs if seed % 2 else np.minimum(costs, costs.T)
    end_costs = rng.integers(0, 300, len(costs))
    least = min(order_cost(list(each), costs, end_costs) for each in itertools.permutations(range(1, len(costs))))
    assert 0.5 * least <= tour_bound(costs, end_costs) <= least

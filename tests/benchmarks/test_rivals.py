"""The other planners are asked for the same thing as ours: on small problems they find the same distance."""

import itertools

import numpy as np
import pytest

from benchmarks.rivals.ortools_routing import ortools_order
from benchmarks.rivals.places import Places, greedy_order, places, walked_mm
from benchmarks.rivals.pyvrp_groups import pyvrp_order
from benchmarks.rivals.trade_rules import nearest_s_shape, random_largest_gap
from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

SECONDS = 0.1
SEEDS = range(3)


def problem(seed: int, *, wanted: int) -> PickProblem:
    """Four lines of `wanted` units with three bins of one to two units each, on four aisles."""
    random = np.random.default_rng(seed)
    numbers = itertools.count()
    lines = tuple(
        PickLine(
            f"{line}",
            wanted,
            tuple(
                Source(f"{next(numbers)}", Spot(int(random.integers(4)), int(random.integers(1, 90))), units)
                for units in (1, 2, 1)
            ),
        )
        for line in range(4)
    )
    return PickProblem(rectangular_floor([0, 30, 60, 90], [0, 90]), lines, Spot(0, 0))


def shortest_mm(asked: PickProblem) -> int:
    own = solve(asked, policy=Policy(PolicyName.SHORTEST), budget=Budget(2000)).certificate
    assert own.proven
    return own.distance_mm


@pytest.mark.parametrize("wanted", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_libraries_find_the_proven_distance_of_small_problems(seed: int, wanted: int) -> None:
    asked = problem(seed, wanted=wanted)
    where = places(asked)
    assert where.all_single == (wanted == 1)
    best_mm = shortest_mm(asked)
    assert walked_mm(where, ortools_order(where, SECONDS)) == best_mm
    assert walked_mm(where, pyvrp_order(where, SECONDS)) == best_mm


@pytest.mark.parametrize("seed", SEEDS)
def test_rules_of_the_trade_are_never_shorter_than_what_is_proven(seed: int) -> None:
    asked = problem(seed, wanted=3)
    assert min(nearest_s_shape(asked, 0), random_largest_gap(asked, seed)) >= shortest_mm(asked)


def test_an_order_of_places_is_walked_by_shortest_ways() -> None:
    where = places(problem(0, wanted=1))
    order = greedy_order(where)
    steps = itertools.pairwise([0, *order, 0])
    assert walked_mm(where, order) == sum(int(where.distances[a, b]) for a, b in steps)


def test_an_order_that_leaves_a_line_short_is_refused() -> None:
    where = places(problem(0, wanted=1))
    with pytest.raises(AssertionError):
        walked_mm(where, greedy_order(where)[1:])


def test_bins_at_one_point_are_one_place() -> None:
    spot = Spot(0, 5)
    line = PickLine("a", 3, (Source("1", spot, 1), Source("2", spot, 2), Source("3", Spot(1, 5), 3)))
    where: Places = places(PickProblem(rectangular_floor([0, 30], [0, 90]), (line,), Spot(0, 0)))
    assert where.units == (0, 3, 3)
    assert where.places_of == ((1, 2),)

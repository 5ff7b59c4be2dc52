"""The integer program finds what the route search proves, and counts twice only when it is asked to."""

import numpy as np
import pytest

from benchmarks.tour_program import shortest_by_program
from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

SECONDS = 30


def scattered(seed: int, *, wanted: int) -> PickProblem:
    """Four lines of `wanted` units with three bins of one or two units each, on three aisles and two blocks."""
    random = np.random.default_rng(seed)
    lines = []
    for line in range(4):
        spots = [Spot(int(random.integers(6)), int(random.integers(1, 40))) for _ in range(3)]
        sources = (Source(f"{line}.{i}", spot, 1 + i % 2) for i, spot in enumerate(spots))
        lines.append(PickLine(f"{line}", wanted, tuple(sources)))
    return PickProblem(rectangular_floor([0, 30, 60], [0, 40, 80]), tuple(lines), Spot(0, 0))


def shortest_mm(asked: PickProblem) -> int:
    own = solve(asked, policy=Policy(PolicyName.SHORTEST), budget=Budget(2000)).certificate
    assert own.proven
    return own.distance_mm


@pytest.mark.parametrize("wanted", [1, 3])
@pytest.mark.parametrize("seed", range(3))
def test_the_program_finds_the_distance_that_the_search_proves(seed: int, wanted: int) -> None:
    asked = scattered(seed, wanted=wanted)
    found = shortest_by_program(asked, time_limit_s=SECONDS)
    assert found.distance_mm == found.bound_mm == shortest_mm(asked)


def test_single_units_are_no_nearer_if_they_are_counted_twice() -> None:
    asked = scattered(0, wanted=1)
    assert shortest_by_program(asked, counted_when_twice=2, time_limit_s=SECONDS).distance_mm == shortest_mm(asked)


def test_a_unit_beside_the_way_there_and_back_is_one_unit_unless_counted_twice() -> None:
    lines = (
        PickLine("far", 1, (Source("a", Spot(1, 5), 1),)),
        PickLine("beside", 2, (Source("b", Spot(0, 10), 1), Source("c", Spot(1, 15), 1))),
    )
    asked = PickProblem(rectangular_floor([0, 30], [0, 20, 40]), lines, Spot(0, 0))
    once = shortest_by_program(asked, time_limit_s=SECONDS)
    assert once.distance_mm == shortest_mm(asked) == 2 * (20 + 15)
    assert shortest_by_program(asked, counted_when_twice=2, time_limit_s=SECONDS).distance_mm == 2 * (20 + 5)


def test_bins_that_hold_too_little_are_refused() -> None:
    lines = (PickLine("a", 3, (Source("1", Spot(0, 5), 2),)),)
    asked = PickProblem(rectangular_floor([0, 30], [0, 20, 40]), lines, Spot(0, 0))
    with pytest.raises(ValueError, match="do not hold"):
        shortest_by_program(asked, time_limit_s=SECONDS)


def test_without_time_nothing_is_claimed() -> None:
    found = shortest_by_program(scattered(0, wanted=3), time_limit_s=0)
    assert found.distance_mm is None
    assert found.bound_mm <= shortest_mm(scattered(0, wanted=3))

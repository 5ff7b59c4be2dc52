import itertools
import math
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from routing.bin_choice import (
    Budget,
    Choice,
    choose_bins,
    deadline,
    draw,
    fillings,
    given_filling,
    try_all_fillings,
)
from routing.grid_choice import GridPricer, choose_bins_on_grid
from routing.grid_problem import build
from routing.prepared_floor import prepare
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Pick
from warehouse.floor import Floor, Spot
from warehouse.layouts import rectangular_floor

seeds = st.integers(0, 2**32 - 1)
FEW = Budget(time_ms=None, iterations=30)


def scattered(rng: random.Random, num_lines: int, num_bins: int, quantity_max: int = 1) -> PickProblem:
    """A problem on three aisles and two blocks with `num_bins` bins a line."""
    floor = rectangular_floor([0, 3000, 6000], [0, 8000, 16000])
    lines = []
    for line in range(num_lines):
        sources = tuple(
            Source(
                f"{line}-{each}", Spot(rng.randrange(6), rng.randrange(500, 8000, 500)), rng.randint(1, quantity_max)
            )
            for each in range(num_bins)
        )
        lines.append(PickLine(f"{line}", rng.randint(1, sum(each.quantity for each in sources)), sources))
    if quantity_max == 1:
        lines = [PickLine(line.line, 1, line.sources) for line in lines]
    return PickProblem(floor, tuple(lines), Spot(0, 0))


def pricer_of(problem: PickProblem, policy: Policy | None = None) -> GridPricer:
    spots = sorted({source.spot for line in problem.lines for source in line.sources})
    return GridPricer(build(prepare(problem.floor), problem, policy or Policy(), spots), problem)


def assert_fills(problem: PickProblem, choice: Choice, pricer: GridPricer) -> None:
    """The choice brings what is asked for from bins that have it, at the price it says."""
    for line in problem.lines:
        offered = {source.bin: source.quantity for source in line.sources}
        mine = [pick for pick in choice.picks if pick.line == line.line]
        assert sum(pick.quantity for pick in mine) == line.quantity
        assert all(0 < pick.quantity <= offered[pick.bin] for pick in mine)
        assert len({pick.bin for pick in mine}) == len(mine)
    assert pricer.price(choice.needed) == choice.cost
    assert choice.cost_bound <= choice.cost


@settings(max_examples=50, deadline=None, derandomize=True)
@given(offers=st.lists(st.integers(1, 5), max_size=6), quantity=st.integers(1, 20))
def test_fillings_are_all_sets_of_bins_that_are_enough_and_none_superfluous(offers: list[int], quantity: int) -> None:
    def enough(bins: tuple[int, ...]) -> bool:
        return sum(offers[each] for each in bins) >= quantity

    sets = [bins for size in range(7) for bins in itertools.combinations(range(len(offers)), size)]
    least = [s for s in sets if enough(s) and not any(enough(tuple(b for b in s if b != each)) for each in s)]
    assert sorted(fillings(offers, quantity)) == sorted(least)


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=seeds)
def test_both_searches_find_what_trying_everything_finds(seed: int) -> None:
    problem = scattered(random.Random(seed), 3, 3, quantity_max=3)
    pricer = pricer_of(problem)
    best = try_all_fillings(problem.lines, pricer)
    assert best is not None
    assert best.best
    assert_fills(problem, best, pricer)
    # Six bins more out of the way make the ways too many to try, without making any walk better.
    more = tuple(
        PickLine(
            line.line,
            line.quantity,
            (*line.sources, *(Source(f"far{line.line}-{each}", Spot(5, 7999), line.quantity) for each in range(6))),
        )
        for line in problem.lines
    )
    wide = PickProblem(problem.floor, more, problem.start)
    assert try_all_fillings(wide.lines, pricer_of(wide)) is None
    searched = [
        choose_bins(wide.lines, pricer_of(wide), FEW, seed=1),
        choose_bins_on_grid(wide.lines, pricer_of(wide), FEW, seed=1),
    ]
    assert all(choice.cost <= best.cost for choice in searched)
    assert searched[0].cost == searched[1].cost
    for choice in searched:
        assert_fills(wide, choice, pricer_of(wide))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=seeds)
def test_the_compiled_search_fills_every_line_at_the_price_it_says(seed: int) -> None:
    problem = scattered(random.Random(seed), 12, 6, quantity_max=3)
    for policy in (Policy(), Policy(PolicyName.SHORTEST), Policy(step_in_mm=2000)):
        pricer = pricer_of(problem, policy)
        assert_fills(problem, choose_bins_on_grid(problem.lines, pricer, FEW, seed=seed), pricer)


def test_the_same_seed_chooses_the_same_bins() -> None:
    problem = scattered(random.Random(3), 15, 5)
    for search in (choose_bins, choose_bins_on_grid):
        first, again = (search(problem.lines, pricer_of(problem), FEW, 7) for _ in range(2))
        assert first.picks == again.picks
        assert first.cost == again.cost


def test_among_equal_walks_the_fewest_bins_are_picked() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    here = Spot(0, 5000)
    sources = tuple(Source(f"B{number}", here, quantity) for number, quantity in enumerate((1, 1, 1, 3, 2, 1, 1, 1, 1)))
    lines = tuple(PickLine(name, 3, sources) for name in ("L1", "L2", "L3"))
    pricer = pricer_of(PickProblem(floor, lines, Spot(0, 0)))
    for search in (choose_bins, choose_bins_on_grid):
        assert {pick.bin for pick in search(lines, pricer, FEW, 0).picks} == {"B3"}


def test_two_lines_that_share_a_bin_cost_one_stop() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000])
    lines = (
        PickLine("L1", 1, (Source("A", Spot(0, 5000), 1), Source("B", Spot(0, 5000), 1))),
        PickLine("L2", 1, (Source("C", Spot(0, 5000), 1), Source("B", Spot(0, 5000), 1))),
    )
    choice = try_all_fillings(lines, pricer_of(PickProblem(floor, lines, Spot(0, 0))))
    assert choice is not None
    assert {pick.bin for pick in choice.picks} == {"B"}


def test_many_lines_without_turning_back_reach_no_backtrack_at_all() -> None:
    rng = random.Random(11)
    floor = rectangular_floor([3000 * aisle for aisle in range(10)], [0, 20000, 40000])
    lines = tuple(
        PickLine(
            f"{line}",
            1,
            tuple(Source(f"{line}-{each}", Spot(rng.randrange(20), rng.randrange(500, 20000)), 1) for each in range(8)),
        )
        for line in range(60)
    )
    pricer = pricer_of(PickProblem(floor, lines, Spot(0, 0)))
    choice = choose_bins_on_grid(lines, pricer, FEW, 0)
    backtrack_mm, _ = pricer.grid.figures(choice.cost)
    assert backtrack_mm == 0


class StraightPricer:
    """Prices points on one aisle by the farthest; what a solver for another floor would plug in."""

    def __init__(self, floor: Floor, offsets: list[int]) -> None:
        self.offsets = offsets
        self.spot_of = {Spot(0, offset): number for number, offset in enumerate(offsets)}
        assert floor.edges[0].length_mm >= max(offsets)

    def price(self, needed: NDArray[np.int32]) -> int:
        return max((offset for offset, wanted in zip(self.offsets, needed, strict=True) if wanted), default=0)


def test_any_pricer_will_do() -> None:
    rng = random.Random(5)
    floor = rectangular_floor([0], [0, 100000])
    offsets = sorted(rng.sample(range(1, 99999), 40))
    lines = tuple(
        PickLine(f"{line}", 1, tuple(Source(f"{line}-{each}", Spot(0, each), 1) for each in rng.sample(offsets, 4)))
        for line in range(10)
    )
    choice = choose_bins(lines, StraightPricer(floor, offsets), FEW, 0)
    nearest = max(min(source.spot.offset_mm for source in line.sources) for line in lines)
    assert choice.cost == nearest
    assert choice.best


def test_what_can_be_filled_one_way_only_is_given() -> None:
    here = Spot(0, 1)
    assert given_filling("L", 2, [Source("A", here, 3)]) == (Pick("L", "A", 2),)
    assert given_filling("L", 3, [Source("A", here, 1), Source("B", here, 2)]) == (Pick("L", "A", 1), Pick("L", "B", 2))
    assert given_filling("L", 1, [Source("A", here, 1), Source("B", here, 2)]) is None


def test_fuller_bins_are_drawn_from_first() -> None:
    line = PickLine("L", 5, ())
    assert draw(line, [("A", 2), ("B", 4)]) == [Pick("L", "B", 4), Pick("L", "A", 1)]


@pytest.mark.parametrize("limits", [(None, None), (-1, None), (None, -1)])
def test_a_budget_needs_a_limit_that_is_not_negative(limits: tuple[int | None, int | None]) -> None:
    with pytest.raises(ValueError, match="budget"):
        Budget(*limits)


def test_a_search_ends_in_time_for_the_answer_or_when_its_own_time_is_over() -> None:
    budget = Budget(time_ms=1000, answer_by=time.perf_counter() + 0.5)
    assert deadline(budget) == budget.answer_by
    assert deadline(budget.leaving(0.2)) == budget.answer_by - 0.2
    assert deadline(Budget(time_ms=1, answer_by=budget.answer_by)) < budget.answer_by
    assert deadline(FEW.leaving(0.2)) == math.inf

"""The fast sweep of one-way floors walks what can be walked, and agrees with the sweeps that prove."""

import random

import numpy as np
import pytest

from routing.cost import NEVER
from routing.cut_floor import CutFloor
from routing.directed import two_way_problem
from routing.directed_floor import fits_grid
from routing.directed_graph import directed_graph
from routing.directed_pricing import WIDTHS, Pricing
from routing.directed_program import directed_program
from routing.grid_choice import GridPricer
from routing.grid_problem import GridProblem, build
from routing.prepared_floor import prepare
from routing.problem import PickProblem, Policy, PolicyName
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.errors import NoRoute

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

POLICIES = (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)
SLOW = {Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5}
"""Their states take seconds to list for the first time."""


def programs(problem: PickProblem, policy: Policy) -> tuple[GridProblem, GridProblem] | None:
    """The program with one-way edges and the one without, if there are both."""
    relaxed = two_way_problem(problem)
    if relaxed is None:
        return None
    spots = {source.spot for line in problem.lines for source in line.sources}
    two_way = build(prepare(relaxed.floor), relaxed, policy, sorted(spots))
    program = directed_program(problem, two_way)
    return None if program is None else (program, two_way)


def price(grid: GridProblem, problem: PickProblem) -> tuple[int, int] | None:
    cost = GridPricer(grid, problem).price(np.ones(grid.num_spots, np.int32))
    return None if cost >= NEVER else grid.figures(cost)


@pytest.mark.parametrize("feature", sorted(ONE_WAY))
def test_what_the_fast_sweep_finds_is_what_the_exact_one_finds(feature: Feature) -> None:
    compared = equal = 0
    for seed in range(60):
        sample = random_problem(random.Random(seed), want={feature}, avoid=SLOW | {Feature.END_ANYWHERE})
        problem, policy = sample.problem, sample.policy(POLICIES[seed % 2])
        both = programs(problem, policy)
        if both is None or not fits_grid(problem.floor):
            continue
        try:
            pricing = Pricing(problem, policy, CutFloor(problem).lines_within_reach())
        except NoRoute:
            continue
        if len(pricing.spot_of) < len({source.spot for line in problem.lines for source in line.sources}):
            continue
        exact = pricing.walk(np.ones(len(pricing.places), np.int32), WIDTHS)
        found = price(both[0], problem)
        if exact.cost is None:
            assert found is None
            continue
        compared += 1
        if found is not None:
            least = pricing.figures(exact.bound)
            ordered = (found, least) if policy.name is PolicyName.NO_BACKTRACK else (found[1:], least[1:])
            assert ordered[0] >= ordered[1], seed
            equal += ordered[0] == ordered[1]
    assert compared >= 12
    assert equal >= 0.97 * compared


def test_without_one_way_edges_it_agrees_with_the_undirected_sweep() -> None:
    compared = 0
    for seed in range(60):
        avoid = ONE_WAY | SLOW | {Feature.END_ANYWHERE}
        sample = random_problem(random.Random(seed), avoid=avoid)
        both = programs(sample.problem, sample.policy(POLICIES[seed % 2]))
        if both is not None:
            program, two_way = both
            assert price(program, sample.problem) == price(two_way, sample.problem), seed
            compared += 1
    assert compared >= 35


def test_a_walk_that_ends_where_it_starts_has_few_states() -> None:
    assert directed_graph(2, 3, open_walk=False).num_states == 12
    assert directed_graph(3, 3, open_walk=False).num_states == 88

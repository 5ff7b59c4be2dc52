"""Where the state graph is too large for a search among bins, bins come from a tour and the walk from the sweep."""

import math
import random
from dataclasses import replace

import pytest

from routing import bin_choice, bins_by_tour, directed, grid_choice
from routing.bin_choice import Budget
from routing.grid_problem import build
from routing.prepared_floor import prepare
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from routing.verify import verify
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FEW = Budget(time_ms=None, iterations=20)
FLOORS = 60


def run(rows: int, *, num_lines: int = 12, seed: int = 0, end: EndKind = EndKind.START) -> PickProblem:
    """Lines of three bins each, anywhere on six aisles."""
    dice = random.Random(seed)
    floor = rectangular_floor([3000 * aisle for aisle in range(6)], [10_000 * row for row in range(rows)])
    assert floor.grid is not None
    segments = [edge for column in floor.grid.segments for edge in column]

    def source(name: str) -> Source:
        return Source(name, Spot(dice.choice(segments), dice.randrange(1, 10_000)), 1)

    lines = tuple(
        PickLine(f"{line}", 1, tuple(source(f"{line}-{each}") for each in "abc")) for line in range(num_lines)
    )
    return PickProblem(floor, lines, floor.spot_at(floor.grid.nodes[0][0]), End(end))


def test_bins_along_a_tour_are_walked_well_and_never_called_better_than_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dice, compared, proven = random.Random(0), 0, 0
    while compared < FLOORS:
        sample = random_problem(dice, avoid=ONE_WAY)
        policy = sample.policy(dice.choice((PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)))
        try:
            best = solve(sample.problem, policy=policy, budget=FEW).certificate
        except NoRoute:
            continue
        with monkeypatch.context() as patched:
            patched.setattr(grid_choice, "ENUMERATE_MAX", 0)
            patched.setattr(bins_by_tour, "MEMORY_S", 0)
            route = solve(sample.problem, policy=policy, budget=FEW)
        assert verify(sample.problem, route, policy).faults == ()
        own, strict = route.certificate, policy.name is PolicyName.NO_BACKTRACK
        bound, found, least = (
            (backtrack_mm, distance_mm) if strict else (distance_mm,)
            for backtrack_mm, distance_mm in (
                (own.backtrack_bound_mm, own.distance_bound_mm),
                (own.backtrack_mm, own.distance_mm),
                (best.backtrack_mm, best.distance_mm),
            )
        )
        if best.proven:
            proven += 1
            assert bound <= least <= found
        compared += 1
    assert proven > FLOORS / 2


def test_bins_known_to_be_good_are_kept_where_a_tour_is_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = run(3)
    best = solve(problem, budget=FEW)
    monkeypatch.setattr(bins_by_tour, "TOO_HARD_S", 0)
    picks = [pick for stop in best.stops for pick in stop.picks]
    again = solve(problem, budget=FEW, incumbent=picks)
    toured = solve(problem, budget=FEW, incumbent=picks[1:])
    ranks = [(own.backtrack_mm, own.distance_mm) for own in (again.certificate, toured.certificate, best.certificate)]
    assert ranks[0] <= min(ranks[1:])
    assert verify(problem, toured, Policy()).faults == ()


@pytest.mark.parametrize("policy", [PolicyName.NO_BACKTRACK, PolicyName.SHORTEST])
def test_a_run_over_many_cross_aisles_with_an_open_end_is_no_longer_than_its_tour(policy: PolicyName) -> None:
    problem = run(5, end=EndKind.ANYWHERE)
    grid = build(
        prepare(problem.floor),
        problem,
        Policy(policy),
        sorted({source.spot for line in problem.lines for source in line.sources}),
    )
    assert bins_by_tour.effort_of(grid, problem).is_hard(math.inf)
    route = solve(problem, policy=Policy(policy), budget=FEW)
    toured = solve(replace(problem, floor=replace(problem.floor, grid=None)), policy=Policy(policy), budget=FEW)
    ranks = [(own.backtrack_mm, own.distance_mm) for own in (route.certificate, toured.certificate)]
    if policy is PolicyName.SHORTEST:
        ranks = [(distance, 0) for _, distance in ranks]
    assert ranks[0] <= ranks[1]


def test_a_search_begins_along_a_tour_where_it_is_slow_and_there_is_time_for_one() -> None:
    effort = bins_by_tour.Effort(pricing_s=0.003, ways_s=0.010)
    assert effort.is_hard(left_s=0.100)
    assert not effort.is_hard(left_s=0.050), "a tour would take more than its share"
    assert not effort.is_hard(left_s=1.000), "there is time enough to search without one"


def test_a_bound_on_arms_that_does_not_bind_costs_nothing() -> None:
    problem = run(4)
    free = solve(problem, budget=FEW)
    bound = solve(problem, policy=Policy(u_turns_max=10_000), budget=Budget(None, 40))
    assert bound.legs == free.legs
    assert bound.certificate.proven == free.certificate.proven
    assert verify(problem, bound, Policy(u_turns_max=10_000)).faults == ()


def test_machine_code_is_loaded_before_the_time_of_a_search_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    deadline = bin_choice.deadline

    def ends(budget: Budget) -> float:
        order.append("time")
        return deadline(budget)

    monkeypatch.setattr(grid_choice, "_load", lambda: order.append("load"))
    monkeypatch.setattr(grid_choice, "deadline", ends)
    solve(run(2), budget=Budget(20))
    solve(run(2), budget=FEW)
    assert order == ["load", "time", "time"]


def test_one_way_floor_too_large_to_search_is_walked_along_a_tour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bins_by_tour, "MEMORY_S", 0)
    monkeypatch.setattr(directed, "PRICED_MAX", 0)
    dice, routes = random.Random(1), 0
    while routes < 20:
        sample = random_problem(dice, want={Feature.ONE_WAY_AISLE, Feature.SEVERAL_SOURCES})
        try:
            route = solve(sample.problem, policy=sample.policy(), budget=FEW)
        except NoRoute:
            continue
        assert verify(sample.problem, route, sample.policy()).faults == ()
        routes += 1

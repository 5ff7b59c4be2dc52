import dataclasses
import random

import pytest

from routing.bin_choice import Budget
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from routing.verify import verify
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FEW = Budget(time_ms=None, iterations=5)


def small_problem() -> PickProblem:
    floor = rectangular_floor([0, 3000, 6000], [0, 10000])
    lines = (
        PickLine("L1", 1, (Source("A", Spot(0, 2000), 1),)),
        PickLine("L2", 2, (Source("B", Spot(1, 7000), 1), Source("C", Spot(2, 1000), 5))),
    )
    return PickProblem(floor, lines, Spot(0, 0))


@pytest.mark.parametrize("name", list(PolicyName))
def test_every_policy_gives_a_sound_route(name: PolicyName) -> None:
    problem, policy = small_problem(), Policy(name)
    route = solve(problem, policy=policy, budget=FEW)
    assert verify(problem, route, policy).ok
    assert route.certificate.policy == policy


def test_lines_that_cannot_be_filled_are_named() -> None:
    problem = small_problem()
    greedy = dataclasses.replace(problem.lines[1], quantity=7)
    with pytest.raises(NoRoute) as caught:
        solve(dataclasses.replace(problem, lines=(problem.lines[0], greedy)))
    assert caught.value.lines == ("L2",)


def test_lines_whose_bins_are_out_of_reach_are_named() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 2000, 3000), (0, 0, 6000, 7000)])
    lines = (
        PickLine("walled in", 1, (Source("A", Spot(0, 5000), 1),)),
        PickLine("free", 1, (Source("B", Spot(1, 5000), 1),)),
        PickLine("either", 1, (Source("C", Spot(0, 5000), 1), Source("D", Spot(1, 5000), 1))),
    )
    with pytest.raises(NoRoute) as caught:
        solve(PickProblem(floor, lines, Spot(0, 0)))
    assert caught.value.lines == ("walled in",)
    route = solve(PickProblem(floor, lines[1:], Spot(0, 0)))
    assert {pick.bin for stop in route.stops for pick in stop.picks} == {"B", "D"}


def test_an_end_out_of_reach_is_no_route() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 2000, 3000), (0, 0, 6000, 7000)])
    with pytest.raises(NoRoute):
        solve(PickProblem(floor, (), Spot(0, 0), End(EndKind.NEAREST, (Spot(0, 5000),))))


def test_nothing_to_bring_is_a_route_without_legs() -> None:
    route = solve(PickProblem(rectangular_floor([0, 3000], [0, 10000]), (), Spot(0, 0)))
    assert (route.legs, route.stops) == ((), ())
    assert route.certificate.proven


def test_the_same_seed_gives_the_same_route() -> None:
    problem = random_problem(random.Random(4), want={Feature.SEVERAL_SOURCES, Feature.BLOCKS_2}, avoid=ONE_WAY).problem
    first, again = (solve(problem, budget=FEW, seed=3) for _ in range(2))
    assert (first.legs, first.stops) == (again.legs, again.stops)


def test_a_saved_problem_gives_the_same_route_again() -> None:
    problem = small_problem()
    saved = PickProblem.from_json(problem.to_json())
    assert solve(saved, budget=FEW).legs == solve(problem, budget=FEW).legs


def test_given_bins_are_proven() -> None:
    problem = small_problem()
    lines = tuple(dataclasses.replace(line, sources=line.sources[-1:]) for line in problem.lines)
    for name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
        assert solve(dataclasses.replace(problem, lines=lines), policy=Policy(name)).certificate.proven


def test_bounds_hold_over_all_choices_of_bins() -> None:
    rng = random.Random(9)
    floor = rectangular_floor([0, 3000, 6000], [0, 8000, 16000])
    lines = tuple(
        PickLine(
            f"{line}",
            1,
            tuple(Source(f"{line}-{each}", Spot(rng.randrange(6), rng.randrange(8000)), 1) for each in range(4)),
        )
        for line in range(6)
    )
    problem = PickProblem(floor, lines, Spot(0, 0))
    for policy in (Policy(), Policy(PolicyName.SHORTEST)):
        own = solve(problem, policy=policy, budget=Budget(time_ms=None, iterations=200)).certificate
        for _ in range(50):
            given = tuple(dataclasses.replace(line, sources=(rng.choice(line.sources),)) for line in lines)
            other = solve(dataclasses.replace(problem, lines=given), policy=policy).certificate
            assert own.backtrack_bound_mm <= other.backtrack_mm
            if policy.name is PolicyName.SHORTEST or other.backtrack_mm == own.backtrack_mm:
                assert own.distance_bound_mm <= other.distance_mm

"""Bounds on U-turns and detours, and time instead of distance: as good as an exhaustive search, never beyond them."""

import dataclasses
import random

import pytest

from routing.bin_choice import Budget
from routing.problem import Measure, PickProblem, Policy, PolicyName, WalkTimes
from routing.rates import least_handling_ms
from routing.solve import solve
from routing.verify import verify
from tests.routing.brute_force import TooLarge
from tests.routing.brute_force_limits import best_within_limits
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.errors import NoRoute
from warehouse.layouts import rectangular_floor

FEW = Budget(time_ms=None, iterations=20)
FLOORS_EACH = 60
BIG = frozenset({Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5})
FLOOR = rectangular_floor([0, 3000, 6000], [0, 10000])


def walked(problem: PickProblem, policy: Policy) -> tuple[int, int] | None:
    """The figures of the route found, told as the oracle tells them; it must be sound and proven."""
    try:
        route = solve(problem, policy=policy, budget=FEW)
    except NoRoute:
        return None
    own = route.certificate
    assert verify(problem, route, policy).faults == ()
    assert own.proven
    by_distance = policy.measure is Measure.DISTANCE
    measured = own.distance_mm if by_distance else own.walk_ms - least_handling_ms(problem)
    return own.backtrack_mm if policy.name is PolicyName.NO_BACKTRACK else 0, measured


def limited(rng: random.Random, kind: str, sample: Sample) -> tuple[PickProblem, Policy]:
    """A sample with one more demand on its route."""
    policy = sample.policy(rng.choice((PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)))
    if kind == "u_turns":
        return sample.problem, dataclasses.replace(policy, u_turns_max=rng.randrange(4))
    if kind == "detour":
        percent = rng.choice((0, 5, 10, 20, 40))
        return sample.problem, dataclasses.replace(
            policy, name=PolicyName.NO_BACKTRACK, detour_percent_max=percent, u_turns_max=rng.choice((None, None, 2))
        )
    times = WalkTimes(rng.choice((500, 1000)), rng.choice((0, 2000)), rng.choice((0, 700)), unit_ms=rng.choice((0, 10)))
    policy = dataclasses.replace(policy, measure=Measure.DURATION, u_turns_max=rng.choice((None, None, 1)))
    return dataclasses.replace(sample.problem, times=times), policy


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["u_turns", "duration"])
def test_limited_routes_are_the_best_there_are(kind: str) -> None:
    compared = found = differing = seed = 0
    while compared < FLOORS_EACH:
        rng = random.Random(f"{kind} {seed}")
        seed += 1
        sample = random_problem(rng, avoid=ONE_WAY | BIG | {Feature.SEVERAL_SOURCES})
        problem, policy = limited(rng, kind, sample)
        try:
            best = best_within_limits(problem, policy)
            free = best_within_limits(problem, sample.policy(policy.name))
        except TooLarge:
            continue
        assert walked(problem, policy) == best, (seed - 1, policy)
        compared += 1
        found += best is not None
        differing += best != free
    print(kind, f"{seed} drawn, {found} with a route, {differing} other than without limits")  # noqa: T201
    assert found >= FLOORS_EACH // 2
    assert differing >= FLOORS_EACH // 10

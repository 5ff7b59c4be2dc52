"""On thousands of random small floors the solvers find what an exhaustive search finds, and never claim more."""

import random
from collections import Counter

import pytest

from routing.bin_choice import Budget
from routing.problem import PolicyName
from routing.route import Route
from routing.solve import solve
from routing.verify import verify
from tests.routing.brute_force import brute_force
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import EdgeKind

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

FLOORS_EACH = [pytest.param(15, id="some"), pytest.param(110, id="many", marks=pytest.mark.slow)]
"""Floors with a route for each of the 19 features: many are 2,090 in all, each solved by both policies."""

TRIES_EACH = 3
"""One-way and blocked floor leaves some problems without a route; never two out of three."""

PROVEN_SHARE_MIN = 0.9
"""Of one-way floors and of scattered lines; all other floors are proven without exception."""

SEARCH = Budget(time_ms=None, iterations=20)


def figures(route: Route) -> tuple[int, ...]:
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return (own.distance_mm,)
    return (own.backtrack_mm, own.distance_mm, own.stops)


def bounds(route: Route) -> tuple[int, ...]:
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return (own.distance_bound_mm,)
    return (own.backtrack_bound_mm, own.distance_bound_mm)


def compared(sample: Sample, name: PolicyName) -> Route | None:
    """The route of a sample, held against the exhaustive search; None if neither finds one."""
    best = brute_force(sample.problem, sample.policy(name))
    if best is None:
        with pytest.raises(NoRoute):
            solve(sample.problem, policy=sample.policy(name), budget=SEARCH)
        return None
    route = solve(sample.problem, policy=sample.policy(name), budget=SEARCH)
    assert verify(sample.problem, route, sample.policy(name)).faults == ()
    assert figures(route) >= best
    if name is PolicyName.SHORTEST or route.certificate.backtrack_mm > best[0]:
        assert bounds(route)[0] <= best[0]
    else:
        assert bounds(route) <= best[:2]
        assert bounds(route)[1] <= best[1]
    if route.certificate.proven:
        assert figures(route)[:2] == best[:2]
    if not sample.features & (ONE_WAY | {Feature.SEVERAL_SOURCES}):
        assert route.certificate.proven
        assert figures(route) == best
    return route


def most_passes_of_an_aisle(sample: Sample, route: Route) -> int:
    """How often the aisle walked through most is walked through, from end to end of its edge."""
    edges = sample.problem.floor.edges
    passed_mm: Counter[int] = Counter()
    for leg in route.legs:
        if edges[leg.edge].kind is EdgeKind.AISLE:
            passed_mm[leg.edge] += leg.length_mm
    return max((mm // edges[edge].length_mm for edge, mm in passed_mm.items()), default=0)


@pytest.mark.parametrize("num_floors", FLOORS_EACH)
@pytest.mark.parametrize("feature", Feature)
def test_routes_are_the_best_there_are_on_floors_with(feature: Feature, num_floors: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(TRIES_EACH * num_floors):
        if seen["floors"] == num_floors:
            break
        sample = random_problem(random.Random(f"{feature} {seed}"), want={feature})
        if feature not in sample.features:
            continue
        for name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
            route = compared(sample, name)
            if route is None:
                continue
            seen["routes"] += 1
            seen["floors"] += name is PolicyName.NO_BACKTRACK
            seen["proven"] += route.certificate.proven
            seen["backtrack"] += name is PolicyName.NO_BACKTRACK and route.certificate.backtrack_mm > 0
            seen["step_in"] += any(leg.step_in for leg in route.legs)
            seen["repeated"] += most_passes_of_an_aisle(sample, route) >= 2
    print(feature, dict(seen))  # noqa: T201 - shown by pytest -rP: what the floors were like
    assert seen["floors"] == num_floors
    assert seen["routes"] == 2 * num_floors
    assert seen["proven"] >= PROVEN_SHARE_MIN * seen["routes"]
    if feature is Feature.RETURN_AISLE:
        assert seen["repeated"] >= num_floors // 3
    if feature is Feature.STEP_IN:
        assert seen["step_in"] >= num_floors // 5
    if feature is Feature.DEAD_END:
        assert seen["backtrack"] >= num_floors // 5


def test_a_deeper_step_in_is_never_worse() -> None:
    compared_pairs = 0
    for seed in range(150):
        sample = random_problem(random.Random(seed), want={Feature.STEP_IN}, avoid=ONE_WAY | {Feature.SEVERAL_SOURCES})
        deeper = Sample(sample.problem, 2 * sample.step_in_mm, sample.features)
        try:
            routes = [solve(each.problem, policy=each.policy(), budget=SEARCH) for each in (sample, deeper)]
        except NoRoute:
            continue
        assert figures(routes[1]) <= figures(routes[0])
        compared_pairs += 1
    assert compared_pairs >= 100

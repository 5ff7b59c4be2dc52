"""Routes that may be only so much longer than the shortest for the sake of never turning back.

Problem
    Least (backtrack, distance) among routes that are at most `detour_percent_max` percent longer than
    the shortest.
Method
    Both ends are planned: the shortest route, and the route without backtrack. Where the latter is within
    the limit it is the answer, else the shortest is.
Complexity
    That of two plans.
Limits
    Proven only where both plans are, and the route without backtrack is within the limit.
"""

import dataclasses
import time
from collections.abc import Callable

from routing.problem import PickProblem, Policy, PolicyName
from routing.route import Route
from routing.walk import certify

Plan = Callable[[Policy], Route]
"""Plans the problem at hand under a policy that limits no detour."""


def solve_within_detour(problem: PickProblem, policy: Policy, plan: Plan) -> Route:
    """A route within the detour that `policy` allows; raises what `plan` raises."""
    begun = time.perf_counter()
    assert policy.detour_percent_max is not None
    strict_policy = dataclasses.replace(policy, detour_percent_max=None)
    shortest = plan(dataclasses.replace(strict_policy, name=PolicyName.SHORTEST)).certificate
    strict = plan(strict_policy)
    own = strict.certificate
    allowed = 100 + policy.detour_percent_max
    found = strict
    if 100 * own.distance_mm > allowed * shortest.distance_mm:
        found = plan(dataclasses.replace(strict_policy, name=PolicyName.SHORTEST))
    surely_within = 100 * own.distance_mm <= allowed * shortest.distance_bound_mm
    return certify(
        problem,
        found.legs,
        found.stops,
        policy=policy,
        distance_bound_mm=own.distance_bound_mm if surely_within else shortest.distance_bound_mm,
        backtrack_bound_mm=own.backtrack_bound_mm,
        solver=found.certificate.solver,
        seed=own.seed,
        duration_ms=1000 * (time.perf_counter() - begun),
        shortest_mm=min(shortest.distance_mm, own.distance_mm),
    )

"""Routes that may be only so much longer than the shortest for the sake of never turning back.

Problem
    Least (backtrack, distance) among routes that are at most `detour_percent_max` percent longer than
    the shortest.
Method
    The shortest route and the route without backtrack are planned. Where the latter is within the limit
    it is the answer. Else, on grid floors walked both ways and without crossings, `bounded_sweep` finds the
    best walk within the limit: for the bins of either route, and for bins chosen where backtrack and distance
    are mixed at the rate that leads from one to the other. On other floors without crossings the routes for such
    mixtures are planned and the best of them that is within the limit is the answer. Where there are crossings it
    is the shortest route.
Complexity
    That of two plans, a search for bins for each of `MIXTURES_MAX` mixtures, and of `bounded_sweep` for each.
Limits
    Exact on grids where there are no bins to choose; else it is a search whose only bounds are those of the two
    plans.
"""

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import Budget
from routing.problem import PickProblem, Policy, PolicyName
from routing.route import Pick, Route
from routing.walk import Pass, certify, measure_backtrack_mm, place_stops, walk_undirected

if TYPE_CHECKING:  # the compiler behind these is imported by the first problem that needs it
    from routing.bounded_sweep import BoundedWalk
    from routing.grid_problem import GridProblem

MIXTURES_MAX = 3  # each halves the range of rates at which backtrack and distance may still be mixed

Plan = Callable[[Policy], Route]
"""Plans the problem at hand under a policy that limits no detour."""


def solve_within_detour(problem: PickProblem, policy: Policy, plan: Plan, budget: Budget, seed: int) -> Route:
    """A route within the detour that `policy` allows; raises what `plan` raises."""
    from routing.prepared_floor import sweepable

    begun = time.perf_counter()
    assert policy.detour_percent_max is not None
    free_policy = dataclasses.replace(policy, detour_percent_max=None)
    shortest = plan(dataclasses.replace(free_policy, name=PolicyName.SHORTEST))
    strict = plan(free_policy)
    ends = shortest.certificate, strict.certificate
    shortest_mm = min(own.distance_mm for own in ends)
    allowed = 100 + policy.detour_percent_max
    found = strict
    backtrack_bound_mm, distance_bound_mm = ends[1].backtrack_bound_mm, ends[0].distance_bound_mm
    if 100 * ends[1].distance_mm > allowed * shortest_mm:
        found = shortest
        if sweepable(problem.floor) and not problem.floor.has_crossings:
            search = _Between(problem, free_policy, allowed * shortest_mm // 100, shortest, strict)
            found, best = search.best_route(budget, seed)
            if best and ends[0].proven:
                backtrack_bound_mm = found.certificate.backtrack_mm
                distance_bound_mm = found.certificate.distance_mm
        elif not problem.floor.has_crossings and policy.u_turns_max is None:
            found = _best_mixture(problem, free_policy, allowed * shortest_mm // 100, shortest, strict, budget, seed)
    elif 100 * ends[1].distance_mm <= allowed * ends[0].distance_bound_mm:
        distance_bound_mm = ends[1].distance_bound_mm
    return certify(
        problem,
        found.legs,
        found.stops,
        policy=policy,
        distance_bound_mm=distance_bound_mm,
        backtrack_bound_mm=backtrack_bound_mm,
        solver=found.certificate.solver,
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
        shortest_mm=shortest_mm,
    )


class _Between:
    """The search between the shortest route and the one without backtrack, which is too long."""

    def __init__(self, problem: PickProblem, policy: Policy, limit_mm: int, shortest: Route, strict: Route) -> None:
        from routing.exact import only_choice
        from routing.grid_choice import GridPricer

        self.problem, self.policy, self.limit_mm = problem, policy, limit_mm
        self.shortest, self.strict = shortest, strict
        self.grid = self.built(None)
        self.pricer = GridPricer(self.grid, problem)
        self.only = only_choice(problem, self.pricer) is not None

    def built(self, mixture: tuple[int, int] | None) -> "GridProblem":
        """The problem for the sweep."""
        from routing.grid_problem import build
        from routing.prepared_floor import prepare

        spots = {source.spot for line in self.problem.lines for source in line.sources}
        return build(prepare(self.problem.floor), self.problem, self.policy, sorted(spots), mixture=mixture)

    def best_route(self, budget: Budget, seed: int) -> tuple[Route, bool]:
        """The best route found within the limit, and whether none can be better."""
        from routing.bounded_sweep import bounded_walk

        best: tuple[BoundedWalk, Sequence[Pick]] | None = None
        for picks in itertools.islice(self.choices(budget, seed), 1 if self.only else None):
            walk = bounded_walk(self.grid, self.needed(picks), self.limit_mm)
            if walk is not None and (best is None or walk.rank < best[0].rank):
                best = walk, picks
        assert best is not None, "the shortest route is within the limit"
        walk, picks = best
        legs = walk_undirected(self.problem.floor, list(self.passes(walk, picks)), self.problem.start, None)
        legs, stops = place_stops(self.problem, legs, picks)
        route = dataclasses.replace(self.shortest, legs=legs, stops=stops)
        own = dataclasses.replace(
            route.certificate, backtrack_mm=walk.backtrack_mm, distance_mm=walk.distance_mm, solver="bounded sweep"
        )
        return dataclasses.replace(route, certificate=own), walk.best and self.only

    def choices(self, budget: Budget, seed: int) -> Iterator[Sequence[Pick]]:
        """Bins worth a try: those of both routes, then of mixtures between them."""
        from routing.exact import walk_of
        from routing.grid_choice import GridPricer, choose_bins_on_grid

        yield _picks(self.shortest)
        yield _picks(self.strict)
        share = budget.shared(MIXTURES_MAX)
        within, beyond = _rank(self.shortest), _rank(self.strict)
        for _ in range(MIXTURES_MAX):
            rate = beyond[1] - within[1], within[0] - beyond[0]
            if min(rate) <= 0:
                return
            grid = self.built(rate)
            choice = choose_bins_on_grid(self.problem.lines, GridPricer(grid, self.problem), share, seed)
            yield choice.picks
            swept = walk_of(grid, self.problem, choice.needed)
            assert swept is not None, "the mixture allows what the shortest route does"
            backtrack_mm = measure_backtrack_mm(self.problem.floor, swept.legs, self.problem.walked)
            if swept.distance_mm <= self.limit_mm:
                within = backtrack_mm, swept.distance_mm
            else:
                beyond = backtrack_mm, swept.distance_mm

    def needed(self, picks: Sequence[Pick]) -> NDArray[np.int32]:
        """The points of these picks."""
        spot = {(line.line, source.bin): source.spot for line in self.problem.lines for source in line.sources}
        needed = np.zeros(self.grid.num_spots, np.int32)
        for pick in picks:
            needed[self.pricer.spot_of[spot[pick.line, pick.bin]]] += 1
        return needed

    def passes(self, walk: "BoundedWalk", picks: Sequence[Pick]) -> Iterator[Pass]:
        """What is walked."""
        from routing.exact import passes_along, passes_at
        from routing.grid_arrays import OF

        needed = self.needed(picks)
        for step, way in enumerate(walk.ways):
            if way.how:
                yield from passes_along(self.grid, int(self.grid.arrays.steps[step, OF]), way.offsets, way.how)
            else:
                yield from passes_at(self.grid, needed, step, way.move, way.shift)


def _best_mixture(
    problem: PickProblem, policy: Policy, limit_mm: int, shortest: Route, strict: Route, budget: Budget, seed: int
) -> Route:
    """The route that turns back least among the shortest and some mixtures that are within the limit."""
    from routing.free_floor import solve_free

    share, beyond = budget.shared(MIXTURES_MAX), _rank(strict)
    for _ in range(MIXTURES_MAX):
        within = _rank(shortest)
        rate = beyond[1] - within[1], within[0] - beyond[0]
        if min(rate) <= 0:
            break
        route = solve_free(problem, policy=policy, budget=share, seed=seed, mixture=rate)
        rank = _rank(route)
        if rank[1] > limit_mm:
            beyond = rank
        elif rank < within:
            shortest = route
        else:
            break
    return shortest


def _picks(route: Route) -> list[Pick]:
    return [pick for stop in route.stops for pick in stop.picks]


def _rank(route: Route) -> tuple[int, int]:
    return route.certificate.backtrack_mm, route.certificate.distance_mm

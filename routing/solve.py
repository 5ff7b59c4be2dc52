"""The front door of routing: a problem in, a verified route out.

`solve` only decides who answers: the trade's rules, the exact sweep, the directed sweep, or the solver for
floors without a grid. Each takes the same problem and gives the same kind of route. Solvers that can
price a walk quickly choose bins by `bin_choice.choose_bins` through its `Pricer`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from routing.bin_choice import Budget
from routing.detours import solve_within_detour
from routing.load_order import well_loaded
from routing.lot_groups import in_group_order
from routing.policies import Walk, largest_gap, list_order, s_shape
from routing.problem import Measure, PickProblem, Policy, PolicyName
from routing.rates import least_handling_ms, rates_of
from routing.route import Pick, Route
from routing.verify import require_verified
from routing.walk import certify
from warehouse.errors import CrossingsUnplanned, NoRoute

RULES: dict[PolicyName, Callable[[PickProblem], Walk]] = {
    PolicyName.S_SHAPE: s_shape,
    PolicyName.LARGEST_GAP: largest_gap,
    PolicyName.LIST_ORDER: list_order,
}
NO_BACKTRACK = Policy()
U_TURNS_LIMITED_ON = (
    "U-turns can only be limited on grid floors of 2 to 7 cross aisles without one-way floor or crossings"
)
SHORT_SEARCH = Budget()


def solve(
    problem: PickProblem,
    *,
    policy: Policy = NO_BACKTRACK,
    budget: Budget = SHORT_SEARCH,
    seed: int = 0,
    incumbent: Sequence[Pick] = (),
) -> Route:
    """Plan a route: bins and path together.

    Parameters
    ----------
    problem
        What to bring, from where to where.
    policy
        How the route is chosen.
    budget
        How long bins may be chosen. A walk by way of given bins is always finished.
    seed
        Of the random numbers of the search. The same seed with a budget of iterations gives the same route.
    incumbent
        Picks known to be a good beginning, such as those of a plan that has to be changed. On grid floors walked
        both ways the search goes on from their bins; elsewhere they are not looked at.

    Returns
    -------
    Route
        Verified, with its certificate.

    Raises
    ------
    NoRoute
        If lines cannot be filled from bins within reach, or the end is out of reach or cannot be reached with
        so few U-turns; it names the lines.
    CrossingsUnplanned
        If aisles have a crossing and the floor is none that the sweep takes.
    ValueError
        If the policy sets limits that this floor or this rule of the trade cannot keep to.
    """
    ungrouped = in_group_order(problem)
    try:
        route = _route(ungrouped.problem, policy, budget, seed, ungrouped.as_split(incumbent))
    except NoRoute as error:
        raise NoRoute(list(dict.fromkeys(ungrouped.asked(line) for line in error.lines)), error.why) from error
    if policy.name not in RULES:
        route = well_loaded(ungrouped.problem, route)
    return require_verified(problem, ungrouped.as_asked(route), policy)


def _route(problem: PickProblem, policy: Policy, budget: Budget, seed: int, incumbent: Sequence[Pick]) -> Route:
    """Let the right solver answer."""
    if policy.name in RULES:
        if policy.limits_walk:
            raise ValueError(f"{policy.name} walks by a rule of its own; detours and U-turns cannot be limited")
        return _by_rule(problem, policy, seed)
    if policy.detour_percent_max is not None:
        if policy.name is PolicyName.SHORTEST:
            raise ValueError("the shortest route is no detour; detour_percent_max is for no_backtrack")
        return solve_within_detour(
            problem, policy, lambda each: _route(problem, each, budget, seed, incumbent), budget, seed
        )
    # Solvers and the compiler behind them are imported by the first problem: that is a third of the time a
    # server takes to start, and pickers wait for a server that is started again.
    from routing.directed import solve_directed
    from routing.exact import solve_grid
    from routing.free_floor import solve_free
    from routing.prepared_floor import sweepable

    if problem.floor.has_crossings:
        _check_crossings(problem, policy)
    if sweepable(problem.floor):
        return solve_grid(problem, policy=policy, budget=budget, seed=seed, incumbent=incumbent)
    if policy.measure is Measure.DURATION:
        rates = rates_of(problem, policy)  # refuses problems without times, as on grid floors
        route = _route(problem, replace(policy, measure=Measure.DISTANCE), budget, seed, incumbent)
        own = route.certificate
        walk_bound_ms = rates.measured(rates.mm * own.distance_bound_mm) + least_handling_ms(problem)
        return replace(route, certificate=replace(own, policy=policy, proven=False, walk_bound_ms=walk_bound_ms))
    if policy.u_turns_max is not None:
        raise ValueError(U_TURNS_LIMITED_ON)
    if problem.floor.grid is not None and problem.floor.has_one_way:
        return solve_directed(problem, policy=policy, budget=budget, seed=seed)
    return solve_free(problem, policy=policy, budget=budget, seed=seed)


def _check_crossings(problem: PickProblem, policy: Policy) -> None:
    """Refuse what is not planned where going from one side of an aisle to the other takes walking."""
    from routing.prepared_floor import sweepable

    floor = problem.floor
    if not sweepable(floor):
        why = "one-way floor, or no grid of 2 to 7 cross aisles"
        raise CrossingsUnplanned(list(dict.fromkeys(edge.name for edge in floor.edges if edge.crossing_mm)), why)
    if policy.u_turns_max is not None:
        raise ValueError(U_TURNS_LIMITED_ON)


def _by_rule(problem: PickProblem, policy: Policy, seed: int) -> Route:
    """The walk of one of the trade's rules, which vouch for no bound."""
    begun = time.perf_counter()
    legs, stops = RULES[policy.name](problem)
    return certify(
        problem,
        legs,
        stops,
        policy=policy,
        distance_bound_mm=0,
        backtrack_bound_mm=0,
        solver=policy.name.value,
        seed=seed,
        duration_ms=1000 * (time.perf_counter() - begun),
    )

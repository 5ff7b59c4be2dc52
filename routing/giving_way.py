"""Give way to pickers who are under way: another direction, another path or a later start.

Problem
    A route is planned and others are walked already. Where it would meet them head-on in narrow aisles,
    find a route that costs least in the policy's own order, counting what is waited as distance.
Method
    1. Without a meeting the route stays as it is.
    2. Loops of the route are walked the other way round, as long as that is better (`turned_walk`): free.
    3. Bins and path are chosen anew with a surcharge on the aisle edges of the meetings that are left: what
       waiting there is worth in mm, priced into the sweep. The answer's loops are turned as well.
    4. The start is put off until one of those it would meet is out of the way: worth it where it saves more
       than one wait, since a start put off leaves `slack_s` more room than a wait within sight of each other.
    Whatever is best by (backtrack, distance and waiting, meetings, weight on fragile goods, U-turns) is taken,
    so that a meeting is avoided only where that costs no more than waiting at the mouth until the other has
    passed.
Complexity
    `NUM_PRICED` searches with the solver's budget, and a comparison of visits for every loop.
Limits
    A surcharge knows the edge, not the time and the direction of the pass. Floors without a grid, the
    trade's rules, time as the measure and limits on the walk are not priced; there loops and later starts
    are all there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.bin_choice import Budget
from routing.load_order import weight_on_fragile_g
from routing.lot_groups import in_group_order
from routing.meeting import Bookings, Meeting, Pace, visits
from routing.problem import Measure, PickProblem, PolicyName
from routing.route import Route
from routing.turned_walk import turned
from routing.verify import require_verified

NUM_PRICED = 2
"""Searches with surcharges: the second answers to what the first one runs into; a third found nothing more."""

NUM_TURNED = 4
"""Loops turned one after another at most; a route rarely has more."""


Rank = tuple[int, int, int, int, int]
"""Backtrack, distance with waiting, meetings, weight on fragile goods in g, U-turns."""


@dataclass(frozen=True, slots=True)
class GivenWay:
    """A route that gives way, and what that costs.

    `delay_s` is how much later it begins. `meetings_before` and `meetings_after` count head-on meetings of the
    route first planned and of this one, `wait_s` is what is waited for those that are left, by whoever
    comes later, and `extra_mm` what this route is longer than the one first planned.
    """

    route: Route
    delay_s: float = 0.0
    meetings_before: int = 0
    meetings_after: int = 0
    wait_s: float = 0.0
    extra_mm: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """A route with its later start, what it meets, and its rank: smaller is better."""

    route: Route
    delay_s: float
    meetings: tuple[Meeting, ...]
    rank: Rank


def give_way(
    problem: PickProblem,
    route: Route,
    booked: Bookings,
    *,
    pace: Pace,
    begin_s: float,
    delay_max_s: float,
    budget: Budget,
    seed: int,
) -> GivenWay:
    """The route to walk instead of `route`, which is the best of those that heed nobody.

    Parameters
    ----------
    problem, route
        A route and what it answers.
    booked
        Walks under way, or planned before.
    pace, begin_s
        How fast the route is walked, and the second at which it begins, on the clock of `booked`.
    delay_max_s
        How long the start may be put off; 0 if it may not be.
    budget, seed
        Of each further search for bins.

    Returns
    -------
    GivenWay
        Verified. No worse than `route` by its policy when waiting counts as distance.

    Raises
    ------
    RouteRejected
        If a route does not stand up to verification.
    """
    lines = {line.line: line for line in problem.lines}

    def plan(walk: Route, delay_s: float = 0.0) -> _Plan:
        met = booked.meetings(visits(problem.floor, walk, pace, begin_s + delay_s), pace.slack_s)
        own = walk.certificate
        waited_mm = pace.walk_mm(delay_s + sum(each.wait_s for each in met))
        by_distance = own.policy.measure is Measure.DISTANCE
        walked_mm = own.distance_mm if by_distance else pace.walk_mm(own.walk_ms / 1000)
        backtrack_mm = own.backtrack_mm if own.policy.name is PolicyName.NO_BACKTRACK else 0
        on_fragile_g = weight_on_fragile_g(lines, walk.stops)
        rank = backtrack_mm, walked_mm + waited_mm, len(met), on_fragile_g, own.u_turns
        return _Plan(walk, delay_s, met, rank)

    def turn(best: _Plan) -> _Plan:
        for _ in range(NUM_TURNED):
            if not best.meetings:
                break
            better = min((plan(walk) for walk in turned(problem, best.route)), key=_rank, default=best)
            if better.rank >= best.rank:
                break
            best = better
        return best

    first = plan(route)
    best = latest = turn(first)
    prices: dict[int, int] = {}
    for _ in range(NUM_PRICED):
        if not latest.meetings or not _can_be_priced(problem, route):
            break
        for each in latest.meetings:
            # Half of it on entering the aisle, half on leaving it.
            prices[each.edge] = prices.get(each.edge, 0) + pace.walk_mm(each.wait_s) // 2
        priced = solve_with_surcharge(problem, route, prices, budget=budget, seed=seed)
        if priced.legs == latest.route.legs:
            break
        latest = turn(plan(priced))
        best = min(best, latest, key=_rank)
    # Who starts later does not see the other come out, so he leaves him the slack as well.
    delays = sorted({each.wait_s + pace.slack_s for each in best.meetings if each.wait_s > 0})
    delays = [delay_s for delay_s in delays if delay_s <= delay_max_s]
    best = min([best, *(plan(best.route, delay_s) for delay_s in delays)], key=_rank)
    if best.route is not route:
        require_verified(problem, best.route, route.certificate.policy)
    return GivenWay(
        route=best.route,
        delay_s=best.delay_s,
        meetings_before=len(first.meetings),
        meetings_after=len(best.meetings),
        wait_s=sum(each.wait_s for each in best.meetings),
        extra_mm=best.route.certificate.distance_mm - route.certificate.distance_mm,
    )


def _rank(plan: _Plan) -> Rank:
    return plan.rank


def _can_be_priced(problem: PickProblem, route: Route) -> bool:
    """Whether surcharges can be priced into the sweep of this floor and policy."""
    from routing.prepared_floor import sweepable

    policy = route.certificate.policy
    exact = policy.name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)
    plain = policy.measure is Measure.DISTANCE and not policy.limits_walk
    return exact and plain and sweepable(problem.floor)


def solve_with_surcharge(
    problem: PickProblem, route: Route, surcharge_mm: Mapping[int, int], *, budget: Budget, seed: int
) -> Route:
    """The best route found when entering and leaving some aisle edges costs more; no figure shows the surcharge.

    Parameters
    ----------
    problem, route
        A route and what it answers; its policy is kept, and so are its bounds, which hold for any route.
    surcharge_mm
        For aisle edges what it costs to enter and what to leave them, as if it were that much further.
    budget, seed
        Of the search for bins.

    Raises
    ------
    NoRoute
        As `solve`.
    """
    # Imported late, as by `solve`: the compiler behind it takes a third of a server's start.
    from routing.exact import solve_grid

    known = route.certificate
    ungrouped = in_group_order(problem)
    priced = ungrouped.as_asked(
        solve_grid(ungrouped.problem, policy=known.policy, budget=budget, seed=seed, surcharge_mm=surcharge_mm)
    )
    own = priced.certificate
    # The bound of the distance under `no_backtrack` holds at one backtrack.
    same = own.backtrack_mm == known.backtrack_mm or known.policy.name is PolicyName.SHORTEST
    return replace(
        priced,
        certificate=replace(
            own,
            backtrack_bound_mm=known.backtrack_bound_mm,
            distance_bound_mm=known.distance_bound_mm if same else 0,
            proven=known.proven and same and own.distance_mm == known.distance_mm,
        ),
    )

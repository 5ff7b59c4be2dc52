"""Among routes that are equally good, the one on which heavy goods come before fragile ones.

Problem
    What is picked last lies on top. Of all walks over the same floor, take one on which as little weight as
    can be is laid on fragile goods, and which turns round as rarely as can be.
Method
    Loops of the route, the whole of it among them where it ends at its start, are walked the other way round,
    each time the one that helps most, until none helps. Floor, bins and bounds stay what they are.
Complexity
    Linear in legs and stops for each loop; there are few, as a walk seldom comes to a crossing twice.
Limits
    A descent over single loops; the walk is changed, never the bins nor the floor.
"""

import itertools
from collections.abc import Mapping, Sequence

from routing.problem import PickLine, PickProblem
from routing.route import Leg, Route, Stop
from routing.turned_walk import backwards, loops, stops_turned
from routing.walk import certify

Rank = tuple[int, int]
"""Weight in g that is laid on fragile goods, and how often the picker turns round."""


def well_loaded(problem: PickProblem, route: Route) -> Route:
    """A route as good as `route`, on which heavy goods come before fragile ones where the path allows it.

    Parameters
    ----------
    problem
        Its lines say what a unit weighs and what is fragile.
    route
        A sound route for the problem.

    Returns
    -------
    Route
        `route` itself where none is better. Among equal loads the one with fewest turns.
    """
    lines = {line.line: line for line in problem.lines}
    legs, stops = route.legs, route.stops
    best = _rank(lines, legs, stops)
    while best > (0, route.certificate.arms):
        found = [
            (_rank(lines, turned, halts), number, turned, halts)
            for number, (turned, halts) in enumerate(_other_ways(problem, route, legs, stops))
        ]
        if not found or min(found)[0] >= best:
            break
        best, _, legs, stops = min(found)
    if legs is route.legs:
        return route
    own = route.certificate
    better = certify(
        problem,
        legs,
        stops,
        policy=own.policy,
        distance_bound_mm=own.distance_bound_mm,
        backtrack_bound_mm=own.backtrack_bound_mm,
        solver=own.solver,
        seed=own.seed,
        duration_ms=own.duration_ms,
        walk_bound_ms=own.walk_bound_ms,
        shortest_mm=own.shortest_mm,
    )
    # The other way round more aisles may have to be crossed between two bins.
    as_good = better.certificate.arms <= own.arms and better.certificate.crossing_mm <= own.crossing_mm
    return better if as_good else route


def _other_ways(
    problem: PickProblem, route: Route, legs: tuple[Leg, ...], stops: tuple[Stop, ...]
) -> list[tuple[tuple[Leg, ...], tuple[Stop, ...]]]:
    """Legs and stops with one loop the other way round."""
    return [
        ((*legs[:first], *backwards(legs[first:last]), *legs[last:]), stops_turned(stops, first, last))
        for first, last in loops(problem.floor, Route(route.start, legs, stops, route.certificate))
    ]


def _rank(lines: Mapping[str, PickLine], legs: Sequence[Leg], stops: Sequence[Stop]) -> Rank:
    turns = sum(
        a.edge == b.edge and (a.to_mm > a.from_mm) != (b.to_mm > b.from_mm) for a, b in itertools.pairwise(legs)
    )
    return weight_on_fragile_g(lines, stops), turns


def weight_on_fragile_g(lines: Mapping[str, PickLine], stops: Sequence[Stop]) -> int:
    """How much comes to lie on fragile goods: for every fragile pick the weight of all others that come later.

    Parameters
    ----------
    lines
        The problem's lines by name.
    stops
        In walking order.
    """
    fragile, total_g = 0, 0
    for pick in (pick for stop in stops for pick in stop.picks):
        line = lines[pick.line]
        if line.fragile:
            fragile += 1
        else:
            total_g += fragile * pick.quantity * line.unit_weight_g
    return total_g

"""Other ways to walk the same floor: loops of a route walked the other way round.

Problem
    Given a route, name routes that pass the same floor as often and halt at the same stops, so that they
    are equal to it in every figure but the turns, and yet are elsewhere at a given time.
Method
    Where a route comes to a crossing twice, what lies between is a closed loop and may be walked
    backwards; a route that ends where it began is such a loop as a whole.
Complexity
    One route for each pair of legs between which the walk stands at one crossing.
Limits
    Loops over one-way floor stay as they are. Loops inside loops are turned one at a time.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from routing.problem import PickProblem
from routing.route import Leg, Route, Stop
from routing.walk import certify, point_of
from warehouse.floor import Floor, Spot


def turned(problem: PickProblem, route: Route) -> Iterator[Route]:
    """The routes with one loop of `route` walked the other way round, long loops first.

    Parameters
    ----------
    problem
        What the route answers.
    route
        Any route that stands up to verification.

    Returns
    -------
    iterator of Route
        Legs, stops and turns are new; distance, backtrack, bins and bounds are those of `route`.
    """
    own = route.certificate
    for first, last in sorted(loops(problem.floor, route), key=lambda loop: loop[0] - loop[1]):
        legs = (*route.legs[:first], *backwards(route.legs[first:last]), *route.legs[last:])
        walk = certify(
            problem,
            legs,
            stops_turned(route.stops, first, last),
            policy=own.policy,
            distance_bound_mm=own.distance_bound_mm,
            backtrack_bound_mm=own.backtrack_bound_mm,
            solver=own.solver,
            seed=own.seed,
            duration_ms=own.duration_ms,
            walk_bound_ms=own.walk_bound_ms,
            shortest_mm=own.shortest_mm,
        )
        if walk.certificate.arms <= own.arms and walk.certificate.crossing_mm <= own.crossing_mm:
            yield walk


def loops(floor: Floor, route: Route) -> Iterator[tuple[int, int]]:
    """The legs [first, last) that lead from a crossing, or from the start, back to it."""
    here: dict[object, list[int]] = defaultdict(list)
    here[point_of(floor, route.start)].append(0)
    for number, leg in enumerate(route.legs, 1):
        point = point_of(floor, Spot(leg.edge, leg.to_mm))
        if not leg.step_in and (isinstance(point, int) or point in here):
            here[point].append(number)
    for numbers in here.values():
        for first in numbers:
            for last in numbers:
                loop = route.legs[first:last]
                # In and back the same way is the same walk backwards.
                if backwards(loop) != loop and not any(floor.edges[leg.edge].direction for leg in loop):
                    yield first, last


def backwards(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """The same floor from the last leg to the first."""
    return tuple(replace(leg, from_mm=leg.to_mm, to_mm=leg.from_mm) for leg in reversed(legs))


def stops_turned(stops: tuple[Stop, ...], first: int, last: int) -> tuple[Stop, ...]:
    """The stops of a walk whose legs [first, last) are walked backwards; those at its crossing stay."""
    inside = [stop for stop in stops if first < stop.after_leg < last]
    return (
        *(stop for stop in stops if stop.after_leg <= first),
        *(replace(stop, after_leg=first + last - stop.after_leg) for stop in reversed(inside)),
        *(stop for stop in stops if stop.after_leg >= last),
    )

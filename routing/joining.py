"""Take more along on a walk that is planned already, without walking any other floor.

Problem
    A problem has grown by lines, and its route is given without them. Where the bins that fill the new
    lines lie on the way, the picker only has to halt more often.
Method
    What was to be picked stays. What is missing of each line is taken from sources on the path: from bins
    that are halted at anyway first, then from those that give most.
Complexity
    O(s log s) for s sources.
Limits
    Picks come from fewest bins line by line, not over all lines.
"""

from collections import Counter
from collections.abc import Sequence

from routing.problem import PickProblem, PolicyName
from routing.route import Certificate, Leg, Pick, Route
from routing.walk import certify, place_stops, point_of
from warehouse.floor import Spot


def walk_past(problem: PickProblem, legs: Sequence[Leg], kept: Sequence[Pick], known: Certificate) -> Route | None:
    """The route that walks `legs` and brings all of `problem`; None if the bins passed do not hold it.

    Parameters
    ----------
    problem
        All that is to be brought, in lines without lot groups; the walk begins at its start.
    legs
        The walk.
    kept
        What is picked on it already, in the lines of `problem`.
    known
        The certificate of any route for `problem`: its policy, and its bounds, which hold here too.
    """
    picks = _picks(problem, legs, kept)
    if picks is None:
        return None
    walked, stops = place_stops(problem, legs, picks)
    route = certify(
        problem,
        walked,
        stops,
        policy=known.policy,
        distance_bound_mm=known.distance_bound_mm,
        backtrack_bound_mm=known.backtrack_bound_mm,
        solver=known.solver,
        seed=known.seed,
        duration_ms=known.duration_ms,
        walk_bound_ms=known.walk_bound_ms,
        shortest_mm=known.shortest_mm,
    )
    # Under `no_backtrack` the bounds of distance and time hold at one backtrack.
    same = known.policy.name is PolicyName.SHORTEST or route.certificate.backtrack_mm == known.backtrack_mm
    return route if same else None


def _picks(problem: PickProblem, legs: Sequence[Leg], kept: Sequence[Pick]) -> list[Pick] | None:
    """What is picked where, if the walk comes by enough bins."""
    taken = Counter[tuple[str, str]]()
    for pick in kept:
        taken[pick.line, pick.bin] += pick.quantity
    halted = {pick.bin for pick in kept}
    for line in problem.lines:
        missing = line.quantity - sum(taken[line.line, source.bin] for source in line.sources)
        left = [(source, source.quantity - taken[line.line, source.bin]) for source in line.sources]
        passed = [(source, units) for source, units in left if units > 0 and _is_passed(problem, legs, source.spot)]
        for source, units in sorted(passed, key=lambda each: (each[0].bin not in halted, -each[1], each[0].bin)):
            if missing <= 0:
                break
            taken[line.line, source.bin] += min(missing, units)
            missing -= min(missing, units)
            halted.add(source.bin)
        if missing:
            return None
    return [Pick(line, bin_code, quantity) for (line, bin_code), quantity in taken.items() if quantity]


def _is_passed(problem: PickProblem, legs: Sequence[Leg], spot: Spot) -> bool:
    """Whether the walk comes by a point of the floor."""
    floor = problem.floor
    node = floor.node_at(spot)
    if node is not None:
        points = (problem.start, *(Spot(leg.edge, leg.to_mm) for leg in legs))
        return any(point_of(floor, point) == node for point in points)
    on_leg = any(
        leg.edge == spot.edge and min(leg.from_mm, leg.to_mm) <= spot.offset_mm <= max(leg.from_mm, leg.to_mm)
        for leg in legs
    )
    return on_leg or problem.start == spot

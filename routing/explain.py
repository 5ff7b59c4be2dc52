"""A route in words: why these bins and not nearer ones, what the policy costs, and how good the route is.

Problem
    A picker or a planner asks why a route looks as it does. The answer must be computed, not guessed.
Method
    The certificate tells the figures and their bounds. With the problem at hand, every line that leaves out a bin
    nearer to the start is solved again with that bin forced and all others free, and the whole of it once more by
    policy `shortest`. Searches are limited by iterations and begin with the bins of the route, so the same
    route is explained by the same words every time.
Complexity
    One solution a line that leaves out a nearer bin, and one more.
Limits
    Where a route is not proven best, solving again may find a better one; the words then say so. Lines whose bins
    lie in several lot groups are left out: the order of their groups is not a matter of the path.
"""

import dataclasses
from collections.abc import Iterator

from routing.bin_choice import Budget
from routing.problem import Measure, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Certificate, Pick, Route
from routing.solve import solve
from routing.verify import require_verified
from warehouse.distances import Distances
from warehouse.errors import CrossingsUnplanned, NoRoute
from warehouse.floor import EdgeKind, Floor

SEARCH = Budget(time_ms=None, iterations=200)
"""Enough to find what other bins would be picked beside a forced one; no clock, so that words do not change."""


def explain(route: Route, problem: PickProblem | None = None) -> str:
    """Say in words what is known about a route.

    Parameters
    ----------
    route
        Any route.
    problem
        What it answers. Without it, only what the certificate knows is told.

    Returns
    -------
    str
        Lines of text. The same for the same route and problem.

    Raises
    ------
    RouteRejected
        If the route is no sound answer to the problem.
    """
    said = [*_figures(route.certificate), *_bounds(route.certificate)]
    if problem is not None:
        require_verified(problem, route)
        said += [*_cross_aisles(problem.floor, route), *_price_of_policy(problem, route), *_bins(problem, route)]
    return "\n".join(said)


def _metres(length_mm: int) -> str:
    return f"{length_mm / 1000:.1f} m"


def _figures(own: Certificate) -> Iterator[str]:
    yield (
        f"By {own.policy.name.value}, {_metres(own.distance_mm)} are walked to {own.stops} bins, "
        f"{_metres(own.backtrack_mm)} of it over aisle floor walked before."
    )
    yield (
        f"The picker turns round {own.u_turns} times, {own.arms} of them inside aisles; "
        f"{_metres(own.cross_thrice_mm)} of cross aisle are walked a third time."
    )
    if own.walk_ms:
        yield f"It takes {own.walk_ms / 1000:.0f} s."


def _bounds(own: Certificate) -> Iterator[str]:
    """What is proven."""
    if own.policy.name not in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
        yield f"Nothing is proven: {own.policy.name.value} is a rule of the trade, not the search for a best route."
        return
    what = "none is quicker" if own.policy.measure is Measure.DURATION else "none is shorter"
    if own.proven and own.policy.name is PolicyName.NO_BACKTRACK:
        yield f"Proven best: no route walks less aisle floor again, and of those that walk as much, {what}."
    elif own.proven:
        yield f"Proven best: {what}."
    else:
        yield from _open_bounds(own)


def _open_bounds(own: Certificate) -> Iterator[str]:
    if own.policy.name is PolicyName.NO_BACKTRACK:
        if own.backtrack_mm == own.backtrack_bound_mm:
            yield "Proven: no route walks less aisle floor again."
        else:
            yield f"Not proven best: every route walks at least {_metres(own.backtrack_bound_mm)} of aisle floor again."
            return
    if own.policy.measure is Measure.DURATION:
        found, bound, least = own.walk_ms, own.walk_bound_ms, f"takes at least {own.walk_bound_ms / 1000:.0f} s"
    else:
        found, bound, least = own.distance_mm, own.distance_bound_mm, f"is at least {_metres(own.distance_bound_mm)}"
    above = f", so this one is at most {100 * (found - bound) / bound:.1f} % above the best" if bound else ""
    yield f"Not proven best: every {'such ' * (own.policy.name is PolicyName.NO_BACKTRACK)}route {least}{above}."


def _cross_aisles(floor: Floor, route: Route) -> Iterator[str]:
    """How much cross-aisle floor is walked again."""
    cross = [leg for leg in route.legs if floor.edges[leg.edge].kind is EdgeKind.CROSS]
    walked: dict[int, list[tuple[int, int]]] = {}
    for leg in cross:
        walked.setdefault(leg.edge, []).append((min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)))
    once_mm = 0
    for ranges in walked.values():
        reached_mm = 0
        for low, high in sorted(ranges):
            once_mm += max(0, high - max(low, reached_mm))
            reached_mm = max(reached_mm, high)
    again_mm = sum(leg.length_mm for leg in cross) - once_mm
    yield f"Of the cross aisles {_metres(once_mm)} are walked, and {_metres(again_mm)} once more."


def _price_of_policy(problem: PickProblem, route: Route) -> Iterator[str]:
    """What the policy costs against the shortest route."""
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return
    policy = Policy(PolicyName.SHORTEST, own.policy.step_in_mm)
    try:
        shortest = solve(problem, policy=policy, budget=SEARCH, seed=own.seed, incumbent=_picks(route)).certificate
    except (CrossingsUnplanned, ValueError) as error:  # floors that only rules of the trade can walk
        yield f"What {own.policy.name.value} costs is not known, for no shortest route can be planned: {error}."
        return
    more_mm = own.distance_mm - shortest.distance_mm
    known = "The shortest route" if shortest.proven else "The shortest route found"
    if more_mm > 0:
        percent = 100 * more_mm / shortest.distance_mm
        yield (
            f"{known} is {_metres(shortest.distance_mm)} and walks {_metres(shortest.backtrack_mm)} of aisle floor "
            f"again: {own.policy.name.value} costs {_metres(more_mm)} ({percent:.1f} %)."
        )
    else:
        yield f"{known} is no shorter: {own.policy.name.value} costs nothing."


def _bins(problem: PickProblem, route: Route) -> Iterator[str]:
    """Why each line is not picked from a bin nearer to the start."""
    distances = Distances(problem.floor)
    own = route.certificate
    for line in problem.lines:
        if len({source.group for source in line.sources}) > 1:
            continue
        way_mm = {source.bin: distances.between(problem.start, source.spot) for source in line.sources}
        picked = [pick.bin for pick in _picks(route) if pick.line == line.line]
        nearest_mm, nearest = min((mm, name) for name in picked if (mm := way_mm[name]) is not None)
        others = [
            (mm, source.bin)
            for source in line.sources
            if source.bin not in picked and (mm := way_mm[source.bin]) is not None and mm < nearest_mm
        ]
        if not others:
            continue
        near_mm, near = min(others)
        yield (
            f"Line {line.line} is picked from {nearest}, {_metres(nearest_mm)} from the start, and not from "
            f"{near}, {_metres(near_mm)} from it: {_with_bin(problem, route, line, near, own)}."
        )


def _with_bin(problem: PickProblem, route: Route, line: PickLine, name: str, own: Certificate) -> str:
    """What a route that picks a line from a given bin is like, beside the route that does not."""
    lines = tuple(
        part
        for each in problem.lines
        for part in (_forced(each, next(s for s in each.sources if s.bin == name)) if each is line else (each,))
    )
    forced = dataclasses.replace(problem, lines=lines)
    try:
        other = solve(forced, policy=own.policy, budget=SEARCH, seed=own.seed, incumbent=_picks(route)).certificate
    except NoRoute:
        return "no walk goes there as the policy asks"
    again_mm, more_mm = other.backtrack_mm - own.backtrack_mm, other.distance_mm - own.distance_mm
    ranks: list[tuple[int, ...]] = [(each.distance_mm,) for each in (own, other)]
    if own.policy.name is PolicyName.NO_BACKTRACK:
        ranks = [(each.backtrack_mm, each.distance_mm) for each in (own, other)]
    if ranks[1] < ranks[0] and own.policy.measure is Measure.DISTANCE:
        return f"a better route does, with {_metres(other.backtrack_mm)} walked again of {_metres(other.distance_mm)}"
    best = "the route would" if other.proven else "the best route found would"
    return f"with it {best} walk {_more(again_mm, 'aisle floor again')} and {_more(more_mm, 'in all')}"


def _more(length_mm: int, what: str) -> str:
    if length_mm == 0:
        return f"no more {what}"
    return f"{_metres(abs(length_mm))} {'more' if length_mm > 0 else 'less'} {what}"


def _forced(line: PickLine, source: Source) -> tuple[PickLine, ...]:
    """A line as lines that take all they can from one source, and the rest elsewhere."""
    rest = line.quantity - source.quantity
    first = dataclasses.replace(line, quantity=min(line.quantity, source.quantity), sources=(source,))
    if rest <= 0:
        return (first,)
    others = tuple(each for each in line.sources if each is not source)
    return first, dataclasses.replace(line, line=f"{line.line}, elsewhere", quantity=rest, sources=others)


def _picks(route: Route) -> list[Pick]:
    return [pick for stop in route.stops for pick in stop.picks]

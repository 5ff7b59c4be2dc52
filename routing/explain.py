"""A route in words: why these bins and not nearer ones, what the policy costs, and how good the route is.

Problem
    A picker or a planner asks why a route looks as it does. The answer must be computed, not guessed.
Method
    The certificate tells the figures and their bounds. With the problem at hand, every line that leaves out a bin
    nearer to the start than the farthest it is picked from is solved again with that bin forced and all others
    free, and the whole of it once more by policy `shortest`. Both are weighed in the measure of the policy: metres
    or seconds. Where lots are used up in order, only the bins of the lot begun last are open to choice; nearer ones
    of later lots are told with the bin that has to come first. Searches are limited by iterations and begin with the
    bins of the route, so the same route is explained by the same words every time.
Complexity
    One solution a line that leaves out a nearer bin, and one more.
Limits
    Where a route is not proven best, solving again may find a better one; the words then say so. Of several nearer bins
    of a line the nearest to the start is weighed.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
TIMES_MIN = 10
"""From so many times as much on, nobody reads percents."""
SHORT_MM = 100
"""Below, metres with one digit say nothing."""


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
    return f"{length_mm} mm" if 0 < length_mm < SHORT_MM else f"{length_mm / 1000:.1f} m"


def _seconds(time_ms: int) -> str:
    return f"{time_ms / 1000:.1f} s"


def _measured(own: Certificate, measure: Measure) -> int:
    """What a measure makes of a route: mm or ms."""
    return own.walk_ms if measure is Measure.DURATION else own.distance_mm


def _told(measured: int, measure: Measure) -> str:
    return _seconds(measured) if measure is Measure.DURATION else _metres(measured)


def _above(found: int, least: int) -> str:
    """How much more a figure is than another: so many percent above, or so many times, where it is far more."""
    if found >= TIMES_MIN * least:
        return f"{found / least:.0f} times"
    return f"{100 * (found - least) / least:.1f} % above"


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
    above = f", so this one is at most {_above(found, bound)} the best" if bound else ""
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
    """What the policy costs against the shortest route, or the quickest where time is measured."""
    own = route.certificate
    if own.policy.name is PolicyName.SHORTEST:
        return
    measure, name = own.policy.measure, own.policy.name.value
    best = "quickest" if measure is Measure.DURATION else "shortest"
    policy = Policy(PolicyName.SHORTEST, own.policy.step_in_mm, measure=measure)
    try:
        other = solve(problem, policy=policy, budget=SEARCH, seed=own.seed, incumbent=_picks(route)).certificate
    except (CrossingsUnplanned, ValueError) as error:  # floors that only rules of the trade can walk
        yield f"What {name} costs is not known, for no {best} route can be planned: {error}."
        return
    known = f"The {best} route" if other.proven else f"The {best} route found"
    least, found = _measured(other, measure), _measured(own, measure)
    if found <= least:
        yield f"{known} is no {'quicker' if measure is Measure.DURATION else 'shorter'}: {name} costs nothing."
        return
    share = f" ({_above(found, least)} it)" if least else ""
    yield (
        f"{known} is {_told(least, measure)} and walks {_metres(other.backtrack_mm)} of aisle floor again: "
        f"{name} costs {_told(found - least, measure)}{share}."
    )


def _bins(problem: PickProblem, route: Route) -> Iterator[str]:
    """Why each line is not picked from bins nearer to the start alone."""
    distances = Distances(problem.floor)
    for line in problem.lines:
        taken = {pick.bin: pick.quantity for pick in _picks(route) if pick.line == line.line}
        reached = [
            _Reached(way_mm, source.bin, source, taken.get(source.bin, 0))
            for source in line.sources
            if (way_mm := distances.between(problem.start, source.spot)) is not None
        ]
        yield from _later_lots(line, reached)
        yield from _dearer_bins(problem, route, line, reached)


class _Reached(NamedTuple):
    """A source within reach: how far from the start, in which bin, and how much of it the route picks."""

    way_mm: int
    bin: str
    source: Source
    taken: int


def _later_lots(line: PickLine, reached: Sequence[_Reached]) -> Iterator[str]:
    """The nearest bin that would give more, were there not a farther one that has to be used up before it."""
    far = max(each for each in reached if each.taken)
    later = [
        each
        for each in reached
        if each.way_mm < far.way_mm and each.taken < each.source.quantity and each.source.group > far.source.group
    ]
    if later:
        near = min(later)
        yield (
            f"Line {line.line} is picked from {far.bin}, {_metres(far.way_mm)} from the start, and not "
            f"{f'more than {near.taken} ' * bool(near.taken)}from {near.bin}, {_metres(near.way_mm)} from it: "
            f"{far.bin} is of a lot that has to be used up first."
        )


def _dearer_bins(problem: PickProblem, route: Route, line: PickLine, reached: Sequence[_Reached]) -> Iterator[str]:
    """The nearest bin left out of the lot begun last, weighed by a route that picks there."""
    group = max(each.source.group for each in reached if each.taken)
    open_to_choice = [each for each in reached if each.source.group == group]
    picked = sorted(each for each in open_to_choice if each.taken)
    left_out = [each for each in open_to_choice if not each.taken and each.way_mm < picked[-1].way_mm]
    if not left_out:
        return
    near, far = min(left_out), picked[-1]
    bins, up_to = ", ".join(each.bin for each in picked), "up to " if len(picked) > 1 else ""
    yield (
        f"Line {line.line} is picked from {bins}, {up_to}{_metres(far.way_mm)} from the start, and not from "
        f"{near.bin}, {_metres(near.way_mm)} from it: {_with_bin(problem, route, line, near.source)}."
    )


def _with_bin(problem: PickProblem, route: Route, line: PickLine, source: Source) -> str:
    """What a route that picks a line from a given bin is like, beside the route that does not."""
    lines = tuple(part for each in problem.lines for part in (_forced(each, source) if each is line else (each,)))
    forced, own = dataclasses.replace(problem, lines=lines), route.certificate
    try:
        other = solve(forced, policy=own.policy, budget=SEARCH, seed=own.seed, incumbent=_picks(route)).certificate
    except NoRoute:
        return "no walk goes there as the policy asks"
    measure = own.policy.measure
    ranks: list[tuple[int, ...]] = [(_measured(each, measure),) for each in (own, other)]
    if own.policy.name is PolicyName.NO_BACKTRACK:
        ranks = [(each.backtrack_mm, _measured(each, measure)) for each in (own, other)]
    if ranks[1] < ranks[0]:
        in_all = _told(_measured(other, measure), measure)
        return f"a better route does, with {_metres(other.backtrack_mm)} walked again of {in_all}"
    best = "the route" if other.proven else "the best route found"
    if ranks[1] == ranks[0]:
        more_bins = other.stops - own.stops
        return f"with it {best} is just as good{f', with {more_bins} bins more' if more_bins > 0 else ''}"
    again = _more(other.backtrack_mm - own.backtrack_mm, "aisle floor again")
    more = _measured(other, measure) - _measured(own, measure)
    if measure is Measure.DURATION:
        return f"with it {best} would walk {again} and take {_seconds(abs(more))} {'longer' if more >= 0 else 'less'}"
    return f"with it {best} would walk {again} and {_more(more, 'in all')}"


def _more(length_mm: int, what: str) -> str:
    if length_mm == 0:
        return f"no more {what}"
    return f"{_metres(abs(length_mm))} {'more' if length_mm > 0 else 'less'} {what}"


def _forced(line: PickLine, source: Source) -> tuple[PickLine, ...]:
    """A line as lines that take all they can from one source, once earlier lots are used up, and the rest elsewhere."""
    earlier = sum(each.quantity for each in line.sources if each.group < source.group)
    first_quantity = min(line.quantity - earlier, source.quantity)
    first = dataclasses.replace(line, quantity=first_quantity, sources=(source,))
    rest = line.quantity - first_quantity
    if rest == 0:
        return (first,)
    others = tuple(each for each in line.sources if each is not source)
    return first, dataclasses.replace(line, line=f"{line.line}, elsewhere", quantity=rest, sources=others)


def _picks(route: Route) -> list[Pick]:
    return [pick for stop in route.stops for pick in stop.picks]

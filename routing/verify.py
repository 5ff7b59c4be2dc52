"""The judge of routes: walks a route leg by leg and recomputes everything it says about itself.

Problem
    Given a `PickProblem` and a `Route`, find every way in which the route is not a legal walk that
    brings what was asked for, or in which its certificate says something that is not so.
Method
    One pass over the legs, one over the stops; `routing.figures` counts what the certificate is held against.
    Nothing here comes from the solvers or from the code that turns their answers into legs, so a mistake
    there cannot hide itself. `docs/routes.md` states the same rules in prose.
Complexity
    O(n log n + m^2) for n legs, m of them on one edge; a few milliseconds for a long route.
Limits
    Lower bounds are held against the route, not recomputed: that a bound is true is for the solvers'
    own tests against brute force and published optima.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from routing.figures import Figures, figures_of, position_after, side_of
from routing.problem import EndKind, Measure, PickLine, PickProblem, Policy, PolicyName
from routing.route import Certificate, Leg, Route
from warehouse.errors import RouteRejected
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, EdgeKind, Floor, Spot

ORDERED_POLICIES = (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)
"""Policies with an order of their own, in which a route can be proven best."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: the faults, and the figures as measured; all 0 where the route is too malformed to walk."""

    faults: tuple[str, ...]
    figures: Figures

    @property
    def ok(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


def verify(problem: PickProblem, route: Route, policy: Policy | None = None) -> Verdict:
    """Judge a route.

    Parameters
    ----------
    problem
        What was asked for.
    route
        What is to be judged, however damaged; nothing in it makes this function raise.
    policy
        The policy that was asked for, if the certificate is to be held to it.

    Returns
    -------
    Verdict
        Every fault found, each one line that names the leg, stop, line or figure it is about.
    """
    malformed = tuple(_malformed(problem.floor, route))
    if malformed:
        return Verdict(malformed, Figures())
    faults = [
        *_walk_faults(problem, route),
        *_step_in_faults(problem.floor, route),
        *_stop_faults(problem, route),
        *_line_faults(problem, route),
    ]
    figures = figures_of(problem, route)
    faults += _certificate_faults(route, figures, policy)
    faults += _limit_faults(route.certificate, figures)
    return Verdict(tuple(faults), figures)


def require_verified(problem: PickProblem, route: Route, policy: Policy | None = None) -> Route:
    """Hand `route` through if it is sound.

    Raises
    ------
    RouteRejected
        If `verify` finds a fault; it carries all of them.
    """
    verdict = verify(problem, route, policy)
    if not verdict.ok:
        raise RouteRejected(verdict.faults)
    return route


def _whole(*numbers: object) -> bool:
    """Whether all are plain integers; JSON may bring anything, and True is not a length."""
    return set(map(type, numbers)) <= {int}


def _off_point(floor: Floor, spot: Spot) -> str | None:
    """Why a spot is no point of the floor at a side that is known, or None."""
    if not _whole(spot.side) or spot.side not in (EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE):
        return f"side {spot.side!r} is none of an aisle"
    return _off_floor(floor, spot.edge, spot.offset_mm)


def _off_floor(floor: Floor, edge: object, *offsets_mm: object) -> str | None:
    """Why these offsets along this edge are not points of the floor, or None."""
    if not _whole(edge, *offsets_mm):
        return f"edge {edge!r} with offsets {offsets_mm!r} is not all whole numbers"
    assert isinstance(edge, int)
    if not 0 <= edge < len(floor.edges):
        return f"edge {edge} does not exist"
    length_mm = floor.edges[edge].length_mm
    for offset_mm in offsets_mm:
        assert isinstance(offset_mm, int)
        if not 0 <= offset_mm <= length_mm:
            return f"{offset_mm} mm lies off edge {edge}, which is {length_mm} mm long"
    return None


def _malformed(floor: Floor, route: Route) -> Iterator[str]:
    """Faults that make a route unreadable: points off the floor, values that are no numbers."""
    if why := _off_point(floor, route.start):
        yield f"start: {why}"
    for index, leg in enumerate(route.legs):
        if why := _off_floor(floor, leg.edge, leg.from_mm, leg.to_mm):
            yield f"leg {index}: {why}"
        if type(leg.step_in) is not bool:
            yield f"leg {index}: step_in is {leg.step_in!r}, not true or false"
    for index, stop in enumerate(route.stops):
        if why := _off_point(floor, stop.spot):
            yield f"stop {index}: {why}"
        if not _whole(stop.after_leg) or not 0 <= stop.after_leg <= len(route.legs):
            yield f"stop {index}: after leg {stop.after_leg!r}, but the route has {len(route.legs)} legs"
        for pick in stop.picks:
            if type(pick.line) is not str or type(pick.bin) is not str:
                yield f"stop {index}: line {pick.line!r} and bin {pick.bin!r} are not both names"
            if not _whole(pick.quantity) or pick.quantity <= 0:
                yield f"stop {index}: quantity {pick.quantity!r} of line {pick.line} is not a positive whole number"


def _walk_faults(problem: PickProblem, route: Route) -> Iterator[str]:
    """Faults of the walk: its ends, its joints, one-way and blocked floor."""
    floor = problem.floor
    if not floor.same_point(route.start, problem.start) or side_of(floor, route.start) != side_of(floor, problem.start):
        yield f"start: {route.start} is not the problem's start {problem.start}"
    at = route.start
    for index, leg in enumerate(route.legs):
        edge = floor.edges[leg.edge]
        here = Spot(leg.edge, leg.from_mm)
        if not floor.same_point(at, here):
            yield f"leg {index}: begins at {here}, but the walk is at {at}"
        at = Spot(leg.edge, leg.to_mm)
        if leg.length_mm == 0:
            yield f"leg {index}: has no length"
        if edge.direction * (leg.to_mm - leg.from_mm) < 0:
            yield f"leg {index}: runs against the one-way direction of edge {leg.edge}"
        low_mm, high_mm = sorted((leg.from_mm, leg.to_mm))
        for stretch in floor.blocked:
            if stretch.edge == leg.edge and low_mm < stretch.to_mm and stretch.from_mm < high_mm:
                yield f"leg {index}: enters the blocked {stretch}"
    if problem.end.kind is EndKind.START and not floor.same_point(at, problem.start):
        yield f"end: {at} is not the start {problem.start}"
    if problem.end.kind is EndKind.NEAREST and not any(floor.same_point(at, spot) for spot in problem.end.spots):
        yield f"end: {at} is none of the allowed ends"


def _is_mouth(floor: Floor, node: int | None) -> bool:
    """Whether a node touches both aisle floor and cross-aisle floor."""
    if node is None:
        return False
    kinds = {floor.edges[edge].kind for edge in floor.incident[node]}
    return kinds == {EdgeKind.AISLE, EdgeKind.CROSS}


def _step_in_faults(floor: Floor, route: Route) -> Iterator[str]:
    """Faults of the arms walked without the cart."""
    depth_limit_mm = route.certificate.policy.step_in_mm
    index = 0
    while index < len(route.legs):
        if not route.legs[index].step_in:
            index += 1
            continue
        size = _arm_size(route.legs, index)
        arm = route.legs[index : index + size]
        yield from (f"leg {index}: step-in {fault}" for fault in _arm_faults(floor, arm, depth_limit_mm))
        index += size


def _arm_size(legs: tuple[Leg, ...], begin: int) -> int:
    """How many legs from `begin` on make one step-in arm: in along one edge, and back to where it began."""
    edge, mouth_mm = legs[begin].edge, legs[begin].from_mm
    for index in range(begin, len(legs)):
        if not legs[index].step_in or legs[index].edge != edge:
            return index - begin
        if legs[index].to_mm == mouth_mm:
            return index + 1 - begin
    return len(legs) - begin


def _arm_faults(floor: Floor, arm: tuple[Leg, ...], depth_limit_mm: int) -> Iterator[str]:
    """Faults of one step-in arm, whose legs all lie on one edge."""
    edge = floor.edges[arm[0].edge]
    mouth_mm = arm[0].from_mm
    if edge.kind is not EdgeKind.AISLE:
        yield f"goes into edge {arm[0].edge}, which is not an aisle"
    if edge.direction:
        yield f"goes into edge {arm[0].edge}, which is one-way"
    if not _is_mouth(floor, floor.node_at(Spot(arm[0].edge, mouth_mm))):
        yield f"begins at {Spot(arm[0].edge, mouth_mm)}, which is not an aisle's mouth"
    if arm[-1].to_mm != mouth_mm:
        yield "does not come back to its mouth along its aisle"
    depths_mm = [0, *(abs(leg.to_mm - mouth_mm) for leg in arm)]
    deepest_mm = max(depths_mm)
    if deepest_mm > depth_limit_mm:
        yield f"goes {deepest_mm} mm deep, but {depth_limit_mm} mm is the limit"
    if deepest_mm >= edge.length_mm:
        yield f"goes through to the other end of edge {arm[0].edge}"
    turn = depths_mm.index(deepest_mm)
    if sorted(depths_mm[:turn]) != depths_mm[:turn] or sorted(depths_mm[turn:], reverse=True) != depths_mm[turn:]:
        yield "goes back and forth inside the aisle"


def _stop_faults(problem: PickProblem, route: Route) -> Iterator[str]:
    """Faults of the stops: their order, where they stand, what they name."""
    floor = problem.floor
    source_spot = {(line.line, source.bin): source.spot for line in problem.lines for source in line.sources}
    lines = {line.line for line in problem.lines}
    before = 0
    for index, stop in enumerate(route.stops):
        if stop.after_leg < before:
            yield f"stop {index}: after leg {stop.after_leg}, but a stop after leg {before} comes before it"
        before = stop.after_leg
        here = position_after(route, stop.after_leg)
        if not floor.same_point(stop.spot, here):
            yield f"stop {index}: stands at {stop.spot}, but the walk is at {here}"
        if not stop.picks:
            yield f"stop {index}: nothing is picked"
        for pick in stop.picks:
            if pick.line not in lines:
                yield f"stop {index}: line {pick.line} was not asked for"
            elif (pick.line, pick.bin) not in source_spot:
                yield f"stop {index}: bin {pick.bin} is no source of line {pick.line}"
            elif not floor.same_point(spot := source_spot[pick.line, pick.bin], stop.spot):
                yield f"stop {index}: bin {pick.bin} is reached from {spot}, not {stop.spot}"
            elif side_of(floor, spot) not in (EITHER_SIDE, side_of(floor, stop.spot)):
                yield f"stop {index}: bin {pick.bin} is reached from the side of {spot}, not of {stop.spot}"


def _line_faults(problem: PickProblem, route: Route) -> Iterator[str]:
    """Faults of what is brought: too little, too much, more than a bin offers, one bin twice."""
    brought: Counter[str] = Counter()
    drawn: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    for pick in (pick for stop in route.stops for pick in stop.picks):
        brought[pick.line] += pick.quantity
        drawn[pick.line, pick.bin] += pick.quantity
        times[pick.line, pick.bin] += 1
    for line in problem.lines:
        if brought[line.line] != line.quantity:
            yield f"line {line.line}: {brought[line.line]} units are picked, {line.quantity} were asked for"
        for source in line.sources:
            key = (line.line, source.bin)
            if drawn[key] > source.quantity:
                yield f"line {line.line}: {drawn[key]} units are drawn from bin {source.bin} of {source.quantity}"
            if times[key] > 1:
                yield f"line {line.line}: bin {source.bin} is picked {times[key]} times, once is enough"
        yield from _group_faults(line, {source.bin: drawn[line.line, source.bin] for source in line.sources})


def _group_faults(line: PickLine, drawn: dict[str, int]) -> Iterator[str]:
    """Faults of the order in which a line's lot groups are used up; `drawn` has the units out of each bin."""
    if len({source.group for source in line.sources}) == 1:
        return
    for later in line.sources:
        for earlier in line.sources:
            if drawn[later.bin] and earlier.group < later.group and drawn[earlier.bin] < earlier.quantity:
                yield (
                    f"line {line.line}: bin {later.bin} of lot group {later.group} is picked, "
                    f"bin {earlier.bin} of group {earlier.group} is not used up"
                )


def _limit_faults(own: Certificate, measured: Figures) -> Iterator[str]:
    """Faults of a route that goes beyond what its policy allows."""
    policy = own.policy
    if policy.u_turns_max is not None:
        if not _whole(policy.u_turns_max):
            yield f"certificate: u_turns_max {policy.u_turns_max!r} is not a whole number"
        elif measured.arms > policy.u_turns_max:
            yield f"limits: the route has {measured.arms} in-and-back arms, {policy.u_turns_max} are allowed"
    if policy.detour_percent_max is None or policy.name is not PolicyName.NO_BACKTRACK:
        return
    if not _whole(policy.detour_percent_max, own.shortest_mm) or own.shortest_mm < 0:
        yield f"certificate: {policy.detour_percent_max!r} percent of {own.shortest_mm!r} mm limit nothing"
    elif 100 * measured.distance_mm > (100 + policy.detour_percent_max) * own.shortest_mm:
        yield (
            f"limits: {measured.distance_mm} mm are walked, which is more than {policy.detour_percent_max} percent "
            f"longer than the {own.shortest_mm} mm of the shortest route"
        )


def _certificate_faults(route: Route, measured: Figures, policy: Policy | None) -> Iterator[str]:
    """Faults of the certificate: figures that differ from the measured ones, bounds that cannot be."""
    own = route.certificate
    for name, found in dataclasses.asdict(measured).items():
        said = getattr(own, name)
        if not _whole(said) or said != found:
            yield f"certificate: {name} is given as {said!r}, the route's is {found}"
    for bounded, name in (("distance", "mm"), ("backtrack", "mm"), ("walk", "ms")):
        bound, found = getattr(own, f"{bounded}_bound_{name}"), getattr(measured, f"{bounded}_{name}")
        if not _whole(bound) or not 0 <= bound <= found:
            yield f"certificate: {bounded}_bound_{name} is given as {bound!r}, which does not lie between 0 and {found}"
    yield from _proof_faults(route, measured)
    if not _whole(own.policy.step_in_mm):
        yield f"certificate: step_in_mm {own.policy.step_in_mm!r} is not a whole number"
    if policy is not None and own.policy != policy:
        yield f"certificate: policy is {own.policy}, {policy} was asked for"
    if not _whole(own.seed):
        yield f"certificate: seed {own.seed!r} is not a whole number"
    if type(own.duration_ms) not in (int, float) or not math.isfinite(own.duration_ms) or own.duration_ms < 0:
        yield f"certificate: duration_ms {own.duration_ms!r} is not a time"
    if type(own.solver) is not str or not own.solver:
        yield f"certificate: solver {own.solver!r} is not a name"


def _proof_faults(route: Route, measured: Figures) -> Iterator[str]:
    """Faults of the claim to be proven best."""
    own = route.certificate
    if type(own.proven) is not bool:
        yield f"certificate: proven is {own.proven!r}, not true or false"
    if not own.proven:
        return
    if own.policy.name not in ORDERED_POLICIES:
        yield f"certificate: proven is claimed under {own.policy.name}, which has no best route"
    if own.policy.measure is Measure.DURATION:
        if own.walk_bound_ms != measured.walk_ms:
            yield f"certificate: proven, but walk_bound_ms {own.walk_bound_ms} is not {measured.walk_ms}"
    elif own.distance_bound_mm != measured.distance_mm:
        yield f"certificate: proven, but distance_bound_mm {own.distance_bound_mm} is not {measured.distance_mm}"
    if own.policy.name is PolicyName.NO_BACKTRACK and own.backtrack_bound_mm != measured.backtrack_mm:
        yield f"certificate: proven, but backtrack_bound_mm {own.backtrack_bound_mm} is not {measured.backtrack_mm}"

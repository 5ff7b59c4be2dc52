"""What floor and turns cost in the measure of a policy: mm of distance, or time.

Time is counted in fractions of a ms, so that whole numbers stay exact: a walk at 1,200 mm a second takes
5/6 ms a mm, so a mm costs 5 and a ms 6.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from routing.problem import EndKind, Measure, PickLine, PickProblem, Policy
from routing.route import Leg, Stop
from warehouse.floor import EITHER_SIDE, EdgeKind, Floor, Spot


class Rates(NamedTuple):
    """Costs of a mm, an in-and-back arm, an aisle end entered or left, and a stop; `one` is what 1 mm or ms is."""

    mm: int
    arm: int
    end: int
    stop: int
    one: int

    def measured(self, cost: int) -> int:
        """A cost in whole mm or ms, rounded up."""
        return -(-cost // self.one)


def rates_of(problem: PickProblem, policy: Policy) -> Rates:
    """What is charged under a policy.

    Raises
    ------
    ValueError
        If time is to be measured and the problem does not say how long things take.
    """
    if policy.measure is Measure.DISTANCE:
        return Rates(1, 0, 0, 0, 1)
    times = problem.times
    if times is None:
        raise ValueError("time cannot be measured in a problem that does not say how long things take")
    shared = math.gcd(1000, times.speed_mm_s)
    ms = times.speed_mm_s // shared
    return Rates(1000 // shared, times.arm_ms * ms, times.aisle_end_ms * ms, times.stop_ms * ms, ms)


def count_arms(floor: Floor, legs: Sequence[Leg]) -> int:
    """How often a walk turns back inside an aisle, or at its end where nothing else meets."""
    return sum(
        a.edge == b.edge
        and (a.to_mm > a.from_mm) != (b.to_mm > b.from_mm)
        and floor.edges[a.edge].kind is EdgeKind.AISLE
        and not _is_crossing(floor, Spot(a.edge, a.to_mm))
        for a, b in itertools.pairwise(legs)
    )


def _is_crossing(floor: Floor, spot: Spot) -> bool:
    node = floor.node_at(spot)
    return node is not None and len(floor.incident[node]) > 1


def crossings_mm(problem: PickProblem, legs: Sequence[Leg], stops: Sequence[Stop]) -> int:
    """How far a walk goes from one side of aisles to the other, between nodes."""
    floor = problem.floor
    if not floor.has_crossings:
        return 0
    halts: dict[int, list[Spot]] = defaultdict(list)
    for stop in stops:
        halts[stop.after_leg].append(stop.spot)
    at, side, total_mm = problem.start, floor.side_of(problem.start), 0
    for number in range(len(legs) + 1):
        if number:
            at = Spot(legs[number - 1].edge, legs[number - 1].to_mm)
            side = EITHER_SIDE if floor.node_at(at) is not None else side
        for spot in halts[number]:
            own = floor.side_of(spot)
            total_mm += floor.edges[spot.edge].crossing_mm if side and own and own != side else 0
            side = own or side
    ends = (problem.start,) if problem.end.kind is EndKind.START else problem.end.spots
    sides = [floor.side_of(spot) for spot in ends if floor.same_point(spot, at)]
    must_cross = side and sides and EITHER_SIDE not in sides and side not in sides
    return total_mm + (floor.edges[at.edge].crossing_mm if must_cross else 0)


def walk_ms(problem: PickProblem, legs: Sequence[Leg], stops: Sequence[Stop]) -> int:
    """How long a walk takes with all its stops, in ms rounded up; 0 if the problem gives no times."""
    times, floor = problem.times, problem.floor
    if times is None:
        return 0
    ends = sum(
        _is_crossing(floor, Spot(leg.edge, offset))
        for leg in legs
        if floor.edges[leg.edge].kind is EdgeKind.AISLE
        for offset in (leg.from_mm, leg.to_mm)
    )
    level = {(line.line, source.bin): source.level for line in problem.lines for source in line.sources}
    picks = [pick for stop in stops for pick in stop.picks]
    nodes = [floor.node_at(stop.spot) for stop in stops]
    points = {
        (stop.spot.edge, stop.spot.offset_mm, floor.side_of(stop.spot)) if node is None else node
        for stop, node in zip(stops, nodes, strict=True)
    }
    distance_mm = sum(leg.length_mm for leg in legs) + crossings_mm(problem, legs, stops)
    return (
        -(-1000 * distance_mm // times.speed_mm_s)
        + times.arm_ms * count_arms(floor, legs)
        + times.aisle_end_ms * ends
        + times.stop_ms * len(points)
        + times.unit_ms * sum(pick.quantity for pick in picks)
        + times.level_ms * sum(level[pick.line, pick.bin] for pick in picks)
    )


def least_handling_ms(problem: PickProblem) -> int:
    """Time for units and levels that no choice of bins avoids: the whole of it where there is no choice."""
    if problem.times is None:
        return 0
    units = sum(line.quantity for line in problem.lines)
    return problem.times.unit_ms * units + problem.times.level_ms * sum(map(_least_levels, problem.lines))


def _least_levels(line: PickLine) -> int:
    levels = [source.level for source in line.sources]
    return sum(levels) if sum(source.quantity for source in line.sources) == line.quantity else min(levels, default=0)

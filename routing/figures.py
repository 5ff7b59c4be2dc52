"""The figures of a route, counted from its legs and stops.

Problem
    Given a `PickProblem` and a `Route` whose points all lie on the floor, measure what its certificate says: how far
    it goes, what it walks again, how often it turns, how long it takes. `docs/routes.md` defines every figure.
Method
    Sums over legs and stops, and a count of passes over the pieces that the legs cut each edge into. Nothing here
    comes from the solvers or from the code that turns their answers into legs.
Complexity
    O(n log n + m^2) for n legs, m of them on one edge.
Limits
    The route is taken as it is: whether it may be walked, `routing.verify` says.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from routing.problem import EndKind, PickProblem
from routing.route import Leg, Route
from warehouse.floor import EITHER_SIDE, EdgeKind, Floor, Spot


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of a route, under the names that its certificate has for it: mm, ms and plain numbers."""

    distance_mm: int = 0
    backtrack_mm: int = 0
    stops: int = 0
    u_turns: int = 0
    cross_thrice_mm: int = 0
    arms: int = 0
    walk_ms: int = 0
    crossing_mm: int = 0


def figures_of(problem: PickProblem, route: Route) -> Figures:
    """The figures of a route.

    Parameters
    ----------
    problem
        What was asked for.
    route
        A route of it, sound or not; but its legs and stops must lie on the floor.
    """
    edges = problem.floor.edges
    aisle = [leg for leg in route.legs if edges[leg.edge].kind is EdgeKind.AISLE and not leg.step_in]
    cross = [leg for leg in route.legs if edges[leg.edge].kind is EdgeKind.CROSS]
    walked = [
        Leg(stretch.edge, stretch.from_mm, stretch.to_mm)
        for stretch in problem.walked
        if edges[stretch.edge].kind is EdgeKind.AISLE
    ]
    crossing_mm = _crossing_mm(problem, route)
    distance_mm = sum(leg.length_mm for leg in route.legs) + crossing_mm
    return Figures(
        distance_mm=distance_mm,
        backtrack_mm=_walked_beyond_mm(aisle, 1, walked),
        stops=len({pick.bin for stop in route.stops for pick in stop.picks}),
        u_turns=_u_turns(route.legs),
        cross_thrice_mm=_walked_beyond_mm(cross, 2),
        arms=_arms(problem.floor, route.legs),
        walk_ms=_walk_ms(problem, route, distance_mm),
        crossing_mm=crossing_mm,
    )


def position_after(route: Route, num_legs: int) -> Spot:
    """Where the walk is after its first `num_legs` legs."""
    if num_legs == 0:
        return route.start
    leg = route.legs[num_legs - 1]
    return Spot(leg.edge, leg.to_mm)


def side_of(floor: Floor, spot: Spot) -> int:
    """The side of a spot, none where it does not matter: at nodes, and where an aisle has no crossing."""
    if floor.node_at(spot) is not None or floor.edges[spot.edge].crossing_mm == 0:
        return EITHER_SIDE
    return spot.side


def _u_turns(legs: tuple[Leg, ...]) -> int:
    """How often two legs that follow one another run on one edge in opposite directions."""
    return sum(_is_u_turn(a, b) for a, b in itertools.pairwise(legs))


def _is_u_turn(a: Leg, b: Leg) -> bool:
    """Whether leg `b` goes back along the edge that leg `a` came."""
    return a.edge == b.edge and (a.to_mm - a.from_mm) * (b.to_mm - b.from_mm) < 0


def _arms(floor: Floor, legs: tuple[Leg, ...]) -> int:
    """How many of the U-turns are made on an aisle edge, and not at a node where other floor meets it."""
    arms = 0
    for a, b in itertools.pairwise(legs):
        if _is_u_turn(a, b) and floor.edges[a.edge].kind is EdgeKind.AISLE:
            node = floor.node_at(Spot(a.edge, a.to_mm))
            arms += node is None or floor.incident[node] == (a.edge,)
    return arms


def _crossing_mm(problem: PickProblem, route: Route) -> int:
    """How far the picker goes from side to side: once whenever he has to be at another side than last.

    Which side he was at does not count any more once he comes to a node.
    """
    floor = problem.floor
    if not floor.has_crossings:
        return 0
    halts: dict[int, list[Spot]] = defaultdict(list)
    for stop in route.stops:
        halts[stop.after_leg].append(stop.spot)
    visits: list[list[Spot]] = [[problem.start]]
    for index in range(len(route.legs) + 1):
        if floor.node_at(position_after(route, index)) is not None:
            visits.append([])
        visits[-1] += halts[index]
    total_mm = 0
    for visit in visits:
        sided = [spot for spot in visit if side_of(floor, spot)]
        total_mm += sum(floor.edges[a.edge].crossing_mm for a, b in itertools.pairwise(sided) if a.side != b.side)
    last = [spot for spot in visits[-1] if side_of(floor, spot)]
    ends = [problem.start] if problem.end.kind is EndKind.START else list(problem.end.spots)
    here = [side_of(floor, spot) for spot in ends if floor.same_point(spot, position_after(route, len(route.legs)))]
    if last and here and not {EITHER_SIDE, last[-1].side} & set(here):
        total_mm += floor.edges[last[-1].edge].crossing_mm
    return total_mm


def _walk_ms(problem: PickProblem, route: Route, distance_mm: int) -> int:
    """How long the run takes by the problem's times, 0 if it has none."""
    times, floor = problem.times, problem.floor
    if times is None:
        return 0
    entered_or_left = 0
    for leg in route.legs:
        if floor.edges[leg.edge].kind is EdgeKind.AISLE:
            for mm in (leg.from_mm, leg.to_mm):
                node = floor.node_at(Spot(leg.edge, mm))
                entered_or_left += node is not None and len(floor.incident[node]) > 1
    halts: list[Spot] = []
    for stop in route.stops:
        side = side_of(floor, stop.spot)
        if not any(floor.same_point(stop.spot, halt) and side == side_of(floor, halt) for halt in halts):
            halts.append(stop.spot)
    levels = {(line.line, source.bin): source.level for line in problem.lines for source in line.sources}
    turns_ms = times.arm_ms * _arms(floor, route.legs) + times.aisle_end_ms * entered_or_left
    picks_ms = sum(
        times.unit_ms * pick.quantity + times.level_ms * levels.get((pick.line, pick.bin), 0)
        for stop in route.stops
        for pick in stop.picks
    )
    floor_ms = math.ceil(Fraction(1000 * distance_mm, times.speed_mm_s))
    return floor_ms + turns_ms + times.stop_ms * len(halts) + picks_ms


def _walked_beyond_mm(legs: Iterable[Leg], passes_free: int, walked: Iterable[Leg] = ()) -> int:
    """Length of floor passed more than `passes_free` times by `legs`, each further pass counted.

    Floor in `walked` counts as passed once before, however often it is named there.
    """
    by_edge: dict[int, list[tuple[int, int]]] = defaultdict(list)
    history: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for table, group in ((by_edge, legs), (history, walked)):
        for leg in group:
            table[leg.edge].append((min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)))
    total_mm = 0
    for edge, passes in by_edge.items():
        if len(passes) <= passes_free and edge not in history:
            continue
        cuts = sorted({mm for piece in (*passes, *history[edge]) for mm in piece})
        for low, high in itertools.pairwise(cuts):
            times = sum(a <= low and high <= b for a, b in passes)
            times += any(a <= low and high <= b for a, b in history[edge])
            total_mm += (high - low) * max(0, times - passes_free)
    return total_mm

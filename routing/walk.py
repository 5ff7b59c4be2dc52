"""From what must be walked to the walk itself: legs in order, stops on them, and the measured route.

Problem: a solver decides how often each stretch of floor is passed; the picker needs one walk.
Method: the passes form a multigraph whose vertices are the points where passes begin and end. Where an
Euler trail exists, Hierholzer's algorithm finds one; among the passes left at a point it takes one that
does not turn back, then the stretch with most passes left, so that the last two are not the same stretch.
Complexity: O(p log p) for p passes, O(l + s log s) to place s stops on l legs.
Limits: the preference is local; the trail need not have the fewest U-turns of all trails.

References
----------
.. [1] C. Hierholzer, C. Wiener, Ueber die Moeglichkeit, einen Linienzug ohne Wiederholung und ohne
   Unterbrechung zu umfahren, Mathematische Annalen 6, 30-32, 1873.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.problem import Measure, PickProblem, Policy, PolicyName
from routing.rates import count_arms, crossings_mm, walk_ms
from routing.route import Certificate, Leg, Pick, Route, Stop
from warehouse.floor import EITHER_SIDE, EdgeKind, Floor, Spot, Stretch

Point = int | tuple[int, int] | tuple[int, int, int]
"""A point of the floor: a node's number, or (edge, offset_mm) strictly inside an edge; `ladder_walk` adds a side."""


@dataclass(frozen=True, slots=True)
class Pass:
    """`count` passes over one stretch of edge `edge`, its ends measured in mm from the edge's tail.

    For a directed walk every pass runs from `from_mm` to `to_mm`. A `step_in` pass is `count` entries
    in and back, from the mouth at `from_mm` to the depth at `to_mm`. `side` is that of a wide aisle.
    """

    edge: int
    from_mm: int
    to_mm: int
    count: int = 1
    step_in: bool = False
    side: int = EITHER_SIDE


@dataclass(frozen=True, slots=True)
class Move:
    """One way to leave a point: over piece `piece`, as `leg`, to point `to`."""

    piece: int
    stretch: tuple[int, int, int]
    leg: Leg
    to: Point


def point_of(floor: Floor, spot: Spot) -> Point:
    """The point of the floor that `spot` names; two spots are the same point if these are equal."""
    return _point(floor, spot.edge, spot.offset_mm)


def _point(floor: Floor, index: int, offset_mm: int) -> Point:
    """`point_of` without a spot, which takes longer to make than its point to find."""
    edge = floor.edges[index]
    if offset_mm == 0:
        return edge.tail
    return edge.head if offset_mm == edge.length_mm else (index, offset_mm)


def walk_undirected(floor: Floor, passes: Sequence[Pass], start: Spot, end: Spot | None) -> tuple[Leg, ...]:
    """A walk from `start` to `end` that uses every pass once, each in either direction.

    Parameters
    ----------
    floor
        The floor the passes lie on. Its one-way rules are not looked at here.
    passes
        What must be walked. Passes meet where they share a point; they are cut at each other's ends.
    start, end
        Where the walk begins and ends; without an end, wherever the passes leave it to end.

    Returns
    -------
    tuple of Leg
        Without legs of no length; steps in the same direction on one edge are one leg.

    Raises
    ------
    ValueError
        If no such walk exists.
    """
    return _walk(floor, passes, start, end, directed=False)


def walk_directed(floor: Floor, passes: Sequence[Pass], start: Spot, end: Spot | None) -> tuple[Leg, ...]:
    """A walk from `start` to `end` that uses every pass once, each from its `from_mm` to its `to_mm`.

    Parameters, result and errors are those of `walk_undirected`.
    """
    return _walk(floor, passes, start, end, directed=True)


def _walk(floor: Floor, passes: Sequence[Pass], start: Spot, end: Spot | None, *, directed: bool) -> tuple[Leg, ...]:
    moves: dict[Point, list[Move]] = defaultdict(list)
    left: list[int] = []
    spots = [start] if end is None else [start, end]
    for each in cut(passes, spots):
        stretch = (each.edge, min(each.from_mm, each.to_mm), max(each.from_mm, each.to_mm))
        tail, head = _point(floor, each.edge, each.from_mm), _point(floor, each.edge, each.to_mm)
        piece = len(left)
        left.append(each.count)
        moves[tail].append(Move(piece, stretch, Leg(each.edge, each.from_mm, each.to_mm), head))
        if not directed:
            moves[head].append(Move(piece, stretch, Leg(each.edge, each.to_mm, each.from_mm), tail))
    trail = euler_trail(moves, left, point_of(floor, start))
    legs = tuple(_merged(_with_step_ins(floor, trail, passes, start)))
    at = point_of(floor, start)
    for leg in legs:
        if _point(floor, leg.edge, leg.from_mm) != at:
            raise ValueError("the passes do not form one walk: some point is entered and left unequally often")
        at = _point(floor, leg.edge, leg.to_mm)
    if end is not None and at != point_of(floor, end):
        raise ValueError(f"the passes do not lead to the end {end}")
    return legs


def cut(passes: Sequence[Pass], spots: Iterable[Spot]) -> Iterator[Pass]:
    """The cart's passes, cut wherever another one ends or the walk starts or ends within them."""
    ends: dict[int, set[int]] = defaultdict(set)
    for spot in spots:
        ends[spot.edge].add(spot.offset_mm)
    for each in passes:
        if not each.step_in:
            ends[each.edge].update((each.from_mm, each.to_mm))
    for each in passes:
        if each.step_in or each.count == 0:
            continue
        if each.from_mm != each.to_mm and len(ends[each.edge]) == 2:  # its own
            yield each
            continue
        low, high = min(each.from_mm, each.to_mm), max(each.from_mm, each.to_mm)
        cuts = sorted(offset for offset in ends[each.edge] if low <= offset <= high)
        if each.from_mm > each.to_mm:
            cuts.reverse()
        for from_mm, to_mm in itertools.pairwise(cuts):
            yield Pass(each.edge, from_mm, to_mm, each.count, side=each.side)


def euler_trail(moves: dict[Point, list[Move]], left: list[int], start: Point) -> list[Leg]:
    """The legs of Hierholzer's trail from `start`; raises ValueError if passes stay out of reach."""
    stack: list[tuple[Point, Move | None]] = [(start, None)]
    trail: list[Leg] = []
    while stack:
        at, arrived = stack[-1]
        best: Move | None = None
        best_rank = (False, 0)
        for move in moves.get(at, ()):
            if not left[move.piece]:
                continue
            rank = (arrived is None or arrived.stretch != move.stretch, left[move.piece])
            if best is None or rank > best_rank:
                best, best_rank = move, rank
        if best is None:
            stack.pop()
            if arrived is not None:
                trail.append(arrived.leg)
            continue
        left[best.piece] -= 1
        stack.append((best.to, best))
    if any(left):
        raise ValueError("the passes do not hang together with the start")
    trail.reverse()
    return trail


def _with_step_ins(floor: Floor, trail: Sequence[Leg], passes: Sequence[Pass], start: Spot) -> Iterator[Leg]:
    """The trail with every step-in put in where the walk first comes by its mouth."""
    waiting: dict[Point, list[Pass]] = defaultdict(list)
    for each in passes:
        if each.step_in and each.from_mm != each.to_mm:
            waiting[_point(floor, each.edge, each.from_mm)] += [each] * each.count
    if not waiting:
        yield from trail
        return
    points = [point_of(floor, start), *(_point(floor, leg.edge, leg.to_mm) for leg in trail)]
    for point, leg in zip(points, [None, *trail], strict=True):
        if leg is not None:
            yield leg
        for each in waiting.pop(point, ()):
            yield Leg(each.edge, each.from_mm, each.to_mm, step_in=True)
            yield Leg(each.edge, each.to_mm, each.from_mm, step_in=True)
    if waiting:
        raise ValueError("the walk does not come by the mouth of a step-in")


def _merged(legs: Iterable[Leg]) -> Iterator[Leg]:
    """The same walk with steps in one direction on one edge taken as one leg."""
    last: Leg | None = None
    for leg in legs:
        if leg.from_mm == leg.to_mm:
            continue
        if (
            last is not None
            and (last.edge, last.to_mm, last.step_in) == (leg.edge, leg.from_mm, leg.step_in)
            and (last.to_mm > last.from_mm) == (leg.to_mm > leg.from_mm)
        ):
            last = Leg(last.edge, last.from_mm, leg.to_mm, last.step_in)
            continue
        if last is not None:
            yield last
        last = leg
    if last is not None:
        yield last


def place_stops(
    problem: PickProblem, legs: Sequence[Leg], choice: Sequence[Pick]
) -> tuple[tuple[Leg, ...], tuple[Stop, ...]]:
    """Halt at every chosen bin, the first time the walk comes by.

    Parameters
    ----------
    problem
        Says where each bin lies.
    legs
        The walk, from `problem.start`.
    choice
        What is taken for which line out of which bin; the bins must be sources of those lines.

    Returns
    -------
    legs, stops
        The legs cut at the stops, and one stop for every bin in walking order. Bins at one spot give
        consecutive stops; a bin on an in-and-back arm is picked on the way in.

    Raises
    ------
    ValueError
        If a pick names a bin that is no source of its line, or the walk misses a bin.
    """
    halts = halts_at(problem, choice)
    inside: dict[int, dict[int, list[Stop]]] = defaultdict(dict)
    at_node: dict[Point, list[Stop]] = {}
    for point, stops_here in halts.items():
        if isinstance(point, int):
            at_node[point] = stops_here
        else:
            inside[point[0]][point[1]] = stops_here
    cut: list[Leg] = []
    stops: list[Stop] = []

    def halt(waiting: list[Stop]) -> None:
        stops.extend(Stop(len(cut), stop.spot, stop.picks) for stop in waiting)

    start = point_of(problem.floor, problem.start)
    halt(at_node.pop(start, []) if isinstance(start, int) else inside[start[0]].pop(start[1], []))
    for leg in legs:
        here = inside.get(leg.edge)
        from_mm = leg.from_mm
        if here:
            low, high = min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)
            offsets = sorted((each for each in here if low <= each <= high), reverse=leg.from_mm > leg.to_mm)
            for offset in offsets:
                if offset != from_mm:
                    cut.append(Leg(leg.edge, from_mm, offset, leg.step_in))
                    from_mm = offset
                halt(here.pop(offset))
        if from_mm != leg.to_mm:
            cut.append(leg if from_mm == leg.from_mm else Leg(leg.edge, from_mm, leg.to_mm, leg.step_in))
        point = _point(problem.floor, leg.edge, leg.to_mm)
        if point in at_node:
            halt(at_node.pop(point))
    missed = [stop for waiting in at_node.values() for stop in waiting]
    missed += [stop for edge in inside.values() for waiting in edge.values() for stop in waiting]
    if missed:
        raise ValueError(f"the walk does not come by bin {missed[0].picks[0].bin}")
    return tuple(cut), tuple(stops)


def halts_at(problem: PickProblem, choice: Sequence[Pick]) -> dict[Point, list[Stop]]:
    """For every point with chosen bins one stop a bin, in the order of the choice, side by side in wide aisles."""
    spots = {(line.line, source.bin): source.spot for line in problem.lines for source in line.sources}
    picks: dict[tuple[Point, str], list[Pick]] = defaultdict(list)
    spot_at: dict[tuple[Point, str], Spot] = {}
    for pick in choice:
        spot = spots.get((pick.line, pick.bin))
        if spot is None:
            raise ValueError(f"bin {pick.bin} is no source of line {pick.line}")
        key = (point_of(problem.floor, spot), pick.bin)
        picks[key].append(pick)
        spot_at.setdefault(key, spot)
    halts: dict[Point, list[Stop]] = defaultdict(list)
    for key, picked in picks.items():
        halts[key[0]].append(Stop(0, spot_at[key], tuple(picked)))
    if problem.floor.has_crossings:
        for stops in halts.values():
            stops.sort(key=lambda stop: stop.spot.side)
    return halts


def certify(
    problem: PickProblem,
    legs: Sequence[Leg],
    stops: Sequence[Stop],
    *,
    policy: Policy,
    distance_bound_mm: int,
    backtrack_bound_mm: int,
    solver: str,
    seed: int,
    duration_ms: float,
    walk_bound_ms: int = 0,
    shortest_mm: int = 0,
) -> Route:
    """The route of these legs and stops, measured, with the bounds its solver vouches for.

    Parameters
    ----------
    problem, legs, stops
        The walk from `problem.start` and where it halts.
    policy, distance_bound_mm, backtrack_bound_mm, walk_bound_ms
        Lower bounds over all bin choices and walks, as `Certificate` says. The route counts as proven
        when it meets them in the order and measure of `policy`; the trade's rules are never proven.
    shortest_mm
        The distance of the shortest route known, if the policy limits detours.
    solver, seed, duration_ms
        Who found it, from which seed, in what time.
    """
    crossing_mm = crossings_mm(problem, legs, stops)
    distance_mm = sum(leg.length_mm for leg in legs) + crossing_mm
    backtrack_mm = measure_backtrack_mm(problem.floor, legs, problem.walked)
    takes_ms = walk_ms(problem, legs, stops)
    by_distance = policy.measure is Measure.DISTANCE
    proven = distance_mm == distance_bound_mm if by_distance else takes_ms == walk_bound_ms
    proven = proven and policy.name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)
    if policy.name is PolicyName.NO_BACKTRACK:
        proven = proven and backtrack_mm == backtrack_bound_mm
    certificate = Certificate(
        distance_mm=distance_mm,
        backtrack_mm=backtrack_mm,
        stops=len({pick.bin for stop in stops for pick in stop.picks}),
        u_turns=sum(_turns_back(a, b) for a, b in itertools.pairwise(legs)),
        cross_thrice_mm=_beyond_mm(problem.floor, legs, (), EdgeKind.CROSS, passes_free=2),
        distance_bound_mm=distance_bound_mm,
        backtrack_bound_mm=backtrack_bound_mm,
        proven=proven,
        policy=policy,
        solver=solver,
        seed=seed,
        duration_ms=duration_ms,
        arms=count_arms(problem.floor, legs),
        walk_ms=takes_ms,
        walk_bound_ms=walk_bound_ms,
        shortest_mm=shortest_mm,
        crossing_mm=crossing_mm,
    )
    return Route(problem.start, tuple(legs), tuple(stops), certificate)


def measure_backtrack_mm(floor: Floor, legs: Sequence[Leg], walked: Sequence[Stretch]) -> int:
    """Aisle floor in mm that `legs` pass after its first pass, `walked` counting as passed once."""
    return _beyond_mm(floor, legs, walked, EdgeKind.AISLE, passes_free=1)


def _turns_back(a: Leg, b: Leg) -> bool:
    return a.edge == b.edge and (a.to_mm > a.from_mm) != (b.to_mm > b.from_mm)


def _beyond_mm(
    floor: Floor, legs: Sequence[Leg], walked: Sequence[Stretch], kind: EdgeKind, *, passes_free: int
) -> int:
    """Floor of `kind` in mm passed by the cart after its first `passes_free` passes, each pass counted."""
    walks: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for leg in legs:
        if not leg.step_in and floor.edges[leg.edge].kind is kind:
            walks[leg.edge].append((min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)))
    history: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for stretch in walked:
        history[stretch.edge].append((stretch.from_mm, stretch.to_mm))
    beyond_mm = 0
    for edge, ranges in walks.items():
        before = history.get(edge, [])
        if len(ranges) <= passes_free and not before:
            continue
        cuts = sorted({offset for pair in ranges + before for offset in pair})
        for low, high in itertools.pairwise(cuts):
            passes = sum(a <= low and high <= b for a, b in ranges)
            free = passes_free - any(a <= low and high <= b for a, b in before)
            beyond_mm += (high - low) * max(0, passes - free)
    return beyond_mm

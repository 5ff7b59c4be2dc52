"""A walk on a floor with wide aisles: which side is walked when, and where it halts.

Problem
    As in `walk`, where passes in wide aisles are told by side and bins are reached from their own side alone.
Method
    The sides of a wide aisle are lanes with points of their own, joined by rungs that are passed like any floor.
    The trail through all of it says which side is walked at any time, so a bin is picked when the walk first
    comes by on its side. Legs then forget their side: that of the stops tells where the picker crosses.
Complexity
    That of `walk`.
Limits
    As in `walk`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from routing.problem import PickProblem
from routing.route import Leg, Pick, Stop
from routing.walk import Move, Pass, Point, cut, euler_trail, halts_at, point_of
from warehouse.floor import EITHER_SIDE, LEFT_SIDE, RIGHT_SIDE, Floor, Spot


@dataclass(frozen=True, slots=True)
class SidedLeg(Leg):
    """A leg along one side of an aisle; one without length goes over to that side."""

    side: int = EITHER_SIDE


@dataclass(frozen=True, slots=True)
class Rung:
    """`count` times from one side of a wide aisle to the other."""

    edge: int
    at_mm: int
    count: int


@dataclass(frozen=True, slots=True)
class StepIn:
    """A way into an aisle from the mouth at `mouth_mm` to `depth_mm` and back, in wide aisles by side."""

    edge: int
    mouth_mm: int
    depth_mm: int
    side: int = EITHER_SIDE
    side_back: int = EITHER_SIDE


Part = Pass | Rung | StepIn


def walk_by_side(floor: Floor, parts: Sequence[Part], start: Spot) -> tuple[SidedLeg, ...]:
    """A walk from `start` that uses every pass and every rung once, and every step-in where it comes by its mouth.

    Parameters
    ----------
    floor
        The floor the parts lie on.
    parts
        What is to be walked. Passes along wide aisles have a side; none is a step-in.
    start
        Where the walk begins.

    Returns
    -------
    tuple of SidedLeg
        The first one has no length: it tells the side on which the walk begins.

    Raises
    ------
    ValueError
        If there is no such walk.
    """
    moves: dict[Point, list[Move]] = defaultdict(list)
    left: list[int] = []
    rungs = [each for each in parts if isinstance(each, Rung) and each.count]
    passes = [each for each in parts if isinstance(each, Pass)]

    def add(there: SidedLeg, back: SidedLeg, count: int) -> None:
        stretch = there.edge, min(there.from_mm, there.to_mm), max(there.from_mm, there.to_mm)
        tail, head = (_point(floor, Spot(leg.edge, leg.to_mm, leg.side)) for leg in (back, there))
        moves[tail].append(Move(len(left), stretch, there, head))
        moves[head].append(Move(len(left), stretch, back, tail))
        left.append(count)

    turns = [Spot(rung.edge, rung.at_mm) for rung in rungs]
    for each in cut(passes, [start, *turns]):
        there = SidedLeg(each.edge, each.from_mm, each.to_mm, side=each.side)
        add(there, SidedLeg(each.edge, each.to_mm, each.from_mm, side=each.side), each.count)
    for rung in rungs:
        left_side, right_side = (
            SidedLeg(rung.edge, rung.at_mm, rung.at_mm, side=side) for side in (LEFT_SIDE, RIGHT_SIDE)
        )
        add(right_side, left_side, rung.count)
    begin = _begin(floor, moves, left, start)
    trail = [leg for leg in euler_trail(moves, left, begin) if isinstance(leg, SidedLeg)]
    side = begin[2] if isinstance(begin, tuple) and len(begin) == 3 and begin in moves else start.side
    here = SidedLeg(start.edge, start.offset_mm, start.offset_mm, side=side)
    step_ins = [each for each in parts if isinstance(each, StepIn)]
    return tuple(_with_step_ins(floor, [here, *trail], step_ins))


def walked_mm(floor: Floor, legs: Sequence[SidedLeg]) -> int:
    """How far one walks from the begin to the end of `legs`, crossings included."""
    return sum(leg.length_mm or floor.edges[leg.edge].crossing_mm for leg in legs[1:])


def _point(floor: Floor, spot: Spot) -> Point:
    """The point of a spot at a side: inside wide aisles each side has its own."""
    side = floor.side_of(spot)
    return (spot.edge, spot.offset_mm, side) if side else point_of(floor, spot)


def _begin(floor: Floor, moves: dict[Point, list[Move]], left: list[int], start: Spot) -> Point:
    """The point where the trail begins: the start's, or, if it may be at either side, one from which a trail leads."""
    edge = floor.edges[start.edge]
    if not edge.crossing_mm or start.side or floor.node_at(start) is not None:
        return _point(floor, start)
    sides = [(start.edge, start.offset_mm, side) for side in (LEFT_SIDE, RIGHT_SIDE)]
    degrees = [sum(left[move.piece] for move in moves.get(point, ())) for point in sides]
    return max(zip(sides, degrees, strict=True), key=lambda each: (each[1] % 2, each[1]))[0]


def _with_step_ins(floor: Floor, trail: Sequence[SidedLeg], step_ins: Iterable[StepIn]) -> Iterator[SidedLeg]:
    """The trail with every step-in put in where the walk first comes by its mouth."""
    waiting: dict[Point, list[StepIn]] = defaultdict(list)
    for each in step_ins:
        waiting[point_of(floor, Spot(each.edge, each.mouth_mm))].append(each)
    for leg in trail:
        yield leg
        for each in waiting.pop(point_of(floor, Spot(leg.edge, leg.to_mm)), ()):
            yield SidedLeg(each.edge, each.mouth_mm, each.depth_mm, step_in=True, side=each.side)
            if each.side != each.side_back:
                yield SidedLeg(each.edge, each.depth_mm, each.depth_mm, step_in=True, side=each.side_back)
            yield SidedLeg(each.edge, each.depth_mm, each.mouth_mm, step_in=True, side=each.side_back)
    if waiting:
        raise ValueError("the walk does not come by the mouth of a step-in")


def place_stops_by_side(
    problem: PickProblem, legs: Sequence[SidedLeg], choice: Sequence[Pick]
) -> tuple[tuple[Leg, ...], tuple[Stop, ...]]:
    """Halt at every chosen bin, the first time the walk comes by on its side.

    Parameters
    ----------
    problem, choice
        As for `walk.place_stops`.
    legs
        The walk of `walk_by_side`.

    Returns
    -------
    legs, stops
        Legs without sides, cut at the stops alone, and one stop for every bin in walking order.

    Raises
    ------
    ValueError
        If a pick names a bin that is no source of its line, or the walk misses a bin.
    """
    floor, waiting = problem.floor, halts_at(problem, choice)
    offsets: dict[int, list[int]] = defaultdict(list)
    for point in sorted(point for point in waiting if not isinstance(point, int)):
        offsets[point[0]].append(point[1])
    walked: list[Leg] = []
    stops: list[Stop] = []
    for leg in legs:
        low, high = min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)
        between = [offset for offset in offsets[leg.edge] if low <= offset <= high]
        at = leg.from_mm
        for offset in (*(between if leg.to_mm == high else between[::-1]), leg.to_mm):
            if offset != at:
                _walk_on(walked, stops, Leg(leg.edge, at, offset, leg.step_in))
                at = offset
            here = waiting.get(point_of(floor, Spot(leg.edge, offset)), [])
            for stop in [stop for stop in here if not leg.side or floor.side_of(stop.spot) in (EITHER_SIDE, leg.side)]:
                stops.append(replace(stop, after_leg=len(walked)))
                here.remove(stop)
    missed = [stop for left in waiting.values() for stop in left]
    if missed:
        raise ValueError(f"the walk does not come by bin {missed[0].picks[0].bin}")
    return tuple(walked), tuple(stops)


def _walk_on(walked: list[Leg], stops: Sequence[Stop], leg: Leg) -> None:
    """Add a leg, as a part of the last one if that goes the same way without a stop between."""
    last = walked[-1] if walked else None
    if (
        last is not None
        and (last.edge, last.to_mm, last.step_in) == (leg.edge, leg.from_mm, leg.step_in)
        and (last.to_mm > last.from_mm) == (leg.to_mm > leg.from_mm)
        and not (stops and stops[-1].after_leg == len(walked))
    ):
        walked[-1] = replace(last, to_mm=leg.to_mm)
    else:
        walked.append(leg)

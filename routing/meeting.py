"""When pickers meet head-on: who is in which narrow aisle when, and whose ways cross there.

Problem
    In an aisle edge that is not wide, two carts cannot pass each other. Given the planned walks of several
    pickers, each with the second it begins, find the aisle edges in which two of them would meet.
Method
    A walk with a pace is a line in time and floor. A *visit* is the part of it between entering an aisle
    edge and leaving it again: a chain of straight pieces, level where the picker halts. Two visits to one
    edge meet if some point strictly inside the edge is reached by both within `slack_s` of each other;
    pickers who walk the edge in the same one direction only queue, which is no meeting. Crossings of
    straight pieces are found by comparing the times at both ends of the floor they share.
    The price of a meeting is the time the later of the two waits at the mouth until the other has left.
Complexity
    O(v * p^2) for v visits to the same edge of p pieces each.
Limits
    Meetings are found one pair at a time: waiting for one shifts no other. Halts take their mean time.
    Carts left at a mouth during a step-in stand in the cross aisle and hinder nobody.
Source
    Reservations of floor in time are the common tool of traffic control for vehicles on a guide path:
    Kim, C. W. and Tanchoco, J. M. A. (1991). Conflict-free shortest-time bidirectional AGV routeing.
    International Journal of Production Research 29(12).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.route import Leg, Route
from warehouse.floor import Floor

Piece = tuple[tuple[float, int], tuple[float, int]]
"""From (second, mm) to (second, mm): straight through time and along an edge."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast pickers are expected to walk and pick.

    The defaults are planning values for a cart pushed on foot; a site measures its own. Pickers within
    `slack_s` of each other count as meeting, since nobody keeps a plan to the second.

    Raises
    ------
    ValueError
        If nobody would move, or a time is negative.
    """

    speed_mm_s: float = 1200.0
    stop_s: float = 6.0
    unit_s: float = 2.0
    slack_s: float = 5.0

    def __post_init__(self) -> None:
        if self.speed_mm_s <= 0 or min(self.stop_s, self.unit_s, self.slack_s) < 0:
            raise ValueError(f"{self} is no pace anybody can keep")

    def walk_mm(self, seconds: float) -> int:
        """How far one walks in that time: what waiting is worth."""
        return round(seconds * self.speed_mm_s)

    def duration_s(self, route: Route) -> float:
        """How long a route takes from its start to its end."""
        walking_s = route.certificate.distance_mm / self.speed_mm_s
        return walking_s + sum(self._halt_s(pick.quantity for pick in stop.picks) for stop in route.stops)

    def halts_s(self, route: Route) -> dict[int, float]:
        """Seconds halted after so many legs."""
        halts: dict[int, float] = defaultdict(float)
        for stop in route.stops:
            halts[stop.after_leg] += self._halt_s(pick.quantity for pick in stop.picks)
        return halts

    def _halt_s(self, quantities: Iterable[int]) -> float:
        return self.stop_s + self.unit_s * sum(quantities)


@dataclass(frozen=True, slots=True)
class Visit:
    """One picker's time in one aisle edge of `length_mm`: where on it (offset from its tail) at which second.

    The times ascend, and a halt has two points at one offset. `way` is 1 or -1 if the picker walks in one
    direction only, from the tail or towards it, and 0 if he turns.
    """

    edge: int
    length_mm: int
    points: tuple[tuple[float, int], ...]

    @property
    def enters_s(self) -> float:
        """When the picker comes in."""
        return self.points[0][0]

    @property
    def leaves_s(self) -> float:
        """When the picker is out again."""
        return self.points[-1][0]

    @property
    def way(self) -> int:
        """The one direction in which the edge is walked, 0 if there are two."""
        rises = [after[1] - before[1] for before, after in itertools.pairwise(self.points)]
        return (min(rises, default=0) >= 0) - (max(rises, default=0) <= 0)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two pickers in one aisle edge who cannot both go on: `wait_s` is what the later waits at the mouth."""

    edge: int
    wait_s: float


def visits(floor: Floor, route: Route, pace: Pace, begin_s: float = 0.0, *, from_leg: int = 0) -> tuple[Visit, ...]:
    """The visits of a planned walk to narrow aisle edges.

    Parameters
    ----------
    floor
        Which edges are narrow.
    route, pace
        The walk and how fast it is walked.
    begin_s
        The second at which it begins, or, given `from_leg`, at which the picker sets out on that leg.
    from_leg
        The legs before it have been walked, and the halts after them are over.

    Returns
    -------
    tuple of Visit
        In walking order. Walks without the cart are none.
    """
    halts = pace.halts_s(route)
    now_s = begin_s + (halts.get(0, 0.0) if from_leg == 0 else 0.0)
    walked_s: list[tuple[float, float]] = []
    for number, leg in enumerate(route.legs[from_leg:], from_leg + 1):
        arrived_s = now_s + leg.length_mm / pace.speed_mm_s
        walked_s.append((now_s, arrived_s))
        now_s = arrived_s + halts.get(number, 0.0)
    return timed_visits(floor, route.legs[from_leg:], walked_s, now_s)


def timed_visits(
    floor: Floor, legs: Sequence[Leg], walked_s: Sequence[tuple[float, float]], end_s: float
) -> tuple[Visit, ...]:
    """The visits to narrow aisle edges of a walk whose times are known.

    Parameters
    ----------
    floor
        Which edges are narrow.
    legs, walked_s
        The walk, and from when to when each leg was walked.
    end_s
        When the last halt was over.
    """
    found: list[Visit] = []
    points: list[tuple[float, int]] = []
    leaves_s = [left_s for left_s, _ in walked_s[1:]] + [end_s]
    for number, (leg, (left_s, arrived_s), on_s) in enumerate(zip(legs, walked_s, leaves_s, strict=True), 1):
        if leg.edge not in floor.narrow or leg.step_in:
            continue
        length_mm = floor.edges[leg.edge].length_mm
        points = points or [(left_s, leg.from_mm)]
        points.append((arrived_s, leg.to_mm))
        at_mouth = leg.to_mm in (0, length_mm)
        if on_s > arrived_s and not at_mouth:
            points.append((on_s, leg.to_mm))
        if at_mouth or number == len(legs):
            found.append(Visit(leg.edge, length_mm, tuple(points)))
            points = []
    return tuple(found)


class Bookings:
    """The visits of walks under way or planned before, by aisle edge."""

    def __init__(self, booked: Iterable[Visit] = ()) -> None:
        self._by_edge: dict[int, list[Visit]] = defaultdict(list)
        self.book(booked)

    def book(self, booked: Iterable[Visit]) -> None:
        """Reserve the floor of one more walk."""
        for visit in booked:
            self._by_edge[visit.edge].append(visit)

    @property
    def visits(self) -> tuple[Visit, ...]:
        """All that is booked."""
        return tuple(visit for each in self._by_edge.values() for visit in each)

    def meetings(self, walk: Sequence[Visit], slack_s: float) -> tuple[Meeting, ...]:
        """Whom a new walk would meet head-on, and what waiting for each other would take."""
        return tuple(
            Meeting(mine.edge, _wait_s(mine, other))
            for mine in walk
            for other in self._by_edge.get(mine.edge, ())
            if meet(mine, other, slack_s)
        )


def meet(a: Visit, b: Visit, slack_s: float) -> bool:
    """Whether two visits to one edge lead to a head-on meeting."""
    if a.way == b.way != 0:
        return False
    if a.enters_s > b.leaves_s + slack_s or b.enters_s > a.leaves_s + slack_s:
        return False
    return any(_touch(p, q, a.length_mm, slack_s) for p in _pieces(a) for q in _pieces(b))


def _wait_s(a: Visit, b: Visit) -> float:
    """How long the one who comes later waits until the other is out."""
    first, second = (a, b) if a.enters_s <= b.enters_s else (b, a)
    return max(0.0, first.leaves_s - second.enters_s)


def _pieces(visit: Visit) -> Iterator[Piece]:
    return itertools.pairwise(visit.points)


def _touch(p: Piece, q: Piece, length_mm: int, slack_s: float) -> bool:
    """Whether some point inside the edge is reached on both pieces within the slack."""
    low = max(min(p[0][1], p[1][1]), min(q[0][1], q[1][1]), 1)
    high = min(max(p[0][1], p[1][1]), max(q[0][1], q[1][1]), length_mm - 1)
    if low > high:
        return False
    ahead_low, ahead_high = _ahead_s(p, q, low), _ahead_s(p, q, high)
    return min(abs(ahead_low), abs(ahead_high)) <= slack_s or (ahead_low > 0) != (ahead_high > 0)


def _ahead_s(p: Piece, q: Piece, at_mm: int) -> float:
    """How much later q comes to a point than p has left it; negative if p comes later, 0 if they are both there."""
    (p_from, p_to), (q_from, q_to) = _at(p, at_mm), _at(q, at_mm)
    return q_from - p_to if q_from > p_to else min(0.0, q_to - p_from)


def _at(piece: Piece, at_mm: int) -> tuple[float, float]:
    """From when to when a piece is at a point of it."""
    (from_s, from_mm), (to_s, to_mm) = piece
    if from_mm == to_mm:
        return from_s, to_s
    then_s = from_s + (to_s - from_s) * (at_mm - from_mm) / (to_mm - from_mm)
    return then_s, then_s

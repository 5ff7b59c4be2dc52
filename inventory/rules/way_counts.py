"""Which bins that are due for a count lie on the way of a run anyway.

Problem
    A picker walks past bins that somebody should count. Which of them can be counted without a metre more?
Method
    Those whose spot lies on a leg still ahead that is walked with the cart, in the order in which they are passed,
    up to a limit. A run carries none if the time they take might make one of its orders late.
Complexity
    O(legs + bins).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routing.meeting import Pace
from routing.route import Leg, Route, Stop
from warehouse.floor import Spot


@dataclass(frozen=True, slots=True)
class PassedBin:
    """A bin, by any number, that is passed after walking `way_mm` of the legs ahead."""

    number: int
    way_mm: int


def bins_passed(legs: Sequence[Leg], bins: Iterable[tuple[int, Spot]]) -> list[PassedBin]:
    """The bins that lie on the legs, in the order in which they are first passed.

    Examples
    --------
    >>> bins_passed([Leg(4, 5_000, 0), Leg(2, 0, 3_000)], [(1, Spot(2, 1_000)), (2, Spot(4, 2_000)), (3, Spot(9, 0))])
    [PassedBin(number=2, way_mm=3000), PassedBin(number=1, way_mm=6000)]
    """
    on_edge: dict[int, list[tuple[int, int]]] = {}
    for number, spot in bins:
        on_edge.setdefault(spot.edge, []).append((number, spot.offset_mm))
    passed: dict[int, int] = {}
    walked_mm = 0
    for leg in legs:
        low_mm, high_mm = min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)
        for number, offset_mm in [] if leg.step_in else on_edge.get(leg.edge, ()):
            if low_mm <= offset_mm <= high_mm:
                passed.setdefault(number, walked_mm + abs(offset_mm - leg.from_mm))
        walked_mm += leg.length_mm
    return sorted((PassedBin(*each) for each in passed.items()), key=lambda each: (each.way_mm, each.number))


def rest_s(route: Route, num_legs: int, pace: Pace) -> float:
    """How long the route takes after its first `num_legs` legs, stops that follow included."""
    walking_s = sum(leg.length_mm for leg in route.legs[num_legs:]) / pace.speed_mm_s
    ahead: list[Stop] = [stop for stop in route.stops if stop.after_leg >= num_legs]
    return walking_s + sum(pace.stop_s + pace.unit_s * sum(pick.quantity for pick in stop.picks) for stop in ahead)

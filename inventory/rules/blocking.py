"""Which floor is closed when a picker cannot get to a bin.

He knows no more than that: somewhere between where he entered its aisle and the bin something stands in the way.
That floor is closed, and a pallet's length behind the bin.
"""

from dataclasses import dataclass

from routing.route import Leg, Route, Stop
from warehouse.floor import Floor, Spot

PALLET_MM = 1200
"""The longer side of a pallet: what stands before a bin may reach that far behind it."""


@dataclass(frozen=True, slots=True)
class ClosedFloor:
    """Floor before a bin that cannot be walked for a time; the bin alone where both ends are the same."""

    bin_code: str
    edge: int
    from_mm: int
    to_mm: int

    def holds(self, spot: Spot) -> bool:
        """Whether a spot lies within."""
        return spot.edge == self.edge and self.from_mm < spot.offset_mm < self.to_mm

    def is_crossed_by(self, leg: Leg) -> bool:
        """Whether a leg leads over it; a bin that alone is out of reach is passed."""
        low_mm, high_mm = min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm)
        there = self.from_mm < self.to_mm and leg.edge == self.edge
        return there and low_mm < self.to_mm and self.from_mm < high_mm


def legs_to_block(route: Route, num_legs: int, stop: int) -> int:
    """How many legs were walked when the way to a stop was found blocked: up to where its aisle was entered.

    The first `num_legs` lead to where the picker was last.
    """
    upto = route.stops[stop].after_leg
    while upto > num_legs and route.legs[upto - 1].edge == route.stops[stop].spot.edge:
        upto -= 1
    return upto


def floor_to_close(floor: Floor, route: Route, num_legs: int, stop: Stop, bin_code: str) -> ClosedFloor:
    """The floor from where a picker is after `num_legs` legs to a bin, and a pallet's length behind it."""
    at, ahead = stop.spot, route.legs[num_legs : stop.after_leg]
    if not ahead or ahead[0].from_mm == at.offset_mm:
        return ClosedFloor(bin_code, at.edge, at.offset_mm, at.offset_mm)
    from_mm = ahead[0].from_mm
    if from_mm < at.offset_mm:
        return ClosedFloor(bin_code, at.edge, from_mm, min(at.offset_mm + PALLET_MM, floor.edges[at.edge].length_mm))
    return ClosedFloor(bin_code, at.edge, max(at.offset_mm - PALLET_MM, 0), from_mm)

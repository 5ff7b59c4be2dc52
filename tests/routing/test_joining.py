"""What lies on a planned path is taken along without a metre more."""

import random

from routing.bin_choice import Budget
from routing.joining import walk_past
from routing.problem import PickLine, PickProblem, Source
from routing.solve import solve
from routing.verify import verify
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([0, 3000, 6000, 9000], [0, 12000, 24000])
DOOR = Spot(0, 0)
SHORT = Budget(time_ms=None, iterations=20)


def line(name: str, quantity: int, *sources: tuple[Spot, int]) -> PickLine:
    return PickLine(name, quantity, tuple(Source(f"B{spot}", spot, units) for spot, units in sources))


def test_bins_that_are_passed_are_picked_on_the_same_legs() -> None:
    rng, joined = random.Random(8), 0
    for _ in range(60):
        spots = [Spot(rng.randrange(8), 1000 * rng.randrange(13)) for _ in range(12)]
        old = [line(f"old {number}", 1, (spots[number], 2)) for number in range(4)]
        route = solve(PickProblem(FLOOR, tuple(old), DOOR), budget=SHORT)
        kept = [pick for stop in route.stops for pick in stop.picks]
        sources = {spot: rng.randrange(1, 4) for spot in spots[4:]}
        grown = PickProblem(FLOOR, (*old, line("new", rng.randrange(1, 4), *sources.items())), DOOR)
        best = solve(grown, budget=SHORT)
        walk = walk_past(grown, route.legs, kept, best.certificate)
        passed = {
            (leg.edge, mm)
            for leg in route.legs
            for mm in range(min(leg.from_mm, leg.to_mm), max(leg.from_mm, leg.to_mm), 1000)
        }
        ends = {(leg.edge, mm) for leg in route.legs for mm in (leg.from_mm, leg.to_mm)}
        on_path = sum(units for spot, units in sources.items() if (spot.edge, spot.offset_mm) in passed | ends)
        if on_path >= grown.lines[-1].quantity and best.certificate.backtrack_mm == route.certificate.backtrack_mm:
            assert walk is not None
        if walk is not None:
            assert verify(grown, walk).faults == ()
            assert walk.certificate.distance_mm == route.certificate.distance_mm
            assert walk.certificate.backtrack_mm == route.certificate.backtrack_mm
            joined += 1
    assert joined > 15


def test_bins_halted_at_anyway_come_first() -> None:
    old = line("old", 1, (Spot(0, 5000), 5))
    route = solve(PickProblem(FLOOR, (old,), DOOR), budget=SHORT)
    grown = PickProblem(FLOOR, (old, line("new", 2, (Spot(0, 3000), 9), (Spot(0, 5000), 4))), DOOR)
    walk = walk_past(grown, route.legs, route.stops[0].picks, route.certificate)
    assert walk is not None
    assert walk.certificate.stops == 1


def test_bins_off_the_path_make_the_picker_go_elsewhere() -> None:
    old = line("old", 1, (Spot(0, 5000), 5))
    route = solve(PickProblem(FLOOR, (old,), DOOR), budget=SHORT)
    grown = PickProblem(FLOOR, (old, line("new", 2, (Spot(7, 3000), 9))), DOOR)
    assert walk_past(grown, route.legs, route.stops[0].picks, route.certificate) is None

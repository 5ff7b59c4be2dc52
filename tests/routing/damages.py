"""A catalogue of ways to damage a sound route, each with the words a fault about it must contain."""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from routing.problem import End, EndKind, Policy, PolicyName
from routing.route import Leg, Pick, Stop
from tests.routing.sound_routes import DOOR, SOUND, Case
from warehouse.floor import LEFT_SIDE, RIGHT_SIDE, Edge, Spot, Stretch


@dataclass(frozen=True)
class Damage:
    """What is done to the sound route `case`, and a pattern that some fault must match."""

    name: str
    case: str
    fault: str
    do: Callable[[Case], Case]

    def damaged(self) -> Case:
        """The damaged case."""
        return self.do(SOUND[self.case])


def _route(case: Case, **changes: Any) -> Case:
    return dataclasses.replace(case, route=dataclasses.replace(case.route, **changes))


def _problem(case: Case, **changes: Any) -> Case:
    return dataclasses.replace(case, problem=dataclasses.replace(case.problem, **changes))


def start(spot: Spot) -> Callable[[Case], Case]:
    """Let the route start elsewhere."""
    return lambda case: _route(case, start=spot)


def leg(index: int, **changes: Any) -> Callable[[Case], Case]:
    """Change fields of one leg."""
    return lambda case: legs(index, dataclasses.replace(case.route.legs[index], **changes))(case)


def legs(index: int, *new: Leg, size: int = 1) -> Callable[[Case], Case]:
    """Put `new` legs in the place of `size` legs from `index` on; stops keep their leg numbers."""
    return lambda case: _route(case, legs=(*case.route.legs[:index], *new, *case.route.legs[index + size :]))


def order(*indices: int) -> Callable[[Case], Case]:
    """Walk the same legs in another order."""
    return lambda case: _route(case, legs=tuple(case.route.legs[index] for index in indices))


def turned(case: Case) -> Case:
    """The walk from its end to its start, legs and all."""
    return _route(case, legs=tuple(Leg(each.edge, each.to_mm, each.from_mm) for each in reversed(case.route.legs)))


def stop(index: int, **changes: Any) -> Callable[[Case], Case]:
    """Change fields of one stop."""
    return lambda case: stops(index, dataclasses.replace(case.route.stops[index], **changes))(case)


def stops(index: int, *new: Stop, size: int = 1) -> Callable[[Case], Case]:
    """Put `new` stops in the place of `size` stops from `index` on."""
    return lambda case: _route(case, stops=(*case.route.stops[:index], *new, *case.route.stops[index + size :]))


def pick(index: int, **changes: Any) -> Callable[[Case], Case]:
    """Change fields of the first pick of one stop."""

    def do(case: Case) -> Case:
        first, *others = case.route.stops[index].picks
        return stop(index, picks=(dataclasses.replace(first, **changes), *others))(case)

    return do


def said(**changes: Any) -> Callable[[Case], Case]:
    """Change what the certificate says."""
    return lambda case: _route(case, certificate=dataclasses.replace(case.route.certificate, **changes))


def edge(index: int, **changes: Any) -> Callable[[Case], Case]:
    """Change an edge of the floor under the route."""

    def do(case: Case) -> Case:
        edges: list[Edge] = list(case.problem.floor.edges)
        edges[index] = dataclasses.replace(edges[index], **changes)
        return _problem(case, floor=dataclasses.replace(case.problem.floor, edges=tuple(edges)))

    return do


def blocked(*stretches: Stretch) -> Callable[[Case], Case]:
    """Block stretches of the floor under the route."""
    return lambda case: _problem(case, floor=dataclasses.replace(case.problem.floor, blocked=stretches))


def both(*steps: Callable[[Case], Case]) -> Callable[[Case], Case]:
    """Do several things, one after another."""

    def do(case: Case) -> Case:
        for step in steps:
            case = step(case)
        return case

    return do


def end(kind: EndKind, *spots: Spot) -> Callable[[Case], Case]:
    """Ask for another end."""
    return lambda case: _problem(case, end=End(kind, spots))


STEP_4_M = Policy(step_in_mm=4000)
CERTIFICATE_MISTAKES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a distance 1 mm too short": ("tour", "distance_mm is given as 51999", {"distance_mm": 51999}),
    "a distance 1 mm too long": ("tour", "distance_mm is given as 52001", {"distance_mm": 52001}),
    "no distance at all": ("tour", "distance_mm is given as 0", {"distance_mm": 0}),
    "a distance that is a fraction": ("tour", "distance_mm is given as 52000.0", {"distance_mm": 52000.0}),
    "a distance without its step-ins": ("step_in", "distance_mm is given as 3000", {"distance_mm": 3000}),
    "a hidden backtrack": ("arm", "backtrack_mm is given as 0", {"backtrack_mm": 0}),
    "a backtrack that counts the arm twice": ("arm", "backtrack_mm is given as 12000", {"backtrack_mm": 12000}),
    "a backtrack that forgets history": ("history", "backtrack_mm is given as 3000", {"backtrack_mm": 3000}),
    "a backtrack that counts history twice": ("history", "backtrack_mm is given as 8000", {"backtrack_mm": 8000}),
    "a backtrack that counts step-ins": ("step_in", "backtrack_mm is given as 6000", {"backtrack_mm": 6000}),
    "a backtrack that counts cross aisles": ("thrice", "backtrack_mm is given as 21000", {"backtrack_mm": 21000}),
    "a backtrack invented": ("tour", "backtrack_mm is given as 1", {"backtrack_mm": 1}),
    "stops that count picks": ("tour", "stops is given as 5", {"stops": 5}),
    "stops that count aisles": ("tour", "stops is given as 3", {"stops": 3}),
    "stops that are none": ("step_in", "stops is given as None", {"stops": None}),
    "a hidden U-turn": ("arm", "u_turns is given as 0", {"u_turns": 0}),
    "U-turns without the step-ins": ("step_in", "u_turns is given as 0", {"u_turns": 0}),
    "U-turns without the cross aisle's": ("thrice", "u_turns is given as 1", {"u_turns": 1}),
    "a U-turn invented": ("tour", "u_turns is given as 1", {"u_turns": 1}),
    "a hidden third walk of a cross aisle": ("thrice", "cross_thrice_mm is given as 0", {"cross_thrice_mm": 0}),
    "a second walk counted as a third": ("thrice", "cross_thrice_mm is given as 6000", {"cross_thrice_mm": 6000}),
    "a third walk invented": ("tour", "cross_thrice_mm is given as 3000", {"cross_thrice_mm": 3000}),
    "a distance without its crossings": ("wide", "distance_mm is given as 42000", {"distance_mm": 42000}),
    "a crossing invented": ("tour", "crossing_mm is given as 1", {"crossing_mm": 1}),
    "a crossing at a crossing": ("wide", "crossing_mm is given as 6000", {"crossing_mm": 6000}),
    "no way back across": ("back_across", "crossing_mm is given as 2000", {"crossing_mm": 2000}),
    "a time without crossings": ("wide", "walk_ms is given as 51000", {"walk_ms": 51000}),
    "a distance bound above the distance": ("tour", "distance_bound_mm.*between", {"distance_bound_mm": 52001}),
    "a negative distance bound": (
        "tour",
        "distance_bound_mm.*between",
        {"distance_bound_mm": -1, "proven": False},
    ),
    "a distance bound that is a fraction": ("tour", "distance_bound_mm.*between", {"distance_bound_mm": 51999.5}),
    "a backtrack bound above the backtrack": ("arm", "backtrack_bound_mm.*between", {"backtrack_bound_mm": 6001}),
    "a negative backtrack bound": ("tour", "backtrack_bound_mm.*between", {"backtrack_bound_mm": -1}),
    "a backtrack bound that is no number": ("tour", "backtrack_bound_mm.*between", {"backtrack_bound_mm": None}),
    "proven with a lower distance bound": ("tour", "proven, but distance_bound_mm", {"distance_bound_mm": 51999}),
    "proven with a lower backtrack bound": ("arm", "proven, but backtrack_bound_mm", {"backtrack_bound_mm": 5999}),
    "proven shortest with a lower bound": (
        "tour",
        "proven, but distance_bound_mm",
        {"distance_bound_mm": 50000, "policy": Policy(PolicyName.SHORTEST)},
    ),
    "proven by a rule of the trade": ("tour", "no best route", {"policy": Policy(PolicyName.S_SHAPE)}),
    "proven that is a word": ("tour", "proven is 'yes'", {"proven": "yes"}),
    "another policy than was asked for": (
        "tour",
        "policy is .* was asked for",
        {"policy": Policy(PolicyName.SHORTEST)},
    ),
    "a deeper step-in than was asked for": (
        "step_in",
        "policy is .* was asked for",
        {"policy": Policy(step_in_mm=9000)},
    ),
    "a step-in depth that is a fraction": ("tour", "step_in_mm 0.5", {"policy": Policy(step_in_mm=0.5)}),  # type: ignore[arg-type]
    "a seed that is no number": ("tour", "seed 'x'", {"seed": "x"}),
    "a limit of arms that is a fraction": ("timed", "u_turns_max 2.5", {"policy": Policy(u_turns_max=2.5)}),  # type: ignore[arg-type]
    "one arm more than the limit": (
        "timed",
        "^limits: the route has 2 in-and-back arms, 1 are",
        {"policy": Policy(u_turns_max=1)},
    ),
    "a detour beyond the limit": (
        "timed",
        "^limits: 47500 mm are walked, which is more than 24 percent",
        {"policy": Policy(detour_percent_max=24)},
    ),
    "a detour reckoned from a shorter route": ("timed", "^limits: 47500 mm are walked", {"shortest_mm": 37999}),
    "a detour reckoned from no route": ("timed", "percent of -1 mm limit nothing", {"shortest_mm": -1}),
    "a detour reckoned from nothing": ("timed", "^limits: 47500 mm are walked", {"shortest_mm": 0}),
    "a detour reckoned from a word": ("timed", "percent of 'x' mm limit nothing", {"shortest_mm": "x"}),
    "a time on the floor 1 ms too short": ("quickest", "walk_ms is given as 11749", {"walk_ms": 11749}),
    "a bound of the time above the time": ("quickest", "walk_bound_ms.*between", {"walk_bound_ms": 11751}),
    "proven quickest with a lower bound": ("quickest", "proven, but walk_bound_ms 11749", {"walk_bound_ms": 11749}),
    "an arm that is none": ("timed", "arms is given as 3", {"arms": 3}),
    "a solver that is a number": ("tour", "solver 7", {"solver": 7}),
    "a negative time": ("tour", "duration_ms -1", {"duration_ms": -1.0}),
    "a time that is not a number": ("tour", "duration_ms nan", {"duration_ms": math.nan}),
    "a time without end": ("tour", "duration_ms inf", {"duration_ms": math.inf}),
    "a time that is a word": ("tour", "duration_ms 'soon'", {"duration_ms": "soon"}),
    "no solver named": ("tour", "solver ''", {"solver": ""}),
    "a solver that is no name": ("tour", "solver None", {"solver": None}),
}

DAMAGES = [
    # The start and the end.
    Damage("starts further along its edge", "tour", r"start: .* is not the problem's start", start(Spot(6, 500))),
    Damage("starts at the next crossing", "tour", r"start: .* is not the problem's start", start(Spot(0, 10000))),
    Damage("starts on an edge that is not there", "tour", r"start: edge 99 does not exist", start(Spot(99, 0))),
    Damage("starts on a negative edge", "tour", r"start: edge -1 does not exist", start(Spot(-1, 0))),
    Damage("starts before its edge", "tour", r"start: -1 mm lies off", start(Spot(6, -1))),
    Damage("starts beyond its edge", "tour", r"start: 3001 mm lies off", start(Spot(6, 3001))),
    Damage("starts at a fraction", "tour", r"start: .* not all whole", start(Spot(6, 0.0))),  # type: ignore[arg-type]
    Damage("starts at the other side", "wide", r"start: .* is not the", start(Spot(0, 1000, RIGHT_SIDE))),
    Damage("starts at a third side", "tour", r"start: side 3 is none", start(Spot(6, 0, 3))),
    Damage("starts at a side that is no number", "tour", r"start: side True is none", start(Spot(6, 0, True))),
    Damage("halts at a third side", "wide", r"stop 0: side -1 is none", stop(0, spot=Spot(0, 4000, -1))),
    Damage(
        "picks from the other side",
        "wide",
        r"stop 0: bin A is reached from the side of",
        both(stop(0, spot=Spot(0, 4000, LEFT_SIDE)), said(distance_mm=49000, crossing_mm=7000, walk_ms=59000)),
    ),
    Damage("picks from no side", "wide", r"stop 1: bin B is reached from the side", stop(1, spot=Spot(0, 4000))),
    Damage(
        "ends at the other side",
        "wide",
        r"crossing_mm is given as 5000, the route's is 3000",
        end(EndKind.NEAREST, Spot(0, 3000, LEFT_SIDE)),
    ),
    Damage("starts nowhere", "tour", r"start: .* not all whole", start(Spot(None, 0))),  # type: ignore[arg-type]
    Damage("stays at home", "tour", r"after leg 1, but the route has 0", lambda case: _route(case, legs=())),
    Damage("does nothing", "tour", r"line a: 0 units", lambda case: _route(case, legs=(), stops=())),
    Damage("does not come home", "tour", r"end: .* is not the start", legs(11)),
    Damage("stops short of home", "tour", r"end: .* is not the start", leg(11, to_mm=1)),
    Damage("overshoots home", "tour", r"end: .* is not the start", legs(12, Leg(0, 0, 1000), size=0)),
    Damage(
        "ends at a station not allowed", "nearest", r"end: .* none of the allowed", end(EndKind.NEAREST, Spot(7, 3000))
    ),
    Damage("ends short of every station", "nearest", r"end: .* none of the allowed", leg(1, to_mm=2999)),
    Damage("ends past the station", "nearest", r"end: .* none of the allowed", legs(2, Leg(9, 0, 1), size=0)),
    Damage("ends open where home was asked for", "history", r"end: .* is not the start", end(EndKind.START)),
    # Legs that do not make a walk.
    Damage("misses its first leg", "tour", r"leg 0: begins at", legs(0)),
    Damage("misses a leg inside an aisle", "tour", r"leg 7: begins at", legs(7)),
    Damage("misses a leg through a cross aisle", "tour", r"leg 5: begins at", legs(5)),
    Damage("walks a leg twice", "tour", r"leg 3: begins at", legs(2, Leg(8, 0, 3000), Leg(8, 0, 3000))),
    Damage("swaps two legs", "tour", r"leg 2: begins at", order(0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11)),
    Damage("walks its legs from last to first", "tour", r"leg 0: begins at", order(*range(11, -1, -1))),
    Damage("walks one leg the other way", "tour", r"leg 2: begins at", leg(2, from_mm=3000, to_mm=0)),
    Damage("walks the parallel aisle", "tour", r"leg 3: begins at", leg(3, edge=1)),
    Damage("jumps through the rack", "tour", r"leg 1: begins at", leg(1, edge=2)),
    Damage("jumps over a gap in the aisle", "tour", r"leg 1: begins at", leg(1, from_mm=4001)),
    Damage("overlaps itself by a millimetre", "tour", r"leg 1: begins at", leg(1, from_mm=3999)),
    Damage("turns before the crossing", "tour", r"leg 2: begins at", leg(1, to_mm=9999)),
    Damage("walks back from end to start", "tour", r"stop 0: stands at", turned),
    Damage("walks through the wall", "tour", r"leg 11: 3001 mm lies off edge 6", leg(11, from_mm=3001)),
    Damage("walks off the floor's end", "tour", r"leg 6: 10001 mm lies off edge 5", leg(6, from_mm=10001)),
    Damage("walks below the edge's tail", "tour", r"leg 11: -5 mm lies off", leg(11, to_mm=-5)),
    Damage("walks an edge that is not there", "tour", r"leg 2: edge 12 does not exist", leg(2, edge=12)),
    Damage("walks a negative edge", "tour", r"leg 11: edge -6 does not exist", leg(11, edge=-6)),
    Damage("walks an edge by name", "tour", r"leg 2: edge 'x'", leg(2, edge="x")),
    Damage("walks fractions of a millimetre", "tour", r"leg 0: .* not all whole", leg(0, to_mm=4000.0)),
    Damage("walks to nowhere", "tour", r"leg 0: .* not all whole", leg(0, to_mm=None)),
    Damage("walks on edge true", "tour", r"leg 0: .* not all whole", leg(0, edge=True)),
    Damage("begins with a leg of no length", "tour", r"leg 0: has no length", legs(0, Leg(6, 0, 0), size=0)),
    Damage("has a leg of no length between", "tour", r"leg 2: has no length", legs(2, Leg(0, 10000, 10000), size=0)),
    Damage("ends with a leg of no length", "nothing", r"leg 0: has no length", legs(0, Leg(6, 0, 0), size=0)),
    Damage(
        "turns round after a millimetre and hides it",
        "nothing",
        r"u_turns is given as 0",
        legs(0, Leg(6, 0, 1), Leg(6, 1, 0)),
    ),
    Damage(
        "walks a loop its certificate hides",
        "nothing",
        r"distance_mm is given as 0",
        legs(0, Leg(6, 0, 5), Leg(6, 5, 0)),
    ),
    # One-way floor.
    Damage("walks an aisle against its way", "one_way", r"leg 3: .*one-way direction of edge 3", edge(3, direction=-1)),
    Damage("walks down against its way", "one_way", r"leg 8: .*one-way direction of edge 4", edge(4, direction=1)),
    Damage("walks a cross aisle against its way", "one_way", r"leg 2: .*one-way .* edge 8", edge(8, direction=-1)),
    Damage("walks home against the way", "one_way", r"leg 11: .*one-way .* edge 6", edge(6, direction=1)),
    Damage("turns round in a one-way aisle", "arm", r"leg 2: .*one-way direction of edge 2", edge(2, direction=1)),
    Damage(
        "sidles a metre back in a one-way aisle",
        "one_way",
        r"leg 1: .*one-way direction of edge 0",
        legs(0, Leg(0, 0, 5000), Leg(0, 5000, 4000)),
    ),
    Damage(
        "sidles a millimetre back in a one-way aisle",
        "one_way",
        r"leg 1: .*one-way direction of edge 0",
        legs(0, Leg(0, 0, 4001), Leg(0, 4001, 4000)),
    ),
    # Blocked floor.
    Damage("walks through blocked floor", "tour", r"leg 1: enters the blocked", blocked(Stretch(0, 6000, 7000))),
    Damage("walks a wholly blocked aisle", "tour", r"leg 6: enters the blocked", blocked(Stretch(5, 0, 10000))),
    Damage("walks a blocked cross aisle", "tour", r"leg 5: enters the blocked", blocked(Stretch(11, 1000, 1001))),
    Damage("halts inside blocked floor", "arm", r"leg 1: enters the blocked", blocked(Stretch(2, 5999, 8000))),
    Damage("leaves out of blocked floor", "history", r"leg 0: enters the blocked", blocked(Stretch(2, 3000, 5000))),
    Damage("steps into blocked floor", "step_in", r"leg 2: enters the blocked", blocked(Stretch(0, 6000, 7000))),
    Damage(
        "walks through the second blocked stretch",
        "tour",
        r"leg 4: enters the blocked",
        blocked(Stretch(2, 0, 5), Stretch(3, 9000, 10000)),
    ),
    # Steps into an aisle without the cart.
    Damage("steps in too deep by 1 mm", "step_in", r"4000 mm deep, but 3999", said(policy=Policy(step_in_mm=3999))),
    Damage("steps in where none may", "step_in", r"deep, but 0 mm is the limit", said(policy=Policy())),
    Damage("steps through a cross aisle", "step_in", r"edge 8, which is not an aisle", leg(0, step_in=True)),
    Damage(
        "steps into a one-way aisle", "step_in", r"step-in goes into edge 0, which is one-way", edge(0, direction=-1)
    ),
    Damage(
        "steps in from inside the aisle",
        "history",
        r"which is not an aisle's mouth",
        both(said(policy=STEP_4_M), leg(0, step_in=True)),
    ),
    Damage(
        "steps in at a crossing without a cross aisle",
        "step_in",
        r"not an aisle's mouth",
        lambda case: _lone_aisle(case),
    ),
    Damage("steps in and comes back with a cart", "step_in", r"does not come back", leg(3, step_in=False)),
    Damage("goes in with the cart and comes back without", "step_in", r"not an aisle's mouth", leg(1, step_in=False)),
    Damage("steps in and never comes back", "step_in", r"does not come back", both(legs(3, size=4), stops(2))),
    Damage("steps in and comes half the way back", "step_in", r"does not come back", leg(3, to_mm=8000)),
    Damage(
        "steps in at one end and out at the other",
        "nearest",
        r"does not come back",
        both(said(policy=Policy(step_in_mm=10000)), leg(0, step_in=True)),
    ),
    Damage(
        "steps back and forth inside an aisle",
        "step_in",
        r"goes back and forth",
        legs(3, Leg(0, 6000, 8000, True), Leg(0, 8000, 6000, True), Leg(0, 6000, 10000, True)),
    ),
    Damage(
        "steps through an aisle into the next cross aisle",
        "step_in",
        r"leg 1: step-in does not come back",
        legs(3, Leg(0, 6000, 0, True), Leg(6, 0, 10, True), Leg(6, 10, 0, True), Leg(0, 0, 10000, True)),
    ),
    Damage(
        "steps through to the other end of an aisle and back",
        "step_in",
        r"step-in goes through to the other end of edge 0",
        both(said(policy=Policy(step_in_mm=10000)), leg(2, to_mm=0), leg(3, from_mm=0)),
    ),
    Damage(
        "carries the cart on a step-in", "step_in", r"backtrack_mm is given as 0", lambda case: _all_legs(case, False)
    ),
    Damage(
        "steps back and forth on the way in",
        "step_in",
        r"goes back and forth",
        legs(1, Leg(0, 10000, 9000, True), Leg(0, 9000, 9500, True), Leg(0, 9500, 6000, True), size=2),
    ),
    Damage(
        "steps in and comes back with a cart, as another leg ends at the mouth's offset",
        "step_in",
        r"leg 1: step-in does not come back",
        both(leg(3, step_in=False), leg(4, to_mm=10000)),
    ),
    Damage("steps in by a word", "step_in", r"step_in is 'yes'", leg(1, step_in="yes")),
    Damage("steps in by a number", "step_in", r"step_in is 1", leg(1, step_in=1)),
    # Stops.
    Damage("halts a leg too early", "tour", r"stop 1: stands at", stop(1, after_leg=3)),
    Damage("halts a leg too late", "tour", r"stop 0: stands at", stop(0, after_leg=2)),
    Damage("halts before the start", "tour", r"stop 0: after leg -1, but the route has", stop(0, after_leg=-1)),
    Damage("halts after the end", "tour", r"stop 3: after leg 13", stop(3, after_leg=13)),
    Damage("halts at a fraction of a leg", "tour", r"stop 0: after leg 1.0", stop(0, after_leg=1.0)),
    Damage("halts at no leg", "tour", r"stop 0: after leg None", stop(0, after_leg=None)),
    Damage("lists its stops in the wrong order", "tour", r"stop 1: .*comes before it", lambda case: _swap_stops(case)),
    Damage("halts 1 mm beside the walk", "tour", r"stop 0: stands at", stop(0, spot=Spot(0, 4001))),
    Damage("halts in the next aisle", "tour", r"stop 0: stands at", stop(0, spot=Spot(2, 4000))),
    Damage("halts on an edge that is not there", "tour", r"stop 0: edge 50 does not exist", stop(0, spot=Spot(50, 0))),
    Damage("halts off its edge", "tour", r"stop 0: 10001 mm lies off", stop(0, spot=Spot(0, 10001))),
    Damage("halts at a fraction of a millimetre", "tour", r"stop 0: .*not all whole", stop(0, spot=Spot(0, 0.5))),  # type: ignore[arg-type]
    Damage("halts for nothing", "tour", r"stop 4: nothing is picked", stops(4, Stop(12, DOOR, ()), size=0)),
    Damage("picks through the rack", "tour", r"bin A is reached from", stop(0, after_leg=3, spot=Spot(8, 3000))),
    Damage("picks from the crossing", "tour", r"bin B is reached from", stop(1, after_leg=3, spot=Spot(3, 0))),
    Damage("picks while the walk is elsewhere", "nearest", r"stop 0: stands at", stop(0, after_leg=2)),
    Damage("picks before it sets out", "history", r"stop 0: stands at", stop(0, after_leg=0)),
    # What is brought.
    Damage("picks for a line nobody asked for", "tour", r"line x was not asked for", pick(0, line="x")),
    Damage("picks from a bin nobody named", "tour", r"bin X is no source of line a", pick(0, bin="X")),
    Damage("picks from another line's bin", "tour", r"bin B is no source of line a", pick(0, bin="B")),
    Damage("picks for another line", "tour", r"bin A is no source of line b", pick(0, line="b")),
    Damage("picks one too few", "tour", r"line a: 1 units are picked, 2", pick(0, quantity=1)),
    Damage("picks one too many", "tour", r"line c: 4 units are picked, 3", pick(3, quantity=2)),
    Damage("picks nothing", "tour", r"quantity 0 of line a", pick(0, quantity=0)),
    Damage("picks a negative quantity", "tour", r"quantity -2 of line a", pick(0, quantity=-2)),
    Damage("picks half a unit", "tour", r"quantity 1.5 of line a", pick(0, quantity=1.5)),
    Damage("picks true units", "tour", r"quantity True of line a", pick(0, quantity=True)),
    Damage("picks a word", "tour", r"quantity 'two' of line a", pick(0, quantity="two")),
    Damage("leaves out a stop", "tour", r"line a: 0 units", stops(0)),
    Damage("leaves out a line at a shared stop", "tour", r"line d: 0 units", stop(1, picks=(Pick("b", "B", 3),))),
    Damage("halts twice for the same", "tour", r"bin A is picked 2 times", lambda case: _doubled_stop(case)),
    Damage(
        "overdraws a bin while the line is filled",
        "tour",
        r"line c: 3 units are drawn from bin C of 2",
        both(pick(2, quantity=3), stops(3)),
    ),
    Damage(
        "picks a bin twice for one line",
        "tour",
        r"line a: bin A is picked 2 times",
        stop(0, picks=(Pick("a", "A", 1), Pick("a", "A", 1))),
    ),
    Damage(
        "swaps what is taken for two lines",
        "tour",
        r"line b: 1 units are picked, 3",
        stop(1, picks=(Pick("b", "B", 1), Pick("d", "B", 3))),
    ),
    Damage(
        "takes a later lot group before an earlier one",
        "groups",
        r"line g: bin G1 of lot group 1 is picked, bin G0 of group 0 is not used up",
        both(pick(1, quantity=1), pick(2, quantity=3)),
    ),
    Damage("names a line by number", "tour", r"line 7 and bin 'A' are not both names", pick(0, line=7)),
    Damage("names a bin by a list", "tour", r"line 'a' and bin \['A'\] are not both", pick(0, bin=["A"])),
    # The certificate.
    *(
        Damage(f"certifies {name}", case, fault if fault[0] == "^" else rf"certificate: .*{fault}", said(**changes))
        for name, (case, fault, changes) in CERTIFICATE_MISTAKES.items()
    ),
]


def _all_legs(case: Case, step_in: bool) -> Case:
    return _route(case, legs=tuple(dataclasses.replace(each, step_in=step_in) for each in case.route.legs))


def _swap_stops(case: Case) -> Case:
    first, second, *others = case.route.stops
    return _route(case, stops=(second, first, *others))


def _doubled_stop(case: Case) -> Case:
    return stops(0, case.route.stops[0], case.route.stops[0])(case)


def _lone_aisle(case: Case) -> Case:
    """Take the cross aisle away from the mouth at which the first step-in begins."""
    bare = dataclasses.replace(case.problem.floor, grid=None)  # it reads as a grid no more
    return edge(8, tail=2)(_problem(case, floor=bare))

"""Routes written by hand, with every figure of their certificates counted by hand.

The plan: three aisles, three cross aisles, each block 10 m, aisles 3 m apart. A node is at each
crossing; the numbers beside the lines are edges::

    2 ---10--- 5 ---11--- 8
    |          |          |
    1          3          5
    |          |          |
    1 ----8--- 4 ----9--- 7
    |          |          |
    0          2          4
    |          |          |
    0 ----6--- 3 ----7--- 6
"""

import dataclasses
from dataclasses import dataclass

from routing.problem import End, EndKind, Measure, PickLine, PickProblem, Policy, PolicyName, Source, WalkTimes
from routing.route import Certificate, Leg, Pick, Route, Stop
from warehouse.floor import LEFT_SIDE, RIGHT_SIDE, Edge, EdgeKind, Floor, Node, Spot, Stretch
from warehouse.layouts import rectangular_floor

PLAN = rectangular_floor([0, 3000, 6000], [0, 10000, 20000])
DOOR = Spot(6, 0)
NO_BACKTRACK = Policy()


@dataclass(frozen=True)
class Case:
    """A problem, a route for it, and the policy that was asked for."""

    problem: PickProblem
    route: Route
    policy: Policy = NO_BACKTRACK


def line(name: str, *bins: tuple[str, Spot, int], quantity: int | None = None) -> PickLine:
    """A line over (bin, spot, quantity) sources; by default all of them are needed."""
    sources = tuple(Source(*each) for each in bins)
    return PickLine(name, sum(each.quantity for each in sources) if quantity is None else quantity, sources)


def certificate(
    distance_mm: int,
    *,
    stops: int,
    backtrack_mm: int = 0,
    u_turns: int = 0,
    cross_thrice_mm: int = 0,
    arms: int = 0,
    policy: Policy = NO_BACKTRACK,
    proven: bool = True,
) -> Certificate:
    """A certificate that claims to be proven best, unless told otherwise."""
    return Certificate(
        distance_mm=distance_mm,
        backtrack_mm=backtrack_mm,
        stops=stops,
        u_turns=u_turns,
        cross_thrice_mm=cross_thrice_mm,
        distance_bound_mm=distance_mm,
        backtrack_bound_mm=backtrack_mm,
        proven=proven,
        policy=policy,
        solver="hand",
        seed=7,
        duration_ms=1.5,
        arms=arms,
    )


def _tour() -> Case:
    """Up aisle 1, on over aisle 2, down aisle 3: four bins, one of them for two lines."""
    lines = (
        line("a", ("A", Spot(0, 4000), 2)),
        line("b", ("B", Spot(3, 5000), 3)),
        line("c", ("C", Spot(5, 2000), 2), ("D", Spot(4, 7000), 2), quantity=3),
        line("d", ("B", Spot(3, 5000), 1)),
    )
    legs = (
        Leg(0, 0, 4000),
        Leg(0, 4000, 10000),
        Leg(8, 0, 3000),
        Leg(3, 0, 5000),
        Leg(3, 5000, 10000),
        Leg(11, 0, 3000),
        Leg(5, 10000, 2000),
        Leg(5, 2000, 0),
        Leg(4, 10000, 7000),
        Leg(4, 7000, 0),
        Leg(7, 3000, 0),
        Leg(6, 3000, 0),
    )
    stops = (
        Stop(1, Spot(0, 4000), (Pick("a", "A", 2),)),
        Stop(4, Spot(3, 5000), (Pick("b", "B", 3), Pick("d", "B", 1))),
        Stop(7, Spot(5, 2000), (Pick("c", "C", 2),)),
        Stop(9, Spot(4, 7000), (Pick("c", "D", 1),)),
    )
    return Case(PickProblem(PLAN, lines, DOOR), Route(DOOR, legs, stops, certificate(52000, stops=4)))


def _one_way() -> Case:
    """The same tour where aisles 1 and 2 run up, aisle 3 down and the lowest cross aisle leftwards."""
    case = _tour()
    floor = rectangular_floor(
        [0, 3000, 6000],
        [0, 10000, 20000],
        aisle_direction={(0, 0): 1, (1, 1): 1, (2, 0): -1, (2, 1): -1},
        cross_direction={0: -1},
    )
    return dataclasses.replace(case, problem=dataclasses.replace(case.problem, floor=floor))


def _wide() -> Case:
    """Over to the other side four times, 2 m in the first aisle and 1 m in the second, and once at a crossing."""
    across_mm = {0: 2000, 3: 1000}
    edges = (dataclasses.replace(edge, crossing_mm=across_mm.get(index, 0)) for index, edge in enumerate(PLAN.edges))
    floor = dataclasses.replace(PLAN, edges=tuple(edges))
    lines = (
        line("a", ("A", Spot(0, 4000, RIGHT_SIDE), 1), ("B", Spot(0, 4000, RIGHT_SIDE), 1)),
        line("b", ("C", Spot(0, 6000), 1), ("D", Spot(0, 10000, LEFT_SIDE), 1)),
        line("c", ("E", Spot(1, 2000, LEFT_SIDE), 1), ("F", Spot(1, 5000, RIGHT_SIDE), 1)),
        line("d", ("G", Spot(3, 7000, LEFT_SIDE), 1), ("H", Spot(3, 2000, LEFT_SIDE), 1)),
        line("e", ("I", Spot(3, 2000, RIGHT_SIDE), 1), ("J", Spot(0, 7000, LEFT_SIDE), 1)),
    )
    legs = (
        Leg(0, 1000, 4000),
        Leg(0, 4000, 6000),
        Leg(0, 6000, 10000),
        Leg(1, 0, 2000),
        Leg(1, 2000, 5000),
        Leg(1, 5000, 10000),
        Leg(10, 0, 3000),
        Leg(3, 10000, 7000),
        Leg(3, 7000, 2000),
        Leg(3, 2000, 0),
        Leg(8, 3000, 0),
        Leg(0, 10000, 7000),
        Leg(0, 7000, 3000),
    )
    stops = (
        Stop(1, Spot(0, 4000, RIGHT_SIDE), (Pick("a", "A", 1),)),
        Stop(1, Spot(0, 4000, RIGHT_SIDE), (Pick("a", "B", 1),)),
        Stop(2, Spot(0, 6000), (Pick("b", "C", 1),)),
        Stop(3, Spot(0, 10000), (Pick("b", "D", 1),)),
        Stop(4, Spot(1, 2000, LEFT_SIDE), (Pick("c", "E", 1),)),
        Stop(5, Spot(1, 5000), (Pick("c", "F", 1),)),
        Stop(8, Spot(3, 7000, LEFT_SIDE), (Pick("d", "G", 1),)),
        Stop(9, Spot(3, 2000, LEFT_SIDE), (Pick("d", "H", 1),)),
        Stop(9, Spot(3, 2000, RIGHT_SIDE), (Pick("e", "I", 1),)),
        Stop(12, Spot(0, 7000, LEFT_SIDE), (Pick("e", "J", 1),)),
    )
    start, end = Spot(0, 1000, LEFT_SIDE), End(EndKind.NEAREST, (Spot(0, 3000, RIGHT_SIDE), Spot(0, 2000)))
    # 42 m and 5 m of crossings at 1 m a second, nine halts of a second each.
    own = dataclasses.replace(
        certificate(47000, stops=10, backtrack_mm=7000, proven=False), crossing_mm=5000, walk_ms=56000
    )
    times = WalkTimes(speed_mm_s=1000, stop_ms=1000)
    return Case(PickProblem(floor, lines, start, end, times=times), Route(start, legs, stops, own))


def _back_across() -> Case:
    """Over to a bin on the other side and back to the start at its own: the aisle of 2 m is crossed twice."""
    edges = (dataclasses.replace(PLAN.edges[0], crossing_mm=2000), *PLAN.edges[1:])
    start, spot = Spot(0, 5000, LEFT_SIDE), Spot(0, 7000, RIGHT_SIDE)
    problem = PickProblem(dataclasses.replace(PLAN, edges=edges), (line("a", ("A", spot, 1)),), start)
    legs, stops = (Leg(0, 5000, 7000), Leg(0, 7000, 5000)), (Stop(1, spot, (Pick("a", "A", 1),)),)
    own = certificate(8000, stops=1, backtrack_mm=2000, u_turns=1, arms=1, proven=False)
    return Case(problem, Route(start, legs, stops, dataclasses.replace(own, crossing_mm=4000)))


def _ends_across() -> Case:
    """The same bin, where the walk may end anywhere: the aisle is crossed once."""
    case = _back_across()
    problem = dataclasses.replace(case.problem, end=End(EndKind.ANYWHERE))
    own = dataclasses.replace(certificate(4000, stops=1, proven=False), crossing_mm=2000)
    return Case(problem, dataclasses.replace(case.route, legs=case.route.legs[:1], certificate=own))


def _stays_across() -> Case:
    """The same bin and on the way back one within reach from either side, to an end at the side of the first."""
    case = _back_across()
    spot = Spot(0, 6000)
    end = End(EndKind.NEAREST, (Spot(0, 5000, RIGHT_SIDE),))
    problem = dataclasses.replace(case.problem, lines=(*case.problem.lines, line("b", ("B", spot, 1))), end=end)
    legs = (case.route.legs[0], Leg(0, 7000, 6000), Leg(0, 6000, 5000))
    stops = (*case.route.stops, Stop(2, spot, (Pick("b", "B", 1),)))
    own = dataclasses.replace(case.route.certificate, distance_mm=6000, distance_bound_mm=6000, stops=2)
    own = dataclasses.replace(own, crossing_mm=2000)
    return Case(problem, dataclasses.replace(case.route, legs=legs, stops=stops, certificate=own))


def _beside_wide() -> Case:
    """The tour beside an aisle that is wide and not walked."""
    case = _tour()
    edges = (*PLAN.edges[:2], dataclasses.replace(PLAN.edges[2], crossing_mm=1500), *PLAN.edges[3:])
    return dataclasses.replace(
        case, problem=dataclasses.replace(case.problem, floor=dataclasses.replace(PLAN, edges=edges))
    )


def _at_either_end() -> Case:
    """The same bin from a start that has no side, to an end of which either will do: nothing is crossed."""
    case = _back_across()
    start = Spot(0, 5000)
    end = End(EndKind.NEAREST, (Spot(0, 5000, LEFT_SIDE), Spot(0, 5000)))
    own = dataclasses.replace(case.route.certificate, distance_mm=4000, distance_bound_mm=4000, crossing_mm=0)
    problem = dataclasses.replace(case.problem, start=start, end=end)
    return Case(problem, dataclasses.replace(case.route, start=start, certificate=own))


def _arm() -> Case:
    """In and back, with the cart, into an aisle that is blocked behind the bin: 6 m are walked twice.

    Floor behind the blocked stretch was walked before, and is not now.
    """
    floor = dataclasses.replace(PLAN, blocked=(Stretch(2, 6000, 8000),))
    problem = PickProblem(floor, (line("a", ("A", Spot(2, 6000), 1)),), DOOR, walked=(Stretch(2, 8000, 9000),))
    legs = (Leg(6, 0, 3000), Leg(2, 0, 6000), Leg(2, 6000, 0), Leg(6, 3000, 0))
    stops = (Stop(2, Spot(2, 6000), (Pick("a", "A", 1),)),)
    return Case(problem, Route(DOOR, legs, stops, certificate(18000, stops=1, backtrack_mm=6000, u_turns=1, arms=1)))


def _step_in() -> Case:
    """Two bins on one arm without the cart, another arm from the same mouth up the next block."""
    policy = Policy(step_in_mm=4000)
    lines = (
        line("a", ("A", Spot(0, 9000), 1)),
        line("b", ("B", Spot(0, 6000), 1)),
        line("c", ("C", Spot(1, 2000), 1)),
    )
    start = Spot(8, 1500)
    legs = (
        Leg(8, 1500, 0),
        Leg(0, 10000, 9000, step_in=True),
        Leg(0, 9000, 6000, step_in=True),
        Leg(0, 6000, 10000, step_in=True),
        Leg(1, 0, 2000, step_in=True),
        Leg(1, 2000, 0, step_in=True),
        Leg(8, 0, 1500),
    )
    stops = (
        Stop(2, Spot(0, 9000), (Pick("a", "A", 1),)),
        Stop(3, Spot(0, 6000), (Pick("b", "B", 1),)),
        Stop(5, Spot(1, 2000), (Pick("c", "C", 1),)),
    )
    proof = certificate(15000, stops=3, u_turns=2, arms=2, policy=policy)
    return Case(PickProblem(PLAN, lines, start), Route(start, legs, stops, proof), policy)


def _history() -> Case:
    """From inside an aisle whose lower 4 m were walked before; 3 m of them are walked twice more."""
    start = Spot(2, 4000)
    problem = PickProblem(
        PLAN,
        (line("a", ("A", Spot(2, 1000), 1)), line("b", ("B", Spot(2, 8000), 1))),
        start,
        End(EndKind.ANYWHERE),
        walked=(Stretch(2, 0, 4000), Stretch(2, 0, 2000)),
    )
    legs = (Leg(2, 4000, 1000), Leg(2, 1000, 8000))
    stops = (Stop(1, Spot(2, 1000), (Pick("a", "A", 1),)), Stop(2, Spot(2, 8000), (Pick("b", "B", 1),)))
    proof = certificate(10000, stops=2, backtrack_mm=6000, u_turns=1, arms=1, proven=False)
    return Case(problem, Route(start, legs, stops, proof))


def _nearest() -> Case:
    """To the nearer of two stations; the start is named by the other edge that meets there."""
    problem = PickProblem(
        PLAN,
        (line("a", ("A", Spot(0, 10000), 1)),),
        DOOR,
        End(EndKind.NEAREST, (Spot(9, 0), Spot(11, 3000))),
    )
    legs = (Leg(0, 0, 10000), Leg(8, 0, 3000))
    stops = (Stop(1, Spot(1, 0), (Pick("a", "A", 1),)),)
    return Case(problem, Route(Spot(0, 0), legs, stops, certificate(13000, stops=1)))


def _thrice() -> Case:
    """A wasteful walk on a floor without a grid: one gap of a cross aisle is walked three times."""
    floor = Floor(PLAN.nodes, PLAN.edges, PLAN.blocked)
    end = End(EndKind.NEAREST, (Spot(7, 3000),))
    problem = PickProblem(floor, (line("a", ("A", Spot(5, 5000), 1)),), Spot(7, 0), end)
    legs = (
        Leg(7, 0, 3000),
        Leg(7, 3000, 0),
        Leg(7, 0, 2000),
        Leg(7, 2000, 3000),
        Leg(4, 0, 10000),
        Leg(5, 0, 5000),
        Leg(5, 5000, 0),
        Leg(4, 10000, 0),
    )
    stops = (Stop(6, Spot(5, 5000), (Pick("a", "A", 1),)),)
    proof = certificate(39000, stops=1, backtrack_mm=15000, u_turns=3, cross_thrice_mm=3000, arms=1, proven=False)
    return Case(problem, Route(Spot(7, 0), legs, stops, proof))


def _nothing() -> Case:
    """Nothing to bring and the end where the start is."""
    return Case(PickProblem(PLAN, (), DOOR), Route(DOOR, (), (), certificate(0, stops=0)))


def _timed() -> Case:
    """A wasteful walk by the clock, with every kind of turn, on a floor with a dead-end aisle beside the grid.

    The figures: 38 m and a quarter of them are just the 47.5 m walked. Two of five U-turns are arms: one at the
    tip of the dead end, one inside an aisle; the others are in a cross aisle and at crossings. 47,500 mm at
    1,300 mm/s are 36,539 ms, aisles are entered and left ten times, 8 units are picked at three points, and
    their picks stand 6 levels high together.
    """
    floor = Floor(
        (*PLAN.nodes, Node(6000, 24000)),
        (*PLAN.edges, Edge(8, 9, 4000, EdgeKind.AISLE)),
        (Stretch(0, 0, 10000), Stretch(8, 0, 1000)),
    )
    lines = (
        PickLine("a", 3, (Source("A", Spot(3, 10000), 3, level=2),)),
        line("b", ("B", Spot(11, 0), 2)),
        PickLine("c", 1, (Source("C", Spot(12, 4000), 1, level=1),)),
        PickLine("d", 2, (Source("D", Spot(5, 8000), 2, level=3),)),
    )
    times = WalkTimes(1300, arm_ms=700, aisle_end_ms=1100, stop_ms=5000, unit_ms=1900, level_ms=2300)
    start = Spot(8, 1500)
    problem = PickProblem(floor, lines, start, End(EndKind.NEAREST, (Spot(11, 3000),)), times=times)
    legs = (
        Leg(8, 1500, 1000),
        Leg(8, 1000, 3000),
        Leg(3, 0, 10000),
        Leg(11, 0, 3000),
        Leg(12, 0, 4000),
        Leg(12, 4000, 0),
        Leg(5, 10000, 8000),
        Leg(5, 8000, 10000),
        Leg(5, 10000, 0),
        Leg(5, 0, 10000),
    )
    stops = (
        Stop(3, Spot(3, 10000), (Pick("a", "A", 3),)),
        Stop(3, Spot(11, 0), (Pick("b", "B", 2),)),
        Stop(5, Spot(12, 4000), (Pick("c", "C", 1),)),
        Stop(7, Spot(5, 8000), (Pick("d", "D", 2),)),
    )
    policy = Policy(detour_percent_max=25, u_turns_max=2)
    proof = dataclasses.replace(
        certificate(47500, stops=4, backtrack_mm=18000, u_turns=5, arms=2, policy=policy, proven=False),
        distance_bound_mm=0,
        backtrack_bound_mm=0,
        walk_ms=36539 + 2 * 700 + 10 * 1100 + 3 * 5000 + 8 * 1900 + 6 * 2300,
        shortest_mm=38000,
        duration_ms=0.0,
    )
    return Case(problem, Route(start, legs, stops, proof), policy)


def _quickest() -> Case:
    """A bin at the door, and up one aisle: proven by its time, whatever its distance is known to be."""
    policy = Policy(measure=Measure.DURATION)
    times = WalkTimes(1000, aisle_end_ms=500, unit_ms=250)
    end = End(EndKind.NEAREST, (Spot(8, 0),))
    lines = (line("a", ("A", Spot(0, 4000), 2)), line("b", ("B", DOOR, 1)))
    problem = PickProblem(PLAN, lines, DOOR, end, times=times)
    legs = (Leg(0, 0, 4000), Leg(0, 4000, 10000))
    stops = (Stop(0, DOOR, (Pick("b", "B", 1),)), Stop(1, Spot(0, 4000), (Pick("a", "A", 2),)))
    proof = dataclasses.replace(
        certificate(10000, stops=2, policy=policy), distance_bound_mm=0, walk_ms=11750, walk_bound_ms=11750
    )
    return Case(problem, Route(DOOR, legs, stops, proof), policy)


def _shortest() -> Case:
    """The arm again, as the shortest route: how much of it must be walked twice need not be known, no detour is."""
    case = _arm()
    policy = Policy(PolicyName.SHORTEST, detour_percent_max=0)
    proof = dataclasses.replace(case.route.certificate, policy=policy, backtrack_bound_mm=0)
    return Case(case.problem, dataclasses.replace(case.route, certificate=proof), policy)


def _groups() -> Case:
    """Lot groups used up in order, a bin at the start itself, and two metres of the way walked before."""
    lines = (
        PickLine("g", 4, (Source("G0", Spot(0, 4000), 2), Source("G1", Spot(0, 7000), 5, group=1))),
        PickLine("h", 1, (Source("H0", DOOR, 5), Source("H1", Spot(0, 7000), 5, group=1))),
    )
    problem = PickProblem(PLAN, lines, DOOR, walked=(Stretch(0, 5000, 6000), Stretch(2, 9000, 10000)))
    legs = (
        Leg(0, 0, 4000),
        Leg(0, 4000, 7000),
        Leg(0, 7000, 10000),
        Leg(8, 0, 3000),
        Leg(2, 10000, 0),
        Leg(6, 3000, 0),
    )
    stops = (
        Stop(0, DOOR, (Pick("h", "H0", 1),)),
        Stop(1, Spot(0, 4000), (Pick("g", "G0", 2),)),
        Stop(2, Spot(0, 7000), (Pick("g", "G1", 2),)),
    )
    proof = certificate(26000, stops=3, backtrack_mm=2000, proven=False)
    return Case(problem, Route(DOOR, legs, stops, proof))


def _two_arms() -> Case:
    """Twice from one mouth into one aisle, a little at first and then deeper."""
    policy = Policy(step_in_mm=4000)
    lines = (line("a", ("A", Spot(0, 9000), 1)), line("b", ("B", Spot(0, 6000), 1)))
    start = Spot(8, 0)
    legs = tuple(Leg(0, *each, step_in=True) for each in ((10000, 9000), (9000, 10000), (10000, 6000), (6000, 10000)))
    stops = (Stop(1, Spot(0, 9000), (Pick("a", "A", 1),)), Stop(3, Spot(0, 6000), (Pick("b", "B", 1),)))
    proof = certificate(10000, stops=2, u_turns=3, arms=2, policy=policy, proven=False)
    return Case(PickProblem(PLAN, lines, start), Route(start, legs, stops, proof), policy)


SOUND = {
    "tour": _tour(),
    "one_way": _one_way(),
    "arm": _arm(),
    "step_in": _step_in(),
    "history": _history(),
    "nearest": _nearest(),
    "thrice": _thrice(),
    "nothing": _nothing(),
    "timed": _timed(),
    "quickest": _quickest(),
    "shortest": _shortest(),
    "groups": _groups(),
    "two_arms": _two_arms(),
    "wide": _wide(),
    "back_across": _back_across(),
    "at_either_end": _at_either_end(),
    "ends_across": _ends_across(),
    "stays_across": _stays_across(),
    "beside_wide": _beside_wide(),
}

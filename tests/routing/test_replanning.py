"""The rest of an interrupted run begins where the cart stands, and turns back only where nothing else is left."""

import random
from collections import Counter

import pytest

from routing.bin_choice import Budget
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, Source
from routing.replanning import (
    Interruption,
    legs_walked,
    replan,
    rest_of_run,
    stands_at,
    walked_after,
)
from routing.route import Leg, Pick, Route, Stop
from routing.solve import solve
from routing.verify import verify
from tests.routing.sound_routes import certificate
from warehouse.floor import Spot, Stretch
from warehouse.layouts import rectangular_floor

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

# Three aisles of 10 m between two cross aisles; aisles are edges 0 to 2, the lower cross aisle 3 and 4.
FLOOR = rectangular_floor([0, 3000, 6000], [0, 10000])
LEFT, MIDDLE, RIGHT = range(3)
DOOR = Spot(3, 0)


def line(name: str, quantity: int, *bins: tuple[str, Spot, int]) -> PickLine:
    return PickLine(name, quantity, tuple(Source(*each) for each in bins))


def route_of(legs: tuple[Leg, ...], stops: tuple[Stop, ...] = ()) -> Route:
    return Route(DOOR, legs, stops, certificate(0, stops=0))


def test_floor_walked_counts_once_and_cross_aisles_and_step_ins_do_not() -> None:
    problem = PickProblem(FLOOR, (), DOOR, walked=(Stretch(RIGHT, 0, 5000),))
    legs = (
        Leg(LEFT, 0, 4000),
        Leg(LEFT, 4000, 1000),
        Leg(LEFT, 1000, 0),
        Leg(3, 0, 3000),
        Leg(RIGHT, 0, 2000, step_in=True),
        Leg(RIGHT, 2000, 0, step_in=True),
        Leg(RIGHT, 0, 6000),
    )
    assert walked_after(problem, legs[:2]) == (Stretch(LEFT, 0, 4000), Stretch(RIGHT, 0, 5000))
    assert walked_after(problem, legs[:6]) == walked_after(problem, legs[:2])
    assert walked_after(problem, legs) == (Stretch(LEFT, 0, 4000), Stretch(RIGHT, 0, 6000))


def test_a_picker_halfway_along_a_leg_has_walked_that_half() -> None:
    route = route_of((Leg(LEFT, 0, 10000), Leg(5, 0, 3000), Leg(MIDDLE, 10000, 0)))
    assert legs_walked(route, 2, 4000) == (*route.legs[:2], Leg(MIDDLE, 10000, 6000))
    assert stands_at(route, legs_walked(route, 2, 4000)) == Spot(MIDDLE, 6000)
    assert stands_at(route, legs_walked(route, 0)) == DOOR
    for num_legs, beyond_mm in ((4, 0), (-1, 0), (3, 1), (1, 3001), (1, -1)):
        with pytest.raises(ValueError, match="mm"):
            legs_walked(route, num_legs, beyond_mm)


def test_a_picker_who_has_stepped_in_goes_back_to_the_cart() -> None:
    legs = (Leg(LEFT, 0, 1000, True), Leg(LEFT, 1000, 3000, True), Leg(LEFT, 3000, 0, True), Leg(3, 0, 3000))
    route = route_of(legs)
    assert legs_walked(route, 1) == (legs[0], Leg(LEFT, 1000, 0, True))
    assert legs_walked(route, 2, 500) == (*legs[:2], Leg(LEFT, 3000, 2500, True), Leg(LEFT, 2500, 0, True))
    assert legs_walked(route, 3) == legs[:3]
    assert walked_after(PickProblem(FLOOR, (), DOOR), legs_walked(route, 1)) == ()


def test_what_is_in_the_totes_is_not_asked_for_again_and_what_is_missing_not_offered() -> None:
    problem = PickProblem(
        FLOOR,
        (
            line("a", 4, ("A", Spot(LEFT, 2000), 3), ("B", Spot(RIGHT, 2000), 9)),
            line("b", 2, ("C", Spot(LEFT, 4000), 2)),
            line("c", 1, ("D", Spot(MIDDLE, 4000), 1)),
        ),
        DOOR,
    )
    route = route_of((Leg(LEFT, 0, 2000), Leg(LEFT, 2000, 10000)))
    told = Interruption(1, picked=(Pick("a", "A", 1),), missing=(Pick("a", "A", 2), Pick("b", "C", 1)))
    rest, short = rest_of_run(problem, route, told)
    assert rest.lines == (
        line("a", 3, ("B", Spot(RIGHT, 2000), 9)),
        line("b", 1, ("C", Spot(LEFT, 4000), 1)),
        problem.lines[2],
    )
    assert short == {"b": 1}
    assert rest.start == Spot(LEFT, 2000)
    assert rest.walked == (Stretch(LEFT, 0, 2000),)
    assert rest.end == End(EndKind.NEAREST, (DOOR,))
    with pytest.raises(ValueError, match="more of line c"):
        rest_of_run(problem, route, Interruption(1, picked=(Pick("c", "D", 2),)))


def test_an_empty_bin_sends_the_picker_on_and_not_back() -> None:
    problem = PickProblem(
        FLOOR,
        (
            line("a", 1, ("near", Spot(LEFT, 5000), 1), ("behind", Spot(LEFT, 1000), 1), ("on", Spot(RIGHT, 5000), 1)),
            line("b", 1, ("B", Spot(MIDDLE, 5000), 1)),
        ),
        DOOR,
        End(EndKind.ANYWHERE),
    )
    route = solve(problem)
    at = next(stop for stop in route.stops if stop.picks[0].bin in ("near", "behind"))
    gone = tuple(Pick("a", each, 1) for each in ("near", "behind") if each == at.picks[0].bin)
    rest = replan(problem, route, Interruption(at.after_leg, missing=gone), policy=Policy())
    assert rest.route.certificate.backtrack_mm == 0
    assert rest.route.certificate.proven
    assert rest.short == {}
    assert {pick.line for stop in rest.route.stops for pick in stop.picks} == {"a", "b"}


def test_a_blocked_aisle_costs_the_way_back_out_of_it_and_no_more() -> None:
    problem = PickProblem(FLOOR, (line("a", 1, ("A", Spot(MIDDLE, 9000), 1)),), DOOR)
    route = route_of((Leg(3, 0, 3000), Leg(MIDDLE, 0, 9000), Leg(MIDDLE, 9000, 10000), Leg(5, 3000, 0)))
    told = Interruption(1, beyond_mm=4000, blocked=(Stretch(MIDDLE, 4000, 5000),))
    rest = replan(problem, route, told, policy=Policy())
    own = rest.route.certificate
    assert (own.backtrack_mm, own.backtrack_bound_mm, own.proven) == (4000 + 1000, 5000, True)


def test_a_line_behind_blocked_floor_is_given_up_and_the_rest_is_brought() -> None:
    problem = PickProblem(
        FLOOR, (line("a", 2, ("A", Spot(MIDDLE, 5000), 2)), line("b", 1, ("B", Spot(RIGHT, 5000), 1))), DOOR
    )
    route = solve(problem)
    told = Interruption(0, blocked=(Stretch(MIDDLE, 1000, 4000), Stretch(MIDDLE, 6000, 9000)))
    rest = replan(problem, route, told, policy=Policy())
    assert rest.short == {"a": 2}
    assert [pick.line for stop in rest.route.stops for pick in stop.picks] == ["b"]


def random_run(rng: random.Random) -> PickProblem:
    floor = rectangular_floor([3000 * each for each in range(5)], [0, 8000, 16000])
    lines = []
    for number in range(12):
        spots = sorted({Spot(rng.randrange(10), rng.randrange(500, 8000, 500)) for _ in range(rng.randint(1, 4))})
        sources = tuple(Source(f"{each.edge}-{each.offset_mm}", each, rng.randint(1, 3)) for each in spots)
        lines.append(PickLine(str(number), rng.randint(1, sum(each.quantity for each in sources)), sources))
    return PickProblem(floor, tuple(lines), Spot(0, 0), rng.choice((End(), End(EndKind.ANYWHERE))))


def test_runs_interrupted_again_and_again_bring_all_there_is_and_turn_back_only_where_they_must() -> None:
    unproven = 0
    for seed in range(12):
        rng = random.Random(seed)
        problem = random_run(rng)
        asked = Counter({line.line: line.quantity for line in problem.lines})
        brought: Counter[str] = Counter()
        route = solve(problem, budget=Budget(time_ms=None, iterations=20))
        while route.stops:
            at = rng.randrange(min(4, len(route.stops)))
            picked = tuple(pick for stop in route.stops[:at] for pick in stop.picks)
            missing = route.stops[at].picks
            told = Interruption(route.stops[at].after_leg, picked=picked, missing=missing)
            rest = replan(problem, route, told, policy=Policy())
            assert verify(rest.problem, rest.route).ok
            brought.update({pick.line: 0 for pick in picked})
            for pick in picked:
                brought[pick.line] += pick.quantity
            asked.subtract(rest.short)
            own = rest.route.certificate
            unproven += own.backtrack_mm > own.backtrack_bound_mm
            problem, route = rest.problem, rest.route
        assert {name: n for name, n in asked.items() if n} == {name: n for name, n in brought.items() if n}
    assert unproven == 0

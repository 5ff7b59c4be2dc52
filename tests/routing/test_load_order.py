"""Among routes that are equally good, heavy goods are picked before fragile ones."""

import dataclasses
import random

import pytest

from routing.bin_choice import Budget
from routing.load_order import weight_on_fragile_g, well_loaded
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, Source
from routing.route import Leg, Pick, Route, Stop
from routing.solve import solve
from routing.verify import verify
from tests.routing.random_floors import Feature, random_problem
from tests.routing.sound_routes import DOOR, PLAN, certificate
from warehouse.errors import NoRoute
from warehouse.floor import Spot

SEARCH = Budget(time_ms=None, iterations=5)


def line(name: str, spot: Spot, weight_g: int = 0, *, fragile: bool = False) -> PickLine:
    return PickLine(name, 1, (Source(name, spot, 1),), unit_weight_g=weight_g, fragile=fragile)


def picked(route: Route) -> list[str]:
    return [pick.line for stop in route.stops for pick in stop.picks]


def test_a_round_is_walked_so_that_what_is_heavy_comes_first() -> None:
    spots = {"left": Spot(0, 5000), "right": Spot(2, 5000)}
    for heavy, fragile in (("left", "right"), ("right", "left")):
        lines = (line("eggs", spots[fragile], 60, fragile=True), line("cans", spots[heavy], 9000))
        route = solve(PickProblem(PLAN, lines, DOOR))
        assert picked(route) == ["cans", "eggs"]
        assert route.certificate.proven
        assert (route.certificate.backtrack_mm, route.certificate.distance_mm) == (0, 26000)


def test_the_path_comes_before_the_load() -> None:
    lines = (line("eggs", Spot(0, 5000), 60, fragile=True), line("cans", Spot(2, 5000), 9000))
    problem = PickProblem(PLAN, lines, DOOR, End(EndKind.NEAREST, (Spot(7, 0),)))
    route = solve(problem)
    assert picked(route) == ["eggs", "cans"]
    assert route.certificate.proven


def test_what_lies_on_fragile_goods_is_weighed_for_each_of_them() -> None:
    lines = {
        "eggs": line("eggs", DOOR, 60, fragile=True),
        "glass": line("glass", DOOR, 500, fragile=True),
        "cans": line("cans", DOOR, 900),
    }
    stops = tuple(
        Stop(0, DOOR, (Pick(name, name, n),))
        for name, n in (("cans", 5), ("eggs", 1), ("cans", 2), ("glass", 3), ("cans", 1))
    )
    assert weight_on_fragile_g(lines, stops) == 2 * 900 + 2 * 900


def test_a_turn_that_is_not_needed_is_left_out() -> None:
    # A figure of eight, walked so that the picker turns round in the middle cross aisle's mouth.
    legs = (
        Leg(0, 0, 10000),
        Leg(8, 0, 3000),
        Leg(2, 10000, 0),
        Leg(2, 0, 10000),
        Leg(8, 3000, 0),
        Leg(0, 10000, 0),
    )
    problem = PickProblem(PLAN, (), Spot(0, 0))
    proof = certificate(46000, stops=0, backtrack_mm=20000, u_turns=1, proven=False)
    route = Route(Spot(0, 0), legs, (), proof)
    assert well_loaded(problem, route) is route
    eight = (Leg(0, 0, 10000), Leg(1, 0, 10000), Leg(10, 0, 3000), Leg(3, 10000, 0), Leg(8, 3000, 0))
    turning = (*eight, Leg(8, 0, 3000), Leg(2, 10000, 0), Leg(6, 3000, 0))
    proof = certificate(62000 - 10000, stops=0, u_turns=1, proven=False)
    found = well_loaded(problem, Route(Spot(0, 0), turning, (), proof))
    assert found.certificate.u_turns == 0
    assert verify(problem, found).ok


@pytest.mark.parametrize("num", [pytest.param(40, id="some"), pytest.param(120, id="many", marks=pytest.mark.slow)])
def test_the_load_never_costs_anything_and_is_better_for_it(num: int) -> None:
    lighter = 0
    for seed in range(num):
        rng = random.Random(f"load {seed}")
        sample = random_problem(rng, avoid={Feature.SEVERAL_SOURCES})
        lines = tuple(
            dataclasses.replace(each, unit_weight_g=rng.randrange(1, 5000), fragile=rng.random() < 0.4)
            for each in sample.problem.lines
        )
        loaded = dataclasses.replace(sample.problem, lines=lines)
        policy = sample.policy()
        try:
            plain, well = (solve(each, policy=policy, budget=SEARCH) for each in (sample.problem, loaded))
        except NoRoute:
            continue
        figures = [
            (own.backtrack_mm, own.distance_mm, own.stops, own.arms, own.cross_thrice_mm, own.proven)
            for own in (plain.certificate, well.certificate)
        ]
        assert figures[0] == figures[1]
        by_name = {each.line: each for each in lines}
        before_g, after_g = (weight_on_fragile_g(by_name, each.stops) for each in (plain, well))
        assert after_g <= before_g
        lighter += after_g < before_g
    assert lighter >= num / 8


def test_lines_without_weight_change_nothing() -> None:
    problem = PickProblem(PLAN, (line("a", Spot(0, 5000)), line("b", Spot(2, 5000), fragile=True)), DOOR)
    assert picked(solve(problem, policy=Policy())) == ["a", "b"] or picked(solve(problem)) == ["b", "a"]

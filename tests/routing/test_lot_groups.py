"""Lot groups are used up in order, whoever plans the route."""

import dataclasses
import itertools
import random

import pytest

from routing.bin_choice import Budget
from routing.lot_groups import in_group_order
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from routing.verify import verify
from tests.routing.random_floors import Feature, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FEW = Budget(time_ms=None, iterations=5)
FLOOR = rectangular_floor([0, 3000, 6000], [0, 10000])


def line(quantity: int, *offers: tuple[int, int]) -> PickLine:
    """A line over (units, group) sources."""
    return PickLine(
        "a",
        quantity,
        tuple(Source(f"{index}", Spot(index % 3, 1000 + 500 * index), *each) for index, each in enumerate(offers)),
        unit_weight_g=300,
    )


def taken(asked: PickLine) -> dict[str, int]:
    route = solve(PickProblem(FLOOR, (asked,), Spot(0, 0)), budget=FEW)
    return {pick.bin: pick.quantity for stop in route.stops for pick in stop.picks}


def test_a_problem_without_groups_is_left_alone() -> None:
    problem = PickProblem(FLOOR, (line(2, (1, 3), (2, 3)),), Spot(0, 0))
    assert in_group_order(problem).problem is problem


def test_earlier_groups_are_emptied_before_a_later_one_gives_anything() -> None:
    assert taken(line(5, (2, 1), (3, 0), (9, 2), (1, 0))) == {"1": 3, "3": 1, "0": 1}
    assert taken(line(4, (2, 1), (3, 0), (9, 2), (1, 0))) == {"1": 3, "3": 1}
    assert sum(taken(line(3, (2, 1), (3, 0), (9, 2), (1, 0))).values()) == 3


def test_a_line_of_more_than_all_groups_hold_is_named_as_it_was_asked_for() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 2000, 3000), (0, 0, 6000, 7000)])
    asked = PickLine("a", 3, (Source("0", Spot(1, 5000), 2, 0), Source("1", Spot(0, 5000), 2, 1)))
    with pytest.raises(NoRoute) as caught:
        solve(PickProblem(floor, (asked,), Spot(0, 0)))
    assert caught.value.lines == ("a",)
    with pytest.raises(NoRoute) as caught:
        solve(PickProblem(FLOOR, (line(9, (2, 0), (2, 1)),), Spot(0, 0)))
    assert caught.value.lines == ("a",)


def test_a_route_that_passes_over_an_earlier_group_is_rejected() -> None:
    asked = PickProblem(FLOOR, (line(2, (2, 0), (2, 0)),), Spot(0, 0))
    route = solve(asked, budget=FEW)
    left = next(s for s in asked.lines[0].sources if s.bin not in {p.bin for stop in route.stops for p in stop.picks})
    sources = tuple(dataclasses.replace(each, group=0 if each is left else 1) for each in asked.lines[0].sources)
    grouped = dataclasses.replace(asked, lines=(dataclasses.replace(asked.lines[0], sources=sources),))
    assert any("not used up" in fault for fault in verify(grouped, route).faults)


@pytest.mark.parametrize("name", list(PolicyName))
def test_every_policy_uses_groups_up_in_order(name: PolicyName) -> None:
    rng = random.Random(name)
    solved = 0
    for _ in itertools.count():
        sample = random_problem(rng, want={Feature.SEVERAL_SOURCES}, avoid={Feature.END_ANYWHERE})
        lines = tuple(
            dataclasses.replace(
                each, sources=tuple(dataclasses.replace(source, group=rng.randrange(3)) for source in each.sources)
            )
            for each in sample.problem.lines
        )
        grouped = dataclasses.replace(sample.problem, lines=lines)
        try:
            route = solve(grouped, policy=Policy(name), budget=FEW)
        except (NoRoute, ValueError):
            continue
        assert verify(grouped, route).ok
        solved += 1
        if solved == 8:
            break

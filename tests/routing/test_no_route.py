"""Where there is no route, what is in the way is named."""

import dataclasses

import pytest

from routing.no_route import why_no_route
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from tests.routing.sound_routes import DOOR, PLAN
from warehouse.errors import NoRoute
from warehouse.floor import Edge, EdgeKind, Floor, Node, Spot, Stretch

UNFILLED = "lines cannot be filled from the bins within reach"


def told(problem: PickProblem, policy: Policy | None = None) -> str:
    with pytest.raises(NoRoute) as refused:
        solve(problem, policy=policy or Policy())
    return why_no_route(problem, refused.value)


def on_plan(*bins: tuple[str, Spot, int], blocked: tuple[Stretch, ...] = (), quantity: int = 1) -> PickProblem:
    floor = dataclasses.replace(PLAN, blocked=blocked)
    return PickProblem(floor, (PickLine("a", quantity, tuple(Source(*each) for each in bins)),), DOOR)


def test_a_start_on_blocked_floor_is_named_before_what_follows_from_it() -> None:
    problem = on_plan(("A", Spot(0, 6000), 1), blocked=(Stretch(0, 0, 5000),))
    started_inside = dataclasses.replace(problem, start=Spot(0, 2000))
    assert told(started_inside) == "the start (aisle 1, 2.0 m in) is on blocked floor: aisle 1 from 0.0 m to 5.0 m"


def test_the_blocked_floor_that_cuts_a_bin_off_is_named() -> None:
    problem = on_plan(("A", Spot(0, 5000), 1), blocked=(Stretch(0, 2000, 3000), Stretch(0, 8000, 9000)))
    assert told(problem) == (
        f"{UNFILLED}: a; bin A (aisle 1, 5.0 m in) is cut off by blocked floor: aisle 1 from 2.0 m to 3.0 m"
    )


def test_a_bin_on_blocked_floor_is_said_to_be() -> None:
    problem = on_plan(("A", Spot(0, 5000), 1), blocked=(Stretch(0, 4000, 9000),))
    assert told(problem) == (
        f"{UNFILLED}: a; bin A (aisle 1, 5.0 m in) is on blocked floor: aisle 1 from 4.0 m to 9.0 m"
    )


def test_a_line_that_asks_for_more_than_there_is_is_told_with_both_figures() -> None:
    assert told(on_plan(("A", Spot(0, 5000), 2), ("B", Spot(2, 5000), 1), quantity=9)) == (
        f"{UNFILLED}: a; line a asks for 9, and its bins hold 3"
    )


def test_an_earlier_lot_out_of_reach_is_named_though_later_ones_hold_enough() -> None:
    floor = dataclasses.replace(PLAN, blocked=(Stretch(0, 2000, 3000), Stretch(0, 8000, 9000)))
    sources = (Source("old", Spot(0, 5000), 1, group=0), Source("new", Spot(2, 5000), 9, group=1))
    problem = PickProblem(floor, (PickLine("a", 3, sources),), DOOR)
    assert told(problem).startswith(f"{UNFILLED}: a; bin old (aisle 1, 5.0 m in) is cut off by blocked floor")


def test_an_end_that_cannot_be_reached_is_named_without_a_line() -> None:
    floor = dataclasses.replace(PLAN, blocked=(Stretch(0, 2000, 3000), Stretch(0, 8000, 9000)))
    problem = PickProblem(floor, (), DOOR, End(EndKind.NEAREST, (Spot(0, 5000),)))
    assert told(problem) == (
        "no walk leads from the start to an allowed end; the end (aisle 1, 5.0 m in) is cut off by blocked floor: "
        "aisle 1 from 2.0 m to 3.0 m"
    )


def test_floor_that_does_not_hang_together_and_one_way_floor_are_told_apart_from_blocked_floor() -> None:
    nodes = tuple(Node(1000 * x, 0) for x in range(5))
    edges = (
        Edge(0, 1, 1000, EdgeKind.AISLE, 1, "in"),
        Edge(1, 2, 1000, EdgeKind.AISLE),
        Edge(3, 4, 1000, EdgeKind.AISLE),
    )
    floor = Floor(nodes, edges)
    for spot, fault in (
        (Spot(2, 500), "cannot be reached on this floor, even with nothing blocked"),
        (
            Spot(1, 500),
            "can be reached, but from there the end cannot be reached on this floor, even with nothing blocked",
        ),
    ):
        problem = PickProblem(floor, (PickLine("a", 1, (Source("A", spot, 1),)),), Spot(0, 0))
        assert told(problem).endswith(f"bin A (edge {spot.edge}, 0.5 m in) {fault}")
        by_rule = told(problem, Policy(PolicyName.LIST_ORDER))
        assert by_rule.startswith("no way leads to")

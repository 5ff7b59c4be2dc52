"""A route says why it is as it is, in figures that are computed."""

import dataclasses

import pytest

from routing.bin_choice import Budget
from routing.problem import Measure, PickLine, PickProblem, Policy, PolicyName, Source, WalkTimes
from routing.solve import solve
from tests.routing.sound_routes import DOOR, PLAN, SOUND
from warehouse.errors import RouteRejected
from warehouse.floor import Spot

SHORTEST = Policy(PolicyName.SHORTEST)
# From the door: aisle 1 holds "near", aisle 2 "far"; "must" makes the round through aisles 2 and 3 the best.
LINES = (
    PickLine("m", 1, (Source("must", Spot(2, 5000), 1),)),
    PickLine("n", 1, (Source("must too", Spot(4, 5000), 1),)),
    PickLine("a", 1, (Source("near", Spot(0, 1000), 1), Source("far", Spot(4, 2000), 1))),
)
PROBLEM = PickProblem(PLAN, LINES, DOOR)


def test_a_bin_nearer_to_the_start_is_weighed_by_a_route_that_picks_there() -> None:
    route = solve(PROBLEM)
    assert (route.certificate.backtrack_mm, route.certificate.distance_mm) == (0, 32000)
    text = route.explain(PROBLEM)
    forced = dataclasses.replace(PROBLEM, lines=(*LINES[:2], PickLine("a", 1, LINES[2].sources[:1])))
    other = solve(forced).certificate
    assert other.backtrack_mm > 0
    assert (
        f"Line a is picked from far, 8.0 m from the start, and not from near, 1.0 m from it: with it the route would "
        f"walk {other.backtrack_mm / 1000:.1f} m more aisle floor again"
    ) in text
    assert "Line m" not in text
    assert (
        "Proven best: no route walks less aisle floor again, and of those that walk as much, none is shorter." in text
    )


def test_the_price_of_never_turning_back_is_told_against_the_shortest_route() -> None:
    problem = PickProblem(PLAN, (PickLine("a", 1, (Source("A", Spot(0, 1000), 1),)),), DOOR)
    route = solve(problem)
    more_mm = route.certificate.distance_mm - 2000
    assert (
        f"The shortest route is 2.0 m and walks 1.0 m of aisle floor again: no_backtrack costs {more_mm / 1000:.1f} m"
        in (route.explain(problem))
    )
    assert "costs" not in solve(problem, policy=Policy(PolicyName.SHORTEST)).explain(problem)


def test_without_its_problem_a_route_tells_what_its_certificate_knows() -> None:
    text = SOUND["thrice"].route.explain()
    assert text.splitlines() == [
        "By no_backtrack, 39.0 m are walked to 1 bins, 15.0 m of it over aisle floor walked before.",
        "The picker turns round 3 times, 1 of them inside aisles; 3.0 m of cross aisle are walked a third time.",
        "Proven: no route walks less aisle floor again.",
        "Not proven best: every such route is at least 39.0 m, so this one is at most 0.0 % above the best.",
    ]


def test_what_is_not_proven_is_told_with_its_bounds() -> None:
    own = dataclasses.replace(
        SOUND["arm"].route.certificate, proven=False, backtrack_bound_mm=2000, distance_bound_mm=0
    )
    route = dataclasses.replace(SOUND["arm"].route, certificate=own)
    assert "Not proven best: every route walks at least 2.0 m of aisle floor again." in route.explain()
    shortest = dataclasses.replace(own, policy=Policy(PolicyName.SHORTEST), distance_bound_mm=15000)
    assert "every route is at least 15.0 m, so this one is at most 20.0 % above the best." in (
        dataclasses.replace(route, certificate=shortest).explain()
    )
    rule = dataclasses.replace(own, policy=Policy(PolicyName.S_SHAPE))
    assert "Nothing is proven: s_shape" in dataclasses.replace(route, certificate=rule).explain()
    assert "Proven best: none is shorter." in SOUND["shortest"].route.explain()
    assert "none is quicker" in SOUND["quickest"].route.explain()
    assert "It takes 12 s." in SOUND["quickest"].route.explain()


def test_a_route_is_explained_by_the_same_words_every_time() -> None:
    times = WalkTimes(1200, aisle_end_ms=500)
    for policy in (Policy(), Policy(step_in_mm=2000), Policy(measure=Measure.DURATION), Policy(PolicyName.LARGEST_GAP)):
        problem = dataclasses.replace(PROBLEM, times=times)
        route = solve(problem, policy=policy, budget=Budget(time_ms=None, iterations=10))
        assert route.explain(problem) == route.explain(problem)


def test_a_bin_that_holds_too_little_is_forced_beside_others() -> None:
    lines = (*LINES[:2], PickLine("a", 3, (Source("near", Spot(0, 1000), 1), Source("far", Spot(4, 2000), 3))))
    problem = dataclasses.replace(PROBLEM, lines=lines)
    text = solve(problem).explain(problem)
    assert "and not from near" in text
    assert "more aisle floor again" in text


def picked_from(*bins: tuple[str, Spot, int, int], quantity: int) -> PickLine:
    """A line "a" over (bin, spot, quantity, group) sources."""
    return PickLine("a", quantity, tuple(Source(name, spot, units, group) for name, spot, units, group in bins))


def reason(*lines: PickLine, policy: Policy = SHORTEST, times: WalkTimes | None = None) -> str:
    """What is said about line "a" of the lines on the plan, from the door."""
    problem = PickProblem(PLAN, lines, DOOR, times=times)
    told = solve(problem, policy=policy, budget=Budget(None, iterations=50)).explain(problem).splitlines()
    return "; ".join(line for line in told if line.startswith("Line a"))


FAR = PickLine("m", 1, (Source("must", Spot(4, 5000), 1),))


def test_a_line_gathered_from_several_bins_is_weighed_by_the_farthest_of_them() -> None:
    line = picked_from(("A", Spot(0, 3000), 1, 0), ("B", Spot(2, 4000), 1, 0), ("C", Spot(4, 4800), 1, 0), quantity=2)
    near = PickLine("n", 1, (Source("near", Spot(0, 3000), 1),))
    assert reason(line, near, FAR) == (
        "Line a is picked from A, C, up to 10.8 m from the start, and not from B, 7.0 m from it: with it the route "
        "would walk 4.0 m more aisle floor again and 8.0 m more in all."
    )


def test_a_bin_that_would_do_as_well_is_said_to() -> None:
    line = picked_from(("A", Spot(4, 4000), 1, 0), ("B", Spot(4, 3000), 1, 0), quantity=1)
    told = {reason(line, FAR), reason(dataclasses.replace(line, sources=line.sources[::-1]), FAR)}
    assert told <= {
        "",
        "Line a is picked from A, 10.0 m from the start, and not from B, 9.0 m from it: with it the route is just as "
        "good.",
    }
    assert any(told)


def test_a_nearer_bin_of_a_later_lot_waits_until_the_earlier_is_used_up() -> None:
    line = picked_from(("old", Spot(4, 4000), 3, 0), ("new", Spot(0, 1000), 9, 1), quantity=5)
    assert reason(line) == (
        "Line a is picked from old, 10.0 m from the start, and not more than 2 from new, 1.0 m from it: "
        "old is of a lot that has to be used up first."
    )
    assert reason(dataclasses.replace(line, quantity=3)) == (
        "Line a is picked from old, 10.0 m from the start, and not from new, 1.0 m from it: "
        "old is of a lot that has to be used up first."
    )


def test_of_the_lot_begun_last_a_nearer_bin_is_weighed() -> None:
    line = picked_from(
        ("old", Spot(0, 1000), 3, 0), ("new", Spot(4, 4000), 9, 1), ("near", Spot(2, 4000), 9, 1), quantity=5
    )
    assert reason(line, FAR) == (
        "Line a is picked from new, 10.0 m from the start, and not from near, 7.0 m from it: with it the route would "
        "walk 4.0 m more aisle floor again and 8.0 m more in all."
    )


def test_where_time_is_measured_bins_and_policies_are_weighed_in_seconds() -> None:
    line = picked_from(("A", Spot(4, 4000), 1, 0), ("B", Spot(2, 4000), 1, 0), quantity=1)
    times = WalkTimes(1000, stop_ms=3000)
    policy = Policy(PolicyName.SHORTEST, measure=Measure.DURATION)
    assert reason(line, FAR, policy=policy, times=times).endswith(
        "with it the route would walk 4.0 m more aisle floor again and take 8.0 s longer."
    )
    problem = PickProblem(PLAN, (line, FAR), DOOR, times=times)
    text = solve(problem, policy=Policy(measure=Measure.DURATION), budget=Budget(None, iterations=50)).explain(problem)
    assert "The quickest route is 28.0 s and walks 5.0 m of aisle floor again: no_backtrack costs" in text


def test_what_costs_many_times_as_much_is_not_told_in_percent() -> None:
    problem = PickProblem(PLAN, (PickLine("a", 1, (Source("A", Spot(0, 10), 1),)),), DOOR)
    assert (
        "The shortest route is 20 mm and walks 10 mm of aisle floor again: no_backtrack costs 26.0 m (1300 times it)."
        in solve(problem).explain(problem)
    )
    own = dataclasses.replace(
        SOUND["arm"].route.certificate, proven=False, policy=SHORTEST, distance_mm=26000, distance_bound_mm=20
    )
    route = dataclasses.replace(SOUND["arm"].route, certificate=own)
    assert "every route is at least 20 mm, so this one is at most 1300 times the best." in route.explain()


def test_a_route_for_another_problem_is_not_explained() -> None:
    route = solve(PROBLEM)
    with pytest.raises(RouteRejected):
        route.explain(dataclasses.replace(PROBLEM, lines=LINES[:2]))

"""Bounds on U-turns and detours, and time instead of distance: as good as an exhaustive search, never beyond them."""

import dataclasses
import random

import pytest

from routing.bin_choice import Budget
from routing.problem import Measure, PickLine, PickProblem, Policy, PolicyName, Source, WalkTimes
from routing.rates import least_handling_ms
from routing.replanning import Interruption, rest_of_run
from routing.solve import solve
from routing.verify import verify
from tests.routing.brute_force import TooLarge
from tests.routing.brute_force_limits import best_within_limits
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.errors import NoRoute
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FEW = Budget(time_ms=None, iterations=20)
FLOORS_EACH = 60
BIG = frozenset({Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5})
FLOOR = rectangular_floor([0, 3000, 6000], [0, 10000])


def walked(problem: PickProblem, policy: Policy) -> tuple[int, int] | None:
    """The figures of the route found, told as the oracle tells them; it must be sound and proven."""
    try:
        route = solve(problem, policy=policy, budget=FEW)
    except NoRoute:
        return None
    own = route.certificate
    assert verify(problem, route, policy).faults == ()
    assert own.proven
    by_distance = policy.measure is Measure.DISTANCE
    measured = own.distance_mm if by_distance else own.walk_ms - least_handling_ms(problem)
    return own.backtrack_mm if policy.name is PolicyName.NO_BACKTRACK else 0, measured


def limited(rng: random.Random, kind: str, sample: Sample) -> tuple[PickProblem, Policy]:
    """A sample with one more demand on its route."""
    policy = sample.policy(rng.choice((PolicyName.NO_BACKTRACK, PolicyName.SHORTEST)))
    if kind == "u_turns":
        return sample.problem, dataclasses.replace(policy, u_turns_max=rng.randrange(4))
    if kind == "detour":
        percent = rng.choice((0, 5, 10, 20, 40))
        return sample.problem, dataclasses.replace(
            policy, name=PolicyName.NO_BACKTRACK, detour_percent_max=percent, u_turns_max=rng.choice((None, None, 2))
        )
    times = WalkTimes(rng.choice((500, 1000)), rng.choice((0, 2000)), rng.choice((0, 700)), unit_ms=rng.choice((0, 10)))
    policy = dataclasses.replace(policy, measure=Measure.DURATION, u_turns_max=rng.choice((None, None, 1)))
    return dataclasses.replace(sample.problem, times=times), policy


@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["u_turns", "detour", "duration"])
def test_limited_routes_are_the_best_there_are(kind: str) -> None:
    compared = found = differing = seed = 0
    while compared < FLOORS_EACH:
        rng = random.Random(f"{kind} {seed}")
        seed += 1
        sample = random_problem(rng, avoid=ONE_WAY | BIG | {Feature.SEVERAL_SOURCES})
        problem, policy = limited(rng, kind, sample)
        try:
            best = best_within_limits(problem, policy)
            free = best_within_limits(problem, sample.policy(policy.name))
        except TooLarge:
            continue
        assert walked(problem, policy) == best, (seed - 1, policy)
        compared += 1
        found += best is not None
        differing += best != free
    print(kind, f"{seed} drawn, {found} with a route, {differing} other than without limits")  # noqa: T201
    assert found >= FLOORS_EACH // 2
    assert differing >= FLOORS_EACH // 10


@pytest.mark.untraced
@pytest.mark.parametrize("kind", ["u_turns", "detour", "duration"])
def test_bins_chosen_within_limits_are_never_called_better_than_they_are(kind: str) -> None:
    compared = equal = seed = 0
    while compared < FLOORS_EACH:
        rng = random.Random(f"choice {kind} {seed}")
        seed += 1
        sample = random_problem(rng, want={Feature.SEVERAL_SOURCES}, avoid=ONE_WAY | BIG)
        problem, policy = limited(rng, kind, sample)
        try:
            best = best_within_limits(problem, policy)
            if best is None:
                continue
            own = solve(problem, policy=policy, budget=FEW).certificate
        except TooLarge:
            continue
        measured = own.distance_mm if kind != "duration" else own.walk_ms - least_handling_ms(problem)
        bound = own.distance_bound_mm if kind != "duration" else own.walk_bound_ms - least_handling_ms(problem)
        strict = policy.name is PolicyName.NO_BACKTRACK
        assert (own.backtrack_mm if strict else 0, measured) >= best
        assert own.backtrack_bound_mm <= (best[0] if strict else own.backtrack_mm)
        if strict and own.backtrack_mm == best[0]:
            assert bound <= best[1]
        if own.proven:
            assert (own.backtrack_mm if strict else 0, measured) == best
        compared += 1
        equal += (own.backtrack_mm if strict else 0, measured) == best
    print(kind, f"{equal} of {compared} equal to the best")  # noqa: T201
    assert equal >= 0.9 * compared


@pytest.mark.untraced
def test_no_equally_good_route_turns_back_in_fewer_aisles() -> None:
    fewer = 0
    for seed in range(2 * FLOORS_EACH):
        sample = random_problem(random.Random(f"ties {seed}"), avoid=ONE_WAY | {Feature.SEVERAL_SOURCES})
        policy = sample.policy(PolicyName.NO_BACKTRACK if seed % 2 else PolicyName.SHORTEST)
        try:
            own = solve(sample.problem, policy=policy, budget=FEW).certificate
            if not own.arms:
                continue
            less = solve(
                sample.problem, policy=dataclasses.replace(policy, u_turns_max=own.arms - 1), budget=FEW
            ).certificate
        except NoRoute:
            continue
        assert (less.backtrack_mm, less.distance_mm) != (own.backtrack_mm, own.distance_mm)
        fewer += 1
    assert fewer >= FLOORS_EACH // 4


def fixed(*spots: Spot) -> PickProblem:
    """One unit at each of these spots of `FLOOR`, from and to its first crossing."""
    lines = tuple(PickLine(f"{spot}", 1, (Source(f"{spot}", spot, 1),)) for spot in spots)
    return PickProblem(FLOOR, lines, Spot(0, 0))


def test_a_route_turns_back_only_as_often_as_it_may() -> None:
    near = fixed(Spot(0, 1000), Spot(1, 1000), Spot(2, 1000))
    arms = [
        solve(near, policy=Policy(PolicyName.SHORTEST, u_turns_max=bound)).certificate.arms for bound in (None, 2, 1, 0)
    ]
    assert arms == [3, 1, 1, 0], "an aisle walked through has to be walked back through"


def test_too_few_u_turns_allowed_are_no_route() -> None:
    floor = rectangular_floor([0, 3000], [0, 10000], blocked=[(0, 0, 4000, 5000)])
    asked = PickProblem(floor, (PickLine("a", 1, (Source("A", Spot(0, 1000), 1),)),), Spot(0, 0))
    assert solve(asked, policy=Policy(u_turns_max=1)).certificate.arms == 1
    with pytest.raises(NoRoute, match="at most 0 U-turns"):
        solve(asked, policy=Policy(u_turns_max=0))


def test_a_detour_is_given_up_for_the_cheapest_turns() -> None:
    asked = fixed(Spot(0, 4000), Spot(1, 1000), Spot(2, 3000))
    free = [solve(asked, policy=Policy(detour_percent_max=percent)).certificate for percent in (0, 20, 200)]
    assert [own.backtrack_mm for own in free] == sorted((own.backtrack_mm for own in free), reverse=True)
    assert [own.distance_mm for own in free] == sorted(own.distance_mm for own in free)
    assert free[0].distance_mm == free[0].shortest_mm
    assert [(own.backtrack_mm, own.distance_mm) for own in (free[0], free[2])] == [(8000, 28000), (1000, 34000)]
    assert all(own.proven for own in free)


def test_time_turns_a_walk_where_turning_takes_long() -> None:
    asked = fixed(Spot(1, 2000))
    quick = dataclasses.replace(asked, times=WalkTimes(1000, arm_ms=0))
    slow = dataclasses.replace(asked, times=WalkTimes(1000, arm_ms=60_000, aisle_end_ms=100, stop_ms=7, unit_ms=5))
    policy = Policy(PolicyName.SHORTEST, measure=Measure.DURATION)
    own = solve(quick, policy=policy).certificate
    assert (own.arms, own.walk_ms, own.proven) == (1, 10_000, True)
    own = solve(slow, policy=policy).certificate
    assert (own.arms, own.walk_ms, own.proven) == (0, 26_000 + 4 * 100 + 7 + 5, True)


def test_on_other_floors_time_is_told_and_distance_kept_small() -> None:
    one_way = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    asked = dataclasses.replace(fixed(Spot(0, 1000)), floor=one_way, times=WalkTimes(500))
    policy = Policy(measure=Measure.DURATION)
    for floor in (one_way, dataclasses.replace(FLOOR, grid=None)):
        problem = dataclasses.replace(asked, floor=floor)
        own, by_distance = (solve(problem, policy=each).certificate for each in (policy, Policy()))
        assert (own.walk_ms, own.distance_mm) == (2 * own.distance_mm, by_distance.distance_mm)
        assert 0 < own.walk_bound_ms <= own.walk_ms
        assert not own.proven
        with pytest.raises(ValueError, match="how long things take"):
            solve(dataclasses.replace(problem, times=None), policy=policy)


def test_the_rest_of_a_run_is_timed_like_the_run() -> None:
    asked = dataclasses.replace(fixed(Spot(0, 1000), Spot(1, 6000)), times=WalkTimes(1000))
    route = solve(asked, policy=Policy(measure=Measure.DURATION))
    assert rest_of_run(asked, route, Interruption(1))[0].times == asked.times


def test_limits_are_refused_where_nobody_can_keep_to_them() -> None:
    one_way = rectangular_floor([0, 3000], [0, 10000], aisle_direction={(0, 0): 1})
    asked = PickProblem(one_way, (), Spot(0, 0))
    with pytest.raises(ValueError, match="U-turns can only be limited"):
        solve(asked, policy=Policy(u_turns_max=1))
    with pytest.raises(ValueError, match="rule of its own"):
        solve(asked, policy=Policy(PolicyName.S_SHAPE, u_turns_max=1))
    with pytest.raises(ValueError, match="no detour"):
        solve(asked, policy=Policy(PolicyName.SHORTEST, detour_percent_max=1))
    with pytest.raises(ValueError, match="how long things take"):
        solve(fixed(Spot(0, 1000)), policy=Policy(measure=Measure.DURATION))


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        (Policy(u_turns_max=1), "2 in-and-back arms, 1 are allowed"),
        (Policy(u_turns_max=1.5), "u_turns_max 1.5 is not a whole number"),  # type: ignore[arg-type]
        (Policy(detour_percent_max=10), "more than 10 percent longer"),
        (Policy(detour_percent_max=0.5), "limit nothing"),  # type: ignore[arg-type]
    ],
)
def test_a_route_beyond_its_limits_is_rejected(settings: Policy, fault: str) -> None:
    asked = fixed(Spot(0, 1000), Spot(1, 1000))
    route = solve(asked, policy=Policy(PolicyName.SHORTEST))
    own = dataclasses.replace(
        route.certificate,
        policy=settings,
        backtrack_bound_mm=0,
        proven=False,
        shortest_mm=route.certificate.distance_mm // 2,
    )
    found = verify(asked, dataclasses.replace(route, certificate=own))
    assert any(fault in each for each in found.faults), found.faults


@pytest.mark.parametrize("figure", ["arms", "walk_ms", "walk_bound_ms"])
def test_a_figure_of_turns_or_time_that_is_wrong_is_rejected(figure: str) -> None:
    asked = dataclasses.replace(fixed(Spot(0, 1000), Spot(1, 1000)), times=WalkTimes(1000, 500, 200, 30, 4, 5))
    route = solve(asked, policy=Policy(measure=Measure.DURATION))
    assert verify(asked, route).ok
    own = dataclasses.replace(route.certificate, **{figure: getattr(route.certificate, figure) + 1})
    assert any(figure in fault for fault in verify(asked, dataclasses.replace(route, certificate=own)).faults)


def test_without_a_grid_a_detour_buys_less_backtrack_too() -> None:
    bought = 0
    for seed in range(3):
        dice = random.Random(seed)
        floor = rectangular_floor([3000 * aisle for aisle in range(5)], [0, 10_000, 20_000])
        assert floor.grid is not None
        segments = [edge for column in floor.grid.segments for edge in column]
        spots = [Spot(dice.choice(segments), dice.randrange(1, 10_000)) for _ in range(12)]
        lines = tuple(PickLine(f"{at}", 1, (Source(f"{at}", spot, 1),)) for at, spot in enumerate(spots))
        problem = PickProblem(dataclasses.replace(floor, grid=None), lines, floor.spot_at(floor.grid.nodes[0][0]))
        shortest = solve(problem, policy=Policy(PolicyName.SHORTEST), budget=FEW).certificate
        for percent in (5, 10, 20, 30):
            policy = Policy(detour_percent_max=percent)
            route = solve(problem, policy=policy, budget=FEW)
            own = route.certificate
            assert verify(problem, route, policy).faults == ()
            assert own.backtrack_mm <= shortest.backtrack_mm
            bought += 0 < own.backtrack_mm < shortest.backtrack_mm
    assert bought

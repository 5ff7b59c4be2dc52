"""How runs are to be walked is said at release, and planning again keeps to it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.rules.pick_runs import Demand, PickArea, check_policy
from inventory.rules.releasing import ReleasePlan, plan_release
from inventory.rules.replanning import Sought, plan_rest
from inventory.rules.stock import NEVER_DAY, Lots, Stock
from inventory.rules.stock import Goods as ProductGoods
from inventory.tables.outbound import PickRunRow
from inventory.work import releasing
from inventory.work.ordering import PlaceOrders, place_orders
from inventory.work.picking import ReportShort, ShortReason
from inventory.work.releasing import Release, release
from inventory.work.replanning import report_short
from inventory.work.sites import live_site
from routing.bin_choice import Budget
from routing.problem import Measure, Policy, PolicyName
from routing.rates import count_arms
from routing.replanning import legs_walked, policy_of_rest
from tests.inventory.picked_run import confirm, sound_plan, taken
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, stocked
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import PolicyUnplanned
from warehouse.floor import Stretch
from warehouse.site_file import read_site
from warehouse.walk_times import WalkTimes

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)
SIX = order("A", *((f"P{number}", 2) for number in range(6)))
TIMES = "times: { speed: 1 m, arm: 2 s, aisle_end: 500 ms, stop: 4 s, unit: 1 s, level: 3 s }\n"
ONE_WAY = DEFINITION.replace("    slots: 2\n", "    slots: 2\n    one_way: { aisles: 2, direction: up }\n")


def placed(database: Database, clock: FixedClock, definition: str = DEFINITION) -> None:
    stocked(database, clock, MANY, definition=definition)
    database.run(place_orders, PlaceOrders(SITE, (SIX,)), clock=clock)


def run_ids(database: Database) -> list[int]:
    with database.read() as session:
        return [key for key in session.execute(select(col(PickRunRow.id))).scalars() if key is not None]


@pytest.mark.parametrize(
    "settings",
    [
        {"step_in_mm": 2500, "u_turns_max": 3},
        {"detour_percent_max": 10},
        {"policy": PolicyName.SHORTEST, "u_turns_max": 0},
        {"policy": PolicyName.SHORTEST, "measure": Measure.DURATION},
        {"measure": Measure.DURATION, "u_turns_max": 2},
    ],
)
def test_settings_bind_the_runs_of_a_release_and_what_is_planned_anew(
    sqlite_database: Database, clock: FixedClock, settings: dict[str, Any]
) -> None:
    placed(sqlite_database, clock, DEFINITION + TIMES)
    release(sqlite_database, Release(SITE, budget_ms=20, **settings), clock)
    (run_id,) = run_ids(sqlite_database)
    asked = {"name": settings.get("policy", PolicyName.NO_BACKTRACK)}
    policy = Policy(**asked, **{name: value for name, value in settings.items() if name != "policy"})
    problem, route = sound_plan(sqlite_database, run_id)
    assert route.certificate.policy == policy
    walking = confirm(sqlite_database, clock, taken(sqlite_database, clock))
    step = walking.current
    assert step is not None
    answer = report_short(
        sqlite_database, ReportShort(run_id, step.step_id, "ann", step.bin_code, ShortReason.MISSING, 0), clock
    )
    assert answer.quantity_elsewhere == 2
    again, rest = sound_plan(sqlite_database, run_id)
    assert again.times == problem.times == WalkTimes(1000, 2000, 500, 4000, 1000, 3000)
    kept = rest.certificate.policy
    assert replace(kept, u_turns_max=policy.u_turns_max) == policy
    assert (kept.u_turns_max is None) == (policy.u_turns_max is None)
    assert (kept.u_turns_max or 0) <= (policy.u_turns_max or 0)


def test_u_turns_made_are_taken_off_those_of_the_rest(sqlite_database: Database, clock: FixedClock) -> None:
    placed(sqlite_database, clock)
    release(sqlite_database, Release(SITE, policy=PolicyName.SHORTEST, u_turns_max=9, budget_ms=20), clock)
    problem, route = sound_plan(sqlite_database, run_ids(sqlite_database)[0])
    assert route.certificate.arms > 0
    allowed = []
    for num_legs in range(len(route.legs) + 1):
        walked = legs_walked(route, num_legs)
        left = policy_of_rest(problem, route, walked).u_turns_max
        assert left == 9 - count_arms(problem.floor, walked)
        allowed.append(left)
    assert (allowed[0], allowed[-1]) == (9, 9 - route.certificate.arms)


def test_time_counts_levels_and_stops_of_the_site(sqlite_database: Database, clock: FixedClock) -> None:
    placed(sqlite_database, clock, DEFINITION + TIMES)
    release(sqlite_database, Release(SITE, measure=Measure.DURATION, budget_ms=20), clock)
    problem, route = sound_plan(sqlite_database, run_ids(sqlite_database)[0])
    level = {source.bin: source.level for line in problem.lines for source in line.sources}
    with sqlite_database.read() as session:
        bins = live_site(session, SITE).bins
    assert level == {code: bins[code].level - 1 for code in level}
    assert set(level.values()) == {0, 1}
    picks = [pick for stop in route.stops for pick in stop.picks]
    handled_ms = 1000 * sum(pick.quantity for pick in picks) + 3000 * sum(level[pick.bin] for pick in picks)
    assert route.certificate.walk_ms >= route.certificate.distance_mm + handled_ms + 4000


@pytest.mark.parametrize(
    ("definition", "settings", "why"),
    [
        (DEFINITION, {"measure": Measure.DURATION}, "the site file gives no times"),
        (ONE_WAY, {"u_turns_max": 1}, "U-turns can only be limited"),
        (DEFINITION, {"policy": PolicyName.S_SHAPE, "u_turns_max": 1}, "s_shape walks by a rule of its own"),
        (DEFINITION, {"policy": PolicyName.SHORTEST, "detour_percent_max": 1}, "the shortest route is no detour"),
        (DEFINITION + TIMES, {"measure": Measure.DURATION, "detour_percent_max": 1}, "limits distance"),
    ],
)
def test_what_a_floor_cannot_keep_to_is_refused_and_nothing_is_released(
    sqlite_database: Database, clock: FixedClock, definition: str, settings: dict[str, Any], why: str
) -> None:
    placed(sqlite_database, clock, definition)
    with pytest.raises(PolicyUnplanned, match=why):
        release(sqlite_database, Release(SITE, budget_ms=20, **settings), clock)
    assert run_ids(sqlite_database) == []


def test_a_release_limited_by_iterations_looks_at_no_clock(
    sqlite_database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets = []

    def plan(*args: Any, budget: Budget, **rest: Any) -> ReleasePlan:
        budgets.append(budget)
        return plan_release(*args, budget=budget, **rest)

    monkeypatch.setattr(releasing, "plan_release", plan)
    placed(sqlite_database, clock)
    answer = release(sqlite_database, Release(SITE, iterations=40, seed=3), clock)
    assert budgets == [Budget(time_ms=None, iterations=40)]
    assert [run.num_steps for run in answer.runs] == [6]


def test_an_area_with_times_keeps_to_time_on_any_floor() -> None:
    site = read_site(ONE_WAY + TIMES)
    assert not isinstance(site, list)
    check_policy(Policy(measure=Measure.DURATION), PickArea.of_site(site))


def test_only_a_picker_whose_way_is_blocked_turns_more_often_than_allowed() -> None:
    site = read_site(DEFINITION)
    assert not isinstance(site, list)
    free = PickArea.of_site(site)
    row = next(row for row, each in enumerate(site.bins) if each.aisle == "2")
    spot = site.bins[row].spot
    middle_mm = free.floor.edges[spot.edge].length_mm // 2
    area = replace(free, floor=replace(free.floor, blocked=(Stretch(spot.edge, middle_mm, middle_mm + 100),)))
    one = np.ones(1, np.int64)
    goods = ProductGoods(("P",), 100 * one, 100 * one, 100 * one, 500 * one, (StorageClass.AMBIENT,))
    stock = Stock(Lots(("L",), 0 * one, NEVER_DAY * one, one), row * one, 0 * one, 5 * one)

    def arms(policy: Policy, *, anew: bool, lacking: int = 0) -> int | None:
        plan = plan_rest(
            [Demand("A", "A1", 0, 0, 2, 0)],
            [Sought("A", "A1", 0, lacking, 0)] if lacking else [],
            stock,
            goods,
            area,
            walked=(),
            incumbent=(),
            policy=policy,
            budget=Budget(time_ms=None, iterations=5),
            anew=anew,
        )
        return None if plan.run is None else plan.run.route.certificate.arms

    assert arms(Policy(u_turns_max=1), anew=True) == 1
    assert arms(Policy(u_turns_max=0), anew=True) == 1
    assert arms(Policy(u_turns_max=0), anew=False, lacking=1) is None
    assert arms(Policy(u_turns_max=1), anew=False, lacking=1) == 1

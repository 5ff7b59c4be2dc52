"""Head-on meetings of a simulated day are those of its walks, and a day planned for its crew has fewer."""

import numpy as np

from inventory.rules.allocation import Order, OrderLine
from inventory.rules.pick_runs import PickArea
from inventory.rules.stock import NEVER_DAY, Goods, Lots, Stock
from routing.bin_choice import Budget
from routing.meeting import Bookings, Pace, visits
from routing.problem import Policy
from sim.day import ReleasedRun, simulate_day
from sim.meetings import count_meetings
from sim.pickers import PickerTimes
from sim.planned_day import PlannedDay, plan_day
from tests.inventory.small_site import DEFINITION
from warehouse.bins import StorageClass
from warehouse.site_file import read_site

EXACT = PickerTimes(speed_cv=0.0, handling_cv=0.0)
NUM_PRODUCTS = 24
SITE = read_site(DEFINITION)
assert not isinstance(SITE, list)
AREA = PickArea.of_site(SITE)


def planned(num_pickers: int | None) -> PlannedDay:
    """Thirty small orders released at once, every product in two bins far apart."""
    ones = np.ones(NUM_PRODUCTS, dtype=np.int64)
    codes = tuple(f"P{number}" for number in range(NUM_PRODUCTS))
    goods = Goods(codes, 100 * ones, 100 * ones, 100 * ones, 9000 * ones, (StorageClass.AMBIENT,) * NUM_PRODUCTS)
    lots = Lots(codes, np.arange(NUM_PRODUCTS), NEVER_DAY * ones, 700_000 * ones)
    bins = np.random.default_rng(2).permutation(len(AREA.shelves))[: 2 * NUM_PRODUCTS]
    stock = Stock(lots, bins, np.tile(np.arange(NUM_PRODUCTS), 2), np.full(2 * NUM_PRODUCTS, 50))
    orders = [
        Order(
            f"{number}",
            tuple(OrderLine(f"{number}/{each}", (5 * number + 7 * each) % NUM_PRODUCTS, 2) for each in range(3)),
        )
        for number in range(30)
    ]
    budget = Budget(time_ms=None, iterations=50)
    return plan_day(
        orders, stock, goods, AREA, policy=Policy(), release_every_s=60, budget=budget, seed=1, num_pickers=num_pickers
    )


def walked(plan: PlannedDay, num_pickers: int) -> int:
    day = simulate_day(plan.released, num_pickers=num_pickers, times=EXACT, seed=1)
    return count_meetings(AREA.floor, plan.released, day)


def test_a_day_planned_for_its_crew_has_fewer_meetings() -> None:
    heedless, heeding = planned(None), planned(4)
    assert walked(heeding, 4) < walked(heedless, 4)
    assert heeding.num_lines == heedless.num_lines
    assert heeding.backtrack_mm <= heedless.backtrack_mm


def test_meetings_counted_are_those_of_the_planned_walks() -> None:
    routes = [run.route for run in planned(None).released[:6]]
    runs = [ReleasedRun(7.0 * number, route, (str(number),)) for number, route in enumerate(routes)]
    day = simulate_day(runs, num_pickers=6, times=EXACT, seed=1)
    booked, expected = Bookings(), 0
    for number, route in enumerate(routes):
        walk = visits(AREA.floor, route, Pace(slack_s=0.0), 7.0 * number + EXACT.setup_s)
        expected += len(booked.meetings(walk, 0.0))
        booked.book(walk)
    assert count_meetings(AREA.floor, runs, day) == expected
    assert walked(PlannedDay(tuple(runs), (), {}, 0, 0), 1) == 0

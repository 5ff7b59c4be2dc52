"""A day's releases, planned by the rules of the live floor.

Orders come in at their real times and are released in waves, every so many seconds, from what earlier
waves have left. What is planned does not depend on who walks it, so one plan serves crews of any size, unless
runs give way to each other.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inventory.rules.allocation import Order
from inventory.rules.pick_runs import PickArea, PlannedRun
from inventory.rules.releasing import plan_release
from inventory.rules.stock import Goods, Stock
from inventory.rules.traffic import Traffic, with_runs
from routing.batching import Splitting
from routing.bin_choice import Budget
from routing.problem import Policy
from sim.day import ReleasedRun

DAY_S = 86_400


@dataclass(frozen=True)
class PlannedDay:
    """The runs of a day as released, how many order lines they pick, and how many come out short."""

    released: tuple[ReleasedRun, ...]
    planned: tuple[PlannedRun, ...]
    placed_s: dict[str, float]
    num_lines: int
    num_short: int

    @property
    def distance_mm(self) -> int:
        """Everything that is walked."""
        return sum(run.route.certificate.distance_mm for run in self.released)

    @property
    def backtrack_mm(self) -> int:
        """Aisle floor walked again."""
        return sum(run.route.certificate.backtrack_mm for run in self.released)


@dataclass(frozen=True)
class OrdersOfDay:
    """Orders by the number of the wave that releases them, and the second after `midnight_ms` each comes in."""

    midnight_ms: int
    placed_s: dict[str, float]
    waves: dict[int, list[Order]]


def orders_of_day(orders: Sequence[Order], release_every_s: int) -> OrdersOfDay:
    """The orders of a day by waves; an order goes with the first wave after it came in."""
    midnight_ms = min((order.placed_ms for order in orders), default=0) // (1000 * DAY_S) * 1000 * DAY_S
    placed_s = {order.order: (order.placed_ms - midnight_ms) / 1000 for order in orders}
    waves: dict[int, list[Order]] = {}
    for order in orders:
        waves.setdefault(math.ceil(placed_s[order.order] / release_every_s), []).append(order)
    return OrdersOfDay(midnight_ms, placed_s, waves)


def plan_day(
    orders: Sequence[Order],
    stock: Stock,
    goods: Goods,
    area: PickArea,
    *,
    policy: Policy,
    splitting: Splitting = Splitting.IF_NEEDED,
    release_every_s: int,
    budget: Budget,
    seed: int,
    num_pickers: int | None = None,
) -> PlannedDay:
    """Plan every wave of a day.

    Parameters
    ----------
    orders
        The day's orders; `placed_ms` says when they come in.
    stock, goods, area
        What lies where in the morning.
    policy
        How runs are walked.
    splitting
        Whether an order may go on several carts.
    release_every_s
        Seconds between waves; an order goes with the first wave after it came in.
    budget
        How long the solver may think about one run; one of iterations makes the day repeatable.
    seed
        Of batching and bin choice.
    num_pickers
        How many walk, if runs are to give way to each other; the plan then serves a crew of that size.

    Returns
    -------
    PlannedDay
        In the order of release.
    """
    come = orders_of_day(orders, release_every_s)
    waves = come.waves
    left = stock
    released: list[ReleasedRun] = []
    planned: list[PlannedRun] = []
    num_short = 0
    traffic = None if num_pickers is None else Traffic(free_s=(0.0,) * num_pickers, since_ms=come.midnight_ms)
    for wave in sorted(waves):
        traffic = None if traffic is None else traffic.at(float(wave * release_every_s))
        plan = plan_release(
            waves[wave],
            left,
            goods,
            area,
            policy=policy,
            splitting=splitting,
            budget=budget,
            seed=seed,
            traffic=traffic,
        )
        traffic = None if traffic is None else with_runs(traffic, area.floor, plan.given_way)
        left = _without(left, plan.runs)
        planned.extend(plan.runs)
        num_short += len(plan.shorts)
        released.extend(ReleasedRun(float(wave * release_every_s), run.route, run.orders) for run in plan.runs)
    num_lines = len({step.line for run in planned for step in run.steps})
    return PlannedDay(tuple(released), tuple(planned), come.placed_s, num_lines, num_short)


def _without(stock: Stock, runs: Sequence[PlannedRun]) -> Stock:
    """What is left of the stock when runs have taken their units."""
    record = {pair: row for row, pair in enumerate(zip(stock.bin.tolist(), stock.lot.tolist(), strict=True))}
    quantity = stock.quantity.copy()
    for run in runs:
        for step in run.steps:
            quantity[record[step.bin, step.lot]] -= step.quantity
    assert not np.any(quantity < 0), "a plan takes no more than there is"
    return replace(stock, quantity=quantity)

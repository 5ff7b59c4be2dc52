"""Release orders: from orders and stock to pick runs, the same on the live floor and in simulation.

Problem
    Given orders and what is free in bins, decide which units every line gets, which orders share a
    cart, and how each cart is walked.
Method
    1. `allocation.allocate` fixes units per lot, first expired first out.
    2. `routing.batching.make_batches` puts orders on carts by the price of their walks, so that as few as can be
       come too late; carts go in order of priority and cut-off.
    3. `pick_runs.plan_run` chooses bins and path of one cart after another, each on the stock that the
       earlier ones have left, so that no two runs are promised the same units.
Complexity
    Linear in runs, each at most the solver's budget.
Limits
    Runs are planned one after another: an early run may take a bin that would have served a later one
    better.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.rules.allocation import Allotment, Order, Short, allocate
from inventory.rules.pick_runs import Demand, FreeStock, PickArea, PlannedRun, plan_run
from inventory.rules.stock import Goods, Stock
from inventory.rules.traffic import Crew, Traffic
from routing.batching import Batching, Item, Load, Splitting, make_batches
from routing.bin_choice import Budget
from routing.deadlines import Deadlines
from routing.giving_way import GivenWay
from routing.problem import Policy
from warehouse.floor import Spot

BUDGET = Budget(time_ms=250)
"""How long the solver may think about one run: well spent on a cart, and 150 orders stay under 10 s."""


@dataclass(frozen=True)
class ReleasePlan:
    """The runs, what is short and why, and the seconds spent by phase (allocate, batch, route).

    `given_way` says of every run how it gives way, and `taken_s` when it is to be taken, on the clock of the
    traffic, if there was traffic to heed.
    """

    runs: tuple[PlannedRun, ...]
    shorts: tuple[Short, ...]
    seconds: dict[str, float]
    given_way: tuple[GivenWay, ...] = ()
    taken_s: tuple[float, ...] = ()


def plan_release(
    orders: Sequence[Order],
    stock: Stock,
    goods: Goods,
    area: PickArea,
    *,
    policy: Policy | None = None,
    batching: Batching = Batching.SAVINGS,
    splitting: Splitting = Splitting.IF_NEEDED,
    budget: Budget = BUDGET,
    seed: int = 0,
    day: int | None = None,
    traffic: Traffic | None = None,
) -> ReleasePlan:
    """Plan the runs that pick a set of orders.

    Parameters
    ----------
    orders
        The orders, with what is still to be released of each line.
    stock
        What is free in bins; it is not changed.
    goods, area
        What the indices mean, the floor and the cart.
    policy
        How routes are chosen; `no_backtrack` by default.
    batching
        Whether orders may share a cart.
    splitting
        Whether an order may go on several carts. One that goes on none then is short with all its lines.
    budget
        How long the solver may think about one run.
    seed
        The same seed gives the same batches, and the same routes where the solver finishes in time.
    day
        The site's calendar day as `date.toordinal()`; lots expired by then are not used.
    traffic
        Who is on the floor, if runs are to give way to each other and to those under way.

    Returns
    -------
    ReleasePlan
        Steps and shorts add up to every line's quantity.

    Raises
    ------
    ValueError
        If a line's quantity is not positive.
    RouteRejected
        If the solver's route does not stand up to verification.
    """
    began = time.perf_counter()
    allocation = allocate(orders, stock.lots, stock.free_of_lot, day=day)
    allocated = time.perf_counter()
    free = FreeStock(stock)
    wanted = _by_order(allocation.allotments)
    deadlines = _deadlines(wanted, orders, traffic)
    batches = make_batches(
        _items(wanted, free, goods, area),
        area.floor,
        area.cart,
        batching=batching,
        seed=seed,
        start=area.start,
        end=area.end,
        policy=policy,
        splitting=splitting,
        deadlines=deadlines,
    )
    batched = time.perf_counter()
    shorts = [*allocation.shorts]
    for misfit in batches.misfits:
        allotment = wanted[misfit.order][misfit.item]
        shorts.append(Short(allotment.order, allotment.line, allotment.product, misfit.quantity, misfit.why))
    runs = []
    crew = None if traffic is None else Crew(traffic, budget, seed)
    for loads in batches.batches:
        demands = _demands(loads, wanted)
        run, unreachable = plan_run(
            demands,
            free,
            goods,
            area,
            policy=policy or Policy(),
            budget=budget,
            seed=seed,
            steer=None if crew is None else crew.steer(min(deadlines.due_s[load.order] for load in loads)),
        )
        shorts.extend(unreachable)
        if run is not None:
            free.promise(run.steps)
            runs.append(run)
    seconds = {
        "allocate": allocated - began,
        "batch": batched - allocated,
        "route": time.perf_counter() - batched,
    }
    given_way, taken_s = ((), ()) if crew is None else (tuple(crew.given), tuple(crew.taken_s))
    return ReleasePlan(tuple(runs), tuple(shorts), seconds, given_way, taken_s)


def _by_order(allotments: Sequence[Allotment]) -> list[list[Allotment]]:
    """The allotments of every order that has any, in the order in which they were served."""
    grouped: dict[str, list[Allotment]] = {}
    for allotment in allotments:
        grouped.setdefault(allotment.order, []).append(allotment)
    return list(grouped.values())


def _items(wanted: Sequence[Sequence[Allotment]], free: FreeStock, goods: Goods, area: PickArea) -> list[list[Item]]:
    """The allotments as batching sees them: size, weight, and the floor they can be picked from."""
    edge = area.shelves.edge
    blocked = {stretch.edge for stretch in area.floor.blocked}
    edges_of: dict[int, tuple[int, ...]] = {}
    spots_of: dict[int, tuple[Spot, ...]] = {}
    for allotments in wanted:
        for each in allotments:
            if each.lot not in edges_of:
                bins = free.stock.bin[free.records(each.lot)]
                edges_of[each.lot] = tuple(sorted(set(edge[bins].tolist())))
                spots = (area.shelves.spots[row] for row in bins.tolist())
                spots_of[each.lot] = tuple(spot for spot in spots if spot.edge in blocked) if blocked else ()
    return [
        [
            Item(
                each.quantity,
                int(goods.volume_mm3[each.product]),
                int(goods.weight_g[each.product]),
                edges_of[each.lot],
                spots_of[each.lot],
            )
            for each in allotments
        ]
        for allotments in wanted
    ]


def _deadlines(wanted: Sequence[Sequence[Allotment]], orders: Sequence[Order], traffic: Traffic | None) -> Deadlines:
    """When the orders with allotments are due, and who walks if there is traffic to heed."""
    order_of = {order.order: order for order in orders}
    own = [order_of[allotments[0].order] for allotments in wanted]
    crew = traffic or Traffic(free_s=())
    return Deadlines(
        due_s=tuple(math.inf if each.due_ms is None else (each.due_ms - crew.since_ms) / 1000 for each in own),
        priority=tuple(each.priority for each in own),
        free_s=crew.free_s,
        pace=crew.pace,
        run_s=crew.setup_s + crew.hand_in_s,
    )


def _demands(loads: Sequence[Load], wanted: Sequence[Sequence[Allotment]]) -> list[Demand]:
    """What a cart is to bring, its totes numbered from 0."""
    demands = []
    totes = [(load.order, tote) for load in loads for tote in load.totes]
    for number, (order, tote) in enumerate(totes):
        for share in tote:
            each = wanted[order][share.item]
            demands.append(Demand(each.order, each.line, each.product, each.lot, share.quantity, number))
    return demands

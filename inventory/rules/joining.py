"""Whether a new order joins a run that waits or is under way, and how its rest is then walked.

Problem
    An order has come in. A run is planned or walked whose path passes the order's goods, and its cart has
    room. Decide whether the order joins it, which units it gets, and how the rest of the run is walked.
Method
    The order's units are allotted first expired, first out, and put in totes of their own. All that the
    run has still to pick and the order's units are one `PickProblem` from where the picker stands, with the
    floor walked so far as its history. It is solved; and the old path is kept if it passes bins enough and is
    no worse, so what lies on the way adds nothing. The order joins if the whole of it can be had and goes
    on the cart, no backtrack is added, at most `extra_mm_per_line` are walked more for each line, and
    no order on the cart becomes late.
Complexity
    One call of the solver.
Limits
    Times are means. An order joins as a whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory.rules.allocation import Allotment, Order, allocate
from inventory.rules.pick_runs import Demand, FreeStock, PickArea, PlannedRun, plan_run
from inventory.rules.stock import Goods, Stock
from routing.batching import Batching, Item, Load, make_batches
from routing.bin_choice import Budget
from routing.joining import walk_past
from routing.meeting import Pace
from routing.problem import End, Measure, PickProblem, Policy, PolicyName
from routing.route import Leg, Pick, Route
from routing.walk import measure_backtrack_mm
from warehouse.bins import Cart
from warehouse.errors import RouteRejected
from warehouse.floor import Floor, Spot, Stretch

EXTRA_MM_PER_LINE = 5_000
"""A line picked on a run of its own costs two to three times as much, so joining pays well within this."""

NUM_RUNS_TRIED = 3
"""Runs whose rest is planned with the order: those whose aisles hold most of its lines."""


@dataclass(frozen=True)
class RunAhead:
    """What is left of a run: what it picks (`ahead`), the legs and picks planned for it, and the floor behind.

    The rest begins at `start` in `begins_s` seconds and takes `rest_s` as planned. `num_totes`, `weight_g` and
    `num_lines` are what the cart carries at its end; `due_ms` is when the first of its orders must leave.
    """

    ahead: tuple[Demand, ...]
    legs: tuple[Leg, ...]
    picks: tuple[Pick, ...]
    walked: tuple[Stretch, ...]
    start: Spot
    end: End
    policy: Policy
    num_totes: int
    weight_g: int
    begins_s: float
    rest_s: float
    due_ms: int | None = None
    num_lines: int = 0

    def backtrack_mm(self, floor: Floor) -> int:
        """Aisle floor that the rest walks again."""
        return measure_backtrack_mm(floor, self.legs, self.walked)

    @property
    def distance_mm(self) -> int:
        """How far the rest is."""
        return sum(leg.length_mm for leg in self.legs)


@dataclass(frozen=True)
class JoinPlan:
    """The rest of a run with the order on it, the totes it takes, and how much further is walked."""

    run: PlannedRun
    num_totes: int
    extra_mm: int


def plan_join(
    order: Order,
    rest: RunAhead,
    stock: Stock,
    goods: Goods,
    area: PickArea,
    *,
    extra_mm_per_line: int,
    now_ms: int,
    budget: Budget,
    seed: int = 0,
    day: int | None = None,
) -> JoinPlan | str:
    """Plan the rest of a run with an order on it, or say in a few words why the order does not join.

    Parameters
    ----------
    order
        With what is still to be released of each line.
    rest
        What is left of the run.
    stock
        What is free, with the units promised to `rest.ahead`.
    goods, area
        What the indices mean, the floor and the cart.
    extra_mm_per_line
        How much further may be walked for each line of the order.
    now_ms
        The time, in ms since 1970.
    budget, seed, day
        As for a release.
    """
    free = stock.free_of_lot.copy()
    for demand in rest.ahead:
        free[demand.lot] -= demand.quantity
    allocation = allocate([order], stock.lots, free, day=day)
    if allocation.shorts:
        return allocation.shorts[0].reason
    load = _load(allocation.allotments, goods, area)
    why = "larger than a cart" if load is None else _too_much(load, rest, area.cart)
    if load is None or why:
        return why
    demands = _demands(load, allocation.allotments, rest.num_totes)
    try:
        run, unreachable = plan_run(
            [*rest.ahead, *demands],
            FreeStock(stock),
            goods,
            replace(area, start=rest.start, end=rest.end),
            policy=rest.policy,
            budget=budget,
            seed=seed,
            walked=rest.walked,
            incumbent=rest.picks,
            steer=lambda problem, route: _keep_path(problem, route, rest),
        )
    except RouteRejected:
        return "no sound route"
    if run is None or unreachable:
        return "out of reach"
    extra_mm = run.route.certificate.distance_mm - rest.distance_mm
    why = _too_far(run.route, rest, extra_mm, extra_mm_per_line * len(order.lines), area.floor) or _too_late(
        run.route, rest, order, now_ms
    )
    return why or JoinPlan(run, len(load.totes), extra_mm)


def _load(allotments: Sequence[Allotment], goods: Goods, area: PickArea) -> Load | None:
    """The order in totes, if one cart takes it."""
    items = [
        Item(each.quantity, int(goods.volume_mm3[each.product]), int(goods.weight_g[each.product]), ())
        for each in allotments
    ]
    batches = make_batches([items], area.floor, area.cart, batching=Batching.ONE_ORDER)
    if batches.misfits or len(batches.batches) != 1:
        return None
    return batches.batches[0][0]


def _demands(load: Load, allotments: Sequence[Allotment], first_tote: int) -> list[Demand]:
    """The order's units by lot and tote, its totes numbered after those on the cart."""
    demands = []
    for number, tote in enumerate(load.totes, first_tote):
        for share in tote:
            each = allotments[share.item]
            demands.append(Demand(each.order, each.line, each.product, each.lot, share.quantity, number))
    return demands


def _keep_path(problem: PickProblem, route: Route, rest: RunAhead) -> Route:
    """The planned path if it passes all that is asked for and the new one is no better."""
    same = walk_past(problem, rest.legs, rest.picks, route.certificate)
    if same is None:
        return route
    return same if _rank(same, rest.policy) <= _rank(route, rest.policy) else route


def _rank(route: Route, policy: Policy) -> tuple[int, int]:
    """Smaller is better under the policy."""
    own = route.certificate
    backtrack_mm = own.backtrack_mm if policy.name is PolicyName.NO_BACKTRACK else 0
    return backtrack_mm, own.walk_ms if policy.measure is Measure.DURATION else own.distance_mm


def _too_much(load: Load, rest: RunAhead, cart: Cart) -> str:
    """Why the cart does not take the order as well; empty if it does."""
    if rest.num_totes + len(load.totes) > cart.num_totes:
        return "no totes left"
    if rest.weight_g + load.weight_g > cart.load_g:
        return "too heavy"
    if cart.lines_max is not None and rest.num_lines + load.num_lines > cart.lines_max:
        return "too many lines"
    return ""


def _too_far(route: Route, rest: RunAhead, extra_mm: int, extra_mm_max: int, floor: Floor) -> str:
    """Why the way is too long; empty if it is not."""
    if route.certificate.backtrack_mm > rest.backtrack_mm(floor):
        return "would turn back"
    if extra_mm > extra_mm_max:
        return f"{extra_mm / 1000:.1f} m further"
    return ""


def _too_late(route: Route, rest: RunAhead, order: Order, now_ms: int) -> str:
    """Which order would be late; empty if none would."""
    begins_ms = now_ms + round(1000 * rest.begins_s)
    before_ms, after_ms = (begins_ms + round(1000 * seconds) for seconds in (rest.rest_s, Pace().duration_s(route)))
    if order.due_ms is not None and after_ms > order.due_ms:
        return "late on this run"
    # Who is late already is not made later.
    if rest.due_ms is not None and after_ms > max(rest.due_ms, before_ms):
        return "would make others late"
    return ""

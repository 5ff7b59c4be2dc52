"""Plan one pick run: bins and path together, then who gets what into which tote.

Problem
    A cart is to bring given units of given lots, each for one order line and into one tote. Which bins
    they come from is open: any bin with free units of the lot will do.
Method
    Units of one lot are merged to one line of a `PickProblem` whose sources are all bins with free
    units of it; `routing.solve` chooses bins and path and verifies the route; its picks are dealt to totes
    in walking order. A stop that serves several totes becomes several steps.
    Lines that no walk can reach are taken out and reported short, and the rest is planned again.
Complexity
    That of the solver, plus O(S) for S sources.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from inventory.rules.allocation import Short
from inventory.rules.stock import Goods, Shelves, Stock
from routing.bin_choice import Budget
from routing.problem import End, EndKind, Measure, PickLine, PickProblem, Policy, Source
from routing.replanning import solve_rest
from routing.route import Pick, Route
from routing.solve import solve
from warehouse.bins import Cart, Site, StationKind
from warehouse.errors import NoRoute, PolicyUnplanned
from warehouse.floor import Floor, Spot, Stretch
from warehouse.walk_times import WalkTimes

Steer = Callable[[PickProblem, Route], Route]
"""Changes a route, not what it brings."""

ENDS = (StationKind.PACKING, StationKind.PUT_WALL, StationKind.CONVEYOR)
"""Where a full cart may be brought."""

LOWEST_LEVEL = 1
"""Levels are counted from the floor, and nobody reaches up to the first one."""


@dataclass(frozen=True)
class PickArea:
    """Where runs are walked: the floor, its bins, what a cart holds, and where runs begin and end.

    `times` say how long things take, where that is known.
    """

    floor: Floor
    shelves: Shelves
    cart: Cart
    start: Spot
    end: End = field(default_factory=End)
    times: WalkTimes | None = None

    @classmethod
    def of_site(cls, site: Site) -> "PickArea":
        """Runs of a site begin at its first cart park and end at the nearest station that takes carts.

        A site without a cart park begins runs at its first station, one without a place to bring carts
        ends them where they began.

        Raises
        ------
        ValueError
            If the site has no station at all.
        """
        if not site.stations:
            raise ValueError(f"site {site.code} has no station where a run could begin")
        parks = [station for station in site.stations if station.kind is StationKind.CART_PARK]
        ends = tuple(station.spot for station in site.stations if station.kind in ENDS)
        return cls(
            floor=site.floor,
            shelves=Shelves.of_site(site),
            cart=site.cart,
            start=(parks or list(site.stations))[0].spot,
            end=End(EndKind.NEAREST, ends) if ends else End(EndKind.START),
            times=site.times,
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """`quantity` units of lot row `lot` for one order line, to go into tote number `tote` of the cart."""

    order: str
    line: str
    product: int
    lot: int
    quantity: int
    tote: int


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One pick: `quantity` units of a lot out of bin row `bin` for one order line into one tote.

    `stop` counts in the stops of the route; steps come in walking order.
    """

    stop: int
    bin: int
    product: int
    lot: int
    quantity: int
    order: str
    line: str
    tote: int


@dataclass(frozen=True)
class PlannedRun:
    """One walk with a cart: what was asked, the verified route, and its steps in walking order."""

    problem: PickProblem
    route: Route
    steps: tuple[PlannedStep, ...]
    num_totes: int

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders on the cart, in the order in which they are first picked for."""
        return tuple(dict.fromkeys(step.order for step in self.steps))


class FreeStock:
    """Stock that is promised run by run, so that no two runs get the same units."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self._free = stock.quantity.copy()
        self._by_lot = np.argsort(stock.lot, kind="stable")
        self._first = np.searchsorted(stock.lot[self._by_lot], np.arange(len(stock.lots) + 1))

    def records(self, lot: int) -> list[int]:
        """The stock records that still have free units of a lot."""
        rows = self._by_lot[self._first[lot] : self._first[lot + 1]]
        free: list[int] = rows[self._free[rows] > 0].tolist()
        return free

    def sources(self, lot: int, shelves: Shelves) -> tuple[Source, ...]:
        """The bins that still have free units of a lot, as a route solver takes them."""
        return tuple(
            Source(
                shelves.codes[bin_row],
                shelves.spots[bin_row],
                int(self._free[row]),
                level=max(0, int(shelves.level[bin_row]) - LOWEST_LEVEL),
            )
            for row, bin_row in ((row, int(self.stock.bin[row])) for row in self.records(lot))
        )

    def promise(self, steps: Iterable[PlannedStep]) -> None:
        """Take what the steps of a run will pick."""
        for step in steps:
            row = next(row for row in self.records(step.lot) if self.stock.bin[row] == step.bin)
            self._free[row] -= step.quantity
            assert self._free[row] >= 0, "a route picks no more than its sources hold"


def check_policy(policy: Policy, area: PickArea) -> None:
    """Refuse a policy that runs in an area cannot keep to: a run with nothing to bring is planned.

    Raises
    ------
    PolicyUnplanned
        With what is in the way.
    """
    if policy.measure is Measure.DURATION and area.times is None:
        raise PolicyUnplanned("the site file gives no times")
    if not policy.limits_walk:
        return
    try:
        empty = PickProblem(area.floor, (), area.start, area.end, times=area.times)
        solve(empty, policy=policy, budget=Budget(time_ms=0))
    except NoRoute:  # the way may be blocked now: then every line is told so
        return
    except ValueError as error:
        raise PolicyUnplanned(str(error)) from error


def plan_run(
    demands: Sequence[Demand],
    free: FreeStock,
    goods: Goods,
    area: PickArea,
    *,
    policy: Policy,
    budget: Budget,
    seed: int,
    walked: tuple[Stretch, ...] = (),
    incumbent: Sequence[Pick] | None = None,
    steer: Steer | None = None,
) -> tuple[PlannedRun | None, tuple[Short, ...]]:
    """Plan the walk that brings `demands`, from `area.start` to `area.end`.

    Parameters
    ----------
    demands
        What to bring; free units must cover every lot.
    free
        Where the lots lie. Nothing is promised here; `FreeStock.promise` does that.
    budget
        How long the solver may think.
    walked
        Aisle floor that the picker has walked on this run before.
    incumbent
        Where a run under way is planned again, the picks it had ahead; the search begins with their bins.
    steer
        Answers a route with the one to walk instead, so that pickers keep out of each other's way.

    Returns
    -------
    tuple
        The run, or None if nothing is left to bring, and what no walk can reach.

    Raises
    ------
    RouteRejected
        If the solver's route does not stand up to verification.
    """
    lines = _merge(demands, free, goods, area.shelves)
    shorts: list[Short] = []
    while lines:
        problem = PickProblem(
            area.floor,
            tuple(line for line, _ in lines.values()),
            area.start,
            area.end,
            walked=walked,
            times=area.times,
        )
        try:
            if incumbent is None:
                route = solve(problem, policy=policy, budget=budget, seed=seed)
            else:
                route = solve_rest(problem, policy=policy, budget=budget, seed=seed, incumbent=incumbent)
        except NoRoute as error:
            unreachable = set(error.lines) & lines.keys() or set(lines)
            for name in sorted(unreachable):
                _, owners = lines.pop(name)
                shorts.extend(Short(each.order, each.line, each.product, each.quantity, error.why) for each in owners)
            continue
        route = route if steer is None else steer(problem, route)
        steps = tuple(_steps(route, {name: owners for name, (_, owners) in lines.items()}, area.shelves))
        return PlannedRun(problem, route, steps, 1 + max(each.tote for each in demands)), tuple(shorts)
    return None, tuple(shorts)


def _merge(
    demands: Sequence[Demand], free: FreeStock, goods: Goods, shelves: Shelves
) -> dict[str, tuple[PickLine, list[Demand]]]:
    """One line for each lot, by name, with those who wait for it."""
    owners: dict[int, list[Demand]] = {}
    for demand in demands:
        owners.setdefault(demand.lot, []).append(demand)
    lines = {}
    for lot, waiting in owners.items():
        name = f"{goods.codes[waiting[0].product]} {free.stock.lots.codes[lot]}"
        quantity = sum(each.quantity for each in waiting)
        weight_g, fragile = int(goods.weight_g[waiting[0].product]), waiting[0].product in goods.fragile
        lines[name] = (PickLine(name, quantity, free.sources(lot, shelves), weight_g, fragile), waiting)
    return lines


def _steps(route: Route, owners: dict[str, list[Demand]], shelves: Shelves) -> Iterator[PlannedStep]:
    """The picks of a route, dealt to those who wait for them, in walking order."""
    for number, stop in enumerate(route.stops):
        for pick in stop.picks:
            waiting, left = owners[pick.line], pick.quantity
            while left:
                demand = waiting[0]
                take = min(left, demand.quantity)
                yield PlannedStep(
                    stop=number,
                    bin=shelves.index[pick.bin],
                    product=demand.product,
                    lot=demand.lot,
                    quantity=take,
                    order=demand.order,
                    line=demand.line,
                    tote=demand.tote,
                )
                left -= take
                if take == demand.quantity:
                    waiting.pop(0)
                else:
                    waiting[0] = replace(demand, quantity=demand.quantity - take)

"""Plan the rest of a run again, from where the picker stands, over floor not yet walked if it can be.

Problem
    Units were missing in a bin, or the way to it was blocked. Other bins may hold them, on the floor ahead or
    anywhere else. The picker is in the middle of a run and must not be sent back.
Method
    The missing units are allotted anew, first expired first out. Together with all that is still to be
    picked they are one `PickProblem` that starts at the picker's spot, with the aisle floor walked so far
    as its history. Bins are chosen anew for all of it; the search begins with those of the old plan.
Limits
    If the new walk cannot reach all that the old plan still promised, the old plan stands.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory.rules.allocation import Order, OrderLine, allocate
from inventory.rules.pick_runs import Demand, FreeStock, PickArea, PlannedRun, plan_run
from inventory.rules.stock import Goods, Stock
from routing.bin_choice import Budget
from routing.problem import Policy
from routing.route import Pick
from warehouse.floor import Stretch


@dataclass(frozen=True, slots=True)
class Sought:
    """`quantity` of an owner's units missing for an order line, to go into tote number `tote`.

    They must have `life_days` of life left.
    """

    order: str
    line: str
    product: int
    quantity: int
    tote: int
    life_days: int = 0
    owner: str = ""


@dataclass(frozen=True)
class RestPlan:
    """The rest of a run, or None where the old plan stands, and how many units each line gets elsewhere."""

    run: PlannedRun | None
    found: dict[str, int]


def plan_rest(
    ahead: Sequence[Demand],
    sought: Sequence[Sought],
    stock: Stock,
    goods: Goods,
    area: PickArea,
    *,
    walked: tuple[Stretch, ...],
    incumbent: Sequence[Pick],
    policy: Policy,
    budget: Budget,
    seed: int = 0,
    day: int | None = None,
    anew: bool = False,
) -> RestPlan:
    """Plan the rest of a run so that it also brings what was missing, if there is any elsewhere.

    Parameters
    ----------
    ahead
        What the run still has to pick, by lot.
    sought
        What was missing.
    stock
        What is free, with the units promised to `ahead`.
    area
        Its start is where the picker stands.
    walked
        Aisle floor walked on this run.
    incumbent
        What the old plan had still to pick, and where.
    policy, budget, seed, day
        As for a release.
    anew
        The old plan cannot be walked any more, so another is needed even if nothing is found, and even if it takes
        more U-turns than the policy allows.
    """
    free = stock.free_of_lot.copy()
    for demand in ahead:
        free[demand.lot] -= demand.quantity
    orders = [
        Order(each.order, (OrderLine(each.line, each.product, each.quantity, each.life_days, each.owner),))
        for each in sought
    ]
    tote_of = {each.line: each.tote for each in sought}
    allotments = allocate(orders, stock.lots, free, day=day).allotments
    if not (allotments or (ahead and anew)):
        return RestPlan(None, {})
    extra = [
        Demand(each.order, each.line, each.product, each.lot, each.quantity, tote_of[each.line]) for each in allotments
    ]

    def planned(kept: Policy) -> PlannedRun | None:
        run, _ = plan_run(
            [*ahead, *extra],
            FreeStock(stock),
            goods,
            area,
            policy=kept,
            budget=budget,
            seed=seed,
            walked=walked,
            incumbent=incumbent,
        )
        return run

    run = planned(policy)
    if run is None and anew and policy.u_turns_max is not None:
        # Whoever stands before blocked floor has to get out, if need be by one turn more.
        run = planned(replace(policy, u_turns_max=None))
    if run is None:
        return RestPlan(None, {})
    brought = Counter[str]()
    for step in run.steps:
        brought[step.line] += step.quantity
    for demand in ahead:
        brought[demand.line] -= demand.quantity
    if min(brought.values()) < 0:
        return RestPlan(None, {})
    found = {line: quantity for line, quantity in brought.items() if quantity}
    return RestPlan(run if found or anew else None, found)

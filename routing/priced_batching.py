"""Orders that share a cart, by the price of their walks.

Problem
    Loads have items that lie in one or more aisles. Put the loads on carts so that all carts together walk as
    little as can be.
Method
    `order_batching` searches. A batch is priced by its walk: every item is had from one of its aisles, opened one
    by one where they serve most items a metre, and the walk through these is exact. Start, end and policy are those
    of the runs.
Complexity
    The budget of iterations; an iteration prices some hundred batches.
Limits
    Items stand for the middle of the aisles they lie in, at no side of them, and how many units lie there is not
    looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.batch_pricing import TRIAL, Orders, Pricing, new_pricing, walk_price
from routing.bin_choice import Budget
from routing.cart_loads import Item, Load, shares_once
from routing.deadlines import PricedBatch
from routing.grid_arrays import across_for_free, refresh
from routing.grid_problem import GridProblem, build
from routing.order_batching import batch_orders
from routing.prepared_floor import prepare
from routing.problem import PickProblem, Policy, PolicyName
from warehouse.bins import Cart
from warehouse.floor import Spot

ITERATIONS_MAX, ITERATIONS_A_LOAD, LINES_IN_ALL = 400, 4, 600_000
"""Iterations of the search: that many, or fewer where there are few loads or each looks at many lines; a few seconds
for 5,000 lines."""

SETS_MAX = 200_000
"""Batches remembered: more than are priced in a few seconds."""


@dataclass(frozen=True)
class PricedBatching:
    """Puts loads in batches by the price of their walks."""

    loads: Sequence[Load]
    orders: Sequence[Sequence[Item]]
    run: PickProblem
    policy: Policy
    cart: Cart
    budget: Budget | None
    seed: int

    def batch(self, some: list[int]) -> list[PricedBatch]:
        """Put some of the loads, by their numbers, in batches."""
        grid, pricing = self.pricing(some)
        num_lines = sum(len(shares_once(self.loads[load])) for load in some)
        iterations = min(ITERATIONS_MAX, ITERATIONS_A_LOAD * len(some), LINES_IN_ALL // max(1, num_lines))
        found = batch_orders(pricing, budget=self.budget or Budget(time_ms=None, iterations=iterations), seed=self.seed)
        batches = []
        for batch in found:
            pricing.work[TRIAL, : len(batch)] = batch
            _, distance_mm = grid.figures(walk_price(pricing, len(batch)))
            batches.append(PricedBatch.of([some[load] for load in batch], self.loads, distance_mm))
        return batches

    def pricing(self, some: list[int]) -> tuple[GridProblem, Pricing]:
        """Some of the loads as priced: a line an item, with the middles of the edges it can be picked from."""
        chosen = [self.loads[load] for load in some]
        lines = [[self.orders[load.order][share.item].edges for share in shares_once(load)] for load in chosen]
        floor = self.run.floor
        edges = sorted({edge for own in lines for line in own for edge in line})
        middle = {edge: Spot(edge, floor.edges[edge].length_mm // 2) for edge in edges}
        name = PolicyName.NO_BACKTRACK if self.policy.name is PolicyName.NO_BACKTRACK else PolicyName.SHORTEST
        grid = build(prepare(floor), self.run, Policy(name), sorted(middle.values()))
        grid = replace(grid, arrays=across_for_free(grid.arrays))
        refresh(grid.arrays, np.zeros(grid.num_spots, np.int32))
        number = {edge: grid.spot_number[spot] for edge, spot in middle.items() if spot in grid.spot_number}
        points = [[[number[edge] for edge in line if edge in number] for line in own] for own in lines]
        reached = [[line for line in own if line] for own in points]
        flat = [line for own in reached for line in own]
        return grid, new_pricing(
            grid,
            Orders(
                first_line=np.cumsum([0, *(len(own) for own in reached)]),
                first_spot=np.cumsum([0, *(len(line) for line in flat)]),
                spots=np.array([point for line in flat for point in line], np.int64),
                sizes=np.array([(len(load.totes), load.weight_g) for load in chosen], np.int64),
                capacity=np.array((self.cart.num_totes, self.cart.load_g), np.int64),
            ),
            sets_max=SETS_MAX,
            seed=self.seed,
        )

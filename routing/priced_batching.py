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
    Items stand for the middle of the aisles they lie in, or of the longest part of them that can be reached where
    floor is blocked, at no side of them, and how many units lie there is not looked at. What lies only where
    nobody gets to costs nothing. Walks are priced by distance, also where runs are then planned by time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from routing.batch_pricing import TRIAL, Orders, Pricing, new_pricing, walk_price
from routing.bin_choice import Budget
from routing.cart_loads import Item, Load, shares_once, taken_of_cart
from routing.deadlines import PricedBatch
from routing.grid_arrays import across_for_free, refresh
from routing.grid_problem import GridProblem, build
from routing.order_batching import batch_orders
from routing.prepared_floor import PreparedFloor, prepare
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
        floor = self.run.floor
        prepared = prepare(floor)
        places = [
            [self._places(prepared, self.orders[load.order][each.item]) for each in shares_once(load)]
            for load in chosen
        ]
        name = PolicyName.NO_BACKTRACK if self.policy.name is PolicyName.NO_BACKTRACK else PolicyName.SHORTEST
        spots = sorted({spot for own in places for line in own for spot in line})
        grid = build(prepared, self.run, Policy(name), spots)
        grid = replace(grid, arrays=across_for_free(grid.arrays))
        refresh(grid.arrays, np.zeros(grid.num_spots, np.int32))
        number = grid.spot_number
        points = [[[number[spot] for spot in line if spot in number] for line in own] for own in places]
        sizes, capacity = taken_of_cart(chosen, self.cart)
        reached = [[line for line in own if line] for own in points]
        flat = [line for own in reached for line in own]
        return grid, new_pricing(
            grid,
            Orders(
                first_line=np.cumsum([0, *(len(own) for own in reached)]),
                first_spot=np.cumsum([0, *(len(line) for line in flat)]),
                spots=np.array([point for line in flat for point in line], np.int64),
                sizes=sizes,
                capacity=capacity,
            ),
            sets_max=SETS_MAX,
            seed=self.seed,
        )

    def _places(self, prepared: PreparedFloor, item: Item) -> list[Spot]:
        """The points that stand for an item: the middles of its edges, or of the parts of them that it lies in."""
        places = []
        for edge in item.edges:
            parts = [(0, prepared.floor.edges[edge].length_mm)]
            if edge in prepared.blocked:
                parts = _parts_in_reach(prepared, self.run.start, edge)
                at_mm = [spot.offset_mm for spot in item.spots if spot.edge == edge]
                parts = [part for part in parts if any(part[0] <= at <= part[1] for at in at_mm)] or parts[:1]
            places += [Spot(edge, (low_mm + high_mm) // 2) for low_mm, high_mm in parts]
        return places


def _parts_in_reach(prepared: PreparedFloor, start: Spot, edge: int) -> list[tuple[int, int]]:
    """The parts of an edge between blocked floor that can be reached from the start, the longest first."""
    ends_mm = [
        0,
        *(end_mm for stretch in prepared.blocked[edge] for end_mm in stretch),
        prepared.floor.edges[edge].length_mm,
    ]
    parts = [(low_mm, high_mm) for low_mm, high_mm in zip(ends_mm[::2], ends_mm[1::2], strict=True) if low_mm < high_mm]
    here = prepared.part_of(start)
    reached = [part for part in parts if prepared.part_of(Spot(edge, sum(part) // 2)) == here]
    return sorted(reached, key=lambda part: part[0] - part[1])

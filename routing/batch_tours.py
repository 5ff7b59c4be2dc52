"""A published batching instance solved: batches, the verified tour of each, and what no batching can beat.

Every tour is a route of `solve`, so it has been judged by `verify`. Where the depot stands before the floor,
the sweep tells over which of its lines the tour comes and goes, and the route between them is solved.
"""

from dataclasses import dataclass, replace

import numpy as np

from routing.batch_bounds import distance_bound_mm
from routing.batch_pricing import TRIAL, new_pricing, walk_price
from routing.bin_choice import Budget
from routing.grid_arrays import CROSSING, KIND
from routing.order_batching import batch_orders
from routing.problem import End, EndKind, PickLine, Policy, PolicyName, Source
from routing.published_batching import BatchingInstance
from routing.solve import solve
from routing.sweep import trace

SETS_MAX = 500_000  # remembered: about 40 MB


@dataclass(frozen=True)
class BatchedTours:
    """Batches of order numbers, and the figures of their tours added up, in the instance's mm.

    `distance_bound_mm` is a distance that no batching can beat.
    """

    batches: tuple[tuple[int, ...], ...]
    distance_mm: int
    backtrack_mm: int
    distance_bound_mm: int


def solve_batching(instance: BatchingInstance, *, policy: Policy, budget: Budget, seed: int = 0) -> BatchedTours:
    """Put the orders of a published instance in batches.

    Parameters
    ----------
    instance
        From `published_batching.read_batching`.
    policy
        How every tour is walked: `no_backtrack` or `shortest`.
    budget
        How long to search.
    seed
        Of the random numbers.
    """
    grid = instance.grid(policy)
    pricing = new_pricing(grid, instance.orders(grid), sets_max=SETS_MAX, seed=seed)
    batches = batch_orders(pricing, budget=budget, seed=seed)
    tours = [tour_mm(instance, batch, policy) for batch in batches]
    return BatchedTours(
        batches=tuple(tuple(instance.numbers[order] for order in batch) for batch in sorted(batches)),
        distance_mm=sum(distance_mm for distance_mm, _ in tours),
        backtrack_mm=sum(backtrack_mm for _, backtrack_mm in tours),
        distance_bound_mm=_bound_mm(instance),
    )


def tour_mm(instance: BatchingInstance, batch: list[int], policy: Policy) -> tuple[int, int]:
    """(distance_mm, backtrack_mm) of the best tour for a batch, solved and verified."""
    spots = sorted({spot for order in batch for spot in instance.spots[order]})
    lines = tuple(PickLine(f"{at}", 1, (Source(f"{at}", spot, 1),)) for at, spot in enumerate(spots))
    problem, lines_mm = replace(instance.problem, lines=lines), 0
    if instance.depot_lines:
        first, last = _depot_columns(instance, batch, policy)
        front = instance.problem.end.spots
        problem = replace(problem, start=front[first], end=End(EndKind.NEAREST, (front[last],)))
        lines_mm = instance.depot_lines[first] + instance.depot_lines[last]
    own = solve(problem, policy=policy).certificate
    assert own.proven, "the sweep is exact where every line has one place"
    return own.distance_mm + lines_mm, own.backtrack_mm


def _bound_mm(instance: BatchingInstance) -> int:
    """A distance that no batching can beat: walked one after the other, all its tours are one by way of everything."""
    shortest = Policy(PolicyName.SHORTEST)
    grid = instance.grid(shortest)
    orders = instance.orders(grid)
    pricing = new_pricing(grid, orders, sets_max=1)
    alone_mm = np.zeros(pricing.num_orders, np.int64)
    for order in range(pricing.num_orders):
        pricing.work[TRIAL, 0] = order
        _, alone_mm[order] = grid.figures(walk_price(pricing, 1))
    by_pieces = distance_bound_mm(grid, instance.problem, instance.spots, orders.sizes, orders.capacity, alone_mm)
    together_mm, _ = tour_mm(instance, list(range(pricing.num_orders)), shortest)
    return max(by_pieces, together_mm)


def _depot_columns(instance: BatchingInstance, batch: list[int], policy: Policy) -> tuple[int, int]:
    """At which front crossings the best tour comes from the depot and goes back to it."""
    grid = instance.grid(policy)
    pricing = new_pricing(grid, instance.orders(grid), sets_max=1)
    pricing.work[TRIAL, : len(batch)] = batch
    walk_price(pricing, len(batch))
    taken = trace(pricing.program, pricing.forward)[pricing.steps[:, KIND] == CROSSING]
    used = [column for column, option in enumerate(taken) for _ in range(option - 1)]
    return used[0], used[-1]

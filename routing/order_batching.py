"""Orders put together in batches within a budget: the wiring of pricing, search and set partitioning.

Problem
    Partition orders into batches that fit on carts so that the walks for all batches are as short as can be.
Method
    `batch_search` starts with savings and anneals. At given shares of the budget `batch_partition` puts the best
    plan together from all sets priced so far, and the search goes on from there.
Complexity
    The budget; before it one price for every pair of orders, or for `NEAR_MAX` pairs an order if there are many.
Limits
    A heuristic; `valid_bound` says how far it may be from the best.
"""

import time

import numpy as np

from routing.batch_partition import best_cover, relax
from routing.batch_plan import (
    CART,
    COST,
    COUNT,
    KEY,
    NO_CART,
    batches_of,
    descend,
    empty_plan,
    price_changed,
    put_on,
    total,
)
from routing.batch_pricing import SET_KEY, SIZES, TRIAL, Pricing, floor_shares, keep_sets, walk_price
from routing.batch_search import NUM_WAYS, anneal, fill_savings, merge_by_savings
from routing.bin_choice import Budget
from routing.segment_moves import Ints

PAIRS_MAX = 40_000  # pairs of orders priced to begin with, a second or so
NEAR_MAX = 60  # other orders looked at for each; those that save less together hardly ever share a cart
HEAT_FIRST, HEAT_LAST = 0.1, 0.005  # of the average price of a batch
HOPE = 20  # times the heat: a repaired plan that is worse by more hardly ever descends to a good one
HOPE_MIN = 0.1  # of the average price of a batch
TORN_LEAST, TORN_SHARE, TORN_MAX = 6, 0.15, 20  # orders taken off at most: a share of all, between these
CHUNK_S = 0.05  # how long the search runs between two looks at the clock
PARTITIONS = (0.5, 0.88)  # shares of the budget after which a plan is put together from sets seen
PARTITION_SHARE = 0.1  # how much of the budget each may take
ITERATION_S = 0.002  # what an iteration counts for where partitions are paid from a budget of iterations
KEPT_SHARE = 0.25  # of the sets seen when the memory is full


def batch_orders(pricing: Pricing, *, budget: Budget, seed: int = 0) -> list[list[int]]:
    """Put orders in batches.

    Parameters
    ----------
    pricing
        The orders and what their walks cost. No order is too large for a cart.
    budget
        How long to search.
    seed
        Of the random numbers. The same seed with a budget of iterations alone gives the same batches.

    Returns
    -------
    list of list of int
        The orders of every batch, ascending; every order in exactly one.
    """
    return BatchSearch(pricing, seed).run(budget) if pricing.num_orders else []


class BatchSearch:
    """One search: the plan it stands at, the best one, and which orders are near each other."""

    def __init__(self, pricing: Pricing, seed: int) -> None:
        self.pricing, self.seed = pricing, seed
        self.now = empty_plan(pricing)
        self.near = self._start()
        self._descend(self.now)
        self.best = self.now.copy()
        self.weights = np.ones(NUM_WAYS)
        self.dice = np.random.default_rng(seed).integers(1, 1 << 63, 1, dtype=np.uint64)
        self.iterations = 0

    def _start(self) -> Ints:
        """Fill `now` by savings; returns the orders near each order."""
        num_orders = self.pricing.num_orders
        candidates = _candidates(self.pricing)
        savings = np.zeros_like(candidates)
        fill_savings(self.pricing, self.now, candidates, savings)
        order = np.repeat(np.arange(num_orders), candidates.shape[1])
        most_first = np.argsort(-savings.ravel(), kind="stable")
        most_first = most_first[savings.ravel()[most_first] > 0]
        pairs = np.stack([order[most_first], candidates.ravel()[most_first]], axis=1)
        merge_by_savings(self.pricing, self.now, pairs)
        ranks = np.argsort(-savings, axis=1, kind="stable")[:, :NEAR_MAX]
        return np.ascontiguousarray(np.take_along_axis(candidates, ranks, axis=1))

    def _descend(self, plan: Ints) -> None:
        descend(self.pricing, plan, self.near, np.ones(len(plan), np.bool_))

    def run(self, budget: Budget) -> list[list[int]]:
        """Search until the budget is over."""
        begun, size = time.perf_counter(), 1
        average = total(self.best) / max(1, int(np.count_nonzero(self.best[:, COUNT])))
        partitions = list(PARTITIONS)
        while (share := self._share(budget, begun)) < 1:
            full = self.pricing.num_sets == len(self.pricing.members)
            if full or (partitions and share >= partitions[0]):
                partitions = [each for each in partitions if each > share]
                self._partition(budget, forget=full)
                continue
            heat = average * HEAT_FIRST * (HEAT_LAST / HEAT_FIRST) ** share
            if budget.iterations is not None:
                size = max(1, min(size, budget.iterations - self.iterations))
            at = time.perf_counter()
            anneal(
                self.pricing,
                self.now,
                self.best,
                self.near,
                self.weights,
                self.dice,
                size,
                heat,
                max(HOPE * heat, HOPE_MIN * average),
                max(TORN_LEAST, min(TORN_MAX, int(TORN_SHARE * len(self.now)))),
            )
            self.iterations += size
            size = self._next_size(budget, size, time.perf_counter() - at)
        return _on_fewer_carts(self.pricing, batches_of(self.best, self.pricing.sizes))

    @staticmethod
    def _next_size(budget: Budget, size: int, took_s: float) -> int:
        """How many iterations come before the next look at the clock; without one, hundredths of the budget."""
        if budget.time_ms is None:
            assert budget.iterations is not None
            return 1 + budget.iterations // 100
        return max(1, min(4 * size, int(size * CHUNK_S / max(took_s, 1e-6))))

    def _share(self, budget: Budget, begun: float) -> float:
        """How much of the budget is used up."""
        shares: list[float] = [0.0]
        if budget.time_ms is not None:
            shares.append(1000 * (time.perf_counter() - begun) / max(1, budget.time_ms))
        if budget.iterations is not None:
            shares.append(self.iterations / max(1, budget.iterations))
        return max(shares)

    def _partition(self, budget: Budget, *, forget: bool) -> None:
        """Put a plan together from all sets seen, and go on from it if it is the best."""
        pricing, best = self.pricing, self.best
        known = np.flatnonzero(np.isin(pricing.sets[: pricing.num_sets, SET_KEY], best[best[:, COUNT] > 0, KEY]))
        if len(known) == np.count_nonzero(best[:, COUNT]):
            least, reduced = relax(pricing, known)
            seconds, by_clock = PARTITION_SHARE * _seconds(budget), budget.time_ms is not None
            found = best_cover(pricing, known, least, reduced, seconds, seed=self.seed, by_clock=by_clock)
            if found is not None:
                self._adopt(found)
            order = np.argsort(reduced)
        else:  # some set of the best plan found no room in the memory
            order = np.arange(pricing.num_sets)
        if forget:
            keep_sets(pricing, np.sort(order[: int(KEPT_SHARE * len(order))]))

    def _adopt(self, batches: list[list[int]]) -> None:
        """Go on from these batches, each order left in the first that holds it, if they make the best plan."""
        plan = empty_plan(self.pricing)
        for cart, batch in enumerate(sorted(batches)):
            for order in batch:
                if plan[order, CART] == NO_CART:
                    put_on(self.pricing.sizes, plan, cart, order)
            plan[cart, COST] = price_changed(self.pricing, plan, cart, -1, -1)
        self._descend(plan)
        if total(plan) < total(self.best):
            self.best[:] = plan
            self.now[:] = plan


def _on_fewer_carts(pricing: Pricing, batches: list[list[int]]) -> list[list[int]]:
    """The batches, those put together that fit on one cart and then walk no more: every cart takes a picker."""

    def price(batch: list[int]) -> int:
        pricing.work[TRIAL, : len(batch)] = batch
        return int(walk_price(pricing, len(batch)))

    def room(batch: list[int]) -> Ints:
        return np.asarray(pricing.sizes[batch, SIZES:].sum(axis=0))

    capacity, kept = pricing.sizes[-1, SIZES:], dict(enumerate(batches))
    for at in sorted(kept, key=lambda at: len(batches[at])):
        own = kept.pop(at)
        for other, batch in kept.items():
            both = sorted(batch + own)
            if (room(both) <= capacity).all() and price(both) <= price(batch) + price(own):
                kept[other] = both
                break
        else:
            kept[at] = own
    return [kept[at] for at in sorted(kept)]


def _seconds(budget: Budget) -> float:
    """About how long a search takes."""
    seconds = [] if budget.time_ms is None else [budget.time_ms / 1000]
    return min([*seconds, *([] if budget.iterations is None else [budget.iterations * ITERATION_S])])


def _candidates(pricing: Pricing) -> Ints:
    """For every order the others that are near it: all, or where there are many those with most floor in common."""
    num_orders = pricing.num_orders
    some = min(num_orders - 1, max(NEAR_MAX, PAIRS_MAX // num_orders))
    if some == num_orders - 1:
        return np.array(
            [[other for other in range(num_orders) if other != order] for order in range(num_orders)], np.int64
        )
    floor = floor_shares(pricing)
    common = floor @ floor.T
    np.fill_diagonal(common, -1)
    return np.argpartition(-common, some, axis=1)[:, :some].astype(np.int64)

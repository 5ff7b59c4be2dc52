"""Batches by adaptive large-neighbourhood search, compiled.

Problem
    Partition orders into batches that fit on carts so that the prices of all batches add up to as little
    as can be.
Method
    Start with savings: pairs of orders, those that save most first, bring their batches together where
    they fit on one cart. Then, over and over, some orders are taken off (at random, near each other, from
    carts that walk much for what they carry, or whole carts) and put back one by one, next always the one that would
    lose most by waiting; the changed carts descend by `batch_plan`. What is worse is accepted with a chance
    that falls as the search cools. Ways to take off that led to something good are drawn more often.
Complexity
    About (orders taken off)**2 * (carts near them) prices an iteration, most of them known before.
Limits
    A local search. `near` limits which carts are looked at.
Source
    Clarke, G. and Wright, J. W., Operations Research 12(4), 1964. Ropke, S. and Pisinger, D., Transportation
    Science 40(4), 2006. Zulj, I., Kramer, S. and Schneider, M., European Journal of Operational Research
    264(2), 2018.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.batch_plan import (
    CART,
    COST,
    COUNT,
    LOADS,
    NO_CART,
    descend,
    empty_cart,
    fits,
    price_changed,
    price_joined,
    put_on,
    take_off,
)
from routing.batch_pricing import SIZES, Pricing
from routing.compiled import compiled, compiled_part
from routing.cost import NEVER
from routing.segment_moves import Ints

TORN_MIN = 3  # orders taken off at least: fewer are what a descent moves anyway
CARTS_TORN_MAX = 3  # whole carts taken apart at once: enough to exchange orders in a ring
AT_RANDOM, NEAR_EACH_OTHER, DEAR, CARTS = range(4)
NUM_WAYS = 4
GREED = 4.0  # how strongly the first of a list is preferred: the rank is a random number to this power
REWARDS = (8.0, 3.0, 1.0)  # for a new best plan, a better one, an accepted one
WEIGHT_MIN = 0.2  # every way is drawn now and then
FORGET = 0.98  # how much a way's weight keeps at each use
BLUR = 0.1  # half of all repairs look at prices blurred by up to this much

Dice = NDArray[np.uint64]


@compiled_part
def _chance(dice: Dice) -> float:
    """A random number from 0 up to 1 (xorshift64*)."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(33)) / 2147483648.0


@compiled
def fill_savings(pricing: Pricing, plan: Ints, candidates: Ints, savings: Ints) -> None:
    """Put every order on a cart of its own and find what is saved if it shares one with each of its candidates.

    Less than 0 stands for two that do not fit on a cart.
    """
    sizes = pricing.sizes
    for order in range(len(plan)):
        put_on(sizes, plan, order, order)
        plan[order, COST] = price_changed(pricing, plan, order, -1, -1)
    for order in range(len(candidates)):
        for each in range(candidates.shape[1]):
            other = candidates[order, each]
            savings[order, each] = -1
            if fits(sizes, plan, other, order, -1):
                together = price_changed(pricing, plan, other, -1, order)
                savings[order, each] = plan[order, COST] + plan[other, COST] - together


@compiled
def merge_by_savings(pricing: Pricing, plan: Ints, pairs: Ints) -> None:
    """Bring the carts of pairs of orders together, in the order given, where they fit on one and that saves."""
    sizes = pricing.sizes
    first = LOADS + sizes.shape[1] - SIZES
    for pair in range(len(pairs)):
        here, there = plan[pairs[pair, 0], CART], plan[pairs[pair, 1], CART]
        fit = here != there
        for measure in range(sizes.shape[1] - SIZES):
            fit = fit and plan[here, LOADS + measure] + plan[there, LOADS + measure] <= sizes[-1, SIZES + measure]
        if not fit:
            continue
        cost = price_joined(pricing, plan, here, there)
        if cost <= plan[here, COST] + plan[there, COST]:
            while plan[there, COUNT]:
                order = plan[there, first]
                take_off(sizes, plan, order)
                put_on(sizes, plan, here, order)
            plan[here, COST], plan[there, COST] = cost, 0


@compiled(makes_arrays=True)
def anneal(
    pricing: Pricing,
    now: Ints,
    best: Ints,
    near: Ints,
    weights: NDArray[np.float64],
    dice: Dice,
    iterations: int,
    heat: float,
    hope: float,
    torn_max: int,
) -> None:
    """Take apart and repair `iterations` times.

    `now` is the plan the search stands at, `best` the best one; what is worse by `heat` is accepted about one time
    in three. `near[order]` are other orders, those first with which it shares a cart best. `weights` are those
    of the ways to take orders off, `dice` the state of the random numbers. A repaired plan that is worse by more than
    `hope` is not descended from. Up to `torn_max` orders are taken off.
    """
    fresh = np.zeros(len(now), np.bool_)
    trial = now.copy()
    for _ in range(iterations):
        trial[:] = now
        fresh[:] = False
        way = _draw_way(weights, dice)
        torn = _tear(pricing.sizes, trial, near, way, torn_max, dice, fresh)
        for cart in range(len(trial)):
            if fresh[cart]:
                trial[cart, COST] = price_changed(pricing, trial, cart, -1, -1)
        _repair(pricing, trial, near, torn, dice, fresh)
        before = now[:, COST].sum()
        if trial[:, COST].sum() < before + hope:
            descend(pricing, trial, near, fresh)
        cost = trial[:, COST].sum()
        reward = 0.0
        if cost < before - heat * np.log(max(1e-12, _chance(dice))):
            reward = REWARDS[1] if cost < before else REWARDS[2] * (cost > before)
            if cost < best[:, COST].sum():
                best[:] = trial
                reward = REWARDS[0]
            now[:] = trial
        weights[way] = max(WEIGHT_MIN, FORGET * weights[way] + (1 - FORGET) * reward)


@compiled_part(makes_arrays=True)
def _draw_way(weights: NDArray[np.float64], dice: Dice) -> int:
    """Draw a way to take orders off."""
    point = _chance(dice) * weights.sum()
    for way in range(NUM_WAYS - 1):
        point -= weights[way]
        if point < 0:
            return way
    return NUM_WAYS - 1


@compiled_part(makes_arrays=True)
def _tear(sizes: Ints, plan: Ints, near: Ints, way: int, torn_max: int, dice: Dice, fresh: NDArray[np.bool_]) -> Ints:
    """Take orders off; returns them and marks their carts."""
    num_orders, num_near = len(plan), near.shape[1]
    torn = np.empty(num_orders, np.int64)
    size = 0
    first = int(_chance(dice) * num_orders)
    wanted = min(num_orders, TORN_MIN + int(_chance(dice) * (torn_max - TORN_MIN + 1)))
    if way == CARTS:
        wanted = 2 + int(_chance(dice) * (CARTS_TORN_MAX - 1))
    taken, order = 0, first
    for _ in range(8 * wanted):  # a few throws find an order that is still on a cart, if there is one near
        if plan[order, CART] != NO_CART:
            taken += 1
            cart = plan[order, CART]
            fresh[cart] = True
            while plan[order, CART] != NO_CART:
                torn[size] = order
                size += 1
                take_off(sizes, plan, order)
                if way == CARTS and plan[cart, COUNT]:
                    order = plan[cart, LOADS + sizes.shape[1] - SIZES]
        if taken == wanted:
            break
        if way in (AT_RANDOM, DEAR) or num_near == 0:
            order = int(_chance(dice) * num_orders)
            if way == DEAR:
                order = _dearer(plan, order, int(_chance(dice) * num_orders))
        else:
            order = near[first, int(_chance(dice) ** GREED * num_near)]
    return torn[:size]


@compiled_part
def _dearer(plan: Ints, first: int, second: int) -> int:
    """That of two orders whose cart walks more for what it carries."""
    here, there = plan[first, CART], plan[second, CART]
    if here == NO_CART or there == NO_CART:
        return second if here == NO_CART else first
    worse = float(plan[there, COST]) * plan[here, LOADS] > float(plan[here, COST]) * plan[there, LOADS]
    return second if worse else first


@compiled_part(makes_arrays=True)
def _repair(pricing: Pricing, plan: Ints, near: Ints, torn: Ints, dice: Dice, fresh: NDArray[np.bool_]) -> None:
    """Put the torn orders back, next always the one that would lose most by not getting its best cart."""
    sizes = pricing.sizes
    blur = BLUR if _chance(dice) < 0.5 else 0.0
    regret = _chance(dice) < 0.5
    seen = np.full(len(plan), -1, np.int64)
    left, mark = len(torn), 0
    while left:
        chosen, chosen_cart, chosen_cost, chosen_rank = -1, -1, 0, 0.0
        for each in range(left):
            mark += 1
            cart, cost, second = _best_cart(pricing, plan, near[torn[each]], torn[each], blur, dice, seen, mark)
            added = float(cost - plan[cart, COST])
            rank = second - added if regret else -added
            if chosen < 0 or rank > chosen_rank:
                chosen, chosen_cart, chosen_cost, chosen_rank = each, cart, cost, rank
        put_on(sizes, plan, chosen_cart, torn[chosen])
        plan[chosen_cart, COST] = chosen_cost
        fresh[chosen_cart] = True
        left -= 1
        torn[chosen] = torn[left]


@compiled_part
def _best_cart(
    pricing: Pricing, plan: Ints, near: Any, order: int, blur: float, dice: Dice, seen: Ints, mark: int
) -> tuple[int, int, float]:
    """The cart on which an order costs least, the cart's cost then, and what the second best would cost more.

    Carts `seen` with this `mark` are looked at only once.
    """
    best_cart, best_cost, best, second = -1, 0, float(NEVER), float(NEVER)
    for each in range(-1, len(near)):
        cart = plan[near[each], CART] if each >= 0 else empty_cart(plan)
        if cart == NO_CART or seen[cart] == mark or not fits(pricing.sizes, plan, cart, order, -1):
            continue
        seen[cart] = mark
        cost = price_changed(pricing, plan, cart, -1, order)
        added = float(cost - plan[cart, COST])
        if blur > 0:
            added *= 1.0 + blur * (_chance(dice) - 0.5)
        if added < best:
            best_cart, best_cost, second, best = cart, cost, best, added
        elif added < second:
            second = added
    return best_cart, best_cost, second

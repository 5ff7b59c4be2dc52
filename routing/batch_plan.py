"""Orders on carts, compiled: a plan of batches, its prices, and the moves that make it better.

Problem
    Keep a plan of batches with the price of each, and make it better by small moves until none helps.
Method
    An order moves to the cart of one of the orders near it or to a cart of its own, or two orders change
    places; the first move that gains is made. Only orders of carts that have changed are looked at again.
Complexity
    Orders looked at * near orders, two prices each.
Limits
    A descent; `batch_search` leads it out of valleys.

A plan is one array with a row an order and cart (there are as many carts as orders; most stay empty and
cost nothing). Row k holds on which `CART` order k travels, `NO_CART` if on none; of cart k the `COUNT` of its
orders, its `KEY` (their names added up) and `COST`, from column `LOADS` on what room is taken, and behind
that its orders.
"""

import numpy as np
from numpy.typing import NDArray

from routing.batch_pricing import NAME, SIZES, TRIAL, UNKNOWN, Pricing, known_price, new_price
from routing.compiled import compiled, compiled_part
from routing.segment_moves import Ints

NO_CART = -1
CART, COUNT, KEY, COST, LOADS = range(5)


def empty_plan(pricing: Pricing) -> Ints:
    """No order on any cart."""
    measures = pricing.sizes.shape[1] - SIZES
    plan = np.zeros((pricing.num_orders, LOADS + measures + pricing.members.shape[1]), np.int64)
    plan[:, CART] = NO_CART
    return plan


def total(plan: Ints) -> int:
    """The price of the whole plan."""
    return int(plan[:, COST].sum())


def batches_of(plan: Ints, sizes: Ints) -> list[list[int]]:
    """The orders of every cart that has any."""
    first = LOADS + sizes.shape[1] - SIZES
    return [sorted(row[first : first + row[COUNT]].tolist()) for row in plan if row[COUNT]]


@compiled
def put_on(sizes: Ints, plan: Ints, cart: int, order: int) -> None:
    """Put an order on a cart; the cart's cost is left to the caller."""
    measures = sizes.shape[1] - SIZES
    plan[order, CART] = cart
    plan[cart, LOADS + measures + plan[cart, COUNT]] = order
    plan[cart, COUNT] += 1
    plan[cart, KEY] ^= sizes[order, NAME]
    for measure in range(measures):
        plan[cart, LOADS + measure] += sizes[order, SIZES + measure]


@compiled_part
def take_off(sizes: Ints, plan: Ints, order: int) -> None:
    """Take an order off its cart; the cart's cost is left to the caller."""
    measures = sizes.shape[1] - SIZES
    cart = plan[order, CART]
    at = LOADS + measures
    while plan[cart, at] != order:
        at += 1
    plan[cart, COUNT] -= 1
    plan[cart, at] = plan[cart, LOADS + measures + plan[cart, COUNT]]
    plan[order, CART] = NO_CART
    plan[cart, KEY] ^= sizes[order, NAME]
    for measure in range(measures):
        plan[cart, LOADS + measure] -= sizes[order, SIZES + measure]


@compiled_part
def fits(sizes: Ints, plan: Ints, cart: int, order: int, instead_of: int) -> bool:
    """Whether an order has room on a cart, once the order `instead_of` (-1 for none) has left it."""
    for measure in range(sizes.shape[1] - SIZES):
        load = plan[cart, LOADS + measure] + sizes[order, SIZES + measure]
        if instead_of >= 0:
            load -= sizes[instead_of, SIZES + measure]
        if load > sizes[-1, SIZES + measure]:
            return False
    return True


@compiled_part
def empty_cart(plan: Ints) -> int:
    """A cart with nothing on it, -1 if every order has its own."""
    for cart in range(len(plan)):
        if plan[cart, COUNT] == 0:
            return cart
    return -1


@compiled
def price_changed(pricing: Pricing, plan: Ints, cart: int, without: int, joined: int) -> int:
    """The price of a cart if the order `without` left it and `joined` joined it; -1 for none."""
    sizes, trial = pricing.sizes, pricing.work
    key = plan[cart, KEY]
    if without >= 0:
        key ^= sizes[without, NAME]
    if joined >= 0:
        key ^= sizes[joined, NAME]
    if key == 0:
        return 0
    cost = known_price(pricing.rows, pricing.sets, key)
    if cost != UNKNOWN:
        return cost
    size, first = 0, LOADS + sizes.shape[1] - SIZES
    for at in range(first, first + plan[cart, COUNT]):
        if plan[cart, at] != without:
            trial[TRIAL, size] = plan[cart, at]
            size += 1
    if joined >= 0:
        trial[TRIAL, size] = joined
        size += 1
    return new_price(pricing, size, key)


@compiled_part
def price_joined(pricing: Pricing, plan: Ints, here: int, there: int) -> int:
    """The price of a cart with the orders of two."""
    key = plan[here, KEY] ^ plan[there, KEY]
    cost = known_price(pricing.rows, pricing.sets, key)
    if cost != UNKNOWN:
        return cost
    size, first = 0, LOADS + pricing.sizes.shape[1] - SIZES
    for cart in (here, there):
        for at in range(first, first + plan[cart, COUNT]):
            pricing.work[TRIAL, size] = plan[cart, at]
            size += 1
    return new_price(pricing, size, key)


@compiled(makes_arrays=True)
def descend(pricing: Pricing, plan: Ints, near: Ints, fresh: NDArray[np.bool_]) -> None:
    """Make moves that gain until none is left; only orders on `fresh` carts are looked at to begin with."""
    num_orders = len(plan)
    looked_at = fresh.copy()
    found = True
    while found:
        found = False
        for cart in range(num_orders):
            looked_at[cart], fresh[cart] = fresh[cart], False
        for order in range(num_orders):
            cart = plan[order, CART]
            if (looked_at[cart] or fresh[cart]) and _improve(pricing, plan, near, fresh, order):
                found = True


@compiled_part
def _improve(pricing: Pricing, plan: Ints, near: Ints, fresh: NDArray[np.bool_], order: int) -> bool:
    """Make the first move of an order that gains."""
    sizes = pricing.sizes
    here = plan[order, CART]
    left = price_changed(pricing, plan, here, order, -1)
    for each in range(-1, near.shape[1]):
        other = near[order, each] if each >= 0 else -1
        there = plan[other, CART] if other >= 0 else empty_cart(plan)
        if there == here or there < 0:
            continue
        before = plan[here, COST] + plan[there, COST]
        if fits(sizes, plan, there, order, -1):
            joined = price_changed(pricing, plan, there, -1, order)
            if joined + left < before:
                take_off(sizes, plan, order)
                put_on(sizes, plan, there, order)
                plan[here, COST], plan[there, COST] = left, joined
                fresh[here] = fresh[there] = True
                return True
        if other >= 0 and fits(sizes, plan, there, order, other) and fits(sizes, plan, here, other, order):
            first = price_changed(pricing, plan, here, order, other)
            if first >= before:
                continue
            second = price_changed(pricing, plan, there, other, order)
            if first + second < before:
                take_off(sizes, plan, order)
                take_off(sizes, plan, other)
                put_on(sizes, plan, there, order)
                put_on(sizes, plan, here, other)
                plan[here, COST], plan[there, COST] = first, second
                fresh[here] = fresh[there] = True
                return True
    return False

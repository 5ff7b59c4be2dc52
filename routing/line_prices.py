"""Prices for the units of every line, so that a cheapest walk at these prices bounds every choice of bins.

Problem
    Of all walks whose ways bring enough for every line, what does the cheapest cost at least?
Method
    Lagrangian relaxation. Pay a price for whatever a way brings for a line, and let the walk forget
    what is needed: a cheapest walk is then one sweep. What the lines need is bought back at the least the
    same prices allow: a line of few units has a price for each number of units that a way may bring at
    once, and the dearest combination it may count on is a knapsack, solved by a table. The sum is a lower
    bound whatever the prices are; the best prices are sought along subgradients. All bounds are computed
    in whole numbers, prices rounded down beforehand, so that no bound is ever off by rounding.
Complexity
    O(units brought by all ways + sweep) a bound.
Limits
    The bound is that of the linear relaxation in which lines may be filled by fractions of walks.
Source
    Held, Wolfe and Crowder, Mathematical Programming 6, 1974 (steps); Guignard and Kim, Mathematical
    Programming 39, 1987 (a knapsack for each line beside the network); the flow model is that of Hessler
    and Irnich, INFORMS Journal on Computing 36(6), 2024.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.segment_moves import COST, MOVE, NEVER, SHIFT, Ints
from routing.ways import FIRST_WAY, LAST_WAY, Kept, Ways

Floats = NDArray[np.float64]

TABLED_MAX: Final = 16  # units of a line that have prices of their own; the knapsack takes their square
PATIENCE: Final = 20  # iterations without a better bound after which steps get shorter
SHORTER: Final = 0.7  # what is left of a step then
MOMENTUM: Final = 0.7  # share of the direction before in the next one: keeps the search from zigzagging
PROGRESS: Final = 1e-3  # of the way to the goal; less than that is no better bound
SHORTEST_STEP: Final = 1e-3
LATEST: Final = 0.1  # share of the latest walk in how much a way is used
BEST, STEP, STALE = range(3)


class Prices(NamedTuple):
    """Prices by units, indexed like `Ways.brings`, and room for what follows from them.

    `wish` is what the search is at, `price` that in whole numbers. `rest` is the least that so many units of
    a line can be had for, `pick` with how many at once one begins. `tabled[line]` says that each number of
    units has its own price; else one unit has one. `on_offer` says which numbers of units any way brings.
    """

    wish: Floats
    price: Ints
    rest: Ints
    pick: Ints
    tabled: Kept
    on_offer: Kept


class Sweeps(NamedTuple):
    """Room for sweeps at prices.

    `cost` is what each way costs less what it earns, `least` and `chosen` the least of each group and the way
    that has it. `before` and `after`, of shape (steps + 1, planes, states), are the least costs to come to a
    state and to go on from it, `onward` how one goes on: (group, plane, state) in one number.
    """

    cost: Ints
    least: Ints
    chosen: Ints
    used: Floats
    before: Ints
    after: Ints
    onward: Ints


def no_prices(ways: Ways) -> Prices:
    """All prices 0, one for a unit of each line."""
    size = len(ways.line_of)
    price, rest, pick = np.zeros((3, size), np.int64)
    return Prices(np.zeros(size), price, rest, pick, np.zeros(len(ways.units), np.bool_), np.zeros(size, np.bool_))


def room_for(ways: Ways, num_states: int) -> Sweeps:
    """Room for sweeps over these ways or fewer."""
    shape = (len(ways.table) + 1, ways.shift.shape[1], num_states)
    least, chosen = np.empty((2, len(ways.group)), np.int64)
    before, after, onward = (np.zeros(shape, np.int64) for _ in range(3))
    cost, used = np.empty(len(ways.way), np.int64), np.zeros(len(ways.way))
    return Sweeps(cost, least, chosen, used, before, after, onward)


@compiled
def settle(ways: Ways, prices: Prices) -> int:
    """Work out all prices from the wishes; what all that the lines need costs at them."""
    wish, price, rest = prices.wish, prices.price, prices.rest
    total = 0
    for line in range(len(ways.units)):
        first, need = ways.units_first[line], ways.units[line]
        if prices.tabled[line]:
            for units in range(1, need + 1):
                price[first + units] = np.int64(wish[first + units])
            _fill_knapsack(prices, first, need)
        else:
            each = np.int64(wish[first + 1])
            for units in range(1, need + 1):
                price[first + units] = rest[first + units] = each * units
        total += rest[first + need]
    return total


@compiled_part
def _fill_knapsack(prices: Prices, first: int, need: int) -> None:
    """Work out `rest` and `pick` of a tabled line."""
    for wanted in range(1, need + 1):
        least, with_units = NEVER, 0
        for units in range(1, need + 1):
            if prices.on_offer[first + units]:
                cost = prices.price[first + units] + prices.rest[first + max(0, wanted - units)]
                if cost < least:
                    least, with_units = cost, units
        prices.rest[first + wanted] = least if with_units else 0
        prices.pick[first + wanted] = with_units


@compiled
def see_offers(ways: Ways, prices: Prices) -> None:
    """Find out which numbers of units are brought by any way."""
    prices.on_offer[:] = False
    for index in ways.brings:
        prices.on_offer[index] = True


@compiled
def price_ways(ways: Ways, prices: Prices, scale: int, begin: int, sweeps: Sweeps) -> None:
    """What the ways of all steps from `begin` on cost less what they earn; a unit of cost counts `scale`."""
    for group in range(ways.group_first[begin], len(ways.group)):
        least, chosen = NEVER, -1
        for way in range(ways.group[group, FIRST_WAY], ways.group[group, LAST_WAY]):
            cost = ways.way[way, COST] * scale
            for at in range(ways.brings_first[way], ways.brings_first[way + 1]):
                cost -= prices.price[ways.brings[at]]
            sweeps.cost[way] = cost
            if cost < least:
                least, chosen = cost, way
        sweeps.least[group], sweeps.chosen[group] = least, chosen


@compiled_part
def sweep_on(ways: Ways, sweeps: Sweeps) -> None:
    """The least costs to come to every state, into `before`."""
    before = sweeps.before
    before[:] = NEVER
    before[0, 0, ways.empty] = 0
    for step in range(len(ways.table)):
        for group in range(ways.group_first[step], ways.group_first[step + 1]):
            move, shift, cost = ways.group[group, MOVE], ways.group[group, SHIFT], sweeps.least[group]
            hops = ways.hop_first[ways.table[step], move]
            for plane in range(before.shape[1]):
                then = ways.shift[shift, plane]
                if then < 0:
                    continue
                for hop in range(hops[0], hops[1]):
                    state, to = ways.hops[hop, 0], ways.hops[hop, 1]
                    so_far = before[step, plane, state]
                    if so_far < NEVER and so_far + cost < before[step + 1, then, to]:
                        before[step + 1, then, to] = so_far + cost


@compiled
def sweep_back(ways: Ways, begin: int, sweeps: Sweeps) -> None:
    """The least costs to go on from every state before steps from `begin` on, into `after` and `onward`."""
    after, onward = sweeps.after, sweeps.onward
    planes, states = after.shape[1], after.shape[2]
    after[begin:] = NEVER
    after[len(ways.table), planes - 1, ways.done] = 0
    for step in range(len(ways.table) - 1, begin - 1, -1):
        for group in range(ways.group_first[step], ways.group_first[step + 1]):
            move, shift, cost = ways.group[group, MOVE], ways.group[group, SHIFT], sweeps.least[group]
            hops = ways.hop_first[ways.table[step], move]
            for plane in range(planes):
                then = ways.shift[shift, plane]
                if then < 0:
                    continue
                for hop in range(hops[0], hops[1]):
                    state, to = ways.hops[hop, 0], ways.hops[hop, 1]
                    ahead = after[step + 1, then, to]
                    if ahead < NEVER and ahead + cost < after[step, plane, state]:
                        after[step, plane, state] = ahead + cost
                        onward[step, plane, state] = (group * planes + then) * states + to


@compiled_part
def count_brought(ways: Ways, sweeps: Sweeps, begin: int, plane: int, state: int, count: Floats) -> None:
    """Count what a cheapest walk brings from a state before step `begin` on."""
    planes, states = sweeps.onward.shape[1], sweeps.onward.shape[2]
    for step in range(begin, len(ways.table)):
        code = sweeps.onward[step, plane, state]
        state, plane = code % states, code // states % planes
        way = sweeps.chosen[code // states // planes]
        for at in range(ways.brings_first[way], ways.brings_first[way + 1]):
            count[ways.brings[at]] += 1


@compiled_part
def note_used(ways: Ways, sweeps: Sweeps) -> None:
    """Take note of which ways a cheapest walk takes."""
    planes, states = sweeps.onward.shape[1], sweeps.onward.shape[2]
    for way in range(len(ways.way)):
        sweeps.used[way] *= 1 - LATEST
    plane, state = 0, ways.empty
    for step in range(len(ways.table)):
        code = sweeps.onward[step, plane, state]
        state, plane = code % states, code // states % planes
        sweeps.used[sweeps.chosen[code // states // planes]] += LATEST


@compiled_part
def count_bought(ways: Ways, prices: Prices, line: int, wanted: int, count: Floats) -> None:
    """Take off what a line buys back when it wants so many units."""
    first = ways.units_first[line]
    if not prices.tabled[line]:
        count[first + 1] -= wanted
        return
    while wanted > 0 and prices.pick[first + wanted] > 0:
        units = prices.pick[first + wanted]
        count[first + units] -= 1
        wanted -= units


@compiled_part
def singly(ways: Ways, prices: Prices, count: Floats) -> None:
    """Count what is brought for lines that are not tabled unit by unit."""
    for line in range(len(ways.units)):
        if not prices.tabled[line]:
            first = ways.units_first[line]
            for units in range(2, ways.units[line] + 1):
                count[first + 1] += units * count[first + units]
                count[first + units] = 0


@compiled_part
def follow(prices: Prices, count: Floats, direction: Floats, reach: float, dearest: float) -> bool:
    """Move the wishes against what was counted, so far as would raise the bound by `reach`; False if at rest.

    No wish gets above `dearest`, lest sums of prices overflow.
    """
    norm = 0.0
    for index in range(len(count)):
        direction[index] = MOMENTUM * direction[index] - (1 - MOMENTUM) * count[index]
        if direction[index] < 0 and prices.wish[index] <= 0:
            direction[index] = 0
        norm += direction[index] * direction[index]
    if norm < 1e-12:
        return False
    for index in range(len(count)):
        prices.wish[index] = min(dearest, max(0.0, prices.wish[index] + reach / norm * direction[index]))
    return True


@compiled
def bound_now(ways: Ways, prices: Prices, scale: int, sweeps: Sweeps) -> int:
    """The bound at the wishes as they are, times `scale`; NEVER if there is no walk."""
    total = settle(ways, prices)
    price_ways(ways, prices, scale, 0, sweeps)
    sweep_back(ways, 0, sweeps)
    least = sweeps.after[0, 0, ways.empty]
    return int(least if least >= NEVER else least + total)


@compiled(makes_arrays=True)
def climb(
    ways: Ways,
    prices: Prices,
    best: Floats,
    direction: Floats,
    scale: int,
    goal: int,
    dearest: float,
    iterations: int,
    sweeps: Sweeps,
    state: Floats,
) -> None:
    """Look for better prices until the bound reaches `goal` or `iterations` are over.

    `best` are the wishes with the best bound so far. `state` has that bound (`BEST`), the length of steps
    (`STEP`) and the iterations since the bound got better (`STALE`); with `direction` it is kept between calls.
    """
    count = np.empty(len(best))
    for _ in range(iterations):
        bound = bound_now(ways, prices, scale, sweeps)
        if bound > state[BEST]:
            if bound > state[BEST] + PROGRESS * (goal - state[BEST]):
                state[STALE] = 0
            state[BEST] = bound
            best[:] = prices.wish
        if bound >= goal:
            return
        state[STALE] += 1
        if state[STALE] >= PATIENCE:
            state[STEP] *= SHORTER
            state[STALE] = 0
            prices.wish[:] = best
            direction[:] = 0
            if state[STEP] < SHORTEST_STEP:
                return
        count[:] = 0
        count_brought(ways, sweeps, 0, 0, ways.empty, count)
        note_used(ways, sweeps)
        singly(ways, prices, count)
        for line in range(len(ways.units)):
            count_bought(ways, prices, line, ways.units[line], count)
        follow(prices, count, direction, state[STEP] * (goal - bound), dearest)

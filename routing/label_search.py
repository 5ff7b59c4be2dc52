"""All walks that may still be better than the best one known, built up step by step.

Problem
    Prices bound what a walk costs; find a walk below a limit that brings enough for every line, or show
    that there is none.
Method
    A label is the beginning of a walk: the state it has come to, what it cost, what it has brought for
    every line, packed into words. All labels are led on over each step. Of two in one state that have
    brought the same the cheaper stays. What a label costs at least in the end is its cost, what the lines
    still miss at the prices, and the least cost to go on; those that reach the limit are dropped,
    and those after which a line cannot be filled. Where many labels stay, the prices are fitted anew to
    a sample of them: what most of them have brought already need not be paid for in the rest.
Complexity
    O(labels * ways) a step; the number of labels grows with the gap between bound and limit.
Limits
    None but time and memory: when all labels are gone, no walk is better.
Source
    Labels with completion bounds are those of Christofides, Mingozzi and Toth, Networks 11(2), 1981.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.line_prices import (
    SHORTER,
    Floats,
    Prices,
    Sweeps,
    count_bought,
    count_brought,
    follow,
    price_ways,
    settle,
    singly,
    sweep_back,
)
from routing.segment_moves import COST, MOVE, NEVER, SHIFT, Ints
from routing.ways import FIRST_WAY, LAST_WAY, Kept, Ways

Words = NDArray[np.uint64]
Small = NDArray[np.int32]

WORD, AT, MASK = range(3)
WORD_BITS: Final = 64
GROWTH: Final = 4  # of the hash table, when it is half full
PATIENCE: Final = 5  # fits without a better mean bound after which steps get shorter


class Packing(NamedTuple):
    """How what a label has brought is packed: for every line its `WORD`, the bit it begins `AT` and a `MASK`.

    Above the bits of each line is one of `guard`, always 0 in labels: with it, all lines are compared at once.
    """

    place: Ints
    guard: Words


class Labels(NamedTuple):
    """Beginnings of walks, all of as many steps.

    `spot` is plane * states + state, `owed` the cost plus what the lines still miss at the prices, `brought`
    the packed units, `came_from` the label before and `by` the way since.
    """

    spot: Small
    owed: Ints
    brought: Words
    came_from: Small
    by: Small


def packing(units: Ints) -> Packing:
    """Room for so many units of every line."""
    place, guard, at = [], [0], 0
    for need in units.tolist():
        bits = need.bit_length() + 1
        if at + bits > WORD_BITS:
            guard.append(0)
            at = 0
        place.append((len(guard) - 1, at, (1 << (bits - 1)) - 1))
        guard[-1] |= 1 << (at + bits - 1)
        at += bits
    return Packing(np.array(place, np.int64).reshape(-1, 3), np.array(guard, np.uint64))


def first_label(ways: Ways, prices: Prices, packed: Packing) -> Labels:
    """The one label before the first step."""
    owed = int(prices.rest[ways.units_first + ways.units].sum())
    nothing = np.zeros(1, np.int32)
    return Labels(
        np.array([ways.empty], np.int32),
        np.array([owed], np.int64),
        np.zeros((1, len(packed.guard)), np.uint64),
        nothing,
        nothing,
    )


@compiled_part
def units_of(packed: Packing, brought: Words, label: int, line: int) -> int:
    """How many units a label has brought for a line."""
    word = brought[label, packed.place[line, WORD]] >> np.uint64(packed.place[line, AT])
    return int(word & np.uint64(packed.place[line, MASK]))


@compiled(makes_arrays=True)
def least_needed(ways: Ways, packed: Packing, most: Ints) -> Words:
    """The packed units that a label must have brought before every step; `most` is from `most_brought`."""
    steps = len(ways.table)
    least = np.zeros((steps + 1, len(packed.guard)), np.uint64)
    ahead = np.zeros(len(ways.units), np.int64)
    for step in range(steps, -1, -1):
        if step < steps:
            ahead += most[step]
        for line in range(len(ways.units)):
            missing = max(0, ways.units[line] - ahead[line])
            least[step, packed.place[line, WORD]] += np.uint64(missing) << np.uint64(packed.place[line, AT])
    return least


@compiled_part
def _enough(brought: Words, label: int, least: Words, guard: Words) -> bool:
    """Whether a label has brought at least so much of every line."""
    for word in range(len(guard)):
        if ((brought[label, word] | guard[word]) - least[word]) & guard[word] != guard[word]:
            return False
    return True


@compiled_part(makes_arrays=True)
def _bring(
    ways: Ways, rest: Ints, packed: Packing, way: int, from_brought: Words, origin: int, brought: Words, label: int
) -> int:
    """Write what label `origin` and a way bring together into `label`; how much less is missing at the prices."""
    brought[label] = from_brought[origin]
    saved = 0
    for at in range(ways.brings_first[way], ways.brings_first[way + 1]):
        index = ways.brings[at]
        line = ways.line_of[index]
        first = ways.units_first[line]
        missing = ways.units[line] - units_of(packed, brought, label, line)
        more = min(index - first, missing)
        saved += rest[first + missing] - rest[first + missing - more]
        brought[label, packed.place[line, WORD]] += np.uint64(more) << np.uint64(packed.place[line, AT])
    return saved


@compiled_part
def _slot(table: Small, spots: Small, brought: Words, spot: int, label: int) -> int:
    """The slot of the hash table with a label equal to this one, or the free one where it belongs."""
    code = np.uint64(spot) * np.uint64(0x9E3779B97F4A7C15)
    for word in range(brought.shape[1]):
        code ^= brought[label, word]
        code *= np.uint64(0xFF51AFD7ED558CCD)
        code ^= code >> np.uint64(32)
    slot = np.int64(code & np.uint64(len(table) - 1))
    while table[slot] >= 0:
        other = table[slot]
        same = spots[other] == spot
        for word in range(brought.shape[1]):
            same = same and brought[other, word] == brought[label, word]
        if same:
            break
        slot = (slot + 1) & (len(table) - 1)
    return int(slot)


@compiled_part(makes_arrays=True)
def _larger_table(size: int, spots: Small, brought: Words, num: int) -> Small:
    """A hash table of the first `num` labels."""
    table = np.full(size, -1, np.int32)
    for label in range(num):
        table[_slot(table, spots, brought, spots[label], label)] = label
    return table


@compiled_part(makes_arrays=True)
def _roomier(labels: Labels, num: int) -> Labels:
    """The first `num` labels with room for twice as many."""
    size = 2 * num
    spot, owed = np.empty(size, np.int32), np.empty(size, np.int64)
    brought = np.empty((size, labels.brought.shape[1]), np.uint64)
    came_from, by = np.empty(size, np.int32), np.empty(size, np.int32)
    spot[:num], owed[:num], brought[:num] = labels.spot[:num], labels.owed[:num], labels.brought[:num]
    came_from[:num], by[:num] = labels.came_from[:num], labels.by[:num]
    return Labels(spot, owed, brought, came_from, by)


@compiled_part(makes_arrays=True)
def _targets(ways: Ways, step: int, states: int) -> Small:
    """The state after each group of a step from every state, -1 where there is none."""
    begin, end = ways.group_first[step], ways.group_first[step + 1]
    targets = np.full((end - begin, states), -1, np.int32)
    for group in range(begin, end):
        hops = ways.hop_first[ways.table[step], ways.group[group, MOVE]]
        for hop in range(hops[0], hops[1]):
            targets[group - begin, ways.hops[hop, 0]] = ways.hops[hop, 1]
    return targets


def cheapest_first(ways: Ways, step: int, cost: Ints) -> Ints:
    """The ways of a step, in each group those first that cost least at the prices."""
    first, last = ways.first[step : step + 2]
    begins = ways.group[ways.group_first[step] : ways.group_first[step + 1], FIRST_WAY]
    group = np.searchsorted(begins, np.arange(first, last), side="right")
    return np.asarray(first + np.lexsort((cost[first:last], group)))


@compiled(makes_arrays=True)
def led_on(
    ways: Ways,
    step: int,
    scale: int,
    limit: int,
    rest: Ints,
    sweeps: Sweeps,
    packed: Packing,
    least: Words,
    order: Ints,
    labels: Labels,
    work_max: int,
) -> tuple[Labels, int]:
    """The labels after a step, and the work it took: how many ways were tried; -1 if that was too much.

    `least` is what they must have brought then, `order` that of `cheapest_first`.
    """
    states = sweeps.after.shape[2]
    ahead = sweeps.after[step + 1]
    targets = _targets(ways, step, states)
    begin, first_way = ways.group_first[step], ways.first[step]
    table, num, work = np.full(1024, -1, np.int32), 0, 0
    made = Labels(
        np.empty(512, np.int32),
        np.empty(512, np.int64),
        np.empty((512, labels.brought.shape[1]), np.uint64),
        np.empty(512, np.int32),
        np.empty(512, np.int32),
    )
    for label in range(len(labels.spot)):
        plane, state = labels.spot[label] // states, labels.spot[label] % states
        for group in range(begin, ways.group_first[step + 1]):
            then, to = ways.shift[ways.group[group, SHIFT], plane], targets[group - begin, state]
            if then < 0 or to < 0 or ahead[then, to] >= NEVER:
                continue
            room = limit - ahead[then, to] - labels.owed[label]
            for each in range(ways.group[group, FIRST_WAY], ways.group[group, LAST_WAY]):
                way = order[each - first_way]
                work += 1
                if sweeps.cost[way] >= room:
                    break
                if num == len(made.spot):
                    made = _roomier(made, num)
                added = ways.way[way, COST] * scale
                added -= _bring(ways, rest, packed, way, labels.brought, label, made.brought, num)
                if added >= room or not _enough(made.brought, num, least, packed.guard):
                    continue
                spot, owed = then * states + to, labels.owed[label] + added
                slot = _slot(table, made.spot, made.brought, spot, num)
                into = table[slot]
                if into < 0:
                    into = num
                    table[slot] = num
                    num += 1
                elif made.owed[into] <= owed:
                    continue
                made.spot[into], made.owed[into] = spot, owed
                made.came_from[into], made.by[into] = label, way
                if 2 * num > len(table):
                    table = _larger_table(GROWTH * len(table), made.spot, made.brought, num)
        if work > work_max:
            return made, -1
    brought, came_from = made.brought[:num].copy(), made.came_from[:num].copy()
    return Labels(made.spot[:num].copy(), made.owed[:num].copy(), brought, came_from, made.by[:num].copy()), work


@compiled_part
def _missing_at(ways: Ways, rest: Ints, packed: Packing, brought: Words, label: int) -> int:
    """What the lines still miss at the prices."""
    missing = 0
    for line in range(len(ways.units)):
        units = ways.units[line] - units_of(packed, brought, label, line)
        missing += rest[ways.units_first[line] + units]
    return missing


@compiled(makes_arrays=True)
def bounds_of(labels: Labels, step: int, sweeps: Sweeps) -> Ints:
    """What walks that begin with each label, before a step, cost at least."""
    states = sweeps.after.shape[2]
    bounds = np.empty(len(labels.spot), np.int64)
    for label in range(len(bounds)):
        ahead = sweeps.after[step, labels.spot[label] // states, labels.spot[label] % states]
        bounds[label] = NEVER if ahead >= NEVER else labels.owed[label] + ahead
    return bounds


@compiled_part(makes_arrays=True)
def _mean_bound(
    ways: Ways,
    prices: Prices,
    sweeps: Sweeps,
    packed: Packing,
    step: int,
    limit: int,
    labels: Labels,
    paid: Ints,
    sample: Ints,
    count: Floats,
) -> float:
    """The mean bound of sampled labels, none counted above the limit, and what those below bring and buy."""
    states = sweeps.after.shape[2]
    count[:] = 0
    total = 0.0
    for each in range(len(sample)):
        label = sample[each]
        plane, state = labels.spot[label] // states, labels.spot[label] % states
        bound = NEVER
        if sweeps.after[step, plane, state] < NEVER:
            missing = _missing_at(ways, prices.rest, packed, labels.brought, label)
            bound = paid[each] + missing + sweeps.after[step, plane, state]
        total += min(bound, limit) / len(sample)
        if bound < limit:
            count_brought(ways, sweeps, step, plane, state, count)
            for line in range(len(ways.units)):
                units = ways.units[line] - units_of(packed, labels.brought, label, line)
                count_bought(ways, prices, line, units, count)
    singly(ways, prices, count)
    return total


@compiled(makes_arrays=True)
def refit(
    ways: Ways,
    prices: Prices,
    sweeps: Sweeps,
    packed: Packing,
    step: int,
    scale: int,
    limit: int,
    dearest: float,
    labels: Labels,
    sample: Ints,
    iterations: int,
) -> None:
    """Fit the prices to a sample of the labels before a step, and what labels owe to the prices."""
    paid = np.empty(len(labels.spot), np.int64)
    for label in range(len(paid)):
        paid[label] = labels.owed[label] - _missing_at(ways, prices.rest, packed, labels.brought, label)
    count, direction = np.empty(len(prices.wish)), np.zeros(len(prices.wish))
    best, best_wish, stride, stale = -np.inf, prices.wish.copy(), 1.0, 0
    for _ in range(iterations):
        settle(ways, prices)
        price_ways(ways, prices, scale, step, sweeps)
        sweep_back(ways, step, sweeps)
        mean = _mean_bound(ways, prices, sweeps, packed, step, limit, labels, paid[sample], sample, count)
        stale += 1
        if mean > best:
            best, stale = mean, 0
            best_wish[:] = prices.wish
        elif stale == PATIENCE:
            stride, stale = stride * SHORTER, 0
            prices.wish[:] = best_wish
            direction[:] = 0
        count /= len(sample)
        if not follow(prices, count, direction, stride * (limit - mean), dearest):
            break
    prices.wish[:] = best_wish
    settle(ways, prices)
    price_ways(ways, prices, scale, step, sweeps)
    sweep_back(ways, step, sweeps)
    for label in range(len(paid)):
        labels.owed[label] = paid[label] + _missing_at(ways, prices.rest, packed, labels.brought, label)


@compiled(makes_arrays=True)
def only(labels: Labels, keep: Kept) -> Labels:
    """The labels to be kept."""
    return Labels(labels.spot[keep], labels.owed[keep], labels.brought[keep], labels.came_from[keep], labels.by[keep])

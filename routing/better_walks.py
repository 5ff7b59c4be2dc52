"""All walks below a limit, looked for until they are found, shown not to be, or time is up.

Problem
    Prices, ways and a limit are given. Is there a walk below the limit that brings enough for every line,
    and if so, which is the cheapest?
Method
    Labels are led on over all steps by `label_search`; where they are many, prices are fitted to them.
    If that takes too long, the labels there are then still give a bound: every better walk begins like one.
Complexity
    That of the label search.
"""

import math
import time
from typing import NamedTuple

import numpy as np

from routing.label_search import (
    Labels,
    Packing,
    bounds_of,
    cheapest_first,
    first_label,
    least_needed,
    led_on,
    only,
    packing,
    refit,
)
from routing.line_prices import Floats, Prices, Sweeps, most_brought, price_ways, see_offers, settle, sweep_back
from routing.ways import Ways

TRIES_A_SECOND = 4e6  # of ways tried on labels: roughly what a processor does, where no clock is looked at
OPERATIONS_A_SECOND = 3e8  # of sweeps at prices, likewise
REFIT_LABELS = 1000  # labels that make it worth while to fit the prices to them
REFIT_GROWTH = 1.5  # and so many times as many as were left the last time
REFIT_SAMPLE, REFIT_ITERATIONS = 64, 60  # a fit takes as long as leading on some thousand labels
LABELS_MAX = 60_000_000  # of all steps: they have to be kept, and take 12 bytes each
ENDLESS_S = 1e9


class Allowance:
    """How long something may take: until a moment of the clock, and for so many seconds of counted work.

    Counted work makes an answer the same every time. What is counted here counts for `within` as well.
    """

    def __init__(self, end: float = math.inf, work_s: float = math.inf, within: "Allowance | None" = None) -> None:
        self.end, self.work_s, self.within = end, work_s, within

    def left_s(self) -> float:
        """How many seconds are left."""
        left = min(self.end - time.perf_counter(), self.work_s)
        return left if self.within is None else min(left, self.within.left_s())

    def count(self, seconds: float) -> None:
        """Count work that takes about so long."""
        self.work_s -= seconds
        if self.within is not None:
            self.within.count(seconds)


def sweep_s(ways: Ways, sweeps: Sweeps) -> float:
    """About how long a sweep at prices takes."""
    _, planes, states = sweeps.after.shape
    operations = 4 * len(ways.way) + 2 * len(ways.brings) + planes * states * (len(ways.group) + len(ways.table))
    return float(operations / OPERATIONS_A_SECOND)


class Search(NamedTuple):
    """What walks are looked for among: costs are counted `scale` times, better walks cost less than `limit`.

    No price gets above `dearest`. From `refit_labels` labels on prices are fitted to them.
    """

    ways: Ways
    scale: int
    limit: int
    dearest: float
    refit_labels: int = REFIT_LABELS


class Outcome(NamedTuple):
    """What came of a search: no walk below the limit costs less than `bound`, counted `scale` times.

    `chosen` are the ways of the cheapest walk below the limit if there is one and the search was `finished`.
    """

    finished: bool
    bound: int
    chosen: tuple[int, ...]


def look_for_walks(search: Search, wish: Floats, prices: Prices, sweeps: Sweeps, allowance: Allowance) -> Outcome:
    """The cheapest walk below the limit.

    Parameters
    ----------
    search
        Ways, and the limit.
    wish
        The prices to begin with.
    prices, sweeps
        Room to work in.
    allowance
        How long it may take.
    """
    ways, packed = search.ways, packing(search.ways.units)
    prices = prices._replace(wish=wish.copy())
    see_offers(ways, prices)
    settle(ways, prices)
    price_ways(ways, prices, search.scale, 0, sweeps)
    sweep_back(ways, 0, sweeps)
    least = least_needed(ways, packed, most_brought(ways, np.ones(len(ways.way), np.bool_)))
    labels = first_label(ways, prices, packed)
    behind: list[Labels] = []
    left, kept = 1, 0
    for step in range(len(ways.table)):
        if len(labels.spot) >= max(search.refit_labels, REFIT_GROWTH * left):
            labels = _fitted(search, labels, step, prices, sweeps, packed, allowance)
            left = len(labels.spot)
        kept += len(labels.spot)
        tries_max = int(min(allowance.left_s(), ENDLESS_S) * TRIES_A_SECOND)
        if tries_max <= 0 or kept > LABELS_MAX:
            return _unfinished(search, labels, step, sweeps)
        order = cheapest_first(ways, step, sweeps.cost)
        after, tries = led_on(
            ways,
            step,
            search.scale,
            search.limit,
            prices.rest,
            sweeps,
            packed,
            least[step + 1],
            order,
            labels,
            tries_max,
        )
        allowance.count((tries_max if tries < 0 else tries) / TRIES_A_SECOND)
        if tries < 0:
            return _unfinished(search, labels, step, sweeps)
        # Of labels left behind only the ways are asked for later.
        behind.append(labels._replace(owed=labels.owed[:0], brought=labels.brought[:0]))
        labels = after
        left = min(left, max(1, len(labels.spot)))
        if not len(labels.spot):
            return Outcome(True, search.limit, ())
    behind.append(labels)
    return Outcome(True, int(labels.owed.min()), _ways_of(behind, int(labels.owed.argmin())))


def _unfinished(search: Search, labels: Labels, step: int, sweeps: Sweeps) -> Outcome:
    """What the labels before a step say."""
    bounds = bounds_of(labels, step, sweeps)
    return Outcome(False, int(bounds.min()) if len(bounds) else search.limit, ())


def _fitted(
    search: Search,
    labels: Labels,
    step: int,
    prices: Prices,
    sweeps: Sweeps,
    packed: Packing,
    allowance: Allowance,
) -> Labels:
    """Fit prices to the labels before a step as far as there is time, and keep the labels still below the limit."""
    ways = search.ways
    iterations = int(min(REFIT_ITERATIONS, allowance.left_s() / sweep_s(ways, sweeps)))
    if iterations < 1:
        return labels
    sample = np.linspace(0, len(labels.spot) - 1, min(REFIT_SAMPLE, len(labels.spot))).astype(np.int64)
    refit(
        ways,
        prices,
        sweeps,
        packed,
        step,
        search.scale,
        search.limit,
        search.dearest,
        labels,
        sample,
        iterations,
    )
    allowance.count(iterations * (len(ways.brings) + 10 * len(sample) * len(ways.table)) / OPERATIONS_A_SECOND)
    return only(labels, bounds_of(labels, step, sweeps) < search.limit)


def _ways_of(behind: list[Labels], label: int) -> tuple[int, ...]:
    """The ways by which a label after the last step came about."""
    chosen = []
    for labels in reversed(behind[1:]):
        chosen.append(int(labels.by[label]))
        label = int(labels.came_from[label])
    return tuple(chosen[::-1])

"""All walks below a limit, looked for until they are found, shown not to be, or time is up.

Problem
    Prices, ways and a limit are given. Is there a walk below the limit that brings enough for every line,
    and if so, which is the cheapest?
Method
    Labels are led on over all steps by `label_search`; where they are many, prices are fitted to them.
    If that takes too long, the labels there are then still give a bound: every better walk begins like one. From
    there the search can be gone on with.
Complexity
    That of the label search.
"""

import math
import time
from typing import NamedTuple

import numpy as np

from routing.label_search import (
    Labels,
    bounds_of,
    cheapest_first,
    first_label,
    least_needed,
    led_on,
    only,
    packing,
    refit,
)
from routing.line_prices import Floats, Prices, Sweeps, price_ways, see_offers, settle, sweep_back
from routing.poor_ways import most_brought
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


class WalkSearch:
    """A search for the cheapest walk below the limit, which can be gone on with.

    Parameters
    ----------
    search
        Ways, and the limit.
    wish
        The prices to begin with.
    prices, sweeps
        Room to work in; between calls it may be used by others.
    """

    def __init__(self, search: Search, wish: Floats, prices: Prices, sweeps: Sweeps) -> None:
        ways = search.ways
        self._search, self._sweeps = search, sweeps
        self._prices = prices._replace(wish=wish.copy())
        self._packed = packing(ways.units)
        self._least = least_needed(ways, self._packed, most_brought(ways, np.ones(len(ways.way), np.bool_)))
        self._behind: list[Labels] = []
        self._labels: Labels | None = None
        self._left, self._kept = 1, 0

    def go_on(self, limit: int, allowance: Allowance) -> Outcome:
        """Lead labels on until the cheapest walk below the limit is found, there is none or time is up.

        Parameters
        ----------
        limit
            As that of the search at first; later it may be lower.
        allowance
            How long it may take. A step that is not done by then is begun again by the next call.
        """
        self._search = self._search._replace(limit=limit)
        ways, labels = self._search.ways, self._taken_up()
        for step in range(len(self._behind), len(ways.table)):
            if len(labels.spot) >= max(self._search.refit_labels, REFIT_GROWTH * self._left):
                labels = self._fitted(labels, step, allowance)
                self._left = len(labels.spot)
            self._labels = labels
            after = self._led_on(labels, step, allowance)
            if after is None:
                bounds = bounds_of(labels, step, self._sweeps)
                return Outcome(False, int(bounds.min()) if len(bounds) else limit, ())
            # Of labels left behind only the ways are asked for later.
            self._behind.append(labels._replace(owed=labels.owed[:0], brought=labels.brought[:0]))
            labels = after
            self._left = min(self._left, max(1, len(labels.spot)))
            if not len(labels.spot):
                return Outcome(True, limit, ())
        best = int(labels.owed.argmin())
        return Outcome(True, int(labels.owed[best]), _ways_of([*self._behind, labels], best))

    def _taken_up(self) -> Labels:
        """The labels to go on with, when the room to work in is put in order."""
        ways, step = self._search.ways, len(self._behind)
        see_offers(ways, self._prices)
        settle(ways, self._prices)
        price_ways(ways, self._prices, self._search.scale, step, self._sweeps)
        sweep_back(ways, step, self._sweeps)
        if self._labels is None:
            return first_label(ways, self._prices, self._packed)
        return only(self._labels, bounds_of(self._labels, step, self._sweeps) < self._search.limit)

    def _led_on(self, labels: Labels, step: int, allowance: Allowance) -> Labels | None:
        """The labels after a step, None if there is no time or room for them."""
        kept = self._kept + len(labels.spot)
        tries_max = int(min(allowance.left_s(), ENDLESS_S) * TRIES_A_SECOND)
        if tries_max <= 0 or kept > LABELS_MAX:
            return None
        after, tries = led_on(
            self._search.ways,
            step,
            self._search.scale,
            self._search.limit,
            self._prices.rest,
            self._sweeps,
            self._packed,
            self._least[step + 1],
            cheapest_first(self._search.ways, step, self._sweeps.cost),
            labels,
            tries_max,
        )
        allowance.count((tries_max if tries < 0 else tries) / TRIES_A_SECOND)
        if tries < 0:
            return None
        self._kept = kept
        return after

    def _fitted(self, labels: Labels, step: int, allowance: Allowance) -> Labels:
        """Fit prices to the labels before a step as far as there is time, and keep the labels still below the limit."""
        ways = self._search.ways
        iterations = int(min(REFIT_ITERATIONS, allowance.left_s() / sweep_s(ways, self._sweeps)))
        if iterations < 1:
            return labels
        sample = np.linspace(0, len(labels.spot) - 1, min(REFIT_SAMPLE, len(labels.spot))).astype(np.int64)
        refit(
            ways,
            self._prices,
            self._sweeps,
            self._packed,
            step,
            self._search.scale,
            self._search.limit,
            self._search.dearest,
            labels,
            sample,
            iterations,
        )
        allowance.count(iterations * (len(ways.brings) + 10 * len(sample) * len(ways.table)) / OPERATIONS_A_SECOND)
        return only(labels, bounds_of(labels, step, self._sweeps) < self._search.limit)


def _ways_of(behind: list[Labels], label: int) -> tuple[int, ...]:
    """The ways by which a label after the last step came about."""
    chosen = []
    for labels in reversed(behind[1:]):
        chosen.append(int(labels.by[label]))
        label = int(labels.came_from[label])
    return tuple(chosen[::-1])

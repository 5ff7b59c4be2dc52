"""A first choice of bins by the stretches walked, for runs with more lines than stretches.

Problem
    With many lines, each in many bins, a good walk is by way of few stretches that together hold all lines. A
    search that moves one line at a time does not get there: while a stretch still serves other lines, moving one
    of them away saves nothing.
Method
    Stretches are opened one by one, next the one that serves most per metre of what is still missing; those that
    later ones made superfluous are closed. Each stretch once is the first; the best is kept. Then one or two are
    closed and another one is opened wherever all lines are still served and the walk is better by the sweep,
    until nothing is. Every line is filled from the fullest of its bins on open stretches.
Complexity
    O(stretches**3 * lines), the same a round of exchanges, as array operations, and a price for each exchange
    that serves all lines.
Limits
    A start for `swap_search`, which then looks at single bins.
Source
    Greedy set covering: Chvatal, V., Mathematics of Operations Research 4(3), 1979.
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from routing.cost import NEVER
from routing.segment_moves import Ints
from routing.standing import LINE, NEED, QUANTITY, SPOT, Demand

PRICED_MAX = 5
"""Covers of least floor whose walks are priced."""

ROUNDS_MAX = 20
"""Exchanges made at most; each saves walking, and after a handful there is none."""


def cover_sources(
    demand: Demand, step_of_spot: Ints, length_of_step: Ints, price: Callable[[NDArray[np.int32]], int]
) -> list[int]:
    """Sources that fill all lines from few stretches, none of them superfluous on its own stretch.

    Parameters
    ----------
    demand
        The lines and their sources. Every line can be filled.
    step_of_spot, length_of_step
        On which step of the sweep every spot lies, and how long the floor of each step is, in mm.
    price
        What the walk by way of the spots costs whose entry is not 0.
    """
    cover = _Cover(demand, step_of_spot, length_of_step, price)
    cover.open_best()
    for _ in range(ROUNDS_MAX):
        if not cover.exchange():
            break
    return cover.sources()


class _Cover:
    """The open stretches, and how much of each line they offer."""

    def __init__(
        self,
        demand: Demand,
        step_of_spot: Ints,
        length_of_step: Ints,
        price: Callable[[NDArray[np.int32]], int],
    ) -> None:
        self.demand, self.num_spots, self.price = demand, len(step_of_spot), price
        steps, self.stretch = np.unique(step_of_spot[demand.sources[:, SPOT]], return_inverse=True)
        self.length = np.maximum(1, length_of_step[steps])
        self.need = demand.lines[:, NEED]
        self.offers = np.zeros((len(self.need), len(steps)), np.int64)
        np.add.at(self.offers, (demand.sources[:, LINE], self.stretch), demand.sources[:, QUANTITY])
        self.open = np.zeros(len(steps), np.bool_)
        self.cost = NEVER
        # Of each line the fullest bins first.
        self.order = np.lexsort((-demand.sources[:, QUANTITY], demand.sources[:, LINE]))

    def open_best(self) -> None:
        """Open stretches greedily with each one as the first, and keep the best of those that walk least floor."""
        covers = {tuple(self._greedy_from(first).tolist()) for first in range(len(self.open))}
        shortest = sorted(covers, key=lambda cover: (int(self.length[list(cover)].sum()), cover))[:PRICED_MAX]
        costs = []
        for cover in shortest:
            self._set(cover)
            costs.append(self.cost_now())
        self.cost = min(costs)
        self._set(shortest[costs.index(self.cost)])

    def _set(self, cover: tuple[int, ...]) -> None:
        self.open[:] = False
        self.open[list(cover)] = True

    def _greedy_from(self, first: int) -> NDArray[np.intp]:
        """Open stretches after `first` until all lines are served, and close those not needed in the end."""
        self._set((first,))
        opened = [first]
        while (missing := self.missing()).max() > 0:
            left = np.maximum(missing, 0)[:, None]
            gain = (np.minimum(self.offers, left) / self.need[:, None]).sum(axis=0) / self.length
            opened.append(int(np.argmax(np.where(self.open, -1.0, gain))))
            self.open[opened[-1]] = True
        for stretch in opened:
            self.open[stretch] = False
            self.open[stretch] = self.missing().max() > 0
        return np.flatnonzero(self.open)

    def missing(self) -> Ints:
        """How many units of each line the open stretches lack."""
        return np.asarray(self.need - self.offers[:, self.open].sum(axis=1))

    def exchange(self) -> bool:
        """Close one or two stretches and open another one if that makes a better walk."""
        for closed in self._closings():
            self.open[list(closed)] = False
            serves = (self.offers >= self.missing()[:, None]).all(axis=0) & ~self.open
            serves[list(closed)] = False
            for opened in np.flatnonzero(serves).tolist():
                self.open[opened] = True
                cost = self.cost_now()
                if cost < self.cost:
                    self.cost = cost
                    return True
                self.open[opened] = False
            self.open[list(closed)] = True
        return False

    def _closings(self) -> Iterator[tuple[int, ...]]:
        """One or two of the open stretches: two first, which save more."""
        is_open = np.flatnonzero(self.open).tolist()
        yield from itertools.combinations(is_open, 2)
        yield from ((each,) for each in is_open)

    def sources(self) -> list[int]:
        """Every line's fullest sources on open stretches, no more than it takes."""
        chosen = []
        left = self.need.copy()
        for source in self.order[self.open[self.stretch[self.order]]].tolist():
            line, quantity = self.demand.sources[source, LINE], self.demand.sources[source, QUANTITY]
            if left[line] > 0:
                left[line] -= quantity
                chosen.append(source)
        return chosen

    def cost_now(self) -> int:
        """What the walk by way of the open stretches costs, by the points of `sources`."""
        needed = np.zeros(self.num_spots, np.int32)
        needed[self.demand.sources[self.sources(), SPOT]] = 1
        return self.price(needed)

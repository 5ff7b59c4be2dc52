"""A bound raised where prices end: all walks are split in two, again and again, and each part has its own prices.

Problem
    At the best prices a walk may cost far less than any that fills the lines, as it need not be one walk: half of
    one and half of another bring enough between them. What does a walk that fills them cost at least?
Method
    Branch and bound. Every walk is on one side of a split or the other; with the ways of one side alone prices say
    more, and so do they for the other: the bound is the lower of both. The part with the lowest bound is split
    first. Some splits are tried with few steps of prices, and the one is taken that raises both bounds most. Before
    that, all better walks of a part are looked for, as far as that takes no more than some times its prices.
Complexity
    Exponential in the worst case; some hundred parts where one whole aisle more or less makes the difference.
Limits
    Where bounds hardly rise with any split, `better_walks` alone is quicker. All parts are kept in memory, each with
    a mark for every way.
Source
    Land and Doig, Econometrica 28(3), 1960; Linderoth and Savelsbergh, INFORMS Journal on Computing 11(2), 1999
    (which splits to try, and for how long).
"""

import heapq
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from routing.better_walks import Allowance, Search, WalkSearch, sweep_s
from routing.line_prices import Floats, Prices, Sweeps
from routing.poor_ways import worth_keeping
from routing.price_search import PriceSearch
from routing.segment_moves import Ints
from routing.splits import most_divided, on_side
from routing.ways import Kept, Ways, without_others

ITERATIONS = 60  # on the prices of a part
TRIAL_ITERATIONS = 30  # on those of either side of a split that is tried
LABELS_SHARE = 8.0  # of the time that the prices of a part take: so long all its better walks are looked for
TRIED_MAX = 16  # splits
VAIN_MAX = 8  # trials in turn without a better split, after which no more are tried
FIRST_STEP = 0.15  # the prices of the whole are good ones for a part
LEAST_RISE = 1e-3  # of the way to the limit: the side of a split that rises less counts as if it rose so much


class Part(NamedTuple):
    """Walks that take no ways but those to `keep`: none costs less than `bound`, by the prices `wish` or others."""

    bound: int
    number: int
    keep: Kept
    wish: Floats


class Narrowed(NamedTuple):
    """The ways of a part that are left when it has prices of its own, and what they are called in the whole.

    `priced` is the bound by these prices alone, `used` how much the cheapest walks of late took each way.
    """

    part: Part
    ways: Ways
    names: Ints
    priced: int
    used: Floats


class Found(NamedTuple):
    """A walk that brings enough: its ways, and its cost, counted `scale` times."""

    chosen: tuple[int, ...]
    cost: int


class Branching:
    """What is left of all walks, in parts.

    Parameters
    ----------
    search
        What walks are looked for among. Its limit may become lower later.
    wish
        Prices to begin with.
    prices, sweeps
        Room to work in.
    """

    def __init__(self, search: Search, wish: Floats, prices: Prices, sweeps: Sweeps) -> None:
        self._search, self._prices, self._sweeps = search, prices, sweeps
        self._numbers = itertools.count(0, -1)  # of parts with the same bound the latest comes first
        self._parts = [self._new_part(0, np.ones(len(search.ways.way), np.bool_), wish.copy())]

    @property
    def bound(self) -> int:
        """No walk below the limit that has not been found costs less, counted `scale` times."""
        return self._parts[0].bound if self._parts else self._search.limit

    @property
    def is_over(self) -> bool:
        """Whether no walk below the limit is left."""
        return self.bound >= self._search.limit

    def go_on(self, limit: int, allowance: Allowance) -> Found | None:
        """Split parts until no walk below the limit is left, one is found or time is up; the one that was found."""
        self._search = self._search._replace(limit=limit)
        found = None
        while found is None and not self.is_over and allowance.left_s() > 0:
            parts, found = self._work_on(heapq.heappop(self._parts), allowance)
            for part in parts:
                heapq.heappush(self._parts, part)
        return found

    def _new_part(self, bound: int, keep: Kept, wish: Floats) -> Part:
        """A part with the next number."""
        return Part(bound, next(self._numbers), keep, wish)

    def _work_on(self, part: Part, allowance: Allowance) -> tuple[Sequence[Part], Found | None]:
        """What becomes of a part: nothing, two, or itself if time is up; and its cheapest walk, if that is known."""
        narrowed = self._narrow(part, allowance)
        if narrowed is None:
            return (), None
        ways, wish = narrowed.ways, narrowed.part.wish
        splits = most_divided(ways, narrowed.used, TRIED_MAX)
        work_s = LABELS_SHARE * ITERATIONS * sweep_s(ways, self._sweeps) if len(splits) else math.inf
        search = WalkSearch(self._search._replace(ways=ways), wish, self._prices, self._sweeps)
        out = search.go_on(self._search.limit, Allowance(work_s=work_s, within=allowance))
        if out.finished:
            chosen = tuple(narrowed.names[list(out.chosen)].tolist())
            return (), Found(chosen, out.bound) if chosen else None
        bound = max(narrowed.part.bound, out.bound)
        return self._split(narrowed._replace(part=narrowed.part._replace(bound=bound)), splits, allowance), None

    def _narrow(self, part: Part, allowance: Allowance) -> Narrowed | None:
        """Seek the part's own prices and drop ways; None if no walk below the limit is left."""
        ways = without_others(self._search.ways, part.keep)
        priced, wish = self._price(ways, part.wish, ITERATIONS, allowance)
        scale, limit = self._search.scale, self._search.limit
        keep = worth_keeping(ways, self._prices, wish, scale, limit, self._sweeps) if priced < limit else None
        if keep is None:
            return None
        used, names = self._sweeps.used[: len(keep)][keep], np.flatnonzero(part.keep)[keep]
        part = part._replace(bound=max(part.bound, priced), keep=self._named(names), wish=wish)
        return Narrowed(part, without_others(ways, keep), names, priced, used)

    def _split(self, narrowed: Narrowed, splits: Ints, allowance: Allowance) -> Sequence[Part]:
        """The two parts by the split of those tried that raises both bounds most; the part itself if time is up.

        A split of which one side is ruled out is as good as any.
        """
        part, ways, names, priced, _ = narrowed
        limit = self._search.limit
        parts, most, vain = [part], 0.0, 0
        for split in splits:
            keeps = [on_side(ways, split, side) for side in (True, False)]
            trials = [self._price(without_others(ways, keep), part.wish, TRIAL_ITERATIONS, allowance) for keep in keeps]
            if allowance.left_s() <= 0:
                return [part]
            rises = [max(LEAST_RISE, (min(bound, limit) - priced) / (limit - priced)) for bound, _ in trials]
            vain += 1
            if math.prod(rises) > most or max(rises) == 1:
                most, vain = math.prod(rises), 0
                parts = [
                    self._new_part(max(part.bound, bound), self._named(names[keep]), wish)
                    for keep, (bound, wish) in zip(keeps, trials, strict=True)
                    if bound < limit
                ]
            if vain == VAIN_MAX or max(rises) == 1:
                break
        return parts

    def _price(self, ways: Ways, wish: Floats, iterations: int, allowance: Allowance) -> tuple[int, Floats]:
        """A bound for walks of these ways, and the prices for it."""
        self._sweeps.used[:] = 0
        search = PriceSearch(self._prices, self._sweeps, wish, self._search.scale, self._search.dearest, FIRST_STEP)
        search.go_on(ways, self._search.limit, iterations, allowance)
        return int(max(0.0, search.bound)), search.best

    def _named(self, names: Ints) -> Kept:
        """These ways of the whole alone."""
        keep = np.zeros(len(self._search.ways.way), np.bool_)
        keep[names] = True
        return keep

"""A search for better prices that can be gone on with, for as long as is allowed each time."""

import math

import numpy as np

from routing.better_walks import Allowance, sweep_s
from routing.line_prices import BEST, SHORTEST_STEP, STEP, Floats, Prices, Sweeps, climb, see_offers
from routing.ways import Ways

SLICE_S = 0.002  # between two looks at the clock


class PriceSearch:
    """The best prices so far, and how to go on from there.

    Parameters
    ----------
    prices, sweeps
        Room to work in. Of the prices, which lines are tabled is looked up.
    wish
        The prices to begin with.
    scale
        How many times costs are counted in bounds and limits.
    dearest
        No price gets above it.
    step
        The length of the first steps: 1 if nothing is known of the prices.
    """

    def __init__(
        self, prices: Prices, sweeps: Sweeps, wish: Floats, scale: int, dearest: float, step: float = 1.0
    ) -> None:
        self.prices, self.sweeps, self.scale, self.dearest = prices, sweeps, scale, dearest
        self.best, self._direction = np.empty_like(wish), np.empty_like(wish)
        self._state = np.array([-math.inf, step, 0.0])
        self.begin_at(wish, step)

    @property
    def bound(self) -> float:
        """No walk costs less, by the best prices; `scale` times."""
        return float(self._state[BEST])

    @property
    def step(self) -> float:
        """How long steps are by now."""
        return float(self._state[STEP])

    @property
    def is_over(self) -> bool:
        """Whether steps are so short that no better prices are to be expected."""
        return self.step < SHORTEST_STEP

    def begin_at(self, wish: Floats, step: float) -> None:
        """Go on from other prices that bound as well."""
        self.best[:] = self.prices.wish[:] = wish
        self._direction[:] = 0
        self._state[STEP] = step

    def go_on(self, ways: Ways, goal: int, iterations: int, allowance: Allowance) -> int:
        """Make steps until the bound has reached the goal, or there is no time; how many were made, roughly."""
        see_offers(ways, self.prices)
        each_s, done = sweep_s(ways, self.sweeps), 0
        while done < iterations and self.bound < goal and allowance.left_s() > 0:
            size = min(iterations - done, max(1, int(SLICE_S / each_s)))
            climb(
                ways,
                self.prices,
                self.best,
                self._direction,
                self.scale,
                goal,
                self.dearest,
                size,
                self.sweeps,
                self._state,
            )
            done += size
            allowance.count(size * each_s)
        return done

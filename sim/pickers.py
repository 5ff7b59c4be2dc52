"""How long pickers take: to walk, to stop, to take units, to begin and to hand in.

Walking is deterministic for a picker, whose speed is drawn once a day; handling times are drawn anew at
every stop, from gamma distributions with the mean and the spread of `PickerTimes`. An exponential
service time is the special case of a spread of 1, which ties the simulator to queueing theory.
"""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, slots=True)
class PickerTimes:
    """What one picker needs, in seconds, and how fast one walks.

    `speed_cv` is the spread between pickers (standard deviation / mean), `handling_cv` the spread of
    every handling time. The defaults are planning values for a cart pushed on foot; a site measures
    its own.

    Raises
    ------
    ValueError
        If a figure is negative, or nobody would move.
    """

    speed_mm_s: float = 1200.0
    speed_cv: float = 0.1
    setup_s: float = 45.0
    stop_s: float = 6.0
    unit_s: float = 2.0
    hand_in_s: float = 30.0
    handling_cv: float = 0.5

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise ValueError(f"{each.name} is {getattr(self, each.name)}; it cannot be negative")
        if self.speed_mm_s == 0:
            raise ValueError("speed_mm_s is 0: nobody would arrive")


class Picker:
    """One picker's pace on one day, drawn from `rng`, which is this picker's alone."""

    def __init__(self, times: PickerTimes, rng: np.random.Generator) -> None:
        self.times = times
        self._rng = rng
        self.speed_mm_s = self._draw(times.speed_mm_s, times.speed_cv)

    def walk_s(self, distance_mm: int) -> float:
        """Seconds to walk a distance."""
        return distance_mm / self.speed_mm_s

    def setup_s(self) -> float:
        """Seconds to fetch a cart and start a run."""
        return self._draw(self.times.setup_s, self.times.handling_cv)

    def hand_in_s(self) -> float:
        """Seconds to hand in a full cart."""
        return self._draw(self.times.hand_in_s, self.times.handling_cv)

    def stop_s(self, num_units: int) -> float:
        """Seconds at one stop: find and scan the bin, then take `num_units` units."""
        return self._draw(self.times.stop_s + num_units * self.times.unit_s, self.times.handling_cv)

    def _draw(self, mean: float, cv: float) -> float:
        if mean == 0 or cv == 0:
            return mean
        shape = 1 / cv**2
        return float(self._rng.gamma(shape, mean / shape))

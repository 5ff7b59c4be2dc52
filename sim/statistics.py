"""Means over replications with their 95 % confidence intervals (Student's t)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the half-width of its 95 % interval; one replication alone has no interval (NaN)."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """Lower end of the interval."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the interval."""
        return self.mean + self.half_width


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of independent replications, with its interval.

    Raises
    ------
    ValueError
        If there are no values.

    Examples
    --------
    >>> estimate([1.0, 2.0, 3.0])
    Estimate(mean=2.0, half_width=2.484...)
    """
    if not values:
        raise ValueError("no replication, no mean")
    data = np.asarray(values, dtype=float)
    if len(data) == 1:
        return Estimate(float(data[0]), float("nan"))
    error = float(np.std(data, ddof=1)) / len(data) ** 0.5
    return Estimate(float(np.mean(data)), float(stats.t.ppf((1 + CONFIDENCE) / 2, len(data) - 1)) * error)

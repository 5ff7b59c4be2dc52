import math

import numpy as np
import pytest

from sim.statistics import estimate


def test_the_interval_covers_the_true_mean_95_times_in_100() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(2000):
        found = estimate(rng.normal(10, 3, size=8).tolist())
        covered += found.low <= 10 <= found.high
    assert 0.93 < covered / 2000 < 0.97


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = estimate([5.0])
    assert found.mean == 5.0
    assert math.isnan(found.half_width)


def test_no_replication_is_refused() -> None:
    with pytest.raises(ValueError, match="no replication"):
        estimate([])

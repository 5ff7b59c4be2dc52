"""What would crash the interpreter is refused: parts called from Python, and arrays that nobody counts."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part


@compiled_part
def doubled(number: int) -> int:
    return 2 * number


@compiled
def doubled_and_one_more(number: int) -> int:
    return doubled(number) + 1


def test_a_part_is_refused_to_python_before_and_after_it_is_compiled() -> None:
    with pytest.raises(TypeError, match="doubled"):
        doubled(3)
    assert doubled_and_one_more(3) == 7
    with pytest.raises(TypeError, match="doubled"):
        doubled(3)


@compiled
def itself(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return numbers


@compiled_part(makes_arrays=True)
def doubled_all(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return numbers * 2


@compiled
def last_doubled(numbers: NDArray[np.int64]) -> int:
    return int(doubled_all(numbers)[-1])


@compiled(makes_arrays=True)
def first_doubled(numbers: NDArray[np.int64]) -> int:
    return int(doubled_all(numbers)[0])


@pytest.mark.parametrize("uncounted", [itself, last_doubled])
def test_arrays_that_nobody_counts_are_refused(uncounted: Callable[[NDArray[np.int64]], object]) -> None:
    with pytest.raises(TypeError, match="makes_arrays"):
        uncounted(np.arange(4))
    assert first_doubled(np.arange(2, 4)) == 4

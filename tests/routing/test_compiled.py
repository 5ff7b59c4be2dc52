"""Parts of compiled functions cannot be called from Python, where they would crash it."""

import pytest

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

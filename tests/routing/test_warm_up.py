"""What is compiled ahead is what solving needs, and it is compiled once."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from routing import compiled, grid_choice, warm_up
from routing.swap_search import improve


def test_warming_up_reaches_the_inner_loop_of_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counted(*arguments: Any) -> bool:
        nonlocal calls
        calls += 1
        return improve(*arguments)

    monkeypatch.setattr(grid_choice, "improve", counted)
    warm_up.warm_up()
    assert calls


@pytest.mark.slow  # compiling is
def test_what_failed_is_compiled_again_and_what_is_complete_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "FOLDER", str(tmp_path))
    with pytest.raises(subprocess.CalledProcessError):
        warm_up.compile_side_by_side([("no such part",)])
    with pytest.raises(subprocess.CalledProcessError):
        warm_up.compile_side_by_side([("batching",), ("no such part",)])
    monkeypatch.setattr(sys, "executable", "no such program")
    warm_up.compile_side_by_side([("batching",)])
    with pytest.raises(FileNotFoundError):
        warm_up.compile_side_by_side([("batching",), ("free",)])

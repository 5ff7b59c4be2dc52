"""What is compiled ahead is what solving needs, and it is compiled once."""

import subprocess
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


def test_what_failed_is_compiled_again_and_what_is_complete_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "FOLDER", str(tmp_path))
    monkeypatch.setattr(warm_up, "SIDE_BY_SIDE", (("batching",), ("no such part",)))
    with pytest.raises(subprocess.CalledProcessError):
        warm_up.compile_side_by_side()
    monkeypatch.setattr(warm_up, "SIDE_BY_SIDE", (("batching",),))
    warm_up.compile_side_by_side()
    monkeypatch.setattr(warm_up, "SIDE_BY_SIDE", (("no such part",),))
    warm_up.compile_side_by_side()

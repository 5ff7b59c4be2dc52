"""Where the real orders, products and published instances are, if they are beside the project."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"
SHARED: Path | None = _BESIDE if (_BESIDE / "bench").is_dir() else None


def shared(*parts: str) -> Path:
    """The path of something in the shared data; skips the test without it, or fails it in CI."""
    if SHARED is not None:
        return SHARED.joinpath(*parts)
    reason = f"needs {'/'.join(parts)} of the shared data folder beside the project"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

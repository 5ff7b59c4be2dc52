"""The decorator for compiled functions: machine code is kept on disk, apart for each version of its sources.

numba looks only at a function's own file to see whether kept code is still good, not at the functions it
calls. So the code is kept in a folder named after a digest of all files that say anything is compiled.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba

_settings: Any = numba.config

P = ParamSpec("P")
R = TypeVar("R")


def _folder() -> str:
    """Where machine code of this version is kept."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        text = source.read_bytes()
        if b"compiled" in text:
            digest.update(text)
    return str(Path(__file__).parent / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}")


_FOLDER = _folder()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function by numba when it is first called, without holding the interpreter's lock."""
    elsewhere = _settings.CACHE_DIR
    _settings.CACHE_DIR = _FOLDER
    try:
        made: Callable[P, R] = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    finally:
        _settings.CACHE_DIR = elsewhere
    return made

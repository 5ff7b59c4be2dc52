"""The decorators for compiled functions: machine code is kept on disk, apart for each version of its sources.

numba looks only at a function's own file to see whether kept code is still good, not at the functions it
calls. So the code is kept in a folder named after a digest of all files that say anything is compiled.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numba

_settings: Any = numba.config
_njit: Any = numba.njit
_plain_type: Any = numba.types.unliteral

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
    return cast(Callable[P, R], _by_numba(function, only_inside=False))


def compiled_part(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call, which saves the third of the time that a way in takes.

    Raises
    ------
    TypeError
        If it is called by Python.
    """
    made = _by_numba(function, only_inside=True)

    def refuse(*_: object) -> None:
        raise TypeError(f"{function.__name__} is for compiled functions only")

    # Else a call by Python would jump to where the way in is missing.
    made._insert, made._compile_for_args = lambda *_: None, refuse  # noqa: SLF001
    return cast(Callable[P, R], made)


def _by_numba(function: Callable[..., Any], *, only_inside: bool) -> Any:
    elsewhere = _settings.CACHE_DIR
    _settings.CACHE_DIR = _FOLDER
    try:
        made = _njit(
            cache=True, nogil=True, error_model="numpy", no_cpython_wrapper=only_inside, no_cfunc_wrapper=True
        )(function)
    finally:
        _settings.CACHE_DIR = elsewhere
    compile_for = made.compile
    # Else it is compiled anew for every constant that it is called with.
    made.compile = lambda signature: compile_for(tuple(map(_plain_type, signature)))
    return made

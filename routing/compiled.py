"""The decorators for compiled functions: machine code is kept on disk, apart for each version of its sources.

numba looks only at a function's own file to see whether kept code is still good, not at the functions it calls
and the constants it takes. So the code is kept in a folder named after a digest of all files in which anything is
compiled and of those they import from.
"""

import hashlib
import re
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
    texts = {source.stem: source.read_text("utf-8") for source in Path(__file__).parent.glob("*.py")}
    taken_from = {name: set(re.findall(r"^from routing\.(\w+)", text, re.MULTILINE)) for name, text in texts.items()}
    users = {name for name, names in taken_from.items() if "compiled" in names}
    digest = hashlib.sha256(numba.__version__.encode())
    for name in sorted(users.union(*(taken_from[user] for user in users))):
        digest.update(texts[name].encode())
    return str(Path(__file__).parent / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}")


_FOLDER = _folder()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function by numba when it is first called, without holding the interpreter's lock."""
    return cast(Callable[P, R], _by_numba(function, only_inside=False))


def compiled_part(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only compiled functions call, which saves the time that a way in from Python takes.

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

"""The decorators for compiled functions: machine code is kept on disk, apart for each version of its sources.

numba looks only at a function's own file to see whether kept code is still good, not at the functions it calls
and the constants it takes. So the code is kept in a folder named after a digest of all files in which anything is
compiled and of those they import from.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, overload

import numba
import numba.core.codegen
import numba.extending
import numba.np.arrayobj
from numba.core.compiler_lock import global_compiler_lock

_settings: Any = numba.config
_njit: Any = numba.njit
_overload: Any = numba.extending.overload
_plain_type: Any = numba.types.unliteral
_codegen: Any = numba.core.codegen
_arrays: Any = numba.np.arrayobj

P = ParamSpec("P")
R = TypeVar("R")


def _folder() -> str:
    """A folder for this version."""
    texts = {source.stem: source.read_text("utf-8") for source in Path(__file__).parent.glob("*.py")}
    taken_from = {name: set(re.findall(r"^from routing\.(\w+)", text, re.MULTILINE)) for name, text in texts.items()}
    users = {name for name, names in taken_from.items() if "compiled" in names}
    digest = hashlib.sha256(numba.__version__.encode())
    for name in sorted(users.union(*(taken_from[user] for user in users))):
        digest.update(texts[name].encode())
    return str(Path(__file__).parent / "__pycache__" / f"compiled-{digest.hexdigest()[:16]}")


FOLDER = _folder()
"""Where machine code is kept."""


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def compiled(*, makes_arrays: bool) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def compiled(function: Any = None, /, *, makes_arrays: bool = False) -> Any:
    """Compile a function by numba when it is first called, without holding the interpreter's lock.

    One that makes no arrays need not count who uses them, which is a quarter of the time its callers take, and of
    the time to compile it.

    Parameters
    ----------
    makes_arrays
        Whether it makes arrays, is given new ones by functions it calls, or hands any back.

    Raises
    ------
    TypeError
        When it is compiled, if it hands back an array or calls a function that does, without `makes_arrays`.
    """
    if function is None:
        return lambda each: _by_numba(each, only_inside=False, makes_arrays=makes_arrays)
    return _by_numba(function, only_inside=False, makes_arrays=makes_arrays)


@overload
def compiled_part(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def compiled_part(*, makes_arrays: bool) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def compiled_part(function: Any = None, /, *, makes_arrays: bool = False) -> Any:
    """Compile a function that only compiled functions call, which saves the time that a way in from Python takes.

    Raises
    ------
    TypeError
        If it is called by Python, and as for `compiled`.
    """
    if function is None:
        return lambda each: _part(each, makes_arrays)
    return _part(function, makes_arrays)


def _part(function: Callable[..., Any], makes_arrays: bool) -> Any:
    made = _by_numba(function, only_inside=True, makes_arrays=makes_arrays)

    def refuse(*_: object) -> None:
        raise TypeError(f"{function.__name__} is for compiled functions only")

    # Else a call by Python would jump to where the way in is missing.
    made._insert, made._compile_for_args = lambda *_: None, refuse  # noqa: SLF001
    return made


def _by_numba(function: Callable[..., Any], *, only_inside: bool, makes_arrays: bool) -> Any:
    elsewhere = _settings.CACHE_DIR
    _settings.CACHE_DIR = FOLDER
    try:
        made = _njit(
            cache=True,
            nogil=True,
            error_model="numpy",
            no_cpython_wrapper=only_inside,
            no_cfunc_wrapper=True,
            _nrt=makes_arrays,
        )(function)
    finally:
        _settings.CACHE_DIR = elsewhere
    _compile_plainly(made, _PartCode if only_inside else _codegen.JITCodeLibrary)
    if not makes_arrays:
        _look_for_arrays(made, function.__name__)
    return made


def _compile_plainly(made: Any, code: Any) -> None:
    """Else a function is compiled anew for every constant that it is called with; `code` is the class of its code."""
    compile_for = made.compile

    def compile_plainly(signature: Any) -> Any:
        with global_compiler_lock:
            generator = made.targetctx.codegen()
            before, generator._library_class = generator._library_class, code  # noqa: SLF001
            try:
                return compile_for(tuple(map(_plain_type, signature)))
            finally:
                generator._library_class = before  # noqa: SLF001

    made.compile = compile_plainly


class _PartCode(_codegen.JITCodeLibrary):  # type: ignore[misc] # told nothing of its types
    """The code of a part, which is optimised and made into machine code with that of the functions that take it in.

    By itself it never is: functions call each other over ten levels, and each level would do all below it again.
    """

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, _name: str) -> int:
        """Where the function is: nowhere."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Whom to tell where constants are kept that Python sees."""
        return self

    def set_env(self, _name: str, _env: Any) -> None:
        """Do nothing: Python sees none."""

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """What is kept on disk."""
        return self.name, "part", self._get_module_for_linking().as_bitcode()

    @classmethod
    def _unserialize(cls, codegen: Any, state: tuple[str, str, bytes]) -> Any:
        name, _, code = state
        made = cls(codegen, name)
        made._final_module = made._shared_module = _codegen.ll.parse_bitcode(code)
        made._finalize_final_module()
        return made


def _refuse_shapes(source: Any, index: Any) -> None:
    """What compiled code does with an array that does not fit where it is put."""


@_overload(_refuse_shapes)
def _refuse_briefly(source: Any, index: Any) -> Any:  # noqa: ARG001 # what they are, as types
    def refuse(source: Any, index: Any) -> None:  # noqa: ARG001 # and as values
        raise ValueError("an array is put where another shape is")

    return refuse


# The compiler's own words tell the shapes, and to compile how numbers become words takes seconds.
_arrays.raise_with_shape_context = _refuse_shapes


def _look_for_arrays(made: Any, name: str) -> None:
    """Look at the code of a function before it is kept."""
    compile_now = made._compiler.compile  # noqa: SLF001 # what `made.compile` returns has been kept already

    def compile_and_look(*types: Any) -> Any:
        code = compile_now(*types)
        _refuse_arrays(code, name)
        return code

    made._compiler.compile = compile_and_look  # noqa: SLF001


def _refuse_arrays(code: Any, name: str) -> None:
    """Refuse code that hands back arrays, or is handed any by a function compiled here, without counting them."""
    called = code.type_annotation.calltypes.items()
    handed = [call.return_type for expression, call in called if getattr(expression, "op", "") == "call" and call]
    own = [each for each in handed if _holds_arrays(each)]
    if _holds_arrays(code.signature.return_type) or own:
        raise TypeError(f"{name} is handed arrays or hands them back: say makes_arrays=True")


def _holds_arrays(kind: Any) -> bool:
    return isinstance(kind, numba.types.Array) or any(map(_holds_arrays, getattr(kind, "types", ())))

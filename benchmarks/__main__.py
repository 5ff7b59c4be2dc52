"""Run benchmarks: `python -m benchmarks [NAME...] [OPTION...]`, all of them by default.

A benchmark is a module of this package with a function `main()` that prints its tables. If it takes options,
it is `main(options)`, and gets what stands behind the names. Modules without `main`, and the packages
`instances` and `rivals`, are what benchmarks share. `--cpu` as the first word of all is for machines that others
use at the same time.
"""

import importlib
import inspect
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import benchmarks
from benchmarks.machine import count_processor_time, loop_s

USAGE = """usage: python -m benchmarks [--cpu] [NAME...] [OPTION...]

Runs the benchmarks named, or all of them. `python -m benchmarks NAME --help` shows the options of one that
takes any. With --cpu all budgets and times are processor time, so that others on the machine do not matter.
There are:
"""


def main(words: Sequence[str]) -> None:
    """Run the benchmarks that `words` name with the options behind them."""
    known = _known()
    if words[:1] == ["--cpu"]:
        count_processor_time()
        words = words[1:]
    names = list(itertools.takewhile(lambda word: not word.startswith("-"), words))
    options = list(words[len(names) :])
    if unknown := sorted(set(names) - set(known)):
        sys.exit(f"no benchmark called {', '.join(unknown)}; there are: {', '.join(known)}")
    if options and not names:
        print(USAGE, *known, sep="\n  ")
        sys.exit(0 if options == ["--help"] else 2)
    for name in names or known:
        print(f"\n== {name} (a fixed loop takes {loop_s():.2f} s of processor time here)\n", flush=True)
        begun = time.perf_counter()
        _run(name, importlib.import_module(f"benchmarks.{name}").main, options)
        print(f"\n{name}: {time.perf_counter() - begun:.0f} s", flush=True)


def _known() -> list[str]:
    """The names of all benchmarks; read from their files, as importing them all takes seconds."""
    files = sorted(file for folder in benchmarks.__path__ for file in Path(folder).glob("[!_]*.py"))
    return [file.stem for file in files if "\ndef main(" in file.read_text(encoding="utf-8")]


def _run(name: str, benchmark: Callable[..., Any], options: Sequence[str]) -> None:
    """Run one benchmark, with the options if it takes any."""
    if inspect.signature(benchmark).parameters:
        benchmark(options)
    elif options:
        sys.exit(f"{name} takes no options, and {' '.join(options)} was given")
    else:
        benchmark()


if __name__ == "__main__":
    main(sys.argv[1:])

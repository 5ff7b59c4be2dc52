"""Compile what solving needs, or load it from disk; the first route then comes quickly.

As a program, `python -m routing.warm_up` compiles everything, and `python -m routing.warm_up PART ...` some of it.
"""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import NO_BACKTRACK, solve
from warehouse.bins import Cart
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

BUDGET = Budget(time_ms=None, iterations=2)


def warm_up_search() -> None:
    """The search for bins on grid floors."""
    # Of the shortest walk the first bound is not met here, so that the search goes on to its inner loop.
    solve(_small_problem(), policy=Policy(PolicyName.SHORTEST), budget=BUDGET)


def warm_up_proofs() -> None:
    """Proofs of bins."""
    from routing.better_walks import Allowance
    from routing.grid_choice import GridPricer, demand_of
    from routing.grid_problem import build
    from routing.prepared_floor import prepare
    from routing.proving import Prover
    from routing.splits import most_divided, on_side

    problem = _small_problem()
    spots = {source.spot for line in problem.lines for source in line.sources}
    pricer = GridPricer(build(prepare(problem.floor), problem, NO_BACKTRACK, sorted(spots)), problem)
    demand, _ = demand_of(problem.lines, pricer)
    cost = pricer.price(np.ones(pricer.grid.num_spots, np.int32))
    prover = Prover(pricer.grid, demand, cost, refit_labels=1)
    on_side(prover.ways, most_divided(prover.ways, np.zeros(len(prover.ways.way)), 1)[0], True)
    prover.prove(cost, Allowance())


def warm_up_backtrack() -> None:
    """Proofs that a walk must go back."""
    from routing.backtrack_proof import prove_backtrack

    prove_backtrack(_small_problem(), NO_BACKTRACK, backtrack_mm=1)


def warm_up_free() -> None:
    """The search on floors without a grid."""
    problem = _small_problem()
    solve(replace(problem, floor=replace(problem.floor, grid=None)), budget=BUDGET)


def warm_up_batching() -> None:
    """The search for orders that share a cart."""
    from routing.batching import Item, make_batches

    problem = _small_problem()
    orders = [[Item(1, 1, 1, tuple(source.spot.edge for source in line.sources))] for line in problem.lines]
    make_batches(orders, problem.floor, Cart(num_totes=2, tote_volume_mm3=1, load_g=2))


PARTS: dict[str, Callable[[], None]] = {
    "search": warm_up_search,
    "proofs": warm_up_proofs,
    "backtrack": warm_up_backtrack,
    "free": warm_up_free,
    "batching": warm_up_batching,
}


GRID_FLOORS = (("search", "batching", "backtrack"), ("proofs",))
"""Parts that grid floors take; each process compiles about as long."""

ALL_FLOORS = (("search", "batching", "backtrack"), ("free", "proofs"))
"""All parts: when the second process comes to its proofs, the first has compiled what they share with the search."""

NICENESS = 5  # whoever compiles for later gives way to who answers now

_COMPILING = threading.Lock()


def warm_up() -> None:
    """Compile or load everything. What is there by then is no longer looked through for what can be thrown away.

    Else that comes up in the middle of some answer, which is then late by a tenth of a second.
    """
    for part in PARTS.values():
        part()
    gc.collect()
    gc.freeze()


def compile_side_by_side(processes: Sequence[tuple[str, ...]] = ALL_FLOORS) -> None:
    """Compile parts by processes of their own, unless that has been done; two cores take a minute or two.

    Parameters
    ----------
    processes
        The parts that each of them compiles.

    Raises
    ------
    CalledProcessError
        If one of them fails.
    """
    from routing.compiled import FOLDER  # imports the compiler, which is not needed before

    def complete(parts: tuple[str, ...]) -> Path:
        return Path(FOLDER) / f"{'-'.join(parts)}.complete"

    program = [sys.executable, "-m", "routing.warm_up"]
    with _COMPILING:
        begun = {
            parts: subprocess.Popen([*program, *parts])  # noqa: S603 # names of parts
            for parts in processes
            if not complete(parts).exists()
        }
        for parts, process in begun.items():
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, process.args)
            complete(parts).touch()


def _small_problem() -> PickProblem:
    """A problem with more ways than are all tried."""
    floor = rectangular_floor([2000 * aisle for aisle in range(6)], [0, 9000])
    lines = tuple(
        PickLine(
            f"{line}",
            1,
            tuple(Source(f"{line}-{edge}", Spot(edge, 1000 + 500 * line), 1) for edge in (line % 6, (line + 1) % 6)),
        )
        for line in range(9)
    )
    return PickProblem(floor, lines, Spot(0, 500))


if __name__ == "__main__":
    os.nice(NICENESS)
    gc.set_threshold(100_000, 50, 100)  # what the compiler makes stays; looking it through takes a sixth of the time
    for name in sys.argv[1:]:
        PARTS[name]()
    if not sys.argv[1:]:
        compile_side_by_side()

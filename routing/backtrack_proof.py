"""Whether bins could be chosen so that less aisle floor is walked again.

Problem
    A route walks some aisle floor again. Is there any choice of bins with a walk of less backtrack?
Method
    A search for such a choice that strikes out what cannot belong to one. Every spot without which some line
    could not be filled is forced; a source whose spot, beside the forced ones, already costs as much backtrack
    as the route is struck out, which forces others, until nothing changes. What is cheapest for every line beside
    the forced spots is a choice, and often one that turns back less. If it is not, one of the sources of a line
    has to be used that is not yet filled by forced spots: each is tried in turn, without those tried before it.
    The price of the forced spots never exceeds that of a choice, since more points never cost less.
Complexity
    One price a source and round, about a millisecond on 20 aisles; exponentially many rounds at worst, so they
    are limited. In the middle of a run few are needed: what forces a picker back are one or two dead ends.
Limits
    Undirected grid floors and policy `no_backtrack`.
Source
    Striking out by reduced price is bound-based domain filtering: Focacci, Lodi and Milano, INFORMS Journal on
    Computing 14(4), 2002.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.exact import GridPricer
from routing.grid_arrays import GridArrays
from routing.grid_choice import demand_of
from routing.grid_problem import build
from routing.lattice import Lattice, lay_out
from routing.lot_groups import in_group_order
from routing.prepared_floor import prepare
from routing.problem import PickProblem, Policy
from routing.route import Pick
from routing.segment_moves import Ints
from routing.standing import (
    FIRST,
    LAST,
    LINE,
    NEED,
    QUANTITY,
    SPOT,
    Demand,
    Standing,
    new_standing,
    price,
    settle,
    start,
)

Mask = NDArray[np.int8]

ROUNDS_MAX = 64  # a picker waits; where dead ends alone decide, fewer than ten are enough, and fifty are very rare


@dataclass(frozen=True, slots=True)
class BacktrackProof:
    """Whether `proven` that no choice has less backtrack, or, if one was found, the `better` picks' bins."""

    proven: bool
    better: tuple[Pick, ...] = ()


@compiled_part(makes_arrays=True)
def _force(demand: Demand, open_sources: Mask, needed: NDArray[np.int32]) -> bool:
    """Mark every spot without which the open sources do not fill some line; whether they fill all lines."""
    for line in range(len(demand.lines)):
        first, last = demand.lines[line, FIRST], demand.lines[line, LAST]
        spare = (open_sources[first:last] * demand.sources[first:last, QUANTITY]).sum() - demand.lines[line, NEED]
        if spare < 0:
            return False
        for source in range(first, last):
            here = 0
            for other in range(first, last):
                if open_sources[other] and demand.sources[other, SPOT] == demand.sources[source, SPOT]:
                    here += demand.sources[other, QUANTITY]
            if here > spare:
                needed[demand.sources[source, SPOT]] = 1
    return True


@compiled(makes_arrays=True)
def _narrow(
    grid: GridArrays, demand: Demand, lattice: Lattice, now: Standing, open_sources: Mask, must: Mask, target: int
) -> bool:
    """Strike out all sources that no choice cheaper than `target` uses; whether such a choice may be left.

    A choice uses `open_sources` only and picks at all spots of `must`. In the end `now.needed` are the
    forced spots.
    """
    while True:
        now.needed[:] = must
        if not _force(demand, open_sources, now.needed):
            return False
        start(grid, lattice, now)
        if settle(lattice, now) >= target:
            return False
        price(grid, demand, lattice, now, 0, len(demand.sources))
        struck = False
        for source in range(len(demand.sources)):
            spot = demand.sources[source, SPOT]
            if open_sources[source] and now.needed[spot] == 0 and now.price[source] >= target:
                open_sources[source] = 0
                struck = True
        if not struck:
            return True


def prove_backtrack(
    problem: PickProblem, policy: Policy, backtrack_mm: int, rounds_max: int = ROUNDS_MAX
) -> BacktrackProof:
    """Look for bins whose best walk has less than `backtrack_mm` of backtrack.

    Parameters
    ----------
    problem
        On a floor that is `sweepable`; all its lines can be filled from what is within reach.
    policy
        `no_backtrack`.
    backtrack_mm
        What is to be beaten.
    rounds_max
        After how many rounds the search gives up, with nothing proven.
    """
    problem = in_group_order(problem).problem
    spots = {source.spot for line in problem.lines for source in line.sources}
    grid = build(prepare(problem.floor), problem, policy, sorted(spots))
    pricer = GridPricer(grid, problem)
    demand, names = demand_of(problem.lines, pricer)
    lattice = lay_out(grid.arrays)
    now = new_standing(grid.arrays, lattice, demand, seed=0)
    target = backtrack_mm * grid.unit
    left = [(np.ones(len(demand.sources), np.int8), np.zeros(grid.num_spots, np.int8))]
    for _ in range(rounds_max):
        if not left:
            break
        open_sources, must = left.pop()
        if not _narrow(grid.arrays, demand, lattice, now, open_sources, must, target):
            continue
        forced = now.needed[demand.sources[:, SPOT]] > 0
        taken = _cheapest_filling(demand, now.price, open_sources > 0, forced)
        needed = np.zeros(grid.num_spots, np.int32)
        needed[demand.sources[taken, SPOT]] = 1
        if pricer.price(needed) < target:
            return BacktrackProof(False, _picks(problem, demand, names, taken))
        for source in _narrowest(demand, open_sources > 0, forced).tolist():
            with_it = must.copy()
            with_it[demand.sources[source, SPOT]] = 1
            left.append((open_sources.copy(), with_it))
            open_sources[source] = 0
    return BacktrackProof(proven=not left)


def _cheapest_filling(
    demand: Demand, price: Ints, open_sources: NDArray[np.bool_], forced: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Sources that fill all lines: the forced ones, then the open ones that each on its own cost least."""
    taken = open_sources & forced
    line, quantity = demand.sources[:, LINE], demand.sources[:, QUANTITY]
    missing = demand.lines[:, NEED] - np.bincount(line[taken], quantity[taken], len(demand.lines))
    for source in np.lexsort((-quantity, price)).tolist():
        if open_sources[source] and not taken[source] and missing[line[source]] > 0:
            missing[line[source]] -= quantity[source]
            taken[source] = True
    return taken


def _narrowest(demand: Demand, open_sources: NDArray[np.bool_], forced: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The open sources, not forced, of the line that has fewest of them; lines filled by the forced ones have none."""
    choices = []
    for need, first, last in demand.lines:
        usable = open_sources[first:last]
        if demand.sources[first:last, QUANTITY][usable & forced[first:last]].sum() < need:
            choices.append(first + np.flatnonzero(usable & ~forced[first:last]))
    return min(choices, key=len)


def _picks(problem: PickProblem, demand: Demand, names: list[str], taken: NDArray[np.bool_]) -> tuple[Pick, ...]:
    """The taken sources as picks of all they hold, for a search to begin with."""
    return tuple(
        Pick(problem.lines[int(line)].line, names[source], int(quantity))
        for source, (line, _, _, quantity) in enumerate(demand.sources)
        if taken[source]
    )

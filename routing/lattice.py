"""The state graph of one problem unrolled into arcs, so that many choices can be priced in little time.

Problem
    A search among bins changes the moves of one step at a time and asks what the best walk costs then.
Method
    Every step becomes a stage: a list of arcs, each from a node (plane and state) to a node, at the cost
    of one *effect* (a move and a shift). With the least costs before and after every stage, the least cost
    around an effect is that of everything but the effect itself: one pass over the arcs finds it for all
    effects of a stage, and each way to pick there is then priced by adding its own costs.
    Steps where nothing can be picked are folded into one stage where that makes fewer arcs.
Complexity
    O(arcs) to lay out and to sweep.
Limits
    Costs stay below `OUT_OF_REACH`.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.grid_arrays import GridArrays, refresh
from routing.segment_moves import COST, MOVE, SHIFT, Counts, Ints
from routing.state_graph import NUM_EFFECTS
from routing.sweep import Program

OUT_OF_REACH: Final = 1 << 60  # three of them still fit into 64 bits
KEPT_MAX = 16  # state graphs: up to 7 cross aisles, each with several ends
FOLD_MAX = 64  # nodes; folding takes a square table of them
FROM, TO, EFFECT = range(3)
FIRST_ARC, LAST_ARC, AT, STEP = range(4)
NO_STEP: Final = -1

Arcs = NDArray[np.uint32]


class Lattice(NamedTuple):
    """Stages of arcs.

    `arcs` has the rows `FROM`, `TO` and `EFFECT`. `stages` has one row a stage: its arcs, where in `costs`
    those of its effects begin (`AT`), and the step at which something can be picked or `NO_STEP`.
    `spot_stage` says at which stage a spot is picked. A walk begins at node `begin` and finishes at `finish`.
    """

    arcs: Arcs
    stages: Ints
    costs: Ints
    spot_stage: Ints
    num_nodes: int
    num_effects: int
    begin: int
    finish: int


def lay_out(grid: GridArrays) -> Lattice:
    """The lattice of a problem; nothing is needed yet."""
    program = grid.program
    refresh(grid, np.zeros(len(grid.spot_step), np.int32))
    shifts, planes = program.shift.shape
    states = program.next.shape[2]
    picked = np.zeros(len(program.table), np.bool_)
    picked[grid.spot_step] = True
    arcs, ranges = _arcs_of_graph(program.next, program.shift)
    nodes, effects = planes * states, shifts * NUM_EFFECTS
    made, stages, costs = _stages_of(program, picked, arcs, ranges, nodes, effects)
    stage_of = np.zeros(len(picked), np.int64)
    live = np.flatnonzero(stages[:, STEP] != NO_STEP)
    stage_of[stages[live, STEP]] = live
    finish = (planes - 1) * states + program.done
    return Lattice(made, stages, costs, stage_of[grid.spot_step], nodes, effects, program.empty, finish)


_kept: OrderedDict[tuple[int, bytes], tuple[NDArray[np.int32], Arcs, Ints]] = OrderedDict()


def _arcs_of_graph(table: NDArray[np.int32], shift: NDArray[np.int32]) -> tuple[Arcs, Ints]:
    """The arcs of all tables of a state graph one after the other, and from and to which each has them.

    They are the same for every problem with as many cross aisles, and kept: on many of them they take milliseconds.
    """
    key = id(table), shift.tobytes()
    found = _kept.get(key)
    if found is None:
        # The table is kept as well, lest another one comes to lie where it was.
        found = _kept[key] = (table, *_arcs_of_tables(table, shift))
        if len(_kept) > KEPT_MAX:
            _kept.popitem(last=False)
    return found[1:]


def _arcs_of_tables(table: NDArray[np.int32], shift: NDArray[np.int32]) -> tuple[Arcs, Ints]:
    """The arcs of all tables of a state graph one after the other, and from and to which each has them."""
    states, shuffle = table.shape[2], np.random.default_rng(0)
    arcs: list[NDArray[np.int64]] = []
    for each in table:
        move, state = np.nonzero(each >= 0)
        to = each[move, state]
        here = [
            np.stack([plane * states + state, shift[by, plane] * states + to, by * NUM_EFFECTS + move])
            for by, plane in np.argwhere(shift >= 0)
        ]
        # Shuffled, because an arc waits for the one before it if both end at one node or have one effect.
        arcs.append(shuffle.permutation(np.concatenate(here, axis=1), axis=1))
    ends = np.cumsum([0, *(each.shape[1] for each in arcs)])
    return np.concatenate(arcs, axis=1).astype(np.uint32), np.stack([ends[:-1], ends[1:]], axis=1)


def _stages_of(
    program: Program, picked: NDArray[np.bool_], arcs: Arcs, ranges: Ints, nodes: int, effects: int
) -> tuple[Arcs, Ints, Ints]:
    """All arcs, stages and costs, runs of steps where nothing is picked folded if that makes fewer arcs."""
    square = nodes * nodes if nodes <= FOLD_MAX else 0
    made = np.empty((3, arcs.shape[1] + int((~picked).sum()) * square), np.uint32)
    made[:, : arcs.shape[1]] = arcs
    stages = np.empty((len(program.table), 4), np.int64)
    costs = np.full(len(program.table) * max(effects, square), OUT_OF_REACH, np.int64)
    sizes = np.array([0, arcs.shape[1], 0], np.int64)
    _lay_stages(program.options, program.table, picked, ranges, nodes, effects, made, stages, costs, sizes)
    num_stages, num_arcs, num_costs = sizes.tolist()
    return made[:, :num_arcs].copy(), stages[:num_stages].copy(), costs[:num_costs].copy()


@compiled(makes_arrays=True)
def _lay_stages(
    options: Ints,
    table: Counts,
    picked: NDArray[np.bool_],
    ranges: Ints,
    nodes: int,
    effects: int,
    made: Arcs,
    stages: Ints,
    costs: Ints,
    sizes: Ints,
) -> None:
    """Fill in `stages`, and behind the first arcs of `made` the folded ones; `sizes` counts stages, arcs, costs."""
    folded, then = np.empty((nodes, nodes), np.int64), np.empty(nodes, np.int64)
    first = 0
    while first < len(table):
        last = first + 1
        while not picked[first] and last < len(table) and not picked[last]:
            last += 1
        if nodes <= FOLD_MAX and last > first + 1:
            num_plain = _fold(options, table, made, ranges, effects, first, last, folded, then)
            if _put_folded(folded, num_plain, made, stages, costs, sizes):
                first = last
                continue
        for step in range(first, last):
            write_costs(options, step, costs, sizes[2], effects)
            _put_stage(stages, sizes, ranges[table[step], 0], ranges[table[step], 1], step if picked[step] else NO_STEP)
            sizes[2] += effects
        first = last


@compiled_part
def _put_stage(stages: Ints, sizes: Ints, first_arc: int, last_arc: int, step: int) -> None:
    """Add a stage whose costs come next."""
    at = sizes[0]
    stages[at, FIRST_ARC], stages[at, LAST_ARC] = first_arc, last_arc
    stages[at, AT], stages[at, STEP] = sizes[2], step
    sizes[0] = at + 1


@compiled_part
def _put_folded(folded: Ints, num_plain: int, made: Arcs, stages: Ints, costs: Ints, sizes: Ints) -> bool:
    """Add a folded run as one stage if it has fewer arcs than its `num_plain`; whether it has."""
    num_folded = 0
    for node in range(len(folded)):
        for to in range(len(folded)):
            num_folded += folded[node, to] < OUT_OF_REACH
    if num_folded >= num_plain:
        return False
    begun = sizes[1]
    _put_stage(stages, sizes, begun, begun + num_folded, NO_STEP)
    for node in range(len(folded)):
        for to in range(len(folded)):
            if folded[node, to] < OUT_OF_REACH:
                arc = sizes[1]
                costs[sizes[2] + arc - begun] = folded[node, to]
                made[FROM, arc], made[TO, arc], made[EFFECT, arc] = node, to, arc - begun
                sizes[1] = arc + 1
    sizes[2] += num_folded
    return True


@compiled_part
def write_costs(options: Ints, row: int, costs: Ints, at: int, effects: int) -> None:
    """Write the moves in a row of the options as the costs of all effects, from `costs[at]` on."""
    costs[at : at + effects] = OUT_OF_REACH
    for choice in range(1, options[row, 0, 0] + 1):
        costs[at + options[row, choice, SHIFT] * NUM_EFFECTS + options[row, choice, MOVE]] = options[row, choice, COST]


@compiled_part(makes_arrays=True)
def _fold(
    options: Ints,
    table: Counts,
    arcs: Arcs,
    ranges: Ints,
    effects: int,
    first: int,
    last: int,
    folded: Ints,
    then: Ints,
) -> int:
    """Write the least cost from node to node over several steps into `folded`; how many arcs these have."""
    nodes = len(then)
    for node in range(nodes):
        for to in range(nodes):
            folded[node, to] = 0 if node == to else OUT_OF_REACH
    costs = np.empty(effects, np.int64)
    num_plain = 0
    for step in range(first, last):
        write_costs(options, step, costs, 0, effects)
        begun, ended = ranges[table[step], 0], ranges[table[step], 1]
        num_plain += ended - begun
        for node in range(nodes):
            for to in range(nodes):
                then[to] = OUT_OF_REACH
            for arc in range(begun, ended):
                cost = folded[node, arcs[FROM, arc]] + costs[arcs[EFFECT, arc]]
                then[arcs[TO, arc]] = min(then[arcs[TO, arc]], cost)
            for to in range(nodes):
                folded[node, to] = then[to]
    return int(num_plain)


# In the three loops that are the search's whole time, arcs are counted unsigned, because signed numbers are tested
# for being negative, and arrays are taken out of their bundles beforehand, because each taking out is counted.


@compiled_part
def run_ahead(lattice: Lattice, ahead: Ints, low: int) -> None:
    """Least costs `ahead[stage + 1]` after every stage from `low` on, from those before it."""
    arcs, costs, stages = lattice.arcs, lattice.costs, lattice.stages
    for stage in range(low, len(stages)):
        at = np.uint32(stages[stage, AT])
        for node in range(ahead.shape[1]):
            ahead[stage + 1, node] = OUT_OF_REACH
        for arc in range(np.uint32(stages[stage, FIRST_ARC]), np.uint32(stages[stage, LAST_ARC])):
            to, cost = arcs[TO, arc], ahead[stage, arcs[FROM, arc]] + costs[at + arcs[EFFECT, arc]]
            ahead[stage + 1, to] = min(ahead[stage + 1, to], cost)


@compiled_part
def run_behind(lattice: Lattice, behind: Ints, high: int) -> None:
    """Least costs `behind[stage]` to go before every stage up to `high`, from those after it."""
    arcs, costs, stages = lattice.arcs, lattice.costs, lattice.stages
    for stage in range(high, -1, -1):
        at = np.uint32(stages[stage, AT])
        for node in range(behind.shape[1]):
            behind[stage, node] = OUT_OF_REACH
        for arc in range(np.uint32(stages[stage, FIRST_ARC]), np.uint32(stages[stage, LAST_ARC])):
            node, cost = arcs[FROM, arc], behind[stage + 1, arcs[TO, arc]] + costs[at + arcs[EFFECT, arc]]
            behind[stage, node] = min(behind[stage, node], cost)


@compiled_part
def look_around(lattice: Lattice, ahead: Ints, behind: Ints, around: Ints) -> None:
    """The least cost `around[stage, effect]` of a walk around every effect of the stages where one can pick."""
    arcs, stages = lattice.arcs, lattice.stages
    for stage in range(len(stages)):
        if stages[stage, STEP] == NO_STEP:
            continue
        for effect in range(around.shape[1]):
            around[stage, effect] = OUT_OF_REACH
        for arc in range(np.uint32(stages[stage, FIRST_ARC]), np.uint32(stages[stage, LAST_ARC])):
            effect, cost = arcs[EFFECT, arc], ahead[stage, arcs[FROM, arc]] + behind[stage + 1, arcs[TO, arc]]
            around[stage, effect] = min(around[stage, effect], cost)

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
from routing.grid_problem import GridArrays, refresh
from routing.segment_moves import COST, MOVE, SHIFT, Counts, Ints
from routing.state_graph import NUM_EFFECTS

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
    made, stages, costs = _stages(program.options, program.table, picked, arcs, ranges, nodes, effects)
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


@compiled(makes_arrays=True)
def _stages(
    options: Ints, table: Counts, picked: NDArray[np.bool_], arcs: Arcs, ranges: Ints, nodes: int, effects: int
) -> tuple[Arcs, Ints, Ints]:
    """All arcs, stages and costs, runs of steps where nothing is picked folded if that makes fewer arcs."""
    square = nodes * nodes if nodes <= FOLD_MAX else 0
    made = np.empty((3, arcs.shape[1] + (len(table) - picked.sum()) * square), np.uint32)
    made[:, : arcs.shape[1]] = arcs
    stages = np.empty((len(table), 4), np.int64)
    costs = np.full(len(table) * max(effects, square), OUT_OF_REACH, np.int64)
    num_stages, num_arcs, num_costs = 0, arcs.shape[1], 0
    first = 0
    while first < len(table):
        last = first + 1
        while not picked[first] and last < len(table) and not picked[last]:
            last += 1
        if square and last > first + 1:
            folded, num_plain = _folded(options, table, arcs, ranges, nodes, effects, first, last)
            if (folded < OUT_OF_REACH).sum() < num_plain:
                begun = num_arcs
                for node in range(nodes):
                    for to in range(nodes):
                        if folded[node, to] < OUT_OF_REACH:
                            costs[num_costs + num_arcs - begun] = folded[node, to]
                            made[FROM, num_arcs], made[TO, num_arcs], made[EFFECT, num_arcs] = (
                                node,
                                to,
                                num_arcs - begun,
                            )
                            num_arcs += 1
                stages[num_stages] = begun, num_arcs, num_costs, NO_STEP
                num_stages, num_costs, first = num_stages + 1, num_costs + num_arcs - begun, last
                continue
        for step in range(first, last):
            write_costs(options, step, costs, num_costs, effects)
            begun, ended = ranges[table[step], 0], ranges[table[step], 1]
            stages[num_stages] = begun, ended, num_costs, step if picked[step] else NO_STEP
            num_stages, num_costs = num_stages + 1, num_costs + effects
        first = last
    return made[:, :num_arcs].copy(), stages[:num_stages].copy(), costs[:num_costs].copy()


@compiled_part
def write_costs(options: Ints, row: int, costs: Ints, at: int, effects: int) -> None:
    """Write the moves in a row of the options as the costs of all effects, from `costs[at]` on."""
    costs[at : at + effects] = OUT_OF_REACH
    for choice in range(1, options[row, 0, 0] + 1):
        costs[at + options[row, choice, SHIFT] * NUM_EFFECTS + options[row, choice, MOVE]] = options[row, choice, COST]


@compiled_part(makes_arrays=True)
def _folded(
    options: Ints, table: Counts, arcs: Arcs, ranges: Ints, nodes: int, effects: int, first: int, last: int
) -> tuple[Ints, int]:
    """The least cost from node to node over several steps, and how many arcs these have."""
    folded = np.full((nodes, nodes), OUT_OF_REACH, np.int64)
    for node in range(nodes):
        folded[node, node] = 0
    costs, then = np.empty(effects, np.int64), np.empty(nodes, np.int64)
    num_plain = 0
    for step in range(first, last):
        write_costs(options, step, costs, 0, effects)
        begun, ended = ranges[table[step], 0], ranges[table[step], 1]
        num_plain += ended - begun
        for node in range(nodes):
            then[:] = OUT_OF_REACH
            for arc in range(begun, ended):
                cost = folded[node, arcs[FROM, arc]] + costs[arcs[EFFECT, arc]]
                then[arcs[TO, arc]] = min(then[arcs[TO, arc]], cost)
            folded[node] = then
    return folded, num_plain


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

"""A pick problem on a grid floor with one-way edges, written as a program for the sweep.

The program of the same floor walked both ways is taken, and its states, moves and costs are replaced by those
of `directed_graph` and `directed_options`. So bins are chosen by the same search as on other grid floors.
Balances are capped, so what a walk costs by this program can be too much, never too little for what it walks.
"""

from dataclasses import replace

import numpy as np

from routing.directed_graph import directed_graph
from routing.directed_options import GAP_BOTH, GAP_NONE, INSIDE, JUNCTION, LANE, flow_move
from routing.grid_arrays import CROSSING, ITEM, KIND, MARK, MAY_END, OF, SPOT
from routing.grid_problem import GridProblem
from routing.problem import EndKind, PickProblem
from routing.segment_moves import COST, DISTANCE, MOVE, MOVES_MAX, Ints
from routing.state_graph import NUM_EFFECTS
from routing.sweep import Program

CAP = 3
"""Largest balance: more is hardly ever of use where aisles lead up and down in turns, and a lattice has no room."""
ROWS_MAX = 4
"""Cross aisles at most; five have thousands of states."""

assert INSIDE + 2 * CAP < NUM_EFFECTS


def directed_program(problem: PickProblem, two_way: GridProblem) -> GridProblem | None:
    """The program of a problem with one-way edges, None if it is not one for this sweep.

    Parameters
    ----------
    problem
        The problem with its one-way edges.
    two_way
        The program of the same problem with every edge walked both ways, without a limit of U-turns.
    """
    rows = two_way.prepared.rows
    open_walk = problem.end.kind is not EndKind.START
    if rows > ROWS_MAX or problem.end.kind is EndKind.ANYWHERE or _balance_needed(problem, two_way) > CAP:
        return None
    arrays = two_way.arrays
    steps = arrays.steps.copy()
    for step in range(len(steps)):
        if steps[step, KIND] == ITEM:
            edge = two_way.prepared.item_edges[steps[step, OF]]
            direction = problem.floor.edges[edge].direction
            is_spur = two_way.prepared.places[edge].turned or arrays.program.table[step] >= rows - 1
            if (steps[step, MARK] and (direction or open_walk)) or (is_spur and direction):
                return None
            steps[step, [KIND, MAY_END, SPOT]] = LANE, CAP, direction
        elif steps[step, KIND] == CROSSING:
            steps[step, KIND] = JUNCTION
    graph = directed_graph(rows, CAP, open_walk=open_walk)
    program = Program(
        table=arrays.program.table,
        next=graph.next,
        shift=np.zeros((1, 1), np.int32),
        options=_gap_options(problem, two_way, len(steps)),
        empty=graph.empty,
        done=graph.done,
    )
    return replace(two_way, arrays=arrays._replace(program=program, steps=steps))


def _balance_needed(problem: PickProblem, two_way: GridProblem) -> int:
    """The largest balance worth looking at: where few aisles lead one way, they serve many that lead the other."""
    edges, needed = problem.floor.edges, 0
    for block in range(two_way.prepared.rows - 1):
        segments = [column[block] for column in two_way.prepared.grid.segments if column[block] >= 0]
        up = sum(edges[edge].direction >= 0 for edge in segments)
        down = sum(edges[edge].direction <= 0 for edge in segments)
        needed = max(needed, 1 + -(-max(up, down) // max(1, min(up, down))))
    return needed


def _gap_options(problem: PickProblem, two_way: GridProblem, num_steps: int) -> Ints:
    """Room for the moves of all steps, those of the gaps filled in."""
    mm_cost = int(two_way.arrays.weights[DISTANCE])
    options = np.zeros((num_steps + 1, max(INSIDE + 2 * CAP, MOVES_MAX) + 2, 3), np.int64)
    for step in range(num_steps):
        if two_way.arrays.steps[step, KIND] in (ITEM, CROSSING):
            continue
        moves = [(GAP_NONE, 0)]
        if step in two_way.gap_floor:
            edge, low, high = two_way.gap_floor[step]
            direction = problem.floor.edges[edge].direction
            cost = (high - low) * mm_cost
            flows = [flow for flow in range(-CAP, CAP + 1) if flow and flow * direction >= 0]
            moves += [(flow_move(GAP_BOTH, flow, CAP), abs(flow) * cost) for flow in flows]
            moves += [] if direction else [(GAP_BOTH, 2 * cost)]
        options[step, 0, 0] = len(moves)
        for choice, (move, price) in enumerate(moves, start=1):
            options[step, choice, MOVE], options[step, choice, COST] = move, price
    return options

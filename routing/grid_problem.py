"""A pick problem on a grid floor, written as a program for the sweep.

Problem
    Turn floor, start, ends, history and the points where something may be picked into steps, moves and
    costs, so that pricing a set of picks is one sweep over arrays.
Method
    Every column gives its marked crossings, spurs and segments, then the gaps to the next column.
    Where the walk starts, may end or may pick inside a gap, a bare column is put in. A crossing
    becomes a step of its own only if the walk may start, end or pick there.
Complexity
    O(edges + points) to build.
Limits
    Floors that `prepared_floor.sweepable` accepts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from routing.compiled import compiled
from routing.prepared_floor import PreparedFloor, Role, merged_by_edge
from routing.problem import EndKind, PickProblem, Policy, PolicyName
from routing.segment_moves import (
    ALL_WALKED,
    COST,
    COUNTS,
    FIRST_BLOCKED,
    FIRST_END,
    FIRST_SPOT,
    FIRST_WALKED,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LAST_BLOCKED,
    LAST_END,
    LAST_SPOT,
    LAST_WALKED,
    LENGTH,
    LOW_OPEN,
    LOW_STEP_IN,
    MOVE,
    MOVES_MAX,
    SHIFT_END,
    SHIFT_NONE,
    START_AT,
    START_DEGREE,
    STRETCH_COLUMNS,
    Counts,
    Ints,
    add_option,
    any_options,
    plain_options,
)
from routing.state_graph import Effect, state_graph
from routing.sweep import Program
from warehouse.floor import EdgeKind, Floor, Spot

_NONE, _LOW_1, _LOW_2 = int(Effect.NONE), int(Effect.LOW_1), int(Effect.LOW_2)
ITEM, CROSSING, GAP = range(3)
KIND, OF, MARK, MAY_END, SPOT = range(5)
STEP_COLUMNS = 5


class GridArrays(NamedTuple):
    """All that compiled code needs of a `GridProblem`.

    `steps` has one row a step: its `KIND`, and which item or crossing it is `OF`. Of items, `MARK` is 1
    where `any_options` has to work out the moves. Of crossings, `MARK` is the degree the start adds,
    `MAY_END` 1 if the walk may end there, `SPOT` the spot there or -1. `spot_step` is the step at which a
    spot is picked. The rest is explained in `segment_moves`.
    """

    program: Program
    steps: Ints
    spot_step: Ints
    stretches: Ints
    spots: Ints
    pairs: Ints
    weights: Ints


@dataclass(frozen=True)
class GridProblem:
    """A problem ready to be swept.

    `spot_number` numbers the points with sources; points out of the start's reach are not in it.
    `gap_floor[step]` is (edge, from_mm, to_mm) of the gap that a step crosses. A cost divided by
    `unit` is (backtrack_mm, distance_mm) under `no_backtrack`, the other way round under `shortest`.
    """

    prepared: PreparedFloor
    policy: Policy
    unit: int
    arrays: GridArrays
    spot_number: dict[Spot, int]
    gap_floor: dict[int, tuple[int, int, int]]

    @property
    def num_spots(self) -> int:
        """How many points there are where something may be picked."""
        return len(self.arrays.spot_step)

    def new_costs(self) -> Ints:
        """Room for the least costs before every step, as `sweep.sweep` fills it."""
        program = self.arrays.program
        return np.empty((len(program.table) + 1, program.shift.shape[1], program.next.shape[2]), np.int64)

    def figures(self, cost: int) -> tuple[int, int]:
        """(backtrack_mm, distance_mm) of a cost."""
        first, second = divmod(cost, self.unit)
        return (first, second) if self.policy.name is PolicyName.NO_BACKTRACK else (second, first)


def normal_spot(floor: Floor, spot: Spot) -> Spot:
    """The same point of the floor, named the same way whichever edge it was named by."""
    node = floor.node_at(spot)
    return spot if node is None else floor.spot_at(node)


@compiled
def _crossing_options(mark: int, may_end: int, must: bool, options: Ints, row: int) -> None:
    """The moves at a crossing: what the start adds, whether it must be visited, whether the walk ends there."""
    options[row, 0, 0] = 0
    add_option(options, row, _LOW_1 if mark == 1 else (_LOW_2 if must or mark == 2 else _NONE), SHIFT_NONE, 0)
    if may_end:
        add_option(options, row, _LOW_2 if mark == 1 else _LOW_1, SHIFT_END, 0)


@compiled
def refresh_step(grid: GridArrays, needed: Counts, step: int, row: int) -> None:
    """Work out the moves of one step for the spots that are `needed` now, into a row of the options."""
    kind, of, mark = grid.steps[step, KIND], grid.steps[step, OF], grid.steps[step, MARK]
    options = grid.program.options
    if kind == CROSSING:
        spot = grid.steps[step, SPOT]
        _crossing_options(mark, grid.steps[step, MAY_END], spot >= 0 and needed[spot] > 0, options, row)
    elif kind == ITEM and mark:
        any_options(grid.stretches[of], grid.spots, grid.pairs, needed, grid.weights, options, row)
    elif kind == ITEM:
        plain_options(grid.stretches[of], grid.spots, needed, grid.weights, options, row)


@compiled
def refresh(grid: GridArrays, needed: Counts) -> None:
    """Work out the moves of all steps anew."""
    for step in range(len(grid.steps)):
        refresh_step(grid, needed, step, step)


def build(prepared: PreparedFloor, problem: PickProblem, policy: Policy, spots: Iterable[Spot]) -> GridProblem:
    """The program for a problem.

    Parameters
    ----------
    prepared
        `prepare(problem.floor)`.
    problem
        Its start, end and history are read; its lines are not.
    policy
        `no_backtrack` or `shortest`.
    spots
        Where something may be picked; points out of reach of the start are left out.
    """
    return _Builder(prepared, problem, policy, spots).build()


class _Builder:
    """Collects the parts of one `GridProblem`."""

    def __init__(self, prepared: PreparedFloor, problem: PickProblem, policy: Policy, spots: Iterable[Spot]) -> None:
        self.prepared, self.problem, self.policy = prepared, problem, policy
        floor = problem.floor
        self.start = normal_spot(floor, problem.start)
        here = prepared.part_of(self.start)
        self.ends = list(dict.fromkeys(normal_spot(floor, spot) for spot in problem.end.spots))
        wanted = dict.fromkeys(normal_spot(floor, spot) for spot in spots)
        reached = [spot for spot in wanted if prepared.part_of(spot) == here]
        self.on_item: dict[int, list[tuple[int, Spot]]] = {}
        self.at_crossing: list[Spot] = []
        for spot in reached:
            where = self.item_at(spot)
            if where is None:
                self.at_crossing.append(spot)
            else:
                self.on_item.setdefault(where[0], []).append((where[1], spot))
        self.spot_number: dict[Spot, int] = {}

    def item_at(self, spot: Spot) -> tuple[int, int] | None:
        """(item, offset from its low end) of a point on a segment or spur; None at crossings and in gaps."""
        node = self.problem.floor.node_at(spot)
        if node is not None:
            item = self.prepared.leaf.get(node)
            if item is None:
                return None
            return item, self.problem.floor.edges[self.prepared.item_edges[item]].length_mm
        place = self.prepared.places[spot.edge]
        if place.role is Role.GAP:
            return None
        return place.item, self.prepared.item_offset(place.item, spot.offset_mm)

    def build(self) -> GridProblem:
        unit = self.unit()
        mm = (1, unit) if self.policy.name is PolicyName.NO_BACKTRACK else (unit, 1)
        weights = np.array([*mm, self.anywhere], np.int64)
        stretches, spots, pairs = self.stretches()
        for spot in self.at_crossing:
            self.spot_number[spot] = len(self.spot_number)
        graph = state_graph(self.prepared.rows, open_walk=self.open_walk)
        layout = self.layout()
        tables = []
        for kind, of, row in layout.steps:
            on_segment = kind == ITEM and self.is_segment(of)
            tables.append(
                graph.gap_table(row)
                if kind == GAP
                else graph.segment_table(row)
                if on_segment
                else graph.node_table(row)
            )
        program = Program(
            table=np.array(tables, np.int32),
            next=graph.next,
            shift=np.array([[0, 1], [1, -1]] if self.open_walk else [[0], [-1]], np.int32),
            options=_gap_options(layout, int(mm[0])),
            empty=graph.empty,
            done=graph.done,
        )
        steps, spot_step = self.steps(layout, stretches)
        return GridProblem(
            prepared=self.prepared,
            policy=self.policy,
            unit=unit,
            arrays=GridArrays(program, steps, spot_step, stretches, spots, pairs, weights),
            spot_number=self.spot_number,
            gap_floor=layout.gap_floor,
        )

    @property
    def open_walk(self) -> bool:
        return self.problem.end.kind is not EndKind.START

    @property
    def anywhere(self) -> bool:
        return self.problem.end.kind is EndKind.ANYWHERE

    def is_segment(self, item: int) -> bool:
        return self.prepared.places[self.prepared.item_edges[item]].role is Role.SEGMENT

    def unit(self) -> int:
        """A power of two above the distance and the backtrack of any walk the sweep can make.

        Two passes over everything, and a step-in from either end of every aisle at most as deep as it is.
        """
        return 1 << (6 * sum(edge.length_mm for edge in self.problem.floor.edges) + 1).bit_length()

    def stretches(self) -> tuple[Ints, Ints, Ints]:
        """The items of the prepared floor with this problem's points, history, start and ends on them.

        As `stretches`, `spots` and `pairs` of `segment_moves`.
        """
        prepared = self.prepared
        walked = self.walked()
        ends: dict[int, set[int]] = {}
        for spot in self.ends:
            where = self.item_at(spot)
            if where is not None:
                ends.setdefault(where[0], set()).add(where[1])
        table = np.zeros((len(prepared.item_edges), STRETCH_COLUMNS), np.int64)
        table[:, LENGTH], table[:, COUNTS] = prepared.length, prepared.backtrack_counts
        table[:, LOW_OPEN], table[:, HIGH_OPEN] = prepared.low_open, prepared.high_open
        table[:, LOW_STEP_IN] = np.minimum(prepared.low_step_in_max, self.policy.step_in_mm)
        table[:, HIGH_STEP_IN] = np.minimum(prepared.high_step_in_max, self.policy.step_in_mm)
        table[:, FIRST_BLOCKED], table[:, LAST_BLOCKED] = prepared.first_blocked[:-1], prepared.first_blocked[1:]
        table[:, START_AT], table[:, START_DEGREE] = -1, 1 if self.open_walk else 2
        pairs = [prepared.blocked_at]
        size = len(prepared.blocked_at)
        for item, before in walked.items():
            table[item, ALL_WALKED] = _covered(before, int(prepared.length[item]))
            table[item, FIRST_WALKED], table[item, LAST_WALKED] = size, size + len(before)
            size += len(before)
            pairs.append(np.array(before, np.int64))
        for item, offsets in ends.items():
            table[item, FIRST_END], table[item, LAST_END] = size, size + len(offsets)
            size += len(offsets)
            pairs.append(np.array([(offset, offset) for offset in sorted(offsets)], np.int64))
        at = self.item_at(self.start)
        if at is not None:
            table[at[0], START_AT] = at[1]
        spots: list[tuple[int, int]] = []
        for item, points in self.on_item.items():
            table[item, FIRST_SPOT], table[item, LAST_SPOT] = len(spots), len(spots) + len(points)
            for offset, spot in sorted(points):
                self.spot_number[spot] = len(spots)
                spots.append((offset, _covered(walked.get(item, ()), offset)))
        return table, np.array(spots, np.int64).reshape(-1, 2), np.concatenate(pairs)

    def walked(self) -> dict[int, list[tuple[int, int]]]:
        """For items of aisle floor the parts walked before, from the item's low end."""
        prepared = self.prepared
        walked: dict[int, list[tuple[int, int]]] = {}
        history = merged_by_edge(tuple((each.edge, each.from_mm, each.to_mm) for each in self.problem.walked))
        for edge, pairs in history.items():
            item = prepared.places[edge].item
            if item >= 0 and self.problem.floor.edges[edge].kind is EdgeKind.AISLE:
                turned = [sorted(prepared.item_offset(item, mm) for mm in pair) for pair in pairs]
                walked[item] = sorted((low, high) for low, high in turned)
        return walked

    def layout(self) -> "_Layout":
        """The order of the steps: column by column, crossings, spurs and segments row by row, then gaps.

        A walk that may end anywhere ends at a pick, or, where step-ins are allowed, at a mouth after one.
        """
        prepared, rows = self.prepared, self.prepared.rows
        marked: dict[tuple[int, int], Spot] = {}
        cuts: dict[int, dict[int, set[int]]] = {}
        for spot in [self.start, *self.ends, *self.at_crossing]:
            node = self.problem.floor.node_at(spot)
            if node is not None:
                if node in prepared.crossing:
                    marked[prepared.crossing[node]] = spot
            elif prepared.places[spot.edge].role is Role.GAP:
                place = prepared.places[spot.edge]
                cuts.setdefault(place.column, {}).setdefault(place.row, set()).add(spot.offset_mm)
        final_step_in = self.anywhere and self.policy.step_in_mm > 0
        made = _Layout()
        for column in range(prepared.columns):
            for row in range(rows):
                node = prepared.grid.nodes[column][row]
                if (column, row) in marked:
                    made.add_crossing(marked[column, row], row)
                elif final_step_in and self.problem.floor.incident[node]:
                    made.add_crossing(self.problem.floor.spot_at(node), row)
                for item in prepared.spurs.get((column, row), ()):
                    made.steps.append((ITEM, item, row))
                if row < rows - 1 and prepared.grid.segments[column][row] >= 0:
                    made.steps.append((ITEM, prepared.places[prepared.grid.segments[column][row]].item, row))
            self.add_gaps(made, column, cuts.get(column, {}))
        return made

    def add_gaps(self, made: "_Layout", column: int, cuts: dict[int, set[int]]) -> None:
        """The gaps from one column to the next, with bare columns between where a row has a point in its gap."""
        prepared = self.prepared
        rows = range(prepared.rows)
        last = column == prepared.columns - 1
        edges = [-1 if last else prepared.grid.gaps[row][column] for row in rows]
        whole = [self.problem.floor.edges[edge].length_mm if edge >= 0 else 0 for edge in edges]
        reached = [0 for _ in rows]
        for cut_row, offset in sorted((row, offset) for row, offsets in cuts.items() for offset in offsets):
            goal = [offset if row == cut_row else reached[row] for row in rows]
            self.add_gap_steps(made, edges, reached, goal)
            reached = goal
            made.add_crossing(Spot(edges[cut_row], offset), cut_row)
        self.add_gap_steps(made, edges, reached, whole)

    def add_gap_steps(self, made: "_Layout", edges: list[int], begin: list[int], end: list[int]) -> None:
        for row, (edge, low, high) in enumerate(zip(edges, begin, end, strict=True)):
            if edge >= 0 and not self.prepared.is_blocked(edge, low, high):
                made.gap_floor[len(made.steps)] = (edge, low, high)
            made.steps.append((GAP, -1, row))

    def steps(self, layout: "_Layout", stretches: Ints) -> tuple[Ints, Ints]:
        """What every step stands for, and at which step every spot is picked."""
        table = np.zeros((len(layout.steps), STEP_COLUMNS), np.int64)
        spot_step = np.zeros(len(self.spot_number), np.int64)
        marked = (stretches[:, START_AT] >= 0) | (stretches[:, FIRST_END] < stretches[:, LAST_END])
        ends = set(self.ends)
        for step, (kind, of, _) in enumerate(layout.steps):
            if kind == ITEM:
                table[step] = (kind, of, marked[of], 0, -1)
                if stretches[of, FIRST_SPOT] < stretches[of, LAST_SPOT]:
                    spot_step[stretches[of, FIRST_SPOT] : stretches[of, LAST_SPOT]] = step
            elif kind == CROSSING:
                at = layout.crossings[of]
                spot = self.spot_number.get(at, -1)
                mark = (1 if self.open_walk else 2) if at == self.start else 0
                table[step] = (kind, of, mark, self.anywhere or at in ends, spot)
                if spot >= 0:
                    spot_step[spot] = step
            else:
                table[step] = (kind, of, 0, 0, -1)
        return table, spot_step


class _Layout:
    """Steps as (kind, item or crossing, row), in order, and what they stand on."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, int]] = []
        self.crossings: list[Spot] = []
        self.gap_floor: dict[int, tuple[int, int, int]] = {}

    def add_crossing(self, spot: Spot, row: int) -> None:
        self.steps.append((CROSSING, len(self.crossings), row))
        self.crossings.append(spot)


def _gap_options(layout: _Layout, mm: int) -> Ints:
    """Room for the moves of all steps, those of the gaps filled in; a mm of distance costs `mm`."""
    options = np.zeros((len(layout.steps) + 1, MOVES_MAX + 1, 3), np.int64)
    gaps = [step for step, (kind, _, _) in enumerate(layout.steps) if kind == GAP]
    options[gaps, 0, 0] = 1
    steps = np.array(list(layout.gap_floor), np.intp)
    lengths = np.array([high - low for _, low, high in layout.gap_floor.values()], np.int64)
    options[steps, 0, 0] = 3
    for passes in range(3):
        options[steps, 1 + passes, MOVE] = passes
        options[steps, 1 + passes, COST] = passes * lengths * mm
    return options


def _covered(pairs: Iterable[tuple[int, int]], before: int) -> int:
    """How much of the floor below `before` lies in intervals that do not overlap."""
    return sum(max(0, min(high, before) - low) for low, high in pairs)

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
from numba import njit
from numpy.typing import NDArray

from routing.prepared_floor import PreparedFloor, Role, merged_by_edge
from routing.problem import EndKind, PickProblem, Policy, PolicyName
from routing.segment_moves import (
    MOVES_MAX,
    SHIFT_END,
    SHIFT_NONE,
    Options,
    Stretches,
    Weights,
    any_options,
    plain_options,
)
from routing.state_graph import Effect, state_graph
from routing.sweep import Program
from warehouse.floor import EdgeKind, Floor, Spot

_NONE, _LOW_1, _LOW_2 = int(Effect.NONE), int(Effect.LOW_1), int(Effect.LOW_2)
ITEM, CROSSING, GAP = 0, 1, 2

Ints = NDArray[np.int64]


class Steps(NamedTuple):
    """What each step of the program stands for.

    `kind` is ITEM, CROSSING or GAP, `of` the item or the number of the marked crossing (-1 for gaps).
    `sides[item]` is 1 where `any_options` has to work out an item's moves. Of a marked crossing,
    `mark` is the degree the start adds, `may_end` 1 if the walk may end there, `spot` its spot or -1.
    `spot_step` is the step at which a spot is picked.
    """

    kind: NDArray[np.int8]
    of: NDArray[np.int32]
    sides: NDArray[np.int8]
    mark: NDArray[np.int8]
    may_end: NDArray[np.int8]
    spot: NDArray[np.int32]
    spot_step: NDArray[np.int32]


class GridArrays(NamedTuple):
    """All that compiled code needs of a `GridProblem`.

    `options` has one row more than there are steps, for moves that are only being tried.
    """

    program: Program
    steps: Steps
    stretches: Stretches
    weights: Weights
    options: Options


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
        return len(self.arrays.steps.spot_step)

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


@njit(cache=True)
def _crossing_options(steps: Steps, needed: NDArray[np.int32], crossing: int, options: Options, step: int) -> None:
    """The moves at a crossing: what the start adds, whether it must be visited, whether the walk ends there."""
    mark = steps.mark[crossing]
    spot = steps.spot[crossing]
    must = spot >= 0 and needed[spot] > 0
    count = 1
    options.shift[step, 0] = SHIFT_NONE
    options.cost[step, 0] = 0
    options.move[step, 0] = _LOW_1 if mark == 1 else (_LOW_2 if must or mark == 2 else _NONE)
    if steps.may_end[crossing]:
        options.shift[step, 1] = SHIFT_END
        options.cost[step, 1] = 0
        options.move[step, 1] = _LOW_2 if mark == 1 else _LOW_1
        count = 2
    options.number[step] = count


@njit(cache=True)
def refresh_step(grid: GridArrays, needed: NDArray[np.int32], step: int, row: int) -> None:
    """Work out the moves of one step for the spots that are `needed` now, into a row of the options."""
    of = grid.steps.of[step]
    if grid.steps.kind[step] == CROSSING:
        _crossing_options(grid.steps, needed, of, grid.options, row)
    elif grid.steps.kind[step] == ITEM:
        if grid.steps.sides[of]:
            any_options(grid.stretches, grid.weights, needed, of, grid.options, row)
        else:
            plain_options(grid.stretches, grid.weights, needed, of, grid.options, row)


@njit(cache=True)
def refresh(grid: GridArrays, needed: NDArray[np.int32]) -> None:
    """Work out the moves of all steps anew."""
    for step in range(len(grid.steps.kind)):
        if grid.steps.kind[step] != GAP:
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
        weights = (
            Weights(1, unit, self.anywhere)
            if self.policy.name is PolicyName.NO_BACKTRACK
            else Weights(unit, 1, self.anywhere)
        )
        stretches = self.stretches()
        for spot in self.at_crossing:
            self.spot_number[spot] = len(self.spot_number)
        graph = state_graph(self.prepared.rows, open_walk=self.open_walk)
        layout = self.layout()
        tables = [
            graph.gap_table(row)
            if kind == GAP
            else graph.segment_table(row)
            if kind == ITEM and self.is_segment(of)
            else graph.node_table(row)
            for kind, of, row in layout.steps
        ]
        program = Program(
            table=np.array(tables, np.int32),
            next=graph.next,
            shift=np.array([[0, 1], [1, -1]] if self.open_walk else [[0], [-1]], np.int32),
            empty=graph.empty,
            done=graph.done,
            last_plane=1 if self.open_walk else 0,
        )
        steps = self.steps(layout, stretches)
        arrays = GridArrays(program, steps, stretches, weights, _gap_options(layout, weights))
        return GridProblem(
            prepared=self.prepared,
            policy=self.policy,
            unit=unit,
            arrays=arrays,
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

    def stretches(self) -> Stretches:
        """The items of the prepared floor with this problem's points, history, start and ends on them."""
        prepared = self.prepared
        items = len(prepared.item_edges)
        ends: dict[int, set[int]] = {}
        for spot in self.ends:
            where = self.item_at(spot)
            if where is not None:
                ends.setdefault(where[0], set()).add(where[1])
        walked: dict[int, list[tuple[int, int]]] = {}
        history = merged_by_edge(tuple((each.edge, each.from_mm, each.to_mm) for each in self.problem.walked))
        for edge, pairs in history.items():
            place = prepared.places[edge]
            if place.item >= 0 and self.problem.floor.edges[edge].kind is EdgeKind.AISLE:
                turned = [sorted(prepared.item_offset(place.item, mm) for mm in pair) for pair in pairs]
                walked[place.item] = sorted((low, high) for low, high in turned)
        start_at = np.full(items, -1, np.int64)
        at = self.item_at(self.start)
        if at is not None:
            start_at[at[0]] = at[1]
        spot_at, spot_walked = self.number_spots(walked)
        all_walked = np.zeros(items, np.int64)
        for item, before in walked.items():
            all_walked[item] = _covered(before, int(prepared.length[item]))
        return Stretches(
            length=prepared.length,
            backtrack_counts=prepared.backtrack_counts,
            low_open=prepared.low_open,
            high_open=prepared.high_open,
            low_step_in=prepared.low_mouth * self.policy.step_in_mm,
            high_step_in=prepared.high_mouth * self.policy.step_in_mm,
            all_walked=all_walked,
            first_spot=_first(items, {item: len(each) for item, each in self.on_item.items()}),
            spot_at=spot_at,
            spot_walked=spot_walked,
            first_blocked=prepared.first_blocked,
            blocked=prepared.blocked_at,
            first_walked=_first(items, {item: len(each) for item, each in walked.items()}),
            walked=np.array([pair for item in sorted(walked) for pair in walked[item]], np.int64).reshape(-1, 2),
            start_at=start_at,
            start_degree=np.full(items, 1 if self.open_walk else 2, np.int64),
            first_end=_first(items, {item: len(each) for item, each in ends.items()}),
            end_at=np.array([mm for item in sorted(ends) for mm in sorted(ends[item])], np.int64),
        )

    def number_spots(self, walked: dict[int, list[tuple[int, int]]]) -> tuple[Ints, Ints]:
        """Number the points on items in order; their offsets and the walked floor before them."""
        spot_at: list[int] = []
        spot_walked: list[int] = []
        for item in sorted(self.on_item):
            for offset, spot in sorted(self.on_item[item]):
                self.spot_number[spot] = len(spot_at)
                spot_at.append(offset)
                spot_walked.append(_covered(walked.get(item, ()), offset))
        return np.array(spot_at, np.int64), np.array(spot_walked, np.int64)

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

    def steps(self, layout: "_Layout", stretches: Stretches) -> Steps:
        """What every step stands for."""
        spot_step = np.zeros(len(self.spot_number), np.int32)
        for step, (kind, of, _) in enumerate(layout.steps):
            if kind == ITEM:
                spot_step[stretches.first_spot[of] : stretches.first_spot[of + 1]] = step
            elif kind == CROSSING and layout.crossings[of] in self.spot_number:
                spot_step[self.spot_number[layout.crossings[of]]] = step
        sides = (stretches.start_at >= 0) | (np.diff(stretches.first_end) > 0)
        ends = set(self.ends)
        start_degree = 1 if self.open_walk else 2
        return Steps(
            kind=np.array([kind for kind, _, _ in layout.steps], np.int8),
            of=np.array([of for _, of, _ in layout.steps], np.int32),
            sides=sides.astype(np.int8),
            mark=np.array([start_degree if spot == self.start else 0 for spot in layout.crossings], np.int8),
            may_end=np.array([self.anywhere or spot in ends for spot in layout.crossings], np.int8),
            spot=np.array([self.spot_number.get(spot, -1) for spot in layout.crossings], np.int32),
            spot_step=spot_step,
        )


class _Layout:
    """Steps as (kind, item or crossing, row), in order, and what they stand on."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, int]] = []
        self.crossings: list[Spot] = []
        self.gap_floor: dict[int, tuple[int, int, int]] = {}

    def add_crossing(self, spot: Spot, row: int) -> None:
        self.steps.append((CROSSING, len(self.crossings), row))
        self.crossings.append(spot)


def _gap_options(layout: _Layout, weights: Weights) -> Options:
    """Room for the moves of all steps, those of the gaps filled in."""
    size = len(layout.steps) + 1
    options = Options(
        number=np.ones(size, np.int32),
        move=np.zeros((size, MOVES_MAX), np.int32),
        shift=np.zeros((size, MOVES_MAX), np.int32),
        cost=np.zeros((size, MOVES_MAX), np.int64),
    )
    steps = np.array(list(layout.gap_floor), np.intp)
    lengths = np.array([high - low for _, low, high in layout.gap_floor.values()], np.int64)
    options.number[steps] = 3
    for passes in range(3):
        options.move[steps, passes] = passes
        options.cost[steps, passes] = passes * lengths * weights.distance
    return options


def _first(items: int, counts: dict[int, int]) -> Ints:
    """Where the entries of each item begin in an array ordered by item, and where the last ones end."""
    first = np.zeros(items + 1, np.int64)
    for item, count in counts.items():
        first[item + 1] = count
    return np.cumsum(first)


def _covered(pairs: Iterable[tuple[int, int]], before: int) -> int:
    """How much of the floor below `before` lies in intervals that do not overlap."""
    return sum(max(0, min(high, before) - low) for low, high in pairs)

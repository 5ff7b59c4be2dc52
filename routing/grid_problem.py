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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.cost import NEVER
from routing.directed_options import JUNCTION, LANE, junction_options, lane_options
from routing.grid_layout import CROSSING as CROSSING
from routing.grid_layout import GAP as GAP
from routing.grid_layout import ITEM as ITEM
from routing.grid_layout import Layout, gap_options, lay_out
from routing.ladder_sweep import ladder_options
from routing.prepared_floor import PreparedFloor, Role, merged_by_edge
from routing.problem import EndKind, PickProblem, Policy, PolicyName
from routing.rates import Rates, rates_of
from routing.segment_moves import (
    ACROSS,
    ALL_WALKED,
    ARMS_MAX,
    CHARGED,
    COUNTS,
    DISTANCE,
    END,
    FIRST_BLOCKED,
    FIRST_END,
    FIRST_SPOT,
    FIRST_WALKED,
    FREE_AT,
    HIGH_DEAD,
    HIGH_END,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LAST_BLOCKED,
    LAST_END,
    LAST_SPOT,
    LAST_WALKED,
    LENGTH,
    LOW_DEAD,
    LOW_END,
    LOW_OPEN,
    LOW_STEP_IN,
    MOVES_MAX,
    MOVES_MAX_BY_ARMS,
    SHIFT_ARM,
    SHIFT_END,
    SHIFT_NONE,
    SPOT_COLUMNS,
    START_AT,
    START_DEGREE,
    START_SIDE,
    STOP,
    STRETCH_COLUMNS,
    Counts,
    Ints,
    add_option,
    charge_plain_options,
    plain_options,
)
from routing.state_graph import Effect, state_graph
from routing.stretch_sweep import any_options
from routing.sweep import Program
from warehouse.floor import EdgeKind, Floor, Spot

_NONE, _LOW_1, _LOW_2 = int(Effect.NONE), int(Effect.LOW_1), int(Effect.LOW_2)
KIND, OF, MARK, MAY_END, SPOT = range(5)
STEP_COLUMNS = 5
PLAIN, MARKED, WIDE = range(3)


class GridArrays(NamedTuple):
    """All that compiled code needs of a `GridProblem`.

    `steps` has one row a step: its `KIND`, and which item or crossing it is `OF`. Of items, `MARK` is `MARKED`
    where `any_options` has to work out the moves, `WIDE` where `ladder_options` has to, else `PLAIN`. Of
    crossings, `MARK` is the degree the start adds, `MAY_END` 1 if the walk may end there, `SPOT` the spot
    there or -1. On floors with one-way edges (`directed_program`) items have the largest flow for `MAY_END`
    and their direction for `SPOT`. `spot_step` is the step at which a spot is picked. The rest is
    explained in `segment_moves`.
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
    `unit` is the backtrack and what the walk costs at `rates` under `no_backtrack`, the other way round
    under `shortest`. `odd` is that of the state graph.
    """

    prepared: PreparedFloor
    policy: Policy
    rates: Rates
    unit: int
    odd: Ints
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
        """(backtrack_mm, distance_mm) of a cost; where the policy measures time, ms instead of the distance."""
        first, second = divmod(cost, self.unit)
        backtrack_mm, walk = (first, second) if self.policy.name is PolicyName.NO_BACKTRACK else (second, first)
        return backtrack_mm, self.rates.measured(walk)


def normal_spot(floor: Floor, spot: Spot) -> Spot:
    """The same point of the floor, named the same way whichever edge it was named by, at a side where that matters."""
    node = floor.node_at(spot)
    if node is not None:
        return floor.spot_at(node)
    return spot if floor.side_of(spot) == spot.side else Spot(spot.edge, spot.offset_mm)


@compiled_part
def _crossing_options(mark: int, may_end: int, must: bool, stop: int, options: Ints, row: int) -> None:
    """The moves at a crossing: what the start adds, whether it must be visited, whether the walk ends there."""
    options[row, 0, 0] = 0
    add_option(options, row, _LOW_1 if mark == 1 else (_LOW_2 if must or mark == 2 else _NONE), SHIFT_NONE, stop)
    if may_end:
        add_option(options, row, _LOW_2 if mark == 1 else _LOW_1, SHIFT_END, stop)


@compiled_part
def refresh_crossing(crossing: Ints, needed: Counts, weights: Ints, options: Ints, row: int) -> None:
    """Work out the moves at a crossing, a row of `steps`, for the spots that are `needed` now."""
    must = crossing[SPOT] >= 0 and needed[crossing[SPOT]] > 0
    stop = weights[STOP] if must else 0
    if crossing[KIND] == JUNCTION:
        junction_options(crossing[MARK], crossing[MAY_END], must, stop, options, row)
    else:
        _crossing_options(crossing[MARK], crossing[MAY_END], must, stop, options, row)


@compiled_part(makes_arrays=True)
def refresh_step(grid: GridArrays, needed: Counts, step: int, row: int) -> None:
    """Work out the moves of one step for the spots that are `needed` now, into a row of the options."""
    kind, of, mark = grid.steps[step, KIND], grid.steps[step, OF], grid.steps[step, MARK]
    options = grid.program.options
    if kind in (CROSSING, JUNCTION):
        refresh_crossing(grid.steps[step], needed, grid.weights, options, row)
    elif kind == LANE:
        cap, direction = grid.steps[step, MAY_END], grid.steps[step, SPOT]
        stretch = grid.stretches[of]
        lane_options(stretch, grid.spots, grid.pairs, needed, grid.weights, mark, cap, direction, options, row)
    elif kind == ITEM and mark == WIDE:
        ladder_options(grid.stretches[of], grid.spots, grid.pairs, needed, grid.weights, options, row)
    elif kind == ITEM and mark:
        any_options(grid.stretches[of], grid.spots, grid.pairs, needed, grid.weights, options, row)
    elif kind == ITEM:
        plain_options(grid.stretches[of], grid.spots, needed, grid.weights, options, row)
        if grid.weights[CHARGED]:
            charge_plain_options(grid.stretches[of], needed, grid.weights, options, row)


def across_for_free(grid: GridArrays) -> GridArrays:
    """The same problem with both sides of every aisle reached from one line: no walk costs more in it."""
    stretches, steps = grid.stretches.copy(), grid.steps.copy()
    wide = (steps[:, KIND] == ITEM) & (steps[:, MARK] == WIDE)
    steps[wide, MARK] = _marked(stretches)[steps[wide, OF]]
    stretches[:, ACROSS] = 0
    return grid._replace(stretches=stretches, steps=steps)


def _marked(stretches: Ints) -> NDArray[np.bool_]:
    """Which stretches hold the start or an end."""
    marked: NDArray[np.bool_] = (stretches[:, START_AT] >= 0) | (stretches[:, FIRST_END] < stretches[:, LAST_END])
    return marked


@compiled
def refresh(grid: GridArrays, needed: Counts) -> None:
    """Work out the moves of all steps anew."""
    for step in range(len(grid.steps)):
        refresh_step(grid, needed, step, step)


def build(
    prepared: PreparedFloor,
    problem: PickProblem,
    policy: Policy,
    spots: Iterable[Spot],
    surcharge_mm: Mapping[int, int] | None = None,
    mixture: tuple[int, int] | None = None,
) -> GridProblem:
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
    surcharge_mm
        For aisle edges what entering and what leaving them costs on top, as if it were that much further.
    mixture
        What a mm of backtrack and a mm of distance cost, if the two are to be mixed instead of ranked; the
        problem's `figures` mean nothing then.
    """
    return _Builder(prepared, problem, policy, spots, surcharge_mm or {}, mixture).build()


class _Builder:
    """Collects the parts of one `GridProblem`."""

    def __init__(
        self,
        prepared: PreparedFloor,
        problem: PickProblem,
        policy: Policy,
        spots: Iterable[Spot],
        surcharge_mm: Mapping[int, int],
        mixture: tuple[int, int] | None,
    ) -> None:
        self.prepared, self.problem, self.policy = prepared, problem, policy
        self.surcharge_mm, self.mixture = surcharge_mm, mixture
        self.rates = rates_of(problem, policy)
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
        # Every arm turns at a spot, so more arms than spots are no bound, but for those at dead ends.
        bound = policy.u_turns_max
        self.arms_max = None if bound is None else min(bound, 2 * len(reached) + 2)

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
        weights, unit = self.weights()
        stretches, spots, pairs = self.stretches(int(weights[END]), int(weights[DISTANCE]))
        for spot in self.at_crossing:
            self.spot_number[spot] = len(self.spot_number)
        graph = state_graph(self.prepared.rows, open_walk=self.open_walk)
        # A walk that may end anywhere ends at a pick, or, where step-ins are allowed, at a mouth after one.
        layout = lay_out(
            self.prepared,
            [self.start, *self.ends, *self.at_crossing],
            every_crossing=self.anywhere and self.policy.step_in_mm > 0,
        )
        shift, last_shift = self.shifts()
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
            shift=shift,
            options=gap_options(
                layout, int(weights[DISTANCE]), MOVES_MAX if self.arms_max is None else MOVES_MAX_BY_ARMS, last_shift
            ),
            empty=graph.empty,
            done=graph.done,
        )
        steps, spot_step = self.steps(layout, stretches)
        return GridProblem(
            prepared=self.prepared,
            policy=self.policy,
            rates=self.rates,
            unit=unit,
            odd=graph.odd,
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

    def weights(self) -> tuple[Ints, int]:
        """The weights of `segment_moves`, and the unit of costs: a power of two above what comes second in them.

        No walk passes any floor more than six times: two passes over everything, and a step-in from either
        end of every aisle at most as deep as it is. Where there are lanes it is twice as often, with two passes
        over every rung.
        """
        rates, items = self.rates, len(self.prepared.item_edges)
        floor_mm = 6 * sum(edge.length_mm for edge in self.problem.floor.edges)
        if self.problem.floor.has_crossings:
            rungs = 6 + sum(len(each) for each in self.on_item.values())
            floor_mm += floor_mm + 2 * rungs * max(edge.crossing_mm for edge in self.problem.floor.edges)
        points = len(self.at_crossing) + sum(len(each) for each in self.on_item.values())
        walk = floor_mm * rates.mm + items * (ARMS_MAX * rates.arm + 8 * rates.end) + points * rates.stop
        walk += 8 * sum(self.surcharge_mm.values()) * rates.mm
        first, second = (floor_mm, walk) if self.policy.name is PolicyName.NO_BACKTRACK else (walk, floor_mm)
        unit = 1 << (second + 1).bit_length()
        if (first + 1) * unit >= NEVER:
            raise ValueError("the floor is too large for times this fine; round the walking speed")
        ranked = (unit, 1) if self.policy.name is PolicyName.NO_BACKTRACK else (1, unit)
        backtrack, scale = self.mixture or ranked
        by_arms = self.arms_max is not None
        charged = by_arms or any((rates.arm, rates.end, rates.stop)) or bool(self.surcharge_mm)
        arm, stop = rates.arm * scale, rates.stop * scale
        return np.array(
            [rates.mm * scale, backtrack, self.anywhere, charged, by_arms, arm, stop, rates.end * scale], np.int64
        ), unit

    def shifts(self) -> tuple[NDArray[np.int32], int]:
        """What every shift makes of every plane, and the shift of the last step.

        A plane tells whether the end is placed and, where arms are bounded, how many there were. The last
        step makes the plane the last one.
        """
        ends, arms_max = 1 + self.open_walk, self.arms_max or 0
        planes = [(ended, arms) for ended in range(ends) for arms in range(arms_max + 1)]
        number = {plane: index for index, plane in enumerate(planes)}
        codes = SHIFT_ARM * (1 if self.arms_max is None else ARMS_MAX + 1)
        shift = [
            [number.get((ended + code % SHIFT_ARM, arms + code // SHIFT_ARM), -1) for ended, arms in planes]
            for code in range(codes)
        ]
        if self.arms_max is None:
            return np.array(shift, np.int32), SHIFT_NONE
        shift.append([len(planes) - 1 if ended == ends - 1 else -1 for ended, _ in planes])
        return np.array(shift, np.int32), codes

    def stretches(self, end_cost: int, mm_cost: int) -> tuple[Ints, Ints, Ints]:
        """The items of the prepared floor with this problem's points, history, start and ends on them.

        Entering or leaving an aisle costs `end_cost`, a mm of distance `mm_cost`.

        As `stretches`, `spots` and `pairs` of `segment_moves`.
        """
        prepared = self.prepared
        walked = self.walked()
        ends: dict[int, set[tuple[int, int]]] = {}
        for spot in self.ends:
            where = self.item_at(spot)
            if where is not None:
                ends.setdefault(where[0], set()).add((where[1], spot.side))
        table = np.zeros((len(prepared.item_edges), STRETCH_COLUMNS), np.int64)
        table[:, LENGTH], table[:, COUNTS] = prepared.length, prepared.backtrack_counts
        table[:, LOW_OPEN], table[:, HIGH_OPEN] = prepared.low_open, prepared.high_open
        table[:, LOW_STEP_IN] = np.minimum(prepared.low_step_in_max, self.policy.step_in_mm)
        table[:, HIGH_STEP_IN] = np.minimum(prepared.high_step_in_max, self.policy.step_in_mm)
        table[:, FIRST_BLOCKED], table[:, LAST_BLOCKED] = prepared.first_blocked[:-1], prepared.first_blocked[1:]
        table[:, START_AT], table[:, START_DEGREE] = -1, 1 if self.open_walk else 2
        table[:, ACROSS], table[:, FREE_AT] = prepared.across, prepared.free_at
        self.add_ends(table, end_cost)
        for edge, charge_mm in self.surcharge_mm.items():
            table[self.prepared.places[edge].item, [LOW_END, HIGH_END]] += charge_mm * mm_cost
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
            pairs.append(np.array(sorted(offsets), np.int64))
        at = self.item_at(self.start)
        if at is not None:
            table[at[0], START_AT], table[at[0], START_SIDE] = at[1], self.start.side
        spots: list[tuple[int, int, int]] = []
        for item, points in self.on_item.items():
            table[item, FIRST_SPOT], table[item, LAST_SPOT] = len(spots), len(spots) + len(points)
            for offset, spot in sorted(points):
                self.spot_number[spot] = len(spots)
                spots.append((offset, _covered(walked.get(item, ()), offset), spot.side))
        return table, np.array(spots, np.int64).reshape(-1, SPOT_COLUMNS), np.concatenate(pairs)

    def add_ends(self, table: Ints, end_cost: int) -> None:
        """Fill in what it costs to enter and leave aisles, and where nothing else meets at their ends."""
        floor = self.problem.floor
        start = floor.node_at(self.start)
        for item, index in enumerate(self.prepared.item_edges):
            edge = floor.edges[index]
            if edge.kind is not EdgeKind.AISLE:
                continue
            nodes = (edge.head, edge.tail) if self.prepared.places[index].turned else (edge.tail, edge.head)
            for node, end, dead in zip(nodes, (LOW_END, HIGH_END), (LOW_DEAD, HIGH_DEAD), strict=True):
                alone = len(floor.incident[node]) == 1
                table[item, end] = 0 if alone else end_cost
                table[item, dead] = alone and node != start and self.is_segment(item)

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

    def steps(self, layout: Layout, stretches: Ints) -> tuple[Ints, Ints]:
        """What every step stands for, and at which step every spot is picked."""
        table = np.zeros((len(layout.steps), STEP_COLUMNS), np.int64)
        spot_step = np.zeros(len(self.spot_number), np.int64)
        marked = _marked(stretches)
        ends = set(self.ends)
        for step, (kind, of, _) in enumerate(layout.steps):
            if kind == ITEM:
                table[step] = (kind, of, WIDE if stretches[of, ACROSS] else marked[of], 0, -1)
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


def _covered(pairs: Iterable[tuple[int, int]], before: int) -> int:
    """How much of the floor below `before` lies in intervals that do not overlap."""
    return sum(max(0, min(high, before) - low) for low, high in pairs)

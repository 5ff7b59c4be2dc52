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

import numpy as np
from numpy.typing import NDArray

from routing.cost import NEVER
from routing.grid_arrays import CROSSING, GAP, ITEM, STEP_COLUMNS, WIDE, GridArrays
from routing.grid_layout import Layout, gap_options, lay_out
from routing.grid_stretches import Marks, item_at, marked_stretches, stretch_rows
from routing.prepared_floor import PreparedFloor, Role
from routing.problem import EndKind, Measure, PickProblem, Policy, PolicyName
from routing.rates import Rates, rates_of
from routing.segment_moves import (
    ACROSS,
    ARMS_MAX,
    DISTANCE,
    END,
    FIRST_SPOT,
    LAST_SPOT,
    MOVES_MAX,
    MOVES_MAX_BY_ARMS,
    SHIFT_ARM,
    SHIFT_NONE,
    Ints,
)
from routing.state_graph import state_graph
from routing.sweep import Program
from warehouse.floor import Floor, Spot


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

    def at_least(self, cost: int, distance_mm: int) -> int:
        """A cost that no walk beats if none beats `cost` and none is shorter than `distance_mm`."""
        walk = distance_mm * self.rates.mm
        if self.policy.name is PolicyName.SHORTEST:
            return max(cost, walk * self.unit)
        return cost - cost % self.unit + max(cost % self.unit, walk)


def normal_spot(floor: Floor, spot: Spot) -> Spot:
    """The same point of the floor, named the same way whichever edge it was named by, at a side where that matters."""
    node = floor.node_at(spot)
    if node is not None:
        return floor.spot_at(node)
    return spot if floor.side_of(spot) == spot.side else Spot(spot.edge, spot.offset_mm)


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
            where = item_at(self.prepared, spot)
            if where is None:
                self.at_crossing.append(spot)
            else:
                self.on_item.setdefault(where[0], []).append((where[1], spot))
        self.spot_number: dict[Spot, int] = {}
        # Every arm turns at a spot, so more arms than spots are no bound, but for those at dead ends.
        bound = policy.u_turns_max
        self.arms_max = None if bound is None else min(bound, 2 * len(reached) + 2)

    def build(self) -> GridProblem:
        weights, unit = self.weights()
        marks = Marks(self.prepared, self.problem, self.policy, self.start, tuple(self.ends), self.on_item)
        surcharge = {edge: mm * int(weights[DISTANCE]) for edge, mm in self.surcharge_mm.items()}
        stretches, spots, pairs = stretch_rows(marks, int(weights[END]), surcharge)
        for points in self.on_item.values():
            for _, spot in sorted(points):
                self.spot_number[spot] = len(self.spot_number)
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
            if self.policy.measure is Measure.DURATION:
                raise ValueError("floor and times are more than can be reckoned with; round the walking speed")
            floor_km = sum(edge.length_mm for edge in self.problem.floor.edges) / 1_000_000
            raise ValueError(f"{floor_km:.0f} km of floor are more than can be reckoned with")
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

    def steps(self, layout: Layout, stretches: Ints) -> tuple[Ints, Ints]:
        """What every step stands for, and at which step every spot is picked."""
        table = np.zeros((len(layout.steps), STEP_COLUMNS), np.int64)
        spot_step = np.zeros(len(self.spot_number), np.int64)
        marked = marked_stretches(stretches)
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

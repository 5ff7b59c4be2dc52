"""What walks by way of given points cost on one grid floor with one-way edges.

Problem: price many sets of points for one problem, and give the walk for the set that is chosen.
Method: the sweep of `directed_states` with more and more room, until its own lower bound meets the cost or
the room is used up: first small flows and few states, which nearly always suffices, then more. What a
segment with given bins costs is kept for the next set that has the same bins there.
Complexity: some ms to some 100 ms a set; see `directed_states`.
Limits: a set whose sweep was cut off is priced too high; `is_exact` says whether that has happened.
"""

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.directed_bounds import INFEASIBLE
from routing.directed_floor import LanePlace, Place, group_by_lane, read_floor
from routing.directed_moves import Lane, LaneMoves, Weights
from routing.directed_states import Sweep, Swept
from routing.problem import EndKind, PickLine, PickProblem, Policy, PolicyName
from routing.route import Pick
from routing.segment_moves import NEVER
from warehouse.floor import Spot

WIDTHS = (40, 400, 4000)
"""States kept a step, round after round; the bound rarely needs more than the second."""
PRICING_WIDTHS = (40, 400)
"""The same for pricing a choice of bins, of which there are many."""
CAPS = (4, 16)
"""Flows over a gap tried before the proven cap; more is hardly ever of use."""
SWEEP_STATES_MAX = 100_000
"""States that one set of bins may take before only the most promising go on: a second or two. They are counted and
not timed, so that a busy machine gives the same route."""


class Pricing:
    """What walks by way of given points cost on one problem's floor.

    `spot_of` numbers the points of the sources in `lines`, as `bin_choice.Pricer` asks.
    """

    def __init__(self, problem: PickProblem, policy: Policy, lines: Sequence[PickLine]) -> None:
        self.problem = problem
        self.policy = policy
        spots = sorted({source.spot for line in lines for source in line.sources})
        self.is_exact = True
        end_spots = problem.end.spots
        if problem.end.kind is EndKind.ANYWHERE:
            end_spots = (problem.start, *spots, *_mouths(problem, policy))
        self.read = read_floor(problem, spots, end_spots)
        numbers: dict[Place, int] = {}
        self.spot_of = {spot: numbers.setdefault(self.read.places[spot], len(numbers)) for spot in spots}
        self.places = list(numbers)
        self.spot_of_pick = {(line.line, each.bin): each.spot for line in lines for each in line.sources}
        self._lane_moves: dict[tuple[int, int, tuple[int, ...]], LaneMoves] = {}
        self._swept: dict[frozenset[int], Swept] = {}

    @cached_property
    def total_mm(self) -> int:
        """All floor there is."""
        return sum(edge.length_mm for edge in self.problem.floor.edges)

    @cached_property
    def weights(self) -> Weights:
        """What a mm costs: so that the first figure of the policy's order outweighs any of the second.

        A best walk is at most as long as one simple path for each mark (see `directed_states`) and one
        more, and the marks themselves.
        """
        outweigh = self.total_mm * (2 * self.marks(self.places) + 2) + 1
        if self.policy.name is PolicyName.NO_BACKTRACK:
            return Weights(backtrack=outweigh, distance=1)
        return Weights(backtrack=1, distance=outweigh)

    def figures(self, cost: int) -> tuple[int, int]:
        """(backtrack_mm, distance_mm) of a cost."""
        if self.policy.name is PolicyName.NO_BACKTRACK:
            return divmod(cost, self.weights.backtrack)
        distance_mm, backtrack_mm = divmod(cost, self.weights.distance)
        return backtrack_mm, distance_mm

    def marks(self, places: Collection[Place]) -> int:
        """How many marks a walk by way of these places needs; see `directed_states`."""
        by_lane, nodes = group_by_lane(places)
        marks = len(nodes) + 8  # four each for the segments of the start and the end
        for (column, number), offsets in by_lane.items():
            lane = self.read.lane(LanePlace(column, number, 0))
            marks += min(len(offsets), 1 if lane.direction else 2)
        return marks

    @cached_property
    def lanes(self) -> dict[tuple[int, int], Lane]:
        """Every lane by its column and number."""
        return {
            (index, number): lane
            for index, column in enumerate(self.read.columns)
            for number, lane in enumerate([*column.lanes, *(lane for _, lane in column.spurs)])
            if lane is not None
        }

    def sweep(self, places: Sequence[Place], widths: Sequence[int]) -> Swept:
        """The best walk by way of `places`, looked for with at most these numbers of states."""
        by_lane, nodes = group_by_lane(places)
        moves = {key: self._moves(key, lane, by_lane.get(key, ())) for key, lane in self.lanes.items()}
        cap_proven = self.marks(places) + 1
        best: Swept | None = None
        limit, bound = INFEASIBLE, 0
        sweep = Sweep(self.read, moves, nodes, cap_proven, self.weights.distance)
        for cap in sorted({min(each, cap_proven) for each in (*CAPS, cap_proven)}):
            for width in widths:
                found = sweep.run(cap, limit, width, SWEEP_STATES_MAX)
                if found.cost is not None:
                    best, limit = found, found.cost
                bound = max(bound, min(found.bound, limit))
                if bound >= limit or found.is_complete:
                    break
            if bound >= limit or sweep.num_states > SWEEP_STATES_MAX:
                break
        if best is None:
            return Swept(None, bound, bound >= INFEASIBLE)
        return Swept(best.cost, bound, bound >= limit, best.passes, best.end)

    def _moves(self, key: tuple[int, int], lane: Lane, offsets: tuple[int, ...]) -> LaneMoves:
        known = self._lane_moves.get((*key, offsets))
        if known is None:
            if self.problem.end.kind is EndKind.ANYWHERE:
                lane = lane.with_ends(offsets)
            known = LaneMoves(lane, offsets, self.weights, self.policy.step_in_mm)
            self._lane_moves[*key, offsets] = known
        return known

    def needed(self, picks: Sequence[Pick]) -> NDArray[np.int32]:
        """Which points these picks need."""
        needed = np.zeros(len(self.places), np.int32)
        for pick in picks:
            needed[self.spot_of[self.spot_of_pick[pick.line, pick.bin]]] += 1
        return needed

    def price(self, needed: NDArray[np.int32]) -> int:
        """The cost of the best walk by way of every point whose `needed` is not 0."""
        found = self.walk(needed, PRICING_WIDTHS)
        self.is_exact = self.is_exact and found.cost is not None and found.bound >= found.cost
        return NEVER if found.cost is None else found.cost

    def walk(self, needed: NDArray[np.int32], widths: Sequence[int]) -> Swept:
        """The best walk by way of every point whose `needed` is not 0, kept for later."""
        key = frozenset(np.flatnonzero(needed).tolist())
        known = self._swept.get(key)
        if known is None or ((known.cost is None or known.bound < known.cost) and widths is not PRICING_WIDTHS):
            known = self._swept[key] = self.sweep([self.places[each] for each in sorted(key)], widths)
        return known


def _mouths(problem: PickProblem, policy: Policy) -> tuple[Spot, ...]:
    """Where a walk that may end anywhere can end beside its start and bins: where the cart stood for a step-in."""
    floor, grid = problem.floor, problem.floor.grid
    if grid is None or policy.step_in_mm == 0:
        return ()
    return tuple(floor.spot_at(node) for column in grid.nodes for node in column if floor.incident[node])

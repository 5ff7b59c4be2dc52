"""The directed sweep: the best walk on a grid floor with one-way edges, for given bins.

Problem: choose how often each stretch is passed in each direction so that what is passed hangs together,
every bin is visited and every point is left as often as it is entered (once more at the start, once less
at the end). Such passes are a directed Euler trail, so they are a walk.
Method: columns are swept left to right. Beside a column the state is the net flow over each of its gaps
to the right (outgoing minus incoming passes so far), which cross-aisle nodes hang together, and whether
the end is placed. The flows are kept as sums from the bottom row up, since a segment of block b with net
flow n changes only the b-th sum, by -n. A gap with flow x is passed |x| times; one without flow not at
all or once each way. States are pruned by a lower bound on what is still to come: what the rest of block
b costs at least if the flow that enters it from below is the given one (a shortest-path sum over its
segments, cross aisles free of charge), plus the cheapest crossings to the columns that must be reached
(`directed_bounds`).
Exactness: in a best walk mark one pass for every one-way segment with bins, two (the arm tips, or one
pass) for every other one, one for each node to visit and four for a segment that holds a start or an end.
Between two marks the walk can be made a simple path without passing anything more often. So no gap
is passed more often than the number of marks plus one, and flows up to that cap are enough. With a
smaller cap a walk beyond it passes some cut between columns at least 2 * cap + 1 times, which costs at
least that many times the shortest gap on top of the bound for the aisles. `bound` takes the least of
these and of all states dropped for their number; the result is exact where it does not exceed its cost.
Complexity: states grow with cap to the power of (cross aisles - 1) in the worst case; the lower bound
leaves a few hundred a column on floors of 20 aisles.

References
----------
.. [1] H. D. Ratliff, A. S. Rosenthal, Order-picking in a rectangular warehouse, Operations Research
   31(3), 507-521, 1983. The sweep; flows instead of parities are ours.
"""

import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from routing.directed_bounds import INFEASIBLE, StillToCome
from routing.directed_floor import DirectedFloor, Gap, LanePlace, NodePlace, Place
from routing.directed_frontier import Crossings, Labels, after_move, canonical
from routing.directed_moves import BOTTOM, CLOSED, LaneMoves, Move
from routing.walk import Pass
from warehouse.floor import Spot

REACH_MAX = 200
"""Largest sum of flows that bounds are worked out for; their tables grow with its square."""

Sums = tuple[int, ...]
_Back = tuple["_Back", Any] | None
_Entry = tuple[int, int, _Back]
_Layer = dict[tuple[Labels, bool], dict[Sums, _Entry]]
_Option = tuple[int, dict[Sums, _Entry], Any]
"""A move over a segment: its cost, the states it leads to, the step to note."""
_Way = tuple[tuple[bool, ...], int, Labels]
"""Gaps without flow that are passed once each way, their cost, and the labels after; none where the walk is done."""


@dataclass(frozen=True)
class Swept:
    """What a sweep found: a walk's cost, passes and end, and a lower bound on every walk's cost.

    `cost` is None if it found none below the limit it was given; then no walk costs less than `bound`.
    `is_complete` says that no state was dropped, so that more room would not help.
    """

    cost: int | None
    bound: int
    is_complete: bool
    passes: tuple[Pass, ...] = ()
    end: Spot | None = None


class _Options:
    """How one segment may be walked from states with the same labels, the cheapest moves first.

    `by_flow` holds the moves for every net flow met so far.
    """

    def __init__(
        self,
        lane: LaneMoves | None,
        column: int,
        block: int,
        ends_here: bool,
        labels: Labels,
        placed: bool,
        visited: _Layer,
    ) -> None:
        self.lane, self.column, self.block, self.ends_here = lane, column, block, ends_here
        self.labels, self.placed, self.visited = labels, placed, visited
        self.shift = (lane is not None and lane.lane.start_mm is not None) - ends_here
        self.by_flow: dict[int, list[_Option]] = {}

    def with_flow(self, flow: int) -> list[_Option]:
        """The moves with a net flow upwards at the segment's lower end."""
        if self.lane is None:
            options: list[_Option] = [(0, self._reached(self.labels), None)]
        else:
            moves = [move for move in self.lane.moves(self.ends_here, flow) if move.effect != CLOSED]
            moves.sort(key=lambda move: move.cost)
            options = [
                (move.cost, self._reached(after_move(self.labels, self.block, move.effect)), (self.column, move))
                for move in moves
            ]
        self.by_flow[flow] = options
        return options

    def _reached(self, labels: Labels) -> dict[Sums, _Entry]:
        return self.visited.setdefault((labels, self.placed), {})


class Sweep:
    """A sweep over one floor for one set of places to visit.

    Parameters
    ----------
    read
        The floor by columns.
    moves
        The moves of every lane by (column, lane), bins included.
    nodes
        The nodes to visit.
    cap_proven
        The largest flow over a gap that can be of use.
    mm_cost
        The cost of a mm of cross aisle.
    """

    def __init__(
        self,
        read: DirectedFloor,
        moves: Mapping[tuple[int, int], LaneMoves],
        nodes: frozenset[NodePlace],
        cap_proven: int,
        mm_cost: int,
    ) -> None:
        self.read = read
        self.moves = moves
        self.mm_cost = mm_cost
        self.rows = read.num_rows
        self.needed = {*nodes, read.start}
        self.needed |= {LanePlace(*key, lane.bins_mm[0]) for key, lane in moves.items() if lane.bins_mm}
        self.columns_needed = {place.column for place in self.needed}
        self.cap_proven = cap_proven
        self.reach = min(REACH_MAX, cap_proven * ((self.rows + 1) // 2) + 2)
        self.open_start = None if read.is_closed else read.start
        self.gap_prices = [
            [0 if gap is None else gap.length_mm * mm_cost for gap in column.gaps] for column in read.columns
        ]
        self.to_come = StillToCome(read, moves, self.columns_needed, self.reach, mm_cost)
        self.num_states = 0

    def run(self, cap: int, limit: int, width: int, states_max: int) -> Swept:
        """Find the best walk that costs less than `limit`.

        Parameters
        ----------
        cap
            The largest flow over a gap that is tried.
        limit
            Only walks cheaper than this are looked for.
        width
            How many states are kept after each step, the most promising ones.
        states_max
            After how many states of all runs only `width` / 50 states a step are kept.
        """
        self.cap, self.limit, self.width, self.states_max = cap, limit, width, states_max
        self.flow_ranges = [self._flow_ranges(column) for column in range(len(self.read.columns))]
        self.dropped = limit
        self.best: tuple[int, _Back] | None = None
        start = NodePlace(-1, -1)
        layer: _Layer = {((0,) * self.rows, self.read.is_closed): {(0,) * (self.rows - 1): (0, 0, (None, start))}}
        self._walk_inside_one_lane()
        for index, column in enumerate(self.read.columns):
            layer = self._visit_nodes(layer, index)
            for order, (row, _) in enumerate(column.spurs):
                layer = self._visit_spur(layer, index, row, len(column.lanes) + order)
            for block in range(self.rows - 1):
                layer = self._kept(self._visit_segment(layer, index, block))
            layer = self._kept(self._cross(layer, index))
        bound = min(self.dropped, self._beyond_cap_bound())
        is_complete = self.dropped >= limit
        if self.best is None:
            return Swept(None, bound, is_complete)
        cost, back = self.best
        passes, end = self._trace(back)
        return Swept(cost, min(cost, bound), is_complete, passes, end)

    def _beyond_cap_bound(self) -> int:
        """A lower bound on the cost of walks with a flow beyond the cap or a sum beyond the reach."""
        reach_needed = self.cap_proven * ((self.rows + 1) // 2) + 2
        if self.cap >= self.cap_proven and self.reach >= reach_needed:
            return INFEASIBLE
        lengths = [gap.length_mm for column in self.read.columns for gap in column.gaps if gap and gap.length_mm]
        table = self.to_come.aisles[0][self.open_start is not None][self.read.is_closed]
        aisles = sum(row[self.reach] for row in table) if self.reach >= reach_needed else 0
        crossings = min(max(0, 2 * self.cap - 3), self.reach) * min(lengths, default=INFEASIBLE) * self.mm_cost
        return int(min(INFEASIBLE, aisles + crossings))

    def _kept(self, layer: _Layer) -> _Layer:
        """The most promising states, if there are too many; what is dropped lowers the bound."""
        width = self.width if self.num_states <= self.states_max else max(20, self.width // 50)
        count = sum(len(states) for states in layer.values())
        self.num_states += count
        if count <= width:
            return layer
        estimates = [entry[1] for states in layer.values() for entry in states.values()]
        threshold = heapq.nsmallest(width, estimates)[-1]
        kept: _Layer = {}
        room = width
        for group, states in layer.items():
            chosen: dict[Sums, _Entry] = {}
            for sums, entry in states.items():
                if entry[1] <= threshold and room > 0:
                    chosen[sums] = entry
                    room -= 1
                elif entry[1] < self.dropped:
                    self.dropped = entry[1]
            if chosen:
                kept[group] = chosen
        return kept

    def _put(self, layer: _Layer, labels: Labels, placed: bool, sums: Sums, entry: _Entry) -> None:
        states = layer.setdefault((labels, placed), {})
        known = states.get(sums)
        if known is None or entry[0] < known[0]:
            states[sums] = entry

    def _start_coming(self, column: int, lane: int) -> bool:
        """Whether the start of an open walk is still to come after this lane of this column."""
        start = self.open_start
        if start is None or start.column < column:
            return False
        if start.column > column:
            return True
        return isinstance(start, LanePlace) and self._order(start) > self._order(LanePlace(column, lane, 0))

    def _order(self, place: LanePlace) -> int:
        """Spurs are visited before segments."""
        num_lanes = len(self.read.columns[place.column].lanes)
        return place.lane - num_lanes if place.lane >= num_lanes else place.lane + num_lanes + 1000

    def _visit_nodes(self, layer: _Layer, column: int) -> _Layer:
        """Start, end and bins at the nodes of a column."""
        start = self.open_start
        needed_rows = [p.row for p in self.needed if isinstance(p, NodePlace) and p.column == column]
        end_rows = [(p.row, p) for p in self.read.ends if isinstance(p, NodePlace) and p.column == column]
        if not needed_rows and not end_rows:
            return layer
        visited: _Layer = {}
        for (labels, placed), states in layer.items():
            touched = labels
            for row in needed_rows:
                touched = after_move(touched, row, BOTTOM)
            for sums, (cost, estimate, back) in states.items():
                here = sums
                if isinstance(start, NodePlace) and start.column == column:
                    here = tuple(each + (j >= start.row) for j, each in enumerate(here))
                self._put(visited, touched, placed, here, (cost, estimate, back))
                for row, place in () if placed else end_rows:
                    left = tuple(each - (j >= row) for j, each in enumerate(here))
                    self._put(visited, after_move(touched, row, BOTTOM), True, left, (cost, estimate, (back, place)))
        return visited

    def _visit_spur(self, layer: _Layer, column: int, row: int, number: int) -> _Layer:
        """A dead end that hangs on the node of `row`."""
        lane = self.moves[column, number]
        visited: _Layer = {}
        for (labels, placed), states in layer.items():
            for ends_here in (False, True) if lane.lane.ends_mm and not placed else (False,):
                for flow in (-1, 0, 1):
                    for move in lane.moves(ends_here, flow):
                        if move.effect == CLOSED:
                            continue
                        after = after_move(labels, row, move.effect)
                        for sums, (cost, estimate, back) in states.items():
                            then = tuple(each - flow * (j >= row) for j, each in enumerate(sums))
                            entry = (cost + move.cost, estimate + move.cost, self._noted(back, column, move))
                            self._put(visited, after, placed or ends_here, then, entry)
        return visited

    @staticmethod
    def _noted(back: _Back, column: int, move: Move) -> _Back:
        """The way back with a move added; the end it places carries its column."""
        return (back, (column, move))

    def _flow_ranges(self, column: int) -> list[tuple[int, int]]:
        """For every row the smallest and the largest flow over its gap to the right."""
        ranges = []
        for gap in self.read.columns[column].gaps:
            if gap is None:
                ranges.append((0, 0))
            else:
                ranges.append((0 if gap.direction > 0 else -self.cap, 0 if gap.direction < 0 else self.cap))
        return ranges

    def _visit_segment(self, layer: _Layer, column: int, block: int) -> _Layer:
        """The segment above row `block`; it settles the flow over that row's gap to the right."""
        lane = self.moves.get((column, block))
        visited: _Layer = {}
        start_coming = self._start_coming(column, block)
        for (labels, was_placed), states in layer.items():
            can_end = lane is not None and bool(lane.lane.ends_mm) and not was_placed
            for ends_here in (False, True) if can_end else (False,):
                placed = was_placed or ends_here
                options = _Options(lane, column, block, ends_here, labels, placed, visited)
                self._settle(states, options, start_coming)
        return {group: states for group, states in visited.items() if states}

    def _settle(self, states: Mapping[Sums, _Entry], options: "_Options", start_coming: bool) -> None:
        """Walk a segment from each of `states`, with every flow that its row's gap to the right may get."""
        column, block, placed = options.column, options.block, options.placed
        limit, reach, shift = self.limit, self.reach, options.shift
        after_table = self.to_come.aisles[column + 1][start_coming][placed]
        below_rows, after_row = after_table[:block], after_table[block]
        above_rows = self.to_come.aisles[column][start_coming][placed][block + 1 :]
        crossings, price = self.to_come.crossings[column + 1], self.gap_prices[column][block]
        is_last = block == self.rows - 2
        total = 0 if self.read.is_closed else (self.open_start is not None and not start_coming) - placed
        last_price = self.gap_prices[column][-1] if is_last else 0
        by_flow = options.by_flow
        for sums, (cost, _, back) in states.items():
            upper = tuple([each + shift for each in sums[block + 1 :]]) if shift else sums[block + 1 :]
            rest = cost + crossings
            for row, each in zip(below_rows, sums, strict=False):
                rest += row[each + reach]
            for row, each in zip(above_rows, upper, strict=True):
                rest += row[each + reach]
            if rest >= limit:
                continue
            here, lower, below = sums[block], sums[:block], sums[block - 1] if block else 0
            for then in self._flows(column, block, here, below, total):
                added = abs(then - below) * price + abs(total - then) * last_price
                estimate = rest + added + after_row[then + reach]
                if estimate >= limit:
                    continue
                settled = (*lower, then, *upper)
                cost_then = cost + added
                for move_cost, reached, step in by_flow.get(here - then) or options.with_flow(here - then):
                    if estimate + move_cost >= limit:
                        break
                    known = reached.get(settled)
                    if known is None or cost_then + move_cost < known[0]:
                        way = back if step is None else (back, step)
                        reached[settled] = (cost_then + move_cost, estimate + move_cost, way)

    def _flows(self, column: int, block: int, here: int, below: int, total: int) -> range:
        """What the sum at `block` may become with the segment, by the flows that the gaps may get."""
        low, high = self.flow_ranges[column][block]
        low, high = max(below + low, -self.reach), min(below + high, self.reach)
        if block == self.rows - 2:
            least, most = self.flow_ranges[column][-1]
            low, high = max(low, total - most), min(high, total - least)
        if (column, block) not in self.moves:
            low, high = max(low, here), min(high, here)
        return range(low, high + 1)

    def _cross(self, layer: _Layer, column: int) -> _Layer:
        """The gaps to the right; their flows are settled, those without flow may be passed each way once."""
        gaps = tuple(self.read.columns[column].gaps)
        start_coming = self.open_start is not None and self.open_start.column > column
        is_reached = max(self.columns_needed) <= column
        crossed: _Layer = {}
        for (labels, placed), states in layer.items():
            total = 0 if self.read.is_closed else int(not start_coming) - placed
            ways: dict[tuple[bool, ...], list[_Way]] = {}
            for sums, (cost, estimate, back) in states.items():
                if estimate >= self.limit:
                    continue
                flows = tuple([b - a for a, b in itertools.pairwise((0, *sums, total))])
                passed = tuple([flow != 0 for flow in flows])
                if passed not in ways:
                    ways[passed] = list(self._ways(gaps, labels, passed))
                for both_ways, added, kept in ways[passed]:
                    if not kept:
                        if placed and is_reached and cost < self.limit:
                            self.best, self.limit = (cost, back), cost
                    elif column < len(self.read.columns) - 1:
                        then = cost + added
                        estimate = then + self.to_come.bound(column + 1, sums, start_coming, placed)
                        if estimate < self.limit:
                            entry = (then, estimate, (back, Crossings(gaps, flows, both_ways)))
                            self._put(crossed, kept, placed, sums, entry)
        return crossed

    def _ways(self, gaps: tuple[Gap | None, ...], labels: Labels, passed: tuple[bool, ...]) -> Iterator["_Way"]:
        """Which gaps without flow may be passed once each way, and where that leaves what hangs together.

        Floor that hangs together must go on, or else all of the walk is done.
        """
        components = set(labels) - {0}
        free = [
            row
            for row, gap in enumerate(gaps)
            if labels[row] and not passed[row] and gap is not None and not gap.direction
        ]
        for size in range(len(free) + 1):
            for both in itertools.combinations(free, size):
                kept = tuple(label if passed[row] or row in both else 0 for row, label in enumerate(labels))
                alive = set(kept) - {0}
                is_done = not alive and len(components) == 1
                if is_done or alive == components:
                    length = sum(gap.length_mm for row, gap in enumerate(gaps) if gap is not None and row in both)
                    both_ways = tuple(row in both for row in range(self.rows))
                    yield both_ways, 2 * length * self.mm_cost, () if is_done else canonical(kept)

    def _walk_inside_one_lane(self) -> None:
        """Walks that never leave the segment they start in."""
        start = self.read.start
        if not isinstance(start, LanePlace):
            return
        if any(not isinstance(p, LanePlace) or (p.column, p.lane) != (start.column, start.lane) for p in self.needed):
            return
        lane = self.moves[start.column, start.lane]
        if set(lane.bins_mm) <= {start.offset_mm} and (self.read.is_closed or start in self.read.ends):
            self.best = (0, (None, start))
            self.limit = 0
            return
        for move in lane.moves(not self.read.is_closed, 0):
            if move.effect == CLOSED and move.cost < self.limit:
                self.best = (move.cost, (None, (start.column, move)))
                self.limit = move.cost

    def _trace(self, back: _Back) -> tuple[tuple[Pass, ...], Spot]:
        """The passes of a way back, and where the walk ends."""
        passes: list[Pass] = []
        end: Place = self.read.start
        while back is not None:
            back, item = back
            if isinstance(item, Crossings):
                passes.extend(item.passes())
            elif isinstance(item, NodePlace | LanePlace):
                end = item if item.column >= 0 else end
            else:
                column, move = item
                passes.extend(move.plan.passes())
                if move.end_mm is not None:
                    number = self._lane_number(column, move)
                    end = LanePlace(column, number, move.end_mm)
        if self.read.is_closed:
            end = self.read.start
        spots: dict[Place, Spot] = {place: spot for spot, place in self.read.places.items()}
        return tuple(each for each in passes if each.from_mm != each.to_mm), spots[end]

    def _lane_number(self, column: int, move: Move) -> int:
        return next(number for (c, number), lane in self.moves.items() if c == column and lane.lane is move.plan.lane)

"""The trade's own routing rules, for comparison: S-shape, largest gap, and the order of the list.

Problem
    What people walk today where nobody computes. The bins are given; where a line has several sources
    they are taken in the order listed until the line is filled.
Method
    Each rule is an order in which bins and crossings are visited; from one to the next goes a shortest
    walk. S-shape and largest gap for any number of blocks follow Roodbergen and de Koster [1]_: up the
    left-most aisle with picks to the farthest block, then block by block towards the front, beginning
    each block at the nearer of its outermost aisles with picks. Bins passed on the way are picked.
    With S-shape an aisle is walked from end to end, but for the last of a block when it is entered from
    the front. With largest gap the last aisle of a block is walked through, the others are entered from
    behind and from the front as far as the largest stretch without a pick.
Complexity
    O(p log p) for p bins, and the shortest walks between them.
Limits
    S-shape and largest gap need a floor with a grid. Where aisles are blocked or missing the picker goes
    round by the shortest way; on one-way floors he may find none. History and step-ins are not used. The
    front is the outer cross aisle nearer to the start. Bins outside the aisles come last, as listed.

References
----------
.. [1] K. J. Roodbergen, R. de Koster, Routing methods for warehouses with multiple cross aisles,
   International Journal of Production Research 39(9), 1865-1883, 2001.
.. [2] R. W. Hall, Distance approximations for routing manual pickers in a warehouse, IIE Transactions
   25(4), 76-87, 1993: S-shape (traversal) and largest gap in one block.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence

from routing.problem import EndKind, PickProblem
from routing.route import Leg, Pick, Stop
from routing.shortest_walk import ShortestWalks
from routing.walk import place_stops, point_of
from warehouse.errors import NoRoute
from warehouse.floor import Grid, Spot

Walk = tuple[tuple[Leg, ...], tuple[Stop, ...]]


def s_shape(problem: PickProblem) -> Walk:
    """The legs and stops of an S-shape route.

    Raises
    ------
    ValueError
        If the floor has no grid.
    NoRoute
        If a line cannot be filled, or a bin or the end cannot be reached.
    """
    return _block_by_block(problem, _s_shape_block)


def largest_gap(problem: PickProblem) -> Walk:
    """The legs and stops of a largest-gap route; raises as `s_shape` does."""
    return _block_by_block(problem, _largest_gap_block)


def list_order(problem: PickProblem) -> Walk:
    """The legs and stops of a walk from bin to bin in the order of the list, on any floor.

    Raises
    ------
    NoRoute
        If a line cannot be filled, or a bin or the end cannot be reached.
    """
    picker = _Picker(problem)
    stops: list[Stop] = []
    for pick in picker.picks:
        picker.visit(picker.spot_of(pick))
        if stops and stops[-1].picks[0].bin == pick.bin:
            stops[-1] = Stop(len(picker.legs), stops[-1].spot, (*stops[-1].picks, pick))
        else:
            stops.append(Stop(len(picker.legs), picker.spot_of(pick), (pick,)))
    picker.finish()
    return tuple(picker.legs), tuple(stops)


def picks_as_listed(problem: PickProblem) -> tuple[Pick, ...]:
    """What is taken where if every line takes its sources in the order listed; raises NoRoute if too little."""
    picks = []
    for line in problem.lines:
        missing = line.quantity
        for source in line.sources:
            taken = min(missing, source.quantity)
            if taken:
                picks.append(Pick(line.line, source.bin, taken))
                missing -= taken
        if missing:
            raise NoRoute([line.line], f"its bins hold {missing} too few")
    return tuple(picks)


class _Picker:
    """Somebody who walks from place to place by shortest walks and knows which bins are still ahead."""

    def __init__(self, problem: PickProblem) -> None:
        self.problem = problem
        self.picks = picks_as_listed(problem)
        self.walks = ShortestWalks.on(problem.floor)
        self.legs: list[Leg] = []
        self.at = problem.start
        self._spots = {(line.line, source.bin): source.spot for line in problem.lines for source in line.sources}
        self.ahead = {self.spot_of(pick) for pick in self.picks}
        self._pass_by([])

    def spot_of(self, pick: Pick) -> Spot:
        """Where a pick is taken."""
        return self._spots[pick.line, pick.bin]

    def visit(self, *spots: Spot) -> None:
        """Go to each of these bins."""
        for spot in spots:
            walk = self.walks.legs(self.at, spot)
            if walk is None:
                lines = [pick.line for pick in self.picks if self.spot_of(pick) == spot]
                raise NoRoute(lines, "no way leads to a bin of theirs")
            self._go(walk)

    def cross(self, node: int) -> None:
        """Go to a crossing, unless it cannot be reached: then whatever comes next is gone to from here."""
        if self.problem.floor.incident[node]:
            self._go(self.walks.legs(self.at, self.problem.floor.spot_at(node)) or ())

    def distance_mm(self, node: int) -> float:
        """How far it is from here to a crossing."""
        if not self.problem.floor.incident[node]:
            return float("inf")
        walk = self.walks.legs(self.at, self.problem.floor.spot_at(node))
        return float("inf") if walk is None else sum(leg.length_mm for leg in walk)

    def finish(self) -> None:
        """Go to the end."""
        end = self.problem.end
        if end.kind is EndKind.ANYWHERE:
            return
        walk = self.walks.legs_to_nearest(self.at, end.spots or (self.problem.start,))
        if walk is None:
            raise NoRoute([], "no way leads to the end")
        self._go(walk)

    def _go(self, walk: Sequence[Leg]) -> None:
        self.legs += walk
        self._pass_by(walk)
        if walk:
            self.at = Spot(walk[-1].edge, walk[-1].to_mm)

    def _pass_by(self, walk: Sequence[Leg]) -> None:
        """Strike off the bins that stand where the picker is or walks."""
        floor = self.problem.floor
        points = {point_of(floor, self.at), *(point_of(floor, Spot(leg.edge, leg.to_mm)) for leg in walk)}
        self.ahead = {
            spot
            for spot in self.ahead
            if point_of(floor, spot) not in points
            and not any(
                leg.edge == spot.edge and min(leg.from_mm, leg.to_mm) <= spot.offset_mm <= max(leg.from_mm, leg.to_mm)
                for leg in walk
            )
        }


class _Block:
    """One block as the picker sees it: a front, a back, and the aisles with bins still ahead."""

    def __init__(self, picker: _Picker, grid: Grid, block: int, front_is_low: bool) -> None:
        self.picker = picker
        self.grid = grid
        self.front_is_low = front_is_low
        self.front_row = block if front_is_low else block + 1
        self.back_row = block + 1 if front_is_low else block
        self.column_of = {column[block]: index for index, column in enumerate(grid.segments) if column[block] >= 0}

    def columns(self) -> list[int]:
        """The columns in which bins are ahead, left to right."""
        return sorted({self.column_of[spot.edge] for spot in self.picker.ahead if spot.edge in self.column_of})

    def bins(self, column: int) -> list[Spot]:
        """The bins ahead in one column, from the front to the back."""
        found = [spot for spot in self.picker.ahead if self.column_of.get(spot.edge) == column]
        return sorted(found, key=lambda spot: spot.offset_mm, reverse=not self.front_is_low)

    def front(self, column: int) -> int:
        """The crossing at the front end of a column."""
        return self.grid.nodes[column][self.front_row]

    def back(self, column: int) -> int:
        """The crossing at the back end of a column."""
        return self.grid.nodes[column][self.back_row]

    def walk_through(self, column: int, *, to_front: bool) -> None:
        """Walk a column from one end to the other."""
        enter, leave = (self.back(column), self.front(column)) if to_front else (self.front(column), self.back(column))
        self.picker.cross(enter)
        self.picker.visit(*(self.bins(column)[::-1] if to_front else self.bins(column)))
        self.picker.cross(leave)

    def enter_and_return(self, bins: Iterable[Spot], mouth: int) -> None:
        """Go in from a mouth as far as these bins, nearest first, and back."""
        self.picker.cross(mouth)
        self.picker.visit(*bins)
        self.picker.cross(mouth)

    def order_from(self) -> list[int]:
        """The columns with bins ahead, beginning at the nearer end of the back cross aisle."""
        columns = self.columns()
        nearer_is_right = self.picker.distance_mm(self.back(columns[-1])) < self.picker.distance_mm(
            self.back(columns[0])
        )
        return columns[::-1] if nearer_is_right else columns


def _block_by_block(problem: PickProblem, visit_block: Callable[[_Block, list[int], bool], None]) -> Walk:
    """Visit all blocks from the farthest to the front, each by `visit_block`."""
    grid = problem.floor.grid
    if grid is None:
        raise ValueError("S-shape and largest gap need a floor with a grid of aisles and cross aisles")
    picker = _Picker(problem)
    num_rows = len(grid.gaps)
    front_is_low = min(picker.distance_mm(column[0]) for column in grid.nodes) <= min(
        picker.distance_mm(column[-1]) for column in grid.nodes
    )
    blocks = [_Block(picker, grid, block, front_is_low) for block in range(num_rows - 1)]
    if not front_is_low:
        blocks.reverse()
    far = max((index for index, block in enumerate(blocks) if block.columns()), default=-1)
    if far >= 0:
        left = min(column for block in blocks for column in block.columns())
        picker.cross(blocks[0].front(left))
        for block in blocks[:far]:
            block.walk_through(left, to_front=False)
        if columns := blocks[far].columns():
            visit_block(blocks[far], columns, True)
        for block in reversed(blocks[:far]):
            if block.columns():
                visit_block(block, block.order_from(), False)
    picker.visit(*(spot for pick in picker.picks if (spot := picker.spot_of(pick)) in picker.ahead))
    picker.finish()
    legs, stops = place_stops(problem, picker.legs, picker.picks)
    if problem.end.kind is EndKind.ANYWHERE:
        legs = legs[: stops[-1].after_leg] if stops else ()
    return legs, stops


def _s_shape_block(block: _Block, columns: list[int], at_front: bool) -> None:
    """Walk the columns from end to end in turn; the last is left at the front, however it was entered."""
    for column in columns:
        if at_front and column == columns[-1]:
            block.enter_and_return(block.bins(column), block.front(column))
        else:
            block.walk_through(column, to_front=not at_front)
            at_front = not at_front


def _largest_gap_block(block: _Block, columns: list[int], at_front: bool) -> None:
    """Go along the back, through the last column, and along the front to what is still ahead."""
    if at_front:
        if len(columns) == 1:
            block.enter_and_return(block.bins(columns[0]), block.front(columns[0]))
            return
        block.walk_through(columns[0], to_front=False)
        columns = columns[1:]
    for column in columns[:-1]:
        if from_back := _before_largest_gap(block, column):
            block.enter_and_return(from_back, block.back(column))
    block.walk_through(columns[-1], to_front=True)
    for column in reversed(columns[:-1]):
        if from_front := block.bins(column):
            block.enter_and_return(from_front, block.front(column))


def _before_largest_gap(block: _Block, column: int) -> list[Spot]:
    """The bins of a column between its back end and the largest stretch without a bin, nearest first."""
    bins = block.bins(column)[::-1]
    if not bins:
        return []
    length_mm = block.picker.problem.floor.edges[bins[0].edge].length_mm
    depths_mm = [length_mm - bin_.offset_mm if block.front_is_low else bin_.offset_mm for bin_ in bins]
    gaps_mm = [far - near for near, far in itertools.pairwise([0, *depths_mm, length_mm])]
    return bins[: gaps_mm.index(max(gaps_mm))]

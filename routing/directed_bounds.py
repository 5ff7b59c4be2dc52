"""What is still to come costs at least this: the lower bounds of the directed sweep.

Problem: a state of the sweep says how much flow enters the columns to the right; what must they cost?
Method: of the flow that enters rows up to b, all has to go up through block b, but for what starts or ends
below. So the flows at the lower ends of the block's segments have a known sum, and the cheapest ones that
have it are found by a min-plus convolution, column by column from the right. Cross aisles are free of
charge but for one crossing (two, if the walk comes back) to each column that must be reached.
Complexity: O(columns * blocks * reach^2) in NumPy.
Limits: nothing is asked of what hangs together, so the bound is weakest where aisles are sparse.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.directed_floor import DirectedFloor, NodePlace, Place
from routing.directed_moves import CLOSED, LaneMoves

INFEASIBLE = 2**60
"""More than any walk costs; two of these still fit 64 bits."""


class StillToCome:
    """Lower bounds for one floor and one set of places to visit.

    Parameters
    ----------
    read, moves
        The floor by columns, and the moves of every lane by (column, lane), bins included.
    columns_needed
        Columns that must be reached.
    reach
        The largest sum of flows that is asked for, either way.
    mm_cost
        The cost of a mm of cross aisle.
    """

    def __init__(
        self,
        read: DirectedFloor,
        moves: Mapping[tuple[int, int], LaneMoves],
        columns_needed: set[int],
        reach: int,
        mm_cost: int,
    ) -> None:
        self.read = read
        self.moves = moves
        self.reach = reach
        self.num_blocks = read.num_rows - 1
        self.open_start = None if read.is_closed else read.start
        self.crossings = self._crossing_bounds(columns_needed, mm_cost)
        self.aisles = self._aisle_bounds()

    def bound(self, column: int, sums: tuple[int, ...], start_coming: bool, placed: bool) -> int:
        """The least cost of `column` and all to its right.

        Parameters
        ----------
        column, sums
            The flow that enters it, in sums from the bottom row up.
        start_coming, placed
            Whether an open walk's start is still to come, and whether its end has come.
        """
        table = self.aisles[column][start_coming][placed]
        rest = sum(table[block][each + self.reach] for block, each in enumerate(sums))
        return int(rest) + self.crossings[column]

    def _crossing_bounds(self, columns_needed: set[int], mm_cost: int) -> list[int]:
        """For every column the least cost of the crossings to its right that must be made."""
        num_columns = len(self.read.columns)
        bounds = [0] * (num_columns + 1)
        for index in range(num_columns - 2, -1, -1):
            lengths = [gap.length_mm for gap in self.read.columns[index].gaps if gap is not None]
            split = min(columns_needed) <= index < max(columns_needed)
            times = (2 if self.read.is_closed else 1) if split else 0
            bounds[index] = bounds[index + 1] + times * min(lengths, default=0) * mm_cost
        return bounds

    def _lane_costs(self, column: int, block: int) -> NDArray[np.int64]:
        """The least cost of a segment by its flow at the lower end, from -2 to 2 times the reach."""
        far = 2 * self.reach
        costs = np.full(2 * far + 1, INFEASIBLE, dtype=np.int64)
        lane = self.moves.get((column, block))
        if lane is None:
            costs[far] = 0
            return costs
        choices = (False, True) if lane.lane.ends_mm else (False,)

        def least(flow: int) -> int:
            found = [move.cost for ends in choices for move in lane.moves(ends, flow) if move.effect != CLOSED]
            return min([INFEASIBLE, *found])

        for flow in (-1, 0, 1):
            costs[far + flow] = least(flow)
        for sign in (-1, 1):
            near = least(2 * sign)
            step = least(3 * sign) - near
            times = np.arange(far - 1, dtype=np.int64)
            values = np.full(far - 1, INFEASIBLE) if near >= INFEASIBLE else np.minimum(near + times * step, INFEASIBLE)
            costs[far + 2 :] = values if sign > 0 else costs[far + 2 :]
            if sign < 0:
                costs[: far - 1] = values[::-1]
        return costs

    def _aisle_bounds(self) -> list[Any]:
        """`aisles[column][start still to come][end placed][block][sum + reach]`, for column and later ones."""
        size = 2 * self.reach + 1
        num_columns = len(self.read.columns)
        index = np.arange(size)[:, None] - np.arange(size)[None, :] + 2 * self.reach
        rest = np.full((self.num_blocks, size), INFEASIBLE, dtype=np.int64)
        rest[:, self.reach] = 0
        bounds: list[Any] = [None] * (num_columns + 1)
        bounds[num_columns] = self._bounds_at(num_columns, rest)
        for column in range(num_columns - 1, -1, -1):
            for block in range(self.num_blocks):
                costs = self._lane_costs(column, block)
                rest[block] = np.minimum((costs[index] + rest[block][None, :]).min(axis=1), INFEASIBLE)
            bounds[column] = self._bounds_at(column, rest)
        return bounds

    def _bounds_at(self, column: int, rest: NDArray[np.int64]) -> list[list[list[list[int]]]]:
        # The column before may still be under way, so its ends count as still to come.
        coming = [place for place in self.read.ends if place.column >= column - 1]
        table = []
        for start_coming in (False, True):
            by_end = []
            for placed in (False, True):
                rows = []
                for block in range(self.num_blocks):
                    added = int(start_coming and self.open_start is not None and self._below(self.open_start, block))
                    taken = {0} if placed else {int(self._below(place, block)) for place in coming}
                    values = [self._shifted(rest[block], added - each) for each in taken]
                    rows.append(np.minimum.reduce(values).tolist() if values else [INFEASIBLE] * rest.shape[1])
                by_end.append(rows)
            table.append(by_end)
        return table

    @staticmethod
    def _shifted(values: NDArray[np.int64], by: int) -> NDArray[np.int64]:
        """`values` read `by` places further up."""
        shifted = np.zeros_like(values)  # 0 beyond the ends: a bound that prunes nothing
        if by > 0:
            shifted[:-by] = values[by:]
        elif by < 0:
            shifted[-by:] = values[:by]
        else:
            shifted[:] = values
        return shifted

    def _below(self, place: Place, block: int) -> bool:
        """Whether flow from `place` enters block `block` from below."""
        if isinstance(place, NodePlace):
            return place.row <= block
        column = self.read.columns[place.column]
        if place.lane < len(column.lanes):
            return place.lane < block
        return column.spurs[place.lane - len(column.lanes)][0] <= block

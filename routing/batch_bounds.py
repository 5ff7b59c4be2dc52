"""How short the walks for all batches can be at best.

Problem
    Orders are partitioned into batches of limited size, each walked by one tour. Wanted is a distance that no
    partition can beat.
Method
    Cut the floor into pieces that are walked separately: every aisle segment, and every step from one aisle to
    the next. A tour for a batch walks on each piece at least what the most demanding of its orders asks for
    there: on a segment the cheapest way to reach its picks, between aisles twice the way if something lies
    beyond. The orders that ask for more than the k-th batch walks on a piece fit on k - 1 carts; so, the orders
    sorted by what they ask for, the k-th batch walks at least what is asked for where k - 1 carts are full. The
    sums over all pieces are added up. The same holds for whole tours: a batch walks no less than any of its
    orders alone. The larger of the two is the bound.
Complexity
    O(pieces * orders * log(orders)).
Limits
    Needs fixed places, and distances that only grow with what is picked. Usually 10 to 30 % below the best.
Source
    The bound for one piece is that of Uzsoy, R., International Journal of Production Research 32(7), 1994, for
    batch processing machines.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.grid_arrays import ITEM, KIND, refresh
from routing.grid_problem import GridProblem
from routing.problem import PickProblem, PolicyName
from routing.segment_moves import COST
from warehouse.floor import Spot

Lengths = NDArray[np.int64]


def distance_bound_mm(
    grid: GridProblem,
    problem: PickProblem,
    spots: Sequence[Sequence[Spot]],
    sizes: NDArray[np.int64],
    capacity: NDArray[np.int64],
    alone_mm: Lengths,
) -> int:
    """A distance that no partition of the orders into batches can beat.

    Parameters
    ----------
    grid, problem
        The floor, prepared for the policy `shortest`. The start is a crossing.
    spots
        Where every order is picked.
    sizes, capacity
        The room the orders take, shape (orders, measures), and that of a cart, shape (measures,).
    alone_mm
        The shortest tour for every order alone.

    Raises
    ------
    ValueError
        If the floor was prepared for another policy.
    """
    if grid.policy.name is not PolicyName.SHORTEST:
        raise ValueError("distances are bounded by the policy 'shortest'")
    pieces = np.concatenate([_on_segments(grid, spots), _between_aisles(problem, spots)], axis=1)
    by_pieces = sum(least_sum(piece, sizes, capacity) for piece in pieces.T)
    return max(by_pieces, least_sum(alone_mm, sizes, capacity))


def least_sum(asked: Lengths, sizes: NDArray[np.int64], capacity: NDArray[np.int64]) -> int:
    """The least that all batches together walk, if each walks at least what any of its orders asks for."""
    most_first = np.argsort(-asked, kind="stable")
    best = 0
    for size, room in zip(sizes.T, capacity.tolist(), strict=True):
        ends = np.cumsum(size[most_first])
        if ends[-1] == 0:
            continue
        full = np.arange(0, ends[-1], room)
        best = max(best, int(asked[most_first[np.searchsorted(ends, full, side="right")]].sum()))
    return max(best, int(asked.max()))


def _on_segments(grid: GridProblem, spots: Sequence[Sequence[Spot]]) -> Lengths:
    """The least every order walks on each segment, shape (orders, segments)."""
    items = np.flatnonzero(grid.arrays.steps[:, KIND] == ITEM)
    asked = np.zeros((len(spots), len(items)), np.int64)
    for order, own in enumerate(spots):
        needed = np.zeros(grid.num_spots, np.int32)
        needed[[grid.spot_number[spot] for spot in own]] = 1
        options = grid.arrays.program.options.copy()
        arrays = grid.arrays._replace(program=grid.arrays.program._replace(options=options))
        refresh(arrays, needed)
        for column, step in enumerate(items):
            asked[order, column] = options[step, 1 : 1 + options[step, 0, 0], COST].min() // grid.unit
    return asked


def _between_aisles(problem: PickProblem, spots: Sequence[Sequence[Spot]]) -> Lengths:
    """The least every order walks from each column of crossings to the next and back, shape (orders, columns - 1)."""
    floor = problem.floor
    assert floor.grid is not None
    column = {node: index for index, nodes in enumerate(floor.grid.nodes) for node in nodes}
    widths = [
        min(floor.edges[edge].length_mm for edge in edges if edge >= 0) for edges in zip(*floor.grid.gaps, strict=True)
    ]
    begin = column[
        floor.edges[problem.start.edge].tail if problem.start.offset_mm == 0 else floor.edges[problem.start.edge].head
    ]
    asked = np.zeros((len(spots), len(widths)), np.int64)
    for order, own in enumerate(spots):
        reached = [column[floor.edges[spot.edge].tail] for spot in own]
        for step, width in enumerate(widths):
            beyond = max(reached) > step >= begin or min(reached) <= step < begin
            asked[order, step] = 2 * width * beyond
    return asked

"""How far the runs of given days walk in a given house, estimated in a millisecond a day.

Problem
    A search for a better spread asks thousands of times how far pickers would walk. Planning a day takes seconds.
Method
    Carts of past days are made once, and are filled one after another from what is left. A cart walks
    whole aisle segments: all that hold anything it needs are opened, and those it can do without are closed again, in
    several orders, the best of which counts. Walking a set of segments costs twice the way to its outermost aisles,
    and the segments themselves, of which there is an even number in each block since the picker comes back; to
    reach a block he walks through those before it.
Complexity
    O(O * L * B) a cart, for O orders of closing, L lines and B bins a product.
Limits
    Grids whose segments have equal length and whose door is at the front. What is short of is left out. An
    estimate, used to compare spreads with each other and for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inventory.rules.pick_runs import PickArea
from inventory.rules.releasing import ReleasePlan
from inventory.rules.stock import BoolArray, IntArray
from routing.compiled import compiled, compiled_part

Floats = NDArray[np.float64]

NUM_ORDERS = 4
"""Orders in which segments are closed: by what they cost, by how little they serve, and between the two."""


@dataclass(frozen=True)
class Carts:
    """The carts of past days: day d has the carts from `first_cart[d]`, cart c the lines from `first_line[c]`."""

    first_cart: IntArray
    first_line: IntArray
    product: IntArray
    quantity: IntArray

    @classmethod
    def of(cls, days: Sequence[ReleasePlan]) -> "Carts":
        """The carts of planned days, each product a line."""
        first_cart, first_line, product, quantity = [0], [0], [], []
        for plan in days:
            for run in plan.runs:
                units: dict[int, int] = {}
                for step in run.steps:
                    units[step.product] = units.get(step.product, 0) + step.quantity
                product += list(units)
                quantity += list(units.values())
                first_line.append(len(product))
            first_cart.append(len(first_line) - 1)
        return cls(*(np.array(each, dtype=np.int64) for each in (first_cart, first_line, product, quantity)))


@dataclass(frozen=True)
class Segments:
    """The aisle segments of a floor: which one each bin is reached from, its column's way from the door, its block."""

    of_bin: IntArray
    side_mm: IntArray
    block: IntArray
    length_mm: int

    @classmethod
    def of(cls, area: PickArea) -> "Segments":
        """The segments of a grid; `side_mm` is the way along the front, negative to the left of the door."""
        grid = area.floor.grid
        assert grid is not None
        door_mm = round(area.floor.point_mm(area.start)[0])
        edges, side, block = [], [], []
        for nodes, column in zip(grid.nodes, grid.segments, strict=True):
            for number, edge in enumerate(column):
                if edge >= 0:
                    edges.append(edge)
                    side.append(area.floor.nodes[nodes[0]].x_mm - door_mm)
                    block.append(number)
        number_of = {edge: number for number, edge in enumerate(edges)}
        of_bin = np.array([number_of[edge] for edge in area.shelves.edge.tolist()], dtype=np.int64)
        lengths = {area.floor.edges[edge].length_mm for edge in edges}
        return cls(of_bin, np.array(side), np.array(block), max(lengths))


FAR_MM = 60_000
"""What far segments are measured by, so that a segment so far away counts as one that serves all lines."""


class Ask(NamedTuple):
    """What is asked of an estimate beside where shares lie: the carts, and the floor."""

    quantity: IntArray
    first_share: IntArray
    first_cart: IntArray
    first_line: IntArray
    product: IntArray
    asked: IntArray
    side_mm: IntArray
    block: IntArray
    length_mm: int


class Work(NamedTuple):
    """What is looked at for one cart, in arrays that are used for all of them.

    Line l of the cart needs `need[l]` of the `there[l]` units that there are, and `cover[l]` lie in opened segments.
    Segment s has the entries from `first[s]`, each `units` of the line `line_of`. `free` is what each share still has.
    """

    free: IntArray
    need: IntArray
    there: IntArray
    cover: IntArray
    first: IntArray
    line_of: IntArray
    units: IntArray
    opened: BoolArray
    rank: Floats


def walk_estimate(ask: Ask, segment: IntArray, walked: BoolArray) -> float:
    """How far all carts walk; share s lies in `segment[s]`.

    Shares of product p are those from `first_share[p]`. Each day begins with all of `quantity`. The segments that each
    cart walks are marked in `walked`, of shape (carts, segments).
    """
    num_segments, num_lines = len(ask.side_mm), int(np.diff(ask.first_line).max())
    num_shares = int(np.diff(ask.first_share).max())

    def zeros(size: int) -> IntArray:
        return np.zeros(size, dtype=np.int64)

    work = Work(
        free=ask.quantity.copy(),
        need=zeros(num_lines),
        there=zeros(num_lines),
        cover=zeros(num_lines),
        first=zeros(num_segments + 1),
        line_of=zeros(num_lines * num_shares),
        units=zeros(num_lines * num_shares),
        opened=np.zeros(num_segments, dtype=bool),
        rank=np.zeros(num_segments),
    )
    return _all_carts(ask, work, segment, walked)


@compiled(makes_arrays=True)
def _all_carts(ask: Ask, work: Work, segment: IntArray, walked: BoolArray) -> float:
    total, day = 0.0, 0
    for cart in range(len(ask.first_line) - 1):
        if cart == ask.first_cart[day]:
            work.free[:] = ask.quantity
            day += 1
        _look(ask, work, segment, cart)
        least = 1e18
        for order in range(NUM_ORDERS):
            _close(ask, work, cart, order)
            cost = tour_mm(work.opened, ask.side_mm, ask.block, ask.length_mm)
            if cost < least:
                least = cost
                walked[cart] = work.opened
        total += least
        _take(ask, work, segment, cart, walked[cart])
    return total


@compiled_part
def _look(ask: Ask, work: Work, segment: IntArray, cart: int) -> None:
    """Where what a cart needs lies, segment by segment."""
    start, end, first = ask.first_line[cart], ask.first_line[cart + 1], work.first
    for each in range(len(first)):
        first[each] = 0
    for line in range(start, end):
        there = 0
        for share in range(ask.first_share[ask.product[line]], ask.first_share[ask.product[line] + 1]):
            if work.free[share]:
                there += work.free[share]
                first[segment[share] + 1] += 1
        work.there[line - start] = there
        work.need[line - start] = min(there, ask.asked[line])
    for each in range(len(first) - 1):
        first[each + 1] += first[each]
    for line in range(start, end):
        for share in range(ask.first_share[ask.product[line]], ask.first_share[ask.product[line] + 1]):
            if work.free[share]:
                at = first[segment[share]]
                work.line_of[at], work.units[at] = line - start, work.free[share]
                first[segment[share]] += 1
    for each in range(len(first) - 1, 0, -1):
        first[each] = first[each - 1]
    first[0] = 0


@compiled_part(makes_arrays=True)
def _close(ask: Ask, work: Work, cart: int, order: int) -> None:
    """Open all segments and close those that a cart can do without, in one order or another."""
    num_lines, first, opened = ask.first_line[cart + 1] - ask.first_line[cart], work.first, work.opened
    work.cover[:num_lines] = work.there[:num_lines]
    for each in range(len(opened)):
        served = first[each + 1] - first[each]
        opened[each] = served > 0
        far = (abs(ask.side_mm[each]) + ask.length_mm * ask.block[each]) / FAR_MM
        work.rank[each] = (NUM_ORDERS - 1 - order) * served / num_lines - order * far
    for each in np.argsort(work.rank):
        if opened[each]:
            opened[each] = False
            for at in range(first[each], first[each + 1]):
                work.cover[work.line_of[at]] -= work.units[at]
            for at in range(first[each], first[each + 1]):
                if work.cover[work.line_of[at]] < work.need[work.line_of[at]]:
                    opened[each] = True
                    break
            if opened[each]:
                for at in range(first[each], first[each + 1]):
                    work.cover[work.line_of[at]] += work.units[at]


@compiled_part
def _take(ask: Ask, work: Work, segment: IntArray, cart: int, walked: BoolArray) -> None:
    """Take what a cart needs from the segments that it walks."""
    for line in range(ask.first_line[cart], ask.first_line[cart + 1]):
        left = ask.asked[line]
        for share in range(ask.first_share[ask.product[line]], ask.first_share[ask.product[line] + 1]):
            if left and work.free[share] and walked[segment[share]]:
                taken = min(left, work.free[share])
                work.free[share] -= taken
                left -= taken


@compiled_part
def tour_mm(opened: BoolArray, side_mm: IntArray, block: IntArray, length_mm: int) -> float:
    """What it costs to walk through the opened segments, from the door and back."""
    left = right = 0
    passes = 0
    reached = False
    last = 0
    for each in range(len(block)):
        last = max(last, block[each])
    for number in range(last, -1, -1):
        count = 0
        for each in range(len(side_mm)):
            if opened[each] and block[each] == number:
                count += 1
                left, right = min(left, side_mm[each]), max(right, side_mm[each])
        if reached or count:
            reached = True
            passes += max(2, count + count % 2)
    return 2.0 * (right - left) + passes * length_mm

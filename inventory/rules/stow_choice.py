"""Which of the bins that the rules allow is best: preferences that a site may switch on and off.

Problem
    Goods may lie in many bins; some make the pickers' ways shorter later.
Method
    Each preference gives every bin a cost, and the least sum is best. Near the flow: how many of the site's aisle
    segments are nearer to where runs begin and end, as a share of their room. Segments are nearer by the floor between
    aisles, since whoever walks an aisle can walk on to its next block, and the way over to another aisle is what
    costs; so goods fill whole aisles one after the other, and the rest of the floor is seldom walked. Spread: how many
    of the product's bins stand in the same segment already. Level fill: how full the segment is.
    Where several goods are stowed at once, the first share of each gets its bin before the second of any: the nearest
    aisles then hold something of everything, and runs seldom go beyond them. Within a round what is asked for most
    goes first.
Complexity
    O(B) for B bins.
Limits
    For a single share demand is not looked at. Goods that are asked for together are not looked at, nor how many
    pickers get into each other's way.
    `python -m benchmarks spreading` tells what each preference saves.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from inventory.rules.stock import IntArray, Shelves
from inventory.rules.storage_policy import Preferences
from routing.problem import End, EndKind
from warehouse.distances import Distances
from warehouse.floor import EdgeKind, Floor, Spot

Costs = NDArray[np.float64]

SAME_SEGMENT = 0.2
"""What speaks against another bin of a product in one segment: as much as a fifth of the floor. From a twentieth to a
half, pickers walk the same."""

AISLE_SHARE = 20
"""A mm between aisles counts as much as so many within them."""


class Chooser:
    """Tells good bins of a site from better ones."""

    def __init__(self, shelves: Shelves, way_mm: IntArray, preferences: Preferences) -> None:
        self.preferences = preferences
        self.segment = shelves.edge
        self.num_segments = int(self.segment.max(initial=-1)) + 1
        self.segment_mm3 = np.maximum(1, self._by_segment(shelves.volume_mm3))
        self.near = self._nearness(way_mm)[self.segment]

    def _by_segment(self, figures: IntArray) -> Costs:
        return np.asarray(np.bincount(self.segment, weights=figures, minlength=self.num_segments), dtype=np.float64)

    def _nearness(self, way_mm: IntArray) -> Costs:
        """The share of all room that lies in segments nearer than each."""
        num_bins = np.maximum(1, np.bincount(self.segment, minlength=self.num_segments))
        order = np.argsort(self._by_segment(way_mm) / num_bins, kind="stable")
        nearer = np.empty(self.num_segments)
        nearer[order] = np.cumsum(self.segment_mm3[order]) - self.segment_mm3[order]
        return np.asarray(nearer / max(1.0, float(self.segment_mm3.sum())))

    def costs(self, bins: IntArray, held: Sequence[int], volume_left_mm3: IntArray) -> Costs:
        """What speaks against each of `bins`; the least is best.

        Parameters
        ----------
        bins
            Rows of bins.
        held
            The rows of the bins that hold the product.
        volume_left_mm3
            What is left in each bin of the site.
        """
        found = np.zeros(len(bins))
        if self.preferences.spread_aisles and len(held):
            holding = np.bincount(self.segment[list(held)], minlength=self.num_segments)
            found += SAME_SEGMENT * holding[self.segment[bins]]
        if self.preferences.near_flow:
            found += self.near[bins]
        if self.preferences.level_fill:
            found += 1 - (self._by_segment(volume_left_mm3) / self.segment_mm3)[self.segment[bins]]
        return found


def in_rounds(number: IntArray, popularity: Costs) -> IntArray:
    """The order in which shares get their bins: all first shares, then all second ones, the most asked for first.

    Parameters
    ----------
    number
        Which share of its goods each is, from 0.
    popularity
        How often its product is asked for: 0 for never, 1 for the most.
    """
    return np.lexsort((-popularity, number))


def ways_mm(floor: Floor, start: Spot, end: End, spots: Sequence[Spot]) -> IntArray:
    """How far it is from where runs begin to each spot and on to where they may end."""
    distances = Distances(floor)
    there = np.asarray(distances.pairs([start] * len(spots), spots), dtype=np.int64)
    if end.kind is EndKind.ANYWHERE:
        return there
    ends = end.spots if end.kind is EndKind.NEAREST else (start,)
    back = [distances.pairs(spots, [each] * len(spots)) for each in ends]
    return np.asarray(there + np.min(back, axis=0), dtype=np.int64)


def transit_mm(floor: Floor, start: Spot, end: End, spots: Sequence[Spot]) -> IntArray:
    """As `ways_mm`, the floor within aisles counting little: what it costs to get to an aisle."""
    short = [each.kind is EdgeKind.AISLE for each in floor.edges]
    edges = tuple(
        replace(edge, length_mm=max(1, edge.length_mm // AISLE_SHARE)) if less else edge
        for edge, less in zip(floor.edges, short, strict=True)
    )

    def moved(spot: Spot) -> Spot:
        offset_mm = min(spot.offset_mm // AISLE_SHARE, edges[spot.edge].length_mm)
        return Spot(spot.edge, offset_mm) if short[spot.edge] else spot

    drawn = Floor(floor.nodes, edges)
    ends = replace(end, spots=tuple(moved(each) for each in end.spots))
    return ways_mm(drawn, moved(start), ends, [moved(each) for each in spots])

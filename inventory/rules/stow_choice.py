"""Which of the bins that the rules allow is best: preferences that a site may switch on and off.

Problem
    Goods may lie in many bins; some make the pickers' ways shorter later.
Method
    Each preference gives every bin a cost from 0 to 1, and the least sum is best. Spread: the share of the
    product's bins that stand in the same aisle segment already. Near the flow: the way from where runs begin to the
    bin and on to where they end, as a rank among all bins, for goods often asked for; for goods seldom asked for
    the other way round, so that they leave the near bins free. Level fill: how full the aisle segment is.
Complexity
    O(B) for B bins.
Limits
    Goods that are asked for together are not looked at. What each preference saves has not been
    measured.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inventory.rules.stock import IntArray, Shelves
from inventory.rules.storage_policy import Preferences
from routing.problem import End, EndKind
from warehouse.distances import Distances
from warehouse.floor import Floor, Spot

Costs = NDArray[np.float64]


class Chooser:
    """Tells good bins of a site from better ones."""

    def __init__(self, shelves: Shelves, way_mm: IntArray, preferences: Preferences) -> None:
        self.preferences = preferences
        self.segment = shelves.edge
        self.num_segments = int(self.segment.max(initial=-1)) + 1
        self.segment_mm3 = np.maximum(1, self._by_segment(shelves.volume_mm3))
        rank = np.empty(len(shelves))
        rank[np.argsort(way_mm, kind="stable")] = np.arange(len(shelves))
        self.near = rank / max(1, len(shelves) - 1)

    def _by_segment(self, figures: IntArray) -> Costs:
        return np.asarray(np.bincount(self.segment, weights=figures, minlength=self.num_segments), dtype=np.float64)

    def costs(self, bins: IntArray, popularity: float, held: Sequence[int], volume_left_mm3: IntArray) -> Costs:
        """What speaks against each of `bins`; the least is best.

        Parameters
        ----------
        bins
            Rows of bins.
        popularity
            How often the product is asked for: 0 for the least of all, 1 for the most.
        held
            The rows of the bins that hold the product.
        volume_left_mm3
            What is left in each bin of the site.
        """
        found = np.zeros(len(bins))
        if self.preferences.spread_aisles and len(held):
            holding = np.bincount(self.segment[list(held)], minlength=self.num_segments)
            found += (holding / len(held))[self.segment[bins]]
        if self.preferences.near_flow:
            near = self.near[bins]
            found += popularity * near + (1 - popularity) * (1 - near)
        if self.preferences.level_fill:
            found += 1 - (self._by_segment(volume_left_mm3) / self.segment_mm3)[self.segment[bins]]
        return found


def ways_mm(floor: Floor, start: Spot, end: End, spots: Sequence[Spot]) -> IntArray:
    """How far it is from where runs begin to each spot and on to where they may end."""
    distances = Distances(floor)
    there = np.asarray(distances.pairs([start] * len(spots), spots), dtype=np.int64)
    if end.kind is EndKind.ANYWHERE:
        return there
    ends = end.spots if end.kind is EndKind.NEAREST else (start,)
    back = [distances.pairs(spots, [each] * len(spots)) for each in ends]
    return np.asarray(there + np.min(back, axis=0), dtype=np.int64)

"""What a site file's floor section is read into: a floor, where its bins are, and its stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from warehouse.bins import Side, Station
from warehouse.codes import BinPosition
from warehouse.floor import Floor, Spot

NUM_BINS_MAX = 2_000_000
"""Twice the largest site planned for; more is a slip of the pen and would fill the memory."""


class BinPlace(NamedTuple):
    """Where one bin is: its position in the code's words, and on the floor."""

    position: BinPosition
    spot: Spot
    side: Side


@dataclass(frozen=True)
class Layout:
    """A floor with its bin places and stations; `aisles` are the aisle names in walking order."""

    floor: Floor
    aisles: tuple[str, ...]
    places: list[BinPlace]
    stations: tuple[Station, ...]

    @property
    def num_bays(self) -> int:
        """The highest bay number."""
        return max((place.position.bay for place in self.places), default=0)

    @property
    def num_levels(self) -> int:
        """The highest level."""
        return max((place.position.level for place in self.places), default=0)


def bay_places(aisle: str, bay: int, spot: Spot, side: Side, num_levels: int, num_slots: int) -> list[BinPlace]:
    """The places of one bay: every level and slot of it is reached from the same spot."""
    return [
        BinPlace(BinPosition(aisle, bay, level, slot), spot, side)
        for level in range(1, num_levels + 1)
        for slot in range(1, num_slots + 1)
    ]


def cut_off(floor: Floor, edges: Sequence[int]) -> list[int]:
    """Which of `edges` cannot be walked to and back from the first of them.

    Blocked stretches do not count here: they come and go, the floor stays.
    """
    tails = np.array([edge.tail if edge.direction >= 0 else edge.head for edge in floor.edges])
    heads = np.array([edge.head if edge.direction >= 0 else edge.tail for edge in floor.edges])
    both = np.array([edge.direction == 0 for edge in floor.edges])
    rows, columns = np.concatenate([tails, heads[both]]), np.concatenate([heads, tails[both]])
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(floor.nodes), len(floor.nodes)))
    _, part = connected_components(graph, directed=True, connection="strong")
    return [edge for edge in edges if {part[tails[edge]], part[heads[edge]]} != {part[tails[edges[0]]]}]

"""What a site file's floor section is read into: a floor, where its bins are, and its stations."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
    onward: dict[int, list[int]] = defaultdict(list)
    back: dict[int, list[int]] = defaultdict(list)
    for edge in floor.edges:
        if edge.direction >= 0:
            onward[edge.tail].append(edge.head)
            back[edge.head].append(edge.tail)
        if edge.direction <= 0:
            onward[edge.head].append(edge.tail)
            back[edge.tail].append(edge.head)
    first = floor.edges[edges[0]]
    start = first.tail if first.direction >= 0 else first.head
    there_and_back = _reached(onward, start) & _reached(back, start)
    ends = {number: {floor.edges[number].tail, floor.edges[number].head} for number in edges}
    return [number for number in edges if not ends[number] <= there_and_back]


def _reached(ways: Mapping[int, Sequence[int]], start: int) -> set[int]:
    """The nodes that can be walked to. Every reader of a site comes by here, so it does without SciPy's import."""
    reached = {start}
    ahead = [start]
    while ahead:
        for node in ways.get(ahead.pop(), ()):
            if node not in reached:
                reached.add(node)
                ahead.append(node)
    return reached

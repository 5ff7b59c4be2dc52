"""The frontier of the directed sweep: which nodes of a column hang together, and how its gaps are passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from routing.directed_floor import Gap
from routing.directed_moves import BOTH, BOTTOM, JOINED, TOP
from routing.walk import Pass

Labels = tuple[int, ...]
"""For every row 0 if its node is untouched, else the number of what it hangs together with."""


@cache
def canonical(labels: Labels) -> Labels:
    """The same labels, numbered from 1 in order of appearance."""
    names: dict[int, int] = {0: 0}
    return tuple(names.setdefault(label, len(names)) for label in labels)


@cache
def after_move(labels: Labels, row: int, effect: int) -> Labels:
    """The labels after a move between `row` and `row + 1` with this effect."""
    new = list(labels)
    fresh = len(labels) + 1
    if effect in (BOTTOM, BOTH, JOINED) and not new[row]:
        new[row] = fresh
    if effect in (TOP, BOTH, JOINED) and not new[row + 1]:
        new[row + 1] = fresh + 1
    if effect == JOINED:
        new = [new[row] if label == new[row + 1] else label for label in new]
    return canonical(tuple(new))


@dataclass(frozen=True, slots=True)
class Crossings:
    """How the gaps beside one column are passed: net flows, and which flowless ones once each way."""

    gaps: tuple[Gap | None, ...]
    flows: tuple[int, ...]
    both_ways: tuple[bool, ...]

    def passes(self) -> Iterator[Pass]:
        """The passes over the gaps."""
        for gap, flow, both in zip(self.gaps, self.flows, self.both_ways, strict=True):
            if gap is None or not (flow or both):
                continue
            if flow > 0 or both:
                yield Pass(gap.edge, gap.from_mm, gap.to_mm, max(flow, 1))
            if flow < 0 or both:
                yield Pass(gap.edge, gap.to_mm, gap.from_mm, max(-flow, 1))

"""Who is unloaded next: the order of the trucks that wait at the gate, and when each may expect its turn.

A truck with an appointment that came no later than its slot begins keeps that slot; any other goes by the time it
came. So nobody loses by coming early, and nobody gains by it. One that was pulled to the front (for a reason that is
kept) goes before all that were not, the last pulled first. Equal ones go in the order in which they were announced.
The supplier plays no part.

The expected turn counts the trucks ahead, each at the usual time of unloading, over the docks there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A truck at the gate; `number` is the order in which deliveries were announced."""

    number: int
    arrived_ms: int
    slot_from_ms: int | None = None
    pulled_ms: int | None = None

    @property
    def turn_ms(self) -> int:
        """The time by which its turn is decided."""
        if self.slot_from_ms is None or self.arrived_ms > self.slot_from_ms:
            return self.arrived_ms
        return self.slot_from_ms


def in_turn(trucks: Sequence[Waiting]) -> list[Waiting]:
    """The trucks in the order in which they are unloaded.

    Examples
    --------
    >>> early = Waiting(1, arrived_ms=50, slot_from_ms=100)
    >>> walk_in, pulled = Waiting(2, arrived_ms=60), Waiting(3, arrived_ms=70, pulled_ms=75)
    >>> [each.number for each in in_turn([early, walk_in, pulled])]
    [3, 2, 1]
    """
    return sorted(trucks, key=lambda each: (each.pulled_ms is None, -(each.pulled_ms or 0), each.turn_ms, each.number))


def wait_ms(num_ahead: int, num_docks: int, unloading_ms: int) -> int:
    """How long the truck behind `num_ahead` others may expect to wait; those at the docks are taken as half done.

    Examples
    --------
    >>> wait_ms(0, 2, 60), wait_ms(3, 2, 60)
    (30, 90)
    """
    return unloading_ms // 2 + (num_ahead // max(1, num_docks)) * unloading_ms

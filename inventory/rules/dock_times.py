"""Dock to stock: how long goods take from the truck's arrival until they lie in a bin.

Problem
    The ledger says how many units of a lot came to a dock and how many left it for bins, not which unit is which.
Method
    Units of a lot leave a dock in the order in which they came, so each unit gets a time: its stow less its truck's
    arrival. Median and 95th percentile are over units (the smallest time that at least that share of them took).
    Units that still wait have taken at least until now. They are counted apart, and enter the percentiles with that
    time, so that a figure is not better because the slowest goods have not been put away.
Limits
    Units that left a dock otherwise (corrected, moved by hand to another station) are matched like stowed ones.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameIn:
    """Units of one lot that came to one dock at `at_ms`, off a truck of `source` that arrived at `arrived_ms`."""

    source: str
    arrived_ms: int
    at_ms: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LeftDock:
    """Units of the same lot that left that dock for bins."""

    at_ms: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Spell:
    """`quantity` units took so long; those that still wait are not `done`."""

    source: str
    duration_ms: int
    quantity: int
    done: bool


@dataclass(frozen=True, slots=True)
class DockToStock:
    """The times of one supplier's units; None where no unit came."""

    source: str
    units: int
    units_waiting: int
    median_ms: int
    p95_ms: int


def spells(came: Sequence[CameIn], left: Sequence[LeftDock], now_ms: int) -> list[Spell]:
    """The times of the units of one lot at one dock.

    Parameters
    ----------
    came, left
        In the order of time.
    now_ms
        Up to when those that wait have waited.

    Examples
    --------
    >>> came = [CameIn("A", 0, 10, 5), CameIn("B", 20, 30, 5)]
    >>> [(each.source, each.duration_ms, each.quantity, each.done) for each in spells(came, [LeftDock(50, 7)], 100)]
    [('A', 50, 5, True), ('B', 30, 2, True), ('B', 80, 3, False)]
    """
    waiting = deque((each, each.quantity) for each in came)
    found: list[Spell] = []
    for leaving in left:
        rest = leaving.quantity
        while rest and waiting:
            first, there = waiting.popleft()
            share = min(rest, there)
            found.append(Spell(first.source, leaving.at_ms - first.arrived_ms, share, done=True))
            rest -= share
            if there > share:
                waiting.appendleft((first, there - share))
    found += [Spell(each.source, now_ms - each.arrived_ms, there, done=False) for each, there in waiting]
    return found


def by_source(times: Sequence[Spell]) -> list[DockToStock]:
    """The figures of every supplier, by name."""
    found = []
    for source in sorted({each.source for each in times}):
        own = [each for each in times if each.source == source]
        found.append(
            DockToStock(
                source,
                units=sum(each.quantity for each in own),
                units_waiting=sum(each.quantity for each in own if not each.done),
                median_ms=percentile(own, 50),
                p95_ms=percentile(own, 95),
            )
        )
    return found


def percentile(times: Sequence[Spell], percent: int) -> int:
    """The smallest time within which at least `percent` of all units were done.

    Examples
    --------
    >>> percentile([Spell("A", 10, 9, True), Spell("A", 99, 1, True)], 95)
    99
    """
    wanted = -(-sum(each.quantity for each in times) * percent // 100)
    total = 0
    for each in sorted(times, key=lambda spell: spell.duration_ms):
        total += each.quantity
        if total >= wanted:
            return each.duration_ms
    raise ValueError("no units, no percentile")

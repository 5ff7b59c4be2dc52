"""Carts that leave in time: which orders may share a cart, and which cart goes first, where orders have cut-offs.

Problem
    Orders are due at different times. A cart is back only when its last line is picked, so an urgent order on a
    cart with many others, or behind other carts, may come too late.
Method
    Carts go in the order of the earliest cut-off on them, at equal ones the higher priority first, each to the
    picker who is free first. As long as that brings orders too late, the orders are parted where it helps
    most: those due no later than the first late one share carts among themselves and go first, the others
    follow. Of all partings tried the one with the fewest late orders, then the least late priority, then the
    shortest walk is kept.
Complexity
    One batching of the parted orders for every parting, at most `PARTINGS_MAX`.
Limits
    A rule: it does not prove that an order could not have come in time. A run is taken to last as long as its walk
    and its picks, without waiting.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PARTINGS_MAX = 6  # each takes another search; more parts than that leave few orders to share carts


@dataclass(frozen=True, slots=True)
class Pace:
    """How many pickers walk at what speed, and how long a line and the way out and back of a run take them.

    Raises
    ------
    ValueError
        If there is no picker or no speed.
    """

    num_pickers: int
    speed_mm_s: int
    line_ms: int = 0
    run_ms: int = 0

    def __post_init__(self) -> None:
        if self.num_pickers < 1 or self.speed_mm_s < 1:
            raise ValueError(f"{self.num_pickers} pickers at {self.speed_mm_s} mm/s bring nothing")

    def run_takes_ms(self, distance_mm: int, num_lines: int) -> int:
        """How long a run takes."""
        return self.run_ms + num_lines * self.line_ms + math.ceil(1000 * distance_mm / self.speed_mm_s)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When every order is due (None for never) and how much it matters, seen from `now_ms`.

    Without a `pace` carts are only put in order.

    Raises
    ------
    ValueError
        If there are not as many priorities as cut-offs.
    """

    due_ms: tuple[int | None, ...]
    priority: tuple[int, ...]
    now_ms: int = 0
    pace: Pace | None = None

    def __post_init__(self) -> None:
        if len(self.due_ms) != len(self.priority):
            raise ValueError(f"{len(self.due_ms)} cut-offs and {len(self.priority)} priorities")

    def urgency(self, order: int) -> tuple[float, int]:
        """Smaller is more urgent."""
        due_ms = self.due_ms[order]
        return (math.inf if due_ms is None else due_ms, -self.priority[order])


@dataclass(frozen=True, slots=True)
class PricedBatch:
    """The orders on a cart (an order may be on several), how far it walks and how many lines it picks."""

    orders: tuple[int, ...]
    loads: tuple[int, ...]
    distance_mm: int
    num_lines: int


def in_order(batches: Sequence[PricedBatch], deadlines: Deadlines) -> list[PricedBatch]:
    """Carts as they go: the earliest cut-off first, at equal ones the highest priority."""
    return sorted(batches, key=lambda batch: min(map(deadlines.urgency, batch.orders)))


def late_orders(batches: Sequence[PricedBatch], deadlines: Deadlines) -> list[int]:
    """The orders that come too late if carts go in the order given, ascending by urgency; none without a pace."""
    pace = deadlines.pace
    if pace is None:
        return []
    free_ms = [deadlines.now_ms] * pace.num_pickers
    done_ms: dict[int, int] = {}
    for batch in batches:
        back_ms = heapq.heappop(free_ms) + pace.run_takes_ms(batch.distance_mm, batch.num_lines)
        heapq.heappush(free_ms, back_ms)
        for order in batch.orders:
            done_ms[order] = max(back_ms, done_ms.get(order, back_ms))
    late = [order for order, at_ms in done_ms.items() if at_ms > deadlines.urgency(order)[0]]
    return sorted(late, key=deadlines.urgency)


def batch_in_time(
    loads_of: Sequence[int], deadlines: Deadlines, batch: Callable[[list[int]], list[PricedBatch]]
) -> list[PricedBatch]:
    """Batches that leave in time as far as the rule finds any.

    Parameters
    ----------
    loads_of
        The order that each load belongs to.
    deadlines
        Of the orders.
    batch
        Puts some of the loads in batches.

    Returns
    -------
    list of PricedBatch
        In the order in which they go.
    """
    parts = [list(range(len(loads_of)))]
    made = {tuple(parts[0]): batch(parts[0])}
    best: tuple[tuple[int, int, int], list[PricedBatch]] | None = None
    for _ in range(PARTINGS_MAX + 1):
        for part in parts:
            if tuple(part) not in made:
                made[tuple(part)] = batch(part)
        found = in_order([each for part in parts for each in made[tuple(part)]], deadlines)
        late = late_orders(found, deadlines)
        rank = (len(late), sum(deadlines.priority[order] for order in late), sum(each.distance_mm for each in found))
        if best is None or rank < best[0]:
            best = rank, found
        parted = _part(parts, late, loads_of, deadlines)
        if parted is None:
            break
        parts = parted
    assert best is not None
    return best[1]


def _part(
    parts: list[list[int]], late: Sequence[int], loads_of: Sequence[int], deadlines: Deadlines
) -> list[list[int]] | None:
    """The parts, that of the first late order that can be parted split behind it; None if there is none."""
    for order in late:
        for index, part in enumerate(parts):
            urgent = [load for load in part if deadlines.urgency(loads_of[load]) <= deadlines.urgency(order)]
            if order in {loads_of[load] for load in part} and len(urgent) < len(part):
                rest = [load for load in part if load not in set(urgent)]
                return [*parts[:index], urgent, rest, *parts[index + 1 :]]
    return None

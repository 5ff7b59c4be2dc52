"""Carts that leave in time: which orders may share a cart, and which cart goes first, where orders have cut-offs.

Problem
    Orders are due at different times. A cart is back only when its last line is picked, so an urgent order on a
    cart with many others, or behind other carts, may come too late.
Method
    Carts go in the order of the most urgent order on them, the higher priority first, at equal ones the earlier
    cut-off, each to the picker who is free first. As long as that brings orders too late, the orders are parted
    where it helps most: those no less urgent than the first late one share carts among themselves and go first,
    the others follow. Of all partings tried the one with the fewest late orders, then the least late priority,
    then the shortest walk is kept.
Complexity
    One batching of the parted orders for every parting, at most `PARTINGS_MAX`.
Limits
    A rule: it does not prove that an order could not have come in time. A run is taken to last as long as its walk
    and a stop for every line, without waiting.
"""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from routing.cart_loads import Load, shares_once
from routing.meeting import Pace

PARTINGS_MAX = 3  # each takes another search; more parts than that leave few orders to share carts


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When every order is due and how much it matters, and who walks.

    Seconds count from the same moment on. An order whose `due_s` is infinite is never late. `free_s` says for every
    picker when he takes his next run; where nobody is named, carts are only put in order. `run_s` is what a run
    takes besides its walk and its stops.

    Raises
    ------
    ValueError
        If there are not as many priorities as cut-offs.
    """

    due_s: tuple[float, ...]
    priority: tuple[int, ...]
    free_s: tuple[float, ...] = ()
    pace: Pace = field(default_factory=Pace)
    run_s: float = 0.0

    def __post_init__(self) -> None:
        if len(self.due_s) != len(self.priority):
            raise ValueError(f"{len(self.due_s)} cut-offs and {len(self.priority)} priorities")

    def urgency(self, order: int) -> tuple[int, float]:
        """Smaller is more urgent."""
        return (-self.priority[order], self.due_s[order])


@dataclass(frozen=True, slots=True)
class PricedBatch:
    """The orders and loads on a cart (an order may be on several), how far it walks, its lines and their units."""

    orders: tuple[int, ...]
    loads: tuple[int, ...]
    distance_mm: int
    num_lines: int
    num_units: int

    @classmethod
    def of(cls, batch: Sequence[int], loads: Sequence[Load], distance_mm: int) -> "PricedBatch":
        """The loads of a batch, by their numbers, on a walk so long."""
        shares = [shares_once(loads[load]) for load in batch]
        return cls(
            orders=tuple(sorted({loads[load].order for load in batch})),
            loads=tuple(batch),
            distance_mm=distance_mm,
            num_lines=sum(map(len, shares)),
            num_units=sum(share.quantity for load in batch for tote in loads[load].totes for share in tote),
        )

    def takes_s(self, pace: Pace) -> float:
        """How long its walk and its stops take."""
        return self.distance_mm / pace.speed_mm_s + self.num_lines * pace.stop_s + self.num_units * pace.unit_s


def in_order(batches: Sequence[PricedBatch], deadlines: Deadlines) -> list[PricedBatch]:
    """Carts as they go: the highest priority first, at equal ones the earliest cut-off."""
    return sorted(batches, key=lambda batch: min(map(deadlines.urgency, batch.orders)))


def late_orders(batches: Sequence[PricedBatch], deadlines: Deadlines) -> list[int]:
    """The orders that come too late if carts go in the order given, ascending by urgency; none if nobody walks."""
    if not deadlines.free_s:
        return []
    free_s = sorted(deadlines.free_s)
    done_s: dict[int, float] = {}
    for batch in batches:
        back_s = free_s[0] + batch.takes_s(deadlines.pace) + deadlines.run_s
        heapq.heapreplace(free_s, back_s)
        for order in batch.orders:
            done_s[order] = max(back_s, done_s.get(order, -math.inf))
    late = [order for order, at_s in done_s.items() if at_s > deadlines.due_s[order]]
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
    made: dict[tuple[int, ...], list[PricedBatch]] = {}
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
        if deadlines.due_s[order] <= min(deadlines.free_s):
            continue  # late whatever goes first
        for index, part in enumerate(parts):
            urgent = [load for load in part if deadlines.urgency(loads_of[load]) <= deadlines.urgency(order)]
            if order in {loads_of[load] for load in part} and len(urgent) < len(part):
                rest = [load for load in part if load not in set(urgent)]
                return [*parts[:index], urgent, rest, *parts[index + 1 :]]
    return None

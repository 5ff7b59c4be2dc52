"""Which lots an order line may use, and how many units of each: first expired, first out.

Problem
    Orders compete for the free units of their products. Decide for every line how many units of which
    lot it gets, so that no lot is touched while an earlier one has free units.
Method
    Orders are served by priority (higher first), then by the time they are due, then by the time they
    were placed. Each line takes from the lots of its product, those of its own owner alone, in order of
    expiry; lots that do not expire go by the day they were received (first in, first out), after those
    that do. Lots past their expiry are never used, nor those that have less life left than the line must
    be given (`shelf_life.has_life`). Where several days of receipt count as one, lots of such a window go by what is
    left of them, the least first, so that bins become empty. Bins are not chosen here: that is the route
    solver's part, which gets all bins that hold an allotted lot.
Complexity
    O(L log L + K log K) for L lines and K lots.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inventory.rules.shelf_life import has_life, usable_on
from inventory.rules.stock import NEVER_DAY, IntArray, Lots

LATE_MS = 2**63 - 1
"""The due time of an order without one: after every other."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """`quantity` units of product row `product`; `line` names it uniquely over all orders.

    Lots with fewer than `life_days` of life left are not for it, nor those of another owner.
    """

    line: str
    product: int
    quantity: int
    life_days: int = 0
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order to release. A higher `priority` is served first."""

    order: str
    lines: tuple[OrderLine, ...]
    priority: int = 0
    due_ms: int | None = None
    placed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Allotment:
    """`quantity` units of lot row `lot` for one order line."""

    order: str
    line: str
    product: int
    lot: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Short:
    """`quantity` units of an order line that cannot be had now, and why in one short line."""

    order: str
    line: str
    product: int
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """What every line gets, in the order in which orders were served, and what is short."""

    allotments: tuple[Allotment, ...]
    shorts: tuple[Short, ...]


def serving_order(orders: Sequence[Order]) -> list[Order]:
    """The orders by priority, due time, time placed and name."""
    return sorted(
        orders,
        key=lambda order: (
            -order.priority,
            LATE_MS if order.due_ms is None else order.due_ms,
            order.placed_ms,
            order.order,
        ),
    )


def lots_in_order(lots: Lots, free_of_lot: IntArray) -> dict[tuple[int, str], list[int]]:
    """For every product and owner the lots as they must be used up: by expiry, then by day of receipt, then by code."""
    window = lots.fifo_window_days
    expires, received, free = lots.expires_day.tolist(), lots.received_day.tolist(), free_of_lot.tolist()

    def rank(lot: int) -> tuple[int, int, int, int, str]:
        left = free[lot] if window > 1 and expires[lot] == NEVER_DAY else 0
        since = received[lot] // window if expires[lot] == NEVER_DAY else received[lot]
        return expires[lot], since, left, received[lot], lots.codes[lot]

    ranked = sorted(range(len(lots)), key=rank)
    found: dict[tuple[int, str], list[int]] = {}
    for lot in ranked:
        owner = lots.owners[lot] if lots.owners else ""
        found.setdefault((int(lots.product[lot]), owner), []).append(lot)
    return found


def allocate(orders: Sequence[Order], lots: Lots, free_of_lot: IntArray, *, day: int | None = None) -> Allocation:
    """Decide which units of which lots every order line gets.

    Parameters
    ----------
    orders
        The orders to serve; quantities must be positive.
    lots
        The lots there are.
    free_of_lot
        Free units of each lot; `Stock.free_of_lot` adds them up.
    day
        The site's calendar day, as `date.toordinal()`; lots expired by then are not used. Without
        it no lot counts as expired.

    Returns
    -------
    Allocation
        Allotments and shorts add up to the quantity of every line.

    Raises
    ------
    ValueError
        If a quantity is not positive.
    """
    free = free_of_lot.tolist()
    expires = lots.expires_day.tolist()
    queue = lots_in_order(lots, free_of_lot)
    allotments: list[Allotment] = []
    shorts: list[Short] = []
    for order in serving_order(orders):
        for line in order.lines:
            if line.quantity <= 0:
                raise ValueError(f"line {line.line} asks for {line.quantity} units")
            wanted = line.quantity
            expired = short_lived = 0
            for lot in queue.get((line.product, line.owner), ()):
                if not has_life(expires[lot], day, line.life_days):
                    if usable_on(expires[lot], day):
                        short_lived += free[lot]
                    else:
                        expired += free[lot]
                    continue
                take = min(wanted, free[lot])
                if take:
                    free[lot] -= take
                    wanted -= take
                    allotments.append(Allotment(order.order, line.line, line.product, lot, take))
                if not wanted:
                    break
            if wanted:
                reason = short_reason(line.quantity - wanted, line.quantity, expired, short_lived)
                shorts.append(Short(order.order, line.line, line.product, wanted, reason))
    return Allocation(tuple(allotments), tuple(shorts))


def short_reason(quantity_found: int, quantity_asked: int, quantity_expired: int, quantity_short_lived: int) -> str:
    """One short line that says why a line is short."""
    reason = "no stock" if quantity_found == 0 else f"only {quantity_found} of {quantity_asked} left"
    reason += f", {quantity_expired} expired" if quantity_expired else ""
    return reason + (f", {quantity_short_lived} with too little life left" if quantity_short_lived else "")

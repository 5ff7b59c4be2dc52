"""What a forward area needs from the other bins, and which goods there are brought.

Problem
    A forward area holds a little of each product, where it is picked fast. What falls below its minimum is filled up
    to its maximum from other bins, before orders wait for it.
Method
    Products come in this order: first those that orders wait for, whose waiting units are served least; then those
    with the smallest part of their minimum left. Each is filled up to its maximum, or to what orders wait for if that
    is more, from the lots that expire first, of these that came first, and of equal ones from the bin that holds
    least, so that bins get empty. What somebody has taken to bring counts as brought, and as gone from where it lay.
Complexity
    O(P log P + S log S) for P products and S records of stock.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inventory.rules.storage_policy import ForwardArea, ForwardLevel


@dataclass(frozen=True, slots=True)
class Want:
    """A product of a forward area: `here` units are free in it, and orders wait for `waiting`."""

    product: int
    level: ForwardLevel
    here: int
    waiting: int = 0

    @property
    def is_urgent(self) -> bool:
        """Whether orders wait for more than is here."""
        return self.waiting > self.here

    @property
    def missing(self) -> int:
        """Units to bring: none as long as the minimum is here and no order waits for more."""
        if self.here >= self.level.units_min and not self.is_urgent:
            return 0
        return max(0, max(self.level.units_max, self.waiting) - self.here)


@dataclass(frozen=True, slots=True)
class Reserve:
    """`quantity` free units of a lot in a bin of no forward area; all by their rows, days as ordinals."""

    bin: int
    lot: int
    product: int
    quantity: int
    expires_day: int
    received_day: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bring so many units of a lot from a bin; `is_urgent` where orders wait for them."""

    bin: int
    lot: int
    product: int
    quantity: int
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A move that nobody else is given: its units are on the way, or it was left and rests (`is_resting`)."""

    bin: int
    goal: int
    lot: int
    product: int
    quantity: int
    is_resting: bool = False


def level_of(area: ForwardArea, product: str, units_daily: float) -> ForwardLevel | None:
    """The minimum and maximum of a product: its own, else by days of cover; None if it is not kept in the area.

    Examples
    --------
    >>> level_of(ForwardArea("pick", days_min=1, days_max=3), "P1", 2.5)
    ForwardLevel(product='P1', units_min=3, units_max=8)
    """
    for each in area.levels:
        if each.product == product:
            return each
    if not area.days_max or units_daily <= 0:
        return None
    return ForwardLevel(product, _up(area.days_min * units_daily), _up(area.days_max * units_daily))


def fetches(wants: Sequence[Want], reserve: Sequence[Reserve]) -> list[Fetch]:
    """What is to be brought into a forward area, the most urgent first."""
    of_product: dict[int, list[Reserve]] = {}
    for each in sorted(reserve, key=lambda each: (each.expires_day, each.received_day, each.quantity, each.bin)):
        of_product.setdefault(each.product, []).append(each)
    found = []
    for want in sorted((each for each in wants if each.missing), key=_rank):
        left = want.missing
        for each in of_product.get(want.product, ()):
            taken = min(left, each.quantity)
            if taken:
                found.append(Fetch(each.bin, each.lot, each.product, taken, want.is_urgent))
                left -= taken
    return found


def less(reserve: Sequence[Reserve], brought: Sequence[Fetch]) -> list[Reserve]:
    """What is left in reserve once things are brought away."""
    gone = Counter[tuple[int, int]]()
    for each in brought:
        gone[each.bin, each.lot] += each.quantity
    return [replace(each, quantity=each.quantity - gone[each.bin, each.lot]) for each in reserve]


def unclaimed(reserve: Sequence[Reserve], claims: Sequence[Claim]) -> list[Reserve]:
    """What is left in reserve beside what is claimed; of goods that somebody left nothing, as long as they rest."""
    resting = {(each.bin, each.lot) for each in claims if each.is_resting}
    gone = Counter[tuple[int, int]]()
    for each in claims:
        gone[each.bin, each.lot] += each.quantity
    return [
        replace(each, quantity=max(0, each.quantity - gone[each.bin, each.lot]))
        for each in reserve
        if (each.bin, each.lot) not in resting
    ]


def _rank(want: Want) -> tuple[bool, float, int]:
    needed = want.waiting if want.is_urgent else max(1, want.level.units_min)
    return not want.is_urgent, want.here / needed, want.product


def _up(units: float) -> int:
    return -int(-units // 1)

"""Which bins are due to be counted, and in which order they are walked.

Problem
    Every record shall be counted now and then, those on which much depends more often, and no bin be forgotten.
Method
    A product's class is the better of two: by the value of what was picked of it and by how often it was picked, each
    summed up from the largest on; what reaches 80 % of the total is A, 95 % is B. A bin is due when it was not
    counted for as many days as its best product's class allows. A bin that was never counted is given a day within
    that time by its number, so that a new site is spread evenly and not due all at once.
    Bins are walked aisle by aisle, up one and down the next, from where the counter is. The order never changes
    which bins are counted.
Complexity
    O(n log n) in products and in bins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.rules.counting import AbcClass, CountPolicy, CountTrigger
from warehouse.bins import Bin

DAY_MS = 86_400_000
SHARE_A, SHARE_B = 0.80, 0.95
"""The usual cut of Pareto's curve."""

GOLDEN = 0.618033988749895
"""Multiples of the golden ratio, without their whole part, spread evenly however many there are."""


@dataclass(frozen=True, slots=True)
class BinToCount:
    """A bin with the best class of what lies in it, None if it is empty, and when it was last counted."""

    place_id: int
    abc: AbcClass | None
    counted_ms: int | None


def abc_classes(num_picks: Mapping[int, int], value: Mapping[int, int]) -> dict[int, AbcClass]:
    """The class of every product that moved; any other is C.

    Parameters
    ----------
    num_picks
        How often each product was picked.
    value
        What the units picked of each product were worth; products without a value may be missing.

    Examples
    --------
    >>> classes = abc_classes({1: 80, 2: 15, 3: 5}, {3: 100})
    >>> [classes[product].value for product in (1, 2, 3)]
    ['A', 'B', 'A']
    """
    by_picks, by_value = _cut(num_picks), _cut(value)
    worst = AbcClass.C
    return {each: min(by_picks.get(each, worst), by_value.get(each, worst)) for each in num_picks.keys() | value.keys()}


def _cut(turnover: Mapping[int, int]) -> dict[int, AbcClass]:
    """Classes by share of the total, the largest first."""
    total = sum(turnover.values())
    classes: dict[int, AbcClass] = {}
    before = 0
    for key, amount in sorted(turnover.items(), key=lambda item: (-item[1], item[0])):
        if amount > 0:
            share = before / total
            classes[key] = AbcClass.A if share < SHARE_A else AbcClass.B if share < SHARE_B else AbcClass.C
        before += amount
    return classes


def due_bins(
    bins: Iterable[BinToCount], policy: CountPolicy, *, opened_ms: int, now_ms: int
) -> list[tuple[int, CountTrigger]]:
    """The bins that are due, by place id, and why.

    Parameters
    ----------
    opened_ms, now_ms
        When the site was opened, and what time it is.
    """
    due = []
    for each in bins:
        period_ms = policy.days(each.abc) * DAY_MS
        first_ms = opened_ms + int((each.place_id * GOLDEN) % 1 * period_ms)
        due_ms = first_ms if each.counted_ms is None else each.counted_ms + period_ms
        if due_ms <= now_ms:
            by_class = each.abc is not None and period_ms < policy.days_max * DAY_MS
            due.append((each.place_id, CountTrigger.CYCLE if by_class else CountTrigger.AGE))
    return due


def walking_ranks(bins: Sequence[Bin]) -> dict[str, int]:
    """Where each bin comes, by code, when all aisles are walked up and down in turn."""
    aisles = {aisle: number for number, aisle in enumerate(dict.fromkeys(each.aisle for each in bins))}

    def place(each: Bin) -> tuple[int, int, int, int]:
        number = aisles[each.aisle]
        return number, each.bay if number % 2 == 0 else -each.bay, each.level, each.slot

    return {each.code: rank for rank, each in enumerate(sorted(bins, key=place))}


def next_to_walk(ranks: Sequence[int], standing: int) -> int:
    """Which of some bins comes next, as an index, for somebody who stands at rank `standing`.

    Examples
    --------
    >>> next_to_walk([4, 9, 1], 5), next_to_walk([4, 1], 5)
    (1, 1)
    """
    return min(range(len(ranks)), key=lambda index: (ranks[index] < standing, ranks[index]))

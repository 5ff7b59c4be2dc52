"""Whether goods may still be used on a day. The one place that says so.

Goods are usable through the whole of their expiry day, in the time zone of the site; from the day
after they are expired. To have `n` days of life left means to be usable `n` days later still.
"""

from collections.abc import Sequence

from inventory.rules.stock import NEVER_DAY


def usable_on(expires_day: int, day: int | None) -> bool:
    """Whether a lot that expires on `expires_day` may be used on `day`; without a day, always.

    >>> usable_on(expires_day=739_000, day=739_000), usable_on(expires_day=739_000, day=739_001)
    (True, False)
    """
    return day is None or expires_day == NEVER_DAY or day <= expires_day


def has_life(expires_day: int, day: int | None, life_days: int) -> bool:
    """Whether a lot has `life_days` left on `day`: whether it may be used that many days later still.

    >>> has_life(expires_day=739_010, day=739_000, life_days=10), has_life(739_010, 739_000, life_days=11)
    (True, False)
    """
    return usable_on(expires_day, None if day is None else day + life_days)


def days_left(expires_day: int, day: int) -> int:
    """The days of life that a lot has left on `day`: 0 on its last day, negative once it is expired."""
    return expires_day - day


def level_reached(left_days: int, levels_days: Sequence[int]) -> int | None:
    """The tightest alert level that goods with so much life have come to; None if none, or if they are expired.

    >>> level_reached(30, (90, 60, 30, 7)), level_reached(91, (90, 7)), level_reached(-1, (90, 7))
    (30, None, None)
    """
    return min((level for level in levels_days if 0 <= left_days <= level), default=None)


def expected_unsold(quantities: Sequence[int], days_usable: Sequence[int], demand_a_day: float) -> list[float]:
    """How many units of each lot of a product are left when it expires, if demand goes on as it was.

    Parameters
    ----------
    quantities, days_usable
        Of each lot, first expired first: its units, and on how many days from today on it may be sold.
    demand_a_day
        Units sold a day; they are taken from the first lot that is not sold out.

    Examples
    --------
    >>> expected_unsold([10, 10], [4, 6], demand_a_day=2.0)
    [2.0, 6.0]
    """
    unsold, sold = [], 0.0
    for quantity, days in zip(quantities, days_usable, strict=True):
        sells = min(float(quantity), max(0.0, demand_a_day * max(0, days) - sold))
        sold += sells
        unsold.append(quantity - sells)
    return unsold

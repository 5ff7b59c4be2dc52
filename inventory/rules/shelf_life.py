"""Whether goods may still be used on a day. The one place that says so.

Goods are usable through the whole of their expiry day, in the time zone of the site; from the day
after they are expired.
"""

from inventory.rules.stock import NEVER_DAY


def usable_on(expires_day: int, day: int | None) -> bool:
    """Whether a lot that expires on `expires_day` may be used on `day`; without a day, always.

    >>> usable_on(expires_day=739_000, day=739_000), usable_on(expires_day=739_000, day=739_001)
    (True, False)
    """
    return day is None or expires_day == NEVER_DAY or day <= expires_day

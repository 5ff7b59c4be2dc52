"""When the bins of a site will be full, as they fill now."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overflow:
    """What is free of a site's bins, and by how much that shrinks a day; full in `days_left`, None if never."""

    free_mm3: int
    growth_mm3_daily: int
    days_left: int | None


def overflow(volume_mm3: int, used_mm3: int, net_in_mm3: int, days: int) -> Overflow:
    """When bins will be full if as much goes in and out as in the last days.

    Parameters
    ----------
    volume_mm3
        What the bins hold by the rules of the site.
    used_mm3
        What goods take of it now.
    net_in_mm3
        What went into bins in the last `days`, less what left them.

    Raises
    ------
    ValueError
        If no day is looked at.

    Examples
    --------
    >>> overflow(1_000, 400, 700, 7).days_left
    6
    >>> overflow(1_000, 400, -10, 7).days_left is None
    True
    """
    if days < 1:
        raise ValueError("at least one day has to be looked at")
    free_mm3 = max(0, volume_mm3 - used_mm3)
    if not free_mm3:
        return Overflow(0, net_in_mm3 // days, 0)
    days_left = free_mm3 * days // net_in_mm3 if net_in_mm3 > 0 else None
    return Overflow(free_mm3, net_in_mm3 // days, days_left)

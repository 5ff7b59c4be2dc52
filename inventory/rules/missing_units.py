"""Which units known by their serials are missing, where goods between two scans move by quantity.

Problem
    So many units of a lot are missing in a bin, or were written off there. Which ones?
Method
    A unit cannot be missing there if it was seen since, or if it is sure to lie somewhere else. Where no more units
    are left than are missing, these are they. A count that has seen a whole bin tells more: units that were sure to
    lie there and were not found are missing, whatever became of the rest.
Limits
    Where more units are left than are missing nobody can tell which; the next scans of the lot may.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnitInHouse:
    """A unit that was seen last at `seen_ms` in a place. `sure` if nothing can have taken it from there since."""

    serial: str
    place_id: int
    seen_ms: int
    sure: bool


def missing_in_bin(
    units: Sequence[UnitInHouse],
    places: Collection[int],
    found: Collection[str],
    num_missing: int,
    num_unnamed: int = 0,
) -> tuple[str, ...]:
    """The units that a count of a bin shows to be missing there, as far as it follows; none if it does not.

    Parameters
    ----------
    units
        All of the lot that are in the house.
    places
        The bin, and the places of what is withheld in it.
    found
        The serials of those that lay there.
    num_missing
        Units fewer than on the books.
    num_unnamed
        Units of the lot whose serials nobody knows: the missing ones may be these.

    Examples
    --------
    >>> sold_out = [UnitInHouse("S1", 7, 0, sure=False), UnitInHouse("S2", 7, 0, sure=False)]
    >>> missing_in_bin(sold_out, {7}, {"S1"}, 1)
    ('S2',)
    """
    left = [unit for unit in units if unit.serial not in found and not (unit.sure and unit.place_id not in places)]
    if len(left) + num_unnamed > num_missing:
        left = [unit for unit in left if unit.sure]
    return tuple(sorted(unit.serial for unit in left)) if len(left) <= num_missing else ()


def lost_for_sure(
    units: Sequence[UnitInHouse], places: Collection[int], before_ms: int, num_lost: int, num_unnamed: int = 0
) -> tuple[str, ...]:
    """The units that were written off, if it follows which they are: all that nobody has seen since.

    Parameters
    ----------
    units
        All of the lot that are in the house or may be.
    places
        Where units were written off without a name.
    before_ms
        When that was last.
    num_lost
        How many.
    num_unnamed
        Units of the lot whose serials nobody knows.

    Examples
    --------
    >>> units = [UnitInHouse("S1", 7, 0, sure=False), UnitInHouse("S2", 8, 50, sure=True)]
    >>> lost_for_sure(units, {7}, 40, 1)
    ('S1',)
    """
    left = [unit for unit in units if unit.seen_ms < before_ms and not (unit.sure and unit.place_id not in places)]
    return tuple(sorted(unit.serial for unit in left)) if len(left) + num_unnamed <= num_lost else ()

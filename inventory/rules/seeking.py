"""In which bins to look for units that are missing from one, the likeliest first.

Problem
    Units that are not in their bin are most often in another one: where one slip of hand or eye puts them.
Method
    Every trace gives a bin points: the same goods found too many there, worked in by the same person just before or
    after the goods were moved, next to the bin, or holding the product in any case. The most points come first; of
    equals the nearest along the aisle.
Complexity
    O(bins of the aisle).
Source
    US 9,132,957 (ordered candidates for a misplaced item); the points are ours.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from warehouse.bins import Bin

SURPLUS, SLIP, NEXT_TO, SAME_PRODUCT = 100, 20, 10, 5
"""A surplus all but proves it; a slip between two bins of one walk is likelier than one between neighbours."""

BAYS_NEXT = 1
"""A hand reaches into the next bay, and no further."""

NUM_LOOKED_MAX = 20
"""Whoever has looked into twenty bins is done looking."""


@dataclass(frozen=True, slots=True)
class BinToSearch:
    """A bin to look in, and why."""

    bin_code: str
    points: int
    why: tuple[str, ...]


def bins_to_search(
    missing_from: str,
    bins: Sequence[Bin],
    *,
    surplus: Collection[str] = (),
    same_walk: Collection[str] = (),
    same_product: Collection[str] = (),
) -> tuple[BinToSearch, ...]:
    """The bins to look in, at most `NUM_LOOKED_MAX`.

    Parameters
    ----------
    missing_from
        The bin that should hold the units, by code.
    bins
        All bins of the site.
    surplus, same_walk, same_product
        Bins with these goods too many, bins that the same people worked in at the same time, and bins that hold the
        product, by code.
    """
    by_code = {each.code: each for each in bins}
    home = by_code[missing_from]
    near = {each.code for each in bins if each.aisle == home.aisle and abs(each.bay - home.bay) <= BAYS_NEXT}
    traces = (
        (SURPLUS, "the same goods were found too many there", set(surplus)),
        (SLIP, "worked in by the same person just before or after", set(same_walk)),
        (NEXT_TO, "next to the bin", near),
        (SAME_PRODUCT, "holds the product", set(same_product)),
    )
    found = []
    for code in sorted(set().union(*(codes for _, _, codes in traces)) - {missing_from}):
        held = [(points, why) for points, why, codes in traces if code in codes]
        found.append(BinToSearch(code, sum(points for points, _ in held), tuple(why for _, why in held)))

    def order(each: BinToSearch) -> tuple[int, bool, int, str]:
        other = by_code[each.bin_code]
        return -each.points, other.aisle != home.aisle, abs(other.bay - home.bay), each.bin_code

    return tuple(sorted(found, key=order)[:NUM_LOOKED_MAX])

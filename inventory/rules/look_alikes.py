"""Which products a picker could take for each other, lying side by side.

Problem
    Whether two products are alike by their names, their codes or the hashes of their pictures; and all pairs that
    are, of many products.
Method
    Names: the share of letter groups of three that both have (Dice 1945). Codes: optimal string alignment, a swap
    of neighbours counting one. Pictures: bits in which two hashes differ. All pairs: candidates share a letter
    group, a code with a few signs left out, or are compared picture by picture; every candidate is then judged by
    the one function that judges a pair.
Complexity
    O(L^2) a pair for codes of length L. All pairs: as many as share a letter group, and O(n^2) for pictures.
Limits
    Names that say the same in other words are not found; a picture hash sees shapes, not labels.
Source
    L. Dice, Ecology 26 (1945) 297-302; delete neighbourhoods as in W. Garbe, SymSpell.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from inventory.rules.storage_policy import LookAlike


@dataclass(frozen=True)
class Look:
    """What a picker sees of a product; `picture_hash` of 64 bits, or None."""

    code: str
    name: str
    picture_hash: int | None = None

    @cached_property
    def groups(self) -> frozenset[str]:
        """The letter groups of its name: three signs in a row, with the ends of words."""
        words = "".join(sign if sign.isalnum() else " " for sign in self.name.casefold()).split()
        return frozenset(f" {word} "[at : at + 3] for word in words for at in range(len(word)))


def alike(one: Look, other: Look, rule: LookAlike) -> bool:
    """Whether two products are too much alike.

    >>> rule = LookAlike(name_percent=80, code_distance=1)
    >>> alike(Look("85123A", "Heart T-light holder"), Look("85132A", "Alarm clock"), rule)
    True
    >>> alike(Look("1", "White heart holder, small"), Look("22", "White heart holder, large"), rule)
    False
    """
    if rule.name_percent:
        total = len(one.groups) + len(other.groups)
        if total and 200 * len(one.groups & other.groups) >= rule.name_percent * total:
            return True
    if rule.code_distance and code_distance(one.code, other.code) <= rule.code_distance:
        return True
    pictures = one.picture_hash is not None and other.picture_hash is not None
    if not rule.picture_bits or not pictures:
        return False
    assert one.picture_hash is not None
    assert other.picture_hash is not None
    return (one.picture_hash ^ other.picture_hash).bit_count() <= rule.picture_bits


def code_distance(one: str, other: str) -> int:
    """Signs to change, add, leave out or swap with a neighbour to make one code of the other.

    >>> code_distance("85123A", "85132A"), code_distance("85123A", "85123"), code_distance("A1", "B2")
    (1, 1, 2)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        last, before = before, row
        row = [at]
        for place, against in enumerate(other, 1):
            least = min(before[place] + 1, row[-1] + 1, before[place - 1] + (sign != against))
            if at > 1 and place > 1 and sign == other[place - 2] and one[at - 2] == against:
                least = min(least, last[place - 2] + 1)
            row.append(least)
    return row[-1]


def all_alike(looks: Sequence[Look], rule: LookAlike) -> dict[int, list[int]]:
    """For each product that is like another, by its row: the rows of all those others, in order."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in itertools.chain(
        _sharing_groups(looks, rule), _sharing_signs(looks, rule), _with_pictures(looks, rule)
    ):
        if other not in found[one] and alike(looks[one], looks[other], rule):
            found[one].add(other)
            found[other].add(one)
    return {row: sorted(others) for row, others in found.items() if others}


def _sharing_groups(looks: Sequence[Look], rule: LookAlike) -> Iterator[tuple[int, int]]:
    """Pairs whose names share enough letter groups to be worth a look."""
    if not rule.name_percent:
        return
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, look in enumerate(looks):
        shared = Counter(other for group in look.groups for other in rows_of[group])
        for other, count in shared.items():
            if 200 * count >= rule.name_percent * (len(look.groups) + len(looks[other].groups)):
                yield row, other
        for group in look.groups:
            rows_of[group].append(row)


def _sharing_signs(looks: Sequence[Look], rule: LookAlike) -> Iterator[tuple[int, int]]:
    """Pairs whose codes are the same once as many signs are left out as they may differ by."""
    if not rule.code_distance:
        return
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, look in enumerate(looks):
        shorter = {look.code}
        for _ in range(rule.code_distance):
            shorter |= {each[:at] + each[at + 1 :] for each in shorter for at in range(len(each))}
        for each in shorter:
            yield from ((row, other) for other in rows_of[each])
            rows_of[each].append(row)


def _with_pictures(looks: Sequence[Look], rule: LookAlike) -> Iterator[tuple[int, int]]:
    """All pairs with pictures, if pictures are looked at."""
    if rule.picture_bits:
        yield from itertools.combinations([row for row, look in enumerate(looks) if look.picture_hash is not None], 2)

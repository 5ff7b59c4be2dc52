"""What a count has found: whom to believe, who may approve it, and where it may come from.

Problem
    A bin is counted blind, by people who miscount now and then. Which differences are there, and who may put them
    into the ledger?
Method
    A visit that finds what the ledger says ends the count. One that finds a difference asks another person to count.
    Of each record the last visit holds if it agrees with the ledger or with an earlier visit; until that is so of
    all records, one more person counts, `visits_max` at most. Tolerances in units and value then say who approves.
    Differences are never netted: one too many and one too few are two.
Limits
    Two people may make the same mistake; and a first visit that miscounts a wrong record to what the ledger says
    hides it until the bin is counted again.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar


class CountTrigger(StrEnum):
    """Why a bin is counted. Only `AUDIT` is drawn at random; the others look where errors are likely."""

    AUDIT = "audit"
    EXCEPTION = "exception"
    ZERO = "zero"
    LOW = "low"
    CYCLE = "cycle"
    AGE = "age"
    REQUEST = "request"


class Approver(StrEnum):
    """Who may approve a difference, from the lowest."""

    COUNTER = "counter"
    MANAGER = "manager"
    ADMIN = "admin"


class RootCause(StrEnum):
    """Why a record was wrong."""

    MISPICK = "mispick"
    MISSTOW = "misstow"
    RECEIVING = "receiving"
    THEFT = "theft"
    DAMAGE = "damage"
    UNIT = "unit"
    LABEL = "label"
    SYSTEM = "system"
    UNKNOWN = "unknown"


KeyT = TypeVar("KeyT", bound=Hashable)

RANK = {approver: number for number, approver in enumerate(Approver)}
"""Who may approve more than whom."""


class AbcClass(StrEnum):
    """How much depends on a product: A the most."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True)
class CountPolicy:
    """The counting rules of a site.

    Bins are counted every `days_a`, `days_b` or `days_c` days after the class of the best product in them, and every
    bin, empty ones too, every `days_max`. A record left with `low_units` or fewer by a pick is counted. Whoever
    counts last may approve up to `counter_units` and `counter_value_cents`, a manager up to his own limits, an
    administrator the rest. The tolerances are shares of a record's units, in thousandths, for the figure that
    forgives them. On the way of a run at most `way_counts_max` bins are counted, at `count_s` seconds each.

    Raises
    ------
    ValueError
        If a figure makes no sense.
    """

    days_a: int = 90
    days_b: int = 180
    days_c: int = 365
    days_max: int = 365
    movement_days: int = 90
    low_units: int = 2
    counter_units: int = 1
    counter_value_cents: int = 1_000
    manager_units: int = 20
    manager_value_cents: int = 20_000
    tolerance_a_permille: int = 2
    tolerance_b_permille: int = 10
    tolerance_c_permille: int = 50
    visits_max: int = 3
    way_counts_max: int = 3
    count_s: int = 20

    def __post_init__(self) -> None:
        if min(self.days_a, self.days_b, self.days_c, self.days_max, self.movement_days) < 1:
            raise ValueError("bins are counted every day at most")
        if self.visits_max < 2:
            raise ValueError("a difference needs two people")
        if min(vars(self).values()) < 0:
            raise ValueError("no figure is below zero")
        if self.counter_units > self.manager_units or self.counter_value_cents > self.manager_value_cents:
            raise ValueError("a manager may approve what a counter may")

    def days(self, abc: AbcClass | None) -> int:
        """After how many days a bin is counted again; without a class it is empty."""
        days = {AbcClass.A: self.days_a, AbcClass.B: self.days_b, AbcClass.C: self.days_c}
        return self.days_max if abc is None else min(days[abc], self.days_max)

    def tolerance_permille(self, abc: AbcClass) -> int:
        """Which share of a record's units the forgiving figure overlooks."""
        shares = (self.tolerance_a_permille, self.tolerance_b_permille, self.tolerance_c_permille)
        return dict(zip(AbcClass, shares, strict=True))[abc]


@dataclass(frozen=True)
class Finding(Generic[KeyT]):
    """What visits to a bin have shown: `differences` by record, or that another person has to count.

    `agreed` is false where the visits ran out before two of them said the same.
    """

    recount: bool = False
    differences: Mapping[KeyT, int] = field(default_factory=dict)
    agreed: bool = True


def finding(visits: Sequence[Mapping[KeyT, int]], visits_max: int) -> Finding[KeyT]:
    """What follows from what each visit found too many (positive) or too few of, record by record.

    Parameters
    ----------
    visits
        The differences of each visit, in order, those of 0 left out.
    visits_max
        After so many visits the last one holds, agreed or not.

    Raises
    ------
    ValueError
        If nobody has counted yet.

    Examples
    --------
    >>> finding([{"hearts": -1}], 3).recount
    True
    >>> finding([{"hearts": -1}, {"hearts": -1}], 3).differences
    {'hearts': -1}
    >>> finding([{"hearts": -1}, {}], 3)
    Finding(recount=False, differences={}, agreed=True)
    """
    if not visits:
        raise ValueError("nobody has counted")
    *before, last = visits
    settled = all(any(each.get(key) == found for each in before) for key, found in last.items())
    if settled or len(visits) >= visits_max:
        return Finding(differences=dict(last), agreed=settled)
    return Finding(recount=True)


def approver_of(difference: int, value_cents: int | None, policy: CountPolicy, *, agreed: bool = True) -> Approver:
    """Who may approve a difference at least.

    Parameters
    ----------
    difference
        In units, of either sign.
    value_cents
        What one unit is worth; without a value nobody but a manager may judge.
    agreed
        Whether two visits found the same.
    """
    units = abs(difference)
    if value_cents is None:
        return Approver.MANAGER if units <= policy.manager_units else Approver.ADMIN
    value = units * value_cents
    if agreed and units <= policy.counter_units and value <= policy.counter_value_cents:
        return Approver.COUNTER
    if units <= policy.manager_units and value <= policy.manager_value_cents:
        return Approver.MANAGER
    return Approver.ADMIN


def left_to_adjust(difference: int, corrected: int) -> int:
    """What of a difference is still to be put into the ledger, when others have corrected it meanwhile.

    Examples
    --------
    >>> [left_to_adjust(-3, corrected) for corrected in (0, -1, -3, -4, 2)]
    [-3, -2, 0, 0, -5]
    """
    left = difference - corrected
    return max(left, 0) if difference > 0 else min(left, 0)


def likely_cause(difference: int, *, expected: int, opposite_found: bool, picked: bool, stowed: bool) -> RootCause:
    """What most likely made a record wrong; whoever approves may know better.

    Parameters
    ----------
    difference
        Units too many or too few.
    expected
        Units on the books.
    opposite_found
        Whether another bin has the same goods too few or too many.
    picked, stowed
        Whether goods of this record were picked or put away since it was last counted.
    """
    if opposite_found or (difference > 0 and expected == 0):
        return RootCause.MISSTOW
    if picked:
        return RootCause.MISPICK
    return RootCause.MISSTOW if stowed else RootCause.UNKNOWN

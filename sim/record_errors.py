"""A site whose records go wrong: picks, stows and thefts at known rates, and counts that miscount at one.

Problem
    How right are the records of a site, and how long do errors live, under a way of counting? In a real site
    nobody knows the truth; here it is known.
Method
    All records are kept in arrays, a day at a time. Popular records are picked more often; a mis-pick takes a unit of
    a neighbouring record instead, so two records are wrong. A record that is picked empty is replaced by a new one; a
    mis-stow leaves its goods in another bin. A theft takes one unit. A visit that miscounts is one unit off. Whom to
    believe is decided by the rules of counting themselves.
Complexity
    O(records) a day, in NumPy.
Limits
    Goods that lie in a bin without a record are errors of no record, and are not followed. Errors that cancel out are
    none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from inventory.rules.count_planning import abc_classes
from inventory.rules.counting import AbcClass, finding
from inventory.rules.stock import BoolArray, IntArray


class Cause(IntEnum):
    """What made a record wrong; `START` is what was wrong on the first day."""

    START = 0
    MISPICK = 1
    MISSTOW = 2
    THEFT = 3
    MISCOUNT = 4


RIGHT = -1
"""Since when a record is wrong, if it is not."""


@dataclass(frozen=True)
class ErrorRates:
    """Of picked lines, of stowed records, of visits to a record; and thefts a day."""

    mispick: float = 1 / 2_000
    misstow: float = 1 / 1_000
    miscount: float = 1 / 200
    thefts_daily: float = 2.0


@dataclass(frozen=True)
class RecordedSite:
    """A site: its records, the lines it picks a day, how many units a new record has on the mean."""

    num_records: int = 100_000
    lines_daily: int = 5_000
    units_mean: int = 20
    rates: ErrorRates = ErrorRates()


@dataclass(frozen=True)
class Corrected:
    """What a count has corrected: the records found wrong, how many days each error had lived, visits made."""

    records: IntArray
    age_days: IntArray
    visits: int


class Records:
    """The records of a site, and what really lies there.

    Parameters
    ----------
    site
        What happens there.
    accuracy
        The share of records that is right on day 0.
    seed
        The same seed has the same things happen.
    """

    def __init__(self, site: RecordedSite, accuracy: float, seed: int) -> None:
        self.site = site
        self.random = np.random.default_rng(seed)
        count = site.num_records
        # What sells best lies in many bins, so records differ less than products do: Zipf's law with exponent 1/2.
        popularity = self.random.permutation(np.arange(1, count + 1) ** -0.5)
        self.popular = np.cumsum(popularity / popularity.sum())
        self.abc = classes(popularity)
        self.books = self._new_units(count)
        self.off = np.zeros(count, dtype=np.int64)
        self.since = np.full(count, RIGHT, dtype=np.int64)
        self.cause = np.zeros(count, dtype=np.int64)
        self.day = 0
        self.born = np.zeros(len(Cause), dtype=np.int64)
        wrong = self.random.choice(count, round(count * (1 - accuracy)), replace=False)
        self._change(wrong, self.random.choice([-1, 1], len(wrong)), Cause.START)

    @property
    def accuracy(self) -> float:
        """The share of records that is right."""
        return 1 - np.count_nonzero(self.off) / len(self.off)

    def wrong_by_cause(self) -> IntArray:
        """How many records are wrong, by what made them so."""
        return np.bincount(self.cause[self.off != 0], minlength=len(Cause))

    def live_a_day(self) -> tuple[IntArray, IntArray]:
        """Pick, stow and steal for a day; the records whose pick came short, and those picked low, lowest last."""
        self.day += 1
        rates, count = self.site.rates, len(self.books)
        drawn = np.searchsorted(self.popular, self.random.random(self.site.lines_daily))
        wanted = np.bincount(np.minimum(drawn, count - 1), minlength=count)
        picked = np.flatnonzero(wanted)
        taken = np.minimum(wanted[picked], self.books[picked])
        there = self.books[picked] + self.off[picked]
        short = picked[there < taken]
        self.books[picked] -= taken
        # What a pick wants and does not find is missing from the bin, not below nothing.
        self.off[picked] = np.maximum(self.off[picked], -self.books[picked])
        mispicked = picked[self.random.random(len(picked)) < 1 - (1 - rates.mispick) ** taken]
        neighbour = (mispicked + 1) % count
        robbed = neighbour[self._there(neighbour) > 0]
        self._change(mispicked, np.ones(len(mispicked), dtype=np.int64), Cause.MISPICK)
        self._change(robbed, np.full(len(robbed), -1), Cause.MISPICK)
        stolen = np.unique(self.random.integers(count, size=self.random.poisson(rates.thefts_daily)))
        stolen = stolen[self._there(stolen) > 0]
        self._change(stolen, np.full(len(stolen), -1), Cause.THEFT)
        return short, picked[np.argsort(-self.books[picked], kind="stable")]

    def replace_emptied(self) -> int:
        """Stow a new record wherever nothing is left on the books; how many."""
        empty = np.flatnonzero(self.books == 0)
        self.books[empty] = self._new_units(len(empty))
        self.off[empty] = 0
        self.since[empty] = RIGHT
        lost = empty[self.random.random(len(empty)) < self.site.rates.misstow]
        self._change(lost, -self.books[lost], Cause.MISSTOW)
        return len(empty)

    def count(self, records: IntArray, visits_max: int) -> Corrected:
        """Have records counted, and again by others where a difference was found; correct what they agree on."""
        seen = self._seen(records)
        doubted = records[seen != 0]
        visits = [[each] for each in seen[seen != 0].tolist()]
        found = np.zeros(len(doubted), dtype=np.int64)
        num_visits = len(records)
        for row, record in enumerate(doubted.tolist()):
            result = finding(_by_record(visits[row]), visits_max)
            while result.recount:
                visits[row].append(int(self._seen(np.array([record]))[0]))
                num_visits += 1
                result = finding(_by_record(visits[row]), visits_max)
            found[row] = result.differences.get("record", 0)
        confirmed = found != 0
        wrong = doubted[confirmed]
        began = np.where(self.since[wrong] == RIGHT, self.day, self.since[wrong])
        self._change(wrong, -found[confirmed], Cause.MISCOUNT)
        self.books[wrong] = np.maximum(self.books[wrong] + found[confirmed], 0)
        return Corrected(wrong, self.day - began, num_visits)

    def _there(self, records: IntArray) -> IntArray:
        return np.asarray(self.books[records] + self.off[records])

    def _seen(self, records: IntArray) -> IntArray:
        """What a visit to each record finds too many or too few."""
        slips = self.random.random(len(records)) < self.site.rates.miscount
        return np.asarray(self.off[records] + slips * self.random.choice([-1, 1], len(records)))

    def _change(self, records: IntArray, units: IntArray, cause: Cause) -> None:
        """Let records, each named once, be off by so many units more; note when and why each became wrong."""
        was_wrong = self.off[records] != 0
        self.off[records] += units
        is_wrong = self.off[records] != 0
        new = records[is_wrong & ~was_wrong]
        self.since[new], self.cause[new] = self.day, cause
        self.born[cause] += len(new)
        self.since[records[~is_wrong]] = RIGHT

    def _new_units(self, count: int) -> IntArray:
        return np.asarray(self.random.geometric(1 / self.site.units_mean, count))


def classes(popularity: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> dict[AbcClass, BoolArray]:
    """Which records are of each class, by how often they are picked."""
    picks = np.rint(popularity * 1e9).astype(np.int64)
    found = abc_classes(dict(enumerate(picks.tolist())), {})
    letters = np.array([found[row].value for row in range(len(picks))])
    return {each: letters == each.value for each in AbcClass}


def _by_record(visits: Sequence[int]) -> list[Mapping[str, int]]:
    """The visits to one record, as the rules of counting take them."""
    return [{"record": each} if each else {} for each in visits]

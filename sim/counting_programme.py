"""What a way of counting makes of a site: how right it gets, what that costs, how old errors are when found.

Problem
    Which accuracy can be held, with how much labour, and if not the one that is wanted, which rate of errors must fall
    to what? And does the bound of the audit sample hold when it is looked at daily while the site changes?
Method
    Days are played on a site whose truth is known (`sim.record_errors`), with the sample, the bound and the counting
    rules of the live site. In the long run the wrong records of a cause are those that go wrong a day times the days
    that each stays wrong (Little's law). So a cause's rate may be what is allowed for it, over what it makes now.
Limits
    Every count due is made on its day. Metres are those of sweeping the aisles that hold a due bin; counts on the way
    of runs cost seconds only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from inventory.rules.auditing import DayChecked, SamplePlan, draw_records, plan_sample, proof
from inventory.rules.counting import CountPolicy
from inventory.rules.stock import IntArray
from sim.record_errors import Cause, RecordedSite, Records

TARGET = Fraction("0.9999")
"""The accuracy that is to be held, and proven."""

LINES_PER_RUN = 30
"""Lines of a pick run, which carries `way_counts_max` counts on its way."""

AISLES, AISLE_M, PITCH_M = 100, 50.0, 3.6
"""The floor that tours of counts are walked on."""

STEADY_DAYS = 120
"""The last days of a course, over which the long run is measured."""


@dataclass(frozen=True)
class Programme:
    """A way of counting: at picks that come short or leave little, and every so many days by class, or never."""

    name: str
    policy: CountPolicy
    at_picks: bool
    cycles: bool


@dataclass(frozen=True)
class CauseFigures:
    """Of one cause: records that it makes wrong a day, how many are wrong by it, and what its rate must fall to.

    `factor_alone` is the part of its present rate at which the target is held if nothing else changes; none if even
    without it the target is missed.
    """

    cause: Cause
    born_daily: float
    wrong: float
    factor_alone: float | None


@dataclass(frozen=True)
class Course:
    """What became of a site: its accuracy after each day, and what counting took and found.

    `factor_all` is the part of their present rates that all causes together must fall to; 1 if the target is held.
    """

    programme: Programme
    accuracy: tuple[float, ...]
    visits_daily: float
    hours_daily: float
    metres_daily: float
    age_days_median: float
    age_days_p95: float
    causes: tuple[CauseFigures, ...]
    factor_all: float


def play(
    site: RecordedSite, programme: Programme, *, accuracy: float, days: int, target: Fraction, seed: int
) -> Course:
    """Play a programme on a site for some days.

    Parameters
    ----------
    accuracy
        The share of records that is right at first.
    target
        The accuracy that is to be held.

    Raises
    ------
    ValueError
        If there are too few days to measure the long run.
    """
    if days <= STEADY_DAYS:
        raise ValueError(f"{days} days leave none after the {STEADY_DAYS} that are measured")
    records = Records(site, accuracy, seed)
    policy = programme.policy
    period = np.zeros(site.num_records, dtype=np.int64)
    for abc, members in records.abc.items():
        period[members] = policy.days(abc)
    counted = -records.random.integers(period)  # as if they had been counted in turn before
    course = [records.accuracy]
    ages: list[IntArray] = []
    visits = metres = 0.0
    wrong = np.zeros(len(Cause))
    for day in range(days):
        if day == days - STEADY_DAYS:
            records.born[:] = 0
            visits = metres = 0.0
            ages = []
        short, picked = records.live_a_day()
        at_picks = _at_picks(records, short, picked, policy) if programme.at_picks else short
        due = np.flatnonzero(records.day - counted >= period) if programme.cycles else np.zeros(0, dtype=np.int64)
        chosen = np.union1d(at_picks, due)
        made = records.count(chosen, policy.visits_max)
        counted[chosen] = records.day
        records.replace_emptied()
        visits += made.visits
        metres += tour_metres(len(chosen) - len(at_picks), site, policy)
        ages.append(made.age_days)
        course.append(records.accuracy)
        if day >= days - STEADY_DAYS:
            wrong += records.wrong_by_cause()
    age = np.concatenate(ages)
    causes, factor_all = _needed(records.born / STEADY_DAYS, wrong / STEADY_DAYS, site, target)
    return Course(
        programme,
        tuple(course),
        visits_daily=visits / STEADY_DAYS,
        hours_daily=visits / STEADY_DAYS * policy.count_s / 3600,
        metres_daily=metres / STEADY_DAYS,
        age_days_median=float(np.median(age)) if len(age) else 0.0,
        age_days_p95=float(np.quantile(age, 0.95)) if len(age) else 0.0,
        causes=causes,
        factor_all=factor_all,
    )


def _at_picks(records: Records, short: IntArray, picked: IntArray, policy: CountPolicy) -> IntArray:
    """The records to count since a pick came short there or left little."""
    return np.union1d(short, picked[records.books[picked] <= policy.low_units])


def tour_metres(num_counts: int, site: RecordedSite, policy: CountPolicy) -> float:
    """The walking for so many counts in random bins, beyond those that runs pass anyway.

    Examples
    --------
    >>> tour_metres(400, RecordedSite(), CountPolicy())
    0.0
    >>> round(tour_metres(10_498 + 10_000, RecordedSite(), CountPolicy()))
    5360
    """
    on_the_way = site.lines_daily // LINES_PER_RUN * policy.way_counts_max
    left = max(0, num_counts - on_the_way)
    aisles = AISLES * (1 - (1 - 1 / AISLES) ** left)
    return aisles * (AISLE_M + PITCH_M)


def _needed(
    born_daily: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    wrong: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    site: RecordedSite,
    target: Fraction,
) -> tuple[tuple[CauseFigures, ...], float]:
    """What the causes' rates must fall to, each alone and all together."""
    allowed = float((1 - target) * site.num_records)
    total = float(wrong.sum())
    figures = []
    for cause in Cause:
        mine = float(wrong[cause])
        left = allowed - (total - mine)
        alone = None if left < 0 else min(1.0, left / mine) if mine else 1.0
        figures.append(CauseFigures(cause, float(born_daily[cause]), mine, alone))
    return tuple(figures), min(1.0, allowed / total) if total else 1.0


@dataclass(frozen=True)
class Watched:
    """One sample that was looked at daily: what was claimed at the end, what was true, and whether all claims held."""

    claimed: float
    true: float
    held: bool
    errors: int


def watch_sample(site: RecordedSite, programme: Programme, plan: SamplePlan, *, accuracy: float, seed: int) -> Watched:
    """Draw a sample day by day from a living site, look at the bound every day, and compare it with the truth."""
    records = Records(site, accuracy, seed)
    policy = programme.policy
    checked: list[DayChecked] = []
    truth: list[float] = []
    held = True
    for day in range(plan.days):
        truth.append(records.accuracy)
        drawn = np.array(draw_records(site.num_records, plan.checks_daily, seed=seed, day=day))
        made = records.count(drawn, policy.visits_max)
        checked.append(DayChecked(len(drawn), len(made.records), 0, True))
        shown = proof(checked, days=plan.days, target=TARGET, population=site.num_records)
        true = float(np.mean(truth))
        held = held and shown.accuracy_at_least <= true
        short, picked = records.live_a_day()
        records.count(_at_picks(records, short, picked, policy) if programme.at_picks else short, policy.visits_max)
        records.replace_emptied()
    return Watched(shown.accuracy_at_least, true, held, shown.errors)


def daily_sample(site: RecordedSite, days: int, errors: int) -> SamplePlan:
    """The sample of a site that proves the target on the last of some days with so many errors.

    Raises
    ------
    ValueError
        If none does.
    """
    plan = plan_sample(TARGET, days, population=site.num_records, errors=errors)
    if plan is None:
        raise ValueError(f"no sample of {site.num_records} records proves {float(TARGET)} with {errors} errors")
    return plan


PROGRAMMES: Sequence[Programme] = (
    Programme("short picks only", CountPolicy(), at_picks=False, cycles=False),
    Programme("at picks", CountPolicy(), at_picks=True, cycles=False),
    Programme("at picks, A/B/C 90/180/365 days", CountPolicy(), at_picks=True, cycles=True),
    *(
        Programme(
            f"at picks, all every {days} days" if days > 1 else "at picks, all daily",
            CountPolicy(days_a=days, days_b=days, days_c=days, days_max=days),
            at_picks=True,
            cycles=True,
        )
        for days in (90, 30, 7, 1)
    ),
)
"""From the least counting to the most."""

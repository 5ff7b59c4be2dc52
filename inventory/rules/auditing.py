"""A random sample of records, a part of it each day, and what it proves while it is looked at daily.

Problem
    An accuracy is to be proven by a given day. How many records are drawn each day, and what may be claimed on the
    days before, while errors are corrected and the accuracy changes?
Method
    How many records each day draws is fixed beforehand, so each day is a look at a sample of a fixed size: the bound of
    Clopper and Pearson holds for the mean accuracy over its checks. The doubt that is allowed is split over the
    looks (union bound): half of it for the last day, the other half in equal parts for the days before. So all looks
    together hold with the confidence asked for, whatever the accuracy does meanwhile. A sample drawn on one day
    is a sample without replacement, and its bound the hypergeometric one.
    A day counts when all its records are checked, and only after the days before it: which records are checked first
    is the walk's affair and must not decide what is claimed. What is not checked in time counts as wrong.
Limits
    Records drawn from a site that is corrected prove how right it was on the mean of the days.
Source
    As `inventory.rules.accuracy`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from inventory.rules.accuracy import CONFIDENCE, accuracy_at_least, checks_needed


@dataclass(frozen=True)
class SamplePlan:
    """So many checks a day, for so many days, prove the target if no more than the errors planned for are found."""

    days: int
    checks_daily: int
    checks: int


@dataclass(frozen=True)
class DayChecked:
    """The records of one day: how many were drawn, found wrong, or not looked at yet; `over` once time is up."""

    drawn: int
    wrong: int
    waiting: int
    over: bool


@dataclass(frozen=True)
class Proof:
    """What the days that count have shown.

    `more_checks` without an error prove the target, none if no sample can; `accuracy_found` is the plain share.
    """

    days: int
    checked: int
    errors: int
    accuracy_at_least: float
    accuracy_found: float | None
    more_checks: int | None


def confidence_on(day: int, days: int, confidence: float = CONFIDENCE) -> float:
    """The confidence of the look at the end of one of the days, so that all together have that asked for.

    Examples
    --------
    >>> [round(confidence_on(day, 3), 4) for day in (1, 2, 3)], round(confidence_on(1, 1), 4)
    ([0.9875, 0.9875, 0.975], 0.95)
    """
    doubt = 1 - confidence
    if days == 1:
        return confidence
    return 1 - (doubt / 2 if day == days else doubt / 2 / (days - 1))


def plan_sample(
    target: Fraction, days: int, *, population: int, errors: int = 0, confidence: float = CONFIDENCE
) -> SamplePlan | None:
    """The daily sample that proves an accuracy on the last of some days.

    Parameters
    ----------
    population
        Records of the site.
    errors
        How many wrong ones the sample may hold and still prove it.

    Returns
    -------
    SamplePlan | None
        None if no sample can.

    Raises
    ------
    ValueError
        If the figures do not go together.

    Examples
    --------
    >>> plan_sample(Fraction("0.9999"), 1, population=100_000)
    SamplePlan(days=1, checks_daily=23840, checks=23840)
    >>> plan_sample(Fraction("0.9999"), 30, population=100_000).checks_daily
    1230
    """
    if days < 1:
        raise ValueError(f"a sample takes a day at least, not {days}")
    level = confidence_on(days, days, confidence)
    checks = checks_needed(target, errors=errors, population=population if days == 1 else None, confidence=level)
    if checks is None:
        return None
    daily = math.ceil(checks / days)
    if daily > population:
        return None
    return SamplePlan(days, daily, daily * days)


def draw_records(num_records: int, num_drawn: int, *, seed: int, day: int) -> list[int]:
    """Which of a day's records are drawn, as sorted indices; all of them if there are no more."""
    dice = np.random.default_rng([seed, day])
    drawn: list[int] = np.sort(dice.choice(num_records, min(num_drawn, num_records), replace=False)).tolist()
    return drawn


def proof(
    each_day: Sequence[DayChecked],
    *,
    days: int,
    target: Fraction,
    population: int,
    confidence: float = CONFIDENCE,
) -> Proof:
    """What may be claimed after the days so far.

    Parameters
    ----------
    each_day
        The days drawn so far, in order.
    days, target, confidence
        As planned beforehand.
    population
        Records of the site when the first day was drawn.
    """
    counted = 0
    while counted < len(each_day) and (each_day[counted].over or not each_day[counted].waiting):
        counted += 1
    checked = sum(day.drawn for day in each_day[:counted])
    errors = sum(day.wrong + day.waiting for day in each_day[:counted])
    records = population if days == 1 else None
    level = confidence_on(max(counted, 1), days, confidence)
    needed = checks_needed(target, errors=errors, population=records, confidence=confidence_on(days, days, confidence))
    return Proof(
        days=counted,
        checked=checked,
        errors=errors,
        accuracy_at_least=accuracy_at_least(checked, errors, population=records, confidence=level),
        accuracy_found=1 - errors / checked if checked else None,
        more_checks=None if needed is None else max(needed - checked, 0),
    )


def in_words(told: Proof, target: Fraction, confidence: float = CONFIDENCE) -> str:
    """The proof as one sentence.

    Examples
    --------
    >>> in_words(Proof(3, 17_600, 2, 0.9997, 0.9999, 12_400), Fraction("0.9999"))
    'At least 99.97 % with 95 % confidence; 12,400 more checks without an error prove 99.99 %.'
    """
    aim = f"{float(target) * 100:.6g} %"
    claim = f"At least {math.floor(told.accuracy_at_least * 1e6) / 1e4:.6g} % with {confidence * 100:.6g} % confidence"
    if told.more_checks is None:
        return f"{claim}; no sample of this site can prove {aim}."
    if told.accuracy_at_least >= target:
        return f"{claim}: {aim} is proven."
    return f"{claim}; {told.more_checks:,} more checks without an error prove {aim}."

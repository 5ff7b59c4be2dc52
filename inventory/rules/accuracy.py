"""How right the records are, proven by a random sample.

Problem
    A record (a bin, a product and a lot) is right if exactly as many units lie there as it says. Of a
    random sample of records some were wrong: what share of all records is right at least, with a given
    confidence?
Method
    Looked at once, at a size fixed beforehand: the exact one-sided bound. In a site of M records that is
    the largest number D of wrong ones under which so few errors in the sample are not yet too unlikely
    (hypergeometric); in a site without end it is Clopper and Pearson's (1934). Where the share of wrong
    records differs from day to day, the latter bounds its mean over the checks: so few errors are never
    likelier than under equal shares (Hoeffding 1956, as long as the mean is at least (errors + 1) / checks,
    which it is at the bound).
    Looked at as often as one likes: the prior-posterior ratio of Waudby-Smith and Ramdas (2020) is a
    martingale, so the share of wrong records at which it stays below 1 / (1 - confidence) holds at all
    times at once. The prior is a beta distribution whose mean is the share that is to be proven; it
    decides how soon the bound gets tight, never whether it holds.
Complexity
    O(errors * log(records)).
Source
    Clopper, C. and Pearson, E. S. (1934). Biometrika 26(4). Hoeffding, W. (1956). On the distribution of
    the number of successes in independent trials. Annals of Mathematical Statistics 27(3), theorem 4.
    Waudby-Smith, I. and Ramdas, A. (2020). Confidence sequences for sampling without replacement.
    NeurIPS 33, section 2.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scipy.special import betaincc, betaln, logsumexp

CONFIDENCE = 0.95
"""One-sided: one proof in twenty may be too kind, at most."""

CHECKS_MAX = 10**12
"""More checks than this prove nothing in anybody's time."""

BISECTIONS = 200
"""Halvings of an interval of shares: more than a float can tell apart."""


def accuracy_at_least(
    checked: int, errors: int, *, population: int | None = None, confidence: float = CONFIDENCE
) -> float:
    """The share of records that is right at least, after a random sample of a size fixed beforehand.

    Parameters
    ----------
    checked, errors
        Records in the sample, and how many of them were wrong (corrected ones too).
    population
        Records of the site, of which the sample was drawn without replacement; None for a site without
        end, and for a sample drawn day by day.
    confidence
        With which the share holds.

    Returns
    -------
    float
        From 0 to 1; 0 after no checks.

    Raises
    ------
    ValueError
        If the figures do not go together.

    Examples
    --------
    >>> round(accuracy_at_least(29_956, 0), 8)
    0.9999
    >>> accuracy_at_least(12_632, 0, population=20_000)
    0.9999
    """
    _check(checked, errors, population, confidence)
    if population is not None:
        return 1 - _most_wrong(population, lambda wrong: _tail(checked, errors, wrong, population), confidence, errors)
    if checked == errors:
        return 0.0
    return 1 - _highest_share(
        lambda share: _tail_without_end(checked, errors, share) > 1 - confidence, errors / checked
    )


def accuracy_at_least_always(
    checked: int, errors: int, *, target: Fraction, population: int | None = None, confidence: float = CONFIDENCE
) -> float:
    """The share of records that is right at least, however often one has looked before.

    Parameters
    ----------
    checked, errors, population, confidence
        As for `accuracy_at_least`.
    target
        The accuracy that is to be proven, chosen beforehand: it says where the bound is tightest.

    Raises
    ------
    ValueError
        If the figures do not go together, or the target is not between 0 and 1.
    """
    _check(checked, errors, population, confidence)
    prior_right = _prior(target)
    level = float(np.log1p(-confidence) + betaln(1 + errors, prior_right + checked - errors) - betaln(1, prior_right))
    if population is not None:

        def likely(wrong: int) -> float:
            return float(np.exp(_log_sequence(checked, errors, wrong, population) - level)) * (1 - confidence)

        likeliest = errors if not checked else (population + 1) * errors // checked
        return 1 - _most_wrong(population, likely, confidence, min(max(errors, likeliest), population))
    if checked == errors:
        return 0.0
    return 1 - _highest_share(
        lambda share: errors * np.log(share) + (checked - errors) * np.log1p(-share) > level, errors / checked
    )


def checks_needed(
    target: Fraction, *, errors: int = 0, population: int | None = None, confidence: float = CONFIDENCE
) -> int | None:
    """How large a random sample has to be to prove an accuracy if it holds `errors` wrong records.

    Returns
    -------
    int | None
        None if no sample of the site proves it: more records are wrong than the target allows.

    Raises
    ------
    ValueError
        If the target is not between 0 and 1, or the figures do not go together.

    Examples
    --------
    >>> checks_needed(Fraction("0.9999"))
    29956
    >>> [checks_needed(Fraction("0.9999"), population=records) for records in (20_000, 100_000)]
    [12632, 23840]
    """
    _prior(target)
    _check(errors, errors, population, confidence)
    if population is None:
        share = float(1 - target)
        return _fewest(lambda checked: _tail_without_end(checked, errors, share) <= 1 - confidence, errors, CHECKS_MAX)
    allowed = int((1 - target) * population)
    if errors > allowed:
        return None
    return _fewest(
        lambda checked: _tail(checked, errors, allowed + 1, population) <= 1 - confidence, errors, population
    )


def _check(checked: int, errors: int, population: int | None, confidence: float) -> None:
    if not 0 <= errors <= checked:
        raise ValueError(f"{errors} errors in {checked} checks")
    if population is not None and not checked <= population:
        raise ValueError(f"{checked} checks of {population} records: a sample holds a record once")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} does not lie between 0 and 1")


def _prior(target: Fraction) -> float:
    """The second parameter of the beta distribution (1, b) whose mean is the share of errors allowed."""
    if not 0 < target < 1:
        raise ValueError(f"target {float(target)} does not lie between 0 and 1")
    return float(target / (1 - target))


def _log_choose(of: int, some: int) -> float:
    """The logarithm of the number of ways to choose `some` out of `of`."""
    return float(-np.log1p(of) - betaln(of - some + 1, some + 1))


def _tail(checked: int, errors: int, wrong: int, population: int) -> float:
    """How likely at most `errors` errors are in a sample of a site with `wrong` wrong records."""
    first = max(0, checked - (population - wrong))
    last = min(errors, wrong)
    if last < first:
        return 0.0
    ways = [
        _log_choose(wrong, found) + _log_choose(population - wrong, checked - found) for found in range(first, last + 1)
    ]
    return float(np.exp(logsumexp(ways) - _log_choose(population, checked)))


def _tail_without_end(checked: int, errors: int, share: float) -> float:
    """How likely at most `errors` errors are in `checked` checks where this share of records is wrong."""
    return 1.0 if checked == errors else float(betaincc(errors + 1, checked - errors, share))


def _log_sequence(checked: int, errors: int, wrong: int, population: int) -> float:
    """How likely the errors found are, in the order they came, in a site with `wrong` wrong records."""
    if wrong < errors or population - wrong < checked - errors:
        return -np.inf
    ways = _log_choose(wrong, errors) + _log_choose(population - wrong, checked - errors)
    return ways - _log_choose(population, checked) - _log_choose(checked, errors)


def _most_wrong(population: int, likely: Callable[[int], float], confidence: float, likely_one: int) -> float:
    """The largest share of wrong records that is likely enough; `likely` falls from `likely_one` on."""
    low, high = likely_one, population
    while low < high:
        middle = (low + high + 1) // 2
        if likely(middle) > 1 - confidence:
            low = middle
        else:
            high = middle - 1
    return low / population


def _highest_share(likely: Callable[[float], bool], share_found: float) -> float:
    """The highest share of wrong records that is likely enough; `likely` ends once, above the share found."""
    low, high = share_found, 1 - np.finfo(float).epsneg
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if likely(middle):
            low = middle
        else:
            high = middle
    return float(high)


def _fewest(proves: Callable[[int], bool], least: int, most: int) -> int | None:
    """The smallest number of checks that proves; None if `most` do not."""
    if not proves(most):
        return None
    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        if proves(middle):
            high = middle
        else:
            low = middle + 1
    return low

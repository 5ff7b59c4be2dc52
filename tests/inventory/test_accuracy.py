"""The bounds are held against exact sums over everything that a sample can show."""

from fractions import Fraction
from functools import cache
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.rules.accuracy import accuracy_at_least, accuracy_at_least_always, checks_needed

FOUR_NINES = Fraction("0.9999")


def chance(found: int, checked: int, wrong: int, population: int) -> Fraction:
    """How likely a sample of `checked` records holds `found` of the `wrong` ones."""
    return Fraction(comb(wrong, found) * comb(population - wrong, checked - found), comb(population, checked))


@pytest.mark.parametrize(
    ("population", "errors", "checks"),
    [(None, 0, 29_956), (None, 1, 47_437), (None, 2, 62_956), (20_000, 0, 12_632), (100_000, 0, 23_840)],
)
def test_known_numbers_of_checks_prove_four_nines(population: int | None, errors: int, checks: int) -> None:
    assert checks_needed(FOUR_NINES, errors=errors, population=population) == checks
    assert accuracy_at_least(checks, errors, population=population) >= float(FOUR_NINES)
    assert accuracy_at_least(checks - 1, errors, population=population) < float(FOUR_NINES)


def test_more_errors_than_the_target_allows_are_never_proven_away() -> None:
    assert checks_needed(FOUR_NINES, errors=3, population=20_000) is None
    one_too_many = [n for n in range(19_600, 20_001) if 1 - Fraction(comb(n, 3), comb(20_000, 3)) <= Fraction("0.05")]
    assert checks_needed(FOUR_NINES, errors=2, population=20_000) == one_too_many[0]


def test_a_site_that_was_checked_whole_is_as_right_as_it_was_found() -> None:
    assert accuracy_at_least(500, 7, population=500) == 1 - 7 / 500
    assert accuracy_at_least_always(500, 7, target=FOUR_NINES, population=500) == 1 - 7 / 500


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("checked", [1, 7, 20, 39])
def test_the_bound_of_a_site_holds_as_often_as_it_says(checked: int, confidence: float) -> None:
    population = 40
    bound = [
        accuracy_at_least(checked, found, population=population, confidence=confidence)
        for found in range(41)[: checked + 1]
    ]
    for wrong in range(population + 1):
        too_kind = sum(
            chance(found, checked, wrong, population)
            for found in range(min(wrong, checked) + 1)
            if checked - found <= population - wrong and bound[found] > 1 - wrong / population + 1e-12
        )
        assert too_kind <= 1 - confidence + 1e-12


@pytest.mark.parametrize("wrong", [0, 1, 2, 5, 12, 30])
def test_the_bound_that_is_always_looked_at_is_too_kind_seldom_enough_over_all_looks(wrong: int) -> None:
    population, confidence = 60, 0.9

    @cache
    def too_kind(checked: int, found: int) -> bool:
        bound = accuracy_at_least_always(
            checked, found, target=Fraction("0.95"), population=population, confidence=confidence
        )
        return bound > 1 - wrong / population + 1e-12

    still_fine = {0: 1.0}  # how likely so many were found, and no look so far was too kind
    for checked in range(population):
        then: dict[int, float] = {}
        for found, likely in still_fine.items():
            to_find = (wrong - found) / (population - checked)
            for more, chance_of_it in ((1, to_find), (0, 1 - to_find)):
                if chance_of_it > 0 and not too_kind(checked + 1, found + more):
                    then[found + more] = then.get(found + more, 0.0) + likely * chance_of_it
        still_fine = then
    assert 1 - sum(still_fine.values()) <= 1 - confidence + 1e-9


@pytest.mark.untraced  # other, quicker tests run the same lines
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5_000), st.data())
def test_more_checks_help_more_errors_hurt_and_a_smaller_site_is_proven_sooner(
    checked: int, data: st.DataObject
) -> None:
    errors = data.draw(st.integers(0, checked - 1))
    population = data.draw(st.integers(checked + 1, 100_000))
    here = accuracy_at_least(checked, errors)
    assert accuracy_at_least(checked + 1, errors) >= here
    assert accuracy_at_least(checked, errors + 1) <= here
    assert accuracy_at_least(checked, errors, population=population) >= here - 1e-9
    assert accuracy_at_least_always(checked, errors, target=FOUR_NINES) <= here + 1e-9


def test_figures_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="3 errors in 2 checks"):
        accuracy_at_least(2, 3)
    with pytest.raises(ValueError, match="holds a record once"):
        accuracy_at_least(11, 0, population=10)
    with pytest.raises(ValueError, match="confidence"):
        accuracy_at_least(10, 0, confidence=1.0)
    with pytest.raises(ValueError, match="target"):
        checks_needed(Fraction(1))

"""Ways of counting on a site whose errors are known."""

from fractions import Fraction

import numpy as np
import pytest

from inventory.rules.counting import CountPolicy
from sim.counting_programme import TARGET, Programme, daily_sample, play, watch_sample
from sim.record_errors import RIGHT, Cause, ErrorRates, RecordedSite, Records

FAULTLESS = ErrorRates(mispick=0, misstow=0, miscount=0, thefts_daily=0)
DAILY = CountPolicy(days_a=1, days_b=1, days_c=1, days_max=1)
EVERYTHING = Programme("everything daily", DAILY, at_picks=True, cycles=True)
NOTHING = Programme("short picks only", DAILY, at_picks=False, cycles=False)


def small(rates: ErrorRates) -> RecordedSite:
    return RecordedSite(num_records=2_000, lines_daily=200, units_mean=20, rates=rates)


def test_what_is_wrong_is_known_with_its_day_and_its_cause_and_nothing_else_is() -> None:
    rates = ErrorRates(mispick=0.02, misstow=0.05, miscount=0.05, thefts_daily=5)
    records = Records(small(rates), 0.95, seed=2)
    assert records.accuracy == 0.95
    for _ in range(30):
        short, picked = records.live_a_day()
        records.count(np.union1d(short, picked[:20]), visits_max=3)
        records.replace_emptied()
        wrong = records.off != 0
        assert ((records.since != RIGHT) == wrong).all()
        assert (records.since <= records.day).all()
        assert records.wrong_by_cause().sum() == wrong.sum()
        assert (records.books > 0).all()
        assert (records.books + records.off >= 0).all()
    assert all(records.born[cause] > 0 for cause in (Cause.MISPICK, Cause.MISSTOW, Cause.THEFT))


def test_people_who_never_err_put_everything_right_by_counting_it_once() -> None:
    records = Records(small(FAULTLESS), 0.9, seed=3)
    made = records.count(np.arange(2_000), visits_max=3)
    assert (len(made.records), made.visits) == (200, 2_200)
    assert records.accuracy == 1.0


def test_without_new_errors_a_site_that_is_counted_daily_stays_right() -> None:
    course = play(small(FAULTLESS), EVERYTHING, accuracy=0.98, days=121, target=TARGET, seed=1)
    assert course.accuracy[0] == 0.98
    assert set(course.accuracy[1:]) == {1.0}
    assert course.factor_all == 1.0


def test_rates_fallen_as_far_as_told_hold_the_target() -> None:
    target = Fraction("0.98")
    rates = ErrorRates(mispick=0.02, misstow=0.0, miscount=0.0, thefts_daily=4.0)
    often = Programme("every 20 days", CountPolicy(20, 20, 20, 20), at_picks=False, cycles=True)
    now = play(small(rates), often, accuracy=1.0, days=240, target=target, seed=1)
    assert np.mean(now.accuracy[-120:]) < target
    fallen = ErrorRates(rates.mispick * now.factor_all, 0.0, 0.0, rates.thefts_daily * now.factor_all)
    then = play(small(fallen), often, accuracy=1.0, days=240, target=target, seed=1)
    assert np.mean(then.accuracy[-120:]) == pytest.approx(float(target), abs=0.004)


def test_wrong_records_are_those_born_daily_times_the_days_they_stay_wrong() -> None:
    rates = ErrorRates(mispick=0.0, misstow=0.0, miscount=0.0, thefts_daily=3.0)
    often = Programme("every 20 days", CountPolicy(20, 20, 20, 20), at_picks=False, cycles=True)
    course = play(small(rates), often, accuracy=1.0, days=400, target=TARGET, seed=1)
    theft = course.causes[Cause.THEFT]
    assert theft.wrong == pytest.approx(theft.born_daily * 10, rel=0.25)  # found after ten days on the mean


def test_the_daily_claims_of_a_sample_are_true_of_a_site_that_changes() -> None:
    site = RecordedSite(num_records=5_000, lines_daily=500)
    plan = daily_sample(site, days=30, errors=0)
    watched = [watch_sample(site, NOTHING, plan, accuracy=0.99, seed=seed) for seed in range(8)]
    assert all(each.held for each in watched)
    assert all(0.97 < each.claimed < each.true for each in watched)
    assert all(each.errors > 0 for each in watched)


def test_too_few_days_and_impossible_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="120 days leave none"):
        play(small(FAULTLESS), NOTHING, accuracy=1.0, days=120, target=TARGET, seed=1)
    with pytest.raises(ValueError, match="no sample of 2000 records"):
        daily_sample(small(FAULTLESS), days=1, errors=3)

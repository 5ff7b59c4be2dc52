import functools
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest

from inventory.rules.accuracy import accuracy_at_least
from inventory.rules.auditing import DayChecked, confidence_on, in_words, plan_sample, proof
from inventory.rules.counting import AbcClass, CountPolicy, CountTrigger
from inventory.tables.counts import CountState
from inventory.work.audit_views import SampledRecords, SampleView, accuracy_view
from inventory.work.auditing import DrawSample, FixSample, draw_sample, fix_sample
from inventory.work.count_assigning import GiveBackCount, TakeCount, give_back_count, take_count
from inventory.work.count_planning import PlanCounts, plan_counts
from inventory.work.count_rules import SetCountPolicy, set_count_policy
from inventory.work.count_views import list_counts
from inventory.work.picking import ReportShort, ShortReason, record_short
from tests.inventory.counted_bin import bin_with, contents, counted, request
from tests.inventory.picked_run import taken
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

GOODS = Goods((("P0", 40, None), ("P1", 40, None)), num_bins=4)
"""Eight records, each in a bin of its own."""

DAY_MS = 86_400_000
HALF = Fraction(1, 2)


def fixed(database: Database, clock: FixedClock, *, days: int = 1, target: str = "0.5") -> int:
    command = FixSample(SITE, target, days, "mara")
    return database.run(fix_sample, command, clock=clock).checks_daily


def drawn_bins(database: Database) -> list[str]:
    with database.read() as session:
        return [each.bin_code for each in list_counts(session, SITE, state=CountState.DUE)]


def next_bin(database: Database, clock: FixedClock, counter: str) -> str:
    """The bin that a counter would be sent to."""
    count_id = database.run(take_count, TakeCount(SITE, counter), clock=clock).count_id
    assert count_id is not None
    with database.read() as session:
        code = next(each.bin_code for each in list_counts(session, SITE) if each.count_id == count_id)
    database.run(give_back_count, GiveBackCount(count_id, counter), clock=clock)
    return code


def count_all(database: Database, clock: FixedClock, off: Mapping[str, int]) -> None:
    """Two people count whatever is due, and find bins off by so many units of their first product."""
    for counter in ("ann", "bob"):
        while database.run(take_count, TakeCount(SITE, counter), clock=clock).count_id is not None:
            with database.read() as session:
                code = next(each.bin_code for each in list_counts(session, SITE) if each.state is CountState.COUNTING)
            seen = contents(database, code)
            for first in sorted(seen)[:1]:
                seen[first] += off.get(code, 0)
            counted(database, clock, code, counter, seen)


def sample(database: Database, clock: FixedClock) -> SampleView:
    with database.read() as session:
        view = accuracy_view(session, SITE, clock)
    assert view.sample is not None
    return view.sample


def test_a_sample_is_fixed_drawn_counted_and_proves_its_target(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, GOODS)
    with pytest.raises(NotFound):
        database.run(draw_sample, DrawSample(SITE), clock=clock)
    assert fixed(database, clock) == 3
    drawn = database.run(draw_sample, DrawSample(SITE), clock=clock)
    assert (drawn.num_records, drawn.population, drawn.is_new) == (3, 8, True)
    assert not database.run(draw_sample, DrawSample(SITE), clock=clock).is_new
    before = sample(database, clock)
    assert (before.waiting, before.proof.checked, before.proof.accuracy_at_least) == (3, 0, 0.0)
    count_all(database, clock, {})
    after = sample(database, clock)
    assert (after.waiting, after.proof.checked, after.proof.errors) == (0, 3, 0)
    assert after.proof.accuracy_at_least == accuracy_at_least(3, 0, population=8) >= 0.5
    assert after.sentence.endswith("50 % is proven.")


def test_an_error_that_is_found_and_put_right_counts_as_an_error(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, GOODS)
    fixed(database, clock)
    database.run(draw_sample, DrawSample(SITE), clock=clock)
    wrong = drawn_bins(database)[0]
    count_all(database, clock, {wrong: -1})
    told = sample(database, clock)
    assert (told.proof.checked, told.proof.errors) == (3, 1)
    assert (told.checked, told.right) == (3, 2)
    assert told.by_class == (SampledRecords(AbcClass.C, checked=3, right=2, within_tolerance=2),)
    assert told.proof.accuracy_at_least == accuracy_at_least(3, 1, population=8)


def test_the_tolerance_of_its_class_is_told_beside_the_accuracy_of_the_sample(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, GOODS)
    fixed(sqlite_database, clock)
    sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    count_all(sqlite_database, clock, {drawn_bins(sqlite_database)[0]: -1})
    lenient = SetCountPolicy(SITE, CountPolicy(tolerance_c_permille=500), "mara")
    sqlite_database.run(set_count_policy, lenient, clock=clock)
    assert sample(sqlite_database, clock).by_class == (SampledRecords(AbcClass.C, 3, 2, 3),)


def test_a_record_that_a_short_pick_corrected_before_its_check_counts_as_wrong(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, Goods((("P0", 40, None),), num_bins=3))
    fixed(sqlite_database, clock)
    sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    released(sqlite_database, clock, order("O", ("P0", 40)))
    run = taken(sqlite_database, clock)
    assert run.current is not None
    with sqlite_database.read() as session:
        due = {each.bin_code for each in list_counts(session, SITE)}
    short = ReportShort(run.run_id, run.current.step_id, "ann", run.current.bin_code, ShortReason.MISSING)
    sqlite_database.run(record_short, short, clock=clock)
    count_all(sqlite_database, clock, {})
    told = sample(sqlite_database, clock)
    assert told.proof.errors == (1 if run.current.bin_code in due else 0)


def test_what_is_not_checked_in_time_counts_as_wrong(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, GOODS)
    fixed(sqlite_database, clock)
    sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    clock.advance(3 * DAY_MS)
    told = sample(sqlite_database, clock)
    assert (told.proof.checked, told.proof.errors, told.waiting) == (3, 3, 0)
    assert [(each.checked, each.right, each.within_tolerance) for each in told.by_class] == [(3, 0, 0)]
    assert told.proof.accuracy_found == 0


def test_one_part_is_drawn_a_day_and_the_sample_ends_with_its_days(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, GOODS)
    assert fixed(sqlite_database, clock, days=2) == 3
    with pytest.raises(WrongState, match="not over"):
        fixed(sqlite_database, clock)
    first = sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    clock.advance(DAY_MS)
    second = sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    assert (first.day, second.day) == (1, 2)
    clock.advance(DAY_MS)
    with pytest.raises(WrongState, match="over"):
        sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)


def test_planning_makes_the_bins_due_of_records_drawn_while_they_were_counted(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, GOODS)
    fixed(sqlite_database, clock)
    sqlite_database.run(draw_sample, DrawSample(SITE), clock=clock)
    due = drawn_bins(sqlite_database)
    planned = sqlite_database.run(plan_counts, PlanCounts(SITE), clock=clock)
    assert CountTrigger.AUDIT not in planned.added
    assert set(due) <= set(drawn_bins(sqlite_database))
    assert next_bin(sqlite_database, clock, "ann") in drawn_bins(sqlite_database)


def test_triggered_counts_are_told_apart_and_prove_nothing(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, GOODS)
    home, other = bin_with(sqlite_database, "P0"), bin_with(sqlite_database, "P1")
    request(sqlite_database, clock, home, other)
    count_all(sqlite_database, clock, {home: -3})
    with sqlite_database.read() as session:
        view = accuracy_view(session, SITE, clock)
    assert view.sample is None
    (found,) = view.triggered
    assert (found.trigger, found.abc, found.checked, found.right) == (CountTrigger.REQUEST, AbcClass.C, 2, 1)


def test_a_site_too_small_for_a_proof_is_told_so(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, GOODS)
    with pytest.raises(WrongState, match="cannot prove"):
        fixed(sqlite_database, clock, days=2, target="0.9999")


@pytest.mark.parametrize("days", [1, 2, 30])
def test_the_doubts_of_all_days_add_up_to_that_asked_for(days: int) -> None:
    doubt = sum(1 - confidence_on(day, days, 0.95) for day in range(1, days + 1))
    assert doubt == pytest.approx(0.05)


def test_a_day_counts_only_after_the_days_before_it() -> None:
    done, open_day = DayChecked(10, 1, 0, False), DayChecked(10, 0, 1, False)
    told = proof([done, open_day, done], days=3, target=HALF, population=100)
    assert (told.days, told.checked, told.errors) == (1, 10, 1)
    late = proof([done, DayChecked(10, 0, 1, True), done], days=3, target=HALF, population=100)
    assert (late.days, late.checked, late.errors) == (3, 30, 3)


def test_what_is_planned_proves_the_target_and_the_sentence_says_how_much_is_missing() -> None:
    target = Fraction("0.9999")
    plan = plan_sample(target, 30, population=100_000, errors=1)
    assert plan is not None
    right = DayChecked(plan.checks_daily, 0, 0, False)
    told = proof(
        [right] * 29 + [DayChecked(plan.checks_daily, 1, 0, False)], days=30, target=target, population=100_000
    )
    assert told.accuracy_at_least >= target
    assert told.more_checks == 0
    early = proof([right] * 10, days=30, target=target, population=100_000)
    sentence = in_words(early, target)
    assert sentence.startswith("At least 99.9")
    assert sentence.endswith("more checks without an error prove 99.99 %.")


@pytest.mark.parametrize("accuracy", [(0.98,) * 10, (0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.99, 0.99, 0.99)])
def test_the_bound_looked_at_daily_holds_whatever_the_accuracy_does(accuracy: tuple[float, ...]) -> None:
    dice, days, daily, held = np.random.default_rng(3), len(accuracy), 60, 0
    bound = functools.cache(accuracy_at_least)
    mean = np.cumsum(accuracy) / np.arange(1, days + 1)
    for _ in range(300):
        errors = np.cumsum(dice.binomial(daily, 1 - np.array(accuracy)))
        held += all(
            bound(daily * day, int(errors[day - 1]), confidence=confidence_on(day, days)) <= mean[day - 1]
            for day in range(1, days + 1)
        )
    assert held >= 0.95 * 300

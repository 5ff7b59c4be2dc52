"""Pickers say whether a pick has emptied its bin, and what the books say otherwise is counted next."""

import pytest
from sqlmodel import Session

from inventory.rules.counting import CountTrigger
from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import PickRunRow
from inventory.work.count_planning import PlanCounts, plan_counts
from inventory.work.count_views import CountView, list_counts
from inventory.work.empty_checking import (
    AnswerEmpty,
    EmptyAnswered,
    EmptyQuestion,
    answer_empty,
    empty_checks,
    empty_question,
)
from inventory.work.looking import RunView
from inventory.work.statuses import ChangeStatus, change_status
from tests.inventory.picked_run import confirm, taken
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState


def question(database: Database, run: RunView) -> EmptyQuestion | None:
    with database.read() as session:
        return empty_question(session, found(session, run.run_id))


def found(session: Session, run_id: int) -> PickRunRow:
    run = session.get(PickRunRow, run_id)
    assert run is not None
    return run


def counts(database: Database) -> list[CountView]:
    with database.read() as session:
        return [each for each in list_counts(session, SITE) if each.trigger is not CountTrigger.AGE]


def picked(database: Database, clock: FixedClock, held: int, wanted: int, **to: str) -> tuple[RunView, str]:
    """A run whose one step takes `wanted` of the `held` units in a bin, picked; and that bin."""
    stocked(database, clock, Goods((("P1", held, None), ("P2", 9, None)), num_bins=1))
    released(database, clock, order("A", ("P1", wanted)))
    run = taken(database, clock)
    assert run.current is not None
    if to:
        hold = ChangeStatus(SITE, run.current.bin_code, "P1", StockStatus.HOLD, "quality-check", "mara", quantity=1)
        change_status(database, hold, clock)
    return confirm(database, clock, run), run.current.bin_code


def answered(database: Database, clock: FixedClock, run: RunView, step: int, *, is_empty: bool) -> EmptyAnswered:
    return database.run(answer_empty, AnswerEmpty(run.run_id, step, "ann", is_empty, client_id="seen-1"), clock=clock)


def test_a_bin_seen_empty_as_the_books_say_is_not_counted_again(database: Database, clock: FixedClock) -> None:
    run, code = picked(database, clock, 5, 5)
    asked = question(database, run)
    assert asked is not None
    assert (asked.bin_code, asked.product) == (code, "P1")
    first = answered(database, clock, run, asked.step, is_empty=True)
    assert answered(database, clock, run, asked.step, is_empty=True) == first == EmptyAnswered(asked.step, True, False)
    assert question(database, run) is None
    database.run(plan_counts, PlanCounts(SITE), clock=clock)
    assert counts(database) == []
    with database.read() as session:
        (check,) = empty_checks(session, SITE)
    assert (check.bin_code, check.product, check.units, check.agrees) == (code, "P1", 0, True)


@pytest.mark.parametrize(
    ("held", "is_empty", "trigger"),
    [(5, False, CountTrigger.EXCEPTION), (6, True, CountTrigger.EXCEPTION), (6, False, CountTrigger.LOW)],
)
def test_anything_else_makes_the_bin_due_at_once(
    sqlite_database: Database, clock: FixedClock, held: int, is_empty: bool, trigger: CountTrigger
) -> None:
    run, code = picked(sqlite_database, clock, held, 5)
    asked = question(sqlite_database, run)
    assert asked is not None
    answer = answered(sqlite_database, clock, run, asked.step, is_empty=is_empty)
    assert (answer.agrees, answer.count_due) == (trigger is CountTrigger.LOW, True)
    assert [(each.bin_code, each.trigger) for each in counts(sqlite_database)] == [(code, trigger)]


def test_nothing_is_asked_where_much_is_left_nor_taken_from_others(
    sqlite_database: Database, clock: FixedClock
) -> None:
    run, _ = picked(sqlite_database, clock, 8, 5)
    assert question(sqlite_database, run) is None
    step = run.run_id, 1
    for wrong, error in (
        (AnswerEmpty(99, 1, "ann", True), NotFound),
        (AnswerEmpty(run.run_id, 99, "ann", True), NotFound),
        (AnswerEmpty(*step, "bob", True), WrongState),
    ):
        with pytest.raises(error):
            sqlite_database.run(answer_empty, wrong, clock=clock)


def test_units_on_hold_in_the_bin_are_left_there(sqlite_database: Database, clock: FixedClock) -> None:
    run, _ = picked(sqlite_database, clock, 6, 5, hold="one")
    asked = question(sqlite_database, run)
    assert asked is not None
    assert answered(sqlite_database, clock, run, asked.step, is_empty=False).agrees
    with sqlite_database.read() as session:
        assert [each.units for each in empty_checks(session, SITE)] == [1]


def test_who_does_not_answer_walks_on_and_the_bin_is_counted_as_the_rules_have_it(
    sqlite_database: Database, clock: FixedClock
) -> None:
    _, code = picked(sqlite_database, clock, 5, 5)
    sqlite_database.run(plan_counts, PlanCounts(SITE), clock=clock)
    assert [(each.bin_code, each.trigger) for each in counts(sqlite_database)] == [(code, CountTrigger.ZERO)]

"""Pure rules at the dock: what a scan comes to, who is next, and how long goods took."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.rules.dock_queue import Waiting, in_turn
from inventory.rules.dock_times import CameIn, LeftDock, Spell, by_source, percentile, spells
from inventory.rules.receiving import Decision, Expected, LotSaid, Question, Taken, lot_said, missing, take

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

DAY = date(2027, 1, 31)
LOTS = st.sampled_from(["", "A", "B"])
LINES = st.lists(st.builds(lambda q, r, lot: (q, r, lot), st.integers(1, 9), st.integers(0, 12), LOTS), max_size=4)


@given(st.integers(1, 30), LOTS, LINES, st.sampled_from(Decision))
def test_units_go_on_lines_with_room_and_whatever_is_beyond_them_is_decided(
    quantity: int, lot: str, some: list[tuple[int, int, str]], decision: Decision
) -> None:
    lines = [Expected(number, *each) for number, each in enumerate(some)]
    room = sum(each.open for each in lines)
    taken = take(quantity, lot, lines, decision)
    if quantity > room and decision is Decision.NONE:
        assert taken is (Question.OVER if lines else Question.UNEXPECTED)
        return
    assert isinstance(taken, Taken)
    expected = min(quantity, room) if decision is Decision.REFUSE else quantity
    assert sum(units for _, units in taken.shares) == expected
    for line in lines:
        own = [units for number, units in taken.shares if number == line.line]
        assert sum(own) <= line.open or quantity > room


def test_the_line_of_the_lot_fills_first_then_one_without_lot() -> None:
    lines = [Expected(1, 5, 0, "A"), Expected(2, 5, 0), Expected(3, 5, 0, "B")]
    assert take(8, "B", lines, Decision.NONE) == Taken(((3, 5), (2, 3)))


def test_what_is_said_of_a_lot_is_completed_or_asked_for() -> None:
    lines = [Expected(1, 5, 0, "A", DAY), Expected(2, 5, 0, "B")]
    assert lot_said(LotSaid("A"), lines, None) == LotSaid("A", DAY)
    assert lot_said(LotSaid("C"), lines, LotSaid("C", DAY)) == LotSaid("C", DAY)
    assert lot_said(LotSaid(), lines, None) == LotSaid()
    assert missing(LotSaid(), lines, expires=False, known=False) is Question.LOT
    assert missing(LotSaid("C"), [], expires=True, known=False) is Question.EXPIRY
    assert missing(LotSaid("C"), [], expires=True, known=True) is None


@given(st.lists(st.tuples(st.integers(0, 50), st.none() | st.integers(0, 50)), max_size=8))
def test_nobody_gains_a_turn_by_coming_earlier_than_he_need(trucks: list[tuple[int, int | None]]) -> None:
    waiting = [Waiting(number, arrived, slot) for number, (arrived, slot) in enumerate(trucks)]
    order = in_turn(waiting)
    assert sorted(each.number for each in order) == list(range(len(trucks)))
    on_time = [each for each in waiting if each.slot_from_ms is not None and each.arrived_ms < each.slot_from_ms]
    for early in on_time:
        assert early.slot_from_ms is not None
        just_in_time = Waiting(early.number, early.slot_from_ms, early.slot_from_ms)
        others = [each for each in waiting if each.number != early.number]
        places = [
            [each.number for each in in_turn([*others, one])].index(early.number) for one in (early, just_in_time)
        ]
        assert places[0] == places[1]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), max_size=6),
    st.lists(st.tuples(st.integers(10, 20), st.integers(1, 9)), max_size=6),
)
def test_every_unit_has_one_time_and_those_that_are_still_there_wait(
    came: list[tuple[int, int]], left: list[tuple[int, int]]
) -> None:
    arrivals = [CameIn("A", at, at, units) for at, units in sorted(came)]
    times = spells(arrivals, [LeftDock(at, units) for at, units in sorted(left)], now_ms=30)
    total, gone = sum(units for _, units in came), sum(units for _, units in left)
    assert sum(each.quantity for each in times) == total
    assert sum(each.quantity for each in times if each.done) == min(total, gone)
    assert all(each.duration_ms >= 1 for each in times)


def test_percentiles_are_over_units_and_no_units_have_none() -> None:
    times = [Spell("A", 10, 94, done=True), Spell("A", 20, 1, done=True), Spell("A", 30, 5, done=False)]
    (figures,) = by_source(times)
    assert (figures.median_ms, figures.p95_ms, figures.units, figures.units_waiting) == (10, 20, 100, 5)
    with pytest.raises(ValueError, match="no units"):
        percentile([], 50)

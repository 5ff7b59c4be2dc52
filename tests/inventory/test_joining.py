"""New orders join runs that wait or are walked, where the path passes their goods and the cart has room."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.tables.outbound import OrderLineRow, OrderState, PickRunRow, PickStepRow, RunState
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.joining import JoinOrder, OrderJoined, join_order
from inventory.work.looking import RunView, order_view, run_steps
from inventory.work.ordering import NewOrder, PlaceOrders, place_orders
from inventory.work.releasing import Release, release
from inventory.work.walking import FinishRun, finish_run
from tests.inventory.picked_run import books_agree, confirm, sound_plan, taken, view
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, product, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)
SIX = order("A", *((f"P{number}", 2) for number in range(6)))


def place(database: Database, clock: FixedClock, *orders: NewOrder) -> None:
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)


def join(database: Database, clock: FixedClock, number: str, *, client_id: str = "", extra_mm: int = 0) -> OrderJoined:
    return join_order(database, JoinOrder(SITE, number, extra_mm, budget_ms=30, client_id=client_id), clock)


def walk_to_the_end(database: Database, clock: FixedClock, run: RunView) -> None:
    while run.current is not None:
        run = confirm(database, clock, run)
    finished = database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    assert finished.distance_mm == run.distance_mm


def test_an_order_joins_a_waiting_run_whose_bins_it_shares_without_a_metre_more(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, MANY)
    before = released(database, clock, SIX).runs[0]
    place(database, clock, order("B", ("P1", 1), ("P4", 1)))
    joined = join(database, clock, "B")
    assert (joined.run_id, joined.num_lines, joined.reason) == (before.run_id, 2, "")
    assert joined.extra_mm <= 0
    run = taken(database, clock)
    assert run.distance_mm == before.distance_mm + joined.extra_mm
    assert run.backtrack_mm == before.backtrack_mm
    assert len(run.totes) == before.num_totes + 1
    sound_plan(database, run.run_id)
    walk_to_the_end(database, clock, run)
    books_agree(database)
    with database.read() as session:
        assert [order_view(session, SITE, number).state for number in "AB"] == [OrderState.PICKED] * 2
        owners = session.execute(
            select(col(PickStepRow.tote_place_id), col(OrderLineRow.order_id))
            .join(OrderLineRow, col(OrderLineRow.id) == col(PickStepRow.order_line_id))
            .distinct()
        ).all()
        assert max(Counter(tote for tote, _ in owners).values()) == 1


def test_an_order_joins_a_run_under_way_and_the_step_at_hand_stays(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    released(database, clock, order("A", *((f"P{number}", 2) for number in range(12))))
    before = confirm(database, clock, confirm(database, clock, taken(database, clock)))
    with database.read() as session:
        last = run_steps(session, before.run_id)[-1]
    place(database, clock, order("B", (last.product, 1)))
    joined = join(database, clock, "B")
    assert joined.run_id == before.run_id
    assert joined.extra_mm <= 0
    run = view(database, before.run_id)
    assert before.current is not None
    assert run.current is not None
    assert (run.current.step_id, run.current.bin_code) == (before.current.step_id, before.current.bin_code)
    assert (run.num_steps, run.num_steps_done) == (before.num_steps + 1, before.num_steps_done)
    assert run.distance_mm == before.distance_mm + joined.extra_mm
    assert run.backtrack_mm == before.backtrack_mm
    sound_plan(database, run.run_id)
    walk_to_the_end(database, clock, run)
    books_agree(database)


def test_an_order_that_lies_behind_the_picker_does_not_join(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 40, None), ("P2", 40, None)), num_bins=1))
    released(sqlite_database, clock, order("A", ("P1", 1), ("P2", 1)))
    run = taken(sqlite_database, clock)
    assert run.current is not None
    first = run.current.product
    confirm(sqlite_database, clock, run)
    place(sqlite_database, clock, order("B", (first, 1)))
    joined = join(sqlite_database, clock, "B")
    assert joined.run_id is None
    assert joined.reason in ("would turn back", "no run passes its goods") or joined.reason.endswith("m further")
    books_agree(sqlite_database)


def test_an_order_does_not_join_a_full_cart_nor_one_that_would_be_too_heavy(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 400, None),), num_bins=4))
    heavy = replace(product("P1"), weight_g=900)
    sqlite_database.run(save_products, SaveProducts((heavy,)), clock=clock)
    released(sqlite_database, clock, order("A", ("P1", 40)))
    small = [order(f"C{number}", ("P1", 1)) for number in range(3)]
    place(sqlite_database, clock, order("B", ("P1", 27)), order("D", ("P1", 61)), *small)
    assert join(sqlite_database, clock, "B", extra_mm=100_000).reason == "too heavy"
    assert join(sqlite_database, clock, "D", extra_mm=100_000).reason == "no totes left"
    answers = [join(sqlite_database, clock, each.number, extra_mm=100_000) for each in small]
    assert [answer.run_id is None for answer in answers] == [False, False, True]
    with sqlite_database.read() as session:
        assert session.execute(select(col(PickRunRow.num_totes))).scalar_one() == 4
    books_agree(sqlite_database)


def test_an_order_does_not_join_a_cart_with_as_many_lines_as_it_takes(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY, definition=DEFINITION.replace("totes: 4,", "totes: 4, lines: 7,"))
    (run,) = released(sqlite_database, clock, SIX).runs
    place(sqlite_database, clock, order("B", ("P1", 1), ("P2", 1)), order("C", ("P3", 1)), order("D", ("P1", 1)))
    answers = [join(sqlite_database, clock, number, extra_mm=100_000) for number in "BCD"]
    assert [answer.run_id for answer in answers] == [None, run.run_id, None]
    assert [answer.reason for answer in answers] == ["too many lines", "", "too many lines"]


def test_an_order_that_would_be_late_or_make_others_late_does_not_join(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, SIX)
    soon = NewOrder("B", order("B", ("P1", 1)).lines, due_ms=clock.now_ms() + 30_000)
    later = NewOrder("C", order("C", ("P1", 1)).lines, due_ms=clock.now_ms() + 3_600_000)
    place(sqlite_database, clock, soon, later)
    assert join(sqlite_database, clock, "B").reason == "late on this run"
    assert join(sqlite_database, clock, "C").run_id is not None


def test_two_orders_that_join_for_the_last_unit_do_not_both_get_it(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 3, None), ("P2", 9, None)), num_bins=1))
    released(database, clock, order("A", ("P1", 2), ("P2", 1)))
    place(database, clock, order("B", ("P1", 1)), order("C", ("P1", 1)))
    gate = threading.Barrier(2)

    def go(number: str) -> OrderJoined:
        gate.wait()
        return join(database, clock, number)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, "BC"))
    assert sorted(answer.run_id is None for answer in answers) == [False, True]
    assert [answer.reason for answer in answers if answer.run_id is None] == ["no run passes its goods"]
    books_agree(database)


def test_two_orders_that_join_one_run_at_once_both_do(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    released(database, clock, SIX)
    place(database, clock, order("B", ("P1", 1)), order("C", ("P2", 1)))
    gate = threading.Barrier(2)

    def go(number: str) -> OrderJoined:
        gate.wait()
        return join(database, clock, number)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, "BC"))
    assert len({answer.run_id for answer in answers}) == 1
    walk_to_the_end(database, clock, taken(database, clock))
    books_agree(database)


def test_joining_again_with_the_same_client_id_answers_the_same(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, SIX)
    place(sqlite_database, clock, order("B", ("P1", 1)))
    first = join(sqlite_database, clock, "B", client_id="join-1")
    assert first.run_id is not None
    assert join(sqlite_database, clock, "B", client_id="join-1") == first
    with pytest.raises(WrongState):
        join(sqlite_database, clock, "B", client_id="join-2")
    with pytest.raises(NotFound):
        join(sqlite_database, clock, "nobody")
    books_agree(sqlite_database)


def test_an_order_without_a_run_that_passes_its_goods_goes_on_waiting(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    place(sqlite_database, clock, order("B", ("P1", 1)))
    answer = join(sqlite_database, clock, "B", client_id="join-1")
    assert answer == OrderJoined("B", None, reason="no run passes its goods")
    with sqlite_database.read() as session:
        assert order_view(session, SITE, "B").state == OrderState.OPEN
        assert session.execute(select(PickRunRow).where(col(PickRunRow.state) == RunState.READY)).first() is None


def test_a_release_lets_orders_join_first_and_releases_the_rest(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    first = released(sqlite_database, clock, SIX).runs[0]
    place(sqlite_database, clock, order("B", ("P1", 1)), order("C", *((f"P{number}", 9) for number in range(12))))
    command = Release(SITE, budget_ms=20, join=True, client_id="release-1")
    answer = release(sqlite_database, command, clock)
    assert [(each.order, each.run_id) for each in answer.joined] == [("B", first.run_id)]
    assert (answer.num_orders, answer.num_lines, answer.quantity) == (1, 12, 108)
    place(sqlite_database, clock, order("D", ("P1", 1)))
    assert release(sqlite_database, command, clock) == answer
    with sqlite_database.read() as session:
        assert order_view(session, SITE, "D").state == OrderState.OPEN
    books_agree(sqlite_database)

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from inventory.tables.outbound import OrderLineRow, OrderRow, OrderState, PickRunRow, PickStepRow
from inventory.tables.stock import BalanceRow
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.looking import list_runs, order_view, run_steps
from inventory.work.ordering import (
    CancelOrder,
    NewLine,
    NewOrder,
    OrdersPlaced,
    PlaceOrders,
    cancel_order,
    place_orders,
)
from inventory.work.releasing import Release, Released, release
from routing.batching import Batching, Splitting
from routing.problem import PickProblem
from routing.route import Route
from routing.verify import verify
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)


def test_every_line_is_promised_in_bins_or_reported_short(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 10, None), ("P2", 3, None))))
    answer = released(database, clock, order("A", ("P1", 4), ("P2", 5)), order("B", ("P1", 8)), order("C", ("P2", 1)))
    assert {(each.order, each.line_number, each.quantity, each.reason) for each in answer.shorts} == {
        ("A", 2, 2, "only 3 of 5 left"),
        ("B", 1, 2, "only 6 of 8 left"),
        ("C", 1, 1, "no stock"),
    }
    with database.read() as session:
        promised = select(func.sum(col(PickStepRow.quantity)), func.count(func.distinct(col(PickStepRow.run_id))))
        assert session.execute(promised).one() == (13, len(answer.runs))
        assert session.execute(select(func.sum(col(BalanceRow.reserved)))).scalar_one() == 13
        states = [order_view(session, SITE, number).state for number in "ABC"]
        assert states == [OrderState.RELEASED, OrderState.RELEASED, OrderState.OPEN]
        assert order_view(session, SITE, "C").lines[0].short_reason == "no stock"


def test_what_was_short_is_released_once_goods_have_come(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 2, None),)))
    assert released(sqlite_database, clock, order("A", ("P1", 5))).shorts[0].quantity == 3
    assert release(sqlite_database, Release(SITE), clock).quantity == 0
    stocked(sqlite_database, clock, Goods((("P1", 9, date(2026, 5, 1)),)))
    assert release(sqlite_database, Release(SITE, budget_ms=20), clock).quantity == 3


def test_a_run_is_planned_with_what_goods_weigh_and_which_are_fragile(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 5, None), ("P2", 5, None))))
    cup = NewProduct("P1", "Cup", 100, 100, 100, 300, fragile=True)
    sqlite_database.run(save_products, SaveProducts((cup,)), clock=clock)
    (run,) = released(sqlite_database, clock, order("A", ("P1", 2), ("P2", 2))).runs
    with sqlite_database.read() as session:
        row = session.get(PickRunRow, run.run_id)
        assert row is not None
        lines = PickProblem.from_json(row.problem).lines
    assert {(line.line[:2], line.unit_weight_g, line.fragile) for line in lines} == {
        ("P1", 300, True),
        ("P2", 500, False),
    }


def test_routes_are_stored_verified_and_totes_hold_one_order_each(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    orders = [order(f"O{number}", *((f"P{each}", 2) for each in range(12))) for number in range(5)]
    answer = released(sqlite_database, clock, *orders)
    with sqlite_database.read() as session:
        for run in session.execute(select(PickRunRow)).scalars():
            problem, route = PickProblem.from_json(run.problem), Route.from_json(run.route)
            assert verify(problem, route, route.certificate.policy).ok
            assert (run.distance_mm, run.backtrack_mm) == (
                route.certificate.distance_mm,
                route.certificate.backtrack_mm,
            )
            assert run.id is not None
            steps = run_steps(session, run.id)
            assert [step.sequence for step in steps] == list(range(1, len(steps) + 1))
            owners = {(step.tote, step.order) for step in steps}
            assert max(Counter(tote for tote, _ in owners).values()) == 1
            bins = [stop.picks[0].bin for stop in route.stops]
            assert list(dict.fromkeys(step.bin_code for step in steps)) == list(dict.fromkeys(bins))
        totes = Counter(session.execute(select(col(PickStepRow.tote_place_id)).distinct()).scalars())
        assert len(totes) == sum(run.num_totes for run in answer.runs)
        assert len(list_runs(session, SITE)) == len(answer.runs)


def test_two_releases_of_the_same_orders_promise_every_line_once(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    orders = tuple(order(f"O{number}", *((f"P{each}", 3) for each in range(12))) for number in range(6))
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    gate = threading.Barrier(2)

    def go(seed: int) -> Released:
        gate.wait()
        return release(database, Release(SITE, budget_ms=20, seed=seed), clock)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, range(2)))
    assert sum(answer.quantity for answer in answers) == 6 * 12 * 3
    with database.read() as session:
        lines = list(session.execute(select(OrderLineRow)).scalars())
        assert {line.quantity_allocated for line in lines} == {3}
        steps = session.execute(select(PickStepRow)).scalars()
        per_line = Counter[int]()
        for step in steps:
            per_line[step.order_line_id] += step.quantity
        assert set(per_line.values()) == {3}
        assert session.execute(select(func.sum(col(BalanceRow.reserved)))).scalar_one() == 216


def test_two_releases_never_promise_the_same_unit(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 10, None),)))
    orders = tuple(order(f"O{number}", ("P1", 6)) for number in range(2))
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    gate = threading.Barrier(2)

    def go(number: int) -> Released:
        gate.wait()
        return release(database, Release(SITE, orders=(f"O{number}",), budget_ms=20), clock)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(go, range(2)))
    assert sorted(answer.quantity for answer in answers) == [4, 6]


def test_a_repeated_release_answers_the_same(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    first = released(sqlite_database, clock, order("A", ("P1", 4)), client_id="r1")
    assert release(sqlite_database, Release(SITE, budget_ms=20, client_id="r1"), clock) == first
    assert first.quantity == 4


def test_one_order_a_run_gives_a_run_for_each_order(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    orders = tuple(order(f"O{number}", ("P1", 1)) for number in range(3))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    command = Release(SITE, batching=Batching.ONE_ORDER, budget_ms=20)
    assert [run.num_orders for run in release(sqlite_database, command, clock).runs] == [1, 1, 1]


def test_an_order_that_is_not_to_be_split_waits_whole_with_its_reason(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, Goods((("P1", 400, None), ("P2", 40, None))))
    orders = (order("LARGE", ("P1", 130), ("P2", 2)), order("SMALL", ("P2", 2)))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    answer = release(sqlite_database, Release(SITE, split=Splitting.NEVER, budget_ms=20), clock)
    why = "order is not to be split: 66 kg, a cart takes 60"
    assert {(each.order, each.quantity, each.reason) for each in answer.shorts} == {
        ("LARGE", 130, why),
        ("LARGE", 2, why),
    }
    assert (answer.num_orders, answer.quantity) == (1, 2)
    with sqlite_database.read() as session:
        held = order_view(session, SITE, "LARGE")
        assert (held.state, {line.short_reason for line in held.lines}) == (OrderState.OPEN, {why})
    assert release(sqlite_database, Release(SITE, budget_ms=20), clock).quantity == 132


def test_orders_may_always_be_split_and_all_of_them_is_released(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    orders = tuple(order(f"O{number}", *((f"P{each}", 4) for each in range(12))) for number in range(4))
    sqlite_database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    answer = release(sqlite_database, Release(SITE, split=Splitting.ALWAYS, budget_ms=20), clock)
    assert (answer.shorts, answer.num_orders, answer.quantity) == ((), 4, 4 * 12 * 4)


@pytest.mark.parametrize(("due_in_s", "orders_of_runs"), [(None, [4]), (200, [1, 3])])
def test_an_order_due_soon_does_not_wait_for_others_on_its_cart(
    sqlite_database: Database, clock: FixedClock, due_in_s: int | None, orders_of_runs: list[int]
) -> None:
    stocked(sqlite_database, clock, MANY)
    # 36 lines of two units take six minutes to pick, one line a few seconds and a way of less than a minute.
    others = [order(f"O{number}", *((f"P{each}", 2) for each in range(12))) for number in range(3)]
    due_ms = None if due_in_s is None else clock.now_ms() + 1000 * due_in_s
    urgent = NewOrder("Z", (NewLine("P1", 1),), due_ms=due_ms)
    answer = released(sqlite_database, clock, *others, urgent)
    assert [run.num_orders for run in answer.runs] == orders_of_runs


def test_runs_wait_in_the_order_of_priority_and_cut_off(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    lines = tuple(NewLine(f"P{each}", 2) for each in range(12))
    later_ms = clock.now_ms() + 86_400_000
    orders = [NewOrder(f"O{each}", lines, due_ms=later_ms - 60_000 * each, priority=each % 2) for each in range(8)]
    released(sqlite_database, clock, *orders)
    with sqlite_database.read() as session:
        query = (
            select(col(PickStepRow.run_id), func.max(col(OrderRow.priority)), func.min(col(OrderRow.due_ms)))
            .join(OrderLineRow, col(OrderLineRow.id) == col(PickStepRow.order_line_id))
            .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
            .group_by(col(PickStepRow.run_id), col(OrderRow.priority))
            .order_by(col(PickStepRow.run_id), col(OrderRow.priority).desc())
        )
        first: dict[int, tuple[int, int]] = {}
        for run_id, priority, due_ms in session.execute(query).all():
            first.setdefault(run_id, (-priority, due_ms))
    assert len(first) == 2
    assert list(first.values()) == sorted(first.values())


def test_an_order_placed_again_is_left_as_it_is(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    command = PlaceOrders(SITE, (order("A", ("P1", 4)), order("B", ("P2", 1))))
    assert sqlite_database.run(place_orders, command, clock=clock) == OrdersPlaced(2, 0)
    assert sqlite_database.run(place_orders, command, clock=clock) == OrdersPlaced(0, 2)
    with pytest.raises(WrongState):
        sqlite_database.run(place_orders, PlaceOrders(SITE, (order("A", ("P1", 5)),)), clock=clock)
    with pytest.raises(NotFound):
        sqlite_database.run(place_orders, PlaceOrders(SITE, (order("C", ("nothing", 5)),)), clock=clock)
    with pytest.raises(ValueError, match="positive quantity"):
        sqlite_database.run(place_orders, PlaceOrders(SITE, (NewOrder("D", (NewLine("P1", 0),)),)), clock=clock)


def test_an_order_can_be_cancelled_until_it_is_promised(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, order("A", ("P1", 4)))
    sqlite_database.run(place_orders, PlaceOrders(SITE, (order("B", ("P1", 1)),)), clock=clock)
    sqlite_database.run(cancel_order, CancelOrder(SITE, "B"), clock=clock)
    assert release(sqlite_database, Release(SITE), clock).quantity == 0
    for number in ("A", "B"):
        with pytest.raises(WrongState):
            sqlite_database.run(cancel_order, CancelOrder(SITE, number), clock=clock)
    with pytest.raises(NotFound):
        sqlite_database.run(cancel_order, CancelOrder(SITE, "Z"), clock=clock)

"""Goods that are not for sale: they stay where they are, and no plan sees them."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.rules.stock_policy import Cause, StockPolicy, StockStatus
from inventory.tables.outbound import OrderState, PickRunRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import MovementRow
from inventory.work.checking import check
from inventory.work.looking import order_view
from inventory.work.lot_correcting import CorrectExpiry, CorrectLot, correct_expiry, correct_lot
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.releasing import Release, Released, release
from inventory.work.sites import live_site
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy, stock_policy_versions, stock_policy_view
from inventory.work.walking import FinishRun, finish_run
from inventory.work.withheld import LYING
from tests.inventory.picked_run import books_agree, confirm, sound_plan, taken, view
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, StockShort, StowRefused, WrongState
from warehouse.tables import PlaceRow

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

ONE_BIN = Goods((("P1", 10, None),), num_bins=1)
TWO_BINS = Goods((("P1", 10, None), ("P2", 6, None)), num_bins=2)


def lying(database: Database, product: str = "P1") -> list[tuple[str, str, int, int]]:
    """Bin, status, quantity and reserved of a product, by bin and status."""
    query = (
        select(col(PlaceRow.code), LYING.c.status, LYING.c.quantity, LYING.c.reserved)
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .where(col(ProductRow.code) == product)
        .order_by(col(PlaceRow.code), LYING.c.status)
    )
    with database.read() as session:
        return [tuple(row) for row in session.execute(query)]


def hold(place: str, quantity: int | None = None, client_id: str = "") -> ChangeStatus:
    return ChangeStatus(
        SITE, place, "P1", StockStatus.HOLD, "quality-check", "mara", quantity=quantity, client_id=client_id
    )


def again(database: Database, clock: FixedClock) -> Released:
    return release(database, Release(SITE, budget_ms=20), clock)


def test_goods_on_hold_stay_in_their_bin_and_are_not_allocated(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, ONE_BIN)
    ((code, *_),) = lying(database)
    command = hold(code, 7, "hold-1")
    answer = change_status(database, command, clock)
    assert change_status(database, command, clock) == answer
    assert lying(database) == [(code, "available", 3, 0), (code, "hold", 7, 0)]
    (short,) = released(database, clock, order("A", ("P1", 5))).shorts
    assert (short.quantity, short.reason) == (2, "only 3 of 5 left")
    with database.read() as session:
        (movement,) = session.execute(select(MovementRow).where(col(MovementRow.cause) != "")).scalars()
    assert (movement.cause, movement.user, movement.client_id, movement.quantity) == (
        "quality-check",
        "mara",
        "hold-1",
        7,
    )
    back = ChangeStatus(SITE, code, "P1", StockStatus.AVAILABLE, "released", "mara", from_status=StockStatus.HOLD)
    change_status(database, back, clock)
    assert again(database, clock).quantity == 2
    books_agree(database)


def test_a_cause_must_be_in_the_list_and_meant_for_the_change(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, ONE_BIN)
    ((code, *_),) = lying(database)
    with pytest.raises(WrongState, match="not for hold"):
        change_status(database, replace(hold(code), cause="space"), clock)
    with pytest.raises(NotFound, match="cause"):
        change_status(database, replace(hold(code), cause="because"), clock)
    with pytest.raises(StockShort):
        change_status(database, hold(code, 11), clock)
    policy = StockPolicy(causes=(Cause("because", "Because", (StockStatus.HOLD,)),))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    change_status(database, replace(hold(code), cause="because"), clock)
    with pytest.raises(NotFound, match="cause"):
        change_status(database, replace(hold(code), from_status=StockStatus.HOLD, to_status=StockStatus.DAMAGED), clock)
    with pytest.raises(WrongState, match="at version 1"):
        database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(), 0, "ann"), clock=clock)
    with database.read() as session:
        seen = stock_policy_view(session, SITE, clock)
    assert (seen.version, seen.set_by, seen.policy) == (1, "mara", policy)


def test_a_policy_may_begin_later_and_those_before_it_stay_on_record(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, TWO_BINS)
    begins_ms = clock.now_ms() + 1000
    later = SetStockPolicy(SITE, StockPolicy(demand_days=7), 0, "mara", holds_from_ms=begins_ms)
    with pytest.raises(WrongState, match="past"):
        sqlite_database.run(set_stock_policy, replace(later, holds_from_ms=begins_ms - 1001), clock=clock)
    sqlite_database.run(set_stock_policy, later, clock=clock)

    def holding() -> tuple[int, int, int]:
        with sqlite_database.read() as session:
            seen = stock_policy_view(session, SITE, clock)
        return seen.version, seen.latest, seen.policy.demand_days

    assert holding() == (0, 1, 28)
    clock.advance(999)
    assert holding() == (0, 1, 28)
    clock.advance(1)
    assert holding() == (1, 1, 7)
    sqlite_database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(demand_days=9), 1, "max"), clock=clock)
    with sqlite_database.read() as session:
        versions = stock_policy_versions(session, SITE)
    assert [(each.version, each.set_by, each.holds_from_ms, each.policy.demand_days) for each in versions] == [
        (2, "max", begins_ms, 9),
        (1, "mara", begins_ms, 7),
    ]


def test_a_line_whose_goods_are_held_waits_again_where_nobody_walks_yet(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, TWO_BINS)
    released(database, clock, order("A", ("P1", 4)))
    (promised,) = [row for row in lying(database) if row[3]]
    answer = change_status(database, hold(promised[0]), clock)
    assert (answer.quantity, answer.orders, answer.run_ids) == (5, ("A",), ())
    with database.read() as session:
        assert not session.execute(select(PickRunRow)).all()
        seen = order_view(session, SITE, "A")
    assert (seen.state, seen.lines[0].quantity_allocated, seen.lines[0].quantity_short) == (OrderState.OPEN, 0, 0)
    assert seen.lines[0].short_reason == f"5 hold in {promised[0]}"
    books_agree(database)
    assert again(database, clock).quantity == 4
    books_agree(database)


def test_free_units_are_held_before_promised_ones(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, ONE_BIN)
    released(database, clock, order("A", ("P1", 4)))
    ((code, *_),) = lying(database)
    assert change_status(database, hold(code, 6), clock).orders == ()
    assert change_status(database, hold(code, 1), clock).orders == ("A",)
    assert lying(database) == [(code, "available", 3, 3), (code, "hold", 7, 0)]
    books_agree(database)


@pytest.mark.parametrize("num_picked", [0, 1])
def test_a_walked_run_looks_elsewhere_for_what_is_held(database: Database, clock: FixedClock, num_picked: int) -> None:
    stocked(database, clock, TWO_BINS)
    released(database, clock, order("A", ("P1", 4), ("P2", 3)))
    run = taken(database, clock)
    for _ in range(num_picked):
        run = confirm(database, clock, run)
    target = next(row for row in [*lying(database), *lying(database, "P2")] if row[3])
    product = "P1" if target in lying(database) else "P2"
    answer = change_status(database, replace(hold(target[0]), product=product), clock)
    assert answer.run_ids == (run.run_id,)
    sound_plan(database, run.run_id)
    books_agree(database)
    run = view(database, run.run_id)
    while run.current is not None:
        assert run.current.bin_code != target[0] or run.current.product != product
        run = confirm(database, clock, run)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    with database.read() as session:
        seen = order_view(session, SITE, "A")
    assert [line.quantity_picked for line in seen.lines] == [4, 3]
    assert seen.state is OrderState.PICKED
    books_agree(database)


def test_what_a_walked_run_finds_nowhere_else_waits_and_is_not_short(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, ONE_BIN)
    released(database, clock, order("A", ("P1", 4)))
    run = taken(database, clock)
    assert run.current is not None
    change_status(database, hold(run.current.bin_code, 8), clock)
    run = view(database, run.run_id)
    assert run.current is not None
    assert run.current.quantity == 2
    run = confirm(database, clock, run)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    with database.read() as session:
        seen = order_view(session, SITE, "A")
    (line,) = seen.lines
    assert (line.quantity_picked, line.quantity_short, seen.state) == (2, 0, OrderState.OPEN)
    books_agree(database)


def test_goods_held_in_a_tote_are_picked_again(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, ONE_BIN)
    released(database, clock, order("A", ("P1", 4)))
    run = confirm(database, clock, taken(database, clock))
    answer = change_status(database, hold(run.totes[0], 3), clock)
    assert answer.orders == ("A",)
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    with database.read() as session:
        assert order_view(session, SITE, "A").lines[0].quantity_picked == 1
    assert again(database, clock).quantity == 3
    books_agree(database)


def test_a_move_obeys_the_stowing_rules_and_keeps_the_status(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 4, date(2026, 1, 1)), ("P1", 4, date(2026, 2, 1))), num_bins=1))
    (first, *_), (second, *_) = lying(database)
    with database.read() as session:
        bins = live_site(session, SITE).bins.values()
    free = next(each.code for each in bins if each.zone == "ambient" and each.code not in (first, second))
    cold = next(each.code for each in bins if each.zone == "chilled")
    with pytest.raises(StowRefused, match="another lot"):
        database.run(move_goods, MoveGoods(SITE, first, second, "P1", 2, "space", "ann"), clock=clock)
    change_status(database, hold(first, 3), clock)
    with pytest.raises(StowRefused, match="do not belong"):
        database.run(move_goods, MoveGoods(SITE, first, cold, "P1", 1, "space", "ann"), clock=clock)
    move = MoveGoods(SITE, first, free, "P1", 3, "space", "ann", status=StockStatus.HOLD, client_id="move-1")
    moved = database.run(move_goods, move, clock=clock)
    assert database.run(move_goods, move, clock=clock) == moved
    assert (moved.to_bin, "hold", 3, 0) in lying(database)
    back = MoveGoods(SITE, second, moved.to_bin, "P1", 1, "space", "ann")
    with pytest.raises(StowRefused, match="another lot"):
        database.run(move_goods, back, clock=clock)
    with database.read() as session:
        assert check(session).ok


def test_a_wrong_lot_is_put_right_by_two_movements_and_leaves_its_promises(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, Goods((("P1", 6, date(2026, 1, 1)),), num_bins=1))
    released(database, clock, order("A", ("P1", 4)))
    ((code, *_),) = lying(database)
    command = CorrectLot(
        SITE, code, "P1", "EXP-2026-01-01", "L7", "label-misread", "ann", expires_on=date(2026, 3, 1), client_id="lot-1"
    )
    corrected = correct_lot(database, command, clock)
    assert correct_lot(database, command, clock) == corrected
    assert (corrected.quantity, corrected.orders) == (6, ("A",))
    with database.read() as session:
        assert check(session).ok
        (lot,) = session.execute(select(LotRow).where(col(LotRow.code) == "L7")).scalars()
        assert lot.expires_on == date(2026, 3, 1)
        assert set(session.execute(select(LYING.c.lot_id)).scalars()) == {lot.id}
    assert again(database, clock).quantity == 4


def test_a_wrong_expiry_is_put_right_for_the_whole_lot(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 6, date(2026, 1, 1)),), num_bins=2))
    command = CorrectExpiry(SITE, "P1", "EXP-2026-01-01", date(2025, 12, 4), "entered-wrongly", "ann", "expiry-1")
    corrected = database.run(correct_expiry, command, clock=clock)
    assert database.run(correct_expiry, command, clock=clock) == corrected
    (short,) = released(database, clock, order("A", ("P1", 4))).shorts
    assert short.reason == "no stock, 6 expired"

"""Balances follow from movements, never below zero, and the movements themselves never change."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, NotSupportedError
from sqlmodel import Session, col, select

from inventory.ledger import BalanceKey, NewMovement, Reservation, balances_from_movements, post, reserve, unreserve
from inventory.tables.stock import BalanceRow, MovementRow, Reason
from inventory.work.checking import check
from tests.inventory.stocked_house import BIN_A, BIN_B, BIN_C, LOTS, SITE, SUPPLIER, TOTE, Furnish, furnish, moved
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, StockShort
from warehouse.tables import PlaceKind, PlaceRow

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines


@dataclass(frozen=True)
class Post:
    movements: tuple[NewMovement, ...]
    client_id: str = ""


@dataclass(frozen=True)
class Promise:
    reservations: tuple[Reservation, ...]


def post_all(session: Session, command: Post, clock: Clock) -> None:
    post(session, command.movements, clock=clock)


def reserve_all(session: Session, command: Promise, clock: Clock) -> None:
    reserve(session, command.reservations)


def unreserve_all(session: Session, command: Promise, clock: Clock) -> None:
    unreserve(session, command.reservations)


@pytest.fixture
def house(database: Database, clock: FixedClock) -> Database:
    database.run(furnish, Furnish(), clock=clock)
    return database


@pytest.fixture
def send(house: Database, clock: FixedClock) -> Callable[..., None]:
    """Post movements, as one command."""
    return lambda *movements: house.run(post_all, Post(movements), clock=clock)


def lying(database: Database) -> dict[tuple[int, int], tuple[int, int]]:
    """Quantity and reserved of each place and lot on the books."""
    with database.read() as session:
        rows = session.exec(select(BalanceRow)).all()
        assert balances_from_movements(session) == {
            BalanceKey(row.place_id, row.product_id, row.lot_id): row.quantity for row in rows
        }
    return {(row.place_id, row.lot_id): (row.quantity, row.reserved) for row in rows}


def test_goods_from_outside_lie_where_they_were_put(house: Database, send: Callable[..., None]) -> None:
    send(moved(SUPPLIER, BIN_A, 5), moved(SUPPLIER, BIN_A, 2, lot=3), moved(SUPPLIER, BIN_B, 1))
    assert lying(house) == {(BIN_A, 1): (5, 0), (BIN_A, 3): (2, 0), (BIN_B, 1): (1, 0)}


def test_a_movement_takes_from_one_place_and_adds_to_another(house: Database, send: Callable[..., None]) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    send(moved(BIN_A, BIN_B, 2))
    assert lying(house) == {(BIN_A, 1): (3, 0), (BIN_B, 1): (2, 0)}


def test_an_empty_place_has_no_balance(house: Database, send: Callable[..., None]) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    send(moved(BIN_A, BIN_B, 5))
    assert lying(house) == {(BIN_B, 1): (5, 0)}


def test_a_movement_keeps_who_when_and_why(house: Database, clock: FixedClock) -> None:
    clock.advance(7)
    movement = NewMovement(SITE, SUPPLIER, BIN_A, 1, 1, 5, Reason.RECEIPT, "ada", "scanner-3", "id-9")
    house.run(post_all, Post((movement,)), clock=clock)
    with house.read() as session:
        row = session.exec(select(MovementRow)).one()
    assert (row.at_ms, row.user, row.device, row.client_id) == (clock.now_ms(), "ada", "scanner-3", "id-9")
    assert (row.reason, row.quantity, row.order_line_id) == ("receipt", 5, None)


def test_more_than_is_there_is_refused_with_the_facts_and_nothing_moves(
    house: Database, send: Callable[..., None]
) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    with pytest.raises(StockShort) as caught:
        send(moved(BIN_A, BIN_B, 2), moved(BIN_A, BIN_C, 4))
    short = caught.value
    assert (short.product, short.place, short.quantity_asked, short.quantity_there) == ("P1", f"bin-{BIN_A}", 4, 3)
    assert lying(house) == {(BIN_A, 1): (5, 0)}


def test_a_batch_counts_as_one_movement_after_the_other(house: Database, send: Callable[..., None]) -> None:
    send(moved(SUPPLIER, BIN_A, 5), moved(BIN_A, BIN_B, 5), moved(BIN_B, BIN_A, 1))
    assert lying(house) == {(BIN_A, 1): (1, 0), (BIN_B, 1): (4, 0)}
    with pytest.raises(StockShort):
        send(moved(BIN_C, BIN_A, 1), moved(SUPPLIER, BIN_C, 1))


def test_a_place_that_is_not_there_is_named(send: Callable[..., None]) -> None:
    with pytest.raises(NotFound) as caught:
        send(moved(SUPPLIER, 999, 1))
    assert (caught.value.kind, caught.value.name) == ("place", 999)


def test_only_free_stock_can_be_reserved_or_moved_away(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    house.run(reserve_all, Promise((Reservation(BIN_A, 1, 1, 3),)), clock=clock)
    assert lying(house) == {(BIN_A, 1): (5, 3)}
    with pytest.raises(StockShort):
        house.run(reserve_all, Promise((Reservation(BIN_A, 1, 1, 3),)), clock=clock)
    with pytest.raises(StockShort) as caught:
        send(moved(BIN_A, BIN_B, 3))
    assert caught.value.quantity_there == 2
    send(moved(BIN_A, BIN_B, 2))
    assert lying(house) == {(BIN_A, 1): (3, 3), (BIN_B, 1): (2, 0)}


def test_a_pick_takes_what_is_reserved_and_no_more(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    house.run(reserve_all, Promise((Reservation(BIN_A, 1, 1, 3),)), clock=clock)
    send(moved(BIN_A, TOTE, 2, reason=Reason.PICK))
    assert lying(house) == {(BIN_A, 1): (3, 1), (TOTE, 1): (2, 0)}
    with pytest.raises(StockShort):
        send(moved(BIN_A, TOTE, 2, reason=Reason.PICK))


def test_a_promise_taken_back_frees_the_stock(house: Database, send: Callable[..., None], clock: FixedClock) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    house.run(reserve_all, Promise((Reservation(BIN_A, 1, 1, 3), Reservation(BIN_A, 1, 1, 2))), clock=clock)
    house.run(unreserve_all, Promise((Reservation(BIN_A, 1, 1, 4),)), clock=clock)
    assert lying(house) == {(BIN_A, 1): (5, 1)}
    with pytest.raises(StockShort):
        house.run(unreserve_all, Promise((Reservation(BIN_A, 1, 1, 2),)), clock=clock)


@pytest.mark.parametrize(("quantity", "to_place"), [(0, BIN_B), (-1, BIN_B), (1, BIN_A)])
def test_a_movement_moves_something_somewhere(quantity: int, to_place: int) -> None:
    with pytest.raises(ValueError, match="a movement"):
        moved(BIN_A, to_place, quantity)


def test_a_reservation_holds_something() -> None:
    with pytest.raises(ValueError, match="a reservation"):
        Reservation(BIN_A, 1, 1, 0)


def test_a_work_function_sees_the_balance_that_it_has_just_changed(house: Database, clock: FixedClock) -> None:
    def look_post_look(session: Session, command: Post, clock: Clock) -> list[int]:
        post(session, [moved(SUPPLIER, BIN_A, 5)], clock=clock)
        row = session.exec(select(BalanceRow)).one()
        before = row.quantity
        post(session, [moved(BIN_A, BIN_B, 2)], clock=clock)
        return [before, row.quantity]

    assert house.run(look_post_look, Post(()), clock=clock) == [5, 3]


def test_the_database_refuses_a_balance_below_zero_or_reserved_beyond_it(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    send(moved(SUPPLIER, BIN_A, 5))
    for column in ("quantity = -1", "reserved = 6", "reserved = -1"):

        def tamper(session: Session, command: str, clock: Clock) -> None:
            session.connection().execute(text(f"UPDATE balance SET {command}"))

        with pytest.raises(IntegrityError):
            house.run(tamper, column, clock=clock)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE movement SET quantity = 9",
        "DELETE FROM movement",
        "INSERT OR REPLACE INTO movement SELECT * FROM movement",
        "TRUNCATE movement CASCADE",
        "INSERT INTO movement SELECT * FROM movement ON CONFLICT (id) DO UPDATE SET quantity = 9",
    ],
)
def test_the_database_refuses_every_change_of_a_movement(
    house: Database, send: Callable[..., None], clock: FixedClock, change: str
) -> None:
    only = {"TRUNCATE": "postgresql", "INSERT OR": "sqlite"}
    if any(change.startswith(start) and house.dialect != dialect for start, dialect in only.items()):
        return
    if house.dialect == "sqlite":
        change = change.replace("ON CONFLICT", "WHERE true ON CONFLICT")
    send(moved(SUPPLIER, BIN_A, 5))

    def tamper(session: Session, command: str, clock: Clock) -> None:
        session.connection().execute(text(command))

    with pytest.raises(IntegrityError, match="movement is append-only"):
        house.run(tamper, change, clock=clock)
    assert lying(house) == {(BIN_A, 1): (5, 0)}


def test_postgresql_empties_no_table_of_movements_that_others_refer_to(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    if house.dialect != "postgresql":
        return
    send(moved(SUPPLIER, BIN_A, 5))

    def tamper(session: Session, command: str, clock: Clock) -> None:
        session.connection().execute(text(command))

    with pytest.raises(NotSupportedError, match="cannot truncate a table referenced in a foreign key"):
        house.run(tamper, "TRUNCATE movement", clock=clock)
    assert lying(house) == {(BIN_A, 1): (5, 0)}


def test_many_threads_at_one_balance_never_take_more_than_there_is(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    send(moved(SUPPLIER, BIN_A, 25))

    def take(number: int) -> bool:
        try:
            house.run(post_all, Post((moved(BIN_A, BIN_B, 1),), f"take-{number}"), clock=clock)
        except StockShort:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        taken = sum(pool.map(take, range(40)))
    assert taken == 25
    assert lying(house) == {(BIN_B, 1): (25, 0)}


def test_threads_that_move_crosswise_neither_lose_units_nor_wait_for_ever(
    house: Database, send: Callable[..., None], clock: FixedClock
) -> None:
    bins = (BIN_A, BIN_B, BIN_C)
    send(*(moved(SUPPLIER, place, 50, lot=lot) for place in bins for lot in LOTS))

    def shuffle(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(5):
            movements = []
            for _ in range(3):
                here, there = chance.sample(bins, 2)
                movements.append(moved(here, there, 1, lot=chance.choice(list(LOTS))))
            house.run(post_all, Post(tuple(movements)), clock=clock)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shuffle, range(8)))
    total: dict[int, int] = dict.fromkeys(LOTS, 0)
    for (_, lot), (quantity, _) in lying(house).items():
        total[lot] += quantity
    assert total == dict.fromkeys(LOTS, 150)


def test_a_truck_of_a_thousand_units_is_one_command(house: Database, clock: FixedClock) -> None:
    num_bins = 1_000

    def build(session: Session, command: int, clock: Clock) -> None:
        session.add_all(
            PlaceRow(id=100 + number, site_id=SITE, kind=PlaceKind.BIN, code=f"far-{number}")
            for number in range(command)
        )
        post(session, [moved(SUPPLIER, 100 + number, 2) for number in range(command)], clock=clock)
        post(session, [moved(100 + number, TOTE, 1) for number in range(command)], clock=clock)

    house.run(build, num_bins, clock=clock)
    with house.read() as session:
        tote = session.exec(select(BalanceRow).where(col(BalanceRow.place_id) == TOTE)).one()
        report = check(session)
    assert tote.quantity == num_bins
    assert (report.ok, report.movements, report.balances) == (True, 2 * num_bins, num_bins + 1)

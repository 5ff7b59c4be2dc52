"""The check finds every way in which the books can be wrong, and nothing where they are right."""

import json
from dataclasses import dataclass, replace
from datetime import date

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlmodel import Session, col, select
from typer.testing import CliRunner

from api.cli import app
from inventory.ledger import NewMovement, Reservation, post, reserve, unreserve
from inventory.tables.outbound import OrderLineRow, OrderRow, PickRunRow, PickStepRow, StepState
from inventory.tables.products import LotRow
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.checking import CheckReport, Difference, check
from tests.inventory.stocked_house import BIN_A, BIN_B, SITE, SUPPLIER, TOTE, Furnish, furnish, moved
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import StockShort
from warehouse.tables import PlaceKind, PlaceRow

ORDER_LINE, RUN = 1, 1


def run_sql(session: Session, command: str, clock: Clock) -> None:
    session.connection().execute(text(command))


def stock_and_promise(session: Session, command: Furnish, clock: Clock) -> None:
    """Five units in one bin, two of them promised to a pick step, and one unit in another."""
    furnish(session, command, clock)
    add_run(session, command, clock)
    post(session, [moved(SUPPLIER, BIN_A, 5), moved(SUPPLIER, BIN_B, 1, lot=3)], clock=clock)
    promise(session, Promise(BIN_A, 1, 1, 2), clock)


def add_run(session: Session, command: Furnish, clock: Clock) -> None:
    """An order and a pick run for steps to belong to."""
    session.add(OrderRow(id=1, site_id=SITE, number="1", placed_ms=0))
    session.flush()
    session.add(OrderLineRow(id=ORDER_LINE, order_id=1, line_number=1, product_id=1, quantity=1))
    session.add(
        PickRunRow(
            id=RUN,
            site_id=SITE,
            num_totes=1,
            distance_mm=0,
            backtrack_mm=0,
            backtrack_bound_mm=0,
            problem="{}",
            route="{}",
            created_ms=0,
        )
    )
    session.flush()


@dataclass(frozen=True)
class Promise:
    place_id: int
    product_id: int
    lot_id: int
    quantity: int
    sequence: int = 1


def promise(session: Session, command: Promise, clock: Clock) -> None:
    """Reserve stock for a new pick step."""
    reserve(session, [Reservation(command.place_id, command.product_id, command.lot_id, command.quantity)])
    session.add(
        PickStepRow(
            run_id=RUN,
            sequence=command.sequence,
            stop=command.sequence,
            place_id=command.place_id,
            product_id=command.product_id,
            lot_id=command.lot_id,
            order_line_id=ORDER_LINE,
            tote_place_id=TOTE,
            quantity=command.quantity,
        )
    )


@pytest.fixture
def house(database: Database, clock: FixedClock) -> Database:
    database.run(stock_and_promise, Furnish(), clock=clock)
    return database


def report(database: Database) -> CheckReport:
    with database.read() as session:
        return check(session)


RIGHT = Difference(f"bin-{BIN_A}", "P1", "L1", 5, 5, 2, 2)


def test_books_that_follow_from_the_ledger_are_right(house: Database) -> None:
    assert report(house) == CheckReport(ok=True, movements=2, balances=2, differences=())


@pytest.mark.parametrize(
    ("tampering", "difference"),
    [
        ("UPDATE balance SET quantity = 6 WHERE lot_id = 1", replace(RIGHT, quantity=6)),
        ("UPDATE balance SET reserved = 3 WHERE lot_id = 1", replace(RIGHT, reserved=3)),
        ("DELETE FROM balance WHERE lot_id = 1", replace(RIGHT, quantity=0, reserved=0)),
        ("UPDATE pick_step SET state = 'short'", replace(RIGHT, reserved_from_steps=0)),
        ("UPDATE pick_step SET quantity = 3", replace(RIGHT, reserved_from_steps=3)),
        (
            f"INSERT INTO balance VALUES ({BIN_B}, 1, 2, 4, 0)",
            Difference(f"bin-{BIN_B}", "P1", "L2", 4, 0, 0, 0),
        ),
        (
            f"INSERT INTO balance VALUES ({SUPPLIER}, 1, 1, 5, 0)",
            Difference(f"supplier-{SUPPLIER}", "P1", "L1", 5, 0, 0, 0),
        ),
    ],
)
def test_every_way_of_tampering_shows(
    house: Database, clock: FixedClock, tampering: str, difference: Difference
) -> None:
    house.run(run_sql, tampering, clock=clock)
    assert report(house) == CheckReport(
        ok=False,
        movements=2,
        balances=2 + tampering.startswith("INSERT") - tampering.startswith("DELETE"),
        differences=(difference,),
    )


def test_the_command_prints_exactly_what_others_rely_on(
    database_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONWARD_DATABASE_URL", database_url)
    with Database.open(database_url) as database:
        database.run(stock_and_promise, Furnish(), clock=clock)
        result = CliRunner().invoke(app, ["check", "--json"])
        assert result.exit_code == 0
        assert result.stdout == '{"ok": true, "movements": 2, "balances": 2, "differences": []}\n'
        database.run(run_sql, "UPDATE balance SET quantity = 6 WHERE lot_id = 1", clock=clock)
    result = CliRunner().invoke(app, ["check", "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["differences"][0]["quantity_from_movements"] == 5
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert f"bin-{BIN_A} P1 lot L1: 6 on the books, 5 by movements" in result.stdout


@dataclass(frozen=True)
class NewPlaces:
    """Bins and lots of their own for one run of the machine."""

    number: int


def add_places(session: Session, command: NewPlaces, clock: Clock) -> tuple[list[int], list[int]]:
    kinds = (PlaceKind.BIN, PlaceKind.BIN, PlaceKind.TOTE, PlaceKind.SUPPLIER)
    places = {1_000 * command.number + number: kind for number, kind in enumerate(kinds)}
    lots = [1_000 * command.number + number for number in range(2)]
    session.add_all(PlaceRow(id=place, site_id=SITE, kind=kind, code=str(place)) for place, kind in places.items())
    session.add_all(LotRow(id=lot, product_id=1, code=str(lot), received_on=date(2025, 12, 1)) for lot in lots)
    return list(places), lots


def post_all(session: Session, command: tuple[NewMovement, ...], clock: Clock) -> None:
    post(session, command, clock=clock)


@dataclass(frozen=True)
class CloseStep:
    sequence: int
    picked: bool


def close_step(session: Session, command: CloseStep, clock: Clock) -> None:
    """Pick what a step promises, or give it up."""
    step = session.exec(select(PickStepRow).where(col(PickStepRow.sequence) == command.sequence)).one()
    if command.picked:
        movement = NewMovement(
            SITE, step.place_id, TOTE, step.product_id, step.lot_id, step.quantity, Reason.PICK, "tester"
        )
        post(session, [movement], clock=clock)
        step.quantity_picked = step.quantity
    else:
        unreserve(session, [Reservation(step.place_id, step.product_id, step.lot_id, step.quantity)])
    step.state = StepState.PICKED if command.picked else StepState.SHORT


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside two dictionaries: what lies where, and what of it is promised."""

    num_machines = 0
    num_steps = 1

    def __init__(self, database: Database, clock: FixedClock) -> None:
        super().__init__()
        self.database, self.clock = database, clock
        self.quantity: dict[tuple[int, int], int] = {}
        self.promised: dict[int, tuple[int, int, int]] = {}

    @initialize()
    def begin(self) -> None:
        LedgerMachine.num_machines += 1
        self.places, self.lots = self.database.run(add_places, NewPlaces(LedgerMachine.num_machines), clock=self.clock)

    def free(self, place: int, lot: int) -> int:
        promised = sum(units for at, of, units in self.promised.values() if (at, of) == (place, lot))
        return self.quantity.get((place, lot), 0) - promised

    @rule(moves=st.lists(st.tuples(st.permutations(range(4)), st.integers(0, 1), st.integers(1, 6)), max_size=4))
    def move(self, moves: list[tuple[list[int], int, int]]) -> None:
        outside = self.places[3]
        before, refused, movements = dict(self.quantity), False, []
        for order, lot_number, units in moves:
            start, goal, lot = self.places[order[0]], self.places[order[1]], self.lots[lot_number]
            movements.append(NewMovement(SITE, start, goal, 1, lot, units, Reason.MOVE, "tester"))
            refused = refused or (start != outside and self.free(start, lot) < units)
            for place, change in ((start, -units), (goal, units)):
                if place != outside:
                    self.quantity[place, lot] = self.quantity.get((place, lot), 0) + change
        if refused:
            self.quantity = before
            with pytest.raises(StockShort):
                self.database.run(post_all, tuple(movements), clock=self.clock)
        else:
            self.database.run(post_all, tuple(movements), clock=self.clock)

    @rule(place_number=st.integers(0, 1), lot_number=st.integers(0, 1), units=st.integers(1, 4))
    def promise(self, place_number: int, lot_number: int, units: int) -> None:
        place, lot = self.places[place_number], self.lots[lot_number]
        LedgerMachine.num_steps += 1
        step = Promise(place, 1, lot, units, LedgerMachine.num_steps)
        if self.free(place, lot) < units:
            with pytest.raises(StockShort):
                self.database.run(promise, step, clock=self.clock)
        else:
            self.database.run(promise, step, clock=self.clock)
            self.promised[step.sequence] = (place, lot, units)

    @rule(data=st.data(), picked=st.booleans())
    def close(self, data: st.DataObject, picked: bool) -> None:
        if not self.promised:
            return
        sequence = data.draw(st.sampled_from(sorted(self.promised)))
        self.database.run(close_step, CloseStep(sequence, picked), clock=self.clock)
        place, lot, units = self.promised.pop(sequence)
        if picked:
            self.quantity[place, lot] -= units

    @invariant()
    def books_equal_the_model(self) -> None:
        with self.database.read() as session:
            rows = session.exec(select(BalanceRow).where(col(BalanceRow.place_id).in_(self.places))).all()
            assert check(session).ok
        expected = {key: units for key, units in self.quantity.items() if units}
        assert {(row.place_id, row.lot_id): row.quantity for row in rows} == expected
        for row in rows:
            assert row.quantity - row.reserved == self.free(row.place_id, row.lot_id)


@pytest.mark.untraced  # other, quicker tests run the same lines
def test_balances_equal_a_model_after_every_step_and_the_check_is_clean(house: Database, clock: FixedClock) -> None:
    class MachineInTheHouse(LedgerMachine):
        def __init__(self) -> None:
            super().__init__(house, clock)

    run_state_machine_as_test(
        MachineInTheHouse,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )

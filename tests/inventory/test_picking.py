import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from inventory.ledger import BalanceKey, balances_from_movements
from inventory.rules.counting import RootCause
from inventory.rules.stock_policy import StockStatus
from inventory.tables.outbound import OrderState, PickRunRow
from inventory.tables.stock import BalanceRow, MovementRow, Reason
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.locating import where_is
from inventory.work.looking import RunView, order_view, run_steps, run_view
from inventory.work.picking import (
    ConfirmPick,
    Picked,
    ReportShort,
    ScanBin,
    ShortReason,
    confirm_pick,
    scan_bin,
)
from inventory.work.replanning import report_short
from inventory.work.root_causes import root_causes
from inventory.work.short_picks import NameShortPickCause, name_short_pick_cause, short_picks
from inventory.work.walking import FinishRun, TakeRun, finish_run, take_run
from routing.problem import PickProblem
from routing.route import Route
from routing.verify import verify
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import BinCodeInvalid, NotFound, ScanMismatch, ScanUnreadable, WrongState
from warehouse.floor import EdgeKind

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

MANY = Goods(tuple((f"P{number}", 40, None) for number in range(12)), num_bins=4)


def view(database: Database, run_id: int) -> RunView:
    with database.read() as session:
        return run_view(session, run_id)


def taken(database: Database, clock: FixedClock, picker: str = "ann") -> int:
    answer = database.run(take_run, TakeRun(SITE, picker), clock=clock)
    assert answer.run_id is not None
    return answer.run_id


def confirmation(run: RunView, *, picker: str = "ann", client_id: str = "", quantity: int | None = None) -> ConfirmPick:
    step = run.current
    assert step is not None
    left = step.quantity - step.quantity_picked
    return ConfirmPick(
        run.run_id,
        step.step_id,
        picker,
        step.bin_code,
        f"EAN-{step.product}",
        left if quantity is None else quantity,
        client_id=client_id,
    )


def picked_to_the_end(database: Database, clock: FixedClock, run_id: int, picker: str = "ann") -> None:
    while (run := view(database, run_id)).current is not None:
        clock.advance(1000)
        database.run(confirm_pick, confirmation(run, picker=picker), clock=clock)
    database.run(finish_run, FinishRun(run_id, picker), clock=clock)


def plan_of(database: Database, run_id: int) -> tuple[PickProblem, Route]:
    with database.read() as session:
        run = session.get(PickRunRow, run_id)
        assert run is not None
        return PickProblem.from_json(run.problem), Route.from_json(run.route)


def assert_clean(database: Database) -> None:
    with database.read() as session:
        rows = session.execute(select(BalanceRow)).scalars()
        kept = {BalanceKey(row.place_id, row.product_id, row.lot_id): row.quantity for row in rows}
        assert kept == balances_from_movements(session)


def test_orders_are_picked_from_receipt_to_tote_and_the_ledger_is_clean(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    orders = [
        order(f"O{number}", *((f"P{(number + each) % 12}", 1 + each) for each in range(4))) for number in range(9)
    ]
    answer = released(database, clock, *orders)
    assert not answer.shorts
    assert answer.num_lines == 36
    for run in answer.runs:
        assert taken(database, clock) == run.run_id
        picked_to_the_end(database, clock, run.run_id)
    with database.read() as session:
        picks = select(func.sum(col(MovementRow.quantity))).where(col(MovementRow.reason) == Reason.PICK)
        assert session.execute(picks).scalar_one() == answer.quantity == 90
        assert session.execute(select(func.sum(col(BalanceRow.reserved)))).scalar_one() == 0
        assert {order_view(session, SITE, each.number).state for each in orders} == {OrderState.PICKED}
    assert_clean(database)


def test_a_gs1_scan_confirms_its_product_and_lot_and_another_lot_is_refused(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    product = NewProduct("P1", "Heart", 10, 10, 10, 10, barcodes=("4006381333931",))
    sqlite_database.run(save_products, SaveProducts((product,)), clock=clock)
    released(sqlite_database, clock, order("O", ("P1", 3)))
    run = view(sqlite_database, taken(sqlite_database, clock))
    assert run.current is not None
    lot = run.current.lot

    def scanned(code: str) -> Picked:
        return sqlite_database.run(confirm_pick, replace(confirmation(run), product_scan=code), clock=clock)

    with pytest.raises(ScanMismatch) as caught:
        scanned("]d2010400638133393110OTHER")
    assert (caught.value.kind, caught.value.expected, caught.value.scanned) == ("lot", lot, "OTHER")
    with pytest.raises(ScanUnreadable):
        scanned("]d2hello")
    assert scanned(f"]d2010400638133393110{lot}").quantity_left == 0


def test_a_wrong_bin_a_wrong_product_and_an_unknown_code_are_told_apart(
    sqlite_database: Database, clock: FixedClock
) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, order("O", ("P1", 3), ("P2", 3)))
    run = view(sqlite_database, taken(sqlite_database, clock))
    assert run.current is not None
    right = confirmation(run)
    other_bin = run.next_bin_code
    assert other_bin is not None

    def refusal(wrong: ConfirmPick) -> Exception:
        with pytest.raises((ScanMismatch, NotFound, BinCodeInvalid, WrongState)) as caught:
            sqlite_database.run(confirm_pick, wrong, clock=clock)
        return caught.value

    def changed(**changes: object) -> ConfirmPick:
        return ConfirmPick(**{**right.__dict__, **changes})

    mismatch = refusal(changed(bin_scan=other_bin))
    assert isinstance(mismatch, ScanMismatch)
    assert (mismatch.kind, mismatch.expected, mismatch.scanned) == ("bin", run.current.bin_code, other_bin)
    assert isinstance(refusal(changed(product_scan="EAN-P7")), ScanMismatch)
    assert isinstance(refusal(changed(product_scan="4006381333931")), NotFound)
    assert isinstance(refusal(changed(bin_scan="99-999-Z9-A")), BinCodeInvalid)
    assert isinstance(refusal(changed(picker="bob")), WrongState)
    assert isinstance(refusal(changed(quantity=99)), WrongState)
    assert view(sqlite_database, run.run_id) == run
    scanned = ScanBin(run.run_id, right.step_id, "ann", run.current.bin_code.lower().replace("-", ""))
    with sqlite_database.read() as session:
        assert scan_bin(session, scanned, clock).bin_code == run.current.bin_code


def test_only_the_next_step_can_be_confirmed(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, order("O", ("P1", 3), ("P2", 3)))
    run_id = taken(sqlite_database, clock)
    with sqlite_database.read() as session:
        first, second = run_steps(session, run_id)[:2]
    early = ConfirmPick(run_id, second.step_id, "ann", second.bin_code, second.product, second.quantity)
    with pytest.raises(WrongState):
        sqlite_database.run(confirm_pick, early, clock=clock)
    with pytest.raises(WrongState):
        sqlite_database.run(finish_run, FinishRun(run_id, "ann"), clock=clock)
    sqlite_database.run(confirm_pick, confirmation(view(sqlite_database, run_id)), clock=clock)
    again = ConfirmPick(run_id, first.step_id, "ann", first.bin_code, first.product, first.quantity)
    with pytest.raises(WrongState):
        sqlite_database.run(confirm_pick, again, clock=clock)


def test_a_repeated_scan_answers_the_same_and_moves_nothing_twice(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    answer = released(database, clock, order("O", ("P1", 4), ("P2", 3)))
    run_id = taken(database, clock)
    command = confirmation(view(database, run_id), client_id="scan-1", quantity=2)
    first = database.run(confirm_pick, command, clock=clock)
    assert first.quantity_picked == 2
    picked_to_the_end(database, clock, run_id)
    assert database.run(confirm_pick, command, clock=clock) == first
    with database.read() as session:
        picks = select(func.sum(col(MovementRow.quantity))).where(col(MovementRow.reason) == Reason.PICK)
        assert session.execute(picks).scalar_one() == answer.quantity


def test_a_picker_goes_on_with_his_own_run(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, MANY)
    released(sqlite_database, clock, order("O", ("P1", 4)))
    run_id = taken(sqlite_database, clock)
    assert sqlite_database.run(take_run, TakeRun(SITE, "ann"), clock=clock).is_new is False
    assert taken(sqlite_database, clock) == run_id
    assert sqlite_database.run(take_run, TakeRun(SITE, "bob"), clock=clock).run_id is None


def at_once(num_threads: int, work: Callable[[int], object]) -> list[object]:
    """What `work` answers to each thread, all let go at the same moment; errors are answers too."""
    gate = threading.Barrier(num_threads)

    def one(number: int) -> object:
        gate.wait()
        try:
            return work(number)
        except WrongState as error:
            return error

    with ThreadPoolExecutor(num_threads) as pool:
        return list(pool.map(one, range(num_threads)))


def test_two_pickers_never_get_the_same_run(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    orders = [order(f"O{number}", *((f"P{each}", 3) for each in range(12))) for number in range(6)]
    runs = released(database, clock, *orders).runs
    assert len(runs) >= 3
    answers = at_once(8, lambda number: database.run(take_run, TakeRun(SITE, f"p{number}"), clock=clock).run_id)
    given = [answer for answer in answers if answer is not None]
    assert len(given) == len(set(given)) == min(8, len(runs))


def test_a_hundred_scans_for_the_last_unit_pick_it_once(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 1, None),)))
    released(database, clock, order("O", ("P1", 1)))
    run = view(database, taken(database, clock))
    answers = at_once(
        100, lambda number: database.run(confirm_pick, confirmation(run, client_id=f"c{number}"), clock=clock)
    )
    assert sum(isinstance(answer, Picked) for answer in answers) == 1
    assert_clean(database)


def _scan(database: Database, clock: FixedClock, scans: list[ConfirmPick], number: int) -> object:
    return database.run(confirm_pick, scans[number], clock=clock)


@pytest.mark.slow
def test_of_a_hundred_scans_for_a_last_unit_one_wins_two_hundred_times(database: Database, clock: FixedClock) -> None:
    products = [f"P{number}" for number in range(200)]
    stocked(database, clock, Goods(tuple((product, 1, None) for product in products), num_bins=1))
    released(
        database, clock, *(order(f"O{first}", *((each, 1) for each in products[first::10])) for first in range(10))
    )
    wins = 0
    while wins < len(products):
        run_id = taken(database, clock)
        while (run := view(database, run_id)).current is not None:
            scans = [confirmation(run, client_id=f"{wins}-{number}") for number in range(100)]
            answers = at_once(100, partial(_scan, database, clock, scans))
            assert sum(isinstance(answer, Picked) for answer in answers) == 1
            wins += 1
        database.run(finish_run, FinishRun(run_id, "ann"), clock=clock)
    assert_clean(database)


def test_a_missing_unit_is_fetched_from_another_bin_without_walking_back(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, MANY)
    released(database, clock, order("O", *((f"P{each}", 5) for each in range(12))))
    run_id = taken(database, clock)
    for _ in range(3):
        database.run(confirm_pick, confirmation(view(database, run_id)), clock=clock)
    _, old_route = plan_of(database, run_id)
    step = view(database, run_id).current
    assert step is not None
    command = ReportShort(run_id, step.step_id, "ann", step.bin_code, ShortReason.MISSING, client_id="short-1")
    answer = report_short(database, command, clock)
    assert answer.quantity_missing == answer.quantity_elsewhere == step.quantity
    assert report_short(database, command, clock) == answer
    problem, route = plan_of(database, run_id)
    walked_before = [leg for leg in old_route.legs[: old_route.stops[3].after_leg] if leg.from_mm != leg.to_mm]
    aisles = {edge for edge, each in enumerate(problem.floor.edges) if each.kind is EdgeKind.AISLE}
    assert {stretch.edge for stretch in problem.walked} == {leg.edge for leg in walked_before} & aisles
    assert verify(problem, route, route.certificate.policy).ok
    after = view(database, run_id)
    assert after.walked_mm == sum(leg.length_mm for leg in walked_before)
    assert after.backtrack_mm == after.backtrack_bound_mm == 0
    picked_to_the_end(database, clock, run_id)
    with database.read() as session:
        lines = order_view(session, SITE, "O").lines
        bins = {each.bin_code for each in run_steps(session, run_id) if each.product == step.product}
        (why,) = root_causes(session, SITE)
    assert (why.cause, why.differences, why.short_picks) == (RootCause.MISSTOW, 0, 1)  # stowed, and not picked since
    assert why.units_missing >= step.quantity
    with database.read() as session:
        (missed,) = short_picks(session, SITE)
    assert (missed.bin_code, missed.product, missed.picker) == (step.bin_code, step.product, "ann")
    assert (missed.cause, missed.named_by, missed.quantity) == (RootCause.MISSTOW, None, why.units_missing)
    for cause in (RootCause.UNIT, RootCause.THEFT):
        named = NameShortPickCause(SITE, missed.short_pick, cause, "mara", "seen on the camera")
        assert database.run(name_short_pick_cause, named, clock=clock).cause is cause
    with pytest.raises(NotFound):
        database.run(name_short_pick_cause, replace(named, short_pick=missed.short_pick + 1), clock=clock)
    with database.read() as session:
        (corrected,) = root_causes(session, SITE)
        (missed,) = short_picks(session, SITE)
    assert corrected == replace(why, cause=RootCause.THEFT)
    assert (missed.cause, missed.named_by, missed.note) == (RootCause.THEFT, "mara", "seen on the camera")
    assert {line.quantity_picked for line in lines} == {5}
    assert step.bin_code in bins
    assert len(bins) > 1
    assert_clean(database)


def test_what_is_nowhere_else_is_short_and_the_order_goes_on(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 5, None), ("P2", 5, None)), num_bins=1))
    released(database, clock, order("O", ("P1", 5), ("P2", 5)))
    run_id = taken(database, clock)
    step = view(database, run_id).current
    assert step is not None
    command = ReportShort(
        run_id, step.step_id, "ann", step.bin_code, ShortReason.DAMAGED, quantity=2, product_scan=step.product
    )
    answer = report_short(database, command, clock)
    assert (answer.quantity_picked, answer.quantity_missing, answer.quantity_short) == (2, 3, 3)
    picked_to_the_end(database, clock, run_id)
    with database.read() as session:
        seen = order_view(session, SITE, "O")
        line = next(line for line in seen.lines if line.product == step.product)
    assert seen.state is OrderState.PICKED
    assert (line.quantity_picked, line.quantity_short) == (2, 3)
    assert line.short_reason == f"3 damaged in {step.bin_code}"
    with database.read() as session:
        broken = [each for each in where_is(session, step.product) if each.status is StockStatus.DAMAGED]
    assert [(each.place, each.quantity) for each in broken] == [(step.bin_code, 3)]
    assert_clean(database)


def test_a_later_lot_steps_in_only_when_the_earlier_is_gone(sqlite_database: Database, clock: FixedClock) -> None:
    lots = (("P1", 4, date(2026, 1, 31)), ("P1", 4, date(2026, 2, 28)))
    stocked(sqlite_database, clock, Goods(lots, num_bins=2))
    released(sqlite_database, clock, order("O", ("P1", 4)))
    run_id = taken(sqlite_database, clock)
    with sqlite_database.read() as session:
        assert {step.expires_on for step in run_steps(session, run_id)} == {date(2026, 1, 31)}
    while (run := view(sqlite_database, run_id)).current is not None:
        if run.current.expires_on == date(2026, 2, 28):
            sqlite_database.run(confirm_pick, confirmation(run), clock=clock)
            continue
        short = ReportShort(run_id, run.current.step_id, "ann", run.current.bin_code, ShortReason.MISSING)
        assert report_short(sqlite_database, short, clock).quantity_short == 0
    with sqlite_database.read() as session:
        steps = run_steps(session, run_id)
    assert {step.expires_on for step in steps if step.quantity_picked} == {date(2026, 2, 28)}
    assert sum(step.quantity_picked for step in steps) == 4

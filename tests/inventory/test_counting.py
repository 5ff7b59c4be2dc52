import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from inventory.rules.counting import Approver, CountPolicy, CountTrigger, RootCause
from inventory.rules.stock_policy import StockStatus
from inventory.tables.counts import CountState, DifferenceState
from inventory.work.approving import ApproveDifference, RejectDifference, approve_difference, reject_difference
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.count_assigning import GiveBackCount, TakeCount, give_back_count, take_count
from inventory.work.count_planning import PlanCounts, RequestCounts, plan_counts, request_counts
from inventory.work.count_rules import SetCountPolicy, set_count_policy
from inventory.work.count_views import list_counts, unknown_goods, where_to_look
from inventory.work.counting import (
    CloseCount,
    CountGoods,
    NoteUnknownGoods,
    OpenCount,
    close_count,
    count_goods,
    note_unknown_goods,
    open_count,
)
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.picking import ConfirmPick, ReportShort, ShortReason, confirm_pick
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.replanning import report_short
from inventory.work.root_causes import root_causes
from inventory.work.statuses import ChangeStatus, change_status
from tests.inventory.counted_bin import begun, bin_with, contents, counted, differences, doubted, lot_code, request
from tests.inventory.picked_run import taken
from tests.inventory.small_site import SITE, Goods, order, product, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import LotUnclear, NotFound, ScanMismatch, WrongState

GOODS = Goods((("P0", 40, None), ("P1", 40, None), ("P2", 40, date(2026, 3, 1)), ("P2", 40, date(2026, 9, 1))))
WORTH = 500


@pytest.fixture
def house(database: Database, clock: FixedClock) -> Database:
    """A stocked house where a unit is worth five euro."""
    return valued(database, clock)


@pytest.fixture
def one_house(sqlite_database: Database, clock: FixedClock) -> Database:
    """The same on SQLite only, for what one database is enough for."""
    return valued(sqlite_database, clock)


def valued(database: Database, clock: FixedClock) -> Database:
    stocked(database, clock, GOODS)
    worth = tuple(replace(product(code), value_cents=WORTH) for code in ("P0", "P1", "P2"))
    database.run(save_products, SaveProducts(worth), clock=clock)
    return database


def clean(database: Database) -> None:
    with database.read() as session:
        assert check(session).ok


def off_by(there: Mapping[str, int], code: str, units: int) -> dict[str, int]:
    return {**there, code: there[code] + units}


def approve(database: Database, clock: FixedClock, user: str = "mara", rank: Approver = Approver.MANAGER) -> int:
    waiting = [each for each in differences(database) if each.state is DifferenceState.OPEN]
    command = ApproveDifference(waiting[0].difference_id, user, rank, client_id="approve-1")
    return database.run(approve_difference, command, clock=clock).quantity_promised


def test_a_bin_that_holds_what_the_books_say_is_counted_once(house: Database, clock: FixedClock) -> None:
    code = bin_with(house, "P0")
    request(house, clock, code)
    assert counted(house, clock, code, "ann", contents(house, code)) is CountState.DONE
    assert differences(house) == ()
    assert house.run(take_count, TakeCount(SITE, "bob"), clock=clock).count_id is None
    clean(house)


def test_a_small_difference_is_in_the_ledger_once_another_person_found_the_same(
    house: Database, clock: FixedClock
) -> None:
    code = bin_with(house, "P0")
    there = contents(house, code)
    request(house, clock, code)
    assert counted(house, clock, code, "ann", off_by(there, "P0", -1)) is CountState.RECOUNT
    assert contents(house, code) == there
    assert house.run(take_count, TakeCount(SITE, "ann"), clock=clock).count_id is None
    assert counted(house, clock, code, "bob", off_by(there, "P0", -1)) is CountState.DONE
    assert contents(house, code) == off_by(there, "P0", -1)
    assert contents(house, "LOST") == {"P0": 1}
    (found,) = differences(house)
    assert (found.state, found.decided_by, found.difference, found.quantity_adjusted) == (
        DifferenceState.APPROVED,
        "bob",
        -1,
        -1,
    )
    clean(house)


def test_a_miscount_that_the_recount_does_not_confirm_changes_nothing(house: Database, clock: FixedClock) -> None:
    code = bin_with(house, "P0")
    there = contents(house, code)
    request(house, clock, code)
    assert counted(house, clock, code, "ann", off_by(there, "P0", 3)) is CountState.RECOUNT
    assert counted(house, clock, code, "bob", there) is CountState.DONE
    assert contents(house, code) == there
    assert differences(house) == ()


def test_counters_who_do_not_agree_send_a_third_and_then_a_manager_decides(
    one_house: Database, clock: FixedClock
) -> None:
    code = bin_with(one_house, "P0")
    there = contents(one_house, code)
    request(one_house, clock, code)
    assert counted(one_house, clock, code, "ann", off_by(there, "P0", -1)) is CountState.RECOUNT
    assert counted(one_house, clock, code, "bob", off_by(there, "P0", 1)) is CountState.RECOUNT
    assert counted(one_house, clock, code, "cay", off_by(there, "P0", 2)) is CountState.APPROVAL
    (found,) = differences(one_house)
    assert (found.difference, found.approver) == (2, Approver.MANAGER)


@pytest.mark.parametrize(
    ("units", "approver"), [(-1, Approver.COUNTER), (-3, Approver.MANAGER), (30, Approver.ADMIN), (3, Approver.MANAGER)]
)
def test_units_and_value_decide_who_may_approve(
    one_house: Database, clock: FixedClock, units: int, approver: Approver
) -> None:
    code = bin_with(one_house, "P0")
    seen = off_by(contents(one_house, code), "P0", units)
    request(one_house, clock, code)
    counted(one_house, clock, code, "ann", seen)
    counted(one_house, clock, code, "bob", seen)
    (found,) = differences(one_house)
    assert (found.approver, found.value_cents) == (approver, abs(units) * WORTH)
    if approver is not Approver.COUNTER:
        with pytest.raises(WrongState, match="counted it"):
            approve(one_house, clock, "bob", Approver.ADMIN)
    if approver is Approver.ADMIN:
        with pytest.raises(WrongState, match="for the admin"):
            approve(one_house, clock)
    if approver is not Approver.COUNTER:
        assert approve(one_house, clock, rank=Approver.ADMIN) == 0
    assert contents(one_house, code) == seen
    clean(one_house)


def test_an_approval_sent_twice_counts_once(house: Database, clock: FixedClock) -> None:
    code = bin_with(house, "P0")
    seen = off_by(contents(house, code), "P0", -3)
    request(house, clock, code)
    counted(house, clock, code, "ann", seen)
    counted(house, clock, code, "bob", seen)
    (found,) = differences(house)
    command = ApproveDifference(found.difference_id, "mara", Approver.MANAGER, RootCause.THEFT, client_id="approve-1")
    first = house.run(approve_difference, command, clock=clock)
    assert house.run(approve_difference, command, clock=clock) == first
    assert contents(house, code) == seen
    with house.read() as session:
        (cause,) = root_causes(session, SITE)
        assert (cause.cause, cause.differences, cause.units_missing) == (RootCause.THEFT, 1, 3)
        (done,) = list_counts(session, SITE, state=CountState.DONE)
        assert done.counters == ("ann", "bob")


def test_a_rejected_difference_has_the_bin_counted_anew(one_house: Database, clock: FixedClock) -> None:
    code = bin_with(one_house, "P0")
    there = contents(one_house, code)
    request(one_house, clock, code)
    for counter in ("ann", "bob"):
        counted(one_house, clock, code, counter, off_by(there, "P0", -5))
    (found,) = differences(one_house)
    one_house.run(reject_difference, RejectDifference(found.difference_id, "mara"), clock=clock)
    assert counted(one_house, clock, code, "ann", there) is CountState.DONE
    assert contents(one_house, code) == there


def test_a_pick_before_or_after_the_scan_is_no_difference(house: Database, clock: FixedClock) -> None:
    released(house, clock, order("O", ("P0", 2)))
    run = taken(house, clock, "pia")
    assert run.current is not None
    code = run.current.bin_code
    there = contents(house, code)
    pick = ConfirmPick(run.run_id, run.current.step_id, "pia", code, "EAN-P0", 1)
    request(house, clock, code)
    count_id = begun(house, clock, code, "ann")
    house.run(confirm_pick, pick, clock=clock)  # while she looks at the shelf
    seen = {product: CountGoods(count_id, "ann", f"EAN-{product}", units) for product, units in there.items()}
    assert house.run(count_goods, seen["P0"], clock=clock).moved
    now = {**there, "P0": there["P0"] - 1}
    for each, units in now.items():
        again = CountGoods(count_id, "ann", f"EAN-{each}", units)
        assert not house.run(count_goods, again, clock=clock).moved
    house.run(confirm_pick, pick, clock=clock)  # after her scan
    assert house.run(close_count, CloseCount(count_id, "ann"), clock=clock).moved
    closed = house.run(close_count, CloseCount(count_id, "ann"), clock=clock)
    assert closed.state is CountState.DONE
    assert differences(house) == ()


def test_units_that_a_picker_has_in_his_hand_are_no_difference(one_house: Database, clock: FixedClock) -> None:
    released(one_house, clock, order("O", ("P0", 2)))
    run = taken(one_house, clock, "pia")
    assert run.current is not None
    code = run.current.bin_code
    there = contents(one_house, code)
    request(one_house, clock, code)
    count_id = begun(one_house, clock, code, "ann")
    in_hand = CountGoods(count_id, "ann", "EAN-P0", there["P0"] - 2)
    assert one_house.run(count_goods, in_hand, clock=clock).moved
    assert one_house.run(close_count, CloseCount(count_id, "ann"), clock=clock).moved
    all_there = CountGoods(count_id, "ann", "EAN-P0", there["P0"])
    assert not one_house.run(count_goods, all_there, clock=clock).moved


def test_picks_and_an_approval_after_the_count_leave_the_true_balance(house: Database, clock: FixedClock) -> None:
    released(house, clock, order("O", ("P0", 2)))
    run = taken(house, clock, "pia")
    assert run.current is not None
    code = run.current.bin_code
    there = contents(house, code)
    request(house, clock, code)
    picks = ConfirmPick(run.run_id, run.current.step_id, "pia", code, "EAN-P0", 2)
    house.run(confirm_pick, picks, clock=clock)
    seen = {**there, "P0": there["P0"] - 2 - 3}
    counted(house, clock, code, "ann", seen)
    counted(house, clock, code, "bob", seen)
    assert contents(house, code)["P0"] == there["P0"] - 2
    assert approve(house, clock) == 0
    assert contents(house, code) == seen
    clean(house)


def test_what_a_short_pick_wrote_off_meanwhile_is_not_taken_off_again(house: Database, clock: FixedClock) -> None:
    code = bin_with(house, "P0")
    there = contents(house, code)
    request(house, clock, code)
    gone = {**there, "P0": 0}
    counted(house, clock, code, "ann", gone)
    counted(house, clock, code, "bob", gone)
    released(house, clock, order("O", ("P0", 40)))
    run = taken(house, clock, "pia")
    while run.current is not None and run.current.bin_code != code:
        step = run.current
        house.run(
            confirm_pick,
            ConfirmPick(run.run_id, step.step_id, "pia", step.bin_code, "EAN-P0", step.quantity),
            clock=clock,
        )
        run = taken(house, clock, "pia")
    assert run.current is not None
    assert approve(house, clock, rank=Approver.ADMIN) == there["P0"]  # all of it is promised
    report_short(house, ReportShort(run.run_id, run.current.step_id, "pia", code, ShortReason.MISSING), clock)
    assert "P0" not in contents(house, code)
    assert contents(house, "LOST") == {"P0": there["P0"]}
    clean(house)


def test_surplus_comes_back_from_the_lost_goods_first(one_house: Database, clock: FixedClock) -> None:
    from_bin, to_bin = bin_with(one_house, "P0"), bin_with(one_house, "P0", 1)
    for code, units in ((from_bin, -1), (to_bin, 1)):
        request(one_house, clock, code)
        seen = off_by(contents(one_house, code), "P0", units)
        counted(one_house, clock, code, "ann", seen)
        counted(one_house, clock, code, "bob", seen)
    assert contents(one_house, "LOST") == {}
    clean(one_house)


def test_goods_in_a_bin_without_a_record_are_found_and_blamed_on_stowing(
    one_house: Database, clock: FixedClock
) -> None:
    code = bin_with(one_house, "P0")
    request(one_house, clock, code)
    seen = {**contents(one_house, code), "P1": 2}
    counted(one_house, clock, code, "ann", seen)
    counted(one_house, clock, code, "bob", seen)
    (found,) = differences(one_house)
    assert (found.product, found.difference, found.cause) == ("P1", 2, RootCause.MISSTOW)
    approve(one_house, clock)
    assert contents(one_house, code) == seen


def test_units_on_hold_in_a_bin_are_counted_with_it_and_missing_ones_are_taken_from_sale_first(
    one_house: Database, clock: FixedClock
) -> None:
    code = bin_with(one_house, "P0")
    there = contents(one_house, code)
    hold = ChangeStatus(SITE, code, "P0", StockStatus.HOLD, "quality-check", "mara", quantity=there["P0"] - 2)
    change_status(one_house, hold, clock)
    assert contents(one_house, code)["P0"] == 2
    request(one_house, clock, code)
    seen = off_by(there, "P0", -5)
    counted(one_house, clock, code, "ann", seen)
    counted(one_house, clock, code, "bob", seen)
    assert approve(one_house, clock) == 0
    assert "P0" not in contents(one_house, code)
    assert contents(one_house, f"{code}/hold")["P0"] == there["P0"] - 5
    clean(one_house)


def test_goods_nobody_knows_are_listed(one_house: Database, clock: FixedClock) -> None:
    code = bin_with(one_house, "P0")
    request(one_house, clock, code)
    count_id = begun(one_house, clock, code, "ann")
    with pytest.raises(NotFound):
        one_house.run(count_goods, CountGoods(count_id, "ann", "4099999999990", 1), clock=clock)
    one_house.run(note_unknown_goods, NoteUnknownGoods(count_id, "ann", "4099999999990", 2), clock=clock)
    one_house.run(close_count, CloseCount(count_id, "ann"), clock=clock)
    with one_house.read() as session:
        (found,) = unknown_goods(session, SITE)
    assert (found.bin_code, found.scanned, found.quantity, found.counter) == (code, "4099999999990", 2, "ann")


def find_unknown(database: Database, clock: FixedClock, code: str, counter: str, *unknown: str) -> CountState:
    """How a bin's count stands after a counter found all that is on the books, and goods nobody knows."""
    there = contents(database, code)
    count_id = begun(database, clock, code, counter)
    for known, quantity in there.items():
        database.run(count_goods, CountGoods(count_id, counter, f"EAN-{known}", quantity), clock=clock)
    for scanned in unknown:
        database.run(note_unknown_goods, NoteUnknownGoods(count_id, counter, scanned, 1), clock=clock)
    return database.run(close_count, CloseCount(count_id, counter), clock=clock).state


def test_a_bin_with_goods_nobody_knows_is_due_again_until_they_were_found_twice(
    one_house: Database, clock: FixedClock
) -> None:
    code = bin_with(one_house, "P0")
    request(one_house, clock, code)
    assert find_unknown(one_house, clock, code, "ann", "4099999999990") is CountState.DONE
    assert doubted(one_house) == {code}
    assert find_unknown(one_house, clock, code, "bob", "4099999999990") is CountState.DONE
    assert doubted(one_house) == set()
    request(one_house, clock, code)
    find_unknown(one_house, clock, code, "cyd", "4099999999990", "4099999999983")
    assert doubted(one_house) == {code}
    clean(one_house)


def test_a_lot_that_does_not_follow_from_the_bin_has_to_be_named(one_house: Database, clock: FixedClock) -> None:
    code = bin_with(one_house, "P0")
    request(one_house, clock, code)
    count_id = begun(one_house, clock, code, "ann")
    with pytest.raises(LotUnclear):
        one_house.run(count_goods, CountGoods(count_id, "ann", "EAN-P2", 1), clock=clock)
    with pytest.raises(NotFound, match="lot"):
        one_house.run(count_goods, CountGoods(count_id, "ann", "EAN-P2", 1, lot="NONE"), clock=clock)
    lot = lot_code(one_house, "P2")
    named = CountGoods(count_id, "ann", "EAN-P2", 1, lot=lot)
    assert one_house.run(count_goods, named, clock=clock).lot == lot
    one_house.run(save_owner, SaveOwner("acme", "Acme"), clock=clock)
    theirs = Receive(SITE, (Receipt("P1", 1, lot="TWIN"), Receipt("P1", 1, lot="TWIN", owner="acme")), "mara")
    one_house.run(receive, theirs, clock=clock)
    twin = CountGoods(count_id, "ann", "EAN-P1", 1, lot="TWIN")
    with pytest.raises(LotUnclear) as raised:
        one_house.run(count_goods, twin, clock=clock)
    assert raised.value.owners == ("acme", "house")
    assert one_house.run(count_goods, replace(twin, owner="acme"), clock=clock).lot == "TWIN"


def test_only_who_took_a_count_and_stands_at_the_bin_may_count(one_house: Database, clock: FixedClock) -> None:
    code, other = bin_with(one_house, "P0"), bin_with(one_house, "P0", 1)
    request(one_house, clock, code)
    count_id = one_house.run(take_count, TakeCount(SITE, "ann"), clock=clock).count_id
    assert count_id is not None
    assert not one_house.run(take_count, TakeCount(SITE, "ann"), clock=clock).is_new
    with pytest.raises(WrongState, match="scan the bin"):
        one_house.run(close_count, CloseCount(count_id, "ann"), clock=clock)
    with pytest.raises(ScanMismatch):
        one_house.run(open_count, OpenCount(count_id, "ann", other), clock=clock)
    with pytest.raises(WrongState, match="somebody else"):
        one_house.run(open_count, OpenCount(count_id, "bob", code), clock=clock)
    one_house.run(open_count, OpenCount(count_id, "ann", code), clock=clock)
    one_house.run(count_goods, CountGoods(count_id, "ann", "EAN-P0", 1), clock=clock)
    one_house.run(give_back_count, GiveBackCount(count_id, "ann"), clock=clock)
    assert counted(one_house, clock, code, "ann", contents(one_house, code)) is CountState.DONE


def test_one_counter_gets_a_count_that_many_ask_for_at_once(house: Database, clock: FixedClock) -> None:
    request(house, clock, bin_with(house, "P0"))
    got: list[int | None] = []

    def take(number: int) -> None:
        got.append(house.run(take_count, TakeCount(SITE, f"counter-{number}"), clock=clock).count_id)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([count for count in got if count is not None]) == 1


def test_picks_during_counts_by_many_never_become_a_difference(house: Database, clock: FixedClock) -> None:
    """The shelf is a lock and a number here: who looks sees what lies there, and confirms later."""
    released(house, clock, order("O", ("P0", 10)))
    run = taken(house, clock, "pia")
    assert run.current is not None
    code, step = run.current.bin_code, run.current
    shelf = contents(house, code)
    request(house, clock, code)
    seen = threading.Lock()

    def pick() -> None:
        for _ in range(step.quantity):
            with seen:
                shelf["P0"] -= 1
            command = ConfirmPick(run.run_id, step.step_id, "pia", code, "EAN-P0", 1)
            house.run(confirm_pick, command, clock=clock)

    picker = threading.Thread(target=pick)
    count_id = begun(house, clock, code, "ann")
    picker.start()
    for each in list(shelf):
        while True:
            with seen:
                units = shelf[each]
            command = CountGoods(count_id, "ann", f"EAN-{each}", units)
            if not house.run(count_goods, command, clock=clock).moved:
                break
    while (closed := house.run(close_count, CloseCount(count_id, "ann"), clock=clock)).moved:
        pass
    picker.join()
    assert closed.state is CountState.DONE
    assert differences(house) == ()


def test_short_and_last_units_at_picks_make_bins_due_and_planning_again_adds_nothing(
    one_house: Database, clock: FixedClock
) -> None:
    stock = {bin_with(one_house, "P0", number): 0 for number in range(3)}
    first = contents(one_house, next(iter(stock)))["P0"]
    released(one_house, clock, order("O", ("P0", first)), order("Q", ("P1", 1)))
    run = taken(one_house, clock, "pia")
    short = None
    while run.current is not None:
        step = run.current
        if step.product == "P1":
            short = step.bin_code
            command = ReportShort(run.run_id, step.step_id, "pia", step.bin_code, ShortReason.MISSING)
            report_short(one_house, command, clock)
        else:
            picked = ConfirmPick(run.run_id, step.step_id, "pia", step.bin_code, "EAN-P0", step.quantity)
            one_house.run(confirm_pick, picked, clock=clock)
        run = taken(one_house, clock, "pia")
        if short is not None and run.current is not None and run.current.product == "P1":
            break
    plan = one_house.run(plan_counts, PlanCounts(SITE), clock=clock)
    assert CountTrigger.EXCEPTION not in plan.added  # it was due at once
    with one_house.read() as session:
        due = {each.bin_code: each.trigger for each in list_counts(session, SITE)}
    assert due[str(short)] is CountTrigger.EXCEPTION
    for code in stock:
        left = contents(one_house, code).get("P0", 0)
        if left == 0:
            assert due[code] is CountTrigger.ZERO
    again = one_house.run(plan_counts, PlanCounts(SITE), clock=clock)
    assert again.added == {}


def test_every_bin_is_due_within_its_days_and_then_not_before_they_are_over(
    one_house: Database, clock: FixedClock
) -> None:
    policy = CountPolicy(days_a=10, days_b=10, days_c=10, days_max=20)
    one_house.run(set_count_policy, SetCountPolicy(SITE, policy, "mara"), clock=clock)
    clock.advance(5 * 86_400_000)
    some = one_house.run(plan_counts, PlanCounts(SITE), clock=clock).added
    clock.advance(15 * 86_400_000)
    rest = one_house.run(plan_counts, PlanCounts(SITE), clock=clock).added
    assert sum(some.values()) + sum(rest.values()) == 480
    assert 100 <= sum(some.values()) <= 150
    assert set(some) == {CountTrigger.AGE, CountTrigger.CYCLE}


def test_a_whole_aisle_can_be_asked_for(one_house: Database, clock: FixedClock) -> None:
    planned = one_house.run(request_counts, RequestCounts(SITE, aisle="1"), clock=clock)
    assert planned.added == {CountTrigger.REQUEST: planned.num_due}
    with pytest.raises(NotFound):
        one_house.run(request_counts, RequestCounts(SITE, aisle="99"), clock=clock)


def test_counts_are_walked_aisle_by_aisle(one_house: Database, clock: FixedClock) -> None:
    one_house.run(request_counts, RequestCounts(SITE), clock=clock)
    walked = []
    for _ in range(5):
        count_id = one_house.run(take_count, TakeCount(SITE, "ann"), clock=clock).count_id
        assert count_id is not None
        with one_house.read() as session:
            code = next(each.bin_code for each in list_counts(session, SITE, limit=480) if each.count_id == count_id)
        one_house.run(open_count, OpenCount(count_id, "ann", code), clock=clock)
        one_house.run(close_count, CloseCount(count_id, "ann"), clock=clock)
        walked.append(code[:6])
    assert walked == sorted(walked)


def test_missing_units_are_looked_for_where_they_were_found_first_and_next_door_then(
    one_house: Database, clock: FixedClock
) -> None:
    home, away = bin_with(one_house, "P0"), bin_with(one_house, "P1")
    for code, units in ((home, -5), (away, 5)):
        request(one_house, clock, code)
        there = contents(one_house, code)
        seen = {**there, "P0": there.get("P0", 0) + units}
        counted(one_house, clock, code, "ann", seen)
        counted(one_house, clock, code, "bob", seen)
    missing = next(each for each in differences(one_house) if each.difference < 0)
    with one_house.read() as session:
        found = where_to_look(session, missing.difference_id)
    assert found[0].bin_code == away
    assert "the same goods were found too many there" in found[0].why
    assert any("next to the bin" in each.why for each in found)
    assert home not in {each.bin_code for each in found}

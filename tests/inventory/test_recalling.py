"""A lot called back is found wherever it is, and goods are found over all sites."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlmodel import Session

from inventory.ledger import NewMovement, post
from inventory.rules.stock_policy import StockStatus
from inventory.tables.stock import Reason
from inventory.tables.withholding import RecallLiftRow
from inventory.work.checking import check
from inventory.work.locating import Whereabouts, where_is
from inventory.work.looking import order_view
from inventory.work.recall_lifting import LiftRecall, lift_recall
from inventory.work.recalling import CallBack, call_back, recall_view
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import OpenSite, live_site, open_site, place_id
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.walking import FinishRun, finish_run
from inventory.work.withheld import LYING
from tests.inventory.picked_run import books_agree, confirm, taken, view
from tests.inventory.small_site import DEFINITION, SITE, Goods, order, released, stocked
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

LOT = "EXP-2026-03-01"
TWO_LOTS = Goods((("P1", 12, date(2026, 3, 1)), ("P1", 12, date(2026, 4, 1))), num_bins=2)


def called(client_id: str = "") -> CallBack:
    return CallBack(SITE, "P1", LOT, "recall-supplier", "mara", "letter of 4 December", client_id)


def ship(session: Session, tote: str, clock: Clock) -> None:
    """What lies in a tote goes to the customer of order A."""
    live = live_site(session, SITE)
    (lying,) = session.execute(select(LYING).where(LYING.c.within_id == place_id(session, live.id, tote))).all()
    line = session.execute(text("SELECT max(order_line_id) FROM movement")).scalar_one()
    way = (lying.place_id, place_id(session, live.id, "CUSTOMER"), lying.product_id, lying.lot_id, lying.quantity)
    post(session, [NewMovement(live.id, *way, Reason.SHIP, "packer", order_line_id=line)], clock=clock)


def test_a_recall_finds_bins_totes_the_dock_other_sites_and_the_orders_that_got_some(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, TWO_LOTS)
    database.run(open_site, OpenSite(DEFINITION.replace("SMALL", "OTHER"), num_totes=1), clock=clock)
    receipt = (Receipt("P1", 5, expires_on=date(2026, 3, 1)),)
    database.run(receive, Receive("OTHER", receipt, "receiver"), clock=clock)
    released(database, clock, order("A", ("P1", 3)))
    run = confirm(database, clock, taken(database, clock))
    database.run(finish_run, FinishRun(run.run_id, "ann"), clock=clock)
    database.run(ship, run.totes[0], clock=clock)
    released(database, clock, order("B", ("P1", 2)))
    run = confirm(database, clock, taken(database, clock))
    released(database, clock, order("C", ("P1", 4)))
    with database.read() as session:
        before = {(each.site, each.place): each.quantity for each in recall_view(session, "P1", LOT).here}
    command = called("recall-1")
    answer = call_back(database, command, clock)
    assert call_back(database, command, clock) == answer
    assert sum(before.values()) == answer.quantity_recalled == 12 - 3 + 5
    assert {(each.site, each.place): each.quantity for each in answer.recall.here} == before
    assert {each.status for each in answer.recall.here} == {StockStatus.RECALLED}
    assert {("OTHER", "dock"), (SITE, run.totes[0])} <= before.keys()
    assert [(each.order, each.quantity_picked, each.quantity_shipped) for each in answer.recall.orders] == [
        ("A", 3, 3),
        ("B", 2, 0),
    ]
    assert answer.waiting == ("B", "C")
    books_agree(database)
    again = released(database, clock, order("D", ("P1", 1)))
    assert (again.quantity, again.shorts) == (2 + 4 + 1, ())
    with database.read() as session:
        found = where_is(session, "P1")
    assert {each.lot for each in found if each.reserved} == {"EXP-2026-04-01"}


def test_a_run_under_way_picks_another_lot_than_the_one_called_back(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, TWO_LOTS)
    released(database, clock, order("A", ("P1", 3)))
    run = taken(database, clock)
    assert run.current is not None
    assert run.current.lot == LOT
    assert call_back(database, called(), clock).run_ids == (run.run_id,)
    run = view(database, run.run_id)
    assert run.current is not None
    assert (run.current.lot, run.current.quantity) == ("EXP-2026-04-01", 3)
    confirm(database, clock, run)
    with database.read() as session:
        assert order_view(session, SITE, "A").lines[0].quantity_picked == 3
    books_agree(database)


def test_units_that_come_in_after_a_recall_are_withheld_and_none_is_freed(
    database: Database, clock: FixedClock
) -> None:
    stocked(database, clock, TWO_LOTS)
    call_back(database, called(), clock)
    receipt = (Receipt("P1", 5, expires_on=date(2026, 3, 1)),)
    received = database.run(receive, Receive(SITE, receipt, "receiver"), clock=clock)
    assert received.lots[0].status is StockStatus.RECALLED
    free = ChangeStatus(SITE, "dock", "P1", StockStatus.AVAILABLE, "released", "mara", StockStatus.RECALLED)
    with pytest.raises(WrongState, match="recalled"):
        change_status(database, free, clock)
    with database.read() as session:
        assert check(session).ok


def test_goods_are_found_by_product_barcode_or_lot(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, TWO_LOTS)

    def found(code: str) -> tuple[Whereabouts, ...]:
        with database.read() as session:
            return where_is(session, code)

    assert sum(each.quantity for each in found("P1")) == 24
    assert found("P1") == found("EAN-P1")
    assert {each.lot for each in found(LOT)} == {LOT}
    with pytest.raises(NotFound):
        found("nothing")


def test_finding_goods_looks_at_no_other_goods(sqlite_database: Database, clock: FixedClock) -> None:
    """The plan of the query names no table that is read from end to end."""
    stocked(sqlite_database, clock, TWO_LOTS)
    query = select(LYING).where(LYING.c.product_id == 1, LYING.c.lot_id == 1)
    with sqlite_database.read() as session:
        compiled = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    searches = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    assert any("ix_balance_product_id" in step for step in searches)
    assert not any(step.startswith(("SCAN balance", "SCAN place", "SCAN withheld")) for step in searches), plan


def test_a_recall_is_lifted_with_its_reason_and_stays_on_record(sqlite_database: Database, clock: FixedClock) -> None:
    stocked(sqlite_database, clock, TWO_LOTS)
    lift = LiftRecall(SITE, "P1", LOT, "released", "mara", StockStatus.AVAILABLE, "all clear", "lift-1")
    with pytest.raises(WrongState, match="not called back"):
        sqlite_database.run(lift_recall, lift, clock=clock)
    call_back(sqlite_database, called(), clock)
    for wrong in (replace(lift, cause="space"), replace(lift, status=StockStatus.RECALLED)):
        with pytest.raises(WrongState):
            sqlite_database.run(lift_recall, replace(wrong, client_id=""), clock=clock)
    lifted = sqlite_database.run(lift_recall, lift, clock=clock)
    assert lifted.quantity == 12
    assert sqlite_database.run(lift_recall, lift, clock=clock) == lifted
    with sqlite_database.read() as session:
        view = recall_view(session, "P1", LOT)
        assert view.called_by == ""
        assert {each.status for each in view.here} == {StockStatus.AVAILABLE}
        kept = session.execute(select(RecallLiftRow)).scalar_one()
    assert (kept.called_by, kept.recall_cause, kept.lifted_by, kept.note) == (
        "mara",
        "recall-supplier",
        "mara",
        "all clear",
    )

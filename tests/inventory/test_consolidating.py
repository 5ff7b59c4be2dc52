"""Nearly empty bins pile up: somebody is told once, and people empty them into fuller ones."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.rules.storage_policy import Consolidation, ForwardArea, ForwardLevel, HeavyLow, StowRules
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.consolidating import EmptyingMove, emptying_moves
from inventory.work.consolidation_alerts import (
    AcknowledgeConsolidation,
    BinsLookedAt,
    ConsolidationAlertView,
    LookAtBins,
    acknowledge_consolidation,
    consolidation_alerts,
    look_at_bins,
    note_bins,
)
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.replenishing import ReplenishingMove, replenishing_moves
from inventory.work.replenishment_work import (
    REST_MS,
    ConfirmReplenishment,
    LeaveReplenishment,
    TakeReplenishment,
    confirm_replenishment,
    leave_replenishment,
    take_replenishment,
)
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy, stock_policy_view
from inventory.work.stowing import Stow, stow
from tests.inventory.counted_bin import doubted
from tests.inventory.small_site import DEFINITION, SITE, order, product, released
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ScanMismatch, StowRefused, WrongState

PILE = Consolidation(nearly_empty_percent=10, share_percent=50, num_bins_min=2)


def open_bins(database: Database, clock: FixedClock) -> tuple[str, str, str]:
    """A house with a bin of 70 units of P1, one of 3, and one of 4 of P2; two of three are nearly empty."""
    definition = DEFINITION.replace("  chilled: { storage_classes: [chilled]", "  pick: { storage_classes: [ambient]")
    database.run(open_site, OpenSite(definition), clock=clock)
    database.run(save_products, SaveProducts((product("P1"), product("P2"))), clock=clock)
    database.run(receive, Receive(SITE, (Receipt("P1", 100), Receipt("P2", 30)), "ann"), clock=clock)
    with database.read() as session:
        bins = [each.code for each in live_site(session, SITE).site.bins if each.zone == "ambient"]
    full, low, other = bins[0], bins[20], bins[40]
    for goal, code, units in ((full, "P1", 70), (low, "P1", 3), (other, "P2", 4)):
        database.run(stow, Stow(SITE, "dock", goal, code, units, "ann"), clock=clock)
    ruled(database, clock, StowRules(consolidation=PILE))
    return full, low, other


def ruled(database: Database, clock: FixedClock, rules: StowRules) -> None:
    with database.read() as session:
        version = stock_policy_view(session, SITE, clock).latest
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(stowing=rules), version, "mara"), clock=clock)


def look(database: Database, clock: FixedClock) -> BinsLookedAt:
    return look_at_bins(database, LookAtBins(SITE), clock)


def moves(database: Database, clock: FixedClock) -> tuple[EmptyingMove, ...]:
    with database.read() as session:
        return emptying_moves(session, SITE, 10, clock)


def alerts(database: Database, *, acknowledged: bool | None = None) -> tuple[ConsolidationAlertView, ...]:
    with database.read() as session:
        return consolidation_alerts(session, SITE, acknowledged=acknowledged)


def taken(database: Database, clock: FixedClock, user: str) -> ReplenishingMove | None:
    take_replenishment(database, TakeReplenishment(SITE, user), clock)
    with database.read() as session:
        found = [each for each in replenishing_moves(session, SITE, 50, clock) if each.taker == user]
    return found[0] if found else None


def brought(move: ReplenishingMove, user: str) -> ConfirmReplenishment:
    scanned = (move.from_bin, move.product, move.quantity, move.to_bin)
    return ConfirmReplenishment(move.replenishment or 0, user, *scanned)


def test_an_alert_is_raised_once_acknowledged_and_raised_anew_only_after_bins_were_fewer(
    database: Database, clock: FixedClock
) -> None:
    _, low, _ = open_bins(database, clock)
    assert look(database, clock) == BinsLookedAt(2, 3, piles_up=True, raised=True)
    assert look(database, clock) == BinsLookedAt(2, 3, piles_up=True)
    assert not database.run(note_bins, LookAtBins(SITE), clock=clock).raised
    (alert,) = alerts(database, acknowledged=False)
    assert (alert.num_nearly_empty, alert.num_used, alert.ended_ms) == (2, 3, None)
    seen = AcknowledgeConsolidation(SITE, alert.alert_id, "mara")
    assert database.run(acknowledge_consolidation, seen, clock=clock).acknowledged_by == "mara"
    with pytest.raises(WrongState):
        database.run(acknowledge_consolidation, seen, clock=clock)
    assert alerts(database, acknowledged=False) == ()
    assert not look(database, clock).raised
    database.run(stow, Stow(SITE, "dock", low, "P1", 20, "ann"), clock=clock)
    clock.advance(1_000)
    assert look(database, clock) == BinsLookedAt(1, 3, piles_up=False, ended=True)
    assert alerts(database)[0].ended_ms == clock.now_ms()
    ruled(database, clock, StowRules(consolidation=replace(PILE, share_percent=30, num_bins_min=1)))
    assert look(database, clock).raised
    assert [each.acknowledged_by for each in alerts(database)] == [None, "mara"]
    ruled(database, clock, StowRules())
    assert look(database, clock).ended, "a site that wants to be told nothing any more is told nothing"


def test_of_all_who_look_at_once_one_raises_the_alert(database: Database, clock: FixedClock) -> None:
    open_bins(database, clock)
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: look(database, clock), range(8)))
    assert [each.raised for each in seen].count(True) == 1
    assert len(alerts(database)) == 1


def test_the_emptiest_bins_are_emptied_whole_and_nothing_that_is_promised_or_withheld_is_moved(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    full, low, other = open_bins(database, clock)
    # One fuller bin takes from one bin only: the emptiest goes first.
    assert [(each.from_bin, each.to_bin, each.product, each.quantity) for each in moves(database, clock)] == [
        (low, full, "P1", 3)
    ]
    change_status(database, ChangeStatus(SITE, low, "P1", StockStatus.HOLD, "quality-check", "ann", quantity=1), clock)
    assert [each.from_bin for each in moves(database, clock)] == [other]
    released(database, clock, order("A", ("P2", 1)))
    assert moves(database, clock) == ()


def test_where_all_bins_are_nearly_empty_they_are_put_together(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    full, low, other = open_bins(database, clock)
    ruled(database, clock, StowRules(consolidation=replace(PILE, nearly_empty_percent=100)))
    (move,) = moves(database, clock)
    assert move.from_bin == low
    assert move.to_bin in (full, other)


def test_bins_of_forward_areas_run_low_and_are_neither_counted_nor_emptied_nor_filled(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    full, low, _ = open_bins(database, clock)
    with database.read() as session:
        front = next(each.code for each in live_site(session, SITE).site.bins if each.zone == "pick")
    database.run(stow, Stow(SITE, "dock", front, "P1", 4, "ann"), clock=clock)
    assert look(database, clock).num_nearly_empty == 3
    area = ForwardArea("pick", (ForwardLevel("P1", 2, 4),))
    ruled(database, clock, StowRules(consolidation=PILE, forward=(area,)))
    assert look(database, clock) == BinsLookedAt(2, 3, piles_up=True)
    assert [(each.from_bin, each.to_bin) for each in moves(database, clock)] == [(low, full)]


def test_people_empty_bins_as_work_as_long_as_the_alert_lasts(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    full, low, other = open_bins(database, clock)
    assert taken(database, clock, "ann") is None
    look(database, clock)
    move = taken(database, clock, "ann")
    assert move is not None
    assert (move.from_bin, move.to_bin, move.quantity, move.purpose) == (low, full, 3, "consolidation")
    assert moves(database, clock) == (), "the other bin would have to go into the same one"
    assert taken(database, clock, "bob") is None
    with pytest.raises(ScanMismatch):
        database.run(confirm_replenishment, replace(brought(move, "ann"), to_bin=other), clock=clock)
    database.run(confirm_replenishment, brought(move, "ann"), clock=clock)
    with database.read() as session:
        cause = session.execute(text("SELECT cause FROM movement ORDER BY id DESC LIMIT 1")).scalar_one()
        assert cause == "consolidation"
        assert check(session).ok
    again = taken(database, clock, "ann")
    assert again is not None
    assert (again.from_bin, again.to_bin) == (other, full)
    leave = LeaveReplenishment(again.replenishment or 0, "ann", "no room")
    database.run(leave_replenishment, leave, clock=clock)
    assert doubted(database) == {other, full}
    assert taken(database, clock, "bob") is None
    clock.advance(REST_MS)
    assert look(database, clock).ended, "one nearly empty bin of two is not a pile of two"
    assert taken(database, clock, "bob") is None


def test_a_move_that_the_rules_forbid_meanwhile_is_refused(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    open_bins(database, clock)
    look(database, clock)
    move = taken(database, clock, "ann")
    assert move is not None
    ruled(database, clock, StowRules(consolidation=PILE, heavy_low=(HeavyLow(1, 1),)))
    with pytest.raises(StowRefused):
        database.run(confirm_replenishment, brought(move, "ann"), clock=clock)
    assert moves(database, clock) == ()


@pytest.mark.parametrize("wrong", [{"nearly_empty_percent": 0}, {"share_percent": 101}, {"num_bins_min": 0}])
def test_a_pile_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="pile up"):
        Consolidation(**wrong)

"""Directed stowing: bins are proposed by the rules, and a cart of goods is put away on one walk."""

import json
from collections import Counter

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.rules.storage_policy import LookAlike, StowRules
from inventory.rules.stowing import refusal
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.storage import StowRunRow
from inventory.work.bin_contents import bin_room, unit_of
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.proposing import Sought, propose
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.room_index import RoomIndex, room_index
from inventory.work.sites import live_site
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stow_planning import PlanStow, StowPlanned, plan_stow
from inventory.work.stow_walking import ConfirmStow, LeaveStow, StowRunView, confirm_stow, leave_stow, stow_run_view
from inventory.work.stowing import Stow, stow
from routing.route import Route
from tests.inventory.counted_bin import doubted
from tests.inventory.small_site import SITE, Goods, product, stocked
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ScanMismatch, WrongState


def came(database: Database, clock: FixedClock, **units: int) -> None:
    kept = {"ICE": StorageClass.CHILLED}
    goods = [product(code, storage_class=kept.get(code, StorageClass.AMBIENT)) for code in units]
    database.run(save_products, SaveProducts(tuple(goods)), clock=clock)
    receipts = tuple(Receipt(code, quantity) for code, quantity in units.items())
    database.run(receive, Receive(SITE, receipts, "ann"), clock=clock)


def plan(database: Database, clock: FixedClock, user: str = "ann") -> StowPlanned:
    return plan_stow(database, PlanStow(SITE, "dock", user, budget_ms=20, client_id=f"plan-{user}"), clock)


def at_hand(database: Database, user: str = "ann") -> StowRunView | None:
    with database.read() as session:
        return stow_run_view(session, user)


def walk(database: Database, clock: FixedClock, user: str = "ann") -> Counter[str]:
    """Confirm every step of a run; the units brought by product."""
    brought = Counter[str]()
    while (view := at_hand(database, user)) is not None:
        step = view.current
        assert step is not None
        brought[step.product] += step.quantity
        done = ConfirmStow(step.step_id, user, step.bin_code, f"EAN-{step.product}", client_id=f"stow-{step.step_id}")
        first = database.run(confirm_stow, done, clock=clock)
        assert database.run(confirm_stow, done, clock=clock) == first
    return brought


def test_a_cart_is_put_away_on_one_walk_without_turning_back(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 10, None),)))
    came(database, clock, P1=20, P2=30, ICE=12)
    planned = plan(database, clock)
    assert plan(database, clock) == planned
    assert (planned.is_new, planned.not_planned) == (True, ())
    with database.read() as session:
        run = session.get(StowRunRow, planned.run_id)
        assert run is not None
        route = Route.from_dict(json.loads(run.route))
    assert run.backtrack_mm == route.certificate.backtrack_bound_mm
    assert len(route.stops) <= 9
    assert walk(database, clock) == {"P1": 20, "P2": 30, "ICE": 12}
    assert at_hand(database) is None
    with database.read() as session:
        assert check(session).ok


def test_two_stowers_get_other_goods_and_other_bins_and_what_is_left_comes_again(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    stocked(database, clock, Goods(()))
    came(database, clock, P1=100, P2=100)
    plan(database, clock, "ann")
    came(database, clock, P3=9)
    plan(database, clock, "bob")
    ann, bob = at_hand(database, "ann"), at_hand(database, "bob")
    assert ann is not None
    assert ann.current is not None
    assert bob is not None
    assert bob.current is not None
    step = ann.current
    with pytest.raises(WrongState, match="walked by ann"):
        database.run(leave_stow, LeaveStow(step.step_id, "bob", "no room"), clock=clock)
    with pytest.raises(ScanMismatch):
        database.run(confirm_stow, ConfirmStow(step.step_id, "ann", bob.current.bin_code, step.product), clock=clock)
    with pytest.raises(ScanMismatch):
        database.run(confirm_stow, ConfirmStow(step.step_id, "ann", step.bin_code, "P3"), clock=clock)
    assert database.run(leave_stow, LeaveStow(step.step_id, "ann", "no room"), clock=clock).run_done is False
    assert doubted(database) == {step.bin_code}
    with pytest.raises(WrongState):
        database.run(confirm_stow, ConfirmStow(step.step_id, "ann", step.bin_code, step.product), clock=clock)
    brought = walk(database, clock, "ann") + walk(database, clock, "bob")
    again = plan_stow(database, PlanStow(SITE, "dock", "ann", budget_ms=20), clock)
    assert again.is_new
    assert walk(database, clock, "ann") + brought == {"P1": 100, "P2": 100, "P3": 9}
    assert plan_stow(database, PlanStow(SITE, "dock", "ann", budget_ms=20), clock).run_id is None


def test_the_index_follows_the_ledger_and_proposes_only_what_every_rule_allows(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    stocked(database, clock, Goods((("P1", 60, None), ("P2", 60, None)), num_bins=20))
    rules = StowRules(look_alike=LookAlike(code_distance=1), products_per_bin_max=1)
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(stowing=rules), 0, "mara"), clock=clock)
    came(database, clock, P3=10)
    with database.read() as session:
        live = live_site(session, SITE)
        with room_index(session, live) as index:
            full = sorted(index.contents)
        lot = session.execute(select(LotRow).join(ProductRow).where(col(ProductRow.code) == "P3")).scalars().one()
        goods = session.get(ProductRow, lot.product_id)
        assert goods is not None
        unit = unit_of(session, live, goods, lot, clock)
        found = propose(session, live, Sought(unit, 4, 400), rules)
        some = live.site.bins[::7]
        allowed = {each.code for each in some if refusal(bin_room(session, live, each, rules), unit, 4, rules) is None}
        assert {each.bin_code for each in found} & {each.code for each in some} == allowed
        assert 0 < len(allowed) < len(some)
    goal, source = found[0].bin_code, live.area.shelves.codes[full[0]]
    database.run(stow, Stow(SITE, "dock", goal, "P3", 4, "ann"), clock=clock)
    moved = "P1" if index.looks[next(iter(index.contents[full[0]].lots))].code == "P1" else "P2"
    hold = ChangeStatus(SITE, source, moved, StockStatus.HOLD, "quality-check", "mara", quantity=1)
    change_status(database, hold, clock)
    empty = next(each.bin_code for each in found[1:] if each.row not in full and each.bin_code != goal)
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(), 1, "mara"), clock=clock)
    database.run(move_goods, MoveGoods(SITE, source, empty, moved, 1, "space", "ann"), clock=clock)
    with database.read() as session:
        fresh = RoomIndex(live)
        fresh.follow(session)
        with room_index(session, live) as index:
            assert index.contents == fresh.contents
            assert {key: rows for key, rows in index.bins_of.items() if rows} == fresh.bins_of
            assert (index.volume_used == fresh.volume_used).all()
            assert (index.num_products == fresh.num_products).all()

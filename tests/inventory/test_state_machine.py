"""Goods of a house through whatever may happen to them, beside a small model of how much there must be.

The model knows of every lot how many units are in the house, lost in it or out with customers, of every unit with a
serial where it is, and in which order lots must be used up. After each step the books are added up and compared.
"""

import contextlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from inventory.rules.counting import Approver
from inventory.rules.stock_policy import StockStatus
from inventory.tables.counts import CountState, StockCountRow
from inventory.tables.products import HOUSE
from inventory.tables.serials import SerialState
from inventory.work.approving import ApproveDifference, approve_difference
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.count_assigning import GiveBackCount, TakeCount, give_back_count, take_count
from inventory.work.count_planning import RequestCounts, request_counts
from inventory.work.counting import CloseCount, CountGoods, OpenCount, close_count, count_goods, open_count
from inventory.work.disposing import Dispose, WayOut, dispose
from inventory.work.looking import RunView, run_view
from inventory.work.moving import MoveGoods, move_goods
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.picking import ConfirmPick, ReportShort, ShortReason, confirm_pick
from inventory.work.recalling import CallBack, call_back
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.replanning import report_short
from inventory.work.returning import ReturnGoods, return_goods
from inventory.work.serials import ON_THE_SHELF
from inventory.work.shelf_life_alerts import RaiseAlerts, raise_alerts
from inventory.work.shipping import ShipOrder, ship_order
from inventory.work.sites import OpenSite, live_site, open_site, place_codes
from inventory.work.stowing import Stow, StowAtRandom, stow, stow_at_random
from inventory.work.walking import FinishRun, TakeRun, finish_run, take_run
from tests.inventory.books import Books, Lot
from tests.inventory.one_transaction import OneTransaction
from tests.inventory.small_site import product
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import Refused, SerialsNeeded, StockShort, WrongState
from warehouse.tables import PlaceKind

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

SITE, ACME = "TINY", "acme"
OWNERS = (HOUSE, ACME)
EXPIRING, LASTING, SERIALISED = "P1", "P2", "P3"
AT_FIRST = ((EXPIRING, HOUSE), (EXPIRING, HOUSE), (LASTING, ACME), (SERIALISED, HOUSE))
DAY_MS = 86_400_000

NUM_RUNS = 4
"""As many as take some seconds; two thousand are run by `make soak`."""

NUM_PARTS = 20
"""In so many parts, that several processes share and that a failure names."""

DEFINITION = """
code: TINY
name: Tiny site
time_zone: UTC
bin_code: "{aisle:02}-{bay:03}-{level:A}{slot:01}-{check}"
floor:
  rectangular:
    aisles: 2
    aisle_pitch: 3 m
    blocks: 1
    bays: 2
    bay_width: 1.2 m
    cross_aisle_width: 2 m
    levels: 1
    slots: 1
zones:
  ambient: { storage_classes: [ambient] }
bin_types:
  shelf: { length: 600 mm, width: 400 mm, height: 400 mm, volume: 90 l, load: 60 kg }
stations:
  dock: { kind: inbound, at: { x: -2 m }, spur: 2 m }
  carts: { kind: cart_park, at: { aisle: 1 }, spur: 2 m }
  packing: { kind: packing, at: { aisle: 2 }, spur: 2 m }
cart: { totes: 4, tote_volume: 30 l, load: 60 kg }
"""


LOST_UNSEEN = {(SerialState.LOST, SerialState.HERE)}
"""What the books may say of a unit that the model has somewhere in the house."""


@dataclass
class Unit:
    """A unit with a serial: its lot, where it is, and the order that it went out for."""

    lot: Lot
    state: SerialState = SerialState.HERE
    order: str = ""


def furnish(database: Database, clock: FixedClock) -> None:
    """An empty house with three products, of which one expires and one has serials as well, and a merchant."""
    database.run(open_site, OpenSite(DEFINITION, num_totes=8), clock=clock)
    products = (product(EXPIRING), product(LASTING), replace(product(SERIALISED), serialised=True))
    database.run(save_products, SaveProducts(products), clock=clock)
    database.run(save_owner, SaveOwner(ACME, "Acme"), clock=clock)


class GoodsMachine(RuleBasedStateMachine):
    """All that happens to goods, and what must be true of them whatever happens."""

    def __init__(self, origin: Database, clock: FixedClock) -> None:
        super().__init__()
        self.clock = FixedClock(clock.now_ms())
        self.database = OneTransaction(origin)
        self.books = Books(self.database)
        with self.database.read() as session:
            self.bins = [each.code for each in live_site(session, SITE).site.bins]
        self.here: Counter[Lot] = Counter()
        self.out: Counter[tuple[str, Lot]] = Counter()
        self.expires: dict[Lot, date | None] = {}
        self.recalled: set[tuple[str, str]] = set()
        self.units: dict[str, Unit] = {}
        self.lies: dict[str, tuple[Lot, int]] = {}
        self.num_orders = self.num_counters = 0
        self.runs_wait = self.orders_picked = False

    def teardown(self) -> None:
        """Nothing of it ever happened."""
        self.database.close()

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.clock.now_ms() / 1000, tz=UTC).date()

    # --- what happens

    @initialize(days=st.lists(st.integers(1, 60), min_size=4, max_size=4))
    def stock_up(self, days: list[int]) -> None:
        """Something of everything to begin with, of one product two lots."""
        for code, owner, life in zip(
            (EXPIRING, EXPIRING, LASTING, SERIALISED), (HOUSE, HOUSE, ACME, HOUSE), days, strict=True
        ):
            self.receive(code, 5, life, owner, stow_too=False)
        self.stow_all(num_bins=2, seed=days[0])

    @rule(
        code=st.sampled_from((EXPIRING, LASTING, SERIALISED)),
        quantity=st.integers(1, 6),
        days=st.integers(-1, 60),
        owner=st.sampled_from(OWNERS),
        stow_too=st.sampled_from((True, True, True, False)),
    )
    def receive(self, code: str, quantity: int, days: int, owner: str, stow_too: bool) -> None:
        expires_on = None if code == LASTING else self.today + timedelta(days)
        new = range(len(self.units), len(self.units) + quantity)
        serials = tuple(f"S{number}" for number in new) if code == SERIALISED else ()
        receipt = Receipt(code, quantity, expires_on=expires_on, owner=owner, serials=serials)
        received = self.database.run(receive, Receive(SITE, (receipt,), "rita"), clock=self.clock)
        lot = (code, owner, received.lots[0].lot)
        self.here[lot] += quantity
        self.expires[lot] = expires_on
        self.units |= {serial: Unit(lot) for serial in serials}
        if stow_too:
            self.stow_all(num_bins=2, seed=quantity)

    @rule(number=st.integers(0, 99))
    def receive_a_unit_that_has_been_here(self, number: int) -> None:
        if not self.units:
            return
        serial = sorted(self.units)[number % len(self.units)]
        receipt = Receipt(SERIALISED, 1, expires_on=self.today, serials=(serial,))
        with pytest.raises(WrongState):
            self.database.run(receive, Receive(SITE, (receipt,), "rita"), clock=self.clock)

    @rule(num_bins=st.integers(1, 3), seed=st.integers(0, 9))
    def stow_all(self, num_bins: int, seed: int) -> None:
        command = StowAtRandom(SITE, "dock", "sam", num_bins=num_bins, seed=seed)
        self.database.run(stow_at_random, command, clock=self.clock)

    @rule(number=st.integers(0, 99), goal=st.integers(0, 7), quantity=st.integers(1, 4))
    def stow_one(self, number: int, goal: int, quantity: int) -> None:
        lying = self._lying(PlaceKind.STATION, number)
        if lying is not None:
            _, (code, owner, lot), _ = lying
            command = Stow(SITE, "dock", self.bins[goal], code, quantity, "sam", lot=lot, owner=owner)
            self._try(lambda: self.database.run(stow, command, clock=self.clock))

    @rule(number=st.integers(0, 99), goal=st.integers(0, 7), quantity=st.integers(1, 4))
    def move(self, number: int, goal: int, quantity: int) -> None:
        lying = self._lying(PlaceKind.BIN, number)
        if lying is not None:
            place, (code, owner, lot), status = lying
            facts = (SITE, place, self.bins[goal], code, quantity, "space", "sam", lot)
            command = MoveGoods(*facts, status=status, owner=owner)
            self._try(lambda: self.database.run(move_goods, command, clock=self.clock))

    @rule(
        number=st.integers(0, 99),
        quantity=st.integers(1, 3),
        way_out=st.sampled_from((WayOut.DESTROYED, WayOut.GIVEN_AWAY)),
    )
    def dispose(self, number: int, quantity: int, way_out: WayOut) -> None:
        kinds = (PlaceKind.BIN, PlaceKind.STATION, PlaceKind.TOTE)
        found = [(kind, self._lying(kind, number, withheld=True)) for kind in kinds]
        kind, lying = next((each for each in found if each[1] is not None), (PlaceKind.BIN, None))
        if lying is None:
            return
        place, (code, owner, lot), status = lying
        serials = self._units_withheld(kind, place, (code, owner, lot))[:quantity] if code == SERIALISED else ()
        facts = (SITE, status, way_out, "unfit", "mara", place, code, lot, owner, quantity, serials)
        try:
            gone = self.database.run(dispose, Dispose(*facts), clock=self.clock)
        except (StockShort, SerialsNeeded):
            return
        assert gone.quantity == quantity
        self.here[code, owner, lot] -= quantity
        for serial in serials:
            self.units[serial].state, self.units[serial].order = SerialState.GONE, ""

    @rule(number=st.integers(0, 99), quantity=st.integers(1, 8))
    def order(self, number: int, quantity: int) -> None:
        free = sorted({(code, owner) for code, owner, _ in self.books.free()}) or [(LASTING, HOUSE)]
        code, owner = free[number % len(free)]
        self.num_orders += 1
        order = NewOrder(f"O{self.num_orders}", (NewLine(code, quantity),), owner=owner)
        self.database.run(place_orders, PlaceOrders(SITE, (order,)), clock=self.clock)
        self.release()

    @precondition(lambda self: self.num_orders)
    @rule()
    def release(self) -> None:
        before = self.books.promised()
        released = release(self.database, Release(SITE, budget_ms=0, num_pickers=1, delay_max_s=0), self.clock)
        self.runs_wait = self.runs_wait or bool(released.runs)
        promised = {lot for lot, units in self.books.promised().items() if units > before[lot]}
        free = self.books.free()
        for code, owner, lot in promised:
            mine = (code, owner, lot)
            assert self._usable(mine), "expired goods were promised"
            for other in self._before(mine):
                assert not free[other], f"{mine} was promised before {other}"

    @precondition(lambda self: self.runs_wait)
    @rule(quantity=st.integers(1, 9), short=st.sampled_from((None, None, None, *ShortReason)))
    def pick(self, quantity: int, short: ShortReason | None) -> None:
        run = self._run()
        if run is not None and run.current is not None and short is not None:
            step = run.current
            report = ReportShort(run.run_id, step.step_id, "ann", step.bin_code, short)
            report_short(self.database, report, self.clock)
        elif run is not None:
            self._pick(run, quantity)

    @precondition(lambda self: self.runs_wait)
    @rule()
    def pick_to_the_end(self) -> None:
        while (run := self._run()) is not None and self._pick(run, 99):
            pass

    def _pick(self, run: RunView, quantity: int) -> bool:
        """Pick up to so many units at the step at hand, or bring the cart to its end; whether the run goes on."""
        step = run.current
        if step is None:
            self.database.run(finish_run, FinishRun(run.run_id, "ann"), clock=self.clock)
            self.orders_picked = True
            return False
        assert (step.expires_on or date.max) >= self.today, "expired goods are to be picked"
        serials = self.books.serials_to_pick(step.step_id) if step.product == SERIALISED else ()
        taken = min(quantity, step.quantity - step.quantity_picked)
        if step.product == SERIALISED:
            taken = min(taken, len(serials))
        if not taken:
            return False
        chosen = serials[:taken]
        scans = (step.bin_code, f"EAN-{step.product}", taken)
        command = ConfirmPick(run.run_id, step.step_id, "ann", *scans, serials=chosen)
        self.database.run(confirm_pick, command, clock=self.clock)
        for serial in chosen:
            self.units[serial].state, self.units[serial].order = SerialState.PICKED, step.order
        return True

    @rule(number=st.integers(0, 99), wrong_by=st.integers(-2, 2))
    def count(self, number: int, wrong_by: int) -> None:
        lying = self._lying(PlaceKind.BIN, number)
        if lying is None:
            return
        place, lot, _ = lying
        self.lies.setdefault(place, (lot, wrong_by))
        self.database.run(request_counts, RequestCounts(SITE, (place,)), clock=self.clock)
        outside = self.books.found_outside()
        for _ in range(2):
            self._count_once()
        self._approve()
        self.here += self.books.found_outside() - outside
        found = {serial for serial, _, _ in self.books.serials()} - self.units.keys()
        self.units |= {serial: Unit(self.books.lot_of(serial)) for serial in found}

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days * DAY_MS)
        raise_alerts(self.database, RaiseAlerts(SITE, "sweeper"), self.clock)

    @rule(number=st.integers(0, 99))
    def recall(self, number: int) -> None:
        if number < len(self.here):  # not too often, or nothing is left to sell
            code, _, lot = sorted(self.here)[number % len(self.here)]
            call_back(self.database, CallBack(SITE, code, lot, "recall-supplier", "mara"), self.clock)
            self.recalled.add((code, lot))

    @precondition(lambda self: self.orders_picked)
    @rule(number=st.integers(0, 99))
    def ship(self, number: int) -> None:
        orders = self.books.orders_picked()
        if not orders:
            self.orders_picked = False
            return
        order, owner = orders[number % len(orders)]
        try:
            shipped = self.database.run(ship_order, ShipOrder(SITE, order, "pia"), clock=self.clock)
        except SerialsNeeded:  # others that were picked for it are withheld, and somebody has to look which
            return
        except WrongState as refused:
            if refused.state not in ("still on its way", "without any goods"):
                raise
            return
        for each in shipped.lots:
            lot = (each.product, owner, each.lot)
            assert self._usable(lot), "expired goods were shipped"
            assert (each.product, each.lot) not in self.recalled, "goods called back were shipped"
            self.here[lot] -= each.quantity
            self.out[order, lot] += each.quantity
            for unit in self._units_for(order, lot, SerialState.PICKED).values():
                unit.state = SerialState.SHIPPED

    @precondition(lambda self: +self.out)
    @rule(
        number=st.integers(0, 99),
        quantity=st.integers(1, 3),
        status=st.sampled_from((StockStatus.AVAILABLE, StockStatus.QUARANTINED, StockStatus.DAMAGED)),
    )
    def give_back(self, number: int, quantity: int, status: StockStatus) -> None:
        order, lot = sorted(+self.out)[number % len(+self.out)]
        code, _, lot_code = lot
        units = dict(sorted(self._units_for(order, lot, SerialState.SHIPPED).items())[:quantity])
        command = ReturnGoods(SITE, order, code, quantity, status, "returned", "rita", lot_code, tuple(units))
        if quantity > self.out[order, lot]:
            with pytest.raises(StockShort):
                self.database.run(return_goods, command, clock=self.clock)
            return
        back = self.database.run(return_goods, command, clock=self.clock)
        if (code, lot_code) in self.recalled:
            assert back.status is StockStatus.RECALLED
        elif not self._usable(lot):
            assert back.status is StockStatus.EXPIRED
        self.out[order, lot] -= quantity
        self.here[lot] += quantity
        for unit in units.values():
            unit.state, unit.order = SerialState.HERE, ""

    # --- what must be true after each step

    @invariant()
    def books_equal_the_model(self) -> None:
        with self.database.read() as session:
            assert check(session).ok
        stock = self.books.stock()
        assert all(lot.quantity_min > 0 and lot.reserved_min >= 0 for lot in stock.values())
        assert {lot: each.quantity for lot, each in stock.items()} == +self.here
        assert self.books.with_customers() == +self.out
        for lot in (lot for lot, each in stock.items() if each.reserved):
            assert self._usable(lot), "expired goods are promised"
            assert (lot[0], lot[2]) not in self.recalled, "goods called back are promised"

    @invariant()
    def every_unit_is_in_one_place(self) -> None:
        serials = [(serial, state) for serial, state, _ in self.books.serials()]
        assert len(serials) == len(self.units), "a serial is there twice"
        assert {serial for serial, _ in serials} == self.units.keys()
        for serial, state in serials:  # which units were written off nobody tells, so the books may not tell either
            assert state is self.units[serial].state or (state, self.units[serial].state) in LOST_UNSEEN

    # --- what the machine needs to know

    def _usable(self, lot: Lot) -> bool:
        """Whether a lot is not past its expiry."""
        return (self.expires[lot] or date.max) >= self.today

    def _units_for(self, order: str, lot: Lot, state: SerialState) -> dict[str, Unit]:
        """The units of a lot that went out for an order so far."""
        wanted = (lot, state, order)
        return {serial: unit for serial, unit in self.units.items() if (unit.lot, unit.state, unit.order) == wanted}

    def _try(self, act: Callable[[], object]) -> None:
        """Do what may be refused; then nothing has changed, as the books will show."""
        with contextlib.suppress(Refused):
            act()

    def _before(self, lot: Lot) -> list[Lot]:
        """The lots of the same goods that had to be used up before this one."""
        rank = {each: (self.expires[each] or date.max, each[2]) for each in self.expires if each[:2] == lot[:2]}
        return [each for each in rank if self._usable(each) and rank[each] < rank[lot]]

    def _run(self) -> RunView | None:
        """The run that the picker walks, a new one if he walks none; None if none waits."""
        run_id = self.database.run(take_run, TakeRun(SITE, "ann"), clock=self.clock).run_id
        if run_id is None:
            self.runs_wait = False
            return None
        with self.database.read() as session:
            return run_view(session, run_id)

    def _count_once(self) -> None:
        """Somebody new counts the bin whose turn it is, and sees what the one before him saw."""
        self.num_counters += 1
        counter = f"counter {self.num_counters}"
        count_id = self.database.run(take_count, TakeCount(SITE, counter), clock=self.clock).count_id
        if count_id is None:
            return
        with self.database.read() as session:
            count = session.get(StockCountRow, count_id)
            assert count is not None
            place = place_codes(session, {count.place_id})[count.place_id]
        seen = self.books.inside(count.place_id)
        lie = self.lies.get(place, (("", "", ""), 0))
        self.database.run(open_count, OpenCount(count_id, counter, place), clock=self.clock)
        for lot, units in seen.items():
            reported = max(0, units + (lie[1] if lot == lie[0] else 0))
            serials = self._units_seen(lot, reported) if lot[0] == SERIALISED else ()
            goods = CountGoods(count_id, counter, f"EAN-{lot[0]}", reported, lot=lot[2], serials=serials)
            if self.database.run(count_goods, goods, clock=self.clock).moved:
                break
        else:
            closed = self.database.run(close_count, CloseCount(count_id, counter), clock=self.clock)
            if not closed.moved:
                if closed.state is not CountState.RECOUNT:
                    self.lies.pop(place, None)
                return
        self.database.run(give_back_count, GiveBackCount(count_id, counter), clock=self.clock)

    def _units_seen(self, lot: Lot, reported: int) -> tuple[str, ...]:
        """So many units of a lot as a counter reads them: any that may be there, and beyond these unknown ones."""
        states = {serial: state for serial, state, _ in self.books.serials()}
        here = [serial for serial, unit in self.units.items() if unit.lot == lot and states[serial] in ON_THE_SHELF]
        new = (f"X{number}" for number in range(len(self.units), len(self.units) + reported))
        return (*sorted(here)[:reported], *new)[:reported]

    def _approve(self) -> None:
        for difference_id in self.books.differences_open():
            command = ApproveDifference(difference_id, "mara", Approver.MANAGER)
            self.database.run(approve_difference, command, clock=self.clock)

    def _lying(self, kind: PlaceKind, number: int, *, withheld: bool = False) -> tuple[str, Lot, StockStatus] | None:
        """Goods in a place of a kind: the place, the lot and the status; the `number`th of all, round and round."""
        found = self.books.goods_in(kind, withheld=withheld)
        return found[number % len(found)] if found else None

    def _units_withheld(self, kind: PlaceKind, place: str, lot: Lot) -> tuple[str, ...]:
        """Serials of units of a lot that may be withheld in a place: picked into the tote, or anywhere in the house."""
        return tuple(
            serial
            for serial, state, at in self.books.serials()
            if self.units[serial].lot == lot
            and ((state is SerialState.PICKED and at == place) if kind is PlaceKind.TOTE else state is SerialState.HERE)
        )


def run_machines(origin: Database, clock: FixedClock, num_runs: int, part: int = 0) -> None:
    """So many runs of 50 steps, each beginning in the empty house; other ones in every part."""
    furnish(origin, clock)

    @seed(part)
    class Machine(GoodsMachine):
        def __init__(self) -> None:
            super().__init__(origin, clock)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=num_runs,
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", range(NUM_PARTS))
def test_goods_are_where_a_model_says_in_2000_histories(database: Database, clock: FixedClock, part: int) -> None:
    run_machines(database, clock, 2000 // NUM_PARTS, part)


def test_goods_are_where_a_model_says(sqlite_database: Database, clock: FixedClock) -> None:
    run_machines(sqlite_database, clock, NUM_RUNS, NUM_PARTS)

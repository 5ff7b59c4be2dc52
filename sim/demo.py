"""A day in a warehouse with random storage, from the empty floor to the last pick, and what it saves.

Everything runs through the real work functions and the real ledger: goods are received and stowed at
random, orders are placed and released, every step is picked by its bin and product. In the end the
balances are recomputed from the movements, every route is judged again, and the same orders are planned
over the same floor in the ways that `sim.baselines` describes.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.pick_runs import PickArea
from inventory.rules.stock import Goods, Shelves
from inventory.tables.outbound import PickRunRow, PickStepRow, RunState
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.caging import SetCageRight, set_cage_right
from inventory.work.checking import CheckReport, check
from inventory.work.importing import ImportOrders, ImportProducts, import_orders, import_products
from inventory.work.picking import ConfirmPick, confirm_pick
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, Released, ShortLine, release
from inventory.work.sites import OpenSite, live_site, open_site
from inventory.work.stowing import StowAtRandom, StowedAtRandom, stow_at_random
from inventory.work.walking import FinishRun, TakeRun, finish_run, take_run
from routing.bin_choice import Budget
from routing.problem import PolicyName
from routing.verify import verify
from sim.baselines import Baseline, baselines, plan_baseline
from sim.day_demand import DayDemand
from sim.demo_site import COVER_DAYS, floor_rule, planned_site
from sim.walked_run import WalkedRun, finished_runs, planned_runs
from warehouse.bins import Cart, Site
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.errors import SiteFileInvalid
from warehouse.site_file import read_site
from warehouse.site_writing import write_site
from warehouse.tables import PlaceKind, PlaceRow

T = TypeVar("T")

USER = "demo"
"""Who does all the work."""

BUDGET_S = 60
"""How long the solver may think about all runs together: a day is to be told in under three minutes."""

BUDGET_MS_MAX = 1500
"""How long it may think about one run, which gains next to nothing from more."""

Phase = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 if unknown)."""


@dataclass(frozen=True)
class DemoOptions:
    """How the day is run; `site_file` is the text of a site of one's own.

    `budget_ms` is how long the solver may think about one run; by default `BUDGET_S` is shared by all.
    """

    policy: PolicyName = PolicyName.NO_BACKTRACK
    bins_per_product: int = 5
    seed: int = 0
    budget_ms: int | None = None
    site_file: str | None = None


@dataclass(frozen=True)
class Walking:
    """A day's walking under one way to store and pick; `stock` is what lay in bins before."""

    name: str
    policy: PolicyName
    runs: tuple[WalkedRun, ...]
    stock: tuple[tuple[str, str, str, int], ...]
    num_short: int = 0

    @property
    def distance_mm(self) -> int:
        """Metres walked, in mm."""
        return sum(run.route.certificate.distance_mm for run in self.runs)

    @property
    def backtrack_mm(self) -> int:
        """Aisle floor walked again, in mm."""
        return sum(run.route.certificate.backtrack_mm for run in self.runs)

    @property
    def backtrack_bound_mm(self) -> int:
        """Aisle floor that must be walked again, whatever one does: the proven bounds added up."""
        return sum(run.route.certificate.backtrack_bound_mm for run in self.runs)

    @property
    def num_verified(self) -> int:
        """Routes that stand up to `routing.verify`."""
        return sum(verify(run.problem, run.route, run.route.certificate.policy).ok for run in self.runs)


@dataclass(frozen=True)
class DemoDay:
    """What came of the day; `seconds` are by phase, `num_units` were picked."""

    demand: DayDemand
    options: DemoOptions
    site: Site
    random: Walking
    baselines: tuple[Walking, ...]
    shorts: tuple[ShortLine, ...]
    unplaced: tuple[str, ...]
    ledger: CheckReport
    num_units: int
    num_bins_used: int
    rules: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)


def no_phase(what: str, done: int, total: int) -> None:
    """Phases that nobody watches."""


def run_demo(database: Database, demand: DayDemand, options: DemoOptions, phase: Phase = no_phase) -> DemoDay:
    """Run a day in an empty, migrated database.

    Parameters
    ----------
    database
        Where all of it is written.
    demand
        The day's orders and products.
    options
        How the day is run.
    phase
        Told how far it is.

    Returns
    -------
    DemoDay
        Everything that is reported.

    Raises
    ------
    SiteFileInvalid
        If the site of one's own has problems.
    RouteRejected
        If a route does not stand up to verification.
    """
    began = time.perf_counter()
    day = _Day(database, demand, options, phase)
    day.open()
    opened = time.perf_counter()
    stowed = day.stow()
    stock = day.read(_stock)
    stowed_at = time.perf_counter()
    released = day.release()
    released_at = time.perf_counter()
    day.pick()
    picked_at = time.perf_counter()
    phase("checking the ledger", 0, 0)
    ledger = day.read(check)
    random = Walking("random", options.policy, day.read(day.finished), stock, len(released.shorts))
    checked_at = time.perf_counter()
    compared = day.compare()
    route_s = released.seconds["route"]
    return DemoDay(
        demand=demand,
        options=options,
        site=day.site,
        random=random,
        baselines=compared,
        shorts=released.shorts,
        unplaced=tuple(f"{each.quantity} of {each.product}: {each.why}" for each in stowed.left_over),
        ledger=ledger,
        num_units=sum(each.quantity for run in random.runs for each in run.taken),
        num_bins_used=stowed.num_bins,
        rules=_rules(demand, options),
        seconds={
            "site": opened - began,
            "stow": stowed_at - opened,
            "release": released_at - stowed_at - route_s,
            "route": route_s,
            "pick": picked_at - released_at,
            "check": checked_at - picked_at,
            "baselines": time.perf_counter() - checked_at,
            "total": time.perf_counter() - began,
        },
    )


@dataclass(frozen=True)
class PickNextRun:
    """Pick the next run to its end."""

    site: str


def pick_next_run(session: Session, command: PickNextRun, clock: Clock) -> int:
    """Take the next run and confirm every step of it, as a picker does; 0 if there is none."""
    run_id = take_run(session, TakeRun(command.site, USER), clock).run_id
    if run_id is None:
        return 0
    query = (
        select(col(PickStepRow.id), col(PlaceRow.code), col(ProductRow.code), col(PickStepRow.quantity))
        .join(PlaceRow, col(PlaceRow.id) == col(PickStepRow.place_id))
        .join(ProductRow, col(ProductRow.id) == col(PickStepRow.product_id))
        .where(col(PickStepRow.run_id) == run_id)
        .order_by(col(PickStepRow.sequence))
    )
    for step_id, bin_code, product, quantity in session.execute(query).all():
        confirm_pick(session, ConfirmPick(run_id, step_id, USER, bin_code, product, quantity), clock)
    finish_run(session, FinishRun(run_id, USER), clock)
    return run_id


class _Day:
    """The work of one day, in the order in which it is done."""

    def __init__(self, database: Database, demand: DayDemand, options: DemoOptions, phase: Phase) -> None:
        self.database, self.demand, self.options, self.phase = database, demand, options, phase
        times = [order.placed_ms for order in demand.orders if order.placed_ms is not None]
        self.clock = FixedClock(max(times, default=0))
        self.text = options.site_file or write_site(
            planned_site(demand.volume_mm3, options.bins_per_product, demand.name)
        )
        site = read_site(self.text)
        if isinstance(site, list):
            raise SiteFileInvalid(site)
        self.site = site
        self.area = PickArea.of_site(site)
        shared_ms = min(BUDGET_MS_MAX, 1000 * BUDGET_S // carts_needed(demand, site.cart))
        self.budget_ms = shared_ms if options.budget_ms is None else options.budget_ms

    def read(self, query: Callable[[Session], T]) -> T:
        """Ask the database something."""
        with self.database.read() as session:
            return query(session)

    def open(self) -> None:
        """Open the site and make products and orders known."""
        self.phase("opening the site", 0, 0)
        run = self.database.run
        run(open_site, OpenSite(self.text), clock=self.clock)
        run(set_cage_right, SetCageRight(USER, may_open=True, user=USER), clock=self.clock)
        run(import_products, ImportProducts(self.demand.products), clock=self.clock)
        run(import_orders, ImportOrders(self.site.code, self.demand.orders), clock=self.clock)

    def stow(self) -> StowedAtRandom:
        """Receive the stock and stow it at random."""
        self.phase("stowing at random", 0, 0)
        receipts = tuple(
            Receipt(product.code, self.demand.units[product.code] * COVER_DAYS) for product in self.demand.products
        )
        came = self.database.run(receive, Receive(self.site.code, receipts, USER), clock=self.clock)
        command = StowAtRandom(
            self.site.code, came.station, USER, num_bins=self.options.bins_per_product, seed=self.options.seed
        )
        return self.database.run(stow_at_random, command, clock=self.clock)

    def release(self) -> Released:
        """Release all orders at once."""
        self.phase("releasing orders and planning routes", 0, 0)
        options = self.options
        command = Release(self.site.code, policy=options.policy, budget_ms=self.budget_ms, seed=options.seed)
        return release(self.database, command, self.clock)

    def pick(self) -> None:
        """Pick every run, a transaction each."""
        num_runs = self.read(lambda session: len(_ready_runs(session)))
        for done in range(num_runs):
            self.phase("picking runs", done, num_runs)
            self.clock.advance(1)
            self.database.run(pick_next_run, PickNextRun(self.site.code), clock=self.clock)

    def finished(self, session: Session) -> tuple[WalkedRun, ...]:
        """The runs as they were picked."""
        return finished_runs(session, live_site(session, self.site.code).id)

    def compare(self) -> tuple[Walking, ...]:
        """The same orders, floor and cart under every baseline."""
        goods, lots = self.demand.as_arrays()
        quantity = np.array([self.demand.units[code] * COVER_DAYS for code in goods.codes], dtype=np.int64)
        orders, line_names = self.demand.as_orders()
        walks = []
        for number, baseline in enumerate(found := baselines(goods, lots, quantity, orders, self.area)):
            self.phase(f"walking the {baseline.name.replace('_', ' ')} way", number, len(found))
            budget = Budget(time_ms=self.budget_ms)
            plan = plan_baseline(baseline, orders, goods, self.area, budget=budget, seed=self.options.seed)
            runs = planned_runs(plan.runs, goods, lots, self.area.shelves, line_names)
            stock = _stock_of(baseline, goods, self.area.shelves)
            walks.append(Walking(baseline.name, baseline.policy.name, runs, stock, len(plan.shorts)))
        return tuple(walks)


def carts_needed(demand: DayDemand, cart: Cart) -> int:
    """Carts that the day's orders fill at least, by load and by totes, of which every order has its own."""
    product = {each.code: each for each in demand.products}
    weight_g = sum(product[code].size.weight_g * units for code, units in demand.units.items())
    num_totes = 0
    for order in demand.orders:
        volume_mm3 = sum(product[line.product].size.volume_mm3 * line.quantity for line in order.lines)
        num_totes += math.ceil(volume_mm3 / cart.tote_volume_mm3)
    return max(1, math.ceil(weight_g / cart.load_g), math.ceil(num_totes / cart.num_totes))


def _ready_runs(session: Session) -> Sequence[int | None]:
    query = select(col(PickRunRow.id)).where(col(PickRunRow.state) == RunState.READY)
    return session.execute(query).scalars().all()


def _stock(session: Session) -> tuple[tuple[str, str, str, int], ...]:
    """What lies in bins, as (bin, product, lot, quantity)."""
    query = (
        select(col(PlaceRow.code), col(ProductRow.code), col(LotRow.code), col(BalanceRow.quantity))
        .join(PlaceRow, col(PlaceRow.id) == col(BalanceRow.place_id))
        .join(ProductRow, col(ProductRow.id) == col(BalanceRow.product_id))
        .join(LotRow, col(LotRow.id) == col(BalanceRow.lot_id))
        .where(col(PlaceRow.kind) == PlaceKind.BIN)
        .order_by(col(PlaceRow.code), col(ProductRow.code), col(LotRow.code))
    )
    return tuple((bin_code, product, lot, quantity) for bin_code, product, lot, quantity in session.execute(query))


def _stock_of(baseline: Baseline, goods: Goods, shelves: Shelves) -> tuple[tuple[str, str, str, int], ...]:
    """What lies in the fixed places of a baseline."""
    stock = baseline.stock
    return tuple(
        sorted(
            (shelves.codes[bin_row], goods.codes[product], stock.lots.codes[lot], quantity)
            for bin_row, product, lot, quantity in zip(
                stock.bin.tolist(), stock.product.tolist(), stock.lot.tolist(), stock.quantity.tolist(), strict=True
            )
        )
    )


def _rules(demand: DayDemand, options: DemoOptions) -> tuple[str, ...]:
    """How sizes, floor and stock came about, a line each."""
    floor = "a site of one's own" if options.site_file else floor_rule(demand.volume_mm3)
    cart = "12 totes of 60 l, 250 kg, for every policy and baseline"
    return (
        f"sizes: {demand.size_rule}",
        f"floor: {floor}",
        f"stock: {COVER_DAYS} days of every product, each spread over {options.bins_per_product} bins at random",
        f"cart: {'as in the site file' if options.site_file else cart}",
    )

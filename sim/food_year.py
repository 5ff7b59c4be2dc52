"""A year of a grocer's warehouse, day by day through the ledger: receive, stow, warn, pick and ship; nothing expired.

Every night the shelf life of all goods is looked at, alerts are raised, what is expired is withheld and then destroyed.
In the morning what was shipped comes in, with what is missing for the orders of the coming days, and is stowed at
random in its zone. Then the day's orders are released, picked and shipped, by the work functions of the live site.
In the end two questions are asked of the ledger alone: did a customer get a unit after its expiry, and are the alerts
those that a recomputation of all movements in NumPy comes to?
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.stock import IntArray
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.tables.outbound import OrderRow, OrderState
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.tables.withholding import ShelfLifeAlertRow, WithheldPlaceRow
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.disposing import Dispose, WayOut, dispose
from inventory.work.importing import ImportOrders, import_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.shelf_life_alerts import RaiseAlerts, raise_alerts
from inventory.work.shipping import ShipOrder, ship_order
from inventory.work.sites import OpenSite, open_site
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import StowAtRandom, stow_at_random
from inventory.work.withheld import LYING
from routing.batching import Batching
from sim.demo import USER, PickNextRun, pick_next_run
from sim.food_demand import FoodYear
from sim.food_floor import FILL_DAYS, coming_in, expires_on, food_site
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.site_writing import write_site
from warehouse.tables import PlaceKind, PlaceRow

BUDGET_MS = 20
"""How long the solver may think about a run. Walking is not what is looked at here, so orders share no carts, too."""

MORNING_H, MS = 6, 1000

EXPIRED_GO = (StockStatus.EXPIRED, WayOut.DESTROYED, "past-expiry", USER)
"""What becomes of goods that are expired, for which cause, and who does it."""


@dataclass(frozen=True)
class LateUnits:
    """Units that left after their expiry, which must not be."""

    product: str
    lot: str
    expires_on: date
    shipped_on: date
    quantity: int


@dataclass(frozen=True)
class Alert:
    """An alert, by lot, level and the day it was raised."""

    lot_id: int
    level_days: int
    day: date


@dataclass(frozen=True)
class FoodYearRun:
    """What became of the year.

    `units_without_room` stayed at the dock on the worst day. `too_many` and `too_few` alerts are those that the
    recomputation does not come to.
    """

    days: int
    units_received: int
    units_shipped: int
    orders_shipped: int
    lines_short: int
    units_without_room: int
    units_destroyed: int
    units_here: int
    late: tuple[LateUnits, ...]
    alerts: int
    too_many: frozenset[Alert]
    too_few: frozenset[Alert]
    ledger_ok: bool


def run_food_year(
    database: Database, year: FoodYear, num_days: int | None = None, phase: Callable[[date], None] = lambda _: None
) -> FoodYearRun:
    """Run a year in an empty, migrated database.

    Parameters
    ----------
    num_days
        Only so many of its days, the first ones.
    phase
        Told which day begins.
    """
    days = year.days[:num_days]
    clock = FixedClock(_morning_ms(days[0]))
    site = food_site(year)
    database.run(open_site, OpenSite(write_site(site)), clock=clock)
    database.run(save_products, SaveProducts(year.products), clock=clock)
    alert_days = {name: kept.alert_days for name, kept in year.classes.items()}
    policy = StockPolicy(alert_days={"": (), **alert_days})
    database.run(set_stock_policy, SetStockPolicy(site.code, policy, 0, USER), clock=clock)
    short = without_room = 0
    for number, day in enumerate(days):
        phase(day)
        clock.advance(_morning_ms(day) - clock.now_ms())
        raise_alerts(database, RaiseAlerts(site.code, USER), clock)
        clock.advance(MS)
        database.run(dispose, Dispose(site.code, *EXPIRED_GO), clock=clock)
        coming = year.days[number : number + FILL_DAYS]
        without_room = max(without_room, _receive_and_stow(database, year, site.code, coming, clock))
        clock.advance(MS)
        short += _sell(database, year, site.code, day, clock)
    with database.read() as session:
        return _told(session, year, days, short, without_room)


def _morning_ms(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, MORNING_H, tzinfo=UTC).timestamp() * 1000)


def _receive_and_stow(database: Database, year: FoodYear, site: str, coming: Sequence[date], clock: FixedClock) -> int:
    """Take in what was shipped for the first of the coming days and what is missing for them, and stow it.

    Returns the units that found no room and stay at the dock.
    """
    with database.read() as session:
        here = _available(session)
    receipts = tuple(
        Receipt(product, units, expires_on=expires_on(year, product, coming[0]))
        for product, units in sorted(coming_in(year, coming, here).items())
    )
    if not receipts:
        return 0
    dock = database.run(receive, Receive(site, receipts, USER), clock=clock).station
    command = StowAtRandom(site, dock, USER, num_bins=2, seed=coming[0].toordinal())
    stowed = database.run(stow_at_random, command, clock=clock)
    return sum(left.quantity for left in stowed.left_over)


def _available(session: Session) -> Counter[str]:
    """Units of each product that may be promised."""
    query = (
        select(col(ProductRow.code), func.sum(LYING.c.quantity - LYING.c.reserved))
        .join_from(LYING, ProductRow, col(ProductRow.id) == LYING.c.product_id)
        .where(LYING.c.status == StockStatus.AVAILABLE.value)
        .group_by(col(ProductRow.code))
    )
    return Counter({code: int(units) for code, units in session.execute(query)})


def _sell(database: Database, year: FoodYear, site: str, day: date, clock: FixedClock) -> int:
    """Release, pick and ship the day's orders; how many lines came short."""
    database.run(import_orders, ImportOrders(site, year.orders.get(day, ())), clock=clock)
    shorts = release(database, Release(site, batching=Batching.ONE_ORDER, budget_ms=BUDGET_MS), clock).shorts
    while database.run(pick_next_run, PickNextRun(site), clock=clock):
        clock.advance(MS)
    with database.read() as session:
        query = select(col(OrderRow.number)).where(col(OrderRow.state) == OrderState.PICKED)
        picked = session.execute(query).scalars().all()
    for number in picked:
        database.run(ship_order, ShipOrder(site, number, USER), clock=clock)
    return len(shorts)


def _told(session: Session, year: FoodYear, days: Sequence[date], short: int, without_room: int) -> FoodYearRun:
    """What the ledger says of the year."""
    moved = select(MOVEMENT.c.reason, func.sum(MOVEMENT.c.quantity)).group_by(MOVEMENT.c.reason)
    units = Counter({Reason(reason): int(quantity) for reason, quantity in session.execute(moved)})
    here = session.execute(select(func.coalesce(func.sum(LYING.c.quantity), 0))).scalar_one()
    shipped = select(func.count()).where(col(OrderRow.state) == OrderState.SHIPPED)
    raised = _alerts(session)
    expected = expected_alerts(session, year, days)
    return FoodYearRun(
        days=len(days),
        units_received=units[Reason.RECEIPT],
        units_shipped=units[Reason.SHIP],
        orders_shipped=session.execute(shipped).scalar_one(),
        lines_short=short,
        units_without_room=without_room,
        units_destroyed=units[Reason.DISPOSE],
        units_here=int(here),
        late=_late(session),
        alerts=len(raised),
        too_many=frozenset(raised - expected),
        too_few=frozenset(expected - raised),
        ledger_ok=check(session).ok,
    )


def _day_of(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC).date()


def _late(session: Session) -> tuple[LateUnits, ...]:
    """Units that left after the day of their expiry."""
    query = (
        select(MOVEMENT.c.at_ms, MOVEMENT.c.quantity, LotRow, col(ProductRow.code))
        .join_from(MOVEMENT, LotRow, col(LotRow.id) == MOVEMENT.c.lot_id)
        .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
        .where(MOVEMENT.c.reason == Reason.SHIP.value, col(LotRow.expires_on).is_not(None))
    )
    return tuple(
        LateUnits(code, lot.code, lot.expires_on, _day_of(at_ms), quantity)
        for at_ms, quantity, lot, code in session.execute(query)
        if _day_of(at_ms) > lot.expires_on
    )


def _alerts(session: Session) -> set[Alert]:
    """The alerts that were raised."""
    rows = session.execute(select(ShelfLifeAlertRow)).scalars()
    return {Alert(row.lot_id, row.level_days, _day_of(row.raised_ms)) for row in rows}


def expected_alerts(session: Session, year: FoodYear, days: Sequence[date]) -> set[Alert]:
    """The alerts that should have been raised, from nothing but the movements and the lots' expiries.

    Of every lot the units here each morning are a running sum of its movements. On the first morning on which there are
    any with so few days left as a level says, and not fewer than a tighter level that was met before, it is due.
    """
    lots = session.execute(
        select(LotRow, col(ProductRow.code))
        .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
        .where(col(LotRow.expires_on).is_not(None))
    ).all()
    rows = {lot.id: row for row, (lot, _) in enumerate(lots)}
    here = _units_each_morning(session, rows, days)
    ordinals = np.array([day.toordinal() for day in days])
    expected: set[Alert] = set()
    for row, (lot, code) in enumerate(lots):
        left = lot.expires_on.toordinal() - ordinals
        never = np.iinfo(np.int64).max
        level = np.full(len(days), never)
        for alert_days in sorted(year.class_of[code].alert_days, reverse=True):
            level[(left >= 0) & (left <= alert_days) & (here[row] > 0)] = alert_days
        before = np.minimum.accumulate(np.concatenate([[never], level[:-1]]))
        expected |= {Alert(lot.id, int(level[at]), days[at]) for at in np.flatnonzero(level < before).tolist()}
    return expected


def _units_each_morning(session: Session, rows: dict[int | None, int], days: Sequence[date]) -> IntArray:
    """Units of each lot that people can find and that are not expired, when the alerts of each day are raised."""
    query = select(col(PlaceRow.id), col(PlaceRow.kind), WithheldPlaceRow).outerjoin(
        WithheldPlaceRow, col(WithheldPlaceRow.place_id) == col(PlaceRow.id)
    )
    kept = (PlaceKind.BIN, PlaceKind.STATION, PlaceKind.TOTE)
    counts = {
        place: kind in kept if withheld is None else withheld.status != StockStatus.EXPIRED
        for place, kind, withheld in session.execute(query)
    }
    moves = [
        (at_ms, rows[lot_id], (counts[to_place] - counts[from_place]) * quantity)
        for at_ms, lot_id, from_place, to_place, quantity in session.execute(
            select(*MOVEMENT.c["at_ms", "lot_id", "from_place_id", "to_place_id", "quantity"])
        )
        if lot_id in rows
    ]
    at_ms, row, net = np.array(moves, dtype=np.int64).reshape(-1, 3).T
    change = np.zeros((len(rows), len(days) + 1), dtype=np.int64)
    # What is withheld by the look of a morning is still here when it looks.
    first_seen = np.searchsorted([_morning_ms(day) for day in days], at_ms, side="right")
    np.add.at(change, (row, first_seen), net)
    return np.asarray(np.cumsum(change, axis=1)[:, :-1])

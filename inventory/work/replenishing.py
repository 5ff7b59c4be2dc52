"""What is to be moved into the forward areas of a site now: worked out anew each time from what lies where.

A move that has been made is seen by the next who asks, and what is promised to an order is never moved.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.replenishing import Fetch, Reserve, Want, fetches, less, level_of
from inventory.rules.shelf_life import usable_on
from inventory.rules.stock import BoolArray
from inventory.rules.storage_policy import ForwardArea, StowRules
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.work.bin_contents import unit_of
from inventory.work.promising import waiting_lines
from inventory.work.proposing import DAY_MS, Sought, propose
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, live_site
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from warehouse.clock import Clock

GOALS_MAX = 4
"""Bins over which one lot is spread in a forward area."""


@dataclass(frozen=True)
class ReplenishingMove:
    """Units of a lot to be moved from a bin into one of a forward area; `urgent` where orders wait for them."""

    zone: str
    from_bin: str
    to_bin: str
    product: str
    lot: str
    quantity: int
    urgent: bool


def replenishing_moves(session: Session, site: str, limit: int, clock: Clock) -> tuple[ReplenishingMove, ...]:
    """Moves that fill the forward areas of a site, the most urgent first; no bin is filled by two of them.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    policy = stock_policy(session, live.id)
    areas = [each for each in policy.stowing.forward if each.zone in live.area.shelves.zone_names]
    if not areas:
        return ()
    snapshot = take_snapshot(session, live)
    shelves = live.area.shelves
    zone_row = {name: row for row, name in enumerate(shelves.zone_names)}
    forward = np.isin(shelves.zone, [zone_row[each.zone] for each in areas])
    reserve = _reserve(snapshot, forward, site_day(live, clock).toordinal())
    daily = _units_daily(session, live, policy.demand_days, clock)
    waiting = Counter[int]()
    for line in waiting_lines(session, live.id, None):
        waiting[line.product_id] += line.quantity
    in_reach = reachable(session, live, "", shelves.codes, clock)
    found: list[ReplenishingMove] = []
    for area in areas:
        here = shelves.zone == zone_row[area.zone]
        brought = fetches(_wants(area, snapshot, here, daily, waiting), reserve)
        reserve = less(reserve, brought)
        found += _moves(session, live, area, snapshot, brought, here & in_reach, policy.stowing, clock)
    return tuple(sorted(found, key=lambda each: not each.urgent)[:limit])


def _reserve(snapshot: Snapshot, forward: BoolArray, today: int) -> list[Reserve]:
    """What lies outside all forward areas and may still be sold."""
    stock, lots = snapshot.stock, snapshot.stock.lots
    return [
        Reserve(bin_row, lot, int(lots.product[lot]), quantity, int(lots.expires_day[lot]), int(lots.received_day[lot]))
        for bin_row, lot, quantity in zip(stock.bin.tolist(), stock.lot.tolist(), stock.quantity.tolist(), strict=True)
        if not forward[bin_row] and usable_on(int(lots.expires_day[lot]), today)
    ]


def _units_daily(session: Session, live: LiveSite, days: int, clock: Clock) -> dict[int, float]:
    """Units asked for a day in the last days, by product."""
    query = (
        select(col(OrderLineRow.product_id), func.sum(col(OrderLineRow.quantity)))
        .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
        .where(col(OrderRow.site_id) == live.id, col(OrderRow.placed_ms) >= clock.now_ms() - days * DAY_MS)
        .group_by(col(OrderLineRow.product_id))
    )
    return {product_id: int(units) / days for product_id, units in session.execute(query)}


def _wants(
    area: ForwardArea, snapshot: Snapshot, here: BoolArray, daily: dict[int, float], waiting: Counter[int]
) -> list[Want]:
    """The products that the area keeps, with what is free of them there."""
    stock, goods = snapshot.stock, snapshot.goods
    units = np.bincount(stock.product, stock.quantity * here[stock.bin], len(goods)).astype(np.int64)
    found = []
    for row, product_id in enumerate(snapshot.product_ids):
        level = level_of(area, goods.codes[row], daily.get(product_id, 0.0))
        if level is not None:
            found.append(Want(row, level, int(units[row]), waiting[product_id]))
    return found


def _moves(
    session: Session,
    live: LiveSite,
    area: ForwardArea,
    snapshot: Snapshot,
    brought: list[Fetch],
    opened: BoolArray,
    rules: StowRules,
    clock: Clock,
) -> list[ReplenishingMove]:
    """A bin of the area for everything that is brought, as far as the rules leave any."""
    found = []
    closed = ~opened
    for each in brought:
        product = session.get(ProductRow, snapshot.product_ids[each.product])
        lot = session.get(LotRow, snapshot.lot_ids[each.lot])
        assert product is not None
        assert lot is not None
        left = each.quantity
        unit = unit_of(session, live, product, lot, clock)
        for goal in propose(session, live, Sought(unit, left, GOALS_MAX, 1.0, closed), rules):
            taken = min(left, goal.quantity)
            if taken:
                shelves = live.area.shelves.codes
                found.append(
                    ReplenishingMove(
                        area.zone, shelves[each.bin], goal.bin_code, product.code, lot.code, taken, each.is_urgent
                    )
                )
                closed[goal.row] = True
                left -= taken
    return found

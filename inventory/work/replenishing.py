"""What is to be moved into the forward areas of a site now: worked out anew each time from what lies where.

A move that has been made is seen by the next who asks, what is promised to an order is never moved, and what somebody
has taken to bring is nobody else's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.replenishing import Claim, Fetch, Reserve, Want, fetches, less, level_of, unclaimed
from inventory.rules.shelf_life import usable_on
from inventory.rules.stock import BoolArray
from inventory.rules.storage_policy import ForwardArea, StowRules
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.replenishing import MovePurpose, ReplenishmentRow, ReplenishmentState
from inventory.work.bin_contents import unit_of
from inventory.work.promising import waiting_lines
from inventory.work.proposing import DAY_MS, Sought, propose
from inventory.work.receiving import site_day
from inventory.work.sites import LiveSite, live_site, place_codes
from inventory.work.snapshot import Snapshot, take_snapshot
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from warehouse.clock import Clock

GOALS_MAX = 4
"""Bins over which one lot is spread in a forward area."""


@dataclass(frozen=True)
class ReplenishingMove:
    """Units of a lot to be moved from a bin into another; `urgent` where orders wait for them.

    `taker` brings them, as the replenishment of this number and until `until_ms`; None if they are still to be taken.
    """

    zone: str
    from_bin: str
    to_bin: str
    product: str
    lot: str
    quantity: int
    urgent: bool
    purpose: MovePurpose = MovePurpose.REPLENISHMENT
    replenishment: int | None = None
    taker: str | None = None
    until_ms: int | None = None


@dataclass(frozen=True)
class DueMove:
    """A move that nobody has taken, as written down when somebody does."""

    move: ReplenishingMove
    product_id: int
    lot_id: int


def replenishing_moves(session: Session, site: str, limit: int, clock: Clock) -> tuple[ReplenishingMove, ...]:
    """Moves that fill the forward areas of a site: those under way, then the most urgent; no two into one bin.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    under_way = _under_way(session, live, clock)
    due = due_moves(session, live, clock) if len(under_way) < limit else []
    return tuple([*under_way, *(each.move for each in due)][:limit])


def open_claims(session: Session, site_id: int, clock: Clock) -> list[ReplenishmentRow]:
    """The moves of a site that nobody else is given now."""
    query = select(ReplenishmentRow).where(
        col(ReplenishmentRow.site_id) == site_id,
        col(ReplenishmentRow.until_ms) > clock.now_ms(),
        col(ReplenishmentRow.state).in_([ReplenishmentState.TAKEN, ReplenishmentState.LEFT]),
    )
    return list(session.execute(query.order_by(col(ReplenishmentRow.id))).scalars())


def due_moves(session: Session, live: LiveSite, clock: Clock) -> list[DueMove]:
    """Moves that fill the forward areas of a site and are nobody's yet, the most urgent first."""
    policy = stock_policy(session, live.id, clock)
    areas = [each for each in policy.stowing.forward if each.zone in live.area.shelves.zone_names]
    if not areas:
        return []
    snapshot = take_snapshot(session, live, clock)
    shelves = live.area.shelves
    zone_row = {name: row for row, name in enumerate(shelves.zone_names)}
    forward = np.isin(shelves.zone, [zone_row[each.zone] for each in areas])
    claims = _claims(session, live, snapshot, clock)
    reserve = unclaimed(_reserve(snapshot, forward, site_day(live, clock).toordinal()), claims)
    daily = _units_daily(session, live, policy.demand_days, clock)
    waiting = Counter[int]()
    for line in waiting_lines(session, live.id, None):
        waiting[line.product_id] += line.quantity
    opened = reachable(session, live, "", shelves.codes, clock)
    opened[[each.goal for each in claims]] = False
    found: list[DueMove] = []
    for area in areas:
        here = shelves.zone == zone_row[area.zone]
        brought = fetches(_wants(area, snapshot, here, claims, daily, waiting), reserve)
        reserve = less(reserve, brought)
        found += _moves(session, live, area, snapshot, brought, here & opened, policy.stowing, clock)
    return sorted(found, key=lambda each: not each.move.urgent)


def _under_way(session: Session, live: LiveSite, clock: Clock) -> list[ReplenishingMove]:
    """What somebody is bringing now."""
    rows = [each for each in open_claims(session, live.id, clock) if each.state == ReplenishmentState.TAKEN]
    codes = place_codes(session, {place for each in rows for place in (each.from_place_id, each.to_place_id)})
    found = []
    for each in rows:
        product, lot = session.get_one(ProductRow, each.product_id), session.get_one(LotRow, each.lot_id)
        move = ReplenishingMove(
            zone=each.zone,
            from_bin=codes[each.from_place_id],
            to_bin=codes[each.to_place_id],
            product=product.code,
            lot=lot.code,
            quantity=each.quantity,
            urgent=each.urgent,
            purpose=MovePurpose(each.purpose),
            replenishment=each.id,
            taker=each.taker,
            until_ms=each.until_ms,
        )
        found.append(move)
    return found


def _claims(session: Session, live: LiveSite, snapshot: Snapshot, clock: Clock) -> list[Claim]:
    """What nobody else is given, by rows; goods that are gone from the house need no claim."""
    rows = open_claims(session, live.id, clock)
    codes = place_codes(session, {place for each in rows for place in (each.from_place_id, each.to_place_id)})
    index = live.area.shelves.index
    return [
        Claim(
            bin=index[codes[each.from_place_id]],
            goal=index[codes[each.to_place_id]],
            lot=snapshot.lot_row[each.lot_id],
            product=snapshot.product_row[each.product_id],
            quantity=each.quantity,
            is_resting=each.state == ReplenishmentState.LEFT,
        )
        for each in rows
        if each.lot_id in snapshot.lot_row and each.product_id in snapshot.product_row
    ]


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
    area: ForwardArea,
    snapshot: Snapshot,
    here: BoolArray,
    claims: Sequence[Claim],
    daily: dict[int, float],
    waiting: Counter[int],
) -> list[Want]:
    """The products that the area keeps, with what is free of them there or on its way there."""
    stock, goods = snapshot.stock, snapshot.goods
    units = np.bincount(stock.product, stock.quantity * here[stock.bin], len(goods)).astype(np.int64)
    for claim in claims:
        units[claim.product] += claim.quantity * int(here[claim.goal] and not claim.is_resting)
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
) -> list[DueMove]:
    """A bin of the area for everything that is brought, as far as the rules leave any."""
    found = []
    closed = ~opened
    for each in brought:
        product_id, lot_id = snapshot.product_ids[each.product], snapshot.lot_ids[each.lot]
        product, lot = session.get_one(ProductRow, product_id), session.get_one(LotRow, lot_id)
        left = each.quantity
        unit = unit_of(session, live, product, lot, clock)
        for goal in propose(session, live, Sought(unit, left, GOALS_MAX, closed), rules):
            taken = min(left, goal.quantity)
            if taken:
                bins = live.area.shelves.codes[each.bin], goal.bin_code
                move = ReplenishingMove(area.zone, *bins, product.code, lot.code, taken, each.is_urgent)
                found.append(DueMove(move, product_id, lot_id))
                closed[goal.row] = True
                left -= taken
    return found

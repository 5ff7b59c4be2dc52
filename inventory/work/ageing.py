"""How old the goods of a site are, how long they last, and what will expire unsold. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.shelf_life import days_left, expected_unsold
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.receiving import site_day
from inventory.work.shelf_life_alerts import KEPT_KINDS
from inventory.work.sites import live_site
from inventory.work.stock_policies import stock_policy
from inventory.work.withheld import LYING
from warehouse.clock import Clock
from warehouse.tables import PlaceKind, PlaceRow

DAY_MS = 86_400_000

LEFT_DAYS = (7, 30, 60, 90)
AGE_DAYS = (30, 90, 180, 365)
"""Where the buckets of life left and of age end; figures of a report, as is usual in the trade."""


@dataclass(frozen=True)
class Bucket:
    """Goods between two ages, `from_days` and `to_days` included; None where there is no end."""

    from_days: int | None
    to_days: int | None
    quantity: int
    value_cents: int


@dataclass(frozen=True)
class OwnersAgeing:
    """An owner's goods by the days they have left (those that expire), and by the days since they came."""

    owner: str
    by_days_left: tuple[Bucket, ...]
    by_age: tuple[Bucket, ...]


@dataclass(frozen=True)
class Ageing:
    """All goods of a site by the days they have left (those that expire), and by the days since they came."""

    by_days_left: tuple[Bucket, ...]
    by_age: tuple[Bucket, ...]
    owners: tuple[OwnersAgeing, ...]


@dataclass(frozen=True)
class Unsold:
    """Units of a lot that will not be sold before they expire, if demand goes on as it was."""

    product: str
    name: str
    lot: str
    owner: str
    expires_on: date
    quantity: int
    quantity_unsold: float
    value_unsold_cents: int
    demand_a_day: float


def ageing(session: Session, site: str, clock: Clock, *, owner: str | None = None) -> Ageing:
    """How long the goods of a site last and how old they are, whatever their status: all, or one owner's.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    today = site_day(live, clock)
    left: dict[str, list[tuple[int, int, int]]] = {}
    age: dict[str, list[tuple[int, int, int]]] = {}
    for lot, product, quantity in _lots_here(session, live.id, tuple(StockStatus), KEPT_KINDS, owner):
        value_cents = quantity * product.value_cents
        age.setdefault(lot.owner, []).append(((today - lot.received_on).days, quantity, value_cents))
        if lot.expires_on is not None:
            days = days_left(lot.expires_on.toordinal(), today.toordinal())
            left.setdefault(lot.owner, []).append((days, quantity, value_cents))
    owners = tuple(
        OwnersAgeing(whose, _buckets(left.get(whose, ()), (-1, *LEFT_DAYS)), _buckets(age[whose], AGE_DAYS))
        for whose in sorted(age)
    )
    everything = ([each for goods in found.values() for each in goods] for found in (left, age))
    by_days_left, by_age = map(_buckets, everything, ((-1, *LEFT_DAYS), AGE_DAYS))
    return Ageing(by_days_left, by_age, owners)


def _buckets(goods: Sequence[tuple[int, int, int]], ends: Sequence[int]) -> tuple[Bucket, ...]:
    """Goods as (days, quantity, value), summed between the ends and beyond the last."""
    starts = (None, *(end + 1 for end in ends))
    found = []
    for start, end in zip(starts, (*ends, None), strict=True):
        inside = [each for each in goods if (start is None or each[0] >= start) and (end is None or each[0] <= end)]
        found.append(Bucket(start, end, sum(each[1] for each in inside), sum(each[2] for each in inside)))
    return tuple(found)


def expiry_forecast(session: Session, site: str, clock: Clock, *, owner: str | None = None) -> tuple[Unsold, ...]:
    """The goods on sale, all or one owner's, that will expire unsold at the demand of the last days.

    The most valuable come first. Demand is what was picked of the owner's goods within the policy's `demand_days`.
    Goods count as sold up to the last day on which they have the life that every customer is to be given.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    today = site_day(live, clock).toordinal()
    policy = stock_policy(session, live.id, clock)
    demand = _demand(session, live.id, clock.now_ms() - policy.demand_days * DAY_MS, policy.demand_days)
    by_product: dict[tuple[str, str], list[tuple[LotRow, ProductRow, int]]] = {}
    on_sale = (PlaceKind.BIN, PlaceKind.STATION)  # what lies in a tote is sold
    for lot, product, quantity in _lots_here(session, live.id, (StockStatus.AVAILABLE,), on_sale, owner):
        if lot.expires_on is not None:
            by_product.setdefault((product.code, lot.owner), []).append((lot, product, quantity))
    found = [
        unsold
        for (_, whose), lots in by_product.items()
        for unsold in _unsold(lots, demand.get((lots[0][1].id or 0, whose), 0.0), today, policy)
    ]
    return tuple(sorted(found, key=lambda each: (-each.value_unsold_cents, each.product, each.lot, each.owner)))


def _unsold(
    lots: list[tuple[LotRow, ProductRow, int]], demand_a_day: float, today: int, policy: StockPolicy
) -> list[Unsold]:
    """What of one owner's lots of one product will not be sold."""
    product = lots[0][1]
    life_days = policy.shipment_days(product.code, product.category, customer="", channel="")
    ranked = sorted((lot.expires_on, lot.code, quantity) for lot, _, quantity in lots if lot.expires_on is not None)
    days_usable = [days_left(expires_on.toordinal(), today) - life_days + 1 for expires_on, _, _ in ranked]
    left = expected_unsold([quantity for _, _, quantity in ranked], days_usable, demand_a_day)
    return [
        Unsold(
            product=product.code,
            name=product.name,
            lot=code,
            owner=lots[0][0].owner,
            expires_on=expires_on,
            quantity=quantity,
            quantity_unsold=round(unsold, 1),
            value_unsold_cents=round(unsold * product.value_cents),
            demand_a_day=round(demand_a_day, 3),
        )
        for (expires_on, code, quantity), unsold in zip(ranked, left, strict=True)
        if unsold
    ]


def _lots_here(
    session: Session,
    site_id: int,
    statuses: tuple[StockStatus, ...],
    kinds: tuple[PlaceKind, ...],
    owner: str | None,
) -> list[tuple[LotRow, ProductRow, int]]:
    """Lots at a site with their product and how many units are in such places under these statuses."""
    here = (
        select(LYING.c.lot_id, func.sum(LYING.c.quantity).label("quantity"))
        .join_from(LYING, PlaceRow, col(PlaceRow.id) == LYING.c.within_id)
        .where(col(PlaceRow.site_id) == site_id, col(PlaceRow.kind).in_(kinds))
        .where(LYING.c.status.in_([each.value for each in statuses]))
        .group_by(LYING.c.lot_id)
        .subquery()
    )
    query = (
        select(LotRow, ProductRow, here.c.quantity)
        .join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
        .join(here, here.c.lot_id == col(LotRow.id))
        .order_by(col(LotRow.id))
    )
    if owner is not None:
        query = query.where(col(LotRow.owner) == owner)
    return [(lot, product, int(quantity)) for lot, product, quantity in session.execute(query)]


def _demand(session: Session, site_id: int, since_ms: int, num_days: int) -> dict[tuple[int, str], float]:
    """Units picked a day, by product id and owner."""
    picked = func.sum(case((MOVEMENT.c.reason == Reason.PICK.value, MOVEMENT.c.quantity), else_=-MOVEMENT.c.quantity))
    query = (
        select(MOVEMENT.c.product_id, col(LotRow.owner), picked)
        .join_from(MOVEMENT, LotRow, col(LotRow.id) == MOVEMENT.c.lot_id)
        .where(MOVEMENT.c.site_id == site_id, MOVEMENT.c.at_ms >= since_ms)
        .where(MOVEMENT.c.reason.in_((Reason.PICK.value, Reason.UNPICK.value)))
        .group_by(MOVEMENT.c.product_id, col(LotRow.owner))
    )
    return {(product_id, owner): max(0.0, int(units) / num_days) for product_id, owner, units in session.execute(query)}

"""When the bins of a site will be full, and which nearly empty ones are worth emptying into others."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT, PRODUCT
from inventory.rules.overflow import Overflow, overflow
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.bin_contents import unit_of
from inventory.work.bin_fill import NEARLY_EMPTY_PERCENT, bin_fill
from inventory.work.proposing import DAY_MS, Sought, propose
from inventory.work.receiving import site_day
from inventory.work.room_index import room_index
from inventory.work.sites import live_site
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from inventory.work.withheld import PLACE
from warehouse.clock import Clock
from warehouse.tables import PlaceKind

DAYS = 7
"""A week holds one of each day: what comes on Mondays only is in it once."""


@dataclass(frozen=True)
class FullOn:
    """When a site is full if it goes on like this; None if it never is. Figures are of the last `days`."""

    full_on: date | None
    weekday: str
    days: int
    outlook: Overflow


@dataclass(frozen=True)
class EmptyingMove:
    """All units of a lot in a nearly empty bin go into another one, which has room for them."""

    from_bin: str
    to_bin: str
    product: str
    lot: str
    quantity: int


def full_on(session: Session, site: str, clock: Clock) -> FullOn:
    """When a site will be full.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    total = bin_fill(session, site).total
    usable_mm3 = total.volume_mm3 * stock_policy(session, live.id, clock).stowing.fill_percent_max // 100
    since_ms = clock.now_ms() - DAYS * DAY_MS
    net_mm3 = _moved_mm3(session, live.id, "to_place_id", since_ms) - _moved_mm3(
        session, live.id, "from_place_id", since_ms
    )
    outlook = overflow(usable_mm3, total.volume_used_mm3, net_mm3, DAYS)
    day = None if outlook.days_left is None else site_day(live, clock) + timedelta(days=outlook.days_left)
    return FullOn(day, f"{day:%A}" if day else "", DAYS, outlook)


def _moved_mm3(session: Session, site_id: int, place: str, since_ms: int) -> int:
    """The volume of all goods that went into bins or out of them."""
    volume = MOVEMENT.c.quantity * PRODUCT.c.length_mm * PRODUCT.c.width_mm * PRODUCT.c.height_mm
    query: Select[tuple[int]] = (
        select(func.coalesce(func.sum(volume), 0))
        .join_from(MOVEMENT, PLACE, PLACE.c.id == MOVEMENT.c[place])
        .join(PRODUCT, PRODUCT.c.id == MOVEMENT.c.product_id)
        .where(MOVEMENT.c.site_id == site_id, MOVEMENT.c.at_ms >= since_ms, PLACE.c.kind == PlaceKind.BIN.value)
    )
    return int(session.execute(query).scalar_one())


def emptying_moves(session: Session, site: str, limit: int, clock: Clock) -> tuple[EmptyingMove, ...]:
    """Moves that empty nearly empty bins, the emptiest first; none for a bin of which anything is promised.

    Each bin is emptied whole or not at all, into bins that are not nearly empty themselves, and no bin takes from two.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    rules = stock_policy(session, live.id, clock).stowing
    shelves = live.area.shelves
    with room_index(session, live) as index:
        nearly = (index.volume_used > 0) & (100 * index.volume_used < NEARLY_EMPTY_PERCENT * shelves.volume_mm3)
        rows = sorted(nearly.nonzero()[0].tolist(), key=lambda row: (int(index.volume_used[row]), row))
        places = {row: index.place_of_row[row] for row in rows}
        closed = nearly | (index.volume_used == 0)
    closed |= ~reachable(session, live, "", shelves.codes, clock)
    moves: list[EmptyingMove] = []
    for row in rows:
        taken, found = closed.copy(), []
        for product, lot, quantity in _free_goods(session, places[row]):
            unit = unit_of(session, live, product, lot, clock)
            best = propose(session, live, Sought(unit, quantity, 1, taken), rules)
            if not best or best[0].quantity < quantity:
                break
            found.append(EmptyingMove(shelves.codes[row], best[0].bin_code, product.code, lot.code, quantity))
            taken[best[0].row] = True
        else:
            moves.extend(found)
            closed = taken
        if len(moves) >= limit:
            break
    return tuple(moves[:limit])


def _free_goods(session: Session, place_id: int) -> list[tuple[ProductRow, LotRow, int]]:
    """What lies in a bin, if nothing of it is promised."""
    query = (
        select(ProductRow, LotRow, col(BalanceRow.quantity), col(BalanceRow.reserved))
        .join(BalanceRow, col(BalanceRow.product_id) == col(ProductRow.id))
        .join(LotRow, col(LotRow.id) == col(BalanceRow.lot_id))
        .where(col(BalanceRow.place_id) == place_id)
        .order_by(col(LotRow.id))
    )
    rows = session.execute(query).all()
    if any(reserved for *_, reserved in rows):
        return []
    return [(product, lot, quantity) for product, lot, quantity, _ in rows]

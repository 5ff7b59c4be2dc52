"""Nearly empty bins are emptied into fuller ones, so that what comes in finds whole bins.

Forward areas are left out: their bins run low because that is what they are for.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from inventory.rules.stock import BoolArray
from inventory.rules.storage_policy import StowRules
from inventory.rules.stowing import Unit
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.replenishing import MovePurpose
from inventory.tables.stock import BalanceRow
from inventory.work.bin_contents import unit_of, volume_mm3
from inventory.work.proposing import Sought, propose
from inventory.work.replenishing import DueMove, ReplenishingMove, open_claims
from inventory.work.room_index import RoomIndex, room_index
from inventory.work.sites import LiveSite, live_site, place_codes
from inventory.work.stock_policies import stock_policy
from inventory.work.stowing import reachable
from warehouse.clock import Clock

NUM_TRIED_MAX = 200
"""Bins that are tried at a time: where hardly any can be emptied, trying thousands would take minutes."""


@dataclass(frozen=True)
class EmptyingMove:
    """All units of a lot in a nearly empty bin go into another one, which has room for them."""

    from_bin: str
    to_bin: str
    product: str
    lot: str
    quantity: int


def emptying_moves(session: Session, site: str, limit: int, clock: Clock) -> tuple[EmptyingMove, ...]:
    """Moves that empty nearly empty bins and are nobody's yet, the emptiest first.

    Raises
    ------
    NotFound
        If there is no such site.
    """
    live = live_site(session, site)
    moves = [each.move for each in due_emptying(session, live, limit, clock)]
    return tuple(
        EmptyingMove(each.from_bin, each.to_bin, each.product, each.lot, each.quantity) for each in moves[:limit]
    )


def nearly_empty(index: RoomIndex, live: LiveSite, rules: StowRules) -> tuple[BoolArray, BoolArray]:
    """Which bins are nearly empty, and which are in use at all, those of forward areas left out."""
    shelves = live.area.shelves
    forward = {area.zone for area in rules.forward}
    rows = [row for row, name in enumerate(shelves.zone_names) if name in forward]
    stored = ~np.isin(shelves.zone, rows)
    nearly = rules.consolidation.nearly_empty(index.volume_used, shelves.volume_mm3)
    return nearly & stored, (index.volume_used > 0) & stored


def due_emptying(
    session: Session, live: LiveSite, limit: int, clock: Clock, closed: BoolArray | None = None
) -> list[DueMove]:
    """Moves that empty nearly empty bins, `limit` or a few more; no goods leave or enter `closed` bins.

    Each bin is emptied whole or not at all, into other bins in use; into nearly empty ones only where no fuller bin has
    room. No bin takes from two, and none that takes is emptied. A bin stays as it is if anything in it is promised or
    withheld, or somebody is moving goods out of it or into it.
    """
    rules = stock_policy(session, live.id, clock).stowing
    shelves = live.area.shelves
    with room_index(session, live) as index:
        nearly, used = nearly_empty(index, live, rules)
        rows = sorted(nearly.nonzero()[0].tolist(), key=lambda row: (int(index.volume_used[row]), row))
        places = {row: index.place_of_row[row] for row in rows}
        used_mm3 = index.volume_used.copy()
    busy = _busy(session, live, clock)
    if closed is not None:
        busy |= closed
    shut = busy | ~used | ~reachable(session, live, "", shelves.codes, clock)
    moves: list[DueMove] = []
    num_tried = 0
    for row in rows:
        if len(moves) >= limit or num_tried == NUM_TRIED_MAX:
            break
        goods = [] if shut[row] else _free_goods(session, places[row], int(used_mm3[row]))
        num_tried += bool(goods)
        taken, found = shut.copy(), []
        taken[row] = True
        for product, lot, quantity in goods:
            unit = unit_of(session, live, product, lot, clock)
            goal = _goal(session, live, unit, quantity, taken, nearly, rules)
            if goal is None:
                break
            found.append(_due(live, row, goal, product, lot, quantity))
            taken[goal] = True
        else:
            if found:
                moves, shut = moves + found, taken
    return moves


def _goal(
    session: Session, live: LiveSite, unit: Unit, quantity: int, shut: BoolArray, nearly: BoolArray, rules: StowRules
) -> int | None:
    """The bin that takes all units, a fuller one if there is any."""
    for closed in (shut | nearly, shut):
        best = propose(session, live, Sought(unit, quantity, 1, closed), rules)
        if best and best[0].quantity == quantity:
            return best[0].row
    return None


def _due(live: LiveSite, row: int, goal: int, product: ProductRow, lot: LotRow, quantity: int) -> DueMove:
    shelves = live.area.shelves
    move = ReplenishingMove(
        zone=shelves.zone_names[shelves.zone[goal]],
        from_bin=shelves.codes[row],
        to_bin=shelves.codes[goal],
        product=product.code,
        lot=lot.code,
        quantity=quantity,
        urgent=False,
        purpose=MovePurpose.CONSOLIDATION,
    )
    assert product.id is not None
    assert lot.id is not None
    return DueMove(move, product.id, lot.id)


def _busy(session: Session, live: LiveSite, clock: Clock) -> BoolArray:
    """The bins out of which or into which somebody moves goods now, or where goods were left that rest."""
    rows, index = open_claims(session, live.id, clock), live.area.shelves.index
    codes = place_codes(session, {place for each in rows for place in (each.from_place_id, each.to_place_id)})
    busy = np.zeros(len(live.area.shelves), dtype=bool)
    busy[[index[code] for code in codes.values()]] = True
    return busy


def _free_goods(session: Session, place_id: int, used_mm3: int) -> list[tuple[ProductRow, LotRow, int]]:
    """What lies in a bin, if nothing of it is promised or withheld."""
    query = (
        select(ProductRow, LotRow, col(BalanceRow.quantity), col(BalanceRow.reserved))
        .join(BalanceRow, col(BalanceRow.product_id) == col(ProductRow.id))
        .join(LotRow, col(LotRow.id) == col(BalanceRow.lot_id))
        .where(col(BalanceRow.place_id) == place_id, col(BalanceRow.quantity) > 0)
        .order_by(col(LotRow.id))
    )
    rows = session.execute(query).all()
    for_sale_mm3 = sum(quantity * volume_mm3(product) for product, _, quantity, _ in rows)
    if any(reserved for *_, reserved in rows) or for_sale_mm3 < used_mm3:
        return []
    return [(product, lot, quantity) for product, lot, quantity, _ in rows]

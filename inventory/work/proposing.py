"""The best bins for goods: allowed by every rule, in reach, and best by the site's preferences."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.rules.bin_room import in_or_next_to
from inventory.rules.look_alikes import alike
from inventory.rules.stock import BoolArray, IntArray
from inventory.rules.storage_policy import StowRules
from inventory.rules.stow_choice import Costs
from inventory.rules.stow_rules import Case, refused
from inventory.rules.stowing import Unit, goods_facts
from inventory.tables.outbound import OrderLineRow, OrderRow
from inventory.work.room_index import RoomIndex, room_index
from inventory.work.sites import LiveSite
from warehouse.clock import Clock

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A bin that takes `quantity` units; `row` is the bin's in `Shelves`."""

    row: int
    bin_code: str
    quantity: int


@dataclass(frozen=True)
class Sought:
    """Bins are sought for `quantity` units: at most `num_bins`, none of `closed`; `also_held` count as its bins.

    At most `a_segment_max` of them are in one aisle segment, where a path is to be chosen between several.
    """

    unit: Unit
    quantity: int
    num_bins: int
    closed: BoolArray | None = None
    also_held: tuple[int, ...] = ()
    a_segment_max: int | None = None


def propose(session: Session, live: LiveSite, sought: Sought, rules: StowRules) -> list[Proposal]:
    """The best bins for goods, best first: those that take all units, or else those that take most."""
    with room_index(session, live) as index:
        room = index.room_left(rules)
        goods = goods_facts(sought.unit, 1, rules)
        case = Case(goods, room.facts(), *_together(index, sought.unit))
        allowed = ~refused(case, rules)
        if sought.closed is not None:
            allowed &= ~sought.closed
        bins = np.flatnonzero(allowed)
        units = np.minimum(room.takes(goods, bins), sought.quantity)
        held = [*index.bins_of.get(sought.unit.product, ()), *sought.also_held]
        costs = index.chooser(rules.preferences).costs(bins, held, room.volume_left_mm3)
        costs += np.where(units >= sought.quantity, 0.0, 10.0 * (1 - units / sought.quantity) + 10.0)
        return _first_fit(index, sought, rules, bins, units, costs)


def _first_fit(
    index: RoomIndex, sought: Sought, rules: StowRules, bins: IntArray, units: IntArray, costs: Costs
) -> list[Proposal]:
    """The cheapest bins that nothing lies in or next to which is too much like the goods."""
    found: list[Proposal] = []
    looked = 0
    num = 4 * sought.num_bins  # more than enough, unless look-alikes lie everywhere
    most = sought.a_segment_max or sought.num_bins
    while len(found) < sought.num_bins and looked < len(bins):
        cheapest = np.argpartition(costs, num)[:num] if num < len(bins) else np.arange(len(bins))
        found, in_segment = [], Counter[int]()
        for at in cheapest[np.argsort(costs[cheapest], kind="stable")].tolist():
            row, segment = int(bins[at]), int(index.shelves.edge[bins[at]])
            if in_segment[segment] < most and not _mistaken(index, row, sought.unit, rules):
                found.append(Proposal(row, index.shelves.codes[row], int(units[at])))
                in_segment[segment] += 1
                if len(found) == sought.num_bins:
                    break
        looked, num = num, 8 * num
    return found


def _together(index: RoomIndex, unit: Unit) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Which bins hold the product, and which another lot of it; look-alikes are looked at bin by bin later."""
    here, other = np.zeros((2, len(index.shelves)), dtype=bool)
    for row, lots in index.bins_of.get(unit.product, {}).items():
        here[row], other[row] = True, lots != {unit.lot}
    return here, other, np.zeros(1, dtype=bool)


def _mistaken(index: RoomIndex, row: int, unit: Unit, rules: StowRules) -> bool:
    """Whether something in a bin or next to it is too much like a product."""
    if unit.look is None or not rules.look_alike.looks:
        return False
    near = index.looks_near(row)
    return any(key != unit.product and alike(unit.look, look, rules.look_alike) for key, look in near.items())


class Popularities:
    """How often products were asked for in the last days at a site, as a rank: 1 for the most often asked for.

    Of a site that nobody has asked anything of yet nothing is known, and all its products count as asked for.
    """

    def __init__(self, session: Session, live: LiveSite, days: int, clock: Clock) -> None:
        query = (
            select(col(OrderLineRow.product_id), func.count())
            .join(OrderRow, col(OrderRow.id) == col(OrderLineRow.order_id))
            .where(col(OrderRow.site_id) == live.id, col(OrderRow.placed_ms) >= clock.now_ms() - days * DAY_MS)
            .group_by(col(OrderLineRow.product_id))
            .order_by(func.count(), col(OrderLineRow.product_id))
        )
        products = [product_id for product_id, _ in session.execute(query)]
        self._rank = {product_id: (at + 1) / len(products) for at, product_id in enumerate(products)}

    def of(self, product_id: int) -> float:
        """The rank of a product, 0 if nobody asked for it."""
        return self._rank.get(product_id, 0.0) if self._rank else 1.0


def with_neighbours(live: LiveSite, rows: Collection[int]) -> BoolArray:
    """Which bins are one of some rows, or next to one."""
    return in_or_next_to(np.array(sorted(rows), dtype=np.int64), live.area.shelves)

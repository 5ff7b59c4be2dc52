"""The room in all bins of a site, kept in memory and brought up to date by the ledger.

Problem
    Proposing bins for goods looks at every bin of a site, and must not read 100,000 of them for one scan.
Method
    What lies in each bin is read once. After that only bins that movements have touched since are read again, whole,
    so that reading one twice does no harm. Movements that were written before the last ones seen may become visible
    after them where several transactions run at once; the last `OVERLAP` are looked at again each time.
Complexity
    O(balances) at first, then O(movements since), and a few array operations over all bins for each proposal.
Limits
    A proposal is advice. Whether goods may really go into a bin is asked again of the database when they do, so a
    proposal that was overtaken is refused with its reason and never wrong. Sizes of products that are measured anew
    count for bins that are touched after it, and everywhere after `REREAD_MS`.
"""

import contextlib
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from inventory.ledger import MOVEMENT
from inventory.rules.bin_room import RoomLeft
from inventory.rules.look_alikes import Look
from inventory.rules.stock import IntArray
from inventory.rules.storage_policy import Preferences, StowRules
from inventory.rules.stow_choice import Chooser, transit_mm
from inventory.tables.products import ProductRow
from inventory.tables.storage import ProductNeedsRow
from inventory.work.bin_contents import rail_mm, volume_mm3
from inventory.work.product_needs import look_of
from inventory.work.sites import LiveSite, chunks
from inventory.work.withheld import LYING, PLACE, WITHHELD
from warehouse.tables import PlaceKind

OVERLAP = 200
"""More movements than are ever under way at once on PostgreSQL."""

REREAD_MS = 3_600_000
"""An hour: new sizes of products are rare, and reading a large site takes seconds."""

NUM_KEPT = 8
"""Sites in memory, as many as `inventory.work.sites` keeps."""


@dataclass
class Contents:
    """What lies in one bin: its lots by product, and what they take."""

    lots: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    hazards: set[str] = field(default_factory=set)
    volume_mm3: int = 0
    load_g: int = 0
    rail_mm: int = 0


class RoomIndex:
    """What lies in every bin of one site; `bins_of` are the bins by product, each with its lots there."""

    def __init__(self, live: LiveSite) -> None:
        self.shelves, self.site_id, self.lock = live.area.shelves, live.id, threading.Lock()
        self._area = live.area
        num = len(self.shelves)
        self.volume_used, self.load_used, self.rail_used, self.num_products = np.zeros((4, num), dtype=np.int64)
        self.contents: dict[int, Contents] = {}
        self.bins_of: dict[int, dict[int, set[int]]] = defaultdict(dict)
        self.looks: dict[int, Look] = {}
        self._chooser: Chooser | None = None
        self._room: RoomLeft | None = None
        self.mark = 0
        self.read_at_s = 0.0
        self._stale: set[int] = set()
        self._row_of_place: dict[int, int] = {}
        self.place_of_row: dict[int, int] = {}

    def follow(self, session: Session) -> None:
        """Bring everything up to date with what the session sees."""
        last: int = session.execute(select(func.coalesce(func.max(MOVEMENT.c.id), 0))).scalar_one()
        if not self._row_of_place or time.monotonic() - self.read_at_s > REREAD_MS / 1000:
            self._read_all(session)
        elif last > self.mark:
            # On SQLite movements are written one after the other, and seen in that order.
            overlap = 0 if session.get_bind().dialect.name == "sqlite" else OVERLAP
            since = self.mark - overlap
            moved = select(MOVEMENT.c.from_place_id, MOVEMENT.c.to_place_id).where(
                MOVEMENT.c.site_id == self.site_id, MOVEMENT.c.id > since
            )
            places = {place for pair in session.execute(moved) for place in pair}
            self._read(session, self._rows(session, places))
        self.mark = max(self.mark, last)  # a session that sees less than others have seen changes nothing

    def _read_all(self, session: Session) -> None:
        index = self.shelves.index
        bins = select(PLACE.c.id, PLACE.c.code).where(
            PLACE.c.site_id == self.site_id, PLACE.c.kind == PlaceKind.BIN.value
        )
        self._row_of_place = {place: index[code] for place, code in session.execute(bins)}
        self.place_of_row = {row: place for place, row in self._row_of_place.items()}
        for row in list(self.contents):
            self._empty(row)
        self._lay(session, None)
        self.read_at_s = time.monotonic()

    def _rows(self, session: Session, places: set[int]) -> set[int]:
        """The bins that places are, or are within."""
        unknown = sorted(places - self._row_of_place.keys())
        rows = {self._row_of_place[place] for place in places if place in self._row_of_place}
        for some in chunks(unknown):
            within = select(WITHHELD.c.within_id).where(WITHHELD.c.place_id.in_(some))
            rows |= {self._row_of_place[key] for (key,) in session.execute(within) if key in self._row_of_place}
        return rows

    def _read(self, session: Session, rows: set[int]) -> None:
        for row in rows:
            self._empty(row)
        for some in chunks(sorted(self.place_of_row[row] for row in rows)):
            self._lay(session, some)

    def _empty(self, row: int) -> None:
        self._stale.add(row)
        there = self.contents.pop(row, None)
        if there is not None:
            for product in there.lots:
                self.bins_of[product].pop(row, None)
            self.volume_used[row] = self.load_used[row] = self.rail_used[row] = self.num_products[row] = 0

    def _lay(self, session: Session, places: Iterable[int] | None) -> None:
        """Take up what lies in bins that are empty here; in all of them where none are named."""
        query = (
            select(LYING.c.within_id, LYING.c.lot_id, LYING.c.quantity, ProductRow, ProductNeedsRow)
            .join(ProductRow, col(ProductRow.id) == LYING.c.product_id)
            .outerjoin(ProductNeedsRow, col(ProductNeedsRow.product_id) == col(ProductRow.id))
        )
        if places is not None:
            query = query.where(LYING.c.within_id.in_(list(places)))
        touched: set[int] = set()
        for within_id, lot_id, quantity, product, needs in session.execute(query):
            row = self._row_of_place.get(within_id)
            if row is None:
                continue
            there = self.contents.setdefault(row, Contents())
            there.lots[product.id].add(lot_id)
            there.volume_mm3 += quantity * volume_mm3(product)
            there.load_g += quantity * product.weight_g
            there.rail_mm += quantity * rail_mm(product)
            if needs is not None and needs.hazard:
                there.hazards.add(needs.hazard)
            self.looks[product.id] = look_of(product, needs)
            touched.add(row)
        self._stale |= touched
        for row in touched:
            there = self.contents[row]
            self.volume_used[row], self.load_used[row] = there.volume_mm3, there.load_g
            self.rail_used[row], self.num_products[row] = there.rail_mm, len(there.lots)
            for product_id, lots in there.lots.items():
                self.bins_of[product_id][row] = lots

    def chooser(self, preferences: Preferences) -> Chooser:
        """What tells good bins here from better ones."""
        if self._chooser is None or self._chooser.preferences != preferences:
            self._chooser = Chooser(self.shelves, self._transit_mm, preferences)
        return self._chooser

    @cached_property
    def _transit_mm(self) -> IntArray:
        return transit_mm(self._area.floor, self._area.start, self._area.end, self.shelves.spots)

    def room_left(self, rules: StowRules) -> RoomLeft:
        """What is left in every bin, by the rules of the site; for reading, and only as long as the index is held."""
        if self._room is None or self._room.rules != rules:
            self._room = RoomLeft(self.shelves, rules)
            self._stale = set(range(len(self.shelves)))
        if self._stale:
            self._renew(self._room, np.fromiter(self._stale, dtype=np.int64))
            self._stale = set()
        return self._room

    def _renew(self, room: RoomLeft, rows: IntArray) -> None:
        shelves, bits = self.shelves, room.rules.hazard_bits
        room.volume_left_mm3[rows] = shelves.volume_mm3[rows] * room.rules.fill_percent_max // 100
        room.volume_left_mm3[rows] -= self.volume_used[rows]
        room.load_left_g[rows] = shelves.load_g[rows] - self.load_used[rows]
        room.rail_left_mm[rows] = shelves.rail_mm[rows] - self.rail_used[rows]
        room.num_products[rows] = self.num_products[rows]
        if bits:
            room.hazard_bits[rows] = [
                sum(bits.get(hazard, 0) for hazard in self.contents[row].hazards) if row in self.contents else 0
                for row in rows.tolist()
            ]

    def looks_near(self, row: int) -> dict[int, Look]:
        """What the products in a bin and in its neighbours look like."""
        rows = (row, *(each for each in self.shelves.neighbours[row].tolist() if each >= 0))
        return {key: self.looks[key] for each in rows if each in self.contents for key in self.contents[each].lots}


_LOCK = threading.Lock()
_KEPT: OrderedDict[tuple[str, int], RoomIndex] = OrderedDict()


@contextlib.contextmanager
def room_index(session: Session, live: LiveSite) -> Iterator[RoomIndex]:
    """The room of a site as the session sees it; nobody else uses it meanwhile."""
    key = (str(session.get_bind().engine.url), live.id)
    with _LOCK:
        index = _KEPT.get(key)
        if index is None or len(index.shelves) != len(live.area.shelves):
            index = _KEPT[key] = RoomIndex(live)
        _KEPT.move_to_end(key)
        while len(_KEPT) > NUM_KEPT:
            _KEPT.popitem(last=False)
    with index.lock:
        index.follow(session)
        yield index

"""How long it takes to decide where goods go, on a site of 100,000 bins that are half full.

Three decisions, as the server makes them: whether goods may go into a given bin, by the database; the best five bins
for goods, by the index of room, which follows a movement each time; and a stow into the best of them, with its
decision, until it is on disk. Wall-clock times say what a stower waits on this machine, CPU times what it costs.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlmodel import Session, select

from api.schema import metadata
from inventory.rules.stock_policy import StockPolicy
from inventory.rules.storage_policy import HeavyLow, LookAlike, StowRules
from inventory.rules.stowing import refusal
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow, MovementRow, Reason
from inventory.work.bin_contents import bin_room, unit_of
from inventory.work.proposing import Sought, propose
from inventory.work.room_index import room_index
from inventory.work.sites import LiveSite, OpenSite, live_site, open_site, place_id, place_of_kind
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import Stow, stow
from warehouse.bins import StorageClass
from warehouse.clock import Clock, SystemClock
from warehouse.database import Database
from warehouse.tables import PlaceKind, PlaceRow

SITE = "LARGE"
NUM_PRODUCTS = 20_000
NUM_DECISIONS = 500
DEFINITION = """
code: LARGE
name: Large site
time_zone: Europe/Rome
bin_code: "{aisle:03}-{bay:03}-{level:A}{slot:02}-{check}"
floor:
  rectangular:
    aisles: 50
    aisle_pitch: 3 m
    blocks: 2
    bays: 25
    bay_width: 1.2 m
    cross_aisle_width: 2 m
    levels: 5
    slots: 4
zones:
  ambient: { storage_classes: [ambient] }
bin_types:
  shelf: { length: 500 mm, width: 300 mm, height: 300 mm, volume: 45 l, load: 40 kg }
stations:
  dock: { kind: inbound, at: { x: -2 m }, spur: 2 m }
  carts: { kind: cart_park, at: { aisle: 1 }, spur: 2 m }
cart: { totes: 12, tote_volume: 60 l, load: 250 kg }
"""
RULES = StowRules(heavy_low=(HeavyLow(4, 8_000),), look_alike=LookAlike(name_percent=95, code_distance=0))


@dataclass(frozen=True)
class _Fill:
    """Put goods into the bins until they are half full, and some at the dock."""

    seed: int = 0


def _fill(session: Session, command: _Fill, clock: Clock) -> None:
    """Products of half a litre to eight, up to four in a bin, by rows written at once."""
    random = np.random.default_rng(command.seed)
    live = live_site(session, SITE)
    sides = random.integers(70, 200, size=(NUM_PRODUCTS, 3)).tolist()
    products = [
        {"code": f"P{row:05}", "name": f"Product {random.integers(10**9):x}", "length_mm": a, "width_mm": b,
         "height_mm": c, "weight_g": 900, "storage_class": StorageClass.AMBIENT, "fragile": False, "serialised": False}
        for row, (a, b, c) in enumerate(sides)
    ]  # fmt: skip
    session.execute(insert(ProductRow), products)
    ids = list(session.execute(select(ProductRow.id).order_by(ProductRow.id)).scalars())  # type: ignore[arg-type]
    day = {"received_on": np.datetime64("2025-12-01").astype(object), "owner": "house"}
    session.execute(insert(LotRow), [{"product_id": key, "code": "L1", **day} for key in ids])
    lots = dict(session.execute(select(LotRow.product_id, LotRow.id)).all())
    bins = session.execute(select(PlaceRow.id).where(PlaceRow.kind == PlaceKind.BIN)).scalars().all()
    volume = {key: a * b * c for key, (a, b, c) in zip(ids, sides, strict=True)}
    movements = []
    supplier, dock = place_of_kind(session, live.id, PlaceKind.SUPPLIER), place_id(session, live.id, "dock")
    drawn = random.integers(len(ids), size=(len(bins), 4)).tolist()
    for goal, rows in zip(bins, drawn, strict=True):
        left = 22_500_000
        for product in {ids[row] for row in rows}:
            units = min(left // volume[product], 4)
            if units:
                left -= units * volume[product]
                movements.append((supplier, goal, product, units))
    movements += [(supplier, dock, product, 100) for product in ids[:NUM_DECISIONS]]
    base = {"site_id": live.id, "at_ms": clock.now_ms(), "reason": Reason.RECEIPT, "user": "benchmark"}
    session.execute(
        insert(MovementRow),
        [
            base | {"from_place_id": start, "to_place_id": goal, "product_id": product, "lot_id": lots[product],
                    "quantity": units, "device": "", "client_id": "", "cause": ""}
            for start, goal, product, units in movements
        ],
    )  # fmt: skip
    session.execute(
        insert(BalanceRow),
        [
            {"place_id": goal, "product_id": product, "lot_id": lots[product], "quantity": units, "reserved": 0}
            for _, goal, product, units in movements
        ],
    )


def _timed(decisions: Sequence[Callable[[int], None]]) -> "np.ndarray[tuple[int, int, int], np.dtype[np.float64]]":
    """Wall-clock and CPU milliseconds of each decision, all kinds in turn."""
    took_ms = np.zeros((len(decisions), 2, NUM_DECISIONS))
    for number in range(NUM_DECISIONS):
        for kind, decide in enumerate(decisions):
            wall_s, cpu_s = time.perf_counter(), time.process_time()
            decide(number)
            took_ms[kind, 1, number] = 1000 * (time.process_time() - cpu_s)
            took_ms[kind, 0, number] = 1000 * (time.perf_counter() - wall_s)
    return took_ms


class _Desk:
    """Decides about goods at the dock of the large site."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, SystemClock()
        self.random = np.random.default_rng(1)
        self.goal = ""

    def _asked(self, session: Session, number: int) -> tuple[LiveSite, ProductRow, LotRow]:
        live = live_site(session, SITE)
        product = session.execute(select(ProductRow).where(ProductRow.code == f"P{number:05}")).scalar_one()
        lot = session.execute(select(LotRow).where(LotRow.product_id == product.id)).scalar_one()
        return live, product, lot

    def allow(self, number: int) -> None:
        """Whether five units may go into a bin drawn at random."""
        with self.database.read() as session:
            live, product, lot = self._asked(session, number)
            goal = live.site.bins[self.random.integers(len(live.site.bins))]
            refusal(bin_room(session, live, goal, RULES), unit_of(session, live, product, lot, self.clock), 5, RULES)

    def propose(self, number: int) -> None:
        """The best five bins for five units."""
        with self.database.read() as session:
            live, product, lot = self._asked(session, number)
            unit = unit_of(session, live, product, lot, self.clock)
            self.goal = propose(session, live, Sought(unit, 5, 5), RULES)[0].bin_code

    def stow(self, number: int) -> None:
        """Put one unit into the bin proposed for it."""
        command = Stow(SITE, "dock", self.goal, f"P{number:05}", 1, "benchmark", client_id=f"stow-{number}")
        self.database.run(stow, command, clock=self.clock)


def main() -> None:
    """Print the table."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Database.open(f"sqlite:///{Path(folder) / 'onward.db'}") as database,
    ):
        clock = SystemClock()
        database.migrate(metadata)
        database.run(open_site, OpenSite(DEFINITION), clock=clock)
        database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(stowing=RULES), 0, "benchmark"), clock=clock)
        database.run(_fill, _Fill(), clock=clock)
        desk = _Desk(database)
        began_s = time.process_time()
        desk.propose(0)
        first_s = time.process_time() - began_s
        with database.read() as session:
            live = live_site(session, SITE)
            with room_index(session, live) as index:
                fill = index.volume_used.sum() / live.area.shelves.volume_mm3.sum()
        table = Table(title=f"{len(live.site.bins):,} bins, {100 * fill:.0f} % full, {NUM_DECISIONS:,} decisions each")
        for heading in ("decision", "p50 ms", "p99 ms", "p50 CPU ms", "p99 CPU ms"):
            table.add_column(heading, justify="left" if heading == "decision" else "right")
        took_ms = _timed((desk.allow, desk.propose, desk.stow))
        for name, (walls_ms, cpus_ms) in zip(("allowed or refused", "five best bins", "stow"), took_ms, strict=True):
            figures = [np.percentile(each, level) for each in (walls_ms, cpus_ms) for level in (50, 99)]
            table.add_row(name, *(f"{each:.1f}" for each in figures))
        Console().print(table)
        Console().print(f"Reading the site for the first time took {first_s:.1f} s of CPU.")

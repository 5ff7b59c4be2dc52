"""How many commands a second the database takes, and how long a scanner waits for the answer.

Fifty threads, as fifty scanners, move single units out of their own bins on a SQLite file with
`synchronous = FULL`. Compared in one run: several commands a commit, as the product does it, and one
command a commit.
"""

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from api.schema import metadata
from inventory.ledger import NewMovement, post
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import Reason
from inventory.work.checking import check
from warehouse.clock import Clock, SystemClock
from warehouse.database import Database, writer
from warehouse.tables import PlaceKind, PlaceRow, SiteRow

NUM_SCANNERS = 50
NUM_SCANS = 60
SITE, PRODUCT, LOT, SUPPLIER, TOTE = 1, 1, 1, 1, 2
FIRST_BIN = 10


@dataclass(frozen=True)
class Scan:
    """One unit out of one bin."""

    bin_id: int
    client_id: str


def furnish(session: Session, command: int, clock: Clock) -> None:
    """Put up a house in which each of `command` scanners has a bin of its own."""
    session.add(SiteRow(id=SITE, code="S", name="", time_zone="UTC", definition="", created_ms=clock.now_ms()))
    session.add(ProductRow(id=PRODUCT, code="P", name="", length_mm=1, width_mm=1, height_mm=1, weight_g=1))
    session.flush()
    session.add(LotRow(id=LOT, product_id=PRODUCT, code="L", received_on=date(2025, 12, 1)))
    session.add(PlaceRow(id=SUPPLIER, site_id=SITE, kind=PlaceKind.SUPPLIER, code="supplier"))
    session.add(PlaceRow(id=TOTE, site_id=SITE, kind=PlaceKind.TOTE, code="tote"))
    bins = range(FIRST_BIN, FIRST_BIN + command)
    session.add_all(PlaceRow(id=bin_id, site_id=SITE, kind=PlaceKind.BIN, code=f"bin-{bin_id}") for bin_id in bins)
    brought = [
        NewMovement(SITE, SUPPLIER, bin_id, PRODUCT, LOT, NUM_SCANS, Reason.STOW, "benchmark") for bin_id in bins
    ]
    post(session, brought, clock=clock)


def scan(session: Session, command: Scan, clock: Clock) -> None:
    """Move one unit to the tote."""
    movement = NewMovement(
        SITE, command.bin_id, TOTE, PRODUCT, LOT, 1, Reason.MOVE, "benchmark", client_id=command.client_id
    )
    post(session, [movement], clock=clock)


def measure(num_commands_a_commit: int) -> tuple[float, float, float]:
    """Commands a second, and the median and 99th percentile of the wait in milliseconds."""
    clock = SystemClock()
    waits_ms: list[float] = []
    gate = threading.Barrier(NUM_SCANNERS + 1)
    usual, writer.NUM_COMMANDS_MAX = writer.NUM_COMMANDS_MAX, num_commands_a_commit

    def scanner(number: int) -> None:
        gate.wait()
        for count in range(NUM_SCANS):
            started_s = time.perf_counter()
            database.run(scan, Scan(FIRST_BIN + number, f"{number}-{count}"), clock=clock)
            waits_ms.append(1000 * (time.perf_counter() - started_s))

    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Database.open(f"sqlite:///{Path(folder) / 'onward.db'}") as database,
        ):
            database.migrate(metadata)
            database.run(furnish, NUM_SCANNERS, clock=clock)
            with ThreadPoolExecutor(NUM_SCANNERS) as pool:
                scanners = [pool.submit(scanner, number) for number in range(NUM_SCANNERS)]
                gate.wait()
                started_s = time.perf_counter()
                for finished in scanners:
                    finished.result()
                duration_s = time.perf_counter() - started_s
            with database.read() as session:
                assert check(session).ok
    finally:
        writer.NUM_COMMANDS_MAX = usual
    median_ms, slow_ms = np.percentile(waits_ms, [50, 99])
    return len(waits_ms) / duration_s, float(median_ms), float(slow_ms)


def main() -> None:
    """Print the comparison."""
    table = Table(title=f"SQLite, {NUM_SCANNERS} scanners, {NUM_SCANNERS * NUM_SCANS} commands")
    for heading in ("commands a commit", "commands/s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for heading, number in (("one", 1), (f"up to {writer.NUM_COMMANDS_MAX}", writer.NUM_COMMANDS_MAX)):
        rate, median_ms, slow_ms = measure(number)
        table.add_row(heading, f"{rate:,.0f}", f"{median_ms:.0f}", f"{slow_ms:.0f}")
    Console().print(table)

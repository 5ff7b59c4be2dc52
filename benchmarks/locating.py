"""How long it takes to find goods over 100 sites: a product, a lot, or one unit by its serial.

Every site has as many bins and lots of the same products, so a product lies in very many places; a lot lies in a few,
and a serial is one unit with its history. What is asked is drawn at random, each time anew, in a database file of
its own; the answer is all of `onward stock where`, without the printing.
"""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from api.schema import metadata
from inventory.tables.products import HOUSE, LotRow, ProductRow
from inventory.tables.serials import SerialEventRow, SerialRow, SerialState
from inventory.tables.stock import BalanceRow, Reason
from inventory.work.locating import where_is
from warehouse.clock import Clock, SystemClock
from warehouse.database import Database
from warehouse.tables import PlaceKind, PlaceRow, SiteRow

NUM_SITES = 100
NUM_BINS = 2_000
NUM_PRODUCTS = 5_000
NUM_LOTS = 100_000
NUM_SERIALS = 200_000
NUM_ASKED = 1_000
ROWS_A_STATEMENT = 20_000
"""Enough that statements cost nothing, and few enough that the rows of one fit in memory."""


@dataclass(frozen=True)
class House:
    """How much there is."""

    num_sites: int
    num_bins: int
    num_products: int
    num_lots: int
    num_serials: int


def fill(session: Session, command: House, clock: Clock) -> None:
    """Put everything there: each bin holds a lot drawn at random, each serial was received once."""
    draw = random.Random(1)
    now_ms = clock.now_ms()
    sites = range(1, command.num_sites + 1)
    num_places = command.num_bins + 1
    places = [(site, (site - 1) * num_places + number) for site in sites for number in range(1, num_places + 1)]
    suppliers = {site: site * num_places for site in sites}
    _add(
        session,
        SiteRow,
        [
            {"id": site, "code": f"S{site}", "name": "", "time_zone": "UTC", "definition": "", "created_ms": 0}
            for site in sites
        ],
    )
    _add(
        session,
        PlaceRow,
        [
            {
                "id": place,
                "site_id": site,
                "code": f"PLACE-{place}",
                "kind": PlaceKind.SUPPLIER if place == suppliers[site] else PlaceKind.BIN,
                "open": True,
            }
            for site, place in places
        ],
    )
    size: dict[str, object] = {"length_mm": 1, "width_mm": 1, "height_mm": 1, "weight_g": 1, "storage_class": "ambient"}
    products = range(1, command.num_products + 1)
    _add(
        session,
        ProductRow,
        [{"id": each, "code": f"P{each}", "name": "", "serialised": True, **size} for each in products],
    )
    lots = range(1, command.num_lots + 1)
    product_of = {lot: 1 + lot % command.num_products for lot in lots}
    _add(
        session,
        LotRow,
        [
            {
                "id": lot,
                "product_id": product_of[lot],
                "code": f"L{lot}",
                "received_on": date(2025, 12, 1),
                "owner": HOUSE,
            }
            for lot in lots
        ],
    )
    lying = {place: draw.choice(lots) for site, place in places if place != suppliers[site]}
    _add(
        session,
        BalanceRow,
        [
            {"place_id": place, "product_id": product_of[lot], "lot_id": lot, "quantity": 3, "reserved": 0}
            for place, lot in lying.items()
        ],
    )
    bins = list(lying)
    seen = [(number, draw.choice(bins)) for number in range(1, command.num_serials + 1)]
    site_of = {place: site for site, place in places}
    _add(
        session,
        SerialRow,
        [
            {
                "id": number,
                "product_id": product_of[lying[place]],
                "serial": f"SN{number}",
                "lot_id": lying[place],
                "state": SerialState.HERE,
                "place_id": place,
            }
            for number, place in seen
        ],
    )
    _add(
        session,
        SerialEventRow,
        [
            {
                "serial_id": number,
                "at_ms": now_ms,
                "from_place_id": suppliers[site_of[place]],
                "to_place_id": place,
                "reason": Reason.RECEIPT,
                "user": "benchmark",
                "device": "",
                "client_id": "",
            }
            for number, place in seen
        ],
    )


def _add(session: Session, row: type[SQLModel], facts: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(facts), ROWS_A_STATEMENT):
        session.execute(insert(row), facts[start : start + ROWS_A_STATEMENT])


def ask(database: Database, codes: Sequence[str]) -> tuple[list[float], float]:
    """The milliseconds that each question took, and how many places were told on average."""
    waits_ms, num_places = [], 0
    for code in codes:
        began_s = time.perf_counter()
        with database.read() as session:
            num_places += len(where_is(session, code))
        waits_ms.append(1000 * (time.perf_counter() - began_s))
    return waits_ms, num_places / len(codes)


def main() -> None:
    """Print the table."""
    house = House(NUM_SITES, NUM_BINS, NUM_PRODUCTS, NUM_LOTS, NUM_SERIALS)
    draw = random.Random(2)
    questions: dict[str, Callable[[], str]] = {
        "product": lambda: f"P{draw.randint(1, house.num_products)}",
        "lot": lambda: f"L{draw.randint(1, house.num_lots)}",
        "serial": lambda: f"SN{draw.randint(1, house.num_serials)}",
    }
    table = Table(
        title=f"{house.num_sites} sites, {house.num_sites * house.num_bins:,} bins, {house.num_products:,} products, "
        f"{house.num_lots:,} lots, {house.num_serials:,} serials; SQLite, {NUM_ASKED:,} questions each"
    )
    for heading in ("asked for", "places told", "p50 ms", "p99 ms", "most ms"):
        table.add_column(heading, justify="left" if heading == "asked for" else "right")
    with tempfile.TemporaryDirectory() as folder, Database.open(f"sqlite:///{folder}/onward.db") as database:
        database.migrate(metadata)
        database.run(fill, house, clock=SystemClock())
        for what, question in questions.items():
            waits_ms, num_places = ask(database, [question() for _ in range(NUM_ASKED)])
            median_ms, slow_ms = np.percentile(waits_ms, [50, 99])
            table.add_row(what, f"{num_places:.1f}", f"{median_ms:.1f}", f"{slow_ms:.1f}", f"{max(waits_ms):.1f}")
    Console().print(table)

"""How long a receiver waits for the answer to a scan while a truck of 5,000 units in 300 products is unloaded.

A real `onward serve` on SQLite, on loopback, which shares the machine's cores with the receivers. The truck is
unloaded four times: every unit by a scan of its own, by one receiver and by two, cartons by the number of units in
their symbol, and units gathered into calls of fifty scans. Half of the products come in lots with expiry. Every scan is
one GS1 symbol. Of single scans the first 1,000 are timed, and the rest of the truck comes in gathered; `--scans 5000`
times all of them.
"""

import argparse
import contextlib
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from api.demo_users import save_demo_users
from api.schema import metadata
from api.serving import Serving
from api.settings import Settings
from api.tables import Role
from inventory.work.announcing import Announce, NoticeLine, announce
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.docking import Arrive, Dock, arrive, dock
from inventory.work.sites import OpenSite, open_site
from inventory.work.suppliers import SaveSupplier, save_supplier
from tests.api.server import client_of, start_server
from tests.inventory.dock import DAY
from tests.inventory.small_site import DEFINITION, SITE
from warehouse.clock import SystemClock
from warehouse.database import Database

NUM_PRODUCTS = 300
NUM_UNITS = 5_000
UNITS_A_CARTON = 12
SCANS_A_CALL = 50
SCANS_TIMED = 1_000
TARGET_MS = 150


def gtin(number: int) -> str:
    """The trade item number of a product, with its check digit."""
    digits = f"0400638{number:06}"
    odd, even = (sum(int(digit) for digit in digits[start::2]) for start in (0, 1))
    return f"{digits}{-(3 * odd + even) % 10}"


def quantities() -> list[int]:
    """Units of each product: 5,000 in all."""
    more = NUM_UNITS % NUM_PRODUCTS
    return [NUM_UNITS // NUM_PRODUCTS + (number < more) for number in range(NUM_PRODUCTS)]


def symbol(number: int, units: int = 1) -> str:
    """What stands on units of a product: its number, lot and expiry if it has them, and how many."""
    fields = f"01{gtin(number)}" + (f"17{DAY:%y%m%d}10L{number}~" if number % 2 else "")
    return f"]d2{fields}37{units}" if units > 1 else f"]d2{fields}".rstrip("~")


def furnish(database: Database, trucks: list[str]) -> None:
    """A site, its users, 300 products, and trucks that bring the same goods."""
    clock = SystemClock()
    save_demo_users(Serving(database, clock, Settings()))
    database.run(open_site, OpenSite(DEFINITION.replace("  carts:", more_docks(trucks) + "  carts:")), clock=clock)
    products = tuple(
        NewProduct(f"P{number}", f"Product {number}", 100, 100, 100, 500, barcodes=(gtin(number).lstrip("0"),))
        for number in range(NUM_PRODUCTS)
    )
    database.run(save_products, SaveProducts(products), clock=clock)
    database.run(save_supplier, SaveSupplier("ACME", "Acme"), clock=clock)
    lines = tuple(
        NoticeLine(f"P{number}", units, lot=f"L{number}" if number % 2 else "", expires_on=DAY if number % 2 else None)
        for number, units in enumerate(quantities())
    )
    for truck in trucks:
        database.run(announce, Announce(SITE, truck, "ACME", lines), clock=clock)
        database.run(arrive, Arrive(SITE, truck), clock=clock)
        database.run(dock, Dock(SITE, truck), clock=clock)


def more_docks(trucks: list[str]) -> str:
    """A dock for each truck but the first, in the words of a site file."""
    return "".join(
        f"  dock{number}: {{ kind: inbound, at: {{ x: -{2 + number} m }}, spur: 2 m }}\n"
        for number in range(1, len(trucks))
    )


def single_units() -> list[list[str]]:
    """Every unit scanned by itself, the products mixed as they come off pallets."""
    units = [symbol(number) for number, units in enumerate(quantities()) for _ in range(units)]
    np.random.default_rng(1).shuffle(units)
    return [[each] for each in units]


def cartons() -> list[list[str]]:
    """One scan a carton; what does not fill one comes in a smaller one."""
    return [
        [symbol(number, min(UNITS_A_CARTON, units - start))]
        for number, units in enumerate(quantities())
        for start in range(0, units, UNITS_A_CARTON)
    ]


def gathered(singles: list[list[str]]) -> list[list[str]]:
    """Fifty scans of single units a call."""
    units = [each for (each,) in singles]
    return [units[start : start + SCANS_A_CALL] for start in range(0, len(units), SCANS_A_CALL)]


def unload(
    url: str, truck: str, calls: list[list[str]], num_receivers: int, *, kind: str = "scan"
) -> tuple[float, list[float]]:
    """How long it took in seconds, and the wait for each call's answer in milliseconds."""
    waits_ms: list[float] = []

    def receiver(number: int) -> None:
        with contextlib.closing(client_of(url, Role.PICKER, number)) as client:
            for count, codes in enumerate(calls[number::num_receivers]):
                scans = [{"code": code} for code in codes]
                body = {"client_id": f"{truck}-{kind}-{number}-{count}", "scans": scans}
                begun_s = time.perf_counter()
                answer = client.post(f"/api/v1/sites/{SITE}/deliveries/{truck}/scans", json=body)
                waits_ms.append(1000 * (time.perf_counter() - begun_s))
                assert {each["verdict"] for each in answer.json()["answers"]} == {"taken"}, answer.text

    threads = [threading.Thread(target=receiver, args=(number,)) for number in range(num_receivers)]
    begun_s = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return time.perf_counter() - begun_s, waits_ms


def received(url: str, truck: str) -> int:
    """Units that the server says have come."""
    with contextlib.closing(client_of(url, Role.MANAGER)) as client:
        answer: httpx.Response = client.get(f"/api/v1/sites/{SITE}/deliveries/{truck}")
        return int(answer.json()["delivery"]["received"])


def main(options: Sequence[str] = ()) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks receiving", description="Unload a truck by scans.")
    parser.add_argument("--scans", type=int, default=SCANS_TIMED, help=f"single scans timed (default {SCANS_TIMED:,})")
    timed = parser.parse_args(options).scans
    singles, rest = single_units()[:timed], gathered(single_units()[timed:])
    ways = [
        ("unit by unit", singles, rest, 1),
        ("unit by unit", singles, rest, 2),
        (f"cartons of {UNITS_A_CARTON}", cartons(), [], 1),
        (f"{SCANS_A_CALL} scans a call", gathered(single_units()), [], 1),
    ]
    trucks = [f"TRUCK-{number}" for number in range(len(ways))]
    table = Table(title=f"{NUM_UNITS:,} units of {NUM_PRODUCTS} products; wanted: p99 under {TARGET_MS} ms a scan")
    for heading in (
        "scanned",
        "receivers",
        "calls",
        "seconds",
        "units/s",
        "p50 ms",
        "p99 ms",
        "p99 ms a scan",
        "max ms",
    ):
        table.add_column(heading, justify="left" if heading == "scanned" else "right")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Database.open(f"sqlite:///{home / 'onward.db'}") as database:
            database.migrate(metadata)
            furnish(database, trucks)
        server = start_server(home)
        try:
            for truck, (name, calls, rest, num_receivers) in zip(trucks, ways, strict=True):
                took_s, waits_ms = unload(server.url, truck, calls, num_receivers)
                unload(server.url, truck, rest, 1, kind="rest")
                assert received(server.url, truck) == NUM_UNITS
                num_units = NUM_UNITS - sum(map(len, rest))
                median_ms, slow_ms = np.percentile(waits_ms, [50, 99])
                each_ms = slow_ms / len(calls[0])
                figures = (took_s, num_units / took_s, median_ms, slow_ms, each_ms, max(waits_ms))
                table.add_row(name, f"{num_receivers}", f"{len(calls):,}", *(f"{each:,.1f}" for each in figures))
        finally:
            server.stop()
        with Database.open(f"sqlite:///{home / 'onward.db'}") as database, database.read() as session:
            assert check(session).ok
    Console().print(table)

"""How many scans a second a server answers, and how long a picker waits for the answer.

A real `onward serve` on SQLite, on loopback, and scanners that pick as fast as they are answered: nobody walks, so
each stands for many pickers. Server and scanners share the machine's cores. A step is two scans: the bin, which is
checked, and the product, which is written to disk before it is answered; both answer with the whole screen.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from api.schema import metadata
from sim.day_demand import generated_demand
from tests.api.picking_day import scanners, stock_day
from tests.api.scanner_client import Crew, Habits
from tests.api.server import start_server
from warehouse.database import Database

NUM_SCANNERS = (8, 50)
SECONDS = 15
NUM_ORDERS = 80
NUM_TOTES = 1  # of a cart, so that there is a run for each of fifty
CALM = Habits(repeats=0, wrong=0, lost=0)


def measure(num_scanners: int) -> tuple[int, float, list[float]]:
    """Scans answered, the seconds that took, and each wait in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        with Database.open(f"sqlite:///{template}") as database:
            database.migrate(metadata)
        demand = generated_demand(seed=1, num_orders=NUM_ORDERS)
        day = stock_day(Path(folder) / "home", template, demand, num_pickers=num_scanners, num_totes=NUM_TOTES)
        assert day.num_runs >= num_scanners
        server = start_server(day.home)
        try:
            made = scanners(server, num_scanners, CALM)
            for scanner in made:
                scanner.waits_s.clear()  # of signing in
            began_s = time.monotonic()
            crew = Crew(made, until=lambda: time.monotonic() > began_s + SECONDS)
            crew.start()
            crew.wait()
            took_s = time.monotonic() - began_s
        finally:
            server.stop()
    return 2 * crew.counts["steps"], took_s, [1000 * wait for scanner in made for wait in scanner.waits_s]


def main() -> None:
    """Print the table."""
    table = Table(title=f"onward serve on SQLite, loopback, {SECONDS} s each")
    for heading in ("scanners", "scans", "scans/s", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for num_scanners in NUM_SCANNERS:
        num_scans, took_s, waits_ms = measure(num_scanners)
        median_ms, slow_ms = np.percentile(waits_ms, [50, 99])
        table.add_row(
            f"{num_scanners}", f"{num_scans:,}", f"{num_scans / took_s:,.0f}", f"{median_ms:.0f}", f"{slow_ms:.0f}"
        )
    Console().print(table)

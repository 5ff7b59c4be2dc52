"""A year of FoodMart through the ledger: is anything shipped past its expiry, and are the alerts the right ones?

`python -m benchmarks food_year --days 365` runs all of it, which takes long; with `--every 16` of every 16th product
alone, in a house of their own. Needs FoodMart's files beside the project.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.schema import metadata
from sim.food_demand import read_food_year
from sim.food_year import FoodYearRun, run_food_year
from tests.shared_data import SHARED
from warehouse.database import Database

DAYS = 20


def main(options: Sequence[str] = ()) -> None:
    """Run the days and print what the ledger says of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks food_year", description="Run FoodMart's year.")
    parser.add_argument("--days", type=int, default=DAYS, help=f"days of work (default {DAYS}; the year has 344)")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th product (default 1, all)")
    asked = parser.parse_args(options)
    console = Console(width=120)
    if SHARED is None:
        sys.exit("FoodMart's files are not beside the project")
    year = read_food_year(SHARED / "data" / "foodmart").of_every(asked.every)
    with (
        tempfile.TemporaryDirectory() as folder,
        console.status("") as status,
        Database.open(f"sqlite:///{Path(folder) / 'food.db'}") as database,
    ):
        database.migrate(metadata)
        run = run_food_year(database, year, asked.days, lambda day: status.update(day.isoformat()))
    console.print(_told(run, len(year.products)))


def _told(run: FoodYearRun, num_products: int) -> Table:
    """What became of the year."""
    table = Table(title=f"FoodMart 1997, {run.days} days of work, {num_products:,} products", show_header=False)
    for what, figure in (
        ("units received", f"{run.units_received:,}"),
        ("orders shipped", f"{run.orders_shipped:,}"),
        ("units shipped", f"{run.units_shipped:,}"),
        ("lines short on their day", f"{run.lines_short:,}"),
        ("units without room on the worst day", f"{run.units_without_room:,}"),
        ("units expired and destroyed", f"{run.units_destroyed:,}"),
        ("units here at the end", f"{run.units_here:,}"),
        ("units shipped past their expiry", f"{sum(each.quantity for each in run.late):,}"),
        ("alerts raised", f"{run.alerts:,}"),
        ("alerts that a recomputation does not come to", f"{len(run.too_many):,}"),
        ("alerts that it comes to and were not raised", f"{len(run.too_few):,}"),
        ("ledger", "balances equal movements" if run.ledger_ok else "DIFFERS"),
    ):
        table.add_row(what, figure)
    return table

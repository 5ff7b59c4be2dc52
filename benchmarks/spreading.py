"""What each preference in stowing saves the pickers: goods stowed, then a real day walked.

The goods of Online Retail's busiest day are stowed by one way after the other on the same floor, each product in as
many bins; then the day's orders are released as on the live floor. `--day` takes another day, and `--cover 10` as many
times what the day asks for instead of 50,000 units, which fills the floor by two thirds. Needs Online Retail beside
the project. How much better a search does is told by `python -m benchmarks spread_search`.
"""

import argparse
import sys
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.spread_house import DAYS, NUM_BINS, House, house, read_orders, walked_mm, walked_twice_mm
from inventory.rules.storage_policy import Preferences
from tests.shared_data import SHARED

WAYS: dict[str, Preferences | None] = {
    "at random": None,
    "spread over aisles": Preferences(spread_aisles=True, near_flow=False, level_fill=False),
    "near the flow": Preferences(spread_aisles=False, near_flow=True, level_fill=False),
    "level fill": Preferences(spread_aisles=False, near_flow=False, level_fill=True),
    "spread and near (the default)": Preferences(),
    "all three": Preferences(level_fill=True),
}


def main(options: Sequence[str] = ()) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks spreading", description="What preferences save.")
    parser.add_argument("--day", default=DAYS[0], help=f"the day that is walked (default {DAYS[0]})")
    parser.add_argument("--cover", type=int, help="stock as a multiple of what the day asks for")
    chosen = parser.parse_args(options)
    if SHARED is None:
        sys.exit("Online Retail's orders are not beside the project")
    built = house(read_orders(), chosen.day, chosen.cover)
    table = Table(title=titled(built))
    for heading in ("stowed", "runs", "walked m", "to random %", "walked twice m", "segments"):
        table.add_column(heading, justify="left" if heading == "stowed" else "right")
    random_mm = 0
    for name, preferences in WAYS.items():
        stock = built.stowed(preferences, seed=1)
        plan = built.walked(stock)
        random_mm = random_mm or walked_mm(plan)
        table.add_row(
            name,
            f"{len(plan.runs)}",
            f"{walked_mm(plan) / 1000:,.0f}",
            f"{100 * (walked_mm(plan) / random_mm - 1):+.1f}",
            f"{walked_twice_mm(plan) / 1000:,.0f}",
            f"{len(np.unique(built.area.shelves.edge[stock.bin]))}",
        )
    table.add_row("lower bound", f"{built.num_carts}", f"{built.bound_mm / 1000:,.0f}", "", "", "")
    Console(width=120).print(table)


def titled(built: House) -> str:
    """What is walked where."""
    shelves = built.area.shelves
    fill = 100 * (built.quantity * built.goods.volume_mm3).sum() / shelves.volume_mm3.sum()
    return (
        f"{built.day}: {int(built.quantity.sum()):,} units of {len(built.goods):,} products in {NUM_BINS} bins each, "
        f"{len(shelves):,} bins, {fill:.0f} % full"
    )

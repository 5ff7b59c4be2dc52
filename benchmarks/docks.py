"""Forty trucks a day through receiving: dock to stock for every supplier, and whether it mattered who handled him.

`sim.dock_day` plays the days, every one with a crew of its own paces. Median and 95th percentile are over all units of
a supplier, from the gate to the bin. The last columns test that the choice among free receivers was blind to the
supplier (`sim.fair_handling`): by how much slower than those who were free the receivers of his trucks were, and the
chance of as large a difference by blind choices.
"""

import numpy as np
from rich.console import Console
from rich.table import Table

from inventory.rules.dock_times import by_source
from sim.dock_day import DockScenario, simulate_docks
from sim.fair_handling import handling

NUM_DAYS = 30
MINUTE_S, MINUTE_MS = 60, 60_000


def main() -> None:
    """Print the table."""
    scenario = DockScenario()
    logs = [simulate_docks(scenario, seed) for seed in range(NUM_DAYS)]
    times = by_source([spell for log in logs for spell in log.spells])
    handled = {each.sender: each for each in handling([(log.handled, log.paces) for log in logs])}
    title = f"{scenario.num_trucks} trucks a day, {scenario.num_docks} docks, {scenario.num_receivers} receivers, "
    table = Table(title=f"{title}{scenario.num_stowers} stowers, {NUM_DAYS} days; minutes")
    for heading in ("supplier", "trucks", "units", "at the gate", "median", "p95", "slower", "chance"):
        table.add_column(heading, justify="left" if heading == "supplier" else "right")
    for each in times:
        waits_s = [truck.waited_s for log in logs for truck in log.handled if truck.sender == each.source]
        own = handled[each.source]
        table.add_row(
            each.source,
            f"{own.num_trucks:,}",
            f"{each.units:,}",
            f"{np.mean(waits_s) / MINUTE_S:.0f}",
            f"{each.median_ms / MINUTE_MS:.0f}",
            f"{each.p95_ms / MINUTE_MS:.0f}",
            f"{own.pace_more:+.1%}",
            f"{own.chance:.2f}",
        )
    Console().print(table)

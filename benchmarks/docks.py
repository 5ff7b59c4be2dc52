"""Forty trucks a day through receiving: dock to stock for every supplier, and whether it mattered who handled him.

`sim.dock_day` plays the days, every one with a crew of its own paces. Median and 95th percentile are over all units of
a supplier, from the gate to the bin. The last columns test that the choice among free receivers was blind to the
supplier (`sim.fair_handling`): by how much slower than those who were free the receivers of his trucks were, and the
chance of as large a difference by blind choices.
"""

from rich.console import Console

from api.commands.simulate import supplier_table
from sim.dock_day import DockScenario, simulate_docks

NUM_DAYS = 300
"""So many trucks of each supplier that a favour of a hundredth would show."""


def main() -> None:
    """Print the table."""
    scenario = DockScenario()
    logs = [simulate_docks(scenario, seed) for seed in range(NUM_DAYS)]
    title = f"{scenario.num_trucks} trucks a day, {scenario.name}, {NUM_DAYS} days; minutes"
    Console().print(supplier_table(title, logs))

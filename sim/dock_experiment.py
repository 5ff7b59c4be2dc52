"""Ask of the docks: every variant, so many days, and what came of each supplier's goods.

Method
    Days are played by `sim.dock_day`, those of one replication with the same trucks for all variants. Figures of a
    variant are means over its days with their intervals. Those of a supplier are over all his units of all days, as
    `inventory.rules.dock_times` counts them, with the test of `sim.fair_handling` beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import joblib
import numpy as np

from inventory.rules.dock_times import by_source, percentile
from sim.dock_day import HOUR_S, DockLog, DockScenario, simulate_docks
from sim.dock_scenario import DocksAsked
from sim.fair_handling import handling
from sim.statistics import Estimate, estimate

MINUTE_S, MINUTE_MS = 60, 60_000


@dataclass(frozen=True, slots=True)
class DockMeasures:
    """What one day came to."""

    gate_minutes: float
    stock_minutes_median: float
    stock_minutes_p95: float
    receivers_percent: float
    finished_h: float


@dataclass(frozen=True, slots=True)
class SupplierTimes:
    """A supplier's trucks and units; `pace_more` and `chance` are those of `sim.fair_handling`."""

    supplier: str
    num_trucks: int
    units: int
    gate_minutes: float
    median_minutes: float
    p95_minutes: float
    pace_more: float
    chance: float


@dataclass(frozen=True)
class DockExperiment:
    """Everything a report tells: the days of each variant, in the order of the variants."""

    scenario: DocksAsked
    days: tuple[tuple[DockLog, ...], ...]

    def measured(self, number: int) -> dict[str, Estimate]:
        """The figures of a variant over its days."""
        days = [measures(self.scenario.variants[number], log) for log in self.days[number]]
        return {each.name: estimate([getattr(day, each.name) for day in days]) for each in fields(DockMeasures)}

    def pallet_minutes(self, number: int) -> list[float]:
        """Minutes from the gate to the bin of every pallet of a variant."""
        return [spell.duration_ms / MINUTE_MS for log in self.days[number] for spell in log.spells]


def run_docks(
    scenario: DocksAsked, *, num_jobs: int = -1, progress: Callable[[int, int], None] | None = None
) -> DockExperiment:
    """Play the days of every variant.

    Parameters
    ----------
    num_jobs
        Processes to use; -1 for one a core. The figures do not depend on it.
    progress
        Told how many of how many days are done.
    """
    seeds = np.random.SeedSequence(scenario.seed).generate_state(scenario.replications, np.uint64)
    tasks = [(variant, int(seed)) for variant in scenario.variants for seed in seeds]
    played = joblib.Parallel(n_jobs=num_jobs, return_as="generator")(
        joblib.delayed(simulate_docks)(*task) for task in tasks
    )
    logs = []
    for log in played:
        logs.append(log)
        if progress is not None:
            progress(len(logs), len(tasks))
    each = scenario.replications
    return DockExperiment(scenario, tuple(tuple(logs[at : at + each]) for at in range(0, len(logs), each)))


def measures(scenario: DockScenario, log: DockLog) -> DockMeasures:
    """The figures of one day."""
    at_work_s = sum(each.unloading_s for each in log.handled)
    return DockMeasures(
        gate_minutes=float(np.mean([each.waited_s for each in log.handled])) / MINUTE_S,
        stock_minutes_median=percentile(log.spells, 50) / MINUTE_MS,
        stock_minutes_p95=percentile(log.spells, 95) / MINUTE_MS,
        receivers_percent=100 * at_work_s / (scenario.num_receivers * log.finished_s),
        finished_h=log.finished_s / HOUR_S,
    )


def supplier_times(logs: Sequence[DockLog]) -> list[SupplierTimes]:
    """What came of every supplier's trucks, by name."""
    handled = {each.sender: each for each in handling([(log.handled, log.paces) for log in logs])}
    waited_s: dict[str, list[float]] = {}
    for log in logs:
        for truck in log.handled:
            waited_s.setdefault(truck.sender, []).append(truck.waited_s)
    return [
        SupplierTimes(
            supplier=each.source,
            num_trucks=handled[each.source].num_trucks,
            units=each.units,
            gate_minutes=float(np.mean(waited_s[each.source])) / MINUTE_S,
            median_minutes=each.median_ms / MINUTE_MS,
            p95_minutes=each.p95_ms / MINUTE_MS,
            pace_more=handled[each.source].pace_more,
            chance=handled[each.source].chance,
        )
        for each in by_source([spell for log in logs for spell in log.spells])
    ]

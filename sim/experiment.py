"""Ask a scenario: every variant, so many replications, on all cores.

Problem
    How do ways of storing, walking and staffing compare on the same demand, and how sure is that?
Method
    Variants that differ only in their crew share one plan of the day (`sim.planned_day`). A replication
    has a seed of its own, from which the places of goods under random storage and everybody's pace are
    drawn; the same replication of different variants draws the same (common random numbers).
    Plans are made and walked in parallel by joblib; the figures do not depend on how many cores share
    the work.
Source
    Law, A. M. (2015). Simulation Modeling and Analysis, 5th ed., sections 9.4 (replications) and 11.2
    (common random numbers).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import joblib
import numpy as np

from inventory.rules.allocation import Order
from inventory.rules.pick_runs import PickArea, PlannedRun
from inventory.rules.stock import Goods, IntArray, Lots, Stock
from inventory.rules.stowing import Shares, place_at_random
from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from sim.baselines import baselines
from sim.day import DayLog, simulate_day
from sim.day_demand import DayDemand, demand_from_files, generated_demand
from sim.demo_site import COVER_DAYS, planned_site
from sim.planned_day import PlannedDay, plan_day
from sim.scenario import Scenario, Storage, Variant
from sim.statistics import Estimate, estimate
from warehouse.bins import Site
from warehouse.errors import SiteFileInvalid
from warehouse.site_file import load_site, read_site
from warehouse.site_writing import write_site

TRACED = 0
"""The picker whose arrivals are added up and held against the routes walked."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What one simulated day came to."""

    walking_m: float
    walking_m_per_line: float
    backtrack_m: float
    order_minutes_mean: float
    order_minutes_p95: float
    utilisation_percent: float
    lines_per_picker_hour: float
    finished_hour: float


@dataclass(frozen=True, slots=True)
class WalkCheck:
    """The traced picker's walking, added up in two ways that must agree."""

    arrivals_mm: int
    routes_mm: int


@dataclass(frozen=True)
class Outcome:
    """One replication of one variant."""

    variant: Variant
    replication: int
    measures: Measures
    order_minutes: tuple[float, ...]
    walk_check: WalkCheck
    num_short: int


@dataclass(frozen=True)
class SampleRun:
    """The run of median length of the first replication, to be drawn."""

    storage: Storage
    policy: PolicyName
    bins_per_product: int
    run: PlannedRun


@dataclass(frozen=True)
class Experiment:
    """Everything a report tells."""

    scenario: Scenario
    demand: DayDemand
    site: Site
    outcomes: tuple[Outcome, ...]
    samples: tuple[SampleRun, ...]

    def measured(self, variant: Variant) -> dict[str, Estimate]:
        """The figures of a variant over all its replications."""
        own = [outcome.measures for outcome in self.outcomes if outcome.variant == variant]
        return {each.name: estimate([getattr(one, each.name) for one in own]) for each in fields(Measures)}

    def order_minutes(self, variant: Variant) -> list[float]:
        """Minutes from placed to picked of every order of every replication."""
        return [each for outcome in self.outcomes if outcome.variant == variant for each in outcome.order_minutes]


@dataclass(frozen=True)
class _Group:
    """Variants that share a plan: the same storage, policy and bins, with crews of several sizes."""

    storage: Storage
    policy: PolicyName
    bins_per_product: int
    crews: tuple[int, ...]
    replications: tuple[int, ...]


@dataclass(frozen=True)
class _Ground:
    """What all plans of one floor start from; `fixed` holds the stock in fixed places, by storage."""

    orders: tuple[Order, ...]
    goods: Goods
    lots: Lots
    quantity: IntArray
    area: PickArea
    fixed: dict[Storage, Stock]


def run_experiment(
    scenario: Scenario, *, num_jobs: int = -1, progress: Callable[[int, int], None] | None = None
) -> Experiment:
    """Simulate every variant of a scenario.

    Parameters
    ----------
    scenario
        What to ask.
    num_jobs
        Processes to use; -1 for one a core.
    progress
        Told how many of how many plans are done.

    Returns
    -------
    Experiment
        With outcomes sorted by variant and replication.

    Raises
    ------
    ImportInvalid, SiteFileInvalid
        If a file of the scenario cannot be used.
    """
    demand = _demand_of(scenario)
    grounds, site = _grounds(scenario, demand)
    groups = _groups(scenario)
    outcomes: list[Outcome] = []
    samples: list[SampleRun] = []
    tasks = (joblib.delayed(_simulate_group)(scenario, grounds[group.bins_per_product], group) for group in groups)
    results = joblib.Parallel(n_jobs=num_jobs, return_as="generator_unordered")(tasks)
    for done, (found, sample) in enumerate(results, 1):
        outcomes.extend(found)
        samples.extend(sample)
        if progress is not None:
            progress(done, len(groups))
    rank = {variant: number for number, variant in enumerate(scenario.variants)}
    outcomes.sort(key=lambda outcome: (rank[outcome.variant], outcome.replication))
    samples.sort(key=lambda sample: (sample.storage, sample.policy, sample.bins_per_product))
    return Experiment(scenario, demand, site, tuple(outcomes), tuple(samples))


def _demand_of(scenario: Scenario) -> DayDemand:
    if scenario.orders is None:
        return generated_demand(seed=scenario.seed, num_orders=scenario.num_orders)
    return demand_from_files(scenario.orders, scenario.products, scenario.day, seed=scenario.seed)


def _groups(scenario: Scenario) -> list[_Group]:
    """The plans to make: one a replication where goods lie at random, else one for all replications."""
    crews: dict[tuple[Storage, PolicyName, int], list[int]] = {}
    for variant in scenario.variants:
        crews.setdefault((variant.storage, variant.policy, variant.bins_per_product), []).append(variant.pickers)
    every = tuple(range(scenario.replications))
    groups: list[_Group] = []
    for (storage, policy, bins), sizes in crews.items():
        parts = [(each,) for each in every] if storage is Storage.RANDOM else [every]
        groups.extend(_Group(storage, policy, bins, tuple(sizes), part) for part in parts)
    return groups


def _grounds(scenario: Scenario, demand: DayDemand) -> tuple[dict[int, _Ground], Site]:
    """For every number of bins a product the floor and what lies in fixed places on it, and one site to draw."""
    goods, lots = demand.as_arrays()
    orders, _ = demand.as_orders()
    quantity = np.array([demand.units[code] * COVER_DAYS for code in goods.codes], dtype=np.int64)
    grounds = {}
    sites = {}
    for bins in sorted({variant.bins_per_product for variant in scenario.variants}):
        sites[bins] = _site(scenario, demand, bins)
        area = PickArea.of_site(sites[bins])
        places = {each.name: each.stock for each in baselines(goods, lots, quantity, orders, area)}
        fixed = {Storage.DEDICATED: places["conventional"], Storage.CLASS_BASED: places["class_based"]}
        grounds[bins] = _Ground(tuple(orders), goods, lots, quantity, area, fixed)
    return grounds, sites[max(sites)]


def _site(scenario: Scenario, demand: DayDemand, bins_per_product: int) -> Site:
    """The site of the scenario, or one sized to the demand."""
    if scenario.site is not None:
        return load_site(scenario.site)
    site = read_site(write_site(planned_site(demand.volume_mm3, bins_per_product, demand.name)))
    if isinstance(site, list):
        raise SiteFileInvalid(site)
    return site


def _simulate_group(scenario: Scenario, ground: _Ground, group: _Group) -> tuple[list[Outcome], list[SampleRun]]:
    """Plan one day, and let every crew walk it in every replication of the group."""
    seed = scenario.seed + group.replications[0]
    plan = plan_day(
        ground.orders,
        _stock(ground, group, seed),
        ground.goods,
        ground.area,
        policy=Policy(group.policy),
        release_every_s=scenario.release_every_s,
        budget=Budget(time_ms=None, iterations=scenario.iterations),
        seed=seed,
    )
    outcomes = [
        _walk(plan, Variant(group.storage, group.policy, crew, group.bins_per_product), replication, scenario)
        for replication in group.replications
        for crew in group.crews
    ]
    samples = []
    if group.replications[0] == 0 and plan.planned:
        by_length = sorted(plan.planned, key=lambda run: run.route.certificate.distance_mm)
        samples.append(SampleRun(group.storage, group.policy, group.bins_per_product, by_length[len(by_length) // 2]))
    return outcomes, samples


def _stock(ground: _Ground, group: _Group, seed: int) -> Stock:
    """Where the goods lie in the morning."""
    if group.storage is not Storage.RANDOM:
        return ground.fixed[group.storage]
    spread = np.full(len(ground.lots), group.bins_per_product, dtype=np.int64)
    shares = Shares(np.arange(len(ground.lots)), ground.quantity, spread)
    return place_at_random(shares, ground.lots, ground.goods, ground.area.shelves, seed=seed).stock


def _walk(plan: PlannedDay, variant: Variant, replication: int, scenario: Scenario) -> Outcome:
    """One crew walks the planned day once."""
    luck = np.random.SeedSequence([scenario.seed, replication])
    day = simulate_day(plan.released, num_pickers=variant.pickers, times=scenario.times, seed=luck, trace=TRACED)
    minutes = {order: (done_s - plan.placed_s[order]) / 60 for order, done_s in day.order_picked_s.items()}
    return Outcome(
        variant=variant,
        replication=replication,
        measures=_measures(plan, day, list(minutes.values()), variant.pickers),
        order_minutes=tuple(minutes.values()),
        walk_check=_walk_check(plan, day),
        num_short=plan.num_short,
    )


def _measures(plan: PlannedDay, day: DayLog, order_minutes: Sequence[float], num_pickers: int) -> Measures:
    first_s = min((run.released_s for run in plan.released), default=0.0)
    on_duty_s = num_pickers * (day.finished_s - first_s) or 1.0
    busy_s = sum(day.busy_s)
    minutes = order_minutes or [0.0]
    return Measures(
        walking_m=plan.distance_mm / 1000,
        walking_m_per_line=plan.distance_mm / 1000 / max(1, plan.num_lines),
        backtrack_m=plan.backtrack_mm / 1000,
        order_minutes_mean=float(np.mean(minutes)),
        order_minutes_p95=float(np.percentile(minutes, 95)),
        utilisation_percent=100 * busy_s / on_duty_s,
        lines_per_picker_hour=plan.num_lines / (busy_s / 3600) if busy_s else 0.0,
        finished_hour=day.finished_s / 3600,
    )


def _walk_check(plan: PlannedDay, day: DayLog) -> WalkCheck:
    """What the traced picker walked, from his arrivals and from the routes of his runs."""
    his = [log.run for log in day.runs if log.picker == TRACED]
    return WalkCheck(
        arrivals_mm=sum(each.leg_mm for each in day.arrivals),
        routes_mm=sum(plan.released[run].route.certificate.distance_mm for run in his),
    )

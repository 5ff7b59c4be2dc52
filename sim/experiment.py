"""Ask a scenario: every variant, so many replications, on all cores.

Problem
    How do ways of storing, walking and staffing compare on the same demand, and how sure is that?
Method
    Variants that differ only in their crew share one plan of the day (`sim.planned_day`), unless bins are found
    empty or orders join runs, so that plans change (`sim.live_day`). A replication
    has a seed of its own, from which the places of goods under random storage and everybody's pace are
    drawn; the same replication of different variants draws the same (common random numbers).
    Plans are made and walked in parallel by joblib; the figures do not depend on how many cores share
    the work.
Source
    Law, A. M. (2015). Simulation Modeling and Analysis, 5th ed., sections 9.4 (replications) and 11.2
    (common random numbers).
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import joblib
import numpy as np

from inventory.rules.allocation import Order
from inventory.rules.pick_runs import PickArea, PlannedRun, check_policy
from inventory.rules.random_stowing import Shares, place_at_random
from inventory.rules.stock import Goods, IntArray, Lots, Stock
from routing.bin_choice import Budget
from routing.problem import Policy
from sim.baselines import baselines
from sim.day import DayLog, simulate_day
from sim.day_demand import DayDemand, demand_from_files, generated_demand
from sim.demo_site import COVER_DAYS, planned_site
from sim.dispatch import Dispatch, drawn_empty
from sim.live_day import simulate_live_day
from sim.planned_day import PlannedDay, orders_of_day, plan_day
from sim.scenario import Scenario, Storage, Variant, in_words
from sim.scenario_fields import ScenarioInvalid
from sim.statistics import Estimate, estimate
from warehouse.bins import Site
from warehouse.errors import PolicyUnplanned, Problem, SiteFileInvalid
from warehouse.site_file import load_site, read_site
from warehouse.site_writing import write_site
from warehouse.walk_times import WalkTimes

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
    bins_found_empty: float
    replanning_m: float
    lines_joined: float


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
    policy: Policy
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
    policy: Policy
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


@dataclass(frozen=True)
class _Walked:
    """A day that was walked, whether its plans changed or not; `routes_mm` is how far each run is by its routes."""

    planned: tuple[PlannedRun, ...]
    log: DayLog
    placed_s: dict[str, float]
    first_released_s: float
    routes_mm: tuple[int, ...]
    distance_mm: int
    backtrack_mm: int
    num_lines: int
    num_short: int
    num_found_empty: int = 0
    replanning_mm: int = 0
    num_joined: int = 0


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
    ScenarioInvalid
        If runs cannot be walked as a variant asks for on its floor.
    """
    demand = _demand_of(scenario)
    grounds, site = _grounds(scenario, demand)
    _check_policies(scenario, grounds)
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
    samples.sort(key=lambda sample: (sample.storage, in_words(sample.policy), sample.bins_per_product))
    return Experiment(scenario, demand, site, tuple(outcomes), tuple(samples))


def _demand_of(scenario: Scenario) -> DayDemand:
    if scenario.orders is None:
        return generated_demand(seed=scenario.seed, num_orders=scenario.num_orders)
    return demand_from_files(scenario.orders, scenario.products, scenario.day, seed=scenario.seed)


def _groups(scenario: Scenario) -> list[_Group]:
    """The plans to make: one a replication where goods lie at random, else one for all replications."""
    crews: dict[tuple[Storage, Policy, int], list[int]] = {}
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
        area = _with_times(PickArea.of_site(sites[bins]), scenario)
        places = {each.name: each.stock for each in baselines(goods, lots, quantity, orders, area)}
        fixed = {Storage.DEDICATED: places["conventional"], Storage.CLASS_BASED: places["class_based"]}
        grounds[bins] = _Ground(tuple(orders), goods, lots, quantity, area, fixed)
    return grounds, sites[max(sites)]


def _with_times(area: PickArea, scenario: Scenario) -> PickArea:
    """The area with the times of its site file, or else those of the scenario's pickers."""
    own = scenario.times
    if area.times is not None or own.speed_mm_s < 1:
        return area
    times = WalkTimes(int(own.speed_mm_s), stop_ms=round(1000 * own.stop_s), unit_ms=round(1000 * own.unit_s))
    return replace(area, times=times)


def _check_policies(scenario: Scenario, grounds: dict[int, _Ground]) -> None:
    """Raise ScenarioInvalid if a variant's policy cannot be kept to on its floor."""
    problems = {}
    for variant in scenario.variants:
        try:
            check_policy(variant.policy, grounds[variant.bins_per_product].area)
        except PolicyUnplanned as error:
            where = f"{scenario.name}, vary.policy, {in_words(variant.policy)}"
            problems[where] = Problem(where, error.why)
    if problems:
        raise ScenarioInvalid(list(problems.values()))


def _site(scenario: Scenario, demand: DayDemand, bins_per_product: int) -> Site:
    """The site of the scenario, or one sized to the demand."""
    if scenario.site is not None:
        return load_site(scenario.site)
    site = read_site(write_site(planned_site(demand.volume_mm3, bins_per_product, demand.name)))
    if isinstance(site, list):
        raise SiteFileInvalid(site)
    return site


def _simulate_group(scenario: Scenario, ground: _Ground, group: _Group) -> tuple[list[Outcome], list[SampleRun]]:
    """Plan one day, or one for every crew where plans change, and let every crew walk it in every replication."""
    seed = scenario.seed + group.replications[0]
    stock = _stock(ground, group, seed)
    planned: tuple[PlannedRun, ...] = ()
    outcomes = []
    plan = None if scenario.changes_plans else _plan(scenario, ground, group, stock, seed)
    for replication, crew in itertools.product(group.replications, group.crews):
        variant = Variant(group.storage, group.policy, crew, group.bins_per_product)
        if plan is None:
            walked = _walk_live(scenario, ground, variant, stock, seed, replication)
        else:
            walked = _walk(plan, variant, replication, scenario)
        planned = planned or walked.planned
        outcomes.append(_outcome(walked, variant, replication))
    samples = []
    if group.replications[0] == 0 and planned:
        by_length = sorted(planned, key=lambda run: run.route.certificate.distance_mm)
        samples.append(SampleRun(group.storage, group.policy, group.bins_per_product, by_length[len(by_length) // 2]))
    return outcomes, samples


def _stock(ground: _Ground, group: _Group, seed: int) -> Stock:
    """Where the goods lie in the morning."""
    if group.storage is not Storage.RANDOM:
        return ground.fixed[group.storage]
    spread = np.full(len(ground.lots), group.bins_per_product, dtype=np.int64)
    shares = Shares(np.arange(len(ground.lots)), ground.quantity, spread)
    return place_at_random(shares, ground.lots, ground.goods, ground.area.shelves, seed=seed).stock


def _plan(scenario: Scenario, ground: _Ground, group: _Group, stock: Stock, seed: int) -> PlannedDay:
    """The day as it is planned where nothing upsets it."""
    return plan_day(
        ground.orders,
        stock,
        ground.goods,
        ground.area,
        policy=group.policy,
        splitting=scenario.split,
        release_every_s=scenario.release_every_s,
        budget=Budget(time_ms=None, iterations=scenario.iterations),
        seed=seed,
    )


def _walk(plan: PlannedDay, variant: Variant, replication: int, scenario: Scenario) -> _Walked:
    """One crew walks the planned day once."""
    luck = np.random.SeedSequence([scenario.seed, replication])
    log = simulate_day(plan.released, num_pickers=variant.pickers, times=scenario.times, seed=luck, trace=TRACED)
    return _Walked(
        planned=plan.planned,
        log=log,
        placed_s=plan.placed_s,
        first_released_s=min((run.released_s for run in plan.released), default=0.0),
        routes_mm=tuple(run.route.certificate.distance_mm for run in plan.released),
        distance_mm=plan.distance_mm,
        backtrack_mm=plan.backtrack_mm,
        num_lines=plan.num_lines,
        num_short=plan.num_short,
    )


def _walk_live(
    scenario: Scenario, ground: _Ground, variant: Variant, stock: Stock, seed: int, replication: int
) -> _Walked:
    """One crew walks a day whose plans change."""
    luck = np.random.SeedSequence([scenario.seed, replication])
    come = orders_of_day(ground.orders, scenario.release_every_s)
    dispatch = Dispatch(
        stock,
        ground.goods,
        ground.area,
        policy=variant.policy,
        splitting=scenario.split,
        budget=Budget(time_ms=None, iterations=scenario.iterations),
        seed=seed,
        is_empty=drawn_empty(stock, scenario.empty_percent, np.random.SeedSequence([scenario.seed, replication, 1])),
        midnight_ms=come.midnight_ms,
    )
    day = simulate_live_day(
        dispatch,
        come,
        release_every_s=scenario.release_every_s,
        join=scenario.join,
        num_pickers=variant.pickers,
        times=scenario.times,
        seed=luck,
        trace=TRACED,
    )
    return _Walked(
        planned=day.planned,
        log=day.log,
        placed_s=come.placed_s,
        first_released_s=day.first_released_s,
        routes_mm=day.routes_mm,
        distance_mm=day.distance_mm,
        backtrack_mm=day.backtrack_mm,
        num_lines=day.num_lines,
        num_short=dispatch.num_short,
        num_found_empty=dispatch.num_found_empty,
        replanning_mm=dispatch.replanning_mm,
        num_joined=dispatch.num_joined,
    )


def _outcome(day: _Walked, variant: Variant, replication: int) -> Outcome:
    """What a day came to."""
    minutes = tuple((done_s - day.placed_s[order]) / 60 for order, done_s in day.log.order_picked_s.items())
    on_duty_s = variant.pickers * (day.log.finished_s - day.first_released_s) or 1.0
    busy_s = sum(day.log.busy_s)
    measures = Measures(
        walking_m=day.distance_mm / 1000,
        walking_m_per_line=day.distance_mm / 1000 / max(1, day.num_lines),
        backtrack_m=day.backtrack_mm / 1000,
        order_minutes_mean=float(np.mean(minutes or [0.0])),
        order_minutes_p95=float(np.percentile(minutes or [0.0], 95)),
        utilisation_percent=100 * busy_s / on_duty_s,
        lines_per_picker_hour=day.num_lines / (busy_s / 3600) if busy_s else 0.0,
        finished_hour=day.log.finished_s / 3600,
        bins_found_empty=float(day.num_found_empty),
        replanning_m=day.replanning_mm / 1000,
        lines_joined=float(day.num_joined),
    )
    # What the traced picker walked, from his arrivals and from the routes of his runs.
    his = [log.run for log in day.log.runs if log.picker == TRACED]
    check = WalkCheck(
        arrivals_mm=sum(each.leg_mm for each in day.log.arrivals), routes_mm=sum(day.routes_mm[run] for run in his)
    )
    return Outcome(variant, replication, measures, minutes, check, day.num_short)

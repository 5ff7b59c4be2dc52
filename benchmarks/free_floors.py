"""Floors without a grid: tours of 20 to 100 stops against OR-Tools, PyVRP and fast-tsp alone.

The floors are random: obstacles, odd angles, sometimes a second storey with lifts, and loops that are walked
one way round only. Peers get 3 s each, ours a fraction of that; all walk shortest ways between the same stops in
one run, and every route is judged and measured by `routing.verify`. A second table shows `no_backtrack` and
bins chosen on such floors.
"""

import argparse
import random
import statistics
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.rivals.ortools_routing import ortools_order
from benchmarks.rivals.places import Places, places, walked_mm
from benchmarks.rivals.pyvrp_groups import pyvrp_order
from routing.bin_choice import Budget
from routing.problem import PickProblem, Policy, PolicyName
from routing.route import Route
from routing.solve import solve
from routing.visiting_order import fast_tour
from tests.routing.random_graphs import random_picks, random_tour

SHORTEST = Policy(PolicyName.SHORTEST)
OURS_MS = 1000
PEER_S = 3
SAMPLE, ALL = 10, 200
"""Floors by default, and those that the aim speaks of."""
STOPS_MIN, STOPS_MAX = 20, 100
WITHIN = 0.01
"""How much longer than the best peer's a tour may be."""


def _fast_order(where: Places, seconds: float) -> list[int]:
    return [each + 1 for each in fast_tour(where.distances.copy(), seconds)]


def _pyvrp_order(where: Places, seconds: float) -> list[int]:
    with warnings.catch_warnings(action="ignore"):  # it tells when its penalties reach their limit
        return pyvrp_order(where, seconds)


PEERS: dict[str, Callable[[Places, float], list[int]]] = {
    "OR-Tools": ortools_order,
    "PyVRP": _pyvrp_order,
    "fast-tsp": _fast_order,
}


def main(options: Sequence[str] = ()) -> None:
    """Print how much longer or shorter ours are, every loss, and what `no_backtrack` and bins cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks free_floors", description=__doc__)
    parser.add_argument("--floors", type=int, default=SAMPLE, help=f"how many random floors (default {SAMPLE})")
    parser.add_argument("--all", action="store_true", help=f"{ALL} floors, half an hour")
    asked = parser.parse_args(options)
    seeds = range(ALL if asked.all else asked.floors)
    solve(_problem(0), policy=SHORTEST, budget=Budget(50))  # the first one compiles
    solve(_problem(0), budget=Budget(50))
    console = Console(width=120)
    console.print(_against_peers(seeds))
    console.print(_by_policy(seeds))


def _problem(seed: int) -> PickProblem:
    rng = random.Random(seed)
    return random_tour(rng, rng.randint(STOPS_MIN, STOPS_MAX))


def _against_peers(seeds: Sequence[int]) -> Table:
    """Every floor once, by all; losses are printed as they come."""
    gaps: dict[str, list[float]] = {name: [] for name in PEERS}
    against_best, seconds = [], []
    for seed in seeds:
        problem = _problem(seed)
        begun = time.perf_counter()
        ours_mm = solve(problem, policy=SHORTEST, budget=Budget(OURS_MS)).certificate.distance_mm
        seconds.append(time.perf_counter() - begun)
        where = places(problem)
        peers_mm = {name: walked_mm(where, order(where, PEER_S)) for name, order in PEERS.items()}
        for name, peer_mm in peers_mm.items():
            gaps[name].append(100 * (ours_mm / peer_mm - 1))
        best, best_mm = min(peers_mm.items(), key=lambda each: each[1])
        against_best.append(ours_mm / best_mm - 1)
        if ours_mm > best_mm:
            lost = f"floor {seed}, {len(problem.lines)} stops: ours {ours_mm} mm, {best} {best_mm} mm"
            print(f"{lost}, {100 * (ours_mm / best_mm - 1):+.3f} %", flush=True)
    within = sum(each <= WITHIN for each in against_best)
    table = Table(
        title=f"{len(gaps['PyVRP'])} random floors of {STOPS_MIN} to {STOPS_MAX} stops, all routes verified; ours took "
        f"{statistics.median(seconds):.2f} s, peers {PEER_S} s; {within} within 1 % of the best peer"
    )
    for heading in ("against", "ours shorter", "equal", "longer", "mean gap %", "worst gap %"):
        table.add_column(heading, justify="right")
    for name, each in {**gaps, "best of them": [100 * gap for gap in against_best]}.items():
        counts = (sum(gap < 0 for gap in each), sum(gap == 0 for gap in each), sum(gap > 0 for gap in each))
        table.add_row(name, *map(str, counts), f"{statistics.mean(each):.3f}", f"{max(each):.3f}")
    return table


def _by_policy(seeds: Sequence[int]) -> Table:
    """What never turning back costs, and what several bins a line save."""
    table = Table(title=f"Policies and bins on floors of 30 lines, {OURS_MS} ms each")
    for heading in ("policy", "bins a line", "mean distance m", "mean backtrack m", "mean above the bound %"):
        table.add_column(heading, justify="right")
    for bins in (1, 5):
        problems = [random_picks(random.Random(seed), 30, bins) for seed in seeds]
        for name in (PolicyName.SHORTEST, PolicyName.NO_BACKTRACK):
            routes = [solve(problem, policy=Policy(name), budget=Budget(OURS_MS)) for problem in problems]
            table.add_row(name, str(bins), *_means(routes))
    return table


def _means(routes: Sequence[Route]) -> tuple[str, str, str]:
    own = [route.certificate for route in routes]
    above = [100 * (each.distance_mm / each.distance_bound_mm - 1) for each in own]
    return (
        f"{np.mean([each.distance_mm for each in own]) / 1000:.0f}",
        f"{np.mean([each.backtrack_mm for each in own]) / 1000:.1f}",
        f"{np.mean(above):.1f}",
    )

"""How fast and how good routes are, on the published single-picker instances beside the project."""

import csv
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from routing.bin_choice import Budget
from routing.problem import PickProblem, Policy, PolicyName
from routing.published import read_instance, to_problem
from routing.solve import solve, warm_up
from tests.shared_data import SHARED

SHORTEST = Policy(PolicyName.SHORTEST)
SAMPLE_EVERY = 12  # of the 648 scattered instances: 54, every class among them, in about a minute
SEARCHES_MS = (10, 50, 200)


def main() -> None:
    """Print times for given bins, and gaps to the published optima for scattered ones."""
    if SHARED is None:
        print("the published instances are not beside the project")
        return
    warm_up()
    _given(SHARED / "bench" / "sprp")
    _scattered(SHARED / "bench" / "sprp_ss")


def _instances(folder: Path, every: int = 1) -> Iterator[tuple[Path, dict[int, int]]]:
    """Instance files with their published optima by number of blocks."""
    for row in list(csv.DictReader((folder / "optimum.csv").read_text().splitlines()))[::every]:
        yield (
            folder / row["instance"],
            {1: int(row["optimum_one_block"]), 2: int(row["optimum_two_block"])},
        )


def _solved(problem: PickProblem, policy: Policy, search_ms: int) -> tuple[float, int, int, bool]:
    """(milliseconds, distance, backtrack, proven) of one route."""
    begun = time.perf_counter()
    own = solve(problem, policy=policy, budget=Budget(search_ms)).certificate
    return 1000 * (time.perf_counter() - begun), own.distance_mm, own.backtrack_mm, own.proven


def _given(folder: Path) -> None:
    print(f"{'given bins':<28}{'solved':>7}{'optimal':>9}{'p50 ms':>9}{'p99 ms':>9}")
    for blocks in (1, 2):
        took: dict[str, list[float]] = defaultdict(list)
        optimal: dict[str, int] = defaultdict(int)
        for file, optima in _instances(folder):
            problem = to_problem(read_instance(file), blocks=blocks)
            ms, distance, _, _ = _solved(problem, SHORTEST, 0)
            for group in (f"{blocks} blocks, {file.name.split('_')[2]} aisles", f"{blocks} blocks, all"):
                took[group].append(ms)
                optimal[group] += distance == optima[blocks]
        for group, times in took.items():
            p50, p99 = np.percentile(times, [50, 99])
            print(f"{group:<28}{len(times):>7}{optimal[group]:>9}{p50:>9.2f}{p99:>9.2f}")


def _scattered(folder: Path) -> None:
    print(
        f"\n{'scattered bins':<28}{'search ms':>10}{'solved':>7}{'optimal':>9}{'proven':>8}"
        f"{'mean gap %':>12}{'worst %':>9}{'p50 ms':>8}"
    )
    for blocks in (1, 2):
        problems = [
            (to_problem(read_instance(file), blocks=blocks), optima[blocks])
            for file, optima in _instances(folder, SAMPLE_EVERY)
        ]
        for search_ms in SEARCHES_MS:
            rows = [(_solved(problem, SHORTEST, search_ms), optimum) for problem, optimum in problems]
            gaps = [100 * (distance / optimum - 1) for (_, distance, _, _), optimum in rows]
            print(
                f"{f'{blocks} blocks, shortest':<28}{search_ms:>10}{len(rows):>7}"
                f"{sum(gap == 0 for gap in gaps):>9}{sum(proven for (*_, proven), _ in rows):>8}"
                f"{statistics.mean(gaps):>12.3f}{max(gaps):>9.2f}{statistics.median(ms for (ms, *_), _ in rows):>8.1f}"
            )
        strict = [_solved(problem, Policy(), SEARCHES_MS[-1]) for problem, _ in problems]
        print(
            f"{f'{blocks} blocks, no_backtrack':<28}{SEARCHES_MS[-1]:>10}{len(strict):>7}"
            f"   without backtrack: {sum(backtrack == 0 for _, _, backtrack, _ in strict)}"
        )

"""Scattered lines on floors whose aisles lead up and down in turns: bins chosen with the directions in mind or not.

Nobody else takes such floors, so ours is compared with itself: with bins chosen as if every aisle were walked
both ways, and with fifteen times the time. All routes keep to the directions and are verified.
"""

import random
import statistics
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from routing.bin_choice import Budget
from routing.directed import two_way_problem
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Certificate, Route
from routing.solve import solve
from routing.warm_up import warm_up
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FLOORS = ((10, 2), (20, 2), (10, 3), (20, 3))
"""Aisles and cross aisles."""
LINES, BINS = 30, 5
AISLE_MM, BLOCK_MM = 3000, 20_000
SEEDS = range(5)
SHORT, LONG = Budget(200), Budget(3000)


def main() -> None:
    """Print mean distances, and how far above the bound without one-way aisles they are."""
    warm_up()
    table = Table(title=f"{LINES} lines in {BINS} bins each, mean of {len(SEEDS)} runs, metres (backtrack in brackets)")
    headings = ("aisles", "cross aisles", "policy", "as if both ways", "ours, 0.2 s", "ours, 3 s", "bound", "search ms")
    for heading in headings:
        table.add_column(heading, justify="right")
    for aisles, rows in FLOORS:
        for name in (PolicyName.SHORTEST, PolicyName.NO_BACKTRACK):
            policy = Policy(name)
            problems = [_problem(aisles, rows, seed) for seed in SEEDS]
            solve(problems[0], policy=policy, budget=SHORT)  # the states of a new number of rows are found once
            ours = [solve(problem, policy=policy, budget=SHORT).certificate for problem in problems]
            longer = [solve(problem, policy=policy, budget=LONG).certificate for problem in problems]
            table.add_row(
                str(aisles),
                str(rows),
                name,
                _mean([_both_ways(problem, policy) for problem in problems]),
                _mean(ours),
                _mean(longer),
                f"{statistics.mean(each.distance_bound_mm for each in ours) / 1000:.0f}",
                f"{statistics.median(each.duration_ms for each in ours):.0f}",
            )
    Console(width=120).print(table)


def _problem(aisles: int, rows: int, seed: int) -> PickProblem:
    rng = random.Random(seed)
    floor = rectangular_floor(
        [AISLE_MM * aisle for aisle in range(aisles)],
        [BLOCK_MM * row for row in range(rows)],
        aisle_direction={(aisle, block): 1 - 2 * (aisle % 2) for aisle in range(aisles) for block in range(rows - 1)},
    )
    segments = aisles * (rows - 1)
    lines = []
    for line in range(LINES):
        spots = [Spot(rng.randrange(segments), rng.randrange(BLOCK_MM + 1)) for _ in range(BINS)]
        lines.append(PickLine(f"{line}", 1, tuple(Source(f"{line}.{i}", spot, 1) for i, spot in enumerate(spots))))
    return PickProblem(floor, tuple(lines), floor.spot_at(0))


def _both_ways(problem: PickProblem, policy: Policy) -> Certificate:
    """The best route to the bins one would choose if every aisle were walked both ways."""
    relaxed = two_way_problem(problem)
    assert relaxed is not None
    chosen = _bins(solve(relaxed, policy=policy, budget=SHORT))
    lines = tuple(
        replace(line, sources=tuple(each for each in line.sources if (line.line, each.bin) in chosen))
        for line in problem.lines
    )
    return solve(replace(problem, lines=lines), policy=policy).certificate


def _bins(route: Route) -> set[tuple[str, str]]:
    return {(pick.line, pick.bin) for stop in route.stops for pick in stop.picks}


def _mean(own: Sequence[Certificate]) -> str:
    distance_m = statistics.mean(each.distance_mm for each in own) / 1000
    backtrack_m = statistics.mean(each.backtrack_mm for each in own) / 1000
    return f"{distance_m:.0f} ({backtrack_m:.0f})"

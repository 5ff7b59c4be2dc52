"""Runs over many cross aisles that end elsewhere than they began: the sweep against the floor taken without its grid.

Both choose bins for the same runs in the same time. The sweep finds the best walk for its bins, but takes long there;
without a grid bins and walk are searched for together.
"""

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from routing.bin_choice import Budget
from routing.problem import End, EndKind, PickLine, PickProblem, Policy, PolicyName, Source
from routing.route import Certificate
from routing.solve import solve
from routing.warm_up import warm_up
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

AISLES, LINES, BINS = 20, 20, 4
PITCH_MM, SEGMENT_MM = 3_000, 10_000
ENDS = (3, 9, 15)  # aisles at whose front a run may end
RUNS = 6


def main(options: Sequence[str] = ()) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks many_cross_aisles", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs for each number of cross aisles (default {RUNS})")
    parser.add_argument("--time-ms", type=int, default=250, help="time for bins, in ms (default 250)")
    asked = parser.parse_args(options)
    warm_up()
    table = Table(title=f"{asked.runs} runs each, {LINES} lines of {BINS} bins, {asked.time_ms} ms for bins")
    figures = [f"{what}, {how}" for what in ("walked m", "again m", "p50 s") for how in ("swept", "no grid")]
    for head in ("cross aisles", "policy", *figures):
        table.add_column(head, justify="right")
    for rows in (3, 4, 5, 6):
        for name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
            problems = [open_run(rows, seed) for seed in range(asked.runs)]
            solve(problems[0], policy=Policy(name), budget=Budget(1))  # makes the state graph
            swept, swept_s = planned(problems, Policy(name), asked.time_ms)
            free = [replace(problem, floor=replace(problem.floor, grid=None)) for problem in problems]
            walked, walked_s = planned(free, Policy(name), asked.time_ms)
            table.add_row(
                f"{rows}",
                name.value,
                *(f"{sum(own.distance_mm for own in each) / 1000:,.0f}" for each in (swept, walked)),
                *(f"{sum(own.backtrack_mm for own in each) / 1000:,.0f}" for each in (swept, walked)),
                *(f"{statistics.median(each):.2f}" for each in (swept_s, walked_s)),
            )
    Console(width=120).print(table)


def open_run(rows: int, seed: int) -> PickProblem:
    """Lines anywhere on the floor, from the first aisle's front to one of a few others."""
    dice = random.Random(seed)
    floor = rectangular_floor(
        [PITCH_MM * aisle for aisle in range(AISLES)], [SEGMENT_MM * cross_aisle for cross_aisle in range(rows)]
    )
    assert floor.grid is not None
    segments = [edge for column in floor.grid.segments for edge in column]

    def source(name: str) -> Source:
        return Source(name, Spot(dice.choice(segments), dice.randrange(1, SEGMENT_MM)), 1)

    lines = tuple(
        PickLine(f"{line}", 1, tuple(source(f"{line}-{number}") for number in range(BINS))) for line in range(LINES)
    )
    front = [floor.spot_at(column[0]) for column in floor.grid.nodes]
    return PickProblem(floor, lines, front[0], End(EndKind.NEAREST, tuple(front[aisle] for aisle in ENDS)))


def planned(problems: Sequence[PickProblem], policy: Policy, time_ms: int) -> tuple[list[Certificate], list[float]]:
    """The figures of the routes, and how long each took as a whole."""
    found, took_s = [], []
    for problem in problems:
        begun = time.perf_counter()
        found.append(solve(problem, policy=policy, budget=Budget(time_ms)).certificate)
        took_s.append(time.perf_counter() - begun)
    return found, took_s

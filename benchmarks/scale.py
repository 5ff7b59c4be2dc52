"""A run of 200 lines on a floor of 100 aisles and 5 cross aisles: what a second brings, from the problem to the route.

Wall-clock and processor time are both shown: where they differ, something else ran on the machine.
"""

import random
import statistics
import time
from dataclasses import replace

from routing.bin_choice import Budget
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from routing.warm_up import warm_up
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

AISLES, CROSS_AISLES, LINES, BINS = 100, 5, 200, 10
AISLE_PITCH_MM, SEGMENT_MM, CELL_MM = 3_000, 12_000, 500
RUNS = 5
BUDGETS_MS = (250, 500, 1000)
"""From the call to the verified route, on a floor never seen before."""


def problem(seed: int) -> PickProblem:
    """A run of lines whose bins lie anywhere, from the first crossing and back to it."""
    rng = random.Random(seed)
    floor = rectangular_floor(
        [AISLE_PITCH_MM * aisle for aisle in range(AISLES)], [SEGMENT_MM * row for row in range(CROSS_AISLES)]
    )
    assert floor.grid is not None
    segments = [edge for column in floor.grid.segments for edge in column]
    cells = range(CELL_MM, SEGMENT_MM, CELL_MM)
    lines = tuple(
        PickLine(
            f"{line}",
            1,
            tuple(Source(f"{line}-{each}", Spot(rng.choice(segments), rng.choice(cells)), 1) for each in range(BINS)),
        )
        for line in range(LINES)
    )
    return PickProblem(floor, lines, floor.spot_at(floor.grid.nodes[0][0]))


def main() -> None:
    """Print for each budget how long whole solves took, the backtrack and the gap of the distance."""
    warm_up()
    problems = [problem(seed) for seed in range(RUNS)]
    solve(problems[0], budget=Budget(1))  # the state graph of five cross aisles is built once and kept
    whole = ("policy", 13), ("asked ms", 9), ("slowest s", 9), ("of CPU s", 8)
    figures = ("backtrack mm", 12), ("mean m", 8), ("bound m", 8), ("gap", 7)
    print(*(f"{head:>{width}}" for head, width in (*whole, *figures)))
    for name in (PolicyName.NO_BACKTRACK, PolicyName.SHORTEST):
        for budget_ms in BUDGETS_MS:
            seconds, cpu_s, backtracks, distances, bounds = [], [], [], [], []
            for each in problems:
                floor_anew = replace(each, floor=replace(each.floor))
                begun, cpu_begun = time.perf_counter(), time.process_time()
                budget = Budget(budget_ms, answer_by=begun + budget_ms / 1000)
                own = solve(floor_anew, policy=Policy(name), budget=budget).certificate
                seconds.append(time.perf_counter() - begun)
                cpu_s.append(time.process_time() - cpu_begun)
                backtracks.append(own.backtrack_mm)
                distances.append(own.distance_mm)
                bounds.append(own.distance_bound_mm)
            distance, bound = statistics.fmean(distances) / 1000, statistics.fmean(bounds) / 1000
            print(
                f"{name.value:>13} {budget_ms:>9} {max(seconds):>9.2f} {max(cpu_s):>8.2f} "
                f"{max(backtracks):>12} {distance:>8.0f} "
                f"{bound:>8.0f} {distance / bound - 1 if bound else float('inf'):>7.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()

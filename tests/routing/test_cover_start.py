import numpy as np
import pytest

from routing.bin_choice import Budget
from routing.cover_start import cover_sources
from routing.exact import best_walk
from routing.grid_choice import GridPricer, demand_of
from routing.grid_problem import build
from routing.prepared_floor import prepare
from routing.problem import PickLine, PickProblem, Policy, Source
from routing.segment_moves import Ints
from routing.solve import solve
from routing.standing import LINE, NEED, QUANTITY, SPOT
from warehouse.floor import Spot
from warehouse.layouts import rectangular_floor

FLOOR = rectangular_floor([3000 * aisle for aisle in range(8)], [0, 20_000])
assert FLOOR.grid is not None
AISLES = [segments[0] for segments in FLOOR.grid.segments]


def run_of_many_lines(seed: int, *, num_lines: int = 60, quantity: int = 1) -> PickProblem:
    """Every line lies in aisle 2 or 5 and in three others; the others alone do not hold all."""
    random = np.random.default_rng(seed)
    lines = []
    for line in range(num_lines):
        others = random.choice([0, 1, 3, 4, 6, 7], 3, replace=False).tolist()
        aisles = [*others, 2 if line % 2 else 5]
        sources = tuple(
            Source(f"{line}-{aisle}-{part}", Spot(AISLES[aisle], int(random.integers(1, 20_000))), 1)
            for aisle in aisles
            for part in range(quantity)
        )
        lines.append(PickLine(f"{line}", quantity, sources))
    return PickProblem(FLOOR, tuple(lines), Spot(AISLES[0], 0))


@pytest.mark.parametrize("seed", range(4))
def test_a_run_of_many_lines_walks_the_few_aisles_that_hold_them_all(seed: int) -> None:
    problem = run_of_many_lines(seed)
    route = solve(problem, budget=Budget(None, iterations=0), seed=seed)
    through = best_walk(problem, Policy(), [Spot(AISLES[2], 1), Spot(AISLES[5], 1)])
    assert through is not None
    assert (route.certificate.backtrack_mm, route.certificate.distance_mm) <= (0, through.distance_mm)


@pytest.mark.parametrize("quantity", [1, 3])
def test_the_start_fills_every_line_and_no_stretch_is_superfluous(quantity: int) -> None:
    problem = run_of_many_lines(9, quantity=quantity)
    spots = sorted({source.spot for line in problem.lines for source in line.sources})
    grid = build(prepare(FLOOR), problem, Policy(), spots)
    pricer = GridPricer(grid, problem)
    demand, _ = demand_of(problem.lines, pricer)
    length: Ints = np.full(len(grid.arrays.steps), 20_000, np.int64)
    chosen = demand.sources[cover_sources(demand, grid.arrays.spot_step, length, pricer.price)]
    filled = np.bincount(chosen[:, LINE], weights=chosen[:, QUANTITY], minlength=len(problem.lines))
    assert (filled == demand.lines[:, NEED]).all()
    used = np.unique(grid.arrays.spot_step[chosen[:, SPOT]])
    for step in used:
        offered = demand.sources[np.isin(grid.arrays.spot_step[demand.sources[:, SPOT]], np.setdiff1d(used, [step]))]
        left = np.bincount(offered[:, LINE], weights=offered[:, QUANTITY], minlength=len(problem.lines))
        assert (left < demand.lines[:, NEED]).any()

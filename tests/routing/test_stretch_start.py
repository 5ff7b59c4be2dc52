from dataclasses import replace

import numpy as np
import pytest

from routing.bin_choice import Budget
from routing.exact import best_walk
from routing.first_bound import begin
from routing.grid_choice import GridPricer, demand_of
from routing.grid_problem import build
from routing.lattice import lay_out
from routing.prepared_floor import prepare
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from routing.standing import LINE, QUANTITY, SPOT, new_standing
from routing.stretch_start import open_stretches, sources_on, stretches_by_promise, stretches_of
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


def opened(problem: PickProblem, policy: Policy, looks: int = 1000) -> dict[int, tuple[int, set[int], list[int]]]:
    """For each aisle opened first what its set seems to cost, its aisles, and the units of each line they give."""
    spots = sorted({source.spot for line in problem.lines for source in line.sources})
    grid = build(prepare(FLOOR), problem, policy, spots)
    demand, _ = demand_of(problem.lines, GridPricer(grid, problem))
    lattice = lay_out(grid.arrays)
    now = new_standing(grid.arrays, lattice, demand, seed=0)
    begin(grid.arrays, demand, lattice, now, np.zeros(0, np.int64))
    stretches = stretches_of(grid.arrays, demand, lattice)
    aisles = [AISLES.index(source.spot.edge) for line in problem.lines for source in line.sources]
    aisle_of = dict(zip(lattice.spot_stage[demand.sources[:, SPOT]].tolist(), aisles, strict=True))
    found = {}
    for stage in stretches_by_promise(grid.arrays, demand, lattice, now, stretches).tolist():
        cost = open_stretches(grid.arrays, demand, lattice, now, stretches, stage, looks)
        taken = demand.sources[sources_on(demand, lattice, stretches.opened) > 0]
        filled = np.bincount(taken[:, LINE], weights=taken[:, QUANTITY], minlength=len(problem.lines))
        together = {aisle_of[each] for each in np.flatnonzero(stretches.opened).tolist()}
        found[aisle_of[stage]] = cost, together, filled.astype(int).tolist()
    return found


@pytest.mark.parametrize("quantity", [1, 3])
def test_the_best_set_is_the_few_aisles_that_hold_all(quantity: int) -> None:
    found = opened(run_of_many_lines(9, quantity=quantity), Policy())
    assert found.keys() == set(range(8))
    assert min(found.values())[1:] == ({2, 5}, [quantity] * 60)


def test_no_aisle_is_opened_for_what_lies_at_its_mouth() -> None:
    problem = run_of_many_lines(3)
    sources = Source("mouth-3", Spot(AISLES[3], 500), 1), Source("mouth-0", Spot(AISLES[0], 19_000), 1)
    problem = replace(problem, lines=(*problem.lines, PickLine("mouth", 1, sources)))
    found = opened(problem, Policy(PolicyName.SHORTEST))
    assert min(found.values())[1:] == ({2, 5}, [1] * 60 + [0])


def test_with_no_looks_left_the_two_it_begins_with_stay_open() -> None:
    found = opened(run_of_many_lines(9), Policy(), looks=0)
    assert all(len(aisles) == 2 and first in aisles for first, (_, aisles, _) in found.items())

"""What is proven about choices of bins is what an exhaustive search finds, and no bound is ever above it."""

import dataclasses
import random
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from routing import grid_choice, proving
from routing.better_walks import Allowance
from routing.bin_choice import Budget
from routing.grid_choice import GridPricer, choose_bins_on_grid, demand_of
from routing.grid_problem import build
from routing.prepared_floor import prepare
from routing.problem import PickLine, PickProblem, Policy, PolicyName, Source
from routing.proving import ROUNDS, Prover
from routing.segment_moves import NEVER
from routing.standing import LINE, QUANTITY, SPOT, Demand
from tests.routing.brute_force import TooLarge, brute_force
from tests.routing.random_floors import ONE_WAY, Feature, Sample, random_problem
from warehouse.floor import Edge, EdgeKind, Spot
from warehouse.layouts import rectangular_floor

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

NUM_FLOORS, NUM_FLOORS_SLOW = 60, 1000
MANY_BLOCKS = frozenset({Feature.BLOCKS_3, Feature.BLOCKS_4, Feature.BLOCKS_5})
NUM_BINS_MAX = 10
"""What an exhaustive search still visits in moments; lines share bins."""


def scattered_sample(seed: int) -> Sample | None:
    """A random floor of one or two blocks with 2 to 10 bins a line; None where lines cannot be filled at all."""
    rng = random.Random(seed)
    sample = random_problem(rng, avoid=ONE_WAY | MANY_BLOCKS | {Feature.SEVERAL_SOURCES})
    floor = sample.problem.floor
    aisles = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]
    spots = [_free_spot(rng, floor.edges[edge], edge) for edge in rng.choices(aisles, k=rng.randint(3, NUM_BINS_MAX))]
    spots = [spot for spot in spots if not any(_inside(spot, s.edge, s.from_mm, s.to_mm) for s in floor.blocked)]
    lines = []
    for line in range(rng.randint(1, 3)):
        bins = rng.sample(range(len(spots)), min(len(spots), rng.randint(2, NUM_BINS_MAX)))
        sources = tuple(Source(f"B{each}", spots[each], rng.randint(1, 4)) for each in bins)
        if sources:
            need = rng.choice((1, rng.randint(1, sum(each.quantity for each in sources))))
            lines.append(PickLine(f"{line}", need, sources))
    problem = dataclasses.replace(sample.problem, lines=tuple(lines))
    return dataclasses.replace(sample, problem=problem) if lines else None


def _free_spot(rng: random.Random, edge: Edge, index: int) -> Spot:
    return Spot(index, rng.randrange(500, edge.length_mm, 500))


def _inside(spot: Spot, edge: int, from_mm: int, to_mm: int) -> bool:
    return spot.edge == edge and from_mm < spot.offset_mm < to_mm


def pricer_of(problem: PickProblem, policy: Policy) -> GridPricer:
    spots = sorted({source.spot for line in problem.lines for source in line.sources})
    return GridPricer(build(prepare(problem.floor), problem, policy, spots), problem)


def best_figures(sample: Sample, policy: Policy) -> tuple[int, ...] | None:
    """What an exhaustive search finds, None if nothing, or if the floor is too large for it."""
    try:
        return brute_force(sample.problem, policy, 300_000)
    except TooLarge:
        return None


def can_be_filled(line: PickLine, pricer: GridPricer) -> bool:
    """Whether enough lies within reach of the start."""
    return sum(source.quantity for source in line.sources if source.spot in pricer.spot_of) >= line.quantity


def assert_proven_best(sample: Sample, policy: Policy) -> bool:
    """The prover improves the worst choice to the best and says so; whether the floor was of use."""
    best = best_figures(sample, policy)
    problem = sample.problem
    pricer = pricer_of(problem, policy)
    demand, _ = demand_of(problem.lines, pricer)
    everything = np.ones(pricer.grid.num_spots, np.int32)
    cost = pricer.price(everything)
    filled = all(
        sum(s.quantity for s in line.sources if s.spot in pricer.spot_of) >= line.quantity for line in problem.lines
    )
    if best is None or not filled or cost >= NEVER:
        return False
    proof = Prover(pricer.grid, demand, cost, refit_labels=3).prove(cost, Allowance())
    found = cost
    if proof.taken is not None:
        needed = np.zeros_like(everything)
        needed[demand.sources[proof.taken > 0, SPOT]] = 1
        found = pricer.price(needed)
    backtrack_mm, distance_mm = pricer.grid.figures(found)
    bound = pricer.grid.figures(proof.bound)
    if policy.name is PolicyName.SHORTEST:
        assert (distance_mm, bound[1]) == (best[0], best[0])
    else:
        assert (backtrack_mm, distance_mm) == best[:2] == bound
    return True


def assert_search_is_proven(sample: Sample, policy: Policy) -> None:
    """Search and proof together give the best choice, though the search stops after little work."""
    best = best_figures(sample, policy)
    assert best is not None
    pricer = pricer_of(sample.problem, policy)
    choice = choose_bins_on_grid(sample.problem.lines, pricer, Budget(2000, 20), seed=0)
    backtrack_mm, distance_mm = pricer.grid.figures(choice.cost)
    assert choice.best
    assert best[:2] == ((distance_mm,) if policy.name is PolicyName.SHORTEST else (backtrack_mm, distance_mm))


def check_floors(number: int) -> None:
    """Check so many random floors, under either policy in turn."""
    useful = seed = 0
    while useful < number:
        assert seed < 3 * number
        sample = scattered_sample(seed)
        seed += 1
        if sample is None:
            continue
        policy = sample.policy(PolicyName.SHORTEST if seed % 2 else PolicyName.NO_BACKTRACK)
        if assert_proven_best(sample, policy):
            useful += 1
            assert_search_is_proven(sample, policy)


def test_what_is_proven_is_what_an_exhaustive_search_finds() -> None:
    check_floors(NUM_FLOORS)


@pytest.mark.slow
def test_what_is_proven_on_a_thousand_floors_is_what_an_exhaustive_search_finds() -> None:
    check_floors(NUM_FLOORS_SLOW)


def larger_problem(seed: int, quantity_max: int) -> PickProblem:
    """Twelve lines over forty bins on a floor of two blocks."""
    rng = random.Random(seed)
    floor = rectangular_floor([0, 3000, 6000, 9000], [0, 12000, 24000])
    lines = []
    for line in range(12):
        sources = tuple(
            Source(
                f"{line}-{each}", Spot(rng.randrange(8), rng.randrange(500, 12000, 500)), rng.randint(1, quantity_max)
            )
            for each in range(4)
        )
        lines.append(PickLine(f"{line}", min(3, sum(each.quantity for each in sources)), sources))
    return PickProblem(floor, tuple(lines), Spot(0, 0))


def begun(problem: PickProblem, name: PolicyName) -> tuple[Callable[[], Prover], Demand, int]:
    """What makes provers that know the choice of everything, the demand, and the cost of that choice."""
    pricer = pricer_of(problem, Policy(name))
    demand, _ = demand_of(problem.lines, pricer)
    cost = pricer.price(np.ones(pricer.grid.num_spots, np.int32))
    return partial(Prover, pricer.grid, demand, cost), demand, cost


@pytest.mark.parametrize("name", [PolicyName.NO_BACKTRACK, PolicyName.SHORTEST])
def test_a_proof_cut_short_gives_a_bound_below_the_best(name: PolicyName) -> None:
    new_prover, _, cost = begun(larger_problem(1, 3), name)
    whole = new_prover().prove(cost, Allowance())
    assert whole.taken is not None
    bounds = [new_prover().prove(cost, Allowance(work_s=10.0**power)).bound for power in range(-5, 2)]
    assert all(bound <= whole.bound for bound in bounds)
    assert bounds[-1] == whole.bound
    assert name is PolicyName.NO_BACKTRACK or bounds[0] < whole.bound


@pytest.mark.parametrize("name", [PolicyName.NO_BACKTRACK, PolicyName.SHORTEST])
def test_prices_that_begin_roughly_prove_the_same_and_begin_better(
    name: PolicyName, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_prover, _, cost = begun(larger_problem(1, 3), name)
    whole, first = new_prover().prove(cost, Allowance()), new_prover().prove(cost, Allowance(), rounds=1)
    monkeypatch.setattr(proving, "LONG_SWEEP_S", 0.0)
    rough, rough_first = new_prover().prove(cost, Allowance()), new_prover().prove(cost, Allowance(), rounds=1)
    assert rough.bound == whole.bound
    assert first.bound < rough_first.bound <= whole.bound


def test_a_proof_goes_on_where_it_was_cut_short() -> None:
    new_prover, _, cost = begun(larger_problem(2, 1), PolicyName.SHORTEST)
    whole, prover = new_prover().prove(cost, Allowance()), new_prover()
    bounds = [prover.prove(cost, Allowance(work_s=1e-4 * 2**turn)).bound for turn in range(20)]
    assert bounds == sorted(bounds)
    assert bounds[-1] == whole.bound


def test_a_proof_round_by_round_comes_to_the_same_and_guesses_no_more_than_lines_need() -> None:
    new_prover, demand, cost = begun(larger_problem(2, 3), PolicyName.SHORTEST)
    whole, prover = new_prover().prove(cost, Allowance()), new_prover()
    proofs = [prover.prove(cost, Allowance(), rounds=1) for _ in ROUNDS]
    assert proofs[-1].bound == whole.bound
    guess = proofs[0].guess
    assert guess is not None
    assert guess.any()
    for line, (need, first, last) in enumerate(demand.lines.tolist()):
        mine = np.arange(first, last)[guess[first:last] > 0]
        assert (demand.sources[mine, LINE] == line).all()
        assert sum(sorted(demand.sources[mine, QUANTITY].tolist())[1:]) < need


def test_lines_of_thousands_of_units_are_bounded_from_below() -> None:
    problem = larger_problem(3, 3)
    lines = tuple(
        PickLine(
            line.line,
            1000 * line.quantity,
            tuple(dataclasses.replace(s, quantity=1000 * s.quantity) for s in line.sources),
        )
        for line in problem.lines
    )
    bounds = []
    for each in (problem, dataclasses.replace(problem, lines=lines)):
        pricer = pricer_of(each, Policy(PolicyName.SHORTEST))
        demand, _ = demand_of(each.lines, pricer)
        cost = pricer.price(np.ones(pricer.grid.num_spots, np.int32))
        bounds.append(Prover(pricer.grid, demand, cost).prove(cost, Allowance()).bound)
    assert 0 < bounds[1] <= bounds[0]


def test_a_proof_that_takes_too_long_to_set_up_is_given_up() -> None:
    problem = larger_problem(3, 3)
    pricer = pricer_of(problem, Policy())
    demand, _ = demand_of(problem.lines, pricer)
    with pytest.raises(TimeoutError):
        Prover(pricer.grid, demand, 1, until=0.0)


def test_a_search_without_its_proof_still_chooses_all_bins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_choice, "BEGIN_SHARE", -1.0)
    problem = larger_problem(3, 3)
    pricer = pricer_of(problem, Policy())
    choice = choose_bins_on_grid(problem.lines, pricer, Budget(time_ms=50), seed=0)
    assert pricer.price(choice.needed) == choice.cost
    assert {pick.line for pick in choice.picks} == {line.line for line in problem.lines}

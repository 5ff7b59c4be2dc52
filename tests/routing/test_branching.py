"""What branching rules out and finds in parts is what a proof of the whole finds, however often it is cut short."""

import numpy as np
import pytest

from routing import branching
from routing.better_walks import Allowance
from routing.branching import Branching
from routing.problem import PolicyName
from routing.proving import Prover
from routing.splits import most_divided, on_side
from tests.routing.test_proving import begun, larger_problem

TINY_S = 1e-3  # of counted work: too little for more than a few parts


def branching_of(prover: Prover) -> Branching:
    """All walks better than what a prover knows that has done nothing yet."""
    return Branching(prover.what_is_left(), prover.search.best, prover.prices, prover.sweeps)


def best_by_parts(prover: Prover, work_s: float) -> tuple[int, list[int]]:
    """What the best walk costs, and the bounds on the way there, with so much work at first and then ever more."""
    parts, bounds = branching_of(prover), []
    while not parts.is_over:
        found = parts.go_on(prover.limit, Allowance(work_s=work_s))
        if found:
            prover.take(found)
        bounds.append(min(prover.known, -(-parts.bound // prover.scale)))
        work_s *= 1.5
    return prover.known, bounds


@pytest.mark.parametrize("name", [PolicyName.NO_BACKTRACK, PolicyName.SHORTEST])
@pytest.mark.parametrize("seed", range(6))
def test_parts_come_to_the_same_as_a_proof_of_the_whole(
    name: PolicyName, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_prover, _, cost = begun(larger_problem(seed, 1 + seed % 3), name)
    whole = new_prover().prove(cost, Allowance())
    monkeypatch.setattr(branching, "LABELS_SHARE", 0.0)
    prover = new_prover()
    best, bounds = best_by_parts(prover, TINY_S)
    assert best * prover.divisor + prover.stops_cost == whole.bound
    assert bounds[0] < best
    assert bounds == sorted(bounds)
    assert bounds[-1] <= best


def test_better_walks_of_a_part_are_built_where_there_are_few() -> None:
    new_prover, _, cost = begun(larger_problem(2, 3), PolicyName.SHORTEST)
    prover = new_prover()
    best, _ = best_by_parts(prover, 1.0)
    assert best * prover.divisor == new_prover().prove(cost, Allowance()).bound


def test_a_proof_takes_turns_when_prices_have_said_all(monkeypatch: pytest.MonkeyPatch) -> None:
    new_prover, _, cost = begun(larger_problem(1, 3), PolicyName.SHORTEST)
    whole = new_prover().prove(cost, Allowance())
    monkeypatch.setattr("routing.proving.ROUNDS", (0, 5))
    monkeypatch.setattr("routing.proving.FIRST_TURN_S", 1e-4)
    prover, proof = new_prover(), None
    while not prover.proven:
        proof = prover.prove(cost, Allowance())
        assert proof.bound <= whole.bound
        assert proof.taken is None or proof.taken.any()
    assert proof is not None
    assert prover.by_turns is not None
    assert proof.bound == whole.bound


def test_a_split_divides_the_ways_of_its_step_and_no_others() -> None:
    new_prover, _, _ = begun(larger_problem(1, 3), PolicyName.SHORTEST)
    ways = new_prover().ways
    used = np.random.default_rng(1).random(len(ways.way))
    splits = most_divided(ways, used, 8)
    assert len(splits) == 8
    assert len({int(split[0]) for split in splits}) == 8
    for split in splits:
        first, last = ways.first[split[0] : split[0] + 2]
        sides = [on_side(ways, split, side) for side in (True, False)]
        both = sides[0] & sides[1]
        assert (sides[0] | sides[1]).all()
        assert not both[first:last].any()
        assert both[:first].all()
        assert both[last:].all()
        assert all(side[first:last].any() for side in sides)

"""That floor must be walked again is claimed where, and only where, an exhaustive search finds no other way."""

import random

import pytest

from routing.backtrack_proof import prove_backtrack
from routing.problem import PickProblem, Policy
from routing.solve import solve
from tests.routing.brute_force import brute_force
from tests.routing.random_floors import ONE_WAY, Feature, random_problem
from tests.routing.test_replanning import DOOR, FLOOR, LEFT, MIDDLE, RIGHT, line
from warehouse.floor import Spot, Stretch


@pytest.mark.untraced  # traced line by line it would take minutes; other tests cover the same lines
def test_backtrack_is_proven_exactly_where_no_choice_has_less() -> None:
    least, more = 0, 0
    for seed in range(60):
        want = {Feature.SEVERAL_SOURCES, Feature.HISTORY, random.Random(seed).choice((Feature.DEAD_END, Feature.SPUR))}
        sample = random_problem(random.Random(f"proof {seed}"), want=want, avoid=ONE_WAY)
        best = brute_force(sample.problem, sample.policy())
        if best is None or not sample.problem.lines:
            continue
        if best[0]:
            assert prove_backtrack(sample.problem, sample.policy(), best[0]).proven
            least += 1
        found = prove_backtrack(sample.problem, sample.policy(), best[0] + 500)
        assert not found.proven
        lines = [
            line(each.line, each.quantity, *((s.bin, s.spot, s.quantity) for s in each.sources if s.bin in bins))
            for each in sample.problem.lines
            for bins in [{pick.bin for pick in found.better if pick.line == each.line}]
        ]
        narrowed = PickProblem(
            sample.problem.floor, tuple(lines), sample.problem.start, sample.problem.end, sample.problem.walked
        )
        assert solve(narrowed, policy=sample.policy()).certificate.backtrack_mm < best[0] + 500
        more += 1
    assert least >= 10
    assert more >= 40


def test_a_search_that_may_not_last_claims_nothing() -> None:
    lines = tuple(line(name, 1, (f"{name}1", Spot(LEFT, 5000), 1), (f"{name}2", Spot(1, 5000), 1)) for name in "ab")
    problem = PickProblem(FLOOR, lines, DOOR, walked=(Stretch(LEFT, 0, 10000), Stretch(1, 0, 10000)))
    assert prove_backtrack(problem, Policy(), 10000).proven
    found = prove_backtrack(problem, Policy(), 10000, rounds_max=0)
    assert not found.proven
    assert found.better == ()


def test_a_choice_that_is_cheapest_for_every_line_is_tried_at_once() -> None:
    lines = tuple(
        line(name, 2, *((f"{name}{edge}", Spot(edge, 1000 * number), 2) for edge in (LEFT, MIDDLE, RIGHT)))
        for number, name in enumerate("abcdef", 1)
    )
    problem = PickProblem(FLOOR, lines, DOOR, walked=(Stretch(LEFT, 0, 10000),))
    found = prove_backtrack(problem, Policy(), 1, rounds_max=1)
    assert not found.proven
    assert {pick.line for pick in found.better} == set("abcdef")
    assert not {pick.bin[1:] for pick in found.better} & {str(LEFT)}

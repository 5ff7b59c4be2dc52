"""What people walk today: bins taken by a simple rule, and a rule of the trade for the way."""

import dataclasses
from collections.abc import Callable

import numpy as np

from routing.problem import PickProblem, Policy, PolicyName, Source
from routing.solve import solve
from warehouse.distances import Distances


def nearest_s_shape(problem: PickProblem, seed: int) -> int:
    """The distance in mm of an S-shape route by way of the bins nearest to the start; the seed is of no use."""
    del seed
    away = Distances(problem.floor)

    def nearest_first(sources: tuple[Source, ...]) -> list[Source]:
        reach_mm = away.matrix([problem.start], [source.spot for source in sources])[0]
        return [sources[each] for each in np.argsort(reach_mm, kind="stable")]

    return _walked_mm(problem, nearest_first, PolicyName.S_SHAPE)


def random_largest_gap(problem: PickProblem, seed: int) -> int:
    """The distance in mm of a largest-gap route by way of random bins."""
    random = np.random.default_rng(seed)

    def any_order(sources: tuple[Source, ...]) -> list[Source]:
        return [sources[each] for each in random.permutation(len(sources))]

    return _walked_mm(problem, any_order, PolicyName.LARGEST_GAP)


def _walked_mm(problem: PickProblem, ranked: Callable[[tuple[Source, ...]], list[Source]], rule: PolicyName) -> int:
    lines = tuple(dataclasses.replace(line, sources=tuple(ranked(line.sources))) for line in problem.lines)
    return solve(dataclasses.replace(problem, lines=lines), policy=Policy(rule)).certificate.distance_mm

"""A pick problem as routing libraries see it: places to visit, distances between them, and orders of places.

One place stands for all bins of a line at one point of the floor: who goes there can empty them all. Whatever
a library answers becomes a route that walks shortest ways from place to place, and `routing.verify` judges it
and measures it like every other route.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.bin_choice import draw
from routing.policies import Walk
from routing.problem import PickProblem, Policy, PolicyName, Source
from routing.route import Leg
from routing.shortest_walk import ShortestWalks
from routing.verify import verify
from routing.walk import certify, place_stops
from warehouse.distances import Distances
from warehouse.floor import Spot


@dataclass(frozen=True)
class Places:
    """Where one may go for what.

    `spots` begins with the start; place `p` (from 1) has `units[p]` of line `line_of[p]`, in `bins[p]`.
    `distances` are the shortest ways between the spots, in mm. `places_of` lists the places of each line.
    """

    problem: PickProblem
    spots: tuple[Spot, ...]
    line_of: tuple[int, ...]
    bins: tuple[tuple[Source, ...], ...]
    units: tuple[int, ...]
    places_of: tuple[tuple[int, ...], ...]
    distances: NDArray[np.int64]

    @property
    def all_single(self) -> bool:
        """Whether every place has enough for its line."""
        return all(
            self.units[place] >= line.quantity
            for line, places in zip(self.problem.lines, self.places_of, strict=True)
            for place in places
        )


def places(problem: PickProblem) -> Places:
    """The places of a problem that ends where it starts."""
    spots, line_of, bins = [problem.start], [-1], [()]
    all_bins: list[tuple[Source, ...]] = list(bins)
    for number, line in enumerate(problem.lines):
        at: dict[Spot, list[Source]] = {}
        for source in line.sources:
            at.setdefault(source.spot, []).append(source)
        for spot, sources in at.items():
            spots.append(spot)
            line_of.append(number)
            all_bins.append(tuple(sources))
    return Places(
        problem,
        tuple(spots),
        tuple(line_of),
        tuple(all_bins),
        tuple(sum(source.quantity for source in sources) for sources in all_bins),
        tuple(
            tuple(place for place, line in enumerate(line_of) if line == number) for number in range(len(problem.lines))
        ),
        Distances(problem.floor).matrix(spots),
    )


def greedy_order(where: Places) -> list[int]:
    """Of each line the places nearest to the start, as many as it needs; always the nearest of those left next."""
    left = []
    for line, of_line in zip(where.problem.lines, where.places_of, strict=True):
        missing = line.quantity
        for place in sorted(of_line, key=lambda place: int(where.distances[0, place])):
            if missing > 0:
                left.append(place)
                missing -= where.units[place]
    order, at = [], 0
    while left:
        at = min(left, key=lambda place: int(where.distances[at, place]))
        left.remove(at)
        order.append(at)
    return order


def walked_mm(where: Places, order: Sequence[int]) -> int:
    """How far it is to visit places in this order, from the start and back, by a route that passes `verify`."""
    problem = where.problem
    legs, stops = _walk(where, order)
    route = certify(
        problem,
        legs,
        stops,
        policy=Policy(PolicyName.LIST_ORDER),
        distance_bound_mm=0,
        backtrack_bound_mm=0,
        solver="peer",
        seed=0,
        duration_ms=0,
    )
    verdict = verify(problem, route)
    assert verdict.ok, verdict.faults
    return verdict.figures.distance_mm


def _walk(where: Places, order: Sequence[int]) -> Walk:
    """Shortest ways from place to place, and stops at the bins there that are needed."""
    problem = where.problem
    ways = ShortestWalks.on(problem.floor)
    legs: list[Leg] = []
    at = problem.start
    for spot in (*(where.spots[place] for place in order), problem.start):
        way = ways.legs(at, spot)
        assert way is not None
        legs += way
        at = spot
    choice = []
    for number, line in enumerate(problem.lines):
        offered = [
            (source.bin, source.quantity)
            for place in order
            if where.line_of[place] == number
            for source in where.bins[place]
        ]
        choice += draw(line, offered)
    return place_stops(problem, legs, choice)

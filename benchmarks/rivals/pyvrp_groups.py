"""PyVRP on a pick problem: a vehicle that is the picker, and client groups.

Where each place has enough for its line, the places of a line are one client group of which exactly one is
visited. Where quantities have to be gathered, groups cannot say so. Then every place is served, and the places
that the picker leaves out ride in a second vehicle: it has room for as much of each line as may be left
behind, and its way costs next to nothing. The search starts from the nearest bins, as it would otherwise
often find no tour at all.
"""

import numpy as np
from pyvrp import (
    Client,
    ClientGroup,
    Depot,
    Location,
    PenaltyParams,
    ProblemData,
    Result,
    Route,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.stop import MaxRuntime

from benchmarks.rivals.places import Places, greedy_order

PICKER_COST = 100
"""Of a mm, against 1 in the second vehicle; where 10,000 was tried the penalties found no tour within capacity."""

MAX_PENALTY = 1e6
"""Of a unit over capacity: as much more than the default as the picker's mm cost more."""


def pyvrp_order(where: Places, seconds: float, seed: int = 0) -> list[int]:
    """The places in the order that PyVRP's iterated local search finds in `seconds` of time."""
    if where.all_single:
        found = solve(_groups(where), MaxRuntime(seconds), seed=seed, collect_stats=False)
        return _order(found)
    data = _two_vehicles(where)
    first = greedy_order(where)
    left = sorted(set(range(1, len(where.spots))) - set(first))
    routes = [Route(data, [place - 1 for place in visits], vehicle) for vehicle, visits in enumerate((first, left))]
    found = solve(
        data,
        MaxRuntime(seconds),
        seed=seed,
        collect_stats=False,
        params=SolveParams(penalty=PenaltyParams(max_penalty=MAX_PENALTY)),
        initial_solution=Solution(data, [route for route in routes if route.num_clients()]),
    )
    return _order(found)


def _groups(where: Places) -> ProblemData:
    """One client of each group is visited."""
    clients = [Client(place, required=False, group=line) for place, line in enumerate(where.line_of) if place]
    groups = [ClientGroup([place - 1 for place in of_line]) for of_line in where.places_of]
    return _data(where, clients, [VehicleType()], groups)


def _two_vehicles(where: Places) -> ProblemData:
    """Every client is visited, some by the second vehicle."""
    lines = where.problem.lines
    offered = [sum(where.units[place] for place in of_line) for of_line in where.places_of]
    spare = [units - line.quantity for units, line in zip(offered, lines, strict=True)]
    clients = [
        Client(place, delivery=[where.units[place] * (line == each) for each in range(len(lines))])
        for place, line in enumerate(where.line_of)
        if place
    ]
    vehicles = [VehicleType(capacity=offered, unit_distance_cost=PICKER_COST), VehicleType(capacity=spare)]
    return _data(where, clients, vehicles, [])


def _data(where: Places, clients: list[Client], vehicles: list[VehicleType], groups: list[ClientGroup]) -> ProblemData:
    spots = [Location(0, 0) for _ in where.spots]  # the coordinates of a location are for drawing only
    away, no_time = where.distances, np.zeros_like(where.distances)
    return ProblemData(spots, clients, [Depot(0)], vehicles, [away], [no_time], groups)  # type: ignore[list-item] # their stub takes an array's first parameter for its type


def _order(found: Result) -> list[int]:
    """The places that the picker visits."""
    assert found.is_feasible(), "iterated local search found no tour"
    for route in found.best.routes():
        if route.vehicle_type() == 0:
            return [activity.idx + 1 for activity in route.schedule() if activity.is_client()]
    return []

"""OR-Tools' routing library on a pick problem: guided local search over the places.

Where each place has enough for its line, the places of a line are one disjunction of which exactly one is
visited. Where quantities have to be gathered, every place may be left out, and a constraint on what is
visited holds the quantity of each line; the library's first solutions do not see such a constraint, so the
search starts from the nearest bins in the order of a greedy tour.
"""

from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.rivals.places import Places, greedy_order


def ortools_order(where: Places, seconds: float) -> list[int]:
    """The places in the order that guided local search finds in `seconds` of time."""
    manager = pywrapcp.RoutingIndexManager(len(where.spots), 1, 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(where.distances.tolist()))
    for line, of_line in zip(where.problem.lines, where.places_of, strict=True):
        nodes = [manager.NodeToIndex(place) for place in of_line]
        if where.all_single:
            model.AddDisjunction(nodes)
            continue
        for node in nodes:
            model.AddDisjunction([node], 0)
        visited = [model.ActiveVar(node) for node in nodes]
        units = [where.units[place] for place in of_line]
        model.solver().Add(model.solver().ScalProd(visited, units) >= line.quantity)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    parameters.time_limit.FromMilliseconds(round(1000 * seconds))
    model.CloseModelWithParameters(parameters)
    if where.all_single:
        found = model.SolveWithParameters(parameters)
    else:
        first = model.ReadAssignmentFromRoutes([greedy_order(where)], True)
        found = model.SolveFromAssignmentWithParameters(first, parameters)
    assert found is not None, "guided local search found no tour"
    return _order(manager, model, found)


def _order(manager: Any, model: Any, found: Any) -> list[int]:
    order = []
    index = found.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    return order

"""The best plan that can be put together from batches seen.

Problem
    Of the many sets of orders that a search has priced, choose some that hold every order, at least cost.
Method
    Set covering. Its linear relaxation is solved over few sets; those that the prices of orders show to be worth
    more than they cost are added until there are none (column generation over the sets seen). Only sets
    whose reduced cost is no more than what the relaxation lies below the best plan known can be in a better one;
    these go to CP-SAT with that plan as a hint. An order in two batches is left out of the dearer one: fewer
    orders never cost more.
Complexity
    A relaxation with a row an order and one pass over all sets a round; CP-SAT within its time.
Limits
    The best among the sets seen, if CP-SAT finishes.
Source
    Set partitioning over the pool of a search: Foster, B. A. and Ryan, D. M., Operational Research Quarterly
    27(2), 1976.
"""

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from routing.batch_pricing import NOBODY, SET_COST, Pricing
from routing.compiled import compiled
from routing.segment_moves import Ints

COLUMNS_A_ROUND = 400  # sets added to the relaxation at once: about as many as it has rows, a few times over
ROUNDS_MAX = 60
TOLERANCE = 1e-6  # of what an order is worth, below which a set is no bargain
COLUMNS_MAX = 4000  # sets given to CP-SAT, which loses its way among more


@compiled(makes_arrays=True)
def reduced_costs(costs: Ints, members: NDArray[np.int16], worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """What every set costs more than its orders are worth."""
    reduced = costs.astype(np.float64)
    for row in range(len(costs)):
        for order in members[row]:
            if order == NOBODY:
                break
            reduced[row] -= worth[order]
    return reduced


class Relaxation:
    """The relaxed covering problem over sets seen, which grows."""

    def __init__(self, num_orders: int, costs: Ints, members: NDArray[np.int16]) -> None:
        self.costs, self.members = costs, members
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.rows = [self.solver.Constraint(1.0, self.solver.infinity()) for _ in range(num_orders)]
        self.goal = self.solver.Objective()
        self.goal.SetMinimization()
        self.inside = np.zeros(len(costs), np.bool_)

    def add(self, sets: NDArray[np.intp]) -> None:
        """Let sets be chosen."""
        for row in sets.tolist():
            if self.inside[row]:
                continue
            self.inside[row] = True
            variable = self.solver.NumVar(0.0, self.solver.infinity(), "")
            self.goal.SetCoefficient(variable, float(self.costs[row]))
            for order in self.members[row].tolist():
                if order == NOBODY:
                    break
                self.rows[order].SetCoefficient(variable, 1.0)

    def solve(self) -> tuple[float, NDArray[np.float64]]:
        """The least cost, and what each order is worth."""
        status = self.solver.Solve()
        assert status == pywraplp.Solver.OPTIMAL, "every order may travel alone"
        return self.goal.Value(), np.array([row.dual_value() for row in self.rows])


def relax(pricing: Pricing, first: NDArray[np.intp]) -> tuple[float, NDArray[np.float64]]:
    """The relaxation over all sets seen: its least cost, and what every set costs beyond its worth.

    Sets `first` hold every order.
    """
    used, num_orders = pricing.num_sets, pricing.num_orders
    costs, members = pricing.sets[:used, SET_COST].copy(), pricing.members[:used]
    relaxation = Relaxation(num_orders, costs, members)
    relaxation.add(first)
    for _ in range(ROUNDS_MAX):
        least, worth = relaxation.solve()
        reduced = reduced_costs(costs, members, worth)
        wanted = np.flatnonzero(reduced < -TOLERANCE * least / num_orders)
        if not len(wanted):
            break
        if len(wanted) > COLUMNS_A_ROUND:
            wanted = wanted[np.argpartition(reduced[wanted], COLUMNS_A_ROUND)[:COLUMNS_A_ROUND]]
        relaxation.add(wanted)
    return least, reduced


def best_cover(
    pricing: Pricing,
    known: NDArray[np.intp],
    least: float,
    reduced: NDArray[np.float64],
    seconds: float,
    *,
    seed: int,
    by_clock: bool,
) -> list[list[int]] | None:
    """The cheapest sets that hold every order.

    Parameters
    ----------
    pricing
        With the sets to choose from.
    known
        Sets of the best plan so far.
    least, reduced
        From `relax`.
    seconds
        How long to try, in deterministic time, which is about as long as the seconds of a clock.
    seed
        Of the solver.
    by_clock
        Whether to end by the clock as well, at the latest after twice as long; the answer then depends on how fast
        the machine is.

    Returns
    -------
    list of list of int
        Orders by batch, each in one or more batches; None if nothing better than `known` was found.
    """
    costs, members = pricing.sets[:, SET_COST], pricing.members
    best = int(costs[known].sum())
    chosen = np.flatnonzero(reduced < best - least)
    if len(chosen) > COLUMNS_MAX:
        chosen = chosen[np.argpartition(reduced[chosen], COLUMNS_MAX)[:COLUMNS_MAX]]
    model = cp_model.CpModel()
    holding: list[list[cp_model.IntVar]] = [[] for _ in range(pricing.num_orders)]
    taken = {}
    known_rows = set(known.tolist())
    for row in np.union1d(chosen, known).tolist():
        taken[row] = model.new_bool_var("")
        model.add_hint(taken[row], row in known_rows)
        for order in members[row].tolist():
            if order != NOBODY:
                holding[order].append(taken[row])
    for each in holding:
        model.add_bool_or(each)
    model.minimize(sum(int(costs[row]) * variable for row, variable in taken.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = seconds
    if by_clock:
        solver.parameters.max_time_in_seconds = 2 * seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE) or solver.objective_value >= best:
        return None
    return [
        [order for order in members[row].tolist() if order != NOBODY]
        for row, variable in taken.items()
        if solver.value(variable)
    ]

"""Bins where the sweep takes long: chosen along a tour over the floor's distances, walked by the sweep in the end.

Problem
    The states of the sweep grow about sixfold with every cross aisle, and fourfold and more if the walk may end
    elsewhere than it began. On five or six cross aisles a search among bins then prices few of them in its time.
Method
    `free_floor` chooses bins without states. The search begins from them if they are better than its other
    beginnings. Where it would hardly begin in its time, they stay and the sweep finds the best walk by way of them.
Complexity
    That of `free_floor`, and three sweeps where its bins stay.
Limits
    What takes how long is estimated by the numbers of arcs and of points.
"""

import math
from dataclasses import replace
from typing import NamedTuple

from routing.bin_choice import Budget
from routing.free_floor import solve_free
from routing.grid_problem import GridProblem
from routing.problem import PickProblem, Policy
from routing.route import Pick
from routing.state_graph import NUM_EFFECTS

ARC_S = 2.5e-9  # to pass an arc three times, which prices all bins: half of that in near memory, thrice in far memory
ARCS_SHARE = 1 / 3  # of a state's moves, that lead anywhere
WAY_S = 1e-7  # for the way between two points
ROUNDS_MIN = 24  # times that all bins are priced in a search that is worth its while, the time to lay out included
ROUNDS_FROM_KNOWN = 4  # that much for one that begins at a choice known to be good
HARD_SHARE = 0.1  # of the time, for that: where it takes more, a beginning along a tour saves more than it takes
TOUR_SHARE = 0.25  # of the time, for a beginning
TOUR_WAYS = 1.5  # times what it takes to find the ways between all points: a tour looked for in less is a poor one
GLANCE_SHARE = 0.1  # of the time, for one beginning of several
GLANCE_MIN_S, GLANCE_MAX_S = 0.01, 0.03
ALONE_SHARE = 0.7  # of the time, where no search follows
HARD_S, TOO_HARD_S = 0.004, 0.1  # to price all bins, where there is no clock
MEMORY_S = 1.0  # what takes longer to price takes more memory than there is


class Effort(NamedTuple):
    """About how many seconds it takes to price all bins once by the sweep, and to find the ways between all points."""

    pricing_s: float
    ways_s: float

    def is_hard(self, left_s: float) -> bool:
        """Whether a search should begin along a tour, if it has so many seconds, or infinity for no clock."""
        if math.isinf(left_s):
            return self.pricing_s > HARD_S
        return ROUNDS_MIN * self.pricing_s > HARD_SHARE * left_s and TOUR_WAYS * self.ways_s < TOUR_SHARE * left_s

    def glance_s(self, left_s: float) -> float:
        """How many seconds of those that are left one beginning of several may take along a tour; 0 for none."""
        share_s = min(GLANCE_SHARE * left_s, GLANCE_MAX_S)
        return 0.0 if math.isinf(left_s) or share_s < max(GLANCE_MIN_S, 2 * self.ways_s) else share_s

    def is_too_hard(self, left_s: float, *, known: bool) -> bool:
        """Whether a search among bins, from a choice that is `known` or not, would hardly begin in so many seconds.

        Without a clock: whether it would take minutes.
        """
        rounds = ROUNDS_FROM_KNOWN if known else ROUNDS_MIN
        late = self.pricing_s > TOO_HARD_S if math.isinf(left_s) else rounds * self.pricing_s > left_s
        return late or self.pricing_s > MEMORY_S


def effort_of(grid: GridProblem, problem: PickProblem) -> Effort:
    """The effort of a problem."""
    program, points = grid.arrays.program, grid.num_spots
    moves = int((program.shift >= 0).sum()) * NUM_EFFECTS
    arcs = ARCS_SHARE * moves * len(program.table) * program.next.shape[2]
    return Effort(ARC_S * arcs, WAY_S * points * (points + len(problem.floor.nodes)))


def picks_by_tour(
    problem: PickProblem, policy: Policy, budget: Budget, seconds: float, seed: int
) -> tuple[tuple[Pick, ...], int]:
    """Picks for all lines along a good tour, and a distance in mm that no walk beats.

    Parameters
    ----------
    problem
        What to walk.
    policy
        By which tours are better; arms are not bounded, and distance is measured.
    budget, seconds, seed
        How long the whole search may take and how many seconds of it this may, and the seed.
    """
    free = Policy(policy.name, step_in_mm=policy.step_in_mm)
    share = replace(budget, time_ms=None if math.isinf(seconds) else math.ceil(1000 * max(0.0, seconds)))
    route = solve_free(problem, policy=free, budget=share, seed=seed)
    return tuple(pick for stop in route.stops for pick in stop.picks), route.certificate.distance_bound_mm

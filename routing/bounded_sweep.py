"""The sweep under a limit of distance: least (backtrack, distance) of a walk that is no longer than that.

Problem
    Given bins, a floor and a limit in mm. The sweep alone knows least backtrack and least distance, not how
    little backtrack a given distance allows.
Method
    Backtrack and distance are mixed at a rate that is moved until the best walk of the mixture lies within the
    limit on one side and beyond it on the other; that gives a good walk and a bound. Where they do not meet,
    walks are extended step by step as labels (backtrack, distance). A label goes on only if no other in
    its state is at least as good in both, and if what it costs with the least cost to go, as distance,
    as backtrack and as the mixture, can still beat the good walk within the limit.
Complexity
    O(steps * labels * moves); the number of labels is bounded by nothing but stays small behind the bounds.
Limits
    `LABELS_MAX` labels a step. Beyond it the good walk is answered, and not called best.
Source
    Handler and Zang, Networks 10(4), 1980 (the mixture); Dumitrescu and Boland, Networks 42(3), 2003 (labels
    behind bounds).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.grid_arrays import refresh
from routing.grid_problem import GridProblem
from routing.segment_moves import COST, MOVE, NEVER, SHIFT, Counts, Ints
from routing.stretch_choices import Way, ways_of_step
from routing.sweep import Program, run_step_back, sweep, trace

LABELS_MAX = 200_000  # some 100 MB of labels and what follows on them


@dataclass(frozen=True)
class BoundedWalk:
    """The way taken at every step, and the figures in mm. `best` says that no walk within the limit is better."""

    ways: tuple[Way, ...]
    backtrack_mm: int
    distance_mm: int
    best: bool

    @property
    def rank(self) -> tuple[int, int]:
        """What is to be small."""
        return self.backtrack_mm, self.distance_mm


def bounded_walk(grid: GridProblem, needed: Counts, limit_mm: int) -> BoundedWalk | None:
    """The best walk for the bins `needed` of at most `limit_mm`; None if there is none.

    `grid` must be built for `no_backtrack`, measuring distance.
    """
    ways = _Ways(grid, needed)
    strict = ways.best(grid.unit, 1)
    if strict is None or strict.distance_mm <= limit_mm:
        return strict
    within = ways.best(1, grid.unit)
    assert within is not None
    if within.distance_mm > limit_mm:
        return None
    beyond = strict
    while True:
        rate = beyond.distance_mm - within.distance_mm, within.backtrack_mm - beyond.backtrack_mm
        middle = ways.best(*rate)
        assert middle is not None
        if _mixed(middle.rank, rate) >= _mixed(within.rank, rate):
            break
        within, beyond = (middle, beyond) if middle.distance_mm <= limit_mm else (within, middle)
    return _Labels(ways, limit_mm, within, rate).search()


def _mixed(rank: tuple[int, int], rate: tuple[int, int]) -> int:
    return rank[0] * rate[0] + rank[1] * rate[1]


class _Ways:
    """All ways of all steps, as lists and as arrays that the sweep can run through at any mixture."""

    def __init__(self, grid: GridProblem, needed: Counts) -> None:
        refresh(grid.arrays, needed)
        self.grid = grid
        self.steps = [ways_of_step(grid, needed, step) for step in range(len(grid.arrays.steps))]
        most = max(len(ways) for ways in self.steps)
        self.options = np.zeros((len(self.steps) + 1, most + 1, 3), np.int64)
        self.figures = np.zeros((len(self.steps), most + 1, 2), np.int64)
        for step, ways in enumerate(self.steps):
            self.options[step, 0, 0] = len(ways)
            for index, way in enumerate(ways, 1):
                self.options[step, index, MOVE], self.options[step, index, SHIFT] = way.move, way.shift
                self.figures[step, index] = way.backtrack_mm, way.distance_mm

    def program(self, backtrack: int, distance: int) -> Program:
        """The program in which a mm of each costs so much."""
        options = self.options.copy()
        options[:-1, 1:, COST] = self.figures[:, 1:] @ np.array([backtrack, distance], np.int64)
        return self.grid.arrays.program._replace(options=options)

    def best(self, backtrack: int, distance: int) -> BoundedWalk | None:
        """The best walk of a mixture."""
        program, forward = self.program(backtrack, distance), self.grid.new_costs()
        if sweep(program, forward) >= NEVER:
            return None
        return self.walk([int(each) - 1 for each in trace(program, forward)], best=True)

    def walk(self, taken: list[int], *, best: bool) -> BoundedWalk:
        """The walk that takes these ways."""
        ways = tuple(ways[index] for ways, index in zip(self.steps, taken, strict=True))
        return BoundedWalk(ways, sum(way.backtrack_mm for way in ways), sum(way.distance_mm for way in ways), best)

    def to_go(self, backtrack: int, distance: int) -> Ints:
        """The least cost of a mixture from before every step to the end, of shape (steps + 1, planes, states)."""
        program, backward = self.program(backtrack, distance), self.grid.new_costs()
        backward[-1] = NEVER
        backward[-1, -1, program.done] = 0
        for step in range(len(self.steps) - 1, -1, -1):
            run_step_back(program, step, backward[step + 1], backward[step])
        return backward


class _Labels:
    """The search by labels, once a good walk `within` the limit and a `rate` of mixing are known."""

    def __init__(self, ways: _Ways, limit_mm: int, within: BoundedWalk, rate: tuple[int, int]) -> None:
        self.ways, self.limit_mm, self.within = ways, limit_mm, within
        self.rate = np.array(rate, np.int64)
        self.distance_to_go = ways.to_go(0, 1)
        self.backtrack_to_go = ways.to_go(1, 0)
        self.mixed_to_go = ways.to_go(*rate)
        # A better walk has at most the backtrack of the good one, and at most the limit.
        self.mixed_max = _mixed((within.backtrack_mm, limit_mm), rate)

    def search(self) -> BoundedWalk:
        """The best walk within the limit."""
        program = self.ways.grid.arrays.program
        place = np.array([program.empty], np.int64)
        figures = np.zeros((1, 2), np.int64)
        came: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        for step in range(len(self.ways.steps)):
            place, figures, parent, way = self.extended(step, place, figures)
            if len(place) > LABELS_MAX:
                return BoundedWalk(self.within.ways, *self.within.rank, best=False)
            came.append((parent, way))
        if not len(place):
            return BoundedWalk(self.within.ways, *self.within.rank, best=True)
        label, taken = 0, []
        for parent, way in reversed(came):
            taken.append(int(way[label]))
            label = int(parent[label])
        return self.ways.walk(taken[::-1], best=True)

    def extended(self, step: int, place: Ints, figures: Ints) -> tuple[Ints, Ints, NDArray[np.intp], NDArray[np.intp]]:
        """The labels after a step: places and figures, and from which label by which way each came.

        A place is a plane and a state in one number.
        """
        program = self.ways.grid.arrays.program
        num_states = program.next.shape[2]
        plane, state = np.divmod(place, num_states)
        table = program.next[program.table[step]]
        parts = []
        for index, way in enumerate(self.ways.steps[step]):
            to_plane, to_state = program.shift[way.shift][plane].astype(np.int64), table[way.move][state]
            then = figures + np.array([way.backtrack_mm, way.distance_mm], np.int64)
            allowed = np.flatnonzero((to_plane >= 0) & (to_state >= 0))
            to = (to_plane * num_states + to_state)[allowed]
            good = self.hopeful(step + 1, to, then[allowed])
            parts.append((to[good], then[allowed][good], allowed[good], np.full(len(good), index, np.intp)))
        to, then, parent, taken = (np.concatenate(each) for each in zip(*parts, strict=True))
        kept = _undominated(to, then)
        return to[kept], then[kept], parent[kept], taken[kept]

    def hopeful(self, step: int, place: Ints, figures: Ints) -> NDArray[np.intp]:
        """Which labels before a step may still lead to a walk that is better than the good one."""
        distance_to_go = self.distance_to_go[step].ravel()[place]
        backtrack_to_go = self.backtrack_to_go[step].ravel()[place]
        mixed_to_go = self.mixed_to_go[step].ravel()[place]
        reaches_end = distance_to_go < NEVER
        least = figures + np.where(reaches_end[:, None], np.stack([backtrack_to_go, distance_to_go], axis=1), 0)
        good_backtrack_mm, good_distance_mm = self.within.rank
        better = (least[:, 0] < good_backtrack_mm) | (
            (least[:, 0] == good_backtrack_mm) & (least[:, 1] < good_distance_mm)
        )
        mixed = figures @ self.rate + np.where(reaches_end, mixed_to_go, 0)
        return np.flatnonzero(reaches_end & better & (least[:, 1] <= self.limit_mm) & (mixed <= self.mixed_max))


def _undominated(place: Ints, figures: Ints) -> NDArray[np.intp]:
    """The labels of which no other at their place has at most their backtrack and at most their distance."""
    if not len(place):
        return np.zeros(0, np.intp)
    order = np.lexsort((figures[:, 1], figures[:, 0], place))
    place, distance_mm = place[order], figures[order, 1]
    group = np.cumsum(np.concatenate([[0], place[1:] != place[:-1]]))
    # Shifted so that every place lies below the one before it, the least distance so far starts anew at each.
    shifted = distance_mm - group * (int(distance_mm.max()) + 1)
    least_before = np.minimum.accumulate(np.concatenate([[NEVER], shifted[:-1]]))
    kept: NDArray[np.intp] = order[shifted < least_before]
    return kept

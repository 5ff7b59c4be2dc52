"""Shortest tours with a choice of bins by an integer program, which shares no code with the route search.

Problem
    Bins have to be walked to that hold what every line asks for, from the start and back, as short as can be.
Method
    Every edge is walked not at all, once or twice. One that is not walked may be entered from either end, in and
    back, as far as some bin; no bin is reached from both. The number of edges walked once is even at every node, and
    a row a line demands its units of the bins reached. A node where there is something to do is joined with the
    start by rows for sets of nodes: those that the relaxation in fractions breaks are found by maximum flows, those
    that a whole solution breaks are its parts, and then it is solved again (HiGHS).
Complexity
    Exponential.
Limits
    Start and end at one node, bins between nodes, floor walked both ways, one group of lots, no times.
Source
    Rows for sets of nodes: Dantzig, G. B., Fulkerson, R. and Johnson, S., Journal of the Operations Research
    Society of America 2(4), 1954.
"""

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from routing.problem import PickLine, PickProblem

TOLERANCE = 1e-6  # what the solver may leave between a bound and the whole number above it
FLOW_UNIT = 10_000  # maximum flows are of whole numbers: an edge walked once is this wide
FLOW_LEAST = 200  # a set of nodes is joined if no more than this is missing: a fiftieth of a way is not worth a row
OPTIMAL, INFEASIBLE = 0, 2  # as SciPy numbers them


@dataclass(frozen=True)
class ProgramResult:
    """The length of the shortest tour, or None if time ran out, and a length below which there is none."""

    distance_mm: int | None
    bound_mm: int


def shortest_by_program(problem: PickProblem, *, counted_when_twice: int = 1, time_limit_s: float) -> ProgramResult:
    """The length of the shortest tour, found without any of the route search.

    Parameters
    ----------
    problem
        What is to be picked where, within the limits above.
    counted_when_twice
        How often units count that lie on an edge walked twice. What can be brought counts once.
    time_limit_s
        When to give up.

    Raises
    ------
    ValueError
        If there is no tour.
    """
    deadline = time.perf_counter() + time_limit_s
    program = _Program(problem, counted_when_twice)
    while time.perf_counter() < deadline and program.join_in_fractions():
        pass
    bound = 0
    while (left_s := deadline - time.perf_counter()) > 0:
        found = milp(
            np.array(program.costs, float),
            integrality=np.array(program.whole, int),
            bounds=Bounds(0, np.array(program.most, float)),
            constraints=LinearConstraint(program.matrix(), np.array(program.least), np.inf),
            options={"time_limit": left_s, "mip_rel_gap": 0},
        )
        if found.status == INFEASIBLE:
            raise ValueError("the bins do not hold what is asked for")
        if found.mip_dual_bound is not None and math.isfinite(found.mip_dual_bound):
            bound = max(bound, math.ceil(found.mip_dual_bound - TOLERANCE))
        if found.status != OPTIMAL or found.x is None or found.fun is None:
            break
        if not program.join_parts(found.x):
            return ProgramResult(round(found.fun), round(found.fun))
    return ProgramResult(None, bound)


class _Program:
    """The columns, and the rows, of which there will be more; each row is a sum that is at least something."""

    def __init__(self, problem: PickProblem, counted_when_twice: int) -> None:
        start = problem.floor.node_at(problem.start)
        assert start is not None, "a tour starts at a node"
        self.floor, self.start = problem.floor, start
        self.costs: list[int] = []
        self.whole: list[bool] = []
        self.most: list[int] = []
        self.least: list[float] = []
        self._entries: list[tuple[int, int, float]] = []
        self.once = [self._column(edge.length_mm) for edge in self.floor.edges]
        self.twice = [self._column(2 * edge.length_mm) for edge in self.floor.edges]
        self.busy = [self._column(whole=False) for _ in self.floor.nodes]
        self.arms_to: dict[tuple[int, int], tuple[int, int]] = {}
        for edge, once, twice in zip(self.floor.edges, self.once, self.twice, strict=True):
            self._row({once: -1, twice: -1}, -1)
            for node in (edge.tail, edge.head):
                self._row({self.busy[node]: 1, once: -1, twice: -1}, 0)
        self._arms(problem.lines)
        for line in problem.lines:
            self._demand(line, counted_when_twice)
        for node in range(len(self.floor.nodes)):
            self._even(node)
            if node != start:
                self._joined([node], self.busy[node])
        self._columns_joined()

    def matrix(self) -> csr_array:
        """All rows so far."""
        rows, columns, values = zip(*self._entries, strict=True)
        return csr_array((values, (rows, columns)), shape=(len(self.least), len(self.costs)))

    def join_in_fractions(self) -> bool:
        """Demand that sets of nodes are joined that the relaxation leaves apart; whether there were any."""
        found = linprog(  # type: ignore[call-overload]  # its stubs know no sparse rows
            np.array(self.costs, float),
            A_ub=-self.matrix(),
            b_ub=-np.array(self.least),
            bounds=np.column_stack([np.zeros(len(self.most)), self.most]),
        )
        if found.status != OPTIMAL:
            return False
        shares = np.rint(FLOW_UNIT * found.x).astype(np.int32)
        widths = shares[self.once] + 2 * shares[self.twice]
        tails, heads = np.array([(edge.tail, edge.head) for edge in self.floor.edges]).T
        ends = (np.concatenate([tails, heads]), np.concatenate([heads, tails]))
        num_nodes = len(self.floor.nodes)
        ways = csr_array((np.tile(widths, 2), ends), shape=(num_nodes, num_nodes))
        apart = set()
        for node in range(num_nodes):
            wanted = 2 * shares[self.busy[node]] - FLOW_LEAST
            if node == self.start or wanted <= 0:
                continue
            flow = maximum_flow(ways, self.start, node)
            if flow.flow_value >= wanted:
                continue
            left = ways - flow.flow
            left.eliminate_zeros()
            near = breadth_first_order(left, self.start, return_predecessors=False).tolist()
            onward = breadth_first_order(left.T.tocsr(), node, return_predecessors=False).tolist()
            apart |= {(frozenset(range(num_nodes)) - frozenset(near), node), (frozenset(onward), node)}
        for part, node in apart:
            self._joined(part, self.busy[node])
        return bool(apart)

    def join_parts(self, values: NDArray[np.float64]) -> bool:
        """Demand that the parts of a whole solution that lie apart are joined; whether there were any."""
        walked = nx.Graph([(self.start, self.start)])
        for edge, once, twice in zip(self.floor.edges, self.once, self.twice, strict=True):
            if round(values[once] + values[twice]):
                walked.add_edge(edge.tail, edge.head)
        apart = [part for part in nx.connected_components(walked) if self.start not in part]
        for part in apart:
            for node in part:
                self._joined(part, self.busy[node])
        return bool(apart)

    def _column(self, cost: int = 0, *, most: int = 1, whole: bool = True) -> int:
        self.costs.append(cost)
        self.whole.append(whole)
        self.most.append(most)
        return len(self.costs) - 1

    def _row(self, entries: Mapping[int, float], least: float) -> None:
        self._entries += [(len(self.least), column, value) for column, value in entries.items()]
        self.least.append(least)

    def _arms(self, lines: Iterable[PickLine]) -> None:
        """In and back from either end, bin by bin: the next one is reached by way of the one before."""
        offsets: defaultdict[int, set[int]] = defaultdict(set)
        for source in itertools.chain.from_iterable(line.sources for line in lines):
            offsets[source.spot.edge].add(source.spot.offset_mm)
        for index, found in offsets.items():
            edge = self.floor.edges[index]
            at = [0, *sorted(found), edge.length_mm]
            assert at[0] < at[1] <= at[-2] < at[-1], "bins stand between nodes"
            up = [self._column(2 * (far - near)) for near, far in itertools.pairwise(at[:-1])]
            down = [self._column(2 * (far - near)) for near, far in itertools.pairwise(at[1:])]
            for offset, *arms in zip(at[1:-1], up, down, strict=True):
                self.arms_to[index, offset] = (arms[0], arms[1])
                self._row(dict.fromkeys((self.once[index], self.twice[index], *arms), -1), -1)
            for before, after in itertools.chain(itertools.pairwise(up), itertools.pairwise(down[::-1])):
                self._row({before: 1, after: -1}, 0)
            self._row({self.busy[edge.tail]: 1, up[0]: -1}, 0)
            self._row({self.busy[edge.head]: 1, down[-1]: -1}, 0)

    def _demand(self, line: PickLine, counted_when_twice: int) -> None:
        """The bins reached hold what a line asks for; no column counts for more than that."""
        units_of: defaultdict[int, int] = defaultdict(int)
        for source in line.sources:
            edge = source.spot.edge
            units_of[self.once[edge]] += source.quantity
            units_of[self.twice[edge]] += counted_when_twice * source.quantity
            for arm in self.arms_to[edge, source.spot.offset_mm]:
                units_of[arm] += source.quantity
        self._row({column: min(units, line.quantity) for column, units in units_of.items()}, line.quantity)

    def _even(self, node: int) -> None:
        """A node is left as often as it is come to."""
        pairs = self._column(most=len(self.floor.incident[node]) // 2)
        ends = [self.once[edge] for edge in self.floor.incident[node]]
        self._row(dict.fromkeys(ends, 1) | {pairs: -2}, 0)
        self._row(dict.fromkeys(ends, -1) | {pairs: 2}, 0)

    def _joined(self, part: Iterable[int], busy: int) -> None:
        """A set of nodes without the start is entered and left if `busy` says that there is something to do."""
        inside = set(part)
        entries: dict[int, float] = {busy: -2}
        for edge, once, twice in zip(self.floor.edges, self.once, self.twice, strict=True):
            if (edge.tail in inside) != (edge.head in inside):
                entries |= {once: 1, twice: 2}
        self._row(entries, 0)

    def _columns_joined(self) -> None:
        """What is known from the outset: all columns of a grid beyond some column are joined if one is busy."""
        columns = self.floor.grid.nodes if self.floor.grid else ()
        for order in (columns, columns[::-1]):
            beyond: list[int] = []
            before = None
            for nodes in itertools.takewhile(lambda nodes: self.start not in nodes, order):
                beyond += nodes
                far = self._column(whole=False)
                for busy in (*(self.busy[node] for node in nodes), *(() if before is None else (before,))):
                    self._row({far: 1, busy: -1}, 0)
                self._joined(beyond, far)
                before = far

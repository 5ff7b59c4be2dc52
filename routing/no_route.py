"""Why a problem has no route, in words: what is on blocked floor, what it cuts off, what holds too little.

Problem
    A solver that finds no route knows which lines cannot be filled. Whoever has to free the floor or find other goods
    asks what is in the way.
Method
    Start, end, and every bin of the lines in question are looked at one by one. Where a place cannot be reached, the
    shortest walk to it with nothing blocked is taken, and the blocked floor that it passes is named.
Complexity
    Up to four shortest walks for each of these bins.
Limits
    Blocked floor is named on one walk to each place; others may be blocked, too. What keeps bins apart that can be
    reached one by one, such as one-way floor or limits of the policy, is not looked for.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from routing.lot_groups import in_group_order
from routing.problem import EndKind, PickLine, PickProblem
from routing.route import Leg
from routing.shortest_walk import ShortestWalks
from warehouse.errors import NoRoute
from warehouse.floor import Floor, Spot, Stretch

NAMED_MAX = 5
"""Bins of a line that are named; who frees the way to these will ask again."""


def why_no_route(problem: PickProblem, error: NoRoute) -> str:
    """What keeps a problem from having a route, beginning with what the solver said, without a full stop.

    Parameters
    ----------
    problem
        Has no route.
    error
        What a solver raised about it.
    """
    on = _blocked_at(problem.floor, problem.start)
    if on is not None:
        return (
            f"the start ({_place(problem.floor, problem.start)}) is on blocked floor: {_stretches(problem.floor, [on])}"
        )
    lines = f": {', '.join(error.lines)}" if error.lines else ""
    return "; ".join([f"{error.why}{lines}", *_obstacles(problem, error.lines)])


def _obstacles(problem: PickProblem, names: Sequence[str]) -> Iterator[str]:
    ways = _Ways(problem)
    ungrouped = in_group_order(problem)
    for line in ungrouped.problem.lines:
        if ungrouped.asked(line.line) in names:
            yield from _of_line(ways, line, ungrouped.asked(line.line))
    if problem.end.kind is not EndKind.ANYWHERE:
        ends = ways.ends()
        faults = [ways.fault(problem.start, end) for end in ends]
        if all(faults):
            yield f"the end ({_place(problem.floor, ends[0])}) {faults[0]}"


def _of_line(ways: "_Ways", line: PickLine, name: str) -> Iterator[str]:
    """What keeps a line from being filled."""
    held = sum(source.quantity for source in line.sources)
    if held < line.quantity:
        yield f"line {name} asks for {line.quantity}, and its bins hold {held}"
        return
    faults = [(source, fault) for source in line.sources if (fault := ways.fault_at(source.spot))]
    if held - sum(source.quantity for source, _ in faults) < line.quantity:
        for source, fault in faults[:NAMED_MAX]:
            yield f"bin {source.bin} ({_place(ways.floor, source.spot)}) {fault}"


class _Ways:
    """The ways of a floor as it is, and as it would be with nothing blocked."""

    def __init__(self, problem: PickProblem) -> None:
        self.floor = problem.floor
        self._problem = problem
        self._walks = ShortestWalks(problem.floor)
        self._open_walks = ShortestWalks(dataclasses.replace(problem.floor, blocked=()))

    def ends(self) -> tuple[Spot, ...]:
        """Where the walk may end, if that is not anywhere."""
        return self._problem.end.spots or (self._problem.start,)

    def fault_at(self, spot: Spot) -> str:
        """What keeps somebody from going to a spot and from there to an end; empty if nothing does."""
        on = _blocked_at(self.floor, spot)
        if on is not None:
            return f"is on blocked floor: {_stretches(self.floor, [on])}"
        there = self.fault(self._problem.start, spot)
        if there or self._problem.end.kind is EndKind.ANYWHERE:
            return there
        back = [self.fault(spot, end) for end in self.ends()]
        return f"can be reached, but from there the end {back[0]}" if all(back) else ""

    def fault(self, start: Spot, goal: Spot) -> str:
        """What keeps somebody from walking from one spot to another; empty if nothing does."""
        if self._walks.legs(start, goal) is not None:
            return ""
        walk = self._open_walks.legs(start, goal)
        if walk is None:
            return "cannot be reached on this floor, even with nothing blocked"
        return f"is cut off by blocked floor: {_stretches(self.floor, _passed(self.floor, walk))}"


def _passed(floor: Floor, walk: Sequence[Leg]) -> list[Stretch]:
    """The blocked floor that a walk passes."""
    return [
        each
        for each in sorted(floor.blocked)
        if any(
            leg.edge == each.edge
            and each.from_mm < max(leg.from_mm, leg.to_mm)
            and each.to_mm > min(leg.from_mm, leg.to_mm)
            for leg in walk
        )
    ]


def _blocked_at(floor: Floor, spot: Spot) -> Stretch | None:
    """The blocked stretch strictly inside which a spot lies."""
    inside = (each for each in floor.blocked if each.edge == spot.edge and each.from_mm < spot.offset_mm < each.to_mm)
    return next(inside, None)


def _stretches(floor: Floor, stretches: Sequence[Stretch]) -> str:
    told = [f"{_edge(floor, s.edge)} from {s.from_mm / 1000:.1f} m to {s.to_mm / 1000:.1f} m" for s in stretches]
    return ", ".join(told)


def _place(floor: Floor, spot: Spot) -> str:
    return f"{_edge(floor, spot.edge)}, {spot.offset_mm / 1000:.1f} m in"


def _edge(floor: Floor, edge: int) -> str:
    name = floor.edges[edge].name
    return f"aisle {name}" if name else f"edge {edge}"

"""Lot groups that are used up in order, turned into lines whose sources are all alike.

Problem
    The sources of a line may lie in groups, of which a later one may only give where all earlier ones are
    used up. Solvers know only sources that are all equally allowed.
Method
    How much a line takes out of each group is known before anything is chosen: all of every group until
    one holds at least what is still missing, that rest of this one, nothing of later ones. So a line becomes
    one line that takes all of its full groups, which leaves nothing to choose, and one for the rest.
Complexity
    Linear in the number of sources, but for their sorting.
Limits
    A source of an earlier group that is out of reach leaves its line unfilled; it is never passed over.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from routing.problem import PickLine, PickProblem, Source
from routing.route import Pick, Route, Stop


@dataclass(frozen=True)
class InGroupOrder:
    """A problem without groups, and which line of the problem as it was asked each new line belongs to."""

    problem: PickProblem
    line_of: dict[str, str]

    def as_asked(self, route: Route) -> Route:
        """A route for the problem without groups, told in the lines that were asked for."""
        if not self.line_of:
            return route
        stops = tuple(
            Stop(stop.after_leg, stop.spot, tuple(Pick(self.asked(p.line), p.bin, p.quantity) for p in stop.picks))
            for stop in route.stops
        )
        return dataclasses.replace(route, stops=stops)

    def as_split(self, picks: Sequence[Pick]) -> Sequence[Pick]:
        """Picks for the lines that were asked for, told in the lines of the problem without groups."""
        if not self.line_of:
            return picks
        part = {
            (self.asked(line.line), source.bin): line.line for line in self.problem.lines for source in line.sources
        }
        return [dataclasses.replace(pick, line=part.get((pick.line, pick.bin), pick.line)) for pick in picks]

    def asked(self, line: str) -> str:
        """The name that a line was asked for by."""
        return self.line_of.get(line, line)


def in_group_order(problem: PickProblem) -> InGroupOrder:
    """The problem that leaves to a solver only what lot groups leave open.

    A problem whose lines all have one group is handed back itself.
    """
    if all(source.group == line.sources[0].group for line in problem.lines for source in line.sources):
        return InGroupOrder(problem, {})
    names = {line.line for line in problem.lines}
    lines: list[PickLine] = []
    line_of: dict[str, str] = {}
    for line in problem.lines:
        first, *second = _parts(line)
        lines.append(first)
        for part in second:
            name = f"{line.line}, rest"
            while name in names:
                name += " "
            names.add(name)
            line_of[name] = line.line
            lines.append(dataclasses.replace(part, line=name))
    return InGroupOrder(dataclasses.replace(problem, lines=tuple(lines)), line_of)


def _parts(line: PickLine) -> list[PickLine]:
    """What a line takes of groups it uses up, and the rest of it; one of them where the other is nothing."""
    full: tuple[Source, ...] = ()
    missing = line.quantity
    for group in sorted({source.group for source in line.sources}):
        members = tuple(source for source in line.sources if source.group == group)
        units = sum(source.quantity for source in members)
        if units > missing:
            rest = dataclasses.replace(line, quantity=missing, sources=members)
            return [_taking_all(line, full), rest] if full else [rest]
        full, missing = full + members, missing - units
        if missing == 0:
            return [_taking_all(line, full)]
    return [line]  # it cannot be filled; the solver says so


def _taking_all(line: PickLine, sources: tuple[Source, ...]) -> PickLine:
    return dataclasses.replace(line, quantity=sum(source.quantity for source in sources), sources=sources)

"""The line of a walk on paper: straight runs, each beside the others where they share floor.

Legs that go on in the same direction on the same straight line are one run. Where runs overlap, each
keeps to the right of its direction, as people meeting in a corridor do, the later ones further out; so
both passes of an aisle can be seen, and an in-and-back arm shows as a hairpin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]


class Walked(Protocol):
    """A leg of a walk along one edge; `routing.route.Leg` is one."""

    @property
    def edge(self) -> int:
        """Which edge it runs along."""

    @property
    def from_mm(self) -> int:
        """Where it begins, from the edge's tail."""

    @property
    def to_mm(self) -> int:
        """Where it ends, from the edge's tail."""

    @property
    def step_in(self) -> bool:
        """Whether it is walked without the cart."""


@dataclass(frozen=True)
class Piece:
    """A leg on paper: on straight line `line` (equal for edges in a row), from one point to another."""

    line: int
    start: Point
    end: Point
    style: str


@dataclass
class Run:
    """A straight part of the walk; `shift` moves it to the right of its direction."""

    line: int
    start: Point
    end: Point
    style: str
    shift: float = 0.0

    @property
    def direction(self) -> Point:
        """The unit vector along the run."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        length = (dx * dx + dy * dy) ** 0.5
        return (dx / length, dy / length)

    @property
    def offset(self) -> Point:
        """How far the run is moved, on paper (y grows downwards)."""
        dx, dy = self.direction
        return (-dy * self.shift, dx * self.shift)


def runs_of(pieces: Sequence[Piece], gap: float) -> list[Run]:
    """The runs of a walk, overlapping ones moved apart by `gap`."""
    runs: list[Run] = []
    for piece in pieces:
        if piece.start == piece.end:
            continue
        run = Run(piece.line, piece.start, piece.end, piece.style)
        last = runs[-1] if runs else None
        if last and (last.line, last.style) == (run.line, run.style) and _along(last, run) > 0:
            last.end = run.end
        else:
            runs.append(run)
    by_line: dict[int, list[Run]] = {}
    for run in runs:
        by_line.setdefault(run.line, []).append(run)
    for group in by_line.values():
        for index, run in enumerate(group):
            meets = [_along(run, other) for other in group if other is not run and _overlap(run, other)]
            before = [_along(run, other) for other in group[:index] if _overlap(run, other)]
            if meets:
                same = sum(along > 0 for along in before)
                run.shift = gap * (0.5 + same)
    return runs


def _along(a: Run, b: Run) -> float:
    """Positive where two runs go the same way."""
    return a.direction[0] * b.direction[0] + a.direction[1] * b.direction[1]


def _overlap(a: Run, b: Run) -> bool:
    """Whether two runs on one straight line share floor."""
    axis = 0 if abs(a.end[0] - a.start[0]) > abs(a.end[1] - a.start[1]) else 1
    low = max(min(a.start[axis], a.end[axis]), min(b.start[axis], b.end[axis]))
    return low < min(max(a.start[axis], a.end[axis]), max(b.start[axis], b.end[axis])) - 1e-6


def corners(runs: Sequence[Run]) -> list[list[Point]]:
    """For every run its points on paper; each begins where the one before it ended."""
    lines: list[list[Point]] = []
    for index, run in enumerate(runs):
        ox, oy = run.offset
        points = [(run.start[0] + ox, run.start[1] + oy), (run.end[0] + ox, run.end[1] + oy)]
        if index and _meet(runs[index - 1], run):
            points[0] = lines[-1][-1]
        if index + 1 < len(runs) and _meet(run, runs[index + 1]):
            nx, ny = runs[index + 1].offset
            if abs(_along(run, runs[index + 1])) < 1e-6:
                points[1] = (points[1][0] + nx, points[1][1] + ny)  # a right angle: where the moved lines cross
            else:
                points.append((run.end[0] + nx, run.end[1] + ny))
        lines.append(points)
    return lines


def _meet(a: Run, b: Run) -> bool:
    """Whether run `b` begins where run `a` ends."""
    return abs(a.end[0] - b.start[0]) < 1e-6 and abs(a.end[1] - b.start[1]) < 1e-6

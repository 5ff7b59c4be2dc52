"""The order in which the sweep takes a grid floor: column by column, and what every step stands on."""

from collections.abc import Iterable

import numpy as np

from routing.prepared_floor import PreparedFloor, Role
from routing.segment_moves import COST, MOVE, SHIFT, Ints
from warehouse.floor import Spot

ITEM, CROSSING, GAP = range(3)


class Layout:
    """Steps as (kind, item or crossing, row), in order, and what they stand on.

    `crossings[crossing]` is the spot of a crossing step, `gap_floor[step]` is (edge, from_mm, to_mm) of the
    gap that a step crosses. The last step is a gap that nobody can cross.
    """

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, int]] = []
        self.crossings: list[Spot] = []
        self.gap_floor: dict[int, tuple[int, int, int]] = {}

    def add_crossing(self, spot: Spot, row: int) -> None:
        """A step of its own for a crossing, or for a point inside a gap."""
        self.steps.append((CROSSING, len(self.crossings), row))
        self.crossings.append(spot)


def lay_out(prepared: PreparedFloor, marks: Iterable[Spot], *, every_crossing: bool) -> Layout:
    """Crossings, spurs and segments of every column row by row, then the gaps to the next column.

    Parameters
    ----------
    prepared
        The floor.
    marks
        Points where the walk may start, end or pick; those on segments and spurs need no step.
    every_crossing
        Whether all crossings get a step of their own.
    """
    floor, rows = prepared.floor, prepared.rows
    marked: dict[tuple[int, int], Spot] = {}
    cuts: dict[int, dict[int, set[int]]] = {}
    for spot in marks:
        node = floor.node_at(spot)
        if node is not None:
            if node in prepared.crossing:
                marked[prepared.crossing[node]] = spot
        elif prepared.places[spot.edge].role is Role.GAP:
            place = prepared.places[spot.edge]
            cuts.setdefault(place.column, {}).setdefault(place.row, set()).add(spot.offset_mm)
    made = Layout()
    for column in range(prepared.columns):
        for row in range(rows):
            node = prepared.grid.nodes[column][row]
            if (column, row) in marked:
                made.add_crossing(marked[column, row], row)
            elif every_crossing and floor.incident[node]:
                made.add_crossing(floor.spot_at(node), row)
            for item in prepared.spurs.get((column, row), ()):
                made.steps.append((ITEM, item, row))
            if row < rows - 1 and prepared.grid.segments[column][row] >= 0:
                made.steps.append((ITEM, prepared.places[prepared.grid.segments[column][row]].item, row))
        _add_gaps(prepared, made, column, cuts.get(column, {}))
    return made


def _add_gaps(prepared: PreparedFloor, made: Layout, column: int, cuts: dict[int, set[int]]) -> None:
    """The gaps from one column to the next, with bare columns between where a row has a point in its gap."""
    rows = range(prepared.rows)
    last = column == prepared.columns - 1
    edges = [-1 if last else prepared.grid.gaps[row][column] for row in rows]
    whole = [prepared.floor.edges[edge].length_mm if edge >= 0 else 0 for edge in edges]
    reached = [0 for _ in rows]
    for cut_row, offset in sorted((row, offset) for row, offsets in cuts.items() for offset in offsets):
        goal = [offset if row == cut_row else reached[row] for row in rows]
        _add_gap_steps(prepared, made, edges, reached, goal)
        reached = goal
        made.add_crossing(Spot(edges[cut_row], offset), cut_row)
    _add_gap_steps(prepared, made, edges, reached, whole)


def _add_gap_steps(prepared: PreparedFloor, made: Layout, edges: list[int], begin: list[int], end: list[int]) -> None:
    for row, (edge, low, high) in enumerate(zip(edges, begin, end, strict=True)):
        if edge >= 0 and not prepared.is_blocked(edge, low, high):
            made.gap_floor[len(made.steps)] = (edge, low, high)
        made.steps.append((GAP, -1, row))


def gap_options(layout: Layout, mm: int, moves_max: int, last_shift: int) -> Ints:
    """Room for `moves_max` moves of every step, those of the gaps filled in.

    A mm of distance costs `mm`. `last_shift` is the shift of the only move of the last step.
    """
    options = np.zeros((len(layout.steps) + 1, moves_max + 1, 3), np.int64)
    gaps = [step for step, (kind, _, _) in enumerate(layout.steps) if kind == GAP]
    options[gaps, 0, 0] = 1
    steps = np.array(list(layout.gap_floor), np.intp)
    lengths = np.array([high - low for _, low, high in layout.gap_floor.values()], np.int64)
    options[steps, 0, 0] = 3
    for passes in range(3):
        options[steps, 1 + passes, MOVE] = passes
        options[steps, 1 + passes, COST] = passes * lengths * mm
    options[len(layout.steps) - 1, 1, SHIFT] = last_shift
    return options

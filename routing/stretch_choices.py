"""Every way to walk one stretch that may be worth it when both backtrack and distance are scarce.

Problem
    As in `stretch_sweep`, but of each effect not the one way of least cost is wanted but all ways of which
    none has both less backtrack and less distance than another.
Method
    The same sweep with labels (backtrack, distance) in every state instead of one cost. Where neither
    history nor step-ins nor the start or an end lie on the stretch, less distance always is less backtrack,
    and the closed forms say all.
Complexity
    O(labels) a combination of step-in depths; labels are few where picks are.
Limits
    Meant for some dozens of picks on one stretch.
"""

from collections import defaultdict
from typing import NamedTuple, TypeVar

from routing.grid_arrays import ITEM, KIND, MARK, OF
from routing.grid_problem import GridProblem
from routing.segment_moves import (
    ALL_WALKED,
    BY_ARMS,
    COST,
    COUNTS,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LENGTH,
    LOW_OPEN,
    LOW_STEP_IN,
    MOVE,
    SHIFT,
    SHIFT_ARM,
    Counts,
    Ints,
)
from routing.stretch_sweep import (
    MAY_END,
    NEEDED,
    NO_EFFECT,
    PIECE,
    PIECE_BLOCKED,
    PIECE_WALKED,
    POINT,
    START,
    arms_and_ends,
    beyond,
    cut_points,
    effect_of,
    is_tip,
    state_code,
)


class Way(NamedTuple):
    """A move with its backtrack and distance in mm.

    `how` has the passes over each piece between `offsets`, then the depths of the step-ins from either end; it
    is empty where the move says all.
    """

    move: int
    shift: int
    backtrack_mm: int
    distance_mm: int
    how: tuple[int, ...] = ()
    offsets: tuple[int, ...] = ()


class _Label(NamedTuple):
    """A half-finished way along a stretch, in `state` with `tips` arms turned inside."""

    state: int
    tips: int
    backtrack_mm: int
    distance_mm: int
    passes: tuple[int, ...]


Kind = TypeVar("Kind", Way, _Label)


def ways_of_step(grid: GridProblem, needed: Counts, step: int) -> list[Way]:
    """All moves of a step that may be worth it; the options of `grid` must be those for `needed`."""
    arrays = grid.arrays
    kind, of, mark = (int(arrays.steps[step, column]) for column in (KIND, OF, MARK))
    if kind == ITEM:
        stretch = arrays.stretches[of]
        if mark or stretch[ALL_WALKED] or stretch[LOW_STEP_IN] or stretch[HIGH_STEP_IN]:
            return _ways_along(grid, needed, stretch)
    options = arrays.program.options[step]
    return [
        Way(int(move), int(shift), *divmod(int(cost), grid.unit))
        for move, shift, cost in options[1 : 1 + options[0, 0]][:, [MOVE, SHIFT, COST]]
    ]


def _ways_along(grid: GridProblem, needed: Counts, stretch: Ints) -> list[Way]:
    """All ways along one stretch, with every combination of step-ins from its ends."""
    arrays = grid.arrays
    points = cut_points(stretch, arrays.spots, arrays.pairs, needed, arrays.weights)
    length, pieces = int(stretch[LENGTH]), len(points)
    rows: list[list[int]] = points.tolist()
    offsets = tuple(row[POINT] for row in rows)
    low_max = min(stretch[LOW_STEP_IN], stretch[LOW_OPEN])
    high_max = min(stretch[HIGH_STEP_IN], length - stretch[HIGH_OPEN])
    lows = [row for row in range(pieces) if offsets[row] <= low_max and (row == 0 or rows[row][NEEDED])]
    highs = [pieces] + [row for row in range(1, pieces) if length - offsets[row] <= high_max and rows[row][NEEDED]]
    found: dict[tuple[int, int], list[Way]] = defaultdict(list)
    for low in lows:
        for high in highs:
            if high <= low:
                continue
            arms = (offsets[low], length - offsets[high] if high < pieces else 0)
            for label in _labels(rows, int(stretch[COUNTS]), bool(arrays.weights[BY_ARMS]), low, high):
                effect = int(effect_of(label.state, *arms))
                if effect != NO_EFFECT:
                    turned = label.tips + arms_and_ends(stretch, label.state, *arms)[0]
                    shift = label.state // 2 % 2 + SHIFT_ARM * int(turned * arrays.weights[BY_ARMS])
                    distance_mm = label.distance_mm + 2 * sum(arms)
                    way = Way(effect, shift, label.backtrack_mm, distance_mm, (*label.passes, *arms), offsets)
                    found[effect, shift].append(way)
    return [way for ways in found.values() for way in _undominated(ways)]


def _labels(rows: list[list[int]], counts: int, by_arms: bool, low: int, high: int) -> list[_Label]:
    """The ways along a stretch that leave the points up to row `low` and from `high` on to step-ins."""
    labels = [
        _Label(state_code(passes, passes, min(1, passes), 0, 0), 0, *_piece(rows[0], counts, passes), (passes,))
        for passes in range(1 if rows[0][PIECE_BLOCKED] else 3)
    ]
    for index, row in enumerate(rows[1:], 1):
        least_degree = 1 if row[NEEDED] and low < index < high else 0
        after: dict[tuple[int, int], list[_Label]] = defaultdict(list)
        for label in labels:
            for placed in range(2 if row[MAY_END] and not label.state // 2 % 2 else 1):
                for above in range(1 if row[PIECE_BLOCKED] else 3):
                    degree = label.state // 8 % 3 + above + row[START] + placed
                    state = beyond(label.state, above, degree, placed)
                    if state < 0 or degree < least_degree:
                        continue
                    tips = label.tips + (by_arms and counts and is_tip(label.state, above, degree))
                    backtrack_mm, distance_mm = _piece(row, counts, above)
                    after[state, tips].append(
                        _Label(
                            state,
                            tips,
                            label.backtrack_mm + backtrack_mm,
                            label.distance_mm + distance_mm,
                            (*label.passes, above),
                        )
                    )
        labels = [label for alike in after.values() for label in _undominated(alike)]
    return labels


def _piece(row: list[int], counts: int, passes: int) -> tuple[int, int]:
    """Backtrack and distance of passes over the piece above a point."""
    again = (passes - 1) * row[PIECE] + row[PIECE_WALKED] if passes else 0
    return counts * again, passes * row[PIECE]


def _undominated(alike: list[Kind]) -> list[Kind]:
    """Those of which no other has at most their backtrack and at most their distance."""
    kept: list[Kind] = []
    for each in sorted(alike, key=lambda each: (each.backtrack_mm, each.distance_mm)):
        if not kept or each.distance_mm < kept[-1].distance_mm:
            kept.append(each)
    return kept

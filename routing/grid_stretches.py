"""The segments and spurs of a floor with what one problem marks on them: points, history, start and ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.prepared_floor import PreparedFloor, Role, merged_by_edge
from routing.problem import EndKind, PickProblem, Policy
from routing.segment_moves import (
    ACROSS,
    ALL_WALKED,
    COUNTS,
    FIRST_BLOCKED,
    FIRST_END,
    FIRST_SPOT,
    FIRST_WALKED,
    FREE_AT,
    HIGH_DEAD,
    HIGH_END,
    HIGH_OPEN,
    HIGH_STEP_IN,
    LAST_BLOCKED,
    LAST_END,
    LAST_SPOT,
    LAST_WALKED,
    LENGTH,
    LOW_DEAD,
    LOW_END,
    LOW_OPEN,
    LOW_STEP_IN,
    SPOT_COLUMNS,
    START_AT,
    START_DEGREE,
    START_SIDE,
    STRETCH_COLUMNS,
    Ints,
)
from warehouse.floor import EdgeKind, Spot


@dataclass(frozen=True, slots=True)
class Marks:
    """What a problem marks on a floor; `on_item` has the points of every item where something may be picked.

    Each of them with its offset from the item's low end.
    """

    prepared: PreparedFloor
    problem: PickProblem
    policy: Policy
    start: Spot
    ends: tuple[Spot, ...]
    on_item: Mapping[int, Sequence[tuple[int, Spot]]]


def item_at(prepared: PreparedFloor, spot: Spot) -> tuple[int, int] | None:
    """(item, offset from its low end) of a point on a segment or spur; None at crossings and in gaps."""
    node = prepared.floor.node_at(spot)
    if node is not None:
        item = prepared.leaf.get(node)
        if item is None:
            return None
        return item, prepared.floor.edges[prepared.item_edges[item]].length_mm
    place = prepared.places[spot.edge]
    if place.role is Role.GAP:
        return None
    return place.item, prepared.item_offset(place.item, spot.offset_mm)


def stretch_rows(marks: Marks, end_cost: int, surcharge: Mapping[int, int]) -> tuple[Ints, Ints, Ints]:
    """The items of the floor, the points on them and intervals: `stretches`, `spots` and `pairs` of `segment_moves`.

    Points come in the order of `marks.on_item`, of each item from its low end on.

    Parameters
    ----------
    marks
        What to mark.
    end_cost
        What entering or leaving an aisle costs.
    surcharge
        What it costs on top, by edge.
    """
    prepared, walked = marks.prepared, _walked(marks)
    table = _plain_rows(marks)
    _add_ends(marks, table, end_cost)
    for edge, cost in surcharge.items():
        table[prepared.places[edge].item, [LOW_END, HIGH_END]] += cost
    pairs = [prepared.blocked_at]
    size = len(prepared.blocked_at)
    for item, before in walked.items():
        table[item, ALL_WALKED] = _covered(before, int(prepared.length[item]))
        table[item, FIRST_WALKED], table[item, LAST_WALKED] = size, size + len(before)
        size += len(before)
        pairs.append(np.array(before, np.int64))
    for item, offsets in _ends_on_items(marks).items():
        table[item, FIRST_END], table[item, LAST_END] = size, size + len(offsets)
        size += len(offsets)
        pairs.append(np.array(sorted(offsets), np.int64))
    spots: list[tuple[int, int, int]] = []
    for item, points in marks.on_item.items():
        table[item, FIRST_SPOT], table[item, LAST_SPOT] = len(spots), len(spots) + len(points)
        for offset, spot in sorted(points):
            spots.append((offset, _covered(walked.get(item, ()), offset), spot.side))
    return table, np.array(spots, np.int64).reshape(-1, SPOT_COLUMNS), np.concatenate(pairs)


def marked_stretches(stretches: Ints) -> NDArray[np.bool_]:
    """Which stretches hold the start or an end."""
    marked: NDArray[np.bool_] = (stretches[:, START_AT] >= 0) | (stretches[:, FIRST_END] < stretches[:, LAST_END])
    return marked


def _plain_rows(marks: Marks) -> Ints:
    """The rows of `stretches` with the floor and the start alone."""
    prepared, step_in_mm = marks.prepared, marks.policy.step_in_mm
    table = np.zeros((len(prepared.item_edges), STRETCH_COLUMNS), np.int64)
    table[:, LENGTH], table[:, COUNTS] = prepared.length, prepared.backtrack_counts
    table[:, LOW_OPEN], table[:, HIGH_OPEN] = prepared.low_open, prepared.high_open
    table[:, LOW_STEP_IN] = np.minimum(prepared.low_step_in_max, step_in_mm)
    table[:, HIGH_STEP_IN] = np.minimum(prepared.high_step_in_max, step_in_mm)
    table[:, FIRST_BLOCKED], table[:, LAST_BLOCKED] = prepared.first_blocked[:-1], prepared.first_blocked[1:]
    table[:, START_AT], table[:, START_DEGREE] = -1, 2 if marks.problem.end.kind is EndKind.START else 1
    table[:, ACROSS], table[:, FREE_AT] = prepared.across, prepared.free_at
    at = item_at(prepared, marks.start)
    if at is not None:
        table[at[0], START_AT], table[at[0], START_SIDE] = at[1], marks.start.side
    return table


def _ends_on_items(marks: Marks) -> dict[int, set[tuple[int, int]]]:
    """For every item the offsets and sides where the walk may end."""
    ends: dict[int, set[tuple[int, int]]] = {}
    for spot in marks.ends:
        where = item_at(marks.prepared, spot)
        if where is not None:
            ends.setdefault(where[0], set()).add((where[1], spot.side))
    return ends


def _add_ends(marks: Marks, table: Ints, end_cost: int) -> None:
    """Fill in what it costs to enter and leave aisles, and where nothing else meets at their ends."""
    prepared, floor = marks.prepared, marks.prepared.floor
    start = floor.node_at(marks.start)
    for item, index in enumerate(prepared.item_edges):
        edge, place = floor.edges[index], prepared.places[index]
        if edge.kind is not EdgeKind.AISLE:
            continue
        nodes = (edge.head, edge.tail) if place.turned else (edge.tail, edge.head)
        for node, end, dead in zip(nodes, (LOW_END, HIGH_END), (LOW_DEAD, HIGH_DEAD), strict=True):
            alone = len(floor.incident[node]) == 1
            table[item, end] = 0 if alone else end_cost
            table[item, dead] = alone and node != start and place.role is Role.SEGMENT


def _walked(marks: Marks) -> dict[int, list[tuple[int, int]]]:
    """For items of aisle floor the parts walked before, from the item's low end."""
    prepared = marks.prepared
    walked: dict[int, list[tuple[int, int]]] = {}
    history = merged_by_edge(tuple((each.edge, each.from_mm, each.to_mm) for each in marks.problem.walked))
    for edge, pairs in history.items():
        item = prepared.places[edge].item
        if item >= 0 and prepared.floor.edges[edge].kind is EdgeKind.AISLE:
            turned = [sorted(prepared.item_offset(item, mm) for mm in pair) for pair in pairs]
            walked[item] = sorted((low, high) for low, high in turned)
    return walked


def _covered(pairs: Iterable[tuple[int, int]], before: int) -> int:
    """How much of the floor below `before` lies in intervals that do not overlap."""
    return sum(max(0, min(high, before) - low) for low, high in pairs)

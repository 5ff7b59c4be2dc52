"""What a half-finished walk over a grid floor can look like, column by column.

Problem
    Cut a walk on a floor of parallel aisles along one column of crossings. Of the part to the left, the
    part to the right only needs to know, for each crossing of the column, whether its degree so far is
    nought, odd or even, and which crossings hang together.
Method
    A state is that knowledge. All states reachable from the empty floor are enumerated once for a number
    of rows, together with what every move makes of every state. Starts and ends are half edges: one adds
    1 to the degree of its crossing, a tour that starts and ends in one place adds 2, so every crossing
    left behind needs an even degree and every component has to be led on, until one remains and closes.
Complexity
    6, 24, 112, 568 and 3,032 states for 2 to 6 rows when the walk ends where it starts (the closed state
    is one more), each with at most three moves a gap and seven a segment; about four times as many
    when it ends elsewhere.
Limits
    Undirected floors only. Labels are stored in three bits, so at most 7 rows.
Source
    Ratliff and Rosenthal, Operations Research 31(3), 1983 (two rows); Roodbergen and de Koster, European
    Journal of Operational Research 133(1), 2001 (three); Cambazard and Catusse, European Journal of
    Operational Research 270(2), 2018 (any number).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.int8]
Table = NDArray[np.int32]

ROWS_MAX = 7  # component labels take three bits of a state's code


class Effect(IntEnum):
    """What the passes inside one segment add: degrees at its low and high end, and whether they meet.

    The names read low end first: 0 nothing, 1 an odd number of passes, 2 an even one. `APART` ends do
    not hang together through the segment, `JOINED` ends do. `INSIDE` is a whole tour that never leaves it.
    """

    NONE = 0
    HIGH_2 = 1
    LOW_2 = 2
    APART_22 = 3
    JOINED_11 = 4
    JOINED_22 = 5
    INSIDE = 6
    LOW_1 = 7
    HIGH_1 = 8
    APART_11 = 9
    APART_12 = 10
    APART_21 = 11
    JOINED_12 = 12
    JOINED_21 = 13


class Shape(NamedTuple):
    """An effect taken apart."""

    low: int
    high: int
    joined: bool


SHAPES: dict[Effect, Shape] = {
    Effect.NONE: Shape(0, 0, False),
    Effect.HIGH_2: Shape(0, 2, False),
    Effect.LOW_2: Shape(2, 0, False),
    Effect.APART_22: Shape(2, 2, False),
    Effect.JOINED_11: Shape(1, 1, True),
    Effect.JOINED_22: Shape(2, 2, True),
    Effect.LOW_1: Shape(1, 0, False),
    Effect.HIGH_1: Shape(0, 1, False),
    Effect.APART_11: Shape(1, 1, False),
    Effect.APART_12: Shape(1, 2, False),
    Effect.APART_21: Shape(2, 1, False),
    Effect.JOINED_12: Shape(1, 2, True),
    Effect.JOINED_21: Shape(2, 1, True),
}
NUM_EFFECTS = len(Effect)
CLOSED_EFFECTS = tuple(effect for effect in Effect if effect <= Effect.INSIDE)
NODE_EFFECTS = (Effect.NONE, Effect.LOW_2, Effect.LOW_1, Effect.INSIDE)


@dataclass(frozen=True)
class StateGraph:
    """All states of a floor with `rows` cross aisles, and what every move makes of them.

    Moves come in tables: `segment_table(block)`, `node_table(row)` and `gap_table(row)` say which.
    `next[table, move, state]` is the state after the move, -1 where it is not allowed. Moves of segments
    and nodes are `Effect`s, moves of gaps are the number of passes (0, 1 or 2). `odd[state]` has a bit for each
    row whose crossing has an odd degree.
    """

    rows: int
    next: Table
    odd: NDArray[np.int64]
    empty: int
    done: int

    @property
    def num_states(self) -> int:
        """How many states there are, the empty and the closed one among them."""
        return int(self.next.shape[2])

    def segment_table(self, block: int) -> int:
        """The table of the segment between rows `block` and `block + 1`."""
        return block

    def node_table(self, row: int) -> int:
        """The table of what is added at the crossing of `row` alone."""
        return self.rows - 1 + row

    def gap_table(self, row: int) -> int:
        """The table of the cross-aisle gap that leads on from `row` to the next column."""
        return 2 * self.rows - 1 + row


@dataclass(frozen=True)
class _States:
    """States as arrays: degree (0, 1 odd, 2 even) and component label of each row; closed or not."""

    degree: Degrees
    label: Degrees
    done: NDArray[np.bool_]

    def pick(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "_States":
        return _States(self.degree[index], self.label[index], self.done[index])

    def codes(self) -> NDArray[np.int64]:
        """One number a state; equal states have equal numbers because labels are canonical."""
        code = self.done.astype(np.int64)
        for row in range(self.degree.shape[1]):
            code = (code << 5) | (self.degree[:, row].astype(np.int64) << 3) | self.label[:, row]
        return code


@lru_cache(maxsize=16)
def state_graph(rows: int, *, open_walk: bool) -> StateGraph:
    """All reachable states of a floor with `rows` cross aisles.

    Parameters
    ----------
    rows
        Number of cross aisles, 2 to 7.
    open_walk
        Whether the walk may end elsewhere than it starts.

    Returns
    -------
    StateGraph
        Built once and kept.

    Raises
    ------
    ValueError
        If there are fewer than two rows or more than seven.

    Examples
    --------
    >>> state_graph(2, open_walk=False).num_states
    7
    """
    if not 2 <= rows <= ROWS_MAX:
        raise ValueError(f"{rows} cross aisles; the sweep takes 2 to {ROWS_MAX}")
    nothing = np.zeros((1, rows), np.int8)
    known = _States(nothing, nothing, np.zeros(1, np.bool_))
    fresh = known
    while len(fresh.done):
        reached = [_reached(fresh, rows, table, move, open_walk)[0] for table, move in _moves(rows, open_walk)]
        known, fresh = _merge(known, reached)
    codes = known.codes()
    order = np.argsort(codes)
    known, codes = known.pick(order), codes[order]
    table = np.full((3 * rows - 1, NUM_EFFECTS, len(codes)), -1, np.int32)
    for index, move in _moves(rows, open_walk):
        after, allowed = _reached(known, rows, index, move, open_walk)
        table[index, move, allowed] = np.searchsorted(codes, after.codes())
    done = int(np.flatnonzero(known.done)[0])
    odd = (known.degree == 1) @ (1 << np.arange(rows))
    return StateGraph(rows, np.ascontiguousarray(table), odd, empty=0, done=done)


def _moves(rows: int, open_walk: bool) -> Iterator[tuple[int, int]]:
    """Every (table, move) of a floor with `rows` rows."""
    effects = tuple(Effect) if open_walk else CLOSED_EFFECTS
    for block in range(rows - 1):
        yield from ((block, effect) for effect in effects)
    for row in range(rows):
        yield from ((rows - 1 + row, effect) for effect in effects if effect in NODE_EFFECTS)
        yield from ((2 * rows - 1 + row, passes) for passes in range(3))


def _merge(known: _States, reached: list[_States]) -> tuple[_States, _States]:
    """All states known after a round, and those of them that are new."""
    everything = [known, *reached]
    together = _States(
        np.concatenate([each.degree for each in everything]),
        np.concatenate([each.label for each in everything]),
        np.concatenate([each.done for each in everything]),
    )
    _, first = np.unique(together.codes(), return_index=True)
    return together.pick(first), together.pick(first[first >= len(known.done)])


def _reached(states: _States, rows: int, table: int, move: int, open_walk: bool) -> tuple[_States, NDArray[np.bool_]]:
    """The states after a move, of those `states` that allow it, and which those are."""
    if table >= 2 * rows - 1:
        after, allowed = _after_gap(states, table - (2 * rows - 1), move)
    elif move == Effect.INSIDE:
        after, allowed = _after_tour_inside(states)
    elif table >= rows - 1:
        after, allowed = _after_effect(states, table - (rows - 1), None, SHAPES[Effect(move)])
    else:
        after, allowed = _after_effect(states, table, table + 1, SHAPES[Effect(move)])
    allowed &= _odd_components(after) <= (2 if open_walk else 0)
    return _canonical(after).pick(allowed), allowed


def _after_effect(states: _States, low: int, high: int | None, shape: Shape) -> tuple[_States, NDArray[np.bool_]]:
    degree, label = states.degree.copy(), states.label.copy()
    rows = degree.shape[1]
    added = [(low, shape.low, rows + 1)] + ([] if high is None else [(high, shape.high, rows + 2)])
    for row, passes, new_label in added:
        if passes:
            label[degree[:, row] == 0, row] = new_label
            odd = (degree[:, row] == 1) != (passes == 1)
            degree[:, row] = np.where(odd, 1, 2)
    if shape.joined and high is not None:
        moved = label == label[:, high : high + 1]
        label = np.where(moved, label[:, low : low + 1], label)
    allowed = ~states.done if shape != SHAPES[Effect.NONE] else np.ones(len(degree), np.bool_)
    return _States(degree, label, states.done), allowed


def _after_tour_inside(states: _States) -> tuple[_States, NDArray[np.bool_]]:
    untouched = ~states.done & (states.degree == 0).all(axis=1)
    return _States(states.degree, states.label, states.done | untouched), untouched


def _after_gap(states: _States, row: int, passes: int) -> tuple[_States, NDArray[np.bool_]]:
    """Leave the crossing of `row` behind, over `passes` walks to the next column."""
    degree, label = states.degree.copy(), states.label.copy()
    here = degree[:, row]
    if passes:
        allowed = here == (1 if passes == 1 else 2)
        degree[:, row] = np.where(allowed, passes, here)
        return _States(degree, label, states.done), allowed
    last = (here > 0) & ((label == label[:, row : row + 1]).sum(axis=1) == 1)
    alone = last & ((degree > 0).sum(axis=1) == 1)
    allowed = (here != 1) & (~last | alone)
    degree[:, row] = 0
    return _States(degree, label, states.done | alone), allowed


def _odd_components(states: _States) -> NDArray[np.int64]:
    """How many components of each state have an odd number of odd crossings: each holds a loose end."""
    labels = int(states.label.max(initial=0))
    count = np.zeros(len(states.done), np.int64)
    for label in range(1, labels + 1):
        count += ((states.label == label) & (states.degree == 1)).sum(axis=1) % 2
    return count


def _canonical(states: _States) -> _States:
    """The same states with components numbered from 1 in the order of their lowest rows."""
    count, rows = states.degree.shape
    index = np.arange(count)
    renamed = np.zeros((count, rows + 3), np.int8)
    following = np.ones(count, np.int8)
    label = np.zeros_like(states.label)
    for row in range(rows):
        old = states.label[:, row]
        present = states.degree[:, row] > 0
        new = present & (renamed[index, old] == 0)
        renamed[index[new], old[new]] = following[new]
        following[new] += 1
        label[:, row] = np.where(present, renamed[index, old], 0)
    return _States(states.degree, label, states.done)

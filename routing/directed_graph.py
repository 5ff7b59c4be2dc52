"""What a half-finished walk over a grid floor with one-way edges can look like, column by column.

Problem
    Cut a walk along one column of crossings. Of the part to the left, the part to the right needs to know
    how often more each crossing was entered than left, and which crossings hang together.
Method
    As in `state_graph`, with that balance in place of a parity. Balances are bounded by a cap. What a
    crossing is entered more often than left has to be led on over its gap to the right; where it is
    balanced, the gap may be passed once each way or not at all.
Complexity
    12 states for 2 rows and a cap of 3, 88 for 3 rows, 810 for 4; about five times as many where the walk
    ends elsewhere than it starts.
Limits
    Walks with larger balances are not looked at: what is found with these states can be walked, but need
    not be best (see `directed_states` for what is).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from routing.directed_frontier import Labels, canonical
from routing.directed_options import (
    BOTH,
    END,
    GAP_BOTH,
    HIGH,
    INSIDE,
    JOINED,
    LOW,
    NONE,
    START,
    flow_move,
)
from routing.state_graph import StateGraph

START_PLACED, END_PLACED = 1, 2


@dataclass(frozen=True, slots=True)
class _State:
    """Balances and labels of a column; `ends` is 1 if the start of an open walk is placed, plus 2 for its end."""

    balances: tuple[int, ...]
    labels: Labels
    ends: int = 0
    done: bool = False


@lru_cache(maxsize=8)
def directed_graph(rows: int, cap: int, *, open_walk: bool) -> StateGraph:
    """All reachable states with `rows` cross aisles and balances up to `cap`; tables are as in `StateGraph`."""
    empty = _State((0,) * rows, (0,) * rows, 0 if open_walk else START_PLACED | END_PLACED)
    number = {empty: 0}
    found: list[tuple[int, int, int, int]] = []
    queue = [empty]
    for state in queue:
        for table, move, after in _moves(state, rows, cap):
            if max(map(abs, after.balances)) > cap:
                continue
            if after not in number:
                number[after] = len(number)
                queue.append(after)
            found.append((table, move, number[state], number[after]))
    moves = INSIDE + 2 * cap + 1
    tables = np.full((3 * rows - 1, moves, len(number)), -1, np.int32)
    for table, move, before, then in found:
        tables[table, move, before] = then
    odd = [sum(balance % 2 << row for row, balance in enumerate(state.balances)) for state in number]
    return StateGraph(rows, tables, np.array(odd, np.int64), empty=0, done=number[_done(rows)])


def _done(rows: int) -> _State:
    """The walk is whole and left behind."""
    return _State((0,) * rows, (0,) * rows, START_PLACED | END_PLACED, done=True)


def _moves(state: _State, rows: int, cap: int) -> Iterator[tuple[int, int, _State]]:
    """Every (table, move, state after it)."""
    for table in range(2 * rows - 1):
        yield table, NONE, state
        if not state.done and not any(state.labels) and state.ends == START_PLACED | END_PLACED:
            yield table, INSIDE, _done(rows)
    for row in range(rows):
        uncrossed = _uncrossed(state, row)
        if uncrossed is not None:
            yield 2 * rows - 1 + row, NONE, uncrossed
        if state.balances[row]:
            yield 2 * rows - 1 + row, flow_move(GAP_BOTH, state.balances[row], cap), state
        elif state.labels[row]:
            yield 2 * rows - 1 + row, GAP_BOTH, state
    if not state.done:
        for row in range(rows):
            yield from ((rows - 1 + row, move, after) for move, after in _at_crossing(state, row))
        for block in range(rows - 1):
            yield from ((block, move, after) for move, after in _on_segment(state, block, cap))


def _on_segment(state: _State, block: int, cap: int) -> Iterator[tuple[int, _State]]:
    yield LOW, _touched(state, block)
    yield HIGH, _touched(state, block + 1)
    yield BOTH, _touched(_touched(state, block), block + 1)
    yield JOINED, _joined(state, block, 0)
    for flow in range(1, cap + 1):
        yield flow_move(INSIDE, flow, cap), _joined(state, block, flow)
        yield flow_move(INSIDE, -flow, cap), _joined(state, block, -flow)


def _at_crossing(state: _State, row: int) -> Iterator[tuple[int, _State]]:
    yield LOW, _touched(state, row)
    if not state.ends & START_PLACED:
        yield START, replace(_touched(state, row, 1), ends=state.ends | START_PLACED)
    if not state.ends & END_PLACED:
        yield END, replace(_touched(state, row, -1), ends=state.ends | END_PLACED)
    if not state.ends:
        yield BOTH, replace(_touched(state, row), ends=START_PLACED | END_PLACED)


def _touched(state: _State, row: int, added: int = 0) -> _State:
    """The state after a crossing was come by, and entered so often more than left."""
    labels, balances = list(state.labels), list(state.balances)
    labels[row] = labels[row] or len(labels) + 1
    balances[row] += added
    return replace(state, balances=tuple(balances), labels=canonical(tuple(labels)))


def _joined(state: _State, block: int, flow: int) -> _State:
    """The state after a segment with this flow upwards."""
    both = _touched(_touched(state, block, -flow), block + 1, flow)
    low, high = both.labels[block], both.labels[block + 1]
    return replace(both, labels=canonical(tuple(low if label == high else label for label in both.labels)))


def _uncrossed(state: _State, row: int) -> _State | None:
    """The state after a gap that is not passed; None where something would be left behind."""
    label = state.labels[row]
    if state.balances[row]:
        return None
    if not label:
        return state
    labels = tuple(0 if index == row else each for index, each in enumerate(state.labels))
    if label in labels:
        return replace(state, labels=canonical(labels))
    return None if any(labels) or state.ends != START_PLACED | END_PLACED else _done(len(labels))

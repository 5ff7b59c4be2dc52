"""Prices to begin with where sweeps take long: those of a floor on which walks need not hang together.

Problem
    On many cross aisles a sweep at prices takes milliseconds, and good prices take hundreds of sweeps.
Method
    States that agree in which crossings have an odd degree are taken for one: for five cross aisles 32 are left of
    568. Every walk is still one, so bounds hold, and what is best for these few states is nearly best for all.
Complexity
    That of `line_prices` with 2**cross aisles states.
Limits
    The bound at these prices knows nothing of what hangs together; a sweep over all states at them does.
Source
    State space relaxation: Christofides, Mingozzi and Toth, Networks 11(2), 1981.
"""

import numpy as np

from routing.better_walks import Allowance
from routing.line_prices import Floats, room_for
from routing.price_search import PriceSearch
from routing.segment_moves import Ints
from routing.ways import Ways

ITERATIONS = 25  # between two looks at whether prices still get better


def rough_prices(ways: Ways, odd: Ints, search: PriceSearch, goal: int, allowance: Allowance) -> Floats:
    """The best prices found for the few states.

    Parameters
    ----------
    ways
        Of all states.
    odd
        For every state which crossings have an odd degree, as bits.
    search
        Where to begin; its prices are used as room to work in.
    goal
        Bounds above it are of no use, counted as in `search`.
    allowance
        How long it may take.
    """
    rough = _merged(ways, odd)
    rough_search = PriceSearch(
        search.prices, room_for(rough, int(odd.max()) + 1), search.best, search.scale, search.dearest
    )
    while not rough_search.is_over and rough_search.bound < goal and allowance.left_s() > 0:
        rough_search.go_on(rough, goal, ITERATIONS, allowance)
    return rough_search.best


def _merged(ways: Ways, odd: Ints) -> Ways:
    """The same ways between states that are alike in `odd`."""
    tables, moves, _ = ways.hop_first.shape
    many = int(odd.max()) + 1
    hop_first, codes, size = np.zeros_like(ways.hop_first), [], 0
    for table in range(tables):
        for move in range(moves):
            first, last = ways.hop_first[table, move]
            codes.append(np.unique(odd[ways.hops[first:last, 0]] * many + odd[ways.hops[first:last, 1]]))
            hop_first[table, move] = size, size + len(codes[-1])
            size += len(codes[-1])
    hops = np.stack(np.divmod(np.concatenate(codes), many), axis=1).astype(np.int32)
    return ways._replace(
        hop_first=hop_first,
        hops=np.ascontiguousarray(hops),
        empty=int(odd[ways.empty]),
        done=int(odd[ways.done]),
    )

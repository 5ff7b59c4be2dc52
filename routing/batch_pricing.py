"""What it costs to walk for a set of orders, compiled, each set worked out once.

Problem
    A search among batches asks for the price of the same and of slightly changed sets of orders millions
    of times.
Method
    The floor is written as one program for the sweep with every point of every order. The price of a set
    is one sweep with the points it needs: exact where every line lies in one place. A line that can be
    had at several points is served on stretches of floor that others need anyway; for the rest stretches
    are opened one by one, that which serves most lines a metre first, and closed again where later ones
    make them superfluous. Every set priced is remembered with its members, for the search to find its
    price again and for `batch_partition` to choose from.
Complexity
    A few nanoseconds a state, move and step of the sweep; one look into the memory for a set known.
Limits
    The walk starts and may end at crossings alone, and distance is measured. With several points for a line
    the price is that of one good choice, not of the best, and how many units lie at a point is not looked at.
    Sets are told apart by random 62-bit numbers added up by XOR: among a million sets two are taken for one
    with a chance of about 1 in 10**7.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiled import compiled, compiled_part
from routing.grid_arrays import CROSSING, ITEM, KIND, MARK, OF, SPOT, refresh_crossing
from routing.grid_problem import GridProblem
from routing.segment_moves import LENGTH, Ints, plain_options
from routing.sweep import Program, sweep

NOBODY = -1
"""Fills the rows of members behind the last one."""

SET_KEY, SET_COST = range(2)
OPENED, VOTES, LINES, TRIAL = range(4)
UNKNOWN = -1
NAME, SIZES = range(2)


class Orders(NamedTuple):
    """What every order needs and how much room it takes.

    Order o has the lines from `first_line[o]` up to `first_line[o + 1]`, line k can be had at the points
    `spots[first_spot[k]:first_spot[k + 1]]`. `sizes` has shape (orders, measures), `capacity` (measures,).
    """

    first_line: Ints
    first_spot: Ints
    spots: Ints
    sizes: Ints
    capacity: Ints


class Pricing(NamedTuple):
    """All that is needed to price a set, in few arrays, since compiled code takes each as a bundle.

    `program`, `steps`, `stretches`, `spots`, `weights` and `spot_step` are those of the grid. `needs[o]` is where
    order o's lines begin and `needs[o + 1]` where they end, each the number of its points and then these.
    `sizes` has a row an order, its `NAME` (a random number) and from column `SIZES` on its room; the last
    row is the capacity. Of the memory, `rows[key modulo its length]`, or one of the places behind it, is
    1 + the row of a set, 0 where there is none; `sets` has a row a set, its `SET_KEY` and `SET_COST`,
    `members` its orders; `sets[-1, SET_KEY]` holds how many rows are filled. The rest is room to work in.
    """

    program: Program
    steps: Ints
    stretches: Ints
    spots: Ints
    weights: Ints
    spot_step: Ints
    needs: Ints
    sizes: Ints
    rows: NDArray[np.int32]
    sets: Ints
    members: NDArray[np.int16]
    needed: NDArray[np.int32]
    forward: Ints
    work: Ints

    @property
    def num_orders(self) -> int:
        """How many orders there are."""
        return len(self.sizes) - 1

    @property
    def num_sets(self) -> int:
        """How many sets are remembered."""
        return int(self.sets[-1, SET_KEY])


def new_pricing(grid: GridProblem, orders: Orders, *, sets_max: int, seed: int = 0) -> Pricing:
    """Get ready to price sets of orders.

    Parameters
    ----------
    grid
        With all points of all orders; its crossings are refreshed.
    orders
        Points are numbered as in `grid`.
    sets_max
        How many sets are remembered.
    seed
        Of the numbers by which sets are told apart.

    Raises
    ------
    ValueError
        If the walk starts or has a fixed end inside an aisle.
    """
    arrays = grid.arrays
    if arrays.steps[arrays.steps[:, KIND] == ITEM, MARK].any():
        raise ValueError("the walk starts or ends inside an aisle")
    num_orders, num_lines = len(orders.sizes), len(orders.first_spot) - 1
    assert num_orders < 1 << 15, "the rows of members hold small numbers"
    sizes = np.zeros((num_orders + 1, SIZES + orders.sizes.shape[1]), np.int64)
    sizes[:-1, NAME] = np.random.default_rng(seed).integers(1 << 62, size=num_orders)
    sizes[:-1, SIZES:], sizes[-1, SIZES:] = orders.sizes, orders.capacity
    return Pricing(
        program=arrays.program,
        steps=arrays.steps,
        stretches=arrays.stretches,
        spots=arrays.spots,
        weights=arrays.weights,
        spot_step=arrays.spot_step,
        needs=_needs(orders),
        sizes=sizes,
        rows=np.zeros(1 << (2 * sets_max - 1).bit_length(), np.int32),
        sets=np.zeros((sets_max + 1, 2), np.int64),
        members=np.full((sets_max, members_max(orders)), NOBODY, np.int16),
        needed=np.zeros(grid.num_spots, np.int32),
        forward=grid.new_costs(),
        work=np.zeros((4, max(num_lines, len(arrays.steps), num_orders)), np.int64),
    )


def _needs(orders: Orders) -> Ints:
    """The lines of all orders as `Pricing` keeps them."""
    rows: list[int] = []
    begins = []
    for first, last in zip(orders.first_line[:-1], orders.first_line[1:], strict=True):
        begins.append(len(rows))
        for line in range(first, last):
            points = orders.spots[orders.first_spot[line] : orders.first_spot[line + 1]].tolist()
            rows += [len(points), *points]
    begins.append(len(rows))
    return np.array([*(len(begins) + each for each in begins), *rows], np.int64)


def members_max(orders: Orders) -> int:
    """How many orders go on one cart at most."""
    most = len(orders.sizes)
    for sizes, room in zip(orders.sizes.T, orders.capacity, strict=True):
        most = min(most, int(np.searchsorted(np.cumsum(np.sort(sizes)), room, side="right")))
    return max(1, most)


def floor_shares(pricing: Pricing) -> NDArray[np.float32]:
    """How much of every order lies on each step's floor, each order's of length 1; shape (orders, steps)."""
    shares = np.zeros((pricing.num_orders, len(pricing.steps)), np.float32)
    needs, spot_step = pricing.needs, pricing.spot_step
    for order in range(pricing.num_orders):
        at = needs[order]
        while at < needs[order + 1]:
            shares[order, spot_step[needs[at + 1 : at + 1 + needs[at]]]] += 1 / needs[at]
            at += 1 + needs[at]
    lengths = np.sqrt((shares**2).sum(axis=1, keepdims=True))
    return np.asarray(shares / np.maximum(lengths, 1e-6), np.float32)


def keep_sets(pricing: Pricing, kept: NDArray[np.intp]) -> None:
    """Forget all sets but these rows."""
    size = len(kept)
    pricing.sets[:size], pricing.members[:size] = pricing.sets[kept], pricing.members[kept]
    pricing.sets[-1, SET_KEY] = size
    _enter(pricing.rows, pricing.sets, size)


@compiled(makes_arrays=True)
def _enter(rows: NDArray[np.int32], sets: Ints, size: int) -> None:
    """Enter the first `size` sets into the empty table of rows."""
    rows[:] = 0
    mask = len(rows) - 1
    for row in range(size):
        place = (sets[row, SET_KEY] >> 7) & mask
        while rows[place]:
            place = (place + 1) & mask
        rows[place] = row + 1


@compiled_part
def known_price(rows: NDArray[np.int32], sets: Ints, key: int) -> int:
    """The price of the set whose names add up to `key`, `UNKNOWN` if it has not been worked out."""
    mask = len(rows) - 1
    place = (key >> 7) & mask
    while rows[place]:
        row = rows[place] - 1
        if sets[row, SET_KEY] == key:
            return int(sets[row, SET_COST])
        place = (place + 1) & mask
    return UNKNOWN


@compiled_part
def new_price(pricing: Pricing, size: int, key: int) -> int:
    """Work out the price of the first `size` orders in `work[TRIAL]`, whose names add up to `key`, and remember it."""
    rows, sets, members = pricing.rows, pricing.sets, pricing.members
    cost = walk_price(pricing, size)
    row = sets[-1, SET_KEY]
    if row < len(sets) - 1:
        sets[-1, SET_KEY] = row + 1
        mask = len(rows) - 1
        place = (key >> 7) & mask
        while rows[place]:
            place = (place + 1) & mask
        rows[place] = row + 1
        sets[row, SET_KEY], sets[row, SET_COST] = key, cost
        for at in range(members.shape[1]):
            members[row, at] = pricing.work[TRIAL, at] if at < size else NOBODY
    return cost


@compiled
def walk_price(pricing: Pricing, size: int) -> int:
    """The cost of the walk for the first `size` orders in `work[TRIAL]`, as the module says."""
    needs, needed, work, steps = pricing.needs, pricing.needed, pricing.work, pricing.steps
    for spot in range(len(needed)):
        needed[spot] = 0
    num_open = 0
    for member in range(size):
        order = work[TRIAL, member]
        at, end = needs[order], needs[order + 1]
        while at < end:
            if needs[at] == 1:
                needed[needs[at + 1]] = 1
            else:
                work[LINES, num_open] = at
                num_open += 1
            at += 1 + needs[at]
    if num_open:
        _choose_points(needs, needed, pricing.spot_step, steps, pricing.stretches, work, num_open)
    options = pricing.program.options
    for step in range(len(steps)):
        kind, spot = steps[step, KIND], steps[step, SPOT]
        if kind == ITEM:
            plain_options(pricing.stretches[steps[step, OF]], pricing.spots, needed, pricing.weights, options, step)
        elif kind == CROSSING and spot >= 0:
            refresh_crossing(steps[step], needed, pricing.weights, options, step)
    return sweep(pricing.program, pricing.forward)


@compiled_part(makes_arrays=True)
def _choose_points(
    needs: Ints, needed: NDArray[np.int32], spot_step: Ints, steps: Ints, stretches: Ints, work: Ints, num_open: int
) -> None:
    """Mark in `needed` a point for each of the first `num_open` lines in `work[LINES]`."""
    opened, votes = work[OPENED], work[VOTES]
    opened[:] = 0
    for spot in range(len(needed)):
        if needed[spot]:
            opened[spot_step[spot]] = 1
    left = _unserved(needs, spot_step, work, num_open)
    while left:
        opened[_most_served(votes, steps, stretches)] = 2
        left = _unserved(needs, spot_step, work, num_open)
    for step in range(len(steps)):
        if opened[step] == 2:
            opened[step] = 0
            if _unserved(needs, spot_step, work, num_open):
                opened[step] = 2
    for line in range(num_open):
        at = work[LINES, line]
        for choice in range(at + 1, at + 1 + needs[at]):
            if opened[spot_step[needs[choice]]]:
                needed[needs[choice]] = 1
                break


@compiled_part
def _most_served(votes: Ints, steps: Ints, stretches: Ints) -> int:
    """The step that would serve most lines a mm."""
    best, best_worth = -1, 0.0
    for step in range(len(steps)):
        if votes[step]:
            length = stretches[steps[step, OF], LENGTH] if steps[step, KIND] == ITEM else 1
            worth = votes[step] / max(1, length)
            if worth > best_worth:
                best, best_worth = step, worth
    return best


@compiled_part
def _unserved(needs: Ints, spot_step: Ints, work: Ints, num_open: int) -> int:
    """Count the lines that no opened step serves, and for every step in `VOTES` those it would serve."""
    work[VOTES] = 0
    left = 0
    for line in range(num_open):
        at = work[LINES, line]
        served = False
        for choice in range(at + 1, at + 1 + needs[at]):
            if work[OPENED, spot_step[needs[choice]]]:
                served = True
                break
        if not served:
            left += 1
            for choice in range(at + 1, at + 1 + needs[at]):
                work[VOTES, spot_step[needs[choice]]] += 1
    return left

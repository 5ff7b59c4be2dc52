"""Which orders share a cart.

Problem
    Carts have a number of totes and a load. Every order goes in totes of its own. Put the orders on as
    few carts as can be, so that orders on one cart can be picked from the same aisles.
Method
    1. Totes: the units of an order go first-fit into totes, the largest first. An order too large for
       one cart is split over several: its items are sorted by where they lie and fill cart after cart,
       an item's units being split where a cart ends.
    2. Batches: every item can be had from a set of aisle edges. A batch grows from the order with the
       most items; the edges it is expected to walk are those of a greedy cover (the edge that serves
       most items per metre first). Next comes the order that saves most per tote: what it would need to
       walk alone, less what it adds to the cover. This is the saving of Clarke and Wright (1964), grown
       batch by batch, with a price that knows goods lie in many bins.
    3. Several starts, with other first orders, are tried; the fewest batches with the shortest expected
       walk win.
Complexity
    O(S * N * E) for S starts, N items and E aisle edges, as array operations.
Limits
    The price is an estimate of aisle floor walked: it leaves out cross aisles and how many units lie in
    each bin. How units lie beside each other in a tote is not worked out; a tote counts as full by
    volume, and no unit is larger than a tote.
Source
    Clarke, G. and Wright, J. W. (1964). Scheduling of vehicles from a central depot to a number of
    delivery points. Operations Research 12(4). De Koster, R. et al. (1999). Efficient orderbatching
    methods in warehouses. International Journal of Production Research 37(7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from warehouse.bins import Cart
from warehouse.floor import EdgeKind, Floor

NUM_STARTS_MIN, NUM_STARTS_MAX = 6, 60
"""Starts tried: on a day of 126 orders sixty take a second or two, and 2 % less is walked than with six."""

LOADS_IN_ALL = 8_000
"""Loads put on carts over all starts; more orders get fewer starts, so that time grows slowly."""


class Batching(StrEnum):
    """How orders come to share a cart."""

    SAVINGS = "savings"
    ONE_ORDER = "one_order_per_run"


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` equal units of an order, with the floor edges they can be picked from."""

    quantity: int
    unit_volume_mm3: int
    unit_weight_g: int
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ToteShare:
    """`quantity` units of the order's item number `item` in one tote."""

    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Load:
    """An order, or a part of one, that travels on one cart: the contents of each of its totes."""

    order: int
    totes: tuple[tuple[ToteShare, ...], ...]
    weight_g: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """`quantity` units of an order's item that no cart can take, and why."""

    order: int
    item: int
    quantity: int
    why: str


@dataclass(frozen=True, slots=True)
class Batches:
    """Loads that share a cart, batch by batch, and what no cart can take."""

    batches: tuple[tuple[Load, ...], ...]
    misfits: tuple[Misfit, ...]


def make_batches(
    orders: Sequence[Sequence[Item]],
    floor: Floor,
    cart: Cart,
    *,
    batching: Batching = Batching.SAVINGS,
    seed: int = 0,
) -> Batches:
    """Put orders on carts.

    Parameters
    ----------
    orders
        The items of every order; `Load.order` counts in this list.
    floor
        Where the edges of the items lie.
    cart
        What one cart holds.
    batching
        Share carts by savings, or let every order (every part of a split one) go alone.
    seed
        The same seed gives the same batches.

    Returns
    -------
    Batches
        Every unit is in exactly one load or misfit.
    """
    loads: list[Load] = []
    misfits: list[Misfit] = []
    for number, items in enumerate(orders):
        fitting = []
        for index, item in enumerate(items):
            why = misfit(item, cart)
            if why is None:
                fitting.append(index)
            else:
                misfits.append(Misfit(number, index, item.quantity, why))
        loads.extend(_loads_of(number, items, fitting, floor, cart))
    if batching is Batching.ONE_ORDER:
        return Batches(tuple((load,) for load in loads), tuple(misfits))
    return Batches(_share(loads, orders, floor, cart, seed), tuple(misfits))


def misfit(item: Item, cart: Cart) -> str | None:
    """Why not even one unit of an item goes on a cart; None if it does."""
    if item.unit_volume_mm3 > cart.tote_volume_mm3:
        return "larger than a tote"
    if item.unit_weight_g > cart.load_g:
        return "heavier than a cart carries"
    return None


class _OpenCart:
    """One order's totes on one cart while they are filled, each item first-fit."""

    def __init__(self, cart: Cart) -> None:
        self.cart = cart
        self.free_mm3: list[int] = []
        self.totes: list[list[ToteShare]] = []
        self.weight_g = 0

    def add(self, index: int, item: Item, quantity: int) -> int:
        """Put in as many of `quantity` units as go; returns how many that is."""
        room_g = self.cart.load_g - self.weight_g
        quantity = left = min(quantity, room_g // max(1, item.unit_weight_g))
        tote = 0
        while left:
            if tote == len(self.totes):
                if tote == self.cart.num_totes:
                    break
                self.totes.append([])
                self.free_mm3.append(self.cart.tote_volume_mm3)
            take = min(left, self.free_mm3[tote] // item.unit_volume_mm3)
            if take:
                self.free_mm3[tote] -= take * item.unit_volume_mm3
                self.totes[tote].append(ToteShare(index, take))
                left -= take
            tote += 1
        self.weight_g += (quantity - left) * item.unit_weight_g
        return quantity - left

    def load(self, order: int) -> Load:
        """What is on the cart."""
        return Load(order, tuple(tuple(tote) for tote in self.totes if tote), self.weight_g)


def _loads_of(order: int, items: Sequence[Item], fitting: list[int], floor: Floor, cart: Cart) -> list[Load]:
    """An order in one load if a cart takes it, else in several."""
    whole = _OpenCart(cart)
    largest_first = sorted(fitting, key=lambda index: -items[index].unit_volume_mm3)
    if all(whole.add(index, items[index], items[index].quantity) == items[index].quantity for index in largest_first):
        return [whole.load(order)] if fitting else []
    loads = []
    filling = _OpenCart(cart)
    for index in sorted(fitting, key=lambda index: _place_on_plan(items[index], floor)):
        left = items[index].quantity
        while True:
            left -= filling.add(index, items[index], left)
            if not left:
                break
            loads.append(filling.load(order))
            filling = _OpenCart(cart)
    return [*loads, filling.load(order)]


def _place_on_plan(item: Item, floor: Floor) -> tuple[int, int]:
    """Where an item lies on the plan: the middle one of its edges, left to right."""
    middles = sorted((floor.nodes[floor.edges[edge].tail].x_mm, edge) for edge in item.edges)
    return middles[len(middles) // 2] if middles else (0, -1)


def _share(
    loads: list[Load], orders: Sequence[Sequence[Item]], floor: Floor, cart: Cart, seed: int
) -> tuple[tuple[Load, ...], ...]:
    """The best batches over several starts."""
    if not loads:
        return ()
    cover = _Cover(loads, orders, floor)
    random = np.random.default_rng(seed)
    best: tuple[tuple[int, int], list[list[int]]] | None = None
    num_starts = max(NUM_STARTS_MIN, min(NUM_STARTS_MAX, LOADS_IN_ALL // len(loads)))
    for start in range(num_starts):
        noise = random.random(len(loads)) * (start > 0)
        batches = _grow_all(loads, cover, cart, noise)
        price = (len(batches), sum(cover.walk_mm(batch) for batch in batches))
        if best is None or price < best[0]:
            best = (price, batches)
    assert best is not None
    return tuple(tuple(loads[index] for index in sorted(batch)) for batch in best[1])


def _grow_all(loads: list[Load], cover: "_Cover", cart: Cart, noise: NDArray[np.float64]) -> list[list[int]]:
    """Batches grown one after another until every load is in one."""
    num_totes = np.array([len(load.totes) for load in loads])
    weight_g = np.array([load.weight_g for load in loads])
    waiting = np.ones(len(loads), dtype=bool)
    first = cover.num_items * (1 + noise)
    batches = []
    while waiting.any():
        batch = [int(np.argmax(np.where(waiting, first, -1.0)))]
        waiting[batch[0]] = False
        totes_left, load_left_g = cart.num_totes - num_totes[batch[0]], cart.load_g - weight_g[batch[0]]
        chosen = cover.extend(np.zeros(cover.num_edges, dtype=bool), batch[0])
        while True:
            fits = waiting & (num_totes <= totes_left) & (weight_g <= load_left_g)
            if not fits.any():
                break
            saved = cover.savings_mm(chosen) / num_totes
            joins = int(np.argmax(np.where(fits, saved, -np.inf)))
            waiting[joins] = False
            batch.append(joins)
            totes_left -= num_totes[joins]
            load_left_g -= weight_g[joins]
            chosen = cover.extend(chosen, joins)
        batches.append(batch)
    return batches


class _Cover:
    """Which aisle edges serve which items of which load, and what a set of edges costs to walk."""

    def __init__(self, loads: list[Load], orders: Sequence[Sequence[Item]], floor: Floor) -> None:
        aisles = [index for index, edge in enumerate(floor.edges) if edge.kind is EdgeKind.AISLE]
        column = {edge: index for index, edge in enumerate(aisles)}
        self.num_edges = len(aisles)
        self.length_mm = np.array([floor.edges[edge].length_mm for edge in aisles], dtype=np.float64)
        rows = [(owner, share.item) for owner, load in enumerate(loads) for share in _shares_once(load)]
        self.owner = np.array([owner for owner, _ in rows], dtype=np.int64)
        self.serves = np.zeros((len(rows), self.num_edges), dtype=np.float32)
        for row, (owner, item) in enumerate(rows):
            for edge in orders[loads[owner].order][item].edges:
                if edge in column:
                    self.serves[row, column[edge]] = 1
        self.num_items = np.bincount(self.owner, minlength=len(loads))
        self.rows_of = np.split(np.arange(len(rows)), np.cumsum(self.num_items)[:-1])
        none = np.zeros(self.num_edges, dtype=bool)
        self.alone_mm = np.array([self.length_mm[self.extend(none, load)].sum() for load in range(len(loads))])

    def extend(self, chosen: NDArray[np.bool_], load: int) -> NDArray[np.bool_]:
        """The edges walked once a load has joined those that walk `chosen`."""
        chosen = chosen.copy()
        serves = self.serves[self.rows_of[load]]
        left = serves[~(serves[:, chosen] > 0).any(axis=1)]
        while len(left):
            worth = left.sum(axis=0) / self.length_mm
            best = int(np.argmax(worth))
            if worth[best] == 0:
                break
            chosen[best] = True
            left = left[left[:, best] == 0]
        return chosen

    def savings_mm(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """For every load, how much less is walked when it joins those that walk `chosen`.

        What it adds is estimated in proportion to its items that `chosen` does not serve.
        """
        served = self.serves @ chosen.astype(np.float32) > 0
        num_unserved = np.bincount(self.owner, weights=~served, minlength=len(self.num_items))
        return np.asarray(self.alone_mm * (1 - num_unserved / self.num_items))

    def walk_mm(self, batch: list[int]) -> int:
        """The expected aisle floor walked for a batch."""
        chosen = np.zeros(self.num_edges, dtype=bool)
        for load in sorted(batch, key=lambda each: -self.num_items[each]):
            chosen = self.extend(chosen, load)
        return int(self.length_mm[chosen].sum())


def _shares_once(load: Load) -> list[ToteShare]:
    """The shares of a load, one for each item even where several totes hold it."""
    seen: dict[int, ToteShare] = {}
    for tote in load.totes:
        for share in tote:
            seen.setdefault(share.item, share)
    return list(seen.values())

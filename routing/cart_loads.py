"""What of an order goes on one cart: its totes, and parts of orders that are too large.

Problem
    Carts have a number of totes, a load and perhaps a number of lines. Every order goes in totes of its own. Say
    what of each order travels together, and what no cart can take.
Method
    The units of an order go first-fit into totes, the largest first. An order too large for one cart is split
    over several: its items are sorted by where they lie and fill cart after cart, an item's units being split
    where a cart ends. Where orders may always be split, they fill tote after tote in the same way, and each tote
    travels by itself; where they may never be, the whole order is left.
Complexity
    O(items * totes) an order.
Limits
    How units lie beside each other in a tote is not worked out; a tote counts as full by volume, and no unit is
    larger than a tote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from warehouse.bins import Cart
from warehouse.floor import Floor, Spot


class Splitting(StrEnum):
    """Whether an order may go on several carts: if it is too large for one, never, or wherever less is walked."""

    IF_NEEDED = "if_needed"
    NEVER = "never"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Item:
    """`quantity` equal units of an order, with the floor edges they can be picked from.

    `spots` may say where on these edges: it is looked at where some of an edge is blocked, and parts of it are
    reached from different sides.
    """

    quantity: int
    unit_volume_mm3: int
    unit_weight_g: int
    edges: tuple[int, ...]
    spots: tuple[Spot, ...] = ()


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

    @property
    def num_lines(self) -> int:
        """How many items it has something of."""
        return len(shares_once(self))


@dataclass(frozen=True, slots=True)
class Misfit:
    """`quantity` units of an order's item that no cart can take, and why."""

    order: int
    item: int
    quantity: int
    why: str


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
        self.items: set[int] = set()

    def add(self, index: int, item: Item, quantity: int) -> int:
        """Put in as many of `quantity` units as go; returns how many that is."""
        room_g = self.cart.load_g - self.weight_g
        if index not in self.items and len(self.items) == self.cart.lines_max:
            return 0
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
        if quantity > left:
            self.items.add(index)
        self.weight_g += (quantity - left) * item.unit_weight_g
        return quantity - left

    def load(self, order: int) -> Load:
        """What is on the cart."""
        return Load(order, tuple(tuple(tote) for tote in self.totes if tote), self.weight_g)


def cut_orders(
    orders: Sequence[Sequence[Item]], floor: Floor, cart: Cart, splitting: Splitting = Splitting.IF_NEEDED
) -> tuple[list[Load], list[Misfit]]:
    """All orders as what travels together, and what does not travel at all."""
    loads: list[Load] = []
    misfits: list[Misfit] = []
    for number, items in enumerate(orders):
        why = [misfit(item, cart) for item in items]
        fitting = [index for index, each in enumerate(why) if each is None]
        misfits += [Misfit(number, at, items[at].quantity, each) for at, each in enumerate(why) if each is not None]
        own = loads_of(number, items, fitting, floor, cart, splitting)
        if splitting is Splitting.NEVER and len(own) > 1:
            too_large = _too_large([items[index] for index in fitting], cart)
            misfits += [Misfit(number, index, items[index].quantity, too_large) for index in fitting]
        else:
            loads += own
    return loads, misfits


def loads_of(
    order: int,
    items: Sequence[Item],
    fitting: list[int],
    floor: Floor,
    cart: Cart,
    splitting: Splitting = Splitting.IF_NEEDED,
) -> list[Load]:
    """An order in one load if a cart takes it, else in several; by the tote if it may always be split."""
    if splitting is Splitting.ALWAYS:
        cart = replace(cart, num_totes=1)
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


def _too_large(items: Sequence[Item], cart: Cart) -> str:
    """What of an order is more than one cart takes, for one that may not be split."""
    weight_g = sum(item.quantity * item.unit_weight_g for item in items)
    if cart.lines_max is not None and len(items) > cart.lines_max:
        much = f"{len(items)} lines, a cart takes {cart.lines_max}"
    elif weight_g > cart.load_g:
        much = f"{weight_g / 1000:g} kg, a cart takes {cart.load_g / 1000:g}"
    else:
        much = f"more than the {cart.num_totes} totes of a cart"
    return f"order is not to be split: {much}"


def _place_on_plan(item: Item, floor: Floor) -> tuple[int, int]:
    """Where an item lies on the plan: the middle one of its edges, left to right."""
    middles = sorted((floor.nodes[floor.edges[edge].tail].x_mm, edge) for edge in item.edges)
    return middles[len(middles) // 2] if middles else (0, -1)


def shares_once(load: Load) -> list[ToteShare]:
    """The shares of a load, one for each item even where several totes hold it."""
    seen: dict[int, ToteShare] = {}
    for tote in load.totes:
        for share in tote:
            seen.setdefault(share.item, share)
    return list(seen.values())


def taken_of_cart(loads: Sequence[Load], cart: Cart) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What every load takes of a cart (totes, g, and lines if they are limited), and how much of each a cart has."""
    has = [cart.num_totes, cart.load_g, *([] if cart.lines_max is None else [cart.lines_max])]
    takes = [(len(load.totes), load.weight_g, load.num_lines)[: len(has)] for load in loads]
    return np.array(takes, np.int64).reshape(-1, len(has)), np.array(has, np.int64)

"""What of an order goes on one cart: its totes, and parts of orders that are too large.

Problem
    Carts have a number of totes and a load. Every order goes in totes of its own. Say what of each order travels
    together, and what no cart can take.
Method
    The units of an order go first-fit into totes, the largest first. An order too large for one cart is split
    over several: its items are sorted by where they lie and fill cart after cart, an item's units being split
    where a cart ends.
Complexity
    O(items * totes) an order.
Limits
    How units lie beside each other in a tote is not worked out; a tote counts as full by volume, and no unit is
    larger than a tote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.bins import Cart
from warehouse.floor import Floor


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


def loads_of(order: int, items: Sequence[Item], fitting: list[int], floor: Floor, cart: Cart) -> list[Load]:
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


def shares_once(load: Load) -> list[ToteShare]:
    """The shares of a load, one for each item even where several totes hold it."""
    seen: dict[int, ToteShare] = {}
    for tote in load.totes:
        for share in tote:
            seen.setdefault(share.item, share)
    return list(seen.values())

"""What the day is compared with: fixed places on the very same floor.

Every product has one fixed place. The bins are walked through in a set order, and product after product
takes a share of all bin volume in proportion to its stock; it is picked where its share begins. So
every product has room enough, the whole floor is in use, and the goods are as full or as empty
everywhere as under random storage.

- `traditional`: products in the order of their codes, bins aisle by aisle, up one and down the next; one
  order a trip, several trips where the cart is full; S-shape.
- `conventional`: the same places, orders batched to the cart, S-shape.
- `class_based`: classes by order lines: the products with the first 80 % of lines, the next 15 % and the
  rest. Class by class, and within a class by code, they take the bins in order of their way from the
  cart park; orders batched to the cart; the shortest routes there are.

All three are planned by the function that plans the live floor, with the same cart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inventory.rules.allocation import Order
from inventory.rules.pick_runs import PickArea
from inventory.rules.releasing import ReleasePlan, plan_release
from inventory.rules.stock import Goods, IntArray, Lots, Stock
from routing.batching import Batching
from routing.bin_choice import Budget
from routing.problem import Policy, PolicyName
from warehouse.distances import Distances

CLASS_A_LINES, CLASS_B_LINES = 0.8, 0.95
"""The customary bounds of an ABC analysis, as shares of all lines."""


@dataclass(frozen=True)
class Baseline:
    """A way to store and pick: where goods lie, how orders share carts, how carts are walked."""

    name: str
    stock: Stock
    batching: Batching
    policy: Policy


def baselines(goods: Goods, lots: Lots, quantity: IntArray, orders: Sequence[Order], area: PickArea) -> list[Baseline]:
    """The three baselines for a day.

    Parameters
    ----------
    goods
        The products, in any order.
    lots
        One lot for each product, in the order of `goods`.
    quantity
        Units in stock of each product.
    orders
        The day's orders; their lines make the classes.
    area
        The floor that all of them use.
    """
    by_code = np.array(sorted(range(len(goods)), key=lambda row: goods.codes[row]), dtype=np.int64)
    by_class = _by_class(goods, orders)
    code_stock = _fixed_stock(goods, lots, quantity, by_code, aisle_by_aisle(area), area)
    class_stock = _fixed_stock(goods, lots, quantity, by_class, nearest_first(area), area)
    return [
        Baseline("traditional", code_stock, Batching.ONE_ORDER, Policy(PolicyName.S_SHAPE)),
        Baseline("conventional", code_stock, Batching.SAVINGS, Policy(PolicyName.S_SHAPE)),
        Baseline("class_based", class_stock, Batching.SAVINGS, Policy(PolicyName.SHORTEST)),
    ]


def plan_baseline(
    baseline: Baseline, orders: Sequence[Order], goods: Goods, area: PickArea, *, budget: Budget, seed: int
) -> ReleasePlan:
    """The day's runs under a baseline, planned as the live floor plans them."""
    return plan_release(
        orders, baseline.stock, goods, area,
        policy=baseline.policy, batching=baseline.batching, budget=budget, seed=seed,
    )  # fmt: skip


def fixed_places(volume_mm3: IntArray, bins: IntArray, area: PickArea) -> IntArray:
    """The bin rows of fixed places.

    Parameters
    ----------
    volume_mm3
        The volume of each product's stock, in the order in which products take bins.
    bins
        Bin rows in the order in which they are taken.
    area
        Where the bins are.

    Returns
    -------
    array
        For each product, in the order given, the bin in which its share of all bin volume begins.
    """
    before = np.cumsum(volume_mm3) - volume_mm3
    share = before / max(1, int(volume_mm3.sum()))
    bin_volume = area.shelves.volume_mm3[bins]
    begins = (np.cumsum(bin_volume) - bin_volume) / int(bin_volume.sum())
    return np.asarray(bins[np.searchsorted(begins, share, side="right") - 1], dtype=np.int64)


def _fixed_stock(
    goods: Goods, lots: Lots, quantity: IntArray, products: IntArray, bins: IntArray, area: PickArea
) -> Stock:
    """Every product's stock in its fixed place, zone by zone; what no zone keeps has no place.

    Storage classes that the same bins keep share these bins in one order.
    """
    volume_mm3 = quantity * goods.volume_mm3
    sharing: dict[bytes, int] = {}
    for bit in np.unique(goods.storage_bit).tolist():
        keeps = (area.shelves.storage_bits[bins] & bit) != 0
        if keeps.any():
            sharing[keeps.tobytes()] = sharing.get(keeps.tobytes(), 0) | bit
    places = np.full(len(goods), -1, dtype=np.int64)
    for mask, bits in sharing.items():
        own = products[(goods.storage_bit[products] & bits) != 0]
        places[own] = fixed_places(volume_mm3[own], bins[np.frombuffer(mask, dtype=bool)], area)
    placed = np.flatnonzero((places >= 0) & (quantity > 0))
    return Stock(lots, places[placed], placed, quantity[placed])


def aisle_by_aisle(area: PickArea) -> IntArray:
    """Bin rows in the order of a walk through all aisles: up the first, down the second, and so on."""
    points = _points_mm(area)
    aisle_of = {x_mm: number for number, x_mm in enumerate(sorted({x_mm for x_mm, _ in points}))}

    def place(row: int) -> tuple[int, float, str]:
        x_mm, y_mm = points[row]
        number = aisle_of[x_mm]
        return number, y_mm if number % 2 == 0 else -y_mm, area.shelves.codes[row]

    return np.array(sorted(range(len(points)), key=place), dtype=np.int64)


def nearest_first(area: PickArea) -> IntArray:
    """Bin rows by their way from where runs begin, and by code among equals."""
    distance_mm = Distances(area.floor).pairs([area.start] * len(area.shelves), area.shelves.spots)
    order = sorted(range(len(distance_mm)), key=lambda row: (int(distance_mm[row]), area.shelves.codes[row]))
    return np.array(order, dtype=np.int64)


def _points_mm(area: PickArea) -> list[tuple[float, float]]:
    return [area.floor.point_mm(spot) for spot in area.shelves.spots]


def _by_class(goods: Goods, orders: Sequence[Order]) -> IntArray:
    """Product rows class by class, within a class by code."""
    lines = np.zeros(len(goods), dtype=np.int64)
    np.add.at(lines, [line.product for order in orders for line in order.lines], 1)
    rank = sorted(range(len(goods)), key=lambda row: (-int(lines[row]), goods.codes[row]))
    before = (np.cumsum(lines[rank]) - lines[rank]) / max(1, int(lines.sum()))
    label = np.empty(len(goods), dtype=np.int64)
    label[rank] = np.searchsorted([CLASS_A_LINES, CLASS_B_LINES], before, side="right")
    return np.array(sorted(rank, key=lambda row: (int(label[row]), goods.codes[row])), dtype=np.int64)

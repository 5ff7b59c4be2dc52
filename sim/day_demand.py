"""One day's orders and the products in them: from files, or generated.

Products that the product file knows have their own size. The others get a size drawn from the small
products of that file, by product code (`inventory.importing.drawn_sizes`), or from generated ones where
there is no product file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from inventory.importing import drawn_sizes
from inventory.importing.drawn_sizes import DrawnSizes
from inventory.importing.mapping import preset_for
from inventory.importing.orders import OrderFile, OrderRead, read_orders
from inventory.importing.products import ProductFile, ProductRead, read_products
from inventory.importing.rows import Progress, no_progress
from inventory.importing.table_file import open_table
from inventory.rules.allocation import Order, OrderLine
from inventory.rules.stock import NEVER_DAY, Goods, IntArray, Lots
from sim.demand import generate_orders, generate_products
from warehouse.bins import StorageClass
from warehouse.errors import ImportInvalid, Problem

NUM_ORDERS = 125
"""Orders of a generated day, as many as Online Retail's busiest real one."""

NUM_PRODUCTS = 2_500
"""Products that a generated day draws from; about 1,500 of them are then asked for."""

GENERATED_DAY = date(2026, 3, 2)


@dataclass(frozen=True)
class DayDemand:
    """A day's orders and every product in them, sorted by code; `size_rule` says where sizes come from.

    `counted` are the rows of the order file that were set aside by rule, and how many were bad.
    """

    name: str
    orders: tuple[OrderRead, ...]
    products: tuple[ProductRead, ...]
    size_rule: str
    counted: dict[str, int]

    @cached_property
    def units(self) -> Counter[str]:
        """Units asked for of every product."""
        units: Counter[str] = Counter()
        for order in self.orders:
            for line in order.lines:
                units[line.product] += line.quantity
        return units

    @cached_property
    def lines(self) -> Counter[str]:
        """Order lines of every product."""
        return Counter(line.product for order in self.orders for line in order.lines)

    @cached_property
    def volume_mm3(self) -> int:
        """The volume of everything that is asked for."""
        return sum(self.units[product.code] * product.size.volume_mm3 for product in self.products)

    def as_arrays(self) -> tuple[Goods, Lots]:
        """The products as the rules take them, and one lot for each that never expires."""
        products = self.products

        def column(values: Iterable[int]) -> IntArray:
            return np.fromiter(values, dtype=np.int64)

        goods = Goods(
            codes=tuple(product.code for product in products),
            length_mm=column(product.size.length_mm for product in products),
            width_mm=column(product.size.width_mm for product in products),
            height_mm=column(product.size.height_mm for product in products),
            weight_g=column(product.size.weight_g for product in products),
            storage_classes=tuple(product.storage_class for product in products),
            fragile=frozenset(row for row, product in enumerate(products) if product.fragile),
        )
        num = len(products)
        return goods, Lots(("1",) * num, np.arange(num), np.full(num, NEVER_DAY), np.zeros(num, dtype=np.int64))

    def as_orders(self) -> tuple[list[Order], dict[str, str]]:
        """The orders as the rules take them, and the line number behind each line's name."""
        row = {product.code: number for number, product in enumerate(self.products)}
        orders = []
        line_names = {}
        for order in self.orders:
            lines = []
            for number, line in enumerate(order.lines, 1):
                name = f"{order.number}/{number}"
                line_names[name] = str(number)
                lines.append(OrderLine(name, row[line.product], line.quantity))
            orders.append(Order(order.number, tuple(lines), order.priority, order.due_ms, order.placed_ms or 0))
        return orders, line_names


def generated_demand(*, seed: int, num_orders: int = NUM_ORDERS, num_products: int = NUM_PRODUCTS) -> DayDemand:
    """A day of the generator (`sim.demand`)."""
    catalogue = generate_products(num_products, seed=seed)
    orders = generate_orders(catalogue, num_orders, day=GENERATED_DAY, seed=seed)
    asked = {line.product for order in orders for line in order.lines}
    products = tuple(product for product in catalogue if product.code in asked)
    return DayDemand(f"generated, seed {seed}", orders, products, "generated, fitted to real small products", {})


def demand_from_files(
    orders_path: Path, products_path: Path | None, day: str | None, *, seed: int, progress: Progress = no_progress
) -> DayDemand:
    """A real day: the orders of a file that were placed on `day`, with products of another file.

    Parameters
    ----------
    orders_path, products_path
        Files that a preset fits (`docs/import.md`). Bad rows are left out and counted.
    day
        A date such as 2011-12-05, or a month or year taken as one day: 1997-12. Without it, the day
        with most lines; a file without times is one day.
    seed
        Of the sizes, where there is no product file.
    progress
        Told how many rows of the order file are read.

    Raises
    ------
    ImportInvalid
        If a file cannot be used, or no order was placed on that day.
    """
    catalogue = () if products_path is None else products_in(products_path).products
    read = orders_in(orders_path, progress)
    return demand_of(read, day, seed=seed, name=orders_path.name, catalogue=catalogue, products_path=products_path)


def demand_of(
    read: OrderFile,
    day: str | None,
    *,
    seed: int,
    name: str = "",
    catalogue: Sequence[ProductRead] = (),
    products_path: Path | None = None,
) -> DayDemand:
    """As `demand_from_files`, of an order file called `name` and products that have been read."""
    day = day or _busiest_day(read.orders)
    orders = tuple(order for order in read.orders if _placed_on(order, day))
    if not orders:
        raise ImportInvalid([Problem(name, f"no order was placed on {day}")])
    own = {product.code: product for product in catalogue}
    sizes = DrawnSizes(product.size for product in catalogue or generate_products(NUM_PRODUCTS, seed=seed))
    names = {line.product: line.name for order in orders for line in order.lines}
    products = tuple(
        own[code] if code in own else ProductRead(0, code, names[code] or code, sizes(code), StorageClass.AMBIENT, ())
        for code in sorted(names)
    )
    num_drawn = sum(code not in own for code in names)
    name = ", ".join(each for each in (name, day) if each)
    counted = {**read.counted, **({"bad_rows": len(read.problems)} if read.problems else {})}
    return DayDemand(name, orders, products, _size_rule(num_drawn, len(names), products_path), counted)


def _size_rule(num_drawn: int, num: int, path: Path | None) -> str:
    source = "generated products" if path is None else path.name
    if num_drawn == 0:
        return f"own sizes, from {source}"
    drawn = f"{drawn_sizes.RULE}, from {source}"
    return drawn if num_drawn == num else f"{num - num_drawn} own sizes; for {num_drawn} products {drawn}"


def orders_in(path: Path, progress: Progress = no_progress) -> OrderFile:
    """Read an order file that a preset fits; raise ImportInvalid if it cannot be used."""
    table = open_table(path)
    mapping = preset_for(table.header, "orders")
    if mapping is None:
        raise ImportInvalid([Problem(str(path), f"no preset fits its columns: {', '.join(table.header)}")])
    return read_orders(table, mapping, progress)


def products_in(path: Path) -> ProductFile:
    """Read a product file that a preset fits; raise ImportInvalid if it cannot be used."""
    table = open_table(path)
    mapping = preset_for(table.header, "products")
    if mapping is None:
        raise ImportInvalid([Problem(str(path), f"no preset fits its columns: {', '.join(table.header)}")])
    return read_products(table, mapping)


def _placed_on(order: OrderRead, day: str | None) -> bool:
    """Whether an order was placed on a day, month or year, in the zone of its file."""
    if day is None:
        return True
    return order.placed is not None and f"{order.placed.date().isoformat()}-".startswith(f"{day}-")


def _busiest_day(orders: Iterable[OrderRead]) -> str | None:
    """The date with most lines; None where no order has a time."""
    lines = Counter[str]()
    for order in orders:
        if order.placed is not None:
            lines[order.placed.date().isoformat()] += len(order.lines)
    return max(lines, key=lambda day: (lines[day], day)) if lines else None

"""FoodMart's year as a warehouse sees it: products with their zones and shelf lives, shipments, baskets by day."""

import csv
import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import yaml

from inventory.importing.orders import OrderRead
from inventory.work.cataloguing import NewProduct
from sim.day_demand import orders_in, products_in
from warehouse.bins import StorageClass

CLASSES = Path(__file__).parent / "food_classes.yaml"


@dataclass(frozen=True)
class FoodClass:
    """How goods are kept; without a shelf life they never expire."""

    storage_class: StorageClass
    shelf_life_days: int | None = None
    alert_days: tuple[int, ...] = ()


@dataclass(frozen=True)
class FoodYear:
    """A year of a grocer's warehouse. Units `shipped` to it, and `orders`, are by day."""

    classes: Mapping[str, FoodClass]
    products: tuple[NewProduct, ...]
    shipped: Mapping[date, Mapping[str, int]]
    orders: Mapping[date, tuple[OrderRead, ...]]

    @cached_property
    def class_of(self) -> dict[str, FoodClass]:
        """How each product is kept, by its code."""
        return {product.code: self.classes[product.category or ""] for product in self.products}

    @property
    def days(self) -> list[date]:
        """The days on which anything came or was ordered."""
        return sorted({*self.shipped, *self.orders})

    def units(self, days: Iterable[date]) -> Counter[str]:
        """Units of each product ordered on some days."""
        units: Counter[str] = Counter()
        for day in days:
            for order in self.orders.get(day, ()):
                for line in order.lines:
                    units[line.product] += line.quantity
        return units

    def of_every(self, every: int) -> "FoodYear":
        """The year of every so many-th product alone, the others never having been there."""
        products = self.products[::every]
        codes = {each.code for each in products}
        shipped = {
            day: {code: units for code, units in came.items() if code in codes} for day, came in self.shipped.items()
        }
        orders = {
            day: tuple(
                dataclasses.replace(order, lines=lines)
                for order in orders
                if (lines := [line for line in order.lines if line.product in codes])
            )
            for day, orders in self.orders.items()
        }
        return FoodYear(self.classes, products, shipped, orders)


def read_food_year(folder: Path) -> FoodYear:
    """Read FoodMart's year 1997 from the folder of its files.

    Raises
    ------
    ImportInvalid
        If a file cannot be used.
    """
    classes = read_classes(CLASSES)
    kinds = {row["product_class_id"]: row for row in _rows(folder / "product_class.csv")}
    category = {
        row["product_id"]: _class_name(kinds[row["product_class_id"]], classes) for row in _rows(folder / "product.csv")
    }
    products = tuple(
        NewProduct(
            each.code,
            each.name,
            each.size.length_mm,
            each.size.width_mm,
            each.size.height_mm,
            each.size.weight_g,
            storage_class=classes[category[each.code]].storage_class,
            barcodes=each.barcodes,
            category=category[each.code],
        )
        for each in products_in(folder / "product.csv").products
    )
    return FoodYear(classes, products, _shipments(folder), _baskets(folder))


def read_classes(path: Path) -> dict[str, FoodClass]:
    """The classes of a file, by department or by department and category."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        name: FoodClass(
            StorageClass(kept["storage_class"]), kept.get("shelf_life_days"), tuple(kept.get("alert_days", ()))
        )
        for name, kept in content.items()
    }


def _class_name(kind: Mapping[str, str], classes: Mapping[str, FoodClass]) -> str:
    """The class of a kind of product, the closest that there is."""
    department = kind["product_department"]
    closest = f"{department}/{kind['product_category']}"
    return closest if closest in classes else department


def _shipments(folder: Path) -> dict[date, Counter[str]]:
    """What all warehouses together were shipped, by day and product."""
    day_of = {row["time_id"]: date.fromisoformat(row["the_date"][:10]) for row in _rows(folder / "time_by_day.csv")}
    shipped: dict[date, Counter[str]] = defaultdict(Counter)
    for row in _rows(folder / "inventory_fact_1997.csv"):
        if int(row["units_shipped"]):
            shipped[day_of[row["time_id"]]][row["product_id"]] += int(row["units_shipped"])
    return dict(shipped)


def _baskets(folder: Path) -> dict[date, tuple[OrderRead, ...]]:
    """The baskets of the year by day."""
    baskets: dict[date, list[OrderRead]] = defaultdict(list)
    for order in orders_in(folder / "sales_fact_1997.csv").orders:
        assert order.placed is not None
        baskets[order.placed.date()].append(order)
    return {day: tuple(orders) for day, orders in baskets.items()}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

"""Fit the demand generator to real data: `python -m sim.fit_demand FOLDER`.

FOLDER holds `uci_online_retail` and `olist_products`. Prints the figures that `sim.demand.FITTED`
carries, and how well generated demand agrees with the real one, as `docs/demand.md` shows it.
"""

import pprint
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inventory.importing.drawn_sizes import DrawnSizes
from inventory.importing.mapping import ColumnMapping, preset_for
from inventory.importing.orders import OrderRead, read_orders
from inventory.importing.products import ProductRead, UnitSize, read_products
from inventory.importing.table_file import TableFile, open_table
from sim.demand import DemandStatistics, generate_orders, generate_products

QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.998, 1.0)
POPULARITY = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
TAIL = 0.9995
"""Stands for the largest: the very largest are slips, such as 80,995 units, cancelled the same day."""

NUM_COMMON = 16
"""Quantities with a share of their own: packs of 6, 12, 24 stand out far above their neighbours."""

NUM_COMPARED = 20_000
"""Orders generated for the comparison, about as many as the real data has."""


def fit_demand(orders: Sequence[OrderRead], sizes: Sequence[UnitSize]) -> DemandStatistics:
    """The figures of demand, from real orders and real products."""
    quantities = np.array([line.quantity for order in orders for line in order.lines])
    common = Counter(quantities.tolist()).most_common(NUM_COMMON)
    other = quantities[~np.isin(quantities, [value for value, _ in common])]
    hours = Counter(order.placed.hour for order in orders if order.placed is not None)
    logs = log_sizes(sizes)
    return DemandStatistics(
        lines_per_order=_quantiles([len(order.lines) for order in orders]),
        quantity_common=tuple((value, round(count / len(quantities), 5)) for value, count in common),
        quantity_other=_quantiles(other),
        popularity=_popularity(orders),
        order_share_by_hour=tuple(round(hours[hour] / len(orders), 5) for hour in range(24)),
        log_mean=_four(logs.mean(axis=0)),
        log_covariance=tuple(_four(row) for row in np.cov(logs, rowvar=False)),
    )


def log_sizes(sizes: Iterable[UnitSize]) -> NDArray[np.float64]:
    """Logarithms of the sides, longest first, in mm, and of the density in g per litre."""
    rows = [
        (*sorted((size.length_mm, size.width_mm, size.height_mm), reverse=True), size.weight_g * 1e6 / size.volume_mm3)
        for size in sizes
    ]
    return np.log(np.array(rows, dtype=np.float64))


def compare(
    real: Sequence[OrderRead], sizes: Sequence[UnitSize], fitted: DemandStatistics
) -> list[tuple[str, str, str]]:
    """Rows of (what, real, generated), from as many products as the real data has."""
    num_products = len({line.product for order in real for line in order.lines})
    products = generate_products(num_products, seed=1, statistics=fitted)
    made = generate_orders(products, NUM_COMPARED, day=date(2026, 1, 5), seed=1, statistics=fitted)
    rows = []
    for (what, ours), (_, theirs) in zip(
        _described(real, sizes), _described(made, [p.size for p in products]), strict=True
    ):
        rows.append((what, ours, theirs))
    return rows


def _described(orders: Sequence[OrderRead], sizes: Sequence[UnitSize]) -> list[tuple[str, str]]:
    lines = np.array([len(order.lines) for order in orders])
    quantities = np.array([line.quantity for order in orders for line in order.lines])
    popularity = dict(_popularity(orders))
    hours = np.array([order.placed.hour for order in orders if order.placed is not None])
    volumes = np.array([size.volume_mm3 for size in sizes]) / 1e6
    weights = np.array([size.weight_g for size in sizes])

    def spread(values: NDArray[np.int64] | NDArray[np.float64], digits: int) -> str:
        points = [float(values.mean()), *np.percentile(values, [50, 90, 99]).tolist()]
        return " / ".join(f"{point:,.{digits}f}" for point in points)

    return [
        ("lines an order: mean / median / 90 % / 99 %", spread(lines, 1)),
        ("orders of one line", f"{(lines == 1).mean():.1%}"),
        ("units a line: mean / median / 90 % / 99 %", spread(quantities, 1)),
        ("lines of one unit", f"{(quantities == 1).mean():.1%}"),
        ("lines of 6, 12 or 24 units", f"{np.isin(quantities, [6, 12, 24]).mean():.1%}"),
        ("lines for the first 1 % of products", f"{popularity[0.01]:.1%}"),
        ("lines for the first 20 % of products", f"{popularity[0.2]:.1%}"),
        ("lines for the first 50 % of products", f"{popularity[0.5]:.1%}"),
        ("orders before 10:00", f"{(hours < 10).mean():.1%}"),
        ("orders from 16:00", f"{(hours >= 16).mean():.1%}"),
        ("volume of a unit in l: mean / median / 90 % / 99 %", spread(volumes, 2)),
        ("weight of a unit in g: mean / median / 90 % / 99 %", spread(weights, 0)),
    ]


def _popularity(orders: Sequence[OrderRead]) -> tuple[tuple[float, float], ...]:
    counts = Counter(line.product for order in orders for line in order.lines)
    cumulative = np.cumsum(np.sort(np.array(list(counts.values())))[::-1])
    shares = np.interp(np.array(POPULARITY) * len(counts), np.arange(1, len(counts) + 1), cumulative / cumulative[-1])
    return tuple((share, round(float(lines), 5)) for share, lines in zip(POPULARITY, shares, strict=True))


def _quantiles(values: Sequence[int] | NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    points = np.quantile(np.array(values), [*QUANTILES[:-1], TAIL])
    return tuple((share, round(float(point), 1)) for share, point in zip(QUANTILES, points, strict=True))


def _four(values: NDArray[np.float64]) -> tuple[float, float, float, float]:
    a, b, c, d = (round(float(value), 5) for value in values)
    return a, b, c, d


def read_orders_in(path: Path) -> tuple[OrderRead, ...]:
    """The orders of a file that a preset fits; raises ValueError for any other."""
    table = open_table(path)
    return read_orders(table, _fitting(table, "orders")).orders


def read_products_in(path: Path) -> tuple[ProductRead, ...]:
    """The products of a file that a preset fits, but for bad rows; raises ValueError for any other."""
    table = open_table(path)
    return read_products(table, _fitting(table, "products")).products


def _fitting(table: TableFile, kind: str) -> ColumnMapping:
    mapping = preset_for(table.header, kind)
    if mapping is None:
        raise ValueError(f"no preset for {kind} fits {table.path}")
    return mapping


def main(folder: Path) -> None:
    """Print the fitted figures and the comparison."""
    (path,) = folder.glob("uci_online_retail/*.csv.gz")
    orders = read_orders_in(path)
    products = read_products_in(folder / "olist_products" / "olist_products_dataset.csv")
    sizes = DrawnSizes(product.size for product in products).sizes
    fitted = fit_demand(orders, sizes)
    write = sys.stdout.write
    write(pprint.pformat(fitted, width=118) + "\n\n| what | real | generated |\n|---|---|---|\n")
    for row in compare(orders, sizes, fitted):
        write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

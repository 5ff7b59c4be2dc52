"""Orders and products that nobody placed, as like real ones as a few figures can make them.

Method
    Every figure is drawn from a distribution fitted to real data: lines per order, units per line, how
    unevenly products are asked for, and the hour an order comes, to UCI Online Retail; sizes and
    weights to the Olist products of up to 1 litre. Counts come from tables of quantiles, straight in
    between. The logarithms of the three sides and of the density are drawn from one normal
    distribution, so that long things are also wide.
Limits
    Products are asked for independently of one another: real orders have goods that go together, and
    larger orders there have smaller quantities. Sizes of products do not depend on how often they sell.
Source
    `FITTED` is what `python -m sim.fit_demand FOLDER` prints; `docs/demand.md` shows the comparison.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from stdnum import ean

from inventory.importing.drawn_sizes import DENSITY_MAX_G_PER_L, DRAWN_VOLUME_MAX_MM3
from inventory.importing.orders import LineRead, OrderRead
from inventory.importing.products import ProductRead, UnitSize
from warehouse.bins import StorageClass

SIDE_MIN_MM = 10  # nothing thinner is picked by hand as a piece


@dataclass(frozen=True)
class DemandStatistics:
    """What demand looks like.

    `lines_per_order` and `quantity_other` are (share of all below, value) points. `quantity_common` are the
    quantities asked for most often with their shares of lines; the rest is drawn from `quantity_other`.
    `popularity` are points (share of products, most asked for first; their share of lines).
    `order_share_by_hour` are 24 shares. `log_mean` and `log_covariance` are of the natural logarithms
    of length, width and height in mm, longest first, and density in g per litre.
    """

    lines_per_order: tuple[tuple[float, float], ...]
    quantity_common: tuple[tuple[int, float], ...]
    quantity_other: tuple[tuple[float, float], ...]
    popularity: tuple[tuple[float, float], ...]
    order_share_by_hour: tuple[float, ...]
    log_mean: tuple[float, float, float, float]
    log_covariance: tuple[tuple[float, float, float, float], ...]


FITTED = DemandStatistics(
    lines_per_order=(
        (0.0, 1.0),
        (0.01, 1.0),
        (0.05, 1.0),
        (0.1, 2.0),
        (0.2, 5.0),
        (0.3, 8.0),
        (0.4, 12.0),
        (0.5, 15.0),
        (0.6, 20.0),
        (0.7, 25.0),
        (0.8, 35.0),
        (0.9, 54.0),
        (0.95, 79.0),
        (0.98, 152.0),
        (0.99, 219.5),
        (0.998, 521.7),
        (1.0, 649.1),
    ),
    quantity_common=(
        (1, 0.27737),
        (2, 0.15418),
        (12, 0.11563),
        (6, 0.07727),
        (4, 0.07262),
        (3, 0.06977),
        (24, 0.04548),
        (10, 0.04218),
        (8, 0.02478),
        (5, 0.02209),
        (48, 0.01146),
        (25, 0.0097),
        (20, 0.00948),
        (16, 0.00807),
        (36, 0.00722),
        (7, 0.00544),
    ),
    quantity_other=(
        (0.0, 9.0),
        (0.01, 9.0),
        (0.05, 9.0),
        (0.1, 11.0),
        (0.2, 17.0),
        (0.3, 23.0),
        (0.4, 32.0),
        (0.5, 50.0),
        (0.6, 72.0),
        (0.7, 96.0),
        (0.8, 100.0),
        (0.9, 192.0),
        (0.95, 264.0),
        (0.98, 480.0),
        (0.99, 620.0),
        (0.998, 1440.0),
        (1.0, 2649.2),
    ),
    popularity=(
        (0.001, 0.01483),
        (0.005, 0.05274),
        (0.01, 0.09192),
        (0.02, 0.15542),
        (0.05, 0.28828),
        (0.1, 0.43972),
        (0.2, 0.63682),
        (0.3, 0.76464),
        (0.4, 0.85347),
        (0.5, 0.91513),
        (0.6, 0.95522),
        (0.8, 0.99277),
        (1.0, 1.0),
    ),
    order_share_by_hour=(
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        5e-05,
        0.00147,
        0.02857,
        0.07438,
        0.11827,
        0.11999,
        0.16201,
        0.1381,
        0.12237,
        0.11686,
        0.06649,
        0.03347,
        0.00971,
        0.00733,
        0.00091,
        0.0,
        0.0,
        0.0,
    ),
    log_mean=(5.17659, 4.80753, 3.32994, 5.82671),
    log_covariance=(
        (0.01867, 0.01484, -0.01131, -0.03269),
        (0.01484, 0.0254, -0.01782, -0.02638),
        (-0.01131, -0.01782, 0.11833, -0.1181),
        (-0.03269, -0.02638, -0.1181, 0.70012),
    ),
)


def generate_products(num: int, *, seed: int, statistics: DemandStatistics = FITTED) -> tuple[ProductRead, ...]:
    """Products with invented names and valid EAN-13 barcodes of the range that shops use inside.

    Parameters
    ----------
    num
        How many.
    seed
        The same seed gives the same products, of which a larger `num` only adds more.
    statistics
        What sizes and weights are like.

    Returns
    -------
    tuple of ProductRead
        All ambient, coded P00001 and on.
    """
    random = np.random.default_rng([seed, 1])
    _, values, vectors = np.linalg.svd(np.array(statistics.log_covariance))
    factor = vectors.T * np.sqrt(values)
    return tuple(
        ProductRead(
            row=number,
            code=f"P{number:05d}",
            name=_name(number),
            size=_drawn_size(random, statistics.log_mean, factor),
            storage_class=StorageClass.AMBIENT,
            barcodes=(barcode(number),),
        )
        for number in range(1, num + 1)
    )


def generate_orders(
    products: Sequence[ProductRead], num: int, *, day: date, seed: int, statistics: DemandStatistics = FITTED
) -> tuple[OrderRead, ...]:
    """One day's orders for `products`, by the time they come.

    Parameters
    ----------
    products
        What may be asked for. Which of them are popular depends on the seed.
    num
        How many orders.
    day
        The day they come, read as UTC.
    seed
        The same seed gives the same orders.
    statistics
        What orders are like.

    Returns
    -------
    tuple of OrderRead
        Numbered from 1; no order names a product twice.
    """
    random = np.random.default_rng([seed, 2])
    popular = random.permutation(len(products))
    weights = popularity_weights(len(products), statistics)
    num_lines = np.minimum(_counts(random, num, statistics.lines_per_order), len(products))
    seconds = np.sort(_seconds_of_day(random, num, statistics))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    orders = []
    row = 1
    for number, (size, second) in enumerate(zip(num_lines.tolist(), seconds.tolist(), strict=True), 1):
        chosen = popular[random.choice(len(products), size=size, replace=False, p=weights)]
        lines = []
        for product, quantity in zip(chosen.tolist(), _quantities(random, size, statistics).tolist(), strict=True):
            row += 1
            lines.append(LineRead(row, products[product].code, quantity, products[product].name))
        orders.append(OrderRead(f"{number:06d}", midnight + timedelta(seconds=second), None, "", 0, lines))
    return tuple(orders)


def popularity_weights(num: int, statistics: DemandStatistics) -> NDArray[np.float64]:
    """The share of lines of each of `num` products, the most asked for first."""
    share_of_products, share_of_lines = zip(*((0.0, 0.0), *statistics.popularity), strict=True)
    cumulative = np.interp(np.arange(num + 1) / num, share_of_products, share_of_lines)
    weights = np.diff(cumulative)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def barcode(number: int) -> str:
    """An EAN-13 beginning with 20, a range that no maker is given; 0 <= number < 10 ** 10.

    >>> barcode(1)
    '2000000000015'
    """
    body = f"20{number:010d}"
    return body + str(ean.calc_check_digit(body))


def _counts(random: np.random.Generator, num: int, points: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Whole numbers of at least 1 from a table of quantiles."""
    shares, values = zip(*points, strict=True)
    return np.asarray(np.maximum(1, np.rint(np.interp(random.random(num), shares, values))), dtype=np.int64)


def _quantities(random: np.random.Generator, num: int, statistics: DemandStatistics) -> NDArray[np.int64]:
    values, shares = zip(*statistics.quantity_common, strict=True)
    which = np.searchsorted(np.cumsum(shares), random.random(num), side="right")
    other = _counts(random, num, statistics.quantity_other)
    common = np.array(values, dtype=np.int64)[np.minimum(which, len(values) - 1)]
    return np.asarray(np.where(which < len(values), common, other), dtype=np.int64)


def _seconds_of_day(random: np.random.Generator, num: int, statistics: DemandStatistics) -> NDArray[np.int64]:
    shares = np.array(statistics.order_share_by_hour)
    hours = random.choice(24, size=num, p=shares / shares.sum())
    return np.asarray(hours * 3600 + random.integers(0, 3600, num), dtype=np.int64)


def _drawn_size(random: np.random.Generator, log_mean: Sequence[float], factor: NDArray[np.float64]) -> UnitSize:
    """A small article that can be; what is larger or denser than any real one is drawn again.

    `factor` times its transpose is the covariance of the logarithms.
    """
    while True:
        drawn = np.exp(log_mean + factor @ random.standard_normal(len(log_mean)))
        sides = sorted((max(SIDE_MIN_MM, round(float(side))) for side in drawn[:3]), reverse=True)
        volume_mm3 = sides[0] * sides[1] * sides[2]
        density = float(drawn[3])
        if volume_mm3 <= DRAWN_VOLUME_MAX_MM3 and density <= DENSITY_MAX_G_PER_L:
            return UnitSize(sides[0], sides[1], sides[2], max(1, round(density * volume_mm3 / 1_000_000)))


_ADJECTIVES = ("Blue", "Round", "Small", "Striped", "Folding", "Oak", "Woven", "Bright", "Tall", "Plain", "Vintage")
_MATERIALS = ("Cotton", "Glass", "Tin", "Paper", "Wooden", "Felt", "Ceramic", "Cork", "Linen", "Copper", "Bamboo")
_THINGS = (
    *("Lantern", "Mug", "Tea Towel", "Candle", "Notebook", "Basket", "Doorstop", "Garland", "Lunch Box"),
    *("Photo Frame", "Hook", "Egg Cup", "Cushion", "Tray", "Bell", "Jar", "Ribbon", "Coaster", "Clock"),
)


def _name(number: int) -> str:
    """A readable name, different for the first 2,299 numbers; after these it carries its round."""
    things, materials, adjectives = len(_THINGS), len(_MATERIALS), len(_ADJECTIVES)
    index = number - 1
    edition, rest = divmod(index, things * materials * adjectives)
    thing, rest = rest % things, rest // things
    material, adjective = rest % materials, rest // materials
    name = (
        f"{_ADJECTIVES[(adjective + thing) % adjectives]} {_MATERIALS[(material + thing) % materials]} {_THINGS[thing]}"
    )
    return name if edition == 0 else f"{name} {edition + 1}"

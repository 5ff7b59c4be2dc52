from datetime import UTC, date, datetime

import numpy as np
import pytest
from stdnum import ean

from inventory.importing.drawn_sizes import DrawnSizes
from inventory.importing.orders import OrderRead
from inventory.importing.products import ProductRead
from sim.demand import FITTED, generate_orders, generate_products, popularity_weights
from sim.fit_demand import fit_demand, log_sizes, read_orders_in, read_products_in
from tests.shared_data import shared

DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def products() -> tuple[ProductRead, ...]:
    return generate_products(1000, seed=3)


@pytest.fixture(scope="module")
def orders(products: tuple[ProductRead, ...]) -> tuple[OrderRead, ...]:
    return generate_orders(products, 1500, day=DAY, seed=3)


def test_the_same_seed_gives_the_same_demand(products: tuple[ProductRead, ...]) -> None:
    assert generate_products(20, seed=3) == products[:20]
    assert generate_orders(products, 9, day=DAY, seed=5) == generate_orders(products, 9, day=DAY, seed=5)
    assert generate_orders(products, 9, day=DAY, seed=5) != generate_orders(products, 9, day=DAY, seed=6)


def test_products_have_names_codes_and_valid_barcodes_of_their_own() -> None:
    products = generate_products(2500, seed=1)
    assert len({product.name for product in products}) == 2500
    barcodes = [barcode for product in products for barcode in product.barcodes]
    assert len(set(barcodes)) == 2500
    assert all(ean.is_valid(barcode) and len(barcode) == 13 for barcode in barcodes)


def test_products_are_small_and_of_possible_density(products: tuple[ProductRead, ...]) -> None:
    for product in products:
        assert product.size.volume_mm3 <= 1_000_000
        assert product.size.weight_g < 12 * product.size.volume_mm3 / 1000


def test_orders_come_on_their_day_in_order_of_time(orders: tuple[OrderRead, ...]) -> None:
    times = [order.placed for order in orders if order.placed is not None]
    assert len(times) == 1500
    assert times == sorted(times)
    assert {time.date() for time in times} == {DAY}
    assert times[0] > datetime(2026, 3, 2, 6, tzinfo=UTC)


def test_no_order_asks_twice_for_a_product(orders: tuple[OrderRead, ...]) -> None:
    for order in orders:
        assert len({line.product for line in order.lines}) == len(order.lines)


def test_lines_and_units_are_distributed_as_fitted(orders: tuple[OrderRead, ...]) -> None:
    lines = np.array([len(order.lines) for order in orders])
    units = np.array([line.quantity for order in orders for line in order.lines])
    assert np.median(lines) == pytest.approx(15, abs=2)
    assert lines.mean() == pytest.approx(27.5, rel=0.15)
    assert (units == 1).mean() == pytest.approx(0.277, abs=0.02)
    assert (units == 12).mean() == pytest.approx(0.116, abs=0.02)


def test_few_products_make_most_of_the_lines() -> None:
    weights = popularity_weights(1000, FITTED)
    assert weights.sum() == pytest.approx(1)
    assert (np.diff(weights) <= 1e-12).all()
    assert weights[:200].sum() == pytest.approx(0.637, abs=0.001)


def test_a_generator_fitted_to_generated_demand_finds_its_own_figures(
    products: tuple[ProductRead, ...], orders: tuple[OrderRead, ...]
) -> None:
    again = fit_demand(orders, [product.size for product in products])
    assert dict(again.lines_per_order)[0.5] == pytest.approx(dict(FITTED.lines_per_order)[0.5], abs=2)
    assert again.order_share_by_hour[12] == pytest.approx(FITTED.order_share_by_hour[12], abs=0.03)
    assert again.log_mean[0] == pytest.approx(FITTED.log_mean[0], abs=0.05)


@pytest.mark.shared_data
def test_the_fitted_figures_are_those_of_the_real_products() -> None:
    read = read_products_in(shared("data", "olist_products", "olist_products_dataset.csv"))
    sizes = DrawnSizes(product.size for product in read).sizes
    assert log_sizes(sizes).mean(axis=0) == pytest.approx(FITTED.log_mean, abs=1e-4)


@pytest.mark.slow
@pytest.mark.shared_data
def test_the_fitted_figures_are_those_of_the_real_orders() -> None:
    orders = read_orders_in(shared("data", "uci_online_retail", "online_retail_2010-12_2011-12.csv.gz"))
    sizes = [product.size for product in generate_products(50, seed=1)]
    fitted = fit_demand(orders, sizes)
    assert fitted.lines_per_order == FITTED.lines_per_order
    assert fitted.quantity_common == FITTED.quantity_common
    assert fitted.quantity_other == FITTED.quantity_other
    assert fitted.popularity == FITTED.popularity
    assert fitted.order_share_by_hour == FITTED.order_share_by_hour

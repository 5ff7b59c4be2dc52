"""A small demo warehouse: the site that comes with Onward, goods at random, and runs that wait for pickers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

import warehouse
from api.serving import Serving
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, Released, release
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import StowAtRandom, stow_at_random
from sim.demand import generate_orders, generate_products
from warehouse.tables import SiteRow

SITE_FILE = Path(warehouse.__file__).parent / "demo_site.yaml"
SEED = 7
NUM_PRODUCTS = 120
NUM_ORDERS = 16
UNITS_EACH = 150
"""Units of a product in stock; a day's demand for the most popular one is about that."""

SHELF_LIFE = timedelta(days=120)
USER = "demo"


def stock_demo_warehouse(
    serving: Serving, *, num_products: int = NUM_PRODUCTS, num_orders: int = NUM_ORDERS
) -> Released | None:
    """Fill an empty database; one with a site in it stays as it is, and the answer is None."""
    with serving.database.read() as session:
        if session.execute(select(func.count()).select_from(SiteRow)).scalar_one():
            return None
    site = serving.run(open_site, OpenSite(SITE_FILE.read_text(encoding="utf-8"))).site
    products = generate_products(num_products, seed=SEED)
    today = datetime.fromtimestamp(serving.clock.now_ms() / 1000, tz=UTC).date()
    new = tuple(
        NewProduct(
            each.code,
            each.name,
            each.size.length_mm,
            each.size.width_mm,
            each.size.height_mm,
            each.size.weight_g,
            each.storage_class,
            each.barcodes,
        )
        for each in products
    )
    serving.run(save_products, SaveProducts(new))
    receipts = tuple(
        Receipt(each.code, UNITS_EACH, expires_on=today + SHELF_LIFE if number % 4 == 0 else None)
        for number, each in enumerate(products)
    )
    dock = serving.run(receive, Receive(site, receipts, USER)).station
    serving.run(stow_at_random, StowAtRandom(site, dock, USER, seed=SEED))
    orders = tuple(
        NewOrder(order.number, tuple(NewLine(line.product, line.quantity) for line in order.lines), order.customer)
        for order in generate_orders(products, num_orders, day=today, seed=SEED)
    )
    serving.run(place_orders, PlaceOrders(site, orders))
    return release(serving.database, Release(site, seed=SEED), serving.clock)

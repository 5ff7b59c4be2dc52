"""A small demo warehouse: the site that comes with Onward, goods at random, and runs that wait for pickers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import col

import warehouse
from api.serving import Serving
from inventory.tables.outbound import PickRunRow
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, release
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import StowAtRandom, stow_at_random
from routing.warm_up import warm_up_batching, warm_up_search
from sim.demand import generate_orders, generate_products
from warehouse.tables import SiteRow

SITE_FILE = Path(warehouse.__file__).parent / "demo_site.yaml"
SEED = 7
NUM_PRODUCTS = 120
NUM_ORDERS = 40
LINES_MAX, UNITS_MAX = 3, 6
"""Orders are cut to this size, so that a run is walked in minutes by somebody who tries it out."""

UNITS_EACH = 60
"""Units of a product in stock, several times what the orders ask for."""

SHELF_LIFE = timedelta(days=120)
USER = "demo"


def stock_demo_warehouse(
    serving: Serving, *, definition: str = "", num_products: int = NUM_PRODUCTS, num_orders: int = NUM_ORDERS
) -> bool:
    """Fill an empty database with goods and orders; whether it was empty. Any other stays as it is.

    Parameters
    ----------
    definition
        Text of a site file; by default that of the demo site that comes with Onward.
    """
    with serving.database.read() as session:
        if session.execute(select(func.count()).select_from(SiteRow)).scalar_one():
            return False
    definition = definition or SITE_FILE.read_text(encoding="utf-8")
    site = serving.run(open_site, OpenSite(definition)).site
    products = generate_products(num_products, seed=SEED)
    today = datetime.fromtimestamp(serving.clock.now_ms() / 1000, tz=UTC).date()
    new = tuple(
        NewProduct(
            code=each.code,
            name=each.name,
            length_mm=each.size.length_mm,
            width_mm=each.size.width_mm,
            height_mm=each.size.height_mm,
            weight_g=each.size.weight_g,
            storage_class=each.storage_class,
            fragile=each.fragile,
            barcodes=each.barcodes,
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
        NewOrder(
            order.number,
            tuple(NewLine(line.product, min(line.quantity, UNITS_MAX)) for line in order.lines[:LINES_MAX]),
        )
        for order in generate_orders(products, num_orders, day=today, seed=SEED)
    )
    serving.run(place_orders, PlaceOrders(site, orders))
    return True


def release_demo_orders(serving: Serving) -> int:
    """Make pick runs of the demo's orders, if there was never a run here; how many."""
    with serving.database.read() as session:
        site = session.execute(select(col(SiteRow.code)).order_by(col(SiteRow.id)).limit(1)).scalar_one_or_none()
        if site is None or session.execute(select(func.count()).select_from(PickRunRow)).scalar_one():
            return 0
    warm_up_search()  # else loading it takes the time in which the first runs are planned
    warm_up_batching()
    return len(release(serving.database, Release(site, seed=SEED), serving.clock).runs)

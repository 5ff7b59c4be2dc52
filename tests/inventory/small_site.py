"""A small site for tests of the work: three aisles in two blocks, 480 bins, a dock, a cart park, packing."""

import contextlib
import sqlite3
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select

from inventory.tables.products import ProductRow
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.ordering import NewLine, NewOrder, PlaceOrders, place_orders
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.releasing import Release, Released, release
from inventory.work.sites import OpenSite, open_site
from inventory.work.stowing import StowAtRandom, stow_at_random
from warehouse.bins import StorageClass
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.database.engines import sqlite_library
from warehouse.tables import SiteRow

SITE = "SMALL"

DEFINITION = """
code: SMALL
name: Small site
time_zone: Europe/Rome
bin_code: "{aisle:02}-{bay:03}-{level:A}{slot:01}-{check}"
floor:
  rectangular:
    aisles: 5
    aisle_pitch: 3 m
    blocks: 2
    bays: 6
    bay_width: 1.2 m
    cross_aisle_width: 2 m
    levels: 2
    slots: 2
zones:
  ambient: { storage_classes: [ambient, hazardous] }
  chilled: { storage_classes: [chilled], where: { aisles: 5 } }
bin_types:
  shelf: { length: 600 mm, width: 400 mm, height: 400 mm, volume: 90 l, load: 60 kg }
stations:
  dock: { kind: inbound, at: { x: -2 m }, spur: 2 m }
  carts: { kind: cart_park, at: { aisle: 1 }, spur: 2 m }
  packing: { kind: packing, at: { aisle: 4 }, spur: 2 m }
cart: { totes: 4, tote_volume: 30 l, load: 60 kg }
"""


@dataclass(frozen=True)
class Goods:
    """What a test wants in the house: (product, quantity, expiry) and over how many bins each."""

    lots: tuple[tuple[str, int, date | None], ...]
    num_bins: int = 3


def product(code: str, *, storage_class: StorageClass = StorageClass.AMBIENT) -> NewProduct:
    """A product of one litre and half a kilogram, scanned by its code or by EAN-code."""
    return NewProduct(
        code, f"Product {code}", 100, 100, 100, 500, storage_class=storage_class, barcodes=(f"EAN-{code}",)
    )


_KEPT: dict[tuple[Goods, str, int, int], sqlite3.Connection] = {}
"""Houses as they were stocked, by goods, definition, seed and time, each a database in memory."""


def stocked(database: Database, clock: Clock, goods: Goods, *, seed: int = 1, definition: str = DEFINITION) -> None:
    """Open the site, receive the goods and stow them at random.

    What came of it on SQLite is kept and put back when another test wants the same.
    """
    with database.read() as session:
        file = session.get_bind().engine.url.database
        is_empty = not any(session.scalar(select(exists().select_from(table))) for table in (SiteRow, ProductRow))
    if database.dialect != "sqlite" or not is_empty:
        _stock(database, clock, goods, seed, definition)
        return
    house = goods, definition, seed, clock.now_ms()
    with contextlib.closing(sqlite_library().connect(file)) as connection:
        if house in _KEPT:
            _KEPT[house].backup(connection)
            return
        _stock(database, clock, goods, seed, definition)
        _KEPT[house] = sqlite_library().connect(":memory:", check_same_thread=False)
        connection.backup(_KEPT[house])


def _stock(database: Database, clock: Clock, goods: Goods, seed: int, definition: str) -> None:
    database.run(open_site, OpenSite(definition, num_totes=6), clock=clock)
    codes = sorted({code for code, _, _ in goods.lots})
    database.run(save_products, SaveProducts(tuple(product(code) for code in codes)), clock=clock)
    receipts = tuple(Receipt(code, quantity, expires_on=day) for code, quantity, day in goods.lots)
    database.run(receive, Receive(SITE, receipts, "receiver"), clock=clock)
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=goods.num_bins, seed=seed), clock=clock)


def order(number: str, *lines: tuple[str, int], priority: int = 0) -> NewOrder:
    """An order of (product, quantity) lines."""
    return NewOrder(number, tuple(NewLine(code, quantity) for code, quantity in lines), priority=priority)


def released(database: Database, clock: Clock, *orders: NewOrder, client_id: str = "") -> Released:
    """Place orders and release them."""
    database.run(place_orders, PlaceOrders(SITE, orders), clock=clock)
    return release(database, Release(SITE, budget_ms=20, client_id=client_id), clock)

"""A truck at the dock of the small site, for tests of receiving."""

from datetime import date

from inventory.work.announcing import Announce, NoticeLine, announce
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.dock_scans import DockScan, ScanAnswer, Unload
from inventory.work.docking import Arrive, Dock, arrive, dock
from inventory.work.sites import OpenSite, open_site
from inventory.work.suppliers import SaveSupplier, save_supplier
from inventory.work.unloading import unload
from tests.inventory.small_site import DEFINITION, SITE, product
from warehouse.clock import Clock
from warehouse.database import Database

SUPPLIER = "ACME"
DAY = date(2027, 1, 31)


def open_house(
    database: Database, clock: Clock, *products: str, inspect: bool = False, definition: str = DEFINITION
) -> None:
    """The small site with a supplier and some products, and nothing in it."""
    database.run(open_site, OpenSite(definition, num_totes=6), clock=clock)
    database.run(save_products, SaveProducts(tuple(product(code) for code in products)), clock=clock)
    database.run(save_supplier, SaveSupplier(SUPPLIER, "Acme Ltd", inspect=inspect), clock=clock)


def truck(database: Database, clock: Clock, number: str, *lines: NoticeLine, supplier: str = SUPPLIER) -> None:
    """A truck that was announced stands at the dock and is being unloaded."""
    database.run(announce, Announce(SITE, number, supplier, lines), clock=clock)
    database.run(arrive, Arrive(SITE, number), clock=clock)
    database.run(dock, Dock(SITE, number), clock=clock)


def scanned(database: Database, clock: Clock, number: str, *scans: DockScan, client_id: str = "") -> list[ScanAnswer]:
    """The answers to some scans in one call."""
    return list(database.run(unload, Unload(SITE, number, scans, "rita", client_id=client_id), clock=clock).answers)

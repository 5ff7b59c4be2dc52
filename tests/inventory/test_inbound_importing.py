"""Purchase orders and advance notices from files, with every problem and its row."""

from pathlib import Path

import pytest

from inventory.importing.inbound import NOTICES, PURCHASES, read_inbound
from inventory.importing.mapping import presets
from inventory.importing.table_file import open_table
from inventory.tables.inbound import DeliveryState
from inventory.work.delivery_views import deliveries, delivery_lines
from inventory.work.inbound_importing import ImportNotices, ImportPurchases, import_notices, import_purchases
from inventory.work.purchasing import purchases
from tests.inventory.dock import DAY, open_house
from tests.inventory.small_site import SITE
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ImportInvalid

ORDERS = """number,supplier,product,quantity,expected_on
PO1,ACME,P1,10,2025-12-24
PO1,ACME,P2,4,2025-12-24
PO2,ACME,P1,3,
"""
TRUCKS = """number,supplier,product,quantity,purchase_order,lot,expires_on
N1,ACME,P1,6,PO1,L7,2027-01-31
N1,ACME,P1,4,PO1,L8,2027-02-28
N1,ACME,P2,4,,,
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "file.csv"
    file.write_text(text)
    return file


def test_orders_and_notices_are_imported_once_and_compared_after_that(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    open_house(sqlite_database, clock, "P1", "P2")
    orders = read_inbound(
        open_table(written(tmp_path, ORDERS)), presets(PURCHASES)["plain_purchase_orders"], PURCHASES
    ).documents
    done = sqlite_database.run(import_purchases, ImportPurchases(SITE, orders), clock=clock)
    assert (done.num_new, done.num_unchanged) == (2, 0)
    mapping = presets(NOTICES)["plain_advance_notices"]
    trucks = read_inbound(open_table(written(tmp_path, TRUCKS)), mapping, NOTICES).documents
    for new, unchanged in ((1, 0), (0, 1)):
        done = sqlite_database.run(import_notices, ImportNotices(SITE, trucks), clock=clock)
        assert (done.num_new, done.num_unchanged, done.changed) == (new, unchanged, ())
    other = read_inbound(
        open_table(written(tmp_path, ORDERS.replace("10", "11"))),
        presets(PURCHASES)["plain_purchase_orders"],
        PURCHASES,
    ).documents
    changed = sqlite_database.run(import_purchases, ImportPurchases(SITE, other), clock=clock).changed
    assert [(each.row, each.reason) for each in changed] == [(2, "PO1 is there with other lines")]
    with sqlite_database.read() as session:
        assert [(each.number, len(each.lines)) for each in purchases(session, SITE, open_only=True)] == [
            ("PO2", 1),
            ("PO1", 2),
        ]
        (truck,) = deliveries(session, SITE)
        assert (truck.state, truck.quantity) == (DeliveryState.ANNOUNCED, 14)
        assert delivery_lines(session, SITE, "N1")[0].expires_on == DAY


def test_every_problem_of_a_file_is_told_with_its_row(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    open_house(sqlite_database, clock, "P1", "P2")
    text = "number,supplier,product,quantity,expected_on\n,ACME,P1,1,\nPO1,ACME,P1,0,\nPO2,ACME,P1,1,soon\n"
    text += "PO3,ACME,P1,1,\nPO3,OTHER,P2,1,\nPO4,ACME,P1,1,\nPO4,ACME,P1,2,\n"
    mapping = presets(PURCHASES)["plain_purchase_orders"]
    read = read_inbound(open_table(written(tmp_path, text)), mapping, PURCHASES)
    assert [(each.row, each.reason) for each in read.problems] == [
        (2, "no number"),
        (3, "quantity 0 is not between 1 and 2147483647"),
        (4, "expected day 'soon' is not a day like 2027-12-31"),
        (6, "PO3 is of supplier ACME in row 5"),
        (8, "product P1 stands in row 7 of PO4 already"),
    ]
    assert read.documents == ()
    text = "number,supplier,product,quantity,purchase_order\nN1,NOBODY,P1,1,\nN2,ACME,P9,1,\nN2,ACME,P1,1,PO9\n"
    notices = read_inbound(
        open_table(written(tmp_path, text)), presets(NOTICES)["plain_advance_notices"], NOTICES
    ).documents
    with pytest.raises(ImportInvalid) as invalid:
        sqlite_database.run(import_notices, ImportNotices(SITE, notices), clock=clock)
    assert [str(each) for each in invalid.value.problems] == [
        "row 2: supplier NOBODY is not known",
        "row 3: product P9 is not known",
        "row 4: supplier ACME has no purchase order PO9",
    ]
    done = sqlite_database.run(import_notices, ImportNotices(SITE, notices, skip_bad=True), clock=clock)
    assert (done.num_new, done.num_unchanged, len(done.problems)) == (0, 0, 3)

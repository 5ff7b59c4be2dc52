"""Measurements: what can be true, what is doubted, and what a cubing machine's file does."""

from pathlib import Path

import pytest

from inventory.importing.mapping import presets
from inventory.importing.measurements import read_measurements
from inventory.importing.table_file import open_table
from inventory.rules.measuring import Size, doubts
from inventory.rules.receiving import Decision
from inventory.rules.stock_policy import StockPolicy
from inventory.tables.product_facts import MeasuredBy
from inventory.work.announcing import NoticeLine
from inventory.work.cataloguing import products_by_code
from inventory.work.dock_scans import DockScan, Verdict
from inventory.work.measuring import ImportMeasurements, Measure, import_measurements, measure, measurements_of
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.inventory.dock import open_house, scanned, truck
from tests.inventory.small_site import SITE
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import ImportInvalid, WrongState

FILE = """product,length_mm,width_mm,height_mm,weight_g,device
EAN-P1,101,99,100,505,cubiscan-1
P2,100,100,100,500,cubiscan-1
P1,1000,1000,1000,500,cubiscan-1
P9,100,100,100,500,cubiscan-1
"""


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (Size(80, 100, 61, 410), []),
        (Size(1000, 800, 600, 400_000), ["all sides are about ten times those before: mm for cm?"]),
        (Size(100, 80, 90, 400), ["100 x 90 x 80 mm, before 100 x 80 x 60 mm"]),
        (Size(100, 80, 60, 520), ["weight 520 g, before 400 g"]),
        (Size(100, 80, 60, 6_000), ["12.50 g/cm³ is heavier than lead"]),
        (Size(100, 80, 60, 2), ["0.0042 g/cm³ is lighter than foam"]),
        (Size(7000, 80, 60, 400), ["a side of 7.0 m is too long"]),
    ],
)
def test_a_measurement_is_doubted_for_what_matter_weighs_and_for_what_was_known(
    measured: Size, said: list[str]
) -> None:
    assert set(said) <= set(doubts(measured, [Size(100, 80, 60, 400)]))
    assert bool(said) == bool(doubts(measured, [Size(100, 80, 60, 400)]))


def size_of(database: Database, code: str) -> tuple[int, int, int, int]:
    with database.read() as session:
        row = products_by_code(session, [code])[code]
        return row.length_mm, row.width_mm, row.height_mm, row.weight_g


def test_what_is_doubted_is_kept_and_holds_only_once_it_is_confirmed(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1")
    truck(database, clock, "N1", NoticeLine("P1", 3))
    assert not scanned(database, clock, "N1", DockScan("P1"))[0].measured
    slip = Measure("EAN-P1", Size(10, 10, 10, 500), "rita")
    done = database.run(measure, slip, clock=clock)
    assert not done.applied
    assert done.doubts == ("500.00 g/cm³ is heavier than lead", "all sides are about a tenth of before: cm for mm?")
    assert size_of(database, "P1") == (100, 100, 100, 500)
    assert not scanned(database, clock, "N1", DockScan("P1"))[0].measured
    heavier = Measure("P1", Size(100, 100, 100, 900), "rita", confirm=True)
    assert database.run(measure, heavier, clock=clock).applied
    assert size_of(database, "P1") == (100, 100, 100, 900)
    assert scanned(database, clock, "N1", DockScan("P1"))[0].measured
    with database.read() as session:
        first, second = measurements_of(session, "P1")
    assert (first.applied, first.size.weight_g, second.applied) == (True, 900, False)


def test_nothing_that_was_never_measured_comes_in_where_the_site_has_it_measured_first(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1", "P2")
    truck(database, clock, "N1", NoticeLine("P1", 3), NoticeLine("P2", 3))
    database.run(set_stock_policy, SetStockPolicy(SITE, StockPolicy(measure_first=True), 0, "mara"), clock=clock)
    (refused,) = scanned(database, clock, "N1", DockScan("P1", 2))
    assert refused.verdict is Verdict.MEASURE_FIRST
    assert refused.why == "Measure it first: P1 was never measured"
    assert refused.left == 3
    with pytest.raises(WrongState, match="product P1 is not measured yet: measure it first"):
        database.run(receive, Receive(SITE, (Receipt("P1", 2),), "rita"), clock=clock)
    broken, unwanted = scanned(
        database, clock, "N1", DockScan("P2", damaged=True), DockScan("P2", 9, lot="L2", decision=Decision.REFUSE)
    )
    assert broken.verdict is Verdict.TAKEN, "what is crushed tells no size"
    assert unwanted.verdict is Verdict.MEASURE_FIRST, "two of it have room"
    (over,) = scanned(database, clock, "N1", DockScan("P1", 4))
    assert over.verdict is Verdict.OVER, "whether it is wanted is asked first"
    database.run(measure, Measure("P1", Size(10, 10, 10, 500), "rita"), clock=clock)
    assert scanned(database, clock, "N1", DockScan("P1", 2))[0].verdict is Verdict.MEASURE_FIRST, "it is doubted"
    database.run(measure, Measure("P1", Size(100, 100, 100, 500), "rita"), clock=clock)
    assert scanned(database, clock, "N1", DockScan("P1", 2))[0].verdict is Verdict.TAKEN
    assert database.run(receive, Receive(SITE, (Receipt("P1", 2),), "rita"), clock=clock).lots[0].quantity == 2
    later = SetStockPolicy(SITE, StockPolicy(), 1, "mara", holds_from_ms=clock.now_ms() + 60_000)
    database.run(set_stock_policy, later, clock=clock)
    assert scanned(database, clock, "N1", DockScan("P2"))[0].verdict is Verdict.MEASURE_FIRST
    clock.advance(60_000)
    assert scanned(database, clock, "N1", DockScan("P2"))[0].verdict is Verdict.TAKEN


def test_a_cubing_machines_file_is_applied_and_every_doubt_told_with_its_row(
    sqlite_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1", "P2")
    file = tmp_path / "cubed.csv"
    file.write_text(FILE)
    read = read_measurements(open_table(file), presets("measurements")["plain_measurements"])
    assert read.problems == ()
    with pytest.raises(ImportInvalid) as invalid:
        database.run(import_measurements, ImportMeasurements(read.measurements, "import"), clock=clock)
    assert [str(each) for each in invalid.value.problems] == [
        "row 4: P1: 0.0005 g/cm³ is lighter than foam; all sides are about ten times those before: mm for cm?",
        "row 5: product P9 is not known",
    ]
    assert size_of(database, "P1") == (100, 100, 100, 500)
    for new, unchanged in ((2, 0), (0, 2)):
        command = ImportMeasurements(read.measurements, "import", skip_bad=True)
        done = database.run(import_measurements, command, clock=clock)
        assert (done.num_new, done.num_unchanged, len(done.problems)) == (new, unchanged, 2)
    assert size_of(database, "P1") == (101, 99, 100, 505)
    with database.read() as session:
        latest = measurements_of(session, "P2")[0]
    assert (latest.measured_by, latest.device) == (MeasuredBy.MACHINE, "cubiscan-1")

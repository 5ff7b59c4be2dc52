"""What scans at the dock come to, on both databases."""

import threading
from datetime import date

import pytest

from inventory.rules.receiving import Decision
from inventory.rules.stock_policy import StockStatus
from inventory.tables.inbound import Resolution, ShortReason
from inventory.work.announcing import Announce, NoticeLine, announce
from inventory.work.cataloguing import NewProduct, SaveProducts, save_products
from inventory.work.checking import check
from inventory.work.delivery_closing import CloseDelivery, close_delivery
from inventory.work.delivery_views import delivery_lines, dock_to_stock
from inventory.work.dock_scans import DockScan, Verdict
from inventory.work.docking import Arrive, Dock, arrive, dock
from inventory.work.locating import where_is
from inventory.work.purchasing import (
    ClosePurchase,
    OrderedLine,
    PlacePurchase,
    close_purchase,
    place_purchase,
    purchases,
)
from inventory.work.serial_views import find_serials
from inventory.work.sites import live_site
from inventory.work.stowing import Stow, stow
from inventory.work.unknown_arrivals import (
    NoteUnknownArrival,
    ResolveUnknown,
    note_unknown_arrival,
    resolve_unknown,
    unknown_arrivals,
)
from tests.inventory.dock import DAY, SUPPLIER, open_house, scanned, truck
from tests.inventory.small_site import SITE
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import AlreadyAnswered, DeliveryShort, NotFound, WrongState

GTIN = "04006381333931"
MINUTE_MS = 60_000


def units(database: Database, code: str) -> dict[tuple[str, str], int]:
    """How many units of a product lie where, by lot and status."""
    found: dict[tuple[str, str], int] = {}
    with database.read() as session:
        for each in where_is(session, code):
            key = (each.lot, each.status.value)
            found[key] = found.get(key, 0) + each.quantity
    return found


def test_one_symbol_says_product_lot_expiry_and_serial(database: Database, clock: FixedClock) -> None:
    open_house(database, clock, "P1")
    numbered = NewProduct("P2", "Vaccine", 100, 100, 100, 500, barcodes=(GTIN.lstrip("0"),), serialised=True)
    database.run(save_products, SaveProducts((numbered,)), clock=clock)
    truck(database, clock, "N1", NoticeLine("P2", 3, lot="L7", expires_on=DAY))
    symbols = (f"]d201{GTIN}1727013110L7~21S1", f"(01){GTIN}(17)270131(10)L7(21)S2", "]d2hello", "4099999999990")
    taken, typed, unreadable, unknown = scanned(database, clock, "N1", *map(DockScan, symbols))
    assert (taken.verdict, taken.product, taken.lot, taken.expires_on, taken.serial, taken.left) == (
        Verdict.TAKEN,
        "P2",
        "L7",
        DAY,
        "S1",
        2,
    )
    assert (typed.serial, typed.left) == ("S2", 1)
    assert (unreadable.verdict, unknown.verdict) == (Verdict.UNREADABLE, Verdict.UNKNOWN)
    nameless, counted = scanned(
        database, clock, "N1", DockScan(f"]C101{GTIN}1727013110L7~371"), DockScan(f"]C101{GTIN}10L7~371", serial="S3")
    )
    assert nameless.verdict is Verdict.SERIAL_NEEDED
    assert (counted.quantity, counted.left) == (1, 0)
    with database.read() as session:
        (unit,) = find_serials(session, "S3")
    assert (unit.product, unit.lot, unit.place) == ("P2", "L7", "dock")
    database.run(close_delivery, CloseDelivery(SITE, "N1", "rita"), clock=clock)
    truck(database, clock, "N2", NoticeLine("P2", 3))
    assert scanned(database, clock, "N2", DockScan(symbols[0]))[0].verdict is Verdict.SERIAL_SEEN
    assert units(database, "P2") == {("L7", "available"): 3}
    with pytest.raises(NotFound):
        scanned(database, clock, "N9", DockScan("P2"))


def test_lots_come_from_the_symbol_the_notice_or_a_question(database: Database, clock: FixedClock) -> None:
    open_house(database, clock, "P1", "P2", "P3")
    lines = (NoticeLine("P1", 10, lot="L7", expires_on=DAY), NoticeLine("P2", 5, lot="A"), NoticeLine("P2", 5, lot="B"))
    truck(database, clock, "N1", *lines, NoticeLine("P3", 9))
    by_notice, unclear, named, plain = scanned(
        database,
        clock,
        "N1",
        DockScan("EAN-P1", 4),
        DockScan("EAN-P2", 2),
        DockScan("EAN-P2", 2, lot="B"),
        DockScan("P3", 9),
    )
    assert (by_notice.verdict, by_notice.lot, by_notice.expires_on, by_notice.left) == (Verdict.TAKEN, "L7", DAY, 6)
    assert unclear.verdict is Verdict.LOT_NEEDED
    assert (named.verdict, named.left) == (Verdict.TAKEN, 8)
    assert plain.lot == "2025-12-05"
    new_lot = scanned(database, clock, "N1", DockScan("P1", 1, lot="L8"))[0]
    assert new_lot.verdict is Verdict.EXPIRY_NEEDED
    taken = scanned(database, clock, "N1", DockScan("P1", 1, lot="L8", expires_on=date(2027, 3, 1)))[0]
    assert (taken.verdict, taken.left) == (Verdict.TAKEN, 5)
    differs = scanned(database, clock, "N1", DockScan("P1", 1, lot="L8", expires_on=DAY))[0]
    assert (differs.verdict, differs.why) == (Verdict.LOT_DIFFERS, "known with expiry 2027-03-01")
    assert units(database, "P1") == {("L7", "available"): 4, ("L8", "available"): 1}
    with database.read() as session:
        assert check(session).ok
        assert [(each.product, each.received) for each in delivery_lines(session, SITE, "N1")] == [
            ("P1", 5),
            ("P2", 0),
            ("P2", 2),
            ("P3", 9),
        ]


def test_more_than_announced_and_goods_not_announced_are_decided_by_a_person(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1", "P2")
    truck(database, clock, "N1", NoticeLine("P1", 5))
    over, strange = scanned(database, clock, "N1", DockScan("P1", 7), DockScan("P2", 2))
    assert (over.verdict, over.left) == (Verdict.OVER, 5)
    assert strange.verdict is Verdict.UNEXPECTED
    assert units(database, "P1") == {}
    refused = scanned(database, clock, "N1", DockScan("P1", 7, decision=Decision.REFUSE))[0]
    assert (refused.verdict, refused.quantity, refused.left) == (Verdict.TAKEN, 5, 0)
    assert scanned(database, clock, "N1", DockScan("P1", 1, decision=Decision.REFUSE))[0].verdict is Verdict.REFUSED
    accepted, held = scanned(
        database,
        clock,
        "N1",
        DockScan("P1", 2, decision=Decision.ACCEPT),
        DockScan("P2", 2, decision=Decision.HOLD),
    )
    assert (accepted.status, held.status) == (StockStatus.AVAILABLE, StockStatus.HOLD)
    assert units(database, "P1") == {("2025-12-05", "available"): 7}
    assert units(database, "P2") == {("2025-12-05", "hold"): 2}


def test_goods_are_held_damaged_or_expired_as_they_come_in(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    open_house(database, clock, "P1", "P2", inspect=True)
    truck(database, clock, "N1", NoticeLine("P1", 9, expires_on=date(2025, 12, 4)), NoticeLine("P2", 9))
    late, broken, checked = scanned(
        database, clock, "N1", DockScan("P1"), DockScan("P2", damaged=True), DockScan("P2", 3)
    )
    assert late.status is StockStatus.EXPIRED
    assert broken.status is StockStatus.DAMAGED
    assert checked.status is StockStatus.HOLD


def test_a_serial_comes_in_once_and_alone(sqlite_database: Database, clock: FixedClock) -> None:
    database = sqlite_database
    open_house(database, clock, "P1")
    truck(database, clock, "N1", NoticeLine("P1", 9))
    several = [DockScan("P1", serial=serial) for serial in ("S1", "S2", "S1")]
    answers = scanned(database, clock, "N1", *several, DockScan("P1", 2, serial="S3"))
    verdicts = [each.verdict for each in answers]
    assert verdicts == [Verdict.TAKEN, Verdict.TAKEN, Verdict.SERIAL_SEEN, Verdict.SERIAL_OF_ONE]
    assert scanned(database, clock, "N1", DockScan("P1", serial="S2"))[0].verdict is Verdict.SERIAL_SEEN


def test_a_call_that_is_sent_again_takes_nothing_twice(database: Database, clock: FixedClock) -> None:
    open_house(database, clock, "P1")
    truck(database, clock, "N1", NoticeLine("P1", 9))
    first = scanned(database, clock, "N1", DockScan("P1", 4), client_id="call-0001")
    assert scanned(database, clock, "N1", DockScan("P1", 4), client_id="call-0001") == first
    assert units(database, "P1") == {("2025-12-05", "available"): 4}
    with pytest.raises(AlreadyAnswered):
        scanned(database, clock, "N1", DockScan("P1", 5), client_id="call-0001")


def test_receivers_who_scan_the_same_product_at_once_never_take_more_than_announced(
    database: Database, clock: FixedClock
) -> None:
    open_house(database, clock, "P1")
    truck(database, clock, "N1", NoticeLine("P1", 10, lot="L1"))
    verdicts: list[Verdict] = []

    def receiver() -> None:
        verdicts.extend(scanned(database, clock, "N1", DockScan("P1", 1))[0].verdict for _ in range(4))

    threads = [threading.Thread(target=receiver) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert verdicts.count(Verdict.TAKEN) == 10
    assert verdicts.count(Verdict.OVER) == 6
    assert units(database, "P1") == {("L1", "available"): 10}
    with database.read() as session:
        assert check(session).ok


def test_a_short_delivery_closes_with_a_reason_and_the_rest_stays_on_order_or_not(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1", "P2")
    order = PlacePurchase(SITE, "PO1", SUPPLIER, (OrderedLine("P1", 10), OrderedLine("P2", 4)))
    database.run(place_purchase, order, clock=clock)
    database.run(announce, Announce(SITE, "N1", SUPPLIER, purchase_orders=("PO1",)), clock=clock)
    database.run(arrive, Arrive(SITE, "N1"), clock=clock)
    with pytest.raises(WrongState):
        scanned(database, clock, "N1", DockScan("P1", 1))
    database.run(dock, Dock(SITE, "N1"), clock=clock)
    scanned(database, clock, "N1", DockScan("P1", 7), DockScan("P2", 4))
    with pytest.raises(DeliveryShort) as short:
        database.run(close_delivery, CloseDelivery(SITE, "N1", "rita"), clock=clock)
    assert (short.value.quantity_missing, short.value.products) == (3, ("P1",))
    other = CloseDelivery(SITE, "N1", "rita", reasons={"P2": ShortReason.REFUSED})
    with pytest.raises(DeliveryShort):
        database.run(close_delivery, other, clock=clock)
    command = CloseDelivery(SITE, "N1", "rita", ShortReason.LOST, reasons={"P1": ShortReason.NOT_LOADED})
    assert [each.received for each in database.run(close_delivery, command, clock=clock).short] == [7]
    with database.read() as session:
        (purchase,) = purchases(session, SITE, open_only=True)
    assert [(each.received, each.closed_short) for each in purchase.lines] == [(7, None), (4, None)]
    database.run(announce, Announce(SITE, "N2", SUPPLIER, purchase_orders=("PO1",)), clock=clock)
    with database.read() as session:
        assert [(each.product, each.quantity) for each in delivery_lines(session, SITE, "N2")] == [("P1", 3)]
        assert delivery_lines(session, SITE, "N1")[0].closed_short is ShortReason.NOT_LOADED
    database.run(close_purchase, ClosePurchase(SITE, "PO1", ShortReason.CANCELLED), clock=clock)
    with database.read() as session:
        assert purchases(session, SITE, open_only=True) == ()


def test_a_delivery_that_brings_the_rest_closes_its_purchase_order(
    sqlite_database: Database, clock: FixedClock
) -> None:
    open_house(sqlite_database, clock, "P1")
    order = PlacePurchase(SITE, "PO1", SUPPLIER, (OrderedLine("P1", 2),))
    sqlite_database.run(place_purchase, order, clock=clock)
    truck(sqlite_database, clock, "N1", NoticeLine("P1", 2, purchase_order="PO1"))
    scanned(sqlite_database, clock, "N1", DockScan("P1", 2))
    sqlite_database.run(close_delivery, CloseDelivery(SITE, "N1", "rita"), clock=clock)
    with sqlite_database.read() as session:
        (purchase,) = purchases(session, SITE, open_only=False)
    assert not purchase.open


def test_unknown_goods_wait_for_a_manager_who_knows_them_or_refuses_them(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1")
    truck(database, clock, "N1")
    notes = [
        NoteUnknownArrival(SITE, "N1", code, quantity, "rita", description="blue box")
        for code, quantity in (("4099999999990", 6), ("no label", 1))
    ]
    first, second = (database.run(note_unknown_arrival, note, clock=clock).arrival for note in notes)
    known = database.run(
        resolve_unknown, ResolveUnknown(SITE, first, "mara", product="P1", expires_on=DAY), clock=clock
    )
    assert (known.resolution, known.product, known.station) == (Resolution.TAKEN, "P1", "dock")
    assert units(database, "P1") == {("EXP-2027-01-31", "available"): 6}
    assert scanned(database, clock, "N1", DockScan("4099999999990"))[0].product == "P1"
    refused = database.run(resolve_unknown, ResolveUnknown(SITE, second, "mara"), clock=clock)
    assert refused.resolution is Resolution.REFUSED
    with pytest.raises(WrongState):
        database.run(resolve_unknown, ResolveUnknown(SITE, second, "mara", product="P1"), clock=clock)
    with database.read() as session:
        assert unknown_arrivals(session, SITE) == ()
        assert check(session).ok


def test_dock_to_stock_counts_units_from_the_gate_to_the_bin_and_those_that_wait(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, "P1")
    begun_ms = clock.now_ms()
    truck(database, clock, "N1", NoticeLine("P1", 10))
    clock.advance(10 * MINUTE_MS)
    scanned(database, clock, "N1", DockScan("P1", 10))
    clock.advance(20 * MINUTE_MS)
    with database.read() as session:
        shelf = min(live_site(session, SITE).bins)
    database.run(stow, Stow(SITE, "dock", shelf, "P1", 9, "sam"), clock=clock)
    clock.advance(30 * MINUTE_MS)
    with database.read() as session:
        (acme,) = dock_to_stock(session, SITE, begun_ms, clock)
        assert dock_to_stock(session, SITE, begun_ms + 1, clock) == ()
    assert (acme.source, acme.units, acme.units_waiting) == (SUPPLIER, 10, 1)
    assert (acme.median_ms, acme.p95_ms) == (30 * MINUTE_MS, 60 * MINUTE_MS)

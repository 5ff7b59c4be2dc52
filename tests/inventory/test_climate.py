"""A zone that leaves its climate: goods are held, somebody is told once, and the lot's record keeps it."""

import pytest

from inventory.rules.climate import Reading, excursion, harms
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.rules.storage_policy import NO_COLDEST_DC, NO_WARMEST_DC, Climate, StowRules
from inventory.work.checking import check
from inventory.work.climate import (
    AcknowledgeExcursion,
    ReadingTaken,
    TakeReading,
    acknowledge_excursion,
    take_reading,
)
from inventory.work.excursion_views import excursions
from inventory.work.locating import lies_in, where_is
from inventory.work.lot_correcting import CorrectLot, correct_lot
from inventory.work.owning import SaveOwner, save_owner
from inventory.work.product_needs import SetNeeds, set_needs
from inventory.work.recalling import CallBack, call_back, recall_view
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.statuses import ChangeStatus, change_status
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from inventory.work.stowing import StowAtRandom, stow_at_random
from tests.inventory.small_site import SITE, Goods, order, released, stocked
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound, WrongState

WARM = Climate(150, 250, dampest_percent=70)


@pytest.mark.parametrize(
    ("reading", "what"),
    [
        (Reading(150, 70), None),
        (Reading(149), "14.9 °C, 15.0 °C at least"),
        (Reading(251, 99), "25.1 °C, 25.0 °C at most"),
        (Reading(200, 71), "71 % humidity, 70 % at most"),
    ],
)
def test_a_reading_is_right_up_to_the_limits(reading: Reading, what: str | None) -> None:
    assert excursion(reading, WARM) == what
    assert harms(reading, NO_COLDEST_DC, NO_WARMEST_DC, WARM) == (what is not None)


def test_goods_with_a_range_of_their_own_go_by_it() -> None:
    assert not harms(Reading(300), 100, 400, WARM)
    assert harms(Reading(200), 210, 400, WARM)
    assert harms(Reading(220, 90), 210, 400, WARM)


def reading(database: Database, clock: FixedClock, temperature_dc: int, client_id: str = "") -> ReadingTaken:
    command = TakeReading(SITE, "ambient", temperature_dc, "probe", source="T1", client_id=client_id)
    return take_reading(database, command, clock)


def test_an_excursion_holds_what_it_is_bad_for_and_is_raised_once(database: Database, clock: FixedClock) -> None:
    stocked(database, clock, Goods((("P1", 6, None), ("HARDY", 6, None)), num_bins=2))
    policy = StockPolicy(stowing=StowRules(climates={"ambient": WARM}))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)
    database.run(set_needs, SetNeeds("HARDY", warmest_dc=400), clock=clock)
    released(database, clock, order("A", ("P1", 2)))
    assert reading(database, clock, 200) == ReadingTaken(1, None, "", (), (), ())
    first = reading(database, clock, 300, "r-300")
    assert reading(database, clock, 300, "r-300") == first
    assert (first.what, first.orders) == ("30.0 °C, 25.0 °C at most", ("A",))
    assert {each.product for each in first.held} == {"P1"}
    assert sum(each.quantity for each in first.held) == 6
    second = reading(database, clock, 310)
    assert (second.excursion_id, second.held) == (first.excursion_id, ())
    clock.advance(60_000)
    reading(database, clock, 240)
    where = first.held[0]
    free = ChangeStatus(
        SITE, where.place, "P1", StockStatus.AVAILABLE, "released", "mara", from_status=StockStatus.HOLD
    )
    change_status(database, free, clock)
    with database.read() as session:
        (raised,) = excursions(session, SITE, acknowledged=False, product="P1", lot=where.lot)
        assert excursions(session, SITE, product="HARDY") == ()
        assert check(session).ok
    assert (raised.coldest_dc, raised.warmest_dc, raised.ended_ms) == (300, 310, clock.now_ms())
    assert sum(each.quantity for each in raised.lots) == 6
    assert (raised.driest_percent, raised.dampest_percent) == (None, None)
    assert first.excursion_id is not None
    command = AcknowledgeExcursion(SITE, first.excursion_id, "mara")
    assert database.run(acknowledge_excursion, command, clock=clock).acknowledged_by == "mara"
    with pytest.raises(WrongState, match="acknowledged by mara"):
        database.run(acknowledge_excursion, command, clock=clock)
    again = reading(database, clock, 100)
    assert again.excursion_id not in (None, first.excursion_id)
    with pytest.raises(NotFound, match="zone"):
        take_reading(database, TakeReading(SITE, "attic", 200, "probe"), clock)


def damp(database: Database, clock: FixedClock, temperature_dc: int, humidity_percent: int | None) -> ReadingTaken:
    clock.advance(60_000)
    return take_reading(database, TakeReading(SITE, "ambient", temperature_dc, "probe", humidity_percent), clock)


def kept_warm(database: Database, clock: FixedClock) -> None:
    """Six units of the house and four of a merchant's lot of the same code, in a zone that keeps a climate."""
    stocked(database, clock, Goods((("P1", 6, None),), num_bins=1))
    database.run(save_owner, SaveOwner("acme", "Acme"), clock=clock)
    with database.read() as session:
        (mine,) = where_is(session, "P1")
    receipt = Receipt("P1", 4, mine.lot, owner="acme")
    database.run(receive, Receive(SITE, (receipt,), "receiver"), clock=clock)
    database.run(stow_at_random, StowAtRandom(SITE, "dock", "stower", num_bins=1), clock=clock)
    policy = StockPolicy(stowing=StowRules(climates={"ambient": WARM}))
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)


def test_a_lot_keeps_on_record_how_warm_and_how_damp_it_was_when_it_is_asked_for_anywhere(
    database: Database, clock: FixedClock
) -> None:
    kept_warm(database, clock)
    with database.read() as session:
        assert {each.excursions for each in where_is(session, "P1")} == {()}
    for temperature_dc, percent in ((200, 75), (190, None), (260, 60), (240, 82), (200, 50)):
        damp(database, clock, temperature_dc, percent)
    for temperature_dc in (100, 200):
        damp(database, clock, temperature_dc, None)
    with database.read() as session:
        units = where_is(session, "P1")
        ours, theirs = (next(each for each in units if each.owner == owner) for owner in ("house", "acme"))
        lot = ours.lot
        assert where_is(session, lot) == units
        assert lies_in(session, SITE, ours.place).units[0].excursions == ours.excursions
        called = recall_view(session, "P1", lot)
        assert recall_view(session, "P1", lot, owner="acme").excursions == theirs.excursions
    seen = [
        (each.what, each.coldest_dc, each.warmest_dc, each.driest_percent, each.dampest_percent, each.quantity)
        for each in ours.excursions
    ]
    assert seen == [
        ("75 % humidity, 70 % at most", 190, 260, 60, 82, 6),
        ("10.0 °C, 15.0 °C at least", 100, 100, None, None, 6),
    ]
    assert {(each.owner, each.quantity) for each in theirs.excursions} == {("acme", 4)}
    assert set(called.excursions) == {*ours.excursions, *theirs.excursions}
    assert all(each.ended_ms is not None for each in called.excursions)
    assert call_back(database, CallBack(SITE, "P1", lot, "recall-supplier", "mara"), clock).recall.excursions == (
        called.excursions
    )
    damp(database, clock, 300, None)
    with database.read() as session:
        assert {len(each.excursions) for each in where_is(session, "P1")} == {3}, "a recall may be lifted"
        assert check(session).ok


def test_what_units_went_through_goes_with_them_to_the_lot_that_they_turn_out_to_be_of(
    database: Database, clock: FixedClock
) -> None:
    kept_warm(database, clock)
    for temperature_dc in (300, 200):
        damp(database, clock, temperature_dc, None)
    with database.read() as session:
        ours = next(each for each in where_is(session, "P1") if each.owner == "house")
    right = CorrectLot(SITE, ours.place, "P1", ours.lot, "RIGHT", "label-misread", "mara", status=StockStatus.HOLD)
    correct_lot(database, right, clock)
    with database.read() as session:
        (put_right,) = where_is(session, "RIGHT")
        (seen,) = excursions(session, SITE)
        assert recall_view(session, "P1", ours.lot, owner="house").excursions == ()
    assert [(each.owner, each.quantity) for each in put_right.excursions] == [("house", 6)]
    assert put_right.excursions == ours.excursions
    assert sorted((each.owner, each.lot, each.quantity) for each in seen.lots) == [
        ("acme", ours.lot, 4),
        ("house", "RIGHT", 6),
    ]


def test_an_owner_is_told_of_the_excursions_of_his_own_goods_alone(database: Database, clock: FixedClock) -> None:
    kept_warm(database, clock)
    damp(database, clock, 300, None)
    with database.read() as session:
        (all_of_it,) = excursions(session, SITE)
        (mine,) = excursions(session, SITE, owner="acme")
        assert {each.owner for each in all_of_it.lots} == {"house", "acme"}
        assert [(each.owner, each.quantity) for each in mine.lots] == [("acme", 4)]
        assert mine.excursion_id == all_of_it.excursion_id
        assert excursions(session, SITE, owner="beta") == ()
        assert excursions(session, SITE, owner="acme", product="P2") == ()

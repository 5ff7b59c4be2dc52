"""A grocer's weeks through the ledger: nothing expired leaves, and the alerts are those of a recomputation."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from inventory.importing.orders import LineRead, OrderRead
from inventory.tables.withholding import ShelfLifeAlertRow
from inventory.work.cataloguing import NewProduct
from sim.food_demand import CLASSES, FoodClass, FoodYear, read_classes, read_food_year
from sim.food_floor import food_site, largest_stock_mm3
from sim.food_year import expected_alerts, run_food_year
from tests.shared_data import shared
from warehouse.bins import StorageClass
from warehouse.database import Database

FIRST = date(2026, 3, 28)
NUM_DAYS = 18


def small_year() -> FoodYear:
    """Milk that comes in lots too large to be sold in time, jam that keeps, and spoons that never expire."""
    classes = {
        "Dairy": FoodClass(StorageClass.CHILLED, 6, (4, 2, 1)),
        "Jam": FoodClass(StorageClass.AMBIENT, 20, (10, 5)),
        "Spoons": FoodClass(StorageClass.AMBIENT),
    }
    products = tuple(
        NewProduct(f"{number}", name, 100, 100, 100, 500, storage_class=classes[name].storage_class, category=name)
        for number, name in enumerate(classes)
    )
    days = [FIRST + timedelta(days=number) for number in range(NUM_DAYS)]
    orders = {
        day: tuple(
            OrderRead(f"{day}-{number}", datetime(day.year, day.month, day.day, tzinfo=UTC), None, "", 0, [
                LineRead(0, code, 1 + number, "") for code in "012"
            ])
            for number in range(2)
        )
        for day in days
    }  # fmt: skip
    return FoodYear(classes, products, {day: {"0": 40, "1": 9} for day in days[::5]}, orders)


def test_a_few_weeks_ship_nothing_expired_and_raise_the_alerts_that_numpy_comes_to(sqlite_database: Database) -> None:
    year = small_year()
    run = run_food_year(sqlite_database, year)
    assert (run.days, run.orders_shipped, run.lines_short) == (NUM_DAYS, 2 * NUM_DAYS, 0)
    assert run.units_without_room == 0
    assert run.units_shipped == 9 * NUM_DAYS
    assert run.units_destroyed > 0, "some milk was too much"
    assert run.late == ()
    assert run.alerts >= 10
    assert (run.too_many, run.too_few) == (frozenset(), frozenset())
    assert run.ledger_ok
    assert run.units_received == run.units_shipped + run.units_destroyed + run.units_here


def test_the_floor_is_made_for_the_largest_stock_of_any_day() -> None:
    largest_mm3 = largest_stock_mm3(small_year())
    # Three units of each are sold a day. Of 40 litres of milk that come every five days 31 are left when the next come;
    # jam and spoons are bought for ten days.
    assert largest_mm3 == {StorageClass.CHILLED: 71_000_000, StorageClass.AMBIENT: 60_000_000}
    assert {zone.name for zone in food_site(small_year()).zones} == {"ambient", "chilled", "frozen"}


def test_of_some_products_the_year_keeps_what_is_theirs() -> None:
    year = small_year().of_every(2)
    assert [each.code for each in year.products] == ["0", "2"]
    assert {code for came in year.shipped.values() for code in came} == {"0"}
    assert set(year.units(year.days)) == {"0", "2"}


def test_the_recomputation_sees_an_alert_that_was_not_raised(sqlite_database: Database) -> None:
    year = small_year()
    run_food_year(sqlite_database, year, 4)
    with sqlite_database.read() as session:
        expected = expected_alerts(session, year, year.days[:4])
        raised = session.execute(select(col(ShelfLifeAlertRow.lot_id))).scalars().all()
    assert {each.level_days for each in expected} == {4}
    assert {each.lot_id for each in expected} == set(raised)
    wider = FoodYear({**year.classes, "Jam": FoodClass(StorageClass.AMBIENT, 20, (18,))}, year.products, {}, {})
    with sqlite_database.read() as session:
        assert len(expected_alerts(session, wider, year.days[:4])) > len(expected)


@pytest.mark.shared_data
def test_every_class_of_foodmart_is_kept_somehow_and_its_year_is_read_whole() -> None:
    year = read_food_year(shared("data", "foodmart"))
    assert len(year.products) == 1_560
    assert {each.storage_class for each in year.products} == {
        StorageClass.AMBIENT,
        StorageClass.CHILLED,
        StorageClass.FROZEN,
    }
    assert {each.category for each in year.products} <= set(read_classes(CLASSES))
    assert sum(sum(units.values()) for units in year.shipped.values()) == 207_726
    assert sum(year.units(year.orders).values()) == 266_773
    assert sum(len(orders) for orders in year.orders.values()) == 20_530

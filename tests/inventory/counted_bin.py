"""Bins counted on the small site, by people who see what is told them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import col

from inventory.rules.counting import CountTrigger
from inventory.tables.counts import CountState
from inventory.tables.products import LotRow, ProductRow
from inventory.tables.stock import BalanceRow
from inventory.work.count_assigning import TakeCount, take_count
from inventory.work.count_planning import RequestCounts, request_counts
from inventory.work.count_views import DifferenceView, list_counts, list_differences
from inventory.work.counting import CloseCount, CountGoods, OpenCount, close_count, count_goods, open_count
from tests.inventory.small_site import SITE
from warehouse.clock import Clock
from warehouse.database import Database
from warehouse.tables import PlaceRow


def contents(database: Database, code: str) -> dict[str, int]:
    """What the books say lies in a place, by product."""
    query = (
        select(col(ProductRow.code), col(BalanceRow.quantity))
        .join(BalanceRow, col(BalanceRow.product_id) == col(ProductRow.id))
        .join(PlaceRow, col(PlaceRow.id) == col(BalanceRow.place_id))
        .where(col(PlaceRow.code) == code)
    )
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def bin_with(database: Database, product: str, number: int = 0) -> str:
    """The code of the `number`th bin that holds a product."""
    query = (
        select(col(PlaceRow.code))
        .join(BalanceRow, col(BalanceRow.place_id) == col(PlaceRow.id))
        .join(ProductRow, col(ProductRow.id) == col(BalanceRow.product_id))
        .where(col(ProductRow.code) == product, col(PlaceRow.kind) == "bin")
        .order_by(col(PlaceRow.id))
    )
    with database.read() as session:
        return str(session.execute(query).scalars().all()[number])


def lot_code(database: Database, product: str) -> str:
    """The first lot of a product."""
    query = select(col(LotRow.code)).join(ProductRow, col(ProductRow.id) == col(LotRow.product_id))
    with database.read() as session:
        return str(session.execute(query.where(col(ProductRow.code) == product)).scalars().first())


def request(database: Database, clock: Clock, *bins: str) -> None:
    """Have bins counted."""
    database.run(request_counts, RequestCounts(SITE, bins), clock=clock)


def begun(database: Database, clock: Clock, code: str, counter: str) -> int:
    """The count of a bin, taken by a counter who stands there."""
    count_id = database.run(take_count, TakeCount(SITE, counter), clock=clock).count_id
    assert count_id is not None
    database.run(open_count, OpenCount(count_id, counter, code), clock=clock)
    return count_id


def counted(database: Database, clock: Clock, code: str, counter: str, seen: Mapping[str, int]) -> CountState:
    """How a bin's count stands after a counter took it and saw this many units of each product."""
    count_id = begun(database, clock, code, counter)
    for product, quantity in seen.items():
        command = CountGoods(count_id, counter, f"EAN-{product}", quantity)
        assert not database.run(count_goods, command, clock=clock).moved
    closed = database.run(close_count, CloseCount(count_id, counter), clock=clock)
    assert not closed.moved
    return closed.state


def doubted(database: Database) -> set[str]:
    """The bins that are due after an exception."""
    with database.read() as session:
        due = list_counts(session, SITE, state=CountState.DUE)
    return {each.bin_code for each in due if each.trigger is CountTrigger.EXCEPTION}


def differences(database: Database) -> tuple[DifferenceView, ...]:
    """All differences found, the latest first."""
    with database.read() as session:
        return list_differences(session, SITE)

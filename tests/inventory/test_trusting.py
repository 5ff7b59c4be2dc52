"""Records that somebody does not trust are all counted before they are trusted again."""

import pytest

from inventory.rules.counting import Approver, RootCause
from inventory.tables.counts import CountState
from inventory.work.approving import ApproveDifference, approve_difference
from inventory.work.audit_views import accuracy_view
from inventory.work.cataloguing import SaveProducts, save_products
from inventory.work.count_assigning import TakeCount, take_count
from inventory.work.count_views import list_counts
from inventory.work.counting import CloseCount, CountGoods, OpenCount, close_count, count_goods, open_count
from inventory.work.receiving import Receipt, Receive, receive
from inventory.work.sites import live_site
from inventory.work.stowing import Stow, stow
from inventory.work.trusting import Distrust, DistrustView, distrust, distrusted
from tests.inventory.counted_bin import differences
from tests.inventory.dock import open_house
from tests.inventory.small_site import DEFINITION, SITE, product
from warehouse.bins import StorageClass
from warehouse.clock import FixedClock
from warehouse.database import Database
from warehouse.errors import NotFound

TINY = DEFINITION.replace("blocks: 2", "blocks: 1").replace("bays: 6", "bays: 1")


def count_next(database: Database, clock: FixedClock, counter: str, units: dict[str, int]) -> CountState | None:
    """Somebody counts the next bin that is due, in which he sees so many units of the product; None if none is due."""
    count_id = database.run(take_count, TakeCount(SITE, counter), clock=clock).count_id
    if count_id is None:
        return None
    with database.read() as session:
        code = next(each.bin_code for each in list_counts(session, SITE) if each.count_id == count_id)
    database.run(open_count, OpenCount(count_id, counter, code), clock=clock)
    if code in units:
        database.run(count_goods, CountGoods(count_id, counter, "EAN-P", units[code]), clock=clock)
    return database.run(close_count, CloseCount(count_id, counter), clock=clock).state


def views(database: Database, clock: FixedClock) -> tuple[DistrustView, ...]:
    """What is not trusted, as the accuracy of the site tells it."""
    with database.read() as session:
        found = accuracy_view(session, SITE, clock).untrusted
        assert found == distrusted(session, SITE, open_only=True)
    return found


def test_a_zone_is_trusted_again_when_its_last_bin_is_counted_and_decided(
    sqlite_database: Database, clock: FixedClock
) -> None:
    database = sqlite_database
    open_house(database, clock, definition=TINY)
    chilled = product("P", storage_class=StorageClass.CHILLED)
    database.run(save_products, SaveProducts((chilled,)), clock=clock)
    database.run(receive, Receive(SITE, (Receipt("P", 5, lot="L"),), "rita"), clock=clock)
    with database.read() as session:
        bins = [each.code for each in live_site(session, SITE).site.bins if each.zone == "chilled"]
    database.run(stow, Stow(SITE, "dock", bins[0], "P", 5, "rita"), clock=clock)
    with pytest.raises(NotFound, match="zone"):
        database.run(distrust, Distrust(SITE, "flooded", "max", "attic"), clock=clock)
    begun = database.run(distrust, Distrust(SITE, "flooded", "max", "chilled", client_id="wet"), clock=clock)
    assert (begun.num_bins, begun.num_left, begun.trusted_ms) == (len(bins), len(bins), None)
    assert views(database, clock) == (begun,)
    seen = {bins[0]: 4}
    while count_next(database, clock, "ann", seen) is not None:
        clock.advance(1000)
    assert [each.num_left for each in views(database, clock)] == [1]
    assert count_next(database, clock, "bob", seen) is CountState.APPROVAL
    assert [each.num_left for each in views(database, clock)] == [1]
    (found,) = differences(database)
    clock.advance(1000)
    approved = ApproveDifference(found.difference_id, "max", Approver.MANAGER, cause=RootCause.DAMAGE)
    database.run(approve_difference, approved, clock=clock)
    assert views(database, clock) == ()
    with database.read() as session:
        (over,) = distrusted(session, SITE)
    assert (over.zone, over.reason, over.declared_by, over.num_left) == ("chilled", "flooded", "max", 0)
    assert over.trusted_ms == clock.now_ms()


def test_the_whole_site_may_not_be_trusted_and_counts_of_before_do_not_mend_that(
    sqlite_database: Database, clock: FixedClock
) -> None:
    open_house(sqlite_database, clock, definition=TINY)
    sqlite_database.run(distrust, Distrust(SITE, "moved house", "max", "chilled"), clock=clock)
    while count_next(sqlite_database, clock, "ann", {}) is not None:
        clock.advance(1)
    assert views(sqlite_database, clock) == ()
    again = sqlite_database.run(distrust, Distrust(SITE, "burgled", "max"), clock=clock)
    with sqlite_database.read() as session:
        assert again.num_left == again.num_bins == len(live_site(session, SITE).bins)
        assert [each.reason for each in distrusted(session, SITE)] == ["burgled", "moved house"]

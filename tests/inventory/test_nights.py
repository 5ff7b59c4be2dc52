"""A house does by itself what has to be done every night: once, by one server, and again if it failed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest

from inventory.rules.nights import RETRY_FIRST_MS, RETRY_MAX_MS, latest_night, retry_ms
from inventory.rules.stock_policy import StockPolicy, StockStatus
from inventory.tables.nights import NightTask, TaskState
from inventory.work import nights as work
from inventory.work.nights import CLAIM_MS, ClaimTask, NightView, claim_task, do_nights, nights
from inventory.work.shelf_life_alerts import alerts
from inventory.work.stock_policies import SetStockPolicy, set_stock_policy
from tests.inventory.small_site import SITE, Goods, stocked
from tests.inventory.test_statuses import lying
from warehouse.clock import Clock, FixedClock
from warehouse.database import Database

AT = time(2)
HOUR_MS = 3_600_000
TOMORROW = date(2025, 12, 6)


def house(database: Database, clock: FixedClock) -> None:
    """P1 expires on the day after tomorrow, P2 four days later; with fewer than three days goods are quarantined."""
    days = (TOMORROW + timedelta(1), TOMORROW + timedelta(5))
    stocked(database, clock, Goods((("P1", 10, days[0]), ("P2", 6, days[1])), num_bins=1))
    policy = StockPolicy(quarantine_days={"": 3})
    database.run(set_stock_policy, SetStockPolicy(SITE, policy, 0, "mara"), clock=clock)


def seen(database: Database) -> tuple[NightView, ...]:
    with database.read() as session:
        return nights(session, SITE)


def test_the_work_of_a_night_is_done_once_by_whichever_server_comes_first(
    database: Database, clock: FixedClock
) -> None:
    house(database, clock)
    assert do_nights(database, clock, AT) == 0, "the night before was over when the site was opened"
    clock.advance(13 * HOUR_MS - 1)
    assert do_nights(database, clock, AT) == 0, "in Rome it is not two yet"
    clock.advance(1)
    with ThreadPoolExecutor(2) as servers:
        tried = [servers.submit(do_nights, database, clock, AT) for _ in range(2)]
    assert sum(each.result() for each in tried) == len(NightTask)
    assert do_nights(database, clock, AT) == 0
    told = seen(database)
    assert {each.task for each in told} == set(NightTask)
    assert {(each.day, each.state, each.tries) for each in told} == {(TOMORROW, TaskState.DONE, 1)}
    assert next(each.said for each in told if each.task is NightTask.SAMPLE).startswith("nothing to draw")
    assert lying(database)[0][1] == StockStatus.QUARANTINED
    with database.read() as session:
        assert [(each.product, each.level_days) for each in alerts(session, SITE, clock)] == [("P1", 7), ("P2", 7)]
    clock.advance(2 * 24 * HOUR_MS)
    assert do_nights(database, clock, AT) == len(NightTask), "a night that was missed is made up for by the next"
    assert lying(database)[0][1] == StockStatus.EXPIRED
    assert {each.day for each in seen(database)} == {TOMORROW, TOMORROW + timedelta(2)}


def test_what_fails_keeps_nothing_else_from_being_done_and_is_tried_again(
    sqlite_database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house(sqlite_database, clock)
    clock.advance(14 * HOUR_MS)

    def fails(database: Database, site: str, day: date, clock: Clock) -> str:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setitem(work.DO, NightTask.COUNTS, fails)
        assert do_nights(sqlite_database, clock, AT) == len(NightTask) - 1
        assert do_nights(sqlite_database, clock, AT) == 0, "it rests"
    assert "the disk is full" in caplog.text
    (failed,) = [each for each in seen(sqlite_database) if each.state is TaskState.FAILED]
    assert (failed.task, failed.said) == (NightTask.COUNTS, "RuntimeError: the disk is full")
    clock.advance(RETRY_FIRST_MS)
    assert do_nights(sqlite_database, clock, AT) == 1
    assert [each.tries for each in seen(sqlite_database) if each.task is NightTask.COUNTS] == [2]


def test_a_task_whose_server_died_is_taken_over(sqlite_database: Database, clock: FixedClock) -> None:
    house(sqlite_database, clock)
    clock.advance(14 * HOUR_MS)
    claim = ClaimTask(1, TOMORROW, NightTask.COUNTS)
    assert sqlite_database.run(claim_task, claim, clock=clock).mine
    assert do_nights(sqlite_database, clock, AT) == len(NightTask) - 1
    clock.advance(CLAIM_MS)
    assert do_nights(sqlite_database, clock, AT) == 1


@pytest.mark.parametrize(
    ("now", "day", "due"),
    [
        ("2026-03-29 00:59", date(2026, 3, 28), "2026-03-28 01:00"),
        ("2026-03-29 01:00", date(2026, 3, 29), "2026-03-29 01:00"),  # two becomes three on this day
        ("2026-03-30 00:30", date(2026, 3, 30), "2026-03-30 00:00"),
        ("2026-10-25 00:30", date(2026, 10, 25), "2026-10-25 00:00"),  # two comes twice on this day
        ("2026-10-26 00:30", date(2026, 10, 25), "2026-10-25 00:00"),
    ],
)
def test_a_night_is_due_by_the_clocks_of_the_site(now: str, day: date, due: str) -> None:
    now_ms, due_ms = (round(datetime.fromisoformat(each).replace(tzinfo=UTC).timestamp() * 1000) for each in (now, due))
    night = latest_night(now_ms, AT, "Europe/Rome")
    assert (night.day, night.due_ms) == (day, due_ms)


def test_pauses_between_tries_grow_up_to_an_hour() -> None:
    pauses = [retry_ms(tries) for tries in range(1, 40)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (RETRY_FIRST_MS, 2 * RETRY_FIRST_MS, RETRY_MAX_MS)

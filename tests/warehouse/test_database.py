"""Commands are carried out whole, once, and are on disk when they are answered."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, select

from warehouse.clock import Clock, FixedClock
from warehouse.database import Database
from warehouse.database.engines import require_safe
from warehouse.errors import AlreadyAnswered, DatabaseUnsafe, WrongState
from warehouse.tables import CommandRow, SiteRow

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines


@dataclass(frozen=True)
class OpenSite:
    code: str
    client_id: str = ""


@dataclass(frozen=True)
class Opened:
    code: str
    num_sites: int
    notes: tuple[str, ...] = ()


def open_site(session: Session, command: OpenSite, clock: Clock) -> Opened:
    session.add(SiteRow(code=command.code, name="", time_zone="UTC", definition="", created_ms=clock.now_ms()))
    session.flush()
    return Opened(command.code, len(session.exec(select(SiteRow)).all()), ("as asked",))


def open_and_refuse(session: Session, command: OpenSite, clock: Clock) -> None:
    open_site(session, command, clock)
    raise WrongState("site", command.code, "refused")


def codes(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(site.code for site in session.exec(select(SiteRow)))


def in_one_group(
    database: Database, works: Sequence[Callable[..., object]], clock: Clock
) -> list[BaseException | None]:
    """Let one commit carry out `works` in their order; what each of them was answered, if an error."""
    started, go_on = threading.Event(), threading.Event()

    def hold(session: Session, command: None, clock: Clock) -> None:
        started.set()
        go_on.wait()

    writer = database._writer
    assert writer is not None
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(works) + 1) as pool:
        patch.setattr("warehouse.database.writer.GROUP_MAX_S", 60.0)  # a slow machine must not end the group early
        pool.submit(database.run, hold, None, clock=clock)
        started.wait()
        futures = []
        for num_waiting, work in enumerate(works, start=1):
            futures.append(pool.submit(database.run, work, OpenSite(f"S{num_waiting}"), clock=clock))
            while writer._waiting.qsize() < num_waiting:
                time.sleep(0.001)
        go_on.set()
    return [future.exception() for future in futures]


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 3), (3, 50, 6), (3, 51, 2)])
def test_a_sqlite_that_can_lose_commits_is_refused_with_what_to_do(version: tuple[int, int, int]) -> None:
    with pytest.raises(DatabaseUnsafe, match=r"install pysqlite3.*or set ONWARD_DATABASE_URL"):
        require_safe(version)


@pytest.mark.parametrize("version", [(3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)])
def test_a_fixed_sqlite_is_accepted(version: tuple[int, int, int]) -> None:
    require_safe(version)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://h/d", "mysql://h/d"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a database url is"):
        Database.open(url)


def test_every_sqlite_connection_has_the_pragmas_that_keep_data_safe(sqlite_database: Database) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    for engine in (sqlite_database._reading, sqlite_database._writing):
        with engine.connect() as connection:
            for pragma, value in expected.items():
                assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path}/new/folder/onward.db"):
        assert (tmp_path / "new" / "folder").is_dir()


def test_what_a_command_did_is_seen_by_the_next_reader(database: Database, clock: FixedClock) -> None:
    assert database.run(open_site, OpenSite("A"), clock=clock) == Opened("A", 1, ("as asked",))
    assert codes(database) == ["A"]


def test_a_refused_command_leaves_nothing_and_its_id_may_be_used_again(database: Database, clock: FixedClock) -> None:
    with pytest.raises(WrongState):
        database.run(open_and_refuse, OpenSite("A", "id-1"), clock=clock)
    assert codes(database) == []
    assert database.run(open_site, OpenSite("A", "id-1"), clock=clock).num_sites == 1


def test_the_same_id_with_the_same_content_answers_the_same_again(database: Database, clock: FixedClock) -> None:
    first = database.run(open_site, OpenSite("A", "id-1"), clock=clock)
    database.run(open_site, OpenSite("B", "id-2"), clock=clock)
    again = database.run(open_site, OpenSite("A", "id-1"), clock=clock)
    assert again == first
    assert isinstance(again.notes, tuple)
    assert codes(database) == ["A", "B"]


def test_the_same_id_with_other_content_is_refused(database: Database, clock: FixedClock) -> None:
    database.run(open_site, OpenSite("A", "id-1"), clock=clock)
    with pytest.raises(AlreadyAnswered):
        database.run(open_site, OpenSite("B", "id-1"), clock=clock)
    assert codes(database) == ["A"]


def test_an_answer_of_none_is_remembered_too(database: Database, clock: FixedClock) -> None:
    def forget(session: Session, command: OpenSite, clock: Clock) -> None:
        open_site(session, command, clock)

    for _ in range(2):
        database.run(forget, OpenSite("A", "id-1"), clock=clock)
    assert codes(database) == ["A"]


def test_a_client_id_too_long_to_be_kept_is_refused(database: Database, clock: FixedClock) -> None:
    with pytest.raises(ValueError, match="at most 64"):
        database.run(open_site, OpenSite("A", "x" * 65), clock=clock)


def test_one_id_sent_from_twenty_threads_at_once_is_applied_once(database: Database, clock: FixedClock) -> None:
    answers: list[Opened] = []
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: answers.append(database.run(open_site, OpenSite("A", "id-1"), clock=clock)), range(20)))
    assert answers == [Opened("A", 1, ("as asked",))] * 20
    assert codes(database) == ["A"]
    with database.read() as session:
        assert [row.client_id for row in session.exec(select(CommandRow))] == ["id-1"]


def test_commands_decide_as_if_one_came_after_the_other(database: Database, clock: FixedClock) -> None:
    def open_the_first(session: Session, command: OpenSite, clock: Clock) -> bool:
        if session.exec(select(SiteRow)).first() is not None:
            return False
        open_site(session, command, clock)
        return True

    won: list[bool] = []
    with ThreadPoolExecutor(10) as pool:
        list(
            pool.map(
                lambda n: won.append(database.run(open_the_first, OpenSite(f"S{n}", f"id-{n}"), clock=clock)), range(10)
            )
        )
    assert sorted(won) == [False] * 9 + [True]


def test_a_refused_command_takes_none_of_its_group_with_it(database: Database, clock: FixedClock) -> None:
    def act(number: int) -> None:
        if number % 3 == 0:
            with pytest.raises(WrongState):
                database.run(open_and_refuse, OpenSite(f"S{number}"), clock=clock)
        else:
            database.run(open_site, OpenSite(f"S{number}"), clock=clock)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(12)))
    assert codes(database) == sorted(f"S{number}" for number in range(12) if number % 3)


def test_a_failed_commit_fails_every_command_of_the_group(sqlite_database: Database, clock: FixedClock) -> None:
    def break_the_commit(session: Session, command: OpenSite, clock: Clock) -> None:
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        session.connection().execute(text("INSERT INTO place VALUES (1, 99, 'bin', 'nowhere', 1)"))

    errors = in_one_group(sqlite_database, [open_site, break_the_commit, open_site, open_and_refuse], clock)
    assert [type(error) for error in errors] == [IntegrityError] * 4
    assert codes(sqlite_database) == []
    sqlite_database.run(open_site, OpenSite("A"), clock=clock)
    assert codes(sqlite_database) == ["A"]


def test_when_sqlite_rolls_back_by_itself_nobody_in_the_group_is_told_otherwise(
    sqlite_database: Database, clock: FixedClock
) -> None:
    def lose_the_transaction(session: Session, command: OpenSite, clock: Clock) -> None:
        session.connection().execute(text("INSERT OR ROLLBACK INTO place VALUES (1, 1, 'no such kind', 'x', 1)"))

    before, lost, after = in_one_group(sqlite_database, [open_site, lose_the_transaction, open_site], clock)
    assert isinstance(before, OperationalError)
    assert isinstance(lost, OperationalError)
    assert after is None
    assert codes(sqlite_database) == ["S3"]


def test_a_command_inside_a_command_is_refused_instead_of_waiting_for_ever(
    database: Database, clock: FixedClock
) -> None:
    def nest(session: Session, command: OpenSite, clock: Clock) -> Opened:
        return database.run(open_site, command, clock=clock)

    with pytest.raises(RuntimeError, match="inside a work function"):
        database.run(nest, OpenSite("A"), clock=clock)
    database.run(open_site, OpenSite("B"), clock=clock)


def test_a_reader_cannot_write(database: Database) -> None:
    with database.read() as session, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        session.connection().execute(text("DELETE FROM site"))


def test_a_reader_sees_one_moment_however_much_is_written(database: Database, clock: FixedClock) -> None:
    with database.read() as session:
        assert session.exec(select(SiteRow)).all() == []
        database.run(open_site, OpenSite("A"), clock=clock)
        assert session.exec(select(SiteRow)).all() == []
    assert codes(database) == ["A"]


def test_errors_tell_no_values(database: Database, clock: FixedClock) -> None:
    database.run(open_site, OpenSite("secret-code"), clock=clock)
    with pytest.raises(IntegrityError) as caught:
        database.run(open_site, OpenSite("secret-code"), clock=clock)
    assert "parameters hidden" in str(caught.value)


def test_commands_handed_in_before_closing_are_carried_out(database_url: str, clock: FixedClock) -> None:
    database = Database.open(database_url)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: database.run(open_site, OpenSite(f"S{n}"), clock=clock), range(8)))
    database.close()
    database.close()
    with Database.open(database_url) as again:
        assert len(codes(again)) == 8


def test_a_closed_sqlite_database_takes_no_more_commands(sqlite_database: Database, clock: FixedClock) -> None:
    sqlite_database.close()
    with pytest.raises(RuntimeError, match="closed"):
        sqlite_database.run(open_site, OpenSite("A"), clock=clock)

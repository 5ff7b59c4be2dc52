"""The database: one object that reads snapshots and runs commands, on SQLite or PostgreSQL.

A command is carried out by `Database.run`, which owns the transaction: the work function changes rows
through its session and never commits. Either everything that a command does is on disk when `run`
returns, or nothing is. `docs/database.md` says how each database does that.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import MetaData
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from warehouse.clock import Clock
from warehouse.database.engines import postgres_engine, require_safe, sqlite_engine, sqlite_library
from warehouse.database.migrating import Migrated, upgrade
from warehouse.database.once import once, was_answered
from warehouse.database.writer import Writer

__all__ = ["Database", "Migrated", "was_answered"]

CommandT = TypeVar("CommandT")
AnswerT = TypeVar("AnswerT")

RETRIED = frozenset({"40001", "40P01"})
"""SQLSTATEs of a lost race: serialization failure and deadlock. Run again, such a command succeeds."""

NUM_TRIES_MAX = 60
"""With the pauses below a command gives up after about ten seconds of lost races."""

PAUSE_FIRST_S, PAUSE_MAX_S = 0.002, 0.25
"""The pause doubles from a local round trip up to the longest that a scan may wait unnoticed."""


class Database:
    """A database that is open; made by `Database.open`, to be closed after use.

    Works as a context manager that closes it.
    """

    def __init__(self, url: URL) -> None:
        self.dialect = url.get_backend_name()
        self._inside = threading.local()
        if self.dialect == "sqlite":
            self._reading = sqlite_engine(url, read_only=True)
            self._writing = sqlite_engine(url, read_only=False)
            self._writer: Writer | None = Writer(self._writing)
        else:
            self._reading = self._writing = postgres_engine(url)
            self._writer = None

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open a database; a SQLite file and its folder are made if they are not there.

        Parameters
        ----------
        url
            `sqlite:///PATH` of a file, or `postgresql+psycopg://USER:PASSWORD@HOST/NAME`.

        Raises
        ------
        DatabaseUnsafe
            If the SQLite library at hand can lose data.
        ValueError
            If `url` is of another kind.
        """
        parsed = make_url(url)
        if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
            require_safe(sqlite_library().sqlite_version_info)
            Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        elif parsed.drivername != "postgresql+psycopg":
            raise ValueError(
                "a database url is sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME, "
                f"not {parsed.render_as_string(hide_password=True)!r}"
            )
        return cls(parsed)

    def run(self, work: Callable[[Session, CommandT, Clock], AnswerT], command: CommandT, *, clock: Clock) -> AnswerT:
        """Carry out a command and return its answer once it is on disk.

        Parameters
        ----------
        work
            What to do. It may be called several times (on PostgreSQL after a lost race), so it touches
            nothing but its session, and never commits. Its return annotation names the answer's class.
        command
            A frozen dataclass. A `client_id` that is not empty is its idempotency key.
        clock
            The time, handed on to `work`.

        Returns
        -------
        AnswerT
            What `work` returned, or, for a client id seen before, the same answer again.

        Raises
        ------
        AlreadyAnswered
            If the client id was used before with other content.
        RuntimeError
            If called from inside a work function, or after `close`.
        Exception
            Whatever `work` raises; nothing of the command is left then.
        """
        if getattr(self._inside, "work", False):
            raise RuntimeError("run() was called inside a work function: pass its session on instead")

        def apply(session: Session) -> AnswerT:
            self._inside.work = True
            try:
                return once(session, work, command, clock)
            finally:
                self._inside.work = False

        if self._writer is not None:
            return self._writer.run(apply)
        return self._run_alone(apply)

    def _run_alone(self, apply: Callable[[Session], AnswerT]) -> AnswerT:
        """Run in a transaction of its own, and again after a lost race."""
        pause_s = PAUSE_FIRST_S
        for num_tries in range(1, NUM_TRIES_MAX + 1):
            try:
                with Session(self._writing, expire_on_commit=False) as session, session.begin():
                    answer = apply(session)
            except DBAPIError as error:
                if num_tries == NUM_TRIES_MAX or not _lost_a_race(error):
                    raise
                time.sleep(random.uniform(0, pause_s))  # noqa: S311 - spreads the losers, guards nothing
                pause_s = min(2 * pause_s, PAUSE_MAX_S)
            else:
                return answer
        raise AssertionError("the last try returns or raises")

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one unchanging snapshot of the database; it cannot write."""
        with self._reading.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with Session(connection, expire_on_commit=False) as session:
                yield session

    def migrate(self, metadata: MetaData) -> Migrated:
        """Bring the tables up to date; `metadata` is that of all floors, `api.schema.metadata`."""
        return upgrade(self._writing, metadata)

    def close(self) -> None:
        """Finish the commands already handed in, then close every connection. May be called twice."""
        if self._writer is not None:
            self._writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _lost_a_race(error: DBAPIError) -> bool:
    """Whether the same command, run again, can be expected to succeed.

    Two sends of one client id at once end in a serialization failure, or, when both read before either
    wrote, in the second finding the key taken: run again it finds the answer.
    """
    sqlstate = getattr(error.orig, "sqlstate", None)
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return sqlstate in RETRIED or constraint == "pk_command"

"""The one thread that writes to SQLite, and commits several commands at once.

SQLite has one writer at a time, and a commit costs a sync of the disk. So all commands go to one
thread: it opens a transaction, carries out whatever is waiting, each command under its own savepoint,
commits once, and only then answers the callers. A refused command rolls back its savepoint alone; a
failed COMMIT fails all that were in it, refusals too, since they may rest on what was not committed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

AnswerT = TypeVar("AnswerT")

NUM_COMMANDS_MAX = 64
"""Commands a commit. More gains nothing: the sync is already a small part of the whole."""

GROUP_MAX_S = 0.05
"""The first command of a group waits no longer than this for later ones, or a screen feels slow."""


@dataclass(frozen=True, slots=True)
class _Job:
    apply: Callable[[Session], Any]
    future: "Future[Any]"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What to tell a caller once the group is on disk."""

    future: "Future[Any]"
    answer: object = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.error is None:
            self.future.set_result(self.answer)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Carries out commands one after the other on `engine`, in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(self, apply: Callable[[Session], AnswerT]) -> AnswerT:
        """Call `apply` with a session in the writer thread; return its answer after COMMIT.

        Raises
        ------
        RuntimeError
            If the writer is closed.
        """
        future: Future[AnswerT] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the database is closed")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="database-writer", daemon=True)
                self._thread.start()
            self._waiting.put(_Job(apply, future))
        return future.result()

    def close(self) -> None:
        """Carry out what is waiting, then end the thread."""
        with self._lock:
            self._closed = True
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        while (job := self._waiting.get()) is not None:
            self._commit_group(job)

    def _commit_group(self, first: _Job) -> None:
        group = [first]
        outcomes: list[_Outcome] = []
        try:
            with self._engine.begin() as connection:
                for job in self._group_of(first):
                    if job is not first:
                        group.append(job)
                    outcomes.append(_carry_out(job, connection))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the callers are waiting to hear it
            outcomes = [_Outcome(job.future, error=error) for job in group]
        for outcome in outcomes:
            outcome.tell()

    def _group_of(self, first: _Job) -> Iterator[_Job]:
        """The first command and those that wait behind it, as long as a group may grow."""
        yield first
        until_s = time.monotonic() + GROUP_MAX_S
        for _ in range(NUM_COMMANDS_MAX - 1):
            try:
                job = self._waiting.get_nowait()
            except Empty:
                return
            if job is None:
                self._waiting.put(None)  # nothing comes after it: leave it for the loop to end on
                return
            yield job
            if time.monotonic() > until_s:
                return


def _carry_out(job: _Job, connection: Connection) -> _Outcome:
    """Run one command under a savepoint of its own."""
    try:
        with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            answer = job.apply(session)
    except BaseException as error:
        # A full disk or a damaged page makes SQLite roll back the whole transaction: then those before
        # this command in the group are gone too, and must not be told otherwise.
        if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            raise
        return _Outcome(job.future, error=error)
    return _Outcome(job.future, answer=answer)

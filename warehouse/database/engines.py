"""SQLAlchemy engines, set up so that what is committed stays.

Distributions ship SQLite versions with a race in the write-ahead log: a checkpoint that resets the log
while another connection writes can lose a commit or damage the file. It is fixed in 3.51.3 and, put
back, in 3.50.7 and 3.44.6. So the driver is `pysqlite3`, which brings a fixed library along, where
there is a wheel of it, and the standard library's elsewhere; an affected one is refused.
"""

import sqlite3
from types import ModuleType

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from warehouse.errors import DatabaseUnsafe

FIXED = (3, 51, 3)
FIXED_IN_SERIES = {(3, 50): 7, (3, 44): 6}
"""The first patch release of each older series that carries the fix."""

NUM_CONNECTIONS = 40
"""As many as the web server has threads, so that no request waits for a connection."""

NUM_CONNECTIONS_EXTRA = 24
"""For command line, background work and peaks; both together stay below PostgreSQL's default of 100."""

PRAGMAS = (
    "journal_mode = WAL",  # readers never wait for the writer
    "synchronous = FULL",  # COMMIT returns when the log is on disk
    "foreign_keys = ON",
    "recursive_triggers = ON",  # else INSERT OR REPLACE deletes rows past the append-only triggers
    "busy_timeout = 10000",  # ms: another process, such as an import, may hold the write lock that long
)


def sqlite_library() -> ModuleType:
    """The DB-API module to use for SQLite."""
    try:
        import pysqlite3.dbapi2
    except ImportError:
        return sqlite3.dbapi2
    module: ModuleType = pysqlite3.dbapi2
    return module


def require_safe(version: tuple[int, ...]) -> None:
    """Refuse a SQLite library with the write-ahead-log race.

    Raises
    ------
    DatabaseUnsafe
        If `version`, as (major, minor, patch), is affected.
    """
    patch_fixed = FIXED_IN_SERIES.get((version[0], version[1]))
    if version >= FIXED or (patch_fixed is not None and version[2] >= patch_fixed):
        return
    raise DatabaseUnsafe(
        f"SQLite {'.'.join(map(str, version))} can lose committed data (a race in its write-ahead log): "
        "install pysqlite3, or a Python with SQLite 3.51.3, 3.50.7 or 3.44.6 or later of these series, "
        "or set ONWARD_DATABASE_URL to a PostgreSQL database"
    )


def sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    """An engine for many readers, or for the one writer, of a SQLite file."""
    engine = create_engine(
        url,
        module=sqlite_library(),
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=NUM_CONNECTIONS if read_only else 1,
        max_overflow=NUM_CONNECTIONS_EXTRA if read_only else 1,  # a migration, while the writer rests
        connect_args={"check_same_thread": False},  # the pool hands a connection to one thread at a time
    )
    pragmas = (*PRAGMAS, "query_only = ON") if read_only else PRAGMAS
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing itself
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgres_engine(url: URL) -> Engine:
    """An engine for PostgreSQL, whose transactions are as if they ran one after the other.

    SERIALIZABLE makes a work function mean the same here as under SQLite's single writer: what it read
    is still true when it commits, or it is run again.
    """
    return create_engine(
        url,
        hide_parameters=True,
        isolation_level="SERIALIZABLE",
        pool_size=NUM_CONNECTIONS,
        max_overflow=NUM_CONNECTIONS_EXTRA,
        pool_pre_ping=True,  # the server may have been restarted since
    )

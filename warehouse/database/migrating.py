"""Bring the tables of a database up to date, and write the next step when the tables in code change.

The steps lie in `warehouse/migrations/versions` and only go forwards. Alembic is set up in code, so it
works from any folder and needs no file beside the package.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlmodel import AutoString

from warehouse.append_only import refuse_changes

SCRIPTS = Path(__file__).parent.parent / "migrations"

MIGRATION_LOCK = 0x6F6E77617264
"""Two servers that start at once on PostgreSQL migrate one after the other; the number is ours alone."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """From which revision to which a database was brought; its text is a plain message about it."""

    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before == self.after:
            return f"the database is up to date (revision {self.after})"
        if self.before is None:
            return f"the database was set up (revision {self.after})"
        return f"the database was brought from revision {self.before} to {self.after}"


def upgrade(engine: Engine, metadata: MetaData) -> Migrated:
    """Run the steps that a database has not seen yet, all of them or, on an error, none."""
    scripts = _scripts()
    with (
        engine.connect().execution_options(**_isolation(engine)) as connection,
        _references_at_rest(connection),
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        before = MigrationContext.configure(connection).get_current_revision()
        after = scripts.get_current_head()
        if before != after:
            _run_steps(connection, scripts)
            refuse_changes(connection, metadata.sorted_tables)
            _require_references(connection)
    return Migrated(before, after)


def write_step(metadata: MetaData, revision: str, message: str, *, folder: Path = SCRIPTS) -> Path:
    """Write the step from the last one in `folder` to the tables of `metadata`.

    Parameters
    ----------
    revision
        The number of the step. If there is a step of that number it is written anew, which is for
        steps that no database has seen yet.

    Returns
    -------
    Path
        The file written. Look at it: CHECK constraints of tables that exist already are not compared.
    """
    for old in (folder / "versions").glob(f"{revision}_*.py"):
        old.unlink()
    scripts = _scripts(folder)
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _run_steps(connection, scripts)
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata, "compare_type": True})
        upgrade_ops = produce_migrations(context, metadata).upgrade_ops
    engine.dispose()
    assert upgrade_ops is not None
    script = scripts.generate_revision(
        revision,
        message,
        upgrades=re.sub(r" *# ###.*\n?", "", render_python_code(upgrade_ops, render_item=_render)).lstrip(),
    )
    assert script is not None
    return Path(script.path)


def _scripts(folder: Path = SCRIPTS) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _isolation(engine: Engine) -> dict[str, Any]:
    """READ COMMITTED on PostgreSQL: after waiting for the lock one must see what the other has done."""
    return {"isolation_level": "READ COMMITTED"} if engine.dialect.name == "postgresql" else {}


@contextlib.contextmanager
def _references_at_rest(connection: Connection) -> Iterator[None]:
    """Let SQLite copy a table that others refer to: it must not look at the references meanwhile.

    The switch has no effect inside a transaction, so it is set around it.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection
    driver.cursor().execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.cursor().execute("PRAGMA foreign_keys = ON")


def _require_references(connection: Connection) -> None:
    """Look on SQLite whether every reference leads somewhere, since nobody did so during the steps."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        assert lost is None, "a migration lost rows that others refer to"


def _run_steps(connection: Connection, scripts: ScriptDirectory) -> None:
    """Run every step up to the last in the transaction at hand."""

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs("head", revision)  # noqa: SLF001 - alembic's own upgrade command does so

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's string type as SQLAlchemy's, so that steps depend on nothing but SQLAlchemy."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()" if item.length is None else f"sa.String(length={item.length})"
    return False

"""Databases are set up by migrations exactly as the tables in code say."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, create_engine, inspect
from sqlalchemy.exc import IntegrityError

from api.schema import metadata
from warehouse.append_only import refuse_changes
from warehouse.database import Database, migrating
from warehouse.database.engines import sqlite_library
from warehouse.database.migrating import SCRIPTS, Migrated, _scripts, write_step

pytestmark = pytest.mark.untraced  # other, quicker tests run the same lines

TABLES_OF_ALEMBIC = {"alembic_version"}

POSTGRES_CATALOGUE = {
    "columns": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND tablename <> 'alembic_version'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "sequences": "SELECT sequencename, data_type::text, start_value FROM pg_sequences",
}


def catalogue(url: str) -> dict[str, Any]:
    """Everything a database says about its tables."""
    parsed = {"module": sqlite_library()} if url.startswith("sqlite") else {}
    engine = create_engine(url, **parsed)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                return sqlite_catalogue(connection)
            return {
                what: sorted(tuple(row) for row in connection.exec_driver_sql(query))
                for what, query in POSTGRES_CATALOGUE.items()
            }
    finally:
        engine.dispose()


def sqlite_catalogue(connection: Connection) -> dict[str, Any]:
    """Columns, constraints, indexes and triggers of a SQLite database."""
    found: dict[str, Any] = {}
    inspector = inspect(connection)
    for table in sorted(set(inspector.get_table_names()) - TABLES_OF_ALEMBIC):
        found[table] = {
            "columns": sorted(tuple(row)[1:] for row in connection.exec_driver_sql(f'PRAGMA table_xinfo("{table}")')),
            "key": inspector.get_pk_constraint(table),
            "checks": sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
            "uniques": sorted(
                (str(unique["name"]), unique["column_names"]) for unique in inspector.get_unique_constraints(table)
            ),
            "indexes": sorted((str(index["name"]), index["column_names"]) for index in inspector.get_indexes(table)),
            "references": sorted(map(repr, inspector.get_foreign_keys(table))),
        }
    triggers = connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    found["triggers"] = sorted(tuple(row) for row in triggers)
    return found


def test_a_migrated_database_has_the_very_catalogue_of_the_tables_in_code(bare_url: str) -> None:
    with Database.open(bare_url) as database:
        with database._writing.begin() as connection:
            metadata.create_all(connection)
        created = catalogue(bare_url)
        with database._writing.begin() as connection:
            metadata.drop_all(connection)
        database.migrate(metadata)
    migrated = catalogue(bare_url)
    assert set(created) == set(migrated)
    for what, expected in created.items():
        assert migrated[what] == expected, what


def test_a_second_migration_has_nothing_to_do_and_says_so(bare_url: str) -> None:
    with Database.open(bare_url) as database:
        first, second = database.migrate(metadata), database.migrate(metadata)
    assert first.before is None
    assert second.before == second.after == first.after
    assert str(first) == f"the database was set up (revision {first.after})"
    assert str(second) == f"the database is up to date (revision {first.after})"
    assert str(Migrated("0001", "0002")) == "the database was brought from revision 0001 to 0002"


@pytest.mark.postgres
@pytest.mark.parametrize("bare_url", ["postgres"], indirect=True)
def test_two_servers_that_start_at_once_migrate_one_after_the_other(bare_url: str) -> None:
    program = (
        "import sys; from api.schema import metadata; from warehouse.database import Database\n"
        "with Database.open(sys.argv[1]) as database: print(database.migrate(metadata))"
    )
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", program, bare_url], cwd=SCRIPTS.parents[1], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = sorted(server.communicate()[0].split(" (")[0] for server in servers)
    assert said == ["the database is up to date", "the database was set up"]


def test_triggers_lost_by_a_migration_are_made_again(sqlite_database: Database) -> None:
    """SQLite's way to alter a table is to copy it, and the copy has no triggers."""
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with sqlite_database._writing.begin() as connection:
        before = connection.exec_driver_sql(triggers).scalars().all()
        for trigger in before:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        refuse_changes(connection, metadata.sorted_tables)
        assert connection.exec_driver_sql(triggers).scalars().all() == before
    assert {"movement_refuses_delete", "movement_refuses_update"} <= set(before)


def test_a_missing_step_is_written_from_the_tables_in_code(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    more = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(more)
    more.tables["site"].append_column(Column("num_docks", Integer))
    file = write_step(more, "9999", "Count the docks", folder=tmp_path / "migrations")
    written = file.read_text()
    assert file.name == "9999_count_the_docks.py"
    assert "op.add_column('site', sa.Column('num_docks', sa.Integer(), nullable=True))" in written
    assert "create_table" not in written
    compile(written, file.name, "exec")


def test_the_steps_in_the_package_lead_to_the_tables_in_code(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    file = write_step(metadata, "9999", "Nothing", folder=tmp_path / "migrations")
    assert file.read_text().rstrip().endswith("pass")


def test_a_step_that_copies_a_table_keeps_what_others_refer_to(
    bare_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "migrations"
    shutil.copytree(SCRIPTS, old, ignore=shutil.ignore_patterns("__pycache__", "000[4-9]*", "00[1-9]*"))
    with Database.open(bare_url) as database:
        with monkeypatch.context() as patch:
            patch.setattr(migrating, "_scripts", lambda: _scripts(old))
            assert database.migrate(MetaData()).after == "0003"
        with database._writing.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO site (id, code, name, time_zone, definition, created_ms)"
                " VALUES (1, 'S', 'S', 'UTC', '', 0)"
            )
            connection.exec_driver_sql(
                "INSERT INTO place (id, site_id, kind, code, open) VALUES (1000, 1, 'bin', 'B', true)"
            )
            connection.exec_driver_sql(
                "INSERT INTO floor_block (site_id, place_id, edge, from_mm, to_mm, reported_by, reported_ms, until_ms)"
                " VALUES (1, 1000, 0, 0, 1, 'ann', 0, 1)"
            )
        assert database.migrate(metadata).before == "0003"
        with database._writing.begin() as connection:
            assert connection.exec_driver_sql("SELECT code FROM place WHERE id = 1000").scalar_one() == "B"
            assert connection.exec_driver_sql("SELECT count(*) FROM floor_block").scalar_one() == 1
            connection.exec_driver_sql(
                "INSERT INTO place (id, site_id, kind, code, open) VALUES (2000, 1, 'withheld', 'B/hold', true)"
            )
        with pytest.raises(IntegrityError), database._writing.begin() as connection:
            connection.exec_driver_sql("DELETE FROM place WHERE id = 1000")

"""Databases are set up by migrations exactly as the tables in code say."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, inspect

from api.schema import metadata
from warehouse.database import Database
from warehouse.database.engines import sqlite_library

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


def test_a_migrated_database_has_the_very_catalogue_of_the_tables_in_code(bare_url: str, tmp_path: Path) -> None:
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

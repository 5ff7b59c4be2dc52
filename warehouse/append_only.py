"""Tables to which rows are only ever added: the database itself refuses to change or remove them.

A table says so in its `info`; the triggers are made from the one definition here, both by
`metadata.create_all` and after every migration (SQLite's way to alter a table is to copy it, and the
copy has lost its triggers).
"""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, event, text

APPEND_ONLY: Final = {"append_only": True}
"""For `__table_args__ = (..., {"info": APPEND_ONLY})`."""

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""

POSTGRES_TRIGGER = """
CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""

SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_refuses_{change} BEFORE {change} ON "{table}"
BEGIN
    SELECT RAISE(ABORT, '{table} is append-only');
END
"""


def refuse_changes(connection: Connection, tables: Iterable[Table]) -> None:
    """Make the triggers of those of `tables` that are append-only, where they are missing."""
    names = [table.name for table in tables if table.info.get("append_only")]
    if not names:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text(POSTGRES_FUNCTION))
    for name in names:
        if connection.dialect.name == "postgresql":
            connection.execute(text(POSTGRES_TRIGGER.format(table=name)))
        else:
            for change in ("update", "delete"):
                connection.execute(text(SQLITE_TRIGGER.format(table=name, change=change)))


def keep_append_only(metadata: MetaData) -> None:
    """Let `metadata.create_all` make the triggers too."""

    @event.listens_for(metadata, "after_create")
    def after_create(_target: MetaData, connection: Connection, tables: Iterable[Table], **_: Any) -> None:
        refuse_changes(connection, tables)

"""Brings the file to the tables that the program declares, in one transaction: all happens or nothing."""

from collections.abc import Sequence
from typing import Any

import apsw

from smsc.store.base import Migration, Row, StoreError, Table
from smsc.store.rewriting import rewritten
from smsc.store.sqlite_rows import TableWriter
from smsc.store.sqlite_sql import create_index, create_table, index_name, quoted

_OWN = (
    "CREATE TABLE IF NOT EXISTS store_counters "
    "(name TEXT NOT NULL PRIMARY KEY, next INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS store_migrations "
    "(version INTEGER NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL) STRICT",
)
_COPY_AT_ONCE = 1000


def stored_version(connection: apsw.Connection) -> int:
    """The schema version of the file; 0 for one that was just created."""
    return int(connection.pragma("user_version"))


def columns_of(connection: apsw.Connection, table: str) -> tuple[str, ...]:
    """The columns of a table in the file; empty when there is no such table."""
    return tuple(row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)))


def tables_of(connection: apsw.Connection) -> list[str]:
    """The tables in the file, without those of the store itself."""
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [name for (name,) in rows if not name.startswith(("sqlite_", "store_"))]


def refuse_newer(connection: apsw.Connection, version: int, url: str) -> None:
    """Raise StoreError when a later release wrote the file."""
    stored = stored_version(connection)
    if stored > version:
        raise StoreError(
            f"{url}: was written by a newer release (schema version {stored}, this one knows {version}); "
            "it was left untouched"
        )


def refuse_damaged(connection: apsw.Connection, url: str) -> None:
    """Raise StoreError when the file is damaged. Reads all of it, about 0.4 s per million messages."""
    problem = connection.execute("PRAGMA quick_check(1)").get
    if problem != "ok":
        raise StoreError(f"{url}: the file is damaged; restore a copy of it or move it away ({problem})")


def prepare(
    connection: apsw.Connection,
    tables: Sequence[Table],
    version: int,
    migrations: Sequence[Migration],
    url: str,
) -> None:
    """Create, extend or migrate. Raises StoreError, or the driver's errors, with nothing changed."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql in _OWN:
            connection.execute(sql)
        before = stored_version(connection)
        for table in tables:
            due = sorted(m for m in migrations if m.table == table.name and before < m.version <= version)
            _prepare_table(connection, table, due, version, url)
        if before != version:
            connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _prepare_table(
    connection: apsw.Connection, table: Table, due: Sequence[Migration], version: int, url: str
) -> None:
    present = columns_of(connection, table.name)
    if not present:
        connection.execute(create_table(table))
        _record(connection, version, f"created {table.name}")
    elif due:
        _rewrite(connection, table, present, due, url)
        _record(connection, version, f"rewrote {table.name}")
    else:
        _extend(connection, table, present, version, url)
    _match_indexes(connection, table)


def _extend(
    connection: apsw.Connection, table: Table, present: Sequence[str], version: int, url: str
) -> None:
    unknown = [name for name in present if name not in table.columns]
    if unknown:
        raise StoreError(f"{url}: column {table.name}.{unknown[0]} is not known to this release")
    if present[0] != table.columns[0]:
        raise StoreError(f"{url}: column {table.name}.{present[0]} is not known to this release as the key")
    for name, kind in zip(table.columns, table.types, strict=True):
        if name not in present:
            connection.execute(f"ALTER TABLE {table.name} ADD COLUMN {name} {kind}")
            _record(connection, version, f"added {table.name}.{name}")


def _rewrite(
    connection: apsw.Connection, table: Table, present: Sequence[str], due: Sequence[Migration], url: str
) -> None:
    """Carries every row through the migrations into a new table. The old one is dropped with its indexes."""
    connection.execute(f"ALTER TABLE {table.name} RENAME TO store_old")
    connection.execute(create_table(table))
    names = ", ".join(map(quoted, present))
    old_rows = connection.execute(f"SELECT {names} FROM store_old ORDER BY 1")
    new_rows = rewritten(table, present, due, old_rows, url)
    writer = TableWriter(table)
    pending: dict[Any, Row | None] = {}
    for row in new_rows:
        pending[row[0]] = row
        if len(pending) == _COPY_AT_ONCE:
            _put(connection, writer, pending)
    _put(connection, writer, pending)
    connection.execute("DROP TABLE store_old")


def _put(connection: apsw.Connection, writer: TableWriter, pending: dict[Any, Row | None]) -> None:
    for sql, values in writer.steps(pending):
        connection.execute(sql, values)
    pending.clear()


def _match_indexes(connection: apsw.Connection, table: Table) -> None:
    wanted = {index_name(table, index): index for index in table.indexes}
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (table.name,),
    )
    present = {name for (name,) in rows}
    for name in present - wanted.keys():
        connection.execute(f"DROP INDEX {quoted(name)}")
    for name in wanted.keys() - present:
        connection.execute(create_index(table, wanted[name]))


def _record(connection: apsw.Connection, version: int, what: str) -> None:
    connection.execute("INSERT INTO store_migrations VALUES (?, datetime('now'), ?)", (version, what))

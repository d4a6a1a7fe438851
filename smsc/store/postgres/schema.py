"""Brings the database to the tables that the program declares, in one transaction: all happens or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from smsc.store.base import Migration, Row, StoreError, Table
from smsc.store.postgres.connection import Connection
from smsc.store.postgres.sql import column, create_index, create_table, decoded, short_index_name
from smsc.store.postgres.tables import TableCopy
from smsc.store.rewriting import rewritten
from smsc.store.sqlite_sql import quoted
from smsc.store.urls import shown_url

_OWN: Final = (
    "CREATE TABLE IF NOT EXISTS store_version (version int8 NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_tables (name text PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS store_counters (name text PRIMARY KEY, next int8 NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_migrations "
    "(version int8 NOT NULL, at timestamptz NOT NULL DEFAULT now(), what text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_marks (node text PRIMARY KEY, epoch int8 NOT NULL, "
    "number int8 NOT NULL, session text NOT NULL, owner text NOT NULL, since timestamptz NOT NULL) "
    "WITH (fillfactor = 10)",
    # Of several nodes; see store/shared.py.
    "CREATE TABLE IF NOT EXISTS store_slots (slot int8 PRIMARY KEY, node text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_owners (recipient int8 PRIMARY KEY, node text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_binds (id text PRIMARY KEY, node text NOT NULL, first int8 NOT NULL, "
    "last int8 NOT NULL, address_range text NOT NULL)",
    "CREATE TABLE IF NOT EXISTS store_sessions (id int8 PRIMARY KEY, node text NOT NULL, "
    "system_id text NOT NULL, receiving int8 NOT NULL, sending int8 NOT NULL, peer text NOT NULL, "
    "version int8 NOT NULL, bound_at int8 NOT NULL)",
    "CREATE INDEX IF NOT EXISTS store_sessions_by_node ON store_sessions (node, id)",
    "CREATE TABLE IF NOT EXISTS store_blocks (series text, first int8, last int8 NOT NULL, "
    "node text NOT NULL, PRIMARY KEY (series, first))",
    "CREATE TABLE IF NOT EXISTS store_mail (sender text, number int8, place int8, receiver text, "
    "kind text NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT now(), "
    "PRIMARY KEY (sender, number, place)) WITH (autovacuum_vacuum_scale_factor = 0.05)",
)
# What would wait for a node that is writing is done only where it is missing.
_ADD_LEASE: Final = "ALTER TABLE store_marks ADD COLUMN until timestamptz"
_INDEX_MAIL: Final = "CREATE INDEX store_mail_by_receiver ON store_mail (receiver)"
OWN_TABLES: Final = (
    *("store_version", "store_tables", "store_counters", "store_migrations", "store_marks"),
    *("store_slots", "store_owners", "store_binds", "store_sessions", "store_blocks", "store_mail"),
)
_ONE_AT_A_TIME: Final = 0x534D5344
_COPY_AT_ONCE: Final = 1000


def is_ours(connection: Connection) -> bool:
    """Whether the schema holds a store."""
    return bool(columns_of(connection, "store_version"))


def stored_version(connection: Connection) -> int:
    """The schema version of the store; 0 where there is none."""
    if not is_ours(connection):
        return 0
    row = connection.execute("SELECT max(version) FROM store_version").fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of a table; empty when there is no such table in the schema where ours are made."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
        (table,),
    )
    return tuple(str(name) for (name,) in rows)


def tables_of(connection: Connection) -> list[str]:
    """The tables of the store, without those of its own."""
    return [name for (name,) in connection.execute("SELECT name FROM store_tables ORDER BY name")]


def prepare(
    connection: Connection,
    tables: Sequence[Table],
    version: int,
    migrations: Sequence[Migration],
    url: str,
    node: str = "",
) -> None:
    """Create, extend or migrate. Raises StoreError, or the driver's errors, with nothing changed. ``node`` is
    the name of one of several: none of the others may run while what they write is brought to another
    version."""
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))  # nodes start together
        _refuse_foreign(connection, tables, url)
        before = stored_version(connection)
        if before > version:
            raise StoreError(
                f"{shown_url(url)}: was written by a newer release (schema version {before}, this one "
                f"knows {version}); it was left untouched"
            )
        _prepare_own(connection)
        if 0 < before < version:
            _refuse_others(connection, node, before, version, url)
        for table in tables:
            due = sorted(m for m in migrations if m.table == table.name and before < m.version <= version)
            _prepare_table(connection, table, due, version, url)
        if before != version:
            connection.execute("DELETE FROM store_version")
            connection.execute("INSERT INTO store_version VALUES (%s)", (version,))
        connection.execute("COMMIT")
    except BaseException:
        if not connection.closed:
            connection.execute("ROLLBACK")
        raise


def _prepare_own(connection: Connection) -> None:
    has_mail = bool(columns_of(connection, "store_mail"))
    for sql in _OWN:
        connection.execute(sql)
    if "until" not in columns_of(connection, "store_marks"):
        connection.execute(_ADD_LEASE)
    if not has_mail:
        connection.execute(_INDEX_MAIL)


def _refuse_others(connection: Connection, node: str, before: int, version: int, url: str) -> None:
    rows = connection.execute(
        "SELECT node FROM store_marks WHERE until > clock_timestamp() AND node <> %s ORDER BY node", (node,)
    )
    running = ", ".join(name for (name,) in rows)
    if running:
        raise StoreError(
            f"{shown_url(url)}: this release writes schema version {version}, and nodes of one that writes "
            f"{before} run: {running}. Stop all of them, then start this one"
        )


def _refuse_foreign(connection: Connection, tables: Sequence[Table], url: str) -> None:
    if is_ours(connection):
        return
    for table in tables:
        if columns_of(connection, table.name):
            raise StoreError(
                f"{shown_url(url)}: has a table {table.name} of another application; it was left "
                "untouched. Name an empty database, or another schema with ?options=-csearch_path%3DNAME"
            )


def _prepare_table(
    connection: Connection, table: Table, due: Sequence[Migration], version: int, url: str
) -> None:
    present = columns_of(connection, table.name)
    if not present:
        connection.execute(create_table(table))
        connection.execute(
            "INSERT INTO store_tables VALUES (%s) ON CONFLICT (name) DO NOTHING", (table.name,)
        )
        _record(connection, version, f"created {table.name}")
    elif due:
        _rewrite(connection, table, present, due, url)
        _record(connection, version, f"rewrote {table.name}")
    else:
        _extend(connection, table, present, version, url)
    _match_indexes(connection, table)


def _extend(connection: Connection, table: Table, present: Sequence[str], version: int, url: str) -> None:
    shown = shown_url(url)
    unknown = [name for name in present if name not in table.columns]
    if unknown:
        raise StoreError(f"{shown}: column {table.name}.{unknown[0]} is not known to this release")
    if present[0] != table.columns[0]:
        raise StoreError(f"{shown}: column {table.name}.{present[0]} is not known to this release as the key")
    for name, kind in zip(table.columns, table.types, strict=True):
        if name not in present:
            connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {column(name, kind)}")
            _record(connection, version, f"added {table.name}.{name}")


def _rewrite(
    connection: Connection, table: Table, present: Sequence[str], due: Sequence[Migration], url: str
) -> None:
    """Carries every row through the migrations into a new table. The old one is dropped with its indexes."""
    connection.execute(f"ALTER TABLE {quoted(table.name)} RENAME TO store_old")
    connection.execute(f"ALTER INDEX {quoted(table.name + '_pkey')} RENAME TO store_old_pkey")
    connection.execute(create_table(table))
    names = ", ".join(map(quoted, present))
    copy = TableCopy(table, None)
    pending: dict[Any, Row | None] = {}
    with connection.cursor("store_old_rows", withhold=False) as cursor:
        cursor.itersize = _COPY_AT_ONCE
        cursor.execute(f"SELECT {names} FROM store_old ORDER BY 1")
        rows = (tuple(map(decoded, row)) for row in cursor)
        for row in rewritten(table, present, due, rows, shown_url(url)):
            pending[row[0]] = row
            if len(pending) == _COPY_AT_ONCE:
                copy.apply(connection, pending)
                pending.clear()
    copy.apply(connection, pending)
    connection.execute("DROP TABLE store_old")


def _match_indexes(connection: Connection, table: Table) -> None:
    wanted = {short_index_name(table, index): index for index in table.indexes}
    rows = connection.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
        "AND indexname <> %s",
        (table.name, f"{table.name}_pkey"),
    )
    present = {str(name) for (name,) in rows}
    for name in present - wanted.keys():
        if name.startswith(f"{table.name}_by_"):  # an index of somebody else's is none of our business
            connection.execute(f"DROP INDEX {quoted(name)}")
    for name in wanted.keys() - present:
        connection.execute(create_index(table, wanted[name]))


def _record(connection: Connection, version: int, what: str) -> None:
    connection.execute("INSERT INTO store_migrations (version, what) VALUES (%s, %s)", (version, what))

"""Looks at a store in PostgreSQL from outside, while a server uses it or not. Changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from smsc.store.base import StoreError
from smsc.store.postgres.connection import Connection, connect, explained
from smsc.store.postgres.schema import OWN_TABLES, columns_of, is_ours, stored_version, tables_of
from smsc.store.postgres.session import LOCK
from smsc.store.postgres.sql import decoded
from smsc.store.sqlite_sql import quoted
from smsc.store.urls import shown_url

_AT_ONCE: Final = 1000


def check(url: str) -> list[str]:
    """What is wrong with the store, a sentence each; reads every row. Raises StoreError."""
    problems: list[str] = []
    with _reading(url) as connection:
        for table in tables_of(connection):
            if not columns_of(connection, table):
                problems.append(f"table {table} is missing")
                continue
            try:  # every value of every row is taken out of where it is kept
                connection.execute("SAVEPOINT looking")
                connection.execute(f"SELECT count(t::text) FROM {quoted(table)} AS t")
            except psycopg.Error as error:
                connection.execute("ROLLBACK TO looking")
                problems.append(f"table {table}: {error.diag.message_primary or error}")
        rows = connection.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND NOT i.indisvalid"
        )
        problems += [f"index {name} is not valid; REINDEX it" for (name,) in rows]
    return problems


def version(url: str) -> int:
    """The schema version of the store. Raises StoreError."""
    with _reading(url) as connection:
        return stored_version(connection)


def export(url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row as (table, column -> value), all as of one moment. Raises StoreError."""
    with _reading(url) as connection:
        for table in tables_of(connection):
            columns = columns_of(connection, table)
            names = ", ".join(map(quoted, columns))
            with connection.cursor("store_export") as cursor:
                cursor.itersize = _AT_ONCE
                cursor.execute(f"SELECT {names} FROM {quoted(table)} ORDER BY 1")
                for row in cursor:
                    yield table, dict(zip(columns, map(decoded, row), strict=True))


def counters(url: str) -> dict[str, int]:
    """The next number of each counter. Raises StoreError."""
    with _reading(url) as connection:
        return {str(n): int(v) for n, v in connection.execute("SELECT name, next FROM store_counters")}


def is_empty(url: str) -> bool:
    """Whether a new store may be made here: a database of ours or of nobody, without a row. StoreError."""
    connection = connect(url, "smsc looks")
    try:
        if not is_ours(connection):
            return True
        found = [
            connection.execute(f"SELECT 1 FROM {quoted(t)} LIMIT 1").fetchone() for t in tables_of(connection)
        ]
        return not any(found)
    except psycopg.Error as error:
        raise explained(url, error) from error
    finally:
        connection.close()


@contextlib.contextmanager
def held(url: str) -> Iterator[Connection]:
    """No server can use the store meanwhile. Raises StoreError when one does."""
    connection = connect(url, "smsc holds")
    try:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is None or not row[0]:
            raise StoreError(f"{shown_url(url)}: is in use by a server")
        yield connection
    except psycopg.Error as error:
        raise explained(url, error) from error
    finally:
        connection.close()


def discard(url: str) -> bool:
    """Drop the store's tables, and tell whether there were any. StoreError when a server uses them."""
    with held(url) as connection:
        if not is_ours(connection):
            return False
        names = ", ".join(map(quoted, (*tables_of(connection), *OWN_TABLES)))
        connection.execute(f"DROP TABLE IF EXISTS {names}")
        return True


@contextlib.contextmanager
def _reading(url: str) -> Iterator[Connection]:
    connection = connect(url, "smsc looks")
    try:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if not is_ours(connection):
            raise StoreError(f"{shown_url(url)}: holds no store")
        yield connection
    except psycopg.Error as error:
        raise explained(url, error) from error
    finally:
        connection.close()

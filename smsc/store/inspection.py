"""Looks at a store from outside, running or not: is it whole, and what is in it. Changes nothing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import apsw

from smsc.store.base import StoreError
from smsc.store.sqlite_file import explaining, identify, url_of
from smsc.store.sqlite_schema import columns_of, stored_version, tables_of
from smsc.store.sqlite_sql import quoted
from smsc.store.urls import check_url, is_postgresql, need_driver, sqlite_path


def check(url: str) -> list[str]:
    """What is wrong with the store, a sentence each; nothing when it is whole.

    Raises StoreError when there is no store to look at, or a file that is none.
    """
    if (postgres := _postgres(url)) is not None:
        return list(postgres.check(url))
    with _reading(url) as connection:
        try:
            rows = connection.execute("PRAGMA integrity_check").fetchall()
        except (apsw.CorruptError, apsw.NotADBError) as error:
            return [str(error)]
    return [str(text) for (text,) in rows if text != "ok"]


def version(url: str) -> int:
    """The schema version of the store. Raises StoreError."""
    if (postgres := _postgres(url)) is not None:
        return int(postgres.version(url))
    with _reading(url) as connection:
        return stored_version(connection)


def export(url: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row as (table, column -> value), all as of one moment, while a server may go on writing.

    Raises StoreError.
    """
    if (postgres := _postgres(url)) is not None:
        yield from postgres.export(url)
        return
    with _reading(url) as connection:
        connection.execute("BEGIN")
        for table in tables_of(connection):
            columns = columns_of(connection, table)
            names = ", ".join(map(quoted, columns))
            for row in connection.execute(f"SELECT {names} FROM {quoted(table)} ORDER BY 1"):
                yield table, dict(zip(columns, row, strict=True))


def counters(url: str) -> dict[str, int]:
    """The next number of each counter. Raises StoreError."""
    if (postgres := _postgres(url)) is not None:
        return dict(postgres.counters(url))
    with _reading(url) as connection:
        return {str(n): int(v) for n, v in connection.execute("SELECT name, next FROM store_counters")}


def _postgres(url: str) -> ModuleType | None:
    """What looks at a database in PostgreSQL, if the URL names one."""
    if not is_postgresql(url):
        return None
    check_url(url)
    need_driver(url)
    from smsc.store.postgres import inspection

    return inspection


@contextlib.contextmanager
def _reading(url: str) -> Iterator[apsw.Connection]:
    if url == "memory:":
        raise StoreError("memory: keeps nothing that could be looked at from outside")
    path = sqlite_path(url)
    _refuse_absent(path)
    identify(path)
    with explaining(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.set_busy_timeout(10_000)
        try:
            yield connection
        finally:
            connection.close()


def _refuse_absent(path: Path) -> None:
    if not path.exists():
        raise StoreError(f"{url_of(path)}: there is no such file")
    if path.is_file() and path.stat().st_size == 0:
        raise StoreError(f"{url_of(path)}: is empty")

"""The default store: one SQLite file in WAL mode, an fsync per batch, open to the sqlite3 shell."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from smsc.store import sqlite_file, sqlite_schema
from smsc.store.base import (
    NOTHING,
    Batch,
    Done,
    Found,
    Key,
    Migration,
    Post,
    Reserved,
    Row,
    Store,
    StoreError,
    Table,
    check_block,
    check_tables,
)
from smsc.store.sqlite_sql import Conditions, Prune, Scan, TableWriter, known_columns, order_by
from smsc.store.sqlite_writer import Writer

PAGE_SIZE = 4096
WAIT_MS = 10_000
"""How long a write waits for another program that holds the file, such as a sqlite3 shell."""

_DURABLE = (
    "PRAGMA synchronous = FULL",
    # Without these two an fsync on macOS leaves the data in the drive's cache; elsewhere they mean nothing.
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA wal_autocheckpoint = 0",
    # A log that one huge batch has blown up is cut back the next time it begins anew.
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    # What is deleted or replaced is overwritten, so that an erased number is in no unused corner of the file.
    "PRAGMA secure_delete = ON",
)

_log = logging.getLogger("smsc.store")


class SqliteStore(Store):
    """Writes on a thread of its own, reads on a second connection on the caller's thread.

    `done` runs through `post`, which must be safe to call from another thread.
    """

    durable = True

    def __init__(self, path: Path, post: Post, vfs: str = "") -> None:
        self._path = path
        self._url = sqlite_file.url_of(path)
        self._post = post
        self._vfs = vfs
        self._lock = -1
        self._connections: list[apsw.Connection] = []
        self._tables: dict[str, TableWriter] = {}
        self._writer: Writer | None = None

    def open(self, tables: Sequence[Table], version: int = 1, migrations: Sequence[Migration] = ()) -> None:
        check_tables(tables, version)
        if self._writer is not None:
            raise StoreError(f"{self._url}: is open already")
        try:
            with sqlite_file.explaining(self._path):
                self._claim()
                writing = self._prepared(tables, version, migrations)
                self._connect()
        except BaseException:
            self._let_go()
            raise
        self._tables = {table.name: TableWriter(table) for table in tables}
        self._writer = Writer(writing, self._path, self._tables, self._post, WAIT_MS)
        self._writer.start()

    def write(self, batch: Batch, done: Done) -> None:
        batch.refuse_unless(self._tables, self._url)
        self._open_writer().write(batch, done)

    def prune(
        self,
        table: Table,
        column: str,
        below: int | float,
        where: Mapping[str, Any] = NOTHING,
        done: Done | None = None,
    ) -> None:
        self._open_writer().prune(Prune(table, column, below, where), done)

    def scan(
        self,
        table: Table,
        any_of: Mapping[str, Any],
        found: Found,
        done: Done,
    ) -> None:
        self._open_writer().scan(Scan(table, any_of), found, done)

    def purge(self, done: Done) -> None:
        self._open_writer().purge(done)

    def get(self, table: Table, key: Key) -> Row | None:
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {table.columns[0]} = ?"
        return next(iter(self._read(sql, (key,))), None)

    def select(
        self,
        table: Table,
        where: Mapping[str, Any] = NOTHING,
        *,
        less: Mapping[str, Any] = NOTHING,
        greater: Mapping[str, Any] = NOTHING,
        order: tuple[str, ...] = (),
        descending: bool = False,
        limit: int | None = None,
        columns: tuple[str, ...] = (),
    ) -> list[Row]:
        conditions = Conditions(table)
        conditions.equal(where)
        conditions.compare(less, "<")
        conditions.compare(greater, ">")
        sql = f"SELECT {conditions.named(columns)} FROM {table.name}{conditions.text()}"
        sql += order_by(table, order, descending)
        if limit is not None:
            sql += " LIMIT ?"
            conditions.values.append(limit)
        return self._read(sql, conditions.values)

    def count(self, table: Table, where: Mapping[str, Any] = NOTHING) -> int:
        conditions = Conditions(table)
        conditions.equal(where)
        return int(
            self._read(f"SELECT count(*) FROM {table.name}{conditions.text()}", conditions.values)[0][0]
        )

    def tally(
        self, table: Table, by: str, where: Mapping[str, Any] = NOTHING, *, least: str
    ) -> list[tuple[Any, int, Any]]:
        conditions = Conditions(table)
        conditions.equal(where)
        known_columns(table, (by, least))
        sql = (
            f"SELECT {by}, count(*), min({least}) FROM {table.name}{conditions.text()} GROUP BY 1 ORDER BY 1"
        )
        return [(value, count, smallest) for value, count, smallest in self._read(sql, conditions.values)]

    def reserve(self, name: str, block: int) -> int:
        check_block(block)
        return self._open_writer().reserve(name, block)

    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        check_block(block)
        self._open_writer().reserve_later(name, block, done)

    def idle(self) -> bool:
        return self._writer is None or self._writer.idle()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
        self._let_go()

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreError(f"{self._url}: is closed")
        return self._writer

    def _claim(self) -> None:
        """Take the file for this process, creating it when there is none."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if not sqlite_file.is_absent(self._path):
            sqlite_file.identify(self._path, self._vfs)
        self._lock = sqlite_file.lock(self._path)
        if sqlite_file.is_absent(self._path):
            sqlite_file.create(self._path, PAGE_SIZE)

    def _prepared(
        self, tables: Sequence[Table], version: int, migrations: Sequence[Migration]
    ) -> apsw.Connection:
        # A file that turns out to be newer or damaged is closed as it was found, its log unmoved.
        log = sqlite_file.has_log(self._path)
        connection = self._connect()
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(log))
        sqlite_schema.refuse_newer(connection, version, self._url)
        for pragma in _DURABLE:
            connection.execute(pragma)
        sqlite_schema.refuse_damaged(connection, self._url)
        sqlite_schema.prepare(connection, tables, version, migrations, self._url)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        return connection

    def _connect(self) -> apsw.Connection:
        connection = sqlite_file.connect(self._path, self._vfs, wait_ms=WAIT_MS)
        self._connections.append(connection)
        return connection

    def _let_go(self) -> None:
        # The reading connection first: the last to close moves the log, and only the writing one syncs fully.
        while self._connections:
            try:
                self._connections.pop().close()
            except apsw.Error as error:
                _log.warning("%s: closing: %s; what is safe stays in the log", self._url, error)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        if self._writer is None:
            raise StoreError(f"{self._url}: is closed")
        try:
            return self._connections[-1].execute(sql, values).fetchall()
        except apsw.Error as error:
            raise sqlite_file.explained(self._path, error) from error

"""The default store: one SQLite file in WAL mode, an fsync per batch, open to the sqlite3 shell."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from smsc.store import sqlite_file, sqlite_schema
from smsc.store.base import (
    NOTHING,
    Answer,
    Batch,
    Done,
    Found,
    Key,
    Migration,
    Post,
    Reads,
    Reserved,
    Row,
    Store,
    StoreError,
    T,
    Table,
    check_block,
    check_tables,
)
from smsc.store.reader import Reader
from smsc.store.sqlite_reads import SqliteReads
from smsc.store.sqlite_rows import TableWriter
from smsc.store.sqlite_sql import Prune, Scan
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
    """Writes on a thread of its own, and reads on a second connection: until `begin_serving` on the caller's
    thread, else on another one of its own.

    `done` and answers run through `post`, which must be safe to call from another thread.
    """

    durable = True

    def __init__(self, path: Path, post: Post, vfs: str = "") -> None:
        self._path = path
        self._url = sqlite_file.url_of(path)
        self._post = post
        self._vfs = vfs
        self._lock = -1
        self._own = -1  # a descriptor of the file
        self._connections: list[apsw.Connection] = []
        self._tables: dict[str, TableWriter] = {}
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._serving = False

    def open(self, tables: Sequence[Table], version: int = 1, migrations: Sequence[Migration] = ()) -> None:
        check_tables(tables, version)
        if self._writer is not None:
            raise StoreError(f"{self._url}: is open already")
        try:
            with sqlite_file.explaining(self._path):
                self._claim()
                writing = self._prepared(tables, version, migrations)
                reading = self._connect()
        except BaseException:
            self._let_go()
            raise
        self._tables = {table.name: TableWriter(table) for table in tables}
        self._writer = Writer(writing, self._path, self._tables, self._post, WAIT_MS)
        self._writer.start()
        self._reader = Reader(SqliteReads(reading, self._path), self._post, self._url)
        self._reader.start()

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
        return self._direct().get(table, key)

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
        return self._direct().select(
            table,
            where,
            less=less,
            greater=greater,
            order=order,
            descending=descending,
            limit=limit,
            columns=columns,
        )

    def count(self, table: Table, where: Mapping[str, Any] = NOTHING) -> int:
        return self._direct().count(table, where)

    def octets(self, table: Table, columns: tuple[str, ...], where: Mapping[str, Any] = NOTHING) -> int:
        return self._direct().octets(table, columns, where)

    def tally(
        self, table: Table, by: str, where: Mapping[str, Any] = NOTHING, *, least: str
    ) -> list[tuple[Any, int, Any]]:
        return self._direct().tally(table, by, where, least=least)

    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        if self._reader is None:
            raise StoreError(f"{self._url}: is closed")
        self._reader.ask(question, answer)

    def begin_serving(self) -> None:
        self._serving = True

    def reserve(self, name: str, block: int) -> int:
        check_block(block)
        return self._open_writer().reserve(name, block)

    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        check_block(block)
        self._open_writer().reserve_later(name, block, done)

    def idle(self) -> bool:
        return self._writer is None or self._writer.idle()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
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
        self._own = sqlite_file.lock_itself(self._path)

    def _prepared(
        self, tables: Sequence[Table], version: int, migrations: Sequence[Migration]
    ) -> apsw.Connection:
        # A file that turns out to be newer or damaged is closed as it was found, its log unmoved.
        log = sqlite_file.has_log(self._path)
        connection = self._connect(lockless=True)  # of this thread, then of the writing one
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(log))
        sqlite_schema.refuse_newer(connection, version, self._url)
        for pragma in _DURABLE:
            connection.execute(pragma)
        sqlite_schema.refuse_damaged(connection, self._url)
        sqlite_schema.prepare(connection, tables, version, migrations, self._url)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
        return connection

    def _connect(self, lockless: bool = False) -> apsw.Connection:
        connection = sqlite_file.connect(self._path, self._vfs, wait_ms=WAIT_MS, lockless=lockless)
        self._connections.append(connection)
        return connection

    def _let_go(self) -> None:
        # The reading connection first: the last to close moves the log, and only the writing one syncs fully.
        while self._connections:
            try:
                self._connections.pop().close()
            except apsw.Error as error:
                _log.warning("%s: closing: %s; what is safe stays in the log", self._url, error)
        for descriptor in (self._own, self._lock):
            if descriptor >= 0:
                os.close(descriptor)
        self._own = self._lock = -1

    def _direct(self) -> Reads:
        """The tables for the owner's own thread, which is held up meanwhile."""
        if self._reader is None:
            raise StoreError(f"{self._url}: is closed")
        if self._serving:
            raise StoreError(f"{self._url}: a read would hold up everybody who is served; ask for it")
        return self._reader.reads

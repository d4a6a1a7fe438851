"""A store in PostgreSQL: one server writes, COPY by COPY, and whoever may can ask it questions in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import psycopg

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
from smsc.store.postgres import schema
from smsc.store.postgres.connection import explained
from smsc.store.postgres.nodes import Nodes
from smsc.store.postgres.reads import PostgresReads
from smsc.store.postgres.session import LEASE, Session
from smsc.store.postgres.tables import TableCopy
from smsc.store.postgres.writer import WAIT, Writer
from smsc.store.reader import Reader
from smsc.store.sqlite_sql import Prune, Scan
from smsc.store.urls import shown_url

LOCK_PATIENCE = 12.0
"""Seconds that a start waits for a server that is about to go, or whose connection is yet to be noticed."""


class PostgresStore(Store):
    """Writes on a thread and a connection of its own, and reads on another of each.

    `done` and answers run through `post`, which must be safe to call from another thread. A batch whose fate
    is unknown because the connection broke is not answered before it is known again, see ``session``.
    """

    durable = True

    def __init__(
        self,
        url: str,
        post: Post,
        wait: float = WAIT,
        lock_patience: float = LOCK_PATIENCE,
        node: str | None = None,
        floors: Mapping[str, int | None] = NOTHING,
        lease: float = LEASE,
    ) -> None:
        """``node`` makes it one of several, see ``store.shared``. ``floors``: the series of numbers of which
        it is kept who has them, and what is added to make keys of the first table, if that is all."""
        self._url = url
        self._shown = shown_url(url)
        self._post = post
        self._wait = wait
        self._lock_patience = lock_patience
        self._tables: dict[str, TableCopy] = {}
        self._session = Session(url, node, lease)
        self._floors = floors
        self.shared: Nodes | None = None if node is None else Nodes(self._session, post, floors)
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._reads: PostgresReads | None = None
        self._serving = False

    def open(self, tables: Sequence[Table], version: int = 1, migrations: Sequence[Migration] = ()) -> None:
        check_tables(tables, version)
        if self._writer is not None:
            raise StoreError(f"{self._shown}: is open already")
        connection = self._session.open(self._lock_patience)
        try:
            schema.prepare(connection, tables, version, migrations, self._url, self._session.node)
            self._session.take()
            for table in tables:
                highest = _highest(connection, table, self.shared is not None)
                self._tables[table.name] = TableCopy(table, highest, shared=self.shared is not None)
        except BaseException as error:
            self._session.close()
            if isinstance(error, psycopg.Error):
                raise explained(self._url, error) from error
            raise
        shared = self.shared
        if shared is None:
            self._writer = Writer(self._session, self._tables, self._post, self._wait)
        else:
            self._tables |= shared.tables()
            reserved = partial(self._own, tables[0].name)
            self._writer = Writer(
                self._session,
                self._tables,
                self._post,
                self._wait,
                shared.committed,
                reserved,
                frozenset(self._floors),
            )
            try:
                shared.opened(self._writer)
            except psycopg.Error as error:
                self._session.close()
                raise explained(self._url, error) from error
        self._writer.start()
        self._reads = PostgresReads(self._url, f"{self._session.name} reads")
        self._reader = Reader(self._reads, self._post, self._shown)
        self._reader.start()

    @property
    def away(self) -> str:  # type: ignore[override]
        """Why PostgreSQL is out of reach; nothing while it is not."""
        return self._session.away

    def write(self, batch: Batch, done: Done) -> None:
        batch.refuse_unless(self._tables, self._shown)
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

    def scan(self, table: Table, any_of: Mapping[str, Any], found: Found, done: Done) -> None:
        self._open_writer().scan(Scan(table, any_of), found, done)

    def purge(self, done: Done) -> None:
        """Gives the space of old rows back; log and copies of the database are PostgreSQL's own matter."""
        self._open_writer().purge(list(self._tables), done)

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
            raise StoreError(f"{self._shown}: is closed")
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
        if self._reads is not None:
            self._reads.closing = True
            if self.shared is not None:
                self.shared.close()
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        if self._reads is not None:
            self._reads.close()
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
            if self.shared is not None:
                self.shared.dispose()
        self._session.close()

    def _own(self, table: str, series: str, first: int, block: int) -> None:
        """A block of numbers is this node's, on the writing thread."""
        if self.shared is not None:
            self.shared.used.began(series, first)
        floor = self._floors.get(series)
        if floor is not None:
            self._tables[table].own(range(floor + first, floor + first + block))

    def _open_writer(self) -> Writer:
        if self._writer is None:
            raise StoreError(f"{self._shown}: is closed")
        return self._writer

    def _direct(self) -> Reads:
        """The tables for the owner's own thread, which is held up meanwhile."""
        if self._reads is None or self._reader is None:
            raise StoreError(f"{self._shown}: is closed")
        if self._serving:
            raise StoreError(f"{self._shown}: a read would hold up everybody who is served; ask for it")
        return self._reads


def _highest(connection: psycopg.Connection[Any], table: Table, shared: bool) -> int | None:
    """The highest key of a table with numbers as keys; of one that others write too, of this one's own."""
    if table.types[0] != "INTEGER":
        return None
    if shared:
        return -(2**63) - 1
    row = connection.execute(f"SELECT max({table.columns[0]}) FROM {table.name}").fetchone()
    return -(2**63) - 1 if row is None or row[0] is None else int(row[0])

"""Reads the tables through a connection of its own, which comes back by itself when it was lost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg

from smsc.store.base import NOTHING, Key, Reads, Row, StoreError, Table
from smsc.store.postgres.connection import Connection, connect, explained, is_gone
from smsc.store.postgres.sql import decoded, order_by, placed
from smsc.store.sqlite_sql import Conditions, known_columns

PATIENCE: Final = 8.0
"""Seconds that a question waits for PostgreSQL to come back: less than anybody waits for an answer."""
_PAUSE: Final = 0.2


class PostgresReads(Reads):
    """What can be asked, by one thread at a time. Raises StoreError."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None
        self.closing = False

    def get(self, table: Table, key: Key) -> Row | None:
        sql = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {table.columns[0]} = %s"
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

    def octets(self, table: Table, columns: tuple[str, ...], where: Mapping[str, Any] = NOTHING) -> int:
        conditions = Conditions(table)
        conditions.equal(where)
        known_columns(table, columns)
        held = " + ".join(f"coalesce(octet_length({column}), 0)" for column in columns)
        sql = f"SELECT coalesce(sum({held}), 0)::int8 FROM {table.name}{conditions.text()}"
        return int(self._read(sql, conditions.values)[0][0])

    def tally(
        self, table: Table, by: str, where: Mapping[str, Any] = NOTHING, *, least: str
    ) -> list[tuple[Any, int, Any]]:
        conditions = Conditions(table)
        conditions.equal(where)
        known_columns(table, (by, least))
        sql = (
            f"SELECT {by}, count(*), min({least}) FROM {table.name}{conditions.text()} "
            "GROUP BY 1 ORDER BY 1 NULLS FIRST"
        )
        return [(value, count, smallest) for value, count, smallest in self._read(sql, conditions.values)]

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                connection = self._ready()
                with connection.cursor(binary=True) as cursor:
                    rows = cursor.execute(placed(sql), values).fetchall()
            except StoreError:
                if self.closing or time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE)
            except psycopg.Error as error:
                if self._connection is None or not is_gone(self._connection) or time.monotonic() >= until:
                    raise explained(self._url, error) from error
            else:
                return [tuple(map(decoded, row)) for row in rows] if _has_text(rows) else rows

    def _ready(self) -> Connection:
        if self._connection is None or is_gone(self._connection):
            self._connection = connect(self._url, self._name)
            self._connection.execute("SET default_transaction_read_only = on")
        return self._connection


def _has_text(rows: list[Row]) -> bool:
    """Whether some value is text that may have to be read otherwise than it stands there."""
    return any("\uffff" in value for row in rows for value in row if isinstance(value, str))

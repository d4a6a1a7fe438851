"""Reads the tables through one connection, as rows of plain values."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from smsc.store.base import NOTHING, Key, Reads, Row, Table
from smsc.store.sqlite_file import explained
from smsc.store.sqlite_sql import Conditions, known_columns, order_by


class SqliteReads(Reads):
    """What can be asked, by one thread at a time. Raises StoreError."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

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

    def octets(self, table: Table, columns: tuple[str, ...], where: Mapping[str, Any] = NOTHING) -> int:
        conditions = Conditions(table)
        conditions.equal(where)
        known_columns(table, columns)
        held = " + ".join(f"coalesce(length({column}), 0)" for column in columns)
        sql = f"SELECT coalesce(sum({held}), 0) FROM {table.name}{conditions.text()}"
        return int(self._read(sql, conditions.values)[0][0])

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

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except apsw.Error as error:
            raise explained(self._path, error) from error

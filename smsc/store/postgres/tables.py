"""How the rows of one table get into PostgreSQL and out of it."""

from __future__ import annotations

from typing import Any

from smsc.store.base import Key, Row, Table
from smsc.store.postgres.connection import Connection
from smsc.store.postgres.sql import KINDS, encoded
from smsc.store.sqlite_sql import quoted


class TableCopy:
    """How the rows of one table are put and deleted.

    COPY is by far the fastest way in, and can not replace. So the rows whose keys may be there already are
    deleted first; of a table with numbers as keys that is none above the highest that was ever put.

    A table that several nodes write (`shared`) is put row by row in the order of its keys where it has no
    numbers that a node has to itself: two that put the same row at the same time then wait for one another,
    and neither fails. Of one with numbers a node knows only those of its own blocks to be new.
    """

    def __init__(self, table: Table, highest: int | None, *, shared: bool = False) -> None:
        self.highest = highest  # None: keys are no numbers, each may be there
        self.clear = f"DELETE FROM {table.name}"
        kinds = [KINDS[kind] for kind in table.types]
        self._kinds = kinds
        self._texts = tuple(place for place, kind in enumerate(table.types) if kind == "TEXT")
        self._copy = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN (FORMAT BINARY)"
        self._delete = f"DELETE FROM {table.name} WHERE {table.columns[0]} = ANY(%s::{kinds[0]}[])"
        self._put = _upsert(table) if shared and highest is None else ""
        self._is_shared = shared
        self._blocks: list[range] = []

    def own(self, block: range) -> None:
        """Keys of this block are this node's alone."""
        highest = self.highest
        self._blocks = [one for one in self._blocks if highest is None or one.stop > highest] + [block]

    def apply(self, connection: Connection, changes: dict[Any, Row | None]) -> None:
        if self._put:
            self._apply_one_by_one(connection, changes)
            return
        gone: list[Key] = [key for key, row in changes.items() if row is None or not self._is_new(key)]
        if gone:
            if self._is_shared:
                gone.sort()
            if 0 in self._texts:
                gone = [encoded((key,), (0,))[0] for key in gone]
            connection.execute(self._delete, (gone,))
        rows = [row for row in changes.values() if row is not None]
        if rows:
            with connection.cursor() as cursor, cursor.copy(self._copy) as copy:
                copy.set_types(self._kinds)
                for row in rows:
                    copy.write_row(encoded(row, self._texts) if self._texts else row)

    def fresh(self, changes: dict[Any, Row | None]) -> list[Any]:
        """The keys that were never there before."""
        return [key for key, row in changes.items() if row is not None and self._is_new(key)]

    def safe(self, changes: dict[Any, Row | None]) -> None:
        """They are there."""
        if self.highest is not None:
            self.highest = max((self.highest, *filter(self._is_new, changes)))

    def delete(self, connection: Connection, keys: list[Any]) -> None:
        connection.execute(self._delete, (keys,))

    def _is_new(self, key: Any) -> bool:
        if self.highest is None or key <= self.highest:
            return False
        return not self._is_shared or any(key in block for block in self._blocks)

    def _apply_one_by_one(self, connection: Connection, changes: dict[Any, Row | None]) -> None:
        with connection.cursor() as cursor:
            for key in sorted(changes):
                row = changes[key]
                if row is None:
                    gone = encoded((key,), (0,)) if 0 in self._texts else (key,)
                    cursor.execute(self._delete, (list(gone),))
                else:
                    cursor.execute(self._put, encoded(row, self._texts) if self._texts else row)


def _upsert(table: Table) -> str:
    key, *others = map(quoted, table.columns)
    values = ", ".join(["%s"] * len(table.columns))
    puts = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table.name} ({', '.join((key, *others))}) VALUES ({values}) "
        f"ON CONFLICT ({key}) DO UPDATE SET {puts}"
    )

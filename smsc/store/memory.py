"""A store that forgets: dictionaries, for tests and for the fastest runs. Promises nothing about crashes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Any

from smsc.store.base import (
    NOTHING,
    Answer,
    Batch,
    Changes,
    Done,
    Found,
    Key,
    Migration,
    Reads,
    Reserved,
    Row,
    Store,
    StoreError,
    T,
    Table,
    check_block,
    check_tables,
    indexed,
)


class MemoryStore(Store):
    """Answers `done` at once, from inside `write`."""

    durable = False

    def __init__(self) -> None:
        self._tables: dict[str, _Rows] = {}
        self._counters: dict[str, int] = {}

    def open(self, tables: Sequence[Table], version: int = 1, migrations: Sequence[Migration] = ()) -> None:
        check_tables(tables, version)
        self._tables = {table.name: _Rows(table) for table in tables}

    def write(self, batch: Batch, done: Done) -> None:
        batch.refuse_unless(self._tables, "memory:")
        for name in batch.cleared:
            self._tables[name].clear()
        for name, changes in batch.changes.items():
            self._tables[name].apply(changes)
        done(None)

    def prune(
        self,
        table: Table,
        column: str,
        below: int | float,
        where: Mapping[str, Any] = NOTHING,
        done: Done | None = None,
    ) -> None:
        rows = self._rows(table.name)
        rows.apply({row[0]: None for row in rows.matching(where, {column: below}, NOTHING)})
        if done is not None:
            done(None)

    def scan(
        self,
        table: Table,
        any_of: Mapping[str, Any],
        found: Found,
        done: Done,
    ) -> None:
        rows = self._rows(table.name)
        places = [(rows.place(name), value) for name, value in any_of.items()]
        matching = [
            row for row in rows.by_key.values() if any(row[place] == value for place, value in places)
        ]
        found(matching, lambda: None)
        done(None)

    def purge(self, done: Done) -> None:
        done(None)

    def get(self, table: Table, key: Key) -> Row | None:
        return self._rows(table.name).by_key.get(key)

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
        rows = self._rows(table.name)
        matching = rows.matching(where, less, greater)
        key = _sort_key([rows.place(name) for name in (*order, table.columns[0])])
        if limit is None:
            found = sorted(matching, key=key, reverse=descending)
        else:
            found = (nlargest if descending else nsmallest)(limit, matching, key=key)
        places = [rows.place(name) for name in columns]
        return [tuple(row[place] for place in places) for row in found] if places else found

    def count(self, table: Table, where: Mapping[str, Any] = NOTHING) -> int:
        rows = self._rows(table.name)
        return sum(1 for _ in rows.matching(where, NOTHING, NOTHING)) if where else len(rows.by_key)

    def octets(self, table: Table, columns: tuple[str, ...], where: Mapping[str, Any] = NOTHING) -> int:
        rows = self._rows(table.name)
        places = [rows.place(column) for column in columns]
        return sum(
            len(row[place] or b"") for row in rows.matching(where, NOTHING, NOTHING) for place in places
        )

    def tally(
        self, table: Table, by: str, where: Mapping[str, Any] = NOTHING, *, least: str
    ) -> list[tuple[Any, int, Any]]:
        rows = self._rows(table.name)
        group, value = rows.place(by), rows.place(least)
        found: dict[Any, list[Any]] = {}
        for row in rows.matching(where, NOTHING, NOTHING):
            found.setdefault(row[group], []).append(row[value])
        tallied = [(key, len(values), _smallest(values)) for key, values in found.items()]
        return sorted(tallied, key=_sort_key([0]))

    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        try:
            found = question(self)
        except StoreError as error:
            answer(None, error)
        else:
            answer(found, None)

    def begin_serving(self) -> None:
        pass

    def reserve(self, name: str, block: int) -> int:
        check_block(block)
        first = self._counters.get(name, 1)
        self._counters[name] = first + block
        return first

    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        done(self.reserve(name, block), None)

    def idle(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def _rows(self, name: str) -> "_Rows":
        rows = self._tables.get(name)
        if rows is None:
            raise StoreError(f"memory: has no table {name}; it was not opened with one")
        return rows


class _Rows:
    """The rows of one table, and a look-up per indexed column, built when it is first asked for."""

    __slots__ = ("by_key", "columns", "indexed", "lookups")

    def __init__(self, table: Table) -> None:
        self.by_key: dict[Any, Row] = {}
        self.columns = {name: place for place, name in enumerate(table.columns)}
        self.indexed = frozenset(indexed(index)[0] for index in table.indexes)
        self.lookups: dict[str, dict[Any, dict[Any, None]]] = {}

    def place(self, name: str) -> int:
        place = self.columns.get(name)
        if place is None:
            raise StoreError(f"memory: there is no column {name}")
        return place

    def clear(self) -> None:
        self.by_key.clear()
        self.lookups.clear()

    def apply(self, changes: Changes) -> None:
        for name in self.lookups:
            self._reindex(name, changes)
        for key, row in changes.items():
            if row is None:
                self.by_key.pop(key, None)
            else:
                self.by_key[key] = row

    def matching(
        self, where: Mapping[str, Any], less: Mapping[str, Any], greater: Mapping[str, Any]
    ) -> Iterator[Row]:
        tests = [self._test(name, _same(value)) for name, value in where.items()]
        tests += [self._test(name, _below(value)) for name, value in less.items()]
        tests += [self._test(name, _above(value)) for name, value in greater.items()]
        return (row for row in self._candidates(where) if all(test(row) for test in tests))

    def _candidates(self, where: Mapping[str, Any]) -> Iterable[Row]:
        for name, value in where.items():
            if self.columns.get(name) == 0:
                row = self.by_key.get(value)
                return () if row is None else (row,)
            if name in self.indexed:
                return map(self.by_key.__getitem__, self._lookup(name).get(value, ()))
        return self.by_key.values()

    def _lookup(self, name: str) -> dict[Any, dict[Any, None]]:
        lookup = self.lookups.get(name)
        if lookup is None:
            lookup = self.lookups[name] = {}
            place = self.columns[name]
            for key, row in self.by_key.items():
                lookup.setdefault(row[place], {})[key] = None
        return lookup

    def _reindex(self, name: str, changes: Changes) -> None:
        lookup, place = self.lookups[name], self.columns[name]
        for key, row in changes.items():
            before = self.by_key.get(key)
            if before is not None:
                keys = lookup[before[place]]
                del keys[key]
                if not keys:
                    del lookup[before[place]]
            if row is not None:
                lookup.setdefault(row[place], {})[key] = None

    def _test(self, name: str, holds: Callable[[Any], bool]) -> Callable[[Row], bool]:
        place = self.place(name)
        return lambda row: holds(row[place])


def _same(wanted: Any) -> Callable[[Any], bool]:
    return lambda value: bool(value == wanted)


def _below(limit: Any) -> Callable[[Any], bool]:
    return lambda value: value is not None and bool(value < limit)


def _above(limit: Any) -> Callable[[Any], bool]:
    return lambda value: value is not None and bool(value > limit)


def _smallest(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _sort_key(places: Sequence[int]) -> Callable[[Row], tuple[tuple[bool, Any], ...]]:
    return lambda row: tuple((row[place] is not None, row[place]) for place in places)

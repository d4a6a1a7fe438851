"""What every store promises: tables of tuples, written in batches that are safe as a whole or not at all.

A table is a list of column names; its first column is the primary key. Owners of a table bring their own
codecs and hand over plain tuples of int, float, str, bytes and None. Nothing here knows messages or SQL.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

Key = int | str | bytes
Row = tuple[Any, ...]
Done = Callable[[BaseException | None], None]
Reserved = Callable[[int, BaseException | None], None]
Post = Callable[[Callable[[], None]], None]
Changes = dict[Any, Row | None]
Found = Callable[[list[Row], Callable[[], None]], None]
T = TypeVar("T")
Answer = Callable[[T | None, BaseException | None], None]

TYPES = ("INTEGER", "REAL", "TEXT", "BLOB")
NOTHING: Mapping[str, Any] = {}

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


class StoreError(Exception):
    """The store could not do what was asked; the text is a sentence for the operator."""


class StoreFull(StoreError):
    """There is no space left: nothing of the batch was kept, and a later one may succeed."""


class Partial(NamedTuple):
    """An index by `columns` of only those rows whose `column` equals `value`.

    An index of every row costs a page write in a random place per row put, more the larger the table is. One
    of the few rows that wait costs next to nothing, however many rows are done with. `select`, `count` and
    `tally` use it when they ask for that value.
    """

    columns: tuple[str, ...]
    column: str
    value: int


class Table(NamedTuple):
    """A table as its owner declares it.

    `columns[0]` is the primary key. `types` holds one of `TYPES` per column. Every column but the key may be
    None. `indexes` name the columns that `select` looks up by, of all rows or, far cheaper, `Partial`.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    indexes: tuple[tuple[str, ...] | Partial, ...] = ()


class Migration(NamedTuple):
    """Brings rows of `table` that were written before schema `version` into the form of that version.

    `rewrite` gets a row as column -> value and answers the new row, or None to drop it. Columns that are only
    added need no migration: old rows hold None there.
    """

    version: int
    table: str
    rewrite: Callable[[dict[str, Any]], dict[str, Any] | None]


class Batch:
    """Changes that become safe together. It belongs to the store once it is handed to `Store.write`."""

    __slots__ = ("changes", "cleared", "waited")

    def __init__(self) -> None:
        self.waited = 0.0  # seconds that its oldest change waited for the store before
        self.changes: dict[str, Changes] = {}
        self.cleared: set[str] = set()

    def of(self, table: Table) -> Changes:
        """The changes of one table, key -> row or None for a deletion; a hot caller may assign to it."""
        changes = self.changes.get(table.name)
        if changes is None:
            changes = self.changes[table.name] = {}
        return changes

    def put(self, table: Table, row: Row) -> None:
        """Insert the row, or replace the one with the same key. The last change of a key wins."""
        self.of(table)[row[0]] = row

    def delete(self, table: Table, key: Key) -> None:
        """Remove the row with this key; it need not exist."""
        self.of(table)[key] = None

    def clear(self, table: Table) -> None:
        """Remove every row, and forget what this batch did to the table before."""
        self.cleared.add(table.name)
        self.changes.pop(table.name, None)

    def rows(self) -> int:
        """How many rows the batch puts or deletes (a cleared table counts as one)."""
        return sum(map(len, self.changes.values())) + len(self.cleared)

    def refuse_unless(self, tables: Container[str], url: str) -> None:
        """Raise StoreError when the batch names a table that was not opened, or holds a row without a key."""
        for name in (*self.cleared, *self.changes):
            if name not in tables:
                raise StoreError(f"{url}: has no table {name}; it was not opened with one")
        for name, changes in self.changes.items():
            if None in changes:
                raise StoreError(f"{url}: a row of {name} has no key")


class Reads(ABC):
    """What can be asked of the tables. Each call sees every batch entirely or not at all."""

    @abstractmethod
    def get(self, table: Table, key: Key) -> Row | None:
        """The row with this key, in the order of `table.columns`."""

    @abstractmethod
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
        """The rows whose columns equal `where` and lie strictly below `less` and above `greater`.

        `where` may ask for None; None is never less or greater. Rows come ordered by `order` (None first) and
        then by key, all turned round when `descending`. `columns` are those that are wanted, () for all.
        """

    @abstractmethod
    def count(self, table: Table, where: Mapping[str, Any] = NOTHING) -> int:
        """How many rows match `where`."""

    @abstractmethod
    def octets(self, table: Table, columns: tuple[str, ...], where: Mapping[str, Any] = NOTHING) -> int:
        """What the BLOB columns of the rows hold together."""

    @abstractmethod
    def tally(
        self, table: Table, by: str, where: Mapping[str, Any] = NOTHING, *, least: str
    ) -> list[tuple[Any, int, Any]]:
        """For each value of column `by` in the rows that match `where`: (value, how many, smallest `least`).

        Ordered by that value; None counts as one, and is no smallest while there is another.
        """


class Store(Reads):
    """Where the state lives. One thread, the owner's, calls everything here.

    A store is opened once with all tables. Reads see every batch whose `done` was called before, and each
    batch entirely or not at all.
    """

    away = ""
    """Why what keeps the store is out of reach for now, a sentence for the operator; else nothing."""

    shared: Any = None
    """A `shared.Shared`, where several nodes are on the store."""

    durable: bool
    """True when `done(None)` means that the batch survives a crash of the process and a loss of power."""

    @abstractmethod
    def open(self, tables: Sequence[Table], version: int = 1, migrations: Sequence[Migration] = ()) -> None:
        """Make the tables ready, migrating rows of an older schema `version`.

        Raises StoreError when the stored data is foreign, damaged, in use, newer than `version`, or out of
        reach; it is left untouched then.
        """

    @abstractmethod
    def write(self, batch: Batch, done: Done) -> None:
        """Make the batch safe, then call `done(None)`; or `done(error)` when nothing of it was kept.

        `done` is called exactly once per batch and in the order of writes. StoreFull means no space. After a
        failure the store goes on with the next batch. Should the process die before the next one is safe, a
        batch that was answered with an error may turn out to be kept: refused is not a promise, safe is.
        """

    @abstractmethod
    def prune(
        self,
        table: Table,
        column: str,
        below: int | float,
        where: Mapping[str, Any] = NOTHING,
        done: Done | None = None,
    ) -> None:
        """Delete the rows with `column` < `below` that match `where`, in small steps between the writes.

        `done` is called once at the end. Rows written after the call may be spared. Needs no index.
        """

    @abstractmethod
    def scan(
        self,
        table: Table,
        any_of: Mapping[str, Any],
        found: Found,
        done: Done,
    ) -> None:
        """Hand over the rows that have one of these values in its column, in small steps between the writes.

        `found` gets some at a time, and a function to call when it is ready for more; `done` is called
        once at the end. Rows written after the call may be spared. Needs no index, and holds up nobody.
        """

    @abstractmethod
    def purge(self, done: Done) -> None:
        """Let nothing remain of rows that were deleted or replaced: not in free pages, not in a log."""

    @abstractmethod
    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        """Read without waiting: `question` is called with the tables, on whatever thread has the time for it.

        `answer(what it returned, None)` or `answer(None, error)` is called once, later or at once, and in the
        order of questions. Batches that became safe meanwhile may have been seen or not.
        """

    @abstractmethod
    def begin_serving(self) -> None:
        """Start-up is over: from now on reading directly would hold up everybody whom the owner serves, so it
        raises StoreError, and `ask` is how to read. A store in memory has nothing to wait for."""

    @abstractmethod
    def reserve(self, name: str, block: int) -> int:
        """The first of `block` consecutive numbers (from 1) that nobody else gets, nor after a restart.

        Waits for the writes before it. Raises StoreError.
        """

    @abstractmethod
    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        """`reserve` without waiting: `done(first, None)` or `done(0, error)` is called later, or at once."""

    @abstractmethod
    def idle(self) -> bool:
        """Whether every write so far is safe or refused; its `done` may still be on the way."""

    @abstractmethod
    def close(self) -> None:
        """Answer every write so far, then let go of the data. Closing twice is fine."""


def indexed(index: tuple[str, ...] | Partial) -> tuple[str, ...]:
    """The columns that an index goes by."""
    return index.columns if isinstance(index, Partial) else index


def check_tables(tables: Iterable[Table], version: int) -> None:
    """Refuse a declaration that no store could serve. Raises ValueError: this is the caller's mistake."""
    if version < 1:
        raise ValueError(f"schema version {version}: expected 1 or more")
    names: set[str] = set()
    for table in tables:
        _check_table(table)
        if table.name in names:
            raise ValueError(f"table {table.name} is declared twice")
        names.add(table.name)


def check_block(block: int) -> None:
    """Refuse a block of no numbers. Raises ValueError."""
    if block < 1:
        raise ValueError(f"a block of {block} numbers: expected 1 or more")


def _check_table(table: Table) -> None:
    for name in (table.name, *table.columns):
        if not _IDENTIFIER.match(name):
            raise ValueError(f"table {table.name}: {name!r} is not a lower-case identifier")
    if table.name.startswith(("store_", "sqlite_")):
        raise ValueError(f"table {table.name}: names that begin with store_ or sqlite_ are taken")
    if not table.columns or len(set(table.columns)) != len(table.columns):
        raise ValueError(f"table {table.name}: needs columns with different names")
    if len(table.types) != len(table.columns) or not set(table.types) <= set(TYPES):
        raise ValueError(f"table {table.name}: needs one type of {', '.join(TYPES)} per column")
    if table.types[0] == "REAL":
        raise ValueError(f"table {table.name}: a key is an INTEGER, TEXT or BLOB")
    for index in table.indexes:
        named = (*index.columns, index.column) if isinstance(index, Partial) else index
        if not indexed(index) or not set(named) <= set(table.columns):
            raise ValueError(f"table {table.name}: index {index} names no column of it")

"""Looks through a large table in steps of a few milliseconds, so that others may have the thread between two.

The keys of the table are integers. Each row is told as it is when its step comes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smsc.store.base import Row, Store, Table

STEP = 1000
"""Keys that one step looks at: at most 3 ms, when every row matches."""


def next_key(store: Store, table: Table, after: int) -> int | None:
    """The smallest key above `after`: a step that begins there looks at no gap."""
    upcoming = store.select(table, greater={table.columns[0]: after}, order=(table.columns[0],), limit=1)
    return int(upcoming[0][0]) if upcoming else None


def matching(
    store: Store, table: Table, wheres: Sequence[Mapping[str, Any]], first: int, last: int
) -> list[Row]:
    """The rows from key `first` to `last` that match one of `wheres`, each once, in the order of keys."""
    key = table.columns[0]
    found: dict[int, Row] = {}
    for where in wheres:
        rows = store.select(table, where, greater={key: first - 1}, less={key: last + 1})
        found.update((row[0], row) for row in rows)
    return [found[number] for number in sorted(found)]


def steps(store: Store, table: Table, wheres: Sequence[Mapping[str, Any]]) -> Iterator[list[Row]]:
    """All rows that match one of `wheres`, a list for each step, which may be empty."""
    first = next_key(store, table, -1)
    while first is not None:
        last = first + STEP - 1
        yield matching(store, table, wheres, first, last)
        first = next_key(store, table, last)

"""Copies a store into another one, of the same kind or not, while no server uses either."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from smsc.store import inspection
from smsc.store.base import Batch, Row, Store, StoreError, Table
from smsc.store.opening import open_store
from smsc.store.urls import check_url, is_postgresql, need_driver, shown_url, sqlite_path

_AT_ONCE: Final = 5000


def copy(source: str, target: str, tables: Sequence[Table], version: int) -> dict[str, int]:
    """Copy every row and counter, and tell how many rows each table had. The target must be empty.

    Raises StoreError; the target is to be thrown away then. The source is left as it is.
    """
    for url in (source, target):
        check_url(url)
        if url == "memory:":
            raise StoreError("memory: keeps nothing that could be copied")
    if source == target:
        raise StoreError(f"{shown_url(source)}: is both source and target")
    _refuse_unless_empty(target)
    stored = inspection.version(source)
    if stored > version:
        raise StoreError(
            f"{shown_url(source)}: was written by a newer release (schema version {stored}, this one knows "
            f"{version})"
        )
    with _held(source):
        posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        store = open_store(target, posted.put)
        store.open(tables, version)
        try:
            counts = _copy_rows(source, store, {table.name: table for table in tables}, posted)
            for name, upcoming in inspection.counters(source).items():
                if upcoming > 1:
                    store.reserve(name, upcoming - 1)
            return counts
        finally:
            store.close()


def _copy_rows(
    source: str, store: Store, tables: dict[str, Table], posted: SimpleQueue[Callable[[], None]]
) -> dict[str, int]:
    counts = dict.fromkeys(tables, 0)
    batch = Batch()
    for name, record in inspection.export(source):
        table = tables.get(name)
        unknown = {name} if table is None else record.keys() - set(table.columns)
        if table is None or unknown:
            raise StoreError(f"{shown_url(source)}: {name}.{min(unknown)} is not known to this release")
        batch.put(table, _row(table, record))
        counts[name] += 1
        if batch.rows() >= _AT_ONCE:
            _save(store, batch, posted)
            batch = Batch()
    _save(store, batch, posted)
    return counts


def _row(table: Table, record: dict[str, Any]) -> Row:
    """A row; columns that an earlier release did not have hold None."""
    return tuple(record.get(name) for name in table.columns)


def _save(store: Store, batch: Batch, posted: SimpleQueue[Callable[[], None]]) -> None:
    answers: list[BaseException | None] = []
    store.write(batch, answers.append)
    while not answers:
        posted.get()()
    if answers[0] is not None:
        raise answers[0]


def _refuse_unless_empty(url: str) -> None:
    if is_postgresql(url):
        need_driver(url)
        from smsc.store.postgres.inspection import is_empty

        empty = is_empty(url)
    else:
        path = sqlite_path(url)
        empty = not path.exists() and not Path(f"{path}-wal").exists()
    if not empty:
        raise StoreError(f"{shown_url(url)}: holds a store already; name an empty one")


@contextlib.contextmanager
def _held(url: str) -> Iterator[None]:
    """No server uses it meanwhile: what it wrote would be missing in the copy."""
    if is_postgresql(url):
        from smsc.store.postgres.inspection import held

        with held(url):
            yield
        return
    from smsc.store import sqlite_file

    path = sqlite_path(url)
    with sqlite_file.explaining(path):
        holder = sqlite_file.lock(path)
    try:
        yield
    finally:
        os.close(holder)

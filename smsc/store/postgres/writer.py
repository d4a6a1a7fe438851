"""The one thread that writes: takes batches in order, commits each, and reports back what is certain."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final

import psycopg

from smsc.store.base import Batch, Done, Found, Key, Post, Reserved, Row, StoreError, Table
from smsc.store.postgres.connection import Connection, explained, is_gone
from smsc.store.postgres.session import Session
from smsc.store.postgres.sql import KINDS, decoded, encoded, placed
from smsc.store.sqlite_sql import Prune, Scan
from smsc.store.urls import shown_url

WAIT: Final = 10.0
"""Seconds after which a batch is answered with an error when PostgreSQL can not be reached."""
UNKNOWN: Final = 30.0
"""Seconds after which a batch is answered with an error when it is not known whether it was committed."""
PRUNE_WINDOW: Final = 2000
SCAN_WINDOW: Final = 500
SWITCH_INTERVAL: Final = 0.0005
"""See `sqlite_writer.SWITCH_INTERVAL`."""
_LOOK: Final = 1.0  # seconds between two tries to come back while there is nothing to write

_RESERVE: Final = (
    "INSERT INTO store_counters (name, next) VALUES (%(name)s, 1 + %(block)s) ON CONFLICT (name) "
    "DO UPDATE SET next = store_counters.next + %(block)s RETURNING next - %(block)s"
)

_log = logging.getLogger("smsc.store")

Job = Callable[[], None]
Work = Callable[[Connection], Any]


def _nothing() -> None:
    """There is no more."""


class TableCopy:
    """How the rows of one table are put and deleted.

    COPY is by far the fastest way in, and can not replace. So the rows whose keys may be there already are
    deleted first; of a table with numbers as keys that is none above the highest that was ever put.
    """

    def __init__(self, table: Table, highest: int | None) -> None:
        self.highest = highest  # None: keys are no numbers, each may be there
        self.clear = f"DELETE FROM {table.name}"
        kinds = [KINDS[kind] for kind in table.types]
        self._kinds = kinds
        self._texts = tuple(place for place, kind in enumerate(table.types) if kind == "TEXT")
        self._copy = f"COPY {table.name} ({', '.join(table.columns)}) FROM STDIN (FORMAT BINARY)"
        self._delete = f"DELETE FROM {table.name} WHERE {table.columns[0]} = ANY(%s::{kinds[0]}[])"

    def apply(self, connection: Connection, changes: dict[Any, Row | None]) -> None:
        highest = self.highest
        gone: list[Key] = [
            key for key, row in changes.items() if row is None or highest is None or key <= highest
        ]
        if gone:
            if 0 in self._texts:
                gone = [encoded((key,), (0,))[0] for key in gone]
            connection.execute(self._delete, (gone,))
        rows = [row for row in changes.values() if row is not None]
        if rows:
            with connection.cursor() as cursor, cursor.copy(self._copy) as copy:
                copy.set_types(self._kinds)
                for row in rows:
                    copy.write_row(encoded(row, self._texts) if self._texts else row)

    def fresh(self, changes: dict[Any, Row | None]) -> list[Key]:
        """The keys that were never there before."""
        if self.highest is None:
            return []
        return [key for key, row in changes.items() if row is not None and key > self.highest]

    def safe(self, changes: dict[Any, Row | None]) -> None:
        """They are there."""
        if self.highest is not None:
            self.highest = max((self.highest, *changes))

    def delete(self, connection: Connection, keys: list[Key]) -> None:
        connection.execute(self._delete, (keys,))


class Writer:
    """Owns the session from `start` to the end of `stop`. Only `reserve` and `stop` wait."""

    def __init__(self, session: Session, tables: dict[str, TableCopy], post: Post, wait: float) -> None:
        self._session = session
        self._tables = tables
        self._post = post
        self._wait = wait
        self._url = shown_url(session.url)
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._asked = 0
        self._answered = 0
        self._closing = False
        # Of a transaction that was answered with an error before it was known what became of it: what to do
        # should it turn out to be committed.
        self._doubtful: Work | None = None
        self._cut_at = 0.0  # when the server has not answered for too long
        self._thread = threading.Thread(target=self._run, name="smsc-store", daemon=True)
        self._watch = threading.Thread(target=self._cut, name="smsc-store-watch", daemon=True)
        self._ended = threading.Event()

    def start(self) -> None:
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL))
        self._thread.start()
        self._watch.start()

    def write(self, batch: Batch, done: Done) -> None:
        self._asked += 1
        deadline = time.monotonic() + self._wait - batch.waited
        self._queue.put(partial(self._write, deadline, batch, done))

    def prune(self, prune: Prune, done: Done | None) -> None:
        self._asked += 1
        self._queue.put(partial(self._prune, prune, done))

    def scan(self, scan: Scan, found: Found, done: Done) -> None:
        self._asked += 1
        self._queue.put(partial(self._scan, scan, found, done))

    def purge(self, names: list[str], done: Done) -> None:
        self._asked += 1
        self._queue.put(partial(self._purge, names, done))

    def reserve(self, name: str, block: int) -> int:
        reserved: Future[int] = Future()
        self._asked += 1
        self._queue.put(partial(self._reserve, name, block, reserved))
        return reserved.result()

    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        """The same without waiting; `done` is called through `post`."""
        reserved: Future[int] = Future()
        reserved.add_done_callback(partial(self._tell_reserved, done))
        self._asked += 1
        self._queue.put(partial(self._reserve, name, block, reserved))

    def idle(self) -> bool:
        return self._asked == self._answered

    def stop(self) -> None:
        """Answers all that was asked, then ends the thread."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()
        self._ended.set()
        self._watch.join()

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        for job in iter(self._next, None):
            job()

    def _next(self) -> Job | None:
        """The next job; meanwhile the connection comes back if it can."""
        while not self._session.is_ready() and not self._closing:
            try:
                return self._queue.get(timeout=_LOOK)
            except Empty:
                try:
                    self._ready(0.0)
                except (StoreError, psycopg.Error):
                    continue
        return self._queue.get()

    def _cut(self) -> None:
        """A server that does not answer is cut off from another thread: what waits for it hears of it."""
        while not self._ended.wait(_LOOK / 4):
            connection = self._session.connection
            if self._cut_at and time.monotonic() > self._cut_at and connection is not None:
                self._cut_at = 0.0
                _log.warning("%s: PostgreSQL does not answer; the connection is cut", self._url)
                _shut(connection)

    def _transaction(self, until: float, work: Work, undo: Work | None = None) -> Any:
        """Do the work in a transaction that is committed when this returns, or else has not happened.

        Raises StoreError, also when that could not be learned until then: should it turn out later that it
        was committed all the same, `undo` is done.
        """
        session = self._session
        if self._closing:
            until = min(until, time.monotonic() + 1.0)
        if session.away:  # who comes late has waited with the others
            until = min(until, session.away_since + self._wait)
        while True:
            connection = self._ready(until)
            self._cut_at = max(until, time.monotonic() + 1.0)
            result: Any = None
            in_doubt = False
            try:
                session.begin()
                result = work(connection)
                in_doubt = True
                connection.execute("COMMIT")
            except psycopg.Error as error:
                self._cut_at = 0.0
                if not is_gone(connection):
                    connection.execute("ROLLBACK")
                    raise explained(session.url, error) from error
                session.lost(error)
                if in_doubt:
                    self._doubtful = undo or _no_undo
                    if not self._closing:
                        until = max(until, time.monotonic() + UNKNOWN)
                if self._came_back(until) and in_doubt:
                    return result
                continue
            except BaseException:
                self._cut_at = 0.0
                if not is_gone(connection):
                    connection.execute("ROLLBACK")
                raise
            self._cut_at = 0.0
            return result

    def _ready(self, until: float) -> Connection:
        """The connection; one that was lost comes back first. Raises StoreError."""
        session = self._session
        if not session.is_ready():
            undo = self._doubtful
            if self._came_back(until) and undo is not None:
                _log.warning("%s: what was refused had been committed, and is undone", self._url)
                self._transaction(until, undo, undo)
        assert session.connection is not None
        return session.connection

    def _came_back(self, until: float) -> bool:
        """Connected again: whether the transaction that broke off was committed. Raises StoreError."""
        self._cut_at = max(until, time.monotonic() + 5.0)
        try:
            committed = self._session.come_back(until)
        finally:
            self._cut_at = 0.0
        self._doubtful = None
        _log.warning("%s: PostgreSQL is there again", self._url)
        return committed

    # --- jobs -----------------------------------------------------------------------------------

    def _write(self, deadline: float, batch: Batch, done: Done) -> None:
        error: BaseException | None = None
        try:
            fresh = {name: self._tables[name].fresh(changes) for name, changes in batch.changes.items()}
            self._transaction(deadline, partial(self._apply, batch), partial(self._take_back, fresh))
            for name, changes in batch.changes.items():
                self._tables[name].safe(changes)
        except BaseException as problem:  # whatever it is, the caller must hear of it and the thread go on
            error = self._told(problem)
        self._answer(done, error)

    def _apply(self, batch: Batch, connection: Connection) -> None:
        for name in batch.cleared:
            connection.execute(self._tables[name].clear)
        for name, changes in batch.changes.items():
            self._tables[name].apply(connection, changes)

    def _take_back(self, fresh: dict[str, list[Key]], connection: Connection) -> None:
        """What was new in a batch that was refused."""
        for name, keys in fresh.items():
            if keys:
                self._tables[name].delete(connection, keys)

    def _prune(self, prune: Prune, done: Done | None) -> None:
        error: BaseException | None = None
        try:
            until = time.monotonic() + self._wait
            row = self._ready(until).execute(*_step(prune.window(PRUNE_WINDOW))).fetchone()
            last = None if row is None else row[0]
            delete = _step(prune.delete(last))
            self._transaction(until, lambda connection: connection.execute(*delete))
            if last is not None:
                self._queue.put(partial(self._prune, prune, done))
                return
        except BaseException as problem:
            error = self._told(problem)
        self._answer(done, error)

    def _scan(self, scan: Scan, found: Found, done: Done) -> None:
        error: BaseException | None = None
        try:
            connection = self._ready(time.monotonic() + self._wait)
            row = connection.execute(*_step(scan.window(SCAN_WINDOW))).fetchone()
            last = None if row is None else row[0]
            rows = connection.execute(*_step(scan.select(last))).fetchall()
            go_on = partial(self._queue.put, partial(self._scan, scan, found, done))
            if rows:
                told = [tuple(map(decoded, one)) for one in rows]
                self._tell(partial(found, told, _nothing if last is None else go_on))
            elif last is not None:
                go_on()
            if last is not None:
                return
        except BaseException as problem:
            error = self._told(problem)
        self._answer(done, error)

    def _purge(self, names: list[str], done: Done) -> None:
        error: BaseException | None = None
        try:
            connection = self._ready(time.monotonic() + self._wait)
            for name in names:
                connection.execute(f"VACUUM {name}")
        except BaseException as problem:
            error = self._told(problem)
        self._answer(done, error)

    def _reserve(self, name: str, block: int, reserved: Future[int]) -> None:
        def work(connection: Connection) -> int:
            row = connection.execute(_RESERVE, {"name": name, "block": block}).fetchone()
            assert row is not None
            return int(row[0])

        try:
            first: int = self._transaction(time.monotonic() + self._wait, work)
        except BaseException as problem:
            self._answered += 1
            reserved.set_exception(self._told(problem))
        else:
            self._answered += 1
            reserved.set_result(first)

    # --- answers --------------------------------------------------------------------------------

    def _tell_reserved(self, done: Reserved, reserved: Future[int]) -> None:
        error = reserved.exception()
        self._tell(partial(done, 0 if error else reserved.result(), error))

    def _answer(self, done: Done | None, error: BaseException | None) -> None:
        self._answered += 1
        if done is not None:
            self._tell(partial(done, error))

    def _tell(self, call: Job) -> None:
        try:
            self._post(call)
        except Exception:
            _log.exception("a finished write could not be reported: its owner is gone")

    def _told(self, problem: BaseException) -> BaseException:
        if isinstance(problem, psycopg.Error):
            if self._session.connection is not None and is_gone(self._session.connection):
                self._session.lost(problem)
            return explained(self._session.url, problem)
        if isinstance(problem, StoreError):
            return problem
        return StoreError(f"{self._url}: the batch can not be stored: {problem!r}")


def _no_undo(connection: Connection) -> None:
    """Nothing has to be taken back."""


def _step(step: tuple[str, Any]) -> tuple[Any, Any]:
    sql, values = step
    return placed(sql), values


def _shut(connection: Connection) -> None:
    with contextlib.suppress(OSError, psycopg.Error):
        copy = socket.socket(fileno=os.dup(connection.fileno()))
        try:
            copy.shutdown(socket.SHUT_RDWR)
        finally:
            copy.close()

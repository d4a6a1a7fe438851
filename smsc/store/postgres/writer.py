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

from smsc.store.base import Batch, Done, Found, Post, Reserved, StoreError, T
from smsc.store.postgres.connection import Connection, explained, is_gone
from smsc.store.postgres.session import Session
from smsc.store.postgres.sql import decoded, placed
from smsc.store.postgres.tables import TableCopy
from smsc.store.shared import OWNERS, SLOT_OWNERS
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
_FOR_GOOD: Final = 1e9
_LOOK: Final = 1.0  # seconds between two tries to come back while there is nothing to write

_RESERVE: Final = (
    "INSERT INTO store_counters (name, next) VALUES (%(name)s, 1 + %(block)s) ON CONFLICT (name) "
    "DO UPDATE SET next = store_counters.next + %(block)s RETURNING next - %(block)s"
)

_IS_NEXT: Final = "SELECT 1 FROM store_counters WHERE name = %s AND next = %s FOR UPDATE"
_LONGER_BLOCK: Final = (
    "UPDATE store_blocks SET last = %(end)s - 1 "
    "WHERE series = %(name)s AND node = %(node)s AND last = %(first)s - 1"
)
_KEEP_BLOCK: Final = (
    "INSERT INTO store_blocks (series, first, last, node) VALUES (%(name)s, %(first)s, %(end)s - 1, %(node)s)"
)
_IN_PLACE: Final = frozenset((OWNERS.name, SLOT_OWNERS.name))

_log = logging.getLogger("smsc.store")

Job = Callable[[], None]
Work = Callable[[Connection], Any]


def _nothing() -> None:
    """There is no more."""


class Writer:
    """Owns the session from `start` to the end of `stop`. Only `reserve` and `stop` wait."""

    def __init__(
        self,
        session: Session,
        tables: dict[str, TableCopy],
        post: Post,
        wait: float,
        committed: Job | None = None,
        reserved: Callable[[str, int, int], None] | None = None,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        """``committed`` is called after each transaction, ``reserved`` with (series, first, block) of each
        block of numbers, both on the writing thread. ``kept``: series of which it is kept who has a block."""
        self._kept = kept
        self._session = session
        self._committed = committed or _nothing
        self._reserved = reserved
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
        self._owed: Work | None = None  # that, once it is known to be committed: nothing is written before it
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

    def reserve_later(self, name: str, block: int, done: Reserved, unless: int = 0) -> None:
        """The same without waiting; `done` is called through `post`, with 0 when the next number of all is
        the one in `unless`."""
        reserved: Future[int] = Future()
        reserved.add_done_callback(partial(self._tell_reserved, done))
        self._asked += 1
        self._queue.put(partial(self._reserve, name, block, reserved, unless))

    def do(self, work: Work, ended: Job) -> None:
        """A transaction of its own; `ended` is called on the writing thread, whatever became of it."""
        self._asked += 1
        self._queue.put(partial(self._do, work, ended))

    def run(self, work: Callable[[Connection], T]) -> T:
        """The same, and what the work returned. Waits. Raises StoreError."""
        told: Future[T] = Future()
        self._asked += 1
        self._queue.put(partial(self._run_one, work, told))
        return told.result()

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
            if self._session.is_renewal_due():
                self._renew()
            job()
        with contextlib.suppress(psycopg.Error):
            self._session.leave()

    def _renew(self) -> None:
        """A node goes on with its lease."""
        try:
            self._transaction(time.monotonic(), lambda connection: None)
        except (StoreError, psycopg.Error) as error:
            _log.debug("%s: the lease of node %s: %s", self._url, self._session.node, error)

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
        if not self._session.is_one_of_several:
            return self._queue.get()
        while True:
            try:
                return self._queue.get(timeout=self._session.lease / 4)
            except Empty:
                self._renew()

    def _cut(self) -> None:
        """A server that does not answer is cut off from another thread: what waits for it hears of it."""
        while not self._ended.wait(_LOOK / 4):
            connection = self._session.connection
            if self._cut_at and time.monotonic() > self._cut_at and connection is not None:
                self._cut_at = 0.0
                _log.warning("%s: PostgreSQL does not answer; the connection is cut", self._url)
                _shut(connection)

    def _transaction(
        self, until: float, work: Work, undo: Work | None = None, unknown: float = UNKNOWN
    ) -> Any:
        """Do the work in a transaction that is committed when this returns, or else has not happened.

        Raises StoreError, also when that could not be learned until then, or for `unknown` seconds: should it
        turn out later that it was committed all the same, `undo` is done.
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
                connection.execute("COMMIT", prepare=False)  # tests cut the wire there
            except psycopg.Error as error:
                self._cut_at = 0.0
                if not is_gone(connection):
                    connection.execute("ROLLBACK")
                    raise explained(session.url, error) from error
                session.lost(error)
                if in_doubt:
                    self._doubtful = undo or _no_undo
                    if not self._closing:
                        until = max(until, time.monotonic() + unknown)
                if self._came_back(until) and in_doubt:
                    self._committed()
                    return result
                continue
            except BaseException:
                self._cut_at = 0.0
                if not is_gone(connection):
                    connection.execute("ROLLBACK")
                raise
            self._cut_at = 0.0
            self._committed()
            return result

    def _ready(self, until: float) -> Connection:
        """The connection; one that was lost comes back first. Raises StoreError."""
        session = self._session
        if not session.is_ready():
            doubtful = self._doubtful
            if self._came_back(until) and doubtful is not None:
                _log.warning("%s: what was refused had been committed, and is undone", self._url)
                self._owed = doubtful
        if self._owed is not None:
            undo, self._owed = self._owed, None
            try:
                self._transaction(until, undo)
            except BaseException:
                self._owed = undo
                raise
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
            # What was given to another node is not taken back: it is waited for as long as it takes.
            unknown = _FOR_GOOD if _IN_PLACE & batch.changes.keys() else UNKNOWN
            undo = partial(self._take_back, fresh)
            self._transaction(deadline, partial(self._apply, batch), undo, unknown)
            for name, changes in batch.changes.items():
                self._tables[name].safe(changes)
        except BaseException as problem:  # whatever it is, the caller must hear of it and the thread go on
            error = self._told(problem)
        self._answer(done, error)

    def _apply(self, batch: Batch, connection: Connection) -> None:
        """Always in one order of tables, and in each of keys: nodes that write the same rows wait for one
        another, and never each for the other."""
        for name in sorted(batch.cleared):
            connection.execute(self._tables[name].clear)
        for name in sorted(batch.changes):
            self._tables[name].apply(connection, batch.changes[name])

    def _take_back(self, fresh: dict[str, list[Any]], connection: Connection) -> None:
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

    def _reserve(self, name: str, block: int, reserved: Future[int], unless: int = 0) -> None:
        def work(connection: Connection) -> int:
            if unless and connection.execute(_IS_NEXT, (name, unless)).fetchone():
                return 0
            row = connection.execute(_RESERVE, {"name": name, "block": block}).fetchone()
            assert row is not None
            first = int(row[0])
            if name in self._kept:
                values = {"name": name, "first": first, "end": first + block, "node": self._session.node}
                if connection.execute(_LONGER_BLOCK, values).rowcount == 0:
                    connection.execute(_KEEP_BLOCK, values)
            return first

        try:
            first: int = self._transaction(time.monotonic() + self._wait, work)
            if self._reserved is not None and first:
                self._reserved(name, first, block)
        except BaseException as problem:
            self._answered += 1
            reserved.set_exception(self._told(problem))
        else:
            self._answered += 1
            reserved.set_result(first)

    def _do(self, work: Work, ended: Job) -> None:
        try:
            self._transaction(time.monotonic() + self._wait, work)
        except BaseException as problem:
            _log.warning("%s", self._told(problem))
        self._answered += 1
        ended()

    def _run_one(self, work: Callable[[Connection], T], told: Future[T]) -> None:
        try:
            result: T = self._transaction(time.monotonic() + self._wait, work)
        except BaseException as problem:
            self._answered += 1
            told.set_exception(self._told(problem))
        else:
            self._answered += 1
            told.set_result(result)

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

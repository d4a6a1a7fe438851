"""The one thread that writes: takes batches in order, commits each with an fsync, and reports back."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import apsw

from smsc.store.base import Batch, Done, Found, Post, Reserved, StoreError
from smsc.store.sqlite_file import explained
from smsc.store.sqlite_rows import TableWriter
from smsc.store.sqlite_sql import Prune, Scan, Step

CHECKPOINT_PAGES = 512
"""Pages in the log after which they are moved into the database between two commits, in about 5 ms. With four
times as many it is 18 ms, for which every commit behind them waits."""
CHECKPOINT_IDLE = 0.25
"""Seconds without a write after which the log is moved in any case."""
LONG_LOG_PAGES = 16_384
"""Pages in the log, 64 MiB, that cannot be moved because somebody reads: from then on that is told, and again
each time they are twice as many."""
PRUNE_WINDOW = 2000
"""Rows that one step of a prune looks at: a few milliseconds, so that commits do not wait long behind it."""
SCAN_WINDOW = 500
"""Rows that one step of a scan looks at; its owner has to do something with them."""
PURGE_PATIENCE = 10.0
"""Seconds that a purge waits for other programs that read the file."""
SWITCH_INTERVAL = 0.0005
"""Seconds after which a thread that waits for the interpreter lock demands it. With Python's own 5 ms a busy
event loop starves the writing thread for seconds: each of its system calls lets the lock go for a moment too
short to take it, and starts the 5 ms again."""

_RESERVE = (
    "INSERT INTO store_counters (name, next) VALUES (?1, 1 + ?2) "
    "ON CONFLICT (name) DO UPDATE SET next = next + ?2 RETURNING next - ?2"
)

_log = logging.getLogger("smsc.store")

Job = Callable[[], None]


def _nothing() -> None:
    """There is no more."""


class Writer:
    """Owns the writing connection from `start` to the end of `stop`. Only `reserve` and `stop` wait."""

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        tables: dict[str, TableWriter],
        post: Post,
        wait_ms: int,
    ) -> None:
        self._wait_ms = wait_ms
        self._connection = connection
        self._path = path
        self._tables = tables
        self._post = post
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._asked = 0
        self._answered = 0
        self._checkpointed = 0
        self._told_at = LONG_LOG_PAGES
        self._thread = threading.Thread(target=self._run, name="smsc-store", daemon=True)

    def start(self) -> None:
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL))
        self._thread.start()

    def write(self, batch: Batch, done: Done) -> None:
        self._asked += 1
        self._queue.put(partial(self._write, self._deadline(batch.waited), batch, done))

    def prune(self, prune: Prune, done: Done | None) -> None:
        self._asked += 1
        self._queue.put(partial(self._prune, self._deadline(), prune, done))

    def scan(self, scan: Scan, found: Found, done: Done) -> None:
        self._asked += 1
        self._queue.put(partial(self._scan, scan, found, done))

    def purge(self, done: Done) -> None:
        self._asked += 1
        self._queue.put(partial(self._purge, time.monotonic() + PURGE_PATIENCE, done))

    def reserve(self, name: str, block: int) -> int:
        reserved: Future[int] = Future()
        self._asked += 1
        self._queue.put(partial(self._reserve, self._deadline(), name, block, reserved))
        return reserved.result()

    def reserve_later(self, name: str, block: int, done: Reserved) -> None:
        """The same without waiting; `done` is called through `post`."""
        reserved: Future[int] = Future()
        reserved.add_done_callback(partial(self._tell_reserved, done))
        self._asked += 1
        self._queue.put(partial(self._reserve, self._deadline(), name, block, reserved))

    def _tell_reserved(self, done: Reserved, reserved: "Future[int]") -> None:
        error = reserved.exception()
        self._tell(partial(done, 0 if error else reserved.result(), error))

    def idle(self) -> bool:
        return self._asked == self._answered

    def stop(self) -> None:
        """Answers all that was asked, then ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        for job in iter(self._next, None):
            job()
            if self._unmoved() >= CHECKPOINT_PAGES:
                self._checkpoint()

    def _next(self) -> Job | None:
        """The next job; sleeps without an end once the log is moved."""
        if self._unmoved():
            try:
                return self._queue.get(timeout=CHECKPOINT_IDLE)
            except Empty:
                self._checkpoint()
        return self._queue.get()

    def _deadline(self, waited: float = 0.0) -> float:
        """Until when to wait for another program that holds the file, as what is asked now may stand behind
        something that waits for the same."""
        return time.monotonic() + self._wait_ms / 1000 - waited

    def _wait_until(self, deadline: float) -> None:
        """So long the next statement waits for another program; it is tried once in any case."""
        self._connection.set_busy_timeout(max(0, int((deadline - time.monotonic()) * 1000)))

    def _write(self, deadline: float, batch: Batch, done: Done) -> None:
        error: BaseException | None = None
        try:
            self._wait_until(deadline)
            self._commit(list(self._steps(batch)))
        except BaseException as problem:  # whatever it is, the caller must hear of it and the thread go on
            error = self._recover(problem)
        self._answer(done, error)

    def _steps(self, batch: Batch) -> Iterator[Step]:
        for name in batch.cleared:
            yield self._tables[name].clear
        for name, changes in batch.changes.items():
            yield from self._tables[name].steps(changes)

    def _commit(self, steps: Sequence[Step]) -> None:
        self._leave_transaction()
        # A statement outside a transaction is one by itself, two waits for the interpreter lock cheaper.
        if len(steps) > 1:
            steps = (("BEGIN IMMEDIATE", ()), *steps, ("COMMIT", ()))
        execute = self._connection.execute
        for sql, values in steps:
            execute(sql, values)

    def _prune(self, deadline: float, prune: Prune, done: Done | None) -> None:
        error: BaseException | None = None
        try:
            self._wait_until(deadline)
            self._leave_transaction()
            last = self._connection.execute(*prune.window(PRUNE_WINDOW)).get
            self._connection.execute(*prune.delete(last))
            if last is not None:
                self._queue.put(partial(self._prune, self._deadline(), prune, done))
                return
        except BaseException as problem:
            error = self._recover(problem)
        self._answer(done, error)

    def _scan(self, scan: Scan, found: Found, done: Done) -> None:
        error: BaseException | None = None
        try:
            self._wait_until(self._deadline())
            self._leave_transaction()
            last = self._connection.execute(*scan.window(SCAN_WINDOW)).get
            rows = self._connection.execute(*scan.select(last)).fetchall()
            go_on = partial(self._queue.put, partial(self._scan, scan, found, done))
            if rows:
                self._tell(partial(found, rows, _nothing if last is None else go_on))
            elif last is not None:
                go_on()
            if last is not None:
                return
        except BaseException as problem:
            error = self._recover(problem)
        self._answer(done, error)

    def _purge(self, deadline: float, done: Done) -> None:
        """Free pages are overwritten as they come about (secure_delete): what is left is the log."""
        error: BaseException | None = None
        try:
            self._leave_transaction()
            self._connection.set_busy_timeout(0)
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            if time.monotonic() < deadline:  # somebody reads; commits go on meanwhile
                time.sleep(0.005)
                self._queue.put(partial(self._purge, deadline, done))
                return
            error = StoreError(
                f"sqlite:{self._path}: another program reads the file (a sqlite3 shell, a backup), so its "
                "log, which still has what was erased, can not be cut; end that program and erase once more"
            )
        except BaseException as problem:
            error = self._recover(problem)
        self._answer(done, error)

    def _reserve(self, deadline: float, name: str, block: int, reserved: "Future[int]") -> None:
        try:
            self._wait_until(deadline)
            self._leave_transaction()
            first = int(self._connection.execute(_RESERVE, (name, block)).get)
        except BaseException as problem:
            self._answered += 1
            reserved.set_exception(self._recover(problem))
        else:
            self._answered += 1
            reserved.set_result(first)

    def _answer(self, done: Done | None, error: BaseException | None) -> None:
        self._answered += 1
        if done is not None:
            self._tell(partial(done, error))

    def _tell(self, call: Job) -> None:
        try:
            self._post(call)
        except Exception:
            _log.exception("a finished write could not be reported: its owner is gone")

    def _recover(self, problem: BaseException) -> BaseException:
        """Undo what the failed transaction left, and say what happened."""
        try:
            self._leave_transaction()
        except apsw.Error as error:
            _log.error("sqlite:%s: rolling back failed: %s", self._path, error)
        if isinstance(problem, apsw.Error):
            return explained(self._path, problem)
        if isinstance(problem, StoreError):
            return problem
        return StoreError(f"sqlite:{self._path}: the batch can not be stored: {problem!r}")

    def _leave_transaction(self) -> None:
        """What follows must commit by itself, not wait inside a transaction that could not be rolled back."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _unmoved(self) -> int:
        written: int = self._connection.status(apsw.SQLITE_DBSTATUS_CACHE_WRITE)[0]
        return written - self._checkpointed

    def _checkpoint(self) -> None:
        """Moves the log into the database. A failure loses nothing: the next attempt moves it."""
        try:
            pages, moved = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._tell_of_reader(pages - moved)
        except apsw.Error as error:
            _log.warning("sqlite:%s: moving the log into the database failed: %s", self._path, error)
        self._checkpointed = self._connection.status(apsw.SQLITE_DBSTATUS_CACHE_WRITE)[0]

    def _tell_of_reader(self, left: int) -> None:
        """The log grows as long as another program reads what was there before: nothing is lost by it, but
        the disk fills."""
        if left >= self._told_at:
            self._told_at = 2 * left
            _log.warning(
                "sqlite:%s: another program has been reading the file for long (a sqlite3 shell, a backup), "
                "and its log grows until that ends: %d MiB now; end that program, nothing is lost",
                self._path,
                left * 4096 >> 20,
            )
        elif left < LONG_LOG_PAGES < self._told_at:
            self._told_at = LONG_LOG_PAGES
            _log.warning("sqlite:%s: nobody keeps the log from being moved any more", self._path)

"""The writing thread: answers in order, waits for the disk, and is not starved by a busy loop."""

import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from select import select
from typing import Any

import apsw
import pytest

from smsc.store import Batch, StoreError, sqlite, sqlite_writer
from smsc.store.sqlite import SqliteStore
from tests.store.faulty_vfs import Disk
from tests.store.keeper import (
    MESSAGE,
    RECORD,
    TABLES,
    Keeper,
    batch_of,
    message,
    sqlite_keeper,
)
from tests.waiting import until


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def keeper(disk: Disk, tmp_path: Path) -> Iterator[Keeper]:
    keeper = sqlite_keeper(tmp_path / "smsc.db", disk.name).open()
    yield keeper
    disk.gate.set()
    keeper.close()


def test_no_answer_comes_before_the_sync_and_all_come_after_it(disk: Disk, keeper: Keeper) -> None:
    disk.arm()
    disk.gate.clear()
    for number in range(5):
        keeper.start(batch_of([message(number)]), number)
    until(lambda: disk.writes > 0)
    assert keeper.run_posted() == 0
    assert not keeper.store.idle()
    assert keeper.store.select(MESSAGE) == []
    disk.gate.set()
    keeper.wait_for(5)
    assert keeper.answers == [(number, None) for number in range(5)]
    assert keeper.store.idle()
    assert keeper.store.count(MESSAGE) == 5


def test_a_commit_stalls_while_another_program_holds_the_file(tmp_path: Path) -> None:
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    # Not by the standard library: a second SQLite in one process does not see the locks of the first.
    shell = apsw.Connection(str(tmp_path / "smsc.db"))
    shell.execute("BEGIN IMMEDIATE")
    keeper.start(batch_of([message(1)]), "held up")
    keeper.start(batch_of([message(2)]), "behind it")
    assert keeper.store.count(MESSAGE) == 0
    assert keeper.answers == []
    shell.execute("COMMIT")
    keeper.wait_for(2)
    assert keeper.answers == [("held up", None), ("behind it", None)]
    shell.close()
    keeper.close()


def test_a_program_that_never_lets_go_is_an_error_and_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WAIT_MS", 20)
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    # Not by the standard library: a second SQLite in one process does not see the locks of the first.
    shell = apsw.Connection(str(tmp_path / "smsc.db"))
    shell.execute("BEGIN IMMEDIATE")
    for batch in (batch_of([message(1)]), batch_of([("a", "b")], RECORD)):
        error = keeper.commit(batch)
        assert isinstance(error, StoreError)
        assert "another program holds the file locked" in str(error)
    shell.execute("ROLLBACK")
    shell.close()
    keeper.save(message(2))
    assert keeper.store.count(MESSAGE) == 1
    keeper.close()


@pytest.mark.parametrize("held", ["by what came before", "by an id's reservation", "by a prune"])
def test_who_has_waited_long_enough_is_not_kept_waiting_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    """The limit is each caller's own: a second one behind a locked file is not answered after two of them."""
    now = [0.0]
    patience: list[int] = []
    monkeypatch.setattr(sqlite, "WAIT_MS", 20)
    monkeypatch.setattr("smsc.store.sqlite_writer.time.monotonic", lambda: now[0])
    waits = sqlite_writer.Writer._wait_until

    def wait_until(writer: Any, deadline: float) -> None:
        patience.append(round((deadline - now[0]) * 1000))
        waits(writer, deadline)
        now[0] = max(now[0], deadline)  # all of it is used up

    monkeypatch.setattr(sqlite_writer.Writer, "_wait_until", wait_until)
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    shell = apsw.Connection(str(tmp_path / "smsc.db"))
    shell.execute("BEGIN IMMEDIATE")
    behind = batch_of([message(2)])
    if held == "by what came before":
        assert keeper.commit(batch_of([message(1)])) is not None
        behind.waited = 0.02
    elif held == "by a prune":
        assert keeper.prune(MESSAGE, "submitted", 1) is not None
        behind.waited = 0.02
    else:
        with pytest.raises(StoreError, match="locked"):
            keeper.store.reserve("message", 10)
        behind.waited = 0.015
    assert isinstance(keeper.commit(behind), StoreError)
    assert patience == [20, 5 if "id" in held else 0]
    shell.execute("ROLLBACK")
    shell.close()
    keeper.close()


def test_closing_waits_for_a_slow_disk(disk: Disk, keeper: Keeper) -> None:
    disk.gate.clear()
    for number in range(3):
        keeper.start(batch_of([message(number)]), number)
    threading.Timer(0.05, disk.gate.set).start()
    keeper.close()
    assert keeper.answers == [(0, None), (1, None), (2, None)]


def test_reserving_waits_for_the_writes_before_it(disk: Disk, keeper: Keeper) -> None:
    disk.gate.clear()
    keeper.start(batch_of([message(1)]))
    threading.Timer(0.02, disk.gate.set).start()
    assert keeper.store.reserve("message", 10) == 1
    assert keeper.store.count(MESSAGE) == 1


def test_an_owner_that_is_gone_does_not_stop_the_writing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def closed_loop(call: Callable[[], None]) -> None:
        raise RuntimeError("Event loop is closed")

    store = SqliteStore(tmp_path / "smsc.db", closed_loop)
    store.open(TABLES)
    with caplog.at_level(logging.ERROR, "smsc.store"):
        store.write(batch_of([message(1)]), lambda error: None)
        store.write(batch_of([message(2)]), lambda error: None)
        store.reserve("message", 1)
    assert store.count(MESSAGE) == 2
    assert "its owner is gone" in caplog.text
    store.close()


def test_what_is_written_reaches_the_database_when_nothing_more_comes(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open()
    before = path.stat().st_size
    keeper.save(*(message(number) for number in range(500)))
    until(lambda: path.stat().st_size > before + 50_000)
    keeper.close()


def test_the_log_stays_short_under_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 50)
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    for number in range(100):
        keeper.save(*(message(number * 100 + i, recipient=i) for i in range(100)))
    assert Path(f"{tmp_path}/smsc.db-wal").stat().st_size < 200 * 4096
    keeper.close()


class WatchedQueue:
    """Remembers how long each wait for work may last."""

    def __init__(self, queue: Any) -> None:
        self.queue = queue
        self.waits: list[float | None] = []

    def put(self, job: object) -> None:
        self.queue.put(job)

    def get(self, timeout: float | None = None) -> object:
        self.waits.append(timeout)
        return self.queue.get(timeout=timeout)


def test_a_log_that_a_reader_lets_grow_is_told_of_and_shrinks_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A sqlite3 shell that was left open, a backup that takes long: nothing is lost, but the disk fills."""
    path = tmp_path / "smsc.db"
    monkeypatch.setattr(sqlite_writer, "LONG_LOG_PAGES", 50)
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 20)
    keeper = sqlite_keeper(path).open()
    keeper.save(message(0))
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM message").get == 1
    log = Path(f"{path}-wal")
    with caplog.at_level(logging.WARNING, "smsc.store"):
        for number in range(1, 200):
            keeper.save(message(number, body=bytes(3000)))
        until(lambda: "end that program, nothing is lost" in caplog.text)
        grown = log.stat().st_size
        assert grown > 50 * 4096
        assert caplog.text.count("end that program") <= 8  # each time it has doubled
        assert reader.execute("SELECT count(*) FROM message").get == 1
        reader.execute("COMMIT")
        reader.close()
        keeper.save(message(200))
        until(lambda: "nobody keeps the log" in caplog.text)
        for number in range(201, 300):
            keeper.save(message(number, body=bytes(3000)))
    assert log.stat().st_size <= grown + 30 * 4096
    keeper.close()
    again = sqlite_keeper(path).open()
    assert again.store.count(MESSAGE) == 300
    again.close()


def test_an_idle_thread_waits_for_work_and_for_nothing_else(tmp_path: Path) -> None:
    """Once the log is moved there is no time after which it looks again."""
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    writer = keeper.store._writer  # type: ignore[attr-defined]
    watched = writer._queue = WatchedQueue(writer._queue)
    keeper.save(message(1))
    until(lambda: watched.waits[-1:] == [None])
    assert watched.waits == [sqlite_writer.CHECKPOINT_IDLE, None]
    keeper.close()


@pytest.mark.long
def test_a_busy_event_loop_does_not_starve_the_writing(tmp_path: Path) -> None:
    """The owner's thread computes, lets the interpreter lock go for a system call, and so on."""
    keeper = sqlite_keeper(tmp_path / "smsc.db").open()
    assert sys.getswitchinterval() <= sqlite_writer.SWITCH_INTERVAL
    keeper.start(batch_of([message(0)]))
    for _ in range(500):  # about 2 ms each
        sum(range(100_000))
        select([], [], [], 0)
        answered = len(keeper.answers)
        keeper.run_posted()
        if len(keeper.answers) > answered:
            keeper.start(batch_of(message(answered * 100 + i) for i in range(100)))
    assert len(keeper.answers) > 20
    keeper.close()


def test_threads_and_files_do_not_pile_up(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0

    sqlite_keeper(tmp_path / "smsc.db").open().close()
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for number in range(10):
        keeper = sqlite_keeper(tmp_path / "smsc.db").open()
        keeper.save(message(number))
        keeper.close()
    with pytest.raises(StoreError):
        sqlite_keeper(tmp_path).open()
    assert (threading.active_count(), open_files()) == (threads, files)


def test_a_batch_of_one_statement_and_one_of_many_are_both_whole(keeper: Keeper) -> None:
    keeper.save(*(message(number) for number in range(3000)))
    batch = Batch()
    batch.clear(MESSAGE)
    for number in range(3000, 6000):
        batch.put(MESSAGE, message(number))
    batch.put(RECORD, ("last", "6000"))
    assert keeper.commit(batch) is None
    assert keeper.store.count(MESSAGE) == 3000
    assert keeper.store.get(RECORD, "last") == ("last", "6000")


def test_a_transaction_that_was_left_open_does_not_swallow_the_next_commit(
    keeper: Keeper, tmp_path: Path
) -> None:
    """As if a rollback had failed: what is acknowledged after it must not hang in that transaction."""
    writing: apsw.Connection = keeper.store._connections[0]  # type: ignore[attr-defined]
    for act in (
        lambda: keeper.save(message(1)),
        lambda: keeper.store.reserve("message", 10),
        lambda: keeper.prune(MESSAGE, "submitted", 0),
    ):
        writing.execute("BEGIN IMMEDIATE")
        act()
        assert not writing.in_transaction
    assert keeper.store.get(MESSAGE, 1) == message(1)


def test_a_purge_leaves_nothing_of_what_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1, text="canary in a coal mine"))
    batch = Batch()
    batch.delete(MESSAGE, 1)
    assert keeper.commit(batch) is None
    assert keeper.purge() is None
    for name in (path, Path(f"{path}-wal")):
        assert b"canary in a coal mine" not in name.read_bytes()
    keeper.close()


def test_a_purge_waits_for_who_reads_and_says_so_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "smsc.db"
    keeper = sqlite_keeper(path).open()
    keeper.save(message(1))
    reader = apsw.Connection(str(path))
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM message").get == 1
    keeper.save(message(2))
    monkeypatch.setattr(sqlite_writer, "PURGE_PATIENCE", 0.0)
    assert "another program reads the file" in str(keeper.purge())
    monkeypatch.undo()
    ended: list[BaseException | None] = []
    keeper.store.purge(ended.append)
    keeper.save(message(3))  # commits go on meanwhile
    reader.execute("COMMIT")
    until(lambda: keeper.run_posted() or ended)
    assert ended == [None]
    reader.close()
    keeper.close()

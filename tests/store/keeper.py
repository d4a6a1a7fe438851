"""A store as its owner uses it: one thread, which runs what the store posts when the test says so."""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from smsc.store import Batch, Migration, Partial, Row, Store, Table, open_store
from smsc.store.sqlite import SqliteStore

#: Long enough for a slow disk on a busy machine, short enough to fail.
PATIENCE = 20.0
#: Where a sync costs nothing, on systems that have it.
MEMORY_DISK = Path("/dev/shm")

MESSAGE = Table(
    "message",
    ("id", "source", "recipient", "state", "submitted", "price", "text", "body"),
    ("INTEGER", "INTEGER", "INTEGER", "INTEGER", "INTEGER", "REAL", "TEXT", "BLOB"),
    (("recipient", "id"), ("state",), Partial(("recipient", "submitted"), "state", 1)),
)
RECORD = Table("record", ("name", "value"), ("TEXT", "TEXT"))
DIGEST = Table("digest", ("hash", "size"), ("BLOB", "INTEGER"), (("size",),))
TABLES = (MESSAGE, RECORD, DIGEST)


def message(
    number: int,
    *,
    recipient: int | None = 4790000002,
    state: int = 1,
    submitted: int | None = 0,
    price: float | None = None,
    text: str | None = "hei på deg",
    body: bytes | None = b"\x00\xff" * 8,
) -> Row:
    return (number, 4790000001, recipient, state, submitted, price, text, body)


def batch_of(rows: Iterable[Row], table: Table = MESSAGE) -> Batch:
    batch = Batch()
    for row in rows:
        batch.put(table, row)
    return batch


class Keeper:
    """Owns a store, and keeps the answers to its writes in the order in which they came."""

    def __init__(self, make: "Callable[[Keeper], Store]") -> None:
        self._posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.answers: list[tuple[Any, BaseException | None]] = []
        self._awaited: deque[Any] = deque()
        self.store = make(self)

    def post(self, call: Callable[[], None]) -> None:
        self._posted.put(call)

    def open(
        self,
        tables: Sequence[Table] = TABLES,
        version: int = 1,
        migrations: Sequence[Migration] = (),
    ) -> "Keeper":
        self.store.open(tables, version, migrations)
        return self

    def start(self, batch: Batch, name: Any = None) -> None:
        """Write without waiting."""
        self._awaited.append(name)
        self.store.write(batch, lambda error: self.answers.append((name, error)))

    def commit(self, batch: Batch) -> BaseException | None:
        """Write and wait for the answer."""
        answered = len(self.answers)
        self.start(batch)
        while len(self.answers) == answered:
            self.run_one()
        return self.answers[-1][1]

    def save(self, *rows: Row, table: Table = MESSAGE) -> None:
        error = self.commit(batch_of(rows, table))
        assert error is None, error

    def prune(self, table: Table, column: str, below: int, **where: Any) -> BaseException | None:
        ended: list[BaseException | None] = []
        self.store.prune(table, column, below, where, ended.append)
        while not ended:
            self.run_one()
        return ended[0]

    def reserve_later(self, name: str, block: int) -> tuple[int, BaseException | None]:
        told: list[tuple[int, BaseException | None]] = []
        self.store.reserve_later(name, block, lambda first, error: told.append((first, error)))
        while not told:
            self.run_one()
        return told[0]

    def purge(self) -> BaseException | None:
        ended: list[BaseException | None] = []
        self.store.purge(ended.append)
        while not ended:
            self.run_one()
        return ended[0]

    def scan(self, table: Table, **any_of: Any) -> list[list[Row]]:
        """The rows that a scan finds, step by step; the next is asked for when one has been taken."""
        steps: list[list[Row]] = []
        ended: list[BaseException | None] = []

        def found(rows: list[Row], go_on: Callable[[], None]) -> None:
            steps.append(rows)
            go_on()

        self.store.scan(table, any_of, found, ended.append)
        while not ended:
            self.run_one()
        assert ended == [None]
        return steps

    def run_one(self) -> None:
        """Run one posted call, waiting for it."""
        self._posted.get(timeout=PATIENCE)()

    def run_posted(self) -> int:
        """Run what is posted by now; the number of calls."""
        ran = 0
        while True:
            try:
                call = self._posted.get_nowait()
            except Empty:
                return ran
            call()
            ran += 1

    def wait_for(self, answers: int) -> None:
        while len(self.answers) < answers:
            self.run_one()

    def close(self) -> None:
        self.store.close()
        self.run_posted()


def url_keeper(url: str) -> Keeper:
    return Keeper(lambda keeper: open_store(url, keeper.post))


def sqlite_keeper(path: Path, vfs: str = "") -> Keeper:
    return Keeper(lambda keeper: SqliteStore(path, keeper.post, vfs))


def as_if_killed(path: Path, to: Path) -> Path:
    """What a killed process would leave of its idle store: the database and its log, copied."""
    to.mkdir()
    for suffix in ("", "-wal"):
        source = Path(f"{path}{suffix}")
        if source.exists():
            shutil.copyfile(source, to / source.name)
    return to / path.name

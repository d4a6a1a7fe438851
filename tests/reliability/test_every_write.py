"""Row 3: the disk is full or broken at every single write, truncation and sync of a whole working day.

The engine runs without sockets, so that a day takes a fraction of a second and hundreds of them can be lived
through. ``test_disk.py`` has the same over TCP at a few places.
"""

import copy
import shutil
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from smsc.engine.engine import TABLES
from smsc.engine.journal.ids import IdSeries
from smsc.server.app import SCHEMA_VERSION
from smsc.store import StoreError, StoreFull, sqlite_writer
from smsc.store.base import Answer, Batch, Done, Reads, T
from smsc.store.inspection import check
from smsc.store.sqlite import SqliteStore
from tests.engine.lab import Client, Lab, Turning
from tests.reliability.conftest import IN_CI
from tests.store.faulty_vfs import Disk, broken, full
from tests.store.keeper import as_if_killed

Figure = Callable[[int | str, str], None]

KARI, OLA, PER, LIV, QUIZ = "4790000001", "4790000002", "4740000003", "4790000004", "quiz"
PASSWORDS = dict.fromkeys((KARI, OLA, PER, LIV), "1234") | {QUIZ: "quiz2097"}
DAY = 86_400_000
FAULTS = {"full": (full, StoreFull, 0x14), "broken": (broken, StoreError, 0x08)}


@pytest.fixture(autouse=True)
def short_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is moved into the database every few commits, so that this fails too."""
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_PAGES", 20)
    monkeypatch.setattr(sqlite_writer, "CHECKPOINT_IDLE", 600.0)


class DiskStore(SqliteStore):
    """A store on a disk whose answers come when the test asks for them."""

    def __init__(self, path: Path, vfs: str = "") -> None:
        self.posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        super().__init__(path, self.posted.put, vfs)
        self.awaited = 0
        self.safe = 0
        self.failed: list[BaseException] = []

    def write(self, batch: Batch, done: Done) -> None:
        self.awaited += 1

        def answered(error: BaseException | None) -> None:
            self.awaited -= 1
            if error is None:
                self.safe += 1
            else:
                self.failed.append(error)
            done(error)

        super().write(batch, answered)

    def ask(self, question: Callable[[Reads], T], answer: Answer[T]) -> None:
        self.awaited += 1

        def answered(found: T | None, error: BaseException | None) -> None:
            self.awaited -= 1
            answer(found, error)

        super().ask(question, answered)

    def settle(self) -> int:
        """Wait for every answer; how many commits were safe. A failed one is not tried again by itself."""
        before = self.safe
        while self.awaited:
            self.posted.get(timeout=30)()
        return self.safe - before


class Books:
    """What the clients know; outlives every life of the SMSC."""

    def __init__(self) -> None:
        self.count = 0
        self.tokens: dict[object, str] = {}
        self.acknowledged: dict[str, str] = {}
        self.refused: dict[str, int] = {}
        self.delivered: Counter[str] = Counter()
        self.receipts: set[str] = set()

    def read(self, client: Client) -> None:
        """Enter what has come to a client."""
        self.delivered.update(client.inbox)
        self.receipts.update(receipt.id for receipt in client.receipts)
        for token, (status, ident) in client.answers.items():
            text = self.tokens.pop(token)
            if status:
                self.refused[text] = status
            else:
                self.acknowledged[text] = ident
        client.inbox.clear()
        client.receipts.clear()
        client.answers.clear()

    def lost(self) -> set[str]:
        """Acknowledged, and neither delivered nor, where it was, receipted."""
        return {
            text
            for text, ident in self.acknowledged.items()
            if text not in self.delivered or ident not in self.receipts
        }


class TurningOnce(Turning):
    """What has failed is not tried again by itself."""

    def group_done(self, error: BaseException | None) -> None:
        if error is None:
            self.engine.turn_over()


class Day:
    """One life of the SMSC."""

    def __init__(self, path: Path, books: Books, vfs: str = "") -> None:
        self.books = books
        self.store = DiskStore(path, vfs)
        self.store.open(TABLES, SCHEMA_VERSION)
        self.lab = Lab(self.store)
        self.lab.engine.attach(TurningOnce(self.lab.engine))
        self.clients: dict[str, Client] = {}

    def bind(self, *names: str) -> None:
        for name in names:
            # Liv owes her answers until they are asked for: windows are in use while things go wrong.
            self.clients[name] = self.lab.bind(name, PASSWORDS[name], answer=None if name == LIV else 0)
        self.lab.settle()

    def submit(self, source: str, destination: str, count: int = 1, **fields: object) -> None:
        for _ in range(count):
            text = f"nr. {self.books.count}"
            self.books.count += 1
            token = self.clients[source].submit(destination, text, registered_delivery=1, **fields)
            self.books.tokens[token] = text
        self.lab.settle()

    def maintain(self, day: float) -> None:
        self.lab.control.maintain(int(day * DAY))
        self.lab.settle()

    def work(self) -> None:
        """Answers, receipts, a long queue, a schedule, a tunnel, a service, retention, changes by the API."""
        self.bind(KARI, OLA, LIV, QUIZ)
        self.maintain(0)
        for _ in range(3):
            self.submit(KARI, OLA, 10)
            self.submit(OLA, KARI, 5)
        self.submit(KARI, PER, 90)
        self.submit(KARI, LIV, 5)
        self.submit(KARI, "2097", 3)
        self.submit(KARI, OLA, 2, schedule=b"000000001000000R")
        self.lab.control.put_registration(OLA, {})
        self.lab.patch(KARI, zone="laerdal-tunnel")
        self.submit(KARI, OLA, 3)
        self.lab.advance(700)
        self.lab.patch(KARI, zone=None)
        self.clients[LIV].catch_up()
        self.lab.settle()
        self.bind(PER)
        self.maintain(8)
        self.maintain(16)
        self.submit(PER, KARI, 5)

    def wait_for_the_rest(self) -> None:
        """Everybody has radio, is bound and answers, and time passes."""
        self.lab.patch(KARI, zone=None)
        self.bind(*(name for name in PASSWORDS if name not in self.clients))
        for client in self.clients.values():
            client.catch_up()
        self.lab.advance(6 * 3600)
        self.read()

    def read(self) -> None:
        for client in self.clients.values():
            self.books.read(client)


def live(path: Path, disk: Disk, fault: str, **place: Any) -> int:
    """A day with a fault, and its end by a crash or by recovery; how many submissions were refused.

    -1 when the day was over before the fault.
    """
    make, kind, status = FAULTS[fault]
    books = Books()
    day = Day(path, books, disk.name)
    disk.arm(make, **place)
    day.work()
    day.read()
    struck = disk.strikes
    assert all(isinstance(error, kind) for error in day.store.failed)
    assert day.lab.control.health()["ready"] == (not day.lab.engine.store_failing)
    assert set(books.refused.values()) <= {status}
    after = copy.deepcopy(books)
    killed = as_if_killed(path, path.parent / f"{path.stem}-killed")

    disk.arm()
    day.lab.engine.turn_over()
    day.lab.settle()
    day.submit(KARI, OLA)
    day.wait_for_the_rest()
    assert day.lab.control.health()["ready"]
    assert not books.tokens, "never answered"
    assert not books.lost(), "lost though it recovered"
    assert not set(books.refused) & set(books.delivered), "refused and yet delivered"
    day.store.close()
    assert check(f"sqlite:{path}") == []

    again = Day(killed, after)
    again.wait_for_the_rest()
    again.store.close()
    assert not after.lost(), "lost by a crash amid the fault"
    return len(books.refused) if struck else -1


CASES = [("full", "write", False), ("broken", "write", True), ("broken", "sync", True)]
MORE = [("full", "write", True), ("broken", "write", False), ("broken", "sync", False)]
STEP = 9 if IN_CI else 27  # every so many places, others for each case; `make torture` tries each


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("fault", "kind", "once", "step"),
    [
        # Of the few syncs of a day more are tried, for at many of them nothing new is committed.
        *((*case, STEP // 3 if "sync" in case else STEP) for case in CASES),
        *(pytest.param(*case, 1, marks=pytest.mark.torture) for case in (*CASES, *MORE)),
    ],
)
def test_a_fault_at_every_place_of_a_day(
    tmp_path: Path, figure: Figure, fault: str, kind: str, once: bool, step: int
) -> None:
    disk = Disk()
    refused: list[int] = []
    for place in count(len(kind) % step, step):
        directory = tmp_path / str(place)
        directory.mkdir()
        found = live(directory / "smsc.db", disk, fault, **{kind: place}, once=once)
        shutil.rmtree(directory)
        if found < 0:  # the day was over before
            break
        refused.append(found)
    assert len(refused) * step > 60
    assert max(refused) > 0
    figure(
        3,
        f"{fault} disk {'for once' if once else 'until somebody helps'} at {len(refused)} {kind}s of a day, "
        f"{'each' if step == 1 else f'every {step}th'} of them: {sum(refused)} submissions refused, "
        "0 acknowledged lost, 0 receipts missing, by recovery and by crash",
    )


def test_no_id_on_a_full_disk_is_a_refusal_like_any_other(tmp_path: Path) -> None:
    """The first short id of a run is the one that may have to be reserved amid a submission."""
    disk = Disk()
    books = Books()
    day = Day(tmp_path / "smsc.db", books, disk.name)
    day.clients[KARI] = day.lab.bind(KARI, version=0x33)
    disk.arm(full, write=0)
    day.submit(KARI, OLA, 3)
    day.read()
    assert list(books.refused.values()) == [0x14] * 3
    disk.arm()
    day.lab.engine.turn_over()
    day.submit(KARI, OLA, 3)
    day.read()
    assert len(books.acknowledged) == 3
    day.store.close()


def test_the_next_ids_are_in_hand_before_they_are_needed(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "smsc.db")
    store.open(TABLES, SCHEMA_VERSION)
    series = IdSeries(store, "message_id", 0, 10)
    for expected in range(1, 6):
        assert series.take() == expected
    store.posted.get(timeout=30)()  # half of the block is used up: another one was asked for
    series.keep_ahead()
    assert store.reserve("message_id", 1) == 21
    assert [series.take() for _ in range(15)] == [*range(6, 21)]
    store.posted.get(timeout=30)()
    assert series.take() == 22
    store.close()

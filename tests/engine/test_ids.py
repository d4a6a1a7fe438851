"""Message ids: blocks are reserved before they are needed, and no id is given twice."""

from collections.abc import Callable

import pytest

from smsc.engine.journal.ids import IdSeries
from smsc.store import StoreError
from smsc.store.memory import MemoryStore
from tests.engine.lab import Lab

BLOCK = 10


class SlowStore(MemoryStore):
    """Its reservations for later come when the test says so, or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.open(())
        self.reserved: list[int] = []
        self.owed: list[Callable[[BaseException | None], None]] = []

    def reserve(self, name: str, block: int) -> int:
        first = super().reserve(name, block)
        self.reserved.append(first)
        return first

    def reserve_later(self, name: str, block: int, done: Callable[[int, BaseException | None], None]) -> None:
        def answer(error: BaseException | None) -> None:
            done(0 if error else self.reserve(name, block), error)

        self.owed.append(answer)

    def answer(self, error: BaseException | None = None) -> None:
        self.owed.pop(0)(error)


@pytest.fixture
def store() -> SlowStore:
    return SlowStore()


def take(series: IdSeries, count: int) -> list[int]:
    return [series.take() for _ in range(count)]


def test_ids_follow_one_another_above_the_floor(store: SlowStore) -> None:
    series = IdSeries(store, "message_id", 1000, BLOCK)
    series.prepare()
    assert take(series, 4) == [1001, 1002, 1003, 1004]


def test_a_series_is_prepared_once(store: SlowStore) -> None:
    series = IdSeries(store, "message_id", 0, BLOCK)
    series.prepare()
    series.prepare()
    assert store.reserved == [1]


def test_who_has_not_prepared_gets_the_first_block_all_the_same(store: SlowStore) -> None:
    assert take(IdSeries(store, "message_id", 0, BLOCK), 2) == [1, 2]
    assert store.reserved == [1]


def test_the_next_block_is_asked_for_when_half_of_one_is_used_up_and_only_once(store: SlowStore) -> None:
    series = IdSeries(store, "message_id", 0, BLOCK)
    series.prepare()
    take(series, 4)
    assert store.owed == []
    take(series, 1)
    assert len(store.owed) == 1
    take(series, 3)
    series.keep_ahead()
    assert len(store.owed) == 1
    store.answer()
    series.keep_ahead()
    assert store.owed == [], "a block is in hand"
    assert take(series, 4) == [9, 10, 11, 12]


def test_nothing_is_given_out_that_the_store_has_not_reserved(store: SlowStore) -> None:
    series = IdSeries(store, "message_id", 0, BLOCK)
    series.prepare()
    take(series, BLOCK)
    for _ in range(3):
        with pytest.raises(StoreError, match="no message_id is in hand"):
            series.take()
    assert len(store.owed) == 1
    store.answer()
    assert take(series, 1) == [BLOCK + 1]


def test_a_reservation_that_failed_is_asked_for_again(store: SlowStore) -> None:
    series = IdSeries(store, "message_id", 0, BLOCK)
    series.prepare()
    take(series, BLOCK)
    store.answer(StoreError("disk full"))
    with pytest.raises(StoreError):
        series.take()
    assert len(store.owed) == 1, "asked again"
    store.answer()
    assert take(series, BLOCK) == list(range(BLOCK + 1, 2 * BLOCK + 1))


def test_a_series_after_a_restart_gives_no_id_again(store: SlowStore) -> None:
    first = IdSeries(store, "message_id", 0, BLOCK)
    first.prepare()
    given = take(first, 3)
    again = IdSeries(store, "message_id", 0, BLOCK)
    again.prepare()
    assert not {*given} & {*take(again, 5)}


def test_series_of_two_names_do_not_disturb_one_another(store: SlowStore) -> None:
    one, other = IdSeries(store, "message_id", 0, BLOCK), IdSeries(store, "short_id", 0, BLOCK)
    one.prepare()
    other.prepare()
    assert (one.take(), other.take(), one.take()) == (1, 1, 2)


def test_a_modulus_begins_anew_above_the_floor(store: SlowStore) -> None:
    """Eight hexadecimal digits are what SMPP 3.3 has for a message_id."""
    series = IdSeries(store, "short_id", 100, BLOCK, modulus=4)
    series.prepare()
    assert take(series, 6) == [100, 101, 102, 103, 100, 101]


def test_sessions_of_two_servers_on_a_store_have_different_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many a run has had: a message remembers its session, and each node shows those of all."""
    monkeypatch.setattr("smsc.engine.engine._SESSION_IDS", 4)
    lab = Lab()
    others = set(range(lab.engine.store.reserve("session_id", 4), 9))
    ids = []
    for _ in range(10):
        ids.append(lab.bind("4790000001").server.bind.id)
        lab.settle()
    assert ids == sorted(set(ids))
    assert not others & set(ids)
    assert ids[3:5] == [4, 9], "the block that was reserved after the other server's"

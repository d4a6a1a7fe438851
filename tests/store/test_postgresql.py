"""PostgreSQL goes away in every way there is: nothing that was told to be safe is lost, or told too soon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from smsc.store import Batch, StoreError, Table
from smsc.store.base import Key
from smsc.store.postgres.session import TakenOver
from smsc.store.postgres.store import PostgresStore
from smsc.store.postgres.tables import TableCopy
from smsc.store.urls import check_url
from tests.postgresql import Server
from tests.store.keeper import DIGEST, MESSAGE, RECORD, TABLES, Keeper, batch_of, message
from tests.store.proxy import Proxy
from tests.waiting import PATIENCE, until


def keeper_of(url: str, wait: float = 10.0, lock_patience: float = 12.0) -> Keeper:
    return Keeper(lambda keeper: PostgresStore(url, keeper.post, wait, lock_patience))


@pytest.fixture
def database(postgresql: Server) -> str:
    return postgresql.database()


@pytest.fixture
def proxy(postgresql: Server) -> Iterator[Proxy]:
    proxy = Proxy(postgresql.port)
    yield proxy
    proxy.close()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may kill."""
    server = Server()
    server.start()
    yield server
    server.stop()


def ids(server: Server, database: str) -> set[int]:
    return {int(str(row[0])) for row in server.query(database, "SELECT id FROM message")}


# --- what breaks while a commit is under way -------------------------------------------------------


@pytest.mark.parametrize("answers_come", [True, False], ids=["before_the_server_hears", "after_it_has"])
def test_a_commit_that_broke_off_is_answered_with_what_became_of_it(
    postgresql: Server, database: str, proxy: Proxy, answers_come: bool
) -> None:
    """The connection is cut at COMMIT: before the server gets it, or before its answer gets here. Each group
    is there in the end, once, and no other transaction was written twice or left out."""
    keeper = keeper_of(postgresql.url(database, proxy.port)).open()
    try:
        for number in range(1, 31):
            if number % 3 == 0:
                proxy.cut_at(b"COMMIT", hear=not answers_come)
            assert keeper.commit(batch_of([message(number), message(number + 1000)])) is None
        assert proxy.cuts == 10
    finally:
        keeper.close()
    assert ids(postgresql, database) == {*range(1, 31), *range(1001, 1031)}


def test_a_kill_of_postgresql_at_any_moment_loses_nothing_that_was_answered(own_server: Server) -> None:
    database = own_server.database()
    keeper = keeper_of(own_server.url(database), wait=PATIENCE).open()  # a busy machine starts it late
    answered: set[int] = set()
    number = 0
    try:
        for _ in range(3):
            started = threading.Event()

            def kill(started: threading.Event = started) -> None:
                started.wait()
                own_server.kill()
                own_server.start()

            killer = threading.Thread(target=kill)
            killer.start()
            for step in range(60):
                number += 1
                if step == 20:
                    started.set()
                if keeper.commit(batch_of([message(number)])) is None:
                    answered.add(number)
            killer.join()
    finally:
        keeper.close()
    assert ids(own_server, database) == answered
    assert len(answered) == number, "away for less than a group waits: all of them are taken in the end"


# --- away for longer ---------------------------------------------------------------------------------


def test_away_for_long_everything_is_refused_and_then_taken_again(own_server: Server) -> None:
    database = own_server.database()
    keeper = keeper_of(own_server.url(database), wait=0.5).open()
    try:
        keeper.save(message(1))
        own_server.kill()
        error = keeper.commit(batch_of([message(2)]))
        assert isinstance(error, StoreError)
        assert "can not be reached" in str(error)
        assert "can not be reached" in keeper.store.away
        assert isinstance(keeper.commit(batch_of([message(3)])), StoreError)
        own_server.start()
        until(lambda: not keeper.store.away)
        keeper.save(message(4))
        assert keeper.store.select(MESSAGE, columns=("id",)) == [(1,), (4,)]
    finally:
        keeper.close()
    assert ids(own_server, database) == {1, 4}


def test_what_was_refused_in_doubt_is_undone_when_it_turns_out_to_be_committed(
    postgresql: Server, database: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smsc.store.postgres.writer.UNKNOWN", 0.3)
    keeper = keeper_of(postgresql.url(database, proxy.port), wait=0.3).open()
    try:
        keeper.save(message(1))
        proxy.cut_at(b"COMMIT", hear=True)
        proxy.refusing = True
        assert isinstance(keeper.commit(batch_of([message(1, text="changed"), message(2)])), StoreError)
        assert ids(postgresql, database) == {1, 2}, "it was committed, and nobody can know"
        proxy.refusing = False
        until(lambda: not keeper.store.away)
        keeper.save(message(3))
        assert ids(postgresql, database) == {1, 3}
    finally:
        keeper.close()


@pytest.mark.parametrize(("word", "hear"), [(b"DELETE", False), (b"COMMIT", False), (b"COMMIT", True)])
def test_what_is_to_be_undone_is_undone_although_the_connection_breaks_again(
    postgresql: Server, database: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, word: bytes, hear: bool
) -> None:
    monkeypatch.setattr("smsc.store.postgres.writer.UNKNOWN", 0.3)
    keeper = keeper_of(postgresql.url(database, proxy.port), wait=0.3).open()
    try:
        keeper.save(message(1))
        proxy.cut_at(b"COMMIT", hear=True)
        proxy.refusing = True
        assert isinstance(keeper.commit(batch_of([message(2)])), StoreError)
        proxy.cut_at(word, hear=hear)
        proxy.refusing = False
        until(lambda: proxy.cuts == 2 and not keeper.store.away)
        until(lambda: keeper.commit(batch_of([message(3)])) is None)
        assert ids(postgresql, database) == {1, 3}
    finally:
        keeper.close()


def test_a_read_waits_for_postgresql_to_come_back(own_server: Server) -> None:
    database = own_server.database()
    keeper = keeper_of(own_server.url(database)).open()
    try:
        keeper.save(message(1))
        assert keeper.store.count(MESSAGE) == 1
        own_server.kill()
        answers: list[tuple[object, BaseException | None]] = []
        keeper.store.ask(lambda reads: reads.count(MESSAGE), lambda *answer: answers.append(answer))
        own_server.start()
        until(lambda: answers, meanwhile=keeper.run_posted)
        assert answers == [(1, None)]
    finally:
        keeper.close()


# --- one server a database ---------------------------------------------------------------------------


def test_a_second_server_is_refused_and_told_who_has_the_store(postgresql: Server, database: str) -> None:
    keeper = keeper_of(postgresql.url(database)).open()
    try:
        with pytest.raises(StoreError, match="is in use by process"):
            keeper_of(postgresql.url(database), lock_patience=0.2).open()
        keeper.save(message(1))
    finally:
        keeper.close()
    again = keeper_of(postgresql.url(database), lock_patience=0.2).open()
    assert again.store.count(MESSAGE) == 1
    again.close()


def test_a_server_that_was_only_asleep_can_do_no_harm(postgresql: Server, database: str) -> None:
    """Its connection is gone and another server has the store: no commit of it holds, not even one that had
    begun."""
    sleeper = keeper_of(postgresql.url(database), wait=0.5).open()
    try:
        sleeper.save(message(1))
        _end_sessions(postgresql, database)
        other = keeper_of(postgresql.url(database)).open()
        try:
            other.save(message(2))
            error = sleeper.commit(batch_of([message(3)]))
            assert isinstance(error, TakenOver)
            assert "another server has taken the store over" in str(error)
            assert sleeper.store.away == str(error)
            other.save(message(4))
        finally:
            other.close()
        assert isinstance(sleeper.commit(batch_of([message(5)])), TakenOver), "for good"
    finally:
        sleeper.close()
    assert ids(postgresql, database) == {1, 2, 4}


def test_a_stale_epoch_commits_nothing_although_its_connection_lives(
    postgresql: Server, database: str
) -> None:
    keeper = keeper_of(postgresql.url(database), wait=0.5).open()
    try:
        keeper.save(message(1))
        postgresql.query(database, "UPDATE store_marks SET epoch = epoch + 1")
        assert isinstance(keeper.commit(batch_of([message(2)])), TakenOver)
    finally:
        keeper.close()
    assert ids(postgresql, database) == {1}


def _end_sessions(server: Server, database: str) -> None:
    server.query(
        "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )
    gone = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
    until(lambda: server.query("postgres", gone) == [(0,)])


# --- what is refused at the start ----------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["off", "remote_write"])
def test_a_server_that_could_lose_what_was_answered_is_refused(
    postgresql: Server, database: str, setting: str
) -> None:
    url = postgresql.url(database) + f"?options=-csynchronous_commit%3D{setting}"
    with pytest.raises(StoreError, match=f"synchronous_commit is {setting}.*could be lost"):
        keeper_of(url).open()


def test_the_tables_of_another_application_are_left_untouched(postgresql: Server, database: str) -> None:
    postgresql.query(database, "CREATE TABLE message (whatever text)")
    with pytest.raises(StoreError, match="a table message of another application"):
        keeper_of(postgresql.url(database)).open()
    assert postgresql.query(database, "SELECT * FROM message") == []


def test_a_newer_store_is_left_untouched(postgresql: Server, database: str) -> None:
    keeper_of(postgresql.url(database)).open(TABLES, 3).close()
    with pytest.raises(StoreError, match=r"newer release .schema version 3, this one knows 2"):
        keeper_of(postgresql.url(database)).open(TABLES, 2)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://smsc:secret@db/smsc", "has a password in it"),
        ("postgresql://smsc@db/smsc?password=secret", "has a password in it"),
        ("postgresql://smsc@db", "names no database"),
        ("postgresql:smsc", "names no database"),
    ],
)
def test_a_url_that_is_wrong_is_refused_without_its_secret(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


def test_an_absent_database_is_told(postgresql: Server) -> None:
    with pytest.raises(StoreError, match=r"no such database.*createdb"):
        keeper_of(postgresql.url("nowhere")).open()


def test_nobody_there_is_told() -> None:
    with pytest.raises(StoreError, match="can not be reached"):
        keeper_of("postgresql://smsc@127.0.0.1:1/smsc").open()


def test_a_lock_of_another_program_is_an_error_of_that_batch_only(postgresql: Server, database: str) -> None:
    url = postgresql.url(database) + "?options=-clock_timeout%3D200"
    keeper = keeper_of(url).open()
    try:
        with psycopg.connect(postgresql.url(database)) as other:
            other.execute("LOCK TABLE message")
            error = keeper.commit(batch_of([message(1)]))
        assert "holds a lock on a table" in str(error)
        keeper.save(message(2))
    finally:
        keeper.close()
    assert ids(postgresql, database) == {2}


def test_the_epoch_rises_with_each_start(postgresql: Server, database: str) -> None:
    for expected in (1, 2, 3):
        keeper = keeper_of(postgresql.url(database)).open()
        keeper.close()
        assert postgresql.query(database, "SELECT epoch FROM store_marks") == [(expected,)]


@pytest.mark.parametrize("turned", [False, True])
def test_tables_and_rows_are_written_in_one_order_whichever_changed_first(
    postgresql: Server, database: str, monkeypatch: pytest.MonkeyPatch, turned: bool
) -> None:
    """Nodes that write the same rows never wait each for the other."""
    store = PostgresStore(postgresql.url(database), lambda call: call(), node="oslo-1")
    store.open(TABLES)
    seen: list[str] = []
    try:
        for name, table in store._tables.items():
            apply = table.apply

            def spy(
                connection: Any, changes: Any, name: str = name, apply: Callable[..., None] = apply
            ) -> None:
                seen.append(name)
                apply(connection, changes)

            monkeypatch.setattr(table, "apply", spy)
        batch = Batch()
        gone: list[tuple[Table, Key]] = [(RECORD, "name"), (MESSAGE, 1), (DIGEST, b"hash")]
        for where, key in gone[:: -1 if turned else 1]:
            batch.delete(where, key)
        written = threading.Event()
        errors: list[BaseException | None] = []

        def done(error: BaseException | None) -> None:
            errors.append(error)
            written.set()

        store.write(batch, done)
        assert written.wait(PATIENCE)
    finally:
        store.close()
    assert errors == [None]
    assert seen == sorted(seen)
    assert len(seen) == 3


def test_rows_of_a_shared_table_are_deleted_in_the_order_of_their_keys() -> None:
    asked: list[list[int]] = []

    class Recorder:
        def execute(self, sql: str, values: tuple[list[int]]) -> None:
            asked.append(values[0])

    connection: Any = Recorder()
    TableCopy(MESSAGE, -1, shared=True).apply(connection, dict.fromkeys((3, 1, 2)))
    assert asked == [[1, 2, 3]]

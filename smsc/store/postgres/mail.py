"""Reads what other nodes tell, on a thread and a connection of its own, and looks for nodes that are dead.

A letter is a row of ``store_mail``; ``NOTIFY`` only wakes the reader, after the commit and at most every
10 ms, and a look twice a second finds what a lost one left. All of one answer is read in one snapshot. The
next one is read when the owner has dealt with it: what was read is put aside until its deletion shows.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import select
import threading
import time
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final

import psycopg

from smsc.store.base import Post, StoreError
from smsc.store.postgres.connection import Connection, connect, is_gone
from smsc.store.postgres.session import Session
from smsc.store.postgres.time import COLUMN, DatabaseTime
from smsc.store.shared import GIVEN, SLOTS, TAKEN, Bound, Letter, Life, News, Tally, Told
from smsc.store.urls import shown_url

HEIR: Final = "taken over by "
"""Before the name of a node, in the place of the session of one that it has taken over: it reads its mail."""
POLL: Final = 0.5  # seconds between two looks that nothing has asked for
_APART: Final = 0.01  # seconds between two notifications
_PAUSE: Final = 0.2  # seconds until it is tried again to connect
_AT_ONCE: Final = 2_000  # letters
_DEAF: Final = 30.0  # seconds that a node goes on that can write and not read
_KEEP: Final = 300.0  # seconds that letters for all are kept
_TIDY: Final = 30.0  # seconds between two times that what is of no use any more is deleted
_TELL_AFTER: Final = 64  # transactions of this node's own after which it is told that they show
ENROUTE: Final = 1
SCHEDULED: Final = 0
HELD: Final = 10
"""States of messages as they stand in the column `state`."""

_HEAR: Final = "LISTEN smsc_mail"
_WAKE: Final = "NOTIFY smsc_mail"
_MARKS: Final = (
    "SELECT node, number, coalesce(until > clock_timestamp(), false), owner, "
    f"{COLUMN} FROM store_marks ORDER BY node"
)
_TO_ME: Final = (
    "SELECT sender, number, place, receiver, kind, body FROM store_mail WHERE receiver = ANY(ARRAY("
    "SELECT node FROM store_marks WHERE node = %s OR session = %s)) ORDER BY number, place LIMIT %s"
)
# Of each sender the letters that are new are read by the key, however many it has told lately.
_TO_ALL: Final = (
    "SELECT m.* FROM store_marks k "
    "LEFT JOIN unnest(%s::text[], %s::int8[]) AS seen(sender, number) ON seen.sender = k.node "
    "CROSS JOIN LATERAL (SELECT sender, number, place, receiver, kind, body FROM store_mail "
    "WHERE sender = k.node AND number > coalesce(seen.number, -1) AND receiver IS NULL OFFSET 0) m "
    "ORDER BY m.number, m.place"
)
_OWNED: Final = "SELECT recipient, node FROM store_owners"
_OWNED_OF: Final = f"{_OWNED} WHERE recipient = ANY(%s)"
_SLOTS: Final = "SELECT slot, node FROM store_slots ORDER BY slot"
_BINDS: Final = "SELECT id, node, first, last, address_range FROM store_binds"
_WAITING: Final = (
    "SELECT m.recipient, count(*), min(m.expires_at), "
    "coalesce(sum(octet_length(m.body) + octet_length(m.tlvs)), 0)::int8 FROM messages m "
    "LEFT JOIN store_owners o ON o.recipient = m.recipient "
    f"LEFT JOIN store_slots s ON s.slot = abs(m.recipient) %% {SLOTS} "
    f"WHERE m.state = {ENROUTE} AND coalesce(o.node, s.node) = %s"
)
_OF_SOME: Final = (
    f"{_WAITING} AND (m.recipient = ANY(%s) OR abs(m.recipient) %% {SLOTS} = ANY(%s)) GROUP BY 1"
)
_OF_ALL: Final = f"{_WAITING} GROUP BY 1"
_DEAD: Final = (
    "SELECT node, session FROM store_marks m WHERE node <> %(me)s AND "
    "(until = '-infinity' OR %(patient)s AND "
    "(until < clock_timestamp() OR until > clock_timestamp() + 10 * %(lease)s::interval) "
    # what was given to it by a commit that was under way when it was taken over
    "OR until IS NULL AND EXISTS (SELECT 1 FROM store_owners o WHERE o.node = m.node "
    "UNION ALL SELECT 1 FROM store_slots s WHERE s.node = m.node))"
)
_END_STUCK: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s "
    "AND wait_event_type = 'Client' AND state <> 'idle' AND usename = current_user"
)
_PRUNE: Final = "DELETE FROM store_mail WHERE sender = %s AND receiver IS NULL AND at < now() - %s::interval"

_log = logging.getLogger("smsc.store")


class Mail:
    """``take_over`` is called for a node whose lease has run out, on this thread, and returns at once;
    ``tidy`` now and then."""

    def __init__(
        self,
        session: Session,
        post: Post,
        take_over: Callable[[str], None],
        tidy: Callable[[Connection], None],
        clock: DatabaseTime,
    ) -> None:
        self._session = session
        self._me = session.node
        self._post = post
        self._take_over = take_over
        self._tidy = tidy
        self._time = clock
        self._connection: Connection | None = None
        self._connected_at = 0.0
        self._told: Told | None = None
        self._seen: dict[str, int] = {}  # of each sender, up to which commit its letters for all were read
        self._read: set[tuple[str, int, int]] = set()  # letters that are to be deleted
        self._dealt_with = threading.Event()
        self._closing = False
        self._ear, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        self._to_notify = False
        self._heard = False
        self._notified_at = 0.0
        self._heard_at = time.monotonic()
        self._pruned_at = 0.0
        self._lives: list[Life] = []
        self._told_at = 0  # this node's number in the latest news
        self._catching_up: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="smsc-store-mail", daemon=True)

    def begin(self, told: Told) -> News:
        """Everything as it is now; `told` gets what is new from then on."""
        self._told = told
        connection = self._ready()
        news = self._snapshot(connection, whole=True)
        self._seen = dict(news.numbers)
        self._lives = news.lives
        return news

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """A letter has been committed, by the thread that calls."""
        self._to_notify = True
        self._ring()

    def catch_up(self, call: Callable[[], None]) -> None:
        """Call, through `post`, when all that is committed by now was read and dealt with."""
        self._catching_up.put(call)
        self._ring()

    def stop(self) -> None:
        self._closing = True
        self._dealt_with.set()
        self._ring()
        if self._thread.ident is not None:
            self._thread.join()
        if self._connection is not None:
            self._connection.close()

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it wakes all the same
            os.write(self._bell, b"x")

    def dispose(self) -> None:
        """Nobody wakes it any more."""
        os.close(self._ear)
        os.close(self._bell)

    # --- the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing:
            try:
                connection = self._ready()
                if not self._wait(connection):
                    return
                caught_up = self._caught_up()
                news = self._snapshot(connection, whole=False)
                mine = news.numbers.get(self._me, 0)
                if news.letters or news.lives != self._lives or mine >= self._told_at + _TELL_AFTER:
                    self._lives = news.lives
                    self._told_at = mine
                    self._tell(news)
                for call in caught_up:
                    self._post(call)
                self._look_for_dead(connection)
                self._prune(connection)
                self._heard_at = time.monotonic()
            except (psycopg.Error, StoreError) as error:
                self._failed(error)
            except Exception as error:
                _log.exception("mail of node %s could not be read", self._me)
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Who can write and hears nothing would keep from others what it does not serve."""
        self._drop()
        if not self._session.is_ready():
            self._heard_at = time.monotonic()
        elif time.monotonic() - self._heard_at > _DEAF:
            self._heard_at = math.inf
            shown = shown_url(self._session.url)
            self._session.lost_for_good(
                StoreError(f"{shown}: what other nodes tell can not be read: {error}")
            )
        time.sleep(_PAUSE)

    def _caught_up(self) -> list[Callable[[], None]]:
        calls = []
        with contextlib.suppress(Empty):
            while True:
                calls.append(self._catching_up.get_nowait())
        return calls

    def _ready(self) -> Connection:
        if self._connection is None or is_gone(self._connection):
            self._connection = connect(self._session.url, f"{self._session.name} mail")
            self._connection.add_notify_handler(self._hear)
            self._connection.execute(_HEAR)
            self._connected_at = time.monotonic()
        return self._connection

    def _hear(self, notify: psycopg.Notify) -> None:
        """Somebody has told something; it can come with the answer to any statement."""
        self._heard = True

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _wait(self, connection: Connection) -> bool:
        """Until there may be something to read; what this node has told is announced meanwhile. False when
        it is over."""
        until = time.monotonic() + POLL
        while True:
            if self._to_notify and time.monotonic() - self._notified_at >= _APART:
                self._to_notify = False
                self._notified_at = time.monotonic()
                connection.execute(_WAKE)
            rest = until - time.monotonic()
            if self._to_notify:
                rest = min(rest, _APART)
            if rest <= 0 and self._to_notify:
                continue
            if rest <= 0 or self._heard or not self._catching_up.empty():
                self._heard = False
                return True
            ready, _, _ = select.select([connection.fileno(), self._ear], [], [], rest)
            if self._ear in ready:
                os.read(self._ear, 4096)
                if self._closing:
                    return False
            if connection.fileno() in ready:
                connection.pgconn.consume_input()
                while connection.pgconn.notifies() is not None:
                    pass
                self._heard = False
                return True

    def _tell(self, news: News) -> None:
        assert self._told is not None
        self._dealt_with.clear()
        for letter in news.letters:
            if letter.receiver is None:
                self._seen[letter.sender] = max(self._seen.get(letter.sender, -1), letter.number)
            else:
                self._read.add(letter[:3])
        try:
            self._post(partial(self._told, news, self._dealt_with.set))
        except Exception:
            _log.exception("what other nodes tell could not be reported: its owner is gone")
            return
        while not self._closing and not self._dealt_with.wait(POLL):
            pass  # whoever closes waits for this thread, and has dealt with nothing more

    # --- one snapshot ---------------------------------------------------------------------------

    def _snapshot(self, connection: Connection, *, whole: bool) -> News:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return self._read_all(connection, whole)
        finally:
            if not is_gone(connection):
                connection.execute("COMMIT")

    def _read_all(self, connection: Connection, whole: bool) -> News:
        asked = self._time.asked()
        marks = connection.execute(_MARKS).fetchall()
        if marks:
            self._time.told(asked, marks[-1][4])
        numbers = {node: number for node, number, *_ in marks}
        lives = [Life(node, alive, owner) for node, _, alive, owner, _ in marks]
        letters = [] if whole else self._letters(connection)
        changed: set[int] = set()
        slots: set[int] = set()
        for letter in letters:
            if letter.kind == TAKEN:
                whole = True
            elif letter.kind == GIVEN:
                changed.update(letter.body["keys"])
                slots.update(letter.body["slots"])
        if whole:
            owners: dict[int, str] = dict(self._rows(connection, _OWNED))
            tally = self._rows(connection, _OF_ALL, self._me)
            binds = [Bound(*row) for row in self._rows(connection, _BINDS)]
        else:
            owners = dict(self._rows(connection, _OWNED_OF, list(changed))) if changed else {}
            tally = []
            if changed or slots:
                tally = self._rows(connection, _OF_SOME, self._me, list(changed), list(slots))
            binds = None
        owned = tuple(node for _, node in self._rows(connection, _SLOTS)) if whole or slots else None
        told = tuple(Tally(*row) for row in tally)
        return News(letters, numbers, lives, frozenset(changed), owners, owned, binds, told, whole)

    def _letters(self, connection: Connection) -> list[Letter]:
        most = _AT_ONCE + len(self._read)
        to_me = self._rows(connection, _TO_ME, self._me, HEIR + self._me, most)
        if len(to_me) < most:  # one that was read may stand behind these otherwise
            self._read &= {row[:3] for row in to_me}
        rows = [row for row in to_me if row[:3] not in self._read]
        rows += self._rows(connection, _TO_ALL, list(self._seen), list(self._seen.values()))
        return [Letter._make((*row[:5], json.loads(row[5]))) for row in rows]

    @staticmethod
    def _rows(connection: Connection, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return connection.execute(sql, values or None).fetchall()

    # --- others ---------------------------------------------------------------------------------

    def _look_for_dead(self, connection: Connection) -> None:
        """After PostgreSQL was away all leases have run out: everybody gets one more to come back."""
        lease = self._session.lease
        patient = time.monotonic() - self._connected_at > lease
        values = {"me": self._me, "patient": patient, "lease": f"{lease} seconds"}
        for node, session in connection.execute(_DEAD, values).fetchall():
            connection.execute(_END_STUCK, (session,))  # it holds its own row, and others for as long
            self._take_over(node)

    def _prune(self, connection: Connection) -> None:
        if time.monotonic() - self._pruned_at > _TIDY:
            self._pruned_at = time.monotonic()
            connection.execute(_PRUNE, (self._me, f"{_KEEP} seconds"))
            self._tidy(connection)

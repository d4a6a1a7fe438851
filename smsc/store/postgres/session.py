"""The one session that writes: its place as the only server, and what became of a commit that broke off.

When a connection breaks during a commit, nobody knows whether it holds. So each transaction first writes its
number into the server's row of ``store_marks``, on the condition that the row still has this session's epoch.
To learn what became of it the session *writes* the next epoch there: that write waits for a transaction that
is still under way, and for the standby where the server waits for one; then no earlier epoch can commit any
more, and the number in the row says which transaction was the last. A read would lie both ways: it misses a
commit that is under way, and shows one that a failover will lose.

A second server is kept away by an advisory lock, which a process that dies lets go with its connection. The
epoch does the rest: whoever takes the lock over writes the next one, so a server that was only asleep finds
that each of its commits fails.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from typing import Final

import psycopg

from smsc.store.base import StoreError
from smsc.store.postgres.connection import Connection, check_server, connect, explained, is_gone
from smsc.store.urls import shown_url

LOCK: Final = 0x534D5343
"""'SMSC', the key of the advisory lock in each database."""
NODE: Final = "smsc"
"""The row of store_marks; there is one server a database."""
_SHORTEST, _LONGEST = 0.05, 1.0  # seconds between two tries to connect

_TAKE: Final = (
    "INSERT INTO store_marks (node, epoch, number, session, owner, since) VALUES (%s, 1, 0, %s, %s, now()) "
    "ON CONFLICT (node) DO UPDATE SET epoch = store_marks.epoch + 1, session = excluded.session, "
    "owner = excluded.owner, since = now() RETURNING epoch, number"
)
_RESOLVE: Final = (
    "UPDATE store_marks SET epoch = %s, since = now() "
    "WHERE node = %s AND session = %s AND epoch = ANY(%s) RETURNING number"
)
_END_OLD: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = %s AND pid <> pg_backend_pid() AND usename = current_user"
)


class TakenOver(StoreError):
    """Another server has the store now; nothing of this one is kept any more."""


class Session:
    """Belongs to the writing thread, but for ``away``, which anybody may look at."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"smsc {secrets.token_hex(6)}"
        self.away = ""  # why PostgreSQL is out of reach
        self.away_since = 0.0  # monotonic
        self.connection: Connection | None = None
        self.epoch = 0
        self.number = 0  # of the latest transaction
        self._pause = _SHORTEST
        self._next_try = 0.0
        self._is_taken_over = False

    # --- the beginning --------------------------------------------------------------------------

    def open(self, patience: float) -> Connection:
        """Connect, and be the only server, waiting so many seconds for one that is about to go.

        Raises StoreError."""
        connection = connect(self.url, self.name)
        try:
            check_server(connection, self.url)
            until = time.monotonic() + patience
            while not _is_locked(connection):
                if time.monotonic() >= until:
                    raise StoreError(f"{shown_url(self.url)}: is in use by {_owner(connection)}")
                time.sleep(_SHORTEST)
        except psycopg.Error as error:
            connection.close()
            raise explained(self.url, error) from error
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        return connection

    def take(self) -> None:
        """Write the next epoch, once the tables are there. Raises the driver's errors."""
        assert self.connection is not None
        owner = f"process {os.getpid()} on {socket.gethostname()}"
        row = self.connection.execute(_TAKE, (NODE, self.name, owner)).fetchone()
        assert row is not None
        self.epoch, self.number = row

    # --- transactions ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction that has a number. Raises TakenOver, and the driver's errors."""
        assert self.connection is not None
        self.number += 1
        # Two statements in one round trip; the values are whole numbers of our own.
        cursor = self.connection.execute(
            f"BEGIN; UPDATE store_marks SET number = {self.number:d} "
            f"WHERE node = '{NODE}' AND epoch = {self.epoch:d}"
        )
        while cursor.nextset():
            pass
        if cursor.rowcount != 1:
            self.connection.execute("ROLLBACK")
            raise self._taken_over()

    # --- coming back ----------------------------------------------------------------------------

    def is_ready(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self.connection is not None and not is_gone(self.connection)

    def come_back(self, until: float) -> bool:
        """Connect again, and learn what became of the latest transaction: whether it was committed.

        Tries until the moment `until` (monotonic), at least once unless it was tried just now. StoreError.
        """
        if self._is_taken_over:
            raise self._taken_over()
        while True:
            try:
                if time.monotonic() < min(self._next_try, until):
                    time.sleep(min(self._next_try, until) - time.monotonic())
                if time.monotonic() < self._next_try:
                    raise StoreError(self.away)
                return self._resolved()
            except psycopg.Error as error:
                self._failed(str(explained(self.url, error)))
            except TakenOver:
                raise
            except StoreError as error:
                self._failed(str(error))
            if time.monotonic() >= until:
                raise StoreError(self.away)

    def lost(self, error: psycopg.Error) -> None:
        """The connection broke."""
        self._next_try = 0.0
        self._failed(str(explained(self.url, error)))

    def close(self) -> None:
        """Let go of the store."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _resolved(self) -> bool:
        self.connection = connection = connect(self.url, self.name)
        check_server(connection, self.url)
        connection.execute(_END_OLD, (self.name,))  # it would hold the lock as long as it is not noticed
        following = self.epoch + 1
        # The epoch that is next may stand there already: of a try whose answer was lost.
        row = connection.execute(_RESOLVE, (following, NODE, self.name, [self.epoch, following])).fetchone()
        if row is None:
            raise self._taken_over()
        if not _is_locked(connection):
            raise StoreError(f"{shown_url(self.url)}: the lock of the store is not free yet")
        self.epoch = following
        self.away = ""
        self._pause = _SHORTEST
        self._next_try = 0.0
        return int(row[0]) == self.number

    def _failed(self, why: str) -> None:
        now = time.monotonic()
        if not self.away:
            self.away_since = now
        self.away = why
        self.close()
        if now >= self._next_try:
            self._next_try = now + self._pause
            self._pause = min(2 * self._pause, _LONGEST)

    def _taken_over(self) -> TakenOver:
        self._is_taken_over = True
        shown = shown_url(self.url)
        self.away = f"{shown}: another server has taken the store over, this one can keep nothing any more"
        self.close()
        return TakenOver(self.away)


def _is_locked(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return row is not None and bool(row[0])


def _owner(connection: Connection) -> str:
    """Who has the store, as far as it says so."""
    try:
        row = connection.execute("SELECT owner FROM store_marks WHERE node = %s", (NODE,)).fetchone()
    except psycopg.Error:
        row = None
    return "another server" if row is None else str(row[0])

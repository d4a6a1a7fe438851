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

Several nodes share the lock, and each has one of its own name. A node's row says until when it has its lease,
on the clock of the database; each transaction of the node renews it, and a small one does while there is
nothing to write. Whoever finds that a lease has run out may take over (``nodes``), and raises the epoch.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable
from typing import Final, LiteralString

import psycopg

from smsc.store.base import StoreError
from smsc.store.postgres.connection import Connection, check_server, connect, explained, is_gone
from smsc.store.urls import shown_url

LOCK: Final = 0x534D5343
"""'SMSC', the key of the advisory lock in each database."""
NODE: Final = "smsc"
"""The row of store_marks of a server that has the database to itself."""
LEASE: Final = 6.0
"""Seconds that a node may be silent before others take over."""
_SHORTEST, _LONGEST = 0.05, 1.0  # seconds between two tries to connect

_TAKE: Final = (
    "INSERT INTO store_marks (node, epoch, number, session, owner, since, until) "
    "VALUES (%(node)s, 1, 0, %(session)s, %(owner)s, now(), clock_timestamp() + %(lease)s::interval) "
    "ON CONFLICT (node) DO UPDATE SET epoch = store_marks.epoch + 1, session = excluded.session, "
    "owner = excluded.owner, since = now(), until = excluded.until RETURNING epoch, number"
)
_RESOLVE: Final = (
    "UPDATE store_marks SET epoch = %(epoch)s, since = now(), "
    "until = clock_timestamp() + %(lease)s::interval "
    "WHERE node = %(node)s AND session = %(session)s AND epoch = ANY(%(epochs)s) RETURNING number"
)
_LEAVE: Final = "UPDATE store_marks SET until = '-infinity' WHERE node = %s AND epoch = %s"
_FORGET_BINDS: Final = (
    "DELETE FROM store_binds WHERE node = %s",
    "DELETE FROM store_sessions WHERE node = %s",
)
_FORGET_NODES: Final = tuple(f"DELETE FROM store_{name}" for name in ("binds", "sessions", "mail", "blocks"))
_IN_USE: Final = "SELECT pg_try_advisory_lock(%s)"
_IN_USE_TOGETHER: Final = "SELECT pg_try_advisory_lock_shared(%s)"
_NAME_IN_USE: Final = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
_END_OLD: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = %s AND pid <> pg_backend_pid() AND usename = current_user"
)


class TakenOver(StoreError):
    """Another server has the store now; nothing of this one is kept any more."""


class Session:
    """Belongs to the writing thread, but for ``away``, which anybody may look at."""

    def __init__(self, url: str, node: str | None = None, lease: float = LEASE) -> None:
        """``node``: the name of one of several; None has the database to itself."""
        self.url = url
        self.name = f"smsc {secrets.token_hex(6)}"
        self.is_one_of_several = node is not None
        self.node = node or NODE
        self.lease = lease
        self.renewed_at = 0.0  # monotonic
        self.lost_for_good: Callable[[StoreError], None] = _tell_nobody
        self._renewal = ""
        if node is not None:
            self._renewal = f", until = clock_timestamp() + interval '{lease} seconds'"
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
            while in_use := self._in_use(connection):
                if time.monotonic() >= until:
                    raise StoreError(f"{shown_url(self.url)}: {in_use}")
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
        values = {"node": self.node, "session": self.name, "owner": owner, "lease": self._interval()}
        row = self.connection.execute(_TAKE, values).fetchone()
        assert row is not None
        self.epoch, self.number = row
        if self.is_one_of_several:
            for sql in _FORGET_BINDS:
                self.connection.execute(sql, (self.node,))
        else:
            for sql in _FORGET_NODES:
                self.connection.execute(sql)
        self.renewed_at = time.monotonic()

    def _interval(self) -> str | None:
        return f"{self.lease} seconds" if self.is_one_of_several else None

    def _in_use(self, connection: Connection) -> str:
        """Why this server may not have its place, a sentence; nothing when it has it now."""
        if not self.is_one_of_several:
            return "" if _has(connection, _IN_USE, LOCK) else f"is in use by {_owners(connection)}"
        if not _has(connection, _IN_USE_TOGETHER, LOCK):
            return (
                f"is in use by {_owners(connection)}, which has it to itself: it was started without --node"
            )
        if not _has(connection, _NAME_IN_USE, LOCK, self.node):
            return f"there is a node {self.node} already; each needs a name of its own"
        return ""

    # --- transactions ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction that has a number. Raises TakenOver, and the driver's errors."""
        assert self.connection is not None
        self.number += 1
        # Two statements in one round trip; the values are whole numbers of our own.
        cursor = self.connection.execute(
            f"BEGIN; UPDATE store_marks SET number = {self.number:d}{self._renewal} "
            f"WHERE node = '{self.node}' AND epoch = {self.epoch:d}"
        )
        while cursor.nextset():
            pass
        if cursor.rowcount != 1:
            self.connection.execute("ROLLBACK")
            raise self._taken_over()
        self.renewed_at = time.monotonic()

    def is_renewal_due(self) -> bool:
        """Whether a node has written nothing for a quarter of its lease."""
        return self.is_one_of_several and time.monotonic() - self.renewed_at >= self.lease / 4

    def leave(self) -> None:
        """Nothing more is written: others may take over at once. Raises the driver's errors."""
        if self.is_one_of_several and self.is_ready():
            assert self.connection is not None
            self.connection.execute(_LEAVE, (self.node, self.epoch))

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
                time.sleep(max(0.0, min(self._next_try, until) - time.monotonic()))
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
        values = {"epoch": following, "node": self.node, "session": self.name, "lease": self._interval()}
        row = connection.execute(_RESOLVE, {**values, "epochs": [self.epoch, following]}).fetchone()
        if row is None:
            raise self._taken_over()
        if in_use := self._in_use(connection):
            raise StoreError(f"{shown_url(self.url)}: {in_use}")
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
        error = TakenOver(self.away)
        tell, self.lost_for_good = self.lost_for_good, _tell_nobody
        tell(error)
        return error


def _has(connection: Connection, sql: LiteralString, *key: object) -> bool:
    row = connection.execute(sql, key).fetchone()
    return row is not None and bool(row[0])


def _owners(connection: Connection) -> str:
    """Who has the store, as far as it says so."""
    try:
        nodes = connection.execute(
            "SELECT node, owner FROM store_marks WHERE until > clock_timestamp() ORDER BY node"
        ).fetchall()
        if nodes:
            told = ", ".join(f"{node} ({owner})" for node, owner in nodes)
            return f"the nodes {told}: --node NAME makes this server one of them"
        row = connection.execute("SELECT owner FROM store_marks WHERE node = %s", (NODE,)).fetchone()
    except psycopg.Error:
        row = None
    return "another server" if row is None else str(row[0])


def _tell_nobody(error: StoreError) -> None:
    """Of one server nobody needs to hear of it but who writes."""

"""One of several nodes on a database: the tables that they share, and how a dead one's part is taken over.

What a node owns is written by itself alone, in transactions that begin with its own row of ``store_marks``.
Who takes over locks that row, raises its epoch and moves all it owned in one transaction: what the other
commits then is refused (``session``).
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

import psycopg

from smsc.store.base import Post, Reserved, Row, StoreError
from smsc.store.postgres.connection import Connection, explained
from smsc.store.postgres.mail import HEIR, HELD, SCHEDULED, Mail
from smsc.store.postgres.session import Session
from smsc.store.postgres.tables import TableCopy
from smsc.store.postgres.time import DatabaseTime
from smsc.store.shared import (
    BINDS,
    MAIL,
    OWNERS,
    SESSIONS,
    SLOT_OWNERS,
    SLOTS,
    TAKEN,
    News,
    Shared,
    Told,
)

Work = Callable[[Connection], Any]
_PUT: Final = (
    "INSERT INTO store_mail (sender, number, place, receiver, kind, body) VALUES (%s, %s, %s, %s, %s, %s)"
)
_DELETE: Final = (
    "DELETE FROM store_mail m USING unnest(%s::text[], %s::int8[], %s::int8[]) AS r(sender, number, place) "
    "WHERE m.sender = r.sender AND m.number = r.number AND m.place = r.place "
    "RETURNING m.sender, m.number, m.place"
)
_TAKE_BACK: Final = "DELETE FROM store_mail WHERE sender = %s AND place = ANY(%s)"
_OWN_ALL: Final = (
    f"INSERT INTO store_slots SELECT slot, %s FROM generate_series(0, {SLOTS - 1}) AS slot "
    "ON CONFLICT (slot) DO NOTHING"
)
_OWN_OLD: Final = (  # what a server without a name has given out
    "INSERT INTO store_blocks SELECT name, 1, next - 1, %s FROM store_counters c WHERE next > 1 "
    "AND NOT EXISTS (SELECT 1 FROM store_blocks b WHERE b.series = c.name) ON CONFLICT DO NOTHING"
)
_LOCK_DEAD: Final = (
    "SELECT 1 FROM store_marks WHERE node = %(node)s AND (until IS NULL OR until = '-infinity' "
    "OR until < clock_timestamp() OR until > clock_timestamp() + 10 * %(lease)s::interval) "
    "FOR UPDATE SKIP LOCKED"
)
# Without its session's name it can not come back. Who took over reads its mail: the others may not know yet.
_FENCE: Final = (
    "UPDATE store_marks SET epoch = epoch + 1, until = NULL, session = %(heir)s || %(me)s "
    "WHERE node = %(node)s"
)
_MOVE: Final = (
    "UPDATE store_slots SET node = %(me)s WHERE node = %(node)s",
    "UPDATE store_owners SET node = %(me)s WHERE node = %(node)s",
    "UPDATE store_marks SET session = %(heir)s || %(me)s WHERE session = %(heir)s || %(node)s",
    "DELETE FROM store_binds WHERE node = %(node)s",
    "DELETE FROM store_sessions WHERE node = %(node)s",
)
_MOVE_BLOCKS: Final = (
    "UPDATE store_blocks SET node = %(me)s WHERE node = %(node)s RETURNING series, first, last"
)
SETTLED: Final = 600.0
"""Seconds after which all messages that have a number are in the store, or were refused."""
_PRUNE_BLOCKS: Final = (
    "DELETE FROM store_blocks b WHERE node = %(node)s AND series = %(series)s AND last < %(below)s "
    f"AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.state IN ({SCHEDULED}, {HELD}) AND "
)
_PRUNE_LONG: Final = _PRUNE_BLOCKS + "m.id BETWEEN %(floor)s + b.first AND %(floor)s + b.last)"
_PRUNE_SHORT: Final = _PRUNE_BLOCKS + "m.id <= %(long)s)"  # they come again, so whose one is cannot be told


class Transactions(Protocol):
    """Who writes, on a thread of its own."""

    def do(self, work: Work, ended: Callable[[], None]) -> None:
        """In a transaction; `ended` is called there, whatever became of it."""

    def run(self, work: Work) -> Any:
        """The same, and what the work returned. Waits. Raises StoreError."""

    def reserve_later(self, name: str, block: int, done: Reserved, unless: int) -> None:
        """A block of numbers, unless the latest of all ends before that one."""


class MailTable(TableCopy):
    """Letters: put with the number of the transaction, and deleted when they were read."""

    def __init__(self, session: Session) -> None:
        super().__init__(MAIL, None)
        self._session = session
        self.has_sent = False
        self.numbers: dict[int, int] = {}  # of the latest transaction with letters, by their place
        self.gone: set[Any] = set()  # what the latest transaction that deletes letters did not find

    def apply(self, connection: Connection, changes: dict[Any, Row | None]) -> None:
        # Of each letter, whether it must be there.
        read = {key[:3]: bool(key[3:]) for key, row in changes.items() if row is None}
        if read:
            columns = [list(column) for column in zip(*sorted(read), strict=True)]
            self.gone = read.keys() - set(connection.execute(_DELETE, columns))
            if any(read[key] for key in self.gone):
                raise StoreError(f"node {self._session.node}: who had asked for this has taken it back")
        number = self._session.number
        sent = [(self._session.node, number, *row) for row in changes.values() if row is not None]
        if sent:
            self.has_sent = True
            self.numbers = {place: number for _, number, place, *_ in sent}
            with connection.cursor() as cursor:
                cursor.executemany(_PUT, sent)

    def fresh(self, changes: dict[Any, Row | None]) -> list[Any]:
        return [place for place, row in changes.items() if row is not None]

    def safe(self, changes: dict[Any, Row | None]) -> None:
        """It is announced with the commit itself."""

    def delete(self, connection: Connection, keys: list[Any]) -> None:
        connection.execute(_TAKE_BACK, (self._session.node, keys))


class UsedUp:
    """Blocks of numbers of which nothing is left to be known: who has one matters as long as its numbers are
    given out, and then while a message with one of them is scheduled or held.

    ``began`` is called on the writing thread, ``prune`` on that of the mail.
    """

    def __init__(self, node: str, floors: Mapping[str, int | None]) -> None:
        self._node = node
        self._floors = floors
        self._long = min((floor for floor in floors.values() if floor is not None), default=0)
        self._begun: dict[str, deque[tuple[float, int]]] = {name: deque() for name in floors}

    def began(self, series: str, first: int) -> None:
        """A block is this node's: it is used after all that it had before."""
        begun = self._begun.get(series)
        if begun is not None:
            begun.append((time.monotonic(), first))

    def prune(self, connection: Connection) -> None:
        """Forget the blocks that were used up some time ago."""
        settled = time.monotonic() - SETTLED
        for series, begun in self._begun.items():
            while len(begun) > 1 and begun[1][0] <= settled:
                begun.popleft()
            if not begun or begun[0][0] > settled:
                continue
            floor = self._floors[series]
            values = {"node": self._node, "series": series, "below": begun[0][1], "floor": floor}
            connection.execute(_PRUNE_SHORT if floor is None else _PRUNE_LONG, {**values, "long": self._long})


class Nodes(Shared):
    """This node among the others."""

    def __init__(self, session: Session, post: Post, floors: Mapping[str, int | None]) -> None:
        self.used = UsedUp(session.node, floors)
        self._time = DatabaseTime()
        self.name = session.node
        self._session = session
        self._post = post
        self._writer: Transactions | None = None
        self._taking: set[str] = set()
        self.mail_table = MailTable(session)
        self.mail = Mail(session, post, self._take_over, self.used.prune, self._time)

    def tables(self) -> dict[str, TableCopy]:
        """What the writer needs to know of the tables of its own."""
        others = (OWNERS, SLOT_OWNERS, BINDS, SESSIONS)
        return {MAIL.name: self.mail_table, **{t.name: TableCopy(t, None, shared=True) for t in others}}

    def opened(self, writer: Transactions) -> None:
        """The writer is about to start: what nobody owns is this node's."""
        self._writer = writer
        assert self._session.connection is not None
        self._time.measure(self._session.connection)
        for sql in (_OWN_ALL, _OWN_OLD):
            self._session.connection.execute(sql, (self.name,))

    def begin(self, told: Told, lost: Callable[[Exception], None]) -> News:
        self._session.lost_for_good = lambda error: self._post(lambda: lost(error))
        try:
            news = self.mail.begin(told)
        except psycopg.Error as error:
            raise explained(self._session.url, error) from error
        self.mail.start()
        return news

    def blocks(self) -> list[tuple[str, int, int, str]]:
        assert self._writer is not None
        rows: list[tuple[str, int, int, str]] = self._writer.run(_blocks)
        return rows

    def now(self) -> int:
        return self._time.now()

    def catch_up(self, call: Callable[[], None]) -> None:
        self.mail.catch_up(call)

    def reserve_last(self, name: str, block: int, end: int, done: Reserved) -> None:
        assert self._writer is not None
        self._writer.reserve_later(name, block, done, end)

    def number_of(self, place: int) -> int:
        return self.mail_table.numbers[place]

    def was_gone(self, letter: tuple[str, int, int]) -> bool:
        return letter in self.mail_table.gone

    def first_place(self) -> int:
        return time.time_ns()

    def committed(self) -> None:
        """A transaction is safe, on the writing thread."""
        if self.mail_table.has_sent:
            self.mail_table.has_sent = False
            self.mail.wake()

    def close(self) -> None:
        self.is_closed = True
        self.mail.stop()

    def dispose(self) -> None:
        """The writer has ended too."""
        self.mail.dispose()

    def _take_over(self, node: str) -> None:
        """On the thread of the mail: a node is dead."""
        if node not in self._taking and self._writer is not None:
            self._taking.add(node)
            self._writer.do(partial(self._taken, node), partial(self._taking.discard, node))

    def _taken(self, node: str, connection: Connection) -> None:
        values = {"me": self.name, "node": node, "heir": HEIR, "lease": f"{self._session.lease} seconds"}
        if connection.execute(_LOCK_DEAD, values).fetchone() is None:
            return
        connection.execute(_FENCE, values)
        for sql in _MOVE:
            connection.execute(sql, values)
        blocks = connection.execute(_MOVE_BLOCKS, values).fetchall()
        body = json.dumps({"node": node, "blocks": blocks})
        letter = (self.name, self._session.number, time.time_ns(), None, TAKEN, body)
        connection.execute(_PUT, letter)
        self.mail_table.has_sent = True


def _blocks(connection: psycopg.Connection[tuple[Any, ...]]) -> list[tuple[str, int, int, str]]:
    rows = connection.execute("SELECT series, first, last, node FROM store_blocks ORDER BY first")
    return [(series, first, last, node) for series, first, last, node in rows]

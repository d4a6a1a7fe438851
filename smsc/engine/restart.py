"""What the store has of another life is taken up: of this server's last one, or of another node's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from smsc.delivery.message import ABSOLUTE, ENROUTE, FOREVER, HELD, SCHEDULED
from smsc.engine.binds.bindings import Bindings
from smsc.engine.journal.ids import IdSeries
from smsc.engine.journal.records import KEY_VALUES, MESSAGES
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.scheduled import ScheduledMessages
from smsc.engine.mo.servicing import Services
from smsc.engine.mt.delivery import Delivery
from smsc.engine.nodes.nodes import Nodes
from smsc.engine.rounds import Work
from smsc.store.base import Reads, Row, Store

#: Rows of the scheduled, and of the held, each with its octets
Kept: TypeAlias = tuple[list[tuple[Row, int]], list[tuple[Row, int]]]


class Restart:
    """In memory is only how much waits for whom, and when the scheduled and the held are due."""

    def __init__(
        self,
        store: Store,
        series: tuple[IdSeries, IdSeries, IdSeries],
        bindings: Bindings,
        services: Services,
        delivery: Delivery,
        scheduled: ScheduledMessages,
        outboxes: Outboxes,
        nodes: Nodes | None,
        renew_time: Callable[[], None],
        answered: Callable[[], None],
    ) -> None:
        """``series``: of message ids, of short ones, and of session ids. ``answered`` is called when
        something was taken up later than it was asked for."""
        self.store = store
        self.series = series
        self.bindings = bindings
        self.services = services
        self.delivery = delivery
        self.queues = delivery.queues
        self.scheduled = scheduled
        self.outboxes = outboxes
        self.nodes = nodes
        self.renew_time = renew_time
        self.answered = answered

    def restore(self) -> int:
        """Take up where the last run ended; returns how many messages wait. Raises StoreError."""
        # No id waits for the disk once a port is open.
        for series in self.series:
            series.prepare()
        # What a message remembers of its session must not be another one's after a restart.
        self.bindings.begin_after(self.series[2].take() - 1)
        self.renew_time()
        count = 0
        nodes = self.nodes
        if nodes is not None:  # first: what others change from now on is told
            nodes.begin()
            self.services.among(nodes.number)
        self.services.load(row for row in self.store.select(KEY_VALUES) if not row[0].startswith("api/"))
        for key, waiting, expiry in self.queues.spill.waiting() if nodes is None else nodes.waiting():
            count += waiting
            self.delivery.take_up(key, waiting, expiry)
        if nodes is None:
            count += sum(self._restore_kept(_kept(self.store, texts=False), _all))
            octets = sum(
                self.store.octets(MESSAGES, ("body", "tlvs"), {"state": state})
                for state in (SCHEDULED, ENROUTE, HELD)
            )
        else:
            count += sum(self._restore_kept(_kept(self.store), nodes.keeps))
            octets = nodes.octets()
        self.queues.take_up(0, octets)
        return count

    def take_up_kept(self, is_ours: Callable[[int], bool]) -> None:
        """Scheduled and held messages that another node had are this one's now, some in each turn."""

        def found(rows: Kept | None, error: BaseException | None) -> None:
            if rows is None:
                self.store.ask(_kept, found)
                return
            self.renew_time()
            self.queues.rounds.begin(self._look_at_kept(rows, is_ours), self.queues.now)
            self.answered()

        self.store.ask(_kept, found)

    def _look_at_kept(self, rows: Kept, is_ours: Callable[[int], bool]) -> Work:
        for _ in self._restore_kept(rows, is_ours):
            yield 1

    def _restore_kept(self, rows: Kept, is_ours: Callable[[int], bool]) -> Iterator[bool]:
        """Take up the scheduled and the held among these rows; of each, whether it was taken up."""
        scheduled, held = rows
        for (ident, source, text, destination, due), octets in scheduled:
            taken = is_ours(ident)
            if taken:
                self.scheduled.restore(ident, (source, text or b"", destination), due)
                self.queues.take_up(1, octets)
            yield taken
        for (ident, source, destination, expires_at, validity), octets in held:
            taken = is_ours(ident)
            if taken:
                end = expires_at if validity == ABSOLUTE else FOREVER
                self.outboxes.restore(ident, source, destination, end)
                self.queues.take_up(1, octets)
            yield taken
        self.outboxes.look_at_all(self.queues.now)


def _kept(reads: Reads, *, texts: bool = True) -> Kept:
    """What the store has of the scheduled, and of the held, as far as they are known in memory; with the
    octets of each where the ``texts`` are read too."""
    found = []
    for state, columns in (
        (SCHEDULED, ("id", "source", "source_text", "destination", "due_at")),
        (HELD, ("id", "source", "destination", "expires_at", "validity")),
    ):
        wanted = (*columns, "body", "tlvs") if texts else columns
        rows = reads.select(MESSAGES, {"state": state}, order=("id",), columns=wanted)
        count = len(columns)
        found.append([(row[:count], sum(len(text or b"") for text in row[count:])) for row in rows])
    return found[0], found[1]


def _all(ident: int) -> bool:
    return True

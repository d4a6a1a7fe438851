"""What the store has of another life is taken up: of this server's last one, or of another node's."""

from __future__ import annotations

from collections.abc import Callable

from smsc.delivery.message import ABSOLUTE, ENROUTE, FOREVER, HELD, SCHEDULED
from smsc.engine.binds.bindings import Bindings
from smsc.engine.journal.ids import IdSeries
from smsc.engine.journal.records import KEY_VALUES, MESSAGES
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.scheduled import ScheduledMessages
from smsc.engine.mo.servicing import Services
from smsc.engine.mt.delivery import Delivery
from smsc.engine.nodes.nodes import Nodes
from smsc.store.base import Reads, Row, Store


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
        count += self._restore_kept(_kept(self.store), _all if nodes is None else nodes.keeps)
        octets = 0 if nodes is None else nodes.octets()
        octets += sum(
            self.store.octets(MESSAGES, ("body", "tlvs"), {"state": state})
            for state in ((SCHEDULED, ENROUTE, HELD) if nodes is None else (SCHEDULED, HELD))
        )
        self.queues.take_up(len(self.scheduled) + self.outboxes.count(), octets)
        return count

    def take_up_kept(self, is_ours: Callable[[int], bool]) -> None:
        """Scheduled and held messages that another node had are this one's now."""

        def found(rows: tuple[list[Row], list[Row]] | None, error: BaseException | None) -> None:
            if rows is None:
                self.store.ask(_kept, found)
                return
            self.renew_time()
            self.queues.take_up(self._restore_kept(rows, is_ours), 0)
            self.answered()

        self.store.ask(_kept, found)

    def _restore_kept(self, rows: tuple[list[Row], list[Row]], is_ours: Callable[[int], bool]) -> int:
        """Take up the scheduled and the held among these rows; returns how many."""
        scheduled = [row for row in rows[0] if is_ours(row[0])]
        for ident, source, text, destination, due in scheduled:
            self.scheduled.restore(ident, (source, text or b"", destination), due)
        held = [row for row in rows[1] if is_ours(row[0])]
        for ident, source, destination, expires_at, validity in held:
            end = expires_at if validity == ABSOLUTE else FOREVER
            self.outboxes.restore(ident, source, destination, end)
        self.outboxes.look_at_all(self.queues.now)
        return len(scheduled) + len(held)


def _kept(reads: Reads) -> tuple[list[Row], list[Row]]:
    """What the store has of the scheduled, and of the held, as far as they are known in memory."""
    ends = ("id", "source", "source_text", "destination", "due_at")
    held = ("id", "source", "destination", "expires_at", "validity")
    return (
        reads.select(MESSAGES, {"state": SCHEDULED}, order=("id",), columns=ends),
        reads.select(MESSAGES, {"state": HELD}, order=("id",), columns=held),
    )


def _all(ident: int) -> bool:
    return True

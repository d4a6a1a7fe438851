"""Messages whose schedule_delivery_time has not come [SMPP 3.4 §5.2.15].

A durable store keeps them; in memory is only which there are, between whom, and when each is due.
"""

from __future__ import annotations

from collections.abc import Iterator

from smsc.delivery.message import ENROUTE, FOREVER, SCHEDULED, Message
from smsc.engine.discarded import apart
from smsc.engine.mt.queues import Queues

_AGAIN = 1_000  # ms until a message that the store did not show is asked for again

Pair = tuple[int, bytes, int]  # source, its text where it is alphanumeric, destination


class Scheduled:
    """One message that waits for its moment; ``message`` is None where the store keeps it."""

    __slots__ = ("armed", "ident", "message", "pair")

    def __init__(self, ident: int, pair: Pair, message: Message | None) -> None:
        self.armed = FOREVER
        self.ident = ident
        self.pair = pair
        self.message = message


class ScheduledMessages:
    """All of them, by id and by pair of source and destination."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues
        self._timers = queues.timers
        self._spill = queues.spill
        self._elsewhere = queues.elsewhere
        self._commit = queues.commit
        self._by_id: dict[int, Scheduled] = {}
        self._by_pair: dict[Pair, dict[int, Scheduled]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, message: Message) -> None:
        """A message that is safe waits for its ``due_at``."""
        self._spill.message_index.add(message)
        waiter = self.restore(message.id, pair_of(message), message.due_at)
        if self._commit.durable:
            self._spill.message_index.drop(message.id)
        else:
            waiter.message = message

    def restore(self, ident: int, pair: Pair, due: int) -> Scheduled:
        """One that the store keeps."""
        waiter = Scheduled(ident, pair, None)
        self._by_id[ident] = waiter
        self._elsewhere.came(pair[2])
        self._by_pair.setdefault(pair, {})[ident] = waiter
        self._timers.arm(waiter, due)
        return waiter

    def has(self, message: Message) -> bool:
        """Whether one waits here."""
        return message.id in self._by_id

    def remove(self, message: Message) -> bool:
        """Take one out, into memory; False when it does not wait here."""
        waiter = self._by_id.get(message.id)
        if waiter is None:
            return False
        self._forget(waiter)
        self._spill.message_index.add(message)
        return True

    def fall_due(self, waiter: Scheduled) -> None:
        """The moment of one has come: it goes on. While the store does not answer, or much is on its way to
        it, it still waits. Nothing comes of one that was taken out meanwhile, or that the store has no more.
        """

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            if self._by_id.get(waiter.ident) is not waiter:
                return
            if error is not None or self._commit.is_heavy():
                self._timers.arm(waiter, self._queues.now + _AGAIN)
                return
            self._forget(waiter)
            message = messages[0]
            if message is None:
                return
            self._spill.message_index.add(message)
            if message.state == SCHEDULED:
                message.state = ENROUTE
                self._commit.move_on(message)

        if waiter.message is not None:
            found([waiter.message], None)
        else:
            self._spill.stored.find([waiter.ident], found)

    def of_pair(self, source: int, source_text: bytes, destination: int) -> list[Scheduled]:
        """Those between two ends, oldest id first."""
        return list(self._by_pair.get((source, source_text, destination), {}).values())

    def clear(self) -> Iterator[int]:
        """Every message is forgotten; what this returns takes them apart. All timers are cleared too."""
        by_id, by_pair = self._by_id, self._by_pair
        self._by_id, self._by_pair = {}, {}
        return apart(by_id, by_pair)

    def _forget(self, waiter: Scheduled) -> None:
        waiter.armed = FOREVER
        if self._by_id.pop(waiter.ident, None) is not None:
            self._elsewhere.went(waiter.pair[2])
        pair = self._by_pair.get(waiter.pair)
        if pair is not None:
            pair.pop(waiter.ident, None)
            if not pair:
                del self._by_pair[waiter.pair]


def pair_of(message: Message) -> Pair:
    """Between whom a message is."""
    return message.source, message.source_text, message.destination

"""Messages that have not left the handset: ``hold`` and ``defer`` without coverage at the sender.

One outbox per handset, first in, first out. It opens when the handset has radio again; what it holds is then
considered as if it had just been sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from smsc.delivery.message import ABSOLUTE, FOREVER, Message
from smsc.delivery.timers import Timers
from smsc.routing.subscribers import Registry


class Outbox:
    """What one handset wants to send."""

    __slots__ = ("armed", "expiry", "key", "messages")

    def __init__(self, key: int) -> None:
        self.armed = FOREVER
        self.expiry = FOREVER
        self.key = key
        self.messages: deque[Message] = deque()


class Outboxes:
    """All handsets that wait for coverage with something to send."""

    def __init__(self, registry: Registry, timers: Timers, release: Callable[[Message], None]) -> None:
        self.boxes: dict[int, Outbox] = {}
        self.registry = registry
        self.timers = timers
        self.release = release

    def add(self, message: Message, now: int) -> None:
        """Keep a message until its sender has coverage."""
        box = self.boxes.get(message.source)
        if box is None:
            box = self.boxes[message.source] = Outbox(message.source)
        box.messages.append(message)
        box.expiry = min(box.expiry, _end(message))
        self._arm(box, now)

    def coverage_changed(self, key: int, now: int) -> None:
        """Open the handset's outbox if it has radio now, else wait for the next planned change."""
        box = self.boxes.get(key)
        if box is None:
            return
        subscriber = self.registry.find(key)
        has_radio = subscriber is None or (subscriber.has_radio() and subscriber.place.reception(now) != 0)
        if has_radio:
            leaving = box.messages
            box.messages = deque()
        elif box.expiry <= now:
            leaving = deque(message for message in box.messages if _end(message) <= now)
            box.messages = deque(message for message in box.messages if _end(message) > now)
            box.expiry = min(map(_end, box.messages), default=FOREVER)
        else:
            leaving = deque()
        if box.messages:
            self._arm(box, now)
        else:
            del self.boxes[key]
            box.armed = FOREVER
        for message in leaving:
            self.release(message)

    def expiry_changed(self, message: Message) -> None:
        """A held message got another validity period."""
        box = self.boxes.get(message.source)
        if box is not None:
            box.expiry = min(box.expiry, _end(message))
            self.timers.arm(box, box.expiry)

    def forget(self, unwanted: Callable[[Message], bool]) -> list[Message]:
        """Take out the messages for which ``unwanted`` is true (their session is gone, an erasure)."""
        taken: list[Message] = []
        for key, box in list(self.boxes.items()):
            gone = [message for message in box.messages if unwanted(message)]
            if gone:
                taken += gone
                box.messages = deque(message for message in box.messages if not unwanted(message))
                if not box.messages:
                    box.armed = FOREVER
                    del self.boxes[key]
        return taken

    def count(self) -> int:
        """How many messages wait on handsets."""
        return sum(len(box.messages) for box in self.boxes.values())

    def _arm(self, box: Outbox, now: int) -> None:
        self.timers.arm(box, box.expiry)
        subscriber = self.registry.find(box.key)
        if subscriber is not None and subscriber.has_radio():
            self.timers.arm(box, subscriber.place.reachable_from(now))


def _end(message: Message) -> int:
    """When a message ends even while its handset holds it: at its absolute validity period."""
    return message.expires_at if message.validity == ABSOLUTE and message.bind is None else FOREVER

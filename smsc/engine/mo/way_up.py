"""From the handset to the SMSC: messages that the radio carries up, those of a pair in line.

A message is stored when it leaves, and answered and queued when it arrives, so responses overtake one
another. One that arrives before the one ahead of it is answered, and waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from smsc.delivery.message import FOREVER, Message
from smsc.delivery.timers import Timers
from smsc.engine.mt.elsewhere import Elsewhere
from smsc.engine.mt.latency import Latency
from smsc.routing.subscribers import Registry


class Underway:
    """A message between its handset and the SMSC: stored already, answered when its moment comes."""

    __slots__ = ("armed", "arrived", "message")

    def __init__(self, message: Message) -> None:
        self.armed = FOREVER
        self.arrived = False
        self.message = message


class WayUp:
    """All messages that are on their way up, those of a pair in line."""

    def __init__(self, latency: Latency, registry: Registry, timers: Timers, elsewhere: Elsewhere) -> None:
        self.latency = latency
        self.registry = registry
        self.timers = timers
        self.elsewhere = elsewhere
        self.lines: dict[tuple[int, int], deque[Underway]] = {}

    def depart(self, message: Message, now: int) -> bool:
        """Let the message travel; False when it is there already."""
        subscriber = self.registry.find(message.source)
        extra = 0.0
        if subscriber is not None and subscriber.place.reception(now):
            extra = subscriber.place.latency
        delay = self.latency.up(message.id, extra)
        pair = (message.source, message.recipient)
        line = self.lines.get(pair)
        if delay == 0 and line is None:
            return False
        if line is None:
            line = self.lines[pair] = deque()
        waiter = Underway(message)
        line.append(waiter)
        self.elsewhere.came(message.destination)
        self.timers.arm(waiter, now + delay)
        return True

    def arrive(self, waiter: Underway) -> list[Message]:
        """The SMSC has it; what goes on now: itself when all before it in its pair have come, and then what
        has waited for it."""
        waiter.arrived = True
        pair = (waiter.message.source, waiter.message.recipient)
        line = self.lines[pair]
        through = []
        while line and line[0].arrived:
            message = line.popleft().message
            self.elsewhere.went(message.destination)
            through.append(message)
        if not line:
            del self.lines[pair]
        return through

    def between(self, source: int, recipient: int) -> list[Message]:
        """What is on its way between the two, and what waits in line behind it."""
        return [waiter.message for waiter in self.lines.get((source, recipient), ())]

    def clear(self, answer: Callable[[Message], None]) -> Iterator[int]:
        """Every message is forgotten; what this returns takes them apart, and has those answered that are
        yet to be."""
        lines, self.lines = self.lines, {}
        return _answered(lines, answer)


def _answered(
    lines: dict[tuple[int, int], deque[Underway]], answer: Callable[[Message], None]
) -> Iterator[int]:
    while lines:
        line = lines.popitem()[1]
        while line:
            waiter = line.popleft()
            if not waiter.arrived:
                answer(waiter.message)
            yield 1

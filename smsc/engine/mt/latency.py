"""How long a message is under way on the radio: log-normal on each leg, drawn from the seed.

The way up delays the submit_sm_resp of a handset's message and then its queueing, so that responses overtake
one another; the way down delays each attempt. ESMEs have no radio. Order holds within a pair all the same: a
message that arrives before the one ahead of it is answered, and waits for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from math import exp

from smsc.config.sections import Latency as LatencySettings
from smsc.coverage.draw import draw_normal
from smsc.coverage.place import Zone
from smsc.delivery.message import FOREVER, Message
from smsc.delivery.recipient import Recipient
from smsc.delivery.timers import Timers
from smsc.engine.mt.elsewhere import Elsewhere
from smsc.routing.subscribers import Registry

_UP, _DOWN = 106, 107  # what a draw is for (see smsc.coverage.draw)


class Latency:
    """Delays in ms; with the preset ``instant`` only what a zone adds."""

    def __init__(self, settings: LatencySettings, seed: int) -> None:
        self.is_realistic = settings.preset == "realistic"
        self.settings = settings
        self.seed = seed

    def is_felt(self, zones: Iterable[Zone]) -> bool:
        """Whether anything takes time on the radio: the preset, or a zone with a latency of its own."""
        return self.is_realistic or any(zone.latency > 0 for zone in zones)

    def up(self, ident: int, extra: float) -> int:
        """From the handset to the SMSC; ``extra`` are the seconds that its place adds."""
        return self._draw(self.settings.mo_median, _UP, ident, 0) + round(extra * 1000)

    def down(self, ident: int, attempt: int, extra: float) -> int:
        """From the SMSC to the handset, for one attempt."""
        return self._draw(self.settings.mt_median, _DOWN, ident, attempt) + round(extra * 1000)

    def _draw(self, median: int, purpose: int, ident: int, count: int) -> int:
        if not self.is_realistic:
            return 0
        sample = median * exp(self.settings.sigma * draw_normal(self.seed, purpose, ident, count))
        return min(round(sample), self.settings.maximum)


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


class WayDown:
    """The attempts that are on the air."""

    def __init__(self, latency: Latency, registry: Registry, timers: Timers) -> None:
        self.latency = latency
        self.registry = registry
        self.timers = timers

    def is_on_air(self, recipient: Recipient, message: Message, now: int) -> bool:
        """Whether the attempt, which begins now if it has not begun, is still under way on the radio."""
        if recipient.key < 0:
            return False
        if recipient.air_id != message.id:
            subscriber = self.registry.find(recipient.key)
            extra = 0.0
            if subscriber is not None and subscriber.place.reception(now):
                extra = subscriber.place.latency
            delay = self.latency.down(message.id, message.attempts + recipient.pagings, extra)
            if delay == 0:
                return False
            recipient.air_id = message.id
            recipient.air_until = now + delay
        if recipient.air_until <= now:
            return False
        if recipient.flags:
            recipient.next_attempt = recipient.air_until
        self.timers.arm(recipient, min(recipient.air_until, recipient.next_expiry))
        return True

"""The way to other operators' subscribers: an interconnect takes its time, and fails at its own rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smsc.coverage.draw import draw
from smsc.delivery.message import FOREVER, Message
from smsc.delivery.timers import Timers
from smsc.routing.operators import Interconnect
from smsc.routing.subscribers import Registry

#: What a draw is for (see smsc.coverage.draw).
CROSSING = 112


class Transit:
    """A message on its way through an interconnect."""

    __slots__ = ("armed", "message")

    def __init__(self, message: Message) -> None:
        self.armed = FOREVER
        self.message = message


class Carrier:
    """All interconnects. There is none of it where no other operator is configured."""

    def __init__(
        self,
        interconnects: Mapping[str, Interconnect],
        operator_of: Callable[[int, int], str | None],
        registry: Registry,
        timers: Timers,
        seed: int,
    ) -> None:
        """``operator_of`` tells whose a number is at a moment, when its subscriber does not say."""
        self.interconnects = interconnects
        self.operator_of = operator_of
        self.registry = registry
        self.timers = timers
        self.seed = seed
        self.arrived: Message | None = None
        self.crossings: dict[int, int] = {}

    def takes(self, message: Message, now: int) -> bool:
        """Whether the message is on its way over an interconnect now, and comes again when it is through."""
        if message is self.arrived:
            self.arrived = None
            return False
        way = self._way(message.recipient, now)
        if way is None or not way.latency_ms:
            return False
        self.timers.arm(Transit(message), now + way.latency_ms)
        return True

    def through(self, waiter: Transit) -> Message:
        """The message is over its interconnect: it is not taken again."""
        self.arrived = waiter.message
        return waiter.message

    def obstacle(self, key: int, now: int) -> int:
        """Why an attempt fails between the networks; a reason, or 0."""
        way = self._way(key, now)
        if way is None or not way.failure_rate + way.congestion_rate:
            return 0
        count = self.crossings[key] = self.crossings.get(key, 0) + 1
        return way.attempt(draw(self.seed, CROSSING, key, count))

    def _way(self, key: int, now: int) -> Interconnect | None:
        subscriber = self.registry.find(key)
        operator = None if subscriber is None else subscriber.operator
        name = operator or self.operator_of(key, now)
        return None if name is None else self.interconnects.get(name)

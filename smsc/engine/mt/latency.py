"""How long a message is under way on the radio: log-normal on each leg, drawn from the seed.

The way up (``engine/mo/way_up.py``) delays the submit_sm_resp of a handset's message and then its queueing;
the way down delays each attempt. ESMEs have no radio.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp

from smsc.config.sections import Latency as LatencySettings
from smsc.coverage.draw import draw_normal
from smsc.coverage.place import Zone
from smsc.delivery.message import Message
from smsc.delivery.recipient import Recipient
from smsc.delivery.timers import Timers
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

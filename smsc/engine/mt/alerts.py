"""Who may be reachable again is tried at once: the alert rules of 23.040 §10.

1. Radio contact, MNRF (or MNRG) set, MCEF clear: the SC is alerted.
2. Radio contact, both set: MNRF (or MNRG) is cleared, and there is no alert.
3. The handset has memory again, MCEF set: all of them are cleared, and the SC is alerted.
"""

from __future__ import annotations

from collections.abc import Iterator

from smsc import reasons
from smsc.delivery.flags import ABSENT, MCEF, MNRR_DETACHED
from smsc.delivery.message import FOREVER
from smsc.delivery.recipient import Recipient
from smsc.engine.mt.delivery import Delivery
from smsc.engine.rounds import ATTEMPT


class Alerts:
    """Contact with one recipient, or with all of a range or an area."""

    __slots__ = ("delivery", "queues")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.queues = delivery.queues

    def contact(self, key: int, event: str) -> None:
        """The handset may have become reachable: its bind came, or something about its radio changed."""
        recipient = self._absent(key)
        if recipient is not None:
            self.alert(recipient, event)
            self._rearm(recipient)

    def contact_range(self, first: int, last: int, event: str) -> None:
        """The same for all of a range of numbers, some in each turn of the loop."""
        self.queues.rounds.begin(self._contacts(first, last, event), self.queues.now)

    def contact_area(self, event: str) -> None:
        """The same for all handsets: a zone, a cell or an outage changed. A cell's return may be spread."""
        self.queues.rounds.begin(self._returns(event), self.queues.now)

    def _contacts(self, first: int, last: int, event: str) -> Iterator[int]:
        ages: list[tuple[int, int]] = []
        yield from self._by_age(first, last, ages)
        for _, key in ages:
            self.contact(key, event)
            yield ATTEMPT

    def _returns(self, event: str) -> Iterator[int]:
        ages: list[tuple[int, int]] = []
        yield from self._by_age(1, FOREVER, ages)
        for _, key in ages:
            absent = self._absent(key)
            if absent is not None and not self.delivery.retry.spreads(absent, self.queues.now):
                self.alert(absent, event)
            recipient = self.queues.recipients.get(key)
            if recipient is not None:
                self._rearm(recipient)
            yield ATTEMPT

    def _by_age(self, first: int, last: int, ages: list[tuple[int, int]]) -> Iterator[int]:
        """Whose message has waited longest comes first; a queue that is only in the store comes last."""
        for recipient in self.queues.recipients.values():
            if recipient.flags and first <= recipient.key <= last:
                ages.append((recipient.oldest(), recipient.key))
            yield 1
        ages.sort()

    def alert(self, recipient: Recipient, event: str) -> None:
        """Radio contact: retry at once (rule 1), unless the memory is still full (rule 2)."""
        recipient.flags &= ~(ABSENT | MNRR_DETACHED)
        recipient.alert_at = 0
        if recipient.flags & MCEF:
            detail = {"because": event, "alert": "none: the memory is still full"}
            recipient.note(self.queues.now, "contact", reasons.MEMORY_CAPACITY_EXCEEDED, detail)
            return
        self._try_again(recipient, "alert", event)

    def memory_available(self, key: int) -> None:
        """The handset has memory again (rule 3)."""
        recipient = self.queues.recipients.get(key)
        if recipient is not None and recipient.flags & MCEF:
            self._try_again(recipient, "alert", "memory available")
            self._rearm(recipient)

    def state_changed(self, key: int, event: str) -> None:
        """Anything else about the subscriber changed: what waits for it is tried again at once."""
        recipient = self.queues.recipients.get(key)
        if recipient is not None and recipient.flags and not recipient.flags & (ABSENT | MCEF):
            self._try_again(recipient, "changed", event)
            self._rearm(recipient)

    def fall_due(self, recipient: Recipient) -> None:
        """The recipient's moment has come: expire, let go of pairs, be alerted, or be tried again."""
        delivery = self.delivery
        now = self.queues.now
        if not recipient.known:
            return
        if recipient.next_expiry <= now:
            delivery.expire(recipient)
        recipient.unblock(now)
        if (
            recipient.flags & ABSENT
            and delivery.reach.is_in_contact(recipient.key, now)
            and not delivery.retry.spreads(recipient, now)
        ):
            self.alert(recipient, "coverage returned")
        elif recipient.failing:
            delivery.pump(recipient)
        elif recipient.flags and now < recipient.next_attempt:
            self.queues.forget_if_done(recipient)
        else:
            delivery.pump(recipient)
        self._rearm(recipient)

    def _absent(self, key: int) -> Recipient | None:
        """The recipient if it was absent (MNRF or MNRG) and is in contact now."""
        recipient = self.queues.recipients.get(key)
        if recipient is None or not recipient.flags & ABSENT:
            return None
        return recipient if self.delivery.reach.is_in_contact(key, self.queues.now) else None

    def _try_again(self, recipient: Recipient, what: str, event: str) -> None:
        recipient.flags = 0
        recipient.step = 0
        recipient.note(self.queues.now, what, 0, {"because": event})
        self.delivery.pump(recipient)

    def _rearm(self, recipient: Recipient) -> None:
        """Rearm a recipient that still has something waiting."""
        if recipient.known:
            self.delivery.retry.rearm(recipient, self.queues.now)

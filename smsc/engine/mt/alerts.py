"""Who may be reachable again is tried at once: the alert rules of 23.040 §10.

1. Radio contact, MNRF (or MNRG) set, MCEF clear: the SC is alerted.
2. Radio contact, both set: MNRF (or MNRG) is cleared, and there is no alert.
3. The handset has memory again, MCEF set: all of them are cleared, and the SC is alerted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from smsc import reasons
from smsc.delivery.recipient import ABSENT, MCEF, MNRR_DETACHED, Recipient
from smsc.engine.discarded import apart
from smsc.engine.mt.delivery import Delivery

AT_ONCE = 200  # recipients looked at in one turn of the loop, up to 0.2 ms each


class Alerts:
    """Contact with one recipient, or with all of a range or an area: then oldest message first."""

    __slots__ = ("delivery", "queues", "to_contact")

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.queues = delivery.queues
        self.to_contact: deque[tuple[int, str]] = deque()  # recipient keys, and why

    def contact(self, key: int, event: str) -> None:
        """The handset may have become reachable: its bind came, or something about its radio changed."""
        recipient = self._absent(key)
        if recipient is not None:
            self.alert(recipient, event)
            self._rearm(recipient)

    def contact_range(self, first: int, last: int, event: str) -> None:
        """The same for all of a range of numbers, so many at once that the event loop is not held up."""
        recipients = self.queues.recipients
        waiting = {r.key: r for r in recipients.values() if r.flags and first <= r.key <= last}
        self.to_contact.extend((key, event) for key in _oldest_first(waiting))
        self.contact_some()

    def contact_some(self) -> int:
        """Go on with a range; returns with how many."""
        count = min(len(self.to_contact), AT_ONCE)
        for _ in range(count):
            self.contact(*self.to_contact.popleft())
        return count

    def contact_area(self, event: str) -> None:
        """The same for all handsets: a zone, a cell or an outage changed. A cell's return may be spread."""
        delivery = self.delivery
        waiting = {r.key: r for r in self.queues.recipients.values() if r.flags and r.key > 0}
        for key in _oldest_first(waiting):
            recipient = self._absent(key)
            if recipient is not None and not delivery.retry.spreads(recipient, self.queues.now):
                self.alert(recipient, event)
            self._rearm(waiting[key])

    def clear(self) -> Iterator[None]:
        """Nobody has anything waiting any more."""
        gone, self.to_contact = self.to_contact, deque()
        return apart(gone)

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


def _oldest_first(waiting: dict[int, Recipient]) -> list[int]:
    """Whose message has waited longest comes first; a queue that is only in the store comes last."""
    ages = {key: recipient.oldest() for key, recipient in waiting.items()}
    return sorted(ages, key=lambda key: (ages[key], key))

"""What a failed attempt leaves behind: flags on the subscriber, a line of history, and the next attempt.

It is the recipient's, not the message's: a thousand messages for a handset in a tunnel cost one timer.
"""

from __future__ import annotations

from smsc import reasons
from smsc.coverage.draw import draw
from smsc.delivery.flags import ABSENT, MCEF, MNRR_DETACHED, MWD, absent_flag
from smsc.delivery.message import Message
from smsc.delivery.recipient import Recipient
from smsc.delivery.retry_schedule import RetrySchedule
from smsc.delivery.timers import Timers
from smsc.engine.mt.reach import Reach

RETRY, ALERT, POSTPONE = 102, 103, 104  # what a draw is for (see smsc.coverage.draw)


class Retry:
    """When each recipient is tried again.

    ``last_chance``: ms before the end of its validity at which a message gets one more attempt. ``spread``:
    ms over which the alerts of a whole cell are spread.
    """

    __slots__ = ("last_chance", "reach", "schedule", "seed", "spread", "timers")

    def __init__(self, schedule: RetrySchedule, timers: Timers, reach: Reach, seed: int, spread: int) -> None:
        self.schedule = schedule
        self.timers = timers
        self.reach = reach
        self.seed = seed
        self.last_chance = 10_000
        self.spread = spread

    def failed(self, recipient: Recipient, cause: int, now: int) -> None:
        """Paging failed or the handset is full: flag the subscriber and plan the next attempt."""
        recipient.pagings += 1
        recipient.air_id = 0
        recipient.alert_at = 0
        recipient.absent_reason = cause
        if cause == reasons.MEMORY_CAPACITY_EXCEEDED:
            recipient.flags |= MCEF | MWD
        elif cause == reasons.ABSENT_NO_PAGING_RESPONSE:
            recipient.flags = (recipient.flags & ~MNRR_DETACHED) | absent_flag(recipient.key) | MWD
        elif cause in (reasons.ABSENT_DETACHED, reasons.ABSENT_NO_BIND, reasons.FLIGHT_MODE):
            recipient.flags |= absent_flag(recipient.key) | MNRR_DETACHED | MWD
        else:
            recipient.flags |= MWD
        self.plan(recipient, cause, now)
        zone = None
        if recipient.key > 0 and cause == reasons.ABSENT_NO_PAGING_RESPONSE:
            subscriber = self.reach.registry.find(recipient.key)
            if subscriber is not None:
                zone = subscriber.place.name
        recipient.note(now, "attempt_failed", cause, (recipient.next_attempt, zone, recipient.flags))
        self.rearm(recipient, now)

    def plan(self, recipient: Recipient, cause: int, now: int) -> None:
        """The next step of the cause's schedule, or a last attempt shortly before expiry."""
        chance = draw(self.seed, RETRY, recipient.key, recipient.pagings)
        due = now + self.schedule.delay(cause, recipient.step, chance)
        recipient.step += 1
        recipient.next_attempt = self.before_expiry(due, recipient.next_expiry, now)

    def postponed(self, message: Message, cause: int, now: int) -> int:
        """The same for one message that its receiver turned away for now: when it is tried again."""
        chance = draw(self.seed, POSTPONE, message.id, message.attempts)
        due = now + self.schedule.delay(cause, message.attempts - 1, chance)
        return self.before_expiry(due, message.expires_at, now)

    def before_expiry(self, due: int, expiry: int, now: int) -> int:
        """``due``, or instead of a moment after the end the last chance before it, if that is yet to come."""
        last = expiry - self.last_chance
        return last if due >= expiry and last > now else due

    def rearm(self, recipient: Recipient, now: int) -> None:
        """Put the recipient in the heap for the next thing that can happen to it by itself."""
        due = recipient.next_expiry
        if recipient.flags:
            if recipient.next_attempt > now:  # otherwise it was made, or waits for a slot or a lane
                due = min(due, recipient.next_attempt)
            if recipient.flags & ABSENT:
                back = self.reach.returns(recipient.key, now)
                if recipient.alert_at > now and back <= now:
                    back = recipient.alert_at
                if back > now:
                    due = min(due, back)
        if recipient.air_id and recipient.air_until > now:
            due = min(due, recipient.air_until)
        due = min(due, recipient.first_unblocking())
        self.timers.arm(recipient, due)

    def spreads(self, recipient: Recipient, now: int) -> bool:
        """Whether the alert waits for its turn: a whole cell returns handset by handset."""
        if not self.spread or recipient.key < 0:
            return False
        if recipient.alert_at == 0:
            chance = draw(self.seed, ALERT, recipient.key, recipient.pagings)
            recipient.alert_at = now + int(self.spread * chance)
        return recipient.alert_at > now

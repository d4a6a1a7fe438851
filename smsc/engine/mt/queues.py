"""All that waits, recipient by recipient: into memory and out of it, and how a message ends."""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import EXPIRED, FOREVER, Message
from smsc.delivery.recipient import Lane, Recipient
from smsc.delivery.timers import Timers
from smsc.engine.journal.commit import Commit
from smsc.engine.mt.spill import HEAD, Spill


class Queues:
    """The recipients with something waiting.

    ``queued`` counts the messages that have no final state yet, held and scheduled ones too; ``in_flight``
    those that wait for a deliver_sm_resp.
    """

    __slots__ = ("commit", "in_flight", "now", "queued", "recipients", "spill", "timers")

    def __init__(self, commit: Commit, timers: Timers, spill: Spill) -> None:
        self.recipients: dict[int, Recipient] = {}
        self.commit = commit
        self.timers = timers
        self.spill = spill
        self.now = 0
        self.queued = 0
        self.in_flight = 0

    def ended(self, message: Message) -> None:
        """The message has its final state, and the commit follows: a subclass says who hears of it."""
        raise NotImplementedError

    def wants_more(self, recipient: Recipient) -> bool:
        """Whether memory holds too little of the queue; more when all of it is held back pair by pair."""
        if recipient.backlogged:
            return False
        spare = recipient.count - recipient.in_flight
        if recipient.long_texts:
            return recipient.in_flight < 2 and spare < (1 if recipient.in_flight else 16)
        return recipient.in_flight < 64 and spare < (32 if recipient.in_flight else 1024)

    def refill(self, recipient: Recipient, priority: int = 0) -> int:
        """Bring the next spilled messages of at least that priority into memory; how many."""
        found = self.spill.fetch(recipient, priority)
        for message in found:
            message.pagings = min(message.pagings, recipient.pagings)
            recipient.push(message)
        recipient.long_texts = self.spill.cut_short and len(found) < HEAD
        return len(found)

    def expire(self, recipient: Recipient) -> None:
        """End every message whose validity period is over; what is in flight is left to its answer."""
        now = self.now
        nearest = FOREVER
        for lane in recipient.all_lanes():
            waiting = lane.waiting()
            for place, message in enumerate(waiting):
                if lane.busy and place == 0:
                    if now < message.expires_at < nearest:  # it may come back unanswered
                        nearest = message.expires_at
                    continue
                if message.expires_at <= now:
                    if place == 0:
                        self.end(recipient, lane, message, EXPIRED, self.last_cause(recipient, message))
                    else:
                        lane.remove(message)
                        recipient.count -= 1
                        self.close(recipient, message, EXPIRED, self.last_cause(recipient, message))
                elif message.expires_at < nearest:
                    nearest = message.expires_at
        for message in self.spill.expired(recipient, now):
            self.close(recipient, message, EXPIRED, self.last_cause(recipient, message))
        recipient.next_expiry = min(nearest, self.spill.next_expiry(recipient, now))

    def last_cause(self, recipient: Recipient, message: Message) -> int:
        """The error that kept the message waiting, for its receipt; else that its validity is over."""
        return message.reason or recipient.absent_reason or reasons.VALIDITY_EXPIRED

    def end(self, recipient: Recipient, lane: Lane, message: Message, state: int, cause: int) -> None:
        """The first message of a lane is done with."""
        lane.pop()
        recipient.count -= 1
        self.close(recipient, message, state, cause)
        if recipient.lanes is not None:
            if lane.size() == 0:
                recipient.drop_empty_lane(lane)
            else:
                recipient.offer(lane)

    def close(self, recipient: Recipient, message: Message, state: int, cause: int) -> None:
        """A message has come to its end; whoever is owed something hears of it."""
        self.settle(recipient, message, state, cause)
        self.ended(message)
        self.commit.finish(message)

    def settle(self, recipient: Recipient, message: Message, state: int, cause: int) -> None:
        """Give a message its final state and the part of the recipient's history that is its own."""
        message.attempts += recipient.pagings - message.pagings
        if recipient.log is not None:
            take_over(recipient, message)
        message.state = state
        message.reason = cause
        message.final_at = self.now
        self.queued -= 1

    def forget_if_done(self, recipient: Recipient) -> None:
        """A recipient for whom nothing waits costs nothing."""
        if recipient.count or recipient.spilled or recipient.backlogged:
            return
        if self.recipients.get(recipient.key) is recipient:
            del self.recipients[recipient.key]
            recipient.armed = FOREVER
            recipient.discard()

    def clear(self) -> None:
        """Forget everything that waits."""
        for recipient in self.recipients.values():
            recipient.armed = FOREVER
            recipient.discard()
        self.recipients.clear()
        self.timers.clear()
        self.queued = 0
        self.in_flight = 0


def take_over(recipient: Recipient, message: Message) -> None:
    """What has happened to the recipient so far stands in the message's own timeline, once."""
    known = {id(entry) for entry in message.events or ()}
    for entry in recipient.log or ():
        if entry[0] >= message.submitted_at and id(entry) not in known:
            message.take_over(entry)

"""All that waits, recipient by recipient: into memory and out of it, and how a message ends.

Where a message is between its commit and its end:

- in a lane of its recipient, in memory: ``recipient.count``. The first of a lane is in flight when the lane
  is ``busy``; else it may be held back (``blocked_until``), wait for a slot (``backlogged``), or be ready.
- spilled, in the store alone: ``recipient.spilled`` (see ``spill``).
- HELD on its handset (``mo.outbox``) or SCHEDULED (a timer), or on its way: in no queue at all, but counted
  (``elsewhere``).

``queued`` counts all of them, each once, and ``octets`` what their texts and TLVs take, those of submissions
that are deferred too. What always holds:

- Within a pair and priority the order is that of the ids. What is spilled is younger than what is in memory
  of its priority, and no more urgent than ``recipient.top_spilled``: so what comes goes behind it, unread.
- A recipient is in ``recipients`` as long as it has something waiting, and in the heap for the next thing
  that can happen to it by itself. ``discard`` cuts the ring between it and its lanes.
- ``close`` gives the final state and hands the message to the commit. From then on it is in no lane, but
  still in the index, so that nobody takes its row, which shows it waiting until the commit, for a spilled
  message.
- Each loop ends at most AT_ONCE messages of one recipient, and leaves the rest due at once.
"""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import EXPIRED, FOREVER, Message
from smsc.delivery.recipient import Lane, Recipient
from smsc.delivery.timers import Timers
from smsc.engine.journal.commit import Commit
from smsc.engine.mt.elsewhere import Elsewhere
from smsc.engine.mt.spill import GRAIN, HEAD, Fetch, Look, Spill

AT_ONCE = 256  # of one recipient, in one turn of the loop: messages that end, lanes that begin to wait
_LONG_LOOK = 1_000  # lanes, or messages of a lane whose ends are in no order


class Queues:
    """The recipients with something waiting.

    ``queued`` counts the messages that have no final state yet, held and scheduled ones too; ``in_flight``
    those that wait for a deliver_sm_resp.
    """

    __slots__ = (
        "commit",
        "elsewhere",
        "in_flight",
        "now",
        "octets",
        "queued",
        "recipients",
        "spill",
        "timers",
    )

    def __init__(self, commit: Commit, timers: Timers, spill: Spill) -> None:
        self.recipients: dict[int, Recipient] = {}
        self.commit = commit
        self.timers = timers
        self.spill = spill
        self.elsewhere = Elsewhere()
        self.now = 0
        self.queued = 0
        self.octets = 0
        self.in_flight = 0

    def count_in(self, message: Message) -> None:
        """One more has no final state yet."""
        message.octets = len(message.body) + len(message.tlvs)
        self.queued += 1
        self.octets += message.octets

    def count_out(self, message: Message) -> None:
        """One fewer."""
        self.queued -= 1
        self.octets -= message.octets

    def weigh_again(self, message: Message) -> None:
        """A message that is counted has other octets now."""
        more = len(message.body) + len(message.tlvs) - message.octets
        message.octets += more
        self.octets += more
        self.spill.weighed(message, more)

    def ended(self, message: Message) -> None:
        """The message has its final state, and the commit follows: a subclass says who hears of it."""
        raise NotImplementedError

    def pump(self, recipient: Recipient) -> None:
        """Send what may go: a subclass knows how."""
        raise NotImplementedError

    def go_on(self, recipient: Recipient) -> None:
        """Something of the recipient may go: a subclass sends it."""
        raise NotImplementedError

    def wants_more(self, recipient: Recipient) -> bool:
        """Whether memory holds too little of the queue; more when all of it is held back pair by pair."""
        if recipient.backlogged or recipient.key in self.spill.fetches:
            return False
        spare = recipient.count - recipient.in_flight
        moves = recipient.in_flight + recipient.lanes_waiting  # else only timers let anything go
        if recipient.long_texts:
            return recipient.in_flight < 2 and spare < (1 if moves else 16)
        return recipient.in_flight < 64 and spare < (32 if moves else 1024)

    def refill(self, recipient: Recipient, priority: int = 0) -> bool:
        """Have the next spilled messages of at least that priority brought into memory. True when they are
        there already; else ``pump`` follows."""
        if recipient.key in self.spill.fetches:
            return False
        fetch = self.spill.fetch(recipient, priority, self._came)
        return fetch.error is None and bool(fetch.messages)

    def _came(self, fetch: Fetch) -> None:
        """Spilled messages are in memory. It is known now how urgent the rest can be at most: what was left
        behind comes next in order."""
        recipient, found = fetch.recipient, fetch.messages
        if fetch.error is not None:
            self.timers.arm(recipient, self.now + GRAIN)
            return
        if fetch.put_off:
            self.pump(recipient)  # to wait for a slot
            return
        for message in found:
            message.pagings = min(message.pagings, recipient.pagings)
            recipient.push(message)
        if fetch.cut_short:
            recipient.top_spilled = found[len(found) - 1].priority
        else:
            recipient.top_spilled = max(0, fetch.priority - 1, fetch.put)
        recipient.long_texts = fetch.cut_short and len(found) < HEAD
        if fetch.later and recipient.pagings == fetch.pagings:
            self.pump(recipient)  # the attempt goes on that has asked for them
        elif fetch.later:
            self.go_on(recipient)

    def expire(self, recipient: Recipient) -> None:
        """End messages whose validity period is over, so many in one turn; the rest is due at once.

        What is in flight is left to its answer. Of a queue that has to be looked through, the next look is a
        moment away.
        """
        now = self.now
        if self.commit.is_heavy():
            recipient.next_expiry = now + GRAIN
            return
        nearest = FOREVER
        left = AT_ONCE
        looked = 0
        for lane in recipient.all_lanes():
            expired = lane.take_expired(now, left)
            left -= len(expired)
            for message in expired:
                recipient.took_out(message)
                self.close(recipient, message, EXPIRED, self.last_cause(recipient, message))
            nearest = min(nearest, lane.next_expiry(now))
            looked += 1 if lane.ordered else lane.size()
            if expired and recipient.lanes is not None:
                recipient.offer(lane)
                recipient.drop_empty_lane(lane)
        if looked > _LONG_LOOK and nearest > now:
            nearest = max(nearest, now + GRAIN)
        recipient.next_expiry = nearest
        if recipient.spilled:
            if left:
                self.spill.look_for_expired(recipient, now, left, self._expired)
            else:
                recipient.next_expiry = now

    def _expired(self, look: Look, expired: list[Message], again: int) -> None:
        """The validity of spilled messages is over; there may be more ``again``."""
        recipient = look.recipient
        for message in expired:
            self.close(recipient, message, EXPIRED, self.last_cause(recipient, message))
        if recipient.spilled:
            recipient.next_expiry = min(recipient.next_expiry, again)
        if look.later:
            self.timers.arm(recipient, recipient.next_expiry)
            self.go_on(recipient)

    def last_cause(self, recipient: Recipient, message: Message) -> int:
        """The error that kept the message waiting, for its receipt; else that its validity is over."""
        return message.reason or recipient.absent_reason or reasons.VALIDITY_EXPIRED

    def end(self, recipient: Recipient, lane: Lane, message: Message, state: int, cause: int) -> None:
        """The first message of a lane is done with."""
        lane.pop()
        recipient.took_out(message)
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
        message.parts = None
        message.state = state
        message.reason = cause
        message.final_at = self.now
        self.count_out(message)

    def forget_if_done(self, recipient: Recipient) -> None:
        """A recipient for whom nothing waits costs nothing."""
        if recipient.count or recipient.spilled or recipient.backlogged:
            return
        if self.recipients.get(recipient.key) is recipient:
            del self.recipients[recipient.key]
            recipient.armed = FOREVER
            self.spill.forget(recipient)
            recipient.discard()

    def clear(self) -> None:
        """Forget everything that waits."""
        for recipient in self.recipients.values():
            recipient.armed = FOREVER
            self.spill.forget(recipient)
            recipient.discard()
        self.recipients.clear()
        self.elsewhere.clear()
        self.timers.clear()
        self.queued = 0
        self.octets = 0
        self.in_flight = 0


def take_over(recipient: Recipient, message: Message) -> None:
    """What has happened to the recipient so far stands in the message's own timeline, once."""
    for entry in not_yet_told(recipient, message):
        message.take_over(entry)


def not_yet_told(recipient: Recipient, message: Message) -> list[tuple[int, str, int, object]]:
    """What of the recipient's history concerns the message and is behind what its own timeline has of it.

    Before a line of the message's own what came before is taken over, so that the order is that in which
    things happened also within one millisecond. Of what was folded the last line is kept, and found here.
    """
    log = recipient.log or []
    own = message.events or []
    since = message.submitted_at
    behind = 0  # what was found in the message's own
    first = 0
    for place, entry in enumerate(log if own else ()):
        for line in range(behind, len(own)):
            if own[line][:3] == entry[:3] and _plain(own[line][3]) == _plain(entry[3]):
                behind, first = line + 1, place + 1
                break
    if first == 0 and len(own) > HEAD:  # pushed out by lines of the message's own, which are later
        since = own[len(own) - 1][0] + 1
    return [entry for entry in log[first:] if entry[0] >= since]


def _plain(detail: object) -> object:
    return list(detail) if isinstance(detail, tuple) else detail

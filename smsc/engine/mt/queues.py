"""All that waits, recipient by recipient: into memory and out of it.

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
- ``Endings.close`` gives the final state and hands the message to the commit. From then on it is in no lane,
  but still in the index, so that nobody takes its row, which shows it waiting until the commit, for a spilled
  message.
- Each loop ends at most AT_ONCE messages of one recipient, and leaves the rest due at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from smsc import reasons
from smsc.by_number import ByNumber
from smsc.delivery.message import FOREVER, Message
from smsc.delivery.recipient import Recipient
from smsc.delivery.timers import Timers
from smsc.engine.discarded import apart, recipients_apart
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mt.elsewhere import Elsewhere
from smsc.engine.mt.spill import HEAD, Spill
from smsc.engine.rounds import Rounds

# More is read while so little is in memory: of long texts, of others, and of what only timers let go.
_FEW, _SOME, _MANY = 2, 16, 1024
AT_ONCE = 256  # of one recipient, in one turn of the loop: messages that end, lanes that begin to wait


class Queues:
    """The recipients with something waiting.

    ``queued`` counts the messages that have no final state yet, held and scheduled ones too; ``in_flight``
    those that wait for a deliver_sm_resp.
    """

    __slots__ = (
        "commit",
        "elsewhere",
        "ids",
        "in_flight",
        "now",
        "octets",
        "queued",
        "recipients",
        "rounds",
        "spill",
        "timers",
    )

    def __init__(self, commit: Commit, timers: Timers, spill: Spill, ids: IdSeries) -> None:
        self.recipients = ByNumber()
        self.commit = commit
        self.timers = timers
        self.spill = spill
        self.ids = ids
        self.elsewhere = Elsewhere()
        self.rounds = Rounds(timers)  # what concerns many recipients at once
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
        if message.bind is not None:
            message.bind.octets += more
        self.spill.weighed(message, more)

    def add(self, message: Message) -> None:
        """A message that the SMSC itself makes joins the open commit."""
        message.id = self.ids.take()
        self.count_in(message)
        self.commit.add(message)

    def take_up(self, messages: int, octets: int) -> None:
        """After a restart: so many messages wait in no queue, for a moment or on a handset; and all that wait
        have so many octets."""
        self.queued += messages
        self.octets += octets

    def wants_more(self, recipient: Recipient) -> bool:
        """Whether memory holds too little of the queue; more when all of it is held back pair by pair."""
        if recipient.backlogged or recipient.key in self.spill.fetches:
            return False
        spare = recipient.count - recipient.in_flight
        moves = recipient.in_flight + recipient.lanes_waiting  # else only timers let anything go
        if recipient.long_texts:
            return recipient.in_flight < _FEW and spare < (1 if moves else _SOME)
        return recipient.in_flight < HEAD and spare < (HEAD // 2 if moves else _MANY)

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

    def last_cause(self, recipient: Recipient, message: Message) -> int:
        """The error that kept the message waiting, for its receipt; else that its validity is over."""
        return message.reason or recipient.absent_reason or reasons.VALIDITY_EXPIRED

    def forget_if_done(self, recipient: Recipient) -> None:
        """A recipient for whom nothing waits costs nothing."""
        if recipient.count or recipient.spilled or recipient.backlogged:
            return
        if recipient.known:
            recipient.known = False
            self.recipients.drop(recipient.key)
            recipient.armed = FOREVER
            self.spill.forget(recipient)
            recipient.discard()

    def clear(self) -> tuple[Iterator[int], ...]:
        """Forget everything that waits; what this returns takes it apart."""
        recipients, self.recipients = self.recipients, ByNumber()
        self.queued = 0
        self.octets = 0
        self.in_flight = 0
        return recipients_apart(recipients), self.spill.clear(), apart(self.elsewhere.clear())


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

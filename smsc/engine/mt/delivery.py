"""To the recipient: when it can be reached, what waits for it goes out.

One message of a lane is in flight at a time. ``pump`` takes the ready lanes of a recipient, highest
priority and oldest first, and asks ``Reach`` about each: it is sent; or ends, when the cause is permanent;
or flags the recipient, which is tried again by alert or schedule (``Alerts``, ``Retry``); or waits for a
slot of its bind.

    enqueue --> ready --send--> in flight --answered--> ended --commit--> forgotten
                ^ ^ ^            |   |  |
                | | +-- a slot --+   |  +-- temporary failure: the lane is blocked until its next attempt
                | +-- put_off: the ESME's queue is full; waits for a slot once its session has rested
                +---- the session is gone, or sick and another can take it

Who owns a slot of the outbound window: the message, from ``send`` until its final state is committed, so
that what can be delivered twice after a crash is bounded by the window. A message that fails for now gives
it back at once (``slot_free``). One that is handed over leaves it to what the peer owes, a message of no
recipient that stands in the session in its place: its late answer, or the response timer, frees the slot
and does nothing else.

Between the answer and the commit the message is ended but in the index, its lane already goes on. A second
answer finds no lane with this message in flight (``Responses.lane_in_flight``) and is nothing but a slot.

``pump`` may be called for a recipient at any time: it does nothing twice. It is called when something
arrived, an answer freed a lane, a slot was freed, contact was made, or a timer fell due. Nothing else
sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from smsc import reasons
from smsc.delivery.flags import MNRR_DETACHED, MWD, absent_flag
from smsc.delivery.message import EMERGENCY_PRIORITY, ENROUTE, EXPIRED, FOREVER, UNDELIVERABLE, Message
from smsc.delivery.receipt import INTERMEDIATE
from smsc.delivery.recipient import Lane, Recipient, new_recipient
from smsc.engine.binds.bindings import (
    Bind,
)
from smsc.engine.mt.endings import Endings
from smsc.engine.mt.latency import WayDown
from smsc.engine.mt.parts import Parts
from smsc.engine.mt.queues import AT_ONCE, Queues
from smsc.engine.mt.reach import NO_ROOM, Reach
from smsc.engine.mt.retry import Retry
from smsc.engine.mt.spill import GRAIN, HEAD, Fetch, Look
from smsc.engine.mt.wire import Wire
from smsc.engine.rounds import ATTEMPT
from smsc.protocol.constants import (
    MODE_DATAGRAM,
    MODE_MASK,
    MODE_TRANSACTION,
)


class Others(Protocol):
    """The other nodes on this store."""

    def takes(self, message: Message) -> bool:
        """Whether a committed message is another node's, or about to be: it waits in the store."""


_LONG_LOOK: Final = 1_000  # lanes, or messages of a lane whose ends are in no order


class Delivery:
    """The attempts to reach the recipients of the queues.

    ``permanent`` are the reasons that end a message; ``divide`` makes the parts of a text, named by a
    reference, None for what cannot be divided; ``paced`` tells whether anything takes time on the radio.
    Here is only who is next: ``Wire`` says what an attempt is, ``Endings`` what an end means, and
    ``Responses`` what an answer does.
    """

    __slots__ = (
        "divide",
        "endings",
        "link_now",
        "nodes",
        "paced",
        "permanent",
        "queues",
        "reach",
        "retry",
        "way_down",
        "wire",
    )

    def __init__(
        self,
        queues: Queues,
        endings: Endings,
        wire: Wire,
        reach: Reach,
        retry: Retry,
        permanent: frozenset[int],
        way_down: WayDown,
        divide: Callable[[Message, int], list[bytes] | None],
        paced: bool,
        nodes: Others | None = None,
    ) -> None:
        self.queues = queues
        self.endings = endings
        self.wire = wire
        self.reach = reach
        self.retry = retry
        self.permanent = permanent
        self.link_now = 0.0
        self.nodes = nodes  # the others on the store; None where it is this server's alone
        self.paced = paced
        self.way_down = way_down
        self.divide = divide

    def pace(self, slow: bool) -> None:
        """It is known anew whether anything takes time on the radio."""
        self.paced = slow

    # --- in -------------------------------------------------------------------------------------

    def enqueue(self, message: Message) -> None:
        """A committed message joins its recipient's queue and goes out at once when it can."""
        queues = self.queues
        if self.nodes is not None and self.nodes.takes(message):
            return
        carrier = self.reach.carrier
        if carrier is not None and message.recipient > 0 and carrier.takes(message, queues.now):
            queues.elsewhere.came(message.destination)
            return
        key = message.recipient
        recipient = queues.recipients.get(key)
        if recipient is None:
            recipient = new_recipient(key)
            recipient.known = True
            queues.recipients.put(key, recipient)
        message.pagings = recipient.pagings
        if queues.commit.durable and (queues.spill.wants(recipient, message)):
            queues.spill.put(recipient, message)
            if recipient.next_expiry < recipient.armed:
                queues.timers.arm(recipient, recipient.next_expiry)
            return
        recipient.push(message)
        if recipient.flags and message.priority == 0:
            # not attempted while the subscriber is flagged, until the alert or the next step [IG]
            if recipient.next_expiry < recipient.armed:
                queues.timers.arm(recipient, recipient.next_expiry)
            if message.registered_delivery & INTERMEDIATE:
                self.endings.tell_failed(message, recipient.absent_reason)
            return
        self.pump(recipient)
        if queues.commit.durable and queues.spill.is_over():
            self.leave_to_store(recipient, message)

    def leave_to_store(self, recipient: Recipient, message: Message) -> None:
        """Memory holds too much, and the message, the youngest of its queue, did not go out: it comes back
        when it can. One of which memory knows more than the store stays."""
        lane = recipient.find(message.lane_key())
        if lane is None or message.undecided or message.notified or message.attempts:
            return
        if self.message_waits(recipient, message) and lane.remove(message):
            recipient.took_out(message)
            self.queues.spill.put(recipient, message)
            recipient.drop_empty_lane(lane)

    def message_waits(self, recipient: Recipient, message: Message) -> bool:
        """Whether the recipient's queue is still there, with the message in it."""
        return recipient.known and message.state == ENROUTE

    def take_up(self, key: int, spilled: int, expiry: int) -> None:
        """After a restart: so many messages wait in the store for a recipient that has no bind yet."""
        queues = self.queues
        recipient = new_recipient(key)
        recipient.spilled = spilled
        recipient.top_spilled = EMERGENCY_PRIORITY  # what is urgent waits in the store too, if anything is
        recipient.next_expiry = expiry
        recipient.flags = absent_flag(key) | MNRR_DETACHED | MWD
        recipient.absent_reason = reasons.ABSENT_NO_BIND
        recipient.known = True
        queues.recipients.put(key, recipient)
        queues.queued += spilled
        self.retry.plan(recipient, reasons.ABSENT_NO_BIND, queues.now)
        self.retry.rearm(recipient, queues.now)

    # --- out ------------------------------------------------------------------------------------

    def pump(self, recipient: Recipient) -> None:
        """Send what may go: one message of each lane, as long as the bind's window has room.

        What ends instead is many messages where a number is gone: after each few, others have their turn.
        """
        queues = self.queues
        now = queues.now
        done = 0
        while True:
            if done >= AT_ONCE:
                queues.timers.arm(recipient, now)
                return
            if recipient.spilled and recipient.top_spilled and recipient.lacks_urgent():
                self.refill(recipient, recipient.top_spilled)
                if recipient.key in queues.spill.fetches:
                    break  # it goes out once this has come
            lane = recipient.next_ready()
            if lane is None:
                if not recipient.spilled:
                    recipient.failing = 0
                    break
                if not queues.wants_more(recipient):
                    break
                cause = recipient.failing or self.reach.obstacle(recipient, None, now)
                if cause == NO_ROOM:
                    queues.timers.arm(recipient, recipient.next_expiry)
                    return
                if cause > 0 and cause not in self.permanent:
                    self.attempt_failed(recipient, None, cause)
                    return
                if self.refill(recipient):
                    continue
                break
            message = lane.first()
            if message is None:
                break
            if message.undecided:  # whoever decides offers the lane again
                if recipient.lanes is None:
                    break
                continue
            if message.expires_at <= now:
                cause = queues.last_cause(recipient, message)
                self.endings.end(recipient, lane, message, EXPIRED, cause)
                done += 1
                continue
            if recipient.failing:
                self.endings.end(recipient, lane, message, UNDELIVERABLE, recipient.failing)
                done += 1
                continue
            if self.paced and self.way_down.is_on_air(recipient, message, now):
                recipient.offer(lane)
                return
            cause = self.reach.obstacle(recipient, lane, now)
            if cause == 0 and (message.payload or len(message.body) > _LONGEST_TEXT):
                cause = self.fit(message, recipient.bind)
            if cause == 0:
                self.send(recipient, lane, message)
                continue
            if cause == NO_ROOM:  # of the bind that this lane goes to: another's may have some
                done += 1
                continue
            if cause in self.permanent or has_one_attempt(message):
                # a permanent error ends it
                message.attempts += 1
                self.endings.end(recipient, lane, message, UNDELIVERABLE, cause)
                done += 1
                continue
            recipient.offer(lane)
            self.attempt_failed(recipient, message, cause)
            return
        if recipient.count > recipient.in_flight and recipient.next_expiry < recipient.armed:
            queues.timers.arm(recipient, recipient.next_expiry)  # what waits behind others expires too
        queues.forget_if_done(recipient)

    def fit(self, message: Message, bind: Bind) -> int:
        """A long text goes whole to who takes it so, in parts to others; a reason why it cannot, or 0.

        The parts go one after the other, each when the one before it was accepted; what has been accepted
        is not sent again but after a restart. The reference is the same in all attempts.
        """
        if bind.takes_payload():
            message.parts = None
            return 0
        parts = message.parts
        if parts is not None and parts.body == message.body:
            return 0
        reference = message.id if parts is None else parts.reference + 1  # another text is another message
        bodies = self.divide(message, reference)
        if bodies is None:
            if len(message.body) > _LONGEST_TEXT:
                return reasons.TOO_LONG_FOR_RECEIVER
            bodies = [message.body]
        message.parts = Parts(message.body, bodies, reference)
        if len(bodies) > 1:
            message.note(self.queues.now, "divided", 0, {"parts": len(bodies)})
        return 0

    def send(self, recipient: Recipient, lane: Lane, message: Message) -> None:
        """One deliver_sm; the message keeps a slot of the window until its final state is committed."""
        queues = self.queues
        bind = recipient.bind
        recipient.set_busy(lane)
        recipient.in_flight += 1
        queues.in_flight += 1
        recipient.flags = 0
        recipient.step = 0
        recipient.air_id = 0
        message.attempts += 1
        message.sent_at = queues.now
        message.bind = bind
        bind.outstanding += 1
        bind.octets += message.octets
        self.wire.transmit(bind, message, self.link_now)

    def attempt_failed(self, recipient: Recipient, message: Message | None, cause: int) -> None:
        """The recipient is tried again later; the message that was to go out is told of."""
        self.retry.failed(recipient, cause, self.queues.now)
        if message is not None:
            self.endings.tell_failed(message, cause)

    def go_on(self, recipient: Recipient) -> None:
        """Something of the recipient may go: a lane is free again, or more has come from the store."""
        if recipient.failing or not recipient.flags:
            self.pump(recipient)
        else:
            self.queues.forget_if_done(recipient)

    # --- from the store -------------------------------------------------------------------------

    def refill(self, recipient: Recipient, priority: int = 0) -> bool:
        """Have the next spilled messages of at least that priority brought into memory. True when they are
        there already; else ``pump`` follows."""
        spill = self.queues.spill
        if recipient.key in spill.fetches:
            return False
        fetch = spill.fetch(recipient, priority, self._came)
        return fetch.error is None and bool(fetch.messages)

    def _came(self, fetch: Fetch) -> None:
        """Spilled messages are in memory. It is known now how urgent the rest can be at most: what was left
        behind comes next in order."""
        recipient, found = fetch.recipient, fetch.messages
        if fetch.error is not None:
            self.queues.timers.arm(recipient, self.queues.now + GRAIN)
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
        queues = self.queues
        now = queues.now
        if queues.commit.is_heavy():
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
                self.endings.close(recipient, message, EXPIRED, queues.last_cause(recipient, message))
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
                queues.spill.look_for_expired(recipient, now, left, self._expired)
            else:
                recipient.next_expiry = now

    def _expired(self, look: Look, expired: list[Message], again: int) -> None:
        """The validity of spilled messages is over; there may be more ``again``."""
        recipient = look.recipient
        for message in expired:
            self.endings.close(recipient, message, EXPIRED, self.queues.last_cause(recipient, message))
        if recipient.spilled:
            recipient.next_expiry = min(recipient.next_expiry, again)
        if look.later:
            self.queues.timers.arm(recipient, recipient.next_expiry)
            self.go_on(recipient)

    def slot_free(self, message: Message) -> None:
        """The message no longer occupies the window of the bind it went to."""
        bind = message.bind
        if bind is None:
            return
        message.bind = None
        bind.outstanding -= 1
        bind.octets -= message.octets
        bind.session.release(1)
        if bind.backlog:
            self.window_opened(bind)

    def window_opened(self, bind: Bind) -> None:
        """Slots are free again: serve those who wait for one, longest first."""
        while bind.has_room():
            recipient = bind.next_in_line()
            if recipient is None:
                return
            if recipient.known:
                self.pump(recipient)

    def bind_gone(self, bind: Bind) -> None:
        """Whoever waited for a slot of this bind looks for another one, some in each turn of the loop."""
        if bind.backlog:
            self.queues.rounds.begin(self._moves_on(bind), self.queues.now)

    def _moves_on(self, bind: Bind) -> Iterator[int]:
        recipient = bind.next_in_line()
        while recipient is not None:
            if recipient.known:
                self.pump(recipient)
            yield ATTEMPT
            recipient = bind.next_in_line()


_LONGEST_TEXT: Final = 254  # octets of short_message; more goes as message_payload [3.4 §5.2.22], or in parts


def has_one_attempt(message: Message) -> bool:
    """Datagram and transaction mode [SMPP 3.4 §5.2.12]."""
    return MODE_DATAGRAM <= message.esm_class & MODE_MASK <= MODE_TRANSACTION

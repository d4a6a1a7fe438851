"""The way down: when a recipient can be reached, what waits for it goes out, and what comes back decides."""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import DELIVERED, EXPIRED, UNDELIVERABLE, Message
from smsc.delivery.recipient import MNRR_DETACHED, MWD, Lane, Recipient, absent_flag
from smsc.delivery.timers import Timers
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Commit
from smsc.engine.mt.latency import WayDown
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.reach import Reach
from smsc.engine.mt.retry import Retry
from smsc.engine.mt.spill import Spill

_ENDS_AT_ONCE = 256  # of one recipient, in one turn of the loop


class Delivery(Queues):
    """The attempts to reach the recipients of the queues.

    ``permanent`` are the reasons that end a message. ``SmppDelivery`` says what an attempt, an answer and an
    end mean on the wire; here is only who is next.
    """

    __slots__ = ("link_now", "paced", "permanent", "reach", "retry", "way_down")

    def __init__(
        self,
        commit: Commit,
        timers: Timers,
        spill: Spill,
        reach: Reach,
        retry: Retry,
        permanent: frozenset[int],
    ) -> None:
        Queues.__init__(self, commit, timers, spill)
        self.reach = reach
        self.retry = retry
        self.permanent = permanent
        self.link_now = 0.0
        self.paced = False  # whether anything takes time on the radio
        self.way_down: WayDown | None = None

    # --- what a subclass does --------------------------------------------------------------------

    def transmit(self, bind: Bind, message: Message) -> None:
        """Write the deliver_sm."""
        raise NotImplementedError

    def slot_free(self, message: Message) -> None:
        """The message no longer occupies the window of the bind it went to."""
        raise NotImplementedError

    def tell_failed(self, message: Message, cause: int) -> None:
        """An attempt failed while the message stays on its way."""
        raise NotImplementedError

    # --- in -------------------------------------------------------------------------------------

    def enqueue(self, message: Message) -> None:
        """A committed message joins its recipient's queue and goes out at once when it can."""
        carrier = self.reach.carrier
        if carrier is not None and message.recipient > 0 and carrier.takes(message, self.now):
            return
        recipient = self.recipients.get(message.recipient)
        if recipient is None:
            recipient = Recipient(message.recipient)
            self.recipients[message.recipient] = recipient
        message.pagings = recipient.pagings
        if self.commit.durable and (
            self.spill.wants(recipient, message)
            # after a restart what is urgent is spilled too, and goes before what comes now
            or (recipient.spilled and self.refill(recipient, message.priority) and self.spill.cut_short)
        ):
            self.spill.put(recipient, message)
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            return
        recipient.push(message)
        if recipient.flags and message.priority == 0:
            # not attempted while the subscriber is flagged, until the alert or the next step [IG]
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            if message.registered_delivery & 0x10:
                self.tell_failed(message, recipient.absent_reason)
            return
        if not recipient.backlogged:
            self.pump(recipient)
        elif recipient.next_expiry < recipient.armed:
            self.timers.arm(recipient, recipient.next_expiry)

    def take_up(self, key: int, spilled: int, expiry: int) -> None:
        """After a restart: so many messages wait in the store for a recipient that has no bind yet."""
        recipient = Recipient(key)
        recipient.spilled = spilled
        recipient.next_expiry = expiry
        recipient.flags = absent_flag(key) | MNRR_DETACHED | MWD
        recipient.absent_reason = reasons.ABSENT_NO_BIND
        self.recipients[key] = recipient
        self.queued += spilled
        self.retry.plan(recipient, reasons.ABSENT_NO_BIND, self.now)
        self.retry.rearm(recipient, self.now)

    # --- out ------------------------------------------------------------------------------------

    def pump(self, recipient: Recipient) -> None:
        """Send what may go: one message of each lane, as long as the bind's window has room.

        What ends instead is many messages where a number is gone: after each few, others have their turn.
        """
        now = self.now
        ended = 0
        while True:
            if ended >= _ENDS_AT_ONCE:
                self.timers.arm(recipient, now)
                return
            lane = recipient.next_ready()
            if lane is None:
                if not recipient.spilled:
                    recipient.failing = 0
                    break
                if not self.wants_more(recipient):
                    break
                cause = recipient.failing or self.reach.obstacle(recipient, now)
                if cause < 0:
                    self.timers.arm(recipient, recipient.next_expiry)
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
            if message.expires_at <= now:
                self.end(recipient, lane, message, EXPIRED, self.last_cause(recipient, message))
                ended += 1
                continue
            if recipient.failing:
                self.end(recipient, lane, message, UNDELIVERABLE, recipient.failing)
                ended += 1
                continue
            if self.paced and self.way_down is not None and self.way_down.is_on_air(recipient, message, now):
                recipient.offer(lane)
                return
            cause = self.reach.obstacle(recipient, now)
            if cause == 0 and len(message.body) > 254 and not recipient.bind.takes_payload():
                cause = reasons.TOO_LONG_FOR_RECEIVER
            if cause == 0:
                self.send(recipient, lane, message)
                continue
            if cause > 0 and (cause in self.permanent or 1 <= message.esm_class & 3 <= 2):
                # a permanent error ends it; datagram and transaction have one attempt [SMPP 3.4 §5.2.12]
                message.attempts += 1
                self.end(recipient, lane, message, UNDELIVERABLE, cause)
                ended += 1
                continue
            recipient.offer(lane)
            if cause > 0:
                self.attempt_failed(recipient, message, cause)
            else:
                self.timers.arm(recipient, recipient.next_expiry)
            return
        if recipient.count > recipient.in_flight and recipient.next_expiry < recipient.armed:
            self.timers.arm(recipient, recipient.next_expiry)  # what waits behind others expires all the same
        self.forget_if_done(recipient)

    def send(self, recipient: Recipient, lane: Lane, message: Message) -> None:
        """One deliver_sm; the message keeps a slot of the window until its final state is committed."""
        bind = recipient.bind
        recipient.set_busy(lane)
        recipient.in_flight += 1
        self.in_flight += 1
        recipient.flags = 0
        recipient.step = 0
        recipient.air_id = 0
        message.attempts += 1
        message.sent_at = self.now
        message.bind = bind
        bind.outstanding += 1
        self.transmit(bind, message)

    def attempt_failed(self, recipient: Recipient, message: Message | None, cause: int) -> None:
        """The recipient is tried again later; the message that was to go out is told of."""
        self.retry.failed(recipient, cause, self.now)
        if message is not None:
            self.tell_failed(message, cause)

    def window_opened(self, bind: Bind) -> None:
        """Slots are free again: serve those who wait for one, longest first."""
        while bind.has_room():
            recipient = bind.next_in_line()
            if recipient is None:
                return
            if self.recipients.get(recipient.key) is recipient:
                self.pump(recipient)

    def bind_gone(self, bind: Bind) -> None:
        """Whoever waited for a slot of this bind looks for another one."""
        while True:
            recipient = bind.next_in_line()
            if recipient is None:
                return
            if self.recipients.get(recipient.key) is recipient:
                self.pump(recipient)

    # --- answers --------------------------------------------------------------------------------

    def taken_back(self, message: Message) -> Lane | None:
        """The lane of a message in flight, which is so no longer; None when the message was forgotten."""
        recipient = self.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if recipient is None or lane is None or not lane.busy or lane.first() is not message:
            self.slot_free(message)
            return None
        recipient.set_free(lane)
        recipient.in_flight -= 1
        self.in_flight -= 1
        return lane

    def answered(self, message: Message, status: int) -> None:
        """deliver_sm_resp: 0 done, 0x64 later, 0x65 nothing more, others only this one [3.4 §5.1.3]."""
        lane = self.taken_back(message)
        if lane is None:
            return
        recipient = lane.recipient
        if status == 0:
            self.end(recipient, lane, message, DELIVERED, 0)
        elif status in _LATER:
            self.postpone(recipient, lane, message, _LATER[status])
        else:
            cause = reasons.MS_PERMANENT if status == 0x65 else reasons.MS_REJECTED
            self.end(recipient, lane, message, UNDELIVERABLE, cause)
            if cause == reasons.MS_PERMANENT:  # nor will anything else that is queued for it arrive
                recipient.failing = cause
        if recipient.failing or (not recipient.backlogged and not recipient.flags):
            self.pump(recipient)
        else:
            self.forget_if_done(recipient)

    def unanswered(self, message: Message, cause: int) -> None:
        """The bind went away, or the answer never came: the message stays first in its lane."""
        lane = self.taken_back(message)
        if lane is None:
            return
        recipient = lane.recipient
        if cause == reasons.NO_RESPONSE:
            self.postpone(recipient, lane, message, cause)
        else:
            self.slot_free(message)
            message.note(self.now, "unanswered", cause)
            recipient.offer(lane)
            self.expect_end(recipient, message)

    def expect_end(self, recipient: Recipient, message: Message) -> None:
        """The end of a message back from its flight counts again; it may have passed meanwhile."""
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.timers.arm(recipient, recipient.next_expiry)

    def postpone(self, recipient: Recipient, lane: Lane, message: Message, cause: int) -> None:
        """A temporary failure of one message holds back its pair, not the recipient."""
        self.slot_free(message)
        if 1 <= message.esm_class & 3 <= 2:
            self.end(recipient, lane, message, UNDELIVERABLE, cause)
            return
        due = self.retry.postponed(message, cause, self.now)
        message.reason = cause
        message.note(self.now, "attempt_failed", cause, (due, None, 0))
        recipient.block(lane, due)
        self.expect_end(recipient, message)
        self.retry.rearm(recipient, self.now)
        self.tell_failed(message, cause)


# Answers that ask for another attempt: temporary error, throttled, queue full, system error.
_LATER = dict.fromkeys((0x64, 0x58, 0x14, 0x08), reasons.MS_TEMPORARY)

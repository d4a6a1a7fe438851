"""The way down: when a recipient can be reached, what waits for it goes out, and what comes back decides.

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
answer finds no lane with this message in flight (``lane_in_flight``) and is nothing but a slot.

``pump`` may be called for a recipient at any time: it does nothing twice. It is called when something
arrived, an answer freed a lane, a slot was freed, contact was made, or a timer fell due. Nothing else
sends.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Final

from smsc import reasons
from smsc.delivery.message import DELIVERED, EMERGENCY_PRIORITY, ENROUTE, EXPIRED, UNDELIVERABLE, Message
from smsc.delivery.receipt import INTERMEDIATE
from smsc.delivery.recipient import MNRR_DETACHED, MWD, Lane, Recipient, absent_flag
from smsc.delivery.timers import Timers
from smsc.engine.binds.bindings import (
    NACKED,
    NOT_READING,
    REFUSED,
    RESTING,
    UNANSWERED,
    WHY_SICK,
    Bind,
)
from smsc.engine.journal.commit import Commit
from smsc.engine.mt.latency import WayDown
from smsc.engine.mt.parts import Parts
from smsc.engine.mt.queues import AT_ONCE, Queues, take_over
from smsc.engine.mt.reach import NO_ROOM, Reach
from smsc.engine.mt.retry import Retry
from smsc.engine.mt.spill import Spill
from smsc.protocol.constants import (
    ESME_RMSGQFUL,
    ESME_ROK,
    ESME_RSYSERR,
    ESME_RTHROTTLED,
    ESME_RX_P_APPN,
    ESME_RX_T_APPN,
    MODE_DATAGRAM,
    MODE_MASK,
    MODE_TRANSACTION,
)


class Delivery(Queues):
    """The attempts to reach the recipients of the queues.

    ``permanent`` are the reasons that end a message. ``SmppDelivery`` says what an attempt, an answer and an
    end mean on the wire; here is only who is next.
    """

    __slots__ = ("divide", "link_now", "paced", "permanent", "reach", "resting", "retry", "tell", "way_down")

    def __init__(
        self,
        commit: Commit,
        timers: Timers,
        spill: Spill,
        reach: Reach,
        retry: Retry,
        permanent: frozenset[int],
        way_down: WayDown,
        tell: Callable[[str, dict[str, Any]], None],
    ) -> None:
        Queues.__init__(self, commit, timers, spill)
        self.reach = reach
        self.retry = retry
        self.permanent = permanent
        self.tell = tell
        self.resting = 0  # binds whose queue is full, and that are given nothing for about a second
        self.link_now = 0.0
        self.paced = False  # whether anything takes time on the radio
        self.way_down = way_down
        self.divide: Callable[[Message, int], list[bytes] | None] = _divides_nothing

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
            self.elsewhere.came(message.destination)
            return
        recipient = self.recipients.get(message.recipient)
        if recipient is None:
            recipient = Recipient(message.recipient)
            self.recipients[message.recipient] = recipient
        message.pagings = recipient.pagings
        if self.commit.durable and (self.spill.wants(recipient, message)):
            self.spill.put(recipient, message)
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            return
        recipient.push(message)
        if recipient.flags and message.priority == 0:
            # not attempted while the subscriber is flagged, until the alert or the next step [IG]
            if recipient.next_expiry < recipient.armed:
                self.timers.arm(recipient, recipient.next_expiry)
            if message.registered_delivery & INTERMEDIATE:
                self.tell_failed(message, recipient.absent_reason)
            return
        self.pump(recipient)
        if self.commit.durable and self.spill.is_over():
            self.leave_to_store(recipient, message)

    def leave_to_store(self, recipient: Recipient, message: Message) -> None:
        """Memory holds too much, and the message, the youngest of its queue, did not go out: it comes back
        when it can. One of which memory knows more than the store stays."""
        lane = recipient.find(message.lane_key())
        if lane is None or message.undecided or message.notified or message.attempts:
            return
        if self.message_waits(recipient, message) and lane.remove(message):
            recipient.took_out(message)
            self.spill.put(recipient, message)
            recipient.drop_empty_lane(lane)

    def message_waits(self, recipient: Recipient, message: Message) -> bool:
        """Whether the recipient's queue is still there, with the message in it."""
        return self.recipients.get(recipient.key) is recipient and message.state == ENROUTE

    def take_up(self, key: int, spilled: int, expiry: int) -> None:
        """After a restart: so many messages wait in the store for a recipient that has no bind yet."""
        recipient = Recipient(key)
        recipient.spilled = spilled
        recipient.top_spilled = EMERGENCY_PRIORITY  # what is urgent waits in the store too, if anything is
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
        done = 0
        while True:
            if done >= AT_ONCE:
                self.timers.arm(recipient, now)
                return
            if recipient.spilled and recipient.top_spilled and recipient.lacks_urgent():
                self.refill(recipient, recipient.top_spilled)
                if recipient.key in self.spill.fetches:
                    break  # it goes out once this has come
            lane = recipient.next_ready()
            if lane is None:
                if not recipient.spilled:
                    recipient.failing = 0
                    break
                if not self.wants_more(recipient):
                    break
                cause = recipient.failing or self.reach.obstacle(recipient, None, now)
                if cause == NO_ROOM:
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
            if message.undecided:  # whoever decides offers the lane again
                if recipient.lanes is None:
                    break
                continue
            if message.expires_at <= now:
                self.end(recipient, lane, message, EXPIRED, self.last_cause(recipient, message))
                done += 1
                continue
            if recipient.failing:
                self.end(recipient, lane, message, UNDELIVERABLE, recipient.failing)
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
                self.end(recipient, lane, message, UNDELIVERABLE, cause)
                done += 1
                continue
            recipient.offer(lane)
            self.attempt_failed(recipient, message, cause)
            return
        if recipient.count > recipient.in_flight and recipient.next_expiry < recipient.armed:
            self.timers.arm(recipient, recipient.next_expiry)  # what waits behind others expires all the same
        self.forget_if_done(recipient)

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
            message.note(self.now, "divided", 0, {"parts": len(bodies)})
        return 0

    def next_part(self, recipient: Recipient, lane: Lane, message: Message) -> None:
        """A part was accepted, and it was not the last: the next one goes as soon as there is a slot."""
        message.parts.accepted += 1
        message.attempts -= 1
        message.sent_at = 0
        self.slot_free(message)
        recipient.offer(lane)
        self.expect_end(recipient, message)

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
        """Whoever waited for a slot of this bind looks for another one, some now and the rest when due."""
        for count in itertools.count():
            recipient = bind.next_in_line()
            if recipient is None:
                break
            if self.recipients.get(recipient.key) is not recipient:
                continue
            if count < AT_ONCE:
                self.pump(recipient)
            else:
                self.timers.arm(recipient, self.now)

    # --- answers --------------------------------------------------------------------------------

    def taken_back(self, message: Message) -> Lane | None:
        """The lane of a message in flight, which is so no longer; None when the message was forgotten."""
        lane = self.lane_in_flight(message)
        if lane is None:
            self.slot_free(message)
            return None
        self.set_free(lane.recipient, lane)
        return lane

    def lane_in_flight(self, message: Message) -> Lane | None:
        """The lane whose message in flight this is; None when it was forgotten, or was handed over."""
        recipient = self.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if lane is None or not lane.busy or lane.first() is not message:
            return None
        return lane

    def set_free(self, recipient: Recipient, lane: Lane) -> None:
        """The lane's message is in flight no longer."""
        recipient.set_free(lane)
        recipient.in_flight -= 1
        self.in_flight -= 1

    def answered(self, message: Message, status: int) -> None:
        """deliver_sm_resp: 0 done, 0x64 later, 0x65 nothing more, others only this one [3.4 §5.1.3]."""
        bind = message.bind
        lane = self.taken_back(message)
        if lane is None:
            return
        recipient = lane.recipient
        if status == ESME_ROK:
            if message.parts is not None and message.parts.has_more():
                self.next_part(recipient, lane, message)
            else:
                self.end(recipient, lane, message, DELIVERED, 0)
        elif status in _QUEUE_FULL and bind is not None and bind.number == 0:
            self.put_off(recipient, lane, message, status)
        elif status in _LATER:
            self.postpone(recipient, lane, message, reasons.MS_TEMPORARY, status)
            if message.attempts > 1 and bind is not None:
                self.fall_sick(bind, REFUSED)
        else:
            cause = reasons.MS_PERMANENT if status == ESME_RX_P_APPN else reasons.MS_REJECTED
            told = {"command_status": f"0x{status:02X}"}
            self.note_failed(recipient, message, "turned_away", cause, told)
            self.end(recipient, lane, message, UNDELIVERABLE, cause)
            if cause == reasons.MS_PERMANENT:  # nor will anything else that is queued for it arrive
                recipient.failing = cause
        self.go_on(recipient)

    def go_on(self, recipient: Recipient) -> None:
        """One of the recipient's lanes is free again."""
        if recipient.failing or not recipient.flags:
            self.pump(recipient)
        else:
            self.forget_if_done(recipient)

    def put_off(self, recipient: Recipient, lane: Lane, message: Message, status: int) -> None:
        """An ESME whose queue is full: not the message's failure, but flow control of the session.

        The session rests about a second of real time, and its window is half of what it was; then the message
        is first among those who wait for a slot.
        """
        bind = message.bind
        if bind.session.rest(self.link_now):
            bind.halted |= RESTING
            self.resting += 1
            bind.note(self.now, "queue_full", f"0x{status:02X}: the window is {bind.session.window_out} now")
        self.slot_free(message)
        message.attempts -= 1
        message.sent_at = 0
        if recipient.log is not None:
            take_over(recipient, message)
        note_put_off(message, self.now, status)
        bind.wait_for_window(lane)
        self.expect_end(recipient, message)

    def resumed(self, bind: Bind) -> None:
        """A session has rested."""
        if bind.halted & RESTING:
            bind.halted &= ~RESTING
            self.resting -= 1
            self.window_opened(bind)

    def nacked(self, message: Message, status: int) -> None:
        """generic_nack instead of deliver_sm_resp; one without an error says nothing of the message."""
        if status != ESME_ROK:
            self.answered(message, status)
            return
        bind = message.bind
        lane = self.taken_back(message)
        if lane is not None:
            recipient = lane.recipient
            self.postpone(recipient, lane, message, reasons.MS_TEMPORARY, status)
            if bind is not None:
                self.fall_sick(bind, NACKED)
            self.go_on(recipient)

    # --- sick binds -----------------------------------------------------------------------------

    def fall_sick(self, bind: Bind, why: int) -> None:
        """A bind does not do its part: while another can take that, it does."""
        if not bind.sick & why:
            bind.sick |= why
            bind.sick_since = bind.sick_since or self.now
            self._tell_health(bind, "sick", WHY_SICK[why])
        self.relieve(bind)

    def recover(self, bind: Bind, cured: int) -> None:
        """It does again; then it can take what the sick ones beside it hold."""
        if not bind.sick & cured:
            return
        bind.sick &= ~cured
        if not bind.sick:
            bind.sick_since = 0
            self._tell_health(bind, "well", "it answers" if cured & ~NOT_READING else "it reads")
            self.joined(bind)

    def joined(self, bind: Bind) -> None:
        """A bind that is well receives: it takes over from those beside it that are not."""
        if bind.shares:
            for other in list(self.reach.bindings.beside(bind)):
                if other.sick:
                    self.relieve(other)

    def relieve(self, bind: Bind) -> None:
        """What a sick bind holds goes to another one, if there is one that can take it.

        A bind that answers, or is slow to read, keeps what was sent to it; else that would be sent twice.
        """
        if bind.shares and self.reach.bindings.can_stand_in(bind):
            if bind.sick & UNANSWERED:
                self.hand_over(bind)
            self.bind_gone(bind)

    def _tell_health(self, bind: Bind, event: str, because: str) -> None:
        bind.note(self.now, event, because)
        self.tell(
            f"session.{event}", {"id": bind.id, "system_id": bind.account.system_id, "because": because}
        )

    def hand_over(self, bind: Bind) -> None:
        """What was sent to a bind goes to another. The late answers of the first count no more.

        The peer still owes them: each keeps its slot of the window until it comes, or its time is over.
        """
        for sequence, message in list(bind.session.in_flight.items()):
            if type(message) is not Message or has_one_attempt(message):
                continue
            lane = self.lane_in_flight(message)
            if lane is None:
                continue
            owed = Message()
            owed.bind = bind
            bind.session.in_flight[sequence] = owed
            recipient = lane.recipient
            self.set_free(recipient, lane)
            message.bind = None
            self.note_failed(recipient, message, "moved", reasons.NO_RESPONSE, {"from_session": bind.id})
            recipient.offer(lane)
            self.expect_end(recipient, message)
            self.go_on(recipient)

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
            self.note_failed(recipient, message, "unanswered", cause)
            recipient.offer(lane)
            self.expect_end(recipient, message)

    def expect_end(self, recipient: Recipient, message: Message) -> None:
        """The end of a message back from its flight counts again; it may have passed meanwhile."""
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.timers.arm(recipient, recipient.next_expiry)

    def note_failed(
        self, recipient: Recipient, message: Message, event: str, cause: int, detail: object = None
    ) -> None:
        """The attempt under way is history now: that it was made, and what became of it."""
        take_over(recipient, message)
        message.note(message.sent_at, "sent")
        message.sent_at = 0
        message.note(self.now, event, cause, detail)

    def postpone(
        self, recipient: Recipient, lane: Lane, message: Message, cause: int, status: int = 0
    ) -> None:
        """A temporary failure of one message holds back its pair, not the recipient."""
        self.slot_free(message)
        if has_one_attempt(message):
            self.end(recipient, lane, message, UNDELIVERABLE, cause)
            return
        due = self.retry.postponed(message, cause, self.now)
        message.reason = cause
        self.note_failed(recipient, message, "attempt_failed", cause, (due, None, 0, status))
        recipient.block(lane, due)
        self.expect_end(recipient, message)
        self.retry.rearm(recipient, self.now)
        self.tell_failed(message, cause)


_LONGEST_TEXT: Final = 254  # octets of short_message; more goes as message_payload [3.4 §5.2.22], or in parts

# Answers that ask for another attempt; those of a full queue are an ESME's way to say "slower".
_QUEUE_FULL: Final = frozenset((ESME_RTHROTTLED, ESME_RMSGQFUL))
_LATER: Final = _QUEUE_FULL | {ESME_RX_T_APPN, ESME_RSYSERR}


def _divides_nothing(message: Message, reference: int) -> None:
    """Until the engine says how."""


def has_one_attempt(message: Message) -> bool:
    """Datagram and transaction mode [SMPP 3.4 §5.2.12]."""
    return MODE_DATAGRAM <= message.esm_class & MODE_MASK <= MODE_TRANSACTION


def note_put_off(message: Message, now: int, status: int) -> None:
    """One line for a run of answers that the queue is full: when it began, what was said last, how often."""
    detail = {"command_status": f"0x{status:02X}", "times": 1}
    if message.events:
        _, event, _, before = message.events[len(message.events) - 1]
        if event == "put_off" and isinstance(before, dict):
            before.update(detail, times=before["times"] + 1)
            return
    message.note(now, "put_off", reasons.MS_TEMPORARY, detail)

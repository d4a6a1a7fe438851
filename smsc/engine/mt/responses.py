"""What comes back decides: deliver_sm_resp, generic_nack, or nothing at all; and what it says of the bind.

The answer of a message frees its lane, and ends the message, or holds its pair back until the next attempt.
A bind that does not do its part is sick: while another can take that, it does.
"""

from __future__ import annotations

from typing import Final

from smsc import reasons
from smsc.delivery.message import DELIVERED, UNDELIVERABLE, Message
from smsc.delivery.recipient import Lane, Recipient
from smsc.engine.binds.bindings import (
    NACKED,
    NOT_READING,
    REFUSED,
    RESTING,
    UNANSWERED,
    WHY_SICK,
    Bind,
    Bindings,
)
from smsc.engine.mt.delivery import Delivery, has_one_attempt
from smsc.engine.mt.endings import Endings
from smsc.engine.mt.queues import Queues, take_over
from smsc.engine.watchers import Watchers
from smsc.protocol.constants import (
    ESME_RMSGQFUL,
    ESME_ROK,
    ESME_RSYSERR,
    ESME_RTHROTTLED,
    ESME_RX_P_APPN,
    ESME_RX_T_APPN,
)
from smsc.protocol.pdu.submit import Acks

# Answers that ask for another attempt; those of a full queue are an ESME's way to say "slower".
_QUEUE_FULL: Final = frozenset((ESME_RTHROTTLED, ESME_RMSGQFUL))
_LATER: Final = _QUEUE_FULL | {ESME_RX_T_APPN, ESME_RSYSERR}


class Responses:
    """Takes what the binds answer to deliveries."""

    __slots__ = ("bindings", "delivery", "endings", "queues", "resting", "watchers")

    def __init__(
        self, delivery: Delivery, endings: Endings, queues: Queues, bindings: Bindings, watchers: Watchers
    ) -> None:
        self.delivery = delivery
        self.endings = endings
        self.queues = queues
        self.bindings = bindings
        self.watchers = watchers
        self.resting = 0  # binds whose queue is full, and that are given nothing for about a second

    def taken_back(self, message: Message) -> Lane | None:
        """The lane of a message in flight, which is so no longer; None when the message was forgotten."""
        lane = self.lane_in_flight(message)
        if lane is None:
            self.delivery.slot_free(message)
            return None
        self.set_free(lane.recipient, lane)
        return lane

    def lane_in_flight(self, message: Message) -> Lane | None:
        """The lane whose message in flight this is; None when it was forgotten, or was handed over."""
        recipient: Recipient | None = self.queues.recipients.get(message.recipient)
        lane = None if recipient is None else recipient.find(message.lane_key())
        if lane is None or not lane.busy or lane.first() is not message:
            return None
        return lane

    def set_free(self, recipient: Recipient, lane: Lane) -> None:
        """The lane's message is in flight no longer."""
        recipient.set_free(lane)
        recipient.in_flight -= 1
        self.queues.in_flight -= 1

    def take_acks(self, acks: Acks, bind: Bind) -> None:
        """A run of deliver_sm_resp of one bind."""
        tokens = acks.tokens
        statuses = acks.statuses
        for index in range(acks.count):
            self.answered(tokens[index], statuses[index])
        bind.unanswered = 0
        if bind.sick or bind.session.window_most:
            self.take_note(bind, statuses[: acks.count])

    def take_note(self, bind: Bind, statuses: list[int]) -> None:
        """What the answers say of a bind that is sick, or whose window has shrunk."""
        taken = statuses.count(ESME_ROK)
        bind.session.took(taken, self.delivery.link_now)
        self.recover(bind, UNANSWERED | REFUSED | NACKED if taken else UNANSWERED)
        if bind.backlog:
            self.delivery.window_opened(bind)

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
                self.endings.end(recipient, lane, message, DELIVERED, 0)
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
            self.endings.end(recipient, lane, message, UNDELIVERABLE, cause)
            if cause == reasons.MS_PERMANENT:  # nor will anything else that is queued for it arrive
                recipient.failing = cause
        self.delivery.go_on(recipient)

    def next_part(self, recipient: Recipient, lane: Lane, message: Message) -> None:
        """A part was accepted, and it was not the last: the next one goes as soon as there is a slot."""
        message.parts.accepted += 1
        message.attempts -= 1
        message.sent_at = 0
        self.delivery.slot_free(message)
        recipient.offer(lane)
        self.expect_end(recipient, message)

    def put_off(self, recipient: Recipient, lane: Lane, message: Message, status: int) -> None:
        """An ESME whose queue is full: not the message's failure, but flow control of the session.

        The session rests about a second of real time, and its window is half of what it was; then the message
        is first among those who wait for a slot.
        """
        bind = message.bind
        if bind.session.rest(self.delivery.link_now):
            bind.halted |= RESTING
            self.resting += 1
            told = f"0x{status:02X}: the window is {bind.session.window_out} now"
            bind.note(self.queues.now, "queue_full", told)
        self.delivery.slot_free(message)
        message.attempts -= 1
        message.sent_at = 0
        if recipient.log is not None:
            take_over(recipient, message)
        note_put_off(message, self.queues.now, status)
        bind.wait_for_window(lane)
        self.expect_end(recipient, message)

    def resumed(self, bind: Bind) -> None:
        """A session has rested."""
        if bind.halted & RESTING:
            bind.halted &= ~RESTING
            self.resting -= 1
            self.delivery.window_opened(bind)

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
            self.delivery.go_on(recipient)

    # --- sick binds -----------------------------------------------------------------------------

    def fall_sick(self, bind: Bind, why: int) -> None:
        """A bind does not do its part: while another can take that, it does."""
        if not bind.sick & why:
            bind.sick |= why
            bind.sick_since = bind.sick_since or self.queues.now
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
            for other in list(self.bindings.beside(bind)):
                if other.sick:
                    self.relieve(other)

    def relieve(self, bind: Bind) -> None:
        """What a sick bind holds goes to another one, if there is one that can take it.

        A bind that answers, or is slow to read, keeps what was sent to it; else that would be sent twice.
        """
        if bind.shares and self.bindings.can_stand_in(bind):
            if bind.sick & UNANSWERED:
                self.hand_over(bind)
            self.delivery.bind_gone(bind)

    def _tell_health(self, bind: Bind, event: str, because: str) -> None:
        bind.note(self.queues.now, event, because)
        self.watchers.tell(
            f"session.{event}", {"id": bind.id, "system_id": bind.account.system_id, "because": because}
        )

    def hand_over(self, bind: Bind) -> None:
        """What was sent to a bind goes to another. The late answers of the first count no more.

        The peer still owes them: each keeps its slot of the window until it comes, or its time is over.
        """
        for sequence in bind.session.in_order():
            message = bind.session.in_flight.get(sequence)
            if type(message) is not Message or has_one_attempt(message):
                continue
            lane = self.lane_in_flight(message)
            if lane is None:
                continue
            owed = Message()
            owed.bind = bind
            bind.session.in_flight.put(sequence, owed)
            recipient = lane.recipient
            self.set_free(recipient, lane)
            message.bind = None
            self.note_failed(recipient, message, "moved", reasons.NO_RESPONSE, {"from_session": bind.id})
            recipient.offer(lane)
            self.expect_end(recipient, message)
            self.delivery.go_on(recipient)

    def unanswered(self, message: Message, cause: int) -> None:
        """The bind went away, or the answer never came: the message stays first in its lane."""
        lane = self.taken_back(message)
        if lane is None:
            return
        recipient = lane.recipient
        if cause == reasons.NO_RESPONSE:
            self.postpone(recipient, lane, message, cause)
        else:
            self.delivery.slot_free(message)
            self.note_failed(recipient, message, "unanswered", cause)
            recipient.offer(lane)
            self.expect_end(recipient, message)

    def expect_end(self, recipient: Recipient, message: Message) -> None:
        """The end of a message back from its flight counts again; it may have passed meanwhile."""
        recipient.next_expiry = min(recipient.next_expiry, message.expires_at)
        self.queues.timers.arm(recipient, recipient.next_expiry)

    def note_failed(
        self, recipient: Recipient, message: Message, event: str, cause: int, detail: object = None
    ) -> None:
        """The attempt under way is history now: that it was made, and what became of it."""
        take_over(recipient, message)
        message.note(message.sent_at, "sent")
        message.sent_at = 0
        message.note(self.queues.now, event, cause, detail)

    def postpone(
        self, recipient: Recipient, lane: Lane, message: Message, cause: int, status: int = 0
    ) -> None:
        """A temporary failure of one message holds back its pair, not the recipient."""
        self.delivery.slot_free(message)
        if has_one_attempt(message):
            self.endings.end(recipient, lane, message, UNDELIVERABLE, cause)
            return
        due = self.delivery.retry.postponed(message, cause, self.queues.now)
        message.reason = cause
        self.note_failed(recipient, message, "attempt_failed", cause, (due, None, 0, status))
        recipient.block(lane, due)
        self.expect_end(recipient, message)
        self.delivery.retry.rearm(recipient, self.queues.now)
        self.endings.tell_failed(message, cause)


def note_put_off(message: Message, now: int, status: int) -> None:
    """One line for a run of answers that the queue is full: when it began, what was said last, how often."""
    detail = {"command_status": f"0x{status:02X}", "times": 1}
    if message.events:
        _, event, _, before = message.events[len(message.events) - 1]
        if event == "put_off" and isinstance(before, dict):
            before.update(detail, times=before["times"] + 1)
            return
    message.note(now, "put_off", reasons.MS_TEMPORARY, detail)

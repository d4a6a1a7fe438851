"""The sender's side of the radio: what waits on a handset without coverage, and leaves it when there is some.

``hold`` was answered and stored, ``defer`` is answered only now; of both the SIM is looked at again.
"""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import ABSOLUTE, ENROUTE, EXPIRED, SCHEDULED, UNDELIVERABLE, Message
from smsc.engine.mo.outbox import Look, Outbox, Outboxes
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.endings import Endings
from smsc.engine.mt.queues import Queues
from smsc.engine.mt.wire import Wire


class Uplink:
    """The handsets' outboxes, and what becomes of that which leaves them."""

    def __init__(
        self,
        outboxes: Outboxes,
        submission: Submission,
        queues: Queues,
        endings: Endings,
        wire: Wire,
        validity: int,
    ) -> None:
        """``validity``: that of a message that asks for none, in ms."""
        self.outboxes = outboxes
        self.submission = submission
        self.queues = queues
        self.endings = endings
        self.wire = wire
        self.default_validity = validity

    def radio_changed(self, key: int) -> None:
        """Something about a handset's radio changed: what it holds leaves if there is coverage now."""
        self.outboxes.open(key, self.queues.now, self._left)

    def _left(self, messages: list[Message]) -> None:
        for message in messages:
            self.left_handset(message)

    def fall_due(self, box: Outbox) -> None:
        """Coverage returns, or what a handset holds expires."""
        self.radio_changed(box.key)

    def look_due(self, look: Look) -> None:
        """Radio changed for many handsets: look at the next of them."""
        self.outboxes.look_at_some(look, self.queues.now, self._left)

    def forget(self, key: int) -> None:
        """A number is erased: what a handset or gateway deferred from it or to it is refused, and gone.

        What was held is a stored message, and ends as those do.
        """
        deferred = self.outboxes.forget_deferred(lambda message: key in (message.source, message.destination))
        for message in deferred:
            self.submission.refuse(message.bind, message, reasons.ERASED)
            self.wire.mark(message.bind)

    def left_handset(self, message: Message) -> None:
        """Coverage is back for the sender: the message is submitted now, and its SIM looked at again."""
        now = self.queues.now
        if message.bind is None:
            self.queues.spill.message_index.add(message)
        message.submitted_at = now
        message.state = SCHEDULED if message.due_at > now else ENROUTE
        if message.state == ENROUTE and message.validity != ABSOLUTE:
            message.expires_at = now + (message.validity or self.default_validity)
        if message.bind is not None:
            self._answer(message, now)
        else:
            self._go_on(message, now)

    def _answer(self, message: Message, now: int) -> None:
        """Deferred: never stored, and answered now or after its commit."""
        bind = message.bind
        expired = message.expires_at <= now
        reason = reasons.INVALID_VALIDITY if expired else self.submission.resume(message)
        if reason:
            self.submission.refuse(bind, message, reason)
            self.wire.mark(bind)

    def _go_on(self, message: Message, now: int) -> None:
        """Held: it was accepted, so it ends if it cannot go on."""
        message.note(now, "left_handset")
        if message.expires_at <= now:
            message.state, message.reason = EXPIRED, reasons.NO_COVERAGE_HOLD
        elif reason := self.submission.release(message):
            message.state, message.reason = UNDELIVERABLE, reason
        if message.state in (ENROUTE, SCHEDULED):
            self.queues.commit.move_on(message)
        else:
            message.final_at = now
            self.queues.count_out(message)
            self.endings.ended(message)
            self.queues.commit.finish(message)

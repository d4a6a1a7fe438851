"""The sender's side of the radio: what waits on a handset without coverage, and leaves it when there is some.

``hold`` was answered and stored, ``defer`` is answered only now; of both the SIM is looked at again.
"""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import ABSOLUTE, ENROUTE, EXPIRED, SCHEDULED, UNDELIVERABLE, Message
from smsc.delivery.timers import Timers
from smsc.engine.journal.commit import Commit
from smsc.engine.mo.outbox import Outbox, Outboxes
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.smpp_delivery import SmppDelivery


class Uplink:
    """The handsets' outboxes, and what becomes of that which leaves them."""

    def __init__(
        self, delivery: SmppDelivery, submission: Submission, commit: Commit, timers: Timers, validity: int
    ) -> None:
        self.delivery = delivery
        self.submission = submission
        self.commit = commit
        self.default_validity = validity
        self.outboxes = Outboxes(
            submission.registry,
            timers,
            delivery.spill,
            delivery,
            commit.durable,
            self.left_handset,
            lambda: delivery.now,
        )

    def keep(self, message: Message) -> None:
        """Keep a message until its handset has radio, which may be back while the message was committed."""
        now = self.delivery.now
        self.outboxes.add(message, now)
        self.outboxes.coverage_changed(message.source, now)

    def fall_due(self, box: Outbox) -> None:
        """Coverage returns, or what a handset holds expires."""
        self.outboxes.coverage_changed(box.key, self.delivery.now)

    def forget(self, key: int) -> None:
        """A number is erased: what a handset or gateway deferred from it or to it is refused, and gone.

        What was held is a stored message, and ends as those do.
        """
        deferred = self.outboxes.forget_deferred(lambda message: key in (message.source, message.destination))
        for message in deferred:
            self.submission.refuse(message.bind, message, reasons.ERASED)
            self.delivery.mark(message.bind)

    def left_handset(self, message: Message) -> None:
        """Coverage is back for the sender: the message is submitted now, and its SIM looked at again."""
        now = self.delivery.now
        if message.bind is None:
            self.delivery.spill.message_index.add(message)
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
            self.delivery.mark(bind)

    def _go_on(self, message: Message, now: int) -> None:
        """Held: it was accepted, so it ends if it cannot go on."""
        message.note(now, "left_handset")
        if message.expires_at <= now:
            message.state, message.reason = EXPIRED, reasons.NO_COVERAGE_HOLD
        elif reason := self.submission.release(message):
            message.state, message.reason = UNDELIVERABLE, reason
        if message.state in (ENROUTE, SCHEDULED):
            self.commit.move_on(message)
        else:
            message.final_at = now
            self.delivery.count_out(message)
            self.delivery.ended(message)
            self.commit.finish(message)

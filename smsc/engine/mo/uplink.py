"""The sender's side of the radio: what waits on a handset without coverage, and leaves it when there is some.

``hold`` was answered and stored, ``defer`` is answered only now; of both the SIM is looked at again.
"""

from __future__ import annotations

from smsc import reasons
from smsc.delivery.message import ABSOLUTE, ENROUTE, EXPIRED, SCHEDULED, UNDELIVERABLE, Message
from smsc.delivery.timers import Timers
from smsc.engine.journal.commit import Commit
from smsc.engine.mo.outbox import Outbox, Outboxes
from smsc.engine.mo.submission import Intake
from smsc.engine.mt.smpp_delivery import Exchange


class Uplink:
    """The handsets' outboxes, and what becomes of that which leaves them."""

    def __init__(
        self, exchange: Exchange, intake: Intake, commit: Commit, timers: Timers, validity: int
    ) -> None:
        self.exchange = exchange
        self.intake = intake
        self.commit = commit
        self.default_validity = validity
        self.outboxes = Outboxes(intake.registry, timers, self.left_handset)

    def keep(self, message: Message) -> None:
        """Keep a message until its handset has radio, which may be back while the message was committed."""
        now = self.exchange.now
        self.outboxes.add(message, now)
        self.outboxes.coverage_changed(message.source, now)

    def fall_due(self, box: Outbox) -> None:
        """Coverage returns, or what a handset holds expires."""
        self.outboxes.coverage_changed(box.key, self.exchange.now)

    def left_handset(self, message: Message) -> None:
        """Coverage is back for the sender: the message is submitted now, and its SIM looked at again."""
        now = self.exchange.now
        message.submitted_at = now
        message.state = SCHEDULED if message.due_at > now else ENROUTE
        if message.state == ENROUTE and message.validity != ABSOLUTE:
            message.expires_at = now + (message.validity or self.default_validity)
        if message.session is not None:
            self._answer(message, now)
        else:
            self._go_on(message, now)

    def _answer(self, message: Message, now: int) -> None:
        """Deferred: never stored, and answered now or after its commit."""
        bind = message.session
        expired = message.expires_at <= now
        reason = reasons.INVALID_VALIDITY if expired else self.intake.resume(message)
        if reason:
            self.intake.refuse(bind, message.sequence, reason)
            self.exchange.mark(bind)

    def _go_on(self, message: Message, now: int) -> None:
        """Held: it was accepted, so it ends if it cannot go on."""
        message.note(now, "left_handset")
        if message.expires_at <= now:
            message.state, message.reason = EXPIRED, reasons.NO_COVERAGE_HOLD
        elif reason := self.intake.release(message):
            message.state, message.reason = UNDELIVERABLE, reason
        if message.state in (ENROUTE, SCHEDULED):
            self.commit.move_on(message)
        else:
            message.final_at = now
            self.exchange.queued -= 1
            self.exchange.ended(message)
            self.commit.finish(message)

"""What a session has to say besides messages and answers: binds, requests that are rare, its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from smsc import reasons
from smsc.clock import Clock
from smsc.delivery.message import Message
from smsc.engine.binds.authentication import Authentication
from smsc.engine.binds.bindings import UNANSWERED, Bind
from smsc.engine.journal.ids import IdSeries
from smsc.engine.mo.outbox import Outboxes
from smsc.engine.mo.requests import Requests
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.alerts import Alerts
from smsc.engine.mt.pending_flag import PendingFlags
from smsc.engine.mt.responses import Responses
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.mt.wire import Wire
from smsc.engine.nodes.nodes import Nodes
from smsc.engine.port import Port
from smsc.engine.refusals import CONNECTION, Refusals, kind_of
from smsc.engine.rounds import ATTEMPT
from smsc.protocol.constants import command_name
from smsc.protocol.sessions import events
from smsc.protocol.sessions.session import Session
from smsc.routing.accounts import indexes
from smsc.world.world import World

log = logging.getLogger("smsc.sessions")


class Turn(Protocol):
    """What is needed of the engine that is not the same for all its life."""

    clock: Clock
    port: Port

    def set_time(self, link_now: float) -> int:
        """It is now."""

    def digest(self, session: Session) -> None:
        """Do what a session's events ask for."""


class Sessions:
    """All sessions, bound or not."""

    def __init__(
        self,
        engine: Turn,
        world: World,
        ids: IdSeries,
        authentication: Authentication,
        requests: Requests,
        submission: Submission,
        responses: Responses,
        alerts: Alerts,
        pending_flags: PendingFlags,
        transactions: TransactionResponses,
        outboxes: Outboxes,
        refusals: Refusals,
        wire: Wire,
        nodes: Nodes | None,
    ) -> None:
        self.engine = engine
        self.world = world
        self.submission = submission
        self.ids = ids
        self.authentication = authentication
        self.requests = requests
        self.responses = responses
        self.alerts = alerts
        self.delivery = alerts.delivery
        self.queues = alerts.queues
        self.bindings = authentication.bindings
        self.pending_flags = pending_flags
        self.transactions = transactions
        self.outboxes = outboxes
        self.refusals = refusals
        self.watchers = refusals.watchers
        self.wire = wire
        self.nodes = nodes
        self.binds_total = 0
        self.parted: list[Callable[[Bind, str], None]] = []  # called with a bind that ends, and why

    @property
    def clock(self) -> Clock:
        return self.engine.clock

    @property
    def port(self) -> Port:
        return self.engine.port

    def take(self, session: Session, event: Any) -> None:
        """An event that does not come once a message."""
        bind = session.bind
        if isinstance(event, events.BindRequest):
            self.authentication.consider(self, session, event)
        elif isinstance(event, events.Request):
            self.requests.handle(bind, event)
        elif isinstance(event, events.Expired):
            bind.timeouts += 1
            bind.unanswered += 1
            self.responses.unanswered(event.token, reasons.NO_RESPONSE)
            if bind.unanswered >= self.world.settings.limits.unanswered:
                session.close("unanswered deliveries")
        elif isinstance(event, events.UnbindRequest):
            self.queues.commit.when_committed(lambda _: self._part(session, event))
        elif isinstance(event, events.Closed):
            self._closed(session, event)
        elif isinstance(event, events.Nacked):
            self.responses.nacked(event.token, event.status)
        elif isinstance(event, events.Late):
            self.responses.fall_sick(bind, UNANSWERED)
        elif isinstance(event, events.Resumed):
            self.responses.resumed(bind)
        elif isinstance(event, events.Refused):
            self._refused(session, event)
        elif isinstance(event, events.Tolerated) and bind is not None:
            self._tolerated(bind, event)

    def bound(self, bind: Bind) -> None:
        """A bind is complete: whoever waits for it is alerted once its answer is on its way."""
        self.binds_total += 1
        self.bindings.begin_after(self.ids.take() - 1)  # the next one's
        bind.session.congestion = self.congestion()
        self.watchers.tell("session.bound", {"id": bind.id, "system_id": bind.account.system_id})
        self._log(bind, "bound")
        if self.nodes is not None:
            self.nodes.began(bind)
        if not bind.receiving:
            return
        self.responses.joined(bind)
        if self.nodes is not None:
            self.nodes.bound(bind)
        if bind.number:
            self.alerts.contact(bind.number, "bound")
            self.pending_flags.look(bind.number)
            return
        for index in indexes(bind.account):
            self.alerts.contact(-index, "bound")
        for first, last in bind.account.ranges:
            self.alerts.contact_range(first, last, "bound")

    def lost(self, session: Session) -> None:
        """The connection is gone."""
        session.lost()
        self.engine.digest(session)

    def congestion(self) -> int:
        """How full the queue is, in percent, for the answers to 5.0 binds [5.0 §4.8.4.18]."""
        return min(100, 100 * self.queues.queued // self.submission.queue_limit)

    def tell_congestion(self) -> None:
        """Let every session know."""
        used = self.congestion()
        for bind in self.bindings:
            bind.session.congestion = used

    def _tolerated(self, bind: Bind, event: events.Tolerated) -> None:
        """Counted; the session's events tell it once, for it comes with every message of such a client."""
        bind.stray_nuls += 1
        if bind.stray_nuls == 1:
            pdu = f"{command_name(event.command_id)} {event.sequence}"
            told = f"{pdu}: 1 octet (NUL) behind short_message, left out"
            bind.note(self.clock.now(), "trailing_nul_tolerated", told)

    def _refused(self, session: Session, event: events.Refused) -> None:
        """The session has refused something by itself, bound or not."""
        bind = session.bind
        framing = reasons.FRAMING <= event.reason <= reasons.PROXY_ON_SMPP
        self.refusals.refused(
            CONNECTION if framing else kind_of(event.command_id),
            event.reason,
            event.detail,
            bind=bind,
            peer=self.port.peer(session),
            status=event.status,
            command=0 if framing else event.command_id,
            count=event.count,
        )

    def _part(self, session: Session, event: events.UnbindRequest) -> None:
        """Everything before the unbind is safe: let the peer go. The bind ends now, the connection later."""
        session.accept_unbind(event)
        if session.bind is not None:
            self.wire.mark(session.bind)
            self.engine.digest(session)

    def _closed(self, session: Session, event: events.Closed) -> None:
        """What was in flight waits for the next bind; deferred submissions are gone with the session."""
        bind = session.bind
        if event.cut_off:
            peer = self.port.peer(session)
            self.refusals.refused(CONNECTION, reasons.FRAMING, event.cut_off, bind=bind, peer=peer)
        if bind is None:
            if event.reason == "session_init":
                peer = self.port.peer(session)
                self.refusals.refused(CONNECTION, reasons.BIND_TIMEOUT, peer=peer)
            return
        self.engine.set_time(self.delivery.link_now)
        session.bind = None
        for told in self.parted:
            told(bind, event.reason)
        received = bind.receiving
        self.bindings.remove(bind)
        lost = [token for token in event.tokens if isinstance(token, Message)]
        if lost:
            self.queues.rounds.begin(self._unanswered(lost), self.queues.now)
        self.responses.resumed(bind)
        self.delivery.bind_gone(bind)
        if self.nodes is not None:
            self.nodes.ended(bind)
            if received:
                self.nodes.parted(bind)
        self.outboxes.forget_bind(bind.id)
        self.transactions.forget(bind)
        self.watchers.tell(
            "session.closed", {"id": bind.id, "system_id": bind.account.system_id, "reason": event.reason}
        )
        self._log(bind, f"closed: {event.reason}")

    def _unanswered(self, lost: list[Message]) -> Iterator[int]:
        """Messages that were in flight to a bind which is gone stay first in their lanes, and go elsewhere;
        some of them in each turn of the loop. Until its turn comes a message holds up its lane as before."""
        for message in lost:
            self.responses.unanswered(message, reasons.SESSION_LOST)
            yield ATTEMPT
        for key in dict.fromkeys(message.recipient for message in lost):
            recipient = self.queues.recipients.get(key)
            if recipient is not None:
                self.delivery.pump(recipient)
                if self.nodes is not None:
                    self.nodes.look_at(key)
            yield ATTEMPT

    def _log(self, bind: Bind, what: str) -> None:
        """A bind begins or ends: a line of the log, when there are not too many."""
        if log.isEnabledFor(logging.INFO):
            line = f"session {bind.id} of {bind.account.system_id} from {bind.peer or 'nowhere'} {what}"
            self.refusals.lines.say(log, what, line, self.delivery.link_now)

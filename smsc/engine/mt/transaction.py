"""Transaction mode: the response waits until the message's fate is known [SMPP 3.4 §5.2.12, §4.7.2]."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeAlias

from smsc import reasons
from smsc.delivery.message import DELIVERED, Message
from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.ids import shown_id
from smsc.engine.discarded import apart
from smsc.engine.refusals import SUBMIT, Refusals
from smsc.protocol.constants import ESME_RDELIVERYFAILURE
from smsc.protocol.pdu import tlv
from smsc.protocol.sessions.events import Request

Owed: TypeAlias = tuple[Bind, Request | None, int]

_UNAVAILABLE, _PERMANENT = 0, 2  # delivery_failure_reason
_ABSENT = 6  # MAP absentSubscriberSM


class Others(Protocol):
    """The other nodes on the store, of which one may owe the response."""

    def tell_fate(self, message: Message) -> None:
        """It has ended here."""


class TransactionResponses:
    """The responses that are owed."""

    def __init__(
        self,
        mark: Callable[[Bind], None],
        set_dpf: Callable[[Message, Bind], bool],
        refusals: Refusals,
        nodes: Others | None = None,
    ) -> None:
        self.mark = mark
        self.nodes = nodes  # None where the store is this server's alone
        self.refusals = refusals
        self.set_dpf = set_dpf  # leaves a delivery pending flag, and tells whether it did
        self.owed: dict[int, Owed] = {}
        self.by_bind: dict[int, dict[int, None]] = {}  # whose they are: message ids in their order

    def expect(self, message: Message, bind: Bind, request: Request | None) -> None:
        """Answer ``request``, or the submit_sm itself (None), when the message has ended."""
        self.owed[message.id] = (bind, request, message.sequence)
        self.by_bind.setdefault(bind.id, {})[message.id] = None

    def _take(self, ident: int) -> Owed | None:
        owed = self.owed.pop(ident, None)
        if owed is not None:
            of_bind = self.by_bind[owed[0].id]
            del of_bind[ident]
            if not of_bind:
                del self.by_bind[owed[0].id]
        return owed

    def known(self, message: Message) -> None:
        """The message has ended: the response leaves, if the session is still there."""
        owed = self._take(message.id)
        if owed is None:
            if self.nodes is not None:
                self.nodes.tell_fate(message)
            return
        bind, request, sequence = owed
        delivered = message.state == DELIVERED
        if request is None and delivered:
            bind.session.submit_resp(sequence, message.id)
        elif request is None:
            bind.session.submit_nack(sequence, ESME_RDELIVERYFAILURE)
        elif delivered:
            bind.session.respond_pdu(request, 0, {"message_id": shown_id(bind, message.id)})
        else:
            self._failed(message, bind, request)
        self.mark(bind)

    def _failed(self, message: Message, bind: Bind, request: Request) -> None:
        reason = reasons.REASONS[message.reason]
        pending = reason.map_error == _ABSENT and self.set_dpf(message, bind)
        tlvs = [
            tlv.integer("delivery_failure_reason", _PERMANENT if reason.permanent else _UNAVAILABLE),
            (tlv.NETWORK_ERROR_CODE, b"\x03" + reason.map_error.to_bytes(2, "big")),
            tlv.integer("dpf_result", int(pending)),
        ]
        bind.session.respond_pdu(request, ESME_RDELIVERYFAILURE, {"message_id": ""}, tlvs)

    def refuse(self, ident: int, reason: int) -> None:
        """The message never was, or is forgotten: nothing else will become known of it."""
        owed = self._take(ident)
        if owed is not None:
            self._refuse(owed, reason)

    def _refuse(self, owed: Owed, reason: int) -> None:
        bind, request, sequence = owed
        status = reasons.REASONS[reason].command_status
        note = self.refusals.refused(SUBMIT, reason, bind=bind)
        if request is None:
            bind.session.submit_nack(sequence, status, note)
        else:
            bind.session.forget(1)  # its slot of the inbound window
            bind.session.refuse(request.pdu.command_id, request.pdu.sequence, status, note.decode("ascii"))
        self.mark(bind)

    def clear(self) -> Iterator[int]:
        """Every message is forgotten: all responses leave, as what this returns goes on."""
        owed, by_bind = self.owed, self.by_bind
        self.owed, self.by_bind = {}, {}
        return self._erased(owed, by_bind)

    def _erased(self, owed: dict[int, Owed], by_bind: dict[int, dict[int, None]]) -> Iterator[int]:
        while owed:
            one = owed.popitem()[1]
            if one[0].is_open():
                self._refuse(one, reasons.ERASED)
            yield 1
        yield from apart(by_bind)

    def forget(self, bind: Bind) -> None:
        """The session is gone."""
        for ident in self.by_bind.pop(bind.id, {}):
            del self.owed[ident]

"""Requests about messages that are here already: query_sm, cancel_sm, replace_sm [SMPP 5.0 §4.5]."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from smsc import reasons
from smsc.delivery.message import (
    DELETED,
    ENROUTE,
    FOREVER,
    HELD,
    ORDINARY,
    PAYLOAD,
    SCHEDULED,
    SHORT,
    STATE_NAMES,
    WAITING,
    Message,
)
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import message_of, message_row
from smsc.engine.mo.answering import Answering, reason_of
from smsc.engine.mo.pending import AT_ONCE, BEGIN, OfPair, Pending, Place
from smsc.engine.mo.rows import put_destination, put_source
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.queues import Queues, take_over
from smsc.engine.nodes.asking import Asking, Reply, refusal
from smsc.engine.reading import unpack_text
from smsc.protocol import smpptime
from smsc.protocol.constants import CANCEL_SM, REPLACE_SM
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.pdu.tlv import MESSAGE_PAYLOAD
from smsc.protocol.sessions.events import Request
from smsc.routing.id_form import ids_of
from smsc.routing.router import EMERGENCY
from smsc.world.world import World

T = TypeVar("T")

_OTHER_SOURCE = "source_addr is not that of the message, or the message is not of this system_id"
_UNDER_WAY = "What waits of that pair is on its way."
_NOTHING = "Nothing of that pair waits."
_SHOWN_STATE = {SCHEDULED: ENROUTE, HELD: ENROUTE}  # to an ESME [SMPP 3.4 §5.2.28]
_ERROR_CODE: Final = 0xFF  # error_code has one octet [§5.2.27]


class Ancillary:
    """Answers them."""

    def __init__(
        self,
        answering: Answering,
        world: World,
        now: Callable[[], int],
        pending: Pending,
        message_index: MessageIndex,
        queues: Queues,
        submission: Submission,
        asking: Asking | None,
    ) -> None:
        """``now`` is the time on the SMSC clock; ``asking`` asks the other nodes on the store, None where it
        is this server's alone."""
        self.answering = answering
        self.world = world
        self.now = now
        self.pending = pending
        self.message_index = message_index
        self.queues = queues
        self.stored = queues.spill.stored
        self.submission = submission
        self.asking = asking

    def of_others(self) -> dict[int, Callable[[Bind, Request, Pdu], None]]:
        """What is done for ESMEs that are bound at other nodes, by command_id."""
        return {CANCEL_SM: self.cancel, REPLACE_SM: self.replace}

    def query(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """message_id and source must match [SMPP 3.4 §4.8]."""
        self._own(bind, request, reasons.QUERY_FAILED, partial(self._tell, bind, request))

    def _tell(self, bind: Bind, request: Request, message: Message) -> None:
        undecided = self.pending.is_undecided(message)
        final = message.state not in WAITING and not undecided
        cause = message.reason if final else self.pending.cause_of(message)
        fields = {
            "message_id": request.pdu.fields["message_id"],
            "final_date": self._local(message.final_at) if final else "",
            "message_state": ENROUTE if undecided else _SHOWN_STATE.get(message.state, message.state),
            "error_code": reasons.REASONS[cause].err & _ERROR_CODE,
        }
        self.answering.respond(bind, request, fields)

    def cancel(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """One message by its id, or all pending ones of a pair of addresses [SMPP 3.4 §4.9]."""
        if pdu.fields["message_id"]:
            self._own(bind, request, reasons.CANCEL_FAILED, partial(self._cancel_one, bind, request))
        else:
            self._cancel_some(bind, request, pdu, BEGIN, 0)

    def _passes_on(self, bind: Bind, request: Request, message: Message) -> bool:
        """Whether another node runs the message, and alone may change it; then that one is asked."""
        asking = self.asking
        if asking is None or not asking.is_elsewhere(message):
            return False
        asking.pass_on(self.answering, bind, request, message)
        return True

    def _cancel_one(self, bind: Bind, request: Request, message: Message) -> None:
        if self._passes_on(bind, request, message):
            return
        if self._cancel(message):
            self.answering.respond_when_safe(bind, request)
        else:
            self.answering.refuse(bind, request, reasons.CANCEL_FAILED, _is_gone(message))

    def _cancel(self, message: Message) -> bool:
        return self.pending.withdraw(message, DELETED, reasons.CANCELLED)

    def _end_cancel(self, bind: Bind, request: Request, so_far: int, error: BaseException | None) -> None:
        """The last group of a pair: what is answered with an error has not happened."""
        if error is None:
            self.answering.respond(bind, request)
        elif so_far:
            bind.note(self.now(), "cancelled_in_part", f"{so_far} of a pair; {error}")
            self.answering.respond(bind, request)
        else:
            self.answering.refuse(bind, request, reason_of(error))
        self.answering.mark(bind)

    def _cancel_some(self, bind: Bind, request: Request, pdu: Pdu, after: Place, so_far: int) -> None:
        """Cancel so many of a pair that the loop is not held up, and go on when these are safe."""
        row = Submit()
        put_destination(
            row, pdu.fields["dest_addr_ton"], pdu.fields["dest_addr_npi"], pdu.fields["destination_addr"]
        )
        key = self._destination(row)
        service_type = pdu.fields["service_type"].encode("latin-1") or None
        source = self._source(bind, pdu)
        number, text = (0, source) if isinstance(source, bytes) else (source, b"")

        def found(there: OfPair) -> None:
            self._cancel_these(bind, request, pdu, there, after, so_far)

        self.pending.of_pair(number, text, key, service_type, after, self._guard(bind, request, found))

    def _cancel_these(
        self, bind: Bind, request: Request, pdu: Pdu, there: OfPair, after: Place, so_far: int
    ) -> None:
        if there.error is not None:
            self._end_cancel(bind, request, so_far, there.error)
            return
        service_type = pdu.fields["service_type"].encode("latin-1")
        cancelled = 0
        under_way = False
        for message in there.messages():
            if not self._is_own(bind, message) or service_type not in (b"", message.service_type):
                continue
            if self._cancel(message):
                cancelled += 1
            else:
                under_way = True
            if cancelled == AT_ONCE:
                break
        following = there.more or (after if cancelled == AT_ONCE else None)
        if following is None:
            why = _UNDER_WAY if under_way else _NOTHING
            others = [] if self.asking is None else self.asking.others(request, self._to(pdu))
            if others:
                self._cancel_elsewhere(bind, request, others, so_far, cancelled, why)
            elif so_far and cancelled == 0:
                self.answering.respond(bind, request)
            elif cancelled and not so_far:
                self.answering.respond_when_safe(bind, request)
            elif cancelled:
                self.answering.commit.when_committed(partial(self._end_cancel, bind, request, so_far))
            else:
                self.answering.refuse(bind, request, reasons.CANCEL_FAILED, why)
            return

        def on_committed(error: BaseException | None) -> None:
            if error is not None:
                self._end_cancel(bind, request, so_far, error)
                return
            more = so_far + cancelled
            self.answering.guarded(
                bind, request, lambda: self._cancel_some(bind, request, pdu, following, more)
            )
            self.answering.mark(bind)

        self.answering.commit.when_committed(on_committed)

    def _cancel_elsewhere(
        self, bind: Bind, request: Request, nodes: list[str], so_far: int, cancelled: int, why: str
    ) -> None:
        """What other nodes have of a pair, in the commit of what was ``cancelled`` last here."""
        assert self.asking is not None

        def done(replies: list[Reply], error: BaseException | None) -> None:
            if error is not None:
                self._end_cancel(bind, request, so_far, error)
            elif so_far + cancelled or any(reply.reason == 0 for reply in replies):
                self.answering.respond(bind, request)
            else:
                told = [Reply(reasons.CANCEL_FAILED, why), *replies]
                self.answering.refuse(bind, request, *refusal(told, request, _NOTHING))

        self.asking.ask(self.answering, bind, request, nodes, done)

    def replace(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """New text, times and wanted receipts for a message that still waits [SMPP 3.4 §4.10]."""
        self._own(bind, request, reasons.REPLACE_FAILED, partial(self._replace, bind, request))

    def _replace(self, bind: Bind, request: Request, message: Message) -> None:
        pdu = request.pdu
        if self._passes_on(bind, request, message):
            return
        if not self.pending.is_changeable(message):
            self.answering.refuse(bind, request, reasons.REPLACE_FAILED, _is_gone(message))
            return
        row = Submit()
        row.schedule = pdu.fields["schedule_delivery_time"].encode("latin-1")
        row.validity = pdu.fields["validity_period"].encode("latin-1")
        row.registered_delivery = pdu.fields["registered_delivery"]
        row.default_msg_id = pdu.fields["sm_default_msg_id"]
        row.body = pdu.fields["short_message"]
        scratch = Message()
        now = self.now()
        copy = message_of(message_row(self.pending.latest(message)))
        due = message.due_at if message.state != ENROUTE and message.due_at > now else None
        reason = self.submission.options.apply(row, scratch, now, bind.session.version, due)
        if reason:
            self.answering.refuse(bind, request, reason, self.submission.explain(reason, row, bind))
            return
        if row.schedule and not row.validity:
            if copy.validity:
                scratch.expires_at, scratch.validity = copy.expires_at, copy.validity
            if scratch.expires_at <= scratch.due_at:  # over before the scheduled delivery
                over = "schedule_delivery_time is after the end of the message's validity"
                self.answering.refuse(bind, request, reasons.INVALID_SCHEDULE, over)
                return
        if row.schedule:
            copy.due_at = scratch.due_at
            if copy.state == ENROUTE and copy.due_at > now:
                copy.state = SCHEDULED
        payload = dict(pdu.tlvs).get(MESSAGE_PAYLOAD)
        copy.body = row.body if payload is None else payload
        unpack_text(copy, bind.account.settings)
        copy.registered_delivery = row.registered_delivery
        if (row.validity or row.schedule) and copy.expires_at < FOREVER:
            copy.expires_at, copy.validity = scratch.expires_at, scratch.validity
        row.esm_class, row.data_coding = copy.esm_class, copy.data_coding
        row.body, row.payload, row.tlvs = copy.body, PAYLOAD if payload is not None else SHORT, copy.tlvs
        if wrong := self.submission.too_long(row, bind, copy.service == EMERGENCY):
            self.answering.refuse(bind, request, reasons.TEXT_TOO_LONG, wrong)
            return
        copy.payload = row.payload
        recipient = self.queues.recipients.get(message.recipient)
        if recipient is not None:
            take_over(recipient, copy)
        copy.note(now, "replaced")
        if self.queues.commit.is_heavy():
            self.answering.refuse(bind, request, reasons.QUEUE_FULL, "Too much waits for the store.")
        elif self.pending.replace(message, copy):
            self.answering.respond_when_safe(bind, request)
        else:
            self.answering.refuse(bind, request, reasons.REPLACE_FAILED, "The message is on its way.")

    def _refuse_unknown(self, bind: Bind, request: Request) -> None:
        detail = f"message_id is {request.pdu.fields['message_id']!r}, which is no message of this server"
        self.answering.refuse(bind, request, reasons.MESSAGE_UNKNOWN, detail)

    def _own(self, bind: Bind, request: Request, reason: int, then: Callable[[Message], None]) -> None:
        """Go on with the message that a request names; ``reason`` refuses one that is another's. At once,
        unless it has to be looked for in the store."""

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            message = messages[0] if error is None else None
            if error is not None:
                self.answering.refuse(bind, request, reason_of(error))
            elif message is None or message.kind != ORDINARY:
                self._refuse_unknown(bind, request)
            elif not self._may_see(bind, message, request.pdu):
                self.answering.refuse(bind, request, reason, _OTHER_SOURCE)
            else:
                then(message)

        ident = ids_of(bind.account).read(request.pdu.fields["message_id"])
        message = self.message_index.find(ident) if ident else None
        if message is not None or not ident:
            found([message], None)
        else:

            def told(messages: list[Message | None], error: BaseException | None) -> None:
                self._guard(bind, request, lambda _: found(messages, error))(None)

            self.stored.find([ident], told)

    def _guard(self, bind: Bind, request: Request, act: Callable[[T], None]) -> Callable[[T], None]:
        """The same act, guarded, for an answer that may come later."""

        def guarded(answer: T) -> None:
            self.answering.guarded(bind, request, lambda: act(answer))
            self.answering.mark(bind)

        return guarded

    def _may_see(self, bind: Bind, message: Message, pdu: Pdu) -> bool:
        """Whether the message is the ESME's own and has the source that the request names."""
        return self._is_own(bind, message) and self._source(bind, pdu) in (
            message.source,
            message.source_text,
        )

    @staticmethod
    def _is_own(bind: Bind, message: Message) -> bool:
        return message.account == bind.account.index if bind.account.index else message.source == bind.number

    def _source(self, bind: Bind, pdu: Pdu) -> int | bytes:
        row = Submit()
        put_source(row, pdu)
        key = self.world.router.check_source(
            bind.account, row.source_ton, row.source_npi, row.source, row.source_length, row.source_text
        )
        return row.source_text if key == 0 else key

    def _to(self, pdu: Pdu) -> int:
        """The recipient key of whom a cancel_sm of a pair names."""
        row = Submit()
        fields = pdu.fields
        put_destination(row, fields["dest_addr_ton"], fields["dest_addr_npi"], fields["destination_addr"])
        return self.pending.recipient_key(self._destination(row))

    def _destination(self, row: Submit) -> int:
        router = self.world.router
        if row.dest >= 0:
            reading = router.read(row.dest_ton, row.dest_npi, row.dest, row.dest_length)
        else:
            reading = router.read_text(row.dest_ton, row.dest_npi, row.dest_text.decode("latin-1"))
        return reading >> 8 if reading >= 0 else -1

    def _local(self, at: int) -> str:
        """A moment as SMPP writes it, in the SMSC's local time."""
        offset = self.world.offset_quarters(at)
        return smpptime.absolute(at, offset)


def _is_gone(message: Message) -> str:
    return f"The message is {STATE_NAMES[message.state]} or on its way."

"""The rarer requests of an ESME: query_sm, cancel_sm, replace_sm, data_sm, submit_multi."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

from smsc import reasons
from smsc.clock import Clock
from smsc.delivery.message import (
    DELETED,
    ENROUTE,
    FOREVER,
    ORDINARY,
    PAYLOAD,
    SCHEDULED,
    SHORT,
    STATE_NAMES,
    WAITING,
    Message,
)
from smsc.engine.binds.bindings import Bind
from smsc.engine.binds.ids import shown_id
from smsc.engine.journal.commit import Commit
from smsc.engine.journal.message_index import MessageIndex
from smsc.engine.journal.records import message_of, message_row
from smsc.engine.mo.pending import AT_ONCE, BEGIN, OfPair, Pending, Place
from smsc.engine.mo.submission import Submission
from smsc.engine.mt.queues import take_over
from smsc.engine.mt.smpp_delivery import SmppDelivery
from smsc.engine.mt.spill import Spill
from smsc.engine.mt.transaction import TransactionResponses
from smsc.engine.refusals import SUBMIT, Refusals, kind_of
from smsc.protocol import constants as c
from smsc.protocol import smpptime
from smsc.protocol.pdu import tlv
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.fields import MOST_UNSUCCESS, Destination, DistributionList, Unsuccess
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.sessions.events import Request
from smsc.routing.id_form import ids_of
from smsc.routing.router import EMERGENCY
from smsc.store.base import StoreFull
from smsc.world.world import World

log = logging.getLogger("smsc.engine")
T = TypeVar("T")

_QOS_TIME_TO_LIVE = 0x0017
_PAYLOAD = 0x0424
_OTHER_SOURCE = "source_addr is not that of the message, or the message is not of this system_id"
_SHOWN_STATE = {0: 1, 10: 1}  # scheduled and held are ENROUTE to an ESME [SMPP 3.4 §5.2.28]
_GROUP = 254  # recipients of a list that are taken in one go


class Sending:
    """A submit_multi under way: its recipients, and the status of each that has been looked at."""

    __slots__ = ("first", "statuses", "taken", "targets", "text")

    def __init__(self, targets: list[Destination], text: Submit) -> None:
        self.targets = targets
        self.text = text  # the octets that all messages share
        self.statuses: list[int] = []
        self.taken = 0  # safe in the store
        self.first = 0  # the id of the first that was taken

    def refused(self) -> list[Unsuccess]:
        """Those that were not taken, in the order of the PDU."""
        rows = zip(self.targets, self.statuses, strict=True)
        return [Unsuccess(one.ton, one.npi, one.address, status) for one, status in rows if status]


class Parts(Protocol):
    """What the requests work on: the engine has them all."""

    clock: Clock
    commit: Commit
    delivery: SmppDelivery
    message_index: MessageIndex
    pending: Pending
    refusals: Refusals
    spill: Spill
    submission: Submission
    transactions: TransactionResponses
    world: World

    def await_outcome(self, message: Message, bind: Bind, request: Request) -> None:
        """A data_sm in transaction mode: its response waits for the message's end."""


class Requests:
    """Answers what is not submit_sm."""

    def __init__(self, engine: Parts) -> None:
        self.engine = engine
        self.lists = {row.name: row.members for row in engine.world.settings.lists}
        self.handlers: dict[int, Callable[[Bind, Request, Pdu], None]] = {
            c.QUERY_SM: self.query,
            c.CANCEL_SM: self.cancel,
            c.REPLACE_SM: self.replace,
            c.DATA_SM: self.data,
            c.SUBMIT_MULTI: self.multi,
        }

    def handle(self, bind: Bind, request: Request) -> None:
        """Answer one request, now or when what it asks for is safe."""
        handler = self.handlers.get(request.pdu.command_id)
        if handler is None:
            self._refuse(bind, request, reasons.UNKNOWN_COMMAND)
        else:
            self._guarded(bind, request, lambda: handler(bind, request, request.pdu))
        self.engine.delivery.mark(bind)

    def _guarded(self, bind: Bind, request: Request, answer: Callable[[], None]) -> None:
        """Answer, or say that we could not: a fault of ours costs this one answer and nobody else's."""
        try:
            answer()
        except Exception:
            log.exception("%s of %s failed", request.pdu.name, bind.account.system_id)
            self._refuse(bind, request, reasons.SERVER_ERROR)

    def _refuse(
        self, bind: Bind, request: Request, reason: int, detail: str = "", destination: str = ""
    ) -> None:
        """Answer with the reason's status, and let all know who may."""
        session, command = bind.session, request.pdu.command_id
        status = reasons.command_status(reason, session.version)
        note = self.engine.refusals.refused(
            kind_of(command),
            reason,
            detail,
            bind=bind,
            status=status,
            command=command,
            destination=destination,
        )
        self._answer_refusal(bind, request, status, note)

    def _answer_refusal(self, bind: Bind, request: Request, status: int, note: bytes) -> None:
        told = [tlv.text("additional_status_info_text", note)] if bind.session.version >= c.V50 else None
        bind.session.respond_pdu(request, status, None, told)

    # --- messages already here ------------------------------------------------------------------

    def query(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """message_id and source must match [SMPP 3.4 §4.8]."""
        self._own(bind, request, reasons.QUERY_FAILED, partial(self._tell, bind, request))

    def _tell(self, bind: Bind, request: Request, message: Message) -> None:
        undecided = self.engine.pending.is_undecided(message)
        final = message.state not in WAITING and not undecided
        cause = message.reason if final else self.engine.pending.cause_of(message)
        fields = {
            "message_id": request.pdu.fields["message_id"],
            "final_date": self._local(message.final_at) if final else "",
            "message_state": ENROUTE if undecided else _SHOWN_STATE.get(message.state, message.state),
            "error_code": reasons.REASONS[cause].err & 0xFF,
        }
        bind.session.respond_pdu(request, 0, fields)

    def cancel(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """One message by its id, or all pending ones of a pair of addresses [SMPP 3.4 §4.9]."""
        if pdu.fields["message_id"]:
            self._own(bind, request, reasons.CANCEL_FAILED, partial(self._cancel_one, bind, request))
        else:
            self._cancel_some(bind, request, pdu, BEGIN, 0)

    def _cancel_one(self, bind: Bind, request: Request, message: Message) -> None:
        if self._cancel(message):
            self._respond_when_safe(bind, request)
        else:
            state = STATE_NAMES[message.state]
            self._refuse(bind, request, reasons.CANCEL_FAILED, f"The message is {state} or on its way.")

    def _cancel(self, message: Message) -> bool:
        return self.engine.pending.withdraw(message, DELETED, reasons.CANCELLED)

    def _end_cancel(self, bind: Bind, request: Request, so_far: int, error: BaseException | None) -> None:
        """The last group of a pair: what is answered with an error has not happened."""
        if error is None:
            bind.session.respond_pdu(request, 0)
        elif so_far:
            bind.note(self.engine.clock.now(), "cancelled_in_part", f"{so_far} of a pair; {error}")
            bind.session.respond_pdu(request, 0)
        else:
            self._refuse(bind, request, _reason_of(error))
        self.engine.delivery.mark(bind)

    def _cancel_some(self, bind: Bind, request: Request, pdu: Pdu, after: Place, so_far: int) -> None:
        """Cancel so many of a pair that the loop is not held up, and go on when these are safe."""
        row = Submit()
        _put_destination(
            row, pdu.fields["dest_addr_ton"], pdu.fields["dest_addr_npi"], pdu.fields["destination_addr"]
        )
        key = self._destination(row)
        service_type = pdu.fields["service_type"].encode("latin-1") or None
        source = self._source(bind, pdu)
        number, text = (0, source) if isinstance(source, bytes) else (source, b"")

        def found(there: OfPair) -> None:
            self._cancel_these(bind, request, pdu, there, after, so_far)

        self.engine.pending.of_pair(number, text, key, service_type, after, self._guard(bind, request, found))

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
            if so_far and cancelled == 0:
                bind.session.respond_pdu(request, 0)
            elif cancelled:
                self.engine.commit.when_committed(partial(self._end_cancel, bind, request, so_far))
            else:
                why = "What waits of that pair is on its way." if under_way else "Nothing of that pair waits."
                self._refuse(bind, request, reasons.CANCEL_FAILED, why)
            return

        def on_committed(error: BaseException | None) -> None:
            if error is not None:
                self._end_cancel(bind, request, so_far, error)
                return
            more = so_far + cancelled
            self._guarded(bind, request, lambda: self._cancel_some(bind, request, pdu, following, more))
            self.engine.delivery.mark(bind)

        self.engine.commit.when_committed(on_committed)

    def replace(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """New text, times and receipt wish for a message that still waits [SMPP 3.4 §4.10]."""
        self._own(bind, request, reasons.REPLACE_FAILED, partial(self._replace, bind, request))

    def _replace(self, bind: Bind, request: Request, message: Message) -> None:
        pdu = request.pdu
        if not self.engine.pending.is_changeable(message):
            state = STATE_NAMES[message.state]
            self._refuse(bind, request, reasons.REPLACE_FAILED, f"The message is {state} or on its way.")
            return
        row = Submit()
        row.schedule = pdu.fields["schedule_delivery_time"].encode("latin-1")
        row.validity = pdu.fields["validity_period"].encode("latin-1")
        row.registered_delivery = pdu.fields["registered_delivery"]
        row.default_msg_id = pdu.fields["sm_default_msg_id"]
        row.body = pdu.fields["short_message"]
        scratch = Message()
        now = self.engine.clock.now()
        copy = message_of(message_row(self.engine.pending.latest(message)))
        due = message.due_at if message.state != ENROUTE and message.due_at > now else None
        reason = self.engine.submission.options.apply(row, scratch, now, bind.session.version, due)
        if reason:
            self._refuse(bind, request, reason, self.engine.submission.explain(reason, row, bind))
            return
        if row.schedule and not row.validity:
            if copy.validity:
                scratch.expires_at, scratch.validity = copy.expires_at, copy.validity
            if scratch.expires_at <= scratch.due_at:  # over before the scheduled delivery
                over = "schedule_delivery_time is after the end of the message's validity"
                self._refuse(bind, request, reasons.INVALID_SCHEDULE, over)
                return
        if row.schedule:
            copy.due_at = scratch.due_at
            if copy.state == ENROUTE and copy.due_at > now:
                copy.state = SCHEDULED
        payload = dict(pdu.tlvs).get(_PAYLOAD)
        copy.body = row.body if payload is None else payload
        copy.registered_delivery = row.registered_delivery
        if (row.validity or row.schedule) and copy.expires_at < FOREVER:
            copy.expires_at, copy.validity = scratch.expires_at, scratch.validity
        row.esm_class, row.data_coding = copy.esm_class, copy.data_coding
        row.body, row.payload, row.tlvs = copy.body, PAYLOAD if payload is not None else SHORT, copy.tlvs
        too_long = self.engine.submission.too_long
        if too_long is not None and (wrong := too_long(row, bind, copy.service == EMERGENCY)):
            self._refuse(bind, request, reasons.TEXT_TOO_LONG, wrong)
            return
        copy.payload = row.payload
        recipient = self.engine.delivery.recipients.get(message.recipient)
        if recipient is not None:
            take_over(recipient, copy)
        copy.note(now, "replaced")
        if self.engine.commit.is_heavy():
            self._refuse(bind, request, reasons.QUEUE_FULL, "Too much waits for the store.")
        elif self.engine.pending.replace(message, copy):
            self._respond_when_safe(bind, request)
        else:
            self._refuse(bind, request, reasons.REPLACE_FAILED, "The message is on its way.")

    def _refuse_unknown(self, bind: Bind, request: Request) -> None:
        detail = f"message_id is {request.pdu.fields['message_id']!r}, which is no message of this server"
        self._refuse(bind, request, reasons.MESSAGE_UNKNOWN, detail)

    def _own(self, bind: Bind, request: Request, reason: int, then: Callable[[Message], None]) -> None:
        """Go on with the message that a request names; ``reason`` refuses one that is another's. At once,
        unless it has to be looked for in the store."""

        def found(messages: list[Message | None], error: BaseException | None) -> None:
            message = messages[0] if error is None else None
            if error is not None:
                self._refuse(bind, request, _reason_of(error))
            elif message is None or message.kind != ORDINARY:
                self._refuse_unknown(bind, request)
            elif not self._may_see(bind, message, request.pdu):
                self._refuse(bind, request, reason, _OTHER_SOURCE)
            else:
                then(message)

        ident = ids_of(bind.account).read(request.pdu.fields["message_id"])
        message = self.engine.message_index.find(ident) if ident else None
        if message is not None or not ident:
            found([message], None)
        else:

            def told(messages: list[Message | None], error: BaseException | None) -> None:
                self._guard(bind, request, lambda _: found(messages, error))(None)

            self.engine.spill.stored.find([ident], told)

    def _guard(self, bind: Bind, request: Request, act: Callable[[T], None]) -> Callable[[T], None]:
        """The same act, guarded, for an answer that may come later."""

        def guarded(answer: T) -> None:
            self._guarded(bind, request, lambda: act(answer))
            self.engine.delivery.mark(bind)

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
        _put_source(row, pdu)
        key = self.engine.world.router.check_source(
            bind.account, row.source_ton, row.source_npi, row.source, row.source_length, row.source_text
        )
        return row.source_text if key == 0 else key

    def _destination(self, row: Submit) -> int:
        router = self.engine.world.router
        if row.dest >= 0:
            reading = router.read(row.dest_ton, row.dest_npi, row.dest, row.dest_length)
        else:
            reading = router.read_text(row.dest_ton, row.dest_npi, row.dest_text.decode("latin-1"))
        return reading >> 8 if reading >= 0 else -1

    def _local(self, at: int) -> str:
        """A moment as SMPP writes it, in the SMSC's local time."""
        offset = self.engine.world.offset_quarters(at)
        return smpptime.absolute(at, offset)

    # --- new messages ---------------------------------------------------------------------------

    def data(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """data_sm: the text is in message_payload, the validity in qos_time_to_live [SMPP 3.4 §4.7]."""
        row = self._row(pdu)
        if row.priority == 0 and (now := self.engine.clock.now()):
            lives = dict(pdu.tlvs).get(_QOS_TIME_TO_LIVE)
            if lives is not None:
                seconds = min(int.from_bytes(lives, "big"), self.engine.world.validity_max // 1000)
                row.validity = smpptime.absolute(now + max(1, seconds) * 1000).encode("ascii")
        fields = pdu.fields
        _put_destination(row, fields["dest_addr_ton"], fields["dest_addr_npi"], fields["destination_addr"])
        reason, message = self._take(bind, row)
        if message is None:
            to, why = fields["destination_addr"], self.engine.submission.explain(reason, row, bind)
            self._refuse(bind, request, reason, why, to)
        elif message.esm_class & 3 == 2:
            self.engine.await_outcome(message, bind, request)
            self.engine.commit.when_committed(lambda error: self._not_kept(message.id, error))
        else:
            self._respond_when_safe(bind, request, {"message_id": shown_id(bind, message.id)})

    def multi(self, bind: Bind, request: Request, pdu: Pdu) -> None:
        """One message_id for all accepted recipients, and a list of those refused [SMPP 3.4 §4.5]. What is
        wrong with a field that all have in common is wrong with the PDU."""
        targets = list(self._targets(pdu))
        unknown = next((one.name for one in targets if isinstance(one, DistributionList)), None)
        if unknown is not None:
            known = ", ".join(self.lists) or "none"
            detail = f"dl_name is {unknown!r}; there are: {known} (lists)"
            self._refuse(bind, request, reasons.DISTRIBUTION_LIST_UNKNOWN, detail)
            return
        row = self._row(pdu)
        recipients = [one for one in targets if isinstance(one, Destination)]
        if reason := self._common_fault(bind, row, recipients):
            self._refuse(bind, request, reason, self.engine.submission.explain(reason, row, bind))
            return
        self._send_group(bind, request, Sending(recipients, self._row(pdu)))

    def _common_fault(self, bind: Bind, row: Submit, targets: list[Destination]) -> int:
        """A reason to refuse whatever the destination is, or 0."""
        submission = self.engine.submission
        source = self.engine.world.router.check_source(
            bind.account, row.source_ton, row.source_npi, row.source, row.source_length, row.source_text
        )
        if source < 0 and not submission.overwrite:
            return -source
        if reason := submission.options.apply(row, Message(), submission.now, bind.session.version):
            return reason
        wrong = "" if submission.too_long is None else submission.too_long(row, bind, False)
        if not wrong or bind.service == EMERGENCY or any(map(self._is_emergency, targets)):
            return 0  # an emergency takes every text; the others of the list are looked at one by one
        submission.options.wrong = wrong
        return reasons.TEXT_TOO_LONG

    def _is_emergency(self, target: Destination) -> bool:
        row = Submit()
        _put_destination(row, target.ton, target.npi, target.address)
        router = self.engine.world.router
        reading = router.read(row.dest_ton, row.dest_npi, row.dest, row.dest_length) if row.dest >= 0 else -1
        return reading >= 0 and router.route(reading >> 8, reading & 255) == EMERGENCY

    def _send_group(self, bind: Bind, request: Request, sending: Sending) -> None:
        """Take the next recipients, so many that the loop is not held up, and go on when they are safe."""
        group: list[int] = []
        for _ in range(min(_GROUP, len(sending.targets) - len(sending.statuses))):
            target = sending.targets[len(sending.statuses)]
            row = self._row(request.pdu, sending.text)
            _put_destination(row, target.ton, target.npi, target.address)
            reason, message = self._take(bind, row)
            if message is None:
                self._note(bind, request, target, reason, self.engine.submission.explain(reason, row, bind))
            else:
                sending.first = sending.first or message.id
                message.about = sending.first if sending.first != message.id else 0
                group.append(len(sending.statuses))
            sending.statuses.append(reasons.command_status(reason, bind.session.version))

        def on_committed(error: BaseException | None) -> None:
            if error is not None:
                for index in group:
                    sending.statuses[index] = reasons.REASONS[_reason_of(error)].command_status
                    self._note(bind, request, sending.targets[index], _reason_of(error))
                if not sending.taken:
                    sending.first = 0
            else:
                sending.taken += len(group)
            if len(sending.statuses) < len(sending.targets):
                self._guarded(bind, request, lambda: self._send_group(bind, request, sending))
            else:
                self._guarded(bind, request, lambda: self._end_multi(bind, request, sending))
            self.engine.delivery.mark(bind)

        if group:
            self.engine.commit.when_committed(on_committed)
        else:
            on_committed(None)

    def _note(self, bind: Bind, request: Request, to: Destination, reason: int, detail: str = "") -> None:
        """One recipient of several is refused."""
        command = request.pdu.command_id
        self.engine.refusals.refused(
            SUBMIT, reason, detail, bind=bind, command=command, destination=to.address
        )

    def _end_multi(self, bind: Bind, request: Request, sending: Sending) -> None:
        """Answer: as many of those refused as the PDU has room for, in order; the session knows the count."""
        refused = sending.refused()
        if refused:
            told = f"submit_multi: {sending.taken} taken, {len(refused)} refused"
            bind.note(self.engine.clock.now(), "recipients_refused", told)
        if not sending.taken:
            of_store = {c.ESME_RMSGQFUL, c.ESME_RSYSERR} & {one.status for one in refused}
            status = min(of_store, default=c.ESME_RSUBMITFAIL)
            note = reasons.REASONS[reasons.RECIPIENTS_REFUSED].sentence.encode("ascii")
            self._answer_refusal(bind, request, status, note)
            return
        fields = {"message_id": shown_id(bind, sending.first), "unsuccess_sme": refused[:MOST_UNSUCCESS]}
        bind.session.respond_pdu(request, 0, fields)

    def _targets(self, pdu: Pdu) -> Iterator[Destination | DistributionList]:
        """Every recipient once; an unknown list is handed on as it is."""
        seen: set[Destination] = set()
        unknown = [
            t
            for t in pdu.fields["dest_address"]
            if isinstance(t, DistributionList) and t.name not in self.lists
        ]
        yield from unknown[:1]
        for target in pdu.fields["dest_address"]:
            if isinstance(target, DistributionList):
                members = [Destination(1, 1, str(key)) for key in self.lists.get(target.name, ())]
            else:
                members = [target]
            for member in members:
                if member not in seen:
                    seen.add(member)
                    yield member

    def _row(self, pdu: Pdu, text: Submit | None = None) -> Submit:
        """A request as a submit_sm; ``text`` has its octets already, when it is one of many."""
        row = Submit()
        fields = pdu.fields
        row.service_type = fields["service_type"].encode("latin-1")
        _put_source(row, pdu)
        for name in ("esm_class", "registered_delivery", "data_coding", "protocol_id"):
            setattr(row, name, fields.get(name, 0))
        row.priority = fields.get("priority_flag", 0)
        row.default_msg_id = fields.get("sm_default_msg_id", 0)
        row.schedule = fields.get("schedule_delivery_time", "").encode("latin-1")
        row.validity = fields.get("validity_period", "").encode("latin-1")
        if text is not None:
            row.body, row.payload, row.tlvs = text.body, text.payload, text.tlvs
            return row
        payload = next((value for tag, value in pdu.tlvs if tag == _PAYLOAD), None)
        row.body = fields.get("short_message", b"") if payload is None else payload
        row.payload = PAYLOAD if payload is not None else SHORT
        row.tlvs = tlv.encode_tlvs([(tag, value) for tag, value in pdu.tlvs if tag != _PAYLOAD])
        return row

    def _take(self, bind: Bind, row: Submit) -> tuple[int, Message | None]:
        """Submit a row without an answer of its own; the reason to refuse it, or the message."""
        bind.submitted += 1
        taken = self.engine.submission.inject(row, bind)
        if isinstance(taken, int):
            return taken, None
        taken.bind = None  # answered by a response of its own kind
        return 0, taken

    def _respond_when_safe(self, bind: Bind, request: Request, fields: dict[str, Any] | None = None) -> None:
        def answer(error: BaseException | None) -> None:
            if error is not None:
                self._refuse(bind, request, _reason_of(error))
            else:
                bind.session.respond_pdu(request, 0, fields)

        def on_committed(error: BaseException | None) -> None:
            self._guarded(bind, request, lambda: answer(error))
            self.engine.delivery.mark(bind)

        self.engine.commit.when_committed(on_committed)

    def _not_kept(self, ident: int, error: BaseException | None) -> None:
        """A transaction that the store did not take has no outcome to wait for."""
        if error is not None:
            self.engine.transactions.refuse(ident, _reason_of(error))


def _reason_of(error: BaseException) -> int:
    return reasons.STORE_FULL if isinstance(error, StoreFull) else reasons.STORE_FAILED


def _put_source(row: Submit, pdu: Pdu) -> None:
    row.source_ton, row.source_npi = pdu.fields["source_addr_ton"], pdu.fields["source_addr_npi"]
    row.source, row.source_length, row.source_text = _address(pdu.fields["source_addr"])


def _put_destination(row: Submit, ton: int, npi: int, text: str) -> None:
    row.dest_ton, row.dest_npi = ton, npi
    row.dest, row.dest_length, row.dest_text = _address(text)


def _address(text: str) -> tuple[int, int, bytes]:
    """(value, length, text) as the row keeps an address."""
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text), len(text), b""
    return -1, len(text), text.encode("latin-1", "replace")

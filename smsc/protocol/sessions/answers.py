"""What is owed to the peer: the inbound window, and how its requests and messages are answered.

Compiled, with `submit`: a batch's responses are written into one buffer, without an object for each.
"""

from collections.abc import Callable, Iterable
from typing import Any

from smsc.protocol.constants import (
    ESME_RINVCMDLEN,
    GENERIC_NACK,
    ONE_WAY,
    RESPONSE,
    SUBMIT_SM,
    V34,
    V50,
    status_for,
)
from smsc.protocol.pdu import codec, tlv
from smsc.protocol.pdu.codec import Pdu
from smsc.protocol.pdu.submit import Submit, SubmitBatch, put_response
from smsc.protocol.sessions.events import Request
from smsc.protocol.sessions.framing import Framing
from smsc.protocol.sessions.limits import SessionLimits


class Answers(Framing):
    """Answers in the version that was agreed; `deferred` counts the requests that still wait for one.

    `congestion`, when not negative, is told to 5.0 peers in successes [5.0 §4.8.4.18]. `nacked` counts
    generic_nacks. `id_form`, when there is one, writes message_ids otherwise than in decimal digits.
    """

    __slots__ = (
        "congestion",
        "deferred",
        "id_form",
        "message_in",
        "nack_out",
        "nacked",
        "response_out",
        "throttle",
        "version",
        "window_in",
    )

    def __init__(self, limits: SessionLimits, now: float) -> None:
        super().__init__(limits.max_pdu, now)
        self.window_in = limits.window_in
        self.throttle = limits.throttle
        self.message_in = SUBMIT_SM
        self.response_out = RESPONSE | SUBMIT_SM
        self.nack_out = GENERIC_NACK
        self.version = V34
        self.congestion = -1
        self.id_form: Callable[[int], bytes] | None = None
        self.deferred = 0
        self.nacked = 0

    @property
    def paused(self) -> bool:
        """The inbound window is full: stop reading until responses have gone out, then ask `next_event`
        again."""
        return self.full()

    def full(self) -> bool:
        return self.deferred >= self.window_in and not self.throttle

    def respond(self, batch: SubmitBatch) -> None:
        """Answer a batch by its rows: `answer` NOW is written, LATER is owed and counts in the window, NEVER
        is not."""
        rows = batch.rows
        for i in range(batch.count):
            row: Submit = rows[i]
            if row.answer == 0:
                if row.status == 0 or len(row.note) == 0:
                    self.put_answer(row.sequence, row.status, row.message_id)
                else:
                    self.put_note(row.sequence, row.status, row.note)
            elif row.answer == 1:
                self.deferred += 1

    def submit_resp(self, sequence: int, message_id: int) -> None:
        """Answer one message that was LATER with ESME_ROK."""
        if self.deferred > 0:
            self.deferred -= 1
        self.put_answer(sequence, 0, message_id)

    def submit_nack(self, sequence: int, status: int, note: bytes = b"") -> None:
        """Answer one message that was LATER with an error; `note` becomes additional_status_info_text to a
        5.0 peer."""
        if self.deferred > 0:
            self.deferred -= 1
        if len(note):
            self.put_note(sequence, status, note)
        else:
            self.put_answer(sequence, status, 0)

    def forget(self, count: int) -> None:
        """Give slots of the inbound window back for LATER rows that will never be answered."""
        self.deferred = max(0, self.deferred - count)

    def put_answer(self, sequence: int, status: int, message_id: int) -> None:
        """The response to one message. RINVCMDLEN is said with generic_nack: the body could not be read [3.4
        §4.3.1]."""
        if self.id_form is not None and status == 0 and message_id > 0:
            self.put_formed(sequence, self.id_form(message_id))
        elif not self.ended:
            command = self.nack_out if status == 2 else self.response_out
            if status == 2:
                self.nacked += 1
            elif status >= 0x100 and self.version < 0x50:
                status = status_for(status, self.version)
            congestion = self.congestion if self.version >= 0x50 else -1
            self.reserve(48)  # RESPONSE_SIZE
            end = put_response(self.out, self.out_length, command, status, sequence, message_id, congestion)
            self.out_length = end

    def put_formed(self, sequence: int, ident: bytes) -> None:
        """The response that carries a message_id as it is written here; 8 octets are what 3.3 can carry."""
        if not self.ended:
            tlvs = b""
            if self.congestion >= 0 and self.version >= V50:
                tlvs = tlv.encode_tlvs([tlv.integer("congestion_state", self.congestion)])
            shown = ident if self.version >= V34 else ident[max(0, len(ident) - 8) :]
            self.send(codec.pdu_octets(self.response_out, 0, sequence, shown + b"\0" + tlvs))

    def put_note(self, sequence: int, status: int, note: bytes) -> None:
        """A refusal that says why, to those who may be told in a TLV of SMPP 5.0 [5.0 §4.8.4.1]."""
        if self.version < V50 or status == ESME_RINVCMDLEN:
            self.put_answer(sequence, status, 0)
            return
        tlvs = tlv.encode_tlvs([tlv.text("additional_status_info_text", note)])
        self.send(codec.pdu_octets(RESPONSE | self.message_in, status, sequence, b"\0" + tlvs))

    def respond_pdu(
        self,
        request: Request | Pdu,
        status: int,
        fields: dict[str, Any] | None = None,
        tlvs: Iterable[tuple[int, bytes]] | None = None,
    ) -> None:
        """Answer a Request. An error without fields and TLVs is its header alone [5.0 §3.2.1.3].

        TLVs that the peer's version does not know are left out; statuses it does not know are replaced.
        """
        pdu = request.pdu if isinstance(request, Request) else request
        if self.deferred > 0:
            self.deferred -= 1
        known = tlv.for_version(tlvs or (), self.version)
        if self.congestion >= 0 and self.version >= V50 and not status:
            known.append(tlv.integer("congestion_state", self.congestion))
        answer = codec.response(pdu, status_for(status, self.version), fields or {}, known)
        self.send(codec.encode_pdu(answer, self.version))

    def refuse(self, command: int, sequence: int, status: int, why: str = "") -> None:
        """The response to a request that is refused: its header alone, and to 5.0 peers why [5.0 §4.8.4.1]. A
        generic_nack, which says no more, where there is no response."""
        if command == GENERIC_NACK or command in ONE_WAY:
            self.nack(status, sequence)
        elif why and self.version >= V50:
            note = tlv.text("additional_status_info_text", why.encode("ascii", "replace"))
            refusal = Pdu(RESPONSE | command, status, sequence, {}, [note])
            self.send(codec.encode_pdu(refusal, self.version))
        else:
            self.put_simple(RESPONSE | command, status_for(status, self.version), sequence)

    def nack(self, status: int, sequence: int) -> None:
        self.nacked += 1
        self.put_simple(GENERIC_NACK, status, sequence)

    def put_simple(self, command: int, status: int, sequence: int) -> None:
        self.send(codec.pdu_octets(command, status, sequence))
